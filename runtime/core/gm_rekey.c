/*
 * GROUPKEY-PUSH on a member (RFC 6407 4.4): found by the KEK's SPI, decrypted, checked in this order:
 * form, sequence number, signature. Only then is anything believed. What it brings takes the place
 * of the policy as a registration's would; keys of before receive until their end.
 *
 * An acknowledgement (RFC 8263) goes out within GM_ACK_JITTER. A rekey that comes again, octet for
 * octet, has not seen it: it is sent again.
 */
#include <stdlib.h>
#include <string.h>

#include "runtime/core/core_priv.h"
#include "runtime/core/gm.h"
#include "runtime/core/push.h"
#include "runtime/crypto/sig.h"
#include "runtime/wire/gdoi.h"

static struct gm *
find(struct core *c, const struct isakmp_header *h)
{
	for (size_t i = 0; i < c->n_gms; i++) {
		const struct gm_policy *p = c->gms[i]->policy;

		if (p && p->kek.present && memcmp(p->kek.spi, h->cookie_i, COOKIE_SIZE) == 0 &&
		    memcmp(p->kek.spi + COOKIE_SIZE, h->cookie_r, COOKIE_SIZE) == 0)
			return c->gms[i];
	}
	return NULL;
}

/* Who took this very datagram last? The KEK it came under may be gone since. */
static struct gm *
find_taken(struct core *c, const uint8_t digest[static 16])
{
	for (size_t i = 0; i < c->n_gms; i++)
		if (c->gms[i]->rekeys_received && !memcmp(c->gms[i]->rekey_digest, digest, 16))
			return c->gms[i];
	return NULL;
}

static void
digest_of(struct span dgram, uint8_t out[static 16])
{
	uint8_t hash[HASH_SIZE_MAX];

	HASH(HASH_SHA256, hash, dgram);
	memcpy(out, hash, 16);
}

void
gm_listen(struct gm *gm)
{
	const struct gm_kek *k = gm->policy ? &gm->policy->kek : NULL;
	uint32_t wanted = k && k->present ? k->group : 0;
	const char *on = gm->cfg->n_interfaces ? gm->cfg->interfaces[0].name : NULL;

	if (!on)
		wanted = 0;
	if (gm->joined == wanted && (!wanted || !strcmp(on, gm->joined_on)))
		return;
	if (gm->joined)
		core_join(gm->core, gm->joined_on, gm->joined, false);
	free(gm->joined_on);
	gm->joined_on = NULL;
	gm->joined = wanted;
	if (!wanted)
		return;
	gm->joined_on = x_strdup(on);
	core_join(gm->core, on, wanted, true);
}

/* --- the acknowledgement ---------------------------------------------------------------------- */

void
gm_ack_fire(struct core *c, struct timer *t, msec now)
{
	struct gm *gm = CONTAINER(t, struct gm, ack_timer);

	(void)now;
	core_send(c, &gm->ack_path, SPAN(gm->ack, gm->ack_size));
	gm->acks_sent++;
}

static void
send_soon(struct gm *gm)
{
	timer_set(&gm->core->timers, &gm->ack_timer,
		  gm->core->now + core_random_below(gm->core, GM_ACK_JITTER));
}

/* Made now: the rekey may take the KEK away that it is made with. */
static void
ack_prepare(struct gm *gm, const struct path *path, uint32_t seq)
{
	const struct gm_kek *k = &gm->policy->kek;
	enum hash_id h = push_ack_hash(k->ack);
	struct secret key = {0};
	uint8_t buf[256];
	struct wr w = wr_buf(buf, sizeof(buf));

	free(gm->ack);
	gm->ack = NULL;
	gm->ack_size = 0;
	if (h == HASH_NONE)
		return;
	push_ack_key(h, k->cipher, &k->key, k->spi, &key);
	push_ack_put(&w, h, &key, k->spi, seq, gm->registered_addr);
	secret_fini(&key);
	gm->ack = x_memdup(w.buf, w.n);
	gm->ack_size = w.n;
	gm->ack_path = (struct path){.local = gm->registered_addr,
				     .remote = path->remote,
				     .local_port = GDOI_PORT,
				     .remote_port = path->remote_port};
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
parse(struct push *p)
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

/* plain: header and decrypted payloads; the header's length is made what was signed. */
static bool
verify(struct gm_kek *k, struct span dgram, uint8_t *plain, const struct push *p)
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
	    !parse(p))
		return DROP_DECRYPT;
	if (p->seq <= k->seq)
		return DROP_SEQUENCE;
	return verify(k, dgram, plain, p) ? DROP_NONE : DROP_SIGNATURE;
}

/* --- what it does ----------------------------------------------------------------------------- */

static bool
names_all(struct span spi)
{
	for (size_t i = 0; i < spi.n; i++)
		if (spi.p[i])
			return false;
	return true;
}

/* TEKs named, or all of them. */
static void
delete_teks(struct gm *gm, const struct isakmp_delete *d)
{
	struct rd r = rd_span(d->spis);

	if (d->spi_size != 4)
		return;
	for (unsigned i = 0; i < d->n; i++) {
		uint32_t spi = rd_u32(&r);

		if (!r.bad)
			gm_policy_drop_tek(gm->policy, spi);
	}
}

