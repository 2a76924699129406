/* SPDX-License-Identifier: Apache-2.0 */
/* Canonical forms of entries that IOS rewrites as it stores them. Inside the compiler only. */
#ifndef TESTUDO_CANON_H
#define TESTUDO_CANON_H

#include "compiler/grammar/command.h"

/* Rewrites the command as its entry's `canon` says; the arena is the command's. */
void command_canonical(struct command *c, struct arena *a);

/* command_parse in one mode alone: no climbing, no filter, no canonical form. */
enum parse command_parse_plain(enum gram_mode mode, const char *line, struct arena *a,
                               struct command *ret, size_t *ret_column);

#endif
