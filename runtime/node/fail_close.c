/* SPDX-License-Identifier: Apache-2.0 */
/* Doors from crypto maps: see fail_close.h. */
#include "runtime/node/fail_close.h"

#include <stdlib.h>
#include <string.h>

static bool
map_keyed(const struct policy_crypto_map *map, const struct core *core)
{
	for (size_t i = 0; i < map->n_entries; i++)
		if (!core || !map->entries[i].group_name ||
		    !core_group_keyed(core, map->entries[i].group_name))
			return false;
	return map->n_entries > 0;
}

bool
fail_close_open(const struct policy *p, const char *map, const struct core *core)
{
	for (size_t i = 0; i < p->n_maps; i++)
		if (strcmp(p->maps[i].name, map) == 0)
			return map_keyed(&p->maps[i], core);
	return false;
}

/* By a loopback interface nothing leaves; its device is one with the kernel's own. */
static bool
can_shut(const char *interface)
{
	return !policy_names_loopback(interface);
}

/* --- what has protected an interface ---------------------------------------------------------- */

static void
guard_fini(struct guard *g)
{
	free(g->interface);
	free(g->map);
	free(g->group);
}

static void
guards_drop(struct fail_close *f, const struct policy *p)
{
	for (size_t i = 0; i < f->n;) {
		struct guard *g = &f->guards[i];
		const struct policy_interface *on = policy_interface_find(p, g->interface);

		if (on && !on->crypto_map_name) {
			guard_fini(g);
			memmove(g, g + 1, (--f->n - i) * sizeof(*g));
		} else {
			i++;
		}
	}
}

/* What an entry protects now, or should, is all that is remembered of it. */
static void
guard_put(struct fail_close *f, const struct policy_group *g,
          const struct policy_group_interface *on)
{
	struct guard *at = NULL;

	for (size_t i = 0; i < f->n && !at; i++)
		if (f->guards[i].seq == on->seq && !strcmp(f->guards[i].interface, on->name))
			at = &f->guards[i];
	if (at && !strcmp(at->group, g->name) && !strcmp(at->map, on->map))
		return;
	if (at) {
		guard_fini(at);
	} else {
		x_grow(&f->guards, &f->capacity, f->n + 1, sizeof(struct guard));
		at = &f->guards[f->n++];
	}
	*at = (struct guard){.interface = x_strdup(on->name),
	                     .map = x_strdup(on->map),
	                     .group = x_strdup(g->name),
	                     .seq = on->seq};
}

static void
guards_add(struct fail_close *f, const struct policy *p, const struct core *core)
{
	for (size_t i = 0; i < p->n_groups; i++) {
		const struct policy_group *g = &p->groups[i];

		for (size_t k = 0; k < g->n_interfaces; k++)
			if (can_shut(g->interfaces[k].name) &&
			    core_group_should_guard(core, g->name, g->interfaces[k].name))
				guard_put(f, g, &g->interfaces[k]);
	}
}

/* All entries of the map that the interface carries have a policy: a whole map replaced another. */
static bool
all_guard(const struct policy_interface *on, const struct core *core)
{
	const struct policy_crypto_map *map = on->crypto_map;

	for (size_t i = 0; map && i < map->n_entries; i++)
		if (!map->entries[i].group ||
		    !core_group_guards(core, map->entries[i].group_name, on->name))
			return false;
	return map && map->n_entries;
}

/* What the guard protected is protected. */
static bool
still_guards(const struct guard *g, const struct policy *p, const struct core *core)
{
	const struct policy_interface *on = policy_interface_find(p, g->interface);
	bool moved = on && on->crypto_map && strcmp(on->crypto_map_name, g->map) != 0;

	return on && on->crypto_map_name &&
	       (core_group_guards(core, g->group, g->interface) || (moved && all_guard(on, core)));
}

/* --- shut interfaces -------------------------------------------------------------------------- */

static bool
is_shut(char *const *list, size_t n, const char *interface)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(list[i], interface))
			return true;
	return false;
}

bool
fail_close_shut(const struct fail_close *f, const char *interface)
{
	return is_shut(f->shut, f->n_shut, interface);
}

static void
shut_fini(struct fail_close *f)
{
	for (size_t i = 0; i < f->n_shut; i++)
		free(f->shut[i]);
	free(f->shut);
	f->shut = NULL;
	f->n_shut = 0;
}

