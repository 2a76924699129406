/* SPDX-License-Identifier: Apache-2.0 */
/* Lines that a router refuses because of what else is configured: see objection.h. */
#include "compiler/compile/objection.h"

#include <string.h>

#include "compiler/base/endpoint.h"
#include "compiler/base/store_file.h"
#include "compiler/grammar/ifname.h"
#include "compiler/policy/vrf.h"
#include "compiler/tree/tree_clock.h"

struct asking {
	const struct tree *tree;
	const struct tnode *parent; /* of the mode that the command is of */
	const struct command *cmd;
	const struct objection_facts *facts;
	struct arena *arena;
};

#define EACH(n, parent, key)                                                                       \
	(n) = tnode_first(parent, key);                                                            \
	(n);                                                                                       \
	(n) = tnode_next(n)

static const struct tnode *
find_named(const struct tree *t, enum gram_key key, const char *name)
{
	return tnode_named(tree_top(t), key, ARG_NAME, name);
}

/* The interfaces to which a map is applied: "Fa0/0, Fa0/1" by their full names; NULL: none. */
static const char *
list_bearers(const struct asking *q, const char *map)
{
	const char *list = NULL, *name;
	const struct tnode *n;

	for (EACH(n, tree_top(q->tree), KEY_INTERFACE)) {
		const struct tnode *on = tnode_first(n, KEY_IF_CRYPTO_MAP);

		if (!on || !tnode_says(on, ARG_MAP, map))
			continue;
		name = tnode_str(n, ARG_NAME);
		list = list ? arena_printf(q->arena, "%s, %s", list, name) : name;
	}
	return list;
}

/* --- addresses and routes --------------------------------------------------------------------- */

static const char *
vrf_of(const struct tnode *interface)
{
	const struct tnode *n = tnode_first(interface, KEY_IF_VRF);

	return n ? tnode_str(n, ARG_VRF) : NULL;
}

static bool
is_in_table(const struct tnode *interface, const char *y)
{
	const char *x = vrf_of(interface);

	return x && y ? strcmp(x, y) == 0 : x == y;
}

static bool
net_overlaps(const struct tnode *n, uint32_t addr, uint32_t mask)
{
	return tnode_has(n, ARG_MASK) &&
	       ((tnode_u32(n, ARG_ADDRESS) ^ addr) & tnode_u32(n, ARG_MASK) & mask) == 0;
}

/* The interface of that VRF whose network this address would be in as well; NULL: none. */
static const struct tnode *
find_overlapped(const struct asking *q, const char *vrf, uint32_t addr, uint32_t mask)
{
	const struct tnode *n, *on;

	for (EACH(n, tree_top(q->tree), KEY_INTERFACE)) {
		if (n == q->parent || !is_in_table(n, vrf))
			continue;
		for (EACH(on, n, KEY_IF_ADDRESS))
			if (net_overlaps(on, addr, mask))
				return n;
		for (EACH(on, n, KEY_IF_SECONDARY))
			if (net_overlaps(on, addr, mask))
				return n;
	}
	return NULL;
}

static const char *
tell_overlap(const struct asking *q, const char *vrf, uint32_t addr, uint32_t mask)
{
	const struct tnode *other = find_overlapped(q, vrf, addr, mask);
	char text[ADDR_TEXT_MAX];

	return other ? arena_printf(q->arena, "%% %s overlaps with %s\n",
	                            addr_text(addr & mask, text), tnode_str(other, ARG_NAME))
	             : NULL;
}

/* The addresses of an interface that goes into another VRF, or into none, must be free there. */
static const char *
ask_vrf(const struct asking *q)
{
	static const enum gram_key keys[] = {KEY_IF_ADDRESS, KEY_IF_SECONDARY};
	const char *vrf = q->cmd->no || q->cmd->dflt ? NULL : command_str(q->cmd, ARG_VRF);
	const char *text = NULL;
	const struct tnode *on;

	if (!q->facts->loading || is_in_table(q->parent, vrf))
		return NULL; /* of who types it, the addresses go */
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		for (EACH(on, q->parent, keys[i]))
			if (!text && tnode_has(on, ARG_MASK))
				text = tell_overlap(q, vrf, tnode_u32(on, ARG_ADDRESS),
				                    tnode_u32(on, ARG_MASK));
	return text;
}

static bool
has_vrf(const struct asking *q, const char *name)
{
	return find_named(q->tree, KEY_VRF, name) || find_named(q->tree, KEY_IP_VRF, name);
}

static const char *
ask_vrf_named(const struct asking *q)
{
	const char *name = command_str(q->cmd, ARG_VRF);

	return has_vrf(q, name) ? NULL
	                        : arena_printf(q->arena, "%% VRF %s not configured.\n", name);
}

