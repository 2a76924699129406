/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hashes, HMACs, and what IKEv1 derives with them (RFC 2409 5 and Appendix B). In IKEv1 the prf is
 * always the HMAC of the negotiated hash.
 */
#ifndef TESTUDO_PRF_H
#define TESTUDO_PRF_H

#include "compiler/policy/suite.h"
#include "runtime/crypto/secret.h"

#define HASH_SIZE_MAX 64

/* Both write hash_size(h) octets to out and return that size. The pieces are concatenated. */
size_t hash_spans(enum hash_id h, const struct span *pieces, size_t n, uint8_t *out);
size_t prf_spans(enum hash_id h, struct span key, const struct span *pieces, size_t n,
                 uint8_t *out);

#define HASH(h, out, ...)                                                                          \
	hash_spans(h, (const struct span[]){__VA_ARGS__},                                          \
	           ARRAY_SIZE(((const struct span[]){__VA_ARGS__})), out)
#define PRF(h, key, out, ...)                                                                      \
	prf_spans(h, key, (const struct span[]){__VA_ARGS__},                                      \
	          ARRAY_SIZE(((const struct span[]){__VA_ARGS__})), out)

/* HKDF, RFC 5869: n octets, at most 255 times the hash's size, from a key. */
void hkdf_derive(enum hash_id h, struct span key, struct span salt, struct span info, uint8_t *out,
                 size_t n);

/* scrypt, RFC 7914, N 16384, r 8, p 1: 16 MiB for a while. False: there is no memory. */
bool scrypt_derive(struct span words, struct span salt, uint8_t *out, size_t n);

struct ike_keys {
	enum hash_id hash;
	enum cipher_id cipher;
	struct secret skeyid, skeyid_d, skeyid_a, skeyid_e;
	struct secret key; /* SKEYID_e stretched to the cipher's key size */
	uint8_t iv[16];    /* of message 5; then the last CBC block */
};

struct ike_keymat {                /* what both sides know after message 4 */
	struct span psk;           /* empty: signatures, SKEYID = prf(Ni_b | Nr_b, g^xy) */
	struct span ni, nr;        /* nonce bodies */
	struct span gxy, gxi, gxr; /* shared secret; public values as sent */
	uint8_t cookie_i[8], cookie_r[8];
};

/* RFC 2409 5 and Appendix B. */
void ike_keys_derive(struct ike_keys *k, enum hash_id hash, enum cipher_id cipher,
                     const struct ike_keymat *m);
void ike_keys_fini(struct ike_keys *k);

/*
 * HASH_I (initiator true) and HASH_R: sa is the initiator's SA payload body, id the sender's ID
 * payload body. hash: the negotiated one, or that of a signature which is tied to another (RFC 2409
 * 5.1). Writes and returns hash_size(hash) octets.
 */
size_t ike_auth_hash(const struct ike_keys *k, enum hash_id hash, const struct ike_keymat *m,
                     bool initiator, struct span sa, struct span id, uint8_t *out);

/* The IV of a phase 2 exchange: hash(last phase 1 block | M-ID), Appendix B. */
void ike_phase2_iv(const struct ike_keys *k, uint32_t message_id, uint8_t iv[static 16]);

#endif
