/* SPDX-License-Identifier: Apache-2.0 */
/* What kind of group it is, and where what comes from an address must come in. */
#include "compiler/multicast/multicast_priv.h"

#include "compiler/policy/vrf.h"

#define SSM_DEFAULT 232 /* 232.0.0.0/8 */

/* --- groups ----------------------------------------------------------------------------------- */

static bool
list_has(const struct policy_acl *acl, uint32_t group)
{
	return policy_acl_permits(acl, &(struct flow){.src = group, .dst = group});
}

/* One with a list goes before one for all groups; of equals the highest address counts. */
static uint32_t
find_rp(const struct policy_multicast *conf, uint32_t group)
{
	const struct policy_pim_rp *best = NULL;

	for (size_t k = 0; k < conf->n_rps; k++) {
		const struct policy_pim_rp *rp = &conf->rps[k];

		if (rp->acl && !list_has(rp->acl, group))
			continue;
		if (!best || (rp->acl && !best->acl) ||
		    (!rp->acl == !best->acl && rp->addr > best->addr))
			best = rp;
	}
	return best ? best->addr : 0;
}

static bool
is_dense(const struct mc_iface *i)
{
	return i->conf->multicast->pim == PIM_DENSE || i->conf->multicast->pim == PIM_SPARSE_DENSE;
}

/* What the table's interfaces have. */
static void
modes_of(const struct mc_table *t, bool *ret_dense, bool *ret_sparse)
{
	*ret_dense = *ret_sparse = false;
	for (const struct mc_iface *i = t->node->ifaces; i; i = i->next)
		if (i->table == t && mc_pim(i)) {
			*ret_dense = *ret_dense || is_dense(i);
			*ret_sparse = *ret_sparse || i->conf->multicast->pim != PIM_DENSE;
		}
}

enum multicast_mode
mc_mode(const struct mc_table *t, uint32_t group, uint32_t *ret_rp)
{
	bool dense, sparse;

	*ret_rp = 0;
	if (!mc_table_on(t))
		return MULTICAST_NONE;
	if (t->conf->ssm &&
	    (t->conf->ssm_acl ? list_has(t->conf->ssm_acl, group) : group >> 24 == SSM_DEFAULT))
		return MULTICAST_SSM;
	modes_of(t, &dense, &sparse);
	*ret_rp = sparse ? find_rp(t->conf, group) : 0;
	return *ret_rp ? MULTICAST_SPARSE : dense ? MULTICAST_DENSE : MULTICAST_NONE;
}

/* --- the way back ----------------------------------------------------------------------------- */

static bool
iface_has(const struct mc_iface *i, uint32_t addr)
{
	if (!i->conf || !i->conf->has_address)
		return false;
	for (size_t k = 0; k < i->conf->n_secondaries; k++)
		if (i->conf->secondaries[k].addr == addr)
			return true;
	return i->conf->addr == addr;
}

static struct mc_iface *
own_iface(const struct mc_table *t, uint32_t addr)
{
	struct mc_iface *i = t->node->ifaces;

	while (i && !(i->table == t && mc_alive(i) && iface_has(i, addr)))
		i = i->next;
	return i;
}

static bool
ask_unicast(const struct mc_table *t, uint32_t addr, struct multicast_route *ret)
{
	const struct multicast *m = t->node->multicast;

	return m->env.leads && m->env.leads(m->env.arg, t->node->number, t->vrf, addr, ret);
}

bool
mc_on_network(const struct mc_iface *i, uint32_t addr)
{
	for (size_t k = 0; i->conf && k < i->conf->n_secondaries; k++)
		if (((i->conf->secondaries[k].addr ^ addr) &
		     prefix_mask(i->conf->secondaries[k].len)) == 0)
			return true;
	return i->conf && i->conf->has_address &&
	       ((i->conf->addr ^ addr) & prefix_mask(i->conf->len)) == 0;
}

/* By an interface alone: to the source if it is on that link, else to its only neighbour. */
static uint32_t
next_at(const struct mc_iface *i, uint32_t addr)
{
	if (mc_on_network(i, addr))
		return addr;
	return i->n_neighbors == 1 && i->neighbors[0].up && i->neighbors[0].peer->conf
	           ? i->neighbors[0].peer->conf->addr
	           : 0;
}

static bool
resolve_mroute(const struct mc_table *t, const struct policy_mroute *r, uint32_t addr,
               struct multicast_route *ret)
{
	const struct mc_iface *i;

