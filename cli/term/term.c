/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libcli joined to the loop; term_edit.c has its side.
 *
 *   transport --> term_input --> in --[one line at a time]--> socketpair --> cli_loop (thread)
 *   transport <-- out_filter <------------------------------- socketpair <--'     |
 *   transport <-- term_write <-- ops->line <-- uv_async <-- request ---------------'
 *
 * cli_loop calls exported functions of its own library to run a line, to complete words and to set
 * the prompt. This program defines three of them itself, and the dynamic linker prefers ours:
 * cli_run_command, cli_get_completions and cli_set_promptchar. term_check makes sure of it.
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
 *
 * A line that is there as a whole, as in a paste, does not go through libcli: with its one octet a
 * system call and the two changes of thread it costs more than the command does. The loop echoes
 * it, runs it and shows the prompt (term_in.c); when there are no more of them libcli is fed an
 * empty line, of which nothing is seen but the prompt, and has all of it as it should be.
 */
#include "cli/term/term_parts.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- requests --------------------------------------------------------------------------------- */

static void
refresh_prompt(struct term *t)
{
	t->prompt[0] = MARK;
	t->ops->prompt(t->arg, t, t->prompt + 1);
}

/* After Tab: tells our copy of the line which words libcli will put in. */
static void
tab_done(struct term *t)
{
	term_line_completed(&t->line, t->words, (size_t)t->n_words);
	t->editor = EDITOR_TYPED;
}

void
term_done(struct term *t)
{
	if (!term_runs(t) || !page_end(t))
		return;
	if (t->state != TERM_CLOSING)
		t->state = TERM_IDLE;
	if (t->editor == EDITOR_TAB)
		tab_done(t);
	pthread_mutex_lock(&t->lock);
	refresh_prompt(t);
	t->answer = !t->direct;
	pthread_cond_signal(&t->answered);
	pthread_mutex_unlock(&t->lock);
	if (t->direct && !t->pumping)
		uv_async_send(&t->async); /* the caller may not be ready for a line now */
	t->direct = false;
}

void
term_ask(struct term *t, const char *question, bool echo)
{
	free(t->question);
	t->question = x_strdup(question);
	t->ask_echo = echo;
	t->n_ask = 0;
	if (!page_ask(t))
		return;                          /* called again when the user has read all of it */
	out_text(t, question, strlen(question)); /* shown even after --More-- was ended */
	if (t->state != TERM_CLOSING)
		t->state = TERM_ASKING;
	in_pump(t);
}

void
term_word(struct term *t, const char *word)
{
	if (term_runs(t) && t->n_words < WORDS_MAX)
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
	in_fini(t);
	page_fini(t);
	free(t->question);
	free(t);
}

static void
handles_close(struct term *t)
{
	uv_close((uv_handle_t *)&t->async, handle_closed);
	uv_close((uv_handle_t *)&t->poll, handle_closed);
	uv_close((uv_handle_t *)&t->timer, handle_closed);
}

/* The thread has left cli_loop: tells the session's owner, and closes the handles. */
static void
finish_term(struct term *t)
{
	out_drain(t);
	pthread_join(t->thread, NULL);
	t->state = TERM_CLOSING;
	t->ops->close(t->arg, t);
	if (!t->transport_gone)
		t->transport.close(t->transport.arg);
	handles_close(t);
}

static void
handle_request(struct term *t, enum request r, const char *text)
{
	t->state = TERM_RUNNING;
	if (r == REQUEST_HELP) {
		t->ops->help(t->arg, t, text);
		return;
	}
	if (r == REQUEST_TAB) {
		t->ops->complete(t->arg, t, text);
		return;
	}
	t->editor = EDITOR_PROMPTS;
	if (*text)
		in_run(t, text);
	else
		term_done(t);
}

static void
on_request(uv_async_t *async)
{
	struct term *t = async->data;
	enum request r;
	char *text;

	out_drain(t);
	if (t->full && t->state != TERM_CLOSING)
		return; /* until term_output_full */
	pthread_mutex_lock(&t->lock);
	r = t->request;
	text = t->text;
	t->request = REQUEST_NONE;
	t->text = NULL;
	pthread_mutex_unlock(&t->lock);
	if (r == REQUEST_EXIT)
		finish_term(t);
	else if (r != REQUEST_NONE && t->state != TERM_CLOSING)
		handle_request(t, r, text);
	else if (t->state != TERM_CLOSING && t->stale)
		in_pump(t);
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
	if (t->state != TERM_CLOSING)
		in_pump(t);
}

