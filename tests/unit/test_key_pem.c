/* SPDX-License-Identifier: Apache-2.0 */
/* Key pairs as PEM under a passphrase, out and back in; what is no such pair is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>

#include "runtime/crypto/key_pem.h"
#include "runtime/crypto/sig_priv.h"

static const char pass[] = "correct horse";

static struct span
text_span(const char *s)
{
	return SPAN(s, strlen(s));
}

struct pair {
	struct key_pair key;
	struct rsa_key *rsa;
	struct ec_key *ec;
	EVP_PKEY *evp; /* borrowed */
	char *public;
};

static struct pair
make_pair(bool ec)
{
	struct pair p = {0};

	if (ec)
		p.ec = ec_key_generate(384);
	else
		p.rsa = rsa_key_generate(1024);
	p.key = (struct key_pair){.rsa = p.rsa, .ec = p.ec};
	p.evp = ec ? ec_key_evp(p.ec) : rsa_key_evp(p.rsa);
	p.public = key_pem_public(p.key);
	return p;
}

static void
free_pair(struct pair *p)
{
	rsa_key_free(p->rsa);
	ec_key_free(p->ec);
	free(p->public);
}

static char *
take_text(BIO *bio)
{
	char *text, *copy;
	long n = BIO_get_mem_data(bio, &text);

	copy = calloc(1, (size_t)n + 1);
	memcpy(copy, text, (size_t)n);
	BIO_free(bio);
	return copy;
}

static bool
is_same(const struct pair *p, const struct key_pem_pair *got)
{
	const EVP_PKEY *key = got->rsa ? rsa_key_evp(got->rsa) : ec_key_evp(got->ec);

	return EVP_PKEY_eq(p->evp, key) == 1;
}

/* Reads both texts; a pair that is read must be the one that was written. */
static enum key_pem_error
read_texts(const struct pair *p, const char *public, const char *private, const char *passphrase)
{
	struct key_pem_pair got = {0};
	enum key_pem_error error = key_pem_read(p->ec != NULL, text_span(public),
	                                        text_span(private), text_span(passphrase), &got);

	if (error)
		assert_true(!got.rsa && !got.ec);
	else
		assert_true(is_same(p, &got));
	rsa_key_free(got.rsa);
	ec_key_free(got.ec);
	return error;
}

/* --- out and in ------------------------------------------------------------------------------- */

static void
out_and_in(void **state)
{
	static const char *const infos[] = {"DEK-Info: DES-EDE3-CBC,", "DEK-Info: AES-256-CBC,"};

	(void)state;
	for (int ec = 0; ec < 2; ec++) {
		struct pair p = make_pair(ec);

		for (int c = KEY_PEM_3DES; c <= KEY_PEM_AES; c++) {
			char *text =
			    key_pem_private(p.key, (enum key_pem_cipher)c, text_span(pass));

			assert_non_null(strstr(text, infos[c]));
			assert_non_null(strstr(text, "Proc-Type: 4,ENCRYPTED\n"));
			assert_int_equal(strncmp(text,
			                         ec ? "-----BEGIN EC PRIVATE KEY-----\n"
			                            : "-----BEGIN RSA PRIVATE KEY-----\n",
			                         30),
			                 0);
			assert_int_equal(read_texts(&p, p.public, text, pass), KEY_PEM_FINE);
			assert_int_equal(read_texts(&p, p.public, text, "correct hors"),
			                 KEY_PEM_NO_PRIVATE);
			assert_int_equal(read_texts(&p, p.public, text, ""), KEY_PEM_NO_PRIVATE);
			free(text);
		}
		free_pair(&p);
	}
}

/* The same key twice under one passphrase does not look the same. */
static void
salted_anew(void **state)
{
	struct pair p = make_pair(false);
	char *a = key_pem_private(p.key, KEY_PEM_AES, text_span(pass)),
	     *b = key_pem_private(p.key, KEY_PEM_AES, text_span(pass));

	(void)state;
	assert_string_not_equal(a, b);
	free(a);
	free(b);
	free_pair(&p);
}

