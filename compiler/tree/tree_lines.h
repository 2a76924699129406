/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `line vty 0 4` speaks of five lines. What was typed for some of them and what was typed for
 * others overlaps, so that these containers are not simply named by their words: they are cut where
 * a range begins or ends, no two of them hold the same line, and neighbours that say the same become
 * one again. As in IOS the first five stand apart.
 */
#ifndef TESTUDO_TREE_LINES_H
#define TESTUDO_TREE_LINES_H

#include "compiler/tree/tree.h"

#define TREE_LINES_FIRST 5 /* lines that are always there */

/* The lines a container or a command for them is about. */
void tree_lines_of(const struct tnode *n, unsigned *ret_first, unsigned *ret_last);
/* The container that holds a line; NULL: nothing is said of it. */
struct tnode *tree_lines_at(struct tree *t, unsigned number);
/*
 * Containers for all lines from first to last, no line more; the first of them, NULL when the tree
 * is full. *ret_new: were any made? line: of the input.
 */
struct tnode *tree_lines_enter(struct tree *t, unsigned first, unsigned last, unsigned line,
                               bool *ret_new);
/* Cuts at both ends; then the containers from first to last may go. */
void tree_lines_cut(struct tree *t, unsigned first, unsigned last);
/* Neighbours that say the same become one, unless somebody stands in any of them (tree_enter). */
void tree_lines_merge(struct tree *t);

#endif
