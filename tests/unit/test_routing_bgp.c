/* SPDX-License-Identifier: Apache-2.0 */
/* BGP as computed in the virtual network, by the sections of RFC 4271 and RFC 4456, and as IOS. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "compiler/routing/bgp.h"
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

static void
numbers_put(struct text *t, const uint32_t *numbers, size_t n)
{
	for (size_t k = 0; k < n; k++)
		text_printf(t, " %u", numbers[k]);
}

/* "*> 10.0.0.0/8 10.0.12.2 med lp weight 65001 65002 i" for each path; in `t`. */
static const char *
bgp_table(struct net *net, size_t node, struct text *t)
{
	struct arena *arena = arena_new();
	struct bgp_shown shown = routing_bgp_show(net->r, node - 1, NULL, arena);
	char a[ADDR_TEXT_MAX];

	text_clear(t);
	for (size_t k = 0; k < shown.n_routes; k++)
		for (size_t i = 0; i < shown.routes[k].n; i++) {
			const struct bgp_shown_path *p = &shown.routes[k].paths[i];

			text_printf(t, "%s%s%s %s/%u", p->valid ? "*" : " ", p->best ? ">" : " ",
			            p->local || p->external ? " " : "i",
			            addr_text(shown.routes[k].to.addr, a), shown.routes[k].to.len);
			text_printf(t, " %s %u %u %u", addr_text(p->next_hop, a), p->med,
			            p->local_preference, p->weight);
			numbers_put(t, p->as, p->n_as);
			if (p->n_set)
				text_puts(t, " {");
			numbers_put(t, p->set, p->n_set);
			text_printf(t, "%s %c\n", p->n_set ? " }" : "", "ie?"[p->origin]);
		}
	arena_free(arena);
	return text_string(t);
}

static void
assert_bgp(struct net *net, size_t node, const char *expected)
{
	struct text t = TEXT_INIT;

	assert_string_equal(bgp_table(net, node, &t), expected);
	text_fini(&t);
}

/*
 * R1 - R2 - ... in a row: 10.0.N.0/24 between RN and the next; each has 10.255.N.0/24 at its
 * loopback, told by `network`. Systems as given; neighbours by the address of the link.
 */
static struct net *
row_new(size_t n, const uint32_t *as)
{
	struct net *net = net_new_plain(n, false, false);

	for (size_t k = 1; k <= n; k++) {
		net_bgp(net, k, as[k - 1]);
		net_plain(net, k, LO, IP(10, 255, (unsigned)k, 1), 24, 0);
		net_network(net, k, IP(10, 255, (unsigned)k, 0), 24);
	}
	for (size_t k = 1; k < n; k++) {
		net_plain(net, k, F1, IP(10, 0, (unsigned)k, 1), 24, (uint32_t)k);
		net_plain(net, k + 1, F0, IP(10, 0, (unsigned)k, 2), 24, (uint32_t)k);
		net_neighbor(net, k, IP(10, 0, (unsigned)k, 2), as[k]);
		net_neighbor(net, k + 1, IP(10, 0, (unsigned)k, 1), as[k - 1]);
	}
	return net;
}

static const uint32_t three[] = {65001, 65002, 65003};

/* 5.1.2, 9.1: from system to system; each puts its own before the path. */
static void
rfc4271_5_1_2_as_path(void **state)
{
	struct net *net = row_new(3, three);

	(void)state;
	net_start(net);
	assert_table(net, 1,
	             "B 10.255.2.0/24 [20/0] 10.0.1.2 -\n"
	             "B 10.255.3.0/24 [20/0] 10.0.1.2 -\n");
	assert_bgp(net, 1,
	           "*>  10.255.1.0/24 0.0.0.0 0 100 32768 i\n"
	           "*>  10.255.2.0/24 10.0.1.2 0 100 0 65002 i\n"
	           "*>  10.255.3.0/24 10.0.1.2 0 100 0 65002 65003 i\n");
	net_free(net);
}

