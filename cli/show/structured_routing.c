/* SPDX-License-Identifier: Apache-2.0 */
/* Routing protocols for scripts. */
#include "cli/show/structured.h"

#include "cli/show/show_routing.h"
#include "compiler/policy/vrf.h"
#include "runtime/base/path.h"

/* --- OSPF ------------------------------------------------------------------------------------- */

static void
put_ospf_neighbor(struct emit *e, const struct routing_ospf_neighbor *n, const char *interface)
{
	emit_map(e, NULL);
	emit_addr(e, "id", n->id);
	emit_addr(e, "address", n->addr);
	emit_string(e, "interface", interface);
	emit_string(e, "state", n->state);
	emit_string(e, "role", *n->role == '-' ? NULL : n->role);
	emit_int(e, "priority", n->priority);
	emit_int(e, "dead_seconds", n->dead / 1000);
	emit_int(e, "up_seconds", n->up / 1000);
	emit_end(e);
}

static void
put_ospf_interface(struct emit *e, const struct routing_ospf *o,
                   const struct routing_ospf_interface *f)
{
	char a[ADDR_TEXT_MAX];

	emit_map(e, NULL);
	emit_string(e, "name", f->name);
	emit_int(e, "process", o->conf->process);
	emit_int(e, "area", f->area);
	emit_printf(e, "address", "%s/%u", addr_text(f->addr, a), f->len);
	emit_int(e, "cost", f->cost);
	emit_string(e, "network_type", f->network);
	emit_string(e, "state", f->state);
	emit_bool(e, "passive", f->passive);
	emit_addr(e, "designated_router", f->dr);
	emit_addr(e, "backup_designated_router", f->bdr);
	emit_int(e, "hello_seconds", f->hello);
	emit_int(e, "dead_seconds", f->dead);
	emit_int(e, "neighbors", (int64_t)f->n_neighbors);
	emit_int(e, "adjacent", (int64_t)f->n_full);
	emit_end(e);
}

static void
put_ospf_neighbors(struct showing *s, struct emit *e)
{
	const struct routing_state *state = showing_neighbors(s);

	emit_list(e, "neighbors");
	for (size_t p = 0; p < state->n_ospf; p++)
		for (size_t i = 0; i < state->ospf[p].n_interfaces; i++) {
			const struct routing_ospf_interface *f = &state->ospf[p].interfaces[i];

			for (size_t k = 0; k < f->n_neighbors; k++)
				put_ospf_neighbor(e, &f->neighbors[k], f->name);
		}
	emit_end(e);
}

static void
put_ospf_interfaces(struct showing *s, struct emit *e)
{
	const struct routing_state *state = showing_routing(s);

	emit_list(e, "interfaces");
	for (size_t p = 0; p < state->n_ospf; p++)
		for (size_t i = 0; i < state->ospf[p].n_interfaces; i++)
			put_ospf_interface(e, &state->ospf[p], &state->ospf[p].interfaces[i]);
	emit_end(e);
}

static void
put_ospf_area(struct emit *e, const struct routing_ospf_area *a)
{
	emit_map(e, NULL);
	emit_int(e, "area", a->area);
	emit_string(e, "type", a->stub ? "stub" : a->nssa ? "nssa" : "normal");
	emit_int(e, "interfaces", (int64_t)a->n_interfaces);
	emit_int(e, "router_lsas", (int64_t)a->n_routers);
	emit_int(e, "network_lsas", (int64_t)a->n_networks);
	emit_int(e, "summary_lsas", (int64_t)a->n_summaries);
	emit_int(e, "asbr_summary_lsas", (int64_t)a->n_asbr_summaries);
	emit_end(e);
}

