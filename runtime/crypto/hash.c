/* SPDX-License-Identifier: Apache-2.0 */
/* See hash.h. */
#include "runtime/crypto/hash.h"

#include <stdio.h>
#include <stdlib.h>

#include "runtime/crypto/digest.h"

void
hash_hex(enum hash_id h, struct span data, char ret[static HASH_HEX_MAX])
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	if (EVP_Digest(data.p, data.n, digest, &n, digest_get(h), NULL) != 1)
		abort(); /* only memory can lack */
	for (unsigned i = 0; i < n; i++)
		snprintf(ret + 2 * i, 3, "%02x", digest[i]);
}
