/* SPDX-License-Identifier: Apache-2.0 */
/* Access list matching, pre-shared key choice, comparison of policies, flows from packets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/policy/policy.h"
#include "runtime/packet/packet.h"

#define HOST            UINT32_MAX
#define NET(a, b, c, d) ((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))

/* deny udp any eq 848 any eq 848; permit tcp any any established; permit icmp any any echo;
 * permit tcp 10.0.0.0/8 range 1000-2000 or 80 any; permit ip 192.168.0.0/16 192.168.0.0/16 */
static const struct policy_ace aces[] = {
    {.seq = 10,
     .proto = 17,
     .icmp_type = -1,
     .n_sport = 1,
     .sport = {{848, 848}},
     .n_dport = 1,
     .dport = {{848, 848}},
     .text = "deny   udp any eq 848 any eq 848"},
    {.seq = 20, .permit = true, .proto = 6, .icmp_type = -1, .established = true, .text = ""},
    {.seq = 30, .permit = true, .proto = 1, .icmp_type = 8, .text = ""},
    {.seq = 40,
     .permit = true,
     .proto = 6,
     .icmp_type = -1,
     .src = NET(10, 0, 0, 0),
     .src_mask = NET(255, 0, 0, 0),
     .n_sport = 2,
     .sport = {{1000, 2000}, {80, 80}},
     .text = ""},
    {.seq = 50,
     .permit = true,
     .icmp_type = -1,
     .src = NET(192, 168, 0, 0),
     .src_mask = NET(255, 255, 0, 0),
     .dst = NET(192, 168, 0, 0),
     .dst_mask = NET(255, 255, 0, 0),
     .text = ""},
};
static const struct policy_acl acl = {.name = "L", .n_aces = ARRAY_SIZE(aces), .aces = aces};

static void
test_acl_match(void **state)
{
	static const struct {
		struct flow flow;
		int entry;
		bool permit;
	} cases[] = {
	    {{NET(10, 1, 1, 1), NET(10, 1, 2, 1), .proto = 17, .sport = 848, .dport = 848}, 0, 0},
	    {{NET(10, 1, 1, 1), NET(10, 1, 2, 1), .proto = 17, .sport = 848, .dport = 53}, -1, 0},
	    {{1, 2, .proto = 6, .tcp_flags = 0x10}, 1, 1},
	    {{1, 2, .proto = 6, .tcp_flags = 0x04}, 1, 1},
	    {{1, 2, .proto = 6, .tcp_flags = 0x02}, -1, 0},
	    {{1, 2, .proto = 1, .icmp_type = 8}, 2, 1},
	    {{1, 2, .proto = 1, .icmp_type = 0}, -1, 0},
	    {{NET(10, 9, 9, 9), 2, .proto = 6, .sport = 999}, -1, 0},
	    {{NET(10, 9, 9, 9), 2, .proto = 6, .sport = 1000}, 3, 1},
	    {{NET(10, 9, 9, 9), 2, .proto = 6, .sport = 2000}, 3, 1},
	    {{NET(10, 9, 9, 9), 2, .proto = 6, .sport = 80}, 3, 1},
	    {{NET(11, 9, 9, 9), 2, .proto = 6, .sport = 80}, -1, 0},
	    {{NET(192, 168, 3, 3), NET(192, 168, 4, 4), .proto = 1}, 4, 1},
	    {{NET(192, 168, 3, 3), NET(192, 169, 4, 4), .proto = 50}, -1, 0},
	    /* later fragments: the deny with ports passes, the permit counts */
	    {{NET(192, 168, 3, 3), NET(192, 168, 4, 4), .proto = 17, .fragment = true}, 4, 1},
	    {{NET(10, 9, 9, 9), 2, .proto = 6, .fragment = true}, 1, 1},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		print_message("flow %zu\n", i);
		assert_int_equal(policy_acl_match(&acl, &cases[i].flow), cases[i].entry);
		assert_int_equal(policy_acl_permits(&acl, &cases[i].flow), cases[i].permit);
	}
}

static void
test_acl_standard(void **state)
{
	static const struct policy_ace e[] = {{.permit = true,
	                                       .src = NET(10, 1, 23, 3),
	                                       .src_mask = HOST,
	                                       .icmp_type = -1,
	                                       .text = ""}};
	const struct policy_acl list = {.name = "GM", .standard = true, .n_aces = 1, .aces = e};

	(void)state;
	assert_true(policy_acl_permits(&list, &(struct flow){.src = NET(10, 1, 23, 3), .dst = 7}));
	assert_false(policy_acl_permits(&list, &(struct flow){.src = NET(10, 1, 24, 4)}));
}

