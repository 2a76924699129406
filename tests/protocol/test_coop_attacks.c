/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cooperating key servers against who may write their store, and against bad luck: identifiers that
 * would come twice, servers that would wait for ever, members that would be told what is not so.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "runtime/store/store_sealed.h"
#include "tests/protocol/coop_world.h"

#define GIVEN 1024

static const struct policy_maker small = {.tek_lifetime = 7200,
                                          .kek_lifetime = 9000,
                                          .suite = {CIPHER_GCM_256, HASH_NONE},
                                          .sid_bits = 8};

struct given {
	size_t n;
	uint32_t of[GIVEN][2]; /* SPI, identifier */
	bool twice;
};

static void
note_given(struct given *g, const struct node_under_test *m)
{
	uint32_t spi = node_sender(m)->spi, sid = sid_of(m);

	for (size_t i = 0; i < g->n; i++)
		if (g->of[i][0] == spi && g->of[i][1] == sid) {
			if (!g->twice)
				print_message("identifier %u twice under SPI %08x\n", sid, spi);
			g->twice = true;
		}
	assert_true(g->n < GIVEN);
	g->of[g->n][0] = spi;
	g->of[g->n++][1] = sid;
}

static bool
register_once(struct coop_world *c, struct node_under_test *m, struct given *g, unsigned patience)
{
	node_boot(m);
	for (unsigned i = 0; i < patience && !node_registered(m); i++)
		world_pass(c->w, SECONDS(5));
	if (!node_registered(m))
		return false;
	if (g)
		note_given(g, m);
	return true;
}

static struct policy *
server_policy(const struct policy_maker *m, size_t i)
{
	const struct policy_maker s = server_maker(m, i);

	return policy_server(&s, addr_of(server_addrs[i]));
}

/* Gives all away but for what gm[2] has, which stays up. */
static void
use_up_all(struct coop_world *c, const struct ks *ks, struct given *g)
{
	for (size_t i = 0; i < MEMBERS; i++)
		note_given(g, c->gm[i]);
	for (unsigned k = 0; k < 400 && (ks_coop_sids_taken(ks) < 256 || ks_coop_sids_left(ks));
	     k++)
		assert_true(register_once(c, c->gm[k % 2], g, 20));
}

/* Two members send under one key with one identifier. */
static bool
share_a_nonce(const struct node_under_test *a, const struct node_under_test *b)
{
	const struct dp_sa *x = node_sender(a), *y = node_sender(b);

	return x && y && x->spi == y->spi && sid_of(a) == sid_of(b);
}

static void
assert_no_nonce_twice(struct coop_world *c, struct given *g)
{
	bool twice = false;

	for (unsigned k = 0; k < 24 && !twice; k++) {
		struct node_under_test *m = c->gm[k % 2];

		/* gm[2] stays, and hears the rekeys */
		if (register_once(c, m, NULL, 60) && node_registered(c->gm[2])) {
			twice |= share_a_nonce(m, c->gm[2]);
			for (size_t i = 0; i < g->n; i++)
				twice |=
				    node_sender(m)->spi == g->of[i][0] && sid_of(m) == g->of[i][1];
		}
		if (twice)
			print_message("identifier %u twice under SPI %08x\n", sid_of(m),
			              node_sender(m)->spi);
	}
	assert_false(twice);
}

/*
 * All identifiers are used up while the store is away for less than a lease. In the first look that
 * works the leader begins another epoch, and makes other keys, too, whatever the look before said.
 */
static void
test_used_up_while_the_store_blinks(void **state)
{
	struct coop_world c = coop_new(&small, 1);
	struct given g = {0};
	const struct ks *ks = ks_of(c.ks[0]);
	uint32_t spi = newest_spi(c.ks[0]), epoch = ks->coop.sids_epoch;

	(void)state;
	use_up_all(&c, ks, &g);
	assert_int_equal(newest_spi(c.ks[0]), spi);
	assert_int_equal(ks->coop.sids_epoch, epoch);
	/* The next member asks just when etcd is away for a second. */
	store_line_set(c.lines[0], STORE_LINE_DOWN);
	world_pass(c.w, 300);
	node_boot(c.gm[0]);
	world_pass(c.w, 900);
	store_line_set(c.lines[0], STORE_LINE_UP);
	world_pass(c.w, SECONDS(5));
	assert_no_nonce_twice(&c, &g);
	coop_free(&c);
}

