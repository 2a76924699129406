/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gramc's second look at a grammar, for statements whose syntax is right and whose meaning is not:
 * commands of a mode that no line could tell apart, keys kept in two ways, flags that name an
 * argument which the command does not have.
 */
#include "compiler/grammar/gramc.h"

#include <string.h>

#define complain(e, ...) gramc_fail((e)->place, __VA_ARGS__)

/* --- modes ------------------------------------------------------------------------------------ */

static void
check_mode(const struct mode *m)
{
	const struct mode *up = m;
	int steps;

	if (!m->declared)
		complain(m, "mode \"%s\" is named but never described", m->name);
	for (steps = 0; up->parent >= 0 && &modes[up->parent] != up; steps++) {
		if (steps == n_modes)
			complain(m, "mode \"%s\" is inside itself", m->name);
		up = &modes[up->parent];
	}
	if (m->common >= 0 && modes[m->common].common >= 0)
		complain(m, "mode \"%s\": what is common has itself a common mode", m->name);
}

/* --- entries ---------------------------------------------------------------------------------- */

static bool
has_arg(const struct entry *e, int arg)
{
	int i;

	for (i = e->elem; i < e->elem + e->n_elems; i++)
		if (elems[i].arg == arg)
			return true;
	return false;
}

static void
check_flags(const struct entry *e)
{
	bool set = !strcmp(e->verb, "set"), acts = !strcmp(e->verb, "do"),
	     enters = !strcmp(e->verb, "enter");
	int i;

	if (e->order && !has_arg(e, e->order))
		complain(e, "order by %s, which the command does not have", args.at[e->order - 1]);
	for (i = 0; i < e->n_by; i++)
		if (!has_arg(e, e->by[i]))
			complain(e, "told apart by %s, which the command does not have",
			         args.at[e->by[i] - 1]);
	if (e->step && !e->order)
		complain(e, "\"step\" wants \"order\"");
	if (e->repeats && !e->step)
		complain(e, "what repeats has a place, and \"step\" gives it one");
	if (e->dflt && !set)
		complain(e, "only what is set has a default");
	if (e->ends && !enters)
		complain(e, "only a container has an end");
	if (e->kept && (set || acts))
		complain(e, "what is kept is a list or a container");
	if (e->pipe && !acts)
		complain(e, "only output can be filtered, and this prints none");
	for (i = e->elem; i < e->elem + e->n_elems; i++)
		if (elems[i].cut && !set && strcmp(e->verb, "list"))
			complain(e, "\"%s!\": only `no` of what is set or listed may be cut",
			         elems[i].text);
}

/* Is the key that one, or one below it: "crypto.map", "crypto.map.peer"? */
static bool
key_under(int key, int above)
{
	const char *name = keys.at[key - 1];
	size_t n = strlen(keys.at[above - 1]);

	return !strncmp(name, keys.at[above - 1], n) && (!name[n] || name[n] == '.');
}

/* One key in one mode is kept in one way; `drop` is a second way to undo it. */
static void
check_key(const struct entry *e)
{
	bool drop = !strcmp(e->verb, "drop"), kept = false;
	int i;

	for (i = 0; i < n_entries; i++) {
		const struct entry *other = &entries[i];

		if (other == e || other->mode != e->mode || !strcmp(other->verb, "drop") ||
		    !other->key || !key_under(other->key, e->key))
			continue;
		kept = true;
		if (!drop && other->key == e->key &&
		    (strcmp(other->verb, e->verb) || other->step != e->step ||
		     other->repeats != e->repeats || other->order != e->order ||
		     other->target != e->target))
			complain(e, "key %s is kept in another way by line %u of %s",
			         keys.at[e->key - 1], other->place.line, other->place.file);
	}
	if (drop && !kept)
		complain(e, "drops %s, which nothing in its mode keeps", keys.at[e->key - 1]);
}

/* --- defaults --------------------------------------------------------------------------------- */

/*
 * Does the element match a word of a default text, as it is rendered? For an argument always: the
 * tests check those.
 */
