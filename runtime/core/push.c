/* SPDX-License-Identifier: Apache-2.0 */
/* GROUPKEY-PUSH, what both ends share: see push.h. */
#include "runtime/core/push.h"

#include <string.h>

#include "runtime/wire/gdoi.h"

bool
push_crypt(enum cipher_id cipher, const struct secret *kek, bool encrypt, uint8_t *data, size_t n)
{
	size_t block = cipher_block_size(cipher);
	struct span all = secret_span(kek);
	struct cipher *c;
	bool ok;

	if (all.n != block + cipher_key_size(cipher) || !n || n % block)
		return false;
	c = cipher_new(cipher, SPAN(all.p + block, all.n - block));
	ok = c && (encrypt ? cipher_encrypt(c, all.p, data, n) : cipher_decrypt(c, all.p, data, n));
	cipher_free(c);
	return ok;
}

void
push_digest(enum hash_id h, struct span message, uint8_t out[static HASH_SIZE_MAX])
{
	HASH(h, out, SPAN("rekey", 5), message);
}

/* --- acknowledgements ------------------------------------------------------------------------- */

enum hash_id
push_ack_hash(uint16_t kind)
{
	switch (kind) {
	case KEK_ACK_KEK_SHA256:
	case KEK_ACK_LKH_SHA256:
		return HASH_SHA256;
	case KEK_ACK_KEK_SHA512:
	case KEK_ACK_LKH_SHA512:
		return HASH_SHA512;
	default:
		return HASH_NONE;
	}
}

bool
push_ack_is_lkh(uint16_t kind)
{
	return kind == KEK_ACK_LKH_SHA256 || kind == KEK_ACK_LKH_SHA512;
}

void
push_ack_key(enum hash_id h, enum cipher_id cipher, const struct secret *base,
             const uint8_t spi[static PUSH_SPI], struct secret *ret)
{
	static const char label[] = "GROUPKEY-PUSH ACK"; /* its end goes along */
	/* L is the block size of the prf: RFC 8263 says so in two places, and otherwise in one. */
	const uint8_t l[2] = {h == HASH_SHA512 ? 4 : 2, 0};
	struct span all = secret_span(base);
	size_t iv = cipher_block_size(cipher);
	uint8_t key[HASH_SIZE_MAX];
	size_t n = PRF(h, SPAN(all.p + iv, all.n - iv), key, SPAN(label, sizeof(label)),
	               SPAN(spi, PUSH_SPI), SPAN(l, sizeof(l)));

	secret_copy(ret, SPAN(key, n));
	wipe(key, sizeof(key));
}

/* SEQ and ID as payloads, behind a HASH of the given octets. */
static void
ack_payloads(struct wr *w, struct isakmp_chain *chain, struct span hash, uint32_t seq,
             uint32_t member)
{
	isakmp_payload_put(w, chain, PAYLOAD_HASH, hash);
	isakmp_payload_begin(w, chain, PAYLOAD_SEQ);
	gdoi_seq_put(w, seq);
	isakmp_payload_end(w, chain);
	isakmp_payload_begin(w, chain, PAYLOAD_ID);
	gdoi_member_id_put(w, member);
	isakmp_payload_end(w, chain);
}

void
push_ack_put(struct wr *w, enum hash_id h, const struct secret *ack_key,
             const uint8_t spi[static PUSH_SPI], uint32_t seq, uint32_t member)
{
	struct isakmp_header header = {.version = ISAKMP_VERSION,
	                               .exchange = EXCHANGE_GROUPKEY_PUSH_ACK};
	struct isakmp_chain chain = ISAKMP_CHAIN;
	uint8_t hash[HASH_SIZE_MAX] = {0};
	size_t n = hash_size(h), from;

	memcpy(header.cookie_i, spi, COOKIE_SIZE);
	memcpy(header.cookie_r, spi + COOKIE_SIZE, COOKIE_SIZE);
	isakmp_header_put(w, &header);
	ack_payloads(w, &chain, SPAN(hash, n), seq, member);
	isakmp_finish(w);
	if (w->bad)
		return;
	/* HASH = prf(ack_key, SEQ | ID), payloads with their headers */
	from = ISAKMP_HEADER + 4 + n;
	PRF(h, secret_span(ack_key), hash, SPAN(w->buf + from, w->n - from));
	memcpy(w->buf + ISAKMP_HEADER + 4, hash, n);
}

bool
push_ack_get(struct span dgram, const struct isakmp_header *header, enum hash_id h,
             const struct secret *ack_key, uint32_t *ret_seq, uint32_t *ret_member)
{
	struct isakmp_payloads p;
	uint8_t want[HASH_SIZE_MAX];
	size_t n;

	if (header->flags || header->message_id ||
	    !isakmp_payloads_get(
		header->next, SPAN(dgram.p + ISAKMP_HEADER, dgram.n - ISAKMP_HEADER), false, &p) ||
	    p.n != 3 || p.at[0].type != PAYLOAD_HASH || p.at[1].type != PAYLOAD_SEQ ||
	    p.at[2].type != PAYLOAD_ID)
		return false;
	n = PRF(h, secret_span(ack_key), want, p.at[1].whole, p.at[2].whole);
	return span_equal_ct(SPAN(want, n), p.at[0].body) && gdoi_seq_get(p.at[1].body, ret_seq) &&
	       gdoi_member_id_get(p.at[2].body, ret_member);
}
