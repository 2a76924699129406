/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Half-open exchanges: SAs as responder whose peer has brought back our cookie, and has not
 * authenticated yet. Each costs memory and a Diffie-Hellman, so there are limits: of all, of one
 * peer, and of what one source and one network (/24) may make us compute in a time.
 *
 * When all places are taken, the network that has most of them loses its oldest to one that has
 * fewer. A peer that has authenticated before has one exchange that is spared, its latest: it is
 * counted for its network and gives way to nobody.
 *
 *     classes[n]: the networks with n half-open exchanges that are not spared, the one longest in
 *     this class first; the last class has all those with more
 */
#include <stdlib.h>

#include "runtime/core/core_priv.h"

#define NET_SETUPS_MAX (256 * IKE_PEER_SETUPS)

struct setup_net {
	struct link link;               /* by its prefix */
	size_t n, spared;               /* all; of them */
	struct setup_net *next, **prev; /* of its class */
	struct ike_sa *first, **last;   /* that are not spared, the oldest first */
};

/* A list of networks; head and tail. */
struct setup_class {
	struct setup_net *first, **last;
};

struct setups {
	size_t n, top; /* all; no class above this one has a network */
	struct table nets;
	struct setup_class classes[NET_SETUPS_MAX + 1];
	struct allowance by_source[DH_SLOTS], by_net[DH_SLOTS];
};

static struct setups *
setups_of(struct core *c)
{
	struct setups *s = c->ike.setups;

	if (s)
		return s;
	s = c->ike.setups = x_alloc(sizeof(*s));
	for (size_t i = 0; i < ARRAY_SIZE(s->classes); i++)
		s->classes[i].last = &s->classes[i].first;
	return s;
}

void
ike_setups_fini(struct ike *ike)
{
	if (ike->setups)
		table_fini(&ike->setups->nets);
	free(ike->setups);
	ike->setups = NULL;
}

size_t
ike_setups(const struct core *c)
{
	return c->ike.setups ? c->ike.setups->n : 0;
}

/* --- networks --------------------------------------------------------------------------------- */

static struct setup_net *
net_find(const struct setups *s, uint64_t source)
{
	struct link *l = table_find(&s->nets, source >> 8);

	return l ? CONTAINER(l, struct setup_net, link) : NULL;
}

static size_t
class_of(const struct setup_net *net)
{
	size_t n = net->n - net->spared;

	return n < NET_SETUPS_MAX ? n : NET_SETUPS_MAX;
}

static void
leave_class(struct setups *s, struct setup_net *net)
{
	*net->prev = net->next;
	if (net->next)
		net->next->prev = net->prev;
	else
		s->classes[class_of(net)].last = net->prev;
}

static void
join_class(struct setups *s, struct setup_net *net)
{
	struct setup_class *class = &s->classes[class_of(net)];

	net->next = NULL;
	net->prev = class->last;
	*class->last = net;
	class->last = &net->next;
	if (class_of(net) > s->top)
		s->top = class_of(net);
	while (s->top && !s->classes[s->top].first)
		s->top--;
}

/* --- exchanges -------------------------------------------------------------------------------- */

static void
append_setup(struct setup_net *net, struct ike_sa *sa)
{
	sa->setup_next = NULL;
	sa->setup_prev = net->last;
	*net->last = sa;
	net->last = &sa->setup_next;
}

static void
unlink_setup(struct setup_net *net, struct ike_sa *sa)
{
	*sa->setup_prev = sa->setup_next;
	if (sa->setup_next)
		sa->setup_next->setup_prev = sa->setup_prev;
	else
		net->last = sa->setup_prev;
	sa->setup_next = NULL;
}

/* Spares it instead of the one that its peer has begun before. */
static void
spare_latest(struct setup_net *net, struct ike_met *met, struct ike_sa *sa)
{
	if (met->spared)
		append_setup(net, met->spared);
	else
		net->spared++;
	met->spared = sa;
}

