/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands about key pairs share. */
#ifndef TESTUDO_EXEC_KEY_H
#define TESTUDO_EXEC_KEY_H

#include "cli/files/files.h"
#include "cli/shell/shell.h"

/* Key pairs have come or gone: whoever signs or proves itself with one looks again. */
void exec_keys_changed(struct shell *sh);

/*
 * Keys of this name are there, and a text that is loaded does not replace them: then it says so.
 * kind: as of exec_key_kind.
 */
bool exec_key_keeps(struct shell *sh, const char *kind, const char *label, bool exists);

/* "RSA", "EC" */
const char *exec_key_kind(bool ec);
bool exec_key_is_ec(const struct command *cmd); /* as the line says: rsa or ec */

/*
 * The name in flash, without its ending, that the line's `url` gives the pair's files: that of the
 * label where it names a device alone. False after saying what is wrong with it.
 */
bool exec_key_base(struct shell *sh, const struct command *cmd,
                   char ret[static FILES_NAME_MAX + 1]);
/*
 * BASE.pub, or typed in its place when that is not empty; at: 0 .pub, 1 .prv. False after saying
 * that flash can have no such file.
 */
bool exec_key_file(struct shell *sh, const char *base, unsigned at, const char *typed,
                   struct file_name *ret);
/* Asks "Destination filename [BASE.pub]? ". */
void exec_key_ask_file(struct shell *sh, const char *what, const char *base, unsigned at,
                       void (*answer)(struct shell *sh, const char *line, void *state),
                       void *state);

#endif
