/* SPDX-License-Identifier: Apache-2.0 */
/* JSON that is read without a tree: what it takes is JSON, and says what a tree says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "runtime/store/store_etcd_commit.h"
#include "runtime/store/store_etcd_events.h"
#include "runtime/store/store_etcd_scan.h"

static struct etcd_scan
scan_of(const char *text)
{
	return etcd_scan_of(SPAN(text, strlen(text)));
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
	    "",
	    "{",
	    "}",
	    "[1,]",
	    "{\"a\"}",
	    "{\"a\":}",
	    "{a:1}",
	    "01",
	    "-1",
	    "\"\\n\"",
	    "\"\x80\"",
	    "\"a",
	    "tru",
	    "[1 2]",
	    "{\"a\":1,}",
	    "\"\x01\"",
	    "[}",
	    "null",
	    "1 1",
	    "[[]",
	    "18446744073709551616",
	    "1.5",
	    "[,1]",
	    "[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]",
	    "9223372036854775808",
	    "{\"a\":1,\"b\":[{}],\"a\":2}",
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
		json =
		    json_loadb(text, strlen(text), JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
		assert_non_null(json);
		json_decref(json);
	}
	assert_in_range(taken, 1000, 199999);
}

/* --- beside a tree ---------------------------------------------------------------------------- */

#define ROUNDS 100000

/* One to three octets are others, or are not there, or a piece is there twice. */
static struct span
mutate_text(const char *text, char *buf)
{
	static const char octets[] = "{}[],:\"\\0179etDkv_ -\n\x80\x01=";
	size_t n = strlen(text);

	memcpy(buf, text, n);
	for (int k = rand() % 3; k >= 0; k--) {
		size_t at = (size_t)rand() % n, some = (size_t)rand() % (n - at);

		switch (rand() % 8) {
		case 0:
			memmove(buf + at, buf + at + 1, n - at - 1);
			n--;
			break;
		case 1: /* members and elements come twice, or change places */
			some = some > 40 ? 40 : some;
			memmove(buf + at + some, buf + at, n - at);
			n += some;
			break;
		default:
			buf[at] = octets[(size_t)rand() % (sizeof(octets) - 1)];
		}
	}
	return SPAN(buf, n);
}

static void
assert_same_events(const struct etcd_events *a, const struct etcd_events *b)
{
	assert_true(a->position == b->position);
	assert_int_equal(a->n, b->n);
	for (size_t i = 0; i < a->n; i++) {
		const struct etcd_kv *x = &a->kvs[i], *y = &b->kvs[i];

		assert_string_equal(x->name, y->name);
		assert_true(x->revision == y->revision);
		assert_int_equal(!x->value, !y->value);
		assert_int_equal(x->n, y->n);
		if (x->value && x->n)
			assert_memory_equal(x->value, y->value, x->n);
	}
}

/* Whatever line is read where it stands, a tree of it says the same. */
static void
lines_say_what_a_tree_says(void **state)
{
#define HEADER                                                                                     \
	"\"header\":{\"cluster_id\":\"14841639068965178418\",\"member_id\":\"10276657743932975437" \
	"\",\"revision\":\"9\",\"raft_term\":\"2\"}"
	static const char *const lines[] = {
	    "{\"result\":{" HEADER ",\"events\":[{\"kv\":{\"key\":\"L3QvYQ==\",\"create_revision\":"
	    "\"8\",\"mod_revision\":\"9\",\"version\":\"1\",\"value\":\"MQ==\",\"lease\":\"7\"}},{"
	    "\"type\":\"DELETE\",\"kv\":{\"key\":\"L3QvYg==\",\"mod_revision\":\"9\"}},{\"kv\":{"
	    "\"key\":\"L3Qv\",\"mod_revision\":9}}]}}",
	    "{\"result\":{\"events\":[{\"kv\":{\"key\":\"L3QvYQ==\",\"mod_revision\":\"1\"}},{"
	    "\"kv\":{\"mod_revision\":\"2\",\"key\":\"L3QvYSBi\",\"value\":\"\"}}]}}",
	    "{\"result\":{" HEADER ",\"canceled\":true,\"compact_revision\":\"9\"}}",
	};
	const struct store_etcd s = {.root = "/t/"};
	unsigned taken = 0;

	(void)state;
	srand(2);
	for (int i = 0; i < ROUNDS; i++) {
		char buf[1024];
		struct span line = mutate_text(lines[(size_t)i % ARRAY_SIZE(lines)], buf);
		struct etcd_events usual = {.prefix = ""}, other = {.prefix = ""};

		if (etcd_events_scan(&s, &usual, line)) {
			taken++;
			assert_int_equal(etcd_events_parse(&s, &other, line), 0);
			assert_same_events(&usual, &other);
		} else {
			assert_int_equal(usual.n, 0);
			assert_true(!usual.position);
		}
		etcd_events_fini(&usual);
		etcd_events_fini(&other);
	}
	assert_in_range(taken, ROUNDS / 100, ROUNDS - 1);
}

/* The same of an answer to a transaction. */
static void
answers_say_what_a_tree_says(void **state)
{
	static const char *const answers[] = {
	    "{" HEADER ",\"succeeded\":true,\"responses\":[{\"response_put\":{\"header\":{"
	    "\"revision\":\"9\"}}},{\"response_delete_range\":{\"header\":{\"revision\":\"9\"},"
	    "\"deleted\":\"1\"}}]}",
	    "{" HEADER "}",
	    "{" HEADER ",\"succeeded\":false}",
	};
	unsigned taken = 0;

	(void)state;
	srand(3);
	for (int i = 0; i < ROUNDS; i++) {
		char buf[1024];
		struct span text = mutate_text(answers[(size_t)i % ARRAY_SIZE(answers)], buf);
		struct etcd_commit usual, other;
		json_t *json;

		if (!etcd_commit_scan(text, &usual))
			continue;
		taken++;
		json = json_loadb((const char *)text.p, text.n, JSON_REJECT_DUPLICATES, NULL);
		assert_true(json_is_object(json));
		assert_int_equal(etcd_json_error(json), 0);
		assert_true(etcd_commit_parse(json, &other));
		json_decref(json);
		assert_int_equal(usual.done, other.done);
		assert_memory_equal(&usual.header, &other.header, sizeof(usual.header));
	}
	assert_in_range(taken, ROUNDS / 100, ROUNDS - 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(values_are_read),
	    cmocka_unit_test(odd_texts),
	    cmocka_unit_test(what_is_taken_is_json),
	    cmocka_unit_test(lines_say_what_a_tree_says),
	    cmocka_unit_test(answers_say_what_a_tree_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
