/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A key server's key hierarchies (RFC 6407 5.3.1.1; lkh.h), one for each kind of members, whose
 * roots are the keys of the two Rekey SAs. Members get their path with the registration. Whoever
 * leaves is cut off with the next KEK; expelling one makes that one and the TEKs at once:
 *
 *   ks_lkh_expel      rekey under the old KEK       rekey under the new KEK
 *   ------------> due ------------------------> told ----------------------> (nothing)
 *                     SAK, LKH update arrays         SATs, new TEKs; the old ones end soon
 *
 * The expelled member can read the first rekey, so that it carries only what this member cannot
 * decrypt. The second waits until the members have answered, or all rounds of the first are over.
 */
#include <stdlib.h>

#include "runtime/core/core_priv.h"
#include "runtime/core/ks.h"
#include "runtime/core/lkh.h"
#include "runtime/core/push.h"
#include "runtime/wire/gdoi.h"

#define PACKET_MAX 49152 /* octets; the rest of the datagram has room beside it */

struct ks_lkh {
	struct lkh_tree *trees[KS_KINDS];
	struct span updates[KS_KINDS]; /* attributes that lead to the present KEK; owned */
	struct table leaves;           /* by the member's address */
	bool expelled;                 /* new TEKs are due once the new KEK is told */
	bool hurry;                    /* they are being told */
};

struct leaf {
	struct link by_addr;
	enum ks_kind kind;
	uint32_t leaf;
};

static void
random_of(void *core, void *buf, size_t n)
{
	core_random(core, buf, n);
}

static struct leaf *
leaf_find(const struct ks *ks, uint32_t member)
{
	struct link *l = ks->lkh ? table_find(&ks->lkh->leaves, member) : NULL;

	return l ? CONTAINER(l, struct leaf, by_addr) : NULL;
}

static void
leaf_new(struct ks_lkh *lkh, uint32_t member, enum ks_kind kind, uint32_t at)
{
	struct leaf *l = x_alloc(sizeof(*l));

	l->kind = kind;
	l->leaf = at;
	table_put(&lkh->leaves, &l->by_addr, member);
}

/* --- trees ------------------------------------------------------------------------------------ */

void
ks_lkh_forget(struct ks *ks)
{
	struct ks_lkh *l = ks->lkh;

	if (!l)
		return;
	ks_lkh_touch(ks);
	ks_lkh_changed(ks);
	for (int i = 0; i < KS_KINDS; i++) {
		lkh_tree_free(l->trees[i]); /* NULL: it was not read to the end */
		free((void *)(uintptr_t)l->updates[i].p);
	}
	for (size_t i = 0; i < l->leaves.size; i++)
		while (l->leaves.buckets[i]) {
			struct link *first = l->leaves.buckets[i];

			table_remove(&l->leaves, first);
			free(CONTAINER(first, struct leaf, by_addr));
		}
	table_fini(&l->leaves);
	free(l);
	ks->lkh = NULL;
}

static struct ks_lkh *
lkh_new(struct ks *ks)
{
	struct ks_lkh *l = x_alloc(sizeof(*l));

	for (int i = 0; i < KS_KINDS; i++)
		l->trees[i] = lkh_tree_new(ks->cfg->server.rekey.cipher, random_of, ks->core);
	return l;
}

static void
renew_tree(struct ks_lkh *l, enum ks_kind kind)
{
	uint8_t *buf = x_alloc(PACKET_MAX);
	struct wr w = wr_buf(buf, PACKET_MAX);

	lkh_tree_renew(l->trees[kind], &w);
	free((void *)(uintptr_t)l->updates[kind].p);
	l->updates[kind] = SPAN(x_memdup(buf, w.n), w.n);
	free(buf);
}

