/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What speakers settle on, prefix by prefix, the longest first: each chooses its best path and
 * tells it; who hears something else than before chooses again. That may come to no end (RFC 3345):
 * after some rounds for each speaker it is left as it stands, and said so.
 */
#include "compiler/routing/bgp_priv.h"

#include <stdlib.h>
#include <string.h>

#define ROUNDS_MAX 64 /* choices of one speaker about one prefix */
#define WEIGHT     32768
#define PREFERENCE 100

struct event { /* a speaker has something of a prefix */
	struct prefix to;
	uint32_t member;
	const struct bgp_path *origin; /* one of the three */
	struct bgp_aggregate *aggregate;
	bool default_told; /* to some neighbour */
};

struct events {
	struct event *list;
	size_t n, capacity;
};

/*
 * Of a member in a plane: IPv4, or VPNv4 with one distinguisher. Places and sessions are numbered
 * plane by plane.
 */
struct place {
	bool touched, waiting, chose;
	const struct bgp_path **own;
	size_t n_own, own_capacity;
	const struct bgp_path *best;
	const struct bgp_path *exported; /* of a VRF: what it tells VPNv4 */
};

struct spread {
	struct bgp_net *net;
	struct place *places;
	const struct bgp_path **heard;    /* by peer: what it has from its neighbour, */
	const struct bgp_path **told;     /* and what that one last told it */
	const struct bgp_path **imported; /* what a member has from each plane but the first */
	uint32_t *touched;
	size_t n_touched;
	uint32_t *queue; /* a ring */
	size_t first, n_queue;
	const struct bgp_path **paths; /* room for all of one speaker */
	size_t paths_capacity;
};

static size_t
places_count(const struct spread *s)
{
	return (1 + s->net->n_rds) * s->net->n_members;
}

static size_t
plane_of(const struct spread *s, uint32_t at)
{
	return at / s->net->n_members;
}

static const struct bgp_member *
member_at(const struct spread *s, uint32_t at)
{
	return &s->net->members[at % s->net->n_members];
}

/* Where it is kept what the peer has, and was told, in a plane. */
static size_t
session_at(const struct spread *s, size_t plane, const struct bgp_peer *p)
{
	return plane * s->net->n_peers + p->index;
}

static const struct bgp_path **
import_at(const struct spread *s, size_t plane, uint32_t member)
{
	return &s->imported[(plane - 1) * s->net->n_members + member];
}

static struct place *
place_touch(struct spread *s, uint32_t at)
{
	struct place *p = &s->places[at];

	if (!p->touched) {
		p->touched = true;
		s->touched[s->n_touched++] = at;
	}
	return p;
}

static void
queue_put(struct spread *s, uint32_t at)
{
	struct place *p = place_touch(s, at);

	if (p->waiting)
		return;
	p->waiting = true;
	s->queue[(s->first + s->n_queue++) % places_count(s)] = at;
}

static uint32_t
queue_take(struct spread *s)
{
	uint32_t at = s->queue[s->first];

	s->first = (s->first + 1) % places_count(s);
	s->n_queue--;
	s->places[at].waiting = false;
	return at;
}

/* --- a speaker's choice ----------------------------------------------------------------------- */

/* What comes from other planes: of a VRF what it imports, of VPNv4 what this node's VRFs tell. */
static size_t
crossings_gather(struct spread *s, uint32_t at, size_t n)
{
	const size_t plane = plane_of(s, at), members = s->net->n_members;
	uint32_t member = (uint32_t)(at % members);

	for (size_t k = 1; !plane && k <= s->net->n_rds; k++)
		if (*import_at(s, k, member))
			s->paths[n++] = *import_at(s, k, member);
	for (uint32_t k = member; plane && k < members; k++) {
		const struct bgp_member *m = &s->net->members[k];

		if (m->home != member)
			break; /* a node's members stand together */
		if (m->plane == plane && s->places[k].exported)
			s->paths[n++] = s->places[k].exported;
	}
	return n;
}

/* All paths that it has of the prefix, into s->paths. */
static size_t
paths_gather(struct spread *s, uint32_t at)
{
	const struct bgp_proc *proc = member_at(s, at)->proc;
	const struct place *p = &s->places[at];
	size_t n = 0, plane = plane_of(s, at);
	size_t crossings = plane ? proc->node->n_bgp : s->net->n_rds;

	x_grow(&s->paths, &s->paths_capacity, p->n_own + proc->n_peers + crossings + 1,
	       sizeof(struct bgp_path *));
	for (size_t k = 0; k < p->n_own; k++)
		s->paths[n++] = p->own[k];
	for (size_t k = 0; k < proc->n_peers; k++) {
		const struct bgp_path *heard = s->heard[session_at(s, plane, proc->peers[k])];

		if (heard)
			s->paths[n++] = heard;
	}
	return s->net->n_rds ? crossings_gather(s, at, n) : n;
}

