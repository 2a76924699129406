/* SPDX-License-Identifier: Apache-2.0 */
/* RIP as computed in the virtual network, by the sections of RFC 2453 and as IOS has it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "compiler/routing/vector.h"
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

/* R1 - R2 - ... in a row: 10.0.N.0/24 between RN and the next; the last has 172.16.1.0/24. */
static struct net *
row_new(size_t n)
{
	struct net *net = net_new_plain(n, false, true);

	for (size_t k = 1; k < n; k++) {
		net_plain(net, k, F1, IP(10, 0, (unsigned)k, 1), 24, (uint32_t)k);
		net_plain(net, k + 1, F0, IP(10, 0, (unsigned)k, 2), 24, (uint32_t)k);
	}
	net_plain(net, n, F2, IP(172, 16, 1, 1), 24, 100);
	return net;
}

/* 3.4: each router on the way adds one. */
static void
rfc2453_3_4_hop_count(void **state)
{
	struct net *net = row_new(3);

	(void)state;
	net_start(net);
	assert_table(net, 1,
	             "R 10.0.2.0/24 [120/1] 10.0.1.2 " F1 "\n"
	             "R 172.16.1.0/24 [120/2] 10.0.1.2 " F1 "\n");
	net_rip(net, 1)->distance = 90;
	net_node_start(net, 1);
	net_run(net, SECONDS(70));
	assert_table(net, 1,
	             "R 10.0.2.0/24 [90/1] 10.0.1.2 " F1 "\n"
	             "R 172.16.1.0/24 [90/2] 10.0.1.2 " F1 "\n");
	net_free(net);
}

/* 3.3: sixteen is infinite: with 17 routers the far end is 16 away. */
static void
rfc2453_3_3_infinity(void **state)
{
	struct net *net = row_new(17);
	struct text t = TEXT_INIT;

	(void)state;
	net_start(net);
	assert_non_null(strstr(net_table(net, 2, NULL, &t), "R 172.16.1.0/24 [120/15]"));
	assert_null(strstr(net_table(net, 1, NULL, &t), "172.16.1.0"));
	assert_non_null(strstr(net_table(net, 1, NULL, &t), "R 10.0.16.0/24 [120/15]"));
	text_fini(&t);
	net_free(net);
}

/* `auto-summary`: what leaves a network by class leaves as that; nothing is dropped at home. */
static void
ios_auto_summary(void **state)
{
	struct net *net = row_new(3);

	(void)state;
	net_rip(net, 3)->auto_summary = true;
	net_start(net);
	assert_table(net, 2, "R 172.16.0.0/16 [120/1] 10.0.2.2 " F1 "\n");
	assert_table(net, 3, "R 10.0.1.0/24 [120/1] 10.0.2.1 " F0 "\n");
	net_free(net);
}

/* 4.6 and IOS: without a version a router sends 1 and takes both; with one, that alone. */
static void
rfc2453_4_6_versions(void **state)
{
	struct net *net = row_new(2);

	(void)state;
	net_rip(net, 1)->version = 0;
	net_plain(net, 1, F2, IP(10, 0, 9, 1), 24, 9);
	net_start(net);
	assert_table(net, 1, "R 172.16.1.0/24 [120/1] 10.0.1.2 " F1 "\n");
	assert_table(net, 2, "");
	net_rip(net, 2)->version = 0;
	net_node_start(net, 2);
	net_run(net, SECONDS(120));
	assert_table(net, 1, "R 172.16.0.0/16 [120/1] 10.0.1.2 " F1 "\n");
	assert_table(net, 2, "R 10.0.9.0/24 [120/1] 10.0.1.1 " F0 "\n");
	net_free(net);
}

/* RFC 1058 3.2: version 1 has no masks; within its network only what has the same one is told. */
static void
rfc1058_3_2_one_mask(void **state)
{
	struct net *net = row_new(2);

	(void)state;
	net_rip(net, 1)->version = net_rip(net, 2)->version = 1;
	net_plain(net, 1, F0, IP(10, 0, 9, 1), 24, 9);
	net_plain(net, 1, F2, IP(10, 0, 8, 1), 25, 10);
	net_plain(net, 1, LO, IP(10, 0, 7, 1), 32, 0);
	net_start(net);
	assert_table(net, 2,
	             "R 10.0.7.1/32 [120/1] 10.0.1.1 " F0 "\n"
	             "R 10.0.9.0/24 [120/1] 10.0.1.1 " F0 "\n");
	net_free(net);
}

