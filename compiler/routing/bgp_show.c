/* SPDX-License-Identifier: Apache-2.0 */
/* What BGP knows, copied for shows. */
#include "compiler/routing/bgp_priv.h"

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
session_of(const struct bgp_net *net, const struct bgp_peer *p)
{
	bool up = p->state == BGP_ESTABLISHED;

	return (struct bgp_session){.conf = p->conf,
	                            .remote_as = p->conf->remote_as,
	                            .router_id = up && p->other ? p->other->proc->router_id : 0,
	                            .local = up ? p->local : 0,
	                            .external = bgp_is_external(p),
	                            .state = p->state,
	                            .since = p->since,
	                            .hold = up ? bgp_hold(p) : 0,
	                            .received = up ? net->received[p->index] : 0,
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
	return (struct bgp_shown_path){.best = best,
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
	                               .communities =
	                                   numbers_copy(a, p->communities, p->n_communities),
	                               .clusters = numbers_copy(a, p->clusters, p->n_clusters),
	                               .originator = p->originator};
}

static struct bgp_shown_route
route_of(const struct bgp_member *m, const struct bgp_route *r, struct arena *a)
{
	struct bgp_shown_path *paths = arena_alloc(a, (r->n + 1) * sizeof(*paths));
	size_t n = 0;

	if (r->best)
		paths[n++] = path_of(r->best, true, a);
	for (uint32_t k = 0; k < r->n; k++)
		if (m->paths[r->first + k] != r->best)
			paths[n++] = path_of(m->paths[r->first + k], false, a);
	return (struct bgp_shown_route){.to = r->to, .n = n, .paths = paths};
}

static int
route_order(const void *x, const void *y)
{
	const struct bgp_shown_route *a = x, *b = y;

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
			sessions[ret.n_sessions++] = session_of(r->bgp, p->peers[k]);
	routes = arena_alloc(a, (m->n_routes + 1) * sizeof(*routes));
	for (size_t k = 0; k < m->n_routes; k++)
		routes[k] = route_of(m, &m->routes[k], a);
	qsort(routes, m->n_routes, sizeof(*routes), route_order);
	ret.sessions = sessions;
	ret.routes = routes;
	return ret;
}
