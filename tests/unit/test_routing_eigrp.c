/* SPDX-License-Identifier: Apache-2.0 */
/*
 * EIGRP as computed in the virtual network, by the sections of RFC 7868 and as IOS has it. Metrics
 * are worked out by hand: 256 * (10^7 / bandwidth + delay / 10 us), of FastEthernet 100 + 10, of a
 * loopback 1 + 500, of a serial line 6476 + 2000.
 */
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
#define S0 "Serial0/0"
#define LO "Loopback0"

static void
assert_table(struct net *net, size_t node, const char *expected)
{
	struct text t = TEXT_INIT;

	assert_string_equal(net_table(net, node, NULL, &t), expected);
	text_fini(&t);
}

/* R1 - R2 - R3 in a row, R1 and R3 with a loopback: 10.0.12.0/24, 10.0.23.0/24, 10.255.0.N. */
static struct net *
row_new(void)
{
	struct net *net = net_new_plain(3, true, false);

	net_plain(net, 1, F0, IP(10, 0, 12, 1), 24, 1);
	net_plain(net, 1, LO, IP(10, 255, 0, 1), 32, 0);
	net_plain(net, 2, F0, IP(10, 0, 12, 2), 24, 1);
	net_plain(net, 2, F1, IP(10, 0, 23, 2), 24, 2);
	net_plain(net, 3, F0, IP(10, 0, 23, 3), 24, 2);
	net_plain(net, 3, LO, IP(10, 255, 0, 3), 32, 0);
	return net;
}

/* 5.6.1: the least bandwidth of the way and the sum of its delays: 100 + 20, 100 + 510, + 520. */
static void
rfc7868_5_6_1_composite_metric(void **state)
{
	struct net *net = row_new();

	(void)state;
	net_start(net);
	assert_table(net, 1,
	             "D 10.0.23.0/24 [90/30720] 10.0.12.2 " F0 "\n"
	             "D 10.255.0.3/32 [90/158720] 10.0.12.2 " F0 "\n");
	assert_table(net, 2,
	             "D 10.255.0.1/32 [90/156160] 10.0.12.1 " F0 "\n"
	             "D 10.255.0.3/32 [90/156160] 10.0.23.3 " F1 "\n");
	net_free(net);
}

/* 5.6.1: a serial line between, 6476 + 2000 + 10; a bandwidth that is typed. */
static void
rfc7868_5_6_1_bandwidth(void **state)
{
	struct net *net = net_new_plain(2, true, false);

	(void)state;
	net_plain(net, 1, S0, IP(10, 0, 12, 1), 30, 1);
	net_plain(net, 2, S0, IP(10, 0, 12, 2), 30, 1);
	net_plain(net, 2, F0, IP(10, 2, 0, 1), 16, 2);
	net_start(net);
	assert_table(net, 1, "D 10.2.0.0/16 [90/2172416] 10.0.12.2 " S0 "\n");
	net_conf(net, 1, 0)->bandwidth = 64; /* 10^7 / 64 = 156250 */
	net_conf(net, 1, 0)->delay = 100;
	net_node_start(net, 1);
	net_run(net, SECONDS(70));
	assert_table(net, 1, "D 10.2.0.0/16 [90/40028160] 10.0.12.2 " S0 "\n");
	net_free(net);
}

/* 5.6.1: K5 scales by reliability: 255 of 255 + K4. With K2 the load counts: 1 of 255. */
static void
rfc7868_5_6_1_k_values(void **state)
{
	struct net *net = row_new();

	(void)state;
	for (size_t k = 1; k <= 3; k++)
		memcpy(net_eigrp(net, k)->k, (uint8_t[]){1, 1, 1, 0, 0, 0}, 6);
	net_start(net);
	/* 25600 + 25600 / 255 + 5120 */
	assert_table(net, 1,
	             "D 10.0.23.0/24 [90/30820] 10.0.12.2 " F0 "\n"
	             "D 10.255.0.3/32 [90/158820] 10.0.12.2 " F0 "\n");
	net_free(net);
}

