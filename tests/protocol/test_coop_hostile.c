/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key servers that cooperate, against a store that is wiped, put back or slow, and against who
 * types half a configuration: no identifier comes twice under one key, nobody sends in clear, and
 * no key leaves that only one server knows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/protocol/coop_world.h"

static const struct policy_maker small = {
    .tek_lifetime = 600, .kek_lifetime = 2000, .suite = {CIPHER_GCM_256, HASH_NONE}, .sid_bits = 8};

static struct policy *
counter_server(const struct policy_maker *m, size_t i)
{
	const struct policy_maker s = server_maker(m, i);

	return policy_server(&s, addr_of(server_addrs[i]));
}

static void
boot_member(struct coop_world *c, size_t i)
{
	node_boot(c->gm[i]);
	for (int k = 0; k < 20 && !node_registered(c->gm[i]); k++)
		world_pass(c->w, SECONDS(3));
	assert_true(node_registered(c->gm[i]));
}

static void
wipe_lab(struct coop_world *c, const char *prefix)
{
	char *names[64] = {0};

	assert_int_equal(c->lab->ops->read(c->lab, prefix, remove_record, names, NULL), 0);
	for (size_t i = 0; names[i]; i++) {
		const struct store_write w = {.name = names[i]};

		c->lab->ops->commit(c->lab, &(struct store_txn){.n_writes = 1, .writes = &w}, NULL);
		free(names[i]);
	}
}

/* Etcd is wiped: keys live on, and so identifiers do not begin at 0 again. */
static void
test_a_wipe_brings_no_identifier_again(void **state)
{
	struct coop_world c = coop_new(&counter, 2);
	uint32_t spi = newest_spi(c.ks[0]), sid = sid_of(c.gm[0]);

	(void)state;
	wipe_lab(&c, "");
	world_pass(c.w, SECONDS(10));
	assert_int_equal(newest_spi(leader_of(&c)), spi); /* The same keys */
	kill_node(c.ks[1]);
	world_pass(c.w, SECONDS(5));
	node_boot(c.ks[1]); /* Asks for a piece */
	world_pass(c.w, SECONDS(10));
	boot_member(&c, 1); /* At server 1 */
	assert_int_equal(newest_spi(c.ks[1]), spi);
	assert_int_not_equal(sid_of(c.gm[1]), sid);
	coop_free(&c);
}

static void
look_once(struct node_under_test *n)
{
	struct job *job;

	coop_look(n->core);
	core_expire(n->core, world_clock(n));
	job = hold_job(n);
	assert_ptr_equal(job, (struct job *)n->core->coop.under_way);
	done_job(n, job);
}

/* Who registers elsewhere while the keys are lost is known to all when they are there again. */
static void
test_a_registration_while_keys_are_lost(void **state)
{
	struct coop_world c = world_at_rest();

	(void)state;
	world_drain(c.ks[0]);
	world_drain(c.ks[1]);
	wipe_lab(&c, "");
	look_once(c.ks[0]);
	look_once(c.ks[1]);
	ks_member_seen(ks_of(c.ks[1]), STRANGER, KS_OURS, true);
	world_drain(c.ks[1]);
	assert_true(revision_of(&c, STRANGER));
	world_pass(c.w, SECONDS(10));
	assert_members(&c, STRANGER, true);
	assert_same_keys(&c);
	coop_free(&c);
}

/* All is wiped before everybody has read the newest keys: who has them leads, and nobody else. */
static void
test_who_has_the_newest_keys_writes_them_again(void **state)
{
	struct coop_world c = coop_new(&usual, 2);
	uint32_t spi;

	(void)state;
	core_ks_rekey(c.ks[0]->core, NULL, false, world_clock(c.ks[0]));
	world_drain(c.ks[0]);
	spi = newest_spi(c.ks[0]);
	assert_int_not_equal(newest_spi(c.ks[1]), spi);
	wipe_lab(&c, "");
	c.ks[0]->asleep = true;
	world_pass(c.w, SECONDS(1));
	c.ks[0]->asleep = false;
	world_pass(c.w, SECONDS(10));
	assert_ptr_equal(leader_of(&c), c.ks[0]);
	assert_int_equal(ks_of(c.ks[1])->coop.changes, 0);
	assert_int_equal(newest_spi(c.ks[0]), spi);
	assert_same_keys(&c);
	coop_free(&c);
}

