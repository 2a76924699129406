/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes a policy from SA and KD payloads (RFC 6407 5.2 to 5.6). gm_merge.c joins it with the policy
 * before it; gm_dp.c tells the dataplane.
 */
#include "compiler/policy/protocol.h"
#include "runtime/core/gm.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/core/core_priv.h"
#include "runtime/crypto/sig.h"
#include "runtime/wire/gdoi.h"

struct gm_policy *
gm_policy_new(void)
{
	return x_alloc(sizeof(struct gm_policy));
}

void
gm_tek_fini(struct gm_tek *t)
{
	secret_fini(&t->enc);
	secret_fini(&t->auth);
}

void
gm_kek_fini(struct gm_kek *k)
{
	secret_fini(&k->key);
	lkh_path_free(k->lkh);
	free(k->public_key);
	rsa_key_free(k->verifier);
	*k = (struct gm_kek){0};
}

void
gm_policy_free(struct gm_policy *p)
{
	size_t i;

	if (!p)
		return;
	for (i = 0; i < p->n_teks; i++)
		gm_tek_fini(&p->teks[i]);
	gm_kek_fini(&p->kek);
	free(p);
}

/* --- from the wire ---------------------------------------------------------------------------- */

#define LIFETIME_TEK   28800 /* when none is said: RFC 2407 4.5 */
#define LIFETIME_KEK   86400

#define PSEUDOTIME_MAX (UINT64_C(1) << 47) /* milliseconds: what a packet can say */

#define SPI_MIN        256 /* RFC 4303 2.1: 0 to 255 are reserved */

enum { ADDRESSES_BOTH = 4 }; /* RFC 6407 5.5.1.1.1; 0: not said, which means the same */

struct gm_tek *
gm_policy_tek(struct gm_policy *p, uint32_t spi)
{
	size_t i;

	for (i = 0; i < p->n_teks; i++)
		if (p->teks[i].spi == spi)
			return &p->teks[i];
	return NULL;
}

struct dp_entry *
gm_policy_entry(struct gm_policy *p, const struct selector *s)
{
	size_t i;

	for (i = 0; i < p->n_entries; i++)
		if (selector_equal(&p->entries[i].selector, s))
			return &p->entries[i];
	return NULL;
}

static uint32_t
highest_sa(const struct gm_policy *p)
{
	uint32_t sa = 0;
	size_t i;

	for (i = 0; i < p->n_teks; i++)
		if (p->teks[i].sa > sa)
			sa = p->teks[i].sa;
	return sa;
}

/* The key of a SAT: one we have, or a new one of the policy `sa` (0: a new policy). */
static const char *
take_tek(struct gm_policy *p, const struct gdoi_sat *sat, uint32_t sa, msec now,
         struct gm_tek **ret)
{
	struct gm_tek *t = gm_policy_tek(p, sat->spi);
	uint32_t life = sat->lifetime ? sat->lifetime : LIFETIME_TEK;

	*ret = t;
	if (sat->spi < SPI_MIN)
		return "an SPI that is reserved (0 to 255)";
	if (t && (t->suite.cipher != sat->suite.cipher || t->suite.auth != sat->suite.auth))
		return "one SPI for two transforms";
	if (t)
		return NULL;
	if (p->n_teks == DP_SAS_MAX)
		return "more keys than we can hold";
	t = *ret = &p->teks[p->n_teks];
	*t = (struct gm_tek){.sa = sa ? sa : highest_sa(p) + 1,
	                     .spi = sat->spi,
	                     .suite = sat->suite,
	                     .transport = sat->transport,
	                     .send = sat->direction != DIRECTION_RECEIVE,
	                     .receive = sat->direction != DIRECTION_SEND,
	                     .offered = true,
	                     .window = sat->replay_window,
	                     .time_window = sat->time_window,
	                     .pseudo_offset = (msec)sat->pseudotime - now,
	                     .lifetime = life,
	                     .made = now,
	                     .expires = now + SECONDS(life)};
	p->n_teks++;
	return NULL;
}

/* NULL, or why this member cannot or may not run what the SAT describes. */
static const char *
check_esp(const struct gm *gm, const struct gdoi_sat *sat)
{
	if (sat->protocol == GDOI_PROTO_AH)
		return "AH, which we do not support";
	if (sat->protocol != GDOI_PROTO_ESP)
		return "a security protocol we do not know";
	if (!sat->known)
		return "a transform we do not support";
	if (!policy_suite_allowed(gm->cfg, &sat->suite))
		return "a transform that client transform-sets or crypto engine legacy does not "
		       "allow";
	if (sat->pseudotime > PSEUDOTIME_MAX)
		return "a pseudotime beyond all measure";
	/* Transport mode adds no outer header, so that there are no addresses to preserve. */
	if (!sat->transport && sat->address_preservation &&
	    sat->address_preservation != ADDRESSES_BOTH)
		return "address preservation other than source and destination, which we do not "
		       "support";
	return NULL;
}

