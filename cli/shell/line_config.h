/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `line vty 0 4`, and what is typed below it: as far as the tree knows that may be several
 * containers (tree_lines.h), all of which get it.
 */
#ifndef TESTUDO_LINE_CONFIG_H
#define TESTUDO_LINE_CONFIG_H

#include "cli/shell/shell.h"

/* router_apply, for a session. */
enum tree_verdict line_apply(struct shell *sh, struct tnode **context, const struct command *cmd,
                             unsigned line);
bool line_context(struct shell *sh); /* is the session below a `line vty`? */
/* The session may have left that: neighbours become one where nobody else is there. */
void line_left(struct shell *sh);

#endif
