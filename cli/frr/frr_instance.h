/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the speaker: FRR's daemons of a node. */
#ifndef TESTUDO_FRR_INSTANCE_H
#define TESTUDO_FRR_INSTANCE_H

#include <sys/types.h>

#include "cli/frr/frr_speaker.h"
#include "compiler/frr/frr.h"

#define FRR_DAEMON_DIR    "/usr/lib/frr"
#define FRR_VTYSH         "/usr/bin/vtysh"
#define FRR_USER          "frr"
#define FRR_INSTANCES_MAX 256
#define FRR_TEXT_MAX      (16u << 20) /* octets of a configuration */

/* What an order begins with. With a question comes a pipe for the answer; node, number follow. */
enum frr_verb { FRR_TELL, FRR_ASK };

/* On the line, between a node's and a namespace's name and the text. */
struct frr_order {
	uint32_t daemons, routing, size;
};

struct frr_instance {
	struct frr_instance *next;
	struct text *reports; /* the speaker's, that wait */
	char node[FRR_NAME_MAX];
	char *netns; /* NULL: here */
	char *dir;   /* of its own; NULL: there is none yet */
	enum frr_routing routing;
	unsigned daemons;        /* that it shall have */
	pid_t pids[FRR_DAEMONS]; /* 0: it does not run */
	struct text wanted, applied;
	struct text base; /* of a machine's FRR: what it had before it was told anything */
	bool dirty;       /* it was refused in part: FRR may have more than is applied */
	bool fresh;       /* a daemon has been started that knows nothing yet */
	unsigned deaths;  /* in a row */
	msec started;     /* when all of them ran last */
	msec again;       /* when to try again; MSEC_NEVER: nothing is to be tried */
};

/* The speaker's life. */
void frr_instances_run(void *arg);

/* --- frr_daemon.c ----------------------------------------------------------------------------- */

/* Starts what it lacks, and waits until it can be spoken to. 0 or -errno. */
int frr_daemons_start(struct frr_instance *i);
/* Ends those that it shall not have, or all, and waits until they have ended. */
void frr_daemons_end_idle(struct frr_instance *i);
void frr_daemons_stop(struct frr_instance *i);
/* Ends those that speakers have left that are no more; this one (0: none), too, is to be none. */
void frr_daemons_bury(pid_t ended);

/* --- frr_vtysh.c ------------------------------------------------------------------------------ */

/* Gives the lines to FRR. False: it does not take them; what it said first is in `said`. */
bool frr_vtysh_give(const struct frr_instance *i, const struct text *lines, struct text *said);
/* What FRR answers to one command. False: nobody does. */
bool frr_vtysh_ask(const struct frr_instance *i, const char *command, struct text *answer);
/* What FRR answers goes to a pipe, without waiting for it. */
void frr_vtysh_answer(const struct frr_instance *i, enum frr_question question, int out);

#endif
