/* SPDX-License-Identifier: Apache-2.0 */
/* The way into a node's network namespace and back. */
#ifndef TESTUDO_NETNS_H
#define TESTUDO_NETNS_H

/*
 * Runs fn inside the namespace (a borrowed descriptor; -1: the process's own) and returns what it
 * returned, or -errno when the namespace cannot be entered. This thread alone moves.
 */
int netns_inside(int netns, int (*fn)(void *arg), void *arg);

#endif
