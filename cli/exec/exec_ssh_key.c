/* SPDX-License-Identifier: Apache-2.0 */
/* `key-string` below `ip ssh pubkey-chain`: a user's public key, pasted line by line. */
#include "cli/exec/exec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/ssh/ssh_facts.h"

#define PASTE_MAX 4096

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
	size_t size;

	(void)cmd;
	if (!name) {
		shell_refuse(sh);
		return;
	}
	size = strlen(name) + 1;
	p = x_alloc(sizeof(*p) + size);
	memcpy(p->user, name, size);
	snprintf(p->prompt, sizeof(p->prompt), "%.64s(conf-ssh-pubkey-data)#",
	         router_hostname(shell_router(sh)));
	shell_ask(sh, p->prompt, key_line, p);
}
