/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Channels of an SSH connection as an input says: opened, asked for a terminal, a shell, a command,
 * a subsystem, given octets, resized, closed, with a client that reads or does not, in any order.
 * libssh, with its cryptography, is not there: its calls end here (--wrap), and what we ask of it
 * is held to what it may be asked.
 *
 *   first octet: the user's level, and whether the router lets files be copied
 *   then: an octet that says what happens, an octet that names a channel, and what that takes
 */
#include <stdlib.h>
#include <string.h>

#include "cli/app/commands.h"
#include "cli/shell/acting.h"
#include "cli/ssh/ssh_priv.h"
#include "runtime/host/sim/sim.h"

/* What libssh's functions are called with is known to this file alone. */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

#define CHANNELS 16 /* opened in one input */
#define OPS      200
#define WINDOW   65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct ssh_channel_struct {
	bool open, freed;
	bool eof, closed;           /* by the client */
	bool said_status, said_eof; /* by us */
	struct span in;             /* of the input, not yet read */
	uint32_t window;
};

struct ssh_message_struct {
	int type, subtype;
	ssh_channel channel;
	int width, height;
	char *text;
	unsigned answers;
};

struct fuzz {
	struct span input;
	struct sim *sim;
	struct sshd server;
	struct sshd_connection c;
	struct ssh_channel_struct channels[CHANNELS];
	size_t n_channels;
	bool woken, stuck; /* stuck: libssh has more to write than the socket takes */
};

static struct fuzz *fuzz;

static void
must_hold(bool condition)
{
	if (!condition)
		abort();
}

/* --- what libssh is asked --------------------------------------------------------------------- */

int __wrap_ssh_message_type(ssh_message m);
int __wrap_ssh_message_subtype(ssh_message m);
ssh_channel __wrap_ssh_message_channel_request_channel(ssh_message m);
int __wrap_ssh_message_channel_request_pty_width(ssh_message m);
int __wrap_ssh_message_channel_request_pty_height(ssh_message m);
const char *__wrap_ssh_message_channel_request_command(ssh_message m);
const char *__wrap_ssh_message_channel_request_subsystem(ssh_message m);
ssh_channel __wrap_ssh_message_channel_request_open_reply_accept(ssh_message m);
int __wrap_ssh_message_channel_request_reply_success(ssh_message m);
int __wrap_ssh_message_reply_default(ssh_message m);
int __wrap_ssh_get_status(ssh_session s);
int __wrap_ssh_channel_read_nonblocking(ssh_channel ch, void *buf, uint32_t n, int is_stderr);
int __wrap_ssh_channel_is_eof(ssh_channel ch);
int __wrap_ssh_channel_is_closed(ssh_channel ch);
uint32_t __wrap_ssh_channel_window_size(ssh_channel ch);
int __wrap_ssh_channel_write(ssh_channel ch, const void *data, uint32_t n);
int __wrap_ssh_channel_write_stderr(ssh_channel ch, const void *data, uint32_t n);
int __wrap_ssh_channel_request_send_exit_status(ssh_channel ch, int status);
int __wrap_ssh_channel_send_eof(ssh_channel ch);
int __wrap_ssh_channel_close(ssh_channel ch);
void __wrap_ssh_channel_free(ssh_channel ch);
void __wrap_sshd_wake(struct sshd_connection *c);

int
__wrap_ssh_message_type(ssh_message m)
{
	return m->type;
}

int
__wrap_ssh_message_subtype(ssh_message m)
{
	return m->subtype;
}

ssh_channel
__wrap_ssh_message_channel_request_channel(ssh_message m)
{
	return m->channel;
}

int
__wrap_ssh_message_channel_request_pty_width(ssh_message m)
{
	return m->width;
}

int
__wrap_ssh_message_channel_request_pty_height(ssh_message m)
{
	return m->height;
}

const char *
__wrap_ssh_message_channel_request_command(ssh_message m)
{
	return m->text;
}

const char *
__wrap_ssh_message_channel_request_subsystem(ssh_message m)
{
	return m->text;
}

ssh_channel
__wrap_ssh_message_channel_request_open_reply_accept(ssh_message m)
{
	ssh_channel ch = &fuzz->channels[fuzz->n_channels];

	m->answers++;
	if (fuzz->n_channels == CHANNELS)
		return NULL; /* as when the session fails meanwhile */
	fuzz->n_channels++;
	*ch = (struct ssh_channel_struct){.open = true, .window = WINDOW};
	return ch;
}

int
__wrap_ssh_message_channel_request_reply_success(ssh_message m)
{
	m->answers++;
	return SSH_OK;
}

int
__wrap_ssh_message_reply_default(ssh_message m)
{
	/* A channel that could not be made has been answered by libssh. */
	if (m->type != SSH_REQUEST_CHANNEL_OPEN || !m->answers)
		m->answers++;
	return SSH_OK;
}

