/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `alias exec NAME COMMAND`: a first word that stands for a command. As in IOS an alias counts only
 * in full and at the beginning of the line, before commands of the same name; behind a blank there
 * is none. What it stands for is a command like any other: the user's level decides. It is not
 * looked at for aliases again.
 */
#ifndef TESTUDO_ALIAS_H
#define TESTUDO_ALIAS_H

#include "compiler/tree/tree.h"

/* Aliases that are there without configuration, until another command is given to their name. */
struct alias {
	const char *name, *command;
};
extern const struct alias alias_defaults[];
extern const size_t alias_defaults_count;

/* What the line's first word stands for; NULL: it is no alias. *ret_rest: what is behind it. */
const char *alias_find(const struct tree *t, const char *line, const char **ret_rest);
/* The line with its alias written out, in the arena; NULL: there is no alias in it. */
const char *alias_expand(const struct tree *t, const char *line, struct arena *a);
/* Likewise of `alias configure`, for a line of global configuration. */
const char *alias_expand_config(const struct tree *t, const char *line, struct arena *a);
/* Each alias of EXEC whose name begins so. The command and the name are lent. */
void alias_each(const struct tree *t, const char *begin,
                void (*fn)(void *arg, const char *name, const char *command), void *arg);

#endif
