/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ping: ICMP echo through a raw socket. Answers and errors are matched by identifier and sequence
 * number; the packets are routed, and encrypted, as any other of this machine.
 */
#define _GNU_SOURCE
#include "runtime/host/linux/linux_priv.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_BATCH    16
#define ECHO_SIZE_MAX 18024

struct linux_echo {
	struct linux_echo *next;
	struct linux_host *host;
	struct echo_request request;
	uint16_t seq;
	msec sent;
	enum echo_result at_timeout;
	uv_timer_t timer;
};

static uint16_t
icmp_checksum(const uint8_t *p, size_t n)
{
	uint32_t sum = 0;

	for (; n > 1; n -= 2, p += 2)
		sum += (uint32_t)(p[0] << 8 | p[1]);
	if (n)
		sum += (uint32_t)p[0] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static void
put_u16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static uint16_t
get_u16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

int
linux_echo_open(struct linux_host *h)
{
	h->icmp = socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_ICMP);
	h->echo_id = (uint16_t)((unsigned)getpid() ^ (unsigned)h->netns << 8);
	return h->icmp < 0 ? -errno : 0;
}

/* --- the end of a request --------------------------------------------------------------------- */

static void
on_timer_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void
unlink_echo(struct linux_echo *e)
{
	struct linux_echo **at = &e->host->echoes;

	while (*at != e)
		at = &(*at)->next;
	*at = e->next;
	uv_close((uv_handle_t *)&e->timer, on_timer_closed);
}

static void
finish_echo(struct linux_echo *e, enum echo_result result, uint32_t from)
{
	struct echo_answer answer = {result, linux_now() - e->sent, from};
	struct echo_request r = e->request;

	unlink_echo(e);
	r.done(r.arg, &answer);
}

static void
on_timeout(uv_timer_t *timer)
{
	struct linux_echo *e = timer->data;

	finish_echo(e, e->at_timeout, 0);
}

/* --- receiving -------------------------------------------------------------------------------- */

static struct linux_echo *
find_echo(struct linux_host *h, const uint8_t *echo)
{
	struct linux_echo *e;

	if (get_u16(echo + 4) != h->echo_id)
		return NULL;
	for (e = h->echoes; e && e->seq != get_u16(echo + 6); e = e->next)
		;
	return e;
}

/* The echo request quoted in an error, NULL when it quotes something else. */
static const uint8_t *
quoted_echo(const uint8_t *icmp, size_t n)
{
	const uint8_t *ip = icmp + 8;
	size_t header;

	if (n < 8 + sizeof(struct iphdr) + 8)
		return NULL;
	header = (size_t)(ip[0] & 15) * 4;
	if (header < 20 || n < 8 + header + 8 || ip[9] != IPPROTO_ICMP || ip[header] != ICMP_ECHO)
		return NULL;
	return ip + header;
}

static void
take_error(struct linux_host *h, const uint8_t *icmp, size_t n, uint32_t from)
{
	const uint8_t *echo = quoted_echo(icmp, n);
	struct linux_echo *e = echo ? find_echo(h, echo) : NULL;

	if (!e)
		return;
	if (icmp[0] == ICMP_TIME_EXCEEDED)
		finish_echo(e, ECHO_TTL, from);
	else
		finish_echo(e, icmp[1] == ICMP_FRAG_NEEDED ? ECHO_TOO_BIG : ECHO_UNREACHABLE, from);
}

static void
take_packet(struct linux_host *h, const uint8_t *packet, size_t n)
{
	size_t header = n ? (size_t)(packet[0] & 15) * 4 : 0;
	const uint8_t *icmp = packet + header;
	struct linux_echo *e;
	uint32_t from;

	if (header < 20 || n < header + 8)
		return;
	n -= header;
	from = (uint32_t)get_u16(packet + 12) << 16 | get_u16(packet + 14);
	if (icmp[0] == ICMP_ECHOREPLY) {
		e = find_echo(h, icmp);
		if (e && from == e->request.dst)
			finish_echo(e, ECHO_REPLY, from);
	} else if (icmp[0] == ICMP_DEST_UNREACH || icmp[0] == ICMP_TIME_EXCEEDED) {
		take_error(h, icmp, n, from);
	}
}

