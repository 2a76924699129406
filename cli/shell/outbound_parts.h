/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of outbound.h share; no header of anybody else's.
 *
 *   outbound.c         sessions on other routers; the list of both kinds
 *   outbound_client.c  real clients
 */
#ifndef TESTUDO_OUTBOUND_PARTS_H
#define TESTUDO_OUTBOUND_PARTS_H

#include "cli/shell/outbound.h"
#include "cli/shell/shell_parts.h"

struct outbound {
	struct outbound *next; /* by number */
	struct shell *owner;
	struct shell *remote;                 /* NULL: a real client */
	const struct client_starter *starter; /* of a real client, else NULL */
	struct client *client;                /* NULL: it is over */
	unsigned number;
	char *host, *address;
	bool over;
	bool opening;       /* outbound_open is on the stack */
	msec used, touched; /* the node's clock; touched: a key came, for a client */
};

/* A new one of these names, with the lowest number that is free. */
struct outbound *outbound_add(struct shell *sh, const char *host, const char *address);
void outbound_say_closed(struct outbound *o);

/* --- outbound_client.c ------------------------------------------------------------------------ */

void outbound_wire(struct outbound *o);       /* the keys go to it from now on */
void outbound_unwire(struct shell *sh);       /* and come back; the client waits */
void outbound_end_client(struct outbound *o); /* of another kind: nothing */
msec outbound_client_idle(const struct outbound *o);

#endif
