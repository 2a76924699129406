/* SPDX-License-Identifier: Apache-2.0 */
/* See acting.h. */
#include "cli/shell/acting.h"

#include <stdlib.h>

#include "cli/shell/shell_parts.h"

static void
tell_session(void *arg, const char *text, size_t n)
{
	session_say(arg, "%.*s", (int)n, text);
}

static void
end_line(void *arg)
{
	(void)arg;
}

static void *
open_shell(struct router *r, struct config_session *s)
{
	static const struct shell_io io = {.write = tell_session, .done = end_line};

	return shell_new_on(r, s, &io, s);
}

/* The output of a filter comes at the end of its command. */
static void
run_command(void *acting, const struct command *cmd)
{
	shell_run(acting, cmd);
	if (!shell_busy(acting))
		shell_line_end(acting);
}

/* While a command runs (a ping), lines that follow are lost, as they are for a user who types. */
static bool
waits_for_lines(void *acting)
{
	const struct shell *sh = acting;

	return sh->question || shell_busy(sh);
}

static void
answer_line(void *acting, const char *line)
{
	shell_line(acting, line);
}

static void
close_shell(void *acting)
{
	shell_free(acting);
}

const struct router_actor shell_actor = {.open = open_shell,
                                         .run = run_command,
                                         .asks = waits_for_lines,
                                         .answer = answer_line,
                                         .close = close_shell};
