/* SPDX-License-Identifier: Apache-2.0 */
/* A shell without a terminal: see script.h. */
#include "cli/term/script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/device/load.h"
#include "cli/shell/line.h"
#include "cli/shell/login.h"
#include "cli/shell/shell.h"
#include "compiler/base/text.h"

#define LINE_LIMIT    4095
#define IN_HIGH       65536 /* octets of waiting lines: the user has to wait */
#define LINES_AT_ONCE 200

struct script {
	struct script_wire wire;
	bool over; /* the wire is not called any more */
	const struct console_service *service;
	struct shell *sh;
	bool exec;       /* the commands are given; input only answers */
	bool input_over; /* no more will come */
	bool busy;       /* a line runs */
	bool in_line;    /* shell_line is on the stack */
	bool closed;     /* the shell is */
	bool refused;
	bool full;
	unsigned inside; /* calls on the stack */
	unsigned number; /* of the line that was taken last, from 1 */
	struct text commands, input, said;
};

/* --- output ----------------------------------------------------------------------------------- */

static void
say_octets(struct script *s, const char *text, size_t n)
{
	size_t from = 0, i;

	if (s->over || !n)
		return;
	for (i = 0; s->wire.crlf && i < n; i++)
		if (text[i] == '\n') {
			s->wire.write(s->wire.arg, text + from, i - from);
			s->wire.write(s->wire.arg, "\r\n", 2);
			from = i + 1;
		}
	s->wire.write(s->wire.arg, text + from, n - from);
}

/* What was refused: apart from the output where the wire has a place for it. */
static void
tell_octets(struct script *s, const char *text, size_t n)
{
	if (!s->over && s->wire.tell)
		s->wire.tell(s->wire.arg, text, n);
	else
		say_octets(s, text, n);
}

static void
tell_text(struct script *s, const char *text)
{
	tell_octets(s, text, strlen(text));
}

/* "stdin:3: refused:", where lines have numbers. */
static void
tell_place(struct script *s)
{
	char place[64];

	if (s->exec || !s->wire.name)
		return;
	snprintf(place, sizeof(place), "%s:%u: refused:\n", s->wire.name, s->number);
	tell_text(s, place);
}

static void
wake_later(struct script *s)
{
	if (!s->over)
		s->wire.wake(s->wire.arg);
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
	if (!s->in_line && shell_refused(s->sh)) { /* a line that took its time */
		s->refused = true;
		tell_place(s);
	}
	wake_later(s);
}

static void
shell_closes(void *arg)
{
	struct script *s = arg;

	s->closed = true;
	s->busy = false;
	wake_later(s);
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

/* Is the script over, and gone? */
static bool
leave_script(struct script *s)
{
	const struct console_service *service = s->service;
	bool gone = --s->inside == 0 && s->over;

	if (gone) {
		shell_free(s->sh);
		text_fini(&s->commands);
		text_fini(&s->input);
		text_fini(&s->said);
		free(s);
	}
	service->leave(service->arg);
	if (gone && service->gone)
		service->gone(service);
	return gone;
}

static void
finish_script(struct script *s)
{
	if (s->over)
		return;
	s->over = true;
	s->wire.finish(s->wire.arg, s->refused ? 1 : 0);
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
	char *line;

	if (shell_asking(s->sh) || !s->exec) {
		line = take_line(&s->input, s->input_over);
		s->number += line != NULL;
		return line;
	}
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
	struct text told = TEXT_INIT;

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
		tell_place(s);
		tell_text(s, prompt);
		if (strlen(line) > LINE_LIMIT)
			text_puts(&s->said, "% Line is too long\n");
		/* What goes here may end in a log: no secret of the line does. */
		load_mask_message(line, line, &told);
		text_puts(&told, "\n");
		load_mask_message(text_string(&s->said), line, &told);
		tell_octets(s, told.p, told.n);
		text_fini(&told);
	} else {
		say_octets(s, s->said.p, s->said.n);
	}
}

