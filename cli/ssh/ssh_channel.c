/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Channels (RFC 4254): what a user asks to run on one, and the bytes to and from it. See
 * ssh_priv.h.
 */
#include "cli/ssh/ssh_priv.h"

#include <stdlib.h>
#include <string.h>

#include "cli/ssh/ssh_files.h"
#include "cli/ssh/ssh_script.h"

/* libssh's newer callbacks must answer at once; messages may wait, and come in order. */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

#define READ_SIZE  4096
#define WRITE_SIZE 32768
#define OUT_HIGH   (1 << 20) /* octets not yet taken by the client: the worker has to wait */
#define SIDE_MAX   10000     /* of a terminal, in characters */

/* --- a term on a channel ---------------------------------------------------------------------- */

static void
term_takes_input(void *arg, const char *data, size_t n)
{
	term_input(arg, data, n);
}

static void
term_takes_end(void *arg)
{
	term_input_end(arg);
}

static void
term_takes_full(void *arg, bool full)
{
	term_output_full(arg, full);
}

static void
term_takes_size(void *arg, unsigned width, unsigned height)
{
	term_resize(arg, width, height);
}

static void
term_takes_hangup(void *arg)
{
	term_hangup(arg);
}

static const struct sshd_worker term_worker = {
    .input = term_takes_input,
    .end = term_takes_end,
    .full = term_takes_full,
    .resize = term_takes_size,
    .hangup = term_takes_hangup,
};

static void
transport_write(void *arg, const char *data, size_t n)
{
	sshd_channel_write(arg, data, n);
}

static void
transport_pause(void *arg, bool paused)
{
	sshd_channel_pause(arg, paused);
}

static void
transport_close(void *arg)
{
	sshd_channel_finish(arg, 0);
}

static bool
start_term(struct sshd_channel *ch)
{
	const struct term_transport transport = {.write = transport_write,
	                                         .pause = transport_pause,
	                                         .close = transport_close,
	                                         .arg = ch};
	struct sshd *s = ch->c->server;
	size_t others = s->n_sessions;
	struct console_service *service = sshd_service_new(ch->c);
	struct term *t = term_open(s->loop, &console_ops, service, &transport);

	if (!t) {
		if (s->n_sessions > others) /* no console has had it */
			service->gone(service);
		return false;
	}
	ch->worker = &term_worker;
	ch->arg = t;
	term_resize(t, ch->width, ch->height);
	return true;
}

/* --- what a worker says ----------------------------------------------------------------------- */

static void
set_full(struct sshd_channel *ch, bool full)
{
	if (ch->full == full)
		return;
	ch->full = full;
	if (ch->worker)
		ch->worker->full(ch->arg, full);
}

void
sshd_channel_write(struct sshd_channel *ch, const char *data, size_t n)
{
	if (!n)
		return;
	x_grow(&ch->out, &ch->out_capacity, ch->n_out + n, 1);
	memcpy(ch->out + ch->n_out, data, n);
	ch->n_out += n;
	sshd_wake(ch->c);
	if (ch->n_out - ch->out_from > OUT_HIGH)
		set_full(ch, true);
}

/* Sends a short message that matters little: without room for it, it is lost. */
void
sshd_channel_tell(struct sshd_channel *ch, const char *text)
{
	size_t n = strlen(text);

	if (n && !ch->c->closing && n <= ssh_channel_window_size(ch->channel))
		ssh_channel_write_stderr(ch->channel, text, (uint32_t)n);
}

void
sshd_channel_pause(struct sshd_channel *ch, bool paused)
{
	if (ch->paused == paused)
		return;
	ch->paused = paused;
	sshd_wake(ch->c);
}

void
sshd_channel_finish(struct sshd_channel *ch, int status)
{
	ch->worker = NULL;
	ch->over = true;
	ch->status = status;
	sshd_wake(ch->c);
}

/* --- what the user asks for ------------------------------------------------------------------- */

static void
channel_open(struct sshd_connection *c, ssh_message m)
{
	struct sshd_channel *ch;
	ssh_channel channel = NULL;

	if (ssh_message_subtype(m) == SSH_CHANNEL_SESSION && c->n_channels < SSHD_CHANNELS_MAX)
		channel = ssh_message_channel_request_open_reply_accept(m);
	if (!channel) {
		ssh_message_reply_default(m);
		return;
	}
	ch = x_alloc(sizeof(*ch));
	ch->c = c;
	ch->channel = channel;
	ch->next = c->channels;
	c->channels = ch;
	c->n_channels++;
}

static unsigned
side_or(int n, unsigned otherwise)
{
	return n > 0 && n <= SIDE_MAX ? (unsigned)n : otherwise;
}

static bool
take_size(struct sshd_channel *ch, ssh_message m)
{
	ch->width = side_or(ssh_message_channel_request_pty_width(m), 80);
	ch->height = side_or(ssh_message_channel_request_pty_height(m), 24);
	if (ch->worker && ch->worker->resize)
		ch->worker->resize(ch->arg, ch->width, ch->height);
	return true;
}

