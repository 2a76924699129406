/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a configuration says about multicast: part of the policy, immutable, in its arena. Who
 * computes trees from it (compiler/multicast/) reads it alone. Names are never NULL unless said so;
 * counts are beside their arrays.
 */
#ifndef TESTUDO_POLICY_MULTICAST_H
#define TESTUDO_POLICY_MULTICAST_H

#include "compiler/policy/prefix.h"

struct policy_acl;

#define IGMP_VERSION 2 /* unless an interface says otherwise */

/* How an interface takes part. */
enum pim_mode {
	PIM_OFF,
	PIM_SPARSE,
	PIM_DENSE,
	PIM_SPARSE_DENSE, /* as the group is: sparse where it has an RP */
	PIM_PASSIVE       /* listens to hosts, speaks to no router */
};

/* `ip igmp join-group`, `ip igmp static-group`. */
struct policy_igmp_group {
	uint32_t group;
	uint32_t source; /* 0: any */
};

/* `interface`, `ip pim ...`, `ip igmp ...`; a policy_interface has one, NULL: nothing said. */
struct policy_multicast_interface {
	enum pim_mode pim;
	uint32_t dr_priority;
	uint32_t query_interval; /* of hellos, seconds */
	uint8_t igmp_version;
	size_t n_joins, n_statics;
	const struct policy_igmp_group *joins;   /* the node itself listens */
	const struct policy_igmp_group *statics; /* as if a host on the link did */
};

/* `ip pim rp-address` */
struct policy_pim_rp {
	uint32_t addr;
	const struct policy_acl *acl; /* groups that it is for; NULL: all */
	const char *acl_name;         /* as configured; NULL: none */
};

/* `ip mroute`: where multicast of these sources must come from. */
struct policy_mroute {
	struct prefix from;
	uint32_t via;          /* RPF neighbour; 0: whoever is at `interface` */
	const char *interface; /* NULL: found through `via` */
	uint8_t distance;      /* against that of the unicast route; equal: this one counts */
};

/* Multicast of one table. */
struct policy_multicast {
	const char *vrf; /* NULL: the global table */
	bool on;         /* `ip multicast-routing` */
	size_t n_rps, n_mroutes;
	const struct policy_pim_rp *rps;
	const struct policy_mroute *mroutes;
	bool ssm;                         /* `ip pim ssm` */
	const struct policy_acl *ssm_acl; /* of `range`; NULL: 232.0.0.0/8 */
};

#endif
