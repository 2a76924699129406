/* SPDX-License-Identifier: Apache-2.0 */
/* Known answers, and what holds for every algorithm: hashes, ciphers, Diffie-Hellman, RSA. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/crypto/cipher.h"
#include "runtime/crypto/dh.h"
#include "runtime/crypto/prf.h"
#include "runtime/crypto/random.h"
#include "runtime/crypto/sig.h"
#include "runtime/crypto/siphash.h"

#define HEX_MAX 512

static const uint16_t groups[] = {1, 2, 5, 14, 15, 16, 19, 20, 21};

/* Text to bytes; valid until the next call but seven. */
static struct span
hex_span(const char *text)
{
	static uint8_t buffers[8][HEX_MAX];
	static unsigned turn;
	uint8_t *p = buffers[turn++ % 8];
	size_t n;

	for (n = 0; text[2 * n]; n++) {
		char two[3] = {text[2 * n], text[2 * n + 1], '\0'};

		p[n] = (uint8_t)strtoul(two, NULL, 16);
	}
	return SPAN(p, n);
}

static struct span
text_span(const char *s)
{
	return SPAN(s, strlen(s));
}

static void
assert_hex(const uint8_t *got, size_t n, const char *want)
{
	struct span s = hex_span(want);

	assert_int_equal(n, s.n);
	assert_memory_equal(got, s.p, s.n);
}

/* --- secrets and randomness ------------------------------------------------------------------- */

static void
test_secret(void **state)
{
	struct secret a = {0}, b = {0}, c = {0};

	(void)state;
	secret_copy(&a, text_span("one key"));
	secret_copy(&b, text_span("two key"));
	assert_false(secret_equal(&a, &b));
	secret_clone(&b, &a);
	assert_true(secret_equal(&a, &b));
	assert_ptr_not_equal(a.p, b.p);
	b.n--;
	assert_false(secret_equal(&a, &b));
	b.n++;
	secret_move(&c, &b);
	assert_null(b.p);
	assert_true(secret_equal(&a, &c));
	secret_fini(&a);
	secret_fini(&c);
	assert_null(a.p);
	assert_true(secret_equal(&a, &b)); /* both hold nothing */
	secret_fini(&a);
}

/* --- hashes and ciphers ----------------------------------------------------------------------- */

