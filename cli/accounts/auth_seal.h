/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a configuration command with a secret in it becomes before it is kept: clear text of a
 * secret is hashed, other passwords are hidden or encrypted when the configuration says so, what
 * claims to be hashed already is held against its form.
 */
#ifndef TESTUDO_AUTH_SEAL_H
#define TESTUDO_AUTH_SEAL_H

#include "cli/accounts/accounts.h"

/*
 * The command itself where there is nothing to do, a new one in the arena, or NULL: refused, and
 * *ret_error is what to print.
 */
const struct command *auth_seal(struct accounts book, const struct command *cmd, struct arena *a,
                                const char **ret_error);
/*
 * Called after the command was applied: `service password-encryption` and the like act on what is
 * there. Returns what to tell the user, or NULL.
 */
const char *auth_sealed(struct accounts book, const struct command *cmd, bool *ret_changed);

/* Every pre-shared key of the configuration, in whatever mode. */
void auth_each_key(struct accounts book, void (*fn)(void *arg, const struct tnode *n), void *arg);
/*
 * Types a node's line again, because another rule holds now. key: another key for it; NULL: the one
 * it has.
 */
bool auth_retype(struct accounts book, const struct tnode *n, const char *key);

/*
 * May a secret follow this word? It may be abbreviated; the first word of a line is so only when it
 * has three letters or more.
 */
bool auth_announces_secret(const char *word, size_t n, bool first);
/*
 * A line as `show history` may show it: what is, or looks like, a secret is `*****`. cmd: what it
 * was parsed as; NULL: refused. The caller frees.
 */
char *auth_mask(const char *line, const struct command *cmd);

#endif
