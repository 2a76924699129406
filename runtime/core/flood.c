/* SPDX-License-Identifier: Apache-2.0 */
/* The budgets of strangers, and the line that says once a minute what they went without. */
#include "runtime/core/flood.h"

#include "runtime/core/core_priv.h"

#define FLOOD_TOLD SECONDS(60)

/* --- budgets ---------------------------------------------------------------------------------- */

static bool
is_left(struct allowance *a, struct flood_rate rate, msec now)
{
	msec fresh = (now - a->refilled) / rate.refill;

	if (fresh > 0) {
		a->refilled += fresh * rate.refill;
		a->used = fresh < a->used ? a->used - (unsigned)fresh : 0;
	}
	return a->used < rate.burst;
}

bool
flood_allow(struct allowance *a, struct flood_rate rate, msec now)
{
	if (!is_left(a, rate, now))
		return false;
	a->used++;
	return true;
}

size_t
flood_slot(struct core *c, uint64_t source, size_t n)
{
	if (!c->flood.key) {
		core_random(c, &c->flood.key, sizeof(c->flood.key));
		c->flood.key |= 1;
	}
	return (size_t)((source + 1) * c->flood.key >> 32) & (n - 1);
}

static bool
take_of_both(struct core *c, struct flood_budget *b, struct flood_rate all,
             struct flood_rate source, uint32_t from)
{
	struct allowance *mine = &b->source[flood_slot(c, from, FLOOD_SLOTS)];

	if (!is_left(&b->all, all, c->now) || !is_left(mine, source, c->now))
		return false;
	b->all.used++;
	mine->used++;
	return true;
}

/* --- what may be said ------------------------------------------------------------------------- */

static bool
count_left_out(struct core *c, bool allowed, uint64_t *left_out)
{
	if (!allowed) {
		++*left_out;
		flood_note(c);
	}
	return allowed;
}

bool
flood_may_log(struct core *c, enum flood_by by, uint32_t source)
{
	bool ok = take_of_both(c, &c->flood.lines[by], LINES_ALL, LINES_SOURCE, source);

	return count_left_out(c, ok, &c->flood.lines_left_out);
}

bool
flood_may_notify(struct core *c, enum flood_by by, uint32_t source)
{
	bool ok = take_of_both(c, &c->flood.notices[by], NOTICES_ALL, NOTICES_SOURCE, source);

	return count_left_out(c, ok, &c->flood.notices_left_out);
}

/* mine: NULL for an address that has no place among those we know; it has what all have. */
static bool
take_of_peer(struct core *c, struct allowance *mine, struct flood_rate rate, struct allowance *all,
             struct flood_rate of_all)
{
	if (mine && !is_left(mine, rate, c->now))
		return false;
	if (!flood_allow(all, of_all, c->now))
		return false;
	if (mine)
		mine->used++;
	return true;
}

bool
flood_peer_may_log(struct ike_sa *sa)
{
	struct core *c = sa->core;
	struct ike_met *met = ike_met_find(c, path_peer(&sa->path));
	bool ok = take_of_peer(c, met ? &met->lines : NULL, LINES_PEER, &c->flood.peer_lines,
	                       LINES_PEERS);

	return count_left_out(c, ok, &c->flood.lines_left_out);
}

bool
flood_peer_may_notify(struct ike_sa *sa)
{
	struct core *c = sa->core;
	struct ike_met *met = ike_met_find(c, path_peer(&sa->path));
	bool ok = take_of_peer(c, met ? &met->notices : NULL, NOTICES_PEER, &c->flood.peer_notices,
	                       NOTICES_PEERS);

	return count_left_out(c, ok, &c->flood.notices_left_out);
}

bool
flood_server_may_log(struct core *c)
{
	bool ok = flood_allow(&c->flood.server, LINES_SERVER, c->now);

	return count_left_out(c, ok, &c->flood.lines_left_out);
}

/* --- once a minute ---------------------------------------------------------------------------- */

static void
tell_minute(struct core *c, struct timer *t, msec now)
{
	struct flood *f = &c->flood;

	(void)t;
	(void)now;
	if (f->setups_refused || f->setups_displaced)
		LOG(&c->env.log, IKMP_HALF_OPEN, f->setups_most, f->setups_refused,
		    f->setups_displaced);
	if (f->lines_left_out || f->notices_left_out || f->offers_refused)
		LOG(&c->env.log, IKMP_LEFT_OUT, f->lines_left_out, f->notices_left_out,
		    f->offers_refused);
	f->setups_refused = f->setups_displaced = 0;
	f->lines_left_out = f->notices_left_out = f->offers_refused = 0;
	f->setups_most = ike_setups(c);
}

void
flood_note(struct core *c)
{
	if (!c->flood.minute.place)
		timer_set(&c->timers, &c->flood.minute, c->now + FLOOD_TOLD);
}

void
flood_init(struct core *c)
{
	c->flood.minute.fire = tell_minute;
}
