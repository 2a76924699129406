/* SPDX-License-Identifier: Apache-2.0 */
/* Registration between cores: main mode and GROUPKEY-PULL, in fair weather and foul. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "runtime/core/core_priv.h"
#include "compiler/policy/protocol.h"
#include "runtime/wire/isakmp.h"
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

static bool
scratch_holds(const struct core *c, struct span key)
{
	size_t at = 0;

	while (at + key.n <= ISAKMP_MESSAGE_MAX && memcmp(c->scratch + at, key.p, key.n) != 0)
		at++;
	return at + key.n <= ISAKMP_MESSAGE_MAX;
}

/* Where messages are built and decrypted, no key stays behind. */
static void
test_keys_are_wiped(void **state)
{
	static const struct policy_maker usual = {0};
	struct world *w = world_new();
	struct node_under_test *ks = world_server(w, &usual),
			       *a = world_member(w, &usual, "10.1.23.3");

	(void)state;
	world_pass(w, SECONDS(2));
	assert_true(node_registered(a));
	assert_false(scratch_holds(a->core, a->dp.sas[0].enc_key));
	assert_false(scratch_holds(ks->core, a->dp.sas[0].enc_key));
	world_free(w);
}

/* One server, one member, this fault; true when the member has registered within `time`. */
struct scene {
	unsigned (*fault)(struct world *w, struct packet *p);
	unsigned which; /* the datagram to spoil, from 1 */
	size_t where;   /* octet */
	size_t seen;    /* size of that datagram */
};

static bool
play_scene(const struct policy_maker *m, struct scene *scene, msec time)
{
	struct world *w = world_new();
	struct node_under_test *member;
	bool yes;

	if (scene) {
		w->fault = scene->fault;
		w->fault_arg = scene;
	}
	world_server(w, m);
	member = world_member(w, m, "10.1.23.3");
	world_pass(w, time);
	yes = node_registered(member);
	world_free(w);
	return yes;
}

static void
rfc2409_6_groups(void **state)
{
	static const uint16_t groups[] = {1, 2, 5, 14, 15, 16, 19, 20, 21};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(groups); i++)
		assert_true(
		    play_scene(&(struct policy_maker){.group = groups[i]}, NULL, SECONDS(1)));
}

static void
rfc2409_4_suites(void **state)
{
	enum cipher_id c;
	enum hash_id h;

	(void)state;
	for (c = CIPHER_NULL + 1; c < CIPHER_COUNT; c++)
		if (esp_suite_protects(&(struct esp_suite){c, HASH_NONE}))
			assert_true(play_scene(&(struct policy_maker){.suite = {c, HASH_NONE}},
			                       NULL, SECONDS(1)));
	for (c = CIPHER_NULL + 1; c < CIPHER_COUNT; c++)
		for (h = HASH_MD5; cipher_row(c)->use[USE_IKE].word && h < HASH_COUNT; h++) {
			struct policy_maker m = {
			    .cipher = c, .hash = h, .suite = {c, h}, .transport = c & 1};

			if (c == CIPHER_DES && !crypto_has_des())
				continue;
			assert_true(play_scene(&m, NULL, SECONDS(1)));
		}
	assert_true(play_scene(&(struct policy_maker){.no_rekey = true}, NULL, SECONDS(1)));
	assert_true(play_scene(&(struct policy_maker){.suite = {CIPHER_NULL, HASH_SHA256}}, NULL,
	                       SECONDS(1)));
	assert_true(play_scene(&(struct policy_maker){.suite = {CIPHER_AES_256, HASH_NONE}}, NULL,
	                       SECONDS(1)));
}

/* --- each message spoiled once ---------------------------------------------------------------- */

#define MESSAGES 10 /* six of main mode, four of GROUPKEY-PULL */

static bool
its_turn(struct world *w, struct packet *p)
{
	struct scene *s = w->fault_arg;

	if (w->sent != s->which)
		return false;
	s->seen = p->n;
	return true;
}

