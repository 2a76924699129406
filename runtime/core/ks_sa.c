/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a key server says: the SA payload with the group's policy (RFC 6407 5.2 to 5.5) and the KD
 * payload with its keys (5.6).
 *
 * The list of `sa ipsec` entries keeps its order: for a permit one SAT for each of the keys there
 * are, oldest first; for a deny, to our own members, a SAT of GDOI_PROTO_BYPASS. A key with less
 * than KS_OFFER_MIN to live is not handed out.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/policy/protocol.h"
#include "runtime/core/core_priv.h"
#include "runtime/core/ks.h"
#include "runtime/wire/gdoi.h"

#define KS_OFFER_MIN SECONDS(5)

static bool
is_offered(const struct ks *ks, const struct ks_tek *t)
{
	return t->expires - ks->core->now >= KS_OFFER_MIN;
}

bool
ks_sa_is_keyed(const struct ks *ks, const struct ks_sa *s)
{
	for (size_t i = 0; i < s->n_teks; i++)
		if (is_offered(ks, &s->teks[i]))
			return true;
	return !s->cfg->n_selectors;
}

/*
 * At least one second: a lifetime of zero would be left out, and then the default holds (RFC 2407
 * 4.5).
 */
static uint32_t
seconds_left(const struct ks *ks, msec expires)
{
	msec left = (expires - ks->core->now) / 1000;

	return left > 1 ? (uint32_t)left : 1;
}

static struct gdoi_sak
sak_of(const struct ks *ks, uint32_t member, enum ks_kind kind)
{
	const struct ks_kek *k = &ks->kek;
	struct gdoi_sak s = {
	    .proto = PROTO_UDP,
	    .src = gdoi_end_of(ks->cfg->server.addr, UINT32_MAX, GDOI_PORT),
	    .dst = k->unicast ? gdoi_end_of(member, UINT32_MAX, GDOI_PORT)
	                      : gdoi_end_of(k->group_addr, UINT32_MAX, k->group_port),
	    .cipher = k->cipher,
	    .sig_hash = k->sig_hash,
	    .sig_algorithm = SIG_ALG_RSA,
	    .sig_bits = (uint16_t)k->sig_bits,
	    .lifetime = seconds_left(ks, k->expires),
	};

	memcpy(s.spi, k->sas[kind].spi, sizeof(s.spi));
	/* The reference member refuses an attribute it does not know. */
	if (ks_asks(ks, kind))
		s.ack = k->lkh ? KEK_ACK_LKH_SHA256 : KEK_ACK_KEK_SHA256;
	return s;
}

static struct gdoi_sat
sat_of(const struct ks *ks, const struct policy_sa *sa, const struct selector *s,
       const struct ks_tek *t, const struct ks_key *k, enum ks_kind kind)
{
	struct gdoi_sat sat = {
	    .protocol = t ? GDOI_PROTO_ESP : GDOI_PROTO_BYPASS,
	    .proto = s->proto,
	    .src = gdoi_end_of(s->src, s->src_mask, s->sport),
	    .dst = gdoi_end_of(s->dst, s->dst_mask, s->dport),
	};

	if (!t)
		return sat;
	sat.transform = cipher_row(t->suite.cipher)->use[USE_ESP].number;
	sat.spi = k->spi;
	sat.suite = t->suite;
	sat.known = true;
	sat.transport = t->transport;
	sat.lifetime = seconds_left(ks, t->expires);
	sat.replay_window = kind == KS_OURS ? (uint16_t)t->window : 0;
	if (sa->receive_only)
		sat.direction = DIRECTION_RECEIVE;
	sat.time_window = (uint16_t)t->time_window;
	sat.pseudotime = ks_pseudotime(ks, ks->core->now);
	return sat;
}

static bool
promise_tek(struct ks_offer *offer, uint32_t spi)
{
	size_t i;

	for (i = 0; i < offer->n; i++)
		if (offer->teks[i] == spi)
			return true;
	if (offer->n == KS_OFFER_MAX)
		return false;
	offer->teks[offer->n++] = spi;
	return true;
}

/* True when an earlier `sa ipsec` has the same entry: this one can never match. */
static bool
is_shadowed(const struct ks *ks, size_t sa, const struct selector *s)
{
	size_t i, j;

	for (i = 0; i < sa; i++)
		for (j = 0; j < ks->sas[i].cfg->n_selectors; j++)
			if (selector_equal(&ks->sas[i].cfg->selectors[j], s))
				return true;
	return false;
}

/*
 * Adds the SATs of one entry: for a permit, of the last n keys that can be handed out. False when
 * the SA payload cannot hold all.
 */
static bool
add_entry(struct ks *ks, size_t i, const struct selector *s, size_t n, struct gdoi_sa *sa,
          struct ks_offer *offer)
{
	struct ks_sa *from = &ks->sas[i];
	size_t j = s->permit && from->n_teks > n ? from->n_teks - n : 0;
	size_t end = s->permit ? from->n_teks : 1; /* a deny has no key */

