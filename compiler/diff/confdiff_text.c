/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two configuration texts to lines in their context: see confdiff.h. A line is below the nearest
 * line before it that is indented less. Siblings are matched by what they say, the first of equal
 * ones with the first.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/base/arena.h"
#include "compiler/diff/confdiff.h"

#define DEPTH_MAX 32 /* what is indented further counts as standing here */

struct line {
	const char *text; /* without indentation and blanks at its end */
	struct line *parent, *first, *last, *next, *prev;
	struct line *twin; /* in the other text; NULL: none */
	size_t at;         /* which child it is */
	unsigned indent;   /* as typed; the root: none */
	bool moved;
};

struct text_diff {
	render_sink *sink;
	void *arg;
	size_t n;
	char *buffer;
	size_t capacity;
};

/* --- reading ---------------------------------------------------------------------------------- */

static bool
is_line(const char *text)
{
	return *text && *text != '!' && strcmp(text, "end") != 0 &&
	       strcmp(text, "Building configuration...") != 0 &&
	       strncmp(text, "Current configuration :", 23) != 0 &&
	       (strncmp(text, "Using ", 6) != 0 || !strstr(text, " bytes"));
}

static void
add_line(struct arena *a, struct line *parent, const char *text, unsigned indent)
{
	struct line *l = arena_alloc(a, sizeof(*l));

	*l = (struct line){.text = text, .parent = parent, .prev = parent->last, .indent = indent};
	if (parent->last) {
		l->at = parent->last->at + 1;
		parent->last->next = l;
	} else {
		parent->first = l;
	}
	parent->last = l;
}

static unsigned
depth_of(const struct line *l)
{
	unsigned depth = 0;

	while ((l = l->parent))
		depth++;
	return depth;
}

static struct line *
read_text(struct arena *a, const char *text)
{
	struct line *root = arena_alloc(a, sizeof(*root)), *at = root;

	*root = (struct line){.text = ""};
	while (*text) {
		size_t n = strcspn(text, "\n"), indent = strspn(text, " \t"), end = n;
		char *line;

		while (end && strchr(" \t\r", text[end - 1]))
			end--;
		indent = indent < end ? indent : end;
		line = arena_strndup(a, text + indent, end - indent);
		text += n + (text[n] == '\n');
		if (!is_line(line))
			continue;
		while (at->parent && at->indent >= indent)
			at = at->parent;
		add_line(a, at, line, (unsigned)indent);
		if (depth_of(at) < DEPTH_MAX)
			at = at->last;
	}
	return root;
}

/* --- matching --------------------------------------------------------------------------------- */

static int
by_text(const void *a, const void *b)
{
	const struct line *x = *(struct line *const *)a, *y = *(struct line *const *)b;
	int order = strcmp(x->text, y->text);

	return order ? order : x->at < y->at ? -1 : x->at > y->at;
}

static struct line **
sort_lines(const struct line *parent, size_t *ret_n)
{
	size_t n = parent->last ? parent->last->at + 1 : 0, i = 0;
	struct line **list = x_alloc((n + 1) * sizeof(struct line *));

	for (struct line *l = parent->first; l; l = l->next)
		list[i++] = l;
	qsort(list, n, sizeof(struct line *), by_text);
	*ret_n = n;
	return list;
}

static bool
orders_matter(const struct line *l)
{
	return !strncmp(l->text, "ip access-list ", 15);
}

static void
match_lines(struct line *from, struct line *to)
{
	size_t n, m, i = 0, j = 0;
	struct line **a = sort_lines(from, &n), **b = sort_lines(to, &m);
	size_t last = 0;
	bool any = false;

	while (i < n && j < m) {
		int order = strcmp(a[i]->text, b[j]->text);

		if (!order) {
			a[i]->twin = b[j];
			b[j]->twin = a[i];
		}
		i += order <= 0;
		j += order >= 0;
	}
	free(a);
	free(b);
	for (struct line *l = to->first; l; l = l->next) {
		if (!l->twin)
			continue;
		l->moved = orders_matter(to) && any && l->twin->at < last;
		last = any && last > l->twin->at ? last : l->twin->at;
		any = true;
		match_lines(l->twin, l);
	}
}

/* --- writing ---------------------------------------------------------------------------------- */

static void
put_line(struct text_diff *d, unsigned depth, const char *before, const char *text,
         const char *after)
{
	unsigned blanks = depth < DEPTH_MAX ? depth : DEPTH_MAX; /* no line stands deeper */
	size_t n = blanks + strlen(before) + strlen(text) + strlen(after) + 1;

	x_grow(&d->buffer, &d->capacity, n, 1);
	snprintf(d->buffer, n, "%*s%s%s%s", (int)blanks, "", before, text, after);
	d->sink(d->arg, d->buffer);
}

static void
put_all(struct text_diff *d, const struct line *l, unsigned depth, const char *sign)
{
	put_line(d, depth, sign, l->text, "");
	d->n++;
	for (const struct line *c = l->first; c; c = c->next)
		put_all(d, c, depth + 1, sign);
}

/* The lines above, when the first line below them is due. */
static void
put_context(struct text_diff *d, const struct line *l, unsigned depth, bool *put_already)
{
	if (!l || !l->parent || *put_already)
		return;
	put_context(d, l->parent, depth - 1, &put_already[-1]);
	put_line(d, depth - 1, "", l->text, "");
	*put_already = true;
}

/* shown[depth]: has the line whose children these are been shown? shown[-1]... for those above. */
static void
put_differences(struct text_diff *d, const struct line *parent, unsigned depth, const char *sign,
                bool *shown)
{
	for (const struct line *l = parent->first; l; l = l->next) {
		if (!l->twin) {
			put_context(d, parent, depth, shown);
			put_all(d, l, depth, sign);
		} else if (l->moved) {
			put_context(d, parent, depth, shown);
			put_line(d, depth, "!order-dependent line \"", l->text, "\" re-ordered");
			d->n++;
		} else {
			shown[1] = false;
			put_differences(d, l, depth + 1, sign, shown + 1);
		}
	}
}

size_t
confdiff_texts(const char *from, const char *to, render_sink *sink, void *arg)
{
	struct text_diff d = {.sink = sink, .arg = arg};
	bool shown[DEPTH_MAX + 4] = {true};
	struct arena *a = arena_new();
	struct line *x = read_text(a, from), *y = read_text(a, to);

	match_lines(x, y);
	put_differences(&d, y, 0, "+", shown);
	put_differences(&d, x, 0, "-", shown);
	arena_free(a); /* it wipes; what is written may hold keys, too */
	if (d.buffer)
		explicit_bzero(d.buffer, d.capacity);
	free(d.buffer);
	return d.n;
}
