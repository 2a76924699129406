/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a member makes of rekeys of another kind of server: which add, which replace, which are
 * refused as a whole, and when they are acknowledged (RFC 6407 4, 5; RFC 8263).
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/protocol/forge.h"

struct scene {
	struct world *w;
	struct node_under_test *ks, *gm;
	unsigned acks; /* datagrams of that kind that the member has sent */
};

static unsigned
count_acks(struct world *w, struct packet *p)
{
	unsigned *acks = w->fault_arg;

	*acks += p->n > 18 && p->bytes[18] == EXCHANGE_GROUPKEY_PUSH_ACK;
	return 1;
}

static struct scene *
scene_new(const struct policy_maker *m)
{
	struct scene *s = x_alloc(sizeof(*s));

	s->w = world_new();
	s->ks = world_server(s->w, m);
	s->gm = world_member(s->w, m, "10.1.23.3");
	world_pass(s->w, SECONDS(3));
	assert_true(node_registered(s->gm));
	s->w->fault = count_acks;
	s->w->fault_arg = &s->acks;
	return s;
}

static void
scene_free(struct scene *s)
{
	world_free(s->w);
	free(s);
}

static const struct policy_maker usual = {.no_rekey = false};
static const struct policy_maker gcm = {.suite = {CIPHER_GCM_256, HASH_NONE}};

/* The place of a permit in what was installed; n_entries: it is not there. */
static size_t
place_of_permit(const struct node_under_test *n, const char *src, const char *dst)
{
	size_t i;

	for (i = 0; i < n->dp.n_entries; i++) {
		const struct selector *s = &n->dp.entries[i].selector;

		if (s->permit && s->src == addr_of(src) && s->dst == addr_of(dst))
			break;
	}
	return i;
}

/* The SPI that it is encrypted under; 0: a closed door. */
static uint32_t
sends_with(const struct node_under_test *n, const char *src, const char *dst)
{
	size_t k = place_of_permit(n, src, dst), i;
	uint32_t spi = 0;

	assert_true(k < n->dp.n_entries);
	for (i = 0; i < n->dp.n_sas; i++)
		if (n->dp.sas[i].send && n->dp.sas[i].sa == n->dp.entries[k].sa)
			spi = n->dp.sas[i].spi;
	return spi;
}

static bool
receives_under(const struct node_under_test *n, uint32_t spi)
{
	for (size_t i = 0; i < n->dp.n_sas; i++)
		if (n->dp.sas[i].spi == spi)
			return n->dp.sas[i].receive;
	return false;
}

#define LAB "192.168.0.0", "192.168.0.0"
#define NEW "10.7.0.0", "10.8.0.0"

/* --- adding and replacing --------------------------------------------------------------------- */

static void
rfc6407_4_push_adds_to_the_policy(void **state)
{
	struct scene *s = scene_new(&usual);
	uint32_t lab = sends_with(s->gm, LAB);
	struct forge *f = forge_new(s->gm);

	(void)state;
	forge_sat(f, 0x1001, NEW);
	assert_int_equal(forge_push(f, s->gm), DROP_NONE);
	/* the new one before all, what was not named as it was: key, place, deny */
	assert_int_equal(s->gm->dp.n_entries, 3);
	assert_int_equal(place_of_permit(s->gm, NEW), 0);
	assert_false(s->gm->dp.entries[1].selector.permit);
	assert_int_equal(place_of_permit(s->gm, LAB), 2);
	assert_int_equal(sends_with(s->gm, NEW), 0x1001);
	assert_int_equal(sends_with(s->gm, LAB), lab);
	/* one of two renewed */
	f = forge_new(s->gm);
	forge_sat(f, 0x1002, LAB);
	assert_int_equal(forge_push(f, s->gm), DROP_NONE);
	assert_int_equal(s->gm->dp.n_entries, 3);
	assert_false(s->gm->dp.entries[1].selector.permit);
	assert_int_equal(place_of_permit(s->gm, LAB), 2);
	assert_int_equal(sends_with(s->gm, LAB), 0x1002);
	assert_int_equal(sends_with(s->gm, NEW), 0x1001);
	assert_true(receives_under(s->gm, lab));
	world_pass(s->w, SECONDS(10));
	assert_int_equal(s->acks, 2);
	scene_free(s);
}

