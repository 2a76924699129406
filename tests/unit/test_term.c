/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Terminal sessions over real sockets: telnet negotiation, line ends, pastes, `?`, Tab, Ctrl keys,
 * questions, log lines. The engine behind them echoes; a client thread speaks TCP.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "cli/shell/history.h"
#include "cli/term/listener.h"
#include "cli/term/telnet.h"
#include "cli/term/term_line.h"

/* --- the engine ------------------------------------------------------------------------------- */

struct engine {
	unsigned lines;
	bool in_config, asking, insisting;
	struct history history;
	struct term *last;
	unsigned interrupts;
};

static void *
engine_open(void *service, struct term *t)
{
	((struct engine *)service)->last = t;
	return service;
}

static void
say_to(struct term *t, const char *format, const char *text)
{
	char buf[8192];
	int n = snprintf(buf, sizeof(buf), format, text);

	term_write(t, buf, (size_t)n);
}

static void
engine_line(void *arg, struct term *t, const char *line)
{
	struct engine *e = arg;

	if (e->insisting && strcmp(line, "enough") != 0) {
		term_ask(t, "Really?", true);
		return;
	}
	if (e->asking) {
		e->asking = e->insisting = false;
		say_to(t, "answer <%s>\n", line);
		term_done(t);
		return;
	}
	e->lines++;
	e->history.size = HISTORY_DEFAULT;
	history_add(&e->history, line);
	if (!strcmp(line, "exit")) {
		term_close(t);
		return;
	}
	if (!strcmp(line, "hang"))
		return; /* until Ctrl-C */
	if (!strcmp(line, "insist")) {
		e->asking = e->insisting = true;
		term_ask(t, "Really?", true);
		return;
	}
	if (!strcmp(line, "flood")) {
		for (unsigned i = 0; i < 4096; i++)
			say_to(t, "%s\n",
			       "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abc");
		term_done(t);
		return;
	}
	if (!strcmp(line, "ask")) {
		e->asking = true;
		term_ask(t, "Proceed? [confirm]", true);
		return;
	}
	if (!strncmp(line, "config", 6)) /* Tab adds a blank */
		e->in_config = true;
	else if (!strcmp(line, "end"))
		e->in_config = false;
	else if (!strcmp(line, "size")) {
		char size[64];

		snprintf(size, sizeof(size), "%u x %u", term_width(t), term_height(t));
		say_to(t, "%s\n", size);
	} else
		say_to(t, "<%s>\n", line);
	term_done(t);
}

static void
engine_help(void *arg, struct term *t, const char *line)
{
	(void)arg;
	say_to(t, "help of <%s>\n", line);
	term_done(t);
}

static void
engine_complete(void *arg, struct term *t, const char *line)
{
	(void)arg;
	size_t n = strlen(line);

	if (n >= 3 && !strcmp(line + n - 3, "con"))
		term_word(t, "config");
	term_done(t);
}

static void
engine_interrupt(void *arg, struct term *t)
{
	((struct engine *)arg)->interrupts++;
	((struct engine *)arg)->asking = ((struct engine *)arg)->insisting = false;
	say_to(t, "%s", "interrupted\n");
	term_done(t);
}

static const char *
engine_escape(void *arg, struct term *t, char key)
{
	struct engine *e = arg;

	(void)t;
	if (key == 'D')
		return NULL;
	return e->in_config ? TERM_KILL "end\r" : TERM_KILL "\r";
}

static void
engine_prompt(void *arg, struct term *t, char buf[static TERM_PROMPT_MAX])
{
	(void)t;
	strcpy(buf, ((struct engine *)arg)->in_config ? "R1(config)#" : "R1#");
}

static void
engine_close(void *arg, struct term *t)
{
	struct engine *e = arg;

	if (e->last == t)
		e->last = NULL;
	history_fini(&e->history);
}

static const char *
engine_history(void *arg, struct term *t, size_t i)
{
	(void)t;
	return history_back(&((struct engine *)arg)->history, i);
}

static const struct term_ops ops = {
    .open = engine_open,
    .line = engine_line,
    .help = engine_help,
    .complete = engine_complete,
    .interrupt = engine_interrupt,
    .escape = engine_escape,
    .prompt = engine_prompt,
    .close = engine_close,
    .history = engine_history,
};

