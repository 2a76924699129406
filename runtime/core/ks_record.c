/* SPDX-License-Identifier: Apache-2.0 */
/* The records of a key server: see ks_record.h. To put and to take one stand together. */
#include "runtime/core/ks_record.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/base/text.h"
#include "runtime/core/core_priv.h"
#include "runtime/core/push.h"
#include "runtime/crypto/cert.h"
#include "runtime/crypto/prf.h"
#include "runtime/wire/rd.h"
#include "runtime/wire/wr.h"

/* --- formats ---------------------------------------------------------------------------------- */

enum kind {
	OF_KEYS,
	OF_MEMBER,
	OF_PART /* of a key hierarchy */
};

/*
 * Each record begins with its format, from 1. It is raised with every change of what a record
 * holds. An older one is read as far back as is said here, with what it lacks; before that it is
 * -STORE_OLDER. One that is raised is written with the next change of the record.
 */
static const struct {
	uint8_t now, oldest;
} formats[] = {
    /* 2: no key hierarchy, whose members have to register again; 3: not which rekey was last */
    [OF_KEYS] = {4, 2},
    /* 2: not by which certificate: known when it registers again; 3: not who wrote it */
    [OF_MEMBER] = {4, 2},
    [OF_PART] = {1, 1},
};

static void
put_format(struct wr *w, enum kind kind)
{
	wr_u8(w, formats[kind].now);
}

static int
get_format(struct rd *r, enum kind kind, uint8_t *ret)
{
	*ret = rd_u8(r);
	if (!*ret)
		return -STORE_TORN;
	if (*ret > formats[kind].now)
		return -STORE_NEWER;
	return *ret < formats[kind].oldest ? -STORE_OLDER : 0;
}

/* --- values ----------------------------------------------------------------------------------- */

static int64_t
wall_now(const struct ks *ks)
{
	return ks->coop.on ? coop_time(&ks->coop, ks->core->now)
	                   : ks->core->env.wall(ks->core->env.arg);
}

/* A moment of the monotonic clock, by the wall clock, or by the time of several servers' group. */
static void
put_time(const struct ks *ks, struct wr *w, msec at)
{
	if (at == MSEC_NEVER)
		wr_u64(w, UINT64_MAX);
	else
		wr_u64(w, (uint64_t)(ks->coop.on ? coop_time(&ks->coop, at)
		                                 : keep_wall(ks->core, at)));
}

/* The other way round; a clock that was set back makes nothing live for more than `most`. */
static msec
get_time(const struct ks *ks, struct rd *r, msec most)
{
	uint64_t wall = rd_u64(r);
	int64_t rest;

	if (wall == UINT64_MAX)
		return MSEC_NEVER;
	if (wall > INT64_MAX) {
		r->bad = true;
		return 0;
	}
	rest = (int64_t)wall - wall_now(ks);
	return ks->core->now + (rest < most ? rest : most);
}

static void
put_text(struct wr *w, const char *text)
{
	wr_u8(w, (uint8_t)strlen(text));
	wr_bytes(w, text, strlen(text));
}

static void
put_bytes(struct wr *w, struct span bytes)
{
	wr_u32(w, (uint32_t)bytes.n);
	wr_span(w, bytes);
}

static struct span
get_bytes(struct rd *r, size_t most)
{
	uint32_t n = rd_u32(r);

	if (n > most)
		r->bad = true;
	return rd_take(r, r->bad ? 0 : n);
}

static bool
text_is(struct span text, const char *name)
{
	return text.p && strlen(name) == text.n && !memcmp(text.p, name, text.n);
}

static enum cipher_id
get_cipher(struct rd *r)
{
	struct span text = rd_take(r, rd_u8(r));

	for (int i = 0; i < CIPHER_COUNT; i++)
		if (text_is(text, cipher_row(i)->name))
			return i;
	r->bad = true;
	return CIPHER_NULL;
}

static enum hash_id
get_hash(struct rd *r)
{
	struct span text = rd_take(r, rd_u8(r));

	for (int i = 0; i < HASH_COUNT; i++)
		if (text_is(text, hash_row(i)->name))
			return i;
	r->bad = true;
	return HASH_NONE;
}

