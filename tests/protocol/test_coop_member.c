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

/* --- keys of before --------------------------------------------------------------------------- */

/* Rekeys to the first member do not arrive. */
static unsigned
deafen_first(struct world *w, struct packet *p)
{
	(void)w;
	return p->n <= 18 || p->bytes[18] != EXCHANGE_GROUPKEY_PUSH ||
	       p->path.local != addr_of(member_addrs[0]);
}

/* Somebody sends under a key that the server of the member does not know: the next one does. */
static void
test_the_next_server_knows_the_key(void **state)
{
	struct policy_maker m = usual;
	struct coop_world c;

	(void)state;
	m.recovery_check = 300;
	c = coop_new(&m, 2);
	store_line_set(c.lines[0], STORE_LINE_DOWN);
	world_pass(c.w, SECONDS(10));
	assert_true(ks_of(c.ks[1])->coop.leads);
	node_boot(
	    c.gm[2]); /* its registration is not written: the server serves without from now on */
	world_pass(c.w, SECONDS(10));
	c.w->fault = deafen_first;
	core_ks_rekey(c.ks[1]->core, NULL, true, world_clock(c.ks[1]));
	world_drain(c.ks[1]);
	world_pass(c.w, SECONDS(10));
	assert_false(node_hears(c.gm[0], c.gm[1]));
	for (int i = 0; i < 100 && !node_hears(c.gm[0], c.gm[1]); i++) {
		core_unknown_spi(c.gm[0]->core, "GET_VPN", node_sender(c.gm[1])->spi,
		                 world_clock(c.gm[0]));
		world_drain(c.gm[0]);
		world_pass(c.w, SECONDS(1));
	}
	assert_true(node_hears(c.gm[0], c.gm[1]) && node_hears(c.gm[1], c.gm[0]));
	assert_int_equal(c.gm[0]->core->gms[0]->registered_server, addr_of(server_addrs[1]));
	coop_free(&c);
}

/* It asks before its keys end, and its server has no others. */
static void
test_the_next_server_has_newer_keys(void **state)
{
	struct coop_world c = coop_new(&usual, 2);

	(void)state;
	store_line_set(c.lines[0], STORE_LINE_DOWN);
	c.w->fault = deafen_first;
	for (int i = 0; i < 900; i++) {
		world_pass(c.w, SECONDS(1));
		assert_true(node_hears(c.gm[0], c.gm[1]) && node_hears(c.gm[1], c.gm[0]));
	}
	assert_int_equal(c.gm[0]->core->gms[0]->registered_server, addr_of(server_addrs[1]));
	coop_free(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_the_new_leader_gets_the_answer),
	    cmocka_unit_test(test_the_next_server_knows_the_key),
	    cmocka_unit_test(test_the_next_server_has_newer_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
