/*
 * GROUPKEY-PUSH of a key server (RFC 6407 4.3): a rekey is made once for all members, signed and
 * encrypted once for ours and once for others (who get no private payloads), sent in batches, and
 * again after each retransmission period to those that have not acknowledged (RFC 8263).
 *
 *             ks_push_want        timer                  all rounds over, or all acknowledged
 *   (nothing) ----------> wanted -------> under way ----------------------------> (nothing)
 *                            ^                |  ks_push_want
 *                            +----------------+  kept for afterwards
 *
 * Multicast rekeys (RFC 6407 4) go to one address, are sent again in every round, and nobody
 * acknowledges them. Private payloads go along only when all members are ours.
 *
 * A new KEK is told under the old one, which stays in the message's copy until the last round. Who
 * has been asked to acknowledge and misses three rekeys in a row is no member any more; it still has
 * its keys until they end, and registers again.
 */
#include <stdlib.h>
#include <string.h>

#include "runtime/core/core_priv.h"
#include "runtime/core/ks.h"
#include "runtime/core/push.h"
#include "runtime/crypto/sig.h"
#include "runtime/wire/gdoi.h"

/* --- the message ------------------------------------------------------------------------------ */

enum deletion { DELETE_NOTHING, DELETE_OLD_TEKS, DELETE_KEK, DELETE_ALL };

struct push_plan {
	const struct ks_kek *under;
	uint32_t seq;
	bool with_kek; /* the SA tells of ks->kek, which is new */
	bool policy;   /* SA and KD at all */
	enum deletion deletion;
	size_t n_old; /* DELETE_OLD_TEKS */
	uint32_t old[KS_OFFER_MAX];
};

static void
put_delete(struct wr *w, struct isakmp_chain *chain, uint8_t proto, uint8_t spi_size, uint16_t n,
	   struct span spis)
{
	isakmp_payload_begin(w, chain, PAYLOAD_DELETE);
	isakmp_delete_put(
	    w, &(struct isakmp_delete){
		   .doi = DOI_GDOI, .proto = proto, .spi_size = spi_size, .n = n, .spis = spis});
	isakmp_payload_end(w, chain);
}

/* RFC 6407 5.9: protocol 0 is the KEK; SPI 0 stands for all. */
static void
put_deletes(struct wr *w, struct isakmp_chain *chain, const struct push_plan *p)
{
	uint8_t spis[KS_OFFER_MAX * 4] = {0};
	struct wr s = wr_buf(spis, sizeof(spis));

	for (size_t i = 0; i < p->n_old; i++)
		wr_u32(&s, p->old[i]);
	if (p->deletion == DELETE_OLD_TEKS && p->n_old)
		put_delete(w, chain, GDOI_PROTO_ESP, 4, (uint16_t)p->n_old, wr_done(&s));
	if (p->deletion == DELETE_ALL)
		put_delete(w, chain, GDOI_PROTO_ESP, 4, 1, SPAN(spis, 4));
	if (p->deletion == DELETE_KEK || p->deletion == DELETE_ALL)
		put_delete(w, chain, 0, PUSH_SPI, 1, SPAN(p->under->spi, PUSH_SPI));
}

static bool
put_policy(struct ks *ks, struct wr *w, struct isakmp_chain *chain, const struct push_plan *p,
	   bool testudo)
{
	struct ks_offer offer;
	bool ok;

	isakmp_payload_begin(w, chain, PAYLOAD_SA);
	ok = ks_sa_push(ks, w, p->with_kek, testudo, &offer);
	isakmp_payload_end(w, chain);
	if (!ok)
		return false;
	isakmp_payload_begin(w, chain, PAYLOAD_KD);
	ok = ks_kd_put(ks, w, &offer);
	isakmp_payload_end(w, chain);
	return ok;
}

