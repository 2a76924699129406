/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IGMP: who listens on a link, as the interface of a router there has heard. Who joins says so at
 * once, and so does who leaves; who falls silent counts until three questions had no answer.
 */
#include "compiler/multicast/multicast_priv.h"

/* Does the node of an interface want the group there? Its configuration's joins come first. */
static bool
wanted_at(const struct mc_iface *by, size_t k, struct policy_igmp_group *ret)
{
	const struct policy_multicast_interface *conf = by->conf ? by->conf->multicast : NULL;
	size_t n_joins = conf ? conf->n_joins : 0;

	if (k < n_joins)
		*ret = conf->joins[k];
	else if (k - n_joins < by->n_listens)
		*ret = (struct policy_igmp_group){by->listens[k - n_joins], 0};
	else
		return false;
	return true;
}

static bool
still_wanted(const struct mc_iface *by, const struct mc_member *member)
{
	struct policy_igmp_group g;

	for (size_t k = 0; wanted_at(by, k, &g); k++)
		if (g.group == member->group && g.source == member->source)
			return true;
	return false;
}

static bool
hears_report(const struct multicast *m, const struct mc_iface *i, const struct mc_iface *by,
             uint32_t group)
{
	return mc_alive(by) && !by->node->frozen && mc_reaches(m, by, i) &&
	       (by == i || mc_admits(i, PROTO_IGMP, by->conf->addr, group));
}

static void
member_drop(struct mc_iface *i, struct mc_member *member)
{
	i->node->multicast->generation++;
	*member = i->members[--i->n_members];
}

static void
member_heard(struct multicast *m, struct mc_iface *i, struct mc_iface *by,
             const struct policy_igmp_group *g)
{
	struct mc_member *member = NULL;

	for (size_t k = 0; k < i->n_members && !member; k++)
		if (i->members[k].by == by && i->members[k].group == g->group &&
		    i->members[k].source == g->source)
			member = &i->members[k];
	if (!member) {
		x_grow(&i->members, &i->members_capacity, i->n_members + 1, sizeof(*i->members));
		member = &i->members[i->n_members++];
		*member = (struct mc_member){
		    .by = by, .group = g->group, .source = g->source, .since = m->now};
		m->generation++;
	}
	member->due = MSEC_NEVER;
}

/* Those that are heard no more. */
static msec
members_age(struct multicast *m, struct mc_iface *i, bool asks)
{
	msec next = MSEC_NEVER;

	for (size_t k = i->n_members; k-- > 0;) {
		struct mc_member *member = &i->members[k];
		const struct mc_iface *by = member->by;
		bool wanted = still_wanted(by, member);

		if (wanted && asks && by->segment == i->segment &&
		    hears_report(m, i, by, member->group))
			continue;
		if (!asks || by->segment != i->segment || by == i || (!wanted && mc_alive(by))) {
			member_drop(i, member);
			continue;
		}
		if (member->due == MSEC_NEVER)
			member->due = m->now + MC_IGMP_SILENCE;
		if (member->due <= m->now)
			member_drop(i, member);
		else if (member->due < next)
			next = member->due;
	}
	return next;
}

msec
mc_members_update(struct mc_iface *i)
{
	struct multicast *m = i->node->multicast;
	bool asks = mc_alive(i) && mc_pim(i);
	msec next = members_age(m, i, asks);
	struct policy_igmp_group g;
	struct mc_iface *self = i, **all = &self;
	size_t n = 1;

	if (i->segment)
		all = mc_segment(m, i, &n);
	for (size_t j = 0; asks && j < n; j++)
		for (size_t k = 0; wanted_at(all[j], k, &g); k++)
			if (hears_report(m, i, all[j], g.group))
				member_heard(m, i, all[j], &g);
	return next;
}

const struct mc_member *
mc_listener(const struct mc_iface *i, uint32_t source, uint32_t group)
{
	const struct policy_multicast_interface *conf = i->conf ? i->conf->multicast : NULL;
	static const struct mc_member statically = {.due = MSEC_NEVER};
	const struct mc_member *found = NULL;

	for (size_t k = 0; k < i->n_members; k++) {
		const struct mc_member *at = &i->members[k];

		if (at->group == group && (!at->source || at->source == source) &&
		    (!found || at->since < found->since))
			found = at;
	}
	for (size_t k = 0; !found && mc_alive(i) && conf && k < conf->n_statics; k++)
		if (conf->statics[k].group == group &&
		    (!conf->statics[k].source || conf->statics[k].source == source))
			found = &statically;
	return found;
}

bool
mc_listens(const struct mc_iface *i, uint32_t source, uint32_t group)
{
	struct policy_igmp_group g;

	for (size_t k = 0; mc_alive(i) && wanted_at(i, k, &g); k++)
		if (g.group == group && (!g.source || g.source == source))
			return true;
	return false;
}
