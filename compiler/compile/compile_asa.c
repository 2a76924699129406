/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A firewall's configuration: interfaces have names and levels, routes and access groups speak of
 * those names, and entries of access lists have masks. Read into the same lists as a router's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "compiler/compile/asa_groups.h"

#define EACH(n, parent, key)                                                                       \
	(n) = tnode_first(parent, key);                                                            \
	(n);                                                                                       \
	(n) = tnode_next(n)

#define LEVEL_INSIDE 100 /* the level of an interface named "inside"; all others begin at 0 */

/* --- interfaces ------------------------------------------------------------------------------- */

static uint8_t
level_of(const struct tnode *interface, const char *name)
{
	const struct tnode *n = tnode_first(interface, KEY_ASA_IF_SECURITY_LEVEL);

	if (n)
		return (uint8_t)tnode_u32(n, ARG_LEVEL);
	return name && strcasecmp(name, "inside") == 0 ? LEVEL_INSIDE : 0;
}

/* The list that is applied to an interface in a direction. */
static struct word
group_of(struct compiler *c, const struct tnode *top, const char *nameif, const char *direction)
{
	const struct tnode *n;

	for (EACH(n, top, KEY_ASA_ACCESS_GROUP))
		if (nameif && !strcmp(tnode_str(n, ARG_NAMEIF), nameif) &&
		    !strcmp(tnode_str(n, ARG_DIRECTION), direction))
			return read_word(c, n, ARG_ACL);
	return (struct word){0};
}

static void
read_interfaces(struct compiler *c, const struct tnode *top)
{
	struct raw_interface *e = read_array(c, top, KEY_INTERFACE, sizeof(*e));
	const struct tnode *n;

	c->raw.interfaces = e;
	for (EACH(n, top, KEY_INTERFACE)) {
		const struct tnode *address = tnode_first(n, KEY_IF_ADDRESS);
		const struct tnode *nameif = tnode_first(n, KEY_ASA_IF_NAMEIF);

		*e = (struct raw_interface){.name = read_word(c, n, ARG_NAME),
		                            .shutdown = tnode_first(n, KEY_IF_SHUTDOWN)};
		if (address) {
			e->address = read_word(c, address, ARG_ADDRESS);
			e->addr = tnode_u32(address, ARG_ADDRESS);
			e->mask = tnode_u32(address, ARG_MASK);
		}
		if (nameif)
			e->nameif = read_word(c, nameif, ARG_NAMEIF);
		e->level = level_of(n, e->nameif.text);
		e->acl_in = group_of(c, top, e->nameif.text, "in");
		e->acl_out = group_of(c, top, e->nameif.text, "out");
		e++;
		c->raw.n_interfaces++;
	}
}

static const struct raw_interface *
interface_named(const struct compiler *c, const char *nameif)
{
	for (size_t i = 0; i < c->raw.n_interfaces; i++)
		if (c->raw.interfaces[i].nameif.text &&
		    strcmp(c->raw.interfaces[i].nameif.text, nameif) == 0)
			return &c->raw.interfaces[i];
	return NULL;
}

/* --- routes ----------------------------------------------------------------------------------- */

static void
read_routes(struct compiler *c, const struct tnode *top)
{
	struct raw_route *e = read_array(c, top, KEY_ASA_ROUTE, sizeof(*e));
	const struct tnode *n;

	c->raw.routes = e;
	for (EACH(n, top, KEY_ASA_ROUTE)) {
		struct word nameif = read_word(c, n, ARG_NAMEIF);

		*e = (struct raw_route){
		    .to = read_word(c, n, ARG_ADDRESS),
		    .addr = tnode_u32(n, ARG_ADDRESS),
		    .mask = tnode_u32(n, ARG_MASK),
		    .via = read_word(c, n, ARG_GATEWAY),
		    .next_hop = tnode_u32(n, ARG_GATEWAY),
		    .distance =
			tnode_has(n, ARG_DISTANCE) ? (uint8_t)tnode_u32(n, ARG_DISTANCE) : 1,
		};
		if (!interface_named(c, nameif.text))
			complain(c, DIAG_WARNING, "route-interface-undefined", &nameif, NULL,
			         "no interface is named %s: the route goes where its gateway is",
			         nameif.text);
		e++;
		c->raw.n_routes++;
	}
}

/* --- access lists ----------------------------------------------------------------------------- */

/* FNV-1a of the list's name and the entry. */
uint32_t
asa_hash(const char *acl, const char *text)
{
	uint32_t h = UINT32_C(2166136261);

	for (const char *at = acl; *at; at++)
		h = (h ^ (uint8_t)*at) * UINT32_C(16777619);
	for (const char *at = text; *at; at++)
		h = (h ^ (uint8_t)*at) * UINT32_C(16777619);
	return h ? h : 1;
}

