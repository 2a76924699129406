/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Carries out the commands that act in a text that is loaded (router_set_actor), by a shell. The
 * session of the load tells what they say; where a command asks, the next lines of the text answer.
 */
#ifndef TESTUDO_ACTING_H
#define TESTUDO_ACTING_H

#include "cli/device/router.h"

extern const struct router_actor shell_actor;

#endif
