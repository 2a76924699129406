/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of a cage, one after the other: see cage.h. */
#include "runtime/cage/cage.h"

#include <dirent.h>
#include <errno.h>

/* In a process that was forked ThreadSanitizer has a thread of its own. */
#ifdef __SANITIZE_THREAD__
#define THREADS_MAX 2
#else
#define THREADS_MAX 1
#endif

static struct cage_state state;

/* A lab may be in a machine without /proc; a service is not. */
static int
check_alone(enum cage_role role)
{
	DIR *tasks = opendir("/proc/self/task");
	const struct dirent *e;
	unsigned n = 0;

	if (!tasks)
		return errno == ENOENT && role == CAGE_LAB ? 0 : -errno;
	while ((e = readdir(tasks)))
		n += *e->d_name != '.';
	closedir(tasks);
	return n <= THREADS_MAX ? 0 : -EBUSY;
}

int
cage_shut(const struct cage *c, const char **ret_what)
{
	struct cage_files files;
	const char *path;
	int error = check_alone(c->role);

	*ret_what = "threads";
	if (error)
		return error;
	*ret_what = "Landlock";
	error = cage_files_open(c->paths, c->n_paths, c->abstract, &files, &path);
	if (path)
		*ret_what = path;
	if (error)
		return error;
	*ret_what = "capabilities";
	error = cage_caps_reduce(c->capabilities, &state.capabilities);
	if (error) {
		cage_files_drop(&files);
		return error;
	}
	*ret_what = "Landlock";
	error = cage_files_close(&files);
	state.landlock = error ? 0 : files.version;
	if (!error) {
		*ret_what = "seccomp";
		error = cage_calls_close(c->role, c->refusal, &state.calls);
	}
	state.shut = !error;
	return error;
}

const struct cage_state *
cage_state(void)
{
	return &state;
}
