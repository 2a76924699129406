/* SPDX-License-Identifier: Apache-2.0 */
/* See log_loop.h. */
#define _GNU_SOURCE
#include "cli/app/log_loop.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_OCTETS 1024
#define WAITING_MAX     512 /* lines that a connection has not taken yet */
#define RETRY_MS        5000
#define LOCAL7          23 /* the facility, as IOS has it (RFC 5424 6.2.1) */
#define NAME_MAX_OCTETS 255
#define ID_MAX_OCTETS   32

/* A connection lives until libuv has closed it, its server perhaps not so long. */
struct connection {
	uv_tcp_t tcp;
	uv_connect_t connecting;
	struct server *server; /* NULL: gone */
	char read[256];        /* what a server says is of no interest, but that it hangs up */
};

struct server {
	struct server *next;
	struct router_log_host host; /* and its counts */
	bool wanted;                 /* it is configured */
	int udp;                     /* -1: none */
	struct connection *connection;
	size_t waiting;
	uint64_t retry; /* uv_now from which on it may be tried to connect again */
};

struct log_loop {
	uv_loop_t *uv;
	bool closed;
	struct server *servers;
};

/* --- a line ----------------------------------------------------------------------------------- */

/* A word of a header: printable, no blank, "-" when there is nothing (RFC 5424 6). */
static void
put_word(struct text *t, const char *word, size_t n, size_t max)
{
	n = n < max ? n : max;
	for (size_t i = 0; i < n; i++)
		text_printf(t, "%c", word[i] > ' ' && word[i] < 0x7f ? word[i] : '_');
	if (!n)
		text_puts(t, "-");
}

/* The mnemonic of "%GDOI-5-GM_REGS_COMPL: ..." is the message's id. */
static void
put_id(struct text *t, const char *line)
{
	const char *colon = *line == '%' ? strstr(line, ": ") : NULL, *start = colon;

	while (start && start > line && start[-1] != '-')
		start--;
	put_word(t, start ? start : "", start ? (size_t)(colon - start) : 0, ID_MAX_OCTETS);
}

static void
write_line(const struct router *r, const struct log_record *record, struct text *ret)
{
	const int64_t wall = router_wall(r);
	const time_t seconds = (time_t)(wall / 1000);
	const char *name = router_hostname(r);
	char stamp[32];
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &tm);
	text_printf(ret, "<%u>1 %s.%03dZ ", LOCAL7 * 8u + record->severity, stamp,
	            (int)(wall % 1000));
	put_word(ret, name, strlen(name), NAME_MAX_OCTETS);
	text_printf(ret, " testudo %d ", (int)getpid());
	put_id(ret, record->text);
	text_puts(ret, " - ");
	for (const char *p = record->text; *p && ret->n < LINE_MAX_OCTETS; p++)
		text_printf(ret, "%c", (unsigned char)*p < ' ' || *p == 0x7f ? ' ' : *p);
}

/* --- sockets ---------------------------------------------------------------------------------- */

/* type: SOCK_DGRAM, SOCK_STREAM. */
static int
open_socket(int type)
{
	return socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

static struct sockaddr_in
server_address(const struct server *s)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
	                            .sin_port = htons(s->host.port),
	                            .sin_addr.s_addr = htonl(s->host.addr)};
}

static void
send_datagram(struct server *s, const struct text *line)
{
	const struct sockaddr_in to = server_address(s);

	if (s->udp < 0)
		s->udp = open_socket(SOCK_DGRAM);
	if (s->udp >= 0 && sendto(s->udp, line->p, line->n, MSG_DONTWAIT | MSG_NOSIGNAL,
	                          (const struct sockaddr *)&to, sizeof(to)) == (ssize_t)line->n)
		s->host.sent++;
	else
		s->host.dropped++;
}

static void
free_connection(uv_handle_t *handle)
{
	free(handle->data);
}

static void
hang_up(struct connection *c)
{
	struct server *s = c->server;

	if (s) {
		s->connection = NULL;
		s->retry = uv_now(c->tcp.loop) + RETRY_MS;
		s->host.dropped += s->waiting;
		s->waiting = 0;
	}
	c->server = NULL;
	if (!uv_is_closing((uv_handle_t *)&c->tcp))
		uv_close((uv_handle_t *)&c->tcp, free_connection);
}

static void
give_buffer(uv_handle_t *handle, size_t size, uv_buf_t *ret)
{
	struct connection *c = handle->data;

	(void)size;
	*ret = uv_buf_init(c->read, sizeof(c->read));
}

static void
on_answer(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	(void)buf;
	if (n < 0)
		hang_up(stream->data);
}

static void
on_connected(uv_connect_t *req, int status)
{
	struct connection *c = req->data;

	if (status < 0 || uv_read_start((uv_stream_t *)&c->tcp, give_buffer, on_answer) < 0)
		hang_up(c);
}

