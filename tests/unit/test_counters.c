/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How far a member has counted under each key, over restarts, kills and bad disks: RFC 4303 3.3.2.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "runtime/dataplane/counters.h"

static char folder[] = "/tmp/testudo-counters-XXXXXX";
static char path[64];

static const uint8_t keys[2][16] = {"0123456789abcde", "fedcba987654321"};

static struct dp_sa
sa_of(uint32_t spi, int key)
{
	return (struct dp_sa){.spi = spi,
	                      .suite = {CIPHER_AES_128, HASH_NONE},
	                      .enc_key = SPAN(keys[key], 16),
	                      .start = 5000};
}

static uint32_t
settle_last(struct counters *c, uint32_t spi, int key)
{
	struct dp_sa sa = sa_of(spi, key);
	struct counter *k = counters_find(c, &sa);
	uint32_t n = counter_last(k);

	counter_settle(c, k, n, n);
	return n;
}

static void
write_text(const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static int
fresh_file(void **state)
{
	(void)state;
	unlink(path);
	return 0;
}

static void
rfc4303_3_3_2_a_new_key_begins_at_one(void **state)
{
	struct counters *c = counters_new(path, false, NULL);
	struct dp_sa sa = sa_of(0x1000, 0);
	struct counter *k = counters_find(c, &sa);
	uint32_t used = counter_last(k), limit = used;
	struct stat st;

	(void)state;
	assert_int_equal(used, 0);
	assert_true(counter_reserve(c, k, 100, &used, &limit, 0));
	assert_int_equal(used, 0);
	assert_int_equal(limit, 100);
	/* on the disk, and nobody else's to read */
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	counter_settle(c, k, 40, limit);
	counters_free(c);
	c = counters_new(path, false, NULL);
	assert_int_equal(settle_last(c, 0x1000, 0), 40);
	/* another key under that SPI, and that key under another SPI, are others */
	assert_int_equal(settle_last(c, 0x1000, 1), 0);
	assert_int_equal(settle_last(c, 0x1001, 0), 0);
	counters_free(c);
}

/* Killed: no end is written. The next run begins behind what was reserved. */
static void
rfc4303_3_3_2_a_kill_repeats_no_number(void **state)
{
	struct counters *c = counters_new(path, false, NULL), *next;
	struct dp_sa sa = sa_of(0x1000, 0);
	struct counter *k = counters_find(c, &sa);
	uint32_t used = 0, limit = 0;

	(void)state;
	assert_true(counter_reserve(c, k, 100, &used, &limit, 0));
	used = 100;
	assert_true(counter_reserve(c, k, 100, &used, &limit, 0));
	assert_int_equal(used, 100);
	next = counters_new(path, false, NULL);
	assert_int_equal(settle_last(next, 0x1000, 0), 200);
	counters_free(next);
	counters_free(c);
}

/* Two dataplanes while a group goes from one to the other. */
static void
two_users_share_no_number(void **state)
{
	struct counters *c = counters_new(NULL, true, NULL);
	struct dp_sa sa = sa_of(0x1000, 0);
	struct counter *a = counters_find(c, &sa), *b = counters_find(c, &sa);
	uint32_t used[2] = {0, 0}, limit[2] = {0, 0};

	(void)state;
	assert_true(counter_reserve(c, a, 100, &used[0], &limit[0], 0));
	assert_true(counter_reserve(c, b, 100, &used[1], &limit[1], 0));
	assert_int_equal(used[1], 100);
	assert_int_equal(limit[1], 200);
	counter_settle(c, a, 10, limit[0]);
	assert_int_equal(counter_last(b), 200);
	counter_settle(c, b, 150, limit[1]);
	assert_int_equal(settle_last(c, 0x1000, 0), 150);
	counters_free(c);
}

static void
numbers_end(void **state)
{
	struct counters *c = counters_new(NULL, true, NULL);
	struct dp_sa sa = sa_of(0x1000, 0);
	struct counter *k = counters_find(c, &sa);
	uint32_t used = UINT32_MAX - 5, limit = 0;

	(void)state;
	assert_true(counter_reserve(c, k, 100, &used, &limit, 0));
	assert_int_equal(limit, UINT32_MAX);
	used = UINT32_MAX;
	assert_false(counter_reserve(c, k, 100, &used, &limit, 0));
	counter_settle(c, k, used, limit);
	counters_free(c);
}

/* Nothing is known then: keys begin by their age, now and in later runs. */
static void
an_unreadable_file_is_no_empty_one(void **state)
{
	static const char *const bad[] = {
	    "",
	    "testudo counters 1\n",
	    "testudo counters 1\n00001000 00112233445566778899aabbccddeeff 12\n",
	    "testudo counters 1\nend\n00001000 00112233445566778899aabbccddeeff 12\n",
	    "testudo counters 1\nend",
	    "testudo counters 2\nend\n",
	    "testudo counters 1\n00001000 00\nend\n",
	    "testudo counters 1\n00001000 00112233445566778899aabbccddeeff 12",
	    "testudo counters 1\n00001000 00112233445566778899aabbccddeefg 12\nend\n",
	    "testudo counters 1\n00001000 00112233445566778899aabbccddeeff 12 \nend\n",
	};
	struct counters *c;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct dp_sa sa = sa_of(0x2000, 0);
		struct counter *k;
		uint32_t used, limit;

		write_text(bad[i]);
		c = counters_new(path, true, NULL);
		assert_int_equal(settle_last(c, 0x1000, 0), 5000);
		k = counters_find(c, &sa);
		used = limit = counter_last(k);
		assert_true(counter_reserve(c, k, 100, &used, &limit, 0));
		counter_settle(c, k, used + 10, limit);
		counters_free(c);
		c = counters_new(path, true, NULL);
		assert_int_equal(settle_last(c, 0x3000, 0), 5000);
		assert_int_equal(settle_last(c, 0x2000, 0), 5010);
		counters_free(c);
	}
}

