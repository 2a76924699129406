/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a router shows, read as lines of words, and when two words say the same: names, addresses
 * and settings when they are equal, counters when both are zero or neither is, and what differs
 * from run to run by its nature (times, SPIs, connection ids, what remains of a lifetime) when it
 * is of the same kind. Which of them a number is, the words before it or the head of its column
 * say. Pure, and for any text.
 */
#ifndef TESTUDO_SHOWN_H
#define TESTUDO_SHOWN_H

#include "compiler/base/arena.h"

#define SHOWN_WORDS_MAX 40 /* of a line; what stands behind is left out */

enum word_kind { WORD_TEXT, WORD_ADDRESS, WORD_NUMBER, WORD_HEX, WORD_TIME, WORD_MARKS };

enum word_rule {
	RULE_EQUAL,
	RULE_COUNT, /* both zero, or neither */
	RULE_KIND   /* any two of one kind */
};

struct word {
	const char *text; /* without punctuation at its end */
	enum word_kind kind;
	enum word_rule rule;
};

struct shown_line {
	unsigned line;    /* of the document; 0: none */
	const char *text; /* as it stood there, without blanks at both ends */
	size_t n;
	struct word words[SHOWN_WORDS_MAX];
	bool open; /* a colon is its last character */
};

/* Reads a line; before: the lines before it, n of them, among which the head of a column may be. */
struct shown_line *shown_read(struct arena *a, const char *text,
                              const struct shown_line *const *before, size_t n);
bool shown_words_agree(const struct word *a, const struct word *b);
/* Every word of one agrees with that of the other. */
bool shown_lines_agree(const struct shown_line *a, const struct shown_line *b);
/* 0: no word of one is in the other; 1: they agree. */
double shown_likeness(const struct shown_line *a, const struct shown_line *b);
/* An author's sentence rather than a line that a router shows. */
bool shown_is_prose(const struct shown_line *l);
/* A line of the log, which comes when it comes. */
bool shown_is_log(const char *text);

#endif
