/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Well-formed lines that a router refuses, because of what else is configured or because of its
 * hardware. A pure function, called before the tree is changed; its messages are IOS's where IOS
 * refuses.
 *
 * An objection to the line itself, or to it beside others of its kind, holds whether the line is
 * typed or loaded. An objection to a name that the line refers to holds only when a user types it:
 * a text that is loaded may use a name before it defines it, and a replacement removes lines in its
 * own order. What is still missing afterwards the compiler finds, and shuts the interface that it
 * was to protect (struct policy_interface.shut).
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
