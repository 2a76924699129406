/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Route maps: the configuration's, and generated ones.
 *
 * An entry of IOS matches any of several lists; one of FRR has one match of a kind. So an entry
 * becomes one for each combination, and the map's entries are numbered anew.
 */
#include "compiler/frr/frr_priv.h"

#include <string.h>

#define ENTRIES_MAX      1000 /* of one map: what multiplies further is denied */
#define ENTRY_NUMBER_MAX 65535

/* --- matches ---------------------------------------------------------------------------------- */

/* What an entry matches of one kind: lines, any of which will do; none: it holds. */
struct choices {
	size_t n;
	const char **lines;
};

enum { BY_ADDRESS, BY_TAG, BY_COMMUNITY, BY_INTERFACE, KINDS };

static void
choice_add(struct choices *c, const char *line)
{
	c->lines[c->n++] = line;
}

/* A list that does not exist, or is empty, lets everything pass: then so does the match. */
static void
address_choices(struct frr_out *out, const struct policy_route_map_entry *e, struct choices *c)
{
	struct arena *a = out->arena;

	c->lines = arena_alloc(a, (e->n_prefix_lists + e->n_acls + 1) * sizeof(*c->lines));
	for (size_t k = 0; k < e->n_prefix_lists; k++) {
		const struct policy_prefix_list *l = e->prefix_lists[k];

		if (!l || !l->n_entries) {
			c->n = 0;
			return;
		}
		choice_add(
		    c, arena_printf(a, "match ip address prefix-list %s", frr_prefix_list(out, l)));
	}
	for (size_t k = 0; k < e->n_acls; k++) {
		if (!e->acls[k] || !e->acls[k]->n_aces) {
			c->n = 0;
			return;
		}
		choice_add(c, arena_printf(a, "match ip address %s", frr_acl(out, e->acls[k])));
	}
}

static void
other_choices(struct frr_out *out, const struct policy_route_map_entry *e, struct choices *all)
{
	const char *device = e->interface ? frr_device(out, e->interface) : NULL;
	struct arena *a = out->arena;

	all[BY_TAG].lines = arena_alloc(a, (e->n_tags + 1) * sizeof(char *));
	for (size_t k = 0; k < e->n_tags; k++)
		choice_add(&all[BY_TAG], arena_printf(a, "match tag %u", e->tags[k]));
	all[BY_COMMUNITY].lines = arena_alloc(a, (e->n_community_lists + 1) * sizeof(char *));
	for (size_t k = 0; k < e->n_community_lists; k++)
		choice_add(&all[BY_COMMUNITY],
		           arena_printf(a, "match community %s%s",
		                        frr_community_list(out, e->community_lists[k]),
		                        e->exact_communities ? " exact-match" : ""));
	all[BY_INTERFACE].lines = arena_alloc(a, sizeof(char *));
	if (e->interface)
		choice_add(&all[BY_INTERFACE],
		           arena_printf(a, "match interface %s", device ? device : "testudo:none"));
}

/* --- sets ------------------------------------------------------------------------------------- */

static void
put_metric(struct frr_out *out, const struct policy_route_map_entry *e, struct text *to)
{
	if (e->sets_metrics)
		text_printf(to, " set metric %u\n", e->metrics[0]);
	else if (e->sets_metric)
		text_printf(to, " set metric %u\n", e->metric);
	(void)out;
}

static void
put_bgp_sets(struct frr_out *out, const struct policy_route_map_entry *e, struct text *to)
{
	char a[ADDR_TEXT_MAX];

	if (e->sets_local_preference)
		text_printf(to, " set local-preference %u\n", e->local_preference);
	if (e->sets_weight)
		text_printf(to, " set weight %u\n", e->weight);
	if (e->next_hop)
		text_printf(to, " set ip next-hop %s\n", addr_text(e->next_hop, a));
	if (e->n_prepend) {
		text_puts(to, " set as-path prepend");
		for (size_t k = 0; k < e->n_prepend; k++)
			text_printf(to, " %u", e->prepend[k]);
		text_puts(to, "\n");
	}
	if (e->n_set_communities)
		text_printf(to, " set community%s%s\n",
		            frr_communities(out, e->set_communities, e->n_set_communities),
		            e->communities_added ? " additive" : "");
	else if (e->sets_communities && !e->communities_added)
		text_puts(to, " set community none\n");
}

