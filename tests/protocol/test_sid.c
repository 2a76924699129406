/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sender identifiers (RFC 6407 3.5, RFC 6054): whatever happens to members and server, no two
 * downloads share an identifier under one key.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "runtime/core/core_priv.h"
#include "runtime/core/ks.h"
#include "runtime/wire/gdoi.h"
#include "tests/protocol/world.h"

static const struct policy_maker gcm = {.suite = {CIPHER_GCM_256, HASH_NONE}, .tek_lifetime = 600};

/* What this member encrypts under now. */
static struct dp_sa
sender_of(const struct node_under_test *n)
{
	const struct dp_sa *s = node_sender(n);

	assert_non_null(s);
	assert_int_equal(s->sid_bits, 24);
	assert_int_equal(s->enc_key.n, 36);
	return *s;
}

/* Members, registrations, rollovers: every download brings an identifier of its own. */
static void
rfc6054_4_each_its_own(void **state)
{
	struct world *w = world_new();
	struct node_under_test *a, *b;
	struct dp_sa was;
	size_t i;

	(void)state;
	(void)world_server(w, &gcm);
	a = world_member(w, &gcm, "10.1.23.3");
	b = world_member(w, &gcm, "10.1.24.4");
	world_pass(w, SECONDS(2));
	assert_true(node_registered(a) && node_registered(b));
	assert_true(node_hears(a, b) && node_hears(b, a));
	assert_int_equal(sender_of(a).sid + sender_of(b).sid, 0 + 1);
	was = sender_of(a);
	node_boot(a); /* a crash: it has forgotten all, its key is the same */
	world_pass(w, SECONDS(5));
	assert_int_equal(sender_of(a).spi, was.spi);
	assert_int_equal(sender_of(a).sid, 2);
	core_clear_group(a->core, NULL, w->now);
	world_drain(a);
	world_pass(w, SECONDS(5));
	assert_int_equal(sender_of(a).sid, 3);
	for (i = 0; i < 20; i++) { /* hours: keys roll, members come again */
		world_pass(w, SECONDS(300));
		assert_true(sender_of(a).sid != sender_of(b).sid);
		assert_true(node_hears(a, b) && node_hears(b, a));
	}
	assert_true(sender_of(a).spi != was.spi);
	world_free(w);
}

/* A server that starts again counts from zero, under keys that nobody has had. */
static void
rfc6054_4_server_restart(void **state)
{
	struct world *w = world_new();
	struct node_under_test *ks = world_server(w, &gcm);
	struct node_under_test *a = world_member(w, &gcm, "10.1.23.3");
	struct node_under_test *b;
	uint32_t spi;

	(void)state;
	world_pass(w, SECONDS(2));
	spi = sender_of(a).spi;
	assert_int_equal(sender_of(a).sid, 0);
	node_boot(ks);
	b = world_member(w, &gcm, "10.1.24.4");
	world_pass(w, SECONDS(5));
	assert_int_equal(sender_of(b).sid, 0);
	assert_true(sender_of(b).spi != spi);
	world_pass(w, SECONDS(700));
	assert_true(sender_of(a).spi != spi && sender_of(a).sid != sender_of(b).sid);
	world_free(w);
}

static const struct dp_sa *
find_spi(const struct node_under_test *n, uint32_t spi)
{
	for (size_t i = 0; i < n->dp.n_sas; i++)
		if (n->dp.sas[i].spi == spi)
			return &n->dp.sas[i];
	return NULL;
}

/*
 * The same for who comes to it before its key of before has ended: under that key its new
 * identifier is another member's, and it keeps the one that it had.
 */
static void
rfc6407_5_6_4_a_key_of_before_keeps_its_identifier(void **state)
{
	struct world *w = world_new();
	struct node_under_test *ks = world_server(w, &gcm);
	struct node_under_test *a = world_member(w, &gcm, "10.1.23.3");
	struct node_under_test *b;
	uint32_t spi;

	(void)state;
	world_pass(w, SECONDS(2));
	b = world_member(w, &gcm, "10.1.24.4");
	world_pass(w, SECONDS(2));
	spi = sender_of(a).spi;
	assert_int_equal(sender_of(a).sid, 0);
	assert_int_equal(sender_of(b).sid, 1);
	node_boot(ks);
	for (int i = 0; i < 2; i++) { /* others come first */
		node_boot(b);
		world_pass(w, SECONDS(2));
	}
	for (int i = 0; i < 700 && sender_of(a).spi == spi; i++)
		world_pass(w, SECONDS(1));
	assert_int_equal(sender_of(a).sid, 2);
	assert_non_null(find_spi(a, spi));
	assert_int_equal(find_spi(a, spi)->sid, 0);
	assert_int_equal(find_spi(a, spi)->sid_bits, 24);
	world_free(w);
}

