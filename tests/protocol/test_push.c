/* SPDX-License-Identifier: Apache-2.0 */
/* GROUPKEY-PUSH between cores: rekeys in fair weather and foul, and what must be refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "runtime/core/core_priv.h"
#include "runtime/core/gm.h"
#include "runtime/core/ks.h"
#include "tests/protocol/group.h"

struct counts {
	uint32_t registrations, rekeys_sent, acks, retries, failures, received, seq;
};

static struct counts
count_rekeys(struct group *g)
{
	struct arena *arena = arena_new();
	struct counts c = {0};
	size_t n;
	const struct snap_group *s = core_snap_groups(g->ks->core, g->w->now, arena, &n);

	for (size_t i = 0; i < s->n_members; i++) {
		c.registrations += s->members[i].registrations;
		c.rekeys_sent += s->members[i].rekeys_sent;
		c.acks += s->members[i].acks_received;
		c.retries += s->members[i].retries;
		c.failures += s->members[i].failures;
	}
	c.seq = s->kek.seq;
	c.received = core_snap_groups(g->a->core, g->w->now, arena, &n)->rekeys_received;
	arena_free(arena);
	return c;
}

static const struct policy_maker short_lived = {.tek_lifetime = 600, .kek_lifetime = 2000};

/* Checks every second, for so long, that each member hears the other. */
static void
all_the_time(struct group *g, msec time)
{
	for (msec t = 0; t < time; t += SECONDS(1)) {
		world_pass(g->w, SECONDS(1));
		if (!node_hears(g->a, g->b) || !node_hears(g->b, g->a))
			fail_msg("not heard at %llds", (long long)(g->w->now / 1000));
	}
}

static void
test_keys_roll_by_rekey(void **state)
{
	struct group g = group_new(&short_lived);
	struct counts c;

	(void)state;
	all_the_time(&g, SECONDS(6 * 3600));
	c = count_rekeys(&g);
	print_message("%u registrations, %u received, %u sent, %u acknowledged\n", c.registrations,
	              c.received, c.rekeys_sent, c.acks);
	assert_int_equal(c.registrations, 2); /* nobody had to come again */
	assert_true(c.received >= 36);
	assert_true(c.rekeys_sent >= 72);
	assert_int_equal(c.acks, c.rekeys_sent);
	assert_int_equal(c.failures, 0);
	assert_int_equal(c.retries, 0);
	assert_true(c.seq < 8); /* begins anew with each KEK */
	assert_true(node_logged(g.ks, "%GDOI-5-KS_SEND_UNICAST_REKEY: Sending Unicast Rekey for "
	                              "group GET_VPN from address 10.1.12.1 with seq # 1"));
	assert_true(node_logged(g.a, "%GDOI-5-GM_RECV_REKEY: Received Rekey for group GET_VPN "
	                             "from 10.1.12.1 to 10.1.23.3 with seq # 1"));
	world_free(g.w);
}

/* Every eighth datagram is lost, others come twice or late. */
static unsigned
bad_weather(struct world *w, struct packet *p)
{
	static uint32_t x = 12345;

	(void)p;
	x = x * 1103515245 + 12345;
	if (x >> 16 & 1)
		w->delay = (x >> 20) % 3000;
	return (x >> 8) % 8 == 0 ? 0 : (x >> 8) % 8 == 1 ? 2 : 1;
}

static void
test_bad_weather(void **state)
{
	struct group g = group_new(&short_lived);
	struct counts c;

	(void)state;
	g.w->fault = bad_weather;
	all_the_time(&g, SECONDS(12 * 3600));
	c = count_rekeys(&g);
	assert_true(c.retries > 0 && c.acks > 0);
	world_free(g.w);
}

/* One in a hundred is lost, one comes twice, one late: for thirty days. */
static unsigned
a_real_network(struct world *w, struct packet *p)
{
	static uint32_t x = 777;

	(void)p;
	x = x * 1664525 + 1013904223;
	if ((x >> 8) % 100 == 1)
		w->delay = 20 + (x >> 20) % 2000;
	return (x >> 8) % 100 == 2 ? 0 : (x >> 8) % 100 == 3 ? 2 : 1;
}

