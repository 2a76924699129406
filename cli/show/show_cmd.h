/* SPDX-License-Identifier: Apache-2.0 */
/* What the show commands share: an arena and a text for one command. */
#ifndef TESTUDO_SHOW_CMD_H
#define TESTUDO_SHOW_CMD_H

#include "cli/show/show.h"
#include "cli/show/show_commands.h"

struct showing {
	struct shell *sh;
	struct router *router;
	struct node *node;
	struct host *host;
	const struct policy *policy; /* never NULL */
	const struct command *cmd;
	const struct command_view *view; /* of a structured show (structured.h) */
	enum layout layout;
	size_t count;     /* of what a command numbers */
	const char *ivrf; /* that `show crypto session brief` is at; NULL: global */
	struct arena *arena;
	struct text text;
};

struct showing showing_start(struct shell *sh);
/* The layout that the session or the configuration chose, else the one given. */
enum layout showing_layout(const struct showing *s, enum layout otherwise);
void showing_end(struct showing *s); /* writes the text */

/*
 * The VRF that the command names (ARG_VRF; without one VRF_GLOBAL). False, and said: there is none.
 */
bool showing_vrf(struct showing *s, const struct command *cmd, uint32_t *ret);
/* The routes of that table. */
const struct host_route *showing_routes(struct showing *s, uint32_t vrf, size_t *ret_n);
/* How often the log's buffer has a message, and when it came last. */
struct show_counted {
	char facility[24], mnemonic[40], time[40];
	unsigned severity;
	size_t n;
};
/* In the order of their names, in the arena. */
const struct show_counted *showing_counts(struct showing *s, size_t *ret_n);
/* How many lines are shown: as configured, five vtys at least, and those with a session. */
unsigned showing_lines(const struct router *r);
/* What the host computes of routing protocols; nothing where it does not. */
const struct routing_state *showing_routing(struct showing *s);
/* That, or what is known of who speaks it elsewhere: of OSPF's neighbors alone. */
const struct routing_state *showing_neighbors(struct showing *s);
/* Of that, one VRF, with nothing in it where it has none of it; the snapshot's time. */
const struct routing_vrf *showing_routing_vrf(struct showing *s, uint32_t vrf, msec *ret_now);

/* What is wrong with the configuration, and what only a running router knows; diag_list_fini. */
void showing_diagnostics(struct showing *s, struct diag_list *ret);

enum group_role { ROLE_ANY, ROLE_SERVER, ROLE_MEMBER };

typedef void group_fn(struct showing *s, const struct snap_group *g, const struct policy_group *p,
                      size_t nth);

/* Every group in that role, or the one named, one call each; how many there were. */
size_t showing_groups(struct showing *s, enum group_role role, const char *name, group_fn *fn);

/* Phase 1 SAs and, with_rekey, the rekey SAs of the groups that this router is a member of. */
const struct snap_isakmp *showing_isakmp(struct showing *s, bool with_rekey, size_t *ret_n);

typedef void interface_fn(struct showing *s, const struct show_ipsec *what);

/* Calls fn for every interface that the group is on. */
void showing_interfaces(struct showing *s, const struct snap_group *g, const struct policy_group *p,
                        interface_fn *fn);

/* --- show_session_cmd.c ----------------------------------------------------------------------- */

/* The phase 1 SA with the group's server; NULL: none. */
const struct snap_isakmp *showing_isakmp_of(struct showing *s, const struct snap_group *g);
/* Those that others began, as they do with a key server: by peer. */
const struct snap_isakmp *showing_peers(struct showing *s, size_t *ret_n);
/* How many of them, at most n and from the first one on, are between the same two addresses. */
size_t showing_same_peer(const struct snap_isakmp *sas, size_t n);
/* The interface that has the address; NULL: none. */
const char *showing_interface_at(struct showing *s, uint32_t addr);
struct session_ends {
	const char *interface; /* NULL: none */
	uint32_t local, remote;
	const char *fvrf, *ivrf; /* of its packets, and of what is protected; NULL: global */
};
/* Is that session what the command asks for? */
bool showing_session(const struct showing *s, const struct session_ends *e);

#endif
