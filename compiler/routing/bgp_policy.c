/* SPDX-License-Identifier: Apache-2.0 */
/* What a speaker tells a neighbour of its best path, and what that makes of it. */
#include "compiler/routing/bgp_priv.h"

#include <string.h>

#define NO_EXPORT        0xffffff01u /* RFC 1997 */
#define NO_ADVERTISE     0xffffff02u
#define LOCAL_AS         0xffffff03u
#define LOCAL_PREFERENCE 100
#define PRIVATE_FIRST    64512u
#define PRIVATE_LAST     65535u

/* What a neighbour's lines say of the family that a path is of. */
static const struct policy_bgp_family *
family_of(const struct bgp_peer *p, const struct bgp_path *path)
{
	return path->vpn ? bgp_vpnv4(p) : bgp_ipv4(p);
}

/* --- route maps ------------------------------------------------------------------------------- */

static const uint32_t *
numbers_join(struct bgp_net *net, const uint32_t *a, size_t n, const uint32_t *b, size_t m)
{
	uint32_t *joined = arena_alloc(net->arena, (n + m + 1) * sizeof(*joined));

	if (n)
		memcpy(joined, a, n * sizeof(*joined));
	if (m)
		memcpy(joined + n, b, m * sizeof(*joined));
	return joined;
}

static bool
has_number(const uint32_t *numbers, size_t n, uint32_t what)
{
	for (size_t k = 0; k < n; k++)
		if (numbers[k] == what)
			return true;
	return false;
}

static void
communities_set(struct bgp_net *net, const struct policy_route_map_entry *e, struct bgp_path *p)
{
	size_t kept = e->communities_added ? p->n_communities : 0;

	if (!e->sets_communities && !e->n_set_communities)
		return;
	p->communities =
	    numbers_join(net, p->communities, kept, e->set_communities, e->n_set_communities);
	p->n_communities = kept + e->n_set_communities;
}

void
bgp_entry_apply(struct bgp_net *net, const struct policy_route_map_entry *e, struct bgp_path *p)
{
	if (e->sets_metric)
		p->med = e->metric;
	if (e->sets_local_preference)
		p->local_preference = e->local_preference;
	if (e->sets_weight)
		p->weight = e->weight;
	if (e->next_hop)
		p->next_hop = e->next_hop;
	communities_set(net, e, p);
	if (e->n_prepend) {
		p->as = numbers_join(net, e->prepend, e->n_prepend, p->as, p->n_as);
		p->n_as += e->n_prepend;
	}
}

bool
bgp_map_apply(struct bgp_net *net, const struct policy_route_map *map, struct bgp_path *p)
{
	struct rt_attributes a = {.to = p->to,
	                          .metric = p->med,
	                          .next_hop = p->next_hop,
	                          .communities = p->communities,
	                          .n_communities = p->n_communities};

	if (!map)
		return true;
	if (!rt_map_apply(map, &a))
		return false;
	bgp_entry_apply(net, a.entry, p);
	return true;
}

static bool
filter_passes(struct bgp_net *net, const struct policy_route_filter *f, struct bgp_path *p)
{
	return rt_acl_permits(f->acl, p->to) && rt_prefix_list_permits(f->prefix_list, p->to) &&
	       bgp_map_apply(net, f->map, p);
}

/* --- telling ---------------------------------------------------------------------------------- */

/* RFC 4456 6: what comes from the own system is told in it by a reflector alone. */
static bool
may_be_told(const struct bgp_peer *p, const struct bgp_path *best)
{
	bool external = bgp_is_external(p);

	if (best->peer == p || has_number(best->communities, best->n_communities, NO_ADVERTISE))
		return false;
	if (external && best->vpn)
		return false; /* RFC 4364 10: not between providers */
	if (external)
		return !has_number(best->communities, best->n_communities, NO_EXPORT) &&
		       !has_number(best->communities, best->n_communities, LOCAL_AS);
	if (!best->peer || best->external)
		return true;
	return family_of(p, best)->route_reflector_client ||
	       family_of(best->peer, best)->route_reflector_client;
}

