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
	const struct tree *t = router_tree(shell_router(sh));
	const struct tnode *at = tnode_first(tree_top(t), KEY_ALIAS_CONFIGURE);

	shell_puts(sh, "Exec mode aliases:\n");
	alias_each(t, "", show_alias, sh);
	shell_puts(sh, "\n");
	if (!at || command_has(cmd, ARG_MODE))
		return;
	shell_puts(sh, "Configure mode aliases:\n");
	for (; at; at = tnode_next(at))
		show_alias(sh, tnode_str(at, ARG_NAME), tnode_str(at, ARG_COMMAND));
	shell_puts(sh, "\n");
}
