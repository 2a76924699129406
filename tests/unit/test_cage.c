/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cage, each part in a child of its own: what is given up is gone, and what a running process
 * needs still works.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "compiler/base/text.h"
#include "runtime/cage/cage_calls.h"
#include "runtime/cage/cage_caps.h"
#include "runtime/cage/cage_files.h"

#ifdef __SANITIZE_ADDRESS__
#define LEAKS_SOUGHT true /* such a build may do more: LeakSanitizer's process */
#else
#define LEAKS_SOUGHT false
#endif
/* ThreadSanitizer's: setuid() ends the process where two threads hear two answers. */
#ifdef __SANITIZE_THREAD__
#define THREAD_BESIDE true
#else
#define THREAD_BESIDE false
#endif

/* In a child an assertion would unwind into the parent's test. */
#define HOLDS(what)                                                                                \
	do {                                                                                       \
		if (!(what)) {                                                                     \
			fprintf(stderr, "line %d: not so: %s\n", __LINE__, #what);                 \
			_exit(1);                                                                  \
		}                                                                                  \
	} while (0)

/* Runs fn in a child: its wait status. */
static int
in_child(void (*fn)(void *arg), void *arg)
{
	pid_t pid = fork();
	int status = -1;

	assert_true(pid >= 0);
	if (!pid) {
		fn(arg);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static bool
ended_well(int status)
{
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* --- capabilities ----------------------------------------------------------------------------- */

static bool
status_says(const char *line)
{
	char text[8192] = "";
	FILE *f = fopen("/proc/self/status", "re");
	size_t n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;

	if (f)
		fclose(f);
	text[n] = '\0';
	return strstr(text, line) != NULL;
}

static void
reduce_rights(void *arg)
{
	const bool held = cage_caps_holds(CAP_NET_RAW), settles = cage_caps_holds(CAP_SETPCAP);
	uint64_t kept = 0;

	(void)arg;
	HOLDS(!cage_caps_reduce(CAGE_CAP(CAP_NET_RAW), &kept));
	HOLDS(kept == (held ? CAGE_CAP(CAP_NET_RAW) : 0));
	HOLDS(cage_caps_holds(CAP_NET_RAW) == held);
	HOLDS(!cage_caps_holds(CAP_SYS_ADMIN) && !cage_caps_holds(CAP_NET_ADMIN));
	HOLDS(status_says(held ? "\nCapPrm:\t0000000000002000\nCapEff:\t0000000000002000\n"
	                       : "\nCapPrm:\t0000000000000000\nCapEff:\t0000000000000000\n"));
	HOLDS(status_says("\nCapInh:\t0000000000000000\n"));
	HOLDS(status_says("\nCapAmb:\t0000000000000000\n"));
	HOLDS(status_says("\nNoNewPrivs:\t1\n"));
	HOLDS(!settles || status_says("\nCapBnd:\t0000000000000000\n"));
	/* What is gone does not come back, and can be given up again. */
	HOLDS(!cage_caps_reduce(CAGE_CAP(CAP_SYS_ADMIN) | CAGE_CAP(CAP_NET_RAW), &kept));
	HOLDS(kept == (held ? CAGE_CAP(CAP_NET_RAW) : 0));
}

static void
capabilities_are_given_up(void **state)
{
	(void)state;
	assert_true(ended_well(in_child(reduce_rights, NULL)));
}

static void
capabilities_have_names(void **state)
{
	struct text text = TEXT_INIT;

	(void)state;
	cage_caps_text(CAGE_CAP(CAP_NET_ADMIN) | CAGE_CAP(CAP_NET_BIND_SERVICE), &text);
	text_puts(&text, "; ");
	cage_caps_text(0, &text);
	assert_string_equal(text_string(&text), "net_bind_service net_admin; none");
	text_fini(&text);
}

/* --- files ------------------------------------------------------------------------------------ */

static char folder[] = "/tmp/test_cage.XXXXXX";

static int
try_open(const char *name, int how)
{
	char *path = x_asprintf("%s/%s", folder, name);
	int fd = open(path, how | O_CLOEXEC, 0600), error = fd < 0 ? errno : 0;

	if (fd >= 0)
		close(fd);
	free(path);
	return error;
}

static void
shut_files(void *arg)
{
	char *mine = x_asprintf("%s/mine", folder), *theirs = x_asprintf("%s/theirs", folder);
	char *none = x_asprintf("%s/none", folder), *made = x_asprintf("%s/mine/made", folder);
	char *link_there = x_asprintf("%s/mine/link", folder);
	const struct cage_path paths[] = {
	    {.path = mine, .access = CAGE_CHANGE},
	    {.path = theirs, .access = CAGE_READ},
	    {.path = none, .access = CAGE_READ},
	    {.path = "/proc/sys/net", .access = CAGE_WRITE, .pinned = true},
	    {.path = "/dev/null", .access = CAGE_DEVICE}};
	struct cage_files files;
	const char *path;
	int *version = arg, open_before = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd;

	HOLDS(!cage_files_open(paths, ARRAY_SIZE(paths), true, &files, &path) && !path);
	*version = files.version;
	HOLDS(!cage_files_close(&files));
	if (!*version)
		_exit(77);
	HOLDS(!try_open("mine/file", O_RDWR | O_TRUNC));
	HOLDS(!try_open("mine/new", O_RDWR | O_CREAT | O_EXCL));
	HOLDS(!mkdir(made, 0700) && !rmdir(made));
	HOLDS(!try_open("theirs/file", O_RDONLY));
	HOLDS(try_open("theirs/file", O_RDWR) == EACCES);
	HOLDS(try_open("theirs/new", O_RDWR | O_CREAT) == EACCES);
	HOLDS(try_open("other", O_RDONLY) == EACCES);
	HOLDS(symlink("/etc/passwd", link_there) && errno == EACCES);
	HOLDS(open("/etc/passwd", O_RDONLY | O_CLOEXEC) < 0 && errno == EACCES);
	fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	HOLDS(fd >= 0);
	/* What is open stays open, but leads to nothing else. */
	HOLDS(openat(open_before, "other", O_RDONLY | O_CLOEXEC) < 0 && errno == EACCES);
	HOLDS(!fchdir(open_before));
	if (*version >= 6)
		HOLDS(kill(getppid(), 0) && errno == EPERM);
	HOLDS(!kill(getpid(), 0));
	free(mine);
	free(theirs);
	free(none);
	free(made);
	free(link_there);
}

/* What it cannot do without, and does not find, is no gap but an error. */
static void
require_files(void *arg)
{
	const struct cage_path paths[] = {{.path = "/", .access = CAGE_READ, .required = true},
	                                  {.path = "/none", .access = CAGE_READ, .required = true}};
	struct cage_files files;
	const char *path;

	(void)arg;
	if (!cage_files_open(paths, 1, true, &files, &path) && !files.version)
		_exit(77);
	HOLDS(!path);
	cage_files_drop(&files);
	HOLDS(cage_files_open(paths, 2, true, &files, &path) == -ENOENT);
	HOLDS(!strcmp(path, "/none"));
}

static void
required_files_are_there(void **state)
{
	int status = in_child(require_files, NULL);

	(void)state;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip();
	assert_true(ended_well(status));
}

static void
make_file(const char *name)
{
	assert_int_equal(try_open(name, O_WRONLY | O_CREAT | O_EXCL), 0);
}

static void
files_are_shut_off(void **state)
{
	char *command;
	int version, status;

	(void)state;
	assert_non_null(mkdtemp(folder));
	for (size_t i = 0; i < 2; i++) {
		command = x_asprintf("%s/%s", folder, i ? "theirs" : "mine");
		assert_int_equal(mkdir(command, 0700), 0);
		free(command);
	}
	make_file("mine/file");
	make_file("theirs/file");
	make_file("other");
	status = in_child(shut_files, &version);
	command = x_asprintf("rm -rf %s", folder);
	assert_int_equal(system(command), 0);
	free(command);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip();
	assert_true(ended_well(status));
}

/* --- system calls ----------------------------------------------------------------------------- */

static long
refused_exec(void)
{
	char *const argv[] = {(char *)"true", NULL};

	return execve("/bin/true", argv, environ);
}

static long
refused_fork(void)
{
	return syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
}

static long
refused_spawn(void)
{
	char *const argv[] = {(char *)"true", NULL};
	pid_t pid;
	int error = posix_spawn(&pid, "/bin/true", NULL, NULL, argv, environ);

	errno = error;
	return error ? -1 : 0;
}

static long
refused_trace(void)
{
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

static long
refused_mount(void)
{
	return mount("none", "/mnt", "tmpfs", 0, NULL);
}

static long
refused_namespace(void)
{
	return unshare(CLONE_NEWUSER);
}

static long
refused_other_namespace(void)
{
	return setns(0, CLONE_NEWNET);
}

static long
refused_broken_page(void)
{
	return madvise((void *)(uintptr_t)4096, 4096, MADV_HWPOISON);
}

static long
refused_user(void)
{
	return setuid(0);
}

static long
refused_kill(void)
{
	return kill(getppid(), 0);
}

static long
refused_memory_of_others(void)
{
	return syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0);
}

static long
refused_bpf(void)
{
	return syscall(SYS_bpf, 0, NULL, 0);
}

static long
refused_code(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
	               -1, 0);

	return p == MAP_FAILED ? -1 : 0;
}

static long
refused_code_later(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return mprotect(p, 4096, PROT_READ | PROT_EXEC);
}

static long
refused_typing(void)
{
	return ioctl(STDIN_FILENO, TIOCSTI, "x");
}

static long
refused_family(void)
{
	return socket(AF_PACKET, SOCK_RAW, 0);
}

static long
refused_limit(void)
{
	const struct rlimit limit = {1, 1};

	return syscall(SYS_prlimit64, 0, RLIMIT_CORE, &limit, NULL);
}

static long
refused_dumps(void)
{
	return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

static long
refused_clock(void)
{
	return syscall(SYS_settimeofday, NULL, NULL);
}

static long
refused_modules(void)
{
	return syscall(SYS_finit_module, 0, "", 0);
}

/* Which call is told; NULL: none. */
static const struct refused {
	long (*call)(void);
	const char *name;
	bool untried; /* in this build */
} refused[] = {
    {refused_exec, "execve", false},
    {refused_fork, NULL, LEAKS_SOUGHT},
    {refused_spawn, NULL, LEAKS_SOUGHT},
    {refused_trace, "ptrace", LEAKS_SOUGHT},
    {refused_mount, "mount", false},
    {refused_namespace, "unshare", false},
    {refused_other_namespace, "setns", false},
    {refused_broken_page, "madvise", false},
    {refused_user, "setuid", THREAD_BESIDE},
    {refused_kill, "kill", LEAKS_SOUGHT},
    {refused_memory_of_others, "process_vm_readv", false},
    {refused_bpf, "bpf", false},
    {refused_code, "mmap", false},
    {refused_code_later, "mprotect", false},
    {refused_typing, "ioctl", false},
    {refused_family, "socket", false},
    {refused_limit, "prlimit64", false},
    {refused_dumps, "prctl", LEAKS_SOUGHT},
    {refused_clock, "settimeofday", false},
    {refused_modules, "finit_module", false},
};

static bool
shut_calls(enum cage_refusal refusal)
{
	unsigned n;

	HOLDS(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	HOLDS(!cage_calls_close(CAGE_RUN, refusal, &n));
	if (!n)
		_exit(77);
	return n > 50;
}

static void
call_and_die(void *arg)
{
	const struct refused *r = arg;

	HOLDS(shut_calls(CAGE_KILL));
	r->call();
}

static void
a_refused_call_kills(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		int status;

		if (refused[i].untried)
			continue;
		status = in_child(call_and_die, (void *)(uintptr_t)&refused[i]);
		if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
			skip();
		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS)
			print_error("row %zu: status %x\n", i, status);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
	}
}

static void
call_and_go_on(void *arg)
{
	const struct refused *r = arg;

	HOLDS(shut_calls(CAGE_ERRNO));
	for (int i = 0; i < 3; i++) {
		errno = 0;
		HOLDS(r->call() == -1);
		HOLDS(errno == ENOSYS);
	}
#if defined(__x86_64__) || defined(__aarch64__)
	if (r->name) {
		char *name = cage_calls_name(cage_calls_refused());

		HOLDS(!strcmp(name, r->name));
		free(name);
	}
#endif
	HOLDS(cage_calls_refused() == -1);
}

static void
a_refused_call_fails_and_is_told_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		int status;

		if (refused[i].untried)
			continue;
		status = in_child(call_and_go_on, (void *)(uintptr_t)&refused[i]);
		if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
			skip();
		if (!ended_well(status))
			print_error("row %zu: status %x\n", i, status);
		assert_true(ended_well(status));
	}
}

static void *
run_thread(void *arg)
{
	*(int *)arg = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return arg;
}

static void
call_what_is_allowed(void *arg)
{
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	pthread_t thread;
	int fd = -1, pair[2];
	struct stat st;
	void *p;

	(void)arg;
	HOLDS(shut_calls(CAGE_KILL));
	/* The C library asks for clone3, and takes clone. */
	HOLDS(!pthread_create(&thread, NULL, run_thread, &fd) && !pthread_join(thread, NULL));
	HOLDS(fd >= 0 && !bind(fd, (struct sockaddr *)&sa, sizeof(sa)));
	HOLDS(!socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	HOLDS(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0) >= 0);
	HOLDS(!stat("/", &st) && open("/dev/null", O_RDWR | O_CLOEXEC) >= 0);
	p = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	HOLDS(p != MAP_FAILED && !mprotect(p, 4096, PROT_READ) && !munmap(p, 1 << 20));
	HOLDS(usleep(1) == 0 && !raise(0));
	HOLDS(fprintf(stderr, "%s", "") == 0);
}

static void
what_is_needed_is_allowed(void **state)
{
	int status = in_child(call_what_is_allowed, NULL);

	(void)state;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip();
	assert_true(ended_well(status));
}

/* A lab is on no network: it has no netlink. */
static void
open_netlink_in_a_lab(void *arg)
{
	unsigned n;

	(void)arg;
	HOLDS(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	HOLDS(!cage_calls_close(CAGE_LAB, CAGE_ERRNO, &n));
	if (!n)
		_exit(77);
	HOLDS(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) >= 0);
	HOLDS(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0) < 0 && errno == ENOSYS);
}