/* Another `identifier` is typed while the leader has no address: none comes twice under a key. */
static void
test_no_address_identifiers(void **state)
{
	struct coop_world c = coop_new(&counter, 2);
	uint32_t spi = newest_spi(c.ks[0]), sid = sid_of(c.gm[0]);
	struct policy_maker other = counter;
	struct policy *p;

	(void)state;
	p = counter_server(&counter, 0);
	((struct policy_group *)(uintptr_t)p->groups)->server.addr = 0;
	node_set(c.ks[0], p); /* No address ipv4 */
	other.n_kssids = 1;
	other.kssids[0] = (struct policy_kssids){.low = 1, .high = 5};
	p = counter_server(&other, 0);
	((struct policy_group *)(uintptr_t)p->groups)->server.addr = 0;
	node_set(c.ks[0], p);                         /* Identifier / range 1 - 5 */
	node_set(c.ks[0], counter_server(&other, 0)); /* Address ipv4 again */
	world_pass(c.w, SECONDS(20));
	boot_member(&c, 0);
	if (newest_spi(c.ks[0]) == spi)
		for (size_t i = 1; i < MEMBERS; i++)
			assert_int_not_equal(sid_of(c.gm[0]), sid_of(c.gm[i]));
	if (newest_spi(c.ks[0]) == spi)
		assert_int_not_equal(sid_of(c.gm[0]), sid);
	coop_free(&c);
}

/* `group size` differs: under one key identifiers are of one length all the same. */
static void
test_one_length_where_group_size_differs(void **state)
{
	struct coop_world c = coop_new(&small, 1);
	struct policy_maker wide = small;
	unsigned n[2];

	(void)state;
	wide.sid_bits = 12;
	add_server(&c, &wide, 1);
	world_pass(c.w, SECONDS(10));
	/* Server 1 gives 12 bits, server 0 gives 8. */
	node_set(c.gm[0], policy_member(&(struct policy_maker){.suite = small.suite,
	                                                       .servers = {server_addrs[0]}},
	                                addr_of(member_addrs[0])));
	node_set(c.gm[1], policy_member(&(struct policy_maker){.suite = small.suite,
	                                                       .servers = {server_addrs[1]}},
	                                addr_of(member_addrs[1])));
	boot_member(&c, 0);
	boot_member(&c, 1);
	for (int i = 0; i < 2; i++)
		n[i] = c.gm[i]->core->gms[0]->policy->sid_bits;
	assert_int_equal(newest_spi(c.ks[0]), newest_spi(c.ks[1]));
	assert_int_equal(n[0], n[1]);
	coop_free(&c);
}

/* Who is half typed takes nothing away from what members encrypt. */
static void
test_half_typed_does_not_lead(void **state)
{
	struct coop_world c = coop_new(&usual, 2);
	struct policy *p = counter_server(&usual, 1);

	(void)state;
	((struct policy_group *)(uintptr_t)p->groups)->server.n_sas = 0; /* No sa ipsec 1 */
	node_set(c.ks[1], p);
	world_pass(c.w, SECONDS(10));
	kill_node(c.ks[0]);
	world_pass(c.w, SECONDS(60));
	assert_true(c.gm[0]->dp.n_sas > 0);
	assert_one_group(&c);
	coop_free(&c);
}

/* Overtaken, and then the store is cut off: the node does not fall silent. */
static void
test_who_is_cut_off_when_overtaken_speaks(void **state)
{
	struct coop_world c = coop_new(&usual, 2);
	size_t n = 0;

	(void)state;
	store_line_set(c.lines[1], STORE_LINE_DOWN);
	ks_coop_behind(ks_of(c.ks[1])); /* What the -EAGAIN of its last transaction does */
	world_drain(c.ks[1]);
	world_pass(c.w, SECONDS(20));
	node_set(c.gm[1], policy_member(&(struct policy_maker){.servers = {server_addrs[1]}},
	                                addr_of(member_addrs[1])));
	node_boot(c.gm[1]);
	world_pass(c.w, SECONDS(300));
	for (struct out *o = c.ks[1]->core->held.first; o; o = o->next)
		n++;
	assert_true(node_registered(c.gm[1]));
	coop_free(&c);
}