static unsigned
lose_packet(struct world *w, struct packet *p)
{
	return its_turn(w, p) ? 0 : 1;
}

static unsigned
double_packet(struct world *w, struct packet *p)
{
	return its_turn(w, p) ? 2 : 1;
}

static unsigned
all_twice(struct world *w, struct packet *p)
{
	(void)w;
	(void)p;
	return 2;
}

static unsigned
delay_packet(struct world *w, struct packet *p)
{
	if (its_turn(w, p))
		w->delay = SECONDS(3); /* behind its own retransmission */
	return 1;
}

static unsigned
cut_packet(struct world *w, struct packet *p)
{
	struct scene *s = w->fault_arg;

	if (its_turn(w, p) && s->where < p->n)
		p->n = s->where;
	return 1;
}

static unsigned
corrupt_packet(struct world *w, struct packet *p)
{
	struct scene *s = w->fault_arg;

	if (its_turn(w, p) && s->where < p->n)
		p->bytes[s->where] ^= (uint8_t)(1u << (s->where + s->which) % 8);
	return 1;
}

static void
test_each_message(void **state)
{
	static unsigned (*const faults[])(struct world *, struct packet *) = {
	    lose_packet, double_packet, delay_packet, all_twice};
	static const struct policy_maker usual = {0};
	unsigned which;
	size_t i;

	(void)state;
	for (which = 1; which <= MESSAGES; which++)
		for (i = 0; i < ARRAY_SIZE(faults); i++) {
			struct scene s = {.fault = faults[i], .which = which};

			assert_true(play_scene(&usual, &s, SECONDS(20)));
		}
}

static void
each_octet(unsigned (*fault)(struct world *, struct packet *))
{
	static const struct policy_maker usual = {0};
	unsigned which;

	for (which = 1; which <= MESSAGES; which++) {
		struct scene s = {.fault = fault, .which = which, .seen = 1};

		for (s.where = 0; s.where < s.seen; s.where++)
			if (!play_scene(&usual, &s, SECONDS(120)))
				fail_msg("message %u, octet %zu", which, s.where);
	}
}

static void
test_each_length(void **state)
{
	(void)state;
	each_octet(cut_packet);
}

static void
rfc2409_10_each_message_corrupted(void **state)
{
	(void)state;
	each_octet(corrupt_packet);
}

static unsigned
storm_packets(struct world *w, struct packet *p)
{
	uint8_t r[4];

	(void)p;
	crypto_random(r, sizeof(r));
	if (w->now > SECONDS(300))
		return 1;
	if (r[0] < 64)
		p->bytes[r[1] % p->n] ^= r[2];
	w->delay = r[3] * 10;
	return r[0] < 77 ? 0 : r[0] < 100 ? 2 : 1;
}

static void
test_storm(void **state)
{
	static const struct policy_maker usual = {0};
	struct scene s = {.fault = storm_packets};
	unsigned seed;

	(void)state;
	for (seed = 1; seed <= 50; seed++) {
		crypto_random_seed(seed);
		if (!play_scene(&usual, &s, SECONDS(500)))
			fail_msg("seed %u", seed);
	}
}

/* --- refusals --------------------------------------------------------------------------------- */

static void
check_refused(const struct policy_maker *ks_wants, const struct policy_maker *gm_wants,
              const char *ks_says, const char *gm_says)
{
	struct world *w = world_new();
	struct node_under_test *ks = world_server(w, ks_wants);
	struct node_under_test *bad = world_member(w, gm_wants, "10.1.23.3");
	struct node_under_test *good;
	struct policy_maker good_wants = *ks_wants;

	world_pass(w, SECONDS(90));
	assert_false(node_registered(bad));
	assert_int_equal(node_members(ks), 0);
	if (ks_says && !node_logged(ks, ks_says))
		fail_msg("server: %s", ks->log);
	if (!node_logged(bad, gm_says))
		fail_msg("member: %s", bad->log);
	assert_int_equal(bad->dp.n_entries, 0); /* still in clear, as IOS */
	good_wants.peer = NULL;
	good = world_member(w, &good_wants, "10.1.24.4");
	world_pass(w, SECONDS(2));
	assert_true(node_registered(good));
	world_free(w);
}