void
ike_setup_add(struct ike_sa *sa)
{
	struct setups *s = setups_of(sa->core);
	struct setup_net *net = net_find(s, path_peer(&sa->path));
	struct ike_met *met = ike_met_find(sa->core, path_peer(&sa->path));

	if (net) {
		leave_class(s, net);
	} else {
		net = x_alloc(sizeof(*net));
		net->last = &net->first;
		table_put(&s->nets, &net->link, path_peer(&sa->path) >> 8);
	}
	if (met)
		spare_latest(net, met, sa);
	else
		append_setup(net, sa);
	net->n++;
	join_class(s, net);
	sa->setup_net = net;
	s->n++;
	if (s->n > sa->core->flood.setups_most)
		sa->core->flood.setups_most = s->n;
}

void
ike_setup_remove(struct ike_sa *sa)
{
	struct setups *s = sa->core->ike.setups;
	struct setup_net *net = sa->setup_net;
	struct ike_met *met = ike_met_find(sa->core, path_peer(&sa->path));

	if (!net)
		return;
	leave_class(s, net);
	if (met && met->spared == sa) {
		met->spared = NULL;
		net->spared--;
	} else {
		unlink_setup(net, sa);
	}
	net->n--;
	s->n--;
	join_class(s, net);
	sa->setup_net = NULL;
	if (!net->n) {
		leave_class(s, net);
		table_remove(&s->nets, &net->link);
		free(net);
	}
}

/* --- who may come ----------------------------------------------------------------------------- */

static size_t
count_of_peer(const struct core *c, const struct setup_net *net, uint64_t peer)
{
	const struct ike_met *met = ike_met_find(c, peer);
	size_t n = met && met->spared;

	for (const struct ike_sa *sa = net ? net->first : NULL; sa; sa = sa->setup_next)
		n += path_peer(&sa->path) == peer;
	return n;
}

/* The oldest exchange that gives way to a network with n of them; NULL: none. */
static struct ike_sa *
find_victim(const struct core *c, size_t n)
{
	const struct setups *s = c->ike.setups;

	return s->top > n ? s->classes[s->top].first->first : NULL;
}

static enum drop
find_place(struct core *c, uint64_t peer)
{
	struct setups *s = setups_of(c);
	const struct setup_net *net = net_find(s, peer);
	struct ike_sa *victim;

	if (c->ike.n_sas >= IKE_SAS_MAX || count_of_peer(c, net, peer) >= IKE_PEER_SETUPS)
		return DROP_LIMIT;
	if (s->n < IKE_SETUPS_MAX)
		return DROP_NONE;
	victim = find_victim(c, net ? class_of(net) : 0);
	if (!victim)
		return DROP_LIMIT;
	c->flood.setups_displaced++;
	flood_note(c);
	ike_sa_end(victim, "displaced by an exchange of another network", false);
	return DROP_NONE;
}

/*
 * Diffie-Hellman is what an exchange costs most: so much for a source, and for a network. Who has
 * authenticated before may have more beside that.
 */
static bool
may_compute(struct core *c, uint64_t peer)
{
	struct setups *s = setups_of(c);
	bool ok = flood_allow(&s->by_source[flood_slot(c, peer, DH_SLOTS)], DH_SOURCE, c->now) &&
	          flood_allow(&s->by_net[flood_slot(c, peer >> 8, DH_SLOTS)], DH_NET, c->now);
	struct ike_met *met = ok ? NULL : ike_met_find(c, peer);

	return ok || (met && flood_allow(&met->dh, DH_MET, c->now));
}

enum drop
ike_setup_admit(struct core *c, uint64_t peer)
{
	enum drop d = may_compute(c, peer) ? find_place(c, peer) : DROP_LIMIT;

	if (d) {
		c->flood.setups_refused++;
		flood_note(c);
	}
	return d;
}
