/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What routing protocols are told: configuration text in, the policy, the configuration rendered
 * and diagnostics out.
 */
#define _DEFAULT_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/base/text.h"
#include "compiler/compile/compile.h"
#include "compiler/session/script.h"
#include "compiler/tree/render.h"

#define IP(a, b, c, d) ((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))

static void
fail_refused(void *arg, const struct script_refusal *r)
{
	(void)arg;
	fail_msg("line %u \"%s\": %s", r->line, r->text, r->message);
}

static struct tree *
read_config(const char *text)
{
	struct session_setup setup = {.tree = tree_new(), .name = "Router"};

	script_read(&setup, text, SCRIPT_TYPED, fail_refused, NULL);
	return setup.tree;
}

/* Identifiers of all diagnostics, a line each, in *ret_said. */
static struct policy *
compile_text(const char *text, bool machine, char **ret_said)
{
	const struct compile_facts facts = {
	    .kind = &compile_router, .default_hostname = "R", .plain_host = machine};
	struct tree *t = read_config(text);
	char *said = x_strdup(""), *longer;
	struct diag_list diags;
	struct policy *p;

	diag_list_init(&diags);
	p = compile(t, &facts, &diags);
	for (size_t i = 0; i < diags.n; i++) {
		longer = x_asprintf("%s%u %s\n", said, diags.items[i].line, diags.items[i].id);
		free(said);
		said = longer;
	}
	diag_list_fini(&diags);
	tree_free(t);
	*ret_said = said;
	return p;
}

static void
expect_said(char *said, const char *expected)
{
	assert_string_equal(said, expected);
	free(said);
}

static void
append_line(void *arg, const char *line)
{
	char **text = arg, *longer = x_asprintf("%s%s\n", *text, line);

	free(*text);
	*text = longer;
}

static char *
render_text(const char *config)
{
	struct tree *t = read_config(config);
	char *text = x_strdup("");

	render_config(t, append_line, &text);
	tree_free(t);
	return text;
}

#define INTERFACES                                                                                 \
	"interface Loopback0\n"                                                                    \
	" ip address 1.1.1.1 255.255.255.255\n"                                                    \
	"interface FastEthernet0/0\n"                                                              \
	" ip address 10.1.12.1 255.255.255.0\n"

/* --- OSPF ------------------------------------------------------------------------------------- */

