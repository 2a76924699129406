/* SPDX-License-Identifier: Apache-2.0 */
/* The commands that a firewall has and a router has not: asa_*.c. */
#ifndef TESTUDO_FIREWALL_H
#define TESTUDO_FIREWALL_H

#include "cli/shell/commands.h"

/* H_ name of the grammar, function */
#define FIREWALL_COMMANDS(X)                                                                       \
	X(SHOW_ASA_CONN, cmd_show_asa_conn)                                                        \
	X(SHOW_ASA_OSPF_NEIGHBOR, cmd_show_asa_ospf_neighbor)                                      \
	X(SHOW_ASA_MROUTE, cmd_show_asa_mroute)                                                    \
	X(SHOW_ASA_PIM_NEIGHBOR, cmd_show_asa_pim_neighbor)                                        \
	X(SHOW_ASA_IGMP_GROUPS, cmd_show_asa_igmp_groups)                                          \
	X(SHOW_ASA_ROUTE, cmd_show_asa_route)                                                      \
	X(EXEC_CLEAR_CONN, exec_clear_conn)                                                        \
	X(EXEC_CLEAR_ACCESS_LIST, exec_clear_access_list)                                          \
	X(EXEC_PACKET_TRACER, exec_packet_tracer)                                                  \
	X(SHOW_ASA_NAMEIF, cmd_show_asa_nameif)                                                    \
	X(SHOW_ASA_ACCESS_LIST, cmd_show_asa_access_list)

FIREWALL_COMMANDS(COMMAND_DECLARE)

/* For the shell's table of commands: how a show is told to scripts; NULL: it is none of these. */
const struct command_view *firewall_view(const struct command *cmd);

#endif
