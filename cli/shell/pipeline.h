/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What follows a command: `| section gdoi | include sa | tee flash:sa.txt`. Filters, each of which
 * feeds the next, and at the end perhaps a file.
 */
#ifndef TESTUDO_PIPELINE_H
#define TESTUDO_PIPELINE_H

#include "cli/device/router.h"
#include "compiler/grammar/command.h"

struct pipeline;

#define PIPELINE_WHY 512 /* octets for a message */

/* Does a file end the pipeline? *ret_column: where in the line that stage begins. */
bool pipeline_writes(const struct command *first, size_t *ret_column);

/*
 * Makes a pipeline of the command of MODE_PIPE behind the first bar. A bar with a blank at either
 * side and the name of a filter behind it begins the next stage; any other bar belongs to the
 * regular expression. NULL: `why` is the message, in whole lines. A file at the end is one of the
 * router's.
 */
struct pipeline *pipeline_new(struct router *r, const struct command *first,
                              char why[static PIPELINE_WHY]);
void pipeline_free(struct pipeline *p); /* NULL is fine; nothing is written */

typedef void pipeline_out(void *arg, const char *text, size_t n);

void pipeline_write(struct pipeline *p, const char *text, size_t n, pipeline_out *out, void *arg);
/* The command's output is complete: writes what was held back, and the file. */
void pipeline_end(struct pipeline *p, pipeline_out *out, void *arg);

#endif
