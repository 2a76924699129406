/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From one policy of a member to the next: what a registration replaces, what a rekey adds, deletes
 * or delays (RFC 6407 4, 5.4.1, 5.9; RFC 5374 4.2.1). Everything here works on copies: what is in
 * force stays so until the dataplane has taken the next one (gm.c).
 *
 * A rekey adds. A SAT whose selector is known brings a new key for that TEK policy, and keys of it
 * that the rekey does not name stop sending; a new selector goes before what is there; what is not
 * named stays as it is. A registration, or a rekey that is the whole policy, replaces the entries.
 * An SA payload without any SAT says nothing about traffic and changes none of it. An entry whose
 * keys are gone stays: what it permits is dropped, not sent in clear.
 */
#include <stdlib.h>
#include <string.h>

#include "runtime/core/core_priv.h"
#include "runtime/core/gm.h"
#include "runtime/crypto/sig.h"

struct gm_policy *
gm_policy_copy(struct gm_policy *p)
{
	struct gm_policy *copy = gm_policy_new();
	size_t i;

	if (!p)
		return copy;
	*copy = *p;
	for (i = 0; i < p->n_teks; i++) {
		copy->teks[i].enc = copy->teks[i].auth = (struct secret){0};
		secret_clone(&copy->teks[i].enc, &p->teks[i].enc);
		secret_clone(&copy->teks[i].auth, &p->teks[i].auth);
	}
	copy->kek.key = (struct secret){0};
	secret_clone(&copy->kek.key, &p->kek.key);
	copy->kek.lkh = lkh_path_clone(p->kek.lkh);
	copy->kek.public_key = NULL;
	if (p->kek.public_key)
		copy->kek.public_key = x_memdup(p->kek.public_key, p->kek.public_key_size);
	p->kek.verifier = NULL; /* moved: it is read again when it is wanted */
	return copy;
}

/* --- keys that go ----------------------------------------------------------------------------- */

static void
remove_tek(struct gm_policy *p, size_t i)
{
	gm_tek_fini(&p->teks[i]);
	memmove(&p->teks[i], &p->teks[i + 1], (--p->n_teks - i) * sizeof(p->teks[0]));
}

bool
gm_policy_expire(struct gm_policy *p, msec now)
{
	size_t i, before = p->n_teks;

	for (i = p->n_teks; i-- > 0;)
		if (p->teks[i].expires <= now)
			remove_tek(p, i);
	if (p->kek.present && p->kek.expires <= now)
		gm_policy_drop_kek(p);
	return p->n_teks != before;
}

size_t
gm_policy_drop_tek(struct gm_policy *p, uint32_t spi)
{
	size_t i, before = p->n_teks;

	for (i = p->n_teks; i-- > 0;)
		if (!spi || p->teks[i].spi == spi)
			remove_tek(p, i);
	return before - p->n_teks;
}

void
gm_policy_drop_kek(struct gm_policy *p)
{
	gm_kek_fini(&p->kek);
}

void
gm_policy_shorten(struct gm_policy *p, msec now)
{
	for (size_t i = 0; i < p->n_teks; i++)
		p->teks[i].expires = core_shortened(p->teks[i].expires, p->teks[i].lifetime, now);
}

/* --- which TEK policy is which ---------------------------------------------------------------- */

/* The number of a TEK policy in one policy, and its number in the other. */
struct same {
	uint32_t from, to; /* to 0: not known there */
	bool several;      /* more than one there */
};

struct names {
	size_t n;
	struct same at[DP_SELECTORS_MAX + DP_SAS_MAX];
};

static struct same *
name_find(struct names *names, uint32_t from)
{
	size_t i;

	for (i = 0; i < names->n; i++)
		if (names->at[i].from == from)
			return &names->at[i];
	names->at[names->n] = (struct same){.from = from};
	return &names->at[names->n++];
}

static void
name_is(struct names *names, uint32_t from, uint32_t to)
{
	struct same *s = name_find(names, from);

	if (!to)
		return;
	s->several |= s->to && s->to != to;
	if (!s->to)
		s->to = to;
}

