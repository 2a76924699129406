/* SPDX-License-Identifier: Apache-2.0 */
/* Names of files as they are typed: see files.h. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cli/files/files_parts.h"

/* --- names ------------------------------------------------------------------------------------ */

static const struct device {
	const char *name;
	enum file_kind kind;
} devices[] = {
    /* clang-format off */
    {"flash",     FILE_FLASH},
    {"flash0",    FILE_FLASH},
    {"bootflash", FILE_FLASH},
    {"disk0",     FILE_FLASH},
    {"slot0",     FILE_FLASH},
    {"nvram",     FILE_STARTUP},
    {"system",    FILE_RUNNING},
    {"null",      FILE_NULL},
    {"tftp",      FILE_REMOTE},
    {"ftp",       FILE_REMOTE},
    {"http",      FILE_REMOTE},
    {"https",     FILE_REMOTE},
    {"scp",       FILE_REMOTE},
    {"sftp",      FILE_REMOTE},
    {"rcp",       FILE_REMOTE},
    /* clang-format on */
};

/*
 * Does the user's text abbreviate the word, with enough letters to tell it from the other one: run,
 * start?
 */
static bool
is_abbreviation(const char *typed, const char *word, size_t least)
{
	size_t n = strlen(typed);

	return n >= least && !strncasecmp(typed, word, n);
}

static enum file_kind
bad_name(struct file_name *ret)
{
	ret->name[0] = 0;
	return ret->kind = FILE_BAD;
}

static enum file_kind
in_flash(const char *name, struct file_name *ret)
{
	name += strspn(name, "/");
	if (*name && !files_name_valid(name))
		return bad_name(ret);
	snprintf(ret->name, sizeof(ret->name), "%s", name);
	return ret->kind = FILE_FLASH;
}

static enum file_kind
on_device(const struct device *d, const char *name, struct file_name *ret)
{
	snprintf(ret->device, sizeof(ret->device), "%s", d->name);
	if (d->kind == FILE_FLASH)
		return in_flash(name, ret);
	ret->kind = d->kind;
	name += strspn(name, "/");
	if ((d->kind == FILE_STARTUP && *name && !is_abbreviation(name, "startup-config", 5)) ||
	    (d->kind == FILE_RUNNING && *name && !is_abbreviation(name, "running-config", 3)))
		return bad_name(ret);
	return ret->kind;
}

enum file_kind
file_name_parse(const char *typed, struct file_name *ret)
{
	const char *colon = strchr(typed, ':');

	*ret = (struct file_name){.kind = FILE_BAD};
	if (!colon) {
		if (!strcasecmp(typed, "startup-config") || !strcasecmp(typed, "running-config"))
			ret->kind =
			    tolower((unsigned char)*typed) == 's' ? FILE_STARTUP : FILE_RUNNING;
		else
			in_flash(typed, ret);
		return ret->kind == FILE_FLASH && !ret->name[0] ? bad_name(ret) : ret->kind;
	}
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++) {
		size_t n = strlen(devices[i].name);

		if ((size_t)(colon - typed) == n && !strncasecmp(typed, devices[i].name, n))
			return on_device(&devices[i], colon + 1, ret);
	}
	return ret->kind;
}

void
file_name_text(const struct file_name *n, char buf[static FILE_NAME_TEXT])
{
	switch (n->kind) {
	case FILE_FLASH:
		snprintf(buf, FILE_NAME_TEXT, "%s:/%s", n->device[0] ? n->device : "flash",
		         n->name);
		break;
	case FILE_STARTUP:
		snprintf(buf, FILE_NAME_TEXT, "nvram:startup-config");
		break;
	case FILE_RUNNING:
		snprintf(buf, FILE_NAME_TEXT, "system:running-config");
		break;
	case FILE_NULL:
		snprintf(buf, FILE_NAME_TEXT, "null:");
		break;
	default:
		buf[0] = 0;
		break;
	}
}

const char *
file_error(int error)
{
	switch (error < 0 ? -error : error) {
	case EOPNOTSUPP:
		return "Protocol not supported: there is no client for remote files";
	case EINVAL:
		return "Invalid argument";
	case ENOSPC:
		return "No space left on device";
	case EFBIG:
		return "File too large";
	case ELOOP:
	case ENOENT:
	case ENOTDIR:
		return "No such file or directory";
	default:
		return strerror(error < 0 ? -error : error);
	}
}
