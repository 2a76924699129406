/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The process's own terminal: a child has a session on its stdin and stdout, which are pipes, files
 * or a pseudo-terminal; what comes out, how it ends, and what it leaves of the terminal is seen.
 */
#define _GNU_SOURCE /* pipe2, pseudo-terminals */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "cli/term/tty.h"

/* --- the child -------------------------------------------------------------------------------- */

static void *
engine_open(void *service, struct term *t)
{
	(void)t;
	return service;
}

static void
engine_line(void *arg, struct term *t, const char *line)
{
	char buf[256];
	int n = snprintf(buf, sizeof(buf), "<%.200s>\n", line);

	(void)arg;
	if (!strcmp(line, "exit")) {
		term_close(t);
		return;
	}
	if (!strcmp(line, "size"))
		n = snprintf(buf, sizeof(buf), "%u x %u\n", term_width(t), term_height(t));
	if (!strcmp(line, "flood"))
		for (int i = 0; i < 20000; i++)
			term_write(t, buf, (size_t)n);
	term_write(t, buf, (size_t)n);
	term_done(t);
}

static void
engine_done(void *arg, struct term *t, const char *line)
{
	(void)arg;
	(void)line;
	term_done(t);
}

static void
engine_interrupt(void *arg, struct term *t)
{
	(void)arg;
	term_done(t);
}

static const char *
engine_escape(void *arg, struct term *t, char key)
{
	(void)arg;
	(void)t;
	return key == 'D' ? NULL : TERM_KILL "\r";
}

static void
engine_prompt(void *arg, struct term *t, char buf[static TERM_PROMPT_MAX])
{
	(void)arg;
	(void)t;
	strcpy(buf, "R1#");
}

static void
engine_close(void *arg, struct term *t)
{
	(void)arg;
	(void)t;
}

static const struct term_ops ops = {
    .open = engine_open,
    .line = engine_line,
    .help = engine_done,
    .complete = engine_done,
    .interrupt = engine_interrupt,
    .escape = engine_escape,
    .prompt = engine_prompt,
    .close = engine_close,
};

static int tick_fd;

/* The loop is alive while this is called. */
static void
on_tick(uv_timer_t *timer)
{
	(void)timer;
	if (write(tick_fd, ".", 1) != 1)
		return;
}

static void
on_closed(void *arg)
{
	uv_close(arg, NULL);
}

static void __attribute__((noreturn)) child(void)
{
	uv_loop_t loop;
	uv_timer_t timer;
	struct tty *tty;

	alarm(60); /* as below: its parent may be gone */
	signal(SIGPIPE, SIG_IGN);
	uv_loop_init(&loop);
	uv_timer_init(&loop, &timer);
	uv_timer_start(&timer, on_tick, 1, 1);
	if (tty_open(&loop, &ops, NULL, on_closed, &timer, &tty) < 0)
		exit(3);
	uv_run(&loop, UV_RUN_DEFAULT);
	exit(uv_loop_close(&loop) ? 4 : 0);
}

/* --- the parent ------------------------------------------------------------------------------- */

struct run {
	pid_t pid;
	int out, tick; /* the child's stdout, and its ticks */
	char *text;
	size_t n, capacity;
};

/* in: the child's stdin; out: its stdout, or -1 for a pipe that run_more reads. */
static void
run_start(struct run *r, int in, int out)
{
	int p[2], tick[2];

	*r = (struct run){.out = -1};
	assert_int_equal(pipe2(p, O_CLOEXEC) | pipe2(tick, O_CLOEXEC | O_NONBLOCK), 0);
	fflush(NULL);
	r->pid = fork();
	assert_true(r->pid >= 0);
	if (!r->pid) {
		tick_fd = tick[1];
		close(p[0]);
		dup2(in, 0);
		dup2(out < 0 ? p[1] : out, 1);
		close(p[1]);
		child();
	}
	close(p[1]);
	close(tick[1]);
	r->tick = tick[0];
	r->out = p[0];
}

static bool
run_more(struct run *r, int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	ssize_t n;

	x_grow(&r->text, &r->capacity, r->n + 4097, 1);
	if (poll(&p, 1, 10000) <= 0)
		return false;
	n = read(fd, r->text + r->n, 4096);
	if (n <= 0)
		return false;
	r->n += (size_t)n;
	r->text[r->n] = '\0';
	return true;
}

static void
run_expect(struct run *r, int fd, const char *text)
{
	while (!r->text || !strstr(r->text, text))
		if (!run_more(r, fd))
			fail_msg("wanted <%s>, got <%.300s>", text, r->text ? r->text : "");
}

/* Its wait status. */
static int
run_end(struct run *r)
{
	int status = -1;

	waitpid(r->pid, &status, 0);
	close(r->out);
	close(r->tick);
	free(r->text);
	return status;
}

