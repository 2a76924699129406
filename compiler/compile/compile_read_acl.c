/* SPDX-License-Identifier: Apache-2.0 */
/* Access lists out of the config tree: each entry as the policy has it. */
#include <stdlib.h>
#include <string.h>

#include "compiler/compile/object_groups.h"
#include "compiler/policy/protocol.h"

/* ICMP by name: type and, where the name means one, code (-1: any). */
static const struct {
	const char *name;
	int16_t type, code;
} icmp_names[] = {
    {"echo-reply", 0, -1},
    {"unreachable", 3, -1},
    {"net-unreachable", 3, 0},
    {"host-unreachable", 3, 1},
    {"protocol-unreachable", 3, 2},
    {"port-unreachable", 3, 3},
    {"packet-too-big", 3, 4},
    {"source-route-failed", 3, 5},
    {"network-unknown", 3, 6},
    {"host-unknown", 3, 7},
    {"host-isolated", 3, 8},
    {"dod-net-prohibited", 3, 9},
    {"dod-host-prohibited", 3, 10},
    {"net-tos-unreachable", 3, 11},
    {"host-tos-unreachable", 3, 12},
    {"administratively-prohibited", 3, 13},
    {"host-precedence-unreachable", 3, 14},
    {"precedence-unreachable", 3, 15},
    {"source-quench", 4, -1},
    {"redirect", 5, -1},
    {"net-redirect", 5, 0},
    {"host-redirect", 5, 1},
    {"net-tos-redirect", 5, 2},
    {"host-tos-redirect", 5, 3},
    {"alternate-address", 6, -1},
    {"echo", 8, -1},
    {"router-advertisement", 9, -1},
    {"router-solicitation", 10, -1},
    {"time-exceeded", 11, -1},
    {"ttl-exceeded", 11, 0},
    {"reassembly-timeout", 11, 1},
    {"parameter-problem", 12, -1},
    {"general-parameter-problem", 12, 0},
    {"option-missing", 12, 1},
    {"no-room-for-option", 12, 2},
    {"timestamp-request", 13, -1},
    {"timestamp-reply", 14, -1},
    {"information-request", 15, -1},
    {"information-reply", 16, -1},
    {"mask-request", 17, -1},
    {"mask-reply", 18, -1},
    {"traceroute", 30, -1},
    {"conversion-error", 31, -1},
    {"mobile-redirect", 32, -1},
};

static uint8_t
protocol_of(const struct tnode *n)
{
	const char *name = tnode_str(n, ARG_PROTO);
	uint8_t number;

	return name && protocol_number(name, &number) ? number : (uint8_t)tnode_u32(n, ARG_PROTO);
}

static void
read_icmp(const struct tnode *n, struct policy_ace *ace)
{
	const char *name = tnode_str(n, ARG_ICMP_NAME);
	size_t i;

	ace->icmp_type = ace->icmp_code = -1;
	if (tnode_has(n, ARG_ICMP_TYPE))
		ace->icmp_type = (int16_t)tnode_u32(n, ARG_ICMP_TYPE);
	if (tnode_has(n, ARG_ICMP_CODE))
		ace->icmp_code = (int16_t)tnode_u32(n, ARG_ICMP_CODE);
	for (i = 0; name && i < ARRAY_SIZE(icmp_names); i++)
		if (strcmp(icmp_names[i].name, name) == 0) {
			ace->icmp_type = icmp_names[i].type;
			ace->icmp_code = icmp_names[i].code;
		}
}

struct port_args {
	enum gram_arg op, port, hi;
};

/* The ports of one side as ranges; returns how many. */
static uint8_t
read_ports(const struct tnode *n, struct port_args args,
           struct port_range out[POLICY_PORT_RANGES_MAX])
{
	const char *op = tnode_str(n, args.op);
	uint16_t port = (uint16_t)tnode_u32(n, args.port);
	uint16_t hi = (uint16_t)tnode_u32(n, args.hi);
	uint8_t count = 0;

	if (!op)
		return 0;
	if (strcmp(op, "eq") == 0) {
		while (count < POLICY_PORT_RANGES_MAX && tnode_str_at(n, args.port, count)) {
			port = (uint16_t)tnode_u32_at(n, args.port, count);
			out[count++] = (struct port_range){port, port};
		}
	} else if (strcmp(op, "range") == 0) {
		out[count++] =
		    port <= hi ? (struct port_range){port, hi} : (struct port_range){hi, port};
	} else {
		if (strcmp(op, "gt") != 0 && port > 0)
			out[count++] = (struct port_range){0, (uint16_t)(port - 1)};
		if (strcmp(op, "lt") != 0 && port < UINT16_MAX)
			out[count++] = (struct port_range){(uint16_t)(port + 1), UINT16_MAX};
		if (!count) /* "lt 0" and "gt 65535" match no port */
			out[count++] = (struct port_range){1, 0};
	}
	return count;
}

/*
 * Reads an address and the mask of its bits that count: none for "any", all for a host or for an
 * address without a mask.
 */
static void
read_address(const struct tnode *n, enum gram_arg addr, enum gram_arg wild, uint32_t *ret_addr,
             uint32_t *ret_mask)
{
	*ret_mask = !tnode_has(n, addr) ? 0 : ~(tnode_has(n, wild) ? tnode_u32(n, wild) : 0);
	*ret_addr = tnode_u32(n, addr) & *ret_mask;
}

/* `show access-lists` writes "deny" without the blanks of the configuration, but in standard lists.
 */
