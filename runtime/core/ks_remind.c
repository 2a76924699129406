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
 * Who has missed a new KEK cannot read what comes under it. So KEKs are kept for a while, and who
 * holds an older one is told under that, of the present KEK and of all keys.
 *
 * A reminder is made anew, with the next sequence number, since lifetimes and pseudotime go on. It
 * waits while another rekey is wanted and cannot be sent yet.
 */
#include <stdlib.h>
#include <string.h>

#include "runtime/core/core_priv.h"
#include "runtime/core/ks.h"
#include "runtime/core/push.h"

/* --- KEKs that somebody may hold still -------------------------------------------------------- */

void
ks_older_forget(struct ks *ks)
{
	for (size_t i = 0; i < KS_OLDER; i++)
		ks_kek_fini(&ks->older[i]);
}

void
ks_older_keep(struct ks *ks, struct ks_kek *take_kek, bool told)
{
	ks_kek_fini(&ks->older[KS_OLDER - 1]);
	memmove(&ks->older[1], &ks->older[0], (KS_OLDER - 1) * sizeof(ks->older[0]));
	ks->older[0] = *take_kek;
	ks->older[0].told = told;
	*take_kek = (struct ks_kek){.present = false};
	/* Where one of them was not to know the next, those before it must not, either. */
	for (size_t i = 1; i < KS_OLDER; i++)
		ks->older[i].told &= told;
}

static bool
is_alive(const struct ks *ks, const struct ks_kek *k)
{
	return k->present && k->expires > ks->core->now;
}

struct ks_kek *
ks_kek_by_serial(struct ks *ks, uint32_t serial)
{
	if (!serial)
		return NULL;
	if (ks->kek.serial == serial)
		return is_alive(ks, &ks->kek) ? &ks->kek : NULL;
	for (size_t i = 0; i < KS_OLDER; i++)
		if (ks->older[i].serial == serial)
			return is_alive(ks, &ks->older[i]) ? &ks->older[i] : NULL;
	return NULL;
}

unsigned
ks_message_for(const struct ks *ks, const struct ks_kek *under, const struct ks_member *m)
{
	/* With a key hierarchy, members need every KEK to come to the next. */
	for (unsigned i = 0; i < KS_OLDER && !under->lkh && m->kek_serial != under->serial; i++) {
		const struct ks_kek *k = &ks->older[i];

		if (k->serial == m->kek_serial && k->told && !k->lkh && k->unicast &&
		    is_alive(ks, k))
			return (1 + i) * KS_KINDS + m->kind;
	}
	return m->kind;
}

/* --- what they are told ---------------------------------------------------------------------- */

/* Which messages are still to be sent to somebody (ks_rekey.c: send_to). */
static void
find_open(const struct ks_push *p, bool ret[static KS_MESSAGES])
{
	for (size_t i = 0; i < p->n_targets; i++)
		for (unsigned k = p->targets[i].kind; k <= p->targets[i].message; k += KS_KINDS)
			ret[k] |= !p->targets[i].done;
}

/*
 * What is told under an older KEK: the present one, and all that its holders may have missed, too.
 * But who has to go is told so and no more.
 */
static struct push_plan
catch_up_plan(const struct push_plan *plan, struct ks_kek *under)
{
	struct push_plan p = *plan;

	p.under = under;
	if (!p.delete_kek)
		p.parts = KS_WANT_KEK | KS_WANT_TEK;
	return p;
}

void
ks_push_catch_up(struct ks *ks, const struct push_plan *plan)
{
	struct ks_push *p = &ks->push;
	bool wanted[KS_MESSAGES] = {false};

	find_open(p, wanted);
	for (unsigned i = KS_KINDS; i < KS_MESSAGES; i++) {
		struct ks_kek *under = &ks->older[i / KS_KINDS - 1];
		const struct push_plan catch_up = catch_up_plan(plan, under);
		enum ks_kind kind = i % KS_KINDS;

		if (!wanted[i])
			continue;
		under->sas[kind].seq++;
		ks_push_make(ks, &catch_up, kind, &p->messages[i]);
	}
}

