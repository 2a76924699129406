/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The difference of two configurations: as commands that turn one into the other, and as lines in
 * their context, for people. Pure: nothing is applied.
 */
#ifndef TESTUDO_CONFDIFF_H
#define TESTUDO_CONFDIFF_H

#include "compiler/tree/render.h"

/*
 * The commands that turn `from` into `to`, first what goes (users before what they use, so in
 * reverse order), then what comes or changes. Each is indented as it is rendered; a line belongs to
 * the mode that the line before it opens, or to that of an earlier line as far indented as itself.
 * What is equal is not touched. Where order matters (entries of an access list, key servers of a
 * group) a line that stands elsewhere goes and comes again: entries with a sequence number between
 * those that stay. How many lines; none: they say the same, but for the order of things whose
 * order says nothing, which tree_arrange settles.
 *
 * undo_first: a setting that changes is undone before it is typed anew, for those that a router
 * refuses to change (a user's password to a secret).
 */
size_t confdiff_commands(const struct tree *from, const struct tree *to, bool undo_first,
                         render_sink *sink, void *arg);

/*
 * The difference of two texts as a router shows it: lines with their signs behind the indentation,
 * under the lines of their modes, what is added first, then what is removed; in access lists a
 * line that says what is only elsewhere is told by a comment. Comments, blank lines, headings and
 * `end` are no lines. Returns how many lines differ.
 */
size_t confdiff_texts(const char *from, const char *to, render_sink *sink, void *arg);

#endif
