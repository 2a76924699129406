/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The grammar as a document: which keys a mode's mapping has and what stands behind each. A slot
 * is a row of keywords that commands of the mode begin with ("crypto isakmp policy" are three keys,
 * one in the other) and that none of its other slots continues. The value says the rest.
 */
#ifndef TESTUDO_SLOTS_H
#define TESTUDO_SLOTS_H

#include "compiler/grammar/command.h"

enum slot_form {
	SLOT_VALUE,  /* one setting: the rest of its line; true, or false for `no` */
	SLOT_LIST,   /* a sequence of such; one may stand alone */
	SLOT_MODE,   /* a container: the mapping of its mode */
	SLOT_NUMBER, /* a sequence of containers; `arg` is the key of each one's number */
	SLOT_NAMES   /* a mapping from the rest of the line to a container's mapping, or to true */
};

struct slot {
	const char *path;  /* its keywords as they are typed, with a blank between them */
	const char *shown; /* and as they are rendered */
	enum slot_form form;
	const char *arg;  /* SLOT_NUMBER */
	uint16_t target;  /* SLOT_MODE, SLOT_NUMBER: the container's mode */
	const char *help; /* of its last keyword; "" when there is none */
	size_t n;         /* entries */
	const struct gram_entry *const *entries;
};

struct slots {
	bool lines; /* commands here begin with no keyword: a sequence of lines, and no slots */
	size_t n;
	const struct slot *at;              /* by path */
	const struct slot *const *by_shown; /* by what is rendered */
};

/* Of a configuration mode; made once, for good. */
const struct slots *slots_of(enum gram_mode mode);
/* The slot whose path it is, NULL: none. */
const struct slot *slots_find(const struct slots *s, const char *path);
/* The slot that a line, as rendered, belongs to; NULL: none. */
const struct slot *slots_of_line(const struct slots *s, const char *line);
/*
 * Does any slot's path go on behind this one? The first that does, else NULL. "" goes on with all.
 */
const struct slot *slots_below(const struct slots *s, const char *path);

/* Besides the slots a mapping may have these. */
#define SLOTS_NO   "no"   /* a sequence: what is negated and has more to say than its path */
#define SLOTS_KEPT "kept" /* a sequence: lines that are no business of ours */

#endif
