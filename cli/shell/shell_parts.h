/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of a session share; no header of anybody else's.
 *
 *   shell.c       its life, its modes, its lines
 *   shell_io.c    what it says, asks and remembers
 *   shell_help.c  `?` and Tab
 */
#ifndef TESTUDO_SHELL_PARTS_H
#define TESTUDO_SHELL_PARTS_H

#include "cli/shell/history.h"
#include "cli/shell/line.h"
#include "cli/shell/shell.h"

struct pipeline;

struct shell {
	struct router_session session; /* first: the router knows it by this */
	struct router *router;
	struct shell_io io;
	void *arg;
	bool closed, refused;
	unsigned level;        /* of privilege */
	struct tnode *context; /* NULL: EXEC */
	unsigned config_line;  /* lines since configuration mode was entered */
	bool indented;         /* the last of them */

	bool running; /* inside shell_line */
	bool held;
	void (*interrupt)(struct shell *sh, void *state);
	void *held_state;
	char *question; /* NULL: none */
	void (*answer)(struct shell *sh, const char *line, void *state);
	void *asked_state;

	struct pipeline *pipe;
	bool monitor, vty, secret;
	bool pasted;                          /* it was said that prompts are passed over */
	char dialect[8];                      /* "": as configured */
	int length, width;                    /* -1: as the terminal is */
	unsigned window_length, window_width; /* the terminal's own */
	bool on_line, reset, in_login;
	struct line_id line;
	unsigned vty_last; /* of the `line vty` being configured */
	char peer[LINE_PEER_MAX], user[LINE_USER_MAX + 1];
	msec touched;              /* in the router's time of being up */
	struct history history[2]; /* of EXEC, of configuration */
};

/* --- shell_io.c ------------------------------------------------------------------------------- */

void shell_withdraw(struct shell *sh); /* what waits is told that nobody waits for it any more */
void shell_line_end(struct shell *sh); /* the line has had its say */
/* cmd: what the line is, NULL: unknown. */
void shell_remember(struct shell *sh, const char *line, const struct command *cmd);

#endif
