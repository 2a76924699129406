/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Output filters: `show ... | include RE`. A filter takes text as it is written and lets lines
 * through; what it keeps between lines is its own.
 */
#ifndef TESTUDO_PIPE_H
#define TESTUDO_PIPE_H

#include "compiler/base/base.h"
#include "compiler/base/regular.h"

struct pipe;

/*
 * filter is the full keyword (begin, count, exclude, include, section), inverted is for `section
 * exclude`. The regular expression is IOS's (REGULAR_IOS). NULL when there is no such filter, or
 * the expression is none: `why` (NULL, or PIPE_WHY octets) says what is wrong with it.
 */
#define PIPE_WHY REGULAR_WHY
struct pipe *pipe_new(const char *filter, bool inverted, const char *regex, char *why);
void pipe_free(struct pipe *p); /* NULL is fine */

/* Text in any pieces; lines that pass go to `out`, line end included. */
void pipe_write(struct pipe *p, const char *text, size_t n,
                void (*out)(void *arg, const char *text, size_t n), void *arg);
/* The output is complete: a last unfinished line, or the count. */
void pipe_end(struct pipe *p, void (*out)(void *arg, const char *text, size_t n), void *arg);

#endif
