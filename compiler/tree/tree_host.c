/* SPDX-License-Identifier: Apache-2.0 */
/* See tree_host.h. */
#include "compiler/tree/tree_host.h"

#include <strings.h>

const struct tnode *
tree_host(const struct tree *t, const char *name)
{
	const struct tnode *n = tnode_first(tree_top(t), KEY_IP_HOST);

	while (n && strcasecmp(tnode_str(n, ARG_NAME), name) != 0)
		n = tnode_next(n);
	return n;
}
