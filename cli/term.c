/*
 * libcli joined to the loop. This is the only file that knows libcli.
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
 * MARK also says that the line before is finished, and the next one may be fed.
 */
#include "cli/term.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libcli.h>

#define MARK       '\x01'
#define KEY(c)     ((c) - '@')
#define IN_HIGH    65536 /* stop reading from the user beyond this */
#define WORDS_MAX  64
#define ANSWER_MAX 512

enum request { REQUEST_NONE, REQUEST_LINE, REQUEST_HELP, REQUEST_TAB, REQUEST_EXIT };

struct term {
	uv_loop_t *loop;
	const struct term_ops *ops;
	void *arg;
	struct term_transport transport;
	bool transport_gone;

	/* the session's thread */
	pthread_t thread;
	struct cli_def *cli;
	int cli_fd;

	/* between the two; guarded by lock */
	pthread_mutex_t lock;
	pthread_cond_t answered;
	enum request request;
	char *text; /* of the request */
	bool answer, quit;
	char prompt[TERM_PROMPT_MAX + 1]; /* MARK first; the thread reads it after an answer */
	char *words[WORDS_MAX];
	int n_words;

	/* the loop's side */
	uv_async_t async;
	uv_poll_t poll;
	int fd;
	int open_handles;
	bool closing;
	bool running; /* a request is being handled */
	bool waiting; /* a whole line was fed, its prompt has not come yet */
	bool paused, was_cr;
	bool at_start, held_crlf, held_cr; /* of the output */
	char *in;
	size_t n_in, in_capacity;
	bool asking, ask_echo;
	char ask[ANSWER_MAX];
	size_t n_ask;
	unsigned width, height;
};

/* --- the thread's side ------------------------------------------------------------------------ */

/* Hands a request to the loop and waits; true when the session shall end. */
static bool
request(struct term *t, enum request r, const char *text)
{
	bool quit;

	pthread_mutex_lock(&t->lock);
	if (!t->quit) {
		t->request = r;
		t->text = x_strdup(text);
		t->answer = false;
		uv_async_send(&t->async);
	}
	while (!t->answer && !t->quit)
		pthread_cond_wait(&t->answered, &t->lock);
	quit = t->quit;
	pthread_mutex_unlock(&t->lock);
	return quit;
}

static void
show_prompt(struct cli_def *cli, const char *prompt)
{
	free(cli->promptchar);
	cli->promptchar = x_strdup(prompt);
}

static bool probed;

/* libcli calls this for each line that is not empty. */
int
cli_run_command(struct cli_def *cli, const char *line)
{
	struct term *t = cli_get_context(cli);
	size_t n = strlen(line);
	bool quit, help = n && line[n - 1] == '?';
	char *copy;

	if (!t) {
		probed = true;
		return CLI_OK;
	}
	copy = x_strdup(line);
	if (help)
		copy[n - 1] = '\0';
	quit = request(t, help ? REQUEST_HELP : REQUEST_LINE, copy);
	explicit_bzero(copy, n);
	free(copy);
	show_prompt(cli, t->prompt);
	return quit ? CLI_QUIT : CLI_OK;
}

void cli_get_completions(struct cli_def *cli, const char *line, char lastchar,
			 struct cli_comphelp *help); /* libcli exports but does not declare it */

/*
 * libcli calls this for `?` and Tab at the end of a line. With -1 entries for `?` it goes on to
 * cli_run_command with the `?` at the end, and shows the line again after it.
 */
void
cli_get_completions(struct cli_def *cli, const char *line, char lastchar, struct cli_comphelp *help)
{
	struct term *t = cli_get_context(cli);
	int i;

	if (!t)
		return;
	if (lastchar == '?') {
		if (write(t->cli_fd, "?", 1) != 1)
			return;
		help->num_entries = -1;
		return;
	}
	request(t, REQUEST_TAB, line);
	for (i = 0; i < t->n_words; i++) {
		cli_add_comphelp_entry(help, t->words[i]);
		free(t->words[i]);
	}
	t->n_words = 0;
}

/* libcli sets "> " and "# " when privilege changes; prompts are ours. */
void
cli_set_promptchar(struct cli_def *cli, const char *ignored)
{
	struct term *t = cli_get_context(cli);

	(void)ignored;
	show_prompt(cli, t ? t->prompt : "");
}

static void *
session(void *arg)
{
	struct term *t = arg;

	cli_loop(t->cli, t->cli_fd); /* closes cli_fd */
	cli_done(t->cli);
	pthread_mutex_lock(&t->lock);
	t->request = REQUEST_EXIT;
	uv_async_send(&t->async);
	pthread_mutex_unlock(&t->lock);
	return NULL;
}

const char *
term_check(void)
{
	struct cli_def *cli = cli_init();
	int fd[2];

	if (!cli || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd))
		return "cannot start the line editor";
	cli_telnet_protocol(cli, 0);
	if (write(fd[1], "probe\r", 6) != 6)
		return "cannot start the line editor";
	shutdown(fd[1], SHUT_WR);
	cli_loop(cli, fd[0]);
	close(fd[1]);
	cli_done(cli);
	return probed ? NULL
		      : "libcli does not call this program's cli_run_command: link it as a shared "
			"library";
}

