/* SPDX-License-Identifier: Apache-2.0 */
/* Routing protocols in the virtual network: computed tables carry packets, faults hurt in time. */
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
#define F0             "FastEthernet0/0"
#define F1             "FastEthernet0/1"
#define LO             "Loopback0"

static struct policy_ospf_interface in_area = {.process = 1, .priority = -1};

#define NIC(nic, a, l)                                                                             \
	{                                                                                          \
		.name = nic, .has_address = true, .addr = a, .len = l, .ospf = &in_area            \
	}
#define POLICY(nics)                                                                               \
	{                                                                                          \
		.ip_routing = true, .n_interfaces = ARRAY_SIZE(nics), .interfaces = nics,          \
		.routing = {                                                                       \
			.n_ospf = 1,                                                               \
			.ospf = &ospf                                                              \
		}                                                                                  \
	}

/*
 *      R2
 *    /    \      a square: two equal ways from R1 to R4 and its loopback
 *  R1      R4
 *    \    /
 *      R3
 */
enum { NODES = 4 };
static const struct policy_ospf ospf = {.process = 1, .log_adjacency_changes = true};
static const struct policy_interface r1_nics[] = {
    NIC(F0, IP(10, 0, 12, 1), 24), NIC(F1, IP(10, 0, 13, 1), 24), NIC(LO, IP(10, 255, 0, 1), 32)};
static const struct policy_interface r2_nics[] = {NIC(F0, IP(10, 0, 12, 2), 24),
                                                  NIC(F1, IP(10, 0, 24, 2), 24)};
static const struct policy_interface r3_nics[] = {NIC(F0, IP(10, 0, 13, 3), 24),
                                                  NIC(F1, IP(10, 0, 34, 3), 24)};
static const struct policy_interface r4_nics[] = {
    NIC(F0, IP(10, 0, 24, 4), 24), NIC(F1, IP(10, 0, 34, 4), 24), NIC(LO, IP(10, 255, 0, 4), 32)};
static const struct policy policies[NODES] = {POLICY(r1_nics), POLICY(r2_nics), POLICY(r3_nics),
                                              POLICY(r4_nics)};
static const char *const names[NODES] = {"R1", "R2", "R3", "R4"};

struct world {
	struct sim *sim;
	struct host *hosts[NODES];
	char log[8192];
	size_t by[NODES]; /* packets that each has put on a link */
};

static void
on_log(void *arg, const struct log_record *r)
{
	struct world *w = arg;
	size_t n = strlen(w->log);

	if (strstr(r->text, "%OSPF"))
		snprintf(w->log + n, sizeof(w->log) - n, "%s\n", r->text);
}

static void
on_timer(void *arg, msec now)
{
	(void)arg;
	(void)now;
}

static void
on_seen(void *arg, const struct sim_seen *seen)
{
	struct world *w = arg;

	for (size_t k = 0; seen->what == SIM_ON_LINK && k < NODES; k++)
		w->by[k] += strcmp(seen->node, names[k]) == 0;
}

static void
link_make(struct world *w, const char *name, const char *a, const char *nic_a, const char *b,
          const char *nic_b)
{
	assert_int_equal(sim_link_add(w->sim, name, 1), 0);
	assert_int_equal(sim_link_attach(w->sim, name, a, nic_a), 0);
	assert_int_equal(sim_link_attach(w->sim, name, b, nic_b), 0);
}

static struct world *
world_new(void)
{
	struct world *w = x_alloc(sizeof(*w));

	w->sim = sim_new(1, 0);
	for (size_t k = 0; k < NODES; k++)
		w->hosts[k] = sim_node_add(
		    w->sim, names[k],
		    &(struct host_events){.timer = on_timer, .log = {on_log, w, NULL}, .arg = w});
	link_make(w, "a", "R1", F0, "R2", F0);
	link_make(w, "b", "R1", F1, "R3", F0);
	link_make(w, "c", "R2", F1, "R4", F0);
	link_make(w, "d", "R3", F1, "R4", F1);
	for (size_t k = 0; k < NODES; k++)
		assert_int_equal(w->hosts[k]->ops->apply(w->hosts[k], &policies[k]), 0);
	return w;
}

static void
world_free(struct world *w)
{
	sim_free(w->sim);
	free(w);
}

static void
on_answer(void *arg, const struct echo_answer *answer)
{
	*(int *)arg = answer->result;
}

/* From R1 (src 0: its nearest address) to an address. */
static int
ping_from(struct world *w, uint32_t src, uint32_t dst)
{
	int result = -1;

	w->hosts[0]->ops->echo(w->hosts[0], &(struct echo_request){.dst = dst,
	                                                           .src = src,
	                                                           .size = 100,
	                                                           .timeout = 500,
	                                                           .done = on_answer,
	                                                           .arg = &result});
	sim_run_until(w->sim, sim_now(w->sim) + 1000);
	return result;
}

static void
test_comes_up(void **state)
{
	struct world *w = world_new();

	(void)state;
	sim_run_until(w->sim, SECONDS(30));
	assert_int_not_equal(ping_from(w, 0, IP(10, 255, 0, 4)), ECHO_REPLY);
	sim_run_until(w->sim, SECONDS(60));
	assert_non_null(strstr(w->log, "%OSPF-5-ADJCHG: Process 1, Nbr 10.255.0.1 on " F0
	                               " from LOADING to FULL, Loading Done\n"));
	assert_int_equal(ping_from(w, 0, IP(10, 255, 0, 4)), ECHO_REPLY);
	assert_int_equal(ping_from(w, IP(10, 255, 0, 1), IP(10, 255, 0, 4)), ECHO_REPLY);
	world_free(w);
}

