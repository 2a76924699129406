/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configuration text, line by line, into a tree, a policy and diagnostics. What is rendered, typed
 * again, must mean the same; asked of rendered text, since rendering leaves out the numbers of
 * access list entries, as IOS does, and those typed at first may have had gaps.
 */
#define _DEFAULT_SOURCE
#include <stdlib.h>
#include <string.h>

#include "compiler/compile/compile.h"
#include "compiler/tree/render.h"

#define LINES_MAX 300 /* keeps one input short */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct lines {
	struct tree *tree;
	struct tnode *context;
	unsigned number;
};

static void
take_line(void *arg, const char *line)
{
	struct lines *l = arg;
	struct arena *a = arena_new();
	struct command cmd;
	size_t column;

	l->number++;
	if (command_parse(tnode_mode(l->context), line, a, &cmd, &column) != PARSE_OK)
		goto out;
	if (cmd.entry->verb != VERB_DO)
		tree_apply(l->tree, &l->context, &cmd, l->number);
	else if (cmd.entry->handler == H_CONFIG_EXIT && tnode_parent(l->context))
		l->context = tnode_parent(l->context);
out:
	arena_free(a);
}

static struct policy *
policy_of(const struct tree *t)
{
	static const char *const labels[] = {"GET_KEY"};
	const struct compile_facts facts = {.kind = &compile_router,
	                                    .default_hostname = "Router",
	                                    .n_rsa_labels = 1,
	                                    .rsa_labels = labels};
	struct diag_list diags;
	struct policy *p;
	size_t i;

	diag_list_init(&diags);
	p = compile(t, &facts, &diags);
	for (i = 0; i < diags.n; i++) {
		const struct diag *d = &diags.items[i];

		if (d->column && d->column + d->length > strlen(d->text) + 1)
			abort(); /* a place outside its line */
	}
	diag_list_fini(&diags);
	return p;
}

static void
type_again(const struct tree *from, struct lines *to)
{
	*to = (struct lines){.tree = tree_new()};
	to->context = tree_root(to->tree);
	render_config(from, take_line, to);
}

/* What says the default is not rendered. */
static size_t
count_shown(const struct tnode *top)
{
	char text[COMMAND_LINE_MAX];
	const struct tnode *n;
	size_t count = 0;

	for (n = tnode_child(top); n; n = tnode_sibling(n)) {
		const char *dflt = tnode_entry(n)->dflt;

		tnode_text(n, text, sizeof(text));
		count += !(dflt && !strcmp(dflt, text)) + count_shown(n);
	}
	return count;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct lines typed = {.tree = tree_new()}, once, twice;
	char *text = x_alloc(n + 1), *rest = text, *line;
	struct policy *p, *q;

	memcpy(text, data, n);
	typed.context = tree_root(typed.tree);
	while (typed.number < LINES_MAX && (line = strsep(&rest, "\n")))
		take_line(&typed, line);
	free(text);
	policy_free(policy_of(typed.tree));
	type_again(typed.tree, &once);
	type_again(once.tree, &twice);
	p = policy_of(once.tree);
	q = policy_of(twice.tree);
	if (count_shown(tree_top(typed.tree)) != tree_count(once.tree) || !policy_equal(p, q))
		abort();
	policy_free(p);
	policy_free(q);
	tree_free(typed.tree);
	tree_free(once.tree);
	tree_free(twice.tree);
	return 0;
}
