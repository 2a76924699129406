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
/* `Routing Information Sources`, of every protocol. */
void show_gateways(struct text *t, const struct routing_gateway *list, size_t n);

#endif