/* --- output
 * ----------------------------------------------------------------------------------------- */

static void
emit(struct term *t, const char *data, size_t n)
{
	if (!n)
		return;
	t->at_start = data[n - 1] == '\n';
	if (!t->transport_gone)
		t->transport.write(t->transport.arg, data, n);
}

static void pump(struct term *t);

/* What libcli wrote, without its empty lines and without MARK. */
static void
out_filter(struct term *t, const char *data, size_t n)
{
	char out[4096 + 8];
	size_t len = 0, i;

	for (i = 0; i < n; i++) {
		if (len >= sizeof(out) - 4) {
			emit(t, out, len);
			len = 0;
		}
		if (t->held_crlf && data[i] != MARK) {
			out[len++] = '\r';
			out[len++] = '\n';
		}
		t->held_crlf = false;
		if (data[i] == MARK) {
			t->waiting = false;
		} else if (data[i] == '\r' && i + 1 < n && data[i + 1] == '\n' &&
			   (len ? out[len - 1] == '\n' : t->at_start)) {
			t->held_crlf = true;
			i++;
		} else {
			out[len++] = data[i];
		}
	}
	emit(t, out, len);
}

static void
drain(struct term *t)
{
	char buf[4096];
	ssize_t n;
	size_t from;

	/* A CR at the end waits for its LF. */
	for (;;) {
		buf[0] = '\r';
		n = read(t->fd, buf + 1, sizeof(buf) - 1);
		if (n <= 0)
			return;
		from = t->held_cr ? 0 : 1;
		t->held_cr = buf[n] == '\r';
		out_filter(t, buf + from, (size_t)n + 1 - from - t->held_cr);
	}
}

void
term_write(struct term *t, const char *text, size_t n)
{
	char out[4096 + 2];
	size_t len = 0, i;

	for (i = 0; i < n; i++) {
		if (len >= sizeof(out) - 2) {
			emit(t, out, len);
			len = 0;
		}
		if (text[i] == '\n')
			out[len++] = '\r';
		out[len++] = text[i];
	}
	emit(t, out, len);
}

void
term_notify(struct term *t, const char *text)
{
	if (t->closing)
		return;
	drain(t);
	if (!t->at_start)
		term_write(t, "\n", 1);
	term_write(t, text, strlen(text));
	term_write(t, "\n", 1);
	/* Ctrl-L makes libcli show the prompt and what was typed again. */
	if (!t->running && !t->waiting && send(t->fd, "\x0c", 1, MSG_NOSIGNAL) != 1)
		return;
}

/* --- input
 * ------------------------------------------------------------------------------------------ */

static void
in_remove(struct term *t, size_t n)
{
	t->n_in -= n;
	memmove(t->in, t->in + n, t->n_in);
}

static void
in_insert(struct term *t, const char *text)
{
	size_t n = strlen(text);

	x_grow(&t->in, &t->in_capacity, t->n_in + n, 1);
	memmove(t->in + n, t->in, t->n_in);
	memcpy(t->in, text, n);
	t->n_in += n;
}

/* Reads the answer to a question, as libcli would, but empty answers count. */
static void
take_answer(struct term *t)
{
	while (t->asking && t->n_in) {
		char c = t->in[0];

		in_remove(t, 1);
		if (c == '\r') {
			t->asking = false;
			t->ask[t->n_ask] = '\0';
			term_write(t, "\n", 1);
			t->ops->line(t->arg, t, t->ask);
			explicit_bzero(t->ask, sizeof(t->ask));
		} else if (c == '\b' || c == 0x7f) {
			if (t->n_ask) {
				t->n_ask--;
				if (t->ask_echo)
					emit(t, "\b \b", 3);
			}
		} else if ((unsigned char)c >= ' ' && t->n_ask < sizeof(t->ask) - 1) {
			t->ask[t->n_ask++] = c;
			if (t->ask_echo)
				emit(t, &c, 1);
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
		if (t->in[i] == KEY('C') || t->in[i] == KEY('Z'))
			return i;
	}
	return t->n_in;
}

static void poll_set(struct term *t);

static void
feed(struct term *t)
{
	while (t->n_in && !t->running && !t->waiting && !t->closing) {
		size_t n = feedable(t);
		ssize_t wrote;

		if (!n) {
			char key = t->in[0] == KEY('C') ? 'C' : 'Z';

			in_remove(t, 1);
			in_insert(t, t->ops->escape(t->arg, t, key));
			continue;
		}
		wrote = send(t->fd, t->in, n, MSG_NOSIGNAL);
		if (wrote <= 0)
			break;
		t->waiting = (size_t)wrote == n && t->in[n - 1] == '\r';
		in_remove(t, (size_t)wrote);
		if ((size_t)wrote < n)
			break;
	}
}

static void
pump(struct term *t)
{
	bool behind;

	if (t->asking)
		take_answer(t);
	feed(t);
	behind = t->n_in > IN_HIGH;
	if (behind != t->paused && !t->transport_gone) {
		t->paused = behind;
		t->transport.pause(t->transport.arg, behind);
	}
	if (!t->closing)
		poll_set(t);
}

/* Every line end becomes CR: libcli drops LF. NUL (after CR, in telnet) goes. */
void
term_input(struct term *t, const char *data, size_t n)
{
	size_t i;

	if (t->closing)
		return;
	x_grow(&t->in, &t->in_capacity, t->n_in + n, 1);
	for (i = 0; i < n; i++) {
		char c = data[i];
		bool second = t->was_cr && (c == '\n' || c == '\0');

		t->was_cr = c == '\r';
		if (second || c == '\0' || c == MARK || c == '\xff')
			continue;
		if (t->running && !t->asking && (c == KEY('C') || c == KEY('^'))) {
			t->ops->interrupt(t->arg, t);
			continue;
		}
		t->in[t->n_in++] = c == '\n' ? '\r' : c;
	}
	pump(t);
}

/* --- requests
 * ------------------------------------------------------------------------------------------ */

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
	t->asking = true;
	t->ask_echo = echo;
	t->n_ask = 0;
	pump(t);
}