/*
 * The same beside a torn record of another group, which whoever can write etcd brings about.
 */
static void
test_used_up_beside_a_torn_record(void **state)
{
	struct coop_world c = {.w = world_new(), .lab = store_memory_new()};
	const struct store_write torn = {.name = "gdoi/n135/x", .value = SPAN("junk", 4)};
	struct policy *p = server_policy(&small, 0);
	struct policy_group *groups = arena_alloc(p->arena, 2 * sizeof(*groups));
	struct secret key = {0};
	struct given g = {0};
	uint8_t octets[32] = {1};

	(void)state;
	store_memory_set_clock(c.lab, world_time, c.w);
	secret_copy(&key, SPAN(octets, 32));
	assert_int_equal(store_sealed_new(store_memory_door(c.lab), &key, &c.lines[0]), 0);
	secret_fini(&key);
	groups[0] = groups[1] = p->groups[0];
	groups[1].name = "OTHER";
	groups[1].id.value = 135;
	p->groups = groups;
	p->n_groups = 2;
	c.w->shared = c.lines[0];
	c.ks[0] = world_node(c.w, server_addrs[0], p);
	c.n = 1;
	world_pass(c.w, SECONDS(5));
	for (size_t i = 0; i < MEMBERS; i++)
		add_member(&c, &small, i);
	world_pass(c.w, SECONDS(5));
	assert_one_group(&c);
	assert_int_equal(
	    c.lab->ops->commit(c.lab, &(struct store_txn){.n_writes = 1, .writes = &torn}, NULL),
	    0);
	use_up_all(&c, ks_of(c.ks[0]), &g);
	assert_no_nonce_twice(&c, &g);
	coop_free(&c);
}

/* --- with own stores -------------------------------------------------------------------------- */

struct own_world {
	struct coop_world c;
	struct store *own[SERVERS];
	struct given g;
};

static void
own_world_of(struct own_world *s, size_t n_servers, const struct policy_maker *maker)
{
	*s = (struct own_world){.c = {.w = world_new(), .lab = store_memory_new()}};
	store_memory_set_clock(s->c.lab, world_time, s->c.w);
	for (size_t i = 0; i < n_servers; i++) {
		struct store *memory = store_memory_new();

		store_memory_set_clock(memory, world_time, s->c.w);
		s->own[i] = s->c.w->store = store_line_new(memory);
		add_server(&s->c, maker, i);
	}
	s->c.w->store = NULL;
	world_pass(s->c.w, SECONDS(5));
	for (size_t i = 0; i < MEMBERS; i++)
		add_member(&s->c, maker, i);
	world_pass(s->c.w, SECONDS(5));
	assert_one_group(&s->c);
	for (size_t i = 0; i < MEMBERS; i++)
		note_given(&s->g, s->c.gm[i]);
}

static void
own_world_begin(struct own_world *s, size_t n_servers)
{
	own_world_of(s, n_servers, &small);
}

static void
own_world_end(struct own_world *s)
{
	coop_free(&s->c);
	for (size_t i = 0; i < SERVERS; i++)
		store_close(s->own[i]);
}

static void
give_away(struct own_world *s, unsigned rounds)
{
	for (unsigned k = 0; k < rounds; k++)
		assert_true(register_once(&s->c, s->c.gm[k % MEMBERS], &s->g, 60));
}

static void
remove_sids(struct coop_world *c)
{
	const struct store_write w = {.name = "gdoi/n134/sids"};

	assert_int_equal(
	    c->lab->ops->commit(c->lab, &(struct store_txn){.n_writes = 1, .writes = &w}, NULL), 0);
}

