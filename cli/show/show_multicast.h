/* SPDX-License-Identifier: Apache-2.0 */
/* Layouts of multicast: pure functions from its state to text. */
#ifndef TESTUDO_SHOW_MULTICAST_H
#define TESTUDO_SHOW_MULTICAST_H

#include "cli/show/show_cmd.h"
#include "compiler/multicast/multicast_state.h"

/* --- show_multicast_cmd.c --------------------------------------------------------------------- */

/*
 * Multicast of the table that the command names; an empty one where it is not routed. NULL, and
 * said: there is no such table.
 */
const struct multicast_table_state *showing_multicast(struct showing *s, const struct command *cmd);

/* --- show_multicast.c ------------------------------------------------------------------------- */

/* group 0: all. */
void show_mroutes(struct text *t, const struct multicast_table_state *m, uint32_t group);
/* interface NULL: all; as its full name. */
void show_pim_neighbors(struct text *t, const struct multicast_table_state *m,
                        const char *interface);
void show_pim_interfaces(struct text *t, const struct multicast_table_state *m,
                         const char *interface);
void show_pim_rps(struct text *t, const struct multicast_table_state *m);
void show_igmp_groups(struct text *t, const struct multicast_table_state *m, const char *interface);
void show_igmp_interfaces(struct text *t, const struct multicast_table_state *m,
                          const char *interface);
/* "00:02:31"; below 0: `never`. */
const char *show_left_text(msec left, const char *never, char buf[static SHOW_AGE_MAX]);

#endif
