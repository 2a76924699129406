/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IPv4 fragments (RFC 791 3.2): cutting a packet to an MTU, and putting fragments together again
 * in bounded memory. A datagram with overlapping fragments is dropped whole (as RFC 5722 asks of
 * IPv6): only an attacker makes them.
 */
#ifndef TESTUDO_FRAG_H
#define TESTUDO_FRAG_H

#include "runtime/packet/packet.h"

#define FRAG_DATAGRAMS_MAX 64 /* being put together at one time; the oldest gives way */
#define FRAG_TIMEOUT       SECONDS(30)

/*
 * Calls emit for every fragment (bytes valid during the call). The packet is whole, larger than
 * mtu, and may be a fragment itself. Options go into each fragment.
 */
void frag_cut(struct span packet, size_t mtu, void (*emit)(void *arg, struct span bytes),
              void *arg);

struct frag_table;

struct frag_table *frag_table_new(void);
void frag_table_free(struct frag_table *t); /* NULL is fine */

/*
 * Takes in a fragment whose header was checked. True when it completed its datagram: *ret is the
 * whole packet, borrowed until the next call.
 */
bool frag_add(struct frag_table *t, struct span packet, const struct ip4 *h, msec now,
              struct span *ret);

#endif
