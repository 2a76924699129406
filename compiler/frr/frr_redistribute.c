/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `redistribute`: what comes from a protocol of IOS is its routes and the networks of the
 * interfaces at which it runs. FRR counts the latter as connected: so all that a process takes of
 * connected networks is one line of FRR's, with a route map that tells them apart.
 */
#include "compiler/frr/frr_priv.h"

#include <stdlib.h>
#include <string.h>

#define METRIC_OSPF        20
#define METRIC_OSPF_OF_BGP 1

static const char *const source_words[ROUTING_SOURCES] = {"connected", "static", "rip",
                                                          "eigrp",     "ospf",   "bgp"};

/* --- metrics ---------------------------------------------------------------------------------- */

/* What the target gives a route of the line that has no metric of its own; 0: it has one. */
static uint32_t
metric_of(const struct frr_target *t, const struct policy_redistribute *line)
{
	if (line->has_metric)
		return line->metric;
	if (t->default_metric)
		return t->default_metric;
	if (t->source == ROUTING_OSPF)
		return line->from == ROUTING_BGP ? METRIC_OSPF_OF_BGP : METRIC_OSPF;
	if (t->source == ROUTING_RIP)
		return 1;
	return 0;
}

/* RIP knows no distance to what comes from other protocols, unless it is told. */
static bool
is_idle(const struct frr_target *t, const struct policy_redistribute *line)
{
	bool local = line->from == ROUTING_CONNECTED || line->from == ROUTING_STATIC;

	if (line->map_name && !line->map)
		return true;
	return t->source == ROUTING_RIP && !local && !line->has_metric && !t->default_metric &&
	       !line->map;
}

/* --- parts ------------------------------------------------------------------------------------ */

static void
add_filters(struct frr_out *out, const struct frr_target *t, enum routing_source from,
            struct frr_part *part)
{
	for (size_t k = 0; k < t->n_filters; k++) {
		const struct policy_route_filter *f = &t->filters[k];

		if (f->out && (f->by_source ? f->from == from : t->source == ROUTING_OSPF))
			frr_filter_add(out, part, f);
	}
}

static void
make_part(struct frr_out *out, const struct frr_target *t, const struct policy_redistribute *line,
          enum routing_source from, struct frr_part *part)
{
	*part = (struct frr_part){.tag = line->tag};
	if (t->source == ROUTING_OSPF && !line->subnets)
		frr_condition_add(out, part,
		                  (struct frr_condition){.prefix_list = frr_classful(out)});
	if (t->refuses_default)
		frr_condition_add(out, part,
		                  (struct frr_condition){.prefix_list = frr_not_default(out)});
	add_filters(out, t, from, part);
	if (line->map)
		part->map = frr_route_map(out, line->map);
}

static bool
runs_at(const struct frr_out *out, const struct policy_redistribute *line,
        const struct policy_interface *i)
{
	const struct policy *p = out->policy;
	uint32_t area;

	if (i->vrf || !i->has_address || i->unnumbered)
		return false;
	if (line->from == ROUTING_RIP)
		return frr_rip_runs_at(p, i);
	if (line->from == ROUTING_OSPF) {
		const struct policy_ospf *o = policy_ospf_at(p, i, &area);

		return o && (!line->process || o->process == line->process);
	}
	for (size_t k = 0; line->from == ROUTING_EIGRP && k < p->routing.n_eigrp; k++)
		if ((!line->process || p->routing.eigrp[k].as == line->process) &&
		    frr_eigrp_runs_at(&p->routing.eigrp[k], i))
			return true;
	return false;
}

/* The networks of interfaces at which a protocol runs, as a prefix list; NULL: there are none. */
static const char *
networks_of(struct frr_out *out, const struct policy_redistribute *line)
{
	const struct policy *p = out->policy;
	const char *name =
	    arena_printf(out->arena, "testudo:%s-%u", source_words[line->from], line->process);
	struct text list = TEXT_INIT;
	unsigned n = 0;

	for (size_t k = 0; k < p->n_interfaces; k++) {
		const struct policy_interface *i = &p->interfaces[k];

		if (runs_at(out, line, i))
			text_printf(&list, "ip prefix-list %s seq %u permit %s\n", name, ++n,
			            frr_prefix_text(out, (struct prefix){i->addr, i->len}));
	}
	text_add(&out->lists, text_string(&list), list.n);
	text_fini(&list);
	return n ? name : NULL;
}

/* --- lines ------------------------------------------------------------------------------------ */

static const char *
map_name(struct frr_out *out, const struct frr_target *t, const char *from)
{
	return arena_printf(out->arena, "%s-%u-from-%s", source_words[t->source], t->number, from);
}

