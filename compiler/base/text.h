/* SPDX-License-Identifier: Apache-2.0 */
/* Text that grows: what a show function writes before it meets a filter or a screen. */
#ifndef TESTUDO_TEXT_H
#define TESTUDO_TEXT_H

#include "compiler/base/base.h"

#include <stdarg.h>

struct text {
	char *p; /* always ended by a 0 once something was added; NULL before */
	size_t n, capacity;
};

#define TEXT_INIT ((struct text){0})

void text_fini(struct text *t);  /* wipes all that it held */
void text_clear(struct text *t); /* keeps the memory */
void text_add(struct text *t, const char *s, size_t n);
void text_puts(struct text *t, const char *s);
void text_printf(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_vprintf(struct text *t, const char *format, va_list ap)
    __attribute__((format(printf, 2, 0)));
void text_line(void *text, const char *line);  /* with a line end: what a render_sink does */
const char *text_string(const struct text *t); /* "" when empty */

#endif
