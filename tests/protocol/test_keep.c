/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A key server with a store (runtime/core/keep.h): whenever it dies, it goes on with the same keys,
 * says no number twice, and its members do not register again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "runtime/core/core_priv.h"
#include "runtime/core/gm.h"
#include "runtime/core/ks.h"
#include "runtime/store/store_memory.h"
#include "tests/protocol/group.h"

static const struct policy_maker usual = {.tek_lifetime = 600, .kek_lifetime = 2000};
static const struct policy_maker hierarchy = {
    .tek_lifetime = 600, .kek_lifetime = 2000, .lkh = true, .kek = CIPHER_AES_128};
static const struct policy_maker counter = {
    .tek_lifetime = 600, .kek_lifetime = 2000, .suite = {CIPHER_GCM_256, HASH_NONE}};

/* A group whose key server has a store. */
struct kept {
	struct group g;
	struct store *store;
};

static struct kept
kept_new(const struct policy_maker *m, bool members)
{
	struct kept k = {.store = store_memory_new(), .g.w = world_new()};

	k.g.w->store = k.store;
	k.g.ks = world_server(k.g.w, m);
	if (!members)
		return k;
	k.g.a = world_member(k.g.w, m, "10.1.23.3");
	k.g.b = world_member(k.g.w, m, "10.1.24.4");
	world_pass(k.g.w, SECONDS(3));
	assert_true(node_registered(k.g.a) && node_registered(k.g.b));
	return k;
}

static void
kept_free(struct kept *k)
{
	world_free(k->g.w);
	store_close(k->store);
}

static bool
all_hear(const struct group *g)
{
	return node_hears(g->a, g->b) && node_hears(g->b, g->a);
}

static uint32_t
count_registrations(const struct group *g)
{
	return g->a->core->gms[0]->successes + g->b->core->gms[0]->successes;
}

static const struct ks *
server_of(const struct node_under_test *n)
{
	return n->core->kss[0];
}

static uint32_t
newest_spi(const struct node_under_test *n)
{
	const struct ks_sa *s = &server_of(n)->sas[0];

	return s->n_teks ? s->teks[s->n_teks - 1].keys[0].spi : 0;
}

static void
put_record(struct store *s, const char *name, struct span value)
{
	const struct store_write w = {.name = name, .value = value};

	assert_int_equal(s->ops->commit(s, &(struct store_txn){.n_writes = 1, .writes = &w}, NULL),
	                 0);
}

static bool
count_one(void *arg, const struct store_record *record)
{
	(void)record;
	++*(size_t *)arg;
	return true;
}

/* --- restarts --------------------------------------------------------------------------------- */

static void
test_a_restart_goes_unnoticed(void **state)
{
	struct kept k = kept_new(&usual, true);
	uint32_t spi = newest_spi(k.g.ks);
	uint64_t pseudo = ks_pseudotime(server_of(k.g.ks), k.g.w->now);

	(void)state;
	node_boot(k.g.ks);
	assert_int_equal(newest_spi(k.g.ks), spi);
	assert_int_equal(node_members(k.g.ks), 2);
	assert_true(node_logged(k.g.ks, "goes on with the keys it has kept, and 2 group members"));
	assert_int_equal(ks_pseudotime(server_of(k.g.ks), k.g.w->now), pseudo);
	world_pass(k.g.w, SECONDS(60));
	core_ks_rekey(k.g.ks->core, NULL, false, world_clock(k.g.ks));
	world_drain(k.g.ks);
	world_pass(k.g.w, SECONDS(5));
	assert_int_not_equal(newest_spi(k.g.ks), spi);
	assert_true(all_hear(&k.g));
	world_pass(k.g.w, SECONDS(3000));
	assert_true(all_hear(&k.g));
	assert_int_equal(count_registrations(&k.g), 2);
	assert_false(node_logged(k.g.a, "SEQ_FAILURE"));
	kept_free(&k);
}

