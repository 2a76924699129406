/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The filter as nftables rules. The text itself, and, where there is nft and the right to ask it,
 * that nft takes it; a skip says so.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "runtime/host/linux/linux_filter.h"

#define IP(a, b, c, d) ((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))
#define HOST           UINT32_MAX
#define ANY_ICMP       .icmp_type = -1, .icmp_code = -1

static const struct policy_ace aces[] = {
    {.permit = true,
     .proto = 17,
     .src = IP(10, 1, 1, 1),
     .src_mask = HOST,
     .n_dport = 2,
     .dport = {{848, 848}, {900, 910}},
     ANY_ICMP},
    {.permit = true, .proto = 50, .dst = IP(192, 168, 0, 1), .dst_mask = 0xffff00ff, ANY_ICMP},
    {.proto = 6, .src = IP(10, 0, 0, 0), .src_mask = 0xff000000, .established = true, ANY_ICMP},
    {.proto = 1, .icmp_type = 3, .icmp_code = 4},
    {.proto = 17, .inactive = true, ANY_ICMP},
    {.permit = true, .fragments = true, ANY_ICMP},
};
static const struct policy_acl acls[] = {
    {.name = "UNUSED", .n_aces = 6, .aces = aces},
    {.name = "A", .n_aces = 6, .aces = aces},
    {.name = "G", .n_aces = 1, .aces = aces},
    {.name = "EMPTY"},
};

static const char *
device(void *arg, const char *interface)
{
	(void)arg;
	return strcmp(interface, "Loopback0") == 0 ? "lo" : interface;
}

static uint64_t
count(void *arg, size_t acl, size_t entry)
{
	(void)arg;
	return acl == 1 && entry == 0 ? 7 : 0;
}

static char *
text_of(const struct policy *p)
{
	const struct ruleset_options o = {
	    .table = "testudo_R", .device = device, .count = count, .alone = true};

	return ruleset_text(p, &o);
}

/* In a namespace of its own, so that nothing here changes. */
static void
try(const char *text)
{
	FILE *f;

	if (geteuid() != 0 || system("unshare -n nft list tables >/dev/null 2>&1") != 0) {
		print_message("[  SKIP    ] no nft, or not root: the rules are not tried\n");
		return;
	}
	f = popen("unshare -n nft -f -", "w");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(pclose(f), 0);
}

static void
has(const char *text, const char *line)
{
	if (!strstr(text, line))
		fail_msg("no \"%s\" in:\n%s", line, text);
}

static void
test_router(void **state)
{
	struct policy_interface nics[] = {
	    {.name = "eth0", .acl_in = &acls[1]},
	    {.name = "eth1", .acl_out = &acls[1], .acl_in = &acls[3]},
	    {.name = "Loopback0", .acl_in = &acls[1]},
	};
	struct policy p = {.n_interfaces = 3, .interfaces = nics, .n_acls = 4, .acls = acls};
	char *text = text_of(&p);

	(void)state;
	has(text,
	    "ip saddr 10.1.1.1/32 ip protocol 17 udp dport { 848, 900-910 } counter packets 7 "
	    "bytes 0 accept comment \"1/0\"\n");
	has(text, "ip frag-off & 0x1fff != 0 ip saddr 10.1.1.1/32 ip protocol 17 counter packets 0 "
	          "bytes 0 accept comment \"1/0\"\n");
	has(text, "ip daddr & 255.255.0.255 == 192.168.0.1 ip protocol 50 counter");
	has(text,
	    "ip saddr 10.0.0.0/8 ip protocol 6 tcp flags & (ack | rst) != 0 counter packets 0 "
	    "bytes 0 reject with icmp admin-prohibited comment \"1/2\"\n");
	has(text, "icmp type 3 icmp code 4 counter");
	assert_null(strstr(text, "\"1/4\"")); /* inactive */
	has(text, "iifname \"eth0\" goto r1\n");
	has(text, "oifname \"eth1\" goto r1\n");
	assert_null(strstr(text, "iifname \"eth1\"")); /* an empty list is none */
	assert_null(strstr(text, "\"lo\""));
	assert_null(strstr(text, "chain r0"));
	try(text);
	free(text);
	nics[0].acl_in = nics[1].acl_in = nics[1].acl_out = nics[2].acl_in = NULL;
	assert_null(text_of(&p));
}

static void
test_firewall(void **state)
{
	struct policy_interface nics[] = {
	    {.name = "eth0", .nameif = "inside", .security_level = 100},
	    {.name = "eth1", .nameif = "OUTSIDE1", .acl_in = &acls[1], .acl_out = &acls[2]},
	    {.name = "eth2", .nameif = "OUTSIDE2"},
	    {.name = "eth3"},
	};
	struct policy p = {
	    .firewall = true, .n_interfaces = 4, .interfaces = nics, .n_acls = 4, .acls = acls};
	char *text = text_of(&p);

	(void)state;
	/* ESP is by rule: its connections, which the kernel has, do not count. */
	has(text, "ip protocol { icmp, tcp, udp } ct state established,related accept\n");
	has(text, "chain from0 {\noifname \"eth0\" counter drop\noifname \"eth1\" goto out\n"
	          "oifname \"eth2\" goto out\ncounter drop\n}\n");
	has(text, "chain from1 {\noifname \"eth1\" counter drop\noifname \"eth2\" counter drop\n"
	          "jump i1\ncounter drop\n}\n");
	has(text, "oifname \"eth1\" goto o2\n");
	has(text, "iifname \"eth3\" counter drop\n");
	has(text, "comment \"1/0\"");
	try(text);
	free(text);
	p.same_security_inter = p.same_security_intra = true;
	p.acl_global = &acls[2];
	text = text_of(&p);
	has(text, "chain from1 {\njump i1\njump i2\ncounter drop\n}\n");
	has(text, "chain from0 {\njump i2\ncounter drop\n}\n");
	try(text);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_router),
	    cmocka_unit_test(test_firewall),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