	if (is_shadowed(ks, i, s) || (!s->permit && offer->kind != KS_OURS))
		return true;
	for (; j < end; j++) {
		const struct ks_tek *t = s->permit ? &from->teks[j] : NULL;
		const struct ks_key *k = t ? ks_tek_key(t, s) : NULL;

		if (t && (!is_offered(ks, t) || !k))
			continue;
		if (sa->n_sats == GDOI_SATS_MAX || (k && !promise_tek(offer, k->spi)))
			return false;
		sa->sats[sa->n_sats++] = sat_of(ks, from->cfg, s, t, k, offer->kind);
	}
	return true;
}

static bool
add_entries(struct ks *ks, size_t n, struct gdoi_sa *sa, struct ks_offer *offer)
{
	size_t i, j;

	sa->n_sats = offer->n = 0;
	for (i = 0; i < ks->n_sas; i++)
		for (j = 0; j < ks->sas[i].cfg->n_selectors; j++)
			if (!add_entry(ks, i, &ks->sas[i].cfg->selectors[j], n, sa, offer))
				return false;
	return true;
}

const struct ks_key *
ks_tek_key(const struct ks_tek *t, const struct selector *entry)
{
	if (!cipher_is_counter(t->suite.cipher))
		return t->keys;
	for (size_t i = 0; i < t->n_keys; i++)
		if (selector_equal(&t->keys[i].entry, entry))
			return &t->keys[i];
	return NULL;
}

const struct ks_key *
ks_key_by_spi(const struct ks *ks, uint32_t spi, struct ks_tek **ret)
{
	for (size_t i = 0; i < ks->n_sas; i++)
		for (size_t j = 0; j < ks->sas[i].n_teks; j++) {
			struct ks_tek *t = &ks->sas[i].teks[j];

			for (size_t k = 0; k < t->n_keys; k++)
				if (t->keys[k].spi == spi) {
					if (ret)
						*ret = t;
					return &t->keys[k];
				}
		}
	return NULL;
}

uint64_t
ks_pseudotime(const struct ks *ks, msec now)
{
	return ks->pseudo_zero == MSEC_NEVER ? 0 : (uint64_t)(now - ks->pseudo_zero);
}

bool
ks_for_testudo_only(const struct ks *ks)
{
	size_t i, j;

	for (i = 0; i < ks->n_sas; i++)
		for (j = 0; j < ks->sas[i].n_teks; j++)
			if (ks->sas[i].teks[j].time_window && is_offered(ks, &ks->sas[i].teks[j]))
				return true;
	return false;
}

/* When the last of the keys handed out now becomes active; 0: all of them are. */
static msec
latest_activation(const struct ks *ks)
{
	msec at = 0;

	for (size_t i = 0; i < ks->n_sas; i++)
		for (size_t j = 0; j < ks->sas[i].n_teks; j++)
			if (ks->sas[i].teks[j].activate > at)
				at = ks->sas[i].teks[j].activate;
	return at > ks->core->now ? at : 0;
}

static uint16_t
seconds_up(msec time)
{
	return (uint16_t)((time + 999) / 1000);
}

static struct gdoi_gap
gap_of(const struct ks *ks, const struct ks_offer *offer)
{
	/*
	 * Only our own members read this flag: the SATs are the whole policy, and an entry that is
	 * not among them ends.
	 */
	struct gdoi_gap gap = {.whole = offer->kind == KS_OURS};
	msec at = latest_activation(ks);
	bool first = offer->pushed && !ks->push.reminding;

	if (!first && at) {
		/*
		 * A member that registers between a rekey and its activation, or is reminded of it,
		 * changes over with the others.
		 */
		uint16_t dtd = ks_lkh_deactivation(ks);
		msec told = at - SECONDS(ks_lkh_activation(ks)), end = told + SECONDS(dtd);

		gap.has_atd = true;
		gap.atd = seconds_up(at - ks->core->now);
		gap.has_dtd = dtd && end > ks->core->now;
		gap.dtd = gap.has_dtd ? seconds_up(end - ks->core->now) : 0;
	} else if (first) {
		gap.atd = ks_lkh_activation(ks);
		gap.has_atd = gap.atd;
		gap.dtd = ks_lkh_deactivation(ks);
		gap.has_dtd = gap.dtd;
	}
	return gap;
}

