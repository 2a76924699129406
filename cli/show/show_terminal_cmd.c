/* SPDX-License-Identifier: Apache-2.0 */
/* `show terminal` and `show privilege`: how this session is. */
#include "cli/show/show_commands.h"

void
cmd_show_terminal(struct shell *sh, const struct command *cmd)
{
	size_t size = shell_history_size(sh);

	(void)cmd;
	shell_printf(sh, "Line %s, Location: \"\", Type: \"\"\n",
	             shell_is_vty(sh) ? "vty" : "con 0");
	shell_printf(sh, "Length: %u lines, Width: %u columns\n", shell_length(sh),
	             shell_width(sh));
	shell_puts(sh, "Editing is enabled.\n");
	if (size)
		shell_printf(sh, "History is enabled, history size is %zu.\n", size);
	else
		shell_puts(sh, "History is disabled.\n");
}

void
cmd_show_privilege(struct shell *sh, const struct command *cmd)
{
	(void)cmd;
	shell_printf(sh, "Current privilege level is %u\n", shell_level(sh));
}
