/* SPDX-License-Identifier: Apache-2.0 */
/* Doors, and what passes a shut one: see door.h. */
#include "runtime/dataplane/door.h"

#include <stdlib.h>
#include <string.h>

static void
door_fini(struct door *d)
{
	for (size_t i = 0; i < d->n_interfaces; i++)
		free(d->interfaces[i]);
	free(d->interfaces);
	free(d->entries);
	free(d->map);
}

void
doors_fini(struct doors *d)
{
	for (size_t i = 0; i < d->n; i++)
		door_fini(&d->list[i]);
	free(d->list);
	*d = (struct doors){.n = 0};
}

static struct door
door_copy(const struct dp_door *from)
{
	struct door d = {.map = x_strdup(from->map),
	                 .open = from->open,
	                 .n_interfaces = from->n_interfaces,
	                 .n_entries = from->n_entries};

	d.interfaces = x_alloc((d.n_interfaces + 1) * sizeof(*d.interfaces));
	for (size_t i = 0; i < d.n_interfaces; i++)
		d.interfaces[i] = x_strdup(from->interfaces[i]);
	d.entries = x_alloc((d.n_entries + 1) * sizeof(*d.entries));
	for (size_t i = 0; i < d.n_entries; i++)
		d.entries[i] = from->entries[i];
	return d;
}

void
doors_set(struct doors *d, const struct dp_door *doors, size_t n)
{
	struct doors fresh = {.list = x_alloc((n + 1) * sizeof(*fresh.list)), .n = n};

	for (size_t i = 0; i < n; i++) {
		const struct door *old = doors_find(d, doors[i].map);

		fresh.list[i] = door_copy(&doors[i]);
		if (old)
			fresh.list[i].stat = old->stat;
	}
	doors_fini(d);
	*d = fresh;
}

struct door *
doors_find(const struct doors *d, const char *map)
{
	for (size_t i = 0; i < d->n; i++)
		if (strcmp(d->list[i].map, map) == 0)
			return &d->list[i];
	return NULL;
}

struct door *
doors_at(const struct doors *d, const char *interface)
{
	for (size_t i = 0; i < d->n; i++)
		for (size_t k = 0; k < d->list[i].n_interfaces; k++)
			if (strcmp(d->list[i].interfaces[k], interface) == 0)
				return &d->list[i];
	return NULL;
}

bool
door_drops(struct door *door, const struct flow *f, bool in)
{
	struct flow asked = *f;
	size_t i;

	if (!door || door->open)
		return false;
	if (in) {
		asked.src = f->dst;
		asked.dst = f->src;
		asked.sport = f->dport;
		asked.dport = f->sport;
	}
	for (i = 0; i < door->n_entries; i++)
		if (selector_match(&door->entries[i], &asked))
			break;
	if (i < door->n_entries && !door->entries[i].permit)
		return false;
	*(in ? &door->stat.in_drops : &door->stat.out_drops) += 1;
	return true;
}
