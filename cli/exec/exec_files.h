/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands about files and configurations share. */
#ifndef TESTUDO_EXEC_FILES_H
#define TESTUDO_EXEC_FILES_H

#include "cli/files/files.h"
#include "cli/shell/shell.h"

/* Running configuration to startup, and says so. */
void exec_save(struct shell *sh);
/* The answer to a "[confirm]": Enter, or a beginning of "yes". NULL: withdrawn. */
bool exec_confirmed(const char *line);
/* "%Error opening flash:/x (No such file or directory)"; the command is refused. */
void exec_file_error(struct shell *sh, const char *what, const char *typed, int error);
/* All of a file as typed; false after saying what is wrong. */
bool exec_file_read(struct shell *sh, const char *typed, struct text *ret);

#endif
