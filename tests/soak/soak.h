/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a process holds, counted over and over: it must not be more at the end than at the
 * beginning. For tests/soak/soak_year.c.
 */
#ifndef TESTUDO_SOAK_H
#define TESTUDO_SOAK_H

#include "cli/lab/lab.h"

enum soak_figure {
	/* Octets allocated and not freed, but for the rings of offers, which the first makes. */
	SOAK_LIVE,
	SOAK_RSS, /* KiB */
	SOAK_DESCRIPTORS,
	SOAK_EVENTS, /* of the virtual network */
	SOAK_TIMERS,
	SOAK_IKE_SAS,
	SOAK_HALF_OPEN,
	SOAK_OFFERS,
	SOAK_PEERS, /* that have authenticated since the start */
	SOAK_MEMBERS,
	SOAK_KEYS,
	SOAK_RECORDS,
	SOAK_RECORD_OCTETS,
	SOAK_SESSIONS,
	SOAK_LOG, /* lines of the node that has most */
	SOAK_FIGURES
};

struct soak_counts {
	double of[SOAK_FIGURES];
};

/* Over all nodes of the lab, and of the process. Empties the nodes' logs, which it counts. */
void soak_count(struct lab *lab, struct soak_counts *ret);
void soak_print(const struct soak_counts *counts);
/*
 * Prints the least of the first and of the last third of n counts, and the most. False: something
 * has grown beyond the room that the table gives it, or was above its limit.
 */
bool soak_is_flat(const struct soak_counts *counts, size_t n);

#endif
