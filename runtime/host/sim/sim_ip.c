/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A simulated node's IP stack (RFC 791, 792, 1122, 1812): what arrives is filtered, decrypted,
 * delivered or forwarded; what leaves is filtered, encrypted and cut to the link. The order at an
 * interface is IOS's: access group before decryption on the way in, before encryption on the way
 * out.
 */
#include "runtime/host/sim/sim_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/packet/mss.h"

#define UDP_HEADER           8
#define ICMP_HEADER          8
#define CODE_HOST            1
#define CODE_PROTOCOL        2
#define CODE_PORT            3
#define CODE_TOO_BIG         4
#define CODE_PROHIBITED      13
#define TOS_CONTROL          0xc0 /* RFC 1812 4.3.2.5: precedence of ICMP errors */
#define UNREACHABLE_INTERVAL 500  /* IOS: one each half second */
#define QUOTE                (IP4_HEADER + 40 + ICMP_HEADER) /* header, options, 64 bits */

static int output_packet(struct sim_table *t, struct nic *in, struct packet *pkt, bool own);

/* --- small questions -------------------------------------------------------------------------- */

bool
sim_nic_has(const struct nic *nic, uint32_t addr)
{
	if (nic->has_address && nic->addr == addr)
		return true;
	for (size_t i = 0; nic->has_address && nic->conf && i < nic->conf->n_secondaries; i++)
		if (nic->conf->secondaries[i].addr == addr)
			return true;
	return false;
}

bool
sim_ip_owns(const struct sim_table *t, uint32_t addr)
{
	const struct nic *nic;

	for (nic = t->node->nics; nic; nic = nic->next)
		if (nic->table == t && nic->line_up && sim_nic_has(nic, addr))
			return true;
	return false;
}

static bool
is_last_of(uint32_t net, uint8_t len, uint32_t addr)
{
	return len < 31 && addr == (net | ~prefix_mask(len));
}

/* Is it the broadcast address of one of our links, or of all networks? */
static bool
is_broadcast(const struct sim_table *t, uint32_t addr)
{
	const struct nic *nic;

	for (nic = t->node->nics; nic; nic = nic->next) {
		if (nic->table != t || !nic->has_address)
			continue;
		if (is_last_of(nic->addr, nic->len, addr))
			return true;
		for (size_t i = 0; nic->conf && i < nic->conf->n_secondaries; i++)
			if (is_last_of(nic->conf->secondaries[i].addr,
			               nic->conf->secondaries[i].len, addr))
				return true;
	}
	return addr == UINT32_MAX;
}

/* RFC 1812 5.3.7: what cannot be the source of a packet on a wire. */
static bool
is_martian(const struct sim_table *t, uint32_t src)
{
	return src >> 24 == 0 || src >> 24 == 127 || src >> 28 >= 14 || sim_ip_owns(t, src);
}

static struct nic *
find_way(struct sim_table *t, uint32_t src, uint32_t dst, uint32_t *ret_next,
         const struct fib_route **ret_way)
{
	const struct fib_route *way = fib_way_from(sim_fib(t), src, dst, ret_next);
	struct nic *nic = way ? t->node->nics : NULL;

	while (nic && nic->name != way->interface)
		nic = nic->next;
	*ret_way = way;
	return nic;
}

static struct nic *
find_route(struct sim_table *t, uint32_t src, uint32_t dst, uint32_t *ret_next)
{
	const struct fib_route *way;

	return find_way(t, src, dst, ret_next, &way);
}

/* The one of an interface's addresses that is on the same network as the next hop. */
static uint32_t
address_towards(const struct nic *nic, uint32_t next)
{
	for (size_t i = 0; nic->conf && i < nic->conf->n_secondaries; i++) {
		const struct policy_address *a = &nic->conf->secondaries[i];

		if (((a->addr ^ next) & prefix_mask(a->len)) == 0 &&
		    ((nic->addr ^ next) & prefix_mask(nic->len)) != 0)
			return a->addr;
	}
	return nic->addr;
}

