/* SPDX-License-Identifier: Apache-2.0 */
/* The largest segment that the two ends of a TCP connection agree on (RFC 9293 3.7.1). */
#ifndef TESTUDO_MSS_H
#define TESTUDO_MSS_H

#include "runtime/packet/packet.h"

/*
 * Lowers what a SYN offers to `mss` octets, as `ip tcp adjust-mss` does: so that segments fit once
 * ESP is around them. A SYN that offers nothing stays so. The packet was read, and is read again.
 */
void packet_clamp_mss(struct packet *pkt, uint16_t mss);

#endif
