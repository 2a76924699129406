/* SPDX-License-Identifier: Apache-2.0 */
/* BGP: the speaker, its neighbours, the table of IPv4; where FRR's defaults differ, IOS's. */
#include "compiler/frr/frr_priv.h"

#define KEEPALIVE    60 /* seconds */
#define HOLD         180
#define PASSWORD_MAX 80 /* octets, of the kernel's TCP MD5 signatures */

/* --- neighbours ------------------------------------------------------------------------------- */

static void
put_source(struct frr_out *out, const char *to, const struct policy_bgp_neighbor *n)
{
	const struct policy_interface *i = policy_interface_find(out->policy, n->update_source);
	char a[ADDR_TEXT_MAX];

	if (i && i->has_address)
		text_printf(&out->body, " neighbor %s update-source %s\n", to,
		            addr_text(i->addr, a));
}

/* Without the password that is configured there is no session. */
static void
put_password(struct frr_out *out, const char *to, const struct policy_bgp_neighbor *n)
{
	if (!n->password.n)
		return;
	if (frr_is_word(n->password) && n->password.n <= PASSWORD_MAX) {
		text_printf(&out->body, " neighbor %s password %.*s\n", to, (int)n->password.n,
		            (const char *)n->password.p);
		return;
	}
	frr_say_lack(out, FRR_AT_BGP, out->policy->routing.bgp.as, NULL,
	             "this password of neighbor %s: there is no session", to);
	text_printf(&out->body, " neighbor %s shutdown\n", to);
}

static void
put_neighbor(struct frr_out *out, const struct policy_bgp_neighbor *n)
{
	const struct policy_bgp *b = &out->policy->routing.bgp;
	char to[ADDR_TEXT_MAX];

	addr_text(n->addr, to);
	text_printf(&out->body, " neighbor %s remote-as %u\n", to, n->remote_as);
	if (n->local_as && n->local_as != b->as)
		text_printf(&out->body, " neighbor %s local-as %u\n", to, n->local_as);
	if (n->shutdown)
		text_printf(&out->body, " neighbor %s shutdown\n", to);
	if (n->passive)
		text_printf(&out->body, " neighbor %s passive\n", to);
	if (n->ebgp_multihop && n->remote_as != b->as)
		text_printf(&out->body, " neighbor %s ebgp-multihop %u\n", to, n->ebgp_multihop);
	if (n->update_source)
		put_source(out, to, n);
	if (n->hold || n->keepalive)
		text_printf(&out->body, " neighbor %s timers %u %u\n", to, n->keepalive, n->hold);
	put_password(out, to, n);
}

/* --- what is told to a neighbour and taken from it -------------------------------------------- */

static void
put_filter(struct frr_out *out, const char *to, const struct policy_route_filter *f,
           const char *way)
{
	struct frr_part part = {.n = 0};
	const char *map;

	if (f->acl && f->acl->n_aces)
		frr_condition_add(out, &part, (struct frr_condition){.acl = frr_acl(out, f->acl)});
	if (f->prefix_list && f->prefix_list->n_entries)
		frr_condition_add(
		    out, &part,
		    (struct frr_condition){.prefix_list = frr_prefix_list(out, f->prefix_list)});
	if (f->map)
		part.map = frr_route_map(out, f->map);
	map = frr_parts_map(out, arena_printf(out->arena, "bgp-%s-%s", to, way), &part, 1);
	if (map)
		text_printf(&out->body, "  neighbor %s route-map %s %s\n", to, map, way);
}

static void
put_flags(struct frr_out *out, const char *to, const struct policy_bgp_family *f)
{
	const struct {
		bool set;
		const char *words;
	} flags[] = {
	    {f->next_hop_self_all, "next-hop-self force"},
	    {f->next_hop_self && !f->next_hop_self_all, "next-hop-self"},
	    {f->route_reflector_client, "route-reflector-client"},
	    {f->soft_inbound, "soft-reconfiguration inbound"},
	    {f->send_community, "send-community standard"},
	    {f->send_extended_community, "send-community extended"},
	    {f->remove_private_as, "remove-private-AS"},
	    {f->as_override, "as-override"},
	};

	text_printf(&out->body, "  no neighbor %s send-community all\n", to);
	for (size_t k = 0; k < ARRAY_SIZE(flags); k++)
		if (flags[k].set)
			text_printf(&out->body, "  neighbor %s %s\n", to, flags[k].words);
	if (f->allowas_in)
		text_printf(&out->body, "  neighbor %s allowas-in %u\n", to, f->allowas_in);
	if (f->weight)
		text_printf(&out->body, "  neighbor %s weight %u\n", to, f->weight);
	if (f->maximum_prefix)
		text_printf(&out->body, "  neighbor %s maximum-prefix %u%s\n", to,
		            f->maximum_prefix, f->maximum_warns ? " warning-only" : "");
}