static uint32_t
highest_sa(const struct gm_policy *p)
{
	uint32_t sa = 0;
	size_t i;

	for (i = 0; i < p->n_teks; i++)
		sa = p->teks[i].sa > sa ? p->teks[i].sa : sa;
	for (i = 0; i < p->n_entries; i++)
		sa = p->entries[i].sa > sa ? p->entries[i].sa : sa;
	return sa;
}

/* The same selector, or the same key, is the same TEK policy. */
static void
names_collect(struct names *names, const struct gm_policy *from, struct gm_policy *to)
{
	size_t i;

	for (i = 0; i < from->n_entries; i++) {
		const struct dp_entry *e = &from->entries[i];
		const struct dp_entry *there = gm_policy_entry(to, &e->selector);

		if (e->selector.permit)
			name_is(names, e->sa, there ? there->sa : 0);
	}
	for (i = 0; i < from->n_teks; i++) {
		const struct gm_tek *there = gm_policy_tek(to, from->teks[i].spi);

		name_is(names, from->teks[i].sa, there ? there->sa : 0);
	}
}

static bool
name_taken(const struct names *names, size_t before, uint32_t to)
{
	for (size_t i = 0; i < before; i++)
		if (names->at[i].to == to)
			return true;
	return false;
}

/*
 * Gives the TEK policies of `from` the numbers that they have in `to`; those that `to` does not
 * know get numbers that are free there. apart: two of `from` never get one number, and one that
 * stands for several in `to` is new.
 */
static void
rename_policies(struct gm_policy *from, struct gm_policy *to, bool apart)
{
	struct names *names = x_alloc(sizeof(*names));
	uint32_t next = highest_sa(to);
	size_t i;

	names_collect(names, from, to);
	for (i = 0; i < names->n; i++) {
		struct same *s = &names->at[i];

		if (!s->to && !apart && s->from <= highest_sa(to))
			s->to = s->from; /* other selectors, in the same place of the list */
		if (!s->to || (apart && (s->several || name_taken(names, i, s->to))))
			s->to = ++next;
	}
	for (i = 0; i < from->n_entries; i++)
		if (from->entries[i].selector.permit)
			from->entries[i].sa = name_find(names, from->entries[i].sa)->to;
	for (i = 0; i < from->n_teks; i++)
		from->teks[i].sa = name_find(names, from->teks[i].sa)->to;
	free(names);
}

/* --- old and new keys ------------------------------------------------------------------------- */

/* A key known before keeps its birthday and its full lifetime, for display. */
static void
keep_age(struct gm_policy *fresh, struct gm_policy *old)
{
	size_t i;

	for (i = 0; i < fresh->n_teks; i++) {
		struct gm_tek *f = &fresh->teks[i];
		const struct gm_tek *t = gm_policy_tek(old, f->spi);

		if (!t)
			continue;
		f->made = t->made;
		f->lifetime = t->lifetime;
		f->activate = t->activate;
	}
}

/* A key that the member forgot early may come back; only one that outlives all it has is new. */
static bool
is_new(const struct gm_policy *old, const struct gm_tek *t)
{
	for (size_t i = 0; i < old->n_teks; i++)
		if (old->teks[i].spi == t->spi ||
		    (old->teks[i].sa == t->sa && old->teks[i].expires >= t->expires))
			return false;
	return true;
}

/* Has this TEK policy a key from before, from which to change over? */
static bool
has_keys(const struct gm_policy *p, uint32_t sa)
{
	for (size_t i = 0; i < p->n_teks; i++)
		if (p->teks[i].sa == sa)
			return true;
	return false;
}

/*
 * Sets the end of the keys of one TEK policy in `p`, except the new ones: they expire when the
 * delay is over.
 */
static void
end_old_keys(struct gm_policy *p, const struct gm_policy *old, uint32_t sa, msec at)
{
	for (size_t i = 0; i < p->n_teks; i++)
		if (p->teks[i].sa == sa && (p == old || !is_new(old, &p->teks[i])))
			p->teks[i].expires = earlier_of(p->teks[i].expires, at);
}

/*
 * Delays of activation and deactivation: only where a key replaces another. A first key sends at
 * once, since there is none that could send in its place.
 */