static void
test_a_month(void **state)
{
	const struct policy_maker m = {.tek_lifetime = 3600, .kek_lifetime = 86400};
	struct group g = group_new(&m);
	struct counts c;

	(void)state;
	g.w->fault = a_real_network;
	for (int day = 0; day < 30; day++)
		for (int i = 0; i < 86400 / 5; i++) {
			world_pass(g.w, SECONDS(5));
			assert_true(node_hears(g.a, g.b) && node_hears(g.b, g.a));
		}
	c = count_rekeys(&g);
	assert_int_equal(c.registrations, 2);
	assert_true(c.received > 700);
	world_free(g.w);
}

/* --- what must be refused --------------------------------------------------------------------- */

static struct packet caught;

/* Keeps a copy of the first rekey to the first member. */
static unsigned
catch_push(struct world *w, struct packet *p)
{
	(void)w;
	if (p->n > 28 && p->bytes[18] == 33 && p->path.local == addr_of("10.1.23.3") && !caught.n) {
		caught = *p;
		caught.bytes = x_memdup(p->bytes, p->n);
	}
	return 1;
}

static enum drop
give_again(struct group *g, const uint8_t *bytes, size_t n)
{
	enum drop d = core_input(g->a->core, &caught.path, SPAN(bytes, n), g->w->now);

	world_drain(g->a);
	return d;
}

static struct group
group_with_caught(void)
{
	struct group g = group_new(&short_lived);

	caught = (struct packet){.n = 0};
	g.w->fault = catch_push;
	core_ks_rekey(g.ks->core, NULL, false, g.w->now);
	world_drain(g.ks);
	world_pass(g.w, SECONDS(10));
	g.w->fault = NULL;
	assert_true(caught.n > 0);
	assert_int_equal(count_rekeys(&g).received, 1);
	return g;
}

static void
rfc6407_7_3_4_repeated_and_forged_rekeys(void **state)
{
	struct group g = group_with_caught();
	uint8_t *bent = x_memdup(caught.bytes, caught.n);

	(void)state;
	/* the same again is known again; after another one it is old: its KEK is gone */
	assert_int_equal(give_again(&g, caught.bytes, caught.n), DROP_REPEAT);
	core_ks_rekey(g.ks->core, NULL, false, g.w->now);
	world_drain(g.ks);
	world_pass(g.w, SECONDS(10));
	assert_int_equal(give_again(&g, caught.bytes, caught.n), DROP_COOKIE);
	assert_int_equal(count_rekeys(&g).received, 2);
	/* every octet bent, every length: refused, and nothing changes */
	for (size_t i = 0; i < caught.n; i++) {
		memcpy(bent, caught.bytes, caught.n);
		bent[i] ^= 0x10;
		assert_int_not_equal(give_again(&g, bent, caught.n), DROP_NONE);
		assert_int_not_equal(give_again(&g, caught.bytes, i), DROP_NONE);
	}
	assert_int_equal(count_rekeys(&g).received, 2);
	assert_true(node_hears(g.a, g.b));
	free(bent);
	free(caught.bytes);
	world_free(g.w);
}

/* Rekeys that a TEK's end brings, all under one KEK. */
static void
rfc6407_4_4_sequence_and_signature(void **state)
{
	struct policy_maker m = {.tek_lifetime = 600};
	struct group g = group_new(&m);
	uint8_t *first;
	size_t n;

	(void)state;
	caught = (struct packet){.n = 0};
	g.w->fault = catch_push;
	world_pass(g.w, SECONDS(490));
	assert_true(caught.n > 0);
	first = x_memdup(caught.bytes, caught.n);
	n = caught.n;
	free(caught.bytes);
	g.w->fault = NULL;
	world_pass(g.w, SECONDS(600));
	assert_true(count_rekeys(&g).received >= 2);
	assert_int_equal(give_again(&g, first, n), DROP_SEQUENCE);
	assert_true(node_logged(g.a, "%GDOI-3-GDOI_REKEY_SEQ_FAILURE: Failed to process rekey seq "
	                             "# 1 in seq payload for group GET_VPN, last seq # 2"));
	/* the last block is part of the signature: the rest decrypts well */
	first[n - 20] ^= 1;
	assert_int_not_equal(give_again(&g, first, n), DROP_NONE);
	free(first);
	world_free(g.w);
}

