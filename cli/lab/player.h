/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plays transcripts into a lab in virtual time: types each line into its router's console, prints
 * what a watcher would see, and keeps account. It has one console a node, the same for all
 * transcripts it plays, and owns those sessions; lab and stream are borrowed and outlive it.
 *
 * How a line is typed: a prompt tells EXEC from configuration, no more. Where the session is in the
 * other, the player types `end` or `configure terminal` first (and `enable` where # is shown and >
 * is there). Each typed line takes a second of virtual time, a command that takes longer (ping)
 * as long as it takes. While a command asks, a line of the document that repeats the question gives
 * the answer that stands after it; a prompt alone is Enter; a prompt with a command means that the
 * question was answered with Enter. Where that is no answer the command is not typed, and counts as
 * refused.
 *
 * Where documents are compared (player_compare, or `!@ compare` in one), what follows a command in
 * its document is held against what was shown (see comparison.h).
 *
 * After `OR`, a command goes to those nodes only that have not been typed the alternative before
 * it. A check looks at the output of the last command, on every node that was typed it.
 */
#ifndef TESTUDO_PLAYER_H
#define TESTUDO_PLAYER_H

#include <stdio.h>

#include "cli/lab/lab.h"
#include "cli/lab/transcript.h"

struct player;

struct player_tally {
	unsigned taken, refused; /* commands of the document, once for each node */
	unsigned held, failed;   /* checks; a directive that cannot be done counts as failed */
	unsigned passed_over;    /* lines for nodes that the lab lacks */
};

struct player *player_new(struct lab *lab, FILE *out);
void player_free(struct player *p);

/* From now on. The reasons that the documents give count in all of them, whatever their order. */
void player_compare(struct player *p);
void player_reasons(struct player *p, const struct transcript *t);
void player_play(struct player *p, const struct transcript *t);
struct player_tally player_tally(const struct player *p);

/*
 * Prints the account of all that was played. True when something was typed, nothing was refused
 * and every check held, and what was compared differs for a reason only.
 */
bool player_verify(struct player *p);

#endif
