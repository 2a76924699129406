/* SPDX-License-Identifier: Apache-2.0 */
/* Files of a router by the names that users type: its flash, and its two configurations. */
#ifndef TESTUDO_ROUTER_FILES_H
#define TESTUDO_ROUTER_FILES_H

#include "cli/files/files.h"

struct router;

/*
 * Reads or writes the file or configuration that a typed name means; -EOPNOTSUPP for a remote one,
 * -EINVAL for a bad name. Text written to the running configuration is merged into it, as `copy`
 * does; lines that are refused are in the log. Text written to the startup configuration is kept as
 * it is.
 */
int router_file_read(struct router *r, const char *typed, struct text *ret);
int router_file_write(struct router *r, const char *typed, struct span text);
int router_file_append(struct router *r, const char *typed, struct span text); /* flash only */

#endif
