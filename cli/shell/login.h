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

/* A password of somebody from `source` is to be checked, when `wait` milliseconds are over. */
struct login_check {
	struct auth_job *job;
	const char *source;
	msec wait;
	void (*done)(void *state);
	void *state;
};

/* Checks a password without holding up the loop: login_loop.h has one. */
struct login_checker {
	/*
	 * Runs the job elsewhere, then calls done(state), here. False: too many wait already; done
	 * is not called.
	 */
	bool (*check)(void *arg, const struct login_check *check);
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
/* SSH from another router: the user is named, and only the password is asked for. */
void login_begin_as(struct shell *sh, const char *user, const struct login_checker *checker);
/*
 * `login`: the session begins anew for another user, with the dialogue of its line; who fails it
 * loses the session. False: the line asks nobody.
 */
bool login_again(struct shell *sh);
/* Of the front (shell_front), both. */
/* How long a session may go without a key before it ends; milliseconds, 0: for ever. */
uint64_t login_patience(struct shell *sh);
/* Tells the user that the session ends because no key came. */
void login_expired(struct shell *sh);

#endif
