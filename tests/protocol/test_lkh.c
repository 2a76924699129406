/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A key hierarchy over the wire (RFC 6407 4, 5.3.1, 5.6.3; RFC 2627 5.4; RFC 8263 2.2): one member
 * is expelled, the others keep their traffic keys without registering again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "runtime/core/core_priv.h"
#include "runtime/core/gm.h"
#include "runtime/core/ks.h"
#include "runtime/core/push.h"
#include "runtime/wire/gdoi.h"
#include "tests/protocol/forge.h"
#include "tests/protocol/world.h"

static const struct policy_maker unicast = {.suite = {CIPHER_AES_256, HASH_SHA256},
                                            .tek_lifetime = 3600,
                                            .lkh = true,
                                            .kek = CIPHER_AES_128};

static struct policy_maker
multicast_maker(void)
{
	struct policy_maker m = unicast;

	m.multicast = true;
	return m;
}

#define N 5

struct group {
	struct world *w;
	struct node_under_test *ks, *gm[N];
	uint32_t spi; /* the key that all sent with */
};

static unsigned
registration_attempts(const struct node_under_test *n)
{
	return n->core->gms[0]->attempts;
}

static const struct gm_kek *
kek_of(const struct node_under_test *n)
{
	return &n->core->gms[0]->policy->kek;
}

static struct group
group_new(const struct policy_maker *m)
{
	struct group g = {.w = world_new()};

	g.ks = world_server(g.w, m);
	for (int i = 0; i < N; i++) {
		char addr[16];

		snprintf(addr, sizeof(addr), "10.1.24.%d", 4 + i);
		g.gm[i] = world_member(g.w, m, addr);
	}
	world_pass(g.w, SECONDS(3));
	for (int i = 0; i < N; i++) {
		assert_true(node_registered(g.gm[i]));
		assert_non_null(kek_of(g.gm[i])->lkh);
	}
	g.spi = node_sender(g.gm[0])->spi;
	return g;
}

static void
expel_member(struct group *g, int i)
{
	assert_int_equal(core_ks_expel(g->ks->core, "GET_VPN", g->gm[i]->addr, g->w->now),
	                 EXPELLED_DONE);
	world_drain(g->ks);
}

/* Does the member's KEK open what is sent now? */
static bool
member_follows(const struct group *g, int i)
{
	const struct ks *ks = g->ks->core->kss[0];
	const struct gm_kek *k = kek_of(g->gm[i]);

	return k->present && secret_equal(&k->key, &ks->kek.sas[KS_OURS].key) &&
	       !memcmp(k->spi, ks->kek.sas[KS_OURS].spi, sizeof(k->spi));
}

/* All hear each other at every moment of the next while. */
static void
assert_no_loss(struct group *g, int but, unsigned seconds)
{
	for (unsigned s = 0; s < 4 * seconds; s++) {
		for (int i = 0; i < N; i++)
			for (int k = 0; k < N; k++)
				if (i != but && k != but)
					assert_true(node_hears(g->gm[i], g->gm[k]));
		world_pass(g->w, 250);
	}
}

/* Drops what one member sends: it cannot register again, while it still hears everything. */
static unsigned
mute_member(struct world *w, struct packet *p)
{
	const struct node_under_test *one = w->fault_arg;

	return p->path.remote != one->addr;
}

/*
 * Expels a member: nobody that stays registers again, nothing is lost, and the expelled learns
 * nothing.
 */
static void
expel_one(const struct policy_maker *m)
{
	struct group g = group_new(m);

	g.w->fault = mute_member;
	g.w->fault_arg = g.gm[2];
	expel_member(&g, 2);
	assert_no_loss(&g, 2, 75);
	for (int i = 0; i < N; i++) {
		if (i == 2)
			continue;
		assert_int_equal(registration_attempts(g.gm[i]), 1);
		assert_true(member_follows(&g, i));
		assert_int_not_equal(node_sender(g.gm[i])->spi, g.spi);
	}
	assert_false(member_follows(&g, 2));
	assert_false(node_hears(g.gm[0], g.gm[2]));
	assert_int_equal(node_members(g.ks), N - 1);
	assert_true(
	    node_logged(g.ks, "%GDOI-4-KS_GM_EXPELLED: Group member 10.1.24.6 is expelled"));
	world_free(g.w);
}

