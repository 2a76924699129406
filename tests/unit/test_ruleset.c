/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The filter as nftables rules: they go into the kernel, in a namespace of its own so that nothing
 * here changes, and the program nft says what the kernel has.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "runtime/dataplane/kernel/nft.h"
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

#define DROPPED "counter packets 0 bytes 0 drop\n"

static const char *
device_of(void *arg, const char *interface)
{
	(void)arg;
	return strcmp(interface, "Loopback0") == 0 ? "lo" : interface;
}

static uint64_t
count_hits(void *arg, size_t acl, size_t entry)
{
	(void)arg;
	return acl == 1 && entry == 0 ? 7 : 0;
}

/* Skips, and says so, where it cannot. */
static void
enter_namespace(void)
{
	if (geteuid() == 0 && unshare(CLONE_NEWNET) == 0 &&
	    system("nft list tables >/dev/null 2>&1") == 0)
		return;
	print_message("[  SKIP    ] no nft, or not root: the rules are not tried\n");
	skip();
}

/* The rules as the program nft lists them, from the kernel. */
static char *
rules_of(const struct policy *p)
{
	const struct ruleset_options o = {.device = device_of, .count = count_hits, .alone = true};
	char *text = NULL;
	struct nft *n;
	size_t len;
	FILE *f, *to;

	enter_namespace();
	assert_int_equal(nft_new(-1, "testudo_R", &n), 0);
	assert_true(ruleset_build(n, p, &o));
	assert_int_equal(nft_commit(n), 0);
	nft_free(n);
	f = popen("nft -n list table ip testudo_R | sed 's/^[ \\t]*//'", "r");
	to = open_memstream(&text, &len);
	assert_non_null(f);
	assert_non_null(to);
	for (int c; (c = getc(f)) != EOF;)
		putc(c, to);
	assert_int_equal(pclose(f), 0);
	fclose(to);
	return text;
}

static void
assert_has(const char *text, const char *line)
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
	char *text = rules_of(&p);

	(void)state;
	assert_has(text,
	           "ip saddr 10.1.1.1 udp dport { 848, 900-910 } counter packets 7 bytes 0 accept\n"
	           "ip frag-off & 8191 != 0 ip saddr 10.1.1.1 ip protocol 17 counter packets 0 "
	           "bytes 0 accept\n");
	assert_has(text, "ip daddr & 255.255.0.255 == 192.168.0.1 ip protocol 50 counter packets 0 "
	                 "bytes 0 accept\n");
	assert_has(text, "ip saddr 10.0.0.0/8 tcp flags 0x4,0x10 counter packets 0 bytes 0 "
	                 "reject with icmp 13\n");
	assert_has(
	    text, "icmp type 3 icmp code 4 counter packets 0 bytes 0 reject with icmp 13\n"
		  "ip frag-off & 8191 != 0 counter packets 0 bytes 0 accept\n" /* no inactive one */
		  "reject with icmp 13\n");
	assert_has(text, "iifname \"eth0\" goto r1\n");
	assert_has(text, "oifname \"eth1\" goto r1\n");
	assert_null(strstr(text, "iifname \"eth1\"")); /* an empty list is none */
	assert_null(strstr(text, "\"lo\""));
	assert_null(strstr(text, "chain r0"));
	free(text);
	nics[0].acl_in = nics[1].acl_in = nics[1].acl_out = nics[2].acl_in = NULL;
	assert_false(ruleset_wanted(&p));
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
	char *text = rules_of(&p);

	(void)state;
	/* ESP is by rule: its connections, which the kernel has, do not count. */
	assert_has(text,
	           "ip protocol 1 ct state 0x2,0x4 accept\nip protocol 6 ct state 0x2,0x4 accept\n"
	           "ip protocol 17 ct state 0x2,0x4 accept\niifname \"eth0\" tcp flags");
	assert_has(text, "chain from0 {\noifname \"eth0\" " DROPPED "oifname \"eth1\" goto out\n"
	                 "oifname \"eth2\" goto out\n" DROPPED "}\n");
	assert_has(text, "chain from1 {\noifname \"eth1\" " DROPPED "oifname \"eth2\" " DROPPED
	                 "jump i1\n" DROPPED "}\n");
	assert_has(text, "oifname \"eth1\" goto o2\n");
	assert_has(text, "iifname \"eth3\" " DROPPED);
	assert_has(text,
	           "policy = { syn_sent : 30, syn_recv : 30, established : 3600, fin_wait : 600, "
	           "close_wait : 600 }\n");
	assert_has(text,
	           "policy = { unreplied : 120 }\n"); /* replied is the same as the kernel's */
	free(text);
	p.same_security_inter = p.same_security_intra = true;
	p.acl_global = &acls[2];
	text = rules_of(&p);
	assert_has(text, "chain from1 {\njump i1\njump i2\n" DROPPED "}\n");
	assert_has(text, "chain from0 {\njump i2\n" DROPPED "}\n");
	free(text);
}

