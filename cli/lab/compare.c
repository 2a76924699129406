/* SPDX-License-Identifier: Apache-2.0 */
/* Two texts side by side: see compare.h. */
#include "cli/lab/compare.h"

#include <stdlib.h>
#include <string.h>

#define LIKENESS_MIN 0.5 /* less is another line */
#define NOBODY       SIZE_MAX

struct side {
	size_t n;
	struct shown_line *lines[COMPARE_LINES_MAX];
	size_t mate[COMPARE_LINES_MAX]; /* in the other; NOBODY */
};

/* --- reading ---------------------------------------------------------------------------------- */

/* False: it is too long. */
static bool
add_line(struct arena *a, struct side *s, const char *text, unsigned line)
{
	struct shown_line *l;

	if (!text[strspn(text, " \t\r")])
		return true;
	if (s->n == COMPARE_LINES_MAX)
		return false;
	l = shown_read(a, text, (const struct shown_line *const *)s->lines, s->n);
	l->line = line;
	s->mate[s->n] = NOBODY;
	if (l->n)
		s->lines[s->n++] = l;
	return true;
}

static bool
has_equal(const struct side *s, const struct shown_line *l)
{
	for (size_t i = 0; i < s->n; i++)
		if (shown_lines_agree(s->lines[i], l))
			return true;
	return false;
}

static bool
read_ours(struct arena *a, const char *text, struct side *ret)
{
	bool ok = true;

	while (ok && *text) {
		const size_t n = strcspn(text, "\n");

		ok = add_line(a, ret, arena_strndup(a, text, n), 0);
		text += n + (text[n] == '\n');
	}
	return ok;
}

/*
 * What is too long to be output is its author's prose for the greater part: the beginning counts.
 * A line that ends in a colon here and nowhere in ours goes on in the next one.
 */
static void
read_theirs(struct arena *a, const struct compare_line *lines, size_t n, const struct side *ours,
            struct side *ret)
{
	for (size_t i = 0; i < n; i++) {
		const struct compare_line *l = &lines[i];
		const size_t before = ret->n;

		if (shown_is_log(l->text))
			continue;
		add_line(a, ret, l->text, l->line);
		if (ret->n == before || !ret->lines[before]->open || i + 1 == n ||
		    has_equal(ours, ret->lines[before]) || shown_is_prose(ret->lines[before]))
			continue;
		ret->n = before;
		add_line(a, ret, arena_printf(a, "%s %s", l->text, lines[++i].text), l->line);
	}
}

/* --- matching --------------------------------------------------------------------------------- */

static double *
cell_at(double *table, const struct side *ours, size_t i, size_t k)
{
	return &table[i * (ours->n + 1) + k];
}

/* What a pair of lines is worth; 0: they are no pair. */
typedef double worth_of(const struct shown_line *a, const struct shown_line *b);

static double
worth_agreeing(const struct shown_line *a, const struct shown_line *b)
{
	return shown_lines_agree(a, b);
}

static double
worth_alike(const struct shown_line *a, const struct shown_line *b)
{
	const double likeness = shown_likeness(a, b);

	return likeness >= LIKENESS_MIN ? likeness : 0;
}

static double
pair_worth(const struct side *theirs, size_t i, const struct side *ours, size_t k, worth_of *worth)
{
	return theirs->mate[i] == NOBODY && ours->mate[k] == NOBODY
	           ? worth(theirs->lines[i], ours->lines[k])
	           : 0;
}

