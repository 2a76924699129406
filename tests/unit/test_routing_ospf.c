/* SPDX-License-Identifier: Apache-2.0 */
/* OSPF as computed in the virtual network, by the sections of RFC 2328 and RFC 3101. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "routing_net.h"

#define F0 "FastEthernet0/0"
#define F1 "FastEthernet0/1"
#define F2 "FastEthernet1/0"
#define LO "Loopback0"

static void
assert_table(struct net *net, size_t node, const char *expected)
{
	struct text t = TEXT_INIT;

	assert_string_equal(net_table(net, node, NULL, &t), expected);
	text_fini(&t);
}

/* R1 - R2 - R3 in a row, each with a loopback: 10.0.12.0/24, 10.0.23.0/24, 10.255.0.N. */
static struct net *
row_new(uint32_t area12, uint32_t area23)
{
	struct net *net = net_new(3);

	net_iface(net, 1, F0, IP(10, 0, 12, 1), 24, 1, area12);
	net_iface(net, 2, F0, IP(10, 0, 12, 2), 24, 1, area12);
	net_iface(net, 2, F1, IP(10, 0, 23, 2), 24, 2, area23);
	net_iface(net, 3, F0, IP(10, 0, 23, 3), 24, 2, area23);
	net_iface(net, 1, LO, IP(10, 255, 0, 1), 32, 0, area12);
	net_iface(net, 2, LO, IP(10, 255, 0, 2), 32, 0, 0);
	net_iface(net, 3, LO, IP(10, 255, 0, 3), 32, 0, area23);
	return net;
}

/* 16.1: distances add up; a loopback is a host route of cost 1. */
static void
rfc2328_16_1_shortest_paths(void **state)
{
	struct net *net = row_new(0, 0);

	(void)state;
	net_start(net);
	assert_table(net, 1,
	             "O 10.0.23.0/24 [110/2] 10.0.12.2 " F0 "\n"
	             "O 10.255.0.2/32 [110/2] 10.0.12.2 " F0 "\n"
	             "O 10.255.0.3/32 [110/3] 10.0.12.2 " F0 "\n");
	assert_table(net, 2,
	             "O 10.255.0.1/32 [110/2] 10.0.12.1 " F0 "\n"
	             "O 10.255.0.3/32 [110/2] 10.0.23.3 " F1 "\n");
	net_free(net);
}

/* 9.3, 9.4: a broadcast link waits for its designated router; then neighbours are full. */
static void
rfc2328_9_4_designated_router(void **state)
{
	struct net *net = row_new(0, 0);

	(void)state;
	for (size_t k = 1; k <= 3; k++)
		net_node_start(net, k);
	net_run(net, SECONDS(39));
	assert_string_equal(text_string(&net->log), "");
	net_run(net, SECONDS(60));
	assert_string_equal(text_string(&net->log),
	                    "40 R1 10.255.0.2 " F0 " LOADING>FULL Loading Done\n"
	                    "40 R2 10.255.0.1 " F0 " LOADING>FULL Loading Done\n"
	                    "40 R2 10.255.0.3 " F1 " LOADING>FULL Loading Done\n"
	                    "40 R3 10.255.0.2 " F0 " LOADING>FULL Loading Done\n");
	net_free(net);
}

/* 10.5, 9.5: silence is noticed after the dead interval, and what both hear again comes back. */
static void
rfc2328_10_dead_interval(void **state)
{
	struct net *net = row_new(0, 0);

	(void)state;
	net_start(net);
	text_clear(&net->log);
	net->cut[0][1] = true;
	routing_gate_changed(net->r);
	net_run(net, SECONDS(99));
	assert_string_equal(text_string(&net->log), "");
	assert_table(net, 3,
	             "O 10.0.12.0/24 [110/2] 10.0.23.2 " F0 "\n"
	             "O 10.255.0.1/32 [110/3] 10.0.23.2 " F0 "\n"
	             "O 10.255.0.2/32 [110/2] 10.0.23.2 " F0 "\n");
	net_run(net, SECONDS(100));
	assert_string_equal(text_string(&net->log),
	                    "100 R1 10.255.0.2 " F0 " FULL>DOWN Neighbor Down: Dead timer expired\n"
	                    "100 R2 10.255.0.1 " F0
	                    " FULL>DOWN Neighbor Down: Dead timer expired\n");
	assert_table(net, 3,
	             "O 10.0.12.0/24 [110/2] 10.0.23.2 " F0 "\n"
	             "O 10.255.0.2/32 [110/2] 10.0.23.2 " F0 "\n");
	text_clear(&net->log);
	net->cut[0][1] = false;
	routing_gate_changed(net->r);
	net_run(net, SECONDS(120));
	assert_string_equal(text_string(&net->log),
	                    "110 R1 10.255.0.2 " F0 " LOADING>FULL Loading Done\n"
	                    "110 R2 10.255.0.1 " F0 " LOADING>FULL Loading Done\n");
	net_free(net);
}

