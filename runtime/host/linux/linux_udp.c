/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GDOI's sockets: UDP 848 of one namespace, received and sent in batches, and one more for every
 * other port that rekeys come to, as long as they do. The local address travels as IP_PKTINFO both
 * ways.
 */
#define _GNU_SOURCE
#include "compiler/policy/protocol.h"
#include "runtime/host/linux/linux_priv.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/base/netns.h"
#include "runtime/dataplane/kernel/xfrm.h"

#define BATCH      32
#define BUFFER     (8 << 20) /* of the kernel, octets: 100 000 datagrams a second for 60 ms */
#define DGRAM_MAX  65536
#define SEND_BATCH 64

struct udp_batch {
	uint8_t in[BATCH][DGRAM_MAX];
	size_t n_out;
	struct {
		struct path path;
		uint8_t *bytes;
		size_t n;
	} out[SEND_BATCH];
};

/* A socket for another port, and the interfaces by which it receives multicast groups. */
struct udp_listener {
	uv_poll_t poll; /* first: the loop gives it back */
	struct udp_listener *next;
	struct linux_host *host;
	uint16_t port;
	int fd;
	size_t n_at, at_capacity;
	struct {
		char device[IFNAMSIZ];
		uint32_t group;
	} * at;
};

/* Without the right to more it is what net.core.rmem_max allows. */
void
linux_udp_widen(int fd)
{
	int buffer = BUFFER;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof(buffer)))
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer));
}

/* -errno when there can be none. */
static int
socket_open(uint16_t port)
{
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(port)};
	int on = 1, mark = MARK_OWN, ttl = 64, own = 0, error;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if (!setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on)) &&
	    !setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) &&
	    !setsockopt(fd, IPPROTO_IP, IP_MULTICAST_TTL, &ttl, sizeof(ttl)) &&
	    !setsockopt(fd, IPPROTO_IP, IP_MULTICAST_LOOP, &own, sizeof(own)) &&
	    !bind(fd, (struct sockaddr *)&any, sizeof(any))) {
		linux_udp_widen(fd);
		return fd;
	}
	error = -errno;
	close(fd);
	return error;
}

int
linux_udp_open(struct linux_host *h)
{
	int fd = socket_open(GDOI_PORT);

	if (fd < 0)
		return fd;
	h->udp = fd;
	h->openings = linux_openings_open(fd);
	h->batch = x_alloc(sizeof(*h->batch));
	return 0;
}

union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(struct in_pktinfo))];
};

static uint32_t
local_of(struct msghdr *m)
{
	struct in_pktinfo info;
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c))
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			memcpy(&info, CMSG_DATA(c), sizeof(info));
			return ntohl(info.ipi_spec_dst.s_addr);
		}
	return 0;
}

static int
receive_batch(struct linux_host *h, int fd, uint16_t port)
{
	struct mmsghdr m[BATCH] = {0};
	struct sockaddr_in from[BATCH];
	union control control[BATCH];
	struct iovec iov[BATCH];
	int i, n;

	for (i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){h->batch->in[i], DGRAM_MAX};
		m[i].msg_hdr = (struct msghdr){.msg_name = &from[i],
		                               .msg_namelen = sizeof(from[i]),
		                               .msg_iov = &iov[i],
		                               .msg_iovlen = 1,
		                               .msg_control = &control[i],
		                               .msg_controllen = sizeof(control[i])};
	}
	n = recvmmsg(fd, m, BATCH, 0, NULL);
	for (i = 0; i < n; i++) {
		struct path path = {.local = local_of(&m[i].msg_hdr),
		                    .remote = ntohl(from[i].sin_addr.s_addr),
		                    .local_port = port,
		                    .remote_port = ntohs(from[i].sin_port)};

		/* A node without power receives nothing */
		if (m[i].msg_hdr.msg_flags & MSG_TRUNC || !h->dataplane)
			continue;
		h->events.datagram(h->events.arg, &path, SPAN(h->batch->in[i], m[i].msg_len),
		                   linux_now());
	}
	return n;
}

static void
on_readable(uv_poll_t *poll, int status, int events)
{
	struct linux_host *h = poll->data;
	int rounds = 16; /* then others have their turn */

	(void)status;
	(void)events;
	while (rounds-- && h->udp >= 0 && receive_batch(h, h->udp, GDOI_PORT) == BATCH)
		;
}

