/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A member that may have missed a rekey asks its key server (`client recovery-check`): see gm.h.
 *
 * What makes it ask is no proof: anybody can send ESP that looks like the group's. So it asks at
 * most once in an interval, after a random time, with the keys it has in force until the answer
 * comes; the interval doubles each time that it has asked about an SPI in vain; and it takes no
 * notice of an SPI that it has known, or asked about before: who sends under a key that is over is
 * late himself, and all who hear him would ask.
 */
#include <stdio.h>
#include <string.h>

#include "runtime/core/core_priv.h"
#include "runtime/core/gm.h"

/* --- SPIs that are no reason ------------------------------------------------------------------ */

static bool
has_seen(const struct gm *gm, uint32_t spi)
{
	for (size_t i = 0; i < ARRAY_SIZE(gm->recovery.seen); i++)
		if (gm->recovery.seen[i] == spi)
			return true;
	return false;
}

static void
see_spi(struct gm *gm, uint32_t spi)
{
	struct gm_recovery *r = &gm->recovery;

	if (has_seen(gm, spi))
		return;
	r->seen[r->next_seen] = spi;
	r->next_seen = (r->next_seen + 1) % ARRAY_SIZE(r->seen);
}

void
gm_recover_note(struct gm *gm)
{
	for (size_t i = 0; gm->policy && i < gm->policy->n_teks; i++)
		see_spi(gm, gm->policy->teks[i].spi);
}

/* --- asking ----------------------------------------------------------------------------------- */

/*
 * It asks no sooner. Strangers can make it ask in vain, so that counts for what they can send
 * alone (vain: how often in a row), and not for what it has seen itself.
 */
static msec
ask_from(const struct gm *gm, unsigned vain)
{
	uint32_t seconds = gm->cfg->recovery_check, most = GM_RECOVER_MAX;

	if (!gm->recovery.executed || (gm->recovery.ignorant && !gm->policy->sid_bits))
		return 0; /* to ask all servers of the list is to ask once */
	/* Each registration for a counter mode uses up a sender identifier of the group. */
	if (gm->policy->sid_bits) {
		seconds = seconds < GM_RECOVER_SIDS ? GM_RECOVER_SIDS : seconds;
		most = GM_RECOVER_SIDS_MAX;
	}
	for (; vain && seconds < most; vain--)
		seconds = seconds < most / 2 ? seconds * 2 : most;
	return gm->recovery.asked + SECONDS(seconds);
}

static void
ask_later(struct gm *gm, uint32_t spi, msec from, const char *why)
{
	struct gm_recovery *r = &gm->recovery;
	struct core *c = gm->core;
	msec at = c->now < from ? from : c->now;

	at += core_random_below(c, GM_RECOVER_JITTER);
	r->spi = spi;
	LOG(&c->env.log, GM_RECOVERY, gm_name(gm), why, (unsigned)((at - c->now + 999) / 1000));
	timer_set(&c->timers, &r->timer, at);
}

size_t
gm_server_after(const struct gm *gm, uint32_t server)
{
	for (size_t i = 0; i + 1 < gm->cfg->n_servers; i++)
		if (gm->cfg->servers[i] == server)
			return i + 1;
	return 0;
}

void
gm_recover_fire(struct core *c, struct timer *t, msec now)
{
	struct gm *gm = CONTAINER(t, struct gm, recovery.timer);
	struct gm_recovery *r = &gm->recovery;
	uint32_t dead = r->dead;

	(void)c;
	r->dead = 0;
	/* It asks already, or a rekey has come meanwhile. */
	if (gm->state != GM_REGISTERED || (r->spi && has_seen(gm, r->spi) && !dead))
		return;
	r->asked = now;
	r->asking = true;
	r->executed++;
	gm_reregister_at(gm, now);
	if (dead || r->ignorant)
		gm->server = gm_server_after(gm, dead ? dead : r->ignorant);
}

void
gm_recover_spi(struct gm *gm, uint32_t spi)
{
	struct gm_recovery *r = &gm->recovery;
	char why[64];
	msec from;

	if (!gm->cfg->recovery_check || gm->state != GM_REGISTERED || r->timer.place ||
	    has_seen(gm, spi))
		return;
	from = ask_from(gm, r->vain);
	if (gm->core->now < from) {
		r->postponed++; /* whoever sends will be heard again */
		return;
	}
	snprintf(why, sizeof(why), "somebody sends under SPI 0x%08X, which is not known here", spi);
	ask_later(gm, spi, from, why);
}

void
gm_recover_ask(struct gm *gm, const char *why)
{
	if (gm->state == GM_WAITING)
		gm_retry(gm);
	else if (gm->cfg->recovery_check && gm->state == GM_REGISTERED && !gm->recovery.timer.place)
		ask_later(gm, 0, ask_from(gm, 0), why);
}

/*
 * A server that deletes the SA long before its time has been cleared, or is going down: its members
 * may have missed what it has said since. An SA whose time is over says nothing.
 */
void
gm_server_left(struct core *c, const struct ike_sa *sa)
{
	msec late = SECONDS((msec)sa->suite.lifetime) / 20 + GM_REREGISTER_MIN;

	for (size_t i = 0; i < c->n_gms && sa->expires - c->now > late; i++)
		if (c->gms[i]->sa == sa && c->gms[i]->state == GM_REGISTERED)
			gm_recover_ask(c->gms[i], "its key server has ended phase 1");
}

/*
 * Its keys are good for as long as they live. But rekeys of a server that is dead do not come:
 * where there is another, the member asks that one.
 */
void
gm_server_dead(struct core *c, const struct ike_sa *sa)
{
	for (size_t i = 0; i < c->n_gms; i++) {
		struct gm *gm = c->gms[i];

		if (gm->sa != sa || gm->state != GM_REGISTERED || gm->cfg->n_servers < 2 ||
		    !gm->cfg->recovery_check)
			continue;
		gm->recovery.dead = sa->path.remote;
		gm_recover_ask(gm, "its key server is dead");
	}
}

/* When no server of the list knows the SPI better, it is no reason any more. */
static void
note_answer(struct gm *gm)
{
	struct gm_recovery *r = &gm->recovery;
	bool known = has_seen(gm, r->spi), last = ++r->tried >= gm->cfg->n_servers;

	r->ignorant = known || last ? 0 : gm->registered_server;
	if (r->ignorant)
		return;
	r->tried = 0;
	r->vain = known ? 0 : r->vain + 1;
	see_spi(gm, r->spi);
}

void
gm_recover_done(struct gm *gm)
{
	struct gm_recovery *r = &gm->recovery;

	if (r->asking && r->spi)
		note_answer(gm);
	r->asking = false;
}

void
gm_recover_rekeyed(struct gm *gm)
{
	gm->recovery.vain = 0;
}

void
gm_recover_forget(struct gm *gm)
{
	struct gm_recovery *r = &gm->recovery;

	timer_cancel(&gm->core->timers, &r->timer);
	memset(r->seen, 0, sizeof(r->seen));
	r->next_seen = 0;
	r->vain = 0;
	r->dead = r->ignorant = 0;
	r->tried = 0;
	r->asking = false;
}