/* When its key is over the entry stays, a closed door, until a registration replaces the policy. */
static void
rfc6407_4_entry_without_key_is_a_closed_door(void **state)
{
	struct scene *s = scene_new(&usual);
	struct forge *f = forge_new(s->gm);

	(void)state;
	forge_sat(f, 0x1001, NEW)->lifetime = 300;
	assert_int_equal(forge_push(f, s->gm), DROP_NONE);
	s->w->fault = NULL;
	node_set(s->ks, policy_begin(&usual)); /* the server is away */
	world_pass(s->w, SECONDS(400));
	assert_int_equal(place_of_permit(s->gm, NEW), 0);
	assert_int_equal(sends_with(s->gm, NEW), 0);
	assert_int_not_equal(sends_with(s->gm, LAB), 0);
	node_set(s->ks, policy_server(&usual, s->ks->addr));
	world_pass(s->w, SECONDS(200));
	assert_int_equal(s->gm->dp.n_entries, 2);
	assert_int_not_equal(sends_with(s->gm, LAB), 0);
	scene_free(s);
}

static void
test_whole_policy_replaces(void **state)
{
	struct scene *s = scene_new(&usual);
	struct forge *f = forge_new(s->gm);
	uint32_t lab = sends_with(s->gm, LAB);

	(void)state;
	f->sa.has_gap = f->sa.gap.whole = true;
	forge_sat(f, 0x1001, NEW);
	assert_int_equal(forge_push(f, s->gm), DROP_NONE);
	assert_int_equal(s->gm->dp.n_entries, 1);
	assert_int_equal(sends_with(s->gm, NEW), 0x1001);
	assert_true(receives_under(s->gm, lab));
	scene_free(s);
}

/* New keys for two policies at once in one SA, and for one policy in two. */
static void
rfc6407_4_policies_that_join_and_part(void **state)
{
	struct scene *s = scene_new(&usual);
	struct forge *f = forge_new(s->gm);
	uint32_t lab = sends_with(s->gm, LAB);

	(void)state;
	forge_sat(f, 0x1001, NEW);
	assert_int_equal(forge_push(f, s->gm), DROP_NONE);
	f = forge_new(s->gm);
	forge_sat(f, 0x1002, LAB);
	forge_sat(f, 0x1002, NEW);
	assert_int_equal(forge_push(f, s->gm), DROP_NONE);
	assert_int_equal(sends_with(s->gm, LAB), 0x1002);
	assert_int_equal(sends_with(s->gm, NEW), 0x1002);
	assert_true(receives_under(s->gm, lab) && receives_under(s->gm, 0x1001));
	f = forge_new(s->gm);
	forge_sat(f, 0x1003, NEW);
	forge_sat(f, 0x1004, LAB);
	assert_int_equal(forge_push(f, s->gm), DROP_NONE);
	assert_int_equal(sends_with(s->gm, LAB), 0x1004);
	assert_int_equal(sends_with(s->gm, NEW), 0x1003);
	assert_int_equal(s->gm->dp.n_entries, 3);
	/* a new selector under a key that is there */
	f = forge_new(s->gm);
	forge_sat(f, 0x1003, "10.6.0.0", "10.8.0.0");
	assert_int_equal(forge_push(f, s->gm), DROP_NONE);
	assert_int_equal(sends_with(s->gm, "10.6.0.0", "10.8.0.0"), 0x1003);
	assert_int_equal(sends_with(s->gm, NEW), 0x1003);
	scene_free(s);
}

static void
test_more_than_fits(void **state)
{
	struct scene *s = scene_new(&usual);
	struct forge *f;
	unsigned i, k;

	(void)state;
	/* entries */
	for (i = 0; i < 6; i++) {
		unsigned before = s->gm->dp.count;
		size_t n = s->gm->dp.n_entries;

		f = forge_new(s->gm);
		for (k = 0; k < 100; k++)
			forge_sat(f, 0x2000, NEW)->dst.port = (uint16_t)(1 + i * 100 + k);
		assert_int_equal(forge_push(f, s->gm), i < 5 ? DROP_NONE : DROP_POLICY);
		assert_int_equal(s->gm->dp.count, before + (i < 5));
		assert_int_equal(s->gm->dp.n_entries, i < 5 ? n + 100 : n);
	}
	assert_true(node_logged(s->gm, "refused: more selectors than we can hold"));
	world_pass(s->w, SECONDS(20)); /* it has asked for the policy */
	assert_int_equal(s->gm->dp.n_entries, 2);
	/* keys, all of them to send with */
	for (i = 0; i <= DP_SAS_MAX; i++) {
		char src[16], dst[16];

		snprintf(src, sizeof(src), "10.%u.0.0", i % 200);
		snprintf(dst, sizeof(dst), "20.%u.0.0", i / 200);
		f = forge_new(s->gm);
		forge_sat(f, 0x3000 + i, src, dst);
		if (forge_push(f, s->gm))
			break;
	}
	assert_in_range(i, DP_SAS_MAX - 2, DP_SAS_MAX - 1);
	assert_true(node_logged(s->gm, "refused: more keys than we can hold"));
	scene_free(s);
}

