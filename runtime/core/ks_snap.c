/* SPDX-License-Identifier: Apache-2.0 */
/* What `show` sees of a key server (snapshot.h). */
#include <string.h>

#include "runtime/core/core_priv.h"
#include "runtime/core/ks.h"

/*
 * Which of the two Rekey SAs is shown: the one that the members use; our own kind's when both are
 * used.
 */
static enum ks_kind
shown_kind(const struct ks *ks)
{
	return ks->n_members[KS_OTHERS] && !ks->n_members[KS_OURS] ? KS_OTHERS : KS_OURS;
}

static void
snap_kek(const struct ks *ks, msec now, struct arena *a, struct snap_kek *ret)
{
	const struct ks_kek *k = &ks->kek;
	const struct ks_rekey_sa *sa = &k->sas[shown_kind(ks)];

	if (!k->present)
		return;
	*ret = (struct snap_kek){
	    .present = true,
	    .cipher = k->cipher,
	    .sig_hash = k->sig_hash,
	    .sig_bits = k->sig_bits,
	    .lifetime = k->lifetime,
	    .remaining = core_seconds_until(k->expires, now),
	    .seq = sa->seq,
	    .time_to_rekey =
		core_seconds_until(k->expires - ks_roll_lead(KS_KEK_ROLL, k->lifetime), now),
	};
	ks_lkh_snap(ks, shown_kind(ks), &ret->lkh);
	ret->public_key.n = k->public.n;
	ret->public_key.p = arena_memdup(a, k->public.p, k->public.n);
	memcpy(ret->spi, sa->spi, sizeof(ret->spi));
}

static struct snap_tek
snap_tek(const struct ks_sa *s, const struct ks_tek *t, uint32_t spi, bool newest, msec now)
{
	msec roll_at = t->expires - ks_roll_lead(SECONDS(90), t->lifetime);

	return (struct snap_tek){.sa = s->number,
	                         .spi = spi,
	                         .suite = t->suite,
	                         .transport = t->transport,
	                         .lifetime = t->lifetime,
	                         .remaining = core_seconds_until(t->expires, now),
	                         .elapsed = core_seconds_until(now, t->made),
	                         .window = t->window,
	                         .time_window = t->time_window,
	                         .time_to_rekey = newest ? core_seconds_until(roll_at, now) : 0};
}

static void
snap_sas(const struct ks *ks, msec now, struct arena *a, struct snap_group *ret)
{
	size_t i, j, k, n_entries = 0, n_teks = 0;
	struct snap_entry *entries;
	struct snap_tek *teks;

	for (i = 0; i < ks->n_sas; i++) {
		n_entries += ks->sas[i].cfg->n_selectors;
		for (j = 0; j < ks->sas[i].n_teks; j++)
			n_teks += ks->sas[i].teks[j].n_keys;
	}
	teks = arena_alloc(a, (n_teks + 1) * sizeof(*teks));
	entries = arena_alloc(a, (n_entries + 1) * sizeof(*entries));
	ret->teks = teks;
	ret->entries = entries;
	for (i = 0; i < ks->n_sas; i++) {
		const struct ks_sa *s = &ks->sas[i];

		for (j = s->n_teks; j-- > 0;)
			for (k = 0; k < s->teks[j].n_keys; k++) {
				struct snap_tek *t = &teks[ret->n_teks++];

				*t = snap_tek(s, &s->teks[j], s->teks[j].keys[k].spi,
				              j + 1 == s->n_teks, now);
				t->profile = arena_strdup(a, s->cfg->profile);
				t->acl_name = arena_strdup(a, s->cfg->acl_name);
			}
		for (j = 0; j < s->cfg->n_selectors; j++)
			entries[ret->n_entries++] =
			    (struct snap_entry){s->cfg->selectors[j], s->number};
	}
}

static void
snap_members(const struct ks *ks, msec now, struct arena *a, struct snap_group *ret)
{
	struct snap_member *members = arena_alloc(a, (ks->members.n + 1) * sizeof(*members));
	const struct ks_member *m;

	for (m = ks->oldest; m; m = m->next) {
		struct snap_member *s = &members[ret->n_members++];

		*s = (struct snap_member){.addr = m->addr,
		                          .server = m->server,
		                          .registrations = m->registrations,
		                          .rekeys_sent = m->rekeys_sent,
		                          .acks_received = m->acks_received,
		                          .retries = m->retries,
		                          .failures = m->failures,
		                          .testudo = m->kind == KS_OURS,
		                          .registered_for = core_seconds_until(now, m->registered)};
		memcpy(s->sent_seq, m->sent_seq, sizeof(s->sent_seq));
		memcpy(s->acked_seq, m->acked_seq, sizeof(s->acked_seq));
	}
	ret->members = members;
}

static enum snap_store
snap_store(const struct ks *ks)
{
	if (!ks->keep->store)
		return SNAP_STORE_NONE;
	if (ks->loading)
		return ks->save.error ? SNAP_STORE_UNREADABLE : SNAP_STORE_READING;
	return ks->keep->failing ? SNAP_STORE_FAILING : SNAP_STORE_KEPT;
}

/* Of identifiers of its own, counted within its pool. */
static void
snap_piece(const struct ks *ks, uint64_t from, uint64_t end, struct snap_sids *ret)
{
	if (from < end && end <= ks_sids_all(ks))
		*ret = (struct snap_sids){
		    .any = true, .first = ks_sid_at(ks, from), .last = ks_sid_at(ks, end - 1)};
}

