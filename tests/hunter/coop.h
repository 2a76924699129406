/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hunter of partitions: key servers that share a store, their members, and all that may come
 * between them. One who keeps a history looks at what reaches the store, at every packet, and at
 * what members hold, and finds what must never be.
 *
 *   coop_net.c      the network of a seed, and what is typed into its routers
 *   coop_event.c    what happens
 *   coop_history.c  what was committed, and by whom; what members have; what must never be
 *   coop_end.c      nothing is broken any more: is all well again within the bound?
 *
 * The history does not believe what a server says of itself: who leads is what the store says, a
 * key is known when its octets were committed, and a packet is in clear when the link shows it.
 */
#ifndef TESTUDO_HUNTER_COOP_H
#define TESTUDO_HUNTER_COOP_H

#include "cli/lab/lab.h"
#include "cli/shell/shell.h"
#include "compiler/base/text.h"
#include "tests/hunter/chance.h"
#include "tests/hunter/typist.h"

#define COOP_HUNT_SERVERS 8
#define COOP_HUNT_MEMBERS 3
#define COOP_HUNT_GROUPS  2
#define COOP_HUNT_NODES   (COOP_HUNT_SERVERS + COOP_HUNT_MEMBERS)
#define COOP_HUNT_PORT    "FastEthernet0/0"

/* A set of 64 bit words, each with another one; open addressing. */
struct seen {
	uint64_t (*slots)[2];
	size_t n, capacity;
};

struct commit { /* of a group's keys */
	msec at;
	size_t node;
	uint64_t revision;
	uint8_t *value;
	size_t n;
};

struct coop_group {
	size_t n_commits, capacity;
	struct commit *commits;
	/* The revision of the keys that each server has read, or written itself. */
	uint64_t read[COOP_HUNT_SERVERS];
	bool knows[COOP_HUNT_SERVERS]; /* it has done so since it was switched on */
	size_t n_made, made_capacity;
	struct made *made;
	msec anew; /* until then keys may have nothing in common with those before */
	bool asked[COOP_HUNT_SERVERS]; /* for such ones, once, when its store works again */
	/* The store has lost the record of identifiers: once, other keys may begin with another. */
	bool sids_lost;
};

struct made { /* a key that a server holds, and that is in no record yet */
	uint64_t key;
	size_t node;
	msec at;
};

struct coop_had { /* a member, of a group */
	uint8_t kek[16];
	uint32_t seq;
	bool keyed;
};

struct coop_hunt {
	uint64_t seed;
	struct chance chance;
	bool trace;
	struct text story;
	unsigned found;
	struct lab *lab;
	struct lab_spec spec;
	struct lab_node_spec nodes[COOP_HUNT_NODES];
	struct arena *arena;
	size_t n_servers, n_members, n_groups;
	bool multicast, shared, counter;
	bool few_sids;     /* so that they are used up */
	unsigned lifetime; /* of traffic keys, seconds */
	unsigned n_lines;  /* that were added to lists */
	bool up[COOP_HUNT_NODES], frozen[COOP_HUNT_NODES];
	unsigned boots[COOP_HUNT_NODES];
	msec booted[COOP_HUNT_NODES];
	bool clock_off[COOP_HUNT_NODES], booted_off[COOP_HUNT_NODES]; /* its clock is, was then */
	bool cut[COOP_HUNT_NODES][COOP_HUNT_NODES];                   /* from, to */
	struct typist typist;
	struct coop_group groups[COOP_HUNT_GROUPS];
	struct coop_had had[COOP_HUNT_MEMBERS][COOP_HUNT_GROUPS];
	struct seen keys, sids, nonces, bodies, pushes;
	uint64_t leases[COOP_HUNT_SERVERS];
	msec slow[COOP_HUNT_SERVERS]; /* what a call takes */
	enum store_line_state line[COOP_HUNT_SERVERS];
	unsigned arrived[COOP_HUNT_GROUPS][COOP_HUNT_MEMBERS][COOP_HUNT_MEMBERS];
	unsigned long n_events, n_committed, n_elections, n_pings;
	msec led, took; /* from the last fault until somebody led; until all was well */
};

/* Nodes in the order of `nodes`: servers, members. */
static inline size_t
coop_member_node(const struct coop_hunt *h, size_t i)
{
	return h->n_servers + i;
}

#define COOP_CORE(node)          (0x0a000001 + (uint32_t)(node)) /* 10.0.0.1 .. */
#define COOP_LOOP(group, member) (((group) ? 0xac100001 : 0xc0a80001) + ((uint32_t)(member) << 8))

/* --- coop_net.c --- */
void coop_hunt_begin(struct coop_hunt *h, uint64_t seed, bool trace);
void coop_hunt_end(struct coop_hunt *h);
void coop_tell(struct coop_hunt *h, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Something that must not be. */
void coop_report(struct coop_hunt *h, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void coop_command(struct coop_hunt *h, size_t node, const char *line);
/* Lines, separated by LF, in configuration mode; then it is saved. */
void coop_configure(struct coop_hunt *h, size_t node, const char *lines);
void coop_pass(struct coop_hunt *h, msec time);
void coop_steps(struct coop_hunt *h, unsigned n); /* so many events of the network */
void coop_power(struct coop_hunt *h, size_t node, bool on);
void coop_slow(struct coop_hunt *h, size_t server, msec time);
void coop_freeze(struct coop_hunt *h, size_t node, bool on);
/* A packet from one member's network to another's. */
void coop_ping(struct coop_hunt *h, size_t group, size_t from, size_t to);

/* --- coop_event.c --- */
void coop_event(struct coop_hunt *h);

/* --- coop_history.c --- */
/* Stands before the store of node i. */
struct store *coop_history_store(void *hunt, size_t i, struct store *take_door);
void coop_history_watch(struct coop_hunt *h);
/* What has become of servers and members since it was last looked at. */
void coop_history_look(struct coop_hunt *h);
/* Who the store says leads; -1: nobody. */
int coop_history_leader(struct coop_hunt *h, size_t group);
/* Keys may have nothing in common with those before. */
void coop_history_anew(struct coop_hunt *h);
/* This server was asked for that, and does it as soon as it can. */
void coop_history_asked(struct coop_hunt *h, size_t server);
/* A server begins without what it knew. */
void coop_history_boots(struct coop_hunt *h, size_t server);
/* The store has lost all records of this kind. */
void coop_history_lost(struct coop_hunt *h, const char *word);
/* A member was told to forget what it had. */
void coop_history_forgotten(struct coop_hunt *h, size_t member);
void coop_history_fini(struct coop_hunt *h);

/* --- coop_end.c --- */
void coop_heal(struct coop_hunt *h);

#endif