/* Many new keys of one policy: those that only receive make room, the oldest first. */
static void
test_many_rekeys(void **state)
{
	struct scene *s = scene_new(&usual);

	(void)state;
	for (uint32_t i = 0; i < DP_SAS_MAX + 20; i++) {
		struct forge *f = forge_new(s->gm);

		forge_sat(f, 0x1000 + i, LAB)->lifetime = 3600 + i;
		assert_int_equal(forge_push(f, s->gm), DROP_NONE);
		assert_int_equal(sends_with(s->gm, LAB), 0x1000 + i);
	}
	assert_true(receives_under(s->gm, 0x1000 + DP_SAS_MAX + 18));
	scene_free(s);
}

/* --- KEK alone -------------------------------------------------------------------------------- */

static void
rfc6407_5_2_1_push_with_kek_alone(void **state)
{
	struct scene *s = scene_new(&usual);
	struct forge *f = forge_new(s->gm);
	uint32_t lab = sends_with(s->gm, LAB);

	(void)state;
	forge_sak(f, s->gm, true);
	assert_int_equal(forge_push(f, s->gm), DROP_NONE);
	assert_int_equal(sends_with(s->gm, LAB), lab);
	assert_int_equal(s->gm->dp.n_entries, 2);
	assert_int_equal(forge_gm(s->gm)->policy->kek.seq, 0);
	f = forge_new(s->gm);
	assert_int_equal(f->seq, 1); /* 4: the first packet under it has number 1 */
	forge_sat(f, 0x1001, LAB);
	assert_int_equal(forge_push(f, s->gm), DROP_NONE);
	assert_int_equal(sends_with(s->gm, LAB), 0x1001);
	scene_free(s);
}

/* The same KEK announced once more keeps its sequence number. */
static void
rfc6407_3_3_sequence_number_of_a_known_kek_stays(void **state)
{
	struct scene *s = scene_new(&usual);
	struct forge *f = forge_new(s->gm);

	(void)state;
	f->seq = 7;
	forge_sak(f, s->gm, false);
	assert_int_equal(forge_push(f, s->gm), DROP_NONE);
	assert_int_equal(forge_gm(s->gm)->policy->kek.seq, 7);
	f = forge_new(s->gm);
	f->seq = 7;
	forge_sat(f, 0x1001, LAB);
	assert_int_equal(forge_push(f, s->gm), DROP_SEQUENCE);
	scene_free(s);
}

/* --- refused as a whole ----------------------------------------------------------------------- */

static void
check_refused(struct scene *s, struct forge *take_f, const char *why)
{
	unsigned count = s->gm->dp.count;
	uint32_t seq = take_f->seq, lab = sends_with(s->gm, LAB);
	struct forge *f;

	s->gm->log_n = 0;
	s->acks = 0;
	assert_int_equal(forge_push(take_f, s->gm), DROP_POLICY);
	assert_int_equal(s->gm->dp.count, count);
	if (!node_logged(s->gm, why))
		fail_msg("not said: %s", why);
	world_pass(s->w, SECONDS(6));
	assert_int_equal(s->acks, 0);
	assert_int_equal(sends_with(s->gm, LAB), lab);
	/* its number is still free, and the next one is taken */
	f = forge_new(s->gm);
	assert_int_equal(f->seq, seq);
	forge_sat(f, 0x4000 + count, LAB);
	assert_int_equal(forge_push(f, s->gm), DROP_NONE);
	assert_int_equal(sends_with(s->gm, LAB), 0x4000 + count);
	world_pass(s->w, SECONDS(5));
	assert_int_equal(s->acks, 1);
	world_pass(s->w, SECONDS(20));
	assert_true(node_logged(s->gm, "%GDOI-5-GM_REGS_COMPL")); /* it has asked */
}

static void
rfc4303_2_1_reserved_spi_is_refused(void **state)
{
	static const uint32_t spis[] = {0, 1, 255};
	struct scene *s = scene_new(&usual);
	struct forge *f;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(spis); i++) {
		f = forge_new(s->gm);
		forge_sat(f, 0x1001, NEW);
		forge_sat(f, spis[i], LAB);
		check_refused(s, f, "an SPI that is reserved");
	}
	scene_free(s);
}

