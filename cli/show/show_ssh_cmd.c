/* SPDX-License-Identifier: Apache-2.0 */
/* `show ip ssh` and `show ssh`. */
#include "cli/show/show_commands.h"

#include <string.h>

#include "cli/ssh/ssh_facts.h"

#define LINE_WIDTH 72 /* of base 64, as IOS shows it */

static void
base64_lines(struct shell *sh, const char *type, const char *base64)
{
	size_t n = strlen(base64), width = LINE_WIDTH - strlen(type) - 1;

	shell_printf(sh, "%s %.*s\n", type, (int)width, base64);
	for (size_t i = width; i < n; i += LINE_WIDTH)
		shell_printf(sh, "%.*s\n", LINE_WIDTH, base64 + i);
}

static void
show_host_key(void *arg, const struct sshd_public *key)
{
	struct shell *sh = arg;

	shell_printf(sh, "IOS Keys in SECSH format(%s, base64 encoded): %s\n", key->type,
	             key->label);
	base64_lines(sh, key->type, key->base64);
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
	enum sshd_service service = sshd_service_of(r);
	char names[SSHD_NAMES_MAX];

	(void)cmd;
	shell_printf(sh, "SSH %s - version 2.0\n", service == SSHD_SERVES ? "Enabled" : "Disabled");
	if (service == SSHD_ABSENT)
		shell_puts(sh, "%No SSH server is running for this router.\n");
	else if (service == SSHD_NO_USER)
		shell_puts(sh, "%Please configure a user: username NAME secret PASSWORD\n");
	sshd_methods_text(r, names, sizeof(names));
	shell_printf(sh, "Authentication methods:%s\n", names);
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		sshd_algorithm_text(r, lists[i].what, names, sizeof(names));
		shell_printf(sh, "%s:%s\n", lists[i].title, names);
	}
	shell_printf(sh, "Authentication timeout: %u secs; Authentication retries: %u\n",
	             sshd_timeout(r), sshd_retries(r));
	sshd_each_host_key(r, show_host_key, sh);
}

/* --- connections ------------------------------------------------------------------------------ */

struct listing {
	struct shell *sh;
	size_t n;
};

static void
show_connection(void *arg, const struct sshd_peer *p)
{
	struct listing *l = arg;

	if (!l->n)
		shell_puts(l->sh, "Connection Version Mode Encryption   Hmac         "
		                  "State                 Username\n");
	shell_printf(l->sh, "%-10zu 2.0     IN   %-12s %-12s %-21s %s\n", l->n, p->cipher_in,
	             p->hmac_in, p->state, p->user);
	shell_printf(l->sh, "%-10zu 2.0     OUT  %-12s %-12s %-21s %s\n", l->n, p->cipher_out,
	             p->hmac_out, p->state, p->user);
	l->n++;
}

void
cmd_show_ssh(struct shell *sh, const struct command *cmd)
{
	struct listing l = {.sh = sh};

	(void)cmd;
	sshd_each_peer(shell_router(sh), show_connection, &l);
	if (!l.n)
		shell_puts(sh, "%No SSHv2 server connections running.\n");
	shell_puts(sh, "%No SSHv1 server connections running.\n");
}
