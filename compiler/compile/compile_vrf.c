/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VRFs, and what an interface of a WAN's edge has beside one address: further ones, one that it
 * borrows, a VLAN, sizes. Whatever is wrong with a VRF keeps its interfaces apart from all others:
 * never do they fall back into the global table.
 */
#include <stdlib.h>
#include <string.h>

#include "compiler/compile/compile_parts.h"
#include "compiler/policy/vrf.h"

#define EACH(n, parent, key)                                                                       \
	(n) = tnode_first(parent, key);                                                            \
	(n);                                                                                       \
	(n) = tnode_next(n)

/* --- VRFs ------------------------------------------------------------------------------------- */

static void
read_targets(const struct tnode *n, const char *way, uint64_t *list, size_t *n_list)
{
	const struct tnode *target;
	uint64_t value;

	for (EACH(target, n, KEY_VRF_ROUTE_TARGET))
		if (tnode_says(target, ARG_TARGET, way) &&
		    route_target_read(tnode_str(target, ARG_RT), &value))
			list[(*n_list)++] = value;
}

/* family: `address-family ipv4`, whose targets come behind those of the VRF itself; NULL: none. */
static void
read_vrf(struct compiler *c, const struct tnode *n, const struct tnode *family,
         struct policy_vrf *ret)
{
	const struct tnode *parts[] = {n, family};
	const struct tnode *rd = tnode_first(n, KEY_VRF_RD);
	size_t most = 0;
	uint64_t *imports, *exports;

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		for (const struct tnode *t = parts[i] ? tnode_first(parts[i], KEY_VRF_ROUTE_TARGET)
		                                      : NULL;
		     t; t = tnode_next(t))
			most++;
	imports = arena_alloc(c->arena, most * sizeof(*imports));
	exports = arena_alloc(c->arena, most * sizeof(*exports));
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (parts[i]) {
			read_targets(parts[i], "import", imports, &ret->n_imports);
			read_targets(parts[i], "export", exports, &ret->n_exports);
		}
	ret->name = arena_strdup(c->arena, tnode_str(n, ARG_NAME));
	ret->imports = imports;
	ret->exports = exports;
	ret->has_rd = rd && route_target_read(tnode_str(rd, ARG_RD), &ret->rd);
}

static bool
is_taken(struct compiler *c, const struct policy_vrf *vrfs, size_t n, const struct tnode *node)
{
	struct word name = read_word(c, node, ARG_NAME);

	for (size_t i = 0; i < n; i++)
		if (strcmp(vrfs[i].name, name.text) == 0) {
			complain(c, DIAG_ERROR, "vrf-twice", &name, NULL,
			         "VRF %s is configured in both forms: the second is left out",
			         name.text);
			return true;
		}
	return false;
}

void
read_vrfs(struct compiler *c, const struct tnode *top)
{
	struct policy_vrf *vrfs;
	const struct tnode *n;
	size_t most = 0, count = 0;

	for (EACH(n, top, KEY_VRF))
		most++;
	for (EACH(n, top, KEY_IP_VRF))
		most++;
	vrfs = arena_alloc(c->arena, most * sizeof(*vrfs));
	for (EACH(n, top, KEY_VRF)) {
		const struct tnode *family = tnode_first(n, KEY_VRF_IPV4);

		vrfs[count].ipv4 = family;
		read_vrf(c, n, family, &vrfs[count++]);
	}
	for (EACH(n, top, KEY_IP_VRF)) {
		if (is_taken(c, vrfs, count, n))
			continue;
		vrfs[count].ipv4 = true;
		read_vrf(c, n, NULL, &vrfs[count++]);
	}
	c->policy->n_vrfs = count;
	c->policy->vrfs = vrfs;
}

bool
compile_vrf_known(struct compiler *c, const struct word *name, const char *consequence)
{
	const char **names;

	if (policy_vrf_find(c->policy, name->text))
		return true;
	names = x_alloc(c->policy->n_vrfs * sizeof(*names));
	for (size_t i = 0; i < c->policy->n_vrfs; i++)
		names[i] = c->policy->vrfs[i].name;
	complain(c, DIAG_ERROR, "vrf-undefined", name,
	         diag_nearest(name->text, names, c->policy->n_vrfs), "VRF %s does not exist: %s",
	         name->text, consequence);
	free(names);
	return false;
}

/* --- interfaces: read ------------------------------------------------------------------------- */