static void
test_ospf(void **state)
{
	char *said;
	struct policy *p =
	    compile_text(INTERFACES "router ospf 7 vrf RED\n"
	                            " router-id 9.9.9.9\n"
	                            "router ospf 1\n"
	                            " auto-cost reference-bandwidth 1000\n"
	                            " network 10.1.12.7 0.0.0.255 area 0.0.0.1\n"
	                            " network 1.1.1.1 0.0.0.0 area 0\n"
	                            " area 1 nssa default-information-originate no-summary\n"
	                            " area 1 range 10.0.0.0 255.0.0.0 not-advertise\n"
	                            " area 0 authentication message-digest\n"
	                            " area 1 virtual-link 2.2.2.2\n"
	                            " summary-address 10.9.0.0 255.255.0.0 tag 5\n"
	                            " redistribute static metric 5 metric-type 1 subnets\n"
	                            " redistribute ospf 7 match external 1\n"
	                            " passive-interface default\n"
	                            " no passive-interface f0/0\n"
	                            " default-information originate always metric 3\n"
	                            " distance ospf external 120\n"
	                            " no log-adjacency-changes\n"
	                            " no compatible rfc1583\n",
	                 false, &said);
	const struct policy_routing *r = &p->routing;
	const struct policy_ospf *o = &r->ospf[0];

	(void)state;
	assert_int_equal(r->n_ospf, 2);
	assert_int_equal(o->process, 1);
	assert_null(o->vrf);
	assert_string_equal(r->ospf[1].vrf, "RED");
	assert_int_equal(r->ospf[1].router_id, IP(9, 9, 9, 9));
	assert_int_equal(o->reference_bandwidth, 1000);
	assert_int_equal(o->n_networks, 2);
	assert_int_equal(o->networks[0].addr, IP(1, 1, 1, 1));
	assert_int_equal(o->networks[1].addr, IP(10, 1, 12, 0));
	assert_int_equal(o->networks[1].mask, IP(255, 255, 255, 0));
	assert_int_equal(o->networks[1].area, 1);
	assert_int_equal(o->n_areas, 2);
	assert_int_equal(o->areas[0].auth, OSPF_AUTH_MD5);
	assert_true(o->areas[1].nssa && o->areas[1].no_summary && o->areas[1].default_originate);
	assert_int_equal(o->areas[1].n_ranges, 1);
	assert_false(o->areas[1].ranges[0].advertise);
	assert_int_equal(o->areas[1].virtual_links[0], IP(2, 2, 2, 2));
	assert_int_equal(o->summaries[0].tag, 5);
	assert_true(o->summaries[0].advertise);
	assert_int_equal(o->n_redistributes, 2);
	assert_int_equal(o->redistributes[0].from, ROUTING_STATIC);
	assert_int_equal(o->redistributes[0].metric_type, 1);
	assert_true(o->redistributes[0].subnets);
	assert_int_equal(o->redistributes[1].process, 7);
	assert_true(o->redistributes[1].external1 && !o->redistributes[1].external2);
	assert_true(o->passive.by_default);
	assert_string_equal(o->passive.names[0], "FastEthernet0/0");
	assert_true(o->default_originate && o->default_always);
	assert_int_equal(o->default_metric_originated, 3);
	assert_int_equal(o->distance[2], 120);
	assert_int_equal(o->distance[0], 0);
	assert_false(o->log_adjacency_changes);
	assert_true(o->strict_paths);
	policy_free(p);
	expect_said(said, "");
}

static void
test_ospf_interface(void **state)
{
	char *said;
	struct policy *p = compile_text("interface GigabitEthernet0/1\n"
	                                " ip address 10.1.12.1 255.255.255.0\n"
	                                " speed 100\n"
	                                " ip ospf 1 area 2\n"
	                                " ip ospf cost 7\n"
	                                " ip ospf network point-to-point\n"
	                                " ip ospf priority 0\n"
	                                " ip ospf authentication message-digest\n"
	                                " ip ospf message-digest-key 3 md5 7 094F471A1A0A\n"
	                                "interface FastEthernet0/0\n"
	                                " bandwidth 512\n"
	                                " delay 30\n"
	                                " ip ospf authentication-key abc\n",
	                                false, &said);
	const struct policy_interface *g = &p->interfaces[0], *f = &p->interfaces[1];

	(void)state;
	assert_int_equal(g->bandwidth, 100000);
	assert_int_equal(g->delay, 10);
	assert_int_equal(g->ospf->process, 1);
	assert_int_equal(g->ospf->area, 2);
	assert_int_equal(g->ospf->cost, 7);
	assert_int_equal(g->ospf->network, OSPF_POINT_TO_POINT);
	assert_int_equal(g->ospf->priority, 0);
	assert_int_equal(g->ospf->auth, OSPF_AUTH_MD5);
	assert_int_equal(g->ospf->key_id, 3);
	assert_memory_equal(g->ospf->key.p, "cisco", g->ospf->key.n);
	assert_int_equal(f->bandwidth, 512);
	assert_int_equal(f->delay, 30);
	assert_int_equal(f->ospf->priority, -1);
	assert_memory_equal(f->ospf->key.p, "abc", f->ospf->key.n);
	policy_free(p);
	expect_said(said, "");
}

/* --- EIGRP, RIP ------------------------------------------------------------------------------- */