static void
put_process(struct emit *e, const struct routing_ospf *o)
{
	emit_map(e, NULL);
	emit_string(e, "protocol", "ospf");
	emit_int(e, "process", o->conf->process);
	emit_string(e, "vrf", o->vrf);
	emit_addr(e, "router_id", o->router_id);
	emit_bool(e, "area_border_router", o->border);
	emit_bool(e, "as_boundary_router", o->external);
	emit_int(e, "external_lsas", (int64_t)o->n_externals);
	emit_list(e, "areas");
	for (size_t k = 0; k < o->n_areas; k++)
		put_ospf_area(e, &o->areas[k]);
	emit_end(e);
	emit_end(e);
}

static void
put_ospf(struct showing *s, struct emit *e)
{
	const struct routing_state *state = showing_routing(s);

	emit_list(e, "processes");
	for (size_t k = 0; k < state->n_ospf; k++)
		put_process(e, &state->ospf[k]);
	emit_end(e);
}

/* --- EIGRP, RIP, BGP -------------------------------------------------------------------------- */

/* The VRF that the command names; nothing is in one that there is not. */
static uint32_t
wanted_vrf(struct showing *s)
{
	const char *name = command_str(s->cmd, ARG_VRF);

	if (name && !policy_vrf_find(s->policy, name))
		shell_refuse(s->sh);
	return vrf_number(name);
}

/* Its protocols; the snapshot's time goes to *ret_now. */
static const struct routing_vrf *
put_vrf(struct showing *s, struct emit *e, msec *ret_now)
{
	emit_string(e, "vrf", command_str(s->cmd, ARG_VRF));
	return showing_routing_vrf(s, wanted_vrf(s), ret_now);
}

static void
put_eigrp_neighbors(struct showing *s, struct emit *e)
{
	msec now;
	const struct routing_vrf *v = put_vrf(s, e, &now);

	emit_list(e, "neighbors");
	for (size_t p = 0; p < v->n_eigrp; p++)
		for (size_t k = 0; k < v->eigrp[p].n_neighbors; k++) {
			const struct eigrp_neighbor *n = &v->eigrp[p].neighbors[k];

			emit_map(e, NULL);
			emit_int(e, "as", v->eigrp[p].as);
			emit_addr(e, "address", n->addr);
			emit_string(e, "interface", n->interface);
			emit_int(e, "hold_seconds", n->hold / 1000);
			emit_int(e, "up_seconds", (now - n->since) / 1000);
			emit_end(e);
		}
	emit_end(e);
}

static void
put_eigrp_interfaces(struct showing *s, struct emit *e)
{
	msec now;
	const struct routing_vrf *v = put_vrf(s, e, &now);

	emit_list(e, "interfaces");
	for (size_t p = 0; p < v->n_eigrp; p++)
		for (size_t k = 0; k < v->eigrp[p].n_interfaces; k++) {
			const struct eigrp_interface *f = &v->eigrp[p].interfaces[k];

			emit_map(e, NULL);
			emit_int(e, "as", v->eigrp[p].as);
			emit_string(e, "name", f->name);
			emit_bool(e, "passive", f->passive);
			emit_int(e, "bandwidth_kbits", f->bandwidth);
			emit_int(e, "delay_microseconds", (int64_t)f->delay * 10);
			emit_int(e, "neighbors", (int64_t)f->n_neighbors);
			emit_end(e);
		}
	emit_end(e);
}

static void
put_eigrp_entry(struct emit *e, uint32_t as, const struct eigrp_entry *r)
{
	char a[ADDR_TEXT_MAX];

	emit_map(e, NULL);
	emit_int(e, "as", as);
	emit_printf(e, "prefix", "%s/%u", addr_text(r->to.addr, a), r->to.len);
	emit_int(e, "feasible_distance", r->distance);
	emit_int(e, "successors", (int64_t)r->n_successors);
	emit_list(e, "paths");
	for (size_t k = 0; k < r->n_paths; k++) {
		emit_map(e, NULL);
		emit_addr(e, "next_hop", r->paths[k].via);
		emit_string(e, "interface", r->paths[k].interface);
		emit_int(e, "distance", r->paths[k].cost);
		emit_int(e, "reported_distance", r->paths[k].reported);
		emit_bool(e, "successor", r->paths[k].successor);
		emit_bool(e, "feasible", r->paths[k].feasible);
		emit_bool(e, "external", r->paths[k].external);
		emit_end(e);
	}
	emit_end(e);
	emit_end(e);
}

