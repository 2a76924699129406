/* SPDX-License-Identifier: Apache-2.0 */
/* The lines typed last: see history.h. */
#include "cli/shell/history.h"

#include <stdlib.h>
#include <string.h>

static void
forget_oldest(struct history *h, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		explicit_bzero(h->lines[i], strlen(h->lines[i]));
		free(h->lines[i]);
	}
	h->n -= n;
	if (h->n)
		memmove(h->lines, h->lines + n, h->n * sizeof(*h->lines));
}

void
history_add(struct history *h, const char *line)
{
	if (!h->size || !line[strspn(line, " \t")])
		return;
	if (h->n && !strcmp(h->lines[h->n - 1], line))
		return;
	if (h->n == h->size)
		forget_oldest(h, 1);
	x_grow(&h->lines, &h->capacity, h->n + 1, sizeof(*h->lines));
	h->lines[h->n++] = x_strdup(line);
}

void
history_resize(struct history *h, size_t size)
{
	h->size = size;
	if (h->n > size)
		forget_oldest(h, h->n - size);
}

void
history_fini(struct history *h)
{
	forget_oldest(h, h->n);
	free(h->lines);
	*h = (struct history){0};
}

const char *
history_back(const struct history *h, size_t i)
{
	return i < h->n ? h->lines[h->n - 1 - i] : NULL;
}
