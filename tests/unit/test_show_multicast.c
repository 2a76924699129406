/* SPDX-License-Identifier: Apache-2.0 */
/* Layouts of multicast: a made-up snapshot, and the text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cli/show/show_multicast.h"

#define IP(a, b, c, d) ((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))
#define F0             "FastEthernet0/0"
#define F1             "FastEthernet0/1"
#define GROUP          IP(239, 1, 1, 1)

static const struct multicast_oif outs[] = {
    {.name = F1, .pim = PIM_SPARSE, .up = SECONDS(64), .expires = SECONDS(131)}};
static const struct multicast_mroute mroutes[] = {
    {.group = GROUP,
     .rp = IP(1, 1, 1, 1),
     .mode = MULTICAST_SPARSE,
     .flags = "SJC",
     .up = SECONDS(64),
     .expires = -1,
     .in = F0,
     .rpf = IP(10, 1, 12, 2),
     .n_out = 1,
     .out = outs},
    {.source = IP(10, 9, 0, 9),
     .group = GROUP,
     .mode = MULTICAST_SPARSE,
     .flags = "PFT",
     .up = SECONDS(4),
     .expires = SECONDS(206),
     .in = F0,
     .registers = true},
};
static const struct multicast_neighbor neighbors[] = {{.interface = F0,
                                                       .addr = IP(10, 1, 12, 2),
                                                       .priority = 1,
                                                       .up = SECONDS(87),
                                                       .expires = SECONDS(76),
                                                       .dr = true}};
static const struct multicast_pim_interface interfaces[] = {{.name = F0,
                                                             .addr = IP(10, 1, 12, 1),
                                                             .mode = PIM_SPARSE_DENSE,
                                                             .up = true,
                                                             .n_neighbors = 1,
                                                             .query_interval = 30,
                                                             .priority = 1,
                                                             .dr = IP(10, 1, 12, 2)}};
static const struct multicast_igmp_group groups[] = {{.interface = F1,
                                                      .group = GROUP,
                                                      .reporter = IP(10, 1, 1, 9),
                                                      .up = SECONDS(64),
                                                      .expires = SECONDS(131)}};
static const struct policy_pim_rp rps[] = {{.addr = IP(1, 1, 1, 1)},
                                           {.addr = IP(2, 2, 2, 2), .acl_name = "10"}};
static const struct policy_multicast conf = {.on = true, .n_rps = 2, .rps = rps};
static const struct multicast_table_state table = {.conf = &conf,
                                                   .n_mroutes = 2,
                                                   .mroutes = mroutes,
                                                   .n_neighbors = 1,
                                                   .neighbors = neighbors,
                                                   .n_interfaces = 1,
                                                   .interfaces = interfaces,
                                                   .n_groups = 1,
                                                   .groups = groups};

static void
expect_end(struct text *t, const char *expected)
{
	size_t n = strlen(expected);

	assert_true(t->n >= n);
	assert_string_equal(t->p + t->n - n, expected);
	text_fini(t);
}

static void
show_trees(void **state)
{
	struct text t = TEXT_INIT;

	(void)state;
	show_mroutes(&t, &table, 0);
	expect_end(&t, "\n(*, 239.1.1.1), 00:01:04/stopped, RP 1.1.1.1, flags: SJC\n"
	               "  Incoming interface: FastEthernet0/0, RPF nbr 10.1.12.2\n"
	               "  Outgoing interface list:\n"
	               "    FastEthernet0/1, Forward/Sparse, 00:01:04/00:02:11\n"
	               "\n(10.9.0.9, 239.1.1.1), 00:00:04/00:03:26, flags: PFT\n"
	               "  Incoming interface: FastEthernet0/0, RPF nbr 0.0.0.0, Registering\n"
	               "  Outgoing interface list: Null\n");
	show_mroutes(&t, &table, GROUP + 1);
	expect_end(&t, " Interface state: Interface, Next-Hop or VCD, State/Mode\n");
}

static void
show_pim(void **state)
{
	struct text t = TEXT_INIT;

	(void)state;
	show_pim_neighbors(&t, &table, NULL);
	expect_end(
	    &t,
	    "Neighbor          Interface                Uptime/Expires    Ver   DR\n"
	    "Address                                                            Prio/Mode\n"
	    "10.1.12.2         FastEthernet0/0          00:01:27/00:01:16 v2    1 / DR S P G\n");
	show_pim_interfaces(&t, &table, NULL);
	expect_end(
	    &t, "\nAddress          Interface                Ver/   Nbr    Query  DR         DR\n"
		"                                          Mode   Count  Intvl  Prior\n"
		"10.1.12.1        FastEthernet0/0          v2/SD  1      30     1          "
		"10.1.12.2\n");
	show_pim_interfaces(&t, &table, F1);
	expect_end(&t, "Prior\n");
	show_pim_rps(&t, &table);
	expect_end(&t, "PIM Group-to-RP Mappings\n"
	               "\nGroup(s): 224.0.0.0/4, Static\n"
	               "    RP: 1.1.1.1 (?)\n"
	               "\nAcl: 10, Static\n"
	               "    RP: 2.2.2.2 (?)\n");
}

static void
show_igmp(void **state)
{
	struct text t = TEXT_INIT;

	(void)state;
	show_igmp_groups(&t, &table, NULL);
	expect_end(
	    &t, "Group Address    Interface                Uptime    Expires   Last Reporter   "
		"Group Accounted\n"
		"239.1.1.1        FastEthernet0/1          00:01:04  00:02:11  10.1.1.9        \n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(show_trees),
	    cmocka_unit_test(show_pim),
	    cmocka_unit_test(show_igmp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
