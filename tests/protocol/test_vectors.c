/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two recorded conversations of another implementation (tests/protocol/vectors): decode, derive,
 * decrypt, authenticate, and write the same bytes again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "runtime/crypto/cipher.h"
#include "runtime/crypto/prf.h"
#include "runtime/crypto/sig.h"
#include "runtime/wire/gdoi.h"
#include "tests/protocol/vectors.h"

#define FIRST_ENCRYPTED 5
#define FIRST_PULL      7
#define FIRST_PUSH      11
#define BLOCK           16 /* AES */

static const char *const conversations[] = {"psk-multicast", "rsa-sig"};

/* One conversation taken apart. */
struct talk {
	struct vectors *v;
	struct ike_keys keys;
	struct ike_keymat m;
	struct rsa_key *kek_public;
};

static void
assert_span(struct span got, struct span want)
{
	assert_int_equal(got.n, want.n);
	assert_memory_equal(got.p, want.p, want.n);
}

static struct isakmp_header
header_of(struct span dgram)
{
	struct isakmp_header h;

	assert_true(isakmp_header_get(dgram, &h));
	assert_int_equal(h.length, dgram.n);
	return h;
}

/* The payloads of message n, in clear. */
static struct isakmp_payloads
payloads_of(const struct vectors *v, size_t n)
{
	struct span dgram = vectors_number(v, "datagram", n);
	struct isakmp_header h = header_of(dgram);
	bool encrypted = n >= FIRST_ENCRYPTED;
	struct span chain = encrypted ? vectors_number(v, "plain", n)
	                              : SPAN(dgram.p + ISAKMP_HEADER, dgram.n - ISAKMP_HEADER);
	struct isakmp_payloads p;

	assert_int_equal(h.flags, encrypted ? FLAG_ENCRYPTION : 0);
	assert_true(isakmp_payloads_get(h.next, chain, encrypted, &p));
	return p;
}

/* Of message n, the only payload of a type. */
static struct isakmp_payload
payload_of(const struct vectors *v, size_t n, uint8_t type)
{
	struct isakmp_payloads p = payloads_of(v, n);

	assert_int_equal(isakmp_payload_count(&p, type), 1);
	return *isakmp_payload_find(&p, type);
}

static struct talk *
talk_new(const char *name)
{
	struct talk *t = x_alloc(sizeof(*t));
	struct vectors *v = vectors_new(name);
	struct isakmp_header h;

	t->v = v;
	assert_true(v->n_datagrams > FIRST_PUSH);
	h = header_of(vectors_number(v, "datagram", 2));
	t->m = (struct ike_keymat){
	    .psk = vectors_get(v, "psk"),
	    .gxy = vectors_get(v, "gxy"),
	    .gxi = payload_of(v, 3, PAYLOAD_KE).body,
	    .gxr = payload_of(v, 4, PAYLOAD_KE).body,
	    .ni = payload_of(v, 3, PAYLOAD_NONCE).body,
	    .nr = payload_of(v, 4, PAYLOAD_NONCE).body,
	};
	memcpy(t->m.cookie_i, h.cookie_i, COOKIE_SIZE);
	memcpy(t->m.cookie_r, h.cookie_r, COOKIE_SIZE);
	ike_keys_derive(&t->keys, HASH_SHA1, CIPHER_AES_128, &t->m);
	t->kek_public = rsa_key_from_public_der(vectors_get(v, "kek_public"));
	assert_non_null(t->kek_public);
	return t;
}

static void
talk_free(struct talk *t)
{
	ike_keys_fini(&t->keys);
	rsa_key_free(t->kek_public);
	vectors_free(t->v);
	free(t);
}

/* Runs one check over every conversation. */
static void
with_talks(void (*check)(struct talk *t))
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(conversations); i++) {
		struct talk *t = talk_new(conversations[i]);

		check(t);
		talk_free(t);
	}
}

/* --- phase 1 ---------------------------------------------------------------------------------- */

static void
check_keys(struct talk *t)
{
	assert_span(secret_span(&t->keys.skeyid), vectors_get(t->v, "skeyid"));
	assert_span(secret_span(&t->keys.skeyid_d), vectors_get(t->v, "skeyid_d"));
	assert_span(secret_span(&t->keys.skeyid_a), vectors_get(t->v, "skeyid_a"));
	assert_span(secret_span(&t->keys.skeyid_e), vectors_get(t->v, "skeyid_e"));
}