	if (r->via) {
		if (!ask_unicast(t, r->via, ret))
			return false;
		ret->next = r->via;
	} else {
		i = r->interface ? mc_iface_find(t->node, r->interface) : NULL;
		if (!i || !mc_alive(i) || i->table != t)
			return false;
		*ret = (struct multicast_route){.interface = i->name, .next = next_at(i, addr)};
	}
	ret->distance = r->distance;
	ret->metric = 0;
	return true;
}

/* The most specific one that leads somewhere, where no unicast route is nearer. */
static bool
find_way(const struct mc_table *t, uint32_t addr, struct multicast_route *ret)
{
	bool found = ask_unicast(t, addr, ret);
	int len = -1;

	for (size_t k = 0; k < t->conf->n_mroutes; k++) {
		const struct policy_mroute *r = &t->conf->mroutes[k];
		struct multicast_route way;

		if (!prefix_contains(r->from, addr) || r->from.len <= len ||
		    !resolve_mroute(t, r, addr, &way) ||
		    (len < 0 && found && way.distance > ret->distance))
			continue;
		*ret = way;
		len = r->from.len;
		found = true;
	}
	return found;
}

struct mc_rpf
mc_rpf(const struct mc_table *t, uint32_t addr)
{
	struct mc_iface *own = own_iface(t, addr), *i;
	struct multicast_route way = {.interface = NULL};
	struct mc_rpf ret = {.own = own != NULL};

	if (own) {
		ret.iface = mc_pim(own) ? own : NULL;
		return ret;
	}
	if (!find_way(t, addr, &way))
		return ret;
	i = way.interface ? mc_iface_find(t->node, way.interface) : NULL;
	ret.connected = way.next == addr;
	ret.next = way.next;
	ret.distance = way.distance;
	ret.metric = way.metric;
	if (i && i->table == t && mc_alive(i) && mc_pim(i))
		ret.iface = i;
	return ret;
}

/* --- unicast ---------------------------------------------------------------------------------- */

/* Who on the link of an interface has the address. */
static struct mc_iface *
owner_on(struct multicast *m, const struct mc_iface *i, uint32_t addr)
{
	size_t n;
	struct mc_iface **all = mc_segment(m, i, &n);

	for (size_t k = 0; k < n; k++)
		if (all[k] != i && mc_alive(all[k]) && iface_has(all[k], addr) &&
		    mc_reaches(m, i, all[k]))
			return all[k];
	return NULL;
}

/* A firewall lets it through: by a list on the way in, else by the levels. */
static bool
firewall_passes(const struct mc_iface *in, const struct mc_iface *out, const struct flow *flow)
{
	const struct policy_acl *acl =
	    in->conf->acl_in ? in->conf->acl_in : in->node->policy->acl_global;

	if (!in->conf->nameif || !out->conf->nameif)
		return false;
	if (acl)
		return policy_acl_permits(acl, flow);
	return in->conf->security_level > out->conf->security_level;
}

/* Does the node pass the register on, from one interface to another? */
static bool
passes_register(const struct mc_iface *in, const struct mc_iface *out, const struct flow *flow)
{
	const struct policy *p = in->node->policy;
	const struct policy_acl *acl = out->conf->acl_out;

	if (!p->ip_routing)
		return false;
	if (p->firewall)
		return firewall_passes(in, out, flow);
	return !acl || !acl->n_aces || policy_acl_permits(acl, flow);
}

struct mc_table *
mc_follow(struct mc_table *t, uint32_t addr)
{
	struct flow flow = {.dst = addr, .proto = PROTO_PIM};
	const struct mc_iface *in = NULL;
	struct mc_table *at = t;

	for (unsigned hops = 0; at && hops < MC_HOPS_MAX; hops++) {
		struct multicast_route way;
		const struct mc_iface *out;

		if (own_iface(at, addr))
			return at;
		if (!ask_unicast(at, addr, &way) || !way.interface)
			return NULL;
		out = mc_iface_find(at->node, way.interface);
		if (!out || !mc_alive(out) || (in && !passes_register(in, out, &flow)))
			return NULL;
		flow.src = in ? flow.src : out->conf->addr;
		in = owner_on(t->node->multicast, out, way.next);
		if (!in || !mc_admits(in, PROTO_PIM, flow.src, addr))
			return NULL;
		at = in->table;
	}
	return NULL;
}