void
ks_lkh_kek(struct ks *ks)
{
	if (!ks->cfg->server.rekey.lkh) {
		ks_lkh_forget(ks);
		return;
	}
	if (ks->lkh && lkh_tree_cipher(ks->lkh->trees[0]) != ks->kek.cipher)
		ks_lkh_forget(ks);
	if (!ks->lkh)
		ks->lkh = lkh_new(ks);
	ks->kek.lkh = true;
	for (int i = 0; i < KS_KINDS; i++) {
		renew_tree(ks->lkh, i);
		secret_copy(&ks->kek.sas[i].key, lkh_tree_root(ks->lkh->trees[i]));
	}
}

bool
ks_lkh_breaks(const struct ks *ks)
{
	const struct policy_rekey *r = &ks->cfg->server.rekey;

	return ks->kek.present && r->configured &&
	       (ks->kek.lkh != r->lkh || (r->lkh && ks->kek.cipher != r->cipher));
}

/* --- what is kept of them: see ks_record.h ---------------------------------------------------- */

void
ks_lkh_touch(struct ks *ks)
{
	for (int i = 0; ks->lkh && i < KS_KINDS; i++)
		if (ks->lkh->trees[i])
			lkh_tree_touch(ks->lkh->trees[i]);
}

void
ks_lkh_changed(struct ks *ks)
{
	uint32_t part;

	for (int i = 0; ks->lkh && i < KS_KINDS; i++)
		while (ks->lkh->trees[i] && lkh_tree_changed(ks->lkh->trees[i], &part))
			ks_part_changed(ks, i, part);
}

enum cipher_id
ks_lkh_cipher(const struct ks *ks)
{
	return lkh_tree_cipher(ks->lkh->trees[0]);
}

void
ks_lkh_put_head(const struct ks *ks, struct wr *w)
{
	wr_u8(w, ks->lkh->expelled);
	wr_u8(w, ks->lkh->hurry);
	for (int i = 0; i < KS_KINDS; i++)
		lkh_tree_put_head(ks->lkh->trees[i], w);
}

void
ks_lkh_put_part(const struct ks *ks, enum ks_kind kind, uint32_t part, struct wr *w)
{
	if (ks->lkh)
		lkh_tree_put_part(ks->lkh->trees[kind], part, w);
}

void
ks_lkh_get_head(struct ks *ks, enum cipher_id cipher, struct rd *r)
{
	struct ks_lkh *l = ks->lkh = x_alloc(sizeof(*l));

	l->expelled = rd_u8(r);
	l->hurry = rd_u8(r);
	for (int i = 0; i < KS_KINDS && !r->bad; i++) {
		l->trees[i] = lkh_tree_get_head(cipher, random_of, ks->core, r);
		r->bad = !l->trees[i];
	}
}

bool
ks_lkh_get_part(struct ks *ks, enum ks_kind kind, uint32_t part, struct rd *r)
{
	return ks->lkh && lkh_tree_get_part(ks->lkh->trees[kind], part, r);
}

/* The root is the KEK. */
static bool
root_fits(const struct ks *ks, enum ks_kind kind)
{
	const struct secret *kek = &ks->kek.sas[kind].key;

	return !ks->kek.present || !ks->kek.lkh ||
	       (lkh_tree_cipher(ks->lkh->trees[kind]) == ks->kek.cipher &&
	        span_equal_ct(lkh_tree_root(ks->lkh->trees[kind]), secret_span(kek)));
}

/* Each leaf is its owner's; whose owner is no member any more is cut off with the next KEK. */
static bool
take_leaves(struct ks *ks, enum ks_kind kind)
{
	struct lkh_tree *t = ks->lkh->trees[kind];
	uint32_t owner;

	for (uint32_t leaf = 0; lkh_tree_next_leaf(t, &leaf, &owner); leaf++) {
		const struct ks_member *m = ks_member_find(ks, owner);

		if (leaf_find(ks, owner))
			return false;
		if (m && m->kind == kind)
			leaf_new(ks->lkh, owner, kind, leaf);
		else
			lkh_tree_leave(t, leaf);
	}
	return true;
}

