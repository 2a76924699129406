/*
 * What a member has downloaded: from SA and KD payloads (RFC 6407 5.2 to 5.6) to its policy, and
 * from there to what the dataplane is told. The rules of time are in gm.h.
 */
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

static void
tek_fini(struct gm_tek *t)
{
	secret_fini(&t->enc);
	secret_fini(&t->auth);
}

static void
kek_fini(struct gm_kek *k)
{
	secret_fini(&k->key);
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
		tek_fini(&p->teks[i]);
	kek_fini(&p->kek);
	free(p);
}

/* --- from the wire ---------------------------------------------------------------------------- */

#define LIFETIME_TEK   28800 /* when none is said: RFC 2407 4.5 */
#define LIFETIME_KEK   86400

#define PSEUDOTIME_MAX (UINT64_C(1) << 47) /* milliseconds: what a packet can say */

enum { ADDRESSES_NONE = 1 }; /* RFC 6407 5.5.1.1.1 */

static struct gm_tek *
tek_by_spi(struct gm_policy *p, uint32_t spi)
{
	size_t i;

	for (i = 0; i < p->n_teks; i++)
		if (p->teks[i].spi == spi)
			return &p->teks[i];
	return NULL;
}

static struct dp_entry *
entry_find(struct gm_policy *p, const struct selector *s)
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
	struct gm_tek *t = tek_by_spi(p, sat->spi);
	uint32_t life = sat->lifetime ? sat->lifetime : LIFETIME_TEK;

	*ret = t;
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

/* NULL, or why not. SATs with one selector belong to one policy: they are its keys. */
static const char *
take_sat(struct gm_policy *p, const struct gdoi_sat *sat, size_t room, msec now)
{
	struct selector s;
	struct dp_entry *e;
	struct gm_tek *t = NULL;
	const char *why;

	if (!gdoi_sat_selector(sat, &s))
		return "a selector is not IPv4";
	s.permit = sat->protocol != GDOI_PROTO_BYPASS;
	e = entry_find(p, &s);
	if (s.permit) {
		if (sat->protocol != GDOI_PROTO_ESP || !sat->known)
			return "a transform we do not support";
		if (sat->pseudotime > PSEUDOTIME_MAX)
			return "a pseudotime beyond all measure";
		if (sat->address_preservation == ADDRESSES_NONE)
			return "no address preservation, which we do not support";
		why = take_tek(p, sat, e ? e->sa : 0, now, &t);
		if (why)
			return why;
	}
	if (e)
		return NULL;
	if (p->n_entries >= room)
		return "more selectors than we can hold";
	p->entries[p->n_entries++] = (struct dp_entry){.selector = s, .sa = t ? t->sa : 0};
	return NULL;
}

static bool
allowed(uint32_t set, unsigned what)
{
	return !set || set >> what & 1;
}

static const char *
take_sak(const struct gm *gm, struct gm_kek *k, const struct gdoi_sak *sak, msec now)
{
	if (sak->cipher == CIPHER_NULL)
		return "a KEK algorithm we do not support";
	if (sak->sig_algorithm != SIG_ALG_RSA || sak->sig_hash == HASH_NONE)
		return "a rekey signature we do not support";
	if (!allowed(gm->cfg->rekey_ciphers, sak->cipher))
		return "the rekeys' encryption is none that client rekey encryption allows";
	if (!allowed(gm->cfg->rekey_hashes, sak->sig_hash))
		return "the rekeys' hash is none that client rekey hash allows";
	k->present = true;
	k->unicast = sak->dst.addr >> 28 != 0xe; /* 224.0.0.0/4: to all members at once */
	k->group = k->unicast ? 0 : sak->dst.addr;
	memcpy(k->spi, sak->spi, sizeof(k->spi));
	k->cipher = sak->cipher;
	k->sig_hash = sak->sig_hash;
	k->sig_bits = sak->sig_bits;
	k->ack = sak->ack;
	k->lifetime = sak->lifetime ? sak->lifetime : LIFETIME_KEK;
	k->expires = now + SECONDS(k->lifetime);
	return NULL;
}

