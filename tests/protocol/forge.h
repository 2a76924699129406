/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A key server of another kind, as far as its rekeys go: GROUPKEY-PUSH messages made by hand under
 * the KEK that a member has, signed with the world's RSA key, and handed to the member.
 */
#ifndef TESTUDO_TEST_FORGE_H
#define TESTUDO_TEST_FORGE_H

#include "runtime/core/core_priv.h"
#include "runtime/core/gm.h"
#include "tests/protocol/push_message.h"
#include "tests/protocol/world.h"

struct forge {
	uint32_t seq;
	size_t n_deletes;
	struct isakmp_delete deletes[4];
	struct gdoi_sa sa;
	struct gdoi_kd kd; /* empty: neither SA nor KD */
	uint8_t spis[GDOI_KEYS_MAX][4];
};

static const uint8_t forge_keys[] =
    "0123456789abcdefFEDCBA9876543210ghijklmnopqrstuvGHIJKLMNOPQRSTUV";

static inline struct gm *
forge_gm(const struct node_under_test *n)
{
	return n->core->gms[0];
}

/* The next one after the last that the member took. */
static inline struct forge *
forge_new(const struct node_under_test *n)
{
	struct forge *f = x_alloc(sizeof(*f));

	f->seq = forge_gm(n)->policy->kek.seq + 1;
	f->sa.doi = DOI_GDOI;
	return f;
}

/* A TEK for traffic between two networks of 16 bits; the second call with an SPI adds no key. */
static inline struct gdoi_sat *
forge_sat(struct forge *f, uint32_t spi, const char *src, const char *dst)
{
	struct gdoi_sat *sat = &f->sa.sats[f->sa.n_sats++];
	struct wr w = wr_buf(f->spis[f->kd.n], 4);
	size_t i;

	*sat = (struct gdoi_sat){.protocol = GDOI_PROTO_ESP,
	                         .src = gdoi_end_of(addr_of(src), 0xffff0000, 0),
	                         .dst = gdoi_end_of(addr_of(dst), 0xffff0000, 0),
	                         .transform = ESP_AES_CBC,
	                         .suite = {CIPHER_AES_128, HASH_SHA1},
	                         .spi = spi,
	                         .lifetime = 3600};
	wr_u32(&w, spi);
	for (i = 0; i < f->kd.n; i++)
		if (memcmp(f->kd.keys[i].spi.p, w.buf, 4) == 0)
			return sat;
	f->kd.keys[f->kd.n++] = (struct gdoi_key){.type = KD_TEK,
	                                          .spi = SPAN(w.buf, 4),
	                                          .key = SPAN(forge_keys + spi % 16, 16),
	                                          .auth = SPAN(forge_keys + 20, 20)};
	return sat;
}

/* The member's KEK, to be announced again or as another one (with the same keys). */
static inline struct gdoi_sak *
forge_sak(struct forge *f, struct node_under_test *n, bool another)
{
	struct gm_kek *k = &forge_gm(n)->policy->kek;
	struct gdoi_sak *s = &f->sa.sak;

	f->sa.has_sak = true;
	*s = (struct gdoi_sak){.proto = 17,
	                       .dst = gdoi_end_of(n->addr, UINT32_MAX, 848),
	                       .cipher = k->cipher,
	                       .sig_hash = k->sig_hash,
	                       .sig_algorithm = SIG_ALG_RSA,
	                       .sig_bits = 1024,
	                       .lifetime = 7200,
	                       .ack = k->ack};
	memcpy(s->spi, k->spi, sizeof(s->spi));
	s->spi[15] ^= another;
	f->kd.keys[f->kd.n++] = (struct gdoi_key){.type = KD_KEK,
	                                          .spi = SPAN(s->spi, KEK_SPI_SIZE),
	                                          .key = secret_span(&k->key),
	                                          .auth = SPAN(k->public_key, k->public_key_size)};
	return s;
}

static inline void
forge_delete(struct forge *f, uint8_t proto, uint8_t spi_size, const void *spi)
{
	f->deletes[f->n_deletes++] = (struct isakmp_delete){.doi = DOI_GDOI,
	                                                    .proto = proto,
	                                                    .spi_size = spi_size,
	                                                    .n = 1,
	                                                    .spis = SPAN(spi, spi_size)};
}

/* The whole datagram, under the KEK that the member has now. */
static inline size_t
forge_message(const struct forge *f, const struct node_under_test *n, uint8_t *buf, size_t size)
{
	const struct push_content content = {.seq = f->seq,
	                                     .n_deletes = f->n_deletes,
	                                     .deletes = f->deletes,
	                                     .sa = &f->sa,
	                                     .kd = &f->kd};

	return push_message_write(&content, &forge_gm(n)->policy->kek, n->world->rsa, buf, size);
}

static inline enum drop
forge_deliver(struct node_under_test *n, const uint8_t *dgram, size_t size)
{
	const struct path path = {.local = n->addr,
	                          .remote = addr_of("10.1.12.1"),
	                          .local_port = 848,
	                          .remote_port = 848};
	enum drop d = core_input(n->core, &path, SPAN(dgram, size), world_clock(n));

	world_drain(n);
	return d;
}

/* Made, delivered, freed. */
static inline enum drop
forge_push(struct forge *take_f, struct node_under_test *n)
{
	uint8_t *buf = x_alloc(ISAKMP_MESSAGE_MAX);
	enum drop d = forge_deliver(n, buf, forge_message(take_f, n, buf, ISAKMP_MESSAGE_MAX));

	free(buf);
	free(take_f);
	return d;
}

#endif