static void
put_sets(struct frr_out *out, const struct policy_route_map_entry *e, struct text *to)
{
	put_metric(out, e, to);
	if (e->sets_tag)
		text_printf(to, " set tag %u\n", e->tag);
	if (e->sets_metric_type)
		text_printf(to, " set metric-type type-%u\n", e->metric_type);
	put_bgp_sets(out, e, to);
}

/* --- the configuration's ---------------------------------------------------------------------- */

/* One entry of FRR's for each combination of what matches. */
static void
put_entry(struct frr_out *out, const char *name, const struct policy_route_map_entry *e,
          struct text *to, size_t *number)
{
	struct choices all[KINDS] = {{.n = 0}};
	size_t combinations = 1;

	address_choices(out, e, &all[BY_ADDRESS]);
	other_choices(out, e, all);
	for (int k = 0; k < KINDS; k++)
		combinations *= all[k].n ? all[k].n : 1;
	for (size_t c = 0; c < combinations && *number < ENTRIES_MAX; c++) {
		size_t rest = c;

		text_printf(to, "route-map %s %s %zu\n", name, e->permit ? "permit" : "deny",
		            ++*number);
		for (int k = 0; k < KINDS; k++) {
			if (!all[k].n)
				continue;
			text_printf(to, " %s\n", all[k].lines[rest % all[k].n]);
			rest /= all[k].n;
		}
		if (e->permit)
			put_sets(out, e, to);
		text_puts(to, "exit\n");
	}
}

const char *
frr_route_map(struct frr_out *out, const struct policy_route_map *map)
{
	const char *name = frr_name(out, map->name);
	struct text entries = TEXT_INIT;
	size_t number = 0;

	if (!frr_first_use(out, map))
		return name;
	for (size_t k = 0; k < map->n_entries; k++) {
		put_entry(out, name, &map->entries[k], &entries, &number);
		if (map->entries[k].sets_metrics)
			frr_say_lack(out, FRR_AT_ROUTE_MAP, 0, map->name,
			             "the metric of EIGRP in a route map");
	}
	if (number == ENTRIES_MAX)
		frr_say_lack(out, FRR_AT_ROUTE_MAP, 0, map->name,
		             "a route map of so many combinations: after %d no route passes",
		             ENTRIES_MAX);
	if (!map->n_entries)
		text_printf(&entries, "route-map %s deny 10\nexit\n", name);
	text_add(&out->lists, text_string(&entries), entries.n);
	text_fini(&entries);
	return name;
}

/* --- generated -------------------------------------------------------------------------------- */

void
frr_condition_add(struct frr_out *out, struct frr_part *part, struct frr_condition c)
{
	if (part->n == part->capacity) {
		struct frr_condition *more;

		part->capacity = part->capacity ? 2 * part->capacity : 4;
		more = arena_alloc(out->arena, part->capacity * sizeof(*more));
		if (part->n)
			memcpy(more, part->conditions, part->n * sizeof(*more));
		part->conditions = more;
	}
	part->conditions[part->n++] = c;
}

