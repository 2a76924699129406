/* SPDX-License-Identifier: Apache-2.0 */
/* GDOI payloads but KD (gdoi_kd.c): see gdoi.h. Layouts: RFC 6407 5.1 to 5.5, 5.7. */
#include "runtime/wire/gdoi.h"

#define ATTRIBUTE_SAK 15
#define ATTRIBUTE_SAT 16
#define ATTRIBUTE_GAP 22

/* --- identities ------------------------------------------------------------------------------- */

struct gdoi_end
gdoi_end_of(uint32_t addr, uint32_t mask, uint16_t port)
{
	return (struct gdoi_end){.type = mask == UINT32_MAX ? ID_IPV4_ADDR : ID_IPV4_ADDR_SUBNET,
	                         .port = port,
	                         .addr = addr,
	                         .mask = mask};
}

/*
 *  0                   1                   2                   3
 * | ID type       | port                          | data length   |  data ...
 * A multi-source group leaves its source out: three octets of zero, or none at all (RFC 6407
 * 5.5.1).
 */
static bool
end_get(struct rd *r, struct gdoi_end *e)
{
	struct rd data;
	struct span s;

	*e = (struct gdoi_end){.type = rd_u8(r), .port = rd_u16(r)};
	s = rd_take(r, rd_u8(r));
	data = rd_span(s);
	if (s.n < 4 && span_is_zero(s)) {
		e->type = 0;
		return !r->bad;
	}
	switch (e->type) {
	case ID_IPV4_ADDR:
		e->addr = rd_u32(&data);
		e->mask = UINT32_MAX;
		return rd_done(&data);
	case ID_IPV4_ADDR_SUBNET:
		e->addr = rd_u32(&data);
		e->mask = rd_u32(&data);
		return rd_done(&data);
	default:
		return !r->bad;
	}
}

static void
end_put(struct wr *w, const struct gdoi_end *e)
{
	wr_u8(w, e->type);
	wr_u16(w, e->port);
	switch (e->type) {
	case ID_IPV4_ADDR:
		wr_u8(w, 4);
		wr_u32(w, e->addr);
		break;
	case ID_IPV4_ADDR_SUBNET:
		wr_u8(w, 8);
		wr_u32(w, e->addr);
		wr_u32(w, e->mask);
		break;
	default:
		wr_u8(w, 0);
	}
}

/* --- attributes ------------------------------------------------------------------------------- */

/* An attribute that is a number of 16 bits, and where its struct keeps it; 0: not said. */
struct number_row {
	uint16_t type;
	size_t offset;
};

/*
 * Keeps the number of an attribute that has a row; false: it has none. One that is too large is as
 * if nobody had said it.
 */
static bool
number_get(const struct number_row *rows, size_t n, uint16_t type, uint32_t number, void *ret)
{
	uint16_t value = number <= UINT16_MAX ? (uint16_t)number : 0;

	for (size_t i = 0; i < n; i++)
		if (rows[i].type == type) {
			memcpy((uint8_t *)ret + rows[i].offset, &value, sizeof(value));
			return true;
		}
	return false;
}

/* Writes those that are said, in the order of their rows. */
static void
numbers_put(struct wr *w, const struct number_row *rows, size_t n, const void *from)
{
	uint16_t value;

	for (size_t i = 0; i < n; i++) {
		memcpy(&value, (const uint8_t *)from + rows[i].offset, sizeof(value));
		if (value)
			attribute_put_basic(w, rows[i].type, value);
	}
}

/* Four octets when so wished, or when two are too few. */
static void
lifetime_put(struct wr *w, uint16_t type, uint32_t seconds, bool variable)
{
	uint8_t bytes[4];
	struct wr four = wr_buf(bytes, sizeof(bytes));

	if (!variable) {
		attribute_put_number(w, type, seconds);
		return;
	}
	wr_u32(&four, seconds);
	attribute_put_bytes(w, type, wr_done(&four));
}

/* --- SAK -------------------------------------------------------------------------------------- */

/* CIPHER_NULL: not one that we know. AES without a key size has 128 bits. */
static enum cipher_id
kek_cipher(uint32_t algorithm, uint32_t bits)
{
	enum cipher_id id = cipher_by_number(USE_REKEY, algorithm, bits ? bits : 128);

	return id == CIPHER_COUNT ? CIPHER_NULL : id;
}

