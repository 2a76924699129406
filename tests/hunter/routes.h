/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random networks with routing protocols, from a seed: configurations in IOS's words, what breaks,
 * and the tables that the engine computes of them. tests/netns/routes holds them against FRR.
 */
#ifndef TESTUDO_HUNTER_ROUTES_H
#define TESTUDO_HUNTER_ROUTES_H

#include "compiler/base/text.h"
#include "compiler/policy/policy.h"
#include "tests/hunter/chance.h"

#define ROUTERS_MAX  7
#define PORTS_MAX    10
#define SEGMENTS_MAX 32
#define EVENTS_MAX   2

enum domain { DOMAIN_NONE, DOMAIN_OSPF, DOMAIN_RIP, DOMAIN_EIGRP };

/* GigabitEthernet0/N of a router; N is its place in the list. */
struct port {
	unsigned segment;
	uint32_t addr;
	uint8_t len;
	enum domain domain;
	uint32_t area, cost; /* cost 0: by bandwidth */
	bool point_to_point, passive;
};

struct router {
	unsigned number; /* R1, R2 ... */
	size_t n_ports;
	struct port ports[PORTS_MAX];
	uint32_t loopback; /* /32; 0: none */
	enum domain loopback_domain;
	uint32_t loopback_area;
	bool ospf, rip, eigrp;
	uint32_t as;                                   /* of BGP; 0: none */
	struct text lists;                             /* prefix lists, route maps, static routes */
	struct text of_ospf, of_rip, of_eigrp, of_bgp; /* lines of the processes */
};

struct event {
	unsigned router, port; /* indices */
	bool up;
};

struct plan {
	struct chance chance;
	const char *kind; /* "ospf", "areas", "rip", "mixed", "bgp" */
	size_t n_routers;
	struct router routers[ROUTERS_MAX];
	size_t n_segments; /* from 1 */
	size_t n_events;
	struct event events[EVENTS_MAX]; /* one after the other */
};

/* kind NULL: by the seed. False: there is no such kind. */
bool routes_plan(struct plan *plan, uint64_t seed, const char *kind);
void routes_plan_fini(struct plan *plan);
void routes_config(const struct plan *plan, const struct router *r, struct text *ret);

/* routes_kinds.c: what makes a network of each kind. */
/* The last one is for who asks for it: FRR's EIGRP is no measure. */
extern const struct routes_kind {
	const char *name;
	void (*make)(struct plan *plan);
} routes_kinds[];
extern const size_t n_routes_kinds;

/* routes_plan.c: for them. */
void plan_shape(struct plan *plan, size_t first, size_t n, enum domain domain, uint32_t area);
struct port *plan_port(struct plan *plan, size_t router, unsigned segment, enum domain domain,
                       uint32_t area);
/* Two routers on a link of their own; the domain NONE belongs to no protocol. */
unsigned plan_link(struct plan *plan, size_t a, size_t b, enum domain domain, uint32_t area);
void plan_loopback(struct plan *plan, size_t router, enum domain domain, uint32_t area);
void plan_stub(struct plan *plan, size_t router, enum domain domain, uint32_t area);

#endif