void
frr_filter_add(struct frr_out *out, struct frr_part *part, const struct policy_route_filter *f)
{
	const char *device = f->interface ? frr_device(out, f->interface) : NULL;

	if (f->interface && !device)
		return;
	if (f->acl && f->acl->n_aces)
		frr_condition_add(
		    out, part,
		    (struct frr_condition){.acl = frr_acl(out, f->acl), .device = device});
	if (f->prefix_list && f->prefix_list->n_entries)
		frr_condition_add(
		    out, part,
		    (struct frr_condition){.prefix_list = frr_prefix_list(out, f->prefix_list),
		                           .device = device});
	if (f->map)
		frr_condition_add(
		    out, part,
		    (struct frr_condition){.call = frr_route_map(out, f->map), .device = device});
}

/* How many entries a condition takes: what fails goes on to the next part. */
static size_t
entries_of(const struct frr_part *part)
{
	return 2 * part->n + 1;
}

static void
put_condition(struct text *to, const char *map, const struct frr_condition *c, unsigned number,
              unsigned next)
{
	text_printf(to, "route-map %s permit %u\n", map, number);
	if (c->device)
		text_printf(to, " match interface %s\n", c->device);
	if (c->acl)
		text_printf(to, " match ip address %s\n", c->acl);
	if (c->prefix_list)
		text_printf(to, " match ip address prefix-list %s\n", c->prefix_list);
	if (c->call)
		text_printf(to, " call %s\n", c->call);
	text_printf(to, " on-match goto %u\nexit\n", number + 2);
	text_printf(to, "route-map %s permit %u\n", map, number + 1);
	if (c->device)
		text_printf(to, " match interface %s\n", c->device);
	text_printf(to, " on-match goto %u\nexit\n", next);
}

static void
put_part(struct text *to, const char *map, const struct frr_part *part, unsigned first)
{
	unsigned number = first, next = first + (unsigned)entries_of(part);

	for (size_t k = 0; k < part->n; k++, number += 2)
		put_condition(to, map, &part->conditions[k], number, next);
	text_printf(to, "route-map %s permit %u\n", map, number);
	if (part->sets_metric)
		text_printf(to, " set metric %u\n", part->metric);
	if (part->sets_type)
		text_printf(to, " set metric-type type-%u\n", part->type);
	if (part->tag)
		text_printf(to, " set tag %u\n", part->tag);
	if (part->map)
		text_printf(to, " call %s\n", part->map);
	text_puts(to, "exit\n");
}

static bool
fits_numbers(const struct frr_part *parts, size_t n)
{
	size_t all = 1;

	for (size_t k = 0; k < n; k++)
		all += entries_of(&parts[k]);
	return all <= ENTRY_NUMBER_MAX;
}

const char *
frr_parts_map(struct frr_out *out, const char *what, const struct frr_part *parts, size_t n)
{
	const struct frr_part *one = n == 1 ? parts : NULL;
	struct text entries = TEXT_INIT;
	unsigned number = 1;
	char *name;

	if (one && !one->n && !one->sets_metric && !one->sets_type && !one->tag)
		return one->map;
	name = arena_printf(out->arena, "testudo:%s", what);
	if (!fits_numbers(parts, n)) {
		frr_say_lack(out, FRR_AT_ROUTE_MAP, 0, NULL,
		             "so many filters in one place: no route passes");
		n = 0;
	}
	for (size_t k = 0; k < n; k++) {
		put_part(&entries, name, &parts[k], number);
		number += (unsigned)entries_of(&parts[k]);
	}
	text_printf(&entries, "route-map %s deny %u\nexit\n", name, number);
	text_add(&out->lists, text_string(&entries), entries.n);
	text_fini(&entries);
	return name;
}

void
frr_table_filters(struct frr_out *out, const char *protocol,
                  const struct policy_route_filter *filters, size_t n)
{
	struct frr_part part = {.n = 0};
	const char *map;

	for (size_t k = 0; k < n; k++)
		if (!filters[k].out)
			frr_filter_add(out, &part, &filters[k]);
	map = frr_parts_map(out, arena_printf(out->arena, "%s-in", protocol), &part, 1);
	if (map)
		text_printf(&out->body, "ip protocol %s route-map %s\n", protocol, map);
}
