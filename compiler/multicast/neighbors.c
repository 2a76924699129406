/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PIM neighbours, and who is the designated router of a link.
 *
 *         both are up                    its hello came
 *  nobody ------------> hello wait (due) --------------> up
 *    ^                        |                           |
 *    +------------------------+-- own line down, or the other has said that it goes: at once
 *                                 silence: after its hold time (due)
 */
#include "compiler/multicast/multicast_priv.h"

#define ALL_PIM_ROUTERS 0xe000000d /* 224.0.0.13 */

bool
mc_pim(const struct mc_iface *i)
{
	return i->conf && i->conf->multicast && i->conf->multicast->pim != PIM_OFF &&
	       i->conf->has_address && mc_table_on(i->table);
}

/* Does it speak to routers? */
static bool
says_hello(const struct mc_iface *i)
{
	return mc_pim(i) && i->conf->multicast->pim != PIM_PASSIVE;
}

static bool
hears_hello(const struct multicast *m, const struct mc_iface *i, const struct mc_iface *peer)
{
	return mc_alive(peer) && !peer->node->frozen && says_hello(peer) &&
	       mc_reaches(m, peer, i) && mc_admits(i, PROTO_PIM, peer->conf->addr, ALL_PIM_ROUTERS);
}

/* It said that it goes: PIM was taken away there, or the interface shut down. */
static bool
has_left(const struct mc_iface *peer)
{
	return peer->node->on && peer->conf && (!says_hello(peer) || peer->conf->shutdown);
}

static void
tell_neighbor(const struct mc_iface *i, uint32_t addr, bool up)
{
	const struct multicast *m = i->node->multicast;

	if (m->env.told && i->node->on && i->table)
		m->env.told(m->env.arg, i->node->number,
		            &(struct multicast_event){.kind = MULTICAST_NEIGHBOR,
		                                      .interface = i->name,
		                                      .vrf = i->table->vrf,
		                                      .neighbor = addr,
		                                      .up = up});
}

static struct mc_neighbor *
neighbor_of(struct mc_iface *i, const struct mc_iface *peer)
{
	for (size_t k = 0; k < i->n_neighbors; k++)
		if (i->neighbors[k].peer == peer)
			return &i->neighbors[k];
	return NULL;
}

static void
neighbor_drop(struct mc_iface *i, struct mc_neighbor *n)
{
	if (n->up) {
		i->node->multicast->generation++;
		tell_neighbor(i, n->peer->conf ? n->peer->conf->addr : 0, false);
	}
	*n = i->neighbors[--i->n_neighbors];
}

static msec
hold_time(const struct mc_iface *peer)
{
	uint32_t hello =
	    peer->conf && peer->conf->multicast ? peer->conf->multicast->query_interval : 30;

	return SECONDS(hello) * 7 / 2;
}

/* One that is heard. */
static msec
neighbor_heard(struct multicast *m, struct mc_iface *i, struct mc_iface *peer)
{
	struct mc_neighbor *n = neighbor_of(i, peer);

	if (!n) {
		x_grow(&i->neighbors, &i->neighbors_capacity, i->n_neighbors + 1,
		       sizeof(*i->neighbors));
		n = &i->neighbors[i->n_neighbors++];
		*n = (struct mc_neighbor){.peer = peer, .due = m->now + MC_HELLO_WAIT};
	}
	if (!n->up && n->due <= m->now) {
		n->up = true;
		n->since = m->now;
		m->generation++;
		tell_neighbor(i, peer->conf->addr, true);
	}
	if (n->up)
		n->due = MSEC_NEVER;
	return n->due;
}

/* One that is not: silent, or gone. */
static msec
neighbor_missed(struct multicast *m, struct mc_iface *i, struct mc_neighbor *n)
{
	if (!n->up || has_left(n->peer)) {
		neighbor_drop(i, n);
		return MSEC_NEVER;
	}
	if (n->due == MSEC_NEVER)
		n->due = m->now + hold_time(n->peer);
	if (n->due > m->now)
		return n->due;
	neighbor_drop(i, n);
	return MSEC_NEVER;
}

static void
dr_update(struct mc_iface *i)
{
	const struct multicast *m = i->node->multicast;
	uint32_t dr = mc_alive(i) && mc_pim(i) ? mc_dr(i) : 0;

	if (dr == i->dr)
		return;
	if (dr && m->env.told)
		m->env.told(m->env.arg, i->node->number,
		            &(struct multicast_event){.kind = MULTICAST_DR,
		                                      .interface = i->name,
		                                      .vrf = i->table->vrf,
		                                      .neighbor = dr,
		                                      .before = i->dr});
	i->dr = dr;
}

msec
mc_neighbors_update(struct mc_iface *i)
{
	struct multicast *m = i->node->multicast;
	bool listens = mc_alive(i) && says_hello(i);
	msec next = MSEC_NEVER, due;
	size_t n;
	struct mc_iface **peers = mc_segment(m, i, &n);

	for (size_t k = i->n_neighbors; k-- > 0;) {
		struct mc_neighbor *v = &i->neighbors[k];

		if (!listens || v->peer->segment != i->segment) {
			neighbor_drop(i, v);
			continue;
		}
		if (hears_hello(m, i, v->peer))
			continue;
		due = neighbor_missed(m, i, v);
		next = due < next ? due : next;
	}
	for (size_t k = 0; listens && k < n; k++) {
		if (peers[k] == i || !hears_hello(m, i, peers[k]))
			continue;
		due = neighbor_heard(m, i, peers[k]);
		next = due < next ? due : next;
	}
	dr_update(i);
	return next;
}

struct mc_neighbor *
mc_neighbor_at(const struct mc_iface *i, uint32_t addr)
{
	for (size_t k = 0; k < i->n_neighbors; k++)
		if (i->neighbors[k].up && i->neighbors[k].peer->conf &&
		    i->neighbors[k].peer->conf->addr == addr)
			return &i->neighbors[k];
	return NULL;
}

/* The higher priority, then the higher address. */
static bool
is_higher(const struct mc_iface *a, const struct mc_iface *b)
{
	uint32_t x = a->conf->multicast->dr_priority, y = b->conf->multicast->dr_priority;

	return x != y ? x > y : a->conf->addr > b->conf->addr;
}

uint32_t
mc_dr(const struct mc_iface *i)
{
	const struct mc_iface *best = i;

	for (size_t k = 0; k < i->n_neighbors; k++) {
		const struct mc_neighbor *n = &i->neighbors[k];

		if (n->up && n->peer->conf && n->peer->conf->multicast && is_higher(n->peer, best))
			best = n->peer;
	}
	return best->conf->addr;
}

bool
mc_is_dr(const struct mc_iface *i)
{
	return mc_alive(i) && mc_pim(i) && mc_dr(i) == i->conf->addr;
}