static void
on_readable(uv_poll_t *poll, int status, int events)
{
	struct linux_host *h = poll->data;
	uint8_t packet[ECHO_SIZE_MAX];
	ssize_t n;

	(void)status;
	(void)events;
	/*
	 * An address of this machine answers while we ask it: without an end no one else has a
	 * turn.
	 */
	for (int i = 0; i < READ_BATCH && h->icmp >= 0; i++) {
		n = recv(h->icmp, packet, sizeof(packet), 0);
		if (n <= 0)
			break;
		take_packet(h, packet, (size_t)n);
	}
}

int
linux_echo_start(struct linux_host *h)
{
	int r = uv_poll_init(h->loop, &h->icmp_poll, h->icmp);

	if (r)
		return r;
	linux_handle(h, (uv_handle_t *)&h->icmp_poll);
	return uv_poll_start(&h->icmp_poll, UV_READABLE, on_readable);
}

/* --- sending ---------------------------------------------------------------------------------- */

static int
send_echo(struct linux_host *h, const struct echo_request *r, uint16_t seq)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(r->dst)};
	struct in_pktinfo info = {.ipi_spec_dst.s_addr = htonl(r->src)};
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(info))];
	} control = {.bytes = {0}};
	uint8_t packet[ECHO_SIZE_MAX] = {ICMP_ECHO};
	size_t n = r->size - sizeof(struct iphdr), i;
	int df = r->df ? IP_PMTUDISC_DO : IP_PMTUDISC_DONT, ttl = r->ttl ? r->ttl : -1;
	struct iovec iov = {packet, n};
	struct msghdr m = {.msg_name = &to,
	                   .msg_namelen = sizeof(to),
	                   .msg_iov = &iov,
	                   .msg_iovlen = 1,
	                   .msg_control = &control,
	                   .msg_controllen = sizeof(control)};

	put_u16(packet + 4, h->echo_id);
	put_u16(packet + 6, seq);
	for (i = 8; i < n; i += 2) /* IOS's pattern */
		packet[i] = 0xab, packet[i + 1 < n ? i + 1 : i] = 0xcd;
	put_u16(packet + 2, icmp_checksum(packet, n));
	setsockopt(h->icmp, IPPROTO_IP, IP_MTU_DISCOVER, &df, sizeof(df));
	setsockopt(h->icmp, IPPROTO_IP, IP_TTL, &ttl, sizeof(ttl)); /* -1: the system's own */
	control.align.cmsg_level = IPPROTO_IP;
	control.align.cmsg_type = IP_PKTINFO;
	control.align.cmsg_len = CMSG_LEN(sizeof(info));
	memcpy(CMSG_DATA(&control.align), &info, sizeof(info));
	return sendmsg(h->icmp, &m, 0) < 0 ? errno : 0;
}

int
linux_echo_send(struct linux_host *h, const struct echo_request *r)
{
	struct linux_echo *e;
	int error;

	if (r->size < 36 || r->size > ECHO_SIZE_MAX)
		return -EMSGSIZE;
	e = x_alloc(sizeof(*e));
	e->host = h;
	e->request = *r;
	e->seq = h->echo_seq++;
	e->sent = linux_now();
	e->at_timeout = ECHO_TIMEOUT;
	uv_timer_init(h->loop, &e->timer);
	e->timer.data = e;
	e->next = h->echoes;
	h->echoes = e;
	error = send_echo(h, r, e->seq);
	if (error == EMSGSIZE)
		e->at_timeout = ECHO_TOO_BIG;
	else if (error)
		e->at_timeout = ECHO_SEND_FAILED;
	uv_update_time(h->loop);
	uv_timer_start(&e->timer, on_timeout, error == EMSGSIZE ? 0 : (uint64_t)r->timeout, 0);
	return 0;
}

void
linux_echo_cancel(struct linux_host *h, void *arg)
{
	struct linux_echo *e, *next;

	for (e = h->echoes; e; e = next) {
		next = e->next;
		if (e->request.arg == arg)
			unlink_echo(e);
	}
}

void
linux_echo_cancel_all(struct linux_host *h)
{
	while (h->echoes)
		unlink_echo(h->echoes);
}

void
linux_echo_close(struct linux_host *h)
{
	linux_echo_cancel_all(h);
	if (h->icmp_poll.data)
		uv_poll_stop(&h->icmp_poll);
	if (h->icmp >= 0)
		close(h->icmp);
	h->icmp = -1;
}