static void
put_eigrp_topology(struct showing *s, struct emit *e)
{
	msec now;
	const struct routing_vrf *v = put_vrf(s, e, &now);

	emit_list(e, "entries");
	for (size_t p = 0; p < v->n_eigrp; p++)
		for (size_t k = 0; k < v->eigrp[p].n_entries; k++)
			put_eigrp_entry(e, v->eigrp[p].as, &v->eigrp[p].entries[k]);
	emit_end(e);
}

static void
put_rip_database(struct showing *s, struct emit *e)
{
	msec now;
	const struct routing_vrf *v = put_vrf(s, e, &now);
	char a[ADDR_TEXT_MAX];

	emit_list(e, "entries");
	for (size_t k = 0; k < v->rip.n_entries; k++) {
		const struct rip_entry *r = &v->rip.entries[k];

		emit_map(e, NULL);
		emit_printf(e, "prefix", "%s/%u", addr_text(r->to.addr, a), r->to.len);
		emit_int(e, "hops", r->hops);
		emit_bool(e, "connected", r->connected);
		emit_list(e, "next_hops");
		for (uint8_t h = 0; r->learned && h < r->n_hops; h++)
			emit_string(e, NULL, addr_text(r->via[h].via, a));
		emit_end(e);
		emit_end(e);
	}
	emit_end(e);
}

/* That of a table, or all of VPNv4; the snapshot's time goes to *ret_now. */
static const struct bgp_shown *
put_bgp(struct showing *s, struct emit *e, msec *ret_now)
{
	const struct routing_vrf *v = put_vrf(s, e, ret_now);

	return command_has(s->cmd, ARG_ALL) ? &showing_routing(s)->vpnv4 : &v->bgp;
}

static void
put_bgp_sessions(struct showing *s, struct emit *e)
{
	static const char *const states[] = {"idle", "active", "established"};
	msec now;
	const struct bgp_shown *b = put_bgp(s, e, &now);

	emit_int(e, "as", b->as);
	emit_addr(e, "router_id", b->router_id);
	emit_list(e, "neighbors");
	for (size_t k = 0; k < b->n_sessions; k++) {
		const struct bgp_session *n = &b->sessions[k];

		emit_map(e, NULL);
		emit_addr(e, "address", n->conf->addr);
		emit_int(e, "remote_as", n->remote_as);
		emit_string(e, "state", states[n->state]);
		emit_int(e, "state_seconds", (now - n->since) / 1000);
		emit_int(e, "prefixes_received", n->received);
		emit_string(e, "last_reset", n->reset_text);
		emit_end(e);
	}
	emit_end(e);
}

/* What a path has for VPNs; nothing where it has nothing. */
static void
put_bgp_vpn(struct emit *e, const struct bgp_shown_path *p)
{
	char target[ROUTE_TARGET_TEXT_MAX];

	if (p->n_targets) {
		emit_list(e, "route_targets");
		for (size_t k = 0; k < p->n_targets; k++)
			emit_string(e, NULL, route_target_text(p->targets[k], target));
		emit_end(e);
	}
	if (p->in)
		emit_int(e, "label_in", p->in);
	if (p->out)
		emit_int(e, "label_out", p->out);
	if (p->unlabelled)
		emit_bool(e, "unlabelled", true);
}