/* Multicast needs no route: from the first interface that has a link. */
static uint32_t
source_to_many(const struct sim_table *t)
{
	const struct nic *nic = t->node->nics;

	while (nic && !(nic->table == t && nic->has_address && nic->line_up && !nic->loopback))
		nic = nic->next;
	return nic ? nic->addr : 0;
}

uint32_t
sim_ip_source(struct sim_table *t, uint32_t dst)
{
	uint32_t next;
	const struct nic *nic = find_route(t, 0, dst, &next), *any;

	if (!nic)
		return addr_is_multicast(dst) ? source_to_many(t) : 0;
	if (nic->has_address && nic->table == t)
		return address_towards(nic, next);
	for (any = t->node->nics; any; any = any->next) /* a way out without an address here */
		if (any->table == t && any->has_address && any->line_up)
			return any->addr;
	return 0;
}

/* --- making packets --------------------------------------------------------------------------- */

static struct frame *
packet_make(struct sim_node *n, const struct ip4 *h, struct span payload)
{
	uint8_t *bytes = x_alloc(IP4_HEADER + payload.n);
	struct ip4 header = *h;
	struct frame *f;

	header.header = IP4_HEADER;
	header.total = (uint16_t)(IP4_HEADER + payload.n);
	header.id = n->next_id++;
	ip4_write(bytes, &header);
	memcpy(bytes + IP4_HEADER, payload.p, payload.n);
	f = sim_frame_new(SPAN(bytes, header.total));
	free(bytes);
	return f;
}

int
sim_ip_send(struct sim_table *t, const struct ip4 *h, struct span payload)
{
	struct ip4 header = *h;

	if (payload.n > IP4_PACKET_MAX - IP4_HEADER)
		return -EMSGSIZE;
	if (!header.src)
		header.src = sim_ip_source(t, header.dst);
	if (!header.src)
		return -ENETUNREACH;
	return sim_ip_launch(t, packet_make(t->node, &header, payload));
}

int
sim_ip_launch(struct sim_table *t, struct frame *take_frame)
{
	uint32_t dst;
	int error;

	if (!packet_read(&take_frame->pkt)) {
		free(take_frame);
		return -EINVAL;
	}
	dst = take_frame->pkt.ip4.dst;
	if (addr_is_multicast(dst)) {
		sim_cast_launch(t, &take_frame->pkt);
		free(take_frame);
		return 0;
	}
	if (sim_ip_owns(t, dst)) {
		take_frame->table = t;
		sim_event_set(t->node->sim, &take_frame->event, t->node->sim->now);
		return 0;
	}
	error = output_packet(t, NULL, &take_frame->pkt, true);
	free(take_frame);
	return error;
}

int
sim_udp_send(struct sim_table *t, const struct path *path, struct span dgram)
{
	struct ip4 h = {.ttl = SIM_TTL,
	                .proto = PROTO_UDP,
	                .src = path->local ? path->local : sim_ip_source(t, path->remote),
	                .dst = path->remote};
	size_t size = UDP_HEADER + dgram.n;
	uint16_t sum;
	uint8_t *p;
	int error;

	if (!h.src)
		return -ENETUNREACH;
	if (size > IP4_PACKET_MAX - IP4_HEADER)
		return -EMSGSIZE;
	p = x_alloc(size);
	packet_put16(p, path->local_port ? path->local_port : GDOI_PORT);
	packet_put16(p + 2, path->remote_port);
	packet_put16(p + 4, (uint16_t)size);
	memcpy(p + UDP_HEADER, dgram.p, dgram.n);
	sum = ip4_checksum(ip4_pseudo(h.src, h.dst, h.proto, size), SPAN(p, size));
	packet_put16(p + 6, sum ? sum : 0xffff); /* RFC 768: zero means none */
	error = sim_ip_send(t, &h, SPAN(p, size));
	free(p);
	return error;
}