/* A server that signs with another key than it told. */
static unsigned
lose_all(struct world *w, struct packet *p)
{
	(void)w;
	(void)p;
	return 0;
}

static void
test_another_key(void **state)
{
	struct group g = group_new(&short_lived);
	struct ks_kek *kek = &g.ks->core->kss[0]->kek;

	(void)state;
	rsa_key_free(kek->signer);
	kek->signer = rsa_key_generate(1024);
	core_ks_rekey(g.ks->core, NULL, false, g.w->now);
	world_drain(g.ks);
	world_pass(g.w, SECONDS(5));
	assert_true(node_logged(g.a, "%GDOI-3-GDOI_REKEY_FAILURE: Rekey for group GET_VPN from "
	                             "10.1.12.1 refused: rekey signature is wrong"));
	assert_int_equal(count_rekeys(&g).received, 0);
	assert_true(node_hears(g.a, g.b));
	world_free(g.w);
}

/* --- members that come and go ----------------------------------------------------------------- */

static void
rfc6407_5_4_1_delays(void **state)
{
	struct policy_maker m = short_lived;
	struct group g;
	uint32_t before;

	(void)state;
	m.activation = 30;
	m.deactivation = 60;
	g = group_new(&m);
	before = node_sender(g.a)->spi;
	assert_true(core_ks_rekey(g.ks->core, NULL, false, g.w->now));
	world_drain(g.ks);
	all_the_time(&g, SECONDS(29));
	assert_int_equal(node_sender(g.a)->spi, before);
	all_the_time(&g, SECONDS(3));
	assert_int_not_equal(node_sender(g.a)->spi, before);
	assert_int_equal(g.a->dp.n_sas, 2);
	all_the_time(&g, SECONDS(30));
	assert_int_equal(g.a->dp.n_sas, 1);
	all_the_time(&g, SECONDS(7200));
	assert_int_equal(count_rekeys(&g).registrations, 2);
	world_free(g.w);
}

static void
test_bare_hash(void **state)
{
	struct policy_maker m = short_lived;
	struct group g;

	(void)state;
	m.bare_hash = true;
	g = group_new(&m);
	all_the_time(&g, SECONDS(1200));
	assert_true(count_rekeys(&g).received >= 2);
	world_free(g.w);
}

/* The node hears nothing any more, and says nothing. */
static void
vanish_node(struct node_under_test *n)
{
	core_free(n->core);
	n->core = core_new(&(struct core_env){.random = crypto_random});
}

/* A member that has acknowledged before is removed after three rekeys without an answer. */
static void
test_silent_member(void **state)
{
	struct group g = group_new(&short_lived);

	(void)state;
	core_ks_rekey(g.ks->core, NULL, false, g.w->now);
	world_drain(g.ks);
	world_pass(g.w, SECONDS(10));
	assert_int_equal(count_rekeys(&g).acks, 2);
	vanish_node(g.b);
	world_pass(g.w, SECONDS(3 * 600 + 100));
	assert_int_equal(node_members(g.ks), 1);
	assert_true(node_logged(g.ks, "%GDOI-4-KS_REKEY_NO_ACK: GM 10.1.24.4 did not acknowledge "
	                              "Rekey seq # 1 of group GET_VPN"));
	assert_true(
	    node_logged(g.ks, "%GDOI-4-GM_DELETE: GM 10.1.24.4 deleted from group GET_VPN."));
	world_free(g.w);
}