static void
rfc6407_5_refusals_say_why(void **state)
{
	struct scene *s = scene_new(&usual);
	struct forge *f;

	(void)state;
	f = forge_new(s->gm);
	forge_sat(f, 0x1001, LAB)->protocol = GDOI_PROTO_AH;
	check_refused(s, f, "refused: AH, which we do not support");
	for (uint16_t i = 1; i < 6; i++) {
		if (i == 4)
			continue;
		f = forge_new(s->gm);
		forge_sat(f, 0x1001, LAB)->address_preservation = i;
		check_refused(s, f,
		              "refused: address preservation other than source and destination");
	}
	f = forge_new(s->gm);
	forge_sat(f, 0x1001, LAB);
	f->sa.situation = 1;
	check_refused(s, f, "refused: an SA payload with a situation");
	f = forge_new(s->gm);
	forge_sak(f, s->gm, true)->management = 2;
	check_refused(s, f, "refused: a KEK management algorithm");
	f = forge_new(s->gm);
	forge_sak(f, s->gm, true)->proto = 6;
	check_refused(s, f, "refused: rekeys by another protocol than UDP");
	f = forge_new(s->gm);
	forge_sat(f, 0x1001, LAB);
	f->kd.n = 0;
	f->kd.keys[f->kd.n++] =
	    (struct gdoi_key){.type = KD_TEK, .spi = SPAN("none", 4), .key = SPAN("k", 1)};
	check_refused(s, f, "refused: a key is missing");
	/* 5.6.4: one identifier for all members would be one nonce for all */
	f = forge_new(s->gm);
	forge_sat(f, 0x1001, LAB);
	f->kd.keys[f->kd.n++] =
	    (struct gdoi_key){.type = KD_SID, .sid_bits = 24, .n_sids = 1, .sids = {9}};
	check_refused(s, f, "refused: a sender identifier in a rekey");
	scene_free(s);
}

/* A key to verify with that is none would show only when the next rekey comes. */
static void
rfc6407_5_6_2_2_public_key_that_is_none(void **state)
{
	struct scene *s = scene_new(&usual);
	struct forge *f = forge_new(s->gm);

	(void)state;
	forge_sak(f, s->gm, true);
	f->kd.keys[0].auth = SPAN(forge_keys, 32);
	check_refused(s, f, "a public key that is none");
	scene_free(s);
}

static void
rfc6407_4_2_header_of_a_rekey(void **state)
{
	struct scene *s = scene_new(&usual);
	struct forge *f = forge_new(s->gm);
	uint8_t buf[2048];
	size_t n;

	(void)state;
	forge_sat(f, 0x1001, LAB);
	n = forge_message(f, s->gm, buf, sizeof(buf));
	free(f);
	buf[17] = 0x11; /* version 1.1 */
	assert_int_equal(forge_deliver(s->gm, buf, n), DROP_VERSION);
	buf[17] = ISAKMP_VERSION;
	memset(buf + n, 0, 8); /* longer than its header says: RFC 2408 5.1 */
	assert_int_equal(forge_deliver(s->gm, buf, n + 8), DROP_LENGTH);
	assert_int_equal(forge_deliver(s->gm, buf, n), DROP_NONE);
	scene_free(s);
}

static struct gdoi_sat *
counter_sat(struct forge *f, uint32_t spi, const char *src, const char *dst)
{
	struct gdoi_sat *sat = forge_sat(f, spi, src, dst);

	sat->transform = ESP_AES_GCM_16;
	sat->suite = (struct esp_suite){CIPHER_GCM_256, HASH_NONE};
	f->kd.keys[f->kd.n - 1].key = SPAN(forge_keys, 36);
	f->kd.keys[f->kd.n - 1].auth = SPAN(NULL, 0);
	return sat;
}

/* A member whose registration brought no identifier, since no counter mode was in use. */
static void
rfc6407_4_4_counter_mode_without_identifier_is_not_installed(void **state)
{
	struct scene *s = scene_new(&usual);
	struct forge *f = forge_new(s->gm);

	(void)state;
	counter_sat(f, 0x1001, LAB);
	check_refused(s, f,
	              "refused: a counter mode, for which this member has no sender identifier");
	/* to receive, none is needed */
	f = forge_new(s->gm);
	counter_sat(f, 0x1002, NEW)->direction = DIRECTION_RECEIVE;
	assert_int_equal(forge_push(f, s->gm), DROP_NONE);
	assert_int_equal(sends_with(s->gm, NEW), 0);
	assert_true(receives_under(s->gm, 0x1002));
	scene_free(s);
	/* with one it goes on under it */
	s = scene_new(&gcm);
	f = forge_new(s->gm);
	counter_sat(f, 0x1001, LAB);
	assert_int_equal(forge_push(f, s->gm), DROP_NONE);
	assert_int_equal(sends_with(s->gm, LAB), 0x1001);
	scene_free(s);
}

/* --- acknowledgements ------------------------------------------------------------------------- */

