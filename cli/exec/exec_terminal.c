/* SPDX-License-Identifier: Apache-2.0 */
/* `terminal ...`: how this session's screen and keys are. */
#include "cli/exec/exec.h"

#include "cli/shell/history.h"

void
exec_terminal_length(struct shell *sh, const struct command *cmd)
{
	shell_set_length(sh, (int)command_u32(cmd, ARG_LENGTH));
}

void
exec_terminal_no_length(struct shell *sh, const struct command *cmd)
{
	(void)cmd;
	shell_set_length(sh, -1);
}

void
exec_terminal_width(struct shell *sh, const struct command *cmd)
{
	shell_set_width(sh, (int)command_u32(cmd, ARG_WIDTH));
}

void
exec_terminal_no_width(struct shell *sh, const struct command *cmd)
{
	(void)cmd;
	shell_set_width(sh, -1);
}

/* `terminal history` alone switches it on again. */
void
exec_terminal_history(struct shell *sh, const struct command *cmd)
{
	if (command_has(cmd, ARG_SIZE))
		shell_history_resize(sh, command_u32(cmd, ARG_SIZE));
	else if (!shell_history_size(sh))
		shell_history_resize(sh, HISTORY_DEFAULT);
}

void
exec_terminal_no_history(struct shell *sh, const struct command *cmd)
{
	(void)cmd;
	shell_history_resize(sh, 0);
}

void
exec_terminal_no_history_size(struct shell *sh, const struct command *cmd)
{
	(void)cmd;
	shell_history_resize(sh, HISTORY_DEFAULT);
}

void
exec_terminal_monitor(struct shell *sh, const struct command *cmd)
{
	(void)cmd;
	shell_monitor(sh, true);
}

void
exec_terminal_no_monitor(struct shell *sh, const struct command *cmd)
{
	(void)cmd;
	shell_monitor(sh, false);
}

void
exec_terminal_dialect(struct shell *sh, const struct command *cmd)
{
	shell_set_dialect(sh, command_str(cmd, ARG_DIALECT));
}

void
exec_terminal_no_dialect(struct shell *sh, const struct command *cmd)
{
	(void)cmd;
	shell_set_dialect(sh, NULL);
}