static void
put_bgp_path(struct emit *e, const struct bgp_shown_path *p)
{
	static const char *const origins[] = {"igp", "egp", "incomplete"};

	emit_map(e, NULL);
	emit_bool(e, "best", p->best);
	emit_bool(e, "valid", p->valid);
	emit_addr(e, "next_hop", p->next_hop);
	emit_addr(e, "from", p->from);
	emit_string(e, "origin", origins[p->origin < 3 ? p->origin : 2]);
	emit_int(e, "med", p->med);
	emit_int(e, "local_preference", p->local_preference);
	emit_int(e, "weight", p->weight);
	emit_list(e, "as_path");
	for (size_t k = 0; k < p->n_as; k++)
		emit_int(e, NULL, p->as[k]);
	emit_end(e);
	emit_list(e, "communities");
	for (size_t k = 0; k < p->n_communities; k++)
		emit_printf(e, NULL, "%u:%u", p->communities[k] >> 16, p->communities[k] & 0xffff);
	emit_end(e);
	put_bgp_vpn(e, p);
	emit_end(e);
}

static void
put_bgp_table(struct showing *s, struct emit *e)
{
	msec now;
	const struct bgp_shown *b = put_bgp(s, e, &now);
	char a[ADDR_TEXT_MAX], rd[ROUTE_TARGET_TEXT_MAX];

	emit_int(e, "as", b->as);
	emit_list(e, "routes");
	for (size_t k = 0; k < b->n_routes; k++) {
		const struct bgp_shown_route *r = &b->routes[k];

		emit_map(e, NULL);
		emit_printf(e, "prefix", "%s/%u", addr_text(r->to.addr, a), r->to.len);
		if (r->has_rd) {
			emit_string(e, "rd", route_target_text(r->rd, rd));
			emit_string(e, "vrf", r->vrf);
		}
		emit_list(e, "paths");
		for (size_t i = 0; i < r->n; i++)
			put_bgp_path(e, &r->paths[i]);
		emit_end(e);
		emit_end(e);
	}
	emit_end(e);
}

static void
put_protocols_of(struct emit *e, const struct routing_vrf *v)
{
	for (size_t k = 0; k < v->n_eigrp; k++) {
		emit_map(e, NULL);
		emit_string(e, "protocol", "eigrp");
		emit_int(e, "process", v->eigrp[k].as);
		emit_string(e, "vrf", v->name);
		emit_addr(e, "router_id", v->eigrp[k].router_id);
		emit_end(e);
	}
	if (v->rip.conf) {
		emit_map(e, NULL);
		emit_string(e, "protocol", "rip");
		emit_string(e, "vrf", v->name);
		emit_end(e);
	}
	if (v->bgp.as) {
		emit_map(e, NULL);
		emit_string(e, "protocol", "bgp");
		emit_int(e, "process", v->bgp.as);
		emit_string(e, "vrf", v->name);
		emit_addr(e, "router_id", v->bgp.router_id);
		emit_end(e);
	}
}

static void
put_protocols(struct showing *s, struct emit *e)
{
	const struct routing_state *state = showing_routing(s);
	const uint32_t vrf = wanted_vrf(s);
	msec now;

	emit_list(e, "protocols");
	for (size_t k = 0; k < state->n_ospf; k++)
		if (vrf_number(state->ospf[k].vrf) == vrf)
			put_process(e, &state->ospf[k]);
	put_protocols_of(e, showing_routing_vrf(s, vrf, &now));
	emit_end(e);
}

/* --- MPLS ------------------------------------------------------------------------------------- */

static void
put_mpls_interfaces(struct showing *s, struct emit *e)
{
	const struct mpls_shown *m = &showing_routing(s)->mpls;

	emit_list(e, "interfaces");
	for (size_t k = 0; k < m->n_interfaces; k++) {
		emit_map(e, NULL);
		emit_string(e, "name", m->interfaces[k].name);
		emit_bool(e, "operational", m->interfaces[k].up);
		emit_end(e);
	}
	emit_end(e);
}

