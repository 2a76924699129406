/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Matching words against the grammar. Every entry of a mode is walked at once: after each word a
 * set of states remains, one for each element the word may have been. A full keyword beats an
 * abbreviation, an abbreviation beats an argument, and of arguments the narrower type wins.
 */
#include "compiler/grammar/command_match.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "compiler/grammar/ifname.h"

/* --- what may come next ----------------------------------------------------------------------- */

static bool
used_up(const struct state *s, uint16_t elem)
{
	unsigned uses = 0;

	for (; s; s = s->before)
		uses += s->elem == elem;
	return uses >= gram_elems[elem].repeat;
}

/* Could a word that starts with this letter match the element? */
static bool
starts_like(const struct gram_elem *e, int letter)
{
	return letter == ANY_LETTER || e->type != TYPE_KEYWORD ||
	       tolower((unsigned char)e->text[0]) == letter;
}

static void
candidates_put(struct candidates *c, uint16_t entry, uint16_t elem, const struct state *before)
{
	x_grow(&c->at, &c->capacity, c->n + 1, sizeof(*c->at));
	c->at[c->n++] = (struct candidate){entry, elem, before};
}

static void
candidates_after(struct candidates *c, const struct state *s, int letter)
{
	const uint16_t *list = &gram_next[gram_elems[s->elem].next];
	uint16_t i;

	for (i = 0; i < list[0]; i++) {
		uint16_t elem = list[1 + i];

		if (elem != ELEM_END && starts_like(&gram_elems[elem], letter) && !used_up(s, elem))
			candidates_put(c, s->entry, elem, s);
	}
}

/*
 * Can the line still be this entry? `no` belongs to configuration; another command takes it only
 * when its entry says so.
 */
static bool
entry_possible(const struct gram_entry *e, bool negated)
{
	return negated ? e->verb != VERB_DO || e->on : e->verb != VERB_DROP;
}

/* The first of a mode's starts with this letter or one behind it. */
static uint16_t
first_start(const struct gram_mode_info *m, int letter)
{
	uint16_t low = m->start, high = (uint16_t)(m->start + m->n_starts);

	while (low < high) {
		uint16_t middle = (uint16_t)((low + high) / 2);

		if (gram_starts[middle].letter < letter)
			low = (uint16_t)(middle + 1);
		else
			high = middle;
	}
	return low;
}

static void
candidates_between(struct candidates *c, const struct match *m, uint16_t i, uint16_t end)
{
	const struct command_filter *who = m->tokens->who;

	for (; i < end; i++) {
		const struct gram_entry *e = &gram_entries[gram_starts[i].entry];

		if (entry_possible(e, m->negated) && (!who || who->allows(who->arg, e)))
			candidates_put(c, gram_starts[i].entry, gram_starts[i].elem, NULL);
	}
}

static void
candidates_of_mode(struct candidates *c, const struct match *m, enum gram_mode mode, int letter)
{
	const struct gram_mode_info *info = &gram_modes[mode];

	if (letter == ANY_LETTER) {
		candidates_between(c, m, info->start, (uint16_t)(info->start + info->n_starts));
	} else {
		candidates_between(c, m, first_start(info, letter), first_start(info, letter + 1));
		/* An argument may begin with any. */
		candidates_between(c, m, info->start, first_start(info, 1));
	}
	if (info->common != mode)
		candidates_of_mode(c, m, (enum gram_mode)info->common, letter);
}

void
match_candidates(struct candidates *c, const struct match *m, int letter)
{
	size_t i;

	if (!m->states.n)
		candidates_of_mode(c, m, m->mode, letter);
	for (i = 0; i < m->states.n; i++)
		candidates_after(c, m->states.at[i], letter);
}

/* --- one word --------------------------------------------------------------------------------- */

enum fit { FIT_NONE, FIT_EXACT, FIT_PREFIX, FIT_ARGUMENT };

