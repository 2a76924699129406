/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A document into lines, a tree, and a document again, which must read as the same. Nothing of a
 * document that is refused may be used.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/device/config_load.h"
#include "compiler/tree/render.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
check_again(const struct tree *tree)
{
	struct text doc = TEXT_INIT, want = TEXT_INIT, got = TEXT_INIT;
	struct tree *again = tree_new();
	struct diag_list diags;

	diag_list_init(&diags);
	config_write(tree, EMIT_YAML, &doc);
	if (!config_load(NULL, again, text_string(&doc), doc.n, &diags))
		abort();
	render_config(tree, text_line, &want);
	render_config(again, text_line, &got);
	if (strcmp(text_string(&want), text_string(&got)) != 0)
		abort();
	diag_list_fini(&diags);
	tree_free(again);
	text_fini(&doc);
	text_fini(&want);
	text_fini(&got);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct tree *tree = tree_new();
	struct diag_list diags;

	diag_list_init(&diags);
	if (config_load(NULL, tree, (const char *)data, n, &diags))
		check_again(tree);
	else if (!diags.n)
		abort(); /* refused without a reason */
	diag_list_fini(&diags);
	tree_free(tree);
	return 0;
}
