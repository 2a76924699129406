/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A group of 100 000 members: what is done for each of them does not grow with their number. Done
 * with the whole group for every member or datagram, this would take hours.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "runtime/core/core_priv.h"
#include "runtime/core/ks.h"
#include "runtime/core/push.h"
#include "tests/protocol/world.h"

#define MANY  100000
#define FIRST 0x0b000001 /* 11.0.0.1 */

static const struct policy_maker usual = {.tek_lifetime = 600, .kek_lifetime = 2000};

static struct world *w;
static struct ks *ks;
static struct node_under_test *node;
static uint32_t n_silent; /* of the first members, so many never answer */

static void
begin_world(const struct policy_maker *m)
{
	w = world_new();
	node = world_server(w, m);
	ks = node->core->kss[0];
	for (uint32_t i = 0; i < MANY; i++)
		ks_member_seen(ks, FIRST + i, KS_OURS, true);
	assert_int_equal(ks->members.n, MANY);
}

/* Counts what is sent until `until`; answers: each member acknowledges at once. */
static size_t
drain_server(msec until, bool answers)
{
	struct secret key = {0};
	struct core_out out;
	size_t sent = 0;

	while (w->now <= until) {
		core_expire(node->core, w->now);
		while (core_poll(node->core, &out)) {
			uint8_t bytes[256];
			struct wr ack = wr_buf(bytes, sizeof(bytes));
			const struct ks_message *m = &ks->push.messages[KS_OURS];
			struct path path;

			if (out.kind != CORE_DATAGRAM)
				continue;
			sent++;
			path = out.datagram.path;
			if (!answers || path.remote < FIRST + n_silent)
				continue;
			secret_copy(&key, secret_span(&m->ack_key));
			push_ack_put(&ack, HASH_SHA256, &key, m->spi, m->seq, path.remote);
			assert_int_equal(core_input(node->core, &path, wr_done(&ack), w->now),
			                 DROP_NONE);
		}
		w->now = core_next(node->core) > until ? until + 1 : core_next(node->core);
	}
	secret_fini(&key);
	return sent;
}

static void
rfc8263_7_3_acks_of_100000_members(void **state)
{
	(void)state;
	begin_world(&usual);
	core_ks_rekey(node->core, NULL, false, w->now);
	assert_int_equal(drain_server(w->now + KS_PUSH_ROUND, true), MANY);
	assert_int_equal(drain_server(w->now + SECONDS(56), true), 0);
	assert_false(ks->push.active);
	assert_int_equal(ks->oldest->acks_received, 1);
	/* they come again, in another order */
	for (uint32_t i = MANY; i-- > 0;)
		ks_member_seen(ks, FIRST + i, KS_OURS, true);
	assert_int_equal(ks->members.n, MANY);
	/* and none of them answers the next one */
	core_ks_rekey(node->core, NULL, false, w->now);
	assert_int_equal(drain_server(w->now + SECONDS(60), false), 3 * MANY);
	assert_int_equal(ks->members.n, MANY);
	world_free(w);
}

/* Reminders go to the few that have not answered, and cost nothing for the others. */
static void
test_reminders_are_for_the_few(void **state)
{
	const struct policy_maker m = {.tek_lifetime = 3600};

	(void)state;
	begin_world(&m);
	n_silent = 3;
	core_ks_rekey(node->core, NULL, false, w->now);
	assert_int_equal(drain_server(w->now + SECONDS(60), true), MANY + 2 * n_silent);
	assert_int_equal(ks->push.n_targets, n_silent);
	/* after 60, 120 and 240 s, under the old KEK and the new one */
	assert_int_equal(drain_server(w->now + SECONDS(420), true), 3 * 2 * n_silent);
	n_silent = 0;
	world_free(w);
}

static void
rfc6407_4_one_push_for_100000_members(void **state)
{
	struct policy_maker m = usual;

	(void)state;
	m.multicast = true;
	begin_world(&m);
	core_ks_rekey(node->core, NULL, false, w->now);
	assert_int_equal(drain_server(w->now + SECONDS(60), false), 3);
	ks_remove_members(ks, true);
	assert_int_equal(ks->members.n, 0);
	assert_int_equal(drain_server(w->now + SECONDS(60), false), 3);
	world_free(w);
}

/* The table is bounded; the one not seen for longest makes room. */
static void
test_more_than_there_may_be(void **state)
{
	(void)state;
	begin_world(&usual);
	for (uint32_t i = MANY; i < KS_MEMBERS_MAX + 10; i++)
		ks_member_seen(ks, FIRST + i, KS_OURS, true);
	assert_int_equal(ks->members.n, KS_MEMBERS_MAX);
	assert_null(ks_member_find(ks, FIRST + 9));
	assert_non_null(ks_member_find(ks, FIRST + 10));
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rfc8263_7_3_acks_of_100000_members),
	    cmocka_unit_test(test_reminders_are_for_the_few),
	    cmocka_unit_test(rfc6407_4_one_push_for_100000_members),
	    cmocka_unit_test(test_more_than_there_may_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
