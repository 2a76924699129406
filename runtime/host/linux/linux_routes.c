/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's table as `show ip route` has it. */
#include "runtime/host/linux/linux_rtnl.h"

#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#define RTPROT_ZSTATIC 196 /* FRR's, which Debian 12's headers do not name */

/*
 * What a routing daemon marks its routes with. The kernel knows neither the kind of a protocol's
 * route nor its metric: where FRR does not say, an area's own and an external peer's stand for all,
 * with the distance that they usually have.
 */
static const struct {
	uint8_t protocol, distance;
	enum routing_kind kind;
} daemons[] = {
    {RTPROT_OSPF, 110, ROUTING_KIND_OSPF_INTRA},
    {RTPROT_RIP, 120, ROUTING_KIND_RIP},
    {RTPROT_EIGRP, 90, ROUTING_KIND_EIGRP},
    {RTPROT_BGP, 20, ROUTING_KIND_BGP_EXTERNAL},
};

static void
tell_source(struct host_route *to, const struct rtnl_route *r)
{
	for (size_t i = 0; i < ARRAY_SIZE(daemons); i++)
		if (r->protocol == daemons[i].protocol) {
			to->source = ROUTE_LEARNED;
			to->kind = daemons[i].kind;
			to->distance = daemons[i].distance;
			return;
		}
	if (r->protocol == RTPROT_KERNEL) {
		to->source = r->r.via ? ROUTE_STATIC : ROUTE_CONNECTED;
		return;
	}
	to->source = ROUTE_STATIC;
	/* FRR sets it to 20 for all of its own. */
	to->distance = r->protocol == RTPROT_ZSTATIC || !r->r.metric ? 1 : r->r.metric;
}

static enum routing_kind
kind_of(const struct frr_route *r)
{
	switch (r->code) {
	case 'R':
		return ROUTING_KIND_RIP;
	case 'E':
		return r->distance == 170 ? ROUTING_KIND_EIGRP_EXTERNAL : ROUTING_KIND_EIGRP;
	case 'B':
		return r->distance == 200 ? ROUTING_KIND_BGP_INTERNAL : ROUTING_KIND_BGP_EXTERNAL;
	}
	return !strcmp(r->more, "IA")   ? ROUTING_KIND_OSPF_INTER
	       : !strcmp(r->more, "E1") ? ROUTING_KIND_OSPF_E1
	       : !strcmp(r->more, "E2") ? ROUTING_KIND_OSPF_E2
	                                : ROUTING_KIND_OSPF_INTRA;
}

/* FRR counts the link by which a route of RIP came in, IOS does not. */
static void
tell_more(struct linux_host *h, struct arena *a, struct host_route *list, size_t n)
{
	const struct frr_route *told, *r;
	size_t n_told, k = 0;

	while (k < n && list[k].source != ROUTE_LEARNED)
		k++;
	if (k == n)
		return;
	n_told = linux_frr_routes(h, a, &told);
	for (; k < n; k++) {
		if (list[k].source != ROUTE_LEARNED ||
		    !(r = frr_route_find(told, n_told, list[k].to)))
			continue;
		list[k].kind = kind_of(r);
		list[k].distance = r->distance;
		list[k].metric = r->metric - (r->code == 'R' && r->metric);
	}
}

const struct host_route *
linux_net_routes(struct linux_host *h, struct arena *a, size_t *ret_n)
{
	struct rtnl_links links = rtnl_links(h);
	struct rtnl_routes routes = rtnl_routes(h);
	struct host_route *list = arena_alloc(a, (routes.n + 1) * sizeof(*list));
	size_t n = 0;

	for (size_t i = 0; i < routes.n; i++) {
		const struct rtnl_route *r = &routes.at[i];
		const struct rtnl_link *l = rtnl_link_by_index(&links, r->r.index);
		const char *name = l ? linux_name_of(h, l->device) : NULL;

		if (r->type != RTN_UNICAST)
			continue;
		list[n] = (struct host_route){
		    .to = r->r.to,
		    .via = r->r.via,
		    .interface = arena_strdup(a, name ? name
		                                 : l  ? l->device
		                                      : ""),
		};
		tell_source(&list[n++], r);
	}
	free(links.at);
	free(routes.at);
	tell_more(h, a, list, n);
	*ret_n = n;
	return list;
}
