/* SPDX-License-Identifier: Apache-2.0 */
/* The ring of SA payloads: what it holds, and who makes room for whom. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/core/offers.h"

#define MIB      (1u << 20)
#define WHOLE    (14 * MIB)
#define MEMBER   0x0a011703u /* 10.1.23.3 */
#define STRANGER 0x14000000u
#define OF_ONE   56 /* octets of an offer of one transform */

static const uint8_t key[SIPHASH_KEY] = "sixteen octets!";

/* A body that differs from those of other numbers. */
static struct span
body_of(uint32_t number, size_t n)
{
	static uint8_t buf[OFFERS_BODY_MAX];

	memset(buf, (int)(n & 0xff), n);
	memcpy(buf + n - sizeof(number), &number, sizeof(number));
	return SPAN(buf, n);
}

static uint32_t
tag_of(struct span body)
{
	return offers_tag(siphash(key, body));
}

static bool
put_one(struct offers *o, uint32_t source, uint32_t number, size_t n)
{
	struct span body = body_of(number, n);

	return offers_put(o, source, tag_of(body), body);
}

static bool
is_there(const struct offers *o, uint32_t number, size_t n)
{
	struct span body = body_of(number, n);

	return offers_has(o, tag_of(body), body);
}

static uint32_t
any_source(uint32_t i)
{
	return (i + 1) * 2654435761u;
}

static void
test_same_offers_are_kept_once(void **state)
{
	struct offers *o = offers_new(key, WHOLE);
	struct span body, got;
	size_t at = 0;

	(void)state;
	assert_false(is_there(o, 1, OF_ONE));
	for (uint32_t i = 0; i < 100000; i++)
		assert_true(put_one(o, any_source(i), 1, OF_ONE));
	assert_int_equal(offers_count(o), 1);
	body = body_of(1, OF_ONE);
	got = offers_next(o, tag_of(body), &at);
	assert_int_equal(got.n, body.n);
	assert_memory_equal(got.p, body.p, body.n);
	assert_int_equal(offers_next(o, tag_of(body), &at).n, 0);
	offers_free(o);
}

/* What 100 000 packets a second bring in two seconds has room, in less than 17 MiB. */
static void
test_room_for_two_seconds(void **state)
{
	struct offers *o = offers_new(key, WHOLE);

	(void)state;
	for (uint32_t i = 0; i < 500000; i++)
		assert_true(put_one(o, any_source(i), i, OF_ONE));
	for (uint32_t i = 300000; i < 500000; i++)
		assert_true(is_there(o, i, OF_ONE));
	assert_false(is_there(o, 0, OF_ONE));
	assert_true(offers_octets(o) < 17 * MIB);
	offers_free(o);
}

/* One source, or one network, displaces its own: the member's stays as long as that lasts. */
static void
check_flood_from(uint32_t mask)
{
	struct offers *o = offers_new(key, WHOLE);

	assert_true(put_one(o, MEMBER, 1, 300));
	for (uint32_t i = 0; i < 500000; i++) {
		put_one(o, STRANGER | (i & mask), i, OF_ONE);
		if (i == 250000) /* while it is full */
			assert_true(put_one(o, MEMBER + 1, 2, 300));
	}
	assert_true(is_there(o, 1, 300));
	assert_true(is_there(o, 2, 300));
	offers_free(o);
}

static void
test_one_source_displaces_its_own(void **state)
{
	(void)state;
	check_flood_from(0);
}

static void
test_one_network_displaces_its_own(void **state)
{
	(void)state;
	check_flood_from(0xff);
}

/* In the member's own network: its address alone tells it from the neighbour's. */
static void
test_a_neighbour_displaces_its_own(void **state)
{
	struct offers *o = offers_new(key, WHOLE);

	(void)state;
	assert_true(put_one(o, MEMBER, 1, OF_ONE));
	for (uint32_t i = 2; i < 500000; i++)
		put_one(o, MEMBER + 1, i, OF_ONE);
	assert_true(is_there(o, 1, OF_ONE));
	offers_free(o);
}

