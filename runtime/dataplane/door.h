/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The doors of fail-close mode (dataplane.h): kept here for both kinds of dataplane, asked here by
 * userspace. Whoever holds a `struct doors` owns it.
 */
#ifndef TESTUDO_DOOR_H
#define TESTUDO_DOOR_H

#include "runtime/dataplane/dataplane.h"

struct door {
	char *map;
	bool open;
	char **interfaces;
	size_t n_interfaces;
	struct selector *entries;
	size_t n_entries;
	struct dp_door_stat stat;
};

struct doors {
	struct door *list;
	size_t n;
};

/* Copies them; a door known by its map's name keeps its counters. */
void doors_set(struct doors *d, const struct dp_door *doors, size_t n);
void doors_fini(struct doors *d);
struct door *doors_find(const struct doors *d, const char *map);
/* The door of an interface; NULL: none. */
struct door *doors_at(const struct doors *d, const char *interface);
/* Is the flow dropped? Counts it then. in: it enters by the interface. door NULL: never. */
bool door_drops(struct door *door, const struct flow *f, bool in);

#endif
