/* SPDX-License-Identifier: Apache-2.0 */
/* What BGP knows, copied for shows. */
#include "compiler/routing/bgp_priv.h"
#include "compiler/routing/mpls_priv.h"

#include <stdlib.h>

static const struct bgp_proc *
speaker_of(const struct routing *r, size_t node, const char *vrf)
{
	const struct rt_node *n = r->nodes[node];
	const struct rt_vrf *in = rt_vrf_find(n, vrf);

	for (size_t k = 0; in && k < n->n_bgp; k++)
		if (n->bgp[k]->vrf == in)
			return n->bgp[k];
	return NULL;
}

static struct bgp_session
session_of(const struct bgp_net *net, const struct bgp_peer *p, bool vpnv4)
{
	const uint32_t *received = vpnv4 ? net->received_vpns : net->received;
	bool up = p->state == BGP_ESTABLISHED;

	return (struct bgp_session){.conf = p->conf,
	                            .remote_as = p->conf->remote_as,
	                            .router_id = up && p->other ? p->other->proc->router_id : 0,
	                            .local = up ? p->local : 0,
	                            .external = bgp_is_external(p),
	                            .vpnv4 = vpnv4,
	                            .state = p->state,
	                            .since = p->since,
	                            .hold = up ? bgp_hold(p) : 0,
	                            .received = up ? received[p->index] : 0,
	                            .reset_text = p->why};
}

static const uint32_t *
numbers_copy(struct arena *a, const uint32_t *numbers, size_t n)
{
	return arena_memdup(a, numbers, n * sizeof(*numbers));
}

static struct bgp_shown_path
path_of(const struct bgp_path *p, bool best, struct arena *a)
{
	return (struct bgp_shown_path){
	    .best = best,
	    .valid = p->reachable,
	    .external = p->external,
	    .local = p->source != BGP_LEARNED,
	    .aggregate = p->source == BGP_AGGREGATE,
	    .origin = p->origin,
	    .next_hop = p->next_hop,
	    .from = p->peer ? p->peer->addr : 0,
	    .router_id = p->router_id,
	    .med = p->med,
	    .local_preference = p->local_preference,
	    .igp = p->igp,
	    .weight = p->weight,
	    .n_as = p->n_as,
	    .n_set = p->n_set,
	    .n_communities = p->n_communities,
	    .n_clusters = p->n_clusters,
	    .as = numbers_copy(a, p->as, p->n_as),
	    .set = numbers_copy(a, p->set, p->n_set),
	    .communities = numbers_copy(a, p->communities, p->n_communities),
	    .clusters = numbers_copy(a, p->clusters, p->n_clusters),
	    .originator = p->originator,
	    .unlabelled = p->unlabelled,
	    .out = p->from ? 0 : p->label,
	    .ospf_domain = p->ospf.domain,
	    .n_targets = p->n_targets,
	    .targets = arena_memdup(a, p->targets, p->n_targets * sizeof(*p->targets))};
}

/* What a VRF tells of its own: its targets, and the label that it has told. */
static void
exported_put(const struct bgp_proc *proc, struct bgp_shown_path *p, struct prefix to)
{
	const struct policy_vrf *vpn = proc->family->vpn;

	if (!bgp_vrf_exports(proc->vrf, to))
		return;
	p->in = mpls_label_get(proc->vrf, to);
	p->n_targets = vpn->n_exports;
	p->targets = vpn->exports;
}

static struct bgp_shown_route
route_of(const struct bgp_member *m, const struct bgp_route *r, struct arena *a)
{
	struct bgp_shown_path *paths = arena_alloc(a, (r->n + 1) * sizeof(*paths));
	size_t n = 0;

	if (r->best)
		paths[n++] = path_of(r->best, true, a);
	if (n && m->plane)
		exported_put(m->proc, &paths[0], r->to);
	for (uint32_t k = 0; k < r->n; k++)
		if (m->paths[r->first + k] != r->best)
			paths[n++] = path_of(m->paths[r->first + k], false, a);
	return (struct bgp_shown_route){.to = r->to,
	                                .n = n,
	                                .paths = paths,
	                                .has_rd = m->proc->family->vpn,
	                                .rd = m->proc->family->vpn ? m->proc->family->vpn->rd : 0,
	                                .vrf = m->proc->vrf->name};
}

static int
route_order(const void *x, const void *y)
{
	const struct bgp_shown_route *a = x, *b = y;

	if (a->rd != b->rd)
		return a->rd < b->rd ? -1 : 1;
	if (a->to.addr != b->to.addr)
		return a->to.addr < b->to.addr ? -1 : 1;
	return a->to.len - b->to.len;
}

