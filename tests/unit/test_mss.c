/* SPDX-License-Identifier: Apache-2.0 */
/* `ip tcp adjust-mss`: what of a SYN is lowered, and what is left alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/packet/mss.h"

#define TCP 20

/* What a packet with these options offers after it was clamped to 1360; 0: nothing. */
static uint16_t
clamp_offer(uint8_t flags, const uint8_t *options, size_t n, bool *ret_same)
{
	size_t total = IP4_HEADER + TCP + n, size = PACKET_HEADROOM + total + PACKET_TAILROOM;
	uint8_t *buf = x_alloc(size), *before = x_alloc(total), *p;
	struct packet pkt = packet_in(buf, size, total);
	struct ip4 h = {.header = IP4_HEADER,
	                .ttl = 9,
	                .proto = PROTO_TCP,
	                .total = (uint16_t)total,
	                .src = 0x0a000001,
	                .dst = 0x0a000002};
	uint16_t mss = 0;

	p = packet_data(&pkt);
	ip4_write(p, &h);
	memset(p + IP4_HEADER, 0, TCP);
	p[IP4_HEADER + 12] = (uint8_t)((TCP + n) / 4 << 4);
	p[IP4_HEADER + 13] = flags;
	if (n)
		memcpy(p + IP4_HEADER + TCP, options, n);
	packet_put16(p + IP4_HEADER + 16, ip4_checksum(ip4_pseudo(h.src, h.dst, PROTO_TCP, TCP + n),
	                                               SPAN(p + IP4_HEADER, TCP + n)));
	memcpy(before, p, total);
	assert_true(packet_read(&pkt));
	packet_clamp_mss(&pkt, 1360);
	assert_int_equal(pkt.family, PACKET_IP4);
	p = packet_data(&pkt);
	*ret_same = memcmp(before, p, total) == 0;
	assert_int_equal(ip4_checksum(ip4_pseudo(h.src, h.dst, PROTO_TCP, TCP + n),
	                              SPAN(p + IP4_HEADER, TCP + n)),
	                 0);
	for (size_t i = 0; i + 4 <= n; i++)
		if (p[IP4_HEADER + TCP + i] == 2 && p[IP4_HEADER + TCP + i + 1] == 4)
			mss = packet_get16(p + IP4_HEADER + TCP + i + 2);
	free(before);
	free(buf);
	return mss;
}

static void
test_clamp(void **state)
{
	static const struct {
		uint8_t flags;
		uint8_t options[8];
		size_t n;
		uint16_t mss;
		bool same;
	} cases[] = {
	    {TCP_SYN, {2, 4, 0x05, 0xb4}, 4, 1360, false},
	    {TCP_SYN | TCP_ACK, {1, 1, 2, 4, 0x05, 0xb4, 1, 0}, 8, 1360, false},
	    {TCP_SYN, {2, 4, 0x02, 0x18}, 4, 536, true},              /* less already */
	    {TCP_ACK, {2, 4, 0x05, 0xb4}, 4, 1460, true},             /* no SYN */
	    {TCP_SYN, {0}, 0, 0, true},                               /* nothing offered */
	    {TCP_SYN, {0, 0, 2, 4, 0x05, 0xb4, 0, 0}, 8, 1460, true}, /* behind the end */
	    {TCP_SYN, {3, 0, 2, 4, 0x05, 0xb4, 0, 0}, 8, 1460, true}, /* an option of no size */
	    {TCP_SYN, {3, 99, 2, 4}, 4, 0, true},                     /* one that is too long */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		bool same;
		uint16_t mss = clamp_offer(cases[i].flags, cases[i].options, cases[i].n, &same);

		if (mss != cases[i].mss && cases[i].mss)
			fail_msg("case %zu: %u", i, mss);
		assert_int_equal(same, cases[i].same);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_clamp)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
