/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing is broken any more: is all well again within the bound? See coop.h. */
#include <stdio.h>
#include <string.h>

#include "runtime/core/core_priv.h"
#include "runtime/core/gm.h"
#include "runtime/core/ks.h"
#include "tests/hunter/coop.h"

#define LEADER_BOUND SECONDS(20)

static void
mend_all(struct coop_hunt *h)
{
	static const double none[LAB_FAULTS];

	coop_tell(h, "everything is well again");
	memset(h->cut, 0, sizeof(h->cut));
	lab_faults(h->lab, none);
	memset(h->slow, 0, sizeof(h->slow));
	memset(h->line, 0, sizeof(h->line));
	for (size_t i = 0; i < h->spec.n_nodes; i++) {
		lab_store_line(h->lab, h->nodes[i].name, STORE_LINE_UP);
		lab_store_slow(h->lab, h->nodes[i].name, 0);
		coop_freeze(h, i, false);
		coop_power(h, i, true);
	}
}

static const struct core *
core_of(const struct coop_hunt *h, size_t node)
{
	return node_core(router_node(lab_router_at(h->lab, node)));
}

static const struct ks *
server_of(const struct coop_hunt *h, size_t node, size_t group)
{
	const struct core *core = core_of(h, node);

	for (size_t i = 0; core && i < core->n_kss; i++)
		if (core->kss[i]->id.value == 134 + group)
			return core->kss[i];
	return NULL;
}

static const struct gm *
member_of(const struct coop_hunt *h, size_t member, size_t group)
{
	const struct core *core = core_of(h, coop_member_node(h, member));

	for (size_t i = 0; core && i < core->n_gms; i++)
		if (gm_name(core->gms[i])[1] - '0' == (int)group)
			return core->gms[i];
	return NULL;
}

static uint32_t
newest_key(const struct ks *ks)
{
	const struct ks_sa *s = ks->n_sas ? &ks->sas[0] : NULL;

	return s && s->n_teks ? s->teks[s->n_teks - 1].keys[0].spi : 0;
}

/* NULL: one leads, the store and all servers agree on it, and they have its keys. */
static const char *
find_discord(struct coop_hunt *h, size_t group)
{
	int leader = coop_history_leader(h, group);
	const struct ks *first = leader < 0 ? NULL : server_of(h, (size_t)leader, group);

	if (!first || !first->coop.leads)
		return "nobody leads";
	for (size_t i = 0; i < h->n_servers; i++) {
		const struct ks *ks = server_of(h, i, group);

		if (!ks || ks->loading)
			return "a server has no keys";
		if ((int)i != leader && ks->coop.leads)
			return "two lead";
		if (ks->coop.n_servers != h->n_servers)
			return "a server does not see all others";
		if (!newest_key(ks) || newest_key(ks) != newest_key(first) ||
		    ks->coop.serial != first->coop.serial)
			return "a server has other keys than the leader";
		for (const struct ks_member *m = ks->oldest; m; m = m->next)
			if (!ks_member_find((struct ks *)first, m->addr))
				return "the leader does not know a member that another server "
				       "knows";
		for (const struct ks_member *m = first->oldest; m; m = m->next)
			if (!ks_member_find((struct ks *)ks, m->addr))
				return "a server does not know a member of the leader's";
	}
	return NULL;
}

static const char *
find_straggler(struct coop_hunt *h, size_t group)
{
	int leader = coop_history_leader(h, group);
	const struct ks *ks = leader < 0 ? NULL : server_of(h, (size_t)leader, group);
	uint32_t newest = ks ? newest_key(ks) : 0;

	for (size_t m = 0; m < h->n_members; m++) {
		const struct gm *gm = member_of(h, m, group);
		bool has = false;

		if (!gm || gm->state != GM_REGISTERED || !gm->policy)
			return "a member is not registered";
		for (size_t i = 0; i < gm->policy->n_teks; i++)
			has |= gm->policy->teks[i].spi == newest;
		if (!has)
			return "a member lacks the leader's newest key";
	}
	return NULL;
}

static const char *
all_groups(struct coop_hunt *h, const char *(*look)(struct coop_hunt *h, size_t group))
{
	const char *why = NULL;

	for (size_t g = 0; g < h->n_groups && !why; g++)
		why = look(h, g);
	return why;
}

static const char *
await_all(struct coop_hunt *h, msec bound, const char *(*look)(struct coop_hunt *h, size_t group))
{
	msec end = lab_now(h->lab) + bound;
	const char *why;

	while ((why = all_groups(h, look)) && lab_now(h->lab) < end && !h->found)
		coop_pass(h, 250);
	return why;
}

/* NULL: what each member sends now gets to each other one, once. */
static const char *
find_deaf(struct coop_hunt *h, size_t group)
{
	static char why[160];

	memset(h->arrived, 0, sizeof(h->arrived));
	for (size_t i = 0; i < h->n_members; i++)
		for (size_t k = 0; k < h->n_members; k++)
			if (i != k)
				coop_ping(h, group, i, k);
	coop_pass(h, 50);
	for (size_t i = 0; i < h->n_members; i++)
		for (size_t k = 0; k < h->n_members; k++)
			if (i != k && h->arrived[group][i][k] != 1) {
				snprintf(why, sizeof(why), "GM%zu does not hear GM%zu in group %zu",
				         k, i, group);
				return why;
			}
	return NULL;
}

static void
show_all(struct coop_hunt *h)
{
	for (size_t i = 0; i < h->n_servers; i++) {
		coop_command(h, i, "show crypto gdoi ks coop detail");
		coop_command(h, i, "show crypto gdoi ks policy");
		coop_command(h, i, "show logging");
	}
	for (size_t i = 0; i < h->n_members; i++)
		coop_command(h, coop_member_node(h, i), "show crypto gdoi");
}

void
coop_heal(struct coop_hunt *h)
{
	const char *why;
	msec healed;

	mend_all(h);
	healed = lab_now(h->lab);
	why = await_all(h, LEADER_BOUND, find_discord);
	h->led = lab_now(h->lab) - healed;
	if (!why)
		why = await_all(h, SECONDS(h->lifetime + 120), find_straggler);
	if (!why)
		why = await_all(h, SECONDS(h->lifetime + 120), find_deaf);
	h->took = lab_now(h->lab) - healed;
	if (h->found)
		return;
	if (why && h->trace)
		show_all(h);
	if (why)
		coop_report(h, "CONVERGENCE: %s, %lld seconds after the last fault", why,
		            (long long)h->took / 1000);
}
