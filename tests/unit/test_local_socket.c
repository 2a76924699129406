/* SPDX-License-Identifier: Apache-2.0 */
/* The socket of `testudo sh`: of routers that start at one path at one time, one gets it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/local/local_socket.h"

#define ROUTERS 8
#define ROUNDS  60

/* As a router leaves it that was killed. */
static void
leave_socket(const char *path)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s", path);
	assert_int_equal(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	close(fd);
}

/* Exit status 0: it has the socket, and keeps it until the others have tried. */
static pid_t
start_router(const char *path, int begin, int done, int end)
{
	pid_t pid = fork();
	int64_t group;
	char octet;
	int fd;

	assert_true(pid >= 0);
	if (pid)
		return pid;
	if (read(begin, &octet, 1) < 0)
		_exit(2);
	fd = local_bind(path, &group);
	if (write(done, "x", 1) != 1 || read(end, &octet, 1) < 0)
		_exit(2);
	_exit(fd >= 0 ? 0 : fd == -EADDRINUSE ? 1 : 2);
}

static void
start_together(const char *path)
{
	pid_t pids[ROUTERS];
	int begin[2], done[2], end[2], status, fd;
	unsigned winners = 0;
	char octets[ROUTERS];

	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, begin), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, end), 0);
	assert_int_equal(pipe(done), 0);
	for (size_t i = 0; i < ROUTERS; i++)
		pids[i] = start_router(path, begin[0], done[1], end[0]);
	for (size_t i = 0; i < ROUTERS; i++)
		assert_int_equal(write(begin[1], "x", 1), 1);
	for (size_t i = 0; i < ROUTERS; i++)
		assert_int_equal(read(done[0], &octets[i], 1), 1);
	fd = local_connect(path); /* whoever won is there */
	assert_true(fd >= 0);
	close(fd);
	for (size_t i = 0; i < ROUTERS; i++)
		assert_int_equal(write(end[1], "x", 1), 1);
	for (size_t i = 0; i < ROUTERS; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 2);
		winners += WEXITSTATUS(status) == 0;
	}
	assert_int_equal(winners, 1);
	for (int i = 0; i < 2; i++) {
		close(begin[i]);
		close(end[i]);
		close(done[i]);
	}
}

static void
test_one_takes_what_was_left(void **state)
{
	char folder[] = "/tmp/testudo-local.XXXXXX", path[64];

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/sock", folder);
	for (int i = 0; i < ROUNDS; i++) {
		leave_socket(path);
		start_together(path);
		unlink(path);
	}
	assert_int_equal(rmdir(folder), 0); /* and nothing else is left */
}

static void
test_nothing_but_a_socket_goes(void **state)
{
	char folder[] = "/tmp/testudo-local.XXXXXX", path[64];
	int64_t group;
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/sock", folder);
	f = fopen(path, "w");
	fclose(f);
	assert_int_equal(local_bind(path, &group), -EEXIST);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(local_bind(path, &group), -EEXIST);
	rmdir(path);
	rmdir(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_one_takes_what_was_left),
	    cmocka_unit_test(test_nothing_but_a_socket_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
