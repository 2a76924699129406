/* SPDX-License-Identifier: Apache-2.0 */
/* The virtual network: forwarding, ICMP, longest match, faults that repeat, fragments, power. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "runtime/host/fib.h"
#include "runtime/host/frag.h"
#include "runtime/host/sim/sim.h"

#define IP(a, b, c, d) ((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))
#define F0             "FastEthernet0/0"
#define F1             "FastEthernet0/1"
#define F2             "FastEthernet1/0"
#define LO             "Loopback0"

/* A node as its events see it. */
struct end {
	struct host *host;
	char log[4096];
	uint8_t dgram[4000];
	size_t n_dgram, dgrams, wakes;
	struct path path;
	msec at;
};

static void
on_datagram(void *arg, const struct path *path, struct span dgram, msec now)
{
	struct end *e = arg;

	assert_true(dgram.n <= sizeof(e->dgram));
	memcpy(e->dgram, dgram.p, dgram.n);
	e->n_dgram = dgram.n;
	e->dgrams++;
	e->path = *path;
	e->at = now;
}

static void
on_timer(void *arg, msec now)
{
	struct end *e = arg;

	e->wakes++;
	e->at = now;
}

static void
on_log(void *arg, const struct log_record *r)
{
	struct end *e = arg;
	size_t n = strlen(e->log);

	snprintf(e->log + n, sizeof(e->log) - n, "%s\n", r->text);
}

static void
end_add(struct sim *sim, const char *name, struct end *e)
{
	struct host_events ev = {.datagram = on_datagram,
	                         .timer = on_timer,
	                         .log = {.write = on_log, .arg = e},
	                         .arg = e};

	memset(e, 0, sizeof(*e));
	e->host = sim_node_add(sim, name, &ev);
}

/*
 * R1 --a-- R2 --b-- R3, with a loopback 192.168.3.3 behind R3:
 * 10.0.1.1 - 10.0.1.2 and 10.0.2.2 - 10.0.2.3. R1 routes all by R2, R3 as well; R2 knows
 * 192.168.0.0/16 by R3 and 172.16.0.0/16 by nobody on the link.
 */
struct net {
	struct sim *sim;
	struct end r1, r2, r3;
};

static const struct policy_route r1_routes[] = {{.via = IP(10, 0, 1, 2), .distance = 1}};
static const struct policy_route r2_routes[] = {
    {.to = {IP(192, 168, 0, 0), 16}, .via = IP(10, 0, 2, 3), .distance = 1},
    {.to = {IP(172, 16, 0, 0), 16}, .via = IP(10, 0, 2, 99), .distance = 1},
};
static const struct policy_route r3_routes[] = {{.via = IP(10, 0, 2, 2), .distance = 1}};
static const struct policy_interface r1_nics[] = {
    {.name = F0, .has_address = true, .addr = IP(10, 0, 1, 1), .len = 24}};
static const struct policy_interface r2_nics[] = {
    {.name = F0, .has_address = true, .addr = IP(10, 0, 1, 2), .len = 24},
    {.name = F1, .has_address = true, .addr = IP(10, 0, 2, 2), .len = 24},
    {.name = F2, .has_address = true, .addr = IP(10, 9, 9, 9), .len = 24}, /* no cable */
};
static const struct policy_interface r3_nics[] = {
    {.name = F0, .has_address = true, .addr = IP(10, 0, 2, 3), .len = 24},
    {.name = LO, .has_address = true, .addr = IP(192, 168, 3, 3), .len = 32},
};

#define POLICY(nics, rts)                                                                          \
	{                                                                                          \
		.ip_routing = true, .n_interfaces = ARRAY_SIZE(nics), .interfaces = nics,          \
		.n_routes = ARRAY_SIZE(rts), .routes = rts                                         \
	}

static const struct policy r1_policy = POLICY(r1_nics, r1_routes);
static const struct policy r2_policy = POLICY(r2_nics, r2_routes);
static const struct policy r3_policy = POLICY(r3_nics, r3_routes);

