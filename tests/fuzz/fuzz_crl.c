/* SPDX-License-Identifier: Apache-2.0 */
/* Revocation lists: whatever can be read is read again from its PEM, and asked. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/crypto/crl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1); /* of exactly its length */
	struct crl *l, *again;
	char issuer[64], *pem;

	if (!copy)
		return 0;
	if (size)
		memcpy(copy, data, size);
	l = crl_read(SPAN(copy, size));
	free(copy);
	if (!l)
		return 0;
	crl_issuer_text(l, issuer, sizeof(issuer));
	pem = crl_pem(l);
	again = crl_read(SPAN(pem, strlen(pem)));
	if (again &&
	    (crl_size(again) != crl_size(l) || crl_this_update(again) != crl_this_update(l) ||
	     crl_next_update(again) != crl_next_update(l) ||
	     crl_issuer_hash(again) != crl_issuer_hash(l)))
		abort();
	free(pem);
	crl_free(again);
	crl_free(l);
	return 0;
}
