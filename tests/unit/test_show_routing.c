/* SPDX-License-Identifier: Apache-2.0 */
/* Layouts of routing protocols, from a made-up state, as IOS has them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cli/show/show_routing.h"

#define A(a, b, c, d) ((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))

static const struct routing_ospf_neighbor r2 = {.id = A(10, 255, 0, 2),
                                                .addr = A(10, 0, 12, 2),
                                                .priority = 1,
                                                .state = "FULL",
                                                .role = "BDR",
                                                .dead = SECONDS(33),
                                                .up = SECONDS(90),
                                                .dr = A(10, 0, 12, 1),
                                                .bdr = A(10, 0, 12, 2)};
static const struct routing_ospf_neighbor r3 = {.id = A(10, 255, 0, 3),
                                                .addr = A(10, 0, 13, 3),
                                                .priority = 1,
                                                .state = "FULL",
                                                .role = "-",
                                                .dead = SECONDS(36)};
static const struct routing_ospf_interface interfaces[] = {
    {.name = "FastEthernet0/0",
     .up = true,
     .by_network = true,
     .addr = A(10, 0, 12, 1),
     .len = 24,
     .cost = 1,
     .priority = 1,
     .network = "BROADCAST",
     .state = "DR",
     .dr_id = A(10, 255, 0, 1),
     .dr = A(10, 0, 12, 1),
     .bdr_id = A(10, 255, 0, 2),
     .bdr = A(10, 0, 12, 2),
     .hello = 10,
     .dead = 40,
     .hello_due = SECONDS(3),
     .n_neighbors = 1,
     .n_full = 1,
     .neighbors = &r2},
    {.name = "Serial0/0",
     .up = true,
     .addr = A(10, 0, 13, 1),
     .len = 30,
     .area = 7,
     .cost = 64,
     .network = "POINT_TO_POINT",
     .state = "POINT_TO_POINT",
     .hello = 10,
     .dead = 40,
     .hello_due = SECONDS(9),
     .n_neighbors = 1,
     .n_full = 1,
     .neighbors = &r3},
    {.name = "Loopback0",
     .up = true,
     .loopback = true,
     .addr = A(10, 255, 0, 1),
     .len = 32,
     .cost = 1,
     .network = "LOOPBACK",
     .state = "LOOPBACK"},
};
static const struct policy_network networks[] = {
    {.addr = A(10, 0, 0, 0), .mask = 0xff000000, .area = 0}};
static const struct policy_ospf conf = {.process = 1, .n_networks = 1, .networks = networks};
static const struct routing_gateway gateways[] = {{A(10, 255, 0, 2), 110, SECONDS(75)}};
static const struct routing_ospf ospf = {.conf = &conf,
                                         .router_id = A(10, 255, 0, 1),
                                         .border = true,
                                         .n_interfaces = ARRAY_SIZE(interfaces),
                                         .interfaces = interfaces,
                                         .n_gateways = 1,
                                         .gateways = gateways};

static void
assert_text(struct text *t, const char *expected)
{
	assert_string_equal(text_string(t), expected);
	text_clear(t);
}

static void
test_ospf_neighbors(void **state)
{
	struct text t = TEXT_INIT;

	(void)state;
	show_ospf_neighbors(&t, &ospf, 1, NULL);
	assert_text(
	    &t,
	    "\n"
	    "Neighbor ID     Pri   State           Dead Time   Address         Interface\n"
	    "10.255.0.2        1   FULL/BDR        00:00:33    10.0.12.2       FastEthernet0/0\n"
	    "10.255.0.3        0   FULL/  -        00:00:36    10.0.13.3       Serial0/0\n");
	show_ospf_neighbors(&t, &ospf, 1, "Loopback0");
	assert_text(&t, "");
	text_fini(&t);
}

static void
test_ospf_interfaces(void **state)
{
	struct text t = TEXT_INIT;

	(void)state;
	show_ospf_interface_brief(&t, &ospf, 1);
	assert_text(&t,
	            "Interface    PID   Area            IP Address/Mask    Cost  State Nbrs F/C\n"
	            "Fa0/0        1     0               10.0.12.1/24       1     DR    1/1\n"
	            "Se0/0        1     7               10.0.13.1/30       64    P2P   1/1\n"
	            "Lo0          1     0               10.255.0.1/32      1     LOOP  0/0\n");
	show_ospf_interfaces(&t, &ospf, 1, "FastEthernet0/0");
	assert_text(&t, "FastEthernet0/0 is up, line protocol is up \n"
	                "  Internet Address 10.0.12.1/24, Area 0, Attached via Network Statement\n"
	                "  Process ID 1, Router ID 10.255.0.1, Network Type BROADCAST, Cost: 1\n"
	                "  Topology-MTID    Cost    Disabled    Shutdown      Topology Name\n"
	                "        0           1       no          no            Base\n"
	                "  Transmit Delay is 1 sec, State DR, Priority 1\n"
	                "  Designated Router (ID) 10.255.0.1, Interface address 10.0.12.1\n"
	                "  Backup Designated router (ID) 10.255.0.2, Interface address 10.0.12.2\n"
	                "  Timer intervals configured, Hello 10, Dead 40, Wait 40, Retransmit 5\n"
	                "    Hello due in 00:00:03\n"
	                "  Neighbor Count is 1, Adjacent neighbor count is 1 \n"
	                "    Adjacent with neighbor 10.255.0.2  (Backup Designated Router)\n"
	                "  Suppress hello for 0 neighbor(s)\n");
	text_fini(&t);
}

static void
test_ospf_protocol(void **state)
{
	struct text t = TEXT_INIT;

	(void)state;
	show_ospf_protocol(&t, &ospf);
	assert_text(&t, "Routing Protocol is \"ospf 1\"\n"
	                "  Outgoing update filter list for all interfaces is not set\n"
	                "  Incoming update filter list for all interfaces is not set\n"
	                "  Router ID 10.255.0.1\n"
	                "  It is an area border router\n"
	                "  Number of areas in this router is 0. 0 normal 0 stub 0 nssa\n"
	                "  Maximum path: 4\n"
	                "  Routing for Networks:\n"
	                "    10.0.0.0 0.255.255.255 area 0\n"
	                "  Routing Information Sources:\n"
	                "    Gateway         Distance      Last Update\n"
	                "    10.255.0.2           110      00:01:15\n"
	                "  Distance: (default is 110)\n\n");
	text_fini(&t);
}

/* --- EIGRP ------------------------------------------------------------------------------------ */