/* --- the client, in a thread of its own ------------------------------------------------------- */

struct client {
	int fd;
	char *in; /* all that came, telnet taken out */
	size_t n, capacity;
};

static void
client_connect(struct client *c, uint16_t port)
{
	struct sockaddr_in sa = {.sin_family = AF_INET,
	                         .sin_port = htons(port),
	                         .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	*c = (struct client){.fd = socket(AF_INET, SOCK_STREAM, 0)};
	if (connect(c->fd, (struct sockaddr *)&sa, sizeof(sa)))
		abort();
}

static void
client_send(struct client *c, const char *data, size_t n)
{
	if (send(c->fd, data, n, MSG_NOSIGNAL) < 0)
		return;
}

/* Reads more; false at the end or when nothing comes for ten seconds. */
static bool
client_more(struct client *c)
{
	struct pollfd p = {.fd = c->fd, .events = POLLIN};
	unsigned char buf[65536];
	ssize_t n, i;

	if (poll(&p, 1, 10000) <= 0)
		return false;
	n = recv(c->fd, buf, sizeof(buf), 0);
	if (n <= 0)
		return false;
	x_grow(&c->in, &c->capacity, c->n + (size_t)n + 1, 1);
	for (i = 0; i < n; i++) {
		/* The negotiations of the start come in one piece: IAC, verb, option. */
		if (buf[i] == 255 && i + 2 < n && buf[i + 1] >= 250) {
			i += 2;
			continue;
		}
		c->in[c->n++] = (char)buf[i];
	}
	c->in[c->n] = '\0';
	return true;
}

static bool
client_expect(struct client *c, const char *text)
{
	while (!c->in || !strstr(c->in, text))
		if (!client_more(c)) {
			fprintf(stderr, "wanted <%s>, got <%s>\n", text, c->in ? c->in : "");
			return false;
		}
	return true;
}

static void
client_forget(struct client *c)
{
	c->n = 0;
	if (c->in)
		c->in[0] = '\0';
}

static void
client_close(struct client *c)
{
	close(c->fd);
	free(c->in);
}

/* --- a test: a server in the loop, a script in a thread --------------------------------------- */

struct rig {
	uv_loop_t loop;
	struct telnet_server *server;
	struct engine engine;
	uv_async_t over, log;
	const char *logs[3];
	bool (*script)(struct rig *rig, uint16_t port);
	bool ok;
	pthread_t thread;
};

static void *
run_script(void *arg)
{
	struct rig *rig = arg;

	rig->ok = rig->script(rig, telnet_port(rig->server));
	uv_async_send(&rig->over);
	return NULL;
}

static int blocked_fd = -1;

static void
on_log(uv_async_t *async)
{
	struct rig *rig = async->data;

	for (size_t i = 0; i < ARRAY_SIZE(rig->logs); i++)
		if (rig->logs[i] && rig->engine.last)
			term_notify(rig->engine.last, rig->logs[i]);
}

/* The loop's thread writes these log lines to the last session, all at once. */
static void
notify_lines(struct rig *rig, const char *one, const char *two, const char *three)
{
	rig->logs[0] = one;
	rig->logs[1] = two;
	rig->logs[2] = three;
	uv_async_send(&rig->log);
}

static void
on_over(uv_async_t *async)
{
	struct rig *rig = async->data;

	telnet_close(rig->server);
	uv_close((uv_handle_t *)&rig->log, NULL);
	uv_close((uv_handle_t *)async, NULL);
}

static void
play_rig(bool (*script)(struct rig *rig, uint16_t port))
{
	struct rig rig = {.script = script};

	uv_loop_init(&rig.loop);
	assert_int_equal(
	    telnet_listen(&rig.loop, listener_bind("127.0.0.1", 0), &ops, &rig.engine, &rig.server),
	    0);
	uv_async_init(&rig.loop, &rig.over, on_over);
	uv_async_init(&rig.loop, &rig.log, on_log);
	rig.over.data = rig.log.data = &rig;
	pthread_create(&rig.thread, NULL, run_script, &rig);
	uv_run(&rig.loop, UV_RUN_DEFAULT);
	pthread_join(rig.thread, NULL);
	assert_int_equal(uv_loop_close(&rig.loop), 0);
	assert_true(rig.ok);
}

#define WANT(cond)                                                                                 \
	do {                                                                                       \
		if (!(cond)) {                                                                     \
			fprintf(stderr, "%s:%d: %s\n  got <%s>\n", __FILE__, __LINE__, #cond,      \
			        c.in ? c.in : "");                                                 \
			return false;                                                              \
		}                                                                                  \
	} while (0)
#define SEND(text) client_send(&c, text, sizeof(text) - 1)

static bool
script_lines(struct rig *rig, uint16_t port)
{
	struct client c;

	(void)rig;
	client_connect(&c, port);
	WANT(client_expect(&c, "R1#"));
	WANT(!strcmp(c.in, "R1#"));
	client_forget(&c);
	SEND("one\r\ntwo\nthree\rfour\r\0config\n");
	WANT(client_expect(&c, "R1(config)#"));
	WANT(!strcmp(
	    c.in, "one\r\n<one>\r\nR1#two\r\n<two>\r\nR1#three\r\n<three>\r\nR1#four\r\n<four>\r\n"
		  "R1#config\r\nR1(config)#"));
	client_forget(&c);
	/* an empty line comes, too */
	SEND("\r\n");
	WANT(client_expect(&c, "#"));
	WANT(!strcmp(c.in, "\r\n<>\r\nR1(config)#"));
	client_forget(&c);
	SEND("\x1a"); /* Ctrl-Z */
	WANT(client_expect(&c, "R1#"));
	client_forget(&c);
	SEND("abc\x03"); /* Ctrl-C forgets the line */
	WANT(client_expect(&c, "R1#"));
	client_forget(&c);
	SEND("last\r");
	WANT(client_expect(&c, "<last>\r\nR1#"));
	SEND("exit\r");
	while (client_more(&c))
		;
	client_close(&c);
	return true;
}

static void
lines_and_their_ends(void **state)
{
	(void)state;
	play_rig(script_lines);
}

static bool
script_help(struct rig *rig, uint16_t port)
{
	struct client c;

	(void)rig;
	client_connect(&c, port);
	WANT(client_expect(&c, "R1#"));
	client_forget(&c);
	SEND("show cry?");
	WANT(client_expect(&c, "R1#show cry"));
	WANT(!strcmp(c.in, "show cry?\r\nhelp of <show cry>\r\nR1#show cry"));
	client_forget(&c);
	SEND("pto\r");
	WANT(client_expect(&c, "<show crypto>\r\nR1#"));
	client_forget(&c);
	SEND("con\t\r");
	WANT(client_expect(&c, "R1(config)#"));
	client_forget(&c);
	SEND("\x10\r"); /* Ctrl-P: the last line again */
	WANT(client_expect(&c, "config"));
	client_close(&c);
	return true;
}

static void
help_and_completion(void **state)
{
	(void)state;
	play_rig(script_help);
}

static bool
script_questions(struct rig *rig, uint16_t port)
{
	struct client c;

	client_connect(&c, port);
	WANT(client_expect(&c, "R1#"));
	client_forget(&c);
	/* the answers are typed ahead, as an expect script would; an empty one counts */
	SEND("ask\r\n\r\nask\ryes\r");
	WANT(client_expect(&c, "answer <yes>\r\nR1#"));
	WANT(
	    strstr(c.in, "Proceed? [confirm]\r\nanswer <>\r\nR1#ask\r\nProceed? [confirm]yes\r\n"));
	client_forget(&c);
	SEND("hang\r");
	WANT(client_expect(&c, "hang\r\n"));
	SEND("\x03");
	WANT(client_expect(&c, "interrupted\r\nR1#"));
	WANT(rig->engine.interrupts == 1);
	client_close(&c);
	return true;
}

static void
questions_and_interrupts(void **state)
{
	(void)state;
	play_rig(script_questions);
}

static bool
script_negotiation(struct rig *rig, uint16_t port)
{
	struct client c;

	(void)rig;
	client_connect(&c, port);
	WANT(client_expect(&c, "R1#"));
	client_forget(&c);
	/* WILL NAWS, SB NAWS 132 x 43, WILL TTYPE, SB TTYPE IS xterm-256color: nothing leaks */
	SEND("\xff\xfb\x1f\xff\xfa\x1f\x00\x84\x00\x2b\xff\xf0"
	     "\xff\xfb\x18\xff\xfa\x18\x00xterm-256color\xff\xf0"
	     "size\r");
	WANT(client_expect(&c, "132 x 43\r\nR1#"));
	WANT(!strcmp(c.in, "size\r\n132 x 43\r\nR1#"));
	client_close(&c);
	return true;
}

static void
negotiation_does_not_leak(void **state)
{
	(void)state;
	play_rig(script_negotiation);
}

/* Keys that a terminal sends and libcli does not know: none may leak, and none may wedge it. */
static bool
script_keys(struct rig *rig, uint16_t port)
{
	static const struct {
		const char *typed, *line;
	} t[] = {
	    {"a\x1b\r", "a"}, /* ESC, then Enter */
	    {"b\x1b[\r", "b"},
	    {"c\x1b[3~\x1b[15~\x1bOP\r", "c"},      /* Delete, F5, F1 */
	    {"d\x1b[200~e\x1b[201~\r", "de"},       /* a bracketed paste */
	    {"xy\x1b[D\x1b[Dz\r", "zxy"},           /* left, twice */
	    {"xy\x1bOD\x1bODz\x1b[Cw\r", "zxwy"},   /* application mode */
	    {"xy\x1b[Hz\x1b[Fw\r", "zxyw"},         /* Home, End */
	    {"f\x14\x0f\x1e\x1d\x1f\x01g\r", "gf"}, /* keys that do nothing; Ctrl-A */
	    {"what\x16?\r", "what?"},               /* Ctrl-V: no help */
	    {"abc\x02\x02\r", "abc"},               /* Enter within the line */
	    {"show what?\x15yes\r", "yes"},
	};
	struct client c;

	(void)rig;
	client_connect(&c, port);
	WANT(client_expect(&c, "R1#"));
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		char want[64];

		client_forget(&c);
		client_send(&c, t[i].typed, strlen(t[i].typed));
		snprintf(want, sizeof(want), "\r\n<%s>\r\nR1#", t[i].line);
		WANT(client_expect(&c, want));
	}
	/* Ctrl-P brings the line back as it was typed, the quoted mark too. */
	SEND("again\x16?\r");
	WANT(client_expect(&c, "<again?>\r\nR1#"));
	client_forget(&c);
	SEND("\x1b[A\x7f!\r");
	WANT(client_expect(&c, "\r\n<again!>\r\nR1#"));
	client_forget(&c);
	SEND("\r\r\r\x1b[A\r"); /* empty lines are not remembered */
	WANT(client_expect(&c, "<again!>\r\nR1#"));
	client_close(&c);
	return true;
}