static struct net *
net_new(uint64_t seed)
{
	struct net *net = x_alloc(sizeof(*net));

	net->sim = sim_new(seed, 1700000000000);
	end_add(net->sim, "R1", &net->r1);
	end_add(net->sim, "R2", &net->r2);
	end_add(net->sim, "R3", &net->r3);
	assert_int_equal(sim_link_add(net->sim, "a", 5), 0);
	assert_int_equal(sim_link_add(net->sim, "b", 7), 0);
	assert_int_equal(sim_link_attach(net->sim, "a", "R1", F0), 0);
	assert_int_equal(sim_link_attach(net->sim, "a", "R2", F0), 0);
	assert_int_equal(sim_link_attach(net->sim, "b", "R2", F1), 0);
	assert_int_equal(sim_link_attach(net->sim, "b", "R3", F0), 0);
	assert_int_not_equal(sim_link_attach(net->sim, "a", "R3", F0), 0);
	net->r1.host->ops->apply(net->r1.host, &r1_policy);
	net->r2.host->ops->apply(net->r2.host, &r2_policy);
	net->r3.host->ops->apply(net->r3.host, &r3_policy);
	return net;
}

static void
net_free(struct net *net)
{
	sim_free(net->sim);
	free(net);
}

struct ping {
	int result;
	msec rtt;
	uint32_t from;
};

static void
on_echo(void *arg, const struct echo_answer *answer)
{
	struct ping *p = arg;

	assert_int_equal(p->result, -1); /* exactly once */
	p->result = (int)answer->result;
	p->rtt = answer->rtt;
	p->from = answer->from;
}

static struct ping
send_ping(struct net *net, struct end *from, uint32_t src, uint32_t dst, uint16_t size, bool df)
{
	struct ping p = {-1, 0, 0};
	struct echo_request r = {.dst = dst,
	                         .src = src,
	                         .size = size,
	                         .df = df,
	                         .timeout = SECONDS(2),
	                         .done = on_echo,
	                         .arg = &p};

	assert_int_equal(from->host->ops->echo(from->host, &r), 0);
	sim_run_until(net->sim, sim_now(net->sim) + SECONDS(3));
	assert_int_not_equal(p.result, -1);
	return p;
}

static void
test_forwarding(void **state)
{
	struct net *net = net_new(1);
	const uint32_t lo = IP(192, 168, 3, 3);
	struct ping p = send_ping(net, &net->r1, 0, lo, 100, false);

	(void)state;
	assert_int_equal(p.result, ECHO_REPLY);
	assert_int_equal(p.rtt, 24); /* 5 + 7 there, 7 + 5 back */
	p = send_ping(net, &net->r3, lo, IP(10, 0, 1, 1), 100, true);
	assert_int_equal(p.result, ECHO_REPLY);
	/* large ones are cut and put together */
	assert_int_equal(send_ping(net, &net->r1, 0, lo, 1500, true).result, ECHO_REPLY);
	assert_int_equal(send_ping(net, &net->r1, 0, lo, 1501, false).result, ECHO_REPLY);
	assert_int_equal(send_ping(net, &net->r1, 0, lo, 18024, false).result, ECHO_REPLY);
	assert_int_equal(send_ping(net, &net->r1, 0, lo, 1501, true).result, ECHO_TOO_BIG);
	/* oneself, and an own loopback */
	assert_int_equal(send_ping(net, &net->r3, 0, lo, 100, false).result, ECHO_REPLY);
	assert_int_equal(send_ping(net, &net->r1, 0, IP(10, 0, 1, 1), 100, false).result,
	                 ECHO_REPLY);
	net_free(net);
}

static void
test_unreachable(void **state)
{
	struct net *net = net_new(1);

	(void)state;
	/* no route at R2; nobody answers for the next hop; no cable; nobody at the address */
	assert_int_equal(send_ping(net, &net->r1, 0, IP(8, 8, 8, 8), 100, false).result,
	                 ECHO_UNREACHABLE);
	assert_int_equal(send_ping(net, &net->r1, 0, IP(172, 16, 0, 1), 100, false).result,
	                 ECHO_UNREACHABLE);
	assert_int_equal(send_ping(net, &net->r1, 0, IP(10, 9, 9, 9), 100, false).result,
	                 ECHO_UNREACHABLE);
	assert_int_equal(send_ping(net, &net->r1, 0, IP(10, 0, 1, 77), 100, false).result,
	                 ECHO_TIMEOUT);
	assert_int_equal(send_ping(net, &net->r2, 0, IP(8, 8, 8, 8), 100, false).result,
	                 ECHO_SEND_FAILED);
	net_free(net);
}

