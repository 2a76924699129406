/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The observer: sees every packet on every link and every packet that a member takes, and holds it
 * against the model. See hunt.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/hunter/hunt.h"
#include "tests/hunter/hunt_mark.h"

#define LATE_PROBES 16 /* so many may be on their way at one time */

/* False when it was there already. */
static bool
esp_add(struct seen_esp *set, uint64_t key)
{
	size_t i;

	key += !key;
	if ((set->n + 1) * 2 > set->capacity) {
		struct seen_esp bigger = {.capacity = set->capacity ? set->capacity * 2 : 256};

		bigger.slots = x_alloc(bigger.capacity * sizeof(uint64_t));
		for (i = 0; i < set->capacity; i++)
			if (set->slots[i])
				esp_add(&bigger, set->slots[i]);
		free(set->slots);
		*set = bigger;
	}
	for (i = key * 0x9e3779b97f4a7c15 >> 32 & (set->capacity - 1); set->slots[i];
	     i = (i + 1) & (set->capacity - 1))
		if (set->slots[i] == key)
			return false;
	set->slots[i] = key;
	set->n++;
	return true;
}

static const char *
flow_text(const struct flow *f, char *buf, size_t size)
{
	char s[ADDR_TEXT_MAX], d[ADDR_TEXT_MAX];

	snprintf(buf, size, "proto %u %s:%u > %s:%u", f->proto, addr_text(f->src, s), f->sport,
	         addr_text(f->dst, d), f->dport);
	return buf;
}

/* The member of that name; -1: it is none. */
static int
member_of(const struct hunt *h, const char *node)
{
	for (size_t i = 0; i < h->n_members; i++)
		if (strcmp(h->nodes[hunt_member_node(h, i)].name, node) == 0)
			return (int)i;
	return -1;
}

/* The same octets as before: put in, or passed on by a router that knows no such group. */
static bool
comes_again(struct hunt *h, struct span esp)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (size_t i = 0; i < esp.n; i++)
		hash = (hash ^ esp.p[i]) * 0x100000001b3;
	return !esp_add(&h->bodies, hash);
}

/* Is it what the member makes of this probe, or of another one between the same addresses? */
static bool
may_be_of(const struct probe *p, int member, const struct ip4 *ip)
{
	return p->member == member && p->kind != PROBE_FROM_CORE && p->flow.src == ip->src &&
	       p->flow.dst == ip->dst;
}

/*
 * A probe became ESP: reports it when every policy excepts its flow. Packets that come late may be
 * of a probe before that one.
 */
static void
check_encrypted(struct hunt *h, int member, const struct ip4 *ip)
{
	const struct probe *last = h->n_probes ? &h->probes[h->n_probes - 1] : NULL;
	char text[80];

	if (!last || !last->excepted || !may_be_of(last, member, ip))
		return;
	for (size_t i = 2; h->faults && i <= LATE_PROBES && i <= h->n_probes; i++) {
		const struct probe *p = &h->probes[h->n_probes - i];

		if (may_be_of(p, member, ip) && !p->excepted)
			return;
	}
	hunt_report(h, "OVER: member %d encrypts what every policy excepts: %s", member,
	            flow_text(&last->flow, text, sizeof(text)));
}

/* ESP that a member sends: its number and its nonce are new (RFC 4303 3.3.3, RFC 6054). */
static void
esp_sent(struct hunt *h, int member, struct span packet, const struct ip4 *ip)
{
	const uint8_t *p = packet.p + ip->header;
	uint32_t spi, seq;
	uint64_t iv;

	if (packet.n < ip->header + 16u)
		return;
	spi = packet_get32(p);
	seq = packet_get32(p + 4);
	iv = (uint64_t)packet_get32(p + 8) << 32 | packet_get32(p + 12);
	if (comes_again(h, SPAN(p, packet.n - ip->header)))
		return;
	check_encrypted(h, member, ip);
	/* SPIs are random words: mixed with the rest they make keys that do not meet by chance. */
	if (!esp_add(&h->numbers, (uint64_t)spi << 32 ^ seq ^ (uint64_t)member << 60))
		hunt_report(h, "SEQUENCE: member %d sends number %u under SPI 0x%x twice", member,
		            seq, spi);
	if (!esp_add(&h->nonces, iv ^ (uint64_t)spi * 0xff51afd7ed558ccd))
		hunt_report(h, "NONCE: member %d repeats an IV under SPI 0x%x: %016llx, number %u",
		            member, spi, (unsigned long long)iv, seq);
	free((void *)h->caught[h->n_caught % ARRAY_SIZE(h->caught)].p);
	h->caught[h->n_caught++ % ARRAY_SIZE(h->caught)] =
	    SPAN(x_memdup(packet.p, packet.n), packet.n);
}

