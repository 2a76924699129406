/* SPDX-License-Identifier: Apache-2.0 */
/* Between whom a datagram travels: both ends of a UDP conversation, seen from this node. */
#ifndef TESTUDO_PATH_H
#define TESTUDO_PATH_H

#include "compiler/base/base.h"

#define VRF_GLOBAL 0

struct path {
	uint32_t local, remote; /* IPv4, host byte order; local 0: the host chooses when sending */
	uint16_t local_port, remote_port;
	uint32_t vrf; /* the table it travels in: VRF_GLOBAL, or the vrf_number of a name */
};

/*
 * An address of a peer means nothing without its VRF: this is what peers are told apart by, and the
 * key of every table of them.
 */
static inline uint64_t
peer_key(uint32_t vrf, uint32_t addr)
{
	return (uint64_t)vrf << 32 | addr;
}

static inline uint64_t
path_peer(const struct path *p)
{
	return peer_key(p->vrf, p->remote);
}

/* The number of a VRF's name, the same as long as the process lives; NULL: VRF_GLOBAL. */
uint32_t vrf_number(const char *name);
const char *vrf_name(uint32_t vrf); /* NULL: the global table */

#endif