static void
a_pipe(void **state)
{
	static const char text[] = "one\ntwo\nflood\nthree\nhalf a";
	struct run r;
	int in[2];

	(void)state;
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(write(in[1], text, sizeof(text) - 1), sizeof(text) - 1);
	close(in[1]);
	run_start(&r, in[0], -1);
	close(in[0]);
	while (run_more(&r, r.out))
		;
	assert_non_null(strstr(r.text, "R1#one\r\n<one>\r\nR1#two\r\n<two>\r\nR1#flood\r\n"));
	assert_non_null(strstr(r.text, "R1#three\r\n<three>\r\nR1#"));
	assert_null(strstr(r.text, "<half"));
	assert_int_equal(run_end(&r), 0);
}

static void
test_files(void **state)
{
	char in_name[] = "/tmp/test_tty.XXXXXX", out_name[] = "/tmp/test_tty.XXXXXX";
	int in = mkstemp(in_name), out = mkstemp(out_name), null = open("/dev/null", O_RDWR);
	char text[200] = "";
	struct run r;

	(void)state;
	assert_int_equal(write(in, "one\ntwo\n", 8), 8);
	lseek(in, 0, SEEK_SET);
	run_start(&r, in, out);
	assert_int_equal(run_end(&r), 0);
	assert_true(pread(out, text, sizeof(text) - 1, 0) > 0);
	assert_string_equal(text, "R1#one\r\n<one>\r\nR1#two\r\n<two>\r\nR1#");
	run_start(&r, null, null);
	assert_int_equal(run_end(&r), 0);
	close(in);
	close(out);
	close(null);
	unlink(in_name);
	unlink(out_name);
}

static int
pty_open(int *ret_slave)
{
	struct winsize size = {.ws_col = 100, .ws_row = 30};
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	assert_true(master >= 0);
	assert_int_equal(grantpt(master) | unlockpt(master), 0);
	*ret_slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(*ret_slave >= 0);
	assert_int_equal(ioctl(*ret_slave, TIOCSWINSZ, &size), 0);
	return master;
}

static void
a_terminal(void **state)
{
	int slave, master = pty_open(&slave);
	struct termios before, during, after;
	struct run r;

	(void)state;
	tcgetattr(slave, &before);
	run_start(&r, slave, slave);
	run_expect(&r, master, "R1#");
	tcgetattr(slave, &during);
	assert_false(during.c_lflag & (ECHO | ICANON | ISIG));
	assert_int_equal(write(master, "size\r", 5), 5);
	run_expect(&r, master, "size\r\n100 x 30\r\nR1#");
	assert_int_equal(write(master, "exit\r", 5), 5);
	assert_int_equal(run_end(&r), 0);
	tcgetattr(slave, &after);
	assert_int_equal(after.c_lflag, before.c_lflag);
	assert_int_equal(after.c_oflag, before.c_oflag);
	assert_false(fcntl(slave, F_GETFL) & O_NONBLOCK);
	close(slave);
	close(master);
}

static void
a_signal_leaves_the_terminal_sane(void **state)
{
	int slave, master = pty_open(&slave), status;
	struct termios before, after;
	struct run r;

	(void)state;
	tcgetattr(slave, &before);
	run_start(&r, slave, slave);
	run_expect(&r, master, "R1#");
	kill(r.pid, SIGTERM);
	status = run_end(&r);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	tcgetattr(slave, &after);
	assert_int_equal(after.c_lflag, before.c_lflag);
	assert_false(fcntl(slave, F_GETFL) & O_NONBLOCK);
	close(slave);
	close(master);
}

static void
wait_ticks(struct run *r, unsigned n)
{
	struct pollfd p = {.fd = r->tick, .events = POLLIN};
	char c;

	while (n) {
		assert_int_equal(poll(&p, 1, 10000), 1);
		if (read(r->tick, &c, 1) == 1)
			n--;
		else
			fail_msg("the loop stands still");
	}
}

/* Nobody reads the output: the loop goes on; nobody can: the session ends. */
static void
a_stopped_reader(void **state)
{
	struct run r;
	int in[2];

	(void)state;
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	run_start(&r, in[0], -1);
	close(in[0]);
	run_expect(&r, r.out, "R1#");
	for (int i = 0; i < 500; i++)
		assert_int_equal(write(in[1], "flood\n", 6), 6);
	run_expect(&r, r.out, "<flood>");
	wait_ticks(&r, 300);
	close(r.out);
	r.out = -1;
	assert_int_equal(run_end(&r), 0);
	close(in[1]);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_pipe),           cmocka_unit_test(test_files),
	    cmocka_unit_test(a_terminal),       cmocka_unit_test(a_signal_leaves_the_terminal_sane),
	    cmocka_unit_test(a_stopped_reader),
	};

	signal(SIGPIPE, SIG_IGN);
	alarm(120); /* a child that never ends is a failure, not a wait */
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
