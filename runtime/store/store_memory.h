/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A store in memory, for labs and tests. The lab owns it, and so it outlives a node: the node gets
 * a door to it, and closes that.
 */
#ifndef TESTUDO_STORE_MEMORY_H
#define TESTUDO_STORE_MEMORY_H

#include "runtime/store/store.h"

struct store *store_memory_new(void); /* its values are wiped when it is closed */
/* A further door to the records of s; to be closed before s. The lab's end of s stays. */
struct store *store_memory_door(struct store *s);

/* By what clock leases run; without it, by the monotonic one of the machine. */
void store_memory_set_clock(struct store *s, msec (*now)(void *arg), void *arg);

enum store_fault {
	STORE_FAULT_NONE,
	STORE_FAULT_BEFORE,  /* the commit is not done, and fails */
	STORE_FAULT_AFTER,   /* the commit is done, and fails: the answer is lost */
	STORE_FAULT_FOR_GOOD /* it fails, and so does whatever writes from then on */
};
/*
 * The nth commit from now on (1: the next) fails with `error`, -errno; what else writes is no
 * commit.
 */
void store_memory_set_fault(struct store *s, enum store_fault fault, unsigned nth, int error);

#endif
