/*
 * Matching a line against the grammar. Every entry of a mode is walked at once: after each word a
 * set of states remains, one for each element the word may have been. A full keyword beats an
 * abbreviation, an abbreviation beats an argument, and of arguments the narrower type wins.
 */
#include "compiler/command.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "compiler/canon.h"
#include "compiler/token.h"
#include "compiler/types.h"

/* How one word was taken; `before` leads back to the first. */
struct state {
	uint16_t entry, elem;
	const struct state *before;
	size_t word;
	struct typed typed;
};

struct states {
	size_t n, capacity;
	struct state **at;
};

struct match {
	struct arena *arena;
	enum gram_mode mode;
	bool negated; /* after "no" or "default" */
	const struct tokens *tokens;
	struct states states; /* after the words so far */
	size_t column;        /* of the trouble */
};

struct candidate {
	uint16_t entry, elem;
	const struct state *before;
};

struct candidates {
	size_t n, capacity;
	struct candidate *at;
};

/* --- what may come next ----------------------------------------------------------------------- */

static bool
used_up(const struct state *s, uint16_t elem)
{
	unsigned uses = 0;

	for (; s; s = s->before)
		uses += s->elem == elem;
	return uses >= gram_elems[elem].repeat;
}

#define ANY_LETTER (-1)

/* May a word that starts with this letter be the element, as far as that letter says? */
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

/* Which entries a line in this state may be: `no` undoes configuration, it does not act
 * unless the entry says so. */
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

/* Where a word is known to follow, what starts with another letter is left out. */
static void
candidates_next(struct candidates *c, const struct match *m, int letter)
{
	size_t i;

	if (!m->states.at)
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
	return PARSE_OK;
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
	return PARSE_OK;
}

