/* SPDX-License-Identifier: Apache-2.0 */
/* What certificates need of a key: OpenSSL's own. For runtime/crypto alone. */
#ifndef TESTUDO_SIG_PRIV_H
#define TESTUDO_SIG_PRIV_H

#include <openssl/evp.h>

#include "runtime/crypto/ecdsa.h"
#include "runtime/crypto/sig.h"

struct rsa_key *rsa_key_wrap(EVP_PKEY *take_key); /* NULL when it is no RSA key we take */
EVP_PKEY *rsa_key_evp(const struct rsa_key *key); /* borrowed */
struct ec_key *ec_key_wrap(EVP_PKEY *take_key);   /* NULL when it is no EC key we take */
EVP_PKEY *ec_key_evp(const struct ec_key *key);   /* borrowed */
unsigned ec_evp_bits(const EVP_PKEY *key);        /* 0: no EC key, or one that we do not take */
bool ec_is_named(const EVP_PKEY *key);            /* is its curve a named one? It is an EC key */

/*
 * The pem_password_cb of whoever reads PEM that must be in clear: without one OpenSSL asks at the
 * process's terminal, and waits.
 */
int sig_no_passphrase(char *buf, int size, int writing, void *arg);
EVP_PKEY *sig_evp_from_pem(struct span pem);         /* private; NULL when it is none */
struct span sig_evp_public_der(const EVP_PKEY *key); /* SubjectPublicKeyInfo; free(3) it */
void sig_evp_private_pem(const EVP_PKEY *key, struct secret *ret);

#endif