/*
 * The identifiers end: members are told to delete their keys, and new ones are there before the
 * first identifier is given out again. All that by a complete exchange alone.
 */
static void
test_rfc6407_3_5_exhausted_identifiers_delete_the_groups_keys(void **state)
{
	struct world *w = world_new();
	struct node_under_test *ks = world_server(w, &gcm);
	struct node_under_test *a = world_member(w, &gcm, "10.1.23.3");
	struct node_under_test *b;
	struct ks *server = ks->core->kss[0];
	uint8_t kek[16];
	uint32_t spi;

	(void)state;
	world_pass(w, SECONDS(2));
	spi = sender_of(a).spi;
	memcpy(kek, server->kek.sas[KS_OURS].spi, sizeof(kek));
	server->next_sid = ks_sids_all(server) - 1;
	core_clear_group(a->core, NULL, w->now);
	world_drain(a);
	world_pass(w, SECONDS(2));
	assert_int_equal(sender_of(a).spi, spi); /* the last one under the old keys */
	assert_int_equal(sender_of(a).sid, (1 << 24) - 1);
	b = world_member(w, &gcm, "10.1.24.4");
	world_pass(w, SECONDS(1));
	assert_int_equal(a->dp.n_sas, 0); /* told at once, and its door is closed */
	assert_true(a->dp.n_entries > 0);
	assert_true(node_logged(ks, "%GDOI-4-KS_SIDS_EXHAUSTED: Group GET_VPN has no sender "
	                            "identifiers left"));
	world_pass(w, SECONDS(30));
	assert_int_equal(sender_of(a).sid + sender_of(b).sid, 0 + 1);
	assert_int_equal(server->next_sid, 2);
	assert_true(sender_of(b).spi != spi);
	assert_true(node_hears(a, b) && node_hears(b, a));
	assert_memory_not_equal(kek, server->kek.sas[KS_OURS].spi, sizeof(kek));
	world_free(w);
}

/* Keeps message 3 of a pull from arriving. */
static unsigned
lose_third(struct world *w, struct packet *p)
{
	bool pull = p->n > 28 && p->bytes[18] == 32;

	(void)w;
	return !(pull && p->path.local == addr_of("10.1.12.1") && ++*(unsigned *)w->fault_arg > 1);
}

/* Message 1 of a pull, however often, changes nothing: neither the count nor the keys. */
static void
test_rfc6407_7_2_5_message_1_changes_nothing(void **state)
{
	struct world *w = world_new();
	struct node_under_test *ks = world_server(w, &gcm);
	struct node_under_test *a = world_member(w, &gcm, "10.1.23.3");
	struct ks *server = ks->core->kss[0];
	unsigned pulls = 0;
	uint32_t spi;

	(void)state;
	world_pass(w, SECONDS(2));
	spi = sender_of(a).spi;
	server->next_sid = ks_sids_all(server);
	w->fault = lose_third;
	w->fault_arg = &pulls;
	world_member(w, &gcm, "10.1.24.4");
	world_pass(w, SECONDS(10));
	assert_true(pulls > 1);
	assert_int_equal(server->next_sid, ks_sids_all(server));
	assert_int_equal(server->sas[0].teks[0].keys[0].spi, spi);
	assert_int_equal(server->members.n, 1);
	world_free(w);
}

