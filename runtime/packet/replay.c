/* SPDX-License-Identifier: Apache-2.0 */
/* Replay windows: see replay.h. */
#include "runtime/packet/replay.h"

#define WORD_BITS 64

struct replay *
replay_new(uint32_t window)
{
	struct replay *r;
	uint32_t words = 2;

	window = window < 1 ? 1 : window > REPLAY_WINDOW_MAX ? REPLAY_WINDOW_MAX : window;
	/* One word more than the window: the word being filled is never all inside it. */
	while (words * WORD_BITS < window + WORD_BITS)
		words *= 2;
	r = x_alloc(sizeof(*r) + words * sizeof(r->bits[0]));
	r->window = window;
	r->mask = words - 1;
	return r;
}

static bool
was_seen(const struct replay *r, uint32_t seq)
{
	return r->bits[seq / WORD_BITS & r->mask] >> (seq % WORD_BITS) & 1;
}

bool
replay_check(const struct replay *r, uint32_t seq)
{
	if (seq == 0) /* RFC 4303 3.3.3: the first is 1 and it never wraps */
		return false;
	if (seq > r->top)
		return true;
	return r->top - seq < r->window && !was_seen(r, seq);
}

/* Moves the top up to seq; every word entered on the way starts empty. */
static void
window_advance(struct replay *r, uint32_t seq)
{
	uint32_t from = r->top / WORD_BITS, to = seq / WORD_BITS;
	uint32_t steps = to - from > r->mask ? r->mask + 1 : to - from;

	while (steps--)
		r->bits[(to - steps) & r->mask] = 0;
	r->top = seq;
}

bool
replay_update(struct replay *r, uint32_t seq)
{
	if (!replay_check(r, seq))
		return false;
	if (seq > r->top)
		window_advance(r, seq);
	r->bits[seq / WORD_BITS & r->mask] |= (uint64_t)1 << (seq % WORD_BITS);
	return true;
}

struct replay *
replay_resized(const struct replay *old, uint32_t window)
{
	struct replay *r = replay_new(window);
	uint32_t back;

	if (old->top == 0)
		return r;
	r->top = old->top;
	for (back = 0; back < r->window && back < old->top; back++) {
		uint32_t seq = old->top - back;

		if (back >= old->window || was_seen(old, seq))
			r->bits[seq / WORD_BITS & r->mask] |= (uint64_t)1 << (seq % WORD_BITS);
	}
	return r;
}