/* The SIG payload over what has been written, and padding; false when it cannot be signed. */
static bool
put_signature(struct ks *ks, struct wr *w, struct isakmp_chain *chain, const struct push_plan *p)
{
	const struct rsa_key *key = ks_rsa_key(ks);
	uint8_t digest[HASH_SIZE_MAX], sig[RSA_SIG_MAX] = {0};
	size_t size = key ? (rsa_key_bits(key) + 7) / 8 : 0, at, block;

	if (!size || size > sizeof(sig))
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

/* One datagram's worth, allocated; false when there can be none. */
static bool
make(struct ks *ks, const struct push_plan *p, bool testudo, uint8_t **ret, size_t *ret_n)
{
	struct wr w = wr_buf(ks->core->scratch, ISAKMP_MESSAGE_MAX);
	struct isakmp_header header = {.version = ISAKMP_VERSION,
				       .exchange = EXCHANGE_GROUPKEY_PUSH,
				       .flags = FLAG_ENCRYPTION};
	struct isakmp_chain chain = ISAKMP_CHAIN;
	bool ok = true;

	memcpy(header.cookie_i, p->under->spi, COOKIE_SIZE);
	memcpy(header.cookie_r, p->under->spi + COOKIE_SIZE, COOKIE_SIZE);
	isakmp_header_put(&w, &header);
	isakmp_payload_begin(&w, &chain, PAYLOAD_SEQ);
	gdoi_seq_put(&w, p->seq);
	isakmp_payload_end(&w, &chain);
	put_deletes(&w, &chain, p);
	if (p->policy)
		ok = put_policy(ks, &w, &chain, p, testudo);
	ok = ok && put_signature(ks, &w, &chain, p) &&
	     push_crypt(p->under->cipher, &p->under->key, true, w.buf + ISAKMP_HEADER,
			w.n - ISAKMP_HEADER);
	if (ok) {
		*ret = x_memdup(w.buf, w.n);
		*ret_n = w.n;
	}
	wipe(ks->core->scratch, w.n);
	return ok;
}

/* --- sending ---------------------------------------------------------------------------------- */

void
ks_push_end(struct ks *ks)
{
	struct ks_push *p = &ks->push;

	for (size_t i = 0; i < p->n_targets; i++)
		if (p->targets[i].member)
			p->targets[i].member->target = KS_NO_TARGET;
	free(p->targets);
	for (size_t i = 0; i < ARRAY_SIZE(p->message); i++)
		free(p->message[i].p);
	secret_fini(&p->ack_key);
	*p = (struct ks_push){.active = false};
	timer_cancel(&ks->core->timers, &ks->push_timer);
}

/* The members as they are now; false when a message cannot be made. */
static bool
start(struct ks *ks, const struct push_plan *plan)
{
	struct ks_push *p = &ks->push;
	struct ks_member *m;
	bool kinds[2] = {false, false};

	p->targets = x_alloc((ks->members.n + 1) * sizeof(*p->targets));
	for (m = ks->oldest; m; m = m->next) {
		kinds[m->testudo] = true;
		if (!plan->under->unicast)
			continue;
		m->target = p->n_targets;
		p->targets[p->n_targets++] =
		    (struct ks_target){.addr = m->addr, .testudo = m->testudo, .member = m};
	}
	p->unicast = plan->under->unicast;
	p->port = p->unicast ? GDOI_PORT : plan->under->group_port;
	if (!p->unicast) {
		kinds[kinds[0] ? 1 : 0] = false;
		p->targets[p->n_targets++] =
		    (struct ks_target){.addr = plan->under->group_addr, .testudo = kinds[1]};
	}
	p->active = true;
	p->seq = plan->seq;
	memcpy(p->spi, plan->under->spi, sizeof(p->spi));
	push_ack_key(HASH_SHA256, plan->under->cipher, &plan->under->key, p->spi, &p->ack_key);
	for (int i = 0; i < 2; i++)
		if (kinds[i] && !make(ks, plan, i, &p->message[i].p, &p->message[i].n)) {
			ks_push_end(ks);
			return false;
		}
	return true;
}

static bool
settled(const struct ks_push *p)
{
	for (size_t i = 0; i < p->n_targets; i++)
		if (!p->targets[i].done)
			return false;
	return true;
}

/* Who has not answered, three times in a row, is no member any more. */
static void
account(struct ks *ks)
{
	struct ks_push *p = &ks->push;
	char addr[ADDR_TEXT_MAX];

	for (size_t i = 0; i < p->n_targets; i++) {
		struct ks_member *m = p->targets[i].member;

		if (!m || p->targets[i].done || !m->acks)
			continue;
		m->failures++;
		if (++m->missed < KS_MISSED_MAX)
			continue;
		PEER_LOG(ks->core, GM_DELETE, addr_text(m->addr, addr), ks_name(ks));
		ks_member_remove(ks, m);
	}
}

/* Nobody says that a multicast rekey came: all are taken to have it. */
static void
note_all(struct ks *ks)
{
	struct ks_member *m = ks->oldest, *next;

	for (size_t n = ks->members.n; n--; m = next) {
		next = m->next;
		m->rekeys_sent++;
		ks_member_touch(ks, m);
	}
}

static void
send_one(struct ks *ks, struct ks_target *t)
{
	const struct ks_push *p = &ks->push;
	const struct path path = {.local = ks->cfg->server.addr,
				  .remote = t->addr,
				  .local_port = GDOI_PORT,
				  .remote_port = p->port};

	core_send(ks->core, &path, SPAN(p->message[t->testudo].p, p->message[t->testudo].n));
	if (p->round)
		ks->pushed.retransmits++;
	if (!p->unicast && !p->round)
		note_all(ks);
	if (!t->member)
		return;
	if (p->round) {
		t->member->retries++;
	} else {
		size_t place = t->member->rekeys_sent++ % ARRAY_SIZE(t->member->sent_seq);

		t->member->sent_seq[place] = p->seq;
		t->member->acked_seq[place] = 0;
	}
	if (!t->member->acks)
		ks_member_touch(ks, t->member);
}

/* The next batch of this round; false when the round is over. */
static bool
send_batch(struct ks *ks)
{
	struct ks_push *p = &ks->push;

	for (unsigned n = 0; p->at < p->n_targets && n < KS_PUSH_BATCH; p->at++) {
		if (p->targets[p->at].done)
			continue;
		send_one(ks, &p->targets[p->at]);
		n++;
	}
	return p->at < p->n_targets;
}

/* --- what is wanted --------------------------------------------------------------------------- */

static bool
can_push(const struct ks *ks)
{
	return ks_serving(ks) && ks->kek.present && ks->oldest && ks_rsa_key(ks) &&
	       (ks->kek.unicast || ks->kek.group_addr);
}

static void
announce(struct ks *ks, const struct push_plan *plan)
{
	char addr[ADDR_TEXT_MAX], to[ADDR_TEXT_MAX];

	addr_text(ks->cfg->server.addr, addr);
	if (plan->under->unicast)
		LOG(&ks->core->env.log, KS_SEND_UNICAST_REKEY, ks_name(ks), addr, plan->seq);
	else
		LOG(&ks->core->env.log, KS_SEND_MCAST_REKEY, ks_name(ks), addr,
		    addr_text(plan->under->group_addr, to), plan->seq);
}

/* Takes the plan's parts from what the server holds; a new KEK takes the old one's place. */
static void
begin(struct ks *ks, unsigned wants, struct push_plan *plan)
{
	struct ks_kek old = {0};

	ks->wants &= ~wants;
	if (!can_push(ks)) {
		if (wants & KS_WANT_KEK)
			ks_kek_make(ks);
		return;
	}
	plan->seq = ++ks->kek.seq;
	plan->under = &ks->kek;
	if (wants & KS_WANT_KEK) {
		old = ks->kek;
		ks->kek = (struct ks_kek){0};
		ks_kek_make(ks);
		plan->under = &old;
		plan->with_kek = ks->kek.present;
	}
	if (start(ks, plan)) {
		ks->pushed.rekeys++;
		ks->pushed.retransmits = 0;
		ks->pushed.began = ks->core->now;
		ks->pushed.took = 0;
		DEBUG(&ks->core->env.log, DEBUG_KS_REKEY,
		      "GDOI:KS REKEY:(%s): seq # %u%s to %zu members", ks_name(ks), plan->seq,
		      plan->with_kek ? " with a new KEK" : "", ks->push.n_targets);
		announce(ks, plan);
		timer_set(&ks->core->timers, &ks->push_timer, ks->core->now);
	} else {
		LOG(&ks->core->env.log, GDOI_REKEY_FAILURE, ks_name(ks),
		    "the message cannot be made: too long, or the RSA key is too small");
	}
	/* From here on they answer as the new KEK asks. */
	for (struct ks_member *m = ks->oldest; old.present && m; m = m->next)
		m->acks = ks_asks(ks, m->testudo);
	ks_kek_fini(&old);
	ks_rearm(ks);
}

void
ks_push_fire(struct core *c, struct timer *t, msec now)
{
	struct ks *ks = CONTAINER(t, struct ks, push_timer);
	const struct policy_rekey *r = &ks->cfg->server.rekey;
	struct ks_push *p = &ks->push;

	if (!p->active) {
		if (ks->wants)
			begin(ks, ks->wants, &(struct push_plan){.policy = true});
		return;
	}
	if (p->at < p->n_targets) {
		bool more = send_batch(ks);

		timer_set(&c->timers, t,
			  now + (more ? KS_PUSH_PACE : SECONDS(r->retransmit_period)));
		return;
	}
	if (p->round < r->retransmit_number && !settled(p)) {
		p->round++;
		p->at = 0;
		DEBUG(&c->env.log, DEBUG_KS_REKEY,
		      "GDOI:KS REKEY:(%s): seq # %u, retransmission %u to those that have not "
		      "answered",
		      ks_name(ks), p->seq, p->round);
		timer_set(&c->timers, t, now);
		return;
	}
	account(ks);
	ks->pushed.took = now - ks->pushed.began;
	ks_push_end(ks);
	if (ks->wants)
		timer_set(&c->timers, t, now);
}

void
ks_push_want(struct ks *ks, unsigned wants, msec after)
{
	if (!can_push(ks))
		return;
	ks->wants |= wants;
	if (!ks->push.active)
		timer_set(&ks->core->timers, &ks->push_timer, ks->core->now + after);
}

/* --- commands --------------------------------------------------------------------------------- */

/*
 * MIN(what is left, MAX(90 s, MIN(5 % of the lifetime, an hour))): the vendor's rule for keys that
 * are replaced before their time.
 */
msec
ks_shortened(const struct ks_tek *t, msec now)
{
	msec five = SECONDS((msec)t->lifetime) / 20, least = SECONDS(90);
	msec rest = five > SECONDS(3600) ? SECONDS(3600) : five;

	if (rest < least)
		rest = least;
	return t->expires - now < rest ? t->expires : now + rest;
}

static void
replace_teks(struct ks *ks, struct ks_sa *s, bool at_once, struct push_plan *plan)
{
	if (!s->n_teks)
		return;
	for (size_t i = 0; i < s->n_teks; i++) {
		if (at_once && plan && plan->n_old < KS_OFFER_MAX)
			plan->old[plan->n_old++] = s->teks[i].spi;
		s->teks[i].expires = ks_shortened(&s->teks[i], ks->core->now);
	}
	while (at_once && s->n_teks)
		ks_tek_remove(s, 0);
	ks_tek_make(ks, s);
}

void
ks_rekey(struct ks *ks, bool replace_now)
{
	struct push_plan plan = {.policy = true,
				 .deletion = replace_now ? DELETE_OLD_TEKS : DELETE_NOTHING};

	if (!ks_serving(ks))
		return;
	for (size_t i = 0; i < ks->n_sas; i++)
		replace_teks(ks, &ks->sas[i], replace_now, &plan);
	ks_push_end(ks);
	ks->wants = 0;
	begin(ks, KS_WANT_TEK | KS_WANT_KEK, &plan);
}

void
ks_remove_members(struct ks *ks, bool now)
{
	struct push_plan plan = {.deletion = now ? DELETE_ALL : DELETE_KEK};

	if (!ks_serving(ks))
		return;
	ks_push_end(ks);
	ks->wants = 0;
	/* Under a KEK that is then replaced: what comes next, nobody who was there can read. */
	begin(ks, KS_WANT_KEK, &plan);
	while (ks->oldest) {
		struct ks_member *m = ks->oldest;
		size_t target = m->target;

		ks_member_remove(ks, m);
		/* It is still to be told. */
		if (ks->push.active && target < ks->push.n_targets)
			ks->push.targets[target].done = false;
	}
	for (size_t i = 0; i < ks->n_sas; i++)
		replace_teks(ks, &ks->sas[i], now, NULL);
	ks_rearm(ks);
}

/* --- acknowledgements ------------------------------------------------------------------------- */

static struct ks *
pushing(struct core *c, const struct isakmp_header *h)
{
	for (size_t i = 0; i < c->n_kss; i++) {
		const struct ks_push *p = &c->kss[i]->push;

		if (p->active && memcmp(p->spi, h->cookie_i, COOKIE_SIZE) == 0 &&
		    memcmp(p->spi + COOKIE_SIZE, h->cookie_r, COOKIE_SIZE) == 0)
			return c->kss[i];
	}
	return NULL;
}

enum drop
ks_ack_input(struct core *c, const struct path *path, const struct isakmp_header *h,
	     struct span dgram)
{
	struct ks *ks = pushing(c, h);
	struct ks_member *m = ks ? ks_member_find(ks, path->remote) : NULL;
	struct ks_target *t;
	uint32_t seq, member;
	char addr[ADDR_TEXT_MAX];

	if (!ks)
		return DROP_COOKIE;
	/* Whom we did not ask is not worth a hash. */
	if (!m || m->target == KS_NO_TARGET || !m->acks)
		return DROP_UNEXPECTED;
	t = &ks->push.targets[m->target];
	if (t->done)
		return DROP_REPEAT;
	if (!push_ack_get(dgram, h, HASH_SHA256, &ks->push.ack_key, &seq, &member) ||
	    seq != ks->push.seq || member != m->addr)
		return DROP_HASH;
	t->done = true;
	m->missed = 0;
	ks_member_touch(ks, m);
	m->acks_received++;
	if (m->rekeys_sent)
		m->acked_seq[(m->rekeys_sent - 1) % ARRAY_SIZE(m->acked_seq)] = seq;
	DEBUG(&c->env.log, DEBUG_KS_REKEY, "GDOI:KS REKEY:(%s): %s acknowledges seq # %u",
	      ks_name(ks), addr_text(m->addr, addr), seq);
	return DROP_NONE;
}