/* --- ICMP errors ------------------------------------------------------------------------------ */

/* RFC 1812 4.3.2.7: never about errors, later fragments, or what was meant for or from many. */
static bool
may_complain(const struct sim_table *t, const struct packet *pkt)
{
	const struct ip4 *h = &pkt->ip4;

	if (h->offset || addr_is_multicast(h->dst) || is_broadcast(t, h->dst) ||
	    is_martian(t, h->src) || is_broadcast(t, h->src))
		return false;
	return h->proto != PROTO_ICMP ||
	       (h->total > h->header && !icmp_is_error(packet_span(pkt).p[h->header]));
}

static bool
unreachable_due(struct sim_node *n, uint8_t code)
{
	msec *last = &n->unreachable_at[code == CODE_TOO_BIG];

	if (n->sim->now - *last < UNREACHABLE_INTERVAL)
		return false;
	*last = n->sim->now;
	return true;
}

struct frame *
sim_icmp_error(struct sim_table *t, const struct nic *in, struct packet *pkt, uint8_t type,
               uint8_t code, uint16_t mtu)
{
	uint8_t icmp[ICMP_HEADER + QUOTE] = {type, code};
	const struct ip4 *h = &pkt->ip4;
	struct ip4 header = {.tos = TOS_CONTROL, .ttl = SIM_TTL, .proto = PROTO_ICMP};
	size_t quote;

	if (!packet_read(pkt) || !may_complain(t, pkt))
		return NULL;
	if (sim_firewall(t->node) && code != CODE_TOO_BIG)
		return NULL; /* a firewall drops in silence */
	if (type == ICMP_TYPE_UNREACHABLE && !unreachable_due(t->node, code))
		return NULL;
	quote =
	    h->header + (size_t)ICMP_HEADER < h->total ? h->header + (size_t)ICMP_HEADER : h->total;
	packet_put16(icmp + 6, mtu);
	memcpy(icmp + ICMP_HEADER, packet_span(pkt).p, quote);
	packet_put16(icmp + 2, ip4_checksum(0, SPAN(icmp, ICMP_HEADER + quote)));
	header.dst = h->src;
	header.src = in && in->table == t && in->has_address ? in->addr : sim_ip_source(t, h->src);
	return header.src ? packet_make(t->node, &header, SPAN(icmp, ICMP_HEADER + quote)) : NULL;
}

/* Sends an ICMP error, from the address of `in`, to the sender of a packet that came in there. */
static void
send_icmp_error(struct sim_table *t, const struct nic *in, struct packet *pkt, uint8_t type,
                uint8_t code, uint16_t mtu)
{
	struct frame *error = sim_icmp_error(t, in, pkt, type, code, mtu);

	if (error)
		sim_ip_launch(t, error);
}

/* --- out -------------------------------------------------------------------------------------- */

struct out {
	struct nic *nic;
	uint32_t next;
	const struct fib_route *way; /* NULL: without labels */
	bool own, sent;
};

static void
out_emit(void *arg, struct span bytes)
{
	struct out *o = arg;

	o->sent = o->way && o->way->n_labels ? sim_mpls_push(o->nic, o->next, o->way, o->own, bytes)
	                                     : sim_transmit(o->nic, bytes, o->next);
}

/* t: the table that the packet came in by, where its sender is. */
static int
too_big(struct sim_table *t, const struct nic *in, struct packet *pkt, bool own, size_t mtu)
{
	if (!own)
		send_icmp_error(t, in, pkt, ICMP_TYPE_UNREACHABLE, CODE_TOO_BIG, (uint16_t)mtu);
	return -EMSGSIZE;
}