static void
test_refusals(void **state)
{
	static const struct policy_maker usual = {0};

	(void)state;
	check_refused(
	    &usual, &(struct policy_maker){.key = "WRONG"},
	    "%CRYPTO-4-IKMP_BAD_MESSAGE: IKE message from 10.1.23.3 failed its sanity check or "
	    "is malformed: cannot be decrypted, the pre-shared keys probably differ",
	    "no answer to message 5, the pre-shared keys probably differ");
	check_refused(&(struct policy_maker){.only = "10.1.24.4"}, &usual,
	              "%GDOI-1-UNAUTHORIZED_IPADDR: Group GET_VPN received registration from "
	              "unauthorized ip address: 10.1.23.3",
	              "does not authorize this member");
	check_refused(
	    &usual, &(struct policy_maker){.identity = 135},
	    "%GDOI-4-KS_UNKNOWN_GROUP: Registration from 10.1.23.3 for unknown group identity "
	    "135",
	    "has no group of this identity");
	check_refused(&usual, &(struct policy_maker){.group = 2},
	              "%CRYPTO-6-IKMP_MODE_FAILURE: Processing of Main mode failed with peer at "
	              "10.1.23.3: no acceptable proposal",
	              "NO-PROPOSAL-CHOSEN");
	check_refused(
	    &(struct policy_maker){.peer = "10.1.24.4"}, &usual,
	    "%CRYPTO-4-IKMP_NO_PRESHARED_KEY: Pre-shared key for remote peer at 10.1.23.3 is "
	    "missing",
	    "no answer from the key server");
	check_refused(&usual, &(struct policy_maker){.peer = "10.1.99.9"}, NULL,
	              "no pre-shared key for the key server");
}

/* --- strangers -------------------------------------------------------------------------------- */

static void
test_random_datagrams(void **state)
{
	static const struct policy_maker usual = {0};
	struct world *w = world_new();
	struct node_under_test *ks = world_server(w, &usual);
	struct node_under_test *a = world_member(w, &usual, "10.1.23.3");
	struct path path = {.local = ks->addr,
	                    .remote = a->addr,
	                    .local_port = GDOI_PORT,
	                    .remote_port = GDOI_PORT};
	uint8_t buf[600];
	unsigned i;

	(void)state;
	world_pass(w, SECONDS(1));
	for (i = 0; i < 10000; i++) {
		struct node_under_test *to = i & 1 ? ks : a;
		uint16_t size;

		crypto_random(&size, sizeof(size));
		size %= sizeof(buf);
		crypto_random(buf, sizeof(buf));
		if (i & 2 && size > 28) { /* a header that makes sense */
			static const uint8_t exchanges[] = {2, 5, 32, 33};

			buf[17] = 0x10;
			buf[18] = exchanges[i / 4 % 4];
			buf[19] = i & 64 ? 1 : 0;
			memset(buf + 24, 0, 4);
			buf[26] = (uint8_t)(size >> 8);
			buf[27] = (uint8_t)size;
			if (i & 16)
				memset(buf + 8, 0, 8);
			if (i & 32)
				memset(buf + 20, 0, 4);
		}
		path.local = to->addr;
		path.remote = to == ks ? a->addr : ks->addr;
		core_input(to->core, &path, SPAN(buf, size), w->now);
		world_drain(to);
	}
	world_pass(w, SECONDS(100));
	assert_true(node_registered(a));
	assert_true(core_drops(ks->core)[DROP_MALFORMED] > 0);
	assert_true(core_drops(ks->core)[DROP_COOKIE] > 0);
	world_free(w);
}