/* 5.3.3: other constants, another autonomous system, another subnet, or passive: no neighbour. */
static void
rfc7868_5_3_3_must_agree(void **state)
{
	static const char *const passive[] = {F0};

	(void)state;
	for (int which = 0; which < 4; which++) {
		struct net *net = row_new();

		switch (which) {
		case 0:
			net_eigrp(net, 2)->k[1] = 1;
			break;
		case 1:
			net_eigrp(net, 2)->as = 200;
			break;
		case 2:
			net_conf(net, 1, 0)->addr = IP(10, 0, 13, 1);
			break;
		default:
			net_eigrp(net, 1)->passive.n = 1;
			net_eigrp(net, 1)->passive.names = passive;
			break;
		}
		net_start(net);
		assert_table(net, 1, "");
		net_free(net);
	}
}

/* A passive interface has no neighbour, and its network is told. */
static void
ios_passive_interface(void **state)
{
	static const char *const passive[] = {F2};
	struct net *net = row_new();

	(void)state;
	net_plain(net, 3, F2, IP(10, 3, 0, 3), 16, 3);
	net_eigrp(net, 3)->passive.n = 1;
	net_eigrp(net, 3)->passive.names = passive;
	net_start(net);
	assert_table(net, 2,
	             "D 10.3.0.0/16 [90/30720] 10.0.23.3 " F1 "\n"
	             "D 10.255.0.1/32 [90/156160] 10.0.12.1 " F0 "\n"
	             "D 10.255.0.3/32 [90/156160] 10.0.23.3 " F1 "\n");
	net_free(net);
}

/* 5.3: a hello after 5 seconds; silence counts after 15; a line that is down at once. */
static void
rfc7868_5_3_hello_and_hold(void **state)
{
	struct net *net = row_new();

	(void)state;
	for (size_t k = 1; k <= 3; k++)
		net_node_start(net, k);
	net_run(net, SECONDS(60));
	assert_string_equal(text_string(&net->log), "5 R1 10.0.12.2 " F0 " >up new adjacency\n"
	                                            "5 R2 10.0.12.1 " F0 " >up new adjacency\n"
	                                            "5 R2 10.0.23.3 " F1 " >up new adjacency\n"
	                                            "5 R3 10.0.23.2 " F0 " >up new adjacency\n");
	text_clear(&net->log);
	net_interface(net, 1, F0, false);
	net_run(net, SECONDS(74));
	assert_table(net, 1, "");
	assert_table(net, 3,
	             "D 10.0.12.0/24 [90/30720] 10.0.23.2 " F0 "\n"
	             "D 10.255.0.1/32 [90/158720] 10.0.23.2 " F0 "\n");
	net_run(net, SECONDS(80));
	assert_string_equal(text_string(&net->log),
	                    "60 R1 10.0.12.2 " F0 " >down interface down\n"
	                    "75 R2 10.0.12.1 " F0 " >down holding time expired\n");
	assert_table(net, 3, "D 10.0.12.0/24 [90/30720] 10.0.23.2 " F0 "\n");
	net_free(net);
}

/* A node that is off is believed until its hold time is over: with what it had from others, too. */
static void
power_lost(void **state)
{
	struct net *net = row_new();

	(void)state;
	net_start(net);
	routing_node_power(net->r, 1, false);
	net_run(net, SECONDS(74));
	assert_table(net, 1,
	             "D 10.0.23.0/24 [90/30720] 10.0.12.2 " F0 "\n"
	             "D 10.255.0.3/32 [90/158720] 10.0.12.2 " F0 "\n");
	net_run(net, SECONDS(76));
	assert_table(net, 1, "");
	routing_node_power(net->r, 1, true);
	net_run(net, SECONDS(90));
	assert_table(net, 1,
	             "D 10.0.23.0/24 [90/30720] 10.0.12.2 " F0 "\n"
	             "D 10.255.0.3/32 [90/158720] 10.0.12.2 " F0 "\n");
	net_free(net);
}

/* A process that is taken away says goodbye: 5.3.5. */
static void
rfc7868_goodbye(void **state)
{
	struct net *net = row_new();

	(void)state;
	net_start(net);
	text_clear(&net->log);
	net->nodes[2].policy.routing.n_eigrp = 0;
	net_node_start(net, 3);
	net_run(net, SECONDS(61));
	assert_string_equal(text_string(&net->log),
	                    "60 R2 10.0.23.3 " F1 " >down Interface Goodbye received\n");
	net_free(net);
}

