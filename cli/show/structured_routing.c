/* SPDX-License-Identifier: Apache-2.0 */
/* Routing protocols for scripts. */
#include "cli/show/structured.h"

#include "cli/show/show_routing.h"

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
	const struct routing_state *state = showing_routing(s);

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
put_processes(struct showing *s, struct emit *e, const char *key)
{
	const struct routing_state *state = showing_routing(s);

	emit_list(e, key);
	for (size_t p = 0; p < state->n_ospf; p++) {
		const struct routing_ospf *o = &state->ospf[p];

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
	emit_end(e);
}

static void
put_ospf(struct showing *s, struct emit *e)
{
	put_processes(s, e, "processes");
}

static void
put_protocols(struct showing *s, struct emit *e)
{
	put_processes(s, e, "protocols");
}

const struct command_view structured_routing[] = {
    {.handler = H_SHOW_IP_OSPF, .put = put_ospf},
    {.handler = H_SHOW_IP_PROTOCOLS, .put = put_protocols},
    {.handler = H_SHOW_IP_OSPF_DATABASE_SUMMARY, .put = put_ospf},
    {.handler = H_SHOW_IP_OSPF_NEIGHBOR, .put = put_ospf_neighbors},
    {.handler = H_SHOW_IP_OSPF_INTERFACE, .put = put_ospf_interfaces},
    {.handler = H_SHOW_IP_OSPF_INTERFACE_BRIEF, .put = put_ospf_interfaces},
    {.put = NULL},
};