/* The first datagram a node sends, kept. */
static unsigned
keep_first(struct world *w, struct packet *p)
{
	struct packet *kept = w->fault_arg;

	if (!kept->bytes) {
		kept->bytes = x_memdup(p->bytes, p->n);
		kept->n = p->n;
	}
	return 0;
}

static void
test_cookie_flood(void **state)
{
	static const struct policy_maker usual = {0};
	struct world *w = world_new();
	struct node_under_test *ks = world_server(w, &usual), *a;
	struct packet first = {0};
	struct path path = {.local = ks->addr, .local_port = GDOI_PORT, .remote_port = GDOI_PORT};
	unsigned i;
	struct core_out out;
	struct arena *arena = arena_new();
	size_t n;

	(void)state;
	w->fault = keep_first;
	w->fault_arg = &first;
	a = world_member(w, &usual, "10.1.23.3");
	world_pass(w, 0);
	w->fault = NULL;
	assert_non_null(first.bytes);
	for (i = 0; i < 100000; i++) {
		path.remote = 0x0b000000 + i;
		crypto_random(first.bytes, 8);
		first.bytes[first.n - 1] = (uint8_t)i; /* the lifetime: distinct offers */
		first.bytes[first.n - 2] = (uint8_t)(i >> 8);
		core_input(ks->core, &path, SPAN(first.bytes, first.n), w->now);
		while (core_poll(ks->core, &out))
			assert_int_equal(out.kind, CORE_DATAGRAM); /* no Diffie-Hellman */
		if (i == 50000)                                    /* in the middle of it */
			world_pass(w, SECONDS(5));
	}
	assert_true(node_registered(a));
	core_snap_isakmp(ks->core, w->now, arena, &n);
	assert_int_equal(n, 1); /* the member's; nothing of the others' */
	arena_free(arena);
	free(first.bytes);
	world_free(w);
}

/* --- a long life ------------------------------------------------------------------------------ */

/* Every member hears every other at any moment of a day, though keys roll all the time. */
static void
live_a_day(const struct policy_maker *m, unsigned (*fault)(struct world *, struct packet *))
{
	struct world *w = world_new();
	struct node_under_test *ks = world_server(w, m);
	struct node_under_test *a = world_member(w, m, "10.1.23.3");
	struct node_under_test *b = world_member(w, m, "10.1.24.4");
	uint32_t last = 0, spi;
	unsigned rolls = 0;
	msec end;

	world_pass(w, SECONDS(5));
	w->fault = fault;
	for (end = w->now + SECONDS(86400); w->now < end; world_pass(w, SECONDS(1))) {
		if (!node_hears(a, b) || !node_hears(b, a))
			fail_msg("silence after %lld s", (long long)w->now / 1000);
		spi = node_sender(a)->spi;
		rolls += spi != last;
		last = spi;
	}
	assert_int_equal(node_members(ks), 2);
	assert_true(rolls >= 86400 / (m->tek_lifetime ? m->tek_lifetime : 3600));
	world_free(w);
}

static unsigned
drop_some(struct world *w, struct packet *p)
{
	uint8_t r;

	(void)w;
	(void)p;
	crypto_random(&r, 1);
	return r < 25 ? 0 : r > 240 ? 2 : 1;
}

static void
test_day(void **state)
{
	(void)state;
	crypto_random_seed(7);
	live_a_day(&(struct policy_maker){0}, NULL);
	live_a_day(&(struct policy_maker){.tek_lifetime = 600, .kek_lifetime = 1200}, drop_some);
	live_a_day(&(struct policy_maker){.tek_lifetime = 120, .ike_lifetime = 60}, NULL);
	live_a_day(&(struct policy_maker){.tek_lifetime = 7200, .no_rekey = true}, drop_some);
}

/* --- configuration and commands --------------------------------------------------------------- */