/*
 * One end's line goes down: it and all who hear of it know at once, the other end after its dead
 * interval, unless the news reach it by another way.
 */
static void
rfc2328_10_line_down(void **state)
{
	struct net *net = row_new(0, 0);

	(void)state;
	net_start(net);
	text_clear(&net->log);
	net_interface(net, 1, F0, false);
	net_run(net, SECONDS(61));
	assert_string_equal(text_string(&net->log),
	                    "60 R1 10.255.0.2 " F0
	                    " FULL>DOWN Neighbor Down: Interface down or detached\n");
	assert_table(net, 1, "");
	assert_table(net, 3,
	             "O 10.0.12.0/24 [110/2] 10.0.23.2 " F0 "\n"
	             "O 10.255.0.1/32 [110/3] 10.0.23.2 " F0 "\n"
	             "O 10.255.0.2/32 [110/2] 10.0.23.2 " F0 "\n");
	net_run(net, SECONDS(100));
	assert_table(net, 3,
	             "O 10.0.12.0/24 [110/2] 10.0.23.2 " F0 "\n"
	             "O 10.255.0.2/32 [110/2] 10.0.23.2 " F0 "\n");
	net_free(net);
}

/* A triangle: the news of a line that is down go round, and the detour is taken at once. */
static void
rfc2328_13_news_go_round(void **state)
{
	struct net *net = row_new(0, 0);

	(void)state;
	net_iface(net, 1, F2, IP(10, 0, 13, 1), 24, 3, 0)->cost = 10;
	net_iface(net, 3, F2, IP(10, 0, 13, 3), 24, 3, 0)->cost = 10;
	net_start(net);
	assert_table(net, 2,
	             "O 10.0.13.0/24 [110/11] 10.0.12.1 " F0 " 10.0.23.3 " F1 "\n"
	             "O 10.255.0.1/32 [110/2] 10.0.12.1 " F0 "\n"
	             "O 10.255.0.3/32 [110/2] 10.0.23.3 " F1 "\n");
	net_interface(net, 1, F0, false);
	net_run(net, SECONDS(61));
	assert_table(net, 2,
	             "O 10.0.13.0/24 [110/11] 10.0.23.3 " F1 "\n"
	             "O 10.255.0.1/32 [110/12] 10.0.23.3 " F1 "\n"
	             "O 10.255.0.3/32 [110/2] 10.0.23.3 " F1 "\n");
	net_free(net);
}

/* 16.1: four equal ways at most, by default; one with `maximum-paths 1`. */
static void
rfc2328_16_8_equal_cost(void **state)
{
	struct net *net = row_new(0, 0);

	(void)state;
	net_iface(net, 1, F2, IP(10, 0, 112, 1), 24, 3, 0);
	net_iface(net, 2, F2, IP(10, 0, 112, 2), 24, 3, 0);
	net_start(net);
	assert_table(net, 1,
	             "O 10.0.23.0/24 [110/2] 10.0.12.2 " F0 " 10.0.112.2 " F2 "\n"
	             "O 10.255.0.2/32 [110/2] 10.0.12.2 " F0 " 10.0.112.2 " F2 "\n"
	             "O 10.255.0.3/32 [110/3] 10.0.12.2 " F0 " 10.0.112.2 " F2 "\n");
	net_ospf(net, 1)->maximum_paths = 1;
	net_node_start(net, 1);
	net_run(net, SECONDS(61));
	assert_table(net, 1,
	             "O 10.0.23.0/24 [110/2] 10.0.12.2 " F0 "\n"
	             "O 10.255.0.2/32 [110/2] 10.0.12.2 " F0 "\n"
	             "O 10.255.0.3/32 [110/3] 10.0.12.2 " F0 "\n");
	net_free(net);
}

/* 12.4.3, 16.2: what is in another area comes by its border router. */
static void
rfc2328_16_2_between_areas(void **state)
{
	struct net *net = row_new(0, 1);

	(void)state;
	net_start(net);
	assert_table(net, 1,
	             "O IA 10.0.23.0/24 [110/2] 10.0.12.2 " F0 "\n"
	             "O 10.255.0.2/32 [110/2] 10.0.12.2 " F0 "\n"
	             "O IA 10.255.0.3/32 [110/3] 10.0.12.2 " F0 "\n");
	assert_table(net, 3,
	             "O IA 10.0.12.0/24 [110/2] 10.0.23.2 " F0 "\n"
	             "O IA 10.255.0.1/32 [110/3] 10.0.23.2 " F0 "\n"
	             "O IA 10.255.0.2/32 [110/2] 10.0.23.2 " F0 "\n");
	net_free(net);
}