/*
 * The one of the highest priority was away while the other gave identifiers away; then both go
 * down, one record is taken from etcd, and both come up. The keys are the newest.
 */
static void
test_who_was_away_counts_on(void **state)
{
	struct own_world s;
	uint32_t spi;

	(void)state;
	own_world_begin(&s, 2);
	spi = newest_spi(s.c.ks[0]);
	kill_node(s.c.ks[0]);
	world_pass(s.c.w, SECONDS(5));
	give_away(&s, 110);
	assert_int_equal(newest_spi(s.c.ks[1]), spi);
	kill_node(s.c.ks[1]);
	world_pass(s.c.w, SECONDS(5));
	remove_sids(&s.c);
	node_boot(s.c.ks[0]);
	node_boot(s.c.ks[1]);
	world_pass(s.c.w, SECONDS(10));
	give_away(&s, 40);
	assert_false(s.g.twice);
	own_world_end(&s);
}

/* The same with one that has no memory (a new machine), while the other is up: it has to wait. */
static void
test_a_new_server_counts_on(void **state)
{
	struct own_world s;

	(void)state;
	own_world_begin(&s, 2);
	kill_node(s.c.ks[0]);
	s.c.ks[0]->store = NULL; /* a new disk */
	world_pass(s.c.w, SECONDS(5));
	give_away(&s, 12);
	store_line_set(s.c.lines[1], STORE_LINE_DOWN); /* cut off from etcd; serves on */
	world_pass(s.c.w, SECONDS(5));
	remove_sids(&s.c);
	node_boot(s.c.ks[0]);
	world_pass(s.c.w, SECONDS(10));
	give_away(&s, 12);
	assert_false(s.g.twice);
	own_world_end(&s);
}

/* It remembers another epoch: the same, after nothing but an absence. */
static void
test_memory_of_another_epoch(void **state)
{
	struct own_world s;

	(void)state;
	own_world_begin(&s, 2);
	kill_node(s.c.ks[0]);
	world_pass(s.c.w, SECONDS(5));
	ks_coop_sids_gone(ks_of(s.c.ks[1])); /* all used up */
	world_drain(s.c.ks[1]);
	world_pass(s.c.w, SECONDS(30));
	give_away(&s, 12);
	kill_node(s.c.ks[1]);
	world_pass(s.c.w, SECONDS(5));
	remove_sids(&s.c);
	node_boot(s.c.ks[0]);
	node_boot(s.c.ks[1]);
	world_pass(s.c.w, SECONDS(10));
	give_away(&s, 12);
	assert_false(s.g.twice);
	own_world_end(&s);
}

/* Its own store cannot be read for a moment at the start: what it knew is not overwritten. */
static void
test_memory_outlives_a_failing_read(void **state)
{
	struct copied copy[64] = {{0}};
	struct own_world s;
	uint32_t old;

	(void)state;
	own_world_begin(&s, 1);
	old = newest_spi(s.c.ks[0]);
	assert_int_equal(s.c.lab->ops->read(s.c.lab, "", copy_record, copy, NULL), 0);
	rekey_now(&s.c, s.c.ks[0]);
	assert_int_not_equal(newest_spi(s.c.ks[0]), old);
	kill_node(s.c.ks[0]);
	world_pass(s.c.w, SECONDS(5));
	put_back_copy(&s.c, copy);
	store_line_set(s.c.ks[0]->store, STORE_LINE_DOWN);
	node_boot(s.c.ks[0]);
	world_pass(s.c.w, 100);
	store_line_set(s.c.ks[0]->store, STORE_LINE_UP);
	world_pass(s.c.w, SECONDS(20));
	assert_int_not_equal(newest_spi(s.c.ks[0]), old);
	own_world_end(&s);
}

/* --- identifiers that nobody has any more ----------------------------------------------------- */

