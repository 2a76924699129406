/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GROUPKEY-PUSH of a key server (RFC 6407 4.3): a rekey is made once for all members of a kind
 * (ks.h), signed and encrypted under that kind's Rekey SA, sent in batches, and again after each
 * retransmission period to those that have not acknowledged (RFC 8263; ks_ack.c).
 *
 *             ks_push_want        timer                  all rounds over, or all acknowledged
 *   (nothing) ----------> wanted -------> under way ----------------------------> (nothing)
 *                            ^                |  ks_push_want
 *                            +----------------+  kept for afterwards
 *
 * Who has not acknowledged by then is reminded of it at growing intervals (ks_remind.c), until the
 * next rekey.
 *
 * Multicast rekeys (RFC 6407 4) go to one address, are sent again in every round, and nobody
 * acknowledges them.
 *
 * A rekey to our own members always tells the whole policy for traffic, so that what it lacks ends.
 * The others can only be told of keys, which they add to what they have. A rekey for a new KEK
 * alone brings nothing else.
 *
 * A new KEK is told under the old one, which is kept as long as somebody is told.
 */
#include <stdlib.h>
#include <string.h>

#include "compiler/policy/protocol.h"
#include "runtime/core/core_priv.h"
#include "runtime/core/ks.h"
#include "runtime/core/push.h"
#include "runtime/crypto/sig.h"
#include "runtime/wire/gdoi.h"

/* --- the message ------------------------------------------------------------------------------ */

static void
put_delete(struct wr *w, struct isakmp_chain *chain, uint8_t proto, uint8_t spi_size, size_t n,
           struct span spis)
{
	isakmp_payload_begin(w, chain, PAYLOAD_DELETE);
	isakmp_delete_put(w, &(struct isakmp_delete){.doi = DOI_GDOI,
	                                             .proto = proto,
	                                             .spi_size = spi_size,
	                                             .n = (uint16_t)n,
	                                             .spis = spis});
	isakmp_payload_end(w, chain);
}

/*
 * RFC 6407 5.9: one protocol to a payload; protocol 0 is the KEK. SPI 0 stands for all, and for the
 * KEK too when nothing of the group is to stay.
 */
static void
put_deletes(struct wr *w, struct isakmp_chain *chain, const struct push_plan *p, enum ks_kind kind)
{
	static const uint8_t zero[PUSH_SPI];
	uint8_t spis[KS_OFFER_MAX * 4];
	struct wr s = wr_buf(spis, sizeof(spis));

	for (size_t i = 0; i < p->n_old; i++)
		wr_u32(&s, p->old[i]);
	if (p->delete_teks)
		put_delete(w, chain, GDOI_PROTO_ESP, 4, 1, SPAN(zero, 4));
	else if (p->n_old)
		put_delete(w, chain, GDOI_PROTO_ESP, 4, p->n_old, wr_done(&s));
	if (p->delete_kek)
		put_delete(w, chain, 0, PUSH_SPI, 1,
		           SPAN(p->delete_teks ? zero : p->under->sas[kind].spi, PUSH_SPI));
}

static bool
put_policy(struct ks *ks, struct wr *w, struct isakmp_chain *chain, const struct push_plan *p,
           enum ks_kind kind)
{
	struct ks_offer offer;
	bool ok;

	isakmp_payload_begin(w, chain, PAYLOAD_SA);
	ok = ks_sa_push(ks, w, p->parts, kind, &offer);
	isakmp_payload_end(w, chain);
	if (!ok)
		return false;
	isakmp_payload_begin(w, chain, PAYLOAD_KD);
	ks_kd_put(ks, w, &offer);
	isakmp_payload_end(w, chain);
	return true;
}

/* The SIG payload over what has been written, and padding; false when it cannot be signed. */
static bool
put_signature(struct ks *ks, struct wr *w, struct isakmp_chain *chain, const struct push_plan *p)
{
	const struct rsa_key *key = p->under->signer;
	uint8_t digest[HASH_SIZE_MAX], sig[RSA_SIG_MAX] = {0};
	size_t size = (p->under->sig_bits + 7) / 8, at, block;

	if (size > sizeof(sig))
		return false;
	at = w->n;
	isakmp_payload_put(w, chain, PAYLOAD_SIG, SPAN(sig, size));
	isakmp_finish(w); /* the length that is signed knows of no padding */
	if (w->bad)
		return false;
	push_digest(p->under->sig_hash, SPAN(w->buf, at), digest);
	if (rsa_sign(key, ks->cfg->server.rekey.bare_hash ? SIG_BARE_HASH : SIG_DIGEST_INFO,
	             p->under->sig_hash, digest, sig) != size)
		return false;
	memcpy(w->buf + at + 4, sig, size);
	block = cipher_block_size(p->under->cipher);
	while ((w->n - ISAKMP_HEADER) % block)
		wr_u8(w, 0);
	isakmp_finish(w);
	return !w->bad;
}

