/* SPDX-License-Identifier: Apache-2.0 */
/* Multicast trees: which routers take a packet where, and pass it on by what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "compiler/policy/protocol.h"
#include "tests/unit/multicast_net.h"

#define SOURCE IP(10, 1, 0, 9)
#define GROUP  IP(239, 1, 1, 1)
#define SSM    IP(232, 1, 1, 1)
#define RP     IP(4, 4, 4, 4)
#define HOST   5

/*
 *  source --1-- R1 --12-- R2 --23-- R3 --3-- R5, a host that listens
 *                         |24
 *                         R4, the RP
 */
static struct cast_net *
line_new(enum pim_mode pim)
{
	struct cast_net *net = cast_net_new(5);
	struct cast_node *host = &net->nodes[HOST - 1];

	cast_iface(net, 1, "A", IP(10, 1, 0, 1), 1, pim);
	cast_iface(net, 1, "B", IP(10, 0, 12, 1), 12, pim);
	cast_iface(net, 2, "A", IP(10, 0, 12, 2), 12, pim);
	cast_iface(net, 2, "B", IP(10, 0, 23, 2), 23, pim);
	cast_iface(net, 2, "C", IP(10, 0, 24, 2), 24, pim);
	cast_iface(net, 3, "A", IP(10, 0, 23, 3), 23, pim);
	cast_iface(net, 3, "B", IP(10, 3, 0, 3), 3, pim);
	cast_iface(net, 4, "A", IP(10, 0, 24, 4), 24, pim);
	cast_iface(net, 4, "L", RP, 0, pim);
	cast_iface(net, HOST, "A", IP(10, 3, 0, 5), 3, PIM_OFF)->n_joins = 1;
	host->joins[0] = (struct policy_igmp_group){GROUP, 0};
	host->multicast.on = host->policy.ip_routing = false;
	for (size_t k = 1; k <= 4 && pim == PIM_SPARSE; k++)
		cast_rp(net, k, RP);
	return net;
}

static void
expect_tree(struct cast_net *net, uint32_t source, uint32_t group, const char *expected)
{
	struct text t = TEXT_INIT;

	assert_string_equal(cast_tree(net, source, group, &t), expected);
	text_fini(&t);
}

static struct multicast_verdict
explain_host(struct cast_net *net)
{
	return multicast_explain(net->m, HOST - 1, "A", SOURCE, GROUP);
}

static void
the_tree_of_a_source(void **state)
{
	struct cast_net *net = line_new(PIM_SPARSE);

	(void)state;
	cast_start(net);
	expect_tree(net, SOURCE, GROUP, "R1 A>B; R2 A>B; R3 A>B");
	assert_int_equal(explain_host(net).lack, MULTICAST_FINE);
	/* a group that nobody listens to, and one that never leaves its link */
	expect_tree(net, SOURCE, GROUP + 1, "");
	expect_tree(net, SOURCE, IP(224, 0, 0, 5), "");
	cast_net_free(net);
}

/* What flows goes on while it flows; what begins has no RP to meet at. */
static void
the_rp_is_gone(void **state)
{
	struct cast_net *net = line_new(PIM_SPARSE);

	(void)state;
	cast_start(net);
	expect_tree(net, SOURCE, GROUP, "R1 A>B; R2 A>B; R3 A>B");
	net->nodes[3].off = true;
	cast_node(net, 4);
	cast_run(net, net->now + SECONDS(200));
	expect_tree(net, SOURCE, GROUP, "R1 A>B; R2 A>B; R3 A>B");
	assert_int_equal(explain_host(net).lack, MULTICAST_RP_LOST);
	assert_int_equal(explain_host(net).node, 2);
	assert_int_equal(explain_host(net).addr, RP);
	cast_run(net, net->now + SECONDS(211));
	expect_tree(net, SOURCE, GROUP, "");
	net->nodes[3].off = false;
	cast_node(net, 4);
	cast_run(net, net->now + SECONDS(6));
	expect_tree(net, SOURCE, GROUP, "R1 A>B; R2 A>B; R3 A>B");
	cast_net_free(net);
}

