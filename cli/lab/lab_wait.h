/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Jobs that wait in virtual time, as those that ask a slow store do. Each runs in a thread of its
 * own, and that one and the lab's take turns: while the job runs the lab stands still, and while
 * the job waits virtual time goes on. So the same seed gives the same bytes. Inside the lab only.
 */
#ifndef TESTUDO_LAB_WAIT_H
#define TESTUDO_LAB_WAIT_H

#include "runtime/host/sim/sim.h"
#include "runtime/node/node.h"

struct lab_wait;

struct lab_wait *lab_wait_new(struct sim *sim);
/* NULL is fine. Jobs that still wait go on at once, and are handed back to their nodes. */
void lab_wait_free(struct lab_wait *w);

/*
 * Runs the job, and hands it back with node_job_done when it is over: now, or later. The name of
 * the node is the sim's, and borrowed.
 */
void lab_wait_run(struct lab_wait *w, struct node *node, const char *name, struct job *job);
/*
 * So much virtual time passes. Elsewhere than in such a job it does nothing. back: while the node
 * stands still (sim_node_freeze), nobody there takes the answer. False: the node is dead.
 */
bool lab_wait_pause(void *w, msec time, bool back);
/* The node loses its power: what its jobs have asked for is under way, and they ask no more. */
void lab_wait_kill(struct lab_wait *w, const struct node *node);

#endif