struct find_one {
	uint8_t buf[65536];
	size_t n;
	const char *name;
};
static bool
take_one(void *arg, const struct store_record *r)
{
	struct find_one *f = arg;

	if (strcmp(r->name, f->name) != 0)
		return true;
	memcpy(f->buf, r->value.p, r->value.n);
	f->n = r->value.n;
	return false;
}

/* Keys of a later version: who cannot read them makes no others in their place. */
static void
test_newer_record(void **state)
{
	struct coop_world c = coop_new(&usual, 1);
	struct find_one f = {.name = "gdoi/n134/keys"};
	struct store_write w = {.name = f.name};

	(void)state;
	c.lab->ops->read(c.lab, "gdoi/", take_one, &f, NULL);
	assert_true(f.n);
	kill_node(c.ks[0]);
	f.buf[0] = 200; /* A later format, written by the server that led */
	w.value = SPAN(f.buf, f.n);
	c.lab->ops->commit(c.lab, &(struct store_txn){.n_writes = 1, .writes = &w}, NULL);
	world_pass(c.w, SECONDS(5));
	node_boot(c.ks[0]);
	world_pass(c.w, SECONDS(20));
	assert_int_equal(newest_spi(c.ks[0]), 0);
	coop_free(&c);
}

/* Who has not heard of the new epoch yet does not set the count of the new one back. */
static void
test_slow_claim(void **state)
{
	struct coop_world c = coop_new(&counter, 2);
	struct ks *a, *b;
	struct job *tick;
	uint64_t from;

	(void)state;
	a = ks_of(c.ks[0]);
	b = ks_of(c.ks[1]);
	b->next_sid = b->coop.sids_end; /* It has used up its piece */
	c.w->now += COOP_TICK;
	core_expire(c.ks[1]->core, world_clock(c.ks[1]));
	tick = hold_job(c.ks[1]); /* Slow: SIGSTOP, a lost packet, a slow disk */
	assert_non_null(tick);
	c.ks[1]->asleep = true;
	/* The leader begins another epoch (identifiers are used up, or `group size` is typed). */
	ks_coop_sids_gone(a);
	world_drain(c.ks[0]);
	world_pass(c.w, MSEC_NEVER == 0 ? 0 : 1000);
	from = a->next_sid;
	assert_true(a->coop.sids_end > from);
	c.ks[1]->asleep = false;
	tick->run(tick);
	core_done(c.ks[1]->core, &(struct core_result){.job = tick}, world_clock(c.ks[1]));
	world_drain(c.ks[1]);
	world_pass(c.w, SECONDS(5));
	assert_int_equal(a->coop.sids_epoch, b->coop.sids_epoch);
	assert_true(b->next_sid >= a->coop.sids_end || b->coop.sids_end <= from);
	coop_free(&c);
}

/* What was said of keys that were never committed does not leave when the lead is lost. */
static void
test_uncommitted_keys_are_not_told(void **state)
{
	struct coop_world c = coop_new(&usual, 2);
	struct job *batch;
	uint32_t spi;
	bool heard = false;

	(void)state;
	/* A transaction of members alone, whose answer is slow. */
	ks_member_changed(ks_of(c.ks[0]), addr_of(member_addrs[0]));
	batch = hold_job(c.ks[0]);
	assert_non_null(batch);
	batch->run(batch); /* It is done; the answer is on the way */
	core_ks_rekey(c.ks[0]->core, NULL, false, world_clock(c.ks[0]));
	world_drain(c.ks[0]);
	spi = newest_spi(c.ks[0]);
	c.ks[0]->asleep = true;
	world_pass(c.w, SECONDS(5));
	assert_true(ks_of(c.ks[1])->coop.leads);
	c.ks[0]->asleep = false;
	world_pass(c.w, SECONDS(1)); /* Its look comes back first: it follows */
	assert_false(ks_of(c.ks[0])->coop.leads);
	core_done(c.ks[0]->core, &(struct core_result){.job = batch}, world_clock(c.ks[0]));
	world_drain(c.ks[0]);
	world_pass(c.w, SECONDS(5));
	for (size_t i = 0; i < c.gm[0]->dp.n_sas; i++)
		heard |= c.gm[0]->dp.sas[i].spi == spi;
	assert_false(heard);
	coop_free(&c);
}