/* "pop", or none where the neighbour has told none. */
static void
put_mpls_way(struct emit *e, const struct mpls_way *w)
{
	emit_map(e, NULL);
	emit_string(e, "interface", w->interface);
	emit_addr(e, "next_hop", w->via);
	if (w->label == MPLS_IMPLICIT_NULL)
		emit_bool(e, "pop", true);
	else if (w->label != MPLS_NO_LABEL)
		emit_int(e, "label", w->label);
	emit_end(e);
}

static void
put_mpls_forwarding(struct showing *s, struct emit *e)
{
	const struct mpls_shown *m = &showing_routing(s)->mpls;
	char a[ADDR_TEXT_MAX];

	emit_list(e, "labels");
	for (size_t k = 0; k < m->n_entries; k++) {
		const struct mpls_entry *x = &m->entries[k];

		emit_map(e, NULL);
		emit_int(e, "label", x->label);
		emit_printf(e, "prefix", "%s/%u", addr_text(x->to.addr, a), x->to.len);
		emit_string(e, "vrf", x->vrf);
		emit_int(e, "bytes", (int64_t)x->bytes);
		emit_list(e, "ways");
		for (size_t i = 0; i < x->n; i++)
			put_mpls_way(e, &x->ways[i]);
		emit_end(e);
		emit_end(e);
	}
	emit_end(e);
}

static void
put_ldp_neighbors(struct showing *s, struct emit *e)
{
	const struct routing_state *state = showing_routing(s);
	const struct mpls_shown *m = &state->mpls;

	emit_addr(e, "id", m->id);
	emit_list(e, "neighbors");
	for (size_t k = 0; k < m->n_neighbors; k++) {
		const struct ldp_neighbor *n = &m->neighbors[k];

		emit_map(e, NULL);
		emit_addr(e, "id", n->id);
		emit_bool(e, "session", n->up);
		emit_int(e, "up_seconds", (state->now - n->since) / 1000);
		emit_list(e, "interfaces");
		for (size_t i = 0; i < n->n_links; i++)
			emit_string(e, NULL, n->links[i].interface);
		emit_end(e);
		emit_end(e);
	}
	emit_end(e);
}

const struct command_view structured_routing[] = {
    {.handler = H_SHOW_IP_OSPF, .put = put_ospf},
    {.handler = H_SHOW_IP_PROTOCOLS, .put = put_protocols},
    {.handler = H_SHOW_IP_OSPF_DATABASE_SUMMARY, .put = put_ospf},
    {.handler = H_SHOW_IP_OSPF_NEIGHBOR, .put = put_ospf_neighbors},
    {.handler = H_SHOW_ASA_OSPF_NEIGHBOR, .put = put_ospf_neighbors},
    {.handler = H_SHOW_IP_OSPF_INTERFACE, .put = put_ospf_interfaces},
    {.handler = H_SHOW_IP_OSPF_INTERFACE_BRIEF, .put = put_ospf_interfaces},
    {.handler = H_SHOW_IP_EIGRP_NEIGHBORS, .put = put_eigrp_neighbors},
    {.handler = H_SHOW_IP_EIGRP_INTERFACES, .put = put_eigrp_interfaces},
    {.handler = H_SHOW_IP_EIGRP_TOPOLOGY, .put = put_eigrp_topology},
    {.handler = H_SHOW_IP_RIP_DATABASE, .put = put_rip_database},
    {.handler = H_SHOW_MPLS_INTERFACES, .put = put_mpls_interfaces},
    {.handler = H_SHOW_MPLS_FORWARDING, .put = put_mpls_forwarding},
    {.handler = H_SHOW_MPLS_LDP_NEIGHBOR, .put = put_ldp_neighbors},
    {.handler = H_SHOW_IP_BGP_SUMMARY, .put = put_bgp_sessions},
    {.handler = H_SHOW_IP_BGP_NEIGHBORS, .put = put_bgp_sessions},
    {.handler = H_SHOW_IP_BGP_TABLE, .put = put_bgp_table},
    {.put = NULL},
};
