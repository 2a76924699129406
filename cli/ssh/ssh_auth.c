/* SPDX-License-Identifier: Apache-2.0 */
/* Who may log in, by password (RFC 4252 8, RFC 4256) or key (RFC 4252 7): see ssh_priv.h. */
#include "cli/ssh/ssh_priv.h"

#include <stdlib.h>

#include "cli/accounts/auth.h"
#include "cli/accounts/login_guard.h"
#include "cli/shell/banner.h"
#include "cli/shell/login.h"

#define OFFERS_MAX 30

/* As in ssh_channel.c: a message may wait for its answer. */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

bool
sshd_auth_possible(const struct sshd *s)
{
	return router_is_up(s->router) && (s->open || auth_any_user(router_accounts(s->router)));
}

bool
sshd_auth_needed(const struct sshd *s)
{
	return !s->open || auth_any_user(router_accounts(s->router));
}

/* `banner login`, as the protocol has it (RFC 4252 5.4): the user reads it before the password. */
static void
send_banner(struct sshd_connection *c)
{
	char *text = c->greeted ? NULL : banner_text(sshd_router(c), KEY_BANNER_LOGIN);
	ssh_string banner = text ? ssh_string_from_char(text) : NULL;

	c->greeted = true;
	if (banner)
		ssh_send_issue_banner(c->session, banner);
	ssh_string_free(banner);
	free(text);
}

/* --- the log ---------------------------------------------------------------------------------- */

static struct accounts
book_of(const struct sshd_connection *c)
{
	return router_accounts(sshd_router(c));
}

static void
note_result(struct sshd_connection *c, bool ok)
{
	struct login_attempt a = {.user = c->user, .source = c->peer, .port = sshd_port(c->server)};

	login_guard_note(book_of(c), &a, ok);
	sshd_log(c, ok ? "Succeeded" : "Failed");
}

/* Not while the router is quiet. */
static bool
is_admitted(const struct sshd_connection *c)
{
	return login_guard_admits(book_of(c), c->peer, sshd_port(c->server));
}

/* --- answers ---------------------------------------------------------------------------------- */

static void
refuse_login(struct sshd_connection *c, ssh_message m)
{
	ssh_message_reply_default(m);
	note_result(c, false);
	if (++c->failures < sshd_retries(sshd_router(c)) && is_admitted(c))
		return;
	ssh_session_set_disconnect_message(c->session, "Too many authentication failures");
	sshd_disconnect(c);
}

static void
accept_login(struct sshd_connection *c, ssh_message m)
{
	ssh_message_auth_reply_success(m, 0);
	note_result(c, true);
	sshd_authenticated(c);
}

/* --- passwords -------------------------------------------------------------------------------- */

/* A password is checked in the thread pool, for that takes its time. */
struct sshd_check {
	struct sshd_connection *c; /* NULL: it is gone */
	ssh_message m;
	struct auth_job *job;
};

static void
check_done(void *state)
{
	struct sshd_check *k = state;
	struct sshd_connection *c = k->c;
	unsigned level = 0;
	bool ok = auth_job_end(k->job, &level) == AUTH_OK;

	if (c) {
		c->check = NULL;
		c->level = level;
		if (ok)
			accept_login(c, k->m);
		else
			refuse_login(c, k->m);
		sshd_wake(c);
	}
	ssh_message_free(k->m);
	free(k);
}

/* Keeps the message and answers it later. */
static void
check_password(struct sshd_connection *c, ssh_message m, const char *password)
{
	const struct login_checker *checker = c->server->checker;
	struct login_check check = {.source = c->peer, .done = check_done};
	struct sshd_check *k = x_alloc(sizeof(*k));

	k->c = c;
	k->m = m;
	k->job = auth_user_job(book_of(c), c->user, password ? password : "");
	c->check = k;
	check.job = k->job;
	check.state = k;
	if (!is_admitted(c) || !login_guard_turn(book_of(c), c->peer, &check.wait) ||
	    !checker->check(checker->arg, &check))
		check_done(k); /* what has not run is denied */
}

/* The connection goes: its check ends by itself. */
void
sshd_auth_hangup(struct sshd_connection *c)
{
	if (c->check)
		c->check->c = NULL;
	c->check = NULL;
}

/* --- keys ------------------------------------------------------------------------------------- */

/*
 * A client first asks whether a key would do, then signs with it, which libssh has verified. Most
 * offer all they have: that costs no try, but has an end.
 */
static void
check_key(struct sshd_connection *c, ssh_message m)
{
	struct router *r = sshd_router(c);
	bool known = auth_user_level(router_accounts(r), c->user, &c->level) &&
	             sshd_user_has_key(r, c->user, ssh_message_auth_pubkey(m)) && is_admitted(c);

	switch (ssh_message_auth_publickey_state(m)) {
	case SSH_PUBLICKEY_STATE_NONE:
		if (known)
			ssh_message_auth_reply_pk_ok_simple(m);
		else
			ssh_message_reply_default(m);
		if (++c->offers > OFFERS_MAX)
			sshd_disconnect(c);
		break;
	case SSH_PUBLICKEY_STATE_VALID:
		if (known)
			accept_login(c, m);
		else
			refuse_login(c, m);
		break;
	default:
		refuse_login(c, m);
		break;
	}
}

/*
 * A response comes without the user's name, the request before it has it. False: the message is
 * kept.
 */
static bool
answer_interactive(struct sshd_connection *c, ssh_message m)
{
	static const char *prompts[] = {"Password: "};
	char echo[] = {0};

	if (!ssh_message_auth_kbdint_is_response(m)) {
		ssh_message_auth_interactive_request(m, "", "", 1, prompts, echo);
		return true;
	}
	if (ssh_userauth_kbdint_getnanswers(c->session) != 1) {
		refuse_login(c, m);
		return true;
	}
	check_password(c, m, ssh_userauth_kbdint_getanswer(c->session, 0));
	return false;
}

/*
 * Notes the user's name. A name that is too long is nobody's; characters that cannot be printed
 * would spoil the log.
 */
static void
take_user(struct sshd_connection *c, const char *user)
{
	size_t n;

	if (!user)
		return;
	for (n = 0; n < SSHD_USER_MAX && user[n]; n++)
		c->user[n] = user[n] > ' ' && user[n] < 0x7f ? user[n] : '?';
	c->user[user[n] ? 0 : n] = 0;
}

bool
sshd_auth_message(struct sshd_connection *c, ssh_message m)
{
	int methods = sshd_methods(sshd_router(c)), method = ssh_message_subtype(m);

	take_user(c, ssh_message_auth_user(m));
	if (method == SSH_AUTH_METHOD_NONE && c->state == SSHD_AUTH &&
	    !sshd_auth_needed(c->server)) {
		c->console = true;
		accept_login(c, m);
		return true;
	}
	if (c->state == SSHD_AUTH)
		send_banner(c);
	if (c->state != SSHD_AUTH || !router_is_up(sshd_router(c)) || !(method & methods)) {
		ssh_message_reply_default(m); /* "none" asks what there is */
		return true;
	}
	if (method == SSH_AUTH_METHOD_INTERACTIVE)
		return answer_interactive(c, m);
	if (method == SSH_AUTH_METHOD_PASSWORD)
		check_password(c, m, ssh_message_auth_password(m));
	else
		check_key(c, m);
	return method != SSH_AUTH_METHOD_PASSWORD;
}
