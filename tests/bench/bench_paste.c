/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A paste of 10 000 configuration lines over telnet into a running router: lines per second until
 * the prompt behind the last line is on the screen, and the time until the router has made its
 * policy of them. The router and this client share one processor. The echo and what `show
 * running-config` gives back are compared with what was sent: nothing lost, nothing reordered.
 *
 *      bench_paste [TESTUDO [LINES]]
 *
 * Target: 10 000 lines in 2 s.
 */
#define _GNU_SOURCE /* sched_setaffinity */
#include <arpa/inet.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TARGET 2.0 /* seconds for 10 000 lines */
#define IAC    255
#define SB     250
#define SE     240

static struct {
	pid_t pid;
	int fd;
	char *screen; /* all that came, telnet taken out */
	size_t n, capacity;
	int telnet; /* octets of a command still to come */
} router;

static void
die_saying(const char *why)
{
	fprintf(stderr, "bench_paste: %s\n", why);
	if (router.pid > 0)
		kill(router.pid, SIGKILL);
	exit(1);
}

static double
wall_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* --- the router ------------------------------------------------------------------------------- */

static void
one_processor(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

/* A lab of one router; returns the port of its console. */
static unsigned
router_start(const char *testudo)
{
	char yaml[] = "/tmp/bench_paste.XXXXXX", line[256];
	static const char lab[] = "nodes:\n  R1:\n    interfaces: {f0/0: none}\n";
	int out[2], fd = mkstemp(yaml);
	unsigned port = 0;
	FILE *f;

	if (fd < 0 || write(fd, lab, sizeof(lab) - 1) < 0 || pipe(out))
		die_saying("no temporary file");
	close(fd);
	router.pid = fork();
	if (!router.pid) {
		dup2(out[1], STDOUT_FILENO);
		close(out[0]);
		execl(testudo, testudo, "lab", yaml, "--telnet-base", "0", NULL);
		_exit(127);
	}
	close(out[1]);
	f = fdopen(out[0], "r");
	while (!port && fgets(line, sizeof(line), f)) {
		char *at = strstr(line, "telnet 127.0.0.1 ");

		port = at ? (unsigned)atoi(at + 17) : 0;
	}
	unlink(yaml);
	if (!port)
		die_saying("the router does not start");
	return port; /* f stays open: the router may still write */
}

static void
router_connect(unsigned port)
{
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	/* A terminal of 80 by 24, as a person's. */
	static const unsigned char naws[] = {IAC, 251, 31, IAC, SB, 31, 0, 80, 0, 24, IAC, SE};

	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	router.fd = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(router.fd, (struct sockaddr *)&sa, sizeof(sa)))
		die_saying("cannot connect");
	if (write(router.fd, naws, sizeof(naws)) != sizeof(naws))
		die_saying("cannot write");
}

/* --- the terminal ----------------------------------------------------------------------------- */

static void
take_bytes(const unsigned char *p, size_t n)
{
	if (router.n + n + 1 > router.capacity) {
		router.capacity = 2 * (router.n + n + 1);
		router.screen = realloc(router.screen, router.capacity);
		if (!router.screen)
			die_saying("no memory");
	}
	for (size_t i = 0; i < n; i++) {
		if (router.telnet)
			router.telnet--; /* IAC WILL X; the router begins no subnegotiation */
		else if (p[i] == IAC)
			router.telnet = 2;
		else
			router.screen[router.n++] = (char)p[i];
	}
	router.screen[router.n] = '\0';
}

static void
hear_router(void)
{
	static unsigned char buf[65536];
	ssize_t n = read(router.fd, buf, sizeof(buf));

	if (n <= 0)
		die_saying("the session ended");
	take_bytes(buf, (size_t)n);
}

/* Sends, listening meanwhile as a terminal does. */
static void
send_all(const char *text, size_t n)
{
	while (n) {
		struct pollfd p = {router.fd, POLLIN | POLLOUT, 0};

		if (poll(&p, 1, 20000) <= 0)
			die_saying("the router takes nothing");
		if (p.revents & POLLIN)
			hear_router();
		if (p.revents & POLLOUT) {
			ssize_t k = send(router.fd, text, n, MSG_DONTWAIT);

			if (k > 0) {
				text += k;
				n -= (size_t)k;
			}
		}
	}
}

static void
type_text(const char *text)
{
	send_all(text, strlen(text));
}

/* Waits until text stands in what came since `from`; where. */
static size_t
expect_text(size_t from, const char *text)
{
	for (;;) {
		struct pollfd p = {router.fd, POLLIN, 0};
		size_t seen = router.n, back = strlen(text);
		const char *at = router.n > from ? strstr(router.screen + from, text) : NULL;

		if (at)
			return (size_t)(at - router.screen);
		if (poll(&p, 1, 60000) <= 0) {
			fprintf(stderr, "...%s\n", router.screen + (seen > 500 ? seen - 500 : 0));
			die_saying("nothing came");
		}
		from = seen > back && seen - back > from ? seen - back : from;
		hear_router();
	}
}

/* --- pastes ----------------------------------------------------------------------------------- */

struct paste {
	const char *name;
	const char *before; /* typed first */
	void (*line)(char *buf, size_t size, unsigned i);
	const char *show; /* gives it back, in the same words and order; NULL: not so simply */
};

