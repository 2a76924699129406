/* SPDX-License-Identifier: Apache-2.0 */
/* Ranges of lines: see tree_lines.h. */
#include "compiler/tree/tree_lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/tree/render.h"
#include "compiler/tree/tree_parts.h"

void
tree_lines_of(const struct tnode *n, unsigned *ret_first, unsigned *ret_last)
{
	*ret_first = tnode_u32(n, ARG_FIRST);
	*ret_last = tnode_has(n, ARG_LAST) ? tnode_u32(n, ARG_LAST) : *ret_first;
}

static struct tnode *
first_container(struct tree *t)
{
	return (struct tnode *)(uintptr_t)tnode_first(tree_top(t), KEY_LINE_VTY);
}

static struct tnode *
next_container(struct tnode *n)
{
	return (struct tnode *)(uintptr_t)tnode_next(n);
}

struct tnode *
tree_lines_at(struct tree *t, unsigned number)
{
	struct tnode *n;
	unsigned first, last;

	for (n = first_container(t); n; n = next_container(n)) {
		tree_lines_of(n, &first, &last);
		if (number >= first && number <= last)
			return n;
	}
	return NULL;
}

/* The command that enters them; the caller frees the arena it is in. */
static struct command
command_for(unsigned first, unsigned last, struct arena *a)
{
	struct command cmd = {0};
	char text[64];
	size_t column;

	if (first == last)
		snprintf(text, sizeof(text), "line vty %u", first);
	else
		snprintf(text, sizeof(text), "line vty %u %u", first, last);
	if (command_parse(MODE_CONFIG, text, a, &cmd, &column) != PARSE_OK)
		abort(); /* the grammar has it */
	return cmd;
}

static struct tnode *
make_lines(struct tree *t, unsigned first, unsigned last, unsigned line)
{
	struct tnode *context = tree_root(t);
	struct arena *a = arena_new();
	struct command cmd = command_for(first, last, a);
	enum tree_verdict v = tree_apply(t, &context, &cmd, line);

	arena_free(a);
	return v == TREE_FULL ? NULL : context;
}

static void
resize_lines(struct tree *t, struct tnode *n, unsigned first, unsigned last)
{
	struct arena *a = arena_new();
	struct command cmd = command_for(first, last, a);

	tree_set_words(t, n, &cmd);
	arena_free(a);
}

/* Line `at` begins a container, if it is in one. */
static void
cut_lines(struct tree *t, unsigned at)
{
	struct tnode *n = tree_lines_at(t, at), *rest;
	unsigned first, last;

	if (!n)
		return;
	tree_lines_of(n, &first, &last);
	if (first == at)
		return;
	rest = make_lines(t, at, last, tnode_line(n));
	if (!rest)
		return;
	tree_copy_children(t, rest, n);
	resize_lines(t, n, first, at - 1);
}

static size_t
count_nodes(const struct tnode *n)
{
	size_t count = 1;

	for (n = tnode_child(n); n; n = tnode_sibling(n))
		count += count_nodes(n);
	return count;
}

/* The nodes that a cut makes. */
static size_t
cut_costs(struct tree *t, unsigned at)
{
	const struct tnode *n = tree_lines_at(t, at);
	unsigned first, last;

	if (!n)
		return 0;
	tree_lines_of(n, &first, &last);
	return first == at ? 0 : count_nodes(n);
}

/* The nodes that lines which are in no container take. */
static size_t
new_costs(struct tree *t, unsigned first, unsigned last)
{
	bool before = true; /* is the line before in a container, or apart from these? */
	size_t count = 0;

	for (unsigned at = first; at <= last; at++) {
		bool there = tree_lines_at(t, at) != NULL;

		count += !there && (before || at == TREE_LINES_FIRST);
		before = there;
	}
	return count;
}

static bool
has_room(const struct tree *t, size_t nodes)
{
	return nodes <= TREE_NODES_MAX - tree_count(t);
}

bool
tree_lines_cut(struct tree *t, unsigned first, unsigned last)
{
	if (!has_room(t, cut_costs(t, first) + cut_costs(t, last + 1)))
		return false;
	cut_lines(t, first);
	cut_lines(t, last + 1);
	return true;
}

struct tnode *
tree_lines_enter(struct tree *t, unsigned first, unsigned last, unsigned line, bool *ret_new)
{
	bool splits = first < TREE_LINES_FIRST;
	size_t costs = cut_costs(t, first) + cut_costs(t, last + 1) + new_costs(t, first, last) +
	               (splits ? cut_costs(t, TREE_LINES_FIRST) : 0);

	*ret_new = false;
	if (!has_room(t, costs))
		return NULL;
	tree_lines_cut(t, first, last);
	if (splits)
		cut_lines(t, TREE_LINES_FIRST);
	for (unsigned at = first; at <= last;) {
		struct tnode *n = tree_lines_at(t, at);
		unsigned begin = at, end = at;

		if (n) {
			tree_lines_of(n, &begin, &end);
			at = end + 1;
			continue;
		}
		while (end < last && end + 1 != TREE_LINES_FIRST && !tree_lines_at(t, end + 1))
			end++;
		if (!make_lines(t, begin, end, line))
			return NULL;
		*ret_new = true;
		at = end + 1;
	}
	return tree_lines_at(t, first);
}

/* --- merging ---------------------------------------------------------------------------------- */

struct said {
	char *text;
	size_t n, capacity;
};

static void
take_line(void *arg, const char *line)
{
	struct said *s = arg;
	size_t n = strlen(line);

	x_grow(&s->text, &s->capacity, s->n + n + 2, 1);
	memcpy(s->text + s->n, line, n);
	s->n += n;
	s->text[s->n++] = '\n';
	s->text[s->n] = '\0';
}

/* The rendered text of a container's children. */
static struct said
said_in(const struct tnode *container)
{
	const struct tnode **children;
	struct said s = {0};
	size_t n = render_children(container, &children), i;

	for (i = 0; i < n; i++)
		render_node(children[i], 1, take_line, &s);
	free(children);
	return s;
}

static void
said_free(struct said *s)
{
	if (s->text)
		explicit_bzero(s->text, s->capacity); /* there may be a password */
	free(s->text);
}

static bool
say_the_same(const struct tnode *a, const struct tnode *b)
{
	struct said x = said_in(a), y = said_in(b);
	bool same = x.n == y.n && (!x.n || !memcmp(x.text, y.text, x.n));

	said_free(&x);
	said_free(&y);
	return same;
}

void
tree_lines_merge(struct tree *t)
{
	struct tnode *n = first_container(t), *next;
	unsigned first, last, from, to;

	if (tree_is_entered(t, KEY_LINE_VTY))
		return;
	for (; n && (next = next_container(n));) {
		tree_lines_of(n, &first, &last);
		tree_lines_of(next, &from, &to);
		if (from == last + 1 && from != TREE_LINES_FIRST && say_the_same(n, next)) {
			tree_remove(t, next);
			resize_lines(t, n, first, to);
		} else {
			n = next;
		}
	}
}
