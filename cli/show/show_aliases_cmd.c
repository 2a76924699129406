/* SPDX-License-Identifier: Apache-2.0 */
/* `show aliases`. */
#include "cli/shell/alias.h"
#include "cli/show/show_cmd.h"

static void
show_alias(void *arg, const char *name, const char *command)
{
	shell_printf(arg, "  %-21s %s\n", name, command);
}

void
cmd_show_aliases(struct shell *sh, const struct command *cmd)
{
	(void)cmd;
	shell_puts(sh, "Exec mode aliases:\n");
	alias_each(router_tree(shell_router(sh)), "", show_alias, sh);
	shell_puts(sh, "\n");
}
