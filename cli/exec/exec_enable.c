/* SPDX-License-Identifier: Apache-2.0 */
/* `enable`, `disable`, `show privilege`: the session's level of privilege. */
#include <stdlib.h>

#include "cli/accounts/auth.h"
#include "cli/exec/exec.h"

struct asking {
	unsigned level, tries;
};

static void
enable_answer(struct shell *sh, const char *line, void *state)
{
	struct asking *a = state;
	struct router *r = shell_router(sh);

	if (line && (!auth_enable_needed(router_accounts(r), a->level) ||
	             auth_enable(router_accounts(r), a->level, line))) {
		shell_set_level(sh, a->level);
	} else if (line && --a->tries) {
		shell_ask_secret(sh, "Password: ", enable_answer, a);
		return;
	} else if (line) {
		shell_puts(sh, auth_enable_secret(router_accounts(r), a->level)
		                   ? "% Bad secrets\n\n"
		                   : "% Bad passwords\n\n");
	}
	free(a);
}

/*
 * Everybody may go down to a lower level. Where no password is set, only the console may go up, and
 * who came in on the machine itself (`testudo sh`).
 */
void
exec_enable(struct shell *sh, const struct command *cmd)
{
	unsigned level = command_has(cmd, ARG_LEVEL) ? command_u32(cmd, ARG_LEVEL) : AUTH_LEVEL_MAX;
	struct router *r = shell_router(sh);
	bool up = level > shell_level(sh);
	struct asking *a;

	if (up && auth_enable_needed(router_accounts(r), level)) {
		a = x_alloc(sizeof(*a));
		*a = (struct asking){level, AUTH_TRIES};
		shell_ask_secret(sh, "Password: ", enable_answer, a);
	} else if (up && shell_is_vty(sh) && !shell_is_local(sh)) {
		shell_refuse(sh);
		shell_puts(sh, "% No password set\n");
	} else {
		shell_set_level(sh, level);
	}
}

void
exec_disable(struct shell *sh, const struct command *cmd)
{
	unsigned level = command_has(cmd, ARG_LEVEL) ? command_u32(cmd, ARG_LEVEL) : 1;

	if (level > shell_level(sh)) {
		shell_refuse(sh);
		shell_puts(sh, "% New privilege level must be less than current privilege level\n");
		return;
	}
	shell_set_level(sh, level);
}
