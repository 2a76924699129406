/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configuration that a document shows without prompts: which of its lines look like commands, and
 * whose they are. Pure.
 */
#ifndef TESTUDO_UNPROMPTED_H
#define TESTUDO_UNPROMPTED_H

#include "cli/lab/transcript.h"
#include "compiler/device/device_kind.h"

/* Is the line, of two words at least, a command of global configuration that has an effect? */
bool unprompted_is_command(const struct device_kind *kind, const char *line);
/*
 * The name that stands with a colon alone on a line ("R1:", "## R1:"), in the arena, when the first
 * line behind it could be a command: *ret_next is that line. NULL: it is no such heading.
 */
const char *unprompted_heading(struct arena *a, const struct transcript *t, size_t at,
                               const char **ret_next);
/* Does a step's command show what follows it in the document? Else that is the author's text. */
bool unprompted_is_output_of(const struct step *step);

#endif