static const struct eigrp_neighbor eigrp_neighbor = {.addr = A(10, 1, 1, 2),
                                                     .interface = "FastEthernet0/0.11",
                                                     .since = SECONDS(10),
                                                     .hello = SECONDS(5),
                                                     .hold = SECONDS(15),
                                                     .until = MSEC_NEVER};
static const struct eigrp_interface eigrp_interfaces[] = {
    {.name = "FastEthernet0/0.11", .addr = A(10, 1, 1, 1), .len = 24, .up = true}};
static const struct eigrp_path own_path = {
    .way = EIGRP_CONNECTED, .cost = 28160, .successor = true};
static const struct eigrp_path learned_paths[] = {
    {.via = A(10, 1, 1, 2),
     .interface = "FastEthernet0/0.11",
     .cost = 156160,
     .reported = 128256,
     .successor = true,
     .feasible = true},
    {.via = A(10, 1, 1, 3), .interface = "FastEthernet0/0.11", .cost = 300000, .reported = 290000}};
static const struct eigrp_entry eigrp_entries[] = {{.to = {A(10, 1, 1, 0), 24},
                                                    .distance = 28160,
                                                    .n_successors = 1,
                                                    .n_paths = 1,
                                                    .paths = &own_path},
                                                   {.to = {A(192, 168, 2, 0), 24},
                                                    .distance = 156160,
                                                    .n_successors = 1,
                                                    .n_paths = 2,
                                                    .paths = learned_paths}};
static const struct policy_eigrp eigrp_conf = {
    .as = 11, .k = {1, 0, 1, 0, 0, 0}, .n_networks = 1, .networks = networks};
static const struct eigrp_shown eigrp = {.as = 11,
                                         .router_id = A(192, 168, 1, 1),
                                         .conf = &eigrp_conf,
                                         .n_neighbors = 1,
                                         .neighbors = &eigrp_neighbor,
                                         .n_interfaces = 1,
                                         .interfaces = eigrp_interfaces,
                                         .n_entries = 2,
                                         .entries = eigrp_entries};
static const struct routing_vrf in_vrf = {.name = "Site-1", .n_eigrp = 1, .eigrp = &eigrp};

