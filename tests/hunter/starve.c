/* SPDX-License-Identifier: Apache-2.0 */
/* See starve.h. */
#define _GNU_SOURCE
#include "tests/hunter/starve.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

static struct {
	bool on;
	enum starve_whose whose;
	uint64_t after, every;
	uint64_t asked, failed;
} starve;

#ifdef SANITIZED

bool
starve_possible(void)
{
	return false;
}

#else

/* The linker's: where the program's own code is. */
extern const char __executable_start[], etext[];

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);

bool
starve_possible(void)
{
	return true;
}

static bool
must_fail(const void *caller)
{
	const char *at = caller;

	if (!starve.on ||
	    (starve.whose == STARVE_LIBRARIES && at >= __executable_start && at < etext))
		return false;
	if (starve.asked++ < starve.after)
		return false;
	if (starve.asked - 1 != starve.after &&
	    (!starve.every || (starve.asked - 1 - starve.after) % starve.every))
		return false;
	starve.failed++;
	errno = ENOMEM;
	return true;
}

/* glibc lets a program have these in place of its own. */
void *
malloc(size_t n)
{
	return must_fail(__builtin_return_address(0)) ? NULL : __libc_malloc(n);
}

void *
calloc(size_t n, size_t size)
{
	return must_fail(__builtin_return_address(0)) ? NULL : __libc_calloc(n, size);
}

void *
realloc(void *p, size_t n)
{
	return n && must_fail(__builtin_return_address(0)) ? NULL : __libc_realloc(p, n);
}

#endif

void
starve_begin(enum starve_whose whose, uint64_t after, uint64_t every)
{
	starve.whose = whose;
	starve.after = after;
	starve.every = every;
	starve.asked = starve.failed = 0;
	starve.on = true;
}

void
starve_end(void)
{
	starve.on = false;
}

uint64_t
starve_asked(void)
{
	return starve.asked;
}

uint64_t
starve_failed(void)
{
	return starve.failed;
}

/* --- a process that may end ------------------------------------------------------------------- */

static void
read_all(int fd, char *said, size_t n)
{
	char rest[512];
	size_t have = 0;
	ssize_t got;

	while ((got = have + 1 < n ? read(fd, said + have, n - 1 - have)
	                           : read(fd, rest, sizeof(rest))) != 0)
		if (got > 0 && have + 1 < n)
			have += (size_t)got;
		else if (got < 0 && errno != EINTR)
			break;
	said[have] = 0;
}

enum starve_end
starve_run(bool (*play)(void *arg), void *arg, char *said, size_t n)
{
	int ends[2], status = 0;
	pid_t pid;

	if (pipe(ends) || fflush(NULL))
		abort();
	pid = fork();
	if (pid < 0)
		abort();
	if (!pid) {
		static const int faults[] = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL};
		bool well;

		for (size_t i = 0; i < ARRAY_SIZE(faults); i++)
			signal(faults[i], SIG_DFL); /* what a test's framework makes of them */
		dup2(ends[1], STDERR_FILENO);
		close(ends[0]);
		close(ends[1]);
		well = play(arg);
		fflush(NULL);
		_exit(well ? 0 : 1);
	}
	close(ends[1]);
	read_all(ends[0], said, n);
	close(ends[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status))
		return WEXITSTATUS(status) ? STARVE_WRONG : STARVE_LIVED;
	/* An assertion is of what must never be, not even without memory. */
	return WTERMSIG(status) == SIGABRT && !strstr(said, "Assertion") ? STARVE_ENDED
	                                                                 : STARVE_WRONG;
}