static void
put_selector(struct wr *w, const struct selector *s)
{
	wr_u8(w, s->permit);
	wr_u8(w, s->proto);
	wr_u32(w, s->src);
	wr_u32(w, s->src_mask);
	wr_u32(w, s->dst);
	wr_u32(w, s->dst_mask);
	wr_u16(w, s->sport);
	wr_u16(w, s->dport);
}

static struct selector
get_selector(struct rd *r)
{
	struct selector s = {.permit = rd_u8(r)};

	s.proto = rd_u8(r);
	s.src = rd_u32(r);
	s.src_mask = rd_u32(r);
	s.dst = rd_u32(r);
	s.dst_mask = rd_u32(r);
	s.sport = rd_u16(r);
	s.dport = rd_u16(r);
	return s;
}

/* --- a TEK, encode beside decode -------------------------------------------------------------- */

static void
put_tek(const struct ks *ks, struct wr *w, const struct ks_tek *t)
{
	put_text(w, cipher_row(t->suite.cipher)->name);
	put_text(w, hash_row(t->suite.auth)->name);
	wr_u8(w, t->transport);
	wr_u32(w, t->window);
	wr_u32(w, t->lifetime);
	wr_u32(w, t->time_window);
	put_time(ks, w, t->made);
	put_time(ks, w, t->expires);
	/* Of several servers any may have promised it: that is no reason to write the keys anew. */
	wr_u8(w, t->promised || ks->coop.on);
	wr_u8(w, t->told);
	put_time(ks, w, t->activate ? t->activate : MSEC_NEVER);
	wr_u16(w, (uint16_t)t->n_keys);
	for (size_t i = 0; i < t->n_keys; i++) {
		put_selector(w, &t->keys[i].entry);
		wr_u32(w, t->keys[i].spi);
		put_bytes(w, secret_span(&t->keys[i].enc));
		put_bytes(w, secret_span(&t->keys[i].auth));
	}
}

/* A key of the sizes that its suite has. */
static void
get_key(struct rd *r, const struct esp_suite *suite, struct ks_key *k)
{
	k->entry = get_selector(r);
	k->spi = rd_u32(r);
	secret_copy(&k->enc, get_bytes(r, cipher_keymat_size(suite->cipher)));
	secret_copy(&k->auth, get_bytes(r, hash_size(suite->auth)));
	if (k->spi < KS_SPI_MIN || k->enc.n != cipher_keymat_size(suite->cipher) ||
	    k->auth.n != hash_size(suite->auth))
		r->bad = true;
}

static void
get_tek(const struct ks *ks, struct rd *r, struct ks_tek *t)
{
	msec most;
	size_t n;

	t->suite.cipher = get_cipher(r);
	t->suite.auth = get_hash(r);
	t->transport = rd_u8(r);
	t->window = rd_u32(r);
	t->lifetime = rd_u32(r);
	t->time_window = rd_u32(r);
	most = SECONDS(t->lifetime);
	t->made = get_time(ks, r, 0);
	t->expires = get_time(ks, r, most);
	t->promised = rd_u8(r);
	t->told = rd_u8(r);
	t->activate = get_time(ks, r, most);
	if (t->activate == MSEC_NEVER)
		t->activate = 0;
	n = rd_u16(r);
	if (n > rd_left(r) || t->made == MSEC_NEVER || t->expires == MSEC_NEVER)
		r->bad = true;
	t->keys = x_alloc((r->bad ? 1 : n + 1) * sizeof(*t->keys));
	while (!r->bad && t->n_keys < n)
		get_key(r, &t->suite, &t->keys[t->n_keys++]);
}

/* --- an SA ------------------------------------------------------------------------------------ */

static void
put_sa_config(struct wr *w, const struct policy_sa *cfg)
{
	put_text(w, cipher_row(cfg->suite.cipher)->name);
	put_text(w, hash_row(cfg->suite.auth)->name);
	wr_u8(w, cfg->transport);
	wr_u8(w, cfg->receive_only);
	wr_u32(w, cfg->lifetime);
	wr_u32(w, cfg->time_window);
	wr_u32(w, (uint32_t)cfg->n_selectors);
	for (size_t i = 0; i < cfg->n_selectors; i++)
		put_selector(w, &cfg->selectors[i]);
}

