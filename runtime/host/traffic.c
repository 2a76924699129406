/* SPDX-License-Identifier: Apache-2.0 */
/* Counts and rates of an interface: see traffic.h. */
#include "runtime/host/traffic.h"

#include <math.h>

#define RATE_SECONDS 300.0

static double
weight_now(const struct traffic *t, msec now)
{
	return now > t->rated ? exp((double)(t->rated - now) / 1000.0 / RATE_SECONDS) : 1;
}

void
traffic_add(struct traffic *t, uint64_t packets, uint64_t bytes, msec now)
{
	double left = weight_now(t, now);

	t->packet_rate = t->packet_rate * left + (double)packets / RATE_SECONDS;
	t->byte_rate = t->byte_rate * left + (double)bytes / RATE_SECONDS;
	t->rated = now;
	if (!packets)
		return;
	t->packets += packets;
	t->bytes += bytes;
	t->any = true;
	t->last = now;
}

void
traffic_rates(const struct traffic *t, msec now, uint64_t *ret_bits, uint64_t *ret_packets)
{
	double left = weight_now(t, now);

	*ret_bits = (uint64_t)(t->byte_rate * left * 8);
	*ret_packets = (uint64_t)(t->packet_rate * left + 0.5);
}
