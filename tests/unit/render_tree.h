/* SPDX-License-Identifier: Apache-2.0 */
/* A configuration tree as text. */
#ifndef TESTUDO_TEST_RENDER_TREE_H
#define TESTUDO_TEST_RENDER_TREE_H

#include <stdlib.h>

#include "compiler/base/text.h"
#include "compiler/tree/render.h"

/* The caller frees. */
static inline char *
render_tree(const struct tree *t)
{
	struct text text = TEXT_INIT;
	char *copy;

	render_config(t, text_line, &text);
	copy = x_strdup(text_string(&text));
	text_fini(&text);
	return copy;
}

#endif
