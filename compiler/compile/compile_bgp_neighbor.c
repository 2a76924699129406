/* SPDX-License-Identifier: Apache-2.0 */
/* BGP's neighbours: their lines, those of their peer groups, and their address families. */
#include "compiler/compile/compile_bgp.h"

#include <string.h>

/* Where the lines of one neighbour stand, and under which names. */
struct lines {
	struct bgp_nodes nodes;
	const char *names[2]; /* its address, its peer group (NULL: none) */
};

/* The node of a key that speaks of a neighbour by this name; NULL: none. */
static const struct tnode *
line_named(const struct bgp_nodes *nodes, enum gram_key key, const char *name,
           const char *direction)
{
	const struct tnode *n;

	for (size_t i = 0; i < nodes->n; i++)
		for (EACH(n, nodes->at[i], key))
			if (tnode_says(n, ARG_NEIGHBOR, name) &&
			    (!direction || tnode_says(n, ARG_DIRECTION, direction)))
				return n;
	return NULL;
}

/* The neighbour's own line, else its group's; NULL: neither says anything. */
static const struct tnode *
find_line(const struct lines *l, enum gram_key key, const char *direction)
{
	const struct tnode *n = line_named(&l->nodes, key, l->names[0], direction);

	return n || !l->names[1] ? n : line_named(&l->nodes, key, l->names[1], direction);
}

static uint32_t
line_number(const struct lines *l, enum gram_key key, enum gram_arg arg)
{
	const struct tnode *n = find_line(l, key, NULL);

	return n ? tnode_u32(n, arg) : 0;
}

/* --- families --------------------------------------------------------------------------------- */

static struct policy_route_filter
read_filter(struct compiler *c, const struct lines *l, const char *direction)
{
	const struct tnode *acl = find_line(l, KEY_BGP_NEIGHBOR_DISTRIBUTE_LIST, direction);
	const struct tnode *list = find_line(l, KEY_BGP_NEIGHBOR_PREFIX_LIST, direction);
	const struct tnode *map = find_line(l, KEY_BGP_NEIGHBOR_ROUTE_MAP, direction);

	return (struct policy_route_filter){
	    .acl = acl ? read_routing_acl(c, acl, ARG_ACL) : NULL,
	    .prefix_list = list ? read_routing_prefix_list(c, list, ARG_PREFIX_LIST) : NULL,
	    .map = map ? read_routing_map(c, map, ARG_ROUTE_MAP) : NULL,
	    .out = strcmp(direction, "out") == 0,
	};
}

/* usually: is a neighbour active that is not told so? */
static struct policy_bgp_family
read_family(struct compiler *c, const struct lines *l, bool usually)
{
	const struct tnode *active = find_line(l, KEY_BGP_NEIGHBOR_ACTIVATE, NULL);
	const struct tnode *send = find_line(l, KEY_BGP_NEIGHBOR_SEND_COMMUNITY, NULL);
	const struct tnode *dflt = find_line(l, KEY_BGP_NEIGHBOR_DEFAULT, NULL);
	const struct tnode *self = find_line(l, KEY_BGP_NEIGHBOR_NEXT_HOP_SELF, NULL);
	const struct tnode *allow = find_line(l, KEY_BGP_NEIGHBOR_ALLOWAS, NULL);
	const struct tnode *most = find_line(l, KEY_BGP_NEIGHBOR_MAXIMUM_PREFIX, NULL);
	struct policy_bgp_family f = {
	    .active = active ? !tnode_negated(active) : usually,
	    .next_hop_self = self,
	    .next_hop_self_all = self && tnode_has(self, ARG_ALL),
	    .route_reflector_client = find_line(l, KEY_BGP_NEIGHBOR_CLIENT, NULL),
	    .soft_inbound = find_line(l, KEY_BGP_NEIGHBOR_SOFT, NULL),
	    .default_originate = dflt,
	    .default_map = read_routing_map(c, dflt, ARG_ROUTE_MAP),
	    .send_community = send && !tnode_says(send, ARG_SEND, "extended"),
	    .send_extended_community =
		tnode_says(send, ARG_SEND, "extended") || tnode_says(send, ARG_SEND, "both"),
	    .remove_private_as = find_line(l, KEY_BGP_NEIGHBOR_REMOVE_PRIVATE, NULL),
	    .as_override = find_line(l, KEY_BGP_NEIGHBOR_AS_OVERRIDE, NULL),
	    .allowas_in = !allow                        ? 0
	                  : tnode_has(allow, ARG_TIMES) ? (uint8_t)tnode_u32(allow, ARG_TIMES)
	                                                : 3,
	    .weight = (uint16_t)line_number(l, KEY_BGP_NEIGHBOR_WEIGHT, ARG_WEIGHT),
	    .maximum_prefix = most ? tnode_u32(most, ARG_PREFIXES) : 0,
	    .maximum_warns = most && tnode_has(most, ARG_OVER),
	    .in = read_filter(c, l, "in"),
	    .out = read_filter(c, l, "out"),
	};

	return f;
}

