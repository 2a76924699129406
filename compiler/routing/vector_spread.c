/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From those who have a prefix to all that hear of it, the best first. Longer prefixes come before
 * shorter ones: what a summary stands for is known by the time it is told.
 */
#include "compiler/routing/vector_priv.h"

#include <stdlib.h>
#include <string.h>

/* --- the work of one prefix ------------------------------------------------------------------- */

struct place {                     /* of a member */
	bool touched, found, done; /* found: route is an offer or its own */
	const struct vector_input *input;
	struct vector_summary *summary; /* that is active */
	struct vector_route route;
	struct routing_hop hops[ROUTING_PATHS_MAX];
};

struct waiting {
	uint64_t rank;
	uint32_t member;
};

struct spread {
	struct vector_net *net;
	struct place *places;
	uint32_t *touched;
	size_t n_touched;
	struct waiting *heap; /* from 1 */
	size_t n_heap, heap_capacity;
};

static bool
waits_before(const struct waiting *a, const struct waiting *b)
{
	return a->rank != b->rank ? a->rank < b->rank : a->member < b->member;
}

static void
heap_push(struct spread *s, struct waiting w)
{
	size_t at;

	x_grow(&s->heap, &s->heap_capacity, s->n_heap + 2, sizeof(*s->heap));
	for (at = ++s->n_heap; at > 1 && waits_before(&w, &s->heap[at / 2]); at /= 2)
		s->heap[at] = s->heap[at / 2];
	s->heap[at] = w;
}

static struct waiting
heap_pop(struct spread *s)
{
	struct waiting first = s->heap[1], last = s->heap[s->n_heap--];
	size_t at = 1;

	for (;;) {
		size_t child = 2 * at;

		if (child > s->n_heap)
			break;
		if (child < s->n_heap && waits_before(&s->heap[child + 1], &s->heap[child]))
			child++;
		if (!waits_before(&s->heap[child], &last))
			break;
		s->heap[at] = s->heap[child];
		at = child;
	}
	s->heap[at] = last;
	return first;
}

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

/* --- offers ----------------------------------------------------------------------------------- */

/* Sorted by address, the lowest kept. */
static void
hop_add(struct place *p, struct routing_hop h, uint8_t max)
{
	uint8_t at = p->route.n_hops;

	for (uint8_t k = 0; k < at; k++)
		if (p->hops[k].via == h.via && p->hops[k].interface == h.interface)
			return; /* two name it */
	while (at > 0 && (h.via < p->hops[at - 1].via ||
	                  (h.via == p->hops[at - 1].via &&
	                   strcmp(h.interface, p->hops[at - 1].interface) < 0)))
		at--;
	if (at >= max)
		return;
	if (p->route.n_hops == max)
		p->route.n_hops--;
	memmove(&p->hops[at + 1], &p->hops[at], (p->route.n_hops - at) * sizeof(*p->hops));
	p->hops[at] = h;
	p->route.n_hops++;
}

/* Another source of the router's has it, and is nearer. */
static bool
other_is_nearer(const struct vector_proc *proc, const struct place *p,
                const struct vector_route *offer)
{
	return p->input && p->input->distance != VECTOR_NOBODY &&
	       p->input->distance <= vector_distance(proc, offer);
}

static void
offer_take(struct spread *s, const struct vector_edge *e, const struct vector_route *offer)
{
	const struct vector_proc *proc = s->net->members[e->to].proc;
	struct place *p = place_touch(s, e->to);
	const struct routing_hop h = {offer->next_hop ? offer->next_hop : offer->teller,
	                              e->in->name};

	if (p->done || other_is_nearer(proc, p, offer) ||
	    (p->found && vector_rank(&p->route) < vector_rank(offer)))
		return;
	if (p->found && vector_rank(&p->route) == vector_rank(offer)) {
		if (p->route.n_hops)
			hop_add(p, h, vector_paths_max(proc));
		return;
	}
	p->found = true;
	p->route = *offer;
	p->route.next_hop = 0; /* others come to this router */
	hop_add(p, h, ROUTING_PATHS_MAX);
	heap_push(s, (struct waiting){vector_rank(offer), e->to});
}

