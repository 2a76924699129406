/* SPDX-License-Identifier: Apache-2.0 */
/* The replay window: tables of numbers and what becomes of each, for every window size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/packet/replay.h"

struct step {
	uint32_t seq;
	bool taken;
};

static void
play_steps(uint32_t window, const struct step *steps, size_t n)
{
	struct replay *r = replay_new(window);
	size_t i;

	for (i = 0; i < n; i++) {
		bool check = replay_check(r, steps[i].seq);

		if (replay_update(r, steps[i].seq) != steps[i].taken || check != steps[i].taken)
			fail_msg("window %u, step %zu: seq %u", window, i, steps[i].seq);
	}
	free(r);
}

static void
test_table(void **state)
{
	static const uint32_t windows[] = {64, 100, 128, 256, 512, 1000, 1024};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(windows); i++) {
		const uint32_t w = windows[i];
		const struct step steps[] = {
		    {0, false}, /* never a number */
		    {1, true},
		    {1, false},
		    {9, true},
		    {8, true},
		    {7, true},
		    {7, false},
		    {w, true},
		    {w - 1, true},
		    {w - 1, false},
		    {w + 1, true},
		    {w + 1, false},
		    {2, true}, /* the oldest inside */
		    {2, false},
		    {1, false},
		    {w + 2, true},
		    {2, false}, /* out of the window now, and seen */
		    {3, true},
		    {4 * w, true},     /* a leap over the whole ring */
		    {3 * w, false},    /* exactly one too old */
		    {3 * w + 1, true}, /* exactly the oldest */
		    {3 * w + 1, false},
		    {UINT32_MAX - 1, true},
		    {UINT32_MAX, true},
		    {UINT32_MAX, false},
		    {UINT32_MAX - w, false},
		    {UINT32_MAX - w + 1, true},
		    {1, false}, /* no wrap */
		};

		play_steps(w, steps, ARRAY_SIZE(steps));
	}
}

/* Against the plainest implementation there is, over a random walk. */
static void
test_against_naive(void **state)
{
	enum { TOP = 20000 };
	static const uint32_t windows[] = {1, 63, 64, 65, 512, 1024};
	uint8_t *seen = x_alloc(TOP);
	size_t i, k;

	(void)state;
	srand(7);
	for (i = 0; i < ARRAY_SIZE(windows); i++) {
		const uint32_t w = windows[i];
		struct replay *r = replay_new(w);
		uint32_t top = 0;

		memset(seen, 0, TOP);
		for (k = 0; k < 30000; k++) {
			uint32_t lo = top > w + 40 ? top - w - 40 : 1;
			uint32_t seq = lo + (uint32_t)rand() % (top - lo + (k % 97 ? 8 : 400));
			bool want;

			if (seq >= TOP)
				continue;
			want = seq && (seq > top || (top - seq < w && !seen[seq]));
			assert_int_equal(replay_update(r, seq), want);
			seen[seq] = 1;
			top = seq > top ? seq : top;
		}
		free(r);
	}
	free(seen);
}

static void
test_resized(void **state)
{
	struct replay *r = replay_new(64), *wide;
	uint32_t seq;

	(void)state;
	for (seq = 1; seq <= 1000; seq += 2)
		assert_true(replay_update(r, seq));
	wide = replay_resized(r, 256);
	assert_false(replay_check(wide, 999)); /* seen */
	assert_true(replay_check(wide, 998));  /* not seen, remembered so */
	assert_true(replay_check(wide, 936));  /* 999 - 63, the oldest that was remembered */
	assert_false(replay_check(wide, 934)); /* forgotten: counts as seen */
	assert_true(replay_update(wide, 1001));
	free(r);
	free(wide);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_table),
	    cmocka_unit_test(test_against_naive),
	    cmocka_unit_test(test_resized),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
