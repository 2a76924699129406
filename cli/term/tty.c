/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The process's own terminal as a session's transport: see tty.h. The tty owns the handles and the
 * queue of what stdout has not taken. To poll a descriptor libuv makes it non-blocking. That flag
 * belongs to the open file, which the user's shell has too, so it is restored together with the
 * terminal's mode.
 */
#include "cli/term/tty.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define QUEUE_HIGH (1 << 18) /* octets that stdout has not taken: no more lines are begun */

struct tty {
	uv_poll_t in, out;
	uv_idle_t file; /* instead of `in`: a file is always ready, and cannot be polled */
	uv_signal_t resized;
	bool is_file, out_polled;
	int open_handles;
	struct term *term; /* NULL: over */
	void (*closed)(void *arg);
	void *arg;
	bool paused, in_over, full;
	bool closing; /* what is queued is not written any more */
	bool over;    /* the session has ended; what is queued is still written */
	char *queue;
	size_t n_queue, capacity;
};

/* --- the terminal as it was ------------------------------------------------------------------- */

/* One terminal in a process; static for exit handlers and signals. */
static struct {
	volatile sig_atomic_t changed;
	bool is_terminal;
	struct termios termios;
	int flags[2]; /* of stdin and stdout; -1: closed */
} saved;

/* Async-signal-safe. */
static void
restore_tty(void)
{
	if (!saved.changed)
		return;
	saved.changed = 0;
	if (saved.is_terminal)
		tcsetattr(STDIN_FILENO, TCSANOW, &saved.termios);
	for (int fd = 0; fd < 2; fd++)
		if (saved.flags[fd] >= 0)
			fcntl(fd, F_SETFL, saved.flags[fd]);
}

static void
on_fatal(int number)
{
	restore_tty();
	raise(number); /* its handler has been reset to the default */
}

static void
guard_signals(void)
{
	static const int numbers[] = {SIGHUP,  SIGINT, SIGQUIT, SIGTERM, SIGABRT,
	                              SIGSEGV, SIGBUS, SIGFPE,  SIGILL};
	struct sigaction ours = {.sa_handler = on_fatal, .sa_flags = (int)SA_RESETHAND}, old;

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		if (!sigaction(numbers[i], NULL, &old) && old.sa_handler == SIG_DFL)
			sigaction(numbers[i], &ours, NULL);
}

/* Before libuv touches the descriptors. */
static void
save_tty(void)
{
	static bool once;

	saved.is_terminal = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &saved.termios) == 0;
	for (int fd = 0; fd < 2; fd++)
		saved.flags[fd] = fcntl(fd, F_GETFL);
	saved.changed = 1;
	if (!once)
		atexit(restore_tty);
	once = true;
	guard_signals();
}