/* Tells of those that were open, and of those that are open again. */
static void
shut_set(struct fail_close *f, char **take_shut, size_t n, const struct log_sink *log)
{
	for (size_t i = 0; i < n; i++)
		if (!is_shut(f->shut, f->n_shut, take_shut[i]))
			LOG(log, INTERFACE_SHUT, take_shut[i]);
	for (size_t i = 0; i < f->n_shut; i++)
		if (!is_shut(take_shut, n, f->shut[i]))
			LOG(log, INTERFACE_OPEN, f->shut[i]);
	shut_fini(f);
	f->shut = take_shut;
	f->n_shut = n;
}

static void
shut_find(struct fail_close *f, const struct policy *p, const struct core *core,
          const struct log_sink *log)
{
	char **shut = x_alloc((p->n_interfaces + f->n + 1) * sizeof(*shut));
	size_t n = 0;

	for (size_t i = 0; i < p->n_interfaces; i++)
		if (p->interfaces[i].shut && can_shut(p->interfaces[i].name))
			shut[n++] = x_strdup(p->interfaces[i].name);
	for (size_t i = 0; core && i < f->n; i++)
		if (!is_shut(shut, n, f->guards[i].interface) &&
		    !still_guards(&f->guards[i], p, core))
			shut[n++] = x_strdup(f->guards[i].interface);
	shut_set(f, shut, n, log);
}

void
fail_close_forget(struct fail_close *f)
{
	for (size_t i = 0; i < f->n; i++)
		guard_fini(&f->guards[i]);
	free(f->guards);
	shut_fini(f);
	*f = (struct fail_close){.told = f->told};
}

/* --- doors ------------------------------------------------------------------------------------ */

static struct dp_door
door_of(const struct fail_close *f, const struct policy *p, size_t map, bool open, struct arena *a)
{
	const char **names = arena_alloc(a, (p->n_interfaces + 1) * sizeof(*names));
	struct dp_door d = {.map = p->maps[map].name,
	                    .open = open,
	                    .interfaces = names,
	                    .n_entries = p->maps[map].fail_close.n_selectors,
	                    .entries = p->maps[map].fail_close.selectors};

	for (size_t i = 0; i < p->n_interfaces; i++)
		if (p->interfaces[i].crypto_map &&
		    strcmp(p->interfaces[i].crypto_map->name, d.map) == 0 &&
		    !is_shut(f->shut, f->n_shut, p->interfaces[i].name))
			names[d.n_interfaces++] = p->interfaces[i].name;
	return d;
}

/* What the map's fail-close mode excepts, active or not, passes this door, too. */
static struct dp_door
door_of_interface(const struct policy *p, char **interface)
{
	const struct policy_interface *on = policy_interface_find(p, *interface);
	struct dp_door d = {
	    .map = *interface, .n_interfaces = 1, .interfaces = (const char *const *)interface};

	if (on && on->crypto_map) {
		d.n_entries = on->crypto_map->fail_close.n_selectors;
		d.entries = on->crypto_map->fail_close.selectors;
	}
	return d;
}

static void
digest_door(uint64_t *h, const char *text, bool open)
{
	for (; *text; text++)
		*h = (*h ^ (uint8_t)*text) * UINT64_C(0x100000001b3); /* FNV-1a */
	*h = (*h ^ (open ? 1 : 2)) * UINT64_C(0x100000001b3);
}

static uint64_t
doors_digest(const struct dp_door *doors, size_t n)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < n; i++) {
		digest_door(&h, doors[i].map, doors[i].open);
		for (size_t k = 0; k < doors[i].n_interfaces; k++)
			digest_door(&h, doors[i].interfaces[k], doors[i].open);
	}
	return h;
}

int
fail_close_apply(struct fail_close *f, struct dataplane *dp, const struct policy *p,
                 const struct core *core, const struct log_sink *log, bool anew)
{
	struct dp_door *doors;
	struct arena *a;
	size_t n = 0;
	uint64_t told;
	int error = 0;

	if (!dp || !dp->ops->doors)
		return 0;
	if (!anew && core && core_generation(core) == f->seen)
		return 0;
	if (core) {
		guards_drop(f, p);
		guards_add(f, p, core);
	}
	shut_find(f, p, core, log);
	a = arena_new();
	doors = arena_alloc(a, (p->n_maps + f->n_shut + 1) * sizeof(*doors));
	for (size_t i = 0; i < p->n_maps; i++)
		if (p->maps[i].fail_close.active)
			doors[n++] = door_of(f, p, i, map_keyed(&p->maps[i], core), a);
	for (size_t i = 0; i < f->n_shut; i++)
		doors[n++] = door_of_interface(p, &f->shut[i]);
	told = doors_digest(doors, n);
	if (anew || told != f->told)
		error = dp->ops->doors(dp, doors, n);
	arena_free(a);
	f->seen = 0;
	if (!error) {
		f->told = told;
		f->seen = core ? core_generation(core) : 0;
	}
	return error;
}
