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
	bool vty;                /* lines, not the console: each takes one */
	bool logged_in;          /* the user is authenticated already, */
	unsigned level;          /* at this level of privilege, */
	const char *user, *peer; /* under this name, from this address; NULL: not known */
	enum line_transport transport;
	const struct login_checker *checker; /* of passwords; NULL: at once */
	/*
	 * A console whose wire stays when the user leaves, as that of a router: the next session
	 * begins there. ends: and what Ctrl-D ends, when no session is there; NULL: the wire alone.
	 */
	bool stays;
	const char *ends;
	/*
	 * Called before and after everything a user does: `enter` brings the time up to date,
	 * `leave` runs what has become due.
	 */
	void (*enter)(void *arg);
	void (*leave)(void *arg);
	void *arg;
	/*
	 * Called when the console has ended: whoever made the service for this console alone may
	 * free it. May be NULL.
	 */
	void (*gone)(const struct console_service *service);
};

extern const struct term_ops console_ops;

#endif
