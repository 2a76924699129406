/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who sees whom: a view of each neighbour at each interface, and when it changes.
 *
 *        a hello came           both ways, and what RFC 2328 10.4 asks
 *  DOWN -------------> INIT ... 2WAY ----------------------------> FULL
 *    ^                  |        |                                   |
 *    +------------------+--------+-- own line down: at once ---------+
 *                                    silence: after the dead interval
 *                                    the other has forgotten us: at once
 */
#include "compiler/routing/routing_priv.h"

#include <stdlib.h>
#include <string.h>

#define ROUNDS_MAX 16 /* of elections, until nobody changes its mind */

const char *
rt_state_text(enum rt_state state)
{
	static const char *const names[] = {"DOWN", "INIT", "2WAY", "FULL"};

	return names[state];
}

/* --- views ------------------------------------------------------------------------------------ */

struct rt_view *
rt_view_find(const struct rt_iface *i, const struct rt_iface *peer, enum rt_protocol protocol,
             uint32_t process)
{
	for (size_t k = 0; k < i->n_views; k++)
		if (i->views[k].peer == peer && i->views[k].protocol == protocol &&
		    i->views[k].process == process)
			return &i->views[k];
	return NULL;
}

static struct rt_view *
view_get(struct rt_iface *i, struct rt_iface *peer, enum rt_protocol protocol, uint32_t process)
{
	struct rt_view *v = rt_view_find(i, peer, protocol, process);

	if (v)
		return v;
	x_grow(&i->views, &i->views_capacity, i->n_views + 1, sizeof(*i->views));
	v = &i->views[i->n_views++];
	*v = (struct rt_view){
	    .peer = peer, .protocol = protocol, .process = process, .due = MSEC_NEVER};
	return v;
}

void
rt_views_forget(struct rt_iface *i, enum rt_protocol protocol, uint32_t process)
{
	size_t kept = 0;

	for (size_t k = 0; k < i->n_views; k++)
		if (i->views[k].protocol != protocol || i->views[k].process != process)
			i->views[kept++] = i->views[k];
	i->n_views = kept;
}

void
rt_peer_forget(struct rt_iface *i, const struct rt_iface *peer)
{
	size_t kept = 0;

	for (size_t k = 0; k < i->n_views; k++)
		if (i->views[k].peer != peer)
			i->views[kept++] = i->views[k];
	i->n_views = kept;
}

/* --- what is told ----------------------------------------------------------------------------- */

/* Why a neighbour is lost, in the words of each protocol's log. */
enum loss { LOSS_LINE, LOSS_SILENCE, LOSS_FORGOTTEN, LOSSES };

static const char *
loss_text(enum rt_protocol protocol, enum loss loss)
{
	static const char *const texts[][LOSSES] = {
	    [RT_OSPF] = {"Neighbor Down: Interface down or detached",
	                 "Neighbor Down: Dead timer expired", "1-Way"},
	    [RT_EIGRP] = {"interface down", "holding time expired", "peer restarted"},
	    [RT_RIP] = {NULL, NULL, NULL},
	    [RT_LDP] = {"Interface not operational", "Discovery Hello Hold Timer expired",
	                "Received error notification from peer"},
	};

	return texts[protocol][loss];
}

static void
tell_ospf(const struct rt_iface *i, const struct rt_view *v, enum rt_state to, const char *why)
{
	const struct routing *r = i->node->routing;
	const struct ospf_proc *p = i->ospf.proc, *other = v->peer->ospf.proc;

	if (!p || !p->conf || !p->conf->log_adjacency_changes)
		return;
	r->env.told(
	    r->env.arg, i->node->number,
	    &(struct routing_event){.kind = ROUTING_EVENT_OSPF,
	                            .process = p->process,
	                            .neighbor = other ? other->router_id : v->peer->addr,
	                            .interface = i->name,
	                            .vrf = i->vrf->name,
	                            .from = to == RT_FULL ? "LOADING" : rt_state_text(v->state),
	                            .to = rt_state_text(to),
	                            .up = to == RT_FULL,
	                            .why = why});
}

