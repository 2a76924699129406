/* SPDX-License-Identifier: Apache-2.0 */
/* FRR's daemons of one node: see frr_instance.h. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/frr/frr_instance.h"
#include "runtime/base/netns.h"

#define RUN_DIR   "/run/testudo-frr"
#define PAUSE     20000 /* microseconds */
#define TRIES     500   /* pauses until a daemon can be spoken to */
#define END_TRIES 150   /* pauses until it has ended */

static char *const environment[] = {(char *)(uintptr_t) "PATH=/usr/bin:/bin", NULL};

/* --- its directory ---------------------------------------------------------------------------- */

/*
 * vtysh asks PAM who may use it, unless its settings say that its user needs no password: the
 * directory is that user's alone.
 */
static int
write_settings(const char *dir)
{
	static const char settings[] = "username " FRR_USER " nopassword\n";
	char *path = x_asprintf("%s/vtysh.conf", dir);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	ssize_t n = fd < 0 ? -1 : write(fd, settings, sizeof(settings) - 1);
	int error = n == (ssize_t)sizeof(settings) - 1 ? 0 : fd < 0 || n < 0 ? -errno : -EIO;

	if (fd >= 0)
		close(fd);
	free(path);
	return error;
}

static void remove_dir(struct frr_instance *i);

/* FRR's user writes there, and nobody else reads. */
static int
make_dir(struct frr_instance *i)
{
	const struct passwd *user = getpwnam(FRR_USER);
	int error;

	if (i->dir)
		return 0;
	if (!user)
		return -ENOENT;
	if (mkdir(RUN_DIR, 0711) && errno != EEXIST)
		return -errno;
	i->dir = x_asprintf(RUN_DIR "/%d.XXXXXX", (int)getpid());
	if (!mkdtemp(i->dir)) {
		error = -errno;
		free(i->dir);
		i->dir = NULL;
		return error;
	}
	error = write_settings(i->dir);
	if (!error && chown(i->dir, user->pw_uid, user->pw_gid))
		error = -errno;
	if (error)
		remove_dir(i);
	return error;
}

static void
remove_dir(struct frr_instance *i)
{
	static const char *const endings[] = {"pid", "vty"}, *const others[] = {"zserv.api",
	                                                                        "vtysh.conf"};

	if (!i->dir)
		return;
	for (int d = 0; d < FRR_DAEMONS; d++)
		for (size_t k = 0; k < ARRAY_SIZE(endings); k++) {
			char *path =
			    x_asprintf("%s/%s.%s", i->dir, frr_daemon_names[d], endings[k]);

			unlink(path);
			free(path);
		}
	for (size_t k = 0; k < ARRAY_SIZE(others); k++) {
		char *path = x_asprintf("%s/%s", i->dir, others[k]);

		unlink(path);
		free(path);
	}
	rmdir(i->dir);
	rmdir(RUN_DIR); /* when it was the last */
	free(i->dir);
	i->dir = NULL;
}

/* --- a daemon --------------------------------------------------------------------------------- */

/* Never returns. */
static void
become_daemon(const struct frr_instance *i, int d)
{
	char *path = x_asprintf("%s/%s", FRR_DAEMON_DIR, frr_daemon_names[d]);
	char *api = x_asprintf("%s/zserv.api", i->dir);
	char *pid = x_asprintf("%s/%s.pid", i->dir, frr_daemon_names[d]);
	char *args[] = {path,
	                (char *)"-f",
	                (char *)"/dev/null",
	                (char *)"-P",
	                (char *)"0",
	                (char *)"-z",
	                api,
	                (char *)"-i",
	                pid,
	                (char *)"--vty_socket",
	                i->dir,
	                (char *)"--log",
	                (char *)"syslog",
	                NULL};
	const int null = open("/dev/null", O_RDWR);
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (null >= 0 && dup2(null, 0) == 0 && dup2(null, 1) == 1 && dup2(null, 2) == 2) {
		closefrom(3);
		umask(0077);
		if (!i->netns || !netns_enter(i->netns))
			execve(path, args, environment);
	}
	_exit(EXIT_FAILURE);
}

static bool
can_be_spoken_to(const struct frr_instance *i, int d)
{
	char *path = x_asprintf("%s/%s.vty", i->dir, frr_daemon_names[d]);
	bool there = access(path, F_OK) == 0;

	free(path);
	return there;
}

