/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GROUPKEY-PUSH on a member (RFC 6407 4.4): found by the KEK's SPI, decrypted, checked in this
 * order: form, sequence number, signature. Only then is anything in it believed. The member takes
 * it as a whole or not at all: it works on a copy of its policy, removes what is deleted and adds
 * what is new (gm_merge.c). When that fails, or the dataplane refuses the copy, policy and sequence
 * number stay as they were, and the member registers again.
 *
 * An acknowledgement (RFC 8263) goes out within GM_ACK_JITTER after the dataplane has taken the
 * policy. When the same rekey comes again, octet for octet, the server has not seen the
 * acknowledgement: the member sends it again, within limits, since anybody who heard a rekey can
 * repeat it.
 */
#include <stdlib.h>
#include <string.h>

#include "compiler/policy/protocol.h"
#include "runtime/core/core_priv.h"
#include "runtime/core/gm.h"
#include "runtime/core/push.h"
#include "runtime/crypto/sig.h"
#include "runtime/wire/gdoi.h"

static struct gm *
find_by_kek(struct core *c, const struct isakmp_header *h)
{
	for (size_t i = 0; i < c->n_gms; i++) {
		const struct gm_policy *p = c->gms[i]->policy;

		if (p && p->kek.present && memcmp(p->kek.spi, h->cookie_i, COOKIE_SIZE) == 0 &&
		    memcmp(p->kek.spi + COOKIE_SIZE, h->cookie_r, COOKIE_SIZE) == 0)
			return c->gms[i];
	}
	return NULL;
}

static bool
is_digest(const struct gm_digest *d, const uint8_t digest[static 16])
{
	return d->set && memcmp(d->of, digest, sizeof(d->of)) == 0;
}

/*
 * The member that has judged this very datagram before. The KEK that it came under may be gone
 * since.
 */
static struct gm *
find_judged(struct core *c, const uint8_t digest[static 16])
{
	for (size_t i = 0; i < c->n_gms; i++)
		if (is_digest(&c->gms[i]->taken, digest) || is_digest(&c->gms[i]->refused, digest))
			return c->gms[i];
	return NULL;
}

static void
remember_digest(struct gm_digest *d, const uint8_t digest[static 16])
{
	d->set = true;
	memcpy(d->of, digest, sizeof(d->of));
}

static void
digest_of(struct span dgram, uint8_t out[static 16])
{
	uint8_t hash[HASH_SIZE_MAX];

	HASH(HASH_SHA256, hash, dgram);
	memcpy(out, hash, 16);
}

/* Does another group of this node hear its rekeys at the same place? */
static bool
place_shared(const struct gm *gm)
{
	for (size_t i = 0; i < gm->core->n_gms; i++) {
		const struct gm *other = gm->core->gms[i];

		if (other != gm && other->joined_on && other->joined == gm->joined &&
		    other->joined_port == gm->joined_port &&
		    strcmp(other->joined_on, gm->joined_on) == 0)
			return true;
	}
	return false;
}

/* The interface that rekeys to many come in by. */
static const char *
hears_at(const struct gm *gm)
{
	const struct policy_group_interface *on = &gm->cfg->interfaces[0];

	return on->hears ? on->hears : on->name;
}

void
gm_listen(struct gm *gm)
{
	const struct gm_kek *k = gm->policy ? &gm->policy->kek : NULL;
	const char *on = gm->cfg->n_interfaces ? hears_at(gm) : NULL;
	uint32_t group = k && k->present ? k->group : 0;
	uint16_t port = k && k->present ? k->port : GDOI_PORT;

	/* Port 848 of its own addresses is always heard. */
	if (on && !group && port == GDOI_PORT)
		on = NULL;
	if (!on && !gm->joined_on)
		return;
	if (on && gm->joined_on && gm->joined == group && gm->joined_port == port &&
	    !strcmp(on, gm->joined_on))
		return;
	if (gm->joined_on && !place_shared(gm))
		core_join(gm->core, gm->joined_on, gm->joined, gm->joined_port, false);
	free(gm->joined_on);
	gm->joined_on = on ? x_strdup(on) : NULL;
	gm->joined = on ? group : 0;
	gm->joined_port = on ? port : 0;
	if (on)
		core_join(gm->core, on, group, port, true);
}

/* --- the acknowledgement ---------------------------------------------------------------------- */

