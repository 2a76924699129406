/* SPDX-License-Identifier: Apache-2.0 */
/* The way into a node's network namespace and back. */
#ifndef TESTUDO_NETNS_H
#define TESTUDO_NETNS_H

/*
 * Runs fn inside the namespace (a borrowed descriptor; -1: the process's own) and returns what it
 * returned, or -errno when the namespace cannot be entered. This thread alone moves, always the
 * same one, and it comes back to the namespace in which it was the first time.
 */
int netns_inside(int netns, int (*fn)(void *arg), void *arg);

/*
 * This thread, and those that it will start, go into a namespace and stay there. name: a file's
 * below /run/netns, or a path. 0 or -errno.
 */
int netns_enter(const char *name);

/*
 * This thread, and those that it will start, go into a new namespace that nobody else is in: no
 * address, no line. Before the first netns_inside with a namespace. 0 or -errno.
 */
int netns_leave(void);

#endif
