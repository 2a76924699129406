/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a key server keeps in the store (keep.h), under the identity of its group:
 *
 *   gdoi/n134/keys               all but the members: keys, numbers, and the rekey under way
 *   gdoi/n134/members/0a010203   one member
 *
 * The record of the keys is written anew whenever something in it has changed. Times are kept by
 * the wall clock, since the monotonic one starts again with the machine. Algorithms are kept by
 * name, so that a later version may number them otherwise.
 *
 * A key hierarchy is not kept: its KEK is, so that members can be told to register again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/core_priv.h"
#include "runtime/core/ks.h"
#include "runtime/core/push.h"
#include "runtime/crypto/sig.h"
#include "runtime/wire/rd.h"
#include "runtime/wire/wr.h"

#define FORMAT 1 /* of both records */

/* Where the part of the keys' record begins that does not change by itself. */
#define STEADY_PART 18

/* --- names ------------------------------------------------------------------------------------ */

#define MEMBERS "members/" /* behind the prefix; then the member's address, 8 digits of 16 */

static void
prefix_name(const struct group_id *id, char buf[static KS_NAME_MAX])
{
	if (id->type == GROUP_ID_ADDRESS) {
		char addr[ADDR_TEXT_MAX];

		snprintf(buf, KS_NAME_MAX, "gdoi/a%s/", addr_text(id->value, addr));
	} else {
		snprintf(buf, KS_NAME_MAX, "gdoi/n%u/", id->value);
	}
}

static void
keys_name(const struct group_id *id, char buf[static KS_NAME_MAX])
{
	size_t n;

	prefix_name(id, buf);
	n = strlen(buf);
	snprintf(buf + n, KS_NAME_MAX - n, "keys");
}

static void
member_name(const struct group_id *id, uint32_t addr, char buf[static KS_NAME_MAX])
{
	size_t n;

	prefix_name(id, buf);
	n = strlen(buf);
	snprintf(buf + n, KS_NAME_MAX - n, MEMBERS "%08x", addr);
}

/* Is this, behind the prefix, a member's name, as member_name makes it? */
static bool
is_member_name(const char *name, uint32_t *ret_addr)
{
	static const size_t n = sizeof(MEMBERS) - 1;

	if (strncmp(name, MEMBERS, n) != 0 || strlen(name + n) != 8 ||
	    strspn(name + n, "0123456789abcdef") != 8)
		return false;
	*ret_addr = (uint32_t)strtoul(name + n, NULL, 16);
	return true;
}

/* --- values ----------------------------------------------------------------------------------- */

static int64_t
wall_now(const struct core *c)
{
	return c->env.wall(c->env.arg);
}

/* A moment of the monotonic clock, by the wall clock. */
static void
put_time(struct core *c, struct wr *w, msec at)
{
	wr_u64(w, at == MSEC_NEVER ? UINT64_MAX : (uint64_t)keep_wall(c, at));
}