/* A channel runs one thing (RFC 4254 6.5). */
static bool
take_request(struct sshd_channel *ch, ssh_message m)
{
	int what = ssh_message_subtype(m);
	const char *command;

	if (what == SSH_CHANNEL_REQUEST_WINDOW_CHANGE)
		return take_size(ch, m);
	if (ch->worker || ch->over)
		return false;
	switch (what) {
	case SSH_CHANNEL_REQUEST_PTY:
		ch->pty = true;
		return take_size(ch, m);
	case SSH_CHANNEL_REQUEST_SHELL:
		return ch->pty ? start_term(ch) : ssh_script_start(ch, NULL);
	case SSH_CHANNEL_REQUEST_EXEC:
		command = ssh_message_channel_request_command(m);
		return ssh_scp_start(ch, command) || ssh_script_start(ch, command);
	case SSH_CHANNEL_REQUEST_SUBSYSTEM:
		return !strcmp(ssh_message_channel_request_subsystem(m), "sftp") &&
		       ssh_sftp_start(ch);
	default:
		return false;
	}
}

void
sshd_channel_message(struct sshd_connection *c, ssh_message m)
{
	struct sshd_channel *ch = c->channels;

	if (ssh_message_type(m) == SSH_REQUEST_CHANNEL_OPEN) {
		channel_open(c, m);
		return;
	}
	while (ch && ch->channel != ssh_message_channel_request_channel(m))
		ch = ch->next;
	if (ch && take_request(ch, m))
		ssh_message_channel_request_reply_success(m);
	else
		ssh_message_reply_default(m);
}

/* --- bytes ------------------------------------------------------------------------------------ */

static bool
move_in(struct sshd_channel *ch)
{
	char buf[READ_SIZE];
	int n;

	if (ch->told_end || (ch->paused && ch->worker))
		return false;
	n = ssh_channel_read_nonblocking(ch->channel, buf, sizeof(buf), 0);
	if (n > 0) {
		if (ch->worker)
			ch->worker->input(ch->arg, buf, (size_t)n);
		explicit_bzero(buf, (size_t)n);
		return true;
	}
	if (ch->worker && (n == SSH_EOF || ssh_channel_is_eof(ch->channel))) {
		ch->told_end = true;
		ch->worker->end(ch->arg);
		return true;
	}
	return false;
}

/* Never more than the window has room for: libssh would go and wait for it. */
static bool
move_out(struct sshd_channel *ch)
{
	bool moved = false;

	while (ch->out_from < ch->n_out && !(ssh_get_status(ch->c->session) & SSH_WRITE_PENDING)) {
		size_t n = ch->n_out - ch->out_from, room = ssh_channel_window_size(ch->channel);
		int wrote;

		n = n < room ? n : room;
		n = n < WRITE_SIZE ? n : WRITE_SIZE;
		wrote = n ? ssh_channel_write(ch->channel, ch->out + ch->out_from, (uint32_t)n) : 0;
		if (wrote <= 0)
			break;
		ch->out_from += (size_t)wrote;
		moved = true;
	}
	if (ch->out_from == ch->n_out)
		ch->out_from = ch->n_out = 0;
	if (ch->n_out - ch->out_from < OUT_HIGH / 2)
		set_full(ch, false);
	return moved;
}

static void
drop_channel(struct sshd_channel *ch)
{
	const struct sshd_worker *worker = ch->worker;

	ch->worker = NULL;
	if (worker)
		worker->hangup(ch->arg);
	ssh_channel_close(ch->channel);
	ssh_channel_free(ch->channel);
	free(ch->out);
	free(ch);
}

/* True: nothing more will happen on it. */
static bool
has_ended(struct sshd_channel *ch)
{
	if (ssh_channel_is_closed(ch->channel))
		return true;
	if (!ch->over || ch->n_out)
		return false;
	ssh_channel_request_send_exit_status(ch->channel, ch->status);
	ssh_channel_send_eof(ch->channel);
	return true;
}

bool
sshd_channels_move(struct sshd_connection *c)
{
	struct sshd_channel **at = &c->channels, *ch;
	bool moved = false;

	while ((ch = *at)) {
		moved |= move_in(ch);
		if (ch->worker && ch->worker->run)
			ch->worker->run(ch->arg);
		moved |= move_out(ch);
		if (has_ended(ch)) {
			*at = ch->next;
			c->n_channels--;
			drop_channel(ch);
			moved = true;
		} else {
			at = &ch->next;
		}
	}
	return moved;
}

void
sshd_channels_tick(struct sshd_connection *c)
{
	for (struct sshd_channel *ch = c->channels; ch; ch = ch->next)
		if (ch->worker && ch->worker->tick)
			ch->worker->tick(ch->arg);
}

void
sshd_channels_hangup(struct sshd_connection *c)
{
	struct sshd_channel *ch;

	while ((ch = c->channels)) {
		c->channels = ch->next;
		c->n_channels--;
		drop_channel(ch);
	}
}
