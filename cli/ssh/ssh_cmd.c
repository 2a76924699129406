/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands about SSH: `show ip ssh`, `show ssh`, keys that libssh alone can read, and the public
 * keys of users.
 */
#include "cli/app/commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "cli/show/show_cmd.h"
#include "cli/ssh/ssh_priv.h"

#define PASTE_MAX  4096
#define LINE_WIDTH 72 /* of base 64, as IOS shows it */

/* --- show ------------------------------------------------------------------------------------- */

static void
base64_lines(struct shell *sh, const char *type, const char *base64)
{
	size_t n = strlen(base64), width = LINE_WIDTH - strlen(type) - 1;

	shell_printf(sh, "%s %.*s\n", type, (int)width, base64);
	for (size_t i = width; i < n; i += LINE_WIDTH)
		shell_printf(sh, "%.*s\n", LINE_WIDTH, base64 + i);
}

static void
show_host_keys(struct shell *sh, struct router *r)
{
	const struct keystore *ks = node_keystore(router_node(r));
	const char *label = NULL, *type;
	ssh_key rsa = sshd_rsa_key(r, &label);
	char *base64;

	if (rsa && ssh_pki_export_pubkey_base64(rsa, &base64) == SSH_OK) {
		shell_printf(sh, "IOS Keys in SECSH format(ssh-rsa, base64 encoded): %s\n", label);
		base64_lines(sh, "ssh-rsa", base64);
		ssh_string_free_char(base64);
	}
	ssh_key_free(rsa);
	for (size_t i = 0; i < keystore_text_count(ks); i++) {
		struct keystore_text t = keystore_text_at(ks, i);

		if (!sshd_public_text(t.text, &type, &base64))
			continue;
		shell_printf(sh, "IOS Keys in SECSH format(%s, base64 encoded): %s\n", type,
		             t.label);
		base64_lines(sh, type, base64);
		ssh_string_free_char(base64);
	}
}

static void
show_methods(struct shell *sh, int methods)
{
	shell_printf(sh, "Authentication methods:%s%s%s\n",
	             methods & SSH_AUTH_METHOD_PUBLICKEY ? "publickey," : "",
	             methods & SSH_AUTH_METHOD_INTERACTIVE ? "keyboard-interactive," : "",
	             methods & SSH_AUTH_METHOD_PASSWORD ? "password" : "");
}

static const struct sshd *
server_of(const struct router *r)
{
	const struct sshd *s = sshd_first();

	while (s && s->router != r)
		s = s->next;
	return s;
}

void
cmd_show_ip_ssh(struct shell *sh, const struct command *cmd)
{
	static const struct {
		enum sshd_algorithm what;
		const char *title;
	} lists[] = {
	    {SSHD_HOSTKEY, "Hostkey Algorithms"},
	    {SSHD_CIPHER, "Encryption Algorithms"},
	    {SSHD_MAC, "MAC Algorithms"},
	    {SSHD_KEX_ALGO, "KEX Algorithms"},
	};
	struct router *r = shell_router(sh);
	const struct sshd *s = server_of(r);
	char names[SSHD_NAMES_MAX];

	(void)cmd;
	shell_printf(sh, "SSH %s - version 2.0\n",
	             s && sshd_auth_possible(s) ? "Enabled" : "Disabled");
	if (!s)
		shell_puts(sh, "%No SSH server is running for this router.\n");
	else if (!sshd_auth_possible(s))
		shell_puts(sh, "%Please configure a user: username NAME secret PASSWORD\n");
	show_methods(sh, sshd_methods(r));
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		sshd_algorithm_text(r, lists[i].what, names, sizeof(names));
		shell_printf(sh, "%s:%s\n", lists[i].title, names);
	}
	shell_printf(sh, "Authentication timeout: %u secs; Authentication retries: %u\n",
	             sshd_timeout(r), sshd_retries(r));
	show_host_keys(sh, r);
}

