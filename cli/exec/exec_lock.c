/* SPDX-License-Identifier: Apache-2.0 */
/* `lock` keeps others from a terminal; `login` gives it to another user. */
#include <stdlib.h>
#include <string.h>

#include "cli/exec/exec.h"
#include "cli/shell/login.h"
#include "runtime/crypto/secret.h"

/* The question's answer owns it. */
struct locked {
	struct secret password;
};

static void
free_locked(struct locked *l)
{
	secret_fini(&l->password);
	free(l);
}

static bool
is_password(const struct locked *l, const char *line)
{
	return span_equal_ct(secret_span(&l->password), SPAN(line, strlen(line)));
}

/* Whatever is pressed, the terminal stays locked until the password comes or the session ends. */
static void
unlock_answer(struct shell *sh, const char *line, void *state)
{
	struct locked *l = state;

	if (shell_is_over(sh) || (line && is_password(l, line)))
		free_locked(l);
	else
		shell_ask_secret(sh, "Password: ", unlock_answer, l);
}

static void
again_answer(struct shell *sh, const char *line, void *state)
{
	struct locked *l = state;

	if (line && is_password(l, line)) {
		shell_puts(sh, "\n                                Locked\n\n");
		shell_ask_secret(sh, "Password: ", unlock_answer, l);
		return;
	}
	if (line) {
		shell_refuse(sh);
		shell_puts(sh, "% Passwords do not match\n");
	}
	free_locked(l);
}

static void
password_answer(struct shell *sh, const char *line, void *state)
{
	struct locked *l = state;

	if (!line || !*line) {
		if (line)
			shell_puts(sh, "% No password, not locked\n");
		free_locked(l);
		return;
	}
	secret_copy(&l->password, SPAN(line, strlen(line)));
	shell_ask_secret(sh, "Again: ", again_answer, l);
}

void
exec_lock(struct shell *sh, const struct command *cmd)
{
	(void)cmd;
	if (!shell_refuse_loading(sh))
		shell_ask_secret(sh, "Password: ", password_answer, x_alloc(sizeof(struct locked)));
}

void
exec_login(struct shell *sh, const struct command *cmd)
{
	(void)cmd;
	if (shell_refuse_loading(sh) || (!shell_in_config(sh) && login_again(sh)))
		return;
	shell_refuse(sh);
	shell_puts(sh, shell_in_config(sh) ? "% Leave configuration mode first\n"
	                                   : "% This line asks nobody to log in\n");
}