static void
test_eigrp(void **state)
{
	struct text t = TEXT_INIT;

	(void)state;
	show_eigrp_neighbors(&t, &in_vrf, SECONDS(72));
	assert_text(
	    &t,
	    "EIGRP-IPv4 Neighbors for AS(11) VRF(Site-1)\n"
	    "H   Address                 Interface              Hold Uptime   SRTT   RTO  Q  Seq\n"
	    "                                                   (sec)         (ms)       Cnt Num\n"
	    "0   10.1.1.2                Fa0/0.11                 13 00:01:02    1   100  0  0\n");
	show_eigrp_topology(&t, &in_vrf, false);
	assert_text(&t, "EIGRP-IPv4 Topology Table for AS(11)/ID(192.168.1.1) VRF(Site-1)\n"
	                "Codes: P - Passive, A - Active, U - Update, Q - Query, R - Reply,\n"
	                "       r - reply Status, s - sia Status \n\n"
	                "P 10.1.1.0/24, 1 successors, FD is 28160\n"
	                "        via Connected, FastEthernet0/0.11\n"
	                "P 192.168.2.0/24, 1 successors, FD is 156160\n"
	                "        via 10.1.1.2 (156160/128256), FastEthernet0/0.11\n\n");
	show_eigrp_protocol(&t, &eigrp, &(struct routing_gateways){.n = 0});
	assert_non_null(
	    strstr(text_string(&t), "    Metric weight K1=1, K2=0, K3=1, K4=0, K5=0\n"));
	assert_non_null(strstr(text_string(&t), "  Routing for Networks:\n    10.0.0.0\n"));
	text_fini(&t);
}

/* --- MPLS ------------------------------------------------------------------------------------- */

static void
test_mpls(void **state)
{
	static const struct ldp_link links[] = {{"FastEthernet0/0", A(10, 0, 1, 2)}};
	static const uint32_t addrs[] = {A(10, 0, 1, 2), A(10, 255, 0, 2)};
	const struct ldp_neighbor neighbors[] = {{.id = A(10, 255, 0, 2),
	                                          .own_id = A(10, 255, 0, 1),
	                                          .up = true,
	                                          .since = SECONDS(10),
	                                          .n_links = 1,
	                                          .links = links,
	                                          .n_addrs = 2,
	                                          .addrs = addrs},
	                                         {.id = A(9, 9, 9, 9)}};
	const struct mpls_entry entries[] = {
	    {.label = 16,
	     .to = {A(10, 255, 0, 2), 32},
	     .n = 1,
	     .ways = {{"FastEthernet0/0", A(10, 0, 1, 2), MPLS_IMPLICIT_NULL}}},
	    {.label = 17,
	     .to = {A(10, 255, 0, 3), 32},
	     .bytes = 1234,
	     .n = 2,
	     .ways = {{"FastEthernet0/0", A(10, 0, 1, 2), 18},
	              {"FastEthernet0/1", A(10, 0, 2, 2), MPLS_NO_LABEL}}},
	    {.label = 18, .to = {A(172, 16, 1, 0), 24}, .vrf = "A", .connected = true},
	    {.label = 19,
	     .to = {A(192, 168, 1, 0), 24},
	     .vrf = "A",
	     .n = 1,
	     .ways = {{"FastEthernet1/0", A(172, 16, 1, 2), MPLS_NO_LABEL}}}};
	const struct mpls_interface at[] = {{.name = "FastEthernet0/0", .up = true}};
	const struct mpls_shown m = {.on = true,
	                             .n_neighbors = 2,
	                             .neighbors = neighbors,
	                             .n_entries = 4,
	                             .entries = entries,
	                             .n_interfaces = 1,
	                             .interfaces = at};
	struct text t = TEXT_INIT;

	(void)state;
	show_mpls_interfaces(&t, &m, 0);
	assert_text(&t, "Interface              IP            Tunnel   BGP Static Operational\n"
	                "FastEthernet0/0        Yes (ldp)     No       No  No     Yes\n");
	show_mpls_forwarding(&t, &m, 0);
	assert_text(
	    &t, "Local      Outgoing   Prefix           Bytes Label   Outgoing   Next Hop    \n"
		"Label      Label      or Tunnel Id     Switched      interface              \n"
		"16         Pop Label  10.255.0.2/32    0             Fa0/0      10.0.1.2    \n"
		"17         18         10.255.0.3/32    1234          Fa0/0      10.0.1.2    \n"
		"           No Label   10.255.0.3/32    1234          Fa0/1      10.0.2.2    \n"
		"18         Pop Label  172.16.1.0/24[V] 0             aggregate/A \n"
		"19         No Label   192.168.1.0/24[V]   \\\n"
		"                                       0             Fa1/0      172.16.1.2  \n");
	show_ldp_neighbors(&t, &m, SECONDS(70));
	assert_text(&t, "    Peer LDP Ident: 10.255.0.2:0; Local LDP Ident 10.255.0.1:0\n"
	                "\tTCP connection: 10.255.0.2.11000 - 10.255.0.1.646\n"
	                "\tState: Oper; Msgs sent/rcvd: 5/5; Downstream\n"
	                "\tUp time: 00:01:00\n"
	                "\tLDP discovery sources:\n"
	                "\t  FastEthernet0/0, Src IP addr: 10.0.1.2\n"
	                "        Addresses bound to peer LDP Ident:\n"
	                "          10.0.1.2        10.255.0.2      \n");
	text_fini(&t);
}

