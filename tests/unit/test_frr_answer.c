/* SPDX-License-Identifier: Apache-2.0 */
/* What FRR 8.4 prints, read: whole, and cut anywhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/frr/frr.h"

#define IP(a, b, c, d) ((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))

static const char routes[] =
    "Codes: K - kernel route, C - connected, S - static, R - RIP,\n"
    "       O - OSPF, I - IS-IS, B - BGP, E - EIGRP, N - NHRP,\n"
    "       > - selected route, * - FIB route, q - queued, r - rejected, b - backup\n"
    "\n"
    "O>* 0.0.0.0/0 [110/1] via 10.0.0.2, eth0, weight 1, 00:00:00\n"
    "  *                   via 10.0.1.2, eth1, weight 1, 00:00:00\n"
    "O   10.0.0.0/24 [110/10] is directly connected, eth0, weight 1, 00:00:12\n"
    "C>* 10.0.0.0/24 is directly connected, eth0, 00:00:14\n"
    "B>  172.20.0.0/16 [200/7] via 192.168.2.2 (recursive), weight 1, 00:00:01\n"
    "O>* 172.16.1.1/32 [110/10] via 10.0.0.2, eth0, weight 1, 00:00:01\n"
    "O   172.18.0.0/16 [110/30] via 10.0.0.2, eth0, weight 1, 00:00:00\n"
    "S>* 172.18.0.0/16 [1/0] unreachable (blackhole), weight 1, 00:00:12\n"
    "R>* 300.0.0.0/8 [120/2] via 10.0.0.2, eth0, weight 1, 00:00:00\n"
    "R>* 10.9.0.0/16 [120/2] via 10.0.0.2, eth0, weight 1, 00:00:00\n"
    "============ OSPF network routing table ============\n"
    "N    10.0.0.0/24           [10] area: 0.0.0.0\n"
    "                           directly attached to eth0\n"
    "N IA 172.16.1.1/32         [10] area: 0.0.0.0\n"
    "                           via 10.0.0.2, eth0\n"
    "\n"
    "============ OSPF external routing table ===========\n"
    "N E2 0.0.0.0/0             [10/1] tag: 0\n"
    "N E1 172.20.0.0/16         [30] tag: 0\n";

static void
test_routes(void **state)
{
	static const struct {
		struct prefix to;
		char code;
		const char *more;
		uint8_t distance;
		uint32_t metric;
	} rows[] = {{{0, 0}, 'O', "E2", 110, 1},
	            {{IP(10, 9, 0, 0), 16}, 'R', "", 120, 2},
	            {{IP(172, 16, 1, 1), 32}, 'O', "IA", 110, 10},
	            {{IP(172, 20, 0, 0), 16}, 'B', "", 200, 7}};
	struct arena *a = arena_new();
	const struct frr_route *list;

	(void)state;
	assert_int_equal(frr_read_routes(routes, a, &list), ARRAY_SIZE(rows));
	for (size_t k = 0; k < ARRAY_SIZE(rows); k++) {
		assert_int_equal(list[k].to.addr, rows[k].to.addr);
		assert_int_equal(list[k].to.len, rows[k].to.len);
		assert_int_equal(list[k].code, rows[k].code);
		assert_string_equal(list[k].more, rows[k].more);
		assert_int_equal(list[k].distance, rows[k].distance);
		assert_int_equal(list[k].metric, rows[k].metric);
	}
	assert_ptr_equal(frr_route_find(list, 4, rows[2].to), &list[2]);
	assert_null(frr_route_find(list, 4, (struct prefix){IP(172, 16, 0, 0), 16}));
	assert_null(frr_route_find(NULL, 0, rows[2].to));
	arena_free(a);
}

static const char neighbors[] =
    "\n"
    "Neighbor ID     Pri State           Up Time         Dead Time Address         Interface      "
    "                  RXmtL RqstL DBsmL\n"
    "172.16.1.1        1 Full/DR         8.321s             3.683s 10.0.0.2        eth0:10.0.0.1  "
    "                      0     0     0\n"
    "172.16.1.1        0 2-Way/DROther   1d02h03m          39.005s 10.0.1.2        eth1:10.0.1.1  "
    "                      0     0     0\n"
    "172.16.1.3        1 Full/-          1m05s              3.683s 10.0.2.2        gre1:10.0.2.1  "
    "                      0     0     0\n";

static void
test_neighbors(void **state)
{
	struct arena *a = arena_new();
	const struct frr_neighbor *list;

	(void)state;
	assert_int_equal(frr_read_neighbors(neighbors, a, &list), 3);
	assert_int_equal(list[0].id, IP(172, 16, 1, 1));
	assert_int_equal(list[0].addr, IP(10, 0, 0, 2));
	assert_string_equal(list[0].state, "FULL");
	assert_string_equal(list[0].role, "DR");
	assert_int_equal(list[0].up, SECONDS(8));
	assert_int_equal(list[0].dead, SECONDS(3));
	assert_string_equal(list[0].device, "eth0");
	assert_string_equal(list[1].state, "2-WAY");
	assert_string_equal(list[1].role, "DROTHER");
	assert_int_equal(list[1].priority, 0);
	assert_int_equal(list[1].up, SECONDS(86400 + 2 * 3600 + 3 * 60));
	assert_string_equal(list[2].role, "-");
	assert_int_equal(list[2].up, SECONDS(65));
	arena_free(a);
}

/* A heap block of exactly n octets and its 0, for every n. */
static void
test_cut(void **state)
{
	static const char *const texts[] = {routes, neighbors};

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(texts); k++)
		for (size_t n = 0; n <= strlen(texts[k]); n++) {
			struct arena *a = arena_new();
			char *text = malloc(n + 1);
			const struct frr_route *r;
			const struct frr_neighbor *of;

			memcpy(text, texts[k], n);
			text[n] = 0;
			assert_true(frr_read_routes(text, a, &r) <= 4);
			assert_true(frr_read_neighbors(text, a, &of) <= 3);
			free(text);
			arena_free(a);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_routes),
	    cmocka_unit_test(test_neighbors),
	    cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