static void
delay_keys(struct gm_policy *fresh, struct gm_policy *old, msec now)
{
	uint32_t renewed[DP_SAS_MAX];
	size_t n = 0, i;

	for (i = 0; i < fresh->n_teks; i++) {
		struct gm_tek *t = &fresh->teks[i];

		if (!is_new(old, t) || !has_keys(old, t->sa))
			continue;
		t->activate = fresh->atd ? now + SECONDS(fresh->atd) : 0;
		renewed[n++] = t->sa;
	}
	/* A rekey that brings no key (a new KEK, an ACL) replaces none. */
	if (!fresh->dtd)
		return;
	for (i = 0; i < n; i++) /* the server may name the old keys too, as long as it has them */
		end_old_keys(fresh, old, renewed[i], now + SECONDS(fresh->dtd));
	for (i = 0; i < n; i++)
		end_old_keys(old, old, renewed[i], now + SECONDS(fresh->dtd));
}

/*
 * Do all keys that replace the old ones of this TEK policy still wait for their activation, so that
 * an old one must go on sending?
 */
static bool
successor_waits(const struct gm_policy *fresh, uint32_t sa, msec now)
{
	bool any = false;

	for (size_t i = 0; i < fresh->n_teks; i++) {
		const struct gm_tek *t = &fresh->teks[i];

		if (t->sa != sa || !t->send)
			continue;
		if (t->activate <= now)
			return false;
		any = true;
	}
	return any;
}

/* Makes room for one more: a key that only receives is the first to go. */
static bool
make_room(struct gm_policy *p)
{
	size_t i, oldest = DP_SAS_MAX;

	if (p->n_teks < DP_SAS_MAX)
		return true;
	for (i = 0; i < p->n_teks; i++)
		if (!p->teks[i].offered &&
		    (oldest == DP_SAS_MAX || p->teks[i].expires < p->teks[oldest].expires))
			oldest = i;
	if (oldest == DP_SAS_MAX)
		return false;
	remove_tek(p, oldest);
	return true;
}

static bool
move_tek(struct gm_policy *to, struct gm_tek *t)
{
	if (!make_room(to))
		return false;
	to->teks[to->n_teks++] = *t;
	t->enc = t->auth = (struct secret){0};
	return true;
}

static int
by_expiry(const void *a, const void *b)
{
	const struct gm_tek *x = a, *y = b;

	return x->expires < y->expires ? -1 : x->expires > y->expires;
}

/* --- a registration, or a rekey that is all there is ------------------------------------------ */

static void
keep_sid(struct gm_tek *t, const struct gm_policy *p)
{
	if (t->sid_bits)
		return;
	t->sid = p->sid;
	t->sid_bits = p->sid_bits;
}

/* The new identifier is for the keys that come with it: others go on with the one before. */
static void
keep_sids(struct gm_policy *old, struct gm_policy *fresh)
{
	for (size_t i = 0; i < old->n_teks; i++)
		if (!gm_policy_tek(fresh, old->teks[i].spi))
			keep_sid(&old->teks[i], old);
}

/* A key that the server hands out no more still decrypts until it expires. */
static void
replace_policy(struct gm_policy *fresh, struct gm_policy *old, msec now)
{
	size_t i;

	rename_policies(old, fresh, false);
	keep_age(fresh, old);
	delay_keys(fresh, old, now);
	for (i = old->n_teks; i-- > 0;) { /* the last to end first: room may be short */
		struct gm_tek *t = &old->teks[i];

		if (gm_policy_tek(fresh, t->spi) || fresh->n_teks == DP_SAS_MAX)
			continue;
		t->offered = t->offered && successor_waits(fresh, t->sa, now);
		keep_sid(t, old);
		move_tek(fresh, t);
	}
}

/* --- a rekey that adds ------------------------------------------------------------------------ */

