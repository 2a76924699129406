/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands behind a command: `| section gdoi | include sa | tee flash:sa.txt`. Filters, one into
 * the next, and at the end perhaps a file.
 */
#ifndef TESTUDO_PIPELINE_H
#define TESTUDO_PIPELINE_H

#include "cli/device/router.h"
#include "compiler/grammar/command.h"

struct pipeline;

#define PIPELINE_WHY 512 /* octets for a message */

/*
 * From the command of MODE_PIPE behind the first bar. A bar with a blank at either side and the
 * name of a filter behind it begins the next stage; any other is the regular expression's. NULL:
 * `why` is the message, of whole lines. The router's files take what goes into one.
 */
struct pipeline *pipeline_new(struct router *r, const struct command *first,
                              char why[static PIPELINE_WHY]);
void pipeline_free(struct pipeline *p); /* NULL is fine; nothing is written */

typedef void pipeline_out(void *arg, const char *text, size_t n);

void pipeline_write(struct pipeline *p, const char *text, size_t n, pipeline_out *out, void *arg);
/* The command's output is complete: what was held back, and the file. */
void pipeline_end(struct pipeline *p, pipeline_out *out, void *arg);

#endif
