/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands that act in a text that is loaded (router_set_actor): a shell carries them out. What they
 * say is told by the session of the load, and where they ask, the lines that follow answer.
 */
#ifndef TESTUDO_ACTING_H
#define TESTUDO_ACTING_H

#include "cli/device/router.h"

extern const struct router_actor shell_actor;

#endif
