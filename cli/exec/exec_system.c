/* SPDX-License-Identifier: Apache-2.0 */
/* Commands about the session and the box: modes, terminal, saving, clearing. */
#include "cli/exec/exec.h"

#include "cli/exec/exec_files.h"

/* --- modes ------------------------------------------------------------------------------------ */

void
exec_exit(struct shell *sh, const struct command *cmd)
{
	(void)cmd;
	shell_close(sh);
}

void
exec_configure(struct shell *sh, const struct command *cmd)
{
	(void)cmd;
	shell_configure(sh);
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
