/* SPDX-License-Identifier: Apache-2.0 */
/* Traffic of every class, with a mark in it. See hunt.h. */
#include <stdio.h>
#include <string.h>

#include "tests/hunter/hunt.h"
#include "tests/hunter/hunt_mark.h"

static const uint8_t protos[] = {1, 6, 17, 17, 47};
static const uint16_t ports[] = {53, 80, 848, 848, 500, 4000};

static uint32_t
own_address(struct hunt *h, size_t member)
{
	switch (chance_of(&h->chance, 3)) {
	case 0:
		return HUNT_CORE(hunt_member_node(h, member));
	case 1:
		return HUNT_LAN(member) + 1;
	default:
		return HUNT_LOOP(member);
	}
}

/* Somebody who is not that member: another, a host behind it, the far network. */
static uint32_t
other_address(struct hunt *h, size_t member)
{
	size_t other = chance_of(&h->chance, (uint32_t)h->n_members);

	if (chance_one_in(&h->chance, 8))
		return HUNT_FAR;
	if (chance_one_in(&h->chance, 12))
		return HUNT_CORE(hunt_server_node(chance_of(&h->chance, (uint32_t)h->n_servers)));
	if (other == member)
		other = (other + 1) % h->n_members;
	if (chance_one_in(&h->chance, 2))
		return HUNT_LAN(other) + 5;
	return own_address(h, other);
}

static struct flow
random_flow(struct hunt *h, size_t member, enum probe_kind kind)
{
	bool own = kind == PROBE_OWN || (kind == PROBE_FROM_CORE && chance_one_in(&h->chance, 2));
	uint32_t near = own ? own_address(h, member) : HUNT_LAN(member) + 5;
	uint32_t far = other_address(h, member);
	struct flow f = {.proto = protos[chance_of(&h->chance, ARRAY_SIZE(protos))]};

	if (chance_one_in(&h->chance, 5))
		*(kind == PROBE_FROM_CORE ? &near : &far) = HUNT_MANY(chance_of(&h->chance, 2));
	f.src = kind == PROBE_FROM_CORE ? far : near;
	f.dst = kind == PROBE_FROM_CORE ? near : far;
	if (f.proto == PROTO_TCP || f.proto == PROTO_UDP) {
		f.sport = ports[chance_of(&h->chance, ARRAY_SIZE(ports))];
		f.dport = ports[chance_of(&h->chance, ARRAY_SIZE(ports))];
	}
	return f;
}

static size_t
packet_make(struct hunt *h, uint8_t *p, const struct flow *f, uint32_t id)
{
	size_t n = chance_one_in(&h->chance, 10) ? 2600 : 64;
	struct ip4 ip = {.ttl = 64,
	                 .proto = f->proto,
	                 .total = (uint16_t)n,
	                 .id = (uint16_t)(id + 1),
	                 .src = f->src,
	                 .dst = f->dst};

	memset(p, 0, n);
	packet_put16(p + 20, f->sport);
	packet_put16(p + 22, f->dport);
	if (f->proto == PROTO_UDP)
		packet_put16(p + 24, (uint16_t)(n - 20));
	hunt_mark_put(p, id);
	ip4_write(p, &ip);
	return n;
}

static void
send_probe(struct hunt *h, const struct probe *probe, struct span packet)
{
	struct sim *sim = lab_sim(h->lab);
	const char *node = h->nodes[hunt_member_node(h, (size_t)probe->member)].name;
	char lan[16];

	snprintf(lan, sizeof(lan), "lan%d", probe->member);
	if (probe->kind == PROBE_OWN)
		sim_packet_send(sim, node, packet);
	else if (probe->kind == PROBE_FORWARDED)
		sim_packet_inject(sim, lan, node, packet);
	else
		sim_packet_inject(sim, "core", node, packet);
}

static void
tell_probe(struct hunt *h, const struct probe *p, size_t n)
{
	static const char *const kinds[] = {"makes", "forwards", "gets from the core"};
	char s[ADDR_TEXT_MAX], d[ADDR_TEXT_MAX];

	hunt_tell(h, "member %d %s proto %u %s:%u > %s:%u, %zu octets%s", p->member, kinds[p->kind],
	          p->flow.proto, addr_text(p->flow.src, s), p->flow.sport,
	          addr_text(p->flow.dst, d), p->flow.dport, n,
	          hunt_protected(h, (size_t)p->member, &p->flow, p->kind == PROBE_FROM_CORE)
	              ? ", protected"
	              : "");
}

/*
 * An ESP packet of before comes again, to the member that it was for. (Another one would open it,
 * route it back into the core and give it a new number: routers on a stick do that.)
 */
static void
replay_packet(struct hunt *h)
{
	size_t n = h->n_caught < ARRAY_SIZE(h->caught) ? h->n_caught : ARRAY_SIZE(h->caught);
	struct span packet = h->caught[chance_of(&h->chance, (uint32_t)n)];
	uint32_t dst = packet_get32(packet.p + 16);
	size_t member =
	    addr_is_multicast(dst) ? chance_of(&h->chance, (uint32_t)h->n_members) : h->n_members;

	for (size_t i = 0; i < h->n_members; i++)
		if (hunt_owns(h, i, dst) || (dst & 0xffffff00) == HUNT_LAN(i))
			member = i;
	if (member == h->n_members)
		return;
	if (h->trace)
		hunt_tell(h, "an ESP packet comes to member %zu again", member);
	sim_packet_inject(lab_sim(h->lab), "core", h->nodes[hunt_member_node(h, member)].name,
	                  packet);
}

/* Most probes are packets that could leak. */
static void
choose_flow(struct hunt *h, struct probe *p)
{
	int tries = chance_one_in(&h->chance, 4) ? 1 : 12;

	do
		p->flow = random_flow(h, (size_t)p->member, p->kind);
	while (--tries &&
	       !hunt_protected(h, (size_t)p->member, &p->flow, p->kind == PROBE_FROM_CORE));
}

void
hunt_probe(struct hunt *h)
{
	struct probe *probe = &h->probes[h->n_probes];
	uint8_t packet[4096];
	size_t n;

	if (h->n_probes == HUNT_PROBES)
		return;
	hunt_poll(h);
	if (h->n_caught && chance_one_in(&h->chance, 8)) {
		replay_packet(h);
		hunt_pass(h, 10);
		return;
	}
	*probe = (struct probe){.kind = (enum probe_kind)chance_of(&h->chance, PROBE_KINDS),
	                        .member = (int)chance_of(&h->chance, (uint32_t)h->n_members)};
	if (h->focus >= 0 && !chance_one_in(&h->chance, 3))
		probe->member = h->focus;
	choose_flow(h, probe);
	probe->excepted = hunt_excepted(h, (size_t)probe->member, &probe->flow, false);
	n = packet_make(h, packet, &probe->flow, (uint32_t)h->n_probes++);
	if (h->trace)
		tell_probe(h, probe, n);
	send_probe(h, probe, SPAN(packet, n));
	hunt_pass(h, 10);
}