/* In the order in which they are written, behind all others. */
static const struct number_row sak_numbers[] = {
    {SIG_ALGORITHM, offsetof(struct gdoi_sak, sig_algorithm)},
    {SIG_KEY_LENGTH, offsetof(struct gdoi_sak, sig_bits)},
    {KEK_ACK_REQUESTED, offsetof(struct gdoi_sak, ack)},
};

static bool
sak_attributes_get(struct rd *r, struct gdoi_sak *sak)
{
	uint32_t algorithm = 0, bits = 0, number;
	struct attribute a;

	while (attribute_get(r, &a)) {
		if (!attribute_number(&a, &number))
			return false;
		switch (a.type) {
		case KEK_ALGORITHM:
			algorithm = number;
			break;
		case KEK_KEY_LENGTH:
			bits = number;
			break;
		case KEK_KEY_LIFETIME:
			sak->lifetime = number;
			sak->lifetime_basic = a.basic;
			break;
		case SIG_HASH_ALGORITHM:
			sak->sig_hash = hash_by_number(USE_REKEY, number);
			break;
		case KEK_MANAGEMENT_ALGORITHM:
			sak->management = number <= UINT16_MAX ? (uint16_t)number : UINT16_MAX;
			break;
		default: /* unknown: MUST abort, 5.3.2 */
			if (!number_get(sak_numbers, ARRAY_SIZE(sak_numbers), a.type, number, sak))
				return false;
		}
	}
	sak->cipher = kek_cipher(algorithm, bits);
	return rd_done(r);
}

static void
sak_attributes_put(struct wr *w, const struct gdoi_sak *sak)
{
	const struct cipher_row *c = cipher_row(sak->cipher);

	if (sak->management)
		attribute_put_basic(w, KEK_MANAGEMENT_ALGORITHM, sak->management);
	attribute_put_basic(w, KEK_ALGORITHM, c->use[USE_REKEY].number);
	if (c->sized)
		attribute_put_basic(w, KEK_KEY_LENGTH, (uint16_t)(c->key * 8));
	if (sak->lifetime)
		lifetime_put(w, KEK_KEY_LIFETIME, sak->lifetime, !sak->lifetime_basic);
	if (sak->sig_hash)
		attribute_put_basic(w, SIG_HASH_ALGORITHM,
		                    hash_row(sak->sig_hash)->use[USE_REKEY].number);
	numbers_put(w, sak_numbers, ARRAY_SIZE(sak_numbers), sak);
}

static bool
sak_get(struct rd *r, struct gdoi_sak *sak)
{
	struct span spi;

	*sak = (struct gdoi_sak){.proto = rd_u8(r)};
	if (!end_get(r, &sak->src) || !end_get(r, &sak->dst))
		return false;
	spi = rd_take(r, KEK_SPI_SIZE);
	rd_u32(r); /* RESERVED2; POP algorithm and key length in RFC 3547 */
	if (r->bad || !spi.p)
		return false;
	memcpy(sak->spi, spi.p, KEK_SPI_SIZE);
	return sak_attributes_get(r, sak);
}

static void
sak_put(struct wr *w, const struct gdoi_sak *sak)
{
	wr_u8(w, sak->proto);
	end_put(w, &sak->src);
	end_put(w, &sak->dst);
	wr_bytes(w, sak->spi, KEK_SPI_SIZE);
	wr_u32(w, 0);
	sak_attributes_put(w, sak);
}

/* --- GAP -------------------------------------------------------------------------------------- */

enum gap_attribute {
	GAP_ATD = 1,
	GAP_DTD = 2,
	GAP_SENDER_ID_REQUEST = 3,
	GAP_TESTUDO_WHOLE = 231 /* private use, 128 to 255; always 1 */
};

static bool
gap_get(struct rd *r, struct gdoi_gap *gap)
{
	struct attribute a;

	*gap = (struct gdoi_gap){0};
	while (attribute_get(r, &a)) {
		if (!a.basic)
			return false;
		switch (a.type) {
		case GAP_ATD:
			gap->has_atd = true;
			gap->atd = a.value;
			break;
		case GAP_DTD:
			gap->has_dtd = true;
			gap->dtd = a.value;
			break;
		case GAP_SENDER_ID_REQUEST:
			gap->has_sid = true;
			gap->sid = a.value;
			break;
		case GAP_TESTUDO_WHOLE:
			gap->whole = a.value == 1;
			break;
		default: /* MUST abort, 5.4 */
			return false;
		}
	}
	return rd_done(r);
}

bool
gdoi_gap_get(struct span body, struct gdoi_gap *ret)
{
	struct rd r = rd_span(body);

	return gap_get(&r, ret);
}

