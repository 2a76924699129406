/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole configurations, as they are pasted: every line is taken, and what is rendered of them gives
 * the same configuration again. Those of tests/data/configs are part of the project; a folder of
 * others (TESTUDO_CORPORA, by the environment or by CMake) is held to the same rule. In a folder
 * `bad` stand those of which a router refuses a line, marked in ours by "! refused:" before it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <glob.h>

#include "cli/app/commands.h"
#include "cli/device/router.h"
#include "cli/device/load.h"
#include "cli/shell/acting.h"
#include "compiler/base/text.h"
#include "runtime/host/sim/sim.h"

#define OURS TESTUDO_SOURCE "/tests/data/configs"

/* --- a router to load into -------------------------------------------------------------------- */

struct refusal {
	unsigned line;
	char *mode, *text;
};

struct box {
	struct sim *sim;
	struct node *node;
	struct router *router;
	size_t n, capacity;
	struct refusal *refused;
};

static void
box_log(void *arg, const struct log_record *record)
{
	struct box *b = arg;
	struct log_sink sink;

	if (!b->router)
		return;
	sink = router_log_sink(b->router);
	sink.write(sink.arg, record);
}

static void
box_open(struct box *b)
{
	struct node_config config = {.name = "Router", .log = {.write = box_log, .arg = b}};
	struct host_events events;

	*b = (struct box){.sim = sim_new(7, 0)};
	b->node = node_new(&config);
	events = node_events(b->node);
	node_attach(b->node, sim_node_add(b->sim, "Router", &events));
	b->router = router_new("Router", b->node);
	router_set_actor(b->router, &shell_actor);
}

static void
box_close(struct box *b)
{
	for (size_t i = 0; i < b->n; i++) {
		free(b->refused[i].mode);
		free(b->refused[i].text);
	}
	free(b->refused);
	router_free(b->router);
	node_free(b->node);
	sim_free(b->sim);
}

/* The nth line of a text, from 1. */
static char *
line_of(const char *text, unsigned nth)
{
	while (--nth)
		text += strcspn(text, "\n") + 1;
	return x_memdup(text, strcspn(text, "\n") + 1);
}

static void
on_refused(void *arg, const struct script_refusal *refusal)
{
	struct box *b = arg;
	struct refusal *new;

	x_grow(&b->refused, &b->capacity, b->n + 1, sizeof(*b->refused));
	new = &b->refused[b->n++];
	*new = (struct refusal){refusal->line, x_strdup(strchr(refusal->prompt, '(')),
	                        x_strdup(refusal->text)};
}

/* keys: of the router that the configuration is from; NULL: none. */
static void
load_config(struct box *b, const char *config, const struct keystore *keys)
{
	box_open(b);
	if (keys)
		router_restore_keys(b->router, keys);
	load_text(b->router, config, on_refused, b);
}

static void
add_line(void *arg, const char *line)
{
	text_printf(arg, "%s\n", line);
}

static struct text
running_config(struct box *b)
{
	struct text t = TEXT_INIT;

	router_render_running(b->router, add_line, &t);
	return t;
}

/* --- files ------------------------------------------------------------------------------------ */

static char *
read_file(const char *path)
{
	FILE *f = fopen(path, "r");
	struct text t = TEXT_INIT;
	char buf[4096];
	size_t n;

	if (!f)
		fail_msg("%s: cannot be read", path);
	while ((n = fread(buf, 1, sizeof(buf), f)))
		text_add(&t, buf, n);
	fclose(f);
	text_puts(&t, "");
	return t.p;
}

static const char *
corpora_path(void)
{
	const char *dir = getenv("TESTUDO_CORPORA");

#ifdef TESTUDO_CORPORA
	if (!dir)
		dir = TESTUDO_CORPORA;
#endif
	return dir;
}

/* One call for each configuration in a folder; how many there were. */
static size_t
check_each(const char *dir, const char *sub, void (*check)(const char *path, char *config))
{
	char *pattern = x_asprintf("%s/%s*.cfg", dir, sub);
	glob_t g;
	size_t n;

	assert_int_not_equal(glob(pattern, 0, NULL, &g), GLOB_ABORTED);
	for (n = 0; n < g.gl_pathc; n++) {
		char *config = read_file(g.gl_pathv[n]);

		check(g.gl_pathv[n], config);
		free(config);
	}
	globfree(&g);
	free(pattern);
	return n;
}

/* --- what is held of them --------------------------------------------------------------------- */

static int
by_mode(const void *a, const void *b)
{
	const struct refusal *x = a, *y = b;
	int order = strcmp(x->mode, y->mode);

	return order ? order : x->line < y->line ? -1 : x->line > y->line;
}

/*
 * Addresses in configurations that no router has said: made by hand to test a parser. A router
 * refuses them, and so do we.
 */