struct gm_policy *
gm_policy_from_sa(const struct gm *gm, const struct gdoi_sa *sa, const char **ret_why)
{
	struct gm_policy *p = gm_policy_new();
	const char *why = NULL;
	size_t room = DP_SELECTORS_MAX, i;

	for (i = 0; i < gm->cfg->n_interfaces; i++) /* our own denies come first */
		room -= gm->cfg->interfaces[i].n_deny < room ? gm->cfg->interfaces[i].n_deny : room;
	if (sa->doi != DOI_GDOI)
		why = "an SA payload that is not GDOI's";
	if (!why && sa->has_sak)
		why = take_sak(gm, &p->kek, &sa->sak, gm->core->now);
	for (i = 0; !why && i < sa->n_sats; i++)
		why = take_sat(p, &sa->sats[i], room, gm->core->now);
	if (!why && !p->n_teks)
		why = "no traffic policy";
	if (!why)
		return p;
	gm_policy_free(p);
	*ret_why = why;
	return NULL;
}

static bool
add_tek_key(struct gm_policy *p, const struct gdoi_key *k)
{
	struct rd r = rd_span(k->spi);
	struct gm_tek *t = tek_by_spi(p, rd_u32(&r));

	if (!rd_done(&r) || !t || t->keyed)
		return true; /* not one of ours: passed over */
	if (k->key.n != cipher_keymat_size(t->suite.cipher) ||
	    k->auth.n != hash_size(t->suite.auth))
		return false;
	secret_copy(&t->enc, k->key);
	secret_copy(&t->auth, k->auth);
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
	kek->public_key = x_memdup(k->auth.p, k->auth.n);
	kek->public_key_size = k->auth.n;
	kek->keyed = true;
	return true;
}

/* The first of them: one encryption module needs no more. False: not one we can put in an IV. */
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

bool
gm_policy_add_keys(struct gm_policy *p, const struct gdoi_kd *kd, const char **ret_why)
{
	size_t i;

	*ret_why = "a key of the wrong size";
	for (i = 0; i < kd->n; i++) {
		const struct gdoi_key *k = &kd->keys[i];

		if ((k->type == KD_TEK && !add_tek_key(p, k)) ||
		    (k->type == KD_KEK && !add_kek_key(&p->kek, k)) ||
		    (k->type == KD_SID && !add_sid(p, k)))
			return false;
	}
	*ret_why = "a key is missing";
	for (i = 0; i < p->n_teks; i++)
		if (!p->teks[i].keyed)
			return false;
	return !p->kek.present || p->kek.keyed;
}

/* --- time ------------------------------------------------------------------------------------- */

static msec
earlier(msec a, msec b)
{
	return a < b ? a : b;
}

/* The key that a TEK policy sends with: see gm.h. NULL: none. */
static const struct gm_tek *
sender(const struct gm_policy *p, uint32_t sa, msec now)
{
	const struct gm_tek *first = NULL, *last = NULL, *timed = NULL;
	size_t i;

	for (i = 0; i < p->n_teks; i++) {
		const struct gm_tek *t = &p->teks[i];

		if (t->sa != sa || !t->offered || !t->send || t->expires <= now)
			continue;
		if (t->activate > now)
			continue;
		if (t->activate && (!timed || t->activate > timed->activate))
			timed = t;
		if (!last || t->expires > last->expires)
			last = t;
		if (t->expires - now > GM_ACTIVATE && (!first || t->expires < first->expires))
			first = t;
	}
	return timed ? timed : first ? first : last;
}

bool
gm_policy_expire(struct gm_policy *p, msec now)
{
	size_t i, n = 0, before = p->n_teks;

	for (i = 0; i < p->n_teks; i++) {
		if (p->teks[i].expires <= now)
			tek_fini(&p->teks[i]);
		else
			p->teks[n++] = p->teks[i];
	}
	p->n_teks = n;
	if (p->kek.present && p->kek.expires <= now)
		kek_fini(&p->kek);
	return n != before;
}