static enum fit
keyword_fit(const struct gram_elem *e, const struct token *t)
{
	if (e->type != TYPE_KEYWORD || strncasecmp(e->text, t->text, t->length) ||
	    (e->hidden && e->text[t->length]))
		return FIT_NONE;
	return e->text[t->length] ? FIT_PREFIX : FIT_EXACT;
}

static void
states_add(struct match *m, struct states *to, const struct candidate *c, size_t word,
           const struct typed *typed)
{
	struct state *s;
	size_t i;

	for (i = 0; i < to->n; i++)
		if (to->at[i]->elem == c->elem)
			return;
	s = arena_alloc(m->arena, sizeof(*s));
	*s = (struct state){c->entry, c->elem, c->before, word, *typed};
	x_grow(&to->at, &to->capacity, to->n + 1, sizeof(struct state *));
	to->at[to->n++] = s;
}

/* Keywords: exact ones, or else abbreviations, which must agree on one word. */
static enum parse
take_keyword(struct match *m, const struct candidates *c, size_t word, struct states *to)
{
	const struct token *t = &m->tokens->at[word];
	enum fit best = FIT_NONE, fit;
	const char *text = NULL;
	size_t i;

	for (i = 0; i < c->n; i++) {
		fit = keyword_fit(&gram_elems[c->at[i].elem], t);
		if (fit != FIT_NONE && (best == FIT_NONE || fit < best))
			best = fit;
	}
	if (best == FIT_NONE)
		return PARSE_EMPTY;
	for (i = 0; i < c->n; i++) {
		const struct gram_elem *e = &gram_elems[c->at[i].elem];
		struct typed typed = {.text = e->shown, .words = 1};

		if (keyword_fit(e, t) != best)
			continue;
		if (text && strcmp(text, e->text))
			return PARSE_AMBIGUOUS;
		text = e->text;
		states_add(m, to, &c->at[i], word, &typed);
	}
	return to->n ? PARSE_OK : PARSE_EMPTY;
}

static enum parse
take_argument(struct match *m, const struct candidates *c, size_t word, struct states *to)
{
	enum arg_type best = TYPE_KEYWORD;
	struct typed typed;
	size_t i;

	for (i = 0; i < c->n; i++) {
		const struct gram_elem *e = &gram_elems[c->at[i].elem];

		if (e->type != TYPE_KEYWORD && (best == TYPE_KEYWORD || e->type < best) &&
		    type_match(e, m->tokens, word, m->arena, &typed))
			best = e->type;
	}
	if (best == TYPE_KEYWORD)
		return PARSE_INVALID;
	for (i = 0; i < c->n; i++) {
		const struct gram_elem *e = &gram_elems[c->at[i].elem];

		if (e->type == best && type_match(e, m->tokens, word, m->arena, &typed))
			states_add(m, to, &c->at[i], word, &typed);
	}
	return to->n ? PARSE_OK : PARSE_INVALID;
}

/*
 * How many characters of a word that fits nothing are right: those that it shares with the keyword
 * it is most like. IOS puts its caret behind them, so "show vlkan" is wrong at its k.
 */
static size_t
right_part(const struct candidates *c, const struct token *t)
{
	size_t most = 0, i, n;

	for (i = 0; i < c->n; i++) {
		const struct gram_elem *e = &gram_elems[c->at[i].elem];

		if (e->type != TYPE_KEYWORD || e->hidden)
			continue;
		for (n = 0; n < t->length && e->text[n]; n++)
			if (tolower((unsigned char)t->text[n]) !=
			    tolower((unsigned char)e->text[n]))
				break;
		if (n > most)
			most = n;
	}
	return most;
}

/* A type of interface, alone, where an interface may stand: its number is still to come. */
static bool
lacks_number(const struct candidates *c, const struct token *t)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (gram_elems[c->at[i].elem].type == TYPE_INTERFACE)
			return ifname_alone(t->text) != NULL;
	return false;
}

