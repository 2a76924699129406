/* SPDX-License-Identifier: Apache-2.0 */
/* How long a call of etcd waits for its answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "runtime/store/store_etcd_patience.h"

static void
waits_longest_before_any_answer(void **state)
{
	struct etcd_patience p = {.least = 400, .most = 1500};

	(void)state;
	assert_int_equal(etcd_patience_now(&p), 1500);
	etcd_patience_miss(&p);
	assert_int_equal(etcd_patience_now(&p), 1500);
}

static void
follows_the_answers(void **state)
{
	struct etcd_patience p = {.least = 400, .most = 1500};

	(void)state;
	for (unsigned i = 0; i < 50; i++)
		etcd_patience_hear(&p, 3);
	assert_int_equal(etcd_patience_now(&p), 400);
	for (unsigned i = 0; i < 50; i++)
		etcd_patience_hear(&p, 700);
	assert_in_range(etcd_patience_now(&p), 650, 900);
	/* Answers that take 200 to 600 ms are waited for. */
	for (unsigned i = 0; i < 50; i++)
		etcd_patience_hear(&p, i % 2 ? 200 : 600);
	assert_in_range(etcd_patience_now(&p), 700, 1500);
	for (unsigned i = 0; i < 50; i++)
		etcd_patience_hear(&p, 5000);
	assert_int_equal(etcd_patience_now(&p), 1500);
}

static void
gives_a_slow_store_all_the_time_there_is(void **state)
{
	struct etcd_patience p = {.least = 400, .most = 1500};
	msec waited = 0;

	(void)state;
	etcd_patience_hear(&p, 0);
	for (unsigned i = 0; i < 5; i++) {
		waited += etcd_patience_now(&p);
		etcd_patience_miss(&p);
	}
	assert_int_equal(waited, 2000); /* etcd elects within that */
	for (unsigned i = 0; i < 1000; i++) {
		assert_int_equal(etcd_patience_now(&p), 1500);
		etcd_patience_miss(&p);
	}
	etcd_patience_hear(&p, 10);
	assert_int_equal(etcd_patience_now(&p), 400);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(waits_longest_before_any_answer),
	    cmocka_unit_test(follows_the_answers),
	    cmocka_unit_test(gives_a_slow_store_all_the_time_there_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
