/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SSH consoles: a listening socket whose sessions are terms, commands and file transfers. libssh
 * speaks the protocol (RFC 4251 to 4254), version 2 only. The program must ignore SIGPIPE.
 * Our names begin with sshd_: libssh's begin with ssh_.
 */
#ifndef TESTUDO_SSH_H
#define TESTUDO_SSH_H

#include "cli/term/console.h"

#define SSHD_SESSIONS_MAX 200 /* connections of one server; more are turned away */
#define SSHD_UNKNOWN_MAX  128 /* of them before authentication: beyond, the oldest has to go */
#define SSHD_TIMEOUT      120 /* seconds to authenticate, if `ip ssh time-out` says nothing */
#define SSHD_RETRIES      3   /* passwords, if `ip ssh authentication-retries` says nothing */

struct sshd;

/*
 * take_bound: as listener_open_tcp takes it. service: the router, and what goes around all a user
 * does; copied. checker: of passwords, never at once; borrowed. 0 or a negative libuv error. Nobody
 * gets further than the version while the router has no user.
 */
int sshd_listen(uv_loop_t *loop, int take_bound, const struct console_service *service,
                const struct login_checker *checker, struct sshd **ret);
/*
 * As at a console: while the router has no user, whoever comes is let in. For labs, on 127.0.0.1.
 */
void sshd_open_door(struct sshd *s);
uint16_t sshd_port(const struct sshd *s);
/* Stops listening and ends every session; the handles close in the loop's next turns. */
void sshd_close(struct sshd *s);
void sshd_free(struct sshd *s); /* after the loop has ended; NULL is fine */

#endif
