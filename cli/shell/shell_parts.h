/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of a session share; no header of anybody else's.
 *
 *   shell.c       its life, its modes, its lines
 *   shell_io.c    what it says, asks and remembers
 *   shell_help.c  `?` and Tab
 *   acting.c      a shell for commands in a text that is loaded
 */
#ifndef TESTUDO_SHELL_PARTS_H
#define TESTUDO_SHELL_PARTS_H

#include "cli/shell/history.h"
#include "cli/shell/line.h"
#include "cli/shell/shell.h"
#include "compiler/session/session.h"

struct outbound;
struct pipeline;

struct shell {
	struct router_session known; /* first: the router knows it by this */
	struct router *router;
	struct shell_io io;
	void *arg;
	bool closed;
	unsigned level; /* of privilege */
	struct config_session *session;
	struct config_session
	    *own; /* the same session, if the shell owns it; NULL: it is borrowed */

	bool running; /* inside shell_line */
	bool held;
	void (*interrupt)(struct shell *sh, void *state);
	void *held_state;
	char *question; /* NULL: none */
	void (*answer)(struct shell *sh, const char *line, void *state);
	void *asked_state;

	char *expanded; /* what an alias stood for in the line at hand; NULL: there was none */
	struct pipeline *pipe;
	struct text *captured; /* gets what is said; NULL: the user does */
	bool monitor, vty, secret;
	char dialect[8];                      /* "": as configured */
	int length, width;                    /* -1: as the terminal is */
	unsigned window_length, window_width; /* the terminal's own */
	bool on_line, reset, in_login, local;
	bool locks_config; /* while it is in configuration mode */
	struct line_id line;
	char peer[LINE_PEER_MAX], user[LINE_USER_MAX + 1];
	struct outbound *outbounds; /* what the user has opened elsewhere (outbound.h) */
	struct outbound *active;    /* the one that the user is in; NULL: none */
	struct outbound *wired;     /* a real client's that gets the keys; NULL: none does */
	struct outbound *via;       /* through which this shell is reached; NULL: a terminal's */
	unsigned inside;            /* lines of an outermost shell that are on the stack */
	const struct login_checker *checker;
	char *folder;              /* of `cd`; NULL: "flash:/" */
	msec touched;              /* when a key last came, as the router's uptime */
	struct history history[2]; /* of EXEC, of configuration */
};

/* --- shell.c ---------------------------------------------------------------------------------- */

/*
 * A shell on a borrowed session: the session's owner feeds it lines, and the shell carries out
 * commands.
 */
struct shell *shell_new_on(struct router *r, struct config_session *borrowed,
                           const struct shell_io *io, void *arg);
/* Carries out a command that acts. */
void shell_run(struct shell *sh, const struct command *cmd);

/* --- shell_io.c ------------------------------------------------------------------------------- */

void shell_withdraw(struct shell *sh); /* tells what waits that no answer will come */
void shell_line_end(struct shell *sh); /* the line is finished */
/* cmd: what the line is, NULL: unknown. */
void shell_remember(struct shell *sh, const char *line, const struct command *cmd);

#endif
