/* SPDX-License-Identifier: Apache-2.0 */
/* Deletions in a rekey (RFC 6407 5.9): of keys, of all keys, of the KEK. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/protocol/scene.h"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rfc6407_5_9_last_key_deleted_registers_again_at_once),
	    cmocka_unit_test(rfc6407_5_9_one_key_of_two),
	    cmocka_unit_test(rfc6407_5_9_kek_deleted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
