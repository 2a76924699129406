/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Floods: what strangers send at any rate leaves the members their log lines, their notifications,
 * their offers and their half-open exchanges.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/policy/protocol.h"
#include "runtime/core/core_priv.h"
#include "runtime/core/offers.h"
#include "tests/protocol/message5.h"

static const struct policy_maker usual = {0};

static struct path
path_from(const struct node_under_test *n, uint32_t source)
{
	return (struct path){
	    .local = n->addr, .remote = source, .local_port = GDOI_PORT, .remote_port = GDOI_PORT};
}

/* Header and payloads in clear; false cookies. */
static struct span
junk_message(struct wr *w, uint8_t exchange)
{
	struct isakmp_header h = {.version = ISAKMP_VERSION,
	                          .exchange = exchange,
	                          .cookie_i = {1, 2, 3},
	                          .cookie_r = {4, 5, 6},
	                          .message_id = exchange == EXCHANGE_MAIN ? 0 : 7};

	isakmp_header_put(w, &h);
	isakmp_finish(w);
	return wr_done(w);
}

/* Every kind of message without an SA, n of each, each from another address. */
static void
flood_with_junk(struct node_under_test *ks, unsigned n)
{
	static const uint8_t kinds[] = {
	    EXCHANGE_MAIN,          EXCHANGE_INFORMATIONAL,     EXCHANGE_GROUPKEY_PULL,
	    EXCHANGE_GROUPKEY_PUSH, EXCHANGE_GROUPKEY_PUSH_ACK, 77};

	for (unsigned i = 0; i < n; i++)
		for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
			uint8_t buf[64];
			struct wr w = wr_buf(buf, sizeof(buf));
			struct path path = path_from(ks, 0x14000000 + i * 2654435761u % 0x1000000);

			core_input(ks->core, &path, junk_message(&w, kinds[k]), ks->world->now);
		}
	world_drain(ks);
}

static size_t
count_lines(const struct node_under_test *n, const char *what)
{
	size_t count = 0;

	for (const char *p = n->log; (p = strstr(p, what)); p++)
		count++;
	return count;
}

/* What goes to strangers gets lost. */
static unsigned
lose_strangers(struct world *w, struct packet *p)
{
	(void)w;
	return p->path.local >> 24 == 10;
}

/* --- log lines -------------------------------------------------------------------------------- */

static void
test_a_registration_is_always_logged(void **state)
{
	struct world *w = world_new();
	struct node_under_test *ks = world_server(w, &usual);

	(void)state;
	w->fault = lose_strangers;
	for (int i = 0; i < 8; i++) {
		char addr[ADDR_TEXT_MAX];

		flood_with_junk(ks, 1000);
		world_member(w, &usual, addr_text(addr_of("10.1.23.3") + (uint32_t)i, addr));
		world_pass(w, SECONDS(1));
	}
	assert_int_equal(count_lines(ks, "KS_REGS_COMPL"), 8);
	assert_in_range(count_lines(ks, "IKMP_NO_SA") + count_lines(ks, "KS_ACK_REFUSED"), 20, 50);
	world_free(w);
}

/* Who has brought back our cookie is not a stranger any more: what is wrong with it is said. */
static void
test_a_wrong_key_is_logged(void **state)
{
	struct policy_maker other = usual;
	struct world *w = world_new();
	struct node_under_test *ks = world_server(w, &usual);

	(void)state;
	w->fault = lose_strangers;
	other.key = "ANOTHER_KEY";
	flood_with_junk(ks, 1000);
	world_member(w, &other, "10.1.23.3");
	world_pass(w, SECONDS(3));
	assert_true(node_logged(ks, "the pre-shared keys probably differ"));
	world_free(w);
}

static void
test_one_stranger_leaves_lines_to_others(void **state)
{
	struct world *w = world_new();
	struct node_under_test *ks = world_server(w, &usual);
	uint8_t buf[64];
	struct wr wr = wr_buf(buf, sizeof(buf));
	struct span dgram = junk_message(&wr, EXCHANGE_MAIN);
	struct path one = path_from(ks, addr_of("10.9.9.9")), other;

	(void)state;
	for (int i = 0; i < 1000; i++)
		core_input(ks->core, &one, dgram, w->now);
	assert_int_equal(count_lines(ks, "10.9.9.9"), LINES_SOURCE.burst);
	other = path_from(ks, addr_of("10.9.9.10"));
	/* they may share a slot by chance */
	if (flood_slot(ks->core, one.remote, FLOOD_SLOTS) ==
	    flood_slot(ks->core, other.remote, FLOOD_SLOTS))
		other.remote++;
	core_input(ks->core, &other, dgram, w->now);
	assert_true(node_logged(ks, "10.9.9.1"));
	world_free(w);
}

