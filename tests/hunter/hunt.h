/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The leak hunter: a random network with random policies, to which random things happen, and an
 * observer on every link who knows from the policies alone what may be seen there.
 *
 *   hunt_net.c     the network of a seed, and what is typed into its routers
 *   hunt_policy.c  random policies and their text
 *   hunt_model.c   what the administrators' words mean: what must be protected now
 *   hunt_watch.c   the observer
 *   hunt_probe.c   traffic of every class
 *   hunt_event.c   what happens
 *   hunt_fault.c   the fault matrix: what breaks, and what holds through it
 *   hunt_push.c    rekeys of a server that is not ours, under the group's real keys
 *
 * The model knows what was configured and who has registered since; it never asks a dataplane or a
 * member what its policy is. Where two answers are possible (a rekey may or may not have come) it
 * takes the one that allows more, so what it reports is a leak.
 */
#ifndef TESTUDO_HUNT_H
#define TESTUDO_HUNT_H

#include "cli/lab/lab.h"
#include "cli/shell/shell.h"
#include "compiler/base/text.h"
#include "runtime/packet/packet.h"
#include "runtime/dataplane/verdict.h"
#include "tests/hunter/chance.h"
#include "tests/hunter/typist.h"

#define HUNT_MEMBERS  4
#define HUNT_SERVERS  2
#define HUNT_GROUPS   2
#define HUNT_SAS      3
#define HUNT_LINES    5 /* of an access list */
#define HUNT_VERSIONS 24
#define HUNT_KEYS     1024
#define HUNT_NODES    (HUNT_SERVERS + HUNT_MEMBERS + 2)
#define HUNT_PROBES   4096
#define HUNT_PORT     "FastEthernet0/0" /* of the core, on every node */

struct acl {
	size_t n;
	struct selector lines[HUNT_LINES];
};

/* What a server says of a group at one time. */
struct version {
	struct acl sas[HUNT_SAS];
	bool receive_only;
};

struct hunt_group {
	size_t n_sas;
	size_t n_versions; /* oldest first; one more with every change */
	struct version versions[HUNT_VERSIONS];
	/* which of them each server has, and would have after a restart; -1: it does not serve */
	int running[HUNT_SERVERS], startup[HUNT_SERVERS];
	bool absent[HUNT_SERVERS]
		   [HUNT_SAS]; /* the list was taken away: the next line begins another */
	/*
	 * a mistake on a server: a member that registers anew may get less, one that has its policy
	 * must not
	 */
	bool broken;
	bool multicast; /* rekeys */
	int suite;
	unsigned lifetime; /* of its keys, seconds */
};

struct hunt_map_entry {  /* of a member's crypto map */
	int group;       /* -1: none */
	struct acl deny; /* `match address` */
	bool passive;
	enum sa_direction direction; /* by command */
	/* the group's policy has been known at the interface since it was bound there */
	bool known;
	size_t first;       /* the oldest version that the member may have */
	uint32_t successes; /* registrations seen so far */
	size_t at_poll;     /* the oldest version that a server had when last asked */
	size_t older;       /* the one before that; */
	msec older_until;   /* a registration that is under way may bring it until then */
	bool pushed;        /* a rekey that is not our server's may have added policy */
};

struct hunt_member {
	size_t n_entries;
	struct hunt_map_entry entries[HUNT_GROUPS];
	bool fail_close;
	struct acl door;
	bool foreign;         /* servers take it for another make: no denies reach it */
	bool fail_close_gone; /* the mode itself was taken away, which is allowed and no mistake */
	bool mistaken;        /* typing errors may have made more of its policy */
	bool bound;           /* no plain `no crypto map` has taken the map from the interface */
	unsigned epoch;       /* one more when its dataplane may have forgotten senders */
};

enum probe_kind { PROBE_OWN, PROBE_FORWARDED, PROBE_FROM_CORE, PROBE_KINDS };

struct probe {
	enum probe_kind kind;
	int member;
	struct flow flow;
	bool in_clear; /* seen in clear on the core */
	uint8_t arrived[HUNT_MEMBERS];
	unsigned epoch[HUNT_MEMBERS];
	bool excepted; /* must not be encrypted by the member it starts at */
};

struct seen_esp { /* a set of 64 bit words, open addressing */
	uint64_t *slots;
	size_t n, capacity;
};

/* Keys of a server in the order in which it made them; the last rekey of its KEK. */
struct hunt_keys {
	size_t n;
	uint32_t spis[HUNT_KEYS];
	uint8_t sas[HUNT_KEYS]; /* for which `sa ipsec` each is */
	uint8_t kek[16];
	uint32_t seq;
};

struct hunt_had {                            /* by a member, when last looked at */
	size_t newest[HUNT_SAS + 1], server; /* of each `sa ipsec` of that server */
	msec ends[HUNT_SAS + 1];             /* those keys do */
	uint8_t kek[16];
	uint32_t seq;
};

struct hunt_fault {
	uint32_t corrupt; /* one message in so many comes a second time, damaged; 0: none */
	uint32_t again;   /* with one message in so many comes an old one; 0: none */
	size_t n_soon;
	struct span soon[16]; /* on their way */
	struct span old[32];  /* any messages of before */
	struct hunt_keys keys[HUNT_SERVERS][HUNT_GROUPS];
	struct hunt_had had[HUNT_MEMBERS][HUNT_GROUPS];
	msec took; /* from the last fault until all was well */
};

