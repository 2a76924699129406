/* SPDX-License-Identifier: Apache-2.0 */
/* MPLS L3VPNs as computed in the virtual network: RFC 4364, 4577, 5036, and as IOS. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "compiler/routing/bgp.h"
#include "compiler/routing/mpls.h"
#include "mpls_net.h"

struct core {
	struct routing *r;
	struct policy *policies[CORE_NODES];
	struct policy *retired[CORE_NODES];
	msec now;
};

static void
core_run(struct core *c, msec time)
{
	msec until = c->now + time, next = routing_update(c->r, c->now);

	while (next <= until) {
		c->now = next;
		next = routing_update(c->r, c->now);
	}
	c->now = until;
	routing_update(c->r, until);
}

/* A node with other lines behind its own. */
static void
core_type(struct core *c, int node, const char *more)
{
	policy_free(c->retired[node]);
	c->retired[node] = c->policies[node];
	c->policies[node] = core_compile(core_names[node], core_configs[node], more);
	routing_node_policy(c->r, (size_t)node, c->policies[node]);
}

static struct core *
core_new(const char *const more[CORE_NODES])
{
	static const struct routing_env env;
	struct core *c = x_alloc(sizeof(*c));

	c->r = routing_new(&env);
	for (int k = 0; k < CORE_NODES; k++) {
		routing_node_add(c->r);
		core_type(c, k, more ? more[k] : NULL);
		routing_interface(c->r, (size_t)k, "Loopback0", 0, true);
	}
	for (uint32_t k = 0; k < ARRAY_SIZE(core_links); k++) {
		routing_interface(c->r, (size_t)core_links[k].a, core_links[k].nic_a, k + 1, true);
		routing_interface(c->r, (size_t)core_links[k].b, core_links[k].nic_b, k + 1, true);
	}
	core_run(c, SECONDS(120));
	return c;
}

static void
core_free(struct core *c)
{
	routing_free(c->r);
	for (int k = 0; k < CORE_NODES; k++) {
		policy_free(c->policies[k]);
		policy_free(c->retired[k]);
	}
	free(c);
}

/* "B 192.168.3.0/24 [200/2] 10.0.1.2 FastEthernet0/0 {17 18} 10.255.0.3 A\n" for each route. */
static void
expect_table(struct core *c, int node, const char *vrf, const char *expected)
{
	const struct routing_table *table = routing_table(c->r, (size_t)node, vrf);
	struct text t = TEXT_INIT;
	char a[ADDR_TEXT_MAX];

	for (size_t k = 0; k < table->n; k++) {
		const struct routing_route *r = &table->routes[k];

		text_printf(&t, "%s%s%s %s/%u [%u/%u]", routing_kind_names[r->kind].code,
		            *routing_kind_names[r->kind].more ? " " : "",
		            routing_kind_names[r->kind].more, addr_text(r->to.addr, a), r->to.len,
		            r->distance, r->metric);
		for (uint8_t h = 0; h < r->n_hops; h++) {
			text_printf(&t, " %s %s", addr_text(r->hops[h].via, a),
			            r->hops[h].interface ? r->hops[h].interface : "-");
			if (!r->ways)
				continue;
			for (uint8_t i = 0; i < r->ways[h].n_labels; i++)
				text_printf(&t, "%s%u%s", i ? " " : " {", r->ways[h].labels[i],
				            i + 1 == r->ways[h].n_labels ? "}" : "");
			if (r->ways[h].next_hop)
				text_printf(&t, " %s", addr_text(r->ways[h].next_hop, a));
			if (r->ways[h].vrf)
				text_printf(&t, " %s", r->ways[h].vrf);
		}
		text_puts(&t, "\n");
	}
	assert_string_equal(text_string(&t), expected);
	text_fini(&t);
}

