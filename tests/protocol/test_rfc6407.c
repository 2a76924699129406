/* SPDX-License-Identifier: Apache-2.0 */
/* Requirements of RFC 6407 that no other test shows: docs/rfc6407.md names them all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "runtime/core/ks.h"
#include "tests/protocol/forge.h"

static const struct policy_maker usual = {.tek_lifetime = 600};
static const struct policy_maker gcm = {.suite = {CIPHER_GCM_256, HASH_NONE}};
static const struct policy_maker hierarchy = {.kek = CIPHER_AES_128, .lkh = true};

/* A server and a member that has registered, and what is sent after that. */
struct scene {
	struct world *w;
	struct node_under_test *ks, *gm;
	uint8_t exchange; /* of the datagrams that are kept; 0: all */
	size_t n;
	struct packet kept[32];
};

static unsigned
keep_packet(struct world *w, struct packet *p)
{
	struct scene *s = w->fault_arg;

	if (p->n > ISAKMP_HEADER && (!s->exchange || p->bytes[18] == s->exchange) &&
	    s->n < ARRAY_SIZE(s->kept)) {
		s->kept[s->n] = *p;
		s->kept[s->n++].bytes = x_memdup(p->bytes, p->n);
	}
	return 1;
}

static struct scene *
scene_new(const struct policy_maker *m, uint8_t exchange)
{
	struct scene *s = x_alloc(sizeof(*s));

	s->w = world_new();
	s->exchange = exchange;
	s->w->fault = keep_packet;
	s->w->fault_arg = s;
	s->ks = world_server(s->w, m);
	s->gm = world_member(s->w, m, "10.1.23.3");
	world_pass(s->w, SECONDS(3));
	assert_true(node_registered(s->gm));
	return s;
}

static void
scene_free(struct scene *s)
{
	while (s->n)
		free(s->kept[--s->n].bytes);
	world_free(s->w);
	free(s);
}

static struct ks *
server_of(const struct scene *s)
{
	return s->ks->core->kss[0];
}

/* --- phase 1 ---------------------------------------------------------------------------------- */

/* From port 848 to port 848, and what is offered is of the GDOI domain. */
static void
rfc6407_2_1_doi_and_port_of_phase_1(void **state)
{
	static const uint8_t doi_situation[8] = {0, 0, 0, DOI_GDOI};
	struct scene *s = scene_new(&usual, 0);

	(void)state;
	assert_int_equal(DOI_GDOI, 2);
	for (size_t i = 0; i < s->n; i++) {
		assert_int_equal(s->kept[i].path.local_port, 848);
		assert_int_equal(s->kept[i].path.remote_port, 848);
	}
	for (size_t i = 0; i < 2; i++) /* the offer and the choice */
		assert_memory_equal(s->kept[i].bytes + ISAKMP_HEADER + 4, doi_situation, 8);
	scene_free(s);
}

/* --- GROUPKEY-PULL ---------------------------------------------------------------------------- */

/* What was pushed before a registration is not taken after it. */
static void
rfc6407_3_2_registration_says_where_rekeys_are(void **state)
{
	struct scene *s = scene_new(&usual, 0);
	struct node_under_test *late;
	struct forge *f;
	uint32_t seq;

	(void)state;
	world_pass(s->w, SECONDS(1200)); /* rekeys under one KEK */
	seq = server_of(s)->kek.sas[KS_OURS].seq;
	assert_true(seq >= 2);
	late = world_member(s->w, &usual, "10.1.24.4");
	world_pass(s->w, SECONDS(3));
	assert_int_equal(forge_gm(late)->policy->kek.seq, seq);
	for (uint32_t i = 0; i <= seq + 1; i++) {
		f = forge_new(late);
		f->seq = i;
		forge_sat(f, 0x1000 + i, "10.7.0.0", "10.8.0.0");
		assert_int_equal(forge_push(f, late), i <= seq ? DROP_SEQUENCE : DROP_NONE);
	}
	scene_free(s);
}