/* Of lines without a mate, the pairs in order that are worth most together. */
static void
match_in_order(struct side *theirs, struct side *ours, worth_of *worth)
{
	double *sum = x_alloc((theirs->n + 1) * (ours->n + 1) * sizeof(*sum));

	for (size_t i = theirs->n; i--;)
		for (size_t k = ours->n; k--;) {
			const double one = pair_worth(theirs, i, ours, k, worth);
			double best = *cell_at(sum, ours, i + 1, k);

			if (*cell_at(sum, ours, i, k + 1) > best)
				best = *cell_at(sum, ours, i, k + 1);
			if (one > 0 && one + *cell_at(sum, ours, i + 1, k + 1) > best)
				best = one + *cell_at(sum, ours, i + 1, k + 1);
			*cell_at(sum, ours, i, k) = best;
		}
	for (size_t i = 0, k = 0; i < theirs->n && k < ours->n;) {
		const double best = *cell_at(sum, ours, i, k);

		if (best <= *cell_at(sum, ours, i + 1, k)) {
			i++;
		} else if (best <= *cell_at(sum, ours, i, k + 1)) {
			k++;
		} else {
			theirs->mate[i] = k;
			ours->mate[k++] = i++;
		}
	}
	free(sum);
}

/* Tables come in any order. */
static void
match_out_of_order(struct side *theirs, struct side *ours)
{
	for (size_t i = 0; i < theirs->n; i++)
		for (size_t k = 0; k < ours->n && theirs->mate[i] == NOBODY; k++)
			if (ours->mate[k] == NOBODY &&
			    shown_lines_agree(theirs->lines[i], ours->lines[k])) {
				theirs->mate[i] = k;
				ours->mate[k] = i;
			}
}

/* --- the account ------------------------------------------------------------------------------ */

static void
add_item(struct compared *c, size_t *capacity, struct compare_item item)
{
	x_grow(&c->items, capacity, c->n + 1, sizeof(*c->items));
	c->items[c->n++] = item;
}

/* Behind the last line that has a mate the author may speak, from the first such sentence on. */
static size_t
find_prose(const struct side *theirs)
{
	size_t at = theirs->n;

	while (at && theirs->mate[at - 1] == NOBODY)
		at--;
	while (at < theirs->n && !shown_is_prose(theirs->lines[at]))
		at++;
	return at;
}

static void
tell_items(const struct side *theirs, const struct side *ours, struct compared *c)
{
	const size_t prose = find_prose(theirs);
	size_t capacity = 0;

	for (size_t i = 0; i < theirs->n; i++) {
		const struct shown_line *l = theirs->lines[i], *mate;

		if (theirs->mate[i] == NOBODY) {
			add_item(c, &capacity,
			         (struct compare_item){i >= prose ? COMPARE_PROSE : COMPARE_LACKING,
			                               l->line, l->text, NULL});
			continue;
		}
		mate = ours->lines[theirs->mate[i]];
		if (shown_lines_agree(l, mate))
			c->alike++;
		else
			add_item(
			    c, &capacity,
			    (struct compare_item){COMPARE_DIFFERS, l->line, l->text, mate->text});
	}
	for (size_t k = 0; k < ours->n; k++)
		if (ours->mate[k] == NOBODY)
			add_item(
			    c, &capacity,
			    (struct compare_item){COMPARE_MORE, 0, NULL, ours->lines[k]->text});
}

void
compare_texts(struct arena *a, const struct compare_line *theirs, size_t n, const char *ours,
              struct compared *ret)
{
	struct side *mine = x_alloc(sizeof(*mine)), *author = x_alloc(sizeof(*author));
	struct compare_item *items;

	*ret = (struct compared){0};
	ret->too_long = !read_ours(a, ours, mine);
	if (!ret->too_long) {
		read_theirs(a, theirs, n, mine, author);
		match_in_order(author, mine, worth_agreeing);
		match_out_of_order(author, mine);
		match_in_order(author, mine, worth_alike);
		tell_items(author, mine, ret);
	}
	items = arena_alloc(a, ret->n * sizeof(*items));
	if (ret->n)
		memcpy(items, ret->items, ret->n * sizeof(*items));
	free(ret->items);
	ret->items = items;
	free(mine);
	free(author);
}

bool
compare_differs(const struct compare_item *item)
{
	return item->kind == COMPARE_DIFFERS || item->kind == COMPARE_LACKING;
}
