/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked of the SSH server: see ssh_facts.h. */
#include "cli/ssh/ssh_facts.h"

#include <stdio.h>

#include "cli/ssh/ssh_priv.h"
#include "runtime/crypto/ecdsa.h"
#include "runtime/crypto/sig.h"

void
sshd_methods_text(struct router *r, char *buf, size_t size)
{
	int methods = sshd_methods(r);

	snprintf(buf, size, "%s%s%s", methods & SSH_AUTH_METHOD_PUBLICKEY ? "publickey," : "",
	         methods & SSH_AUTH_METHOD_INTERACTIVE ? "keyboard-interactive," : "",
	         methods & SSH_AUTH_METHOD_PASSWORD ? "password" : "");
}

enum sshd_service
sshd_service_of(const struct router *r)
{
	const struct sshd *s = sshd_first();

	while (s && s->router != r)
		s = s->next;
	if (!s)
		return SSHD_ABSENT;
	return sshd_auth_possible(s) ? SSHD_SERVES : SSHD_NO_USER;
}

static const char *
or_empty(const char *text)
{
	return text ? text : "";
}

void
sshd_each_peer(const struct router *r, void (*fn)(void *arg, const struct sshd_peer *p), void *arg)
{
	static const char *const states[] = {
	    [SSHD_KEX] = "Key exchange",
	    [SSHD_AUTH] = "Authentication",
	    [SSHD_UP] = "Session started",
	};

	for (const struct sshd *s = sshd_first(); s; s = s->next)
		for (const struct sshd_connection *c = s->connections; c; c = c->next) {
			if (s->router != r || c->closing)
				continue;
			fn(arg, &(struct sshd_peer){
				    .cipher_in = or_empty(ssh_get_cipher_in(c->session)),
				    .cipher_out = or_empty(ssh_get_cipher_out(c->session)),
				    .hmac_in = or_empty(ssh_get_hmac_in(c->session)),
				    .hmac_out = or_empty(ssh_get_hmac_out(c->session)),
				    .state = states[c->state],
				    .user = c->user});
		}
}

typedef void public_fn(void *arg, const struct sshd_public *key);

/* Of one private key's text, when libssh can read it. */
static void
tell_public(struct span text, const char *label, const struct keystore_entry *pair, public_fn *fn,
            void *arg)
{
	struct sshd_public key = {.label = label, .pair = pair};
	char *base64;

	if (!sshd_public_text(text, &key.type, &base64))
		return;
	key.base64 = base64;
	fn(arg, &key);
	ssh_string_free_char(base64);
}

void
sshd_each_host_key(struct router *r, void (*fn)(void *arg, const struct sshd_public *key),
                   void *arg)
{
	const struct keystore *ks = node_keystore(router_node(r));
	struct keystore_entry e;
	struct secret pem = {0};

	if (sshd_rsa_pair(r, &e)) {
		rsa_key_private_pem(e.key, &pem);
		tell_public(secret_span(&pem), e.label, &e, fn, arg);
		secret_fini(&pem);
	}
	for (size_t i = 0; i < keystore_ec_count(ks); i++) {
		e = keystore_ec_at(ks, i);
		ec_key_private_pem(e.ec, &pem);
		tell_public(secret_span(&pem), e.label, &e, fn, arg);
		secret_fini(&pem);
	}
	for (size_t i = 0; i < keystore_text_count(ks); i++) {
		struct keystore_text t = keystore_text_at(ks, i);

		tell_public(t.text, t.label, NULL, fn, arg);
	}
}