/* 4.3: a VRF has what its import targets ask for, and its sites hear of it. */
static void
rfc4364_4_3_distribution(void **state)
{
	struct core *c = core_new(NULL);

	(void)state;
	expect_table(c, PE1, NULL,
	             "O 10.0.3.0/24 [110/2] 10.0.1.2 FastEthernet0/0\n"
	             "O 10.255.0.2/32 [110/2] 10.0.1.2 FastEthernet0/0\n"
	             "O 10.255.0.3/32 [110/3] 10.0.1.2 FastEthernet0/0 {17}\n");
	expect_table(c, PE1, "A",
	             "B 172.16.3.0/24 [200/0] 10.0.1.2 FastEthernet0/0 {17 16} 10.255.0.3 A\n"
	             "O 192.168.1.0/24 [110/2] 172.16.1.2 FastEthernet1/0\n"
	             "B 192.168.3.0/24 [200/2] 10.0.1.2 FastEthernet0/0 {17 18} 10.255.0.3 A\n");
	expect_table(c, PE2, "B",
	             "B 172.16.1.0/24 [200/0] 10.0.3.2 FastEthernet0/0 {16 17} 10.255.0.1 B\n"
	             "B 192.168.1.0/24 [200/2] 10.0.3.2 FastEthernet0/0 {16 19} 10.255.0.1 B\n"
	             "O 192.168.3.0/24 [110/2] 172.16.3.2 FastEthernet1/1\n");
	/* RFC 4577 4.2.6: of one domain, it is still the domain's. */
	expect_table(c, A1, NULL,
	             "O IA 172.16.3.0/24 [110/1] 172.16.1.1 FastEthernet0/0\n"
	             "O IA 192.168.3.0/24 [110/3] 172.16.1.1 FastEthernet0/0\n");
	core_free(c);
}

/* RFC 4577 4.2.4, 4.2.8: another domain's routes are external. */
static void
rfc4577_4_2_4_domain(void **state)
{
	static const char *const more[CORE_NODES] = {
	    [PE2] = "router ospf 11 vrf A\n domain-id 9.9.9.9\n"};
	struct core *c = core_new(more);

	(void)state;
	expect_table(c, A1, NULL,
	             "O E2 172.16.3.0/24 [110/1] 172.16.1.1 FastEthernet0/0\n"
	             "O E2 192.168.3.0/24 [110/1] 172.16.1.1 FastEthernet0/0\n");
	core_free(c);
}

/*
 * RFC 4577 4.2.5: A's left site is at both edges, and P is one, too, which PE2 does not speak to.
 * What PE1 tells the site of it comes to PE2 as OSPF's, and is not taken from there.
 */
static void
rfc4577_4_2_5_down_bit(void **state)
{
	static const char *const more[CORE_NODES] = {
	    [P] = CORE_VRF("A", "1") "interface Loopback7\n vrf forwarding A\n"
				     " ip address 172.20.0.1 255.255.255.0\n"
				     "router bgp 65000\n neighbor 10.255.0.1 remote-as 65000\n"
				     " neighbor 10.255.0.1 update-source Loopback0\n"
				     " address-family vpnv4\n  neighbor 10.255.0.1 activate\n"
				     " address-family ipv4 vrf A\n  redistribute connected\n",
	    [PE1] = "router bgp 65000\n neighbor 10.255.0.2 remote-as 65000\n"
		    " neighbor 10.255.0.2 update-source Loopback0\n"
		    " address-family vpnv4\n  neighbor 10.255.0.2 activate\n",
	    [PE2] = "interface f1/1\n no ip address\n vrf forwarding A\n"
		    " ip address 172.16.4.1 255.255.255.0\n",
	    [A1] = "interface f0/1\n ip address 172.16.4.2 255.255.255.0\n"};
	static const char lite[] = "interface f1/1\n no ip address\n vrf forwarding A\n"
				   " ip address 172.16.4.1 255.255.255.0\n"
				   "router ospf 11 vrf A\n capability vrf-lite\n";
	const struct prefix wanted = {IP(172, 20, 0, 0), 24};
	const struct routing_table *t;
	struct core *c = core_new(more);
	size_t found[2] = {0, 0};

	(void)state;
	routing_interface(c->r, P, "Loopback7", 0, true);
	routing_interface(c->r, B2, "FastEthernet0/0", 99, true);
	routing_interface(c->r, A1, "FastEthernet0/1", 6, true);
	for (size_t round = 0; round < 2; round++) {
		core_run(c, SECONDS(120));
		t = routing_table(c->r, A1, NULL);
		for (size_t k = 0; k < t->n; k++)
			found[0] += t->routes[k].to.addr == wanted.addr;
		t = routing_table(c->r, PE2, "A");
		for (size_t k = 0; k < t->n; k++)
			found[1] += t->routes[k].to.addr == wanted.addr;
		assert_int_equal(found[0], round + 1);
		assert_int_equal(found[1], round);
		assert_true(routing_settles(c->r));
		core_type(c, PE2, lite);
	}
	core_free(c);
}