static void
gap_put(struct wr *w, const struct gdoi_gap *gap)
{
	if (gap->has_atd)
		attribute_put_basic(w, GAP_ATD, gap->atd);
	if (gap->has_dtd)
		attribute_put_basic(w, GAP_DTD, gap->dtd);
	if (gap->has_sid)
		attribute_put_basic(w, GAP_SENDER_ID_REQUEST, gap->sid);
	if (gap->whole)
		attribute_put_basic(w, GAP_TESTUDO_WHOLE, 1);
}

/* --- SAT -------------------------------------------------------------------------------------- */

enum ipsec_attribute { /* RFC 2407 4.5; 14 and 15 from RFC 6407 */
	               IPSEC_LIFE_TYPE = 1,
	               IPSEC_LIFE_DURATION = 2,
	               IPSEC_GROUP = 3, /* MUST NOT be sent, is ignored: RFC 6407 5.5.1 */
	               IPSEC_ENCAPSULATION = 4,
	               IPSEC_AUTH = 5,
	               IPSEC_KEY_LENGTH = 6,
	               IPSEC_ADDRESS_PRESERVATION = 14,
	               IPSEC_DIRECTION = 15,
	               /* private use, 32001 and on: */
	               IPSEC_TESTUDO_WINDOW = 32001,      /* B: replay window, packets */
	               IPSEC_TESTUDO_TIME_WINDOW = 32002, /* B: the same by time, seconds */
	               IPSEC_TESTUDO_PSEUDOTIME = 32003   /* V, 8 octets: milliseconds */
};

enum { ENCAPSULATION_TUNNEL = 1, ENCAPSULATION_TRANSPORT = 2, LIFE_SECONDS = 1 };

/*
 * The suite of a transform and its attributes; false: none that we can run. A cipher with several
 * key sizes has 128 bits unless it says otherwise (RFC 3602 5.3); one that brings its own integrity
 * must say.
 */
static bool
suite_of(uint8_t transform, uint32_t bits, uint32_t auth, struct esp_suite *ret)
{
	enum cipher_id id = cipher_by_number(USE_ESP, transform, bits ? bits : 128);
	const struct cipher_row *c = id == CIPHER_COUNT ? NULL : cipher_row(id);

	*ret = (struct esp_suite){CIPHER_NULL, HASH_NONE};
	if (!c || (c->icv && c->sized && !bits))
		return false;
	ret->cipher = id;
	if (c->icv)
		return !auth;
	ret->auth = hash_by_number(USE_ESP, auth);
	/* Neither encryption nor integrity is no protection at all. */
	return auth ? ret->auth != HASH_NONE : ret->cipher != CIPHER_NULL;
}

static bool
pseudotime_get(const struct attribute *a, struct gdoi_sat *sat)
{
	struct rd r = rd_span(a->bytes);
	uint64_t high;

	if (a->basic)
		return false;
	high = rd_u32(&r);
	sat->pseudotime = high << 32 | rd_u32(&r);
	return rd_done(&r);
}

static void
pseudotime_put(struct wr *w, uint64_t pseudotime)
{
	uint8_t bytes[8];
	struct wr eight = wr_buf(bytes, sizeof(bytes));

	wr_u32(&eight, (uint32_t)(pseudotime >> 32));
	wr_u32(&eight, (uint32_t)pseudotime);
	attribute_put_bytes(w, IPSEC_TESTUDO_PSEUDOTIME, wr_done(&eight));
}

/* In the order in which they are written, behind all but the pseudotime. */
static const struct number_row sat_numbers[] = {
    {IPSEC_ADDRESS_PRESERVATION, offsetof(struct gdoi_sat, address_preservation)},
    {IPSEC_DIRECTION, offsetof(struct gdoi_sat, direction)},
    {IPSEC_TESTUDO_WINDOW, offsetof(struct gdoi_sat, replay_window)},
    {IPSEC_TESTUDO_TIME_WINDOW, offsetof(struct gdoi_sat, time_window)},
};

