/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How fast a session takes lines into a config tree, on one core: ten thousand
 * entries of an access list, numbered and not, forward and backward; ten thousand lines of
 * everything; and the same typed again. Prints lines per second. `bench_parse N`: N lines.
 */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "compiler/session/session.h"
#include "compiler/tree/render.h"

struct lines {
	size_t n, capacity;
	char **at;
};

static double
cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void __attribute__((format(printf, 2, 3))) put(struct lines *l, const char *format, ...)
{
	va_list ap;

	x_grow(&l->at, &l->capacity, l->n + 1, sizeof(*l->at));
	va_start(ap, format);
	if (vasprintf(&l->at[l->n++], format, ap) < 0)
		abort();
	va_end(ap);
}

static void
lines_fini(struct lines *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		free(l->at[i]);
	free(l->at);
	*l = (struct lines){0};
}

/* --- what is typed ---------------------------------------------------------------------------- */

static struct lines
make_acl(size_t n, int numbered)
{
	struct lines l = {0};
	size_t i;

	put(&l, "ip access-list extended BIG");
	for (i = 0; i < n; i++) {
		size_t number = 10 * (numbered > 0 ? i + 1 : n - i);
		char seq[24] = "";

		if (numbered)
			snprintf(seq, sizeof(seq), "%zu ", number);
		put(&l, "%s%s udp 10.%zu.%zu.0 0.0.0.255 host 192.0.2.%zu eq 848", seq,
		    i % 3 ? "permit" : "deny", i >> 8 & 255, i & 255, i >> 16 & 255);
	}
	return l;
}

/* Lines that Testudo only keeps. */
static struct lines
make_kept(size_t n)
{
	struct lines l = {0};
	size_t i;

	put(&l, "ip nat log translations syslog");
	for (i = 0; i < n; i++)
		put(&l, "ip nat inside source static 10.%zu.%zu.1 192.0.2.%zu", i >> 8 & 255,
		    i & 255, i >> 16 & 255);
	return l;
}

static struct lines
make_mixed(size_t n)
{
	struct lines l = {0};
	size_t i = 0;

	put(&l, "hostname R1");
	while (l.n < n) {
		i++;
		put(&l, "interface Loopback%zu", i);
		put(&l, " description site %zu, second floor", i);
		put(&l, " ip address 10.%zu.%zu.1 255.255.255.0", i >> 8 & 255, i & 255);
		put(&l, " no shutdown");
		put(&l, "crypto isakmp key SECRET%zu address 172.16.%zu.%zu", i, i >> 8 & 255,
		    i & 255);
		put(&l, "ip route 10.%zu.%zu.0 255.255.255.0 192.0.2.1", i >> 8 & 255, i & 255);
		put(&l, "crypto gdoi group G%zu", i);
		put(&l, " identity number %zu", i);
		put(&l, " server address ipv4 192.0.2.%zu", i & 255);
		put(&l, "!");
		put(&l, "crypto map M %zu gdoi", i);
		put(&l, " set group G%zu", i);
		put(&l, "ip nat inside source list %zu interface Loopback1 overload", i);
		put(&l, "snmp-server community C%zu RO", i);
		put(&l, "ip access-list standard A%zu", i);
		put(&l, " permit 10.0.%zu.%zu", i >> 8 & 255, i & 255);
	}
	return l;
}

static struct lines
make_undo(const struct lines *all)
{
	struct lines l = {0};
	size_t i;

	put(&l, "%s", all->at[0]);
	for (i = all->n; i-- > 1;)
		put(&l, "no %s", all->at[i]);
	return l;
}

/* --- measuring -------------------------------------------------------------------------------- */

/* Returns how many were refused. */
static size_t
run_lines(struct tree *t, const struct lines *l)
{
	struct session_setup setup = {.tree = t, .name = "Router"};
	struct config_session *s = session_new(&setup);
	size_t refused = 0;

	session_configure(s);
	for (size_t i = 0; i < l->n; i++)
		refused += session_line(s, l->at[i]) == SESSION_REFUSED;
	session_free(s);
	return refused;
}

static void
count_line(void *arg, const char *line)
{
	(void)line;
	++*(size_t *)arg;
}

static void
measure_lines(const char *what, struct tree *t, const struct lines *l)
{
	double begin = cpu_seconds(), end;
	size_t refused = run_lines(t, l);

	end = cpu_seconds();
	printf("%-44s %7zu lines %9.0f lines/s", what, l->n, (double)l->n / (end - begin));
	if (refused)
		printf("  (%zu refused)", refused);
	putchar('\n');
}

static void
measure_render(const char *what, const struct tree *t)
{
	double begin = cpu_seconds(), end;
	size_t n = 0;

	render_config(t, count_line, &n);
	end = cpu_seconds();
	printf("%-44s %7zu lines %9.0f lines/s\n", what, n, (double)n / (end - begin));
}

static void
measure_all(const char *name, struct lines l, bool undone)
{
	struct tree *t = tree_new();
	struct lines no = {0};
	char what[64];

	measure_lines(name, t, &l);
	snprintf(what, sizeof(what), "%s, again", name);
	measure_lines(what, t, &l);
	snprintf(what, sizeof(what), "%s, rendered", name);
	measure_render(what, t);
	if (undone) {
		no = make_undo(&l);
		snprintf(what, sizeof(what), "%s, undone", name);
		measure_lines(what, t, &no);
	}
	lines_fini(&no);
	lines_fini(&l);
	tree_free(t);
}

int
main(int argc, char **argv)
{
	size_t n = argc > 1 ? strtoul(argv[1], NULL, 10) : 10000;

	if (!n || n > TREE_NODES_MAX) {
		fprintf(stderr, "usage: bench_parse [LINES]\n");
		return 2;
	}
	measure_all("access list", make_acl(n, 0), true);
	measure_all("access list, numbered", make_acl(n, 1), true);
	measure_all("access list, numbered backward", make_acl(n, -1), true);
	measure_all("kept", make_kept(n), true);
	measure_all("mixed", make_mixed(n), false);
	return 0;
}
