/* SPDX-License-Identifier: Apache-2.0 */
/* What a document's author saw, beside what is shown here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/lab/compare.h"
#include "cli/lab/comparison.h"

#define LINES_MAX 1000

/* theirs and ours are lines; the items come out as "kind|theirs|ours" lines, kinds ~ - + ". */
static char *
compared_text(const char *theirs, const char *ours)
{
	static const char kinds[] = {'~', '-', '+', '"'};
	struct arena *a = arena_new();
	struct compare_line *lines = x_alloc(LINES_MAX * sizeof(*lines));
	struct compared r;
	static char out[4096];
	size_t n = 0, at = 0;

	for (char *s = arena_strdup(a, theirs); s && n < LINES_MAX;) {
		char *next = strchr(s, '\n');

		if (next)
			*next++ = '\0';
		lines[n] = (struct compare_line){(unsigned)n + 1, s};
		n++;
		s = next;
	}
	compare_texts(a, lines, n, ours, &r);
	*out = '\0';
	if (r.too_long)
		snprintf(out, sizeof(out), "too long");
	for (size_t i = 0; i < r.n && at < sizeof(out); i++)
		at += (size_t)snprintf(out + at, sizeof(out) - at, "%c|%s|%s\n",
		                       kinds[r.items[i].kind],
		                       r.items[i].theirs ? r.items[i].theirs : "",
		                       r.items[i].ours ? r.items[i].ours : "");
	free(lines);
	arena_free(a);
	return out;
}

struct agreeing_case {
	const char *theirs, *ours;
	bool agree;
};