/* Pings with a limited time to live: how far they get, and who answers that it is over. */
static void
test_hops(void **state)
{
	struct net *net = net_new(1);
	const uint32_t lo = IP(192, 168, 3, 3);
	struct ping p = {-1, 0, 0};
	struct echo_request q = {
	    .dst = lo, .size = 60, .timeout = SECONDS(2), .done = on_echo, .arg = &p, .ttl = 1};

	(void)state;
	net->r1.host->ops->echo(net->r1.host, &q);
	sim_run_until(net->sim, SECONDS(3));
	assert_int_equal(p.result, ECHO_TTL);
	assert_int_equal(p.from, IP(10, 0, 1, 2));
	p.result = -1;
	q.ttl = 2;
	net->r1.host->ops->echo(net->r1.host, &q);
	sim_run_until(net->sim, SECONDS(6));
	assert_int_equal(p.result, ECHO_REPLY);
	assert_int_equal(p.from, lo);
	net_free(net);
}

/* A loop between R2 and R3: the packet dies of its TTL and R1 hears of it. */
static void
test_ttl(void **state)
{
	struct net *net = net_new(1);
	static const struct policy_route loop[] = {
	    {.to = {IP(172, 16, 0, 0), 16}, .via = IP(10, 0, 2, 3), .distance = 1}};
	static const struct policy p = POLICY(r2_nics, loop);
	struct ping r = {-1, 0, 0};
	struct echo_request q = {.dst = IP(172, 16, 0, 1),
	                         .size = 100,
	                         .timeout = SECONDS(20),
	                         .done = on_echo,
	                         .arg = &r};

	(void)state;
	net->r2.host->ops->apply(net->r2.host, &p);
	net->r1.host->ops->echo(net->r1.host, &q);
	sim_run_until(net->sim, SECONDS(30));
	assert_int_equal(r.result, ECHO_TTL);
	assert_true(r.from == IP(10, 0, 2, 2) || r.from == IP(10, 0, 2, 3));
	/* 255 was sent: 254 hops, and back over one or two links */
	assert_in_range(r.rtt, 254 * 7 - 20, 254 * 7 + 40);
	net_free(net);
}

static void
test_datagram(void **state)
{
	struct net *net = net_new(1);
	struct path path = {.remote = IP(192, 168, 3, 3), .local_port = 848, .remote_port = 848};
	uint8_t bytes[3000];
	struct ping nobody;

	(void)state;
	memset(bytes, 7, sizeof(bytes));
	assert_int_equal(net->r1.host->ops->send(net->r1.host, &path, SPAN(bytes, 3)), 0);
	sim_run_until(net->sim, 100);
	assert_int_equal(net->r3.dgrams, 1);
	assert_int_equal(net->r3.n_dgram, 3);
	assert_int_equal(net->r3.at, 12);
	assert_int_equal(net->r3.path.local, IP(192, 168, 3, 3));
	assert_int_equal(net->r3.path.remote, IP(10, 0, 1, 1));
	net->r1.host->ops->send(net->r1.host, &path, SPAN(bytes, 3000));
	sim_run_until(net->sim, 200);
	assert_int_equal(net->r3.n_dgram, 3000);
	assert_memory_equal(net->r3.dgram, bytes, 3000);
	path.remote_port = 500; /* nobody listens */
	net->r1.host->ops->send(net->r1.host, &path, SPAN(bytes, 3));
	sim_run_until(net->sim, 300);
	assert_int_equal(net->r3.dgrams, 2);
	nobody = send_ping(net, &net->r1, 0, IP(10, 0, 1, 2), 36, false);
	assert_int_equal(nobody.result, ECHO_REPLY);
	net_free(net);
}

