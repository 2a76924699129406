/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/base/endpoint.h"

#include <arpa/inet.h>
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

static bool
is_loopback(const char *host)
{
	struct in_addr addr;

	return strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
	       (inet_pton(AF_INET, host, &addr) == 1 && ntohl(addr.s_addr) >> 24 == 127);
}

bool
endpoint_clear(const char *valid)
{
	const char *at = valid + strlen("http://"), *end;
	char host[ENDPOINT_MAX];

	if (strncmp(valid, "http://", strlen("http://")) != 0)
		return false;
	end = skip_host(at);
	if (!end)
		return true;
	memcpy(host, at, (size_t)(end - at));
	host[end - at] = 0;
	return !is_loopback(host);
}