/* A number that a registration brings, and that lies behind what came by rekey, is stale. */
static void
rfc6407_3_3_stale_number_of_a_registration(void **state)
{
	struct scene *s = scene_new(&usual, 0);
	struct forge *f = forge_new(s->gm);

	(void)state;
	f->seq = 40;
	forge_sat(f, 0x1001, "10.7.0.0", "10.8.0.0");
	assert_int_equal(forge_push(f, s->gm), DROP_NONE);
	gm_reregister_at(forge_gm(s->gm), s->w->now);
	world_drain(s->gm);
	s->gm->log_n = 0;
	world_pass(s->w, SECONDS(5));
	assert_true(node_logged(s->gm, "%GDOI-5-GM_REGS_COMPL"));
	assert_int_equal(server_of(s)->kek.sas[KS_OURS].seq, 0);
	assert_int_equal(forge_gm(s->gm)->policy->kek.seq, 40);
	f = forge_new(s->gm);
	f->seq = 40;
	forge_sat(f, 0x1002, "10.7.0.0", "10.8.0.0");
	assert_int_equal(forge_push(f, s->gm), DROP_SEQUENCE);
	scene_free(s);
}

/* The member refuses this KEK: it sends a Delete, and the server forgets the SA. */
static void
rfc6407_3_3_unacceptable_policy_ends_phase_1(void **state)
{
	struct world *w = world_new();
	struct node_under_test *ks = world_server(w, &usual), *gm;
	struct policy *p = policy_member(&usual, addr_of("10.1.23.3"));
	struct scene s = {.w = w, .exchange = EXCHANGE_INFORMATIONAL};
	struct arena *a = arena_new();
	size_t n;

	(void)state;
	((struct policy_group *)(uintptr_t)p->groups)->rekey_ciphers = 1u << CIPHER_AES_256;
	w->fault = keep_packet;
	w->fault_arg = &s;
	gm = world_node(w, "10.1.23.3", p);
	world_pass(w, SECONDS(2));
	assert_false(node_registered(gm));
	assert_true(node_logged(gm, "client rekey encryption"));
	assert_true(s.n > 0);
	assert_int_equal(s.kept[0].path.local, ks->addr);
	assert_int_equal(s.kept[0].bytes[19], FLAG_ENCRYPTION);
	core_snap_isakmp(ks->core, w->now, a, &n);
	assert_int_equal(n, 0);
	core_snap_isakmp(gm->core, w->now, a, &n);
	assert_int_equal(n, 0);
	assert_int_equal(node_members(ks), 0);
	while (s.n)
		free(s.kept[--s.n].bytes);
	arena_free(a);
	world_free(w);
}

/* Sends the server once more, in order, soon and late, all that it was sent. */
static void
rfc6407_7_2_5_old_messages_of_a_pull(void **state)
{
	struct scene *s = scene_new(&gcm, 0);
	struct ks *ks = server_of(s);
	uint64_t sid = ks->next_sid;
	uint32_t registrations = ks->oldest->registrations;
	size_t n = s->n;

	(void)state;
	assert_int_equal(sid, 1);
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < n; i++) {
			const struct packet *p = &s->kept[i];

			if (p->path.local != s->ks->addr)
				continue;
			core_input(s->ks->core, &p->path, SPAN(p->bytes, p->n), s->w->now);
			world_drain(s->ks);
		}
		world_pass(s->w, SECONDS(300)); /* what lingered is gone */
	}
	assert_true(s->ks->core->drops[DROP_REPEAT] > 0);
	assert_int_equal(ks->next_sid, sid);
	assert_int_equal(ks->members.n, 1);
	assert_int_equal(ks->oldest->registrations, registrations);
	scene_free(s);
}

/* --- what the server says --------------------------------------------------------------------- */

/* The bodies of SA and KD, as a member of ours gets them in a pull, or all in a push. */
struct said {
	uint8_t sa_bytes[4096], kd_bytes[4096];
	struct span sa_body, kd_body;
	struct gdoi_sa sa;
	struct gdoi_kd kd;
};

