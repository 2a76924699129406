/*
 * Block ciphers in CBC mode and HMACs with their keys set up once: per message or packet only an
 * IV is given, nothing is fetched or allocated.
 */
#ifndef TESTUDO_CIPHER_H
#define TESTUDO_CIPHER_H

#include "compiler/policy/suite.h"

#define CIPHER_BLOCK_MAX 16
#define MAC_SIZE_MAX     64

struct cipher;
struct mac;

/* NULL when the key has the wrong size or this OpenSSL has not the cipher (DES without legacy). */
struct cipher *cipher_new(enum cipher_id id, struct span key);
void cipher_free(struct cipher *c); /* wipes; NULL is fine */

/*
 * In place, n a multiple of the block size (asserted by the return value: false when it is not).
 * The IV is not changed; the last ciphertext block is the next message's IV where one chains.
 */
bool cipher_encrypt(struct cipher *c, const uint8_t *iv, uint8_t *data, size_t n);
bool cipher_decrypt(struct cipher *c, const uint8_t *iv, uint8_t *data, size_t n);

struct mac *mac_new(enum hash_id id, struct span key);
void mac_free(struct mac *m);
/* HMAC over the pieces; writes hash_size(id) octets to out (truncation is the caller's). */
void mac_compute(struct mac *m, const struct span *pieces, size_t n, uint8_t *out);

#endif
