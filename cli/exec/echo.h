/* SPDX-License-Identifier: Apache-2.0 */
/* What ping and traceroute share. */
#ifndef TESTUDO_ECHO_H
#define TESTUDO_ECHO_H

#include "cli/shell/shell.h"

/*
 * The address to send from: `source` of the command, an address of ours or an interface. False, and
 * said, when it is none of an interface that is up.
 */
bool echo_source(struct shell *sh, const struct command *cmd, uint32_t *ret);
/*
 * The VRF to send in: `vrf` of the command, else the global table. False, and said: there is none.
 */
bool echo_vrf(struct shell *sh, const struct command *cmd, uint32_t *ret);
/*
 * The destination: an address, or a name of `ip host`, since no others are looked up. False, and
 * said, when it is none.
 */
bool echo_target(struct shell *sh, const struct command *cmd, uint32_t *ret);

#endif
