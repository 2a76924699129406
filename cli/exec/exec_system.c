/* SPDX-License-Identifier: Apache-2.0 */
/* Commands about the session and the box: modes, terminal, saving, reloading, clearing. */
#include "cli/exec/exec.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

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

/* --- reload ----------------------------------------------------------------------------------- */

static void
reload_answer(struct shell *sh, const char *line, void *state)
{
	struct router *r = shell_router(sh);
	struct log_sink sink = router_log_sink(r);

	(void)state;
	if (!line || (*line && strncasecmp("yes", line, strlen(line))))
		return;
	LOG(&sink, RELOAD);
	/* Ends this session too. */
	router_crash(r);
	router_boot(r);
}

static void
save_answer(struct shell *sh, const char *line, void *state)
{
	size_t n = line ? strlen(line) : 0;
	bool yes = n && !strncasecmp("yes", line, n);

	(void)state;
	if (!line)
		return;
	if (!yes && (!n || strncasecmp("no", line, n))) {
		shell_refuse(sh);
		shell_puts(sh, "% Please answer 'yes' or 'no'.\n");
		shell_ask(sh,
		          "System configuration has been modified. Save? [yes/no]: ", save_answer,
		          NULL);
		return;
	}
	if (yes)
		exec_save(sh);
	shell_ask(sh, "Proceed with reload? [confirm]", reload_answer, NULL);
}

void
exec_reload(struct shell *sh, const struct command *cmd)
{
	(void)cmd;
	if (shell_refuse_loading(sh))
		return;
	if (router_modified(shell_router(sh)))
		shell_ask(sh,
		          "System configuration has been modified. Save? [yes/no]: ", save_answer,
		          NULL);
	else
		shell_ask(sh, "Proceed with reload? [confirm]", reload_answer, NULL);
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
