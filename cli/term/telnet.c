/* SPDX-License-Identifier: Apache-2.0 */
/* Telnet over libuv and libtelnet: see telnet.h. */
#include "cli/term/telnet.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libtelnet.h>

#include "cli/term/listener.h"

#define READ_SIZE  16384
#define QUEUE_HIGH (1 << 20) /* octets not yet taken by the client: stop listening to it */

struct telnet_server {
	struct listener *listener; /* NULL: the server is being closed */
	uv_loop_t *loop;
	const struct term_ops *ops;
	void *service;
	size_t n_sessions;
	struct connection *sessions;
};

struct connection {
	struct telnet_server *server;
	struct connection *next, *prev;
	uv_tcp_t tcp;
	telnet_t *telnet;
	struct term *term; /* NULL: over */
	bool speaks;       /* the client understands telnet: a person's, not a pipe */
	bool paused, full; /* why reading is paused: the term is behind, or the client is */
	bool heard_all;    /* the client sends no more */
	bool eof;          /* the session is over: close when all is written */
	bool closing;
	char peer[INET6_ADDRSTRLEN];
	char buf[READ_SIZE];
};

struct write {
	uv_write_t req;
	char data[];
};

/*
 * We echo and suppress go-ahead; the client tells its window size. We never send DO ECHO, which
 * would ask the client to echo to us.
 */
static const telnet_telopt_t options[] = {
    {TELNET_TELOPT_ECHO, TELNET_WILL, TELNET_DONT},
    {TELNET_TELOPT_SGA, TELNET_WILL, TELNET_DO},
    {TELNET_TELOPT_NAWS, TELNET_WONT, TELNET_DO},
    {TELNET_TELOPT_TTYPE, TELNET_WONT, TELNET_DO},
    {-1, 0, 0},
};

static void
on_closed(uv_handle_t *handle)
{
	struct connection *c = handle->data;

	if (c->telnet)
		telnet_free(c->telnet);
	c->server->n_sessions--;
	if (c->prev)
		c->prev->next = c->next;
	else
		c->server->sessions = c->next;
	if (c->next)
		c->next->prev = c->prev;
	if (!c->server->listener && !c->server->sessions)
		free(c->server);
	free(c);
}

static void
connection_close(struct connection *c)
{
	if (c->closing)
		return;
	c->closing = true;
	uv_close((uv_handle_t *)&c->tcp, on_closed);
}

/*
 * The user has hung up: ends the session. The close that the session calls later finds nothing to
 * do.
 */
static void
hang_up(struct connection *c)
{
	struct term *t = c->term;

	c->term = NULL;
	if (t)
		term_hangup(t);
	connection_close(c);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf);
static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf);

static void
set_reading(struct connection *c)
{
	if (c->closing)
		return;
	if (c->paused || c->full || c->heard_all)
		uv_read_stop((uv_stream_t *)&c->tcp);
	else
		uv_read_start((uv_stream_t *)&c->tcp, on_alloc, on_read);
}

static void
set_full(struct connection *c, bool full)
{
	if (c->full == full)
		return;
	c->full = full;
	set_reading(c);
	if (c->term)
		term_output_full(c->term, full);
}

static void
on_written(uv_write_t *req, int status)
{
	struct connection *c = req->data;

	free(req);
	if (c->closing)
		return;
	if (status < 0) {
		hang_up(c);
		return;
	}
	if (c->tcp.write_queue_size < QUEUE_HIGH / 2)
		set_full(c, false);
	if (c->eof && !c->tcp.write_queue_size)
		connection_close(c);
}

static void
send_bytes(struct connection *c, const char *data, size_t n)
{
	struct write *w;
	uv_buf_t buf;

	if (c->closing)
		return;
	w = x_alloc(sizeof(*w) + n);
	memcpy(w->data, data, n);
	w->req.data = c;
	buf = uv_buf_init(w->data, (unsigned)n);
	if (uv_write(&w->req, (uv_stream_t *)&c->tcp, &buf, 1, on_written) < 0)
		free(w);
	if (c->tcp.write_queue_size > QUEUE_HIGH)
		set_full(c, true);
}

static void
on_naws(struct connection *c, const unsigned char *p, size_t n)
{
	if (n == 4 && c->term)
		term_resize(c->term, (unsigned)(p[0] << 8 | p[1]), (unsigned)(p[2] << 8 | p[3]));
}

/* The client's first telnet command shows that it speaks telnet. */
static void
on_speech(struct connection *c)
{
	if (!c->speaks && c->term)
		term_resize(c->term, 0, 0); /* NAWS may tell more */
	c->speaks = c->speaks || c->term;
}

/* Telnet commands for keys that a terminal may lack (RFC 854). */
static void
on_command(struct connection *c, unsigned char command)
{
	const char *key = NULL;

	switch (command) {
	case TELNET_IP:
	case TELNET_BREAK:
	case TELNET_AO:
		key = "\x03"; /* Ctrl-C */
		break;
	case TELNET_EC:
		key = "\b";
		break;
	case TELNET_EL:
		key = "\x15"; /* Ctrl-U */
		break;
	case TELNET_AYT:
		telnet_send(c->telnet, "\r\n[Yes]\r\n", 9);
		break;
	default:
		break;
	}
	if (key && c->term)
		term_input(c->term, key, 1);
}