void
gm_ack_fire(struct core *c, struct timer *t, msec now)
{
	struct gm *gm = CONTAINER(t, struct gm, ack_timer);

	(void)now;
	core_send(c, &gm->ack_path, SPAN(gm->ack, gm->ack_size));
	gm->ack_state = ACK_SENT;
	gm->acks_sent++;
}

void
gm_ack_forget(struct gm *gm)
{
	timer_cancel(&gm->core->timers, &gm->ack_timer);
	free(gm->ack);
	gm->ack = NULL;
	gm->ack_size = 0;
}

static void
send_soon(struct gm *gm)
{
	gm->ack_state = ACK_DUE;
	timer_set(&gm->core->timers, &gm->ack_timer,
	          gm->core->now + core_random_below(gm->core, GM_ACK_JITTER));
}

void
gm_ack_release(struct gm *gm, bool taken)
{
	if (!gm->ack || gm->ack_state != ACK_WAITS)
		return;
	if (taken)
		send_soon(gm);
	else
		gm_ack_forget(gm);
}

/*
 * The rekey came once more: the acknowledgement was lost, or somebody replays the rekey (RFC 8263
 * 7.2), or another server of the group goes on with it, and is the one to know, whether or not the
 * member would register with it. So the answer goes where the rekey came from, as the first one
 * did; the limits hold for whoever writes an address of others into it. An acknowledgement that is
 * still to be sent is not delayed.
 */
static void
send_again(struct gm *gm, const struct path *path)
{
	msec now = gm->core->now;

	if (!gm->ack || gm->ack_state != ACK_SENT || gm->acks_again == GM_ACK_AGAIN_MAX ||
	    (gm->acks_again && now - gm->ack_again < GM_ACK_PACE))
		return;
	gm->ack_path.remote = path->remote;
	gm->acks_again++;
	gm->ack_again = now;
	send_soon(gm);
}

/*
 * Makes the acknowledgement before the rekey is applied, since the rekey may delete the KEK whose
 * key the answer needs. asked: what the latest SAK asks for, which may be the one in this rekey.
 */
static void
ack_prepare(struct gm *gm, const struct path *path, uint32_t seq, uint16_t asked)
{
	const struct gm_kek *k = &gm->policy->kek;
	/* RFC 8263 2.2: with a key hierarchy, from the key that no other member has. */
	const struct secret *base = !push_ack_is_lkh(asked) ? &k->key
	                            : k->lkh                ? lkh_path_leaf(k->lkh)
	                                                    : NULL;
	enum hash_id h = base ? push_ack_hash(asked) : HASH_NONE;
	struct secret key = {0};
	uint8_t buf[256];
	struct wr w = wr_buf(buf, sizeof(buf));

	if (gm->ack && gm->ack_state == ACK_DUE)
		gm_ack_fire(gm->core, &gm->ack_timer, gm->core->now); /* of the one before */
	gm_ack_forget(gm);
	gm->acks_again = 0;
	gm->ack_state = ACK_WAITS;
	if (h == HASH_NONE)
		return;
	push_ack_key(h, k->cipher, base, k->spi, &key);
	push_ack_put(&w, h, &key, k->spi, seq, gm->registered_addr);
	secret_fini(&key);
	gm->ack = x_memdup(w.buf, w.n);
	gm->ack_size = w.n;
	gm->ack_path = (struct path){.local = gm->registered_addr,
	                             .remote = path->remote,
	                             .local_port = path->local_port,
	                             .remote_port = path->remote_port,
	                             .vrf = path->vrf};
}

/* --- what it says ----------------------------------------------------------------------------- */

struct push {
	struct isakmp_payloads payloads;
	uint32_t seq;
	size_t n_deletes;
	struct isakmp_delete deletes[4];
	struct span sa, kd; /* bodies; empty: none */
	struct span sig;
	size_t signed_size; /* octets before SIG, the header among them */
};

