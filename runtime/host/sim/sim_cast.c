/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Multicast packets of a simulated node: who listens, and which interfaces they leave by. Trees are
 * sim_multicast.c's.
 */
#include "runtime/host/sim/sim_priv.h"

#include <stdlib.h>
#include <string.h>

/* 224.0.0.0/24 never leaves its link: RFC 5771 4. */
static bool
link_local(uint32_t group)
{
	return group >> 8 == 0xe00000;
}

bool
sim_cast_joined(const struct nic *nic, uint32_t src, uint32_t group)
{
	const struct policy_multicast_interface *conf =
	    nic && nic->conf ? nic->conf->multicast : NULL;

	for (size_t i = 0; nic && i < nic->n_joined; i++)
		if (nic->joined[i].group == group)
			return true;
	for (size_t i = 0; conf && i < conf->n_joins; i++)
		if (conf->joins[i].group == group &&
		    (!conf->joins[i].source || conf->joins[i].source == src))
			return true;
	return false;
}

static void
flood_emit(void *arg, struct span bytes)
{
	sim_transmit_all(arg, bytes);
}

/* A copy out by one interface, encrypted where its policy says so. */
static void
flood_by(struct nic *in, struct nic *out, const struct packet *pkt)
{
	struct frame *f = sim_frame_copy(pkt);

	if (sim_ip_protect(out->table, in, out, &f->pkt, !in) == 0) {
		if (f->pkt.n > out->mtu)
			frag_cut(packet_span(&f->pkt), out->mtu, flood_emit, out);
		else
			flood_emit(out, packet_span(&f->pkt));
	}
	free(f);
}

/* Out by every interface but the one it came in by; `in` NULL: it is ours. No routing protocol. */
static void
flood_packet(struct sim_table *t, struct nic *in, const struct packet *pkt)
{
	struct sim_node *n = t->node;

	for (struct nic *nic = n->nics; nic; nic = nic->next) {
		if (nic->table != t || nic == in || nic->loopback || !nic->has_address)
			continue;
		if (!in || !nic->conf || sim_filter_list(n, nic->conf->acl_out, pkt))
			flood_by(in, nic, pkt);
	}
}

/* By the way that leads back to its sender: RPF, so that nothing goes round. */
static void
flood_on(struct sim_table *t, struct nic *in, struct packet *pkt)
{
	if (!fib_leads_by(sim_fib(t), pkt->ip4.src, in->name))
		return;
	packet_forward(pkt);
	flood_packet(t, in, pkt);
}

static struct nic *
nic_named(const struct sim_table *t, const char *name)
{
	struct nic *nic = t->node->nics;

	while (nic && strcmp(nic->name, name) != 0)
		nic = nic->next;
	return nic && nic->line_up ? nic : NULL;
}

/* May it go out by this interface, as lists and a firewall's rules have it? */
static bool
may_leave(struct sim_node *n, struct nic *in, struct nic *out, const struct packet *pkt)
{
	if (sim_firewall(n))
		return sim_filter_forward(n, in, out, pkt);
	return !out->conf || sim_filter_list(n, out->conf->acl_out, pkt);
}

/*
 * A router passes multicast on along its tree: what came in by the one interface that leads to the
 * source (or to the RP), a copy for each other branch. The node itself may listen at one of those.
 */
static void
cast_on(struct sim_table *t, struct nic *in, struct packet *pkt)
{
	uint32_t src = pkt->ip4.src, dst = pkt->ip4.dst;
	bool heard = sim_cast_joined(in, src, dst), alive = pkt->ip4.ttl > 1;
	struct multicast_way way;

	if (!sim_multicast_way(t, src, dst, &way) || strcmp(way.in, in->name) != 0) {
		in->in_drops += !heard;
		return;
	}
	for (size_t i = 0; i < way.n_out && !heard; i++) {
		struct nic *out = nic_named(t, way.out[i]);

		heard = out && sim_cast_joined(out, src, dst) && !sim_firewall(t->node);
		if (heard)
			sim_ip_deliver(t, out, pkt);
	}
	if (!sim_firewall(t->node) && alive)
		packet_forward(pkt);
	for (size_t i = 0; i < way.n_out && alive; i++) {
		struct nic *out = nic_named(t, way.out[i]);

		if (!out || out->loopback)
			continue;
		if (may_leave(t->node, in, out, pkt))
			flood_by(in, out, pkt);
		else
			in->in_drops++;
	}
}

void
sim_cast_pass(struct sim_table *t, struct nic *in, struct packet *pkt)
{
	const struct policy *p = t->node->policy;

	if (!p || !p->ip_routing || link_local(pkt->ip4.dst))
		return;
	if (t->node->sim->multicast)
		cast_on(t, in, pkt);
	else if (pkt->ip4.ttl > 1)
		flood_on(t, in, pkt);
}

void
sim_cast_launch(struct sim_table *t, const struct packet *pkt)
{
	struct nic *from = t->node->nics;
	struct multicast_way way;

	while (from && !(from->table == t && from->line_up && sim_nic_has(from, pkt->ip4.src)))
		from = from->next;
	if (!from || link_local(pkt->ip4.dst) || !sim_multicast_routes(t)) {
		flood_packet(t, NULL, pkt);
		return;
	}
	if (!from->loopback)
		flood_by(NULL, from, pkt);
	if (!sim_multicast_way(t, pkt->ip4.src, pkt->ip4.dst, &way))
		return;
	for (size_t i = 0; i < way.n_out; i++) {
		struct nic *out = nic_named(t, way.out[i]);

		if (out && out != from && !out->loopback)
			flood_by(NULL, out, pkt);
	}
}
