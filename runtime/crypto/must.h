/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside crypto only. OpenSSL gets all memory that it asks for (random.c); so what may not fail
 * fails only by a mistake of ours, or where this OpenSSL lacks what none may lack.
 */
#ifndef TESTUDO_CRYPTO_MUST_H
#define TESTUDO_CRYPTO_MUST_H

#include <stdbool.h>
#include <stdlib.h>

static inline void
must_hold(bool ok)
{
	if (!ok)
		abort();
}

#endif