/* 12.4.3: a range stands for what is within, at the largest cost; it drops what is not there. */
static void
rfc2328_12_4_3_area_range(void **state)
{
	static const struct policy_ospf_range range = {.prefix = {IP(10, 0, 0, 0), 18},
	                                               .advertise = true};
	struct net *net = row_new(0, 1);
	struct policy_ospf_area *area = net_area(net, 2, 1);

	(void)state;
	area->ranges = &range;
	area->n_ranges = 1;
	net_iface(net, 3, F2, IP(10, 0, 33, 3), 24, 3, 1)->cost = 7;
	net_start(net);
	assert_table(net, 1,
	             "O IA 10.0.0.0/18 [110/9] 10.0.12.2 " F0 "\n"
	             "O 10.255.0.2/32 [110/2] 10.0.12.2 " F0 "\n"
	             "O IA 10.255.0.3/32 [110/3] 10.0.12.2 " F0 "\n");
	assert_table(net, 2,
	             "O 10.0.0.0/18 [110/8]\n"
	             "O 10.0.33.0/24 [110/8] 10.0.23.3 " F1 "\n"
	             "O 10.255.0.1/32 [110/2] 10.0.12.1 " F0 "\n"
	             "O 10.255.0.3/32 [110/2] 10.0.23.3 " F1 "\n");
	net_free(net);
}

/*
 * Two border routers of area 1: R1 has a range for what R3 has there, R2 has none. What R2 tells
 * over the backbone is no news to R1, which is in the area, and so none to R4.
 *
 *   R4 --- R1 --- R2     R4: area 2; R1 - R2: area 0
 *            \   /
 *             R3         area 1
 */
static struct net *
two_borders_new(const struct policy_ospf_range *range, bool both)
{
	struct net *net = net_new(4);

	net_iface(net, 1, F0, IP(10, 0, 12, 1), 24, 1, 0);
	net_iface(net, 2, F0, IP(10, 0, 12, 2), 24, 1, 0);
	net_iface(net, 1, F1, IP(10, 1, 13, 1), 24, 2, 1);
	net_iface(net, 3, F0, IP(10, 1, 13, 3), 24, 2, 1);
	net_iface(net, 2, F1, IP(10, 1, 23, 2), 24, 3, 1);
	net_iface(net, 3, F1, IP(10, 1, 23, 3), 24, 3, 1);
	net_iface(net, 1, F2, IP(10, 2, 14, 1), 24, 4, 2);
	net_iface(net, 4, F0, IP(10, 2, 14, 4), 24, 4, 2);
	for (size_t k = 1; k <= (both ? 2 : 1); k++) {
		struct policy_ospf_area *area = net_area(net, k, 1);

		area->ranges = range;
		area->n_ranges = 1;
	}
	net_start(net);
	return net;
}

static void
rfc2328_12_4_3_range_hides_what_others_tell(void **state)
{
	static const struct policy_ospf_range range = {.prefix = {IP(10, 1, 0, 0), 16},
	                                               .advertise = true};
	struct net *net = two_borders_new(&range, false);

	(void)state;
	assert_table(net, 4,
	             "O IA 10.0.12.0/24 [110/2] 10.2.14.1 " F0 "\n"
	             "O IA 10.1.0.0/16 [110/3] 10.2.14.1 " F0 "\n");
	net_free(net);
}

/* 16.2 (3): a border router does not believe in a range of its own that another one tells. */
static void
rfc2328_16_2_own_range(void **state)
{
	static const struct policy_ospf_range range = {.prefix = {IP(10, 1, 0, 0), 16},
	                                               .advertise = true};
	struct net *net = two_borders_new(&range, true);

	(void)state;
	assert_table(net, 1,
	             "O 10.1.0.0/16 [110/2]\n"
	             "O 10.1.23.0/24 [110/2] 10.1.13.3 " F1 "\n");
	net_free(net);
}