static void
rfc6407_4_3_expel_one_of_a_unicast_group(void **state)
{
	(void)state;
	expel_one(&unicast);
}

static void
rfc6407_4_3_expel_one_of_a_multicast_group(void **state)
{
	const struct policy_maker m = multicast_maker();

	(void)state;
	expel_one(&m);
}

/* --- what the expelled can read --------------------------------------------------------------- */

struct spy {
	struct node_under_test *gm; /* its keys, as they were */
	struct gm_policy *had;
	unsigned opened, teks, closed;
};

/* Every rekey that is on the way, to whomever, is tried with all keys that the expelled has. */
static unsigned
spy_on(struct world *w, struct packet *p)
{
	struct spy *s = w->fault_arg;
	static struct gdoi_kd kd;
	struct isakmp_payloads all;
	struct isakmp_header h;
	uint8_t *plain;

	if (!s->had || p->n < ISAKMP_HEADER || p->bytes[18] != EXCHANGE_GROUPKEY_PUSH)
		return 1;
	plain = x_memdup(p->bytes + ISAKMP_HEADER, p->n - ISAKMP_HEADER);
	memset(&h, 0, sizeof(h));
	if (!push_crypt(s->had->kek.cipher, &s->had->kek.key, false, plain, p->n - ISAKMP_HEADER) ||
	    !isakmp_payloads_get(p->bytes[16], SPAN(plain, p->n - ISAKMP_HEADER), true, &all)) {
		s->closed++;
		free(plain);
		return 1;
	}
	s->opened++;
	for (size_t i = 0; i < all.n; i++) {
		if (all.at[i].type != PAYLOAD_KD || !gdoi_kd_get(all.at[i].body, &kd))
			continue;
		for (size_t k = 0; k < kd.n; k++) {
			s->teks += kd.keys[k].type == KD_TEK || kd.keys[k].type == KD_KEK;
			if (kd.keys[k].type == KD_LKH)
				assert_false(lkh_path_update(s->had->kek.lkh, kd.keys[k].lkh));
		}
	}
	free(plain);
	return 1;
}

/*
 * RFC 6407 4.3 has one message for both. But the expelled member reads whatever comes under the old
 * KEK, so that message must not bring the new TEKs.
 */
static void
rfc2627_5_4_1_expelled_learns_no_key(void **state)
{
	struct group g = group_new(&unicast);
	struct spy s = {.gm = g.gm[4]};

	(void)state;
	s.had = gm_policy_copy(g.gm[4]->core->gms[0]->policy);
	g.w->fault = spy_on;
	g.w->fault_arg = &s;
	expel_member(&g, 4);
	world_pass(g.w, SECONDS(60));
	assert_int_equal(s.opened, N - 1); /* the one with the arrays */
	assert_int_equal(s.teks, 0);
	assert_int_equal(s.closed, N - 1); /* the one with the new TEKs */
	assert_true(member_follows(&g, 0) && member_follows(&g, 3));
	gm_policy_free(s.had);
	world_free(g.w);
}

/* It may come again unless it is not authorized any more; then it has a place as before. */
static void
rfc6407_3_4_expelled_registers_again(void **state)
{
	struct group g = group_new(&unicast);

	(void)state;
	expel_member(&g, 1);
	world_pass(g.w, SECONDS(60));
	core_clear_group(g.gm[1]->core, NULL, g.w->now);
	world_drain(g.gm[1]);
	world_pass(g.w, SECONDS(5));
	assert_true(member_follows(&g, 1));
	expel_member(&g, 0);
	world_pass(g.w, SECONDS(60));
	assert_true(member_follows(&g, 1) && !member_follows(&g, 0));
	assert_true(node_hears(g.gm[1], g.gm[2]) && node_hears(g.gm[2], g.gm[1]));
	world_free(g.w);
}