static void
keys_do_not_leak(void **state)
{
	(void)state;
	play_rig(script_keys);
}

/* `?` within a pasted line shows a prompt of its own, which does not end the line. */
static bool
script_ahead(struct rig *rig, uint16_t port)
{
	struct client c;
	unsigned i;

	client_connect(&c, port);
	WANT(client_expect(&c, "R1#"));
	for (i = 0; i < 50; i++) {
		client_forget(&c);
		SEND("as?k\r\ras?k\rno\r");
		WANT(client_expect(&c, "answer <no>\r\nR1#"));
		WANT(strstr(c.in, "answer <>"));
	}
	/* an answer that leads to a question again, many times, costs no stack */
	client_forget(&c);
	SEND("insist\r");
	for (i = 0; i < 20000; i++)
		SEND("\r");
	SEND("enough\r");
	WANT(client_expect(&c, "answer <enough>\r\nR1#"));
	/* Ctrl-C withdraws a question, and stops a command that it was typed behind */
	client_forget(&c);
	SEND("ask\ry\x03");
	WANT(client_expect(&c, "interrupted\r\nR1#"));
	client_forget(&c);
	SEND("hang\r\x03");
	WANT(client_expect(&c, "interrupted\r\nR1#"));
	client_close(&c);
	(void)rig;
	return true;
}