/* 3.6: a stub area has a default route and no external ones; totally, no summaries either. */
static void
rfc2328_3_6_stub_area(void **state)
{
	struct net *net = row_new(0, 1);
	struct policy_ospf_area *border = net_area(net, 2, 1);

	(void)state;
	border->stub = border->no_summary = true;
	net_area(net, 3, 1)->stub = true;
	net->nodes[0].policy.n_routes = 1;
	net->nodes[0].routes[0] =
	    (struct policy_route){.to = {IP(172, 16, 0, 0), 16}, .interface = F0, .distance = 1};
	net_redistribute(net, 1, ROUTING_STATIC);
	net_start(net);
	assert_table(net, 3, "O IA 0.0.0.0/0 [110/2] 10.0.23.2 " F0 "\n");
	border->no_summary = false;
	net_node_start(net, 2);
	net_run(net, SECONDS(61));
	assert_table(net, 3,
	             "O IA 0.0.0.0/0 [110/2] 10.0.23.2 " F0 "\n"
	             "O IA 10.0.12.0/24 [110/2] 10.0.23.2 " F0 "\n"
	             "O IA 10.255.0.1/32 [110/3] 10.0.23.2 " F0 "\n"
	             "O IA 10.255.0.2/32 [110/2] 10.0.23.2 " F0 "\n");
	/* 9.5, 10.5: who does not agree that it is one is no neighbour */
	border->stub = false;
	net_node_start(net, 2);
	net_run(net, SECONDS(120));
	assert_table(net, 3, "");
	net_free(net);
}

/* 16.4: external routes, by type; the metric of type 2 is what was outside alone. */
static void
rfc2328_16_4_external(void **state)
{
	struct net *net = row_new(0, 1);
	struct policy_redistribute *line = net_redistribute(net, 1, ROUTING_STATIC);

	(void)state;
	net->nodes[0].policy.n_routes = 2;
	net->nodes[0].routes[0] =
	    (struct policy_route){.to = {IP(172, 16, 0, 0), 16}, .interface = LO, .distance = 1};
	net->nodes[0].routes[1] =
	    (struct policy_route){.to = {IP(192, 168, 7, 0), 25}, .interface = LO, .distance = 1};
	net_start(net);
	assert_table(net, 3,
	             "O IA 10.0.12.0/24 [110/2] 10.0.23.2 " F0 "\n"
	             "O IA 10.255.0.1/32 [110/3] 10.0.23.2 " F0 "\n"
	             "O IA 10.255.0.2/32 [110/2] 10.0.23.2 " F0 "\n"
	             "O E2 172.16.0.0/16 [110/20] 10.0.23.2 " F0 "\n"
	             "O E2 192.168.7.0/25 [110/20] 10.0.23.2 " F0 "\n");
	line->metric_type = 1;
	line->has_metric = true;
	line->metric = 50;
	line->subnets = false; /* only what is a network by its class */
	net_node_start(net, 1);
	net_run(net, SECONDS(61));
	assert_table(net, 2,
	             "O 10.255.0.1/32 [110/2] 10.0.12.1 " F0 "\n"
	             "O 10.255.0.3/32 [110/2] 10.0.23.3 " F1 "\n"
	             "O E1 172.16.0.0/16 [110/51] 10.0.12.1 " F0 "\n");
	net_free(net);
}

static void
rfc2328_16_4_default(void **state)
{
	struct net *net = row_new(0, 0);

	(void)state;
	net_ospf(net, 1)->default_originate = true;
	net_start(net);
	assert_table(net, 2,
	             "O 10.255.0.1/32 [110/2] 10.0.12.1 " F0 "\n"
	             "O 10.255.0.3/32 [110/2] 10.0.23.3 " F1 "\n");
	net_ospf(net, 1)->default_always = true;
	net_node_start(net, 1);
	net_run(net, SECONDS(61));
	assert_table(net, 2,
	             "O E2 0.0.0.0/0 [110/1] 10.0.12.1 " F0 "\n"
	             "O 10.255.0.1/32 [110/2] 10.0.12.1 " F0 "\n"
	             "O 10.255.0.3/32 [110/2] 10.0.23.3 " F1 "\n");
	net_free(net);
}

/* RFC 3101: within a not-so-stubby area as N2, outside, told by its border router, as E2. */
static void
rfc3101_nssa(void **state)
{
	struct net *net = row_new(0, 1);

	(void)state;
	net_area(net, 2, 1)->nssa = true;
	net_area(net, 3, 1)->nssa = true;
	net->nodes[2].policy.n_routes = 1;
	net->nodes[2].routes[0] =
	    (struct policy_route){.to = {IP(172, 16, 0, 0), 16}, .interface = LO, .distance = 1};
	net_redistribute(net, 3, ROUTING_STATIC);
	net_start(net);
	assert_table(net, 2,
	             "O 10.255.0.1/32 [110/2] 10.0.12.1 " F0 "\n"
	             "O 10.255.0.3/32 [110/2] 10.0.23.3 " F1 "\n"
	             "O N2 172.16.0.0/16 [110/20] 10.0.23.3 " F1 "\n");
	assert_table(net, 1,
	             "O IA 10.0.23.0/24 [110/2] 10.0.12.2 " F0 "\n"
	             "O 10.255.0.2/32 [110/2] 10.0.12.2 " F0 "\n"
	             "O IA 10.255.0.3/32 [110/3] 10.0.12.2 " F0 "\n"
	             "O E2 172.16.0.0/16 [110/20] 10.0.12.2 " F0 "\n");
	net_free(net);
}

