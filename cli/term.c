/*
 * libcli joined to the loop; term_edit.c has its side.
 *
 *   transport --> term_input --> in --[one line at a time]--> socketpair --> cli_loop (thread)
 *   transport <-- out_filter <------------------------------- socketpair <--'     |
 *   transport <-- term_write <-- ops->line <-- uv_async <-- request ---------------'
 *
 * cli_loop asks for meaning through exported functions of its own library. This program defines
 * three of them itself, and the dynamic linker prefers ours: cli_run_command, cli_get_completions
 * and cli_set_promptchar. term_check makes sure of it.
 *
 * A request stops the session's thread until the loop answers, so that all libcli has written
 * before is in the socketpair when the loop handles it: it drains that first, and the order of
 * echo and output is right. The lock guards `request` and `answer`, nothing else.
 *
 * libcli prints an empty line before every prompt. The prompt it is given begins with MARK, so the
 * filter can tell: a line end in front of MARK is dropped where the cursor is at the left already.
 *
 * Prompts come for more than lines (`?`, Ctrl-L, Ctrl-A), and of an empty line libcli says nothing.
 * So every line that is fed ends with EOL in front of its CR: none is empty, each becomes a
 * request, and the next is fed after it. EOL is taken out of lines, echo and history again.
 *
 * libcli's line has 4096 octets, and it copies completions into it unchecked: see offer().
 */
#include "cli/term_parts.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#define IN_HIGH 65536 /* stop reading from the user beyond this */

/* --- input ------------------------------------------------------------------------------------ */

static void
in_remove(struct term *t, size_t n)
{
	t->n_in -= n;
	memmove(t->in, t->in + n, t->n_in);
}

/* Puts text in front of the input. */
static void
in_insert(struct term *t, const char *text)
{
	size_t n = strlen(text);

	x_grow(&t->in, &t->in_capacity, t->n_in + n, 1);
	memmove(t->in + n, t->in, t->n_in);
	memcpy(t->in, text, n);
	t->n_in += n;
}

static void
answered(struct term *t)
{
	t->asking = false;
	free(t->question);
	t->question = NULL;
	term_write(t, "\n", 1);
}

/* Reads the answer to a question, as libcli would, but empty answers count. */
static void
take_answer(struct term *t)
{
	while (t->asking && t->n_in && !t->closing && !t->full) {
		char c = t->in[0];

		in_remove(t, 1);
		if (c == '\r') {
			answered(t);
			t->ask[t->n_ask] = '\0';
			t->ops->line(t->arg, t, t->ask);
			if (!t->asking)
				explicit_bzero(t->ask, sizeof(t->ask));
		} else if (c == KEY('C') || c == KEY('^')) {
			answered(t);
			t->ops->interrupt(t->arg, t);
		} else if (c == '\b' || c == 0x7f) {
			if (t->n_ask) {
				t->n_ask--;
				if (t->ask_echo)
					out_emit(t, "\b \b", 3);
			}
		} else if (((unsigned char)c >= ' ' || c == KEY_QUESTION) &&
			   t->n_ask < sizeof(t->ask) - 1) {
			c = c == KEY_QUESTION ? '?' : c;
			t->ask[t->n_ask++] = c;
			if (t->ask_echo)
				out_emit(t, &c, 1);
		}
	}
}

/* How much of the input may go to libcli now: to the end of a line, up to a key that is ours. */
static size_t
feedable(const struct term *t)
{
	size_t i;

	for (i = 0; i < t->n_in; i++) {
		if (t->in[i] == '\r')
			return i + 1;
		if (t->in[i] == KEY('C') || t->in[i] == KEY('Z') || t->in[i] == KEY('^'))
			return i;
	}
	return t->n_in;
}

/* A key at the prompt that is ours. */
static void
escape(struct term *t)
{
	char key = t->in[0];
	const char *typed;

	in_remove(t, 1);
	if (key == KEY('^'))
		return; /* there is nothing to stop */
	typed = t->ops->escape(t->arg, t, key == KEY('C') ? 'C' : 'Z');
	if (typed)
		in_insert(t, typed);
}

static bool
may_feed(const struct term *t)
{
	return t->n_in && !t->running && !t->waiting && !t->closing && !t->full;
}