static void
typing_ahead(void **state)
{
	(void)state;
	play_rig(script_ahead);
}

/* libcli copies a completion into its line of 4096 octets without looking. */
static bool
script_long(struct rig *rig, uint16_t port)
{
	struct client c;
	char line[5000];

	(void)rig;
	client_connect(&c, port);
	WANT(client_expect(&c, "R1#"));
	for (size_t n = 4080; n < 4100; n++) {
		memset(line, 'x', n);
		memcpy(line + n - 4, " con\t?\t", 7);
		client_send(&c, line, n + 3);
		SEND("\x15");
		client_forget(&c);
		SEND("\rhello\r");
		WANT(client_expect(&c, "<hello>\r\nR1#"));
	}
	client_close(&c);
	return true;
}

static void
long_lines(void **state)
{
	(void)state;
	play_rig(script_long);
}

/* `nc host port < file`: the end of the input is not the end of the session. */
static bool
script_half_close(struct rig *rig, uint16_t port)
{
	struct client c;

	(void)rig;
	client_connect(&c, port);
	SEND("one\ntwo\nask\nyes\nflood\nthree\nhalf a li");
	shutdown(c.fd, SHUT_WR);
	while (client_more(&c))
		;
	WANT(strstr(c.in, "<one>\r\n") && strstr(c.in, "<two>\r\n"));
	WANT(strstr(c.in, "answer <yes>") && strstr(c.in, "<three>\r\nR1#"));
	WANT(!strstr(c.in, "<half"));
	client_close(&c);
	return true;
}

