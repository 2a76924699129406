/* SPDX-License-Identifier: Apache-2.0 */
/* What can be seen of a node's routing protocols. See routing_state.h. */
#include "compiler/routing/state_priv.h"

#include <string.h>

static void
gateway_add(struct routing_gateway *list, size_t *n, const struct routing_route *r, msec now)
{
	for (size_t k = 0; k < *n; k++)
		if (list[k].addr == r->from && list[k].distance == r->distance) {
			if (now - r->since < list[k].age)
				list[k].age = now - r->since;
			return;
		}
	list[(*n)++] = (struct routing_gateway){r->from, r->distance, now - r->since};
}

const struct routing_gateway *
rt_gateways(struct rt_vrf *vrf, const char *protocol, uint32_t process, struct arena *a,
            size_t *ret_n)
{
	struct routing *r = vrf->node->routing;
	const struct routing_table *t = routing_table(r, vrf->node->number, vrf->name);
	struct routing_gateway *list = arena_alloc(a, (t->n + 1) * sizeof(*list));

	*ret_n = 0;
	for (size_t k = 0; k < t->n; k++)
		if (t->routes[k].from &&
		    strcmp(routing_kind_names[t->routes[k].kind].protocol, protocol) == 0 &&
		    (!process || t->routes[k].process == process))
			gateway_add(list, ret_n, &t->routes[k], r->now);
	return list;
}

static struct routing_gateways
gateways_of(struct rt_vrf *vrf, const char *protocol, uint32_t process, struct arena *a)
{
	struct routing_gateways g;

	g.list = rt_gateways(vrf, protocol, process, a, &g.n);
	return g;
}

static struct routing_vrf
vrf_show(struct rt_vrf *vrf, struct arena *a)
{
	struct routing *r = vrf->node->routing;
	const size_t node = vrf->node->number;
	struct routing_vrf s = {.name = vrf->name};
	struct routing_gateways *g;

	s.n_eigrp = routing_eigrp_show(r, node, vrf->name, a, &s.eigrp);
	s.rip = routing_rip_show(r, node, vrf->name, a);
	s.bgp = routing_bgp_show(r, node, vrf->name, a);
	s.eigrp_gateways = g = arena_alloc(a, (s.n_eigrp + 1) * sizeof(*g));
	for (size_t k = 0; k < s.n_eigrp; k++)
		g[k] = gateways_of(vrf, "eigrp", s.eigrp[k].as, a);
	if (s.rip.conf)
		s.rip_gateways = gateways_of(vrf, "rip", 0, a);
	if (s.bgp.as)
		s.bgp_gateways = gateways_of(vrf, "bgp", 0, a);
	return s;
}

const struct routing_state *
routing_state(struct routing *r, size_t node, struct arena *a)
{
	const struct rt_node *n = r->nodes[node];
	struct routing_state *s;
	struct routing_vrf *vrfs;

	if (!n->policy || !routing_configured(n->policy))
		return NULL;
	rt_solve(r);
	s = arena_alloc(a, sizeof(*s));
	s->now = r->now;
	s->ospf = ospf_show(n, a, &s->n_ospf);
	for (const struct rt_vrf *vrf = n->vrfs; vrf; vrf = vrf->next)
		s->n_vrfs++;
	s->vrfs = vrfs = arena_alloc(a, (s->n_vrfs + 1) * sizeof(*vrfs));
	for (struct rt_vrf *vrf = n->vrfs; vrf; vrf = vrf->next)
		*vrfs++ = vrf_show(vrf, a);
	s->vpnv4 = routing_vpnv4_show(r, node, a);
	s->mpls = routing_mpls_show(r, node, a);
	return s;
}
