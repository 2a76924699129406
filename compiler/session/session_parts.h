/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of a session share; no header of anybody else's.
 *
 *   session.c    its life, its modes, its lines
 *   apply.c      a command that was understood is taken, or refused for what else there is
 *   vty.c        `line vty`: one mode, several containers
 *   range.c      `interface range`: the same for interfaces
 *   resequence.c other numbers for an access list
 *   vrf.c        what a change of a VRF changes elsewhere
 *   banner.c     text of several lines
 *   pasted.c     lines with a prompt before them
 *   prompt.c     prompts: how one is written, how one is recognised
 *   firewall.c   access lists of a firewall
 *   script.c     a whole text
 */
#ifndef TESTUDO_SESSION_PARTS_H
#define TESTUDO_SESSION_PARTS_H

#include "compiler/device/device_kind.h"
#include "compiler/session/session.h"

struct banner;
struct objection;
struct range;

struct config_session {
	struct session_setup setup;
	const struct device_kind *kind;
	struct tree *tree;
	struct tree_place place;
	unsigned number;       /* of the line at hand (session_line_number) */
	bool indented;         /* the last of them */
	bool told_of_prompts;  /* the user was told that such lines are skipped */
	bool was_in_lines;     /* it was below a `line vty`, whose containers are not joined yet */
	unsigned vty_last;     /* of the `line vty` being configured */
	struct range *range;   /* of the `interface range` entered last; NULL: none */
	struct banner *banner; /* being typed; NULL: none */

	/* Of the line at hand. */
	const char *line;
	size_t offset;
	bool empty;

	bool refused; /* a line, since session_was_refused */
};

/* --- session.c -------------------------------------------------------------------------------- */

/* Refuses a line that was understood. */
void session_refuse(struct config_session *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void session_refuse_incomplete(struct config_session *s);
/* Leaves the modes below the one that the command belongs to. */
void session_climb(struct config_session *s, const struct command *cmd);
/*
 * Leaves all modes for a line that global configuration has in full as one that is only kept, when
 * the mode at hand has nothing better for it.
 */
void session_leave_for_kept(struct config_session *s, const char *line);
/* As session_line; number: of the line, from 1. */
enum session_verdict session_line_at(struct config_session *s, const char *line, unsigned number);
/* Reads and carries out what is left of a line without its pasted prompt. */
void session_read_at(struct config_session *s, const char *line, size_t offset);

/* --- apply.c ---------------------------------------------------------------------------------- */

/* Applies a configuration command, not VERB_DO; *context and the verdict are as in tree_apply. */
enum tree_verdict session_change(struct config_session *s, struct tnode **context,
                                 const struct command *cmd);
/* Takes a command, or refuses it. */
void session_take(struct config_session *s, const struct command *cmd);
/*
 * For a command that stands for two: takes `container` (a global command) and, in its mode, `line`
 * (NULL: none); the session's mode stays. False when one of them is not understood; *ret_column is
 * where in line.
 */
bool session_take_in(struct config_session *s, const char *container, const char *line,
                     size_t *ret_column);
/* `access-list 10 permit ...`: a line of a named list whose name is the number. */
void session_numbered_list(struct config_session *s, const struct command *cmd);

/* Is the command refused for what else there is (objection.h)? */
bool session_is_objected(const struct config_session *s, const struct command *cmd, struct arena *a,
                         struct objection *ret);

/* --- routing.c: lines that may leave out a sequence number ------------------------------------ */

void session_prefix_list(struct config_session *s, const struct command *cmd);
void session_route_map(struct config_session *s, const struct command *cmd);

/* --- resequence.c ----------------------------------------------------------------------------- */

void session_resequence(struct config_session *s, const struct command *cmd);

/* --- range.c ---------------------------------------------------------------------------------- */

void range_enter(struct config_session *s, const struct command *cmd);
/* Does the session stand in `interface range`? */
bool range_is_entered(const struct config_session *s);
/* session_take, there for each of the interfaces. */
void range_take(struct config_session *s, const struct command *cmd);
void range_leave(struct config_session *s);

/* --- firewall.c ------------------------------------------------------------------------------- */

void firewall_access_list(struct config_session *s, const struct command *cmd);
void firewall_access_list_all(struct config_session *s, const struct command *cmd);
void firewall_clear_access_list(struct config_session *s, const struct command *cmd);

/* --- vty.c ------------------------------------------------------------------------------------ */

/* session_change, also for the other containers of a `line vty`. */
enum tree_verdict vty_change(struct config_session *s, struct tnode **context,
                             const struct command *cmd);
bool vty_is_entered(const struct config_session *s);

/* --- banner.c --------------------------------------------------------------------------------- */

bool banner_is(const struct command *cmd); /* a `banner` with its text, no `no` */
void banner_begin(struct config_session *s, const struct command *cmd);
/* Gives up the banner that was begun and refuses it: its end is missing. */
void banner_refuse_open(struct config_session *s);
void banner_line(struct config_session *s, const char *line); /* while session_in_banner */

/* --- pasted.c --------------------------------------------------------------------------------- */

/*
 * For a line that is not a command, or (`kept`) is taken whatever it says. True: it was copied with
 * its prompt, or stands between two such lines, and is finished: its command was carried out, or
 * the user has been told why not.
 */
bool pasted_line(struct config_session *s, const char *line, bool kept);

/* --- vrf.c ------------------------------------------------------------------------------------ */

/* `route-target both RT`: one line for each way. */
void session_route_targets(struct config_session *s, const struct command *cmd);
/*
 * Called for a command that has changed the tree; interface: its container. An interface that goes
 * into another VRF loses its addresses, and so does each of a VRF that goes; the user is told.
 */
void session_follow_vrf(struct config_session *s, const struct command *cmd);

#endif