static void
rfc2409_5_keys(void **state)
{
	(void)state;
	with_talks(check_keys);
}

/* Decrypts message n from iv, which becomes its last block. */
static void
decrypt_message(struct cipher *c, const struct vectors *v, size_t n, uint8_t iv[BLOCK])
{
	struct span dgram = vectors_number(v, "datagram", n);
	size_t size = dgram.n - ISAKMP_HEADER;
	uint8_t *data = x_memdup(dgram.p + ISAKMP_HEADER, size);

	assert_true(cipher_decrypt(c, iv, data, size));
	assert_span(SPAN(data, size), vectors_number(v, "plain", n));
	/* And back: the same bytes go out. */
	assert_true(cipher_encrypt(c, iv, data, size));
	assert_span(SPAN(data, size), SPAN(dgram.p + ISAKMP_HEADER, size));
	memcpy(iv, data + size - BLOCK, BLOCK);
	free(data);
}

/* Messages 5 and 6 chain from hash(g^xi | g^xr), 7 to 10 from hash(last block | M-ID). */
static void
check_decrypt(struct talk *t)
{
	struct cipher *c = cipher_new(CIPHER_AES_128, secret_span(&t->keys.key));
	uint8_t iv[BLOCK];
	size_t n;

	assert_non_null(c);
	for (n = FIRST_ENCRYPTED; n < FIRST_PULL; n++)
		decrypt_message(c, t->v, n, t->keys.iv);
	ike_phase2_iv(&t->keys, header_of(vectors_number(t->v, "datagram", n)).message_id, iv);
	for (; n < FIRST_PUSH; n++)
		decrypt_message(c, t->v, n, iv);
	cipher_free(c);
}

static void
rfc2409_b_iv_of_each_message(void **state)
{
	(void)state;
	with_talks(check_decrypt);
}

/* HASH_I and HASH_R, sent as they are or signed (bare) with the key of the certificate. */
static void
check_auth(struct talk *t)
{
	struct span sa = payload_of(t->v, 1, PAYLOAD_SA).body;
	size_t n;

	for (n = 5; n <= 6; n++) {
		struct span id = payload_of(t->v, n, PAYLOAD_ID).body;
		uint8_t hash[HASH_SIZE_MAX];
		size_t size = ike_auth_hash(&t->keys, t->keys.hash, &t->m, n == 5, sa, id, hash);
		struct rsa_key *key;

		if (t->m.psk.n) {
			assert_span(SPAN(hash, size), payload_of(t->v, n, PAYLOAD_HASH).body);
			continue;
		}
		key =
		    rsa_key_from_public_der(vectors_get(t->v, n == 5 ? "gm_public" : "ks_public"));
		assert_non_null(key);
		assert_true(rsa_verify(key, SIG_BARE_HASH, HASH_SHA1, hash,
		                       payload_of(t->v, n, PAYLOAD_SIG).body));
		assert_false(rsa_verify(key, SIG_DIGEST_INFO, HASH_SHA1, hash,
		                        payload_of(t->v, n, PAYLOAD_SIG).body));
		hash[0] ^= 1;
		assert_false(rsa_verify(key, SIG_BARE_HASH, HASH_SHA1, hash,
		                        payload_of(t->v, n, PAYLOAD_SIG).body));
		rsa_key_free(key);
	}
}

static void
rfc2409_5_1_hashes_and_signatures(void **state)
{
	(void)state;
	with_talks(check_auth);
}

static void
check_phase1_sa(struct talk *t)
{
	struct span body = payload_of(t->v, 1, PAYLOAD_SA).body;
	const struct phase1_transform *first;
	uint8_t buf[256];
	struct phase1_sa sa;
	struct wr w = wr_buf(buf, sizeof(buf));

	assert_true(phase1_sa_get(body, &sa));
	first = &sa.transforms[0];
	assert_int_equal(sa.doi, DOI_GDOI);
	assert_int_equal(sa.situation, 0);
	assert_int_equal(sa.n, 1);
	assert_int_equal(first->cipher, CIPHER_AES_128);
	assert_int_equal(first->hash, HASH_SHA1);
	assert_int_equal(first->group, 2);
	assert_int_equal(first->auth, t->m.psk.n ? PHASE1_AUTH_PSK : PHASE1_AUTH_RSA_SIG);
	assert_int_equal(first->lifetime, 600);
	phase1_sa_put(&w, &sa);
	assert_span(wr_done(&w), body);
}

