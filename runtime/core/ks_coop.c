/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a key server does as one of several (coop.h): it takes over what the leader has written, and
 * begins and ends to lead.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/core_priv.h"
#include "runtime/core/ks.h"
#include "runtime/core/ks_record.h"
#include "runtime/core/pull.h"

bool
ks_leads(const struct ks *ks)
{
	return !ks->coop.on || ks->coop.leads;
}

/* --- keys ------------------------------------------------------------------------------------- */

/* All that the record of keys brings. */
static void
drop_keys(struct ks *ks)
{
	ks_push_end(ks);
	ks->pushed.began = 0;
	timer_cancel(&ks->core->timers, &ks->timer);
	ks_messages_fini(ks->late, KS_MESSAGES);
	ks->wants = 0;
	ks->n_gone = 0;
	ks_sas_fini(ks);
	ks_kek_fini(&ks->kek);
	ks_older_forget(ks);
	ks_lkh_forget(ks);
}

/* A record names no profiles and lists: they are the configuration's here, where it has them. */
static void
name_sas(struct ks *ks)
{
	const struct policy_server *server = &ks->cfg->server;

	for (size_t i = 0; i < ks->n_sas; i++) {
		struct policy_sa *cfg = (struct policy_sa *)(uintptr_t)ks->sas[i].cfg;
		const char *profile = "", *acl_name = "";

		for (size_t j = 0; j < server->n_sas; j++)
			if (server->sas[j].number == cfg->number) {
				profile = server->sas[j].profile;
				acl_name = server->sas[j].acl_name;
			}
		cfg->profile = arena_strdup(ks->coop.arena, profile ? profile : "");
		cfg->acl_name = arena_strdup(ks->coop.arena, acl_name ? acl_name : "");
	}
}

static void
count_holders(struct ks *ks)
{
	for (int i = 0; i < KS_KINDS; i++)
		ks->n_holders[i] = 0;
	for (const struct ks_member *m = ks->oldest; m; m = m->next)
		ks->n_holders[m->kind] += ks_holds_kek(ks, m);
}

/* The server holds what the record says, and no more. */
static int
apply_keys(struct ks *ks, struct span value)
{
	struct ks_coop *k = &ks->coop;
	struct arena *a = arena_new();
	uint64_t next_sid = ks->next_sid;
	uint32_t epoch = k->sids_epoch;
	bool same_sids;
	int error;

	drop_keys(ks);
	error = ks_record_get_keys(ks, value, a, &same_sids);
	ks->next_sid = next_sid;
	if (epoch != k->sids_epoch)
		ks_coop_sids_forget(ks);
	if (!error && ks->kek.present)
		ks_restore_signer(ks);
	if (error)
		drop_keys(ks);
	if (k->arena)
		arena_free(k->arena);
	k->arena = a;
	name_sas(ks);
	count_holders(ks);
	return error;
}

/* Has somebody put an older copy in the place of what is known? Of what makes no sense: no. */
static bool
goes_back(const struct ks *ks, struct span value)
{
	uint32_t serial;

	if (ks_record_serial(value, &serial))
		return false;
	/* Another one leads in the store that was moved to: an administrator has let it. */
	if (ks_coop_led_here(ks))
		return false;
	return serial < ks->coop.seen.serial || (ks->coop.committed.n && serial < ks->coop.serial);
}

/* Also one that does not open: who writes it anew does so in its place. */
static bool
is_record_there(const struct store_record *r)
{
	return r->value.p || r->torn;
}

/* What it knows is to be written again, by who leads next. */
static void
note_lost(struct ks *ks, const struct store_record *r)
{
	if (!ks->coop.lost && !ks_coop_awaits_peers(ks))
		LOG(&ks->core->env.log, COOP_KEYS_LOST, ks_name(ks),
		    r->torn      ? "cannot be opened"
		    : r->value.p ? "are older ones again"
		                 : "have gone",
		    ks->coop.committed.n ? "the primary writes them again"
		                         : "the group begins anew, with other keys");
	if (!ks->coop.lost)
		ks->coop.lost_at = ks->core->now;
	ks->coop.lost = ks->coop.committed.n > 0;
	ks->coop.unreadable &= r->value.p != NULL;
	ks->save.revision = is_record_there(r) ? r->revision : 0;
	ks->save.keys_saved = 0;
}

/*
 * Was it read before what this server has written since, and is it of before that? Who writes while
 * he looks would take his own keys for ones that went back. Ones that did are there at the next
 * look, too.
 */
bool
ks_look_is_older(const struct ks_look *look, const struct store_record *r, uint32_t saves,
                 uint64_t revision)
{
	return look->saves < saves && r->revision < revision;
}

/* What counts is what this store has. */
static void
note_found_here(struct ks *ks)
{
	struct ks_coop *k = &ks->coop;

	if (k->moved.on && k->seen.serial > k->serial)
		k->seen.serial = k->serial;
	k->moved = (struct coop_moved){.on = false};
}