static void
test_timers(void **state)
{
	struct net *net = net_new(1);
	const struct host_ops *ops = net->r1.host->ops;

	(void)state;
	ops->wake(net->r1.host, 500);
	ops->wake(net->r1.host, 300); /* one timer: the last word counts */
	sim_run_until(net->sim, 1000);
	assert_int_equal(net->r1.wakes, 1);
	assert_int_equal(net->r1.at, 300);
	ops->wake(net->r1.host, 2000);
	ops->wake(net->r1.host, MSEC_NEVER);
	sim_run_until(net->sim, 3000);
	assert_int_equal(net->r1.wakes, 1);
	assert_true(sim_next(net->sim) == MSEC_NEVER);
	net_free(net);
}

struct order {
	int times[200], n;
	struct order_arg {
		struct order *o;
		int number;
	} args[200];
};

static void
on_at(void *arg, msec now)
{
	struct order_arg *a = arg;

	(void)now;
	a->o->times[a->o->n++] = a->number;
}

/*
 * Events come by time and then in the order in which they were set: a seed could not repeat
 * otherwise.
 */
static void
test_order(void **state)
{
	struct sim *sim = sim_new(1, 0);
	struct order o = {.n = 0};
	int i;

	(void)state;
	for (i = 0; i < 200; i++) {
		o.args[i].o = &o;
		o.args[i].number = (i * 7 % 4) * 1000 + i;
		sim_at(sim, i * 7 % 4, on_at, &o.args[i]);
	}
	sim_run_until(sim, 2);
	assert_int_equal(o.n, 150);
	sim_run_until(sim, 10);
	assert_int_equal(o.n, 200);
	for (i = 1; i < 200; i++)
		assert_true(o.times[i - 1] < o.times[i]);
	sim_free(sim);
}

static void
test_line(void **state)
{
	struct net *net = net_new(1);
	struct arena *a = arena_new();
	size_t n;
	const struct host_interface *i;

	(void)state;
	i = net->r2.host->ops->interfaces(net->r2.host, a, &n);
	assert_int_equal(n, 3);
	assert_true(i[0].line_up && i[1].line_up && !i[2].line_up && i[2].admin_up);
	net->r1.host->ops->routes(net->r1.host, a, &n);
	assert_int_equal(n, 3); /* default, connected, local */
	net->r1.log[0] = net->r2.log[0] = '\0';
	assert_int_equal(sim_interface_set(net->sim, "R2", F0, false), 0);
	assert_string_equal(net->r1.log, "%LINK-3-UPDOWN: Interface " F0 ", changed state to down\n"
	                                 "%LINEPROTO-5-UPDOWN: Line protocol on Interface " F0
	                                 ", changed state to down\n");
	assert_string_equal(net->r1.log, net->r2.log);
	net->r1.host->ops->routes(net->r1.host, a, &n);
	assert_int_equal(n, 0);
	assert_int_equal(send_ping(net, &net->r1, 0, IP(10, 0, 1, 2), 100, false).result,
	                 ECHO_SEND_FAILED);
	sim_interface_set(net->sim, "R2", F0, true);
	assert_int_equal(send_ping(net, &net->r1, 0, IP(10, 0, 1, 2), 100, false).result,
	                 ECHO_REPLY);
	assert_int_equal(sim_interface_set(net->sim, "R2", "Serial0/0", true), -2);
	arena_free(a);
	net_free(net);
}

static void
test_power(void **state)
{
	struct net *net = net_new(1);
	const uint32_t lo = IP(192, 168, 3, 3);
	struct ping p = {-1, 0, 0};
	struct echo_request q = {.dst = lo, .timeout = SECONDS(2), .done = on_echo, .arg = &p};
	struct path path = {.remote = lo, .remote_port = 848};

	(void)state;
	net->r2.host->ops->wake(net->r2.host, 100);
	net->r2.host->ops->echo(net->r2.host, &q);
	sim_node_power(net->sim, "R2", false);
	assert_int_equal(p.result, ECHO_TIMEOUT);
	assert_int_not_equal(net->r2.host->ops->send(net->r2.host, &path, SPAN("x", 1)), 0);
	assert_int_equal(send_ping(net, &net->r1, 0, lo, 100, false).result, ECHO_SEND_FAILED);
	assert_int_equal(net->r2.wakes, 0);
	sim_node_power(net->sim, "R2", true);
	net->r2.host->ops->apply(net->r2.host, &r2_policy);
	assert_int_equal(send_ping(net, &net->r1, 0, lo, 100, false).result, ECHO_REPLY);
	net_free(net);
}

