/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Landlock: see cage_files.h. The C library has no functions for it, and the kernel's header may be
 * older than the kernel: what it lacks stands here.
 */
#define _GNU_SOURCE
#include "runtime/cage/cage_files.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Rights by the version that brought them. */
#define MAKE_SYM  (UINT64_C(1) << 12) /* the last of version 1 */
#define REFER     (UINT64_C(1) << 13) /* 2: from folder to folder */
#define TRUNCATE  (UINT64_C(1) << 14) /* 3 */
#define IOCTL_DEV (UINT64_C(1) << 15) /* 5 */

/* Scopes, of version 6. */
#define SCOPE_ABSTRACT (UINT64_C(1) << 0)
#define SCOPE_SIGNAL   (UINT64_C(1) << 1)

/* struct landlock_ruleset_attr as of version 6; an older kernel is told fewer octets of it. */
struct ruleset {
	uint64_t files, net, scoped;
};

#define READ  (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITE (READ | LANDLOCK_ACCESS_FS_WRITE_FILE | TRUNCATE)
/* What can be said of something that is no folder. */
#define FILE_RIGHTS                                                                                \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE |                               \
	 LANDLOCK_ACCESS_FS_WRITE_FILE | TRUNCATE | IOCTL_DEV)

static const uint64_t rights[] = {
    [CAGE_READ] = READ,
    [CAGE_WRITE] = WRITE,
    [CAGE_CHANGE] = WRITE | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR |
                    LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR,
    [CAGE_REMOVE] = LANDLOCK_ACCESS_FS_REMOVE_FILE,
    [CAGE_DEVICE] = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | IOCTL_DEV,
    [CAGE_EXECUTE] = READ | LANDLOCK_ACCESS_FS_EXECUTE,
};

/* All that a kernel of this version can refuse. */
static uint64_t
handled_by(int version)
{
	uint64_t last = version >= 5   ? IOCTL_DEV
	                : version >= 3 ? TRUNCATE
	                : version >= 2 ? REFER
	                               : MAKE_SYM;

	return last | (last - 1);
}

/* The kernel's version; 0: it has no Landlock, or it, or a container, does not give it. */
static int
find_version(void)
{
	long version =
	    syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	if (version < 0)
		return errno == ENOSYS || errno == EOPNOTSUPP || errno == EPERM ? 0 : -errno;
	return (int)version;
}

static int
make_ruleset(int version, bool abstract)
{
	const struct ruleset r = {.files = handled_by(version),
	                          .scoped = SCOPE_SIGNAL | (abstract ? 0 : SCOPE_ABSTRACT)};
	const size_t size = version >= 6 ? sizeof(r) : sizeof(r.files);
	long fd = syscall(SYS_landlock_create_ruleset, &r, size, 0);

	return fd < 0 ? -errno : (int)fd;
}

static int
add_rule(int ruleset, const struct cage_path *p, uint64_t handled)
{
	struct landlock_path_beneath_attr rule = {.allowed_access = rights[p->access] & handled};
	struct stat st;
	int error = 0;

	rule.parent_fd = open(p->path, O_PATH | O_CLOEXEC);
	if (rule.parent_fd < 0)
		return !p->required && (errno == ENOENT || errno == ENOTDIR || errno == EACCES)
		           ? 0
		           : -errno;
	if (fstat(rule.parent_fd, &st))
		error = -errno;
	else if (!S_ISDIR(st.st_mode))
		rule.allowed_access &= FILE_RIGHTS;
	if (!error && syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0))
		error = -errno;
	if (error || !p->pinned)
		close(rule.parent_fd);
	return error;
}

int
cage_files_open(const struct cage_path *paths, size_t n, bool abstract, struct cage_files *ret,
                const char **ret_path)
{
	const int version = find_version();
	int error = 0;

	*ret = (struct cage_files){.version = version, .ruleset = -1};
	*ret_path = NULL;
	if (version <= 0)
		return version;
	ret->ruleset = make_ruleset(version, abstract);
	if (ret->ruleset < 0)
		return ret->ruleset;
	for (size_t i = 0; i < n && !error; i++) {
		error = add_rule(ret->ruleset, &paths[i], handled_by(version));
		if (error)
			*ret_path = paths[i].path;
	}
	if (error)
		close(ret->ruleset);
	return error;
}

void
cage_files_drop(struct cage_files *files)
{
	if (files->ruleset >= 0)
		close(files->ruleset);
	files->ruleset = -1;
}

int
cage_files_close(struct cage_files *files)
{
	int error = 0;

	if (!files->version)
		return 0;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    syscall(SYS_landlock_restrict_self, files->ruleset, 0))
		error = -errno;
	cage_files_drop(files);
	return error;
}