static bool
same_numbers(const uint32_t *a, size_t n, const uint32_t *b, size_t m)
{
	return n == m && (!n || memcmp(a, b, n * sizeof(*a)) == 0);
}

static bool
same_told(const struct bgp_path *a, const struct bgp_path *b)
{
	if (!a || !b)
		return a == b;
	return a->next_hop == b->next_hop && a->med == b->med && a->origin == b->origin &&
	       a->local_preference == b->local_preference && a->originator == b->originator &&
	       a->router_id == b->router_id && same_numbers(a->as, a->n_as, b->as, b->n_as) &&
	       same_numbers(a->set, a->n_set, b->set, b->n_set) &&
	       same_numbers(a->communities, a->n_communities, b->communities, b->n_communities) &&
	       same_numbers(a->clusters, a->n_clusters, b->clusters, b->n_clusters) &&
	       a->label == b->label && a->targets == b->targets && a->n_targets == b->n_targets &&
	       a->ospf.domain == b->ospf.domain && a->ospf.type == b->ospf.type &&
	       a->within == b->within;
}

/* Do both ends speak the family of the plane? */
static bool
carries_plane(const struct bgp_peer *p, const struct bgp_peer *other, size_t plane)
{
	return plane ? bgp_vpnv4(p)->active && bgp_vpnv4(other)->active
	             : bgp_ipv4(p)->active && bgp_ipv4(other)->active;
}

/* One neighbour hears what there is for it; true: it is something else than before. */
static void
neighbor_tell(struct spread *s, const struct bgp_peer *p, size_t plane, const struct bgp_path *best,
              struct prefix to)
{
	const struct bgp_peer *other = p->link_end;
	const struct bgp_path *told = NULL;
	size_t at;

	if (!other || !carries_plane(p, other, plane))
		return;
	if (!plane && !to.len && bgp_ipv4(p)->default_originate)
		told = bgp_tell_default(s->net, p);
	else if (best)
		told = bgp_tell(s->net, p, best);
	at = session_at(s, plane, other);
	if (same_told(told, s->told[at]))
		return;
	s->told[at] = told;
	s->heard[at] = told ? bgp_take(s->net, other, told) : NULL;
	queue_put(s, (uint32_t)(plane * s->net->n_members + other->proc->index));
}

/* A VRF's choice goes into the plane of its distinguisher. */
static void
vrf_export(struct spread *s, uint32_t member, const struct bgp_path *best)
{
	const struct bgp_member *m = &s->net->members[member];
	const struct bgp_path *told;

	if (!m->plane || m->home == BGP_NOBODY)
		return;
	told = best ? bgp_vpn_export(s->net, m->proc, best) : NULL;
	if (same_told(told, s->places[member].exported))
		return;
	s->places[member].exported = told;
	queue_put(s, (uint32_t)(m->plane * s->net->n_members + m->home));
}

/* And what VPNv4 has comes into the node's VRFs that want it. */
static void
vrfs_import(struct spread *s, uint32_t home, size_t plane, const struct bgp_path *best)
{
	for (uint32_t k = home; k < s->net->n_members && s->net->members[k].home == home; k++) {
		const struct bgp_path **at = import_at(s, plane, k), *made = NULL;

		if (s->net->members[k].plane && best)
			made = bgp_vpn_import(s->net, s->net->members[k].proc, best);
		if (!made && !*at)
			continue;
		*at = made;
		queue_put(s, k);
	}
}

static void
speaker_choose(struct spread *s, uint32_t at, struct prefix to)
{
	const struct bgp_proc *proc = member_at(s, at)->proc;
	size_t plane = plane_of(s, at);
	struct place *p = &s->places[at];
	const struct bgp_path *best = bgp_best(proc, s->paths, paths_gather(s, at));

	if (best == p->best && p->chose)
		return;
	p->best = best;
	p->chose = true;
	for (size_t k = 0; k < proc->n_peers; k++)
		neighbor_tell(s, proc->peers[k], plane, best, to);
	if (plane)
		vrfs_import(s, (uint32_t)proc->index, plane, best);
	else
		vrf_export(s, at, best);
}

/* --- what comes of it ------------------------------------------------------------------------- */

