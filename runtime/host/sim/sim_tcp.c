/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TCP of a simulated network, as far as it is there: the handshake (RFC 9293 3.5), by which a node
 * sees whether it could talk to another one. Its segments go through routes, filters and dataplane
 * as any packet does; what would be said over the connection does not go through the network.
 */
#include "runtime/host/sim/sim_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TCP_HEADER 20
#define WINDOW     4128 /* octets, as a router offers */
#define PORT_BASE  49152
#define PORT_COUNT 16384

enum { FIN = 1, SYN = 2, RST = 4, ACK = 16 };

struct knocking {
	struct event event; /* its end: the time-out, or at once where it could not be sent */
	struct knocking *next;
	struct sim_node *node;
	struct sim_table *table;
	struct knock knock;
	uint32_t src;
	uint16_t port; /* ours */
	enum knock_result result;
};

struct segment {
	uint16_t from, to;
	uint32_t seq, ack;
	uint8_t flags;
};

/* --- segments --------------------------------------------------------------------------------- */

static int
send_segment(struct sim_table *t, uint32_t src, uint32_t dst, const struct segment *s)
{
	uint8_t p[TCP_HEADER] = {0};

	packet_put16(p, s->from);
	packet_put16(p + 2, s->to);
	packet_put32(p + 4, s->seq);
	packet_put32(p + 8, s->ack);
	p[12] = TCP_HEADER / 4 << 4;
	p[13] = s->flags;
	packet_put16(p + 14, WINDOW);
	packet_put16(p + 16,
	             ip4_checksum(ip4_pseudo(src, dst, PROTO_TCP, sizeof(p)), SPAN(p, sizeof(p))));
	return sim_ip_send(t,
	                   &(struct ip4){.ttl = SIM_TTL,
	                                 .proto = PROTO_TCP,
	                                 .tos = 0xc0, /* of a router's own terminals */
	                                 .src = src,
	                                 .dst = dst},
	                   SPAN(p, sizeof(p)));
}

static bool
read_segment(struct span in, const struct ip4 *h, struct segment *ret)
{
	if (in.n < TCP_HEADER || ip4_checksum(ip4_pseudo(h->src, h->dst, PROTO_TCP, in.n), in) != 0)
		return false;
	*ret = (struct segment){.from = packet_get16(in.p),
	                        .to = packet_get16(in.p + 2),
	                        .seq = packet_get32(in.p + 4),
	                        .ack = packet_get32(in.p + 8),
	                        .flags = in.p[13]};
	return true;
}

/* --- knocking --------------------------------------------------------------------------------- */

static void
knock_unlink(struct knocking *k)
{
	struct knocking **at = &k->node->knocks;

	while (*at != k)
		at = &(*at)->next;
	*at = k->next;
	sim_event_cancel(k->node->sim, &k->event);
}

static void
knock_end(struct knocking *k, enum knock_result result, const struct sim_node *who)
{
	struct knock_answer answer = {
	    .result = result, .src = k->src, .node = who ? who->name : NULL};

	knock_unlink(k);
	k->knock.done(k->knock.arg, &answer);
	free(k);
}

static void
knock_fire(struct sim *sim, struct event *event)
{
	struct knocking *k = (struct knocking *)event;

	(void)sim;
	knock_end(k, k->result, NULL);
}

int
sim_knock(struct host *h, const struct knock *knock)
{
	struct sim_node *n = (struct sim_node *)h;
	struct sim_table *t = sim_table_of(n, knock->vrf);
	struct knocking *k;
	struct segment syn = {.to = knock->port, .flags = SYN};

	if (!n->powered)
		return -EHOSTDOWN;
	if (!t)
		return -ENETUNREACH;
	if (knock->src && !sim_ip_owns(t, knock->src))
		return -EADDRNOTAVAIL;
	k = x_alloc(sizeof(*k));
	k->node = n;
	k->table = t;
	k->knock = *knock;
	k->src = knock->src ? knock->src : sim_ip_source(t, knock->dst);
	k->port = syn.from = (uint16_t)(PORT_BASE + n->next_knock++ % PORT_COUNT);
	k->result = KNOCK_TIMEOUT;
	k->event.fire = knock_fire;
	k->next = n->knocks;
	n->knocks = k;
	if (!k->src || (send_segment(t, k->src, knock->dst, &syn) == -ENETUNREACH))
		k->result = KNOCK_UNREACHABLE;
	sim_event_set(n->sim, &k->event,
	              n->sim->now + (k->result == KNOCK_TIMEOUT ? knock->timeout : 0));
	return 0;
}