/*
 * The plan for members of other makes when packets begin to carry a time, which they cannot read:
 * there are no keys for them any more, and they must delete those that have been replaced.
 */
static struct push_plan
dismissal_plan(const struct push_plan *p)
{
	return (struct push_plan){.under = p->under, .delete_kek = true, .delete_teks = true};
}

bool
ks_push_make(struct ks *ks, const struct push_plan *p, enum ks_kind kind, struct ks_message *ret)
{
	const struct push_plan out = dismissal_plan(p);
	const struct ks_rekey_sa *sa = &p->under->sas[kind];
	struct wr w = wr_buf(ks->core->scratch, ISAKMP_MESSAGE_MAX);
	struct isakmp_header header = {.version = ISAKMP_VERSION,
	                               .exchange = EXCHANGE_GROUPKEY_PUSH,
	                               .flags = FLAG_ENCRYPTION};
	struct isakmp_chain chain = ISAKMP_CHAIN;
	bool ok = true;

	if (kind == KS_OTHERS && p->parts & KS_WANT_TEK && ks_for_testudo_only(ks))
		p = &out;
	memcpy(header.cookie_i, sa->spi, COOKIE_SIZE);
	memcpy(header.cookie_r, sa->spi + COOKIE_SIZE, COOKIE_SIZE);
	isakmp_header_put(&w, &header);
	isakmp_payload_begin(&w, &chain, PAYLOAD_SEQ);
	gdoi_seq_put(&w, sa->seq);
	isakmp_payload_end(&w, &chain);
	put_deletes(&w, &chain, p, kind);
	if (p->parts)
		ok = put_policy(ks, &w, &chain, p, kind);
	ok = ok && put_signature(ks, &w, &chain, p) &&
	     push_crypt(p->under->cipher, &sa->key, true, w.buf + ISAKMP_HEADER,
	                w.n - ISAKMP_HEADER);
	if (ok) {
		*ret = (struct ks_message){.bytes = x_memdup(w.buf, w.n),
		                           .n = w.n,
		                           .seq = sa->seq,
		                           .push = ks->push.number,
		                           .under = p->under->serial,
		                           .brings = p->delete_kek            ? 0
		                                     : p->parts & KS_WANT_KEK ? ks->kek.serial
		                                                              : p->under->serial,
		                           .own_keys = p->under->lkh};
		memcpy(ret->spi, sa->spi, sizeof(ret->spi));
		push_ack_key(HASH_SHA256, p->under->cipher, &sa->key, sa->spi, &ret->ack_key);
	}
	wipe(ks->core->scratch, w.n);
	return ok;
}

/* --- sending ---------------------------------------------------------------------------------- */

void
ks_messages_fini(struct ks_message *messages, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(messages[i].bytes);
		secret_fini(&messages[i].ack_key);
		messages[i] = (struct ks_message){.bytes = NULL};
	}
}

void
ks_push_end(struct ks *ks)
{
	struct ks_push *p = &ks->push;

	for (size_t i = 0; i < p->n_targets; i++)
		if (p->targets[i].member)
			p->targets[i].member->target = KS_NO_TARGET;
	free(p->targets);
	free(p->plan);
	/* All hold the present one; but who registered where the store is away is not known. */
	if (p->active && !p->open && !ks->coop.on)
		ks_older_forget(ks);
	if (p->active)
		ks_messages_fini(ks->late, KS_MESSAGES); /* of pushes before this one */
	ks_acks_late(ks);
	ks_messages_fini(p->messages, KS_MESSAGES);
	*p = (struct ks_push){.active = false};
	timer_cancel(&ks->core->timers, &ks->push_timer);
}

/*
 * RFC 8263 7.2: the most recent KEK says whether a member acknowledges, and that includes the rekey
 * which brings it. An acknowledgement counts when the old or the new KEK asks for it; a member
 * misses one only when both ask.
 */
