/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ISAKMP profiles: which of them a peer falls under, by the identity that it has proven, and what
 * of a peer's it takes.
 */
#ifndef TESTUDO_PROFILE_H
#define TESTUDO_PROFILE_H

#include "compiler/policy/policy.h"

/* What a peer calls itself; match: in the words of `match identity`. */
struct isakmp_peer {
	enum isakmp_match kind; /* ISAKMP_MATCH_ADDRESS, _HOST, _USER or _GROUP */
	struct span name;       /* of the last three; any octets */
	uint32_t addr;          /* that its packets come from, */
	const char *vrf;        /* and the table they come by; NULL: the global one */
	uint32_t local;         /* our address that it speaks with */
};

/* NULL: there is none of that name; name may be NULL. */
const struct policy_isakmp_profile *policy_profile_find(const struct policy *p, const char *name);
/* Is this exchange with an address of ours that the profile is for? */
bool policy_profile_is_here(const struct policy_isakmp_profile *p, const struct isakmp_peer *peer);
/* The same, and one of `match identity` names the peer. */
bool policy_profile_matches(const struct policy_isakmp_profile *p, const struct isakmp_peer *peer);
/*
 * May its peers have a key of that keyring (NULL: of `crypto isakmp key`)? A profile that names no
 * keyring takes those of no profile.
 */
bool policy_profile_has_ring(const struct policy *of, const struct policy_isakmp_profile *p,
                             const char *ring);
/* Is the keyring one that a profile names? */
bool policy_ring_is_bound(const struct policy *p, const char *ring);
bool policy_profile_has_trustpoint(const struct policy_isakmp_profile *p, const char *trustpoint);

/* NULL is equal to NULL alone. */
bool policy_profile_equal(const struct policy_isakmp_profile *a,
                          const struct policy_isakmp_profile *b);
bool policy_profiles_equal(const struct policy *a, const struct policy *b); /* in one order */
bool policy_keepalive_equal(const struct policy_keepalive *a, const struct policy_keepalive *b);

#endif
