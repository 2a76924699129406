/* SPDX-License-Identifier: Apache-2.0 */
/* A line cut into words at blanks; each knows its column. */
#ifndef TESTUDO_TOKEN_H
#define TESTUDO_TOKEN_H

#include "compiler/base/arena.h"

struct command_filter;

struct token {
	const char *text; /* zero-terminated copy */
	size_t column, length;
};

struct tokens {
	const char *line; /* up to `end` */
	size_t end;       /* trailing blanks are not part of it */
	size_t n;
	const struct token *at;
	bool more; /* too many words: the last is all the rest, which only text can be */
	const struct command_filter *who; /* typed it: what may be used; NULL: everything */
};

/* Cuts the first `length` octets of line; tokens_cut_from: those of them from `begin` on. */
void tokens_cut(struct tokens *t, const char *line, size_t length, struct arena *a);
void tokens_cut_from(struct tokens *t, const char *line, size_t begin, size_t length,
                     struct arena *a);

#endif