static void
test_keys_that_ended_meanwhile_are_replaced(void **state)
{
	struct kept k = kept_new(&usual, true);
	uint32_t spi = newest_spi(k.g.ks);

	(void)state;
	core_free(k.g.ks->core);
	k.g.ks->core = NULL;
	world_pass(k.g.w, SECONDS(2100));
	node_boot(k.g.ks);
	assert_int_not_equal(newest_spi(k.g.ks), spi);
	world_pass(k.g.w, SECONDS(120));
	assert_true(node_registered(k.g.a) && node_registered(k.g.b) && all_hear(&k.g));
	kept_free(&k);
}

static void
test_a_change_while_it_was_off_is_told(void **state)
{
	struct kept k = kept_new(&usual, true);
	struct policy_maker changed = usual;

	(void)state;
	changed.suite = (struct esp_suite){CIPHER_AES_256, HASH_SHA256};
	core_free(k.g.ks->core);
	k.g.ks->core = NULL;
	policy_free(k.g.ks->policy);
	k.g.ks->policy = policy_server(&changed, addr_of("10.1.12.1"));
	node_boot(k.g.ks);
	world_pass(k.g.w, SECONDS(120));
	assert_int_equal(node_sender(k.g.a)->suite.cipher, CIPHER_AES_256);
	assert_true(all_hear(&k.g));
	assert_int_equal(count_registrations(&k.g), 2);
	kept_free(&k);
}

static void
test_a_removed_group_leaves_nothing(void **state)
{
	struct kept k = kept_new(&usual, true);
	uint32_t spi = newest_spi(k.g.ks);
	struct policy *none = policy_server(&usual, addr_of("10.1.12.1"));

	(void)state;
	none->n_groups = 0;
	node_set(k.g.ks, none);
	node_set(k.g.ks, policy_server(&usual, addr_of("10.1.12.1")));
	node_boot(k.g.ks);
	assert_int_not_equal(newest_spi(k.g.ks), spi);
	assert_int_equal(node_members(k.g.ks), 0);
	kept_free(&k);
}

static void
test_another_rsa_key_begins_another_kek(void **state)
{
	struct kept k = kept_new(&usual, true);
	uint32_t spi = newest_spi(k.g.ks);

	(void)state;
	k.g.w->rsa = rsa_key_generate(1024);
	node_boot(k.g.ks);
	assert_int_equal(newest_spi(k.g.ks), spi);
	assert_true(node_logged(k.g.ks, "do not hold its KEK"));
	world_pass(k.g.w, SECONDS(600));
	assert_true(all_hear(&k.g));
	rsa_key_free(k.g.w->rsa);
	kept_free(&k);
}

/* --- a crash at every job --------------------------------------------------------------------- */

static void
boot_crashed(struct kept *k)
{
	if (k->g.ks->core)
		return;
	world_pass(k->g.w, SECONDS(1));
	node_boot(k->g.ks);
}

/*
 * The identifiers that members have, each once: a number given twice would be a nonce used twice.
 */
static void
assert_sids_differ(const struct group *g)
{
	uint32_t a = g->a->core->gms[0]->policy->sid, b = g->b->core->gms[0]->policy->sid;

	assert_int_not_equal(a, b);
	assert_true(server_of(g->ks)->next_sid > a && server_of(g->ks)->next_sid > b);
}

/* Registrations, a roll of TEKs, rekeys by hand, a roll of the KEK, with one crash in between. */
static bool
live_with_crash(const struct policy_maker *m, unsigned at, bool after)
{
	struct kept k = kept_new(m, false);
	struct group *g = &k.g;
	bool crashed;

	g->ks->crash_in = at;
	g->ks->crash_after_job = after;
	g->a = world_member(g->w, m, "10.1.23.3");
	g->b = world_member(g->w, m, "10.1.24.4");
	for (int i = 0; i < 40; i++) {
		world_pass(g->w, SECONDS(60));
		boot_crashed(&k);
		if (i % 8 == 5) {
			core_ks_rekey(g->ks->core, NULL, false, world_clock(g->ks));
			world_drain(g->ks);
			boot_crashed(&k);
		}
		if (i > 3 && !all_hear(g))
			fail_msg("crash at job %u, %s it: no traffic after %d minutes", at,
			         after ? "after" : "before", i + 1);
	}
	crashed = g->ks->crashes > 0;
	if (node_logged(g->a, "SEQ_FAILURE") || node_logged(g->b, "SEQ_FAILURE"))
		fail_msg("crash at job %u: a sequence number went back", at);
	/* Jobs 1 to 4 are of phase 1 and of the members' own registrations. */
	if (count_registrations(g) > 2)
		fail_msg("crash at job %u, %s it: %u registrations", at, after ? "after" : "before",
		         count_registrations(g));
	assert_int_equal(node_members(g->ks), 2);
	if (cipher_is_counter(m->suite.cipher))
		assert_sids_differ(g);
	kept_free(&k);
	return crashed;
}