/* Where identifiers run out, they do so for the follower as for the leader. */
static void
test_follower_starves(void **state)
{
	struct coop_world c = coop_new(&small, 2);
	int i;

	(void)state;
	node_set(c.gm[1], policy_member(&(struct policy_maker){.suite = small.suite,
	                                                       .servers = {server_addrs[1]}},
	                                addr_of(member_addrs[1])));
	for (i = 0; i < 300; i++) {
		node_boot(c.gm[1]);
		world_pass(c.w, SECONDS(4));
		for (int k = 0; k < 20 && !node_registered(c.gm[1]); k++)
			world_pass(c.w, SECONDS(15));
		if (!node_registered(c.gm[1]))
			break;
	}
	assert_int_equal(i, 300);
	coop_free(&c);
}

/* Etcd is put back from a backup. */
static void
test_rolled_back(void **state)
{
	struct coop_world c = coop_new(&counter, 2);
	struct find_one keys = {.name = "gdoi/n134/keys"}, sids = {.name = "gdoi/n134/sids"};
	struct store_write w[2] = {{.name = keys.name}, {.name = sids.name}};
	uint32_t spi;

	(void)state;
	c.lab->ops->read(c.lab, "gdoi/", take_one, &keys, NULL);
	c.lab->ops->read(c.lab, "gdoi/", take_one, &sids, NULL);
	rekey_now(&c, c.ks[0]);
	rekey_now(&c, c.ks[0]);
	spi = newest_spi(c.ks[0]);
	w[0].value = SPAN(keys.buf, keys.n);
	w[1].value = SPAN(sids.buf, sids.n);
	c.lab->ops->commit(c.lab, &(struct store_txn){.n_writes = 2, .writes = w}, NULL);
	world_pass(c.w, SECONDS(10));
	assert_int_equal(newest_spi(leader_of(&c)), spi);
	coop_free(&c);
}

/* The group is typed anew while a look is under way. */
static void
test_typed_anew(void **state)
{
	struct coop_world c = coop_new(&usual, 2);
	struct policy_maker alone = usual;
	struct job *tick;

	(void)state;
	c.w->now += COOP_TICK;
	core_expire(c.ks[1]->core, world_clock(c.ks[1]));
	tick = hold_job(c.ks[1]);
	assert_non_null(tick);
	node_set(c.ks[1], policy_server(&alone, addr_of(server_addrs[1]))); /* No redundancy */
	node_set(c.ks[1], counter_server(&usual, 1));                       /* Redundancy */
	tick->run(tick);
	core_done(c.ks[1]->core, &(struct core_result){.job = tick}, world_clock(c.ks[1]));
	world_drain(c.ks[1]);
	world_pass(c.w, SECONDS(30));
	assert_same_keys(&c);
	assert_int_equal(node_members(c.ks[1]), 3);
	coop_free(&c);
}

/* A sealed record of before is put back: no identifier comes twice. */
static void
test_replayed_sids(void **state)
{
	struct coop_world c = coop_new(&small, 2);
	struct find_one sids = {.name = "gdoi/n134/sids"};
	struct store_write w = {.name = sids.name};
	uint32_t spi = newest_spi(c.ks[0]);
	bool seen[256] = {false}, twice = false;

	(void)state;
	c.lab->ops->read(c.lab, "gdoi/", take_one, &sids, NULL);
	for (int i = 0; i < 40; i++) {
		if (i == 20) {
			w.value = SPAN(sids.buf, sids.n);
			c.lab->ops->commit(c.lab, &(struct store_txn){.n_writes = 1, .writes = &w},
			                   NULL);
		}
		boot_member(&c, 0);
		twice |= seen[sid_of(c.gm[0])];
		seen[sid_of(c.gm[0])] = true;
		if (newest_spi(c.ks[0]) != spi)
			break;
	}
	assert_false(twice);
	coop_free(&c);
}

/* Two servers: the second one, which keeps its own in `own`, was overtaken, and cannot read why. */
static struct coop_world
overtaken_world(struct store *own)
{
	struct coop_world c = {.w = world_new(), .lab = store_memory_new()};

	store_memory_set_clock(c.lab, world_time, c.w);
	store_memory_set_clock(own, world_time, c.w);
	add_server(&c, &usual, 0);
	c.w->store = own;
	add_server(&c, &usual, 1);
	c.w->store = NULL;
	world_pass(c.w, SECONDS(5));
	for (size_t i = 0; i < MEMBERS; i++)
		add_member(&c, &usual, i);
	world_pass(c.w, SECONDS(5));
	store_line_set(c.lines[1], STORE_LINE_DOWN);
	ks_coop_behind(ks_of(c.ks[1]));
	world_drain(c.ks[1]);
	return c;
}

