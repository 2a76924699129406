/* SPDX-License-Identifier: Apache-2.0 */
/* Octets written as text, for tests of what goes over the wire. */
#ifndef TESTUDO_TEST_HEX_H
#define TESTUDO_TEST_HEX_H

#include <stdlib.h>

#include "compiler/base/base.h"

/* "01 02" to bytes; the span is valid until the next call but three. */
static inline struct span
hex_span(const char *text)
{
	static uint8_t buffers[4][512];
	static unsigned turn;
	uint8_t *p = buffers[turn++ % 4];
	size_t n = 0;

	while (*text) {
		char two[3] = {text[0], text[1], '\0'};

		if (*text == ' ') {
			text++;
			continue;
		}
		p[n++] = (uint8_t)strtoul(two, NULL, 16);
		text += 2;
	}
	return SPAN(p, n);
}

#endif
