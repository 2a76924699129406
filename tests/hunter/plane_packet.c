/* SPDX-License-Identifier: Apache-2.0 */
/* Packets for the comparison of dataplanes, and the ESP of another member. See plane.h. */
#include <stdlib.h>
#include <string.h>

#include "runtime/dataplane/esp/esp.h"
#include "runtime/host/frag.h"
#include "tests/hunter/plane.h"

#define MARK      0x6c65616bu /* "leak" */
#define MARK_AT   40
#define FIRST     80 /* octets of payload in the first of two fragments, and in the second */
#define MTU       1500
#define UDP       PROTO_UDP
#define PEER_KEYS (RP_GROUPS * RP_SAS)

static void
write_headers(const struct plane_packet *p, uint32_t id, uint8_t *out, size_t n, size_t offset,
              bool more)
{
	struct ip4 ip = {.ttl = 64,
	                 .proto = p->flow.proto,
	                 .total = (uint16_t)n,
	                 .id = (uint16_t)(id + 1),
	                 .offset = (uint16_t)offset,
	                 .mf = more,
	                 .src = p->flow.src,
	                 .dst = p->flow.dst};

	ip4_write(out, &ip);
}

size_t
plane_packet_part(const struct plane_packet *p, uint32_t id, unsigned part,
                  uint8_t out[static PLANE_PACKET_MAX])
{
	size_t n = IP4_HEADER + FIRST;

	if (part > (p->cut ? 1 : 0))
		return 0;
	memset(out, 0, n);
	if (part == 0) {
		packet_put16(out + 20, p->flow.sport);
		packet_put16(out + 22, p->flow.dport);
		if (p->flow.proto == UDP)
			packet_put16(out + 24, (uint16_t)(p->cut ? 2 * FIRST : FIRST));
		packet_put32(out + MARK_AT, MARK);
		packet_put32(out + MARK_AT + 4, id);
	}
	write_headers(p, id, out, n, part ? FIRST : 0, p->cut && !part);
	return n;
}

bool
plane_mark(struct span packet, uint32_t *ret_id)
{
	if (packet.n < MARK_AT + 8 || packet_get32(packet.p + MARK_AT) != MARK)
		return false;
	*ret_id = packet_get32(packet.p + MARK_AT + 4);
	return true;
}

/* --- the other members ------------------------------------------------------------------------ */

struct plane_peer {
	struct dataplane *sealers[RP_GROUPS][RP_SAS], *opener;
	struct frag_table *frags; /* of ESP that was cut on its way */
	struct log_sink silent;
};

static const struct dp_binding core = {.interface = RP_PORT, .seq = 10};

/* A member that encrypts everything under one key. */
static struct dataplane *
sealer_new(struct plane_peer *peer, const struct dp_sa *sa)
{
	static const struct dp_entry all = {.selector = {.permit = true}, .sa = 1};
	struct dataplane *dp = esp_new(&peer->silent);
	struct dp_sa own = *sa;
	struct dp_group g = {.name = "S",
	                     .n_bindings = 1,
	                     .bindings = &core,
	                     .n_entries = 1,
	                     .entries = &all,
	                     .n_sas = 1,
	                     .sas = &own};

	own.sa = 1;
	own.send = true;
	dp->ops->set(dp, &g);
	return dp;
}

/* One that decrypts whatever is under any of the keys. */
static struct dataplane *
opener_new(struct plane_peer *peer, const struct random_policy *policy)
{
	struct dataplane *dp = esp_new(&peer->silent);
	struct dp_entry all[PEER_KEYS];
	struct dp_sa sas[PEER_KEYS];
	struct dp_group g = {
	    .name = "O", .n_bindings = 1, .bindings = &core, .entries = all, .sas = sas};

	for (size_t i = 0; i < policy->n_groups; i++)
		for (size_t k = 0; k < policy->groups[i].n_sas; k++) {
			sas[g.n_sas] = policy->groups[i].sas[k];
			sas[g.n_sas].sa = (uint32_t)g.n_sas + 1;
			sas[g.n_sas].window = 0;
			all[g.n_sas] = (struct dp_entry){.selector = {.permit = true},
			                                 .sa = (uint32_t)g.n_sas + 1};
			g.n_sas++;
		}
	g.n_entries = g.n_sas;
	dp->ops->set(dp, &g);
	return dp;
}

struct plane_peer *
plane_peer_new(const struct random_policy *policy)
{
	struct plane_peer *peer = x_alloc(sizeof(*peer));

	for (size_t i = 0; i < policy->n_groups; i++)
		for (size_t k = 0; k < policy->groups[i].n_sas; k++)
			peer->sealers[i][k] = sealer_new(peer, &policy->groups[i].sas[k]);
	peer->opener = opener_new(peer, policy);
	peer->frags = frag_table_new();
	return peer;
}

void
plane_peer_free(struct plane_peer *peer)
{
	if (!peer)
		return;
	for (size_t i = 0; i < RP_GROUPS; i++)
		for (size_t k = 0; k < RP_SAS; k++)
			if (peer->sealers[i][k])
				peer->sealers[i][k]->ops->close(peer->sealers[i][k]);
	peer->opener->ops->close(peer->opener);
	frag_table_free(peer->frags);
	free(peer);
}

size_t
plane_peer_seal(struct plane_peer *peer, const struct plane_packet *p, uint32_t id,
                uint8_t out[static PLANE_PACKET_MAX])
{
	struct dataplane *dp = peer->sealers[p->group][p->key];
	uint8_t buf[PLANE_PACKET_MAX + PACKET_HEADROOM + PACKET_TAILROOM];
	struct packet pkt = packet_in(buf, sizeof(buf), 0);
	size_t mtu;

	pkt.n = plane_packet_part(p, id, 0, packet_data(&pkt));
	if (esp_output(esp_port(dp, RP_PORT), &pkt, false, MTU, &mtu, 0) != ESP_DONE)
		return 0;
	memcpy(out, packet_data(&pkt), pkt.n);
	return pkt.n;
}

bool
plane_peer_open(struct plane_peer *peer, struct span esp, uint32_t *ret_id, uint32_t *ret_spi)
{
	uint8_t buf[2048];
	struct packet pkt = packet_in(buf, sizeof(buf), 0);
	struct ip4 ip;

	if (!ip4_parse(esp, &ip) || ip.proto != PROTO_ESP ||
	    ((ip.mf || ip.offset) && !frag_add(peer->frags, SPAN(esp.p, ip.total), &ip, 0, &esp)))
		return false;
	if (!ip4_parse(esp, &ip) || ip.total < ip.header + 8u ||
	    ip.total > sizeof(buf) - PACKET_HEADROOM)
		return false;
	pkt.n = ip.total;
	*ret_spi = packet_get32(esp.p + ip.header);
	memcpy(packet_data(&pkt), esp.p, pkt.n);
	return esp_input(esp_port(peer->opener, RP_PORT), &pkt, false, 0) == ESP_DONE &&
	       plane_mark(packet_span(&pkt), ret_id);
}
