/* SPDX-License-Identifier: Apache-2.0 */
/* The process that runs programs for a router: see starter.h. */
#define _GNU_SOURCE
#include "cli/app/starter.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/files/helper_process.h"
#include "runtime/base/netns.h"
#include "runtime/cage/cage_caps.h"
#include "runtime/cage/cage_files.h"
#include "runtime/host/linux/linux_way.h"

#define NOBODY 65534u /* where the machine has no user of that name */

/* All that a program finds of an environment. */
static char *const environment[] = {(char *)(uintptr_t) "TERM=vt100", NULL};

struct starter {
	uid_t uid; /* of clients */
	gid_t gid;
	int children; /* a signalfd */
	size_t n_running;
	struct running {
		uint32_t number;
		pid_t pid;
	} running[STARTER_MAX];
};

/* --- the process that becomes the program ----------------------------------------------------- */

/* What a client and the C library read; of devices those that a terminal needs. */
static bool
shut_files(const char *program)
{
	const struct cage_path paths[] = {
	    {.path = program, .access = CAGE_EXECUTE, .required = true},
	    {.path = "/lib", .access = CAGE_EXECUTE},
	    {.path = "/lib64", .access = CAGE_EXECUTE},
	    {.path = "/usr/lib", .access = CAGE_EXECUTE},
	    {.path = "/usr/lib64", .access = CAGE_EXECUTE},
	    {.path = "/usr/share", .access = CAGE_READ},
	    {.path = "/etc/ld.so.cache", .access = CAGE_READ},
	    {.path = "/etc/passwd", .access = CAGE_READ},
	    {.path = "/etc/group", .access = CAGE_READ},
	    {.path = "/etc/nsswitch.conf", .access = CAGE_READ},
	    {.path = "/etc/services", .access = CAGE_READ},
	    {.path = "/etc/protocols", .access = CAGE_READ},
	    {.path = "/etc/localtime", .access = CAGE_READ},
	    {.path = "/etc/ssl/openssl.cnf", .access = CAGE_READ},
	    {.path = "/dev/null", .access = CAGE_DEVICE},
	    {.path = "/dev/urandom", .access = CAGE_DEVICE},
	    {.path = "/dev/random", .access = CAGE_DEVICE},
	    {.path = "/dev/tty", .access = CAGE_DEVICE},
	    {.path = "/dev/pts", .access = CAGE_DEVICE}};
	struct cage_files files;
	const char *path;

	/* Without Landlock another user is what keeps it from the router's files. */
	return !cage_files_open(paths, ARRAY_SIZE(paths), false, &files, &path) &&
	       (files.version || cage_caps_holds(CAP_SETUID)) && !cage_files_close(&files);
}

/* Another user where that can be had; and no rights, nor a way to any. */
static bool
drop_rights(const struct starter *s)
{
	const struct rlimit none = {0, 0}, few = {64, 64};
	uint64_t kept;

	if (cage_caps_holds(CAP_SETUID) &&
	    (setgroups(0, NULL) || setresgid(s->gid, s->gid, s->gid) ||
	     setresuid(s->uid, s->uid, s->uid)))
		return false;
	setrlimit(RLIMIT_CORE, &none);
	setrlimit(RLIMIT_FSIZE, &none);
	setrlimit(RLIMIT_NOFILE, &few);
	setrlimit(RLIMIT_NPROC, &none); /* no process beside it */
	return !cage_caps_reduce(0, &kept) && !kept && geteuid() != 0;
}

/* Its terminal is the only thing that it has open. */
static bool
take_terminal(int master, int failed)
{
	const int line = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY);

	if (line < 0 || setsid() < 0 || ioctl(line, TIOCSCTTY, 0))
		return false;
	for (int fd = 0; fd <= 2; fd++)
		if (dup2(line, fd) < 0)
			return false;
	return dup2(failed, 3) == 3 && !fcntl(3, F_SETFD, FD_CLOEXEC);
}

