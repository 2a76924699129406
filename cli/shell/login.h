/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a session begins: banners, a dialogue where its line asks for one, what the line says of
 * screen and privilege. IOS's words.
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
 * Begins the session of a shell that is on its line. user: who has logged in already (SSH), level
 * their privilege; NULL: nobody, and the line decides. checker NULL: checks are made at once. The
 * dialogue is the shell's question (shell_asking); shell_in_login until it is over.
 */
void login_begin(struct shell *sh, const char *user, unsigned level,
                 const struct login_checker *checker);
/* Without a key for this long the session ends; milliseconds, 0: never. */
uint64_t login_patience(struct shell *sh);
/* It was that long: says what there is to say. */
void login_expired(struct shell *sh);
/* The time as the log tells it of a login: "12:00:00 UTC Tue Nov 24 2026". */
void login_clock(const struct router *r, char *buf, size_t size);

#endif