static void
test_phase1_sa(void **state)
{
	(void)state;
	with_talks(check_phase1_sa);
}

/* --- GROUPKEY-PULL ---------------------------------------------------------------------------- */

/* HASH(n) = prf(SKEYID_a, M-ID | nonces known before | what follows the HASH payload). */
static void
check_pull_hashes(struct talk *t)
{
	struct span ni = payload_of(t->v, 7, PAYLOAD_NONCE).body;
	struct span nr = payload_of(t->v, 8, PAYLOAD_NONCE).body;
	size_t n;

	for (n = FIRST_PULL; n < FIRST_PUSH; n++) {
		struct span dgram = vectors_number(t->v, "datagram", n);
		struct isakmp_payloads p = payloads_of(t->v, n);
		const struct isakmp_payload *last = &p.at[p.n - 1];
		const uint8_t *rest = p.at[0].whole.p + p.at[0].whole.n;
		uint8_t hash[HASH_SIZE_MAX];
		size_t size;

		assert_int_equal(p.at[0].type, PAYLOAD_HASH);
		size = PRF(HASH_SHA1, secret_span(&t->keys.skeyid_a), hash, SPAN(dgram.p + 20, 4),
		           n > 7 ? ni : SPAN(NULL, 0), n > 8 ? nr : SPAN(NULL, 0),
		           SPAN(rest, (size_t)(last->whole.p + last->whole.n - rest)));
		assert_span(SPAN(hash, size), p.at[0].body);
	}
}

static void
rfc6407_3_2_hashes(void **state)
{
	(void)state;
	with_talks(check_pull_hashes);
}

static void
check_pull_sa(struct talk *t)
{
	struct isakmp_header push = header_of(vectors_number(t->v, "datagram", FIRST_PUSH));
	struct gdoi_sa *sa = x_alloc(sizeof(*sa));
	const struct gdoi_sat *sat = &sa->sats[0];
	struct selector s;

	assert_true(gdoi_sa_get(payload_of(t->v, 8, PAYLOAD_SA).body, sa));
	assert_int_equal(sa->doi, DOI_GDOI);
	assert_true(sa->has_sak && sa->has_gap);
	assert_int_equal(sa->n_sats, 1);
	assert_int_equal(sa->sak.proto, 17);
	assert_int_equal(sa->sak.src.addr, 0x0a090001);
	assert_int_equal(sa->sak.dst.addr, 0xef0a0101);
	assert_int_equal(sa->sak.dst.port, 848);
	assert_memory_equal(sa->sak.spi, push.cookie_i, COOKIE_SIZE);
	assert_memory_equal(sa->sak.spi + COOKIE_SIZE, push.cookie_r, COOKIE_SIZE);
	assert_int_equal(sa->sak.cipher, CIPHER_AES_128);
	assert_int_equal(sa->sak.sig_hash, HASH_SHA256);
	assert_int_equal(sa->sak.sig_algorithm, SIG_ALG_RSA);
	assert_int_equal(sa->sak.sig_bits, 2048);
	assert_int_equal(sa->sak.lifetime, 25);
	assert_int_equal(sa->gap.atd, 60);
	assert_int_equal(sa->gap.dtd, 90);
	assert_true(sat->known && !sat->transport);
	assert_int_equal(sat->suite.cipher, CIPHER_AES_128);
	assert_int_equal(sat->suite.auth, HASH_SHA1);
	assert_int_equal(sat->lifetime, 3600);
	assert_int_equal(sat->address_preservation, 3);
	assert_int_equal(sat->direction, 2);
	assert_true(gdoi_sat_selector(sat, &s));
	assert_true(s.permit);
	/* That peer meant 10.1.0.0/16 to 239.192.1.1: in a SAT, not in a SAK, it swaps octets. */
	assert_int_equal(s.src, 0x0000010a);
	assert_int_equal(s.src_mask, 0x0000ffff);
	assert_int_equal(s.dst, 0x0101c0ef);
	assert_int_equal(s.dst_mask, 0xffffffff);
	free(sa);
}

