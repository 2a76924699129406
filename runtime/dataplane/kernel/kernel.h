/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The dataplane of a host on Linux: the kernel's ESP for the groups it can carry, userspace ESP on
 * a TUN device for the others, or for all where the kernel has no ESP. kernel_dataplane_take also
 * removes what either of them left behind when an earlier process was killed.
 */
#ifndef TESTUDO_KERNEL_H
#define TESTUDO_KERNEL_H

#include "runtime/dataplane/kernel/xfrm.h"

enum kernel_choice {
	KERNEL_AUTO, /* xfrm where the kernel has ESP, else esp */
	KERNEL_XFRM, /* not without the kernel's */
	KERNEL_ESP   /* userspace, whatever the kernel has */
};

/*
 * 0 and *ret, or -errno. *ret_why: why the kernel's ESP is not used, or what failed; a static text,
 * NULL when it is used.
 */
int kernel_dataplane_new(const struct kernel_dataplane_options *options, enum kernel_choice choice,
                         struct dataplane **ret, const char **ret_why);
/*
 * Called once, before the first group: removes what a killed run left in the kernel. Until then
 * that stays.
 */
void kernel_dataplane_take(struct dataplane *dp);
/* Has an earlier run left anything in the kernel of this namespace? -1: the process's own. */
bool kernel_dataplane_left(int netns);

#endif
