/* SPDX-License-Identifier: Apache-2.0 */
/* The mark in each probe, by which it is known again wherever it is seen. */
#ifndef TESTUDO_HUNT_MARK_H
#define TESTUDO_HUNT_MARK_H

#include <string.h>

#include "tests/hunter/hunt.h"

#define HUNT_MARK    "leak"
#define HUNT_MARK_AT 40 /* octets from the IPv4 header: behind any transport header */

static inline void
hunt_mark_put(uint8_t *packet, uint32_t id)
{
	memcpy(packet + HUNT_MARK_AT, HUNT_MARK, 4);
	packet_put32(packet + HUNT_MARK_AT + 4, id);
}

/* The probe of a packet in clear; NULL: it is none. */
static inline struct probe *
hunt_mark_find(struct hunt *h, struct span packet)
{
	uint32_t id;

	if (packet.n < HUNT_MARK_AT + 8 || memcmp(packet.p + HUNT_MARK_AT, HUNT_MARK, 4) != 0)
		return NULL;
	id = packet_get32(packet.p + HUNT_MARK_AT + 4);
	return id < h->n_probes ? &h->probes[id] : NULL;
}

#endif
