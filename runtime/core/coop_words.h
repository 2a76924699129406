/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a key server says of itself in the store that it shares with others: see coop.h.
 *
 * Servers of several versions live side by side while they are upgraded one after the other. So an
 * octet in front, FORMAT, says how the rest is to be read. Who does not know the number takes the
 * record's name for the address, and its being there for a sign of life. Behind it come parts, each
 * with its length; one that has grown, or is new and behind the others, is no other format: what
 * a server does not know of it is passed over.
 */
#ifndef TESTUDO_COOP_WORDS_H
#define TESTUDO_COOP_WORDS_H

#include "compiler/policy/alike.h"
#include "runtime/core/coop_sids.h"

#define COOP_WORDS_MAX 256 /* octets of what a server says of itself */
#define COOP_DIGEST    8   /* octets; who would find two settings with one digest holds the keys */

/* What is configured, by a digest of each setting in which servers have to be alike. */
struct coop_settings {
	uint8_t digests[ALIKE_N][COOP_DIGEST];
	size_t n; /* so many of them, from the first on: an earlier version says fewer */
};

/* What a server says of itself. */
struct coop_server {
	uint32_t addr;
	uint8_t priority;
	uint32_t serial; /* of the keys that it knows */
	uint32_t epoch;  /* of the sender identifiers of which it says: */
	bool dry;        /* it has none left, and there are none to be taken */
	bool clash;      /* its KSSIDs are partly others' */
	bool missing;    /* more identifiers are taken than the record says */
	bool able;       /* it has an address, the group's keys, and what signs them: it can lead */
	bool timed;      /* it knows the group's time */
	int64_t time;    /* that, milliseconds since 1970, as it says this */
	struct coop_settings settings;
	struct coop_kssids kssids; /* of which it gives identifiers away */
	uint64_t revision;         /* of its words */
	uint32_t differs;          /* in these settings from ours: a set of enum alike */
	bool unread;               /* it lives, and says what this version does not read */
};

void coop_settings_of(const struct policy_server *s, struct coop_settings *ret);
/* In what they differ, a set of enum alike. */
uint32_t coop_settings_differ(const struct coop_settings *a, const struct coop_settings *b);

/* Its length; what it does not say itself is not among it. */
size_t coop_words_put(const struct coop_server *s, uint8_t buf[static COOP_WORDS_MAX]);
/* False: they are of another format, or make no sense; *s is as it was. */
bool coop_words_take(struct span words, struct coop_server *s);
/* But for the time, which always goes on. */
bool coop_words_equal(const struct coop_server *a, const struct coop_server *b);

#endif
