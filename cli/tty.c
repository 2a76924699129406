/* The process's own terminal as a session's transport: see tty.h. */
#include "cli/tty.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

struct tty {
	uv_poll_t poll;
	struct term *term; /* NULL: over */
	void (*closed)(void *arg);
	void *arg;
	struct termios saved;
	bool is_terminal, paused;
};

static struct termios *at_exit_termios; /* for exit paths that do not come by tty_close */

static void
restore(void)
{
	if (at_exit_termios)
		tcsetattr(STDIN_FILENO, TCSANOW, at_exit_termios);
}

static void
raw_mode(struct tty *tty)
{
	static struct termios saved;
	struct termios raw;

	tty->is_terminal = isatty(STDIN_FILENO) && !tcgetattr(STDIN_FILENO, &tty->saved);
	if (!tty->is_terminal)
		return;
	saved = tty->saved;
	if (!at_exit_termios)
		atexit(restore);
	at_exit_termios = &saved;
	raw = tty->saved;
	cfmakeraw(&raw);
	tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

/* The user's own terminal: to wait for it is to wait for the user. */
static void
transport_write(void *arg, const char *data, size_t n)
{
	(void)arg;
	while (n) {
		ssize_t wrote = write(STDOUT_FILENO, data, n);

		if (wrote < 0 && errno != EINTR && errno != EAGAIN)
			return;
		if (wrote > 0) {
			data += wrote;
			n -= (size_t)wrote;
		}
	}
}

static void on_poll(uv_poll_t *poll, int status, int events);

static void
transport_pause(void *arg, bool paused)
{
	struct tty *tty = arg;

	tty->paused = paused;
	if (paused)
		uv_poll_stop(&tty->poll);
	else
		uv_poll_start(&tty->poll, UV_READABLE, on_poll);
}

static void
on_handle_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void
transport_close(void *arg)
{
	struct tty *tty = arg;
	void (*closed)(void *) = tty->closed;
	void *closed_arg = tty->arg;

	restore();
	at_exit_termios = NULL;
	tty->term = NULL;
	uv_close((uv_handle_t *)&tty->poll, on_handle_closed);
	closed(closed_arg);
}

static void
on_poll(uv_poll_t *poll, int status, int events)
{
	struct tty *tty = poll->data;
	char buf[4096];
	ssize_t n = read(STDIN_FILENO, buf, sizeof(buf));

	(void)status;
	(void)events;
	if (n > 0 && tty->term)
		term_input(tty->term, buf, (size_t)n);
	else if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
		tty_close(tty);
}

int
tty_open(uv_loop_t *loop, const struct term_ops *ops, void *service, void (*closed)(void *arg),
	 void *arg, struct tty **ret)
{
	struct tty *tty = x_alloc(sizeof(*tty));
	const struct term_transport transport = {transport_write, transport_pause, transport_close,
						 tty};
	int r = uv_poll_init(loop, &tty->poll, STDIN_FILENO);

	if (r < 0) {
		free(tty);
		return r;
	}
	tty->poll.data = tty;
	tty->closed = closed;
	tty->arg = arg;
	raw_mode(tty);
	tty->term = term_open(loop, ops, service, &transport);
	if (!tty->term)
		return UV_EMFILE;
	uv_poll_start(&tty->poll, UV_READABLE, on_poll);
	*ret = tty;
	return 0;
}

void
tty_close(struct tty *tty)
{
	uv_poll_stop(&tty->poll);
	if (tty->term)
		term_close(tty->term);
}