/* room: octets that a packet may have there. */
static int
protect_packet(struct sim_table *t, struct nic *in, struct nic *out, struct packet *pkt, bool own,
               size_t room)
{
	size_t mtu = room;

	switch (esp_output(out->port, pkt, own, room, &mtu, t->node->sim->now)) {
	case ESP_DROP:
		out->out_drops++;
		return -EPERM;
	case ESP_TOO_BIG:
		return too_big(t, in, pkt, own, mtu);
	case ESP_PASS:
	case ESP_DONE:
		break;
	}
	if (pkt->n > room && packet_read(pkt) && pkt->ip4.df)
		return too_big(t, in, pkt, own, room);
	return 0;
}

int
sim_ip_protect(struct sim_table *t, struct nic *in, struct nic *out, struct packet *pkt, bool own)
{
	return protect_packet(t, in, out, pkt, own, out->mtu);
}

/* `ip tcp adjust-mss` of either interface; the smaller counts. */
static void
clamp_mss(const struct nic *in, const struct nic *out, struct packet *pkt)
{
	const struct nic *const both[] = {in, out};

	for (size_t i = 0; i < ARRAY_SIZE(both); i++)
		if (both[i] && both[i]->conf && both[i]->conf->mss)
			packet_clamp_mss(pkt, both[i]->conf->mss);
}

static int
send_out(struct out *o, const struct packet *pkt, size_t room)
{
	if (pkt->n > room)
		frag_cut(packet_span(pkt), room, out_emit, o);
	else
		out_emit(o, packet_span(pkt));
	return o->sent ? 0 : -EHOSTUNREACH;
}

/* A route into another VRF has found this router's own address there. */
static int
cross_here(struct sim_table *to, const struct packet *pkt)
{
	struct frame *f = sim_frame_copy(pkt);

	f->table = to;
	sim_event_set(to->node->sim, &f->event, to->node->sim->now);
	return 0;
}

/* own: made here; else it came in by `in`. 0 or why not: -errno. */
static int
output_packet(struct sim_table *t, struct nic *in, struct packet *pkt, bool own)
{
	struct out o = {.own = own};
	size_t room;
	int error;

	o.nic = find_way(t, pkt->ip4.src, pkt->ip4.dst, &o.next, &o.way);
	if (!o.nic)
		return -ENETUNREACH;
	if (o.way->other && sim_ip_owns(o.nic->table, pkt->ip4.dst))
		return cross_here(o.nic->table, pkt);
	if (!sim_mpls_may_leave(t, o.nic, o.way) ||
	    (!own && !sim_firewall(t->node) && o.nic->conf &&
	     !sim_filter_list(t->node, o.nic->conf->acl_out, pkt))) {
		o.nic->out_drops++;
		if (!own)
			send_icmp_error(t, in, pkt, ICMP_TYPE_UNREACHABLE, CODE_PROHIBITED, 0);
		return -EPERM;
	}
	clamp_mss(in, o.nic, pkt);
	room = o.way->n_labels ? sim_mpls_room(o.nic, o.way) : o.nic->mtu;
	error = protect_packet(t, in, o.nic, pkt, own, room);
	return error ? error : send_out(&o, pkt, room);
}

int
sim_ip_pass(struct nic *in, struct nic *out, uint32_t next, struct packet *pkt)
{
	struct out o = {.nic = out, .next = next};
	int error = sim_ip_protect(in->table, in, out, pkt, false);

	return error ? error : send_out(&o, pkt, out->mtu);
}

/* --- here ------------------------------------------------------------------------------------- */

static void
echo_answer(struct sim_table *t, struct span icmp, const struct ip4 *h)
{
	uint8_t *reply = x_memdup(icmp.p, icmp.n);

	reply[0] = ICMP_TYPE_ECHO_REPLY;
	packet_put16(reply + 2, 0);
	packet_put16(reply + 2, ip4_checksum(0, SPAN(reply, icmp.n)));
	sim_ip_send(
	    t,
	    &(struct ip4){.tos = h->tos,
	                  .ttl = SIM_TTL,
	                  .proto = PROTO_ICMP,
	                  .df = h->df,
	                  .src = addr_is_multicast(h->dst) ? 0 : h->dst, /* RFC 1122 3.2.2.6 */
	                  .dst = h->src},
	    SPAN(reply, icmp.n));
	free(reply);
}

