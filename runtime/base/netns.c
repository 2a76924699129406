/* SPDX-License-Identifier: Apache-2.0 */
/* Namespaces: see netns.h. */
#define _GNU_SOURCE
#include "runtime/base/netns.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Where netns_inside comes back to; kept open, so that the way back never lacks a descriptor. */
static int home = -1;

int
netns_inside(int netns, int (*fn)(void *arg), void *arg)
{
	int result;

	if (netns < 0)
		return fn(arg);
	if (home < 0)
		home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (home < 0 || setns(netns, CLONE_NEWNET))
		return -errno;
	result = fn(arg);
	if (setns(home, CLONE_NEWNET))
		abort(); /* another namespace than ours would be worse than none */
	return result;
}

int
netns_leave(void)
{
	assert(home < 0);
	return unshare(CLONE_NEWNET) ? -errno : 0;
}

int
netns_enter(const char *name)
{
	char path[256];
	int netns, error = 0;

	snprintf(path, sizeof(path), strchr(name, '/') ? "%s" : "/run/netns/%s", name);
	netns = open(path, O_RDONLY | O_CLOEXEC);
	if (netns < 0 || setns(netns, CLONE_NEWNET))
		error = -errno;
	if (netns >= 0)
		close(netns);
	return error;
}