/* One VRF takes what another of the same router tells; that does not go on to a third. */
static void
test_between_vrfs(void **state)
{
	static const char *const more[CORE_NODES] = {
	    [PE1] = "vrf definition A\n address-family ipv4\n  route-target import 65000:3\n"
		    "vrf definition B\n address-family ipv4\n  route-target export 65000:3\n"
		    "no router ospf 12\n"
		    "interface f1/1\n ip address 172.17.1.1 255.255.255.0\n"
		    "router bgp 65000\n address-family ipv4 vrf B\n  redistribute connected\n"};
	struct core *c = core_new(more);

	(void)state;
	expect_table(c, PE1, "A",
	             "B 172.16.3.0/24 [200/0] 10.0.1.2 FastEthernet0/0 {17 16} 10.255.0.3 A\n"
	             "B 172.17.1.0/24 [20/0] 0.0.0.0 FastEthernet1/1 B\n"
	             "O 192.168.1.0/24 [110/2] 172.16.1.2 FastEthernet1/0\n"
	             "B 192.168.3.0/24 [200/2] 10.0.1.2 FastEthernet0/0 {17 18} 10.255.0.3 A\n");
	expect_table(c, PE1, "B",
	             "B 172.16.3.0/24 [200/0] 10.0.1.2 FastEthernet0/0 {17 17} 10.255.0.3 B\n"
	             "B 192.168.3.0/24 [200/2] 10.0.1.2 FastEthernet0/0 {17 19} 10.255.0.3 B\n");
	expect_table(c, PE2, "A",
	             "B 172.16.1.0/24 [200/0] 10.0.3.2 FastEthernet0/0 {16 16} 10.255.0.1 A\n"
	             "B 192.168.1.0/24 [200/2] 10.0.3.2 FastEthernet0/0 {16 18} 10.255.0.1 A\n"
	             "O 192.168.3.0/24 [110/2] 172.16.3.2 FastEthernet1/0\n");
	core_free(c);
}

/* eBGP to the sites, both in one system: as-override here, allowas-in there. */
static void
test_bgp_sites(void **state)
{
#define BGP_EDGE(own)                                                                              \
	"no router ospf 11\nrouter bgp 65000\n address-family ipv4 vrf A\n"                        \
	"  no redistribute ospf 11\n  neighbor 172.16." own ".2 remote-as 65001\n"                 \
	"  neighbor 172.16." own ".2 activate\n"
#define BGP_SITE(own)                                                                              \
	"no router ospf 1\nrouter bgp 65001\n neighbor 172.16." own ".1 remote-as 65000\n"         \
	" network 192.168." own ".0\n"
	static const char *const more[CORE_NODES] = {
	    [PE1] = BGP_EDGE("1") "  neighbor 172.16.1.2 as-override\n",
	    [PE2] = BGP_EDGE("3"),
	    [A1] = BGP_SITE("1"),
	    [A2] = BGP_SITE("3") " neighbor 172.16.3.1 allowas-in\n"};
	struct core *c = core_new(more);

	(void)state;
	expect_table(c, PE1, "A",
	             "B 192.168.1.0/24 [20/0] 172.16.1.2 -\n"
	             "B 192.168.3.0/24 [200/0] 10.0.1.2 FastEthernet0/0 {17 17} 10.255.0.3 A\n");
	expect_table(c, A1, NULL, "B 192.168.3.0/24 [20/0] 172.16.1.1 -\n");
	expect_table(c, A2, NULL, "B 192.168.1.0/24 [20/0] 172.16.3.1 -\n");
	core_type(c, A2, BGP_SITE("3"));
	core_run(c, SECONDS(60));
	expect_table(c, A2, NULL, "");
	core_free(c);
}