/*
 * How much of a word that fits nothing is still right: what it shares with the keyword it is most
 * like. IOS puts its caret behind that, so "show vlkan" is wrong at its k.
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

/* Takes the word at *word, moves on by as many as it was. */
static enum parse
take_word(struct match *m, size_t *word)
{
	struct candidates c = {0};
	struct states to = {0};
	enum parse result;

	candidates_next(&c, m, tolower((unsigned char)m->tokens->at[*word].text[0]));
	result = take_keyword(m, &c, *word, &to);
	if (result == PARSE_EMPTY)
		result = take_argument(m, &c, *word, &to);
	m->column = m->tokens->at[*word].column;
	if (result == PARSE_INVALID)
		m->column += right_part(&c, &m->tokens->at[*word]);
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

/* --- the end of the line
 * --------------------------------------------------------------------------- */

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
 * could follow is arguments. An item of a list likewise, once it is clear which one is meant.
 */
static bool
may_be_cut(const struct state *s)
{
	const uint16_t *list = &gram_next[gram_elems[s->elem].next];
	const struct gram_entry *e = &gram_entries[s->entry];
	uint16_t i;

	if (e->verb != VERB_SET && e->verb != VERB_LIST)
		return false;
	for (i = 0; i < list[0] && !gram_elems[s->elem].cut; i++)
		if (list[1 + i] == ELEM_END || !gram_elems[list[1 + i]].arg ||
		    tells_apart(e, gram_elems[list[1 + i]].arg))
			return false;
	return list[0] > 0;
}

/* The state in which the line ends; NULL: in none, or cut where it could undo several things. */
static const struct state *
ending(const struct match *m)
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

static void
build(const struct match *m, const struct state *s, struct command *ret)
{
	const struct state *p;
	struct value *values;
	size_t n = 0;

	for (p = s; p; p = p->before)
		n++;
	values = arena_alloc(m->arena, n * sizeof(*values));
	*ret = (struct command){
	    .entry = &gram_entries[s->entry], .mode = m->mode, .n = n, .values = values};
	for (p = s; p; p = p->before) {
		const struct token *t = &m->tokens->at[p->word];
		const struct token *last = &m->tokens->at[p->word + p->typed.words - 1];

		values[--n] = (struct value){
		    .elem = &gram_elems[p->elem],
		    .text = p->typed.text,
		    .number = p->typed.number,
		    .column = (uint16_t)t->column,
		    .length = (uint16_t)(last->column + last->length - t->column),
		};
	}
}

static enum parse
match_words(struct match *m, size_t first, struct command *ret)
{
	enum parse result = PARSE_OK;
	const struct state *end;
	size_t word = first;

	while (result == PARSE_OK && word < m->tokens->n)
		result = take_word(m, &word);
	if (result != PARSE_OK)
		return result;
	end = ending(m);
	if (!end)
		return PARSE_INCOMPLETE;
	build(m, end, ret);
	return PARSE_OK;
}

/* --- modes
 * ----------------------------------------------------------------------------------------- */

/* "no" and "default" stand before any configuration command. */
static const struct {
	const char *word, *help;
	size_t least; /* how far it may be abbreviated */
} negations[] = {
    {"no",      "Negate a command or set its defaults", 2},
    {"default", "Set a command to its defaults",        3},
};

static bool
negated_by(const char *typed, size_t which)
{
	size_t n = strlen(typed);

	return n >= negations[which].least && !strncasecmp(negations[which].word, typed, n);
}

static bool
negation(enum gram_mode mode, const struct tokens *t, bool *no, bool *dflt)
{
	const char *word = t->n ? t->at[0].text : "";

	*no = *dflt = false;
	if (!gram_modes[mode].config || t->n < 1)
		return false;
	*no = negated_by(word, 0);
	*dflt = negated_by(word, 1);
	return *no || *dflt;
}

static enum parse
parse_in(enum gram_mode mode, const struct tokens *t, struct arena *a, struct command *ret,
	 size_t *ret_column)
{
	struct match m = {.arena = a, .mode = mode, .tokens = t};
	bool no, dflt;
	enum parse result;

	m.negated = negation(mode, t, &no, &dflt);
	if (m.negated && t->n == 1)
		return PARSE_INCOMPLETE;
	result = match_words(&m, m.negated ? 1 : 0, ret);
	if (result == PARSE_OK) {
		ret->no = no;
		ret->dflt = dflt;
		ret->indent = t->n ? (uint16_t)t->at[0].column : 0;
	}
	free(m.states.at);
	*ret_column = m.column;
	return result;
}

/* Where the line is no command, its parent may know it; the furthest error is the one to tell. */
static enum parse
parse_climbing(enum gram_mode mode, const struct tokens *t, struct arena *a, struct command *ret,
	       size_t *ret_column)
{
	enum parse result = parse_in(mode, t, a, ret, ret_column), other;
	size_t column;

	while (result == PARSE_INVALID && gram_modes[mode].parent != mode) {
		mode = (enum gram_mode)gram_modes[mode].parent;
		other = parse_in(mode, t, a, ret, &column);
		if (other == PARSE_INVALID && column <= *ret_column)
			continue;
		result = other;
		*ret_column = column;
	}
	return result;
}

/* How far into the line a command is more than any text: what was understood of it. */
static size_t
understood(const struct command *c)
{
	size_t end = 0, i;

	for (i = 0; i < c->n; i++)
		if (c->values[i].elem->type != TYPE_LINE)
			end = (size_t)c->values[i].column + c->values[i].length;
	return end;
}

/*
 * A mode that takes any line does not take what is meant for another and goes wrong there: a line
 * that stands at the margin and whose first word global configuration knows, and cryptography
 * wherever it stands.
 */
static bool
is_other_business(const struct tokens *t, enum parse why, size_t wrong)
{
	bool no, dflt;
	size_t first = negation(MODE_CONFIG, t, &no, &dflt) ? 1 : 0;
	const struct token *word = &t->at[first < t->n ? first : 0];

	if (t->at[0].column)
		return !strcasecmp(word->text, "crypto");
	return why == PARSE_INCOMPLETE || why == PARSE_AMBIGUOUS ||
	       wrong > word->column + word->length;
}

static bool
spelled_out(const struct command *c)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (c->values[i].elem->type == TYPE_KEYWORD &&
		    strlen(c->values[i].elem->text) != c->values[i].length)
			return false;
	return true;
}