/*
 * RFC 3101 2.3, 2.5: what a not-so-stubby area tells names an address of who tells it, its
 * loopback's first; or the next hop, where that is on a link of the area. The way to it counts, and
 * where a range hides it there is none.
 */
static void
rfc3101_2_5_forwarding_address(void **state)
{
	struct net *net = row_new(0, 1);
	struct policy_ospf_range hidden = {.prefix = {IP(10, 255, 0, 3), 32}};

	(void)state;
	net_area(net, 2, 1)->nssa = true;
	net_area(net, 3, 1)->nssa = true;
	net_iface(net, 3, F1, IP(10, 0, 34, 3), 24, 3, 1)->cost = 5;
	net_static(
	    net, 3,
	    (struct policy_route){.to = {IP(172, 16, 0, 0), 16}, .interface = LO, .distance = 1});
	net_static(net, 3,
	           (struct policy_route){
		       .to = {IP(172, 17, 0, 0), 16}, .via = IP(10, 0, 34, 9), .distance = 1});
	net_redistribute(net, 3, ROUTING_STATIC)->metric_type = 1;
	net_start(net);
	assert_table(net, 2,
	             "O 10.0.34.0/24 [110/6] 10.0.23.3 " F1 "\n"
	             "O 10.255.0.1/32 [110/2] 10.0.12.1 " F0 "\n"
	             "O 10.255.0.3/32 [110/2] 10.0.23.3 " F1 "\n"
	             "O N1 172.16.0.0/16 [110/22] 10.0.23.3 " F1 "\n"
	             "O N1 172.17.0.0/16 [110/26] 10.0.23.3 " F1 "\n");
	assert_table(net, 1,
	             "O IA 10.0.23.0/24 [110/2] 10.0.12.2 " F0 "\n"
	             "O IA 10.0.34.0/24 [110/7] 10.0.12.2 " F0 "\n"
	             "O 10.255.0.2/32 [110/2] 10.0.12.2 " F0 "\n"
	             "O IA 10.255.0.3/32 [110/3] 10.0.12.2 " F0 "\n"
	             "O E1 172.16.0.0/16 [110/23] 10.0.12.2 " F0 "\n"
	             "O E1 172.17.0.0/16 [110/27] 10.0.12.2 " F0 "\n");
	net->nodes[1].areas[0].ranges = &hidden;
	net->nodes[1].areas[0].n_ranges = 1;
	net_node_start(net, 2);
	net_run(net, net->now + SECONDS(60));
	assert_table(net, 1,
	             "O IA 10.0.23.0/24 [110/2] 10.0.12.2 " F0 "\n"
	             "O IA 10.0.34.0/24 [110/7] 10.0.12.2 " F0 "\n"
	             "O 10.255.0.2/32 [110/2] 10.0.12.2 " F0 "\n"
	             "O E1 172.17.0.0/16 [110/27] 10.0.12.2 " F0 "\n");
	net_free(net);
}

/* RFC 3101 2.4: what a border router tells the area goes no further; a default route not there. */
static void
rfc3101_2_4_border_router(void **state)
{
	struct net *net = row_new(0, 1);

	(void)state;
	net_area(net, 2, 1)->nssa = true;
	net_area(net, 3, 1)->nssa = true;
	net_static(
	    net, 2,
	    (struct policy_route){.to = {IP(172, 16, 0, 0), 16}, .interface = LO, .distance = 1});
	net_redistribute(net, 2, ROUTING_STATIC)->metric_type = 1;
	net_ospf(net, 2)->default_originate = net_ospf(net, 2)->default_always = true;
	net_start(net);
	assert_table(net, 3,
	             "O IA 10.0.12.0/24 [110/2] 10.0.23.2 " F0 "\n"
	             "O IA 10.255.0.1/32 [110/3] 10.0.23.2 " F0 "\n"
	             "O IA 10.255.0.2/32 [110/2] 10.0.23.2 " F0 "\n"
	             "O N1 172.16.0.0/16 [110/21] 10.0.23.2 " F0 "\n");
	assert_table(net, 1,
	             "O E2 0.0.0.0/0 [110/1] 10.0.12.2 " F0 "\n"
	             "O IA 10.0.23.0/24 [110/2] 10.0.12.2 " F0 "\n"
	             "O 10.255.0.2/32 [110/2] 10.0.12.2 " F0 "\n"
	             "O IA 10.255.0.3/32 [110/3] 10.0.12.2 " F0 "\n"
	             "O E1 172.16.0.0/16 [110/21] 10.0.12.2 " F0 "\n");
	net_free(net);
}