/* NULL, or why not. SATs with one selector belong to one policy: they are its keys. */
static const char *
take_sat(const struct gm *gm, struct gm_policy *p, const struct gdoi_sat *sat, size_t room)
{
	bool permit = sat->protocol != GDOI_PROTO_BYPASS;
	const char *why = permit ? check_esp(gm, sat) : NULL;
	struct gm_tek *t = NULL;
	struct selector s;
	struct dp_entry *e;

	if (why)
		return why;
	if (!gdoi_sat_selector(sat, &s))
		return "a selector is not IPv4";
	s.permit = permit;
	e = gm_policy_entry(p, &s);
	why = permit ? take_tek(p, sat, e ? e->sa : 0, gm->core->now, &t) : NULL;
	if (why)
		return why;
	if (e)
		return NULL;
	if (p->n_entries >= room)
		return "more selectors than we can hold";
	p->entries[p->n_entries++] = (struct dp_entry){.selector = s, .sa = t ? t->sa : 0};
	return NULL;
}

static bool
set_allows(uint32_t set, unsigned what)
{
	return !set || set >> what & 1;
}

static const char *
take_sak(const struct gm *gm, struct gm_kek *k, const struct gdoi_sak *sak, bool pushed, msec now)
{
	/* RFC 6407 5.3: a registration MUST NOT name one, and it is ignored there. */
	if (pushed && sak->management && sak->management != KEK_MANAGEMENT_LKH)
		return "a KEK management algorithm we do not support";
	if (sak->proto && sak->proto != PROTO_UDP)
		return "rekeys by another protocol than UDP";
	if (sak->cipher == CIPHER_NULL)
		return "a KEK algorithm we do not support";
	if (sak->sig_algorithm != SIG_ALG_RSA || sak->sig_hash == HASH_NONE)
		return "a rekey signature we do not support";
	if (!set_allows(gm->cfg->rekey_ciphers, sak->cipher))
		return "the rekeys' encryption is none that client rekey encryption or crypto "
		       "engine legacy allows";
	if (!set_allows(gm->cfg->rekey_hashes, sak->sig_hash))
		return "the rekeys' hash is none that client rekey hash or crypto engine legacy "
		       "allows";
	k->present = true;
	k->unicast = sak->dst.addr >> 28 != 0xe; /* 224.0.0.0/4: to all members at once */
	k->group = k->unicast ? 0 : sak->dst.addr;
	k->port = sak->dst.port ? sak->dst.port : GDOI_PORT;
	memcpy(k->spi, sak->spi, sizeof(k->spi));
	k->cipher = sak->cipher;
	k->sig_hash = sak->sig_hash;
	k->sig_bits = sak->sig_bits;
	k->ack = sak->ack;
	k->lifetime = sak->lifetime ? sak->lifetime : LIFETIME_KEK;
	k->expires = now + SECONDS(k->lifetime);
	return NULL;
}

size_t
gm_policy_room(const struct gm *gm)
{
	size_t room = DP_SELECTORS_MAX, i;

	for (i = 0; i < gm->cfg->n_interfaces; i++)
		room -= gm->cfg->interfaces[i].n_deny < room ? gm->cfg->interfaces[i].n_deny : room;
	return room;
}

struct gm_policy *
gm_policy_from_sa(const struct gm *gm, const struct gdoi_sa *sa, bool pushed, const char **ret_why)
{
	struct gm_policy *p = gm_policy_new();
	const char *why = NULL;
	size_t room = gm_policy_room(gm), i;

	if (sa->doi != DOI_GDOI)
		why = "an SA payload that is not GDOI's";
	else if (sa->situation)
		why = "an SA payload with a situation, which GDOI does not have";
	if (!why && sa->has_sak)
		why = take_sak(gm, &p->kek, &sa->sak, pushed, gm->core->now);
	for (i = 0; !why && i < sa->n_sats; i++)
		why = take_sat(gm, p, &sa->sats[i], room);
	/* A KEK alone will do: keys for traffic come by rekey then (RFC 6407 5.2.1, 5.6.1). */
	if (!why && !p->n_teks && !p->kek.present)
		why = "no traffic policy";
	if (!why && sa->has_gap) {
		p->atd = sa->gap.has_atd ? sa->gap.atd : 0;
		p->dtd = sa->gap.has_dtd ? sa->gap.dtd : 0;
		p->whole = sa->gap.whole;
	}
	if (!why)
		return p;
	gm_policy_free(p);
	*ret_why = why;
	return NULL;
}

