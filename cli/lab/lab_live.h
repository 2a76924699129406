/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The live lab: the loop of cli/live moves the virtual network along with the real clock and serves
 * a telnet and an SSH console for every node and, on a terminal, the first node's there.
 *
 * Before lab_live_run the lab is in virtual time and jobs run on the spot; so the live lab is made
 * first, its consoles are bound, the lab is made with its submit and touched, transcripts are
 * played, then the loop runs.
 */
#ifndef TESTUDO_LAB_LIVE_H
#define TESTUDO_LAB_LIVE_H

#include <stdio.h>

#include "cli/lab/lab.h"

struct lab_live;

#define LAB_TELNET_BASE 2001
#define LAB_SSH_BASE    22001

struct lab_live_options {
	uint16_t telnet_base; /* the first node's port; 0: any free ports */
	uint16_t ssh_base;    /* likewise */
	const char *sockets;  /* a folder for a socket of each node (testudo sh); NULL: none */
	bool terminal;        /* offer the first node's console on this terminal */
	FILE *out;            /* where the consoles are told */
};

struct lab_live *lab_live_new(void);
/* The libuv loop, for lab_options.netns_loop. */
void *lab_live_uv(struct lab_live *live);
/* For lab_options. */
void lab_live_submit(struct lab_live *live, struct node *node, struct job *job);
void lab_live_touched(struct lab_live *live, struct router *router);

/*
 * Takes the ports of the consoles, in the network that this thread is in; from then on clients
 * wait. 0, or a negative libuv error; what and where is told on `out`.
 */
int lab_live_bind(struct lab_live *live, const struct lab_spec *spec,
                  const struct lab_live_options *options);
/*
 * Runs until SIGINT, SIGTERM, SIGHUP or the end of the terminal's session. 0, or -errno when it
 * could not start; what and where is told on `out`. Afterwards no job is under way.
 */
int lab_live_run(struct lab_live *live, struct lab *lab, const struct lab_live_options *options);
/* Was it the user at the terminal who ended it? */
bool lab_live_was_left(const struct lab_live *live);
void lab_live_free(struct lab_live *live); /* behind lab_free */

#endif