/*
 * Commands that are no business of ours are looked for when no mode up to global configuration
 * knows the line, and count only when they understand more of it: a misspelt address is not the
 * beginning of something unknown. "ip nat inside" is an interface's, "ip nat inside source" that
 * of global configuration: who understands most has it. Last comes a mode that takes any line.
 */
static enum parse
parse_kept(enum gram_mode mode, const struct tokens *t, struct arena *a, struct command *ret,
	   enum parse why, size_t wrong)
{
	bool indented = t->at[0].column, any = false;
	bool other = is_other_business(t, why, wrong);
	enum parse result = PARSE_INVALID;
	enum gram_mode at;
	struct command kept;
	size_t column;

	for (at = mode; !any; at = (enum gram_mode)gram_modes[at].parent) {
		const struct gram_mode_info *m = &gram_modes[at];

		if (m->otherwise != at &&
		    parse_in((enum gram_mode)m->otherwise, t, a, &kept, &column) == PARSE_OK &&
		    understood(&kept) > wrong &&
		    /* "network" is this feature's, and no abbreviation of "network-clock" */
		    (gram_modes[mode].any == mode || at == mode || spelled_out(&kept))) {
			wrong = understood(&kept);
			*ret = kept;
			ret->mode = at;
			result = PARSE_OK;
		}
		/* What is indented is of this feature, which may have modes in modes. */
		any = indented && m->any != at && gram_modes[m->parent].any == m->parent;
		if (m->parent == at)
			break;
	}
	if (result == PARSE_OK || gram_modes[mode].any == mode || other)
		return result;
	result = parse_in((enum gram_mode)gram_modes[mode].any, t, a, ret, &column);
	ret->mode = mode;
	return result;
}

/*
 * In a mode that takes any line, an indented one belongs to it even when global configuration has
 * a setting of that name; what opens or adds something there (a crypto map, an interface) leaves
 * the mode however it stands, as it does on a router.
 */
static bool
stays(enum gram_mode mode, const struct tokens *t, const struct command *c)
{
	return gram_modes[mode].any != mode && t->at[0].column && c->mode != mode &&
	       c->entry->verb == VERB_SET;
}

static enum parse
parse_line(enum gram_mode mode, const struct tokens *t, struct arena *a, struct command *ret,
	   size_t *ret_column)
{
	enum parse result = parse_climbing(mode, t, a, ret, ret_column);
	struct command kept;

	if (result == PARSE_OK && !stays(mode, t, ret))
		return result;
	if (parse_kept(mode, t, a, &kept, result, result == PARSE_INVALID ? *ret_column : 0) !=
	    PARSE_OK)
		return result;
	/* "exec" may begin "exec-timeout", and is a command of its own. */
	if (result != PARSE_INVALID && gram_modes[mode].any == mode && !spelled_out(&kept))
		return result;
	*ret = kept;
	return PARSE_OK;
}

/* Where a filter begins: a word that is, or starts with, a bar. The line's length when none does.
 */
static size_t
find_pipe(const struct tokens *t)
{
	size_t i;

	for (i = 1; i < t->n; i++)
		if (t->at[i].text[0] == '|')
			return t->at[i].column;
	return t->end;
}

/* Where the last one begins: filters follow each other. */
static size_t
last_pipe(const struct tokens *t)
{
	size_t i;

	for (i = t->n; i > 1; i--)
		if (t->at[i - 1].text[0] == '|')
			return t->at[i - 1].column;
	return t->end;
}

static enum parse
parse_pipe(const char *line, size_t bar, struct arena *a, struct command *ret, size_t *ret_column)
{
	struct command *pipe = arena_alloc(a, sizeof(*pipe));
	struct tokens t;
	enum parse result;

	tokens_cut(&t, line + bar + 1, strlen(line + bar + 1), a);
	if (!t.n)
		return PARSE_INCOMPLETE;
	result = parse_in(MODE_PIPE, &t, a, pipe, ret_column);
	*ret_column += bar + 1;
	if (result == PARSE_OK)
		ret->pipe = pipe;
	return result;
}

enum parse
command_parse_plain(enum gram_mode mode, const char *line, struct arena *a, struct command *ret,
		    size_t *ret_column)
{
	struct tokens t;

	tokens_cut(&t, line, strlen(line), a);
	return parse_in(mode, &t, a, ret, ret_column);
}

