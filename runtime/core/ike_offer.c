/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Message 1 of main mode, answered without making state, so that a flood of them costs a bounded
 * piece of memory and no Diffie-Hellman (RFC 2408 2.5.3).
 *
 * The responder's cookie is a keyed hash over the peer's address and port, its cookie, and its SA
 * payload; message 3 must bring it back, which shows that the peer can receive. HASH_I will need
 * the SA payload, and message 3 does not repeat it: distinct SA payloads are kept in a small cache
 * (members of one group all send the same few), and the cookie's first octet says which.
 *
 *     cookie = slot (1 octet) | first 7 octets of HMAC-SHA256(secret, address port cookie-I SA)
 *
 * The secret changes every IKE_SECRET_TIME; the one before is still good. When the cache is full
 * the offer not seen for longest makes room, but one whose sender has authenticated goes only after
 * all others, so that a flood of invented offers does not push out the members'.
 */
#include <stdlib.h>
#include <string.h>

#include "runtime/core/core_priv.h"
#include "runtime/crypto/dh.h"

struct offer {
	uint8_t *body; /* of the SA payload; NULL: a free slot */
	size_t n;
	uint64_t seen; /* the clock when it last came */
	bool proven;
};

void
ike_offers_fini(struct ike *ike)
{
	size_t i;

	for (i = 0; ike->offers && i < IKE_OFFERS_MAX; i++)
		free(ike->offers[i].body);
	free(ike->offers);
	ike->offers = NULL;
}

static struct offer *
offer_find(struct ike *ike, struct span body)
{
	size_t i;

	for (i = 0; ike->offers && i < IKE_OFFERS_MAX; i++)
		if (ike->offers[i].n == body.n && memcmp(ike->offers[i].body, body.p, body.n) == 0)
			return &ike->offers[i];
	return NULL;
}

/* The slot whose loss hurts least. */
static struct offer *
offer_victim(struct ike *ike)
{
	struct offer *v = &ike->offers[0];
	size_t i;

	for (i = 0; i < IKE_OFFERS_MAX; i++) {
		struct offer *o = &ike->offers[i];

		if (!o->body)
			return o;
		if (o->proven != v->proven ? v->proven : o->seen < v->seen)
			v = o;
	}
	return v;
}

static size_t
offer_keep(struct ike *ike, struct span body)
{
	struct offer *o = offer_find(ike, body);

	if (!ike->offers)
		ike->offers = x_alloc(IKE_OFFERS_MAX * sizeof(*ike->offers));
	if (!o) {
		o = offer_victim(ike);
		free(o->body);
		*o = (struct offer){.body = x_memdup(body.p, body.n), .n = body.n};
	}
	o->seen = ++ike->offer_clock;
	return (size_t)(o - ike->offers);
}

void
ike_offer_proven(struct core *c, struct span sa_body)
{
	struct offer *o = offer_find(&c->ike, sa_body);

	if (o)
		o->proven = true;
}

/* --- the cookie ------------------------------------------------------------------------------- */

static void
secrets_refresh(struct core *c)
{
	struct ike *ike = &c->ike;
	msec age = c->now - ike->secret_made;

	if (age < IKE_SECRET_TIME)
		return;
	memcpy(ike->secrets[1], ike->secrets[0], sizeof(ike->secrets[1]));
	core_random(c, ike->secrets[0], sizeof(ike->secrets[0]));
	if (age >= 2 * IKE_SECRET_TIME)
		core_random(c, ike->secrets[1], sizeof(ike->secrets[1]));
	ike->secret_made = c->now;
}

static void
cookie_make(const uint8_t secret[32], const struct path *path, const uint8_t *cookie_i, size_t slot,
            struct span body, uint8_t ret[COOKIE_SIZE])
{
	uint8_t mac[HASH_SIZE_MAX], peer[6];
	struct wr w = wr_buf(peer, sizeof(peer));

	wr_u32(&w, path->remote);
	wr_u16(&w, path->remote_port);
	PRF(HASH_SHA256, SPAN(secret, 32), mac, SPAN(peer, sizeof(peer)),
	    SPAN(cookie_i, COOKIE_SIZE), body);
	ret[0] = (uint8_t)slot;
	memcpy(ret + 1, mac, COOKIE_SIZE - 1);
}

struct span
ike_offer_find(struct core *c, const struct path *path, const struct isakmp_header *h)
{
	struct ike *ike = &c->ike;
	size_t slot = h->cookie_r[0], i;
	uint8_t want[COOKIE_SIZE];
	const struct offer *o;

	if (!ike->offers || slot >= IKE_OFFERS_MAX || !ike->offers[slot].body)
		return (struct span){0};
	o = &ike->offers[slot];
	secrets_refresh(c);
	for (i = 0; i < 2; i++) {
		cookie_make(ike->secrets[i], path, h->cookie_i, slot, SPAN(o->body, o->n), want);
		if (span_equal_ct(SPAN(want, COOKIE_SIZE), SPAN(h->cookie_r, COOKIE_SIZE)))
			return SPAN(o->body, o->n);
	}
	return (struct span){0};
}

/* --- what both can do ------------------------------------------------------------------------- */

uint16_t
ike_auth_number(enum isakmp_auth auth)
{
	return auth == ISAKMP_AUTH_PSK ? PHASE1_AUTH_PSK : PHASE1_AUTH_RSA_SIG;
}

/* NULL when we would take it, else what is not ours. */
static const char *
find_mismatch(const struct policy_isakmp *ours, const struct phase1_transform *t)
{
	if (t->cipher == CIPHER_NULL || t->cipher != ours->cipher)
		return "encryption algorithm offered does not match policy";
	if (t->hash == HASH_NONE || t->hash != ours->hash)
		return "hash algorithm offered does not match policy";
	if (t->auth != ike_auth_number(ours->auth))
		return "authentication method offered does not match policy";
	if (t->group != ours->group || !dh_group_known(t->group))
		return "Diffie-Hellman group offered does not match policy";
	return NULL;
}

