/* SPDX-License-Identifier: Apache-2.0 */
/* Chance that repeats from a seed: SplitMix64. */
#ifndef TESTUDO_HUNTER_CHANCE_H
#define TESTUDO_HUNTER_CHANCE_H

#include "compiler/base/base.h"

struct chance {
	uint64_t state;
};

static inline uint64_t
chance_next(struct chance *c)
{
	uint64_t z = c->state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/* 0 .. n - 1 */
static inline uint32_t
chance_of(struct chance *c, uint32_t n)
{
	return (uint32_t)((chance_next(c) >> 32) * n >> 32);
}

static inline bool
chance_one_in(struct chance *c, uint32_t n)
{
	return chance_of(c, n) == 0;
}

#endif