/* What is within an aggregate that stands for all of it. */
bool
bgp_is_suppressed(const struct bgp_proc *proc, struct prefix to)
{
	for (size_t k = 0; k < proc->family->n_aggregates; k++) {
		const struct policy_bgp_aggregate *a = &proc->family->aggregates[k];

		if (a->summary_only && a->prefix.len < to.len &&
		    prefix_contains(a->prefix, to.addr))
			return true;
	}
	return false;
}

/* RFC 4271 5.1.3: a third one on the link that both are on is told as it is. */
static bool
is_on_shared_link(const struct bgp_peer *p, uint32_t next_hop)
{
	for (const struct rt_iface *i = p->proc->node->ifaces; i; i = i->next)
		if (i->vrf == p->proc->vrf && i->up && i->addr &&
		    ((i->addr ^ p->addr) & prefix_mask(i->len)) == 0 &&
		    ((i->addr ^ next_hop) & prefix_mask(i->len)) == 0)
			return true;
	return false;
}

static bool
is_private(uint32_t as)
{
	return as >= PRIVATE_FIRST && as <= PRIVATE_LAST;
}

/* IOS: a path of private systems alone is emptied; any other is left as it is. */
static void
private_remove(struct bgp_path *p)
{
	for (size_t k = 0; k < p->n_as; k++)
		if (!is_private(p->as[k]))
			return;
	p->n_as = 0;
}

static void
as_replace(struct bgp_net *net, struct bgp_path *p, uint32_t what, uint32_t by)
{
	uint32_t *as = arena_alloc(net->arena, (p->n_as + 1) * sizeof(*as));

	for (size_t k = 0; k < p->n_as; k++)
		as[k] = p->as[k] == what ? by : p->as[k];
	p->as = as;
}

/* To another system: through this one, by this router; a metric counts one system far. */
static void
tell_external(struct bgp_net *net, const struct bgp_peer *p, struct bgp_path *t)
{
	if (t->source == BGP_LEARNED)
		t->med = 0;
	if (family_of(p, t)->remove_private_as)
		private_remove(t);
	if (family_of(p, t)->as_override)
		as_replace(net, t, p->conf->remote_as, bgp_local_as(p));
	if (!t->next_hop || family_of(p, t)->next_hop_self || !is_on_shared_link(p, t->next_hop))
		t->next_hop = p->local;
	t->local_preference = 0;
	t->originator = 0;
	t->n_clusters = 0;
}

static void
tell_internal(struct bgp_net *net, const struct bgp_peer *p, struct bgp_path *t)
{
	bool reflected = t->peer && !t->external;

	if (!t->next_hop || (family_of(p, t)->next_hop_self_all && !t->vpn) ||
	    (family_of(p, t)->next_hop_self && !reflected))
		t->next_hop = p->local;
	if (!reflected)
		return;
	if (!t->originator) /* RFC 4456 8 */
		t->originator = t->router_id;
	t->clusters = numbers_join(net, &p->proc->cluster_id, 1, t->clusters, t->n_clusters);
	t->n_clusters++;
}

/* What only VPNv4 tells, and what nobody does. */
static void
vpn_finish(const struct bgp_peer *p, struct bgp_path *told)
{
	told->within = NULL;
	told->from = NULL;
	told->imported = told->unlabelled = false;
	if (!told->vpn || !bgp_vpnv4(p)->send_extended_community) {
		told->n_targets = 0;
		told->ospf = (struct bgp_ospf){0};
	}
	if (!told->vpn)
		told->label = 0;
}

/* The own system goes before whatever a route map has put there. */
static const struct bgp_path *
tell_finish(struct bgp_net *net, const struct bgp_peer *p, const struct bgp_path *t)
{
	struct bgp_path *told = arena_memdup(net->arena, t, sizeof(*t));
	uint32_t own[2] = {bgp_local_as(p), p->proc->as};

	if (bgp_is_external(p)) {
		size_t n = own[0] == own[1] ? 1 : 2;

		told->as = numbers_join(net, own, n, told->as, told->n_as);
		told->n_as += n;
	}
	if (!family_of(p, t)->send_community)
		told->n_communities = 0;
	vpn_finish(p, told);
	told->router_id = p->proc->router_id;
	return told;
}