static bool
word_fits(const struct elem *e, const char *word, size_t n)
{
	const char *shown = e->shown ? e->shown : e->text;

	return !shown || (strlen(shown) == n && !memcmp(shown, word, n));
}

static bool
text_follows(const char *text, const int *next, int n_next)
{
	size_t n;
	int i;

	text += strspn(text, " ");
	n = strcspn(text, " ");
	for (i = 0; i < n_next; i++) {
		if (next[i] == END ? !n : n && word_fits(&elems[next[i]], text, n)) {
			if (next[i] == END ||
			    text_follows(text + n, elems[next[i]].next, elems[next[i]].n_next))
				return true;
		}
	}
	return false;
}

/* --- commands that no line could tell apart --------------------------------------------------- */

/* Would every word that one takes be taken by the other, and rank alike? */
static bool
same_element(const struct elem *a, const struct elem *b)
{
	if (a->text || b->text)
		return a->text && b->text && !strcmp(a->text, b->text);
	return !strcmp(a->type, b->type) &&
	       (strcmp(a->type, "number") || (a->min <= b->max && b->min <= a->max));
}

struct seen {
	int a, b;
};

static struct seen seen[65536];
static int n_seen;

static bool
seen_before(int a, int b)
{
	int i;

	for (i = 0; i < n_seen; i++)
		if (seen[i].a == a && seen[i].b == b)
			return true;
	if (n_seen < (int)(sizeof(seen) / sizeof(seen[0])))
		seen[n_seen++] = (struct seen){a, b};
	return false;
}

/* Is there a line that both syntaxes accept to its end? */
static bool
ways_meet(const int *next_a, int n_a, const int *next_b, int n_b)
{
	int i, j;

	for (i = 0; i < n_a; i++)
		for (j = 0; j < n_b; j++) {
			const struct elem *a, *b;

			if (next_a[i] == END || next_b[j] == END) {
				if (next_a[i] == next_b[j])
					return true;
				continue;
			}
			a = &elems[next_a[i]];
			b = &elems[next_b[j]];
			if (same_element(a, b) && !seen_before(next_a[i], next_b[j]) &&
			    ways_meet(a->next, a->n_next, b->next, b->n_next))
				return true;
		}
	return false;
}

/* Fails when two elements that may stand at one place of a command accept the same word. */
static void
check_place(const struct entry *e, const int *next, int n)
{
	int i, j;

	for (i = 0; i < n; i++)
		for (j = 0; j < i; j++) {
			const struct elem *a, *b;

			if (next[i] == END || next[j] == END)
				continue;
			a = &elems[next[i]];
			b = &elems[next[j]];
			if (same_element(a, b))
				complain(e, "one word could be this command's \"%s\" in two ways",
				         a->text ? a->text : args.at[a->arg - 1]);
		}
}

static void
check_places(const struct entry *e)
{
	int i;

	check_place(e, e->first, e->n_first);
	for (i = e->elem; i < e->elem + e->n_elems; i++)
		check_place(e, elems[i].next, elems[i].n_next);
}

/* `drop` is typed after `no` only, as the beginning of a longer command, or a number alone. */
static void
check_alike(const struct entry *e, const struct entry *other)
{
	if (!strcmp(e->verb, "drop") || !strcmp(other->verb, "drop"))
		return;
	n_seen = 0;
	if (ways_meet(e->first, e->n_first, other->first, other->n_first))
		complain(e, "one line could be this command and that of line %u of %s",
		         other->place.line, other->place.file);
}

void
gramc_check(void)
{
	int i, j;

	for (i = 0; i < n_modes; i++)
		check_mode(&modes[i]);
	for (i = 0; i < n_entries; i++) {
		const struct entry *e = &entries[i];

		check_flags(e);
		check_places(e);
		if (e->key)
			check_key(e);
		if (e->dflt && !text_follows(e->dflt, e->first, e->n_first))
			complain(e, "the default \"%s\" is not what the command can say", e->dflt);
		for (j = 0; j < i; j++)
			if (entries[j].mode == e->mode ||
			    (modes[e->mode].common >= 0 &&
			     entries[j].mode == modes[e->mode].common))
				check_alike(e, &entries[j]);
	}
}