void
ks_push_recognise(struct ks *ks)
{
	ks->push.number = ++ks->n_pushes;
	for (unsigned i = 0; i < KS_KINDS; i++) {
		struct ks_message *m = &ks->push.messages[i];

		m->push = ks->push.number;
		for (unsigned k = 0; k <= KS_OLDER; k++) {
			const struct ks_kek *kek = k ? &ks->older[k - 1] : &ks->kek;

			if (kek->present && !memcmp(m->spi, kek->sas[i].spi, PUSH_SPI))
				m->under = kek->serial;
		}
		m->brings = m->dismissal ? 0 : ks->kek.serial;
	}
}

/*
 * Deletes and the arrays of a key hierarchy say nothing of time: they are said again octet for
 * octet, and who has acknowledged them knows them again.
 */
static bool
stays_as_it_is(const struct ks *ks)
{
	const struct ks_push *p = &ks->push;

	const struct ks_message *m = &p->messages[p->messages[KS_OURS].bytes ? KS_OURS : KS_OTHERS];

	return !ks->kek.present || m->dismissal || (p->plan && p->plan->delete_kek) ||
	       (ks->kek.lkh && m->brings != m->under);
}

/* Multicast: those who have heard it do not listen where it is told. */
static bool
remake_in_place(struct ks *ks)
{
	struct ks_push *p = &ks->push;

	for (unsigned i = 0; i < KS_KINDS; i++) {
		struct ks_message *m = &p->messages[i], old = *m;
		struct ks_kek *under = ks_kek_by_serial(ks, m->under);
		struct push_plan plan = {.parts = KS_WANT_TEK, .under = under};

		if (!old.bytes || !under)
			continue;
		if (under != &ks->kek)
			plan.parts |= KS_WANT_KEK;
		under->sas[i].seq++;
		if (!ks_push_make(ks, &plan, i, m))
			return false;
		free(old.bytes);
		secret_fini(&old.ack_key);
	}
	return true;
}

/*
 * Unicast: under the present KEK, which they may have though their acknowledgement was lost, and
 * under those before it.
 */
static bool
remake_for_each(struct ks *ks)
{
	struct ks_push *p = &ks->push;
	struct push_plan plan = {.parts = KS_WANT_TEK};
	bool open[KS_MESSAGES] = {false};

	if (p->plan)
		plan = *p->plan;
	plan.parts = KS_WANT_TEK;
	plan.under = &ks->kek;
	ks_acks_late(ks);
	ks_messages_fini(p->messages, KS_MESSAGES);
	for (size_t i = 0; i < p->n_targets; i++)
		if (p->targets[i].member)
			p->targets[i].message = ks_message_for(ks, &ks->kek, p->targets[i].member);
	find_open(p, open);
	for (unsigned i = 0; i < KS_KINDS; i++) {
		if (!open[i])
			continue;
		ks->kek.sas[i].seq++;
		if (!ks_push_make(ks, &plan, i, &p->messages[i]))
			return false;
	}
	ks_push_catch_up(ks, &plan);
	return true;
}

bool
ks_push_remake(struct ks *ks)
{
	/* What is wanted tells more; and who has left must not read on. */
	if (ks->wants || ks_is_suspended(ks) || ks_lkh_pending(ks))
		return false;
	if (stays_as_it_is(ks))
		return true;
	if (!ks_complete(ks))
		return false;
	return ks->push.unicast ? remake_for_each(ks) : remake_in_place(ks);
}

/* --- reminders -------------------------------------------------------------------------------- */

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
is_over(struct ks *ks)
{
	const struct ks_push *p = &ks->push;
	bool open[KS_MESSAGES] = {false};

	if (ks->kek_line != p->line)
		return true;
	find_open(p, open);
	for (unsigned i = 0; i < KS_MESSAGES; i++)
		if (open[i] && ks_kek_by_serial(ks, p->messages[i].under))
			return false;
	return true;
}

bool
ks_remind_begin(struct ks *ks)
{
	struct ks_push *p = &ks->push;
	size_t n = 0;

	if (is_over(ks))
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

	if (!p->open || is_over(ks))
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
