/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands about files and configurations share. */
#ifndef TESTUDO_EXEC_FILES_H
#define TESTUDO_EXEC_FILES_H

#include "cli/shell/shell_files.h"

/* Running configuration to startup, and says so. */
void exec_save(struct shell *sh);
/*
 * The name of a file in full: one without a device stands in the folder of `cd`. What is longer
 * than a name may be stays too long. Returns buf.
 */
#define EXEC_PATH_MAX 512
const char *exec_path(const struct shell *sh, const char *typed, char buf[static EXEC_PATH_MAX]);
/* The answer to a "[confirm]": Enter, or a beginning of "yes". NULL: withdrawn. */
bool exec_confirmed(const char *line);
/* `file prompt quiet`: nobody is asked about names of files. */
bool exec_prompts_quietly(struct router *r);

#endif