/* R1 has two ways to R4: by R2, all FastEthernet, and by R3 with a slower line. */
static struct net *
square_new(uint32_t delay)
{
	struct net *net = net_new_plain(4, true, false);

	net_plain(net, 1, F0, IP(10, 0, 12, 1), 24, 1);
	net_plain(net, 1, F1, IP(10, 0, 13, 1), 24, 2);
	net_plain(net, 2, F0, IP(10, 0, 12, 2), 24, 1);
	net_plain(net, 2, F1, IP(10, 0, 24, 2), 24, 3);
	net_plain(net, 3, F0, IP(10, 0, 13, 3), 24, 2);
	net_plain(net, 3, F1, IP(10, 0, 34, 3), 24, 4);
	net_plain(net, 4, F0, IP(10, 0, 24, 4), 24, 3);
	net_plain(net, 4, F1, IP(10, 0, 34, 4), 24, 4);
	net_plain(net, 4, LO, IP(10, 255, 0, 4), 32, 0);
	net_conf(net, 1, 1)->delay = delay;
	return net;
}

static const char *
route_of(struct net *net, size_t node, const char *to, struct text *t)
{
	const char *all = net_table(net, node, NULL, t), *at = strstr(all, to);
	char *end;

	if (!at)
		return "";
	end = strchr(at, '\n');
	if (end)
		*end = '\0';
	return at;
}

/* 3.5: equal ways are all taken; an unequal one with variance, when it is feasible. */
static void
rfc7868_3_5_successors(void **state)
{
	struct net *net = square_new(10);
	struct text t = TEXT_INIT;

	(void)state;
	net_start(net);
	assert_string_equal(route_of(net, 1, "10.255.0.4/32", &t),
	                    "10.255.0.4/32 [90/158720] 10.0.12.2 " F0 " 10.0.13.3 " F1);
	net_eigrp(net, 1)->maximum_paths = 1;
	net_node_start(net, 1);
	net_run(net, SECONDS(70));
	assert_string_equal(route_of(net, 1, "10.255.0.4/32", &t),
	                    "10.255.0.4/32 [90/158720] 10.0.12.2 " F0);
	net_free(net);

	net = square_new(400); /* by R3: 25600 + (400 + 10 + 500) * 256 = 258560, told 156160 */
	net_start(net);
	assert_string_equal(route_of(net, 1, "10.255.0.4/32", &t),
	                    "10.255.0.4/32 [90/158720] 10.0.12.2 " F0);
	net_eigrp(net, 1)->variance = 2;
	net_node_start(net, 1);
	net_run(net, SECONDS(70));
	assert_string_equal(route_of(net, 1, "10.255.0.4/32", &t),
	                    "10.255.0.4/32 [90/158720] 10.0.12.2 " F0 " 10.0.13.3 " F1);
	text_fini(&t);
	net_free(net);
}

/* 3.5: who is no nearer than this router is no feasible successor, whatever the variance. */
static void
rfc7868_3_5_feasibility(void **state)
{
	struct net *net = square_new(10);
	struct text t = TEXT_INIT;

	(void)state;
	net_conf(net, 3, 1)->delay = 20; /* R3 is told 520: as far as R1 itself by R2 */
	net_eigrp(net, 1)->variance = 4;
	net_start(net);
	assert_string_equal(route_of(net, 1, "10.255.0.4/32", &t),
	                    "10.255.0.4/32 [90/158720] 10.0.12.2 " F0);
	text_fini(&t);
	net_free(net);
}

/* Classes: with auto-summary 172.16.1.0/24 leaves as 172.16.0.0/16, which is dropped at home. */
static void
ios_auto_summary(void **state)
{
	struct net *net = row_new();

	(void)state;
	net_plain(net, 3, F2, IP(172, 16, 1, 3), 24, 3);
	net_eigrp(net, 3)->auto_summary = true;
	net_start(net);
	assert_table(net, 2,
	             "D 10.255.0.1/32 [90/156160] 10.0.12.1 " F0 "\n"
	             "D 10.255.0.3/32 [90/156160] 10.0.23.3 " F1 "\n"
	             "D 172.16.0.0/16 [90/30720] 10.0.23.3 " F1 "\n");
	assert_table(net, 3,
	             "D 10.0.0.0/8 [5/28160]\n"
	             "D 10.0.12.0/24 [90/30720] 10.0.23.2 " F0 "\n"
	             "D 10.255.0.1/32 [90/158720] 10.0.23.2 " F0 "\n"
	             "D 172.16.0.0/16 [5/28160]\n");
	net_free(net);
}

