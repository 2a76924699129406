/* SPDX-License-Identifier: Apache-2.0 */
/* Inside MPLS: who has told whom which label (ldp.c), and where labels lead (lsp.c). */
#ifndef TESTUDO_MPLS_PRIV_H
#define TESTUDO_MPLS_PRIV_H

#include "compiler/routing/mpls.h"
#include "compiler/routing/routing_priv.h"

/* --- labels (ldp.c) --------------------------------------------------------------------------- */

/* What a router has a label for: a prefix of its global table, or of a VRF. */
struct mpls_fec {
	struct rt_vrf *vrf;
	struct prefix to;
};

/* A label is told once, and stays that prefix's as long as the router is on. */
struct mpls_book {
	struct mpls_fec *fecs; /* by label, from MPLS_FIRST */
	uint32_t *order;       /* places in them, by VRF and prefix */
	size_t n, capacity, order_capacity;
};

uint32_t mpls_label_get(struct rt_vrf *vrf, struct prefix to);
/* NULL: it has told nobody that label. */
const struct mpls_fec *mpls_fec_find(const struct rt_node *n, uint32_t label);
/* The LDP neighbour that has that address there; NULL: none, or there is no session with it. */
struct rt_node *ldp_neighbor_at(const struct rt_iface *i, uint32_t via);
bool ldp_session_up(const struct rt_iface *i, struct rt_view *v);
/* What it tells of a prefix of its global table; MPLS_NO_LABEL: nothing. */
uint32_t ldp_binding(struct rt_node *n, struct prefix to);

/* --- paths (lsp.c) ---------------------------------------------------------------------------- */

/* The first hops of labelled paths to the owner of an address; how many. */
size_t lsp_find(struct rt_vrf *global, uint32_t to, struct mpls_way ret[ROUTING_PATHS_MAX]);
/* The VRF at the other end of such a path that the label there is of; NULL: none. */
struct rt_vrf *mpls_cross(struct rt_vrf *from, uint32_t edge, uint32_t label);
bool mpls_entry_make(struct rt_node *n, uint32_t label, struct mpls_entry *ret);
/* Does the VRF tell others this route of its own? (bgp_vpn.c) */
bool bgp_vrf_exports(const struct rt_vrf *vrf, struct prefix to);

#endif