static void
put_metric(struct frr_out *out, const struct frr_target *t, const struct policy_redistribute *line)
{
	uint32_t metric = metric_of(t, line);

	if (t->source == ROUTING_EIGRP) {
		const uint32_t *m = line->metrics;

		if (line->has_metric)
			text_printf(&out->body, " metric %u %u %u %u %u", m[0], m[1], m[2], m[3],
			            m[4]);
	} else if (metric || line->has_metric) {
		text_printf(&out->body, " metric %u", metric);
	}
	if (t->source == ROUTING_OSPF)
		text_printf(&out->body, " metric-type %u", line->metric_type == 1 ? 1 : 2);
}

static void
put_line(struct frr_out *out, const struct frr_target *t, const struct policy_redistribute *line)
{
	const char *word = source_words[line->from], *map;
	struct frr_part part;

	make_part(out, t, line, line->from, &part);
	map = frr_parts_map(out, map_name(out, t, word), &part, 1);
	if (map && t->source == ROUTING_EIGRP) {
		frr_say_lack(out, t->place, t->number, NULL,
		             "a route map, or a filter, of what EIGRP redistributes from %s: "
		             "nothing is told of it",
		             word);
		return;
	}
	text_printf(&out->body, " redistribute %s", word);
	put_metric(out, t, line);
	if (map)
		text_printf(&out->body, " route-map %s", map);
	text_puts(&out->body, "\n");
}

/* All of what is connected, and of other protocols' networks what is. */
static void
put_connected(struct frr_out *out, const struct frr_target *t)
{
	struct frr_part *parts = arena_alloc(out->arena, (t->n_lines + 1) * sizeof(*parts));
	const struct policy_redistribute *first = NULL;
	const char *map;
	size_t n = 0;

	for (size_t k = 0; k < t->n_lines; k++) {
		const struct policy_redistribute *line = &t->lines[k];
		struct frr_part *part = &parts[n];
		const char *networks = NULL;

		if (is_idle(t, line) || line->from == ROUTING_STATIC || line->from == ROUTING_BGP)
			continue;
		if (t->source == ROUTING_EIGRP && line->from != ROUTING_CONNECTED)
			continue; /* without a route map all would be taken */
		if (line->from != ROUTING_CONNECTED && !(networks = networks_of(out, line)))
			continue;
		make_part(out, t, line, ROUTING_CONNECTED, part);
		if (networks)
			frr_condition_add(out, part,
			                  (struct frr_condition){.prefix_list = networks});
		first = first ? first : line;
		part->sets_type = t->source == ROUTING_OSPF;
		part->type = line->metric_type == 1 ? 1 : 2;
		part->metric = metric_of(t, line);
		part->sets_metric = t->source != ROUTING_EIGRP && part->metric;
		n++;
	}
	if (!n)
		return;
	if (n == 1 && first->from == ROUTING_CONNECTED) {
		put_line(out, t, first);
		return;
	}
	map = frr_parts_map(out, map_name(out, t, "connected"), parts, n);
	text_printf(&out->body, " redistribute connected route-map %s\n", map);
}

/* --- lacks ------------------------------------------------------------------------------------ */

static bool
has_internal_neighbor(const struct policy *p)
{
	const struct policy_bgp *b = &p->routing.bgp;

	for (size_t k = 0; b->n_vrfs && k < b->vrfs[0].n_neighbors; k++)
		if (b->vrfs[0].neighbors[k].remote_as == b->as)
			return true;
	return false;
}

/* What FRR would take more than IOS does. False: it does not take it at all. */
static bool
say_lacks(struct frr_out *out, const struct frr_target *t, const struct policy_redistribute *line)
{
	const struct policy_ospf *ospf = frr_ospf_process(out->policy);
	bool some = line->internal || line->external1 || line->external2;
	bool all = line->internal && line->external1 && line->external2;

	if (t->source == line->from) {
		frr_say_lack(out, t->place, t->number, NULL,
		             "redistribution between two processes of %s",
		             source_words[line->from]);
		return false;
	}
	if (line->from == ROUTING_OSPF && line->process && ospf && line->process != ospf->process)
		return false;
	if (line->from == ROUTING_OSPF && (some ? !all : t->source == ROUTING_BGP))
		frr_say_lack(out, t->place, t->number, NULL,
		             "telling internal routes of OSPF from external ones: all are taken");
	if (line->from == ROUTING_BGP && !line->internal && has_internal_neighbor(out->policy))
		frr_say_lack(out, t->place, t->number, NULL,
		             "leaving out routes of internal BGP: all are taken");
	return true;
}

void
frr_redistribute(struct frr_out *out, const struct frr_target *t)
{
	for (size_t k = 0; k < t->n_lines; k++) {
		const struct policy_redistribute *line = &t->lines[k];

		if (line->from != ROUTING_CONNECTED && !is_idle(t, line) && say_lacks(out, t, line))
			put_line(out, t, line);
	}
	put_connected(out, t);
}
