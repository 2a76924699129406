/* SPDX-License-Identifier: Apache-2.0 */
/* `show archive ...`: differences of configurations. */
#include "cli/show/show_commands.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/accounts/auth_level.h"
#include "cli/device/archive.h"
#include "cli/device/config_log.h"
#include "cli/device/load.h"
#include "cli/shell/shell_files.h"
#include "compiler/diff/confdiff.h"

/*
 * Rewrites a text as the router would render it; a text with a line that is not understood stays as
 * it is.
 */
static void
normalise_text(struct router *r, struct text *t)
{
	struct tree *tree;
	struct script_count count;

	if (strlen(text_string(t)) != t->n)
		return;
	tree = router_tree_new(r);
	count = load_trial(r, tree, text_string(t), NULL, NULL);
	if (!count.refused) {
		text_clear(t);
		render_config(tree, text_line, t);
	}
	tree_free(tree);
}

static bool
read_normal(struct shell *sh, const char *typed, struct text *ret)
{
	if (!shell_file_view(sh, typed, ret))
		return false;
	normalise_text(shell_router(sh), ret);
	return true;
}

void
cmd_show_archive_config_differences(struct shell *sh, const struct command *cmd)
{
	const char *from = command_str(cmd, ARG_FROM), *to = command_str(cmd, ARG_TO);
	struct text a = TEXT_INIT, b = TEXT_INIT, lines = TEXT_INIT;

	if (!from)
		to = "nvram:startup-config";
	if (read_normal(sh, from ? from : "system:running-config", &a) &&
	    read_normal(sh, to ? to : "system:running-config", &b)) {
		size_t n = confdiff_texts(text_string(&a), text_string(&b), text_line, &lines);

		shell_printf(sh, "!Contextual Config Diffs:\n%s",
		             n ? text_string(&lines) : "!No changes were found\n");
	}
	text_fini(&a);
	text_fini(&b);
	text_fini(&lines);
}

/* Shows the lines of a file that would change the running configuration if it were copied there. */
void
cmd_show_archive_config_incremental(struct shell *sh, const struct command *cmd)
{
	struct router *r = shell_router(sh);
	struct accounts book = router_accounts(r);
	struct text text = TEXT_INIT, lines = TEXT_INIT;
	struct tree *running, *merged;
	size_t n;

	if (shell_file_read(sh, command_str(cmd, ARG_FILE), &text)) {
		merged = tree_clone(router_tree(r));
		load_trial(r, merged, text_string(&text), NULL, NULL);
		auth_hide(book, shell_level(sh), merged);
		running = auth_visible(book, shell_level(sh));
		n = confdiff_commands(running, merged, false, text_line, &lines);
		shell_printf(sh, "!List of Commands:\n%send\n%s", text_string(&lines),
		             n ? "" : "!No changes were found\n");
		tree_free(running);
		tree_free(merged);
	}
	text_fini(&text);
	text_fini(&lines);
}

/* --- copies, changes that wait, and what was typed -------------------------------------------- */

void
cmd_show_archive(struct shell *sh, const struct command *cmd)
{
	const struct archive *a = router_archive(shell_router(sh));
	struct archive_state state;
	char *next;

	(void)cmd;
	if (!archive_enabled(a)) {
		shell_puts(sh, " Archive feature not enabled\n");
		return;
	}
	archive_state(a, &state);
	shell_printf(sh, "The maximum archive configurations allowed is %zu.\n", state.maximum);
	if (state.period)
		shell_printf(sh,
		             "The archiving time-period is %u minutes.\n"
		             "The next archive will be in %lld minutes.\n",
		             state.period, (long long)(state.left / SECONDS(60)));
	if (state.on_write)
		shell_puts(sh, "Write-mem mode is enabled.\n");
	shell_printf(sh, "There are currently %zu archive configurations saved.\n", state.n);
	next = archive_next_name(a);
	shell_printf(sh, "The next archive file will be named %s\n Archive #  Name\n", next);
	free(next);
	for (size_t i = 0; i < state.maximum || i < state.n; i++)
		shell_printf(sh, "   %-9zu%s%s\n", i + 1, i < state.n ? state.names[i] : "",
		             i + 1 == state.n ? " <- Most Recent" : "");
}

void
cmd_show_archive_config_rollback_timer(struct shell *sh, const struct command *cmd)
{
	struct router *r = shell_router(sh);
	struct archive_change change;
	char when[CLOCK_TEXT_MAX];

	(void)cmd;
	if (!archive_change(router_archive(r), &change)) {
		shell_puts(sh, "%No Rollback Confirmed Change pending\n");
		return;
	}
	shell_printf(sh, "Time configured(or reconfigured): %s\n",
	             router_clock_text(r, change.set, when));
	if (change.timer.minutes)
		shell_printf(sh, "Timer type: absolute timer\nTimer value: %u min\n",
		             change.timer.minutes);
	if (change.timer.idle)
		shell_printf(sh, "Timer type: idle timer\nTimer value: %u min\n",
		             change.timer.idle);
	shell_printf(sh, "User: %s\n", change.user);
}

static void
put_logged(void *arg, const struct config_logged *c)
{
	shell_printf(arg, "%5u%6u%15s@%-9s|%s\n", c->index, c->session, c->who, c->where,
	             c->command);
}

void
cmd_show_archive_log_config(struct shell *sh, const struct command *cmd)
{
	const struct config_log *l = router_config_log(shell_router(sh));

	if (!config_log_enabled(l)) {
		shell_puts(sh, "% Config Logger disabled.\n");
		return;
	}
	shell_puts(sh, " idx   sess           user@line      Logged command\n");
	config_log_each(l, command_u32(cmd, ARG_LAST), put_logged, sh);
}

void
cmd_show_archive_log_config_statistics(struct shell *sh, const struct command *cmd)
{
	struct config_log_use use;

	(void)cmd;
	config_log_use(router_config_log(shell_router(sh)), &use);
	shell_printf(sh,
	             "Config Log Session Info:\n"
	             "\tNumber of sessions being tracked: %u\n"
	             "\tMemory being held: %" PRIu64 " bytes\n"
	             "\tTotal memory allocated for session tracking: %" PRIu64 " bytes\n"
	             "\tTotal memory freed from session tracking: %" PRIu64 " bytes\n\n",
	             use.sessions, use.sessions_made - use.sessions_gone, use.sessions_made,
	             use.sessions_gone);
	shell_printf(sh,
	             "Config Log log-queue Info:\n"
	             "\tNumber of entries in the log-queue: %zu\n"
	             "\tMemory being held by the log-queue: %" PRIu64 " bytes\n"
	             "\tTotal memory allocated for log entries: %" PRIu64 " bytes\n"
	             "\tTotal memory freed from log entries: %" PRIu64 " bytes\n",
	             use.entries, use.entries_made - use.entries_gone, use.entries_made,
	             use.entries_gone);
}