static void
test_eigrp(void **state)
{
	char *said;
	struct policy *p =
	    compile_text(INTERFACES " ip hello-interval eigrp 100 3\n"
	                            " no ip split-horizon eigrp 100\n"
	                            " ip summary-address eigrp 100 10.7.7.7 255.0.0.0\n"
	                            "router eigrp 100\n"
	                            " network 10.1.1.1\n"
	                            " variance 2\n"
	                            " eigrp stub\n"
	                            " redistribute static metric 1000 10 255 1 1500\n"
	                            " address-family ipv4 vrf A autonomous-system 11\n"
	                            "  eigrp router-id 1.2.3.4\n"
	                            "  exit-address-family\n"
	                            " address-family ipv4 vrf B\n",
	                 false, &said);
	const struct policy_routing *r = &p->routing;
	const struct policy_eigrp *e = &r->eigrp[0];
	const struct policy_interface *f = &p->interfaces[1];

	(void)state;
	assert_int_equal(r->n_eigrp, 2);
	assert_int_equal(e->as, 100);
	assert_int_equal(e->networks[0].addr, IP(10, 0, 0, 0));
	assert_int_equal(e->networks[0].mask, IP(255, 0, 0, 0));
	assert_int_equal(e->variance, 2);
	assert_int_equal(e->k[0], 1);
	assert_int_equal(e->k[1], 0);
	assert_true(e->stub && e->stub_connected && e->stub_summary && !e->stub_static);
	assert_true(e->redistributes[0].has_metric);
	assert_int_equal(e->redistributes[0].metrics[0], 1000);
	assert_int_equal(e->redistributes[0].metrics[4], 1500);
	assert_int_equal(r->eigrp[1].as, 11);
	assert_string_equal(r->eigrp[1].vrf, "A");
	assert_int_equal(r->eigrp[1].router_id, IP(1, 2, 3, 4));
	assert_int_equal(f->n_eigrp, 1);
	assert_int_equal(f->eigrp[0].hello, 3);
	assert_true(f->eigrp[0].no_split_horizon);
	assert_int_equal(f->eigrp[0].summaries[0].addr, IP(10, 0, 0, 0));
	policy_free(p);
	expect_said(said, "16 eigrp-no-as\n");
}

static void
test_rip(void **state)
{
	char *said;
	struct policy *p = compile_text(INTERFACES "router rip\n"
	                                           " version 2\n"
	                                           " no auto-summary\n"
	                                           " network 10.1.1.1\n"
	                                           " timers basic 5 15 16 20\n"
	                                           " offset-list 1 in 3\n"
	                                           " address-family ipv4 vrf A\n"
	                                           "  distance 99\n",
	                                true, &said);
	const struct policy_rip *r = &p->routing.rip;

	(void)state;
	assert_true(r->configured && !r->auto_summary);
	assert_int_equal(r->version, 2);
	assert_int_equal(r->networks[0].mask, IP(255, 0, 0, 0));
	assert_int_equal(r->holddown, 16);
	assert_int_equal(p->routing.n_rip_vrfs, 1);
	assert_string_equal(p->routing.rip_vrfs[0].vrf, "A");
	assert_int_equal(p->routing.rip_vrfs[0].distance, 99);
	assert_int_equal(p->routing.rip_vrfs[0].version, 2);
	policy_free(p);
	expect_said(said, "5 routing-not-run\n10 not-built\n");
}

/* Where FRR speaks, what it lacks is said at the line that it is of. */
static void
test_frr_lacks(void **state)
{
	const struct compile_facts facts = {
	    .kind = &compile_router, .default_hostname = "R", .plain_host = true, .speaks = true};
	struct tree *t = read_config(INTERFACES "router eigrp 7\n"
	                                        " no auto-summary\n"
	                                        " eigrp stub\n"
	                                        "router ospf 1\n"
	                                        " network 10.0.0.0 0.255.255.255 area 0\n"
	                                        "router ospf 2\n");
	struct diag_list diags;

	(void)state;
	diag_list_init(&diags);
	policy_free(compile(t, &facts, &diags));
	assert_int_equal(diags.n, 2);
	assert_string_equal(diags.items[0].id, "frr-lacks");
	assert_int_equal(diags.items[0].line, 5);
	assert_string_equal(diags.items[1].id, "frr-lacks");
	assert_int_equal(diags.items[1].line, 10);
	assert_string_equal(diags.items[1].message, "FRR lacks: a second process of OSPF");
	diag_list_fini(&diags);
	tree_free(t);
}

