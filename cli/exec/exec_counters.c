/* SPDX-License-Identifier: Apache-2.0 */
/* `clear counters`: what interfaces have counted goes back to zero, once that is confirmed. */
#include "cli/exec/exec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/exec/exec_files.h"

/* state: the interface's name; "" for all. */
static void
clear_answer(struct shell *sh, const char *line, void *state)
{
	struct router *r = shell_router(sh);
	struct host *h = node_host(router_node(r));
	struct log_sink sink = router_log_sink(r);
	char *name = state, where[CONFIG_LOG_WHO];

	if (exec_confirmed(line)) {
		shell_where(sh, where);
		h->ops->clear_counters(h, *name ? name : NULL);
		if (*name)
			LOG(&sink, COUNTERS_CLEARED, "interface ", name, where);
		else
			LOG(&sink, COUNTERS_CLEARED, "all interfaces", "", where);
	}
	free(name);
}

void
exec_clear_counters(struct shell *sh, const struct command *cmd)
{
	const struct value *name = command_value(cmd, ARG_INTERFACE, 0);
	char question[80];

	if (shell_refuse_loading(sh))
		return;
	if (name && !router_has_interface(shell_router(sh), name->text)) {
		shell_refuse_at(sh, name->column);
		return;
	}
	snprintf(question, sizeof(question), "Clear \"show interface\" counters on %s [confirm]",
	         name ? "this interface" : "all interfaces");
	shell_ask(sh, question, clear_answer, x_strdup(name ? name->text : ""));
}