/* A passive interface tells nothing and still hears, unless a neighbour is named. */
static void
ios_passive_interface(void **state)
{
	static const char *const passive[] = {F1};
	static const uint32_t named = IP(10, 0, 1, 2);
	struct net *net = row_new(2);

	(void)state;
	net_plain(net, 1, F0, IP(10, 0, 9, 1), 24, 9);
	net_rip(net, 1)->passive.n = 1;
	net_rip(net, 1)->passive.names = passive;
	net_start(net);
	assert_table(net, 1, "R 172.16.1.0/24 [120/1] 10.0.1.2 " F1 "\n");
	assert_table(net, 2, "");
	net_rip(net, 1)->neighbors = &named;
	net_rip(net, 1)->n_neighbors = 1;
	net_node_start(net, 1);
	net_run(net, SECONDS(120));
	assert_table(net, 2, "R 10.0.9.0/24 [120/1] 10.0.1.1 " F0 "\n");
	net_free(net);
}

/* 3.8: who is silent is believed for 180 seconds; a line that is down, not at all. */
static void
rfc2453_3_8_timeout(void **state)
{
	struct net *net = row_new(2);

	(void)state;
	net_start(net);
	net->cut[1][0] = true;
	routing_gate_changed(net->r);
	net_run(net, SECONDS(239));
	assert_table(net, 1, "R 172.16.1.0/24 [120/1] 10.0.1.2 " F1 "\n");
	net_run(net, SECONDS(240));
	assert_table(net, 1, "");
	net->cut[1][0] = false; /* what it hears next is an update, within 30 seconds */
	routing_gate_changed(net->r);
	net_run(net, SECONDS(270));
	assert_table(net, 1, "R 172.16.1.0/24 [120/1] 10.0.1.2 " F1 "\n");
	net_interface(net, 1, F1, false);
	net_run(net, SECONDS(271));
	assert_table(net, 1, "");
	net_interface(net, 1, F1, true); /* and it asks when it is up again */
	net_run(net, SECONDS(272));
	assert_table(net, 1, "R 172.16.1.0/24 [120/1] 10.0.1.2 " F1 "\n");
	net_free(net);
}

/* Equal ways are all taken, four by default. */
static void
ios_equal_cost(void **state)
{
	struct net *net = row_new(2);

	(void)state;
	net_plain(net, 1, F0, IP(10, 0, 9, 1), 24, 9);
	net_plain(net, 2, F1, IP(10, 0, 9, 2), 24, 9);
	net_start(net);
	assert_table(net, 1, "R 172.16.1.0/24 [120/1] 10.0.1.2 " F1 " 10.0.9.2 " F0 "\n");
	net_rip(net, 1)->maximum_paths = 1;
	net_node_start(net, 1);
	net_run(net, SECONDS(70));
	assert_table(net, 1, "R 172.16.1.0/24 [120/1] 10.0.1.2 " F1 "\n");
	net_free(net);
}

/* `redistribute`: with the metric that is configured; static needs none, OSPF does. */
static void
ios_redistribute(void **state)
{
	struct net *net = row_new(3);

	(void)state;
	net_static(
	    net, 3,
	    (struct policy_route){.to = {IP(192, 168, 7, 0), 24}, .interface = F2, .distance = 1});
	net_rip(net, 3)->n_redistributes = 1;
	net->nodes[2].rip_redistributes[0] = (struct policy_redistribute){.from = ROUTING_STATIC};
	net_start(net);
	assert_table(net, 2,
	             "R 172.16.1.0/24 [120/1] 10.0.2.2 " F1 "\n"
	             "R 192.168.7.0/24 [120/1] 10.0.2.2 " F1 "\n");
	net->nodes[2].rip_redistributes[0].has_metric = true;
	net->nodes[2].rip_redistributes[0].metric = 5;
	net_node_start(net, 3);
	net_run(net, SECONDS(70));
	assert_table(net, 1,
	             "R 10.0.2.0/24 [120/1] 10.0.1.2 " F1 "\n"
	             "R 172.16.1.0/24 [120/2] 10.0.1.2 " F1 "\n"
	             "R 192.168.7.0/24 [120/6] 10.0.1.2 " F1 "\n");
	net_free(net);
}

/*
 * 4.4: where what is redistributed leads to somebody on the very link, others there go to him
 * straight; those further on to who tells them; he himself is not told to go to himself. Version 1
 * cannot say so.
 */