static void
test_filter(void **state)
{
	static const struct policy_ace aces[] = {
	    {.seq = 10,
	     .proto = 1,
	     .icmp_type = 8,
	     .dst = IP(192, 168, 3, 3),
	     .dst_mask = ~0u,
	     .text = ""},
	    {.seq = 20, .permit = true, .icmp_type = -1, .text = ""},
	};
	static const struct policy_acl acls[] = {{.name = "F", .n_aces = 2, .aces = aces}};
	struct policy_interface nics[ARRAY_SIZE(r2_nics)];
	struct policy p = r2_policy;
	struct net *net = net_new(1);
	const struct host_ops *ops = net->r2.host->ops;
	const uint32_t lo = IP(192, 168, 3, 3);

	(void)state;
	memcpy(nics, r2_nics, sizeof(nics));
	nics[0].acl_in = &acls[0];
	p.interfaces = nics;
	p.n_acls = 1;
	p.acls = acls;
	ops->apply(net->r2.host, &p);
	assert_int_equal(send_ping(net, &net->r1, 0, lo, 100, false).result, ECHO_UNREACHABLE);
	assert_int_equal(send_ping(net, &net->r1, 0, IP(10, 0, 2, 3), 100, false).result,
	                 ECHO_REPLY);
	assert_int_equal(ops->acl_matches(net->r2.host, "F", 10), 1);
	assert_int_equal(ops->acl_matches(net->r2.host, "F", 20), 1);
	ops->apply(net->r2.host, &p); /* counts stay */
	assert_int_equal(ops->acl_matches(net->r2.host, "F", 10), 1);
	nics[0].acl_in = NULL;
	nics[1].acl_out = &acls[0];
	ops->apply(net->r2.host, &p);
	assert_int_equal(send_ping(net, &net->r1, 0, lo, 100, false).result, ECHO_UNREACHABLE);
	/* what the router makes itself is not filtered on its way out */
	assert_int_equal(send_ping(net, &net->r2, 0, lo, 100, false).result, ECHO_REPLY);
	net_free(net);
}

/* --- faults repeat ---------------------------------------------------------------------------- */

static char *
slurp_file(const char *path, size_t *ret_n)
{
	FILE *f = fopen(path, "rb");
	char *bytes = x_alloc(1 << 20);

	assert_non_null(f);
	*ret_n = fread(bytes, 1, 1 << 20, f);
	fclose(f);
	return bytes;
}

/* A hundred pings in a bad network, captured; returns how many came back. */
static int
ping_in_storm(uint64_t seed, const char *dir)
{
	struct net *net = net_new(seed);
	int i, replies = 0;

	assert_int_equal(sim_pcap(net->sim, dir), 0);
	sim_faults(net->sim, 0.1, 0.1, 0.2);
	for (i = 0; i < 100; i++)
		replies += send_ping(net, &net->r1, 0, IP(192, 168, 3, 3), 100, false).result ==
		           ECHO_REPLY;
	net_free(net);
	return replies;
}

static void
test_faults_repeat(void **state)
{
	char dir[] = "/tmp/testudo-sim-XXXXXX", path[64];
	char *first, *again, *other;
	size_t n_first, n_again, n_other;
	int replies;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/b.pcap", dir);
	replies = ping_in_storm(42, dir);
	assert_in_range(replies, 40, 90);
	first = slurp_file(path, &n_first);
	assert_int_equal(ping_in_storm(42, dir), replies);
	again = slurp_file(path, &n_again);
	ping_in_storm(43, dir);
	other = slurp_file(path, &n_other);
	assert_true(n_first > 24 + 100 * 116);
	assert_memory_equal(first, "\xa1\xb2\xc3\xd4\0\2\0\4", 8);
	assert_int_equal(n_first, n_again);
	assert_memory_equal(first, again, n_first);
	assert_true(n_first != n_other || memcmp(first, other, n_first) != 0);
	unlink(path);
	snprintf(path, sizeof(path), "%s/a.pcap", dir);
	unlink(path);
	rmdir(dir);
	free(first);
	free(again);
	free(other);
}