void
term_word(struct term *t, const char *word)
{
	if (t->n_words < WORDS_MAX)
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
	free(t);
}

/* The thread has left cli_loop: all that remains is to tell, and to close. */
static void
finish(struct term *t)
{
	drain(t);
	pthread_join(t->thread, NULL);
	t->closing = true;
	t->ops->close(t->arg, t);
	if (!t->transport_gone)
		t->transport.close(t->transport.arg);
	uv_close((uv_handle_t *)&t->async, handle_closed);
	uv_close((uv_handle_t *)&t->poll, handle_closed);
}

static void
on_request(uv_async_t *async)
{
	struct term *t = async->data;
	enum request r;
	char *text;

	pthread_mutex_lock(&t->lock);
	r = t->request;
	text = t->text;
	t->request = REQUEST_NONE;
	t->text = NULL;
	pthread_mutex_unlock(&t->lock);
	if (r == REQUEST_NONE)
		return;
	if (r == REQUEST_EXIT) {
		free(text);
		finish(t);
		return;
	}
	drain(t);
	t->running = true;
	if (t->closing)
		term_done(t);
	else if (r == REQUEST_LINE)
		t->ops->line(t->arg, t, text);
	else if (r == REQUEST_HELP)
		t->ops->help(t->arg, t, text);
	else
		t->ops->complete(t->arg, t, text);
	explicit_bzero(text, strlen(text));
	free(text);
}

static void
on_poll(uv_poll_t *poll, int status, int events)
{
	struct term *t = poll->data;

	(void)status;
	(void)events;
	drain(t);
	if (!t->closing)
		pump(t);
}

static void
poll_set(struct term *t)
{
	int events = UV_READABLE;

	if (t->n_in && !t->running && !t->waiting)
		events |= UV_WRITABLE;
	uv_poll_start(&t->poll, events, on_poll);
}

/* --- life
 * ----------------------------------------------------------------------------------------------------
 */

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
}

void
term_hangup(struct term *t)
{
	t->transport_gone = true;
	term_close(t);
}

static struct cli_def *
editor_new(struct term *t)
{
	struct cli_def *cli = cli_init();

	if (!cli)
		abort();
	cli_telnet_protocol(cli, 0);
	cli_set_context(cli, t);
	show_prompt(cli, t->prompt);
	return cli;
}

struct term *
term_open(uv_loop_t *loop, const struct term_ops *ops, void *service,
	  const struct term_transport *transport)
{
	struct term *t = x_alloc(sizeof(*t));
	int fd[2];

	t->loop = loop;
	t->ops = ops;
	t->transport = *transport;
	t->at_start = true;
	t->waiting = true;
	t->width = 80;
	t->height = 24;
	/* libcli waits with select(2): its end must be a low descriptor. */
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd)) {
		free(t);
		return NULL;
	}
	if (fd[1] >= 1024) {
		close(fd[0]);
		close(fd[1]);
		free(t);
		return NULL;
	}
	t->fd = fd[0];
	t->cli_fd = fd[1];
	fcntl(t->fd, F_SETFL, O_NONBLOCK);
	pthread_mutex_init(&t->lock, NULL);
	pthread_cond_init(&t->answered, NULL);
	uv_async_init(loop, &t->async, on_request);
	uv_poll_init(loop, &t->poll, t->fd);
	t->async.data = t->poll.data = t;
	t->open_handles = 2;
	t->arg = ops->open(service, t);
	refresh_prompt(t);
	t->cli = editor_new(t);
	if (pthread_create(&t->thread, NULL, session, t))
		abort();
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