/* 8: ten seconds until established; what its own line tells counts at once, silence after 180. */
static void
rfc4271_8_session(void **state)
{
	struct net *net = row_new(2, three);

	(void)state;
	for (size_t k = 1; k <= 2; k++)
		net_node_start(net, k);
	net_run(net, SECONDS(60));
	assert_string_equal(text_string(&net->log), "10 R1 10.0.1.2 - >up \n"
	                                            "10 R2 10.0.1.1 - >up \n");
	text_clear(&net->log);
	net_interface(net, 1, F1, false);
	net_run(net, SECONDS(239));
	assert_table(net, 1, "");
	assert_table(net, 2, "B 10.255.1.0/24 [20/0] 10.0.1.1 -\n");
	net_run(net, SECONDS(241));
	assert_string_equal(text_string(&net->log),
	                    "60 R1 10.0.1.2 - >down Interface flap\n"
	                    "240 R2 10.0.1.1 - >down BGP Notification sent\n");
	assert_table(net, 2, "");
	text_clear(&net->log);
	net_interface(net, 1, F1, true);
	net_run(net, SECONDS(260));
	assert_string_equal(text_string(&net->log), "251 R1 10.0.1.2 - >up \n"
	                                            "251 R2 10.0.1.1 - >up \n");
	net_free(net);
}

/* 4.2: the hold time is the smaller of both; 6.5. A one-way silence ends it for both. */
static void
rfc4271_4_2_hold_time(void **state)
{
	struct net *net = row_new(2, three);

	(void)state;
	net->nodes[0].bgp_neighbors[0].hold = 30;
	net_start(net);
	text_clear(&net->log);
	net->cut[0][1] = true;
	routing_gate_changed(net->r);
	net_run(net, SECONDS(100));
	assert_string_equal(text_string(&net->log),
	                    "90 R1 10.0.1.2 - >down BGP Notification sent\n"
	                    "90 R2 10.0.1.1 - >down BGP Notification sent\n");
	net_free(net);
}

/* One end is configured away: the other is told. */
static void
ios_neighbor_shutdown(void **state)
{
	struct net *net = row_new(2, three);

	(void)state;
	net_start(net);
	text_clear(&net->log);
	net->nodes[0].bgp_neighbors[0].shutdown = true;
	net_node_start(net, 1);
	net_run(net, SECONDS(61));
	assert_string_equal(text_string(&net->log),
	                    "60 R1 10.0.1.2 - >down Admin. shutdown\n"
	                    "60 R2 10.0.1.1 - >down Peer closed the session\n");
	net_free(net);
	net = row_new(2, three);
	net_start(net);
	text_clear(&net->log);
	net->nodes[0].bgp.n_neighbors = 0;
	net_node_start(net, 1);
	net_run(net, SECONDS(61));
	assert_string_equal(text_string(&net->log),
	                    "60 R1 10.0.1.2 - >down Neighbor deleted\n"
	                    "60 R2 10.0.1.1 - >down Peer closed the session\n");
	net_free(net);
}

/* 6.2: each must expect the other's system. */
static void
rfc4271_6_2_remote_as(void **state)
{
	struct net *net = row_new(2, three);

	(void)state;
	net->nodes[1].bgp_neighbors[0].remote_as = 65009;
	net_start(net);
	assert_table(net, 1, "");
	net->nodes[0].bgp_neighbors[0].local_as = 65009; /* as which it speaks to that one */
	net_node_start(net, 1);
	net_run(net, SECONDS(80));
	assert_bgp(net, 2,
	           "*>  10.255.1.0/24 10.0.1.1 0 100 0 65009 65001 i\n"
	           "*>  10.255.2.0/24 0.0.0.0 0 100 32768 i\n");
	net_free(net);
}

/* Between loopbacks of two systems: routes, update-source and ebgp-multihop are needed. */
static void
ios_ebgp_multihop(void **state)
{
	struct net *net = row_new(2, three);

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		net->nodes[k].bgp.n_neighbors = 0;
		net_static(net, k + 1,
		           (struct policy_route){.to = {IP(10, 255, 2 - (unsigned)k, 0), 24},
		                                 .via = IP(10, 0, 1, 2 - (unsigned)k),
		                                 .distance = 1});
		net_neighbor(net, k + 1, IP(10, 255, 2 - (unsigned)k, 1), three[1 - k])
		    ->update_source = LO;
	}
	net_start(net);
	assert_bgp(net, 1, "*>  10.255.1.0/24 0.0.0.0 0 100 32768 i\n");
	net->nodes[0].bgp_neighbors[0].ebgp_multihop = 2;
	net->nodes[1].bgp_neighbors[0].ebgp_multihop = 2;
	net_node_start(net, 1);
	net_node_start(net, 2);
	net_run(net, SECONDS(80));
	/* R2's is the next hop itself: what leads to it is the static route. */
	assert_bgp(net, 1,
	           "*>  10.255.1.0/24 0.0.0.0 0 100 32768 i\n"
	           "*>  10.255.2.0/24 10.255.2.1 0 100 0 65002 i\n");
	net_free(net);
}

