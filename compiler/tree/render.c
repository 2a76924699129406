/* SPDX-License-Identifier: Apache-2.0 */
/* Rendering the config tree: see render.h. */
#include "compiler/tree/render.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A value that is the default is not shown. */
static bool
is_default(const struct tnode *n, const char *text)
{
	const char *dflt = tnode_entry(n)->dflt;

	return dflt && !strcmp(dflt, text);
}

/* Does the rendered configuration leave this node out? */
static bool
is_unshown(const struct tnode *n)
{
	char line[COMMAND_LINE_MAX];
	bool unshown = false;

	if (tnode_entry(n)->flat)
		return !tnode_child(n);
	if (!tnode_entry(n)->dflt)
		return false;
	tnode_text(n, line, sizeof(line));
	unshown = is_default(n, line);
	explicit_bzero(line, sizeof(line));
	return unshown;
}

static size_t
collect_children(const struct tnode *parent, const struct tnode ***ret)
{
	const struct tnode *n, **nodes;
	size_t count = 0, i = 0;

	for (n = tnode_child(parent); n; n = tnode_sibling(n))
		count++;
	nodes = x_alloc((count + 1) * sizeof(const struct tnode *));
	for (n = tnode_child(parent); n; n = tnode_sibling(n))
		nodes[i++] = n;
	*ret = nodes;
	return count;
}

struct ranked {
	const struct tnode *node;
	uint32_t rank, within;
	uint32_t section;  /* before all others of its rank: of a group the first entry */
	const char *group; /* its text where it is a word, else "" */
	uint32_t number;
	size_t position;
};

static uint32_t
first_of(uint16_t mode, uint16_t key)
{
	const struct gram_mode_info *m = &gram_modes[mode];
	uint16_t i;

	for (i = m->first; i < m->first + m->n; i++)
		if (gram_entries[i].key == key)
			return i;
	return UINT16_MAX;
}

/*
 * The grammar's first entry of a key gives the rank of all nodes of that key, so that they stand
 * together. Ranks are even, so that there is room before each.
 */
static uint32_t
rank_of(const struct tnode *n)
{
	const struct gram_entry *e = tnode_entry(n);

	if (e->before)
		return 2 * first_of((uint16_t)tnode_mode(tnode_parent(n)), e->before) - 1;
	return 2 * first_of(e->mode, e->key);
}

uint32_t
render_rank(const struct tnode *n)
{
	return rank_of(n);
}

static int
compare_ranks(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	if (x->section != y->section)
		return x->section < y->section ? -1 : 1;
	if (strcmp(x->group, y->group) != 0)
		return !*x->group ? 1 : !*y->group ? -1 : strcmp(x->group, y->group);
	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	if (x->within != y->within)
		return x->within < y->within ? -1 : 1;
	return x->position < y->position ? -1 : x->position > y->position;
}

/* The first entry of a mode whose commands are grouped as this one's are. */
static uint32_t
first_grouped(const struct gram_entry *e)
{
	const struct gram_mode_info *m = &gram_modes[e->mode];
	uint16_t i = m->first;

	while (gram_entries[i].group != e->group || gram_entries[i].before != e->before)
		i++;
	return i;
}

static void
set_group(struct ranked *r, enum gram_arg arg)
{
	r->group = "";
	r->number = arg ? tnode_u32(r->node, arg) : 0;
	if (arg && !r->number && tnode_str(r->node, arg))
		r->group = tnode_str(r->node, arg);
}

/* Children by rank, stable. The caller frees. */
static struct ranked *
ranked_children(const struct tnode *parent, size_t *ret_n)
{
	const struct tnode **nodes;
	struct ranked *ranked;
	size_t n = collect_children(parent, &nodes), i;

	ranked = x_alloc((n + 1) * sizeof(*ranked));
	for (i = 0; i < n; i++) {
		const struct gram_entry *e = tnode_entry(nodes[i]);

		ranked[i] = (struct ranked){.node = nodes[i], .position = i};
		set_group(&ranked[i], (enum gram_arg)e->group);
		if (i && e == tnode_entry(nodes[i - 1])) {
			ranked[i].rank = ranked[i - 1].rank;
			ranked[i].within = ranked[i - 1].within;
			ranked[i].section = ranked[i - 1].section;
			continue;
		}
		ranked[i].rank = rank_of(nodes[i]);
		/* Lines that this program only keeps stay in the order in which they were typed */
		ranked[i].within = e->before && !e->kept ? first_of(e->mode, e->key) : 0;
		ranked[i].section = e->group ? first_grouped(e) : ranked[i].within;
	}
	qsort(ranked, n, sizeof(*ranked), compare_ranks);
	free(nodes);
	*ret_n = n;
	return ranked;
}

