/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The client of a router's Unix socket: see sh.h. The router has the session; this is its terminal
 * and its streams. One thread waits for stdin and the socket. What stdin says is read when the
 * router has taken what was read before; the router's output is written as it comes, and while
 * nobody takes it the router waits.
 */
#include "cli/tools/sh.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <glob.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "cli/local/frame.h"
#include "cli/local/local.h"
#include "cli/local/local_socket.h"
#include "cli/tools/usage.h"
#include "compiler/base/text.h"

#define HELP      "testudo sh --help"
#define READ_SIZE 4096

const char sh_help[] =
    "Usage: testudo sh [OPTION]...\n"
    "\n"
    "Lines of a router of this machine (testudo run --socket), for root and the group testudo. On\n"
    "a terminal it is a terminal; else stdin is a script, each line as it is typed.\n"
    "\n"
    "  -c COMMAND       run this command, print what it prints, and end; again for more of them\n"
    "  --socket PATH    where the router listens (the one in " LOCAL_FOLDER " when left out)\n"
    "  --complete LINE  print what `?` says to LINE, a word and its help on each line\n"
    "\n"
    "The exit status is 0, or 1 when a line was refused (it is told on stderr), or 2 for wrong\n"
    "usage or where there is no router.\n";

struct client {
	const char *socket, *line; /* line: to complete; NULL: none is */
	struct text commands;      /* frames */
	bool has_commands;
	int fd;
	bool terminal; /* a session on stdin and stdout */
	bool hears;    /* stdin is still read */
	struct text out, in;
	size_t out_from;
	int status; /* of the session; -1: not told yet */
};

/* --- the terminal as it was ------------------------------------------------------------------- */

/* One terminal in a process; static for exit handlers and signals. */
static struct {
	volatile sig_atomic_t changed, resized;
	struct termios termios;
} tty;

/* Async-signal-safe. */
static void
restore_tty(void)
{
	if (!tty.changed)
		return;
	tty.changed = 0;
	tcsetattr(STDIN_FILENO, TCSADRAIN, &tty.termios);
}

static void
on_fatal(int number)
{
	restore_tty();
	raise(number); /* its handler has been reset to the default */
}

static void
on_resized(int number)
{
	(void)number;
	tty.resized = 1;
}

static void
raw_mode(void)
{
	static const int numbers[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGABRT, SIGSEGV};
	struct sigaction fatal = {.sa_handler = on_fatal, .sa_flags = (int)SA_RESETHAND};
	struct sigaction resized = {.sa_handler = on_resized};
	struct termios raw;

	if (tcgetattr(STDIN_FILENO, &tty.termios))
		return;
	tty.changed = 1;
	atexit(restore_tty);
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		sigaction(numbers[i], &fatal, NULL);
	sigaction(SIGWINCH, &resized, NULL);
	raw = tty.termios;
	cfmakeraw(&raw);
	tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
}

/* --- to the router ---------------------------------------------------------------------------- */

static void
put_frame(struct text *t, enum frame_type type, const void *body, size_t n)
{
	unsigned char head[FRAME_HEAD];

	frame_head(head, type, n);
	text_add(t, (const char *)head, sizeof(head));
	if (n)
		text_add(t, body, n);
}

static void
put_size(struct client *c, enum frame_type type)
{
	unsigned char body[FRAME_SIZE_BODY];
	struct winsize size = {0};

	if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size))
		size = (struct winsize){0};
	frame_put_size(body, size.ws_col, size.ws_row);
	put_frame(&c->out, type, body, sizeof(body));
}

static void
put_wish(struct client *c)
{
	static const char version = FRAME_VERSION;

	put_frame(&c->out, FRAME_HELLO, &version, 1);
	if (c->line) {
		put_frame(&c->out, FRAME_HELP, c->line, strlen(c->line));
	} else if (c->has_commands) {
		text_add(&c->out, c->commands.p, c->commands.n);
		put_frame(&c->out, FRAME_RUN, NULL, 0);
	} else if (c->terminal) {
		put_size(c, FRAME_TERMINAL);
	} else {
		put_frame(&c->out, FRAME_SCRIPT, NULL, 0);
	}
	/* A person at a terminal would not see the question that is to be answered. */
	c->hears = !c->line && (c->terminal || !isatty(STDIN_FILENO));
	if (!c->hears && !c->line)
		put_frame(&c->out, FRAME_END, NULL, 0);
}

/* False: the router is gone. */
static bool
send_out(struct client *c)
{
	ssize_t n = send(c->fd, c->out.p + c->out_from, c->out.n - c->out_from, MSG_NOSIGNAL);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	c->out_from += (size_t)n;
	if (c->out_from == c->out.n) {
		explicit_bzero(c->out.p, c->out.n);
		c->out_from = c->out.n = 0;
	}
	return true;
}

static void
hear_stdin(struct client *c)
{
	char buf[READ_SIZE];
	ssize_t n = read(STDIN_FILENO, buf, sizeof(buf));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n > 0) {
		put_frame(&c->out, FRAME_DATA, buf, (size_t)n);
	} else {
		c->hears = false;
		put_frame(&c->out, FRAME_END, NULL, 0);
	}
	explicit_bzero(buf, sizeof(buf));
}

/* --- from the router -------------------------------------------------------------------------- */

/* False: nobody will ever read it. */
static bool
write_all(int fd, struct span text)
{
	while (text.n) {
		ssize_t n = write(fd, text.p, text.n);

		if (n < 0 && errno == EAGAIN)
			poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, -1);
		else if (n < 0 && errno != EINTR)
			return false;
		else if (n > 0)
			text = SPAN(text.p + n, text.n - (size_t)n);
	}
	return true;
}

