/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The live lab: one libuv loop moves the virtual network along with the real clock, serves a
 * telnet and an SSH console for every node and, on a terminal, the first node's there. Diffie-Hellman and RSA
 * go to the thread pool.
 *
 * Before loop_run the lab is in virtual time and jobs run on the spot; so the loop is made first,
 * the lab with its submit and touched, transcripts are played, then the loop runs.
 */
#ifndef TESTUDO_LOOP_H
#define TESTUDO_LOOP_H

#include <stdio.h>

#include "cli/lab/lab.h"

struct loop;

#define LOOP_TELNET_BASE 2001
#define LOOP_SSH_BASE    22001

struct loop_options {
	uint16_t telnet_base; /* the first node's port; 0: any free ports */
	uint16_t ssh_base;    /* likewise */
	bool terminal;        /* offer the first node's console on this terminal */
	FILE *out;            /* where the consoles are told */
};

struct loop *loop_new(void);
/* The libuv loop, for lab_options.netns_loop. */
void *loop_uv(struct loop *loop);
/* For lab_options, with the loop as arg. */
void loop_submit(void *loop, struct node *node, struct job *job);
void loop_touched(void *loop, struct router *router);

/*
 * Runs until SIGINT, SIGTERM, SIGHUP or the end of the terminal's session. 0, or -errno when it
 * could not start; what and where is told on `out`. Afterwards no job is under way.
 */
int loop_run(struct loop *loop, struct lab *lab, const struct loop_options *options);
void loop_free(struct loop *loop);

#endif