static void
feed(struct term *t)
{
	while (may_feed(t)) {
		size_t n = feedable(t);
		bool line = n && t->in[n - 1] == '\r';
		size_t text = n - line;
		ssize_t wrote = 0;

		if (!n) {
			escape(t);
			continue;
		}
		if (text)
			wrote = send(t->fd, t->in, text, MSG_NOSIGNAL);
		if (wrote < 0)
			break;
		in_remove(t, (size_t)wrote);
		if ((size_t)wrote < text)
			break;
		/* One small message is taken whole or not at all. */
		if (line && send(t->fd, ENTER, sizeof(ENTER) - 1, MSG_NOSIGNAL) < 0)
			break;
		if (line) {
			in_remove(t, 1);
			t->waiting = true;
			t->taken = false;
		}
	}
}

static void poll_set(struct term *t);

static void
pump(struct term *t)
{
	bool behind;

	if (t->pumping)
		return; /* an answer has led to the next question: take_answer goes on */
	t->pumping = true;
	take_answer(t);
	feed(t);
	t->pumping = false;
	behind = t->n_in > IN_HIGH;
	if (behind != t->paused && !t->transport_gone) {
		t->paused = behind;
		t->transport.pause(t->transport.arg, behind);
	}
	if (t->in_over && !t->n_in && !t->waiting && (!t->running || t->asking))
		term_close(t);
	if (!t->closing)
		poll_set(t);
}

void
term_input(struct term *t, const char *data, size_t n)
{
	size_t i;
	char key;

	if (t->closing)
		return;
	x_grow(&t->in, &t->in_capacity, t->n_in + n, 1);
	for (i = 0; i < n && !t->closing; i++) {
		if (!keys_read(&t->keys, (unsigned char)data[i], &key))
			continue;
		if (t->running && !t->asking && (key == KEY('C') || key == KEY('^')))
			t->ops->interrupt(t->arg, t);
		else
			t->in[t->n_in++] = key;
	}
	pump(t);
}

void
term_input_end(struct term *t)
{
	t->in_over = true;
	if (!t->closing)
		pump(t);
}

/* --- requests --------------------------------------------------------------------------------- */

static void
refresh_prompt(struct term *t)
{
	t->prompt[0] = MARK;
	t->ops->prompt(t->arg, t, t->prompt + 1);
}

void
term_done(struct term *t)
{
	if (!t->running)
		return;
	t->running = false;
	pthread_mutex_lock(&t->lock);
	refresh_prompt(t);
	t->answer = true;
	pthread_cond_signal(&t->answered);
	pthread_mutex_unlock(&t->lock);
}

void
term_ask(struct term *t, const char *question, bool echo)
{
	term_write(t, question, strlen(question));
	free(t->question);
	t->question = x_strdup(question);
	t->asking = true;
	t->ask_echo = echo;
	t->n_ask = 0;
	pump(t);
}

void
term_word(struct term *t, const char *word)
{
	if (t->running && t->n_words < WORDS_MAX)
		t->words[t->n_words++] = x_strdup(word);
}

static void
handle_closed(uv_handle_t *handle)
{
	struct term *t = handle->data;

	if (--t->open_handles)
		return;
	close(t->fd);
	pthread_mutex_destroy(&t->lock);
	pthread_cond_destroy(&t->answered);
	if (t->in)
		explicit_bzero(t->in, t->in_capacity);
	free(t->in);
	free(t->question);
	explicit_bzero(t->ask, sizeof(t->ask));
	free(t);
}

static void
handles_close(struct term *t)
{
	uv_close((uv_handle_t *)&t->async, handle_closed);
	uv_close((uv_handle_t *)&t->poll, handle_closed);
}

/* The thread has left cli_loop: all that remains is to tell, and to close. */
static void
finish(struct term *t)
{
	out_drain(t);
	pthread_join(t->thread, NULL);
	t->closing = true;
	t->ops->close(t->arg, t);
	if (!t->transport_gone)
		t->transport.close(t->transport.arg);
	handles_close(t);
}

