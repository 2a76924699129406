/* SPDX-License-Identifier: Apache-2.0 */
/* `show users`, `show line`: who is on which terminal line. */
#include "cli/show/show_cmd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/shell/line.h"
#include "cli/shell/outbound.h"

unsigned
showing_lines(const struct router *r)
{
	unsigned rows = line_shown_vtys(r);

	for (size_t i = 0; i < router_session_count(r); i++) {
		const struct line_id *on = shell_line_id(shell_at(r, i));

		if (on && on->type == LINE_VTY && on->number >= rows)
			rows = on->number + 1;
	}
	return 2 + rows;
}

/* --- show users ------------------------------------------------------------------------------- */

/* on: NULL: nobody. Each of its connections to other routers has a row. */
static void
put_user(struct shell *sh, struct line_id id, struct shell *on)
{
	struct outbound_info o;
	bool leads = on && outbound_at(on, 0, &o);
	struct text idle = TEXT_INIT;
	char line[16];

	snprintf(line, sizeof(line), "%s %u", line_type_text(id.type), id.number);
	show_ago(&idle, leads ? o.idle : on ? shell_idle(on) : 0);
	shell_printf(sh, "%c%3u %-10s%-10s %-20s %-8s %s\n", on == sh ? '*' : ' ', line_tty(id),
	             line, on ? shell_user(on) : "",
	             leads ? o.address
	             : on  ? "idle"
	                   : "",
	             text_string(&idle), on ? shell_peer(on) : "");
	for (size_t i = 1; leads && outbound_at(on, i, &o); i++) {
		text_clear(&idle);
		show_ago(&idle, o.idle);
		shell_printf(sh, "%26s%-20s %s\n", "", o.address, text_string(&idle));
	}
	text_fini(&idle);
}

void
cmd_show_users(struct shell *sh, const struct command *cmd)
{
	const struct router *r = shell_router(sh);
	bool all = command_has(cmd, ARG_ALL);
	unsigned rows = showing_lines(r);

	shell_puts(sh, "    Line       User       Host(s)              Idle       Location\n");
	for (unsigned tty = 0; tty < rows; tty++) {
		struct line_id id;
		struct shell *on;
		size_t nth = 0;

		line_of_tty(tty, &id);
		while ((on = shell_on(r, id, nth))) {
			put_user(sh, id, on);
			nth++;
		}
		if (!nth && all)
			put_user(sh, id, NULL);
	}
	shell_puts(sh,
	           "\n  Interface    User               Mode         Idle     Peer Address\n\n");
}

/* --- show line -------------------------------------------------------------------------------- */

static void
put_line(struct shell *sh, struct line_id id)
{
	static const char *const types[] = {"CTY", "AUX", "VTY"};
	const struct router *r = shell_router(sh);
	struct line_settings s;

	line_settings(r, id, &s);
	shell_printf(sh, "%c%5u %s %11s  -%5s%7s%5s%5s%7u%8u%8s%8s\n",
	             shell_on(r, id, 0) ? '*' : ' ', line_tty(id), types[id.type],
	             id.type == LINE_AUX ? "9600/9600" : "", "-", "-", "-",
	             s.access_class ? s.access_class : "-", line_uses(r, id), 0u, "0/0", "-");
}

static void
put_summary(struct shell *sh, unsigned rows)
{
	const struct router *r = shell_router(sh);

	shell_puts(sh, "   0: ");
	for (unsigned tty = 0; tty < rows; tty++) {
		struct line_id id;
		const struct shell *on;

		line_of_tty(tty, &id);
		on = shell_on(r, id, 0);
		shell_puts(sh, !on ? "-" : *shell_user(on) ? "U" : "u");
	}
	shell_puts(sh, "\n\n- line is not in use\nu login name is not known\n"
	               "U somebody has logged in\n");
}

void
cmd_show_line(struct shell *sh, const struct command *cmd)
{
	bool one = command_has(cmd, ARG_TTY) || command_has(cmd, ARG_NUMBER);
	unsigned rows = showing_lines(shell_router(sh));
	struct line_id id;

	if (command_has(cmd, ARG_SUMMARY)) {
		put_summary(sh, rows);
		return;
	}
	shell_puts(sh, "   Tty Typ     Tx/Rx    A Modem  Roty AccO AccI   Uses   Noise  Overruns   "
	               "Int\n");
	if (one) {
		put_line(sh, line_of_command(cmd));
	} else {
		for (unsigned tty = 0; tty < rows; tty++) {
			line_of_tty(tty, &id);
			put_line(sh, id);
		}
	}
	shell_puts(sh, "\n");
}
