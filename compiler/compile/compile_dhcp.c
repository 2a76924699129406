/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DHCP: addresses that are learned, and pools of them. What an interface has learned comes as a
 * fact (compile.h). When it is not there any more, the interface keeps its last address in the
 * policy: a member's interface without one would be bound to no group, and open.
 */
#include <string.h>

#include "compiler/compile/compile_parts.h"

#define EACH(n, parent, key)                                                                       \
	(n) = tnode_first(parent, key);                                                            \
	(n);                                                                                       \
	(n) = tnode_next(n)

#define LEARNED_DISTANCE 254 /* of a default route, as IOS */

static const struct policy_learned *
find_learned(const struct compiler *c, const char *interface)
{
	for (size_t i = 0; i < c->facts->n_learned; i++)
		if (strcmp(c->facts->learned[i].interface, interface) == 0)
			return &c->facts->learned[i];
	return NULL;
}

/* What it had in the policy that runs now. */
static const struct policy_interface *
find_before(const struct compiler *c, const char *interface)
{
	const struct policy_interface *f =
	    c->facts->before ? policy_interface_find(c->facts->before, interface) : NULL;

	return f && f->dhcp && f->has_address ? f : NULL;
}

void
read_learned(struct compiler *c, const struct tnode *address, struct raw_interface *ret)
{
	const struct policy_learned *now = find_learned(c, ret->name.text);
	const struct policy_interface *before = find_before(c, ret->name.text);

	if (!tnode_says(address, ARG_HOW, "dhcp"))
		return;
	ret->dhcp = true;
	if (!now && !before)
		return;
	ret->address = read_word(c, address, ARG_HOW);
	ret->addr = now ? now->addr : before->addr;
	ret->mask = prefix_mask(now ? now->len : before->len);
	ret->router = now ? now->router : 0;
}

size_t
compile_learned_routes(const struct compiler *c, struct policy_route *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < c->raw.n_interfaces; i++)
		if (c->raw.interfaces[i].router)
			ret[n++] = (struct policy_route){.via = c->raw.interfaces[i].router,
			                                 .distance = LEARNED_DISTANCE,
			                                 .vrf = c->interfaces[i].vrf};
	return n;
}

/* --- pools ------------------------------------------------------------------------------------ */

static void
read_pool(struct compiler *c, const struct tnode *n, struct policy_pool *ret)
{
	const struct tnode *network = tnode_first(n, KEY_DHCP_NETWORK);
	const struct tnode *router = tnode_first(n, KEY_DHCP_ROUTER);
	uint32_t addr = tnode_u32(network, ARG_ADDRESS);
	struct word name = read_word(c, n, ARG_NAME);

	ret->name = name.text;
	ret->network.len = mask_len(tnode_u32(network, ARG_MASK));
	ret->network.addr = addr & prefix_mask(ret->network.len);
	ret->router = router ? tnode_u32(router, ARG_ADDRESS) : 0;
	if (c->facts->plain_host)
		complain(c, DIAG_WARNING, "dhcp-pool-kept", &name, NULL,
		         "DHCP pool %s is kept: on a machine nobody is given its addresses",
		         name.text);
}

void
read_pools(struct compiler *c, const struct tnode *top)
{
	struct policy_pool *pools = read_array(c, top, KEY_DHCP_POOL, sizeof(*pools));
	struct policy_excluded *excluded = read_array(c, top, KEY_DHCP_EXCLUDED, sizeof(*excluded));
	const struct tnode *n;

	c->policy->pools = pools;
	for (EACH(n, top, KEY_DHCP_POOL))
		if (tnode_first(n, KEY_DHCP_NETWORK))
			read_pool(c, n, &pools[c->policy->n_pools++]);
	c->policy->excluded = excluded;
	for (EACH(n, top, KEY_DHCP_EXCLUDED)) {
		uint32_t low = tnode_u32(n, ARG_LOW);

		excluded[c->policy->n_excluded++] = (struct policy_excluded){
		    low, tnode_has(n, ARG_HIGH) ? tnode_u32(n, ARG_HIGH) : low};
	}
}