static void
rfc2453_4_4_next_hop(void **state)
{
	struct net *net = net_new_plain(4, false, true);

	(void)state;
	for (unsigned k = 1; k <= 3; k++)
		net_plain(net, k, F0, IP(10, 0, 0, k), 24, 1);
	net_plain(net, 2, F1, IP(10, 0, 9, 2), 24, 2);
	net_plain(net, 4, F0, IP(10, 0, 9, 4), 24, 2);
	net_static(net, 1,
	           (struct policy_route){
		       .to = {IP(192, 168, 7, 0), 24}, .via = IP(10, 0, 0, 3), .distance = 1});
	net_rip(net, 1)->n_redistributes = 1;
	net->nodes[0].rip_redistributes[0] = (struct policy_redistribute){.from = ROUTING_STATIC};
	net_start(net);
	assert_table(net, 2, "R 192.168.7.0/24 [120/1] 10.0.0.3 " F0 "\n");
	assert_int_equal(routing_table(net->r, 1, NULL)->routes[0].from, IP(10, 0, 0, 1));
	assert_table(net, 3, "R 10.0.9.0/24 [120/1] 10.0.0.2 " F0 "\n");
	assert_table(net, 4,
	             "R 10.0.0.0/24 [120/1] 10.0.9.2 " F0 "\n"
	             "R 192.168.7.0/24 [120/2] 10.0.9.2 " F0 "\n");
	for (size_t k = 1; k <= 4; k++) {
		net_rip(net, k)->version = 1;
		net_node_start(net, k);
	}
	net_run(net, SECONDS(120));
	assert_table(net, 2, "R 192.168.7.0/24 [120/1] 10.0.0.1 " F0 "\n");
	net_free(net);
}

/* `default-information originate`: whether there is a default route or not. */
static void
ios_default_information(void **state)
{
	struct net *net = row_new(3);

	(void)state;
	net_rip(net, 3)->default_originate = true;
	net_start(net);
	assert_table(net, 1,
	             "R 0.0.0.0/0 [120/2] 10.0.1.2 " F1 "\n"
	             "R 10.0.2.0/24 [120/1] 10.0.1.2 " F1 "\n"
	             "R 172.16.1.0/24 [120/2] 10.0.1.2 " F1 "\n");
	net_free(net);
}

/* Between RIP and EIGRP both ways: each prefix stays with who had it, whatever the distances. */
static void
ios_mutual_redistribution(void **state)
{
	static const struct policy_network left = {IP(10, 0, 1, 0), IP(255, 255, 255, 0), 0},
					   right = {IP(10, 0, 2, 0), IP(255, 255, 255, 0), 0};
	struct net *net = row_new(3);
	struct net_node *border = &net->nodes[1];

	(void)state;
	net->nodes[2].policy.routing.rip.configured = false;
	net->nodes[2].policy.routing.n_eigrp = 1;
	border->policy.routing.n_eigrp = 1;
	border->policy.routing.rip.networks = &left;
	border->eigrp[0].networks = &right;
	border->eigrp[0].n_redistributes = 1;
	border->eigrp_redistributes[0][0] = (struct policy_redistribute){
	    .from = ROUTING_RIP, .has_metric = true, .metrics = {100000, 10, 255, 1, 1500}};
	border->policy.routing.rip.n_redistributes = 1;
	border->rip_redistributes[0] = (struct policy_redistribute){
	    .from = ROUTING_EIGRP, .process = 100, .has_metric = true, .metric = 3};
	net_plain(net, 1, LO, IP(10, 255, 0, 1), 32, 0);
	net_start(net);
	assert_table(net, 1,
	             "R 10.0.2.0/24 [120/3] 10.0.1.2 " F1 "\n"
	             "R 172.16.1.0/24 [120/3] 10.0.1.2 " F1 "\n");
	assert_table(net, 2,
	             "R 10.255.0.1/32 [120/1] 10.0.1.1 " F0 "\n"
	             "D 172.16.1.0/24 [90/30720] 10.0.2.2 " F1 "\n");
	assert_table(net, 3,
	             "D EX 10.0.1.0/24 [170/30720] 10.0.2.1 " F0 "\n"
	             "D EX 10.255.0.1/32 [170/30720] 10.0.2.1 " F0 "\n");
	net_free(net);
}

