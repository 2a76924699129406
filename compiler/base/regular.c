/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading an expression into a program, and following the program: see regular.h.
 *
 * A program is instructions with distances between them, so that a piece of it can be moved and
 * copied: what a repetition repeats is known only when the repetition comes.
 *
 *     ab|c      split +1 +4   a   b   jump +2   c   match
 *     a*        split +1 +3   a   jump -2   match
 */
#include "compiler/base/regular.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH_MAX 1000 /* octets of an expression */
#define DEPTH_MAX  8    /* parentheses within each other */
#define CODE_MAX   2048 /* instructions: what matching takes for each octet of a text */
#define REPEAT_MAX 1000
#define NO_MAXIMUM (-1)

enum op { OP_SET, OP_SPLIT, OP_ASSERT, OP_MATCH };

enum assertion { AT_BEGIN, AT_END, AT_EITHER, AT_WORD_EDGE, AT_NO_WORD_EDGE, AT_WORD, AT_WORD_END };

struct instruction {
	enum op op;
	int x, y; /* split: distances, alike for a jump; set: its index; assert: which */
};

struct set {
	unsigned char bits[32];
};

struct regular {
	enum regular_kind kind;
	int n, n_sets, sets_capacity;
	struct instruction code[CODE_MAX];
	struct set *sets;
	/* while it matches: the states of this octet and of the next; when each was entered */
	uint32_t turn;
	uint32_t entered[CODE_MAX];
	int n_next;
	int now[CODE_MAX], next[CODE_MAX], waiting[CODE_MAX];
};

struct reading {
	struct regular *r;
	const char *s; /* what is left */
	int depth;
	const char *wrong;
};

/* --- the program ------------------------------------------------------------------------------ */

static int
emit_code(struct reading *in, enum op op, int x, int y)
{
	struct regular *r = in->r;

	if (r->n == CODE_MAX) {
		in->wrong = "It is too large";
		return 0;
	}
	r->code[r->n] = (struct instruction){op, x, y};
	return r->n++;
}

/* One instruction before what begins at `at`; distances within that stay what they are. */
static void
insert_split(struct reading *in, int at, int x, int y)
{
	struct regular *r = in->r;
	int n = r->n;

	emit_code(in, OP_SPLIT, x, y);
	if (in->wrong)
		return;
	memmove(&r->code[at + 1], &r->code[at], sizeof(*r->code) * (size_t)(n - at));
	r->code[at] = (struct instruction){OP_SPLIT, x, y};
}

static void
emit_copy(struct reading *in, const struct instruction *code, int n)
{
	for (int i = 0; i < n && !in->wrong; i++)
		emit_code(in, code[i].op, code[i].x, code[i].y);
}

static void
emit_set(struct reading *in, const struct set *set)
{
	struct regular *r = in->r;

	if (r->n_sets == r->sets_capacity) {
		r->sets_capacity = r->sets_capacity ? 2 * r->sets_capacity : 16;
		r->sets = x_realloc(r->sets, sizeof(*r->sets) * (size_t)r->sets_capacity);
	}
	r->sets[r->n_sets] = *set;
	emit_code(in, OP_SET, r->n_sets++, 0);
}

/* --- characters ------------------------------------------------------------------------------- */

static void
set_add(struct set *set, unsigned char c)
{
	set->bits[c / 8] |= (unsigned char)(1u << c % 8);
}

static bool
set_has(const struct set *set, unsigned char c)
{
	return set->bits[c / 8] & 1u << c % 8;
}

/* No text has the octet 0. */
static void
set_invert(struct reading *in, struct set *set)
{
	for (size_t i = 0; i < sizeof(set->bits); i++)
		set->bits[i] = (unsigned char)~set->bits[i];
	if (in->r->kind == REGULAR_LINES)
		set->bits['\n' / 8] &= (unsigned char)~(1u << '\n' % 8);
}

static void
emit_character(struct reading *in, char c)
{
	struct set set = {0};

	set_add(&set, (unsigned char)c);
	emit_set(in, &set);
}

static void
emit_any(struct reading *in)
{
	struct set set = {0};

	set_invert(in, &set);
	emit_set(in, &set);
}

