/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One of several key servers whose store is another one than its keys are from: the line was typed
 * anew, by mistake or on one server after the other, or was another one before a restart. The rest
 * of the group may still be led in the store of before, and who began it here would part it.
 *
 *            typed, or remembered (ks_seen.h)
 *   at home ---------------------------------> moved: registers members with the keys it has
 *           <---------------------------------
 *            the group's keys are here; or all its peers are, or an administrator says so
 *            (`clear crypto gdoi ks coop role`), and one of them leads
 */
#include "runtime/core/core_priv.h"
#include "runtime/core/ks.h"

/*
 * Nothing of what the store of before told of its records says anything of those of this one. What
 * is not written yet, or was written into a store without the group's keys (aside), is written
 * here.
 */
static void
forget_revisions(struct ks *ks, bool aside)
{
	ks_save_fini(ks);
	ks->save = (struct ks_save){.touched = false};
	for (struct ks_member *m = ks->oldest; m; m = m->next) {
		const bool again = m->unsaved || m->saving || (aside && m->saved);

		m->revision = 0;
		m->saved = 0;
		m->unsaved = m->saving = m->ack_unsaved = false;
		if (again)
			ks_member_changed(ks, m->addr);
	}
}

static void
forget_store(struct ks_coop *k)
{
	if (k->leader)
		k->was_leader = k->leader;
	k->leader = 0;
	k->term = k->since = 0;
	k->record_saved = k->signer_saved = 0;
	k->record_revision = k->signer_revision = 0;
	k->unheard = k->said = 0;
	k->torn_told = 0;
	k->signer_wrong = k->told_leaderless = false;
	k->doubts = k->read = 0;
	k->resign = k->behind = k->torn = k->unreadable = false;
	k->signer_there = k->signer_writing = false;
	k->record_there = k->sids_wanted = k->sids_writing = false;
	k->n_servers = 0;
}

/* Those who are known to be in the store that it leaves, now or when it began to move. */
static struct coop_moved
leave_behind(const struct ks *ks)
{
	const struct ks_coop *k = &ks->coop;
	struct coop_moved moved = {.on = true};

	for (size_t i = 0; i < k->moved.n; i++)
		moved.left[moved.n++] = k->moved.left[i];
	for (size_t i = 0; i < k->n_servers && !k->moved.on; i++)
		if (k->servers[i].addr != ks->cfg->server.addr)
			moved.left[moved.n++] = k->servers[i].addr;
	return moved;
}

void
ks_coop_move(struct ks *ks)
{
	struct ks_coop *k = &ks->coop;
	const bool aside = k->moved.on;

	ks_coop_follow(ks);
	if (!k->committed.n) {
		ks_change_place(ks, ks->cfg);
		return;
	}
	k->moved = leave_behind(ks);
	for (size_t i = 0; i < k->n_servers; i++)
		ks_coop_note_gone(ks, &k->servers[i]);
	forget_revisions(ks, aside);
	forget_store(k);
	k->generation = ks->keep->generation;
	k->leaderless = k->began = ks->core->now;
	k->lost = true; /* until it is found here */
	coop_look(ks->core);
}

static bool
all_are_there(const struct ks *ks)
{
	const struct policy_coop *p = &ks->cfg->server.coop;
	const struct coop_moved *m = &ks->coop.moved;
	bool all = true;

	for (size_t i = 0; i < p->n_peers; i++)
		all &= ks_coop_sees(ks, p->peers[i]);
	for (size_t i = 0; i < m->n; i++)
		all &= ks_coop_sees(ks, m->left[i]);
	return all;
}

bool
ks_coop_awaits_peers(const struct ks *ks)
{
	const struct ks_coop *k = &ks->coop;

	return k->moved.on && !k->moved.let && (k->lost || ks->loading) && !all_are_there(ks);
}

bool
ks_coop_led_here(const struct ks *ks)
{
	const struct ks_coop *k = &ks->coop;

	return k->moved.on && k->leader != ks->cfg->server.addr && ks_coop_sees(ks, k->leader);
}

/*
 * Who came last had all of the store of before until just now, and leads at once. The others do
 * not know which sender identifiers were taken there since they left.
 */
void
ks_coop_moved_look(struct ks *ks)
{
	struct ks_coop *k = &ks->coop;

	if (!k->moved.on)
		return;
	if (ks_coop_awaits_peers(ks)) {
		if (!k->moved.waited)
			LOG(&ks->core->env.log, COOP_STORE_MOVED, ks_name(ks));
		k->moved.waited = true;
		k->moved.opened = 0;
	} else if (k->moved.waited && !k->moved.opened) {
		k->moved.opened = ks->core->now;
		k->right_at = 0;
	}
}

msec
ks_coop_moved_until(const struct ks *ks)
{
	const struct coop_moved *m = &ks->coop.moved;

	return m->on && m->opened ? m->opened + COOP_PATIENCE : 0;
}

bool
ks_coop_let(struct ks *ks)
{
	if (!ks_coop_awaits_peers(ks))
		return false;
	ks->coop.moved.let = true;
	coop_look(ks->core);
	return true;
}
