/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sender identifiers of a key server as one of several (coop.h, coop_sids.h): which it has, and
 * what it knows of those that are taken.
 */
#include "runtime/core/core_priv.h"
#include "runtime/core/ks.h"

#define SIDS_PIECE  256 /* identifiers that a server takes for itself at once, at most */
#define SIDS_PIECES 32  /* as many pieces are there at least */
#define SIDS_BURST  64  /* as many it takes in COOP_LEASE, at most */
/*
 * As many it can have taken that another one does not know of who looks every COOP_WATCH: in the
 * spans of the limit that this time meets, and one that it asked for before.
 */
#define SIDS_UNSEEN ((COOP_WATCH / COOP_LEASE + 1) * SIDS_BURST + 1)

/* It takes other pieces from now on, of the pool that is configured. */
static void
drop_pieces(struct ks *ks)
{
	struct ks_coop *k = &ks->coop;

	ks->next_sid = k->sids_end = k->spare = k->spare_end = 0;
	k->dry = k->sids_short = k->sids_clash = false;
	ks_sid_pool(ks, &k->kssids);
}

/* None of this epoch are its own. */
void
ks_coop_sids_forget(struct ks *ks)
{
	struct ks_coop *k = &ks->coop;

	drop_pieces(ks);
	k->used_up = k->recalled_less = false;
	k->wrong_from = 0;
	k->known.n = 0;
	if (k->record_there && k->record.epoch == k->sids_epoch)
		k->known = k->record;
	ks_seen_recall(ks);
}

/* With other keys, and as many bits as are configured now. */
void
ks_coop_sids_anew(struct ks *ks)
{
	struct ks_coop *k = &ks->coop;

	k->sids_epoch++;
	k->sid_bits = ks->cfg->server.sid_bits;
	ks_coop_sids_forget(ks);
	k->sids_write = true;
	k->sids_beyond = false;
	k->right_at = ks->core->now;
	k->right_from = 0;
}

/* So many a server takes at once, of a pool of so many. */
static uint64_t
piece_of(uint64_t all)
{
	uint64_t piece = all / SIDS_PIECES;

	if (piece < KS_SIDS_EACH) /* or a member that asks for so many would wait for ever */
		piece = all < KS_SIDS_EACH ? all : KS_SIDS_EACH;
	return piece > SIDS_PIECE ? SIDS_PIECE : piece;
}

static uint64_t
pool_size(const struct ks *ks, const struct coop_pool *p)
{
	return coop_kssids_size(&p->kssids, ks_sid_bits(ks));
}

/*
 * What is taken, by all: where that goes back, the leader counts on beyond what anybody can have.
 */
bool
ks_coop_sids_take(struct ks *ks, const struct store_record *r, const struct ks_look *look)
{
	struct ks_coop *k = &ks->coop;

	if (ks_look_is_older(look, r, k->record_saved, k->record_revision))
		return false;
	k->record_there = r->value.p && coop_get_sids(r->value, &k->record);
	if (!ks_coop_sids_right(ks))
		return true; /* who leads writes it again */
	k->known = k->record;
	k->used_up = false;
	for (size_t i = 0; i < k->known.n; i++)
		k->used_up |= k->known.pools[i].next >= pool_size(ks, &k->known.pools[i]);
	return true;
}

/*
 * Between looks that are too far apart the record may have gone back unseen, or more been taken
 * than anybody counts on. What a look has read may be as old as its beginning.
 */
void
ks_coop_sids_looked(struct ks *ks, const struct ks_look *look)
{
	struct ks_coop *k = &ks->coop;
	const msec now = ks->core->now ? ks->core->now : 1; /* 0 is never */

	if (!k->looked_at || now - k->looked_at > COOP_WATCH)
		k->watched_from = now;
	k->looked_at = look->began ? look->began : 1;
	if (!ks_coop_sids_right(ks)) {
		k->wrong_from = k->wrong_from || !k->committed.n ? k->wrong_from : now;
		return;
	}
	k->wrong_from = 0;
	if (k->right_at < k->watched_from)
		k->right_from = now;
	k->right_at = now;
}

/* It has seen the record as it should be, and all that became of it since. */
static bool
has_watched_sids(const struct ks *ks)
{
	return ks->coop.right_at && ks->coop.right_at >= ks->coop.watched_from;
}

/*
 * A record that was put back is put right by the leader, which looks at it within COOP_WATCH.
 * Who has just come waits for that.
 */
static bool
is_sure_of_sids(const struct ks *ks)
{
	const struct ks_coop *k = &ks->coop;

	return has_watched_sids(ks) &&
	       (!k->right_from || ks->core->now - k->right_from >= COOP_WATCH);
}

bool
ks_coop_sids_missing(const struct ks *ks)
{
	const struct ks_coop *k = &ks->coop;

	return !k->leads && k->leader && k->committed.n && !k->lost && !k->unreadable &&
	       (k->recalled_less || (k->wrong_from && ks->core->now - k->wrong_from > COOP_LEASE));
}

bool
ks_coop_sids_right(const struct ks *ks)
{
	const struct ks_coop *k = &ks->coop;

	return k->record_there && k->record.epoch == k->sids_epoch &&
	       coop_sids_cover(&k->record, &k->known);
}

