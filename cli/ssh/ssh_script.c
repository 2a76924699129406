/* SPDX-License-Identifier: Apache-2.0 */
/* A shell without a terminal: see ssh_script.h. */
#include "cli/ssh/ssh_script.h"

#include <stdlib.h>
#include <string.h>

#include "cli/shell/line.h"
#include "cli/shell/login.h"
#include "cli/shell/shell.h"
#include "cli/ssh/ssh_priv.h"
#include "compiler/base/text.h"

#define LINE_LIMIT    4095
#define IN_HIGH       65536 /* octets of waiting lines: the user has to wait */
#define LINES_AT_ONCE 200

struct script {
	struct sshd_channel *ch; /* NULL: over */
	const struct console_service *service;
	struct shell *sh;
	bool crlf;       /* there is a terminal after all (ssh -t) */
	bool exec;       /* the commands are given; input only answers */
	bool input_over; /* no more will come */
	bool busy;       /* a line runs */
	bool in_line;    /* shell_line is on the stack */
	bool closed;     /* the shell is */
	bool refused;
	bool full;
	unsigned inside; /* calls on the stack */
	struct text commands, input, said;
};

/* --- output ----------------------------------------------------------------------------------- */

static void
say_octets(struct script *s, const char *text, size_t n)
{
	size_t from = 0, i;

	if (!s->ch)
		return;
	for (i = 0; s->crlf && i < n; i++)
		if (text[i] == '\n') {
			sshd_channel_write(s->ch, text + from, i - from);
			sshd_channel_write(s->ch, "\r\n", 2);
			from = i + 1;
		}
	sshd_channel_write(s->ch, text + from, n - from);
}

static void
say_text(struct script *s, const char *text)
{
	say_octets(s, text, strlen(text));
}

static void
shell_says(void *arg, const char *text, size_t n)
{
	struct script *s = arg;

	if (s->in_line)
		text_add(&s->said, text, n);
	else
		say_octets(s, text, n);
}

/* The next line is taken in script_run: a shell must not be freed from within its own call. */
static void
shell_done(void *arg)
{
	struct script *s = arg;

	s->busy = false;
	if (!s->in_line && shell_refused(s->sh)) /* a line that took its time */
		s->refused = true;
	if (s->ch)
		sshd_wake(s->ch->c);
}

static void
shell_closes(void *arg)
{
	struct script *s = arg;

	s->closed = true;
	s->busy = false;
	if (s->ch)
		sshd_wake(s->ch->c);
}

static const struct shell_io io = {
    .write = shell_says,
    .done = shell_done,
    .close = shell_closes,
};

/* --- life ------------------------------------------------------------------------------------- */

static void
enter_script(struct script *s)
{
	s->service->enter(s->service->arg);
	s->inside++;
}

static void
leave_script(struct script *s)
{
	const struct console_service *service = s->service;
	bool gone = --s->inside == 0 && !s->ch;

	if (gone) {
		shell_free(s->sh);
		text_fini(&s->commands);
		text_fini(&s->input);
		text_fini(&s->said);
		free(s);
	}
	service->leave(service->arg);
	if (gone)
		service->gone(service);
}

static void
finish_script(struct script *s)
{
	struct sshd_channel *ch = s->ch;

	s->ch = NULL;
	if (ch)
		sshd_channel_finish(ch, s->refused ? 1 : 0);
}

/* --- lines ------------------------------------------------------------------------------------ */

/* Takes the first line of t, without its end, which may be missing when no more comes. */
static char *
take_line(struct text *t, bool over)
{
	const char *end = t->n ? memchr(t->p, '\n', t->n) : NULL;
	size_t n = end ? (size_t)(end - t->p) : t->n, whole = end ? n + 1 : n;
	char *line;

	if (!end && (!over || !t->n))
		return NULL;
	line = x_alloc(n + 1);
	memcpy(line, t->p, n);
	if (n && line[n - 1] == '\r')
		line[n - 1] = 0;
	t->n -= whole;
	memmove(t->p, t->p + whole, t->n);
	explicit_bzero(t->p + t->n, whole);
	return line;
}

/* The next line to run; NULL: none yet. */
static char *
next_line(struct script *s)
{
	if (shell_asking(s->sh) || !s->exec)
		return take_line(&s->input, s->input_over);
	return take_line(&s->commands, true);
}

static bool
nothing_left(const struct script *s)
{
	return s->closed ||
	       (s->exec ? !s->commands.n && !shell_asking(s->sh) : s->input_over && !s->input.n);
}

