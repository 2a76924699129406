/* SPDX-License-Identifier: Apache-2.0 */
/* The exchange driver: see xch.h. */
#include "runtime/core/xch.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/core/core_priv.h"

static void fire_timer(struct core *c, struct timer *t, msec now);

struct xch *
xch_new(struct ike_sa *sa, const struct xch_kind *kind, void *take_of, bool began,
        uint32_t message_id)
{
	struct xch *x = x_alloc(sizeof(*x));

	x->sa = sa;
	x->kind = kind;
	x->of = take_of;
	x->began = began;
	x->message_id = message_id;
	x->timer.fire = fire_timer;
	if (!kind->phase1)
		ike_phase2_iv(&sa->keys, message_id, x->iv);
	return x;
}

void
xch_free(struct xch *x)
{
	if (!x)
		return;
	timer_cancel(&x->sa->core->timers, &x->timer);
	if (x->kind->free && x->of)
		x->kind->free(x->of);
	free(x->sent);
	wipe(x, sizeof(*x));
	free(x);
}

/*
 * The SA's cipher, keyed once for all messages of exchanges under way; an SA that rests has none,
 * since a server has thousands of them.
 */
static struct cipher *
cipher_of(struct ike_sa *sa)
{
	if (!sa->cipher)
		sa->cipher = cipher_new(sa->suite.cipher, secret_span(&sa->keys.key));
	return sa->cipher;
}

static void
drop_idle_cipher(struct ike_sa *sa)
{
	if (sa->state != IKE_UP || sa->phase1 || sa->exchanges)
		return;
	cipher_free(sa->cipher);
	sa->cipher = NULL;
}

struct xch *
xch_find(const struct ike_sa *sa, uint32_t message_id)
{
	struct xch *x;

	for (x = sa->exchanges; x; x = x->next)
		if (x->message_id == message_id)
			return x;
	return NULL;
}

void
xch_add(struct xch *x)
{
	x->next = x->sa->exchanges;
	x->sa->exchanges = x;
}

void
xch_drop(struct xch *x)
{
	struct xch **p;

	for (p = &x->sa->exchanges; *p; p = &(*p)->next)
		if (*p == x) {
			*p = x->next;
			break;
		}
	drop_idle_cipher(x->sa);
	xch_free(x);
}

void
xch_linger(struct xch *x)
{
	timer_set(&x->sa->core->timers, &x->timer, x->sa->core->now + XCH_LINGER);
}

uint32_t
xch_message_id(struct ike_sa *sa)
{
	uint32_t id;

	do
		core_random(sa->core, &id, sizeof(id));
	while (!id || xch_find(sa, id));
	return id;
}

struct span
message_body(const struct message *m, uint8_t type)
{
	const struct isakmp_payload *p = isakmp_payload_find(m->payloads, type);

	return p ? p->body : (struct span){0};
}

bool
nonce_take(const struct xch *x, const struct message *m, struct nonce *ret)
{
	struct span body = message_body(m, PAYLOAD_NONCE);

	if (body.n < ISAKMP_NONCE_MIN ||
	    body.n > (x->kind->phase1 ? ISAKMP_NONCE_MAX : GDOI_NONCE_MAX))
		return false;
	memcpy(ret->bytes, body.p, body.n);
	ret->n = body.n;
	return true;
}

void
nonce_make(struct xch *x, struct message *m, struct nonce *n)
{
	n->n = NONCE_SIZE;
	core_random(x->sa->core, n->bytes, n->n);
	isakmp_payload_put(m->w, m->chain, PAYLOAD_NONCE, SPAN(n->bytes, n->n));
}

/* --- HASH(n) ---------------------------------------------------------------------------------- */

static void
phase2_hash(const struct xch *x, size_t ni, size_t nr, struct span rest, uint8_t *out)
{
	uint8_t mid[4];
	struct wr w = wr_buf(mid, sizeof(mid));

	wr_u32(&w, x->message_id);
	PRF(x->sa->keys.hash, secret_span(&x->sa->keys.skeyid_a), out, SPAN(mid, 4),
	    SPAN(x->ni.bytes, ni), SPAN(x->nr.bytes, nr), rest);
}

/* --- sending ---------------------------------------------------------------------------------- */

static void
send_again(struct xch *x)
{
	core_send(x->sa->core, &x->sa->path, SPAN(x->sent, x->sent_size));
}

static void
arm_resend(struct xch *x)
{
	struct core *c = x->sa->core;
	msec wait = XCH_WAIT_MIN << (x->tries < 3 ? x->tries : 3);

	wait += core_random_below(c, (uint32_t)(wait / 8));
	timer_set(&c->timers, &x->timer, c->now + wait);
}

static void
fail_exchange(struct xch *x)
{
	if (x->kind->failed)
		x->kind->failed(x);
	else
		xch_drop(x);
}