/* The other way round; a clock that was set back makes nothing live for more than `most`. */
static msec
get_time(const struct core *c, struct rd *r, msec most)
{
	uint64_t wall = rd_u64(r);
	int64_t rest;

	if (wall == UINT64_MAX)
		return MSEC_NEVER;
	if (wall > INT64_MAX) {
		r->bad = true;
		return 0;
	}
	rest = (int64_t)wall - wall_now(c);
	return c->now + (rest < most ? rest : most);
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
put_tek(struct core *c, struct wr *w, const struct ks_tek *t)
{
	put_text(w, cipher_row(t->suite.cipher)->name);
	put_text(w, hash_row(t->suite.auth)->name);
	wr_u8(w, t->transport);
	wr_u32(w, t->window);
	wr_u32(w, t->lifetime);
	wr_u32(w, t->time_window);
	put_time(c, w, t->made);
	put_time(c, w, t->expires);
	wr_u8(w, t->promised);
	wr_u8(w, t->told);
	put_time(c, w, t->activate ? t->activate : MSEC_NEVER);
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
get_tek(const struct core *c, struct rd *r, struct ks_tek *t)
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
	t->made = get_time(c, r, 0);
	t->expires = get_time(c, r, most);
	t->promised = rd_u8(r);
	t->told = rd_u8(r);
	t->activate = get_time(c, r, most);
	if (t->activate == MSEC_NEVER)
		t->activate = 0;
	n = rd_u16(r);
	if (n > KS_OFFER_MAX || t->made == MSEC_NEVER || t->expires == MSEC_NEVER)
		r->bad = true;
	t->keys = x_alloc((r->bad ? 1 : n + 1) * sizeof(*t->keys));
	while (!r->bad && t->n_keys < n)
		get_key(r, &t->suite, &t->keys[t->n_keys++]);
}

/* --- an SA ------------------------------------------------------------------------------------ */

static void
put_sa(struct core *c, struct wr *w, const struct ks_sa *s)
{
	const struct policy_sa *cfg = s->cfg;

	wr_u32(w, s->number);
	wr_u8(w, s->suspended);
	put_text(w, cipher_row(cfg->suite.cipher)->name);
	put_text(w, hash_row(cfg->suite.auth)->name);
	wr_u8(w, cfg->transport);
	wr_u8(w, cfg->receive_only);
	wr_u32(w, cfg->lifetime);
	wr_u32(w, cfg->time_window);
	wr_u32(w, (uint32_t)cfg->n_selectors);
	for (size_t i = 0; i < cfg->n_selectors; i++)
		put_selector(w, &cfg->selectors[i]);
	wr_u8(w, (uint8_t)s->n_teks);
	for (size_t i = 0; i < s->n_teks; i++)
		put_tek(c, w, &s->teks[i]);
}

/* cfg: for what its keys were made, in the arena. */
static void
get_sa(const struct core *c, struct rd *r, struct arena *a, struct ks_sa *s)
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
		get_tek(c, r, &s->teks[s->n_teks++]);
}

/* --- the KEK ---------------------------------------------------------------------------------- */

