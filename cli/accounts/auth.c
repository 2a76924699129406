/* SPDX-License-Identifier: Apache-2.0 */
/* Accounts and secrets of the configuration: see auth.h. */
#include "cli/accounts/auth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/accounts/auth_master.h"
#include "runtime/crypto/passwd.h"
#include "runtime/crypto/secret.h"

/* Nobody's password: to check it costs as much as to check a real one. */
#define NOBODY_SCRYPT "$9$nhEmQVczB7dqsO$..........................................."
#define NOBODY_PBKDF2 "$8$dsYGNam3K1SIJO$..........................................."

/* --- stored passwords ------------------------------------------------------------------------- */

/* Of a node with a form and a password; a missing form is clear text. */
static enum passwd_type
form_of(const struct tnode *n)
{
	const char *form = tnode_str(n, ARG_FORM);

	return form ? (enum passwd_type)strtoul(form, NULL, 10) : PASSWD_CLEAR;
}

/*
 * The stored password in a form that can be checked: type 6 is decrypted, into the arena. NULL: it
 * cannot be decrypted.
 */
static const char *
stored_of(struct accounts book, const struct tnode *n, enum passwd_type *ret_type, struct arena *a)
{
	const char *stored = tnode_str(n, ARG_PASSWORD);

	*ret_type = form_of(n);
	if (!stored || *ret_type != PASSWD_SEALED)
		return stored;
	*ret_type = PASSWD_CLEAR;
	return auth_key_open(book, stored, a);
}

static bool
verify_node(struct accounts book, const struct tnode *n, const char *password)
{
	struct arena *a = arena_new();
	enum passwd_type type;
	const char *stored = stored_of(book, n, &type, a);
	bool ok = stored && passwd_verify(type, stored, password);

	arena_free(a);
	return ok;
}

/* --- users ------------------------------------------------------------------------------------ */

static const struct tnode *
top_of(struct accounts book)
{
	return tree_top(book.tree);
}

static const struct tnode *
user_find(struct accounts book, const char *user)
{
	return tnode_named(top_of(book), KEY_USERNAME, ARG_USER, user);
}

bool
auth_has_user(struct accounts book, const char *user)
{
	return user_find(book, user) != NULL;
}

bool
auth_any_user(struct accounts book)
{
	return tnode_first(top_of(book), KEY_USERNAME) != NULL;
}

static unsigned
level_of(const struct tnode *n)
{
	return tnode_has(n, ARG_LEVEL) ? tnode_u32(n, ARG_LEVEL) : 1;
}

bool
auth_user_level(struct accounts book, const char *user, unsigned *ret_level)
{
	const struct tnode *n = user_find(book, user);

	if (!n)
		return false;
	*ret_level = level_of(n);
	return true;
}

struct auth_job {
	bool known, nopassword, pbkdf2, ok;
	enum passwd_type type;
	unsigned level;
	char stored[PASSWD_TEXT_MAX];
	char password[PASSWD_MAX + 2]; /* one more than is valid */
};

/* A job for what the node has as its password; NULL: there is none, so nothing matches. */
static struct auth_job *
job_new(struct accounts book, const struct tnode *n, const char *password)
{
	struct auth_job *job = x_alloc(sizeof(*job));
	struct arena *a = arena_new();
	const char *stored = n ? stored_of(book, n, &job->type, a) : NULL;

	snprintf(job->password, sizeof(job->password), "%s", password);
	job->known = stored && strlen(stored) < sizeof(job->stored);
	if (job->known)
		snprintf(job->stored, sizeof(job->stored), "%s", stored);
	arena_free(a);
	return job;
}

