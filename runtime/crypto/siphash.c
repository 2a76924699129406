/* SPDX-License-Identifier: Apache-2.0 */
/* SipHash-2-4: see siphash.h. */
#include "runtime/crypto/siphash.h"

struct sip {
	uint64_t v0, v1, v2, v3;
};

static uint64_t
rotate_left(uint64_t x, unsigned by)
{
	return x << by | x >> (64 - by);
}

static uint64_t
read_little(const uint8_t *p, size_t n)
{
	uint64_t x = 0;

	for (size_t i = 0; i < n; i++)
		x |= (uint64_t)p[i] << 8 * i;
	return x;
}

static void
mix_rounds(struct sip *s, int rounds)
{
	while (rounds--) {
		s->v0 += s->v1;
		s->v1 = rotate_left(s->v1, 13) ^ s->v0;
		s->v0 = rotate_left(s->v0, 32);
		s->v2 += s->v3;
		s->v3 = rotate_left(s->v3, 16) ^ s->v2;
		s->v0 += s->v3;
		s->v3 = rotate_left(s->v3, 21) ^ s->v0;
		s->v2 += s->v1;
		s->v1 = rotate_left(s->v1, 17) ^ s->v2;
		s->v2 = rotate_left(s->v2, 32);
	}
}

static void
take_word(struct sip *s, uint64_t word)
{
	s->v3 ^= word;
	mix_rounds(s, 2);
	s->v0 ^= word;
}

uint64_t
siphash(const uint8_t key[SIPHASH_KEY], struct span in)
{
	uint64_t k0 = read_little(key, 8), k1 = read_little(key + 8, 8);
	struct sip s = {k0 ^ 0x736f6d6570736575u, k1 ^ 0x646f72616e646f6du,
	                k0 ^ 0x6c7967656e657261u, k1 ^ 0x7465646279746573u};
	size_t at = 0;

	for (; in.n - at >= 8; at += 8)
		take_word(&s, read_little(in.p + at, 8));
	take_word(&s, (uint64_t)in.n << 56 | (in.n > at ? read_little(in.p + at, in.n - at) : 0));
	s.v2 ^= 0xff;
	mix_rounds(&s, 4);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}
