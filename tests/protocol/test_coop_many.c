/* SPDX-License-Identifier: Apache-2.0 */
/* Cooperating key servers with many members and groups: what is done for all of them at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "runtime/store/store_sealed.h"
#include "tests/protocol/coop_world.h"

/*
 * Acknowledgements are written together, a moment later, and nothing that is said waits for that:
 * else a rekey of many members would go no faster than their acknowledgements are written.
 */
static void
test_nobody_waits_for_acknowledgements(void **state)
{
	struct coop_world c = coop_new(&usual, 2);
	struct node_under_test *n = c.ks[0];
	const struct keep *k = &n->core->keeps[KEEP_SHARED];
	struct ks *ks = ks_of(n);
	struct job *job = NULL;

	(void)state;
	assert_true(ks->coop.leads);
	kill_node(c.gm[2]); /* else the rekey ends, which is written at once */
	core_ks_rekey(n->core, NULL, false, world_clock(n));
	world_drain(n);
	for (int i = 0; i < 500 && !ks->save.n_acked; i++)
		world_pass(c.w, 10);
	assert_false(k->under_way);
	assert_int_equal(ks->save.n_acked, 1);
	assert_false(ks_touched(ks));
	/* The store is slow when they are written; IKE's next offer is answered all the same. */
	for (int i = 0; i < 100 && !k->under_way; i++) {
		c.w->now += 10;
		core_expire(n->core, world_clock(n));
		while ((job = hold_job(n)) && job != (struct job *)k->under_way) {
			job->run(job);
			core_done(n->core, &(struct core_result){.job = job}, world_clock(n));
		}
	}
	assert_non_null(job);
	c.w->sent = 0;
	ks_push_fire(n->core, &ks->push_timer, world_clock(n)); /* a touch that brings nothing */
	node_boot(c.gm[0]);
	world_drain(c.gm[0]);
	world_pass(c.w, 100);
	assert_true(k->under_way);
	assert_in_range(c.w->sent, 2, 100);
	job->run(job);
	core_done(n->core, &(struct core_result){.job = job}, world_clock(n));
	world_pass(c.w, SECONDS(10));
	assert_int_equal(ks->save.n_acked, 0);
	for (const struct ks_member *m = ks->oldest; m; m = m->next)
		assert_int_equal(ks_member_find(ks_of(c.ks[1]), m->addr)->acks_received,
		                 m->acks_received);
	coop_free(&c);
}

static const struct store_ops *ops_of_line;

/* The first server leads, and holds the acknowledgement of the first member, which is then gone. */
static struct coop_world
world_with_an_acknowledgement(uint32_t *ret_member)
{
	struct coop_world c = coop_new(&usual, 2);
	struct node_under_test *n = c.ks[0];
	struct ks *ks = ks_of(n);

	assert_true(ks->coop.leads);
	kill_node(c.gm[1]);
	kill_node(c.gm[2]);
	core_ks_rekey(n->core, NULL, false, world_clock(n));
	world_drain(n);
	for (int i = 0; i < 500 && !ks->save.n_acked; i++)
		world_pass(c.w, 10);
	for (int i = 0; i < 45 && ks_of(c.ks[1])->save.revision != ks->save.revision; i++)
		world_pass(c.w, 10);
	assert_int_equal(ks_of(c.ks[1])->save.revision, ks->save.revision);
	assert_int_equal(ks->save.n_acked, 1);
	*ret_member = addr_of(member_addrs[0]);
	kill_node(c.gm[0]);
	return c;
}

/*
 * A member that another server removes meanwhile stays removed, whether he who holds its
 * acknowledgement has heard of that or not.
 */
