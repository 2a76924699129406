/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked of the SSH server: see ssh_facts.h. */
#include "cli/ssh/ssh_facts.h"

#include <stdio.h>

#include "cli/ssh/ssh_priv.h"

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

void
sshd_each_host_key(struct router *r, void (*fn)(void *arg, const struct sshd_public *key),
                   void *arg)
{
	const struct keystore *ks = node_keystore(router_node(r));
	struct sshd_public key = {.kind = "rsa", .type = "ssh-rsa"};
	ssh_key rsa = sshd_rsa_key(r, &key.label);
	char *base64;

	if (rsa && ssh_pki_export_pubkey_base64(rsa, &base64) == SSH_OK) {
		key.base64 = base64;
		fn(arg, &key);
		ssh_string_free_char(base64);
	}
	ssh_key_free(rsa);
	for (size_t i = 0; i < keystore_text_count(ks); i++) {
		struct keystore_text t = keystore_text_at(ks, i);

		if (!sshd_public_text(t.text, &key.type, &base64))
			continue;
		key.label = t.label;
		key.kind = t.kind;
		key.base64 = base64;
		key.created = t.created;
		fn(arg, &key);
		ssh_string_free_char(base64);
	}
}