static void
test_hash(void **state)
{
	static const struct {
		enum hash_id h;
		const char *digest; /* of "abc": RFC 1321, FIPS 180 */
	} table[] = {
	    {HASH_MD5, "900150983cd24fb0d6963f7d28e17f72"},
	    {HASH_SHA1, "a9993e364706816aba3e25717850c26c9cd0d89d"},
	    {HASH_SHA256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
	    {HASH_SHA384, "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
	                  "8086072ba1e7cc2358baeca134c825a7"},
	    {HASH_SHA512, "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
	                  "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
	};
	uint8_t out[HASH_SIZE_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(table); i++) {
		assert_hex(out, HASH(table[i].h, out, text_span("abc")), table[i].digest);
		assert_hex(out,
		           HASH(table[i].h, out, text_span("a"), text_span(""), text_span("bc")),
		           table[i].digest);
	}
}

static void
test_hmac(void **state)
{
	static const struct {
		enum hash_id h;
		const char *mac; /* key "Jefe": RFC 2202, RFC 4231 test case 2 */
	} table[] = {
	    {HASH_MD5, "750c783e6ab0b503eaa86e310a5db738"},
	    {HASH_SHA1, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"},
	    {HASH_SHA256, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
	    {HASH_SHA384, "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
	                  "8e2240ca5e69e2c78b3239ecfab21649"},
	    {HASH_SHA512, "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
	                  "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"},
	};
	const struct span pieces[] = {text_span("what do ya want "), text_span("for nothing?")};
	uint8_t out[HASH_SIZE_MAX];
	size_t i, turn;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(table); i++) {
		struct mac *m = mac_new(table[i].h, text_span("Jefe"));

		assert_hex(out, prf_spans(table[i].h, text_span("Jefe"), pieces, 2, out),
		           table[i].mac);
		for (turn = 0; turn < 3; turn++) { /* the context is used again and again */
			memset(out, 0, sizeof(out));
			mac_compute(m, pieces, 2, out);
			assert_hex(out, hash_size(table[i].h), table[i].mac);
		}
		mac_free(m);
	}
}

static void
test_cipher(void **state)
{
	static const struct {
		enum cipher_id id;
		const char *key, *iv, *plain, *sealed;
	} table[] = {
	    /* NIST SP 800-38A F.2.1, F.2.3, F.2.5 */
	    {CIPHER_AES_128, "2b7e151628aed2a6abf7158809cf4f3c", "000102030405060708090a0b0c0d0e0f",
	     "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51",
	     "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"},
	    {CIPHER_AES_192, "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b",
	     "000102030405060708090a0b0c0d0e0f",
	     "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51",
	     "4f021db243bc633d7178183a9fa071e8b4d9ada9ad7dedf4e5e738763f69145a"},
	    {CIPHER_AES_256, "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
	     "000102030405060708090a0b0c0d0e0f",
	     "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51",
	     "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d"},
	    /* FIPS 81 Table C1 */
	    {CIPHER_DES, "0123456789abcdef", "1234567890abcdef",
	     "4e6f77206973207468652074696d6520666f7220616c6c20",
	     "e5c7cdde872bf27c43e934008c389c0f683788499a7c05f6"},
	    /* three times the same key is DES */
	    {CIPHER_3DES, "0123456789abcdef0123456789abcdef0123456789abcdef", "1234567890abcdef",
	     "4e6f77206973207468652074696d6520666f7220616c6c20",
	     "e5c7cdde872bf27c43e934008c389c0f683788499a7c05f6"},
	};
	size_t i, turn;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(table); i++) {
		struct span key = hex_span(table[i].key), iv = hex_span(table[i].iv);
		struct span plain = hex_span(table[i].plain);
		uint8_t data[HEX_MAX];
		struct cipher *c;

		if (table[i].id == CIPHER_DES && !crypto_has_des()) {
			print_message("SKIPPED: this OpenSSL has no single DES\n");
			continue;
		}
		c = cipher_new(table[i].id, key);
		assert_non_null(c);
		for (turn = 0; turn < 3; turn++) { /* each call starts from its IV */
			memcpy(data, plain.p, plain.n);
			assert_true(cipher_encrypt(c, iv.p, data, plain.n));
			assert_hex(data, plain.n, table[i].sealed);
			assert_true(cipher_decrypt(c, iv.p, data, plain.n));
			assert_hex(data, plain.n, table[i].plain);
		}
		assert_false(cipher_encrypt(c, iv.p, data, plain.n - 1));
		assert_true(cipher_encrypt(c, iv.p, data, 0));
		cipher_free(c);
		assert_null(cipher_new(table[i].id, SPAN(key.p, key.n - 1)));
	}
	assert_null(cipher_new(CIPHER_NULL, text_span("")));
	cipher_free(NULL);
}

/* RFC 2409 Appendix B: a short SKEYID_e is stretched, K = K1 | K2, Ki = prf(SKEYID_e, Ki-1). */
static void
rfc2409_b_key_is_stretched(void **state)
{
	uint8_t nonce[16] = {1}, gxy[96] = {2}, k1[HASH_SIZE_MAX], k2[HASH_SIZE_MAX];
	struct ike_keymat m = {.psk = text_span("key"),
	                       .ni = SPAN(nonce, 16),
	                       .nr = SPAN(nonce, 16),
	                       .gxy = SPAN(gxy, 96),
	                       .gxi = SPAN(gxy, 96),
	                       .gxr = SPAN(gxy, 96)};
	struct ike_keys k;

	(void)state;
	ike_keys_derive(&k, HASH_MD5, CIPHER_AES_256, &m);
	assert_int_equal(k.key.n, 32);
	PRF(HASH_MD5, secret_span(&k.skeyid_e), k1, SPAN("", 1));
	PRF(HASH_MD5, secret_span(&k.skeyid_e), k2, SPAN(k1, 16));
	assert_memory_equal(k.key.p, k1, 16);
	assert_memory_equal(k.key.p + 16, k2, 16);
	ike_keys_fini(&k);
	/* Long enough: its first octets. */
	ike_keys_derive(&k, HASH_SHA256, CIPHER_3DES, &m);
	assert_int_equal(k.key.n, 24);
	assert_memory_equal(k.key.p, k.skeyid_e.p, 24);
	ike_keys_fini(&k);
}

/* --- Diffie-Hellman --------------------------------------------------------------------------- */

static void
test_dh_agree(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(groups); i++) {
		struct dh *a = dh_new(groups[i]), *b = dh_new(groups[i]);
		size_t n = dh_public_size(groups[i]);
		struct secret x = {0}, y = {0};

		assert_true(dh_group_known(groups[i]));
		assert_false(dh_compute(a, SPAN("", 0), &x)); /* nothing generated yet */
		assert_true(dh_generate(a) && dh_generate(b));
		assert_int_equal(dh_public(a).n, n);
		assert_memory_not_equal(dh_public(a).p, dh_public(b).p, n);
		assert_true(dh_compute(a, dh_public(b), &x));
		assert_true(dh_compute(b, dh_public(a), &y));
		assert_true(secret_equal(&x, &y));
		assert_int_equal(x.n, groups[i] < 19 ? n : n / 2); /* RFC 5903: x alone */
		secret_fini(&x);
		secret_fini(&y);
		dh_free(a);
		dh_free(b);
	}
	assert_false(dh_group_known(3));
	assert_int_equal(dh_public_size(3), 0);
	assert_null(dh_new(3));
	dh_free(NULL);
}

/*
 * A peer whose exponent is 1 sends the generator, and the secret is our own public value: holds the
 * generators (RFC 2409 6: 2; RFC 5903 3: base points), the curves and both layouts.
 */
static void
test_dh_generator(void **state)
{
	static const char *const points[] = {
	    "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
	    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
	    "aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a38"
	    "5502f25dbf55296c3a545e3872760ab7"
	    "3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c0"
	    "0a60b1ce1d7e819d7a431d7c90ea0e5f",
	    "00c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d"
	    "3dbaa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66"
	    "011839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e"
	    "662c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650",
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(groups); i++) {
		struct dh *a = dh_new(groups[i]);
		uint8_t two[DH_PUBLIC_MAX] = {0};
		struct span peer = SPAN(two, dh_public_size(groups[i]));
		struct secret x = {0};

		two[peer.n - 1] = 2;
		if (groups[i] >= 19)
			peer = hex_span(points[groups[i] - 19]);
		assert_true(dh_generate(a));
		assert_true(dh_compute(a, peer, &x));
		assert_memory_equal(x.p, dh_public(a).p, x.n);
		secret_fini(&x);
		dh_free(a);
	}
}

static void *
dh_in_thread(void *arg)
{
	size_t i, turn, *agreed = arg;

	for (turn = 0; turn < 4; turn++)
		for (i = 0; i < ARRAY_SIZE(groups); i++) {
			struct dh *a = dh_new(groups[i]), *b = dh_new(groups[i]);
			struct secret x = {0}, y = {0};

			*agreed += dh_generate(a) && dh_generate(b) &&
			           dh_compute(a, dh_public(b), &x) &&
			           dh_compute(b, dh_public(a), &y) && secret_equal(&x, &y);
			secret_fini(&x);
			secret_fini(&y);
			dh_free(a);
			dh_free(b);
		}
	return NULL;
}

/* Jobs run in a pool, and nothing has been fetched or loaded before them: this test comes first. */
static void
test_threads(void **state)
{
	pthread_t threads[4];
	size_t agreed[ARRAY_SIZE(threads)] = {0}, i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, dh_in_thread, &agreed[i]), 0);
	for (i = 0; i < ARRAY_SIZE(threads); i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(agreed[i], 4 * ARRAY_SIZE(groups));
	}
}

