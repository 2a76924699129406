/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A firewall in the virtual network: what passes and what does not, that it is not seen on the way,
 * fragments, what it takes for itself, times, a policy that changes, power, traces.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/host/sim/sim.h"

#define IP(a, b, c, d) ((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))
#define G0             "GigabitEthernet0/0"
#define G1             "GigabitEthernet0/1"
#define ANY_ICMP       .icmp_type = -1, .icmp_code = -1

#define IN_HOST        IP(10, 1, 1, 1)
#define FW_IN          IP(10, 1, 1, 254)
#define FW_OUT         IP(20, 1, 1, 254)
#define OUT_HOST       IP(20, 1, 1, 2)
#define FAR_HOST       IP(192, 168, 2, 2) /* behind OUT_HOST */

struct end {
	struct host *host;
	size_t dgrams, bytes;
	char log[8192];
};

struct net {
	struct sim *sim;
	struct end a, fw, b;
};

static void
on_datagram(void *arg, const struct path *path, struct span dgram, msec now)
{
	struct end *e = arg;

	(void)path;
	(void)now;
	e->dgrams++;
	e->bytes = dgram.n;
}

static void
on_timer(void *arg, msec now)
{
	(void)arg;
	(void)now;
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

	e->host = sim_node_add(sim, name, &ev);
}

static const struct policy_ace gdoi[] = {
    {.seq = 1,
     .line = 1,
     .hash = 0x11,
     .permit = true,
     .proto = 17,
     .n_dport = 1,
     .dport = {{848, 848}},
     ANY_ICMP},
};
static const struct policy_acl acls[] = {{.name = "OUT_IN", .n_aces = 1, .aces = gdoi}};
static const struct policy_interface a_nics[] = {
    {.name = G0, .has_address = true, .addr = IN_HOST, .len = 24}};
static const struct policy_interface b_nics[] = {
    {.name = G0, .has_address = true, .addr = OUT_HOST, .len = 24},
    {.name = "Loopback0", .has_address = true, .addr = FAR_HOST, .len = 32}};
static const struct policy_route a_routes[] = {{.via = FW_IN, .distance = 1}};
static const struct policy_route b_routes[] = {{.via = FW_OUT, .distance = 1}};
static const struct policy_route fw_routes[] = {
    {.to = {IP(192, 168, 2, 0), 24}, .via = OUT_HOST, .distance = 1}};
static const struct policy a_policy = {
    .ip_routing = true, .n_interfaces = 1, .interfaces = a_nics, .n_routes = 1, .routes = a_routes};
static const struct policy b_policy = {
    .ip_routing = true, .n_interfaces = 2, .interfaces = b_nics, .n_routes = 1, .routes = b_routes};

#define FW_NICS(list)                                                                              \
	{                                                                                          \
		{.name = G0,                                                                       \
		 .has_address = true,                                                              \
		 .addr = FW_IN,                                                                    \
		 .len = 24,                                                                        \
		 .nameif = "INSIDE",                                                               \
		 .security_level = 100},                                                           \
		    {.name = G1,                                                                   \
		     .has_address = true,                                                          \
		     .addr = FW_OUT,                                                               \
		     .len = 24,                                                                    \
		     .nameif = "OUTSIDE",                                                          \
		     .acl_in = list},                                                              \
	}

static const struct policy_interface fw_nics[] = FW_NICS(NULL);
static const struct policy_interface fw_nics_list[] = FW_NICS(&acls[0]);

#define FW_POLICY(nics)                                                                            \
	{                                                                                          \
		.firewall = true, .n_interfaces = 2, .interfaces = nics, .n_routes = 1,            \
		.routes = fw_routes, .n_acls = 1, .acls = acls                                     \
	}

static const struct policy fw_policy = FW_POLICY(fw_nics);
static const struct policy fw_policy_list = FW_POLICY(fw_nics_list);

static int
set_up_net(void **state)
{
	struct net *n = x_alloc(sizeof(*n));

	n->sim = sim_new(1, 1700000000000);
	end_add(n->sim, "A", &n->a);
	end_add(n->sim, "FW", &n->fw);
	end_add(n->sim, "B", &n->b);
	sim_link_add(n->sim, "in", 1);
	sim_link_add(n->sim, "out", 1);
	sim_link_attach(n->sim, "in", "A", G0);
	sim_link_attach(n->sim, "in", "FW", G0);
	sim_link_attach(n->sim, "out", "FW", G1);
	sim_link_attach(n->sim, "out", "B", G0);
	n->a.host->ops->apply(n->a.host, &a_policy);
	n->fw.host->ops->apply(n->fw.host, &fw_policy);
	n->b.host->ops->apply(n->b.host, &b_policy);
	*state = n;
	return 0;
}