static void
what_cannot_be_written_is_not_used(void **state)
{
	struct counters *c = counters_new("/nonexistent/counters", true, NULL);
	struct dp_sa sa = sa_of(0x1000, 0);
	struct counter *k = counters_find(c, &sa);
	uint32_t used = 0, limit = 0;

	(void)state;
	assert_false(counter_reserve(c, k, 100, &used, &limit, 0));
	assert_int_equal(limit, 0);
	assert_int_equal(counter_last(k), 0);
	counter_settle(c, k, used, limit);
	counters_free(c);
}

static void
the_longest_unused_gives_way(void **state)
{
	struct counters *c = counters_new(path, true, NULL);
	uint32_t used, limit;

	(void)state;
	for (uint32_t spi = 0x1000; spi < 0x1000 + COUNTERS_MAX + 10; spi++) {
		struct dp_sa sa = sa_of(spi, 0);
		struct counter *k = counters_find(c, &sa);

		used = limit = 0;
		if (spi == 0x1000 || spi > 0x1000 + COUNTERS_MAX)
			assert_true(counter_reserve(c, k, 7, &used, &limit, 0));
		counter_settle(c, k, limit, limit);
		assert_true(settle_last(c, 0x1000, 0) == 7); /* in use */
	}
	counters_free(c);
	c = counters_new(path, true, NULL);
	assert_int_equal(settle_last(c, 0x1000, 0), 7);
	assert_int_equal(settle_last(c, 0x1000 + COUNTERS_MAX + 9, 0), 7);
	counters_free(c);
}

/*
 * More keys than are remembered otherwise, in use at once: each of them is, and by the next run
 * too.
 */
static void
what_was_in_use_together_is_remembered(void **state)
{
	enum { N = COUNTERS_MAX + 50 };
	static struct counter *k[N];
	struct counters *c = counters_new(path, true, NULL);
	uint32_t used = 0, limit = 0;

	(void)state;
	for (uint32_t i = 0; i < N; i++) {
		struct dp_sa sa = sa_of(0x1000 + i, 0);

		k[i] = counters_find(c, &sa);
	}
	assert_true(counter_reserve(c, k[1], 7, &used, &limit, 0));
	for (uint32_t i = 0; i < N; i++)
		counter_settle(c, k[i], counter_last(k[i]), counter_last(k[i]));
	/* one more makes one give way */
	assert_int_equal(settle_last(c, 0x5000, 0), 0);
	assert_int_equal(settle_last(c, 0x1001, 0), 7);
	counters_free(c);
	c = counters_new(path, true, NULL);
	assert_int_equal(settle_last(c, 0x6000, 0), 0);
	assert_int_equal(settle_last(c, 0x1001, 0), 7);
	counters_free(c);
}

