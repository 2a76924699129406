/* SPDX-License-Identifier: Apache-2.0 */
/* Layouts of routing protocols: pure functions from their state to text. */
#ifndef TESTUDO_SHOW_ROUTING_H
#define TESTUDO_SHOW_ROUTING_H

#include "cli/show/show.h"
#include "compiler/routing/routing_state.h"

/* --- show_ospf.c ------------------------------------------------------------------------------ */

/* interface NULL: all; as its full name. */
void show_ospf_neighbors(struct text *t, const struct routing_ospf *o, size_t n,
                         const char *interface);
void show_ospf_neighbors_detail(struct text *t, const struct routing_ospf *o, size_t n,
                                const char *interface);
void show_ospf_interface_brief(struct text *t, const struct routing_ospf *o, size_t n);
void show_ospf_interfaces(struct text *t, const struct routing_ospf *o, size_t n,
                          const char *interface);
void show_ospf(struct text *t, const struct routing_ospf *o);
void show_ospf_database_summary(struct text *t, const struct routing_ospf *o);
void show_ospf_protocol(struct text *t, const struct routing_ospf *o);

/* --- show_eigrp.c ----------------------------------------------------------------------------- */

void show_eigrp_neighbors(struct text *t, const struct routing_vrf *v, msec now);
void show_eigrp_interfaces(struct text *t, const struct routing_vrf *v);
/* all: also what may be a loop. */
void show_eigrp_topology(struct text *t, const struct routing_vrf *v, bool all);
void show_eigrp_protocol(struct text *t, const struct eigrp_shown *e,
                         const struct routing_gateways *g);
void show_rip_protocol(struct text *t, const struct rip_shown *r, const struct routing_gateways *g);
void show_rip_database(struct text *t, const struct rip_shown *r);

/* --- show_bgp.c ------------------------------------------------------------------------------- */

void show_bgp_table(struct text *t, const struct bgp_shown *b);
/* The network that leads to the address; len: of exactly that prefix. */
void show_bgp_entry(struct text *t, const struct bgp_shown *b, uint32_t addr, const uint8_t *len);
/* vpnv4: also of sessions that carry nothing else. */
void show_bgp_summary(struct text *t, const struct bgp_shown *b, msec now, bool vpnv4);
/* only NULL: all. */
void show_bgp_neighbors(struct text *t, const struct bgp_shown *b, const uint32_t *only, msec now);
void show_bgp_protocol(struct text *t, const struct bgp_shown *b, const struct policy_bgp_vrf *conf,
                       const struct routing_gateways *g);

/* --- show_mpls.c ------------------------------------------------------------------------------ */

void show_mpls_interfaces(struct text *t, const struct mpls_shown *m, msec now);
void show_mpls_forwarding(struct text *t, const struct mpls_shown *m, msec now);
void show_ldp_neighbors(struct text *t, const struct mpls_shown *m, msec now);

/* `Routing Information Sources`, of every protocol. */
void show_gateways(struct text *t, const struct routing_gateway *list, size_t n);

#endif
