/* SPDX-License-Identifier: Apache-2.0 */
/* Several routing protocols in one network: what they tell each other, and whom one believes. */
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

static const struct policy_network ten = {.addr = IP(10, 0, 0, 0), .mask = IP(255, 0, 0, 0)};
static struct policy_eigrp eigrp[8];

static void
assert_table(struct net *net, size_t node, const char *expected)
{
	struct text t = TEXT_INIT;

	assert_string_equal(net_table(net, node, NULL, &t), expected);
	text_fini(&t);
}

static struct policy_eigrp *
eigrp_run(struct net *net, size_t node, uint32_t as)
{
	struct policy_eigrp *e = &eigrp[node];

	*e = (struct policy_eigrp){
	    .as = as, .k = {1, 0, 1, 0, 0, 0}, .n_networks = 1, .networks = &ten};
	net->nodes[node - 1].policy.routing.n_ospf = 0;
	net->nodes[node - 1].policy.routing.n_eigrp = 1;
	net->nodes[node - 1].policy.routing.eigrp = e;
	return e;
}

/* R1 - R2 - R3 in a row, each with a loopback: 10.0.12.0/24, 10.0.23.0/24, 10.255.0.N. */
static struct net *
row_new(void)
{
	struct net *net = net_new(3);

	net_iface(net, 1, F0, IP(10, 0, 12, 1), 24, 1, 0);
	net_iface(net, 2, F0, IP(10, 0, 12, 2), 24, 1, 0);
	net_iface(net, 2, F1, IP(10, 0, 23, 2), 24, 2, 0);
	net_iface(net, 3, F0, IP(10, 0, 23, 3), 24, 2, 0);
	net_iface(net, 1, LO, IP(10, 255, 0, 1), 32, 0, 0);
	net_iface(net, 2, LO, IP(10, 255, 0, 2), 32, 0, 0);
	net_iface(net, 3, LO, IP(10, 255, 0, 3), 32, 0, 0);
	return net;
}

static struct net *
eigrp_row(void)
{
	struct net *net = row_new();

	for (size_t k = 1; k <= 3; k++)
		eigrp_run(net, k, 11);
	return net;
}

/* A node that is off is believed in until the hold time is over. */
static void
rfc7868_5_3_power_lost(void **state)
{
	struct net *net = eigrp_row();

	(void)state;
	net_start(net);
	routing_node_power(net->r, 1, false);
	net_run(net, SECONDS(74));
	assert_table(net, 1,
	             "D 10.0.23.0/24 [90/30720] 10.0.12.2 " F0 "\n"
	             "D 10.255.0.2/32 [90/156160] 10.0.12.2 " F0 "\n"
	             "D 10.255.0.3/32 [90/158720] 10.0.12.2 " F0 "\n");
	net_run(net, SECONDS(75));
	assert_table(net, 1, "");
	net_free(net);
}

/* Redistributed routes are external; a stub tells its own alone; a summary stands for its part. */
static void
rfc7868_5_8_external_stub_summary(void **state)
{
	static const struct policy_redistribute line = {
	    .from = ROUTING_STATIC, .has_metric = true, .metrics = {10000, 100, 255, 1, 1500}};
	static const struct prefix summary = {IP(10, 255, 0, 0), 16};
	static const struct policy_eigrp_interface conf = {
	    .as = 11, .n_summaries = 1, .summaries = &summary};
	struct net *net = eigrp_row();

	(void)state;
	net->nodes[2].policy.n_routes = 1;
	net->nodes[2].routes[0] =
	    (struct policy_route){.to = {IP(172, 16, 0, 0), 16}, .interface = LO, .distance = 1};
	eigrp[3].n_redistributes = 1;
	eigrp[3].redistributes = &line;
	net->nodes[1].ifaces[0].n_eigrp = 1;
	net->nodes[1].ifaces[0].eigrp = &conf;
	net_start(net);
	assert_table(net, 1,
	             "D 10.0.23.0/24 [90/30720] 10.0.12.2 " F0 "\n"
	             "D 10.255.0.0/16 [90/156160] 10.0.12.2 " F0 "\n"
	             "D EX 172.16.0.0/16 [170/286720] 10.0.12.2 " F0 "\n");
	assert_table(net, 2,
	             "D 10.255.0.0/16 [5/128256]\n"
	             "D 10.255.0.1/32 [90/156160] 10.0.12.1 " F0 "\n"
	             "D 10.255.0.3/32 [90/156160] 10.0.23.3 " F1 "\n"
	             "D EX 172.16.0.0/16 [170/284160] 10.0.23.3 " F1 "\n");
	eigrp[2].stub = eigrp[2].stub_connected = true;
	net->nodes[1].ifaces[0].n_eigrp = 0;
	net_node_start(net, 2);
	net_run(net, SECONDS(80));
	assert_table(net, 1,
	             "D 10.0.23.0/24 [90/30720] 10.0.12.2 " F0 "\n"
	             "D 10.255.0.2/32 [90/156160] 10.0.12.2 " F0 "\n");
	net_free(net);
}

