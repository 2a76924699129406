/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes, HMACs and IKEv1 key derivation: see prf.h. */
#include "runtime/crypto/prf.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>

#include "runtime/crypto/digest.h"
#include "runtime/crypto/must.h"
#include "runtime/crypto/random.h"

/* Fetched once: a fetch costs more than the hash of a small message. */
const EVP_MD *
digest_get(enum hash_id h)
{
	static EVP_MD *md[HASH_COUNT];
	EVP_MD *fetched, *expected = NULL;

	fetched = __atomic_load_n(&md[h], __ATOMIC_ACQUIRE);
	if (fetched)
		return fetched;
	crypto_init();
	fetched = EVP_MD_fetch(NULL, hash_row(h)->openssl, NULL);
	must_hold(fetched);
	if (__atomic_compare_exchange_n(&md[h], &expected, fetched, false, __ATOMIC_ACQ_REL,
	                                __ATOMIC_ACQUIRE))
		return fetched;
	EVP_MD_free(fetched);
	return expected;
}

EVP_MAC_CTX *
digest_hmac_new(enum hash_id h, struct span key)
{
	static EVP_MAC *hmac;
	EVP_MAC *fetched = __atomic_load_n(&hmac, __ATOMIC_ACQUIRE), *expected = NULL;
	OSSL_PARAM params[2] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
	                                                         (char *)hash_row(h)->openssl, 0),
	                        OSSL_PARAM_construct_end()};
	EVP_MAC_CTX *ctx;
	uint8_t none = 0;

	if (!fetched) {
		crypto_init();
		fetched = EVP_MAC_fetch(NULL, "HMAC", NULL);
		must_hold(fetched);
		if (!__atomic_compare_exchange_n(&hmac, &expected, fetched, false, __ATOMIC_ACQ_REL,
		                                 __ATOMIC_ACQUIRE)) {
			EVP_MAC_free(fetched);
			fetched = expected;
		}
	}
	ctx = EVP_MAC_CTX_new(fetched);
	must_hold(ctx && EVP_MAC_init(ctx, key.n ? key.p : &none, key.n, params));
	return ctx;
}

size_t
hash_spans(enum hash_id h, const struct span *pieces, size_t n, uint8_t *out)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t i;

	must_hold(ctx && EVP_DigestInit_ex2(ctx, digest_get(h), NULL));
	for (i = 0; i < n; i++)
		must_hold(EVP_DigestUpdate(ctx, pieces[i].p, pieces[i].n));
	must_hold(EVP_DigestFinal_ex(ctx, out, NULL));
	EVP_MD_CTX_free(ctx);
	return hash_size(h);
}

size_t
prf_spans(enum hash_id h, struct span key, const struct span *pieces, size_t n, uint8_t *out)
{
	EVP_MAC_CTX *ctx = digest_hmac_new(h, key);
	size_t i, got;

	for (i = 0; i < n; i++)
		must_hold(EVP_MAC_update(ctx, pieces[i].p, pieces[i].n));
	must_hold(EVP_MAC_final(ctx, out, &got, HASH_SIZE_MAX));
	EVP_MAC_CTX_free(ctx);
	return got;
}

void
hkdf_derive(enum hash_id h, struct span key, struct span salt, struct span info, uint8_t *out,
            size_t n)
{
	uint8_t extracted[HASH_SIZE_MAX], block[HASH_SIZE_MAX], zeros[HASH_SIZE_MAX] = {0};
	size_t size = hash_size(h), had = 0, some;

	assert(n <= 255 * size);
	PRF(h, salt.n ? salt : SPAN(zeros, size), extracted, key);
	for (uint8_t number = 1; n; number++, out += some, n -= some) {
		PRF(h, SPAN(extracted, size), block, SPAN(block, had), info, SPAN(&number, 1));
		had = size;
		some = n < size ? n : size;
		memcpy(out, block, some);
	}
	wipe(extracted, sizeof(extracted));
	wipe(block, sizeof(block));
}

bool
scrypt_derive(struct span words, struct span salt, uint8_t *out, size_t n)
{
	return EVP_PBE_scrypt((const char *)words.p, words.n, salt.p, salt.n, 16384, 8, 1,
	                      32u << 20, out, n) == 1;
}