/* RFC 6407 5.9. False: nothing is left to wait for, the member must register again. */
static bool
take_deletes(struct gm *gm, const struct push *p)
{
	bool kek = false;

	for (size_t i = 0; i < p->n_deletes; i++) {
		const struct isakmp_delete *d = &p->deletes[i];

		if (d->proto == GDOI_PROTO_ESP)
			delete_teks(gm, d);
		else if (!d->proto && (names_all(d->spis) ||
				       (d->spis.n == PUSH_SPI &&
					!memcmp(d->spis.p, gm->policy->kek.spi, PUSH_SPI))))
			kek = true;
	}
	if (kek)
		gm_policy_drop_kek(gm->policy);
	return !kek;
}

/*
 * Told to forget: what it has of the policy stays, so that nothing leaves in clear, and it registers
 * again, not at once with all the others.
 */
static void
removed(struct gm *gm)
{
	struct core *c = gm->core;
	msec wait = SECONDS(1) + core_random_below(c, GM_REMOVED_WAIT);

	if (gm->policy->n_teks) {
		gm_policy_shorten(gm->policy, c->now);
		LOG(&c->env.log, GM_RECV_DELETE, gm_name(gm));
	} else {
		LOG(&c->env.log, GM_RECV_DELETE_NOW, gm_name(gm), (unsigned)(wait / 1000));
	}
	gm_policy_replaced(gm);
	gm_reregister_at(gm, c->now + wait);
}

/* NULL, or why the new policy is not one for this member. */
static const char *
take_policy(struct gm *gm, const struct push *p)
{
	struct gdoi_sa *sa = x_alloc(sizeof(*sa));
	struct gdoi_kd *kd = x_alloc(sizeof(*kd));
	const char *why = "its SA or KD payload is malformed";
	struct gm_policy *fresh = NULL;
	bool ok = gdoi_sa_get(p->sa, sa) && gdoi_kd_get(p->kd, kd);

	if (ok)
		fresh = gm_policy_from_sa(gm, sa, &why);
	ok = fresh && gm_policy_add_keys(fresh, kd, &why);
	if (ok) {
		if (!fresh->kek.present)
			gm_policy_keep_kek(fresh, gm->policy);
		if (sa->has_gap)
			gm_policy_delay(fresh, gm->policy, sa->gap.has_atd ? sa->gap.atd : 0,
					sa->gap.has_dtd ? sa->gap.dtd : 0, gm->core->now);
		gm_pseudotime_sync(gm, fresh, true);
		gm->policy = gm_policy_merge(gm->policy, fresh, gm->core->now);
	} else {
		gm_policy_free(fresh);
	}
	free(sa);
	free(kd);
	return ok ? NULL : why;
}

static void
complain(struct gm *gm, const struct path *path, enum drop d, uint32_t seq)
{
	struct core *c = gm->core;
	char from[ADDR_TEXT_MAX];

	if (d == DROP_SEQUENCE)
		PEER_LOG(c, GDOI_REKEY_SEQ_FAILURE, seq, gm_name(gm), gm->policy->kek.seq);
	else
		PEER_LOG(c, GM_REKEY_REFUSED, gm_name(gm), addr_text(path->remote, from),
			 drop_text(d));
}

/* It is authentic. */
static void
take(struct gm *gm, const struct path *path, const struct push *p)
{
	struct core *c = gm->core;
	char from[ADDR_TEXT_MAX], to[ADDR_TEXT_MAX];
	const char *why = NULL;
	bool stays;

	LOG(&c->env.log, GM_RECV_REKEY, gm_name(gm), addr_text(path->remote, from),
	    addr_text(path->local, to), p->seq);
	gm->policy->kek.seq = p->seq;
	gm->rekeys_received++;
	gm->rekeys_since_register++;
	gm->last_rekey = c->now;
	gm->last_rekey_from = path->remote;
	ack_prepare(gm, path, p->seq);
	stays = take_deletes(gm, p);
	if (p->sa.n)
		why = take_policy(gm, p);
	DEBUG(&c->env.log, DEBUG_GM_REKEY, "GDOI:GM REKEY:(%s): seq # %u: %s, %s, %s", gm_name(gm),
	      p->seq, p->sa.n ? "policy and keys" : "no policy", why ? why : "taken",
	      gm->ack ? "an acknowledgement is asked for" : "no acknowledgement");
	if (gm->ack && !why)
		send_soon(gm);
	if (!stays && !p->sa.n) {
		removed(gm);
		return;
	}
	gm_policy_replaced(gm);
	if (why) {
		LOG(&c->env.log, GM_REKEY_REFUSED, gm_name(gm), from, why);
		gm_reregister_at(gm, c->now + GM_SOON);
	}
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
	gm = find_taken(c, digest);
	if (gm) {
		if (gm->ack)
			send_soon(gm);
		return DROP_REPEAT;
	}
	gm = find(c, h);
	if (!gm)
		return DROP_COOKIE;
	d = open_push(gm, h, dgram, &p);
	if (d) {
		complain(gm, path, d, p.seq);
	} else {
		memcpy(gm->rekey_digest, digest, sizeof(digest));
		take(gm, path, &p);
	}
	wipe(c->scratch, dgram.n);
	return d;
}
