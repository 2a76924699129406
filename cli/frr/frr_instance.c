/* SPDX-License-Identifier: Apache-2.0 */
/* The speaker's life: see frr_speaker.h. */
#define _GNU_SOURCE
#include "cli/frr/frr_instance.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/files/helper_process.h"

#define PAUSE_FIRST SECONDS(1) /* before a daemon that ended is started again */
#define PAUSE_MAX   SECONDS(60)
#define REPORTS_MAX (64u << 10)  /* octets of reports that wait */
#define CALM        SECONDS(120) /* after which deaths are forgotten */

struct speaker {
	struct text reports; /* of which none has room on the line yet */
	const char *netns;   /* where nodes live of which nothing else is said; NULL: here */
	struct frr_instance *instances;
	size_t n_instances;
};

static msec
now_of(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (msec)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* --- what it says ----------------------------------------------------------------------------- */

/* A node's name and a report, each with its 0. Who does not listen loses what is too much. */
__attribute__((format(printf, 2, 3))) static void
say_report(const struct frr_instance *i, const char *format, ...)
{
	char report[FRR_REPORT_MAX];
	va_list ap;

	va_start(ap, format);
	vsnprintf(report, sizeof(report), format, ap);
	va_end(ap);
	if (i->reports->n > REPORTS_MAX)
		return;
	text_add(i->reports, i->node, strlen(i->node) + 1);
	text_add(i->reports, report, strlen(report) + 1);
}

/* One at a time: the line takes it whole, or has no room, which is waited for elsewhere. */
static void
send_reports(struct text *reports)
{
	while (reports->n) {
		size_t n = strlen(reports->p) + 1;

		n += strlen(reports->p + n) + 1;
		if (send(HELPER_LINE, reports->p, n, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
			break;
		reports->n -= n;
		memmove(reports->p, reports->p + n, reports->n + 1);
	}
}

/* --- what it is told -------------------------------------------------------------------------- */

/* The first line of what vtysh says, and no more: it may quote a key. */
static void
say_refused(const struct frr_instance *i, const struct text *said)
{
	const char *line = strstr(text_string(said), "line ");
	const unsigned long number = line ? strtoul(line + strlen("line "), NULL, 10) : 0;

	if (number)
		say_report(i, "FRR does not take line %lu of what it is told", number);
	else
		say_report(i, "FRR does not take all that it is told");
}

static bool
give_all(struct frr_instance *i, struct text *said)
{
	bool taken = frr_vtysh_give(i, &i->wanted, said);

	if (taken) {
		text_clear(&i->applied);
		text_puts(&i->applied, text_string(&i->wanted));
		i->fresh = false;
	}
	return taken;
}

/* The difference; a daemon that has just been started is told all. */
static bool
give_change(struct frr_instance *i, struct text *said)
{
	struct text change = TEXT_INIT;
	bool taken;

	frr_change(text_string(&i->applied), text_string(&i->wanted), &change);
	taken = frr_vtysh_give(i, &change, said);
	text_fini(&change);
	if (taken && i->fresh)
		return give_all(i, said);
	if (taken) {
		text_clear(&i->applied);
		text_puts(&i->applied, text_string(&i->wanted));
	}
	return taken;
}

/* Tries once more from nothing before it says that FRR does not want it. */
static void
give_wanted(struct frr_instance *i)
{
	struct text said = TEXT_INIT;
	bool taken = give_change(i, &said);

	/* What is refused has been taken in part. */
	if (i->routing == FRR_OWN && ((!taken && i->applied.n) || i->dirty)) {
		frr_daemons_stop(i);
		text_clear(&said);
		taken = !frr_daemons_start(i) && give_all(i, &said);
	}
	i->dirty = !taken;
	if (!taken && i->routing == FRR_SYSTEM)
		text_puts(&i->applied, text_string(&i->wanted));
	if (!taken)
		say_refused(i, &said);
	text_fini(&said);
}

static void
try_later(struct frr_instance *i)
{
	msec pause = PAUSE_FIRST << (i->deaths < 6 ? i->deaths : 6);

	i->deaths++;
	i->again = now_of() + (pause < PAUSE_MAX ? pause : PAUSE_MAX);
}

/* The first that is needed and does not run; NULL: none. */
static const char *
daemon_missing(const struct frr_instance *i, const char *running)
{
	for (int d = 0; d < FRR_DAEMONS; d++)
		if (i->daemons & FRR_DAEMON(d) && !strstr(running, frr_daemon_names[d]))
			return frr_daemon_names[d];
	return NULL;
}

/* Does a machine's FRR run, all that is needed of it? */
static bool
machine_speaks(struct frr_instance *i)
{
	struct text running = TEXT_INIT;
	bool answers = frr_vtysh_ask(i, "show daemons", &running);
	const char *missing = daemon_missing(i, text_string(&running));

	if (!answers)
		say_report(i, "the machine's FRR does not answer");
	else if (missing)
		say_report(i, "the machine's FRR has no %s", missing);
	text_fini(&running);
	return answers && !missing;
}

/* What it has itself is neither told nor taken back. */
static bool
machine_read(struct frr_instance *i)
{
	struct text beside = TEXT_INIT;
	struct span clash;

	if (!machine_speaks(i))
		return false;
	if (!i->base.n && !frr_vtysh_ask(i, "show running-config", &i->base)) {
		text_clear(&i->base);
		return false;
	}
	clash = frr_clash(text_string(&i->wanted), text_string(&i->base));
	if (clash.n) {
		say_report(i, "the machine's FRR has \"%.*s\" of its own, and is told nothing",
		           (int)clash.n, (const char *)clash.p);
		if (!i->applied.n)
			text_clear(&i->base); /* it may change */
		return false;
	}
	frr_beside(text_string(&i->wanted), text_string(&i->base), &beside);
	text_fini(&i->wanted);
	i->wanted = beside;
	return true;
}

static bool
own_start(struct frr_instance *i)
{
	int error = i->daemons ? frr_daemons_start(i) : 0;

	if (error)
		say_report(i, "FRR does not start: %s", strerror(-error));
	return !error;
}

static void
update_instance(struct frr_instance *i)
{
	i->again = MSEC_NEVER;
	if (i->routing == FRR_SYSTEM ? !machine_read(i) : !own_start(i)) {
		try_later(i);
		return;
	}
	i->started = now_of();
	give_wanted(i);
}

/* --- orders ----------------------------------------------------------------------------------- */

static struct frr_instance *
instance_get(struct speaker *s, const char *node)
{
	struct frr_instance *i;

	for (i = s->instances; i && strcmp(i->node, node) != 0; i = i->next)
		;
	if (i || s->n_instances == FRR_INSTANCES_MAX)
		return i;
	s->n_instances++;
	i = x_alloc(sizeof(*i));
	i->reports = &s->reports;
	snprintf(i->node, sizeof(i->node), "%s", node);
	i->again = MSEC_NEVER;
	i->next = s->instances;
	s->instances = i;
	return i;
}

/* The machine's FRR forgets what it was told here, and nothing else. */
static void
silence_instance(struct frr_instance *i)
{
	text_clear(&i->wanted);
	i->daemons = 0;
	i->again = MSEC_NEVER;
	if (i->routing == FRR_SYSTEM && i->applied.n)
		give_wanted(i);
	else
		frr_daemons_stop(i);
	text_clear(&i->base);
}

static bool
take_text(struct frr_instance *i, size_t size)
{
	char piece[4096];

	text_clear(&i->wanted);
	while (size) {
		size_t n = size < sizeof(piece) ? size : sizeof(piece);

		if (!helper_take(HELPER_LINE, piece, n))
			return false;
		text_add(&i->wanted, piece, n);
		size -= n;
	}
	explicit_bzero(piece, sizeof(piece));
	return true;
}

/* What the order is, and the descriptor that comes with it; -1: none. */
static bool
take_verb(uint8_t *ret_verb, int *ret_fd)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec octet = {ret_verb, 1};
	struct msghdr m = {.msg_iov = &octet,
	                   .msg_iovlen = 1,
	                   .msg_control = &control,
	                   .msg_controllen = sizeof(control)};
	const struct cmsghdr *c;

	*ret_fd = -1;
	if (recvmsg(HELPER_LINE, &m, MSG_CMSG_CLOEXEC) != 1)
		return false;
	c = CMSG_FIRSTHDR(&m);
	if (c && c->cmsg_type == SCM_RIGHTS && c->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(ret_fd, CMSG_DATA(c), sizeof(*ret_fd));
	return true;
}

static bool
serve_question(struct speaker *s, int out)
{
	char node[FRR_NAME_MAX];
	const struct frr_instance *i = s->instances;
	uint8_t question;

	if (!helper_take_word(HELPER_LINE, node, sizeof(node)) ||
	    !helper_take(HELPER_LINE, &question, sizeof(question)) || question >= FRR_QUESTIONS)
		return false;
	while (i && strcmp(i->node, node) != 0)
		i = i->next;
	if (i && out >= 0 && (i->routing == FRR_SYSTEM ? i->applied.n > 0 : i->dir != NULL))
		frr_vtysh_answer(i, question, out);
	return true;
}

static bool
serve_told(struct speaker *s)
{
	char node[FRR_NAME_MAX], netns[FRR_NAME_MAX];
	struct frr_order order;
	struct frr_instance *i;

	if (!helper_take_word(HELPER_LINE, node, sizeof(node)) ||
	    !helper_take_word(HELPER_LINE, netns, sizeof(netns)) ||
	    !helper_take(HELPER_LINE, &order, sizeof(order)) || order.size > FRR_TEXT_MAX ||
	    strchr(netns, '/') || netns[0] == '.')
		return false;
	i = instance_get(s, node);
	if (!i || !take_text(i, order.size))
		return false;
	i->routing = order.routing == FRR_SYSTEM ? FRR_SYSTEM : FRR_OWN;
	free(i->netns);
	i->netns = *netns ? x_strdup(netns) : s->netns ? x_strdup(s->netns) : NULL;
	if (!order.daemons) {
		silence_instance(i);
		return true;
	}
	i->daemons = order.daemons;
	frr_daemons_end_idle(i);
	i->deaths = 0;
	update_instance(i);
	return true;
}

static bool
serve_order(struct speaker *s)
{
	uint8_t verb;
	bool good;
	int fd;

	if (!take_verb(&verb, &fd))
		return false;
	good = verb == FRR_ASK ? serve_question(s, fd) : verb == FRR_TELL && serve_told(s);
	if (fd >= 0)
		close(fd);
	return good;
}

/* --- deaths ----------------------------------------------------------------------------------- */

static void
note_death(struct frr_instance *i, int d)
{
	i->pids[d] = 0;
	if (now_of() - i->started > CALM)
		i->deaths = 0;
	if (i->again == MSEC_NEVER) {
		try_later(i);
		say_report(i, "FRR's %s has ended; it is started again in %d s",
		           frr_daemon_names[d], (int)((i->again - now_of() + 999) / 1000));
	}
}

static void
bury_ended(struct speaker *s, int children)
{
	struct signalfd_siginfo info;
	pid_t pid;

	while (read(children, &info, sizeof(info)) > 0)
		;
	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		for (struct frr_instance *i = s->instances; i; i = i->next)
			for (int d = 0; d < FRR_DAEMONS; d++)
				if (i->pids[d] == pid)
					note_death(i, d);
}

static int
wait_time(const struct speaker *s)
{
	msec now = now_of(), next = MSEC_NEVER;

	for (const struct frr_instance *i = s->instances; i; i = i->next)
		if (i->again < next)
			next = i->again;
	return next == MSEC_NEVER ? -1 : next > now ? (int)(next - now) : 0;
}

static void
try_again(struct speaker *s)
{
	for (struct frr_instance *i = s->instances; i; i = i->next)
		if (i->again <= now_of()) {
			unsigned deaths = i->deaths;

			update_instance(i);
			if (i->again == MSEC_NEVER)
				i->deaths = deaths;
		}
}

/* --- its life --------------------------------------------------------------------------------- */

static bool
become_speaker(int *ret_children)
{
	const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	sigset_t child;

	for (int fd = 0; fd <= 2; fd++)
		if (dup2(null, fd) < 0)
			return false;
	close(null);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	signal(SIGCHLD, SIG_DFL);
	*ret_children = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
	return *ret_children >= 0 && setsid() >= 0 && chdir("/") == 0;
}

/*
 * A process that does nothing but see the speaker end: daemons of one that is killed would go on
 * with what they were told, and another speaker's would speak beside them. A signal at the parent's
 * death would not do, for daemons change their user.
 */
static void
start_undertaker(void)
{
	const pid_t speaker = getpid();
	char nothing;
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		return;
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_NAME, "testudo-frr-end", 0, 0, 0);
		if (dup2(ends[0], HELPER_LINE) == HELPER_LINE) {
			closefrom(HELPER_LINE + 1);
			while (read(HELPER_LINE, &nothing, 1) < 0 && errno == EINTR)
				;
			frr_daemons_bury(speaker);
		}
		_exit(EXIT_SUCCESS);
	}
	close(ends[0]);
	if (pid < 0)
		close(ends[1]);
}

static void
end_all(struct speaker *s)
{
	struct frr_instance *i;

	while ((i = s->instances)) {
		s->instances = i->next;
		silence_instance(i);
		text_fini(&i->wanted);
		text_fini(&i->applied);
		text_fini(&i->base);
		free(i->netns);
		free(i);
	}
}

void
frr_instances_run(void *arg)
{
	struct speaker s = {.netns = arg};
	struct pollfd fds[2] = {{.fd = HELPER_LINE, .events = POLLIN}, {.events = POLLIN}};

	if (!become_speaker(&fds[1].fd))
		return;
	frr_daemons_bury(0);
	start_undertaker();
	for (;;) {
		send_reports(&s.reports);
		fds[0].events = (short)(POLLIN | (s.reports.n ? POLLOUT : 0));
		if (poll(fds, ARRAY_SIZE(fds), wait_time(&s)) < 0 && errno != EINTR)
			break;
		if (fds[1].revents)
			bury_ended(&s, fds[1].fd);
		try_again(&s);
		if (fds[0].revents & ~POLLOUT && !serve_order(&s))
			break;
	}
	end_all(&s);
	text_fini(&s.reports);
}
