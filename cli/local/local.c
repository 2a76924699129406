/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The listener and its connections: see local.h. A connection is admitted by the kernel's word,
 * asks for one thing (frame.h), and is then that thing's wire: a term's or a script's. It is freed
 * in its handles' callbacks alone, so that a frame may end it from within.
 */
#define _GNU_SOURCE
#include "cli/local/local.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/local/frame.h"
#include "cli/local/local_socket.h"
#include "cli/shell/line.h"
#include "cli/shell/shell.h"
#include "cli/term/listener.h"
#include "cli/term/script.h"
#include "cli/term/term_line.h"
#include "compiler/base/text.h"

#define READ_SIZE    16384
#define QUEUE_HIGH   (1 << 18) /* octets not yet taken by the client: stop listening to it */
#define COMMANDS_MAX 65536     /* octets of all COMMAND frames of a client */
#define TICK         2000      /* milliseconds */
#define LINGER       60000 /* milliseconds for a client to take the rest of a session's output */
#define LEVEL        15

struct local_server {
	struct listener *listener;
	uv_timer_t timer;
	uv_loop_t *loop;
	struct console_service service;
	char *path;
	int64_t group; /* of those who may come in; -1: none */
	int64_t own;   /* the user who may, beside root; -1: none */
	bool closing;
	size_t n_connections, n_unknown;
	size_t n_sessions;              /* that have a service of their own */
	struct connection *connections; /* the newest first */
	char buf[READ_SIZE];
};

/* What a connection has asked for. */
enum asked { ASKED_NOTHING, ASKED_HELLO, ASKED_TERMINAL, ASKED_SCRIPT };

struct connection {
	struct local_server *server;
	struct connection *next, *prev;
	uv_pipe_t pipe;
	uv_idle_t soon;
	unsigned open_handles;
	enum asked asked;
	struct term *term;     /* NULL: none, or over */
	struct script *script; /* likewise */
	bool paused, full;     /* why reading is paused: the session is behind, or the client is */
	bool heard_all;        /* the client sends no more */
	bool over;             /* the session has ended: close when all is written */
	bool closing;
	uint64_t since;       /* the loop's time when it came, then when it was over */
	struct text in;       /* the beginning of a frame */
	struct text commands; /* COMMAND frames */
	struct local_peer peer;
};

struct write {
	uv_write_t req;
	unsigned char data[];
};

/* --- life ------------------------------------------------------------------------------------- */

static void
unlink_connection(struct connection *c)
{
	if (c->prev)
		c->prev->next = c->next;
	else
		c->server->connections = c->next;
	if (c->next)
		c->next->prev = c->prev;
	c->server->n_connections--;
}

static void
on_closed(uv_handle_t *handle)
{
	struct connection *c = handle->data;

	if (--c->open_handles)
		return;
	unlink_connection(c);
	text_fini(&c->in);
	text_fini(&c->commands);
	free(c);
}

static bool
is_unknown(const struct connection *c)
{
	return c->asked < ASKED_TERMINAL && !c->over && !c->closing;
}

static void
connection_close(struct connection *c)
{
	if (c->closing)
		return;
	c->server->n_unknown -= is_unknown(c);
	c->closing = true;
	uv_close((uv_handle_t *)&c->pipe, on_closed);
	uv_close((uv_handle_t *)&c->soon, on_closed);
}

/* The client has gone: ends its session. */
static void
hang_up(struct connection *c)
{
	struct term *t = c->term;
	struct script *s = c->script;

	c->term = NULL;
	c->script = NULL;
	connection_close(c);
	if (t)
		term_hangup(t);
	if (s)
		script_hangup(s);
}

/* --- output ----------------------------------------------------------------------------------- */

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf);
static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf);

static void
set_reading(struct connection *c)
{
	if (c->closing)
		return;
	if (c->paused || c->full || c->over)
		uv_read_stop((uv_stream_t *)&c->pipe);
	else
		uv_read_start((uv_stream_t *)&c->pipe, on_alloc, on_read);
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
	else if (c->script)
		script_output_full(c->script, full);
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
	if (c->pipe.write_queue_size < QUEUE_HIGH / 2)
		set_full(c, false);
	if (c->over && !c->pipe.write_queue_size)
		connection_close(c);
}

static void
send_frame(struct connection *c, enum frame_type type, const char *data, size_t n)
{
	struct write *w;
	uv_buf_t buf;

	if (c->closing)
		return;
	w = x_alloc(sizeof(*w) + FRAME_HEAD + n);
	frame_head(w->data, type, n);
	memcpy(w->data + FRAME_HEAD, data, n);
	w->req.data = c;
	buf = uv_buf_init((char *)w->data, (unsigned)(FRAME_HEAD + n));
	if (uv_write(&w->req, (uv_stream_t *)&c->pipe, &buf, 1, on_written) < 0)
		free(w);
}