/* Once a minute, in counts, and only where something was left out. */
static void
test_what_was_left_out_is_told(void **state)
{
	struct world *w = world_new();
	struct node_under_test *ks = world_server(w, &usual);

	(void)state;
	world_pass(w, SECONDS(130));
	assert_int_equal(count_lines(ks, "IKMP_LEFT_OUT"), 0);
	flood_with_junk(ks, 1000);
	world_pass(w, SECONDS(30));
	flood_with_junk(ks, 1000);
	world_pass(w, SECONDS(200));
	assert_int_equal(count_lines(ks, "IKMP_LEFT_OUT"), 1);
	world_free(w);
}

/* --- notifications ---------------------------------------------------------------------------- */

static void
test_members_are_told_when_strangers_are_not(void **state)
{
	struct world *w = world_new();
	struct node_under_test *ks = world_server(w, &usual), *gm;
	struct ike_sa *sa;
	unsigned before;

	(void)state;
	gm = world_member(w, &usual, "10.1.23.3");
	world_pass(w, SECONDS(3));
	assert_true(node_registered(gm));
	flood_with_junk(ks, 1000);
	before = w->sent;
	flood_with_junk(ks, 100);
	assert_int_equal(w->sent, before);
	sa = ks->core->ike.all;
	for (unsigned i = 0; i < 1000; i++) {
		struct isakmp_header h = {.version = ISAKMP_VERSION, .exchange = 77};
		uint8_t buf[64];
		struct wr wr = wr_buf(buf, sizeof(buf));

		memcpy(h.cookie_i, sa->cookie_i, COOKIE_SIZE);
		memcpy(h.cookie_r, sa->cookie_r, COOKIE_SIZE);
		isakmp_header_put(&wr, &h);
		isakmp_finish(&wr);
		core_input(ks->core, &sa->path, wr_done(&wr), w->now);
	}
	world_drain(ks);
	assert_int_equal(w->sent - before, NOTICES_PEER.burst);
	world_free(w);
}

/* --- offers ----------------------------------------------------------------------------------- */

static uint32_t
any_source(uint32_t i)
{
	return 0x14000000 + (i + 1) * 2654435761u % 0x10000000;
}

/* An SA payload that the server takes, and that differs from those of other numbers. */
static struct span
offer_body(struct wr *w, uint32_t number)
{
	struct phase1_sa sa = {.doi = DOI_GDOI,
	                       .proposal = 1,
	                       .n = 1,
	                       .transforms = {{.number = 1,
	                                       .cipher = CIPHER_AES_128,
	                                       .hash = HASH_SHA1,
	                                       .group = 19,
	                                       .auth = PHASE1_AUTH_PSK,
	                                       .lifetime = 100000 + number}}};

	phase1_sa_put(w, &sa);
	return wr_done(w);
}

static void
send_offer(struct node_under_test *ks, uint32_t source, uint32_t number)
{
	struct isakmp_header h = {
	    .version = ISAKMP_VERSION, .exchange = EXCHANGE_MAIN, .cookie_i = {1, 2, 3}};
	uint8_t buf[256], body[128];
	struct wr w = wr_buf(buf, sizeof(buf)), b = wr_buf(body, sizeof(body));
	struct isakmp_chain chain = ISAKMP_CHAIN;
	struct path path = path_from(ks, source);

	isakmp_header_put(&w, &h);
	isakmp_payload_put(&w, &chain, PAYLOAD_SA, offer_body(&b, number));
	isakmp_finish(&w);
	core_input(ks->core, &path, wr_done(&w), ks->world->now);
}

struct flood_of_offers {
	bool one_source;
	unsigned per_ms;
	msec lasts;
};

