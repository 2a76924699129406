/* SPDX-License-Identifier: Apache-2.0 */
/* `?` and Tab: what may follow the words of a line. See command.h. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "compiler/grammar/command.h"
#include "compiler/grammar/command_match.h"
#include "compiler/grammar/ifname.h"

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

	for (i = 0; i < NEGATIONS; i++)
		if (!strncasecmp(match_negations[i].word, partial, strlen(partial)))
			hint_add(h, match_negations[i].word, match_negations[i].help);
}

/* The types an interface may be of, as IOS lists them. */
static void
hint_interfaces(struct hints *h, const char *partial)
{
	size_t i;

	for (i = 0; i < IFNAME_TYPES; i++)
		if (!strncasecmp(ifname_types[i].name, partial, strlen(partial)))
			hint_add(h, ifname_types[i].name, ifname_types[i].help);
}

/* Behind a type of interface its number, and behind the number's stroke the next one. */
static void
hint_number(struct hints *h, const struct ifname_type *type, const char *unit, struct arena *a)
{
	char end = *unit ? unit[strlen(unit) - 1] : '/';

	if (ifname_unit(unit)) {
		hint_add(h, "/", "");
		hint_add(h, ".", "");
	} else if (strchr("/.:", end) && (!*unit || ifname_unit(arena_printf(a, "%s0", unit)))) {
		hint_add(h, arena_printf(a, "<0-%u>", end == '.' ? UINT32_MAX : type->max),
		         type->number);
	}
}

/* A word that has an interface's type and the beginning of its number. */
static void
hint_begun_number(struct hints *h, const char *partial, struct arena *a)
{
	size_t n = ifname_letters(partial);
	const struct ifname_type *type = partial[n] ? ifname_find(partial, n) : NULL;

	if (type)
		hint_number(h, type, partial + n, a);
}

static void
hint_ports(struct hints *h, const struct port_name *names, const char *partial)
{
	for (; names && names->name; names++)
		if (!strncasecmp(names->name, partial, strlen(partial)))
			hint_add(h, names->name, names->help);
}

static void
hint_element(struct hints *h, const struct gram_elem *e, const char *partial, bool keywords_only,
             struct arena *a)
{
	char symbol[64];

	if (e->hidden)
		return;
	if (e->type == TYPE_INTERFACE) {
		hint_interfaces(h, partial);
		if (!keywords_only)
			hint_begun_number(h, partial, a);
		return;
	}
	hint_ports(h, type_port_names((enum arg_type)e->type), partial);
	if ((*partial || keywords_only) &&
	    (e->type != TYPE_KEYWORD || strncasecmp(e->text, partial, strlen(partial))))
		return;
	type_symbol(e, symbol, sizeof(symbol));
	hint_add(h, symbol, e->help);
}

/* Hints for what may follow the first `words` words; `partial` is the start of the next one. */
static enum parse
collect_hints(enum gram_mode mode, const struct tokens *t, size_t words, const char *partial,
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

	m.negated = match_negated(mode, &head, &no, &dflt);
	for (word = m.negated; word < words && result == PARSE_OK;)
		result = match_word(&m, &word);
	if (result == PARSE_OK) {
		match_candidates(&c, &m, ANY_LETTER);
		for (i = 0; i < c.n; i++)
			hint_element(h, &gram_elems[c.at[i].elem], partial, keywords_only, a);
		if (!words && gram_modes[mode].config)
			hint_negations(h, partial);
		end = m.states.at ? match_ending(&m) : NULL;
		if (!*partial && !keywords_only && end) {
			if (gram_entries[end->entry].pipe)
				hint_add(h, "|", "Output modifiers");
			hint_add(h, "<cr>", "");
		}
	} else if (result == PARSE_INCOMPLETE) {
		if (!keywords_only)
			hint_number(h, ifname_alone(head.at[words - 1].text), partial, a);
		result = PARSE_OK;
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
	/* <cr> comes last, whatever the order of the other words. */
	for (i = 0; i < h->n; i++)
		if (strcmp(h->at[i].word, "<cr>"))
			fn(arg, h->at[i].word, h->at[i].help);
	for (i = 0; i < h->n; i++)
		if (!strcmp(h->at[i].word, "<cr>"))
			fn(arg, h->at[i].word, h->at[i].help);
	free(h->at);
}

/* Where the last filter begins: they follow each other. The first may be glued to the command. */
static size_t
last_pipe(enum gram_mode mode, const struct tokens *t)
{
	const char *glued;
	size_t i;

	for (i = t->n; i > 1; i--)
		if (t->at[i - 1].text[0] == '|')
			return t->at[i - 1].column;
	for (i = 1; i < t->n && !gram_modes[mode].config; i++)
		if ((glued = strchr(t->at[i].text, '|')))
			return t->at[i].column + (size_t)(glued - t->at[i].text);
	return t->end;
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
	bar = last_pipe(mode, &t);
	if (bar < t.end) {
		mode = MODE_PIPE;
		line += bar + 1;
		length -= bar + 1;
		tokens_cut(&t, line, length, a);
	}
	t.who = who;
	words = t.n;
	partial = "";
	if (t.n && t.end == length) {
		words = t.n - 1;
		partial = t.at[words].text;
	}
	result = collect_hints(mode, &t, words, partial, keywords_only, a, &h);
	/*
	 * In configuration mode help lists the commands of that mode alone, but for a word begun
	 * the parents' too; in privileged EXEC it lists the commands of user EXEC as well.
	 */
	while ((!h.n || !gram_modes[mode].config || (keywords_only && *partial && !words)) &&
	       result != PARSE_AMBIGUOUS && gram_modes[mode].parent != mode) {
		mode = (enum gram_mode)gram_modes[mode].parent;
		other = collect_hints(mode, &t, words, partial, keywords_only, a, &h);
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
