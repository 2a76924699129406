/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A process of its own beside a lab, for what the lab may not do once its cage is shut. It is
 * started before anything of the lab is read: what is secret is not in its memory, it knows what
 * it is told on a line between the two. No signal that can be blocked ends it; that the line ends
 * does.
 */
#ifndef TESTUDO_HELPER_PROCESS_H
#define TESTUDO_HELPER_PROCESS_H

#include "compiler/base/base.h"

#define HELPER_LINE 3 /* the helper's end; beside it 0, 1 and 2 are open there */

/*
 * Starts it, while there is one thread: it has this name, and does what run does. The lab's end of
 * the line, or -errno.
 */
int helper_start(const char *name, void (*run)(void *arg), void *arg);

/* What is on the line: octets, and words that a 0 ends. False: it has ended. */
bool helper_take(int line, void *into, size_t n);
bool helper_take_word(int line, char *into, size_t size); /* false also: it is longer */
/* 0 or -errno; -EPIPE, and no signal: the other end is gone. */
int helper_give(int line, struct span octets);
int helper_give_word(int line, const char *word);

#endif
