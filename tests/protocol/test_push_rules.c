/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a member makes of rekeys and registrations of another kind of server: what they add to its
 * policy, and what they replace (RFC 6407 4, 5).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/protocol/scene.h"

static const struct policy_maker gcm = {.suite = {CIPHER_GCM_256, HASH_NONE}};

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
	assert_int_equal(forge_gm(s->gm)->rekey_sas, 2); /* one for each KEK */
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
	assert_int_equal(forge_gm(s->gm)->policy->kek.prev_seq, 0);
	f = forge_new(s->gm);
	forge_sat(f, 0x1001, LAB);
	assert_int_equal(forge_push(f, s->gm), DROP_NONE);
	assert_int_equal(forge_gm(s->gm)->policy->kek.seq, 8);
	assert_int_equal(forge_gm(s->gm)->policy->kek.prev_seq, 7);
	assert_int_equal(forge_gm(s->gm)->rekey_sas, 1);
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
	    cmocka_unit_test(rfc6407_5_2_1_registration_with_kek_alone),
	    cmocka_unit_test(rfc6407_5_6_1_keys_follow_by_rekey),
	    cmocka_unit_test(rfc6407_5_6_1_2_gmac_key_as_either),
	    cmocka_unit_test(rfc6407_5_3_listens_where_the_sak_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
