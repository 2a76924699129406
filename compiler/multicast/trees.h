/* SPDX-License-Identifier: Apache-2.0 */
/* A walk of joins through the network: trees.c. */
#ifndef TESTUDO_MULTICAST_TREES_H
#define TESTUDO_MULTICAST_TREES_H

#include "compiler/multicast/multicast_priv.h"

struct mc_walk {
	struct multicast *multicast;
	struct mc_tree *tree; /* what the joins make; NULL: they leave no trace */
	uint32_t source, group, rp, to;
	enum multicast_mode mode;
	bool by_source;       /* towards the source; else towards the RP */
	msec since;           /* the youngest part of the way */
	struct mc_table *end; /* where it came to */
	bool met;             /* on the way to the RP it came to where the source's packets are */
	bool by_own_tree;     /* of mc_serve: not by the RP */
	struct multicast_verdict verdict; /* when it failed */
};

/* Is the source on a link of this table, or the node's own? */
bool mc_first_hop(const struct mc_table *t, uint32_t source);
/* From a table to w->to. False, and why in w->verdict. */
bool mc_walk(struct mc_walk *w, struct mc_table *at);
/*
 * Brings the source's packets to a last router, for a listener of its; flow NULL: there were none
 * before. False, and why in w->verdict.
 */
bool mc_serve(struct mc_walk *w, struct mc_iface *last, const struct mc_member *member,
              const struct mc_flow *flow);

#endif