static void
put_kek(struct core *c, struct wr *w, const struct ks_kek *k)
{
	wr_u8(w, k->present);
	if (!k->present)
		return;
	put_text(w, cipher_row(k->cipher)->name);
	put_text(w, hash_row(k->sig_hash)->name);
	wr_u32(w, k->lifetime);
	wr_u8(w, k->lkh);
	wr_u8(w, k->unicast);
	wr_u16(w, k->group_port);
	wr_u32(w, k->group_addr);
	put_time(c, w, k->made);
	put_time(c, w, k->expires);
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

/* Without its signer: ks_restored looks for that. */
static void
get_kek(const struct core *c, struct rd *r, struct ks_kek *k)
{
	struct span public;

	k->present = rd_u8(r);
	if (!k->present)
		return;
	k->cipher = get_cipher(r);
	k->sig_hash = get_hash(r);
	k->lifetime = rd_u32(r);
	k->lkh = rd_u8(r);
	k->unicast = rd_u8(r);
	k->group_port = rd_u16(r);
	k->group_addr = rd_u32(r);
	k->made = get_time(c, r, 0);
	k->expires = get_time(c, r, SECONDS(k->lifetime));
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

static void
put_push(struct wr *w, const struct ks_push *p)
{
	wr_u8(w, p->active);
	if (!p->active)
		return;
	wr_u8(w, p->lasting);
	wr_u8(w, p->unicast);
	wr_u16(w, p->port);
	for (int i = 0; i < KS_KINDS; i++) {
		const struct ks_message *m = &p->messages[i];

		put_bytes(w, SPAN(m->bytes, m->bytes ? m->n : 0));
		wr_bytes(w, m->spi, sizeof(m->spi));
		wr_u32(w, m->seq);
		put_bytes(w, secret_span(&m->ack_key));
		wr_u8(w, m->own_keys);
		wr_u8(w, m->dismissal);
	}
}

static void
get_push(struct rd *r, struct ks_push *p)
{
	p->active = rd_u8(r);
	if (!p->active)
		return;
	p->lasting = rd_u8(r);
	p->unicast = rd_u8(r);
	p->port = rd_u16(r);
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
	}
}

/* --- all but the members ---------------------------------------------------------------------- */

static void
put_numbers(struct wr *w, const struct ks *ks)
{
	const struct policy_server *s = &ks->cfg->server;

	wr_u64(w, ks->next_sid);
	wr_u8(w, s->sid_bits);
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
	*ret_same_sids = rd_u8(r) == s->sid_bits;
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

static struct span
put_keys(struct ks *ks, uint8_t *buf)
{
	struct wr w = wr_buf(buf, STORE_VALUE_MAX);
	bool ticks = ks->pseudo_zero != MSEC_NEVER;

	wr_u8(&w, FORMAT);
	wr_u64(&w, (uint64_t)wall_now(ks->core));
	wr_u8(&w, ticks);
	wr_u64(&w, ticks ? (uint64_t)(ks->core->now - ks->pseudo_zero) : 0);
	put_numbers(&w, ks);
	put_kek(ks->core, &w, &ks->kek);
	wr_u16(&w, (uint16_t)ks->n_sas);
	for (size_t i = 0; i < ks->n_sas; i++)
		put_sa(ks->core, &w, &ks->sas[i]);
	put_push(&w, &ks->push);
	return wr_done(&w);
}

/* The group's pseudotime goes on, and never back, whatever became of the wall clock. */
static void
get_pseudotime(struct rd *r, struct ks *ks)
{
	int64_t since = wall_now(ks->core) - (int64_t)rd_u64(r);
	bool ticks = rd_u8(r);
	uint64_t then = rd_u64(r);

	if (then > INT64_MAX / 2 || since > INT64_MAX / 2)
		r->bad = true;
	else if (ticks)
		ks->pseudo_zero = ks->core->now - (msec)then - (since > 0 ? since : 0);
}

static bool
get_keys(struct ks *ks, struct span value, struct arena *a, bool *ret_same_sids)
{
	struct rd r = rd_span(value);
	size_t n;

	if (rd_u8(&r) != FORMAT)
		return false;
	get_pseudotime(&r, ks);
	get_numbers(&r, ks, ret_same_sids);
	get_kek(ks->core, &r, &ks->kek);
	n = rd_u16(&r);
	if (n > rd_left(&r))
		r.bad = true;
	ks->sas = x_alloc((r.bad ? 1 : n + 1) * sizeof(*ks->sas));
	while (!r.bad && ks->n_sas < n)
		get_sa(ks->core, &r, a, &ks->sas[ks->n_sas++]);
	get_push(&r, &ks->push);
	return rd_done(&r);
}

/* --- a member --------------------------------------------------------------------------------- */

static struct span
put_member(const struct ks *ks, const struct ks_member *m, uint8_t *buf)
{
	struct wr w = wr_buf(buf, STORE_VALUE_MAX);

	wr_u8(&w, FORMAT);
	wr_u32(&w, m->addr);
	wr_u32(&w, m->server);
	wr_u8(&w, m->kind == KS_OURS);
	wr_u32(&w, m->kek_line);
	wr_u32(&w, m->registrations);
	put_time(ks->core, &w, m->registered);
	wr_u8(&w, m->acks);
	wr_u8(&w, (uint8_t)m->missed);
	wr_bytes(&w, m->acked_spi, sizeof(m->acked_spi));
	wr_u32(&w, m->acked);
	wr_u32(&w, m->acks_received);
	return wr_done(&w);
}

static bool
get_member(const struct ks *ks, struct span value, struct ks_member *m)
{
	struct rd r = rd_span(value);

	if (rd_u8(&r) != FORMAT)
		return false;
	m->addr = rd_u32(&r);
	m->server = rd_u32(&r);
	m->kind = rd_u8(&r) ? KS_OURS : KS_OTHERS;
	m->kek_line = rd_u32(&r);
	m->registrations = rd_u32(&r);
	m->registered = get_time(ks->core, &r, 0);
	m->acks = rd_u8(&r);
	m->missed = rd_u8(&r);
	get_spi(&r, m->acked_spi);
	m->acked = rd_u32(&r);
	m->acks_received = rd_u32(&r);
	return rd_done(&r);
}

/* --- what has changed ------------------------------------------------------------------------- */

void
ks_touch(struct ks *ks)
{
	ks->save.touched = true;
}

bool
ks_touched(const struct ks *ks)
{
	return ks->save.touched;
}

void
ks_member_changed(struct ks *ks, uint32_t addr)
{
	struct ks_save *s = &ks->save;

	if (!ks->core->keep.store)
		return;
	s->touched = true;
	x_grow(&s->changed, &s->capacity, s->n_changed + 1, sizeof(*s->changed));
	s->changed[s->n_changed++] = addr;
}

static void
save_keys(struct ks *ks, struct keep_batch *b)
{
	uint8_t *buf = ks->core->keep.scratch;
	struct span now = put_keys(ks, buf), was = secret_span(&ks->save.keys);
	char name[KS_NAME_MAX];

	keys_name(&ks->id, name);
	if (!now.p) {
		/* Better nothing than what is no longer true. */
		if (was.n)
			keep_put(b, name, (struct span){0});
		ks->save.revision = 0;
		secret_fini(&ks->save.keys);
		LOG(&ks->core->env.log, STORE_TOO_LONG, ks_name(ks));
		return;
	}
	if (was.n != now.n ||
	    memcmp(was.p + STEADY_PART, now.p + STEADY_PART, now.n - STEADY_PART) != 0) {
		keep_put(b, name, now);
		ks->save.writing = true;
		secret_copy(&ks->save.keys, now);
	}
	wipe(buf, now.n);
}

static int
by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static void
save_members(struct ks *ks, struct keep_batch *b)
{
	struct ks_save *s = &ks->save;
	char name[KS_NAME_MAX];

	qsort(s->changed, s->n_changed, sizeof(*s->changed), by_number);
	for (size_t i = 0; i < s->n_changed; i++) {
		const struct ks_member *m = ks_member_find(ks, s->changed[i]);
		struct span value = {0};

		if (i && s->changed[i] == s->changed[i - 1])
			continue;
		if (m)
			value = put_member(ks, m, ks->core->keep.scratch);
		member_name(&ks->id, s->changed[i], name);
		keep_put(b, name, value);
	}
	s->n_changed = 0;
}

void
ks_save(struct ks *ks, struct keep_batch *b)
{
	char name[KS_NAME_MAX];

	if (!ks->save.touched || ks->loading)
		return;
	ks->save.touched = false;
	if (ks->id.type == GROUP_ID_NONE)
		return;
	keys_name(&ks->id, name);
	if (!ks->save.unchecked)
		keep_check(b, name, ks->save.revision);
	save_keys(ks, b);
	save_members(ks, b);
}

void
ks_saved(struct ks *ks, uint64_t revision)
{
	if (ks->save.writing) {
		ks->save.revision = revision;
		ks->save.unchecked = false;
	}
	ks->save.writing = false;
}

bool
ks_save_is_keys(const struct ks *ks, const char *record)
{
	char name[KS_NAME_MAX];

	keys_name(&ks->id, name);
	return ks->id.type != GROUP_ID_NONE && !strcmp(name, record);
}

bool
ks_save_again(struct ks *ks, const char *record)
{
	char prefix[KS_NAME_MAX];
	size_t n;
	uint32_t addr;

	prefix_name(&ks->id, prefix);
	n = strlen(prefix);
	if (strncmp(record, prefix, n) != 0)
		return false;
	if (is_member_name(record + n, &addr))
		ks_member_changed(ks, addr);
	else
		secret_fini(&ks->save.keys);
	ks->save.touched = true;
	ks->save.writing = false;
	return true;
}

void
ks_save_forget(struct ks *ks)
{
	const struct ks_member *m;
	char name[KS_NAME_MAX];

	if (!ks->core->keep.store || ks->id.type == GROUP_ID_NONE)
		return;
	keys_name(&ks->id, name);
	keep_forget(ks->core, name);
	for (m = ks->oldest; m; m = m->next) {
		member_name(&ks->id, m->addr, name);
		keep_forget(ks->core, name);
	}
	secret_fini(&ks->save.keys);
	ks->save.revision = 0;
	ks->save.n_changed = 0;
}

void
ks_save_fini(struct ks *ks)
{
	if (ks->save.load)
		keep_load_cancel(ks->save.load);
	ks->save.load = NULL;
	secret_fini(&ks->save.keys);
	free(ks->save.changed);
	ks->save.changed = NULL;
	ks->save.n_changed = ks->save.capacity = 0;
}

void
ks_save_load(struct ks *ks, void (*loaded)(void *ks, const struct keep_load *l))
{
	char prefix[KS_NAME_MAX];

	prefix_name(&ks->id, prefix);
	ks->save.load = keep_load(ks->core, prefix, loaded, ks);
}

/* --- and back --------------------------------------------------------------------------------- */

static bool
restore_members(struct ks *ks, const struct keep_load *l)
{
	for (size_t i = 0; i < keep_load_count(l); i++) {
		struct store_record record = keep_load_at(l, i);
		struct ks_member m = {0};

		if (!strstr(record.name, "/members/"))
			continue;
		if (!get_member(ks, record.value, &m) || ks_member_find(ks, m.addr))
			return false;
		ks_member_restore(ks, &m);
	}
	return true;
}

/* Those of the rekey under way that have not acknowledged it are told again. */
static void
restore_targets(struct ks *ks)
{
	struct ks_push *p = &ks->push;

	if (!p->active)
		return;
	p->targets = x_alloc((ks->members.n + KS_KINDS) * sizeof(*p->targets));
	for (int i = 0; i < KS_KINDS && !p->unicast; i++)
		if (p->messages[i].bytes)
			p->targets[p->n_targets++] =
			    (struct ks_target){.addr = ks->kek.group_addr, .kind = i};
	for (struct ks_member *m = ks->oldest; m && p->unicast; m = m->next) {
		const struct ks_message *sent = &p->messages[m->kind];

		if (!ks_holds_kek(ks, m) || !sent->bytes)
			continue;
		m->asked = m->acks;
		if (m->acked == sent->seq && !memcmp(m->acked_spi, sent->spi, PUSH_SPI))
			continue;
		m->target = p->n_targets;
		p->targets[p->n_targets++] = (struct ks_target){
		    .addr = m->addr, .kind = m->kind, .asked = m->acks, .member = m};
	}
	p->open = p->n_targets;
	if (!p->n_targets)
		ks_push_end(ks);
}

/* The RSA key whose public part the KEK was told with; false: it is not there any more. */
static bool
restore_signer(struct ks *ks)
{
	const struct rsa_key *key = ks_rsa_key(ks);
	struct span public = key ? rsa_key_public_der(key) : (struct span){0};
	bool same = public.n && public.n == ks->kek.public.n &&
	            !memcmp(public.p, ks->kek.public.p, public.n);

	free((void *)(uintptr_t) public.p);
	if (same) {
		ks->kek.signer = rsa_key_ref(key);
		ks->kek.sig_bits = rsa_key_bits(key);
	}
	return same;
}

enum restored
ks_restore(struct ks *ks, const struct keep_load *l, struct arena *a, bool *ret_same_sids)
{
	struct span keys = {0};

	ks->save.revision = 0;
	for (size_t i = 0; i < keep_load_count(l); i++) {
		struct store_record record = keep_load_at(l, i);

		if (ks_save_is_keys(ks, record.name)) {
			keys = record.value;
			ks->save.revision = record.revision;
		}
	}
	if (!keys.p)
		return RESTORED_NOTHING;
	if (!get_keys(ks, keys, a, ret_same_sids) || !restore_members(ks, l))
		return RESTORED_BAD;
	if (ks->kek.present && !restore_signer(ks))
		return RESTORED_NO_SIGNER;
	restore_targets(ks);
	return RESTORED_ALL;
}
