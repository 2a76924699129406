/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A shell without a terminal, for `ssh router 'show clock'`, `testudo sh -c 'show clock'` and a
 * script on stdin. There is no prompt, echo or pager; what a command prints comes as it is. A line
 * that is refused is shown with its prompt above the error, so that the caret has something to
 * point at, and the next line is taken. The exit status is 0, or 1 when a line was refused.
 */
#ifndef TESTUDO_TERM_SCRIPT_H
#define TESTUDO_TERM_SCRIPT_H

#include "cli/term/console.h"

struct script;

/* What a script is on. */
struct script_wire {
	void (*write)(void *arg, const char *text, size_t n);
	void (*tell)(void *arg, const char *text, size_t n); /* what was refused; NULL: write */
	void (*pause)(void *arg, bool paused);               /* stop and resume reading */
	void (*wake)(void *arg);                             /* call script_run soon, not now */
	void (*finish)(void *arg, int status); /* the last call; maybe in script_open */
	void *arg;
	const char *name; /* of the input, for places of refusals; NULL: no places are told */
	bool crlf;        /* there is a terminal after all (ssh -t) */
};

/*
 * commands: what to run, one a line; what the user sends answers their questions. NULL: what the
 * user sends is what to run. service->gone is called at the end. NULL: it has finished already.
 */
struct script *script_open(const struct console_service *service, const struct script_wire *wire,
                           const char *commands);
/* None of these is called after `finish` or script_hangup. */
void script_run(struct script *s);
void script_input(struct script *s, const char *data, size_t n);
void script_end(struct script *s);                    /* the user sends no more */
void script_output_full(struct script *s, bool full); /* the user does not take what is written */
void script_tick(struct script *s);                   /* now and then: exec-timeout */
void script_hangup(struct script *s);                 /* the wire is gone */

#endif
