/* SPDX-License-Identifier: Apache-2.0 */
/* Between whom a datagram travels: both ends of a UDP conversation, seen from this node. */
#ifndef TESTUDO_PATH_H
#define TESTUDO_PATH_H

#include "compiler/base/base.h"

struct path {
	uint32_t local, remote; /* IPv4, host byte order; local 0: the host chooses when sending */
	uint16_t local_port, remote_port;
};

#endif
