/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reminders of a rekey. When its rounds are over, members that have not acknowledged it may have
 * been cut off for a while: they have only the keys of before, and hear nobody who sends with the
 * new ones. So the server tells them again, and only them, after 60 s, 120 s, 240 s and so on
 * (from twice the retransmission period on, where that is longer; always after one period with
 * `rekey retransmit N periodic`), until each has acknowledged, registered
 * or lost its keys, or until the next rekey. Nobody acknowledges a multicast rekey: the group is
 * told again as long as the KEK lives.
 *
 * A reminder is made anew, with the next sequence number, since lifetimes and pseudotime go on. It
 * waits while another rekey is wanted and cannot be sent yet.
 */
#include "runtime/core/core_priv.h"
#include "runtime/core/ks.h"

static msec
draw_interval(const struct ks *ks)
{
	const struct policy_rekey *r = &ks->cfg->server.rekey;
	msec first = SECONDS(2 * (msec)r->retransmit_period), at;
	unsigned n = ks->push.reminders;

	if (r->periodic)
		return SECONDS(r->retransmit_period);
	if (first < KS_REMIND_MIN)
		first = KS_REMIND_MIN;
	at = first << (n < 12 ? n : 12);
	return ks->push.unicast && at > KS_REMIND_MAX ? KS_REMIND_MAX : at;
}

static bool
is_owed(const struct ks_push *p, const struct ks_target *t)
{
	return !t->done && (t->asked || !p->unicast);
}

/* Nobody can read it any more. */
static bool
is_over(const struct ks *ks, msec now)
{
	const struct ks_kek *k = ks->push.under.present ? &ks->push.under : &ks->kek;

	return !k->present || k->expires <= now || ks->kek_line != ks->push.line;
}

bool
ks_remind_begin(struct ks *ks)
{
	struct ks_push *p = &ks->push;
	size_t n = 0;

	if (is_over(ks, ks->core->now))
		return false;
	for (size_t i = 0; i < p->n_targets; i++) {
		struct ks_target *t = &p->targets[i];

		if (t->member)
			t->member->target = is_owed(p, t) ? n : KS_NO_TARGET;
		if (is_owed(p, t))
			p->targets[n++] = *t;
	}
	p->n_targets = p->at = p->open = n;
	p->reminding = true;
	p->due = ks->core->now + draw_interval(ks);
	if (n)
		DEBUG(&ks->core->env.log, DEBUG_KS_REKEY,
		      "GDOI:KS REKEY:(%s): %zu have not answered, and will be reminded",
		      ks_name(ks), n);
	return n > 0;
}

bool
ks_remind(struct ks *ks, msec now)
{
	struct ks_push *p = &ks->push;

	if (!p->open || is_over(ks, now))
		return false;
	if (now < p->due)
		return true; /* the timer was set for another rekey, which has to wait */
	p->reminders++;
	p->due = now + draw_interval(ks);
	if (!ks_push_remake(ks))
		return true;
	p->round++;
	p->at = 0;
	DEBUG(&ks->core->env.log, DEBUG_KS_REKEY,
	      "GDOI:KS REKEY:(%s): reminder %u to %zu that have not answered", ks_name(ks),
	      p->reminders, p->open);
	return true;
}