/* `address-family ipv4 vrf`: each VRF has its own process, and they hear nothing of each other. */
static void
ios_rip_in_vrf(void **state)
{
	static const char red[] = "RED";
	struct policy_rip rips[2];
	struct net *net = row_new(2);
	struct text t = TEXT_INIT;

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		struct net_node *n = &net->nodes[k];

		rips[k] = n->policy.routing.rip;
		rips[k].vrf = red;
		n->policy.routing.rip.configured = k == 0;
		n->policy.routing.rip_vrfs = &rips[k];
		n->policy.routing.n_rip_vrfs = 1;
		for (size_t i = 0; i < n->policy.n_interfaces; i++)
			n->ifaces[i].vrf = red;
	}
	net_start(net);
	assert_string_equal(net_table(net, 1, red, &t),
	                    "R 172.16.1.0/24 [120/1] 10.0.1.2 " F1 "\n");
	assert_table(net, 1, "");
	text_fini(&t);
	net_free(net);
}

/*
 * Two borders tell OSPF what RIP has: the nearer distance, 110, turns one of them round, so that it
 * does not tell any more; the other goes on. R1 has RIP's network; R2 and R3 are the borders.
 */
static void
ios_two_borders(void **state)
{
	static const struct policy_network outside[] = {{IP(10, 0, 0, 0), IP(255, 255, 255, 0), 0}},
					   inside[] = {{IP(10, 0, 9, 0), IP(255, 255, 255, 0), 0}};
	struct net *net = net_new_plain(3, false, true);

	(void)state;
	for (unsigned k = 1; k <= 3; k++) {
		net_plain(net, k, F0, IP(10, 0, 0, k), 24, 1);
		net_rip(net, k)->networks = k > 1 ? outside : &net_everything;
		if (k == 1)
			continue;
		net_plain(net, k, F1, IP(10, 0, 9, k), 24, 2);
		net->nodes[k - 1].policy.routing.n_ospf = 1;
		net_ospf(net, k)->networks = inside;
		net_ospf(net, k)->n_networks = 1;
		net_ospf(net, k)->router_id = IP(1, 1, 1, k);
		net_redistribute(net, k, ROUTING_RIP);
	}
	net_plain(net, 1, F2, IP(172, 16, 1, 1), 24, 3);
	net_start(net);
	assert_true(routing_settles(net->r));
	assert_table(net, 2,
	             "O E2 10.0.0.0/24 [110/20] 10.0.9.3 " F1 "\n"
	             "R 172.16.1.0/24 [120/1] 10.0.0.1 " F0 "\n");
	assert_table(net, 3,
	             "O E2 10.0.0.0/24 [110/20] 10.0.9.2 " F1 "\n"
	             "O E2 172.16.1.0/24 [110/20] 10.0.9.2 " F1 "\n");
	net_free(net);
}

/* What `show ip protocols` tells of gateways, and the database. */
static void
shown_gateways(void **state)
{
	struct net *net = row_new(2);
	struct arena *a = arena_new();
	struct rip_shown shown;

	(void)state;
	net_start(net);
	net->cut[1][0] = true;
	routing_gate_changed(net->r);
	net_run(net, SECONDS(61));
	shown = routing_rip_show(net->r, 0, NULL, a);
	assert_int_equal(shown.n_gateways, 1);
	assert_int_equal(shown.gateways[0].addr, IP(10, 0, 1, 2));
	assert_int_equal(shown.gateways[0].since, SECONDS(1));
	assert_int_equal(shown.gateways[0].until, SECONDS(240));
	assert_int_equal(shown.n_entries, 2);
	assert_true(shown.entries[0].connected && !shown.entries[1].connected);
	assert_int_equal(shown.entries[1].via[0].via, IP(10, 0, 1, 2));
	arena_free(a);
	net_free(net);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rfc2453_3_4_hop_count),     cmocka_unit_test(rfc2453_3_3_infinity),
	    cmocka_unit_test(ios_auto_summary),          cmocka_unit_test(rfc2453_4_6_versions),
	    cmocka_unit_test(rfc1058_3_2_one_mask),      cmocka_unit_test(ios_passive_interface),
	    cmocka_unit_test(rfc2453_3_8_timeout),       cmocka_unit_test(ios_equal_cost),
	    cmocka_unit_test(ios_redistribute),          cmocka_unit_test(ios_default_information),
	    cmocka_unit_test(ios_mutual_redistribution), cmocka_unit_test(ios_rip_in_vrf),
	    cmocka_unit_test(ios_two_borders),           cmocka_unit_test(shown_gateways),
	    cmocka_unit_test(rfc2453_4_4_next_hop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
