/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `line vty 0 4` configures five lines. Such ranges may overlap, so a container cannot simply be
 * named by its words: containers are cut where a range begins or ends, no two of them hold the same
 * line, and neighbours with the same settings become one again. As in IOS, the first five lines
 * stay apart from the others.
 */
#ifndef TESTUDO_TREE_LINES_H
#define TESTUDO_TREE_LINES_H

#include "compiler/tree/tree.h"

#define TREE_LINES_FIRST 5 /* lines that are always there */

/* The first and last line of a container, or of a command that names lines. */
void tree_lines_of(const struct tnode *n, unsigned *ret_first, unsigned *ret_last);
/* The container that holds a line; NULL: nothing is configured for it. */
struct tnode *tree_lines_at(struct tree *t, unsigned number);
/*
 * Containers for all lines from first to last, no line more; the first of them, NULL when the tree
 * is full. *ret_new: were any made? line: of the input.
 */
struct tnode *tree_lines_enter(struct tree *t, unsigned first, unsigned last, unsigned line,
                               bool *ret_new);
/*
 * Cuts the containers at both ends of the range, so that the caller can remove those from first to
 * last. False: the tree has no room for the pieces, and nothing was cut.
 */
bool tree_lines_cut(struct tree *t, unsigned first, unsigned last);
/* Neighbours that say the same become one, unless somebody stands in any of them (tree_enter). */
void tree_lines_merge(struct tree *t);

#endif
