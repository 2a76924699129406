/* SPDX-License-Identifier: Apache-2.0 */
/* Files of the router as a command names them, and how its user is told what is wrong with one. */
#ifndef TESTUDO_SHELL_FILES_H
#define TESTUDO_SHELL_FILES_H

#include "cli/files/files.h"
#include "cli/shell/shell.h"

/* "%Error opening flash:/x (No such file or directory)"; the command is refused. */
void shell_file_error(struct shell *sh, const char *what, const char *typed, int error);
/* Reads all of the file that the user has named; false after saying what is wrong. */
bool shell_file_read(struct shell *sh, const char *typed, struct text *ret);
/*
 * The part of a text that the user's level may see: of a configuration what it could type, of
 * anything else nothing, for nobody knows what is in it. Level 15 sees the text as it is.
 */
void shell_hide_text(struct shell *sh, struct text *t);
/* Reads what the user may see of the file. */
bool shell_file_view(struct shell *sh, const char *typed, struct text *ret);

#endif
