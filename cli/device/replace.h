/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Replaces the running configuration by another one: only the difference is applied, so what is
 * equal goes on undisturbed (an interface keeps its address, a group its keys). See confdiff.h.
 */
#ifndef TESTUDO_REPLACE_H
#define TESTUDO_REPLACE_H

#include "cli/device/load.h"

#define REPLACE_PASSES_MAX 5 /* as IOS */

struct replacing {
	unsigned passes;           /* passes that had something to change */
	bool done;                 /* the running configuration is equal to the target */
	struct script_count count; /* refused: in the last pass */
	bool kept;                 /* replace_whole: not done, and all is as it was before */
};

/*
 * commands: every line as it is about to be typed ("end" closes a pass), NULL is fine; refused: as
 * in load_text. Commits at the end.
 */
struct replacing replace_running(struct router *r, const struct tree *target,
                                 void (*commands)(void *arg, unsigned pass, const char *line),
                                 script_report *refused, void *arg);
/*
 * All or nothing: when the running configuration cannot become the target, it becomes again what it
 * was, and nothing of the target reaches the node in between. A door that the target would have
 * opened stays shut.
 */
struct replacing replace_whole(struct router *r, const struct tree *target,
                               void (*commands)(void *arg, unsigned pass, const char *line),
                               script_report *refused, void *arg);

#endif
