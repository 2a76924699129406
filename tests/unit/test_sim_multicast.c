/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Multicast data of a group over the virtual network: two members on a core with a bystander, each
 * with a host on its LAN. What crosses the core is ESP under the sender's address and the group's;
 * who joined, router or host behind one, gets what was sent (RFC 5374 4, RFC 6407 1).
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

#include "runtime/crypto/random.h"
#include "runtime/packet/packet.h"
#include "runtime/host/sim/sim.h"
#include "tests/unit/capture.h"

#define IP(a, b, c, d) ((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))
#define F0             "FastEthernet0/0"
#define F1             "FastEthernet0/1"
#define LAN            IP(192, 168, 0, 0), IP(255, 255, 0, 0)
#define GROUP          IP(239, 192, 1, 1)
#define REKEYS         IP(239, 1, 1, 1)

enum { MEMBER_A, MEMBER_B, HOST_A, HOST_B, STRANGER, NODES };

static const char *const names[NODES] = {"A", "B", "H", "K", "X"};
/* The first interface, the second (0: none), and where all else goes. */
static const uint32_t addrs[NODES][3] = {
    /* clang-format off */
    {0x0a000001, 0xc0a80101, 0x0a000002},
    {0x0a000002, 0xc0a80201, 0x0a000001},
    {0xc0a8010a, 0,          0xc0a80101},
    {0xc0a8020a, 0,          0xc0a80201},
    {0x0a000009, 0,          0x0a000002},
    /* clang-format on */
};

struct heard { /* GDOI that came up to a node */
	unsigned dgrams;
	uint32_t to;
};

struct lab {
	struct sim *sim;
	struct host *hosts[NODES];
	struct policy policies[NODES];
	struct policy_interface nics[NODES][2];
	struct policy_route routes[NODES];
	struct heard heard[NODES];
	char dir[32];
};

static void
on_datagram(void *arg, const struct path *path, struct span dgram, msec now)
{
	struct heard *h = arg;

	(void)dgram;
	(void)now;
	h->dgrams++;
	h->to = path->local;
}

static void
configure_node(struct lab *l, size_t node)
{
	struct policy *p = &l->policies[node];

	for (size_t i = 0; i < 2; i++)
		l->nics[node][i] = (struct policy_interface){
		    .name = i ? F1 : F0, .has_address = true, .addr = addrs[node][i], .len = 24};
	l->routes[node] = (struct policy_route){.via = addrs[node][2], .distance = 1};
	p->n_interfaces = addrs[node][1] ? 2 : 1;
	p->interfaces = l->nics[node];
	p->ip_routing = p->n_interfaces == 2;
	p->n_routes = 1;
	p->routes = &l->routes[node];
	l->hosts[node]->ops->apply(l->hosts[node], p);
}

static void
cable_nodes(struct lab *l, const char *link, const char *const *ends, size_t n)
{
	sim_link_add(l->sim, link, 1);
	for (size_t i = 0; i < n; i++)
		sim_link_attach(l->sim, link, ends[i], *link == 'l' && i == 0 ? F1 : F0);
}

static void
lab_init(struct lab *l)
{
	memset(l, 0, sizeof(*l));
	l->sim = sim_new(1, 0);
	for (size_t i = 0; i < NODES; i++) {
		struct host_events e = {.datagram = on_datagram, .arg = &l->heard[i]};

		l->hosts[i] = sim_node_add(l->sim, names[i], &e);
	}
	cable_nodes(l, "core", (const char *const[]){"A", "B", "X"}, 3);
	cable_nodes(l, "lan1", (const char *const[]){"A", "H"}, 2);
	cable_nodes(l, "lan2", (const char *const[]){"B", "K"}, 2);
	for (size_t i = 0; i < NODES; i++)
		configure_node(l, i);
	strcpy(l->dir, "/tmp/testudo-mcast-XXXXXX");
	assert_non_null(mkdtemp(l->dir));
	assert_int_equal(sim_pcap(l->sim, l->dir), 0);
}

