/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A policy's routing in the words of FRR 8.4 (zebra, staticd, ospfd, ripd, eigrpd, bgpd), which
 * speaks the protocols on Linux. Pure: policy in, text out.
 *
 * Where IOS and FRR read the same words otherwise, FRR is told what IOS means: what an interface
 * has of a protocol is said at the interface, costs and router identifiers are numbers, and a
 * generated route map ("testudo:...") filters what IOS would not redistribute. What FRR cannot do
 * is told.
 */
#ifndef TESTUDO_FRR_H
#define TESTUDO_FRR_H

#include "compiler/base/arena.h"
#include "compiler/base/text.h"
#include "compiler/policy/policy.h"

/* FRR's programs, in the order in which they are started. */
enum frr_daemon { FRR_ZEBRA, FRR_STATICD, FRR_OSPFD, FRR_RIPD, FRR_EIGRPD, FRR_BGPD, FRR_DAEMONS };
#define FRR_DAEMON(d) (1u << (d))

extern const char *const frr_daemon_names[FRR_DAEMONS];

/* Where in a configuration a lack is: a process by its number, a list or interface by its name. */
enum frr_place {
	FRR_AT_OSPF,
	FRR_AT_EIGRP,
	FRR_AT_RIP,
	FRR_AT_BGP,
	FRR_AT_ROUTE_MAP,
	FRR_AT_INTERFACE
};

struct frr_lack {
	enum frr_place place;
	uint32_t number;  /* of OSPF, EIGRP, BGP */
	const char *name; /* else; NULL: none */
	const char *what; /* "summary routes of EIGRP": what has no effect. Lent for the call */
};

struct frr_options {
	/*
	 * The device that an interface (its full name) is in the kernel; NULL: it has none, and
	 * what the configuration says of it is left out. NULL: the interface's name.
	 */
	const char *(*device)(void *arg, const char *interface);
	/* Told of everything that FRR does not take; NULL: nobody wants to know. */
	void (*lacks)(void *arg, const struct frr_lack *lack);
	void *arg;
};

/* The set of programs that the policy needs, of FRR_DAEMON; 0: it has no routing protocol. */
unsigned frr_daemons(const struct policy *p);

/*
 * The whole of a configuration, for `vtysh -f`; appended. It holds keys and passwords. It is as
 * good for an FRR that has nothing yet as for one that has it already.
 */
void frr_render(const struct policy *p, const struct frr_options *o, struct text *ret);

/* The number of the first line that is longer than vtysh reads, which would be two; 0: none is. */
unsigned frr_line_too_long(const char *text);

/*
 * What an FRR is told that runs with one rendered configuration and shall run with another: the
 * difference, appended; nothing when they are the same. It holds keys and passwords, too.
 */
void frr_change(const char *before, const char *after, struct text *ret);

/*
 * A rendered configuration without the lines outside of all parts ("router ospf", "interface eth0")
 * that a machine's own FRR has already, and without the choice of its defaults: they are not to be
 * taken back. Appended.
 */
void frr_beside(const char *text, const char *own, struct text *ret);
/*
 * A process, route map or list of the rendered configuration that a machine's own FRR has already:
 * "router ospf". It would be changed, and taken back. Empty: there is none.
 */
struct span frr_clash(const char *text, const char *own);

/* --- what it is asked (frr_answer.c) ---------------------------------------------------------- */

enum frr_question { FRR_ASK_ROUTES, FRR_ASK_OSPF_NEIGHBORS, FRR_QUESTIONS };

#define FRR_COMMANDS_MAX 2
/* The shows of FRR's that answer it; after the last one NULL. */
extern const char *const frr_questions[FRR_QUESTIONS][FRR_COMMANDS_MAX + 1];

struct frr_route {
	struct prefix to;
	char code;    /* 'O', 'R', 'E' or 'B' */
	char more[3]; /* of OSPF: "IA", "E1", "E2"; else "" */
	uint8_t distance;
	uint32_t metric;
};

struct frr_neighbor {
	uint32_t id, addr;
	uint8_t priority;
	const char *state; /* "FULL" */
	const char *role;  /* "DR", "BDR", "DROTHER"; "-": the link has none */
	msec up, dead;     /* since it is in its state; until it would be dead */
	const char *device;
};

/* The routes that it has selected, by address and length, in the arena. Returns how many. */
size_t frr_read_routes(const char *answer, struct arena *a, const struct frr_route **ret);
const struct frr_route *frr_route_find(const struct frr_route *list, size_t n, struct prefix to);
size_t frr_read_neighbors(const char *answer, struct arena *a, const struct frr_neighbor **ret);

#endif