static const char *
show_text(struct compiler *c, const char *text, bool standard)
{
	if (!standard && strncmp(text, "deny   ", 7) == 0)
		return arena_printf(c->arena, "deny %s", text + 7);
	return text;
}

/* The first match of the entry that filters and groups cannot do; NULL: none. */
static const char *
find_unbuilt(const struct tnode *n)
{
	static const struct {
		enum gram_arg arg;
		const char *what;
	} not_done[] = {
	    {ARG_SPORT_GROUP, "groups of ports"},
	    {ARG_DPORT_GROUP, "groups of ports"},
	    {ARG_DSCP, "matching by DSCP"},
	    {ARG_PRECEDENCE, "matching by precedence"},
	    {ARG_TOS, "matching by TOS"},
	    {ARG_OPTION, "matching by IP options"},
	    {ARG_TTL, "matching by TTL"},
	    {ARG_TIME_RANGE, "time ranges"},
	    {ARG_REFLECT, "reflexive access lists"},
	    {ARG_DYNAMIC, "dynamic access lists"},
	    {ARG_IGMP_TYPE, "matching by IGMP type"},
	    {ARG_EVALUATE, "reflexive access lists"},
	    {ARG_FLAG, "matching by TCP flags"},
	    {ARG_ALL_FLAGS, "matching by TCP flags"},
	    {ARG_ANY_FLAGS, "matching by TCP flags"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(not_done); i++)
		if (tnode_has(n, not_done[i].arg))
			return not_done[i].what;
	return NULL;
}

void
read_match(const struct tnode *n, struct policy_ace *ace)
{
	ace->proto = protocol_of(n);
	read_icmp(n, ace);
	ace->n_sport =
	    read_ports(n, (struct port_args){ARG_SPORT_OP, ARG_SPORT, ARG_SPORT_HI}, ace->sport);
	ace->n_dport =
	    read_ports(n, (struct port_args){ARG_DPORT_OP, ARG_DPORT, ARG_DPORT_HI}, ace->dport);
}

static struct raw_ace
read_ace(struct compiler *c, const struct tnode *n, bool standard)
{
	struct raw_ace e = {.at = read_line(c, n)};
	struct policy_ace *ace = &e.ace;

	ace->seq = tnode_u32(n, ARG_SEQ);
	e.unbuilt = find_unbuilt(n);
	ace->permit = !tnode_has(n, ARG_ACTION) || !strncmp(tnode_str(n, ARG_ACTION), "permit", 6);
	ace->text = show_text(c, e.at.text, standard);
	read_address(n, ARG_SRC, ARG_SRC_WILD, &ace->src, &ace->src_mask);
	ace->icmp_type = ace->icmp_code = -1;
	e.log = e.ace.log = tnode_has(n, ARG_LOG);
	if (standard)
		return e;
	read_address(n, ARG_DST, ARG_DST_WILD, &ace->dst, &ace->dst_mask);
	read_match(n, ace);
	ace->established = tnode_has(n, ARG_ESTABLISHED);
	ace->fragments = tnode_has(n, ARG_FRAGMENTS);
	return e;
}

/* Entries as they are read. */
struct aces {
	struct raw_ace *at;
	size_t n, capacity;
};

/*
 * One for each combination of what its object groups hold; all have its number. Without its groups
 * it stays one, which is lost.
 */
static void
add_entry(struct compiler *c, const struct tnode *top, const struct tnode *n, bool standard,
          struct aces *ret)
{
	struct raw_ace e = read_ace(c, n, standard);
	const struct policy_ace *each = &e.ace;
	size_t count = 1;

	if (router_has_groups(n) && !e.unbuilt) {
		count = router_expand(c, top, n, &e.ace, &each);
		e.lost = !count;
	}
	x_grow(&ret->at, &ret->capacity, ret->n + count + 1, sizeof(*ret->at));
	if (e.lost)
		ret->at[ret->n++] = e;
	for (size_t i = 0; i < count; i++) {
		ret->at[ret->n] = e;
		ret->at[ret->n++].ace = each[i];
	}
}

static struct raw_acl
read_acl(struct compiler *c, const struct tnode *top, const struct tnode *n, bool standard)
{
	struct raw_acl acl = {.standard = standard};
	struct aces aces = {0};
	const struct tnode *e;

	acl.name = read_line(c, n);
	acl.name.text = arena_strdup(c->arena, tnode_str(n, ARG_NAME));
	acl.name.column = tnode_column(n, ARG_NAME, 0, &acl.name.length);
	for (e = tnode_first(n, KEY_ACE); e; e = tnode_next(e))
		if (!tnode_has(e, ARG_REMARK))
			add_entry(c, top, e, standard, &aces);
	acl.n = aces.n;
	acl.aces = arena_memdup(c->arena, aces.at, aces.n * sizeof(*aces.at));
	free(aces.at);
	return acl;
}

void
read_acls(struct compiler *c, const struct tnode *top)
{
	static const enum gram_key keys[] = {KEY_IP_ACCESS_LIST_STANDARD,
	                                     KEY_IP_ACCESS_LIST_EXTENDED};
	const struct tnode *n;
	size_t count = 0, k;

	for (k = 0; k < ARRAY_SIZE(keys); k++)
		for (n = tnode_first(top, keys[k]); n; n = tnode_next(n))
			count++;
	c->raw.acls = arena_alloc(c->arena, count * sizeof(*c->raw.acls));
	for (k = 0; k < ARRAY_SIZE(keys); k++)
		for (n = tnode_first(top, keys[k]); n; n = tnode_next(n))
			c->raw.acls[c->raw.n_acls++] = read_acl(c, top, n, k == 0);
}