static void
routers_must_agree_on_the_rp(void **state)
{
	struct cast_net *net = line_new(PIM_SPARSE);
	struct multicast_verdict v;

	(void)state;
	cast_start(net);
	net->nodes[0].multicast.n_rps = 0;
	cast_node(net, 1);
	assert_int_equal(explain_host(net).lack, MULTICAST_NOT_TOLD);
	expect_tree(net, SOURCE, GROUP, "");
	net->nodes[0].multicast.n_rps = 1;
	net->nodes[1].rps[0].addr = IP(10, 0, 12, 1);
	cast_node(net, 1);
	cast_node(net, 2);
	v = explain_host(net);
	assert_int_equal(v.lack, MULTICAST_RP_OTHER);
	assert_int_equal(v.node, 1);
	net->nodes[2].multicast.n_rps = 0;
	cast_node(net, 3);
	assert_int_equal(explain_host(net).lack, MULTICAST_NO_RP);
	cast_net_free(net);
}

/* What the first router tells the RP is PIM by unicast. */
static void
a_list_keeps_registers_out(void **state)
{
	static const struct policy_ace aces[] = {
	    {.proto = PROTO_PIM,
	     .icmp_type = -1,
	     .icmp_code = -1,
	     .src = IP(10, 0, 12, 1),
	     .src_mask = UINT32_MAX},
	    {.permit = true, .icmp_type = -1, .icmp_code = -1}};
	static const struct policy_acl list = {.name = "L", .n_aces = 2, .aces = aces};
	struct cast_net *net = line_new(PIM_SPARSE);

	(void)state;
	net->nodes[3].ifaces[0].acl_in = &list;
	cast_start(net);
	assert_int_equal(explain_host(net).lack, MULTICAST_NOT_TOLD);
	net->nodes[3].ifaces[0].acl_in = NULL;
	net->nodes[1].ifaces[2].acl_out = &list;
	cast_node(net, 2);
	assert_int_equal(explain_host(net).lack, MULTICAST_NOT_TOLD);
	net->nodes[1].ifaces[2].acl_out = NULL;
	cast_node(net, 2);
	assert_int_equal(explain_host(net).lack, MULTICAST_FINE);
	/* a firewall between: from a lower level to a higher one only by a list */
	net->nodes[1].policy.firewall = true;
	for (size_t k = 0; k < 3; k++)
		net->nodes[1].ifaces[k].nameif = net->nodes[1].names[k];
	net->nodes[1].ifaces[2].security_level = 100;
	cast_node(net, 2);
	assert_int_equal(explain_host(net).lack, MULTICAST_NOT_TOLD);
	net->nodes[1].ifaces[0].security_level = 101;
	cast_node(net, 2);
	assert_int_equal(explain_host(net).lack, MULTICAST_FINE);
	cast_net_free(net);
}

/* Where the source's own tree has no way, packets come on that of the RP. */
static void
by_the_rp(void **state)
{
	struct cast_net *net = line_new(PIM_SPARSE);
	struct cast_node *r3 = &net->nodes[2];

	(void)state;
	r3->mroutes[r3->multicast.n_mroutes++] =
	    (struct policy_mroute){.from = {IP(10, 1, 0, 0), 24}, .interface = "B"};
	cast_start(net);
	expect_tree(net, SOURCE, GROUP, "R1 A>B; R2 A>C B; R3 A>B; R4 A>");
	cast_net_free(net);
}

/* An RP with a list goes before one for all groups. */
static void
an_rp_for_some_groups(void **state)
{
	static const struct policy_ace some[] = {{.permit = true,
	                                          .icmp_type = -1,
	                                          .icmp_code = -1,
	                                          .src = IP(239, 1, 0, 0),
	                                          .src_mask = IP(255, 255, 0, 0)}};
	static const struct policy_acl list = {
	    .name = "10", .standard = true, .n_aces = 1, .aces = some};
	struct cast_net *net = line_new(PIM_SPARSE);
	struct multicast_verdict v;

	(void)state;
	for (size_t k = 1; k <= 4; k++) {
		cast_rp(net, k, IP(10, 0, 12, 1)); /* R1 */
		net->nodes[k - 1].rps[0].acl = &list;
	}
	net->nodes[HOST - 1].joins[0].group = IP(239, 2, 0, 1);
	cast_start(net);
	expect_tree(net, SOURCE, IP(239, 2, 0, 1), "R1 A>B; R2 A>B; R3 A>B");
	net->nodes[3].off = true; /* the RP of the others */
	cast_node(net, 4);
	v = multicast_explain(net->m, HOST - 1, "A", SOURCE, IP(239, 2, 0, 1));
	assert_int_equal(v.lack, MULTICAST_FINE);
	v = explain_host(net);
	assert_int_equal(v.lack, MULTICAST_RP_LOST);
	cast_net_free(net);
}