static void
crash_everywhere(const struct policy_maker *m)
{
	for (int after = 0; after < 2; after++)
		for (unsigned at = 1; live_with_crash(m, at, after); at++)
			;
}

static void
test_a_crash_at_any_write(void **state)
{
	(void)state;
	crash_everywhere(&usual);
}

static void
test_a_crash_at_any_write_with_identifiers(void **state)
{
	(void)state;
	crash_everywhere(&counter);
}

static void
test_a_crash_at_any_write_with_a_key_hierarchy(void **state)
{
	(void)state;
	crash_everywhere(&hierarchy);
}

/* --- a key hierarchy -------------------------------------------------------------------------- */

/* The expelled one is not heard of any more: it cannot register again. */
static unsigned
mute_member(struct world *w, struct packet *p)
{
	const struct node_under_test *one = w->fault_arg;

	return p->path.remote != one->addr;
}

static const struct gm_kek *
kek_of(const struct node_under_test *n)
{
	return &n->core->gms[0]->policy->kek;
}

static bool
can_follow(const struct group *g, const struct node_under_test *n)
{
	return secret_equal(&kek_of(n)->key, &server_of(g->ks)->kek.sas[KS_OURS].key);
}

/* All members hear each other, at every moment, but for the one that is expelled. */
static void
pass_without_loss(struct kept *k, unsigned seconds, unsigned at)
{
	for (unsigned i = 0; i < seconds; i++) {
		world_pass(k->g.w, SECONDS(1));
		boot_crashed(k);
		if (!all_hear(&k->g))
			fail_msg("crash at job %u: no traffic after %u seconds", at, i + 1);
	}
}

static struct kept
hierarchy_new(struct node_under_test **ret_third)
{
	struct kept k = kept_new(&hierarchy, true);

	*ret_third = world_member(k.g.w, &hierarchy, "10.1.25.5");
	world_pass(k.g.w, SECONDS(3));
	assert_true(node_registered(*ret_third));
	assert_int_equal(node_members(k.g.ks), 3);
	return k;
}

/* The one that is expelled, and no other, whatever the server died of meanwhile. */
static bool
expel_with_crash(unsigned at, bool after)
{
	struct node_under_test *c;
	struct kept k = hierarchy_new(&c);
	struct group *g = &k.g;
	uint32_t spi = newest_spi(g->ks);
	bool crashed;

	g->w->fault = mute_member;
	g->w->fault_arg = c;
	g->ks->crash_in = at;
	g->ks->crash_after_job = after;
	for (int i = 0; i < 2; i++) { /* again, where it died of the command */
		core_ks_expel(g->ks->core, NULL, c->addr, world_clock(g->ks));
		world_drain(g->ks);
		boot_crashed(&k);
	}
	pass_without_loss(&k, 150, at);
	crashed = g->ks->crashes > 0;
	if (newest_spi(g->ks) == spi || node_hears(g->a, c) || can_follow(g, c))
		fail_msg("crash at job %u, %s it: the expelled goes on", at,
		         after ? "after" : "before");
	if (!can_follow(g, g->a) || !can_follow(g, g->b) || count_registrations(g) != 2)
		fail_msg("crash at job %u, %s it: those that stay are left", at,
		         after ? "after" : "before");
	assert_int_equal(node_members(g->ks), 2);
	assert_false(node_logged(g->a, "SEQ_FAILURE") || node_logged(g->b, "SEQ_FAILURE"));
	kept_free(&k);
	return crashed;
}

