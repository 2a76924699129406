/* SPDX-License-Identifier: Apache-2.0 */
/* Layouts of routing protocols, from a made-up state, as IOS has them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_ospf_neighbors),
	    cmocka_unit_test(test_ospf_interfaces),
	    cmocka_unit_test(test_ospf_protocol),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