static void
send_text(struct connection *c, enum frame_type type, const char *text, size_t n)
{
	while (n) {
		size_t part = n < FRAME_MAX ? n : FRAME_MAX;

		send_frame(c, type, text, part);
		text += part;
		n -= part;
	}
	if (!c->closing && c->pipe.write_queue_size > QUEUE_HIGH)
		set_full(c, true);
}

/* The session's last word. What is queued is still sent, unless the server ends. */
static void
finish_connection(struct connection *c, int status)
{
	const char octet = (char)status;

	c->server->n_unknown -= is_unknown(c);
	c->term = NULL;
	c->script = NULL;
	c->over = true;
	c->since = uv_now(c->server->loop);
	send_frame(c, FRAME_STATUS, &octet, 1);
	set_reading(c);
	if (c->server->closing)
		connection_close(c);
}

static void
refuse_client(struct connection *c, const char *why)
{
	send_text(c, FRAME_ERR, why, strlen(why));
	finish_connection(c, 2);
}

/* --- a session's service ---------------------------------------------------------------------- */

struct session {
	struct console_service service; /* first */
	struct local_server *server;
	struct local_peer peer;
};

static void
session_gone(const struct console_service *service)
{
	struct session *s = (struct session *)(uintptr_t)service;

	s->server->n_sessions--;
	free(s);
}

static struct console_service *
service_of(const struct connection *c)
{
	struct session *s = x_alloc(sizeof(*s));

	s->server = c->server;
	s->server->n_sessions++;
	s->service = c->server->service;
	s->peer = c->peer;
	s->service.vty = s->service.logged_in = true;
	s->service.level = LEVEL;
	s->service.user = s->peer.user;
	s->service.peer = "local";
	s->service.transport = LINE_LOCAL;
	s->service.gone = session_gone;
	return &s->service;
}

/* --- the wire of a term and of a script ------------------------------------------------------- */

static void
wire_write(void *arg, const char *data, size_t n)
{
	send_text(arg, FRAME_OUT, data, n);
}

static void
wire_tell(void *arg, const char *data, size_t n)
{
	send_text(arg, FRAME_ERR, data, n);
}

static void
wire_pause(void *arg, bool paused)
{
	struct connection *c = arg;

	c->paused = paused;
	set_reading(c);
}

static void
wire_close(void *arg)
{
	finish_connection(arg, 0);
}

static void
wire_finish(void *arg, int status)
{
	finish_connection(arg, status);
}

static void
on_soon(uv_idle_t *idle)
{
	struct connection *c = idle->data;

	uv_idle_stop(idle);
	if (c->script)
		script_run(c->script);
}

static void
wire_wake(void *arg)
{
	struct connection *c = arg;

	if (!c->closing)
		uv_idle_start(&c->soon, on_soon);
}

/* --- what a client asks for ------------------------------------------------------------------- */

static void
ask_for(struct connection *c, enum asked what)
{
	c->server->n_unknown--;
	c->asked = what;
}

static void
open_term(struct connection *c, unsigned width, unsigned height)
{
	const struct term_transport transport = {.write = wire_write,
	                                         .pause = wire_pause,
	                                         .close = wire_close,
	                                         .arg = c,
	                                         .peer = "local"};
	size_t others = c->server->n_sessions;
	struct console_service *service = service_of(c);
	struct term *t;

	ask_for(c, ASKED_TERMINAL);
	t = term_open(c->server->loop, &console_ops, service, &transport);
	if (!t) {
		if (c->server->n_sessions > others) /* no console has had it */
			service->gone(service);
		refuse_client(c, "% No session: descriptors or threads are short\n");
		return;
	}
	c->term = t;
	term_resize(t, width, height);
}

static void
open_script(struct connection *c, const char *commands)
{
	const struct script_wire wire = {.write = wire_write,
	                                 .tell = wire_tell,
	                                 .pause = wire_pause,
	                                 .wake = wire_wake,
	                                 .finish = wire_finish,
	                                 .arg = c,
	                                 .name = "stdin"};
	struct script *s;

	ask_for(c, ASKED_SCRIPT);
	s = script_open(service_of(c), &wire, commands);
	if (s)
		c->script = s;
}

/* --- `?` -------------------------------------------------------------------------------------- */

