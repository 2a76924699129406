/* SPDX-License-Identifier: Apache-2.0 */
/* Whom an ISAKMP profile matches, and comparison: see profile.h. */
#include "compiler/policy/profile.h"

#include <string.h>
#include <strings.h>

#include "compiler/policy/vrf.h"

const struct policy_isakmp_profile *
policy_profile_find(const struct policy *p, const char *name)
{
	for (size_t i = 0; name && i < p->n_profiles; i++)
		if (strcmp(p->profiles[i].name, name) == 0)
			return &p->profiles[i];
	return NULL;
}

/* --- matching --------------------------------------------------------------------------------- */

/* Names of hosts and users are the same in capitals. One that holds a NUL is nobody's. */
static bool
is_name(struct span came, const char *name)
{
	return came.n == strlen(name) && !memchr(came.p, 0, came.n) &&
	       strncasecmp((const char *)came.p, name, came.n) == 0;
}

/* Does it end in the domain, with the separator before that? */
static bool
is_below(struct span came, char separator, const char *domain)
{
	size_t n = strlen(domain);

	return came.n > n + 1 && came.p[came.n - n - 1] == (uint8_t)separator &&
	       !memchr(came.p, 0, came.n) && is_name(SPAN(came.p + came.n - n, n), domain);
}

static bool
line_matches(const struct policy_isakmp_match *m, const struct isakmp_peer *peer)
{
	switch (m->kind) {
	case ISAKMP_MATCH_ADDRESS:
		return peer->kind == ISAKMP_MATCH_ADDRESS &&
		       ((m->addr ^ peer->addr) & m->mask) == 0 && vrf_same(m->vrf, peer->vrf);
	case ISAKMP_MATCH_HOST:
		return peer->kind == ISAKMP_MATCH_HOST && is_name(peer->name, m->name);
	case ISAKMP_MATCH_HOST_DOMAIN:
		return peer->kind == ISAKMP_MATCH_HOST && is_below(peer->name, '.', m->name);
	case ISAKMP_MATCH_USER:
		return peer->kind == ISAKMP_MATCH_USER && is_name(peer->name, m->name);
	case ISAKMP_MATCH_USER_DOMAIN:
		return peer->kind == ISAKMP_MATCH_USER && is_below(peer->name, '@', m->name);
	case ISAKMP_MATCH_GROUP:
		return peer->kind == ISAKMP_MATCH_GROUP && peer->name.n == strlen(m->name) &&
		       memcmp(peer->name.p, m->name, peer->name.n) == 0;
	}
	return false;
}

bool
policy_profile_is_here(const struct policy_isakmp_profile *p, const struct isakmp_peer *peer)
{
	return !p->is_local ||
	       (p->local && p->local == peer->local && vrf_same(p->local_vrf, peer->vrf));
}

bool
policy_profile_matches(const struct policy_isakmp_profile *p, const struct isakmp_peer *peer)
{
	for (size_t i = 0; i < p->n_matches; i++)
		if (line_matches(&p->matches[i], peer))
			return policy_profile_is_here(p, peer);
	return false;
}

static bool
is_among(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

bool
policy_ring_is_bound(const struct policy *p, const char *ring)
{
	for (size_t i = 0; ring && i < p->n_profiles; i++)
		if (is_among(p->profiles[i].rings, p->profiles[i].n_rings, ring))
			return true;
	return false;
}

bool
policy_profile_has_ring(const struct policy *of, const struct policy_isakmp_profile *p,
                        const char *ring)
{
	if (!p->n_rings)
		return !policy_ring_is_bound(of, ring);
	return ring && is_among(p->rings, p->n_rings, ring);
}

bool
policy_profile_has_trustpoint(const struct policy_isakmp_profile *p, const char *trustpoint)
{
	return !p->n_trustpoints || is_among(p->trustpoints, p->n_trustpoints, trustpoint);
}

/* --- comparison ------------------------------------------------------------------------------- */

static bool
text_equal(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

bool
policy_keepalive_equal(const struct policy_keepalive *a, const struct policy_keepalive *b)
{
	return a->seconds == b->seconds && a->retry == b->retry && a->periodic == b->periodic;
}

static bool
matches_equal(const struct policy_isakmp_profile *a, const struct policy_isakmp_profile *b)
{
	if (a->n_matches != b->n_matches)
		return false;
	for (size_t i = 0; i < a->n_matches; i++) {
		const struct policy_isakmp_match *x = &a->matches[i], *y = &b->matches[i];

		if (x->kind != y->kind || x->addr != y->addr || x->mask != y->mask ||
		    !vrf_same(x->vrf, y->vrf) || !text_equal(x->name, y->name))
			return false;
	}
	return true;
}

bool
policy_profile_equal(const struct policy_isakmp_profile *a, const struct policy_isakmp_profile *b)
{
	if (!a || !b)
		return a == b;
	return strcmp(a->name, b->name) == 0 && matches_equal(a, b) && text_equal(a->vrf, b->vrf) &&
	       strings_equal(a->rings, a->n_rings, b->rings, b->n_rings) &&
	       strings_equal(a->trustpoints, a->n_trustpoints, b->trustpoints, b->n_trustpoints) &&
	       a->has_self == b->has_self && a->self == b->self &&
	       text_equal(a->self_name, b->self_name) && a->is_local == b->is_local &&
	       a->local == b->local && vrf_same(a->local_vrf, b->local_vrf) &&
	       policy_keepalive_equal(&a->keepalive, &b->keepalive);
}

bool
policy_profiles_equal(const struct policy *a, const struct policy *b)
{
	if (a->n_profiles != b->n_profiles)
		return false;
	for (size_t i = 0; i < a->n_profiles; i++)
		if (!policy_profile_equal(&a->profiles[i], &b->profiles[i]))
			return false;
	return true;
}