/* Three hops away: `ebgp-multihop 2` at one end is too little, 3 is enough. */
static void
ios_ttl(void **state)
{
	static const uint32_t as[] = {65001, 65002, 65003, 65004};

	(void)state;
	for (uint8_t hops = 2; hops <= 3; hops++) {
		struct net *net = row_new(4, as);

		for (size_t k = 1; k <= 4; k++) {
			net->nodes[k - 1].bgp.n_neighbors = 0;
			for (unsigned far = 1; far <= 3; far++)
				if (far + 1 < k || far > k)
					net_static(net, k,
					           (struct policy_route){
						       .to = {IP(10, 0, far, 0), 24},
						       .via = far > k
					                          ? IP(10, 0, (unsigned)k, 2)
					                          : IP(10, 0, (unsigned)k - 1, 1),
						       .distance = 1});
		}
		net_neighbor(net, 1, IP(10, 0, 3, 2), 65004)->ebgp_multihop = hops;
		net_neighbor(net, 4, IP(10, 0, 1, 1), 65001)->ebgp_multihop = 255;
		net_start(net);
		assert_table(net, 1, hops < 3 ? "" : "B 10.255.4.0/24 [20/0] 10.0.3.2 -\n");
		net_free(net);
	}
}

/* R1 of another system, then R2 - R3 - R4 of one, which tell each other's links by OSPF. */
static struct net *
system_new(void)
{
	static const uint32_t as[] = {65001, 65002, 65002, 65002};
	struct net *net = row_new(4, as);

	for (size_t k = 2; k <= 4; k++) {
		static const struct policy_network inside[] = {
		    {.addr = IP(10, 0, 2, 0), .mask = IP(255, 255, 255, 0)},
		    {.addr = IP(10, 0, 3, 0), .mask = IP(255, 255, 255, 0)},
		};

		net->nodes[k - 1].policy.routing.n_ospf = 1;
		net_ospf(net, k)->networks = inside;
		net_ospf(net, k)->n_networks = 2;
		net_ospf(net, k)->router_id = IP(1, 1, 1, (unsigned)k);
	}
	return net;
}

/* 9.2.1: what is heard from the own system is not told on in it; R4 hears of R3's alone. */
static void
rfc4271_9_2_full_mesh(void **state)
{
	struct net *net = system_new();

	(void)state;
	net_start(net);
	assert_bgp(net, 4,
	           "*>i 10.255.3.0/24 10.0.3.1 0 100 0 i\n"
	           "*>  10.255.4.0/24 0.0.0.0 0 100 32768 i\n");
	/* A session to R2, through R3: found by OSPF. The next hop, R1, is on no link of OSPF's. */
	net_neighbor(net, 2, IP(10, 0, 3, 2), 65002);
	net_neighbor(net, 4, IP(10, 0, 2, 1), 65002);
	net_node_start(net, 2);
	net_node_start(net, 4);
	net_run(net, SECONDS(200));
	assert_bgp(net, 4,
	           "  i 10.255.1.0/24 10.0.1.1 0 100 0 65001 i\n"
	           "*>i 10.255.2.0/24 10.0.2.1 0 100 0 i\n"
	           "*>i 10.255.3.0/24 10.0.3.1 0 100 0 i\n"
	           "*>  10.255.4.0/24 0.0.0.0 0 100 32768 i\n");
	/* With next-hop-self it is reached: distance 200. */
	net->nodes[1].bgp_neighbors[2].families[BGP_IPV4].next_hop_self = true;
	net_node_start(net, 2);
	net_run(net, SECONDS(300));
	assert_table(net, 4,
	             "O 10.0.2.0/24 [110/2] 10.0.3.1 " F0 "\n"
	             "B 10.255.1.0/24 [200/0] 10.0.2.1 -\n"
	             "B 10.255.2.0/24 [200/0] 10.0.2.1 -\n"
	             "B 10.255.3.0/24 [200/0] 10.0.3.1 -\n");
	net_free(net);
}