/* --- route maps ------------------------------------------------------------------------------- */

static void
test_route_maps(void **state)
{
	char *said;
	struct policy *p = compile_text("ip prefix-list P permit 10.1.1.1/8 le 24\n"
	                                "ip prefix-list P seq 3 deny 0.0.0.0/0\n"
	                                "ip prefix-list P permit 11.0.0.0/8\n"
	                                "ip community-list standard C permit 65000:1 no-export\n"
	                                "ip community-list standard C deny internet\n"
	                                "route-map M deny 20\n"
	                                " match ip address NONE\n"
	                                "route-map M permit 10\n"
	                                " match ip address prefix-list P\n"
	                                " match community C\n"
	                                " match tag 7 8\n"
	                                " set metric 5\n"
	                                " set as-path prepend 1 2\n"
	                                " set community 65000:2 additive\n",
	                                false, &said);
	const struct policy_routing *r = &p->routing;
	const struct policy_prefix_list *l = &r->prefix_lists[0];
	const struct policy_route_map_entry *e = r->route_maps[0].entries;

	(void)state;
	assert_int_equal(l->n_entries, 3);
	assert_int_equal(l->entries[0].seq, 3);
	assert_false(l->entries[0].permit);
	assert_int_equal(l->entries[1].seq, 5);
	assert_int_equal(l->entries[1].prefix.addr, IP(10, 0, 0, 0));
	assert_int_equal(l->entries[1].le, 24);
	assert_int_equal(l->entries[2].seq, 10);
	assert_int_equal(r->n_community_lists, 1);
	assert_int_equal(r->community_lists[0].n_entries, 2);
	assert_int_equal(r->community_lists[0].entries[0].n, 2);
	assert_int_equal(r->community_lists[0].entries[0].communities[1], 0xffffff01u);
	assert_int_equal(r->community_lists[0].entries[1].n, 0);
	assert_int_equal(r->n_route_maps, 1);
	assert_int_equal(r->route_maps[0].n_entries, 2);
	assert_true(e[0].permit && e[0].sets_metric && e[0].communities_added);
	assert_ptr_equal(e[0].prefix_lists[0], l);
	assert_ptr_equal(e[0].community_lists[0], r->community_lists);
	assert_int_equal(e[0].n_tags, 2);
	assert_int_equal(e[0].n_prepend, 2);
	assert_int_equal(e[0].n_set_communities, 1);
	assert_int_equal(e[1].n_acls, 0); /* a list that does not exist matches everything */
	policy_free(p);
	expect_said(said, "7 routing-undefined\n");
}

/* --- BGP -------------------------------------------------------------------------------------- */

