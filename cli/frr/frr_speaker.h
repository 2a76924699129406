/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The speaker: a process of its own (helper_process.h) beside a router or a lab on Linux, which
 * runs FRR for it, since a cage executes nothing. It is started before any configuration is read.
 *
 *   router or lab (in its cage)                speaker
 *    |-- node, namespace, daemons, text ------->|  a run directory and daemons for the node;
 *    |                                          |  vtysh: what is new, and what is gone
 *    |<------------------- node, report --------|  what FRR does not take; a daemon that ended
 *    |-- node, question (+ a pipe) ------------>|  vtysh, which answers by the pipe
 *    |-- node, no daemons --------------------->|  ends them
 *    | ends, or is killed: the line ends        |
 *    |----------------------------------------->|  ends all
 *
 * It knows keys and passwords of routing protocols, and gives them to vtysh by a pipe.
 */
#ifndef TESTUDO_FRR_SPEAKER_H
#define TESTUDO_FRR_SPEAKER_H

#include "compiler/base/text.h"
#include "compiler/frr/frr.h"

#define FRR_NAME_MAX   128 /* octets of a node's name or a namespace's, the 0 too */
#define FRR_REPORT_MAX 256 /* of a report */

/* Whose FRR speaks. */
enum frr_routing {
	FRR_OWN,   /* daemons of the node's own */
	FRR_SYSTEM /* the machine's, whatever else it is configured to do */
};

/*
 * Starts it, while there is one thread. netns: where nodes live of which nothing else is said, a
 * name below /run/netns or a path; NULL: here. The line to it, or -errno.
 */
int frr_speaker_start(const char *netns);
/* Ends it, and all FRR that it runs, and waits until they have ended. A line below 0 is fine. */
void frr_speaker_end(int line);
/* Is FRR installed, and may it be started? Looked at where files can still be seen. */
bool frr_speaker_there(void);

/*
 * Asks a node's FRR, and waits for a second at most: the answer is appended. False: there is none.
 * Not while an order is on its way (frr_outbox_waits).
 */
bool frr_speaker_ask(int line, const char *node, enum frr_question question, struct text *ret);
/* A report, when the line can be read. False: it has ended. */
bool frr_speaker_hear(int line, char node[static FRR_NAME_MAX], char report[static FRR_REPORT_MAX]);

#endif
