/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tree to text, as `show running-config` prints it: sections in IOS's order, which is the order of
 * the grammar's entries, separated by "!", one blank of indentation a level.
 */
#ifndef TESTUDO_RENDER_H
#define TESTUDO_RENDER_H

#include "compiler/tree/tree.h"

/* One line at a time, without its line end. */
typedef void render_sink(void *arg, const char *line);

/* All of it, from "!" to "end". */
void render_config(const struct tree *t, render_sink *sink, void *arg);
/* One node and what is in it, indented by `indent` blanks. */
void render_node(const struct tnode *n, unsigned indent, render_sink *sink, void *arg);

/*
 * The children of a node in the order in which they are rendered, without those that say the
 * default. The caller frees *ret.
 */
size_t render_children(const struct tnode *parent, const struct tnode ***ret);

/* Where a node stands among its siblings: by the grammar's entry that is the first of its key, or
 * before another's. Even numbers are entries. */
uint32_t render_rank(const struct tnode *n);
/* `show running-config all`: with the defaults that the grammar has, and those that were typed. */
void render_all(const struct tree *t, render_sink *sink, void *arg);
/* Without what stands in certificates. */
void render_brief(const struct tree *t, render_sink *sink, void *arg);

#endif
