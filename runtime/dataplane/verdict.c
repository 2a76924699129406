/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What may become of a packet: see verdict.h. Written from the words of the invariant and nothing
 * else; it shares no code with the dataplanes, so that a mistake is not made twice.
 */
#include "runtime/dataplane/verdict.h"

#include <string.h>

#define UDP  17
#define GDOI 848 /* RFC 6407 2.1 */

static bool
same_net(uint32_t a, uint32_t b, uint32_t mask)
{
	return (a & mask) == (b & mask);
}

/*
 * A port that the packet does not show: the packet may be what a permit protects, and is not
 * known to be what a deny excepts.
 */
static bool
port_fits(const struct selector *s, uint16_t wanted, const struct flow *f, uint16_t port)
{
	if (wanted == 0)
		return true;
	if (f->fragment)
		return s->permit;
	return wanted == port;
}

static bool
selector_fits(const struct selector *s, const struct flow *f)
{
	if (s->proto != 0 && s->proto != f->proto)
		return false;
	return same_net(s->src, f->src, s->src_mask) && same_net(s->dst, f->dst, s->dst_mask) &&
	       port_fits(s, s->sport, f, f->sport) && port_fits(s, s->dport, f, f->dport);
}

static struct flow
flow_mirrored(const struct flow *f)
{
	struct flow m = *f;

	m.src = f->dst;
	m.dst = f->src;
	m.sport = f->dport;
	m.dport = f->sport;
	return m;
}

/* The first entry that fits; NULL: none. binding: which of the group's the interface is. */
static const struct dp_entry *
first_match(const struct dp_group *g, size_t binding, const struct flow *f, bool in)
{
	const struct flow turned = flow_mirrored(f);

	for (size_t i = 0; i < g->n_entries; i++) {
		const struct dp_entry *e = &g->entries[i];

		if (e->local && e->binding != binding)
			continue;
		if (selector_fits(&e->selector, e->local && in ? &turned : f))
			return e;
	}
	return NULL;
}

/* The group's place at the interface; n_bindings: it is not there, or has no policy yet. */
static size_t
binding_of(const struct dp_group *g, const char *interface)
{
	size_t i = 0;

	if (g->n_entries == 0)
		return g->n_bindings;
	while (i < g->n_bindings && strcmp(g->bindings[i].interface, interface) != 0)
		i++;
	return i;
}

/* The next group of the interface in the crypto map's order, after (seq, place); NULL: no more. */
static const struct dp_group *
next_group(const struct dp_site *site, const struct dp_group *last, size_t *binding)
{
	uint32_t after = last ? last->bindings[*binding].seq : 0;
	const struct dp_group *best = NULL;
	size_t best_binding = 0;

	for (size_t i = 0; i < site->n_groups; i++) {
		const struct dp_group *g = &site->groups[i];
		size_t b = binding_of(g, site->interface);

		if (b == g->n_bindings || (last && g->bindings[b].seq <= after))
			continue;
		if (!best || g->bindings[b].seq < best->bindings[best_binding].seq) {
			best = g;
			best_binding = b;
		}
	}
	*binding = best_binding;
	return best;
}

/* GDOI by the port of this node's end, which may be another for rekeys that come in. */
static bool
own_gdoi(const struct dp_site *site, const struct flow *f, bool in)
{
	uint16_t port = in ? f->dport : f->sport;

	if (f->proto != UDP || f->fragment)
		return false;
	for (size_t i = 0; in && port && i < site->n_groups; i++)
		if (site->groups[i].rekey_port == port &&
		    binding_of(&site->groups[i], site->interface) < site->groups[i].n_bindings)
			return true;
	return port == GDOI;
}

/* What the door of fail-close mode makes of a packet in clear. */
static enum dp_fate
at_door(const struct dp_door *door, const struct flow *f, bool in)
{
	const struct flow asked = in ? flow_mirrored(f) : *f;

	if (!door || door->open)
		return DP_CLEAR;
	for (size_t i = 0; i < door->n_entries; i++)
		if (selector_fits(&door->entries[i], &asked))
			return door->entries[i].permit ? DP_DROP : DP_CLEAR;
	return DP_DROP;
}

struct dp_verdict
dp_verdict(const struct dp_site *site, const struct flow *f, bool in, bool own)
{
	const struct dp_group *g = NULL;
	size_t binding = 0;

	if (own && own_gdoi(site, f, in))
		return (struct dp_verdict){.fate = DP_CLEAR};
	while ((g = next_group(site, g, &binding))) {
		const struct dp_entry *e = first_match(g, binding, f, in);

		if (!e || !e->selector.permit)
			continue; /* excepted by this group; the next one may protect it */
		if (in ? g->direction != SA_BOTH : g->direction == SA_INBOUND_ONLY)
			continue; /* by this group it may go in clear; the next may protect it */
		return (struct dp_verdict){in ? DP_ESP_ONLY : DP_ENCRYPT, g, e->sa};
	}
	return (struct dp_verdict){.fate = at_door(site->door, f, in)};
}

bool
dp_verdict_opened(const struct dp_group *g, uint32_t sa, const struct flow *f)
{
	for (size_t i = 0; i < g->n_entries; i++)
		if (g->entries[i].selector.permit && g->entries[i].sa == sa &&
		    selector_fits(&g->entries[i].selector, f))
			return true;
	return false;
}
