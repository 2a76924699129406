/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `clear ip ospf process` and its like: what routing protocols have learned is what links, power
 * and configurations make of it at any moment, so that nothing would be learned otherwise.
 */
#include "cli/exec/exec.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static void
tell_computed(struct shell *sh)
{
	shell_puts(sh,
	           "% Neighbors and routes stay: they are what links and configurations make of "
	           "them now\n");
}

void
exec_clear_ip_routing(struct shell *sh, const struct command *cmd)
{
	(void)cmd;
	tell_computed(sh);
}

static void
ospf_answered(struct shell *sh, const char *line, void *state)
{
	size_t n = line ? strlen(line) : 0;

	(void)state;
	if (n && strncasecmp("yes", line, n) == 0)
		tell_computed(sh);
}

void
exec_clear_ip_ospf(struct shell *sh, const struct command *cmd)
{
	char question[60];

	if (command_has(cmd, ARG_NUMBER))
		snprintf(question, sizeof(question),
		         "Reset OSPF process %u? [no]: ", (unsigned)command_u32(cmd, ARG_NUMBER));
	else
		snprintf(question, sizeof(question), "Reset ALL OSPF processes? [no]: ");
	shell_ask(sh, question, ospf_answered, NULL);
}