static void
test_bgp(void **state)
{
	char *said;
	struct policy *p = compile_text(INTERFACES "router bgp 65000\n"
	                                           " no bgp default ipv4-unicast\n"
	                                           " neighbor G peer-group\n"
	                                           " neighbor G remote-as 65000\n"
	                                           " neighbor G update-source Loopback0\n"
	                                           " neighbor 2.2.2.2 peer-group G\n"
	                                           " neighbor 3.3.3.3 remote-as 3\n"
	                                           " neighbor 3.3.3.3 ebgp-multihop\n"
	                                           " neighbor 4.4.4.4 description lost\n"
	                                           " address-family ipv4\n"
	                                           "  neighbor G route-reflector-client\n"
	                                           "  neighbor 2.2.2.2 activate\n"
	                                           "  neighbor 3.3.3.3 route-map NONE in\n"
	                                           "  network 10.1.12.0 mask 255.255.255.0\n"
	                                           "  network 1.0.0.0 mask 255.0.0.0\n"
	                                           " address-family vpnv4\n"
	                                           "  neighbor 2.2.2.2 activate\n"
	                                           " address-family ipv4 vrf A\n"
	                                           "  redistribute connected\n"
	                                           "  neighbor 5.5.5.5 remote-as 5\n"
	                                           "  neighbor 5.5.5.5 activate\n",
	                                false, &said);
	const struct policy_bgp *b = &p->routing.bgp;
	const struct policy_bgp_vrf *g = &b->vrfs[0], *a = &b->vrfs[1];
	const struct policy_bgp_neighbor *two = &g->neighbors[0], *three = &g->neighbors[1];

	(void)state;
	assert_int_equal(b->as, 65000);
	assert_int_equal(b->n_vrfs, 2);
	assert_int_equal(g->n_neighbors, 3);
	assert_int_equal(two->addr, IP(2, 2, 2, 2));
	assert_int_equal(two->remote_as, 65000);
	assert_string_equal(two->update_source, "Loopback0");
	assert_string_equal(two->group, "G");
	assert_true(two->families[BGP_IPV4].active);
	assert_true(two->families[BGP_IPV4].route_reflector_client);
	assert_true(two->families[BGP_VPNV4].active);
	assert_true(two->families[BGP_VPNV4].send_extended_community);
	assert_false(two->families[BGP_VPNV4].route_reflector_client);
	assert_int_equal(three->ebgp_multihop, 255);
	assert_false(three->families[BGP_IPV4].active);
	assert_int_equal(three->families[BGP_IPV4].in.map->n_entries, 0);
	assert_int_equal(g->n_networks, 2);
	assert_int_equal(g->networks[0].prefix.len, 8);
	assert_int_equal(g->networks[1].prefix.len, 24);
	assert_string_equal(a->vrf, "A");
	assert_int_equal(a->n_redistributes, 1);
	assert_true(a->neighbors[0].families[BGP_IPV4].active);
	policy_free(p);
	expect_said(said, "13 bgp-no-remote-as\n17 routing-undefined\n");
}

/* --- MPLS ------------------------------------------------------------------------------------- */

#define CORE                                                                                       \
	"ip vrf A\n rd 65000:1\n route-target both 65000:1\n"                                      \
	"ip vrf C\n rd 65000:3\n import map NONE\n route-target both 65000:3\n"                    \
	"interface Loopback0\n ip address 1.1.1.1 255.255.255.255\n"                               \
	"interface FastEthernet0/0\n ip address 10.1.12.1 255.255.255.0\n"                         \
	" mpls mtu override 1512\n mpls ip\n"                                                      \
	"interface FastEthernet0/1\n ip vrf forwarding A\n"                                        \
	" ip address 10.1.13.1 255.255.255.0\n mpls ip\n"

static void
test_mpls(void **state)
{
	char *said;
	struct policy *p = compile_text(CORE "mpls label protocol tdp\n"
	                                     "mpls ldp router-id Loopback0 force\n"
	                                     "no mpls ip propagate-ttl forwarded\n"
	                                     "router bgp 65000\n"
	                                     " neighbor 2.2.2.2 remote-as 65000\n"
	                                     " address-family vpnv4\n"
	                                     "  neighbor 2.2.2.2 activate\n"
	                                     " address-family ipv4 vrf A\n"
	                                     "  redistribute connected\n",
	                                false, &said);
	const struct policy_bgp *b = &p->routing.bgp;
	const struct policy_mpls *m = &p->routing.mpls;

	(void)state;
	assert_true(policy_interface_find(p, "FastEthernet0/0")->mpls);
	assert_int_equal(policy_interface_find(p, "FastEthernet0/0")->mpls_mtu, 1512);
	assert_false(policy_interface_find(p, "FastEthernet0/1")->mpls);
	assert_true(m->interfaces && !m->off && m->hides_forwarded && !m->hides_local);
	assert_string_equal(m->ldp_router_id, "Loopback0");
	/* A VRF has a table of BGP's, whether it is typed or not. */
	assert_int_equal(b->n_vrfs, 3);
	assert_string_equal(b->vrfs[1].vrf, "A");
	assert_string_equal(b->vrfs[1].vpn->name, "A");
	assert_string_equal(b->vrfs[2].vrf, "C");
	assert_int_equal(b->vrfs[2].import_map->n_entries, 0);
	policy_free(p);
	expect_said(said, "6 routing-undefined\n17 mpls-in-vrf\n18 mpls-tdp\n");
	policy_free(compile_text(CORE "interface FastEthernet0/0\n no mpls ip\n"
	                              "router bgp 1\n address-family vpnv4\n",
	                         false, &said));
	expect_said(said, "6 routing-undefined\n17 mpls-in-vrf\n21 mpls-nowhere\n");
	policy_free(compile_text("interface FastEthernet0/0\n mpls ip\n", true, &said));
	expect_said(said, "2 machine-mpls-kept\n");
}