static int
tear_down_net(void **state)
{
	struct net *n = *state;

	sim_free(n->sim);
	free(n);
	return 0;
}

static void
on_echo(void *arg, const struct echo_answer *answer)
{
	*(struct echo_answer *)arg = *answer;
}

static struct echo_answer
send_ping(struct net *n, struct end *from, uint32_t dst, uint16_t size, uint8_t ttl)
{
	struct echo_answer answer = {.result = ECHO_SEND_FAILED};
	struct echo_request r = {.dst = dst,
	                         .size = size,
	                         .timeout = SECONDS(2),
	                         .done = on_echo,
	                         .arg = &answer,
	                         .ttl = ttl};

	assert_int_equal(from->host->ops->echo(from->host, &r), 0);
	sim_run_until(n->sim, sim_now(n->sim) + SECONDS(3));
	return answer;
}

static void
test_levels(void **state)
{
	struct net *n = *state;
	struct echo_answer p = send_ping(n, &n->a, OUT_HOST, 100, 0);

	assert_int_equal(p.result, ECHO_REPLY);
	assert_int_equal(send_ping(n, &n->a, FAR_HOST, 100, 0).result, ECHO_REPLY);
	/* The firewall drops in silence: no answer says that somebody stopped the packet. */
	assert_int_equal(send_ping(n, &n->b, IN_HOST, 100, 0).result, ECHO_TIMEOUT);
	assert_non_null(strstr(n->fw.log,
	                       "%ASA-3-106014: Deny inbound icmp src OUTSIDE:20.1.1.2 dst "
	                       "INSIDE:10.1.1.1 (type 8, code 0)"));
	/* And it is no hop: the time to live is the same behind it. */
	p = send_ping(n, &n->a, OUT_HOST, 100, 1);
	assert_int_equal(p.result, ECHO_REPLY);
	assert_int_equal(p.from, OUT_HOST);
}

/* Fragments are put together, judged once, and go on; in both directions. */
static void
test_fragments(void **state)
{
	struct net *n = *state;

	assert_int_equal(send_ping(n, &n->a, OUT_HOST, 5000, 0).result, ECHO_REPLY);
	assert_null(strstr(n->fw.log, "Deny"));
	assert_int_equal(send_ping(n, &n->b, IN_HOST, 5000, 0).result, ECHO_TIMEOUT);
}

/* Pings at the address of the interface they come in by, and nothing else. */
static void
test_itself(void **state)
{
	struct net *n = *state;
	struct path path = {.local_port = 848, .remote = FW_OUT, .remote_port = 848};

	assert_int_equal(send_ping(n, &n->a, FW_IN, 100, 0).result, ECHO_REPLY);
	assert_int_equal(send_ping(n, &n->b, FW_OUT, 100, 0).result, ECHO_REPLY);
	assert_int_equal(send_ping(n, &n->a, FW_OUT, 100, 0).result, ECHO_TIMEOUT);
	assert_int_equal(send_ping(n, &n->fw, OUT_HOST, 100, 0).result, ECHO_REPLY);
	assert_int_equal(n->b.host->ops->send(n->b.host, &path, SPAN("x", 1)), 0);
	path.remote_port = 500;
	assert_int_equal(n->b.host->ops->send(n->b.host, &path, SPAN("x", 1)), 0);
	sim_run_until(n->sim, sim_now(n->sim) + 100);
	assert_int_equal(n->fw.dgrams, 1);
}

static void
send_hello(struct net *n, struct end *from, uint32_t to)
{
	const struct path path = {.local_port = 848, .remote = to, .remote_port = 848};

	assert_int_equal(from->host->ops->send(from->host, &path, SPAN("hello", 5)), 0);
	sim_run_until(n->sim, sim_now(n->sim) + 100);
}

static size_t
count_conns(struct net *n)
{
	struct arena *a = arena_new();
	size_t count;

	n->fw.host->ops->filter_conns(n->fw.host, a, &count);
	arena_free(a);
	return count;
}

