/* SPDX-License-Identifier: Apache-2.0 */
/* A grammar file's statements: modes, and a command's verb and flags. */
#include "compiler/grammar/gramc.h"

#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define SIZE(array) (sizeof(array) / sizeof((array)[0]))

static int current_modes[4], n_current; /* of the file that is read */

/* --- names ------------------------------------------------------------------------------------ */

/* Are these one name when they have become enumerators? */
static bool
same_enum(const char *a, const char *b)
{
	for (; *a && *b; a++, b++)
		if ((isalnum((unsigned char)*a) ? toupper((unsigned char)*a) : '_') !=
		    (isalnum((unsigned char)*b) ? toupper((unsigned char)*b) : '_'))
			return false;
	return *a == *b;
}

int
gramc_name(struct names *names, const char *name)
{
	int i;

	for (i = 0; i < names->n; i++) {
		if (!strcmp(names->at[i], name))
			return i + 1;
		if (same_enum(names->at[i], name))
			lex_fail("\"%s\" and \"%s\" would be one name in C", name, names->at[i]);
	}
	if (same_enum(name, "none") || same_enum(name, "count"))
		lex_fail("the name \"%s\" is taken", name);
	if (names->n == MAX_NAMES)
		lex_fail("too many names");
	names->at[names->n++] = strdup(name);
	return names->n;
}

/* Reads a name; its number. */
static int
parse_name(struct names *names, const char *what)
{
	char *name = lex_word(what);
	int number = gramc_name(names, name);

	free(name);
	return number;
}

/* Reads a mode's name; its number. A new mode has yet to be described. */
static int
parse_mode_name(void)
{
	struct place place;
	char *name;
	int i;

	lex_skip_blanks();
	place = lex_place();
	name = lex_word("a mode");
	for (i = 0; i < n_modes; i++)
		if (!strcmp(modes[i].name, name)) {
			free(name);
			return i;
		}
	if (n_modes == MAX_MODES)
		lex_fail("too many modes");
	modes[n_modes] = (struct mode){
	    .name = name, .parent = -1, .common = -1, .otherwise = -1, .any = -1, .place = place};
	return n_modes++;
}

/* --- modes ------------------------------------------------------------------------------------ */

static void
parse_property(struct mode *m)
{
	static const struct {
		const char *word;
		size_t at;
	} others[] = {
	    {"in", offsetof(struct mode, parent)},
	    {"with", offsetof(struct mode, common)},
	    {"else", offsetof(struct mode, otherwise)},
	    {"any", offsetof(struct mode, any)},
	};
	char *word = lex_word("a property");
	size_t i;

	for (i = 0; i < SIZE(others); i++)
		if (!strcmp(word, others[i].word))
			break;
	if (i < SIZE(others))
		*(int *)((char *)m + others[i].at) = parse_mode_name();
	else if (!strcmp(word, "prompt"))
		m->prompt = lex_string();
	else if (!strcmp(word, "config"))
		m->config = true;
	else
		lex_fail("unknown property \"%s\"", word);
	free(word);
}

/*
 * A mode is described once; another file may go on with its commands. "mode A and B": what follows
 * are commands of both.
 */
static void
parse_mode(void)
{
	int mode = parse_mode_name();

	n_current = 0;
	current_modes[n_current++] = mode;
	while (lex_take("and ")) {
		if (n_current == (int)SIZE(current_modes))
			lex_fail("more than %d modes", (int)SIZE(current_modes));
		current_modes[n_current++] = parse_mode_name();
	}
	if ((modes[mode].declared || n_current > 1) && !lex_at_end())
		lex_fail("mode %s is described already", modes[mode].name);
	modes[mode].declared |= !lex_at_end();
	while (!lex_at_end())
		parse_property(&modes[mode]);
}

/* --- commands --------------------------------------------------------------------------------- */

static void
parse_verb(struct entry *e)
{
	char *verb = lex_word("a verb");

	e->verb = verb;
	if (!strcmp(verb, "do"))
		e->handler = parse_name(&handlers, "a handler");
	else if (!strcmp(verb, "enter"))
		e->target = parse_mode_name();
	else if (!strcmp(verb, "set") || !strcmp(verb, "list") || !strcmp(verb, "drop"))
		e->key = parse_name(&keys, "a key");
	else
		lex_fail("unknown verb \"%s\"", verb);
}

static const char *
parse_canon(void)
{
	static const char *const forms[] = {"ace", "ace_standard", "host_mask", "network"};
	char *name = lex_word("a canonical form");
	size_t i;

	for (i = 0; i < SIZE(forms); i++)
		if (!strcmp(forms[i], name)) {
			free(name);
			return forms[i];
		}
	lex_fail("unknown canonical form \"%s\"", name);
}