static void
run_line(struct script *s, const char *line)
{
	char prompt[SHELL_PROMPT_MAX];

	shell_prompt(s->sh, prompt);
	text_clear(&s->said);
	s->in_line = s->busy = true;
	if (strlen(line) <= LINE_LIMIT)
		shell_line(s->sh, line);
	else
		s->busy = false;
	s->in_line = false;
	if (strlen(line) > LINE_LIMIT || shell_refused(s->sh)) {
		s->refused = true;
		say_text(s, prompt);
		say_text(s, line);
		say_text(s, "\n");
	}
	if (strlen(line) > LINE_LIMIT)
		text_puts(&s->said, "% Line is too long\n");
	say_octets(s, s->said.p, s->said.n);
}

/* Withdraws a question that nobody will answer. */
static void
withdraw_question(struct script *s)
{
	s->refused = true;
	s->busy = true;
	shell_interrupt(s->sh); /* leads to shell_done */
}

static void
run_lines(struct script *s)
{
	char *line;
	int i;

	for (i = 0; i < LINES_AT_ONCE && !s->busy && !s->closed && !s->full; i++) {
		line = next_line(s);
		if (!line)
			break;
		run_line(s, line);
		explicit_bzero(line, strlen(line));
		free(line);
	}
	if (i == LINES_AT_ONCE)
		sshd_wake(s->ch->c); /* the others on this loop first */
	else if (s->busy || s->full)
		return;
	else if (!s->closed && shell_asking(s->sh) && s->input_over && !s->input.n)
		withdraw_question(s);
	else if (nothing_left(s))
		finish_script(s);
}

/* --- the channel's calls ---------------------------------------------------------------------- */

static void
script_run(void *arg)
{
	struct script *s = arg;

	if (s->busy || s->full)
		return;
	enter_script(s);
	run_lines(s);
	if (s->ch)
		sshd_channel_pause(s->ch, s->input.n > IN_HIGH);
	leave_script(s);
}

static void
script_input(void *arg, const char *data, size_t n)
{
	struct script *s = arg;

	text_add(&s->input, data, n);
	shell_touch(s->sh);
	script_run(s);
}

static void
script_end(void *arg)
{
	struct script *s = arg;

	s->input_over = true;
}

/* exec-timeout: nobody has sent anything for so long, and nothing runs. */
static void
script_tick(void *arg)
{
	struct script *s = arg;
	uint64_t patience;

	enter_script(s);
	patience = s->busy || s->closed || !shell_line_id(s->sh) ? 0 : login_patience(s->sh);
	if (patience && (uint64_t)shell_idle(s->sh) > patience) {
		s->refused = true;
		finish_script(s);
	}
	leave_script(s);
}

static void
script_full(void *arg, bool full)
{
	struct script *s = arg;

	s->full = full;
	if (!full)
		sshd_wake(s->ch->c);
}

static void
script_hangup(void *arg)
{
	struct script *s = arg;

	enter_script(s);
	s->ch = NULL;
	leave_script(s);
}

static const struct sshd_worker script_worker = {
    .run = script_run,
    .input = script_input,
    .end = script_end,
    .full = script_full,
    .tick = script_tick,
    .hangup = script_hangup,
};

/* Takes a free terminal line, as console.c does but without its messages. False: none is free. */
static bool
take_vty(struct script *s, const struct sshd_connection *c)
{
	const struct console_service *service = s->service;
	struct line_caller who = {.how = LINE_SSH, .peer = c->peer, .known = true};
	struct line_settings settings;
	enum line_refusal why;
	struct line_id id;

	if (!service->vty)
		return true;
	why = line_find(service->router, &who, &id);
	if (why != LINE_ADMITTED) {
		say_text(s, why == LINE_BUSY ? "% All lines are in use\n"
		                             : "% Connection refused by remote host\n");
		return false;
	}
	line_settings(service->router, id, &settings);
	shell_set_line(s->sh, &id, c->peer);
	shell_set_user(s->sh, c->user);
	/* As in login.c: the line's level holds for users that have none of their own. */
	shell_set_level(s->sh, service->level == 1 && settings.level >= 0 ? (unsigned)settings.level
	                                                                  : service->level);
	return true;
}

bool
ssh_script_start(struct sshd_channel *ch, const char *commands)
{
	struct script *s = x_alloc(sizeof(*s));
	bool ok;

	s->ch = ch;
	s->service = sshd_service_new(ch->c);
	s->crlf = ch->pty;
	s->exec = commands != NULL;
	if (commands)
		text_puts(&s->commands, commands);
	ch->worker = &script_worker;
	ch->arg = s;
	enter_script(s);
	ok = router_is_up(s->service->router);
	if (ok) {
		s->sh = shell_new(s->service->router, &io, s, false);
		ok = take_vty(s, ch->c);
	} else {
		say_text(s, "The router is down.\n");
	}
	if (ok) {
		sshd_wake(ch->c);
	} else {
		s->refused = true;
		finish_script(s);
	}
	leave_script(s);
	return true;
}
