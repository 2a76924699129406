/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When a member acknowledges a rekey (RFC 8263), and when it changes over to the keys of one (the
 * delays of RFC 6407 5.4.1 and RFC 5374 4.2.1).
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/protocol/scene.h"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rfc8263_4_not_acknowledged_before_it_is_installed),
	    cmocka_unit_test(rfc8263_7_2_repeats_are_acknowledged_within_limits),
	    cmocka_unit_test(rfc8263_7_2_latest_sak_decides),
	    cmocka_unit_test(rfc5374_4_2_1_old_sa_sends_until_the_new_one_may),
	    cmocka_unit_test(rfc6407_5_4_1_no_gap_between_the_delays),
	    cmocka_unit_test(rfc6407_5_4_delays_in_a_registration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