/* --- what is not known ------------------------------------------------------------------------ */

#define MEMBER                                                                                     \
	"crypto isakmp policy 10\n authentication pre-share\n"                                     \
	"crypto isakmp key K address 10.9.9.9\n"                                                   \
	"crypto gdoi group G\n identity number 1\n server address ipv4 10.9.9.9\n"                 \
	"crypto map M 10 gdoi\n set group G\n"                                                     \
	"interface FastEthernet0/0\n crypto map M\n"

/* Where routes are learned nobody says that none leads to a key server. */
static void
test_learned(void **state)
{
	char *said;

	(void)state;
	policy_free(compile_text(INTERFACES MEMBER, false, &said));
	assert_non_null(strstr(said, " server-no-route\n"));
	free(said);
	policy_free(compile_text(INTERFACES MEMBER "router ospf 1\n", false, &said));
	expect_said(said, "");
	policy_free(compile_text(INTERFACES MEMBER "router ospf 1 vrf A\n router-id 1.1.1.1\n",
	                         false, &said));
	assert_non_null(strstr(said, " server-no-route\n"));
	free(said);
}

/* --- as IOS writes it ------------------------------------------------------------------------- */

static const struct {
	const char *typed, *rendered;
} written[] = {
    {"router ospf 1\n"
     " network 10.1.1.1 255.255.255.0 area 1\n"
     " redistribute connected subnets\n"
     " router-id 1.1.1.1\n",
     "!\nrouter ospf 1\n router-id 1.1.1.1\n redistribute connected subnets\n"
     " network 10.1.1.0 0.0.0.255 area 1\n!\nend\n"},
    {"router eigrp 1\n network 172.16.3.0\n address-family ipv4 vrf A autonomous-system 2\n",
     "!\nrouter eigrp 1\n network 172.16.0.0\n !\n"
     " address-family ipv4 vrf A autonomous-system 2\n exit-address-family\n!\nend\n"},
    {"router bgp 1\n"
     " neighbor 10.0.0.2 shutdown\n"
     " neighbor 9.0.0.1 remote-as 2\n"
     " neighbor PEERS peer-group\n"
     " neighbor 10.0.0.2 remote-as 3\n"
     " network 10.1.1.1 mask 255.255.0.0\n"
     " network 10.7.7.7\n",
     "!\nrouter bgp 1\n network 10.0.0.0\n network 10.1.0.0 mask 255.255.0.0\n"
     " neighbor PEERS peer-group\n neighbor 9.0.0.1 remote-as 2\n"
     " neighbor 10.0.0.2 remote-as 3\n neighbor 10.0.0.2 shutdown\n!\nend\n"},
    {"route-map B permit 20\n"
     "route-map A\n"
     "route-map B deny 10\n"
     "ip prefix-list L permit 0.0.0.0/0 le 32\n"
     "ip prefix-list K deny 10.0.0.0/8\n"
     "no ip prefix-list K\n",
     "!\nip prefix-list L seq 5 permit 0.0.0.0/0 le 32\n!\nroute-map A permit 10\n!\n"
     "route-map B deny 10\n!\nroute-map B permit 20\n!\nend\n"},
};

