/* SPDX-License-Identifier: Apache-2.0 */
/* See host_file.h. */
#include "cli/files/host_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- reading ---------------------------------------------------------------------------------- */

int
host_file_take(int fd, size_t max, struct text *ret)
{
	const size_t before = ret->n;
	char buf[16384];
	int error = 0;
	ssize_t n;

	while (!error && (n = read(fd, buf, sizeof(buf))) != 0)
		if (n < 0)
			error = errno == EINTR ? 0 : -errno;
		else if (ret->n - before + (size_t)n > max)
			error = -EFBIG;
		else
			text_add(ret, buf, (size_t)n);
	explicit_bzero(buf, sizeof(buf));
	if (error)
		text_fini(ret);
	return error;
}

int
host_file_decode(struct text *t)
{
	static const char mark[] = "\xef\xbb\xbf", little[] = "\xff\xfe", big[] = "\xfe\xff",
			  big32[] = "\0\0\xfe\xff";

	if (t->n >= 2 && (!memcmp(t->p, little, 2) || !memcmp(t->p, big, 2)))
		return -EILSEQ;
	if (t->n >= 4 && !memcmp(t->p, big32, 4))
		return -EILSEQ;
	if (t->n >= 3 && !memcmp(t->p, mark, 3)) {
		memmove(t->p, t->p + 3, t->n - 3 + 1); /* with its end */
		t->n -= 3;
	}
	return 0;
}

const char *
host_file_error(int error)
{
	return error == -EFBIG    ? "longer than any that can be read here"
	       : error == -EILSEQ ? "it is UTF-16, save it as UTF-8"
	                          : strerror(-error);
}

bool
host_file_read(const char *path, size_t max, struct text *ret)
{
	const bool named = strcmp(path, "-") != 0;
	const int fd = named ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
	int error = fd < 0 ? -errno : host_file_take(fd, max, ret);

	if (!error)
		error = host_file_decode(ret);
	if (error) {
		fprintf(stderr, "testudo: %s: %s\n", path, host_file_error(error));
		text_fini(ret);
	}
	if (named && fd >= 0)
		close(fd);
	return !error;
}

/* --- writing ---------------------------------------------------------------------------------- */

int
host_file_write(int fd, struct span text)
{
	while (text.n) {
		ssize_t n = write(fd, text.p, text.n);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			return -EIO;
		if (n > 0)
			text = SPAN(text.p + n, text.n - (size_t)n);
	}
	return 0;
}

/* Writes a file that is not there yet, to the disk. */
static int
write_new(int at, const char *name, struct span text)
{
	const int fd = openat(at, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int error = fd < 0 ? -errno : host_file_write(fd, text);

	if (!error && fsync(fd))
		error = -errno;
	if (fd >= 0 && close(fd) && !error)
		error = -errno;
	return error;
}

int
host_file_replace(int at, const char *name, const char *beside, struct span text)
{
	int error;

	if (unlinkat(at, beside, 0) && errno != ENOENT) /* others may have the right to read it */
		return -errno;
	error = write_new(at, beside, text);
	if (!error && renameat(at, beside, at, name))
		error = -errno;
	if (error)
		unlinkat(at, beside, 0);
	else if (fsync(at))
		error = -errno;
	return error;
}

char *
host_file_folder(const char *path, const char **ret_last)
{
	const char *slash = strrchr(path, '/');

	*ret_last = slash ? slash + 1 : path;
	return slash ? x_asprintf("%.*s/", (int)(slash - path), path) : x_strdup(".");
}

int
host_file_put(const char *path, struct span text)
{
	const char *last;
	char *folder = host_file_folder(path, &last), *beside = x_asprintf("%s.new", last);
	const int at = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const int error = at < 0 ? -errno : host_file_replace(at, last, beside, text);

	if (at >= 0)
		close(at);
	free(beside);
	free(folder);
	return error;
}

int
host_file_create(const char *path, struct span text)
{
	const char *last;
	char *folder = host_file_folder(path, &last);
	char *beside = x_asprintf("%s.new%ld", last, (long)getpid());
	const int at = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int error = at < 0 ? -errno : 0;

	if (!error && unlinkat(at, beside, 0) && errno != ENOENT)
		error = -errno;
	if (!error) {
		error = write_new(at, beside, text);
		if (!error && linkat(at, beside, at, last, 0))
			error = -errno;
		unlinkat(at, beside, 0);
	}
	if (!error && fsync(at))
		error = -errno;
	if (at >= 0)
		close(at);
	free(beside);
	free(folder);
	return error;
}

static int
move_aside(const char *path, const char *suffix)
{
	char *from = x_asprintf("%s%s", path, suffix);
	char *to = x_asprintf("%s.unread%s", path, suffix);
	int error = rename(from, to) && errno != ENOENT ? -errno : 0;

	free(from);
	free(to);
	return error;
}

int
host_file_put_aside(const char *path, const char *const *suffixes)
{
	int error = 0;

	/* What belongs to an earlier one must not stand beside this one. */
	for (size_t i = 0; suffixes && suffixes[i] && !error; i++) {
		char *old = x_asprintf("%s.unread%s", path, suffixes[i]);

		error = unlink(old) && errno != ENOENT ? -errno : 0;
		free(old);
	}
	/* First the file: what stands beside none is nobody's (store_sqlite_file.c). */
	if (!error)
		error = move_aside(path, "");
	for (size_t i = 0; suffixes && suffixes[i] && !error; i++)
		error = move_aside(path, suffixes[i]);
	return error;
}
