/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Message 5 of main mode, kept on its way and made anew by somebody who has the member's keys: the
 * same ID, another certificate or signature.
 */
#ifndef TESTUDO_TEST_MESSAGE5_H
#define TESTUDO_TEST_MESSAGE5_H

#include "tests/protocol/world.h"

/* A fault: keeps the first encrypted message of main mode, and loses it and all that follow. */
static inline unsigned
keep_message5(struct world *w, struct packet *p)
{
	struct packet *kept = w->fault_arg;

	if (p->bytes[18] != EXCHANGE_MAIN || !(p->bytes[19] & FLAG_ENCRYPTION))
		return 1;
	if (!kept->n) {
		*kept = *p;
		kept->bytes = x_memdup(p->bytes, p->n);
	}
	return 0;
}

/* A chain of payloads before it is encrypted, as they stand in the member's own message. */
struct message5 {
	uint8_t bytes[ISAKMP_MESSAGE_MAX];
	struct isakmp_payloads payloads;
	struct span cert, sig; /* what stands in their place; p NULL: nothing does */
	size_t n_before;
	struct span before[8]; /* more of CERT, in front of it */
};

static inline void
message5_open(const struct node_under_test *gm, const struct packet *kept, struct message5 *ret)
{
	const struct ike_sa *sa = gm->core->ike.all;
	size_t n = kept->n - ISAKMP_HEADER;
	const struct isakmp_payload *cert, *sig;

	ret->n_before = 0;
	memcpy(ret->bytes, kept->bytes + ISAKMP_HEADER, n);
	assert_true(cipher_decrypt(sa->cipher, sa->keys.iv, ret->bytes, n));
	assert_true(
	    isakmp_payloads_get(kept->bytes[16], SPAN(ret->bytes, n), true, &ret->payloads));
	cert = isakmp_payload_find(&ret->payloads, PAYLOAD_CERT);
	sig = isakmp_payload_find(&ret->payloads, PAYLOAD_SIG);
	ret->cert = cert ? cert->body : (struct span){0};
	ret->sig = sig ? sig->body : (struct span){0};
}

/* Its octets on the wire; buf holds ISAKMP_MESSAGE_MAX. */
static inline size_t
message5_write(const struct node_under_test *gm, const struct message5 *m, uint8_t *buf)
{
	const struct ike_sa *sa = gm->core->ike.all;
	struct wr w = wr_buf(buf, ISAKMP_MESSAGE_MAX);
	struct isakmp_chain chain = ISAKMP_CHAIN;
	struct isakmp_header h = {
	    .version = ISAKMP_VERSION, .exchange = EXCHANGE_MAIN, .flags = FLAG_ENCRYPTION};

	memcpy(h.cookie_i, sa->cookie_i, COOKIE_SIZE);
	memcpy(h.cookie_r, sa->cookie_r, COOKIE_SIZE);
	isakmp_header_put(&w, &h);
	for (size_t i = 0; i < m->payloads.n; i++) {
		const struct isakmp_payload *p = &m->payloads.at[i];
		struct span body = p->type == PAYLOAD_CERT  ? m->cert
		                   : p->type == PAYLOAD_SIG ? m->sig
		                                            : p->body;

		for (size_t k = 0; p->type == PAYLOAD_CERT && k < m->n_before; k++)
			isakmp_payload_put(&w, &chain, PAYLOAD_CERT, m->before[k]);
		if (body.p)
			isakmp_payload_put(&w, &chain, p->type, body);
	}
	while ((w.n - ISAKMP_HEADER) % cipher_block_size(sa->keys.cipher))
		wr_u8(&w, 0);
	isakmp_finish(&w);
	assert_true(
	    cipher_encrypt(sa->cipher, sa->keys.iv, buf + ISAKMP_HEADER, w.n - ISAKMP_HEADER));
	return w.n;
}

/* What the server makes of it, after the same way as the kept one. */
static inline enum drop
message5_give(struct node_under_test *ks, const struct node_under_test *gm,
              const struct packet *kept, const struct message5 *m)
{
	uint8_t *buf = x_alloc(ISAKMP_MESSAGE_MAX);
	size_t n = message5_write(gm, m, buf);
	enum drop d = core_input(ks->core, &kept->path, SPAN(buf, n), ks->world->now);

	world_drain(ks);
	free(buf);
	return d;
}

#endif