static void
put_sa(const struct ks *ks, struct wr *w, const struct ks_sa *s)
{
	wr_u32(w, s->number);
	wr_u8(w, s->suspended);
	put_sa_config(w, s->cfg);
	wr_u8(w, (uint8_t)s->n_teks);
	for (size_t i = 0; i < s->n_teks; i++)
		put_tek(ks, w, &s->teks[i]);
}

/* cfg: for what its keys were made, in the arena. */
static void
get_sa(const struct ks *ks, struct rd *r, struct arena *a, struct ks_sa *s)
{
	struct policy_sa *cfg = arena_alloc(a, sizeof(*cfg));
	struct selector *selectors;
	size_t n;

	s->number = cfg->number = rd_u32(r);
	s->suspended = rd_u8(r);
	cfg->suite.cipher = get_cipher(r);
	cfg->suite.auth = get_hash(r);
	cfg->transport = rd_u8(r);
	cfg->receive_only = rd_u8(r);
	cfg->lifetime = rd_u32(r);
	cfg->time_window = rd_u32(r);
	n = rd_u32(r);
	if (n > rd_left(r)) /* each takes more than an octet */
		r->bad = true;
	selectors = arena_alloc(a, (r->bad ? 1 : n + 1) * sizeof(*selectors));
	for (size_t i = 0; !r->bad && i < n; i++)
		selectors[i] = get_selector(r);
	cfg->selectors = selectors;
	cfg->n_selectors = r->bad ? 0 : n;
	s->cfg = cfg;
	n = rd_u8(r);
	if (n > KS_TEKS_MAX)
		r->bad = true;
	while (!r->bad && s->n_teks < n)
		get_tek(ks, r, &s->teks[s->n_teks++]);
}

/* --- the KEK ---------------------------------------------------------------------------------- */

static void
put_kek(const struct ks *ks, struct wr *w, const struct ks_kek *k)
{
	wr_u8(w, k->present);
	if (!k->present)
		return;
	wr_u32(w, k->serial);
	wr_u8(w, k->told);
	put_text(w, cipher_row(k->cipher)->name);
	put_text(w, hash_row(k->sig_hash)->name);
	wr_u32(w, k->lifetime);
	wr_u8(w, k->lkh);
	wr_u8(w, k->unicast);
	wr_u16(w, k->group_port);
	wr_u32(w, k->group_addr);
	put_time(ks, w, k->made);
	put_time(ks, w, k->expires);
	put_bytes(w, k->public);
	for (int i = 0; i < KS_KINDS; i++) {
		wr_bytes(w, k->sas[i].spi, sizeof(k->sas[i].spi));
		wr_u32(w, k->sas[i].seq);
		put_bytes(w, secret_span(&k->sas[i].key));
	}
}

static void
get_spi(struct rd *r, uint8_t spi[static PUSH_SPI])
{
	struct span s = rd_take(r, PUSH_SPI);

	if (s.n)
		memcpy(spi, s.p, PUSH_SPI);
}

/* Without its signer: ks_restore_signer looks for that. */
static void
get_kek(const struct ks *ks, struct rd *r, struct ks_kek *k)
{
	struct span public;

	k->present = rd_u8(r);
	if (!k->present)
		return;
	k->serial = rd_u32(r);
	k->told = rd_u8(r);
	k->cipher = get_cipher(r);
	k->sig_hash = get_hash(r);
	k->lifetime = rd_u32(r);
	k->lkh = rd_u8(r);
	k->unicast = rd_u8(r);
	k->group_port = rd_u16(r);
	k->group_addr = rd_u32(r);
	k->made = get_time(ks, r, 0);
	k->expires = get_time(ks, r, SECONDS(k->lifetime));
	public = get_bytes(r, 4096);
	k->public = SPAN(x_memdup(public.p, public.n), public.n);
	for (int i = 0; i < KS_KINDS; i++) {
		size_t size = cipher_block_size(k->cipher) + cipher_key_size(k->cipher);

		get_spi(r, k->sas[i].spi);
		k->sas[i].seq = rd_u32(r);
		secret_copy(&k->sas[i].key, get_bytes(r, size));
		if (k->sas[i].key.n != size)
			r->bad = true;
	}
	if (k->expires == MSEC_NEVER || k->made == MSEC_NEVER)
		r->bad = true;
}

/* --- the rekey under way ---------------------------------------------------------------------- */

static bool
is_stranger(const struct ks_push *p, const struct ks_target *t)
{
	return p->unicast && !t->member && !t->done;
}

