/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VPNv4 (RFC 4364): what a VRF tells other provider edges of its best paths, with its
 * distinguisher, its export targets and a label; and what a VRF takes of that by its import
 * targets. Between two VRFs of one router it is the same, without a label. Nothing else leads from
 * one VRF into another, and what was imported is not told again.
 */
#include "compiler/routing/bgp_priv.h"
#include "compiler/routing/mpls_priv.h"

#include <stdlib.h>

/* --- planes ----------------------------------------------------------------------------------- */

static int
rd_order(const void *x, const void *y)
{
	const uint64_t *a = x, *b = y;

	return *a < *b ? -1 : *a > *b;
}

static uint32_t
plane_find(const struct bgp_net *net, uint64_t rd)
{
	for (size_t k = 0; k < net->n_rds; k++)
		if (net->rds[k] == rd)
			return (uint32_t)k + 1;
	return 0;
}

static bool
takes_part(const struct bgp_proc *p)
{
	const struct policy_vrf *vpn = p->family->vpn;

	return vpn && (vpn->n_imports || vpn->n_exports);
}

void
bgp_vpn_planes(struct bgp_net *net)
{
	uint32_t home = BGP_NOBODY;
	size_t n = 0;

	net->rds = x_alloc((net->n_members + 1) * sizeof(*net->rds));
	for (size_t k = 0; k < net->n_members; k++)
		if (takes_part(net->members[k].proc))
			net->rds[n++] = net->members[k].proc->family->vpn->rd;
	qsort(net->rds, n, sizeof(*net->rds), rd_order);
	for (size_t k = 0; k < n; k++)
		if (!k || net->rds[k] != net->rds[k - 1])
			net->rds[net->n_rds++] = net->rds[k];
	for (size_t k = 0; k < net->n_members; k++) {
		struct bgp_member *m = &net->members[k];

		if (!m->proc->vrf->name)
			home = (uint32_t)k; /* the first of its node */
		else if (!k || net->members[k - 1].proc->node != m->proc->node)
			home = BGP_NOBODY;
		m->home = home;
		m->plane = takes_part(m->proc) ? plane_find(net, m->proc->family->vpn->rd) : 0;
	}
}

/* --- out -------------------------------------------------------------------------------------- */

static bool
may_be_exported(const struct bgp_proc *vrf, const struct bgp_path *best)
{
	const struct policy_vrf *vpn = vrf->family->vpn;

	return vpn && vpn->n_exports && !best->imported && best->reachable &&
	       !bgp_is_suppressed(vrf, best->to);
}

const struct bgp_path *
bgp_vpn_export(struct bgp_net *net, const struct bgp_proc *vrf, const struct bgp_path *best)
{
	struct bgp_path t = *best;

	if (!may_be_exported(vrf, best) || !bgp_map_apply(net, vrf->family->export_map, &t))
		return NULL;
	t.vpn = true;
	t.rd = vrf->family->vpn->rd;
	t.targets = vrf->family->vpn->exports;
	t.n_targets = vrf->family->vpn->n_exports;
	t.next_hop = 0;
	t.within = best;
	t.from = vrf->vrf;
	t.label = mpls_label_get(vrf->vrf, best->to);
	return t.label == MPLS_NO_LABEL ? NULL : arena_memdup(net->arena, &t, sizeof(t));
}

bool
bgp_vrf_exports(const struct rt_vrf *vrf, struct prefix to)
{
	const struct bgp_net *net = vrf->node->routing->bgp;

	for (size_t k = 0; net && k < vrf->node->n_bgp; k++) {
		const struct bgp_proc *p = vrf->node->bgp[k];
		const struct bgp_member *m = &net->members[p->index];
		size_t low = 0, high = p->vrf == vrf ? m->n_routes : 0;

		while (low < high) {
			size_t middle = (low + high) / 2;
			int order = rt_longest_first(m->routes[middle].to, to);

			if (order == 0)
				return m->routes[middle].best &&
				       may_be_exported(p, m->routes[middle].best);
			if (order < 0)
				low = middle + 1;
			else
				high = middle;
		}
	}
	return false;
}

/* --- in --------------------------------------------------------------------------------------- */

static bool
targets_meet(const struct policy_vrf *vpn, const struct bgp_path *path)
{
	for (size_t k = 0; vpn && k < path->n_targets; k++)
		for (size_t i = 0; i < vpn->n_imports; i++)
			if (vpn->imports[i] == path->targets[k])
				return true;
	return false;
}

bool
bgp_vpn_wants(const struct bgp_proc *proc, const struct bgp_path *path)
{
	for (size_t k = 0; k < proc->node->n_bgp; k++)
		if (targets_meet(proc->node->bgp[k]->family->vpn, path))
			return true;
	for (size_t k = 0; k < proc->n_peers; k++)
		if (proc->peers[k]->conf && bgp_vpnv4(proc->peers[k])->route_reflector_client)
			return true;
	return proc->conf->no_target_filter;
}

const struct bgp_path *
bgp_vpn_import(struct bgp_net *net, const struct bgp_proc *vrf, const struct bgp_path *path)
{
	struct mpls_way ways[ROUTING_PATHS_MAX];
	struct bgp_path t = *path;

	if (path->from == vrf->vrf || !targets_meet(vrf->family->vpn, path) ||
	    !bgp_map_apply(net, vrf->family->import_map, &t))
		return NULL;
	t.vpn = false;
	t.imported = true;
	if (path->from) {
		t.next_hop = path->within->next_hop;
		t.weight = 0;
	} else if (path->reachable) {
		t.unlabelled = !lsp_find(vrf->node->vrfs, path->next_hop, ways);
		t.reachable = !t.unlabelled;
	}
	t.source = BGP_LEARNED;
	return arena_memdup(net->arena, &t, sizeof(t));
}

struct rt_vpn
bgp_vpn_hop(const struct bgp_path *p, struct routing_hop *ret)
{
	*ret = (struct routing_hop){.via = p->next_hop};
	return (struct rt_vpn){.label = p->from ? 0 : p->label,
	                       .from = p->from,
	                       .domain = p->ospf.domain,
	                       .type = p->ospf.type};
}