/* `area 1 nssa default-information-originate`: who is no border router has to have one itself. */
static void
rfc3101_2_5_default(void **state)
{
	struct net *net = row_new(0, 1);
	struct policy_ospf_area *area;

	(void)state;
	area = net_area(net, 2, 1);
	area->nssa = area->default_originate = true;
	area->default_metric = 7;
	area->default_metric_type = 1;
	area = net_area(net, 3, 1);
	area->nssa = true;
	net_start(net);
	assert_table(net, 3,
	             "O N1 0.0.0.0/0 [110/8] 10.0.23.2 " F0 "\n"
	             "O IA 10.0.12.0/24 [110/2] 10.0.23.2 " F0 "\n"
	             "O IA 10.255.0.1/32 [110/3] 10.0.23.2 " F0 "\n"
	             "O IA 10.255.0.2/32 [110/2] 10.0.23.2 " F0 "\n");
	assert_table(net, 1,
	             "O IA 10.0.23.0/24 [110/2] 10.0.12.2 " F0 "\n"
	             "O 10.255.0.2/32 [110/2] 10.0.12.2 " F0 "\n"
	             "O IA 10.255.0.3/32 [110/3] 10.0.12.2 " F0 "\n");
	net->nodes[1].areas[0].default_originate = false;
	area->default_originate = true;
	net_node_start(net, 2);
	net_node_start(net, 3);
	net_run(net, net->now + SECONDS(60));
	assert_table(net, 2,
	             "O 10.255.0.1/32 [110/2] 10.0.12.1 " F0 "\n"
	             "O 10.255.0.3/32 [110/2] 10.0.23.3 " F1 "\n");
	net_static(net, 3, (struct policy_route){.interface = LO, .distance = 1});
	net_node_start(net, 3);
	net_run(net, net->now + SECONDS(60));
	assert_table(net, 2,
	             "O N2 0.0.0.0/0 [110/1] 10.0.23.3 " F1 "\n"
	             "O 10.255.0.1/32 [110/2] 10.0.12.1 " F0 "\n"
	             "O 10.255.0.3/32 [110/2] 10.0.23.3 " F1 "\n");
	net_free(net);
}

/*
 * 16.4 (3): of several ways to who tells an external route the nearest is taken, whatever its area
 * (`compatible rfc1583`); else 16.4.1: within an area that is not the backbone. R1 and R2 have a
 * near link of area 0 and a far one of area 1; R3 hears of R2 from R1.
 */
static void
rfc2328_16_4_nearest_way(void **state)
{
	(void)state;
	for (int strict = 0; strict < 2; strict++) {
		struct net *net = net_new(3);

		for (size_t k = 1; k <= 3; k++)
			net_ospf(net, k)->strict_paths = strict;
		net_iface(net, 1, F0, IP(10, 0, 12, 1), 24, 1, 0);
		net_iface(net, 2, F0, IP(10, 0, 12, 2), 24, 1, 0);
		net_iface(net, 1, F1, IP(10, 1, 12, 1), 24, 2, 1)->cost = 10;
		net_iface(net, 2, F1, IP(10, 1, 12, 2), 24, 2, 1)->cost = 10;
		net_iface(net, 1, F2, IP(10, 0, 13, 1), 24, 3, 2);
		net_iface(net, 3, F0, IP(10, 0, 13, 3), 24, 3, 2);
		net_ospf(net, 2)->default_originate = net_ospf(net, 2)->default_always = true;
		net_ospf(net, 2)->default_metric_type = 1;
		net_start(net);
		assert_table(net, 1,
		             strict ? "O E1 0.0.0.0/0 [110/11] 10.1.12.2 " F1 "\n"
		                    : "O E1 0.0.0.0/0 [110/2] 10.0.12.2 " F0 "\n");
		assert_table(net, 3,
		             strict ? "O E1 0.0.0.0/0 [110/12] 10.0.13.1 " F0 "\n"
		                      "O IA 10.0.12.0/24 [110/2] 10.0.13.1 " F0 "\n"
		                      "O IA 10.1.12.0/24 [110/11] 10.0.13.1 " F0 "\n"
		                    : "O E1 0.0.0.0/0 [110/3] 10.0.13.1 " F0 "\n"
		                      "O IA 10.0.12.0/24 [110/2] 10.0.13.1 " F0 "\n"
		                      "O IA 10.1.12.0/24 [110/11] 10.0.13.1 " F0 "\n");
		net_free(net);
	}
}

