/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packets with labels (RFC 3031, 3032, 4364): pushed where a route has some, swapped, popped by the
 * last router but one, and popped into the VRF that told the last of them. What the engine does not
 * know is dropped: a label that this router has told nobody, one that comes in where LDP does not
 * run, a VRF's that has another below it. A label that the next router has not told ends the path;
 * then what is below may go on as IP only if nothing but the global table's packet is left.
 */
#include "runtime/host/sim/sim_priv.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/path.h"
#include "runtime/packet/label.h"

#define TTL          255
#define CODE_TOO_BIG 4

/* --- out of a table --------------------------------------------------------------------------- */

static size_t
labels_mtu(const struct nic *out)
{
	const struct policy_interface *conf = out->conf;

	return conf && conf->mpls_mtu ? conf->mpls_mtu
	       : conf && conf->l2mtu  ? conf->l2mtu
	                              : SIM_MTU;
}

size_t
sim_mpls_room(const struct nic *out, const struct fib_route *way)
{
	size_t labels = (size_t)way->n_labels * LABEL_SIZE, mtu = labels_mtu(out);

	return mtu > labels + IP4_HEADER ? mtu - labels : IP4_HEADER;
}

bool
sim_mpls_may_leave(const struct sim_table *t, const struct nic *out, const struct fib_route *way)
{
	if (!way->n_labels)
		return true;
	return sim_labels_taken(out) && (t->vrf == VRF_GLOBAL || !esp_port_active(out->port));
}

bool
sim_mpls_push(struct nic *out, uint32_t next, const struct fib_route *way, bool own,
              struct span bytes)
{
	const struct policy_mpls *conf = &out->node->policy->routing.mpls;
	bool hides = own ? conf->hides_local : conf->hides_forwarded;
	size_t size = (size_t)way->n_labels * LABEL_SIZE;
	uint8_t *frame = x_alloc(size + bytes.n);
	bool sent;

	for (uint8_t k = 0; k < way->n_labels; k++)
		label_put(frame + k * LABEL_SIZE, &(struct label){.value = way->labels[k],
		                                                  .exp = bytes.p[1] >> 5,
		                                                  .bottom = k + 1 == way->n_labels,
		                                                  .ttl = hides ? TTL : bytes.p[8]});
	memcpy(frame + size, bytes.p, bytes.n);
	sent = sim_transmit_labels(out, SPAN(frame, size + bytes.n), next);
	free(frame);
	return sent;
}

/* --- a frame on its way ----------------------------------------------------------------------- */

struct labelled {
	struct nic *in;
	struct packet *pkt;
	struct label top;
	size_t stack; /* octets of labels */
};

static void
frame_drop(const struct labelled *f)
{
	f->in->in_drops++;
}

static struct span
frame_below(const struct labelled *f)
{
	struct span all = packet_span(f->pkt);

	return SPAN(all.p + f->stack, all.n - f->stack);
}

static struct nic *
nic_named(const struct sim_node *n, const char *name)
{
	for (struct nic *nic = n->nics; nic; nic = nic->next)
		if (strcmp(nic->name, name) == 0)
			return nic;
	return NULL;
}

static void
labels_count(struct sim_node *n, uint32_t label, size_t bytes)
{
	size_t at = label - MPLS_FIRST;

	x_grow(&n->label_bytes, &n->label_bytes_capacity, at + 1, sizeof(*n->label_bytes));
	while (n->n_label_bytes <= at)
		n->label_bytes[n->n_label_bytes++] = 0;
	n->label_bytes[at] += bytes;
}

/* Of several ways each flow keeps one. */
static const struct mpls_way *
way_pick(const struct labelled *f, const struct mpls_entry *e)
{
	struct flow flow;
	uint32_t hash = 0;

	if (e->n > 1 && flow_of_packet(frame_below(f), &flow))
		hash = (flow.src ^ (flow.dst << 16 | flow.dst >> 16)) * 0x9e3779b1u >> 16;
	return &e->ways[hash % e->n];
}

/* The packet alone, with the time to live that its labels have come to. */
static bool
labels_strip(const struct labelled *f, uint8_t ttl)
{
	struct packet *p = f->pkt;

	p->at += f->stack;
	p->n -= f->stack;
	p->family = PACKET_UNREAD;
	if (!packet_read(p))
		return false;
	if (ttl < p->ip4.ttl) {
		packet_data(p)[8] = ttl;
		ip4_refresh(packet_data(p));
	}
	return packet_read(p);
}

/* --- too old ---------------------------------------------------------------------------------- */

/* The stack again, none of it old any more, with another first label; MPLS_IMPLICIT_NULL: none. */
static size_t
stack_renew(const struct labelled *f, uint32_t first, uint8_t *ret)
{
	struct span all = packet_span(f->pkt);
	size_t n = 0;

	for (size_t at = 0; at < f->stack; at += LABEL_SIZE) {
		struct label l;

		label_get(SPAN(all.p + at, LABEL_SIZE), &l);
		l.ttl = TTL;
		if (at == 0)
			l.value = first;
		if (at == 0 && first == MPLS_IMPLICIT_NULL)
			continue;
		label_put(ret + n, &l);
		n += LABEL_SIZE;
	}
	return n;
}

static void
labels_send(struct nic *out, uint32_t next, struct span labels, struct span below)
{
	uint8_t *bytes = x_alloc(labels.n + below.n);

	memcpy(bytes, labels.p, labels.n);
	memcpy(bytes + labels.n, below.p, below.n);
	sim_transmit_labels(out, SPAN(bytes, labels.n + below.n), next);
	free(bytes);
}