/* An error that quotes one of our requests ends it. */
static void
error_take(struct sim_table *t, struct span icmp, uint32_t from)
{
	struct span quote = SPAN(icmp.p + ICMP_HEADER, icmp.n - ICMP_HEADER);
	size_t header = quote.n ? (size_t)(quote.p[0] & 15) * 4 : 0;
	const uint8_t *request = quote.p + header;
	enum echo_result result = ECHO_UNREACHABLE;

	if (header < IP4_HEADER || quote.n < header + ICMP_HEADER)
		return;
	if (quote.p[9] == PROTO_TCP && icmp.p[1] != CODE_TOO_BIG) {
		sim_knock_refused(t, request, packet_get32(quote.p + 16));
		return;
	}
	if (quote.p[9] != PROTO_ICMP || request[0] != ICMP_TYPE_ECHO ||
	    packet_get16(request + 4) != SIM_ECHO_ID)
		return;
	if (icmp.p[0] == ICMP_TYPE_TIME_EXCEEDED)
		result = ECHO_TTL;
	else if (icmp.p[0] == ICMP_TYPE_UNREACHABLE && icmp.p[1] == CODE_TOO_BIG)
		result = ECHO_TOO_BIG;
	sim_echo_result(t, packet_get16(request + 6), packet_get32(quote.p + 16), result, from);
}

static void
icmp_take(struct sim_table *t, struct span icmp, const struct ip4 *h)
{
	if (icmp.n < ICMP_HEADER || ip4_checksum(0, icmp) != 0)
		return;
	switch (icmp.p[0]) {
	case ICMP_TYPE_ECHO:
		echo_answer(t, icmp, h);
		break;
	case ICMP_TYPE_ECHO_REPLY:
		if (packet_get16(icmp.p + 4) == SIM_ECHO_ID)
			sim_echo_result(t, packet_get16(icmp.p + 6), h->src, ECHO_REPLY, h->src);
		break;
	case ICMP_TYPE_UNREACHABLE:
	case ICMP_TYPE_TIME_EXCEEDED:
		error_take(t, icmp, h->src);
		break;
	default:
		break;
	}
}

/* Where the node listens: port 848, and where its rekeys come. */
static bool
listens_at(const struct sim_table *t, const struct nic *in, const struct path *path)
{
	bool own = sim_ip_owns(t, path->local);

	if (own && path->local_port == GDOI_PORT)
		return true;
	for (size_t i = 0; in && i < in->n_joined; i++)
		if (in->joined[i].port == path->local_port &&
		    (in->joined[i].group ? in->joined[i].group == path->local : own))
			return true;
	return false;
}

static void
udp_take(struct sim_table *t, const struct nic *in, struct packet *pkt)
{
	struct sim_node *n = t->node;
	const struct ip4 *h = &pkt->ip4;
	const uint8_t *p = packet_span(pkt).p + h->header;
	size_t have = (size_t)h->total - h->header, size;
	struct path path;

	if (have < UDP_HEADER)
		return;
	size = packet_get16(p + 4);
	if (size < UDP_HEADER || size > have)
		return;
	if (packet_get16(p + 6) &&
	    ip4_checksum(ip4_pseudo(h->src, h->dst, h->proto, size), SPAN(p, size)) != 0)
		return;
	path = (struct path){.local = h->dst,
	                     .remote = h->src,
	                     .local_port = packet_get16(p + 2),
	                     .remote_port = packet_get16(p),
	                     .vrf = t->vrf};
	if (!listens_at(t, in, &path))
		send_icmp_error(t, in, pkt, ICMP_TYPE_UNREACHABLE, CODE_PORT, 0);
	else if (n->events.datagram)
		n->events.datagram(n->events.arg, &path, SPAN(p + UDP_HEADER, size - UDP_HEADER),
		                   n->sim->now);
}