static void
test_one_that_comes_again_stays(void **state)
{
	struct offers *o = offers_new(key, WHOLE);

	(void)state;
	for (uint32_t i = 0; i < 500000; i++) {
		if (i % 100000 == 0)
			assert_true(put_one(o, MEMBER, UINT32_MAX, OF_ONE));
		put_one(o, any_source(i), i, OF_ONE);
		if (i % 1000 == 0)
			assert_true(is_there(o, UINT32_MAX, OF_ONE));
	}
	offers_free(o);
}

/*
 * Offers of all lengths in a small ring, from few and many: what was taken is there at once, and
 * what is counted is what can be found.
 */
static void
test_every_length(void **state)
{
	enum { SOME = 20000 };
	struct offers *o = offers_new(key, 65536);
	uint16_t *lengths = x_alloc(SOME * sizeof(*lengths));
	size_t there = 0;

	(void)state;
	srandom(7);
	for (uint32_t i = 0; i < SOME; i++) {
		uint32_t again = i ? (uint32_t)random() % i : 0;
		uint32_t source = random() % 3 ? STRANGER : any_source(i);

		lengths[i] =
		    (uint16_t)(random() % 4 ? 4 + random() % 80 : OFFERS_BODY_MAX - random() % 900);
		if (put_one(o, source, i, lengths[i]))
			assert_true(is_there(o, i, lengths[i]));
		if (random() % 2 && is_there(o, again, lengths[again]))
			assert_true(put_one(o, any_source(again), again, lengths[again]));
		if (i % 1000)
			continue;
		there = 0;
		for (uint32_t j = 0; j <= i; j++)
			there += is_there(o, j, lengths[j]);
		assert_int_equal(there, offers_count(o));
	}
	assert_true(there > 50);
	free(lengths);
	offers_free(o);
}

/*
 * Offers whose tags lie close together, as whoever looks at its cookies can pick them: what was
 * taken is there, and is kept once.
 */
static void
test_picked_tags(void **state)
{
	enum { PICKED = 20000, SAME_BITS = 6 };
	struct offers *o = offers_new(key, WHOLE);
	uint32_t picked = 0;

	(void)state;
	for (uint32_t i = 0; picked < PICKED; i++) {
		if (tag_of(body_of(i, OF_ONE)) >> (OFFERS_TAG_BITS - SAME_BITS))
			continue;
		picked++;
		assert_true(put_one(o, any_source(i), i, OF_ONE));
		assert_true(is_there(o, i, OF_ONE));
		assert_true(put_one(o, any_source(i), i, OF_ONE));
	}
	assert_int_equal(offers_count(o), PICKED);
	offers_free(o);
}

/* Of one tag as many are taken as one look-up finds; the others' places stay. */
static void
test_equal_tags(void **state)
{
	enum { TAG = 0x123456 };
	struct offers *o = offers_new(key, WHOLE);
	uint32_t taken = 0;

	(void)state;
	for (uint32_t i = 0; i < 4 * OFFERS_PROBES; i++) {
		struct span body = body_of(i, OF_ONE);
		bool put = offers_put(o, any_source(i), TAG, body);

		assert_int_equal(put, offers_has(o, TAG, body));
		taken += put;
	}
	assert_int_equal(taken, OFFERS_PROBES);
	assert_int_equal(offers_count(o), OFFERS_PROBES);
	assert_true(offers_has(o, TAG, body_of(0, OF_ONE)));
	assert_true(put_one(o, MEMBER, 1, OF_ONE));
	offers_free(o);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_same_offers_are_kept_once),
	    cmocka_unit_test(test_room_for_two_seconds),
	    cmocka_unit_test(test_one_source_displaces_its_own),
	    cmocka_unit_test(test_one_network_displaces_its_own),
	    cmocka_unit_test(test_a_neighbour_displaces_its_own),
	    cmocka_unit_test(test_one_that_comes_again_stays),
	    cmocka_unit_test(test_every_length),
	    cmocka_unit_test(test_picked_tags),
	    cmocka_unit_test(test_equal_tags),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