uint64_t
ks_coop_sids_taken(const struct ks *ks)
{
	const struct coop_sids *known = &ks->coop.known;
	size_t at = coop_pool_find(known, &ks->coop.kssids);

	return at < known->n ? known->pools[at].next : 0;
}

void
ks_coop_note_taken(struct ks *ks, uint64_t n)
{
	struct coop_pool *p = coop_pool_get(&ks->coop.known, &ks->coop.kssids);

	if (p && n > p->next)
		p->next = n;
}

void
ks_coop_count_on(struct ks *ks)
{
	struct ks_coop *k = &ks->coop;

	if (!k->leads)
		return;
	/* Others may have taken more than it has seen. */
	if (!has_watched_sids(ks)) {
		ks_coop_sids_gone(ks);
		return;
	}
	k->sids_write = k->sids_beyond = true;
	secret_fini(&ks->save.keys); /* they are written with it */
	ks_touch(ks);
}

void
ks_coop_put_sids(struct ks *ks, struct keep_batch *b)
{
	struct ks_coop *k = &ks->coop;
	uint8_t buf[COOP_SIDS_MAX];
	char name[KS_NAME_MAX];

	if (!k->sids_write)
		return;
	ks_save_name(&ks->id, name, "sids");
	k->written = k->known;
	k->written.epoch = k->sids_epoch;
	for (size_t i = 0; i < k->written.n && k->sids_beyond; i++) {
		struct coop_pool *p = &k->written.pools[i];
		uint64_t all = pool_size(ks, p);

		p->next = coop_sids_beyond(p->next, SIDS_UNSEEN * piece_of(all), all);
	}
	keep_put(b, name, SPAN(buf, coop_put_sids(&k->written, buf)));
	k->sids_writing = true;
}

void
ks_coop_sids_committed(struct ks *ks)
{
	struct ks_coop *k = &ks->coop;

	if (k->sids_writing) {
		k->sids_write = k->sids_beyond = false;
		k->record_there = true;
		k->record = k->written;
		k->record_saved = ks->save.saves;
		k->record_revision = ks->save.revision;
		if (coop_sids_cover(&k->written, &k->known))
			k->known = k->written;
	}
	k->sids_writing = false;
}

void
ks_coop_sids_follow(struct ks *ks)
{
	struct ks_coop *k = &ks->coop;

	if (k->sids_write) /* it had seen the record wrong, or its own only */
		k->right_at = 0;
	k->sids_write = k->sids_beyond = k->sids_writing = false;
}

uint64_t
ks_coop_sids_left(const struct ks *ks)
{
	const struct ks_coop *k = &ks->coop;

	return k->sids_end - ks->next_sid + k->spare_end - k->spare;
}

bool
ks_coop_sids_coming(const struct ks *ks)
{
	const struct coop *c = &ks->core->coop;

	return !ks->coop.sids_clash && c->lease && ks->core->now - c->heard <= COOP_LEASE;
}

void
ks_coop_next_piece(struct ks *ks)
{
	struct ks_coop *k = &ks->coop;

	if (ks->next_sid < k->sids_end || k->spare == k->spare_end)
		return;
	ks->next_sid = k->spare;
	k->sids_end = k->spare_end;
	k->spare = k->spare_end = 0;
}

/* Before the first member asks, too. */
bool
ks_coop_wants_sids(const struct ks *ks)
{
	bool counter = ks->coop.sids_wanted;

	for (size_t i = 0; i < ks->n_sas && ks->next_sid == ks->coop.sids_end; i++)
		counter |= cipher_is_counter(ks->sas[i].cfg->suite.cipher);
	return counter && ks_sids_all(ks) && is_sure_of_sids(ks) && ks->save.revision &&
	       !ks->save.writing && !ks->coop.lost && !ks->coop.sids_write &&
	       ks->coop.spare == ks->coop.spare_end;
}

uint64_t
ks_coop_sids_piece(const struct ks *ks)
{
	return piece_of(ks_sids_all(ks));
}

/* Those it does not get, or does not hear of, count, too. */
uint64_t
ks_coop_ask_sids(struct ks *ks)
{
	struct ks_coop *k = &ks->coop;

	if (!ks_coop_wants_sids(ks))
		return 0;
	if (!k->asked_from || ks->core->now - k->asked_from >= COOP_LEASE) {
		k->asked_from = ks->core->now ? ks->core->now : 1; /* 0 is never */
		k->asked = 0;
	}
	if (k->asked == SIDS_BURST)
		return 0;
	k->asked++;
	return ks_coop_sids_piece(ks);
}

void
ks_coop_sids_moved(struct ks *ks)
{
	struct coop_kssids now;

	ks_sid_pool(ks, &now);
	if (ks->coop.on && !coop_kssids_equal(&now, &ks->coop.kssids))
		drop_pieces(ks);
}

bool
ks_coop_sids_gone(struct ks *ks)
{
	struct ks_coop *k = &ks->coop;

	/* Other keys first: identifiers that come again must be of others. */
	if (!k->leads || k->sids_epoch == UINT32_MAX ||
	    ks_remove_members(ks, true) >= REACH_NOTHING)
		return false; /* who leads, and can tell members, finds it again */
	ks_coop_sids_anew(ks);
	return true;
}
