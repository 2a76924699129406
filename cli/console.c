/*
 * Consoles: see console.h. A console lives from term_ops.open to term_ops.close and owns its shell.
 * A shell may end its session from within shell_line, so it is freed only when no call into it is
 * on the stack.
 */
#include "cli/console.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/shell.h"

_Static_assert(TERM_PROMPT_MAX >= SHELL_PROMPT_MAX, "a shell's prompt fits a terminal's");

struct console {
	const struct console_service *service;
	struct term *term; /* NULL: the session is over */
	struct shell *sh;  /* NULL: the router is down */
	unsigned inside;   /* calls into the shell on the stack */
	bool closed;       /* the shell is to be freed */
	bool leaving;      /* the user left: the terminal is about to close */
	bool busy;         /* a line waits for its term_done */
};

static void
say(struct console *c, const char *text)
{
	if (c->term)
		term_write(c->term, text, strlen(text));
}

static void
finish(struct console *c)
{
	if (!c->busy)
		return;
	c->busy = false;
	if (!c->term)
		return;
	if (c->sh && !c->closed && shell_asking(c->sh)) {
		char question[SHELL_PROMPT_MAX];

		shell_prompt(c->sh, question);
		term_ask(c->term, question, !shell_hides_input(c->sh));
	} else {
		term_done(c->term);
	}
}

/* --- what the shell says ---------------------------------------------------------------------- */

static void
shell_says(void *arg, const char *text, size_t n)
{
	struct console *c = arg;

	if (c->term)
		term_write(c->term, text, n);
}

static void
shell_done(void *arg)
{
	finish(arg);
}

static void
shell_logs(void *arg, const char *text)
{
	struct console *c = arg;

	if (c->term)
		term_notify(c->term, text);
}

static void
shell_pages(void *arg, unsigned length, unsigned width)
{
	struct console *c = arg;

	if (c->term)
		term_page(c->term, length, width);
}

/* `exit` ends the session; a crash only takes the shell away. */
static void
shell_closes(void *arg)
{
	struct console *c = arg;
	struct term *term = c->term;

	c->closed = true;
	if (router_is_up(c->service->router)) {
		c->busy = false;
		c->leaving = true;
		if (term)
			term_close(term);
		return;
	}
	finish(c);
}

static const struct shell_io io = {
    .write = shell_says,
    .done = shell_done,
    .notify = shell_logs,
    .close = shell_closes,
    .page = shell_pages,
};

/* --- what the terminal says ------------------------------------------------------------------- */

/* A new shell where a crash took the one before, if the router is back. */
static void
reopen(struct console *c)
{
	if (c->closed) {
		shell_free(c->sh);
		c->sh = NULL;
		c->closed = false;
	}
	if (!c->sh && router_is_up(c->service->router)) {
		c->sh = shell_new(c->service->router, &io, c, false);
		if (c->service->logged_in)
			shell_set_level(c->sh, c->service->level);
		if (c->service->vty)
			shell_set_vty(c->sh);
	}
}

/* Enters the shell: true when there is one. */
static bool
enter(struct console *c)
{
	c->service->enter(c->service->arg);
	if (c->inside++ == 0 && c->term && !c->leaving)
		reopen(c);
	if (!c->sh || c->closed)
		return false;
	if (c->term)
		shell_window(c->sh, term_height(c->term), term_width(c->term));
	return true;
}

static void
leave(struct console *c)
{
	const struct console_service *s = c->service;
	bool gone = false;

	if (--c->inside == 0) {
		if (c->term && !c->leaving) {
			reopen(c);
		} else if (!c->term) {
			shell_free(c->sh);
			free(c);
			gone = true;
		}
	}
	s->leave(s->arg);
	if (gone && s->gone)
		s->gone(s);
}

static void *
console_open(void *service, struct term *t)
{
	struct console *c = x_alloc(sizeof(*c));

	c->service = service;
	c->term = t;
	if (!enter(c))
		say(c, "The router is down.\n");
	leave(c);
	return c;
}

static void
console_line(void *arg, struct term *t, const char *line)
{
	struct console *c = arg;

	(void)t;
	c->busy = true;
	if (enter(c))
		shell_line(c->sh, line);
	else {
		say(c, "The router is down.\n");
		finish(c);
	}
	leave(c);
}

static void
console_help(void *arg, struct term *t, const char *line)
{
	struct console *c = arg;

	c->busy = true;
	if (enter(c) && !shell_asking(c->sh))
		shell_help(c->sh, line);
	finish(c);
	(void)t;
	leave(c);
}

static void
complete_word(void *arg, const char *word)
{
	struct console *c = arg;

	if (c->term)
		term_word(c->term, word);
}

static void
console_complete(void *arg, struct term *t, const char *line)
{
	struct console *c = arg;

	c->busy = true;
	if (enter(c) && !shell_asking(c->sh))
		shell_complete(c->sh, line, complete_word, c);
	finish(c);
	(void)t;
	leave(c);
}

static void
console_interrupt(void *arg, struct term *t)
{
	struct console *c = arg;

	(void)t;
	if (enter(c)) {
		c->busy = c->busy || shell_asking(c->sh); /* a withdrawn question ends its line */
		shell_interrupt(c->sh);
	}
	leave(c);
}

/* As IOS: out of configuration, what was typed done or not; in EXEC a fresh prompt. */
static const char *
console_escape(void *arg, struct term *t, char key)
{
	struct console *c = arg;
	bool config = enter(c) && shell_in_config(c->sh);

	(void)t;
	leave(c);
	if (config && key == 'Z')
		return TERM_CTRL_Z "\r"; /* the line is done first */
	return config ? TERM_KILL "end\r" : TERM_KILL "\r";
}

static void
console_prompt(void *arg, struct term *t, char buf[static TERM_PROMPT_MAX])
{
	struct console *c = arg;

	(void)t;
	if (enter(c))
		shell_prompt(c->sh, buf);
	else /* as it will be when the router is back */
		snprintf(buf, TERM_PROMPT_MAX, "%s>", router_name(c->service->router));
	leave(c);
}

static void
console_close(void *arg, struct term *t)
{
	struct console *c = arg;
	const struct console_service *s = c->service;

	(void)t;
	c->term = NULL;
	c->busy = false;
	if (c->inside)
		return; /* leave frees */
	shell_free(c->sh);
	free(c);
	if (s->gone)
		s->gone(s);
}

static const char *
console_history(void *arg, struct term *t, size_t i)
{
	struct console *c = arg;

	(void)t;
	return c->sh && !c->closed ? shell_recall(c->sh, i) : NULL;
}

const struct term_ops console_ops = {
    .open = console_open,
    .line = console_line,
    .help = console_help,
    .complete = console_complete,
    .interrupt = console_interrupt,
    .escape = console_escape,
    .prompt = console_prompt,
    .close = console_close,
    .history = console_history,
};
