/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can be seen of a node's multicast: for shows, as plain data in the caller's arena. Interface
 * names are full; times are durations.
 */
#ifndef TESTUDO_MULTICAST_STATE_H
#define TESTUDO_MULTICAST_STATE_H

#include "compiler/base/arena.h"
#include "compiler/policy/multicast.h"

enum multicast_mode { MULTICAST_NONE, MULTICAST_SPARSE, MULTICAST_DENSE, MULTICAST_SSM };

struct multicast_oif {
	const char *name;
	enum pim_mode pim;
	msec up;
	msec expires; /* -1: as long as the node itself listens */
};

struct multicast_mroute {
	uint32_t source; /* 0: any, (*, G) */
	uint32_t group;
	uint32_t rp; /* of (*, G); 0: none */
	enum multicast_mode mode;
	const char *flags; /* "SJC" */
	msec up;
	msec expires;   /* -1: stopped */
	const char *in; /* NULL: from nowhere */
	uint32_t rpf;   /* neighbour; 0: none, or what is asked for is on the link, or here */
	bool registers; /* the first router behind the source, and another one is the RP */
	size_t n_out;
	const struct multicast_oif *out;
};

struct multicast_neighbor {
	const char *interface;
	uint32_t addr, priority;
	msec up, expires;
	bool dr;
};

struct multicast_pim_interface {
	const char *name;
	uint32_t addr;
	enum pim_mode mode;
	bool up;
	size_t n_neighbors;
	uint32_t query_interval, priority, dr;
};

struct multicast_igmp_group {
	const char *interface;
	uint32_t group, source, reporter;
	msec up, expires; /* -1: never */
};

struct multicast_igmp_interface {
	const char *name;
	uint32_t addr;
	uint8_t len, version;
	bool up, pim;
	uint32_t querier, dr;
	size_t n_groups, n_joins;
	const uint32_t *joins; /* the node's own */
};

struct multicast_table_state {
	const char *vrf; /* NULL: the global table */
	const struct policy_multicast *conf;
	size_t n_mroutes, n_neighbors, n_interfaces, n_groups, n_igmp;
	const struct multicast_mroute *mroutes; /* by group, (*, G) first */
	const struct multicast_neighbor *neighbors;
	const struct multicast_pim_interface *interfaces;
	const struct multicast_igmp_group *groups;
	const struct multicast_igmp_interface *igmp;
};

struct multicast_state {
	size_t n;
	const struct multicast_table_state *tables; /* that route multicast */
};

#endif