struct auth_job *
auth_user_job(struct accounts book, const char *user, const char *password)
{
	const struct tnode *n = user_find(book, user), *other;
	struct auth_job *job = job_new(book, n, password);
	const char *kind;

	if (n) {
		kind = tnode_str(n, ARG_KIND);
		job->nopassword = kind && !strcmp(kind, "nopassword");
		job->level = level_of(n);
	}
	/*
	 * When one user's password is checked by PBKDF2, so is that of a user that does not exist.
	 */
	for (other = tnode_first(top_of(book), KEY_USERNAME); other; other = tnode_next(other))
		job->pbkdf2 = job->pbkdf2 || form_of(other) == PASSWD_PBKDF2;
	return job;
}

void
auth_job_run(struct auth_job *job)
{
	bool ok = job->known && passwd_verify(job->type, job->stored, job->password);

	if (!job->known || job->type != PASSWD_SCRYPT)
		passwd_verify(PASSWD_SCRYPT, NOBODY_SCRYPT, job->password);
	if (job->pbkdf2 && !(job->known && job->type == PASSWD_PBKDF2))
		passwd_verify(PASSWD_PBKDF2, NOBODY_PBKDF2, job->password);
	job->ok = ok || job->nopassword;
}

enum auth_verdict
auth_job_end(struct auth_job *job, unsigned *ret_level)
{
	bool ok = job->ok;

	if (ok)
		*ret_level = job->level;
	wipe(job, sizeof(*job));
	free(job);
	return ok ? AUTH_OK : AUTH_DENIED;
}

enum auth_verdict
auth_user(struct accounts book, const char *user, const char *password, unsigned *ret_level)
{
	struct auth_job *job = auth_user_job(book, user, password);

	auth_job_run(job);
	return auth_job_end(job, ret_level);
}

/* --- enable ----------------------------------------------------------------------------------- */

static const struct tnode *
at_level(struct accounts book, enum gram_key key, unsigned level)
{
	const struct tnode *n = tnode_first(top_of(book), key);

	while (n && (tnode_has(n, ARG_LEVEL) ? tnode_u32(n, ARG_LEVEL) : AUTH_LEVEL_MAX) != level)
		n = tnode_next(n);
	return n;
}

/* The secret, else the password of this level, else those of level 15; NULL: none. */
static const struct tnode *
enable_find(struct accounts book, unsigned level)
{
	const struct tnode *n = at_level(book, KEY_ENABLE_SECRET, level);

	if (!n)
		n = at_level(book, KEY_ENABLE_PASSWORD, level);
	return n || level == AUTH_LEVEL_MAX ? n : enable_find(book, AUTH_LEVEL_MAX);
}

bool
auth_enable_needed(struct accounts book, unsigned level)
{
	return enable_find(book, level) != NULL;
}

bool
auth_enable_secret(struct accounts book, unsigned level)
{
	const struct tnode *n = enable_find(book, level);

	return n && tnode_key(n) == KEY_ENABLE_SECRET;
}

bool
auth_enable(struct accounts book, unsigned level, const char *password)
{
	const struct tnode *n = enable_find(book, level);

	return n && verify_node(book, n, password);
}

/* --- lines ------------------------------------------------------------------------------------ */

static bool
is_line(const struct tnode *n, const char *type, unsigned number)
{
	unsigned first = tnode_u32(n, ARG_FIRST);
	unsigned last = tnode_has(n, ARG_LAST) ? tnode_u32(n, ARG_LAST) : first;

	return !strcmp(tnode_str(n, ARG_TYPE), type) && number >= first && number <= last;
}

struct auth_job *
auth_line_job(struct accounts book, const char *type, unsigned number, const char *password)
{
	static const enum gram_key keys[] = {KEY_LINE_CON, KEY_LINE_AUX, KEY_LINE_VTY};
	const struct tnode *n, *set, *found = NULL;
	struct auth_job *job;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		for (n = tnode_first(top_of(book), keys[i]); n; n = tnode_next(n))
			if (is_line(n, type, number) && (set = tnode_first(n, KEY_LINE_PASSWORD)))
				found = set;
	job = job_new(book, found, password);
	job->level = 1;
	return job;
}
