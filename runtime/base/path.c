/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VRFs by number: see path.h. The names of all nodes of this process are in one list that only
 * grows; configurations name few.
 */
#include "runtime/base/path.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

struct named {
	const char *name;
	uint32_t number;
};

static void *by_name;        /* a tree of struct named */
static struct named **named; /* of the numbers from 1 */
static size_t n_named, named_capacity;

static int
compare_names(const void *a, const void *b)
{
	return strcmp(((const struct named *)a)->name, ((const struct named *)b)->name);
}

uint32_t
vrf_number(const char *name)
{
	const struct named key = {.name = name};
	struct named *const *found;
	struct named *new;

	if (!name)
		return VRF_GLOBAL;
	found = tfind(&key, &by_name, compare_names);
	if (found)
		return (*found)->number;
	x_grow(&named, &named_capacity, n_named + 1, sizeof(struct named *));
	new = x_alloc(sizeof(*new));
	*new = (struct named){.name = x_strdup(name), .number = (uint32_t)n_named + 1};
	if (!tsearch(new, &by_name, compare_names))
		abort(); /* as x_alloc: there is no memory */
	named[n_named++] = new;
	return new->number;
}

const char *
vrf_name(uint32_t vrf)
{
	return vrf == VRF_GLOBAL ? NULL : named[vrf - 1]->name;
}