/* RFC 4456: a reflector tells clients what clients tell it, with originator and cluster. */
static void
rfc4456_reflector(void **state)
{
	struct net *net = system_new();
	struct arena *arena = arena_new();
	struct bgp_shown shown;

	(void)state;
	net->nodes[1].bgp_neighbors[1].families[BGP_IPV4].next_hop_self = true; /* R2 to R3 */
	net->nodes[2].bgp_neighbors[0].families[BGP_IPV4].route_reflector_client = true;
	net->nodes[2].bgp_neighbors[1].families[BGP_IPV4].route_reflector_client = true;
	net_start(net);
	assert_bgp(net, 4,
	           "*>i 10.255.1.0/24 10.0.2.1 0 100 0 65001 i\n"
	           "*>i 10.255.2.0/24 10.0.2.1 0 100 0 i\n"
	           "*>i 10.255.3.0/24 10.0.3.1 0 100 0 i\n"
	           "*>  10.255.4.0/24 0.0.0.0 0 100 32768 i\n");
	/* `next-hop-self all`: of what is reflected, too. */
	net->nodes[2].bgp_neighbors[1].families[BGP_IPV4].next_hop_self_all = true;
	net_node_start(net, 3);
	net_run(net, SECONDS(61));
	assert_bgp(net, 4,
	           "*>i 10.255.1.0/24 10.0.3.1 0 100 0 65001 i\n"
	           "*>i 10.255.2.0/24 10.0.3.1 0 100 0 i\n"
	           "*>i 10.255.3.0/24 10.0.3.1 0 100 0 i\n"
	           "*>  10.255.4.0/24 0.0.0.0 0 100 32768 i\n");
	shown = routing_bgp_show(net->r, 3, NULL, arena);
	assert_int_equal(shown.routes[0].paths[0].originator, IP(1, 1, 1, 2));
	assert_int_equal(shown.routes[0].paths[0].n_clusters, 1);
	assert_int_equal(shown.routes[0].paths[0].clusters[0], IP(1, 1, 1, 3));
	assert_int_equal(shown.n_sessions, 1);
	assert_int_equal(shown.sessions[0].state, BGP_ESTABLISHED);
	assert_int_equal(shown.sessions[0].received, 3);
	arena_free(arena);
	net_free(net);
}

/*
 * R1 has two neighbours, R2 and R3, which both lead to R4's network: by which, the steps of the
 * choice decide. R2 and R3 are of the same system when `same`.
 */
static struct net *
diamond_new(bool same)
{
	const uint32_t as[] = {65001, 65002, same ? 65002 : 65003, 65004};
	struct net *net = net_new_plain(4, false, false);

	for (size_t k = 1; k <= 4; k++)
		net_bgp(net, k, as[k - 1]);
	for (unsigned k = 2; k <= 3; k++) {
		const char *const to_r1 = k == 2 ? F0 : F1;

		net_plain(net, 1, to_r1, IP(10, 0, k, 1), 24, k);
		net_plain(net, k, F0, IP(10, 0, k, 2), 24, k);
		net_neighbor(net, 1, IP(10, 0, k, 2), as[k - 1]);
		net_neighbor(net, k, IP(10, 0, k, 1), as[0]);
		net_plain(net, k, F1, IP(10, 4, k, 1), 24, 10 + k);
		net_plain(net, 4, to_r1, IP(10, 4, k, 2), 24, 10 + k);
		net_neighbor(net, k, IP(10, 4, k, 2), as[3]);
		net_neighbor(net, 4, IP(10, 4, k, 1), as[k - 1]);
	}
	net_plain(net, 4, LO, IP(10, 255, 4, 1), 24, 0);
	net_network(net, 4, IP(10, 255, 4, 0), 24);
	return net;
}

static struct policy_route_map_entry the_entry;
static const struct policy_route_map the_map = {.name = "M", .n_entries = 1, .entries = &the_entry};

