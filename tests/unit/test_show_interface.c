/* SPDX-License-Identifier: Apache-2.0 */
/* The layouts of `show interfaces` and `show arp`, and the five minute rate. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

#include "cli/show/show.h"
#include "runtime/host/traffic.h"

#define A(a, b, c, d) ((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))

#define EXPECT(t, golden)                                                                          \
	do {                                                                                       \
		assert_string_equal(text_string(&(t)), golden);                                    \
		text_fini(&(t));                                                                   \
	} while (0)

/* A device of the kernel, with something in every counter. */
static const struct host_interface device = {
    .name = "GigabitEthernet0/1",
    .device = "eth1",
    .has_address = true,
    .addr = A(10, 1, 12, 1),
    .len = 24,
    .admin_up = true,
    .line_up = true,
    .configured = true,
    .mtu = 1400,
    .has_mac = true,
    .mac = {2, 0x42, 0xac, 0x11, 0, 3},
    .in = {.packets = 300,
           .bytes = 40000,
           .errors = 100,
           .drops = 3,
           .bit_rate = 500000000,
           .packet_rate = 41,
           .idle = 7265000},
    .out = {.packets = 11,
            .bytes = 1200,
            .errors = 5,
            .drops = 4,
            .bit_rate = 90,
            .packet_rate = 1,
            .idle = 90000000},
    .multicast = 6,
    .crc = 7,
    .frame = 8,
    .overrun = 9,
    .collisions = 10,
    .cleared = 900000000,
};

static void
test_interface(void **state)
{
	struct show_port port = show_port_of(&device);
	struct text t = TEXT_INIT;

	(void)state;
	port.description = "to the core";
	show_interface(&t, &port);
	EXPECT(t,
	       "GigabitEthernet0/1 is up, line protocol is up \n"
	       "  Hardware is Linux device eth1, address is 0242.ac11.0003 (bia 0242.ac11.0003)\n"
	       "  Description: to the core\n"
	       "  Internet address is 10.1.12.1/24\n"
	       "  MTU 1400 bytes, BW 1000000 Kbit/sec, DLY 10 usec, \n"
	       "     reliability 191/255, txload 1/255, rxload 127/255\n"
	       "  Encapsulation ARPA, loopback not set\n"
	       "  Auto Duplex, Auto Speed, media type is eth1\n"
	       "  Last input 02:01:05, output 1d01h, output hang never\n"
	       "  Last clearing of \"show interface\" counters 1w3d\n"
	       "  Input queue: 0/0/3/0 (size/max/drops/flushes); Total output drops: 4\n"
	       "  Queueing strategy: fifo\n"
	       "  Output queue: 0/0 (size/max)\n"
	       "  5 minute input rate 500000000 bits/sec, 41 packets/sec\n"
	       "  5 minute output rate 90 bits/sec, 1 packets/sec\n"
	       "     300 packets input, 40000 bytes, 0 no buffer\n"
	       "     Received 0 broadcasts (6 IP multicasts)\n"
	       "     0 runts, 0 giants, 0 throttles\n"
	       "     100 input errors, 7 CRC, 8 frame, 9 overrun, 0 ignored\n"
	       "     11 packets output, 1200 bytes, 0 underruns\n"
	       "     5 output errors, 10 collisions, 0 interface resets\n");
}