static void
test_values(void **state)
{
	static const struct agreeing_case cases[] = {
	    /* settings, names, addresses */
	    {"Group Identity : 134", "    Group Identity           : 134", true},
	    {"Group Identity : 134", "Group Identity : 135", false},
	    {"Profile Name : GET_PRO", "Profile Name : GET_PRO2", false},
	    {"local crypto endpt.: 10.1.1.1", "local crypto endpt.: 10.1.1.2", false},
	    {"Group Rekey Lifetime : 86400 secs", "Group Rekey Lifetime : 3600 secs", false},
	    /* what changes from run to run */
	    {"Remaining Lifetime : 82712 secs", "Remaining Lifetime : 5 secs", true},
	    {"sa timing:remaining key lifetime (sec): (3412)",
	     "sa timing: remaining key lifetime (sec): (12)", true},
	    {"spi: 0x3A2F10(3813136)", "spi: 0x77(119)", true},
	    {"current outbound spi: 0x3A2F10(3813136)", "current outbound spi: 0x0(0)", false},
	    {"R1 uptime is 1d02h", "R1 uptime is 00:10:22", true},
	    {"conn id: 3, flow_id: SW:3", "conn id: 1, flow_id: SW:1", true},
	    {"Success rate is 100 percent (5/5), round-trip min/avg/max = 1/2/4 ms",
	     "Success rate is 100 percent (5/5), round-trip min/avg/max = 4/4/4 ms", true},
	    {"Success rate is 100 percent (5/5)", "Success rate is 0 percent (0/5)", false},
	    {"!!!!!", ".!!!!", true},
	    {"!!!!!", ".....", false},
	    /* counters */
	    {"#pkts encaps: 5, #pkts encrypt: 5", "#pkts encaps: 10, #pkts encrypt: 10", true},
	    {"#pkts encaps: 5, #pkts encrypt: 5", "#pkts encaps: 0, #pkts encrypt: 0", false},
	    {"permit esp host 10.1.1.1 any (hitcnt=5) 0x66c788df",
	     "permit esp host 10.1.1.1 any (hitcnt=7) 0x812875b9", true},
	    {"permit esp host 10.1.1.1 any (hitcnt=5) 0x66c788df",
	     "permit esp host 10.1.1.1 any (hitcnt=0) 0x812875b9", false},
	    {"Rekeys received : 0", "Rekeys received : 2", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const bool agree = !*compared_text(cases[i].theirs, cases[i].ours);

		if (agree != cases[i].agree)
			fail_msg("\"%s\" and \"%s\"", cases[i].theirs, cases[i].ours);
	}
}

static void
test_columns(void **state)
{
	(void)state;
	assert_string_equal(
	    compared_text("dst src state conn-id slot status\n"
	                  "10.1.12.1 10.1.23.3 GDOI_IDLE 1006 0 ACTIVE\n"
	                  "10.1.12.1 10.1.24.4 GDOI_IDLE 1007 0 ACTIVE",
	                  "dst             src             state          conn-id slot status\n"
	                  "10.1.12.1       10.1.24.4       GDOI_IDLE         1001    0 ACTIVE\n"
	                  "10.1.12.1       10.1.23.3       GDOI_IDLE         1002    0 ACTIVE\n"),
	    "");
	assert_string_equal(compared_text("dst src slot\n10.1.12.1 10.1.23.3 0",
	                                  "dst src slot\n10.1.12.1 10.1.23.3 1\n"),
	                    "~|10.1.12.1 10.1.23.3 0|10.1.12.1 10.1.23.3 1\n");
}

static void
test_lines(void **state)
{
	(void)state;
	/* broken behind a colon; blank lines; log lines */
	assert_string_equal(
	    compared_text("Group Name :\nGET_VPN (Unicast)\n\n"
	                  "*Mar  1 00:00:54.000: %SYS-5-CONFIG_I: Configured from console\n"
	                  "Group Rekey\nRemaining Lifetime : 82712 secs",
	                  "    Group Name   : GET_VPN (Unicast)\n    Group Rekey\n\n"
	                  "        Remaining Lifetime   : 86366 secs\n"),
	    "");
	assert_string_equal(compared_text("Group Identity : 134\nACL Configured : access-list L",
	                                  "Group Identity : 134\nGroup Members : 2\n"),
	                    "-|ACL Configured : access-list L|\n+||Group Members : 2\n");
	/* the author goes on */
	assert_string_equal(
	    compared_text("Group Identity : 134\nNow let us configure the members.\n"
	                  "Group of lines : 5",
	                  "Group Identity : 134\n"),
	    "\"|Now let us configure the members.|\n\"|Group of lines : 5|\n");
}

static void
test_any_text(void **state)
{
	char *ours = x_alloc(20001);

	(void)state;
	for (size_t i = 0; i < 20000; i += 2)
		memcpy(ours + i, "a\n", 2);
	assert_string_equal(compared_text("a", ours), "too long");
	memset(ours, 'a', 20000);
	assert_non_null(compared_text(ours, "b c : : : d,,, :::\n\t\n: =\n"));
	for (size_t i = 1; i < 20000; i += 2)
		ours[i] = ' ';
	assert_non_null(compared_text("a a a", ours));
	/* a show, and a book behind it */
	memset(ours, '\n', 20000);
	memcpy(ours, "Members : 4", 11);
	for (size_t i = 12; i + 4 < 20000; i += 4)
		memcpy(ours + i, "It.\n", 4);
	assert_null(strchr(compared_text(ours, "Members : 4"), '~'));
	assert_string_equal(compared_text("", ""), "");
	assert_string_equal(compared_text(":", ":"), "");
	free(ours);
}

/* --- the account of a run --------------------------------------------------------------------- */

static char *
printed_account(const struct comparison *c)
{
	static char out[4096];
	FILE *f = fmemopen(out, sizeof(out), "w");

	comparison_print(c, f);
	fclose(f);
	return out;
}

static void
test_account(void **state)
{
	struct comparison *c = comparison_new();

	(void)state;
	comparison_excuse(c, "^Group Identity", "the author's group is another");
	comparison_there(c, 1, "before any command");
	comparison_begin(c, "doc", 7, "show crypto gdoi");
	comparison_here(c, "R3", "Group Identity : 1\nMembers : 5\n");
	comparison_here(c, "R4", "Group Identity : 1\nMembers : 4\n");
	comparison_there(c, 8, "Group Identity : 134 // a remark");
	comparison_there(c, 9, "Members : 4");
	comparison_end(c);
	assert_int_equal(comparison_differing(c), 0);
	assert_non_null(
	    strstr(printed_account(c), "doc:7: R4: show crypto gdoi: 1 line alike, 1 differs"));
	assert_non_null(strstr(printed_account(c), "reason    the author's group is another"));
	comparison_begin(c, "doc", 17, "show clock");
	comparison_here(c, "R3", "Members : 5\n");
	comparison_there(c, 18, "Members : 4");
	comparison_begin(c, "doc", 27, "show clock"); /* ends the one before */
	comparison_here(c, "R3", "Members : 5\n");
	comparison_there(c, 28, "And this is what we would expect to see.");
	comparison_end(c);
	assert_int_equal(comparison_differing(c), 1);
	assert_non_null(
	    strstr(printed_account(c),
	           "all: 2 commands compared: 1 line alike, 1 differs, 1 more for a reason"));
	comparison_begin(c, "doc", 37, "show clock");
	comparison_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_values),  cmocka_unit_test(test_columns),
	    cmocka_unit_test(test_lines),   cmocka_unit_test(test_any_text),
	    cmocka_unit_test(test_account),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
