/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A line as a command: the mode that knows it, what it is and where it goes wrong. The words are
 * matched in command_match.c; `?` and Tab are in command_help.c.
 */
#include "compiler/grammar/command.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "compiler/grammar/canon.h"
#include "compiler/grammar/command_match.h"

static void
build_command(const struct match *m, const struct state *s, struct command *ret)
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
		result = match_word(m, &word);
	if (result != PARSE_OK)
		return result;
	end = match_ending(m);
	if (!end)
		return PARSE_INCOMPLETE;
	build_command(m, end, ret);
	return PARSE_OK;
}

/* --- modes
 * ----------------------------------------------------------------------------------------- */

static enum parse
parse_in(enum gram_mode mode, const struct tokens *t, struct arena *a, struct command *ret,
         size_t *ret_column)
{
	struct match m = {.arena = a, .mode = mode, .tokens = t};
	bool no, dflt;
	enum parse result;

	m.negated = match_negated(mode, t, &no, &dflt);
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

/* Is the word at this column a keyword, and all of it? */
static bool
is_whole(const struct command *c, size_t column)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (c->values[i].column == column)
			return c->values[i].elem->type == TYPE_KEYWORD &&
			       strlen(c->values[i].elem->text) == c->values[i].length;
	return false;
}

/*
 * When the mode knows the word only as an abbreviation of several, but a parent has exactly that
 * word, the parent parses the line: "ip route" where the mode has "ipsec" and "ipv6".
 */
static bool
parse_parents(enum gram_mode mode, const struct tokens *t, struct arena *a, struct command *ret,
              size_t ambiguous)
{
	struct command other;
	size_t column;

	while (gram_modes[mode].parent != mode) {
		mode = (enum gram_mode)gram_modes[mode].parent;
		if (parse_in(mode, t, a, &other, &column) != PARSE_OK ||
		    !is_whole(&other, ambiguous))
			continue;
		*ret = other;
		return true;
	}
	return false;
}

/*
 * When the mode does not know the line, its parent may. If none knows it, the error that lies
 * furthest into the line is reported.
 */
static enum parse
parse_climbing(enum gram_mode mode, const struct tokens *t, struct arena *a, struct command *ret,
               size_t *ret_column)
{
	enum parse result = parse_in(mode, t, a, ret, ret_column), other;
	size_t column = 0;

	while (result == PARSE_INVALID && gram_modes[mode].parent != mode) {
		mode = (enum gram_mode)gram_modes[mode].parent;
		other = parse_in(mode, t, a, ret, &column);
		if (other == PARSE_INVALID && column <= *ret_column)
			continue;
		result = other;
		*ret_column = column;
	}
	if (result == PARSE_AMBIGUOUS && gram_modes[mode].config &&
	    parse_parents(mode, t, a, ret, *ret_column))
		return PARSE_OK;
	return result;
}

/* How far into the line the grammar understood the command; free text at its end is not counted. */
static size_t
understood_to(const struct command *c)
{
	size_t end = 0, i;

	for (i = 0; i < c->n; i++)
		if (c->values[i].elem->type != TYPE_LINE)
			end = (size_t)c->values[i].column + c->values[i].length;
	return end;
}

/* Was the line understood beyond this word, or up to its end? */
static bool
is_understood(enum parse result, size_t column, const struct token *word)
{
	return result == PARSE_OK || result == PARSE_INCOMPLETE ||
	       column > word->column + word->length;
}

/*
 * Is the line an EXEC command, for whoever may use it, or begins it as one? One with `no` must be
 * one: its first word tells too little.
 */
static bool
is_exec_business(const struct tokens *t, bool negated, struct arena *a)
{
	struct tokens all = *t;
	struct command cmd;
	size_t column;
	enum parse result;

	all.who = NULL;
	result = parse_climbing(MODE_ENABLE, &all, a, &cmd, &column);
	return negated ? result == PARSE_OK : is_understood(result, column, &t->at[0]);
}

/*
 * Is the line meant for another mode, and wrong there? Then a mode that takes any line must not
 * take it. That is so for a line without indentation whose first word global configuration or EXEC
 * knows, and for any line of cryptography.
 */
