/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dead peer detection (RFC 3706): each side asks the other under the SA of phase 1 whether it is
 * there, when it wants to know.
 *
 *     asks                                     answers
 *     HDR*, HASH, NOTIFY(R-U-THERE, n)   -->
 *                                        <--   HDR*, HASH, NOTIFY(R-U-THERE-ACK, n)
 *
 * `crypto isakmp keepalive N [R]`: a peer that has been silent for N seconds is asked; by
 * `periodic` always, else when we are about to rely on its SA. Who does not answer is asked again
 * every R seconds, and after DPD_RETRIES questions more it is dead: its SA ends, and a member goes
 * on to its next key server.
 *
 * Numbers begin at random below 2^31 and grow by one with each question. What a peer asks under a
 * number below its last one is old; under the same one it has not heard the answer. Somebody on the
 * way can record an answer, so one counts for a question that waits, and only its number does.
 */
#include <string.h>

#include "compiler/policy/profile.h"
#include "runtime/core/core_priv.h"
#include "runtime/core/gm.h"
#include "runtime/core/xch.h"

#define DPD_RETRIES 5

/* RFC 3706 5.1: version 1.0 stands in the last two octets. */
static const uint8_t dpd_vendor_id[16] = {0xaf, 0xca, 0xd7, 0x13, 0x68, 0xa1, 0xf1, 0xc9,
                                          0x6b, 0x86, 0x96, 0xfc, 0x77, 0x57, 0x01, 0x00};

void
ike_dpd_vendor_put(struct message *m)
{
	isakmp_payload_put(m->w, m->chain, PAYLOAD_VID, SPAN(dpd_vendor_id, sizeof(dpd_vendor_id)));
}

/* Of any version: later ones answer the same question. */
bool
ike_dpd_vendor_came(const struct message *m)
{
	for (size_t i = 0; i < m->payloads->n; i++) {
		struct span body = m->payloads->at[i].body;

		if (m->payloads->at[i].type == PAYLOAD_VID && body.n == sizeof(dpd_vendor_id) &&
		    memcmp(body.p, dpd_vendor_id, sizeof(dpd_vendor_id) - 2) == 0)
			return true;
	}
	return false;
}

static const struct policy_keepalive *
keepalive_of(const struct ike_sa *sa)
{
	const struct policy_isakmp_profile *profile = ike_profile_of(sa);

	return profile ? &profile->keepalive : &sa->core->policy->keepalive;
}

bool
ike_dpd_watches(const struct ike_sa *sa)
{
	return sa->state == IKE_UP && sa->dpd.able && keepalive_of(sa)->seconds;
}

/* --- asking ----------------------------------------------------------------------------------- */

static void
rest_until(struct ike_sa *sa, msec when)
{
	timer_set(&sa->core->timers, &sa->dpd.timer, when);
}

/* Nothing waits for an answer; the next question, if one comes by itself. */
static void
plan_question(struct ike_sa *sa)
{
	const struct policy_keepalive *k = keepalive_of(sa);

	sa->dpd.waiting = 0;
	if (ike_dpd_watches(sa) && k->periodic)
		rest_until(sa, sa->dpd.heard + SECONDS(k->seconds));
	else
		timer_cancel(&sa->core->timers, &sa->dpd.timer);
}

static uint32_t
draw_number(struct ike_sa *sa)
{
	struct ike_dpd *d = &sa->dpd;

	if (!d->numbered) {
		core_random(sa->core, &d->next, sizeof(d->next));
		d->next &= INT32_MAX;
		d->numbered = true;
	}
	return d->next++;
}

static void
ask_peer(struct ike_sa *sa)
{
	struct ike_dpd *d = &sa->dpd;
	uint32_t number = draw_number(sa);
	char peer[ADDR_TEXT_MAX];

	if (!d->waiting++)
		d->first = number;
	else
		DEBUG(&sa->core->env.log, DEBUG_ISAKMP,
		      "ISAKMP:(%u):DPD incrementing error counter (%u/%u)", sa->conn_id,
		      d->waiting - 1, DPD_RETRIES);
	DEBUG(&sa->core->env.log, DEBUG_ISAKMP,
	      "ISAKMP:(%u):DPD/R_U_THERE sent to %s, sequence 0x%X", sa->conn_id,
	      addr_text(sa->path.remote, peer), number);
	info_notify(sa, NOTIFY_R_U_THERE, number);
	rest_until(sa, sa->core->now + SECONDS(keepalive_of(sa)->retry));
}