/* Likewise over the backbone to another border router, to whom R4 of the area is nearer. */
static void
rfc2328_16_4_nearer_by_the_backbone(void **state)
{
	struct net *net = net_new(4);

	(void)state;
	net_iface(net, 1, F0, IP(10, 0, 12, 1), 24, 1, 0);
	net_iface(net, 2, F0, IP(10, 0, 12, 2), 24, 1, 0);
	net_iface(net, 1, F1, IP(10, 1, 14, 1), 24, 2, 1)->cost = 30;
	net_iface(net, 4, F0, IP(10, 1, 14, 4), 24, 2, 1)->cost = 30;
	net_iface(net, 2, F1, IP(10, 1, 24, 2), 24, 3, 1)->cost = 5;
	net_iface(net, 4, F1, IP(10, 1, 24, 4), 24, 3, 1)->cost = 5;
	net_iface(net, 1, F2, IP(10, 0, 13, 1), 24, 4, 2);
	net_iface(net, 3, F0, IP(10, 0, 13, 3), 24, 4, 2);
	net_ospf(net, 4)->default_originate = net_ospf(net, 4)->default_always = true;
	net_ospf(net, 4)->default_metric_type = 1;
	net_start(net);
	assert_table(net, 1,
	             "O E1 0.0.0.0/0 [110/7] 10.0.12.2 " F0 "\n"
	             "O 10.1.24.0/24 [110/35] 10.1.14.4 " F1 "\n");
	assert_table(net, 3,
	             "O E1 0.0.0.0/0 [110/8] 10.0.13.1 " F0 "\n"
	             "O IA 10.0.12.0/24 [110/2] 10.0.13.1 " F0 "\n"
	             "O IA 10.1.14.0/24 [110/31] 10.0.13.1 " F0 "\n"
	             "O IA 10.1.24.0/24 [110/36] 10.0.13.1 " F0 "\n");
	net_free(net);
}

/*
 * RFC 3509 2.2: a border router that has nobody left in the backbone believes what its other areas
 * hear, and tells nobody of it; but no default route of a stub area, which it tells itself. R1 and
 * R2 share area 1, R3 is in area 2 of R1.
 */
static void
rfc3509_2_2_backbone_lost(void **state)
{
	struct net *net = net_new(3);

	(void)state;
	net_iface(net, 1, F0, IP(10, 0, 12, 1), 24, 1, 0);
	net_iface(net, 2, F0, IP(10, 0, 12, 2), 24, 1, 0);
	net_iface(net, 1, F1, IP(10, 1, 12, 1), 24, 2, 1);
	net_iface(net, 2, F1, IP(10, 1, 12, 2), 24, 2, 1);
	net_iface(net, 1, LO, IP(10, 255, 0, 1), 32, 0, 0);
	net_iface(net, 2, LO, IP(10, 255, 0, 2), 32, 0, 0);
	net_iface(net, 1, F2, IP(10, 2, 13, 1), 24, 3, 2);
	net_iface(net, 3, F0, IP(10, 2, 13, 3), 24, 3, 2);
	net_start(net);
	assert_table(net, 1, "O 10.255.0.2/32 [110/2] 10.0.12.2 " F0 "\n");
	net_interface(net, 1, F0, false);
	net_interface(net, 2, F0, false);
	net_run(net, net->now + SECONDS(60));
	assert_table(net, 1, "O IA 10.255.0.2/32 [110/2] 10.1.12.2 " F1 "\n");
	assert_table(net, 2,
	             "O IA 10.2.13.0/24 [110/2] 10.1.12.1 " F1 "\n"
	             "O IA 10.255.0.1/32 [110/2] 10.1.12.1 " F1 "\n");
	assert_table(net, 3,
	             "O IA 10.1.12.0/24 [110/2] 10.2.13.1 " F0 "\n"
	             "O IA 10.255.0.1/32 [110/2] 10.2.13.1 " F0 "\n");
	net_area(net, 1, 1)->stub = net_area(net, 2, 1)->stub = true;
	net_node_start(net, 1);
	net_node_start(net, 2);
	net_interface(net, 1, F0, false);
	net_interface(net, 2, F0, false);
	net_run(net, net->now + SECONDS(120));
	assert_table(net, 1, "O IA 10.255.0.2/32 [110/2] 10.1.12.2 " F1 "\n");
	net_free(net);
}

/* 10.5, D.3: who differs in timers, subnet, area or key is no neighbour; nor who is passive. */
static void
rfc2328_10_5_must_agree(void **state)
{
	static const char *const names[] = {F1};

	(void)state;
	for (int which = 0; which < 5; which++) {
		struct net *net = row_new(0, 0);
		struct policy_ospf_interface *o = &net->nodes[1].ospf_ifaces[1]; /* R2 F1 */

		switch (which) {
		case 0:
			o->hello = 5;
			break;
		case 1:
			o->area = 2;
			break;
		case 2:
			o->auth = OSPF_AUTH_TEXT;
			o->key = SPAN("k", 1);
			break;
		case 3:
			net->nodes[1].ifaces[1].len = 25;
			break;
		case 4:
			net_ospf(net, 2)->passive.n = 1;
			net_ospf(net, 2)->passive.names = names;
			break;
		default:
			break;
		}
		net_start(net);
		assert_table(net, 3, "");
		net_free(net);
	}
}