static void
tell_neighbors(struct spread *s, uint32_t member)
{
	const struct vector_member *m = &s->net->members[member];
	const struct place *p = &s->places[member];

	for (uint32_t k = 0; k < m->n_out; k++) {
		const struct vector_edge *e = &s->net->edges[m->first_out + k];
		struct vector_route offer;

		if (p->summary && vector_summarises(e, p->route.to))
			continue; /* told already */
		if (vector_offer(s->net, e, &p->route, p->hops, &offer))
			offer_take(s, e, &offer);
	}
}

static void
tell_summary(struct spread *s, uint32_t member)
{
	const struct vector_member *m = &s->net->members[member];
	const struct vector_summary *sum = s->places[member].summary;

	for (uint32_t k = 0; k < m->n_out; k++) {
		const struct vector_edge *e = &s->net->edges[m->first_out + k];
		struct vector_route offer;

		if (vector_summarises(e, sum->to) &&
		    vector_offer(s->net, e, &sum->route, NULL, &offer))
			offer_take(s, e, &offer);
	}
}

/* --- origins ---------------------------------------------------------------------------------- */

/*
 * Whoever makes a summary of EIGRP's drops what it has no longer prefix for, and listens to no
 * other one that makes the same; it tells it by the interfaces alone where that is configured.
 */
static void
summary_start(struct spread *s, uint32_t member)
{
	struct place *p = &s->places[member];
	const struct vector_proc *proc = s->net->members[member].proc;

	if (proc->protocol == RT_EIGRP && !other_is_nearer(proc, p, &p->summary->route)) {
		p->found = p->done = true;
		p->route = p->summary->route;
	}
	tell_summary(s, member);
}

static void
origin_start(struct spread *s, uint32_t member)
{
	struct place *p = &s->places[member];

	if (!p->input || !p->input->told || p->done)
		return;
	p->found = true;
	p->route = p->input->route;
	heap_push(s, (struct waiting){vector_rank(&p->route), member});
}

/* --- what comes of it ------------------------------------------------------------------------- */

static bool
same_hops(const struct routing_hop *a, const struct routing_hop *b, size_t n)
{
	for (size_t k = 0; k < n; k++)
		if (a[k].via != b[k].via || a[k].interface != b[k].interface)
			return false;
	return true;
}

/* Sets of next hops that a member's routes share are kept once, when they follow each other. */
static uint32_t
hops_keep(struct vector_member *m, const struct place *p)
{
	const size_t n = p->route.n_hops;

	for (size_t back = m->n_routes; back > 0 && back + 4 > m->n_routes; back--) {
		const struct vector_route *r = &m->routes[back - 1];

		if (n && r->n_hops == n && same_hops(&m->hops[r->hops], p->hops, n))
			return r->hops;
	}
	x_grow(&m->hops, &m->hops_capacity, m->n_hops + n, sizeof(*m->hops));
	if (n)
		memcpy(&m->hops[m->n_hops], p->hops, n * sizeof(*p->hops));
	m->n_hops += n;
	return (uint32_t)(m->n_hops - n);
}

static void
summaries_touch(struct vector_member *m, const struct vector_route *r)
{
	for (size_t k = 0; k < m->n_summaries; k++) {
		struct vector_summary *s = &m->summaries[k];

		if (s->to.len >= r->to.len || !prefix_contains(s->to, r->to.addr) ||
		    (s->active && s->route.cost <= r->cost))
			continue;
		s->active = true;
		s->route = (struct vector_route){
		    .to = s->to, .metric = r->metric, .cost = r->cost, .from = VECTOR_SUMMARY};
	}
}

static void
routes_keep(struct spread *s)
{
	for (size_t k = 0; k < s->n_touched; k++) {
		struct place *p = &s->places[s->touched[k]];
		struct vector_member *m = &s->net->members[s->touched[k]];

		if (p->done) {
			p->route.hops = hops_keep(m, p);
			x_grow(&m->routes, &m->routes_capacity, m->n_routes + 1,
			       sizeof(*m->routes));
			m->routes[m->n_routes++] = p->route;
			summaries_touch(m, &p->route);
		}
		*p = (struct place){.touched = false};
	}
	s->n_touched = 0;
}

/* --- all prefixes ----------------------------------------------------------------------------- */

struct event { /* a member has something of a prefix */
	struct prefix to;
	uint32_t member;
	const struct vector_input *input; /* one of the two */
	struct vector_summary *summary;
};