static int
is_word(int c)
{
	return isalnum(c) || c == '_';
}

static void
emit_class(struct reading *in, int (*is)(int), bool inverted)
{
	struct set set = {0};

	for (int c = 1; c < 256; c++)
		if (!is(c) == inverted)
			set_add(&set, (unsigned char)c);
	emit_set(in, &set);
}

/* `_` of IOS: a character that may separate words, or an end of the line. */
static void
emit_delimiter(struct reading *in)
{
	struct set set = {0};

	for (const char *c = "_ ,{}()"; *c; c++)
		set_add(&set, (unsigned char)*c);
	emit_code(in, OP_SPLIT, 1, 3);
	emit_set(in, &set);
	emit_code(in, OP_SPLIT, 2, 2);
	emit_code(in, OP_ASSERT, AT_EITHER, 0);
}

/* --- brackets --------------------------------------------------------------------------------- */

static int
is_blank(int c)
{
	return c == ' ' || c == '\t';
}

/* Behind `[:`, to the end of `:]`. */
static void
read_class(struct reading *in, struct set *set)
{
	static const struct {
		const char *name;
		int (*is)(int);
	} classes[] = {
	    {"alpha:]", isalpha},  {"digit:]", isdigit}, {"alnum:]", isalnum},
	    {"upper:]", isupper},  {"lower:]", islower}, {"space:]", isspace},
	    {"blank:]", is_blank}, {"punct:]", ispunct}, {"print:]", isprint},
	    {"graph:]", isgraph},  {"cntrl:]", iscntrl}, {"xdigit:]", isxdigit},
	};

	for (size_t i = 0; i < ARRAY_SIZE(classes); i++) {
		size_t n = strlen(classes[i].name);

		if (strncmp(in->s, classes[i].name, n) != 0)
			continue;
		in->s += n;
		for (int c = 1; c < 256; c++)
			if (classes[i].is(c))
				set_add(set, (unsigned char)c);
		return;
	}
	in->wrong = "Invalid character class name";
}

/* A character within brackets, also as `[.c.]` or `[=c=]`. */
static unsigned char
read_member(struct reading *in)
{
	const char *s = in->s;

	if (s[0] == '[' && (s[1] == '.' || s[1] == '=')) {
		if (!s[2] || s[3] != s[1] || s[4] != ']') {
			in->wrong = "Invalid collation character";
			return 0;
		}
		in->s += 5;
		return (unsigned char)s[2];
	}
	in->s++;
	return (unsigned char)*s;
}

static void
read_range(struct reading *in, struct set *set)
{
	unsigned char from = read_member(in), to = from;

	if (!in->wrong && in->s[0] == '-' && in->s[1] && in->s[1] != ']') {
		in->s++;
		to = read_member(in);
	}
	if (to < from)
		in->wrong = "Invalid range end";
	for (int c = from; c <= to && !in->wrong; c++)
		set_add(set, (unsigned char)c);
}

/* Behind `[`. A `]` that comes first is one of the characters. */
static void
read_brackets(struct reading *in)
{
	struct set set = {0};
	bool inverted = *in->s == '^', first = true;

	in->s += inverted;
	for (; !in->wrong && (first || *in->s != ']'); first = false) {
		if (!*in->s) {
			in->wrong = "Unmatched [";
		} else if (in->s[0] == '[' && in->s[1] == ':') {
			in->s += 2;
			read_class(in, &set);
		} else {
			read_range(in, &set);
		}
	}
	if (in->wrong)
		return;
	in->s++;
	if (inverted)
		set_invert(in, &set);
	emit_set(in, &set);
}

/* --- repetitions ------------------------------------------------------------------------------ */

