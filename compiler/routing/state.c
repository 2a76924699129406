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

const struct routing_state *
routing_state(struct routing *r, size_t node, struct arena *a)
{
	const struct rt_node *n = r->nodes[node];
	struct routing_state *s;

	if (!n->policy || !routing_configured(n->policy))
		return NULL;
	rt_solve(r);
	s = arena_alloc(a, sizeof(*s));
	s->ospf = ospf_show(n, a, &s->n_ospf);
	return s;
}