enum parse
match_word(struct match *m, size_t *word)
{
	struct candidates c = {0};
	struct states to = {0};
	enum parse result;

	match_candidates(&c, m, tolower((unsigned char)m->tokens->at[*word].text[0]));
	result = take_keyword(m, &c, *word, &to);
	if (result == PARSE_EMPTY)
		result = take_argument(m, &c, *word, &to);
	m->column = m->tokens->at[*word].column;
	if (result == PARSE_INVALID && lacks_number(&c, &m->tokens->at[*word])) {
		if (*word + 1 == m->tokens->n)
			result = PARSE_INCOMPLETE;
		else
			m->column = m->tokens->at[*word + 1].column;
	} else if (result == PARSE_INVALID) {
		m->column += right_part(&c, &m->tokens->at[*word]);
	}
	free(c.at);
	if (result != PARSE_OK) {
		free(to.at);
		return result;
	}
	free(m->states.at);
	m->states = to;
	*word += to.at[0]->typed.words;
	return PARSE_OK;
}

/* --- the end of the line ---------------------------------------------------------------------- */

/* May the command end here? */
static bool
may_end(const struct state *s)
{
	const uint16_t *list = &gram_next[gram_elems[s->elem].next];
	uint16_t i;

	for (i = 0; i < list[0]; i++)
		if (list[1 + i] == ELEM_END)
			return true;
	return false;
}

/* Does the argument tell a list's items apart, so that `no` cannot do without it? */
static bool
tells_apart(const struct gram_entry *e, uint16_t arg)
{
	uint16_t i;

	if (e->verb != VERB_LIST)
		return false;
	for (i = 0; i < ARRAY_SIZE(e->by) && e->by[i]; i++)
		if (e->by[i] == arg)
			return true;
	return !e->by[0];
}

/*
 * After `no` a setting may be cut before its value: where the grammar says so, or where all that
 * could follow is arguments. An item of a list likewise, once it is clear which one is meant, and a
 * container that is told from others by some of its arguments.
 */
static bool
may_be_cut(const struct state *s)
{
	const uint16_t *list = &gram_next[gram_elems[s->elem].next];
	const struct gram_entry *e = &gram_entries[s->entry];
	uint16_t i;

	if (e->verb != VERB_SET && e->verb != VERB_LIST && !(e->verb == VERB_ENTER && e->by[0]))
		return false;
	for (i = 0; i < list[0] && !gram_elems[s->elem].cut; i++)
		if (list[1 + i] == ELEM_END || !gram_elems[list[1 + i]].arg ||
		    tells_apart(e, gram_elems[list[1 + i]].arg))
			return false;
	return list[0] > 0;
}

const struct state *
match_ending(const struct match *m)
{
	const struct state *cut = NULL;
	size_t i;

	for (i = 0; i < m->states.n; i++)
		if (may_end(m->states.at[i]))
			return m->states.at[i];
	for (i = 0; i < m->states.n && m->negated; i++) {
		const struct state *s = m->states.at[i];

		if (!may_be_cut(s))
			continue;
		if (cut && gram_entries[cut->entry].key != gram_entries[s->entry].key)
			return NULL;
		cut = s;
	}
	return cut;
}

/* --- what undoes ------------------------------------------------------------------------------ */

const struct negation match_negations[NEGATIONS] = {
    {"no", "Negate a command or set its defaults", 2},
    {"default", "Set a command to its defaults", 3},
};

static bool
negated_by(const char *typed, size_t which)
{
	size_t n = strlen(typed);

	return n >= match_negations[which].least &&
	       !strncasecmp(match_negations[which].word, typed, n);
}

bool
match_negated(enum gram_mode mode, const struct tokens *t, bool *no, bool *dflt)
{
	const char *word = t->n ? t->at[0].text : "";

	*no = *dflt = false;
	if (!gram_modes[mode].config || t->n < 1)
		return false;
	*no = negated_by(word, 0);
	*dflt = negated_by(word, 1);
	return *no || *dflt;
}
