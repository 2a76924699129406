/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TCP of a lab in namespaces, as far as it is there: the kernel's handshake, by which a node sees
 * whether it could talk to another one. It goes through routes, filters and dataplane as any packet
 * does; what would be said over the connection stays within this process.
 *
 *     who knocks                              every node, at the ports of SSH and telnet
 *      |------------- SYN ... ACK ------------->|
 *      |<--------- its name, then FIN ----------|  or RST: it has no power
 *   open: to whom
 */
#define _GNU_SOURCE
#include "runtime/host/linux/linux_priv.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/base/netns.h"

#define BACKLOG      16
#define ACCEPT_BATCH 16  /* then others have their turn */
#define REST         100 /* milliseconds without a descriptor for the next caller */

struct linux_knock {
	struct linux_knock *next;
	struct linux_host *host;
	struct knock knock;
	int fd;
	uint32_t src;
	bool connected;
	enum knock_result at_timeout;
	size_t n;
	char name[LINUX_NAME_MAX]; /* what the other side has said so far */
	uv_poll_t poll;
	uv_timer_t timer;
	unsigned open_handles;
};

/* --- the end of a knock ----------------------------------------------------------------------- */

static void
on_knock_closed(uv_handle_t *handle)
{
	struct linux_knock *k = handle->data;

	if (--k->open_handles == 0)
		free(k);
}

static void
unlink_knock(struct linux_knock *k)
{
	struct linux_knock **at = &k->host->knocks;

	while (*at != k)
		at = &(*at)->next;
	*at = k->next;
	uv_close((uv_handle_t *)&k->poll, on_knock_closed);
	uv_close((uv_handle_t *)&k->timer, on_knock_closed);
	close(k->fd);
}

/* What is left of it lives until the loop has closed its handles, and so does its name. */
static void
finish_knock(struct linux_knock *k, enum knock_result result)
{
	const struct knock_answer answer = {
	    .result = result, .src = k->src, .node = result == KNOCK_OPEN ? k->name : NULL};

	unlink_knock(k);
	k->knock.done(k->knock.arg, &answer);
}

static void
on_timeout(uv_timer_t *timer)
{
	struct linux_knock *k = timer->data;

	finish_knock(k, k->at_timeout);
}

void
linux_knock_cancel(struct host *host, void *arg)
{
	struct linux_knock *k, *next;

	for (k = ((struct linux_host *)host)->knocks; k; k = next) {
		next = k->next;
		if (k->knock.arg == arg)
			unlink_knock(k);
	}
}

void
linux_knock_cancel_all(struct linux_host *h)
{
	while (h->knocks)
		unlink_knock(h->knocks);
}

/* --- knocking --------------------------------------------------------------------------------- */

static enum knock_result
result_of(int error)
{
	return error == ECONNREFUSED || error == ECONNRESET ? KNOCK_REFUSED
	       : error == ETIMEDOUT                         ? KNOCK_TIMEOUT
	                                                    : KNOCK_UNREACHABLE;
}

static void
read_source(struct linux_knock *k)
{
	struct sockaddr_in own = {0};
	socklen_t n = sizeof(own);

	if (!getsockname(k->fd, (struct sockaddr *)&own, &n))
		k->src = ntohl(own.sin_addr.s_addr);
}

/* True: somebody has taken the connection. */
static bool
take_handshake(struct linux_knock *k)
{
	int error = 0;
	socklen_t n = sizeof(error);

	if (getsockopt(k->fd, SOL_SOCKET, SO_ERROR, &error, &n))
		error = errno;
	if (error) {
		finish_knock(k, result_of(error));
		return false;
	}
	k->connected = true;
	read_source(k);
	return true;
}

/* Who says no name, or one that is none, is no node of the lab. */
static void
take_name(struct linux_knock *k)
{
	ssize_t n = recv(k->fd, k->name + k->n, sizeof(k->name) - k->n, 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0)
		k->n += (size_t)n;
	if (n > 0 && k->n < sizeof(k->name))
		return;
	if (n || !k->n) {
		finish_knock(k, KNOCK_REFUSED);
		return;
	}
	k->name[k->n] = '\0';
	finish_knock(k, KNOCK_OPEN);
}

static void
on_socket(uv_poll_t *poll, int status, int events)
{
	struct linux_knock *k = poll->data;

	(void)status; /* the socket has the error */
	(void)events;
	if (k->connected)
		take_name(k);
	else if (take_handshake(k))
		uv_poll_start(&k->poll, UV_READABLE, on_socket);
}

struct calling {
	const struct knock *knock;
	int fd;
	int error; /* errno of what the kernel says at once; EINPROGRESS: it is under way */
};

