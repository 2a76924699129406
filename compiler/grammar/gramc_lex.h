/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gramc's reader: a grammar file statement by statement (a line and those that continue it), and a
 * statement word by word. There is one cursor; a mistake ends the program with a message about the
 * place where it stands.
 */
#ifndef TESTUDO_GRAMC_LEX_H
#define TESTUDO_GRAMC_LEX_H

#include <stdbool.h>
#include <stddef.h>

/* A line and those that continue it, with the newlines between them. */
struct statement {
	const char *file;
	unsigned line; /* of its first line */
	char *text;
};

/* The names that a definition's text may use as $NAME within `<...>`, and what they stand for. */
#define MAX_PARAMETERS 4
struct parameters {
	char *names[MAX_PARAMETERS], *values[MAX_PARAMETERS];
	int n;
};

/* Where the cursor is, to come back to. */
struct reading {
	const struct statement *statement;
	const char *cursor;
	const struct parameters *parameters;
};

struct place {
	const char *file;
	unsigned line;
	int column;
};

/* Ends the program with a message about the place of the cursor. */
#define lex_fail(...) gramc_fail(lex_place(), __VA_ARGS__)

/* Ends the program with a message about a place in a grammar file. */
void gramc_fail(struct place p, const char *format, ...)
    __attribute__((noreturn, format(printf, 2, 3)));

/*
 * Calls take with each statement of a file, the cursor at its beginning. A statement's text lives
 * as long as the program. Comments and empty lines are passed over.
 */
void lex_file(const char *name, void (*take)(const struct statement *s));

/* Moves the cursor into a text, from where lex_resume brings it back. */
struct reading lex_enter(const struct statement *s, const char *cursor, const struct parameters *p);
void lex_resume(struct reading r);

struct place lex_place(void);
const char *lex_cursor(void);

void lex_skip_blanks(void); /* newlines, too */

/* Is this character, or this text after blanks, next? lex_take also moves behind it. */
bool lex_next_is(char c);
bool lex_at(const char *text);
bool lex_at_end(void);
bool lex_at_digit(void);
bool lex_take(const char *text);
/* The same, with no blanks before it. */
bool lex_take_adjacent(char c);

/* A word, string or number of 32 bits; without one the program ends. The caller owns the text. */
char *lex_word(const char *what);
char *lex_string(void);
unsigned long lex_number(void);

#endif
