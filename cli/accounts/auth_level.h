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

/* The filter for parsing and help at that level, made in *f; NULL: the level may use everything. */
const struct command_filter *auth_filter(struct auth_filter *f, struct accounts book,
                                         unsigned level);
/* The EXEC mode in which that level's commands are looked for. */
enum gram_mode auth_exec_mode(struct accounts book, unsigned level);
/*
 * May that level use this parsed line? Every word is judged (a filter judges whole entries of the
 * grammar only). False: *ret_column is that of the first word that it may not use.
 */
bool auth_allows(struct accounts book, unsigned level, const struct command *cmd,
                 size_t *ret_column);

/* May that level write a file? Whoever may use every `copy` may: that is level 15 by default. */
bool auth_may_write(struct accounts book, unsigned level);

/*
 * The part of the configuration that the level may see: what it could type. A copy; the caller
 * frees it.
 */
struct tree *auth_visible(struct accounts book, unsigned level);
/* The same of another configuration: takes out of the tree what the level may not see. */
void auth_hide(struct accounts book, unsigned level, struct tree *t);

/* `privilege exec level 5 sh run` as it is kept: the words in full, in the arena. */
const char *auth_level_words(const char *mode, const char *words, struct arena *a);

#endif