static void
rfc8263_4_not_acknowledged_before_it_is_installed(void **state)
{
	struct scene *s = scene_new(&usual);
	struct forge *f = forge_new(s->gm);
	uint32_t lab = sends_with(s->gm, LAB);
	uint8_t buf[2048];
	size_t n;

	(void)state;
	forge_sat(f, 0x1001, LAB);
	n = forge_message(f, s->gm, buf, sizeof(buf));
	s->gm->dp.error = -ENOSPC;
	assert_int_equal(forge_deliver(s->gm, buf, n), DROP_NONE);
	assert_int_equal(forge_deliver(s->gm, buf, n), DROP_REPEAT);
	world_pass(s->w, SECONDS(6));
	assert_int_equal(s->acks, 0);
	assert_int_equal(sends_with(s->gm, LAB), lab);
	assert_int_equal(forge_gm(s->gm)->policy->kek.seq + 1, f->seq);
	/* what comes next is taken; the member has asked as well */
	s->gm->dp.error = 0;
	free(f);
	f = forge_new(s->gm);
	forge_sat(f, 0x1002, LAB);
	assert_int_equal(forge_push(f, s->gm), DROP_NONE);
	assert_int_equal(sends_with(s->gm, LAB), 0x1002);
	world_pass(s->w, SECONDS(5));
	assert_int_equal(s->acks, 1);
	scene_free(s);
}

static void
rfc8263_7_2_repeats_are_acknowledged_within_limits(void **state)
{
	struct scene *s = scene_new(&usual);
	struct forge *f = forge_new(s->gm);
	uint8_t buf[2048];
	size_t n, i;

	(void)state;
	forge_sat(f, 0x1001, LAB);
	n = forge_message(f, s->gm, buf, sizeof(buf));
	free(f);
	/* repeats do not put the acknowledgement off */
	for (i = 0; i < 50; i++) {
		assert_int_equal(forge_deliver(s->gm, buf, n), i ? DROP_REPEAT : DROP_NONE);
		world_pass(s->w, 100);
	}
	assert_in_range(s->acks, 1, 2);
	world_pass(s->w, SECONDS(5));
	s->acks = 0;
	/* a flood of them: one in so many seconds, and some time no more */
	for (i = 0; i < 100; i++) {
		forge_deliver(s->gm, buf, n);
		world_pass(s->w, 100);
	}
	assert_in_range(s->acks, 1, 2);
	for (i = 0; i < 300; i++) {
		forge_deliver(s->gm, buf, n);
		world_pass(s->w, SECONDS(1));
	}
	assert_in_range(s->acks, 5, GM_ACK_AGAIN_MAX);
	scene_free(s);
}

/* The latest SAK says whether, the KEK that it came under says how (RFC 8263 7.2, 2.1). */
static void
rfc8263_7_2_latest_sak_decides(void **state)
{
	struct scene *s = scene_new(&usual);
	struct forge *f = forge_new(s->gm);

	(void)state;
	forge_sak(f, s->gm, true)->ack = 0;
	assert_int_equal(forge_push(f, s->gm), DROP_NONE);
	world_pass(s->w, SECONDS(5));
	assert_int_equal(s->acks, 0);
	f = forge_new(s->gm);
	forge_sak(f, s->gm, true)->ack = KEK_ACK_KEK_SHA256;
	assert_int_equal(forge_push(f, s->gm), DROP_NONE);
	world_pass(s->w, SECONDS(5));
	assert_int_equal(s->acks, 1);
	scene_free(s);
}

/* --- delays ----------------------------------------------------------------------------------- */

static void
rfc5374_4_2_1_old_sa_sends_until_the_new_one_may(void **state)
{
	struct scene *s = scene_new(&usual);
	struct forge *f = forge_new(s->gm);
	uint32_t lab = sends_with(s->gm, LAB);

	(void)state;
	f->sa.has_gap = true;
	f->sa.gap = (struct gdoi_gap){.has_atd = true, .atd = 30, .has_dtd = true, .dtd = 60};
	forge_sat(f, 0x1001, LAB);
	forge_sat(f, 0x1002, NEW); /* replaces none: there is nothing to wait for */
	assert_int_equal(forge_push(f, s->gm), DROP_NONE);
	assert_int_equal(sends_with(s->gm, LAB), lab);
	assert_int_equal(sends_with(s->gm, NEW), 0x1002);
	assert_true(receives_under(s->gm, 0x1001));
	world_pass(s->w, SECONDS(29));
	assert_int_equal(sends_with(s->gm, LAB), lab);
	world_pass(s->w, SECONDS(2));
	assert_int_equal(sends_with(s->gm, LAB), 0x1001);
	assert_true(receives_under(s->gm, lab));
	world_pass(s->w, SECONDS(30));
	assert_false(receives_under(s->gm, lab));
	/* delays of one policy are not those of another */
	f = forge_new(s->gm);
	f->sa.has_gap = true;
	f->sa.gap = (struct gdoi_gap){.has_dtd = true, .dtd = 10};
	forge_sat(f, 0x1003, LAB);
	assert_int_equal(forge_push(f, s->gm), DROP_NONE);
	world_pass(s->w, SECONDS(11));
	assert_false(receives_under(s->gm, 0x1001));
	assert_int_equal(sends_with(s->gm, NEW), 0x1002);
	scene_free(s);
}

