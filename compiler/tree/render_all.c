/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The running configuration with its defaults, and without its certificates: see render.h. A
 * setting that is not in the tree is what its entry calls the default, or what it is unless `no` is
 * said.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/tree/render.h"

/* A node, or a default's text. */
struct item {
	const struct tnode *node;
	char *text;
	uint32_t rank;
	size_t position;
};

struct items {
	size_t n, capacity;
	struct item *at;
};

static void
add_item(struct items *l, const struct tnode *node, char *take_text, uint32_t rank)
{
	x_grow(&l->at, &l->capacity, l->n + 1, sizeof(*l->at));
	l->at[l->n] = (struct item){node, take_text, rank, l->n};
	l->n++;
}

static int
compare_items(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return x->position < y->position ? -1 : x->position > y->position;
}

/* --- defaults --------------------------------------------------------------------------------- */

static bool
may_end(const uint16_t *next)
{
	for (uint16_t i = 1; i <= next[0]; i++)
		if (next[i] == ELEM_END)
			return true;
	return false;
}

/*
 * The line of a switch; NULL when the entry has arguments, because then nothing says which value is
 * the default.
 */
static char *
switch_text(const struct gram_entry *e)
{
	const uint16_t *next = &gram_next[e->first];
	char *text = x_strdup("");

	while (!may_end(next)) {
		const struct gram_elem *elem = NULL;
		char *longer;

		for (uint16_t i = 1; !elem && i <= next[0]; i++)
			if (gram_elems[next[i]].type == TYPE_KEYWORD)
				elem = &gram_elems[next[i]];
		if (!elem || elem->arg) {
			free(text);
			return NULL;
		}
		longer = x_asprintf("%s%s%s", text, *text ? " " : "",
		                    elem->shown ? elem->shown : elem->text);
		free(text);
		text = longer;
		next = &gram_next[elem->next];
	}
	return text;
}

/* Adds the defaults of a mode: for each key of which the configuration says nothing there. */
static void
add_defaults(struct items *l, const struct tnode *parent)
{
	const struct gram_mode_info *m = &gram_modes[tnode_mode(parent)];

	for (uint16_t i = m->first; i < m->first + m->n; i++) {
		const struct gram_entry *e = &gram_entries[i];
		char *text = NULL;

		if (e->verb != VERB_SET || e->before || tnode_first(parent, (enum gram_key)e->key))
			continue;
		if (e->dflt)
			text = x_strdup(e->dflt);
		else if (e->on)
			text = switch_text(e);
		if (text)
			add_item(l, NULL, text, 2 * (uint32_t)i);
	}
}

static struct items
items_of(const struct tnode *parent, bool all)
{
	const struct tnode *n, **shown;
	struct items l = {0};
	size_t count = render_children(parent, &shown), i;

	for (i = 0; i < count; i++)
		add_item(&l, shown[i], NULL, render_rank(shown[i]));
	for (n = tnode_child(parent); all && n; n = tnode_sibling(n)) {
		char text[COMMAND_LINE_MAX];

		tnode_text(n, text, sizeof(text));
		if (tnode_entry(n)->dflt && !tnode_child(n) && !strcmp(text, tnode_entry(n)->dflt))
			add_item(&l, n, NULL, render_rank(n));
	}
	if (all)
		add_defaults(&l, parent);
	if (l.n)
		qsort(l.at, l.n, sizeof(*l.at), compare_items);
	free(shown);
	return l;
}

/* --- writing ---------------------------------------------------------------------------------- */

struct rendering {
	bool all;
	render_sink *sink;
	void *arg;
};

static void
put_line(const struct rendering *r, unsigned indent, const char *text)
{
	char line[COMMAND_LINE_MAX + 64];

	snprintf(line, sizeof(line), "%*s%s", (int)indent, "", text);
	r->sink(r->arg, line);
	explicit_bzero(line, sizeof(line));
}

static void
put_item(const struct rendering *r, const struct item *item, unsigned indent)
{
	const struct gram_entry *e = item->node ? tnode_entry(item->node) : NULL;
	char text[COMMAND_LINE_MAX];
	struct items inner;

	if (!e) {
		put_line(r, indent, item->text);
		return;
	}
	if (r->all && (e->quit || e->kept)) {
		render_node(item->node, indent, r->sink, r->arg);
		return;
	}
	tnode_text(item->node, text, sizeof(text));
	put_line(r, indent, text);
	explicit_bzero(text, sizeof(text));
	if (e->quit || (e->verb != VERB_ENTER && !tnode_child(item->node)))
		return;
	inner = items_of(item->node, r->all);
	for (size_t i = 0; i < inner.n; i++) {
		put_item(r, &inner.at[i], indent + 1);
		free(inner.at[i].text);
	}
	free(inner.at);
	if (e->ends)
		put_line(r, indent, e->ends);
}

static void
render_items(const struct tree *t, const struct rendering *r)
{
	struct items l = items_of(tree_top(t), r->all);

	r->sink(r->arg, "!");
	for (size_t i = 0; i < l.n; i++) {
		const struct tnode *n = l.at[i].node;

		put_item(r, &l.at[i], 0);
		if (i + 1 == l.n || (n && tnode_entry(n)->verb == VERB_ENTER) ||
		    l.at[i + 1].rank != l.at[i].rank)
			r->sink(r->arg, "!");
		free(l.at[i].text);
	}
	r->sink(r->arg, "end");
	free(l.at);
}

void
render_all(const struct tree *t, render_sink *sink, void *arg)
{
	const struct rendering r = {true, sink, arg};

	render_items(t, &r);
}

void
render_brief(const struct tree *t, render_sink *sink, void *arg)
{
	const struct rendering r = {false, sink, arg};

	render_items(t, &r);
}