/* What stands from `at` to the end of the program, at least `least` and at most `most` times. */
static void
repeat_code(struct reading *in, int at, int least, int most)
{
	struct regular *r = in->r;
	int n = r->n - at;
	struct instruction *piece = x_alloc(sizeof(*piece) * (size_t)(n ? n : 1));

	memcpy(piece, &r->code[at], sizeof(*piece) * (size_t)n);
	r->n = at;
	for (int i = 0; i < least && !in->wrong; i++)
		emit_copy(in, piece, n);
	if (most == NO_MAXIMUM && least) {
		emit_code(in, OP_SPLIT, -n, 1);
	} else if (most == NO_MAXIMUM) {
		emit_code(in, OP_SPLIT, 1, n + 2);
		emit_copy(in, piece, n);
		emit_code(in, OP_SPLIT, -n - 1, -n - 1);
	}
	for (int i = least; i < most && !in->wrong; i++) {
		emit_code(in, OP_SPLIT, 1, n + 1);
		emit_copy(in, piece, n);
	}
	free(piece);
}

static int
read_number(struct reading *in)
{
	int number = 0;

	if (!isdigit((unsigned char)*in->s))
		return -1;
	while (isdigit((unsigned char)*in->s)) {
		number = number * 10 + (*in->s++ - '0');
		if (number > REPEAT_MAX) {
			in->wrong = "It is too large";
			return 0;
		}
	}
	return number;
}

/* Behind `{`. */
static void
read_interval(struct reading *in, int at)
{
	int least = read_number(in), most = least;

	if (!in->wrong && *in->s == ',') {
		in->s++;
		most = read_number(in); /* -1: none */
		if (least < 0)
			least = most < 0 ? -1 : 0;
	}
	if (in->wrong)
		return;
	if (!*in->s)
		in->wrong = "Unmatched {";
	else if (*in->s != '}' || least < 0 || (most != NO_MAXIMUM && most < least))
		in->wrong = "Invalid content of {}";
	else
		in->s++;
	if (!in->wrong)
		repeat_code(in, at, least, most);
}

static bool
is_repetition(const struct reading *in)
{
	return *in->s && (strchr("*+?", *in->s) || (*in->s == '{' && in->r->kind != REGULAR_IOS));
}

static void
read_repetitions(struct reading *in, int at)
{
	while (!in->wrong && is_repetition(in)) {
		char c = *in->s++;

		if (in->r->kind == REGULAR_IOS)
			for (; *in->s && strchr("*+?", *in->s); in->s++)
				c = c == *in->s ? c : '*';
		if (c == '{')
			read_interval(in, at);
		else
			repeat_code(in, at, c == '+', c == '?' ? 1 : NO_MAXIMUM);
	}
}

/* --- the expression --------------------------------------------------------------------------- */

/* Behind `\`. Whether it may be repeated. */
static bool
read_escaped(struct reading *in)
{
	char c = *in->s;

	if (!c) {
		in->wrong = "Trailing backslash";
		return true;
	}
	in->s++;
	if (isdigit((unsigned char)c)) {
		in->wrong = "There are no back references";
	} else if (in->r->kind == REGULAR_IOS) {
		emit_character(in, c);
	} else if (c == 'w' || c == 'W') {
		emit_class(in, is_word, c == 'W');
	} else if (c == 's' || c == 'S') {
		emit_class(in, isspace, c == 'S');
	} else if (strchr("bB<>", c)) {
		static const enum assertion at[] = {AT_WORD_EDGE, AT_NO_WORD_EDGE, AT_WORD,
		                                    AT_WORD_END};

		emit_code(in, OP_ASSERT, at[strchr("bB<>", c) - "bB<>"], 0);
		return false;
	} else {
		emit_character(in, c);
	}
	return true;
}

static void read_alternatives(struct reading *in);

static void
read_group(struct reading *in)
{
	if (++in->depth > DEPTH_MAX) {
		in->wrong = "Too many parentheses within each other";
		return;
	}
	read_alternatives(in);
	if (!in->wrong && *in->s++ != ')')
		in->wrong = "Unmatched (";
	in->depth--;
}

static void
read_one(struct reading *in)
{
	int at = in->r->n;
	bool repeats = true;
	char c;

	if (is_repetition(in)) {
		in->wrong = "Invalid preceding regular expression";
		return;
	}
	c = *in->s++;
	if (c == '(') {
		read_group(in);
	} else if (c == '[') {
		read_brackets(in);
	} else if (c == '\\') {
		repeats = read_escaped(in);
	} else if (c == '^' || c == '$') {
		emit_code(in, OP_ASSERT, c == '^' ? AT_BEGIN : AT_END, 0);
		repeats = false;
	} else if (c == '.') {
		emit_any(in);
	} else if (c == '_' && in->r->kind == REGULAR_IOS) {
		emit_delimiter(in);
	} else {
		emit_character(in, c);
	}
	if (repeats)
		read_repetitions(in, at);
}

