/* SPDX-License-Identifier: Apache-2.0 */
/* How the filter reads a packet: see filter.h. */
#include "runtime/filter/filter_priv.h"
#include "runtime/packet/packet.h"

#define ICMP_HEADER 8
#define UDP_HEADER  8
#define TCP_HEADER  20

/* Queries and replies with an identifier (RFC 792). */
static bool
icmp_has_id(uint8_t type)
{
	return type == ICMP_TYPE_ECHO_REPLY || type == ICMP_TYPE_ECHO ||
	       (type >= ICMP_TYPE_TIMESTAMP && type <= ICMP_TYPE_MASK_REPLY);
}

static uint16_t
icmp_id_of(const struct flow *flow, struct span packet, size_t header)
{
	if (flow->proto != PROTO_ICMP || flow->fragment || !icmp_has_id(flow->icmp_type) ||
	    packet.n < header + ICMP_HEADER)
		return 0;
	return packet_get16(packet.p + header + 4);
}

static size_t
headers_size(const struct flow *flow, struct span packet, size_t header)
{
	if (flow->fragment)
		return header;
	if (flow->proto == PROTO_TCP)
		return packet.n >= header + TCP_HEADER
		           ? header + (size_t)(packet.p[header + 12] >> 4) * 4
		           : packet.n;
	if (flow->proto == PROTO_UDP)
		return header + UDP_HEADER;
	return header + (flow->proto == PROTO_ICMP ? ICMP_HEADER : 0);
}

void
filter_read(struct span packet, const struct flow *flow, struct filter_packet *ret)
{
	struct filter_packet p = {.flow = *flow, .bytes = (uint32_t)packet.n};
	size_t header = (size_t)(packet.p[0] & 15) * 4, all;
	struct span quote;

	all = headers_size(&p.flow, packet, header);
	p.payload = packet.n > all ? (uint32_t)(packet.n - all) : 0;
	p.icmp_id = icmp_id_of(&p.flow, packet, header);
	if (p.flow.proto == PROTO_ICMP && !p.flow.fragment && icmp_is_error(p.flow.icmp_type) &&
	    packet.n > header + ICMP_HEADER) {
		quote = SPAN(packet.p + header + ICMP_HEADER, packet.n - header - ICMP_HEADER);
		p.has_quote = flow_of_packet(quote, &p.quote) && !p.quote.fragment;
		if (p.has_quote)
			p.quote_id = icmp_id_of(&p.quote, quote, (size_t)(quote.p[0] & 15) * 4);
	}
	*ret = p;
}