static void
handle(struct term *t, enum request r, const char *text)
{
	t->running = true;
	if (r == REQUEST_HELP) {
		t->ops->help(t->arg, t, text);
		return;
	}
	if (r == REQUEST_TAB) {
		t->ops->complete(t->arg, t, text);
		return;
	}
	t->taken = true;
	if (!*text) {
		term_done(t);
		return;
	}
	t->ops->line(t->arg, t, text);
	/* Ctrl-C typed ahead, right behind the command, is meant for it. */
	while (t->running && !t->asking && !t->closing && t->n_in &&
	       (t->in[0] == KEY('C') || t->in[0] == KEY('^'))) {
		in_remove(t, 1);
		t->ops->interrupt(t->arg, t);
	}
}

static void
on_request(uv_async_t *async)
{
	struct term *t = async->data;
	enum request r;
	char *text;

	out_drain(t);
	if (t->full && !t->closing)
		return; /* until term_output_full */
	pthread_mutex_lock(&t->lock);
	r = t->request;
	text = t->text;
	t->request = REQUEST_NONE;
	t->text = NULL;
	pthread_mutex_unlock(&t->lock);
	if (r == REQUEST_EXIT)
		finish(t);
	else if (r != REQUEST_NONE && !t->closing)
		handle(t, r, text);
	else
		out_redraw(t);
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}

static void
on_poll(uv_poll_t *poll, int status, int events)
{
	struct term *t = poll->data;

	(void)status;
	(void)events;
	out_drain(t);
	if (!t->closing)
		pump(t);
}

static void
poll_set(struct term *t)
{
	int events = t->full ? 0 : UV_READABLE;

	if (may_feed(t))
		events |= UV_WRITABLE;
	uv_poll_start(&t->poll, events, on_poll);
}

void
term_output_full(struct term *t, bool full)
{
	if (t->full == full)
		return;
	t->full = full;
	if (t->closing)
		return;
	if (full) {
		poll_set(t);
		return;
	}
	on_request(&t->async);
	if (!t->closing)
		pump(t);
}

/* --- life ------------------------------------------------------------------------------------- */

void
term_close(struct term *t)
{
	if (t->closing)
		return;
	t->closing = true;
	t->running = false;
	/* The thread may be writing: what it writes is still taken, so that it comes to its end. */
	uv_poll_start(&t->poll, UV_READABLE, on_poll);
	pthread_mutex_lock(&t->lock);
	t->quit = true;
	pthread_cond_signal(&t->answered);
	pthread_mutex_unlock(&t->lock);
	shutdown(t->fd, SHUT_WR); /* cli_loop reads the end */
	uv_async_send(&t->async); /* its end may have waited for a full transport */
}

void
term_hangup(struct term *t)
{
	t->transport_gone = true;
	term_close(t);
}

/* The two ends; libcli waits with select(2), so that its own must be a low descriptor. */
static bool
connect_ends(struct term *t)
{
	int fd[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd))
		return false;
	if (fd[1] >= FD_SETSIZE) {
		close(fd[0]);
		close(fd[1]);
		return false;
	}
	t->fd = fd[0];
	t->cli_fd = fd[1];
	fcntl(t->fd, F_SETFL, O_NONBLOCK);
	return true;
}

struct term *
term_open(uv_loop_t *loop, const struct term_ops *ops, void *service,
	  const struct term_transport *transport)
{
	struct term *t = x_alloc(sizeof(*t));

	t->ops = ops;
	t->transport = *transport;
	t->at_start = true;
	t->waiting = t->taken = true; /* for the first prompt */
	t->width = 80;
	t->height = 24;
	if (!connect_ends(t)) {
		free(t);
		return NULL;
	}
	pthread_mutex_init(&t->lock, NULL);
	pthread_cond_init(&t->answered, NULL);
	uv_async_init(loop, &t->async, on_request);
	uv_poll_init(loop, &t->poll, t->fd);
	t->async.data = t->poll.data = t;
	t->open_handles = 2;
	t->arg = ops->open(service, t);
	refresh_prompt(t);
	if (edit_start(t)) {
		t->closing = true;
		ops->close(t->arg, t);
		close(t->cli_fd);
		handles_close(t);
		return NULL;
	}
	poll_set(t);
	return t;
}

void
term_resize(struct term *t, unsigned width, unsigned height)
{
	t->width = width;
	t->height = height;
}

unsigned
term_width(const struct term *t)
{
	return t->width;
}

unsigned
term_height(const struct term *t)
{
	return t->height;
}