/*
 * RFC 8263 6: a member that has never acknowledged is not known to have left. It stays until its
 * keys have ended.
 */
static void
test_rfc8263_6_a_member_that_never_acknowledges_stays(void **state)
{
	struct group g = group_new(&short_lived);

	(void)state;
	vanish_node(g.b);
	world_pass(g.w, SECONDS(4 * 600));
	assert_int_equal(node_members(g.ks), 2);
	assert_true(count_rekeys(&g).failures >= 4);
	assert_true(node_logged(g.ks, "%GDOI-4-KS_REKEY_NO_ACK: GM 10.1.24.4"));
	assert_false(node_logged(g.ks, "%GDOI-4-GM_DELETE"));
	world_pass(g.w, SECONDS(300)); /* 600 + 2000 s: the keys it registered with are over */
	assert_int_equal(node_members(g.ks), 1);
	assert_true(
	    node_logged(g.ks, "%GDOI-4-GM_DELETE: GM 10.1.24.4 deleted from group GET_VPN."));
	world_free(g.w);
}

/* --- acknowledgements that are none ----------------------------------------------------------- */

static struct packet answer; /* the first member's */

static unsigned
keep_answer(struct world *w, struct packet *p)
{
	(void)w;
	if (p->n < 28 || p->bytes[18] != 35 || p->path.remote != addr_of("10.1.23.3") || answer.n)
		return 1;
	answer = *p;
	answer.bytes = x_memdup(p->bytes, p->n);
	return 0;
}

/* From `from`, with this octet bent; n: no octet. */
static enum drop
answer_bent(struct group *g, const char *from, size_t bent)
{
	struct path path = answer.path;
	uint8_t *bytes = x_memdup(answer.bytes, answer.n);
	enum drop d;

	path.remote = addr_of(from);
	if (bent < answer.n)
		bytes[bent] ^= 1;
	d = core_input(g->ks->core, &path, SPAN(bytes, answer.n), g->w->now);
	world_drain(g->ks);
	free(bytes);
	return d;
}

static void
test_rfc8263_6_wrong_acknowledgements_are_logged(void **state)
{
	struct group g = group_new(&short_lived);

	(void)state;
	answer = (struct packet){.n = 0};
	g.w->fault = keep_answer;
	core_ks_rekey(g.ks->core, NULL, false, g.w->now);
	world_drain(g.ks);
	world_pass(g.w, SECONDS(6));
	g.w->fault = NULL;
	assert_true(answer.n > 0);
	assert_int_equal(count_rekeys(&g).acks, 1);
	/* HASH at 28, SEQ behind it, then ID */
	assert_int_equal(answer_bent(&g, "10.1.23.3", 40), DROP_HASH);
	assert_int_equal(answer_bent(&g, "10.1.23.3", answer.n - 1), DROP_HASH);
	assert_true(node_logged(g.ks, "%GDOI-4-KS_REKEY_ACK_REFUSED: Rekey acknowledgement from "
	                              "10.1.23.3 for group GET_VPN refused: it is malformed, or "
	                              "its HASH is wrong"));
	assert_int_equal(answer_bent(&g, "10.1.99.9", answer.n), DROP_UNEXPECTED);
	assert_true(node_logged(g.ks, "from 10.1.99.9 for group GET_VPN refused: it is no group "
	                              "member"));
	assert_int_equal(answer_bent(&g, "10.1.24.4", answer.n), DROP_REPEAT);
	assert_int_equal(answer_bent(&g, "10.1.23.3", 3), DROP_COOKIE);
	assert_true(node_logged(g.ks, "for group (unknown) refused: its cookies are of no rekey"));
	assert_int_equal(count_rekeys(&g).acks, 1);
	assert_int_equal(answer_bent(&g, "10.1.23.3", answer.n), DROP_NONE);
	assert_int_equal(count_rekeys(&g).acks, 2);
	assert_int_equal(answer_bent(&g, "10.1.23.3", answer.n), DROP_REPEAT);
	free(answer.bytes);
	world_free(g.w);
}

