/* SPDX-License-Identifier: Apache-2.0 */
/* Changes that must be confirmed, as commands begin them. */
#ifndef TESTUDO_EXEC_ARCHIVE_H
#define TESTUDO_EXEC_ARCHIVE_H

#include "cli/device/archive.h"
#include "cli/shell/shell.h"

/* Is there an archive to go back to? Else it says so, and the command is refused. */
bool exec_can_await(struct shell *sh);
/* Archives what is and begins to wait, and says so; false after saying why not. */
bool exec_await(struct shell *sh, struct archive_timer timer);

#endif
