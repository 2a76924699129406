/* SPDX-License-Identifier: Apache-2.0 */
/* `show terminal` and `show privilege`: how this session is. */
#include "cli/show/show_commands.h"

#include <inttypes.h>
#include <stdio.h>

#include "cli/shell/line.h"

/* The line of this session; a session that is on none is shown as on the first of its kind. */
static struct line_id
line_here(const struct shell *sh)
{
	const struct line_id *on = shell_line_id(sh);

	return on ? *on : (struct line_id){shell_is_vty(sh) ? LINE_VTY : LINE_CON, 0};
}

static void
put_timeouts(struct shell *sh, const struct line_settings *s)
{
	char idle[16];

	if (s->exec_timeout)
		snprintf(idle, sizeof(idle), "%02u:%02u:%02u", s->exec_timeout / 3600 % 100,
		         s->exec_timeout / 60 % 60, s->exec_timeout % 60);
	shell_puts(sh, "Timeouts:      Idle EXEC    Idle Session   Modem Answer  Session   "
	               "Dispatch\n");
	shell_printf(sh, "               %-13s never                        none     not set\n",
	             s->exec_timeout ? idle : "never");
}

/* From here nobody can be reached: there is no client. */
static void
put_transports(struct shell *sh, struct line_id id, const struct line_settings *s)
{
	bool telnet = id.type == LINE_VTY && s->telnet, ssh = id.type == LINE_VTY && s->ssh;

	shell_printf(sh, "Allowed input transports are%s%s%s.\n", telnet ? " telnet" : "",
	             ssh ? " ssh" : "", telnet || ssh ? "" : " none");
	shell_puts(sh, "Allowed output transports are none.\n");
}

void
cmd_show_terminal(struct shell *sh, const struct command *cmd)
{
	size_t size = shell_history_size(sh);
	struct line_id id = line_here(sh);
	struct line_settings s;

	(void)cmd;
	line_settings(shell_router(sh), id, &s);
	shell_printf(sh, "Line %u, Location: \"\", Type: \"\"\n", line_tty(id));
	shell_printf(sh, "Length: %u lines, Width: %u columns\n", shell_length(sh),
	             shell_width(sh));
	shell_printf(sh, "Baud rate (TX/RX) is %" PRIu32 "/%" PRIu32 "\n", s.speed, s.speed);
	shell_printf(sh, "Status: Ready, Active, Automore %s\n", shell_length(sh) ? "On" : "Off");
	put_timeouts(sh, &s);
	shell_puts(sh, "Editing is enabled.\n");
	if (size)
		shell_printf(sh, "History is enabled, history size is %zu.\n", size);
	else
		shell_puts(sh, "History is disabled.\n");
	put_transports(sh, id, &s);
}

void
cmd_show_privilege(struct shell *sh, const struct command *cmd)
{
	(void)cmd;
	shell_printf(sh, "Current privilege level is %u\n", shell_level(sh));
}
