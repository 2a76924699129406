/* SPDX-License-Identifier: Apache-2.0 */
/* `where`, `show sessions`: the connections that this session has opened. */
#include "cli/shell/outbound.h"
#include "cli/show/show_cmd.h"

void
cmd_show_sessions(struct shell *sh, const struct command *cmd)
{
	struct outbound_info o;

	(void)cmd;
	if (!outbound_at(sh, 0, &o)) {
		shell_puts(sh, "% No connections open\n");
		return;
	}
	shell_puts(sh, "Conn Host                Address             Byte  Idle Conn Name\n");
	for (size_t i = 0; outbound_at(sh, i, &o); i++)
		shell_printf(sh, "%c%3u %-19s %-19s %4d  %4lld %s\n", o.last ? '*' : ' ', o.number,
		             o.host, o.address, 0, (long long)(o.idle / 60000), o.host);
	shell_puts(sh, "\n");
}
