/* SPDX-License-Identifier: Apache-2.0 */
/* The SA payload of phase 1 (RFC 2408 3.4-3.6, RFC 2409 Appendix A). */
#include "runtime/wire/isakmp.h"

#define PROTO_ISAKMP 1
#define KEY_IKE      1
#define LIFE_SECONDS 1

enum phase1_attribute {
	P1_ENCRYPTION = 1,
	P1_HASH = 2,
	P1_AUTH = 3,
	P1_GROUP = 4,
	P1_LIFE_TYPE = 11,
	P1_LIFE_DURATION = 12,
	P1_KEY_LENGTH = 14
};

/* CIPHER_NULL: not one that we know. AES must say its key's size, and the others must not. */
static enum cipher_id
phase1_cipher(uint32_t number, uint32_t key_bits)
{
	enum cipher_id id = cipher_by_number(USE_IKE, number, key_bits);

	return id == CIPHER_COUNT || (key_bits && !cipher_row(id)->sized) ? CIPHER_NULL : id;
}

/* An attribute we do not know makes the transform one we cannot take: it gets no cipher. */
static bool
attributes_get(struct rd *r, struct phase1_transform *t)
{
	uint32_t cipher = 0, key_bits = 0, life_type = 0, number;
	struct attribute a;
	bool known = true;

	while (attribute_get(r, &a)) {
		if (!attribute_number(&a, &number)) {
			known = false;
			continue;
		}
		switch (a.type) {
		case P1_ENCRYPTION:
			cipher = number;
			break;
		case P1_HASH:
			t->hash = hash_by_number(USE_IKE, number);
			break;
		case P1_AUTH:
			t->auth = number <= UINT16_MAX ? (uint16_t)number : 0;
			break;
		case P1_GROUP:
			t->group = number <= UINT16_MAX ? (uint16_t)number : 0;
			break;
		case P1_LIFE_TYPE:
			life_type = number;
			break;
		case P1_LIFE_DURATION:
			if (life_type == LIFE_SECONDS)
				t->lifetime = number;
			break;
		case P1_KEY_LENGTH:
			key_bits = number;
			break;
		default:
			known = false;
		}
	}
	t->cipher = known ? phase1_cipher(cipher, key_bits) : CIPHER_NULL;
	return rd_done(r);
}

static void
attributes_put(struct wr *w, const struct phase1_transform *t)
{
	const struct cipher_row *c = cipher_row(t->cipher);

	attribute_put_basic(w, P1_ENCRYPTION, c->use[USE_IKE].number);
	attribute_put_basic(w, P1_HASH, hash_row(t->hash)->use[USE_IKE].number);
	attribute_put_basic(w, P1_AUTH, t->auth);
	attribute_put_basic(w, P1_GROUP, t->group);
	if (t->lifetime) {
		attribute_put_basic(w, P1_LIFE_TYPE, LIFE_SECONDS);
		attribute_put_number(w, P1_LIFE_DURATION, t->lifetime);
	}
	if (c->sized)
		attribute_put_basic(w, P1_KEY_LENGTH, (uint16_t)(c->key * 8));
}

static bool
transform_get(struct rd *r, struct phase1_transform *t, uint8_t *next)
{
	uint8_t reserved, id;
	uint16_t length, reserved2;
	struct rd sub;

	*next = rd_u8(r);
	reserved = rd_u8(r);
	length = rd_u16(r);
	if (r->bad || reserved || length < 8)
		return false;
	sub = rd_sub(r, length - 4u);
	*t = (struct phase1_transform){.number = rd_u8(&sub)};
	id = rd_u8(&sub);
	reserved2 = rd_u16(&sub);
	t->attributes = SPAN(sub.p, rd_left(&sub));
	if (sub.bad || reserved2 || !attributes_get(&sub, t))
		return false;
	if (id != KEY_IKE)
		t->cipher = CIPHER_NULL;
	return true;
}

static void
transform_put(struct wr *w, const struct phase1_transform *t, bool last)
{
	size_t start = w->n;

	wr_u8(w, last ? PAYLOAD_NONE : PAYLOAD_TRANSFORM);
	wr_u8(w, 0);
	wr_u16(w, 0);
	wr_u8(w, t->number);
	wr_u8(w, KEY_IKE);
	wr_u16(w, 0);
	if (t->attributes.n)
		wr_span(w, t->attributes);
	else
		attributes_put(w, t);
	wr_patch16(w, start + 2, w->n - start);
}

/* The one proposal of phase 1: PROTO_ISAKMP with its transforms. */
static bool
proposal_get(struct rd *r, struct phase1_sa *ret)
{
	uint8_t next = rd_u8(r), reserved = rd_u8(r), proto, spi_size, count, i;
	uint16_t length = rd_u16(r);
	struct rd sub;

	/* RFC 2409 5: phase 1 offers one proposal. */
	if (r->bad || next != PAYLOAD_NONE || reserved || length < 8)
		return false;
	sub = rd_sub(r, length - 4u);
	ret->proposal = rd_u8(&sub);
	proto = rd_u8(&sub);
	spi_size = rd_u8(&sub);
	count = rd_u8(&sub);
	rd_take(&sub, spi_size);
	if (sub.bad || proto != PROTO_ISAKMP || spi_size > 16 || !count)
		return false;
	for (i = 0; i < count; i++) {
		struct phase1_transform t;

		if (!transform_get(&sub, &t, &next) ||
		    next != (i + 1 < count ? PAYLOAD_TRANSFORM : PAYLOAD_NONE))
			return false;
		if (ret->n < PHASE1_TRANSFORMS_MAX)
			ret->transforms[ret->n++] = t;
	}
	return rd_done(&sub);
}

bool
phase1_sa_get(struct span body, struct phase1_sa *ret)
{
	struct rd r = rd_span(body);

	ret->n = 0;
	ret->doi = rd_u32(&r);
	ret->situation = rd_u32(&r);
	return !r.bad && proposal_get(&r, ret) && rd_done(&r);
}

void
phase1_sa_put(struct wr *w, const struct phase1_sa *sa)
{
	size_t start, i;

	wr_u32(w, sa->doi);
	wr_u32(w, sa->situation);
	start = w->n;
	wr_u32(w, 0);
	wr_u8(w, sa->proposal);
	wr_u8(w, PROTO_ISAKMP);
	wr_u8(w, 0);
	wr_u8(w, (uint8_t)sa->n);
	for (i = 0; i < sa->n; i++)
		transform_put(w, &sa->transforms[i], i + 1 == sa->n);
	wr_patch16(w, start + 2, w->n - start);
}