/* `identifier` is typed on all servers of a group that had none: members still register. */
static void
test_identifier_typed_on_all(void **state)
{
	struct coop_world c = coop_new(&counter, 2);
	uint32_t epoch;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct policy_maker m = counter;

		m.n_kssids = 1;
		m.kssids[0] = (struct policy_kssids){(uint16_t)(10 * i), (uint16_t)(10 * i + 5)};
		node_set(c.ks[i], server_policy(&m, i));
		world_pass(c.w, SECONDS(5));
	}
	epoch = ks_of(c.ks[0])->coop.sids_epoch;
	world_pass(c.w, SECONDS(60));
	assert_true(register_once(&c, c.gm[0], NULL, 20));
	assert_true(ks_of(c.ks[0])->coop.sids_epoch <= epoch + 1); /* other keys, but not again */
	coop_free(&c);
}

/* Ranges that are apart, but more than eight in the life of an epoch. */
static void
test_nine_pools(void **state)
{
	struct coop_world c = {.w = world_new(), .lab = store_memory_new()};
	struct policy_maker m = counter;

	(void)state;
	store_memory_set_clock(c.lab, world_time, c.w);
	m.n_kssids = 1;
	for (size_t i = 0; i < 2; i++) {
		m.kssids[0] = (struct policy_kssids){(uint16_t)(100 + i), (uint16_t)(100 + i)};
		add_server(&c, &m, i);
	}
	world_pass(c.w, SECONDS(5));
	add_member(&c, &counter, 0);
	world_pass(c.w, SECONDS(5));
	for (uint16_t k = 0; k < 8; k++) { /* one number after the other is typed, once a year */
		m.kssids[0] = (struct policy_kssids){k, k};
		node_set(c.ks[0], server_policy(&m, 0));
		world_pass(c.w, SECONDS(5));
	}
	kill_node(c.ks[1]);
	world_pass(c.w, SECONDS(5));
	assert_true(register_once(&c, c.gm[0], NULL, 1000));
	coop_free(&c);
}

/* --- members ---------------------------------------------------------------------------------- */

/* As a node does it: all is polled before a job comes back. */
static void
expire_apart(struct node_under_test *n)
{
	struct job *jobs[16];
	size_t k = 0;

	core_expire(n->core, world_clock(n));
	while (k < 16 && (jobs[k] = hold_job(n)))
		k++;
	for (size_t i = 0; i < k; i++) {
		jobs[i]->run(jobs[i]);
		core_done(n->core, &(struct core_result){.job = jobs[i]}, world_clock(n));
		world_drain(n);
	}
}

/* It follows in the midst of taking over changes: what it had removed is read again. */
static void
test_removed_and_read_again(void **state)
{
	struct coop_world c = coop_new(&usual, 2);
	struct job *batch;

	(void)state;
	ks_member_changed(ks_of(c.ks[0]), addr_of(member_addrs[0]));
	batch = hold_job(c.ks[0]); /* members alone; etcd is slow */
	assert_non_null(batch);
	batch->run(batch);
	c.ks[0]->asleep = true; /* SIGSTOP, longer than the lease */
	world_pass(c.w, SECONDS(5));
	assert_true(ks_of(c.ks[1])->coop.leads);
	c.ks[0]->asleep = false;
	core_ks_clear_members(c.ks[0]->core, NULL, true, world_clock(c.ks[0]));
	expire_apart(c.ks[0]); /* its look comes back before the transaction of before */
	assert_false(ks_of(c.ks[0])->coop.leads);
	core_done(c.ks[0]->core, &(struct core_result){.job = batch}, world_clock(c.ks[0]));
	world_drain(c.ks[0]);
	world_pass(c.w, SECONDS(30));
	assert_int_equal(node_members(c.ks[1]), 3);
	assert_int_equal(node_members(c.ks[0]), 3);
	coop_free(&c);
}

/* --- another store ---------------------------------------------------------------------------- */