/* Weight, then local preference, each more than a shorter path; then the path's length. */
static void
ios_best_path_order(void **state)
{
	static const uint32_t twice[] = {65003, 65003};
	struct net *net = diamond_new(false);

	(void)state;
	net_start(net); /* all the same: the lower identifier, R2's */
	assert_table(net, 1, "B 10.255.4.0/24 [20/0] 10.0.2.2 -\n");

	/* R2 puts itself twice more before the path: R3's is shorter. */
	the_entry = (struct policy_route_map_entry){
	    .seq = 10, .permit = true, .n_prepend = 2, .prepend = twice};
	net->nodes[1].bgp_neighbors[0].families[BGP_IPV4].out.map = &the_map;
	net_node_start(net, 2);
	net_run(net, SECONDS(61));
	assert_bgp(net, 1,
	           "*>  10.255.4.0/24 10.0.3.2 0 100 0 65003 65004 i\n"
	           "*   10.255.4.0/24 10.0.2.2 0 100 0 65002 65003 65003 65004 i\n");

	/* R1 prefers R2's nevertheless. */
	{
		static const struct policy_route_map_entry prefer = {.seq = 10,
		                                                     .permit = true,
		                                                     .sets_local_preference = true,
		                                                     .local_preference = 200};
		static const struct policy_route_map map = {
		    .name = "P", .n_entries = 1, .entries = &prefer};

		net->nodes[0].bgp_neighbors[0].families[BGP_IPV4].in.map = &map;
		net_node_start(net, 1);
		net_run(net, SECONDS(62));
		assert_table(net, 1, "B 10.255.4.0/24 [20/0] 10.0.2.2 -\n");
	}

	/* And a weight is more than that. */
	net->nodes[0].bgp_neighbors[1].families[BGP_IPV4].weight = 10;
	net_node_start(net, 1);
	net_run(net, SECONDS(63));
	assert_bgp(net, 1,
	           "*>  10.255.4.0/24 10.0.3.2 0 100 10 65003 65004 i\n"
	           "*   10.255.4.0/24 10.0.2.2 0 200 0 65002 65003 65003 65004 i\n");
	net_free(net);
}

/* 9.1.2.2 c: a metric is compared within one system alone, unless always-compare-med. */
static void
rfc4271_9_1_2_2_med(void **state)
{
	static const struct policy_route_map_entry worse = {
	    .seq = 10, .permit = true, .sets_metric = true, .metric = 50};
	static const struct policy_route_map map = {.name = "W", .n_entries = 1, .entries = &worse};

	(void)state;
	for (int which = 0; which < 3; which++) {
		struct net *net = diamond_new(which == 1);

		net->nodes[1].bgp_neighbors[0].families[BGP_IPV4].out.map =
		    &map; /* R2's is the worse */
		net->nodes[0].policy.routing.bgp.always_compare_med = which == 2;
		net_start(net);
		assert_table(net, 1,
		             which == 0 ? "B 10.255.4.0/24 [20/50] 10.0.2.2 -\n"
		                        : "B 10.255.4.0/24 [20/0] 10.0.3.2 -\n");
		net_free(net);
	}
}

/* `maximum-paths`: paths of the same systems, by different next hops. */
static void
ios_maximum_paths(void **state)
{
	struct net *net = diamond_new(true);

	(void)state;
	net->nodes[0].bgp.maximum_paths = 4;
	net_start(net);
	assert_table(net, 1, "B 10.255.4.0/24 [20/0] 10.0.2.2 - 10.0.3.2 -\n");
	net_free(net);
	net = diamond_new(false); /* of other systems: one */
	net->nodes[0].bgp.maximum_paths = 4;
	net_start(net);
	assert_table(net, 1, "B 10.255.4.0/24 [20/0] 10.0.2.2 -\n");
	net_free(net);
}

/* 9.1.2: a system does not take what has been in it; allowas-in does, as-override hides it. */
static void
rfc4271_9_1_2_loop(void **state)
{
	static const uint32_t as[] = {65001, 65002, 65001};
	struct net *net = row_new(3, as);

	(void)state;
	net_start(net);
	assert_table(net, 3, "B 10.255.2.0/24 [20/0] 10.0.2.1 -\n");
	net->nodes[2].bgp_neighbors[0].families[BGP_IPV4].allowas_in = 1;
	net_node_start(net, 3);
	net_run(net, SECONDS(61));
	assert_bgp(net, 3,
	           "*>  10.255.1.0/24 10.0.2.1 0 100 0 65002 65001 i\n"
	           "*>  10.255.2.0/24 10.0.2.1 0 100 0 65002 i\n"
	           "*>  10.255.3.0/24 0.0.0.0 0 100 32768 i\n");
	net->nodes[2].bgp_neighbors[0].families[BGP_IPV4].allowas_in = 0;
	net->nodes[1].bgp_neighbors[1].families[BGP_IPV4].as_override = true;
	net_node_start(net, 2);
	net_node_start(net, 3);
	net_run(net, SECONDS(62));
	assert_bgp(net, 3,
	           "*>  10.255.1.0/24 10.0.2.1 0 100 0 65002 65002 i\n"
	           "*>  10.255.2.0/24 10.0.2.1 0 100 0 65002 i\n"
	           "*>  10.255.3.0/24 0.0.0.0 0 100 32768 i\n");
	net_free(net);
}