/* A static multicast route counts unless the unicast one is nearer; the most specific decides. */
static void
static_multicast_routes(void **state)
{
	struct cast_net *net = line_new(PIM_DENSE);
	struct cast_node *r3 = &net->nodes[2];

	(void)state;
	r3->multicast.n_mroutes = 1;
	r3->mroutes[0] = (struct policy_mroute){
	    .from = {IP(10, 1, 0, 0), 24}, .interface = "B", .distance = 110};
	cast_start(net);
	expect_tree(net, SOURCE, GROUP, "");
	r3->mroutes[0].distance = 111;
	cast_node(net, 3);
	expect_tree(net, SOURCE, GROUP, "R1 A>B; R2 A>B; R3 A>B");
	r3->mroutes[0].distance = 1;
	r3->mroutes[r3->multicast.n_mroutes++] =
	    (struct policy_mroute){.from = {SOURCE, 32}, .via = IP(10, 0, 23, 2), .distance = 5};
	cast_node(net, 3);
	expect_tree(net, SOURCE, GROUP, "R1 A>B; R2 A>B; R3 A>B");
	expect_tree(net, SOURCE + 1, GROUP, "");
	cast_net_free(net);
}

static void
an_interface_of_the_way_has_no_pim(void **state)
{
	struct cast_net *net = line_new(PIM_SPARSE);
	struct multicast_verdict v;

	(void)state;
	net->nodes[1].casts[1].pim = PIM_OFF;
	cast_start(net);
	v = explain_host(net);
	assert_int_equal(v.lack, MULTICAST_NO_NEIGHBOR);
	assert_int_equal(v.node, 2);
	assert_int_equal(v.next, IP(10, 0, 23, 2));
	assert_string_equal(v.interface, "A");
	net->nodes[1].casts[1].pim = PIM_SPARSE;
	net->nodes[2].casts[0].pim = PIM_OFF;
	cast_node(net, 2);
	cast_node(net, 3);
	v = explain_host(net);
	assert_int_equal(v.lack, MULTICAST_RP_LOST);
	assert_int_equal(v.node, 2);
	net->nodes[2].casts[1].pim = PIM_OFF;
	cast_node(net, 3);
	assert_int_equal(explain_host(net).lack, MULTICAST_NO_ROUTER);
	cast_net_free(net);
}

/* PIM is taken away, and a packet comes before anybody has heard of it. */
static void
a_neighbor_is_no_router_any_more(void **state)
{
	struct cast_net *net = line_new(PIM_DENSE);

	(void)state;
	cast_start(net);
	net->nodes[1].ifaces[1].multicast = NULL;
	cast_node(net, 2);
	expect_tree(net, SOURCE, GROUP, "");
	cast_run(net, net->now + 1);
	expect_tree(net, SOURCE, GROUP, "");
	cast_net_free(net);
}

static void
dense_mode(void **state)
{
	struct cast_net *net = line_new(PIM_DENSE);

	(void)state;
	cast_start(net);
	expect_tree(net, SOURCE, GROUP, "R1 A>B; R2 A>B; R3 A>B");
	net->nodes[1].casts[1].pim = PIM_SPARSE; /* takes no part in it */
	cast_node(net, 2);
	expect_tree(net, SOURCE, GROUP, "");
	cast_net_free(net);
}

static void
one_source_without_an_rp(void **state)
{
	struct cast_net *net = line_new(PIM_SPARSE);

	(void)state;
	net->nodes[HOST - 1].joins[0] = (struct policy_igmp_group){SSM, SOURCE};
	for (size_t k = 0; k < 4; k++) {
		net->nodes[k].multicast.ssm = true;
		net->nodes[k].multicast.n_rps = 0;
	}
	cast_start(net);
	expect_tree(net, SOURCE, SSM, "R1 A>B; R2 A>B; R3 A>B");
	expect_tree(net, SOURCE + 1, SSM, "");
	cast_net_free(net);
}

/* A neighbour is there when both have said hello, and gone after its hold time. */
static void
neighbors_in_time(void **state)
{
	struct cast_net *net = line_new(PIM_SPARSE);

	(void)state;
	for (size_t k = 1; k <= 5; k++)
		cast_node(net, k);
	cast_run(net, SECONDS(4));
	expect_tree(net, SOURCE, GROUP, "");
	cast_run(net, SECONDS(6));
	expect_tree(net, SOURCE, GROUP, "R1 A>B; R2 A>B; R3 A>B");
	assert_non_null(strstr(text_string(&net->log), "5 R3 A 10.0.23.2 up\n"));
	text_clear(&net->log);
	/* a node that stands still: its links are up, and nobody says hello */
	multicast_node_freeze(net->m, 1, true);
	cast_run(net, SECONDS(110));
	assert_string_equal(text_string(&net->log), "");
	cast_run(net, SECONDS(112));
	assert_non_null(strstr(text_string(&net->log), "111 R3 A 10.0.23.2 down\n"));
	multicast_node_freeze(net->m, 1, false);
	cast_run(net, SECONDS(120));
	text_clear(&net->log);
	/* its own line: at once */
	cast_line(net, 3, "A", false);
	cast_run(net, SECONDS(121));
	assert_non_null(strstr(text_string(&net->log), "120 R3 A 10.0.23.2 down\n"));
	cast_net_free(net);
}

