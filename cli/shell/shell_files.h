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

#endif
