/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The packet filter of a node: of a firewall (stateful, by interface names and security levels,
 * access lists on the way in, everywhere, and on the way out) and of a router (`ip access-group`,
 * stateless). It is pure: a policy, a packet, two interfaces and a time go in, a verdict comes
 * out. A host asks it about every packet; where a kernel filters instead, it explains only.
 *
 *      firewall:  connection? -> same level? -> list `in` -> global list, else level -> list `out`
 *      router:    list `in` (before routing); list `out` (after routing, not for its own packets)
 *
 * Connections are kept for TCP, UDP and ICMP queries. All else, ESP above all, passes by rule in
 * each direction. The policy is borrowed from one filter_apply to the next.
 */
#ifndef TESTUDO_FILTER_H
#define TESTUDO_FILTER_H

#include "compiler/base/arena.h"
#include "compiler/policy/policy.h"
#include "runtime/base/log.h"

#define FILTER_CONNS_MAX 250000 /* unless filter_limit says otherwise */

struct filter;

/* --- packets ---------------------------------------------------------------------------------- */

/* What the filter sees of a packet; filter_read makes it, or `packet-tracer` from its words. */
struct filter_packet {
	struct flow flow;
	uint16_t icmp_id;  /* of an ICMP query or its reply, else 0 */
	bool has_quote;    /* an ICMP error: */
	struct flow quote; /* the packet that it is about */
	uint16_t quote_id;
	uint32_t bytes;   /* of the whole packet */
	uint32_t payload; /* behind the header of TCP, UDP or ICMP; else behind IPv4's */
};

/*
 * A packet and its flow, which the host has read. A fragment is read as one; the host puts it
 * together again before a firewall asks.
 */
void filter_read(struct span packet, const struct flow *flow, struct filter_packet *ret);

/* --- verdicts --------------------------------------------------------------------------------- */

enum filter_reason {
	FILTER_PASS,
	FILTER_RULE,     /* an entry of an access list denies */
	FILTER_IMPLICIT, /* the end of an access list */
	FILTER_LEVEL,    /* from a lower to a higher level without a list */
	FILTER_SAME, /* the same level, or the same interface, without `same-security-traffic` */
	FILTER_NAMELESS, /* the interface has no nameif */
	FILTER_NOT_SYN,  /* TCP of no connection */
	FILTER_FULL,     /* no room for another connection */
	FILTER_FRAGMENT, /* not put together */
	FILTER_NO_ROUTE, /* of a trace only */
	FILTER_NOT_HERE, /* for the firewall itself, which does not listen for it */
	FILTER_REASONS
};

/* As a firewall prints it: "(acl-drop) Flow is denied by configured rule". */
const char *filter_reason_text(enum filter_reason reason);

/* --- what a trace shows ----------------------------------------------------------------------- */

enum filter_step_kind {
	FILTER_STEP_CONN,   /* a connection that it belongs to was found */
	FILTER_STEP_ROUTE,  /* out by which interface */
	FILTER_STEP_SAME,   /* same-security-traffic, asked when the levels are equal */
	FILTER_STEP_IN,     /* the list of the interface it came in by */
	FILTER_STEP_GLOBAL, /* the global list */
	FILTER_STEP_LEVEL,  /* the levels of the two interfaces: the implicit rule */
	FILTER_STEP_OUT,    /* the list of the interface it leaves by */
	FILTER_STEP_CREATE  /* a connection is made */
};

struct filter_step {
	enum filter_step_kind kind;
	bool pass;
	const struct policy_acl *acl; /* NULL: none */
	const struct policy_ace *ace; /* NULL: the end of the list, or no list */
};

#define FILTER_STEPS_MAX 6

struct filter_trace {
	enum filter_reason reason;               /* FILTER_PASS: allowed */
	const struct policy_interface *in, *out; /* out NULL: no route, or `local` */
	bool local;                              /* for the node itself */
	struct prefix route; /* that was found, and its next hop (0: connected) */
	uint32_t via;
	uint64_t conn_id; /* of the connection found, or that would be made; 0: none */
	size_t n_steps;
	struct filter_step steps[FILTER_STEPS_MAX];
};

/* --- connections ------------------------------------------------------------------------------ */

enum filter_conn_state {
	FILTER_CONN_EMBRYONIC,   /* TCP before the last of its three messages */
	FILTER_CONN_TCP,         /* up */
	FILTER_CONN_HALF_CLOSED, /* one side has said FIN */
	FILTER_CONN_UDP,
	FILTER_CONN_ICMP,
	FILTER_CONN_STATES
};

/* One line of `show conn`; the initiator is `src`. ICMP: sport is the identifier, dport 0. */
struct filter_conn {
	uint64_t id;
	enum filter_conn_state state;
	uint8_t proto;
	const char *in, *out; /* nameif of the initiator's side and of the other */
	bool inbound;         /* begun on the side of the lower level */
	uint32_t src, dst;
	uint16_t sport, dport;
	msec idle, age;
	uint64_t packets, bytes;
	char flags[8]; /* "UIO", "aA" ...: as `show conn` has them */
};

enum filter_clear { FILTER_CLEAR_COUNTERS, FILTER_CLEAR_CONNS };

/* Idle times after which a connection is forgotten: a firewall's defaults. */
extern const msec filter_timeouts[FILTER_CONN_STATES];

/* --- the filter ------------------------------------------------------------------------------- */

/* `log` is borrowed; the seed keys the connection table. */
struct filter *filter_new(const struct log_sink *log, uint64_t seed);
void filter_free(struct filter *f);                /* NULL is fine */
void filter_limit(struct filter *f, size_t conns); /* at most so many connections from now on */

/*
 * The policy from now on. Entries keep their counts (by hash, or by number where there is none),
 * connections stay but those of interfaces that are gone. NULL: power lost, all is forgotten.
 */
void filter_apply(struct filter *f, const struct policy *p, msec now);

/*
 * A packet through a firewall, from one interface of the policy to another. FILTER_PASS or why not;
 * counts, keeps connections and logs.
 */
enum filter_reason filter_forward(struct filter *f, const struct filter_packet *p,
                                  const struct policy_interface *in,
                                  const struct policy_interface *out, msec now);

/* The same without any of that: steps are added to `trace`, and its reason is set. */
void filter_explain(struct filter *f, const struct filter_packet *p,
                    const struct policy_interface *in, const struct policy_interface *out, msec now,
                    struct filter_trace *trace);

/* A packet at a router's interface and one of its two lists; NULL or an empty list passes. */
enum filter_reason filter_list(struct filter *f, const struct policy_acl *acl,
                               const struct filter_packet *p, msec now);

/* Connections whose time is over go, and log it; filter_next: when that is due, or MSEC_NEVER. */
void filter_expire(struct filter *f, msec now);
msec filter_next(const struct filter *f);

/* See host.h; the counters are the filter's and live until the next apply. */
const uint64_t *filter_counters(const struct filter *f, const char *acl, size_t *ret_n);
/*
 * An entry's count is what was counted elsewhere: by a kernel's rules for this entry of the policy.
 */
void filter_set_count(struct filter *f, size_t acl, size_t entry, uint64_t packets);
const struct filter_conn *filter_conns(const struct filter *f, struct arena *a, msec now,
                                       size_t *ret_n);
size_t filter_conn_count(const struct filter *f);
size_t filter_clear(struct filter *f, enum filter_clear what, const char *acl, msec now);

#endif
