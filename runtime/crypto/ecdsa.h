/* SPDX-License-Identifier: Apache-2.0 */
/*
 * EC key pairs and signatures as RFC 4754 has them for IKE: each of three curves of NIST comes with
 * the one hash that goes with it, and a signature is r and s, each as long as the curve's order.
 *
 *     curve   hash      r and s     signature
 *     P-256   SHA-256   256 bits     64 octets
 *     P-384   SHA-384   384 bits     96 octets
 *     P-521   SHA-512   528 bits    132 octets
 */
#ifndef TESTUDO_ECDSA_H
#define TESTUDO_ECDSA_H

#include "compiler/policy/suite.h"
#include "runtime/crypto/secret.h"

#define EC_SIG_MAX 132 /* octets */

struct ec_key; /* a key pair, or a public key alone */

struct ec_key *ec_key_generate(unsigned bits);       /* NULL: not 256, 384 or 521 */
struct ec_key *ec_key_from_pem(struct span pem);     /* private, of one of the curves; else NULL */
struct ec_key *ec_key_ref(const struct ec_key *key); /* another owner of the same key */
void ec_key_free(struct ec_key *key);                /* NULL is fine */
unsigned ec_key_bits(const struct ec_key *key);      /* 256, 384, 521 */
struct span ec_key_public_der(const struct ec_key *key); /* SubjectPublicKeyInfo; free(3) it */
void ec_key_private_pem(const struct ec_key *key, struct secret *ret);

enum hash_id ec_hash(unsigned bits); /* RFC 4754 4; HASH_NONE: no such curve */
/* digest: of the curve's hash. Octets written to out, which holds EC_SIG_MAX; 0 on failure. */
size_t ecdsa_sign(const struct ec_key *key, const uint8_t *digest, uint8_t *out);
/* RFC 4754 7: a signature of another length, or with r or s not below the order, is none. */
bool ecdsa_verify(const struct ec_key *key, const uint8_t *digest, struct span sig);

#endif
