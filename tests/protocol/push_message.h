/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A GROUPKEY-PUSH made by hand, as a key server of another kind could send it: what it says, and
 * the datagram under a KEK that is known, signed with a key that is known.
 */
#ifndef TESTUDO_TEST_PUSH_MESSAGE_H
#define TESTUDO_TEST_PUSH_MESSAGE_H

#include "runtime/core/gm.h"
#include "runtime/core/push.h"
#include "runtime/crypto/sig.h"
#include "runtime/wire/gdoi.h"

struct push_content {
	uint32_t seq;
	size_t n_deletes;
	const struct isakmp_delete *deletes;
	const struct gdoi_sa *sa;
	const struct gdoi_kd *kd; /* empty: neither SA nor KD */
};

static inline void
push_message_payloads(struct wr *w, struct isakmp_chain *chain, const struct push_content *c)
{
	isakmp_payload_begin(w, chain, PAYLOAD_SEQ);
	gdoi_seq_put(w, c->seq);
	isakmp_payload_end(w, chain);
	for (size_t i = 0; i < c->n_deletes; i++) {
		isakmp_payload_begin(w, chain, PAYLOAD_DELETE);
		isakmp_delete_put(w, &c->deletes[i]);
		isakmp_payload_end(w, chain);
	}
	if (!c->kd->n)
		return;
	isakmp_payload_begin(w, chain, PAYLOAD_SA);
	gdoi_sa_put(w, c->sa);
	isakmp_payload_end(w, chain);
	isakmp_payload_begin(w, chain, PAYLOAD_KD);
	gdoi_kd_put(w, c->kd);
	isakmp_payload_end(w, chain);
}

/* The whole datagram, under the KEK and signed with the key; 0: it does not fit into buf. */
static inline size_t
push_message_write(const struct push_content *c, const struct gm_kek *k, const struct rsa_key *key,
                   uint8_t *buf, size_t size)
{
	struct isakmp_header header = {.version = ISAKMP_VERSION,
	                               .exchange = EXCHANGE_GROUPKEY_PUSH,
	                               .flags = FLAG_ENCRYPTION};
	struct isakmp_chain chain = ISAKMP_CHAIN;
	uint8_t digest[HASH_SIZE_MAX], sig[128] = {0};
	struct wr w = wr_buf(buf, size);
	size_t at;

	memcpy(header.cookie_i, k->spi, COOKIE_SIZE);
	memcpy(header.cookie_r, k->spi + COOKIE_SIZE, COOKIE_SIZE);
	isakmp_header_put(&w, &header);
	push_message_payloads(&w, &chain, c);
	at = w.n;
	isakmp_payload_put(&w, &chain, PAYLOAD_SIG, SPAN(sig, sizeof(sig)));
	isakmp_finish(&w);
	push_digest(k->sig_hash, SPAN(w.buf, at), digest);
	rsa_sign(key, SIG_DIGEST_INFO, k->sig_hash, digest, sig);
	memcpy(w.buf + at + 4, sig, sizeof(sig));
	while ((w.n - ISAKMP_HEADER) % cipher_block_size(k->cipher))
		wr_u8(&w, 0);
	isakmp_finish(&w);
	push_crypt(k->cipher, &k->key, true, w.buf + ISAKMP_HEADER, w.n - ISAKMP_HEADER);
	return w.bad ? 0 : w.n;
}

#endif