/* Strangers wait until the others have been served: a few at a time. */
static void
on_openings(uv_poll_t *poll, int status, int events)
{
	struct linux_host *h = poll->data;
	int rounds = 4;

	on_readable(&h->udp_poll, status, events);
	while (rounds-- && h->openings >= 0 && receive_batch(h, h->openings, GDOI_PORT) == BATCH)
		;
}

/* --- sending: gathered, and sent before the loop sleeps --------------------------------------- */

static void
forget_sent(struct udp_batch *b)
{
	for (size_t i = 0; i < b->n_out; i++)
		free(b->out[i].bytes);
	b->n_out = 0;
}

static struct udp_listener *
listener_find(struct linux_host *h, uint16_t port)
{
	struct udp_listener *l = h->listeners;

	while (l && l->port != port)
		l = l->next;
	return l;
}

/* The socket for an answer: that of the port that the datagram came to, as long as it is open. */
static int
socket_of(struct linux_host *h, uint16_t port)
{
	struct udp_listener *l = listener_find(h, port);

	return l ? l->fd : h->udp;
}

/*
 * Sends the batch. A datagram that the kernel does not take is lost; the protocol sends it again.
 */
static void
flush_batch(struct linux_host *h)
{
	struct udp_batch *b = h->batch;
	struct mmsghdr m[SEND_BATCH] = {0};
	struct sockaddr_in to[SEND_BATCH];
	union control control[SEND_BATCH];
	struct iovec iov[SEND_BATCH];
	size_t i, done = 0;

	memset(control, 0, sizeof(control));
	for (i = 0; i < b->n_out; i++) {
		const struct path *p = &b->out[i].path;
		struct in_pktinfo info = {.ipi_spec_dst.s_addr = htonl(p->local)};
		struct cmsghdr *c = &control[i].align;

		to[i] = (struct sockaddr_in){.sin_family = AF_INET,
		                             .sin_port = htons(p->remote_port),
		                             .sin_addr.s_addr = htonl(p->remote)};
		iov[i] = (struct iovec){b->out[i].bytes, b->out[i].n};
		m[i].msg_hdr = (struct msghdr){.msg_name = &to[i],
		                               .msg_namelen = sizeof(to[i]),
		                               .msg_iov = &iov[i],
		                               .msg_iovlen = 1,
		                               .msg_control = c,
		                               .msg_controllen = sizeof(control[i])};
		c->cmsg_level = IPPROTO_IP;
		c->cmsg_type = IP_PKTINFO;
		c->cmsg_len = CMSG_LEN(sizeof(info));
		memcpy(CMSG_DATA(c), &info, sizeof(info));
	}
	while (done < b->n_out) {
		size_t same = done; /* those that leave by one socket */
		int n;

		while (same < b->n_out &&
		       b->out[same].path.local_port == b->out[done].path.local_port)
			same++;
		n = sendmmsg(socket_of(h, b->out[done].path.local_port), m + done,
		             (unsigned)(same - done), 0);
		done += n > 0 ? (size_t)n : 1;
	}
	forget_sent(b);
}

static void
on_prepare(uv_prepare_t *prepare)
{
	struct linux_host *h = prepare->data;

	if (h->batch && h->batch->n_out)
		flush_batch(h);
}

int
linux_udp_start(struct linux_host *h)
{
	int r = uv_poll_init(h->loop, &h->udp_poll, h->udp);

	if (r)
		return r;
	linux_handle(h, (uv_handle_t *)&h->udp_poll);
	if (h->openings >= 0) {
		r = uv_poll_init(h->loop, &h->openings_poll, h->openings);
		if (r)
			return r;
		linux_handle(h, (uv_handle_t *)&h->openings_poll);
		uv_poll_start(&h->openings_poll, UV_READABLE, on_openings);
	}
	uv_prepare_init(h->loop, &h->udp_flush);
	linux_handle(h, (uv_handle_t *)&h->udp_flush);
	uv_prepare_start(&h->udp_flush, on_prepare);
	return uv_poll_start(&h->udp_poll, UV_READABLE, on_readable);
}

int
linux_udp_send(struct linux_host *h, const struct path *path, struct span dgram)
{
	struct udp_batch *b = h->batch;

	if (dgram.n > DGRAM_MAX)
		return -EMSGSIZE;
	if (b->n_out == SEND_BATCH)
		flush_batch(h);
	b->out[b->n_out].path = *path;
	b->out[b->n_out].bytes = x_memdup(dgram.p, dgram.n);
	b->out[b->n_out++].n = dgram.n;
	return 0;
}

/* --- other ports ------------------------------------------------------------------------------ */