static void
start_connection(struct log_loop *l, struct server *s)
{
	const struct sockaddr_in to = server_address(s);
	struct connection *c;
	int fd = open_socket(SOCK_STREAM);

	if (fd < 0) {
		s->retry = uv_now(l->uv) + RETRY_MS;
		return;
	}
	c = x_alloc(sizeof(*c));
	c->server = s;
	uv_tcp_init(l->uv, &c->tcp);
	c->tcp.data = c->connecting.data = c;
	s->connection = c;
	if (uv_tcp_open(&c->tcp, fd)) {
		close(fd);
		hang_up(c);
	} else if (uv_tcp_connect(&c->connecting, &c->tcp, (const struct sockaddr *)&to,
	                          on_connected)) {
		hang_up(c);
	}
}

/* A line on its way. */
struct sending {
	uv_write_t req;
	char text[];
};

static void
on_written(uv_write_t *req, int status)
{
	struct connection *c = req->handle->data;

	free(req->data);
	if (!c->server)
		return; /* hang_up has counted it */
	c->server->waiting--;
	if (!status) {
		c->server->host.sent++;
		return;
	}
	c->server->host.dropped++;
	hang_up(c);
}

static void
send_counted(struct log_loop *l, struct server *s, const struct text *line)
{
	struct sending *w;
	uv_buf_t buf;
	int n;

	if (!s->connection && uv_now(l->uv) >= s->retry)
		start_connection(l, s);
	if (!s->connection || s->waiting >= WAITING_MAX) {
		s->host.dropped++;
		return;
	}
	w = x_alloc(sizeof(*w) + line->n + 16);
	n = sprintf(w->text, "%zu ", line->n);
	memcpy(w->text + n, line->p, line->n);
	w->req.data = w;
	buf = uv_buf_init(w->text, (unsigned)((size_t)n + line->n));
	s->waiting++;
	if (uv_write(&w->req, (uv_stream_t *)&s->connection->tcp, &buf, 1, on_written) < 0) {
		s->waiting--;
		s->host.dropped++;
		free(w);
		hang_up(s->connection);
	}
}

/* --- servers ---------------------------------------------------------------------------------- */

static bool
is_same_host(const struct router_log_host *a, const struct router_log_host *b)
{
	return a->addr == b->addr && a->tcp == b->tcp && a->port == b->port;
}

static struct server *
find_server(const struct log_loop *l, const struct router_log_host *host)
{
	struct server *s = l->servers;

	while (s && !is_same_host(&s->host, host))
		s = s->next;
	return s;
}

static void
free_server(struct server *s)
{
	if (s->udp >= 0)
		close(s->udp);
	if (s->connection)
		hang_up(s->connection);
	free(s);
}

static void
drop_unwanted(struct log_loop *l)
{
	struct server **at = &l->servers;

	while (*at) {
		struct server *s = *at;

		if (s->wanted) {
			at = &s->next;
			continue;
		}
		*at = s->next;
		free_server(s);
	}
}

static void
take_configured(struct log_loop *l, const struct router *r)
{
	struct router_log_host hosts[ROUTER_LOG_HOSTS_MAX];
	const size_t n = router_log_hosts(r, hosts, ARRAY_SIZE(hosts));

	for (struct server *s = l->servers; s; s = s->next)
		s->wanted = false;
	for (size_t i = 0; i < n; i++) {
		struct server *s = find_server(l, &hosts[i]);

		if (!s) {
			s = x_alloc(sizeof(*s));
			*s = (struct server){.next = l->servers, .host = hosts[i], .udp = -1};
			s->host.sent = s->host.dropped = 0;
			l->servers = s;
		}
		s->wanted = true;
	}
	drop_unwanted(l);
}

struct log_loop *
log_loop_new(uv_loop_t *loop)
{
	struct log_loop *l = x_alloc(sizeof(*l));

	l->uv = loop;
	return l;
}

void
log_loop_send(struct log_loop *l, const struct router *r, const struct log_record *record)
{
	struct text line = TEXT_INIT;

	if (l->closed)
		return;
	take_configured(l, r);
	if (!l->servers || record->severity > router_log_level(r, LOG_TO_TRAP))
		return;
	write_line(r, record, &line);
	for (struct server *s = l->servers; s; s = s->next)
		if (s->host.tcp)
			send_counted(l, s, &line);
		else
			send_datagram(s, &line);
	text_fini(&line);
}

void
log_loop_count(const struct log_loop *l, struct router_log_host *host)
{
	const struct server *s = find_server(l, host);

	host->sends = true;
	host->sent = s ? s->host.sent : 0;
	host->dropped = s ? s->host.dropped : 0;
}

void
log_loop_close(struct log_loop *l)
{
	l->closed = true;
	for (struct server *s = l->servers; s; s = s->next)
		s->wanted = false;
	drop_unwanted(l);
}

void
log_loop_free(struct log_loop *l)
{
	free(l);
}
