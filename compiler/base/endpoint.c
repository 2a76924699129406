/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/base/endpoint.h"

#include <stdlib.h>
#include <string.h>

#define DIGITS  "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* What follows the host; NULL: there is none. */
static const char *
skip_host(const char *at)
{
	size_t n;

	if (*at != '[') {
		n = strspn(at, LETTERS DIGITS "-._");
		return n ? at + n : NULL;
	}
	n = strspn(++at, DIGITS "abcdefABCDEF:.");
	return n && at[n] == ']' ? at + n + 1 : NULL;
}

static bool
is_port(const char *text)
{
	size_t n = strspn(text, DIGITS);
	unsigned long port = n && n <= 5 && !text[n] ? strtoul(text, NULL, 10) : 0;

	return port && port <= 65535;
}

bool
endpoint_valid(const char *url)
{
	const char *at = !strncmp(url, "http://", 7)    ? url + 7
	                 : !strncmp(url, "https://", 8) ? url + 8
	                                                : NULL;

	if (!at || strlen(url) >= ENDPOINT_MAX)
		return false;
	at = skip_host(at);
	return at && (!*at || (*at == ':' && is_port(at + 1)));
}
