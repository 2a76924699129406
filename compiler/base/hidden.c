/* SPDX-License-Identifier: Apache-2.0 */
/* See hidden.h. */
#include "compiler/base/hidden.h"

#include <string.h>

static const char table[] = "dsfd;kfoA,.iyewrkldJKDHSUBsgvca69834ncxv9873254k;fg87";

#define TABLE (sizeof(table) - 1)

uint8_t
hidden_octet(unsigned start, size_t nth)
{
	return (uint8_t)table[(start + nth) % TABLE];
}

static int
hex_value(char c)
{
	const char *all = "0123456789ABCDEFabcdef", *p = c ? strchr(all, c) : NULL;

	return !p ? -1 : p - all < 16 ? (int)(p - all) : (int)(p - all) - 6;
}

/* Where in the table it begins; -1: it begins with no such number. */
static int
hidden_start(const char *hidden)
{
	int tens = hex_value(hidden[0]), ones = tens < 0 ? -1 : hex_value(hidden[1]);

	if (tens < 0 || tens > 9 || ones < 0 || ones > 9 || tens * 10 + ones >= (int)TABLE)
		return -1;
	return tens * 10 + ones;
}

bool
hidden_show(const char *hidden, char *ret, size_t size)
{
	size_t n = strnlen(hidden, 2 + 2 * size), i;
	int start = n < 2 ? -1 : hidden_start(hidden);

	if (start < 0 || n % 2 || n >= 2 + 2 * size)
		return false;
	for (i = 0; 2 + 2 * i < n; i++) {
		int high = hex_value(hidden[2 + 2 * i]), low = hex_value(hidden[3 + 2 * i]);
		uint8_t c;

		if (high < 0 || low < 0)
			return false;
		c = (uint8_t)(high << 4 | low) ^ hidden_octet((unsigned)start, i);
		if (!c) /* a string cannot hold it */
			return false;
		ret[i] = (char)c;
	}
	ret[i] = '\0';
	return true;
}
