/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may do what: users, enable secrets, line passwords, and the privilege levels of commands, all
 * read from the configuration tree. It belongs to the loop's thread, but for auth_job_run.
 *
 * A check costs up to some 20 ms (PBKDF2, scrypt), as long for a user that does not exist as for a
 * wrong password. Who must not hold up the loop (logins over the network) makes a job, runs it in
 * the thread pool and ends it in the loop; a dialogue of somebody who is logged in already (enable)
 * may call the rest directly.
 */
#ifndef TESTUDO_AUTH_H
#define TESTUDO_AUTH_H

#include "cli/accounts/accounts.h"

#define AUTH_LEVEL_MAX 15
#define AUTH_TRIES     3 /* of a password, before a dialogue gives up */

enum auth_verdict { AUTH_OK, AUTH_DENIED };

bool auth_has_user(struct accounts book, const char *user);
bool auth_any_user(struct accounts book);
/* The user's password; *ret_level is what `username U privilege N` says, 1 without. */
enum auth_verdict auth_user(struct accounts book, const char *user, const char *password,
                            unsigned *ret_level);
/*
 * The level of a user who has logged in without a password (by a public key). False: no such user.
 */
bool auth_user_level(struct accounts book, const char *user, unsigned *ret_level);

/*
 * The same in three steps. The job holds copies: run touches nothing else and may go on in a thread
 * while the configuration changes; end frees it, and says AUTH_OK or AUTH_DENIED.
 */
struct auth_job;
struct auth_job *auth_user_job(struct accounts book, const char *user, const char *password);
/* `password` of a line, the same way. type as in the configuration: "con", "aux", "vty". */
struct auth_job *auth_line_job(struct accounts book, const char *type, unsigned number,
                               const char *password);
void auth_job_run(struct auth_job *job);
enum auth_verdict auth_job_end(struct auth_job *job, unsigned *ret_level);

/* Is there a secret or a password for `enable N`? (That of level 15 stands for those without.) */
bool auth_enable_needed(struct accounts book, unsigned level);
bool auth_enable_secret(struct accounts book, unsigned level); /* a secret, no password? */
bool auth_enable(struct accounts book, unsigned level, const char *password);

#endif