enum parse
command_parse(enum gram_mode mode, const char *line, struct arena *a, struct command *ret,
	      size_t *ret_column)
{
	return command_parse_as(NULL, mode, line, a, ret, ret_column);
}

enum parse
command_parse_as(const struct command_filter *who, enum gram_mode mode, const char *line,
		 struct arena *a, struct command *ret, size_t *ret_column)
{
	size_t length = strnlen(line, COMMAND_LINE_MAX + 1), bar, ignored;
	struct tokens t, left;
	enum parse result;

	*ret_column = 0;
	if (length > COMMAND_LINE_MAX)
		return PARSE_INVALID;
	tokens_cut(&t, line, length, a);
	if (!t.n || t.at[0].text[0] == '!')
		return PARSE_EMPTY;
	t.who = who;
	bar = find_pipe(&t);
	/* Only a command whose output can be filtered sees the bar as one: keys may hold bars. */
	if (bar < t.end) {
		tokens_cut(&left, line, bar, a);
		left.who = who;
		if (parse_climbing(mode, &left, a, ret, &ignored) == PARSE_OK && ret->entry->pipe)
			return parse_pipe(line, bar, a, ret, ret_column);
	}
	result = parse_line(mode, &t, a, ret, ret_column);
	if (result == PARSE_OK && ret->entry->canon && ret->entry->verb != VERB_DROP)
		command_canonical(ret, a);
	return result;
}

/* --- arguments
 * --------------------------------------------------------------------------------------- */

const struct value *
command_value(const struct command *c, enum gram_arg arg, size_t nth)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (c->values[i].elem->arg == arg && !nth--)
			return &c->values[i];
	return NULL;
}

bool
command_has(const struct command *c, enum gram_arg arg)
{
	return command_value(c, arg, 0) != NULL;
}

uint32_t
command_u32(const struct command *c, enum gram_arg arg)
{
	const struct value *v = command_value(c, arg, 0);

	return v ? v->number : 0;
}

const char *
command_str(const struct command *c, enum gram_arg arg)
{
	const struct value *v = command_value(c, arg, 0);

	return v ? v->text : NULL;
}

bool
command_secret(const struct command *c)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (c->values[i].elem->secret)
			return true;
	return false;
}

/* --- help
 * ---------------------------------------------------------------------------------------------- */

struct hint {
	char word[64];
	const char *help;
};

struct hints {
	size_t n, capacity;
	struct hint *at;
};

static void
hint_add(struct hints *h, const char *word, const char *help)
{
	struct hint *hint;
	size_t i;

	for (i = 0; i < h->n; i++)
		if (!strcmp(h->at[i].word, word))
			return;
	x_grow(&h->at, &h->capacity, h->n + 1, sizeof(*h->at));
	hint = &h->at[h->n++];
	strncpy(hint->word, word, sizeof(hint->word) - 1);
	hint->word[sizeof(hint->word) - 1] = '\0';
	hint->help = help;
}

static int
hint_compare(const void *a, const void *b)
{
	return strcmp(((const struct hint *)a)->word, ((const struct hint *)b)->word);
}

/* The words that undo stand before every command of a configuration mode. */
static void
hint_negations(struct hints *h, const char *partial)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(negations); i++)
		if (!strncasecmp(negations[i].word, partial, strlen(partial)))
			hint_add(h, negations[i].word, negations[i].help);
}