static bool
is_other_business(const struct tokens *t, enum parse why, size_t wrong, struct arena *a)
{
	bool no, dflt, negated = match_negated(MODE_CONFIG, t, &no, &dflt);
	const struct token *word = &t->at[negated && t->n > 1 ? 1 : 0];

	if (t->at[0].column)
		return !strcasecmp(word->text, "crypto");
	return why == PARSE_AMBIGUOUS || is_understood(why, wrong, word) ||
	       is_exec_business(t, negated, a);
}

bool
command_in_full(const struct command *c)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (c->values[i].elem->type == TYPE_KEYWORD &&
		    strlen(c->values[i].elem->text) != c->values[i].length)
			return false;
	return true;
}

/*
 * The grammar also has commands that this program only keeps. They are tried when no mode up to
 * global configuration knows the line, and are taken only when they understand more of it than
 * those modes: a misspelt address must not turn a line into an unknown command. "ip nat inside" is
 * an interface's, "ip nat inside source" is global configuration's: the one that understands most
 * of the line takes it. A mode that takes any line is tried last.
 */
static enum parse
parse_kept(enum gram_mode mode, const struct tokens *t, struct arena *a, struct command *ret,
           enum parse why, size_t wrong)
{
	bool indented = t->at[0].column, any = false, takes_any = gram_modes[mode].any != mode;
	enum parse result = PARSE_INVALID;
	enum gram_mode at;
	struct command kept;
	size_t column;

	for (at = mode; !any; at = (enum gram_mode)gram_modes[at].parent) {
		const struct gram_mode_info *m = &gram_modes[at];

		/* "key config-key" is ours, as far as it goes, and no key of a chain. */
		if (at == mode && takes_any && !indented && why == PARSE_INCOMPLETE)
			continue;
		/* Nor is a word that the mode itself has several commands for another mode's. */
		if (m->otherwise != at && (at == mode || takes_any || why != PARSE_AMBIGUOUS) &&
		    parse_in((enum gram_mode)m->otherwise, t, a, &kept, &column) == PARSE_OK &&
		    understood_to(&kept) > wrong &&
		    /* "network" belongs to this feature; it does not abbreviate "network-clock" */
		    (!takes_any || at == mode || command_in_full(&kept))) {
			wrong = understood_to(&kept);
			*ret = kept;
			ret->mode = at;
			result = PARSE_OK;
		}
		/* An indented line belongs to this feature, which may have modes within modes. */
		any = indented && m->any != at && gram_modes[m->parent].any == m->parent;
		if (m->parent == at)
			break;
	}
	if (result == PARSE_OK || !takes_any || is_other_business(t, why, wrong, a))
		return result;
	result = parse_in((enum gram_mode)gram_modes[mode].any, t, a, ret, &column);
	ret->mode = mode;
	return result;
}

/*
 * Must the command be kept in its mode, though another mode knows it? In a mode that takes any line
 * an indented line stays, even when global configuration has a setting of that name. A command that
 * opens or adds something there (a crypto map, an interface) leaves the mode whether it is indented
 * or not, as on a router.
 */
static bool
stays_in_mode(enum gram_mode mode, const struct tokens *t, const struct command *c)
{
	return gram_modes[mode].any != mode && t->at[0].column && c->mode != mode &&
	       c->entry->verb == VERB_SET;
}

static enum parse parse_line(enum gram_mode mode, const struct tokens *t, struct arena *a,
                             struct command *ret, size_t *ret_column);

/* The line with its words in full, as it is rendered. */
static const char *
write_in_full(const struct command *c, struct arena *a)
{
	char *line = arena_printf(a, "%*s%s", (int)c->indent, "",
	                          c->no     ? "no"
	                          : c->dflt ? "default"
	                                    : "");
	size_t i;

	for (i = 0; i < c->n; i++)
		line = arena_printf(a, "%s%s%s", line, i || c->no || c->dflt ? " " : "",
		                    c->values[i].text);
	return line;
}

