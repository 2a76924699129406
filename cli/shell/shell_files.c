/* SPDX-License-Identifier: Apache-2.0 */
/* Files as a command names them: see shell_files.h. */
#include "cli/shell/shell_files.h"
#include "cli/device/router_files.h"

void
shell_file_error(struct shell *sh, const char *what, const char *typed, int error)
{
	char full[FILE_NAME_TEXT];
	struct file_name n;

	file_name_parse(typed, &n);
	file_name_text(&n, full);
	shell_refuse(sh);
	shell_printf(sh, "%%Error %s %s (%s)\n", what, full[0] ? full : typed, file_error(error));
}

bool
shell_file_read(struct shell *sh, const char *typed, struct text *ret)
{
	int error = router_file_read(shell_router(sh), typed, ret);

	if (error)
		shell_file_error(sh, "opening", typed, error);
	return !error;
}