/* SEQ [D ...] [SA KD] SIG; nothing else. */
static bool
parse_push(struct push *p)
{
	const struct isakmp_payloads *all = &p->payloads;
	size_t i = 1;

	if (all->n < 2 || all->at[0].type != PAYLOAD_SEQ || !gdoi_seq_get(all->at[0].body, &p->seq))
		return false;
	for (; i < all->n && all->at[i].type == PAYLOAD_DELETE; i++)
		if (p->n_deletes == ARRAY_SIZE(p->deletes) ||
		    !isakmp_delete_get(all->at[i].body, &p->deletes[p->n_deletes++]))
			return false;
	if (i + 2 < all->n && all->at[i].type == PAYLOAD_SA && all->at[i + 1].type == PAYLOAD_KD) {
		p->sa = all->at[i].body;
		p->kd = all->at[i + 1].body;
		i += 2;
	}
	if (i + 1 != all->n || all->at[i].type != PAYLOAD_SIG || (!p->sa.n && !p->n_deletes))
		return false;
	p->sig = all->at[i].body;
	p->signed_size = ISAKMP_HEADER + all->used - all->at[i].whole.n;
	return true;
}

/*
 * plain: room for a header, then the decrypted payloads. The header is written with the length that
 * was signed: without padding.
 */
static bool
verify_push(struct gm_kek *k, struct span dgram, uint8_t *plain, const struct push *p)
{
	struct wr length = wr_buf(plain + ISAKMP_HEADER - 4, 4);
	uint8_t digest[HASH_SIZE_MAX];

	if (!k->verifier)
		k->verifier = rsa_key_from_public_der(SPAN(k->public_key, k->public_key_size));
	if (!k->verifier)
		return false;
	memcpy(plain, dgram.p, ISAKMP_HEADER);
	wr_u32(&length, (uint32_t)(ISAKMP_HEADER + p->payloads.used));
	push_digest(k->sig_hash, SPAN(plain, p->signed_size), digest);
	return rsa_verify(k->verifier, SIG_DIGEST_INFO, k->sig_hash, digest, p->sig) ||
	       rsa_verify(k->verifier, SIG_BARE_HASH, k->sig_hash, digest, p->sig);
}

/* Decrypted into scratch. */
static enum drop
open_push(struct gm *gm, const struct isakmp_header *h, struct span dgram, struct push *p)
{
	struct gm_kek *k = &gm->policy->kek;
	uint8_t *plain = gm->core->scratch;
	size_t n = dgram.n - ISAKMP_HEADER;

	if (h->flags != FLAG_ENCRYPTION || h->message_id || !n)
		return DROP_MALFORMED;
	memcpy(plain + ISAKMP_HEADER, dgram.p + ISAKMP_HEADER, n);
	if (!push_crypt(k->cipher, &k->key, false, plain + ISAKMP_HEADER, n) ||
	    !isakmp_payloads_get(h->next, SPAN(plain + ISAKMP_HEADER, n), true, &p->payloads) ||
	    !parse_push(p))
		return DROP_DECRYPT;
	if (p->seq <= k->seq)
		return DROP_SEQUENCE;
	return verify_push(k, dgram, plain, p) ? DROP_NONE : DROP_SIGNATURE;
}

/* --- deletions (RFC 6407 5.9) ----------------------------------------------------------------- */

/* TEKs named, or all of them. */
static void
delete_teks(struct gm_policy *next, const struct isakmp_delete *d)
{
	struct rd r = rd_span(d->spis);

	for (unsigned i = 0; i < d->n; i++)
		gm_policy_drop_tek(next, rd_u32(&r));
}

/* The KEK in force, or all there are. */
static bool
names_kek(const struct gm_kek *k, const struct isakmp_delete *d)
{
	for (unsigned i = 0; i < d->n; i++) {
		struct span spi = SPAN(d->spis.p + (size_t)i * d->spi_size, d->spi_size);

		if (span_is_zero(spi) ||
		    (spi.n == PUSH_SPI && memcmp(spi.p, k->spi, PUSH_SPI) == 0))
			return true;
	}
	return false;
}

/* NULL, or why this is not a deletion. */
static const char *
check_delete(const struct isakmp_delete *d)
{
	if (d->doi != DOI_GDOI)
		return "a Delete payload that is not GDOI's";
	if (!d->n || !d->spi_size)
		return "a Delete payload that names nothing";
	if (d->proto == GDOI_PROTO_ESP)
		return d->spi_size == 4 ? NULL : "a Delete payload with SPIs of the wrong size";
	/* An SPI of zero, which names all KEKs, may be shorter than sixteen octets. */
	if (!d->proto)
		return d->spi_size == PUSH_SPI || span_is_zero(d->spis)
		           ? NULL
		           : "a Delete payload with SPIs of the wrong size";
	return d->proto == GDOI_PROTO_AH ? NULL : "a Delete payload of a protocol we do not know";
}