static bool
set_asked(const struct ks *ks, const struct push_plan *plan, struct ks_member *m)
{
	bool then = plan->parts & KS_WANT_KEK ? ks_asks(ks, m->kind) : m->acks;

	m->asked = m->acks || then;
	return m->acks && then;
}

/* Where it goes: to all that can read it, or to the group, once for each kind of members. */
static void
aim_push(struct ks *ks, const struct push_plan *plan)
{
	const struct ks_kek *under = plan->under;
	struct ks_push *p = &ks->push;
	struct ks_member *m;

	p->targets = x_alloc((ks->members.n + KS_KINDS) * sizeof(*p->targets));
	p->unicast = under->unicast;
	p->port = p->unicast ? GDOI_PORT : under->group_port;
	p->group_addr = under->group_addr;
	for (int i = 0; i < KS_KINDS && !p->unicast; i++)
		if (ks->n_holders[i])
			p->targets[p->n_targets++] = (struct ks_target){
			    .addr = under->group_addr, .kind = i, .message = (unsigned)i};
	for (m = ks->oldest; m; m = m->next) {
		bool asked = ks_holds_kek(ks, m) && set_asked(ks, plan, m);

		if (!p->unicast || !ks_holds_kek(ks, m))
			continue;
		m->target = p->n_targets;
		p->targets[p->n_targets++] =
		    (struct ks_target){.addr = m->addr,
		                       .kind = m->kind,
		                       .message = ks_message_for(ks, under, m),
		                       .asked = asked,
		                       .member = m};
	}
	p->open = p->n_targets;
}

/* The members as they are now; false when a message cannot be made. */
static bool
start_push(struct ks *ks, const struct push_plan *plan)
{
	struct ks_push *p = &ks->push;

	p->active = true;
	p->number = ++ks->n_pushes;
	p->lasting =
	    plan->parts & KS_WANT_KEK || plan->delete_kek || plan->delete_teks || plan->n_old;
	aim_push(ks, plan);
	for (int i = 0; i < KS_KINDS; i++)
		if (ks->n_holders[i] && !ks_push_make(ks, plan, i, &p->messages[i])) {
			ks_push_end(ks);
			return false;
		}
	for (int i = 0; i < KS_KINDS; i++) {
		memcpy(p->origin[i].spi, p->messages[i].spi, sizeof(p->origin[i].spi));
		p->origin[i].seq = p->messages[i].seq;
	}
	ks_push_catch_up(ks, plan);
	return true;
}

/* Nobody acknowledges a multicast rekey: the server assumes that all members have it. */
static void
note_all(struct ks *ks, enum ks_kind kind)
{
	struct ks_member *m = ks->oldest, *next;

	for (size_t n = ks->members.n; n--; m = next) {
		next = m->next;
		if (m->kind != kind || !ks_holds_kek(ks, m))
			continue;
		m->rekeys_sent++;
		m->kek_serial = ks->push.messages[kind].brings;
		ks_member_touch(ks, m);
	}
}

/*
 * Who holds an older KEK, as far as is known, may hold any newer one, too, since acknowledgements
 * are lost as well: he is told under each of them.
 */
static void
send_to(struct ks *ks, const struct ks_target *t)
{
	const struct ks_push *p = &ks->push;
	const struct path path = {.local = ks->cfg->server.addr,
	                          .remote = t->addr,
	                          .local_port = GDOI_PORT,
	                          .remote_port = p->port,
	                          .vrf = ks_vrf(ks)};

	for (unsigned i = t->kind; i <= t->message; i += KS_KINDS) {
		const struct ks_message *m = &p->messages[i];

		if (m->bytes)
			core_send_rekey(ks, &path, SPAN(m->bytes, m->n));
	}
}

static void
send_one(struct ks *ks, struct ks_target *t)
{
	const struct ks_push *p = &ks->push;
	const struct ks_message *message = &p->messages[t->kind];

	send_to(ks, t);
	if (p->round)
		ks->pushed.retransmits++;
	if (!p->unicast && !p->round)
		note_all(ks, t->kind);
	if (!t->member)
		return;
	if (p->round) {
		t->member->retries++;
	} else {
		size_t place = t->member->rekeys_sent++ % ARRAY_SIZE(t->member->sent_seq);

		t->member->sent_seq[place] = message->seq;
		t->member->acked_seq[place] = 0;
	}
	if (t->asked)
		return;
	if (message->brings)
		t->member->kek_serial = message->brings;
	ks_member_touch(ks, t->member);
}