/* `network` wants the very route in the table. */
static void
ios_network_exact(void **state)
{
	struct net *net = row_new(2, three);

	(void)state;
	net_network(net, 2, IP(10, 255, 0, 0), 16);
	net_start(net);
	assert_table(net, 1, "B 10.255.2.0/24 [20/0] 10.0.1.2 -\n");
	net_static(
	    net, 2,
	    (struct policy_route){.to = {IP(10, 255, 0, 0), 16}, .interface = LO, .distance = 1});
	net_node_start(net, 2);
	net_run(net, SECONDS(61));
	assert_table(net, 1,
	             "B 10.255.0.0/16 [20/0] 10.0.1.2 -\n"
	             "B 10.255.2.0/24 [20/0] 10.0.1.2 -\n");
	net_free(net);
}

/* `network ... backdoor`: not told, and what another system tells of it is far. */
static void
ios_backdoor(void **state)
{
	struct net *net = row_new(2, three);

	(void)state;
	net_network(net, 1, IP(10, 255, 2, 0), 24);
	net->nodes[0].bgp_networks[1].backdoor = true;
	net->nodes[0].bgp_networks[0].backdoor = true;
	net_start(net);
	assert_table(net, 1, "B 10.255.2.0/24 [200/0] 10.0.1.2 -\n");
	assert_table(net, 2, "");
	net_free(net);
}

/* `aggregate-address`: there while something is within; summary-only hides that. */
static void
ios_aggregate_address(void **state)
{
	struct net *net = row_new(3, three);

	(void)state;
	net->nodes[1].bgp_aggregates[0] =
	    (struct policy_bgp_aggregate){.prefix = {IP(10, 255, 0, 0), 16}, .summary_only = true};
	net->nodes[1].bgp.n_aggregates = 1;
	net_start(net);
	assert_bgp(net, 1,
	           "*>  10.255.0.0/16 10.0.1.2 0 100 0 65002 i\n"
	           "*>  10.255.1.0/24 0.0.0.0 0 100 32768 i\n");
	assert_table(net, 2,
	             "B 10.255.0.0/16 [200/0]\n"
	             "B 10.255.1.0/24 [20/0] 10.0.1.1 -\n"
	             "B 10.255.3.0/24 [20/0] 10.0.2.2 -\n");
	/* With the set of systems within, those do not take it. */
	net->nodes[1].bgp_aggregates[0].as_set = true;
	net->nodes[1].bgp_aggregates[0].summary_only = false;
	net_node_start(net, 2);
	net_run(net, SECONDS(61));
	assert_bgp(net, 1,
	           "*>  10.255.1.0/24 0.0.0.0 0 100 32768 i\n"
	           "*>  10.255.2.0/24 10.0.1.2 0 100 0 65002 i\n"
	           "*>  10.255.3.0/24 10.0.1.2 0 100 0 65002 65003 i\n");
	net_free(net);
}

/* RFC 1997: communities go where they are sent; no-export stays in the next system. */
static void
rfc1997_no_export(void **state)
{
	static const uint32_t no_export = 0xffffff01u;
	static const struct policy_route_map_entry set = {
	    .seq = 10, .permit = true, .n_set_communities = 1, .set_communities = &no_export};
	static const struct policy_route_map map = {.name = "C", .n_entries = 1, .entries = &set};
	struct net *net = row_new(3, three);

	(void)state;
	net->nodes[0].bgp_neighbors[0].families[BGP_IPV4].out.map = &map;
	net_start(net); /* not sent: told on */
	assert_table(net, 3,
	             "B 10.255.1.0/24 [20/0] 10.0.2.1 -\n"
	             "B 10.255.2.0/24 [20/0] 10.0.2.1 -\n");
	net->nodes[0].bgp_neighbors[0].families[BGP_IPV4].send_community = true;
	net_node_start(net, 1);
	net_run(net, SECONDS(61));
	assert_table(net, 3, "B 10.255.2.0/24 [20/0] 10.0.2.1 -\n");
	net_free(net);
}

