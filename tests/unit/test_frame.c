/* SPDX-License-Identifier: Apache-2.0 */
/* The frames between `testudo sh` and a router: whole ones, halves, too long ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/local/frame.h"

/* In a block of exactly n octets, where the sanitizer sees one that is read behind it. */
static int
take_exactly(const unsigned char *octets, size_t n, struct frame *ret, void **ret_block)
{
	void *block = malloc(n ? n : 1);

	assert_non_null(block);
	memcpy(block, octets, n);
	*ret_block = block;
	return frame_take(block, n, ret);
}

static void
test_whole_and_half(void **state)
{
	static const size_t sizes[] = {0, 1, 4, 255, 256, 4095, FRAME_MAX};
	unsigned char *octets = malloc(FRAME_HEAD + FRAME_MAX + 1);
	struct frame f;
	void *block;

	(void)state;
	assert_non_null(octets);
	memset(octets, 'x', FRAME_HEAD + FRAME_MAX + 1);
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		size_t whole = FRAME_HEAD + sizes[i];

		frame_head(octets, FRAME_DATA, sizes[i]);
		for (size_t n = 0; n < whole; n += n < 600 ? 1 : 97) {
			assert_int_equal(take_exactly(octets, n, &f, &block), 0);
			free(block);
		}
		for (size_t more = 0; more < 2; more++) {
			assert_int_equal(take_exactly(octets, whole + more, &f, &block), whole);
			assert_int_equal(f.type, FRAME_DATA);
			assert_int_equal(f.body.n, sizes[i]);
			assert_ptr_equal(f.body.p, (unsigned char *)block + FRAME_HEAD);
			free(block);
		}
	}
	free(octets);
}

/* What is too long is known by its head, before anything of it is kept. */
static void
test_too_long(void **state)
{
	static const unsigned char heads[][FRAME_HEAD] = {
	    {'D', 0x40, 0x01}, {'D', 0x7f, 0xff}, {'D', 0xff, 0xff}, {0, 0x80, 0x00}};
	struct frame f;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(heads); i++) {
		assert_int_equal(frame_take(heads[i], 2, &f), 0);
		assert_int_equal(frame_take(heads[i], 3, &f), -1);
	}
}

static void
test_sizes(void **state)
{
	static const struct {
		unsigned in, out;
	} cases[] = {{0, 0},
	             {1, 1},
	             {80, 80},
	             {256, 256},
	             {300, 300},
	             {FRAME_SIDE_MAX, FRAME_SIDE_MAX},
	             {FRAME_SIDE_MAX + 1, 0},
	             {70000, 0}};
	unsigned char body[FRAME_SIZE_BODY + 1] = {0};
	unsigned width, height;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		frame_put_size(body, cases[i].in, cases[ARRAY_SIZE(cases) - 1 - i].in);
		assert_true(frame_get_size(SPAN(body, 4), &width, &height));
		assert_int_equal(width, cases[i].out);
		assert_int_equal(height, cases[ARRAY_SIZE(cases) - 1 - i].out);
	}
	memset(body, 0xff, sizeof(body));
	assert_true(frame_get_size(SPAN(body, 4), &width, &height));
	assert_int_equal(width + height, 0);
	for (size_t n = 0; n <= sizeof(body); n++)
		assert_int_equal(frame_get_size(SPAN(body, n), &width, &height), n == 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_whole_and_half),
	    cmocka_unit_test(test_too_long),
	    cmocka_unit_test(test_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
