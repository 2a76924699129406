/* SPDX-License-Identifier: Apache-2.0 */
/* What members of cooperating key servers do where one of these knows less than the others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "runtime/wire/isakmp.h"
#include "tests/protocol/coop_world.h"

/* --- acknowledgements ------------------------------------------------------------------------- */

/* Acknowledgements to the server do not arrive. */
static unsigned
lose_answers(struct world *w, struct packet *p)
{
	const uint32_t *server = w->fault_arg;

	return p->n <= 18 || p->bytes[18] <= EXCHANGE_GROUPKEY_PUSH || p->path.local != *server;
}

/* The new leader, with which the member never registers, is the one to know. */
static void
test_the_new_leader_gets_the_answer(void **state)
{
	struct coop_world c = coop_new(&usual, 3);
	uint32_t first = addr_of(server_addrs[0]);

	(void)state;
	c.w->fault = lose_answers;
	c.w->fault_arg = &first;
	core_ks_rekey(c.ks[0]->core, NULL, false, world_clock(c.ks[0]));
	world_drain(c.ks[0]);
	world_pass(c.w, SECONDS(6));
	kill_node(c.ks[0]);
	world_pass(c.w, SECONDS(60));
	assert_ptr_equal(leader_of(&c), c.ks[1]);
	assert_false(node_logged(c.ks[1], "KS_REKEY_NO_ACK"));
	for (const struct ks_member *m = ks_of(c.ks[1])->oldest; m; m = m->next)
		assert_int_equal(m->failures, 0);
	coop_free(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_the_new_leader_gets_the_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