/* Public values and g^xy keep their leading zeros: about one in 256 has one. */
static void
rfc2409_5_leading_zeros_are_kept(void **state)
{
	struct dh *a = dh_new(1), *b = dh_new(1);
	size_t turn, zeros = 0, public_zeros = 0;

	(void)state;
	crypto_random_seed(5);
	assert_true(dh_generate(a));
	for (turn = 0; turn < 4000 && !(zeros && public_zeros); turn++) {
		struct secret x = {0}, y = {0};

		assert_true(dh_generate(b));
		assert_int_equal(dh_public(b).n, 96);
		public_zeros += dh_public(b).p[0] == 0;
		assert_true(dh_compute(a, dh_public(b), &x));
		assert_int_equal(x.n, 96);
		if (x.p[0] == 0) {
			assert_true(dh_compute(b, dh_public(a), &y));
			assert_true(secret_equal(&x, &y));
			zeros++;
		}
		secret_fini(&x);
		secret_fini(&y);
	}
	assert_true(zeros > 0 && public_zeros > 0);
	dh_free(a);
	dh_free(b);
}

/* What a peer may not send: see dh_compute. */
static void
test_dh_bad_values(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(groups); i++) {
		struct dh *a = dh_new(groups[i]);
		size_t n = dh_public_size(groups[i]);
		uint8_t y[DH_PUBLIC_MAX + 1] = {0};
		struct secret x = {0};

		assert_true(dh_generate(a));
		assert_false(dh_compute(a, SPAN(y, n), &x)); /* 0 */
		y[n - 1] = 1;
		assert_false(dh_compute(a, SPAN(y, n), &x)); /* 1; no point with y = 1 */
		memset(y, 0xff, sizeof(y));
		assert_false(dh_compute(a, SPAN(y, n), &x)); /* above the prime */
		memcpy(y, dh_public(a).p, n);
		assert_false(dh_compute(a, SPAN(y, n - 1), &x));
		assert_false(dh_compute(a, SPAN(y, n + 1), &x));
		assert_false(dh_compute(a, SPAN(y, 0), &x));
		assert_true(dh_compute(a, SPAN(y, n), &x));
		if (groups[i] >= 19) {
			y[n - 1] ^= 1; /* off the curve */
			secret_fini(&x);
			assert_false(dh_compute(a, SPAN(y, n), &x));
			assert_null(x.p);
		}
		secret_fini(&x);
		dh_free(a);
	}
}