static void
test_an_acknowledgement_brings_nobody_back(void **state)
{
	(void)state;
	for (int heard = 0; heard < 2; heard++) {
		uint32_t member;
		struct coop_world c = world_with_an_acknowledgement(&member);
		struct keep *k = &c.ks[0]->core->keeps[KEEP_SHARED];

		assert_true(revision_of(&c, member));
		ks_member_gone(ks_of(c.ks[1]), ks_member_find(ks_of(c.ks[1]), member));
		world_drain(c.ks[1]);
		assert_int_equal(revision_of(&c, member), 0);
		if (heard) {
			world_pass(c.w, COOP_TICK);
			assert_null(ks_member_find(ks_of(c.ks[0]), member));
		}
		k->later = true;
		world_drain(c.ks[0]);
		assert_int_equal(revision_of(&c, member), 0);
		world_pass(c.w, SECONDS(10));
		assert_int_equal(revision_of(&c, member), 0);
		for (size_t i = 0; i < c.n; i++)
			assert_null(ks_member_find(ks_of(c.ks[i]), member));
		assert_true(ks_of(c.ks[0])->coop.leads);
		assert_int_equal(ks_of(c.ks[0])->save.n_acked, 0);
		coop_free(&c);
	}
}

/* What goes into one transaction with such an acknowledgement is written all the same, and said. */
static void
test_the_rest_is_written_without_it(void **state)
{
	uint32_t member, spi;
	struct coop_world c = world_with_an_acknowledgement(&member);
	struct node_under_test *n = c.ks[0];

	(void)state;
	ks_member_gone(ks_of(c.ks[1]), ks_member_find(ks_of(c.ks[1]), member));
	world_drain(c.ks[1]);
	spi = newest_spi(n);
	core_ks_rekey(n->core, NULL, false, world_clock(n));
	world_drain(n);
	assert_true(ks_of(n)->coop.leads);
	assert_int_not_equal(newest_spi(n), spi);
	world_pass(c.w, SECONDS(5));
	assert_true(ks_of(n)->coop.leads);
	assert_int_equal(revision_of(&c, member), 0);
	assert_same_keys(&c);
	coop_free(&c);
}

/* Another transaction has taken what was to be written later: the next acknowledgement waits. */
static void
test_acknowledgements_that_went_before(void **state)
{
	uint32_t member;
	struct coop_world c = world_with_an_acknowledgement(&member);
	struct node_under_test *n = c.ks[0];
	struct keep *k = &n->core->keeps[KEEP_SHARED];
	const msec due = k->later_timer.at;
	struct ks *ks = ks_of(n);

	(void)state;
	core_ks_rekey(n->core, NULL, false, world_clock(n));
	world_drain(n);
	assert_int_equal(ks->save.n_acked, 0);
	while (c.w->now <= due)
		world_pass(c.w, 10);
	assert_false(k->later);
	coop_free(&c);
}

static size_t n_checks_most;
static bool checked_twice;

static int
look_at_checks(struct store *s, const struct store_txn *txn, uint64_t *ret_revision)
{
	for (size_t i = 0; i < txn->n_checks; i++)
		for (size_t j = 0; j < i; j++)
			checked_twice |= !strcmp(txn->checks[i].name, txn->checks[j].name);
	if (txn->n_checks > n_checks_most)
		n_checks_most = txn->n_checks;
	return ops_of_line->commit(s, txn, ret_revision);
}

/* Keys and an acknowledgement in one transaction: what they both depend on is checked once. */
static void
test_what_is_checked_once(void **state)
{
	uint32_t member;
	struct coop_world c = world_with_an_acknowledgement(&member);
	struct store_ops looking;

	(void)state;
	ops_of_line = c.lines[0]->ops;
	looking = *ops_of_line;
	looking.commit = look_at_checks;
	c.lines[0]->ops = &looking;
	n_checks_most = 0;
	checked_twice = false;
	core_ks_rekey(c.ks[0]->core, NULL, false, world_clock(c.ks[0]));
	world_drain(c.ks[0]);
	assert_int_equal(n_checks_most, 3); /* keys, leader, the member */
	assert_false(checked_twice);
	c.lines[0]->ops = ops_of_line;
	coop_free(&c);
}

