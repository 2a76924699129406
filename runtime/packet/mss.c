/* SPDX-License-Identifier: Apache-2.0 */
/* See mss.h. */
#include "runtime/packet/mss.h"

#define TCP_HEADER 20

enum { OPTION_END = 0, OPTION_NOTHING = 1, OPTION_MSS = 2, MSS_SIZE = 4 };

/* Where the option's value stands in the options; 0: there is none, or they are malformed. */
static size_t
find_mss(struct span options)
{
	size_t at = 0;

	while (at < options.n && options.p[at] != OPTION_END) {
		size_t size = 1;

		if (options.p[at] != OPTION_NOTHING) {
			size = at + 1 < options.n ? options.p[at + 1] : 0;
			if (size < 2 || size > options.n - at)
				return 0;
			if (options.p[at] == OPTION_MSS)
				return size == MSS_SIZE ? at + 2 : 0;
		}
		at += size;
	}
	return 0;
}

void
packet_clamp_mss(struct packet *pkt, uint16_t mss)
{
	const struct ip4 h = pkt->ip4;
	size_t size, at;
	uint8_t *tcp;

	if (h.proto != PROTO_TCP || h.offset || h.mf || h.total < h.header + TCP_HEADER)
		return;
	size = h.total - (size_t)h.header;
	tcp = packet_data(pkt) + h.header;
	if (tcp[13] & TCP_SYN && (size_t)(tcp[12] >> 4) * 4 >= TCP_HEADER &&
	    (size_t)(tcp[12] >> 4) * 4 <= size) {
		struct span options =
		    SPAN(tcp + TCP_HEADER, (size_t)(tcp[12] >> 4) * 4 - TCP_HEADER);

		at = find_mss(options);
		if (at && packet_get16(options.p + at) > mss) {
			packet_put16(tcp + TCP_HEADER + at, mss);
			packet_put16(tcp + 16, 0);
			packet_put16(tcp + 16, ip4_checksum(ip4_pseudo(h.src, h.dst, h.proto, size),
			                                    SPAN(tcp, size)));
		}
	}
	packet_read(pkt);
}
