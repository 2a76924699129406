/* SPDX-License-Identifier: Apache-2.0 */
/* ECDSA over EVP, which speaks DER where IKE has r and s: see ecdsa.h. */
#include "runtime/crypto/ecdsa.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include "runtime/crypto/must.h"
#include "runtime/crypto/random.h"
#include "runtime/crypto/sig_priv.h"

struct curve {
	unsigned bits;
	size_t octets; /* of r, and of s */
	enum hash_id hash;
	const char *name;  /* as a key is made */
	const char *group; /* as OpenSSL calls the curve of one */
};

static const struct curve curves[] = {
    {256, 32, HASH_SHA256, "P-256", "prime256v1"},
    {384, 48, HASH_SHA384, "P-384", "secp384r1"},
    {521, 66, HASH_SHA512, "P-521", "secp521r1"},
};

struct ec_key {
	EVP_PKEY *key;
	const struct curve *curve;
};

static const struct curve *
curve_of_bits(unsigned bits)
{
	for (size_t i = 0; i < ARRAY_SIZE(curves); i++)
		if (curves[i].bits == bits)
			return &curves[i];
	return NULL;
}

/* RFC 5480 2.1.1: a curve is named; parameters that are spelt out are not looked at. */
bool
ec_is_named(const EVP_PKEY *key)
{
	int is_explicit = 1;

	return EVP_PKEY_get_int_param(key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS,
	                              &is_explicit) &&
	       !is_explicit;
}

static const struct curve *
curve_of_key(const EVP_PKEY *key)
{
	char group[32];

	if (!key || !EVP_PKEY_is_a(key, "EC") || !ec_is_named(key) ||
	    !EVP_PKEY_get_group_name(key, group, sizeof(group), NULL))
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(curves); i++)
		if (!strcmp(curves[i].group, group))
			return &curves[i];
	return NULL;
}

unsigned
ec_evp_bits(const EVP_PKEY *key)
{
	const struct curve *curve = curve_of_key(key);

	return curve ? curve->bits : 0;
}

struct ec_key *
ec_key_wrap(EVP_PKEY *key)
{
	const struct curve *curve = curve_of_key(key);
	struct ec_key *k;

	if (!curve) {
		EVP_PKEY_free(key);
		return NULL;
	}
	k = x_alloc(sizeof(*k));
	k->key = key;
	k->curve = curve;
	return k;
}

EVP_PKEY *
ec_key_evp(const struct ec_key *key)
{
	return key->key;
}

struct ec_key *
ec_key_generate(unsigned bits)
{
	const struct curve *curve = curve_of_bits(bits);

	crypto_init();
	return curve ? ec_key_wrap(EVP_EC_gen(curve->name)) : NULL;
}

struct ec_key *
ec_key_from_pem(struct span pem)
{
	return ec_key_wrap(sig_evp_from_pem(pem));
}

struct ec_key *
ec_key_ref(const struct ec_key *key)
{
	must_hold(EVP_PKEY_up_ref(key->key));
	return ec_key_wrap(key->key);
}

void
ec_key_free(struct ec_key *key)
{
	if (!key)
		return;
	EVP_PKEY_free(key->key);
	free(key);
}

unsigned
ec_key_bits(const struct ec_key *key)
{
	return key->curve->bits;
}

struct span
ec_key_public_der(const struct ec_key *key)
{
	return sig_evp_public_der(key->key);
}

void
ec_key_private_pem(const struct ec_key *key, struct secret *ret)
{
	sig_evp_private_pem(key->key, ret);
}

enum hash_id
ec_hash(unsigned bits)
{
	const struct curve *curve = curve_of_bits(bits);

	return curve ? curve->hash : HASH_NONE;
}

/* --- signatures ------------------------------------------------------------------------------- */

/* Both numbers of a signature in DER, each in the curve's octets. */
static bool
split_der(const struct curve *curve, const unsigned char *der, size_t n, uint8_t *out)
{
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)n);
	int octets = (int)curve->octets;
	bool ok = sig && BN_bn2binpad(ECDSA_SIG_get0_r(sig), out, octets) == octets &&
	          BN_bn2binpad(ECDSA_SIG_get0_s(sig), out + octets, octets) == octets;

	ECDSA_SIG_free(sig);
	return ok;
}

/* The same as DER, which the caller frees; NULL: it has not the curve's length. */
static unsigned char *
join_der(const struct curve *curve, struct span sig, int *ret_n)
{
	ECDSA_SIG *pair = sig.n == 2 * curve->octets ? ECDSA_SIG_new() : NULL;
	unsigned char *der = NULL;
	BIGNUM *r, *s;

	if (!pair)
		return NULL;
	r = BN_bin2bn(sig.p, (int)curve->octets, NULL);
	s = BN_bin2bn(sig.p + curve->octets, (int)curve->octets, NULL);
	must_hold(r && s && ECDSA_SIG_set0(pair, r, s));
	*ret_n = i2d_ECDSA_SIG(pair, &der);
	ECDSA_SIG_free(pair);
	return der;
}

static EVP_PKEY_CTX *
context_new(const struct ec_key *key, int (*init)(EVP_PKEY_CTX *))
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key->key, NULL);

	if (ctx && init(ctx) > 0)
		return ctx;
	EVP_PKEY_CTX_free(ctx);
	return NULL;
}

size_t
ecdsa_sign(const struct ec_key *key, const uint8_t *digest, uint8_t *out)
{
	EVP_PKEY_CTX *ctx = context_new(key, EVP_PKEY_sign_init);
	unsigned char der[EC_SIG_MAX + 16];
	size_t n = sizeof(der);
	bool ok = ctx && EVP_PKEY_sign(ctx, der, &n, digest, hash_size(key->curve->hash)) > 0 &&
	          split_der(key->curve, der, n, out);

	EVP_PKEY_CTX_free(ctx);
	return ok ? 2 * key->curve->octets : 0;
}

bool
ecdsa_verify(const struct ec_key *key, const uint8_t *digest, struct span sig)
{
	int n = 0;
	unsigned char *der = join_der(key->curve, sig, &n);
	EVP_PKEY_CTX *ctx = der ? context_new(key, EVP_PKEY_verify_init) : NULL;
	bool ok = ctx && n > 0 &&
	          EVP_PKEY_verify(ctx, der, (size_t)n, digest, hash_size(key->curve->hash)) == 1;

	EVP_PKEY_CTX_free(ctx);
	OPENSSL_free(der);
	return ok;
}