static void
test_apply(void **state)
{
	static const struct policy_maker usual = {0};
	struct world *w = world_new();
	struct node_under_test *ks = world_server(w, &usual);
	struct node_under_test *a = world_member(w, &usual, "10.1.23.3");
	unsigned sent, count;
	uint32_t spi;

	(void)state;
	world_pass(w, SECONDS(2));
	sent = w->sent;
	count = a->dp.count;
	spi = node_sender(a)->spi;
	node_set(a, policy_member(&usual, a->addr));
	node_set(ks, policy_server(&usual, ks->addr));
	world_pass(w, SECONDS(60));
	assert_int_equal(w->sent, sent);
	assert_int_equal(a->dp.count, count);
	/* the map is taken off and put back */
	node_set(a, policy_member(&(struct policy_maker){.not_applied = true}, a->addr));
	assert_int_equal(a->dp.cleared, 1);
	node_set(a, policy_member(&usual, a->addr));
	world_pass(w, SECONDS(2));
	assert_true(node_registered(a));
	assert_int_equal(node_sender(a)->spi, spi); /* the server's key has not changed */
	/* another policy of the server's: whoever comes gets a new key besides */
	node_set(ks, policy_server(&(struct policy_maker){.permit_net = "172.16.0.0"}, ks->addr));
	core_clear_group(a->core, NULL, w->now);
	world_drain(a);
	assert_int_equal(a->dp.n_entries, 0);
	world_pass(w, SECONDS(2));
	assert_int_equal(a->dp.n_sas, 2);
	assert_int_equal(a->dp.entries[1].selector.src, addr_of("172.16.0.0"));
	/* another group: the old keys go */
	node_set(a, policy_member(&(struct policy_maker){.identity = 7}, a->addr));
	assert_int_equal(a->dp.n_sas, 0);
	world_free(w);
}

/*
 * The server was started again, and knows the member's phase 1 no more: after a few messages
 * without an answer the member begins a new one, and does not wait for all of them to be in vain.
 */
static void
test_a_lost_phase1_is_given_up_soon(void **state)
{
	struct policy_maker both = {.servers = {"10.1.12.1", "10.1.99.9"}};
	struct world *w = world_new();
	struct node_under_test *ks = world_server(w, &both), *a;

	(void)state;
	a = world_member(w, &both, "10.1.23.3");
	world_pass(w, SECONDS(2));
	assert_true(node_registered(a));
	node_boot(ks);
	core_clear_group(a->core, NULL, w->now);
	world_drain(a);
	world_pass(w, SECONDS(10));
	assert_true(node_registered(a));
	assert_int_equal(node_members(ks), 1);
	assert_false(node_logged(a, "GM_REGS_FAILED"));
	world_free(w);
}

/* A configuration typed line by line leaves one key; lists of any length go through or are refused.
 */
static void
test_lists(void **state)
{
	static const struct policy_maker usual = {0};
	struct world *w = world_new();
	struct node_under_test *ks = world_server(w, &usual), *a = NULL;
	struct selector s[POLICY_SELECTORS_MAX];
	unsigned n, i;

	(void)state;
	for (n = 1; n <= POLICY_SELECTORS_MAX; n++) {
		struct policy *p = policy_server(&usual, ks->addr);
		struct policy_sa *sa = (struct policy_sa *)(uintptr_t)p->groups[0].server.sas;

		s[n - 1] = (struct selector){.permit = n % 2,
		                             .src = 0x0a000000 + n,
		                             .src_mask = UINT32_MAX,
		                             .dst_mask = n % 3 ? 0xff00ff00 : 0};
		sa->selectors = memcpy(arena_alloc(p->arena, sizeof(s)), s, sizeof(s));
		sa->n_selectors = n;
		node_set(ks, p);
		if (n == 3) {
			a = world_member(w, &usual, "10.1.23.3");
			world_pass(w, SECONDS(1));
			assert_int_equal(a->dp.n_sas, 1);
		}
	}
	core_clear_group(a->core, "GET_VPN", w->now);
	world_drain(a);
	world_pass(w, SECONDS(1));
	assert_int_equal(a->dp.n_sas, 2); /* the one it had, and one for all the changes since */
	assert_int_equal(a->dp.n_entries, POLICY_SELECTORS_MAX);
	for (i = 0; i < POLICY_SELECTORS_MAX; i++)
		assert_true(selector_equal(&a->dp.entries[i].selector, &s[i]));
	world_free(w);
}