msec
gm_policy_next(const struct gm_policy *p, msec now)
{
	msec next = MSEC_NEVER;
	size_t i;

	for (i = 0; i < p->n_teks; i++) {
		msec expires = p->teks[i].expires;

		next = earlier(next, expires);
		if (expires - GM_ACTIVATE > now)
			next = earlier(next, expires - GM_ACTIVATE);
		if (p->teks[i].activate > now)
			next = earlier(next, p->teks[i].activate);
	}
	return p->kek.present ? earlier(next, p->kek.expires) : next;
}

/* MAX(60 s, 5 %) before the end, and up to 2 % more. */
static msec
lead(struct core *c, uint32_t lifetime)
{
	msec life = SECONDS(lifetime);
	msec least = life / 20 > GM_REREGISTER_MIN ? life / 20 : GM_REREGISTER_MIN;

	return least + core_random_below(c, (uint32_t)earlier(life / 50, INT32_MAX) + 1);
}

msec
gm_policy_reregister(struct core *c, const struct gm_policy *p, msec now)
{
	msec at = MSEC_NEVER, expires = MSEC_NEVER, soon;
	size_t i, j;

	if (gm_policy_lacks_sid(p))
		return now + GM_SOON;
	for (i = 0; i < p->n_teks; i++) { /* the newest of each TEK policy */
		const struct gm_tek *t = &p->teks[i];

		for (j = 0; j < p->n_teks; j++)
			if (p->teks[j].sa == t->sa && p->teks[j].expires > t->expires)
				break;
		if (j < p->n_teks)
			continue;
		expires = earlier(expires, t->expires);
		at = earlier(at, t->expires - lead(c, t->lifetime));
	}
	if (p->kek.present) {
		expires = earlier(expires, p->kek.expires);
		at = earlier(at, p->kek.expires - lead(c, p->kek.lifetime));
	}
	/* The server has no fresher key yet: halfway to the end, but never in a hurry. */
	soon = expires == MSEC_NEVER ? now + GM_BACKOFF_MAX : now + (expires - now) / 2;
	if (soon < now + GM_SOON)
		soon = now + GM_SOON;
	return at < now + GM_SOON || at == MSEC_NEVER ? soon : at;
}

/* --- old and new ------------------------------------------------------------------------------ */

static bool
has_tek(const struct gm_policy *p, const struct gm_tek *t)
{
	size_t i;

	for (i = 0; i < p->n_teks; i++)
		if (p->teks[i].spi == t->spi && p->teks[i].suite.cipher == t->suite.cipher &&
		    p->teks[i].suite.auth == t->suite.auth)
			return true;
	return false;
}

static bool
has_spi(const struct gm_policy *p, uint32_t spi)
{
	size_t i;

	for (i = 0; i < p->n_teks; i++)
		if (p->teks[i].spi == spi)
			return true;
	return false;
}

static int
by_expiry(const void *a, const void *b)
{
	const struct gm_tek *x = a, *y = b;

	return x->expires < y->expires ? -1 : x->expires > y->expires;
}

/* A key known before keeps its birthday and its full lifetime, for display. */
static void
keep_age(struct gm_policy *fresh, const struct gm_policy *old)
{
	size_t i, j;

	for (i = 0; i < fresh->n_teks; i++)
		for (j = 0; j < old->n_teks; j++)
			if (fresh->teks[i].spi == old->teks[j].spi) {
				fresh->teks[i].made = old->teks[j].made;
				fresh->teks[i].lifetime = old->teks[j].lifetime;
				fresh->teks[i].activate = old->teks[j].activate;
			}
}

/* A server signs with one key for years: reading it is most of the work of a rekey. */
static void
keep_verifier(struct gm_kek *fresh, struct gm_kek *old)
{
	if (fresh->verifier || !old->verifier || fresh->public_key_size != old->public_key_size ||
	    memcmp(fresh->public_key, old->public_key, old->public_key_size) != 0)
		return;
	fresh->verifier = old->verifier;
	old->verifier = NULL;
}