static char *
seal_pkcs8(const EVP_PKEY *key, int iterations)
{
	BIO *bio = BIO_new(BIO_s_mem());
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
	X509_ALGOR *how =
	    PKCS5_pbe2_set_iv(EVP_aes_256_cbc(), 1000, NULL, 0, NULL, NID_hmacWithSHA256);
	X509_SIG *sealed = PKCS8_set0_pbe(pass, sizeof(pass) - 1, info, how);
	const X509_ALGOR *there;
	PBE2PARAM *scheme;
	PBKDF2PARAM *stretch;

	X509_SIG_get0(sealed, &there, NULL);
	scheme = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBE2PARAM), there->parameter);
	stretch =
	    ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBKDF2PARAM), scheme->keyfunc->parameter);
	ASN1_INTEGER_set(stretch->iter, iterations);
	ASN1_TYPE_pack_sequence(ASN1_ITEM_rptr(PBKDF2PARAM), stretch, &scheme->keyfunc->parameter);
	ASN1_TYPE_pack_sequence(ASN1_ITEM_rptr(PBE2PARAM), scheme,
	                        (ASN1_TYPE **)(uintptr_t)&there->parameter);
	PEM_write_bio_PKCS8(bio, sealed);
	PBKDF2PARAM_free(stretch);
	PBE2PARAM_free(scheme);
	X509_SIG_free(sealed);
	PKCS8_PRIV_KEY_INFO_free(info);
	return take_text(bio);
}

static char *
pkcs8_scrypt(const EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
	X509_ALGOR *how = PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), NULL, 0, NULL, 1024, 8, 1);
	X509_SIG *sealed = PKCS8_set0_pbe(pass, sizeof(pass) - 1, info, how);

	PEM_write_bio_PKCS8(bio, sealed);
	X509_SIG_free(sealed);
	PKCS8_PRIV_KEY_INFO_free(info);
	return take_text(bio);
}

/* RFC 5958. How often the passphrase is hashed is the text's to say: within bounds. */
static void
pkcs8_in(void **state)
{
	(void)state;
	for (int ec = 0; ec < 2; ec++) {
		struct pair p = make_pair(ec);
		char *fine = seal_pkcs8(p.evp, 1000), *odd = seal_pkcs8(p.evp, 1001),
		     *costly = seal_pkcs8(p.evp, INT32_MAX), *none = seal_pkcs8(p.evp, 0),
		     *other = pkcs8_scrypt(p.evp);

		assert_int_equal(read_texts(&p, p.public, fine, pass), KEY_PEM_FINE);
		assert_int_equal(read_texts(&p, p.public, fine, "wrong"), KEY_PEM_NO_PRIVATE);
		assert_int_equal(read_texts(&p, p.public, odd, pass), KEY_PEM_NO_PRIVATE);
		assert_int_equal(read_texts(&p, p.public, costly, pass), KEY_PEM_COSTLY);
		assert_int_equal(read_texts(&p, p.public, none, pass), KEY_PEM_COSTLY);
		assert_int_equal(read_texts(&p, p.public, other, pass), KEY_PEM_COSTLY);
		free(fine);
		free(odd);
		free(costly);
		free(none);
		free(other);
		free_pair(&p);
	}
}

static void
in_clear(void **state)
{
	struct pair p = make_pair(false);
	BIO *old = BIO_new(BIO_s_mem()), *new = BIO_new(BIO_s_mem());
	char *a, *b;

	(void)state;
	PEM_write_bio_PrivateKey_traditional(old, p.evp, NULL, NULL, 0, NULL, NULL);
	PEM_write_bio_PrivateKey(new, p.evp, NULL, NULL, 0, NULL, NULL);
	a = take_text(old);
	b = take_text(new);
	assert_int_equal(read_texts(&p, p.public, a, pass), KEY_PEM_IN_CLEAR);
	assert_int_equal(read_texts(&p, p.public, b, pass), KEY_PEM_IN_CLEAR);
	free(a);
	free(b);
	free_pair(&p);
}

/* --- what does not belong together ------------------------------------------------------------ */

