/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What must outlive the process goes into a store (runtime/store) before anything that tells of it
 * leaves the node:
 *
 *   a call into the core changes a key server, and queues datagrams
 *        |
 *   core_poll: what has changed becomes one transaction, a job         (keep_flush)
 *        |                         the datagrams wait
 *   the job is back: they leave                                        (keep_committed)
 *
 * Each transaction checks that nobody else has written what it is about, since it was read or
 * written here: a second process with the same store, or what an earlier life of this one had still
 * to write. Whoever comes second writes nothing, says nothing, and reads the store again. Where one
 * transaction was of several groups, each has one of its own then: most are not concerned.
 *
 * One transaction is under way at a time; what changes meanwhile goes into the next. When the store
 * refuses, nothing that was said since leaves: the datagrams are dropped, peers ask again, and the
 * store is tried again every few seconds.
 *
 * Which members of several servers have acknowledged a rekey goes with another transaction, or into
 * one of its own for which no datagram waits; and only where nobody else has written or removed the
 * member. Else the rest of the transaction is tried without it.
 *
 * Without a store nothing waits, and nothing is kept.
 *
 * A node has two of these: a store of its own, and the one that its cooperating key servers share
 * with others (coop.h). While the shared one refuses, servers go on with the keys that were
 * committed before, and make no others: what they say tells of nothing that has to be kept first.
 */
#ifndef TESTUDO_KEEP_H
#define TESTUDO_KEEP_H

#include "runtime/core/core.h"
#include "runtime/core/timer.h"
#include "runtime/store/store.h"

#define KEEP_RETRY       SECONDS(5)
#define KEEP_LATER       500 /* milliseconds until what nobody waits for is written */
#define KEEP_SHARED_MOST 100 /* writes, and checks, that a shared store takes at once */

struct keep_batch;
struct ks;
struct out;

enum keep_place { KEEP_OWN, KEEP_SHARED, KEEP_PLACES };

struct keep {
	struct core *core;
	enum keep_place place;
	struct store *store; /* borrowed; NULL: none */
	unsigned generation; /* which store that is: what was asked of another one says nothing */
	size_t most;         /* records in one transaction; 0: as many as there are */
	size_t first;        /* which group's come first */
	size_t apart;        /* so many more transactions are of one group each */
	struct keep_batch *under_way;
	uint64_t begun, done; /* transactions, counted from 1 */
	bool failing;
	unsigned failures; /* transactions that failed in a row */
	bool stale; /* shared: what is known is not the newest; nothing is written before it is */
	bool later; /* what nobody waits for is to be written now */
	/* Acknowledgements: so many times in a row somebody else had written, */
	unsigned acks_refused;
	bool acks_wait; /* and what he has written is not read yet */
	struct timer retry, later_timer;
	uint8_t *scratch; /* STORE_VALUE_MAX octets: a record is written here; NULL: none was yet */
	char **forgotten; /* names of records that are to be removed; owned */
	size_t n_forgotten, capacity;
};

/* Datagrams that wait, in order; of a core. */
struct keep_held {
	struct out *first, **last;
};

void keep_init(struct core *c);
void keep_fini(struct core *c);
/* Makes a transaction of all that has changed, unless one is under way or the store is failing. */
void keep_flush(struct core *c);
/* Has keep_flush anything to do? */
bool keep_waits(const struct core *c);
/* Must this datagram wait? Then it is the keep's. */
bool keep_holds(struct core *c, struct out *take_datagram);

/*
 * A moment of the core's clock by the wall clock. Small corrections of the wall clock are passed
 * over, so that a moment that stays is kept as the same number.
 */
int64_t keep_wall(struct core *c, msec at);

/*
 * The shared store has been read: what is known is the newest, and the store works. Back: before
 * that it could not be read.
 */
void keep_go_on(struct keep *k, bool back);
/* Somebody else has written: what is known is not the newest, until it has been read. */
void keep_wait_for_news(struct keep *k);
/*
 * What was said and waits for the store of this server is never said, nor what was said in this
 * call, and so does not wait yet. Rekeys of other servers are: nobody asks for them again.
 */
void keep_drop_said(const struct ks *ks);
/* It is another store from now on, NULL: none. */
void keep_become(struct keep *k, struct store *store);
/* It cannot be read now: nobody waits for that. */
void keep_lose(struct keep *k);

/* --- for those whose state is kept ------------------------------------------------------------ */

/* Adds to the transaction that is being made; value.p NULL: the record is removed. */
void keep_put(struct keep_batch *b, const char *name, struct span value);
/* The transaction is only done if the record has this revision, or is not there (0). */
void keep_check(struct keep_batch *b, const char *name, uint64_t revision);
/* Does it check this record already? */
bool keep_checks(const struct keep_batch *b, const char *name);

/* The next transaction removes this record. */
void keep_forget(struct keep *k, const char *name);
/* There is something that may be kept later, and that no datagram tells of. */
void keep_later(struct keep *k);
/* How many more records the transaction that is being made takes. */
size_t keep_room(const struct keep *k, const struct keep_batch *b);

/*
 * Reads all records that begin with prefix, in a job; loaded is called in the loop, before
 * keep_load returns or later, unless the job is cancelled.
 */
struct keep_load;
struct keep_load *keep_load(struct keep *k, const char *prefix,
                            void (*loaded)(void *arg, const struct keep_load *l), void *arg);
void keep_load_cancel(struct keep_load *l);
/* The same in any thread, at once; to be freed. Changes: as store.h says. */
struct keep_load *keep_load_all(struct store *s, const char *prefix);
struct keep_load *keep_load_changes(struct store *s, const char *prefix, uint64_t since);
/*
 * Takes those of the group with this prefix out of the changes of several that were written after
 * `since`, up to which the group knows all; to be freed.
 */
struct keep_load *keep_load_part(struct keep_load *from, const char *prefix, uint64_t since);
void keep_load_free(struct keep_load *l);               /* NULL is fine */
int keep_load_error(const struct keep_load *l);         /* 0 or -errno */
bool keep_load_is_whole(const struct keep_load *l);     /* 0, or that alone which is torn is not */
uint64_t keep_load_revision(const struct keep_load *l); /* of the store, then */
size_t keep_load_count(const struct keep_load *l);
struct store_record keep_load_at(const struct keep_load *l, size_t i);

#endif