static void
sent_to_core(struct hunt *h, int member, struct span packet)
{
	struct probe *probe = hunt_mark_find(h, packet);
	char text[80];
	struct flow f;
	struct ip4 ip;

	if (!ip4_parse(packet, &ip) || !flow_of_packet(packet, &f))
		return;
	if (f.proto == PROTO_ESP) {
		if (!ip.offset)
			esp_sent(h, member, packet, &ip);
		return;
	}
	/* The policy judged the whole datagram, so we judge its fragments as one. */
	if (ip.mf && !ip.offset) {
		h->cut_flow[member].id = ip.id;
		h->cut_flow[member].flow = f;
	} else if (ip.offset && h->cut_flow[member].id == ip.id) {
		f = h->cut_flow[member].flow;
	}
	if (probe)
		probe->in_clear = true;
	if (hunt_protected(h, (size_t)member, &f, false))
		hunt_report(h, "OUT: member %d sends in clear what is protected: %s", member,
		            flow_text(&f, text, sizeof(text)));
	else if (hunt_door_stops(h, (size_t)member, &f, false))
		hunt_report(h, "DOOR: member %d sends through a shut door: %s", member,
		            flow_text(&f, text, sizeof(text)));
}

/* Servers of other kinds do not say how far a replay window reaches. */
static bool
no_window(const struct hunt_member *m)
{
	bool none = m->foreign;

	for (size_t i = 0; i < m->n_entries; i++)
		none |= m->entries[i].pushed;
	return none;
}

/* A packet that came from the core is with the member, or goes on to its LAN. */
static void
taken_from_core(struct hunt *h, int member, struct span packet)
{
	struct probe *probe = hunt_mark_find(h, packet);
	char text[80];

	if (!probe || (probe->kind != PROBE_FROM_CORE && probe->member == member))
		return;
	if (probe->kind == PROBE_FROM_CORE || probe->in_clear) {
		if (hunt_protected(h, (size_t)member, &probe->flow, true))
			hunt_report(h, "IN: member %d takes in clear what is protected: %s", member,
			            flow_text(&probe->flow, text, sizeof(text)));
		else if (hunt_door_stops(h, (size_t)member, &probe->flow, true))
			hunt_report(h, "DOOR: member %d takes through a shut door: %s", member,
			            flow_text(&probe->flow, text, sizeof(text)));
		return;
	}
	if (no_window(&h->members[member]))
		return;
	if (probe->arrived[member]++ && probe->epoch[member] == h->members[member].epoch)
		hunt_report(h, "REPLAY: member %d takes a packet twice: %s", member,
		            flow_text(&probe->flow, text, sizeof(text)));
	probe->epoch[member] = h->members[member].epoch;
}

static void
see_packet(void *arg, const struct sim_seen *s)
{
	struct hunt *h = arg;
	int member = member_of(h, s->node);
	struct ip4 ip;

	if (s->what == SIM_ON_LINK && strcmp(s->link, "core") == 0)
		hunt_fault_see(h, s->packet);
	if (member < 0 || !ip4_parse(s->packet, &ip))
		return;
	if (s->what == SIM_TAKEN) {
		if (strcmp(s->interface, HUNT_PORT) == 0)
			taken_from_core(h, member, s->packet);
	} else if (strcmp(s->link, "core") == 0) {
		sent_to_core(h, member, s->packet);
	} else if (ip.proto != PROTO_ESP && !ip.offset) {
		taken_from_core(h, member, s->packet);
	}
}

void
hunt_watch(struct hunt *h)
{
	sim_watch(lab_sim(h->lab), see_packet, h);
}

void
hunt_watch_end(struct hunt *h)
{
	sim_watch(lab_sim(h->lab), NULL, NULL);
	free(h->numbers.slots);
	free(h->nonces.slots);
	free(h->bodies.slots);
	for (size_t i = 0; i < ARRAY_SIZE(h->caught); i++)
		free((void *)h->caught[i].p);
}