static const char *
copy_words(struct arena *a, const char *words)
{
	return words[0] ? arena_strdup(a, words) : NULL;
}

/* What the engine says of the last call, or else why nothing is kept now. */
static const char *
snap_error(const struct ks *ks, const struct store_state *s, struct arena *a)
{
	const int error = ks->coop.on ? ks->core->coop.error : 0;

	if (s->error[0] || !error)
		return copy_words(a, s->error);
	return store_error_text(error);
}

static void
snap_kept(const struct ks *ks, msec now, struct arena *a, struct snap_kept *ret)
{
	struct store *store = ks->keep->store;
	const struct coop *coop = &ks->core->coop;
	struct store_state s;
	msec left = coop->heard + COOP_LEASE - now;

	*ret = (struct snap_kept){.shared = ks->coop.on};
	if (!store)
		return;
	store->ops->describe(store, &s);
	ret->engine = s.engine;
	ret->place = copy_words(a, s.place);
	ret->prefix = copy_words(a, s.prefix);
	ret->error = snap_error(ks, &s, a);
	ret->revision = s.revision;
	ret->lag = (uint32_t)s.lag;
	ret->octets = s.octets;
	ret->records = s.records;
	if (ks->coop.on && coop->lease && left > 0) {
		ret->lease = coop->lease;
		ret->lease_left = (uint32_t)left;
	}
}

static void
snap_server(const struct ks *ks, const struct coop_server *s, bool stale, struct snap_server *ret)
{
	const bool here = s->addr == ks->cfg->server.addr;

	*ret = (struct snap_server){.addr = s->addr,
	                            .priority = s->priority,
	                            .leads = s->addr == ks->coop.leader && !stale,
	                            .here = here,
	                            .alive = here || !stale,
	                            .unread = s->unread,
	                            .able = s->able,
	                            .clash = s->clash,
	                            .differs = s->differs};
	for (size_t n = 0; n <= POLICY_KSSID_MAX; n++)
		if (s->kssids.bits[n / 8] & 1u << n % 8)
			ret->kssids[n / 32] |= 1u << n % 32;
}

static void
snap_servers(const struct ks *ks, msec now, struct snap_coop *ret)
{
	const struct ks_coop *k = &ks->coop;
	const bool stale = k->on && now - ks->core->coop.heard >= COOP_LEASE;

	*ret = (struct snap_coop){.on = k->on,
	                          .leads = k->on && k->leads && !stale,
	                          .stale = stale,
	                          .keyless = k->keyless,
	                          .pair_shared = k->on && ks->cfg->server.rekey.shared && k->signer,
	                          .moved = k->on && ks_coop_awaits_peers(ks),
	                          .leader = k->leader,
	                          .serial = k->serial,
	                          .changes = k->changes,
	                          .sids_taken = ks_coop_sids_taken(ks),
	                          .clash = k->sids_clash,
	                          .used_up = k->used_up};
	snap_piece(ks, ks->next_sid, k->sids_end, &ret->piece);
	snap_piece(ks, k->spare, k->spare_end, &ret->spare);
	if (k->on)
		ret->unable = ks_coop_unable_text(ks_coop_unable(ks));
	if (k->on && ks->core->coop.error)
		ret->store_error = store_error_text(ks->core->coop.error);
	for (size_t i = 0; i < k->n_servers && i < SNAP_SERVERS_MAX; i++) {
		const struct coop_server *s = &k->servers[i];

		snap_server(ks, s, stale, &ret->servers[ret->n_servers++]);
	}
	for (size_t i = 0; i < k->n_gone && ret->n_servers < SNAP_SERVERS_MAX; i++)
		ret->servers[ret->n_servers++] = (struct snap_server){
		    .addr = k->gone[i].addr, .priority = k->gone[i].priority, .gone = true};
}

void
ks_snap(const struct ks *ks, msec now, struct arena *a, struct snap_group *ret)
{
	*ret = (struct snap_group){.name = arena_strdup(a, ks_name(ks)),
	                           .id = ks->cfg->id,
	                           .local = true,
	                           .local_addr = ks->cfg->server.addr,
	                           .store = snap_store(ks),
	                           .rekeys_sent = ks->pushed.rekeys,
	                           .retransmits = ks->pushed.retransmits,
	                           .rekey_took = (uint32_t)ks->pushed.took,
	                           .sid_bits = ks_sid_bits(ks),
	                           .sids_all = ks_sids_all(ks),
	                           .n_kssids = ks->cfg->server.n_kssids};

	if (ret->store == SNAP_STORE_UNREADABLE)
		ret->store_error = store_error_text(ks->save.error);
	ret->sids_given = ks->next_sid < ret->sids_all ? ks->next_sid : ret->sids_all;
	ret->kssids =
	    arena_memdup(a, ks->cfg->server.kssids, ret->n_kssids * sizeof(struct policy_kssids));
	snap_kek(ks, now, a, &ret->kek);
	ret->kek.unicast = ks->kek.present ? ks->kek.unicast : ks->cfg->server.rekey.unicast;
	if (ks->push.active && !ks->push.reminding)
		ret->kek.retransmit_remaining = core_seconds_until(ks->push_timer.at, now);
	ret->pseudotime = ks_pseudotime(ks, now);
	snap_sas(ks, now, a, ret);
	snap_members(ks, now, a, ret);
	snap_servers(ks, now, &ret->coop);
	snap_kept(ks, now, a, &ret->kept);
}