/* RFC 6407 3.5: in each of two SAs a member counts from the start, so each has its own key. */
static void
test_rfc6407_3_5_each_counter_mode_sa_has_its_own_key(void **state)
{
	struct world *w = world_new();
	struct policy *p = policy_server(&gcm, addr_of("10.1.12.1"));
	struct policy_sa *sa = (struct policy_sa *)(uintptr_t)p->groups[0].server.sas;
	struct selector *s = arena_alloc(p->arena, 4 * sizeof(*s));
	struct node_under_test *a, *b;
	const struct installed *d;

	(void)state;
	memcpy(s, sa->selectors, 2 * sizeof(*s));
	s[2] = s[3] = s[1];
	s[2].src = s[2].dst = addr_of("172.16.0.0");
	s[3].proto = 17;
	sa->selectors = s;
	sa->n_selectors = 4;
	(void)world_node(w, "10.1.12.1", p);
	a = world_member(w, &gcm, "10.1.23.3");
	b = world_member(w, &gcm, "10.1.24.4");
	for (int rounds = 0; rounds < 3; rounds++) { /* as registered, and as rekeyed */
		world_pass(w, SECONDS(rounds ? 520 : 3));
		d = &a->dp;
		assert_true(d->n_sas >= 3 && d->n_sas % 3 == 0);
		for (size_t i = 0; i < d->n_sas; i++)
			for (size_t j = 0; j < i; j++) {
				assert_int_not_equal(d->sas[i].spi, d->sas[j].spi);
				assert_memory_not_equal(d->keys[i][0], d->keys[j][0], 36);
			}
		assert_int_equal(d->n_entries, 4);
		assert_true(d->entries[1].sa != d->entries[2].sa &&
		            d->entries[2].sa != d->entries[3].sa);
		assert_true(node_hears(a, b) && node_hears(b, a));
	}
	world_free(w);
}

/* `group size`, `identifier`: every length, and no number but the server's own. */
static void
rfc6054_3_size_and_range(void **state)
{
	static const struct {
		uint8_t bits;
		size_t n;
		struct policy_kssids kssids[2];
		uint32_t first, second; /* what two members get */
		uint64_t all;
	} t[] = {
	    {8, 0, {{0}}, 0, 1, 256},
	    {8, 1, {{3, 3}}, 0xc0, 0xc1, 64},
	    {12, 1, {{1, 1}}, 0x200, 0x201, 512},
	    {16, 2, {{2, 3}, {15, 15}}, 0x2000, 0x2001, 3 * 4096},
	    {24, 1, {{127, 127}}, 0xfe0000, 0xfe0001, 131072},
	    {32, 1, {{511, 511}}, 0xff800000, 0xff800001, 8388608},
	    {32, 0, {{0}}, 0, 1, UINT64_C(1) << 32},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		struct policy_maker m = gcm;
		struct world *w = world_new();
		struct node_under_test *ks, *a, *b;

		m.sid_bits = t[i].bits;
		m.n_kssids = t[i].n;
		memcpy(m.kssids, t[i].kssids, sizeof(m.kssids));
		ks = world_server(w, &m);
		a = world_member(w, &m, "10.1.23.3");
		world_pass(w, SECONDS(2));
		b = world_member(w, &m, "10.1.24.4");
		world_pass(w, SECONDS(2));
		assert_non_null(node_sender(a));
		assert_non_null(node_sender(b));
		assert_int_equal(node_sender(a)->sid_bits, t[i].bits);
		assert_int_equal(node_sender(a)->sid, t[i].first);
		assert_int_equal(node_sender(b)->sid, t[i].second);
		assert_true(ks_sids_all(ks->core->kss[0]) == t[i].all);
		world_free(w);
	}
}

/* One number after the other; under another configuration no key that was there before. */
static void
rfc6407_3_5_next_number(void **state)
{
	struct policy_maker m = gcm;
	struct world *w = world_new();
	struct node_under_test *ks, *a;
	uint32_t spi;

	(void)state;
	m.sid_bits = 16;
	m.n_kssids = 2;
	m.kssids[0] = (struct policy_kssids){2, 2};
	m.kssids[1] = (struct policy_kssids){9, 9};
	ks = world_server(w, &m);
	ks->core->kss[0]->next_sid = 4095;
	a = world_member(w, &m, "10.1.23.3");
	world_pass(w, SECONDS(2));
	assert_int_equal(node_sender(a)->sid, 0x2fff);
	core_clear_group(a->core, NULL, w->now);
	world_drain(a);
	world_pass(w, SECONDS(2));
	assert_int_equal(node_sender(a)->sid, 0x9000);
	spi = node_sender(a)->spi;
	m.sid_bits = 24;
	node_set(ks, policy_server(&m, ks->addr));
	core_clear_group(a->core, NULL, w->now);
	world_drain(a);
	world_pass(w, SECONDS(2));
	assert_int_equal(node_sender(a)->sid_bits, 24);
	assert_int_equal(node_sender(a)->sid, 2 << 17);
	assert_true(node_sender(a)->spi != spi);
	world_free(w);
}