/* --- what it does ----------------------------------------------------------------------------- */

/* What becomes of the policy. */
struct outcome {
	struct gm_policy *next;
	bool kek_deleted, teks_deleted;
	uint16_t ack; /* as the latest SAK asks */
};

static const char *
take_deletes(const struct gm *gm, const struct push *p, struct outcome *o)
{
	const char *why = NULL;
	size_t i;

	for (i = 0; i < p->n_deletes && !why; i++)
		why = check_delete(&p->deletes[i]);
	for (i = 0; i < p->n_deletes && !why; i++) {
		const struct isakmp_delete *d = &p->deletes[i];

		if (d->proto == GDOI_PROTO_ESP)
			delete_teks(o->next, d);
		else if (!d->proto)
			o->kek_deleted |= names_kek(&gm->policy->kek, d);
	}
	o->teks_deleted = o->next->n_teks < gm->policy->n_teks;
	if (o->kek_deleted)
		gm_policy_drop_kek(o->next);
	return why;
}

/* Logs each deletion of a key that is still in force. */
static void
log_deletes(const struct gm *gm, const struct push *p, const struct outcome *o)
{
	const struct log_sink *log = &gm->core->env.log;

	for (size_t i = 0; i < p->n_deletes; i++) {
		const struct isakmp_delete *d = &p->deletes[i];
		struct rd r = rd_span(d->spis);

		for (unsigned k = 0; d->proto == GDOI_PROTO_ESP && k < d->n; k++) {
			uint32_t spi = rd_u32(&r);

			if (!spi) {
				LOG(log, GM_DELETE_TEKS, gm_name(gm));
				break;
			}
			if (gm_policy_tek(gm->policy, spi))
				LOG(log, GM_DELETE_TEK, spi, gm_name(gm));
		}
	}
	if (o->kek_deleted)
		LOG(log, GM_DELETE_KEK, gm_name(gm));
}

/* NULL, or why the policy and keys are not for this member. */
static const char *
take_policy(struct gm *gm, const struct push *p, struct outcome *o)
{
	struct gdoi_sa *sa = x_alloc(sizeof(*sa));
	struct gdoi_kd *kd = x_alloc(sizeof(*kd));
	const char *why = "its SA or KD payload is malformed";
	struct gm_policy *fresh = NULL, *old = o->next;

	if (gdoi_sa_get(p->sa, sa) && gdoi_kd_get(p->kd, kd))
		fresh = gm_policy_from_sa(gm, sa, true, &why);
	if (fresh)
		gm_lkh_carry(&fresh->kek, &gm->policy->kek);
	if (fresh && gm_lkh_refused(gm, kd))
		why = gm_lkh_refused(gm, kd);
	else if (fresh && gm_policy_add_keys(fresh, kd, true, &why)) {
		o->ack = fresh->kek.present ? fresh->kek.ack : o->ack;
		gm_pseudotime_sync(gm, fresh, true);
		o->next =
		    gm_policy_merge(old, fresh, true, gm_policy_room(gm), gm->core->now, &why);
		old = fresh = NULL;
		if (o->next)
			why = NULL;
	}
	/* RFC 6407 4.4: it MUST NOT be installed; a registration brings an identifier. */
	if (!why && gm_policy_lacks_sid(o->next))
		why = "a counter mode, for which this member has no sender identifier";
	if (fresh)
		gm_policy_free(fresh);
	free(sa);
	free(kd);
	return why;
}

/* The next policy, or why there is none. */
static const char *
make_next(struct gm *gm, const struct push *p, struct outcome *o)
{
	const char *why;

	*o = (struct outcome){.next = gm_policy_copy(gm->policy), .ack = gm->policy->kek.ack};
	why = take_deletes(gm, p, o);
	if (!why && p->sa.n)
		why = take_policy(gm, p, o);
	if (why) {
		gm_policy_free(o->next);
		o->next = NULL;
		return why;
	}
	if (o->next && !memcmp(o->next->kek.spi, gm->policy->kek.spi, PUSH_SPI)) {
		o->next->kek.prev_seq = gm->policy->kek.seq;
		o->next->kek.seq = p->seq;
	}
	return NULL;
}

