/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configuration text, line by line, into a tree, a policy and diagnostics. What is rendered, typed
 * again, must mean the same; asked of rendered text, since rendering leaves out the numbers of
 * access list entries, as IOS does, and those typed at first may have had gaps.
 */
#include <stdlib.h>
#include <string.h>

#include "compiler/compile/compile.h"
#include "compiler/session/script.h"
#include "compiler/tree/render.h"

#define LINES_MAX 300 /* keeps one input short */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

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

static struct tree *
read_text(const char *text)
{
	struct tree *t = tree_new();
	struct session_setup setup = {.tree = t, .name = "Router"};

	script_read(&setup, text, SCRIPT_TYPED, NULL, NULL);
	return t;
}

static struct tree *
read_rendered(const struct tree *from)
{
	struct text text = TEXT_INIT;
	struct tree *t;

	render_config(from, text_line, &text);
	t = read_text(text_string(&text));
	text_fini(&text);
	return t;
}

/* The first LINES_MAX lines. */
static char *
text_of(const uint8_t *data, size_t n)
{
	char *text = x_alloc(n + 1), *end = text;

	memcpy(text, data, n);
	for (unsigned lines = 0; lines < LINES_MAX && end; lines++)
		end = strchr(lines ? end + 1 : end, '\n');
	if (end)
		*end = 0;
	return text;
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
	char *text = text_of(data, n);
	struct tree *typed = read_text(text), *once, *twice;
	struct policy *p, *q;

	free(text);
	policy_free(policy_of(typed));
	once = read_rendered(typed);
	twice = read_rendered(once);
	p = policy_of(once);
	q = policy_of(twice);
	if (count_shown(tree_top(typed)) != tree_count(once) || !policy_equal(p, q))
		abort();
	policy_free(p);
	policy_free(q);
	tree_free(typed);
	tree_free(once);
	tree_free(twice);
	return 0;
}