/* A member that comes for the first time, while the flood lasts. */
static void
check_member_in_flood(const struct flood_of_offers *f)
{
	struct world *w = world_new();
	struct node_under_test *ks = world_server(w, &usual), *gm;
	uint32_t n = 0;

	w->fault = lose_strangers;
	for (; n < 300000; n++)
		send_offer(ks, f->one_source ? 0x14000001 : any_source(n), n);
	world_drain(ks);
	gm = world_member(w, &usual, "10.1.23.3");
	for (msec t = 0; t < f->lasts; t += WORLD_LATENCY) {
		for (unsigned i = 0; i < f->per_ms * WORLD_LATENCY; i++, n++)
			send_offer(ks, f->one_source ? 0x14000001 : any_source(n), n);
		world_drain(ks);
		world_pass(w, WORLD_LATENCY);
	}
	assert_true(node_registered(gm));
	world_free(w);
}

static void
test_a_member_registers_among_invented_sources(void **state)
{
	(void)state;
	check_member_in_flood(&(struct flood_of_offers){.per_ms = 100, .lasts = 200});
}

static void
test_a_member_registers_beside_one_source(void **state)
{
	(void)state;
	check_member_in_flood(
	    &(struct flood_of_offers){.one_source = true, .per_ms = 100, .lasts = 200});
}

static bool
offer_is_in(const struct node_under_test *ks, enum offer_ring ring, uint32_t number)
{
	uint8_t buf[128];
	struct wr w = wr_buf(buf, sizeof(buf));
	struct span body = offer_body(&w, number);
	const struct ike *ike = &ks->core->ike;

	return offers_has(ike->offers[ring], offers_tag(siphash(ike->offer_key, body)), body);
}

/* What proved more is never displaced by what proved less. */
static void
test_who_has_proved_more_keeps_its_place(void **state)
{
	enum { HERE = 1, TRUSTED, SOME = 300000 };
	struct world *w = world_new();
	struct node_under_test *ks = world_server(w, &usual);
	uint8_t buf[128];
	struct wr one = wr_buf(buf, sizeof(buf));

	(void)state;
	w->fault = lose_strangers;
	ike_offer_reached(ks->core, addr_of("10.1.23.3"), offer_body(&one, HERE));
	one.n = 0;
	ike_offer_trusted(ks->core, addr_of("10.1.23.4"), offer_body(&one, TRUSTED));
	for (uint32_t i = 0; i < SOME; i++) {
		send_offer(ks, any_source(i), 10 + i);
		if (i % 1000 == 0)
			world_drain(ks);
	}
	assert_true(offer_is_in(ks, OFFER_REACHED, HERE));
	assert_false(offer_is_in(ks, OFFER_FRESH, 10));
	for (uint32_t i = 0; i < SOME; i++) {
		struct wr b = wr_buf(buf, sizeof(buf));

		ike_offer_reached(ks->core, any_source(i), offer_body(&b, 10 + SOME + i));
	}
	assert_false(offer_is_in(ks, OFFER_REACHED, HERE));
	assert_true(offer_is_in(ks, OFFER_FRESH, 10 + SOME - 1));
	assert_true(offer_is_in(ks, OFFER_TRUSTED, TRUSTED));
	world_drain(ks);
	world_free(w);
}

/* The same slots in every run: none of the sources below share one by chance. */
static void
fix_slots(struct node_under_test *ks)
{
	ks->core->flood.key = 0x9e3779b97f4a7c15u;
}

/* --- half-open exchanges ---------------------------------------------------------------------- */

/* Message 3 from this source was taken and answered; nothing follows. NULL: it was refused. */
static struct ike_sa *
half_open(struct node_under_test *ks, uint32_t source)
{
	struct path path = path_from(ks, source);
	uint8_t cookie[COOKIE_SIZE];

	if (ike_setup_admit(ks->core, source))
		return NULL;
	crypto_random(cookie, sizeof(cookie));
	return ike_sa_new(ks->core, &path, false, cookie, cookie);
}

static size_t
open_of(const struct node_under_test *ks, uint32_t net)
{
	size_t n = 0;

	for (const struct ike_sa *sa = ks->core->ike.all; sa; sa = sa->next)
		n += sa->setup_net && sa->path.remote >> 8 == net >> 8;
	return n;
}

