/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What went through an interface one way: counts, when the last packet went, and the rate that
 * routers call the five minute rate: an average in which what lies five minutes back weighs 1/e of
 * what is now. It needs no timer: it is brought up to date when packets are added or it is read.
 */
#ifndef TESTUDO_TRAFFIC_H
#define TESTUDO_TRAFFIC_H

#include "compiler/base/base.h"

struct traffic {
	uint64_t packets, bytes;
	bool any;  /* a packet went, whether it is still counted or not */
	msec last; /* when, if any */
	msec rated;
	double packet_rate, byte_rate; /* a second, as of `rated` */
};

void traffic_add(struct traffic *t, uint64_t packets, uint64_t bytes, msec now);
/* Rates a second. */
void traffic_rates(const struct traffic *t, msec now, uint64_t *ret_bits, uint64_t *ret_packets);

#endif