struct hunt {
	uint64_t seed;
	bool faults; /* the fault matrix: breakage instead of mistakes, and an end that is well */
	struct hunt_fault fault;
	struct chance chance;
	bool trace;       /* tell everything as it happens */
	uint32_t without; /* bits of events that shall not happen */
	struct text story;
	unsigned found; /* violations */
	struct lab *lab;
	struct lab_spec spec;
	struct lab_node_spec nodes[HUNT_NODES];
	struct arena *arena;
	size_t n_servers, n_members, n_groups;
	struct hunt_group groups[HUNT_GROUPS];
	struct hunt_member members[HUNT_MEMBERS];
	bool up[HUNT_NODES], cut[HUNT_NODES];
	struct typist typist;
	int focus; /* the member that something just happened to; -1: none */
	size_t n_probes;
	struct probe probes[HUNT_PROBES];
	struct seen_esp numbers, nonces, bodies;
	struct { /* the first fragment a member sent last */
		uint16_t id;
		struct flow flow;
	} cut_flow[HUNT_MEMBERS];
	size_t n_caught; /* ESP packets, taking turns */
	struct span caught[16];
};

/* Nodes in the order of hunt.nodes: servers, members, the far router, the host. */
static inline size_t
hunt_server_node(size_t i)
{
	return i;
}

static inline size_t
hunt_member_node(const struct hunt *h, size_t i)
{
	return h->n_servers + i;
}

/* Addresses. */
#define HUNT_CORE(node)   (0x0a000001 + (uint32_t)(node))          /* 10.0.0.1 .. */
#define HUNT_LAN(member)  (0x0a0a0000 + ((uint32_t)(member) << 8)) /* 10.10.member.0/24 */
#define HUNT_LOOP(member) (0xac100001 + ((uint32_t)(member) << 8)) /* 172.16.member.1 */
#define HUNT_FAR          0x0a630005                   /* 10.99.0.5, beyond the far router */
#define HUNT_MANY(i)      (0xefc00001 + (uint32_t)(i)) /* 239.192.0.1 .. */

/* --- hunt_net.c --- */
/* without: as in struct hunt. */
void hunt_begin(struct hunt *h, uint64_t seed, uint32_t without, bool trace, bool faults);
void hunt_end(struct hunt *h);
/* One line of the story of this seed. */
void hunt_tell(struct hunt *h, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Something that must not be. */
void hunt_report(struct hunt *h, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Types lines, separated by LF, at a node's console: in configuration mode, or as commands. */
void hunt_configure(struct hunt *h, size_t node, const char *lines);
void hunt_command(struct hunt *h, size_t node, const char *line);
void hunt_pass(struct hunt *h, msec time);
void hunt_power(struct hunt *h, size_t node, bool on);

/* --- hunt_policy.c --- */
struct selector hunt_selector(struct hunt *h, bool permit);
/* At least one permit when permits; all denies otherwise. */
void hunt_acl(struct hunt *h, struct acl *a, bool permits);
bool hunt_acl_has(const struct acl *a, const struct selector *s);
/* "permit udp ..." */
void hunt_line_text(const struct selector *s, char *buf, size_t size);

/* --- hunt_model.c --- */
/* Asks who has registered; nothing else of a member's is believed. */
void hunt_poll(struct hunt *h);
bool hunt_owns(const struct hunt *h, size_t member, uint32_t addr);
/* Whatever the member may know: is this flow protected at its core interface? */
bool hunt_protected(const struct hunt *h, size_t member, const struct flow *f, bool in);
/* Does every policy that the member may have except the flow? */
bool hunt_excepted(const struct hunt *h, size_t member, const struct flow *f, bool in);
/* Is its door shut for certain, and does it stop this flow? */
bool hunt_door_stops(const struct hunt *h, size_t member, const struct flow *f, bool in);
void hunt_model_unbound(struct hunt *h, size_t member); /* a plain `no crypto map` */
void hunt_model_booted(struct hunt *h, size_t node);

/* --- hunt_watch.c --- */
void hunt_watch(struct hunt *h);
void hunt_watch_end(struct hunt *h);

/* --- hunt_push.c --- */
/* A rekey made by hand under the KEK of some member, signed by its server's key. */
void hunt_push(struct hunt *h);
/* Servers forget what make the foreign members are; false: there are none. */
bool hunt_make_foreign(struct hunt *h);

/* --- hunt_fault.c --- */
void hunt_fault_noise(struct hunt *h);
void hunt_fault_clock(struct hunt *h);
void hunt_fault_store(struct hunt *h);
void hunt_fault_crash(struct hunt *h);
/* A packet on the core: with the next step a damaged copy may come, or an old message. */
void hunt_fault_see(struct hunt *h, struct span packet);
void hunt_fault_step(struct hunt *h);
/* Has anybody gone back to an older key, policy or number? */
void hunt_fault_look(struct hunt *h);
/* Nothing is broken any more: is all well again within the bound? */
void hunt_fault_end(struct hunt *h);
void hunt_fault_fini(struct hunt *h);

/* --- hunt_probe.c --- */
void hunt_probe(struct hunt *h);

/* --- hunt_event.c --- */
void hunt_event(struct hunt *h);
/* The bit of an event by its name; 0: there is none. */
uint32_t hunt_event_bit(const char *name);

#endif