static void
test_states(void **state)
{
	static const struct {
		bool admin_up, line_up;
		const char *status, *protocol;
	} cases[] = {{false, false, "administratively down", "down"},
	             {true, false, "down", "down"},
	             {true, true, "up", "up"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct host_interface h = {.admin_up = cases[i].admin_up,
		                                 .line_up = cases[i].line_up};

		assert_string_equal(show_port_status(&h), cases[i].status);
		assert_string_equal(show_port_protocol(&h), cases[i].protocol);
	}
}

static void
test_short_names(void **state)
{
	static const char *const names[][2] = {
	    {"FastEthernet0/0", "Fa0/0"},
	    {"Ethernet1", "Et1"},
	    {"Loopback0", "Lo0"},
	    {"GigabitEthernet0/1.52", "Gi0/1.52"},
	    {"TwentyFiveGigE1/0/1", "Twe1/0/1"},
	    {"BVI1", "BVI1"},
	    {"inside", "inside"},
	};
	char buf[SHOW_PORT_SHORT];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_string_equal(show_port_short(names[i][0], buf), names[i][1]);
	/* A name from outside may be long. */
	show_port_short("aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee", buf);
	assert_int_equal(strlen(buf), SHOW_PORT_SHORT - 1);
}

static void
test_arp(void **state)
{
	const struct host_neighbor list[] = {
	    {.addr = A(10, 1, 12, 2),
	     .resolved = true,
	     .mac = {0xaa, 0xbb, 0xcc, 0, 1, 2},
	     .age = 185000,
	     .interface = "GigabitEthernet0/1"},
	    {.addr = A(10, 1, 12, 9), .interface = "GigabitEthernet0/1"},
	};
	struct text t = TEXT_INIT;

	(void)state;
	show_arp(&t, list, 2, &device, 1);
	EXPECT(t,
	       "Protocol  Address          Age (min)  Hardware Addr   Type   Interface\n"
	       "Internet  10.1.12.1                -   0242.ac11.0003  ARPA   GigabitEthernet0/1\n"
	       "Internet  10.1.12.2                3   aabb.cc00.0102  ARPA   GigabitEthernet0/1\n"
	       "Internet  10.1.12.9                0   Incomplete      ARPA   \n");
}

/* 100 packets of 1000 octets a second. */
static void
test_rates(void **state)
{
	struct traffic t = {0};
	uint64_t bits, packets;
	msec now = SECONDS(1000);

	(void)state;
	traffic_rates(&t, now, &bits, &packets);
	assert_int_equal(bits, 0);
	for (int i = 0; i < 300; i++)
		traffic_add(&t, 100, 100000, now += SECONDS(1));
	/* 1 - 1/e of it after five minutes, all of it after an hour. */
	traffic_rates(&t, now, &bits, &packets);
	assert_in_range(packets, 62, 64);
	assert_in_range(bits, 500000, 510000);
	for (int i = 0; i < 3600; i++)
		traffic_add(&t, 100, 100000, now += SECONDS(1));
	traffic_rates(&t, now, &bits, &packets);
	assert_int_equal(packets, 100);
	assert_in_range(bits, 799000, 802000);
	/* It dies away without a packet, and reading it changes nothing. */
	traffic_rates(&t, now + SECONDS(300), &bits, &packets);
	assert_in_range(packets, 36, 38);
	traffic_rates(&t, now, &bits, &packets);
	assert_int_equal(packets, 100);
	assert_int_equal(t.packets, 390000);
	assert_true(t.any && t.last == now);
	traffic_add(&t, 0, 0, now + 5);
	assert_true(t.last == now);
}

static void
test_route_look_up(void **state)
{
	const struct host_route routes[] = {
	    {.source = ROUTE_STATIC, .via = A(10, 1, 23, 2), .interface = "", .distance = 1},
	    {.source = ROUTE_STATIC,
	     .to = {A(10, 0, 0, 0), 8},
	     .via = A(10, 1, 23, 2),
	     .interface = "",
	     .distance = 1},
	    {.source = ROUTE_CONNECTED,
	     .to = {A(10, 1, 23, 0), 24},
	     .interface = "FastEthernet0/0"},
	    {.source = ROUTE_LOCAL, .to = {A(10, 1, 23, 3), 32}, .interface = "FastEthernet0/0"},
	};
	const size_t n = ARRAY_SIZE(routes);
	const uint8_t any = 0, eight = 8, nine = 9;

	(void)state;
	assert_ptr_equal(show_route_find(routes, n, A(10, 1, 23, 3), NULL), &routes[3]);
	assert_ptr_equal(show_route_find(routes, n, A(10, 1, 23, 4), NULL), &routes[2]);
	assert_ptr_equal(show_route_find(routes, n, A(10, 9, 9, 9), NULL), &routes[1]);
	/* The default route is not what an address is found by, but by its own name. */
	assert_null(show_route_find(routes, n, A(11, 1, 1, 1), NULL));
	assert_ptr_equal(show_route_find(routes, n, 0, &any), &routes[0]);
	assert_ptr_equal(show_route_find(routes, n, A(10, 0, 0, 0), &eight), &routes[1]);
	assert_null(show_route_find(routes, n, A(10, 0, 0, 0), &nine));
	assert_true(show_network_is_known(routes, n, A(10, 200, 0, 1)));
	assert_false(show_network_is_known(routes, n, A(192, 168, 1, 1)));
	assert_false(show_network_is_known(routes, n, A(230, 0, 0, 1)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_interface),   cmocka_unit_test(test_states),
	    cmocka_unit_test(test_short_names), cmocka_unit_test(test_arp),
	    cmocka_unit_test(test_rates),       cmocka_unit_test(test_route_look_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