/* RFC 2409 Appendix B: too short a SKEYID_e is stretched, K1 = prf(SKEYID_e, 0) ... */
static void
stretch_key(struct ike_keys *k)
{
	size_t want = cipher_key_size(k->cipher), have = 0;
	uint8_t block[HASH_SIZE_MAX];
	const uint8_t zero = 0;
	size_t n;

	secret_init(&k->key, want);
	if (k->skeyid_e.n >= want) {
		memcpy(k->key.p, k->skeyid_e.p, want);
		return;
	}
	n = PRF(k->hash, secret_span(&k->skeyid_e), block, SPAN(&zero, 1));
	for (;;) {
		size_t take = want - have < n ? want - have : n;

		memcpy(k->key.p + have, block, take);
		have += take;
		if (have == want)
			break;
		PRF(k->hash, secret_span(&k->skeyid_e), block, SPAN(block, n));
	}
	wipe(block, sizeof(block));
}

static void
skeyid_next(struct ike_keys *k, struct secret *out, struct span before, const struct ike_keymat *m,
            uint8_t number)
{
	secret_init(out, hash_size(k->hash));
	PRF(k->hash, secret_span(&k->skeyid), out->p, before, m->gxy, SPAN(m->cookie_i, 8),
	    SPAN(m->cookie_r, 8), SPAN(&number, 1));
}

void
ike_keys_derive(struct ike_keys *k, enum hash_id hash, enum cipher_id cipher,
                const struct ike_keymat *m)
{
	uint8_t iv[HASH_SIZE_MAX], nonces[512];

	*k = (struct ike_keys){.hash = hash, .cipher = cipher};
	secret_init(&k->skeyid, hash_size(hash));
	if (m->psk.n) {
		PRF(hash, m->psk, k->skeyid.p, m->ni, m->nr);
	} else {
		size_t n = 0;

		must_hold(m->ni.n + m->nr.n <= sizeof(nonces));
		memcpy(nonces, m->ni.p, m->ni.n);
		n += m->ni.n;
		memcpy(nonces + n, m->nr.p, m->nr.n);
		n += m->nr.n;
		PRF(hash, SPAN(nonces, n), k->skeyid.p, m->gxy);
	}
	skeyid_next(k, &k->skeyid_d, SPAN(NULL, 0), m, 0);
	skeyid_next(k, &k->skeyid_a, secret_span(&k->skeyid_d), m, 1);
	skeyid_next(k, &k->skeyid_e, secret_span(&k->skeyid_a), m, 2);
	stretch_key(k);
	HASH(hash, iv, m->gxi, m->gxr);
	memcpy(k->iv, iv, sizeof(k->iv));
}

void
ike_keys_fini(struct ike_keys *k)
{
	secret_fini(&k->skeyid);
	secret_fini(&k->skeyid_d);
	secret_fini(&k->skeyid_a);
	secret_fini(&k->skeyid_e);
	secret_fini(&k->key);
	wipe(k, sizeof(*k));
}

size_t
ike_auth_hash(const struct ike_keys *k, enum hash_id hash, const struct ike_keymat *m,
              bool initiator, struct span sa, struct span id, uint8_t *out)
{
	struct span ci = SPAN(m->cookie_i, 8), cr = SPAN(m->cookie_r, 8);

	if (initiator)
		return PRF(hash, secret_span(&k->skeyid), out, m->gxi, m->gxr, ci, cr, sa, id);
	return PRF(hash, secret_span(&k->skeyid), out, m->gxr, m->gxi, cr, ci, sa, id);
}

void
ike_phase2_iv(const struct ike_keys *k, uint32_t message_id, uint8_t iv[static 16])
{
	uint8_t mid[4] = {(uint8_t)(message_id >> 24), (uint8_t)(message_id >> 16),
	                  (uint8_t)(message_id >> 8), (uint8_t)message_id};
	uint8_t out[HASH_SIZE_MAX];

	HASH(k->hash, out, SPAN(k->iv, cipher_block_size(k->cipher)), SPAN(mid, 4));
	memcpy(iv, out, 16);
}