static void
test_psk(void **state)
{
	static const struct policy_psk psks[] = {
	    {.key = {(const uint8_t *)"any", 3}},
	    {.addr = NET(10, 1, 0, 0),
	     .mask = NET(255, 255, 0, 0),
	     .key = {(const uint8_t *)"net", 3}},
	    {.addr = NET(10, 1, 23, 3), .mask = HOST, .key = {(const uint8_t *)"host", 4}},
	    {.addr = NET(10, 1, 23, 3),
	     .mask = HOST,
	     .key = {(const uint8_t *)"red", 3},
	     .vrf = "Red"},
	};
	struct policy p = {.n_psks = 4, .psks = psks};

	(void)state;
	assert_memory_equal(policy_psk_find(&p, NULL, NET(10, 1, 23, 3)).p, "host", 4);
	assert_memory_equal(policy_psk_find(&p, NULL, NET(10, 1, 23, 4)).p, "net", 3);
	assert_memory_equal(policy_psk_find(&p, NULL, NET(10, 2, 23, 4)).p, "any", 3);
	/* The keys of one VRF are none in another, not even those for any peer. */
	assert_memory_equal(policy_psk_find(&p, "Red", NET(10, 1, 23, 3)).p, "red", 3);
	assert_int_equal(policy_psk_find(&p, "Red", NET(10, 1, 23, 4)).n, 0);
	assert_int_equal(policy_psk_find(&p, "Blue", NET(10, 1, 23, 3)).n, 0);
	p.n_psks = 0;
	assert_int_equal(policy_psk_find(&p, NULL, 1).n, 0);
}

static void
test_group_equal(void **state)
{
	const struct selector sel[] = {{.permit = true, .src = 1, .src_mask = HOST}};
	const struct selector other[] = {{.permit = true, .src = 2, .src_mask = HOST}};
	struct policy_sa sa = {.number = 1,
	                       .profile = "P",
	                       .acl_name = "L",
	                       .suite = {CIPHER_3DES, HASH_SHA1},
	                       .lifetime = 3600,
	                       .window = 64,
	                       .n_selectors = 1,
	                       .selectors = sel};
	struct policy_sa sb = sa;
	struct policy_group a = {.name = "G", .id = {GROUP_ID_NUMBER, 134}, .local = true};
	struct policy_group b;

	(void)state;
	a.server = (struct policy_server){.addr = 9, .n_sas = 1, .sas = &sa};
	b = a;
	b.server.sas = &sb;
	assert_true(policy_group_equal(&a, &b));
	sb.selectors = other;
	assert_false(policy_group_equal(&a, &b));
	sb = sa;
	sb.window = 0;
	assert_false(policy_group_equal(&a, &b));
	sb = sa;
	b.server.authorized = &acl;
	assert_false(policy_group_equal(&a, &b));
	b.server.authorized = NULL;
	b.server.rekey.rsa_label = "K";
	assert_false(policy_group_equal(&a, &b));
	b.server.rekey.rsa_label = NULL;
	b.id.value++;
	assert_false(policy_group_equal(&a, &b));
}

static void
test_flow_of_packet(void **state)
{
	uint8_t tcp[40] = {
	    0x45, [9] = 6, [12] = 10, [15] = 1, [16] = 10, [19] = 2, [20] = 1, [23] = 80};
	struct flow f;

	(void)state;
	tcp[33] = 0x12;
	assert_true(flow_of_packet(SPAN(tcp, sizeof(tcp)), &f));
	assert_int_equal(f.sport, 256);
	assert_int_equal(f.dport, 80);
	assert_int_equal(f.tcp_flags, 0x12);
	assert_true(flow_of_packet(SPAN(tcp, 24), &f));
	assert_int_equal(f.tcp_flags, 0);
	assert_false(flow_of_packet(SPAN(tcp, 23), &f));
	assert_false(flow_of_packet(SPAN(tcp, 19), &f));
	tcp[7] = 1; /* fragment offset */
	assert_true(flow_of_packet(SPAN(tcp, 20), &f));
	assert_true(f.fragment);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_acl_match),
	    cmocka_unit_test(test_acl_standard),
	    cmocka_unit_test(test_psk),
	    cmocka_unit_test(test_group_equal),
	    cmocka_unit_test(test_flow_of_packet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
