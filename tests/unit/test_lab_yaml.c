/* SPDX-License-Identifier: Apache-2.0 */
/* Topology files: what is read, and where what is wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/lab/lab.h"

static struct lab_spec *
parse_text(const char *text, struct diag_list *diags)
{
	size_t n = strlen(text);
	char *block = x_memdup(text, n);
	struct lab_spec *spec;

	diag_list_init(diags);
	spec = lab_spec_parse("lab.yaml", block, n, diags);
	free(block);
	return spec;
}

static const char good[] = "name: two\n"
			   "aliases: {Rx: [R1, R2]}\n" /* before the nodes: order is free */
			   "links:\n"
			   "  - [R1 f0/0, R2 FastEthernet0/0]\n"
			   "  - {ends: [R1 f0/1, R2 f0/1], latency: 20}\n"
			   "  - {ends: [R1 f1/0, R2 f1/0], latency: 5ms, name: core}\n"
			   "nodes:\n"
			   "  R1: &base\n"
			   "    kind: router\n"
			   "    interfaces: {f0/0: 10.0.0.1/24, f0/1: none, f1/0: }\n"
			   "    routes: [default via 10.0.0.2, 10.1.0.0/16 via 10.0.0.2]\n"
			   "    startup: |\n"
			   "      ip domain-name example.com\n"
			   "  R2: *base\n"
			   "  R3:\n";

static void
test_good(void **state)
{
	struct diag_list diags;
	struct lab_spec *s = parse_text(good, &diags);
	const struct lab_node_spec *r1;
	struct text startup = TEXT_INIT;

	(void)state;
	for (size_t i = 0; i < diags.n; i++)
		print_message("%u:%u: %s\n", diags.items[i].line, diags.items[i].column,
		              diags.items[i].message);
	assert_non_null(s);
	assert_string_equal(s->name, "two");
	assert_int_equal(s->n_nodes, 3);
	r1 = lab_spec_node(s, "R1");
	assert_int_equal(r1->n_interfaces, 3);
	assert_string_equal(r1->interfaces[0].name, "FastEthernet0/0");
	assert_int_equal(r1->interfaces[0].addr, 0x0a000001);
	assert_int_equal(r1->interfaces[0].len, 24);
	assert_false(r1->interfaces[1].has_address);
	assert_int_equal(r1->n_routes, 2);
	assert_int_equal(r1->routes[0].to.len, 0);
	assert_int_equal(r1->routes[1].to.addr, 0x0a010000);
	assert_int_equal(r1->startup_line, 13);
	lab_startup_text(r1, &startup);
	assert_string_equal(text_string(&startup), "hostname R1\n"
	                                           "interface FastEthernet0/0\n"
	                                           " ip address 10.0.0.1 255.255.255.0\n"
	                                           " no shutdown\n"
	                                           "interface FastEthernet0/1\n"
	                                           " no shutdown\n"
	                                           "interface FastEthernet1/0\n"
	                                           " no shutdown\n"
	                                           "ip route 0.0.0.0 0.0.0.0 10.0.0.2\n"
	                                           "ip route 10.1.0.0 255.255.0.0 10.0.0.2\n"
	                                           "ip domain-name example.com\n");
	text_fini(&startup);
	assert_int_equal(s->n_links, 3);
	assert_string_equal(s->links[0].name, "R1-R2");
	assert_string_equal(s->links[1].name, "R1-R2-2");
	assert_string_equal(s->links[2].name, "core");
	assert_int_equal(s->links[0].latency, 1);
	assert_int_equal(s->links[1].latency, 20);
	assert_int_equal(s->links[2].latency, 5);
	assert_string_equal(s->links[0].ends[1].interface, "FastEthernet0/0");
	assert_int_equal(lab_spec_alias(s, "Rx")->n_nodes, 2);
	assert_null(lab_spec_alias(s, "Ry"));
	assert_null(s->clock);
	lab_spec_free(s);
	diag_list_fini(&diags);
	s = parse_text("clock: 2012-06-01 12:00:05\nnodes: {R1: }\n", &diags);
	assert_string_equal(s->clock, "2012-06-01 12:00:05");
	assert_int_equal(s->wall, INT64_C(1338552005000));
	lab_spec_free(s);
	diag_list_fini(&diags);
}

#define R1    "nodes: {R1: {interfaces: {f0/0: 10.0.0.1/24}}}\n"
#define R1_R2 "nodes: {R1: {interfaces: {f0/0: none}}, R2: {interfaces: {f0/0: none}}}\n"

struct bad_case {
	const char *text;
	unsigned line, column;
	const char *message, *suggest; /* parts of them */
};