static struct said *
what_is_said(const struct scene *s, bool pushed)
{
	struct said *d = x_alloc(sizeof(*d));
	struct wr sa = wr_buf(d->sa_bytes, sizeof(d->sa_bytes));
	struct wr kd = wr_buf(d->kd_bytes, sizeof(d->kd_bytes));
	struct ks_offer offer;

	if (pushed)
		assert_true(
		    ks_sa_push(server_of(s), &sa, KS_WANT_KEK | KS_WANT_TEK, KS_OURS, &offer));
	else
		assert_true(ks_sa_put(server_of(s), &sa, s->gm->addr, KS_OURS, &offer));
	ks_kd_put(server_of(s), &kd, &offer);
	d->sa_body = wr_done(&sa);
	d->kd_body = wr_done(&kd);
	assert_true(gdoi_sa_get(d->sa_body, &d->sa));
	assert_true(gdoi_kd_get(d->kd_body, &d->kd));
	return d;
}

static bool
all_zero(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i])
			return false;
	return true;
}

/* Every field that is reserved, in everything that the server makes. */
static void
rfc6407_5_reserved_fields_are_zero(void **state)
{
	static const struct policy_maker *const all[] = {&usual, &gcm, &hierarchy};

	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_SIZE(all); i++) {
		struct scene *s = scene_new(all[i / 2], 0);
		struct said *d = what_is_said(s, i % 2);
		const uint8_t *sa = d->sa_body.p, *kd = d->kd_body.p, *p;
		/* of a SAK: protocol, two identities of one address, SPI */
		const size_t reserved2 = 4 + 1 + 2 * 8 + KEK_SPI_SIZE;

		assert_true(all_zero(sa + 4, 4)); /* Situation */
		assert_int_equal(sa[8], 0);
		assert_int_equal(sa[9], 15); /* an SA Attribute payload is next, the SAK */
		assert_true(all_zero(sa + 10, 2));
		assert_true(all_zero(sa + 12 + reserved2, 4));
		for (p = sa + 12; p < sa + d->sa_body.n; p += p[2] << 8 | p[3])
			assert_int_equal(p[1], 0);
		assert_true(all_zero(kd + 2, 2));
		for (p = kd + 4; p < kd + d->kd_body.n; p += p[2] << 8 | p[3])
			assert_int_equal(p[1], 0);
		free(d);
		scene_free(s);
	}
}

/* KEK_ALGORITHM and SIG_ALGORITHM always, KEK_MANAGEMENT_ALGORITHM never in a pull. */
static void
rfc6407_5_3_attributes_of_the_sak(void **state)
{
	struct scene *s = scene_new(&hierarchy, 0);
	struct said *pull = what_is_said(s, false), *push = what_is_said(s, true);

	(void)state;
	assert_int_equal(pull->sa.sak.cipher, CIPHER_AES_128);
	assert_int_equal(pull->sa.sak.sig_algorithm, SIG_ALG_RSA);
	assert_int_equal(push->sa.sak.cipher, CIPHER_AES_128);
	assert_int_equal(push->sa.sak.sig_algorithm, SIG_ALG_RSA);
	assert_int_equal(pull->sa.sak.management, 0);
	assert_int_equal(push->sa.sak.management, KEK_MANAGEMENT_LKH);
	free(pull);
	free(push);
	scene_free(s);
}