static void
show_connection(struct shell *sh, const struct sshd_connection *c, size_t i)
{
	static const char *const states[] = {
	    [SSHD_KEX] = "Key exchange",
	    [SSHD_AUTH] = "Authentication",
	    [SSHD_UP] = "Session started",
	};
	const char *in = ssh_get_cipher_in(c->session), *out = ssh_get_cipher_out(c->session);
	const char *hmac_in = ssh_get_hmac_in(c->session), *hmac_out = ssh_get_hmac_out(c->session);

	shell_printf(sh, "%-10zu 2.0     IN   %-12s %-12s %-21s %s\n", i, in ? in : "",
	             hmac_in ? hmac_in : "", states[c->state], c->user);
	shell_printf(sh, "%-10zu 2.0     OUT  %-12s %-12s %-21s %s\n", i, out ? out : "",
	             hmac_out ? hmac_out : "", states[c->state], c->user);
}

void
cmd_show_ssh(struct shell *sh, const struct command *cmd)
{
	size_t n = 0;

	(void)cmd;
	for (const struct sshd *s = sshd_first(); s; s = s->next)
		for (const struct sshd_connection *c = s->connections; c; c = c->next) {
			if (s->router != shell_router(sh) || c->closing)
				continue;
			if (!n)
				shell_puts(sh, "Connection Version Mode Encryption   Hmac         "
				               "State                 Username\n");
			show_connection(sh, c, n++);
		}
	if (!n)
		shell_puts(sh, "%No SSHv2 server connections running.\n");
	shell_puts(sh, "%No SSHv1 server connections running.\n");
}

/* --- EC keys ---------------------------------------------------------------------------------- */

static bool
is_ec(const struct keystore_text *t)
{
	return !strncmp(t->kind, "ec", 2);
}

void
config_crypto_key_generate_ec(struct shell *sh, const struct command *cmd)
{
	struct router *r = shell_router(sh);
	const char *bits = command_str(cmd, ARG_KEYSIZE), *domain;
	char *label, *kind = x_asprintf("ec%s", bits);
	const struct policy *p;

	router_commit(r, false);
	p = node_policy(router_node(r));
	domain = p && p->domain_name[0] ? p->domain_name : NULL;
	if (command_has(cmd, ARG_LABEL))
		label = x_strdup(command_str(cmd, ARG_LABEL));
	else
		label = x_asprintf("%s%s%s", router_hostname(r), domain ? "." : "",
		                   domain ? domain : "");
	shell_printf(sh,
	             "The name for the keys will be: %s\n\n"
	             "%% Generating %s bit EC keys, keys will be non-exportable...\n",
	             label, bits);
	if (sshd_make_key(r, label, kind)) {
		shell_puts(sh, "[OK] (elapsed time was 0 seconds)\n\n");
	} else {
		shell_refuse(sh);
		shell_puts(sh, "% The keys cannot be generated.\n\n");
	}
	free(label);
	free(kind);
}

struct zeroing {
	bool all;
	char label[];
};

static void
zeroize_keys(struct keystore *ks, const struct zeroing *z)
{
	for (size_t i = keystore_text_count(ks); i-- > 0;) {
		struct keystore_text t = keystore_text_at(ks, i);

		if (is_ec(&t) && (z->all || !strcmp(z->label, t.label)))
			keystore_remove_text(ks, t.label);
	}
}

static void
zeroize_answer(struct shell *sh, const char *line, void *state)
{
	struct zeroing *z = state;

	if (line && *line && !strncasecmp("yes", line, strlen(line)))
		zeroize_keys(node_keystore(router_node(shell_router(sh))), z);
	free(z);
}

