/* SPDX-License-Identifier: Apache-2.0 */
/* See helper_process.h. */
#define _GNU_SOURCE /* closefrom */
#include "cli/files/helper_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* A terminal's signals end its owner, and not the helper: it has to see to the end. */
static void
become_helper(const char *name, int line)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	prctl(PR_SET_NAME, name, 0, 0, 0);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (dup2(line, HELPER_LINE) < 0 || fcntl(HELPER_LINE, F_SETFD, FD_CLOEXEC))
		_exit(EXIT_FAILURE);
	closefrom(HELPER_LINE + 1);
}

int
helper_start(const char *name, void (*run)(void *arg), void *arg)
{
	int ends[2], error;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return -errno;
	pid = fork();
	if (pid == 0) {
		become_helper(name, ends[1]);
		run(arg);
		_exit(EXIT_SUCCESS);
	}
	error = -errno;
	close(ends[1]);
	if (pid > 0)
		return ends[0];
	close(ends[0]);
	return error;
}

/* Of a line that a loop watches, and that so does not wait by itself. */
static bool
await_line(int line, short events)
{
	struct pollfd p = {.fd = line, .events = events};

	return errno == EINTR || (errno == EAGAIN && (poll(&p, 1, -1) > 0 || errno == EINTR));
}

bool
helper_take(int line, void *into, size_t n)
{
	char *at = into;

	while (n) {
		ssize_t got = read(line, at, n);

		if (got < 0 && await_line(line, POLLIN))
			continue;
		if (got <= 0)
			return false;
		at += got;
		n -= (size_t)got;
	}
	return true;
}

bool
helper_take_word(int line, char *into, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (!helper_take(line, &into[i], 1))
			return false;
		if (!into[i])
			return true;
	}
	return false;
}

int
helper_give(int line, struct span octets)
{
	while (octets.n) {
		ssize_t n = send(line, octets.p, octets.n, MSG_NOSIGNAL);

		if (n < 0 && !await_line(line, POLLOUT))
			return -errno;
		if (n > 0)
			octets = SPAN(octets.p + n, octets.n - (size_t)n);
	}
	return 0;
}

int
helper_give_word(int line, const char *word)
{
	return helper_give(line, SPAN(word, strlen(word) + 1));
}