static bool
sat_attributes_get(struct rd *r, struct gdoi_sat *sat)
{
	uint32_t bits = 0, auth = 0, life_type = 0, number;
	struct attribute a;
	bool known = true;

	while (attribute_get(r, &a)) {
		if (a.type == IPSEC_GROUP)
			continue;
		if (a.type == IPSEC_TESTUDO_PSEUDOTIME) {
			known = known && pseudotime_get(&a, sat);
			continue;
		}
		if (!attribute_number(&a, &number)) {
			known = false;
			continue;
		}
		switch (a.type) {
		case IPSEC_LIFE_TYPE:
			life_type = number;
			break;
		case IPSEC_LIFE_DURATION:
			if (life_type == LIFE_SECONDS) {
				sat->lifetime = number;
				sat->lifetime_variable = !a.basic;
			}
			break;
		case IPSEC_ENCAPSULATION:
			sat->transport = number == ENCAPSULATION_TRANSPORT;
			known = known && (sat->transport || number == ENCAPSULATION_TUNNEL);
			break;
		case IPSEC_AUTH:
			auth = number;
			break;
		case IPSEC_KEY_LENGTH:
			bits = number;
			break;
		default:
			known =
			    number_get(sat_numbers, ARRAY_SIZE(sat_numbers), a.type, number, sat) &&
			    known;
		}
		if (a.type == IPSEC_DIRECTION)
			known = known && number <= DIRECTION_SYMMETRIC;
	}
	sat->known = known && suite_of(sat->transform, bits, auth, &sat->suite);
	return rd_done(r);
}

static void
sat_attributes_put(struct wr *w, const struct gdoi_sat *sat)
{
	attribute_put_basic(w, IPSEC_ENCAPSULATION,
	                    sat->transport ? ENCAPSULATION_TRANSPORT : ENCAPSULATION_TUNNEL);
	if (sat->suite.auth)
		attribute_put_basic(w, IPSEC_AUTH, hash_row(sat->suite.auth)->use[USE_ESP].number);
	if (sat->lifetime) {
		attribute_put_basic(w, IPSEC_LIFE_TYPE, LIFE_SECONDS);
		lifetime_put(w, IPSEC_LIFE_DURATION, sat->lifetime, sat->lifetime_variable);
	}
	if (cipher_row(sat->suite.cipher)->sized)
		attribute_put_basic(w, IPSEC_KEY_LENGTH,
		                    (uint16_t)(cipher_key_size(sat->suite.cipher) * 8));
	numbers_put(w, sat_numbers, ARRAY_SIZE(sat_numbers), sat);
	if (sat->time_window)
		pseudotime_put(w, sat->pseudotime);
}

static bool
sat_get(struct rd *r, struct gdoi_sat *sat)
{
	*sat = (struct gdoi_sat){.protocol = rd_u8(r)};
	if (sat->protocol != GDOI_PROTO_ESP && sat->protocol != GDOI_PROTO_BYPASS) {
		rd_rest(r);
		return rd_done(r);
	}
	sat->proto = rd_u8(r);
	if (!end_get(r, &sat->src) || !end_get(r, &sat->dst))
		return false;
	if (sat->protocol == GDOI_PROTO_BYPASS)
		return rd_done(r);
	sat->transform = rd_u8(r);
	sat->spi = rd_u32(r);
	return !r->bad && sat_attributes_get(r, sat);
}

static void
sat_put(struct wr *w, const struct gdoi_sat *sat)
{
	wr_u8(w, sat->protocol);
	wr_u8(w, sat->proto);
	end_put(w, &sat->src);
	end_put(w, &sat->dst);
	if (sat->protocol == GDOI_PROTO_BYPASS)
		return;
	wr_u8(w, sat->transform);
	wr_u32(w, sat->spi);
	sat_attributes_put(w, sat);
}

bool
gdoi_sat_selector(const struct gdoi_sat *sat, struct selector *ret)
{
	/* An unspecified source is any source (RFC 3547 5.4.1); the destination must be said. */
	if (!sat->dst.type || (sat->src.type && !sat->src.mask && sat->src.addr) ||
	    (sat->dst.type != ID_IPV4_ADDR && sat->dst.type != ID_IPV4_ADDR_SUBNET) ||
	    (sat->src.type && sat->src.type != ID_IPV4_ADDR &&
	     sat->src.type != ID_IPV4_ADDR_SUBNET))
		return false;
	*ret = (struct selector){
	    .permit = sat->protocol == GDOI_PROTO_ESP,
	    .proto = sat->proto,
	    .src = sat->src.addr & sat->src.mask,
	    .src_mask = sat->src.mask,
	    .dst = sat->dst.addr & sat->dst.mask,
	    .dst_mask = sat->dst.mask,
	    .sport = sat->src.port,
	    .dport = sat->dst.port,
	};
	return true;
}

/* --- the SA payload --------------------------------------------------------------------------- */

/*
 * RFC 6407 5.2.1: at most one SAK, then at most one GAP, then SATs, each with a generic header
 * whose "next payload" names the attribute payload that follows.
 */
