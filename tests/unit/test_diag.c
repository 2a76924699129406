/* SPDX-License-Identifier: Apache-2.0 */
/* The nearest name, and the list that keeps its own copies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/base/diag.h"

static void
test_nearest(void **state)
{
	static const char *const lists[] = {"LAN_LIST", "GM_LIST", "BRANCHES", "10"};
	static const struct {
		const char *word, *found;
	} cases[] = {
	    {"GM-LIST", "GM_LIST"},
	    {"gm_list", "GM_LIST"},
	    {"GMLIST", "GM_LIST"},
	    {"GM_LITS", "GM_LIST"},
	    {"LAN-LIST", "LAN_LIST"},
	    {"LAN_LIS", "LAN_LIST"},
	    {"BRANCHS", "BRANCHES"},
	    {"11", "10"},
	    {"ZZ", NULL},
	    {"GM_LIST", NULL},
	    {"", NULL},
	    {"PRINTERS", NULL},
	    {"branches", "BRANCHES"},
	};
	static const char *const alike[] = {"GMXLIST", "GM_LIST"};
	char longest[200];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *found = diag_nearest(cases[i].word, lists, ARRAY_SIZE(lists));

		print_message("%s: %s\n", cases[i].word, found ? found : "-");
		if (cases[i].found)
			assert_string_equal(found, cases[i].found);
		else
			assert_null(found);
	}
	memset(longest, 'G', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_null(diag_nearest(longest, lists, ARRAY_SIZE(lists)));
	assert_null(diag_nearest("GM-LIST", lists, 0));
	/* one edit each; the one that the eye does not see wins, wherever it stands */
	assert_string_equal(diag_nearest("GM-LIST", alike, 2), "GM_LIST");
	assert_string_equal(diag_nearest("gm_list", alike, 2), "GM_LIST");
}

static void
test_list(void **state)
{
	char text[] = "match address ipv4 GM-LIST";
	struct diag d = {
	    .severity = DIAG_WARNING, .id = "x", .line = 3, .text = text, .message = "m"};
	struct diag_list l;
	int i;

	(void)state;
	diag_list_init(&l);
	for (i = 0; i < 100; i++) {
		d.line = (unsigned)i;
		diag_add(&l, &d);
	}
	memset(text, '#', sizeof(text) - 1);
	assert_int_equal(l.n, 100);
	assert_string_equal(l.items[7].text, "match address ipv4 GM-LIST");
	assert_string_equal(l.items[7].suggest, "");
	assert_true(diag_equal(&l.items[0], &l.items[99]));
	l.items[5].severity = DIAG_ERROR;
	assert_false(diag_equal(&l.items[0], &l.items[5]));
	assert_string_equal(severity_text(DIAG_NOTE), "note");
	diag_list_fini(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_nearest),
	    cmocka_unit_test(test_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