static void
test_pull_sa(void **state)
{
	(void)state;
	with_talks(check_pull_sa);
}

static void
check_pull_id(struct talk *t)
{
	uint8_t type;
	uint32_t group;

	assert_true(gdoi_group_id_get(payload_of(t->v, 7, PAYLOAD_ID).body, &type, &group));
	assert_int_equal(type, ID_KEY_ID);
	assert_int_equal(group, 1234);
}

static void
test_pull_id(void **state)
{
	(void)state;
	with_talks(check_pull_id);
}

/* --- GROUPKEY-PUSH ---------------------------------------------------------------------------- */

/* KEK_ALGORITHM_KEY of message 4: IV, then key (RFC 6407 5.6.2.1). */
static struct span
kek_of(const struct talk *t, struct gdoi_kd *kd)
{
	size_t i;

	assert_true(gdoi_kd_get(payload_of(t->v, 10, PAYLOAD_KD).body, kd));
	assert_int_equal(kd->n, 2);
	for (i = 0; i < kd->n; i++)
		if (kd->keys[i].type == KD_KEK) {
			assert_span(kd->keys[i].auth, vectors_get(t->v, "kek_public"));
			return kd->keys[i].key;
		}
	fail();
	return (struct span){0};
}

/* Every push starts from the static IV. */
static void
check_push_decrypt(struct talk *t)
{
	struct gdoi_kd *kd = x_alloc(sizeof(*kd));
	struct span kek = kek_of(t, kd);
	struct cipher *c;
	size_t n;

	assert_int_equal(kek.n, 32);
	c = cipher_new(CIPHER_AES_128, SPAN(kek.p + BLOCK, 16));
	for (n = FIRST_PUSH; n <= t->v->n_datagrams; n++) {
		uint8_t iv[BLOCK];

		memcpy(iv, kek.p, BLOCK);
		decrypt_message(c, t->v, n, iv);
	}
	cipher_free(c);
	free(kd);
}

static void
rfc6407_5_6_2_1_static_iv(void **state)
{
	(void)state;
	with_talks(check_push_decrypt);
}

/*
 * SIG covers "rekey" | HDR | the payloads before it; the header's length leaves the padding out
 * (RFC 6407 4.4, and what the other implementation does). The hash is signed bare.
 */
static void
check_push_signature(struct talk *t)
{
	size_t n;

	for (n = FIRST_PUSH; n <= t->v->n_datagrams; n++) {
		struct span dgram = vectors_number(t->v, "datagram", n);
		struct span plain = vectors_number(t->v, "plain", n);
		struct isakmp_payloads p = payloads_of(t->v, n);
		struct isakmp_payload sig = p.at[p.n - 1];
		struct span before = SPAN(plain.p, (size_t)(sig.whole.p - plain.p));
		uint32_t length = (uint32_t)(ISAKMP_HEADER + p.used);
		uint8_t header[ISAKMP_HEADER], hash[HASH_SIZE_MAX], *all;
		struct wr w = wr_buf(header + 24, 4);
		size_t size = 5 + ISAKMP_HEADER + before.n;

		assert_int_equal(sig.type, PAYLOAD_SIG);
		memcpy(header, dgram.p, ISAKMP_HEADER);
		wr_u32(&w, length);
		all = x_alloc(size);
		memcpy(all, "rekey", 5);
		memcpy(all + 5, header, ISAKMP_HEADER);
		memcpy(all + 5 + ISAKMP_HEADER, before.p, before.n);
		if (vectors_number(t->v, "signed", n).n) {
			assert_span(SPAN(all, size), vectors_number(t->v, "signed", n));
			assert_span(sig.body, vectors_number(t->v, "sig", n));
		}
		HASH(HASH_SHA256, hash, SPAN(all, size));
		assert_true(rsa_verify(t->kek_public, SIG_BARE_HASH, HASH_SHA256, hash, sig.body));
		assert_false(
		    rsa_verify(t->kek_public, SIG_DIGEST_INFO, HASH_SHA256, hash, sig.body));
		hash[31] ^= 0x80;
		assert_false(rsa_verify(t->kek_public, SIG_BARE_HASH, HASH_SHA256, hash, sig.body));
		free(all);
	}
}

static void
rfc6407_4_signature_of_a_rekey(void **state)
{
	(void)state;
	with_talks(check_push_signature);
}