/* RFC 4456: P reflects, has no VRF of its own, and the edges do not speak to each other. */
static void
test_reflector(void **state)
{
#define REFLECTED(other)                                                                           \
	"router bgp 65000\n no neighbor 10.255.0." other " remote-as 65000\n"                      \
	" neighbor 10.255.0.2 remote-as 65000\n neighbor 10.255.0.2 update-source Loopback0\n"     \
	" address-family vpnv4\n  neighbor 10.255.0.2 activate\n"
#define CLIENT(n)                                                                                  \
	" neighbor 10.255.0." n " remote-as 65000\n neighbor 10.255.0." n " update-source Lo0\n"
	static const char *const more[CORE_NODES] = {
	    [PE1] = REFLECTED("3"),
	    [PE2] = REFLECTED("1"),
	    [P] = "router bgp 65000\n" CLIENT("1")
		CLIENT("3") " address-family vpnv4\n"
			    "  neighbor 10.255.0.1 activate\n  neighbor 10.255.0.1 "
			    "route-reflector-client\n"
			    "  neighbor 10.255.0.3 activate\n  neighbor 10.255.0.3 "
			    "route-reflector-client\n"};
	struct core *c = core_new(more);

	(void)state;
	expect_table(c, PE1, "A",
	             "B 172.16.3.0/24 [200/0] 10.0.1.2 FastEthernet0/0 {17 16} 10.255.0.3 A\n"
	             "O 192.168.1.0/24 [110/2] 172.16.1.2 FastEthernet1/0\n"
	             "B 192.168.3.0/24 [200/2] 10.0.1.2 FastEthernet0/0 {17 18} 10.255.0.3 A\n");
	core_free(c);
}

/* What LDP does not reach, and what has no label all the way, is no way for a VPN. */
static void
rfc3031_3_14_no_path(void **state)
{
	static const char *const breaks[] = {
	    "interface f0/1\n no mpls ip\n",
	    "no mpls ip\n",
	    /* an address that nobody reaches */
	    "interface Loopback9\n ip address 99.9.9.9 255.255.255.255\n"
	    "mpls ldp router-id Loopback9 force\n",
	};
	struct core *c = core_new(NULL);

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(breaks); k++) {
		core_type(c, P, breaks[k]);
		if (k == 2)
			routing_interface(c->r, P, "Loopback9", 0, true);
		core_run(c, SECONDS(60));
		expect_table(c, PE1, "A", "O 192.168.1.0/24 [110/2] 172.16.1.2 FastEthernet1/0\n");
	}
	/* OSPF tells a loopback as a host, and that is what labels are for. */
	core_type(c, P, NULL);
	core_type(c, PE2, "interface Loopback0\n ip address 10.255.0.3 255.255.255.0\n");
	core_run(c, SECONDS(60));
	expect_table(c, PE1, "A", "O 192.168.1.0/24 [110/2] 172.16.1.2 FastEthernet1/0\n");
	core_type(c, PE2, NULL);
	core_run(c, SECONDS(60));
	assert_int_equal(routing_table(c->r, PE1, "A")->n, 3);
	core_free(c);
}

/* `mpls ldp autoconfig`; a link's silence is known after 15 seconds. */
static void
rfc5036_2_4_discovery(void **state)
{
	static const char *const more[CORE_NODES] = {
	    [PE1] = "interface f0/0\n no mpls ip\nrouter ospf 1\n mpls ldp autoconfig\n",
	    [P] = "interface f0/0\n no mpls ip\nrouter ospf 1\n mpls ldp autoconfig area 0\n"};
	struct core *c = core_new(more);
	struct mpls_shown shown;
	struct arena *arena = arena_new();

	(void)state;
	shown = routing_mpls_show(c->r, P, arena);
	assert_int_equal(shown.n_neighbors, 2);
	assert_int_equal(shown.neighbors[0].id, IP(10, 255, 0, 1));
	assert_true(shown.neighbors[0].up);
	routing_interface(c->r, PE1, "FastEthernet0/0", 1, false);
	core_run(c, SECONDS(14));
	assert_int_equal(routing_mpls_show(c->r, P, arena).n_neighbors, 2);
	core_run(c, SECONDS(2));
	assert_int_equal(routing_mpls_show(c->r, P, arena).n_neighbors, 1);
	/* Who stops says so. */
	core_type(c, PE2, "interface f0/0\n no mpls ip\n");
	core_run(c, 1);
	assert_int_equal(routing_mpls_show(c->r, P, arena).n_neighbors, 0);
	assert_int_equal(routing_mpls_show(c->r, PE2, arena).n_neighbors, 0);
	arena_free(arena);
	core_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rfc4364_4_3_distribution), cmocka_unit_test(rfc4577_4_2_4_domain),
	    cmocka_unit_test(rfc4577_4_2_5_down_bit),   cmocka_unit_test(test_between_vrfs),
	    cmocka_unit_test(test_bgp_sites),           cmocka_unit_test(test_reflector),
	    cmocka_unit_test(rfc3031_3_14_no_path),     cmocka_unit_test(rfc5036_2_4_discovery),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
