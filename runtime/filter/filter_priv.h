/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the filter: lists with their index and counts, the connection table, the log. */
#ifndef TESTUDO_FILTER_PRIV_H
#define TESTUDO_FILTER_PRIV_H

#include "compiler/policy/protocol.h"
#include "runtime/filter/filter.h"

/* --- lists (filter_acl.c) --------------------------------------------------------------------- */

struct acl_tuple;

/* When an entry with `log` wrote last, and what it met since. */
struct ace_log {
	msec since;
	uint64_t met;
	bool told;
};

/* A list of the policy: its counts, and an index that is built when it is first asked. */
struct filter_acl {
	const struct policy_acl *acl;
	uint64_t *hits;       /* one per entry */
	struct ace_log *logs; /* one per entry; NULL: none asks for it */
	bool indexed;
	size_t n_tuples;
	struct acl_tuple *tuples; /* by their first entry */
	uint32_t *next;           /* the next entry in the same bucket */
};

void filter_acl_init(struct filter_acl *a, const struct policy_acl *acl);
void filter_acl_fini(struct filter_acl *a);
/* Counts of an earlier state of the same list, while its entries are still there. */
void filter_acl_inherit(struct filter_acl *a, const struct filter_acl *old);
/* As policy_acl_match, without looking at every entry. Counts nothing. */
int filter_acl_match(struct filter_acl *a, const struct flow *f);

/* --- connections (filter_conn.c) -------------------------------------------------------------- */

struct conn_key {
	uint32_t src, dst;
	uint16_t sport, dport; /* ICMP: the identifier and the type of the query */
	uint8_t proto;
};

struct conn {
	struct conn *chain;          /* in its bucket */
	struct conn *before, *after; /* in the list of its state, by `last` */
	struct conn_key key;         /* as the initiator sends */
	uint64_t id;
	enum filter_conn_state state;
	uint16_t in, out; /* indices of policy interfaces: the initiator's side, the other */
	bool inbound;
	uint8_t seen; /* enum conn_seen */
	uint8_t icmp_code;
	msec begun, last;
	uint64_t packets, bytes;
};

enum conn_seen {
	CONN_SYN_ACK = 1,
	CONN_FIN_SRC = 2, /* from the initiator */
	CONN_FIN_DST = 4,
	CONN_DATA_SRC = 8,
	CONN_DATA_DST = 16
};

struct conn_list {
	struct conn *first, *last; /* longest idle first */
};

struct conn_table {
	struct conn **buckets;
	size_t n_buckets; /* a power of two */
	size_t n, limit;
	uint64_t seed, next_id;
	struct conn_list lists[FILTER_CONN_STATES];
};

void conn_table_init(struct conn_table *t, uint64_t seed);
void conn_table_fini(struct conn_table *t);
/*
 * The connection that a packet coming in by interface `in` belongs to; NULL: none. *ret_reply: it
 * comes from the other side. One whose time is over is not found.
 */
struct conn *conn_find(const struct conn_table *t, const struct flow *f, uint16_t id, uint16_t in,
                       msec now, bool *ret_reply);
/* Could this packet begin one? With its key as the initiator's. */
bool conn_begins(const struct filter_packet *p, struct conn_key *ret_key);
/* Never over the limit: the caller has asked conn_room. */
struct conn *conn_add(struct conn_table *t, const struct conn_key *key, uint16_t in, uint16_t out,
                      msec now);
void conn_remove(struct conn_table *t, struct conn *c); /* and frees it */
/* A packet of it. What it says may end it: the reason why, else NULL. */
const char *conn_packet(struct conn_table *t, struct conn *c, const struct filter_packet *p,
                        bool reply, msec now);
/* The half-open connection that is idle longest, which gives way when there is no room. */
struct conn *conn_victim(const struct conn_table *t);
bool conn_room(const struct conn_table *t);
void conn_flags(const struct conn *c, char ret[8]);

/* --- all of it -------------------------------------------------------------------------------- */

/* How much the filter may write: so many lines at once, and so many more each second. */
struct log_bucket {
	msec at;
	unsigned room;
};

struct filter {
	const struct log_sink *log;
	const struct policy *policy; /* borrowed; NULL: no power */
	size_t n_acls;
	struct filter_acl *acls; /* as the policy's */
	struct conn_table conns;
	struct log_bucket denied, built;
};

/* --- log (filter_log.c) ----------------------------------------------------------------------- */

void filter_log_built(struct filter *f, const struct conn *c, msec now);
void filter_log_teardown(struct filter *f, const struct conn *c, const char *why, msec now);
/* A firewall's packet that went no further; acl and ace as far as one of them denied it. */
void filter_log_denied(struct filter *f, const struct filter_packet *p,
                       const struct policy_interface *in, const struct policy_interface *out,
                       enum filter_reason reason, const struct filter_step *step, msec now);
/* An entry with `log`, of a firewall or (in NULL) of a router. */
void filter_log_entry(struct filter *f, struct filter_acl *a, size_t i,
                      const struct filter_packet *p, const struct policy_interface *in,
                      const struct policy_interface *out, msec now);

#endif