/* As many as it takes to have told all within the time of a round. */
static size_t
batch_size(const struct ks_push *p)
{
	size_t even = p->n_targets / (KS_PUSH_ROUND / KS_PUSH_PACE) + 1;

	return even > KS_PUSH_BATCH ? even : KS_PUSH_BATCH;
}

/* The next batch of this round; false when the round is over. */
static bool
send_batch(struct ks *ks)
{
	struct ks_push *p = &ks->push;
	size_t most = batch_size(p);

	for (size_t n = 0; p->at < p->n_targets && n < most; p->at++) {
		if (p->targets[p->at].done)
			continue;
		send_one(ks, &p->targets[p->at]);
		n++;
	}
	return p->at < p->n_targets;
}

/* --- what is wanted --------------------------------------------------------------------------- */

bool
ks_has_audience(const struct ks *ks)
{
	return ks->kek.present && ks_holders(ks) && (ks->kek.unicast || ks->kek.group_addr);
}

static void
announce_push(struct ks *ks, const struct push_plan *plan)
{
	char addr[ADDR_TEXT_MAX], to[ADDR_TEXT_MAX];

	addr_text(ks->cfg->server.addr, addr);
	for (int i = 0; i < KS_KINDS; i++) {
		const struct ks_message *m = &ks->push.messages[i];

		if (!m->bytes)
			continue;
		DEBUG(&ks->core->env.log, DEBUG_KS_REKEY,
		      "GDOI:KS REKEY:(%s): seq # %u%s to %zu members", ks_name(ks), m->seq,
		      plan->parts & KS_WANT_KEK ? " with a new KEK" : "", ks->n_holders[i]);
		if (plan->under->unicast)
			LOG(&ks->core->env.log, KS_SEND_UNICAST_REKEY, ks_name(ks), addr, m->seq);
		else
			LOG(&ks->core->env.log, KS_SEND_MCAST_REKEY, ks_name(ks), addr,
			    addr_text(plan->under->group_addr, to), m->seq);
	}
}

/*
 * Members change over to the new keys as the GAP payload says (RFC 5374 4.2.1). The server does the
 * same, so that it hands out no key that members will have deleted.
 */
static void
change_over(struct ks *ks)
{
	msec now = ks->core->now, atd = SECONDS(ks_lkh_activation(ks)),
	     dtd = SECONDS(ks_lkh_deactivation(ks));

	for (size_t i = 0; i < ks->n_sas; i++) {
		struct ks_sa *s = &ks->sas[i];
		struct ks_tek *newest = s->n_teks ? &s->teks[s->n_teks - 1] : NULL;

		if (!newest || newest->told)
			continue;
		newest->told = true;
		if (s->n_teks == 1)
			continue;
		newest->activate = atd ? now + atd : 0;
		for (size_t j = 0; dtd && j + 1 < s->n_teks; j++)
			if (s->teks[j].expires > now + dtd)
				s->teks[j].expires = now + dtd;
	}
}

/* Makes and sends a rekey; false when it cannot be made, and then nobody is told. */
static bool
send_it(struct ks *ks, const struct push_plan *plan)
{
	if (!start_push(ks, plan)) {
		LOG(&ks->core->env.log, GDOI_REKEY_FAILURE, ks_name(ks),
		    "the message cannot be made: too long, or the RSA key is too small");
		return false;
	}
	ks->pushed.rekeys++;
	ks->pushed.retransmits = 0;
	ks->pushed.began = ks->core->now;
	ks->pushed.took = 0;
	announce_push(ks, plan);
	if (plan->parts & KS_WANT_TEK)
		change_over(ks);
	timer_set(&ks->core->timers, &ks->push_timer, ks->core->now);
	return true;
}

/* Keys of SAs that were removed are deleted with it. */
static void
take_gone(struct ks *ks, struct push_plan *plan)
{
	for (; ks->n_gone && plan->n_old < KS_OFFER_MAX; ks->n_gone--)
		plan->old[plan->n_old++] = ks->gone[ks->n_gone - 1];
	ks->n_gone = 0;
}

/*
 * Members that have left can read what is sent under the present KEK. So the next rekey brings
 * nothing but the new KEK, which they cannot decrypt; what else is wanted follows under the new
 * one.
 */