static void
ignore_text(void *arg, const char *text, size_t n)
{
	(void)arg;
	(void)text;
	(void)n;
}

static void
ignore_end(void *arg)
{
	(void)arg;
}

static void
put_hint(void *arg, const char *word, const char *help)
{
	text_printf(arg, "%s\t%s\n", word, help ? help : "");
}

/* Help takes no line: it asks, and is gone. */
static void
answer_help(struct connection *c, struct span line)
{
	static const struct shell_io io = {
	    .write = ignore_text, .done = ignore_end, .close = ignore_end};
	const struct console_service *service = &c->server->service;
	char *copy = x_alloc(line.n + 1);
	struct text t = TEXT_INIT;
	struct shell *sh;

	memcpy(copy, line.p, line.n);
	service->enter(service->arg);
	if (router_is_up(service->router)) {
		sh = shell_new(service->router, &io, NULL, true);
		shell_hints(sh, copy, put_hint, &t);
		shell_free(sh);
	}
	service->leave(service->arg);
	send_text(c, FRAME_OUT, text_string(&t), t.n);
	finish_connection(c, 0);
	text_fini(&t);
	free(copy);
}

/* --- frames ----------------------------------------------------------------------------------- */

/* A first frame; false: it is none. */
static bool
take_hello(struct connection *c, const struct frame *f)
{
	if (f->type != FRAME_HELLO || f->body.n != 1)
		return false;
	c->asked = ASKED_HELLO;
	if (f->body.p[0] != FRAME_VERSION)
		refuse_client(c, "% This router is of another version than testudo sh\n");
	return true;
}

static bool
take_command(struct connection *c, struct span line)
{
	if (memchr(line.p, 0, line.n) || c->commands.n + line.n + 1 > COMMANDS_MAX)
		return false;
	text_add(&c->commands, (const char *)line.p, line.n);
	text_puts(&c->commands, "\n");
	return true;
}

/* What a client asks for; false: nothing that there is. */
static bool
take_wish(struct connection *c, const struct frame *f)
{
	unsigned width, height;

	switch (f->type) {
	case FRAME_TERMINAL:
		if (!frame_get_size(f->body, &width, &height))
			return false;
		open_term(c, width, height);
		return true;
	case FRAME_SCRIPT:
		open_script(c, NULL);
		return true;
	case FRAME_COMMAND:
		return take_command(c, f->body);
	case FRAME_RUN:
		open_script(c, text_string(&c->commands));
		return true;
	case FRAME_HELP:
		if (f->body.n > TERM_LINE_MAX || memchr(f->body.p, 0, f->body.n))
			return false;
		answer_help(c, f->body);
		return true;
	default:
		return false;
	}
}

static bool
take_data(struct connection *c, struct span data)
{
	if (c->heard_all)
		return false;
	if (c->term)
		term_input(c->term, (const char *)data.p, data.n);
	else if (c->script)
		script_input(c->script, (const char *)data.p, data.n);
	return true;
}

static void
hear_end(struct connection *c)
{
	if (c->heard_all)
		return;
	c->heard_all = true;
	if (c->term)
		term_input_end(c->term);
	else if (c->script)
		script_end(c->script);
}

static bool
take_input(struct connection *c, const struct frame *f)
{
	unsigned width, height;

	switch (f->type) {
	case FRAME_DATA:
		return take_data(c, f->body);
	case FRAME_END:
		hear_end(c);
		return true;
	case FRAME_SIZE:
		if (!frame_get_size(f->body, &width, &height))
			return false;
		if (c->term)
			term_resize(c->term, width, height);
		return true;
	default:
		return false;
	}
}

static bool
take_frame(struct connection *c, const struct frame *f)
{
	if (c->asked == ASKED_NOTHING)
		return take_hello(c, f);
	return c->asked == ASKED_HELLO ? take_wish(c, f) : take_input(c, f);
}

/* All frames that are there; what is left is the beginning of one. */
static void
take_frames(struct connection *c)
{
	size_t from = 0;
	struct frame f;
	int n;

	while (!c->closing && !c->over) {
		n = frame_take(c->in.p + from, c->in.n - from, &f);
		if (n == 0)
			break;
		if (n < 0 || !take_frame(c, &f)) {
			hang_up(c);
			return;
		}
		from += (size_t)n;
	}
	c->in.n -= from;
	if (from) {
		memmove(c->in.p, c->in.p + from, c->in.n);
		explicit_bzero(c->in.p + c->in.n, from);
	}
}