static void
deliver_whole(struct sim_table *t, const struct nic *in, struct packet *pkt)
{
	struct sim_node *n = t->node;
	const struct ip4 *h = &pkt->ip4;
	struct span packet = packet_span(pkt);

	if (n->sim->see)
		n->sim->see(n->sim->see_arg, &(struct sim_seen){.what = SIM_TAKEN,
		                                                .node = n->name,
		                                                .interface = in ? in->name : "",
		                                                .vrf = t->vrf,
		                                                .packet = packet});
	switch (h->proto) {
	case PROTO_ICMP:
		icmp_take(t, SPAN(packet.p + h->header, packet.n - h->header), h);
		break;
	case PROTO_UDP:
		udp_take(t, in, pkt);
		break;
	case PROTO_TCP:
		sim_tcp_take(t, SPAN(packet.p + h->header, (size_t)h->total - h->header), h);
		break;
	case PROTO_ESP: /* of an SA that is not ours: silence, not a signal to its sender */
		break;
	default:
		send_icmp_error(t, in, pkt, ICMP_TYPE_UNREACHABLE, CODE_PROTOCOL, 0);
	}
}

/* The datagram that a fragment completes, read; NULL: not all of it is here, or it is none. */
static struct frame *
reassemble_packet(struct sim_table *t, const struct packet *pkt)
{
	struct span bytes;
	struct frame *f;

	if (!frag_add(t->frags, packet_span(pkt), &pkt->ip4, t->node->sim->now, &bytes))
		return NULL;
	f = sim_frame_new(bytes);
	if (packet_read(&f->pkt))
		return f;
	free(f);
	return NULL;
}

void
sim_ip_deliver(struct sim_table *t, const struct nic *in, struct packet *pkt)
{
	struct frame *whole;

	if (!pkt->ip4.mf && !pkt->ip4.offset) {
		deliver_whole(t, in, pkt);
		return;
	}
	whole = reassemble_packet(t, pkt);
	if (whole)
		deliver_whole(t, in, &whole->pkt);
	free(whole);
}

/* --- in --------------------------------------------------------------------------------------- */

static void
forward_packet(struct sim_table *t, struct nic *in, struct packet *pkt)
{
	const struct policy *p = t->node->policy;
	uint32_t dst = pkt->ip4.dst;
	int error;

	if (!p || !p->ip_routing || addr_is_multicast(dst) || is_broadcast(t, dst) ||
	    dst >> 24 == 127 || dst >> 24 == 0)
		return;
	if (pkt->ip4.ttl <= 1) {
		send_icmp_error(t, in, pkt, ICMP_TYPE_TIME_EXCEEDED, 0, 0);
		return;
	}
	packet_forward(pkt);
	error = output_packet(t, in, pkt, false);
	if (error == -ENETUNREACH || error == -EHOSTUNREACH)
		send_icmp_error(t, in, pkt, ICMP_TYPE_UNREACHABLE, CODE_HOST, 0);
}

/* A whole packet at a firewall: it is for itself, or for one interface of it, or dropped. */
static void
pass_firewall(struct sim_table *t, struct nic *in, struct packet *pkt)
{
	struct sim_node *n = t->node;
	const struct flow *flow = &pkt->flow;
	struct nic *out;
	uint32_t next;

	if (!pkt->has_flow) {
		in->in_drops++;
		return;
	}
	if (sim_ip_owns(t, flow->dst)) {
		if (sim_filter_here(in, flow))
			sim_ip_deliver(t, in, pkt);
		else
			in->in_drops++;
		return;
	}
	if (addr_is_multicast(flow->dst) && t->node->sim->multicast) {
		sim_cast_pass(t, in, pkt);
		return;
	}
	out = find_route(t, flow->src, flow->dst, &next);
	if (!out || addr_is_multicast(flow->dst) || is_broadcast(t, flow->dst) ||
	    flow->dst >> 24 == 127 || flow->dst >> 24 == 0 ||
	    !sim_filter_forward(n, in, out, pkt)) {
		in->in_drops++;
		return;
	}
	output_packet(t, in, pkt, false);
}