static int
start_one(struct frr_instance *i, int d)
{
	char *path = x_asprintf("%s/%s.vty", i->dir, frr_daemon_names[d]);
	pid_t pid;

	unlink(path); /* of one that was killed */
	free(path);
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0)
		become_daemon(i, d);
	i->pids[d] = pid;
	i->fresh = true;
	return 0;
}

/* One that has ended is reaped with all others, so here it is only asked whether it runs. */
static int
await_one(struct frr_instance *i, int d)
{
	for (int n = 0; n < TRIES; n++) {
		siginfo_t info = {.si_pid = 0};

		if (can_be_spoken_to(i, d))
			return 0;
		if (waitid(P_PID, (id_t)i->pids[d], &info, WEXITED | WNOHANG | WNOWAIT) ||
		    info.si_pid)
			return -ECHILD;
		usleep(PAUSE);
	}
	return -ETIMEDOUT;
}

int
frr_daemons_start(struct frr_instance *i)
{
	int error = make_dir(i);

	for (int d = 0; d < FRR_DAEMONS && !error; d++) {
		if (!(i->daemons & FRR_DAEMON(d)) || i->pids[d])
			continue;
		error = start_one(i, d);
		if (!error && d == FRR_ZEBRA)
			error = await_one(i, d); /* the others speak to it */
	}
	for (int d = 0; d < FRR_DAEMONS && !error; d++)
		if (i->pids[d])
			error = await_one(i, d);
	return error;
}

/* --- the end ---------------------------------------------------------------------------------- */

/* One that does not heed it is killed. */
static void
end_one(struct frr_instance *i, int d)
{
	pid_t pid = i->pids[d];

	i->pids[d] = 0;
	kill(pid, SIGTERM);
	for (int n = 0; n < END_TRIES; n++) {
		if (waitpid(pid, NULL, WNOHANG) != 0)
			return;
		usleep(PAUSE);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

void
frr_daemons_end_idle(struct frr_instance *i)
{
	for (int d = FRR_DAEMONS - 1; d >= 0; d--)
		if (i->pids[d] && !(i->daemons & FRR_DAEMON(d)))
			end_one(i, d);
}

/* zebra last: it takes the routes out of the kernel. */
void
frr_daemons_stop(struct frr_instance *i)
{
	for (int d = FRR_DAEMONS - 1; d >= 0; d--)
		if (i->pids[d])
			end_one(i, d);
	remove_dir(i);
	text_clear(&i->applied);
}

/* --- what a speaker left that was killed ------------------------------------------------------ */

/* The daemon's process, where that still is this program; 0: none. */
static pid_t
left_daemon(const char *dir, int d)
{
	char *file = x_asprintf("%s/%s.pid", dir, frr_daemon_names[d]), *exe = NULL;
	char *program = x_asprintf("%s/%s", FRR_DAEMON_DIR, frr_daemon_names[d]);
	char is[256] = "";
	FILE *f = fopen(file, "re");
	int pid = 0;

	if (f && fscanf(f, "%d", &pid) == 1 && pid > 1) {
		exe = x_asprintf("/proc/%d/exe", pid);
		if (readlink(exe, is, sizeof(is) - 1) < 0 || strcmp(is, program) != 0)
			pid = 0;
	}
	if (f)
		fclose(f);
	free(exe);
	free(program);
	free(file);
	return pid > 1 ? pid : 0;
}

/* It is nobody's child here, so it is asked whether it is still there. */
static void
end_left(pid_t pid)
{
	kill(pid, SIGTERM);
	for (int n = 0; n < END_TRIES; n++) {
		if (kill(pid, 0))
			return;
		usleep(PAUSE);
	}
	kill(pid, SIGKILL);
}

static void
bury_dir(const char *name)
{
	struct frr_instance i = {.dir = x_asprintf(RUN_DIR "/%s", name)};

	for (int d = FRR_DAEMONS - 1; d >= 0; d--) {
		pid_t pid = left_daemon(i.dir, d);

		if (pid)
			end_left(pid);
	}
	remove_dir(&i);
}

void
frr_daemons_bury(pid_t ended)
{
	DIR *dirs = opendir(RUN_DIR);
	const struct dirent *e;

	while (dirs && (e = readdir(dirs))) {
		int speaker = (int)strtol(e->d_name, NULL, 10);

		if (speaker > 1 && (speaker == ended || (kill(speaker, 0) && errno == ESRCH)))
			bury_dir(e->d_name);
	}
	if (dirs)
		closedir(dirs);
}
