/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The group's pseudotime as a member knows it (time-based anti-replay): see gm.h. It is kept with
 * each key as the offset from the member's monotonic clock, since a server that was started again
 * begins a new pseudotime with new keys while the old ones live on.
 */
#include "runtime/core/core_priv.h"
#include "runtime/core/gm.h"

/* Of the keys with time-based replay protection, the one that expires last; NULL: none. */
static const struct gm_tek *
newest_timed(const struct gm_policy *p)
{
	const struct gm_tek *newest = NULL;
	size_t i;

	for (i = 0; p && i < p->n_teks; i++)
		if (p->teks[i].time_window && (!newest || p->teks[i].expires > newest->expires))
			newest = &p->teks[i];
	return newest;
}

uint64_t
gm_pseudotime(const struct gm_policy *p, msec now)
{
	const struct gm_tek *t = newest_timed(p);

	return t && t->pseudo_offset + now > 0 ? (uint64_t)(t->pseudo_offset + now) : 0;
}

/* Have both policies a key in common? Then one run of the server made them, with one pseudotime. */
static bool
same_source(const struct gm_policy *a, const struct gm_policy *b)
{
	size_t i, j;

	for (i = 0; i < a->n_teks; i++)
		for (j = 0; j < b->n_teks; j++)
			if (a->teks[i].spi == b->teks[j].spi)
				return true;
	return false;
}

static void
shift_pseudotime(struct gm_policy *p, msec by)
{
	size_t i;

	for (i = 0; i < p->n_teks; i++)
		p->teks[i].pseudo_offset += by;
}

static unsigned
in_seconds(msec pseudotime)
{
	return pseudotime > 0 ? (unsigned)(pseudotime / 1000) : 0;
}

void
gm_pseudotime_sync(struct gm *gm, struct gm_policy *fresh, bool pushed)
{
	const struct gm_tek *old = newest_timed(gm->policy), *t = newest_timed(fresh);
	msec now = gm->core->now, ahead, window;

	fresh->pseudo_synced = now;
	if (!t) {
		gm->doubts = 0;
		return;
	}
	window = SECONDS(t->time_window);
	if (!pushed)
		gm->doubts = fresh->pseudo_doubt * 2 > window ? gm->doubts + 1 : 0;
	if (!old || (!pushed && !same_source(gm->policy, fresh)))
		return;
	ahead = old->pseudo_offset - t->pseudo_offset; /* how far we were before the server */
	if (pushed && ahead > 0 && ahead <= GM_PUSH_DELAY) {
		msec drift = (now - gm->policy->pseudo_synced) / GM_DRIFT;

		shift_pseudotime(fresh, ahead > drift ? ahead - drift : 0);
		return;
	}
	if (ahead > window || -ahead > window)
		LOG(&gm->core->env.log, PSEUDO_TIME_LARGE, in_seconds(t->pseudo_offset + now),
		    in_seconds(old->pseudo_offset + now), gm_name(gm));
}