const struct bgp_path *
bgp_tell(struct bgp_net *net, const struct bgp_peer *p, const struct bgp_path *best)
{
	struct bgp_path t;

	if (!may_be_told(p, best) || (!best->vpn && bgp_is_suppressed(p->proc, best->to)))
		return NULL;
	t = *best;
	t.weight = 0;
	if (bgp_is_external(p))
		tell_external(net, p, &t);
	else
		tell_internal(net, p, &t);
	return filter_passes(net, &family_of(p, &t)->out, &t) ? tell_finish(net, p, &t) : NULL;
}

/* With a route map, a route of the table that it lets pass is asked for; its sets count. */
static bool
default_passes(struct bgp_net *net, const struct bgp_peer *p, struct bgp_path *t)
{
	const struct policy_route_map *map = bgp_ipv4(p)->default_map;
	const struct rt_rib *rib = rt_rib_get(p->proc->vrf);

	for (size_t k = 0; map && k < rib->n; k++) {
		struct bgp_path as_if = *t;

		as_if.to = rib->routes[k].to;
		if (!bgp_map_apply(net, map, &as_if))
			continue;
		as_if.to = t->to;
		*t = as_if;
		return true;
	}
	return !map;
}

/* Whether there is such a route or not; what goes out is not filtered. NULL: a map says no. */
const struct bgp_path *
bgp_tell_default(struct bgp_net *net, const struct bgp_peer *p)
{
	struct bgp_path t = {
	    .source = BGP_DEFAULT, .next_hop = p->local, .local_preference = LOCAL_PREFERENCE};

	return default_passes(net, p, &t) ? tell_finish(net, p, &t) : NULL;
}

/* --- taking ----------------------------------------------------------------------------------- */

static size_t
times_in(const uint32_t *numbers, size_t n, uint32_t what)
{
	size_t times = 0;

	for (size_t k = 0; k < n; k++)
		times += numbers[k] == what;
	return times;
}

/* RFC 4271 9.1.2 and RFC 4456 8: it has been here. */
static bool
is_loop(const struct bgp_peer *p, const struct bgp_path *told)
{
	const struct bgp_proc *proc = p->proc;

	if (times_in(told->as, told->n_as, proc->as) + times_in(told->set, told->n_set, proc->as) >
	    family_of(p, told)->allowas_in)
		return true;
	return !bgp_is_external(p) &&
	       (told->originator == proc->router_id ||
	        has_number(told->clusters, told->n_clusters, proc->cluster_id));
}

/* RFC 4271 9.1.2: the way to the next hop, which is not the route itself. */
static void
next_hop_find(const struct bgp_peer *p, struct bgp_path *t)
{
	const struct rt_rib *rib = rt_rib_get(p->proc->vrf);
	const struct rt_route *r = rt_rib_lookup(rib, t->next_hop);
	uint32_t via;

	t->reachable = false;
	if (!r || (r->source == ROUTING_BGP && r->to.addr == t->to.addr && r->to.len == t->to.len))
		return;
	t->reachable = rt_way_out(p->proc->vrf, t->next_hop, &via);
	t->igp = r->source == ROUTING_CONNECTED ? 0 : r->metric;
}

/* `synchronization`: what comes from inside counts when the interior protocol has it, too. */
static bool
is_synchronized(const struct bgp_peer *p, const struct bgp_path *t)
{
	const struct rt_route *r;

	if (!p->proc->family->synchronization || t->external)
		return true;
	r = rt_rib_find(rt_rib_get(p->proc->vrf), t->to);
	return r && r->source != ROUTING_BGP;
}

const struct bgp_path *
bgp_take(struct bgp_net *net, const struct bgp_peer *p, const struct bgp_path *told)
{
	struct bgp_path t = *told;
	uint32_t preference = p->proc->conf->default_local_preference;

	if (is_loop(p, told) || (told->vpn && !bgp_vpn_wants(p->proc, told)))
		return NULL;
	t.source = BGP_LEARNED;
	t.peer = p;
	t.external = bgp_is_external(p);
	t.weight = family_of(p, told)->weight;
	if (t.external)
		t.local_preference = preference ? preference : LOCAL_PREFERENCE;
	if (!filter_passes(net, &family_of(p, told)->in, &t))
		return NULL;
	next_hop_find(p, &t);
	t.reachable = t.reachable && (t.vpn || is_synchronized(p, &t));
	return arena_memdup(net->arena, &t, sizeof(t));
}