/* Prefix lists, in and out; and default-originate, which no filter stops. */
static void
ios_filters_and_default(void **state)
{
	static const struct policy_prefix_entry entries[] = {
	    {.seq = 5, .permit = false, .prefix = {IP(10, 255, 1, 0), 24}},
	    {.seq = 10, .permit = true, .prefix = {IP(10, 255, 0, 0), 16}, .le = 24},
	};
	static const struct policy_prefix_list list = {
	    .name = "L", .n_entries = 2, .entries = entries};
	struct net *net = row_new(3, three);

	(void)state;
	net->nodes[1].bgp_neighbors[1].families[BGP_IPV4].out.prefix_list = &list; /* R2 to R3 */
	net->nodes[1].bgp_neighbors[1].families[BGP_IPV4].default_originate = true;
	net_start(net);
	assert_table(net, 3,
	             "B 0.0.0.0/0 [20/0] 10.0.2.1 -\n"
	             "B 10.255.2.0/24 [20/0] 10.0.2.1 -\n");
	assert_table(net, 2,
	             "B 10.255.1.0/24 [20/0] 10.0.1.1 -\n"
	             "B 10.255.3.0/24 [20/0] 10.0.2.2 -\n");
	net->nodes[2].bgp_neighbors[0].families[BGP_IPV4].in.prefix_list = &list;
	net_node_start(net, 3);
	net_run(net, SECONDS(61));
	assert_table(net, 3, "B 10.255.2.0/24 [20/0] 10.0.2.1 -\n");
	net_free(net);
}

/* `default-originate route-map`: where the table has a route that the map lets pass. */
static void
ios_default_by_route_map(void **state)
{
	static const struct policy_prefix_entry entry = {
	    .seq = 5, .permit = true, .prefix = {IP(10, 255, 1, 0), 24}};
	static const struct policy_prefix_list list = {
	    .name = "L", .n_entries = 1, .entries = &entry};
	static const struct policy_prefix_list *const lists[] = {&list};
	static const struct policy_route_map_entry matches = {.seq = 10,
	                                                      .permit = true,
	                                                      .n_prefix_lists = 1,
	                                                      .prefix_lists = lists,
	                                                      .sets_metric = true,
	                                                      .metric = 7};
	static const struct policy_route_map map = {
	    .name = "D", .n_entries = 1, .entries = &matches};
	static const struct policy_route_map empty = {.name = "E"};
	struct net *net = row_new(3, three);
	struct policy_bgp_family *told = &net->nodes[1].bgp_neighbors[1].families[BGP_IPV4];

	(void)state;
	told->default_originate = true;
	told->default_map = &empty;
	net_start(net);
	assert_table(net, 3,
	             "B 10.255.1.0/24 [20/0] 10.0.2.1 -\n"
	             "B 10.255.2.0/24 [20/0] 10.0.2.1 -\n");
	told->default_map = &map;
	net_node_start(net, 2);
	net_run(net, SECONDS(61));
	assert_table(net, 3,
	             "B 0.0.0.0/0 [20/7] 10.0.2.1 -\n"
	             "B 10.255.1.0/24 [20/0] 10.0.2.1 -\n"
	             "B 10.255.2.0/24 [20/0] 10.0.2.1 -\n");
	net_free(net);
}

/* Into OSPF and out of it: R2 stands between, R3 hears of R1's system by OSPF alone. */
static void
ios_redistribute(void **state)
{
	struct net *net = system_new();

	(void)state;
	net->nodes[2].policy.routing.bgp.as = net->nodes[3].policy.routing.bgp.as = 0;
	net_redistribute(net, 2, ROUTING_BGP)->process = 65002;
	net->nodes[1].bgp.n_redistributes = 1;
	net->nodes[1].bgp_redistributes[0] =
	    (struct policy_redistribute){.from = ROUTING_OSPF, .process = 1};
	net_start(net);
	assert_table(net, 4,
	             "O 10.0.2.0/24 [110/2] 10.0.3.1 " F0 "\n"
	             "O E2 10.255.1.0/24 [110/1] 10.0.3.1 " F0 "\n");
	assert_bgp(net, 1,
	           "*>  10.0.2.0/24 10.0.1.2 0 100 0 65002 ?\n"
	           "*>  10.0.3.0/24 10.0.1.2 2 100 0 65002 ?\n"
	           "*>  10.255.1.0/24 0.0.0.0 0 100 32768 i\n"
	           "*>  10.255.2.0/24 10.0.1.2 0 100 0 65002 i\n");
	net_free(net);
}