static uint16_t
number_of(const struct tnode *n, enum gram_key key, enum gram_arg arg)
{
	const struct tnode *line = tnode_first(n, key);

	return line ? (uint16_t)tnode_u32(line, arg) : 0;
}

static void
read_secondaries(struct compiler *c, const struct tnode *n, struct raw_interface *ret)
{
	struct policy_address *list = read_array(c, n, KEY_IF_SECONDARY, sizeof(*list));
	const struct tnode *on;

	ret->secondaries = list;
	for (EACH(on, n, KEY_IF_SECONDARY))
		list[ret->n_secondaries++] = (struct policy_address){
		    tnode_u32(on, ARG_ADDRESS), mask_len(tnode_u32(on, ARG_MASK))};
	if (ret->n_secondaries)
		ret->secondary = read_word(c, tnode_first(n, KEY_IF_SECONDARY), ARG_ADDRESS);
}

/* `crypto ipsec df-bit` of the interface; without it that of the device. */
static enum df_bit
read_df(const struct tnode *interface)
{
	const struct tnode *n = tnode_first(interface, KEY_IF_IPSEC_DF_BIT);

	if (!n)
		n = tnode_first(tnode_parent(interface), KEY_CRYPTO_IPSEC_DF_BIT);
	return tnode_says(n, ARG_DFBIT, "clear") ? DF_CLEAR
	       : tnode_says(n, ARG_DFBIT, "set") ? DF_SET
	                                         : DF_COPY;
}

void
read_interface_edge(struct compiler *c, const struct tnode *n, struct raw_interface *ret)
{
	const struct tnode *vlan = tnode_first(n, KEY_IF_ENCAPSULATION);

	ret->vrf = read_word(c, tnode_first(n, KEY_IF_VRF), ARG_VRF);
	ret->unnumbered = read_word(c, tnode_first(n, KEY_IF_UNNUMBERED), ARG_INTERFACE);
	read_secondaries(c, n, ret);
	if (vlan && !tnode_has(vlan, ARG_SECOND)) {
		ret->encapsulation = read_word(c, vlan, ARG_VLAN);
		ret->vlan = (uint16_t)tnode_u32(vlan, ARG_VLAN);
		ret->native = tnode_has(vlan, ARG_NATIVE);
	}
	ret->mtu = number_of(n, KEY_IF_MTU, ARG_MTU);
	ret->ip_mtu = number_of(n, KEY_IF_IP_MTU, ARG_MTU);
	ret->mss = number_of(n, KEY_IF_MSS, ARG_MSS);
	ret->df = read_df(n);
}

/* --- interfaces: compiled --------------------------------------------------------------------- */

static bool
is_subinterface(const char *name)
{
	return strchr(name, '.') != NULL;
}

/* Does the other one receive what this one sends, before it gets there? */
static bool
has_same_frames(const struct raw_interface *a, const struct raw_interface *b)
{
	size_t parent = strcspn(a->name.text, ".");

	return parent == strcspn(b->name.text, ".") &&
	       strncmp(a->name.text, b->name.text, parent) == 0 && a->vlan == b->vlan && a->vlan;
}

static void
check_vlan(struct compiler *c, size_t at)
{
	const struct raw_interface *raw = &c->raw.interfaces[at];

	if (!is_subinterface(raw->name.text)) {
		if (raw->vlan)
			complain(c, DIAG_WARNING, "vlan-on-main", &raw->encapsulation, NULL,
			         "%s is no subinterface: its frames carry no tag", raw->name.text);
		return;
	}
	if (!raw->vlan && !policy_names_loopback(raw->name.text))
		complain(c, DIAG_WARNING, "subinterface-no-vlan", &raw->name, "encapsulation dot1Q",
		         "%s has no VLAN: it neither sends nor receives", raw->name.text);
	for (size_t i = 0; i < at; i++)
		if (has_same_frames(raw, &c->raw.interfaces[i])) {
			complain(c, DIAG_ERROR, "vlan-taken", &raw->encapsulation, NULL,
			         "%s has VLAN %u, too: %s neither sends nor receives",
			         c->raw.interfaces[i].name.text, raw->vlan, raw->name.text);
			c->interfaces[at].vlan = POLICY_VLAN_NONE;
			return;
		}
}

