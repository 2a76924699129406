/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One line of input against the grammar: what command it is, or where it goes wrong; and what could
 * be typed next. No state: everything is in the caller's arena.
 */
#ifndef TESTUDO_COMMAND_H
#define TESTUDO_COMMAND_H

#include "compiler/base/arena.h"
#include "grammar.h"

#define COMMAND_LINE_MAX  4096 /* octets; a longer line is invalid */
#define COMMAND_WORDS_MAX 256

/* One word as it was matched. */
struct value {
	const struct gram_elem *elem;
	const char *text; /* canonical: full keyword, full interface name, normalised number */
	uint32_t number;  /* of numbers, addresses, masks, ports */
	uint16_t column;  /* where it stands in the line, from 0 */
	uint16_t length;
};

struct command {
	const struct gram_entry *entry;
	enum gram_mode mode; /* where it was found: an ancestor leaves the sub-modes */
	bool no, dflt;       /* "no ...", "default ..." */
	uint16_t indent;     /* blanks before it */
	size_t n;
	const struct value *values;
	const struct command *pipe; /* "| include X": a command of MODE_PIPE; NULL: none */
};

enum parse {
	PARSE_OK,
	PARSE_EMPTY, /* nothing, or a comment */
	PARSE_INVALID,
	PARSE_INCOMPLETE,
	PARSE_AMBIGUOUS
};

/*
 * Parses in `mode` and, when the line is no command there, in its parents up to global
 * configuration. On PARSE_INVALID *ret_column is the offset of the first character that does not
 * fit, which may be inside a word: what begins like a keyword is wrong where it leaves it. ret is
 * set for PARSE_OK only.
 */
enum parse command_parse(enum gram_mode mode, const char *line, struct arena *a,
                         struct command *ret, size_t *ret_column);

/*
 * The same for somebody who may not use everything: an entry that is not allowed is as if it did
 * not exist, to parse and to help with.
 */
struct command_filter {
	bool (*allows)(void *arg, const struct gram_entry *e);
	void *arg;
};
enum parse command_parse_as(const struct command_filter *who, enum gram_mode mode, const char *line,
                            struct arena *a, struct command *ret, size_t *ret_column);

/* Are all its keywords spelled out? */
bool command_in_full(const struct command *c);

/* Arguments by name. Absent: false, 0, NULL. */
bool command_has(const struct command *c, enum gram_arg arg);
uint32_t command_u32(const struct command *c, enum gram_arg arg);
const char *command_str(const struct command *c, enum gram_arg arg);
/* The nth value (from 0) of a repeated argument. */
const struct value *command_value(const struct command *c, enum gram_arg arg, size_t nth);

/*
 * `?` at the end of line. Each word that may follow, with its help, sorted; for `?` glued to a word
 * the words it may become. The word is lent, the help a constant. Returns what IOS would say when
 * there is nothing: PARSE_OK when words were given, else PARSE_INVALID or PARSE_AMBIGUOUS.
 */
typedef void command_help_fn(void *arg, const char *word, const char *help);
enum parse command_help(enum gram_mode mode, const char *line, command_help_fn *fn, void *arg);

enum parse command_help_as(const struct command_filter *who, enum gram_mode mode, const char *line,
                           command_help_fn *fn, void *arg);

/* Tab: the keywords the last word may become (all of it when glued), one call each. */
void command_complete(enum gram_mode mode, const char *line, command_help_fn *fn, void *arg);
void command_complete_as(const struct command_filter *who, enum gram_mode mode, const char *line,
                         command_help_fn *fn, void *arg);

#endif
