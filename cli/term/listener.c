/* SPDX-License-Identifier: Apache-2.0 */
/* Listening sockets: see listener.h. */
#define _GNU_SOURCE
#include "cli/term/listener.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "compiler/base/base.h"

#define BACKLOG 128
#define REST    100 /* milliseconds without a descriptor or memory for the next client */

struct listener {
	uv_poll_t poll;
	uv_timer_t timer;
	unsigned open_handles;
	int fd;
	listener_accepted accepted;
	void *arg;
};

static void on_client(uv_poll_t *poll, int status, int events);

static void
start_accepting(struct listener *l)
{
	uv_poll_start(&l->poll, UV_READABLE, on_client);
}

static void
on_rested(uv_timer_t *timer)
{
	start_accepting(timer->data);
}

/* The socket stays readable meanwhile, and a loop that went on asking would do nothing else. */
static void
rest_awhile(struct listener *l)
{
	uv_poll_stop(&l->poll);
	uv_timer_start(&l->timer, on_rested, REST, 0);
}

static bool
is_short_of_something(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

static void
on_client(uv_poll_t *poll, int status, int events)
{
	struct listener *l = poll->data;
	struct sockaddr_storage peer = {0};
	socklen_t n = sizeof(peer);
	int fd;

	(void)events;
	if (status < 0) {
		rest_awhile(l);
		return;
	}
	fd = accept4(l->fd, (struct sockaddr *)&peer, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd >= 0)
		l->accepted(l->arg, fd, &peer);
	else if (is_short_of_something(errno))
		rest_awhile(l);
}

struct place {
	struct sockaddr_storage sa;
	socklen_t n;
};

static int
find_place(const char *addr, uint16_t port, struct place *ret)
{
	ret->n = sizeof(struct sockaddr_in);
	if (!uv_ip4_addr(addr, port, (struct sockaddr_in *)&ret->sa))
		return 0;
	ret->n = sizeof(struct sockaddr_in6);
	return uv_ip6_addr(addr, port, (struct sockaddr_in6 *)&ret->sa);
}

static int
bind_tcp(const struct place *at)
{
	static const int on = 1;
	int fd = socket(at->sa.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), error;

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (!bind(fd, (const struct sockaddr *)&at->sa, at->n) && !listen(fd, BACKLOG))
		return fd;
	error = -errno;
	close(fd);
	return error;
}

int
listener_bind(const char *addr, uint16_t port)
{
	struct place at = {0};
	int r = find_place(addr, port, &at);

	return r < 0 ? r : bind_tcp(&at);
}

int
listener_open(uv_loop_t *loop, int fd, listener_accepted accepted, void *arg, struct listener **ret)
{
	struct listener *l;
	int r;

	if (listen(fd, BACKLOG))
		return -errno;
	l = x_alloc(sizeof(*l));
	r = uv_poll_init(loop, &l->poll, fd);
	if (r < 0) {
		free(l);
		return r;
	}
	uv_timer_init(loop, &l->timer);
	l->poll.data = l->timer.data = l;
	l->open_handles = 2;
	l->fd = fd;
	l->accepted = accepted;
	l->arg = arg;
	start_accepting(l);
	*ret = l;
	return 0;
}

int
listener_open_tcp(uv_loop_t *loop, int take_bound, listener_accepted accepted, void *arg,
                  struct listener **ret)
{
	int r = take_bound;

	if (r < 0)
		return r;
	r = listener_open(loop, take_bound, accepted, arg, ret);
	if (r < 0)
		close(take_bound);
	return r;
}

uint16_t
listener_port(const struct listener *l)
{
	struct sockaddr_storage sa = {0};
	socklen_t n = sizeof(sa);

	if (getsockname(l->fd, (struct sockaddr *)&sa, &n))
		return 0;
	if (sa.ss_family == AF_INET6)
		return ntohs(((const struct sockaddr_in6 *)&sa)->sin6_port);
	return sa.ss_family == AF_INET ? ntohs(((const struct sockaddr_in *)&sa)->sin_port) : 0;
}

static void
on_closed(uv_handle_t *handle)
{
	struct listener *l = handle->data;

	if (--l->open_handles)
		return;
	close(l->fd);
	free(l);
}

void
listener_close(struct listener *l)
{
	if (!l)
		return;
	uv_close((uv_handle_t *)&l->poll, on_closed);
	uv_close((uv_handle_t *)&l->timer, on_closed);
}
