/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a session begins: it shows banners, runs the login dialogue that its line asks for, and takes
 * the line's settings of screen and privilege. The words are IOS's.
 */
#ifndef TESTUDO_LOGIN_H
#define TESTUDO_LOGIN_H

#include "cli/accounts/auth.h"
#include "cli/shell/line.h"
#include "cli/shell/shell.h"

/* Checks a password without holding up the loop: login_loop.h has one. */
struct login_checker {
	/* Runs the job elsewhere, then calls done(state), here. */
	void (*check)(void *arg, struct auth_job *job, void (*done)(void *state), void *state);
	void *arg;
};

/*
 * Begins the session of a shell that has its line. user: who has logged in already (SSH), level:
 * their privilege; NULL: nobody, so the line's configuration decides. checker NULL: passwords are
 * checked at once. The dialogue is the shell's question (shell_asking); shell_in_login is true
 * until it is over.
 */
void login_begin(struct shell *sh, const char *user, unsigned level,
                 const struct login_checker *checker);
/* How long a session may go without a key before it ends; milliseconds, 0: for ever. */
uint64_t login_patience(struct shell *sh);
/* Tells the user that the session ends because no key came. */
void login_expired(struct shell *sh);
/* The time in the form that the log has for logins: "12:00:00 UTC Tue Nov 24 2026". */
void login_clock(const struct router *r, char *buf, size_t size);

#endif