static void
tell_eigrp(const struct rt_iface *i, const struct rt_view *v, enum rt_state to, const char *why)
{
	const struct routing *r = i->node->routing;

	r->env.told(r->env.arg, i->node->number,
	            &(struct routing_event){.kind = ROUTING_EVENT_EIGRP,
	                                    .process = v->process,
	                                    .neighbor = v->peer->addr,
	                                    .interface = i->name,
	                                    .vrf = i->vrf->name,
	                                    .up = to == RT_FULL,
	                                    .why = why});
}

static void
tell_ldp(const struct rt_iface *i, const struct rt_view *v, bool up, const char *why)
{
	const struct routing *r = i->node->routing;

	r->env.told(r->env.arg, i->node->number,
	            &(struct routing_event){.kind = ROUTING_EVENT_LDP,
	                                    .neighbor = ldp_id(v->peer->node),
	                                    .interface = i->name,
	                                    .up = up,
	                                    .why = why});
}

static void
state_set(struct rt_iface *i, struct rt_view *v, enum rt_state state, const char *why)
{
	struct routing *r = i->node->routing;
	bool seen = v->state >= RT_2WAY, sees = state >= RT_2WAY;

	if (v->state == state)
		return;
	if (r->env.told && i->node->on) {
		if (v->protocol == RT_OSPF && (state == RT_FULL || (seen && !sees)))
			tell_ospf(i, v, state, why);
		if (v->protocol == RT_EIGRP && seen != sees)
			tell_eigrp(i, v, state, why);
		if (v->protocol == RT_LDP && seen != sees)
			tell_ldp(i, v, sees, why);
	}
	if (seen || sees)
		rt_touch(r);
	v->state = state;
	v->since = r->now;
}

/* --- one pair --------------------------------------------------------------------------------- */

/* RIP listens; the others want to be heard as well. */
static bool
reaches_enough(const struct rt_iface *i, const struct rt_iface *peer, enum rt_protocol protocol)
{
	const struct routing_env *env = &i->node->routing->env;

	return !env->reaches || (env->reaches(env->arg, peer->node->number, i->node->number) &&
	                         (protocol == RT_RIP ||
	                          env->reaches(env->arg, i->node->number, peer->node->number)));
}

static bool
is_speaking(const struct rt_iface *i)
{
	return i->up && i->addr && rt_alive(i->node);
}

static void
drop_view(struct rt_iface *i, struct rt_view *v, enum rt_state state, const char *why)
{
	state_set(i, v, state, why);
	v->lost = false;
	v->due = MSEC_NEVER;
}

/* They hear each other: when does the hello come, or did the other start anew meanwhile? */
static void
view_heard(struct rt_iface *i, struct rt_view *v)
{
	const msec now = i->node->routing->now;
	const struct rt_view *back =
	    v->protocol == RT_RIP ? v : rt_view_find(v->peer, i, v->protocol, v->process);

	if (v->lost && (!back || back->state < RT_2WAY)) /* RFC 2328 10.5: 1-WayReceived */
		drop_view(i, v, RT_INIT, loss_text(v->protocol, LOSS_FORGOTTEN));
	v->lost = false;
	if (v->state < RT_2WAY && v->due == MSEC_NEVER) {
		v->due = now + v->hello;
		v->state = RT_INIT;
	}
	if (v->state >= RT_2WAY) {
		v->due = MSEC_NEVER;
	} else if (v->due <= now) {
		v->due = MSEC_NEVER;
		if (v->protocol == RT_OSPF)
			state_set(i, v, RT_2WAY, NULL);
		else
			state_set(i, v, RT_FULL, "new adjacency");
	}
}

static void
view_unheard(struct rt_iface *i, struct rt_view *v)
{
	const msec now = i->node->routing->now;

	if (v->state < RT_2WAY) {
		drop_view(i, v, RT_DOWN, NULL);
		return;
	}
	if (!v->lost) {
		v->lost = true;
		v->due = now + v->dead;
	}
	if (v->due <= now)
		drop_view(i, v, RT_DOWN, loss_text(v->protocol, LOSS_SILENCE));
}

static void
view_update(struct rt_iface *i, struct rt_view *v, bool agrees)
{
	if (!is_speaking(i))
		drop_view(i, v, RT_DOWN, loss_text(v->protocol, LOSS_LINE));
	else if (agrees && is_speaking(v->peer) && reaches_enough(i, v->peer, v->protocol))
		view_heard(i, v);
	else
		view_unheard(i, v);
}

/* --- OSPF ------------------------------------------------------------------------------------- */