/* --- longest match ---------------------------------------------------------------------------- */

static void
test_fib(void **state)
{
	static const struct fib_route r[] = {
	    {.source = ROUTE_CONNECTED, .to = {IP(10, 0, 1, 0), 24}, .interface = "A"},
	    {.source = ROUTE_CONNECTED, .to = {IP(10, 0, 2, 0), 24}, .interface = "B"},
	    {.to = {0, 0}, .via = IP(10, 0, 1, 1), .distance = 1},
	    {.to = {IP(20, 0, 0, 0), 8}, .via = IP(10, 0, 2, 1), .distance = 1},
	    {.to = {IP(20, 1, 0, 0), 16}, .via = IP(20, 0, 0, 9), .distance = 1}, /* recursive */
	    {.to = {IP(20, 1, 2, 3), 32}, .interface = "A", .distance = 1},
	    {.to = {IP(30, 0, 0, 0), 8}, .via = IP(10, 0, 1, 7), .distance = 200},
	    {.to = {IP(30, 0, 0, 0), 8}, .via = IP(10, 0, 2, 7), .distance = 5},
	    {.to = {IP(10, 0, 1, 0), 24}, .via = IP(10, 0, 2, 7), .distance = 1},
	};
	static const struct {
		uint32_t dst;
		const char *interface;
		uint32_t next;
	} cases[] = {
	    {IP(10, 0, 1, 5), "A", IP(10, 0, 1, 5)}, {IP(99, 0, 0, 1), "A", IP(10, 0, 1, 1)},
	    {IP(20, 9, 9, 9), "B", IP(10, 0, 2, 1)}, {IP(20, 1, 9, 9), "B", IP(10, 0, 2, 1)},
	    {IP(20, 1, 2, 3), "A", IP(20, 1, 2, 3)}, {IP(30, 1, 1, 1), "B", IP(10, 0, 2, 7)},
	};
	struct fib *f = fib_new(r, ARRAY_SIZE(r));
	const char *interface;
	uint32_t next;
	size_t i, n;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_true(fib_lookup(f, cases[i].dst, &interface, &next));
		assert_string_equal(interface, cases[i].interface);
		assert_int_equal(next, cases[i].next);
	}
	fib_routes(f, &n);
	assert_int_equal(n, 7);
	fib_free(f);
	/* next hops that lead nowhere, or to themselves */
	f = fib_new((struct fib_route[]){{.to = {IP(1, 0, 0, 0), 8}, .via = IP(2, 0, 0, 1)},
	                                 {.to = {IP(2, 0, 0, 0), 8}, .via = IP(1, 0, 0, 1)},
	                                 {.to = {IP(3, 0, 0, 0), 8}, .via = IP(3, 0, 0, 1)}},
	            3);
	assert_false(fib_lookup(f, IP(1, 2, 3, 4), &interface, &next));
	assert_false(fib_lookup(f, IP(3, 2, 3, 4), &interface, &next));
	fib_free(f);
}

static void
test_fib_against_naive(void **state)
{
	enum { N = 2000 };
	static const char *const names[] = {"A", "B", "C", "D"};
	struct fib_route *r = x_alloc(N * sizeof(*r));
	const char *interface = NULL;
	struct fib *f;
	size_t i, k;

	(void)state;
	srand(3);
	for (i = 0; i < N; i++) {
		r[i].to.len = (uint8_t)(rand() % 33);
		r[i].to.addr = ((uint32_t)rand() & 0x3ff) << 22 | ((uint32_t)rand() & 0x3fffff);
		r[i].to.addr &= prefix_mask(r[i].to.len);
		r[i].interface = names[rand() % 4];
	}
	f = fib_new(r, N);
	for (k = 0; k < 5000; k++) {
		uint32_t dst = r[rand() % N].to.addr ^ ((uint32_t)rand() & 0xfff), next;
		const struct fib_route *best = NULL;

		for (i = 0; i < N; i++)
			if (prefix_contains(r[i].to, dst) && (!best || r[i].to.len > best->to.len))
				best = &r[i];
		assert_int_equal(fib_lookup(f, dst, &interface, &next), best != NULL);
		if (best)
			assert_string_equal(interface, best->interface);
	}
	fib_free(f);
	free(r);
}

