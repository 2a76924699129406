/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What nodes shall speak, on its way to the speaker (frr_speaker.h). Nobody waits for that: FRR
 * takes its time, a minute when one of its daemons hangs. An order waits here until the line takes
 * it, and gives way to a newer one of its node's.
 */
#ifndef TESTUDO_FRR_OUTBOX_H
#define TESTUDO_FRR_OUTBOX_H

#include "cli/frr/frr_speaker.h"

struct frr_waiting;

struct frr_outbox {
	struct frr_waiting *first; /* oldest first, one for each node */
	struct text going;         /* the order of which the line has taken a part */
	size_t gone;
};

#define FRR_OUTBOX_INIT ((struct frr_outbox){0})

void frr_outbox_fini(struct frr_outbox *o); /* wipes what waits */
/*
 * What a node shall speak from now on: a rendered configuration (compiler/frr/frr.h) and the
 * daemons that it needs; 0: it speaks no more. netns: a file's name below /run/netns; "": as
 * frr_speaker_start was told. 0 or -errno.
 */
int frr_outbox_put(struct frr_outbox *o, const char *node, const char *netns,
                   enum frr_routing routing, unsigned daemons, const char *text);
/*
 * Gives the line what it takes at once. 0, or -EAGAIN: more waits, until the line can be written;
 * or another -errno: the speaker has ended.
 */
int frr_outbox_send(struct frr_outbox *o, int line);
/* Does anything? Then the line has no place for other words (frr_speaker_ask). */
bool frr_outbox_waits(const struct frr_outbox *o);

#endif