/* A first look at the store of before comes back after the store was changed. */
static void
test_a_look_at_the_store_of_before(void **state)
{
	struct coop_world c = coop_new(&usual, 2);
	struct store *other = store_memory_new(),
		     *doors[2] = {store_memory_door(other), store_memory_door(other)};
	struct job *tick;

	(void)state;
	store_memory_set_clock(other, world_time, c.w);
	kill_node(c.ks[1]);
	core_share(c.ks[0]->core, doors[0], true);
	c.ks[0]->shared = doors[0];
	world_drain(c.ks[0]);
	world_pass(c.w, SECONDS(30));
	for (int i = 0; i < 200; i++) {
		const struct store_write w = {.name = "x", .value = SPAN("", 0)};

		other->ops->commit(other, &(struct store_txn){.n_writes = 1, .writes = &w}, NULL);
	}
	{
		struct core_env env = {.rsa_key = world_rsa,
		                       .random = crypto_random,
		                       .wall = world_wall,
		                       .shared = c.lines[1],
		                       .log = {.write = world_log, .arg = c.ks[1]},
		                       .arg = c.ks[1]};

		c.ks[1]->core = core_new(&env);
		core_apply(c.ks[1]->core, c.ks[1]->policy, world_clock(c.ks[1]));
		core_expire(c.ks[1]->core, world_clock(c.ks[1]));
	}
	tick = hold_job(c.ks[1]);
	assert_non_null(tick);
	tick->run(tick);
	core_share(c.ks[1]->core, doors[1], true);
	core_done(c.ks[1]->core, &(struct core_result){.job = tick}, world_clock(c.ks[1]));
	world_drain(c.ks[1]);
	world_pass(c.w, SECONDS(120));
	assert_same_keys(&c);
	coop_free(&c);
	for (size_t i = 0; i < 2; i++)
		store_close(doors[i]);
	store_close(other);
}

/*
 * A server comes from another store (`prefix`, another etcd), where a group of this number was
 * begun later: what it remembers of that one says nothing of this one.
 */
static void
test_memory_of_another_store(void **state)
{
	struct coop_world c = coop_new(&usual, 2);
	struct store *own = store_memory_new(), *other = store_memory_new();
	struct store *first = store_memory_door(other), *second = store_memory_door(c.lab);
	const struct policy_maker s = server_maker(&usual, 2);
	struct node_under_test *n;
	struct policy *p;
	uint32_t spi;

	(void)state;
	store_memory_set_clock(own, world_time, c.w);
	store_memory_set_clock(other, world_time, c.w);
	world_pass(c.w, SECONDS(60));
	c.w->store = own;
	c.w->shared = first;
	n = world_node(c.w, server_addrs[2], policy_server(&s, addr_of(server_addrs[2])));
	world_pass(c.w, SECONDS(10));
	assert_true(ks_of(n)->coop.leads);
	spi = newest_spi(c.ks[0]);
	/* `crypto gdoi store etcd`, the others' */
	core_share(n->core, second, true);
	p = policy_server(&s, addr_of(server_addrs[2]));
	p->store.etcd.prefix = "/another";
	node_set(n, p);
	world_drain(n);
	world_pass(c.w, SECONDS(20));
	print_message("the group's SPI was %08x, is %08x; leads the newcomer: %d\n", spi,
	              newest_spi(c.ks[0]), ks_of(n)->coop.leads);
	assert_int_equal(newest_spi(c.ks[0]), spi);
	world_free(c.w);
	for (size_t i = 0; i < c.n; i++)
		store_close(c.lines[i]);
	store_close(first);
	store_close(second);
	store_close(c.lab);
	store_close(other);
	store_close(own);
}

/*
 * A torn record of one group, and a common race (a registration with keys of just before): the
 * store does not fail for the other groups.
 */
