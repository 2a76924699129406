/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What tests of a kernel's dataplane share: commands of the shell, by themselves and while a loop
 * turns, and the turn that tests with namespaces take.
 */
#ifndef TESTUDO_TESTS_KERNEL_H
#define TESTUDO_TESTS_KERNEL_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "runtime/dataplane/kernel/xfrm.h" /* and with it the loop */

static inline int
run_command(const char *format, ...)
{
	char command[1024];
	va_list ap;

	va_start(ap, format);
	vsnprintf(command, sizeof(command), format, ap);
	va_end(ap);
	return system(command);
}

/* What they write stands here, and is gone with them. */
#define SCRATCH "/tmp/testudo-turn"

static pid_t scratch_owner; /* 0: it is not there yet */

static inline void
remove_scratch(void)
{
	if (getpid() == scratch_owner) /* and no child of the test */
		run_command("rm -rf " SCRATCH);
}

/* Tests that build namespaces take turns, whoever started them (tests/netns/needs.sh). */
static inline void
take_turn(void)
{
	static int lock = -1;

	if (lock < 0)
		lock = open("/run", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (lock >= 0)
		flock(lock, LOCK_EX);
	if (scratch_owner)
		return;
	scratch_owner = getpid();
	/* tcpdump writes as a user of its own */
	run_command("rm -rf " SCRATCH "; mkdir -m 1777 " SCRATCH);
	atexit(remove_scratch);
}

static inline const char *
device_of(void *arg, const char *interface)
{
	(void)arg;
	return strcmp(interface, "FastEthernet0/0") ? NULL : "c0";
}

struct command {
	uv_process_t process;
	int64_t status;
	bool done;
};

static inline void
on_exit_of(uv_process_t *p, int64_t status, int signal)
{
	struct command *c = p->data;

	c->status = signal ? 128 + signal : status;
	c->done = true;
	uv_close((uv_handle_t *)p, NULL);
}

static inline int
in_loop(uv_loop_t *loop, const char *format, ...)
{
	struct command c = {.process.data = &c};
	char text[512], *args[] = {"/bin/sh", "-c", text, NULL};
	uv_process_options_t o = {.file = args[0], .args = args, .exit_cb = on_exit_of};
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	assert_int_equal(uv_spawn(loop, &c.process, &o), 0);
	while (!c.done)
		uv_run(loop, UV_RUN_ONCE);
	uv_run(loop, UV_RUN_NOWAIT);
	return (int)c.status;
}

#endif
