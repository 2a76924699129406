/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RSA key pairs and signatures. Two forms of EMSA-PKCS1-v1_5: with DigestInfo (RFC 6407 5.3.7 asks
 * for it in a rekey) and the bare hash, type 1 padding only, as IKEv1 (RFC 2409 5.1) and the
 * reference implementation sign.
 */
#ifndef TESTUDO_SIG_H
#define TESTUDO_SIG_H

#include "compiler/policy/suite.h"
#include "runtime/crypto/secret.h"

#define RSA_SIG_MAX 512 /* octets: 4096 bits */

enum sig_form { SIG_DIGEST_INFO, SIG_BARE_HASH };

struct rsa_key; /* a key pair, or a public key alone */

struct rsa_key *rsa_key_generate(unsigned bits);           /* 512..4096; NULL for another size */
struct rsa_key *rsa_key_from_public_der(struct span spki); /* NULL when it is not an RSA key */
struct rsa_key *rsa_key_from_pem(struct span pem);         /* private; NULL when it is none */
struct rsa_key *rsa_key_ref(const struct rsa_key *key);    /* another owner of the same key */
void rsa_key_free(struct rsa_key *key);
unsigned rsa_key_bits(const struct rsa_key *key);
/* Allocated, free with free(3). */
struct span rsa_key_public_der(const struct rsa_key *key); /* SubjectPublicKeyInfo */
void rsa_key_private_pem(const struct rsa_key *key, struct secret *ret);

/* digest: hash_size(h) octets, already computed. out holds RSA_SIG_MAX; 0 on failure. */
size_t rsa_sign(const struct rsa_key *key, enum sig_form form, enum hash_id h,
                const uint8_t *digest, uint8_t *out);
bool rsa_verify(const struct rsa_key *key, enum sig_form form, enum hash_id h,
                const uint8_t *digest, struct span sig);

#endif