/* False: the session is over, or the router speaks nonsense. */
static bool
take_frame(struct client *c, const struct frame *f)
{
	switch (f->type) {
	case FRAME_OUT:
		return write_all(STDOUT_FILENO, f->body);
	case FRAME_ERR:
		return write_all(STDERR_FILENO, f->body);
	case FRAME_STATUS:
		c->status = f->body.n == 1 ? f->body.p[0] : EXIT_USAGE;
		return false;
	default:
		return false;
	}
}

static bool
take_frames(struct client *c)
{
	size_t from = 0;
	struct frame f;
	int n;

	while ((n = frame_take(c->in.p + from, c->in.n - from, &f)) > 0) {
		if (!take_frame(c, &f))
			return false;
		from += (size_t)n;
	}
	c->in.n -= from;
	memmove(c->in.p, c->in.p + from, c->in.n);
	return n == 0;
}

/* False: the session is over. */
static bool
hear_router(struct client *c)
{
	char buf[READ_SIZE];
	ssize_t n = recv(c->fd, buf, sizeof(buf), MSG_DONTWAIT);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return true;
	if (n <= 0)
		return false;
	text_add(&c->in, buf, (size_t)n);
	return take_frames(c);
}

/* --- a session -------------------------------------------------------------------------------- */

static bool
take_turn(struct client *c)
{
	struct pollfd p[2] = {{.fd = c->fd, .events = POLLIN}, {.fd = -1, .events = POLLIN}};
	bool alive = true;

	if (tty.resized) {
		tty.resized = 0;
		put_size(c, FRAME_SIZE);
	}
	if (c->out.n)
		p[0].events |= POLLOUT;
	else if (c->hears)
		p[1].fd = STDIN_FILENO;
	if (poll(p, ARRAY_SIZE(p), -1) < 0)
		return errno == EINTR;
	if (p[0].revents & (POLLIN | POLLHUP | POLLERR))
		alive = hear_router(c);
	if (alive && (p[0].revents & POLLOUT))
		alive = send_out(c) || hear_router(c);
	if (alive && p[1].revents)
		hear_stdin(c);
	return alive;
}

static int
run_session(struct client *c)
{
	put_wish(c);
	fcntl(c->fd, F_SETFL, O_NONBLOCK);
	if (c->terminal)
		raw_mode();
	while (take_turn(c))
		;
	restore_tty();
	if (c->status >= 0)
		return c->status;
	fputs("testudo: the router has ended the session\n", stderr);
	return EXIT_USAGE;
}

/* --- which router ----------------------------------------------------------------------------- */

static int
no_router(const char *path, int error)
{
	fprintf(stderr, "testudo: %s: %s%s\n", path, strerror(error),
	        error == EACCES         ? " (root and the group " LOCAL_GROUP " may come in)"
	        : error == ECONNREFUSED ? " (no router listens there)"
	                                : "");
	if (error == EACCES)
		return usage_next("usermod -aG " LOCAL_GROUP
		                  " NAME, as root, which counts from NAME's next login on");
	return usage_next("systemctl status testudo, testudo help sh");
}

static int
open_session(struct client *c, const char *path)
{
	int status;

	c->fd = local_connect(path);
	if (c->fd < 0)
		return no_router(path, -c->fd);
	status = run_session(c);
	close(c->fd);
	return status;
}

/* Without --socket: the only one there is. */
static int
find_session(struct client *c)
{
	glob_t found = {0};
	int status = EXIT_USAGE;

	glob(LOCAL_FOLDER "/*.sock", 0, NULL, &found);
	if (found.gl_pathc == 1) {
		status = open_session(c, found.gl_pathv[0]);
	} else if (found.gl_pathc == 0) {
		fputs("testudo: there is no socket in " LOCAL_FOLDER
		      ": testudo run --socket PATH makes one\n",
		      stderr);
		usage_next("systemctl start testudo, testudo help sh");
	} else {
		fputs("testudo: which router? --socket is one of\n", stderr);
		for (size_t i = 0; i < found.gl_pathc; i++)
			fprintf(stderr, "  %s\n", found.gl_pathv[i]);
	}
	globfree(&found);
	return status;
}

static const struct option long_options[] = {
    {"socket", required_argument, NULL, 's'},
    {"complete", required_argument, NULL, 'C'},
    {NULL, 0, NULL, 0},
};

/* One option; 0, or the exit status. */
static int
take_option(int option, struct client *c)
{
	switch (option) {
	case 's':
		c->socket = optarg;
		return 0;
	case 'C':
		c->line = optarg;
		return strlen(optarg) <= FRAME_MAX ? 0 : usage_error(HELP, "LINE is too long");
	case 'c':
		if (strlen(optarg) > FRAME_MAX)
			return usage_error(HELP, "COMMAND is too long");
		c->has_commands = true;
		put_frame(&c->commands, FRAME_COMMAND, optarg, strlen(optarg));
		return 0;
	default:
		return EXIT_USAGE; /* getopt has said why */
	}
}

int
sh_main(int argc, char **argv)
{
	struct client c = {.status = -1};
	int option, status = 0;

	optind = 2;
	while (!status && (option = getopt_long(argc, argv, "c:", long_options, NULL)) != -1)
		status = take_option(option, &c);
	if (!status && optind < argc)
		status =
		    usage_error(HELP, "what is \"%s\"? A command stands behind -c", argv[optind]);
	c.terminal = !c.has_commands && !c.line && isatty(STDIN_FILENO);
	signal(SIGPIPE, SIG_IGN);
	if (!status)
		status = c.socket ? open_session(&c, c.socket) : find_session(&c);
	text_fini(&c.commands);
	text_fini(&c.out);
	text_fini(&c.in);
	return status;
}
