/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's dataplane: ESP by XFRM, with header preservation through two anchor addresses and
 * stateless nftables rules (nft.h). Everything it puts into the kernel carries its mark and is
 * taken out when it is closed, or by the next run's xfrm_take.
 */
#ifndef TESTUDO_XFRM_H
#define TESTUDO_XFRM_H

#include <uv.h>

#include "runtime/base/log.h"
#include "runtime/dataplane/dataplane.h"

/*
 * Packet marks that Testudo uses. Of the daemon's own and of traffic steered to userspace ESP the
 * lower half: 0x7e.. steered, 0x7f01 the daemon's GDOI datagrams, which no dataplane touches,
 * 0x7f03 multicast that was encrypted or decrypted. Under XFRM the whole mark and the priority of
 * the group's own packets, between a group's rule and the transformation: an address; both are zero
 * when the packet goes on.
 */
#define MARK_FIELD 0xff00
#define MARK_STEER 0x7e00
#define MARK_OWN   0x7f01
#define MARK_MADE  0x7f03 /* what userspace ESP gave back of held multicast */
#define MARK_LEARN 0x7f02 /* came out of XFRM from a sender not yet known; | group << 16 */

struct kernel_dataplane_options {
	uv_loop_t *loop;
	const char *name; /* of the node */
	int netns;        /* borrowed; -1: the process's own */
	const struct log_sink *log;
	struct counters *counters; /* borrowed; outlive the dataplane. NULL: none, as tests may */
	struct dp_events events;
	/* The kernel's name of an interface by its IOS name; NULL when it has none. */
	const char *(*device)(void *arg, const char *interface);
	void *arg;
};

/* Does the kernel of this namespace have ESP in XFRM? *ret_why: a static text when not. */
bool xfrm_available(int netns, const char **ret_why);
/* Did a killed run leave anything in this namespace? And: removes it. */
bool xfrm_holds(int netns);
void xfrm_reclaim(int netns);
/* Does everything that can fail. What was left in the kernel stays until xfrm_take. */
int xfrm_new(const struct kernel_dataplane_options *options, struct dataplane **ret);
void xfrm_take(struct dataplane *dp);

#endif
