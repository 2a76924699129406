/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ISAKMP profiles (`crypto isakmp profile`): which one an SA falls under. A member knows it from
 * its crypto map, or finds it as a server does: by what the peer calls itself in message 5 or 6. By
 * then the key has been chosen, by the address alone, as main mode has it: so the profile must be
 * one that may have this key, and a key of a keyring that profiles name is for peers of those
 * profiles and for nobody else.
 */
#include <stdlib.h>
#include <string.h>

#include "compiler/policy/profile.h"
#include "runtime/core/core_priv.h"

const struct policy_isakmp_profile *
ike_profile_of(const struct ike_sa *sa)
{
	return sa->core->policy ? policy_profile_find(sa->core->policy, sa->profile) : NULL;
}

bool
ike_profile_is(const struct ike_sa *sa, const struct policy_isakmp_profile *profile)
{
	return sa->profile && profile ? strcmp(sa->profile, profile->name) == 0
	                              : !sa->profile && !profile;
}

void
ike_profile_set(struct ike_sa *sa, const struct policy_isakmp_profile *profile)
{
	free(sa->profile);
	sa->profile = profile ? x_strdup(profile->name) : NULL;
}

static struct isakmp_peer
peer_at(const struct path *path)
{
	return (struct isakmp_peer){.kind = ISAKMP_MATCH_ADDRESS,
	                            .addr = path->remote,
	                            .vrf = vrf_name(path->vrf),
	                            .local = path->local};
}

const struct policy_isakmp_profile *
ike_profile_by_address(const struct core *c, const struct path *path)
{
	struct isakmp_peer peer = peer_at(path);

	for (size_t i = 0; i < c->policy->n_profiles; i++)
		if (policy_profile_matches(&c->policy->profiles[i], &peer))
			return &c->policy->profiles[i];
	return NULL;
}

/* False: `match identity` has no word for such an identity. */
static bool
read_peer(const struct ike_sa *sa, const struct isakmp_id *id, struct isakmp_peer *ret)
{
	*ret = peer_at(&sa->path);
	ret->name = id->data;
	switch (id->type) {
	case ID_IPV4_ADDR: /* that of its packets, as who calls us has seen to */
		return true;
	case ID_FQDN:
		ret->kind = ISAKMP_MATCH_HOST;
		return true;
	case ID_USER_FQDN:
		ret->kind = ISAKMP_MATCH_USER;
		return true;
	case ID_KEY_ID:
		ret->kind = ISAKMP_MATCH_GROUP;
		return true;
	default:
		return false;
	}
}

enum drop
ike_profile_choose(const struct ike_sa *sa, const struct isakmp_id *id, bool psk, const char *ring,
                   const struct policy_isakmp_profile **ret)
{
	const struct policy *p = sa->core->policy;
	struct isakmp_peer peer;
	bool named = read_peer(sa, id, &peer);

	for (size_t i = 0; named && i < p->n_profiles; i++) {
		const struct policy_isakmp_profile *f = &p->profiles[i];

		if ((sa->profile && !ike_profile_is(sa, f)) || !policy_profile_matches(f, &peer) ||
		    (psk && !policy_profile_has_ring(p, f, ring)))
			continue;
		*ret = f;
		return DROP_NONE;
	}
	if (sa->profile || (psk && policy_ring_is_bound(p, ring)))
		return DROP_PROFILE;
	*ret = NULL;
	return DROP_NONE;
}

void
ike_profile_rebind(struct core *c, const struct policy *old)
{
	struct ike_sa *next;

	if (policy_profiles_equal(old, c->policy))
		return;
	for (struct ike_sa *sa = c->ike.all; sa; sa = next) {
		next = sa->next;
		if (sa->profile && !policy_profile_equal(policy_profile_find(old, sa->profile),
		                                         ike_profile_of(sa)))
			ike_sa_end(sa, "its ISAKMP profile has changed", true);
	}
}