/* Overtaken; then the store is taken out of the configuration: the node does not stay mute. */
static void
test_unshare_while_held(void **state)
{
	struct store *own = store_memory_new();
	struct coop_world c = overtaken_world(own);
	struct policy_maker alone = usual;

	(void)state;
	node_set(c.gm[1], policy_member(&(struct policy_maker){.servers = {server_addrs[1]}},
	                                addr_of(member_addrs[1])));
	node_boot(c.gm[1]);
	world_pass(c.w, SECONDS(30));
	/* No crypto gdoi store etcd */
	core_share(c.ks[1]->core, NULL, false);
	node_set(c.ks[1], policy_server(&alone, addr_of(server_addrs[1])));
	world_pass(c.w, SECONDS(300));
	assert_true(node_registered(c.gm[1]));
	coop_free(&c);
	store_close(own);
}

/* Etcd is down, a transaction has failed, and the store is taken out of the configuration. */
static void
test_unshare_while_failing(void **state)
{
	struct coop_world c = coop_new(&usual, 2);
	struct policy_maker alone = usual;

	(void)state;
	store_line_set(c.lines[1], STORE_LINE_DOWN);
	node_boot(c.gm[1]); /* Registers at server 1: its record cannot be written */
	world_pass(c.w, SECONDS(5));
	/* No crypto gdoi store etcd, as node.c does it */
	core_share(c.ks[1]->core, NULL, false);
	node_set(c.ks[1], policy_server(&alone, addr_of(server_addrs[1])));
	world_pass(c.w, SECONDS(20));
	coop_free(&c);
}

/* The same, with an own store that takes its time. */
static void
test_unshare_mute(void **state)
{
	struct store *own = store_memory_new();
	struct coop_world c = overtaken_world(own);
	struct policy_maker alone = usual;
	struct path path = {.local = addr_of("10.1.12.2"),
	                    .remote = addr_of("10.1.23.3"),
	                    .local_port = 848,
	                    .remote_port = 848};
	struct job *job;
	unsigned sent;

	(void)state;
	node_boot(c.gm[1]);
	world_pass(c.w, SECONDS(30));
	core_share(c.ks[1]->core, NULL, false);
	node_set(c.ks[1], policy_server(&alone, addr_of(server_addrs[1])));
	world_pass(c.w, SECONDS(60));
	ks_member_changed(ks_of(c.ks[1]), addr_of(member_addrs[0]));
	job = hold_job(c.ks[1]);
	assert_non_null(job);
	core_send(c.ks[1]->core, &path, SPAN("hello", 5));
	world_drain(c.ks[1]);
	sent = c.w->sent;
	job->run(job);
	core_done(c.ks[1]->core, &(struct core_result){.job = job}, world_clock(c.ks[1]));
	world_drain(c.ks[1]);
	world_pass(c.w, SECONDS(600));
	for (struct out *o = c.ks[1]->core->held.first; o; o = o->next)
		if (o->out.datagram.bytes.n == 5)
			fail_msg("a datagram of the own store waits for ever (sent %u %u)", sent,
			         c.w->sent);
	coop_free(&c);
	store_close(own);
}

/* The store is away for longer than keys live: what do members get? */
static void
test_keys_end_without_the_store(void **state)
{
	struct coop_world c = coop_new(&usual, 2);
	size_t before = c.gm[0]->dp.n_entries;

	(void)state;
	for (size_t i = 0; i < c.n; i++)
		store_line_set(c.lines[i], STORE_LINE_DOWN);
	for (int t = 0; t < 100; t++) {
		world_pass(c.w, SECONDS(20));
		if (c.gm[0]->dp.n_entries != before || t % 10 == 0)
			if (c.gm[0]->dp.n_entries != before)
				break;
	}
	assert_int_equal(c.gm[0]->dp.n_entries, before);
	coop_free(&c);
}

/*
 * Keys in a format that only a later version knows are no older copy of ours, whatever stands where
 * our number stands: nobody writes over them.
 */
