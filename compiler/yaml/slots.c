/* SPDX-License-Identifier: Apache-2.0 */
/* Slots out of the grammar: see slots.h. */
#include "compiler/yaml/slots.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/base/arena.h"

/* An entry and the keywords that its line begins with. */
struct lead {
	const struct gram_entry *entry;
	const char *path, *shown, *help;
	const uint16_t *next; /* what may follow */
};

struct leads {
	size_t n, capacity;
	struct lead *at;
};

static struct slots all[MODE_COUNT];
static struct arena *arena; /* for good */

static const char *
rendered_word(const struct gram_elem *e)
{
	return e->shown ? e->shown : e->text;
}

/* All that may follow are keywords, and there is no end. */
static bool
keywords_only(const uint16_t *next)
{
	for (uint16_t i = 1; i <= next[0]; i++)
		if (next[i] == ELEM_END || gram_elems[next[i]].type != TYPE_KEYWORD ||
		    gram_elems[next[i]].repeat > 1 || !*rendered_word(&gram_elems[next[i]]))
			return false;
	return next[0] > 0;
}

/* The one keyword that must follow (synonyms are rendered alike); NULL: there is a choice. */
static const struct gram_elem *
only_keyword(const uint16_t *next)
{
	if (!keywords_only(next))
		return NULL;
	for (uint16_t i = 2; i <= next[0]; i++)
		if (strcmp(rendered_word(&gram_elems[next[i]]),
		           rendered_word(&gram_elems[next[1]])) != 0)
			return NULL;
	return &gram_elems[next[1]];
}

static const char *
join_words(const char *words, const char *word)
{
	return arena_printf(arena, "%s%s%s", words, *words ? " " : "", word);
}

/* synonym: of several words that are rendered alike the rendered one is the key. */
static struct lead
longer_lead(const struct lead *l, const struct gram_elem *e, bool synonym)
{
	struct lead r = *l;

	r.path = join_words(l->path, synonym ? rendered_word(e) : e->text);
	r.shown = join_words(l->shown, rendered_word(e));
	r.help = e->help ? e->help : "";
	r.next = &gram_next[e->next];
	return r;
}

static void
add_lead(struct leads *l, struct lead lead)
{
	const struct gram_elem *e;

	while ((e = only_keyword(lead.next)))
		lead = longer_lead(&lead, e, lead.next[0] > 1);
	x_grow(&l->at, &l->capacity, l->n + 1, sizeof(*l->at));
	l->at[l->n++] = lead;
}

static int
by_path(const void *a, const void *b)
{
	const struct lead *x = a, *y = b;
	int order = strcmp(x->path, y->path);

	return order ? order : (x->entry > y->entry) - (x->entry < y->entry);
}

static bool
goes_on(const char *path, const char *longer_path)
{
	size_t n = strlen(path);

	return strncmp(path, longer_path, n) == 0 && (n == 0 || longer_path[n] == ' ');
}

/* One that stands in another's way and goes on with a choice of keywords becomes one for each. */
static bool
split_one(struct leads *l)
{
	for (size_t i = 0; i + 1 < l->n; i++) {
		struct lead lead = l->at[i];
		size_t j = i + 1;

		while (j < l->n && strcmp(l->at[j].path, lead.path) == 0)
			j++;
		if (j == l->n || !goes_on(lead.path, l->at[j].path) || !keywords_only(lead.next))
			continue;
		memmove(l->at + i, l->at + i + 1, (--l->n - i) * sizeof(*l->at));
		for (uint16_t k = 1; k <= lead.next[0]; k++)
			add_lead(l, longer_lead(&lead, &gram_elems[lead.next[k]], false));
		return true;
	}
	return false;
}

static bool
is_setting(const struct gram_entry *e)
{
	return (e->verb == VERB_SET || e->verb == VERB_LIST || e->verb == VERB_ENTER) && !e->kept;
}

static struct leads
leads_of(const struct gram_mode_info *m)
{
	struct leads l = {0};

	for (uint16_t i = m->first; i < m->first + m->n; i++) {
		const struct gram_entry *e = &gram_entries[i];

		if (is_setting(e))
			add_lead(&l, (struct lead){e, "", "", "", &gram_next[e->first]});
	}
	do {
		if (l.n)
			qsort(l.at, l.n, sizeof(*l.at), by_path);
	} while (split_one(&l));
	return l;
}

/* --- forms ------------------------------------------------------------------------------------ */

static bool
ends_here(const uint16_t *next)
{
	return next[0] == 1 && next[1] == ELEM_END;
}