/*
 * A command that is only kept is rendered with its words in full. Is it the same command, then?
 * "med" is none of an interface's, which has "medium" and "media-type", and not all of the global
 * "media" either, which would come back as "media-type".
 */
static bool
reads_again(enum gram_mode mode, const struct tokens *t, const struct command *kept,
            struct arena *a)
{
	const char *line;
	struct tokens full;
	struct command again;
	size_t column;

	if (command_in_full(kept))
		return true;
	line = write_in_full(kept, a);
	if (strlen(line) > COMMAND_LINE_MAX)
		return false;
	tokens_cut(&full, line, strlen(line), a);
	full.who = t->who;
	return parse_line(mode, &full, a, &again, &column) == PARSE_OK &&
	       again.entry == kept->entry && again.mode == kept->mode;
}

/* Does a command of ours, of any mode, begin with this word, spelled out? */
static bool
begins_ours(const char *word, size_t n)
{
	size_t i, j;

	for (i = 0; i < MODE_COUNT; i++)
		for (j = 0; gram_modes[i].config && j < gram_modes[i].n_starts; j++) {
			const struct gram_start *s = &gram_starts[gram_modes[i].start + j];
			const struct gram_elem *e = &gram_elems[s->elem];

			if (e->type == TYPE_KEYWORD && !gram_entries[s->entry].kept &&
			    strlen(e->text) == n && !strncasecmp(e->text, word, n))
				return true;
		}
	return false;
}

/* Is the first word of what is only kept cut, and a word of ours? "mode" is no "modemcap". */
static bool
is_cut_to_ours(const struct command *kept)
{
	const struct value *first = &kept->values[0];

	return first->elem->type == TYPE_KEYWORD && strlen(first->elem->text) > first->length &&
	       begins_ours(first->elem->text, first->length);
}

static enum parse
parse_line(enum gram_mode mode, const struct tokens *t, struct arena *a, struct command *ret,
           size_t *ret_column)
{
	enum parse result = parse_climbing(mode, t, a, ret, ret_column);
	/*
	 * A line that is an incomplete command here may still be a complete one of those that are
	 * kept.
	 */
	size_t wrong = result == PARSE_INVALID || result == PARSE_AMBIGUOUS ? *ret_column : 0;
	struct command kept;

	if (result == PARSE_OK && !stays_in_mode(mode, t, ret))
		return result;
	if (parse_kept(mode, t, a, &kept, result, wrong) != PARSE_OK)
		return result;
	/* "exec" may begin "exec-timeout", and is a command of its own. */
	if (result != PARSE_INVALID && gram_modes[mode].any == mode && !command_in_full(&kept))
		return result;
	if (is_cut_to_ours(&kept))
		return result;
	if (!reads_again(mode, t, &kept, a))
		return PARSE_AMBIGUOUS;
	*ret = kept;
	return PARSE_OK;
}

/*
 * The column at which a filter may begin: the first bar behind the first word. Without one, the
 * line's length.
 */
static size_t
find_pipe(const struct tokens *t)
{
	const char *bar;
	size_t i;

	for (i = 1; i < t->n; i++)
		if ((bar = strchr(t->at[i].text, '|')))
			return t->at[i].column + (size_t)(bar - t->at[i].text);
	return t->end;
}

static enum parse
parse_pipe(const struct command_filter *who, const char *line, size_t bar, struct arena *a,
           struct command *ret, size_t *ret_column)
{
	struct command *pipe = arena_alloc(a, sizeof(*pipe));
	struct tokens t;
	enum parse result;

	tokens_cut_from(&t, line, bar + 1, strlen(line), a);
	t.who = who;
	if (!t.n)
		return PARSE_INCOMPLETE;
	result = parse_in(MODE_PIPE, &t, a, pipe, ret_column);
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
	/*
	 * A bar begins a filter only behind a command whose output can be filtered: a key may hold
	 * a bar.
	 */
	if (bar < t.end) {
		tokens_cut(&left, line, bar, a);
		left.who = who;
		if (parse_climbing(mode, &left, a, ret, &ignored) == PARSE_OK && ret->entry->pipe)
			return parse_pipe(who, line, bar, a, ret, ret_column);
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
