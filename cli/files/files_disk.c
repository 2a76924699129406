/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of a router in a folder of this machine: see files.h. Every folder of a name is opened from
 * the one above it without following links, so that no name leads out of it.
 */
#define _GNU_SOURCE
#include "cli/files/files_parts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/files/host_file.h"

#define FOLDER_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

/* The file's name in the folder it stands in. */
static const char *
last_part(const char *name)
{
	const char *slash = strrchr(name, '/');

	return slash ? slash + 1 : name;
}

/* The folder the file stands in, or -errno. */
static int
folder_of(const char *folder, const char *name, bool make)
{
	int at, inner;
	const char *slash;

	if (make && mkdir(folder, 0700) && errno != EEXIST)
		return -errno;
	at = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (at < 0)
		return -errno;
	for (; (slash = strchr(name, '/')); name = slash + 1) {
		char part[FILES_NAME_MAX + 1];

		snprintf(part, sizeof(part), "%.*s", (int)(slash - name), name);
		if (make && mkdirat(at, part, 0700) && errno != EEXIST) {
			inner = -errno;
		} else {
			inner = openat(at, part, FOLDER_FLAGS);
			inner = inner < 0 ? -errno : inner;
		}
		close(at);
		if (inner < 0)
			return inner;
		at = inner;
	}
	return at;
}

int
disk_read(const char *folder, const char *name, struct text *ret)
{
	const char *last = last_part(name);
	int at = folder_of(folder, name, false), fd, error = 0;
	struct stat st;

	if (at < 0)
		return at;
	/* Does not block: if a pipe has that name, it is opened, recognised and closed */
	fd = openat(at, last, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	error = fd < 0 ? -errno : 0;
	close(at);
	if (error)
		return error;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		error = -EINVAL;
	else
		error = host_file_take(fd, FILES_SIZE_MAX, ret);
	close(fd);
	return error;
}

int
disk_write(const char *folder, const char *name, struct span text)
{
	char beside[FILES_NAME_MAX + 8];
	const char *last = last_part(name);
	int at = folder_of(folder, name, true), error;

	if (at < 0)
		return at;
	/* No user's file can have this name, because none begins with a dot. */
	snprintf(beside, sizeof(beside), ".%s.new", last);
	error = host_file_replace(at, last, beside, text);
	close(at);
	return error;
}

int
disk_remove(const char *folder, const char *name)
{
	const char *last = last_part(name);
	int at = folder_of(folder, name, false), error;

	if (at < 0)
		return at;
	error = unlinkat(at, last, 0) ? -errno : 0;
	close(at);
	return error;
}

bool
disk_has(const char *folder, const char *name)
{
	const char *last = last_part(name);
	struct stat st;
	int at = folder_of(folder, name, false);
	bool has;

	if (at < 0)
		return false;
	has = !fstatat(at, last, &st, AT_SYMLINK_NOFOLLOW) && S_ISREG(st.st_mode);
	close(at);
	return has;
}

struct listing {
	struct arena *arena;
	struct file_info *list;
	size_t n, max;
};

/* Takes over the folder's descriptor. */
static void
list_in(struct listing *l, int take_folder, const char *prefix, unsigned depth)
{
	DIR *dir = fdopendir(take_folder);
	struct dirent *d;

	if (!dir) {
		close(take_folder);
		return;
	}
	while (l->n < l->max && (d = readdir(dir))) {
		const char *name = arena_printf(l->arena, "%s%s", prefix, d->d_name);
		struct stat st;
		int inner;

		if (!files_name_valid(name) ||
		    fstatat(dirfd(dir), d->d_name, &st, AT_SYMLINK_NOFOLLOW))
			continue;
		if (S_ISREG(st.st_mode)) {
			l->list[l->n++] = (struct file_info){name, (size_t)st.st_size,
			                                     (int64_t)st.st_mtime * 1000};
		} else if (S_ISDIR(st.st_mode) && depth < FILES_DEPTH_MAX) {
			inner = openat(dirfd(dir), d->d_name, FOLDER_FLAGS);
			if (inner >= 0)
				list_in(l, inner, arena_printf(l->arena, "%s/", name), depth + 1);
		}
	}
	closedir(dir);
}

size_t
disk_list(const char *folder, struct arena *a, struct file_info *ret, size_t max)
{
	struct listing l = {.arena = a, .list = ret, .max = max};
	int at = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (at >= 0)
		list_in(&l, at, "", 1);
	return l.n;
}