/* Entries that are known follow their new keys; those that are new go before all others. */
static bool
add_entries(struct gm_policy *p, const struct gm_policy *fresh, size_t room)
{
	struct dp_entry *new = x_alloc(DP_SELECTORS_MAX * sizeof(*new));
	size_t n = 0, i, k;

	for (i = 0; i < fresh->n_entries; i++) {
		const struct dp_entry *f = &fresh->entries[i];
		struct dp_entry *e = gm_policy_entry(p, &f->selector);
		uint32_t was = e ? e->sa : 0;

		if (!e) {
			new[n++] = *f;
			continue;
		}
		e->sa = f->sa;
		for (k = 0; k < p->n_entries && p->entries[k].sa != was; k++)
			;
		if (was == f->sa || k < p->n_entries)
			continue;
		for (k = 0; k < p->n_teks; k++) /* no entry refers to the old policy any more */
			if (p->teks[k].sa == was)
				p->teks[k].sa = f->sa;
	}
	if (p->n_entries + n <= room) {
		memmove(&p->entries[n], p->entries, p->n_entries * sizeof(*new));
		memcpy(p->entries, new, n * sizeof(*new));
		p->n_entries += n;
		n = 0;
	}
	free(new);
	return n == 0;
}

/* Adds to `p` what fresh brings; NULL, or why it cannot. */
static const char *
add_policy(struct gm_policy *p, struct gm_policy *fresh, size_t room, msec now)
{
	size_t i;

	rename_policies(fresh, p, true);
	keep_age(fresh, p);
	delay_keys(fresh, p, now);
	if (!add_entries(p, fresh, room))
		return "more selectors than we can hold";
	for (i = 0; i < p->n_teks; i++)
		if (has_keys(fresh, p->teks[i].sa))
			p->teks[i].offered =
			    p->teks[i].offered && successor_waits(fresh, p->teks[i].sa, now);
	for (i = 0; i < fresh->n_teks; i++) {
		gm_policy_drop_tek(p, fresh->teks[i].spi);
		if (!move_tek(p, &fresh->teks[i]))
			return "more keys than we can hold";
	}
	return NULL;
}

/* --- together --------------------------------------------------------------------------------- */

static void
take_sid(struct gm_policy *to, const struct gm_policy *from)
{
	to->sid = from->sid;
	to->sid_bits = from->sid_bits;
}

/* The KEK: a rekey without one leaves the old one in force, a registration without one does not. */
static void
take_kek(struct gm_policy *next, struct gm_policy *fresh, struct gm_policy *old, bool pushed)
{
	struct gm_kek kek = pushed && !fresh->kek.present ? old->kek : fresh->kek;

	if (fresh->kek.present && old->kek.present &&
	    memcmp(kek.spi, old->kek.spi, sizeof(kek.spi)) == 0) {
		kek.conn_id = old->kek.conn_id;
		kek.prev_seq = old->kek.prev_seq;
		/* RFC 6407 3.3: a number below one seen already is stale. */
		if (old->kek.seq > kek.seq)
			kek.seq = old->kek.seq;
	}
	if (fresh->kek.present || !pushed)
		gm_kek_fini(&old->kek);
	fresh->kek = old->kek = (struct gm_kek){0};
	next->kek = kek;
}

struct gm_policy *
gm_policy_merge(struct gm_policy *take_old, struct gm_policy *take_fresh, bool pushed, size_t room,
                msec now, const char **ret_why)
{
	struct gm_policy *old = take_old, *fresh = take_fresh, *next;
	bool adds = (pushed && !fresh->whole) || !fresh->n_entries;
	const char *why = NULL;

	gm_policy_expire(old, now);
	next = adds ? old : fresh;
	if (adds && (fresh->sid_bits || !pushed))
		keep_sids(old, fresh);
	if (adds)
		why = add_policy(old, fresh, room, now);
	else
		replace_policy(fresh, old, now);
	take_kek(next, fresh, old, pushed);
	/* A registration ends the identifier of the one before: RFC 6407 5.6.4. */
	if (fresh->sid_bits || !pushed)
		take_sid(next, fresh);
	else
		take_sid(next, old);
	if (fresh->n_teks) {
		next->pseudo_doubt = fresh->pseudo_doubt;
		next->pseudo_synced = fresh->pseudo_synced;
	}
	gm_policy_free(adds ? fresh : old);
	qsort(next->teks, next->n_teks, sizeof(next->teks[0]), by_expiry);
	if (!why)
		return next;
	gm_policy_free(next);
	*ret_why = why;
	return NULL;
}
