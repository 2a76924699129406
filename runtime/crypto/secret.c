/* SPDX-License-Identifier: Apache-2.0 */
/* Owned, wiped, unprintable key material: see secret.h. */
#include "runtime/crypto/secret.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "runtime/crypto/secret_pool.h"

/*
 * With AddressSanitizer a secret is on the heap, for there it sees a read past its end, and a
 * secret that nobody frees.
 */
#if defined(__SANITIZE_ADDRESS__)
#define SECRETS_ON_HEAP 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SECRETS_ON_HEAP 1
#endif
#endif

#ifdef SECRETS_ON_HEAP
static uint8_t *
take_octets(size_t n)
{
	return x_alloc(n);
}

static void
give_octets(uint8_t *p, size_t n)
{
	OPENSSL_cleanse(p, n);
	free(p);
}
#else
static uint8_t *
take_octets(size_t n)
{
	return secret_pool_take(n);
}

static void
give_octets(uint8_t *p, size_t n)
{
	secret_pool_give(p, n);
}
#endif

void
wipe(void *p, size_t n)
{
	OPENSSL_cleanse(p, n);
}

void
secret_init(struct secret *s, size_t n)
{
	s->p = take_octets(n);
	s->n = n;
}

void
secret_fini(struct secret *s)
{
	if (s->p)
		give_octets(s->p, s->n);
	*s = (struct secret){0};
}

void
secret_copy(struct secret *s, struct span from)
{
	uint8_t *p = take_octets(from.n);

	if (from.n)
		memcpy(p, from.p, from.n);
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
