/* SPDX-License-Identifier: Apache-2.0 */
/* What a router says to its stderr and to systemd: nobody who does not read holds it up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/app/notify.h"
#include "cli/app/run_tell.h"
#include "compiler/base/text.h"

#define LINES 20000 /* more than any buffer of the kernel's holds */

/* --- stderr ----------------------------------------------------------------------------------- */

/* What is there now. */
static void
read_some(int fd, struct text *ret)
{
	char buf[4096];
	ssize_t n;

	text_clear(ret);
	while ((n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT)) > 0 ||
	       (n < 0 && errno == ENOTSOCK && (n = read(fd, buf, sizeof(buf))) > 0))
		text_add(ret, buf, (size_t)n);
}

/* The reading end does not block. */
static void
tell_nobody(int reading, int writing)
{
	int before = dup(STDERR_FILENO);
	struct text all = TEXT_INIT;
	size_t there;

	dup2(writing, STDERR_FILENO);
	for (int i = 0; i < LINES; i++)
		run_tell(TELL_INFO, "line %d of what nobody reads\n", i);
	read_some(reading, &all);
	there = all.n;
	run_tell(TELL_INFO, "one that is read\n");
	dup2(before, STDERR_FILENO);
	close(before);
	assert_true(there > 1000);
	assert_non_null(strstr(text_string(&all), "line 0 of"));
	read_some(reading, &all);
	assert_non_null(strstr(text_string(&all), " lines are lost: nobody read them\n"));
	assert_non_null(strstr(text_string(&all), "\none that is read\n"));
	text_fini(&all);
}

static void
test_a_pipe_that_nobody_reads(void **state)
{
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	tell_nobody(ends[0], ends[1]);
	assert_false(fcntl(ends[1], F_GETFL) & O_NONBLOCK); /* it is others' as well */
	close(ends[0]);
	close(ends[1]);
}

/* As the journal's. */
static void
test_a_socket_that_nobody_reads(void **state)
{
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	tell_nobody(ends[0], ends[1]);
	close(ends[0]);
	close(ends[1]);
}

/* --- systemd ---------------------------------------------------------------------------------- */

static void
test_systemd_does_not_read(void **state)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	char folder[] = "/tmp/testudo-tell.XXXXXX", buf[256];
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	unsigned alive = 0, ready = 0;
	ssize_t n;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s/s", folder);
	assert_int_equal(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	setenv("NOTIFY_SOCKET", sa.sun_path, 1);
	notify_open();
	for (int i = 0; i < LINES; i++)
		notify_tell(NOTIFY_ALIVE);
	notify_tell("READY=1");
	notify_tell(NOTIFY_ALIVE);
	while ((n = recv(fd, buf, sizeof(buf), 0)) > 0)
		alive += !strncmp(buf, NOTIFY_ALIVE, (size_t)n);
	assert_true(alive > 0 && alive < LINES);
	notify_tell(NOTIFY_ALIVE); /* and what was to be told before */
	while ((n = recv(fd, buf, sizeof(buf), 0)) > 0)
		ready += n == 7 && !memcmp(buf, "READY=1", 7);
	assert_int_equal(ready, 1);
	unsetenv("NOTIFY_SOCKET");
	unlink(sa.sun_path);
	rmdir(folder);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_pipe_that_nobody_reads),
	    cmocka_unit_test(test_a_socket_that_nobody_reads),
	    cmocka_unit_test(test_systemd_does_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