static void
test_a_torn_record_of_another_group(void **state)
{
	struct coop_world c = {.w = world_new(), .lab = store_memory_new()};
	const struct store_write torn = {.name = "gdoi/n135/x", .value = SPAN("junk", 4)};
	struct secret key = {0};
	uint8_t octets[32] = {1};

	(void)state;
	store_memory_set_clock(c.lab, world_time, c.w);
	secret_copy(&key, SPAN(octets, 32));
	for (size_t i = 0; i < 2; i++) {
		struct policy *p = server_policy(&usual, i);
		struct policy_group *groups = arena_alloc(p->arena, 2 * sizeof(*groups));

		assert_int_equal(store_sealed_new(store_memory_door(c.lab), &key, &c.lines[i]), 0);
		groups[0] = groups[1] = p->groups[0];
		groups[1].name = "OTHER";
		groups[1].id.value = 135;
		p->groups = groups;
		p->n_groups = 2;
		c.w->shared = c.lines[i];
		c.ks[i] = world_node(c.w, server_addrs[i], p);
		c.n = i + 1;
	}
	secret_fini(&key);
	world_pass(c.w, SECONDS(5));
	for (size_t i = 0; i < MEMBERS; i++)
		add_member(&c, &usual, i);
	world_pass(c.w, SECONDS(5));
	assert_one_group(&c);
	assert_int_equal(
	    c.lab->ops->commit(c.lab, &(struct store_txn){.n_writes = 1, .writes = &torn}, NULL),
	    0);
	world_pass(c.w, SECONDS(5));
	for (size_t i = 0; i < 2; i++) {
		ks_coop_behind(ks_of(c.ks[i])); /* What -EAGAIN does */
		world_drain(c.ks[i]);
	}
	world_pass(c.w, SECONDS(30));
	assert_non_null(leader_of(&c)); /* of the group that is whole */
	coop_free(&c);
}

/*
 * The leader is up, and puts right at once what is put back; a server that boots meanwhile, and
 * remembers less, takes none of the identifiers from what is put back.
 */
static void
test_put_back_while_one_boots(void **state)
{
	struct policy_maker medium = small;
	struct copied copy[64] = {{0}};
	struct own_world s;

	(void)state;
	medium.sid_bits = 24;
	medium.tek_lifetime = medium.kek_lifetime = 86400;
	own_world_of(&s, 2, &medium);
	assert_int_equal(s.c.lab->ops->read(s.c.lab, "gdoi/n134/sids", copy_record, copy, NULL), 0);
	kill_node(s.c.ks[0]);
	world_pass(s.c.w, SECONDS(5));
	give_away(&s, 350);
	assert_true(ks_of(s.c.ks[1])->coop.leads);
	{
		const struct store_write w = {.name = copy[0].name,
		                              .value = SPAN(copy[0].value, copy[0].n)};

		s.c.lab->ops->commit(s.c.lab, &(struct store_txn){.n_writes = 1, .writes = &w},
		                     NULL);
		free(copy[0].name);
		free(copy[0].value);
	}
	/* Its lines to etcd are slow for a second, which is less than the lease. */
	s.c.ks[1]->asleep = true;
	node_boot(s.c.ks[0]);
	world_pass(s.c.w, SECONDS(1));
	s.c.ks[1]->asleep = false;
	world_pass(s.c.w, SECONDS(5));
	assert_true(ks_of(s.c.ks[1])->coop.leads);
	give_away(&s, 12);
	assert_false(s.g.twice);
	own_world_end(&s);
}

/* `group size` is typed on the leader while the store blinks: one key has one length. */
static void
test_group_size_while_the_store_blinks(void **state)
{
	struct coop_world c = coop_new(&small, 2);
	struct policy_maker wide = small;
	uint32_t spi = newest_spi(c.ks[0]);

	(void)state;
	wide.sid_bits = 12;
	store_line_set(c.lines[0], STORE_LINE_DOWN);
	world_pass(c.w, 600);
	store_line_set(c.lines[0], STORE_LINE_UP); /* the next look will find that */
	node_set(c.ks[0], server_policy(&wide, 0));
	world_pass(c.w, SECONDS(30));
	if (newest_spi(c.ks[0]) == spi)
		assert_int_equal(ks_of(c.ks[0])->coop.sid_bits, 8);
	coop_free(&c);
}