static void
test_an_expulsion_with_a_crash_at_any_write(void **state)
{
	(void)state;
	for (int after = 0; after < 2; after++) {
		unsigned at = 1;

		while (expel_with_crash(at, after))
			at++;
		assert_true(at > 5);
	}
}

/* Nobody registers again, and then one is expelled. */
static void
test_a_key_hierarchy_goes_on(void **state)
{
	struct node_under_test *c;
	struct kept k = hierarchy_new(&c);
	uint32_t spi = newest_spi(k.g.ks);

	(void)state;
	node_boot(k.g.ks);
	assert_int_equal(newest_spi(k.g.ks), spi);
	assert_int_equal(node_members(k.g.ks), 3);
	k.g.w->fault = mute_member;
	k.g.w->fault_arg = c;
	assert_int_equal(core_ks_expel(k.g.ks->core, NULL, c->addr, world_clock(k.g.ks)),
	                 EXPELLED_DONE);
	world_drain(k.g.ks);
	pass_without_loss(&k, 100, 0);
	node_boot(k.g.ks);
	pass_without_loss(&k, 2400, 0);
	assert_true(can_follow(&k.g, k.g.a) && can_follow(&k.g, k.g.b));
	assert_false(can_follow(&k.g, c));
	assert_int_not_equal(newest_spi(k.g.ks), spi);
	assert_int_equal(count_registrations(&k.g), 2);
	kept_free(&k);
}

static size_t
count_records(struct store *s, const char *prefix)
{
	size_t n = 0;

	assert_int_equal(s->ops->read(s, prefix, count_one, &n, NULL), 0);
	return n;
}

/* What is no member's any more is not kept, either. */
static void
test_a_key_hierarchy_leaves_nothing(void **state)
{
	struct kept k = kept_new(&hierarchy, true);

	(void)state;
	assert_true(count_records(k.store, "gdoi/n134/lkh/") > 0);
	node_set(k.g.ks, policy_server(&usual, addr_of("10.1.12.1")));
	world_pass(k.g.w, SECONDS(120));
	assert_int_equal(count_records(k.store, "gdoi/n134/lkh/"), 0);
	node_set(k.g.ks, policy_server(&hierarchy, addr_of("10.1.12.1")));
	world_pass(k.g.w, SECONDS(120));
	assert_true(count_records(k.store, "gdoi/n134/lkh/") > 0);
	node_boot(k.g.ks);
	assert_int_equal(node_members(k.g.ks), 2);
	k.g.ks->policy->n_groups = 0;
	core_apply(k.g.ks->core, k.g.ks->policy, world_clock(k.g.ks));
	world_drain(k.g.ks);
	assert_int_equal(count_records(k.store, ""), 0);
	kept_free(&k);
}

#define MANY 20000 /* their tree is longer than a record may be */

static uint64_t
store_revision(struct store *s)
{
	uint64_t revision;
	size_t n = 0;

	assert_int_equal(s->ops->read(s, "none/", count_one, &n, &revision), 0);
	return revision;
}

/* Of many members few records change when one goes, and all are there afterwards. */
static void
test_a_large_key_hierarchy(void **state)
{
	struct kept k = kept_new(&hierarchy, false);
	struct ks *ks = k.g.ks->core->kss[0];
	uint64_t before;
	size_t n = 0;

	(void)state;
	for (uint32_t i = 0; i < MANY; i++) {
		assert_true(ks_lkh_join(ks, 0x0b000000 + i, KS_OURS));
		ks_member_seen(ks, 0x0b000000 + i, KS_OURS, true);
	}
	world_drain(k.g.ks);
	assert_true(count_records(k.store, "gdoi/n134/lkh/") > MANY / 32);
	node_boot(k.g.ks);
	assert_int_equal(node_members(k.g.ks), MANY);
	before = store_revision(k.store);
	assert_int_equal(core_ks_expel(k.g.ks->core, NULL, 0x0b000000 + 4711, world_clock(k.g.ks)),
	                 EXPELLED_DONE);
	world_drain(k.g.ks);
	world_pass(k.g.w, 1);
	assert_int_equal(
	    k.store->ops->changes(k.store, "gdoi/n134/lkh/1/", before, 0, count_one, &n, NULL), 0);
	assert_true(n > 0 && n <= 6); /* that it goes; the new keys, and those as it had grown */
	node_boot(k.g.ks);
	assert_int_equal(node_members(k.g.ks), MANY - 1);
	assert_true(server_of(k.g.ks)->push.active);
	kept_free(&k);
}

