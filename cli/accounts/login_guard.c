/* SPDX-License-Identifier: Apache-2.0 */
/* Failed logins, quiet mode and delays: see login_guard.h. */
#include "cli/accounts/login_guard.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/accounts/access_class.h"
#include "compiler/tree/tree_clock.h"
#include "runtime/node/node.h"

#define SECOND      ((msec)1000)
#define SOURCES_MAX 256 /* whose turns are remembered; beyond, the one that is due first goes */
#define NO_ACL      "sl_def_acl" /* what IOS calls quiet mode's list when none is configured */

/* An IPv4 address, or a network of 64 bits: whoever has one IPv6 address has that many. */
struct source {
	struct in6_addr addr;
	msec next; /* when its next attempt may be looked at; 0: the place is free */
};

struct login_guard {
	struct node *node;
	struct log_sink sink;
	struct node_alarm alarm; /* the end of quiet mode */
	bool quiet;
	msec quiet_until;
	char quiet_ends[LOGIN_CLOCK_MAX]; /* that moment, for the log */

	msec window_end; /* of the watch that runs; 0: none has begun */
	unsigned in_window;
	unsigned failed, succeeded; /* since power came */
	size_t n_failures;
	struct login_failure failures[LOGIN_FAILURES_MAX]; /* the newest first */
	struct source sources[SOURCES_MAX];
};

static int64_t
wall_of(const struct login_guard *g)
{
	struct host *h = node_host(g->node);

	return h ? h->ops->wall(h) : 0;
}

const char *
login_guard_clock(struct accounts book, int64_t wall, char buf[static LOGIN_CLOCK_MAX])
{
	char clock[16], date[24];
	struct clock_zone zone;
	struct clock_time t;

	tree_clock_zone(book.running, &zone);
	clock_local(&zone, wall, &t);
	strftime(clock, sizeof(clock), "%H:%M:%S", &t.tm);
	strftime(date, sizeof(date), "%a %b %e %Y", &t.tm);
	snprintf(buf, LOGIN_CLOCK_MAX, "%s %s %s", clock, t.zone, date);
	return buf;
}

static void
on_quiet_end(void *arg, msec now)
{
	struct login_guard *g = arg;

	(void)now;
	g->quiet = false;
	LOG(&g->sink, QUIET_MODE_OFF, g->quiet_ends);
}

struct login_guard *
login_guard_new(struct node *node, struct log_sink sink)
{
	struct login_guard *g = x_alloc(sizeof(*g));

	*g = (struct login_guard){
	    .node = node, .sink = sink, .alarm = {.fire = on_quiet_end, .arg = g}};
	return g;
}

void
login_guard_forget(struct login_guard *g)
{
	struct node *node = g->node;
	struct log_sink sink = g->sink;

	node_alarm_set(node, &g->alarm, MSEC_NEVER);
	*g = (struct login_guard){
	    .node = node, .sink = sink, .alarm = {.fire = on_quiet_end, .arg = g}};
}

void
login_guard_free(struct login_guard *g)
{
	if (g)
		node_alarm_set(g->node, &g->alarm, MSEC_NEVER);
	free(g);
}

/* --- what is configured ----------------------------------------------------------------------- */

static const struct tnode *
setting_of(struct accounts book, enum gram_key key)
{
	return tnode_first(tree_top(book.running), key);
}

static unsigned
delay_of(struct accounts book)
{
	const struct tnode *n = setting_of(book, KEY_LOGIN_DELAY);

	if (n)
		return tnode_u32(n, ARG_SECONDS);
	return setting_of(book, KEY_LOGIN_BLOCK_FOR) ? 1 : 0;
}