/* A signal that is ignored or blocked here would be so there. */
static void
reset_signals(void)
{
	sigset_t none;

	for (int number = 1; number <= SIGRTMAX; number++)
		signal(number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Never returns. What fails is written as an errno to `failed`. */
static void
become_program(const struct starter *s, const struct starter_command *c, pid_t parent, int master,
               int failed)
{
	int error;

	if (take_terminal(master, failed)) {
		failed = 3;
		closefrom(4);
		umask(0077);
		if (chdir("/") == 0 && shut_files(c->path) && drop_rights(s) &&
		    !prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) && getppid() == parent) {
			reset_signals();
			execve(c->path, c->args, environment);
		} else if (!errno) {
			errno = EPERM;
		}
	}
	error = errno;
	if (write(failed, &error, sizeof(error)) < 0)
		_exit(EXIT_FAILURE);
	_exit(EXIT_FAILURE);
}

/* --- starting --------------------------------------------------------------------------------- */

static int
open_terminal(const struct starter_call *call)
{
	const struct winsize size = {.ws_row = call->rows, .ws_col = call->columns};
	const int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (master >= 0 && (unlockpt(master) || ioctl(master, TIOCSWINSZ, &size))) {
		close(master);
		return -1;
	}
	return master;
}

/* Waits until the program has been executed; 0 or the errno of why it was not. */
static int
await_program(int pipe)
{
	int error = 0;
	ssize_t n;

	do
		n = read(pipe, &error, sizeof(error));
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(error) ? error : 0;
}

/* 0 and the pty, or an errno. */
static int
run_program(struct starter *s, const struct starter_request *r, const struct starter_command *c,
            int *ret_master)
{
	const pid_t self = getpid();
	int failed[2], error;
	pid_t pid;

	*ret_master = open_terminal(&r->call);
	if (*ret_master < 0)
		return errno;
	if (pipe2(failed, O_CLOEXEC)) {
		error = errno;
		close(*ret_master);
		return error;
	}
	pid = fork();
	if (pid == 0)
		become_program(s, c, self, *ret_master, failed[1]);
	error = pid < 0 ? errno : 0;
	close(failed[1]);
	if (!error)
		error = await_program(failed[0]);
	close(failed[0]);
	if (error)
		close(*ret_master);
	else
		s->running[s->n_running++] = (struct running){r->number, pid};
	return error;
}

/* Does it lead to another machine, by one of our addresses? */
static enum starter_refusal
look_at_way(const struct starter_call *call, int *ret_error)
{
	enum linux_way way = LINUX_WAY_NONE, back = LINUX_WAY_OWN;

	*ret_error = -linux_way_to(call->dst, &way);
	if (!*ret_error && call->src)
		*ret_error = -linux_way_to(call->src, &back);
	if (*ret_error)
		return STARTER_FAILED;
	return way == LINUX_WAY_OWN    ? STARTER_OWN
	       : way == LINUX_WAY_NONE ? STARTER_NO_WAY
	       : back != LINUX_WAY_OWN ? STARTER_NO_SOURCE
	                               : STARTER_STARTED;
}

static enum starter_refusal
start_program(struct starter *s, const struct starter_request *r, int *ret_master, int *ret_error)
{
	struct starter_command command;
	enum starter_refusal why = starter_command_make(&r->call, &command);

	if (why == STARTER_STARTED && s->n_running == STARTER_MAX)
		why = STARTER_FULL;
	if (why == STARTER_STARTED && access(command.path, X_OK))
		why = STARTER_ABSENT;
	if (why == STARTER_STARTED)
		why = look_at_way(&r->call, ret_error);
	if (why != STARTER_STARTED)
		return why;
	*ret_error = run_program(s, r, &command, ret_master);
	return *ret_error ? STARTER_FAILED : STARTER_STARTED;
}

/* --- the line --------------------------------------------------------------------------------- */

/* With a descriptor, unless that is below 0. */
static bool
give_answer(const struct starter_answer *answer, int fd)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec octets = {(void *)(uintptr_t)answer, sizeof(*answer)};
	struct msghdr m = {.msg_iov = &octets, .msg_iovlen = 1};

	if (fd >= 0) {
		m.msg_control = &control;
		m.msg_controllen = sizeof(control);
		control.header = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof(int)),
		                                  .cmsg_level = SOL_SOCKET,
		                                  .cmsg_type = SCM_RIGHTS};
		memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	}
	return sendmsg(HELPER_LINE, &m, MSG_NOSIGNAL) == (ssize_t)sizeof(*answer);
}

/* One that has ended is its parent's to bury: until then its number is nobody else's. */
static void
bury_ended(struct starter *s)
{
	struct signalfd_siginfo info;
	pid_t pid;

	while (read(s->children, &info, sizeof(info)) > 0)
		;
	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		for (size_t i = 0; i < s->n_running; i++)
			if (s->running[i].pid == pid)
				s->running[i] = s->running[--s->n_running];
}

static void
end_program(const struct starter *s, uint32_t number)
{
	for (size_t i = 0; i < s->n_running; i++)
		if (s->running[i].number == number)
			kill(s->running[i].pid, SIGKILL);
}

static bool
serve_request(struct starter *s)
{
	struct starter_request r;
	struct starter_answer answer;
	int master = -1, error = 0;
	bool given;

	if (!helper_take(HELPER_LINE, &r, sizeof(r)))
		return false;
	bury_ended(s);
	if (r.verb == STARTER_END) {
		end_program(s, r.number);
		return true;
	}
	answer = (struct starter_answer){.number = r.number};
	answer.refusal = (uint32_t)start_program(s, &r, &master, &error);
	answer.error = error;
	given = give_answer(&answer, answer.refusal == STARTER_STARTED ? master : -1);
	if (answer.refusal == STARTER_STARTED)
		close(master);
	return given;
}

/* --- its life --------------------------------------------------------------------------------- */

static void
find_nobody(struct starter *s)
{
	const struct passwd *p = getpwnam("nobody");

	s->uid = p ? p->pw_uid : NOBODY;
	s->gid = p ? p->pw_gid : NOBODY;
}

static bool
become_starter(struct starter *s)
{
	const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	sigset_t child;
	uint64_t kept;

	for (int fd = 0; fd <= 2; fd++)
		if (dup2(null, fd) < 0)
			return false;
	close(null);
	find_nobody(s);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	signal(SIGCHLD, SIG_DFL);
	s->children = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
	return s->children >= 0 && setsid() >= 0 && chdir("/") == 0 &&
	       !cage_caps_reduce(CAGE_CAP(CAP_SETUID) | CAGE_CAP(CAP_SETGID) | CAGE_CAP(CAP_KILL),
	                         &kept);
}

static void
run_starter(void *arg)
{
	const char *netns = arg;
	struct starter s = {0};
	struct pollfd fds[2] = {{.fd = HELPER_LINE, .events = POLLIN}, {.events = POLLIN}};

	/* The router says which namespace is not there. */
	if ((netns && netns_enter(netns)) || !become_starter(&s))
		return;
	fds[1].fd = s.children;
	for (;;) {
		if (poll(fds, ARRAY_SIZE(fds), -1) < 0 && errno != EINTR)
			break;
		if (fds[1].revents)
			bury_ended(&s);
		if (fds[0].revents && !serve_request(&s))
			break;
	}
	for (size_t i = 0; i < s.n_running; i++)
		kill(s.running[i].pid, SIGKILL);
}

int
starter_start(const char *netns)
{
	return helper_start("testudo-starter", run_starter, (void *)(uintptr_t)netns);
}
