/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The invariant of every dataplane (README.md), as one pure function: what may become of a packet
 * at an interface, from the policy alone. No dataplane uses it; they are held to it by tests.
 */
#ifndef TESTUDO_VERDICT_H
#define TESTUDO_VERDICT_H

#include "runtime/dataplane/dataplane.h"

/* An interface and what is set there: borrowed. */
struct dp_site {
	const char *interface;
	size_t n_groups;
	const struct dp_group *groups; /* any; those that are bound to the interface count */
	const struct dp_door *door;    /* NULL: none */
};

enum dp_fate {
	DP_CLEAR,    /* goes as it is, in or out */
	DP_ENCRYPT,  /* out: leaves as ESP under group and sa, or not at all */
	DP_ESP_ONLY, /* in: is taken as ESP under group and sa, and dropped in clear */
	DP_DROP
};

struct dp_verdict {
	enum dp_fate fate;
	const struct dp_group *group; /* DP_ENCRYPT and DP_ESP_ONLY; else NULL */
	uint32_t sa;                  /* its TEK policy */
};

/*
 * The packet is in clear, and whole or a later fragment. own: it was made by this node, or is
 * addressed to it or to a multicast group that it has joined. Port 848 of an own packet's end here
 * is this node's GDOI.
 */
struct dp_verdict dp_verdict(const struct dp_site *site, const struct flow *f, bool in, bool own);

/* May this node take such a packet out of ESP under a TEK policy of the group? RFC 4301 5.2. */
bool dp_verdict_opened(const struct dp_group *g, uint32_t sa, const struct flow *f);

#endif