/* Deactivated before the next is due: better early than not at all. */
static void
rfc6407_5_4_1_no_gap_between_the_delays(void **state)
{
	struct scene *s = scene_new(&usual);
	struct forge *f = forge_new(s->gm);

	(void)state;
	f->sa.has_gap = true;
	f->sa.gap = (struct gdoi_gap){.has_atd = true, .atd = 60, .has_dtd = true, .dtd = 20};
	forge_sat(f, 0x1001, LAB);
	assert_int_equal(forge_push(f, s->gm), DROP_NONE);
	for (int i = 0; i < 90; i++) {
		world_pass(s->w, SECONDS(1));
		assert_int_not_equal(sends_with(s->gm, LAB), 0);
	}
	assert_int_equal(sends_with(s->gm, LAB), 0x1001);
	scene_free(s);
}

/* A registration's answer as another server would give it. */
static void
pull_brings(struct node_under_test *n, struct forge *take_f)
{
	const char *why = "nothing";
	struct gm *gm = forge_gm(n);
	uint8_t buf[2048];
	struct wr w = wr_buf(buf, sizeof(buf));
	struct gm_policy *fresh;

	gdoi_sa_put(&w, &take_f->sa);
	assert_true(gdoi_sa_get(wr_done(&w), &take_f->sa));
	fresh = gm_policy_from_sa(gm, &take_f->sa, false, &why);
	if (!fresh || !gm_policy_add_keys(fresh, &take_f->kd, false, &why))
		fail_msg("%s", why);
	gm_pull_done(gm, fresh);
	world_drain(n);
	free(take_f);
}

static void
rfc6407_5_4_delays_in_a_registration(void **state)
{
	struct scene *s = scene_new(&usual);
	struct forge *f = forge_new(s->gm);
	uint32_t lab = sends_with(s->gm, LAB);

	(void)state;
	f->sa.has_gap = true;
	f->sa.gap = (struct gdoi_gap){.has_atd = true, .atd = 30, .has_dtd = true, .dtd = 60};
	forge_sat(f, 0x1001, LAB);
	pull_brings(s->gm, f);
	assert_int_equal(sends_with(s->gm, LAB), lab);
	world_pass(s->w, SECONDS(31));
	assert_int_equal(sends_with(s->gm, LAB), 0x1001);
	assert_true(receives_under(s->gm, lab));
	world_pass(s->w, SECONDS(30));
	assert_false(receives_under(s->gm, lab));
	scene_free(s);
}

/* --- what a registration may bring ------------------------------------------------------------ */

static void
rfc6407_5_2_1_registration_with_kek_alone(void **state)
{
	struct scene *s = scene_new(&usual);
	struct forge *f = forge_new(s->gm);
	uint32_t lab = sends_with(s->gm, LAB);

	(void)state;
	forge_sak(f, s->gm, true)->management = 1; /* 5.3: MUST be ignored here */
	pull_brings(s->gm, f);
	assert_true(node_registered(s->gm));
	/* says nothing about traffic, so nothing of that changes */
	assert_int_equal(sends_with(s->gm, LAB), lab);
	f = forge_new(s->gm);
	forge_sat(f, 0x1001, LAB);
	assert_int_equal(forge_push(f, s->gm), DROP_NONE);
	assert_int_equal(sends_with(s->gm, LAB), 0x1001);
	scene_free(s);
}

static void
rfc6407_5_6_1_keys_follow_by_rekey(void **state)
{
	struct scene *s = scene_new(&usual);
	struct forge *f = forge_new(s->gm);

	(void)state;
	forge_sat(f, 0x1001, NEW);
	f->kd.n = 0;
	forge_sak(f, s->gm, true);
	pull_brings(s->gm, f);
	assert_true(node_registered(s->gm));
	assert_int_equal(s->gm->dp.n_entries, 1);
	assert_int_equal(sends_with(s->gm, NEW), 0);
	f = forge_new(s->gm);
	forge_sat(f, 0x1001, NEW);
	assert_int_equal(forge_push(f, s->gm), DROP_NONE);
	assert_int_equal(sends_with(s->gm, NEW), 0x1001);
	scene_free(s);
}