static void
check_push_content(struct talk *t)
{
	struct gdoi_sa *sa = x_alloc(sizeof(*sa));
	struct isakmp_delete d;
	size_t n;

	for (n = FIRST_PUSH; n <= t->v->n_datagrams; n++) {
		struct isakmp_header h = header_of(vectors_number(t->v, "datagram", n));
		uint32_t seq;

		assert_int_equal(h.exchange, EXCHANGE_GROUPKEY_PUSH);
		assert_int_equal(h.message_id, 0);
		assert_true(gdoi_seq_get(payload_of(t->v, n, PAYLOAD_SEQ).body, &seq));
		assert_int_equal(seq, n - FIRST_PUSH + 1);
	}
	assert_true(gdoi_sa_get(payload_of(t->v, FIRST_PUSH, PAYLOAD_SA).body, sa));
	assert_int_equal(sa->n_sats, 2);
	n = t->v->n_datagrams;
	assert_true(isakmp_delete_get(payload_of(t->v, n, PAYLOAD_DELETE).body, &d));
	assert_int_equal(d.doi, DOI_GDOI);
	assert_int_equal(d.proto, GDOI_PROTO_ESP);
	assert_int_equal(d.spi_size, 4);
	assert_int_equal(d.n, n - FIRST_PUSH + 1); /* every push but the last brought one */
	free(sa);
}

static void
test_push_content(void **state)
{
	(void)state;
	with_talks(check_push_content);
}

/* --- both ways, and cut short ----------------------------------------------------------------- */

struct decoded { /* room for whatever a payload holds */
	struct phase1_sa phase1;
	struct gdoi_sa sa;
	struct gdoi_kd kd;
	struct isakmp_id id;
	struct isakmp_notify notify;
	struct isakmp_delete delete;
	uint32_t seq;
};

/* Decodes a payload; when it is well formed, writes it again. False: not well formed. */
static bool
write_again(uint8_t type, struct span body, bool phase1, struct decoded *d, struct wr *w)
{
	switch (type) {
	case PAYLOAD_SA:
		if (phase1 ? !phase1_sa_get(body, &d->phase1) : !gdoi_sa_get(body, &d->sa))
			return false;
		if (phase1)
			phase1_sa_put(w, &d->phase1);
		else
			gdoi_sa_put(w, &d->sa);
		return true;
	case PAYLOAD_KD:
		if (!gdoi_kd_get(body, &d->kd))
			return false;
		gdoi_kd_put(w, &d->kd);
		return true;
	case PAYLOAD_SEQ:
		if (!gdoi_seq_get(body, &d->seq))
			return false;
		gdoi_seq_put(w, d->seq);
		return true;
	case PAYLOAD_ID:
		if (!isakmp_id_get(body, &d->id))
			return false;
		isakmp_id_put(w, &d->id);
		return true;
	case PAYLOAD_NOTIFY:
		if (!isakmp_notify_get(body, &d->notify))
			return false;
		isakmp_notify_put(w, &d->notify);
		return true;
	case PAYLOAD_DELETE:
		if (!isakmp_delete_get(body, &d->delete))
			return false;
		isakmp_delete_put(w, &d->delete);
		return true;
	default:
		wr_span(w, body);
		return true;
	}
}

static void
check_again(struct talk *t)
{
	struct decoded *d = x_alloc(sizeof(*d));
	uint8_t *buf = x_alloc(ISAKMP_MESSAGE_MAX);
	size_t n, i;

	for (n = 1; n <= t->v->n_datagrams; n++) {
		struct span dgram = vectors_number(t->v, "datagram", n);
		struct isakmp_header h = header_of(dgram);
		struct isakmp_payloads p = payloads_of(t->v, n);
		struct wr w = wr_buf(buf, ISAKMP_MESSAGE_MAX);
		struct isakmp_chain chain = ISAKMP_CHAIN;
		struct span plain = n < FIRST_ENCRYPTED
		                        ? SPAN(dgram.p + ISAKMP_HEADER, dgram.n - ISAKMP_HEADER)
		                        : vectors_number(t->v, "plain", n);

		isakmp_header_put(&w, &h);
		buf[16] = 0; /* the chain writes it again */
		for (i = 0; i < p.n; i++) {
			isakmp_payload_begin(&w, &chain, p.at[i].type);
			assert_true(
			    write_again(p.at[i].type, p.at[i].body, n < FIRST_ENCRYPTED, d, &w));
			isakmp_payload_end(&w, &chain);
		}
		assert_false(w.bad);
		assert_memory_equal(buf, dgram.p, ISAKMP_HEADER);
		assert_span(SPAN(buf + ISAKMP_HEADER, w.n - ISAKMP_HEADER), SPAN(plain.p, p.used));
		isakmp_finish(&w);
		assert_int_equal(header_of(wr_done(&w)).length, w.n);
	}
	free(buf);
	free(d);
}

