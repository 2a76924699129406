/* SPDX-License-Identifier: Apache-2.0 */
/* A key server finds what was kept of it, or begins anew, in the store of its group. */
#include <stdlib.h>

#include "runtime/core/core_priv.h"
#include "runtime/core/ks.h"
#include "runtime/core/pull.h"

/* --- what was kept ---------------------------------------------------------------------------- */

/* What a record that makes no sense has left in the server. */
static void
clear_state(struct ks *ks)
{
	ks_forget_state(ks);
	ks_sas_fini(ks);
	ks->next_sid = 0;
	ks->pseudo_zero = MSEC_NEVER;
	ks_save_drop(ks);
}

/*
 * Goes on as if it had never stopped, and then as if the configuration had just changed from what
 * it was then.
 */
static void
go_on_restored(struct ks *ks, bool same_sids)
{
	bool lost = ks->kek.lkh && !ks->lkh; /* by a version that did not keep it */

	ks->loading = false;
	LOG(&ks->core->env.log, KS_RESTORED, ks_name(ks), ks->members.n,
	    ks->members.n == 1 ? "" : "s");
	ks->wanted_at = ks->core->now + KS_CHANGE_WAIT;
	ks_take_sas(ks);
	ks_sas_suspend(ks);
	if (lost && ks_serving(ks) && ks_has_audience(ks))
		ks_remove_members(ks, false);
	else if (lost)
		ks_kek_anew(ks);
	ks_kek_follow(ks);
	if (!same_sids)
		ks_sids_restart(ks);
	ks_lkh_review(ks);
	ks_roll(ks, ks->core->now);
	ks_lkh_resume(ks);
	ks_push_resume(ks);
	ks_touch(ks);
}

static void
forget_records(struct ks *ks, const struct keep_load *l)
{
	for (size_t i = 0; i < keep_load_count(l); i++)
		keep_forget(ks->keep, keep_load_at(l, i).name);
}

/*
 * What is kept cannot be read: the server waits until it can, or begins anew in its place, as
 * configured.
 */
static void
note_unreadable(struct ks *ks, const struct keep_load *l, int error)
{
	struct core *c = ks->core;
	/* What a better moment may bring back is waited for. */
	bool required = (c->policy && c->policy->store.required) || !store_is_lost(error);

	if (ks->save.error != error)
		LOG(&c->env.log, STORE_UNREADABLE, ks_name(ks), store_error_text(error),
		    required
		        ? "it serves nobody until the store can be read"
		        : "it begins with new keys, and its group members have to register again");
	ks->save.error = error;
	if (required) {
		timer_set(&c->timers, &ks->timer, c->now + KS_LOAD_RETRY);
		return;
	}
	ks->save.unchecked = true;
	forget_records(ks, l);
	ks_begin_anew(ks);
}

static void
take_kept(void *arg, const struct keep_load *l)
{
	struct ks *ks = arg;
	struct arena *a;
	bool same_sids = false;
	enum restored how;
	int error;

	ks->save.load = NULL;
	if (keep_load_error(l)) {
		note_unreadable(ks, l, keep_load_error(l));
		return;
	}
	a = arena_new();
	how = ks_restore(ks, l, a, &same_sids, &error);
	if (how == RESTORED_NO_SIGNER) {
		ks_push_end(ks);
		ks_older_forget(ks);
		ks_kek_fini(&ks->kek);
	}
	switch (how) {
	case RESTORED_ALL:
	case RESTORED_NO_SIGNER:
		go_on_restored(ks, same_sids);
		break;
	case RESTORED_BAD:
		clear_state(ks);
		note_unreadable(ks, l, error);
		break;
	case RESTORED_NOTHING:
		forget_records(ks, l); /* members without keys are none */
		ks_begin_anew(ks);
		break;
	}
	arena_free(a);
}

