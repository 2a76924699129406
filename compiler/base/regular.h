/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Regular expressions that nobody can stop a process with. The C library's take time and memory
 * that double with each repetition within another; these take, to read and to match, no more than
 * the expression's length times the text's: an automaton is followed in all its states at once
 * (Thompson, 1968), and its size is bounded. Octets, not characters of a locale.
 */
#ifndef TESTUDO_REGULAR_H
#define TESTUDO_REGULAR_H

#include "compiler/base/base.h"

struct regular;

enum regular_kind {
	/*
	 * POSIX extended, with \w \W \s \S \b \B \< \>, and no back references. `^` and `$` also
	 * match at line ends, which `.` and `[^...]` do not match.
	 */
	REGULAR_LINES,
	/* The same for a single line: a line end is an octet like others. */
	REGULAR_LINE,
	/*
	 * IOS's: `_` is also a blank, a comma, a brace, a parenthesis and either end of the line,
	 * braces are characters like others, `\` takes the meaning from any character behind it,
	 * and several of `* + ?` in a row are one.
	 */
	REGULAR_IOS,
};

#define REGULAR_WHY 100
/* NULL when it is none, or too large: `why` (NULL, or REGULAR_WHY octets) says what is wrong. */
struct regular *regular_new(const char *expression, enum regular_kind kind, char *why);
void regular_free(struct regular *r); /* NULL is fine */

/* Whether it matches somewhere in the text. Uses memory of `r`: one thread at a time. */
bool regular_matches(struct regular *r, const char *text);

#endif
