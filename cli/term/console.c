/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Consoles: see console.h. A console lives from term_ops.open to term_ops.close and owns its shell.
 * A shell may end its session from within shell_line, so it is freed only when no call into it is
 * on the stack.
 */
#include "cli/term/console.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/shell/shell.h"

_Static_assert(TERM_PROMPT_MAX >= SHELL_PROMPT_MAX, "a shell's prompt fits a terminal's");

struct console {
	const struct console_service *service;
	struct term *term; /* NULL: the session is over */
	struct shell *sh;  /* NULL: the router is down */
	unsigned inside;   /* calls into the shell on the stack */
	bool closed;       /* the shell is to be freed */
	bool leaving;      /* the user left: the terminal is about to close */
	bool busy;         /* a line waits for its term_done */
	bool asked;        /* the terminal shows the shell's question */
	bool between;      /* a session has ended, and the next one begins with RETURN */
	uint64_t patience; /* milliseconds that it may be silent; 0: for ever */
};

static void
say_text(struct console *c, const char *text)
{
	if (c->term)
		term_write(c->term, text, strlen(text));
}

/* Sets how long the terminal may be silent, which depends on the user's mode. */
static void
be_patient(struct console *c)
{
	if (!c->term || !c->sh || c->closed)
		return;
	c->patience = login_patience(c->sh);
	term_set_timeout(c->term, c->patience);
}

static void
show_question(struct console *c)
{
	char question[SHELL_PROMPT_MAX];

	c->asked = true;
	shell_prompt(c->sh, question);
	term_ask(c->term, question, !shell_hides_input(c->sh));
}

