/* SPDX-License-Identifier: Apache-2.0 */
/* See asa_groups.h. */
#include "compiler/compile/asa_groups.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/compile/object_groups.h"
#include "compiler/policy/protocol.h"

/* How an entry names what one of its parts is: a group, or an object. */
struct part_args {
	enum gram_arg group, object; /* object: ARG_NONE: it cannot be one */
	enum gram_key object_key;
	size_t n_keys;
	enum gram_key keys[2]; /* of the group */
};

/* clang-format off */
static const struct part_args part_args[OBJECT_PARTS] = {
    [OBJECT_SERVICE] = {ARG_SERVICE, ARG_SERVICE_OBJECT, KEY_ASA_OBJECT_SERVICE,
                        2, {KEY_ASA_GROUP_PROTOCOL, KEY_ASA_GROUP_SERVICE}},
    [OBJECT_SRC]     = {ARG_SRC_GROUP, ARG_SRC_OBJECT, KEY_ASA_OBJECT_NETWORK,
                        1, {KEY_ASA_GROUP_NETWORK}},
    [OBJECT_DST]     = {ARG_DST_GROUP, ARG_DST_OBJECT, KEY_ASA_OBJECT_NETWORK,
                        1, {KEY_ASA_GROUP_NETWORK}},
    [OBJECT_PORTS]   = {.group = ARG_DPORT_GROUP, .n_keys = 1, .keys = {KEY_ASA_GROUP_SERVICE}},
    [OBJECT_ICMP]    = {.group = ARG_ICMP_GROUP, .n_keys = 1, .keys = {KEY_ASA_GROUP_ICMP}},
};
/* clang-format on */

/* --- reading groups --------------------------------------------------------------------------- */

/* A service, without its addresses. */
static struct object
service_of(const struct tnode *n)
{
	struct policy_ace match = {0};
	struct object o = {.has_proto = tnode_has(n, ARG_PROTO)};

	read_match(n, &match);
	o.proto = match.proto;
	o.icmp_type = match.icmp_type;
	o.icmp_code = match.icmp_code;
	o.n_sports = match.n_sport;
	memcpy(o.sports, match.sport, sizeof(o.sports));
	o.n_ports = match.n_dport;
	memcpy(o.ports, match.dport, sizeof(o.ports));
	return o;
}

/* Of both protocols ("tcp-udp") the service is said once and means two. */
static void
read_service(struct objects *l, const struct tnode *n, const char *of)
{
	const struct object o = service_of(n);

	if (!of && tnode_says(n, ARG_PROTO, "tcp-udp"))
		of = "tcp-udp";
	objects_add_service(l, &o, of);
}

static void
read_network(struct objects *l, const struct tnode *n)
{
	struct object o = {.mask = UINT32_MAX, .icmp_type = -1, .icmp_code = -1};

	if (tnode_has(n, ARG_SRC_HI)) {
		objects_add_range(l, tnode_u32(n, ARG_SRC), tnode_u32(n, ARG_SRC_HI));
		return;
	}
	if (tnode_has(n, ARG_SRC_MASK))
		o.mask = tnode_u32(n, ARG_SRC_MASK);
	o.addr = tnode_u32(n, ARG_SRC) & o.mask;
	objects_add(l, &o);
}

/* `object network` and `object service`; of one that is not there, or says a name, nothing. */
static void
read_named(const struct tnode *top, enum gram_key key, const char *name, struct objects *l)
{
	const struct tnode *object = tnode_named(top, key, ARG_NAME, name);
	const struct tnode *n = object ? tnode_first(object, KEY_ASA_OBJECT_VALUE) : NULL;

	if (!n || tnode_has(n, ARG_FQDN))
		return;
	if (key == KEY_ASA_OBJECT_SERVICE)
		read_service(l, n, NULL);
	else
		read_network(l, n);
}

static void
read_object(struct objects *l, const struct tnode *top, const struct tnode *n, enum gram_key key,
            const char *of)
{
	if (tnode_has(n, ARG_OBJECT))
		read_named(top,
		           key == KEY_ASA_GROUP_NETWORK ? KEY_ASA_OBJECT_NETWORK
		                                        : KEY_ASA_OBJECT_SERVICE,
		           tnode_str(n, ARG_OBJECT), l);
	else if (key == KEY_ASA_GROUP_NETWORK)
		read_network(l, n);
	else /* in a group of ports the protocol is the one of the group's own line */
		read_service(l, n, of);
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
		read_object(l, top, n, key, of);
	for (n = tnode_first(group, KEY_ASA_GROUP_GROUP); n && depth < OBJECTS_NESTED_MAX;
	     n = tnode_next(n)) {
		const struct tnode *other =
		    tnode_named(top, key, ARG_NAME, tnode_str(n, ARG_GROUP));

		if (other && other != group)
			collect_objects(top, key, other, depth + 1, l);
	}
}

/*
 * Puts the objects of the group, or the object, that an argument names into the list; when the line
 * names none, one object that matches everything.
 */
static bool
objects_of(struct compiler *c, const struct tnode *top, const struct tnode *ace,
           const struct part_args *args, struct objects *ret)
{
	const struct tnode *group = NULL;
	bool named = args->object && tnode_has(ace, args->object);
	struct word name;
	size_t i;

	if (!named && !tnode_has(ace, args->group)) {
		objects_add_any(ret);
		return true;
	}
	name = read_word(c, ace, named ? args->object : args->group);
	if (named) {
		group = tnode_named(top, args->object_key, ARG_NAME, name.text);
		read_named(top, args->object_key, name.text, ret);
	}
	for (i = 0; !named && i < args->n_keys && !group; i++)
		group = tnode_named(top, args->keys[i], ARG_NAME, name.text);
	if (!named && group)
		collect_objects(top, args->keys[i - 1], group, 0, ret);
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

/* Writes port ranges as words; two are all but one port between them. */
static const char *
port_words(struct arena *a, const struct port_range *p, size_t n)
{
	const char *text = "";

	if (n == 2)
		return arena_printf(a, " neq %u", p[0].hi + 1);
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

bool
asa_has_groups(const struct tnode *ace)
{
	for (size_t i = 0; i < OBJECT_PARTS; i++)
		if (tnode_has(ace, part_args[i].group) ||
		    (part_args[i].object && tnode_has(ace, part_args[i].object)))
			return true;
	return false;
}

size_t
asa_expand(struct compiler *c, const struct tnode *top, const struct tnode *ace,
           const struct policy_ace *plain, const struct policy_ace **ret)
{
	struct objects parts[OBJECT_PARTS] = {0};

	for (size_t i = 0; i < OBJECT_PARTS; i++)
		if (!objects_of(c, top, ace, &part_args[i], &parts[i])) {
			for (size_t k = 0; k < OBJECT_PARTS; k++)
				free(parts[k].at);
			return 0;
		}
	return objects_expand(c, ace, plain, parts, ace_text, ret);
}
