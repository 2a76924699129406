/* SPDX-License-Identifier: Apache-2.0 */
/* Prefix lists, community lists and route maps. */
#include "compiler/compile/compile_routing.h"

#include <stdlib.h>
#include <string.h>

/* --- prefix lists ----------------------------------------------------------------------------- */

static struct policy_prefix_entry
prefix_entry(const struct tnode *n)
{
	const char *slash = strchr(tnode_str(n, ARG_PREFIX), '/');

	return (struct policy_prefix_entry){
	    .seq = tnode_u32(n, ARG_SEQ),
	    .permit = tnode_says(n, ARG_ACTION, "permit"),
	    .prefix = {tnode_u32(n, ARG_PREFIX), (uint8_t)strtoul(slash + 1, NULL, 10)},
	    .ge = (uint8_t)tnode_u32(n, ARG_GE),
	    .le = (uint8_t)tnode_u32(n, ARG_LE),
	};
}

static void
read_prefix_lists(struct compiler *c, const struct tnode *top)
{
	struct policy_prefix_list *list = read_array(c, top, KEY_IP_PREFIX_LIST, sizeof(*list));
	const struct tnode *n, *entry;

	c->policy->routing.prefix_lists = list;
	for (EACH(n, top, KEY_IP_PREFIX_LIST)) {
		struct policy_prefix_entry *entries =
		    read_array(c, n, KEY_PREFIX_LIST_ENTRY, sizeof(*entries));

		list->name = read_routing_name(c, n, ARG_NAME);
		list->entries = entries;
		for (EACH(entry, n, KEY_PREFIX_LIST_ENTRY))
			entries[list->n_entries++] = prefix_entry(entry);
		list++;
		c->policy->routing.n_prefix_lists++;
	}
}

/* --- communities ------------------------------------------------------------------------------ */

/* "65000:1", "4259840001", "no-export"; false: it is none. */
static bool
community_read(const char *text, uint32_t *ret)
{
	static const struct {
		const char *word;
		uint32_t value;
	} known[] = {{"internet", 0},
	             {"no-export", 0xffffff01u},
	             {"no-advertise", 0xffffff02u},
	             {"local-as", 0xffffff03u}};
	unsigned long high, low = 0;
	char *end;

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (strcmp(known[i].word, text) == 0) {
			*ret = known[i].value;
			return true;
		}
	high = strtoul(text, &end, 10);
	if (end == text || (*end != ':' && *end) || high > (*end ? UINT16_MAX : UINT32_MAX))
		return false;
	*ret = (uint32_t)high;
	if (!*end)
		return true;
	text = end + 1;
	low = strtoul(text, &end, 10);
	*ret = (uint32_t)high << 16 | (uint32_t)low;
	return end != text && !*end && low <= UINT16_MAX;
}

/* What the words of a line stand for; `internet` and those in `but` are left out. */
static const uint32_t *
read_communities(struct compiler *c, const struct tnode *n, const char *const *but, size_t n_but,
                 size_t *ret_n)
{
	size_t words = tnode_count(n, ARG_COMMUNITY), count = 0, j;
	uint32_t *list = arena_alloc(c->arena, words * sizeof(*list)), value;

	for (size_t i = 0; i < words; i++) {
		struct word at = read_word_at(c, n, ARG_COMMUNITY, i);

		for (j = 0; j < n_but && strcmp(but[j], at.text) != 0;)
			j++;
		if (j < n_but)
			continue;
		if (!community_read(at.text, &value))
			complain(c, DIAG_WARNING, "routing-community", &at, NULL,
			         "%s is no community: it is left out", at.text);
		else if (value)
			list[count++] = value;
	}
	*ret_n = count;
	return list;
}

/* A line, and where it stands: itself among all lines, and the first line of its list. */
struct community_line {
	const struct tnode *n;
	const char *name; /* the tree's */
	size_t at, first;
};

static int
line_by_name(const void *a, const void *b)
{
	const struct community_line *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : (x->at > y->at) - (x->at < y->at);
}

static int
line_by_list(const void *a, const void *b)
{
	const struct community_line *x = a, *y = b;

	return x->first != y->first ? (x->first > y->first) - (x->first < y->first)
	                            : (x->at > y->at) - (x->at < y->at);
}

/*
 * All lines, those of one list together, the lists in the order of their first lines. They are
 * sorted, for a configuration may have as many lists as lines.
 */
static struct community_line *
sort_community_lines(struct compiler *c, const struct tnode *top, size_t *ret_n)
{
	struct community_line *lines = read_array(c, top, KEY_IP_COMMUNITY_LIST, sizeof(*lines));
	const struct tnode *n;
	size_t count = 0;

	for (EACH(n, top, KEY_IP_COMMUNITY_LIST)) {
		enum gram_arg arg = tnode_has(n, ARG_NAME) ? ARG_NAME : ARG_NUMBER;

		lines[count] = (struct community_line){n, tnode_str(n, arg), count, 0};
		count++;
	}
	qsort(lines, count, sizeof(*lines), line_by_name);
	for (size_t i = 0; i < count; i++)
		lines[i].first = i && strcmp(lines[i - 1].name, lines[i].name) == 0
		                     ? lines[i - 1].first
		                     : lines[i].at;
	qsort(lines, count, sizeof(*lines), line_by_list);
	*ret_n = count;
	return lines;
}

