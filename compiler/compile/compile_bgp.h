/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the files that compile BGP. */
#ifndef TESTUDO_COMPILE_BGP_H
#define TESTUDO_COMPILE_BGP_H

#include "compiler/compile/compile_routing.h"

/* The nodes whose lines count together: of the process, of its address family IPv4. */
struct bgp_nodes {
	size_t n;
	const struct tnode *at[2];
};

/* A table of BGP: the global one, or that of a VRF. */
struct bgp_place {
	struct bgp_nodes nodes;
	const struct tnode *vpnv4; /* NULL: there is no such family, or this is a VRF's */
	bool usually_active;       /* who is not told speaks IPv4 */
	uint32_t as;               /* the process's */
};

const struct policy_bgp_neighbor *bgp_neighbors(struct compiler *c, const struct bgp_place *place,
                                                size_t *ret_n);

#endif
