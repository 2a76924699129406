/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where routing protocols speak, and with which values, as a configuration alone says it: for who
 * computes their tables and for who makes FRR speak.
 */
#ifndef TESTUDO_SPEAKING_H
#define TESTUDO_SPEAKING_H

#include "compiler/policy/policy.h"

/* Does a `network` line hold the address? A mask of 0 is that of the network's class. */
bool policy_network_covers(const struct policy_network *networks, size_t n, uint32_t addr);
bool policy_is_passive(const struct policy_passive *p, const char *interface);
/*
 * The identifier of a process in the global table that has none configured: the highest address of
 * a loopback, else of any interface, that is not shut down; 0: there is none.
 */
uint32_t policy_router_id(const struct policy *p);

/* --- OSPF ------------------------------------------------------------------------------------- */

/* The area that `network` puts an address into, by the most specific line. False: none does. */
bool policy_ospf_area(const struct policy_ospf *conf, uint32_t addr, uint32_t *ret_area);
/* The process that speaks at an interface, and in which area; NULL: none. */
const struct policy_ospf *policy_ospf_at(const struct policy *p, const struct policy_interface *i,
                                         uint32_t *ret_area);
/* Never OSPF_NETWORK_DEFAULT; conf: of the interface, NULL: nothing configured. */
enum ospf_network policy_ospf_network(const char *interface,
                                      const struct policy_ospf_interface *conf);
/* bandwidth: kbit/s, not 0. */
uint32_t policy_ospf_cost(const struct policy_ospf *process,
                          const struct policy_ospf_interface *conf, uint32_t bandwidth);

#endif
