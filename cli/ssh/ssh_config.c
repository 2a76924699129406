/* SPDX-License-Identifier: Apache-2.0 */
/* What `ip ssh` says: see ssh_priv.h. */
#include "cli/ssh/ssh_priv.h"

#include <stdio.h>
#include <string.h>

#include "compiler/base/text.h"

static const struct tnode *
find_setting(struct router *r, enum gram_key key)
{
	return tnode_first(tree_top(router_tree(r)), key);
}

static unsigned
setting_number(struct router *r, enum gram_key key, enum gram_arg arg, unsigned dflt)
{
	const struct tnode *n = find_setting(r, key);

	return n ? tnode_u32(n, arg) : dflt;
}

unsigned
sshd_timeout(struct router *r)
{
	return setting_number(r, KEY_IP_SSH_TIME_OUT, ARG_SECONDS, SSHD_TIMEOUT);
}

unsigned
sshd_retries(struct router *r)
{
	return setting_number(r, KEY_IP_SSH_RETRIES, ARG_RETRIES, SSHD_RETRIES);
}

unsigned
sshd_max_startups(struct router *r)
{
	return setting_number(r, KEY_IP_SSH_MAXSTARTUPS, ARG_MAX, SSHD_UNKNOWN_MAX);
}

bool
sshd_logs(struct router *r)
{
	return find_setting(r, KEY_IP_SSH_LOGGING) != NULL;
}

int
sshd_methods(struct router *r)
{
	static const struct {
		const char *name;
		int method;
	} known[] = {
	    {"publickey", SSH_AUTH_METHOD_PUBLICKEY},
	    {"keyboard", SSH_AUTH_METHOD_INTERACTIVE},
	    {"password", SSH_AUTH_METHOD_PASSWORD},
	};
	const struct tnode *n = find_setting(r, KEY_IP_SSH_AUTHENTICATION);
	int methods = 0;

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		for (size_t k = 0; !n || k < tnode_count(n, ARG_METHOD); k++)
			if (!n || !strcmp(tnode_str_at(n, ARG_METHOD, k), known[i].name)) {
				methods |= known[i].method;
				break;
			}
	return methods;
}

/* --- algorithms ------------------------------------------------------------------------------- */

/*
 * What every router and client of these years speaks. No group exchange, for libssh would take the
 * groups from a file of this machine; and nothing larger than group 14 unless it is asked for: who
 * has not logged in must not make us work hard.
 */
#define KEX_NAMES                                                                                  \
	"curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,"    \
	"ecdh-sha2-nistp521,diffie-hellman-group14-sha256"
#define CIPHER_NAMES                                                                               \
	"chacha20-poly1305@openssh.com,aes128-gcm,aes256-gcm,aes128-ctr,aes192-ctr,aes256-ctr"
#define MAC_NAMES                                                                                  \
	"hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,hmac-sha2-256,hmac-sha2-512"
#define HOSTKEY_NAMES                                                                              \
	"ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,"                 \
	"rsa-sha2-512,rsa-sha2-256"

static const struct {
	enum gram_key key;
	enum gram_arg arg;
	const char *otherwise;
	int options[2]; /* of the bind; -1: none */
} algorithms[SSHD_ALGORITHMS] = {
    [SSHD_KEX_ALGO] = {KEY_IP_SSH_KEX, ARG_KEX, KEX_NAMES, {SSH_BIND_OPTIONS_KEY_EXCHANGE, -1}},
    [SSHD_CIPHER] = {KEY_IP_SSH_ENCRYPTION,
                     ARG_CIPHER,
                     CIPHER_NAMES,
                     {SSH_BIND_OPTIONS_CIPHERS_C_S, SSH_BIND_OPTIONS_CIPHERS_S_C}},
    [SSHD_MAC] = {KEY_IP_SSH_MAC,
                  ARG_MAC,
                  MAC_NAMES,
                  {SSH_BIND_OPTIONS_HMAC_C_S, SSH_BIND_OPTIONS_HMAC_S_C}},
    [SSHD_HOSTKEY] = {KEY_IP_SSH_HOSTKEY,
                      ARG_HOSTKEY,
                      HOSTKEY_NAMES,
                      {SSH_BIND_OPTIONS_HOSTKEY_ALGORITHMS, -1}},
};

void
sshd_algorithm_text(struct router *r, enum sshd_algorithm what, char *buf, size_t size)
{
	const struct tnode *n = find_setting(r, algorithms[what].key);
	enum gram_arg arg = algorithms[what].arg;
	size_t used = 0;

	snprintf(buf, size, "%s", n ? "" : algorithms[what].otherwise);
	for (size_t i = 0; n && i < tnode_count(n, arg) && used < size; i++)
		used += (size_t)snprintf(buf + used, size - used, "%s%s", i ? "," : "",
		                         tnode_str_at(n, arg, i));
}

/* The wire has another name for IOS's "aes128-gcm". */
static void
wire_names(const char *names, struct text *t)
{
	while (*names) {
		size_t n = strcspn(names, ",");

		text_add(t, names, n);
		if (n > 4 && !strncmp(names + n - 4, "-gcm", 4))
			text_puts(t, "@openssh.com");
		names += n;
		if (*names)
			text_add(t, names++, 1);
	}
}

void
sshd_algorithms(struct router *r, ssh_bind bind)
{
	char names[SSHD_NAMES_MAX];

	for (size_t i = 0; i < SSHD_ALGORITHMS; i++) {
		struct text t = TEXT_INIT;

		sshd_algorithm_text(r, (enum sshd_algorithm)i, names, sizeof(names));
		wire_names(names, &t);
		for (size_t k = 0; k < 2 && algorithms[i].options[k] >= 0; k++)
			ssh_bind_options_set(bind,
			                     (enum ssh_bind_options_e)algorithms[i].options[k],
			                     text_string(&t));
		text_fini(&t);
	}
}