static void
read_community_lists(struct compiler *c, const struct tnode *top)
{
	struct policy_community_list *list =
	    read_array(c, top, KEY_IP_COMMUNITY_LIST, sizeof(*list));
	struct policy_community_entry *entries =
	    read_array(c, top, KEY_IP_COMMUNITY_LIST, sizeof(*entries));
	size_t n_lines, count = 0;
	const struct community_line *lines = sort_community_lines(c, top, &n_lines);

	for (size_t i = 0; i < n_lines; i++) {
		const struct tnode *n = lines[i].n;

		if (lines[i].at == lines[i].first)
			list[count++] = (struct policy_community_list){
			    .name = arena_strdup(c->arena, lines[i].name), .entries = &entries[i]};
		entries[i].permit = tnode_says(n, ARG_ACTION, "permit");
		entries[i].communities = read_communities(c, n, NULL, 0, &entries[i].n);
		list[count - 1].n_entries++;
	}
	c->policy->routing.community_lists = list;
	c->policy->routing.n_community_lists = count;
}

/* --- matches ---------------------------------------------------------------------------------- */

/* How many names the lines of a key give. */
static size_t
count_named(const struct tnode *map, enum gram_key key, enum gram_arg arg)
{
	const struct tnode *n;
	size_t count = 0;

	for (EACH(n, map, key))
		count += tnode_count(n, arg);
	return count;
}

/*
 * What the names of all lines of a key stand for. One that does not exist matches everything, and
 * so does the whole match: none is left.
 */
static size_t
find_all(struct compiler *c, const struct tnode *map, enum gram_key key, enum gram_arg arg,
         const void *(*find)(struct compiler *c, const struct word *name), const void **ret)
{
	const struct tnode *n;
	bool unknown = false;
	size_t count = 0;

	for (EACH(n, map, key))
		for (size_t i = 0; i < tnode_count(n, arg); i++) {
			struct word name = read_word_at(c, n, arg, i);

			ret[count] = find(c, &name);
			unknown |= !ret[count++];
		}
	return unknown ? 0 : count;
}

static const void *
find_acl(struct compiler *c, const struct word *name)
{
	return read_routing_acl_named(c, name);
}

static const void *
find_prefix_list(struct compiler *c, const struct word *name)
{
	return read_routing_prefix_list_named(c, name);
}

static const void *
find_community_list(struct compiler *c, const struct word *name)
{
	const struct policy_routing *r = &c->policy->routing;

	for (size_t i = 0; i < r->n_community_lists; i++)
		if (strcmp(r->community_lists[i].name, name->text) == 0)
			return &r->community_lists[i];
	complain(c, DIAG_WARNING, "routing-undefined", name, NULL,
	         "community list %s does not exist: every route matches", name->text);
	return NULL;
}

static void
read_matches(struct compiler *c, const struct tnode *n, struct policy_route_map_entry *e)
{
	const struct tnode *line;
	size_t most = count_named(n, KEY_ROUTE_MAP_MATCH_PREFIX_LIST, ARG_PREFIX_LIST) +
	              count_named(n, KEY_ROUTE_MAP_MATCH_ACL, ARG_ACL) +
	              count_named(n, KEY_ROUTE_MAP_MATCH_COMMUNITY, ARG_LIST);
	const void **list = arena_alloc(c->arena, most * sizeof(*list));
	uint32_t *tags =
	    arena_alloc(c->arena, count_named(n, KEY_ROUTE_MAP_MATCH_TAG, ARG_TAG) * sizeof(*tags));

	e->prefix_lists = (const void *)list;
	e->n_prefix_lists = find_all(c, n, KEY_ROUTE_MAP_MATCH_PREFIX_LIST, ARG_PREFIX_LIST,
	                             find_prefix_list, list);
	list += e->n_prefix_lists;
	e->acls = (const void *)list;
	e->n_acls = find_all(c, n, KEY_ROUTE_MAP_MATCH_ACL, ARG_ACL, find_acl, list);
	list += e->n_acls;
	e->community_lists = (const void *)list;
	e->n_community_lists =
	    find_all(c, n, KEY_ROUTE_MAP_MATCH_COMMUNITY, ARG_LIST, find_community_list, list);
	for (EACH(line, n, KEY_ROUTE_MAP_MATCH_COMMUNITY))
		e->exact_communities |= tnode_has(line, ARG_EXACT);
	for (EACH(line, n, KEY_ROUTE_MAP_MATCH_TAG))
		for (size_t i = 0; i < tnode_count(line, ARG_TAG); i++)
			tags[e->n_tags++] = tnode_u32_at(line, ARG_TAG, i);
	e->tags = tags;
	e->interface =
	    read_routing_name(c, tnode_first(n, KEY_ROUTE_MAP_MATCH_INTERFACE), ARG_INTERFACE);
}

