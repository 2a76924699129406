/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VRFs by number: see path.h. The names of all nodes of this process are in one list that only
 * grows; configurations name few.
 */
#include "runtime/base/path.h"

#include <string.h>

static char **names; /* of the numbers from 1 */
static size_t n_names, names_capacity;

uint32_t
vrf_number(const char *name)
{
	if (!name)
		return VRF_GLOBAL;
	for (size_t i = 0; i < n_names; i++)
		if (strcmp(names[i], name) == 0)
			return (uint32_t)i + 1;
	x_grow(&names, &names_capacity, n_names + 1, sizeof(*names));
	names[n_names++] = x_strdup(name);
	return (uint32_t)n_names;
}

const char *
vrf_name(uint32_t vrf)
{
	return vrf == VRF_GLOBAL ? NULL : names[vrf - 1];
}
