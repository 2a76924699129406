/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines whose order matters: which of a container's stay, and with what numbers others come between
 * them. Inside the difference of two trees only.
 */
#ifndef TESTUDO_CONFDIFF_PLAN_H
#define TESTUDO_CONFDIFF_PLAN_H

#include "compiler/tree/tree.h"

/* By the order in which the lines of plan_takes stand in their container. */
struct plan {
	size_t n_from, n_to;
	bool *keep_from, *keep_to;
	uint32_t *number; /* of a line that comes; 0: none, it comes last */
};

/* Does the order of such lines matter? */
bool plan_takes(const struct tnode *n);

/* Of two containers; `from` is one of from_tree. */
struct plan plan_make(const struct tree *from_tree, const struct tnode *from,
                      const struct tnode *to);
void plan_fini(struct plan *p);

#endif
