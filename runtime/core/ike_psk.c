/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pre-shared keys by the peer's address: those of one address in a table, so that a flood of first
 * messages does not walk a thousand keys for each; those of networks, of which there are few, one
 * after the other.
 */
#include <stdlib.h>

#include "compiler/policy/profile.h"
#include "runtime/core/core_priv.h"

struct psk {
	struct link link; /* by its address */
	const struct policy_psk *key;
	uint64_t peer; /* its VRF and address, as peer_key has them */
};

struct psks {
	struct table hosts;
	size_t n_nets;
	const struct psk **nets;
	struct psk all[];
};

void
ike_psks_fini(struct ike *ike)
{
	if (!ike->psks)
		return;
	table_fini(&ike->psks->hosts);
	free(ike->psks->nets);
	free(ike->psks);
	ike->psks = NULL;
}

void
ike_psks_apply(struct core *c)
{
	const struct policy *p = c->policy;
	struct psks *s;

	ike_psks_fini(&c->ike);
	s = c->ike.psks = x_alloc(sizeof(*s) + p->n_psks * sizeof(s->all[0]));
	s->nets = x_alloc((p->n_psks + 1) * sizeof(struct psk *));
	for (size_t i = 0; i < p->n_psks; i++) {
		const struct policy_psk *k = &p->psks[i];

		s->all[i].key = k;
		s->all[i].peer = peer_key(vrf_number(k->vrf), k->addr);
		if (k->mask != UINT32_MAX)
			s->nets[s->n_nets++] = &s->all[i];
		else
			table_put(&s->hosts, &s->all[i].link, s->all[i].peer);
	}
}

/* May this peer have it, as far as profiles and our own address go? */
static bool
is_meant_for(const struct core *c, const struct ike_peer *peer, const struct policy_psk *k)
{
	return (!k->local || k->local == peer->path.local) &&
	       (!peer->profile || policy_profile_has_ring(c->policy, peer->profile, k->ring));
}

/* Of several for one address the first that is configured. */
static const struct policy_psk *
find_host_key(const struct core *c, const struct ike_peer *peer)
{
	const struct policy_psk *best = NULL;

	for (struct link *l = table_find(&c->ike.psks->hosts, path_peer(&peer->path)); l;
	     l = table_next(l)) {
		const struct policy_psk *k = CONTAINER(l, struct psk, link)->key;

		if (is_meant_for(c, peer, k) && (!best || k < best))
			best = k;
	}
	return best;
}

const struct policy_psk *
ike_psk_find(const struct core *c, const struct ike_peer *peer)
{
	const struct psks *s = c->ike.psks;
	const struct policy_psk *best = s ? find_host_key(c, peer) : NULL;

	if (best)
		return best;
	for (size_t i = 0; s && i < s->n_nets; i++) {
		const struct policy_psk *k = s->nets[i]->key;

		/* Of the same VRF: all bits above the address count. */
		if (((s->nets[i]->peer ^ path_peer(&peer->path)) &
		     (~(uint64_t)UINT32_MAX | k->mask)) == 0 &&
		    is_meant_for(c, peer, k) && (!best || k->mask > best->mask))
			best = k;
	}
	return best;
}