static void
test_written(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(written); i++) {
		char *text = render_text(written[i].typed), *again = render_text(text);

		assert_string_equal(text, written[i].rendered);
		assert_string_equal(again, text);
		free(text);
		free(again);
	}
}

/* A line of global configuration leaves a router's mode, whatever it abbreviates there. */
static void
test_left(void **state)
{
	static const char *const modes[] = {
	    "router ospf 1",
	    "router rip",
	    "router eigrp 1",
	    "router bgp 1",
	    "router eigrp 1\n address-family ipv4 vrf A autonomous-system 1",
	    "router rip\n address-family ipv4 vrf A",
	    "router bgp 1\n address-family ipv4",
	    "router bgp 1\n address-family ipv4 vrf A",
	    "router bgp 1\n address-family vpnv4",
	    "route-map M permit 10"};
	static const char *const lines[] = {"interface Loopback7",
	                                    "ip route 10.0.0.0 255.0.0.0 Null0",
	                                    "router ospf 7",
	                                    "access-list 7 permit any",
	                                    "hostname SEVEN",
	                                    "line vty 0 4",
	                                    "crypto isakmp policy 7",
	                                    "route-map SEVEN permit 7",
	                                    "router bgp 1"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
		for (size_t k = 0; k < ARRAY_SIZE(lines); k++) {
			char *config = x_asprintf("%s\n%s\nusername X\n", modes[i], lines[k]);
			char *text = render_text(config);
			char *alone = x_asprintf("\n%s\n", lines[k]);

			if (k != 3 && !strstr(text, alone))
				fail_msg("%s, %s:\n%s", modes[i], lines[k], text);
			assert_non_null(strstr(text, "\nusername X\n"));
			free(alone);
			free(text);
			free(config);
		}
}

/* --- many lines ------------------------------------------------------------------------------- */

#define MANY 20000 /* a table of a square of them would be larger than memory */

/* Lists are in the order of their first lines, and so are the lines of each. */
static void
test_many_communities(void **state)
{
	struct text t = TEXT_INIT;
	const struct policy_routing *r;
	struct policy *p;
	char *said;

	(void)state;
	for (unsigned i = MANY; i > 0; i--)
		text_printf(&t, "ip community-list standard a%u permit %u\n", i, i);
	text_puts(&t, "ip community-list standard a7 deny 9\n"
	              "ip community-list standard a7 permit 8\n");
	p = compile_text(text_string(&t), false, &said);
	r = &p->routing;
	assert_int_equal(r->n_community_lists, MANY);
	for (unsigned i = 0; i < MANY; i++) {
		const struct policy_community_list *l = &r->community_lists[i];

		assert_int_equal(strtoul(l->name + 1, NULL, 10), MANY - i);
		assert_int_equal(l->n_entries, MANY - i == 7 ? 3 : 1);
		assert_int_equal(l->entries[0].communities[0], MANY - i);
	}
	assert_false(r->community_lists[MANY - 7].entries[1].permit);
	assert_int_equal(r->community_lists[MANY - 7].entries[2].communities[0], 8);
	policy_free(p);
	text_fini(&t);
	expect_said(said, "");
}

/* An interface makes the process that it names, in its VRF, and once. */
static void
test_ospf_process(void **state)
{
	struct policy *p;
	char *said;

	(void)state;
	p = compile_text("ip vrf V\n"
	                 "interface f0/0\n"
	                 " ip address 10.0.0.1 255.255.255.0\n"
	                 " ip ospf 1 area 0\n"
	                 "interface f0/1\n"
	                 " ip address 10.0.1.1 255.255.255.0\n"
	                 " ip ospf 1 area 1\n"
	                 "interface f1/0\n"
	                 " ip vrf forwarding V\n"
	                 " ip address 10.0.2.1 255.255.255.0\n"
	                 " ip ospf 2 area 0\n",
	                 false, &said);
	assert_int_equal(p->routing.n_ospf, 2);
	assert_int_equal(p->routing.ospf[0].process, 1);
	assert_null(p->routing.ospf[0].vrf);
	assert_int_equal(p->routing.ospf[1].process, 2);
	assert_string_equal(p->routing.ospf[1].vrf, "V");
	policy_free(p);
	expect_said(said, "");
}

/* 0.0.0.0 is of no class: every network, and to BGP the default route. */
static void
test_all_networks(void **state)
{
	struct policy *p;
	char *said;

	(void)state;
	p = compile_text("interface f0/0\n"
	                 " ip address 10.0.0.1 255.255.255.0\n"
	                 "router eigrp 1\n"
	                 " network 0.0.0.0\n"
	                 "router rip\n"
	                 " network 0.0.0.0\n"
	                 "router bgp 1\n"
	                 " network 0.0.0.0\n",
	                 false, &said);
	assert_int_equal(p->routing.eigrp[0].networks[0].mask, 0);
	assert_int_equal(p->routing.rip.networks[0].mask, 0);
	assert_int_equal(p->routing.bgp.vrfs[0].networks[0].prefix.len, 0);
	policy_free(p);
	expect_said(said, "");
}

static void
test_many_areas(void **state)
{
	struct text t = TEXT_INIT;
	const struct policy_ospf *o;
	struct policy *p;
	char *said;

	(void)state;
	text_puts(&t, INTERFACES "router ospf 1\n");
	for (unsigned i = MANY; i > 0; i--)
		text_printf(&t, " area %u range 10.%u.%u.0 255.255.255.0\n", i, i >> 8, i & 255);
	text_puts(&t, " area 7 range 11.0.0.0 255.0.0.0\n"
	              " area 9 virtual-link 3.3.3.3\n"
	              " area 7 virtual-link 2.2.2.2\n"
	              " area 0 authentication\n");
	p = compile_text(text_string(&t), false, &said);
	o = &p->routing.ospf[0];
	assert_int_equal(o->n_areas, MANY + 1);
	assert_int_equal(o->areas[0].area, 0); /* authentication is read first */
	assert_int_equal(o->areas[0].auth, OSPF_AUTH_TEXT);
	assert_int_equal(o->areas[0].n_ranges, 0);
	for (unsigned i = 1; i <= MANY; i++) {
		const struct policy_ospf_area *a = &o->areas[i];

		assert_int_equal(a->area, MANY + 1 - i);
		assert_int_equal(a->n_ranges, a->area == 7 ? 2 : 1);
		assert_int_equal(a->ranges[0].prefix.addr, IP(10, 0, 0, 0) | a->area << 8);
		assert_int_equal(a->n_virtual_links, a->area == 7 || a->area == 9);
	}
	assert_int_equal(o->areas[MANY - 6].ranges[1].prefix.addr, IP(11, 0, 0, 0));
	assert_int_equal(o->areas[MANY - 6].virtual_links[0], IP(2, 2, 2, 2));
	assert_int_equal(o->areas[MANY - 8].virtual_links[0], IP(3, 3, 3, 3));
	policy_free(p);
	text_fini(&t);
	free(said);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_ospf),        cmocka_unit_test(test_ospf_interface),
	    cmocka_unit_test(test_eigrp),       cmocka_unit_test(test_rip),
	    cmocka_unit_test(test_frr_lacks),   cmocka_unit_test(test_bgp),
	    cmocka_unit_test(test_mpls),        cmocka_unit_test(test_route_maps),
	    cmocka_unit_test(test_written),     cmocka_unit_test(test_left),
	    cmocka_unit_test(test_learned),     cmocka_unit_test(test_many_communities),
	    cmocka_unit_test(test_many_areas),  cmocka_unit_test(test_ospf_process),
	    cmocka_unit_test(test_all_networks)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
