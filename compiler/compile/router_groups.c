/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Object groups of a router, `object-group network` and `object-group service`. A group that holds
 * what cannot be matched here is worth nothing, and so is an entry that names it: half of a group
 * would be another policy.
 */
#include <stdlib.h>
#include <string.h>

#include "compiler/compile/object_groups.h"

#define EACH(n, parent, key)                                                                       \
	(n) = tnode_first(parent, key);                                                            \
	(n);                                                                                       \
	(n) = tnode_next(n)

/* A kind of group: where it is in the tree, and what is in it. */
struct group_kind {
	enum gram_key group, object, nested;
	bool (*read)(struct objects *l, const struct tnode *n);
};

/* --- objects ---------------------------------------------------------------------------------- */

static struct object
network_of(uint32_t addr, uint32_t mask)
{
	return (struct object){.addr = addr & mask, .mask = mask, .icmp_type = -1, .icmp_code = -1};
}

/* "/24", or a mask behind a slash; false: neither. */
static bool
read_length(const char *text, uint32_t *ret)
{
	char *end;
	unsigned long len;

	if (*text++ != '/')
		return false;
	if (addr_parse(text, ret))
		return true;
	len = strtoul(text, &end, 10);
	if (end == text || *end || len > 32)
		return false;
	*ret = prefix_mask((uint8_t)len);
	return true;
}

static bool
read_network(struct objects *l, const struct tnode *n)
{
	uint32_t mask = UINT32_MAX;
	struct object o;

	if (tnode_has(n, ARG_HOSTNAME))
		return false;
	if (tnode_has(n, ARG_ANY)) {
		objects_add_any(l);
		return true;
	}
	if (tnode_has(n, ARG_LOW)) {
		objects_add_range(l, tnode_u32(n, ARG_LOW), tnode_u32(n, ARG_HIGH));
		return true;
	}
	if (tnode_has(n, ARG_MASK))
		mask = tnode_u32(n, ARG_MASK);
	else if (tnode_has(n, ARG_LENGTH) && !read_length(tnode_str(n, ARG_LENGTH), &mask))
		return false;
	o = network_of(tnode_u32(n, ARG_ADDRESS), mask);
	if (mask)
		objects_add(l, &o);
	else
		objects_add_any(l);
	return true;
}

static bool
read_service(struct objects *l, const struct tnode *n)
{
	struct policy_ace match = {0};
	struct object o = {.has_proto = true};

	read_match(n, &match);
	o.proto = match.proto;
	o.n_sports = match.n_sport;
	o.n_ports = match.n_dport;
	memcpy(o.sports, match.sport, sizeof(o.sports));
	memcpy(o.ports, match.dport, sizeof(o.ports));
	o.icmp_type = match.icmp_type;
	o.icmp_code = match.icmp_code;
	objects_add_service(l, &o, tnode_says(n, ARG_PROTO, "tcp-udp") ? "tcp-udp" : NULL);
	return true;
}

static const struct group_kind networks = {KEY_OBJECT_GROUP_NETWORK, KEY_NETWORK_OBJECT,
                                           KEY_NETWORK_GROUP, read_network};
static const struct group_kind services = {KEY_OBJECT_GROUP_SERVICE, KEY_SERVICE_OBJECT,
                                           KEY_SERVICE_GROUP, read_service};

/* --- groups ----------------------------------------------------------------------------------- */

/* False: something in it cannot be matched, or a group in it does not exist. */
static bool
collect_objects(const struct tnode *top, const struct group_kind *kind, const struct tnode *group,
                unsigned depth, struct objects *l)
{
	const struct tnode *n;

	if (!objects_visit(l))
		return false;
	for (EACH(n, group, kind->object))
		if (!kind->read(l, n))
			return false;
	for (EACH(n, group, kind->nested)) {
		const struct tnode *other =
		    tnode_named(top, kind->group, ARG_NAME, tnode_str(n, ARG_GROUP));

		if (!other || other == group || depth == OBJECTS_NESTED_MAX ||
		    !collect_objects(top, kind, other, depth + 1, l))
			return false;
	}
	return l->n < OBJECTS_EXPANDED_MAX;
}

/* The objects of the group that an argument names; one that matches everything without it. */
static bool
objects_of(struct compiler *c, const struct tnode *top, const struct tnode *ace, enum gram_arg arg,
           const struct group_kind *kind, struct objects *ret)
{
	const struct tnode *group;
	struct word name;
	bool whole;

	if (!tnode_has(ace, arg)) {
		objects_add_any(ret);
		return true;
	}
	name = read_word(c, ace, arg);
	group = tnode_named(top, kind->group, ARG_NAME, name.text);
	whole = group && collect_objects(top, kind, group, 0, ret);
	if (whole && ret->n)
		return true;
	if (group && !whole)
		complain(c, DIAG_ERROR, "object-group-unfit", &name, NULL,
		         "object group %s holds what cannot be matched, or another group that does "
		         "not exist: the entry matches nothing",
		         name.text);
	else
		objects_complain(c, &name, group);
	return false;
}

bool
router_has_groups(const struct tnode *ace)
{
	return tnode_has(ace, ARG_SERVICE) || tnode_has(ace, ARG_SRC_GROUP) ||
	       tnode_has(ace, ARG_DST_GROUP);
}

size_t
router_expand(struct compiler *c, const struct tnode *top, const struct tnode *ace,
              const struct policy_ace *plain, const struct policy_ace **ret)
{
	struct objects parts[OBJECT_PARTS] = {0};

	objects_add_any(&parts[OBJECT_PORTS]);
	objects_add_any(&parts[OBJECT_ICMP]);
	if (objects_of(c, top, ace, ARG_SERVICE, &services, &parts[OBJECT_SERVICE]) &&
	    objects_of(c, top, ace, ARG_SRC_GROUP, &networks, &parts[OBJECT_SRC]) &&
	    objects_of(c, top, ace, ARG_DST_GROUP, &networks, &parts[OBJECT_DST]))
		return objects_expand(c, ace, plain, parts, NULL, ret);
	for (size_t i = 0; i < OBJECT_PARTS; i++)
		free(parts[i].at);
	return 0;
}