static unsigned
kek_first(struct ks *ks, unsigned wants, struct push_plan *plan)
{
	if (wants & KS_WANT_TEK) {
		ks->wants |= KS_WANT_TEK;
		ks->wanted_at = ks->core->now;
	}
	for (; plan->n_old && ks->n_gone < KS_OFFER_MAX; plan->n_old--)
		ks->gone[ks->n_gone++] = plan->old[plan->n_old - 1];
	plan->n_old = 0;
	plan->parts = KS_WANT_KEK;
	return KS_WANT_KEK;
}

/* What it takes to make the messages again; takes over the KEK they are told under. */
static void
keep_plan(struct ks *ks, const struct push_plan *plan, struct ks_kek *take_under)
{
	ks->push.plan = x_memdup(plan, sizeof(*plan));
	ks->push.line = ks->kek_line;
	if (take_under->present)
		ks_older_keep(ks, take_under, plan->parts & KS_WANT_KEK);
}

/*
 * Takes the plan's parts from what the server holds; a new KEK takes the old one's place. When
 * there can be no new one, rekeys end, and members are told that as well.
 */
static void
begin_push(struct ks *ks, unsigned wants, struct push_plan *plan)
{
	struct ks_kek old = {.present = false};

	if (ks_lkh_pending(ks) && plan->parts)
		wants = kek_first(ks, wants, plan);
	ks->wants &= ~wants;
	if (!ks_has_audience(ks)) {
		ks->n_gone = 0;
		if (wants & KS_WANT_KEK)
			ks_kek_make(ks);
		return;
	}
	if (plan->parts != KS_WANT_KEK)
		take_gone(ks, plan);
	for (int i = 0; i < KS_KINDS; i++)
		ks->kek.sas[i].seq += ks->n_holders[i] > 0;
	plan->under = &ks->kek;
	if (wants & KS_WANT_KEK) {
		old = ks->kek;
		ks->kek = (struct ks_kek){.present = false};
		ks_kek_next(ks, &old);
		plan->under = &old;
		plan->delete_kek |= !ks->kek.present;
	}
	if (!ks->kek.present)
		plan->parts &= ~(unsigned)KS_WANT_KEK;
	if (!ks_complete(ks))
		plan->parts &= ~(unsigned)KS_WANT_TEK;
	if (!send_it(ks, plan) && old.present)
		ks_holders_none(ks);
	/* From here on they answer as the new KEK asks. */
	for (struct ks_member *m = ks->oldest; old.present && m; m = m->next)
		if (ks_holds_kek(ks, m) && m->acks != ks_asks(ks, m->kind)) {
			m->acks = ks_asks(ks, m->kind);
			ks_member_changed(ks, m->addr);
		}
	if (!ks->kek.present)
		ks_holders_none(ks);
	plan->under = NULL;
	if (ks->push.active)
		keep_plan(ks, plan, &old);
	ks_kek_fini(&old);
	ks_rearm(ks);
}

bool
ks_is_suspended(const struct ks *ks)
{
	for (size_t i = 0; i < ks->n_sas; i++)
		if (ks->sas[i].suspended)
			return true;
	return false;
}

/*
 * May the next rekey replace the one under way? Yes, when every target has been sent this one. But
 * when members need this one to read the next, or to delete something, all must have acknowledged
 * it, or had all its rounds.
 */
static bool
may_supersede(const struct ks *ks)
{
	const struct ks_push *p = &ks->push;

	return !p->active || p->reminding || (p->at == p->n_targets && (!p->lasting || !p->open));
}

/* Sets the timer: to `at`, when the next round is due, or earlier to the rekey that is wanted. */
static void
arm_push(struct ks *ks, msec at)
{
	if (ks->wants && may_supersede(ks) && !ks_is_suspended(ks) && ks->wanted_at < at)
		at = ks->wanted_at;
	timer_set(&ks->core->timers, &ks->push_timer, at);
}