/* Failures are logged unless the configuration says `no`, successes when it says so. */
static bool
is_logged(struct accounts book, bool ok, unsigned count)
{
	const struct tnode *n = setting_of(book, ok ? KEY_LOGIN_ON_SUCCESS : KEY_LOGIN_ON_FAILURE);

	if (!n)
		return !ok;
	return !tnode_negated(n) &&
	       (!tnode_has(n, ARG_EVERY) || !(count % tnode_u32(n, ARG_EVERY)));
}

/* Is the router quiet? A configuration without `login block-for` ends that. */
static bool
is_quiet(struct accounts book)
{
	struct login_guard *g = book.guard;

	if (g->quiet && !setting_of(book, KEY_LOGIN_BLOCK_FOR)) {
		node_alarm_set(g->node, &g->alarm, MSEC_NEVER);
		g->quiet = false;
	}
	return g->quiet;
}

bool
login_guard_admits(struct accounts book, const char *source, unsigned port)
{
	const char *acl = tree_str(book.running, KEY_LOGIN_QUIET_MODE, ARG_ACL);

	if (!*source || !is_quiet(book))
		return true;
	return acl && access_class_admits(node_policy(book.guard->node), acl, (uint16_t)port,
	                                  source, false);
}

/* --- turns ------------------------------------------------------------------------------------ */

static struct in6_addr
network_of(const char *source)
{
	struct in6_addr ret = {0};
	uint32_t v4;

	if (access_class_ipv4(source, &v4)) {
		v4 = htonl(v4);
		ret.s6_addr[10] = ret.s6_addr[11] = 0xff;
		memcpy(ret.s6_addr + 12, &v4, sizeof(v4));
	} else if (inet_pton(AF_INET6, source, &ret) == 1) {
		memset(ret.s6_addr + 8, 0, 8);
	}
	return ret;
}

/* The place of that source; a new one takes that which is due first. */
static struct source *
find_source(struct login_guard *g, const struct in6_addr *addr)
{
	struct source *first = g->sources;

	for (size_t i = 0; i < SOURCES_MAX; i++) {
		struct source *s = &g->sources[i];

		if (s->next && !memcmp(&s->addr, addr, sizeof(*addr)))
			return s;
		if (s->next < first->next)
			first = s;
	}
	*first = (struct source){.addr = *addr};
	return first;
}

bool
login_guard_turn(struct accounts book, const char *source, msec *ret_wait)
{
	struct login_guard *g = book.guard;
	struct in6_addr addr = network_of(source);
	msec delay = delay_of(book) * SECOND, now = node_now(g->node);
	struct source *s;

	*ret_wait = 0;
	if (!*source || !delay)
		return true;
	s = find_source(g, &addr);
	if (s->next > now + LOGIN_WAIT_MAX)
		return false;
	if (s->next > now)
		*ret_wait = s->next - now;
	s->next = now + *ret_wait + delay;
	return true;
}

/* --- results ---------------------------------------------------------------------------------- */

/* Characters that cannot be printed would spoil the log. */
static void
copy_name(char *to, size_t size, const char *from)
{
	size_t i;

	for (i = 0; from[i] && i + 1 < size; i++)
		to[i] = from[i] > ' ' && from[i] < 0x7f ? from[i] : '?';
	to[i] = '\0';
}

/* Puts the failure first, together with earlier ones of the same user from the same place. */
static void
keep_failure(struct login_guard *g, const struct login_failure *f)
{
	struct login_failure now = *f;
	size_t i;

	for (i = 0; i < g->n_failures; i++) {
		const struct login_failure *old = &g->failures[i];

		if (old->port == f->port && !strcmp(old->user, f->user) &&
		    !strcmp(old->source, f->source))
			break;
	}
	if (i < g->n_failures)
		now.count += g->failures[i].count;
	else if (g->n_failures < LOGIN_FAILURES_MAX)
		g->n_failures++;
	else
		i--;
	memmove(&g->failures[1], &g->failures[0], i * sizeof(g->failures[0]));
	g->failures[0] = now;
}

