/* SPDX-License-Identifier: Apache-2.0 */
/* `archive config`, `configure terminal revert`, `configure confirm`, `configure revert`. */
#include "cli/exec/exec_archive.h"

#include "cli/device/config_log.h"
#include "cli/exec/exec.h"
#include "cli/files/files.h"

static struct archive *
archive_of(struct shell *sh)
{
	return router_archive(shell_router(sh));
}

static void
nothing_pending(struct shell *sh)
{
	shell_refuse(sh);
	shell_puts(sh, "%No Rollback Confirmed Change pending\n");
}

void
exec_archive_config(struct shell *sh, const struct command *cmd)
{
	const char *name;
	int error;

	(void)cmd;
	if (shell_refuse_loading(sh))
		return;
	if (!archive_enabled(archive_of(sh))) {
		shell_refuse(sh);
		shell_puts(sh, " Archive feature not enabled\n% Error caught by command handler\n");
		return;
	}
	error = archive_save(archive_of(sh), &name);
	if (error) {
		shell_refuse(sh);
		shell_printf(sh, "%%Error archiving the configuration (%s)\n", file_error(error));
	}
}

void
exec_clear_archive_log(struct shell *sh, const struct command *cmd)
{
	(void)cmd;
	config_log_clear(router_config_log(shell_router(sh)));
}

/* --- changes to be confirmed ------------------------------------------------------------------ */

bool
exec_can_await(struct shell *sh)
{
	if (archive_enabled(archive_of(sh)))
		return true;
	shell_refuse(sh);
	shell_puts(sh, "%Turn config archive on before using Rollback Confirmed Change\n");
	return false;
}

bool
exec_await(struct shell *sh, struct archive_timer timer)
{
	struct text out = TEXT_INIT;
	char who[CONFIG_LOG_WHO];
	int error;

	if (!exec_can_await(sh))
		return false;
	shell_who(sh, who);
	error = archive_await(archive_of(sh), timer, who, &out);
	if (error) {
		shell_refuse(sh);
		shell_printf(sh, "%%Error archiving the configuration (%s)\n", file_error(error));
	} else {
		shell_puts(sh, text_string(&out));
	}
	text_fini(&out);
	return !error;
}

/* With neither word the command is incomplete. */
static bool
timer_of(struct shell *sh, const struct command *cmd, struct archive_timer *ret)
{
	*ret = (struct archive_timer){.minutes = command_u32(cmd, ARG_MINUTES),
	                              .idle = command_u32(cmd, ARG_IDLE)};
	if (ret->minutes || ret->idle)
		return true;
	shell_refuse(sh);
	shell_puts(sh, "% Incomplete command.\n\n");
	return false;
}

void
exec_configure_revert_timer(struct shell *sh, const struct command *cmd)
{
	struct archive_timer timer;

	if (!shell_refuse_loading(sh) && timer_of(sh, cmd, &timer) && exec_await(sh, timer))
		shell_configure(sh, false);
}

void
exec_configure_revert_retime(struct shell *sh, const struct command *cmd)
{
	struct archive_timer timer;
	char who[CONFIG_LOG_WHO];

	shell_who(sh, who);
	if (timer_of(sh, cmd, &timer) && !archive_retime(archive_of(sh), timer, who))
		nothing_pending(sh);
}

void
exec_configure_confirm(struct shell *sh, const struct command *cmd)
{
	char who[CONFIG_LOG_WHO];

	(void)cmd;
	shell_who(sh, who);
	if (!archive_confirm(archive_of(sh), who))
		nothing_pending(sh);
}

void
exec_configure_revert_now(struct shell *sh, const struct command *cmd)
{
	struct text out = TEXT_INIT;

	(void)cmd;
	if (!shell_is_typed(sh) || !archive_revert(archive_of(sh), &out))
		nothing_pending(sh);
	shell_puts(sh, text_string(&out));
	text_fini(&out);
}