int
__wrap_ssh_get_status(ssh_session s)
{
	(void)s;
	return fuzz->stuck ? SSH_WRITE_PENDING : 0;
}

int
__wrap_ssh_channel_read_nonblocking(ssh_channel ch, void *buf, uint32_t n, int is_stderr)
{
	must_hold(ch->open && !ch->freed && !is_stderr);
	n = ch->in.n < n ? (uint32_t)ch->in.n : n;
	if (!n)
		return ch->eof || ch->closed ? SSH_EOF : 0;
	memcpy(buf, ch->in.p, n);
	ch->in = SPAN(ch->in.p + n, ch->in.n - n);
	return (int)n;
}

int
__wrap_ssh_channel_is_eof(ssh_channel ch)
{
	must_hold(ch->open && !ch->freed);
	return !ch->in.n && (ch->eof || ch->closed);
}

int
__wrap_ssh_channel_is_closed(ssh_channel ch)
{
	must_hold(ch->open && !ch->freed);
	return ch->closed;
}

uint32_t
__wrap_ssh_channel_window_size(ssh_channel ch)
{
	must_hold(ch->open && !ch->freed);
	return ch->window;
}

/* Without room libssh would wait for it, and the router with it. */
int
__wrap_ssh_channel_write(ssh_channel ch, const void *data, uint32_t n)
{
	must_hold(ch->open && !ch->freed && !ch->said_eof && !ch->said_status);
	must_hold(n && n <= ch->window && memchr(data, *(const char *)data, n));
	if (ch->closed)
		return SSH_ERROR;
	ch->window -= n;
	return (int)n;
}

int
__wrap_ssh_channel_write_stderr(ssh_channel ch, const void *data, uint32_t n)
{
	return __wrap_ssh_channel_write(ch, data, n);
}

int
__wrap_ssh_channel_request_send_exit_status(ssh_channel ch, int status)
{
	must_hold(ch->open && !ch->freed && !ch->said_status && (status == 0 || status == 1));
	ch->said_status = true;
	return SSH_OK;
}

int
__wrap_ssh_channel_send_eof(ssh_channel ch)
{
	must_hold(ch->open && !ch->freed && !ch->said_eof && ch->said_status);
	ch->said_eof = true;
	return SSH_OK;
}

int
__wrap_ssh_channel_close(ssh_channel ch)
{
	must_hold(ch->open && !ch->freed);
	return SSH_OK;
}

void
__wrap_ssh_channel_free(ssh_channel ch)
{
	must_hold(ch->open && !ch->freed);
	ch->freed = true;
}

void
__wrap_sshd_wake(struct sshd_connection *c)
{
	must_hold(c == &fuzz->c);
	fuzz->woken = true;
}

/* --- the input -------------------------------------------------------------------------------- */

static uint8_t
next_octet(struct fuzz *f)
{
	uint8_t octet = f->input.n ? *f->input.p : 0;

	if (f->input.n)
		f->input = SPAN(f->input.p + 1, f->input.n - 1);
	return octet;
}

static int
next_side(struct fuzz *f)
{
	int high = (int8_t)next_octet(f);

	return high * 256 + next_octet(f);
}

/* Its length, then so many octets, or what is left of them. */
static struct span
next_octets(struct fuzz *f)
{
	size_t n = next_octet(f);
	struct span s;

	if (n >= 0xf0)
		n = (n - 0xf0) * 256 + next_octet(f);
	s = SPAN(f->input.p, n < f->input.n ? n : f->input.n);
	f->input = SPAN(f->input.p + s.n, f->input.n - s.n);
	return s;
}

/* --- what happens ----------------------------------------------------------------------------- */

static void
pass_time(struct fuzz *f, msec time)
{
	sim_run_until(f->sim, sim_now(f->sim) + time);
	uv_run(f->server.loop, UV_RUN_NOWAIT);
}

static void
move_channels(struct fuzz *f)
{
	for (int i = 0; i < 8; i++) {
		bool moved = sshd_channels_move(&f->c);

		if (!moved && !f->woken)
			break;
		f->woken = false;
		uv_run(f->server.loop, UV_RUN_NOWAIT);
	}
}

static void
send_message(struct fuzz *f, struct ssh_message_struct *m)
{
	sshd_channel_message(&f->c, m);
	must_hold(m->answers == 1);
	must_hold(f->c.n_channels <= SSHD_CHANNELS_MAX);
}

static void
open_channel(struct fuzz *f)
{
	uint8_t kind = next_octet(f);

	send_message(
	    f, &(struct ssh_message_struct){.type = SSH_REQUEST_CHANNEL_OPEN,
	                                    .subtype = kind % 8 ? SSH_CHANNEL_SESSION : kind / 8});
}

