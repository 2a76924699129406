/* SPDX-License-Identifier: Apache-2.0 */
/* Commands about the session and the box: modes, terminal, saving, clearing. */
#include "cli/exec/exec.h"

#include "cli/exec/exec_files.h"
#include "cli/shell/outbound.h"

/* --- modes ------------------------------------------------------------------------------------ */

static void
exit_answer(struct shell *sh, const char *line, void *state)
{
	(void)state;
	if (exec_confirmed(line))
		shell_close(sh);
}

/* What the session has opened on other routers ends with it. */
void
exec_exit(struct shell *sh, const struct command *cmd)
{
	struct outbound_info open;

	(void)cmd;
	if (shell_is_typed(sh) && outbound_at(sh, 0, &open))
		shell_ask(sh, "(You have open connections) [confirm]", exit_answer, NULL);
	else
		shell_close(sh);
}

void
exec_help(struct shell *sh, const struct command *cmd)
{
	(void)cmd;
	shell_puts(
	    sh, "A question mark '?' asks for help, at any place in a line:\n"
		"1. Behind a blank it lists what may stand there ('show ?').\n"
		"2. Behind a beginning it lists the words that begin so ('show pr?').\n"
		"Nothing is listed where nothing fits. The Tab key writes a word out, and words\n"
		"may be cut short where that leaves no doubt. The manual is read outside of the\n"
		"router: testudo help [SUBJECT].\n");
}

void
exec_configure(struct shell *sh, const struct command *cmd)
{
	shell_configure(sh, command_has(cmd, ARG_LOCK));
}

/* --- saving ----------------------------------------------------------------------------------- */

void
exec_write_memory(struct shell *sh, const struct command *cmd)
{
	(void)cmd;
	if (!shell_refuse_loading(sh))
		exec_save(sh);
}

/* --- clear ------------------------------------------------------------------------------------ */

void
exec_clear_crypto_isakmp(struct shell *sh, const struct command *cmd)
{
	(void)cmd;
	node_clear_isakmp(router_node(shell_router(sh)));
}

void
exec_clear_logging(struct shell *sh, const struct command *cmd)
{
	(void)cmd;
	router_log_clear(shell_router(sh));
}
