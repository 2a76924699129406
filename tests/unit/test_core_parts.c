/* SPDX-License-Identifier: Apache-2.0 */
/* The core's timers and table, against the simplest thing that could be right. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "runtime/core/table.h"
#include "runtime/core/timer.h"

#define N 300

static uint32_t state = 12345;

static uint32_t
draw_below(uint32_t below)
{
	state = state * 1664525 + 1013904223;
	return (state >> 8) % below;
}

static void
test_timers(void **unused)
{
	struct timers ts = {0};
	struct timer t[N] = {0};
	msec want[N], now = 0;
	unsigned round, i;

	(void)unused;
	for (i = 0; i < N; i++)
		want[i] = MSEC_NEVER;
	for (round = 0; round < 20000; round++) {
		struct timer *due;
		msec next = MSEC_NEVER;

		i = draw_below(N);
		want[i] = draw_below(4) ? now + draw_below(1000) : MSEC_NEVER;
		timer_set(&ts, &t[i], want[i]);
		for (i = 0; i < N; i++)
			if (want[i] < next)
				next = want[i];
		assert_true(timers_next(&ts) == next);
		now += draw_below(20);
		while ((due = timers_pop(&ts, now))) {
			assert_true(want[due - t] == due->at && due->at <= now);
			want[due - t] = MSEC_NEVER;
		}
		for (i = 0; i < N; i++)
			assert_true(want[i] > now);
	}
	timers_fini(&ts);
}

static void
test_table(void **unused)
{
	struct table t = {0};
	struct link l[N] = {0};
	bool in[N] = {0};
	unsigned round, i;

	(void)unused;
	for (round = 0; round < 20000; round++) {
		struct link *found;
		size_t same = 0, seen = 0;
		uint64_t key;

		i = draw_below(N);
		if (in[i])
			table_remove(&t, &l[i]);
		else
			table_put(&t, &l[i], draw_below(100)); /* several of one key */
		in[i] = !in[i];
		key = draw_below(100);
		for (i = 0; i < N; i++)
			same += in[i] && l[i].key == key;
		for (found = table_find(&t, key); found; found = table_next(found)) {
			assert_true(in[found - l] && found->key == key);
			seen++;
		}
		assert_int_equal(seen, same);
	}
	table_fini(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_timers),
	    cmocka_unit_test(test_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