static int
call_inside(void *arg)
{
	struct calling *c = arg;
	const struct sockaddr_in to = {.sin_family = AF_INET,
	                               .sin_port = htons(c->knock->port),
	                               .sin_addr.s_addr = htonl(c->knock->dst)};
	const struct sockaddr_in from = {.sin_family = AF_INET,
	                                 .sin_addr.s_addr = htonl(c->knock->src)};
	int error;

	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (c->fd < 0)
		return -errno;
	if (c->knock->src && bind(c->fd, (const struct sockaddr *)&from, sizeof(from))) {
		error = -errno;
		close(c->fd);
		return error;
	}
	c->error = connect(c->fd, (const struct sockaddr *)&to, sizeof(to)) ? errno : EINPROGRESS;
	return 0;
}

int
linux_knock_start(struct host *host, const struct knock *knock)
{
	struct linux_host *h = (struct linux_host *)host;
	struct calling call = {.knock = knock};
	struct linux_knock *k;
	int error;

	if (!h->terminals || knock->vrf != VRF_GLOBAL)
		return -EOPNOTSUPP;
	error = netns_inside(h->netns, call_inside, &call);
	if (error)
		return error;
	k = x_alloc(sizeof(*k));
	*k = (struct linux_knock){.host = h, .knock = *knock, .src = knock->src, .fd = call.fd};
	error = uv_poll_init(h->loop, &k->poll, k->fd);
	if (error) {
		close(k->fd);
		free(k);
		return error;
	}
	uv_timer_init(h->loop, &k->timer);
	k->poll.data = k->timer.data = k;
	k->open_handles = 2;
	k->next = h->knocks;
	h->knocks = k;
	k->at_timeout = call.error == EINPROGRESS ? KNOCK_TIMEOUT : result_of(call.error);
	if (call.error == EINPROGRESS)
		uv_poll_start(&k->poll, UV_WRITABLE, on_socket);
	uv_update_time(h->loop);
	uv_timer_start(&k->timer, on_timeout,
	               call.error == EINPROGRESS ? (uint64_t)knock->timeout : 0, 0);
	return 0;
}

/* --- listening -------------------------------------------------------------------------------- */

/* Says who this is; a node without power resets the connection, as nothing would answer for it. */
static void
answer_caller(const struct linux_host *h, int fd)
{
	const struct linger reset = {.l_onoff = 1};

	if (!h->dataplane || send(fd, h->name, strlen(h->name), MSG_NOSIGNAL) < 0)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(fd);
}

static void on_caller(uv_poll_t *poll, int status, int events);

static void
watch_doors(struct linux_host *h)
{
	for (size_t i = 0; i < LINUX_DOORS; i++)
		uv_poll_start(&h->door_polls[i], UV_READABLE, on_caller);
}

static void
on_rested(uv_timer_t *timer)
{
	watch_doors(timer->data);
}

/* The sockets stay readable meanwhile, and a loop that went on asking would do nothing else. */
static void
rest_awhile(struct linux_host *h)
{
	for (size_t i = 0; i < LINUX_DOORS; i++)
		uv_poll_stop(&h->door_polls[i]);
	uv_timer_start(&h->door_rest, on_rested, REST, 0);
}

static void
on_caller(uv_poll_t *poll, int status, int events)
{
	struct linux_host *h = poll->data;
	uv_os_fd_t at;
	int fd;

	(void)status;
	(void)events;
	if (uv_fileno((uv_handle_t *)poll, &at))
		return;
	for (int i = 0; i < ACCEPT_BATCH; i++) {
		fd = accept4(at, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0)
			answer_caller(h, fd);
		else if (errno == EAGAIN)
			return;
		else if (errno != EINTR && errno != ECONNABORTED) {
			rest_awhile(h);
			return;
		}
	}
}

static int
listen_at(uint16_t port)
{
	const struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1, error;

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (!bind(fd, (const struct sockaddr *)&any, sizeof(any)) && !listen(fd, BACKLOG))
		return fd;
	error = -errno;
	close(fd);
	return error;
}

int
linux_knock_open(struct linux_host *h)
{
	static const uint16_t ports[LINUX_DOORS] = {KNOCK_SSH, KNOCK_TELNET};

	for (size_t i = 0; i < LINUX_DOORS && h->terminals; i++) {
		int fd = listen_at(ports[i]);

		if (fd < 0)
			return fd;
		h->doors[i] = fd;
	}
	return 0;
}

int
linux_knock_listen(struct linux_host *h)
{
	if (!h->terminals)
		return 0;
	uv_timer_init(h->loop, &h->door_rest);
	linux_handle(h, (uv_handle_t *)&h->door_rest);
	for (size_t i = 0; i < LINUX_DOORS; i++) {
		int error = uv_poll_init(h->loop, &h->door_polls[i], h->doors[i]);

		if (error)
			return error;
		linux_handle(h, (uv_handle_t *)&h->door_polls[i]);
	}
	watch_doors(h);
	return 0;
}

void
linux_knock_close(struct linux_host *h)
{
	linux_knock_cancel_all(h);
	for (size_t i = 0; i < LINUX_DOORS; i++) {
		if (h->door_polls[i].data)
			uv_poll_stop(&h->door_polls[i]);
		if (h->doors[i] >= 0)
			close(h->doors[i]);
		h->doors[i] = -1;
	}
}