/* A flag that stands alone, or before a text: is this one? Then it is set. */
static bool
parse_plain_flag(struct entry *e, const char *flag)
{
	static const struct {
		const char *flag;
		size_t at;
	} alone[] = {
	    {"blank", offsetof(struct entry, blank)},
	    {"flat", offsetof(struct entry, flat)},
	    {"quit", offsetof(struct entry, quit)},
	    {"kept", offsetof(struct entry, kept)},
	    {"pipe", offsetof(struct entry, pipe)},
	    {"on", offsetof(struct entry, on)},
	    {"either", offsetof(struct entry, either)},
	    {"repeats", offsetof(struct entry, repeats)},
	};
	static const struct {
		const char *flag;
		size_t at;
	} texts[] = {
	    {"unbuilt", offsetof(struct entry, unbuilt)},
	    {"ends", offsetof(struct entry, ends)},
	    {"default", offsetof(struct entry, dflt)},
	};
	size_t i;

	for (i = 0; i < SIZE(alone); i++)
		if (!strcmp(flag, alone[i].flag))
			return *(bool *)((char *)e + alone[i].at) = true;
	for (i = 0; i < SIZE(texts); i++)
		if (!strcmp(flag, texts[i].flag)) {
			*(char **)((char *)e + texts[i].at) = lex_string();
			return true;
		}
	return false;
}

static void
parse_flag(struct entry *e)
{
	char *flag = lex_word("a flag");

	if (parse_plain_flag(e, flag)) {
		free(flag);
		return;
	}
	if (!strcmp(flag, "key")) {
		e->key = parse_name(&keys, "a key");
	} else if (!strcmp(flag, "before")) {
		e->before = parse_name(&keys, "a key");
	} else if (!strcmp(flag, "group")) {
		e->group = parse_name(&args, "an argument");
	} else if (!strcmp(flag, "order")) {
		e->order = parse_name(&args, "an argument");
	} else if (!strcmp(flag, "step")) {
		lex_skip_blanks();
		e->step = (int)lex_number();
		if (e->step < 1 || e->step > UINT16_MAX)
			lex_fail("a step is 1 to %d", UINT16_MAX);
	} else if (!strcmp(flag, "by")) {
		if (e->n_by == (int)SIZE(e->by))
			lex_fail("\"by\" five times at most");
		e->by[e->n_by++] = parse_name(&args, "an argument");
	} else if (!strcmp(flag, "canon")) {
		e->canon = parse_canon();
	} else {
		lex_fail("unknown flag \"%s\"", flag);
	}
	free(flag);
}

static bool
same_word(const struct elem *a, const struct elem *b)
{
	if (a->text && b->text)
		return !strcmp(a->text, b->text);
	return !a->text && !b->text && a->arg == b->arg && !strcmp(a->type, b->type);
}

/* A word without help takes it from the last command of its mode that has the word. */
static const char *
inherited_help(const struct entry *e, int elem)
{
	int i, j;

	for (i = n_entries; i >= 0; i--)
		for (j = entries[i].elem; j < entries[i].elem + entries[i].n_elems && j < elem; j++)
			if (entries[i].mode == e->mode && elems[j].help &&
			    same_word(&elems[elem], &elems[j]))
				return elems[j].help;
	return NULL;
}

static void
complete_help(const struct entry *e)
{
	int i;

	for (i = e->elem; i < n_elems; i++) {
		const char *help = elems[i].help ? NULL : inherited_help(e, i);

		if (help)
			elems[i].help = strdup(help);
		if (!elems[i].help && e->kept)
			elems[i].help = strdup(""); /* never offered */
		if (!elems[i].help)
			gramc_fail(elems[i].place, "no help for \"%s\"",
			           elems[i].text ? elems[i].text : elems[i].type);
	}
}

static void
parse_command(int mode)
{
	struct entry *e = &entries[n_entries];

	lex_skip_blanks();
	if (n_entries == MAX_ENTRIES)
		lex_fail("too many entries");
	*e = (struct entry){.mode = mode, .place = lex_place()};
	gramc_syntax(e);
	if (!lex_take("=>"))
		lex_fail("'=>' expected");
	parse_verb(e);
	while (!lex_at_end())
		parse_flag(e);
	if (!strcmp(e->verb, "enter") && !e->key)
		lex_fail("\"enter\" wants a key");
	complete_help(e);
	n_entries++;
}

/* --- statements ------------------------------------------------------------------------------- */

/* Definitions come first, so that a command may use one of a later file. */
static void
parse_definition(const struct statement *s)
{
	if (s->text[0] != ' ' && lex_take("define "))
		gramc_define(s);
}

/* Once for each mode that it is a command of. */
static void
parse_commands(const struct statement *s)
{
	const char *start = lex_cursor();

	if (!n_current)
		lex_fail("a command outside any mode");
	for (int i = 0; i + 1 < n_current; i++) {
		struct reading here = lex_enter(s, start, NULL);

		parse_command(current_modes[i]);
		lex_resume(here);
	}
	parse_command(current_modes[n_current - 1]);
}

static void
parse_statement(const struct statement *s)
{
	if (s->text[0] == ' ') {
		lex_skip_blanks();
		parse_commands(s);
	} else if (lex_take("mode ")) {
		parse_mode();
	} else if (!lex_at("define ")) {
		lex_fail("\"mode\", \"define\" or an indented command expected");
	}
}

void
gramc_parse_files(char **names, int n)
{
	int i;

	for (i = 0; i < n; i++)
		lex_file(names[i], parse_definition);
	for (i = 0; i < n; i++) {
		n_current = 0;
		lex_file(names[i], parse_statement);
	}
}