/* A member that is taken off the authorization list is expelled, and stays so. */
static void
rfc6407_3_4_authorization_taken_away(void **state)
{
	struct group g = group_new(&unicast);
	struct policy_maker only = unicast;

	(void)state;
	only.only = "10.1.24.7";
	node_set(g.ks, policy_server(&only, g.ks->addr));
	world_pass(g.w, SECONDS(120));
	assert_int_equal(node_members(g.ks), 1);
	assert_true(member_follows(&g, 3));
	assert_int_equal(registration_attempts(g.gm[3]), 1);
	for (int i = 0; i < N; i++)
		assert_true(i == 3 || !member_follows(&g, i));
	world_free(g.w);
}

/*
 * Another member leaves by itself between the new KEK and the new TEKs: the old TEKs end no later
 * for that.
 */
static void
rfc2627_5_4_1_another_leaves_before_the_new_teks(void **state)
{
	struct group g = group_new(&unicast);
	struct policy *half = policy_server(&unicast, g.ks->addr);
	struct ks *ks = g.ks->core->kss[0];

	(void)state;
	expel_member(&g, 2);
	world_pass(g.w, 1); /* it is on the way */
	((struct policy_sa *)(uintptr_t)half->groups[0].server.sas)->n_selectors = 0;
	node_set(g.ks, half);
	world_pass(g.w, SECONDS(10));
	assert_true(member_follows(&g, 0)); /* and the TEKs wait for the list */
	assert_int_equal(node_sender(g.gm[0])->spi, g.spi);
	ks_member_gone(ks, ks_member_find(ks, g.gm[3]->addr));
	node_set(g.ks, policy_server(&unicast, g.ks->addr));
	world_pass(g.w, SECONDS(45));
	assert_int_not_equal(node_sender(g.gm[0])->spi, g.spi);
	world_free(g.w);
}

/* --- loss, restart, change -------------------------------------------------------------------- */

/* Rekeys to one member are lost. */
static unsigned
lose_to(struct world *w, struct packet *p)
{
	const struct node_under_test *to = w->fault_arg;

	return !(p->n > 28 && p->bytes[18] == EXCHANGE_GROUPKEY_PUSH && p->path.local == to->addr);
}

/* A member that has missed the update cannot follow: it registers again in time, and is back. */
static void
rfc6407_4_4_lost_update(void **state)
{
	struct policy_maker m = unicast;
	struct group g;

	(void)state;
	m.tek_lifetime = 600;
	g = group_new(&m);
	g.w->fault = lose_to;
	g.w->fault_arg = g.gm[0];
	expel_member(&g, 1);
	world_pass(g.w, SECONDS(50)); /* all rounds */
	assert_false(member_follows(&g, 0));
	assert_true(member_follows(&g, 2) && member_follows(&g, 3));
	g.w->fault = NULL;
	world_pass(g.w, SECONDS(700));
	assert_true(registration_attempts(g.gm[0]) > 1);
	assert_true(member_follows(&g, 0));
	assert_true(node_hears(g.gm[0], g.gm[2]) && node_hears(g.gm[2], g.gm[0]));
	world_free(g.w);
}

/* One message of three arrives: the next round brings it, and nothing is lost on the way. */
static unsigned
lose_some(struct world *w, struct packet *p)
{
	unsigned *n = w->fault_arg;

	if (p->n > 28 && p->bytes[18] == EXCHANGE_GROUPKEY_PUSH)
		return ++*n % 3 == 0;
	return 1;
}

static void
rfc8263_6_update_sent_again(void **state)
{
	struct group g = group_new(&unicast);
	unsigned n = 0;

	(void)state;
	g.w->fault = lose_some;
	g.w->fault_arg = &n;
	expel_member(&g, 3);
	world_pass(g.w, SECONDS(12));
	g.w->fault = NULL;
	assert_no_loss(&g, 3, 90);
	for (int i = 0; i < N; i++)
		assert_true(i == 3 ||
		            (member_follows(&g, i) && registration_attempts(g.gm[i]) == 1));
	world_free(g.w);
}