static unsigned n_looks; /* at what has changed */

static int
count_looks(struct store *s, const char *prefix, uint64_t since, unsigned wait, store_each *each,
            void *arg, uint64_t *ret_revision)
{
	n_looks++;
	return ops_of_line->changes(s, prefix, since, wait, each, arg, ret_revision);
}

/* counting: what stands in for the store's calls from now on, the test's. */
static void
begin_counting(struct store *line, struct store_ops *counting)
{
	ops_of_line = line->ops;
	*counting = *ops_of_line;
	counting->changes = count_looks;
	line->ops = counting;
	n_looks = 0;
}

#define GROUPS 24 /* more than one transaction has room for */

/* `sealed`: as a node of the machine does with etcd. */
static struct coop_world
world_of_groups(bool sealed)
{
	struct coop_world c = {.w = world_new(), .lab = store_memory_new()};
	struct secret key = {0};
	uint8_t octets[32] = {1};

	store_memory_set_clock(c.lab, world_time, c.w);
	secret_copy(&key, SPAN(octets, 32));
	for (size_t i = 0; i < 2; i++) {
		const struct policy_maker s = server_maker(&usual, i);
		struct policy *p = policy_server(&s, addr_of(server_addrs[i]));
		struct policy_group *groups = arena_alloc(p->arena, GROUPS * sizeof(*groups));
		struct store *door = store_memory_door(c.lab);

		for (uint32_t k = 0; k < GROUPS; k++) {
			groups[k] = p->groups[0];
			groups[k].name = arena_printf(p->arena, "G%u", k);
			groups[k].id.value = 134 + k;
		}
		p->groups = groups;
		p->n_groups = GROUPS;
		if (sealed)
			assert_int_equal(store_sealed_new(door, &key, &c.lines[i]), 0);
		else
			c.lines[i] = store_line_new(door);
		c.w->shared = c.lines[i];
		c.ks[i] = world_node(c.w, server_addrs[i], p);
		c.n = i + 1;
	}
	secret_fini(&key);
	world_pass(c.w, SECONDS(10));
	for (size_t k = 0; k < GROUPS; k++) {
		assert_true(c.ks[0]->core->kss[k]->coop.leads);
		assert_true(c.ks[0]->core->kss[k]->save.revision);
		assert_int_equal(c.ks[1]->core->kss[k]->save.revision,
		                 c.ks[0]->core->kss[k]->save.revision);
	}
	return c;
}

/* They look at the store together. */
static void
test_many_groups(void **state)
{
	struct coop_world c = world_of_groups(false);
	struct store_ops counting;

	(void)state;
	begin_counting(c.lines[1], &counting);
	world_pass(c.w, SECONDS(10));
	assert_in_range(n_looks, 1, SECONDS(10) / COOP_TICK + 1);
	core_ks_rekey(c.ks[0]->core, NULL, false, world_clock(c.ks[0]));
	world_drain(c.ks[0]);
	for (size_t i = 0; i < MEMBERS; i++) {
		struct policy_maker s = usual;

		s.identity = (uint32_t)(134 + i * 10);
		s.servers[0] = server_addrs[i % 2];
		c.gm[i] = world_member(c.w, &s, member_addrs[i]);
	}
	world_pass(c.w, SECONDS(10));
	for (size_t i = 0; i < MEMBERS; i++)
		assert_true(node_registered(c.gm[i]));
	coop_free(&c);
}

/*
 * Servers of other groups, with a key of their own, write all the time what cannot be read here:
 * still one look is enough for all. Nor does what is torn of one of ours keep any from the rest.
 */
