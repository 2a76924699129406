/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rekeys of a server of another kind: they renew some of a group's TEK policies, add or delete,
 * under the group's real KEK and signed with its real key (RFC 6407 4). And members of another
 * kind, as far as their servers know. See hunt.h.
 */
#include <stdlib.h>
#include <string.h>

#include "runtime/core/core_priv.h"
#include "runtime/core/gm.h"
#include "runtime/crypto/random.h"
#include "tests/hunter/hunt.h"
#include "tests/protocol/push_message.h"

#define UDP_HEADER 8

struct push {
	uint32_t seq;
	size_t n_deletes;
	struct isakmp_delete deletes[2];
	uint8_t deleted[2][4];
	struct gdoi_sa sa;
	struct gdoi_kd kd;
	uint8_t spis[DP_SAS_MAX][4], keys[DP_SAS_MAX][2][64];
};

/* A new key for one TEK policy of the member; its selectors are those it has, or some of them. */
static void
renew_policy(struct hunt *h, struct push *p, const struct gm_policy *policy,
             const struct gm_tek *tek)
{
	size_t k = p->kd.n;
	uint32_t spi = 0x1000 + chance_of(&h->chance, 0xfffffff);

	for (size_t i = 0; i < policy->n_entries; i++) {
		const struct dp_entry *e = &policy->entries[i];
		const struct selector *s = &e->selector;

		if (!s->permit || e->local || e->sa != tek->sa || p->sa.n_sats == GDOI_SATS_MAX)
			continue;
		p->sa.sats[p->sa.n_sats++] =
		    (struct gdoi_sat){.protocol = GDOI_PROTO_ESP,
		                      .proto = s->proto,
		                      .src = gdoi_end_of(s->src, s->src_mask, s->sport),
		                      .dst = gdoi_end_of(s->dst, s->dst_mask, s->dport),
		                      .transform = ESP_AES_CBC,
		                      .suite = {CIPHER_AES_128, HASH_SHA1},
		                      .spi = spi,
		                      .lifetime = 600};
	}
	packet_put32(p->spis[k], spi);
	crypto_random(p->keys[k], sizeof(p->keys[k]));
	p->kd.keys[p->kd.n++] = (struct gdoi_key){.type = KD_TEK,
	                                          .spi = SPAN(p->spis[k], 4),
	                                          .key = SPAN(p->keys[k][0], 16),
	                                          .auth = SPAN(p->keys[k][1], 20)};
}

static void
delete_key(struct push *p, uint32_t spi)
{
	packet_put32(p->deleted[p->n_deletes], spi);
	p->deletes[p->n_deletes] =
	    (struct isakmp_delete){.doi = DOI_GDOI,
	                           .proto = GDOI_PROTO_ESP,
	                           .spi_size = 4,
	                           .n = 1,
	                           .spis = SPAN(p->deleted[p->n_deletes], 4)};
	p->n_deletes++;
}

/* Each policy is renewed or not; one key may be deleted; now and then there is a delay. */
static void
fill_push(struct hunt *h, struct push *p, const struct gm_policy *policy)
{
	uint32_t done = 0;

	p->sa.doi = DOI_GDOI;
	p->seq = policy->kek.seq + 1;
	for (size_t i = 0; i < policy->n_teks && policy->teks[i].sa < 32; i++) {
		const struct gm_tek *tek = &policy->teks[i];

		if (!(done >> tek->sa & 1) && chance_one_in(&h->chance, 2))
			renew_policy(h, p, policy, tek);
		done |= 1u << tek->sa;
	}
	if (policy->n_teks && chance_one_in(&h->chance, 3))
		delete_key(p,
		           chance_one_in(&h->chance, 4)
		               ? 0
		               : policy->teks[chance_of(&h->chance, (uint32_t)policy->n_teks)].spi);
	if (chance_one_in(&h->chance, 4)) {
		p->sa.has_gap = true;
		p->sa.gap =
		    (struct gdoi_gap){.has_atd = true, .has_dtd = true, .atd = 5, .dtd = 20};
	}
}