/* `ip summary-address`: by that interface alone, with the least metric of what is within. */
static void
ios_summary_address(void **state)
{
	static const struct prefix summary = {IP(10, 255, 0, 0), 16};
	struct net *net = row_new();

	(void)state;
	net_plain(net, 2, LO, IP(10, 255, 0, 2), 32, 0);
	net->nodes[1].eigrp_ifaces[0].summaries = &summary;
	net->nodes[1].eigrp_ifaces[0].n_summaries = 1;
	net_start(net);
	assert_table(net, 1,
	             "D 10.0.23.0/24 [90/30720] 10.0.12.2 " F0 "\n"
	             "D 10.255.0.0/16 [90/156160] 10.0.12.2 " F0 "\n");
	assert_table(net, 2,
	             "D 10.255.0.0/16 [5/128256]\n"
	             "D 10.255.0.1/32 [90/156160] 10.0.12.1 " F0 "\n"
	             "D 10.255.0.3/32 [90/156160] 10.0.23.3 " F1 "\n");
	assert_table(net, 3,
	             "D 10.0.12.0/24 [90/30720] 10.0.23.2 " F0 "\n"
	             "D 10.255.0.1/32 [90/158720] 10.0.23.2 " F0 "\n"
	             "D 10.255.0.2/32 [90/156160] 10.0.23.2 " F0 "\n");
	net_free(net);
}

/* A stub tells what it is told to tell of its own, and nothing that it has from others. */
static void
ios_stub(void **state)
{
	struct net *net = row_new();

	(void)state;
	net_eigrp(net, 2)->stub = true;
	net_start(net);
	assert_table(net, 1, "D 10.0.23.0/24 [90/30720] 10.0.12.2 " F0 "\n");
	net_eigrp(net, 2)->stub_receive_only = true;
	net_node_start(net, 2);
	net_run(net, SECONDS(70));
	assert_table(net, 1, "");
	assert_table(net, 2,
	             "D 10.255.0.1/32 [90/156160] 10.0.12.1 " F0 "\n"
	             "D 10.255.0.3/32 [90/156160] 10.0.23.3 " F1 "\n");
	net_free(net);
}

/* 3.6: nothing is told by the interface that leads to it, unless split horizon is off. */
static void
rfc7868_split_horizon(void **state)
{
	struct net *net = net_new_plain(3, true, false);

	(void)state;
	/* R1 is the hub; R2 and R3 do not hear each other. */
	for (size_t k = 1; k <= 3; k++) {
		net_plain(net, k, "Tunnel0", IP(10, 0, 0, (unsigned)k), 24, 1);
		net_plain(net, k, LO, IP(10, 255, 0, (unsigned)k), 32, 0);
	}
	net->cut[1][2] = net->cut[2][1] = true;
	net_start(net);
	/* 10^7 / 100 + 5000 + 500 = 105500 */
	assert_table(net, 2, "D 10.255.0.1/32 [90/27008000] 10.0.0.1 Tunnel0\n");
	net->nodes[0].eigrp_ifaces[0].no_split_horizon = true;
	net_node_start(net, 1);
	net_run(net, SECONDS(70));
	assert_table(net, 2,
	             "D 10.255.0.1/32 [90/27008000] 10.0.0.1 Tunnel0\n"
	             "D 10.255.0.3/32 [90/28288000] 10.0.0.1 Tunnel0\n");
	net_free(net);
}

