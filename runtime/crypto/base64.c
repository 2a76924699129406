/* SPDX-License-Identifier: Apache-2.0 */
/* OpenSSL's base64, with the lengths that it leaves out: see base64.h. */
#include "runtime/crypto/base64.h"

#include <limits.h>
#include <stdlib.h>

#include <openssl/evp.h>

char *
base64_encode(struct span octets)
{
	char *text = x_alloc((octets.n + 2) / 3 * 4 + 1);

	EVP_EncodeBlock((uint8_t *)text, octets.p, (int)octets.n);
	return text;
}

/* OpenSSL also takes blanks around it, and '=' in its midst. */
static bool
is_base64(struct span text)
{
	size_t n = text.n, padding = 0;

	if (n % 4 || n > INT_MAX)
		return false;
	while (padding < 2 && n && text.p[n - 1] == '=') {
		padding++;
		n--;
	}
	for (size_t i = 0; i < n; i++) {
		uint8_t c = text.p[i];

		if (!(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
		    c != '+' && c != '/')
			return false;
	}
	return true;
}

bool
base64_decode(struct span text, uint8_t **ret, size_t *ret_n)
{
	int got;

	if (!is_base64(text))
		return false;
	*ret = x_alloc(text.n / 4 * 3 + 1);
	got = text.n ? EVP_DecodeBlock(*ret, text.p, (int)text.n) : 0;
	if (got < 0) {
		free(*ret);
		*ret = NULL;
		return false;
	}
	/* What was filled up with '=' is counted, too. */
	*ret_n = (size_t)got - (text.n && text.p[text.n - 1] == '=') -
	         (text.n && text.p[text.n - 2] == '=');
	return true;
}
