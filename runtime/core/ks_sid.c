/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sender identifiers of counter modes, as many as `group size` and `identifier` leave this server
 * (RFC 6407 3.5, 5.6.4; RFC 6054): the server's number in front, the member's behind it. Without
 * `identifier` all are its own.
 */
#include "runtime/core/core_priv.h"
#include "runtime/core/ks.h"
#include "runtime/wire/gdoi.h"

uint8_t
ks_sid_bits(const struct ks *ks)
{
	uint8_t bits =
	    ks->coop.on && ks->coop.sid_bits ? ks->coop.sid_bits : ks->cfg->server.sid_bits;

	return bits ? bits : GDOI_SID_BITS;
}

/* Identifiers under one number of a server. */
static uint64_t
under_each(const struct ks *ks)
{
	unsigned bits = ks_sid_bits(ks);

	return (uint64_t)1 << (bits - policy_kssid_bits(bits));
}

uint64_t
ks_sids_all(const struct ks *ks)
{
	const struct policy_server *s = &ks->cfg->server;
	uint64_t n = 0;

	if (!s->n_kssids)
		return (uint64_t)1 << ks_sid_bits(ks);
	/* The group's are not divided as its parts are: those of before `group size` was typed. */
	if (ks->coop.on && ks_sid_bits(ks) != s->sid_bits)
		return 0;
	for (size_t i = 0; i < s->n_kssids; i++)
		if (s->kssids[i].low <= s->kssids[i].high)
			n += s->kssids[i].high - s->kssids[i].low + 1u;
	return n * under_each(ks);
}

void
ks_sid_pool(const struct ks *ks, struct coop_kssids *ret)
{
	const struct policy_server *s = &ks->cfg->server;

	coop_kssids_of(s->kssids, s->n_kssids, ks_sid_bits(ks), ret);
}

uint32_t
ks_sid_at(const struct ks *ks, uint64_t nth)
{
	const struct policy_server *s = &ks->cfg->server;
	uint64_t each = under_each(ks), kssid = nth / each;

	for (size_t i = 0; i < s->n_kssids; i++) {
		uint64_t here = s->kssids[i].high - s->kssids[i].low + 1u;

		if (kssid < here)
			return (uint32_t)((s->kssids[i].low + kssid) * each + nth % each);
		kssid -= here;
	}
	return (uint32_t)nth;
}

/* Whoever may send gets one, and more when it asks: RFC 6407 3.5. */
static uint32_t
number_asked(const struct ks_offer *offer)
{
	return !offer->counter              ? 0
	       : !offer->sids               ? 1
	       : offer->sids > KS_SIDS_EACH ? KS_SIDS_EACH
	                                    : offer->sids;
}

void
ks_sids_restart(struct ks *ks)
{
	if (ks->coop.on) {
		ks_coop_sids_gone(ks);
		return;
	}
	if (!ks->next_sid)
		return; /* nobody has one */
	ks_touch(ks);
	/*
	 * A server out of service can tell nobody now. It marks all identifiers as used, so that
	 * the next member that asks makes it start over.
	 */
	ks->next_sid = ks_serving(ks) ? 0 : UINT64_MAX;
	ks_remove_members(ks, true);
}

/*
 * One of several servers has taken a piece for itself, and asks for the next before that is used
 * up.
 */
bool
ks_sids_awaited(struct ks *ks, const struct ks_offer *offer)
{
	uint64_t left = ks_coop_sids_left(ks), n = number_asked(offer);

	if (!ks->coop.on)
		return false;
	if (n && left < n + ks_coop_sids_piece(ks) / 2 && !ks->coop.sids_wanted) {
		ks->coop.sids_wanted = true;
		coop_look(ks->core);
	}
	ks->coop.sids_short |= left < n;
	return left < n;
}

bool
ks_sids_reserve(struct ks *ks, const struct ks_offer *offer)
{
	uint64_t all = ks_sids_all(ks);

	if (ks->coop.on)
		return ks_coop_sids_left(ks) >= number_asked(offer);
	if (ks->next_sid <= all && all - ks->next_sid >= number_asked(offer))
		return true;
	LOG(&ks->core->env.log, KS_SIDS_EXHAUSTED, ks_name(ks));
	ks_sids_restart(ks);
	return false;
}

void
ks_sids_take(struct ks *ks, const struct ks_offer *offer, struct gdoi_key *ret)
{
	*ret = (struct gdoi_key){.type = KD_SID, .sid_bits = ks_sid_bits(ks)};
	for (uint32_t n = number_asked(offer); n; n--) {
		ret->sids[ret->n_sids++] = ks_sid_at(ks, ks->next_sid++);
		if (ks->coop.on)
			ks_coop_next_piece(ks);
	}
}