/* External routes: distance 170, metric as configured, here 10000 kbit/s and 1 ms: 1000 + 100. */
static void
ios_redistribute_metric(void **state)
{
	struct net *net = row_new();

	(void)state;
	net_static(net, 1,
	           (struct policy_route){
		       .to = {IP(172, 16, 0, 0), 16}, .interface = LO, .distance = 1, .tag = 7});
	net_eigrp(net, 1)->n_redistributes = 1;
	net->nodes[0].eigrp_redistributes[0][0] = (struct policy_redistribute){
	    .from = ROUTING_STATIC, .has_metric = true, .metrics = {10000, 100, 255, 1, 1500}};
	net_start(net);
	assert_table(net, 3,
	             "D 10.0.12.0/24 [90/30720] 10.0.23.2 " F0 "\n"
	             "D 10.255.0.1/32 [90/158720] 10.0.23.2 " F0 "\n"
	             "D EX 172.16.0.0/16 [170/286720] 10.0.23.2 " F0 "\n");
	/* A route map's metric is nearer: 5000 kbit/s, 2000. */
	{
		static const struct policy_route_map_entry set = {
		    .seq = 10,
		    .permit = true,
		    .sets_metrics = true,
		    .metrics = {5000, 0, 255, 1, 1500}};
		static const struct policy_route_map map = {
		    .name = "M", .n_entries = 1, .entries = &set};
		struct text t = TEXT_INIT;

		net->nodes[0].eigrp_redistributes[0][0].map = &map;
		net_node_start(net, 1);
		net_run(net, SECONDS(65));
		assert_non_null(strstr(net_table(net, 3, NULL, &t), "172.16.0.0/16 [170/517120]"));
		text_fini(&t);
		net->nodes[0].eigrp_redistributes[0][0].map = NULL;
		net_node_start(net, 1);
	}
	net_eigrp(net, 3)->distance[0] = 80;
	net_eigrp(net, 3)->distance[1] = 180;
	net_node_start(net, 3);
	net_run(net, SECONDS(70));
	assert_table(net, 3,
	             "D 10.0.12.0/24 [80/30720] 10.0.23.2 " F0 "\n"
	             "D 10.255.0.1/32 [80/158720] 10.0.23.2 " F0 "\n"
	             "D EX 172.16.0.0/16 [180/286720] 10.0.23.2 " F0 "\n");
	net_free(net);
}

/* With K5 and without K4 the metric is divided by the reliability, which may be said to be 0. */
static void
ios_no_reliability(void **state)
{
	struct net *net = row_new();

	(void)state;
	for (size_t k = 1; k <= 3; k++)
		memcpy(net_eigrp(net, k)->k, (uint8_t[]){1, 0, 1, 0, 1, 0}, 6);
	net_static(
	    net, 1,
	    (struct policy_route){.to = {IP(172, 16, 0, 0), 16}, .interface = LO, .distance = 1});
	net_eigrp(net, 1)->n_redistributes = 1;
	net->nodes[0].eigrp_redistributes[0][0] = (struct policy_redistribute){
	    .from = ROUTING_STATIC, .has_metric = true, .metrics = {10000, 100, 0, 1, 1500}};
	net_start(net);
	assert_table(net, 3,
	             "D 10.0.12.0/24 [90/120] 10.0.23.2 " F0 "\n"
	             "D 10.255.0.1/32 [90/622] 10.0.23.2 " F0 "\n");
	net_free(net);
}

/* What another source is nearer to is not learned, and so not told on. */
static void
ios_static_hides(void **state)
{
	struct net *net = row_new();

	(void)state;
	net_static(net, 2,
	           (struct policy_route){
		       .to = {IP(10, 255, 0, 1), 32}, .via = IP(10, 0, 12, 1), .distance = 1});
	net_start(net);
	assert_table(net, 2, "D 10.255.0.3/32 [90/156160] 10.0.23.3 " F1 "\n");
	assert_table(net, 3, "D 10.0.12.0/24 [90/30720] 10.0.23.2 " F0 "\n");
	net_free(net);
}