/* Those that are no members any more, and have still to be told so. */
static void
put_strangers(struct wr *w, const struct ks_push *p)
{
	uint32_t n = 0;

	for (size_t i = 0; i < p->n_targets; i++)
		n += is_stranger(p, &p->targets[i]);
	wr_u32(w, n);
	for (size_t i = 0; i < p->n_targets; i++) {
		if (!is_stranger(p, &p->targets[i]))
			continue;
		wr_u32(w, p->targets[i].addr);
		wr_u8(w, p->targets[i].kind == KS_OURS);
		wr_u8(w, p->targets[i].asked);
	}
}

static void
get_strangers(struct rd *r, struct ks_push *p)
{
	uint32_t n = rd_u32(r);

	if (n > KS_MEMBERS_MAX || n > rd_left(r))
		r->bad = true;
	p->targets = x_alloc(((r->bad ? 0 : n) + 1) * sizeof(*p->targets));
	while (!r->bad && p->n_targets < n) {
		struct ks_target *t = &p->targets[p->n_targets++];

		t->addr = rd_u32(r);
		t->kind = rd_u8(r) ? KS_OURS : KS_OTHERS;
		t->message = t->kind;
		t->asked = rd_u8(r);
	}
}

static void
put_push(struct wr *w, const struct ks_push *p)
{
	wr_u8(w, p->active);
	if (!p->active)
		return;
	wr_u8(w, p->lasting);
	wr_u8(w, p->reminding);
	wr_u8(w, p->unicast);
	wr_u16(w, p->port);
	wr_u32(w, p->group_addr);
	for (int i = 0; i < KS_KINDS; i++) {
		const struct ks_message *m = &p->messages[i];

		put_bytes(w, SPAN(m->bytes, m->bytes ? m->n : 0));
		wr_bytes(w, m->spi, sizeof(m->spi));
		wr_u32(w, m->seq);
		put_bytes(w, secret_span(&m->ack_key));
		wr_u8(w, m->own_keys);
		wr_u8(w, m->dismissal);
		wr_bytes(w, p->origin[i].spi, PUSH_SPI);
		wr_u32(w, p->origin[i].seq);
	}
	put_strangers(w, p);
}

static void
get_push(struct rd *r, struct ks_push *p)
{
	p->active = rd_u8(r);
	if (!p->active)
		return;
	p->lasting = rd_u8(r);
	p->reminding = rd_u8(r);
	p->unicast = rd_u8(r);
	p->port = rd_u16(r);
	p->group_addr = rd_u32(r);
	for (int i = 0; i < KS_KINDS; i++) {
		struct ks_message *m = &p->messages[i];
		struct span bytes = get_bytes(r, ISAKMP_MESSAGE_MAX);

		m->bytes = bytes.n ? x_memdup(bytes.p, bytes.n) : NULL;
		m->n = bytes.n;
		get_spi(r, m->spi);
		m->seq = rd_u32(r);
		secret_copy(&m->ack_key, get_bytes(r, HASH_SIZE_MAX));
		m->own_keys = rd_u8(r);
		m->dismissal = rd_u8(r);
		get_spi(r, p->origin[i].spi);
		p->origin[i].seq = rd_u32(r);
	}
	get_strangers(r, p);
}

/* --- the head of the key hierarchy ------------------------------------------------------------ */

static void
put_lkh(struct wr *w, const struct ks *ks)
{
	wr_u8(w, ks->lkh != NULL);
	if (!ks->lkh)
		return;
	put_text(w, cipher_row(ks_lkh_cipher(ks))->name);
	ks_lkh_put_head(ks, w);
}

static void
get_lkh(struct rd *r, struct ks *ks)
{
	if (rd_u8(r) && !r->bad) {
		enum cipher_id cipher = get_cipher(r);

		if (!r->bad)
			ks_lkh_get_head(ks, cipher, r);
	}
}

/* --- all but the members ---------------------------------------------------------------------- */

