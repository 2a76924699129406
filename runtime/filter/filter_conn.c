/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The connection table: found by hash from either side; of each state a list by idle time, so that
 * what is over is always at a list's head and nothing is ever searched for.
 *
 *      SYN --> EMBRYONIC --(SYN+ACK, ACK)--> TCP --(FIN)--> HALF_CLOSED --(FIN, ACK)--> gone
 *                   any --(RST)--> gone
 */
#include <stdlib.h>
#include <string.h>

#include "compiler/policy/protocol.h"
#include "runtime/filter/filter_priv.h"

#define BUCKETS_MIN 64

const msec filter_timeouts[FILTER_CONN_STATES] = {
    [FILTER_CONN_EMBRYONIC] = SECONDS(30),    [FILTER_CONN_TCP] = SECONDS(3600),
    [FILTER_CONN_HALF_CLOSED] = SECONDS(600), [FILTER_CONN_UDP] = SECONDS(120),
    [FILTER_CONN_ICMP] = SECONDS(2),
};

void
conn_table_init(struct conn_table *t, uint64_t seed)
{
	*t = (struct conn_table){.n_buckets = BUCKETS_MIN, .limit = FILTER_CONNS_MAX, .seed = seed};
	t->buckets = x_alloc(t->n_buckets * sizeof(struct conn *));
}

void
conn_table_fini(struct conn_table *t)
{
	for (size_t i = 0; i < t->n_buckets; i++)
		for (struct conn *c = t->buckets[i], *next; c; c = next) {
			next = c->chain;
			free(c);
		}
	free(t->buckets);
	*t = (struct conn_table){0};
}

/* --- keys ------------------------------------------------------------------------------------- */

static size_t
bucket_of(const struct conn_table *t, const struct conn_key *k)
{
	uint64_t h = t->seed ^ ((uint64_t)k->src << 32 | k->dst);

	h = (h ^ h >> 30) * 0xbf58476d1ce4e5b9;
	h ^= (uint64_t)k->sport << 40 | (uint64_t)k->dport << 16 | k->proto;
	h = (h ^ h >> 27) * 0x94d049bb133111eb;
	return (size_t)(h ^ h >> 31) & (t->n_buckets - 1);
}

static bool
key_equal(const struct conn_key *a, const struct conn_key *b)
{
	return a->src == b->src && a->dst == b->dst && a->sport == b->sport &&
	       a->dport == b->dport && a->proto == b->proto;
}

/* The query that a reply answers (RFC 792): -1 when it is no reply. */
static int
query_of(uint8_t type)
{
	switch (type) {
	case 0:
		return 8;
	case 14:
		return 13;
	case 16:
		return 15;
	case 18:
		return 17;
	default:
		return -1;
	}
}

static bool
is_query(uint8_t type)
{
	return type == 8 || type == 13 || type == 15 || type == 17;
}

static struct conn_key
key_of(const struct flow *f, uint16_t id)
{
	struct conn_key k = {f->src, f->dst, f->sport, f->dport, f->proto};

	if (f->proto == PROTO_ICMP) {
		k.sport = id;
		k.dport = f->icmp_type;
	}
	return k;
}

/* The initiator's key, were this packet one of the other side. False: it cannot be. */
static bool
key_reverse(const struct flow *f, uint16_t id, struct conn_key *ret)
{
	*ret = (struct conn_key){f->dst, f->src, f->dport, f->sport, f->proto};
	if (f->proto != PROTO_ICMP)
		return true;
	ret->sport = id;
	ret->dport = (uint16_t)query_of(f->icmp_type);
	return query_of(f->icmp_type) >= 0;
}

bool
conn_begins(const struct filter_packet *p, struct conn_key *ret_key)
{
	const struct flow *f = &p->flow;

	*ret_key = key_of(f, p->icmp_id);
	switch (f->proto) {
	case PROTO_TCP:
		return (f->tcp_flags & (TCP_SYN | TCP_ACK | TCP_RST | TCP_FIN)) == TCP_SYN;
	case PROTO_UDP:
		return true;
	case PROTO_ICMP:
		return is_query(f->icmp_type);
	default:
		return false;
	}
}

/* --- the table -------------------------------------------------------------------------------- */

static bool
conn_over(const struct conn *c, msec now)
{
	return now - c->last >= filter_timeouts[c->state];
}

static struct conn *
find_conn(const struct conn_table *t, const struct conn_key *k, uint16_t in, bool reply, msec now)
{
	struct conn *c;

	for (c = t->buckets[bucket_of(t, k)]; c; c = c->chain)
		if (key_equal(&c->key, k) && (reply ? c->out : c->in) == in)
			return conn_over(c, now) ? NULL : c;
	return NULL;
}

struct conn *
conn_find(const struct conn_table *t, const struct flow *f, uint16_t id, uint16_t in, msec now,
          bool *ret_reply)
{
	struct conn_key k = key_of(f, id);
	struct conn *c = NULL;

	if (f->proto != PROTO_TCP && f->proto != PROTO_UDP && f->proto != PROTO_ICMP)
		return NULL;
	*ret_reply = false;
	if (f->proto != PROTO_ICMP || is_query(f->icmp_type))
		c = find_conn(t, &k, in, false, now);
	if (c || !key_reverse(f, id, &k))
		return c;
	*ret_reply = true;
	return find_conn(t, &k, in, true, now);
}

static void
list_take(struct conn_table *t, struct conn *c)
{
	struct conn_list *l = &t->lists[c->state];

	*(c->before ? &c->before->after : &l->first) = c->after;
	*(c->after ? &c->after->before : &l->last) = c->before;
}