/* The primes, known by their edge: p - 1 and p are refused, p - 2 is taken. */
static void
test_dh_prime_edge(void **state)
{
	/* RFC 2409 6.1 and 6.2, in full. */
	static const char *const primes[] = {
	    "ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74"
	    "020bbea63b139b22514a08798e3404ddef9519b3cd3a431b302b0a6df25f1437"
	    "4fe1356d6d51c245e485b576625e7ec6f44c42e9a63a3620ffffffffffffffff",
	    "ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74"
	    "020bbea63b139b22514a08798e3404ddef9519b3cd3a431b302b0a6df25f1437"
	    "4fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed"
	    "ee386bfb5a899fa5ae9f24117c4b1fe649286651ece65381ffffffffffffffff",
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(primes); i++) {
		struct dh *a = dh_new((uint16_t)(i + 1));
		struct span p = hex_span(primes[i]);
		uint8_t y[HEX_MAX];
		struct secret x = {0};

		assert_int_equal(p.n, dh_public_size((uint16_t)(i + 1)));
		assert_true(dh_generate(a));
		memcpy(y, p.p, p.n);
		assert_false(dh_compute(a, SPAN(y, p.n), &x));
		y[p.n - 1] = 0xfe; /* p - 1: of order two */
		assert_false(dh_compute(a, SPAN(y, p.n), &x));
		y[p.n - 1] = 0xfd;
		assert_true(dh_compute(a, SPAN(y, p.n), &x));
		secret_fini(&x);
		dh_free(a);
	}
}

/* --- RSA -------------------------------------------------------------------------------------- */

static void
test_rsa_sign(void **state)
{
	static const enum hash_id hashes[] = {HASH_MD5, HASH_SHA1, HASH_SHA256, HASH_SHA384,
	                                      HASH_SHA512};
	struct rsa_key *key = rsa_key_generate(1024), *other = rsa_key_generate(1024);
	uint8_t digest[HASH_SIZE_MAX], sig[RSA_SIG_MAX];
	enum sig_form form;
	size_t i, n;

	(void)state;
	assert_non_null(key);
	assert_int_equal(rsa_key_bits(key), 1024);
	crypto_random(digest, sizeof(digest));
	for (i = 0; i < ARRAY_SIZE(hashes); i++)
		for (form = SIG_DIGEST_INFO; form <= SIG_BARE_HASH; form++) {
			enum sig_form wrong =
			    form == SIG_BARE_HASH ? SIG_DIGEST_INFO : SIG_BARE_HASH;
			enum hash_id h = hashes[i];

			n = rsa_sign(key, form, h, digest, sig);
			assert_int_equal(n, 128);
			assert_true(rsa_verify(key, form, h, digest, SPAN(sig, n)));
			assert_false(rsa_verify(key, wrong, h, digest, SPAN(sig, n)));
			assert_false(rsa_verify(other, form, h, digest, SPAN(sig, n)));
			assert_false(rsa_verify(key, form, h, digest, SPAN(sig, n - 1)));
			assert_false(rsa_verify(key, form, h, digest, SPAN(sig, 0)));
			digest[3] ^= 4;
			assert_false(rsa_verify(key, form, h, digest, SPAN(sig, n)));
			digest[3] ^= 4;
			sig[9] ^= 1;
			assert_false(rsa_verify(key, form, h, digest, SPAN(sig, n)));
		}
	rsa_key_free(key);
	rsa_key_free(other);
	rsa_key_free(NULL);
}

