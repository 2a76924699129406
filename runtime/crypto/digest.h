/* SPDX-License-Identifier: Apache-2.0 */
/* Inside crypto only: fetched digests, shared by prf.c, cipher.c and sig.c. */
#ifndef TESTUDO_DIGEST_H
#define TESTUDO_DIGEST_H

#include <openssl/evp.h>

#include "compiler/policy/suite.h"

const EVP_MD *digest_get(enum hash_id h); /* cached for the life of the process */
EVP_MAC_CTX *digest_hmac_new(enum hash_id h, struct span key); /* caller frees */

#endif
