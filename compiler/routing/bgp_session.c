/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sessions: between whom a connection could be, and when it is established or lost (RFC 4271 8).
 *
 *           both configured, TCP both ways       CONNECT later
 *   IDLE -------------------------> ACTIVE -----------------> ESTABLISHED
 *    ^                                |                            |
 *    +--------------------------------+----------------------------+
 *       the own line to an external neighbour is down, the other end has given up: at once
 *       nothing is heard: after the hold time
 */
#include "compiler/routing/bgp_priv.h"

#include <string.h>

#define CONNECT    SECONDS(10) /* from the first chance until it is established */
#define HOLD       180         /* seconds */
#define TTL_MAX    255
#define ROUNDS_MAX 16

/* --- who could connect ------------------------------------------------------------------------ */

static bool
is_ready(const struct bgp_peer *p)
{
	return p->conf && p->conf->remote_as && !p->conf->shutdown && p->proc->router_id &&
	       (bgp_ipv4(p)->active || bgp_vpnv4(p)->active) && rt_alive(p->proc->node);
}

static unsigned
ttl_of(const struct bgp_peer *p)
{
	if (!bgp_is_external(p))
		return TTL_MAX;
	return p->conf->ebgp_multihop ? p->conf->ebgp_multihop : 1;
}

static const struct rt_iface *
connected_to(const struct bgp_peer *p)
{
	for (const struct rt_iface *i = p->proc->node->ifaces; i; i = i->next)
		if (i->vrf == p->proc->vrf && i->up && i->addr &&
		    ((i->addr ^ p->addr) & prefix_mask(i->len)) == 0)
			return i;
	return NULL;
}

/* An external neighbour is on a link of this router's, unless it may be farther. */
static bool
may_be_there(const struct bgp_peer *p)
{
	return !bgp_is_external(p) || p->conf->ebgp_multihop > 1 || connected_to(p);
}

/* The address that it speaks from; 0: none. */
static uint32_t
source_of(const struct bgp_peer *p)
{
	const struct rt_iface *i;
	uint32_t via;

	i = p->conf->update_source ? rt_iface_find(p->proc->node, p->conf->update_source)
	                           : rt_way_out(p->proc->vrf, p->addr, &via);
	return i && i->up && i->vrf == p->proc->vrf ? i->addr : 0;
}

static struct bgp_proc *
speaker_in(const struct rt_vrf *vrf)
{
	for (size_t k = 0; k < vrf->node->n_bgp; k++)
		if (vrf->node->bgp[k]->vrf == vrf)
			return vrf->node->bgp[k];
	return NULL;
}

static bool
same_password(struct span a, struct span b)
{
	return a.n == b.n && (!a.n || memcmp(a.p, b.p, a.n) == 0);
}

/* RFC 4271 6.2: each is in the system that the other expects, and has another identifier. */
static bool
agrees_with(const struct bgp_peer *p, const struct bgp_peer *q)
{
	return p->conf->remote_as == bgp_local_as(q) && q->conf->remote_as == bgp_local_as(p) &&
	       p->proc->router_id != q->proc->router_id &&
	       same_password(p->conf->password, q->conf->password);
}

/* Whom it reaches when it opens a connection, and who takes it; NULL: nobody. */
static struct bgp_peer *
opens_to(struct bgp_peer *p)
{
	struct rt_vrf *there, *back;
	struct bgp_peer *q;
	struct bgp_proc *s;
	uint32_t source;

	if (!is_ready(p) || p->conf->passive || !may_be_there(p))
		return NULL;
	source = source_of(p);
	there = source ? rt_walk(p->proc->vrf, p->addr, ttl_of(p)) : NULL;
	s = there ? speaker_in(there) : NULL;
	q = s ? bgp_peer_find(s, source) : NULL;
	if (!q || !is_ready(q) || !may_be_there(q) || !agrees_with(p, q))
		return NULL;
	back = rt_walk(there, source, ttl_of(q));
	if (back != p->proc->vrf)
		return NULL;
	p->link_local = source;
	q->link_local = p->addr;
	return q;
}

/* --- all sessions ----------------------------------------------------------------------------- */

/* NOLINTBEGIN(bugprone-macro-parentheses): a name that is declared has none. */
#define EACH_PEER(r, p)                                                                            \
	for (size_t n_ = 0; n_ < (r)->n_nodes; n_++)                                               \
		for (size_t s_ = 0; s_ < (r)->nodes[n_]->n_bgp; s_++)                              \
			for (size_t k_ = 0; k_ < (r)->nodes[n_]->bgp[s_]->n_peers; k_++)           \
				for (struct bgp_peer *p = (r)->nodes[n_]->bgp[s_]->peers[k_]; p;   \
				     p = NULL)
/* NOLINTEND(bugprone-macro-parentheses) */

static void
links_find(struct routing *r)
{
	EACH_PEER(r, p)
	{
		p->link = NULL;
	}
	EACH_PEER(r, p)
	{
		struct bgp_peer *q = p->link ? NULL : opens_to(p);

		if (q && !q->link) {
			p->link = q;
			q->link = p;
		}
	}
}

/* --- one end ---------------------------------------------------------------------------------- */

static void
tell_change(const struct bgp_peer *p, bool up, const char *why)
{
	const struct routing *r = p->proc->node->routing;

	if (!r->env.told || !p->proc->conf->log_neighbor_changes || !p->proc->node->on)
		return;
	r->env.told(r->env.arg, p->proc->node->number,
	            &(struct routing_event){.kind = ROUTING_EVENT_BGP,
	                                    .process = p->proc->as,
	                                    .neighbor = p->addr,
	                                    .vrf = p->proc->vrf->name,
	                                    .up = up,
	                                    .why = why});
}