static void
bury_peer(struct ike_sa *sa)
{
	struct core *c = sa->core;
	char peer[ADDR_TEXT_MAX];

	DEBUG(&c->env.log, DEBUG_ISAKMP, "ISAKMP:(%u):peer %s not responding!", sa->conn_id,
	      addr_text(sa->path.remote, peer));
	gm_server_dead(c, sa);
	ike_sa_end(sa, "the peer is dead: it has not answered R-U-THERE", true);
}

static void
fire_question(struct core *c, struct timer *t, msec now)
{
	struct ike_sa *sa = CONTAINER(t, struct ike_sa, dpd.timer);

	(void)c;
	if (!ike_dpd_watches(sa))
		return;
	if (sa->dpd.waiting > DPD_RETRIES)
		bury_peer(sa);
	else if (sa->dpd.waiting || now - sa->dpd.heard >= SECONDS(keepalive_of(sa)->seconds))
		ask_peer(sa);
	else
		plan_question(sa);
}

void
ike_dpd_demand(struct ike_sa *sa)
{
	if (ike_dpd_watches(sa) && !sa->dpd.waiting &&
	    sa->core->now - sa->dpd.heard >= SECONDS(keepalive_of(sa)->seconds))
		ask_peer(sa);
}

/* --- what is heard ---------------------------------------------------------------------------- */

void
ike_dpd_heard(struct ike_sa *sa)
{
	sa->dpd.heard = sa->core->now;
	/* A periodic question comes later by itself: its timer looks when the peer was heard. */
	if (sa->dpd.waiting)
		plan_question(sa);
}

static enum drop
take_question(struct ike_sa *sa, uint32_t number)
{
	struct ike_dpd *d = &sa->dpd;
	int32_t ahead = d->asked ? (int32_t)(number - d->theirs) : 1;

	if (ahead < 0)
		return DROP_DPD;
	if (!(ahead > 0 ? flood_allow(&d->answers, ANSWERS_PEER, sa->core->now)
	                : flood_allow(&d->again, ANSWERS_AGAIN, sa->core->now)))
		return DROP_LIMIT;
	d->asked = true;
	d->theirs = number;
	if (ahead > 0)
		ike_dpd_heard(sa);
	info_notify(sa, NOTIFY_R_U_THERE_ACK, number);
	return DROP_NONE;
}

static enum drop
take_answer(struct ike_sa *sa, uint32_t number)
{
	struct ike_dpd *d = &sa->dpd;

	if (!d->waiting || number - d->first >= d->waiting)
		return DROP_DPD;
	DEBUG(&sa->core->env.log, DEBUG_ISAKMP,
	      "ISAKMP:(%u):DPD/R_U_THERE_ACK received, sequence 0x%X", sa->conn_id, number);
	ike_dpd_heard(sa);
	return DROP_NONE;
}

enum drop
ike_dpd_take(struct ike_sa *sa, uint16_t type, uint32_t number)
{
	return type == NOTIFY_R_U_THERE ? take_question(sa, number) : take_answer(sa, number);
}

/* --- an SA, and its settings ------------------------------------------------------------------ */

void
ike_dpd_begin(struct ike_sa *sa)
{
	sa->dpd.timer.fire = fire_question;
	sa->dpd.heard = sa->core->now;
	plan_question(sa);
}

void
ike_dpd_end(struct ike_sa *sa)
{
	timer_cancel(&sa->core->timers, &sa->dpd.timer);
}

void
ike_dpd_apply(struct core *c)
{
	for (struct ike_sa *sa = c->ike.all; sa; sa = sa->next)
		if (sa->state == IKE_UP && !(sa->dpd.waiting && ike_dpd_watches(sa)))
			plan_question(sa);
}