static void
set_add(struct bgp_aggregate *a, uint32_t as)
{
	for (size_t k = 0; k < a->n_set; k++)
		if (a->set[k] == as)
			return;
	x_grow(&a->set, &a->set_capacity, a->n_set + 1, sizeof(*a->set));
	a->set[a->n_set++] = as;
}

static void
aggregates_touch(struct bgp_member *m, const struct bgp_path *best)
{
	for (size_t k = 0; k < m->n_aggregates; k++) {
		struct bgp_aggregate *a = &m->aggregates[k];

		if (a->conf->prefix.len >= best->to.len ||
		    !prefix_contains(a->conf->prefix, best->to.addr))
			continue;
		a->active = true;
		for (size_t i = 0; a->conf->as_set && i < best->n_as; i++)
			set_add(a, best->as[i]);
		for (size_t i = 0; a->conf->as_set && i < best->n_set; i++)
			set_add(a, best->set[i]);
	}
}

static void
route_keep(struct spread *s, uint32_t at, struct prefix to)
{
	struct bgp_member *m = &s->net->members[at % s->net->n_members];
	const struct place *p = &s->places[at];
	size_t n = paths_gather(s, at), plane = plane_of(s, at);
	const struct bgp_route route = {
	    .to = to, .best = p->best, .first = (uint32_t)m->n_paths, .n = (uint32_t)n};

	if (!n)
		return;
	if (plane) {
		x_grow(&m->vpns, &m->vpns_capacity, m->n_vpns + 1, sizeof(*m->vpns));
		m->vpns[m->n_vpns++] =
		    (struct bgp_vpn_route){.rd = s->net->rds[plane - 1], .route = route};
	} else {
		x_grow(&m->routes, &m->routes_capacity, m->n_routes + 1, sizeof(*m->routes));
		m->routes[m->n_routes++] = route;
	}
	x_grow(&m->paths, &m->paths_capacity, m->n_paths + n, sizeof(struct bgp_path *));
	memcpy(&m->paths[m->n_paths], s->paths, n * sizeof(struct bgp_path *));
	m->n_paths += n;
	if (p->best && !plane)
		aggregates_touch(m, p->best);
}

static void
sessions_clear(struct spread *s, const struct bgp_proc *proc, size_t plane)
{
	uint32_t *received = plane ? s->net->received_vpns : s->net->received;

	for (size_t i = 0; i < proc->n_peers; i++) {
		size_t at = session_at(s, plane, proc->peers[i]);

		received[proc->peers[i]->index] += s->heard[at] != NULL;
		s->heard[at] = s->told[at] = NULL;
	}
}

static void
places_clear(struct spread *s, struct prefix to)
{
	for (size_t k = 0; k < s->n_touched; k++)
		route_keep(s, s->touched[k], to);
	for (size_t k = 0; k < s->n_touched; k++) {
		uint32_t at = s->touched[k];
		struct place *p = &s->places[at];
		size_t plane = plane_of(s, at);

		sessions_clear(s, member_at(s, at)->proc, plane);
		for (size_t i = 1; !plane && i <= s->net->n_rds; i++)
			*import_at(s, i, at) = NULL;
		*p = (struct place){.own = p->own, .own_capacity = p->own_capacity};
	}
	s->n_touched = 0;
	s->first = s->n_queue = 0;
}

/* --- all prefixes ----------------------------------------------------------------------------- */

static int
event_order(const void *x, const void *y)
{
	const struct event *a = x, *b = y;
	int order = rt_longest_first(a->to, b->to);

	return order ? order : a->member < b->member ? -1 : a->member > b->member;
}

static void
event_add(struct events *ev, struct event e)
{
	x_grow(&ev->list, &ev->capacity, ev->n + 1, sizeof(*ev->list));
	ev->list[ev->n++] = e;
}

static void
member_events(struct bgp_net *net, uint32_t member, struct events *ev)
{
	struct bgp_member *m = &net->members[member];
	struct bgp_origins own = {.n = 0};
	struct bgp_path *kept;
	bool default_told = false;

	bgp_origins_add(net, m->proc, rt_rib_get(m->proc->vrf), &own);
	kept = arena_memdup(net->arena, own.list, own.n * sizeof(*own.list));
	for (size_t k = 0; k < own.n; k++)
		event_add(ev,
		          (struct event){.to = kept[k].to, .member = member, .origin = &kept[k]});
	free(own.list);
	for (size_t k = 0; k < m->n_aggregates; k++)
		event_add(ev, (struct event){.to = m->aggregates[k].conf->prefix,
		                             .member = member,
		                             .aggregate = &m->aggregates[k]});
	for (size_t k = 0; k < m->proc->n_peers; k++)
		default_told = default_told || (m->proc->peers[k]->conf &&
		                                bgp_ipv4(m->proc->peers[k])->default_originate);
	if (default_told)
		event_add(ev, (struct event){.member = member, .default_told = true});
}

