/* SPDX-License-Identifier: Apache-2.0 */
/* What the show commands share: an arena and a text for one command. */
#ifndef TESTUDO_SHOW_CMD_H
#define TESTUDO_SHOW_CMD_H

#include "cli/show/show.h"
#include "cli/show/show_commands.h"

struct showing {
	struct shell *sh;
	struct router *router;
	struct node *node;
	struct host *host;
	const struct policy *policy; /* never NULL */
	const struct command *cmd;
	const struct command_view *view; /* of a structured show (structured.h) */
	enum layout layout;
	size_t count; /* of what a command numbers */
	struct arena *arena;
	struct text text;
};

struct showing showing_start(struct shell *sh);
/* The layout that the session or the configuration chose, else the one given. */
enum layout showing_layout(const struct showing *s, enum layout otherwise);
void showing_end(struct showing *s); /* writes the text */

enum group_role { ROLE_ANY, ROLE_SERVER, ROLE_MEMBER };

typedef void group_fn(struct showing *s, const struct snap_group *g, const struct policy_group *p,
                      size_t nth);

/* Every group in that role, or the one named, one call each; how many there were. */
size_t showing_groups(struct showing *s, enum group_role role, const char *name, group_fn *fn);

#endif
