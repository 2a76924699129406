/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands that are accepted, because real configurations hold them, but whose feature is not built
 * yet: one diagnostic for each, so that nobody believes it has an effect. A container has one
 * diagnostic, its contents none. Commands that have nothing to do with this program get none here:
 * whoever reads the lines counts them.
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