/* --- a neighbour ------------------------------------------------------------------------------ */

static struct policy_bgp_neighbor
read_neighbor(struct compiler *c, const struct bgp_place *place, const struct lines *l,
              uint32_t addr)
{
	const struct tnode *hops = find_line(l, KEY_BGP_NEIGHBOR_MULTIHOP, NULL);
	const struct tnode *source = find_line(l, KEY_BGP_NEIGHBOR_UPDATE_SOURCE, NULL);
	const char *text =
	    read_routing_name(c, find_line(l, KEY_BGP_NEIGHBOR_DESCRIPTION, NULL), ARG_DESCRIPTION);
	struct policy_bgp_neighbor r = {
	    .addr = addr,
	    .remote_as = line_number(l, KEY_BGP_NEIGHBOR_REMOTE_AS, ARG_AS),
	    .local_as = line_number(l, KEY_BGP_NEIGHBOR_LOCAL_AS, ARG_AS),
	    .description = text ? text : "",
	    .group = l->names[1],
	    .update_source = read_routing_name(c, source, ARG_INTERFACE),
	    .shutdown = find_line(l, KEY_BGP_NEIGHBOR_SHUTDOWN, NULL),
	    .passive = tnode_says(find_line(l, KEY_BGP_NEIGHBOR_TRANSPORT, NULL), ARG_TRANSPORT,
	                          "passive"),
	    .keepalive = line_number(l, KEY_BGP_NEIGHBOR_TIMERS, ARG_KEEPALIVE),
	    .hold = line_number(l, KEY_BGP_NEIGHBOR_TIMERS, ARG_HOLD),
	    .password = read_routing_password(c, find_line(l, KEY_BGP_NEIGHBOR_PASSWORD, NULL)),
	};

	if (hops)
		r.ebgp_multihop =
		    tnode_has(hops, ARG_HOPS) ? (uint8_t)tnode_u32(hops, ARG_HOPS) : UINT8_MAX;
	r.families[BGP_IPV4] = read_family(c, l, place->usually_active);
	if (place->vpnv4) {
		struct lines vpn = {.nodes = {.n = 1, .at = {place->vpnv4}},
		                    .names = {l->names[0], l->names[1]}};

		r.families[BGP_VPNV4] = read_family(c, &vpn, false);
		r.families[BGP_VPNV4].send_extended_community |=
		    !line_named(&vpn.nodes, KEY_BGP_NEIGHBOR_SEND_COMMUNITY, l->names[0], NULL);
	}
	return r;
}

static bool
is_known(const struct policy_bgp_neighbor *list, size_t n, uint32_t addr)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].addr == addr)
			return true;
	return false;
}

static void
check_neighbor(struct compiler *c, const struct tnode *n, const struct policy_bgp_neighbor *r,
               uint32_t as)
{
	struct word at = read_word(c, n, ARG_NEIGHBOR);

	if (!r->remote_as)
		complain(c, DIAG_WARNING, "bgp-no-remote-as", &at,
		         arena_printf(c->arena, "neighbor %s remote-as", at.text),
		         "neighbor %s has no remote-as: there is no session with it", at.text);
	if (r->families[BGP_VPNV4].active && r->remote_as && r->remote_as != as)
		complain(
		    c, DIAG_WARNING, "vpnv4-external", &at, NULL,
		    "neighbor %s is in another system: VPNv4 between systems is not built, and "
		    "nothing of VRFs is told to it",
		    at.text);
	if (r->update_source && !policy_interface_find(c->policy, r->update_source))
		complain(c, DIAG_WARNING, "bgp-update-source", &at, NULL,
		         "interface %s, from which neighbor %s is to be spoken to, does not exist: "
		         "there is no session with it",
		         r->update_source, at.text);
}

const struct policy_bgp_neighbor *
bgp_neighbors(struct compiler *c, const struct bgp_place *place, size_t *ret_n)
{
	struct policy_bgp_neighbor *list;
	const struct tnode *n, *member;
	size_t most = 0, count = 0;

	for (size_t i = 0; i < place->nodes.n; i++)
		for (n = tnode_child(place->nodes.at[i]); n; n = tnode_sibling(n))
			most++;
	list = arena_alloc(c->arena, most * sizeof(*list));
	for (size_t i = 0; i < place->nodes.n; i++)
		for (n = tnode_child(place->nodes.at[i]); n; n = tnode_sibling(n)) {
			uint32_t addr = tnode_u32(n, ARG_NEIGHBOR);
			struct lines l = {.nodes = place->nodes};

			if (!addr || is_known(list, count, addr))
				continue;
			l.names[0] = read_routing_name(c, n, ARG_NEIGHBOR);
			member = line_named(&l.nodes, KEY_BGP_NEIGHBOR_MEMBER, l.names[0], NULL);
			l.names[1] = read_routing_name(c, member, ARG_GROUP);
			list[count] = read_neighbor(c, place, &l, addr);
			check_neighbor(c, n, &list[count++], place->as);
		}
	*ret_n = count;
	return list;
}
