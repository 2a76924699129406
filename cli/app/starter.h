/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The starter: a process of its own (helper_process.h) beside `testudo run`, which runs programs of
 * a fixed list (starter_programs.h) for it, since its cage executes nothing. It is started before
 * the configuration is read, in the router's network namespace, and keeps of its rights those that
 * it needs to run a program as another user.
 *
 *   router (in its cage)                    starter
 *    |------ START number, call ------------>|  is it one of the list, and does it lead elsewhere?
 *    |                                       |  pty; fork: other user, no rights, few files; exec
 *    |<----- number, refusal (+ the pty) ----|
 *    |------ END number -------------------->|  kills it, if it runs still
 *    | ends, or is killed: the socket ends   |  kills them all, and ends
 */
#ifndef TESTUDO_STARTER_H
#define TESTUDO_STARTER_H

#include "cli/app/starter_programs.h"

#define STARTER_MAX 128 /* programs at one time */

enum starter_verb { STARTER_START, STARTER_END };

struct starter_request {
	uint32_t verb;
	uint32_t number; /* who asks chooses it: of a program that runs it is the only one */
	struct starter_call call;
};

struct starter_answer {
	uint32_t number;
	uint32_t refusal; /* enum starter_refusal; STARTER_STARTED: a descriptor comes with it */
	int32_t error;    /* errno of STARTER_FAILED */
};

/*
 * Starts it, while there is one thread, in this network namespace (NULL: our own). The line to it,
 * or -errno. Where there is no such namespace, it ends.
 */
int starter_start(const char *netns);

#endif