static bool
part_get(uint8_t type, struct rd *r, struct gdoi_sa *sa)
{
	switch (type) {
	case ATTRIBUTE_SAK:
		if (sa->has_sak || sa->has_gap || sa->n_sats)
			return false;
		sa->has_sak = true;
		return sak_get(r, &sa->sak);
	case ATTRIBUTE_GAP:
		if (sa->has_gap || sa->n_sats)
			return false;
		sa->has_gap = true;
		return gap_get(r, &sa->gap);
	case ATTRIBUTE_SAT:
		return sa->n_sats < GDOI_SATS_MAX && sat_get(r, &sa->sats[sa->n_sats++]);
	default:
		return false;
	}
}

bool
gdoi_sa_get(struct span body, struct gdoi_sa *ret)
{
	struct rd r = rd_span(body);
	uint16_t next;

	ret->has_sak = ret->has_gap = false;
	ret->n_sats = 0;
	ret->doi = rd_u32(&r);
	ret->situation = rd_u32(&r);
	next = rd_u16(&r);
	rd_u16(&r); /* RESERVED2 */
	while (!r.bad && next) {
		uint8_t following = rd_u8(&r), reserved = rd_u8(&r);
		uint16_t length = rd_u16(&r);
		struct rd sub;

		if (r.bad || reserved || length < 4 || next > UINT8_MAX)
			return false;
		sub = rd_sub(&r, length - 4u);
		if (sub.bad || !part_get((uint8_t)next, &sub, ret))
			return false;
		next = following;
	}
	return rd_done(&r) && (ret->has_sak || ret->n_sats);
}

/* Opens an attribute payload and makes the one before point at it. */
static size_t
part_begin(struct wr *w, uint8_t type, size_t *next_at, bool first)
{
	size_t start = w->n;

	if (first)
		wr_patch16(w, *next_at, type);
	else if (!w->bad)
		w->buf[*next_at] = type;
	*next_at = start;
	wr_u32(w, 0);
	return start;
}

void
gdoi_sa_put(struct wr *w, const struct gdoi_sa *sa)
{
	size_t next_at, start, i;
	bool first = true;

	wr_u32(w, sa->doi);
	wr_u32(w, sa->situation);
	next_at = w->n;
	wr_u32(w, 0);
	if (sa->has_sak) {
		start = part_begin(w, ATTRIBUTE_SAK, &next_at, first);
		sak_put(w, &sa->sak);
		wr_patch16(w, start + 2, w->n - start);
		first = false;
	}
	if (sa->has_gap) {
		start = part_begin(w, ATTRIBUTE_GAP, &next_at, first);
		gap_put(w, &sa->gap);
		wr_patch16(w, start + 2, w->n - start);
		first = false;
	}
	for (i = 0; i < sa->n_sats; i++) {
		start = part_begin(w, ATTRIBUTE_SAT, &next_at, first);
		sat_put(w, &sa->sats[i]);
		wr_patch16(w, start + 2, w->n - start);
		first = false;
	}
}

/* --- SEQ and the group's identity ------------------------------------------------------------- */

bool
gdoi_seq_get(struct span body, uint32_t *ret)
{
	struct rd r = rd_span(body);

	*ret = rd_u32(&r);
	return rd_done(&r);
}

void
gdoi_seq_put(struct wr *w, uint32_t seq)
{
	wr_u32(w, seq);
}

bool
gdoi_group_id_get(struct span body, uint8_t *ret_type, uint32_t *ret_value)
{
	struct isakmp_id id;
	struct rd data;

	if (!isakmp_id_get(body, &id) || id.proto || id.port || /* RFC 6407 5.1 */
	    (id.type != ID_KEY_ID && id.type != ID_IPV4_ADDR))
		return false;
	data = rd_span(id.data);
	*ret_type = id.type;
	*ret_value = rd_u32(&data);
	return rd_done(&data);
}

void
gdoi_group_id_put(struct wr *w, uint8_t type, uint32_t value)
{
	wr_u8(w, type);
	wr_u8(w, 0);
	wr_u16(w, 0);
	wr_u32(w, value);
}

/* RFC 8263 3.4: protocol and port MUST be zero. */
bool
gdoi_member_id_get(struct span body, uint32_t *ret_addr)
{
	uint8_t type;

	return gdoi_group_id_get(body, &type, ret_addr) && type == ID_IPV4_ADDR;
}

void
gdoi_member_id_put(struct wr *w, uint32_t addr)
{
	gdoi_group_id_put(w, ID_IPV4_ADDR, addr);
}
