/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two configurations, apart by a line "====": the commands between them, typed, must turn the one
 * into the other within the passes of `configure replace`, and their texts' difference must be
 * none only when the texts say the same.
 */
#define _DEFAULT_SOURCE
#include <stdlib.h>
#include <string.h>

#include "cli/app/commands.h"
#include "cli/device/replace.h"
#include "compiler/base/text.h"
#include "compiler/diff/confdiff.h"
#include "runtime/host/sim/sim.h"

#define SIZE_MAX_TRIED 8192

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct text
render_tree(const struct tree *t)
{
	struct text text = TEXT_INIT;

	render_config(t, text_line, &text);
	return text;
}

/* The tree of a text after one rendering: what was typed may have had numbers, or said defaults. */
static struct tree *
tree_of(struct router *r, const char *text)
{
	struct tree *typed = tree_new(), *t = tree_new();
	struct text again;

	load_trial(r, typed, text, NULL, NULL);
	again = render_tree(typed);
	load_trial(r, t, text_string(&again), NULL, NULL);
	text_fini(&again);
	tree_free(typed);
	return t;
}

static void
ignore_line(void *arg, const char *line)
{
	(void)arg;
	(void)line;
}

static void
check_replace(struct router *r, const struct tree *from, const struct tree *to)
{
	struct text start = render_tree(from), want = render_tree(to), now;

	load_text(r, text_string(&start), NULL, NULL);
	if (!replace_running(r, to, NULL, NULL, NULL).done)
		abort();
	now = render_tree(router_tree(r));
	if (strcmp(text_string(&now), text_string(&want)) != 0 ||
	    confdiff_texts(text_string(&now), text_string(&want), ignore_line, NULL))
		abort();
	text_fini(&start);
	text_fini(&want);
	text_fini(&now);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct sim *sim = sim_new(1, 0);
	struct node_config config = {.name = "R1"};
	struct node *node = node_new(&config);
	struct host_events events = node_events(node);
	char *text, *middle;
	struct tree *a, *b;
	struct router *r;

	commands_install();
	n = n < SIZE_MAX_TRIED ? n : SIZE_MAX_TRIED;
	text = x_alloc(n + 1);
	memcpy(text, data, n);
	node_attach(node, sim_node_add(sim, "R1", &events));
	r = router_new("R1", node);
	middle = strstr(text, "\n====\n");
	if (middle)
		middle[1] = 0;
	a = tree_of(r, text);
	b = tree_of(r, middle ? middle + 6 : "");
	/* The two texts as they are, whether they are configurations or not. */
	confdiff_texts(text, middle ? middle + 6 : "", ignore_line, NULL);
	check_replace(r, a, b);
	tree_free(a);
	tree_free(b);
	free(text);
	router_free(r);
	node_free(node);
	sim_free(sim);
	return 0;
}