static void
test_clear_isakmp(void **state)
{
	static const struct policy_maker usual = {0};
	struct world *w = world_new();
	struct node_under_test *ks = world_server(w, &usual);
	struct node_under_test *a = world_member(w, &usual, "10.1.23.3");
	struct arena *arena = arena_new();
	size_t n;

	(void)state;
	world_pass(w, SECONDS(2));
	core_clear_isakmp(a->core, w->now);
	world_drain(a);
	world_pass(w, SECONDS(1));
	core_snap_isakmp(ks->core, w->now, arena, &n);
	assert_int_equal(n, 0); /* a Delete has told it */
	assert_true(node_registered(a));
	arena_free(arena);
	world_free(w);
}

static void
test_reboots(void **state)
{
	static const struct policy_maker usual = {.tek_lifetime = 600};
	struct world *w = world_new();
	struct node_under_test *ks = world_server(w, &usual);
	struct node_under_test *a = world_member(w, &usual, "10.1.23.3");
	struct node_under_test *b = world_member(w, &usual, "10.1.24.4");

	(void)state;
	world_pass(w, SECONDS(2));
	node_boot(a); /* a member: registers as if new */
	world_pass(w, SECONDS(2));
	assert_true(node_registered(a) && node_hears(a, b) && node_hears(b, a));
	assert_int_equal(node_members(ks), 2);
	node_boot(ks); /* the server restarts: its members find out when they register again */
	world_pass(w, SECONDS(700));
	assert_int_equal(node_members(ks), 2);
	assert_true(node_hears(a, b) && node_hears(b, a));
	world_free(w);
}

static void
test_second_server(void **state)
{
	static const struct policy_maker usual = {0};
	static const struct policy_maker two = {.servers = {"10.1.99.9", "10.1.12.1"}};
	struct world *w = world_new();
	struct node_under_test *a;

	(void)state;
	world_server(w, &usual);
	a = world_member(w, &two, "10.1.23.3");
	world_pass(w, SECONDS(60));
	assert_true(node_registered(a));
	assert_true(node_logged(a, "%CRYPTO-5-GM_CONN_NEXT_SER"));
	world_free(w);
}

static void
test_install_fails(void **state)
{
	static const struct policy_maker usual = {0};
	struct world *w = world_new();
	struct node_under_test *a;

	(void)state;
	world_server(w, &usual);
	a = world_member(w, &usual, "10.1.23.3");
	a->dp.error = -12;
	world_pass(w, SECONDS(10));
	assert_true(node_logged(a, "cannot install the policy"));
	assert_false(node_logged(a, "GM_REGS_COMPL"));
	/* The policy is known and not in force: the interface is to be shut (fail_close.h). */
	assert_true(core_group_should_guard(a->core, "GET_VPN", "FastEthernet0/0"));
	assert_false(core_group_guards(a->core, "GET_VPN", "FastEthernet0/0"));
	a->dp.error = 0;
	world_pass(w, SECONDS(90));
	assert_true(node_logged(a, "GM_REGS_COMPL"));
	assert_int_equal(a->dp.n_sas, 1);
	assert_true(core_group_guards(a->core, "GET_VPN", "FastEthernet0/0"));
	world_free(w);
}