/* --- BGP -------------------------------------------------------------------------------------- */

static void
test_bgp(void **state)
{
	static const uint32_t as[] = {65003, 65001};
	static const struct policy_bgp_neighbor up = {.addr = A(192, 0, 2, 3)},
						down = {.addr = A(192, 0, 2, 9)};
	const struct bgp_session sessions[] = {
	    {.conf = &up,
	     .remote_as = 65003,
	     .external = true,
	     .state = BGP_ESTABLISHED,
	     .since = SECONDS(10),
	     .hold = 180,
	     .received = 2},
	    {.conf = &down, .remote_as = 65009, .state = BGP_IDLE}};
	const struct bgp_shown_path ours = {.best = true,
	                                    .valid = true,
	                                    .local = true,
	                                    .weight = 32768,
	                                    .local_preference = 100},
				    paths[] = {{.best = true,
	                                        .valid = true,
	                                        .external = true,
	                                        .origin = 2,
	                                        .next_hop = A(192, 0, 2, 3),
	                                        .from = A(192, 0, 2, 3),
	                                        .med = 20,
	                                        .local_preference = 100,
	                                        .n_as = 2,
	                                        .as = as},
	                                       {.valid = true,
	                                        .next_hop = A(10, 255, 0, 2),
	                                        .local_preference = 90,
	                                        .n_as = 1,
	                                        .as = as}};
	const struct bgp_shown_route routes[] = {
	    {.to = {A(10, 4, 0, 0), 16}, .n = 1, .paths = &ours},
	    {.to = {A(10, 255, 0, 1), 32}, .n = 2, .paths = paths}};
	const struct bgp_shown b = {.as = 65004,
	                            .router_id = A(10, 4, 4, 4),
	                            .n_sessions = 2,
	                            .sessions = sessions,
	                            .n_routes = 2,
	                            .routes = routes,
	                            .n_paths = 3};
	struct text t = TEXT_INIT;

	(void)state;
	show_bgp_table(&t, &b);
	assert_non_null(
	    strstr(text_string(&t),
	           "     Network          Next Hop            Metric LocPrf Weight Path\n"
	           " *>   10.4.0.0/16      0.0.0.0                  0         32768 i\n"
	           " *>   10.255.0.1/32    192.0.2.3               20             0 65003 65001 ?\n"
	           " * i                   10.255.0.2               0     90      0 65003 i\n"));
	text_clear(&t);
	show_bgp_summary(&t, &b, SECONDS(130), false);
	assert_non_null(strstr(
	    text_string(&t),
	    "Neighbor        V           AS MsgRcvd MsgSent   TblVer  InQ OutQ Up/Down  "
	    "State/PfxRcd\n"
	    "192.0.2.3       4        65003       6       6        3    0    0 00:02:00        2\n"
	    "192.0.2.9       4        65009       0       0        1    0    0 never    Idle\n"));
	text_clear(&t);
	show_bgp_entry(&t, &b, A(10, 255, 0, 1), NULL);
	assert_text(&t, "BGP routing table entry for 10.255.0.1/32, version 3\n"
	                "Paths: (2 available, best #1, table default)\n"
	                "  Refresh Epoch 1\n"
	                "  65003 65001\n"
	                "    192.0.2.3 from 192.0.2.3 (0.0.0.0)\n"
	                "      Origin incomplete, metric 20, localpref 100, valid, external, best\n"
	                "  Refresh Epoch 1\n"
	                "  65003\n"
	                "    10.255.0.2 from 0.0.0.0 (0.0.0.0)\n"
	                "      Origin IGP, metric 0, localpref 90, valid, internal\n");
	text_fini(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_ospf_neighbors), cmocka_unit_test(test_ospf_interfaces),
	    cmocka_unit_test(test_ospf_protocol),  cmocka_unit_test(test_eigrp),
	    cmocka_unit_test(test_mpls),           cmocka_unit_test(test_bgp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