static void
test_policy_and_time(void **state)
{
	struct net *n = *state;
	const struct host_ops *ops = n->fw.host->ops;
	struct arena *a = arena_new();
	const uint64_t *hits;
	size_t count;

	send_hello(n, &n->b, IN_HOST);
	assert_int_equal(n->a.dgrams, 0);
	ops->apply(n->fw.host, &fw_policy_list);
	send_hello(n, &n->b, IN_HOST);
	send_hello(n, &n->a, OUT_HOST); /* an answer */
	assert_int_equal(n->a.dgrams, 1);
	assert_int_equal(n->b.dgrams, 1);
	assert_int_equal(count_conns(n), 1);
	ops->apply(n->fw.host, &fw_policy); /* the rule goes, the connection stays */
	send_hello(n, &n->b, IN_HOST);
	assert_int_equal(n->a.dgrams, 2);
	hits = ops->filter_counters(n->fw.host, "OUT_IN", a, &count);
	assert_int_equal(count, 1);
	assert_int_equal(hits[0], 1);
	assert_int_equal(ops->acl_matches(n->fw.host, "OUT_IN", 1), 1);
	assert_null(ops->filter_counters(n->fw.host, "NONE", a, &count));
	/* The connection ends by its time-out, without a packet. */
	sim_run_until(n->sim, sim_now(n->sim) + SECONDS(121));
	assert_int_equal(count_conns(n), 0);
	assert_non_null(strstr(n->fw.log,
	                       "%ASA-6-302016: Teardown UDP connection 1 for "
	                       "OUTSIDE:20.1.1.2/848 to INSIDE:10.1.1.1/848 duration 0:02:00"));
	send_hello(n, &n->b, IN_HOST);
	assert_int_equal(n->a.dgrams, 2);
	arena_free(a);
}

static void
test_clear_and_power(void **state)
{
	struct net *n = *state;
	const struct host_ops *ops = n->fw.host->ops;

	send_hello(n, &n->a, OUT_HOST);
	assert_int_equal(count_conns(n), 1);
	assert_int_equal(ops->filter_clear(n->fw.host, FILTER_CLEAR_CONNS, NULL), 1);
	assert_int_equal(count_conns(n), 0);
	send_hello(n, &n->a, OUT_HOST);
	sim_node_power(n->sim, "FW", false);
	assert_int_equal(count_conns(n), 0);
	sim_run_until(n->sim, sim_now(n->sim) + SECONDS(300));
	sim_node_power(n->sim, "FW", true);
	ops->apply(n->fw.host, &fw_policy);
	sim_run_until(n->sim, sim_now(n->sim) + SECONDS(1));
	assert_int_equal(n->b.dgrams, 2);
	send_hello(n, &n->a, OUT_HOST);
	assert_int_equal(n->b.dgrams, 3);
}

static void
test_trace(void **state)
{
	struct net *n = *state;
	const struct host_ops *ops = n->fw.host->ops;
	struct filter_packet p = {
	    .flow = {.src = OUT_HOST, .dst = IN_HOST, .proto = 17, .dport = 500}};
	struct filter_trace t;

	assert_int_equal(ops->filter_trace(n->a.host, G0, &p, &t), -EOPNOTSUPP);
	assert_int_equal(ops->filter_trace(n->fw.host, "G9", &p, &t), -ENODEV);
	ops->apply(n->fw.host, &fw_policy_list);
	assert_int_equal(ops->filter_trace(n->fw.host, G1, &p, &t), 0);
	assert_int_equal(t.reason, FILTER_IMPLICIT);
	assert_int_equal(t.steps[0].kind, FILTER_STEP_ROUTE);
	assert_string_equal(t.out->nameif, "INSIDE");
	assert_int_equal(t.route.addr, IP(10, 1, 1, 0));
	assert_int_equal(t.route.len, 24);
	p.flow.dport = 848;
	assert_int_equal(ops->filter_trace(n->fw.host, G1, &p, &t), 0);
	assert_int_equal(t.reason, FILTER_PASS);
	assert_int_equal(t.steps[1].ace->hash, 0x11);
	p.flow = (struct flow){.src = IN_HOST, .dst = FAR_HOST, .proto = 50};
	assert_int_equal(ops->filter_trace(n->fw.host, G0, &p, &t), 0);
	assert_int_equal(t.reason, FILTER_PASS);
	assert_int_equal(t.via, OUT_HOST);
	p.flow.dst = IP(99, 1, 1, 1);
	assert_int_equal(ops->filter_trace(n->fw.host, G0, &p, &t), 0);
	assert_int_equal(t.reason, FILTER_NO_ROUTE);
	p.flow.dst = FW_OUT;
	assert_int_equal(ops->filter_trace(n->fw.host, G0, &p, &t), 0);
	assert_int_equal(t.reason, FILTER_NOT_HERE);
	assert_true(t.local);
	assert_int_equal(count_conns(n), 0);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, set_up_net, tear_down_net)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(test_levels),          T(test_fragments),       T(test_itself),
	    T(test_policy_and_time), T(test_clear_and_power), T(test_trace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
