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

struct place { /* of a member */
	bool touched, waiting, chose;
	const struct bgp_path **own;
	size_t n_own, own_capacity;
	const struct bgp_path *best;
};

struct spread {
	struct bgp_net *net;
	struct place *places;
	const struct bgp_path **heard; /* by peer: what it has from its neighbour, */
	const struct bgp_path **told;  /* and what that one last told it */
	uint32_t *touched;
	size_t n_touched;
	uint32_t *queue; /* a ring */
	size_t first, n_queue;
	const struct bgp_path **paths; /* room for all of one speaker */
	size_t paths_capacity;
};

static struct place *
place_touch(struct spread *s, uint32_t member)
{
	struct place *p = &s->places[member];

	if (!p->touched) {
		p->touched = true;
		s->touched[s->n_touched++] = member;
	}
	return p;
}

static void
queue_put(struct spread *s, uint32_t member)
{
	struct place *p = place_touch(s, member);

	if (p->waiting)
		return;
	p->waiting = true;
	s->queue[(s->first + s->n_queue++) % s->net->n_members] = member;
}

static uint32_t
queue_take(struct spread *s)
{
	uint32_t member = s->queue[s->first];

	s->first = (s->first + 1) % s->net->n_members;
	s->n_queue--;
	s->places[member].waiting = false;
	return member;
}

/* --- a speaker's choice ----------------------------------------------------------------------- */

/* All paths that it has of the prefix, into s->paths. */
static size_t
paths_gather(struct spread *s, uint32_t member)
{
	const struct bgp_proc *proc = s->net->members[member].proc;
	const struct place *p = &s->places[member];
	size_t n = 0;

	x_grow(&s->paths, &s->paths_capacity, p->n_own + proc->n_peers + 1,
	       sizeof(struct bgp_path *));
	for (size_t k = 0; k < p->n_own; k++)
		s->paths[n++] = p->own[k];
	for (size_t k = 0; k < proc->n_peers; k++)
		if (s->heard[proc->peers[k]->index])
			s->paths[n++] = s->heard[proc->peers[k]->index];
	return n;
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
	       same_numbers(a->clusters, a->n_clusters, b->clusters, b->n_clusters);
}

/* One neighbour hears what there is for it; true: it is something else than before. */
static void
neighbor_tell(struct spread *s, const struct bgp_peer *p, const struct bgp_path *best,
              struct prefix to)
{
	const struct bgp_peer *other = p->link_end;
	const struct bgp_path *told = NULL;

	if (!other)
		return;
	if (!to.len && bgp_ipv4(p)->default_originate)
		told = bgp_tell_default(s->net, p);
	else if (best)
		told = bgp_tell(s->net, p, best);
	if (same_told(told, s->told[other->index]))
		return;
	s->told[other->index] = told;
	s->heard[other->index] = told ? bgp_take(s->net, other, told) : NULL;
	queue_put(s, (uint32_t)other->proc->index);
}

static void
speaker_choose(struct spread *s, uint32_t member, struct prefix to)
{
	const struct bgp_proc *proc = s->net->members[member].proc;
	struct place *p = &s->places[member];
	const struct bgp_path *best = bgp_best(proc, s->paths, paths_gather(s, member));

	if (best == p->best && p->chose)
		return;
	p->best = best;
	p->chose = true;
	for (size_t k = 0; k < proc->n_peers; k++)
		neighbor_tell(s, proc->peers[k], best, to);
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
route_keep(struct spread *s, uint32_t member, struct prefix to)
{
	struct bgp_member *m = &s->net->members[member];
	const struct place *p = &s->places[member];
	size_t n = paths_gather(s, member);

	if (!n)
		return;
	x_grow(&m->routes, &m->routes_capacity, m->n_routes + 1, sizeof(*m->routes));
	m->routes[m->n_routes++] = (struct bgp_route){
	    .to = to, .best = p->best, .first = (uint32_t)m->n_paths, .n = (uint32_t)n};
	x_grow(&m->paths, &m->paths_capacity, m->n_paths + n, sizeof(struct bgp_path *));
	memcpy(&m->paths[m->n_paths], s->paths, n * sizeof(struct bgp_path *));
	m->n_paths += n;
	if (p->best)
		aggregates_touch(m, p->best);
}

static void
places_clear(struct spread *s, struct prefix to)
{
	for (size_t k = 0; k < s->n_touched; k++)
		route_keep(s, s->touched[k], to);
	for (size_t k = 0; k < s->n_touched; k++) {
		const struct bgp_proc *proc = s->net->members[s->touched[k]].proc;
		struct place *p = &s->places[s->touched[k]];

		for (size_t i = 0; i < proc->n_peers; i++) {
			uint32_t index = (uint32_t)proc->peers[i]->index;

			s->net->received[index] += s->heard[index] != NULL;
			s->heard[index] = s->told[index] = NULL;
		}
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
	size_t steps = ROUNDS_MAX * s->net->n_members;

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

		m->n_routes = m->n_paths = 0;
		for (size_t i = 0; i < m->n_aggregates; i++) {
			m->aggregates[i].active = false;
			m->aggregates[i].n_set = 0;
		}
	}
	memset(net->received, 0, net->n_peers * sizeof(*net->received));
	arena_free(net->arena);
	net->arena = arena_new();
	net->unsettled = false;
}

static void
spread_fini(struct spread *s)
{
	for (size_t k = 0; k < s->net->n_members; k++)
		free(s->places[k].own);
	free(s->places);
	free(s->heard);
	free(s->told);
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
	s.places = x_alloc((net->n_members + 1) * sizeof(*s.places));
	s.heard = x_alloc((net->n_peers + 1) * sizeof(struct bgp_path *));
	s.told = x_alloc((net->n_peers + 1) * sizeof(struct bgp_path *));
	s.touched = x_alloc((net->n_members + 1) * sizeof(*s.touched));
	s.queue = x_alloc((net->n_members + 1) * sizeof(*s.queue));
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