static void
on_listener(uv_poll_t *poll, int status, int events)
{
	struct udp_listener *l = (struct udp_listener *)poll;
	int rounds = 16;

	(void)status;
	(void)events;
	while (rounds-- && l->fd >= 0 && receive_batch(l->host, l->fd, l->port) == BATCH)
		;
}

static void
on_listener_closed(uv_handle_t *handle)
{
	struct udp_listener *l = (struct udp_listener *)handle;
	struct linux_host *h = l->host;

	free(l->at);
	free(l);
	linux_handle_closed(h);
}

static void
listener_close(struct udp_listener *l)
{
	struct udp_listener **at = &l->host->listeners;

	while (*at != l)
		at = &(*at)->next;
	*at = l->next;
	uv_poll_stop(&l->poll);
	close(l->fd);
	l->fd = -1;
	uv_close((uv_handle_t *)&l->poll, on_listener_closed);
}

struct opening {
	uint16_t port;
	int fd; /* or -errno */
};

static int
open_inside(void *arg)
{
	struct opening *o = arg;

	o->fd = socket_open(o->port);
	return o->fd < 0 ? o->fd : 0;
}

static int
listener_open(struct linux_host *h, uint16_t port, struct udp_listener **ret)
{
	struct opening o = {.port = port};
	struct udp_listener *l;
	int error = netns_inside(h->netns, open_inside, &o);

	if (error)
		return error;
	l = x_alloc(sizeof(*l));
	l->host = h;
	l->port = port;
	l->fd = o.fd;
	error = uv_poll_init(h->loop, &l->poll, l->fd);
	if (error) {
		close(l->fd);
		free(l);
		return error;
	}
	linux_handle(h, (uv_handle_t *)&l->poll);
	l->next = h->listeners;
	h->listeners = l;
	uv_poll_start(&l->poll, UV_READABLE, on_listener);
	*ret = l;
	return 0;
}

static int
set_membership(int fd, const char *device, uint32_t group, bool on)
{
	struct ip_mreqn m = {.imr_multiaddr.s_addr = htonl(group)};
	struct ifreq r = {.ifr_name = ""};

	strncpy(r.ifr_name, device, sizeof(r.ifr_name) - 1);
	if (ioctl(fd, SIOCGIFINDEX, &r))
		return -errno;
	m.imr_ifindex = r.ifr_ifindex;
	if (!group ||
	    !setsockopt(fd, IPPROTO_IP, on ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP, &m, sizeof(m)))
		return 0;
	return errno == EADDRINUSE ? 0 : -errno;
}

/* Notes whether the listener receives the group by this interface; true when that is a change. */
static bool
listener_at(struct udp_listener *l, const char *device, uint32_t group, bool on)
{
	size_t i;

	for (i = 0; i < l->n_at; i++)
		if (l->at[i].group == group && strcmp(l->at[i].device, device) == 0)
			break;
	if (on == (i < l->n_at))
		return false;
	if (!on) {
		l->at[i] = l->at[--l->n_at];
		return true;
	}
	x_grow(&l->at, &l->at_capacity, l->n_at + 1, sizeof(*l->at));
	snprintf(l->at[l->n_at].device, sizeof(l->at[0].device), "%s", device);
	l->at[l->n_at++].group = group;
	return true;
}

int
linux_udp_join(struct linux_host *h, const char *device, uint32_t group, uint16_t port, bool on)
{
	struct udp_listener *l = listener_find(h, port);
	int error = 0;

	if (port == GDOI_PORT)
		return set_membership(h->udp, device, group, on);
	if (!l && on)
		error = listener_open(h, port, &l);
	if (error || !l)
		return error;
	if (listener_at(l, device, group, on))
		error = set_membership(l->fd, device, group, on);
	if (error && on)
		listener_at(l, device, group, false);
	if (!l->n_at)
		listener_close(l);
	return error;
}

void
linux_udp_close(struct linux_host *h)
{
	if (h->batch) {
		if (h->udp >= 0)
			flush_batch(h);
		forget_sent(h->batch);
		free(h->batch);
		h->batch = NULL;
	}
	while (h->listeners)
		listener_close(h->listeners);
	if (h->udp_poll.data)
		uv_poll_stop(&h->udp_poll);
	if (h->openings_poll.data)
		uv_poll_stop(&h->openings_poll);
	if (h->openings >= 0)
		close(h->openings);
	if (h->udp >= 0)
		close(h->udp);
	h->udp = h->openings = -1;
}