/* To the `)` of a group, or to the end: outside of a group `)` is a character like others. */
static void
read_alternatives(struct reading *in)
{
	int at = in->r->n, jump;

	while (!in->wrong && *in->s && *in->s != '|' && (*in->s != ')' || !in->depth))
		read_one(in);
	if (in->wrong || *in->s != '|')
		return;
	in->s++;
	insert_split(in, at, 1, in->r->n - at + 2);
	jump = emit_code(in, OP_SPLIT, 0, 0);
	read_alternatives(in);
	in->r->code[jump].x = in->r->code[jump].y = in->r->n - jump;
}

struct regular *
regular_new(const char *expression, enum regular_kind kind, char *why)
{
	struct reading in = {.s = expression, .r = x_alloc(sizeof(struct regular))};

	in.r->kind = kind;
	if (strlen(expression) > LENGTH_MAX)
		in.wrong = "It is too long";
	else
		read_alternatives(&in);
	if (!in.wrong)
		emit_code(&in, OP_MATCH, 0, 0);
	if (!in.wrong)
		return in.r;
	if (why)
		snprintf(why, REGULAR_WHY, "%s", in.wrong);
	regular_free(in.r);
	return NULL;
}

void
regular_free(struct regular *r)
{
	if (!r)
		return;
	free(r->sets);
	free(r);
}

/* --- matching --------------------------------------------------------------------------------- */

static bool
assertion_holds(const struct regular *r, enum assertion assertion, const char *text, const char *at)
{
	const bool lines = r->kind == REGULAR_LINES;
	const bool begin = at == text || (lines && at[-1] == '\n');
	const bool end = !*at || (lines && *at == '\n');
	const bool before = at != text && is_word((unsigned char)at[-1]);
	const bool behind = is_word((unsigned char)*at);

	switch (assertion) {
	case AT_BEGIN:
		return begin;
	case AT_END:
		return end;
	case AT_EITHER:
		return begin || end;
	case AT_WORD_EDGE:
		return before != behind;
	case AT_NO_WORD_EDGE:
		return before == behind;
	case AT_WORD:
		return !before && behind;
	case AT_WORD_END:
		return before && !behind;
	}
	return false;
}

static int
wait_at(struct regular *r, int n, int pc)
{
	if (r->entered[pc] == r->turn)
		return n;
	r->entered[pc] = r->turn;
	r->waiting[n] = pc;
	return n + 1;
}

/* Enters a state, and all that follow from it without an octet: each once in a turn. */
static bool
enter_state(struct regular *r, int first, const char *text, const char *at)
{
	int n = wait_at(r, 0, first);

	while (n) {
		int pc = r->waiting[--n];
		const struct instruction *i = &r->code[pc];

		switch (i->op) {
		case OP_MATCH:
			return true;
		case OP_SET:
			r->next[r->n_next++] = pc;
			break;
		case OP_SPLIT:
			n = wait_at(r, n, pc + i->x);
			n = wait_at(r, n, pc + i->y);
			break;
		case OP_ASSERT:
			if (assertion_holds(r, (enum assertion)i->x, text, at))
				n = wait_at(r, n, pc + 1);
			break;
		}
	}
	return false;
}

bool
regular_matches(struct regular *r, const char *text)
{
	r->n_next = 0;
	for (const char *at = text;; at++) {
		const int n = r->n_next;

		if (++r->turn == 0) {
			memset(r->entered, 0, sizeof(r->entered));
			r->turn = 1;
		}
		memcpy(r->now, r->next, sizeof(*r->now) * (size_t)n);
		r->n_next = 0;
		for (int i = 0; i < n; i++)
			if (set_has(&r->sets[r->code[r->now[i]].x], (unsigned char)at[-1]) &&
			    enter_state(r, r->now[i] + 1, text, at))
				return true;
		if (enter_state(r, 0, text, at))
			return true;
		if (!*at)
			return false;
	}
}