/* --- settings --------------------------------------------------------------------------------- */

static void
read_community_settings(struct compiler *c, const struct tnode *map,
                        struct policy_route_map_entry *e)
{
	static const char *const words[] = {"additive", "none"};
	const struct tnode *n = tnode_first(map, KEY_ROUTE_MAP_SET_COMMUNITY);

	if (!n)
		return;
	e->sets_communities = true;
	e->set_communities =
	    read_communities(c, n, words, ARRAY_SIZE(words), &e->n_set_communities);
	for (size_t i = 0; i < tnode_count(n, ARG_COMMUNITY); i++)
		e->communities_added |= strcmp(tnode_str_at(n, ARG_COMMUNITY, i), "additive") == 0;
}

static void
read_metric_setting(const struct tnode *map, struct policy_route_map_entry *e)
{
	const struct tnode *n = tnode_first(map, KEY_ROUTE_MAP_SET_METRIC);

	if (!n || !tnode_has(n, ARG_METRIC))
		return;
	e->sets_metric = true;
	e->metric = tnode_u32(n, ARG_METRIC);
	if (!tnode_has(n, ARG_MTU))
		return;
	e->sets_metrics = true;
	e->metrics[0] = e->metric;
	read_routing_metrics(n, e->metrics);
}

static void
read_settings(struct compiler *c, const struct tnode *map, struct policy_route_map_entry *e)
{
	const struct tnode *type = tnode_first(map, KEY_ROUTE_MAP_SET_METRIC_TYPE);
	const struct tnode *as = tnode_first(map, KEY_ROUTE_MAP_SET_PREPEND);
	uint32_t *prepend;

	read_metric_setting(map, e);
	read_community_settings(c, map, e);
	e->sets_metric_type = tnode_says(type, ARG_METRIC_TYPE, "type-1") ||
	                      tnode_says(type, ARG_METRIC_TYPE, "type-2");
	e->metric_type = tnode_says(type, ARG_METRIC_TYPE, "type-1") ? 1 : 2;
	e->sets_tag = tnode_first(map, KEY_ROUTE_MAP_SET_TAG);
	e->tag = read_routing_number(map, KEY_ROUTE_MAP_SET_TAG, ARG_TAG, 0);
	e->sets_weight = tnode_first(map, KEY_ROUTE_MAP_SET_WEIGHT);
	e->weight = (uint16_t)read_routing_number(map, KEY_ROUTE_MAP_SET_WEIGHT, ARG_WEIGHT, 0);
	e->sets_local_preference = tnode_first(map, KEY_ROUTE_MAP_SET_LOCAL_PREFERENCE);
	e->local_preference =
	    read_routing_number(map, KEY_ROUTE_MAP_SET_LOCAL_PREFERENCE, ARG_PREFERENCE, 0);
	e->next_hop = read_routing_number(map, KEY_ROUTE_MAP_SET_NEXT_HOP, ARG_ADDRESS, 0);
	if (!as)
		return;
	prepend = arena_alloc(c->arena, tnode_count(as, ARG_AS) * sizeof(*prepend));
	while (e->n_prepend < tnode_count(as, ARG_AS)) {
		prepend[e->n_prepend] = tnode_u32_at(as, ARG_AS, e->n_prepend);
		e->n_prepend++;
	}
	e->prepend = prepend;
}

/* --- maps ------------------------------------------------------------------------------------- */

static struct policy_route_map_entry
map_entry(struct compiler *c, const struct tnode *n)
{
	struct policy_route_map_entry e = {.seq = tnode_u32(n, ARG_SEQ),
	                                   .permit = tnode_says(n, ARG_ACTION, "permit")};

	read_matches(c, n, &e);
	read_settings(c, n, &e);
	return e;
}

/* The tree keeps all entries by number; here they come together by name. */
static void
read_route_maps(struct compiler *c, const struct tnode *top)
{
	struct policy_route_map *list = read_array(c, top, KEY_ROUTE_MAP, sizeof(*list));
	struct policy_route_map_entry *entries =
	    read_array(c, top, KEY_ROUTE_MAP, sizeof(*entries));
	const struct tnode *n, *entry;
	size_t count = 0, i;

	for (EACH(n, top, KEY_ROUTE_MAP)) {
		for (i = 0; i < count && !tnode_says(n, ARG_NAME, list[i].name);)
			i++;
		if (i < count)
			continue;
		list[count] = (struct policy_route_map){.name = read_routing_name(c, n, ARG_NAME),
		                                        .entries = entries};
		for (EACH(entry, top, KEY_ROUTE_MAP))
			if (tnode_says(entry, ARG_NAME, list[count].name)) {
				*entries++ = map_entry(c, entry);
				list[count].n_entries++;
			}
		count++;
	}
	c->policy->routing.route_maps = list;
	c->policy->routing.n_route_maps = count;
}

void
compile_route_maps(struct compiler *c, const struct tnode *top)
{
	read_prefix_lists(c, top);
	read_community_lists(c, top);
	read_route_maps(c, top);
}
