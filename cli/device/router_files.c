/* SPDX-License-Identifier: Apache-2.0 */
/* The file or configuration that a typed name means: see router_files.h. */
#include "cli/device/router_files.h"

#include <errno.h>
#include <string.h>

#include "cli/device/router.h"

int
router_file_read(struct router *r, const char *typed, struct text *ret)
{
	struct file_name n;

	switch (file_name_parse(typed, &n)) {
	case FILE_FLASH:
		return files_read(router_files(r), n.name, ret);
	case FILE_STARTUP:
		if (!router_startup(r))
			return -ENOENT;
		text_puts(ret, router_startup(r));
		return 0;
	case FILE_RUNNING:
		router_render_running(r, text_line, ret);
		return 0;
	case FILE_NULL:
		return 0;
	case FILE_REMOTE:
		return -EOPNOTSUPP;
	default:
		return -EINVAL;
	}
}

/* Copies a configuration: text without a NUL, of a size that can be read again. 0 or -errno. */
static int
copy_configuration(struct span text, struct text *ret)
{
	if (text.n > FILES_SIZE_MAX)
		return -EFBIG;
	if (text.n && memchr(text.p, 0, text.n))
		return -EINVAL;
	text_add(ret, (const char *)text.p, text.n);
	return 0;
}

int
router_file_write(struct router *r, const char *typed, struct span text)
{
	struct text config = TEXT_INIT;
	struct file_name n;
	int error = 0;

	switch (file_name_parse(typed, &n)) {
	case FILE_FLASH:
		return files_write(router_files(r), n.name, text, router_wall(r));
	case FILE_STARTUP:
		error = copy_configuration(text, &config);
		if (!error)
			error = router_set_startup(r, text_string(&config));
		break;
	case FILE_RUNNING:
		error = copy_configuration(text, &config);
		if (!error)
			router_load(r, text_string(&config), router_report_load, r);
		break;
	case FILE_NULL:
		break;
	case FILE_REMOTE:
		error = -EOPNOTSUPP;
		break;
	default:
		error = -EINVAL;
		break;
	}
	text_fini(&config);
	return error;
}

int
router_file_append(struct router *r, const char *typed, struct span text)
{
	struct file_name n;

	switch (file_name_parse(typed, &n)) {
	case FILE_FLASH:
		return files_append(router_files(r), n.name, text, router_wall(r));
	case FILE_NULL:
		return 0;
	case FILE_REMOTE:
		return -EOPNOTSUPP;
	default:
		return -EINVAL;
	}
}