/* An answer that comes when all rounds are over says that the member is alive. */
static void
test_rfc8263_5_a_late_acknowledgement_counts(void **state)
{
	struct group g = group_new(&short_lived);

	(void)state;
	answer = (struct packet){.n = 0};
	g.w->fault = keep_answer;
	core_ks_rekey(g.ks->core, NULL, false, g.w->now);
	world_drain(g.ks);
	world_pass(g.w, SECONDS(6));
	g.w->fault = lose_all;
	world_pass(g.w, SECONDS(60));
	g.w->fault = NULL;
	assert_int_equal(count_rekeys(&g).failures, 1);
	assert_int_equal(answer_bent(&g, "10.1.23.3", answer.n), DROP_NONE);
	assert_int_equal(answer_bent(&g, "10.1.23.3", answer.n), DROP_REPEAT);
	assert_int_equal(count_rekeys(&g).acks, 2);
	free(answer.bytes);
	world_free(g.w);
}

/* Nobody is asked in a multicast group. */
static void
test_rfc8263_5_what_was_not_asked_for_is_refused(void **state)
{
	static const uint8_t head[28] = {[16] = 8, [17] = 0x10, [18] = 35, [27] = 28};
	struct policy_maker m = short_lived;
	uint8_t bytes[28];
	struct group g;

	(void)state;
	m.multicast = true;
	g = group_new(&m);
	memcpy(bytes, head, sizeof(head));
	memcpy(bytes, g.ks->core->kss[0]->kek.sas[KS_OURS].spi, 16);
	answer = (struct packet){
	    .path = {.local = addr_of("10.1.12.1"), .local_port = 848, .remote_port = 848},
	    .bytes = bytes,
	    .n = sizeof(bytes)};
	assert_int_equal(answer_bent(&g, "10.1.23.3", answer.n), DROP_UNEXPECTED);
	assert_true(node_logged(g.ks, "for group GET_VPN refused: no rekey waits for it"));
	world_free(g.w);
}

static void
test_cut_off(void **state)
{
	struct group g = group_new(&short_lived);

	(void)state;
	g.w->fault = lose_all;
	world_pass(g.w, SECONDS(3600));
	assert_false(node_registered(g.a));
	g.w->fault = NULL;
	world_pass(g.w, SECONDS(120));
	assert_true(node_registered(g.a) && node_registered(g.b));
	assert_true(node_hears(g.a, g.b) && node_hears(g.b, g.a));
	world_free(g.w);
}

static void
test_rekey_commands(void **state)
{
	struct group g = group_new(&short_lived);
	uint32_t before = node_sender(g.a)->spi;

	(void)state;
	assert_true(core_ks_rekey(g.ks->core, "GET_VPN", false, g.w->now));
	assert_false(core_ks_rekey(g.ks->core, "OTHER", false, g.w->now));
	world_drain(g.ks);
	all_the_time(&g, SECONDS(85));
	assert_int_not_equal(node_sender(g.a)->spi, before); /* shortened: 90 s, not 600 */
	world_pass(g.w, SECONDS(10));
	assert_int_equal(g.a->dp.n_sas, 1);
	before = node_sender(g.a)->spi;
	assert_true(core_ks_rekey(g.ks->core, NULL, true, g.w->now));
	world_drain(g.ks);
	world_pass(g.w, SECONDS(2));
	assert_int_equal(g.a->dp.n_sas, 1);
	assert_int_not_equal(node_sender(g.a)->spi, before);
	assert_true(node_hears(g.a, g.b));
	assert_int_equal(count_rekeys(&g).registrations, 2);
	world_free(g.w);
}

/* Drops what is sent to B until the given time. */
static unsigned
deafen_second(struct world *w, struct packet *p)
{
	return !(p->path.local == addr_of("10.1.24.4") && w->now < *(msec *)w->fault_arg);
}

