/* SPDX-License-Identifier: Apache-2.0 */
/* The list of diagnostics, and the search for what was probably meant; see diag.h. */
#include "compiler/base/diag.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define WORD_LONGEST 64 /* nobody mistypes a longer name; it also bounds the work */

void
diag_list_init(struct diag_list *l)
{
	*l = (struct diag_list){.arena = arena_new()};
}

void
diag_list_fini(struct diag_list *l)
{
	free(l->items);
	arena_free(l->arena);
	*l = (struct diag_list){0};
}

static const char *
keep_text(struct diag_list *l, const char *text)
{
	return text && *text ? arena_strdup(l->arena, text) : "";
}

void
diag_add(struct diag_list *l, const struct diag *d)
{
	struct diag copy = *d;

	copy.id = keep_text(l, d->id);
	copy.text = keep_text(l, d->text);
	copy.message = keep_text(l, d->message);
	copy.suggest = keep_text(l, d->suggest);
	x_grow(&l->items, &l->capacity, l->n + 1, sizeof(*l->items));
	l->items[l->n++] = copy;
}

bool
diag_equal(const struct diag *a, const struct diag *b)
{
	return a->severity == b->severity && strcmp(a->id, b->id) == 0 &&
	       strcmp(a->text, b->text) == 0 && strcmp(a->message, b->message) == 0 &&
	       strcmp(a->suggest, b->suggest) == 0;
}

const char *
severity_text(enum severity s)
{
	static const char *const texts[] = {"error", "warning", "note"};

	return texts[s];
}

/* --- the nearest name ------------------------------------------------------------------------- */

/* Costs: what the eye does not see is cheap. */
enum { CHEAP = 1, EDIT = 4 };

static bool
is_joint(char c)
{
	return c == '-' || c == '_' || c == '.';
}

static unsigned
replace_cost(char a, char b)
{
	if (a == b)
		return 0;
	if (is_joint(a) && is_joint(b))
		return CHEAP;
	return tolower((unsigned char)a) == tolower((unsigned char)b) ? CHEAP : EDIT;
}

static unsigned
drop_cost(char c)
{
	return is_joint(c) ? CHEAP : EDIT;
}

static unsigned
lesser_of(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Damerau-Levenshtein (neighbours exchanged count as one edit), weighted as above. */
static unsigned
edit_distance(const char *a, size_t n, const char *b, size_t m)
{
	unsigned rows[3][WORD_LONGEST + 1];
	unsigned *before = rows[0], *above = rows[1], *here = rows[2], *spare;
	size_t i, j;

	above[0] = 0;
	for (j = 1; j <= m; j++)
		above[j] = above[j - 1] + drop_cost(b[j - 1]);
	for (i = 1; i <= n; i++) {
		here[0] = above[0] + drop_cost(a[i - 1]);
		for (j = 1; j <= m; j++) {
			here[j] = above[j - 1] + replace_cost(a[i - 1], b[j - 1]);
			here[j] = lesser_of(here[j], above[j] + drop_cost(a[i - 1]));
			here[j] = lesser_of(here[j], here[j - 1] + drop_cost(b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				here[j] = lesser_of(here[j], before[j - 2] + EDIT);
		}
		spare = before;
		before = above;
		above = here;
		here = spare;
	}
	return above[m];
}

const char *
diag_nearest(const char *word, const char *const *candidates, size_t n)
{
	size_t len = strlen(word), i;
	/* One edit in three letters is a slip; more is another word. */
	unsigned best = EDIT * (unsigned)(len < 3 ? 1 : len / 3) + 1;
	const char *found = NULL;

	if (len == 0 || len > WORD_LONGEST)
		return NULL;
	for (i = 0; i < n; i++) {
		size_t m = strlen(candidates[i]);
		unsigned d;

		if (m == 0 || m > WORD_LONGEST || strcmp(word, candidates[i]) == 0)
			continue;
		d = edit_distance(word, len, candidates[i], m);
		/* A word of one or two letters shares something with what was meant. */
		if (d < best && d < EDIT * (unsigned)(len > m ? len : m)) {
			best = d;
			found = candidates[i];
		}
	}
	return found;
}
