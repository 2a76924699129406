/* SPDX-License-Identifier: Apache-2.0 */
/* The designated router of a broadcast link: RFC 2328 9.4. */
#include "compiler/routing/routing_priv.h"

static bool
has_election(const struct rt_iface *i)
{
	return i->ospf.network == OSPF_BROADCAST || i->ospf.network == OSPF_NBMA;
}

/* Is it preferred: by priority, then by identifier? */
static bool
is_before(const struct rt_iface *a, const struct rt_iface *b)
{
	if (!b)
		return true;
	if (a->ospf.priority != b->ospf.priority)
		return a->ospf.priority > b->ospf.priority;
	return a->ospf.proc->router_id > b->ospf.proc->router_id;
}

struct ballot {
	struct rt_iface *dr, *bdr, *backup; /* bdr: declared as such; backup: of all who may */
};

static void
ballot_count(struct ballot *b, struct rt_iface *i)
{
	const struct ospf_if *o = &i->ospf;

	if (!o->priority)
		return;
	if (o->dr == i) {
		if (is_before(i, b->dr))
			b->dr = i;
		return;
	}
	if (o->bdr == i && is_before(i, b->bdr))
		b->bdr = i;
	if (is_before(i, b->backup))
		b->backup = i;
}

/* RFC 2328 9.4, steps 2 and 3. */
static struct ballot
take_ballot(struct rt_iface *i)
{
	struct ballot b = {.dr = NULL};

	ballot_count(&b, i);
	for (size_t k = 0; k < i->n_views; k++)
		if (i->views[k].protocol == RT_OSPF && i->views[k].state >= RT_2WAY &&
		    i->views[k].peer->ospf.proc)
			ballot_count(&b, i->views[k].peer);
	if (!b.bdr)
		b.bdr = b.backup;
	if (!b.dr) {
		b.dr = b.bdr;
	}
	return b;
}

/*
 * BackupSeen: a neighbour says that it is the backup, or the designated router and has none; when
 * it said so first, `i` was not yet its backup.
 */
static bool
backup_seen(const struct rt_iface *i)
{
	for (size_t k = 0; k < i->n_views; k++) {
		const struct rt_iface *peer = i->views[k].peer;

		if (i->views[k].protocol == RT_OSPF && i->views[k].state >= RT_2WAY &&
		    (peer->ospf.bdr == peer ||
		     (peer->ospf.dr == peer && (!peer->ospf.bdr || peer->ospf.bdr == i))))
			return true;
	}
	return false;
}

bool
ospf_elect(struct rt_iface *i)
{
	struct ospf_if *o = &i->ospf;
	struct rt_iface *dr = o->dr, *bdr = o->bdr;
	struct ballot b;

	if (!has_election(i) || !i->up)
		return false;
	if (o->waiting && i->node->routing->now < o->wait_until && !backup_seen(i))
		return false;
	o->waiting = false;
	b = take_ballot(i);
	o->dr = b.dr;
	o->bdr = b.bdr == b.dr ? NULL : b.bdr;
	if ((o->dr == i) != (dr == i) || (o->bdr == i) != (bdr == i)) { /* step 4: once more */
		b = take_ballot(i);
		o->dr = b.dr;
		o->bdr = b.bdr == b.dr ? NULL : b.bdr;
	}
	if (o->dr == dr && o->bdr == bdr)
		return false;
	rt_touch(i->node->routing);
	return true;
}

enum rt_state
ospf_state(const struct rt_iface *i, const struct rt_iface *peer)
{
	const struct ospf_if *o = &i->ospf;

	if (!has_election(i))
		return RT_FULL;
	if (o->waiting)
		return RT_2WAY;
	return o->dr == i || o->bdr == i || o->dr == peer || o->bdr == peer ? RT_FULL : RT_2WAY;
}