/* Hints for what may follow the first `words` words; `partial` is the start of the next one. */
static enum parse
collect(enum gram_mode mode, const struct tokens *t, size_t words, const char *partial,
	bool keywords_only, struct arena *a, struct hints *h)
{
	struct tokens head = {
	    .line = t->line, .end = t->end, .n = words, .at = t->at, .who = t->who};
	struct match m = {.arena = a, .mode = mode, .tokens = &head};
	struct candidates c = {0};
	enum parse result = PARSE_OK;
	const struct state *end;
	bool no, dflt;
	size_t word, i;
	char symbol[64];

	m.negated = negation(mode, &head, &no, &dflt);
	for (word = m.negated; word < words && result == PARSE_OK;)
		result = take_word(&m, &word);
	if (result == PARSE_OK) {
		candidates_next(&c, &m, ANY_LETTER);
		for (i = 0; i < c.n; i++) {
			const struct gram_elem *e = &gram_elems[c.at[i].elem];

			if (e->hidden)
				continue;
			if (*partial || keywords_only
				? e->type != TYPE_KEYWORD ||
				      strncasecmp(e->text, partial, strlen(partial))
				: false)
				continue;
			type_symbol(e, symbol, sizeof(symbol));
			hint_add(h, symbol, e->help);
		}
		if (!words && gram_modes[mode].config)
			hint_negations(h, partial);
		end = m.states.at ? ending(&m) : NULL;
		if (!*partial && !keywords_only && end) {
			if (gram_entries[end->entry].pipe)
				hint_add(h, "|", "Output modifiers");
			hint_add(h, "<cr>", "");
		}
	}
	free(c.at);
	free(m.states.at);
	return result;
}

static void
hints_tell(struct hints *h, command_help_fn *fn, void *arg)
{
	size_t i;

	if (h->n)
		qsort(h->at, h->n, sizeof(*h->at), hint_compare);
	/* <cr> comes last, whatever it sorts as. */
	for (i = 0; i < h->n; i++)
		if (strcmp(h->at[i].word, "<cr>"))
			fn(arg, h->at[i].word, h->at[i].help);
	for (i = 0; i < h->n; i++)
		if (!strcmp(h->at[i].word, "<cr>"))
			fn(arg, h->at[i].word, h->at[i].help);
	free(h->at);
}

static enum parse
hints_for(const struct command_filter *who, enum gram_mode mode, const char *line,
	  bool keywords_only, command_help_fn *fn, void *arg)
{
	size_t length = strnlen(line, COMMAND_LINE_MAX + 1), words, bar;
	struct arena *a = arena_new();
	struct hints h = {0};
	enum parse result = PARSE_INVALID, other;
	struct tokens t;
	const char *partial;

	if (length > COMMAND_LINE_MAX)
		goto out;
	tokens_cut(&t, line, length, a);
	bar = last_pipe(&t);
	if (bar < t.end) {
		mode = MODE_PIPE;
		line += bar + 1;
		length -= bar + 1;
		tokens_cut(&t, line, length, a);
	}
	if (mode != MODE_PIPE)
		t.who = who;
	words = t.n;
	partial = "";
	if (t.n && t.end == length) {
		words = t.n - 1;
		partial = t.at[words].text;
	}
	result = collect(mode, &t, words, partial, keywords_only, a, &h);
	/*
	 * Configuration lists its own mode alone, but that a word begun may also be a parent's; who
	 * is privileged has the commands of user EXEC, too.
	 */
	while ((!h.n || !gram_modes[mode].config || (keywords_only && *partial && !words)) &&
	       result != PARSE_AMBIGUOUS && gram_modes[mode].parent != mode) {
		mode = (enum gram_mode)gram_modes[mode].parent;
		other = collect(mode, &t, words, partial, keywords_only, a, &h);
		if (result == PARSE_INVALID || other == PARSE_AMBIGUOUS)
			result = other;
	}
	if (result == PARSE_OK && !h.n)
		result = PARSE_INVALID;
out:
	hints_tell(&h, fn, arg);
	arena_free(a);
	return result;
}

enum parse
command_help(enum gram_mode mode, const char *line, command_help_fn *fn, void *arg)
{
	return hints_for(NULL, mode, line, false, fn, arg);
}

enum parse
command_help_as(const struct command_filter *who, enum gram_mode mode, const char *line,
		command_help_fn *fn, void *arg)
{
	return hints_for(who, mode, line, false, fn, arg);
}

void
command_complete(enum gram_mode mode, const char *line, command_help_fn *fn, void *arg)
{
	hints_for(NULL, mode, line, true, fn, arg);
}

void
command_complete_as(const struct command_filter *who, enum gram_mode mode, const char *line,
		    command_help_fn *fn, void *arg)
{
	hints_for(who, mode, line, true, fn, arg);
}