/* One key packet for the SAK and one for each SAT, each with the keys that it asks for. */
static void
rfc6407_5_6_keys_match_the_policy(void **state)
{
	static const struct policy_maker *const all[] = {&usual, &gcm, &hierarchy};

	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_SIZE(all); i++) {
		struct scene *s = scene_new(all[i / 2], 0);
		struct said *d = what_is_said(s, i % 2);
		size_t keks = 0, sids = 0, teks[GDOI_KEYS_MAX] = {0};

		for (size_t k = 0; k < d->kd.n; k++) {
			const struct gdoi_key *key = &d->kd.keys[k];
			struct rd spi = rd_span(key->spi);
			uint32_t number = key->type == KD_TEK ? rd_u32(&spi) : 0;

			keks += key->type == KD_KEK || key->type == KD_LKH;
			if (key->type == KD_KEK || key->type == KD_LKH) {
				assert_int_equal(key->spi.n, KEK_SPI_SIZE);
				assert_memory_equal(key->spi.p, d->sa.sak.spi, KEK_SPI_SIZE);
			}
			if (key->type == KD_KEK) /* 5.6.2.1: the IV, then the key */
				assert_int_equal(key->key.n, cipher_block_size(d->sa.sak.cipher) +
				                                 cipher_key_size(d->sa.sak.cipher));
			if (key->type == KD_SID) { /* 5.6.4: no SPI, at least one value */
				assert_int_equal(key->spi.n, 0);
				assert_true(key->n_sids > 0);
				sids++;
			}
			for (size_t t = 0; number && t < d->sa.n_sats; t++) {
				const struct gdoi_sat *sat = &d->sa.sats[t];

				if (sat->protocol != GDOI_PROTO_ESP || sat->spi != number)
					continue;
				teks[t]++;
				assert_int_equal(key->key.n, cipher_keymat_size(sat->suite.cipher));
				assert_int_equal(key->auth.n, hash_size(sat->suite.auth));
			}
		}
		assert_int_equal(keks, 1);
		for (size_t t = 0; t < d->sa.n_sats; t++)
			assert_int_equal(teks[t], d->sa.sats[t].protocol == GDOI_PROTO_ESP);
		/* 5.6.4.4: with a counter mode, and never in a push, which all members get */
		assert_int_equal(sids, all[i / 2] == &gcm && i % 2 == 0);
		assert_false(i % 2 && d->sa.has_gap && d->sa.gap.has_sid); /* 5.4 */
		free(d);
		scene_free(s);
	}
}

/* --- what a member refuses -------------------------------------------------------------------- */

static void
rfc6407_5_3_sak_without_its_algorithms(void **state)
{
	struct scene *s = scene_new(&usual, 0);
	struct forge *f = forge_new(s->gm);

	(void)state;
	forge_sak(f, s->gm, true)->sig_algorithm = 0;
	assert_int_equal(forge_push(f, s->gm), DROP_POLICY);
	assert_true(node_logged(s->gm, "refused: a rekey signature we do not support"));
	f = forge_new(s->gm);
	forge_sak(f, s->gm, true)->cipher = CIPHER_NULL;
	assert_int_equal(forge_push(f, s->gm), DROP_POLICY);
	assert_true(node_logged(s->gm, "refused: a KEK algorithm we do not support"));
	scene_free(s);
}

static void
rfc6407_5_6_2_1_iv_before_the_key(void **state)
{
	struct scene *s = scene_new(&usual, 0);
	struct forge *f = forge_new(s->gm);
	struct gdoi_key *k = &f->kd.keys[0];

	(void)state;
	forge_sak(f, s->gm, true);
	k->key = SPAN(k->key.p + 8, k->key.n - 8); /* 3DES: a block of eight octets */
	assert_int_equal(forge_push(f, s->gm), DROP_POLICY);
	assert_true(node_logged(s->gm, "refused: a KEK of the wrong size"));
	scene_free(s);
}

/* Protocol and ports of zero: any. */
static void
rfc6407_5_5_1_zero_is_any(void **state)
{
	struct gdoi_sat sat = {.protocol = GDOI_PROTO_ESP,
	                       .src = gdoi_end_of(0x0a010000, 0xffff0000, 0),
	                       .dst = gdoi_end_of(0x0a020000, 0xffff0000, 0)};
	struct flow tcp = {
	    .proto = 6, .src = 0x0a010203, .dst = 0x0a020304, .sport = 1234, .dport = 80};
	struct flow udp = tcp;
	struct selector s;

	(void)state;
	udp.proto = 17;
	assert_true(gdoi_sat_selector(&sat, &s));
	assert_true(selector_match(&s, &tcp) && selector_match(&s, &udp));
	sat.proto = 6;
	assert_true(gdoi_sat_selector(&sat, &s));
	assert_true(selector_match(&s, &tcp) && !selector_match(&s, &udp));
	sat.dst.port = 443;
	assert_true(gdoi_sat_selector(&sat, &s));
	assert_false(selector_match(&s, &tcp));
	sat.dst.port = 0;
	sat.src.port = 1234;
	assert_true(gdoi_sat_selector(&sat, &s));
	assert_true(selector_match(&s, &tcp));
}