/* The next batch, or the next round; false when this was the last. */
static bool
go_on(struct ks *ks, msec now)
{
	const struct policy_rekey *r = &ks->cfg->server.rekey;
	struct ks_push *p = &ks->push;

	if (p->at < p->n_targets) {
		bool more = send_batch(ks);
		msec next = p->reminding ? p->due : now + SECONDS(r->retransmit_period);

		arm_push(ks, more ? now + KS_PUSH_PACE : next);
		return true;
	}
	if (p->reminding) {
		bool more = ks_remind(ks, now);

		if (more)
			arm_push(ks, p->at < p->n_targets ? now : p->due);
		return more;
	}
	if (p->round >= r->retransmit_number || !p->open)
		return false;
	p->round++;
	p->at = 0;
	DEBUG(&ks->core->env.log, DEBUG_KS_REKEY,
	      "GDOI:KS REKEY:(%s): retransmission %u to those that have not answered", ks_name(ks),
	      p->round);
	arm_push(ks, now);
	return true;
}

/* The one under way makes room. What waited for its rounds has gone on when they were over. */
static void
end_told(struct ks *ks)
{
	bool reminding = ks->push.reminding;

	ks_push_end(ks);
	if (!reminding)
		ks_lkh_told(ks);
}

static void
end_rounds(struct ks *ks, msec now)
{
	ks_acks_account(ks);
	if (ks->pushed.began) /* else another server began it */
		ks->pushed.took = now - ks->pushed.began;
	if (!ks_remind_begin(ks))
		ks_push_end(ks);
	arm_push(ks, ks->push.active ? ks->push.due : MSEC_NEVER);
	ks_lkh_told(ks);
}

void
ks_push_fire(struct core *c, struct timer *t, msec now)
{
	struct ks *ks = CONTAINER(t, struct ks, push_timer);

	if (!ks_leads(ks))
		return;
	ks_touch(ks);
	if (!ks_serving(ks))
		return;          /* ks_push_resume goes on */
	if (ks->keep->failing) { /* what would be sent now would not leave */
		timer_set(&c->timers, t, now + KEEP_RETRY);
		return;
	}
	if (ks->wants && now >= ks->wanted_at && may_supersede(ks) && !ks_is_suspended(ks)) {
		if (ks->push.active)
			end_told(ks);
		begin_push(ks, ks->wants, &(struct push_plan){.parts = ks->wants});
		return;
	}
	if (ks->push.active) {
		if (go_on(ks, now))
			return;
		if (!ks->push.reminding) {
			end_rounds(ks, now);
			return;
		}
		end_told(ks);
	}
	arm_push(ks, MSEC_NEVER);
}

void
ks_push_again(struct ks *ks)
{
	if (!ks->push.active || !ks_leads(ks))
		return;
	ks->push.at = 0;
	ks->push.round = ks->push.reminding;
	timer_set(&ks->core->timers, &ks->push_timer, ks->core->now + KEEP_RETRY);
}

void
ks_push_want(struct ks *ks, unsigned wants, msec after)
{
	if (!ks_leads(ks) || !ks_has_audience(ks))
		return;
	ks->wants |= wants;
	ks->wanted_at = ks->core->now + after;
	arm_push(ks, ks->push.active ? ks->push_timer.at : MSEC_NEVER);
}

void
ks_target_done(struct ks *ks, size_t i)
{
	struct ks_push *p = &ks->push;

	if (p->targets[i].done)
		return;
	p->targets[i].done = true;
	p->open--;
	if (!p->open && p->at == p->n_targets)
		arm_push(ks, p->reminding || ks_lkh_due(ks) ? ks->core->now : ks->push_timer.at);
}

void
ks_push_resume(struct ks *ks)
{
	if (ks_serving(ks) && (ks->push.active || ks->wants) && !ks->push_timer.place)
		timer_set(&ks->core->timers, &ks->push_timer, ks->core->now + KS_CHANGE_WAIT);
}

bool
ks_delete_all_make(struct ks *ks, struct ks_message ret[static KS_KINDS])
{
	const struct push_plan plan = {.under = &ks->kek, .delete_kek = true, .delete_teks = true};

	for (int i = 0; i < KS_KINDS; i++) {
		if (!ks->n_holders[i])
			continue;
		ks->kek.sas[i].seq++;
		if (!ks_push_make(ks, &plan, i, &ret[i])) {
			ks_messages_fini(ret, KS_KINDS);
			return false;
		}
	}
	return true;
}

/* --- commands --------------------------------------------------------------------------------- */