static void
test_half_open_places_are_shared_by_network(void **state)
{
	struct world *w = world_new();
	struct node_under_test *ks = world_server(w, &usual);
	size_t most = 0;

	(void)state;
	fix_slots(ks);
	/* sixteen networks take all places */
	for (uint32_t i = 0; i < 16 * 256; i++) {
		assert_non_null(half_open(ks, 0x14000000 + i));
		w->now++;
		core_expire(ks->core, w->now);
	}
	assert_int_equal(ike_setups(ks->core), IKE_SETUPS_MAX);
	/* one of theirs has none; anybody else takes the oldest of theirs */
	assert_null(half_open(ks, 0x14000000));
	assert_non_null(half_open(ks, addr_of("10.1.23.3")));
	assert_int_equal(open_of(ks, 0x14000000), 255);
	assert_int_equal(ike_setups(ks->core), IKE_SETUPS_MAX);
	/* a network that grows takes from the larger ones until it is one of them */
	for (uint32_t i = 0; i < 256; i++)
		half_open(ks, addr_of("10.1.24.0") + i);
	for (uint32_t i = 0; i < 16; i++)
		most = open_of(ks, 0x14000000 + i * 256) > most ? open_of(ks, 0x14000000 + i * 256)
		                                                : most;
	assert_in_range(open_of(ks, addr_of("10.1.24.0")), most - 1, most + 1);
	assert_int_equal(ike_setups(ks->core), IKE_SETUPS_MAX);
	world_pass(w, SECONDS(70));
	assert_int_equal(ike_setups(ks->core), 0);
	assert_int_equal(count_lines(ks, "IKMP_HALF_OPEN"), 1);
	assert_true(node_logged(ks, "up to 4096 at a time"));
	world_free(w);
}

/* What a member that is known has begun last gives way to nobody. */
static void
test_a_known_peer_is_not_displaced(void **state)
{
	struct world *w = world_new();
	struct node_under_test *ks = world_server(w, &usual), *gm;
	uint32_t known = addr_of("10.1.23.3");
	struct ike_sa *last = NULL;

	(void)state;
	fix_slots(ks);
	gm = world_member(w, &usual, "10.1.23.3");
	world_pass(w, SECONDS(3));
	assert_true(node_registered(gm));
	assert_non_null(ike_met_find(ks->core, known));
	for (uint32_t i = 0; i < IKE_PEER_SETUPS; i++) {
		last = half_open(ks, known);
		assert_non_null(last);
	}
	assert_null(half_open(ks, known));
	for (uint32_t i = 0; i < 3 * IKE_SETUPS_MAX; i++)
		half_open(ks, 0x14000000 + i * 256);
	assert_int_equal(ike_setups(ks->core), IKE_SETUPS_MAX);
	assert_int_equal(open_of(ks, known), 1);
	assert_ptr_equal(ike_met_find(ks->core, known)->spared, last);
	world_free(w);
}

/* Nor do those who are known keep anybody else out, as the network that has most places. */
static void
test_known_peers_shut_nobody_out(void **state)
{
	struct world *w = world_new();
	struct node_under_test *ks = world_server(w, &usual);
	uint32_t known = addr_of("10.1.23.3");

	(void)state;
	fix_slots(ks);
	world_member(w, &usual, "10.1.23.3");
	world_member(w, &usual, "10.1.23.4");
	world_pass(w, SECONDS(3));
	assert_int_equal(count_lines(ks, "KS_REGS_COMPL"), 2);
	for (uint32_t i = 0; i < 2 * IKE_PEER_SETUPS; i++)
		assert_non_null(half_open(ks, known + i % 2));
	for (uint32_t i = 2 * IKE_PEER_SETUPS; i < IKE_SETUPS_MAX; i++)
		assert_non_null(half_open(ks, 0x14000000 + i * 256));
	assert_non_null(half_open(ks, addr_of("10.1.24.3")));
	assert_int_equal(open_of(ks, known), 2 * IKE_PEER_SETUPS - 1);
	world_free(w);
}