/* One of two servers is no more one of several: the group goes on without it, undisturbed. */
static void
test_the_leader_leaves(void **state)
{
	struct coop_world c = coop_new(&usual, 2);
	struct policy_maker alone = usual;
	unsigned before = count_registrations(&c);

	(void)state;
	node_set(c.ks[0], policy_server(&alone, addr_of(server_addrs[0]))); /* no redundancy */
	world_pass(c.w, SECONDS(30));
	assert_true(ks_of(c.ks[1])->coop.leads);
	assert_int_equal(count_registrations(&c), before);
	coop_free(&c);
}

/* Who slept does not tell members to delete what the others serve on. */
static void
test_a_sleeper_leaves(void **state)
{
	struct coop_world c = coop_new(&usual, 2);
	struct policy_maker alone = usual;

	(void)state;
	c.ks[0]->asleep = true;
	world_pass(c.w, SECONDS(10));
	assert_true(ks_of(c.ks[1])->coop.leads);
	c.ks[0]->asleep = false;
	node_set(c.ks[0], policy_server(&alone, addr_of(server_addrs[0])));
	world_pass(c.w, 500);
	assert_false(node_logged(c.gm[1], "deletes all TEKs"));
	coop_free(&c);
}

/*
 * Etcd is lost and restored from its backup while the servers are up; before they reach it again,
 * others (another tenant, or `--bump-revision`) have brought its revision beyond what they know.
 */
static void
test_restored_behind_their_backs(void **state)
{
	struct line {
		struct store store;
		struct store *inner;
	};
	struct coop_world c = coop_new(&usual, 2);
	struct copied copy[64] = {{0}}, *r;
	struct store *other = store_memory_new();

	(void)state;
	store_memory_set_clock(other, world_time, c.w);
	assert_int_equal(c.lab->ops->read(c.lab, "", copy_record, copy, NULL), 0);
	rekey_now(&c, leader_of(&c)); /* the backup is of before */
	world_pass(c.w, SECONDS(40));
	for (size_t i = 0; i < 2; i++)
		store_line_set(c.lines[i], STORE_LINE_DOWN);
	for (r = copy; r->name; r++) {
		const struct store_write w = {.name = r->name, .value = SPAN(r->value, r->n)};

		if (!strstr(r->name, "servers/") && !strstr(r->name, "leader"))
			other->ops->commit(other, &(struct store_txn){.n_writes = 1, .writes = &w},
			                   NULL);
		free(r->name);
		free(r->value);
	}
	for (int i = 0; i < 100; i++) {
		const struct store_write w = {.name = "x", .value = SPAN("", 0)};

		other->ops->commit(other, &(struct store_txn){.n_writes = 1, .writes = &w}, NULL);
	}
	for (size_t i = 0; i < 2; i++) {
		store_close(((struct line *)c.lines[i])->inner);
		((struct line *)c.lines[i])->inner = store_memory_door(other);
	}
	kill_node(c.ks[0]); /* the leader was on the machine that was lost */
	world_pass(c.w, SECONDS(5));
	for (size_t i = 0; i < 2; i++)
		store_line_set(c.lines[i], STORE_LINE_UP);
	world_pass(c.w, SECONDS(300));
	assert_non_null(leader_of(&c));
	coop_free(&c);
	store_close(other);
}

/* The same, and nobody else registers: who remembers more than the leader has some again. */
static void
test_who_remembers_more_does_not_starve(void **state)
{
	struct policy_maker only = small;
	struct own_world s;

	(void)state;
	own_world_begin(&s, 2);
	kill_node(s.c.ks[0]);
	world_pass(s.c.w, SECONDS(5));
	give_away(&s, 110);
	kill_node(s.c.ks[1]);
	world_pass(s.c.w, SECONDS(5));
	remove_sids(&s.c);
	node_boot(s.c.ks[0]);
	node_boot(s.c.ks[1]);
	world_pass(s.c.w, SECONDS(10));
	only.servers[0] = server_addrs[1];
	node_set(s.c.gm[0], policy_member(&only, addr_of(member_addrs[0])));
	assert_true(register_once(&s.c, s.c.gm[0], NULL, 200));
	own_world_end(&s);
}

