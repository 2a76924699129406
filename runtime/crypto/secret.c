/* SPDX-License-Identifier: Apache-2.0 */
/* Owned, wiped, unprintable key material: see secret.h. */
#include "runtime/crypto/secret.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

void
wipe(void *p, size_t n)
{
	OPENSSL_cleanse(p, n);
}

void
secret_init(struct secret *s, size_t n)
{
	s->p = x_alloc(n);
	s->n = n;
}

void
secret_fini(struct secret *s)
{
	if (s->p)
		OPENSSL_cleanse(s->p, s->n);
	free(s->p);
	*s = (struct secret){0};
}

void
secret_copy(struct secret *s, struct span from)
{
	uint8_t *p = x_memdup(from.p, from.n);

	secret_fini(s);
	s->p = p;
	s->n = from.n;
}

void
secret_clone(struct secret *s, const struct secret *from)
{
	secret_copy(s, secret_span(from));
}

void
secret_move(struct secret *to, struct secret *from)
{
	secret_fini(to);
	*to = *from;
	*from = (struct secret){0};
}

struct span
secret_span(const struct secret *s)
{
	return SPAN(s->p, s->n);
}

bool
span_equal_ct(struct span a, struct span b)
{
	return a.n == b.n && (a.n == 0 || CRYPTO_memcmp(a.p, b.p, a.n) == 0);
}

bool
secret_equal(const struct secret *a, const struct secret *b)
{
	return span_equal_ct(secret_span(a), secret_span(b));
}
