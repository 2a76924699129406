/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A firewall's shell where it differs from a router's: how it words errors, what it says to a
 * configuration line, how it shows its configuration and access lists.
 */
#ifndef TESTUDO_ASA_H
#define TESTUDO_ASA_H

#include "cli/app/commands.h"
#include "compiler/base/text.h"

/* Why a line that was understood is not taken ("ERROR: ..."), in the arena; NULL: it is. */
const char *asa_objection(const struct router *r, const struct command *cmd, struct arena *a);
/* A line has been taken: what follows from it, and what the user is told. */
void asa_taken(struct shell *sh, const struct command *cmd);
/* `show running-config` and `write terminal`: with head and end. */
void asa_render(const struct tree *config, struct text *ret);

#endif