/* Who leaves says so; who falls silent is asked in vain. */
static void
listeners_in_time(void **state)
{
	struct cast_net *net = line_new(PIM_SPARSE);
	struct cast_node *host = &net->nodes[HOST - 1];

	(void)state;
	cast_start(net);
	host->off = true;
	cast_node(net, HOST);
	cast_run(net, net->now + SECONDS(179));
	expect_tree(net, SOURCE, GROUP, "R1 A>B; R2 A>B; R3 A>B");
	cast_run(net, net->now + SECONDS(2));
	expect_tree(net, SOURCE, GROUP, "");
	host->off = false;
	cast_node(net, HOST);
	cast_run(net, net->now + 1);
	expect_tree(net, SOURCE, GROUP, "R1 A>B; R2 A>B; R3 A>B");
	host->casts[0].n_joins = 0;
	cast_node(net, HOST);
	cast_run(net, net->now + 1);
	expect_tree(net, SOURCE, GROUP, "");
	multicast_listen(net->m, HOST - 1, "A", GROUP, true);
	cast_run(net, net->now + 1);
	expect_tree(net, SOURCE, GROUP, "R1 A>B; R2 A>B; R3 A>B");
	cast_net_free(net);
}

/* A list on the way in that lets no IGMP, or no PIM, through. */
static void
lists_keep_reports_and_hellos_out(void **state)
{
	static const struct policy_ace udp[] = {
	    {.permit = true, .proto = PROTO_UDP, .icmp_type = -1, .icmp_code = -1}};
	static const struct policy_acl only_udp = {.name = "UDP", .n_aces = 1, .aces = udp};
	struct cast_net *net = line_new(PIM_SPARSE);

	(void)state;
	net->nodes[2].ifaces[1].acl_in = &only_udp;
	cast_start(net);
	expect_tree(net, SOURCE, GROUP, "");
	net->nodes[2].ifaces[1].acl_in = NULL;
	net->nodes[2].ifaces[0].acl_in = &only_udp;
	cast_node(net, 3);
	cast_run(net, net->now + SECONDS(120));
	assert_int_equal(explain_host(net).lack, MULTICAST_NO_NEIGHBOR);
	cast_net_free(net);
}

/*
 *            /--12-- R2 --23--\
 *  source - R1                 R4 - R5, a host      R3 is nearer; then it is gone
 *            \--13-- R3 --34--/
 */
static void
the_tree_follows_the_routes(void **state)
{
	struct cast_net *net = cast_net_new(5);
	struct cast_node *host = &net->nodes[HOST - 1];

	(void)state;
	cast_iface(net, 1, "A", IP(10, 1, 0, 1), 1, PIM_DENSE);
	cast_iface(net, 1, "B", IP(10, 0, 12, 1), 12, PIM_DENSE);
	cast_iface(net, 1, "C", IP(10, 0, 13, 1), 13, PIM_DENSE);
	cast_iface(net, 2, "A", IP(10, 0, 12, 2), 12, PIM_DENSE);
	cast_iface(net, 2, "B", IP(10, 0, 24, 2), 24, PIM_DENSE);
	cast_iface(net, 3, "A", IP(10, 0, 13, 3), 13, PIM_DENSE);
	cast_iface(net, 3, "B", IP(10, 0, 34, 3), 34, PIM_DENSE);
	cast_iface(net, 4, "A", IP(10, 0, 24, 4), 24, PIM_DENSE);
	cast_iface(net, 4, "B", IP(10, 0, 34, 4), 34, PIM_DENSE);
	cast_iface(net, 4, "C", IP(10, 3, 0, 3), 3, PIM_DENSE);
	cast_iface(net, HOST, "A", IP(10, 3, 0, 5), 3, PIM_OFF)->n_joins = 1;
	host->joins[0] = (struct policy_igmp_group){GROUP, 0};
	host->multicast.on = false;
	net->cost[1] = 5;
	cast_start(net);
	expect_tree(net, SOURCE, GROUP, "R1 A>C; R3 A>B; R4 B>C");
	cast_line(net, 3, "B", false);
	cast_line(net, 4, "B", false);
	cast_run(net, net->now + 1);
	expect_tree(net, SOURCE, GROUP, "R1 A>B; R2 A>B; R4 A>C");
	cast_net_free(net);
}