static void
put_family(struct frr_out *out, const struct policy_bgp_neighbor *n)
{
	const struct policy_bgp_family *f = &n->families[BGP_IPV4];
	char to[ADDR_TEXT_MAX];

	addr_text(n->addr, to);
	if (n->families[BGP_VPNV4].active)
		frr_say_lack(out, FRR_AT_BGP, out->policy->routing.bgp.as, NULL,
		             "VPNv4 with neighbor %s", to);
	if (!f->active)
		return;
	text_printf(&out->body, "  neighbor %s activate\n", to);
	put_flags(out, to, f);
	if (f->default_originate && f->default_map)
		text_printf(&out->body, "  neighbor %s default-originate route-map %s\n", to,
		            frr_route_map(out, f->default_map));
	else if (f->default_originate)
		text_printf(&out->body, "  neighbor %s default-originate\n", to);
	put_filter(out, to, &f->in, "in");
	put_filter(out, to, &f->out, "out");
}

/* --- the table -------------------------------------------------------------------------------- */

static void
put_announced(struct frr_out *out, const struct policy_bgp_vrf *v)
{
	for (size_t k = 0; k < v->n_networks; k++) {
		const struct policy_bgp_network *n = &v->networks[k];

		text_printf(&out->body, "  network %s", frr_prefix_text(out, n->prefix));
		if (n->backdoor)
			text_puts(&out->body, " backdoor");
		else if (n->map)
			text_printf(&out->body, " route-map %s", frr_route_map(out, n->map));
		text_puts(&out->body, "\n");
	}
	for (size_t k = 0; k < v->n_aggregates; k++)
		text_printf(&out->body, "  aggregate-address %s%s%s\n",
		            frr_prefix_text(out, v->aggregates[k].prefix),
		            v->aggregates[k].as_set ? " as-set" : "",
		            v->aggregates[k].summary_only ? " summary-only" : "");
}

static void
put_table(struct frr_out *out, const struct policy_bgp *b, const struct policy_bgp_vrf *v)
{
	const uint8_t *d = v->distance;

	text_puts(&out->body, " address-family ipv4 unicast\n");
	text_printf(&out->body, "  maximum-paths %u\n  maximum-paths ibgp %u\n",
	            v->maximum_paths ? v->maximum_paths : 1,
	            v->maximum_paths_ibgp ? v->maximum_paths_ibgp : 1);
	text_printf(&out->body, "  distance bgp %u %u %u\n", d[0] ? d[0] : 20, d[1] ? d[1] : 200,
	            d[2] ? d[2] : 200);
	put_announced(out, v);
	frr_redistribute(out, &(struct frr_target){.place = FRR_AT_BGP,
	                                           .number = b->as,
	                                           .source = ROUTING_BGP,
	                                           .lines = v->redistributes,
	                                           .n_lines = v->n_redistributes,
	                                           .refuses_default = !v->default_originate});
	for (size_t k = 0; k < v->n_neighbors; k++)
		if (v->neighbors[k].remote_as)
			put_family(out, &v->neighbors[k]);
	text_puts(&out->body, " exit-address-family\nexit\n");
}

/* --- the process ------------------------------------------------------------------------------ */

static void
put_process(struct frr_out *out, const struct policy_bgp *b)
{
	char a[ADDR_TEXT_MAX];

	text_printf(&out->body,
	            "router bgp %u\n bgp router-id %s\n no bgp ebgp-requires-policy\n"
	            " no bgp default ipv4-unicast\n bgp network import-check\n",
	            b->as,
	            addr_text(b->router_id ? b->router_id : policy_router_id(out->policy), a));
	text_printf(&out->body, " %sbgp log-neighbor-changes\n",
	            b->log_neighbor_changes ? "" : "no ");
	text_printf(&out->body, " %sbgp deterministic-med\n", b->deterministic_med ? "" : "no ");
	if (b->always_compare_med)
		text_puts(&out->body, " bgp always-compare-med\n");
	if (b->cluster_id)
		text_printf(&out->body, " bgp cluster-id %s\n", addr_text(b->cluster_id, a));
	if (b->default_local_preference)
		text_printf(&out->body, " bgp default local-preference %u\n",
		            b->default_local_preference);
	text_printf(&out->body, " timers bgp %u %u\n",
	            b->keepalive || b->hold ? b->keepalive : KEEPALIVE,
	            b->keepalive || b->hold ? b->hold : HOLD);
}

static void
say_lacks(struct frr_out *out, const struct policy_bgp *b, const struct policy_bgp_vrf *v)
{
	if (v->auto_summary)
		frr_say_lack(out, FRR_AT_BGP, b->as, NULL, "auto-summary of BGP");
	if (v->synchronization)
		frr_say_lack(out, FRR_AT_BGP, b->as, NULL, "synchronization");
}

void
frr_bgp(struct frr_out *out)
{
	const struct policy_bgp *b = &out->policy->routing.bgp;
	const struct policy_bgp_vrf *v = b->vrfs;

	if (!b->as)
		return;
	say_lacks(out, b, v);
	put_process(out, b);
	for (size_t k = 0; k < v->n_neighbors; k++)
		if (v->neighbors[k].remote_as)
			put_neighbor(out, &v->neighbors[k]);
	put_table(out, b, v);
}