static void
test_torn_records_of_others(void **state)
{
	struct coop_world c = world_of_groups(true);
	const struct store_write other = {.name = "gdoi/n99/servers/0a010101",
	                                  .value = SPAN("sealed otherwise", 16)};
	const struct store_write own = {.name = "gdoi/n140/x", .value = SPAN("junk", 4)};
	struct store_ops counting;

	(void)state;
	begin_counting(c.lines[1], &counting);
	for (int i = 0; i < 100; i++) {
		assert_int_equal(
		    c.lab->ops->commit(c.lab, &(struct store_txn){.n_writes = 1, .writes = &other},
		                       NULL),
		    0);
		world_pass(c.w, 100);
	}
	assert_in_range(n_looks, 1, SECONDS(10) / COOP_TICK + 1);
	assert_int_equal(
	    c.lab->ops->commit(c.lab, &(struct store_txn){.n_writes = 1, .writes = &own}, NULL), 0);
	core_ks_rekey(c.ks[0]->core, NULL, false, world_clock(c.ks[0]));
	world_drain(c.ks[0]);
	world_pass(c.w, SECONDS(10));
	for (size_t k = 0; k < GROUPS; k++) {
		const struct ks *ks = c.ks[1]->core->kss[k];

		assert_false(ks->coop.torn);
		assert_int_equal(ks->save.revision, c.ks[0]->core->kss[k]->save.revision);
	}
	c.lines[1]->ops = ops_of_line;
	coop_free(&c);
}

/* Whose record is it? Looks of many members ask that of each. */
static void
test_names_of_records(void **state)
{
	static const struct {
		struct group_id id;
		const char *name, *behind; /* NULL: it is not the group's */
	} cases[] = {
	    {{GROUP_ID_NUMBER, 134}, "gdoi/n134/keys", "keys"},
	    {{GROUP_ID_NUMBER, 134}, "gdoi/n134/members/0a010203", "members/0a010203"},
	    {{GROUP_ID_NUMBER, 134}, "gdoi/n134/", ""},
	    {{GROUP_ID_NUMBER, 134}, "gdoi/n134", NULL},
	    {{GROUP_ID_NUMBER, 134}, "gdoi/n1345/keys", NULL},
	    {{GROUP_ID_NUMBER, 134}, "gdoi/n13/keys", NULL},
	    {{GROUP_ID_NUMBER, 134}, "gdoi/n0134/keys", NULL},
	    {{GROUP_ID_NUMBER, 134}, "gdoi/n4294967430/keys", NULL},
	    {{GROUP_ID_NUMBER, 134}, "gdoi/n/keys", NULL},
	    {{GROUP_ID_NUMBER, 134}, "gdoi/a0.0.0.134/keys", NULL},
	    {{GROUP_ID_NUMBER, 134}, "gdoi/", NULL},
	    {{GROUP_ID_NUMBER, 134}, "", NULL},
	    {{GROUP_ID_NUMBER, 0}, "gdoi/n0/keys", "keys"},
	    {{GROUP_ID_NUMBER, 0}, "gdoi/n/keys", NULL},
	    {{GROUP_ID_NUMBER, UINT32_MAX}, "gdoi/n4294967295/keys", "keys"},
	    {{GROUP_ID_ADDRESS, 0x0a000001}, "gdoi/a10.0.0.1/keys", "keys"},
	    {{GROUP_ID_ADDRESS, 0x0a000001}, "gdoi/a10.0.0.11/keys", NULL},
	    {{GROUP_ID_NONE, 0}, "gdoi/n0/keys", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *behind = ks_save_behind(&cases[i].id, cases[i].name);

		assert_int_equal(behind != NULL, cases[i].behind != NULL);
		if (behind)
			assert_string_equal(behind, cases[i].behind);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_nobody_waits_for_acknowledgements),
	    cmocka_unit_test(test_an_acknowledgement_brings_nobody_back),
	    cmocka_unit_test(test_the_rest_is_written_without_it),
	    cmocka_unit_test(test_acknowledgements_that_went_before),
	    cmocka_unit_test(test_what_is_checked_once),
	    cmocka_unit_test(test_many_groups),
	    cmocka_unit_test(test_torn_records_of_others),
	    cmocka_unit_test(test_names_of_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