/* A server with no number of its own hands out none, and keeps its keys. */
static void
rfc6407_5_6_4_no_number(void **state)
{
	struct policy_maker m = gcm;
	struct world *w = world_new();
	struct node_under_test *ks, *a;
	uint32_t spi;

	(void)state;
	m.n_kssids = 1;
	m.kssids[0] = (struct policy_kssids){1, 0};
	ks = world_server(w, &m);
	spi = ks->core->kss[0]->sas[0].teks[0].keys[0].spi;
	a = world_member(w, &m, "10.1.23.3");
	world_pass(w, SECONDS(60));
	assert_false(node_registered(a));
	assert_int_equal(ks->core->kss[0]->sas[0].teks[0].keys[0].spi, spi);
	world_free(w);
}

/* No counter mode, no identifiers: nothing changes for such a group. */
static void
test_cbc(void **state)
{
	static const struct policy_maker cbc = {.suite = {CIPHER_AES_256, HASH_SHA256}};
	struct world *w = world_new();
	struct node_under_test *ks = world_server(w, &cbc);
	struct node_under_test *a = world_member(w, &cbc, "10.1.23.3");

	(void)state;
	world_pass(w, SECONDS(2));
	assert_non_null(node_sender(a));
	assert_int_equal(node_sender(a)->sid_bits, 0);
	assert_int_equal(ks->core->kss[0]->next_sid, 0);
	world_free(w);
}

/* A GMAC key goes out as a key of integrity, and nothing as one of encryption. */
static void
rfc6407_5_6_1_2_gmac_key_is_an_integrity_key(void **state)
{
	static const struct policy_maker gmac = {.suite = {CIPHER_GMAC_256, HASH_NONE}};
	struct world *w = world_new();
	struct node_under_test *ks = world_server(w, &gmac);
	struct gdoi_kd *kd = x_alloc(sizeof(*kd));
	uint8_t *buf = x_alloc(ISAKMP_MESSAGE_MAX);
	struct wr sa = wr_buf(buf, ISAKMP_MESSAGE_MAX), keys;
	struct ks_offer offer;

	(void)state;
	assert_true(ks_sa_put(ks->core->kss[0], &sa, addr_of("10.1.23.3"), KS_OTHERS, &offer));
	keys = wr_buf(buf, ISAKMP_MESSAGE_MAX);
	ks_kd_put(ks->core->kss[0], &keys, &offer);
	assert_true(gdoi_kd_get(wr_done(&keys), kd));
	for (size_t i = 0; i < kd->n; i++)
		if (kd->keys[i].type == KD_TEK) {
			assert_int_equal(kd->keys[i].key.n, 0);
			assert_int_equal(kd->keys[i].auth.n, 36);
		}
	free(buf);
	free(kd);
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rfc6054_4_each_its_own),
	    cmocka_unit_test(rfc6054_4_server_restart),
	    cmocka_unit_test(rfc6407_5_6_4_a_key_of_before_keeps_its_identifier),
	    cmocka_unit_test(test_rfc6407_3_5_exhausted_identifiers_delete_the_groups_keys),
	    cmocka_unit_test(test_rfc6407_7_2_5_message_1_changes_nothing),
	    cmocka_unit_test(test_rfc6407_3_5_each_counter_mode_sa_has_its_own_key),
	    cmocka_unit_test(rfc6054_3_size_and_range),
	    cmocka_unit_test(rfc6407_3_5_next_number),
	    cmocka_unit_test(rfc6407_5_6_4_no_number),
	    cmocka_unit_test(test_cbc),
	    cmocka_unit_test(rfc6407_5_6_1_2_gmac_key_is_an_integrity_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