size_t
render_children(const struct tnode *parent, const struct tnode ***ret)
{
	size_t n, i, shown = 0;
	struct ranked *ranked = ranked_children(parent, &n);
	const struct tnode **nodes = x_alloc((n + 1) * sizeof(const struct tnode *));

	for (i = 0; i < n; i++)
		if (tnode_child(ranked[i].node) || !is_unshown(ranked[i].node))
			nodes[shown++] = ranked[i].node;
	free(ranked);
	*ret = nodes;
	return shown;
}

/* "access-list A" and "extended permit ip any any" in it are one line. */
static void
render_flat(const struct tnode *n, render_sink *sink, void *arg)
{
	char line[2 * COMMAND_LINE_MAX];
	const struct tnode *child;

	for (child = tnode_child(n); child; child = tnode_sibling(child)) {
		size_t at = tnode_text(n, line, COMMAND_LINE_MAX);

		line[at++] = ' ';
		tnode_text(child, line + at, COMMAND_LINE_MAX);
		sink(arg, line);
	}
}

/* Apart from render_node, so that a level of nesting does not hold a line on the stack. */
static __attribute__((noinline)) void
render_own(const struct tnode *n, unsigned indent, render_sink *sink, void *arg)
{
	char line[COMMAND_LINE_MAX + 64];

	snprintf(line, sizeof(line), "%*s", (int)indent, "");
	tnode_text(n, line + indent, sizeof(line) - indent);
	if (!is_default(n, line + indent))
		sink(arg, line);
	explicit_bzero(line, sizeof(line));
}

static __attribute__((noinline)) void
render_end(const struct tnode *n, unsigned indent, render_sink *sink, void *arg)
{
	char line[128];

	if (tnode_entry(n)->ends) {
		snprintf(line, sizeof(line), "%*s%s", (int)indent, "", tnode_entry(n)->ends);
		sink(arg, line);
	}
	if (tnode_entry(n)->quit)
		sink(arg, "  \tquit");
}

/* A "!" stands before each address family, as IOS has it. */
static __attribute__((noinline)) void
render_rule(const struct tnode *n, unsigned indent, render_sink *sink, void *arg)
{
	const char *ends = tnode_entry(n)->ends;
	char line[64];

	if (!ends || strcmp(ends, "exit-address-family") != 0)
		return;
	snprintf(line, sizeof(line), "%*s!", (int)indent, "");
	sink(arg, line);
}

void
render_node(const struct tnode *n, unsigned indent, render_sink *sink, void *arg)
{
	struct ranked *children;
	size_t count, i;

	if (tnode_entry(n)->flat) {
		render_flat(n, sink, arg);
		return;
	}
	render_own(n, indent, sink, arg);
	children = ranked_children(n, &count);
	for (i = 0; i < count; i++) {
		render_rule(children[i].node, indent + 1, sink, arg);
		render_node(children[i].node, indent + 1, sink, arg);
	}
	render_end(n, indent, sink, arg);
	free(children);
}

/* Are both single lines of the same kind? Then no "!" separates them. */
static bool
stand_together(const struct tnode *a, const struct tnode *b)
{
	return tnode_mode(a) == MODE_CONFIG_LINE && tnode_mode(b) == MODE_CONFIG_LINE &&
	       tnode_entry(a)->verb == VERB_ENTER && tnode_entry(b)->verb == VERB_ENTER;
}

/* Does a "!" follow a? b: what comes next. */
static bool
section_ends(const struct ranked *a, const struct ranked *b)
{
	if (stand_together(a->node, b->node))
		return false;
	return tnode_entry(a->node)->verb == VERB_ENTER || b->rank != a->rank;
}

void
render_config(const struct tree *t, render_sink *sink, void *arg)
{
	struct ranked *children;
	size_t n, i;

	children = ranked_children(tree_top(t), &n);
	sink(arg, "!");
	for (i = 0; i < n; i++) {
		render_node(children[i].node, 0, sink, arg);
		if (is_unshown(children[i].node))
			continue;
		if (i + 1 == n || section_ends(&children[i], &children[i + 1]))
			sink(arg, "!");
	}
	sink(arg, "end");
	free(children);
}