/*
 * As RFC 3345 tells: R1, R2 and R3 hear of R4's network from itself, and each prefers the next
 * of them as a way there. That has no end; the engine comes to one, and says so.
 */
static void
rfc3345_no_end(void **state)
{
	static const struct policy_route_map_entry prefer = {
	    .seq = 10, .permit = true, .sets_local_preference = true, .local_preference = 200};
	static const struct policy_route_map map = {
	    .name = "P", .n_entries = 1, .entries = &prefer};
	static const uint32_t two[] = {65004, 65004};
	static const struct policy_route_map_entry far = {
	    .seq = 20, .permit = true, .n_prepend = 2, .prepend = two};
	static const struct policy_route_map out = {.name = "F", .n_entries = 1, .entries = &far};
	struct net *net = net_new_plain(4, false, false);

	(void)state;
	for (unsigned k = 1; k <= 4; k++) {
		net_bgp(net, k, 65000 + k);
		net_plain(net, k, F0, IP(10, 0, 0, k), 24, 1);
	}
	for (unsigned k = 1; k <= 3; k++) {
		unsigned next = k % 3 + 1, before = (k + 1) % 3 + 1;

		net_neighbor(net, k, IP(10, 0, 0, next), 65000 + next)->families[BGP_IPV4].in.map =
		    &map;
		net_neighbor(net, k, IP(10, 0, 0, before), 65000 + before);
		net_neighbor(net, k, IP(10, 0, 0, 4), 65004);
		net_neighbor(net, 4, IP(10, 0, 0, k), 65000 + k)->families[BGP_IPV4].out.map = &out;
	}
	net_plain(net, 4, LO, IP(10, 255, 4, 1), 24, 0);
	net_network(net, 4, IP(10, 255, 4, 0), 24);
	net_start(net);
	assert_false(routing_settles(net->r));
	for (size_t k = 0; k < 3; k++)
		net->nodes[k].bgp_neighbors[0].families[BGP_IPV4].in.map = NULL;
	for (size_t k = 1; k <= 3; k++)
		net_node_start(net, k);
	net_run(net, SECONDS(61));
	assert_true(routing_settles(net->r));
	assert_table(net, 1, "B 10.255.4.0/24 [20/0] 10.0.0.4 -\n");
	net_free(net);
}

/* A node that is off: its neighbours believe in all that it told, until the hold time is over. */
static void
power_lost(void **state)
{
	struct net *net = row_new(3, three);

	(void)state;
	net_start(net);
	routing_node_power(net->r, 1, false);
	net_run(net, SECONDS(239));
	assert_table(net, 1,
	             "B 10.255.2.0/24 [20/0] 10.0.1.2 -\n"
	             "B 10.255.3.0/24 [20/0] 10.0.1.2 -\n");
	net_run(net, SECONDS(241));
	assert_table(net, 1, "");
	routing_node_power(net->r, 1, true);
	net_run(net, SECONDS(260));
	assert_table(net, 1,
	             "B 10.255.2.0/24 [20/0] 10.0.1.2 -\n"
	             "B 10.255.3.0/24 [20/0] 10.0.1.2 -\n");
	net_free(net);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rfc4271_5_1_2_as_path),
	    cmocka_unit_test(rfc4271_8_session),
	    cmocka_unit_test(rfc4271_4_2_hold_time),
	    cmocka_unit_test(ios_neighbor_shutdown),
	    cmocka_unit_test(rfc4271_6_2_remote_as),
	    cmocka_unit_test(ios_ebgp_multihop),
	    cmocka_unit_test(ios_ttl),
	    cmocka_unit_test(rfc4271_9_2_full_mesh),
	    cmocka_unit_test(rfc4456_reflector),
	    cmocka_unit_test(ios_best_path_order),
	    cmocka_unit_test(rfc4271_9_1_2_2_med),
	    cmocka_unit_test(ios_maximum_paths),
	    cmocka_unit_test(rfc4271_9_1_2_loop),
	    cmocka_unit_test(ios_network_exact),
	    cmocka_unit_test(ios_backdoor),
	    cmocka_unit_test(ios_aggregate_address),
	    cmocka_unit_test(rfc1997_no_export),
	    cmocka_unit_test(ios_filters_and_default),
	    cmocka_unit_test(ios_default_by_route_map),
	    cmocka_unit_test(ios_redistribute),
	    cmocka_unit_test(rfc3345_no_end),
	    cmocka_unit_test(power_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