/* A packet that was read, and is whole as far as the dataplane is concerned. */
static void
take_packet(struct sim_table *t, struct nic *in, struct packet *pkt)
{
	struct sim_node *n = t->node;
	bool passed = true;
	uint32_t dst = pkt->ip4.dst;

	if (in) {
		bool own = sim_ip_owns(t, dst) || sim_cast_joined(in, pkt->ip4.src, dst);
		enum esp_verdict v = esp_input(in->port, pkt, own, n->sim->now);

		if (v == ESP_DROP) {
			in->in_drops++;
			return;
		}
		/* Rekeys to many are this node's business; for others they are traffic like any. */
		if (v == ESP_PASS && own && addr_is_multicast(dst))
			passed = esp_input(in->port, pkt, false, n->sim->now) == ESP_PASS;
	}
	if (in && sim_firewall(n)) {
		pass_firewall(t, in, pkt);
		return;
	}
	if (sim_cast_joined(in, pkt->ip4.src, dst))
		sim_ip_deliver(t, in, pkt);
	if (sim_ip_owns(t, dst))
		sim_ip_deliver(t, in, pkt);
	else if (!addr_is_multicast(dst) || !in)
		forward_packet(t, in, pkt);
	else if (passed)
		sim_cast_pass(t, in, pkt);
}

/* Has some interface a group's policy or a shut door? */
static bool
is_guarded(const struct sim_node *n)
{
	const struct nic *nic = n->nics;

	while (nic && !esp_port_active(nic->port))
		nic = nic->next;
	return nic;
}

/*
 * Fragments are put together first: only a whole ESP packet can be verified, also one for a host
 * behind this node, and a policy or a firewall judges by what only the first fragment carries.
 */
static void
take_whole(struct sim_table *t, struct nic *in, struct packet *pkt)
{
	struct sim_node *n = t->node;
	const struct ip4 *h = &pkt->ip4;
	struct frame *whole;

	if (!in || !(h->mf || h->offset) || (!sim_firewall(n) && !is_guarded(n))) {
		take_packet(t, in, pkt);
		return;
	}
	whole = reassemble_packet(t, pkt);
	if (whole)
		take_packet(t, in, &whole->pkt);
	free(whole);
}

void
sim_ip_unlabelled(struct sim_table *t, struct nic *in, struct packet *pkt)
{
	if (!packet_read(pkt) || is_martian(t, pkt->ip4.src) || addr_is_multicast(pkt->ip4.dst))
		in->in_drops++;
	else
		take_whole(t, in, pkt);
}

void
sim_ip_input(struct sim_table *t, struct nic *in, struct packet *pkt)
{
	struct sim_node *n = t->node;

	if (in)
		traffic_add(&in->in, 1, pkt->n, n->sim->now);
	if (in && in->parent)
		traffic_add(&in->parent->in, 1, pkt->n, n->sim->now);
	if (!packet_read(pkt) || (in && is_martian(t, pkt->ip4.src))) {
		if (in)
			in->in_drops++;
		return;
	}
	if (in && !sim_firewall(n) && in->conf && !sim_filter_list(n, in->conf->acl_in, pkt)) {
		in->in_drops++;
		send_icmp_error(t, in, pkt, ICMP_TYPE_UNREACHABLE, CODE_PROHIBITED, 0);
		return;
	}
	take_whole(t, in, pkt);
}