struct gm_policy *
gm_policy_merge(struct gm_policy *take_old, struct gm_policy *take_fresh, msec now)
{
	size_t i;

	if (take_old) {
		gm_policy_expire(take_old, now);
		keep_age(take_fresh, take_old);
	}
	/* What the server no longer hands out still receives until its end. */
	for (i = 0; take_old && i < take_old->n_teks; i++) {
		struct gm_tek *t = &take_old->teks[i];

		if (take_fresh->n_teks == DP_SAS_MAX)
			break;
		if (has_tek(take_fresh, t) || has_spi(take_fresh, t->spi))
			continue;
		t->offered = false;
		take_fresh->teks[take_fresh->n_teks++] = *t;
		t->enc = t->auth = (struct secret){0}; /* moved */
	}
	/* RFC 6407 3.3: a sequence number below one already seen under this KEK is stale. */
	if (take_old && take_old->kek.present && take_fresh->kek.present &&
	    memcmp(take_old->kek.spi, take_fresh->kek.spi, sizeof(take_old->kek.spi)) == 0 &&
	    take_old->kek.seq > take_fresh->kek.seq)
		take_fresh->kek.seq = take_old->kek.seq;
	if (take_old)
		keep_verifier(&take_fresh->kek, &take_old->kek);
	if (take_old && !take_fresh->sid_bits) {
		take_fresh->sid = take_old->sid;
		take_fresh->sid_bits = take_old->sid_bits;
	}
	gm_policy_free(take_old);
	qsort(take_fresh->teks, take_fresh->n_teks, sizeof(take_fresh->teks[0]), by_expiry);
	return take_fresh;
}

void
gm_policy_keep_kek(struct gm_policy *fresh, struct gm_policy *old)
{
	kek_fini(&fresh->kek);
	fresh->kek = old->kek;
	old->kek = (struct gm_kek){0};
}

void
gm_policy_drop_tek(struct gm_policy *p, uint32_t spi)
{
	size_t i, n = 0;

	for (i = 0; i < p->n_teks; i++)
		if (!spi || p->teks[i].spi == spi)
			tek_fini(&p->teks[i]);
		else
			p->teks[n++] = p->teks[i];
	p->n_teks = n;
}

void
gm_policy_drop_kek(struct gm_policy *p)
{
	kek_fini(&p->kek);
}

void
gm_policy_shorten(struct gm_policy *p, msec now)
{
	for (size_t i = 0; i < p->n_teks; i++) {
		msec five = SECONDS((msec)p->teks[i].lifetime) / 20, rest = SECONDS(90);

		if (five > rest)
			rest = five < SECONDS(3600) ? five : SECONDS(3600);
		p->teks[i].expires = earlier(p->teks[i].expires, now + rest);
	}
}

/* A key that the member forgot early may come back; only one that outlives all it has is new. */
static bool
is_new(const struct gm_policy *old, const struct gm_tek *t)
{
	for (size_t i = 0; i < old->n_teks; i++)
		if (old->teks[i].spi == t->spi ||
		    (old->teks[i].sa == t->sa && old->teks[i].expires >= t->expires))
			return false;
	return true;
}

void
gm_policy_delay(struct gm_policy *fresh, struct gm_policy *old, uint16_t atd, uint16_t dtd,
		msec now)
{
	bool renewed = false;

	for (size_t i = 0; i < fresh->n_teks; i++)
		if (is_new(old, &fresh->teks[i])) {
			fresh->teks[i].activate = atd ? now + SECONDS(atd) : 0;
			renewed = true;
		}
	/* A rekey that brings no key (a new KEK, an ACL) replaces none. */
	if (!renewed || !dtd)
		return;
	/* The old keys are in the new policy too, as long as the server has them. */
	for (size_t i = 0; i < fresh->n_teks; i++)
		if (!is_new(old, &fresh->teks[i]))
			fresh->teks[i].expires =
			    earlier(fresh->teks[i].expires, now + SECONDS(dtd));
	for (size_t i = 0; i < old->n_teks; i++)
		old->teks[i].expires = earlier(old->teks[i].expires, now + SECONDS(dtd));
}

/* --- to the dataplane ------------------------------------------------------------------------- */

