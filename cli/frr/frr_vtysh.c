/* SPDX-License-Identifier: Apache-2.0 */
/* vtysh, which gives lines to those daemons that know them: see frr_instance.h. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/frr/frr_instance.h"

#define SAID_MAX    4096  /* octets that are kept of what it says */
#define PATIENCE    60000 /* milliseconds */
#define ANSWER_TIME 10    /* seconds, after which nobody listens any more */

static char *const environment[] = {(char *)(uintptr_t) "PATH=/usr/bin:/bin", NULL};

/* FRR's user may speak to its daemons, and is nobody else; it opens its input once more. */
static bool
become_frr(void)
{
	const struct passwd *user = getpwnam(FRR_USER);

	return user && !fchown(STDIN_FILENO, user->pw_uid, user->pw_gid) &&
	       !initgroups(FRR_USER, user->pw_gid) &&
	       !setresgid(user->pw_gid, user->pw_gid, user->pw_gid) &&
	       !setresuid(user->pw_uid, user->pw_uid, user->pw_uid) &&
	       !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

/* What vtysh is to do: read lines from its input, or commands (else NULL), which a NULL ends. */
struct call {
	const struct frr_instance *instance;
	const char *const *commands;
	const struct text *lines;
	struct text *said;
	size_t said_max; /* octets that are kept of it */
};

/* Never returns. */
static void
become_vtysh(const struct call *c, int in, int out)
{
	const char *args[6 + 2 * FRR_COMMANDS_MAX] = {FRR_VTYSH}; /* the last is NULL */
	size_t n = 1;
	sigset_t none;

	if (c->instance->routing == FRR_OWN) {
		args[n++] = "--vty_socket";
		args[n++] = c->instance->dir;
		args[n++] = "--config_dir";
		args[n++] = c->instance->dir;
	}
	for (size_t k = 0; c->commands && c->commands[k]; k++) {
		args[n++] = "-c";
		args[n++] = c->commands[k];
	}
	if (!c->commands) {
		args[n++] = "-f";
		args[n++] = "/dev/stdin";
	}
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (dup2(in, 0) == 0 && dup2(out, 1) == 1 && dup2(out, 2) == 2 && become_frr()) {
		closefrom(3);
		execve(args[0], (char *const *)(uintptr_t)args, environment);
	}
	_exit(EXIT_FAILURE);
}

/* Writes what it reads and reads what it says, until it has ended. False: it does not end. */
static bool
feed_lines(int in, int out, const struct call *c)
{
	const struct text *lines = c->lines;
	struct pollfd fds[2] = {{.fd = out, .events = POLLIN}, {.fd = in, .events = POLLOUT}};
	size_t given = 0;
	bool ended = false;
	char piece[512];

	fcntl(in, F_SETFL, O_NONBLOCK);

	for (;;) {
		if (given == lines->n && fds[1].fd >= 0) {
			close(fds[1].fd);
			fds[1].fd = -1;
		}
		if (poll(fds, 2, PATIENCE) <= 0)
			break;
		if (fds[1].fd >= 0 && fds[1].revents) {
			ssize_t n = write(fds[1].fd, lines->p + given, lines->n - given);

			if (n < 0 && errno != EAGAIN)
				break;
			given += n > 0 ? (size_t)n : 0;
		}
		if (fds[0].revents) {
			ssize_t n = read(out, piece, sizeof(piece));

			if (n <= 0) {
				ended = n == 0;
				break;
			}
			if (c->said->n < c->said_max)
				text_add(c->said, piece, (size_t)n);
		}
	}
	if (fds[1].fd >= 0)
		close(fds[1].fd);
	return ended && given == lines->n;
}

/*
 * vtysh has one status for all; a line that is wrong is told so. That it finds no file of its own
 * settings is none.
 */
static bool
was_refused(const struct text *said)
{
	static const char *const signs[] = {"% ", "Unknown command", "Ambiguous command",
	                                    "incomplete"};

	for (const char *line = text_string(said), *end; *line; line = *end ? end + 1 : end) {
		end = line + strcspn(line, "\n");
		if (strncmp(line, "% Can't open configuration file", 31) == 0)
			continue;
		for (size_t k = 0; k < ARRAY_SIZE(signs); k++)
			if (memmem(line, (size_t)(end - line), signs[k], strlen(signs[k])))
				return true;
	}
	return false;
}

/* False: it was not to be had, or did not read all. */
static bool
run_call(const struct call *c, int *ret_status)
{
	int in[2], out[2], status = 0;
	bool fed = false;
	pid_t pid;

	if (pipe2(in, O_CLOEXEC))
		return false;
	if (pipe2(out, O_CLOEXEC)) {
		close(in[0]);
		close(in[1]);
		return false;
	}
	pid = fork();
	if (pid == 0)
		become_vtysh(c, in[0], out[1]);
	close(in[0]);
	close(out[1]);
	if (pid > 0)
		fed = feed_lines(in[1], out[0], c);
	else
		close(in[1]);
	close(out[0]);
	if (pid < 0)
		return false;
	if (!fed)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	*ret_status = WEXITSTATUS(status);
	return fed && WIFEXITED(status);
}

bool
frr_vtysh_give(const struct frr_instance *i, const struct text *lines, struct text *said)
{
	int status;

	if (!lines->n)
		return true;
	if (frr_line_too_long(lines->p)) {
		text_printf(said, "line %u", frr_line_too_long(lines->p));
		return false;
	}
	return run_call(
		   &(struct call){
		       .instance = i, .lines = lines, .said = said, .said_max = SAID_MAX},
		   &status) &&
	       !was_refused(said);
}

bool
frr_vtysh_ask(const struct frr_instance *i, const char *command, struct text *answer)
{
	const char *const commands[] = {command, NULL};
	const struct text none = TEXT_INIT;
	int status;

	return run_call(&(struct call){.instance = i,
	                               .commands = commands,
	                               .lines = &none,
	                               .said = answer,
	                               .said_max = FRR_TEXT_MAX},
	                &status) &&
	       status == 0;
}

void
frr_vtysh_answer(const struct frr_instance *i, enum frr_question question, int out)
{
	const struct call c = {.instance = i, .commands = frr_questions[question]};
	int in[2];

	if (pipe2(in, O_CLOEXEC))
		return;
	if (fork() == 0) {
		alarm(ANSWER_TIME); /* it outlives what is executed */
		become_vtysh(&c, in[0], out);
	}
	close(in[0]);
	close(in[1]);
}