/* Two routers on the link of the listeners: the designated one serves them. */
static void
the_designated_router(void **state)
{
	struct cast_net *net = line_new(PIM_DENSE);

	(void)state;
	/* R4 gets an interface there, with the higher address */
	cast_iface(net, 4, "B", IP(10, 3, 0, 4), 3, PIM_DENSE);
	cast_start(net);
	expect_tree(net, SOURCE, GROUP, "R1 A>B; R2 A>C; R4 A>B");
	net->nodes[2].casts[1].dr_priority = 2;
	cast_node(net, 3);
	expect_tree(net, SOURCE, GROUP, "R1 A>B; R2 A>B; R3 A>B");
	cast_net_free(net);
}

/* The router that has the source's address, and one that listens itself at its loopback. */
static void
routers_themselves(void **state)
{
	struct cast_net *net = line_new(PIM_SPARSE);

	(void)state;
	net->nodes[HOST - 1].casts[0].n_joins = 0;
	cast_iface(net, 1, "L", IP(1, 1, 1, 1), 0, PIM_SPARSE);
	cast_iface(net, 3, "L", IP(3, 3, 3, 3), 0, PIM_SPARSE)->n_joins = 1;
	net->nodes[2].joins[2] = (struct policy_igmp_group){GROUP, 0};
	cast_start(net);
	expect_tree(net, IP(1, 1, 1, 1), GROUP, "R1 L>B; R2 A>B; R3 A>L");
	cast_net_free(net);
}

static void
what_a_router_shows(void **state)
{
	struct cast_net *net = line_new(PIM_SPARSE);
	struct arena *a = arena_new();
	const struct multicast_table_state *s;

	(void)state;
	cast_start(net);
	expect_tree(net, SOURCE, GROUP, "R1 A>B; R2 A>B; R3 A>B");
	s = multicast_state(net->m, 2, a)->tables;
	assert_int_equal(s->n_mroutes, 2);
	assert_string_equal(s->mroutes[0].flags, "SJC");
	assert_int_equal(s->mroutes[0].rp, RP);
	assert_int_equal(s->mroutes[0].rpf, IP(10, 0, 23, 2));
	assert_string_equal(s->mroutes[0].in, "A");
	assert_string_equal(s->mroutes[1].flags, "JT");
	assert_int_equal(s->mroutes[1].source, SOURCE);
	assert_int_equal(s->n_neighbors, 1);
	assert_int_equal(s->n_groups, 1);
	assert_int_equal(s->groups[0].reporter, IP(10, 3, 0, 5));
	s = multicast_state(net->m, 0, a)->tables;
	assert_string_equal(s->mroutes[1].flags, "FT");
	assert_true(s->mroutes[1].registers);
	s = multicast_state(net->m, 3, a)->tables;
	assert_string_equal(s->mroutes[0].flags, "S");
	assert_null(s->mroutes[0].in);
	assert_null(multicast_state(net->m, HOST - 1, a));
	arena_free(a);
	cast_net_free(net);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_tree_of_a_source),
	    cmocka_unit_test(the_rp_is_gone),
	    cmocka_unit_test(routers_must_agree_on_the_rp),
	    cmocka_unit_test(a_list_keeps_registers_out),
	    cmocka_unit_test(by_the_rp),
	    cmocka_unit_test(an_rp_for_some_groups),
	    cmocka_unit_test(static_multicast_routes),
	    cmocka_unit_test(an_interface_of_the_way_has_no_pim),
	    cmocka_unit_test(a_neighbor_is_no_router_any_more),
	    cmocka_unit_test(dense_mode),
	    cmocka_unit_test(one_source_without_an_rp),
	    cmocka_unit_test(neighbors_in_time),
	    cmocka_unit_test(listeners_in_time),
	    cmocka_unit_test(lists_keep_reports_and_hellos_out),
	    cmocka_unit_test(the_tree_follows_the_routes),
	    cmocka_unit_test(the_designated_router),
	    cmocka_unit_test(routers_themselves),
	    cmocka_unit_test(what_a_router_shows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
