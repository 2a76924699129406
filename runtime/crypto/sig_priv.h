/* SPDX-License-Identifier: Apache-2.0 */
/* What certificates need of a key: OpenSSL's own. For runtime/crypto alone. */
#ifndef TESTUDO_SIG_PRIV_H
#define TESTUDO_SIG_PRIV_H

#include <openssl/evp.h>

#include "runtime/crypto/sig.h"

struct rsa_key *rsa_key_wrap(EVP_PKEY *take_key); /* NULL when it is no RSA key we take */
EVP_PKEY *rsa_key_evp(const struct rsa_key *key); /* borrowed */

#endif
