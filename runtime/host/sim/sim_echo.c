/* SPDX-License-Identifier: Apache-2.0 */
/* Ping from a simulated node: requests under way, their answers and time-outs. */
#include "runtime/host/sim/sim_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ECHO_SIZE_MIN (IP4_HEADER + 8)
#define ECHO_TYPE     8

struct echo {
	struct event event; /* its end: the time-out, or at once when the result is known */
	struct echo *next;
	struct sim_node *node;
	struct sim_table *table;
	struct echo_request request;
	uint16_t seq;
	msec sent;
	enum echo_result result; /* what it will end with if nothing comes */
};

static void
echo_unlink(struct echo *e)
{
	struct echo **at = &e->node->echoes;

	while (*at != e)
		at = &(*at)->next;
	*at = e->next;
	sim_event_cancel(e->node->sim, &e->event);
}

static void
echo_end(struct echo *e, enum echo_result result, uint32_t from)
{
	struct echo_answer answer = {result, e->node->sim->now - e->sent, from};

	echo_unlink(e);
	e->request.done(e->request.arg, &answer);
	free(e);
}

static void
echo_fire(struct sim *sim, struct event *event)
{
	struct echo *e = (struct echo *)event;

	(void)sim;
	echo_end(e, e->result, 0);
}

static int
request_send(struct echo *e)
{
	const struct echo_request *r = &e->request;
	size_t n = (r->size > ECHO_SIZE_MIN ? r->size : ECHO_SIZE_MIN) - IP4_HEADER, i;
	uint8_t *icmp = x_alloc(n);
	int error;

	icmp[0] = ECHO_TYPE;
	packet_put16(icmp + 4, SIM_ECHO_ID);
	packet_put16(icmp + 6, e->seq);
	for (i = 8; i < n; i++)
		icmp[i] = i & 1 ? 0xcd : 0xab; /* the pattern IOS sends */
	packet_put16(icmp + 2, ip4_checksum(0, SPAN(icmp, n)));
	error = sim_ip_send(e->table,
	                    &(struct ip4){.ttl = r->ttl ? r->ttl : SIM_TTL,
	                                  .proto = PROTO_ICMP,
	                                  .df = r->df,
	                                  .src = r->src,
	                                  .dst = r->dst},
	                    SPAN(icmp, n));
	free(icmp);
	return error;
}

int
sim_echo(struct host *h, const struct echo_request *r)
{
	struct sim_node *n = (struct sim_node *)h;
	struct sim_table *t = sim_table_of(n, r->vrf);
	struct echo *e;
	int error;

	if (!n->powered)
		return -EHOSTDOWN;
	if (!t)
		return -ENETUNREACH;
	if (r->src && !sim_ip_owns(t, r->src))
		return -EADDRNOTAVAIL;
	e = x_alloc(sizeof(*e));
	e->node = n;
	e->table = t;
	e->request = *r;
	e->seq = n->next_echo++;
	e->sent = n->sim->now;
	e->event.fire = echo_fire;
	e->next = n->echoes;
	n->echoes = e;
	error = request_send(e);
	/*
	 * A router waits for the time-out even when it could not send the request; only what does
	 * not fit is known at once.
	 */
	e->result = error == -EMSGSIZE                ? ECHO_TOO_BIG
	            : error && error != -EHOSTUNREACH ? ECHO_SEND_FAILED
	                                              : ECHO_TIMEOUT;
	sim_event_set(n->sim, &e->event, n->sim->now + (error == -EMSGSIZE ? 0 : r->timeout));
	return 0;
}

void
sim_echo_result(struct sim_table *t, uint16_t seq, uint32_t dst, enum echo_result result,
                uint32_t from)
{
	struct echo *e;

	/* A request to many may be answered by each of them. */
	for (e = t->node->echoes; e; e = e->next)
		if (e->table == t && e->seq == seq &&
		    (e->request.dst == dst || addr_is_multicast(e->request.dst)))
			break;
	if (e && e->request.heard && addr_is_multicast(e->request.dst) && result == ECHO_REPLY) {
		e->result = ECHO_REPLY;
		e->request.heard(e->request.arg,
		                 &(struct echo_answer){result, t->node->sim->now - e->sent, from});
	} else if (e) {
		echo_end(e, result, from);
	}
}

void
sim_echo_cancel(struct host *h, void *arg)
{
	struct echo **at = &((struct sim_node *)h)->echoes, *e;

	while ((e = *at)) {
		if (e->request.arg != arg) {
			at = &e->next;
			continue;
		}
		*at = e->next;
		sim_event_cancel(e->node->sim, &e->event);
		free(e);
	}
}

void
sim_echo_forget(struct sim_node *n, bool tell)
{
	struct echo *e;

	/* One at a time: done may cancel others. */
	while ((e = n->echoes)) {
		n->echoes = e->next;
		sim_event_cancel(n->sim, &e->event);
		if (tell)
			e->request.done(
			    e->request.arg,
			    &(struct echo_answer){ECHO_TIMEOUT, n->sim->now - e->sent, 0});
		free(e);
	}
}