static void
fire_timer(struct core *c, struct timer *t, msec now)
{
	struct xch *x = CONTAINER(t, struct xch, timer);

	(void)now;
	if (x->kind->phase1 && x->at == x->kind->n) {
		x->sa->phase1 = NULL;
		drop_idle_cipher(x->sa);
		xch_free(x);
		return;
	}
	if (!x->began) { /* it has lingered long enough */
		xch_drop(x);
		return;
	}
	if (++x->tries >= (x->old ? XCH_TRIES_OLD : XCH_TRIES)) {
		x->timed_out = true;
		fail_exchange(x);
		return;
	}
	DEBUG(&c->env.log, DEBUG_ISAKMP,
	      "ISAKMP:(%u): retransmitting message %zu of %zu, attempt %u", x->sa->conn_id, x->at,
	      x->kind->n, x->tries);
	send_again(x);
	arm_resend(x);
}

static bool
is_encrypted(const struct xch *x)
{
	return x->at >= x->kind->encrypted_from;
}

/* The message of the step that is due into w; nothing is encrypted yet. */
static bool
compose_step(struct xch *x, struct wr *w)
{
	const struct step *step = &x->kind->steps[x->at];
	struct isakmp_header h = {.version = ISAKMP_VERSION,
	                          .exchange = x->kind->exchange,
	                          .flags = is_encrypted(x) ? FLAG_ENCRYPTION : 0,
	                          .message_id = x->message_id};
	struct isakmp_chain chain = ISAKMP_CHAIN;
	struct message m = {.w = w, .chain = &chain};
	size_t ni = x->ni.n, nr = x->nr.n, hash_at = 0, rest;

	memcpy(h.cookie_i, x->sa->cookie_i, COOKIE_SIZE);
	memcpy(h.cookie_r, x->sa->cookie_r, COOKIE_SIZE);
	isakmp_header_put(w, &h);
	if (!x->kind->phase1) {
		isakmp_payload_begin(w, &chain, PAYLOAD_HASH);
		hash_at = w->n;
		wr_room(w, hash_size(x->sa->keys.hash));
		isakmp_payload_end(w, &chain);
	}
	rest = w->n;
	if (step->fn(x, &m) != DROP_NONE || w->bad)
		return false;
	if (!x->kind->phase1)
		phase2_hash(x, ni, nr, SPAN(w->buf + rest, w->n - rest), w->buf + hash_at);
	return true;
}

static bool
send_step(struct xch *x)
{
	struct core *c = x->sa->core;
	struct wr w = wr_buf(c->scratch, ISAKMP_MESSAGE_MAX);
	size_t block = cipher_block_size(x->sa->keys.cipher);

	if (!compose_step(x, &w))
		return false;
	if (is_encrypted(x)) {
		while ((w.n - ISAKMP_HEADER) % block && !w.bad)
			wr_u8(&w, 0);
	}
	isakmp_finish(&w);
	if (w.bad)
		return false;
	if (is_encrypted(x)) {
		if (!cipher_encrypt(cipher_of(x->sa), x->iv, w.buf + ISAKMP_HEADER,
		                    w.n - ISAKMP_HEADER))
			return false;
		memcpy(x->iv, w.buf + w.n - block, block);
	}
	free(x->sent);
	x->sent = x_memdup(w.buf, w.n);
	x->sent_size = w.n;
	x->tries = 0;
	x->at++;
	send_again(x);
	if (!x->began && !x->kind->phase1)
		timer_set(&c->timers, &x->timer, c->now + XCH_LINGER);
	else if (x->began && x->at < x->kind->n)
		arm_resend(x);
	return true;
}

void
xch_run(struct xch *x)
{
	while (!x->busy && x->at < x->kind->n && x->kind->steps[x->at].direction == SEND)
		if (!send_step(x)) {
			fail_exchange(x);
			return;
		}
	if (x->at == x->kind->n && x->kind->done)
		x->kind->done(x);
}

/* --- receiving -------------------------------------------------------------------------------- */

/* Was this datagram taken before? When it is the latest one, it is answered again. */
static bool
answer_repeat(struct xch *x, const uint8_t digest[16])
{
	size_t i;

	for (i = 0; i < x->n_seen; i++)
		if (memcmp(x->seen[i], digest, 16) == 0)
			break;
	if (i == x->n_seen)
		return false;
	if (i == 0 && !x->began && !x->busy && x->sent && x->resends < XCH_RESENDS) {
		x->resends++;
		send_again(x);
	}
	return true;
}

static void
remember_digest(struct xch *x, const uint8_t digest[16])
{
	memmove(x->seen[1], x->seen[0], sizeof(x->seen) - sizeof(x->seen[0]));
	memcpy(x->seen[0], digest, 16);
	if (x->n_seen < XCH_SEEN)
		x->n_seen++;
}

