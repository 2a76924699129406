/* SPDX-License-Identifier: Apache-2.0 */
/* How switches of `debug` are told: by who sets them, and by `show debugging`. */
#ifndef TESTUDO_SHOW_DEBUG_H
#define TESTUDO_SHOW_DEBUG_H

#include "cli/shell/shell.h"

/* The switches of a role, and of both. */
#define DEBUG_KS (DEBUG_KS_INFRASTRUCTURE | DEBUG_KS_REGISTRATION | DEBUG_KS_REKEY | DEBUG_KS_COOP)
/* A member has no others to agree with. */
#define DEBUG_GM   (DEBUG_GM_INFRASTRUCTURE | DEBUG_GM_REGISTRATION | DEBUG_GM_REKEY)
#define DEBUG_GDOI (DEBUG_KS | DEBUG_GM)

/* Of `what` one line for a whole role, else one for each of its parts, each behind `before`. */
void show_debugging(struct shell *sh, unsigned what, const char *before, bool on);

/*
 * The name of a switch in `what`, which loses it: "Crypto GDOI member rekey"; NULL: none is left.
 */
const char *show_debug_name(unsigned *what);

#endif