/* Members that others have written meanwhile were passed over. */
static void
end_loss(struct ks_coop *k)
{
	k->doubts += k->lost;
	k->lost = false;
}

static void
take_keys(struct ks *ks, const struct store_record *r)
{
	struct ks_coop *k = &ks->coop;
	int error;

	if (is_record_there(r) && r->revision == ks->save.revision)
		return;
	if (k->leads)
		ks_coop_follow(ks);
	if (!r->value.p || goes_back(ks, r->value)) {
		note_lost(ks, r);
		return;
	}
	pull_forget_served(ks->core, &ks->id, true);
	ks->save.revision = r->revision;
	ks->save.keys_saved = 0;
	error = apply_keys(ks, r->value);
	k->unreadable = error;
	end_loss(k);
	note_found_here(ks);
	ks->loading = error;
	if (error) {
		LOG(&ks->core->env.log, STORE_UNREADABLE, ks_name(ks), store_error_text(error),
		    "it serves nobody until they can be read");
		secret_fini(&k->committed);
	} else {
		secret_copy(&k->committed, r->value);
	}
}

/* --- a look ----------------------------------------------------------------------------------- */

/* The record of the keys, or that it is not there. */
struct keys_found {
	bool there, gone; /* it is among what was found; as removed */
	bool passed_over;
};

static void
find_keys(struct ks *ks, const struct store_record *r, const struct ks_look *look,
          struct keys_found *found)
{
	found->passed_over = ks_look_is_older(look, r, ks->save.keys_saved, ks->save.revision);
	if (!found->passed_over)
		take_keys(ks, r);
}

static struct keys_found
take_all_keys(struct ks *ks, const struct ks_look *look)
{
	const struct store_record none = {.name = "", .revision = keep_load_revision(look->found)};
	struct keys_found found = {0};

	for (size_t i = 0; i < keep_load_count(look->found); i++) {
		struct store_record r = keep_load_at(look->found, i);

		if (!ks_save_is_keys(ks, r.name))
			continue;
		found.there = true;
		found.gone = !r.value.p;
		find_keys(ks, &r, look, &found);
	}
	if (look->whole && !found.there &&
	    (ks->save.revision || ks->coop.moved.on || (ks->coop.seen.serial && !ks->coop.since)))
		find_keys(ks, &none, look, &found);
	return found;
}

static bool
take_all_sids(struct ks *ks, const struct ks_look *look)
{
	const struct store_record none = {.name = "", .revision = keep_load_revision(look->found)};
	bool found = false, taken = true;

	for (size_t i = 0; i < keep_load_count(look->found); i++) {
		struct store_record r = keep_load_at(look->found, i);

		if (!ks_save_is_sids(ks, r.name))
			continue;
		found = true;
		taken &= ks_coop_sids_take(ks, &r, look);
	}
	if (look->whole && !found)
		taken &= ks_coop_sids_take(ks, &none, look);
	return taken;
}

/* Those that it has not told of yet. */
static void
tell_torn(struct ks *ks, const struct ks_look *look)
{
	struct ks_coop *k = &ks->coop;
	const uint64_t told = k->torn_told;
	const char *first = NULL;
	size_t n = 0;

	for (size_t i = 0; i < keep_load_count(look->found); i++) {
		struct store_record r = keep_load_at(look->found, i);

		if (!r.torn || r.revision <= told)
			continue;
		if (!n++)
			first = ks_save_behind(&ks->id, r.name);
		if (r.revision > k->torn_told)
			k->torn_told = r.revision;
	}
	if (n)
		SERVER_LOG(ks->core, COOP_TORN, ks_name(ks), n, first ? first : "");
}

bool
ks_coop_take(struct ks *ks, const struct ks_look *look)
{
	struct keys_found keys;
	bool sids;

	ks->coop.taking = true;
	tell_torn(ks, look);
	keys = take_all_keys(ks, look);
	ks_coop_take_signer(ks, look);
	sids = take_all_sids(ks, look);
	/* A store that has lost the keys has lost the members, too; who leads writes both again. */
	if (!keys.gone && !ks->coop.lost && (!look->whole || keys.there))
		ks_coop_take_members(ks, look);
	if (ks->coop.shifted && !ks->coop.leads && ks->coop.committed.n)
		apply_keys(ks, secret_span(&ks->coop.committed));
	ks->coop.shifted = false;
	ks->coop.taking = false;
	ks_coop_sids_looked(ks, look);
	ks_coop_moved_look(ks);
	ks_seen_note(ks);
	return !keys.passed_over && sids;
}

/* --- leading ---------------------------------------------------------------------------------- */

#define BEGIN_MOST 0xf0000000 /* no clock that is wrong uses the numbers up */

/* Nobody has keys: the group begins. Its records are later ones than any of an earlier life. */
static void
begin_counting(struct ks *ks)
{
	struct ks_coop *k = &ks->coop;
	int64_t now = keep_wall(ks->core, ks->core->now) / 1000;

	if (now > BEGIN_MOST)
		now = BEGIN_MOST;
	if (k->serial < k->seen.serial)
		k->serial = k->seen.serial;
	k->serial = k->serial < now ? (uint32_t)now : k->serial + 1;
	/* Nor is an epoch one that somebody knows who was cut off. */
	k->sids_epoch = k->serial;
	ks_coop_sids_anew(ks);
}