static void
a_lab_has_less(void **state)
{
	int status = in_child(open_netlink_in_a_lab, NULL);

	(void)state;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip();
	assert_true(ended_well(status));
}

/* A lab in namespaces moves from one network to the other, and to nothing else of a namespace. */
static void
move_between_networks(void *arg)
{
	const int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	const bool may = cage_caps_holds(CAP_SYS_ADMIN);
	static const int others[] = {0, CLONE_NEWNS, CLONE_NEWNET | CLONE_NEWNS, CLONE_NEWUSER};
	unsigned n;

	(void)arg;
	HOLDS(own >= 0);
	HOLDS(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	HOLDS(!cage_calls_close(CAGE_NETNS, CAGE_ERRNO, &n));
	if (!n)
		_exit(77);
	HOLDS(may ? !setns(own, CLONE_NEWNET) : setns(own, CLONE_NEWNET) && errno == EPERM);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		HOLDS(setns(own, others[i]) && errno == ENOSYS);
	HOLDS(unshare(CLONE_NEWNET) && errno == ENOSYS);
	HOLDS(refused_exec() && errno == ENOSYS);
	HOLDS(ioctl(STDIN_FILENO, SIOCGSKNS, 0) && errno == ENOSYS);
	HOLDS(refused_mount() && errno == ENOSYS);
	HOLDS(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0) >= 0);
}

static void
a_lab_in_namespaces_changes_its_network_alone(void **state)
{
	int status = in_child(move_between_networks, NULL);

	(void)state;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip();
	assert_true(ended_well(status));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(capabilities_are_given_up),
	    cmocka_unit_test(capabilities_have_names),
	    cmocka_unit_test(files_are_shut_off),
	    cmocka_unit_test(required_files_are_there),
	    cmocka_unit_test(a_refused_call_kills),
	    cmocka_unit_test(a_refused_call_fails_and_is_told_once),
	    cmocka_unit_test(what_is_needed_is_allowed),
	    cmocka_unit_test(a_lab_has_less),
	    cmocka_unit_test(a_lab_in_namespaces_changes_its_network_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
