/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of a firewall's running configuration, and what it would show of translations. */
#include <string.h>

#include "cli/accounts/auth_level.h"
#include "cli/show/show_cmd.h"

struct part {
	const char *word, *name; /* of the lines that are wanted; name NULL: whatever follows */
	struct text *ret;
	bool in; /* below such a line */
};

/* `access-list` has its name behind it, `object network` behind another word. */
static bool
line_names(const char *rest, const char *name)
{
	size_t n = strlen(name);

	for (; *rest == ' '; rest += strcspn(rest + 1, " ") + 1)
		if (strncmp(rest + 1, name, n) == 0 && (!rest[n + 1] || rest[n + 1] == ' '))
			return true;
	return false;
}

static void
add_part(void *arg, const char *line)
{
	struct part *p = arg;
	size_t n = strlen(p->word);

	if (*line != ' ')
		p->in = strncmp(line, p->word, n) == 0 && line[n] == ' ' &&
		        (!p->name || line_names(line + n, p->name));
	if (p->in)
		text_line(p->ret, line);
}

void
cmd_show_asa_running_config(struct shell *sh, const struct command *cmd)
{
	struct tree *config = auth_visible(router_accounts(shell_router(sh)), shell_level(sh));
	struct text t = TEXT_INIT;
	struct part part = {command_str(cmd, ARG_PART), command_str(cmd, ARG_NAME), &t, false};

	render_config(config, add_part, &part);
	shell_puts(sh, text_string(&t));
	text_fini(&t);
	tree_free(config);
}

/* Nothing is translated here. */
void
cmd_show_asa_xlate(struct shell *sh, const struct command *cmd)
{
	(void)cmd;
	shell_puts(sh, "0 in use, 0 most used\n");
}
