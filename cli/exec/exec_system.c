/* SPDX-License-Identifier: Apache-2.0 */
/* Commands about the session and the box: modes, terminal, saving, reloading, clearing. */
#include "cli/exec/exec.h"
#include "cli/exec/exec_files.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

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

void
config_end(struct shell *sh, const struct command *cmd)
{
	(void)cmd;
	shell_end(sh);
}

void
config_exit(struct shell *sh, const struct command *cmd)
{
	(void)cmd;
	shell_exit(sh);
}

void
config_do(struct shell *sh, const struct command *cmd)
{
	const struct value *line = command_value(cmd, ARG_LINE, 0);

	shell_exec(sh, line->text, line->column);
}

/*
 * `access-list 10 permit ...` is a line of a named list whose name is the number; `no access-list
 * 10` removes the list.
 */
void
config_access_list(struct shell *sh, const struct command *cmd)
{
	const struct value *line = command_value(cmd, ARG_LINE, 0);
	uint32_t acl = command_u32(cmd, ARG_ACL);
	bool standard = acl < 100 || (acl >= 1300 && acl < 2000), gone = cmd->no || cmd->dflt;
	struct arena *a = arena_new();
	const char *container, *entry = NULL;
	size_t column;

	container = arena_printf(a, "%sip access-list %s %u", gone && !line ? "no " : "",
	                         standard ? "standard" : "extended", acl);
	if (line)
		entry = arena_printf(a, "%s%s", gone ? "no " : "", line->text);
	if (!line && !gone) {
		shell_refuse(sh);
		shell_puts(sh, "% Incomplete command.\n\n");
	} else if (!shell_apply_in(sh, container, entry, &column)) {
		shell_refuse_at(sh, (line ? line->column : 0) + column - (gone ? 3 : 0));
	}
	arena_free(a);
}

/* --- saving ----------------------------------------------------------------------------------- */

void
exec_write_memory(struct shell *sh, const struct command *cmd)
{
	(void)cmd;
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
	if (router_is_loading(shell_router(sh))) {
		shell_refuse(sh);
		shell_puts(sh, "% A configuration is being loaded\n");
		return;
	}
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