/*
 * The server told this member to delete its keys. Its entries stay, so that nothing leaves in
 * clear, and keys that were not deleted live on for a while. It registers again after a random
 * time, so that not all members come at once.
 */
static void
obey_removal(struct gm *gm, bool keys_left)
{
	struct core *c = gm->core;
	msec wait = SECONDS(1) + core_random_below(c, GM_REMOVED_WAIT);

	if (keys_left)
		LOG(&c->env.log, GM_RECV_DELETE, gm_name(gm));
	else
		LOG(&c->env.log, GM_RECV_DELETE_NOW, gm_name(gm), (unsigned)(wait / 1000));
	gm_reregister_at(gm, c->now + wait);
}

static void
log_dropped_push(struct gm *gm, const struct path *path, enum drop d, uint32_t seq)
{
	struct core *c = gm->core;
	char from[ADDR_TEXT_MAX];

	if (d == DROP_SEQUENCE)
		STRANGER_LOG(c, path->remote, GDOI_REKEY_SEQ_FAILURE, seq, gm_name(gm),
		             gm->policy->kek.seq);
	else
		STRANGER_LOG(c, path->remote, GM_REKEY_REFUSED, gm_name(gm),
		             addr_text(path->remote, from), drop_text(d));
}

/*
 * The push is authentic, but the member cannot take it: nothing has changed, and it registers
 * again.
 */
static void
refuse_push(struct gm *gm, const struct path *path, const char *why)
{
	struct core *c = gm->core;
	char from[ADDR_TEXT_MAX];

	LOG(&c->env.log, GM_REKEY_REFUSED, gm_name(gm), addr_text(path->remote, from), why);
	gm_reregister_at(gm, c->now + GM_SOON);
}

static enum drop
take_push(struct gm *gm, const struct path *path, const struct push *p)
{
	struct core *c = gm->core;
	char from[ADDR_TEXT_MAX], to[ADDR_TEXT_MAX];
	struct outcome o;
	const char *why;
	bool over, keys_left;

	LOG(&c->env.log, GM_RECV_REKEY, gm_name(gm), addr_text(path->remote, from),
	    addr_text(path->local, to), p->seq);
	gm_pull_overtaken(gm, gm->policy->kek.spi, p->seq);
	why = make_next(gm, p, &o);
	DEBUG(&c->env.log, DEBUG_GM_REKEY, "GDOI:GM REKEY:(%s): seq # %u: %s, %s, %s", gm_name(gm),
	      p->seq, p->sa.n ? "policy and keys" : "no policy", why ? why : "taken",
	      push_ack_hash(o.ack) ? "an acknowledgement is asked for" : "no acknowledgement");
	if (why) {
		refuse_push(gm, path, why);
		return DROP_POLICY;
	}
	gm->rekeys_received++;
	gm_recover_rekeyed(gm);
	gm->rekeys_since_register++;
	gm->last_rekey = c->now;
	gm->last_rekey_from = path->remote;
	ack_prepare(gm, path, p->seq, o.ack);
	log_deletes(gm, p, &o);
	keys_left = o.next->n_teks > 0;
	over = (o.kek_deleted && !p->sa.n) || (o.teks_deleted && !keys_left);
	if (over)
		gm_policy_shorten(o.next, c->now);
	gm_policy_replace(gm, o.next);
	if (over)
		obey_removal(gm, keys_left);
	return DROP_NONE;
}

enum drop
gm_push_input(struct core *c, const struct path *path, const struct isakmp_header *h,
              struct span dgram)
{
	struct push p = {.seq = 0};
	uint8_t digest[16];
	struct gm *gm;
	enum drop d;

	if (!c->n_gms)
		return DROP_COOKIE;
	digest_of(dgram, digest);
	gm = find_judged(c, digest);
	if (gm) {
		if (is_digest(&gm->taken, digest) && path->vrf == gm_vrf(gm))
			send_again(gm, path);
		return DROP_REPEAT;
	}
	gm = find_by_kek(c, h);
	if (!gm || path->vrf != gm_vrf(gm))
		return DROP_COOKIE; /* what comes in another VRF is of other servers */
	d = open_push(gm, h, dgram, &p);
	if (d) {
		log_dropped_push(gm, path, d, p.seq);
	} else {
		d = take_push(gm, path, &p);
		remember_digest(d ? &gm->refused : &gm->taken, digest);
	}
	wipe(c->scratch, dgram.n);
	return d;
}