static size_t
write_message(const struct push *p, const struct gm_kek *k, const struct rsa_key *key, uint8_t *buf,
              size_t size)
{
	const struct push_content content = {.seq = p->seq,
	                                     .n_deletes = p->n_deletes,
	                                     .deletes = p->deletes,
	                                     .sa = &p->sa,
	                                     .kd = &p->kd};

	return push_message_write(&content, k, key, buf, size);
}

/* From the server that the member has registered with, to the member. */
static void
send_message(struct hunt *h, size_t node, uint32_t from, const uint8_t *bytes, size_t n)
{
	uint8_t packet[IP4_HEADER + UDP_HEADER + ISAKMP_MESSAGE_MAX] = {0};
	struct ip4 ip = {.ttl = 64,
	                 .proto = PROTO_UDP,
	                 .total = (uint16_t)(IP4_HEADER + UDP_HEADER + n),
	                 .src = from,
	                 .dst = HUNT_CORE(node)};

	packet_put16(packet + 20, GDOI_PORT);
	packet_put16(packet + 22, GDOI_PORT);
	packet_put16(packet + 24, (uint16_t)(UDP_HEADER + n));
	memcpy(packet + IP4_HEADER + UDP_HEADER, bytes, n);
	ip4_write(packet, &ip);
	sim_packet_inject(lab_sim(h->lab), "core", h->nodes[node].name, SPAN(packet, ip.total));
}

static struct hunt_map_entry *
entry_of(struct hunt *h, size_t member, const struct gm *gm)
{
	struct hunt_member *m = &h->members[member];

	for (size_t i = 0; i < m->n_entries; i++)
		if (gm_name(gm)[1] - '0' == m->entries[i].group)
			return &m->entries[i];
	return NULL;
}

void
hunt_push(struct hunt *h)
{
	size_t member = chance_of(&h->chance, (uint32_t)h->n_members);
	size_t node = hunt_member_node(h, member);
	struct core *core = node_core(router_node(lab_router_at(h->lab, node)));
	struct router *server;
	struct hunt_map_entry *e;
	struct push *p;
	struct gm *gm;
	uint8_t *buf;
	size_t n;

	if (!h->up[node] || !core || !core->n_gms)
		return;
	gm = core->gms[chance_of(&h->chance, (uint32_t)core->n_gms)];
	e = entry_of(h, member, gm);
	if (!e || !gm->policy || !gm->policy->kek.present || !gm->registered_server)
		return;
	server = lab_router_at(h->lab, gm->registered_server - HUNT_CORE(0));
	p = x_alloc(sizeof(*p));
	fill_push(h, p, gm->policy);
	h->focus = (int)member;
	e->pushed = true;
	hunt_tell(h, "a rekey for member %zu, group G%d: %zu of %zu keys renewed, %zu deleted%s",
	          member, e->group, p->kd.n, gm->policy->n_teks, p->n_deletes,
	          p->sa.has_gap ? ", with a delay" : "");
	buf = x_alloc(ISAKMP_MESSAGE_MAX);
	n = write_message(p, &gm->policy->kek,
	                  keystore_find(node_keystore(router_node(server)), "KEY"), buf,
	                  ISAKMP_MESSAGE_MAX);
	if (n)
		send_message(h, node, gm->registered_server, buf, n);
	hunt_pass(h, 10);
	free(buf);
	free(p);
}

bool
hunt_make_foreign(struct hunt *h)
{
	bool any = false;

	for (size_t i = 0; i < h->n_members; i++)
		any |= h->members[i].foreign;
	for (size_t s = 0; any && s < h->n_servers; s++) {
		struct core *core = node_core(router_node(lab_router_at(h->lab, s)));

		for (struct ike_sa *sa = core ? core->ike.all : NULL; sa; sa = sa->next)
			for (size_t i = 0; i < h->n_members; i++)
				if (h->members[i].foreign &&
				    sa->path.remote == HUNT_CORE(hunt_member_node(h, i)))
					sa->testudo = false;
	}
	return any;
}
