/* SPDX-License-Identifier: Apache-2.0 */
/* The socket of `testudo sh`: see local_socket.h. */
#define _GNU_SOURCE
#include "cli/local/local_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/local/local.h"

#define LOCK_TRIES 500
#define LOCK_WAIT  10000 /* microseconds */

/* --- its place -------------------------------------------------------------------------------- */

static bool
put_address(const char *path, struct sockaddr_un *ret)
{
	*ret = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (!*path || strlen(path) >= sizeof(ret->sun_path))
		return false;
	memcpy(ret->sun_path, path, strlen(path));
	return true;
}

/* how: SOCK_NONBLOCK or 0. */
static int
connect_to(const char *path, int how)
{
	struct sockaddr_un sa;
	int fd, error;

	if (!put_address(path, &sa))
		return -ENAMETOOLONG;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | how, 0);
	if (fd < 0)
		return -errno;
	if (!connect(fd, (struct sockaddr *)&sa, sizeof(sa)))
		return fd;
	error = -errno;
	close(fd);
	return error;
}

int
local_connect(const char *path)
{
	return connect_to(path, 0);
}

/* Removes a socket at which nobody listens any more. Nothing else is touched. */
static int
clear_place(const char *path)
{
	struct stat st;
	int fd;

	if (lstat(path, &st))
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	/* Somebody who listens and accepts nobody must not hold up a router that starts. */
	fd = connect_to(path, SOCK_NONBLOCK);
	if (fd >= 0)
		close(fd);
	if (fd >= 0 || fd == -EAGAIN || fd == -EINPROGRESS)
		return -EADDRINUSE;
	if (fd != -ECONNREFUSED)
		return fd;
	return unlink(path) ? -errno : 0;
}

/* --- its rights ------------------------------------------------------------------------------- */

static int64_t
find_group(void)
{
	const struct group *g = getgrnam(LOCAL_GROUP);

	return g ? (int64_t)g->gr_gid : -1;
}

static int
give_to_group(int fd, const char *self, int64_t group)
{
	struct stat st;

	if (fstat(fd, &st))
		return -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	/* A service whose group it is already may be forbidden to give anything to anybody. */
	if (st.st_gid != (gid_t)group && chown(self, (uid_t)-1, (gid_t)group))
		return errno == EPERM ? 0 : -errno;
	return chmod(self, 0660) ? -errno : 0;
}

/*
 * Until they are given nobody but the owner may connect, and that stays where there is no group or
 * it is not for this process to give.
 */
static int
give_rights(const char *path, int64_t group)
{
	char self[64];
	int fd, error;

	if (group < 0)
		return 0;
	/* By a descriptor: what stands under the name may be another thing in a moment. */
	fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	error = give_to_group(fd, self, group);
	close(fd);
	return error;
}

/*
 * Routers that start at one path take turns, by a lock of its folder: between one's look at a
 * socket that is left and its removal another one may have put its own there, and until it listens
 * a socket refuses as one that is left does. -1: somebody keeps the lock, or there is none.
 */
static int
lock_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash ? x_asprintf("%.*s/", (int)(slash - path), path) : x_strdup(".");
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	for (int i = 0; fd >= 0 && flock(fd, LOCK_EX | LOCK_NB); i++) {
		if (errno == EWOULDBLOCK && i < LOCK_TRIES) {
			usleep(LOCK_WAIT);
			continue;
		}
		close(fd);
		fd = -1;
	}
	free(folder);
	return fd;
}

static int
take_place(const char *path, int64_t *ret_group)
{
	int64_t group = ret_group ? find_group() : -1;
	struct sockaddr_un sa;
	mode_t mask;
	int fd, error;

	if (!put_address(path, &sa))
		return -ENAMETOOLONG;
	error = clear_place(path);
	if (error)
		return error;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	mask = umask(0177);
	error = bind(fd, (struct sockaddr *)&sa, sizeof(sa)) ? -errno : 0;
	umask(mask);
	if (error) {
		close(fd);
		return error;
	}
	error = give_rights(path, group);
	if (!error && listen(fd, SOMAXCONN))
		error = -errno;
	if (error) {
		unlink(path);
		close(fd);
		return error;
	}
	if (ret_group)
		*ret_group = group;
	return fd;
}

int
local_bind(const char *path, int64_t *ret_group)
{
	int lock = lock_folder(path), fd = take_place(path, ret_group);

	if (lock >= 0)
		close(lock);
	return fd;
}

/* --- who is at its end ------------------------------------------------------------------------ */

/* The groups that the peer had when it connected, as the kernel has them. */
static bool
is_member(int fd, const struct ucred *who, int64_t group)
{
	socklen_t n = 0;
	gid_t *groups;
	bool found = who->gid == group;

	getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &n); /* ERANGE, and how long they are */
	if (found || !n)
		return found;
	groups = x_alloc(n);
	if (!getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &n))
		for (size_t i = 0; i < n / sizeof(*groups); i++)
			found = found || groups[i] == group;
	free(groups);
	return found;
}

/* Of the file alone: a directory service that does not answer must not hold up the loop. */
static void
name_user(uid_t uid, struct local_peer *ret)
{
	FILE *f = fopen("/etc/passwd", "re");
	const struct passwd *p = NULL;

	while (f && (p = fgetpwent(f)))
		if (p->pw_uid == uid)
			break;
	if (p)
		snprintf(ret->user, sizeof(ret->user), "%s", p->pw_name);
	else
		snprintf(ret->user, sizeof(ret->user), "uid%u", (unsigned)uid);
	if (f)
		fclose(f);
}

bool
local_admits(int fd, int64_t group, int64_t own, struct local_peer *ret)
{
	struct ucred who;
	socklen_t n = sizeof(who);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) || n != sizeof(who))
		return false;
	name_user(who.uid, ret);
	return who.uid == 0 || (int64_t)who.uid == own ||
	       (group >= 0 && is_member(fd, &who, group));
}