bool
ike_can(const struct core *c, uint32_t peer, enum isakmp_auth auth)
{
	return auth == ISAKMP_AUTH_PSK ? policy_psk_find(c->policy, peer).n > 0 : c->ike.signs;
}

bool
ike_choose(const struct core *c, uint32_t peer, const struct phase1_sa *offer,
           struct ike_suite *ret, struct phase1_transform *ret_transform)
{
	const struct policy *p = c->policy;
	const char *why;
	size_t i, j;

	for (i = 0; i < p->n_isakmp; i++)
		for (j = 0; j < offer->n; j++) {
			const struct policy_isakmp *ours = &p->isakmp[i];
			const struct phase1_transform *t = &offer->transforms[j];
			bool shorter = t->lifetime && t->lifetime < ours->lifetime;

			why = find_mismatch(ours, t);
			if (!why && !ike_can(c, peer, ours->auth))
				why = "no key or certificate for this peer";
			DEBUG(&c->env.log, DEBUG_ISAKMP,
			      "ISAKMP: transform %u against priority %u policy: %s", t->number,
			      ours->number, why ? why : "atts are acceptable");
			if (why)
				continue;
			*ret = (struct ike_suite){
			    .cipher = t->cipher,
			    .hash = t->hash,
			    .auth = ours->auth,
			    .group = t->group,
			    .lifetime = shorter ? t->lifetime : ours->lifetime,
			};
			*ret_transform = *t;
			return true;
		}
	return false;
}

/* --- message 1 and its answer ----------------------------------------------------------------- */

static void
send_answer(struct core *c, const struct path *path, const struct isakmp_header *h,
            const struct phase1_sa *offer, const struct phase1_transform *chosen, struct span body)
{
	struct isakmp_header reply = {.version = ISAKMP_VERSION, .exchange = EXCHANGE_MAIN};
	struct phase1_sa sa = {.doi = offer->doi,
	                       .situation = offer->situation,
	                       .proposal = offer->proposal,
	                       .n = 1,
	                       .transforms = {*chosen}};
	struct wr w = wr_buf(c->scratch, ISAKMP_MESSAGE_MAX);
	struct isakmp_chain chain = ISAKMP_CHAIN;
	size_t slot = offer_keep(&c->ike, body);

	secrets_refresh(c);
	memcpy(reply.cookie_i, h->cookie_i, COOKIE_SIZE);
	cookie_make(c->ike.secrets[0], path, h->cookie_i, slot, body, reply.cookie_r);
	isakmp_header_put(&w, &reply);
	isakmp_payload_begin(&w, &chain, PAYLOAD_SA);
	phase1_sa_put(&w, &sa);
	isakmp_payload_end(&w, &chain);
	isakmp_finish(&w);
	core_send(c, path, wr_done(&w));
}

static enum drop
parse_message1(struct span dgram, const struct isakmp_header *h, struct span *ret_body,
               struct phase1_sa *ret)
{
	struct isakmp_payloads payloads;
	const struct isakmp_payload *sa;
	size_t i;

	if (h->flags)
		return DROP_FLAGS;
	if (!isakmp_payloads_get(h->next, SPAN(dgram.p + ISAKMP_HEADER, dgram.n - ISAKMP_HEADER),
	                         false, &payloads))
		return DROP_MALFORMED;
	for (i = 0; i < payloads.n; i++)
		if (payloads.at[i].type != PAYLOAD_SA && payloads.at[i].type != PAYLOAD_VID)
			return DROP_PAYLOAD;
	/* RFC 2409 5: it MUST precede all others. */
	sa = payloads.n ? &payloads.at[0] : NULL;
	if (!sa || sa->type != PAYLOAD_SA || isakmp_payload_count(&payloads, PAYLOAD_SA) != 1 ||
	    sa->body.n > IKE_OFFER_SIZE || !phase1_sa_get(sa->body, ret))
		return DROP_MALFORMED;
	if (ret->doi != DOI_GDOI && ret->doi != DOI_IPSEC) /* RFC 6407 2.1 wants 2 */
		return DROP_DOI;
	*ret_body = sa->body;
	return DROP_NONE;
}

enum drop
ike_offer_answer(struct core *c, const struct path *path, const struct isakmp_header *h,
                 struct span dgram)
{
	struct phase1_transform chosen;
	struct phase1_sa offer = {0};
	struct ike_suite suite;
	char peer[ADDR_TEXT_MAX];
	struct span body;
	enum drop d;

	if (!c->n_kss) /* a member alone begins, it never answers */
		return DROP_UNEXPECTED;
	d = parse_message1(dgram, h, &body, &offer);
	if (d)
		return d;
	if (!ike_can(c, path->remote, ISAKMP_AUTH_PSK) &&
	    !ike_can(c, path->remote, ISAKMP_AUTH_RSA_SIG)) {
		STRANGER_LOG(c, path->remote, IKMP_NO_KEY, addr_text(path->remote, peer));
		return DROP_NO_PSK;
	}
	if (!ike_choose(c, path->remote, &offer, &suite, &chosen)) {
		STRANGER_LOG(c, path->remote, IKMP_MODE_FAILURE, addr_text(path->remote, peer),
		             drop_text(DROP_NO_PROPOSAL));
		return DROP_NO_PROPOSAL;
	}
	send_answer(c, path, h, &offer, &chosen, body);
	return DROP_NONE;
}