void
ks_take_lead(struct ks *ks)
{
	if (ks->loading) {
		ks_begin_anew(ks);
		ks->pseudo_zero = ks->core->now; /* other servers do not see who comes first */
		return;
	}
	ks->wanted_at = ks->core->now + KS_CHANGE_WAIT;
	ks_restore_targets(ks);
	ks_take_sas(ks);
	ks_sas_suspend(ks);
	ks_kek_follow(ks);
	ks_lkh_review(ks);
	ks_roll(ks, ks->core->now);
	ks_push_resume(ks);
	ks_touch(ks);
}

void
ks_overtaken(struct ks *ks, const char *record)
{
	if (ks->coop.on) {
		if (ks_save_is_of(ks, record))
			ks_coop_behind(ks);
		return;
	}
	if (ks->loading || !ks_save_is_keys(ks, record))
		return;
	LOG(&ks->core->env.log, STORE_OVERTAKEN, ks_name(ks));
	pull_forget_served(ks->core, &ks->id, false);
	clear_state(ks);
	ks->loading = true;
	ks_begin_loading(ks);
}

/* Has another server here the group's identity, and its records with it? */
static bool
is_taken(const struct ks *ks)
{
	const struct core *c = ks->core;

	for (size_t i = 0; i < c->n_kss && c->kss[i] != ks; i++)
		if (ks_id_equal(&c->kss[i]->id, &ks->id))
			return true;
	return false;
}

/* Which group's records they are is known when it has an identity. */
void
ks_begin_loading(struct ks *ks)
{
	if (ks->save.load)
		keep_load_cancel(ks->save.load);
	ks->save.load = NULL;
	if (ks->id.type == GROUP_ID_NONE)
		return;
	if (is_taken(ks))
		timer_set(&ks->core->timers, &ks->timer, ks->core->now + KS_LOAD_RETRY);
	else
		ks_save_load(ks, take_kept);
}

/* Is the group one of several servers', and is there a store that they share? */
bool
ks_is_shared(const struct ks *ks, const struct policy_group *g)
{
	return g->server.coop.configured && ks->core->keeps[KEEP_SHARED].store;
}

/* Where its records are, it begins with what is there. */
void
ks_settle_place(struct ks *ks)
{
	ks->keep = &ks->core->keeps[ks_is_shared(ks, ks->cfg) ? KEEP_SHARED : KEEP_OWN];
	ks->loading = ks->keep->store != NULL;
	if (ks->cfg->server.coop.configured && ks->keep->place == KEEP_OWN)
		LOG(&ks->core->env.log, COOP_ALONE, ks_name(ks));
	if (ks->keep->place == KEEP_SHARED)
		ks_coop_begin(ks);
	else if (ks->loading)
		ks_begin_loading(ks);
	else
		ks_begin_anew(ks);
}

/*
 * The group's keys are kept elsewhere from now on, are another group's, or the server is another
 * one of several. What there is counts; members that it served with other keys are told to register
 * again.
 */
void
ks_change_place(struct ks *ks, const struct policy_group *g)
{
	bool same = ks_is_shared(ks, g) == ks->coop.on && ks_id_equal(&ks->id, &g->id);
	/* Members go on with what the others serve. */
	bool others = ks->coop.on && ks->coop.n_servers > 1;

	if (ks->coop.on)
		ks_coop_leave(ks);
	else if (!ks->loading)
		ks_save_forget(ks);
	if (!same && !others && ks_leads(ks) && !ks->loading)
		ks_farewell(ks, ks->coop.on ? "it is no longer one of several servers of the group"
		                            : "it is one of several servers of the group now");
	ks->coop.taking = true; /* the other place is not told */
	clear_state(ks);
	ks_coop_end(ks);
	ks_save_fini(ks);
	ks->save = (struct ks_save){.touched = false};
	timer_cancel(&ks->core->timers, &ks->timer);
	ks->cfg = g;
	ks->id = g->id;
	ks_settle_place(ks);
}
