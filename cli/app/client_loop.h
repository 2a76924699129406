/* SPDX-License-Identifier: Apache-2.0 */
/* Clients on ptys in the loop, which the starter runs: see cli/shell/client.h and starter.h. */
#ifndef TESTUDO_CLIENT_LOOP_H
#define TESTUDO_CLIENT_LOOP_H

#include <uv.h>

#include "cli/shell/client.h"

struct client_loop;

/* take_line: to the starter, or below 0: there is none, and every client is refused. */
struct client_loop *client_loop_new(uv_loop_t *loop, int take_line);
const struct client_starter *client_loop_starter(struct client_loop *l);
/* The starter ends what still runs; the loop can end. */
void client_loop_close(struct client_loop *l);
void client_loop_free(struct client_loop *l); /* after the loop; NULL is fine */

#endif