static void
test_again(void **state)
{
	(void)state;
	with_talks(check_again);
}

/*
 * Every payload cut at every length, each piece a heap block of its own, so that the sanitizer
 * sees one octet too many. What is cut is refused, but where what is left is a whole of its own.
 */
static void
cut_payload(uint8_t type, struct span body, bool phase1, struct decoded *d, uint8_t *buf)
{
	size_t n;

	for (n = 0; n < body.n; n++) {
		uint8_t *copy = x_memdup(body.p, n);
		struct wr w = wr_buf(buf, ISAKMP_MESSAGE_MAX);
		bool ok = write_again(type, SPAN(copy, n), phase1, d, &w);

		if (type == PAYLOAD_SA || type == PAYLOAD_KD || type == PAYLOAD_SEQ ||
		    type == PAYLOAD_DELETE)
			assert_false(ok);
		free(copy);
	}
}

static void
check_cut(struct talk *t)
{
	struct decoded *d = x_alloc(sizeof(*d));
	uint8_t *buf = x_alloc(ISAKMP_MESSAGE_MAX);
	size_t n, i;

	for (n = 1; n <= t->v->n_datagrams; n++) {
		struct span dgram = vectors_number(t->v, "datagram", n);
		struct isakmp_payloads p = payloads_of(t->v, n), cut;
		struct span chain = SPAN(p.at[0].whole.p, p.used);
		struct isakmp_header h;

		for (i = 0; i < p.n; i++)
			cut_payload(p.at[i].type, p.at[i].body, n < FIRST_ENCRYPTED, d, buf);
		for (i = 0; i < chain.n; i++) {
			uint8_t *copy = x_memdup(chain.p, i);

			assert_false(isakmp_payloads_get(p.at[0].type, SPAN(copy, i), true, &cut));
			free(copy);
		}
		for (i = 0; i < dgram.n; i++) {
			uint8_t *copy = x_memdup(dgram.p, i);

			assert_false(isakmp_header_get(SPAN(copy, i), &h));
			free(copy);
		}
	}
	free(buf);
	free(d);
}

static void
test_cut(void **state)
{
	(void)state;
	with_talks(check_cut);
}

/* The same, into buffers that are too small by every number of octets. */
static void
check_small_buffers(struct talk *t)
{
	struct span body = payload_of(t->v, FIRST_PUSH, PAYLOAD_SA).body;
	struct gdoi_sa *sa = x_alloc(sizeof(*sa));
	size_t n;

	assert_true(gdoi_sa_get(body, sa));
	for (n = 0; n <= body.n; n++) {
		uint8_t *buf = x_alloc(n);
		struct wr w = wr_buf(buf, n);

		gdoi_sa_put(&w, sa);
		assert_int_equal(w.bad, n < body.n);
		if (n == body.n)
			assert_span(wr_done(&w), body);
		free(buf);
	}
	free(sa);
}

static void
test_small_buffers(void **state)
{
	(void)state;
	with_talks(check_small_buffers);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rfc2409_5_keys),
	    cmocka_unit_test(rfc2409_b_iv_of_each_message),
	    cmocka_unit_test(rfc2409_5_1_hashes_and_signatures),
	    cmocka_unit_test(test_phase1_sa),
	    cmocka_unit_test(rfc6407_3_2_hashes),
	    cmocka_unit_test(test_pull_sa),
	    cmocka_unit_test(test_pull_id),
	    cmocka_unit_test(rfc6407_5_6_2_1_static_iv),
	    cmocka_unit_test(rfc6407_4_signature_of_a_rekey),
	    cmocka_unit_test(test_push_content),
	    cmocka_unit_test(test_again),
	    cmocka_unit_test(test_cut),
	    cmocka_unit_test(test_small_buffers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
