/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A command's syntax: keywords, arguments, alternatives and definitions become elements, each with
 * the set of those that may follow it.
 */
#include "compiler/grammar/gramc.h"

#include <stdlib.h>
#include <string.h>

#define MAX_DEFINES 128
#define MAX_DEPTH   8 /* of definitions in definitions */

static struct definition {
	char *name;
	struct statement statement;
	const char *syntax; /* where its syntax begins */
	char *parameters[MAX_PARAMETERS];
	int n_parameters;
} defines[MAX_DEFINES];
static int n_defines;

static int depth;              /* how many definitions we are in */
static struct place outermost; /* where the outermost of them is used */

static void parse_sequence(struct part *ret, const char *stop);

/* --- elements and the sets they are joined by ------------------------------------------------- */

static void
set_add(int *set, int *n, int value)
{
	int i;

	for (i = 0; i < *n; i++)
		if (set[i] == value)
			return;
	if (*n == MAX_SET)
		lex_fail("too many alternatives at one place");
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
join_parts(const struct part *from, const int *first, int n_first)
{
	int i;

	for (i = 0; i < from->n_last; i++) {
		struct elem *e = &elems[from->last[i]];

		set_union(e->next, &e->n_next, first, n_first);
	}
}

/* Makes a part one of alternatives. */
static void
add_alternative(struct part *ret, const struct part *one)
{
	set_union(ret->first, &ret->n_first, one->first, one->n_first);
	set_union(ret->last, &ret->n_last, one->last, one->n_last);
	ret->nullable = ret->nullable || one->nullable;
}

static struct elem *
new_element(struct part *ret)
{
	if (n_elems == MAX_ELEMS)
		lex_fail("too many elements");
	*ret = (struct part){.first = {n_elems}, .n_first = 1, .last = {n_elems}, .n_last = 1};
	elems[n_elems].repeat = 1;
	elems[n_elems].place = depth ? outermost : lex_place();
	return &elems[n_elems++];
}

/* --- keywords and arguments ------------------------------------------------------------------- */

static const char *const types[] = {
    "number", "ipv4",  "mask",  "wildcard", "tcp-port", "udp-port", "interface", "hex",
    "time",   "clock", "hours", "name",     "word",     "line",     "prefix",    "ipv6"};

static void
parse_type(struct elem *e)
{
	size_t i;

	if (lex_at_digit()) {
		e->type = strdup("number");
		e->min = lex_number();
		if (!lex_take_adjacent('-'))
			lex_fail("a range is MIN-MAX");
		e->max = lex_number();
		if (e->min > e->max)
			lex_fail("an empty range");
		return;
	}
	e->type = lex_word("a type");
	if (!strcmp(e->type, "secret") || !strcmp(e->type, "secret-line")) {
		e->type = strdup(e->type[6] ? "line" : "word");
		e->secret = true;
	}
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (!strcmp(types[i], e->type))
			return;
	lex_fail("unknown type \"%s\"", e->type);
}

static void
parse_help(struct elem *e)
{
	if (lex_at("\""))
		e->help = lex_string();
}

/*
 * A keyword, `word=shown` when it is rendered otherwise, `word~` when it is to be spelled out,
 * `word!` where `no` may end.
 */
static void
parse_keyword(struct part *ret, int arg)
{
	struct elem *e;

	lex_skip_blanks();
	e = new_element(ret);
	e->type = strdup("keyword");
	e->arg = arg;
	e->text = lex_word("a word");
	if (lex_next_is('=') && !lex_at("=>")) {
		lex_take_adjacent('=');
		e->shown = lex_next_is('"') ? lex_string() : lex_word("a word");
	}
	e->hidden = lex_take_adjacent('~');
	e->cut = lex_take_adjacent('!');
	parse_help(e);
}

/* `+`, or `+MAX`: the argument may be repeated. */
static void
parse_repeat(struct elem *e, int self)
{
	if (!lex_take_adjacent('+'))
		return;
	e->repeat = lex_at_digit() ? (int)lex_number() : REPEAT_MAX;
	if (e->repeat < 2 || e->repeat > REPEAT_MAX)
		lex_fail("repeated 2 to %d times", REPEAT_MAX);
	set_add(e->next, &e->n_next, self);
}

/* `<name:type>`, or `<name:{word|word}>`: keywords that are remembered as an argument. */
static void
parse_argument(struct part *ret)
{
	char *name = lex_word("an argument's name");
	int arg = gramc_name(&args, name);
	struct elem *e;

	free(name);
	if (!lex_take(":"))
		lex_fail("':' expected");
	if (lex_take("{")) {
		struct part one;

		*ret = (struct part){0};
		do {
			parse_keyword(&one, arg);
			add_alternative(ret, &one);
		} while (lex_take("|"));
		if (!lex_take("}") || !lex_take(">"))
			lex_fail("'}>' expected");
		return;
	}
	e = new_element(ret);
	e->arg = arg;
	parse_type(e);
	if (!lex_take(">"))
		lex_fail("'>' expected");
	parse_repeat(e, ret->first[0]);
	parse_help(e);
}

/* --- definitions ------------------------------------------------------------------------------ */

static struct definition *
find_definition(const char *name)
{
	int i;

	for (i = 0; i < n_defines; i++)
		if (!strcmp(defines[i].name, name))
			return &defines[i];
	return NULL;
}

/* `(WORD,...)`: the parameters of a definition, or what they stand for; how many. */
static int
parse_parameters(char **ret)
{
	int n = 0;

	if (!lex_take_adjacent('('))
		return 0;
	do {
		if (n == MAX_PARAMETERS)
			lex_fail("more than %d parameters", MAX_PARAMETERS);
		ret[n++] = lex_word("a parameter");
	} while (lex_take(","));
	if (!lex_take(")"))
		lex_fail("')' expected");
	return n;
}

void
gramc_define(const struct statement *s)
{
	char *name = lex_word("a name");
	struct definition *d = &defines[n_defines];

	if (n_defines == MAX_DEFINES)
		lex_fail("too many definitions");
	if (find_definition(name))
		lex_fail("%s is defined already", name);
	d->name = name;
	d->statement = *s;
	d->n_parameters = parse_parameters(d->parameters);
	d->syntax = lex_cursor();
	n_defines++;
}

/* `$NAME` or `$NAME(VALUE,...)`: the syntax that the definition stands for. */
static void
parse_use(struct part *ret)
{
	char *name = lex_word("a definition's name");
	const struct definition *d = find_definition(name);
	struct parameters p = {0};
	struct reading here;

	if (!d)
		lex_fail("\"%s\" is not defined", name);
	free(name);
	p.n = parse_parameters(p.values);
	if (p.n != d->n_parameters)
		lex_fail("%s has %d parameters", d->name, d->n_parameters);
	memcpy(p.names, d->parameters, sizeof(p.names));
	if (!depth)
		outermost = lex_place();
	if (++depth > MAX_DEPTH)
		lex_fail("definitions too deep");
	here = lex_enter(&d->statement, d->syntax, &p);
	parse_sequence(ret, "");
	if (!lex_at_end())
		lex_fail("unexpected '%c' in definition %s", *lex_cursor(), d->name);
	depth--;
	lex_resume(here);
}

/* --- sequences and alternatives --------------------------------------------------------------- */

static void
parse_alternatives(struct part *ret, const char *stop)
{
	struct part one;

	*ret = (struct part){0};
	do {
		parse_sequence(&one, stop);
		add_alternative(ret, &one);
	} while (lex_take("|"));
	if (!lex_take(stop))
		lex_fail("'%s' expected", stop);
}

static void
parse_one(struct part *ret)
{
	if (lex_take("<")) {
		parse_argument(ret);
	} else if (lex_take("{")) {
		parse_alternatives(ret, "}");
	} else if (lex_take("[")) {
		parse_alternatives(ret, "]");
		ret->nullable = true;
	} else if (lex_take("(")) {
		/* Any of these, any number of them, in any order, each once. */
		parse_alternatives(ret, ")");
		join_parts(ret, ret->first, ret->n_first);
		ret->nullable = true;
	} else if (lex_take("$")) {
		parse_use(ret);
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
	while (!lex_at_end() && !lex_at("|") && !lex_at("=>") && !(*stop && lex_at(stop))) {
		parse_one(&one);
		join_parts(ret, one.first, one.n_first);
		if (ret->nullable)
			set_union(ret->first, &ret->n_first, one.first, one.n_first);
		if (!one.nullable)
			ret->n_last = 0;
		set_union(ret->last, &ret->n_last, one.last, one.n_last);
		ret->nullable = ret->nullable && one.nullable;
	}
}

void
gramc_syntax(struct entry *e)
{
	struct part all;
	int i, end = END;

	e->elem = n_elems;
	parse_sequence(&all, "");
	if (all.nullable)
		lex_fail("a command needs at least one word");
	e->n_elems = n_elems - e->elem;
	for (i = 0; i < all.n_first; i++)
		e->first[i] = all.first[i];
	e->n_first = all.n_first;
	join_parts(&all, &end, 1);
}
