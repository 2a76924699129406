/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A router's console: joins a shell, which knows nothing of terminals, to a term, which knows
 * nothing of routers. A console outlives its router's crash, as a serial line does: when the router
 * is back, so is the prompt.
 */
#ifndef TESTUDO_CONSOLE_H
#define TESTUDO_CONSOLE_H

#include "cli/shell/login.h"
#include "cli/device/router.h"
#include "cli/term/term.h"

/* What a terminal server passes to its terms as `service`; it outlives them, or has `gone`. */
struct console_service {
	struct router *router;
	bool vty;                            /* lines, not the console: each takes one */
	bool logged_in;                      /* who comes here has been let in already, */
	unsigned level;                      /* to this level of privilege, */
	const char *user, *peer;             /* by this name, from this address; NULL: not known */
	bool ssh;                            /* else by telnet */
	const struct login_checker *checker; /* of passwords; NULL: at once */
	/* Around everything a user does: the loop brings time up to date, then looks what is due.
	 */
	void (*enter)(void *arg);
	void (*leave)(void *arg);
	void *arg;
	/* The console is no more: who made the service for it alone may free it. May be NULL. */
	void (*gone)(const struct console_service *service);
};

extern const struct term_ops console_ops;

#endif