/* Withdraws a question that nobody will answer, and says which one. */
static void
withdraw_question(struct script *s)
{
	char prompt[SHELL_PROMPT_MAX];

	shell_prompt(s->sh, prompt);
	tell_place(s);
	tell_text(s, prompt);
	tell_text(s, "\n% Nobody answers: the command is refused\n");
	s->refused = true;
	s->busy = true;
	shell_interrupt(s->sh); /* leads to shell_done */
}

/* Nothing behind a line that has no end is run. */
static void
end_endless(struct script *s)
{
	s->number++;
	tell_place(s);
	tell_text(s, "% Line is too long\n");
	s->refused = true;
	finish_script(s);
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
	if (s->input.n > IN_HIGH && !memchr(s->input.p, '\n', s->input.n))
		end_endless(s);
	else if (i == LINES_AT_ONCE)
		wake_later(s); /* the others on this loop first */
	else if (s->busy || s->full)
		return;
	else if (!s->closed && shell_asking(s->sh) && s->input_over && !s->input.n)
		withdraw_question(s);
	else if (nothing_left(s))
		finish_script(s);
}

/* --- the wire's calls ------------------------------------------------------------------------- */

void
script_run(struct script *s)
{
	if (s->busy || s->full)
		return;
	enter_script(s);
	run_lines(s);
	if (!s->over)
		s->wire.pause(s->wire.arg, s->input.n > IN_HIGH);
	leave_script(s);
}

void
script_input(struct script *s, const char *data, size_t n)
{
	text_add(&s->input, data, n);
	shell_touch(s->sh);
	script_run(s);
}

void
script_end(struct script *s)
{
	s->input_over = true;
	wake_later(s);
}

void
script_tick(struct script *s)
{
	uint64_t patience;

	enter_script(s);
	patience = s->busy || s->closed || !shell_line_id(s->sh) ? 0 : login_patience(s->sh);
	if (patience && (uint64_t)shell_idle(s->sh) > patience) {
		s->refused = true;
		finish_script(s);
	}
	leave_script(s);
}

void
script_output_full(struct script *s, bool full)
{
	s->full = full;
	if (!full)
		wake_later(s);
}

void
script_hangup(struct script *s)
{
	enter_script(s);
	s->over = true;
	leave_script(s);
}

/* Takes a free terminal line, as console.c does but without its messages. False: none is free. */
static bool
take_vty(struct script *s)
{
	const struct console_service *service = s->service;
	struct line_caller who = {
	    .how = service->transport, .peer = service->peer, .known = service->logged_in};
	struct line_settings settings;
	enum line_refusal why;
	struct line_id id;

	if (!service->vty)
		return true;
	why = line_find(service->router, &who, &id);
	if (why != LINE_ADMITTED) {
		tell_text(s, why == LINE_BUSY ? "% All lines are in use\n"
		                              : "% Connection refused by remote host\n");
		return false;
	}
	line_settings(service->router, id, &settings);
	shell_set_line(s->sh, &id, service->peer);
	shell_set_user(s->sh, service->user);
	shell_set_local(s->sh, service->transport == LINE_LOCAL);
	/* As in login.c: the line's level holds for users that have none of their own. */
	shell_set_level(s->sh, service->level == 1 && settings.level >= 0 ? (unsigned)settings.level
	                                                                  : service->level);
	return true;
}

struct script *
script_open(const struct console_service *service, const struct script_wire *wire,
            const char *commands)
{
	struct script *s = x_alloc(sizeof(*s));
	bool ok;

	s->wire = *wire;
	s->service = service;
	s->exec = commands != NULL;
	if (commands)
		text_puts(&s->commands, commands);
	enter_script(s);
	ok = router_is_up(service->router);
	if (ok) {
		s->sh = shell_new(service->router, &io, s, false);
		ok = take_vty(s);
	} else {
		tell_text(s, "The router is down.\n");
	}
	if (ok) {
		wake_later(s);
	} else {
		s->refused = true;
		finish_script(s);
	}
	return leave_script(s) ? NULL : s;
}
