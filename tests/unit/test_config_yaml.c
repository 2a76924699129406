/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configurations as YAML: what is written of a configuration reads as the same one, for all
 * corpora; what a hand gets wrong is told with its place and the path of its key.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <glob.h>

#include "cli/app/commands.h"
#include "cli/device/config_load.h"
#include "compiler/base/octets.h"
#include "compiler/tree/render.h"

static char *
read_file(const char *path)
{
	FILE *f = fopen(path, "r");
	struct text t = TEXT_INIT;
	char buf[4096];
	size_t n;

	if (!f)
		fail_msg("%s: cannot be read", path);
	while ((n = fread(buf, 1, sizeof(buf), f)) > 0)
		text_add(&t, buf, n);
	fclose(f);
	text_puts(&t, "");
	return t.p;
}

static struct text
render_tree(const struct tree *t)
{
	struct text text = TEXT_INIT;

	render_config(t, text_line, &text);
	return text;
}

/* --- there and back --------------------------------------------------------------------------- */

/* The tree as a document, read again, in either form: the same text. */
static void
check_form(const char *path, const struct tree *tree, enum emit_form form)
{
	struct text doc = TEXT_INIT, want = render_tree(tree), got, told = TEXT_INIT;
	struct tree *again = tree_new_in(tnode_mode(tree_top(tree)));
	struct diag_list diags;

	diag_list_init(&diags);
	config_write(tree, form, &doc);
	if (!config_load(NULL, again, text_string(&doc), doc.n, &diags)) {
		config_tell(path, &diags, &told);
		fail_msg("%s", text_string(&told));
	}
	got = render_tree(again);
	assert_string_equal(text_string(&got), text_string(&want));
	diag_list_fini(&diags);
	tree_free(again);
	text_fini(&doc);
	text_fini(&want);
	text_fini(&got);
	text_fini(&told);
}

static void
check_config(const char *path, const char *config)
{
	struct tree *tree = tree_new_in(device_kind_guess(config)->config);

	load_trial(NULL, tree, config, NULL, NULL);
	check_form(path, tree, EMIT_YAML);
	check_form(path, tree, EMIT_JSON);
	tree_free(tree);
}

static size_t
check_each(const char *dir, const char *sub)
{
	char *pattern = x_asprintf("%s/%s*.cfg", dir, sub);
	glob_t g;
	size_t n;

	assert_int_not_equal(glob(pattern, 0, NULL, &g), GLOB_ABORTED);
	for (n = 0; n < g.gl_pathc; n++) {
		char *config = read_file(g.gl_pathv[n]);

		check_config(g.gl_pathv[n], config);
		free(config);
	}
	globfree(&g);
	free(pattern);
	return n;
}

static void
all_come_back(void **state)
{
	(void)state;
	assert_true(check_each(TESTUDO_SOURCE "/tests/data", "configs/") > 5);
	assert_true(check_each(TESTUDO_SOURCE, "samples/configs/") == 5);
	assert_true(check_each(TESTUDO_SOURCE, "tests/data/asa/") > 0);
}

static void
corpora_come_back(void **state)
{
	const char *dir = getenv("TESTUDO_CORPORA");

	(void)state;
#ifdef TESTUDO_CORPORA
	dir = dir ? dir : TESTUDO_CORPORA;
#endif
	if (!dir || !*dir) {
		print_message("TESTUDO_CORPORA names no folder\n");
		skip();
	}
	assert_true(check_each(dir, "") + check_each(dir, "routers/") > 0);
}

static void
odd_texts_come_back(void **state)
{
	(void)state;
	check_config("odd",
	             "hostname true\n"
	             "interface GigabitEthernet0/0\n description no: 'yes' \"on\" # [x] {y}\n"
	             "interface GigabitEthernet0/1\n description 0123\n"
	             "interface GigabitEthernet0/2\n description caf\xe9 \xff \xee\xbe\x80\n"
	             "interface GigabitEthernet0/3\n description ~\n no ip redirects\n"
	             "crypto isakmp key 1e3 address 10.0.0.1\n"
	             "crypto isakmp key null address 10.0.0.2\n"
	             "banner motd ^C\n  two\n\nlines # \n^C\n"
	             "no ip domain lookup\n"
	             "key chain K\n key 1\n  key-string <<\n"
	             "line vty 0 4\n login local\n");
}

static void
octets_come_back(void **state)
{
	char all[256], *utf8, *back;

	(void)state;
	for (int i = 0; i < 255; i++)
		all[i] = (char)(i + 1);
	all[255] = 0;
	utf8 = octets_to_utf8(all);
	for (const char *s = utf8; *s; s += utf8_sequence((const unsigned char *)s))
		assert_true(utf8_sequence((const unsigned char *)s) > 0);
	back = utf8_to_octets(utf8);
	assert_string_equal(back, all);
	free(utf8);
	free(back);
}

