/* SPDX-License-Identifier: Apache-2.0 */
/* See asa_groups.h. */
#include "compiler/compile/asa_groups.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/compile/object_groups.h"
#include "compiler/policy/protocol.h"

/* --- reading groups --------------------------------------------------------------------------- */

static void
read_object(struct objects *l, const struct tnode *n, const char *of)
{
	struct policy_ace match = {0};
	struct object o = {.icmp_type = -1, .icmp_code = -1};

	o.mask = tnode_has(n, ARG_SRC_MASK) ? tnode_u32(n, ARG_SRC_MASK) : UINT32_MAX;
	o.addr = tnode_u32(n, ARG_SRC) & o.mask;
	read_match(n, &match);
	o.proto = match.proto;
	o.has_proto = tnode_has(n, ARG_PROTO);
	o.icmp_type = match.icmp_type;
	o.n_ports = match.n_dport;
	memcpy(o.ports, match.dport, sizeof(o.ports));
	/* In a group of ports the protocol is the one of the group's own line. */
	objects_add_service(l, &o, of);
}

static void
collect_objects(const struct tnode *top, enum gram_key key, const struct tnode *group,
                unsigned depth, struct objects *l)
{
	const char *of = tnode_has(group, ARG_PROTO) ? tnode_str(group, ARG_PROTO) : NULL;
	const struct tnode *n;

	if (!objects_visit(l))
		return;
	for (n = tnode_first(group, KEY_ASA_GROUP_OBJECT); n; n = tnode_next(n))
		read_object(l, n, of);
	for (n = tnode_first(group, KEY_ASA_GROUP_GROUP); n && depth < OBJECTS_NESTED_MAX;
	     n = tnode_next(n)) {
		const struct tnode *other =
		    tnode_named(top, key, ARG_NAME, tnode_str(n, ARG_GROUP));

		if (other && other != group)
			collect_objects(top, key, other, depth + 1, l);
	}
}

/*
 * Puts the objects of the group that an argument names into the list; when the line names no group,
 * one object that matches everything.
 */
static bool
objects_of(struct compiler *c, const struct tnode *top, const struct tnode *ace, enum gram_arg arg,
           const enum gram_key *keys, size_t n_keys, struct objects *ret)
{
	const struct tnode *group = NULL;
	struct word name;
	size_t i;

	if (!tnode_has(ace, arg)) {
		objects_add_any(ret);
		return true;
	}
	name = read_word(c, ace, arg);
	for (i = 0; i < n_keys && !group; i++)
		group = tnode_named(top, keys[i], ARG_NAME, name.text);
	if (group)
		collect_objects(top, keys[i - 1], group, 0, ret);
	if (ret->n && ret->visits < OBJECTS_EXPANDED_MAX)
		return true;
	objects_complain(c, &name, group);
	return false;
}

/* --- text ------------------------------------------------------------------------------------- */

static const char *
protocol_text(struct arena *a, uint8_t proto)
{
	const char *name = protocol_asa_name(proto);

	return name ? name : arena_printf(a, "%u", proto);
}

static const char *
addr_words(struct arena *a, uint32_t addr, uint32_t mask)
{
	char x[ADDR_TEXT_MAX], y[ADDR_TEXT_MAX];

	if (!mask)
		return "any";
	if (mask == UINT32_MAX)
		return arena_printf(a, "host %s", addr_text(addr, x));
	return arena_printf(a, "%s %s", addr_text(addr, x), addr_text(mask, y));
}

/*
 * Writes port ranges as words. An entry that expands a group never has "neq", which would be two
 * ranges.
 */
static const char *
port_words(struct arena *a, const struct port_range *p, size_t n)
{
	const char *text = "";

	for (size_t i = 0; i < n; i++)
		text = p[i].lo == p[i].hi
		           ? arena_printf(a, "%s eq %u", text, p[i].lo)
		           : arena_printf(a, "%s range %u %u", text, p[i].lo, p[i].hi);
	return text;
}

static const char *
ace_text(struct arena *a, const struct policy_ace *e)
{
	const char *icmp = e->icmp_type >= 0 ? arena_printf(a, " %d", e->icmp_type) : "";

	return arena_printf(a, "extended %s %s %s%s %s%s%s%s%s", e->permit ? "permit" : "deny",
	                    protocol_text(a, e->proto), addr_words(a, e->src, e->src_mask),
	                    port_words(a, e->sport, e->n_sport), addr_words(a, e->dst, e->dst_mask),
	                    port_words(a, e->dport, e->n_dport), icmp, e->log ? " log" : "",
	                    e->inactive ? " inactive" : "");
}

/* --- expanding -------------------------------------------------------------------------------- */

static const enum gram_arg group_args[] = {ARG_SERVICE, ARG_SRC_GROUP, ARG_DST_GROUP,
                                           ARG_DPORT_GROUP, ARG_ICMP_GROUP};

bool
asa_has_groups(const struct tnode *ace)
{
	for (size_t i = 0; i < ARRAY_SIZE(group_args); i++)
		if (tnode_has(ace, group_args[i]))
			return true;
	return false;
}

size_t
asa_expand(struct compiler *c, const struct tnode *top, const struct tnode *ace,
           const struct policy_ace *plain, const struct policy_ace **ret)
{
	static const enum gram_key protocols[] = {KEY_ASA_GROUP_PROTOCOL, KEY_ASA_GROUP_SERVICE};
	static const enum gram_key networks[] = {KEY_ASA_GROUP_NETWORK};
	static const enum gram_key services[] = {KEY_ASA_GROUP_SERVICE};
	static const enum gram_key icmp[] = {KEY_ASA_GROUP_ICMP};
	static const enum gram_key *const keys[] = {protocols, networks, networks, services, icmp};
	static const size_t n_keys[] = {2, 1, 1, 1, 1};
	struct objects parts[OBJECT_PARTS] = {0};

	for (size_t i = 0; i < OBJECT_PARTS; i++)
		if (!objects_of(c, top, ace, group_args[i], keys[i], n_keys[i], &parts[i])) {
			for (size_t k = 0; k < OBJECT_PARTS; k++)
				free(parts[k].at);
			return 0;
		}
	return objects_expand(c, ace, plain, parts, ace_text, ret);
}