/* LKH is a SHOULD, and has tests of its own; all that MUST be there at once, as it is pushed. */
static void
rfc6407_6_1_what_must_be_there(void **state)
{
	static const struct policy_maker m = {.kek = CIPHER_AES_128};
	struct world *w = world_new();
	struct policy *p = policy_server(&m, addr_of("10.1.12.1"));
	struct rsa_key *rsa = rsa_key_generate(2048);
	struct node_under_test *ks, *gm;

	(void)state;
	((struct policy_group *)(uintptr_t)p->groups)->server.rekey.sig_hash = HASH_SHA256;
	w->rsa = rsa;
	ks = world_node(w, "10.1.12.1", p);
	gm = world_member(w, &m, "10.1.23.3");
	world_pass(w, SECONDS(3));
	assert_true(node_registered(gm));
	for (unsigned i = 1; i <= 2; i++) { /* under the KEK of the pull, and of a push */
		const struct gm_kek *k = &forge_gm(gm)->policy->kek;

		assert_int_equal(k->cipher, CIPHER_AES_128);
		assert_int_equal(k->sig_hash, HASH_SHA256);
		assert_int_equal(k->sig_bits, 2048);
		assert_true(core_ks_rekey(ks->core, NULL, false, w->now));
		world_drain(ks);
		world_pass(w, SECONDS(9));
		assert_int_equal(forge_gm(gm)->rekeys_received, i);
	}
	world_free(w);
	rsa_key_free(rsa);
}

/* --- who is a member -------------------------------------------------------------------------- */

/* The push that ends memberships brings no keys: SEQ, what is deleted, SIG. */
static void
rfc6407_7_4_1_no_keys_in_a_push_that_ends_memberships(void **state)
{
	(void)state;
	for (int now = 0; now < 2; now++) {
		struct scene *s = scene_new(&usual, EXCHANGE_GROUPKEY_PUSH);
		struct gm_policy *had = gm_policy_copy(forge_gm(s->gm)->policy);

		assert_true(core_ks_clear_members(s->ks->core, NULL, now, s->w->now));
		world_drain(s->ks);
		world_pass(s->w, SECONDS(60));
		assert_true(s->n > 0);
		for (size_t i = 0; i < s->n; i++) {
			struct packet *p = &s->kept[i];
			struct isakmp_payloads all;

			assert_memory_equal(p->bytes, had->kek.spi, PUSH_SPI);
			assert_true(push_crypt(had->kek.cipher, &had->kek.key, false,
			                       p->bytes + ISAKMP_HEADER, p->n - ISAKMP_HEADER));
			assert_true(isakmp_payloads_get(
			    p->bytes[16], SPAN(p->bytes + ISAKMP_HEADER, p->n - ISAKMP_HEADER),
			    true, &all));
			assert_null(isakmp_payload_find(&all, PAYLOAD_SA));
			assert_null(isakmp_payload_find(&all, PAYLOAD_KD));
			assert_int_equal(isakmp_payload_count(&all, PAYLOAD_DELETE), 1 + now);
		}
		gm_policy_free(had);
		scene_free(s);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rfc6407_2_1_doi_and_port_of_phase_1),
	    cmocka_unit_test(rfc6407_3_2_registration_says_where_rekeys_are),
	    cmocka_unit_test(rfc6407_3_3_stale_number_of_a_registration),
	    cmocka_unit_test(rfc6407_3_3_unacceptable_policy_ends_phase_1),
	    cmocka_unit_test(rfc6407_7_2_5_old_messages_of_a_pull),
	    cmocka_unit_test(rfc6407_5_reserved_fields_are_zero),
	    cmocka_unit_test(rfc6407_5_3_attributes_of_the_sak),
	    cmocka_unit_test(rfc6407_5_6_keys_match_the_policy),
	    cmocka_unit_test(rfc6407_5_3_sak_without_its_algorithms),
	    cmocka_unit_test(rfc6407_5_6_2_1_iv_before_the_key),
	    cmocka_unit_test(rfc6407_5_5_1_zero_is_any),
	    cmocka_unit_test(rfc6407_6_1_what_must_be_there),
	    cmocka_unit_test(rfc6407_7_4_1_no_keys_in_a_push_that_ends_memberships),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