/* Ranges that overlap, touch, or reach the last port. */
static void
test_ports(void **state)
{
	const struct policy_ace one = {.permit = true,
	                               .proto = 17,
	                               .n_sport = 4,
	                               .sport = {{81, 81}, {80, 80}, {80, 80}, {65000, 65535}},
	                               .n_dport = 1,
	                               .dport = {{5, 7}},
	                               ANY_ICMP};
	const struct policy_acl list = {.name = "P", .n_aces = 1, .aces = &one};
	const struct policy_interface nic = {.name = "eth0", .acl_in = &list};
	const struct policy p = {.n_interfaces = 1, .interfaces = &nic, .n_acls = 1, .acls = &list};
	char *text = rules_of(&p);

	(void)state;
	assert_has(
	    text,
	    "udp sport { 80-81, 65000-65535 } udp dport 5-7 counter packets 0 bytes 0 accept\n");
	free(text);
}

static uint64_t
count_nothing(void *arg, size_t acl, size_t entry)
{
	(void)arg;
	(void)acl;
	(void)entry;
	return 0;
}

/* The octets of a policy's rules. */
static char *
octets_of(const struct policy *p, size_t *ret_len)
{
	const struct ruleset_options o = {.device = device_of, .count = count_nothing};
	struct nft *n;
	char *copy;

	assert_int_equal(nft_new(-1, "testudo_O", &n), 0);
	assert_true(ruleset_build(n, p, &o));
	copy = x_alloc(200000);
	assert_non_null(nft_built(n, ret_len));
	assert_true(*ret_len <= 200000);
	memcpy(copy, nft_built(n, ret_len), *ret_len);
	nft_free(n);
	return copy;
}

/* Lists that no interface applies, wherever they stand and whatever they hold, change no rule. */
static void
test_unused(void **state)
{
	const struct policy_acl more[] = {
	    {.name = "B", .n_aces = 2, .aces = aces},
	    {.name = "UNUSED", .n_aces = 5, .aces = aces},
	    {.name = "A", .n_aces = 6, .aces = aces},
	};
	struct policy_interface nics[] = {{.name = "eth0", .acl_in = &acls[1]}, {.name = "eth1"}};
	struct policy p = {.n_interfaces = 2, .interfaces = nics, .n_acls = 2, .acls = acls};
	size_t len, len_more;
	char *first = octets_of(&p, &len), *second;

	(void)state;
	nics[0].acl_in = &more[2];
	p.n_acls = 3;
	p.acls = more;
	second = octets_of(&p, &len_more);
	assert_int_equal(len, len_more);
	assert_memory_equal(first, second, len);
	free(first);
	free(second);
}

static void
on_counter(void *arg, uint32_t number, uint64_t packets, uint64_t bytes)
{
	size_t *left = arg;

	(void)bytes;
	if (number)
		*left -= packets == number;
}

static uint64_t
count_place(void *arg, size_t acl, size_t entry)
{
	(void)arg;
	(void)acl;
	return entry + 1;
}

/* A list that no fixed buffer holds goes into the kernel at once, and its counts come back. */
static void
test_large(void **state)
{
	enum { ENTRIES = 20000 };
	const struct ruleset_options o = {.device = device_of, .count = count_place};
	struct policy_ace *many = x_alloc(ENTRIES * sizeof(*many));
	const struct policy_acl list = {.name = "L", .n_aces = ENTRIES, .aces = many};
	const struct policy_interface nic = {.name = "eth0", .acl_in = &list};
	const struct policy p = {.n_interfaces = 1, .interfaces = &nic, .n_acls = 1, .acls = &list};
	size_t left = ENTRIES, len, again;
	struct nft *n;

	(void)state;
	for (uint32_t i = 0; i < ENTRIES; i++)
		many[i] =
		    (struct policy_ace){.permit = true, .src = i + 1, .src_mask = HOST, ANY_ICMP};
	enter_namespace();
	assert_int_equal(nft_new(-1, "testudo_L", &n), 0);
	assert_true(ruleset_build(n, &p, &o));
	assert_non_null(nft_built(n, &len));
	assert_true(ruleset_build(n, &p, &o));
	assert_non_null(nft_built(n, &again));
	assert_int_equal(len, again);
	assert_int_equal(nft_commit(n), 0);
	assert_int_equal(nft_counters(n, on_counter, &left), 0);
	assert_int_equal(left, 0);
	/* What the kernel refuses changes nothing. */
	nft_begin(n);
	nft_chain_plain(n, "one");
	nft_rule(n, "one", 1);
	nft_jump(n, "none");
	assert_int_equal(nft_commit(n), -ENOENT);
	left = ENTRIES;
	assert_int_equal(nft_counters(n, on_counter, &left), 0);
	assert_int_equal(left, 0);
	nft_free(n);
	free(many);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_router), cmocka_unit_test(test_firewall),
	    cmocka_unit_test(test_ports),  cmocka_unit_test(test_unused),
	    cmocka_unit_test(test_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
