/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Capabilities that a process keeps once it has all that needs more. The names and numbers are the
 * kernel's: capabilities(7), linux/capability.h.
 */
#ifndef TESTUDO_CAGE_CAPS_H
#define TESTUDO_CAGE_CAPS_H

#include "compiler/base/text.h"

/* A set of one: CAGE_CAP(CAP_NET_ADMIN). */
#define CAGE_CAP(number) (UINT64_C(1) << (number))

/*
 * Keeps of what this thread holds only `keep`, and gives up every way to more: the bounding and
 * ambient sets are emptied, root is a user as any other, and no program that is started gains
 * anything (no_new_privs). For good, and before there is another thread: each has a set of its own.
 * 0 or -errno; *ret_kept: what it has now.
 */
int cage_caps_reduce(uint64_t keep, uint64_t *ret_kept);

/* Does this thread hold it, in effect? */
bool cage_caps_holds(unsigned number);

/* "net_bind_service net_admin", or "none". Those that Testudo may keep have names here. */
void cage_caps_text(uint64_t set, struct text *ret);

#endif