void
sim_knock_cancel(struct host *h, void *arg)
{
	struct knocking **at = &((struct sim_node *)h)->knocks, *k;

	while ((k = *at)) {
		if (k->knock.arg != arg) {
			at = &k->next;
			continue;
		}
		*at = k->next;
		sim_event_cancel(k->node->sim, &k->event);
		free(k);
	}
}

void
sim_knock_forget(struct sim_node *n, bool tell)
{
	struct knocking *k;

	/* One at a time: done may cancel others. */
	while ((k = n->knocks)) {
		n->knocks = k->next;
		sim_event_cancel(n->sim, &k->event);
		if (tell)
			k->knock.done(k->knock.arg,
			              &(struct knock_answer){.result = KNOCK_TIMEOUT});
		free(k);
	}
}

static struct knocking *
find_knocking(struct sim_table *t, uint16_t port, uint32_t dst, uint16_t to)
{
	struct knocking *k = t->node->knocks;

	while (k &&
	       (k->table != t || k->port != port || k->knock.dst != dst || k->knock.port != to))
		k = k->next;
	return k;
}

void
sim_knock_refused(struct sim_table *t, const uint8_t *quoted, uint32_t dst)
{
	struct knocking *k = find_knocking(t, packet_get16(quoted), dst, packet_get16(quoted + 2));

	if (k)
		knock_end(k, KNOCK_UNREACHABLE, NULL);
}

/* --- what comes ------------------------------------------------------------------------------- */

/* The place of a node among all, which stands in what it answers: an address may be two nodes'. */
static uint32_t
ordinal_of(const struct sim_node *node)
{
	uint32_t i = 0;

	for (const struct sim_node *n = node->sim->nodes; n && n != node; n = n->next)
		i++;
	return i;
}

static const struct sim_node *
find_ordinal(const struct sim *sim, uint32_t i)
{
	const struct sim_node *n = sim->nodes;

	while (n && i--)
		n = n->next;
	return n;
}

/* A router listens for telnet and SSH; who may come then, its lines decide. */
static void
answer_syn(struct sim_table *t, const struct ip4 *h, const struct segment *s)
{
	bool listens = s->to == KNOCK_TELNET || s->to == KNOCK_SSH;
	struct segment reply = {.from = s->to,
	                        .to = s->from,
	                        .seq = listens ? ordinal_of(t->node) : 0,
	                        .ack = s->seq + 1,
	                        .flags = listens ? SYN | ACK : RST | ACK};

	send_segment(t, h->dst, h->src, &reply);
}

/* In whichever of its tables: what a VRF is called is each node's own business. */
static bool
has_somewhere(const struct sim_node *n, uint32_t addr)
{
	const struct sim_table *t = n->tables;

	while (t && !sim_ip_owns(t, addr))
		t = t->next;
	return t;
}

static void
take_answer(struct sim_table *t, const struct ip4 *h, const struct segment *s)
{
	struct knocking *k = find_knocking(t, s->to, h->src, s->from);
	const struct sim_node *who;
	struct segment ack;

	if (!k || h->dst != k->src || s->ack != 1)
		return;
	if (s->flags & RST) {
		knock_end(k, KNOCK_REFUSED, NULL);
		return;
	}
	who = find_ordinal(t->node->sim, s->seq);
	if (!who || !has_somewhere(who, h->src))
		return;
	ack = (struct segment){
	    .from = s->to, .to = s->from, .seq = 1, .ack = s->seq + 1, .flags = ACK};
	send_segment(t, k->src, h->src, &ack);
	knock_end(k, KNOCK_OPEN, who);
}

void
sim_tcp_take(struct sim_table *t, struct span in, const struct ip4 *h)
{
	struct segment s;

	if (!read_segment(in, h, &s) || !sim_ip_owns(t, h->dst))
		return;
	if ((s.flags & (SYN | ACK | RST)) == SYN)
		answer_syn(t, h, &s);
	else if (s.flags & RST || (s.flags & (SYN | ACK)) == (SYN | ACK))
		take_answer(t, h, &s);
}
