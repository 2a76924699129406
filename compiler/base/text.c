/* SPDX-License-Identifier: Apache-2.0 */
/* Growing text: see text.h. */
#include "compiler/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
text_fini(struct text *t)
{
	if (t->p) /* a running configuration holds keys */
		explicit_bzero(t->p, t->capacity);
	free(t->p);
	*t = TEXT_INIT;
}

void
text_clear(struct text *t)
{
	t->n = 0;
	if (t->p)
		t->p[0] = 0;
}

/*
 * Makes room for so many octets more. What was in a smaller place is wiped there: it may be keys.
 */
static void
make_room(struct text *t, size_t n)
{
	struct text larger = {.n = t->n, .capacity = t->capacity};

	if (t->n + n + 1 <= t->capacity)
		return;
	larger.capacity = 2 * t->capacity > t->n + n + 1 ? 2 * t->capacity : t->n + n + 1;
	larger.p = x_alloc(larger.capacity);
	if (t->p)
		memcpy(larger.p, t->p, t->n + 1);
	text_fini(t);
	*t = larger;
}

void
text_add(struct text *t, const char *s, size_t n)
{
	make_room(t, n);
	if (n) /* nothing may come from nowhere */
		memcpy(t->p + t->n, s, n);
	t->n += n;
	t->p[t->n] = 0;
}

void
text_puts(struct text *t, const char *s)
{
	text_add(t, s, strlen(s));
}

void
text_vprintf(struct text *t, const char *format, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (n <= 0)
		return;
	make_room(t, (size_t)n);
	vsnprintf(t->p + t->n, (size_t)n + 1, format, ap);
	t->n += (size_t)n;
}

void
text_printf(struct text *t, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	text_vprintf(t, format, ap);
	va_end(ap);
}

void
text_line(void *text, const char *line)
{
	text_puts(text, line);
	text_add(text, "\n", 1);
}

const char *
text_string(const struct text *t)
{
	return t->p ? t->p : "";
}