/* KEKs roll by the same arrays; who has left by itself is cut off by then. */
static void
rfc6407_5_6_3_kek_rolls(void **state)
{
	struct policy_maker m = unicast;
	struct group g;
	uint8_t spi[16];

	(void)state;
	m.kek_lifetime = 1200;
	g = group_new(&m);
	memcpy(spi, kek_of(g.gm[0])->spi, sizeof(spi));
	assert_no_loss(&g, -1, 1300);
	for (int i = 0; i < N; i++) {
		assert_true(member_follows(&g, i));
		assert_int_equal(registration_attempts(g.gm[i]), 1);
	}
	assert_memory_not_equal(spi, kek_of(g.gm[0])->spi, sizeof(spi));
	world_free(g.w);
}

/* A server that starts again has another tree: members come again when their keys end. */
static void
rfc6407_3_4_server_restart(void **state)
{
	struct policy_maker m = unicast;
	struct group g;

	(void)state;
	m.tek_lifetime = 300;
	g = group_new(&m);
	node_boot(g.ks);
	world_pass(g.w, SECONDS(400));
	for (int i = 0; i < N; i++)
		assert_true(member_follows(&g, i));
	expel_member(&g, 0);
	world_pass(g.w, SECONDS(60));
	for (int i = 0; i < N; i++)
		assert_int_equal(member_follows(&g, i), i != 0);
	world_free(g.w);
}

/* A member that starts again has the place it had. */
static void
rfc6407_3_4_member_restart(void **state)
{
	struct group g = group_new(&unicast);

	(void)state;
	node_boot(g.gm[2]);
	world_pass(g.w, SECONDS(5));
	assert_true(member_follows(&g, 2));
	expel_member(&g, 3);
	world_pass(g.w, SECONDS(60));
	assert_true(member_follows(&g, 2) && !member_follows(&g, 3));
	world_free(g.w);
}

/* Turned on and off while members are there: they register again, and protect all the while. */
static void
rfc6407_5_3_1_turned_on_and_off(void **state)
{
	struct policy_maker m = unicast;
	struct group g = group_new(&unicast);

	(void)state;
	for (int turn = 0; turn < 4; turn++) {
		m.lkh = turn % 2;
		m.kek = turn == 2 ? CIPHER_AES_256 : CIPHER_AES_128;
		node_set(g.ks, policy_server(&m, g.ks->addr));
		assert_no_loss(&g, -1, 60);
		for (int i = 0; i < N; i++) {
			assert_true(member_follows(&g, i));
			assert_int_equal(!!kek_of(g.gm[i])->lkh, m.lkh);
		}
	}
	world_free(g.w);
}

/* Without a hierarchy nobody can be cut off alone. */
static void
test_no_hierarchy(void **state)
{
	struct policy_maker m = unicast;
	struct world *w = world_new();
	struct node_under_test *ks, *a;

	(void)state;
	m.lkh = false;
	ks = world_server(w, &m);
	a = world_member(w, &m, "10.1.23.3");
	world_pass(w, SECONDS(2));
	assert_null(kek_of(a)->lkh);
	assert_int_equal(core_ks_expel(ks->core, "GET_VPN", a->addr, w->now), EXPELLED_UNKNOWN);
	assert_int_equal(node_members(ks), 1);
	world_free(w);
}

/* Rekeys are taken out of the configuration, and the hierarchy is of no use: nobody can be told. */
static void
test_no_rekeys_any_more(void **state)
{
	struct policy_maker m = unicast;
	struct group g = group_new(&unicast);
	struct node_under_test *late;

	(void)state;
	m.no_rekey = true;
	node_set(g.ks, policy_server(&m, g.ks->addr));
	world_pass(g.w, SECONDS(60));
	assert_int_equal(node_members(g.ks), N);
	assert_int_equal(core_ks_expel(g.ks->core, "GET_VPN", g.gm[1]->addr, g.w->now),
	                 EXPELLED_UNKNOWN);
	m.only = "10.1.24.7";
	node_set(g.ks, policy_server(&m, g.ks->addr));
	late = world_member(g.w, &m, m.only); /* it hears those that have the key already */
	world_pass(g.w, SECONDS(5));
	assert_true(node_hears(late, g.gm[0]) && node_hears(g.gm[0], late));
	world_free(g.w);
}

