/* What the show commands share: an arena and a text for one command. */
#ifndef TESTUDO_SHOW_CMD_H
#define TESTUDO_SHOW_CMD_H

#include "cli/commands.h"
#include "cli/show.h"

struct showing {
	struct shell *sh;
	struct router *router;
	struct node *node;
	struct host *host;
	const struct policy *policy; /* never NULL */
	struct arena *arena;
	struct text text;
};

struct showing showing_start(struct shell *sh);
void showing_end(struct showing *s); /* writes the text */

#endif
