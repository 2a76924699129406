/* SPDX-License-Identifier: Apache-2.0 */
/* The pages: see explain.h. */
#include "compiler/check/explain.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/base/diag.h"

static const struct explanation pages[] = {
#define X(id, title, page) {id, title, page},
#include "compiler/check/explain.def"
#undef X
};

size_t
explain_count(void)
{
	return ARRAY_SIZE(pages);
}

const struct explanation *
explain_at(size_t i)
{
	return &pages[i];
}

const struct explanation *
explain_find(const char *id)
{
	for (size_t i = 0; i < ARRAY_SIZE(pages); i++)
		if (strcmp(pages[i].id, id) == 0)
			return &pages[i];
	return NULL;
}

const char *
explain_nearest(const char *id)
{
	const char *ids[ARRAY_SIZE(pages)];

	for (size_t i = 0; i < ARRAY_SIZE(pages); i++)
		ids[i] = pages[i].id;
	return diag_nearest(id, ids, ARRAY_SIZE(ids));
}