/* A rekey that comes under a new KEK waits for those that have not heard of the KEK. */
static void
test_rekeys_in_a_row(void **state)
{
	struct group g = group_new(&short_lived);
	msec until = g.w->now + SECONDS(5);

	(void)state;
	g.w->fault = deafen_second;
	g.w->fault_arg = &until;
	for (int i = 0; i < 3; i++) {
		core_ks_rekey(g.ks->core, NULL, i == 2, g.w->now);
		world_drain(g.ks);
		world_pass(g.w, SECONDS(1));
	}
	world_pass(g.w, SECONDS(60));
	assert_int_equal(g.a->core->gms[0]->rekeys_received, 2);
	assert_int_equal(g.b->core->gms[0]->rekeys_received, 2);
	assert_true(node_hears(g.a, g.b) && node_hears(g.b, g.a));
	assert_int_equal(g.a->dp.n_sas, 1);
	assert_int_equal(g.b->dp.n_sas, 1);
	assert_int_equal(count_rekeys(&g).registrations, 2);
	world_free(g.w);
}

static void
test_removal(void **state)
{
	struct group g = group_new(&short_lived);
	struct policy_maker only_a = short_lived;
	uint32_t old = node_sender(g.b)->spi;

	(void)state;
	only_a.only = "10.1.23.3";
	node_set(g.ks, policy_server(&only_a, addr_of("10.1.12.1")));
	world_pass(g.w, SECONDS(1));
	assert_true(core_ks_clear_members(g.ks->core, NULL, false, g.w->now));
	world_drain(g.ks);
	world_pass(g.w, SECONDS(200));
	assert_true(node_logged(g.b, "%GDOI-4-GM_RECV_DELETE: GM received delete-msg from KS in "
	                             "group GET_VPN. TEKs lifetime are reduced and re-registration "
	                             "will start before SA expiry"));
	assert_int_equal(node_members(g.ks), 1);
	assert_true(node_registered(g.a));
	assert_int_not_equal(node_sender(g.a)->spi, old);
	assert_false(node_hears(g.a, g.b)); /* its old keys are of no use */
	assert_int_equal(g.b->dp.n_sas, 0);
	assert_true(g.b->dp.n_entries > 0); /* and its door is closed */
	world_free(g.w);
}

static void
test_removal_now(void **state)
{
	struct group g = group_new(&short_lived);

	(void)state;
	assert_true(core_ks_clear_members(g.ks->core, NULL, true, g.w->now));
	world_drain(g.ks);
	world_pass(g.w, 500);
	assert_int_equal(g.a->dp.n_sas, 0);
	assert_true(g.a->dp.n_entries > 0);
	world_pass(g.w, SECONDS(30));
	assert_true(node_registered(g.a) && node_registered(g.b));
	assert_true(node_hears(g.a, g.b) && node_hears(g.b, g.a));
	assert_int_equal(node_members(g.ks), 2);
	world_free(g.w);
}

static void
test_policy_change(void **state)
{
	struct group g = group_new(&short_lived);
	struct policy_maker other = short_lived;

	(void)state;
	other.suite = (struct esp_suite){CIPHER_AES_256, HASH_SHA256};
	node_set(g.ks, policy_server(&other, addr_of("10.1.12.1")));
	all_the_time(&g, SECONDS(120));
	assert_int_equal(node_sender(g.a)->suite.cipher, CIPHER_AES_256);
	assert_int_equal(count_rekeys(&g).registrations, 2);
	world_free(g.w);
}

/*
 * `no rekey transport unicast`: the rekey that brings the KEK for multicast still goes to each
 * member, and says that none acknowledges any more. On the way back they are asked by it.
 */
static void
rfc8263_7_2_the_most_recent_kek_says_who_acknowledges(void **state)
{
	struct policy_maker m = short_lived;
	struct group g = group_new(&m);

	(void)state;
	for (int turn = 0; turn < 2; turn++) {
		m.multicast = !turn;
		node_set(g.ks, policy_server(&m, g.ks->addr));
		world_pass(g.w, SECONDS(100));
		assert_int_equal(count_rekeys(&g).received, turn + 1);
		assert_false(node_logged(g.ks, "KS_REKEY_NO_ACK"));
		assert_false(node_logged(g.ks, "KS_REKEY_ACK_REFUSED"));
		assert_int_equal(count_rekeys(&g).failures, 0);
	}
	world_free(g.w);
}