static void
lab_fini(struct lab *l)
{
	static const char *const links[] = {"core", "lan1", "lan2"};

	sim_free(l->sim);
	for (size_t i = 0; i < ARRAY_SIZE(links); i++) {
		char path[64];

		snprintf(path, sizeof(path), "%s/%s.pcap", l->dir, links[i]);
		unlink(path);
	}
	rmdir(l->dir);
}

static void
join_group(struct lab *l, int node, const struct dp_entry *entries, size_t n_entries)
{
	static const uint8_t key[] = "0123456789abcdefABCDEFGH";
	static const struct dp_binding core[] = {{.interface = F0, .seq = 10}};
	const struct dp_sa sa = {.sa = 1,
	                         .spi = 0xabcdef,
	                         .suite = {CIPHER_AES_128, HASH_SHA1},
	                         .enc_key = SPAN(key, 16),
	                         .auth_key = SPAN(key, 20),
	                         .window = 64,
	                         .send = true,
	                         .receive = true};
	const struct dp_group g = {"G", 1, core, SA_BOTH, n_entries, entries, 1, &sa, 0};
	struct dataplane *dp = l->hosts[node]->ops->dataplane(l->hosts[node]);

	assert_int_equal(dp->ops->set(dp, &g), 0);
}

static void
hear_group(struct lab *l, int node, uint32_t group)
{
	assert_int_equal(l->hosts[node]->ops->join(l->hosts[node], F0, group, 848, true), 0);
}

static void
on_echo(void *arg, const struct echo_answer *answer)
{
	*(struct echo_answer *)arg = *answer;
}

/* Who answered a ping to many; 0: nobody. */
static uint32_t
send_ping(struct lab *l, int from, uint32_t dst, uint16_t size)
{
	struct echo_answer answer = {.result = ECHO_SEND_FAILED};
	struct echo_request r = {
	    .dst = dst, .size = size, .timeout = SECONDS(2), .done = on_echo, .arg = &answer};

	assert_int_equal(l->hosts[from]->ops->echo(l->hosts[from], &r), 0);
	sim_run_until(l->sim, sim_now(l->sim) + SECONDS(3));
	return answer.result == ECHO_REPLY ? answer.from : 0;
}

static bool
is_to_group(const struct ip4 *h)
{
	return h->dst == GROUP;
}

static void
count_captured(struct lab *l, const char *link, int *ret_esp, int *ret_clear)
{
	capture_count(l->dir, link, is_to_group, ret_esp, ret_clear);
}

static const struct dp_entry data[] = {
    {.selector = {true, 0, LAN, GROUP, UINT32_MAX, 0, 0}, .sa = 1}};

static void
rfc5374_4_multicast_data_crosses_the_core_as_esp(void **state)
{
	struct lab l;
	int esp, clear;

	(void)state;
	lab_init(&l);
	hear_group(&l, HOST_B, GROUP);
	hear_group(&l, STRANGER, GROUP);
	/* before registration it passes in clear, and the bystander hears it too */
	assert_int_not_equal(send_ping(&l, HOST_A, GROUP, 100), 0);
	count_captured(&l, "core", &esp, &clear);
	assert_true(esp == 0 && clear == 1);
	join_group(&l, MEMBER_A, data, 1);
	join_group(&l, MEMBER_B, data, 1);
	/* forwarded, from a LAN to a LAN; large ones are cut and joined */
	assert_int_equal(send_ping(&l, HOST_A, GROUP, 100), IP(192, 168, 2, 10));
	assert_int_equal(send_ping(&l, HOST_A, GROUP, 3000), IP(192, 168, 2, 10));
	count_captured(&l, "core", &esp, &clear);
	assert_true(esp == 1 + 3 && clear == 1);
	count_captured(&l, "lan2", &esp, &clear);
	assert_true(esp == 0 && clear == 1 + 1 + 3);
	lab_fini(&l);
}