static void
write_ace(char *buf, size_t size, unsigned i)
{
	snprintf(buf, size, " permit ip 10.%u.%u.0 0.0.0.255 10.%u.%u.0 0.0.0.255", i / 200 % 200,
	         i % 200, i % 200, i / 200 % 200);
}

static void
write_key(char *buf, size_t size, unsigned i)
{
	snprintf(buf, size, "crypto isakmp key SECRET%u address 10.%u.%u.%u", i, i / 40000,
	         i / 200 % 200, i % 200 + 1);
}

static void
write_mixed(char *buf, size_t size, unsigned i)
{
	switch (i % 5) {
	case 0:
		snprintf(buf, size, "ip access-list extended LIST%u", i / 5);
		break;
	case 1:
		snprintf(buf, size, " permit ip 10.1.0.0 0.0.255.255 10.%u.0.0 0.0.255.255",
		         i % 250);
		break;
	case 2:
		snprintf(buf, size, " deny udp any eq 848 any eq 848");
		break;
	case 3:
		snprintf(buf, size, "crypto ipsec transform-set SET%u esp-aes 256 esp-sha-hmac",
		         i / 5);
		break;
	default:
		snprintf(buf, size, "crypto isakmp key SECRET%u address 10.77.%u.%u", i,
		         i / 250 % 250, i % 250);
		break;
	}
}

static const struct paste pastes[] = {
    {"entries of one access list", "ip access-list extended BIG\r", write_ace,
     "do show running-config | section access-list extended BIG\r"},
    {"keys of peers", "", write_key,
     "do show running-config | include ^crypto isakmp key SECRET\r"},
    {"lines of several kinds", "", write_mixed, NULL},
};

/* Every line stands there once, in its order, and nothing was refused. */
static void
check_pasted(const struct paste *p, size_t from, unsigned lines)
{
	const char *at = router.screen + from;
	char line[256], *found;

	for (unsigned i = 0; i < lines; i++) {
		p->line(line, sizeof(line), i);
		found = strstr(at, line);
		if (!found || memmem(at, (size_t)(found - at), "\n% ", 3)) {
			fprintf(stderr, "line %u: %s\n...%.300s\n", i, line, at);
			die_saying("a line is missing, or refused");
		}
		at = found + strlen(line);
	}
}

static double
cpu_of_router(void)
{
	char path[64];
	unsigned long user = 0, system = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)router.pid);
	f = fopen(path, "r");
	if (!f || fscanf(f, "%*d %*s %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
	                 &system) != 2)
		user = system = 0;
	if (f)
		fclose(f);
	return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

static bool
paste_lines(const struct paste *p, unsigned lines)
{
	size_t size = (size_t)lines * 96 + 64, n = 0, from, shown;
	char *text = malloc(size), line[256];
	double start, seen, cpu;

	if (!text)
		die_saying("no memory");
	type_text("configure terminal\r");
	from = expect_text(router.n, "(config)#");
	type_text(p->before);
	type_text("hostname R2\r");
	from = expect_text(from, "R2(config)#");
	for (unsigned i = 0; i < lines; i++) {
		p->line(line, sizeof(line), i);
		n += (size_t)snprintf(text + n, size - n, "%s\r\n", line);
	}
	if (p->before[0]) { /* back where `hostname` left it */
		type_text(p->before);
		from = expect_text(from + 1, "nacl)#");
	}
	cpu = cpu_of_router();
	start = wall_seconds();
	send_all(text, n);
	send_all("hostname R3\r", 12);
	expect_text(from, "R3(config)#");
	seen = wall_seconds() - start;
	check_pasted(p, from, lines);
	from = router.n;
	type_text(
	    "do show clock\r"); /* EXEC commands come after all lines before them are in force */
	from = expect_text(from, "UTC");
	cpu = cpu_of_router() - cpu;
	printf(
	    "%-28s %6u lines in %6.3f s: %7.0f lines/s; processor %.2f s, in force after %.3f s\n",
	    p->name, lines, seen, lines / seen, cpu, wall_seconds() - start);
	if (p->show) {
		shown = from;
		type_text(p->show);
		from = expect_text(expect_text(from, "do show run"), "R3(config");
		check_pasted(p, shown, lines);
	}
	type_text("hostname R1\rend\r");
	expect_text(from, "R1#");
	free(text);
	return seen <= TARGET * lines / 10000;
}

int
main(int argc, char **argv)
{
	const char *testudo = argc > 1 ? argv[1] : "build/testudo";
	unsigned lines = argc > 2 ? (unsigned)atoi(argv[2]) : 10000;
	bool met = true;

	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, 0);
	alarm(300);
	one_processor();
	router_connect(router_start(testudo));
	type_text("\r");
	expect_text(0, "R1>");
	type_text("enable\rterminal length 0\r");
	expect_text(0, "R1#");
	for (size_t i = 0; i < sizeof(pastes) / sizeof(pastes[0]); i++)
		met &= paste_lines(&pastes[i], lines);
	kill(router.pid, SIGTERM);
	waitpid(router.pid, NULL, 0);
	printf("%s\n", met ? "the target is met" : "the target (10 000 lines in 2 s) is missed");
	return met ? 0 : 1;
}