static void
test_multicast(void **state)
{
	struct policy_maker m = short_lived;
	struct group g;
	struct counts c;

	(void)state;
	m.multicast = true;
	g = group_new(&m);
	assert_int_equal(g.a->joined, 0xef010101);
	all_the_time(&g, SECONDS(4 * 3600));
	c = count_rekeys(&g);
	assert_int_equal(c.registrations, 2);
	assert_true(c.received >= 24);
	assert_int_equal(c.acks, 0);
	assert_true(node_logged(g.ks, "%GDOI-5-KS_SEND_MCAST_REKEY: Sending Multicast Rekey for "
	                              "group GET_VPN from address 10.1.12.1 to 239.1.1.1 with seq "
	                              "# 1"));
	g.w->fault = bad_weather;
	all_the_time(&g, SECONDS(4 * 3600));
	core_clear_group(g.a->core, NULL, g.w->now);
	world_drain(g.a);
	assert_int_equal(g.a->joined, 0);
	world_free(g.w);
}

static void
rfc6407_5_3_multicast_to_another_port(void **state)
{
	struct policy_maker m = short_lived;
	struct group g;

	(void)state;
	m.multicast = true;
	m.group_port = 5848;
	g = group_new(&m);
	assert_int_equal(g.a->joined, 0xef010101);
	assert_int_equal(g.a->joined_port, 5848);
	all_the_time(&g, SECONDS(2 * 3600));
	assert_int_equal(count_rekeys(&g).registrations, 2);
	core_clear_group(g.a->core, NULL, g.w->now);
	world_drain(g.a);
	assert_int_equal(g.a->joined_port, 0);
	world_free(g.w);
}

static void
test_server_crash(void **state)
{
	struct group g = group_new(&short_lived);

	(void)state;
	node_boot(g.ks);
	world_pass(g.w, SECONDS(700));
	assert_true(node_registered(g.a) && node_registered(g.b));
	assert_true(node_hears(g.a, g.b) && node_hears(g.b, g.a));
	assert_int_equal(node_members(g.ks), 2);
	world_free(g.w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_keys_roll_by_rekey),
	    cmocka_unit_test(test_bad_weather),
	    cmocka_unit_test(test_a_month),
	    cmocka_unit_test(test_bare_hash),
	    cmocka_unit_test(rfc6407_5_4_1_delays),
	    cmocka_unit_test(rfc6407_7_3_4_repeated_and_forged_rekeys),
	    cmocka_unit_test(rfc6407_4_4_sequence_and_signature),
	    cmocka_unit_test(test_another_key),
	    cmocka_unit_test(test_silent_member),
	    cmocka_unit_test(test_rfc8263_6_a_member_that_never_acknowledges_stays),
	    cmocka_unit_test(test_rfc8263_6_wrong_acknowledgements_are_logged),
	    cmocka_unit_test(test_rfc8263_5_a_late_acknowledgement_counts),
	    cmocka_unit_test(test_rfc8263_5_what_was_not_asked_for_is_refused),
	    cmocka_unit_test(test_cut_off),
	    cmocka_unit_test(test_rekey_commands),
	    cmocka_unit_test(test_rekeys_in_a_row),
	    cmocka_unit_test(test_removal),
	    cmocka_unit_test(test_removal_now),
	    cmocka_unit_test(test_policy_change),
	    cmocka_unit_test(test_server_crash),
	    cmocka_unit_test(rfc8263_7_2_the_most_recent_kek_says_who_acknowledges),
	    cmocka_unit_test(test_multicast),
	    cmocka_unit_test(rfc6407_5_3_multicast_to_another_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
