/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A listening socket of the loop's. libuv's own listener can turn for ever in a process that has no
 * descriptor left; this one rests and asks again, and its clients wait in the kernel's queue.
 */
#ifndef TESTUDO_LISTENER_H
#define TESTUDO_LISTENER_H

#include <stdint.h>

#include <sys/socket.h>
#include <uv.h>

struct listener;

/* Takes fd, which is non-blocking and close-on-exec. */
typedef void (*listener_accepted)(void *arg, int fd, const struct sockaddr_storage *peer);

/*
 * A TCP socket whose clients wait in the kernel's queue until listener_open has it. addr: IPv4 or
 * IPv6; port 0: any free one. A negative libuv error when there can be none.
 */
int listener_bind(const char *addr, uint16_t port);
/* Takes fd, a bound socket, unless it fails. 0 or a negative libuv error. */
int listener_open(uv_loop_t *loop, int fd, listener_accepted accepted, void *arg,
                  struct listener **ret);
/* Takes what listener_bind gave: its error is this function's, too. 0 or a negative libuv error. */
int listener_open_tcp(uv_loop_t *loop, int take_bound, listener_accepted accepted, void *arg,
                      struct listener **ret);
/* 0: not a TCP socket. */
uint16_t listener_port(const struct listener *l);
/* Accepts no more; the memory goes when the loop has closed the handles. NULL: nothing happens. */
void listener_close(struct listener *l);

#endif