void
bgp_session_end(struct bgp_peer *p, const char *why)
{
	struct routing *r = p->proc->node->routing;

	if (p->state == BGP_ESTABLISHED) {
		tell_change(p, false, why);
		p->why = why;
		p->since = r->now;
		rt_touch(r);
	}
	p->state = BGP_IDLE;
	p->other = NULL;
	p->lost = false;
	p->due = MSEC_NEVER;
}

static void
session_start(struct bgp_peer *p)
{
	struct routing *r = p->proc->node->routing;

	p->state = BGP_ESTABLISHED;
	p->other = p->link;
	p->local = p->link_local;
	p->remote_as = p->conf->remote_as;
	p->lost = false;
	p->due = MSEC_NEVER;
	p->since = r->now;
	tell_change(p, true, "");
	rt_touch(r);
}

static uint32_t
own_hold(const struct bgp_peer *p)
{
	return p->conf->hold ? p->conf->hold : p->proc->conf->hold ? p->proc->conf->hold : HOLD;
}

uint32_t
bgp_hold(const struct bgp_peer *p)
{
	uint32_t own = own_hold(p), others = p->other && p->other->conf ? own_hold(p->other) : own;

	return own < others ? own : others;
}

/* The other end has closed it, and could say so. */
static bool
is_closed(const struct bgp_peer *p)
{
	struct rt_vrf *there;

	if (p->link)
		return p->link != p->other || p->link->state != BGP_ESTABLISHED ||
		       p->link->other != p;
	if (p->other && p->other->state == BGP_ESTABLISHED && p->other->other == p)
		return false;
	there = rt_walk(p->proc->vrf, p->addr, ttl_of(p));
	if (!there || rt_walk(there, p->local, ttl_of(p)) != p->proc->vrf)
		return false;
	return !p->other || p->other->proc->vrf == there;
}

static void
established_update(struct bgp_peer *p)
{
	const msec now = p->proc->node->routing->now;

	if (p->conf->shutdown) {
		bgp_session_end(p, "Admin. shutdown");
	} else if (p->conf->remote_as != p->remote_as) {
		bgp_session_end(p, "Remote AS changed");
	} else if (bgp_is_external(p) && p->conf->ebgp_multihop <= 1 && !connected_to(p)) {
		bgp_session_end(p, "Interface flap");
	} else if (is_closed(p)) {
		bgp_session_end(p, "Peer closed the session");
	} else if (p->link) {
		p->lost = false;
		p->due = MSEC_NEVER;
	} else if (!p->lost) {
		p->lost = true;
		p->due = now + SECONDS(bgp_hold(p));
	} else if (p->due <= now) {
		bgp_session_end(p, "BGP Notification sent");
	}
}

/* Both ends at once. */
static void
connecting_update(struct bgp_peer *p)
{
	const msec now = p->proc->node->routing->now;
	struct bgp_peer *q = p->link;

	if (!q || q->state == BGP_ESTABLISHED) {
		p->state = is_ready(p) ? BGP_ACTIVE : BGP_IDLE;
		p->due = MSEC_NEVER;
		return;
	}
	p->state = BGP_ACTIVE;
	if (p->due == MSEC_NEVER || (p->due <= now && q->due == MSEC_NEVER))
		p->due = now + CONNECT;
	if (q->due != MSEC_NEVER && q->due > p->due)
		p->due = q->due; /* that one has only just found this one */
	if (p->due > now)
		return;
	session_start(p);
	session_start(q);
}

static msec
due_next(struct routing *r)
{
	msec next = MSEC_NEVER;

	EACH_PEER(r, p)
	{
		if (rt_alive(p->proc->node) && p->due < next)
			next = p->due;
	}
	return next;
}

static void
peers_sweep(struct routing *r)
{
	for (size_t n = 0; n < r->n_nodes; n++)
		for (size_t k = 0; k < r->nodes[n]->n_bgp; k++)
			bgp_peers_sweep(r->nodes[n]->bgp[k]);
}

static bool
any_speaker(const struct routing *r)
{
	for (size_t k = 0; k < r->n_nodes; k++)
		if (r->nodes[k]->n_bgp)
			return true;
	return false;
}

/*
 * Routes lead to neighbours, and neighbours tell routes: looked at again until no session changes
 * at this time. Each round ends one that is lost, or establishes one that is due.
 */
msec
bgp_sessions_update(struct routing *r, bool changed)
{
	if (!any_speaker(r))
		return MSEC_NEVER;
	if (!changed && r->sessions_made == r->generation && r->sessions_due > r->now)
		return r->sessions_due;
	for (int round = 0; round < ROUNDS_MAX; round++) {
		uint64_t before = r->generation;

		peers_sweep(r);
		rt_solve(r);
		links_find(r);
		EACH_PEER(r, p)
		{
			if (rt_alive(p->proc->node) && p->state == BGP_ESTABLISHED)
				established_update(p);
		}
		EACH_PEER(r, p)
		{
			if (rt_alive(p->proc->node) && p->state != BGP_ESTABLISHED)
				connecting_update(p);
		}
		if (r->generation == before)
			break;
	}
	r->sessions_made = r->generation;
	r->sessions_due = due_next(r);
	return r->sessions_due;
}
