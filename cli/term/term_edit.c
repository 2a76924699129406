/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libcli's side of a terminal, in the session's thread. This is the only file that knows libcli:
 * term.c tells how the two are joined.
 */
#include "cli/term/term_parts.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libcli.h>

/* libcli holds two lines on its stack, and a sanitizer twice as much as it needs. */
#define STACK_SIZE (512 * 1024)

/* Hands a request to the loop and waits; true when the session shall end. */
static bool
request_wait(struct term *t, enum request r, const char *text)
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

/*
 * Gives libcli a copy of the prompt: the loop may make the next one while libcli still shows this
 * one.
 */
static void
show_prompt_of(struct cli_def *cli, struct term *t)
{
	pthread_mutex_lock(&t->lock);
	show_prompt(cli, t->prompt);
	pthread_mutex_unlock(&t->lock);
}

/* Which of our functions libcli has called without a session, as a set; see term_check. */
enum { PROBE_LINE = 1, PROBE_TAB = 2, PROBE_PROMPT = 4 };
static unsigned probed;

/* The line as the user typed it: without EOL, and quoted `?` and Ctrl-Z as characters. */
static char *
plain_line(const char *line, size_t n)
{
	char *copy = x_alloc(n + 1);
	size_t len = 0, i;

	for (i = 0; i < n; i++)
		if (line[i] != EOL)
			copy[len++] = line[i];
	return copy;
}

static void
unquote_line(char *line)
{
	for (; *line; line++)
		if (*line == KEY_QUESTION)
			*line = '?';
		else if (*line == TERM_CTRL_Z[0])
			*line = KEY('Z');
}

/*
 * Removes the line that libcli has just put into its history: the shell keeps the history, and not
 * of every line.
 */
static void
forget_history(struct cli_def *cli)
{
	for (int i = 0; i < MAX_HISTORY && cli->history[i]; i++) {
		explicit_bzero(cli->history[i], strlen(cli->history[i]));
		free(cli->history[i]);
		cli->history[i] = NULL;
	}
}

/* libcli calls this for each line that is not empty. */
int
cli_run_command(struct cli_def *cli, const char *command)
{
	struct term *t = cli_get_context(cli);
	size_t n = strlen(command);
	bool quit, help = n && command[n - 1] == '?';
	char *copy;

	if (!t) {
		probed |= PROBE_LINE;
		return CLI_OK;
	}
	if (!help)
		forget_history(cli);
	copy = plain_line(command, n - help);
	unquote_line(copy);
	quit = request_wait(t, help ? REQUEST_HELP : REQUEST_LINE, copy);
	explicit_bzero(copy, n - help);
	free(copy);
	if (quit)
		return CLI_QUIT;
	show_prompt_of(cli, t);
	return CLI_OK;
}

void cli_get_completions(struct cli_def *cli, const char *line, char lastchar,
                         struct cli_comphelp *help); /* libcli exports but does not declare it */

/*
 * Gives libcli the words that it may put in place of the last one, which to libcli begins after a
 * blank or a `|`. It does not look whether they fit, nor clears what is longer than they are.
 */
static void
offer_words(struct term *t, const char *line, struct cli_comphelp *help)
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
	copy = plain_line(line, n);
	unquote_line(copy);
	if (!request_wait(t, REQUEST_TAB, copy))
		offer_words(t, line, help);
	explicit_bzero(copy, n);
	free(copy);
	while (t->n_words)
		free(t->words[--t->n_words]);
}

/* libcli sets "> " and "# " when privilege changes; prompts are ours. */
void
cli_set_promptchar(struct cli_def *cli, const char *promptchar)
{
	struct term *t = cli_get_context(cli);

	(void)promptchar;
	if (t) {
		show_prompt_of(cli, t);
		return;
	}
	probed |= PROBE_PROMPT;
	show_prompt(cli, "");
}

static void *
run_session(void *arg)
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

static struct cli_def *
editor_new(struct term *t)
{
	struct cli_def *cli = cli_init();

	if (!cli)
		abort();
	cli_telnet_protocol(cli, 0);
	cli_regular_interval(cli, 1 << 30); /* the hook does nothing: no need to wake up for it */
	cli_set_context(cli, t);
	show_prompt(cli, t->prompt);
	return cli;
}

/* Signals are the loop's. */
int
edit_start(struct term *t)
{
	sigset_t all, before;
	pthread_attr_t attr;
	int r;

	t->cli = editor_new(t);
	sigfillset(&all);
	sigdelset(&all, SIGSYS); /* the thread's own: it made a call that is refused */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	r = pthread_create(&t->thread, &attr, run_session, t);
	pthread_attr_destroy(&attr);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (r)
		cli_done(t->cli);
	return r;
}
