/* SPDX-License-Identifier: Apache-2.0 */
/* The lines typed last, for `show history` and the arrow keys. */
#ifndef TESTUDO_HISTORY_H
#define TESTUDO_HISTORY_H

#include "compiler/base/base.h"

#define HISTORY_DEFAULT 20 /* as IOS's */
#define HISTORY_LIMIT   256

struct history {     /* zero, and size set: empty */
	size_t size; /* lines kept, up to HISTORY_LIMIT; 0: none */
	size_t n, capacity;
	char **lines; /* oldest first */
};

/* Adds a line, unless it is empty or the same as the last one. */
void history_add(struct history *h, const char *line);
void history_resize(struct history *h, size_t size);
void history_fini(struct history *h);
/* The line typed i lines before the last; NULL: none so old. */
const char *history_back(const struct history *h, size_t i);

#endif
