/* SPDX-License-Identifier: Apache-2.0 */
/* The library's start-up and its randomness. */
#ifndef TESTUDO_RANDOM_H
#define TESTUDO_RANDOM_H

#include "compiler/base/base.h"

/*
 * Loads the providers (the legacy one for single DES). All else of crypto does it by itself, in any
 * thread; calling it first only takes the time it needs to the start.
 */
void crypto_init(void);
bool crypto_has_des(void); /* false: this OpenSSL has no legacy provider */

void crypto_random(void *buf, size_t n);

/*
 * From here on every random octet of this process, key pairs included, follows from the seed: for
 * labs that must repeat, never for a real network. Single-threaded use only.
 */
void crypto_random_seed(uint64_t seed);

#endif
