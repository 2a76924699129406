/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gramc: the grammar compiler. Reads *.gram, writes grammar.h (enums) and grammar.c (constant
 * tables). A mistake is reported as file:line:column and fails the build. The language is described
 * in grammars/README.md.
 */
#define _GNU_SOURCE
#include "compiler/grammar/gramc.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct elem *elems;
struct entry *entries;
struct mode modes[MAX_MODES];
int n_elems, n_entries, n_modes;
struct names keys, args, handlers;
static struct {
	char *name, *text;
} defines[MAX_DEFINES];
static int n_defines;

static const char *file;
static unsigned line_number;
static const char *line_start, *cursor;
static int depth;

/* gcc's -Wformat sees through both. */
#define fail(...)                                                                                  \
	gramc_fail(file, line_number, depth || !cursor ? 1 : (int)(cursor - line_start) + 1,       \
	           __VA_ARGS__)

void
gramc_fail(const char *where, unsigned line, int column, const char *format, ...)
{
	va_list ap;

	fprintf(stderr, "%s:%u:%d: ", where, line, column);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

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

static int
name_index(struct names *names, const char *name)
{
	int i;

	for (i = 0; i < names->n; i++) {
		if (!strcmp(names->at[i], name))
			return i + 1;
		if (same_enum(names->at[i], name))
			fail("\"%s\" and \"%s\" would be one name in C", name, names->at[i]);
	}
	if (same_enum(name, "none") || same_enum(name, "count"))
		fail("the name \"%s\" is taken", name);
	if (names->n == MAX_NAMES)
		fail("too many names");
	names->at[names->n++] = strdup(name);
	return names->n;
}

static int
mode_index(const char *name)
{
	int i;

	for (i = 0; i < n_modes; i++)
		if (!strcmp(modes[i].name, name))
			return i;
	if (n_modes == MAX_MODES)
		fail("too many modes");
	modes[n_modes] = (struct mode){.name = strdup(name),
	                               .parent = -1,
	                               .common = -1,
	                               .otherwise = -1,
	                               .any = -1,
	                               .file = file,
	                               .line = line_number};
	return n_modes++;
}

/* --- lexical ---------------------------------------------------------------------------------- */

static void
skip_blanks(void)
{
	while (*cursor == ' ' || *cursor == '\t')
		cursor++;
}

static bool
at(const char *text)
{
	skip_blanks();
	return !strncmp(cursor, text, strlen(text));
}

static bool
take(const char *text)
{
	if (!at(text))
		return false;
	cursor += strlen(text);
	return true;
}

/* The next word: letters, digits and what occurs in keywords. */
static char *
take_word(const char *what)
{
	const char *start;

	skip_blanks();
	start = cursor;
	while (isalnum((unsigned char)*cursor) || (*cursor && strchr("-_./&@", *cursor)))
		cursor++;
	if (cursor == start)
		fail("%s expected", what);
	return strndup(start, (size_t)(cursor - start));
}

static char *
take_string(void)
{
	const char *start;
	char *s;

	skip_blanks();
	if (*cursor != '"')
		fail("a string in quotes expected");
	start = ++cursor;
	while (*cursor && *cursor != '"')
		cursor++;
	if (!*cursor)
		fail("a string without end");
	s = strndup(start, (size_t)(cursor - start));
	cursor++;
	return s;
}

/* --- syntax ----------------------------------------------------------------------------------- */

static void parse_sequence(struct part *ret, const char *stop);

static void
set_add(int *set, int *n, int value)
{
	int i;

	for (i = 0; i < *n; i++)
		if (set[i] == value)
			return;
	if (*n == MAX_SET)
		fail("too many alternatives at one place");
	set[(*n)++] = value;
}

static void
set_union(int *set, int *n, const int *other, int n_other)
{
	int i;

	for (i = 0; i < n_other; i++)
		set_add(set, n, other[i]);
}

/* Everything `from` may end with may be followed by everything `to` may begin with. */
static void
join(const struct part *from, const int *first, int n_first)
{
	int i;

	for (i = 0; i < from->n_last; i++) {
		struct elem *e = &elems[from->last[i]];

		set_union(e->next, &e->n_next, first, n_first);
	}
}

static struct elem *
elem_new(struct part *ret)
{
	if (n_elems == MAX_ELEMS)
		fail("too many elements");
	*ret = (struct part){.first = {n_elems}, .n_first = 1, .last = {n_elems}, .n_last = 1};
	elems[n_elems].repeat = 1;
	elems[n_elems].column = depth ? 1 : (int)(cursor - line_start) + 1;
	return &elems[n_elems++];
}

static const char *const types[] = {"number",    "ipv4", "mask", "wildcard", "tcp-port", "udp-port",
                                    "interface", "hex",  "name", "word",     "line"};

/* A number of 32 bits. */
static unsigned long
take_number(void)
{
	char *end;
	unsigned long value;

	if (!isdigit((unsigned char)*cursor))
		fail("a number expected");
	errno = 0;
	value = strtoul(cursor, &end, 10);
	if (errno || value > UINT32_MAX)
		fail("a number over %u", UINT32_MAX);
	cursor = end;
	return value;
}

static void
elem_type(struct elem *e)
{
	size_t i;

	if (isdigit((unsigned char)*cursor)) {
		e->type = strdup("number");
		e->min = take_number();
		if (*cursor != '-')
			fail("a range is MIN-MAX");
		cursor++;
		e->max = take_number();
		if (e->min > e->max)
			fail("an empty range");
		return;
	}
	e->type = take_word("a type");
	if (!strcmp(e->type, "secret") || !strcmp(e->type, "secret-line")) {
		e->type = strdup(e->type[6] ? "line" : "word");
		e->secret = true;
	}
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (!strcmp(types[i], e->type))
			return;
	fail("unknown type \"%s\"", e->type);
}

static void
elem_help(struct elem *e)
{
	skip_blanks();
	if (*cursor == '"')
		e->help = take_string();
}

/*
 * A keyword, `word=shown` when it is rendered otherwise, `word~` when it is to be spelled out,
 * `word!` where `no` may end.
 */
static void
parse_keyword(struct part *ret, int arg)
{
	struct elem *e = elem_new(ret);

	e->type = strdup("keyword");
	e->arg = arg;
	e->text = take_word("a word");
	if (*cursor == '=' && cursor[1] != '>') {
		cursor++;
		e->shown = *cursor == '"' ? take_string() : take_word("a word");
	}
	if (*cursor == '~') {
		e->hidden = true;
		cursor++;
	}
	elem_help(e);
	if (*cursor == '!') {
		e->cut = true;
		cursor++;
	}
}

/* `<name:type>`, or `<name:word|word>`: keywords that are remembered as an argument. */
static void
parse_argument(struct part *ret)
{
	char *name = take_word("an argument's name");
	int arg = name_index(&args, name);
	struct elem *e;

	free(name);
	if (!take(":"))
		fail("':' expected");
	if (take("{")) {
		struct part one;

		*ret = (struct part){0};
		do {
			parse_keyword(&one, arg);
			set_union(ret->first, &ret->n_first, one.first, one.n_first);
			set_union(ret->last, &ret->n_last, one.last, one.n_last);
		} while (take("|"));
		if (!take("}") || !take(">"))
			fail("'}>' expected");
		return;
	}
	e = elem_new(ret);
	e->arg = arg;
	elem_type(e);
	if (!take(">"))
		fail("'>' expected");
	elem_help(e);
	if (*cursor == '+') {
		cursor++;
		e->repeat = isdigit((unsigned char)*cursor) ? (int)take_number() : REPEAT_MAX;
		if (e->repeat < 2 || e->repeat > REPEAT_MAX)
			fail("repeated 2 to %d times", REPEAT_MAX);
		set_add(e->next, &e->n_next, ret->first[0]);
	}
}

static void
parse_alternatives(struct part *ret, const char *stop)
{
	struct part one;

	*ret = (struct part){0};
	do {
		parse_sequence(&one, stop);
		set_union(ret->first, &ret->n_first, one.first, one.n_first);
		set_union(ret->last, &ret->n_last, one.last, one.n_last);
		ret->nullable = ret->nullable || one.nullable;
	} while (take("|"));
	if (!take(stop))
		fail("'%s' expected", stop);
}

static void
parse_macro(struct part *ret, const char *stop)
{
	char *name = take_word("a definition's name");
	const char *saved = cursor;
	int i;

	for (i = 0; i < n_defines; i++)
		if (!strcmp(defines[i].name, name))
			break;
	if (i == n_defines)
		fail("\"%s\" is not defined", name);
	free(name);
	if (++depth > 8)
		fail("definitions too deep");
	cursor = defines[i].text;
	parse_sequence(ret, stop);
	skip_blanks();
	if (*cursor)
		fail("definition %s: unexpected '%c'", defines[i].name, *cursor);
	depth--;
	cursor = saved;
}

static void
parse_one(struct part *ret)
{
	if (take("<")) {
		parse_argument(ret);
	} else if (take("{")) {
		parse_alternatives(ret, "}");
	} else if (take("[")) {
		parse_alternatives(ret, "]");
		ret->nullable = true;
	} else if (take("(")) {
		/* Any of these, any number of them, in any order, each once. */
		parse_alternatives(ret, ")");
		join(ret, ret->first, ret->n_first);
		ret->nullable = true;
	} else if (take("$")) {
		parse_macro(ret, "");
	} else {
		parse_keyword(ret, 0);
	}
}

/* A sequence up to `stop`, '|', "=>" or the end. */
static void
parse_sequence(struct part *ret, const char *stop)
{
	struct part one;

	*ret = (struct part){.nullable = true};
	for (;;) {
		skip_blanks();
		if (!*cursor || *cursor == '|' || at("=>") || (*stop && at(stop)))
			return;
		parse_one(&one);
		join(ret, one.first, one.n_first);
		if (ret->nullable)
			set_union(ret->first, &ret->n_first, one.first, one.n_first);
		if (!one.nullable)
			ret->n_last = 0;
		set_union(ret->last, &ret->n_last, one.last, one.n_last);
		ret->nullable = ret->nullable && one.nullable;
	}
}

/* --- entries and modes ------------------------------------------------------------------------ */

static void
parse_verb(struct entry *e)
{
	char *verb = take_word("a verb"), *name;

	e->verb = verb;
	if (!strcmp(verb, "do")) {
		name = take_word("a handler");
		e->handler = name_index(&handlers, name);
	} else if (!strcmp(verb, "enter")) {
		name = take_word("a mode");
		e->target = mode_index(name);
	} else if (strcmp(verb, "set") && strcmp(verb, "list") && strcmp(verb, "drop")) {
		fail("unknown verb \"%s\"", verb);
	} else {
		name = take_word("a key");
		e->key = name_index(&keys, name);
	}
	free(name);
}

static const char *
take_canon(void)
{
	static const char *const forms[] = {"ace", "ace_standard", "host_mask"};
	char *name = take_word("a canonical form");
	size_t i;

	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (!strcmp(forms[i], name)) {
			free(name);
			return forms[i];
		}
	fail("unknown canonical form \"%s\"", name);
}

static void
parse_flags(struct entry *e)
{
	char *flag, *name;

	for (skip_blanks(); *cursor; skip_blanks()) {
		flag = take_word("a flag");
		if (!strcmp(flag, "key")) {
			name = take_word("a key");
			e->key = name_index(&keys, name);
			free(name);
		} else if (!strcmp(flag, "before")) {
			name = take_word("a key");
			e->before = name_index(&keys, name);
			free(name);
		} else if (!strcmp(flag, "order")) {
			name = take_word("an argument");
			e->order = name_index(&args, name);
			free(name);
		} else if (!strcmp(flag, "step")) {
			skip_blanks();
			e->step = (int)take_number();
			if (e->step < 1 || e->step > UINT16_MAX)
				fail("a step is 1 to %d", UINT16_MAX);
		} else if (!strcmp(flag, "by")) {
			if (e->n_by == 4)
				fail("\"by\" four times at most");
			name = take_word("an argument");
			e->by[e->n_by++] = name_index(&args, name);
			free(name);
		} else if (!strcmp(flag, "blank")) {
			e->blank = true;
		} else if (!strcmp(flag, "flat")) {
			e->flat = true;
		} else if (!strcmp(flag, "quit")) {
			e->quit = true;
		} else if (!strcmp(flag, "kept")) {
			e->kept = true;
		} else if (!strcmp(flag, "unbuilt")) {
			e->unbuilt = take_string();
		} else if (!strcmp(flag, "ends")) {
			e->ends = take_string();
		} else if (!strcmp(flag, "canon")) {
			e->canon = take_canon();
		} else if (!strcmp(flag, "default")) {
			e->dflt = take_string();
		} else if (!strcmp(flag, "pipe")) {
			e->pipe = true;
		} else if (!strcmp(flag, "on")) {
			e->on = true;
		} else if (!strcmp(flag, "either")) {
			e->either = true;
		} else {
			fail("unknown flag \"%s\"", flag);
		}
		free(flag);
	}
	if (!strcmp(e->verb, "enter") && !e->key)
		fail("\"enter\" wants a key");
}

static bool
same_word(const struct elem *a, const struct elem *b)
{
	if (a->text && b->text)
		return !strcmp(a->text, b->text);
	return !a->text && !b->text && a->arg == b->arg && !strcmp(a->type, b->type);
}

/* A word without help takes it from the last entry of its mode that has the word. */
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
parse_entry(int mode)
{
	struct entry *e = &entries[n_entries];
	struct part all;
	int i, end = END;

	if (n_entries == MAX_ENTRIES)
		fail("too many entries");
	*e = (struct entry){.mode = mode, .elem = n_elems, .file = file, .line = line_number};
	parse_sequence(&all, "");
	if (all.nullable)
		fail("a command needs at least one word");
	e->n_elems = n_elems - e->elem;
	memcpy(e->first, all.first, sizeof(all.first));
	e->n_first = all.n_first;
	join(&all, &end, 1);
	if (!take("=>"))
		fail("'=>' expected");
	parse_verb(e);
	parse_flags(e);
	for (i = e->elem; i < n_elems; i++) {
		const char *help = elems[i].help ? NULL : inherited_help(e, i);

		if (help)
			elems[i].help = strdup(help);
		if (!elems[i].help && e->kept)
			elems[i].help = strdup(""); /* never offered */
		if (!elems[i].help)
			gramc_fail(file, line_number, elems[i].column, "no help for \"%s\"",
			           elems[i].text ? elems[i].text : elems[i].type);
	}
	n_entries++;
}

static int
parse_mode(void)
{
	char *name = take_word("a mode"), *word;
	int mode = mode_index(name);

	free(name);
	if (modes[mode].declared) {
		skip_blanks();
		if (*cursor)
			fail("mode %s is described already", modes[mode].name);
		return mode;
	}
	modes[mode].declared = true;
	for (skip_blanks(); *cursor; skip_blanks()) {
		word = take_word("a property");
		if (!strcmp(word, "prompt")) {
			modes[mode].prompt = take_string();
		} else if (!strcmp(word, "in")) {
			free(word);
			word = take_word("a mode");
			modes[mode].parent = mode_index(word);
		} else if (!strcmp(word, "with")) {
			free(word);
			word = take_word("a mode");
			modes[mode].common = mode_index(word);
		} else if (!strcmp(word, "else")) {
			free(word);
			word = take_word("a mode");
			modes[mode].otherwise = mode_index(word);
		} else if (!strcmp(word, "any")) {
			free(word);
			word = take_word("a mode");
			modes[mode].any = mode_index(word);
		} else if (!strcmp(word, "config")) {
			modes[mode].config = true;
		} else {
			fail("unknown property \"%s\"", word);
		}
		free(word);
	}
	return mode;
}

static void
parse_define(void)
{
	char *name = take_word("a name");
	int i;

	if (n_defines == MAX_DEFINES)
		fail("too many definitions");
	for (i = 0; i < n_defines; i++)
		if (!strcmp(defines[i].name, name))
			fail("%s is defined already", name);
	defines[n_defines].name = name;
	skip_blanks();
	defines[n_defines++].text = strdup(cursor);
}

static void
parse_line(const char *line, int *mode)
{
	line_start = cursor = line;
	skip_blanks();
	if (!*cursor || *cursor == '#')
		return;
	if (cursor == line) {
		if (take("mode "))
			*mode = parse_mode();
		else if (take("define "))
			parse_define();
		else
			fail("\"mode\", \"define\" or an indented command expected");
		return;
	}
	if (*mode < 0)
		fail("a command outside any mode");
	parse_entry(*mode);
}

static void
parse_file(const char *name)
{
	FILE *f = fopen(name, "r");
	char *line = NULL, *joined = NULL;
	size_t capacity = 0, length = 0;
	bool continued = false;
	int mode = -1;
	ssize_t n;

	file = name;
	line_number = 0;
	if (!f) {
		perror(name);
		exit(1);
	}
	while ((n = getline(&line, &capacity, f)) >= 0) {
		line_number++;
		while (n && strchr("\r\n", line[n - 1]))
			line[--n] = '\0';
		joined = realloc(joined, length + (size_t)n + 1);
		memcpy(joined + length, line, (size_t)n + 1);
		length += (size_t)n;
		if (n && line[n - 1] == '\\') {
			joined[--length] = '\0';
			continued = true;
			continue;
		}
		parse_line(joined, &mode);
		continued = false;
		length = 0;
	}
	if (continued)
		fail("the last line is to be continued, and is not");
	free(joined);
	free(line);
	fclose(f);
}

/* Entries of one mode side by side, in the order they were read. */
static void
group_by_mode(void)
{
	struct entry *sorted = calloc(MAX_ENTRIES, sizeof(*sorted));
	int i, mode, n = 0;

	for (mode = 0; mode < n_modes; mode++) {
		modes[mode].first = n;
		for (i = 0; i < n_entries; i++)
			if (entries[i].mode == mode)
				sorted[n++] = entries[i];
		modes[mode].n = n - modes[mode].first;
	}
	free(entries);
	entries = sorted;
}

static FILE *
open_output(const char *dir, const char *name)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	if (!f) {
		perror(path);
		exit(1);
	}
	return f;
}

int
main(int argc, char **argv)
{
	FILE *header, *source;
	int i;

	if (argc < 4 || strcmp(argv[1], "-o")) {
		fputs("usage: gramc -o DIR FILE.gram...\n", stderr);
		return 2;
	}
	elems = calloc(MAX_ELEMS, sizeof(*elems));
	entries = calloc(MAX_ENTRIES, sizeof(*entries));
	if (!elems || !entries)
		return 1;
	for (i = 3; i < argc; i++)
		parse_file(argv[i]);
	group_by_mode();
	gramc_check();
	header = open_output(argv[2], "grammar.h");
	source = open_output(argv[2], "grammar.c");
	i = gramc_write(header, source);
	return fclose(header) || fclose(source) || i;
}