/*
 * A GMAC key is an integrity key (RFC 6407 5.6.1.2), but ENCR_NULL_AUTH_AES_GMAC is a transform of
 * encryption (RFC 4543), so that some send it as the key of that. Either, not both.
 */
static bool
gmac_key(const struct gdoi_key *k, struct span *ret)
{
	*ret = k->key.n ? k->key : k->auth;
	return !k->key.n || !k->auth.n;
}

static bool
add_tek_key(struct gm_policy *p, const struct gdoi_key *k)
{
	struct rd r = rd_span(k->spi);
	struct gm_tek *t = gm_policy_tek(p, rd_u32(&r));
	struct span enc = k->key, auth = k->auth;

	if (!rd_done(&r) || !t || t->keyed)
		return true; /* not one of ours: passed over */
	if (cipher_is_gmac(t->suite.cipher)) {
		if (!gmac_key(k, &enc))
			return false;
		auth = SPAN(NULL, 0);
	}
	if (enc.n != cipher_keymat_size(t->suite.cipher) || auth.n != hash_size(t->suite.auth))
		return false;
	secret_copy(&t->enc, enc);
	secret_copy(&t->auth, auth);
	t->keyed = true;
	return true;
}

static bool
add_kek_key(struct gm_kek *kek, const struct gdoi_key *k)
{
	size_t want = cipher_block_size(kek->cipher) + cipher_key_size(kek->cipher);

	if (!kek->present || kek->keyed || k->spi.n != sizeof(kek->spi) ||
	    memcmp(k->spi.p, kek->spi, sizeof(kek->spi)) != 0)
		return true;
	if (k->key.n != want || !k->auth.n)
		return false;
	secret_copy(&kek->key, k->key);
	free(kek->public_key);
	kek->public_key = x_memdup(k->auth.p, k->auth.n);
	kek->public_key_size = k->auth.n;
	/*
	 * Read now: otherwise a public key that is not valid would show only when the first rekey
	 * comes.
	 */
	kek->verifier = rsa_key_from_public_der(k->auth);
	kek->keyed = kek->verifier != NULL;
	return kek->keyed;
}

/*
 * Takes the first identifier: one encryption module needs no more. False when it does not fit into
 * an IV.
 */
static bool
add_sid(struct gm_policy *p, const struct gdoi_key *k)
{
	if (!k->n_sids || p->sid_bits)
		return true;
	if (!k->sid_bits || k->sid_bits > 32 || (k->sid_bits < 32 && k->sids[0] >> k->sid_bits))
		return false;
	p->sid = k->sids[0];
	p->sid_bits = (uint8_t)k->sid_bits;
	return true;
}

bool
gm_policy_lacks_sid(const struct gm_policy *p)
{
	size_t i;

	for (i = 0; i < p->n_teks && !p->sid_bits; i++)
		if (p->teks[i].send && p->teks[i].offered &&
		    cipher_is_counter(p->teks[i].suite.cipher))
			return true;
	return false;
}

/*
 * A registration that brings a KEK and no key for traffic at all promises those by rekey (RFC 6407
 * 5.6.1). Until they come, traffic that its entries permit is dropped.
 */
static bool
keys_promised(struct gm_policy *p, const struct gdoi_kd *kd)
{
	size_t i;

	for (i = 0; i < kd->n; i++)
		if (kd->keys[i].type == KD_TEK)
			return false;
	if (!p->kek.keyed)
		return false;
	p->n_teks = 0; /* none has a secret yet */
	return true;
}

bool
gm_policy_add_keys(struct gm_policy *p, const struct gdoi_kd *kd, bool pushed, const char **ret_why)
{
	size_t i;

	for (i = 0; i < kd->n; i++) {
		const struct gdoi_key *k = &kd->keys[i];

		*ret_why = k->type == KD_KEK
		               ? "a KEK of the wrong size, or a public key that is none"
		               : "a key of the wrong size";
		if ((k->type == KD_TEK && !add_tek_key(p, k)) ||
		    (k->type == KD_KEK && !add_kek_key(&p->kek, k)))
			return false;
		*ret_why = "keys of an LKH tree that this member cannot follow";
		if (k->type == KD_LKH && !gm_lkh_add(&p->kek, k))
			return false;
		if (k->type != KD_SID)
			continue;
		/*
		 * All members get a rekey: with one identifier they would use the same nonces,
		 * which RFC 6407 5.6.4 forbids.
		 */
		*ret_why = pushed ? "a sender identifier in a rekey, which all members get"
		                  : "a sender identifier that does not fit";
		if (pushed || !add_sid(p, k))
			return false;
	}
	*ret_why = "a key is missing";
	if (p->kek.present && !p->kek.keyed)
		return false;
	for (i = 0; i < p->n_teks; i++)
		if (!p->teks[i].keyed)
			return !pushed && keys_promised(p, kd);
	return true;
}
