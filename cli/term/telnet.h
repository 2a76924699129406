/* SPDX-License-Identifier: Apache-2.0 */
/* Telnet consoles: a listening socket whose sessions are terms. libtelnet speaks the protocol. The
 * program must ignore SIGPIPE. */
#ifndef TESTUDO_TELNET_H
#define TESTUDO_TELNET_H

#include "cli/term/term.h"

#define TELNET_SESSIONS_MAX 200 /* of one server; more are turned away */

struct telnet_server;

/*
 * take_bound: as listener_open_tcp takes it. 0 or a negative libuv error. service: what
 * term_ops.open is called with.
 */
int telnet_listen(uv_loop_t *loop, int take_bound, const struct term_ops *ops, void *service,
                  struct telnet_server **ret);
uint16_t telnet_port(const struct telnet_server *s);
/* Stops listening and ends every session; the memory goes when the loop has closed all handles. */
void telnet_close(struct telnet_server *s);

#endif
