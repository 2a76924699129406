/* SPDX-License-Identifier: Apache-2.0 */
/* Between whom a datagram travels: both ends of a UDP conversation, seen from this node. */
#ifndef TESTUDO_PATH_H
#define TESTUDO_PATH_H

#include "compiler/base/base.h"

#define GDOI_PORT 848 /* RFC 6407 2.1; GDOI never runs on 500 */

struct path {
	uint32_t local, remote; /* IPv4, host byte order; local 0: the host chooses when sending */
	uint16_t local_port, remote_port;
};

#endif
