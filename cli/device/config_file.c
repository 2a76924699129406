/* SPDX-License-Identifier: Apache-2.0 */
/* See config_file.h. */
#include "cli/device/config_file.h"

#include <string.h>

#include "cli/device/config_load.h"
#include "compiler/tree/render.h"

static void
tell_diags(const char *file, struct diag_list *diags, struct text *told)
{
	config_tell(file, diags, told);
	if (diags->n)
		text_puts(told, "% Nothing was applied\n");
	diag_list_fini(diags);
}

bool
config_file_merge(struct router *r, const char *file, const struct text *yaml, struct text *told)
{
	struct tree *trial = tree_clone(router_tree(r));
	struct config_lines lines = {0};
	struct script_count count = {0};
	struct diag_list diags;
	bool fine;

	diag_list_init(&diags);
	fine = config_load(r, trial, text_string(yaml), yaml->n, &diags) &&
	       config_read(tnode_mode(tree_top(trial)), text_string(yaml), yaml->n, &lines, &diags);
	if (fine)
		count = load_text_indented(r, text_string(&lines.text), NULL, NULL);
	tell_diags(file, &diags, told);
	if (fine)
		text_printf(told, "%zu line%s taken\n", count.taken, count.taken == 1 ? "" : "s");
	config_lines_fini(&lines);
	tree_free(trial);
	return fine;
}

bool
config_file_ios(struct router *r, const char *file, const struct text *yaml, struct text *ret,
                struct text *told)
{
	struct tree *tree = router_tree_new(r);
	struct diag_list diags;
	bool fine;

	diag_list_init(&diags);
	fine = config_load(r, tree, text_string(yaml), yaml->n, &diags);
	if (fine)
		render_config(tree, text_line, ret);
	tell_diags(file, &diags, told);
	tree_free(tree);
	return fine;
}

void
config_file_yaml(struct router *r, const struct text *ios, struct text *ret)
{
	struct tree *tree = router_tree_new(r);

	load_trial(r, tree, text_string(ios), NULL, NULL);
	config_write(tree, EMIT_YAML, ret);
	tree_free(tree);
}