static void
replace_teks(struct ks *ks, struct ks_sa *s, bool at_once, struct push_plan *plan)
{
	if (!s->n_teks)
		return;
	for (size_t i = 0; i < s->n_teks; i++) {
		for (size_t k = 0; at_once && plan && k < s->teks[i].n_keys; k++)
			if (plan->n_old < KS_OFFER_MAX)
				plan->old[plan->n_old++] = s->teks[i].keys[k].spi;
		s->teks[i].expires =
		    core_shortened(s->teks[i].expires, s->teks[i].lifetime, ks->core->now);
	}
	while (at_once && s->n_teks)
		ks_tek_remove(s, 0);
	ks_tek_make(ks, s);
}

/* Whom a command will reach. */
static enum reach
reach_now(struct ks *ks)
{
	size_t deaf = ks->members.n - (ks_has_audience(ks) ? ks_holders(ks) : 0);

	if (!ks_serving(ks))
		return REACH_NOTHING;
	if (!ks_leads(ks))
		return REACH_NOT_PRIMARY;
	/* What cannot be committed is undone, as another server may lead next. */
	if (ks->coop.on && (ks->keep->failing || ks->core->coop.error))
		return REACH_NO_STORE;
	if (deaf)
		LOG(&ks->core->env.log, KS_GM_UNTOLD, deaf, ks->members.n, ks_name(ks));
	return ks->keep->failing ? REACH_LATER : deaf ? REACH_PART : REACH_ALL;
}

enum reach
ks_rekey(struct ks *ks, bool replace_now)
{
	struct push_plan plan = {.parts = KS_WANT_TEK | KS_WANT_KEK};
	enum reach reach = reach_now(ks);

	if (reach >= REACH_NOTHING)
		return reach;
	ks_touch(ks);
	if (ks_is_suspended(ks)) {
		ks_push_want(ks, plan.parts, 0);
		return reach;
	}
	for (size_t i = 0; i < ks->n_sas; i++)
		replace_teks(ks, &ks->sas[i], replace_now, &plan);
	/* Do members need the rekey under way to read this one? */
	if (ks->push.lasting && ks->push.open && !ks->push.reminding) {
		for (; plan.n_old && ks->n_gone < KS_OFFER_MAX; plan.n_old--)
			ks->gone[ks->n_gone++] = plan.old[plan.n_old - 1];
		ks_push_want(ks, plan.parts, 0);
		return reach;
	}
	ks_push_end(ks);
	ks->wants = 0;
	begin_push(ks, KS_WANT_TEK | KS_WANT_KEK, &plan);
	return reach;
}

static int
by_address(const void *a, const void *b)
{
	uint32_t x = ((const struct ks_target *)a)->addr, y = ((const struct ks_target *)b)->addr;

	return (x > y) - (x < y);
}

/* RFC 8263 6: removed members acknowledge that their KEK is deleted. */
static void
expect_farewells(struct ks_push *p)
{
	if (!p->active)
		return;
	for (int i = 0; i < KS_MESSAGES; i++)
		p->messages[i].dismissal = true;
	qsort(p->targets, p->n_targets, sizeof(*p->targets), by_address);
}

struct ks_target *
ks_target_find(const struct ks *ks, uint32_t addr)
{
	const struct ks_push *p = &ks->push;
	const struct ks_target key = {.addr = addr};

	return p->n_targets ? bsearch(&key, p->targets, p->n_targets, sizeof(key), by_address)
	                    : NULL;
}

enum reach
ks_remove_members(struct ks *ks, bool now)
{
	struct push_plan plan = {.delete_kek = true, .delete_teks = now};
	enum reach reach = reach_now(ks);

	if (reach >= REACH_NOTHING)
		return reach;
	ks_touch(ks);
	ks_push_end(ks);
	ks->wants = 0;
	ks_lkh_forget(ks); /* nobody follows any more */
	/*
	 * Sent under a KEK that is then replaced, so that no removed member can read what comes
	 * next.
	 */
	begin_push(ks, KS_WANT_KEK, &plan);
	while (ks->oldest) {
		struct ks_member *m = ks->oldest;
		size_t target = m->target;

		ks_member_remove(ks, m);
		/* The removed member has still to be told. */
		if (ks->push.active && target < ks->push.n_targets) {
			ks->push.targets[target].done = false;
			ks->push.open++;
		}
	}
	expect_farewells(&ks->push);
	for (size_t i = 0; i < ks->n_sas; i++)
		replace_teks(ks, &ks->sas[i], now, NULL);
	ks_rearm(ks);
	return reach;
}
