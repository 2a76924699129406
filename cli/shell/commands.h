/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The commands that a shell runs. The shell knows none by name: cli/app/commands.h knows them all,
 * and hands the shell a table when the program starts.
 */
#ifndef TESTUDO_SHELL_COMMANDS_H
#define TESTUDO_SHELL_COMMANDS_H

#include "cli/shell/shell.h"
#include "compiler/base/emit.h"

typedef void command_fn(struct shell *sh, const struct command *cmd);

#define COMMAND_DECLARE(name, function) command_fn function;

struct command_view; /* how a show is told to scripts; the shows know what is in it */

struct command_table {
	/* By enum gram_handler, H_COUNT of them; NULL: a filter, which does not act. */
	command_fn *const *handlers;
	/* `| json` and `| yaml`; NULL: the command has no form of its own. */
	const struct command_view *(*view)(const struct command *cmd);
	void (*show_view)(struct shell *sh, const struct command *cmd,
	                  const struct command_view *view, enum emit_form form);
	/* Then: the lines of what it says. */
	void (*show_lines)(struct shell *sh, const char *text, enum emit_form form);
};

/* Call it before the first line is run. The table is borrowed for good. */
void shell_set_commands(const struct command_table *table);

#endif
