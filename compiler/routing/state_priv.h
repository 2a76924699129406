/* SPDX-License-Identifier: Apache-2.0 */
/* What each protocol gives to routing_state. */
#ifndef TESTUDO_STATE_PRIV_H
#define TESTUDO_STATE_PRIV_H

#include "compiler/routing/routing_priv.h"
#include "compiler/routing/routing_state.h"

/* Who told the routes of a protocol and process (0: any) in a VRF's table. */
const struct routing_gateway *rt_gateways(struct rt_vrf *vrf, const char *protocol,
                                          uint32_t process, struct arena *a, size_t *ret_n);
const struct routing_ospf *ospf_show(const struct rt_node *n, struct arena *a, size_t *ret_n);

#endif