static void
ask_channel(struct fuzz *f, ssh_channel ch)
{
	static const int kinds[] = {
	    SSH_CHANNEL_REQUEST_PTY,       SSH_CHANNEL_REQUEST_SHELL,
	    SSH_CHANNEL_REQUEST_EXEC,      SSH_CHANNEL_REQUEST_SUBSYSTEM,
	    SSH_CHANNEL_REQUEST_EXEC,      SSH_CHANNEL_REQUEST_WINDOW_CHANGE,
	    SSH_CHANNEL_REQUEST_ENV,       SSH_CHANNEL_REQUEST_X11,
	    SSH_CHANNEL_REQUEST_SUBSYSTEM, SSH_CHANNEL_REQUEST_UNKNOWN};
	struct ssh_message_struct m = {.type = SSH_REQUEST_CHANNEL, .channel = ch};
	struct span text;

	m.subtype = kinds[next_octet(f) % ARRAY_SIZE(kinds)];
	m.width = next_side(f);
	m.height = next_side(f);
	text = next_octets(f);
	m.text = x_alloc(text.n + 1); /* libssh gives a C string */
	if (text.n)
		memcpy(m.text, text.p, text.n);
	send_message(f, &m);
	free(m.text);
}

static void
give_octets(struct fuzz *f, ssh_channel ch)
{
	struct span octets = next_octets(f);

	if (ch->in.n || ch->eof || ch->closed)
		move_channels(f);
	if (!ch->freed && !ch->in.n && !ch->eof && !ch->closed)
		ch->in = octets;
}

static void
set_power(struct fuzz *f)
{
	if (router_is_up(f->server.router))
		router_crash(f->server.router);
	else
		router_boot(f->server.router);
}

static void
let_happen(struct fuzz *f)
{
	uint8_t what = next_octet(f), which = next_octet(f);
	ssh_channel ch = f->n_channels ? &f->channels[which % f->n_channels] : NULL;

	if (ch && ch->freed)
		ch = NULL; /* nobody has it any more */
	if (what % 16 == 0 || !f->n_channels)
		open_channel(f);
	else if (what % 16 < 5)
		ask_channel(f, ch);
	else if (what % 16 < 9 && ch)
		give_octets(f, ch);
	else if (what % 16 == 9 && ch)
		ch->eof = true;
	else if (what % 16 == 10 && ch)
		ch->closed = true;
	else if (what % 16 == 11 && ch)
		ch->window = which % 2 ? (uint32_t)next_octet(f) << (which >> 1 & 15) : WINDOW;
	else if (what % 16 == 12)
		f->stuck = which % 2;
	else if (what % 16 == 13)
		pass_time(f, SECONDS(which % 4));
	else if (what % 16 == 14)
		sshd_channels_tick(&f->c);
	else if (what % 16 == 15 && which % 8 == 0)
		set_power(f);
	if (what < 0xc0) /* else one more thing first, as when several come in one packet */
		move_channels(f);
}

/* --- a router, and one connection to it ------------------------------------------------------- */

static void
do_nothing(void *arg)
{
	(void)arg;
}

static void
begin_connection(struct fuzz *f, uv_loop_t *loop, struct router *r)
{
	uint8_t first = next_octet(f);

	if (first & 1)
		router_load(r, "ip scp server enable\n", NULL, NULL);
	f->server =
	    (struct sshd){.loop = loop,
	                  .router = r,
	                  .service = {.router = r, .enter = do_nothing, .leave = do_nothing}};
	f->c = (struct sshd_connection){.server = &f->server,
	                                .state = SSHD_UP,
	                                .level = first & 2 ? SSHD_LEVEL_MAX : 1 + (first >> 2) % 14,
	                                .user = "admin",
	                                .peer = "192.0.2.1"};
}

/* The client is gone; the terminals' threads end when they hear of it. */
static void
end_connection(struct fuzz *f)
{
	sshd_channels_hangup(&f->c);
	must_hold(!f->c.channels && !f->c.n_channels);
	for (size_t i = 0; i < f->n_channels; i++)
		must_hold(f->channels[i].freed);
	uv_run(f->server.loop, UV_RUN_DEFAULT);
	must_hold(!f->server.n_sessions);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct fuzz f = {.input = SPAN(data, n), .sim = sim_new(1, 0)};
	struct node_config config = {.name = "R1"};
	struct node *node = node_new(&config);
	struct host_events events = node_events(node);
	struct router *router;
	uv_loop_t loop;

	fuzz = &f;
	commands_install();
	node_attach(node, sim_node_add(f.sim, "R1", &events));
	router = router_new("R1", node);
	router_set_actor(router, &shell_actor);
	uv_loop_init(&loop);
	begin_connection(&f, &loop, router);
	for (int i = 0; i < OPS && f.input.n; i++)
		let_happen(&f);
	f.stuck = false;
	move_channels(&f);
	end_connection(&f);
	must_hold(uv_loop_close(&loop) == 0);
	router_free(router);
	node_free(node);
	sim_free(f.sim);
	return 0;
}