static void
rfc6407_5_6_1_2_gmac_key_as_either(void **state)
{
	struct scene *s = scene_new(&gcm);

	(void)state;
	for (int i = 0; i < 4; i++) { /* as an integrity key, as a key, as both, as neither */
		struct forge *f = forge_new(s->gm);
		struct gdoi_sat *sat = forge_sat(f, 0x1001 + (uint32_t)i, LAB);
		struct gdoi_key *k = &f->kd.keys[0];

		sat->transform = ESP_NULL_AUTH_AES_GMAC;
		sat->suite = (struct esp_suite){CIPHER_GMAC_128, HASH_NONE};
		k->key = SPAN(forge_keys, i == 1 || i == 2 ? 20 : 0);
		k->auth = SPAN(forge_keys, i == 0 || i == 2 ? 20 : 0);
		assert_int_equal(forge_push(f, s->gm), i < 2 ? DROP_NONE : DROP_POLICY);
		assert_int_equal(sends_with(s->gm, LAB), i < 2 ? 0x1001 + i : 0x1002);
		assert_memory_equal(node_sender(s->gm)->enc_key.p, forge_keys, 20);
	}
	scene_free(s);
}

/* --- deletions -------------------------------------------------------------------------------- */

static void
rfc6407_5_9_last_key_deleted_registers_again_at_once(void **state)
{
	static const uint8_t all[4] = {0};
	struct scene *s = scene_new(&usual);
	struct forge *f = forge_new(s->gm);
	struct arena *a = arena_new();
	size_t n;

	(void)state;
	forge_delete(f, GDOI_PROTO_ESP, 4, all);
	assert_int_equal(forge_push(f, s->gm), DROP_NONE);
	assert_int_equal(s->gm->dp.n_sas, 0);
	assert_int_equal(s->gm->dp.n_entries, 2); /* closed, not open */
	assert_true(node_logged(s->gm, "%GDOI-5-GM_DELETE_TEK: Key server deletes all TEKs of "
	                               "group GET_VPN"));
	assert_true(node_logged(s->gm, "%GDOI-4-GM_RECV_DELETE_IMMEDIATE"));
	assert_true(core_snap_groups(s->gm->core, s->w->now, a, &n)->reregister <=
	            GM_REMOVED_WAIT / SECONDS(1));
	world_pass(s->w, GM_REMOVED_WAIT + SECONDS(3));
	assert_true(node_registered(s->gm));
	assert_int_not_equal(sends_with(s->gm, LAB), 0);
	assert_int_equal(s->acks, 1);
	arena_free(a);
	scene_free(s);
}

static void
rfc6407_5_9_one_key_of_two(void **state)
{
	static const uint8_t spi[4] = {0, 0, 0x10, 0x01};
	struct scene *s = scene_new(&usual);
	struct forge *f = forge_new(s->gm);
	uint32_t lab = sends_with(s->gm, LAB);

	(void)state;
	forge_sat(f, 0x1001, NEW);
	assert_int_equal(forge_push(f, s->gm), DROP_NONE);
	f = forge_new(s->gm);
	forge_delete(f, GDOI_PROTO_ESP, 4, spi);
	assert_int_equal(forge_push(f, s->gm), DROP_NONE);
	assert_int_equal(sends_with(s->gm, NEW), 0); /* closed */
	assert_int_equal(sends_with(s->gm, LAB), lab);
	assert_true(node_logged(s->gm, "%GDOI-5-GM_DELETE_TEK: Key server deletes TEK with SPI "
	                               "0x00001001 of group GET_VPN"));
	assert_false(node_logged(s->gm, "GM_RECV_DELETE"));
	scene_free(s);
}

static void
rfc6407_5_9_malformed_deletions(void **state)
{
	static const uint8_t zero[16] = {0};
	struct scene *s = scene_new(&usual);
	struct forge *f;

	(void)state;
	f = forge_new(s->gm);
	forge_delete(f, GDOI_PROTO_ESP, 4, zero);
	f->deletes[0].doi = 1;
	check_refused(s, f, "refused: a Delete payload that is not GDOI's");
	f = forge_new(s->gm);
	forge_delete(f, 0, 16, zero);
	f->deletes[0].n = 0;
	f->deletes[0].spis.n = 0;
	check_refused(s, f, "refused: a Delete payload that names nothing");
	f = forge_new(s->gm);
	forge_delete(f, GDOI_PROTO_ESP, 16, zero);
	check_refused(s, f, "refused: a Delete payload with SPIs of the wrong size");
	f = forge_new(s->gm);
	forge_delete(f, 0, 4, "abcd");
	check_refused(s, f, "refused: a Delete payload with SPIs of the wrong size");
	f = forge_new(s->gm);
	forge_delete(f, 77, 4, zero);
	check_refused(s, f, "refused: a Delete payload of a protocol we do not know");
	/* refused with the policy beside it, as a whole */
	f = forge_new(s->gm);
	forge_delete(f, GDOI_PROTO_ESP, 4, zero);
	forge_sat(f, 1, LAB);
	check_refused(s, f, "an SPI that is reserved");
	scene_free(s);
}