/* The address of another interface of the same table; without one there is none. */
static void
borrow_address(struct compiler *c, size_t at)
{
	const struct raw_interface *raw = &c->raw.interfaces[at], *from = NULL;
	struct policy_interface *f = &c->interfaces[at];

	for (size_t i = 0; i < c->raw.n_interfaces; i++)
		if (strcmp(c->raw.interfaces[i].name.text, raw->unnumbered.text) == 0)
			from = &c->raw.interfaces[i];
	if (!from || !from->address.text) {
		complain(c, DIAG_WARNING, "unnumbered-no-address", &raw->unnumbered, "ip address",
		         "%s %s: %s has none, either", raw->unnumbered.text,
		         from ? "has no address" : "does not exist", raw->name.text);
		return;
	}
	if (!vrf_same(from->vrf.text, raw->vrf.text)) {
		complain(c, DIAG_ERROR, "unnumbered-other-vrf", &raw->unnumbered, NULL,
		         "%s is in another VRF: %s has no address", raw->unnumbered.text,
		         raw->name.text);
		return;
	}
	f->unnumbered = from->name.text;
	f->has_address = true;
	f->addr = from->addr;
	f->len = 32;
}

/* Addresses of a VRF that has no IPv4 are none. */
static void
check_family(struct compiler *c, size_t at)
{
	const struct raw_interface *raw = &c->raw.interfaces[at];
	const struct policy_vrf *vrf = policy_vrf_find(c->policy, raw->vrf.text);
	struct policy_interface *f = &c->interfaces[at];

	if (!vrf || vrf->ipv4)
		return;
	complain(c, DIAG_WARNING, "vrf-no-ipv4", &raw->vrf, "address-family ipv4",
	         "VRF %s has no address-family ipv4: %s has no address", raw->vrf.text,
	         raw->name.text);
	f->has_address = false;
	f->n_secondaries = 0;
	f->unnumbered = NULL;
}

/* A machine's kernel has none of this yet: who relies on it must read that. */
static void
check_plain(struct compiler *c, size_t at)
{
	const struct raw_interface *raw = &c->raw.interfaces[at];
	const struct {
		bool asked;
		const struct word *word;
		const char *what;
	} asks[] = {
	    {raw->vlan, &raw->encapsulation, "VLANs of a router's own"},
	    {raw->unnumbered.text, &raw->unnumbered, "borrowed addresses"},
	    {raw->mtu || raw->ip_mtu, &raw->name, "the MTU of an interface"},
	    {raw->mss, &raw->name, "the TCP segment size of an interface"},
	};

	if (raw->vrf.text)
		complain(c, DIAG_ERROR, "machine-vrf-kept", &raw->vrf, NULL,
		         "VRFs: not built yet on a machine: %s stays down", raw->name.text);
	for (size_t i = 0; i < ARRAY_SIZE(asks); i++)
		if (asks[i].asked)
			complain(c, DIAG_WARNING, "machine-edge-kept", asks[i].word, NULL,
			         "%s: not built yet on a machine; on %s it has no effect",
			         asks[i].what, raw->name.text);
}

void
compile_interface_edge(struct compiler *c, size_t at)
{
	const struct raw_interface *raw = &c->raw.interfaces[at];
	struct policy_interface *f = &c->interfaces[at];

	f->vrf = raw->vrf.text;
	f->vlan = is_subinterface(raw->name.text) ? raw->vlan : POLICY_VLAN_NONE;
	f->native = raw->native;
	f->l2mtu = raw->mtu;
	f->mtu = raw->ip_mtu ? raw->ip_mtu : raw->mtu;
	f->mss = raw->mss;
	f->n_secondaries = raw->address.text ? raw->n_secondaries : 0;
	f->secondaries = raw->secondaries;
	if (raw->n_secondaries && !raw->address.text)
		complain(c, DIAG_WARNING, "secondary-alone", &raw->secondary, "ip address",
		         "%s has no primary address: its secondary ones are not used",
		         raw->name.text);
	check_vlan(c, at);
	if (c->facts->plain_host)
		check_plain(c, at);
	if (raw->unnumbered.text && !raw->address.text)
		borrow_address(c, at);
	if (!raw->vrf.text)
		return;
	compile_vrf_known(
	    c, &raw->vrf,
	    arena_printf(c->arena, "%s is in a table that nothing else is in", raw->name.text));
	check_family(c, at);
}

/* --- routes ----------------------------------------------------------------------------------- */

const char *
compile_vrf_of(const struct compiler *c, const char *interface)
{
	const struct policy_interface *f = policy_interface_find(c->policy, interface);

	return f ? f->vrf : NULL;
}
