/* Registration between cores: main mode and GROUPKEY-PULL, in fair weather and foul. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/protocol/world.h"

static void
test_two_members(void **state)
{
	static const struct policy_maker usual = {0};
	struct world *w = world_new();
	struct node_under_test *ks = world_server(w, &usual);
	struct node_under_test *a = world_member(w, &usual, "10.1.23.3");
	struct node_under_test *b = world_member(w, &usual, "10.1.24.4");

	(void)state;
	assert_int_equal(a->dp.count, 1); /* applied: all in clear so far */
	assert_int_equal(a->dp.n_entries, 0);
	world_pass(w, SECONDS(2));
	assert_true(node_registered(a));
	assert_true(node_registered(b));
	assert_int_equal(node_members(ks), 2);
	assert_int_equal(a->dp.n_sas, 1);
	assert_int_equal(a->dp.n_entries, 2);
	assert_false(a->dp.entries[0].selector.permit);
	assert_int_equal(a->dp.entries[0].selector.dport, 848);
	assert_true(a->dp.entries[1].selector.permit);
	assert_int_equal(a->dp.entries[1].sa, a->dp.sas[0].sa);
	assert_int_equal(a->dp.sas[0].window, 64);
	assert_true(node_hears(a, b) && node_hears(b, a));
	assert_true(node_logged(a, "%CRYPTO-6-GDOI_ON_OFF: GDOI is ON"));
	assert_true(node_logged(a, "%CRYPTO-5-GM_REGSTER: Start registration to KS 10.1.12.1 for "
				   "group GET_VPN using address 10.1.23.3"));
	assert_true(node_logged(a, "%GDOI-5-GM_REGS_COMPL: Registration to KS 10.1.12.1 complete "
				   "for group GET_VPN using address 10.1.23.3"));
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_two_members),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
