/* SPDX-License-Identifier: Apache-2.0 */
/* What was configured means for what may be seen: see hunt.h. */
#include <string.h>

#include "tests/hunter/hunt.h"

bool
hunt_owns(const struct hunt *h, size_t member, uint32_t addr)
{
	return addr == HUNT_CORE(hunt_member_node(h, member)) || addr == HUNT_LAN(member) + 1 ||
	       addr == HUNT_LOOP(member);
}

/* The oldest version that any server of the group has now. */
static size_t
oldest_served(const struct hunt *h, int group)
{
	const struct hunt_group *g = &h->groups[group];
	size_t oldest = g->n_versions - 1;

	for (size_t i = 0; i < h->n_servers; i++)
		if (g->running[i] >= 0 && (size_t)g->running[i] < oldest)
			oldest = (size_t)g->running[i];
	return oldest;
}

static const struct snap_group *
snap_of(const struct snap_group *list, size_t n, int group)
{
	char name[8] = {'G', (char)('0' + group), 0};

	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i].name, name) == 0)
			return &list[i];
	return NULL;
}

/* Has the member registered: is it allowed to have the group's policy and keys? */
static bool
is_registered(const struct snap_group *s)
{
	return s && s->registration == SNAP_REGISTERED && s->applied;
}

/* NULL: it is down, or has none. */
static const struct snap_group *
ask_member(const struct hunt *h, size_t member, struct arena *a, size_t *ret_n)
{
	size_t node = hunt_member_node(h, member);

	*ret_n = 0;
	return h->up[node] ? node_groups(router_node(lab_router_at(h->lab, node)), a, ret_n) : NULL;
}

/*
 * What a server says in a registration is as old as the exchange: message 4 may be lost, and then
 * comes again as it was.
 */
#define EXCHANGE_TIME SECONDS(60)

static void
note_served(struct hunt *h, struct hunt_map_entry *e)
{
	size_t oldest = oldest_served(h, e->group);

	if (h->faults && oldest != e->at_poll && lab_now(h->lab) > e->older_until) {
		e->older = e->at_poll;
		e->older_until = lab_now(h->lab) + EXCHANGE_TIME;
	}
	e->at_poll = oldest;
}

static void
poll_entry(struct hunt *h, const struct hunt_member *m, struct hunt_map_entry *e,
           const struct snap_group *s)
{
	if (is_registered(s) && s->successes != e->successes) {
		/*
		 * The member has downloaded since it was last asked: what a server had then, or
		 * later.
		 */
		e->successes = s->successes;
		e->pushed = false;
		if (m->bound && !h->groups[e->group].broken)
			e->known = true;
		e->first = lab_now(h->lab) < e->older_until ? e->older : e->at_poll;
	}
	/* What a server does with changes to a configuration that it cannot serve is not known. */
	if (!h->groups[e->group].broken)
		note_served(h, e);
}

void
hunt_poll(struct hunt *h)
{
	struct arena *a = arena_new();

	for (size_t i = 0; i < h->n_members; i++) {
		struct hunt_member *m = &h->members[i];
		size_t n;
		const struct snap_group *list = ask_member(h, i, a, &n);

		for (size_t k = 0; k < m->n_entries; k++)
			poll_entry(h, m, &m->entries[k], snap_of(list, n, m->entries[k].group));
	}
	arena_free(a);
}

/* What one version of a group makes of a flow at its map entry. */
enum meaning { IN_CLEAR, PROTECTED };

static enum meaning
meaning_of(const struct hunt_map_entry *e, const struct version *v, size_t n_sas,
           const struct flow *f, bool in, bool own)
{
	static const struct dp_binding core = {.interface = HUNT_PORT, .seq = 10};
	struct dp_entry entries[HUNT_LINES * (HUNT_SAS + 1)];
	struct dp_group g = {.n_bindings = 1, .bindings = &core, .entries = entries};
	struct dp_site site = {HUNT_PORT, 1, &g, NULL};

	for (size_t i = 0; i < e->deny.n; i++)
		entries[g.n_entries++] =
		    (struct dp_entry){.selector = e->deny.lines[i], .local = true};
	for (size_t s = 0; s < n_sas; s++)
		for (size_t i = 0; i < v->sas[s].n; i++)
			entries[g.n_entries++] = (struct dp_entry){.selector = v->sas[s].lines[i],
			                                           .sa = (uint32_t)s + 1};
	if (dp_verdict(&site, f, in, own).fate == DP_CLEAR)
		return IN_CLEAR;
	if (v->receive_only ||
	    (in ? e->passive || e->direction != SA_BOTH : e->direction == SA_INBOUND_ONLY))
		return IN_CLEAR;
	return PROTECTED;
}

