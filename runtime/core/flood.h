/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What strangers may make a node do: so many log lines, so many notifications. Each kind of sender
 * has budgets of its own, so that what one may not do any more costs the others nothing:
 *
 *     stranger   anybody who can send a datagram, under any address
 *     reached    has brought back our cookie: the address is its own
 *     peer       has authenticated: its address has a budget, however many SAs it makes
 *     server     what a key server finds out about its members by itself
 *
 * In the first three all have one budget together, too, a large one for peers. In the first two a
 * source is counted by itself, too; sources that fall into one slot share it,
 * and which do depends on a secret. What was left out is told once a minute, in counts.
 */
#ifndef TESTUDO_FLOOD_H
#define TESTUDO_FLOOD_H

#include "compiler/base/base.h"
#include "runtime/core/timer.h"

struct core;
struct ike_sa;

struct flood_rate {
	unsigned burst; /* so many at once, */
	msec refill;    /* then one more in so many milliseconds */
};

struct allowance {
	msec refilled;
	unsigned used;
};

/* Log lines. */
#define LINES_ALL    ((struct flood_rate){20, SECONDS(1) / 2})
#define LINES_SOURCE ((struct flood_rate){8, SECONDS(2)})
#define LINES_PEERS  ((struct flood_rate){20000, 1})
#define LINES_PEER   ((struct flood_rate){128, SECONDS(1) / 2})
#define LINES_SERVER ((struct flood_rate){200, SECONDS(1) / 20})
/* Notifications, in clear; under an SA: NOTICES_PEER. */
#define NOTICES_ALL    ((struct flood_rate){32, SECONDS(1) / 16})
#define NOTICES_SOURCE ((struct flood_rate){4, SECONDS(2)})
#define NOTICES_PEERS  ((struct flood_rate){4096, SECONDS(1) / 500})
#define NOTICES_PEER   ((struct flood_rate){64, SECONDS(1) / 4})

/* Answers to a peer's questions whether this one lives; and to its last one, repeated. */
#define ANSWERS_PEER  ((struct flood_rate){8, SECONDS(1)})
#define ANSWERS_AGAIN ((struct flood_rate){1, SECONDS(1)})

/*
 * Diffie-Hellman for who has brought back our cookie: of one source, of one network (/24); beside
 * them for an address that has authenticated before.
 */
#define DH_SOURCE   ((struct flood_rate){8, SECONDS(2)})
#define DH_NET      ((struct flood_rate){256, SECONDS(1) / 20})
#define DH_MET      ((struct flood_rate){64, SECONDS(1) / 4})
#define DH_SLOTS    16384

#define FLOOD_SLOTS 256

enum flood_by { BY_STRANGER, BY_REACHED, FLOOD_KINDS };

struct flood_budget {
	struct allowance all, source[FLOOD_SLOTS];
};

struct flood {
	uint64_t key; /* odd; which slot a source has. 0: not made yet */
	struct flood_budget lines[FLOOD_KINDS], notices[FLOOD_KINDS];
	struct allowance server, peer_lines, peer_notices; /* of all peers */
	struct timer minute; /* set while there is something to tell */
	uint64_t lines_left_out, notices_left_out, offers_refused;
	size_t setups_most;
	uint64_t setups_refused, setups_displaced;
};

void flood_init(struct core *c);

/* One more? Takes it. */
bool flood_allow(struct allowance *a, struct flood_rate rate, msec now);
/* Which of n slots, a power of two, a source has. */
size_t flood_slot(struct core *c, uint64_t source, size_t n);

bool flood_may_log(struct core *c, enum flood_by by, uint32_t source);
bool flood_may_notify(struct core *c, enum flood_by by, uint32_t source);
bool flood_peer_may_log(struct ike_sa *sa);
bool flood_peer_may_notify(struct ike_sa *sa);
bool flood_server_may_log(struct core *c);

/* Something has been counted that the log is told of within a minute. */
void flood_note(struct core *c);

#endif
