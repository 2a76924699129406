/* SPDX-License-Identifier: Apache-2.0 */
/* RSA over EVP: see sig.h. */
#include "runtime/crypto/sig.h"

#include <stdlib.h>

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "runtime/crypto/digest.h"
#include "runtime/crypto/must.h"
#include "runtime/crypto/random.h"
#include "runtime/crypto/sig_priv.h"

#define RSA_BITS_MIN          512
#define RSA_EXPONENT_BITS_MAX 64
#define RSA_BITS_MAX          4096

struct rsa_key {
	EVP_PKEY *key;
};

int
sig_no_passphrase(char *buf, int size, int writing, void *arg)
{
	(void)buf, (void)size, (void)writing, (void)arg;
	return -1;
}

EVP_PKEY *
sig_evp_from_pem(struct span pem)
{
	BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
	EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, sig_no_passphrase, NULL) : NULL;

	BIO_free(bio);
	return key;
}

struct span
sig_evp_public_der(const EVP_PKEY *key)
{
	unsigned char *der = NULL;
	int n = i2d_PUBKEY(key, &der);
	struct span copy;

	must_hold(n > 0);
	copy = SPAN(x_memdup(der, (size_t)n), (size_t)n);
	OPENSSL_free(der);
	return copy;
}

void
sig_evp_private_pem(const EVP_PKEY *key, struct secret *ret)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	char *text;
	long n;

	must_hold(bio && PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL));
	n = BIO_get_mem_data(bio, &text);
	secret_copy(ret, SPAN(text, (size_t)n));
	BIO_free(bio);
}

/* With a public exponent as long as the modulus, to check a signature costs as much as to sign. */
static bool
has_short_exponent(const EVP_PKEY *key)
{
	BIGNUM *e = NULL;
	bool is_short = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &e) &&
	                BN_num_bits(e) <= RSA_EXPONENT_BITS_MAX;

	BN_free(e);
	return is_short;
}

struct rsa_key *
rsa_key_wrap(EVP_PKEY *key)
{
	struct rsa_key *k;

	if (!key || !EVP_PKEY_is_a(key, "RSA") || EVP_PKEY_get_bits(key) < RSA_BITS_MIN ||
	    EVP_PKEY_get_bits(key) > RSA_BITS_MAX || !has_short_exponent(key)) {
		EVP_PKEY_free(key);
		return NULL;
	}
	k = x_alloc(sizeof(*k));
	k->key = key;
	return k;
}

EVP_PKEY *
rsa_key_evp(const struct rsa_key *key)
{
	return key->key;
}

struct rsa_key *
rsa_key_generate(unsigned bits)
{
	if (bits < RSA_BITS_MIN || bits > RSA_BITS_MAX)
		return NULL;
	crypto_init();
	return rsa_key_wrap(EVP_RSA_gen(bits));
}

struct rsa_key *
rsa_key_from_public_der(struct span spki)
{
	const unsigned char *p = spki.p;
	EVP_PKEY *key = d2i_PUBKEY(NULL, &p, (long)spki.n);

	if (key && p != spki.p + spki.n) {
		EVP_PKEY_free(key);
		return NULL;
	}
	return rsa_key_wrap(key);
}

struct rsa_key *
rsa_key_from_pem(struct span pem)
{
	return rsa_key_wrap(sig_evp_from_pem(pem));
}

struct rsa_key *
rsa_key_ref(const struct rsa_key *key)
{
	struct rsa_key *ref = x_alloc(sizeof(*ref)); /* not looked at again: that may fail */

	must_hold(EVP_PKEY_up_ref(key->key));
	ref->key = key->key;
	return ref;
}

void
rsa_key_free(struct rsa_key *key)
{
	if (!key)
		return;
	EVP_PKEY_free(key->key);
	free(key);
}

unsigned
rsa_key_bits(const struct rsa_key *key)
{
	return (unsigned)EVP_PKEY_get_bits(key->key);
}

struct span
rsa_key_public_der(const struct rsa_key *key)
{
	return sig_evp_public_der(key->key);
}

void
rsa_key_private_pem(const struct rsa_key *key, struct secret *ret)
{
	sig_evp_private_pem(key->key, ret);
}

static EVP_PKEY_CTX *
context_new(const struct rsa_key *key, enum sig_form form, enum hash_id h,
            int (*init)(EVP_PKEY_CTX *))
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key->key, NULL);

	if (!ctx || init(ctx) <= 0 || EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) <= 0 ||
	    (form == SIG_DIGEST_INFO && EVP_PKEY_CTX_set_signature_md(ctx, digest_get(h)) <= 0)) {
		EVP_PKEY_CTX_free(ctx);
		return NULL;
	}
	return ctx;
}

size_t
rsa_sign(const struct rsa_key *key, enum sig_form form, enum hash_id h, const uint8_t *digest,
         uint8_t *out)
{
	EVP_PKEY_CTX *ctx = context_new(key, form, h, EVP_PKEY_sign_init);
	size_t n = RSA_SIG_MAX;

	if (!ctx || EVP_PKEY_sign(ctx, out, &n, digest, hash_size(h)) <= 0)
		n = 0;
	EVP_PKEY_CTX_free(ctx);
	return n;
}

bool
rsa_verify(const struct rsa_key *key, enum sig_form form, enum hash_id h, const uint8_t *digest,
           struct span sig)
{
	EVP_PKEY_CTX *ctx = context_new(key, form, h, EVP_PKEY_verify_init);
	bool ok = ctx && EVP_PKEY_verify(ctx, sig.p, sig.n, digest, hash_size(h)) == 1;

	EVP_PKEY_CTX_free(ctx);
	return ok;
}