static void
on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct local_server *s = ((struct connection *)handle->data)->server;

	(void)suggested;
	*buf = uv_buf_init(s->buf, sizeof(s->buf));
}

static void
on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct connection *c = stream->data;

	if (n == 0)
		return;
	if (n < 0) { /* nobody reads any more, either: a client that has ended its input says END */
		hang_up(c);
		return;
	}
	text_add(&c->in, buf->base, (size_t)n);
	explicit_bzero(buf->base, (size_t)n);
	take_frames(c);
}

/* --- the server ------------------------------------------------------------------------------- */

/* Looks after those who ask for nothing, take nothing or type nothing. */
static void
on_timer(uv_timer_t *timer)
{
	struct local_server *s = timer->data;
	uint64_t now = uv_now(s->loop);

	for (struct connection *c = s->connections; c; c = c->next) {
		uint64_t since = now - c->since;

		if (c->over ? since > LINGER : is_unknown(c) && since > LOCAL_PATIENCE * 1000)
			connection_close(c);
		else if (c->script)
			script_tick(c->script);
	}
}

/* Makes room for one who may ask sooner. */
static void
drop_oldest(struct local_server *s)
{
	struct connection *oldest = NULL;

	for (struct connection *c = s->connections; c; c = c->next)
		if (is_unknown(c))
			oldest = c;
	if (oldest)
		connection_close(oldest);
}

static void
admit_client(struct connection *c)
{
	static const char why[] =
	    "% Access denied: root and the group " LOCAL_GROUP " may come in\n";
	uv_os_fd_t fd = -1;

	if (uv_fileno((uv_handle_t *)&c->pipe, &fd) ||
	    !local_admits(fd, c->server->group, c->server->own, &c->peer)) {
		refuse_client(c, why);
		return;
	}
	set_reading(c);
}

static void
on_client(void *arg, int fd, const struct sockaddr_storage *peer)
{
	struct local_server *s = arg;
	struct connection *c;

	(void)peer;
	if (s->n_unknown >= LOCAL_UNKNOWN_MAX)
		drop_oldest(s);
	c = x_alloc(sizeof(*c));
	c->server = s;
	c->since = uv_now(s->loop);
	uv_pipe_init(s->loop, &c->pipe, 0);
	uv_idle_init(s->loop, &c->soon);
	c->pipe.data = c->soon.data = c;
	c->open_handles = 2;
	s->n_connections++;
	s->n_unknown++;
	c->next = s->connections;
	if (c->next)
		c->next->prev = c;
	s->connections = c;
	if (uv_pipe_open(&c->pipe, fd) < 0) {
		close(fd);
		connection_close(c);
	} else if (s->n_connections > LOCAL_SESSIONS_MAX) {
		refuse_client(c, "% There are too many sessions\n");
	} else {
		admit_client(c);
	}
}

/* Takes the descriptor. */
static int
open_server(uv_loop_t *loop, int fd, const char *path, const struct console_service *service,
            struct local_server **ret)
{
	struct local_server *s = x_alloc(sizeof(*s));
	int r;

	s->loop = loop;
	s->service = *service;
	s->path = x_strdup(path);
	s->group = s->own = -1;
	uv_timer_init(loop, &s->timer);
	s->timer.data = s;
	*ret = s;
	r = listener_open(loop, fd, on_client, s, &s->listener);
	if (r < 0) {
		close(fd);
		local_close(s);
		return r;
	}
	uv_timer_start(&s->timer, on_timer, TICK, TICK);
	return 0;
}

int
local_listen(uv_loop_t *loop, const char *path, const struct console_service *service,
             struct local_server **ret)
{
	int64_t group = -1;
	int fd = local_bind(path, &group);
	int r = fd < 0 ? fd : open_server(loop, fd, path, service, ret);

	if (!r)
		(*ret)->group = group;
	return r;
}

int
local_listen_own(uv_loop_t *loop, int take_fd, const char *path,
                 const struct console_service *service, struct local_server **ret)
{
	int r = open_server(loop, take_fd, path, service, ret);

	if (!r)
		(*ret)->own = (int64_t)geteuid();
	return r;
}

void
local_close(struct local_server *s)
{
	if (s->closing)
		return;
	s->closing = true;
	unlink(s->path);
	for (struct connection *c = s->connections, *next; c; c = next) {
		next = c->next;
		if (c->term)
			term_close(c->term);
		else
			hang_up(c);
	}
	listener_close(s->listener);
	uv_close((uv_handle_t *)&s->timer, NULL);
}

void
local_free(struct local_server *s)
{
	if (!s)
		return;
	free(s->path);
	free(s);
}
