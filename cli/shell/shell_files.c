/* SPDX-License-Identifier: Apache-2.0 */
/* Files as a command names them: see shell_files.h. */
#include "cli/shell/shell_files.h"

#include <string.h>

#include "cli/accounts/auth_level.h"
#include "cli/device/load.h"
#include "cli/device/router_files.h"
#include "compiler/tree/render.h"

void
shell_file_error(struct shell *sh, const char *what, const char *typed, int error)
{
	char full[FILE_NAME_TEXT];
	struct file_name n;

	file_name_parse(typed, &n);
	file_name_text(&n, full);
	shell_refuse(sh);
	shell_printf(sh, "%%Error %s %s (%s)\n", what, full[0] ? full : typed, file_error(error));
}

bool
shell_file_read(struct shell *sh, const char *typed, struct text *ret)
{
	int error = router_file_read(shell_router(sh), typed, ret);

	if (error)
		shell_file_error(sh, "opening", typed, error);
	return !error;
}

void
shell_hide_text(struct shell *sh, struct text *t)
{
	struct router *r = shell_router(sh);
	const struct device_kind *kind = router_kind(r);
	struct tree *tree;

	if (shell_level(sh) >= SHELL_LEVEL_MAX)
		return;
	tree = router_tree_new(r);
	if (strlen(text_string(t)) == t->n)
		load_trial(r, tree, text_string(t), NULL, NULL);
	auth_hide(router_accounts(r), shell_level(sh), tree);
	text_clear(t);
	if (kind->render)
		kind->render(tree, t);
	else
		render_config(tree, text_line, t);
	tree_free(tree);
}

bool
shell_file_view(struct shell *sh, const char *typed, struct text *ret)
{
	if (!shell_file_read(sh, typed, ret))
		return false;
	shell_hide_text(sh, ret);
	return true;
}