static bool
no_router_says(const char *line)
{
	static const char *const lines[] = {
	    "ip address 10.1.2.3 255.255.255.252", /* the broadcast address */
	    "ip address 6.7.8.10 255.255.255.252", /* another interface's network, as below */
	    "ip address 2.3.4.7 255.255.255.0",    "ip address 11.12.13.16 255.255.255.0",
	    "ip address 2.3.4.10 255.255.255.0",
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		if (!strcmp(line + strspn(line, " "), lines[i]))
			return true;
	return false;
}

static size_t
report_refused(const char *path, struct box *b)
{
	const char *name = strrchr(path, '/');
	size_t n = 0;

	if (b->n)
		qsort(b->refused, b->n, sizeof(*b->refused), by_mode);
	for (size_t i = 0; i < b->n; i++) {
		if (no_router_says(b->refused[i].text))
			continue;
		print_message("%s:%u: %s %s\n", name ? name + 1 : path, b->refused[i].line,
		              b->refused[i].mode, b->refused[i].text);
		n++;
	}
	return n;
}

/* Each command that is taken but not built is told, once; for a container the container alone. */
static void
check_said(const struct router *r, const struct tnode *top)
{
	const struct diag_list *l = router_diags(r);
	const struct tnode *n;

	for (n = tnode_child(top); n; n = tnode_sibling(n)) {
		char text[COMMAND_LINE_MAX];
		size_t i, length = tnode_text(n, text, sizeof(text)), said = 0;

		if (!tnode_entry(n)->unbuilt) {
			check_said(r, n);
			continue;
		}
		while (length && text[length - 1] == ' ')
			text[--length] = '\0';
		for (i = 0; i < l->n; i++)
			said += !strcmp(l->items[i].id, "not-built") &&
			        l->items[i].line == tnode_line(n) &&
			        !strcmp(l->items[i].text, text);
		if (said != 1)
			fail_msg("\"%s\" is said %zu times not to be built", text, said);
	}
}

static size_t n_refused;

/* Taken whole; and running -> text -> running changes nothing. */
static void
check_taken(const char *path, char *config)
{
	struct text first, second;
	struct box a, b;

	load_config(&a, config, NULL);
	n_refused += report_refused(path, &a);
	check_said(a.router, tree_top(router_tree(a.router)));
	first = running_config(&a);
	load_config(&b, text_string(&first), node_keystore(a.node));
	if (report_refused("rendered", &b))
		fail_msg("%s: not all that is rendered is taken", path);
	second = running_config(&b);
	assert_string_equal(text_string(&second), text_string(&first));
	if (!policy_equal(node_policy(a.node), node_policy(b.node)))
		fail_msg("%s: what is rendered means something else", path);
	text_fini(&first);
	text_fini(&second);
	box_close(&a);
	box_close(&b);
}

/* Exactly the lines below a "! refused:" are refused. */
static void
check_marked(const char *path, char *config)
{
	size_t expected = 0, i;
	struct box b;
	char *line;

	load_config(&b, config, NULL);
	for (line = config; (line = strstr(line, "! refused:")); line++)
		expected++;
	for (i = 0; i < b.n; i++) {
		line = line_of(config, b.refused[i].line - 1);
		if (strncmp(line, "! refused:", 10) != 0)
			fail_msg("%s:%u: %s", path, b.refused[i].line, b.refused[i].text);
		free(line);
	}
	assert_int_equal(b.n, expected);
	box_close(&b);
}

/* Of foreign configurations we know which command a router refuses. */
static void
check_bad(const char *path, char *config)
{
	static const char *const bad[] = {"match address ", "replay counter window-size"};
	size_t i, j, found = 0;
	struct box b;

	load_config(&b, config, NULL);
	for (i = 0; i < b.n; i++) {
		const char *text = b.refused[i].text + strspn(b.refused[i].text, " ");

		for (j = 0; j < ARRAY_SIZE(bad); j++)
			found += !strncmp(text, bad[j], strlen(bad[j]));
	}
	report_refused(path, &b);
	assert_true(found == 1 && b.n == 1);
	box_close(&b);
}

static void
ours_are_refused(void **state)
{
	(void)state;
	assert_true(check_each(OURS, "bad/", check_marked) > 0);
}

static void
ours_are_taken(void **state)
{
	(void)state;
	n_refused = 0;
	assert_true(check_each(OURS, "", check_taken) > 0);
	assert_int_equal(n_refused, 0);
}

static void
others_are_taken(void **state)
{
	const char *dir = corpora_path();

	(void)state;
	if (!dir || !*dir) {
		print_message("SKIPPED: no folder of other configurations (TESTUDO_CORPORA)\n");
		skip();
	}
	n_refused = 0;
	assert_true(check_each(dir, "", check_taken) > 0);
	check_each(dir, "routers/", check_taken);
	assert_int_equal(n_refused, 0);
	check_each(dir, "bad/", check_bad);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ours_are_taken),
	    cmocka_unit_test(ours_are_refused),
	    cmocka_unit_test(others_are_taken),
	};

	commands_install();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