/* False when not even the newest keys of each list fit. */
static bool
put_traffic(struct ks *ks, struct gdoi_sa *sa, struct ks_offer *ret)
{
	size_t n = KS_TEKS_MAX, i;

	if (ks->pseudo_zero == MSEC_NEVER)
		ks->pseudo_zero = ks->core->now;
	sa->gap = gap_of(ks, ret);
	sa->has_gap = sa->gap.whole || sa->gap.has_atd || sa->gap.has_dtd;
	/* Long lists get fewer of the old keys. */
	while (n && !add_entries(ks, n, sa, ret))
		n--;
	for (i = 0; i < ret->n; i++) {
		struct ks_tek *t = NULL;

		ks_key_by_spi(ks, ret->teks[i], &t);
		ret->counter |= cipher_is_counter(t->suite.cipher);
	}
	return n > 0;
}

static bool
sa_put(struct ks *ks, struct wr *w, uint32_t member, struct ks_offer *ret)
{
	struct gdoi_sa *sa = x_alloc(sizeof(*sa));
	bool whole = true;

	ret->version = ks->version;
	sa->doi = DOI_GDOI;
	if (ret->has_kek) {
		sa->has_sak = true;
		sa->sak = sak_of(ks, member, ret->kind);
		/* RFC 6407 5.3: a registration MUST NOT name it. */
		if (ret->pushed && ks->kek.lkh)
			sa->sak.management = KEK_MANAGEMENT_LKH;
		memcpy(ret->kek, sa->sak.spi, sizeof(ret->kek));
	}
	if (!ret->kek_alone)
		whole = put_traffic(ks, sa, ret);
	gdoi_sa_put(w, sa);
	free(sa);
	return whole;
}

bool
ks_sa_put(struct ks *ks, struct wr *w, uint32_t member, enum ks_kind kind, struct ks_offer *ret)
{
	*ret = (struct ks_offer){.kind = kind, .member = member, .has_kek = ks->kek.present};
	return sa_put(ks, w, member, ret);
}

bool
ks_sa_push(struct ks *ks, struct wr *w, unsigned parts, enum ks_kind kind, struct ks_offer *ret)
{
	bool whole;

	*ret = (struct ks_offer){.kind = kind,
	                         .has_kek = parts & KS_WANT_KEK,
	                         .kek_alone = !(parts & KS_WANT_TEK),
	                         .pushed = true};
	/* One message for all members: it names none of them. */
	whole = sa_put(ks, w, 0, ret);
	ret->counter = false;
	return whole;
}

bool
ks_offer_stands(const struct ks *ks, const struct ks_offer *offer)
{
	size_t i;

	if (offer->version != ks->version)
		return false;
	for (i = 0; i < offer->n; i++)
		if (!ks_key_by_spi(ks, offer->teks[i], NULL))
			return false;
	return !offer->has_kek || (ks->kek.present && memcmp(ks->kek.sas[offer->kind].spi,
	                                                     offer->kek, sizeof(offer->kek)) == 0);
}

/* A GMAC key is one of integrity: RFC 6407 5.6.1.2. */
static struct gdoi_key
tek_packet(struct span spi, const struct esp_suite *suite, const struct ks_key *k)
{
	struct gdoi_key packet = {
	    .type = KD_TEK, .spi = spi, .key = secret_span(&k->enc), .auth = secret_span(&k->auth)};

	if (cipher_is_gmac(suite->cipher)) {
		packet.auth = packet.key;
		packet.key = SPAN(NULL, 0);
	}
	return packet;
}

void
ks_kd_put(struct ks *ks, struct wr *w, const struct ks_offer *offer)
{
	struct gdoi_kd *kd = x_alloc(sizeof(*kd));
	uint8_t spis[KS_OFFER_MAX][4];
	struct secret lkh = {0};
	size_t i;

	ks_touch(ks);
	if (offer->has_kek && ks->kek.lkh) {
		ks_lkh_packet(ks, offer, &lkh);
		kd->keys[kd->n++] = (struct gdoi_key){.type = KD_LKH,
		                                      .spi = SPAN(ks->kek.sas[offer->kind].spi, 16),
		                                      .lkh = secret_span(&lkh)};
	} else if (offer->has_kek) {
		const struct ks_rekey_sa *sa = &ks->kek.sas[offer->kind];

		kd->keys[kd->n++] = (struct gdoi_key){.type = KD_KEK,
		                                      .spi = SPAN(sa->spi, 16),
		                                      .key = secret_span(&sa->key),
		                                      .auth = ks->kek.public};
	}
	for (i = 0; i < offer->n; i++) {
		struct ks_tek *t = NULL;
		const struct ks_key *k = ks_key_by_spi(ks, offer->teks[i], &t);
		struct wr spi = wr_buf(spis[i], 4);

		assert(t); /* what is offered is the group's own */
		t->promised = true;
		wr_u32(&spi, k->spi);
		kd->keys[kd->n++] = tek_packet(SPAN(spis[i], 4), &t->suite, k);
	}
	if (offer->counter)
		ks_sids_take(ks, offer, &kd->keys[kd->n++]);
	gdoi_kd_put(w, kd);
	secret_fini(&lkh);
	free(kd);
}
