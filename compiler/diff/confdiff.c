/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two config trees to commands: see confdiff.h. Two walks: over what is there, backwards, for what
 * goes; over what shall be, for what comes. A mode is entered by its command when the first line in
 * it is due.
 *
 * Some containers are taken whole, for what is in them cannot be told line by line: certificates,
 * and features that are none of ours.
 */
#include "compiler/diff/confdiff.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/diff/confdiff_plan.h"

struct diff {
	const struct tree *from, *to;
	render_sink *sink;
	void *arg;
	bool undo_first;
	size_t n;
};

/* A container whose lines are compared, and its command when one of them is due. */
struct level {
	struct level *up; /* NULL: global configuration */
	const struct tnode *node;
	unsigned indent; /* of the lines in it */
	bool entered;
};

/* --- writing ---------------------------------------------------------------------------------- */

static void
put_line(struct diff *d, unsigned indent, const char *before, const char *text)
{
	char line[COMMAND_LINE_MAX + 64];

	snprintf(line, sizeof(line), "%*s%s%s", (int)indent, "", before, text);
	d->sink(d->arg, line);
	d->n++;
	explicit_bzero(line, sizeof(line));
}

static void
put_node(struct diff *d, unsigned indent, const char *before, const struct tnode *n)
{
	char text[COMMAND_LINE_MAX];

	tnode_text(n, text, sizeof(text));
	put_line(d, indent, before, text);
	explicit_bzero(text, sizeof(text));
}

static void
enter_level(struct diff *d, struct level *l)
{
	if (!l->up || l->entered)
		return;
	enter_level(d, l->up);
	put_node(d, l->up->indent, "", l->node);
	l->entered = true;
}

/* --- comparing -------------------------------------------------------------------------------- */

static bool
text_equal(const struct tnode *a, const struct tnode *b)
{
	char x[COMMAND_LINE_MAX], y[COMMAND_LINE_MAX];
	size_t n = tnode_text(a, x, sizeof(x)), m = tnode_text(b, y, sizeof(y));
	bool equal = n == m && !strcmp(x, y);

	explicit_bzero(x, sizeof(x));
	explicit_bzero(y, sizeof(y));
	return equal;
}

/* With all that is in them. */
static bool
nodes_equal(const struct tnode *a, const struct tnode *b)
{
	const struct tnode **in_a, **in_b;
	size_t n = render_children(a, &in_a), m = render_children(b, &in_b), i;
	bool same = n == m && text_equal(a, b);

	for (i = 0; same && i < n; i++)
		same = nodes_equal(in_a[i], in_b[i]);
	free(in_a);
	free(in_b);
	return same;
}

static bool
is_whole(const struct tnode *n)
{
	return tnode_entry(n)->quit || tnode_entry(n)->kept;
}

static bool
is_container(const struct tnode *n)
{
	return tnode_entry(n)->verb == VERB_ENTER && !is_whole(n);
}

/*
 * Does the other head only enter this container, without taking the rest of its words away? "router
 * ospf 1" leaves the process in its VRF: it has to go first.
 */
static bool
only_enters(const struct tnode *to, const struct tnode *from)
{
	char x[COMMAND_LINE_MAX], y[COMMAND_LINE_MAX];
	size_t n;

	if (!is_container(from) || !is_container(to))
		return false;
	n = tnode_text(to, x, sizeof(x));
	tnode_text(from, y, sizeof(y));
	return !strncmp(x, y, n) && y[n] == ' ' && y[n + 1];
}

/* What a node's command would speak of in the other tree, unless it says the default there. */
static const struct tnode *
twin_of(const struct tree *t, const struct tnode *parent, const struct tnode *n)
{
	const struct tnode *twin = parent ? tree_like(t, parent, n) : NULL;
	const char *dflt = twin ? tnode_entry(twin)->dflt : NULL;
	char text[COMMAND_LINE_MAX];

	if (!dflt || tnode_child(twin))
		return twin;
	tnode_text(twin, text, sizeof(text));
	return strcmp(text, dflt) ? twin : NULL;
}

/* --- what goes -------------------------------------------------------------------------------- */