/*
 * `crypto key generate` comes after the members: nobody holds the KEK, so nobody could be told of
 * new keys. Nobody is expelled until they have registered again.
 */
static void
test_members_without_the_kek(void **state)
{
	struct policy_maker m = unicast;
	struct group g = {.w = world_new()};
	struct rsa_key *rsa = g.w->rsa;

	(void)state;
	g.w->rsa = NULL;
	g.ks = world_server(g.w, &unicast);
	for (int i = 0; i < N; i++) {
		char addr[16];

		snprintf(addr, sizeof(addr), "10.1.24.%d", 4 + i);
		g.gm[i] = world_member(g.w, &unicast, addr);
	}
	world_pass(g.w, SECONDS(3));
	g.w->rsa = rsa;
	node_set(g.ks, policy_server(&unicast, g.ks->addr));
	assert_true(node_logged(g.ks, "%GDOI-4-KS_GM_NO_KEK: 5 group members of group GET_VPN"));
	assert_int_equal(core_ks_expel(g.ks->core, "GET_VPN", g.gm[0]->addr, g.w->now),
	                 EXPELLED_UNTOLD);
	m.only = "10.1.24.5";
	node_set(g.ks, policy_server(&m, g.ks->addr));
	assert_true(node_logged(g.ks, "%GDOI-4-KS_GM_NOT_EXPELLED: Group member 10.1.24.4"));
	node_set(g.ks, policy_server(&unicast, g.ks->addr));
	assert_int_equal(core_ks_rekey(g.ks->core, NULL, false, g.w->now), REACH_PART);
	world_drain(g.ks);
	assert_true(node_logged(g.ks, "%GDOI-4-KS_GM_UNTOLD: 5 of 5 group members of group GET_VPN "
	                              "do not hold its KEK"));
	world_pass(g.w, SECONDS(60));
	assert_int_equal(g.ks->core->kss[0]->pushed.rekeys, 0);
	assert_false(node_logged(g.ks, "KS_GM_EXPELLED"));
	assert_int_equal(node_members(g.ks), N);
	for (int i = 0; i < N; i++) {
		core_clear_group(g.gm[i]->core, NULL, g.w->now);
		world_drain(g.gm[i]);
	}
	world_pass(g.w, SECONDS(60));
	g.w->fault = mute_member;
	g.w->fault_arg = g.gm[2];
	expel_member(&g, 2);
	world_pass(g.w, SECONDS(60));
	for (int i = 0; i < N; i++)
		assert_int_equal(member_follows(&g, i), i != 2);
	assert_false(node_hears(g.gm[0], g.gm[2]));
	world_free(g.w);
}

/* --- what another server might push ----------------------------------------------------------- */

/* A SAK with another SPI, and an LKH packet for it in the KEK packet's place. */
static struct forge *
lkh_push(struct node_under_test *n, struct span attributes)
{
	struct forge *f = forge_new(n);
	struct gdoi_key *k;

	forge_sak(f, n, true)->management = KEK_MANAGEMENT_LKH;
	k = &f->kd.keys[f->kd.n - 1];
	*k = (struct gdoi_key){.type = KD_LKH, .spi = k->spi, .lkh = attributes};
	return f;
}

static void
assert_refused(struct group *g, struct forge *take_f, const char *why)
{
	struct node_under_test *n = g->gm[0];
	struct secret was = {0};
	size_t keys = kek_of(n)->lkh->n;

	secret_clone(&was, &kek_of(n)->key);
	assert_int_equal(forge_push(take_f, n), DROP_POLICY);
	assert_true(node_logged(n, why));
	assert_true(secret_equal(&was, &kek_of(n)->key));
	assert_int_equal(kek_of(n)->lkh->n, keys);
	assert_int_equal(node_sender(n)->spi, g->spi);
	secret_fini(&was);
	n->log_n = 0;
}