static const struct bgp_path *
aggregate_path(struct bgp_net *net, const struct bgp_proc *proc, const struct bgp_aggregate *a)
{
	uint32_t preference = proc->conf->default_local_preference;
	const struct bgp_path p = {.to = a->conf->prefix,
	                           .source = BGP_AGGREGATE,
	                           .reachable = true,
	                           .weight = WEIGHT,
	                           .local_preference = preference ? preference : PREFERENCE,
	                           .router_id = proc->router_id,
	                           .n_set = a->n_set,
	                           .set = a->set};

	return arena_memdup(net->arena, &p, sizeof(p));
}

static void
event_start(struct spread *s, const struct event *e)
{
	const struct bgp_proc *proc = s->net->members[e->member].proc;
	const struct bgp_path *own = e->origin;
	struct place *p = &s->places[e->member];

	if (e->aggregate && e->aggregate->active)
		own = aggregate_path(s->net, proc, e->aggregate);
	if (!own && !e->default_told)
		return;
	if (own) {
		x_grow(&p->own, &p->own_capacity, p->n_own + 1, sizeof(struct bgp_path *));
		p->own[p->n_own++] = own;
	}
	queue_put(s, e->member);
}

static void
prefix_spread(struct spread *s, const struct event *events, size_t n)
{
	size_t steps = ROUNDS_MAX * places_count(s);

	for (size_t k = 0; k < n; k++)
		event_start(s, &events[k]);
	for (; s->n_queue && steps; steps--)
		speaker_choose(s, queue_take(s), events->to);
	if (s->n_queue)
		s->net->unsettled = true;
	places_clear(s, events->to);
}

/* --- start and end ---------------------------------------------------------------------------- */

/* Whom each session's words go to. */
static void
ends_find(struct bgp_net *net)
{
	for (size_t k = 0; k < net->n_peers; k++)
		net->peers[k]->link_end = NULL;
	for (size_t k = 0; k < net->n_peers; k++) {
		struct bgp_peer *p = net->peers[k], *q = p->other;

		if (q && bgp_session_tells(q, p))
			q->link_end = p;
		if (q && bgp_session_tells(p, q))
			p->link_end = q;
	}
}

static void
members_clear(struct bgp_net *net)
{
	for (size_t k = 0; k < net->n_members; k++) {
		struct bgp_member *m = &net->members[k];

		m->n_routes = m->n_paths = m->n_vpns = 0;
		for (size_t i = 0; i < m->n_aggregates; i++) {
			m->aggregates[i].active = false;
			m->aggregates[i].n_set = 0;
		}
	}
	memset(net->received, 0, net->n_peers * sizeof(*net->received));
	memset(net->received_vpns, 0, net->n_peers * sizeof(*net->received_vpns));
	arena_free(net->arena);
	net->arena = arena_new();
	net->unsettled = false;
}

static void
spread_init(struct spread *s)
{
	size_t places = places_count(s) + 1, sessions = (1 + s->net->n_rds) * s->net->n_peers + 1;

	s->places = x_alloc(places * sizeof(*s->places));
	s->heard = x_alloc(sessions * sizeof(struct bgp_path *));
	s->told = x_alloc(sessions * sizeof(struct bgp_path *));
	s->imported = x_alloc(places * sizeof(struct bgp_path *));
	s->touched = x_alloc(places * sizeof(*s->touched));
	s->queue = x_alloc(places * sizeof(*s->queue));
}

static void
spread_fini(struct spread *s)
{
	for (size_t k = 0; k < places_count(s); k++)
		free(s->places[k].own);
	free(s->places);
	free(s->heard);
	free(s->told);
	free(s->imported);
	free(s->touched);
	free(s->queue);
	free(s->paths);
}

void
bgp_solve(struct bgp_net *net)
{
	struct spread s = {.net = net};
	struct events ev = {.n = 0};
	size_t end;

	members_clear(net);
	ends_find(net);
	spread_init(&s);
	for (uint32_t k = 0; k < net->n_members; k++)
		member_events(net, k, &ev);
	if (ev.n)
		qsort(ev.list, ev.n, sizeof(*ev.list), event_order);
	for (size_t k = 0; k < ev.n; k = end) {
		for (end = k + 1;
		     end < ev.n && rt_longest_first(ev.list[k].to, ev.list[end].to) == 0; end++)
			;
		prefix_spread(&s, &ev.list[k], end - k);
	}
	free(ev.list);
	spread_fini(&s);
}
