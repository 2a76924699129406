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
 *
 * Prompts come for more than lines (`?`, Ctrl-L, Ctrl-A), and of an empty line libcli says nothing.
 * So every line that is fed ends with EOL in front of its CR: none is empty, each becomes a
 * request, and the next is fed after it. EOL is taken out of lines, echo and history again.
 *
 * libcli's line has 4096 octets, and it copies completions into it unchecked: see offer().
 */
#include "cli/term.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libcli.h>

#include "cli/keys.h"

#define MARK       '\x01'
#define EOL        '\x1f'
#define ENTER      "\x05\x1f\r" /* Ctrl-E, for EOL goes to the end; EOL; CR */
#define IN_HIGH    65536        /* stop reading from the user beyond this */
#define WORDS_MAX  64
#define ANSWER_MAX 512

enum request { REQUEST_NONE, REQUEST_LINE, REQUEST_HELP, REQUEST_TAB, REQUEST_EXIT };

struct term {
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
	bool pumping; /* input is being handled further up the stack */
	bool waiting; /* a whole line was fed, its prompt has not come yet */
	bool taken;   /* the line that was fed has become a request */
	bool redraw;  /* libcli was told to show its prompt again, and has not yet */
	bool full;    /* the transport cannot take more for now */
	bool in_over; /* the user sends no more */
	bool paused;
	struct keys keys;
	bool at_start, held_crlf, held_cr; /* of the output */
	char *in;
	size_t n_in, in_capacity;
	bool asking, ask_echo;
	char *question;
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

/* What of ours libcli has called without a session, as a set; see term_check. */
enum { PROBE_LINE = 1, PROBE_TAB = 2, PROBE_PROMPT = 4 };
static unsigned probed;

/* A line as the user means it: no EOL, quoted `?` as itself. */
static char *
plain(const char *line, size_t n)
{
	char *copy = x_alloc(n + 1);
	size_t len = 0, i;

	for (i = 0; i < n; i++)
		if (line[i] != EOL)
			copy[len++] = line[i];
	return copy;
}

static void
unquote(char *line)
{
	for (; *line; line++)
		if (*line == KEY_QUESTION)
			*line = '?';
}

/* libcli has just remembered this line: without EOL, and not when empty or as the one before. */
static void
fix_history(struct cli_def *cli, const char *line)
{
	int i = MAX_HISTORY;
	char *entry;

	while (i && !cli->history[i - 1])
		i--;
	if (!i || strcmp(cli->history[i - 1], line) != 0)
		return;
	entry = plain(line, strlen(line));
	explicit_bzero(cli->history[i - 1], strlen(line));
	free(cli->history[i - 1]);
	cli->history[i - 1] = entry;
	if (!*entry || (i > 1 && !strcmp(cli->history[i - 2], entry))) {
		free(entry);
		cli->history[i - 1] = NULL;
	}
}

/* libcli calls this for each line that is not empty. */
int
cli_run_command(struct cli_def *cli, const char *line)
{
	struct term *t = cli_get_context(cli);
	size_t n = strlen(line);
	bool quit, help = n && line[n - 1] == '?';
	char *copy;

	if (!t) {
		probed |= PROBE_LINE;
		return CLI_OK;
	}
	if (!help)
		fix_history(cli, line);
	copy = plain(line, n - help);
	unquote(copy);
	quit = request(t, help ? REQUEST_HELP : REQUEST_LINE, copy);
	explicit_bzero(copy, n - help);
	free(copy);
	if (quit)
		return CLI_QUIT;
	show_prompt(cli, t->prompt);
	return CLI_OK;
}

void cli_get_completions(struct cli_def *cli, const char *line, char lastchar,
			 struct cli_comphelp *help); /* libcli exports but does not declare it */

/*
 * Gives libcli the words that it may put in place of the last one, which to libcli begins after a
 * blank or a `|`. It does not look whether they fit, nor clears what is longer than they are.
 */
static void
offer(struct term *t, const char *line, struct cli_comphelp *help)
{
	size_t n = strlen(line), start = n;
	int i;

	while (start && line[start - 1] != ' ' && line[start - 1] != '|')
		start--;
	for (i = 0; i < t->n_words; i++) {
		const char *word = t->words[i];

		if (!strncasecmp(word, line + start, n - start) &&
		    start + strlen(word) + 2 < CLI_MAX_LINE_LENGTH)
			cli_add_comphelp_entry(help, word);
	}
}

/*
 * libcli calls this for `?` and Tab at the end of a line. With -1 entries for `?` it goes on to
 * cli_run_command with the `?` at the end, and shows the line again after it.
 */
void
cli_get_completions(struct cli_def *cli, const char *line, char lastchar, struct cli_comphelp *help)
{
	struct term *t = cli_get_context(cli);
	size_t n = strlen(line);
	char *copy;

	if (!t) {
		probed |= PROBE_TAB;
		return;
	}
	if (lastchar == '?') {
		if (n < CLI_MAX_LINE_LENGTH - 1 && write(t->cli_fd, "?", 1) == 1)
			help->num_entries = -1;
		return;
	}
	copy = plain(line, n);
	unquote(copy);
	if (!request(t, REQUEST_TAB, copy))
		offer(t, line, help);
	explicit_bzero(copy, n);
	free(copy);
	while (t->n_words)
		free(t->words[--t->n_words]);
}

/* libcli sets "> " and "# " when privilege changes; prompts are ours. */
void
cli_set_promptchar(struct cli_def *cli, const char *ignored)
{
	struct term *t = cli_get_context(cli);

	(void)ignored;
	if (!t)
		probed |= PROBE_PROMPT;
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
	if (write(fd[1], "probe\t\r", 7) != 7)
		return "cannot start the line editor";
	shutdown(fd[1], SHUT_WR);
	cli_loop(cli, fd[0]);
	close(fd[1]);
	cli_done(cli);
	return probed == (PROBE_LINE | PROBE_TAB | PROBE_PROMPT)
		   ? NULL
		   : "libcli does not call this program's functions: link it as a shared library, "
		     "and this program with -rdynamic";
}

/* --- output ----------------------------------------------------------------------------------- */

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
			t->waiting = t->waiting && !t->taken;
			t->redraw = false;
		} else if (data[i] == EOL) {
			continue;
		} else if (data[i] == '\r' && i + 1 < n && data[i + 1] == '\n' &&
			   (len ? out[len - 1] == '\n' : t->at_start)) {
			t->held_crlf = true;
			i++;
		} else {
			out[len++] = data[i] == KEY_QUESTION ? '?' : data[i];
		}
	}
	emit(t, out, len);
}