static void
read_address(const struct tnode *n, enum gram_arg addr, enum gram_arg mask, uint32_t *ret_addr,
             uint32_t *ret_mask)
{
	*ret_mask = !tnode_has(n, addr) ? 0 : tnode_has(n, mask) ? tnode_u32(n, mask) : UINT32_MAX;
	*ret_addr = tnode_u32(n, addr) & *ret_mask;
}

static struct raw_ace
read_ace(struct compiler *c, const struct tnode *n, const char *acl, uint32_t line)
{
	struct raw_ace e = {.at = read_line(c, n), .log = tnode_has(n, ARG_LOG)};
	struct policy_ace *ace = &e.ace;

	ace->seq = ace->line = line;
	ace->permit = strcmp(tnode_str(n, ARG_ACTION), "permit") == 0;
	ace->inactive = tnode_has(n, ARG_INACTIVE);
	ace->log = e.log;
	ace->text = e.at.text;
	ace->hash = asa_hash(acl, e.at.text);
	read_address(n, ARG_SRC, ARG_SRC_MASK, &ace->src, &ace->src_mask);
	read_address(n, ARG_DST, ARG_DST_MASK, &ace->dst, &ace->dst_mask);
	read_match(n, ace);
	return e;
}

/* Reads one list. A remark counts as a line but makes no entry. */
static void
read_list(struct compiler *c, const struct tnode *top, const struct tnode *list,
          struct raw_acl *acl)
{
	struct raw_ace *aces = NULL, *kept;
	const struct tnode *n;
	size_t capacity = 0;
	uint32_t line = 0;

	acl->name = read_word(c, list, ARG_NAME);
	for (EACH(n, list, KEY_ASA_ACE)) {
		struct raw_ace e;
		const struct policy_ace *each = &e.ace;
		size_t count = 1;

		line++;
		if (tnode_has(n, ARG_REMARK))
			continue;
		e = read_ace(c, n, acl->name.text, line);
		if (asa_has_groups(n))
			count = asa_expand(c, top, n, &e.ace, &each);
		x_grow(&aces, &capacity, acl->n + count, sizeof(*aces));
		for (size_t i = 0; i < count; i++) {
			aces[acl->n] = e;
			aces[acl->n].ace = each[i];
			aces[acl->n++].ace.hash = asa_hash(acl->name.text, each[i].text);
		}
	}
	kept = arena_alloc(c->arena, (acl->n + 1) * sizeof(*kept));
	if (aces)
		memcpy(kept, aces, acl->n * sizeof(*kept));
	acl->aces = kept;
	free(aces);
}

static void
read_lists(struct compiler *c, const struct tnode *top)
{
	struct raw_acl *acls = read_array(c, top, KEY_ASA_ACCESS_LIST, sizeof(*acls));
	const struct tnode *n;

	c->raw.acls = acls;
	for (EACH(n, top, KEY_ASA_ACCESS_LIST))
		read_list(c, top, n, &acls[c->raw.n_acls++]);
}

/* --- all of it -------------------------------------------------------------------------------- */

static void
read_firewall(struct compiler *c, const struct tnode *top)
{
	const struct tnode *host = tnode_first(top, KEY_HOSTNAME);
	const struct tnode *domain = tnode_first(top, KEY_ASA_DOMAIN_NAME);

	c->raw.hostname = host ? read_word(c, host, ARG_HOSTNAME).text : NULL;
	c->raw.domain_name = domain ? read_word(c, domain, ARG_DOMAIN).text : NULL;
	c->raw.ip_routing = true;
	read_interfaces(c, top);
	read_routes(c, top);
	read_lists(c, top);
}

/*
 * After all interfaces are read: access groups of interfaces that do not exist, the global list,
 * and traffic between interfaces of one level.
 */
static void
finish_firewall(struct compiler *c, const struct tnode *top)
{
	const struct tnode *n, *global = tnode_first(top, KEY_ASA_ACCESS_GROUP_GLOBAL);

	c->policy->firewall = true;
	for (EACH(n, top, KEY_ASA_SAME_SECURITY)) {
		bool inter = strcmp(tnode_str(n, ARG_SAME), "inter-interface") == 0;

		c->policy->same_security_inter |= inter;
		c->policy->same_security_intra |= !inter;
	}
	for (EACH(n, top, KEY_ASA_ACCESS_GROUP)) {
		struct word nameif = read_word(c, n, ARG_NAMEIF);

		if (!interface_named(c, nameif.text))
			complain(c, DIAG_WARNING, "access-group-nameif", &nameif, NULL,
			         "no interface is named %s: the access list filters nothing",
			         nameif.text);
	}
	if (global) {
		struct word name = read_word(c, global, ARG_ACL);

		c->policy->acl_global = policy_acl_find(c->policy, name.text);
		if (!c->policy->acl_global)
			complain(c, DIAG_WARNING, "access-group-undefined", &name,
			         NEAREST(c, name.text, c->raw.acls, c->raw.n_acls),
			         "access list %s does not exist: nothing is filtered by it",
			         name.text);
	}
}

const struct compile_kind compile_firewall = {.read = read_firewall, .finish = finish_firewall};
