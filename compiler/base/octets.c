/* SPDX-License-Identifier: Apache-2.0 */
/* See octets.h. */
#include "compiler/base/octets.h"

#include <string.h>

/* U+EF80 to U+EFFF in UTF-8: EE BE 80 to EE BF BF. */
static bool
is_escape(const unsigned char *s)
{
	return s[0] == 0xee && (s[1] == 0xbe || s[1] == 0xbf) && s[2] >= 0x80 && s[2] <= 0xbf;
}

size_t
utf8_sequence(const unsigned char *s)
{
	size_t n = *s < 0x80   ? 1
	           : *s < 0xc2 ? 0
	           : *s < 0xe0 ? 2
	           : *s < 0xf0 ? 3
	           : *s < 0xf5 ? 4
	                       : 0;

	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((*s == 0xe0 && s[1] < 0xa0) || (*s == 0xed && s[1] > 0x9f) ||
	    (*s == 0xf0 && s[1] < 0x90) || (*s == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

size_t
octets_character(const char *s, size_t n, bool *ret_steers)
{
	unsigned char at[5] = {0};
	size_t length;

	memcpy(at, s, n < 4 ? n : 4);
	length = utf8_sequence(at);
	*ret_steers = at[0] < 0x20 || at[0] == 0x7f || (at[0] == 0xc2 && length && at[1] < 0xa0) ||
	              (!length && at[0] < 0xa0);
	return length ? length : 1;
}

char *
octets_to_utf8(const char *octets)
{
	const unsigned char *s = (const unsigned char *)octets;
	char *out = x_alloc(3 * strlen(octets) + 1), *at = out;

	while (*s) {
		size_t n = utf8_sequence(s);

		if (n && !is_escape(s)) {
			memcpy(at, s, n);
			at += n;
			s += n;
			continue;
		}
		*at++ = (char)0xee;
		*at++ = (char)(0xbe | (*s >> 6 & 1));
		*at++ = (char)(0x80 | (*s++ & 0x3f));
	}
	return out;
}

char *
utf8_to_octets(const char *utf8)
{
	const unsigned char *s = (const unsigned char *)utf8;
	char *out = x_alloc(strlen(utf8) + 1), *at = out;

	while (*s) {
		if (is_escape(s)) {
			*at++ = (char)(0x80 | (s[1] & 1) << 6 | (s[2] & 0x3f));
			s += 3;
		} else {
			*at++ = (char)*s++;
		}
	}
	return out;
}