static void
steering_octets(void **state)
{
	static const struct {
		const char *s;
		size_t length;
		bool steers;
	} cases[] = {
	    {"a", 1, false},
	    {"\x1b[2J", 1, true},
	    {"\x07", 1, true},
	    {"\x7f", 1, true},
	    {"\x9b"
	     "2J",
	     1, true},
	    {"\xc2\x9b", 2, true},
	    {"\xc2\xa0", 2, false},
	    {"\xe9", 1, false},
	    {"\xc3\x9b", 2, false},
	    {"\xe2\x80", 1, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t n = strlen(cases[i].s);
		char *exact = memcpy(x_alloc(n), cases[i].s, n);
		bool steers;

		assert_int_equal(octets_character(exact, n, &steers), cases[i].length);
		assert_int_equal(steers, cases[i].steers);
		free(exact);
	}
}

/* --- by hand ---------------------------------------------------------------------------------- */

/* tests/data/yaml/NAME.yaml begins with the answers that are wanted, each behind "# wants: ". */
static void
bad_documents(void **state)
{
	size_t n = 0;
	glob_t g;

	(void)state;
	assert_int_equal(glob(TESTUDO_SOURCE "/tests/data/yaml/bad/*.yaml", 0, NULL, &g), 0);
	for (size_t i = 0; i < g.gl_pathc; i++) {
		char *text = read_file(g.gl_pathv[i]);
		struct tree *tree = tree_new();
		struct text told = TEXT_INIT;
		struct diag_list diags;

		diag_list_init(&diags);
		if (config_load(NULL, tree, text, strlen(text), &diags))
			fail_msg("%s: is taken", g.gl_pathv[i]);
		config_tell("X", &diags, &told);
		for (char *line = text; (line = strstr(line, "# wants: ")); n++) {
			char *end = line + strcspn(line, "\n"), kept = *end;

			*end = 0;
			if (!strstr(text_string(&told), line + 9))
				fail_msg("%s: \"%s\" is not in:\n%s", g.gl_pathv[i], line + 9,
				         text_string(&told));
			*end = kept;
			line = end;
		}
		diag_list_fini(&diags);
		text_fini(&told);
		tree_free(tree);
		free(text);
	}
	assert_true(n >= g.gl_pathc);
	globfree(&g);
}

static struct text
read_by_hand(const char *yaml)
{
	struct tree *tree = tree_new();
	struct text told = TEXT_INIT, ret;
	struct diag_list diags;

	diag_list_init(&diags);
	if (!config_load(NULL, tree, yaml, strlen(yaml), &diags)) {
		config_tell("X", &diags, &told);
		fail_msg("%s", text_string(&told));
	}
	ret = render_tree(tree);
	diag_list_fini(&diags);
	text_fini(&told);
	tree_free(tree);
	return ret;
}

static void
anchors_and_merges(void **state)
{
	struct text t = read_by_hand("crypto:\n"
	                             "  isakmp:\n"
	                             "    policy:\n"
	                             "    - &strong {number: 10, encryption: aes 256, group: 14}\n"
	                             "    - {number: 20, <<: *strong, group: 19}\n"
	                             "interface:\n"
	                             "  Gi0/0: {ip: {address: &a 10.0.0.1 255.255.255.0}}\n"
	                             "ip: {access-list: {standard: {A: [permit 10.0.0.1]}}}\n");

	(void)state;
	assert_non_null(strstr(text_string(&t), "crypto isakmp policy 10\n encr aes 256\n"
	                                        " group 14\n"));
	assert_non_null(strstr(text_string(&t), "crypto isakmp policy 20\n encr aes 256\n"
	                                        " group 19\n"));
	assert_non_null(strstr(text_string(&t), " ip address 10.0.0.1 255.255.255.0\n"));
	text_fini(&t);
}

/* A scalar stands for a sequence of one; false is a no. */
static void
test_shorthands(void **state)
{
	struct text t = read_by_hand("no: [ip domain lookup]\n"
	                             "crypto: {isakmp: {enable: false}}\n"
	                             "ip: {route: 10.0.0.0 255.0.0.0 10.9.9.9}\n"
	                             "interface: {Loopback0: , Gi0/1: {shutdown: true}}\n");

	(void)state;
	assert_non_null(strstr(text_string(&t), "\nno ip domain lookup\n"));
	assert_non_null(strstr(text_string(&t), "\nno crypto isakmp enable\n"));
	assert_non_null(strstr(text_string(&t), "\nip route 10.0.0.0 255.0.0.0 10.9.9.9\n"));
	assert_non_null(strstr(text_string(&t), "\ninterface Loopback0\n"));
	assert_non_null(strstr(text_string(&t), "\ninterface GigabitEthernet0/1\n"));
	text_fini(&t);
}

/* A banner gets the delimiters that it is written without. */
static void
test_banners(void **state)
{
	static const struct {
		const char *yaml, *ios;
	} cases[] = {
	    {"motd: Welcome", "motd ^CWelcome^C"},
	    {"motd: Welcome W", "motd ^CWelcome W^C"},
	    {"motd: '#Welcome#'", "motd ^CWelcome^C"},
	    {"motd: '#a#b#'", "motd ^C#a#b#^C"},
	    {"login: '#'", "login ^C#^C"},
	    {"exec: '%a ^C#%'", "exec %a ^C#%"},
	    {"motd: 'a ^C'", "motd #a ^C#"},
	    {"motd: '^Ca^C'", "motd ^Ca^C"},
	    {"motd: \"one\\ntwo\\n\"", "motd ^Cone\ntwo^C"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *yaml = x_asprintf("banner: {%s}\ninterface: {Loopback0: }\n", cases[i].yaml);
		char *ios = x_asprintf("\nbanner %s\n", cases[i].ios);
		struct text t = read_by_hand(yaml);

		if (!strstr(text_string(&t), ios))
			fail_msg("%s: %s", cases[i].yaml, text_string(&t));
		assert_non_null(strstr(text_string(&t), "\ninterface Loopback0\n"));
		text_fini(&t);
		free(yaml);
		free(ios);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(all_come_back),       cmocka_unit_test(corpora_come_back),
	    cmocka_unit_test(odd_texts_come_back), cmocka_unit_test(octets_come_back),
	    cmocka_unit_test(steering_octets),     cmocka_unit_test(bad_documents),
	    cmocka_unit_test(anchors_and_merges),  cmocka_unit_test(test_shorthands),
	    cmocka_unit_test(test_banners),
	};

	commands_install();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