/* A node that stands still keeps what it knew; one that is off knows nothing any more. */
static void
ospf_views_update(struct routing *r, struct rt_iface *i)
{
	const struct rt_segment *s = rt_segment_find(r, i->segment);

	for (size_t k = 0; s && k < s->n; k++) {
		struct rt_iface *peer = s->ifaces[k];
		bool agrees = peer != i && ospf_agrees(i, peer);
		struct rt_view *v =
		    agrees ? view_get(i, peer, RT_OSPF, 0) : rt_view_find(i, peer, RT_OSPF, 0);

		if (!v)
			continue;
		v->hello = i->ospf.hello;
		v->dead = i->ospf.dead;
		view_update(i, v, agrees);
	}
}

/* Full or not, as network type and election have it (RFC 2328 10.4). */
static void
ospf_states_update(struct rt_iface *i)
{
	for (size_t k = 0; k < i->n_views; k++) {
		struct rt_view *v = &i->views[k];
		enum rt_state state;

		if (v->protocol != RT_OSPF || v->state < RT_2WAY)
			continue;
		state = ospf_state(i, v->peer);
		if (state == RT_2WAY && v->state == RT_FULL)
			state_set(i, v, RT_2WAY, "AdjOK");
		else if (state == RT_FULL)
			state_set(i, v, RT_FULL, "Loading Done");
	}
}

/* An interface that came up waits for others to tell of a designated router: RFC 2328 9.3. */
static void
wait_update(struct rt_iface *i)
{
	struct ospf_if *o = &i->ospf;
	bool up = is_speaking(i);

	if (!i->node->on || i->node->frozen)
		return; /* what it was is what its neighbours believe */
	if (!up) {
		o->dr = o->bdr = NULL;
		o->waiting = false;
	} else if (!i->was_up) {
		o->waiting = o->network == OSPF_BROADCAST || o->network == OSPF_NBMA;
		o->wait_until = i->node->routing->now + o->dead;
	}
	i->was_up = up;
}

/* --- EIGRP and RIP ---------------------------------------------------------------------------- */

/* RIP asks for everything when a line comes up; else it hears what is there by the next update. */
#define ANSWER SECONDS(1)

static void
line_update(struct rt_iface *i)
{
	bool up = is_speaking(i);

	if (!rt_alive(i->node))
		return;
	if (up && !i->had_line)
		i->line_since = i->node->routing->now;
	i->had_line = up;
}

static msec
vector_hello(const struct rt_iface *i, const struct vector_if *x, const struct rt_iface *peer,
             const struct vector_if *y)
{
	const msec now = i->node->routing->now;
	bool asks = i->line_since == now || peer->line_since == now;

	return asks && vector_protocol(x) == RT_RIP ? ANSWER : y ? y->hello : x->hello;
}

/* The other says goodbye when it is configured otherwise; RIP only falls silent. */
static bool
takes_leave(const struct rt_iface *i, const struct rt_view *v)
{
	return v->protocol == RT_EIGRP && v->state >= RT_2WAY && is_speaking(i) &&
	       is_speaking(v->peer) && reaches_enough(i, v->peer, v->protocol);
}

static void
vector_view_update(struct rt_iface *i, const struct vector_if *x, struct rt_iface *peer)
{
	const struct vector_if *y = vector_if_match(peer, x);
	bool agrees = peer != i && y && vector_agrees(i, x, peer, y);
	struct rt_view *v = agrees ? view_get(i, peer, vector_protocol(x), vector_process(x))
	                           : rt_view_find(i, peer, vector_protocol(x), vector_process(x));

	if (!v)
		return;
	v->hello = vector_hello(i, x, peer, y);
	v->dead = vector_protocol(x) == RT_EIGRP && y ? y->dead : x->dead;
	if (!agrees && takes_leave(i, v))
		drop_view(i, v, RT_DOWN, eigrp_why_not(i, x, peer));
	else
		view_update(i, v, agrees);
}

static void
vector_views_update(struct routing *r, struct rt_iface *i)
{
	const struct rt_segment *s = rt_segment_find(r, i->segment);

	for (size_t k = 0; s && k < s->n; k++)
		for (size_t x = 0; x < i->n_vectors; x++)
			vector_view_update(i, &i->vectors[x], s->ifaces[k]);
}

/* --- LDP -------------------------------------------------------------------------------------- */