/* `rd ASN:nn`, `rd A.B.C.D:nn`, and route targets likewise. */
static const char *
ask_distinguisher(const struct asking *q, enum gram_arg arg)
{
	uint64_t value;
	const char *text = command_str(q->cmd, arg);

	return route_target_read(text, &value)
	           ? NULL
	           : arena_printf(q->arena, "%% %s is no ASN:nn, and no IP-address:nn\n", text);
}

static const char *
ask_address(const struct asking *q)
{
	uint32_t addr = command_u32(q->cmd, ARG_ADDRESS), mask = command_u32(q->cmd, ARG_MASK);
	char text[ADDR_TEXT_MAX];
	uint8_t len;

	if (!command_has(q->cmd, ARG_MASK))
		return NULL;
	len = mask_len(mask);
	if (!len || (len < 31 && ((addr & ~mask) == 0 || (addr | mask) == UINT32_MAX)))
		return arena_printf(q->arena, "Bad mask /%u for address %s\n", len,
		                    addr_text(addr, text));
	return tell_overlap(q, vrf_of(q->parent), addr, mask);
}

/* What a subinterface of a LAN needs before it can have an address. */
static const char *
ask_tagged(const struct asking *q)
{
	const char *name = tnode_str(q->parent, ARG_NAME);

	if (!strchr(name, '.') || !strstr(name, "Ethernet") ||
	    tnode_first(q->parent, KEY_IF_ENCAPSULATION))
		return NULL;
	return "\n% Configuring IP routing on a LAN subinterface is only allowed if that\n"
	       "subinterface is already configured as part of an IEEE 802.10, IEEE 802.1Q,\n"
	       "or ISL vLAN.\n\n";
}

/* Has another subinterface of the same interface this VLAN? */
static const char *
ask_vlan(const struct asking *q)
{
	const char *name = tnode_str(q->parent, ARG_NAME);
	size_t parent = strcspn(name, ".") + 1;
	uint32_t vlan = command_u32(q->cmd, ARG_VLAN);
	const struct tnode *n;

	if (!strchr(name, '.') || command_has(q->cmd, ARG_SECOND))
		return NULL;
	for (EACH(n, tree_top(q->tree), KEY_INTERFACE)) {
		const struct tnode *on = tnode_first(n, KEY_IF_ENCAPSULATION);

		if (n == q->parent || !on || strncmp(tnode_str(n, ARG_NAME), name, parent) ||
		    tnode_has(on, ARG_SECOND) || tnode_u32(on, ARG_VLAN) != vlan)
			continue;
		return arena_printf(q->arena,
		                    "%%Configuration of multiple subinterfaces of the same main\n"
		                    "interface with the same VID (%u) is not permitted.\n"
		                    "This VID is already configured on %s.\n\n",
		                    vlan, tnode_str(n, ARG_NAME));
	}
	return NULL;
}

static const char *
ask_route(const struct asking *q)
{
	return command_u32(q->cmd, ARG_ADDRESS) & ~command_u32(q->cmd, ARG_MASK)
	           ? "%Inconsistent address and mask\n"
	           : NULL;
}

/* --- keys ------------------------------------------------------------------------------------- */

/* Refuses a second key for a peer; the same key typed again is accepted. */
static const char *
ask_key(const struct asking *q)
{
	const struct tnode *n = tree_said(q->tree, q->parent, q->cmd);
	uint32_t addr = command_u32(q->cmd, ARG_ADDRESS), mask = addr ? UINT32_MAX : 0;
	char text[2][ADDR_TEXT_MAX];

	if (!n || tnode_says(n, ARG_KEY, command_str(q->cmd, ARG_KEY)))
		return NULL;
	if (tnode_has(n, ARG_MASK))
		mask = tnode_u32(n, ARG_MASK);
	return arena_printf(q->arena, "A pre-shared key for address mask %s %s already exists!\n",
	                    addr_text(addr, text[0]), addr_text(mask, text[1]));
}

/* --- crypto maps and groups ------------------------------------------------------------------- */

static const char *
ask_applied(const struct asking *q)
{
	static const enum gram_key kinds[] = {KEY_CRYPTO_MAP, KEY_CRYPTO_MAP_PEER,
	                                      KEY_CRYPTO_MAP_FAIL_CLOSE};
	const char *name = command_str(q->cmd, ARG_MAP);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (find_named(q->tree, kinds[i], name))
			return NULL;
	return arena_printf(q->arena, "ERROR: Crypto Map with tag \"%s\" does not exist.\n", name);
}

/*
 * Refuses `no crypto map CMPA` while the map is CMAP, and `no set group H` while the group is G:
 * the user mistyped the name, and what is configured stays.
 */
