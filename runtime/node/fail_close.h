/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Doors before interfaces: from the policy's crypto maps, and what groups have keys or a policy, to
 * the doors of the dataplane. There are two kinds.
 *
 * The fail-close mode of a map is one door for all its interfaces; it is open when every group of
 * the map has keys.
 *
 * An interface has a door of its own, shut, while its configuration cannot protect what it should:
 * it names a map or a group that does not exist (struct policy_interface.shut); or one of the map's
 * entries has protected it and nothing has taken that entry's place. What has protected it is
 * remembered for as long as the interface carries a crypto map by any name: only taking the map off
 * it, or a start anew, forgets. So a group that is cleared, deleted, renamed, gets another identity
 * or loses the address it registers from does not open what it protected.
 */
#ifndef TESTUDO_FAIL_CLOSE_H
#define TESTUDO_FAIL_CLOSE_H

#include "runtime/base/log.h"
#include "runtime/core/core.h"
#include "runtime/dataplane/dataplane.h"

/* What one entry of a crypto map has protected. */
struct guard {
	char *interface, *map, *group;
	uint32_t seq;
};

struct fail_close {
	uint64_t told; /* what the dataplane was told last, in short */
	uint64_t seen; /* core_generation then; 0: none */
	size_t n, capacity;
	struct guard *guards;
	size_t n_shut;
	char **shut; /* interfaces with a door of their own */
};

/*
 * Tells the dataplane (NULL: none yet) when a door opened or shut, or in any case when `anew`, as
 * it must be for another policy. core NULL: nobody has keys. Does nothing while the core's
 * generation is that of the last call that succeeded. 0 or -errno.
 */
int fail_close_apply(struct fail_close *f, struct dataplane *dp, const struct policy *p,
                     const struct core *core, const struct log_sink *log, bool anew);
void fail_close_forget(struct fail_close *f); /* what has protected what; frees */
bool fail_close_shut(const struct fail_close *f, const char *interface);
bool fail_close_open(const struct policy *p, const char *map, const struct core *core);

#endif
