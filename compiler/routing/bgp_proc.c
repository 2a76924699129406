/* SPDX-License-Identifier: Apache-2.0 */
/* Speakers of BGP and their sessions, from the policy. */
#include "compiler/routing/bgp_priv.h"

#include <stdlib.h>
#include <string.h>

/* --- making and forgetting -------------------------------------------------------------------- */

/* Whoever believed in it does not find it any more. */
static void
peer_free(struct routing *r, struct bgp_peer *p)
{
	for (size_t k = 0; k < r->n_nodes; k++)
		for (size_t s = 0; s < r->nodes[k]->n_bgp; s++) {
			const struct bgp_proc *proc = r->nodes[k]->bgp[s];

			for (size_t i = 0; i < proc->n_peers; i++) {
				if (proc->peers[i]->other == p)
					proc->peers[i]->other = NULL;
				if (proc->peers[i]->link == p)
					proc->peers[i]->link = NULL;
			}
		}
	free(p);
}

static void
proc_free(struct bgp_proc *p, bool all)
{
	for (size_t k = 0; k < p->n_peers; k++)
		if (p->peers[k] && !all)
			peer_free(p->node->routing, p->peers[k]);
		else
			free(p->peers[k]);
	free(p->peers);
	free(p);
}

/* The engine goes: nobody believes in anybody any more. */
void
bgp_forget(struct rt_node *n)
{
	for (size_t k = 0; k < n->n_bgp; k++)
		proc_free(n->bgp[k], true);
	free(n->bgp);
	n->bgp = NULL;
	n->n_bgp = 0;
}

/* --- from the policy -------------------------------------------------------------------------- */

static int
peer_order(const void *x, const void *y)
{
	const struct bgp_peer *const *a = x, *const *b = y;

	return (*a)->addr < (*b)->addr ? -1 : (*a)->addr > (*b)->addr;
}

struct bgp_peer *
bgp_peer_find(const struct bgp_proc *proc, uint32_t addr)
{
	size_t low = 0, high = proc->n_peers;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (proc->peers[middle]->addr == addr)
			return proc->peers[middle];
		if (proc->peers[middle]->addr < addr)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static void
peer_drop(struct bgp_proc *p, struct bgp_peer *gone)
{
	size_t kept = 0;

	for (size_t k = 0; k < p->n_peers; k++)
		if (p->peers[k] != gone)
			p->peers[kept++] = p->peers[k];
	p->n_peers = kept;
}

/* Those that are not configured any more have no lines until bgp_peers_sweep takes them away. */
static void
peers_configure(struct bgp_proc *p)
{
	const struct policy_bgp_vrf *f = p->family;

	for (size_t k = p->n_peers; k > 0; k--)
		p->peers[k - 1]->conf = NULL;
	for (size_t k = 0; k < f->n_neighbors; k++) {
		struct bgp_peer *peer = bgp_peer_find(p, f->neighbors[k].addr);

		if (!peer) {
			peer = x_alloc(sizeof(*peer));
			peer->proc = p;
			peer->addr = f->neighbors[k].addr;
			peer->due = MSEC_NEVER;
			peer->since = p->node->routing->now;
			p->peers =
			    x_realloc(p->peers, (p->n_peers + 1) * sizeof(struct bgp_peer *));
			p->peers[p->n_peers++] = peer;
			qsort(p->peers, p->n_peers, sizeof(struct bgp_peer *), peer_order);
		}
		peer->conf = &f->neighbors[k];
	}
}

void
bgp_peers_sweep(struct bgp_proc *p)
{
	for (size_t k = p->n_peers; k > 0; k--) {
		struct bgp_peer *peer = p->peers[k - 1];

		if (peer->conf)
			continue;
		bgp_session_end(peer, "Neighbor deleted");
		peer_drop(p, peer);
		peer_free(p->node->routing, peer);
	}
}

static bool
id_taken(const struct rt_node *n, uint32_t id)
{
	(void)n;
	(void)id;
	return false;
}

static void
proc_identify(struct bgp_proc *p)
{
	if (p->conf->router_id)
		p->router_id = p->conf->router_id;
	else if (!p->router_id)
		p->router_id = rt_router_id(p->vrf, id_taken);
	p->cluster_id = p->conf->cluster_id ? p->conf->cluster_id : p->router_id;
}

static struct bgp_proc *
proc_keep(struct bgp_proc **old, size_t n_old, const struct rt_vrf *vrf, uint32_t as)
{
	for (size_t k = 0; k < n_old; k++) {
		struct bgp_proc *p = old[k];

		if (p && p->vrf == vrf && p->as == as) {
			old[k] = NULL;
			return p;
		}
	}
	return NULL;
}

void
bgp_configure(struct rt_node *n)
{
	const struct policy_bgp *conf = n->policy ? &n->policy->routing.bgp : NULL;
	size_t count = conf && conf->as ? conf->n_vrfs : 0, n_old = n->n_bgp;
	struct bgp_proc **old = n->bgp, **now = x_alloc((count + 1) * sizeof(struct bgp_proc *));
	size_t n_now = 0;

	for (size_t k = 0; k < count; k++) {
		struct rt_vrf *vrf = rt_vrf_find(n, conf->vrfs[k].vrf);
		struct bgp_proc *p = vrf ? proc_keep(old, n_old, vrf, conf->as) : NULL;

		if (!vrf)
			continue;
		if (!p) {
			p = x_alloc(sizeof(*p));
			p->node = n;
			p->vrf = vrf;
			p->as = conf->as;
		}
		p->conf = conf;
		p->family = &conf->vrfs[k];
		now[n_now++] = p;
	}
	n->bgp = now;
	n->n_bgp = n_now;
	for (size_t k = 0; k < n_old; k++)
		if (old[k])
			proc_free(old[k], false);
	free(old);
	for (size_t k = 0; k < n_now; k++) {
		proc_identify(now[k]);
		peers_configure(now[k]);
	}
}

/* A node that goes off forgets its sessions; one that comes up chooses its identifiers again. */
void
bgp_restart(struct rt_node *n)
{
	for (size_t k = 0; k < n->n_bgp; k++) {
		struct bgp_proc *p = n->bgp[k];

		for (size_t i = 0; i < p->n_peers; i++) {
			p->peers[i]->state = BGP_IDLE;
			p->peers[i]->other = p->peers[i]->link = NULL;
			p->peers[i]->lost = false;
			p->peers[i]->due = MSEC_NEVER;
			p->peers[i]->since = n->routing->now;
		}
		if (n->on) {
			p->router_id = 0;
			proc_identify(p);
		}
	}
}

/* Interfaces that are up by now may give an identifier to a speaker that had none. */
void
bgp_identify(struct rt_node *n)
{
	for (size_t k = 0; k < n->n_bgp; k++)
		if (!n->bgp[k]->router_id && n->on) {
			proc_identify(n->bgp[k]);
			if (n->bgp[k]->router_id)
				rt_touch(n->routing);
		}
}

/* --- what a session is ------------------------------------------------------------------------ */

uint32_t
bgp_local_as(const struct bgp_peer *p)
{
	return p->conf->local_as ? p->conf->local_as : p->proc->as;
}

bool
bgp_is_external(const struct bgp_peer *p)
{
	return p->conf->remote_as != bgp_local_as(p);
}
