/* SPDX-License-Identifier: Apache-2.0 */
/* Namespaces: see netns.h. */
#define _GNU_SOURCE
#include "runtime/base/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
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
