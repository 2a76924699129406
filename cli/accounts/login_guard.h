/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who fails to log in, and what comes of it: `login block-for`, `login delay`, `login quiet-mode`
 * and the log of logins. Each router has one guard, whatever kind of line somebody comes by. What
 * it keeps has an end: the last failures, and the turns of the addresses seen last.
 *
 *   watching --(attempts failures within T)--> quiet --(block-for seconds)--> watching
 *
 * Whoever sits at the device itself (source "") is logged, but never counted, delayed or refused.
 */
#ifndef TESTUDO_LOGIN_GUARD_H
#define TESTUDO_LOGIN_GUARD_H

#include "cli/accounts/accounts.h"
#include "runtime/base/log.h"

struct node;

#define LOGIN_FAILURES_MAX 50 /* that `show login failures` lists */
#define LOGIN_USER_MAX     64
#define LOGIN_SOURCE_MAX   64
#define LOGIN_WAIT_MAX     30000 /* milliseconds that an attempt may have to wait for its turn */

struct login_guard *login_guard_new(struct node *node, struct log_sink sink);
void login_guard_free(struct login_guard *g);   /* NULL is fine */
void login_guard_forget(struct login_guard *g); /* the router loses power */

/* Somebody at the door: an address in text ("": at the device itself), the port that heard them. */
struct login_attempt {
	const char *user, *source;
	unsigned port;
};

/* May somebody from there try to log in now? False: the router is quiet. */
bool login_guard_admits(struct accounts book, const char *source, unsigned port);
/*
 * Takes the next turn of that source; *ret_wait: milliseconds until its password may be looked at.
 * False: it has too many attempts under way; this one has failed.
 */
bool login_guard_turn(struct accounts book, const char *source, msec *ret_wait);
/* How an attempt ended: counts it, logs it, and may make the router quiet. */
void login_guard_note(struct accounts book, const struct login_attempt *attempt, bool ok);

/* --- for show --------------------------------------------------------------------------------- */

struct login_failure {
	char user[LOGIN_USER_MAX + 1], source[LOGIN_SOURCE_MAX];
	unsigned port, count;
	int64_t wall; /* of the last one */
};

struct login_state {
	unsigned delay;                      /* seconds */
	bool delay_set;                      /* by `login delay`, not by default */
	const char *acl;                     /* of quiet mode; NULL: none */
	unsigned block, attempts, within;    /* as configured; 0: nobody watches */
	bool quiet;                          /* now */
	unsigned left;                       /* seconds of quiet, or of this window */
	unsigned failures, total;            /* in this window; of all */
	size_t n_failures;                   /* the newest first */
	const struct login_failure *failure; /* valid until the next attempt */
};
struct login_state login_guard_state(struct accounts book);

#define LOGIN_CLOCK_MAX 64
/* "12:00:00 UTC Tue Nov 24 2026", in the time zone that is configured. */
const char *login_guard_clock(struct accounts book, int64_t wall, char buf[static LOGIN_CLOCK_MAX]);

#endif
