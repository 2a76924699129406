/* SPDX-License-Identifier: Apache-2.0 */
/* The list of kinds of devices, and how one is found in it. */
#include "compiler/device/device_kind.h"

#include <string.h>

#define ADDRESS_OF_KIND(name) &device_##name,
/* clang-format off */
const struct device_kind *const device_kinds[DEVICE_KINDS_MAX] = {
    DEVICE_KINDS(ADDRESS_OF_KIND)
};
/* clang-format on */

const struct device_kind *
device_kind_named(const char *name)
{
	for (size_t i = 0; device_kinds[i]; i++)
		if (strcmp(device_kinds[i]->name, name) == 0)
			return device_kinds[i];
	return NULL;
}

const struct device_kind *
device_kind_in(enum gram_mode config)
{
	for (size_t i = 0; device_kinds[i]; i++)
		if (device_kinds[i]->config == config)
			return device_kinds[i];
	return NULL;
}

const struct device_kind *
device_kind_of(const struct tree *t)
{
	return device_kind_in(tnode_mode(tree_top(t)));
}

/* Does a line begin with the words? */
static bool
has_line(const char *text, const char *words)
{
	for (const char *at = text; (at = strstr(at, words)); at++) {
		const char *begin = at;

		while (begin > text && (begin[-1] == ' ' || begin[-1] == '\t'))
			begin--;
		if (begin == text || begin[-1] == '\n')
			return true;
	}
	return false;
}

const struct device_kind *
device_kind_guess(const char *text)
{
	for (size_t i = 0; device_kinds[i]; i++)
		for (const char *const *sign = device_kinds[i]->signs; *sign; sign++)
			if (has_line(text, *sign))
				return device_kinds[i];
	return device_kinds[0];
}
