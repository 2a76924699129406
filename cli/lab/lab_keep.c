/* SPDX-License-Identifier: Apache-2.0 */
/* What outlives a lab: see lab_keep.h. */
#include "cli/lab/lab_keep.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/files/host_file.h"

#define FLASH_PREFIX LAB_KEEP_FLASH "/"

/* --- folders ---------------------------------------------------------------------------------- */

static int
make_folder(const char *path)
{
	return mkdir(path, 0700) && errno != EEXIST ? -errno : 0;
}

static int
make_node_folder(const char *dir, const char *node)
{
	char *path = x_asprintf("%s/%s", dir, node);
	int error = make_folder(path);

	free(path);
	return error;
}

int
lab_keep_open(const char *dir, const struct lab_spec *spec)
{
	int error = make_folder(dir);

	for (size_t i = 0; i < spec->n_nodes && !error; i++)
		error = make_node_folder(dir, spec->nodes[i].name);
	return error;
}

struct files *
lab_keep_flash(const char *dir, const char *node)
{
	char *path = x_asprintf("%s/%s/" LAB_KEEP_FLASH, dir, node);
	struct files *files = files_new_in(path);

	free(path);
	return files;
}

/* --- files ------------------------------------------------------------------------------------ */

/* An open file, or -errno. */
static int
open_file(const char *dir, const char *node, const char *what)
{
	char *path = x_asprintf("%s/%s/%s", dir, node, what);
	const int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC), error = -errno;

	free(path);
	return fd < 0 ? error : fd;
}

static int
take_startup(int fd, struct text *ret)
{
	struct stat st;
	int error = fstat(fd, &st) ? -errno : S_ISREG(st.st_mode) ? 0 : -EINVAL;

	if (!error)
		error = host_file_take(fd, FILES_SIZE_MAX, ret);
	if (!error)
		error = host_file_decode(ret);
	if (error)
		return error;
	/* Nobody saves an empty configuration: this one was lost. */
	return !ret->n ? -ENODATA : strlen(text_string(ret)) != ret->n ? -EINVAL : 0;
}

int
lab_keep_read_startup(const char *dir, const char *node, struct text *ret)
{
	const int fd = open_file(dir, node, LAB_KEEP_STARTUP);
	const int error = fd < 0 ? fd : take_startup(fd, ret);

	if (fd >= 0)
		close(fd);
	return error;
}

/* Straight into locked memory: a buffer that grows would leave a key behind in what it was. */
static int
take_secret(int fd, struct secret *ret)
{
	struct stat st;
	ssize_t got;

	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if (st.st_size > (off_t)FILES_SIZE_MAX)
		return -EFBIG;
	secret_init(ret, (size_t)st.st_size);
	for (size_t n = 0; n < ret->n; n += (size_t)got) {
		got = read(fd, ret->p + n, ret->n - n);
		if (got <= 0)
			return got ? -errno : -EIO;
	}
	return memchr(ret->p, 0, ret->n) ? -EINVAL : 0;
}

int
lab_keep_read_keys(const char *dir, const char *node, struct secret *ret)
{
	const int fd = open_file(dir, node, LAB_KEEP_KEYS);
	const int error = fd < 0 ? fd : take_secret(fd, ret);

	if (fd >= 0)
		close(fd);
	return error;
}

static int
put_file(const char *dir, const char *node, const char *what, struct span text)
{
	char *path = x_asprintf("%s/%s/%s", dir, node, what);
	int error = host_file_put(path, text);

	free(path);
	return error;
}

static int
remove_file(const char *dir, const char *node, const char *what)
{
	char *path = x_asprintf("%s/%s/%s", dir, node, what);
	int error = unlink(path) && errno != ENOENT ? -errno : 0;

	free(path);
	return error;
}

/* The keys first: a configuration without those that it names is worse than keys that wait. */
int
lab_keep_write(const char *dir, const char *node, const char *startup, const struct keystore *keys)
{
	struct secret text = {0};
	int error;

	keystore_write(keys, &text);
	error = put_file(dir, node, LAB_KEEP_KEYS, secret_span(&text));
	secret_fini(&text);
	if (error)
		return error;
	return startup ? put_file(dir, node, LAB_KEEP_STARTUP, SPAN(startup, strlen(startup)))
	               : remove_file(dir, node, LAB_KEEP_STARTUP);
}

/* --- from hand to hand ------------------------------------------------------------------------ */

static int
give_saved(struct router *r, const char *node, lab_keep_taker *take, void *arg)
{
	const char *startup = router_startup(r);
	struct secret text = {0};
	int error;

	keystore_write(router_saved_keys(r), &text);
	error = take(arg, node, LAB_KEEP_KEYS, secret_span(&text));
	secret_fini(&text);
	if (!error)
		error = take(arg, node, LAB_KEEP_STARTUP,
		             startup ? SPAN(startup, strlen(startup)) : (struct span){0});
	return error;
}

static int
give_flash(struct router *r, const char *node, lab_keep_taker *take, void *arg)
{
	struct arena *a = arena_new();
	size_t n;
	const struct file_info *list = files_list(router_files(r), a, &n);
	int error = 0;

	for (size_t i = 0; i < n && !error; i++) {
		struct text text = TEXT_INIT;

		error = files_read(router_files(r), list[i].name, &text);
		if (!error)
			error = take(arg, node, arena_printf(a, FLASH_PREFIX "%s", list[i].name),
			             SPAN(text.p, text.n));
		text_fini(&text);
	}
	arena_free(a);
	return error;
}

int
lab_keep_give(struct lab *lab, lab_keep_taker *take, void *arg)
{
	const struct lab_spec *spec = lab_spec(lab);
	int error = 0;

	for (size_t i = 0; i < spec->n_nodes && !error; i++) {
		struct router *r = lab_router_at(lab, i);
		const char *node = spec->nodes[i].name;

		if (lab_saved(lab, i))
			error = give_saved(r, node, take, arg);
		if (!error)
			error = give_flash(r, node, take, arg);
	}
	return error;
}

int
lab_keep_put(const char *dir, const char *node, const char *name, struct span text)
{
	struct files *flash;
	int error;

	if (!*node || strspn(node, LAB_NAME_CHARS) != strlen(node))
		return -EINVAL;
	error = make_folder(dir);
	if (!error)
		error = make_node_folder(dir, node);
	if (error)
		return error;
	if (!strcmp(name, LAB_KEEP_STARTUP) && !text.n)
		return remove_file(dir, node, name);
	if (!strcmp(name, LAB_KEEP_KEYS) || !strcmp(name, LAB_KEEP_STARTUP))
		return put_file(dir, node, name, text);
	if (strncmp(name, FLASH_PREFIX, strlen(FLASH_PREFIX)) != 0)
		return -EINVAL;
	flash = lab_keep_flash(dir, node);
	error = files_write(flash, name + strlen(FLASH_PREFIX), text, 0);
	files_free(flash);
	return error;
}