void
ks_coop_lead(struct ks *ks)
{
	struct ks_coop *k = &ks->coop;
	char own[ADDR_TEXT_MAX], was[ADDR_TEXT_MAX];
	const bool lost = k->lost && !ks->loading;

	k->leads = k->timed = true;
	k->moved = (struct coop_moved){.on = false};
	k->pushes = ks->n_pushes;
	k->changes++;
	LOG(&ks->core->env.log, COOP_KS_TRANS_TO_PRI, addr_text(ks->cfg->server.addr, own),
	    ks_name(ks), k->was_leader ? addr_text(k->was_leader, was) : "NONE");
	if (ks->loading)
		begin_counting(ks);
	if (lost)
		ks_save_whole(ks);
	ks_take_lead(ks);
	if (lost)
		ks_coop_count_on(ks);
	if (k->sid_bits != ks->cfg->server.sid_bits) /* the configuration wants others */
		ks_coop_sids_gone(ks);
	if (k->arena)
		arena_free(k->arena);
	k->arena = NULL;
	ks_order_again(ks);
}

/* What was made and is not committed goes with it. */
void
ks_coop_follow(struct ks *ks)
{
	struct ks_coop *k = &ks->coop;
	char own[ADDR_TEXT_MAX];

	if (!k->leads)
		return;
	LOG(&ks->core->env.log, COOP_KS_TRANS_TO_SEC, addr_text(ks->cfg->server.addr, own),
	    ks_name(ks));
	k->leads = false;
	k->resign = false;
	k->signer_writing = false;
	ks_coop_sids_follow(ks);
	keep_drop_said(ks); /* it may tell of keys that nobody will know */
	ks_save_drop_removals(ks);
	k->doubts++; /* members that it has removed are read again */
	k->changes++;
	pull_forget_served(ks->core, &ks->id, true);
	ks->save.writing = false;
	if (k->committed.n) {
		apply_keys(ks, secret_span(&k->committed));
	} else {
		drop_keys(ks);
		ks->loading = true;
	}
}

void
ks_coop_number(struct ks *ks)
{
	struct ks_coop *k = &ks->coop;

	if (k->serial < UINT32_MAX) /* then it gives the lead up */
		k->serial++;
	if (k->pushes != ks->n_pushes)
		k->pushed = k->serial;
	k->pushes = ks->n_pushes;
}

void
ks_coop_committed(struct ks *ks)
{
	struct ks_coop *k = &ks->coop;

	if (!k->on)
		return;
	DEBUG(&ks->core->env.log, DEBUG_KS_COOP,
	      "GDOI:KS COOP:(%s): keys # %u are committed, at revision %" PRIu64, ks_name(ks),
	      k->serial, ks->save.revision);
	secret_clone(&k->committed, &ks->save.keys);
	end_loss(k);
	ks_order_kept(ks);
	ks_seen_note(ks);
	ks_coop_sids_committed(ks);
}

void
ks_coop_behind(struct ks *ks)
{
	ks_coop_follow(ks);
	ks->coop.behind = true;
	ks->coop.doubts++;
	pull_forget_served(ks->core, &ks->id, true);
	keep_wait_for_news(ks->keep);
	if (!ks->coop.torn) /* else that look, too, would bring nothing */
		coop_look(ks->core);
}

bool
ks_coop_resign(struct ks *ks)
{
	if (!ks->coop.leads)
		return ks_coop_let(ks);
	ks->coop.resign = true;
	coop_look(ks->core);
	return true;
}

/* --- life ------------------------------------------------------------------------------------- */

void
ks_coop_begin(struct ks *ks)
{
	ks->coop.on = true;
	ks->coop.generation = ks->keep->generation;
	ks->coop.zero = keep_wall(ks->core, 0);
	ks->coop.leaderless = ks->coop.began = ks->core->now;
	coop_settings_of(&ks->cfg->server, &ks->coop.settings);
	ks_seen_begin(ks);
	coop_look(ks->core);
}

void
ks_coop_end(struct ks *ks)
{
	struct ks_coop *k = &ks->coop;

	ks_seen_end(ks);
	ks_order_forget(ks);
	secret_fini(&k->committed);
	ks_coop_signer_fini(k);
	if (k->arena)
		arena_free(k->arena);
	*k = (struct ks_coop){.on = false};
}

/*
 * The group goes on without this server. What it said in a store that is not used any more ends
 * with its lease there.
 */
void
ks_coop_leave(struct ks *ks)
{
	const struct ks_coop *k = &ks->coop;

	if (k->generation == ks->keep->generation && ks->id.type != GROUP_ID_NONE &&
	    ks->cfg->server.addr)
		coop_release(ks->core, &ks->id, ks->cfg->server.addr,
		             k->leader == ks->cfg->server.addr ? k->term : 0);
}
