/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/base/store_file.h"

#include <string.h>

#define CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"

static bool
ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n > m && strcmp(text + n - m, end) == 0;
}

const char *
store_file_named(const char *typed)
{
	const char *name = strncmp(typed, "flash:", 6) == 0 ? typed + 6 : NULL;

	if (!name || *name == '.' || !ends_with(name, ".store"))
		return NULL;
	return strlen(name) <= STORE_FILE_NAME_MAX && !name[strspn(name, CHARACTERS)] ? name : NULL;
}

bool
store_file_is(const char *path)
{
	static const char *const ends[] = {".store", ".store-wal", ".store-shm", ".store-journal"};
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		if (ends_with(name, ends[i]))
			return true;
	return false;
}