/* A part that was put back, or taken away, by somebody who may write the store. */
static void
test_bent_parts(void **state)
{
	static const char part[] = "gdoi/n134/lkh/1/0000";
	struct kept k = kept_new(&hierarchy, true);

	(void)state;
	put_record(k.store, part, SPAN(NULL, 0));
	node_boot(k.g.ks);
	assert_true(node_logged(k.g.ks, "the store is damaged"));
	assert_int_equal(node_members(k.g.ks), 0);
	world_pass(k.g.w, SECONDS(800));
	assert_true(all_hear(&k.g));
	put_record(k.store, part, SPAN((const uint8_t *)"\x01\x00junk", 6));
	node_boot(k.g.ks);
	assert_int_equal(node_members(k.g.ks), 0);
	kept_free(&k);
}

/* --- two with one store ----------------------------------------------------------------------- */

static void
test_whoever_writes_second_reads_again(void **state)
{
	struct kept k = kept_new(&usual, true);
	struct node_under_test *other =
	    world_node(k.g.w, "10.1.12.2", policy_server(&usual, addr_of("10.1.12.2")));
	unsigned sent;

	(void)state;
	assert_int_equal(newest_spi(other), newest_spi(k.g.ks));
	core_ks_rekey(k.g.ks->core, NULL, false, world_clock(k.g.ks));
	world_drain(k.g.ks);
	world_pass(k.g.w, SECONDS(5));
	sent = k.g.w->sent;
	core_ks_rekey(other->core, NULL, false, world_clock(other));
	world_drain(other);
	assert_int_equal(k.g.w->sent, sent);
	assert_true(node_logged(other, "Somebody else has written the keys"));
	assert_int_equal(newest_spi(other), newest_spi(k.g.ks));
	kept_free(&k);
}

/* --- a store that fails ----------------------------------------------------------------------- */

static void
test_a_failing_store_keeps_all_in(void **state)
{
	struct kept k = kept_new(&usual, false);
	unsigned sent;

	(void)state;
	store_memory_set_fault(k.store, STORE_FAULT_FOR_GOOD, 1, -ENOSPC);
	k.g.a = world_member(k.g.w, &usual, "10.1.23.3");
	world_pass(k.g.w, SECONDS(20));
	assert_false(node_registered(k.g.a));
	assert_true(node_logged(k.g.ks, "cannot be kept"));
	sent = k.g.w->sent;
	store_memory_set_fault(k.store, STORE_FAULT_NONE, 0, 0);
	world_pass(k.g.w, SECONDS(120));
	assert_true(k.g.w->sent > sent && node_registered(k.g.a));
	assert_true(node_logged(k.g.ks, "can be kept again"));
	node_boot(k.g.ks);
	assert_int_equal(node_members(k.g.ks), 1);
	kept_free(&k);
}

/* Carries out what the core wants until its transaction is under way, which is held back. */
static struct job *
hold_transaction(struct node_under_test *n)
{
	struct core_out out;

	while (core_poll(n->core, &out)) {
		if (out.kind != CORE_JOB)
			continue;
		if (n->core->keeps[KEEP_OWN].under_way)
			return out.job;
		out.job->run(out.job);
		core_done(n->core, &(struct core_result){.job = out.job}, world_clock(n));
	}
	fail_msg("no transaction");
	return NULL;
}