/* Flows share the two ways, and each keeps its own. */
static void
test_equal_ways(void **state)
{
	struct world *w = world_new();
	const uint32_t sources[] = {IP(10, 255, 0, 1), IP(10, 0, 12, 1), IP(10, 0, 13, 1)};
	bool used[NODES] = {false};

	(void)state;
	sim_run_until(w->sim, SECONDS(60));
	sim_watch(w->sim, on_seen, w);
	for (size_t k = 0; k < ARRAY_SIZE(sources) * 2; k++) {
		uint32_t dst = k % 2 ? IP(10, 255, 0, 4) : IP(10, 0, 34, 4);
		size_t way = 0;

		for (int again = 0; again < 3; again++) {
			size_t by;

			memset(w->by, 0, sizeof(w->by));
			assert_int_equal(ping_from(w, sources[k / 2], dst), ECHO_REPLY);
			by = w->by[1] > w->by[2] ? 1 : 2;
			assert_true(!again || by == way || w->by[1] == w->by[2]);
			way = by;
		}
		used[way] = true;
	}
	assert_true(used[1] && used[2]);
	world_free(w);
}

/* A line that goes down is taken out of the tables at once; a node that is mute only in time. */
static bool
r2_is_mute(void *arg, const char *from, const char *to)
{
	(void)arg;
	return strcmp(from, "R2") != 0 && strcmp(to, "R2") != 0;
}

static void
test_faults(void **state)
{
	struct world *w = world_new();
	int lost = 0;

	(void)state;
	sim_run_until(w->sim, SECONDS(60));
	sim_interface_set(w->sim, "R1", F0, false);
	for (uint32_t k = 0; k < 4; k++)
		assert_int_equal(ping_from(w, k % 2 ? IP(10, 255, 0, 1) : 0, IP(10, 255, 0, 4)),
		                 ECHO_REPLY);
	sim_interface_set(w->sim, "R1", F0, true);
	sim_run_until(w->sim, SECONDS(180));
	sim_gate(w->sim, r2_is_mute, NULL);
	for (uint32_t k = 0; k < 20; k++)
		lost +=
		    ping_from(w, k % 2 ? IP(10, 255, 0, 1) : 0, IP(10, 255, 0, 4)) != ECHO_REPLY;
	assert_true(lost > 0);
	sim_run_until(w->sim, SECONDS(221));
	assert_non_null(strstr(w->log, "FULL to DOWN, Neighbor Down: Dead timer expired"));
	for (uint32_t k = 0; k < 4; k++)
		assert_int_equal(ping_from(w, k % 2 ? IP(10, 255, 0, 1) : 0, IP(10, 255, 0, 4)),
		                 ECHO_REPLY);
	world_free(w);
}

/* Off and on again: what it knew is gone, what it is told comes back. */
static void
test_power(void **state)
{
	struct world *w = world_new();
	size_t n;
	struct arena *a = arena_new();

	(void)state;
	sim_run_until(w->sim, SECONDS(60));
	sim_node_power(w->sim, "R1", false);
	sim_run_until(w->sim, SECONDS(120));
	w->hosts[0]->ops->routes(w->hosts[0], a, &n);
	assert_int_equal(n, 0);
	sim_node_power(w->sim, "R1", true);
	w->hosts[0]->ops->apply(w->hosts[0], &policies[0]);
	sim_run_until(w->sim, SECONDS(200));
	assert_int_equal(ping_from(w, 0, IP(10, 255, 0, 4)), ECHO_REPLY);
	arena_free(a);
	world_free(w);
}

/* A static route is nearer than OSPF; a floating one waits behind it. */
static void
test_distance(void **state)
{
	static const struct policy_route statics[] = {
	    {.to = {IP(10, 0, 24, 0), 24}, .via = IP(10, 0, 13, 3), .distance = 1},
	    {.to = {IP(10, 0, 34, 0), 24}, .via = IP(10, 0, 12, 2), .distance = 200},
	};
	struct policy with = policies[0];
	struct world *w = world_new();
	struct arena *a = arena_new();
	const struct host_route *r;
	size_t n, found = 0;

	(void)state;
	with.routes = statics;
	with.n_routes = 2;
	w->hosts[0]->ops->apply(w->hosts[0], &with);
	sim_run_until(w->sim, SECONDS(60));
	r = w->hosts[0]->ops->routes(w->hosts[0], a, &n);
	for (size_t k = 0; k < n; k++) {
		if (r[k].to.addr == IP(10, 0, 24, 0)) {
			assert_int_equal(r[k].source, ROUTE_STATIC);
			found++;
		}
		if (r[k].to.addr == IP(10, 0, 34, 0)) {
			assert_int_equal(r[k].source, ROUTE_LEARNED);
			assert_int_equal(r[k].kind, ROUTING_KIND_OSPF_INTRA);
			assert_int_equal(r[k].metric, 2);
			assert_int_equal(r[k].age, SECONDS(20));
			found++;
		}
	}
	assert_int_equal(found, 2);
	arena_free(a);
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_comes_up), cmocka_unit_test(test_equal_ways),
	    cmocka_unit_test(test_faults),   cmocka_unit_test(test_power),
	    cmocka_unit_test(test_distance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
