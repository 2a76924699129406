/* SPDX-License-Identifier: Apache-2.0 */
/* What shows see of OSPF. */
#include "compiler/routing/ospf_priv.h"
#include "compiler/routing/state_priv.h"

/* --- neighbours ------------------------------------------------------------------------------- */

static bool
has_designated(const struct rt_iface *i)
{
	return i->ospf.network == OSPF_BROADCAST || i->ospf.network == OSPF_NBMA;
}

static const char *
role_of(const struct rt_iface *i, const struct rt_iface *peer)
{
	if (!has_designated(i))
		return "-";
	return peer->ospf.dr == peer ? "DR" : peer->ospf.bdr == peer ? "BDR" : "DROTHER";
}

/* Hellos come one interval after the other from when it was first heard. */
static msec
dead_left(const struct rt_view *v, msec now)
{
	return v->lost ? v->due - now : v->dead - (now - v->since) % v->hello;
}

static const struct routing_ospf_neighbor *
neighbors_show(const struct rt_iface *i, struct arena *a, size_t *ret_n, size_t *ret_full)
{
	const msec now = i->node->routing->now;
	struct routing_ospf_neighbor *list = arena_alloc(a, (i->n_views + 1) * sizeof(*list));

	*ret_n = *ret_full = 0;
	for (size_t k = 0; k < i->n_views; k++) {
		const struct rt_view *v = &i->views[k];
		const struct ospf_if *o = &v->peer->ospf;

		if (v->protocol != RT_OSPF || v->state == RT_DOWN || !o->proc)
			continue;
		*ret_full += v->state == RT_FULL;
		list[(*ret_n)++] = (struct routing_ospf_neighbor){.id = o->proc->router_id,
		                                                  .addr = v->peer->addr,
		                                                  .priority = o->priority,
		                                                  .state = rt_state_text(v->state),
		                                                  .role = role_of(i, v->peer),
		                                                  .dead = dead_left(v, now),
		                                                  .up = now - v->since,
		                                                  .dr = o->dr ? o->dr->addr : 0,
		                                                  .bdr = o->bdr ? o->bdr->addr : 0};
	}
	return list;
}

/* --- interfaces ------------------------------------------------------------------------------- */

static const char *
network_text(const struct ospf_if *o)
{
	static const char *const names[] = {"BROADCAST", "BROADCAST", "NON_BROADCAST",
	                                    "POINT_TO_POINT", "POINT_TO_MULTIPOINT"};

	return o->loopback ? "LOOPBACK" : names[o->network];
}

static const char *
interface_state(const struct rt_iface *i)
{
	const struct ospf_if *o = &i->ospf;

	if (!i->up)
		return "DOWN";
	if (o->loopback)
		return "LOOPBACK";
	if (!has_designated(i))
		return network_text(o);
	if (o->waiting)
		return "WAITING";
	return o->dr == i ? "DR" : o->bdr == i ? "BDR" : "DROTHER";
}

static struct routing_ospf_interface
interface_show(const struct rt_iface *i, struct arena *a)
{
	const struct ospf_if *o = &i->ospf;
	const msec now = i->node->routing->now;
	struct routing_ospf_interface s = {
	    .name = i->name,
	    .up = i->up,
	    .by_network = !i->conf || !i->conf->ospf || !i->conf->ospf->process,
	    .loopback = o->loopback,
	    .passive = o->passive && !policy_names_loopback(i->name),
	    .addr = i->addr,
	    .len = i->len,
	    .area = o->area,
	    .cost = o->cost,
	    .priority = o->priority,
	    .network = network_text(o),
	    .state = interface_state(i),
	    .hello = (uint32_t)(o->hello / 1000),
	    .dead = (uint32_t)(o->dead / 1000),
	    .hello_due = o->hello - now % o->hello,
	    .auth = o->auth,
	    .key_id = o->key_id,
	};

	if (o->dr && o->dr->ospf.proc) {
		s.dr = o->dr->addr;
		s.dr_id = o->dr->ospf.proc->router_id;
	}
	if (o->bdr && o->bdr->ospf.proc) {
		s.bdr = o->bdr->addr;
		s.bdr_id = o->bdr->ospf.proc->router_id;
	}
	s.neighbors = neighbors_show(i, a, &s.n_neighbors, &s.n_full);
	return s;
}