static void
test_rsa_keep(void **state)
{
	struct rsa_key *key = rsa_key_generate(768), *loaded, *public, *second;
	uint8_t digest[HASH_SIZE_MAX] = {1}, sig[RSA_SIG_MAX], *cut;
	struct secret pem = {0};
	struct span der;
	size_t n, i;

	(void)state;
	rsa_key_private_pem(key, &pem);
	loaded = rsa_key_from_pem(secret_span(&pem));
	assert_non_null(loaded);
	der = rsa_key_public_der(key);
	public = rsa_key_from_public_der(der);
	assert_non_null(public);
	second = rsa_key_ref(public);
	rsa_key_free(public);
	n = rsa_sign(loaded, SIG_DIGEST_INFO, HASH_SHA256, digest, sig);
	assert_int_equal(n, 96);
	assert_true(rsa_verify(second, SIG_DIGEST_INFO, HASH_SHA256, digest, SPAN(sig, n)));
	assert_int_equal(rsa_sign(second, SIG_DIGEST_INFO, HASH_SHA256, digest, sig), 0);
	for (i = 0; i < der.n; i++) { /* a peer sends this */
		cut = x_memdup(der.p, i);
		assert_null(rsa_key_from_public_der(SPAN(cut, i)));
		free(cut);
	}
	cut = x_alloc(der.n + 1);
	memcpy(cut, der.p, der.n);
	assert_null(rsa_key_from_public_der(SPAN(cut, der.n + 1)));
	free(cut);
	assert_null(rsa_key_from_pem(text_span("-----BEGIN PRIVATE KEY-----\n")));
	free((void *)der.p);
	rsa_key_free(second);
	rsa_key_free(loaded);
	rsa_key_free(key);
	secret_fini(&pem);
}

static void
test_rsa_sizes(void **state)
{
	struct rsa_key *key;

	(void)state;
	assert_null(rsa_key_generate(360)); /* IOS makes one, OpenSSL does not */
	assert_null(rsa_key_generate(4097));
	key = rsa_key_generate(512);
	assert_non_null(key);
	/* SHA-512 with its DigestInfo has no room in 512 bits. */
	assert_int_equal(rsa_sign(key, SIG_DIGEST_INFO, HASH_SHA512, (const uint8_t[64]){0},
	                          (uint8_t[RSA_SIG_MAX]){0}),
	                 0);
	rsa_key_free(key);
}

/* --- repeatability ---------------------------------------------------------------------------- */

/* All that a lab makes of randomness, in one hash. */
static void
make_everything(uint64_t seed, uint8_t out[32])
{
	struct rsa_key *key;
	uint8_t bytes[40];
	struct span der;
	size_t i;

	crypto_random_seed(seed);
	crypto_random(bytes, sizeof(bytes));
	HASH(HASH_SHA256, out, SPAN(bytes, sizeof(bytes)));
	for (i = 0; i < ARRAY_SIZE(groups); i++) {
		struct dh *dh = dh_new(groups[i]);

		assert_true(dh_generate(dh));
		HASH(HASH_SHA256, out, SPAN(out, 32), dh_public(dh));
		dh_free(dh);
	}
	key = rsa_key_generate(1024);
	der = rsa_key_public_der(key);
	HASH(HASH_SHA256, out, SPAN(out, 32), der);
	free((void *)der.p);
	rsa_key_free(key);
	crypto_random(bytes, sizeof(bytes)); /* as much was drawn before */
	HASH(HASH_SHA256, out, SPAN(out, 32), SPAN(bytes, sizeof(bytes)));
}