/* One key under another, as octets on the wire. */
static struct span
array_of(struct wr *w, const struct lkh_path_key *under, uint8_t type, struct span key)
{
	uint8_t data[LKH_DATA_MAX];
	struct gdoi_lkh_key k = {.id = 0x7000, .type = type, .handle = 99, .data = SPAN(data, 32)};

	assert_true(lkh_wrap(CIPHER_AES_128, secret_span(&under->key), key, data));
	gdoi_lkh_put_update(w, under->id, under->handle, &k, 1);
	return wr_done(w);
}

static void
rfc6407_4_4_pushes_that_cannot_be_followed(void **state)
{
	struct group g = group_new(&unicast);
	const struct lkh_path *p = kek_of(g.gm[0])->lkh;
	struct lkh_path_key unknown = p->keys[0];
	struct span key = SPAN(forge_keys, 32);
	uint8_t buf[512];
	struct wr w = wr_buf(buf, sizeof(buf));
	struct forge *f;

	(void)state;
	unknown.handle += 1000; /* a key that it never had */
	f = lkh_push(g.gm[0], array_of(&w, &unknown, 3, key));
	assert_refused(&g, f, "keys of an LKH tree that this member cannot follow");
	w = wr_buf(buf, sizeof(buf)); /* of another cipher */
	f = lkh_push(g.gm[0], array_of(&w, &p->keys[0], 2, key));
	assert_refused(&g, f, "keys of an LKH tree that this member cannot follow");
	w = wr_buf(buf, sizeof(buf)); /* nothing but a public key */
	gdoi_lkh_put_sig_key(&w, SPAN(forge_keys, 16));
	f = lkh_push(g.gm[0], wr_done(&w));
	assert_refused(&g, f, "keys of an LKH tree that this member cannot follow");
	w = wr_buf(buf, sizeof(buf)); /* a KEK packet beside it that says otherwise */
	f = lkh_push(g.gm[0], array_of(&w, &p->keys[0], 3, key));
	f->kd.keys[f->kd.n] = f->kd.keys[0];
	f->kd.keys[0] = (struct gdoi_key){
	    .type = KD_KEK,
	    .spi = f->kd.keys[0].spi,
	    .key = SPAN(forge_keys + 1, 32),
	    .auth = SPAN(kek_of(g.gm[0])->public_key, kek_of(g.gm[0])->public_key_size)};
	f->kd.n++;
	assert_refused(&g, f, "keys of an LKH tree that this member cannot follow");
	w = wr_buf(buf, sizeof(buf)); /* beside it a public key that is none */
	array_of(&w, &p->keys[0], 3, key);
	gdoi_lkh_put_sig_key(&w, SPAN(forge_keys, 16));
	f = lkh_push(g.gm[0], wr_done(&w));
	assert_refused(&g, f, "keys of an LKH tree that this member cannot follow");
	w = wr_buf(buf, sizeof(buf)); /* what can be followed is */
	f = lkh_push(g.gm[0], array_of(&w, &p->keys[0], 3, key));
	assert_int_equal(forge_push(f, g.gm[0]), DROP_NONE);
	world_pass(g.w, 100);
	assert_int_equal(kek_of(g.gm[0])->lkh->n, 2);
	assert_memory_equal(kek_of(g.gm[0])->key.p, forge_keys, 32);
	world_free(g.w);
}

