/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The virtual network's time and wires: a heap of events ordered by time and then by when they
 * were set, links that carry frames between interfaces, and the faults on them. All chance comes
 * from one small generator with a seed. See sim.h.
 */
#include "runtime/host/sim/sim_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/packet/label.h"

enum { FAULT_LOSS, FAULT_DUPLICATE, FAULT_REORDER };

/* --- chance ----------------------------------------------------------------------------------- */

/* SplitMix64: one word of state, good enough to lose packets by, and the same everywhere. */
static uint64_t
random_next(struct sim *sim)
{
	uint64_t z = sim->random += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/* No number is drawn for a fault that is off, so that turning one on leaves the others alone. */
static bool
fault_happens(struct sim *sim, int fault)
{
	return sim->faults[fault] > 0 &&
	       (double)(random_next(sim) >> 11) / (double)(1ull << 53) < sim->faults[fault];
}

/* --- time ------------------------------------------------------------------------------------- */

static bool
event_before(const struct event *a, const struct event *b)
{
	return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void
put_event(struct sim *sim, struct event *e, size_t place)
{
	sim->heap[place] = e;
	e->place = place;
}

static void
sift_up(struct sim *sim, struct event *e, size_t place)
{
	for (; place > 1 && event_before(e, sim->heap[place / 2]); place /= 2)
		put_event(sim, sim->heap[place / 2], place);
	put_event(sim, e, place);
}

static void
sift_down(struct sim *sim, struct event *e, size_t place)
{
	size_t child;

	while ((child = place * 2) <= sim->n_events) {
		if (child < sim->n_events && event_before(sim->heap[child + 1], sim->heap[child]))
			child++;
		if (!event_before(sim->heap[child], e))
			break;
		put_event(sim, sim->heap[child], place);
		place = child;
	}
	put_event(sim, e, place);
}

void
sim_event_cancel(struct sim *sim, struct event *e)
{
	size_t place = e->place;
	struct event *last;

	if (!place)
		return;
	e->place = 0;
	last = sim->heap[sim->n_events--];
	if (last == e)
		return;
	if (place > 1 && event_before(last, sim->heap[place / 2]))
		sift_up(sim, last, place);
	else
		sift_down(sim, last, place);
}

void
sim_event_set(struct sim *sim, struct event *e, msec at)
{
	sim_event_cancel(sim, e);
	e->at = at < sim->now ? sim->now : at;
	e->order = sim->next_order++;
	x_grow(&sim->heap, &sim->heap_capacity, sim->n_events + 2, sizeof(struct event *));
	sift_up(sim, e, ++sim->n_events);
}

msec
sim_now(const struct sim *sim)
{
	return sim->now;
}

msec
sim_next(const struct sim *sim)
{
	return sim->n_events ? sim->heap[1]->at : MSEC_NEVER;
}

void
sim_run_until(struct sim *sim, msec when)
{
	struct sim_link *l;

	while (sim->n_events && sim->heap[1]->at <= when) {
		struct event *e = sim->heap[1];

		sim_event_cancel(sim, e);
		sim->now = e->at;
		e->fire(sim, e);
	}
	if (when > sim->now)
		sim->now = when;
	for (l = sim->links; l; l = l->next)
		if (l->pcap)
			pcap_flush(l->pcap);
}

struct at {
	struct event event;
	void (*fn)(void *arg, msec now);
	void *arg;
};

static void
at_fire(struct sim *sim, struct event *e)
{
	struct at *at = (struct at *)e;

	at->fn(at->arg, sim->now);
	free(at);
}

void
sim_at(struct sim *sim, msec when, void (*fn)(void *arg, msec now), void *arg)
{
	struct at *at = x_alloc(sizeof(*at));

	at->event.fire = at_fire;
	at->fn = fn;
	at->arg = arg;
	sim_event_set(sim, &at->event, when);
}

/* --- frames ----------------------------------------------------------------------------------- */

static void
frame_take(struct frame *f)
{
	if (f->labels)
		sim_mpls_input(f->nic, &f->pkt);
	else
		sim_ip_input(f->table, f->nic, &f->pkt);
}

static void
frame_fire(struct sim *sim, struct event *e)
{
	struct frame *f = (struct frame *)e;
	const struct sim_node *n = f->table->node;

	if (n->powered && n->frozen) {
		sim_event_set(sim, e, sim->now + SIM_FROZEN);
		return;
	}
	/* An interface that has gone into another VRF meanwhile takes nothing of the old one. */
	if (!f->lost && n->powered && (!f->nic || (f->nic->line_up && f->nic->table == f->table)))
		frame_take(f);
	free(f);
}

void
sim_nic_forget(const struct nic *nic)
{
	struct sim *sim = nic->node->sim;

	for (size_t i = 1; i <= sim->n_events; i++) {
		struct frame *f = (struct frame *)sim->heap[i];

		if (sim->heap[i]->fire == frame_fire && f->nic == nic)
			f->lost = true;
	}
}

struct frame *
sim_frame_new(struct span bytes)
{
	size_t size = PACKET_HEADROOM + bytes.n + PACKET_TAILROOM;
	struct frame *f = x_alloc(sizeof(*f) + size);

	f->event.fire = frame_fire;
	f->pkt = packet_in((uint8_t *)(f + 1), size, bytes.n);
	memcpy(packet_data(&f->pkt), bytes.p, bytes.n);
	return f;
}

struct frame *
sim_frame_copy(const struct packet *pkt)
{
	struct frame *f = sim_frame_new(packet_span(pkt));

	f->pkt.family = pkt->family;
	f->pkt.ip4 = pkt->ip4;
	f->pkt.has_flow = pkt->has_flow;
	f->pkt.flow = pkt->flow;
	return f;
}

struct nic *
sim_takes_tag(struct nic *cable, uint16_t vlan)
{
	if (!cable->link->tagged)
		return vlan ? NULL : cable;
	for (struct nic *sub = cable->node->nics; sub; sub = sub->next)
		if (sub->parent == cable && sub->vlan == vlan)
			return sub;
	return vlan == cable->access ? cable : NULL;
}

static bool
nic_answers(const struct nic *nic, uint32_t addr)
{
	if (!nic->has_address)
		return false;
	for (size_t i = 0; nic->conf && i < nic->conf->n_secondaries; i++)
		if (nic->conf->secondaries[i].addr == addr)
			return true;
	return nic->addr == addr;
}

/*
 * Who takes a packet for `next`: its owner, else whoever would forward it there and so answers
 * for it (proxy ARP, on by default in IOS): a route straight out of an interface needs it.
 */
static struct nic *
find_receiver(struct nic *from, uint32_t next)
{
	struct nic *proxy = NULL;
	size_t i;

	for (i = 0; i < from->link->n_nics; i++) {
		struct nic *to = sim_takes_tag(from->link->nics[i], sim_vlan_of(from));
		const char *interface;
		uint32_t hop;

		if (!to || to == from || !to->line_up)
			continue;
		if (nic_answers(to, next))
			return to;
		if (!proxy && (sim_ip_owns(to->table, next) ||
		               (fib_lookup(sim_fib(to->table), next, &interface, &hop) &&
		                strcmp(interface, to->name) != 0)))
			proxy = to;
	}
	return proxy;
}

static void
frame_deliver(struct nic *to, struct span bytes, bool labels)
{
	struct sim *sim = to->node->sim;
	struct frame *f = sim_frame_new(bytes);
	msec delay = to->link->latency;

	if (fault_happens(sim, FAULT_REORDER)) /* behind what is sent within the next round trips */
		delay += 1 + (msec)(random_next(sim) % (uint64_t)(4 * delay + 16));
	f->table = to->table;
	f->nic = to;
	f->labels = labels;
	sim_event_set(sim, &f->event, sim->now + delay);
}

void
sim_deliver(struct nic *to, struct span bytes)
{
	frame_deliver(to, bytes, false);
}

void
sim_deliver_labels(struct nic *to, struct span bytes)
{
	frame_deliver(to, bytes, true);
}

static const struct nic *
cable_end(const struct nic *nic)
{
	return nic->parent ? nic->parent : nic;
}

/*
 * The packet is on the link now: counts it, captures it and shows it to the watcher. to NULL: it is
 * for all.
 */
static void
put_out(struct nic *nic, const struct nic *to, struct span bytes, bool labels)
{
	struct sim *sim = nic->node->sim;
	size_t below = labels ? label_stack_size(bytes) : 0;
	const struct pcap_way way = {.vlan = nic->vlan,
	                             .labels = labels,
	                             .from = cable_end(nic)->number,
	                             .to = to ? cable_end(to)->number : 0};

	traffic_add(&nic->out, 1, bytes.n, sim->now);
	if (nic->parent)
		traffic_add(&nic->parent->out, 1, bytes.n, sim->now);
	if (nic->link->pcap)
		pcap_write(nic->link->pcap, sim->wall + sim->now, &way, bytes);
	if (sim->see)
		sim->see(sim->see_arg,
		         &(struct sim_seen){.what = SIM_ON_LINK,
		                            .link = nic->link->name,
		                            .node = nic->node->name,
		                            .interface = nic->name,
		                            .vlan = nic->vlan,
		                            .labels = SPAN(bytes.p, below),
		                            .packet = SPAN(bytes.p + below, bytes.n - below)});
}

/* Does it get from one end of a link to the other? */
static bool
gets_through(struct sim *sim, const struct nic *from, const struct nic *to)
{
	return (!sim->passes || sim->passes(sim->passes_arg, from->node->name, to->node->name)) &&
	       !fault_happens(sim, FAULT_LOSS);
}

static bool
frame_transmit(struct nic *nic, struct span bytes, uint32_t next, bool labels)
{
	struct sim *sim = nic->node->sim;
	struct nic *to = nic->line_up && nic->link ? find_receiver(nic, next) : NULL;

	if (!to) {
		nic->out_drops++;
		return false;
	}
	put_out(nic, to, bytes, labels);
	if (!gets_through(sim, nic, to))
		return true;
	frame_deliver(to, bytes, labels);
	if (fault_happens(sim, FAULT_DUPLICATE))
		frame_deliver(to, bytes, labels);
	return true;
}

bool
sim_transmit(struct nic *nic, struct span bytes, uint32_t next)
{
	return frame_transmit(nic, bytes, next, false);
}

bool
sim_transmit_labels(struct nic *nic, struct span bytes, uint32_t next)
{
	return frame_transmit(nic, bytes, next, true);
}

bool
sim_transmit_all(struct nic *nic, struct span bytes)
{
	struct sim *sim = nic->node->sim;

	if (!nic->line_up || !nic->link) {
		nic->out_drops++;
		return false;
	}
	put_out(nic, NULL, bytes, false);
	for (size_t i = 0; i < nic->link->n_nics; i++) {
		struct nic *cable = nic->link->nics[i],
			   *to = sim_takes_tag(cable, sim_vlan_of(nic));

		if (cable != nic && cable != nic->parent && to && gets_through(sim, nic, to))
			sim_deliver(to, bytes);
	}
	return true;
}

/* --- links ------------------------------------------------------------------------------------ */

struct sim_link *
sim_link_find(struct sim *sim, const char *name)
{
	struct sim_link *l;

	for (l = sim->links; l && strcmp(l->name, name) != 0; l = l->next)
		;
	return l;
}

static bool
nic_alive(const struct nic *nic)
{
	return nic->node->powered && nic->admin_up && nic->plugged;
}

/*
 * At a cable between two interfaces each sees whether the other is up; a link of more than two is a
 * switch, which always is.
 */
static bool
has_carrier(const struct nic *nic)
{
	const struct sim_link *l = nic->link;

	if (!nic_alive(nic) || !l || l->n_nics < 2)
		return false;
	return l->n_nics > 2 || nic_alive(l->nics[l->nics[0] == nic]);
}

uint16_t
sim_vlan_of(const struct nic *nic)
{
	return nic->vlan ? nic->vlan : nic->access;
}

static bool
is_same_network(const struct nic *a, const struct nic *b)
{
	uint32_t mask = prefix_mask(a->len);

	return a->has_address && b->has_address && !a->borrowed && !b->borrowed &&
	       a->len == b->len && ((a->addr ^ b->addr) & mask) == 0;
}

/*
 * A link of more than two ends is a switch. Nobody configures it, so a port whose interface has no
 * VLANs is in the one VLAN that has its network, if any has: there its subinterface of another
 * node would have its neighbours. Where two VLANs have that network it is in neither.
 */
static uint16_t
find_access(const struct nic *port)
{
	uint16_t found = 0;

	if (port->link->n_nics < 3 || !port->link->tagged)
		return 0;
	for (size_t i = 0; i < port->link->n_nics; i++) {
		const struct nic *cable = port->link->nics[i];

		for (const struct nic *sub = cable->node->nics; sub; sub = sub->next) {
			if (sub->parent != cable)
				continue;
			if (cable == port)
				return 0;
			if (!sub->vlan || sub->vlan == found || !is_same_network(sub, port))
				continue;
			if (found)
				return 0;
			found = sub->vlan;
		}
	}
	return found;
}

static void
access_set(struct nic *port, uint16_t vlan)
{
	if (port->access == vlan)
		return;
	port->access = vlan;
	sim_routing_line(port); /* its neighbours are others */
	sim_multicast_line(port);
}

void
sim_link_refresh(struct sim_link *link)
{
	size_t i;

	for (i = 0; i < link->n_nics; i++)
		access_set(link->nics[i], find_access(link->nics[i]));

	for (i = 0; i < link->n_nics; i++) {
		struct nic *cable = link->nics[i];

		sim_nic_line(cable, has_carrier(cable));
		for (struct nic *sub = cable->node->nics; sub; sub = sub->next)
			if (sub->parent == cable)
				sim_nic_line(sub, cable->line_up && sub->admin_up);
	}
}

static int
link_capture(struct sim *sim, struct sim_link *l)
{
	char *path = x_asprintf("%s/%s.pcap", sim->pcap_dir, l->name), *p;
	int error;

	for (p = path + strlen(sim->pcap_dir) + 1; *p; p++)
		if (*p == '/')
			*p = '_';
	error = l->pcap ? 0 : pcap_open(path, &l->pcap);
	free(path);
	return error;
}

int
sim_link_add(struct sim *sim, const char *name, msec latency)
{
	struct sim_link *l, **at = &sim->links;

	if (sim_link_find(sim, name))
		return -EEXIST;
	while (*at)
		at = &(*at)->next;
	l = *at = x_alloc(sizeof(*l));
	l->name = x_strdup(name);
	l->number = ++sim->next_link;
	l->latency = latency;
	return sim->pcap_dir ? link_capture(sim, l) : 0;
}

int
sim_link_attach(struct sim *sim, const char *link, const char *node, const char *interface)
{
	struct sim_link *l = sim_link_find(sim, link);
	struct sim_node *n = sim_node_find(sim, node);
	struct nic *nic;

	if (!l || !n)
		return -ENOENT;
	nic = sim_nic_get(n, interface);
	if (nic->link)
		return -EEXIST;
	nic->link = l;
	for (struct nic *sub = n->nics; sub; sub = sub->next)
		if (sub->parent == nic) {
			sub->link = l;
			l->tagged = true;
		}
	x_grow(&l->nics, &l->nics_capacity, l->n_nics + 1, sizeof(struct nic *));
	l->nics[l->n_nics++] = nic;
	sim_link_refresh(l);
	return 0;
}

int
sim_interface_set(struct sim *sim, const char *node, const char *interface, bool up)
{
	struct sim_node *n = sim_node_find(sim, node);
	struct nic *nic;

	for (nic = n ? n->nics : NULL; nic && strcmp(nic->name, interface) != 0; nic = nic->next)
		;
	if (!nic || !nic->link)
		return -ENOENT;
	nic->plugged = up;
	sim_link_refresh(nic->link);
	return 0;
}

void
sim_faults(struct sim *sim, double loss, double duplicate, double reorder)
{
	sim->faults[FAULT_LOSS] = loss;
	sim->faults[FAULT_DUPLICATE] = duplicate;
	sim->faults[FAULT_REORDER] = reorder;
}

int
sim_wall_set(struct sim *sim, const char *node, int64_t ahead)
{
	struct sim_node *n = sim_node_find(sim, node);

	if (!n)
		return -ENOENT;
	n->wall_ahead = ahead;
	return 0;
}

int
sim_pcap(struct sim *sim, const char *dir)
{
	struct sim_link *l;
	int error;

	free(sim->pcap_dir);
	sim->pcap_dir = x_strdup(dir);
	for (l = sim->links; l; l = l->next)
		if ((error = link_capture(sim, l)))
			return error;
	return 0;
}

/* --- the whole -------------------------------------------------------------------------------- */

struct sim *
sim_new(uint64_t seed, int64_t wall)
{
	struct sim *sim = x_alloc(sizeof(*sim));

	sim->random = seed;
	sim->wall = wall;
	return sim;
}

struct sim_node *
sim_node_find(struct sim *sim, const char *name)
{
	struct sim_node *n;

	for (n = sim->nodes; n && strcmp(n->name, name) != 0; n = n->next)
		;
	return n;
}

struct host *
sim_node_add(struct sim *sim, const char *name, const struct host_events *events)
{
	struct sim_node **at = &sim->nodes;

	while (*at)
		at = &(*at)->next;
	*at = sim_node_new(sim, name, events);
	return &(*at)->base;
}

void
sim_node_power(struct sim *sim, const char *name, bool on)
{
	struct sim_node *n = sim_node_find(sim, name);
	struct nic *nic;

	if (!n || n->powered == on)
		return;
	n->powered = on;
	if (on) {
		sim_routing_power(n);
		sim_multicast_power(n);
	} else {
		sim_node_forget(n);
	}
	for (nic = n->nics; nic; nic = nic->next)
		if (nic->link)
			sim_link_refresh(nic->link);
}

void
sim_node_freeze(struct sim *sim, const char *name, bool frozen)
{
	struct sim_node *n = sim_node_find(sim, name);

	if (!n)
		return;
	n->frozen = frozen;
	sim_routing_freeze(n);
	sim_multicast_freeze(n);
}

bool
sim_node_is_frozen(struct sim *sim, const char *name)
{
	const struct sim_node *n = sim_node_find(sim, name);

	return n && n->frozen;
}

void
sim_gate(struct sim *sim, bool (*passes)(void *arg, const char *from, const char *to), void *arg)
{
	sim->passes = passes;
	sim->passes_arg = arg;
	sim_routing_gate(sim);
	sim_multicast_gate(sim);
}

void
sim_free(struct sim *sim)
{
	struct sim_node *n;
	struct sim_link *l;

	sim_event_cancel(sim, &sim->multicast_due);
	multicast_free(sim->multicast);
	free(sim->cast);
	sim->multicast = NULL;
	while ((n = sim->nodes)) {
		sim->nodes = n->next;
		sim_node_free(n);
	}
	sim_event_cancel(sim, &sim->routing_due);
	sim_event_cancel(sim, &sim->dhcp_due);
	routing_free(sim->routing);
	while (sim->n_events) /* frames and sim_at's: the nodes took theirs along */
		free(sim->heap[sim->n_events--]);
	while ((l = sim->links)) {
		sim->links = l->next;
		pcap_close(l->pcap);
		free(l->nics);
		free(l->name);
		free(l);
	}
	free(sim->heap);
	free(sim->pcap_dir);
	free(sim);
}
