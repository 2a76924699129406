/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Message 1 of main mode, answered without making state for the peer, so that a flood of them costs
 * a bounded piece of memory and no Diffie-Hellman (RFC 2408 2.5.3).
 *
 * The responder's cookie is a keyed hash over the peer's address and port, its cookie, and its SA
 * payload; message 3 must bring it back, which shows that the peer can receive. HASH_I will need
 * the SA payload, and message 3 does not repeat it: each distinct one is kept (members of one group
 * all send the same few), and the cookie says which.
 *
 *     cookie = tag of the SA (3 octets) | 5 octets of SipHash(secret, address port cookie-I SA)
 *
 * The secret changes every IKE_SECRET_TIME; the one before is still good. There are three rings of
 * SA payloads (offers.h), and none takes room from another: of anybody, of those who have brought
 * back the cookie, and of those who have authenticated.
 */
#include <stdlib.h>
#include <string.h>

#include "runtime/core/core_priv.h"
#include "runtime/core/offers.h"
#include "runtime/crypto/dh.h"
#include "runtime/crypto/siphash.h"

/* Octets of each ring. In the first, 200 000 offers of one transform have room. */
static const size_t ring_sizes[OFFER_RINGS] = {
    [OFFER_FRESH] = 14 << 20, [OFFER_REACHED] = 512 << 10, [OFFER_TRUSTED] = 256 << 10};

void
ike_offers_fini(struct ike *ike)
{
	for (int i = 0; i < OFFER_RINGS; i++) {
		offers_free(ike->offers[i]);
		ike->offers[i] = NULL;
	}
}

static void
rings_make(struct core *c)
{
	struct ike *ike = &c->ike;

	if (ike->offers[0])
		return;
	core_random(c, ike->offer_key, sizeof(ike->offer_key));
	for (int i = 0; i < OFFER_RINGS; i++)
		ike->offers[i] = offers_new(ike->offer_key, ring_sizes[i]);
}

static void
keep_offer(struct core *c, enum offer_ring ring, uint32_t source, struct span body)
{
	rings_make(c);
	offers_put(c->ike.offers[ring], source, offers_tag(siphash(c->ike.offer_key, body)), body);
}

void
ike_offer_reached(struct core *c, uint32_t source, struct span sa_body)
{
	keep_offer(c, OFFER_REACHED, source, sa_body);
}

void
ike_offer_trusted(struct core *c, uint32_t source, struct span sa_body)
{
	keep_offer(c, OFFER_TRUSTED, source, sa_body);
}

