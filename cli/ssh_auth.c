/* Who may log in, by password (RFC 4252 8, RFC 4256): see ssh_priv.h. */
#include "cli/ssh_priv.h"

#include <stdio.h>
#include <string.h>

#include "runtime/crypto/secret.h"

/* As in ssh_channel.c: a message may wait for its answer. */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

static const struct tnode *
user_find(struct router *r, const char *user)
{
	const struct tnode *n = tnode_first(tree_top(router_tree(r)), KEY_USERNAME);

	while (n && strcmp(tnode_str(n, ARG_USER), user) != 0)
		n = tnode_next(n);
	return n;
}

static bool
auth_user(struct router *r, const char *user, const char *password, unsigned *ret_level)
{
	const struct tnode *n = user_find(r, user);
	const char *secret = n ? tnode_str(n, ARG_PASSWORD) : NULL;

	if (!secret ||
	    !span_equal_ct(SPAN(secret, strlen(secret)), SPAN(password, strlen(password))))
		return false;
	*ret_level = tnode_has(n, ARG_LEVEL) ? tnode_u32(n, ARG_LEVEL) : 1;
	return true;
}

bool
sshd_auth_possible(struct router *r)
{
	return router_is_up(r) && tnode_first(tree_top(router_tree(r)), KEY_USERNAME);
}

static void
refuse(struct sshd_connection *c, ssh_message m)
{
	ssh_message_reply_default(m);
	if (++c->failures < SSHD_RETRIES)
		return;
	ssh_session_set_disconnect_message(c->session, "Too many authentication failures");
	sshd_disconnect(c);
}

static void
check_password(struct sshd_connection *c, ssh_message m, const char *password)
{
	if (!*c->user || !password || !auth_user(sshd_router(c), c->user, password, &c->level)) {
		refuse(c, m);
		return;
	}
	ssh_message_auth_reply_success(m, 0);
	sshd_authenticated(c);
}

/* A response comes without the user's name, the request before it has it. */
static void
interactive(struct sshd_connection *c, ssh_message m)
{
	static const char *prompts[] = {"Password: "};
	char echo[] = {0};

	if (!ssh_message_auth_kbdint_is_response(m))
		ssh_message_auth_interactive_request(m, "", "", 1, prompts, echo);
	else if (ssh_userauth_kbdint_getnanswers(c->session) == 1)
		check_password(c, m, ssh_userauth_kbdint_getanswer(c->session, 0));
	else
		refuse(c, m);
}

/* A name that is too long is nobody's. */
static void
take_user(struct sshd_connection *c, const char *user)
{
	if (user)
		snprintf(c->user, sizeof(c->user), "%s", strlen(user) <= SSHD_USER_MAX ? user : "");
}

void
sshd_auth_message(struct sshd_connection *c, ssh_message m)
{
	if (c->state != SSHD_AUTH || !router_is_up(sshd_router(c))) {
		ssh_message_reply_default(m);
		return;
	}
	take_user(c, ssh_message_auth_user(m));
	switch (ssh_message_subtype(m)) {
	case SSH_AUTH_METHOD_PASSWORD:
		check_password(c, m, ssh_message_auth_password(m));
		break;
	case SSH_AUTH_METHOD_INTERACTIVE:
		interactive(c, m);
		break;
	default: /* "none" asks what there is */
		ssh_message_reply_default(m);
		break;
	}
}
