/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/shell/banner.h"

#include <stdio.h>
#include <string.h>

#include "compiler/session/banner.h"

char *
banner_text(struct router *r, enum gram_key key)
{
	const char *text = tree_str(router_tree(r), key, ARG_TEXT);
	size_t size, delimiter;
	char *copy;

	if (!text)
		return NULL;
	delimiter = banner_delimiter(text);
	size = strlen(text);
	size = size > 2 * delimiter ? size - 2 * delimiter : 0;
	copy = x_asprintf("%.*s\n", (int)size, text + delimiter);
	if (size && copy[size - 1] == '\n')
		copy[size] = '\0';
	return copy;
}
