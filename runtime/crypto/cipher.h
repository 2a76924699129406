/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Block ciphers in CBC mode and HMACs with their keys set up once: per message or packet only an
 * IV is given, nothing is fetched or allocated. And AES in Galois/counter mode, the same way.
 */
#ifndef TESTUDO_CIPHER_H
#define TESTUDO_CIPHER_H

#include "compiler/policy/suite.h"

#define CIPHER_BLOCK_MAX 16
#define MAC_SIZE_MAX     64

#define AEAD_IV          8
#define AEAD_NONCE       12
#define AEAD_ICV         16

struct cipher;
struct mac;
struct aead;

/* NULL when the key has the wrong size or this OpenSSL has not the cipher (DES without legacy). */
struct cipher *cipher_new(enum cipher_id id, struct span key);
void cipher_free(struct cipher *c); /* wipes; NULL is fine */

/*
 * In place, n a multiple of the block size (asserted by the return value: false when it is not).
 * The IV is not changed; the last ciphertext block is the next message's IV where one chains.
 */
bool cipher_encrypt(struct cipher *c, const uint8_t *iv, uint8_t *data, size_t n);
bool cipher_decrypt(struct cipher *c, const uint8_t *iv, uint8_t *data, size_t n);

/*
 * GCM and GMAC as ESP uses them (RFC 4106, 4543): keymat is the key and the four octets of salt;
 * the nonce is the salt and the eight octets of IV, and must never be used twice under one key.
 * NULL when the key has the wrong size or this OpenSSL has not the cipher.
 */
struct aead *aead_new(enum cipher_id id, struct span keymat);
void aead_free(struct aead *a); /* wipes; NULL is fine */
/*
 * Encrypts data in place and covers aad and data with the ICV. GMAC is the same with no data and
 * everything in aad.
 */
bool aead_seal(struct aead *a, const uint8_t iv[static AEAD_IV], struct span aad, uint8_t *data,
               size_t n, uint8_t icv[static AEAD_ICV]);
/* False when the ICV is wrong: then data is worthless. */
bool aead_open(struct aead *a, const uint8_t iv[static AEAD_IV], struct span aad, uint8_t *data,
               size_t n, const uint8_t icv[static AEAD_ICV]);

/* The same with a whole nonce for each message, as what is stored has it; the salt is not used. */
bool aead_seal_nonce(struct aead *a, const uint8_t nonce[static AEAD_NONCE], struct span aad,
                     uint8_t *data, size_t n, uint8_t icv[static AEAD_ICV]);
bool aead_open_nonce(struct aead *a, const uint8_t nonce[static AEAD_NONCE], struct span aad,
                     uint8_t *data, size_t n, const uint8_t icv[static AEAD_ICV]);

struct mac *mac_new(enum hash_id id, struct span key);
void mac_free(struct mac *m);
/* HMAC over the pieces; writes hash_size(id) octets to out (truncation is the caller's). */
void mac_compute(struct mac *m, const struct span *pieces, size_t n, uint8_t *out);

#endif