/* RFC 6407 5.6.3.1: a download array MUST NOT be in a push to several. */
static void
rfc6407_5_6_3_1_download_pushed_to_all(void **state)
{
	const struct policy_maker m = multicast_maker();
	struct gdoi_lkh_key k = {.id = 1, .type = 3, .handle = 1, .data = SPAN(forge_keys, 32)};

	(void)state;
	for (int several = 0; several < 2; several++) {
		struct group g = group_new(several ? &m : &unicast);
		uint8_t buf[512];
		struct wr w = wr_buf(buf, sizeof(buf));
		struct forge *f;

		gdoi_lkh_put_download(&w, &k, 1);
		f = lkh_push(g.gm[0], wr_done(&w));
		if (several)
			assert_refused(&g, f, "the LKH keys of one member, sent to all");
		else
			assert_int_equal(forge_push(f, g.gm[0]), DROP_NONE);
		world_free(g.w);
	}
}

/* --- acknowledgements ------------------------------------------------------------------------- */

struct forger {
	struct secret key; /* of the KEK: what every member has */
	uint32_t victim;
	unsigned seen;
};

/* The victim's acknowledgements are replaced by ones that another member could make. */
static unsigned
forge_ack(struct world *w, struct packet *p)
{
	struct forger *f = w->fault_arg;
	struct secret key = {0};
	uint8_t buf[256];
	struct wr out = wr_buf(buf, sizeof(buf));

	if (p->n < 28 || p->bytes[18] != EXCHANGE_GROUPKEY_PUSH_ACK || p->path.remote != f->victim)
		return 1;
	f->seen++;
	push_ack_key(HASH_SHA256, CIPHER_AES_128, &f->key, p->bytes, &key);
	push_ack_put(&out, HASH_SHA256, &key, p->bytes, 1, f->victim);
	secret_fini(&key);
	memcpy(p->bytes, buf, p->n < out.n ? p->n : out.n);
	return 1;
}

/* Made with the key that only the member and the server have: another member cannot make it. */
static void
rfc8263_2_2_acknowledged_with_the_own_key(void **state)
{
	struct group g = group_new(&unicast);
	struct forger f = {.victim = g.gm[1]->addr};
	struct ks_member *m;

	(void)state;
	assert_int_equal(kek_of(g.gm[0])->ack, KEK_ACK_LKH_SHA256);
	secret_clone(&f.key, &kek_of(g.gm[0])->key);
	g.w->fault = forge_ack;
	g.w->fault_arg = &f;
	assert_true(core_ks_rekey(g.ks->core, NULL, false, g.w->now));
	world_drain(g.ks);
	world_pass(g.w, SECONDS(35));
	for (int i = 0; i < N; i++) {
		m = ks_member_find(g.ks->core->kss[0], g.gm[i]->addr);
		assert_int_equal(m->acks_received, i != 1);
	}
	assert_true(f.seen > 0);
	secret_fini(&f.key);
	world_free(g.w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rfc6407_4_3_expel_one_of_a_unicast_group),
	    cmocka_unit_test(rfc6407_4_3_expel_one_of_a_multicast_group),
	    cmocka_unit_test(rfc2627_5_4_1_expelled_learns_no_key),
	    cmocka_unit_test(rfc2627_5_4_1_another_leaves_before_the_new_teks),
	    cmocka_unit_test(rfc6407_3_4_expelled_registers_again),
	    cmocka_unit_test(rfc6407_3_4_authorization_taken_away),
	    cmocka_unit_test(rfc6407_4_4_lost_update),
	    cmocka_unit_test(rfc8263_6_update_sent_again),
	    cmocka_unit_test(rfc6407_5_6_3_kek_rolls),
	    cmocka_unit_test(rfc6407_3_4_server_restart),
	    cmocka_unit_test(rfc6407_3_4_member_restart),
	    cmocka_unit_test(rfc6407_5_3_1_turned_on_and_off),
	    cmocka_unit_test(test_no_hierarchy),
	    cmocka_unit_test(test_no_rekeys_any_more),
	    cmocka_unit_test(test_members_without_the_kek),
	    cmocka_unit_test(rfc6407_4_4_pushes_that_cannot_be_followed),
	    cmocka_unit_test(rfc6407_5_6_3_1_download_pushed_to_all),
	    cmocka_unit_test(rfc8263_2_2_acknowledged_with_the_own_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
