/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/shell/banner.h"

#include <stdio.h>
#include <string.h>

#define CARET_C "^C" /* as IOS shows Ctrl-C */

char *
banner_text(struct router *r, enum gram_key key)
{
	const struct tnode *n = tnode_first(tree_top(router_tree(r)), key);
	const char *text = n ? tnode_str(n, ARG_TEXT) : NULL;
	size_t size, delimiter;
	char *copy;

	if (!text)
		return NULL;
	delimiter = strncmp(text, CARET_C, 2) ? 1 : 2;
	size = strlen(text);
	size = size > 2 * delimiter ? size - 2 * delimiter : 0;
	copy = x_asprintf("%.*s\n", (int)size, text + delimiter);
	if (size && copy[size - 1] == '\n')
		copy[size] = '\0';
	return copy;
}
