/* SPDX-License-Identifier: Apache-2.0 */
/* Regular expressions: the C library's meaning, and nobody's endless run. */
#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "compiler/base/regular.h"

static bool
compiles_and_matches(const char *expression, enum regular_kind kind, const char *text)
{
	char why[REGULAR_WHY] = "";
	struct regular *r = regular_new(expression, kind, why);
	bool matches;

	if (!r)
		fail_msg("%s: %s", expression, why);
	matches = regular_matches(r, text);
	regular_free(r);
	return matches;
}

static void
test_meaning(void **state)
{
	static const struct {
		enum regular_kind kind;
		const char *expression, *text;
		bool matches;
	} cases[] = {
	    {REGULAR_LINES, "", "", true},
	    {REGULAR_LINES, "^b$", "a\nb\nc", true},
	    {REGULAR_LINES, "a.b", "a\nb", false},
	    {REGULAR_LINES, "a[^x]b", "a\nb", false},
	    {REGULAR_LINE, "^b$", "a\nb\nc", false},
	    {REGULAR_LINE, "a.b", "a\nb", true},
	    {REGULAR_LINES, "(80|100) percent \\([0-9]+/5\\)", "is 100 percent (5/5)", true},
	    {REGULAR_LINES, "^.{3}$", "abcd", false},
	    {REGULAR_LINES, "^(ab){2,3}$", "ababab", true},
	    {REGULAR_LINES, "^(ab){2,3}$", "abababab", false},
	    {REGULAR_LINES, "^(ab){,1}$", "ab", true},
	    {REGULAR_LINES, "^a{2,}$", "aaaaa", true},
	    {REGULAR_LINES, "^[[:digit:]a-c]+$", "0a1b2c", true},
	    {REGULAR_LINES, "^[[:digit:]a-c]+$", "0a1d2c", false},
	    {REGULAR_LINES, "^[]a]+$", "]a]", true},
	    {REGULAR_LINES, "\\bup\\b", "line is up now", true},
	    {REGULAR_LINES, "\\bup\\b", "upper", false},
	    {REGULAR_LINES, "\\<\\w+\\>\\s\\W", "one ,", true},
	    {REGULAR_LINES, "a|b|", "zzz", true},
	    {REGULAR_IOS, "_a_b_", "a b", true},
	    {REGULAR_IOS, "_a_", "xa", false},
	    {REGULAR_IOS, "a{1}", "a{1}", true},
	    {REGULAR_IOS, "^a*+?b$", "aab", true},
	    {REGULAR_IOS, "\\w", "a", false},
	    {REGULAR_IOS, "\\w", "w", true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (compiles_and_matches(cases[i].expression, cases[i].kind, cases[i].text) !=
		    cases[i].matches)
			fail_msg("%s on \"%s\"", cases[i].expression, cases[i].text);
}

static void
test_refused(void **state)
{
	static const char *const refused[] = {
	    "*a",         "a|*b",   "(+)",     "^*",          "[a",       "(a",
	    "a\\",        "a{",     "a{1",     "a{2,1}",      "a{x}",     "[z-a]",
	    "[[:nose:]]", "(a)\\1", "a{1001}", "(a{99}){99}", "[[.ab.]]", "(((((((((a)))))))))",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		char why[REGULAR_WHY] = "";

		if (regular_new(refused[i], REGULAR_LINES, why))
			fail_msg("%s is taken", refused[i]);
		assert_true(*why);
	}
}

static unsigned
next_random(unsigned *seed)
{
	*seed = *seed * 1103515245u + 12345u;
	return *seed >> 16 & 0x7fff;
}

static void
make_random(char *s, size_t n, const char *of, unsigned *seed)
{
	for (size_t i = 0; i < n; i++)
		s[i] = of[next_random(seed) % strlen(of)];
	s[n] = '\0';
}

/*
 * What the library takes as an expression we take, and match alike. Anchors stand at the ends
 * alone: the library itself takes `.(^)a?` to match within a line.
 */
static void
test_library(void **state)
{
	unsigned seed = 1, taken = 0;

	(void)state;
	for (unsigned round = 0; round < 40000; round++) {
		const enum regular_kind kind = round % 2 ? REGULAR_LINES : REGULAR_LINE;
		char expression[16], body[12], text[12], why[REGULAR_WHY];
		struct regular *ours;
		regex_t theirs;
		int error;

		make_random(body, 1 + next_random(&seed) % 9, "aab()|*+?.[]", &seed);
		snprintf(expression, sizeof(expression), "%s%s%s", round % 3 ? "" : "^", body,
		         round % 5 ? "" : "$");
		error =
		    regcomp(&theirs, expression,
		            REG_EXTENDED | REG_NOSUB | (kind == REGULAR_LINES ? REG_NEWLINE : 0));
		ours = regular_new(expression, kind, why);
		if (!error != !!ours)
			fail_msg("%s: %s", expression, ours ? "taken" : why);
		for (unsigned i = 0; ours && i < 8; i++) {
			make_random(text, next_random(&seed) % 8, "aab\nc]", &seed);
			if (regular_matches(ours, text) != !regexec(&theirs, text, 0, NULL, 0))
				fail_msg("%s on \"%s\"", expression, text);
		}
		taken += !!ours;
		regular_free(ours);
		if (!error)
			regfree(&theirs);
	}
	assert_true(taken > 5000);
}

static void
repeat_text(char *s, const char *piece, size_t times)
{
	for (size_t i = 0; i < times; i++)
		memcpy(s + i * strlen(piece), piece, strlen(piece) + 1);
}

/* Whose reading or matching doubles with each piece elsewhere is done here, or refused. */
static void
test_hostile(void **state)
{
	static const struct {
		const char *piece;
		size_t times;
	} hostile[] = {
	    {"_", 254},    {"(.*_)*", 40}, {"(a*)*", 50}, {"(a|a)*", 40},
	    {"(a+)+", 50}, {"(a|)*", 50},  {"a?", 120},   {"(((((((a+)+)+)+)+)+)+)+", 10},
	    {".*", 120},   {"(_|_)+", 40}, {"()*", 80},   {"a|", 120},
	};
	char expression[1001], text[4097];
	const clock_t start = clock();

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(hostile); i++) {
		repeat_text(expression, hostile[i].piece, hostile[i].times);
		(void)compiles_and_matches(expression, REGULAR_IOS, text);
		strcat(expression, "x$");
		(void)compiles_and_matches(expression, REGULAR_IOS, text);
	}
	assert_null(regular_new("(((a{9}){9}){9}){9}", REGULAR_LINES, NULL));
	memset(expression, '(', 1000);
	expression[1000] = '\0';
	assert_null(regular_new(expression, REGULAR_LINES, NULL));
	/* Not how fast: the library would be at the first of them for hours. */
	assert_true((clock() - start) / CLOCKS_PER_SEC < 60);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_meaning),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_library),
	    cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