static void
list_put(struct conn_table *t, struct conn *c)
{
	struct conn_list *l = &t->lists[c->state];

	c->before = l->last;
	c->after = NULL;
	*(l->last ? &l->last->after : &l->first) = c;
	l->last = c;
}

static void
grow_buckets(struct conn_table *t)
{
	struct conn **old = t->buckets, *c;
	size_t n = t->n_buckets, i;

	t->n_buckets *= 2;
	t->buckets = x_alloc(t->n_buckets * sizeof(struct conn *));
	for (i = 0; i < n; i++)
		while ((c = old[i])) {
			struct conn **head = &t->buckets[bucket_of(t, &c->key)];

			old[i] = c->chain;
			c->chain = *head;
			*head = c;
		}
	free(old);
}

struct conn *
conn_add(struct conn_table *t, const struct conn_key *key, uint16_t in, uint16_t out, msec now)
{
	struct conn *c = x_alloc(sizeof(*c)), **head;

	if (t->n >= t->n_buckets)
		grow_buckets(t);
	c->key = *key;
	c->id = ++t->next_id;
	c->state = key->proto == PROTO_TCP   ? FILTER_CONN_EMBRYONIC
	           : key->proto == PROTO_UDP ? FILTER_CONN_UDP
	                                     : FILTER_CONN_ICMP;
	c->in = in;
	c->out = out;
	c->begun = c->last = now;
	head = &t->buckets[bucket_of(t, key)];
	c->chain = *head;
	*head = c;
	list_put(t, c);
	t->n++;
	return c;
}

void
conn_remove(struct conn_table *t, struct conn *c)
{
	struct conn **at = &t->buckets[bucket_of(t, &c->key)];

	while (*at != c)
		at = &(*at)->chain;
	*at = c->chain;
	list_take(t, c);
	t->n--;
	free(c);
}

bool
conn_room(const struct conn_table *t)
{
	return t->n < t->limit || (t->limit && t->lists[FILTER_CONN_EMBRYONIC].first);
}

struct conn *
conn_victim(const struct conn_table *t)
{
	return t->n < t->limit ? NULL : t->lists[FILTER_CONN_EMBRYONIC].first;
}

/* --- its life --------------------------------------------------------------------------------- */

static void
enter_state(struct conn_table *t, struct conn *c, enum filter_conn_state state, msec now)
{
	list_take(t, c);
	c->state = state;
	c->last = now;
	list_put(t, c);
}

/* NULL, or what ended it. */
static const char *
tcp_packet(struct conn_table *t, struct conn *c, const struct filter_packet *p, bool reply,
           msec now)
{
	const uint8_t flags = p->flow.tcp_flags;
	const bool closed = (c->seen & CONN_FIN_SRC) && (c->seen & CONN_FIN_DST);
	enum filter_conn_state state = c->state;

	if (flags & TCP_RST)
		return reply == c->inbound ? "TCP Reset-I" : "TCP Reset-O";
	if (reply && (flags & TCP_SYN) && (flags & TCP_ACK))
		c->seen |= CONN_SYN_ACK;
	else if (!reply && (flags & TCP_ACK) && !(flags & TCP_SYN) && (c->seen & CONN_SYN_ACK) &&
	         state == FILTER_CONN_EMBRYONIC)
		state = FILTER_CONN_TCP;
	if (p->payload)
		c->seen |= reply ? CONN_DATA_DST : CONN_DATA_SRC;
	if (flags & TCP_FIN) {
		c->seen |= reply ? CONN_FIN_DST : CONN_FIN_SRC;
		if (state == FILTER_CONN_TCP)
			state = FILTER_CONN_HALF_CLOSED;
	} else if (closed && (flags & TCP_ACK)) {
		return "TCP FINs"; /* the last of its messages */
	}
	/* Repeating the first message does not keep a half-open connection for ever. */
	if (state != c->state || state != FILTER_CONN_EMBRYONIC)
		enter_state(t, c, state, now);
	return NULL;
}

const char *
conn_packet(struct conn_table *t, struct conn *c, const struct filter_packet *p, bool reply,
            msec now)
{
	c->packets++;
	c->bytes += p->payload;
	if (c->key.proto == PROTO_TCP)
		return tcp_packet(t, c, p, reply, now);
	enter_state(t, c, c->state, now);
	return NULL;
}

/* I, O: data from and to the lower level; B: begun there. A, a: an ACK that is waited for. */
void
conn_flags(const struct conn *c, char ret[8])
{
	const uint8_t from_low = c->inbound ? CONN_DATA_SRC : CONN_DATA_DST,
		      from_high = c->inbound ? CONN_DATA_DST : CONN_DATA_SRC,
		      fin_low = c->inbound ? CONN_FIN_SRC : CONN_FIN_DST,
		      fin_high = c->inbound ? CONN_FIN_DST : CONN_FIN_SRC;
	char *at = ret;

	if (c->key.proto != PROTO_TCP) {
		if (c->key.proto == PROTO_UDP)
			*at++ = '-';
		*at = '\0';
		return;
	}
	if (c->state == FILTER_CONN_EMBRYONIC) {
		if (!(c->seen & CONN_SYN_ACK))
			*at++ = c->inbound ? 'S' : 's';
		*at++ = 'a';
		*at++ = 'A';
	} else {
		*at++ = 'U';
		if (c->seen & fin_high)
			*at++ = 'f';
		if (c->seen & fin_low)
			*at++ = 'F';
		if (c->seen & from_low)
			*at++ = 'I';
		if (c->seen & from_high)
			*at++ = 'O';
	}
	if (c->inbound)
		*at++ = 'B';
	*at = '\0';
}
