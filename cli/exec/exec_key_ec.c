/* SPDX-License-Identifier: Apache-2.0 */
/* `crypto key generate ec` and `crypto key zeroize ec`: keys that libssh alone can read. */
#include "cli/exec/exec.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/ssh/ssh_facts.h"

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
	size_t n = 0, size;

	for (size_t i = 0; i < keystore_text_count(ks); i++) {
		struct keystore_text t = keystore_text_at(ks, i);

		n += is_ec(&t) && (!*label || !strcmp(label, t.label));
	}
	if (!n) {
		shell_puts(sh, "% No EC Keys found in configuration.\n\n");
		return;
	}
	size = strlen(label) + 1;
	z = x_alloc(sizeof(*z) + size);
	z->all = !*label;
	memcpy(z->label, label, size);
	if (z->all)
		shell_puts(sh, "% All EC keys will be removed.\n");
	else
		shell_printf(sh, "%% Keys to be removed are named '%s'.\n", label);
	shell_ask(sh, "Do you really want to remove these keys? [yes/no]: ", zeroize_answer, z);
}