/* A full transport leaves it in the socketpair, where the session's thread waits to write more. */

static void
drain(struct term *t)
{
	char buf[4096];
	ssize_t n;
	size_t from;

	/* A CR at the end waits for its LF. */
	while (!t->full || t->closing) {
		buf[0] = '\r';
		n = read(t->fd, buf + 1, sizeof(buf) - 1);
		if (n <= 0)
			return;
		if (t->closing)
			continue; /* the thread comes to its end; nobody looks any more */
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

/* One that a full transport cannot take is lost, as on a slow console line. */
void
term_notify(struct term *t, const char *text)
{
	if (t->closing)
		return;
	drain(t);
	if (t->full)
		return;
	if (!t->at_start)
		term_write(t, "\n", 1);
	term_write(t, text, strlen(text));
	term_write(t, "\n", 1);
	if (t->asking) {
		term_write(t, t->question, strlen(t->question));
		if (t->ask_echo)
			emit(t, t->ask, t->n_ask);
	} else {
		uv_async_send(&t->async); /* once for all log lines of this turn of the loop */
	}
}

/* After log lines: libcli shows the prompt and what was typed again. */
static void
redraw(struct term *t)
{
	if (t->running || t->waiting || t->redraw || t->closing || !t->at_start)
		return;
	t->redraw = send(t->fd, (char[]){KEY('L')}, 1, MSG_NOSIGNAL) == 1;
}

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
					emit(t, "\b \b", 3);
			}
		} else if (((unsigned char)c >= ' ' || c == KEY_QUESTION) &&
			   t->n_ask < sizeof(t->ask) - 1) {
			c = c == KEY_QUESTION ? '?' : c;
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
	drain(t);
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

	drain(t);
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
		redraw(t);
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
	drain(t);
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

/* Signals are the loop's. */
static int
thread_start(struct term *t)
{
	sigset_t all, before;
	int r;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(&t->thread, NULL, session, t);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return r;
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
	t->cli = editor_new(t);
	if (thread_start(t)) {
		t->closing = true;
		ops->close(t->arg, t);
		cli_done(t->cli);
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