static const struct bad_case bad[] = {
    {"", 1, 1, "empty", ""},
    {"- a\n", 1, 1, "must be a mapping", ""},
    {"nodes:\n\t- a\n", 2, 1, "character", ""},
    {"nodes: {R1: [}\n", 1, 14, "", ""},
    {"name: x\n", 1, 1, "needs nodes", ""},
    {"nodes: {}\n", 1, 1, "needs nodes", ""},
    {R1 "lniks: []\n", 2, 1, "unknown key \"lniks\"", "links"},
    {"nodes:\n  R1:\n    interfases: {}\n", 3, 5, "unknown key", "interfaces"},
    {"nodes: {R1: {kind: pix}}\n", 1, 20, "unknown kind", ""},
    {"nodes: {R1: {}, R1: {}}\n", 1, 17, "twice", ""},
    {"nodes: {1R: {}}\n", 1, 9, "no name", ""},
    {"nodes: {\"R 1\": {}}\n", 1, 9, "no name", ""},
    {"nodes: {R1: {interfaces: {x9: none}}}\n", 1, 27, "no interface", ""},
    {"nodes: {R1: {interfaces: {f0/0: none, fa0/0: none}}}\n", 1, 39, "twice", ""},
    {"nodes: {R1: {interfaces: {f0/0: 10.0.0.1}}}\n", 1, 33, "no address", ""},
    {"nodes: {R1: {interfaces: {f0/0: 10.0.0.1/33}}}\n", 1, 33, "no address", ""},
    {"nodes: {R1: {interfaces: {f0/0: 10.0.0.256/3}}}\n", 1, 33, "no address", ""},
    {"nodes: {R1: {interfaces: {f0/0: [1]}}}\n", 1, 33, "plain text", ""},
    {"nodes: {R1: {routes: [10.0.0.1/24 via 1.1.1.1]}}\n", 1, 23, "beyond /24", ""},
    {"nodes: {R1: {routes: [10.0.0.0/24]}}\n", 1, 23, "no route", ""},
    {"nodes: {R1: {routes: [10.0.0.0/24 via 1.1.1.1 x]}}\n", 1, 23, "no route", ""},
    {"nodes: {R1: {routes: {}}}\n", 1, 22, "must be a list", ""},
    {"nodes: {R1: {startup: [a]}}\n", 1, 23, "plain text", ""},
    {R1_R2 "links:\n  - [R1 f0/0, R3 f0/0]\n", 3, 15, "no node \"R3\"", "R"},
    {R1_R2 "links:\n  - [R1 f0/0, R2 f0/1]\n", 3, 15, "has no interface", "FastEthernet0/0"},
    {R1_R2 "links:\n  - [R1 f0/0, R1 f0/0]\n", 3, 15, "twice", ""},
    {R1_R2 "links: [[R1 f0/0, R2 f0/0], [R1 f0/0, R2 f0/0]]\n", 2, 30, "another link", ""},
    {R1_R2 "links:\n  - [R1 f0/0]\n", 3, 5, "two interfaces", ""},
    {R1_R2 "links:\n  - [R1, R2 f0/0]\n", 3, 6, "no end of a link", ""},
    {R1_R2 "links:\n  - {latency: 1}\n", 3, 5, "needs its ends", ""},
    {R1_R2 "links:\n  - {ends: [R1 f0/0, R2 f0/0], latency: x}\n", 3, 41, "no latency", ""},
    {R1_R2 "links:\n  - {ends: [R1 f0/0, R2 f0/0], delay: 1}\n", 3, 32, "unknown key", ""},
    {R1 "clock: today\n", 2, 8, "a clock is a day", ""},
    {R1 "clock: 2011-02-29\n", 2, 8, "a clock is a day", ""},
    {R1 "clock: 2012-06-01 12:00\n", 2, 8, "a clock is a day", ""},
    {R1 "clock: 2012-06-01 12:00:00 UTC\n", 2, 8, "a clock is a day", ""},
    {R1 "clock: 1066-10-14\n", 2, 8, "a clock is a day", ""},
    {R1 "aliases: {Rx: [R2]}\n", 2, 16, "no node \"R2\"", "R1"},
    {R1 "aliases: {Rx: R1}\n", 2, 15, "must be a list", ""},
    {R1 "aliases: {R1: [R1]}\n", 2, 11, "is a node", ""},
    {"nodes: *nowhere\n", 1, 8, "alias", ""},
};

static void
test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		const struct bad_case *c = &bad[i];
		struct diag_list diags;
		struct lab_spec *s = parse_text(c->text, &diags);

		print_message("%s", c->text);
		assert_null(s);
		assert_true(diags.n >= 1);
		print_message("  %u:%u: %s (%s)\n", diags.items[0].line, diags.items[0].column,
		              diags.items[0].message, diags.items[0].suggest);
		assert_non_null(strstr(diags.items[0].message, c->message));
		assert_non_null(strstr(diags.items[0].suggest, c->suggest));
		assert_int_equal(diags.items[0].line, c->line);
		assert_int_equal(diags.items[0].column, c->column);
		diag_list_fini(&diags);
	}
}

/* All mistakes are told at once. */
static void
test_all_at_once(void **state)
{
	struct diag_list diags;
	struct lab_spec *s =
	    parse_text("nmae: x\nnodes: {R1: {knid: router, routes: [x]}}\n", &diags);

	(void)state;
	assert_null(s);
	assert_int_equal(diags.n, 3);
	diag_list_fini(&diags);
}

/* Every beginning of a good file, and nests too deep to be one, do no harm. */
static void
test_cut(void **state)
{
	struct diag_list diags;
	char deep[20000];

	(void)state;
	for (size_t n = 0; n < sizeof(good); n++) {
		char *block = x_memdup(good, n);

		diag_list_init(&diags);
		lab_spec_free(lab_spec_parse("cut", block, n, &diags));
		diag_list_fini(&diags);
		free(block);
	}
	memset(deep, '[', sizeof(deep));
	diag_list_init(&diags);
	assert_null(lab_spec_parse("deep", deep, sizeof(deep), &diags));
	diag_list_fini(&diags);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_good),
	    cmocka_unit_test(test_bad),
	    cmocka_unit_test(test_all_at_once),
	    cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