static void
rfc5374_4_multicast_data_of_the_member_itself(void **state)
{
	/* the members' own addresses on the core */
	static const struct dp_entry all[] = {
	    {.selector = {true, 0, 0, 0, GROUP, UINT32_MAX, 0, 0}, .sa = 1}};
	struct lab l;
	int esp, clear;

	(void)state;
	lab_init(&l);
	join_group(&l, MEMBER_A, all, 1);
	join_group(&l, MEMBER_B, all, 1);
	hear_group(&l, MEMBER_B, GROUP);
	hear_group(&l, STRANGER, GROUP);
	assert_int_equal(send_ping(&l, MEMBER_A, GROUP, 100), IP(10, 0, 0, 2));
	count_captured(&l, "core", &esp, &clear);
	assert_true(esp == 1 && clear == 0);
	/* what nobody encrypted is taken neither by the member nor for its LAN */
	hear_group(&l, HOST_B, GROUP);
	assert_int_equal(send_ping(&l, STRANGER, GROUP, 100), 0);
	count_captured(&l, "lan2", &esp, &clear);
	assert_true(esp == 0 && clear == 1); /* that of A's */
	lab_fini(&l);
}

/* Rekeys to many pass to who joined them under a policy that permits everything. */
static void
rfc6407_4_multicast_rekeys_pass_in_clear(void **state)
{
	static const struct dp_entry all[] = {{.selector = {true, 0, 0, 0, 0, 0, 0, 0}, .sa = 1}};
	const struct path path = {
	    .remote = REKEYS, .local_port = GDOI_PORT, .remote_port = GDOI_PORT};
	struct lab l;

	(void)state;
	lab_init(&l);
	join_group(&l, MEMBER_A, all, 1);
	join_group(&l, MEMBER_B, all, 1);
	hear_group(&l, MEMBER_A, REKEYS);
	hear_group(&l, HOST_B, REKEYS);
	l.hosts[STRANGER]->ops->send(l.hosts[STRANGER], &path, SPAN("rekey", 5));
	sim_run_until(l.sim, sim_now(l.sim) + SECONDS(1));
	assert_int_equal(l.heard[MEMBER_A].dgrams, 1);
	assert_int_equal(l.heard[MEMBER_A].to, REKEYS);
	/* B has not joined: for its LAN it is traffic that should have been encrypted */
	assert_int_equal(l.heard[MEMBER_B].dgrams, 0);
	assert_int_equal(l.heard[HOST_B].dgrams, 0);
	lab_fini(&l);
}

/* A datagram to the node itself that was cut on its way is one datagram to the policy. */
static void
rfc4301_7_own_gdoi_in_fragments(void **state)
{
	static const struct dp_entry all[] = {{.selector = {true, 0, 0, 0, 0, 0, 0, 0}, .sa = 1}};
	static const uint8_t certificates[4000];
	const struct path path = {
	    .remote = IP(10, 0, 0, 1), .local_port = GDOI_PORT, .remote_port = GDOI_PORT};
	struct lab l;

	(void)state;
	lab_init(&l);
	join_group(&l, MEMBER_A, all, 1);
	l.hosts[STRANGER]->ops->send(l.hosts[STRANGER], &path,
	                             SPAN(certificates, sizeof(certificates)));
	sim_run_until(l.sim, sim_now(l.sim) + SECONDS(1));
	assert_int_equal(l.heard[MEMBER_A].dgrams, 1);
	lab_fini(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rfc5374_4_multicast_data_crosses_the_core_as_esp),
	    cmocka_unit_test(rfc5374_4_multicast_data_of_the_member_itself),
	    cmocka_unit_test(rfc6407_4_multicast_rekeys_pass_in_clear),
	    cmocka_unit_test(rfc4301_7_own_gdoi_in_fragments),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