/* --- fragments -------------------------------------------------------------------------------- */

struct pieces {
	uint8_t bytes[64][1600];
	size_t n[64], count;
};

static void
on_piece(void *arg, struct span bytes)
{
	struct pieces *p = arg;

	memcpy(p->bytes[p->count], bytes.p, bytes.n);
	p->n[p->count++] = bytes.n;
}

static bool
add_piece(struct frag_table *t, struct pieces *p, size_t i, msec now, struct span *ret)
{
	struct ip4 h;

	assert_true(ip4_parse(SPAN(p->bytes[i], p->n[i]), &h));
	return frag_add(t, SPAN(p->bytes[i], p->n[i]), &h, now, ret);
}

static void
test_fragments(void **state)
{
	struct pieces *p = x_alloc(sizeof(*p));
	struct frag_table *t = frag_table_new();
	uint8_t whole[4000];
	struct ip4 h = {.ttl = 9, .proto = 17, .total = sizeof(whole), .id = 5, .src = 1, .dst = 2};
	struct span got;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(whole); i++)
		whole[i] = (uint8_t)(i * 7);
	ip4_write(whole, &h);
	frag_cut(SPAN(whole, sizeof(whole)), 1500, on_piece, p);
	assert_int_equal(p->count, 3);
	/* a fragment cut again, as a smaller link would */
	frag_cut(SPAN(p->bytes[1], p->n[1]), 600, on_piece, p);
	assert_int_equal(p->count, 6);
	/* last first, one twice, the middle in its smaller pieces */
	assert_false(add_piece(t, p, 2, 0, &got));
	assert_false(add_piece(t, p, 5, 0, &got));
	assert_false(add_piece(t, p, 2, 0, &got));
	assert_false(add_piece(t, p, 0, 0, &got));
	assert_false(add_piece(t, p, 3, 0, &got));
	assert_true(add_piece(t, p, 4, 0, &got));
	assert_int_equal(got.n, sizeof(whole));
	assert_memory_equal(got.p, whole, sizeof(whole));
	/* too late; an overlap spoils the datagram for good */
	assert_false(add_piece(t, p, 0, 100, &got));
	assert_false(add_piece(t, p, 1, 100, &got));
	assert_false(add_piece(t, p, 2, 100 + FRAG_TIMEOUT + 1, &got));
	assert_false(add_piece(t, p, 0, SECONDS(100), &got));
	assert_false(add_piece(t, p, 3, SECONDS(100), &got));
	assert_false(add_piece(t, p, 1, SECONDS(100), &got));
	assert_false(add_piece(t, p, 2, SECONDS(100), &got));
	assert_false(add_piece(t, p, 4, SECONDS(100), &got));
	assert_false(add_piece(t, p, 5, SECONDS(100), &got));
	/* many at once: memory stays bounded, the newest completes */
	for (i = 0; i < 500; i++) {
		packet_put16(p->bytes[0] + 4, (uint16_t)i);
		ip4_refresh(p->bytes[0]);
		assert_false(add_piece(t, p, 0, SECONDS(200), &got));
	}
	for (i = 1; i < 3; i++) {
		packet_put16(p->bytes[i] + 4, 499);
		ip4_refresh(p->bytes[i]);
		assert_int_equal(add_piece(t, p, i, SECONDS(200), &got), i == 2);
	}
	frag_table_free(t);
	free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_forwarding),
	    cmocka_unit_test(test_unreachable),
	    cmocka_unit_test(test_hops),
	    cmocka_unit_test(test_ttl),
	    cmocka_unit_test(test_datagram),
	    cmocka_unit_test(test_timers),
	    cmocka_unit_test(test_order),
	    cmocka_unit_test(test_line),
	    cmocka_unit_test(test_power),
	    cmocka_unit_test(test_filter),
	    cmocka_unit_test(test_faults_repeat),
	    cmocka_unit_test(test_fib),
	    cmocka_unit_test(test_fib_against_naive),
	    cmocka_unit_test(test_fragments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