/* Two autonomous systems: the metric goes with the route; `distribute-list` keeps some back. */
static void
ios_two_systems(void **state)
{
	static const struct policy_prefix_entry only = {
	    .seq = 5, .permit = true, .prefix = {IP(10, 255, 0, 1), 32}};
	static const struct policy_prefix_list list = {
	    .name = "L", .n_entries = 1, .entries = &only};
	static const struct policy_route_filter out = {.prefix_list = &list, .out = true};
	static const struct policy_network left = {IP(10, 0, 12, 0), IP(255, 255, 255, 0), 0},
					   right = {IP(10, 0, 23, 0), IP(255, 255, 255, 0), 0};
	struct net *net = row_new();
	struct net_node *border = &net->nodes[1];

	(void)state;
	net_eigrp(net, 3)->as = 200;
	border->policy.routing.n_eigrp = 2;
	border->eigrp[0].networks = &left;
	border->eigrp[1].networks = &right;
	border->eigrp[1].n_redistributes = 1;
	border->eigrp_redistributes[1][0] =
	    (struct policy_redistribute){.from = ROUTING_EIGRP, .process = 100};
	net_start(net);
	assert_table(net, 3,
	             "D EX 10.0.12.0/24 [170/30720] 10.0.23.2 " F0 "\n"
	             "D EX 10.255.0.1/32 [170/158720] 10.0.23.2 " F0 "\n");
	border->eigrp[1].filters = &out;
	border->eigrp[1].n_filters = 1;
	net_node_start(net, 2);
	net_run(net, SECONDS(70));
	assert_table(net, 3, "D EX 10.255.0.1/32 [170/158720] 10.0.23.2 " F0 "\n");
	net_free(net);
}

/* What `show ip eigrp topology` tells: successors, who is feasible, what each reported. */
static void
shown_topology(void **state)
{
	struct net *net = square_new(400);
	struct arena *a = arena_new();
	const struct eigrp_shown *shown;
	const struct eigrp_entry *e;

	(void)state;
	net_start(net);
	assert_int_equal(routing_eigrp_show(net->r, 0, NULL, a, &shown), 1);
	assert_int_equal(shown->as, 100);
	assert_int_equal(shown->router_id, IP(10, 0, 13, 1));
	assert_int_equal(shown->n_neighbors, 2);
	assert_int_equal(shown->neighbors[0].addr, IP(10, 0, 12, 2));
	assert_int_equal(shown->neighbors[0].since, SECONDS(5));
	assert_int_equal(shown->neighbors[0].hold, SECONDS(15));
	assert_int_equal(shown->n_interfaces, 2);
	assert_int_equal(shown->n_entries, 5);
	e = &shown->entries[0]; /* its own link to R2, which that does not tell back */
	assert_int_equal(e->to.addr, IP(10, 0, 12, 0));
	assert_int_equal(e->n_paths, 1);
	assert_int_equal(e->paths[0].way, EIGRP_CONNECTED);
	assert_int_equal(e->paths[0].cost, 28160);
	e = &shown->entries[4];
	assert_int_equal(e->to.addr, IP(10, 255, 0, 4));
	assert_int_equal(e->distance, 158720);
	assert_int_equal(e->n_successors, 1);
	assert_int_equal(e->n_paths, 2);
	assert_int_equal(e->paths[0].via, IP(10, 0, 12, 2));
	assert_true(e->paths[0].successor && e->paths[0].feasible);
	assert_int_equal(e->paths[0].reported, 156160);
	assert_int_equal(e->paths[1].via, IP(10, 0, 13, 3));
	assert_int_equal(e->paths[1].cost, 258560);
	assert_int_equal(e->paths[1].reported, 156160);
	assert_true(e->paths[1].feasible && !e->paths[1].successor);
	arena_free(a);
	net_free(net);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rfc7868_5_6_1_composite_metric),
	    cmocka_unit_test(rfc7868_5_6_1_bandwidth),
	    cmocka_unit_test(rfc7868_5_6_1_k_values),
	    cmocka_unit_test(rfc7868_5_3_3_must_agree),
	    cmocka_unit_test(ios_passive_interface),
	    cmocka_unit_test(rfc7868_5_3_hello_and_hold),
	    cmocka_unit_test(power_lost),
	    cmocka_unit_test(rfc7868_goodbye),
	    cmocka_unit_test(rfc7868_3_5_successors),
	    cmocka_unit_test(rfc7868_3_5_feasibility),
	    cmocka_unit_test(ios_auto_summary),
	    cmocka_unit_test(ios_summary_address),
	    cmocka_unit_test(ios_stub),
	    cmocka_unit_test(rfc7868_split_horizon),
	    cmocka_unit_test(ios_redistribute_metric),
	    cmocka_unit_test(ios_no_reliability),
	    cmocka_unit_test(ios_static_hides),
	    cmocka_unit_test(ios_two_systems),
	    cmocka_unit_test(shown_topology),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