/* Keeps what anybody sent, unless somebody better has sent it. */
static bool
keep_fresh(struct ike *ike, uint32_t source, uint64_t hash, struct span body)
{
	uint32_t tag = offers_tag(hash);

	return offers_has(ike->offers[OFFER_TRUSTED], tag, body) ||
	       offers_has(ike->offers[OFFER_REACHED], tag, body) ||
	       offers_put(ike->offers[OFFER_FRESH], source, tag, body);
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

/* hash: of the SA payload, under the key of the rings. */
static void
cookie_make(const uint8_t secret[SIPHASH_KEY], const struct path *path, const uint8_t *cookie_i,
            uint64_t hash, uint8_t ret[COOKIE_SIZE])
{
	uint8_t in[8 + 2 + COOKIE_SIZE + 8];
	struct wr w = wr_buf(in, sizeof(in)), out = wr_buf(ret, COOKIE_SIZE);
	uint64_t mac;

	wr_u64(&w, path_peer(path));
	wr_u16(&w, path->remote_port);
	wr_bytes(&w, cookie_i, COOKIE_SIZE);
	wr_u64(&w, hash);
	mac = siphash(secret, wr_done(&w));
	wr_u32(&out, offers_tag(hash) << 8 | (uint32_t)(mac >> 32 & 0xff));
	wr_u32(&out, (uint32_t)mac);
}

static bool
is_cookie_of(struct core *c, const struct path *path, const struct isakmp_header *h,
             struct span body)
{
	uint64_t hash = siphash(c->ike.offer_key, body);
	uint8_t want[COOKIE_SIZE];

	secrets_refresh(c);
	for (size_t i = 0; i < ARRAY_SIZE(c->ike.secrets); i++) {
		cookie_make(c->ike.secrets[i], path, h->cookie_i, hash, want);
		if (span_equal_ct(SPAN(want, COOKIE_SIZE), SPAN(h->cookie_r, COOKIE_SIZE)))
			return true;
	}
	return false;
}

struct span
ike_offer_find(struct core *c, const struct path *path, const struct isakmp_header *h)
{
	uint32_t tag =
	    (uint32_t)h->cookie_r[0] << 16 | (uint32_t)h->cookie_r[1] << 8 | h->cookie_r[2];

	for (int i = OFFER_RINGS - 1; c->ike.offers[0] && i >= 0; i--) {
		struct span body;
		size_t at = 0;

		while ((body = offers_next(c->ike.offers[i], tag, &at)).n)
			if (is_cookie_of(c, path, h, body))
				return body;
	}
	return (struct span){0};
}

/* --- what both can do ------------------------------------------------------------------------- */

static const struct {
	uint16_t number;
	enum isakmp_auth auth;
} methods[] = {
    {PHASE1_AUTH_PSK, ISAKMP_AUTH_PSK},
    {PHASE1_AUTH_RSA_SIG, ISAKMP_AUTH_RSA_SIG},
    {PHASE1_AUTH_ECDSA_256, ISAKMP_AUTH_ECDSA_SIG},
    {PHASE1_AUTH_ECDSA_384, ISAKMP_AUTH_ECDSA_SIG},
    {PHASE1_AUTH_ECDSA_521, ISAKMP_AUTH_ECDSA_SIG},
};

static bool
is_method_of(uint16_t number, enum isakmp_auth auth)
{
	for (size_t i = 0; i < ARRAY_SIZE(methods); i++)
		if (methods[i].number == number)
			return methods[i].auth == auth;
	return false;
}

static bool
can_method(const struct core *c, const struct ike_peer *peer, uint16_t number)
{
	return number == PHASE1_AUTH_PSK ? ike_psk_find(c, peer) != NULL
	                                 : c->ike.signs & 1u << number;
}

uint16_t
ike_method_next(const struct core *c, const struct ike_peer *peer, enum isakmp_auth auth,
                uint16_t after)
{
	for (size_t i = 0; i < ARRAY_SIZE(methods); i++)
		if (methods[i].auth == auth && methods[i].number > after &&
		    can_method(c, peer, methods[i].number))
			return methods[i].number;
	return 0;
}

bool
ike_can(const struct core *c, const struct ike_peer *peer, enum isakmp_auth auth)
{
	return ike_method_next(c, peer, auth, 0);
}

/* NULL when we would take it, else what is not ours. */
static const char *
find_mismatch(const struct policy_isakmp *ours, const struct phase1_transform *t)
{
	if (t->cipher == CIPHER_NULL || t->cipher != ours->cipher)
		return "encryption algorithm offered does not match policy";
	if (t->hash == HASH_NONE || t->hash != ours->hash)
		return "hash algorithm offered does not match policy";
	if (!is_method_of(t->auth, ours->auth))
		return "authentication method offered does not match policy";
	if (t->group != ours->group || !dh_group_known(t->group))
		return "Diffie-Hellman group offered does not match policy";
	return NULL;
}

bool
ike_choose(const struct core *c, const struct ike_peer *peer, const struct phase1_sa *offer,
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
			if (!why && !can_method(c, peer, t->auth))
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
			    .method = t->auth,
			    .group = t->group,
			    .lifetime = shorter ? t->lifetime : ours->lifetime,
			};
			*ret_transform = *t;
			return true;
		}
	return false;
}

/* --- message 1 and its answer ----------------------------------------------------------------- */

static enum drop
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
	uint64_t hash;

	rings_make(c);
	hash = siphash(c->ike.offer_key, body);
	if (!keep_fresh(&c->ike, path->remote, hash, body)) {
		c->flood.offers_refused++;
		flood_note(c);
		return DROP_LIMIT;
	}
	secrets_refresh(c);
	memcpy(reply.cookie_i, h->cookie_i, COOKIE_SIZE);
	cookie_make(c->ike.secrets[0], path, h->cookie_i, hash, reply.cookie_r);
	isakmp_header_put(&w, &reply);
	isakmp_payload_begin(&w, &chain, PAYLOAD_SA);
	phase1_sa_put(&w, &sa);
	isakmp_payload_end(&w, &chain);
	isakmp_finish(&w);
	core_send_stranger(c, path, wr_done(&w));
	return DROP_NONE;
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
	    sa->body.n > OFFERS_BODY_MAX || !phase1_sa_get(sa->body, ret))
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
	const struct ike_peer who = {.path = *path};
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
	if (!can_method(c, &who, PHASE1_AUTH_PSK) && !c->ike.signs) {
		STRANGER_LOG(c, path->remote, IKMP_NO_KEY, addr_text(path->remote, peer));
		return DROP_NO_PSK;
	}
	if (!ike_choose(c, &who, &offer, &suite, &chosen)) {
		STRANGER_LOG(c, path->remote, IKMP_MODE_FAILURE, addr_text(path->remote, peer),
		             drop_text(DROP_NO_PROPOSAL));
		return DROP_NO_PROPOSAL;
	}
	return send_answer(c, path, h, &offer, &chosen, body);
}