/* A source at its own address has us compute so often, and its network; others are as before. */
static void
test_diffie_hellman_is_rationed(void **state)
{
	struct world *w = world_new();
	struct node_under_test *ks = world_server(w, &usual);
	unsigned n = 0, of_net = 0;

	(void)state;
	fix_slots(ks);
	for (int i = 0; i < 1000; i++) {
		struct ike_sa *sa = half_open(ks, 0x14000001);

		n += sa != NULL;
		if (sa)
			ike_sa_end(sa, "the test has seen it", false);
	}
	assert_int_equal(n, DH_SOURCE.burst);
	for (uint32_t i = 0; i < 1000; i++) {
		struct ike_sa *sa = half_open(ks, 0x14000100 + i % 256);

		of_net += sa != NULL;
		if (sa)
			ike_sa_end(sa, "the test has seen it", false);
	}
	assert_in_range(of_net, DH_NET.burst - 32, DH_NET.burst);
	w->now += SECONDS(4);
	core_expire(ks->core, w->now);
	assert_non_null(half_open(ks, 0x14000001));
	world_free(w);
}

/* Who has authenticated before may have more of it, with an end. */
static void
test_a_known_peer_has_a_larger_ration(void **state)
{
	struct world *w = world_new();
	struct node_under_test *ks = world_server(w, &usual);
	unsigned n = 0;

	(void)state;
	fix_slots(ks);
	world_member(w, &usual, "10.1.23.3");
	world_pass(w, SECONDS(30));
	assert_int_equal(count_lines(ks, "KS_REGS_COMPL"), 1);
	for (int i = 0; i < 1000; i++) {
		struct ike_sa *sa = half_open(ks, addr_of("10.1.23.3"));

		n += sa != NULL;
		if (sa)
			ike_sa_end(sa, "the test has seen it", false);
	}
	/* its registration may have been one of them */
	assert_in_range(n, DH_SOURCE.burst + DH_MET.burst - 1, DH_SOURCE.burst + DH_MET.burst);
	world_free(w);
}

/* --- the budgets of peers --------------------------------------------------------------------- */

/* They are the address's: a new SA of it brings no new ones. */
static void
test_a_new_sa_brings_no_new_budget(void **state)
{
	struct world *w = world_new();
	struct node_under_test *ks = world_server(w, &usual);
	struct ike_sa *sa;
	unsigned lines = 0, notices = 0;

	(void)state;
	fix_slots(ks);
	world_member(w, &usual, "10.1.23.3");
	world_member(w, &usual, "10.1.23.4");
	world_pass(w, SECONDS(60));
	assert_int_equal(count_lines(ks, "KS_REGS_COMPL"), 2);
	for (int i = 0; i < 1000; i++) {
		sa = half_open(ks, addr_of("10.1.23.3"));
		if (!sa)
			break;
		for (int k = 0; k < 1000; k++) {
			lines += flood_peer_may_log(sa);
			notices += flood_peer_may_notify(sa);
		}
	}
	assert_in_range(lines, LINES_PEER.burst - 1, LINES_PEER.burst);
	assert_in_range(notices, NOTICES_PEER.burst - 1, NOTICES_PEER.burst);
	sa = half_open(ks, addr_of("10.1.23.4"));
	assert_non_null(sa);
	assert_true(flood_peer_may_log(sa));
	assert_true(flood_peer_may_notify(sa));
	world_free(w);
}

/* --- messages 5 that are refused -------------------------------------------------------------- */

/* Message 5, this octet of it changed. */
static enum drop
give_bent(struct node_under_test *ks, const struct packet *p, size_t where, uint8_t bits)
{
	uint8_t bytes[2048];

	assert_true(p->n <= sizeof(bytes));
	memcpy(bytes, p->bytes, p->n);
	bytes[where] ^= bits;
	return core_input(ks->core, &p->path, SPAN(bytes, p->n), ks->world->now);
}

/* A server whose member has come as far as message 5, which is kept. */
static struct node_under_test *
server_before_message5(struct world *w, struct packet *ret)
{
	struct node_under_test *ks = world_server(w, &usual);

	w->fault = keep_message5;
	w->fault_arg = ret;
	world_member(w, &usual, "10.1.23.3");
	for (int i = 0; i < 100 && !ret->n; i++)
		world_pass(w, 100);
	assert_true(ret->n > 64);
	assert_int_equal(ike_setups(ks->core), 1);
	return ks;
}