static const char *
ask_other_gone(const struct asking *q, enum gram_arg arg, const char *what)
{
	const char *name = command_str(q->cmd, arg);
	const struct tnode *n = tnode_first(q->parent, (enum gram_key)q->cmd->entry->key);

	if (!n || !name || !tnode_str(n, arg) || tnode_says(n, arg, name))
		return NULL;
	return arena_printf(q->arena, "%% %s %s is configured here, not %s\n", what,
	                    tnode_str(n, arg), name);
}

static bool
has_entry(const struct asking *q, const char *name)
{
	const struct tnode *n;

	for (EACH(n, tree_top(q->tree), KEY_CRYPTO_MAP))
		if (tnode_says(n, ARG_NAME, name) &&
		    (!command_has(q->cmd, ARG_SEQ) ||
		     tnode_u32(n, ARG_SEQ) == command_u32(q->cmd, ARG_SEQ)))
			return true;
	return false;
}

static const char *
ask_map_gone(const struct asking *q)
{
	const char *name = command_str(q->cmd, ARG_NAME), *on = list_bearers(q, name);

	if (!on || !has_entry(q, name))
		return NULL;
	return arena_printf(q->arena, "%% Crypto-map %s is in use by interface(s): %s\n", name, on);
}

static const char *
ask_group(const struct asking *q)
{
	const char *name = command_str(q->cmd, ARG_GROUP);

	if (find_named(q->tree, KEY_CRYPTO_GDOI_GROUP, name))
		return NULL;
	return arena_printf(q->arena, "%% group %s doesn't yet exist.\n", name);
}

static const char *
ask_group_gone(const struct asking *q)
{
	const char *name = command_str(q->cmd, ARG_NAME), *map, *on;
	const struct tnode *n, *set;

	if (!find_named(q->tree, KEY_CRYPTO_GDOI_GROUP, name))
		return NULL;
	for (EACH(n, tree_top(q->tree), KEY_CRYPTO_MAP)) {
		set = tnode_first(n, KEY_MAP_GROUP);
		map = tnode_str(n, ARG_NAME);
		if (!set || !tnode_says(set, ARG_GROUP, name) || !(on = list_bearers(q, map)))
			continue;
		return arena_printf(q->arena,
		                    "%% Group %s is in use by crypto map %s on interface(s): %s\n",
		                    name, map, on);
	}
	return NULL;
}

/* --- interfaces ------------------------------------------------------------------------------- */

/*
 * Is it an interface of hardware, which the machine has or lacks? A configuration can create all
 * others.
 */
static bool
is_hardware(const char *name)
{
	static const char *const made[] = {
	    "Loopback", "Tunnel", "Vlan", "Port-channel", "Dialer",
	    "Null",     "BVI",    "BDI",  "Multilink",    "Virtual-Template"};
	size_t n = ifname_letters(name), i;

	for (i = 0; i < ARRAY_SIZE(made); i++)
		if (strlen(made[i]) == n && strncmp(name, made[i], n) == 0)
			return false;
	return true;
}

/*
 * Does the machine lack this interface? For a subinterface the question is about the interface that
 * it is part of.
 */
static bool
is_absent(const struct asking *q, const char *name)
{
	const char *whole = arena_strndup(q->arena, name, strcspn(name, "."));

	return q->facts->has_interface && is_hardware(name) &&
	       !find_named(q->tree, KEY_INTERFACE, name) &&
	       !q->facts->has_interface(q->facts->arg, whole);
}

static bool
ask_interface(const struct asking *q, struct objection *ret)
{
	const struct value *v = command_value(q->cmd, ARG_NAME, 0);

	if (!v || !is_absent(q, v->text))
		return false;
	*ret = (struct objection){.column = v->column + ifname_letters(v->text)};
	if (v->length < strlen(v->text)) /* abbreviated: where its number begins is not known */
		ret->column = v->column;
	return true;
}

static const char *
ask_interface_gone(const struct asking *q)
{
	const char *name = command_str(q->cmd, ARG_NAME);

	return is_hardware(name) && !strchr(name, '.')
	           ? "% Removal of physical interfaces is not permitted\n"
	           : NULL;
}

/* --- stores ----------------------------------------------------------------------------------- */

/* Refused at once, so that the store that was shared before still is. */
static const char *
ask_store_file(const struct asking *q)
{
	const char *typed = command_str(q->cmd, ARG_FILE);

	return typed && !store_file_named(typed)
	           ? arena_printf(q->arena, "%% %s is no name such as flash:coop.store\n", typed)
	           : NULL;
}

/*
 * Refused when it is typed, so that the store of before still is there. A text that is loaded keeps
 * it: there is no store before it, and a server without the line would take itself for the only
 * one.
 */
static const char *
ask_endpoints(const struct asking *q)
{
	char *typed = arena_strdup(q->arena, command_str(q->cmd, ARG_ENDPOINTS)), *save = NULL;

	for (char *url = strtok_r(typed, " ", &save); url; url = strtok_r(NULL, " ", &save))
		if (!endpoint_valid(url))
			return arena_printf(
			    q->arena, "%% %s is no URL such as https://10.0.0.11:2379\n", url);
	return NULL;
}