/* What strangers are told says nothing that is kept: it does not pile up behind a slow disk. */
static void
test_strangers_do_not_wait_for_the_disk(void **state)
{
	struct kept k = kept_new(&usual, true);
	struct isakmp_header h = {.version = ISAKMP_VERSION, .exchange = 77, .cookie_i = {1}};
	struct path path = {.local = k.g.ks->addr, .remote = addr_of("10.9.9.9")};
	struct core_out out;
	uint8_t buf[64];
	struct wr w = wr_buf(buf, sizeof(buf));
	struct job *job;

	(void)state;
	core_ks_rekey(k.g.ks->core, NULL, false, world_clock(k.g.ks));
	job = hold_transaction(k.g.ks);
	isakmp_header_put(&w, &h);
	isakmp_finish(&w);
	core_input(k.g.ks->core, &path, wr_done(&w), world_clock(k.g.ks));
	assert_false(core_settled(k.g.ks->core));
	assert_true(core_poll(k.g.ks->core, &out));
	assert_int_equal(out.kind, CORE_DATAGRAM);
	assert_int_equal(out.datagram.path.remote, path.remote);
	assert_true(core_settled(k.g.ks->core));
	job->run(job);
	core_done(k.g.ks->core, &(struct core_result){.job = job}, world_clock(k.g.ks));
	world_drain(k.g.ks);
	assert_true(core_settled(k.g.ks->core));
	world_pass(k.g.w, SECONDS(10));
	assert_true(all_hear(&k.g));
	kept_free(&k);
}

/* The disk took it, and said that it did not: the server finds what it wrote itself. */
static void
test_a_commit_whose_answer_is_lost(void **state)
{
	struct kept k = kept_new(&usual, true);

	(void)state;
	store_memory_set_fault(k.store, STORE_FAULT_AFTER, 1, -EIO);
	core_ks_rekey(k.g.ks->core, NULL, false, world_clock(k.g.ks));
	world_drain(k.g.ks);
	assert_true(node_logged(k.g.ks, "cannot be kept"));
	world_pass(k.g.w, SECONDS(60));
	assert_true(all_hear(&k.g));
	core_ks_rekey(k.g.ks->core, NULL, false, world_clock(k.g.ks));
	world_drain(k.g.ks);
	world_pass(k.g.w, SECONDS(10));
	assert_int_equal(node_sender(k.g.a)->spi, node_sender(k.g.b)->spi);
	assert_true(all_hear(&k.g));
	assert_int_equal(count_registrations(&k.g), 2);
	kept_free(&k);
}

/* What could not be said is said when it can be kept. */
static void
test_a_rekey_while_the_store_fails(void **state)
{
	struct kept k = kept_new(&usual, true);
	uint32_t spi = node_sender(k.g.a)->spi;

	(void)state;
	store_memory_set_fault(k.store, STORE_FAULT_FOR_GOOD, 1, -ENOSPC);
	core_ks_rekey(k.g.ks->core, NULL, true, world_clock(k.g.ks));
	world_drain(k.g.ks);
	world_pass(k.g.w, SECONDS(100));
	assert_int_equal(node_sender(k.g.a)->spi, spi);
	store_memory_set_fault(k.store, STORE_FAULT_NONE, 0, 0);
	world_pass(k.g.w, SECONDS(60));
	assert_int_not_equal(node_sender(k.g.a)->spi, spi);
	assert_true(all_hear(&k.g));
	assert_int_equal(count_registrations(&k.g), 2);
	kept_free(&k);
}

static void
test_a_key_hierarchy_without_members(void **state)
{
	struct kept k = kept_new(&hierarchy, false);

	(void)state;
	node_boot(k.g.ks);
	k.g.a = world_member(k.g.w, &hierarchy, "10.1.23.3");
	k.g.b = world_member(k.g.w, &hierarchy, "10.1.24.4");
	world_pass(k.g.w, SECONDS(10));
	assert_true(node_registered(k.g.a) && node_registered(k.g.b));
	assert_int_equal(
	    core_ks_expel(k.g.ks->core, NULL, addr_of("10.1.23.3"), world_clock(k.g.ks)),
	    EXPELLED_DONE);
	kept_free(&k);
}

