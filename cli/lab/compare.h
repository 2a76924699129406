/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a document's author saw of a command, beside what is shown here. Lines that agree are
 * matched, in their order first, then in any, and those that are much alike after them; blank ones
 * do not count. A document often breaks a line after its colon, and goes on with sentences of its
 * author behind the last line that a router showed: those are not compared.
 */
#ifndef TESTUDO_COMPARE_H
#define TESTUDO_COMPARE_H

#include "cli/lab/shown.h"

#define COMPARE_LINES_MAX 500 /* of each; of theirs no more count */

enum compare_kind {
	COMPARE_DIFFERS, /* theirs and ours */
	COMPARE_LACKING, /* theirs: nothing like it is shown here */
	COMPARE_MORE,    /* ours: the document has nothing like it */
	COMPARE_PROSE    /* theirs: taken for the author's own words */
};

struct compare_item {
	enum compare_kind kind;
	unsigned line;             /* of the document, for theirs */
	const char *theirs, *ours; /* NULL: none */
};

struct compared {
	bool too_long; /* ours: nothing was compared */
	size_t alike;  /* lines */
	size_t n;
	struct compare_item *items; /* theirs by line, then ours */
};

/* A line of the document. */
struct compare_line {
	unsigned line;
	const char *text;
};

/* The arena owns what is returned, and keeps the texts. */
void compare_texts(struct arena *a, const struct compare_line *theirs, size_t n, const char *ours,
                   struct compared *ret);
/* Does it say that something differs, which more lines of ours do not? */
bool compare_differs(const struct compare_item *item);

#endif