/*
 * A member registers with a server that is cut off, while the leader rekeys. When that server is
 * back, the member's record says that it was written with the keys of then: it is told of the rekey
 * that it missed.
 */
static void
test_registered_while_cut_off(void **state)
{
	struct coop_world c = coop_new(&usual, 2);
	struct policy_maker s = usual;
	struct node_under_test *late;

	(void)state;
	store_line_set(c.lines[1], STORE_LINE_DOWN);
	world_pass(c.w, SECONDS(3));
	s.servers[0] = server_addrs[1];
	late = world_member(c.w, &s, "10.1.26.6");
	for (int i = 0; i < 10 && !node_registered(late); i++)
		world_pass(c.w, SECONDS(5));
	assert_true(node_registered(late));
	rekey_now(&c, c.ks[0]);
	world_pass(c.w, SECONDS(40));
	store_line_set(c.lines[1], STORE_LINE_UP);
	world_pass(c.w, SECONDS(60));
	assert_int_equal(node_members(c.ks[0]), 4);
	assert_true(node_hears(c.gm[0], c.gm[1]));
	assert_true(node_hears(c.gm[0], late));
	coop_free(&c);
}

/* The key that signs rekeys is removed (`crypto key zeroize`): it does not take the KEK away. */
static void
test_who_has_lost_its_key_does_not_lead(void **state)
{
	struct coop_world c = coop_new(&usual, 2);
	const struct policy_maker s = server_maker(&usual, 1);
	struct policy *p = policy_server(&s, addr_of(server_addrs[1]));
	struct policy_rekey *rekey = &((struct policy_group *)(uintptr_t)p->groups)->server.rekey;

	(void)state;
	rekey->configured = false; /* as it is compiled: it names a key that is not there */
	rekey->rsa_label = "GONE";
	node_set(c.ks[1], p);
	world_pass(c.w, SECONDS(3));
	kill_node(c.ks[0]);
	world_pass(c.w, SECONDS(10));
	assert_false(ks_of(c.ks[1])->coop.leads);
	for (size_t i = 0; i < MEMBERS; i++)
		assert_false(node_logged(c.gm[i], "deletes the KEK"));
	node_boot(c.ks[0]);
	world_pass(c.w, SECONDS(10));
	assert_ptr_equal(leader_of(&c), c.ks[0]);
	coop_free(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_used_up_while_the_store_blinks),
	    cmocka_unit_test(test_used_up_beside_a_torn_record),
	    cmocka_unit_test(test_who_was_away_counts_on),
	    cmocka_unit_test(test_a_new_server_counts_on),
	    cmocka_unit_test(test_memory_of_another_epoch),
	    cmocka_unit_test(test_memory_outlives_a_failing_read),
	    cmocka_unit_test(test_identifier_typed_on_all),
	    cmocka_unit_test(test_nine_pools),
	    cmocka_unit_test(test_removed_and_read_again),
	    cmocka_unit_test(test_a_look_at_the_store_of_before),
	    cmocka_unit_test(test_memory_of_another_store),
	    cmocka_unit_test(test_a_torn_record_of_another_group),
	    cmocka_unit_test(test_put_back_while_one_boots),
	    cmocka_unit_test(test_group_size_while_the_store_blinks),
	    cmocka_unit_test(test_the_leader_leaves),
	    cmocka_unit_test(test_a_sleeper_leaves),
	    cmocka_unit_test(test_registered_while_cut_off),
	    cmocka_unit_test(test_who_remembers_more_does_not_starve),
	    cmocka_unit_test(test_restored_behind_their_backs),
	    cmocka_unit_test(test_who_has_lost_its_key_does_not_lead),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