/* Payloads that may occur more than once. */
#define P_MANY (P_VID | P_NOTIFY | P_DELETE | P_CERT | P_CERTREQ)

static bool
payloads_right(const struct step *step, const struct isakmp_payloads *p)
{
	uint32_t there = 0;
	size_t i;

	for (i = 0; i < p->n; i++) {
		uint32_t bit = p->at[i].type < 32 ? 1u << p->at[i].type : 0;

		if (!(bit & (step->must | step->may)) || (bit & there & ~P_MANY))
			return false;
		there |= bit;
	}
	return (there & step->must) == step->must;
}

/* Finds the payloads in clear: decrypts them into scratch, or points into the datagram. */
static enum drop
open_chain(struct xch *x, const struct isakmp_header *h, struct span dgram, struct span *ret)
{
	struct span chain = SPAN(dgram.p + ISAKMP_HEADER, dgram.n - ISAKMP_HEADER);
	size_t block = cipher_block_size(x->sa->keys.cipher);

	if (!!(h->flags & FLAG_ENCRYPTION) != is_encrypted(x))
		return DROP_UNEXPECTED;
	*ret = chain;
	if (!is_encrypted(x))
		return DROP_NONE;
	if (!chain.n || chain.n % block || chain.n > ISAKMP_MESSAGE_MAX)
		return DROP_MALFORMED;
	memcpy(x->sa->core->scratch, chain.p, chain.n);
	if (!cipher_decrypt(cipher_of(x->sa), x->iv, x->sa->core->scratch, chain.n))
		return DROP_DECRYPT;
	*ret = SPAN(x->sa->core->scratch, chain.n);
	return DROP_NONE;
}

/* RFC 2409 5.5: the HASH payload comes first and covers all that follows but padding. */
static enum drop
check_hash(const struct xch *x, const struct isakmp_payloads *p, struct span chain)
{
	uint8_t want[HASH_SIZE_MAX];
	const struct isakmp_payload *hash = &p->at[0];
	size_t n = hash_size(x->sa->keys.hash);
	bool same;

	if (!p->n || hash->type != PAYLOAD_HASH)
		return DROP_DECRYPT;
	phase2_hash(x, x->ni.n, x->nr.n, SPAN(chain.p + hash->whole.n, p->used - hash->whole.n),
	            want);
	same = span_equal_ct(SPAN(want, n), hash->body);
	wipe(want, sizeof(want));
	return same ? DROP_NONE : DROP_HASH;
}

static enum drop
take_chain(struct xch *x, const struct isakmp_header *h, struct span chain)
{
	const struct step *step = &x->kind->steps[x->at];
	struct isakmp_payloads payloads;
	struct message m = {.header = h, .payloads = &payloads};
	enum drop d;

	if (!isakmp_payloads_get(h->next, chain, is_encrypted(x), &payloads))
		return is_encrypted(x) ? DROP_DECRYPT : DROP_MALFORMED;
	if (!x->kind->phase1) {
		d = check_hash(x, &payloads, chain);
		if (d)
			return d;
	}
	if (!payloads_right(step, &payloads))
		return DROP_PAYLOAD;
	return step->fn(x, &m);
}

/* Wipes what was decrypted, since it may hold keys. */
static enum drop
take_datagram(struct xch *x, const struct isakmp_header *h, struct span dgram)
{
	struct span chain;
	enum drop d = open_chain(x, h, dgram, &chain);

	if (d)
		return d;
	d = take_chain(x, h, chain);
	if (is_encrypted(x))
		wipe(x->sa->core->scratch, chain.n);
	return d;
}

enum drop
xch_input(struct xch *x, const struct isakmp_header *h, struct span dgram)
{
	uint8_t digest[HASH_SIZE_MAX];
	size_t block = cipher_block_size(x->sa->keys.cipher);
	enum drop d;

	HASH(HASH_SHA256, digest, dgram);
	if (answer_repeat(x, digest))
		return DROP_REPEAT;
	if (x->busy || x->at == x->kind->n || x->kind->steps[x->at].direction != RECV)
		return DROP_UNEXPECTED;
	d = take_datagram(x, h, dgram);
	if (d)
		return d;
	if (is_encrypted(x)) {
		memcpy(x->iv, dgram.p + dgram.n - block, block);
	}
	remember_digest(x, digest);
	x->old = false;
	/* The first message of another's exchange may be a recording; an answer cannot be. */
	if (!x->kind->phase1 && (x->began || x->at))
		ike_dpd_heard(x->sa);
	timer_cancel(&x->sa->core->timers, &x->timer);
	x->at++;
	xch_run(x);
	return DROP_NONE;
}