/* The same once more? The first match decides, so a second one never would. */
static bool
has_entry(const struct dp_group *g, const struct dp_entry *e)
{
	for (size_t i = 0; i < g->n_entries; i++)
		if (selector_equal(&g->entries[i].selector, &e->selector) &&
		    g->entries[i].local == e->local && g->entries[i].binding == e->binding)
			return true;
	return false;
}

/*
 * The denies of each crypto map, then what was downloaded. Where both are too many it is denies that
 * are left out: without them more is encrypted, not less.
 */
static void
put_entries(const struct gm *gm, struct arena *a, struct dp_group *g)
{
	const struct gm_policy *p = gm->policy;
	struct dp_entry *entries = arena_alloc(a, DP_SELECTORS_MAX * sizeof(*entries));
	size_t room = DP_SELECTORS_MAX - p->n_entries, i, j;

	g->entries = entries;
	for (i = 0; i < gm->cfg->n_interfaces; i++)
		for (j = 0; j < gm->cfg->interfaces[i].n_deny && g->n_entries < room; j++) {
			struct dp_entry e = {.selector = gm->cfg->interfaces[i].deny[j],
					     .local = true,
					     .binding = i};

			if (!has_entry(g, &e))
				entries[g->n_entries++] = e;
		}
	for (i = 0; i < p->n_entries; i++)
		if (!has_entry(g, &p->entries[i]))
			entries[g->n_entries++] = p->entries[i];
}

/*
 * Where sending under a key begins. RFC 4303 2.2 begins at 1, but here a sender may come to a key
 * in the middle of its life and for the second time: counting from 1 again, it would be refused by
 * all who remember it. So the start moves on with the key's age, SEQ_RATE numbers a second: a
 * member that sent no faster than that on average goes on above its old numbers. The upper half of
 * the numbers is left for sending.
 */
#define SEQ_SPAN SECONDS(86400)
#define SEQ_RATE (((uint32_t)1 << 31) / 86400)

static uint32_t
sequence_start(msec remaining)
{
	return remaining < SEQ_SPAN ? (uint32_t)((SEQ_SPAN - remaining) * SEQ_RATE / 1000) : 0;
}

static void
put_sas(const struct gm_policy *p, msec now, struct arena *a, struct dp_group *g)
{
	struct dp_sa *sas = arena_alloc(a, DP_SAS_MAX * sizeof(*sas));
	size_t i;

	g->sas = sas;
	for (i = 0; i < p->n_teks; i++) {
		const struct gm_tek *t = &p->teks[i];

		if (t->expires <= now)
			continue;
		sas[g->n_sas++] = (struct dp_sa){.sa = t->sa,
						 .spi = t->spi,
						 .suite = t->suite,
						 .enc_key = secret_span(&t->enc),
						 .auth_key = secret_span(&t->auth),
						 .sid = p->sid,
						 .sid_bits = p->sid_bits,
						 .start = sequence_start(t->expires - now),
						 .life = (uint32_t)((t->expires - now) / 1000),
						 .window = t->window,
						 .time_window = t->time_window,
						 .pseudo_offset = t->pseudo_offset,
						 .send = sender(p, t->sa, now) == t,
						 .receive = t->receive,
						 .transport = t->transport};
	}
}

const struct dp_group *
gm_dp_group(const struct gm *gm, struct arena *a)
{
	struct dp_group *g = arena_alloc(a, sizeof(*g));
	struct dp_binding *b = arena_alloc(a, (gm->cfg->n_interfaces + 1) * sizeof(*b));
	size_t i;

	for (i = 0; i < gm->cfg->n_interfaces; i++)
		b[i] = (struct dp_binding){gm->cfg->interfaces[i].name, gm->cfg->interfaces[i].seq};
	g->name = gm_name(gm);
	g->direction = gm_direction(gm);
	g->bindings = b;
	g->n_bindings = gm->cfg->n_interfaces;
	if (!gm->policy)
		return g;
	put_entries(gm, a, g);
	put_sas(gm->policy, gm->core->now, a, g);
	return g;
}
