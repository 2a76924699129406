/* SPDX-License-Identifier: Apache-2.0 */
/* Counts what a simulated link's capture file holds, for tests that ask what crossed in clear. */
#ifndef TESTUDO_TEST_CAPTURE_H
#define TESTUDO_TEST_CAPTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "runtime/packet/packet.h"

/* Of the packets that are wanted: how many are ESP, and how many are anything else. */
static inline void
capture_count(const char *dir, const char *link, bool (*is_wanted)(const struct ip4 *h),
              int *ret_esp, int *ret_clear)
{
	uint8_t head[24], packet[65536];
	char path[64];
	FILE *f;

	*ret_esp = *ret_clear = 0;
	snprintf(path, sizeof(path), "%s/%s.pcap", dir, link);
	f = fopen(path, "rb");
	assert_non_null(f);
	assert_int_equal(fread(head, 24, 1, f), 1);
	while (fread(head, 16, 1, f) == 1) {
		size_t n = packet_get32(head + 8);
		struct ip4 h;

		assert_int_equal(fread(packet, 1, n, f), n);
		assert_true(ip4_parse(SPAN(packet, n), &h));
		assert_int_equal(h.total, n);
		assert_true(n <= 1500);
		if (is_wanted(&h))
			(*(h.proto == PROTO_ESP ? ret_esp : ret_clear))++;
	}
	fclose(f);
}

#endif