static void
piped_input(void **state)
{
	(void)state;
	play_rig(script_half_close);
}

static size_t
resident_bytes(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	size_t total = 0, pages = 0;

	if (!f || fscanf(f, "%zu %zu", &total, &pages) != 2)
		pages = 0;
	if (f)
		fclose(f);
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* One client asks for 2 GB and reads none of it; another does not notice. */
static bool
script_blocked(struct rig *rig, uint16_t port)
{
	struct client c, deaf;
	size_t before, after;
	unsigned i;

	(void)rig;
	client_connect(&deaf, port);
	c = deaf;
	WANT(client_expect(&c, "R1#"));
	deaf = c;
	client_connect(&c, port);
	WANT(client_expect(&c, "R1#"));
	before = resident_bytes();
	for (i = 0; i < 8000; i++)
		client_send(&deaf, "flood\r", 6);
	for (i = 0; i < 200; i++) {
		client_forget(&c);
		SEND("hello\r");
		WANT(client_expect(&c, "<hello>\r\nR1#"));
	}
	after = resident_bytes();
	if (after > before + (64u << 20))
		fprintf(stderr, "grew by %zu MB\n", (after - before) >> 20);
	WANT(after <= before + (64u << 20));
	client_close(&c);
	blocked_fd = deaf.fd; /* left open: the server ends all the same */
	free(deaf.in);
	return true;
}

static void
a_deaf_client(void **state)
{
	(void)state;
	play_rig(script_blocked);
	close(blocked_fd);
}

/* Log lines while typing: a line of their own, then the prompt and what was typed. */
static bool
script_notify(struct rig *rig, uint16_t port)
{
	struct client c;

	client_connect(&c, port);
	WANT(client_expect(&c, "R1#"));
	client_forget(&c);
	SEND("show ver");
	WANT(client_expect(&c, "show ver"));
	notify_lines(rig, "%ONE", "%TWO", "%THREE");
	WANT(client_expect(&c, "R1#show ver"));
	WANT(!strcmp(c.in, "show ver\r\n%ONE\r\n%TWO\r\n%THREE\r\nR1#show ver"));
	client_forget(&c);
	SEND("sion\r");
	WANT(client_expect(&c, "<show version>\r\nR1#"));
	WANT(!strcmp(c.in, "sion\r\n<show version>\r\nR1#"));
	/* at a question, the question comes again */
	SEND("ask\rye");
	WANT(client_expect(&c, "[confirm]ye"));
	client_forget(&c);
	notify_lines(rig, "%ONE", NULL, NULL);
	WANT(client_expect(&c, "[confirm]ye"));
	WANT(!strcmp(c.in, "\r\n%ONE\r\nProceed? [confirm]ye"));
	SEND("s\r");
	WANT(client_expect(&c, "answer <yes>\r\nR1#"));
	client_close(&c);
	return true;
}

static void
log_lines_while_typing(void **state)
{
	(void)state;
	play_rig(script_notify);
}

#define PASTE 10000

static bool
script_paste(struct rig *rig, uint16_t port)
{
	struct timespec a, b;
	struct client c;
	char *text = x_alloc(PASTE * 32), *p = text;
	size_t sent = 0, size;
	unsigned i;

	client_connect(&c, port);
	WANT(client_expect(&c, "R1#"));
	for (i = 0; i < PASTE; i++)
		p += sprintf(p, "line number %u\n", i);
	size = (size_t)(p - text);
	clock_gettime(CLOCK_MONOTONIC, &a);
	while (sent < size ||
	       !strstr(c.in + (c.n > 64 ? c.n - 64 : 0), "<line number 9999>\r\nR1#")) {
		struct pollfd fd = {.fd = c.fd, .events = POLLIN | (sent < size ? POLLOUT : 0)};

		WANT(poll(&fd, 1, 10000) > 0);
		if (fd.revents & POLLOUT) {
			ssize_t n =
			    send(c.fd, text + sent, size - sent, MSG_DONTWAIT | MSG_NOSIGNAL);

			sent += n > 0 ? (size_t)n : 0;
		}
		if (fd.revents & POLLIN)
			WANT(client_more(&c));
	}
	clock_gettime(CLOCK_MONOTONIC, &b);
	printf("a paste of %u lines took %.2f s\n", PASTE,
	       (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9);
	WANT(rig->engine.lines == PASTE);
	p = c.in;
	for (i = 0; i < PASTE; i++) {
		char want[64];

		sprintf(want, "line number %u\r\n<line number %u>\r\nR1#", i, i);
		p = strstr(p, want);
		WANT(p);
	}
	free(text);
	client_close(&c);
	return true;
}

static void
a_paste_loses_nothing(void **state)
{
	(void)state;
	play_rig(script_paste);
}

static bool
script_many(struct rig *rig, uint16_t port)
{
	static struct client c100[TELNET_SESSIONS_MAX];
	struct client c;
	unsigned i;

	(void)rig;
	for (i = 0; i < TELNET_SESSIONS_MAX; i++)
		client_connect(&c100[i], port);
	for (i = 0; i < TELNET_SESSIONS_MAX; i++) {
		c = c100[i];
		WANT(client_expect(&c, "R1#"));
		c100[i] = c;
	}
	/* one more is turned away */
	client_connect(&c, port);
	WANT(!client_more(&c));
	client_close(&c);
	for (i = 0; i < TELNET_SESSIONS_MAX; i++) {
		c = c100[i];
		SEND("hello\r");
		WANT(client_expect(&c, "<hello>\r\nR1#"));
		c100[i] = c;
	}
	for (i = 0; i < TELNET_SESSIONS_MAX; i++)
		client_close(&c100[i]);
	return true;
}

static void
a_hundred_sessions(void **state)
{
	(void)state;
	play_rig(script_many);
}

static bool
script_noise(struct rig *rig, uint16_t port)
{
	struct client c, other;
	uint32_t x = 12345;
	unsigned i, j;

	(void)rig;
	for (i = 0; i < 50; i++) {
		char buf[2000];

		client_connect(&c, port);
		for (j = 0; j < sizeof(buf); j++) {
			x = x * 1664525 + 1013904223;
			buf[j] = (char)(x >> 24);
		}
		client_send(&c, buf, sizeof(buf));
		if (i % 2)
			client_more(&c);
		client_close(&c);
	}
	client_connect(&other, port);
	c = other;
	WANT(client_expect(&c, "#"));
	client_close(&c);
	return true;
}

static void
noise_does_no_harm(void **state)
{
	(void)state;
	play_rig(script_noise);
}

static void
libcli_calls_us(void **state)
{
	(void)state;
	assert_null(term_check());
}

/* With an argument: only the tests whose names match it (a cmocka filter, `*` and `?`). */
int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(libcli_calls_us),
	    cmocka_unit_test(lines_and_their_ends),
	    cmocka_unit_test(help_and_completion),
	    cmocka_unit_test(questions_and_interrupts),
	    cmocka_unit_test(negotiation_does_not_leak),
	    cmocka_unit_test(a_paste_loses_nothing),
	    cmocka_unit_test(a_hundred_sessions),
	    cmocka_unit_test(noise_does_no_harm),
	    cmocka_unit_test(keys_do_not_leak),
	    cmocka_unit_test(typing_ahead),
	    cmocka_unit_test(long_lines),
	    cmocka_unit_test(piped_input),
	    cmocka_unit_test(a_deaf_client),
	    cmocka_unit_test(log_lines_while_typing),
	};

	signal(SIGPIPE, SIG_IGN); /* as the program does */
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
