/* SPDX-License-Identifier: Apache-2.0 */
/* `clear line`. */
#include <stdlib.h>

#include "cli/exec/exec.h"
#include "cli/shell/line.h"

struct clearing {
	struct line_id id;
};

static void
clear_answer(struct shell *sh, const char *line, void *state)
{
	struct clearing *c = state;
	struct shell *victim;
	bool own = false;
	size_t nth = 0;

	if (line && (!*line || *line == 'y' || *line == 'Y')) {
		shell_puts(sh, " [OK]\n");
		while ((victim = shell_on(shell_router(sh), c->id, nth))) {
			if (victim == sh) {
				own = true;
				nth++;
			} else {
				shell_reset(victim);
			}
		}
	}
	free(c);
	if (own)
		shell_reset(sh);
}

void
exec_clear_line(struct shell *sh, const struct command *cmd)
{
	struct clearing *c = x_alloc(sizeof(*c));

	c->id = line_of_command(cmd);
	shell_ask(sh, "[confirm]", clear_answer, c);
}