/* Between two protocols, both ways: each knows what the other has. */
static void
redistribution_both_ways(void **state)
{
	static const struct policy_redistribute from_ospf = {.from = ROUTING_OSPF,
	                                                     .process = 1,
	                                                     .has_metric = true,
	                                                     .metrics = {100000, 10, 255, 1, 1500}};
	static const struct policy_network right = {.addr = IP(10, 0, 23, 0),
	                                            .mask = IP(255, 255, 255, 0)};
	struct net *net = row_new();
	struct policy_redistribute *line;

	(void)state;
	eigrp_run(net, 2, 11);
	eigrp_run(net, 3, 11);
	net->nodes[1].policy.routing.n_ospf = 1;
	net->nodes[1].ifaces[1].ospf = NULL; /* R2 F1: EIGRP alone */
	eigrp[2].networks = &right;
	eigrp[2].n_redistributes = 1;
	eigrp[2].redistributes = &from_ospf;
	line = net_redistribute(net, 2, ROUTING_EIGRP);
	line->process = 11;
	net_start(net);
	assert_table(net, 1,
	             "O E2 10.0.23.0/24 [110/20] 10.0.12.2 " F0 "\n"
	             "O 10.255.0.2/32 [110/2] 10.0.12.2 " F0 "\n"
	             "O E2 10.255.0.3/32 [110/20] 10.0.12.2 " F0 "\n");
	assert_table(net, 3,
	             "D EX 10.0.12.0/24 [170/30720] 10.0.23.2 " F0 "\n"
	             "D EX 10.255.0.1/32 [170/30720] 10.0.23.2 " F0 "\n"
	             "D EX 10.255.0.2/32 [170/30720] 10.0.23.2 " F0 "\n");
	net_free(net);
}

/*
 * R1 tells a way to 10.0.4.250, which is on the link of all three. R3 is as near to it by its own
 * line as by R2: the one leads to that address itself.
 *
 *   R1 --+-- R2
 *        |    |
 *        +-- R3
 */
static void
rfc2328_16_4_forwarding_address_two_ways(void **state)
{
	struct net *net = net_new(3);

	(void)state;
	net_iface(net, 1, F0, IP(10, 0, 4, 1), 24, 1, 0);
	net_iface(net, 2, F0, IP(10, 0, 4, 2), 24, 1, 0)->cost = 5;
	net_iface(net, 2, F1, IP(10, 0, 2, 2), 24, 2, 0);
	net_iface(net, 3, F0, IP(10, 0, 4, 3), 24, 1, 0)->cost = 10;
	net_iface(net, 3, F1, IP(10, 0, 2, 3), 24, 2, 0)->cost = 5;
	net_static(net, 1,
	           (struct policy_route){
		       .to = {IP(172, 16, 0, 0), 16}, .via = IP(10, 0, 4, 250), .distance = 1});
	net_redistribute(net, 1, ROUTING_STATIC);
	net_start(net);
	assert_table(net, 3,
	             "O 10.0.4.0/24 [110/10] 0.0.0.0 " F0 " 10.0.2.2 " F1 "\n"
	             "O E2 172.16.0.0/16 [110/20] 10.0.2.2 " F1 " 10.0.4.250 " F0 "\n");
	net_free(net);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rfc7868_5_3_power_lost),
	    cmocka_unit_test(rfc7868_5_8_external_stub_summary),
	    cmocka_unit_test(redistribution_both_ways),
	    cmocka_unit_test(rfc2328_16_4_forwarding_address_two_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