static void
raw_mode(void)
{
	struct termios raw = saved.termios;

	if (!saved.is_terminal)
		return;
	cfmakeraw(&raw);
	tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

/* --- the end ---------------------------------------------------------------------------------- */

static void
on_handle_closed(uv_handle_t *handle)
{
	struct tty *tty = handle->data;

	if (--tty->open_handles)
		return;
	free(tty->queue);
	free(tty);
}

static void
handles_close(struct tty *tty)
{
	uv_close((uv_handle_t *)&tty->resized, on_handle_closed);
	uv_close(tty->is_file ? (uv_handle_t *)&tty->file : (uv_handle_t *)&tty->in,
	         on_handle_closed);
	if (tty->out_polled)
		uv_close((uv_handle_t *)&tty->out, on_handle_closed);
}

static void
finish_tty(struct tty *tty)
{
	void (*closed)(void *) = tty->closed;
	void *arg = tty->arg;

	handles_close(tty);
	restore_tty();
	closed(arg);
}

/* --- output ----------------------------------------------------------------------------------- */

static void on_writable(uv_poll_t *poll, int status, int events);

/* Writes what stdout takes; false when nobody will ever read it. */
static bool
flush_queue(struct tty *tty)
{
	size_t done = 0;

	while (done < tty->n_queue) {
		ssize_t n = write(STDOUT_FILENO, tty->queue + done, tty->n_queue - done);

		if (n > 0)
			done += (size_t)n;
		else if (n < 0 && errno == EAGAIN)
			break;
		else if (n == 0 || errno != EINTR)
			return false;
	}
	tty->n_queue -= done;
	memmove(tty->queue, tty->queue + done, tty->n_queue);
	return true;
}

/* After a change of the queue: waits for stdout, pauses the session, or ends. */
static void
after_flush(struct tty *tty, bool alive)
{
	if (!alive) {
		tty->n_queue = 0;
		if (!tty->over)
			tty_close(tty);
	}
	if (tty->out_polled && tty->n_queue)
		uv_poll_start(&tty->out, UV_WRITABLE, on_writable);
	else if (tty->out_polled)
		uv_poll_stop(&tty->out);
	if (tty->over) {
		if (!tty->n_queue)
			finish_tty(tty);
		return;
	}
	if (tty->full ? tty->n_queue < QUEUE_HIGH / 2 : tty->n_queue > QUEUE_HIGH) {
		tty->full = !tty->full;
		if (tty->term)
			term_output_full(tty->term, tty->full);
	}
}

static void
on_writable(uv_poll_t *poll, int status, int events)
{
	struct tty *tty = poll->data;

	(void)status; /* an error shows when writing */
	(void)events;
	after_flush(tty, flush_queue(tty));
}

static void
transport_write(void *arg, const char *data, size_t n)
{
	struct tty *tty = arg;
	bool waits = tty->n_queue > 0;

	if (tty->closing)
		return;
	x_grow(&tty->queue, &tty->capacity, tty->n_queue + n, 1);
	memcpy(tty->queue + tty->n_queue, data, n);
	tty->n_queue += n;
	after_flush(tty, waits || flush_queue(tty));
}

static void
transport_close(void *arg)
{
	struct tty *tty = arg;

	tty->term = NULL;
	tty->over = true;
	if (tty->closing)
		tty->n_queue = 0;
	after_flush(tty, true);
}

/* --- input ------------------------------------------------------------------------------------ */

static void on_readable(uv_poll_t *poll, int status, int events);
static void on_file(uv_idle_t *idle);

static void
set_reading(struct tty *tty)
{
	bool on = !tty->paused && !tty->in_over && tty->term;

	if (!tty->is_file && on)
		uv_poll_start(&tty->in, UV_READABLE, on_readable);
	else if (!tty->is_file)
		uv_poll_stop(&tty->in);
	else if (on)
		uv_idle_start(&tty->file, on_file);
	else
		uv_idle_stop(&tty->file);
}

static void
take_input(struct tty *tty)
{
	char buf[4096];
	ssize_t n = read(STDIN_FILENO, buf, sizeof(buf));

	if (!tty->term || (n < 0 && (errno == EINTR || errno == EAGAIN)))
		return;
	if (n > 0) {
		term_input(tty->term, buf, (size_t)n);
	} else if (n == 0) {
		tty->in_over = true;
		term_input_end(tty->term);
		set_reading(tty);
	} else { /* the terminal is gone */
		tty_close(tty);
	}
	explicit_bzero(buf, sizeof(buf));
}

static void
on_readable(uv_poll_t *poll, int status, int events)
{
	(void)status; /* an error shows when reading */
	(void)events;
	take_input(poll->data);
}

static void
on_file(uv_idle_t *idle)
{
	take_input(idle->data);
}

static void
transport_pause(void *arg, bool paused)
{
	struct tty *tty = arg;

	tty->paused = paused;
	set_reading(tty);
}

static void
take_size(struct tty *tty)
{
	struct winsize size;

	if (tty->term && saved.is_terminal && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size))
		term_resize(tty->term, size.ws_col, size.ws_row);
}

static void
on_resized(uv_signal_t *handle, int number)
{
	(void)number;
	take_size(handle->data);
}

/* --- the beginning ---------------------------------------------------------------------------- */

static int
handles_open(struct tty *tty, uv_loop_t *loop)
{
	int r = uv_poll_init(loop, &tty->in, STDIN_FILENO);

	tty->is_file = r == UV_EPERM;
	if (tty->is_file)
		r = uv_idle_init(loop, &tty->file);
	if (r < 0)
		return r;
	tty->out_polled = uv_poll_init(loop, &tty->out, STDOUT_FILENO) == 0;
	uv_signal_init(loop, &tty->resized);
	tty->open_handles = 2 + tty->out_polled;
	tty->in.data = tty->out.data = tty->file.data = tty->resized.data = tty;
	uv_signal_start(&tty->resized, on_resized, SIGWINCH);
	uv_unref((uv_handle_t *)&tty->resized);
	return 0;
}

int
tty_open(uv_loop_t *loop, const struct term_ops *ops, void *service, void (*closed)(void *arg),
         void *arg, struct tty **ret)
{
	struct tty *tty = x_alloc(sizeof(*tty));
	const struct term_transport transport = {.write = transport_write,
	                                         .pause = transport_pause,
	                                         .close = transport_close,
	                                         .arg = tty};
	int r;

	save_tty();
	r = handles_open(tty, loop);
	if (r < 0) {
		restore_tty();
		free(tty);
		return r;
	}
	tty->closed = closed;
	tty->arg = arg;
	raw_mode();
	tty->term = term_open(loop, ops, service, &transport);
	if (!tty->term) {
		handles_close(tty);
		restore_tty();
		return UV_EMFILE;
	}
	take_size(tty);
	set_reading(tty);
	*ret = tty;
	return 0;
}

void
tty_close(struct tty *tty)
{
	tty->closing = true;
	if (tty->term) {
		term_close(tty->term);
		set_reading(tty);
	} else if (tty->over) {
		after_flush(tty, false);
	}
}