static void
put_numbers(struct wr *w, const struct ks *ks)
{
	const struct policy_server *s = &ks->cfg->server;

	wr_u64(w,
	       ks->coop.on ? (uint64_t)ks->coop.sids_epoch << 32 | ks->coop.serial : ks->next_sid);
	wr_u8(w, ks_sid_bits(ks));
	wr_u16(w, (uint16_t)s->n_kssids);
	for (size_t i = 0; i < s->n_kssids; i++) {
		wr_u32(w, s->kssids[i].low);
		wr_u32(w, s->kssids[i].high);
	}
	wr_u32(w, ks->kek_line);
	wr_u32(w, ks->version);
	wr_u8(w, (uint8_t)ks->wants);
	wr_u16(w, (uint16_t)ks->n_gone);
	for (size_t i = 0; i < ks->n_gone; i++)
		wr_u32(w, ks->gone[i]);
}

/* *ret_same_sids: are identifiers handed out of the same part as the configuration says now? */
static void
get_numbers(struct rd *r, struct ks *ks, bool *ret_same_sids)
{
	const struct policy_server *s = &ks->cfg->server;
	size_t n;

	ks->next_sid = rd_u64(r);
	if (ks->coop.on) {
		ks->coop.sids_epoch = (uint32_t)(ks->next_sid >> 32);
		ks->coop.serial = (uint32_t)ks->next_sid;
	}
	ks->coop.sid_bits = rd_u8(r);
	*ret_same_sids = ks->coop.sid_bits == s->sid_bits;
	n = rd_u16(r);
	*ret_same_sids &= n == s->n_kssids;
	for (size_t i = 0; i < n && !r->bad; i++) {
		uint32_t low = rd_u32(r), high = rd_u32(r);

		*ret_same_sids =
		    *ret_same_sids && low == s->kssids[i].low && high == s->kssids[i].high;
	}
	ks->kek_line = rd_u32(r);
	ks->version = rd_u32(r);
	ks->wants = rd_u8(r) & (KS_WANT_TEK | KS_WANT_KEK);
	n = rd_u16(r);
	if (n > KS_OFFER_MAX)
		r->bad = true;
	while (!r->bad && ks->n_gone < n)
		ks->gone[ks->n_gone++] = rd_u32(r);
}

struct span
ks_record_put_keys(struct ks *ks, uint8_t *buf)
{
	struct wr w = wr_buf(buf, STORE_VALUE_MAX);
	bool ticks = ks->pseudo_zero != MSEC_NEVER;

	put_format(&w, OF_KEYS);
	wr_u64(&w, (uint64_t)wall_now(ks));
	wr_u8(&w, ticks);
	wr_u64(&w, ticks ? (uint64_t)(ks->core->now - ks->pseudo_zero) : 0);
	put_numbers(&w, ks);
	put_kek(ks, &w, &ks->kek);
	for (size_t i = 0; i < KS_OLDER; i++)
		put_kek(ks, &w, &ks->older[i]);
	wr_u32(&w, ks->kek_serial);
	wr_u16(&w, (uint16_t)ks->n_sas);
	for (size_t i = 0; i < ks->n_sas; i++)
		put_sa(ks, &w, &ks->sas[i]);
	put_push(&w, &ks->push);
	put_lkh(&w, ks);
	wr_u32(&w, ks->coop.pushed);
	return wr_done(&w);
}

/*
 * The group's pseudotime goes on, and never back, whatever became of the wall clock; nor does the
 * time of several servers' group.
 */
static void
get_pseudotime(struct rd *r, struct ks *ks)
{
	int64_t since = wall_now(ks) - (int64_t)rd_u64(r);
	bool ticks = rd_u8(r);
	uint64_t then = rd_u64(r);

	if (then > INT64_MAX / 2 || since > INT64_MAX / 2)
		r->bad = true;
	else if (since < 0 && since > -INT64_MAX / 2 && ks->coop.on)
		ks->coop.zero -= since;
	if (!r->bad && ticks)
		ks->pseudo_zero = ks->core->now - (msec)then - (since > 0 ? since : 0);
}