/* `network`: the most specific line decides the area; an interface that none names is left out. */
static void
ios_network_lines(void **state)
{
	static const struct policy_network lines[] = {
	    {.addr = IP(10, 0, 0, 0), .mask = IP(255, 0, 0, 0), .area = 0},
	    {.addr = IP(10, 0, 23, 0), .mask = IP(255, 255, 255, 0), .area = 1},
	};
	struct net *net = row_new(0, 1);

	(void)state;
	for (size_t k = 0; k < 3; k++)
		net->nodes[1].ifaces[k].ospf = NULL;
	net_ospf(net, 2)->networks = lines;
	net_ospf(net, 2)->n_networks = 2;
	net_start(net);
	assert_table(net, 1,
	             "O IA 10.0.23.0/24 [110/2] 10.0.12.2 " F0 "\n"
	             "O 10.255.0.2/32 [110/2] 10.0.12.2 " F0 "\n"
	             "O IA 10.255.0.3/32 [110/3] 10.0.12.2 " F0 "\n");
	net_ospf(net, 2)->n_networks = 0;
	net_node_start(net, 2);
	net_run(net, SECONDS(120));
	assert_table(net, 1, "");
	net_free(net);
}

/* A node that is off: its neighbours believe in it until they notice. */
static void
power_lost(void **state)
{
	struct net *net = row_new(0, 0);

	(void)state;
	net_start(net);
	text_clear(&net->log);
	routing_node_power(net->r, 2, false);
	net_run(net, SECONDS(90));
	assert_table(net, 1,
	             "O 10.0.23.0/24 [110/2] 10.0.12.2 " F0 "\n"
	             "O 10.255.0.2/32 [110/2] 10.0.12.2 " F0 "\n"
	             "O 10.255.0.3/32 [110/3] 10.0.12.2 " F0 "\n");
	net_run(net, SECONDS(101));
	assert_string_equal(text_string(&net->log),
	                    "100 R2 10.255.0.3 " F1
	                    " FULL>DOWN Neighbor Down: Dead timer expired\n");
	assert_table(net, 1,
	             "O 10.0.23.0/24 [110/2] 10.0.12.2 " F0 "\n"
	             "O 10.255.0.2/32 [110/2] 10.0.12.2 " F0 "\n");
	text_clear(&net->log);
	routing_node_power(net->r, 2, true);
	net_node_start(net, 3);
	net_run(net, SECONDS(200));
	assert_string_equal(text_string(&net->log),
	                    "111 R2 10.255.0.3 " F1 " LOADING>FULL Loading Done\n"
	                    "111 R3 10.255.0.2 " F0 " LOADING>FULL Loading Done\n");
	assert_table(net, 3,
	             "O 10.0.12.0/24 [110/2] 10.0.23.2 " F0 "\n"
	             "O 10.255.0.1/32 [110/3] 10.0.23.2 " F0 "\n"
	             "O 10.255.0.2/32 [110/2] 10.0.23.2 " F0 "\n");
	net_free(net);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rfc2328_16_1_shortest_paths),
	    cmocka_unit_test(rfc2328_9_4_designated_router),
	    cmocka_unit_test(rfc2328_10_dead_interval),
	    cmocka_unit_test(rfc2328_10_line_down),
	    cmocka_unit_test(rfc2328_13_news_go_round),
	    cmocka_unit_test(rfc2328_16_8_equal_cost),
	    cmocka_unit_test(rfc2328_16_2_between_areas),
	    cmocka_unit_test(rfc2328_12_4_3_area_range),
	    cmocka_unit_test(rfc2328_12_4_3_range_hides_what_others_tell),
	    cmocka_unit_test(rfc2328_16_2_own_range),
	    cmocka_unit_test(rfc2328_3_6_stub_area),
	    cmocka_unit_test(rfc2328_16_4_external),
	    cmocka_unit_test(rfc2328_16_4_default),
	    cmocka_unit_test(rfc3101_nssa),
	    cmocka_unit_test(rfc3101_2_5_forwarding_address),
	    cmocka_unit_test(rfc3101_2_4_border_router),
	    cmocka_unit_test(rfc3101_2_5_default),
	    cmocka_unit_test(rfc2328_16_4_nearest_way),
	    cmocka_unit_test(rfc3509_2_2_backbone_lost),
	    cmocka_unit_test(rfc2328_16_4_nearer_by_the_backbone),
	    cmocka_unit_test(rfc2328_10_5_must_agree),
	    cmocka_unit_test(ios_network_lines),
	    cmocka_unit_test(power_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
