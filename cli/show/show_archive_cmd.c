/* SPDX-License-Identifier: Apache-2.0 */
/* `show archive ...`: differences of configurations. */
#include "cli/show/show_commands.h"

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
	struct text t = TEXT_INIT;

	(void)cmd;
	archive_show(router_archive(shell_router(sh)), &t);
	shell_puts(sh, text_string(&t));
	text_fini(&t);
}

void
cmd_show_archive_config_rollback_timer(struct shell *sh, const struct command *cmd)
{
	struct text t = TEXT_INIT;

	(void)cmd;
	archive_show_timer(router_archive(shell_router(sh)), &t);
	shell_puts(sh, text_string(&t));
	text_fini(&t);
}

void
cmd_show_archive_log_config(struct shell *sh, const struct command *cmd)
{
	struct text t = TEXT_INIT;

	config_log_show(router_config_log(shell_router(sh)), command_u32(cmd, ARG_LAST), &t);
	shell_puts(sh, text_string(&t));
	text_fini(&t);
}

void
cmd_show_archive_log_config_statistics(struct shell *sh, const struct command *cmd)
{
	struct text t = TEXT_INIT;

	(void)cmd;
	config_log_statistics(router_config_log(shell_router(sh)), &t);
	shell_puts(sh, text_string(&t));
	text_fini(&t);
}