/* RFC 5869 A.1 and A.3. */
static void
test_hkdf(void **state)
{
	struct span salt = hex_span("000102030405060708090a0b0c"),
		    info = hex_span("f0f1f2f3f4f5f6f7f8f9");
	uint8_t key[22], out[42];

	(void)state;
	memset(key, 0x0b, sizeof(key));
	hkdf_derive(HASH_SHA256, SPAN(key, sizeof(key)), salt, info, out, sizeof(out));
	assert_memory_equal(out,
	                    hex_span("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4"
	                             "c5bf34007208d5b887185865")
	                        .p,
	                    sizeof(out));
	hkdf_derive(HASH_SHA256, SPAN(key, sizeof(key)), SPAN("", 0), SPAN("", 0), out,
	            sizeof(out));
	assert_memory_equal(out,
	                    hex_span("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c73"
	                             "8d2d9d201395faa4b61a96c8")
	                        .p,
	                    sizeof(out));
}

/* McGrew and Viega, "The Galois/Counter Mode of Operation", test case 16: a nonce of 96 bits. */
static void
gcm_whole_nonce(void **state)
{
	static const uint8_t salt[4] = {0};
	struct span nonce = hex_span("cafebabefacedbaddecaf888"),
		    aad = hex_span("feedfacedeadbeeffeedfacedeadbeefabaddad2"),
		    clear =
			hex_span("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
	                         "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"),
		    want =
			hex_span("522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
	                         "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662");
	uint8_t keymat[36], data[60], icv[AEAD_ICV];
	struct aead *a;

	(void)state;
	memcpy(keymat,
	       hex_span("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308").p, 32);
	memcpy(keymat + 32, salt, 4);
	a = aead_new(CIPHER_GCM_256, SPAN(keymat, sizeof(keymat)));
	assert_non_null(a);
	memcpy(data, clear.p, sizeof(data));
	assert_true(aead_seal_nonce(a, nonce.p, aad, data, sizeof(data), icv));
	assert_memory_equal(data, want.p, sizeof(data));
	assert_memory_equal(icv, hex_span("76fc6ece0f4e1768cddf8853bb2d551b").p, AEAD_ICV);
	assert_true(aead_open_nonce(a, nonce.p, aad, data, sizeof(data), icv));
	assert_memory_equal(data, clear.p, sizeof(data));
	icv[15] ^= 1;
	assert_false(aead_open_nonce(a, nonce.p, aad, data, sizeof(data), icv));
	aead_free(a);
}

static void
test_seed(void **state)
{
	uint8_t a[32], b[32], c[32];

	(void)state;
	make_everything(1, a);
	make_everything(1, b);
	make_everything(2, c);
	assert_memory_equal(a, b, 32);
	assert_memory_not_equal(a, c, 32);
}

/* The vectors of its authors: key 00..0f, input 00..n-1. */
static void
test_siphash(void **state)
{
	static const struct {
		size_t n;
		uint64_t want;
	} cases[] = {
	    {0, 0x726fdb47dd0e0e31u},  {1, 0x74f839c593dc67fdu},  {8, 0x93f5f5799a932462u},
	    {15, 0xa129ca6149be45e5u}, {63, 0x958a324ceb064572u},
	};
	uint8_t bytes[64];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint8_t *exact = malloc(cases[i].n + 1);

		memcpy(exact, bytes, cases[i].n);
		assert_true(siphash(bytes, SPAN(exact, cases[i].n)) == cases[i].want);
		free(exact);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_threads),
	    cmocka_unit_test(test_secret),
	    cmocka_unit_test(test_hash),
	    cmocka_unit_test(test_siphash),
	    cmocka_unit_test(test_hmac),
	    cmocka_unit_test(test_cipher),
	    cmocka_unit_test(rfc2409_b_key_is_stretched),
	    cmocka_unit_test(test_dh_agree),
	    cmocka_unit_test(test_dh_generator),
	    cmocka_unit_test(test_dh_bad_values),
	    cmocka_unit_test(test_dh_prime_edge),
	    cmocka_unit_test(rfc2409_5_leading_zeros_are_kept),
	    cmocka_unit_test(test_rsa_sign),
	    cmocka_unit_test(test_rsa_keep),
	    cmocka_unit_test(test_rsa_sizes),
	    cmocka_unit_test(test_hkdf),
	    cmocka_unit_test(gcm_whole_nonce),
	    cmocka_unit_test(test_seed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