void
term_poll(struct term *t)
{
	int events = t->full ? 0 : UV_READABLE;

	if (in_may_feed(t))
		events |= UV_WRITABLE;
	uv_poll_start(&t->poll, events, on_poll);
}

void
term_output_full(struct term *t, bool full)
{
	if (t->full == full)
		return;
	t->full = full;
	if (t->state == TERM_CLOSING)
		return;
	if (t->through)
		t->ops->full(t->arg, t, full);
	if (full) {
		term_poll(t);
		return;
	}
	on_request(&t->async);
	if (t->state != TERM_CLOSING)
		in_pump(t);
}

/* --- life ------------------------------------------------------------------------------------- */

void
term_close(struct term *t)
{
	if (t->state == TERM_CLOSING)
		return;
	t->page.dropped |= t->state == TERM_PAUSED; /* nothing is shown after --More-- */
	t->state = TERM_CLOSING;
	/* The thread may be writing: the loop goes on reading, so that the thread can end. */
	uv_poll_start(&t->poll, UV_READABLE, on_poll);
	pthread_mutex_lock(&t->lock);
	t->quit = true;
	pthread_cond_signal(&t->answered);
	pthread_mutex_unlock(&t->lock);
	shutdown(t->fd, SHUT_WR); /* cli_loop reads the end */
	uv_async_send(&t->async); /* the end of the session may have waited for a full transport */
}

void
term_hangup(struct term *t)
{
	t->transport_gone = true;
	term_close(t);
}

/* --- time ------------------------------------------------------------------------------------- */

static void
on_timer(uv_timer_t *timer)
{
	struct term *t = timer->data;
	uint64_t idle = uv_now(timer->loop) - t->key_at;

	if (t->state == TERM_CLOSING || !t->timeout)
		return;
	if (idle < t->timeout) {
		uv_timer_start(timer, on_timer, t->timeout - idle, 0);
		return;
	}
	t->timeout = 0;
	t->ops->timeout(t->arg, t);
}

void
term_set_timeout(struct term *t, uint64_t timeout)
{
	t->key_at = uv_now(t->timer.loop);
	if (timeout == t->timeout || t->state == TERM_CLOSING)
		return; /* the timer that runs looks at the new time when it ends */
	t->timeout = timeout;
	if (timeout)
		uv_timer_start(&t->timer, on_timer, timeout, 0);
	else
		uv_timer_stop(&t->timer);
}

void
term_restart(struct term *t)
{
	if (t->state == TERM_CLOSING)
		return;
	page_forget(t);
	in_forget(t);
	if (t->state == TERM_RUNNING)
		return; /* libcli, or nobody, waits for term_done */
	if ((t->editor == EDITOR_TYPED || t->editor == EDITOR_TAB) &&
	    send(t->fd, TERM_KILL, 1, MSG_NOSIGNAL) == 1)
		t->editor = EDITOR_EMPTY;
	t->state = TERM_RUNNING;
	t->direct = t->stale = true;
}

const struct term_transport *
term_wire(const struct term *t)
{
	return &t->transport;
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
	t->editor = EDITOR_PROMPTS;
	t->width = TERM_WIDTH;
	if (!connect_ends(t)) {
		free(t);
		return NULL;
	}
	pthread_mutex_init(&t->lock, NULL);
	pthread_cond_init(&t->answered, NULL);
	uv_async_init(loop, &t->async, on_request);
	uv_poll_init(loop, &t->poll, t->fd);
	uv_timer_init(loop, &t->timer);
	uv_unref((uv_handle_t *)&t->timer);
	t->async.data = t->poll.data = t->timer.data = t;
	t->open_handles = 3;
	t->arg = ops->open(service, t);
	if (t->state == TERM_ASKING) {
		/*
		 * As after a line that did not go through libcli: libcli's first prompt is empty,
		 * the next is the real one.
		 */
		t->direct = t->stale = t->quiet = true;
		t->prompt[0] = MARK;
	} else {
		refresh_prompt(t);
	}
	if (edit_start(t)) {
		t->state = TERM_CLOSING;
		ops->close(t->arg, t);
		close(t->cli_fd);
		handles_close(t);
		return NULL;
	}
	term_poll(t);
	return t;
}

void
term_resize(struct term *t, unsigned width, unsigned height)
{
	t->width = width ? width : TERM_WIDTH;
	t->height = height ? height : TERM_HEIGHT;
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