static void
begin_quiet(struct accounts book, const struct login_failure *f, unsigned seconds)
{
	struct login_guard *g = book.guard;
	const char *acl = tree_str(book.running, KEY_LOGIN_QUIET_MODE, ARG_ACL);
	msec now = node_now(g->node);
	char when[LOGIN_CLOCK_MAX];

	g->quiet = true;
	g->quiet_until = now + seconds * SECOND;
	login_guard_clock(book, f->wall + (int64_t)(seconds * SECOND), g->quiet_ends);
	LOG(&g->sink, QUIET_MODE_ON, (unsigned)((g->window_end - now + SECOND - 1) / SECOND),
	    f->user, *f->source ? f->source : "LOCAL", f->port, acl ? acl : NO_ACL,
	    login_guard_clock(book, f->wall, when));
	g->window_end = 0;
	g->in_window = 0;
	node_alarm_set(g->node, &g->alarm, g->quiet_until);
}

/* A failure from the network: is it one too many? */
static void
watch_failure(struct accounts book, const struct login_failure *f)
{
	const struct tnode *n = setting_of(book, KEY_LOGIN_BLOCK_FOR);
	struct login_guard *g = book.guard;
	msec now = node_now(g->node);

	if (!n || is_quiet(book))
		return;
	if (now >= g->window_end) {
		g->window_end = now + tnode_u32(n, ARG_WITHIN) * SECOND;
		g->in_window = 0;
	}
	if (++g->in_window >= tnode_u32(n, ARG_ATTEMPTS))
		begin_quiet(book, f, tnode_u32(n, ARG_BLOCK));
}

void
login_guard_note(struct accounts book, const struct login_attempt *attempt, bool ok)
{
	struct login_guard *g = book.guard;
	unsigned count = ok ? ++g->succeeded : ++g->failed;
	struct login_failure f = {.port = attempt->port, .count = 1, .wall = wall_of(g)};
	const char *from = *attempt->source ? attempt->source : "LOCAL";
	char when[LOGIN_CLOCK_MAX];

	copy_name(f.user, sizeof(f.user), attempt->user);
	copy_name(f.source, sizeof(f.source), attempt->source);
	login_guard_clock(book, f.wall, when);
	if (ok && is_logged(book, ok, count))
		LOG(&g->sink, LOGIN_SUCCESS, f.user, from, f.port, when);
	if (!ok && is_logged(book, ok, count))
		LOG(&g->sink, LOGIN_FAILED, f.user, from, f.port, when);
	if (ok)
		return;
	keep_failure(g, &f);
	if (*f.source)
		watch_failure(book, &f);
}

/* --- for show --------------------------------------------------------------------------------- */

static unsigned
seconds_until(msec when, msec now)
{
	return when > now ? (unsigned)((when - now + SECOND - 1) / SECOND) : 0;
}

struct login_state
login_guard_state(struct accounts book)
{
	const struct login_guard *g = book.guard;
	const struct tnode *n = setting_of(book, KEY_LOGIN_BLOCK_FOR);
	msec now = node_now(g->node);
	struct login_state s = {.delay = delay_of(book),
	                        .delay_set = setting_of(book, KEY_LOGIN_DELAY),
	                        .acl = tree_str(book.running, KEY_LOGIN_QUIET_MODE, ARG_ACL),
	                        .quiet = is_quiet(book),
	                        .total = g->failed,
	                        .n_failures = g->n_failures,
	                        .failure = g->failures};

	if (!n)
		return s;
	s.block = tnode_u32(n, ARG_BLOCK);
	s.attempts = tnode_u32(n, ARG_ATTEMPTS);
	s.within = tnode_u32(n, ARG_WITHIN);
	if (!s.quiet && now < g->window_end)
		s.failures = g->in_window;
	s.left = s.quiet ? seconds_until(g->quiet_until, now) : s.within;
	if (s.failures)
		s.left = seconds_until(g->window_end, now);
	return s;
}