/* A disk that is full is not asked for every packet. */
static void
what_cannot_be_written_is_tried_now_and_then(void **state)
{
	char beside[80];
	struct counters *c;
	struct dp_sa sa = sa_of(0x1000, 0);
	struct counter *k;
	uint32_t used = 0, limit = 0;

	(void)state;
	snprintf(beside, sizeof(beside), "%s.new", path);
	assert_int_equal(mkdir(beside, 0700), 0);
	c = counters_new(path, true, NULL);
	k = counters_find(c, &sa);
	assert_false(counter_reserve(c, k, 100, &used, &limit, 5000));
	rmdir(beside);
	assert_false(counter_reserve(c, k, 100, &used, &limit, 5001));
	assert_int_not_equal(access(path, F_OK), 0);
	assert_true(counter_reserve(c, k, 100, &used, &limit, 5100));
	assert_int_equal(limit, 100);
	/* what can be written is, as often as is asked */
	used = limit;
	assert_true(counter_reserve(c, k, 100, &used, &limit, 5100));
	counter_settle(c, k, limit, limit);
	counters_free(c);
}

/* What has given way may have been used: it does not begin at 1, now or in later runs. */
static void
rfc4303_3_3_2_what_gave_way_is_not_unused(void **state)
{
	struct counters *c = counters_new(path, true, NULL);
	struct dp_sa sa = sa_of(0x1000, 0);
	struct counter *k = counters_find(c, &sa);
	uint32_t used = 0, limit = 0;

	(void)state;
	assert_true(counter_reserve(c, k, 7, &used, &limit, 0));
	counter_settle(c, k, limit, limit);
	for (uint32_t spi = 0x2000; spi < 0x2000 + COUNTERS_MAX - 1; spi++)
		assert_int_equal(settle_last(c, spi, 0), 0);
	assert_int_equal(settle_last(c, 0x1000, 0), 7);
	for (uint32_t spi = 0x3000; spi < 0x3000 + COUNTERS_MAX - 1; spi++)
		assert_int_equal(settle_last(c, spi, 0), 0); /* the others were never used */
	assert_int_equal(settle_last(c, 0x4000, 0), 0);
	assert_int_equal(settle_last(c, 0x1000, 0), 5000);
	counters_free(c);
	c = counters_new(path, true, NULL);
	assert_int_equal(settle_last(c, 0x1000, 0), 5000);
	assert_int_equal(settle_last(c, 0x5000, 0), 5000);
	counters_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(rfc4303_3_3_2_a_new_key_begins_at_one, fresh_file),
	    cmocka_unit_test_setup(rfc4303_3_3_2_a_kill_repeats_no_number, fresh_file),
	    cmocka_unit_test_setup(two_users_share_no_number, fresh_file),
	    cmocka_unit_test_setup(numbers_end, fresh_file),
	    cmocka_unit_test_setup(an_unreadable_file_is_no_empty_one, fresh_file),
	    cmocka_unit_test_setup(what_cannot_be_written_is_not_used, fresh_file),
	    cmocka_unit_test_setup(the_longest_unused_gives_way, fresh_file),
	    cmocka_unit_test_setup(what_was_in_use_together_is_remembered, fresh_file),
	    cmocka_unit_test_setup(what_cannot_be_written_is_tried_now_and_then, fresh_file),
	    cmocka_unit_test_setup(rfc4303_3_3_2_what_gave_way_is_not_unused, fresh_file),
	};
	int failed;

	if (!mkdtemp(folder))
		return 1;
	snprintf(path, sizeof(path), "%s/counters", folder);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	rmdir(folder);
	return failed;
}
