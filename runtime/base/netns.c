/* SPDX-License-Identifier: Apache-2.0 */
/* Namespaces: see netns.h. */
#define _GNU_SOURCE
#include "runtime/base/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int
netns_inside(int netns, int (*fn)(void *arg), void *arg)
{
	int home, result;

	if (netns < 0)
		return fn(arg);
	home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (home < 0 || setns(netns, CLONE_NEWNET)) {
		result = -errno;
		if (home >= 0)
			close(home);
		return result;
	}
	result = fn(arg);
	if (setns(home, CLONE_NEWNET))
		abort(); /* another namespace than ours would be worse than none */
	close(home);
	return result;
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
