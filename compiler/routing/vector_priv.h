/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside EIGRP and RIP: processes that tell their neighbours how far each prefix is from them.
 *
 * A process believes the best offer and offers that itself, so what the whole network settles on
 * is found from the origins outwards, the nearest process first (Dijkstra): no offer that comes
 * later can be better than one that came before, as a way only grows. Both protocols share that;
 * eigrp.c and rip.c say what a metric is and who is told what.
 */
#ifndef TESTUDO_VECTOR_PRIV_H
#define TESTUDO_VECTOR_PRIV_H

#include "compiler/routing/routing_priv.h"

#define VECTOR_INFINITY UINT32_MAX
#define VECTOR_NOBODY   255 /* as distance: no other source has the prefix */

/* What an offer carries. Of RIP the delay alone counts, in hops. */
struct vector_metric {
	uint32_t bandwidth; /* kbit/s, the least on the way */
	uint32_t delay;     /* tens of microseconds, of all lines on the way */
	uint32_t mtu;       /* the least */
	uint8_t reliability, load, hops;
};

struct vector_proc {
	struct rt_node *node;
	struct rt_vrf *vrf;
	enum rt_protocol protocol;
	uint32_t process;
	const struct policy_eigrp *eigrp; /* one of the two */
	const struct policy_rip *rip;
	uint32_t router_id; /* of EIGRP; 0: none to be had */
	size_t index;       /* among all; vector_net.c */
};

/* --- what differs between the two ------------------------------------------------------------- */

bool eigrp_agrees(const struct rt_iface *i, const struct vector_if *x, const struct rt_iface *peer,
                  const struct vector_if *y);
bool rip_hears(const struct rt_iface *i, const struct vector_if *x, const struct rt_iface *peer,
               const struct vector_if *y);
void eigrp_interface(struct vector_if *x, const struct rt_iface *i);
void rip_interface(struct vector_if *x, const struct rt_iface *i);

bool vector_same_subnet(const struct rt_iface *a, const struct rt_iface *b);
/* `network A W`, and without W the network of A's class. */
bool vector_network_covers(const struct policy_network *networks, size_t n, uint32_t addr);

#endif
