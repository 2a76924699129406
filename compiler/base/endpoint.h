/* SPDX-License-Identifier: Apache-2.0 */
/* URLs that name a server and nothing on it: "https://10.0.0.11:2379". */
#ifndef TESTUDO_ENDPOINT_H
#define TESTUDO_ENDPOINT_H

#include "compiler/base/base.h"

#define ENDPOINT_MAX 128 /* with the end of the string */

/*
 * http:// or https://, a name, an IPv4 address or an IPv6 address in brackets, and maybe a port
 * of 1 to 65535; no user, no path.
 */
bool endpoint_valid(const char *url);

/* Would what is sent there be read on the way? By http, and not to this machine. */
bool endpoint_clear(const char *valid);

#endif
