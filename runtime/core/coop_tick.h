/* SPDX-License-Identifier: Apache-2.0 */
/* One look of a key server of several at the store that they share, in any thread: see coop.h. */
#ifndef TESTUDO_COOP_TICK_H
#define TESTUDO_COOP_TICK_H

#include "runtime/core/core_priv.h"

struct tick_group {
	struct group_id id;
	uint32_t addr;  /* of its server here */
	uint64_t since; /* 0: all is to be read */
	uint64_t keys;  /* revision of the record of keys that is known */
	uint64_t term;  /* of its leadership that is to be given up; 0: not that */
	bool lead;      /* it is to lead, */
	uint64_t over;  /* in the place of the one that this record names; 0: there is none */
	uint32_t saves; /* of the group's transactions that many were done */
	msec began;
	unsigned doubts;
	bool apart;    /* what it has is torn: it looks alone, so that others do not meet that */
	bool says;     /* `words` are to be written */
	uint64_t sids; /* so many identifiers it wants; 0: none */
	uint64_t sids_all;
	uint32_t sids_epoch;
	struct coop_sids known;    /* so many are taken */
	struct coop_kssids kssids; /* its pool */
	struct coop_server saying;
	uint8_t words[COOP_WORDS_MAX];
	size_t n_words;
	/* What came of it: */
	int unwritten; /* why the store did not take what was to be written, -errno; 0: it did */
	int error;     /* of what was read */
	uint64_t sids_from, sids_to; /* the identifiers it has now; empty: none */
	bool sids_gone, sids_clash;
	bool said;    /* its words are there, perhaps */
	uint64_t led; /* revision of the record by which it leads now; 0: it took no lead */
	bool refused; /* another one was first, or it does not know all */
	bool whole;   /* `found` is all there is, not what changed */
	struct keep_load *found;
};

struct tick {
	struct core_job job; /* first: it is given out as one */
	struct store *store;
	unsigned generation; /* of that: keep.h */
	uint64_t lease;
	uint64_t ends; /* a lease that is to end now; 0: none */
	msec began;
	bool renewed; /* the lease was renewed just before: that can wait */
	bool fresh;   /* it is a new one */
	int error;
	size_t n;
	struct tick_group *groups;
};

/* All that the look has to do and to read; what came of it is in the groups. */
void coop_tick_run(struct job *j);
void coop_tick_discard(struct core_job *j);
/* Is it an error of one group's records, and not of the store? */
bool coop_tick_is_of_group(int error);

#endif
