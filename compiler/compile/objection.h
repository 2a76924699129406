/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a router refuses although the line is well formed: because of what else is configured, or of
 * the machine. Pure, and asked before the tree is changed; its words are IOS's where IOS refuses.
 *
 * What a line says of itself, or of its like, is refused whoever says it. What it refers to is
 * asked of somebody who types: a text that is loaded may say first what it defines later, and
 * replacing a configuration takes things away in its own order. What is still missing then the
 * compiler finds, and shuts the interface that it was to protect (struct policy_interface.shut).
 */
#ifndef TESTUDO_OBJECTION_H
#define TESTUDO_OBJECTION_H

#include "compiler/tree/tree.h"

struct objection_facts {
	bool loading; /* from a text, not typed */
	/* Has the machine an interface of this name? NULL: nobody knows. */
	bool (*has_interface)(void *arg, const char *name);
	void *arg;
};

struct objection {
	const char *text; /* with its line ends, in the arena or constant; NULL: see column */
	size_t column;    /* in the line as typed: where it is invalid */
};

/*
 * Is the command refused? context: the node of the mode that it is typed in. *ret is set when it
 * is.
 */
bool objection_to(const struct tree *t, const struct tnode *context, const struct command *cmd,
                  const struct objection_facts *facts, struct arena *a, struct objection *ret);

#endif
