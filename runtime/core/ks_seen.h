/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How new the records of a shared store were when one of several key servers last saw them: kept in
 * the node's own store, so that older records that were put back while the server was down are
 * noticed when it comes up, and no identifier is given away twice.
 */
#ifndef TESTUDO_KS_SEEN_H
#define TESTUDO_KS_SEEN_H

#include "runtime/core/coop_sids.h"

struct keep_batch;
struct keep_load;
struct ks;

#define KS_SEEN_PLACE 32 /* octets */

struct ks_seen {
	bool ready;             /* it was read, or there is none */
	struct keep_load *load; /* under way; NULL: none */
	bool failed;            /* it could not be read, and is tried again */
	bool unsaved;
	uint8_t place[KS_SEEN_PLACE]; /* in which store that was */
	uint32_t serial;              /* of the record of keys */
	struct coop_sids sids;
};

/* Reads it; the server looks at the shared store after that. */
void ks_seen_begin(struct ks *ks);
void ks_seen_end(struct ks *ks);
/* What the server knows may be newer. */
void ks_seen_note(struct ks *ks);
/* What was known of the identifiers of these keys counts again. */
void ks_seen_recall(struct ks *ks);

/* --- for keep.c, about the node's own store --------------------------------------------------- */

bool ks_seen_touched(const struct ks *ks);
void ks_seen_put(struct ks *ks, struct keep_batch *b);
/* It is to be written again, if this is the record's name. */
bool ks_seen_again(struct ks *ks, const char *record);
/* The store has lost what it had. */
void ks_seen_whole(struct ks *ks);

#endif