static void
undo_node(struct diff *d, struct level *l, const struct tnode *n)
{
	char text[COMMAND_LINE_MAX];
	const struct gram_entry *e = tnode_entry(n);
	bool forgets = e->kept || e->either;

	enter_level(d, l);
	tnode_text(n, text, sizeof(text));
	text[strcspn(text, "\n")] = 0; /* a banner goes by its first line */
	if (tnode_negated(n))
		/*
		 * "no X" of what is on by default: X; of a line that is only kept: no word of it.
		 */
		put_line(d, l->indent, forgets ? "default " : "", text + strlen("no "));
	else
		put_line(d, l->indent, e->either ? "default " : "no ", text);
	explicit_bzero(text, sizeof(text));
}

static bool
must_go(const struct diff *d, const struct tnode *n, const struct tnode *twin,
        const struct plan *plan, size_t *next)
{
	if (plan_takes(n))
		return !plan->keep_from[--*next];
	if (!twin || only_enters(twin, n))
		return true;
	if (d->undo_first && !is_container(n) && !nodes_equal(n, twin))
		return true;
	/* A kept line that is only negated now is changed by typing it. */
	return is_whole(n) && !nodes_equal(n, twin) && tnode_negated(n) == tnode_negated(twin);
}

static void
put_removals(struct diff *d, struct level *l, const struct tnode *from, const struct tnode *to)
{
	struct plan plan = plan_make(d->from, from, to);
	size_t next = plan.n_from, n, i;
	const struct tnode **list;

	n = render_children(from, &list);
	for (i = n; i-- > 0;) {
		const struct tnode *twin = twin_of(d->to, to, list[i]);

		if (must_go(d, list[i], twin, &plan, &next)) {
			undo_node(d, l, list[i]);
		} else if (is_container(list[i])) {
			struct level inner = {l, list[i], l->indent + 1, false};

			put_removals(d, &inner, list[i], twin);
		}
	}
	free(list);
	plan_fini(&plan);
}

/* --- what comes ------------------------------------------------------------------------------- */

static void
count_line(void *arg, const char *line)
{
	struct diff *d = arg;

	d->sink(d->arg, line);
	d->n++;
}

static void
put_whole(struct diff *d, struct level *l, const struct tnode *n, uint32_t number)
{
	char before[16] = "";

	enter_level(d, l);
	if (number) {
		snprintf(before, sizeof(before), "%u ", number);
		put_node(d, l->indent, before, n);
	} else {
		render_node(n, l->indent, count_line, d);
	}
}

static void put_additions(struct diff *d, struct level *l, const struct tnode *from,
                          const struct tnode *to);

static void
put_addition(struct diff *d, struct level *l, const struct tnode *n, const struct tnode *twin)
{
	if (!twin || only_enters(n, twin) || (is_whole(n) && !nodes_equal(twin, n)) ||
	    (!is_container(n) && !text_equal(n, twin))) {
		put_whole(d, l, n, 0);
	} else if (is_container(n)) {
		struct level inner = {l, n, l->indent + 1, false};

		if (!text_equal(n, twin))
			enter_level(d, &inner);
		put_additions(d, &inner, twin, n);
	}
}

static void
put_additions(struct diff *d, struct level *l, const struct tnode *from, const struct tnode *to)
{
	struct plan plan = plan_make(d->from, from, to);
	const struct tnode **list;
	size_t n, i, next = 0;

	n = render_children(to, &list);
	for (i = 0; i < n; i++) {
		if (!plan_takes(list[i])) {
			put_addition(d, l, list[i], twin_of(d->from, from, list[i]));
		} else if (!plan.keep_to[next++]) {
			put_whole(d, l, list[i], plan.number[next - 1]);
		} else if (!text_equal(list[i], tree_like(d->from, from, list[i]))) {
			put_whole(d, l, list[i], 0);
		}
	}
	free(list);
	plan_fini(&plan);
}

size_t
confdiff_commands(const struct tree *from, const struct tree *to, bool undo_first,
                  render_sink *sink, void *arg)
{
	struct diff d = {
	    .from = from, .to = to, .undo_first = undo_first, .sink = sink, .arg = arg};
	struct level top = {0};

	put_removals(&d, &top, tree_top(from), tree_top(to));
	put_additions(&d, &top, tree_top(from), tree_top(to));
	return d.n;
}