int
ks_record_get_keys(struct ks *ks, struct span value, struct arena *a, bool *ret_same_sids)
{
	struct rd r = rd_span(value);
	uint8_t format;
	int error = get_format(&r, OF_KEYS, &format);
	size_t n;

	if (error)
		return error;
	get_pseudotime(&r, ks);
	get_numbers(&r, ks, ret_same_sids);
	get_kek(ks, &r, &ks->kek);
	for (size_t i = 0; i < KS_OLDER; i++)
		get_kek(ks, &r, &ks->older[i]);
	ks->kek_serial = rd_u32(&r);
	n = rd_u16(&r);
	if (n > rd_left(&r))
		r.bad = true;
	ks->sas = x_alloc((r.bad ? 1 : n + 1) * sizeof(*ks->sas));
	while (!r.bad && ks->n_sas < n)
		get_sa(ks, &r, a, &ks->sas[ks->n_sas++]);
	get_push(&r, &ks->push);
	if (format >= 3)
		get_lkh(&r, ks);
	if (format >= 4)
		ks->coop.pushed = rd_u32(&r);
	return rd_done(&r) ? 0 : -STORE_TORN;
}

int
ks_record_serial(struct span value, uint32_t *ret)
{
	struct rd r = rd_span(value), whole = r;
	uint8_t format;
	int error = get_format(&r, OF_KEYS, &format);

	if (error)
		return error;
	rd_take(&whole, KS_RECORD_STEADY);
	*ret = (uint32_t)rd_u64(&whole);
	return whole.bad ? -STORE_TORN : 0;
}

/* --- a member --------------------------------------------------------------------------------- */

struct span
ks_record_put_member(const struct ks *ks, const struct ks_member *m, uint8_t *buf)
{
	struct wr w = wr_buf(buf, STORE_VALUE_MAX);

	put_format(&w, OF_MEMBER);
	wr_u32(&w, m->addr);
	wr_u32(&w, m->server);
	wr_u8(&w, m->kind == KS_OURS);
	wr_u32(&w, m->kek_line);
	wr_u32(&w, m->kek_serial);
	wr_u32(&w, m->registrations);
	put_time(ks, &w, m->registered);
	wr_u8(&w, m->acks);
	wr_u8(&w, (uint8_t)m->missed);
	wr_bytes(&w, m->acked_spi, sizeof(m->acked_spi));
	wr_u32(&w, m->acked);
	wr_u32(&w, m->acks_received);
	put_bytes(&w, m->certs);
	wr_u32(&w, ks->cfg->server.addr);
	wr_u64(&w, m->keys);
	return wr_done(&w);
}

int
ks_record_get_member(const struct ks *ks, struct span value, struct ks_member *m,
                     struct ks_writer *ret_writer)
{
	struct rd r = rd_span(value);
	struct span cert = {0};
	uint8_t format;
	int error = get_format(&r, OF_MEMBER, &format);

	*ret_writer = (struct ks_writer){0};
	if (error)
		return error;
	m->addr = rd_u32(&r);
	m->server = rd_u32(&r);
	m->kind = rd_u8(&r) ? KS_OURS : KS_OTHERS;
	m->kek_line = rd_u32(&r);
	m->kek_serial = rd_u32(&r);
	m->registrations = rd_u32(&r);
	m->registered = get_time(ks, &r, 0);
	m->acks = rd_u8(&r);
	m->missed = rd_u8(&r);
	get_spi(&r, m->acked_spi);
	m->acked = rd_u32(&r);
	m->acks_received = rd_u32(&r);
	if (format >= 3)
		cert = get_bytes(&r, CERT_SIZE_MAX);
	if (format >= 4) {
		ret_writer->addr = rd_u32(&r);
		m->keys = (uint32_t)rd_u64(&r);
		ret_writer->known = true;
	}
	if (!rd_done(&r))
		return -STORE_TORN;
	if (cert.n)
		m->certs = SPAN(x_memdup(cert.p, cert.n), cert.n);
	return 0;
}

/* --- a part of a key hierarchy ---------------------------------------------------------------- */

struct span
ks_record_put_part(const struct ks *ks, enum ks_kind kind, uint32_t part, uint8_t *buf)
{
	struct wr w = wr_buf(buf, STORE_VALUE_MAX);
	size_t empty;

	put_format(&w, OF_PART);
	empty = w.n;
	ks_lkh_put_part(ks, kind, part, &w);
	return w.n > empty ? wr_done(&w) : (struct span){0};
}

int
ks_record_get_part(struct ks *ks, enum ks_kind kind, uint32_t part, struct span value)
{
	struct rd r = rd_span(value);
	uint8_t format;
	int error = get_format(&r, OF_PART, &format);

	if (error)
		return error;
	return ks_lkh_get_part(ks, kind, part, &r) ? 0 : -STORE_TORN;
}