/* Where the way leads out, if labels may go there (pops: none do); NULL: nowhere. */
static struct nic *
way_out(const struct labelled *f, const struct mpls_way *way, bool pops)
{
	struct nic *out = nic_named(f->in->node, way->interface);

	if (!out || !out->line_up || out->table != f->in->table || esp_port_active(out->port) ||
	    (!pops && !sim_labels_taken(out)))
		return NULL;
	return out;
}

/*
 * A router in the middle may know no way to the sender: what it has to say goes on along the
 * labels, to where there is one. Of a packet of the global table it knows itself.
 */
static void
error_send(const struct labelled *f, const struct mpls_way *way, uint8_t type, uint8_t code,
           uint16_t mtu)
{
	struct sim_table *t = f->in->table;
	struct nic *out = way_out(f, way, false);
	struct frame *about = sim_frame_new(frame_below(f)), *error = NULL;
	uint8_t stack[LABEL_STACK_MAX * LABEL_SIZE];
	size_t size;

	if (packet_read(&about->pkt))
		error = sim_icmp_error(t, f->in, &about->pkt, type, code, mtu);
	free(about);
	if (!error)
		return;
	if (f->top.bottom) {
		sim_ip_launch(t, error);
		return;
	}
	size = stack_renew(f, way->label, stack);
	if (out && way->label != MPLS_NO_LABEL)
		labels_send(out, way->via, SPAN(stack, size), packet_span(&error->pkt));
	free(error);
}

/* --- on by a way ------------------------------------------------------------------------------ */

struct cut {
	const struct labelled *f;
	struct nic *out;
	uint32_t next;
	struct span labels;
};

static void
cut_emit(void *arg, struct span bytes)
{
	const struct cut *c = arg;

	labels_send(c->out, c->next, c->labels, bytes);
}

/* What is too long for the link is cut below its labels, as the packet allows. */
static void
stack_forward(const struct labelled *f, const struct mpls_way *way, struct nic *out,
              struct span labels)
{
	struct span below = frame_below(f);
	struct cut c = {.f = f, .out = out, .next = way->via, .labels = labels};
	size_t mtu = labels_mtu(out);
	struct ip4 h;

	if (labels.n + below.n <= mtu) {
		cut_emit(&c, below);
		return;
	}
	if (mtu < labels.n + IP4_HEADER + 8 || !ip4_parse(below, &h)) {
		frame_drop(f);
	} else if (h.df) {
		frame_drop(f);
		error_send(f, way, ICMP_TYPE_UNREACHABLE, CODE_TOO_BIG, (uint16_t)(mtu - labels.n));
	} else {
		frag_cut(SPAN(below.p, h.total), mtu - labels.n, cut_emit, &c);
	}
}

/* Nothing is left of the labels, or nothing that the next router would know. */
static void
last_pop(struct labelled *f, const struct mpls_way *way, struct nic *out, uint8_t ttl)
{
	if (!f->top.bottom || !labels_strip(f, ttl) ||
	    sim_ip_pass(f->in, out, way->via, f->pkt) != 0)
		frame_drop(f);
}

static void
way_take(struct labelled *f, const struct mpls_way *way)
{
	const bool pops =
	    way->label == MPLS_NO_LABEL || (way->label == MPLS_IMPLICIT_NULL && f->top.bottom);
	struct nic *out = way_out(f, way, pops);
	uint8_t ttl = f->top.ttl - 1, *bytes = f->pkt->buf + f->pkt->at;
	struct label l;

	if (!out) {
		frame_drop(f);
	} else if (pops) {
		last_pop(f, way, out, ttl);
	} else if (way->label == MPLS_IMPLICIT_NULL) {
		label_get(SPAN(bytes + LABEL_SIZE, LABEL_SIZE), &l);
		l.ttl = ttl < l.ttl ? ttl : l.ttl;
		label_put(bytes + LABEL_SIZE, &l);
		stack_forward(f, way, out, SPAN(bytes + LABEL_SIZE, f->stack - LABEL_SIZE));
	} else {
		l = f->top;
		l.value = way->label;
		l.ttl = ttl;
		label_put(bytes, &l);
		stack_forward(f, way, out, SPAN(bytes, f->stack));
	}
}

/* --- in --------------------------------------------------------------------------------------- */

/* The label is a VRF's: what is below is routed in its table, and in no other. */
static void
vrf_take(struct labelled *f, const struct mpls_entry *e)
{
	struct sim_table *t = sim_table_of(f->in->node, vrf_number(e->vrf));

	if (!t || !f->top.bottom || !labels_strip(f, f->top.ttl))
		frame_drop(f);
	else
		sim_ip_unlabelled(t, f->in, f->pkt);
}

void
sim_mpls_input(struct nic *in, struct packet *pkt)
{
	struct sim_node *n = in->node;
	struct labelled f = {.in = in, .pkt = pkt, .stack = label_stack_size(packet_span(pkt))};
	const struct mpls_way *way;
	struct mpls_entry e;

	traffic_add(&in->in, 1, pkt->n, n->sim->now);
	if (in->parent)
		traffic_add(&in->parent->in, 1, pkt->n, n->sim->now);
	if (!f.stack || !label_get(packet_span(pkt), &f.top) || !n->policy ||
	    !n->policy->ip_routing || !sim_labels_taken(in) || esp_port_active(in->port) ||
	    !sim_label_find(n, f.top.value, &e)) {
		frame_drop(&f);
		return;
	}
	labels_count(n, f.top.value, pkt->n);
	if (e.vrf) {
		vrf_take(&f, &e);
		return;
	}
	way = way_pick(&f, &e);
	if (f.top.ttl > 1) {
		way_take(&f, way);
		return;
	}
	frame_drop(&f);
	error_send(&f, way, ICMP_TYPE_TIME_EXCEEDED, 0, 0);
}