/* The second block has the hash and nothing else. */
enum { AT_HASH = ISAKMP_HEADER + 16 };

/* What is bent or made up on the way ends nothing: the member's own message is still taken. */
static void
test_injected_messages_end_nothing(void **state)
{
	struct world *w = world_new();
	struct packet message5 = {0};
	struct node_under_test *ks = server_before_message5(w, &message5);

	(void)state;
	for (uint8_t i = 1; i < 200; i++)
		assert_int_equal(give_bent(ks, &message5, AT_HASH, i), DROP_HASH);
	for (int i = 0; i < 200; i++) {
		uint8_t bytes[2048];

		memcpy(bytes, message5.bytes, message5.n);
		memset(bytes + ISAKMP_HEADER, i, message5.n - ISAKMP_HEADER);
		assert_int_equal(
		    core_input(ks->core, &message5.path, SPAN(bytes, message5.n), w->now),
		    DROP_DECRYPT);
	}
	assert_int_equal(give_bent(ks, &message5, AT_HASH, 0), DROP_NONE);
	free(message5.bytes);
	world_free(w);
}

/* --- keys of peers ---------------------------------------------------------------------------- */

/* What is looked up for every first message is what the policy says. */
static void
test_keys_are_found_as_the_policy_has_them(void **state)
{
	static const struct {
		uint32_t addr, mask;
	} keys[] = {
	    {0x0a010000, 0xffff0000}, {0x0a011700, 0xffffff00}, {0x0a011703, UINT32_MAX},
	    {0x0a011704, UINT32_MAX}, {0x0a011704, UINT32_MAX}, {0x0a010000, 0xffff0000},
	};
	static const char *const vrfs[] = {NULL, "Red", "Blue"};
	struct policy_psk psks[ARRAY_SIZE(keys)];
	uint8_t names[ARRAY_SIZE(keys)];
	struct policy p = {.psks = psks, .n_psks = ARRAY_SIZE(keys)};
	struct core c = {.policy = &p};

	(void)state;
	for (uint8_t i = 0; i < ARRAY_SIZE(keys); i++) {
		names[i] = i;
		psks[i] = (struct policy_psk){.addr = keys[i].addr,
		                              .mask = keys[i].mask,
		                              .key = SPAN(&names[i], 1),
		                              .vrf = i % 3 == 1 ? "Red" : NULL};
	}
	assert_null(ike_psk_find(&c, &(struct ike_peer){.path.remote = 0x0a011703}));
	for (int turn = 0; turn < 2; turn++) {
		ike_psks_apply(&c);
		for (uint32_t a = 0x0a00ff00; a < 0x0a020100; a++)
			for (size_t i = 0; i < ARRAY_SIZE(vrfs); i++) {
				const struct ike_peer peer = {
				    .path = {.remote = a, .vrf = vrf_number(vrfs[i])}};
				const struct policy_psk *k = ike_psk_find(&c, &peer);

				assert_ptr_equal(k ? k->key.p : NULL,
				                 policy_psk_find(&p, vrfs[i], a).p);
			}
		p.n_psks--;
	}
	ike_psks_fini(&c.ike);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_registration_is_always_logged),
	    cmocka_unit_test(test_a_wrong_key_is_logged),
	    cmocka_unit_test(test_one_stranger_leaves_lines_to_others),
	    cmocka_unit_test(test_what_was_left_out_is_told),
	    cmocka_unit_test(test_members_are_told_when_strangers_are_not),
	    cmocka_unit_test(test_a_member_registers_among_invented_sources),
	    cmocka_unit_test(test_a_member_registers_beside_one_source),
	    cmocka_unit_test(test_who_has_proved_more_keeps_its_place),
	    cmocka_unit_test(test_half_open_places_are_shared_by_network),
	    cmocka_unit_test(test_a_known_peer_is_not_displaced),
	    cmocka_unit_test(test_known_peers_shut_nobody_out),
	    cmocka_unit_test(test_diffie_hellman_is_rationed),
	    cmocka_unit_test(test_a_known_peer_has_a_larger_ration),
	    cmocka_unit_test(test_a_new_sa_brings_no_new_budget),
	    cmocka_unit_test(test_injected_messages_end_nothing),
	    cmocka_unit_test(test_keys_are_found_as_the_policy_has_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