/* What the door of fail-close mode makes of a flow while it is shut. */
static bool
door_drops(const struct hunt *h, size_t member, const struct flow *f, bool in)
{
	const struct hunt_member *m = &h->members[member];
	bool own = hunt_owns(h, member, in ? f->dst : f->src);
	struct selector entries[HUNT_LINES * (HUNT_GROUPS + 1)];
	struct dp_door door = {.entries = entries};
	struct dp_site site = {HUNT_PORT, 0, NULL, &door};

	for (size_t i = 0; i < m->n_entries; i++)
		for (size_t k = 0; k < m->entries[i].deny.n; k++)
			entries[door.n_entries++] = m->entries[i].deny.lines[k];
	for (size_t k = 0; k < m->door.n; k++)
		entries[door.n_entries++] = m->door.lines[k];
	return dp_verdict(&site, f, in, own).fate == DP_DROP;
}

/*
 * Is there a group of the map that had not registered when last polled, and still has not? The
 * poll may be a whole registration ago: that takes ten round trips, which is all the time between
 * two probes, and a poll here would move what the entries say of versions. So this only asks.
 */
static bool
still_unregistered(const struct hunt *h, size_t member)
{
	const struct hunt_member *m = &h->members[member];
	struct arena *a = arena_new();
	size_t n;
	const struct snap_group *list = ask_member(h, member, a, &n);
	bool still = false;

	for (size_t i = 0; i < m->n_entries; i++)
		still |= m->entries[i].successes == 0 &&
		         !is_registered(snap_of(list, n, m->entries[i].group));
	arena_free(a);
	return still;
}

bool
hunt_door_stops(const struct hunt *h, size_t member, const struct flow *f, bool in)
{
	const struct hunt_member *m = &h->members[member];

	return m->fail_close && !m->fail_close_gone && m->bound && door_drops(h, member, f, in) &&
	       still_unregistered(h, member);
}

/* Does an entry of the map protect the flow, whatever the others say of it? */
bool
hunt_protected(const struct hunt *h, size_t member, const struct flow *f, bool in)
{
	const struct hunt_member *m = &h->members[member];
	bool own = hunt_owns(h, member, in ? f->dst : f->src);

	/* Without keys the mode's own list decides, as its administrator wrote it. */
	if (m->fail_close && !door_drops(h, member, f, in))
		return false;
	for (size_t i = 0; m->bound && i < m->n_entries; i++) {
		const struct hunt_map_entry *e = &m->entries[i];
		const struct hunt_group *g = &h->groups[e->group];
		bool certain = e->known;

		for (size_t v = e->known ? e->first : 0; v < g->n_versions; v++) {
			enum meaning is = meaning_of(e, &g->versions[v], g->n_sas, f, in, own);

			certain = certain && is == PROTECTED;
		}
		if (certain)
			return true;
	}
	return false;
}

bool
hunt_excepted(const struct hunt *h, size_t member, const struct flow *f, bool in)
{
	const struct hunt_member *m = &h->members[member];
	bool own = hunt_owns(h, member, in ? f->dst : f->src);

	for (size_t i = 0; i < m->n_entries; i++) {
		const struct hunt_map_entry *e = &m->entries[i];
		const struct hunt_group *g = &h->groups[e->group];

		if (m->foreign || m->mistaken || e->pushed || g->broken)
			return false;
		for (size_t v = e->known ? e->first : 0; v < g->n_versions; v++)
			if (meaning_of(e, &g->versions[v], g->n_sas, f, in, own) == PROTECTED)
				return false;
	}
	return true;
}

void
hunt_model_unbound(struct hunt *h, size_t member)
{
	struct hunt_member *m = &h->members[member];

	m->bound = false;
	m->epoch++;
	for (size_t i = 0; i < m->n_entries; i++)
		m->entries[i].known = false;
}

static void
server_booted(struct hunt *h, size_t server)
{
	for (size_t i = 0; i < h->n_groups; i++) {
		struct hunt_group *g = &h->groups[i];

		memset(g->absent[server], 0, sizeof(g->absent[server]));
		if (g->startup[server] < 0 || g->startup[server] == g->running[server])
			continue;
		/*
		 * the versions are full: an earlier one comes again, after all that has been since
		 */
		if (g->n_versions == HUNT_VERSIONS)
			continue;
		g->versions[g->n_versions] = g->versions[g->startup[server]];
		g->running[server] = g->startup[server] = (int)g->n_versions++;
	}
}

void
hunt_model_booted(struct hunt *h, size_t node)
{
	struct hunt_member *m;

	if (node < h->n_servers) {
		server_booted(h, node);
		return;
	}
	if (node - h->n_servers >= h->n_members)
		return;
	m = &h->members[node - h->n_servers];
	m->epoch++;
	m->bound = true; /* as the startup configuration has it */
	for (size_t i = 0; i < m->n_entries; i++) {
		m->entries[i].known = false;
		m->entries[i].successes = 0;
		m->entries[i].direction = SA_BOTH;
		m->entries[i].pushed = false;
		m->entries[i].at_poll = oldest_served(h, m->entries[i].group);
	}
}
