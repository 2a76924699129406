/* Doors from crypto maps: see fail_close.h. */
#include "runtime/fail_close.h"

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

/* One bit a map; those beyond never open. */
static uint64_t
open_maps(const struct policy *p, const struct core *core)
{
	uint64_t open = 0;

	for (size_t i = 0; i < p->n_maps && i < 64; i++)
		if (p->maps[i].fail_close.active && map_keyed(&p->maps[i], core))
			open |= UINT64_C(1) << i;
	return open;
}

static struct dp_door
door_of(const struct policy *p, size_t map, bool open, struct arena *a)
{
	const char **names = arena_alloc(a, (p->n_interfaces + 1) * sizeof(*names));
	struct dp_door d = {.map = p->maps[map].name,
			    .open = open,
			    .interfaces = names,
			    .n_entries = p->maps[map].fail_close.n_selectors,
			    .entries = p->maps[map].fail_close.selectors};

	for (size_t i = 0; i < p->n_interfaces; i++)
		if (p->interfaces[i].crypto_map &&
		    strcmp(p->interfaces[i].crypto_map->name, d.map) == 0)
			names[d.n_interfaces++] = p->interfaces[i].name;
	return d;
}

int
fail_close_apply(struct fail_close *f, struct dataplane *dp, const struct policy *p,
		 const struct core *core, bool anew)
{
	uint64_t open = open_maps(p, core);
	struct dp_door *doors;
	struct arena *a;
	size_t n = 0;
	int error;

	if ((!anew && open == f->open) || !dp || !dp->ops->doors)
		return 0;
	a = arena_new();
	doors = arena_alloc(a, (p->n_maps + 1) * sizeof(*doors));
	for (size_t i = 0; i < p->n_maps; i++)
		if (p->maps[i].fail_close.active)
			doors[n++] = door_of(p, i, i < 64 && open >> i & 1, a);
	error = dp->ops->doors(dp, doors, n);
	arena_free(a);
	if (!error)
		f->open = open;
	return error;
}