void
config_crypto_key_zeroize_ec(struct shell *sh, const struct command *cmd)
{
	const struct keystore *ks = node_keystore(router_node(shell_router(sh)));
	const char *label = command_has(cmd, ARG_LABEL) ? command_str(cmd, ARG_LABEL) : "";
	struct zeroing *z;
	size_t n = 0;

	for (size_t i = 0; i < keystore_text_count(ks); i++) {
		struct keystore_text t = keystore_text_at(ks, i);

		n += is_ec(&t) && (!*label || !strcmp(label, t.label));
	}
	if (!n) {
		shell_puts(sh, "% No EC Keys found in configuration.\n\n");
		return;
	}
	z = x_alloc(sizeof(*z) + strlen(label) + 1);
	z->all = !*label;
	strcpy(z->label, label);
	if (z->all)
		shell_puts(sh, "% All EC keys will be removed.\n");
	else
		shell_printf(sh, "%% Keys to be removed are named '%s'.\n", label);
	shell_ask(sh, "Do you really want to remove these keys? [yes/no]: ", zeroize_answer, z);
}

void
cmd_show_crypto_key_mypubkey_ec(struct shell *sh, const struct command *cmd)
{
	const struct keystore *ks = node_keystore(router_node(shell_router(sh)));
	const char *label = command_str(cmd, ARG_LABEL), *type;
	char *base64, when[64];
	struct tm tm;
	time_t at;

	for (size_t i = 0; i < keystore_text_count(ks); i++) {
		struct keystore_text t = keystore_text_at(ks, i);

		if (!is_ec(&t) || (label && strcmp(label, t.label) != 0) ||
		    !sshd_public_text(t.text, &type, &base64))
			continue;
		at = (time_t)(t.created / 1000);
		gmtime_r(&at, &tm);
		strftime(when, sizeof(when), "%H:%M:%S UTC %b %e %Y", &tm);
		shell_printf(sh,
		             "%% Key pair was generated at: %s\nKey name: %s\nKey type: EC KEYS\n",
		             when, t.label);
		base64_lines(sh, type, base64);
		ssh_string_free_char(base64);
	}
}

/* --- users' public keys ----------------------------------------------------------------------- */

struct pasting {
	size_t n;
	char text[PASTE_MAX];
	char prompt[SHELL_PROMPT_MAX];
	char user[];
};

static void
keep_key(struct shell *sh, const struct pasting *p)
{
	char *line, *all;

	if (!sshd_key_line(p->text, &line)) {
		shell_refuse(sh);
		shell_puts(sh, "%SSH: Failed to decode the Key Value\n");
		return;
	}
	all = x_asprintf("ip ssh pubkey-chain\nusername %s\n%s\n", p->user, line);
	if (router_load(shell_router(sh), all, NULL, NULL))
		shell_refuse(sh);
	free(all);
	free(line);
}

/* One line of the key, or "exit", which ends it. */
static void
key_line(struct shell *sh, const char *line, void *state)
{
	struct pasting *p = state;
	size_t n;

	if (!line || !strcmp(line, "exit") || !strcmp(line, "quit")) {
		if (line)
			keep_key(sh, p);
		free(p);
		return;
	}
	while (*line == ' ')
		line++;
	n = strlen(line);
	if (p->n + n < sizeof(p->text)) {
		memcpy(p->text + p->n, line, n + 1);
		p->n += n;
	} else {
		p->n = sizeof(p->text); /* too long for any key: it will not be one */
		p->text[0] = 0;
	}
	shell_ask(sh, p->prompt, key_line, p);
}

void
config_ssh_key_string(struct shell *sh, const struct command *cmd)
{
	const struct tnode *user = shell_context(sh);
	const char *name = user ? tnode_str(user, ARG_USER) : NULL;
	struct pasting *p;

	(void)cmd;
	if (!name) {
		shell_refuse(sh);
		return;
	}
	p = x_alloc(sizeof(*p) + strlen(name) + 1);
	strcpy(p->user, name);
	snprintf(p->prompt, sizeof(p->prompt), "%.64s(conf-ssh-pubkey-data)#",
	         router_hostname(shell_router(sh)));
	shell_ask(sh, p->prompt, key_line, p);
}