#define LDP_HELLO SECONDS(5) /* RFC 5036 2.4.1, by IOS's defaults */
#define LDP_HOLD  SECONDS(15)

/* One of the two does not speak LDP any more, and could say so. */
static bool
is_told(const struct rt_iface *i, const struct rt_view *v)
{
	return v->state >= RT_2WAY && is_speaking(i) && is_speaking(v->peer) &&
	       reaches_enough(i, v->peer, RT_LDP);
}

static void
ldp_views_update(struct routing *r, struct rt_iface *i)
{
	const struct rt_segment *s = rt_segment_find(r, i->segment);

	for (size_t k = 0; s && k < s->n; k++) {
		struct rt_iface *peer = s->ifaces[k];
		bool agrees = peer != i && i->mpls && peer->mpls;
		struct rt_view *v =
		    agrees ? view_get(i, peer, RT_LDP, 0) : rt_view_find(i, peer, RT_LDP, 0);

		if (!v)
			continue;
		v->hello = LDP_HELLO;
		v->dead = LDP_HOLD;
		if (!agrees && is_told(i, v))
			drop_view(i, v, RT_DOWN, loss_text(RT_LDP, LOSS_FORGOTTEN));
		else
			view_update(i, v, agrees);
	}
}

/* --- all -------------------------------------------------------------------------------------- */

/* NOLINTBEGIN(bugprone-macro-parentheses): a name that is declared has none. */
#define EACH_INTERFACE(r, node, i)                                                                 \
	for (size_t node = 0; node < (r)->n_nodes; node++)                                         \
		for (struct rt_iface *i = (r)->nodes[node]->ifaces; i; i = i->next)
#define EACH_OSPF_INTERFACE(r, node, i) EACH_INTERFACE(r, node, i) if (i->ospf.proc)
/* NOLINTEND(bugprone-macro-parentheses) */

static void
node_wake(struct rt_node *n)
{
	if (n->on == n->was_on)
		return;
	n->was_on = n->on;
	for (struct rt_iface *i = n->ifaces; i; i = i->next) {
		i->n_views = 0;
		i->was_up = i->had_line = false;
		if (n->on)
			i->ospf.dr = i->ospf.bdr = NULL;
	}
	if (n->on) {
		ospf_restart(n);
		vector_restart(n);
	}
	bgp_restart(n);
	mpls_forget(n);
	rt_touch(n->routing);
}

static msec
next_due(const struct routing *r)
{
	msec next = MSEC_NEVER;

	EACH_INTERFACE(r, n, i)
	{
		if (!rt_alive(i->node))
			continue; /* nothing happens to it */
		if (i->ospf.proc && i->ospf.waiting && i->ospf.wait_until < next)
			next = i->ospf.wait_until;
		for (size_t k = 0; k < i->n_views; k++)
			if (i->views[k].due < next)
				next = i->views[k].due;
	}
	return next;
}

msec
rt_adjacency_update(struct routing *r)
{
	bool changed = true;

	for (size_t k = 0; k < r->n_nodes; k++) {
		node_wake(r->nodes[k]);
		ospf_identify(r->nodes[k]);
		vector_identify(r->nodes[k]);
		bgp_identify(r->nodes[k]);
	}
	EACH_OSPF_INTERFACE(r, n, i)
	{
		wait_update(i);
	}
	EACH_OSPF_INTERFACE(r, n, i)
	{
		if (rt_alive(i->node))
			ospf_views_update(r, i);
	}
	for (int round = 0; changed && round < ROUNDS_MAX; round++) {
		changed = false;
		EACH_OSPF_INTERFACE(r, n, i)
		{
			if (rt_alive(i->node) && ospf_elect(i))
				changed = true;
		}
	}
	EACH_OSPF_INTERFACE(r, n, i)
	{
		if (rt_alive(i->node))
			ospf_states_update(i);
	}
	EACH_INTERFACE(r, n, i)
	{
		line_update(i);
	}
	EACH_INTERFACE(r, n, i)
	{
		if (i->n_vectors && rt_alive(i->node))
			vector_views_update(r, i);
	}
	EACH_INTERFACE(r, n, i)
	{
		if (i->node->had_mpls && rt_alive(i->node))
			ldp_views_update(r, i);
	}
	r->changed = false;
	return next_due(r);
}