struct events {
	struct event *list;
	size_t n, capacity;
};

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
summary_add(struct vector_member *m, struct prefix to)
{
	if (vector_summary_find(m, to))
		return;
	x_grow(&m->summaries, &m->summaries_capacity, m->n_summaries + 1, sizeof(*m->summaries));
	m->summaries[m->n_summaries++] = (struct vector_summary){.to = to};
}

/* RIP makes summaries of whatever classes there are. */
static void
classes_add(struct vector_net *net, const struct events *ev)
{
	struct prefix last = {0, 0};

	for (size_t k = 0; k < ev->n; k++) {
		uint8_t len = rt_class_len(ev->list[k].to.addr);
		struct prefix major = {ev->list[k].to.addr & prefix_mask(len), len};

		if (!len || ev->list[k].to.len <= len || rt_longest_first(last, major) == 0)
			continue;
		last = major;
		for (size_t i = 0; i < net->n_members; i++)
			if (net->members[i].proc->protocol == RT_RIP &&
			    rip_is_classful(net->members[i].proc->rip))
				summary_add(&net->members[i], major);
	}
}

/* Those of EIGRP's interfaces, whether anybody listens there or not. */
static void
member_summaries(struct vector_member *m)
{
	m->n_summaries = 0;
	for (const struct rt_iface *i = m->proc->node->ifaces; i; i = i->next)
		for (size_t x = 0; i->up && x < i->n_vectors; x++)
			for (size_t k = 0;
			     i->vectors[x].proc == m->proc && k < i->vectors[x].n_summaries; k++)
				summary_add(m, i->vectors[x].summaries[k]);
}

static void
summaries_make(struct vector_net *net, const struct events *ev)
{
	for (size_t k = 0; k < net->n_members; k++)
		member_summaries(&net->members[k]);
	classes_add(net, ev);
}

static void
events_make(struct vector_net *net, struct events *ev)
{
	for (size_t k = 0; k < net->n_members; k++)
		for (size_t i = 0; i < net->members[k].n_inputs; i++)
			event_add(ev, (struct event){.to = net->members[k].inputs[i].route.to,
			                             .member = (uint32_t)k,
			                             .input = &net->members[k].inputs[i]});
	if (ev->n)
		qsort(ev->list, ev->n, sizeof(*ev->list), event_order);
	summaries_make(net, ev);
	for (size_t k = 0; k < net->n_members; k++)
		for (size_t i = 0; i < net->members[k].n_summaries; i++)
			event_add(ev, (struct event){.to = net->members[k].summaries[i].to,
			                             .member = (uint32_t)k,
			                             .summary = &net->members[k].summaries[i]});
	if (ev->n)
		qsort(ev->list, ev->n, sizeof(*ev->list), event_order);
}

static void
prefix_spread(struct spread *s, const struct event *events, size_t n)
{
	for (size_t k = 0; k < n; k++) {
		struct place *p = place_touch(s, events[k].member);

		if (events[k].input)
			p->input = events[k].input;
		else if (events[k].summary->active)
			p->summary = events[k].summary;
	}
	for (size_t k = 0; k < n; k++)
		if (events[k].summary && events[k].summary->active)
			summary_start(s, events[k].member);
	for (size_t k = 0; k < n; k++)
		if (events[k].input)
			origin_start(s, events[k].member);
	while (s->n_heap) {
		struct waiting w = heap_pop(s);
		struct place *p = &s->places[w.member];

		if (p->done || vector_rank(&p->route) != w.rank)
			continue;
		p->done = true;
		tell_neighbors(s, w.member);
	}
	routes_keep(s);
}

void
vector_solve(struct vector_net *net)
{
	struct spread s = {.net = net};
	struct events ev = {.n = 0};
	size_t end;

	for (size_t k = 0; k < net->n_members; k++)
		net->members[k].n_routes = net->members[k].n_hops = 0;
	s.places = x_alloc((net->n_members + 1) * sizeof(*s.places));
	s.touched = x_alloc((net->n_members + 1) * sizeof(*s.touched));
	events_make(net, &ev);
	for (size_t k = 0; k < ev.n; k = end) {
		for (end = k + 1;
		     end < ev.n && rt_longest_first(ev.list[k].to, ev.list[end].to) == 0; end++)
			;
		prefix_spread(&s, &ev.list[k], end - k);
	}
	free(ev.list);
	free(s.places);
	free(s.touched);
	free(s.heap);
}