/* The argument, when a single number is all that follows. */
static const char *
number_arg(const struct lead *l)
{
	const struct gram_elem *e;

	if (l->next[0] != 1 || l->next[1] == ELEM_END)
		return NULL;
	e = &gram_elems[l->next[1]];
	return e->type == TYPE_NUMBER && e->arg == l->entry->order && ends_here(&gram_next[e->next])
	           ? gram_arg_names[e->arg]
	           : NULL;
}

/* leads: all of the slot's; the first has its path when none was cut. */
static void
find_form(struct slot *s, const struct lead *leads, size_t n)
{
	bool whole = n == 1 && strcmp(leads[0].path, s->path) == 0;
	bool one_key = true, enters = false;

	for (size_t i = 0; i < n; i++) {
		enters |= leads[i].entry->verb == VERB_ENTER;
		one_key &=
		    leads[i].entry->verb == VERB_SET && leads[i].entry->key == leads[0].entry->key;
	}
	s->target = leads[0].entry->target;
	if (!enters) {
		s->form = one_key ? SLOT_VALUE : SLOT_LIST;
	} else if (whole && ends_here(leads[0].next)) {
		s->form = SLOT_MODE;
	} else {
		s->arg = whole ? number_arg(&leads[0]) : NULL;
		s->form = s->arg ? SLOT_NUMBER : SLOT_NAMES;
	}
}

static int
by_shown(const void *a, const void *b)
{
	return strcmp((*(const struct slot *const *)a)->shown,
	              (*(const struct slot *const *)b)->shown);
}

/* Are the mode's lines rendered with the words that lead into it before each? */
static bool
is_flat(enum gram_mode mode)
{
	for (uint16_t i = 0; i < gram_entry_count; i++)
		if (gram_entries[i].flat && gram_entries[i].target == mode)
			return true;
	return false;
}

static void
make_slots(enum gram_mode mode)
{
	struct leads l = leads_of(&gram_modes[mode]);
	struct slot *slots = arena_alloc(arena, l.n * sizeof(*slots));
	const struct slot **shown;
	size_t n = 0;

	all[mode].lines = l.n == 0 || !*l.at[0].path || is_flat(mode);
	for (size_t i = 0, j; i < l.n && !all[mode].lines; i = j) {
		const struct gram_entry **entries =
		    arena_alloc(arena, l.n * sizeof(struct gram_entry *));
		struct slot *s = &slots[n++];

		*s = (struct slot){.path = l.at[i].path,
		                   .shown = l.at[i].shown,
		                   .help = l.at[i].help,
		                   .entries = entries};
		for (j = i; j < l.n &&
		            (strcmp(l.at[j].path, s->path) == 0 || goes_on(s->path, l.at[j].path));
		     j++)
			entries[s->n++] = l.at[j].entry;
		find_form(s, &l.at[i], j - i);
	}
	all[mode].n = n;
	all[mode].at = slots;
	shown = arena_alloc(arena, (n + 1) * sizeof(struct slot *));
	for (size_t i = 0; i < n; i++)
		shown[i] = &slots[i];
	qsort(shown, n, sizeof(struct slot *), by_shown);
	all[mode].by_shown = shown;
	free(l.at);
}

static void
make_all(void)
{
	arena = arena_new();
	for (int i = 0; i < MODE_COUNT; i++)
		if (gram_modes[i].config)
			make_slots((enum gram_mode)i);
}

const struct slots *
slots_of(enum gram_mode mode)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, make_all);
	return &all[mode];
}

/* The first slot whose path is not before this one. */
static size_t
lower_bound(const struct slots *s, const char *path)
{
	size_t lo = 0, hi = s->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (strcmp(s->at[mid].path, path) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

const struct slot *
slots_find(const struct slots *s, const char *path)
{
	size_t i = lower_bound(s, path);

	return i < s->n && strcmp(s->at[i].path, path) == 0 ? &s->at[i] : NULL;
}

const struct slot *
slots_below(const struct slots *s, const char *path)
{
	size_t i = lower_bound(s, path);

	return i < s->n && goes_on(path, s->at[i].path) ? &s->at[i] : NULL;
}

/* The last slot that is rendered not behind the line is the only one that can begin it. */
const struct slot *
slots_of_line(const struct slots *s, const char *line)
{
	size_t lo = 0, hi = s->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (strcmp(s->by_shown[mid]->shown, line) <= 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (!lo)
		return NULL;
	return strcmp(s->by_shown[lo - 1]->shown, line) == 0 ||
	               goes_on(s->by_shown[lo - 1]->shown, line)
	           ? s->by_shown[lo - 1]
	           : NULL;
}
