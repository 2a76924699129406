/* SPDX-License-Identifier: Apache-2.0 */
/* JSON that is read without a tree: what it takes is JSON, and says what a tree says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "runtime/store/store_etcd_json.h"
#include "runtime/store/store_etcd_scan.h"

static struct etcd_scan
scan_of(const char *text)
{
	return (struct etcd_scan){.at = text, .end = text + strlen(text)};
}

static void
values_are_read(void **state)
{
	struct etcd_scan s =
	    scan_of(" { \"a\" : \"x/+=\",\"n\":\"18446744073709551615\",\"t\":true,"
	            "\"l\":[ ],\"m\":[0,10 ] }\n");
	unsigned seen = 0;

	(void)state;
	assert_true(etcd_scan_open(&s, '{', '}'));
	assert_true(etcd_scan_is(etcd_scan_name(&s), "a"));
	assert_true(etcd_scan_is(etcd_scan_string(&s), "x/+="));
	assert_true(etcd_scan_more(&s, '}'));
	assert_true(etcd_scan_is(etcd_scan_name(&s), "n"));
	assert_true(etcd_scan_number(&s) == UINT64_MAX);
	assert_true(etcd_scan_more(&s, '}'));
	etcd_scan_name(&s);
	assert_true(etcd_scan_true(&s));
	assert_true(etcd_scan_more(&s, '}'));
	etcd_scan_name(&s);
	assert_false(etcd_scan_open(&s, '[', ']'));
	assert_true(etcd_scan_more(&s, '}'));
	etcd_scan_name(&s);
	assert_true(etcd_scan_open(&s, '[', ']'));
	assert_int_equal(etcd_scan_number(&s), 0);
	assert_true(etcd_scan_more(&s, ']'));
	assert_int_equal(etcd_scan_number(&s), 10);
	assert_false(etcd_scan_more(&s, ']'));
	assert_false(etcd_scan_done(&s));
	assert_false(etcd_scan_more(&s, '}'));
	assert_true(etcd_scan_done(&s));
	etcd_scan_once(&s, &seen, 1);
	etcd_scan_once(&s, &seen, 2);
	assert_false(s.odd);
	etcd_scan_once(&s, &seen, 1);
	assert_true(s.odd);
}

static void
odd_texts(void **state)
{
	static const char *const texts[] = {
	    "",         "{",        "}",
	    "[1,]",     "{\"a\"}",  "{\"a\":}",
	    "{a:1}",    "01",       "-1",
	    "\"\\n\"",  "\"\x80\"", "\"a",
	    "tru",      "[1 2]",    "{\"a\":1,}",
	    "\"\x01\"", "[}",       "null",
	    "1 1",      "[[]",      "18446744073709551616",
	    "1.5",      "[,1]",     "[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct etcd_scan s = scan_of(texts[i]);

		etcd_scan_skip(&s);
		assert_false(etcd_scan_done(&s));
	}
}

/* What is changed at one or two octets is passed over only where a tree can be made of it. */
static void
what_is_taken_is_json(void **state)
{
	static const char line[] =
	    "{\"result\":{\"header\":{\"revision\":\"9\"},\"events\":[{\"type\":\"DELETE\",\"kv\":{"
	    "\"key\":\"L3QvYQ==\",\"mod_revision\":\"1\",\"ok\":true}},[],{},[{},12,[\"\"]]]}}\n";
	static const char octets[] = "{}[],:\"\\01etrufalsn -\n\x80\x01";
	unsigned taken = 0;

	(void)state;
	srand(1);
	for (int i = 0; i < 200000; i++) {
		char text[sizeof(line)];
		struct etcd_scan s;
		json_t *json;

		memcpy(text, line, sizeof(line));
		for (int k = i % 3; k >= 0; k--)
			text[(size_t)rand() % (sizeof(line) - 1)] =
			    octets[(size_t)rand() % (sizeof(octets) - 1)];
		s = scan_of(text);
		etcd_scan_skip(&s);
		if (!etcd_scan_done(&s))
			continue;
		taken++;
		json = json_loadb(text, strlen(text), JSON_DECODE_ANY, NULL);
		assert_non_null(json);
		json_decref(json);
	}
	assert_in_range(taken, 1000, 199999);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(values_are_read),
	    cmocka_unit_test(odd_texts),
	    cmocka_unit_test(what_is_taken_is_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