struct bgp_shown
routing_bgp_show(struct routing *r, size_t node, const char *vrf, struct arena *a)
{
	const struct bgp_proc *p = speaker_of(r, node, vrf);
	struct bgp_session *sessions;
	struct bgp_shown_route *routes;
	const struct bgp_member *m;
	struct bgp_shown ret;

	if (!p)
		return (struct bgp_shown){.as = 0};
	rt_solve(r);
	m = &r->bgp->members[p->index];
	ret = (struct bgp_shown){
	    .as = p->as, .router_id = p->router_id, .n_routes = m->n_routes, .n_paths = m->n_paths};
	sessions = arena_alloc(a, (p->n_peers + 1) * sizeof(*sessions));
	for (size_t k = 0; k < p->n_peers; k++)
		if (p->peers[k]->conf)
			sessions[ret.n_sessions++] = session_of(r->bgp, p->peers[k], false);
	routes = arena_alloc(a, (m->n_routes + 1) * sizeof(*routes));
	for (size_t k = 0; k < m->n_routes; k++)
		routes[k] = route_of(m, &m->routes[k], a);
	qsort(routes, m->n_routes, sizeof(*routes), route_order);
	ret.sessions = sessions;
	ret.routes = routes;
	return ret;
}

/* --- VPNv4 ------------------------------------------------------------------------------------ */

static bool
is_of_vrf(const struct bgp_net *net, const struct rt_node *n, uint64_t rd)
{
	for (size_t k = 0; k < n->n_bgp; k++)
		if (net->members[n->bgp[k]->index].plane && n->bgp[k]->family->vpn->rd == rd)
			return true;
	return false;
}

static size_t
vpn_routes(const struct bgp_net *net, const struct rt_node *n, struct bgp_shown_route *ret,
           struct arena *a)
{
	size_t count = 0;

	for (size_t k = 0; k < n->n_bgp; k++) {
		const struct bgp_member *m = &net->members[n->bgp[k]->index];

		for (size_t i = 0; i < m->n_vpns; i++) {
			if (is_of_vrf(net, n, m->vpns[i].rd))
				continue;
			ret[count] = route_of(m, &m->vpns[i].route, a);
			ret[count].has_rd = true;
			ret[count++].rd = m->vpns[i].rd;
		}
		for (size_t i = 0; m->plane && i < m->n_routes; i++)
			ret[count++] = route_of(m, &m->routes[i], a);
	}
	qsort(ret, count, sizeof(*ret), route_order);
	return count;
}

/* Those with other edges, and those of VRFs. */
static size_t
vpn_sessions(const struct bgp_net *net, const struct rt_node *n, struct bgp_session *ret)
{
	size_t count = 0;

	for (size_t k = 0; k < n->n_bgp; k++)
		for (size_t i = 0; i < n->bgp[k]->n_peers; i++) {
			const struct bgp_peer *p = n->bgp[k]->peers[i];
			bool edge = !n->bgp[k]->vrf->name;

			if (p->conf && (!edge || bgp_vpnv4(p)->active))
				ret[count++] = session_of(net, p, edge);
		}
	return count;
}

struct bgp_shown
routing_vpnv4_show(struct routing *r, size_t node, struct arena *a)
{
	const struct rt_node *n = r->nodes[node];
	const struct bgp_proc *p = speaker_of(r, node, NULL);
	struct bgp_shown_route *routes;
	struct bgp_session *sessions;
	size_t most = 1, peers = 1;
	struct bgp_shown ret;

	if (!p)
		return (struct bgp_shown){.as = 0};
	rt_solve(r);
	for (size_t k = 0; k < n->n_bgp; k++) {
		const struct bgp_member *m = &r->bgp->members[n->bgp[k]->index];

		most += m->n_vpns + m->n_routes;
		peers += n->bgp[k]->n_peers;
	}
	routes = arena_alloc(a, most * sizeof(*routes));
	sessions = arena_alloc(a, peers * sizeof(*sessions));
	ret = (struct bgp_shown){.as = p->as, .router_id = p->router_id};
	ret.n_routes = vpn_routes(r->bgp, n, routes, a);
	ret.n_sessions = vpn_sessions(r->bgp, n, sessions);
	for (size_t k = 0; k < ret.n_routes; k++)
		ret.n_paths += routes[k].n;
	ret.sessions = sessions;
	ret.routes = routes;
	return ret;
}
