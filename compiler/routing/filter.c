/* SPDX-License-Identifier: Apache-2.0 */
/* Prefix lists, access lists and route maps, applied to routes. */
#include "compiler/routing/routing_priv.h"

#include <string.h>

static bool
entry_matches(const struct policy_prefix_entry *e, struct prefix to)
{
	uint8_t low = e->ge ? e->ge : e->prefix.len;
	uint8_t high = e->le ? e->le : e->ge ? 32 : e->prefix.len;

	return to.len >= low && to.len <= high && prefix_contains(e->prefix, to.addr);
}

bool
rt_prefix_list_permits(const struct policy_prefix_list *l, struct prefix to)
{
	if (!l || !l->n_entries)
		return true; /* a list that does not exist lets everything pass, as IOS has it */
	for (size_t i = 0; i < l->n_entries; i++)
		if (entry_matches(&l->entries[i], to))
			return l->entries[i].permit;
	return false;
}

/* A standard list looks at the network; an extended one at its mask as well, as destination. */
bool
rt_acl_permits(const struct policy_acl *acl, struct prefix to)
{
	const struct flow f = {.src = to.addr, .dst = prefix_mask(to.len)};

	return !acl || !acl->n_aces || policy_acl_permits(acl, &f);
}

/* --- route maps ------------------------------------------------------------------------------- */

static bool
tag_matches(const struct policy_route_map_entry *e, uint32_t tag)
{
	for (size_t i = 0; i < e->n_tags; i++)
		if (e->tags[i] == tag)
			return true;
	return !e->n_tags;
}

static bool
address_matches(const struct policy_route_map_entry *e, struct prefix to)
{
	for (size_t i = 0; i < e->n_prefix_lists; i++)
		if (rt_prefix_list_permits(e->prefix_lists[i], to))
			return true;
	for (size_t i = 0; i < e->n_acls; i++)
		if (rt_acl_permits(e->acls[i], to))
			return true;
	return !e->n_prefix_lists && !e->n_acls;
}

/* Is none of the entry's communities missing; with exact, and is there no other? */
static bool
has_communities(const struct policy_community_entry *e, const struct rt_attributes *a, bool exact)
{
	for (size_t i = 0; i < e->n; i++) {
		size_t k = 0;

		while (k < a->n_communities && a->communities[k] != e->communities[i])
			k++;
		if (k == a->n_communities)
			return false;
	}
	return !exact || e->n == a->n_communities;
}

static bool
community_list_permits(const struct policy_community_list *list, const struct rt_attributes *a,
                       bool exact)
{
	for (size_t i = 0; i < list->n_entries; i++)
		if (has_communities(&list->entries[i], a, exact))
			return list->entries[i].permit;
	return false;
}

static bool
communities_match(const struct policy_route_map_entry *e, const struct rt_attributes *a)
{
	for (size_t i = 0; i < e->n_community_lists; i++)
		if (community_list_permits(e->community_lists[i], a, e->exact_communities))
			return true;
	return !e->n_community_lists;
}

static bool
map_entry_matches(const struct policy_route_map_entry *e, const struct rt_attributes *a)
{
	return tag_matches(e, a->tag) && address_matches(e, a->to) &&
	       (!e->interface || (a->interface && strcmp(e->interface, a->interface) == 0)) &&
	       communities_match(e, a);
}

static void
map_entry_set(const struct policy_route_map_entry *e, struct rt_attributes *a)
{
	if (e->sets_metric) {
		a->metric = e->metric;
		a->has_metric = true;
	}
	if (e->sets_tag)
		a->tag = e->tag;
	if (e->sets_metric_type)
		a->metric_type = e->metric_type;
	if (e->sets_local_preference)
		a->local_preference = e->local_preference;
	if (e->sets_weight)
		a->weight = e->weight;
	if (e->next_hop)
		a->next_hop = e->next_hop;
	a->entry = e;
}

bool
rt_map_apply(const struct policy_route_map *map, struct rt_attributes *a)
{
	if (!map)
		return true;
	for (size_t i = 0; i < map->n_entries; i++) {
		const struct policy_route_map_entry *e = &map->entries[i];

		if (!map_entry_matches(e, a))
			continue;
		if (e->permit)
			map_entry_set(e, a);
		return e->permit;
	}
	return false;
}

bool
rt_filters_permit(const struct policy_route_filter *filters, size_t n, bool out,
                  const char *interface, struct prefix to)
{
	for (size_t i = 0; i < n; i++) {
		const struct policy_route_filter *f = &filters[i];
		struct rt_attributes a = {.to = to, .interface = interface};

		if (f->out != out ||
		    (f->interface && (!interface || strcmp(f->interface, interface) != 0)))
			continue;
		if (!rt_acl_permits(f->acl, to) || !rt_prefix_list_permits(f->prefix_list, to) ||
		    !rt_map_apply(f->map, &a))
			return false;
	}
	return true;
}
