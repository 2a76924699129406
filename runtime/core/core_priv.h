/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the core share and nobody else sees: the core itself, its queue of output, its
 * timers, and the budgets of what strangers can cause (flood.h).
 *
 * Every public function stores its `now` in the core first, so that everything below reads one
 * clock. Objects: the core owns the SAs (ike.h), the servers (ks.h) and the members (gm.h).
 */
#ifndef TESTUDO_CORE_PRIV_H
#define TESTUDO_CORE_PRIV_H

#include "runtime/core/core.h"
#include "runtime/core/flood.h"
#include "runtime/core/ike.h"
#include "runtime/core/coop.h"
#include "runtime/core/keep.h"
#include "runtime/core/table.h"
#include "runtime/core/timer.h"

struct farewell; /* ks_farewell.c */
struct gm;
struct ks;

/*
 * A job that core_poll gives out. One of two functions ends and frees it, in the loop: done when it
 * has run, discard when it never ran or nobody waits for it any more.
 */
struct core_job {
	struct job job; /* first: core_done casts back */
	void (*done)(struct core *c, struct core_job *j);
	void (*discard)(struct core_job *j); /* never run, or nobody waits any more */
};

struct out {
	struct out *next;
	struct core_out out;
	struct gm *gm;               /* CORE_INSTALL: the group is built when it is polled */
	uint8_t *bytes;              /* CORE_DATAGRAM: owned */
	uint64_t after[KEEP_PLACES]; /* CORE_DATAGRAM: the transactions (keep.h) it waits for */
	const struct ks *of;         /* CORE_DATAGRAM: a rekey of this server's; NULL: none */
	bool kept;                   /* what this one tells of is on disk: it does not wait again */
	char *name;                  /* CORE_CLEAR: owned */
};

struct core {
	struct core_env env;
	const struct policy *policy; /* NULL before the first core_apply */
	msec now;
	struct timers timers;
	struct out *out_first, **out_last;
	struct out *out_polled;  /* what the last core_poll gave out */
	struct arena *out_arena; /* holds the polled group */
	struct ike ike;
	size_t n_kss, n_gms;
	uint64_t generation; /* core_generation */
	struct ks **kss;
	struct keep keeps[KEEP_PLACES];
	struct keep_held held;
	struct coop coop;
	int64_t wall_ahead;         /* what the wall clock is ahead of `now`, as of keep_wall */
	struct farewell *farewells; /* of servers that forgot their members */
	struct gm **gms;
	bool gdoi_on;
	uint32_t next_ticket;
	uint64_t drops[DROP_COUNT];
	struct snap_pki pki;
	uint8_t *scratch; /* ISAKMP_MESSAGE_MAX octets: a message is built or decrypted here */
	struct flood flood;
};

/* Sends a copy of bytes. */
void core_send(struct core *c, const struct path *path, struct span bytes);
/* A rekey: when another server gives up what it has made, it leaves all the same. */
void core_send_rekey(const struct ks *of, const struct path *path, struct span bytes);
/*
 * The same for an answer that tells nothing of what a key server keeps: it never waits for the
 * disk, so that a flood of questions does not pile up there.
 */
void core_send_stranger(struct core *c, const struct path *path, struct span bytes);
void core_out_free(struct out *o); /* NULL is fine */
/* Queues the job for core_poll; the core owns it from here on. */
void core_submit(struct core *c, struct core_job *take_job);
/*
 * Asks for the member's present policy to be put into the dataplane. The queue holds at most one
 * such request of a member.
 */
void core_install(struct core *c, struct gm *gm);
void core_clear(struct core *c, const char *group);
/*
 * Starts or stops listening, on an interface, to a UDP port of a multicast address (0: of the
 * node's own addresses).
 */
void core_join(struct core *c, const char *interface, uint32_t group, uint16_t port, bool on);
/* Forgets a queued installation of a member that goes away. */
void core_install_cancel(struct core *c, const struct gm *gm);

void core_random(struct core *c, void *buf, size_t n);
uint32_t core_random_below(struct core *c, uint32_t n); /* 0 .. n-1; n > 0 */

/*
 * When a key ends that is replaced before its time. MIN(what is left, MAX(90 s, MIN(5 % of the
 * lifetime, an hour))): the vendor's rule, for a server and for its members. lifetime: seconds.
 */
static inline msec
core_shortened(msec expires, uint32_t lifetime, msec now)
{
	msec rest = SECONDS((msec)lifetime) / 20;

	if (rest > SECONDS(3600))
		rest = SECONDS(3600);
	if (rest < SECONDS(90))
		rest = SECONDS(90);
	return earlier_of(expires, now + rest);
}

/* What a snapshot says of a time to come: whole seconds; 0 when it is past, or never comes. */
static inline uint32_t
core_seconds_until(msec when, msec now)
{
	return when == MSEC_NEVER || when <= now ? 0 : (uint32_t)((when - now) / 1000);
}

#define LOG_WHEN(c, may, id, ...)                                                                  \
	do {                                                                                       \
		if (may)                                                                           \
			LOG(&(c)->env.log, id, ##__VA_ARGS__);                                     \
	} while (0)

/* LOG for lines that a datagram can cause: from anybody, */
#define STRANGER_LOG(c, source, id, ...)                                                           \
	LOG_WHEN(c, flood_may_log(c, BY_STRANGER, source), id, ##__VA_ARGS__)
/* from who has brought back our cookie, */
#define REACHED_LOG(c, source, id, ...)                                                            \
	LOG_WHEN(c, flood_may_log(c, BY_REACHED, source), id, ##__VA_ARGS__)
/* from who has authenticated; */
#define PEER_LOG(sa, id, ...) LOG_WHEN((sa)->core, flood_peer_may_log(sa), id, ##__VA_ARGS__)
/* and for what a key server finds out about its members by itself. */
#define SERVER_LOG(c, id, ...) LOG_WHEN(c, flood_server_may_log(c), id, ##__VA_ARGS__)

#endif
