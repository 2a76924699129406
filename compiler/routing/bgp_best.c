/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which of several paths is the best: RFC 4271 9.1.2 in the order of IOS. What came first is no
 * reason here (`bgp bestpath compare-routerid`), and paths of one neighbouring system are compared
 * with each other first (`bgp deterministic-med`), so that the same network always settles alike.
 */
#include "compiler/routing/bgp_priv.h"

#include <string.h>

size_t
bgp_path_length(const struct bgp_path *p)
{
	return p->n_as + (p->n_set > 0);
}

uint32_t
bgp_neighbor_as(const struct bgp_path *p)
{
	return p->n_as ? p->as[0] : 0;
}

static int
less_first(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

/* A system's own routes: what it was told to tell comes before what it put together. */
static unsigned
local_rank(const struct bgp_path *p)
{
	return p->source == BGP_LEARNED ? 2 : p->source == BGP_AGGREGATE ? 1 : 0;
}

static bool
compares_med(const struct bgp_proc *proc, const struct bgp_path *a, const struct bgp_path *b)
{
	return proc->conf->always_compare_med || bgp_neighbor_as(a) == bgp_neighbor_as(b);
}

/* Down to the way to the next hop: what two paths that share traffic are equal in. */
static int
worth_order(const struct bgp_proc *proc, const struct bgp_path *a, const struct bgp_path *b)
{
	int order = less_first(b->weight, a->weight);

	order = order ? order : less_first(b->local_preference, a->local_preference);
	order = order ? order : less_first(local_rank(a), local_rank(b));
	order = order ? order : less_first(bgp_path_length(a), bgp_path_length(b));
	order = order ? order : less_first(a->origin, b->origin);
	if (!order && compares_med(proc, a, b))
		order = less_first(a->med, b->med);
	order = order ? order : less_first(b->external, a->external);
	return order ? order : less_first(a->igp, b->igp);
}

static int
path_order(const struct bgp_proc *proc, const struct bgp_path *a, const struct bgp_path *b)
{
	int order = worth_order(proc, a, b);

	order = order ? order
	              : less_first(a->originator ? a->originator : a->router_id,
	                           b->originator ? b->originator : b->router_id);
	order = order ? order : less_first(a->n_clusters, b->n_clusters);
	return order ? order : less_first(a->peer ? a->peer->addr : 0, b->peer ? b->peer->addr : 0);
}

/* Is another path from the same system better than this one? */
static bool
is_beaten_at_home(const struct bgp_proc *proc, const struct bgp_path *const *paths, size_t n,
                  size_t nth)
{
	for (size_t k = 0; k < n; k++)
		if (k != nth && paths[k]->reachable &&
		    bgp_neighbor_as(paths[k]) == bgp_neighbor_as(paths[nth]) &&
		    path_order(proc, paths[k], paths[nth]) < 0)
			return true;
	return false;
}

const struct bgp_path *
bgp_best(const struct bgp_proc *proc, const struct bgp_path *const *paths, size_t n)
{
	const struct bgp_path *best = NULL;

	for (size_t k = 0; k < n; k++)
		if (paths[k]->reachable && (n == 1 || !is_beaten_at_home(proc, paths, n, k)) &&
		    (!best || path_order(proc, paths[k], best) < 0))
			best = paths[k];
	return best;
}

bool
bgp_is_as_good(const struct bgp_proc *proc, const struct bgp_path *best,
               const struct bgp_path *path)
{
	if (!path->reachable || path->source != BGP_LEARNED || path->external != best->external ||
	    worth_order(proc, best, path) != 0 || best->n_as != path->n_as ||
	    path->next_hop == best->next_hop)
		return false;
	return !best->n_as || memcmp(best->as, path->as, best->n_as * sizeof(*best->as)) == 0;
}
