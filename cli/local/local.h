/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way in on the machine itself: a Unix socket where `testudo sh` connects. The kernel says who
 * is there (SO_PEERCRED): root and the members of the group "testudo" have level 15 at once, nobody
 * else gets in. The program must ignore SIGPIPE.
 */
#ifndef TESTUDO_LOCAL_H
#define TESTUDO_LOCAL_H

#include "cli/term/console.h"

#define LOCAL_GROUP        "testudo"
#define LOCAL_FOLDER       "/run/testudo"
#define LOCAL_SESSIONS_MAX 200 /* connections of one server; more are turned away */
#define LOCAL_UNKNOWN_MAX  32  /* of them that have not asked yet: beyond, the oldest has to go */
#define LOCAL_PATIENCE     10  /* seconds to ask for something */

struct local_server;

/*
 * The socket belongs to the group where there is one (mode 0660), else to root alone (0600). One
 * that a process left behind is replaced, one that somebody listens at is not. service: copied. 0
 * or a negative libuv error.
 */
int local_listen(uv_loop_t *loop, const char *path, const struct console_service *service,
                 struct local_server **ret);
/* At a socket of local_bind's, for root and the user whose process this is. */
int local_listen_own(uv_loop_t *loop, int take_fd, const char *path,
                     const struct console_service *service, struct local_server **ret);
/* Removes the socket and ends every session; the handles close in the loop's next turns. */
void local_close(struct local_server *s);
void local_free(struct local_server *s); /* after the loop has ended; NULL is fine */

#endif