bool
ks_lkh_restored(struct ks *ks)
{
	bool ok = true;

	for (int i = 0; ks->lkh && ok && i < KS_KINDS; i++)
		ok = lkh_tree_complete(ks->lkh->trees[i]) && root_fits(ks, i) && take_leaves(ks, i);
	return ok;
}

void
ks_lkh_resume(struct ks *ks)
{
	if (ks->lkh && !ks->push.active)
		ks_lkh_told(ks);
}

/* --- members ---------------------------------------------------------------------------------- */

void
ks_lkh_leave(struct ks *ks, uint32_t member)
{
	struct leaf *l = leaf_find(ks, member);

	if (!l)
		return;
	lkh_tree_leave(ks->lkh->trees[l->kind], l->leaf);
	ks_touch(ks);
	table_remove(&ks->lkh->leaves, &l->by_addr);
	free(l);
}

bool
ks_lkh_join(struct ks *ks, uint32_t member, enum ks_kind kind)
{
	struct leaf *l = leaf_find(ks, member);
	uint32_t leaf;

	if (!ks->lkh || (l && l->kind == kind))
		return true;
	ks_lkh_leave(ks, member); /* it was one of the other kind */
	if (!lkh_tree_join(ks->lkh->trees[kind], member, &leaf))
		return false;
	leaf_new(ks->lkh, member, kind, leaf);
	ks_touch(ks);
	return true;
}

bool
ks_lkh_pending(const struct ks *ks)
{
	for (int i = 0; ks->lkh && i < KS_KINDS; i++)
		if (lkh_tree_pending(ks->lkh->trees[i]))
			return true;
	return false;
}

void
ks_lkh_packet(const struct ks *ks, const struct ks_offer *offer, struct secret *ret)
{
	uint8_t *buf = x_alloc(PACKET_MAX);
	struct wr w = wr_buf(buf, PACKET_MAX);
	const struct leaf *l = offer->pushed ? NULL : leaf_find(ks, offer->member);

	if (offer->pushed)
		wr_span(&w, ks->lkh->updates[offer->kind]);
	else if (l)
		lkh_tree_download(ks->lkh->trees[l->kind], l->leaf, &w);
	gdoi_lkh_put_sig_key(&w, ks->kek.public);
	secret_copy(ret, wr_done(&w));
	wipe(buf, w.n);
	free(buf);
}

bool
ks_lkh_ack_key(const struct ks *ks, uint32_t member, const uint8_t *spi, struct secret *ret)
{
	const struct leaf *l = leaf_find(ks, member);
	struct secret own = {0};

	if (!l)
		return false;
	secret_copy(&own, lkh_tree_leaf_key(ks->lkh->trees[l->kind], l->leaf));
	push_ack_key(HASH_SHA256, lkh_tree_cipher(ks->lkh->trees[l->kind]), &own, spi, ret);
	secret_fini(&own);
	return true;
}

/* --- one is expelled -------------------------------------------------------------------------- */

/*
 * When members change to the new TEKs, seconds: late enough that who has missed the first round has
 * them by then, and soon enough that the expelled do not read on for long.
 */
uint16_t
ks_lkh_activation(const struct ks *ks)
{
	const struct policy_rekey *r = &ks->cfg->server.rekey;

	if (r->activation || !ks->lkh || !ks->lkh->hurry)
		return r->activation;
	return (uint16_t)(r->retransmit_period + 5);
}

uint16_t
ks_lkh_deactivation(const struct ks *ks)
{
	const struct policy_rekey *r = &ks->cfg->server.rekey;

	if (r->deactivation || !ks->lkh || !ks->lkh->hurry)
		return r->deactivation;
	return (uint16_t)(ks_lkh_activation(ks) + r->retransmit_period + 5);
}

/* at_once: the old TEKs end now. Otherwise the rekey that brings the new ones sets their end. */
static void
renew_teks(struct ks *ks, bool at_once)
{
	for (size_t i = 0; i < ks->n_sas; i++) {
		struct ks_sa *s = &ks->sas[i];

		if (!s->n_teks)
			continue;
		while (at_once && s->n_teks)
			ks_tek_remove(s, 0);
		ks_tek_make(ks, s);
	}
	ks_rearm(ks);
}

