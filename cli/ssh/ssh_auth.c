/* SPDX-License-Identifier: Apache-2.0 */
/* Who may log in, by password (RFC 4252 8, RFC 4256) or key (RFC 4252 7): see ssh_priv.h. */
#include "cli/ssh/ssh_priv.h"

#include <stdlib.h>

#include "cli/accounts/auth.h"
#include "cli/shell/banner.h"
#include "cli/shell/login.h"

#define OFFERS_MAX 30
#define CHECKS_MAX 2 /* of one server, in the thread pool */

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

static void
log_failure(struct sshd_connection *c)
{
	struct log_sink sink = router_log_sink(sshd_router(c));
	char when[64];

	login_clock(sshd_router(c), when, sizeof(when));
	LOG(&sink, LOGIN_FAILED, c->user, c->peer, (unsigned)c->server->port, when);
	sshd_log(c, "Failed");
}

/* --- answers ---------------------------------------------------------------------------------- */

static void
refuse_login(struct sshd_connection *c, ssh_message m)
{
	ssh_message_reply_default(m);
	log_failure(c);
	if (++c->failures < sshd_retries(sshd_router(c)))
		return;
	ssh_session_set_disconnect_message(c->session, "Too many authentication failures");
	sshd_disconnect(c);
}

static void
accept_login(struct sshd_connection *c, ssh_message m)
{
	ssh_message_auth_reply_success(m, 0);
	sshd_log(c, "Succeeded");
	sshd_authenticated(c);
}

/* --- passwords -------------------------------------------------------------------------------- */

/*
 * A password is checked in the thread pool, for that takes its time. Only few at once: the pool is
 * there for key exchanges of IKE, and a crowd at the door must not keep them waiting.
 */
struct sshd_check {
	uv_work_t req;
	struct sshd *server;
	struct sshd_connection *c; /* NULL: it is gone */
	struct sshd_check *next;   /* of those that wait for their turn */
	ssh_message m;
	struct auth_job *job;
};

static void
check_run(uv_work_t *req)
{
	struct sshd_check *k = req->data;

	auth_job_run(k->job);
}

static void
check_free(struct sshd_check *k)
{
	ssh_message_free(k->m);
	free(k);
}

static void start_checks(struct sshd *s);

static void
check_done(uv_work_t *req, int status)
{
	struct sshd_check *k = req->data;
	struct sshd_connection *c = k->c;
	unsigned level = 0;
	bool ok = auth_job_end(k->job, &level) == AUTH_OK;

	(void)status; /* never cancelled */
	if (c) {
		c->check = NULL;
		c->level = level;
		if (ok)
			accept_login(c, k->m);
		else
			refuse_login(c, k->m);
		sshd_wake(c);
	}
	k->server->n_checks--;
	start_checks(k->server);
	check_free(k);
}

static void
start_checks(struct sshd *s)
{
	struct sshd_check *k;

	while (s->n_checks < CHECKS_MAX && (k = s->checks)) {
		s->checks = k->next;
		s->n_checks++;
		k->req.data = k;
		if (uv_queue_work(s->loop, &k->req, check_run, check_done))
			abort(); /* only for bad arguments */
	}
}

/* Keeps the message and answers it later. */
static void
check_password(struct sshd_connection *c, ssh_message m, const char *password)
{
	struct sshd_check *k = x_alloc(sizeof(*k)), **at = &c->server->checks;

	k->server = c->server;
	k->c = c;
	k->m = m;
	k->job = auth_user_job(router_accounts(sshd_router(c)), c->user, password ? password : "");
	c->check = k;
	while (*at)
		at = &(*at)->next;
	*at = k;
	start_checks(c->server);
}

/* The connection goes: what is in a thread already ends by itself. */
void
sshd_auth_hangup(struct sshd_connection *c)
{
	struct sshd_check *k = c->check, **at = &c->server->checks;
	unsigned level;

	c->check = NULL;
	if (!k)
		return;
	k->c = NULL;
	while (*at && *at != k)
		at = &(*at)->next;
	if (!*at)
		return;
	*at = k->next;
	auth_job_end(k->job, &level);
	check_free(k);
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
	             sshd_user_has_key(r, c->user, ssh_message_auth_pubkey(m));

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
	for (n = 0; user[n] && n < SSHD_USER_MAX; n++)
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
