/* SPDX-License-Identifier: Apache-2.0 */
/* `show reload`. */
#include "cli/device/reload.h"
#include "cli/show/show_cmd.h"

void
cmd_show_reload(struct shell *sh, const struct command *cmd)
{
	struct text t = TEXT_INIT;

	(void)cmd;
	reload_show(router_reload(shell_router(sh)), &t);
	shell_puts(sh, text_string(&t));
	text_fini(&t);
}