static void
finish_command(struct console *c)
{
	if (!c->busy)
		return;
	c->busy = false;
	if (!c->term)
		return;
	be_patient(c);
	if (c->sh && !c->closed && shell_asking(c->sh))
		show_question(c);
	else
		term_done(c->term);
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
	finish_command(arg);
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

/*
 * May somebody who has not logged in end the terminal? A client ends its own connection, and who
 * plays a lab the lab. With the terminal of a router the router would end, and the protection of
 * its traffic.
 */
static bool
may_leave_unknown(const struct console *c)
{
	return c->service->vty || c->service->stays;
}

/* The session is over, and the next one begins with RETURN. */
static void
offer_next(struct console *c)
{
	c->between = true;
	c->busy = false; /* nobody but RETURN brings a prompt */
	say_text(c, "\n\n");
	say_text(c, router_hostname(c->service->router));
	say_text(c, " con0 is now available\n\n\nPress RETURN to get started.\n");
	if (c->service->ends && may_leave_unknown(c)) {
		say_text(c, "(Ctrl-D ends ");
		say_text(c, c->service->ends);
		say_text(c, ".)\n");
	}
	if (c->term)
		term_set_timeout(c->term, 1); /* once no call into the shell is on the stack */
}

/*
 * The shell has ended its session. `exit` closes the terminal where it does not stay; a crash only
 * takes the shell away. The console (line 0) also stays when its session was silent for too long or
 * was cleared.
 */
static void
shell_closes(void *arg)
{
	struct console *c = arg;
	struct term *term = c->term;
	bool up = router_is_up(c->service->router), vty = c->service->vty;
	bool reset = shell_was_reset(c->sh);

	c->closed = true;
	if (up && !vty && (reset || c->service->stays)) {
		if (reset && term)
			term_restart(term);
		offer_next(c);
	} else if (up || vty) {
		c->busy = false;
		c->leaving = true;
		if (term)
			term_close(term);
	} else {
		finish_command(c);
	}
}

/* A session that was reached from here has ended, and with it the prompt that the user sees. */
static void
shell_again(void *arg)
{
	struct console *c = arg;

	if (!c->term)
		return;
	if (!c->busy)
		term_restart(c->term);
	c->busy = true;
	c->asked = false;
	finish_command(c);
}

static void
shell_through(void *arg, bool on)
{
	struct console *c = arg;

	if (c->term)
		term_through(c->term, on);
}

static void
shell_octets(void *arg, const char *octets, size_t n)
{
	struct console *c = arg;

	if (c->term)
		term_octets(c->term, octets, n);
}

static const struct shell_io io = {
    .write = shell_says,
    .done = shell_done,
    .notify = shell_logs,
    .close = shell_closes,
    .page = shell_pages,
    .again = shell_again,
    .through = shell_through,
    .octets = shell_octets,
};

/* --- what the terminal says ------------------------------------------------------------------- */

/* Tells why the session is refused, in the words of IOS, and closes the terminal. */
static void
turn_away(struct console *c, enum line_refusal why)
{
	say_text(c, why == LINE_BUSY ? "% All lines are in use\n"
	                             : "% Connection refused by remote host\n");
	c->leaving = true;
	term_close(c->term);
}

static const char *
peer_of(const struct console *c)
{
	return c->service->peer ? c->service->peer : term_wire(c->term)->peer;
}

/* Finds a free line for a session that begins; false: there is none, or the line refuses it. */
static bool
take_line(struct console *c, struct line_id *ret)
{
	const struct console_service *s = c->service;
	struct line_caller who = {.how = s->transport, .peer = peer_of(c), .known = s->logged_in};
	enum line_refusal why = LINE_ADMITTED;

	*ret = (struct line_id){LINE_CON, 0};
	if (s->vty)
		why = line_find(s->router, &who, ret);
	if (why != LINE_ADMITTED)
		turn_away(c, why);
	return why == LINE_ADMITTED;
}

static void
begin_shell(struct console *c)
{
	const struct console_service *s = c->service;
	const char *user = s->user ? s->user : "";
	struct line_id id;

	if (!take_line(c, &id))
		return;
	c->sh = shell_new(s->router, &io, c, false);
	shell_set_line(c->sh, &id, s->vty ? peer_of(c) : NULL);
	shell_set_local(c->sh, s->transport == LINE_LOCAL);
	login_begin(c->sh, s->logged_in ? user : NULL, s->level, s->checker);
	be_patient(c);
}

/* Begins a new shell when the old one is gone and the router is up. */
static void
reopen_shell(struct console *c)
{
	if (c->closed) {
		shell_free(c->sh);
		c->sh = NULL;
		c->closed = false;
		c->asked = false;
	}
	if (!c->sh && !c->between && router_is_up(c->service->router))
		begin_shell(c);
}

/* Enters the shell: true when there is one. */
static bool
enter_shell(struct console *c)
{
	c->service->enter(c->service->arg);
	if (c->inside++ == 0 && c->term && !c->leaving)
		reopen_shell(c);
	if (!c->sh || c->closed)
		return false;
	if (c->term)
		shell_window(c->sh, term_height(c->term), term_width(c->term));
	return true;
}

static void
leave_shell(struct console *c)
{
	const struct console_service *s = c->service;
	bool gone = false;

	if (--c->inside == 0) {
		if (c->term && !c->leaving) {
			reopen_shell(c);
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
	if (enter_shell(c) && shell_asking(c->sh))
		show_question(c);
	else if (!c->sh && !c->leaving)
		say_text(c, "The router is down.\n");
	leave_shell(c);
	/* It has a terminal, so leave_shell keeps it. */
	return c; /* NOLINT(clang-analyzer-unix.Malloc) */
}

static void
console_line(void *arg, struct term *t, const char *line)
{
	struct console *c = arg;
	bool begins = c->between;

	(void)t;
	c->busy = true;
	c->between = false;
	if (!enter_shell(c)) {
		say_text(c, c->leaving ? "" : "The router is down.\n");
		finish_command(c);
	} else if (begins || (shell_asking(c->sh) && !c->asked)) {
		finish_command(c); /* RETURN, or no answer: the user has not seen the question */
	} else {
		c->asked = false;
		shell_line(c->sh, line);
	}
	leave_shell(c);
}

static void
console_help(void *arg, struct term *t, const char *line)
{
	struct console *c = arg;

	c->busy = true;
	if (enter_shell(c) && !shell_asking(c->sh))
		shell_help(c->sh, line);
	finish_command(c);
	(void)t;
	leave_shell(c);
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
	if (enter_shell(c) && !shell_asking(c->sh))
		shell_complete(c->sh, line, complete_word, c);
	finish_command(c);
	(void)t;
	leave_shell(c);
}

static void
console_interrupt(void *arg, struct term *t)
{
	struct console *c = arg;

	if (c->between) { /* as RETURN */
		console_line(c, t, "");
		return;
	}
	if (enter_shell(c)) {
		c->asked = false;
		c->busy = c->busy || shell_asking(c->sh); /* a withdrawn question ends its line */
		shell_interrupt(c->sh);
	}
	leave_shell(c);
}

static bool
console_suspend(void *arg, struct term *t)
{
	struct console *c = arg;
	bool left = enter_shell(c) && shell_suspend(c->sh);

	if (left) {
		term_restart(t);
		term_write(t, "\n", 1);
		c->busy = true;
		c->asked = false;
		finish_command(c);
	}
	leave_shell(c);
	return left;
}

static void
console_keys(void *arg, struct term *t, const char *octets, size_t n)
{
	struct console *c = arg;

	(void)t;
	if (enter_shell(c))
		shell_keys(c->sh, octets, n);
	leave_shell(c);
}

static void
console_full(void *arg, struct term *t, bool full)
{
	struct console *c = arg;

	(void)t;
	if (c->sh && !c->closed)
		shell_keys_full(c->sh, full);
}

/*
 * Ctrl-D, where nothing was typed: ends the session, as `exit` does; between two of them, and where
 * somebody is asked for a password, it may end the terminal. It answers no other question.
 */
static const char *
end_of_session(const struct console *c, bool config)
{
	if (!c->sh || c->closed)
		return may_leave_unknown(c) ? NULL : "";
	if (shell_asking(c->sh))
		return shell_in_login(c->sh) && may_leave_unknown(c) ? NULL : "";
	if (shell_front(c->sh) != c->sh)
		return config ? TERM_KILL "end\r" : TERM_KILL "exit\r";
	return !c->service->stays ? NULL : config ? TERM_KILL "end\r" : TERM_KILL "exit\r";
}

/*
 * As in IOS: Ctrl-Z leaves configuration mode after it has run the line, Ctrl-C without; in EXEC
 * both give a fresh prompt.
 */
static const char *
console_escape(void *arg, struct term *t, char key)
{
	struct console *c = arg;
	const bool config = enter_shell(c) && shell_in_config(c->sh);
	const char *typed = key == 'D' ? end_of_session(c, config) : NULL;

	(void)t;
	leave_shell(c);
	if (key == 'D')
		return typed;
	if (config && key == 'Z')
		return TERM_CTRL_Z "\r"; /* the line is done first */
	return config ? TERM_KILL "end\r" : TERM_KILL "\r";
}

static void
console_prompt(void *arg, struct term *t, char buf[static TERM_PROMPT_MAX])
{
	struct console *c = arg;

	(void)t;
	if (enter_shell(c))
		shell_prompt(c->sh, buf);
	else /* the prompt that the router will have when it is back */
		snprintf(buf, TERM_PROMPT_MAX, "%s>", router_name(c->service->router));
	leave_shell(c);
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

/* No key came for too long. */
static void
expire_session(struct console *c)
{
	uint64_t patience = login_patience(c->sh);

	if (shell_busy(c->sh) || !patience || patience > c->patience) {
		be_patient(c);
	} else {
		login_expired(c->sh);
		shell_reset(shell_front(c->sh));
	}
}

/* Or a session has ended on the console, and the next one is offered. */
static void
console_timeout(void *arg, struct term *t)
{
	struct console *c = arg;
	bool offers = !enter_shell(c) && c->between;

	if (!offers && c->sh && !c->closed)
		expire_session(c);
	leave_shell(c);
	if (offers) { /* what was typed ahead may answer at once */
		c->asked = true;
		term_ask(t, "", false);
	}
}

const struct term_ops console_ops = {
    .open = console_open,
    .line = console_line,
    .help = console_help,
    .complete = console_complete,
    .interrupt = console_interrupt,
    .suspend = console_suspend,
    .keys = console_keys,
    .full = console_full,
    .escape = console_escape,
    .prompt = console_prompt,
    .close = console_close,
    .history = console_history,
    .timeout = console_timeout,
};