/* The KEK goes, keys for traffic live on for a while, and the member asks for another. */
static void
rfc6407_5_9_kek_deleted(void **state)
{
	static const uint8_t zero[4] = {0};
	struct scene *s = scene_new(&usual);
	struct forge *f = forge_new(s->gm);
	uint32_t lab = sends_with(s->gm, LAB);

	(void)state;
	forge_delete(f, 0, 4, zero);
	assert_int_equal(forge_push(f, s->gm), DROP_NONE);
	assert_true(node_logged(s->gm, "%GDOI-5-GM_DELETE_KEK: Key server deletes the KEK of group "
	                               "GET_VPN"));
	assert_false(forge_gm(s->gm)->policy->kek.present);
	assert_int_equal(sends_with(s->gm, LAB), lab);
	world_pass(s->w, GM_REMOVED_WAIT + SECONDS(3));
	assert_true(forge_gm(s->gm)->policy->kek.present);
	assert_int_equal(s->acks, 1); /* RFC 8263 4: even so */
	scene_free(s);
}

/* --- other ports ------------------------------------------------------------------------------ */

static void
rfc6407_5_3_listens_where_the_sak_says(void **state)
{
	struct arena *a;
	struct scene *s = scene_new(&usual);
	struct forge *f = forge_new(s->gm);

	(void)state;
	assert_int_equal(s->gm->joined_port, 0);
	forge_sak(f, s->gm, true)->dst = gdoi_end_of(s->gm->addr, UINT32_MAX, 5848);
	assert_int_equal(forge_push(f, s->gm), DROP_NONE);
	assert_int_equal(s->gm->joined_port, 5848);
	assert_int_equal(s->gm->joined, 0);
	a = arena_new();
	assert_int_equal(gm_dp_group(forge_gm(s->gm), a)->rekey_port, 5848);
	arena_free(a);
	f = forge_new(s->gm);
	forge_sak(f, s->gm, true)->dst = gdoi_end_of(0xef010101, UINT32_MAX, 6000);
	assert_int_equal(forge_push(f, s->gm), DROP_NONE);
	assert_int_equal(s->gm->joined_port, 6000);
	assert_int_equal(s->gm->joined, 0xef010101);
	/* that KEK is over: so is the listening */
	f = forge_new(s->gm);
	forge_sak(f, s->gm, true);
	assert_int_equal(forge_push(f, s->gm), DROP_NONE);
	assert_int_equal(s->gm->joined_port, 0);
	assert_int_equal(s->gm->joined, 0);
	scene_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rfc6407_4_push_adds_to_the_policy),
	    cmocka_unit_test(rfc6407_4_entry_without_key_is_a_closed_door),
	    cmocka_unit_test(test_whole_policy_replaces),
	    cmocka_unit_test(rfc6407_4_policies_that_join_and_part),
	    cmocka_unit_test(test_more_than_fits),
	    cmocka_unit_test(test_many_rekeys),
	    cmocka_unit_test(rfc6407_5_2_1_push_with_kek_alone),
	    cmocka_unit_test(rfc6407_3_3_sequence_number_of_a_known_kek_stays),
	    cmocka_unit_test(rfc4303_2_1_reserved_spi_is_refused),
	    cmocka_unit_test(rfc6407_5_refusals_say_why),
	    cmocka_unit_test(rfc6407_5_6_2_2_public_key_that_is_none),
	    cmocka_unit_test(rfc6407_4_2_header_of_a_rekey),
	    cmocka_unit_test(rfc6407_4_4_counter_mode_without_identifier_is_not_installed),
	    cmocka_unit_test(rfc8263_4_not_acknowledged_before_it_is_installed),
	    cmocka_unit_test(rfc8263_7_2_repeats_are_acknowledged_within_limits),
	    cmocka_unit_test(rfc8263_7_2_latest_sak_decides),
	    cmocka_unit_test(rfc5374_4_2_1_old_sa_sends_until_the_new_one_may),
	    cmocka_unit_test(rfc6407_5_4_1_no_gap_between_the_delays),
	    cmocka_unit_test(rfc6407_5_4_delays_in_a_registration),
	    cmocka_unit_test(rfc6407_5_2_1_registration_with_kek_alone),
	    cmocka_unit_test(rfc6407_5_6_1_keys_follow_by_rekey),
	    cmocka_unit_test(rfc6407_5_6_1_2_gmac_key_as_either),
	    cmocka_unit_test(rfc6407_5_9_last_key_deleted_registers_again_at_once),
	    cmocka_unit_test(rfc6407_5_9_one_key_of_two),
	    cmocka_unit_test(rfc6407_5_9_malformed_deletions),
	    cmocka_unit_test(rfc6407_5_9_kek_deleted),
	    cmocka_unit_test(rfc6407_5_3_listens_where_the_sak_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
