/* SPDX-License-Identifier: Apache-2.0 */
/*
 * EIGRP's metric (RFC 7868 5.6.1), as IOS reckons and shows it in classic mode: 32 bits, 256 for
 * each step. What is redistributed, and what a stub tells.
 */
#include "compiler/routing/vector_priv.h"

#define SCALE     256
#define BANDWIDTH 10000000 /* kbit/s: one step */
#define HOPS_MAX  100
#define UNSAID    255 /* reliability */

static uint32_t
min_of(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

uint32_t
eigrp_reckon(const struct policy_eigrp *conf, const struct vector_metric *m)
{
	const uint8_t *k = conf->k;
	uint64_t throughput, metric;

	if (!m->bandwidth || m->hops > HOPS_MAX)
		return VECTOR_INFINITY;
	throughput = BANDWIDTH / m->bandwidth;
	throughput = (throughput ? throughput : 1) * SCALE;
	metric = k[0] * throughput + k[1] * throughput / (256u - m->load) +
	         k[2] * ((uint64_t)m->delay * SCALE);
	if (k[4] && !m->reliability && !k[3])
		return VECTOR_INFINITY; /* nothing arrives on such a way */
	if (k[4])
		metric = metric * k[4] / (m->reliability + (uint64_t)k[3]);
	return metric >= VECTOR_INFINITY ? VECTOR_INFINITY : (uint32_t)metric;
}

void
eigrp_extend(struct vector_metric *m, const struct vector_if *in)
{
	uint64_t delay = (uint64_t)m->delay + in->delay;

	m->bandwidth = min_of(m->bandwidth, in->bandwidth);
	m->delay = delay > UINT32_MAX ? UINT32_MAX : (uint32_t)delay;
	m->hops++;
}

/* --- redistribution --------------------------------------------------------------------------- */

static struct vector_metric
metric_from(const uint32_t from[ROUTING_EIGRP_METRICS])
{
	return (struct vector_metric){.bandwidth = from[0],
	                              .delay = from[1],
	                              .reliability = (uint8_t)min_of(from[2], UNSAID),
	                              .load = (uint8_t)min_of(from[3], 255),
	                              .mtu = from[4]};
}

/* The interface that leads to what is connected or static. */
static const struct rt_iface *
way_out(const struct vector_proc *p, const struct rt_route *route)
{
	if (route->connected)
		return route->connected;
	if (route->source != ROUTING_STATIC || !route->n_hops)
		return NULL;
	if (route->hops[0].interface)
		return rt_iface_find(p->node, route->hops[0].interface);
	for (const struct rt_iface *i = p->node->ifaces; i; i = i->next)
		if (i->vrf == p->vrf && i->up && i->addr &&
		    prefix_contains((struct prefix){i->addr & prefix_mask(i->len), i->len},
		                    route->hops[0].via))
			return i;
	return NULL;
}

/* Another process of EIGRP has a metric of its kind; a line of the router's own is as it is. */
bool
eigrp_seed(const struct vector_proc *p, const struct policy_redistribute *line,
           const struct rt_route *route, const struct policy_route_map_entry *entry,
           struct vector_metric *ret)
{
	const struct rt_iface *out;

	if (entry && entry->sets_metrics) {
		*ret = metric_from(entry->metrics);
	} else if (line->has_metric) {
		*ret = metric_from(line->metrics);
	} else if (route->vector) {
		*ret = *route->vector;
		ret->hops = 0;
	} else if (p->eigrp->has_default_metric) {
		*ret = metric_from(p->eigrp->default_metric);
	} else {
		bool has_one = line->from == ROUTING_CONNECTED || line->from == ROUTING_STATIC ||
		               line->from == ROUTING_EIGRP;

		out = has_one ? way_out(p, route) : NULL;
		if (!out)
			return false;
		*ret = (struct vector_metric){.bandwidth = rt_bandwidth(out),
		                              .delay = rt_delay(out),
		                              .reliability = UNSAID,
		                              .load = 1,
		                              .mtu = 1500};
	}
	return true;
}

/* --- what is kept back ------------------------------------------------------------------------ */

/* `eigrp stub` alone is `connected summary`. */
bool
eigrp_stub_tells(const struct policy_eigrp *conf, const struct vector_route *r)
{
	bool plain = !conf->stub_connected && !conf->stub_static && !conf->stub_summary &&
	             !conf->stub_redistributed;

	if (!conf->stub)
		return true;
	if (conf->stub_receive_only)
		return false;
	switch (r->from) {
	case VECTOR_CONNECTED:
	case VECTOR_INJECTED_CONNECTED:
		return conf->stub_connected || plain;
	case VECTOR_SUMMARY:
		return conf->stub_summary || plain;
	case VECTOR_INJECTED_STATIC:
		return conf->stub_static;
	case VECTOR_INJECTED:
		return conf->stub_redistributed;
	case VECTOR_LEARNED:
		break;
	}
	return false;
}

/* What a summary of the interface stands for; a summary that is configured beside is told, too. */
bool
eigrp_keeps_back(const struct vector_edge *e, struct prefix to)
{
	bool within = false;

	for (size_t k = 0; k < e->x->n_summaries; k++) {
		struct prefix s = e->x->summaries[k];

		if (s.len == to.len && s.addr == to.addr)
			return false;
		within = within || (s.len < to.len && prefix_contains(s, to.addr));
	}
	return within;
}