static void
mismatched_keys(void **state)
{
	struct pair p = make_pair(false), q = make_pair(false), e = make_pair(true);
	char *text = key_pem_private(p.key, KEY_PEM_AES, text_span(pass)),
	     *ec = key_pem_private(e.key, KEY_PEM_AES, text_span(pass));

	(void)state;
	assert_int_equal(read_texts(&p, q.public, text, pass), KEY_PEM_MISMATCH);
	assert_int_equal(read_texts(&p, e.public, text, pass), KEY_PEM_MISMATCH);
	assert_int_equal(read_texts(&p, e.public, ec, pass), KEY_PEM_UNFIT); /* RSA was wanted */
	assert_int_equal(read_texts(&e, p.public, text, pass), KEY_PEM_UNFIT);
	assert_int_equal(read_texts(&p, text, text, pass), KEY_PEM_NO_PUBLIC);
	assert_int_equal(read_texts(&p, p.public, p.public, pass), KEY_PEM_NO_PRIVATE);
	assert_int_equal(read_texts(&p, "", text, pass), KEY_PEM_NO_PUBLIC);
	assert_int_equal(read_texts(&p, p.public, "", pass), KEY_PEM_NO_PRIVATE);
	free(text);
	free(ec);
	free_pair(&p);
	free_pair(&q);
	free_pair(&e);
}

/* The pair with another private exponent. */
static EVP_PKEY *
with_exponent(const EVP_PKEY *key, BIGNUM *d)
{
	static const char *const names[] = {
	    OSSL_PKEY_PARAM_RSA_N,           OSSL_PKEY_PARAM_RSA_E,
	    OSSL_PKEY_PARAM_RSA_FACTOR1,     OSSL_PKEY_PARAM_RSA_FACTOR2,
	    OSSL_PKEY_PARAM_RSA_EXPONENT1,   OSSL_PKEY_PARAM_RSA_EXPONENT2,
	    OSSL_PKEY_PARAM_RSA_COEFFICIENT1};
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
	BIGNUM *numbers[ARRAY_SIZE(names)] = {NULL};
	OSSL_PARAM *params;
	EVP_PKEY *made = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		assert_true(EVP_PKEY_get_bn_param(key, names[i], &numbers[i]));
		OSSL_PARAM_BLD_push_BN(bld, names[i], numbers[i]);
	}
	OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_D, d);
	params = OSSL_PARAM_BLD_to_param(bld);
	assert_int_equal(EVP_PKEY_fromdata_init(ctx), 1);
	assert_int_equal(EVP_PKEY_fromdata(ctx, &made, EVP_PKEY_KEYPAIR, params), 1);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(bld);
	EVP_PKEY_CTX_free(ctx);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		BN_free(numbers[i]);
	return made;
}

/* d + 2^20000 (p - 1) (q - 1): it signs as d does, but each signature takes long. */
static void
fatten_exponent(const EVP_PKEY *key, BIGNUM *d)
{
	BIGNUM *p = NULL, *q = NULL;
	BN_CTX *ctx = BN_CTX_new();

	assert_true(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_FACTOR1, &p));
	assert_true(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_FACTOR2, &q));
	BN_sub_word(p, 1);
	BN_sub_word(q, 1);
	BN_mul(p, p, q, ctx);
	BN_lshift(p, p, 20000);
	BN_add(d, d, p);
	BN_CTX_free(ctx);
	BN_free(p);
	BN_free(q);
}

static void
unsound_numbers(void **state)
{
	static const enum key_pem_error want[] = {KEY_PEM_FINE, KEY_PEM_UNFIT, KEY_PEM_UNFIT};
	struct pair p = make_pair(false);
	BIGNUM *d = NULL;

	(void)state;
	assert_true(EVP_PKEY_get_bn_param(p.evp, OSSL_PKEY_PARAM_RSA_D, &d));
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		EVP_PKEY *bad;
		char *text;

		if (i == 1)
			fatten_exponent(p.evp, d);
		else if (i == 2)
			BN_set_word(d, 3);
		bad = with_exponent(p.evp, d);
		text = seal_pkcs8(bad, 1000);
		assert_int_equal(read_texts(&p, p.public, text, pass), want[i]);
		free(text);
		EVP_PKEY_free(bad);
	}
	BN_free(d);
	free_pair(&p);
}