static void
on_event(telnet_t *telnet, telnet_event_t *event, void *arg)
{
	struct connection *c = arg;

	(void)telnet;
	if (event->type >= TELNET_EV_IAC && event->type <= TELNET_EV_SUBNEGOTIATION)
		on_speech(c);
	switch (event->type) {
	case TELNET_EV_DATA:
		if (c->term)
			term_input(c->term, event->data.buffer, event->data.size);
		break;
	case TELNET_EV_SEND:
		send_bytes(c, event->data.buffer, event->data.size);
		break;
	case TELNET_EV_SUBNEGOTIATION:
		if (event->sub.telopt == TELNET_TELOPT_NAWS)
			on_naws(c, (const unsigned char *)event->sub.buffer, event->sub.size);
		break;
	case TELNET_EV_IAC:
		on_command(c, event->iac.cmd);
		break;
	case TELNET_EV_COMPRESS: /* never offered: few compressed octets could make much input */
		hang_up(c);
		break;
	default:
		break;
	}
}

static void
on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct connection *c = handle->data;

	(void)suggested;
	*buf = uv_buf_init(c->buf, sizeof(c->buf));
}

static void
on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct connection *c = stream->data;

	if (n == UV_EOF && c->term) {
		c->heard_all = true; /* `nc host port < file` still listens */
		set_reading(c);
		term_input_end(c->term);
	} else if (n < 0)
		hang_up(c);
	else if (n > 0)
		telnet_recv(c->telnet, buf->base, (size_t)n);
}

/* --- the transport of a term ------------------------------------------------------------------ */

static void
transport_write(void *arg, const char *data, size_t n)
{
	struct connection *c = arg;

	telnet_send(c->telnet, data, n);
}

static void
transport_pause(void *arg, bool paused)
{
	struct connection *c = arg;

	c->paused = paused;
	set_reading(c);
}

/*
 * Sends what is queued before it closes, unless the client takes nothing or the server is about to
 * end.
 */
static void
transport_close(void *arg)
{
	struct connection *c = arg;

	c->term = NULL;
	c->eof = true;
	if (!c->tcp.write_queue_size || c->full || !c->server->listener)
		connection_close(c);
}

/* --- the server ------------------------------------------------------------------------------- */

/* Finds the client's address; "" when the client has gone already. */
static void
find_peer(struct connection *c)
{
	struct sockaddr_storage sa;
	int n = sizeof(sa);

	if (!uv_tcp_getpeername(&c->tcp, (struct sockaddr *)&sa, &n))
		uv_ip_name((const struct sockaddr *)&sa, c->peer, sizeof(c->peer));
}

static void
connection_start(struct connection *c)
{
	const struct term_transport transport = {.write = transport_write,
	                                         .pause = transport_pause,
	                                         .close = transport_close,
	                                         .arg = c,
	                                         .peer = c->peer};
	const telnet_telopt_t *o;

	find_peer(c);
	c->telnet = telnet_init(options, on_event, 0, c);
	if (!c->telnet)
		abort();
	for (o = options; o->telopt >= 0; o++) {
		if (o->us == TELNET_WILL)
			telnet_negotiate(c->telnet, TELNET_WILL, (unsigned char)o->telopt);
		if (o->him == TELNET_DO)
			telnet_negotiate(c->telnet, TELNET_DO, (unsigned char)o->telopt);
	}
	c->term = term_open(c->server->loop, c->server->ops, c->server->service, &transport);
	if (!c->term) {
		connection_close(c);
		return;
	}
	uv_tcp_nodelay(&c->tcp, 1);
	set_reading(c);
}

static void
on_client(void *arg, int fd, const struct sockaddr_storage *peer)
{
	struct telnet_server *s = arg;
	struct connection *c;

	(void)peer;
	c = x_alloc(sizeof(*c));
	c->server = s;
	uv_tcp_init(s->loop, &c->tcp);
	c->tcp.data = c;
	s->n_sessions++;
	c->next = s->sessions;
	if (c->next)
		c->next->prev = c;
	s->sessions = c;
	if (uv_tcp_open(&c->tcp, fd) < 0) {
		close(fd);
		connection_close(c);
	} else if (s->n_sessions > TELNET_SESSIONS_MAX) {
		connection_close(c);
	} else {
		connection_start(c);
	}
}

int
telnet_listen(uv_loop_t *loop, int take_bound, const struct term_ops *ops, void *service,
              struct telnet_server **ret)
{
	struct telnet_server *s = x_alloc(sizeof(*s));
	int r;

	s->loop = loop;
	s->ops = ops;
	s->service = service;
	r = listener_open_tcp(loop, take_bound, on_client, s, &s->listener);
	if (r < 0) {
		free(s);
		return r;
	}
	*ret = s;
	return 0;
}

uint16_t
telnet_port(const struct telnet_server *s)
{
	return listener_port(s->listener);
}

void
telnet_close(struct telnet_server *s)
{
	struct connection *c, *next;

	listener_close(s->listener);
	s->listener = NULL;
	if (!s->sessions) {
		free(s);
		return;
	}
	for (c = s->sessions; c; c = next) {
		next = c->next;
		if (c->term)
			term_close(c->term);
		else
			connection_close(c);
	}
}