static void
test_keys_of_a_later_version(void **state)
{
	static const uint8_t later[64] = {200};
	struct coop_world c = coop_new(&usual, 2);
	const struct store_write w = {.name = "gdoi/n134/keys",
	                              .value = SPAN(later, sizeof(later))};
	uint64_t revision = 0, now = 0;

	(void)state;
	assert_int_equal(
	    c.lab->ops->commit(c.lab, &(struct store_txn){.n_writes = 1, .writes = &w}, &revision),
	    0);
	world_pass(c.w, SECONDS(20));
	for (size_t i = 0; i < 2; i++) {
		assert_true(ks_of(c.ks[i])->coop.unreadable);
		assert_false(ks_of(c.ks[i])->coop.lost);
	}
	assert_int_equal(c.lab->ops->read(c.lab, w.name, note_found, &now, NULL), 0);
	assert_int_equal(now, revision);
	coop_free(&c);
}

/* The last numbers: nobody begins with the first ones again, and members keep what they have. */
static void
test_numbers_are_used_up(void **state)
{
	(void)state;
	for (int epoch = 0; epoch < 2; epoch++) {
		struct coop_world c = coop_new(&counter, 2);
		struct ks *ks = ks_of(c.ks[0]);
		uint32_t spi;

		if (epoch)
			ks->coop.sids_epoch = UINT32_MAX - 1;
		else
			ks->coop.serial = UINT32_MAX - 2;
		ks_touch(ks);
		rekey_now(&c, c.ks[0]);
		assert_same_keys(&c);
		if (epoch) {
			ks_coop_sids_gone(ks);
			world_drain(c.ks[0]);
			world_pass(c.w, SECONDS(60));
			ks_coop_sids_gone(ks);
			world_drain(c.ks[0]);
		}
		rekey_now(&c, c.ks[0]);
		world_pass(c.w, SECONDS(10));
		assert_null(leader_of(&c));
		spi = newest_spi(c.ks[0]);
		rekey_now(&c, c.ks[0]);
		for (size_t i = 0; i < 2; i++) {
			assert_int_equal(newest_spi(c.ks[i]), spi);
			assert_false(node_logged(c.ks[i], "COOP_KEYS_LOST"));
			if (epoch)
				assert_int_equal(ks_of(c.ks[i])->coop.sids_epoch, UINT32_MAX);
			else
				assert_int_equal(ks_of(c.ks[i])->coop.serial, UINT32_MAX);
		}
		assert_one_group(&c);
		coop_free(&c);
	}
}

/* A clock of the next century leaves numbers to go on with. */
static void
test_a_clock_far_ahead(void **state)
{
	struct coop_world c = {.w = world_new(), .lab = store_memory_new()};
	uint32_t serial;

	(void)state;
	store_memory_set_clock(c.lab, world_time, c.w);
	c.w->wall = SECONDS((int64_t)UINT32_MAX * 3);
	add_server(&c, &usual, 0);
	world_pass(c.w, SECONDS(6));
	serial = ks_of(c.ks[0])->coop.serial;
	assert_in_range(serial, 1, UINT32_MAX - 0x01000000);
	rekey_now(&c, c.ks[0]);
	ks_touch(ks_of(c.ks[0]));
	assert_ptr_equal(leader_of(&c), c.ks[0]);
	coop_free(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_wipe_brings_no_identifier_again),
	    cmocka_unit_test(test_a_registration_while_keys_are_lost),
	    cmocka_unit_test(test_who_has_the_newest_keys_writes_them_again),
	    cmocka_unit_test(test_no_address_identifiers),
	    cmocka_unit_test(test_one_length_where_group_size_differs),
	    cmocka_unit_test(test_half_typed_does_not_lead),
	    cmocka_unit_test(test_who_is_cut_off_when_overtaken_speaks),
	    cmocka_unit_test(test_newer_record),
	    cmocka_unit_test(test_slow_claim),
	    cmocka_unit_test(test_uncommitted_keys_are_not_told),
	    cmocka_unit_test(test_follower_starves),
	    cmocka_unit_test(test_rolled_back),
	    cmocka_unit_test(test_typed_anew),
	    cmocka_unit_test(test_replayed_sids),
	    cmocka_unit_test(test_unshare_while_held),
	    cmocka_unit_test(test_unshare_while_failing),
	    cmocka_unit_test(test_unshare_mute),
	    cmocka_unit_test(test_keys_end_without_the_store),
	    cmocka_unit_test(test_keys_of_a_later_version),
	    cmocka_unit_test(test_numbers_are_used_up),
	    cmocka_unit_test(test_a_clock_far_ahead),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