/* What stands under the passphrase may be anything, too: nobody has signed it. */
static void
mutated_octets(void **state)
{
	uint64_t random = 1;

	(void)state;
	for (int ec = 0; ec < 2; ec++) {
		struct pair p = make_pair(ec);
		const EVP_CIPHER *aes = EVP_aes_256_cbc();
		unsigned char *der = NULL;
		int n = i2d_PrivateKey(p.evp, &der);

		for (int i = 0; i < 200; i++) {
			const char *name = ec ? PEM_STRING_ECPRIVATEKEY : PEM_STRING_RSA;
			unsigned char iv[16] = {0}, key[32], sealed[4096];
			EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
			BIO *bio = BIO_new(BIO_s_mem());
			int at, kept, done, more;
			char *text;

			random = random * 6364136223846793005u + 1442695040888963407u;
			at = (int)(random >> 33) % n;
			kept = der[at];
			der[at] = (unsigned char)(random >> 25);
			EVP_BytesToKey(aes, EVP_md5(), iv, (const unsigned char *)pass,
			               sizeof(pass) - 1, 1, key, NULL);
			EVP_EncryptInit_ex(ctx, aes, NULL, key, iv);
			EVP_EncryptUpdate(ctx, sealed, &done, der, n);
			EVP_EncryptFinal_ex(ctx, sealed + done, &more);
			PEM_write_bio(bio, name,
			              "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,"
			              "00000000000000000000000000000000\n",
			              sealed, done + more);
			text = take_text(bio);
			read_texts(&p, p.public, text, pass);
			free(text);
			EVP_CIPHER_CTX_free(ctx);
			der[at] = (unsigned char)kept;
		}
		OPENSSL_free(der);
		free_pair(&p);
	}
}

/* --- damage ----------------------------------------------------------------------------------- */

/* A text cut anywhere, or with any character changed, is no key, or the same one. */
static void
damaged_texts(void **state)
{
	(void)state;
	for (int ec = 0; ec < 2; ec++) {
		struct pair p = make_pair(ec);
		char *text = key_pem_private(p.key, KEY_PEM_3DES, text_span(pass));
		size_t n = strlen(text);

		for (size_t i = 0; i < n; i += 7) {
			char kept = text[i];

			text[i] = kept == 'A' ? 'B' : 'A';
			read_texts(&p, p.public, text, pass);
			text[i] = '\0';
			if (i < n - 1)
				assert_int_not_equal(read_texts(&p, p.public, text, pass),
				                     KEY_PEM_FINE);
			text[i] = kept;
		}
		n = strlen(p.public);
		for (size_t i = 0; i < n; i++) {
			char kept = p.public[i];

			p.public[i] = kept == 'A' ? 'B' : 'A';
			read_texts(&p, p.public, text, pass);
			p.public[i] = kept;
		}
		free(text);
		free_pair(&p);
	}
}

static void
huge_texts(void **state)
{
	static const char head[] = "-----BEGIN RSA PRIVATE KEY-----\n"
				   "Proc-Type: 4,ENCRYPTED\n"
				   "DEK-Info: AES-256-CBC,00112233445566778899AABBCCDDEEFF\n\n",
			  tail[] = "-----END RSA PRIVATE KEY-----\n";
	struct pair p = make_pair(false);
	char *fine = key_pem_private(p.key, KEY_PEM_AES, text_span(pass)), *text;

	(void)state;
	for (size_t lines = 200; lines <= 20000; lines *= 10) {
		BIO *bio = BIO_new(BIO_s_mem());

		BIO_puts(bio, head);
		for (size_t i = 0; i < lines; i++)
			BIO_puts(
			    bio,
			    "MIIEowIBAAKCAQEAMIIEowIBAAKCAQEAMIIEowIBAAKCAQEAMIIEowIBAAKCAQEA\n");
		BIO_puts(bio, tail);
		text = take_text(bio);
		assert_int_equal(read_texts(&p, p.public, text, pass), KEY_PEM_NO_PRIVATE);
		assert_int_equal(read_texts(&p, text, fine, pass), KEY_PEM_NO_PUBLIC);
		free(text);
	}
	/* what stands behind a key does not count, but there is an end to it */
	text = calloc(1, KEY_PEM_MAX + 2);
	strcpy(text, fine);
	memset(text + strlen(fine), '\n', KEY_PEM_MAX - strlen(fine));
	assert_int_equal(read_texts(&p, p.public, text, pass), KEY_PEM_FINE);
	strcat(text, "\n");
	assert_int_equal(read_texts(&p, p.public, text, pass), KEY_PEM_NO_PRIVATE);
	free(text);
	free(fine);
	free_pair(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(out_and_in),      cmocka_unit_test(salted_anew),
	    cmocka_unit_test(pkcs8_in),        cmocka_unit_test(in_clear),
	    cmocka_unit_test(mismatched_keys), cmocka_unit_test(unsound_numbers),
	    cmocka_unit_test(mutated_octets),  cmocka_unit_test(damaged_texts),
	    cmocka_unit_test(huge_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
