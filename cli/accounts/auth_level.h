/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Levels of privilege: which commands somebody may use. A command has the level of its mode (user
 * EXEC 1, privileged EXEC and configuration 15; leaving is free) unless `privilege MODE level N
 * WORDS` says otherwise: of those that a command begins with, the longest counts.
 */
#ifndef TESTUDO_AUTH_LEVEL_H
#define TESTUDO_AUTH_LEVEL_H

#include "cli/accounts/auth.h"

struct auth_filter {
	struct command_filter filter;
	struct accounts book;
	unsigned level;
};

/* What that level may use, to parse and to help with; NULL: everything. f is what it lives in. */
const struct command_filter *auth_filter(struct auth_filter *f, struct accounts book,
                                         unsigned level);
/* The EXEC mode in which that level's commands are looked for. */
enum gram_mode auth_exec_mode(struct accounts book, unsigned level);
/*
 * A line that was understood, by every word of it (a filter knows entries only). False: *ret_column
 * is the word that is too much.
 */
bool auth_allows(struct accounts book, unsigned level, const struct command *cmd,
                 size_t *ret_column);

/* What that level may see of the configuration: what it could type. A copy; the caller frees. */
struct tree *auth_visible(struct accounts book, unsigned level);

/* `privilege exec level 5 sh run` as it is kept: the words in full, in the arena. */
const char *auth_level_words(const char *mode, const char *words, struct arena *a);

#endif