/* Members that are told to forget their keys are told, though the server dies before it can. */
static void
test_a_dismissal_outlives_a_crash(void **state)
{
	struct kept k = kept_new(&usual, true);

	(void)state;
	k.g.ks->crash_in = 1;
	k.g.ks->crash_after_job = true;
	core_ks_clear_members(k.g.ks->core, NULL, true, world_clock(k.g.ks));
	world_drain(k.g.ks);
	assert_int_equal(k.g.ks->crashes, 1);
	node_boot(k.g.ks);
	world_pass(k.g.w, SECONDS(60));
	assert_true(node_logged(k.g.a, "REMOVAL-NOW") && node_logged(k.g.b, "REMOVAL-NOW"));
	assert_true(all_hear(&k.g));
	kept_free(&k);
}

/* Whether a member acknowledges rekeys, as the KEK it was told last asks, is kept, too. */
static void
rfc8263_7_2_who_acknowledges_is_kept(void **state)
{
	struct policy_maker m = usual;
	struct kept k = kept_new(&usual, true);

	(void)state;
	for (int turn = 0; turn < 2; turn++) {
		m.multicast = !turn;
		node_set(k.g.ks, policy_server(&m, k.g.ks->addr));
		world_pass(k.g.w, SECONDS(50)); /* all rounds */
		node_boot(k.g.ks);
		for (const struct ks_member *i = server_of(k.g.ks)->oldest; i; i = i->next)
			assert_int_equal(i->acks, !m.multicast);
	}
	kept_free(&k);
}

/* Only the first of them has the group's records, and serves. */
static void
test_two_groups_of_one_identity(void **state)
{
	struct kept k = kept_new(&usual, false);
	struct policy *two = policy_server(&usual, addr_of("10.1.12.1"));
	struct policy_group *groups = arena_alloc(two->arena, 2 * sizeof(*groups));

	(void)state;
	groups[0] = groups[1] = two->groups[0];
	groups[1].name = "OTHER";
	two->groups = groups;
	two->n_groups = 2;
	node_set(k.g.ks, two);
	assert_true(ks_serving(k.g.ks->core->kss[0]));
	assert_false(ks_serving(k.g.ks->core->kss[1]));
	kept_free(&k);
}

static void
test_records_that_make_no_sense(void **state)
{
	struct kept k = kept_new(&usual, true);
	uint32_t spi = newest_spi(k.g.ks);

	(void)state;
	put_record(k.store, "gdoi/n134/keys", SPAN((const uint8_t *)"\x07junk", 5));
	node_boot(k.g.ks);
	assert_true(node_logged(k.g.ks, "cannot be read"));
	assert_int_not_equal(newest_spi(k.g.ks), spi);
	assert_int_equal(node_members(k.g.ks), 0);
	kept_free(&k);
}

struct copying {
	uint8_t *p;
	size_t n;
};

static bool
copy_one(void *arg, const struct store_record *record)
{
	struct copying *c = arg;

	c->p = x_memdup(record->value.p, record->value.n);
	c->n = record->value.n;
	return false;
}

/* The first record under this name, given another format. */
static void
change_format(struct store *s, const char *name, uint8_t format, size_t cut)
{
	struct copying c = {0};

	assert_int_equal(s->ops->read(s, name, copy_one, &c, NULL), 0);
	assert_non_null(c.p);
	c.p[0] = format;
	put_record(s, name, SPAN(c.p, c.n - cut));
	free(c.p);
}

