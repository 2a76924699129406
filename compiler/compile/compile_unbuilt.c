/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is taken, because real configurations hold it, and whose feature is yet to be built: one
 * diagnostic for each, so that nobody believes it to act. Of a container the container is named,
 * not what is in it. Commands that are no business of ours are silent here: they are counted where
 * they are typed.
 */
#include "compiler/compile/compile_parts.h"

void
compile_unbuilt(struct compiler *c, const struct tnode *top)
{
	const struct tnode *n;

	for (n = tnode_child(top); n; n = tnode_sibling(n)) {
		const char *feature = tnode_entry(n)->unbuilt;
		struct word at;

		if (!feature) {
			compile_unbuilt(c, n);
			continue;
		}
		at = read_line(c, n);
		complain(c, DIAG_WARNING, "not-built", &at, NULL,
		         "%s: not built yet; the command is kept, and has no effect", feature);
	}
}