bool
ks_lkh_due(const struct ks *ks)
{
	return ks->lkh && (ks->lkh->expelled || ks_lkh_pending(ks));
}

/* Have the members heard of all TEKs? */
static bool
teks_told(const struct ks *ks)
{
	for (size_t i = 0; i < ks->n_sas; i++) {
		const struct ks_sa *s = &ks->sas[i];

		if (s->n_teks && !s->teks[s->n_teks - 1].told)
			return false;
	}
	return true;
}

void
ks_lkh_told(struct ks *ks)
{
	if (!ks->lkh)
		return;
	/* Where another KEK had to be told first, the TEKs are still to come, and as urgent. */
	ks->lkh->hurry = ks->lkh->hurry && !teks_told(ks);
	if (ks_lkh_pending(ks)) {
		ks_push_want(ks, KS_WANT_KEK, 0);
	} else if (ks->lkh->expelled) {
		ks->lkh->expelled = false;
		ks->lkh->hurry = true;
		renew_teks(ks, false);
		ks_push_want(ks, KS_WANT_TEK, 0);
	}
}

static void
expel_member(struct ks *ks, struct ks_member *m)
{
	char addr[ADDR_TEXT_MAX];

	ks_touch(ks);
	LOG(&ks->core->env.log, KS_GM_EXPELLED, addr_text(m->addr, addr), ks_name(ks));
	ks_lkh_leave(ks, m->addr);
	ks_member_remove(ks, m);
	if (ks->members.n > ks_holders(ks))
		LOG(&ks->core->env.log, KS_GM_NO_KEK, ks->members.n - ks_holders(ks), ks_name(ks));
	if (ks_has_audience(ks)) {
		ks->lkh->expelled = true;
		ks_push_want(ks, KS_WANT_KEK, 0);
	} else {
		ks_kek_make(ks);
		renew_teks(ks, true);
	}
}

/* Is there a hierarchy that is in force? */
static bool
can_expel(const struct ks *ks)
{
	return ks->kek.lkh && ks->lkh && ks_serving(ks);
}

/* Can those that stay be told? */
static bool
can_tell_others(const struct ks *ks, const struct ks_member *m)
{
	bool alone = ks->members.n == 1;

	return alone || (ks_has_audience(ks) && ks_holders(ks) > ks_holds_kek(ks, m));
}

enum expelled
ks_lkh_expel(struct ks *ks, uint32_t member)
{
	struct ks_member *m = ks_member_find(ks, member);

	if (!m || !ks_leads(ks) || !can_expel(ks))
		return EXPELLED_UNKNOWN;
	if (!can_tell_others(ks, m))
		return EXPELLED_UNTOLD;
	expel_member(ks, m);
	return EXPELLED_DONE;
}

void
ks_lkh_review(struct ks *ks)
{
	struct ks_member *m, *next;
	char addr[ADDR_TEXT_MAX];

	for (m = ks_leads(ks) && can_expel(ks) ? ks->oldest : NULL; m; m = next) {
		next = m->next;
		if (ks_listed(ks, m->addr))
			continue;
		if (can_tell_others(ks, m))
			expel_member(ks, m);
		else
			SERVER_LOG(ks->core, KS_GM_NOT_EXPELLED, addr_text(m->addr, addr),
			           ks_name(ks));
	}
}

void
ks_lkh_snap(const struct ks *ks, enum ks_kind kind, struct snap_lkh *ret)
{
	const struct lkh_tree *t = ks->lkh ? ks->lkh->trees[kind] : NULL;
	struct lkh_cost cost;

	if (!t)
		return;
	cost = lkh_tree_cost(t);
	*ret = (struct snap_lkh){.depth = lkh_tree_depth(t),
	                         .arrays = (uint32_t)cost.arrays,
	                         .wraps = (uint32_t)cost.wraps};
}
