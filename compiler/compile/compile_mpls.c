/* SPDX-License-Identifier: Apache-2.0 */
/* MPLS: `mpls ip`, LDP, and what interfaces say about labels. */
#include "compiler/compile/compile_routing.h"

#include "compiler/policy/vrf.h"

/* --- interfaces ------------------------------------------------------------------------------- */

/* TDP is not spoken; `both` is LDP wherever the neighbor has that. */
static void
check_protocol(struct compiler *c, const struct tnode *n)
{
	struct word at;

	if (!n || !tnode_says(n, ARG_PROTOCOL, "tdp"))
		return;
	at = read_line(c, n);
	complain(c, DIAG_WARNING, "mpls-tdp", &at, "mpls label protocol ldp",
	         "TDP: not built; labels are told by LDP");
}

static void
check_interface(struct compiler *c, const struct tnode *n, const struct policy_interface *e)
{
	struct word at = read_line(c, n);

	if (e->vrf)
		complain(c, DIAG_WARNING, "mpls-in-vrf", &at, NULL,
		         "%s is in VRF %s: labels are for the global table alone, and the line has "
		         "no effect",
		         e->name, e->vrf);
	else if (c->facts->plain_host)
		complain(c, DIAG_WARNING, "machine-mpls-kept", &at, NULL,
		         "MPLS: not built on a machine; on %s it has no effect", e->name);
	else if (e->crypto_map_name)
		complain(
		    c, DIAG_WARNING, "mpls-crypto-map", &at, NULL,
		    "%s has a crypto map: packets of VRFs neither leave nor come in there with "
		    "labels",
		    e->name);
}

static void
read_interface(struct compiler *c, const struct tnode *n, struct policy_interface *e)
{
	const struct tnode *ip = tnode_first(n, KEY_IF_MPLS_IP);

	e->mpls_mtu = (uint16_t)read_routing_number(n, KEY_IF_MPLS_MTU, ARG_MTU, 0);
	check_protocol(c, tnode_first(n, KEY_IF_MPLS_LABEL_PROTOCOL));
	if (!ip)
		return;
	check_interface(c, ip, e);
	e->mpls = !e->vrf && !c->facts->plain_host;
}

/* --- all of it -------------------------------------------------------------------------------- */

static void
read_ttl(const struct tnode *top, struct policy_mpls *m)
{
	const struct tnode *n;

	for (EACH(n, top, KEY_MPLS_TTL)) {
		m->hides_forwarded |= tnode_negated(n) && !tnode_says(n, ARG_WHOSE, "local");
		m->hides_local |= tnode_negated(n) && !tnode_says(n, ARG_WHOSE, "forwarded");
	}
}

static bool
is_automatic(const struct policy_routing *r)
{
	for (size_t k = 0; k < r->n_ospf; k++)
		if (!r->ospf[k].vrf && (r->ospf[k].ldp_everywhere || r->ospf[k].n_ldp_areas))
			return true;
	return false;
}

/* Without labels there is no way for a VPN's routes, which nothing else would say. */
static void
check_vpn(struct compiler *c, const struct tnode *top)
{
	const struct policy_routing *r = &c->policy->routing;
	const struct tnode *process = tnode_first(top, KEY_ROUTER_BGP);
	const struct tnode *vpnv4 = process ? tnode_first(process, KEY_BGP_VPNV4) : NULL;
	struct word at;

	if (!vpnv4 || !r->bgp.n_vrfs || c->facts->plain_host)
		return;
	if (r->mpls.interfaces && !r->mpls.off)
		return;
	for (size_t k = 0; k < r->bgp.n_vrfs; k++)
		if (r->bgp.vrfs[k].vpn) {
			at = read_line(c, vpnv4);
			complain(c, DIAG_WARNING, "mpls-nowhere", &at, "mpls ip",
			         "no interface has labels: routes of VRFs that come by VPNv4 are "
			         "not used");
			return;
		}
}

void
compile_mpls(struct compiler *c, const struct tnode *top)
{
	struct policy_mpls *m = &c->policy->routing.mpls;
	const struct tnode *ip = tnode_first(top, KEY_MPLS_IP);

	*m = (struct policy_mpls){.off = ip && tnode_negated(ip),
	                          .ldp_router_id = read_routing_name(
				      c, tnode_first(top, KEY_MPLS_LDP_ROUTER_ID), ARG_INTERFACE)};
	check_protocol(c, tnode_first(top, KEY_MPLS_LABEL_PROTOCOL));
	read_ttl(top, m);
	for (size_t k = 0; k < c->policy->n_interfaces; k++) {
		struct policy_interface *e = &c->interfaces[k];
		const struct tnode *n = tnode_named(top, KEY_INTERFACE, ARG_NAME, e->name);

		if (n)
			read_interface(c, n, e);
		m->interfaces |= e->mpls;
	}
	m->interfaces |= is_automatic(&c->policy->routing) && !c->facts->plain_host;
	check_vpn(c, top);
}