static const struct routing_ospf_interface *
interfaces_show(const struct ospf_proc *p, struct arena *a, size_t *ret_n)
{
	struct routing_ospf_interface *list;
	size_t n = 0;

	for (const struct rt_iface *i = p->node->ifaces; i; i = i->next)
		n += i->ospf.proc == p;
	list = arena_alloc(a, (n + 1) * sizeof(*list));
	*ret_n = 0;
	for (const struct rt_iface *i = p->node->ifaces; i; i = i->next)
		if (i->ospf.proc == p)
			list[(*ret_n)++] = interface_show(i, a);
	return list;
}

/* --- areas ------------------------------------------------------------------------------------ */

static void
database_count(struct ospf_net *net, const struct ospf_member *m, size_t nth,
               struct routing_ospf_area *ret)
{
	const struct ospf_graph *g = m->areas[nth].graph;

	for (size_t v = 0; v < g->n_vertices; v++)
		if (!g->vertices[v].proc)
			ret->n_networks++;
		else if (g->vertices[v].proc->island == m->proc->island)
			ret->n_routers++;
	ospf_summaries_count(net, m, nth, &ret->n_summaries, &ret->n_asbr_summaries);
}

static struct routing_ospf_area
area_show(struct ospf_net *net, const struct ospf_member *m, size_t nth)
{
	const struct ospf_attachment *at = &m->areas[nth];
	struct routing_ospf_area s = {.area = at->graph->area,
	                              .stub = at->stub,
	                              .nssa = at->nssa,
	                              .no_summary = at->no_summary,
	                              .auth = at->conf ? at->conf->auth : OSPF_AUTH_UNSET};

	for (const struct rt_iface *i = m->proc->node->ifaces; i; i = i->next)
		if (i->ospf.proc == m->proc && i->ospf.area == s.area) {
			s.n_interfaces++;
			s.n_loopbacks += policy_names_loopback(i->name);
		}
	database_count(net, m, nth, &s);
	return s;
}

static size_t
externals_count(const struct ospf_net *net, const struct ospf_member *m)
{
	size_t n = 0;

	for (size_t k = 0; k < net->n_externals; k++) {
		const struct ospf_member *z = &net->members[net->externals[k]];

		if (z->proc->island == m->proc->island)
			n += z->n_externals;
	}
	return n;
}

/* --- processes -------------------------------------------------------------------------------- */

static struct routing_ospf
process_show(struct ospf_net *net, struct ospf_proc *p, struct arena *a)
{
	const struct ospf_member *m = &net->members[p->index];
	struct routing_ospf_area *areas = arena_alloc(a, (m->n_areas + 1) * sizeof(*areas));
	struct routing_ospf s = {.conf = p->conf,
	                         .vrf = p->conf->vrf,
	                         .router_id = p->router_id,
	                         .border = m->border,
	                         .external = m->external,
	                         .n_areas = m->n_areas,
	                         .areas = areas,
	                         .n_externals = externals_count(net, m)};

	for (size_t k = 0; k < m->n_areas; k++)
		areas[k] = area_show(net, m, k);
	s.interfaces = interfaces_show(p, a, &s.n_interfaces);
	s.gateways = rt_gateways(p->vrf, "ospf", p->process, a, &s.n_gateways);
	return s;
}

const struct routing_ospf *
ospf_show(const struct rt_node *n, struct arena *a, size_t *ret_n)
{
	struct routing_ospf *list = arena_alloc(a, (n->n_ospf + 1) * sizeof(*list));

	*ret_n = 0;
	for (size_t k = 0; k < n->n_ospf; k++)
		if (n->ospf[k]->vrf)
			list[(*ret_n)++] = process_show(n->routing->ospf, n->ospf[k], a);
	return list;
}