/* --- all of them ------------------------------------------------------------------------------ */

/* --- the clock -------------------------------------------------------------------------------- */

static bool
is_date(const struct asking *q, enum gram_arg date, enum gram_arg month, enum gram_arg year)
{
	return !command_has(q->cmd, date) ||
	       clock_is_day(command_u32(q->cmd, year), tree_clock_month(command_str(q->cmd, month)),
	                    command_u32(q->cmd, date));
}

static const char *
ask_clock(const struct asking *q)
{
	if (strlen(command_str(q->cmd, ARG_ZONE)) > CLOCK_ZONE_MAX)
		return arena_printf(q->arena, "%% A time zone's name has %d characters at most\n",
		                    CLOCK_ZONE_MAX);
	if (!is_date(q, ARG_DATE, ARG_MONTH, ARG_YEAR) ||
	    !is_date(q, ARG_END_DATE, ARG_END_MONTH, ARG_END_YEAR))
		return "% There is no such day\n";
	return NULL;
}

/* The objection to the line itself, or to it beside another of its kind. */
static const char *
ask_itself(const struct asking *q)
{
	switch ((enum gram_key)q->cmd->entry->key) {
	case KEY_IF_ADDRESS:
	case KEY_IF_SECONDARY:
		return ask_address(q);
	case KEY_IF_VRF:
		return ask_vrf(q);
	case KEY_IP_ROUTE:
	case KEY_IP_ROUTE_VRF:
		return ask_route(q);
	case KEY_VRF_RD:
		return ask_distinguisher(q, ARG_RD);
	case KEY_VRF_ROUTE_TARGET:
		return ask_distinguisher(q, ARG_RT);
	case KEY_CRYPTO_ISAKMP_KEY:
		return ask_key(q);
	case KEY_GDOI_STORE:
		return ask_store_file(q);
	case KEY_GDOI_STORE_ETCD:
		return q->facts->loading ? NULL : ask_endpoints(q);
	case KEY_CLOCK_TIMEZONE:
	case KEY_CLOCK_SUMMER_TIME:
		return ask_clock(q);
	default:
		return NULL;
	}
}

static const char *
ask_what_goes(const struct asking *q)
{
	switch ((enum gram_key)q->cmd->entry->key) {
	case KEY_IF_CRYPTO_MAP:
		return ask_other_gone(q, ARG_MAP, "Crypto map");
	case KEY_MAP_GROUP:
		return ask_other_gone(q, ARG_GROUP, "Group");
	case KEY_IF_ADDRESS:
		return ask_other_gone(q, ARG_ADDRESS, "Address");
	case KEY_IF_VRF:
		return ask_vrf(q);
	default:
		return NULL;
	}
}

static const char *
ask_what_it_names(const struct asking *q)
{
	switch ((enum gram_key)q->cmd->entry->key) {
	case KEY_IF_CRYPTO_MAP:
		return ask_applied(q);
	case KEY_IF_VRF:
	case KEY_IP_ROUTE_VRF:
		return ask_vrf_named(q);
	case KEY_IF_ADDRESS:
	case KEY_IF_SECONDARY:
		return command_has(q->cmd, ARG_MASK) ? ask_tagged(q) : NULL;
	case KEY_IF_ENCAPSULATION:
		return ask_vlan(q);
	case KEY_MAP_GROUP:
		return ask_group(q);
	default:
		return NULL;
	}
}

static const char *
ask_who_uses_it(const struct asking *q)
{
	switch ((enum gram_key)q->cmd->entry->key) {
	case KEY_CRYPTO_MAP:
		return ask_map_gone(q);
	case KEY_CRYPTO_GDOI_GROUP:
		return ask_group_gone(q);
	case KEY_INTERFACE:
		return ask_interface_gone(q);
	default:
		return NULL;
	}
}

bool
objection_to(const struct tree *t, const struct tnode *context, const struct command *cmd,
             const struct objection_facts *facts, struct arena *a, struct objection *ret)
{
	struct asking q = {.tree = t, .parent = context, .cmd = cmd, .facts = facts, .arena = a};
	bool removes = cmd->no || cmd->dflt;
	const char *text;

	while (tnode_parent(q.parent) && tnode_mode(q.parent) != cmd->mode)
		q.parent = tnode_parent(q.parent);
	text = removes ? ask_what_goes(&q) : ask_itself(&q);
	if (!text && !facts->loading)
		text = removes ? ask_who_uses_it(&q) : ask_what_it_names(&q);
	if (text) {
		*ret = (struct objection){.text = text};
		return true;
	}
	return !removes && !facts->loading && cmd->entry->key == KEY_INTERFACE &&
	       ask_interface(&q, ret);
}