/* `client transform-sets`: what is not accepted is refused, and said so (RFC 6407 3.3). */
static void
rfc6407_3_3_transform_not_accepted(void **state)
{
	static const struct esp_suite tdes = {CIPHER_3DES, HASH_SHA1},
				      aes = {CIPHER_AES_128, HASH_SHA1};
	struct policy_maker m = {.accepts = &tdes};
	struct world *w = world_new();
	struct node_under_test *a, *b;

	(void)state;
	(void)world_server(w, &m); /* 3DES and SHA-1 */
	a = world_member(w, &m, "10.1.23.3");
	m.accepts = &aes;
	b = world_member(w, &m, "10.1.24.4");
	world_pass(w, SECONDS(5));
	assert_true(node_registered(a));
	assert_false(node_registered(b));
	assert_int_equal(b->dp.n_sas, 0);
	assert_true(node_logged(
	    b, "a transform that client transform-sets or crypto engine legacy does not allow"));
	world_free(w);
}

/* `crypto engine legacy disable`: a member takes no keys of DES, 3DES, MD5 or SHA-1. */
static void
test_legacy_is_refused(void **state)
{
	struct policy_maker m = {.no_legacy = true};
	struct world *w = world_new();
	struct node_under_test *a, *b;

	(void)state;
	(void)world_server(w, &m); /* 3DES and SHA-1 */
	a = world_member(w, &m, "10.1.23.3");
	m.no_legacy = false;
	b = world_member(w, &m, "10.1.24.4");
	world_pass(w, SECONDS(5));
	assert_false(node_registered(a));
	assert_int_equal(a->dp.n_sas, 0);
	assert_true(node_registered(b));
	world_free(w);
}

/* Phase 1 of before ends, too: no keys go over what is refused. */
static void
test_legacy_phase1_ends(void **state)
{
	struct policy_maker m = {.no_legacy = false}, weak = {.group = 2};
	struct world *w = world_new();
	struct node_under_test *ks = world_server(w, &weak),
			       *gm = world_member(w, &weak, "10.1.23.3");
	struct policy *p;

	(void)state;
	world_pass(w, SECONDS(5));
	assert_true(node_registered(gm));
	assert_int_equal(ks->core->ike.n_sas, 1);
	p = policy_server(&weak, addr_of("10.1.12.1"));
	p->no_legacy = true;
	p->n_isakmp = 0; /* as the compiler leaves it out */
	node_set(ks, p);
	assert_int_equal(ks->core->ike.n_sas, 0);
	world_pass(w, SECONDS(1));
	assert_int_equal(gm->core->ike.n_sas, 0);
	assert_true(node_registered(gm)); /* what it has stays in force */
	p = policy_server(&m, addr_of("10.1.12.1"));
	p->no_legacy = true;
	node_set(ks, p);
	assert_int_equal(ks->core->ike.n_sas, 0);
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rfc6407_3_3_transform_not_accepted),
	    cmocka_unit_test(test_a_lost_phase1_is_given_up_soon),
	    cmocka_unit_test(test_legacy_is_refused),
	    cmocka_unit_test(test_legacy_phase1_ends),
	    cmocka_unit_test(test_two_members),
	    cmocka_unit_test(rfc2409_6_groups),
	    cmocka_unit_test(rfc2409_4_suites),
	    cmocka_unit_test(test_keys_are_wiped),
	    cmocka_unit_test(test_each_message),
	    cmocka_unit_test(test_each_length),
	    cmocka_unit_test(rfc2409_10_each_message_corrupted),
	    cmocka_unit_test(test_storm),
	    cmocka_unit_test(test_refusals),
	    cmocka_unit_test(test_random_datagrams),
	    cmocka_unit_test(test_cookie_flood),
	    cmocka_unit_test(test_apply),
	    cmocka_unit_test(test_lists),
	    cmocka_unit_test(test_clear_isakmp),
	    cmocka_unit_test(test_reboots),
	    cmocka_unit_test(test_second_server),
	    cmocka_unit_test(test_install_fails),
	    cmocka_unit_test(test_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
