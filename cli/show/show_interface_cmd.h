/* SPDX-License-Identifier: Apache-2.0 */
/* The interfaces for a show, as text or for scripts. */
#ifndef TESTUDO_SHOW_INTERFACE_CMD_H
#define TESTUDO_SHOW_INTERFACE_CMD_H

#include "cli/show/show_cmd.h"

/* All of them, or the one with that full name, in the showing's arena. */
const struct show_port *showing_ports(struct showing *s, const char *only, size_t *ret_n);

#endif