static void
test_formats_of_records(void **state)
{
	static const char keys[] = "gdoi/n134/keys", member[] = "gdoi/n134/members/0a011703";
	static const struct {
		const char *name;
		uint8_t format;
		const char *said;
	} cases[] = {
	    {keys, 0, "the store is damaged"},
	    {keys, 1, "so early a version"},
	    {keys, 99, "a later version"},
	    {member, 0, "the store is damaged"},
	    {member, 1, "so early a version"},
	    {member, 99, "a later version"},
	    {"gdoi/n134/lkh/1/0000", 99, "a later version"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct kept k = kept_new(&hierarchy, true);

		change_format(k.store, cases[i].name, cases[i].format, 0);
		node_boot(k.g.ks);
		assert_true(node_logged(k.g.ks, "cannot be read"));
		assert_true(node_logged(k.g.ks, cases[i].said));
		assert_int_equal(node_members(k.g.ks), 0);
		kept_free(&k);
	}
}

/*
 * Before it had a key hierarchy in it; before members had a certificate, and a server that wrote
 * them down.
 */
static void
test_records_of_an_earlier_format(void **state)
{
	struct kept k = kept_new(&usual, true);
	uint32_t spi = newest_spi(k.g.ks);

	(void)state;
	change_format(k.store, "gdoi/n134/keys", 2, 5);
	change_format(k.store, "gdoi/n134/members/0a011703", 2, 16);
	change_format(k.store, "gdoi/n134/members/0a011804", 3, 12);
	node_boot(k.g.ks);
	assert_int_equal(newest_spi(k.g.ks), spi);
	assert_int_equal(node_members(k.g.ks), 2);
	kept_free(&k);
}

static void
test_a_required_store(void **state)
{
	struct kept k = kept_new(&usual, true);
	struct policy *p = policy_server(&usual, addr_of("10.1.12.1"));

	(void)state;
	put_record(k.store, "gdoi/n134/keys", SPAN((const uint8_t *)"\x07junk", 5));
	p->store.required = true;
	core_free(k.g.ks->core);
	k.g.ks->core = NULL;
	policy_free(k.g.ks->policy);
	k.g.ks->policy = p;
	node_boot(k.g.ks);
	world_pass(k.g.w, SECONDS(30));
	assert_false(ks_serving(server_of(k.g.ks)));
	kept_free(&k);
}

/* Every cut and every changed octet is refused or taken, and nothing else happens. */
static void
test_bent_records(void **state)
{
	struct kept k = kept_new(&counter, true);
	const struct secret *kept = &server_of(k.g.ks)->save.keys;
	uint8_t *copy = x_memdup(kept->p, kept->n);
	size_t n = kept->n;

	(void)state;
	for (size_t i = 0; i < n; i++) {
		put_record(k.store, "gdoi/n134/keys", SPAN(copy, i + 1 < n ? i + 1 : n));
		node_boot(k.g.ks);
		copy[i] ^= 0xff;
		put_record(k.store, "gdoi/n134/keys", SPAN(copy, n));
		node_boot(k.g.ks);
		copy[i] ^= 0xff;
	}
	free(copy);
	kept_free(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_restart_goes_unnoticed),
	    cmocka_unit_test(test_keys_that_ended_meanwhile_are_replaced),
	    cmocka_unit_test(test_a_change_while_it_was_off_is_told),
	    cmocka_unit_test(test_a_removed_group_leaves_nothing),
	    cmocka_unit_test(test_another_rsa_key_begins_another_kek),
	    cmocka_unit_test(test_a_key_hierarchy_goes_on),
	    cmocka_unit_test(test_a_key_hierarchy_leaves_nothing),
	    cmocka_unit_test(test_a_large_key_hierarchy),
	    cmocka_unit_test(test_bent_parts),
	    cmocka_unit_test(test_a_crash_at_any_write),
	    cmocka_unit_test(test_a_crash_at_any_write_with_identifiers),
	    cmocka_unit_test(test_a_crash_at_any_write_with_a_key_hierarchy),
	    cmocka_unit_test(test_an_expulsion_with_a_crash_at_any_write),
	    cmocka_unit_test(test_whoever_writes_second_reads_again),
	    cmocka_unit_test(test_a_failing_store_keeps_all_in),
	    cmocka_unit_test(test_strangers_do_not_wait_for_the_disk),
	    cmocka_unit_test(test_a_commit_whose_answer_is_lost),
	    cmocka_unit_test(test_a_rekey_while_the_store_fails),
	    cmocka_unit_test(test_a_key_hierarchy_without_members),
	    cmocka_unit_test(test_a_dismissal_outlives_a_crash),
	    cmocka_unit_test(rfc8263_7_2_who_acknowledges_is_kept),
	    cmocka_unit_test(test_two_groups_of_one_identity),
	    cmocka_unit_test(test_records_that_make_no_sense),
	    cmocka_unit_test(test_formats_of_records),
	    cmocka_unit_test(test_records_of_an_earlier_format),
	    cmocka_unit_test(test_a_required_store),
	    cmocka_unit_test(test_bent_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
