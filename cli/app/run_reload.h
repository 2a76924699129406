/* SPDX-License-Identifier: Apache-2.0 */
/* A running router reads its configuration file again. */
#ifndef TESTUDO_RUN_RELOAD_H
#define TESTUDO_RUN_RELOAD_H

#include "cli/device/router.h"

/*
 * Replaces the running configuration by `text`, read from `path`, as `configure replace` does: what
 * is equal goes on undisturbed. A text with a line that is refused changes nothing. What is wrong
 * is logged; true when the running configuration is what the text says.
 */
bool run_reload(struct router *r, const char *path, const char *text);
/* Logs that the file cannot be used. */
void run_reload_refuse(struct router *r, const char *path, const char *why);

#endif
