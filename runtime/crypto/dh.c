/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Diffie-Hellman over EVP. MODP groups 1 and 2 are no longer named by OpenSSL, so every MODP group
 * is given by its prime; private exponents are twice the group's strength, not the prime's length.
 */
#include "runtime/crypto/dh.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/dh.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include "runtime/crypto/must.h"
#include "runtime/crypto/random.h"

struct dh {
	const struct dh_row *group;
	EVP_PKEY *key;
	uint8_t public[DH_PUBLIC_MAX];
};

/* The prime of a MODP group; the caller frees it. */
static BIGNUM *
modp_prime(const struct dh_row *g)
{
	switch (g->number) {
	case 1:
		return BN_get_rfc2409_prime_768(NULL);
	case 2:
		return BN_get_rfc2409_prime_1024(NULL);
	case 5:
		return BN_get_rfc3526_prime_1536(NULL);
	case 14:
		return BN_get_rfc3526_prime_2048(NULL);
	case 15:
		return BN_get_rfc3526_prime_3072(NULL);
	case 16:
		return BN_get_rfc3526_prime_4096(NULL);
	default:
		return NULL;
	}
}

/* Parameters of a MODP group, with the peer's public value when there is one. */
static EVP_PKEY *
modp_key(const struct dh_row *g, struct span public)
{
	OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
	BIGNUM *p = modp_prime(g), *generator = BN_new(), *pub = NULL;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "DH", NULL);
	OSSL_PARAM *params = NULL;
	EVP_PKEY *key = NULL;

	must_hold(bld && p && generator && ctx && BN_set_word(generator, 2));
	must_hold(OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_FFC_P, p) &&
	          OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_FFC_G, generator));
	if (public.n) {
		pub = BN_bin2bn(public.p, (int)public.n, NULL);
		must_hold(pub && OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_PUB_KEY, pub));
	}
	params = OSSL_PARAM_BLD_to_param(bld);
	if (!params || EVP_PKEY_fromdata_init(ctx) <= 0 ||
	    EVP_PKEY_fromdata(ctx, &key, public.n ? EVP_PKEY_PUBLIC_KEY : EVP_PKEY_KEY_PARAMETERS,
	                      params) <= 0)
		key = NULL;
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(bld);
	EVP_PKEY_CTX_free(ctx);
	BN_free(p);
	BN_free(generator);
	BN_free(pub);
	return key;
}

/* The group's parameters, made once; DH generation copies them. */
static EVP_PKEY *
modp_parameters(const struct dh_row *g)
{
	static EVP_PKEY *cache[DH_NUMBER_MAX + 1];
	EVP_PKEY **slot = &cache[g->number], *expected = NULL;
	EVP_PKEY *key = __atomic_load_n(slot, __ATOMIC_ACQUIRE);

	if (key)
		return key;
	key = modp_key(g, SPAN(NULL, 0));
	must_hold(key);
	if (__atomic_compare_exchange_n(slot, &expected, key, false, __ATOMIC_ACQ_REL,
	                                __ATOMIC_ACQUIRE))
		return key;
	EVP_PKEY_free(key);
	return expected;
}

struct dh *
dh_new(uint16_t group)
{
	struct dh *dh;

	if (!dh_group_known(group))
		return NULL;
	crypto_init();
	dh = x_alloc(sizeof(*dh));
	dh->group = dh_row(group);
	return dh;
}

void
dh_free(struct dh *dh)
{
	if (!dh)
		return;
	EVP_PKEY_free(dh->key);
	free(dh);
}

static EVP_PKEY *
generate_key(const struct dh_row *g)
{
	EVP_PKEY_CTX *ctx = g->curve ? EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL)
	                             : EVP_PKEY_CTX_new_from_pkey(NULL, modp_parameters(g), NULL);
	int bits = g->exponent;
	OSSL_PARAM length[2] = {OSSL_PARAM_construct_int(OSSL_PKEY_PARAM_DH_PRIV_LEN, &bits),
	                        OSSL_PARAM_construct_end()};
	EVP_PKEY *key = NULL;

	/* The length in the parameters is not heeded when keys are made from them. */
	if (!ctx || EVP_PKEY_keygen_init(ctx) <= 0 ||
	    (g->curve && EVP_PKEY_CTX_set_group_name(ctx, g->curve) <= 0) ||
	    (!g->curve && EVP_PKEY_CTX_set_params(ctx, length) <= 0) ||
	    EVP_PKEY_generate(ctx, &key) <= 0)
		key = NULL;
	EVP_PKEY_CTX_free(ctx);
	return key;
}

/* The public value as RFC 2409 (padded to the prime) and RFC 5903 (x | y) have it. */
static bool
export_public(struct dh *dh)
{
	size_t n = dh->group->public_size, got;
	uint8_t point[1 + DH_PUBLIC_MAX];
	BIGNUM *pub = NULL;
	bool ok;

	if (dh->group->curve) {
		if (!EVP_PKEY_get_octet_string_param(dh->key, OSSL_PKEY_PARAM_PUB_KEY, point,
		                                     sizeof(point), &got) ||
		    got != n + 1 || point[0] != POINT_CONVERSION_UNCOMPRESSED)
			return false;
		memcpy(dh->public, point + 1, n);
		return true;
	}
	ok = EVP_PKEY_get_bn_param(dh->key, OSSL_PKEY_PARAM_PUB_KEY, &pub) == 1 &&
	     BN_bn2binpad(pub, dh->public, (int)n) == (int)n;
	BN_free(pub);
	return ok;
}

bool
dh_generate(struct dh *dh)
{
	EVP_PKEY_free(dh->key);
	dh->key = generate_key(dh->group);
	return dh->key && export_public(dh);
}

struct span
dh_public(const struct dh *dh)
{
	return SPAN(dh->public, dh->group->public_size);
}

static EVP_PKEY *
ecp_key(const struct dh_row *g, struct span public)
{
	uint8_t point[1 + DH_PUBLIC_MAX] = {POINT_CONVERSION_UNCOMPRESSED};
	OSSL_PARAM params[3] = {
	    OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)g->curve, 0),
	    OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, public.n + 1),
	    OSSL_PARAM_construct_end(),
	};
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *key = NULL;

	memcpy(point + 1, public.p, public.n);
	if (!ctx || EVP_PKEY_fromdata_init(ctx) <= 0 ||
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) <= 0)
		key = NULL;
	EVP_PKEY_CTX_free(ctx);
	return key;
}

/* RFC 2412 E / RFC 2631: 1 < y < p - 1. OpenSSL's own check wants a q these groups do not carry. */
static bool
modp_value_ok(const struct dh_row *g, struct span public)
{
	BIGNUM *p = modp_prime(g), *y = BN_bin2bn(public.p, (int)public.n, NULL);
	bool ok =
	    p && y && BN_sub_word(p, 1) && !BN_is_zero(y) && !BN_is_one(y) && BN_cmp(y, p) < 0;

	BN_free(p);
	BN_free(y);
	return ok;
}

bool
dh_peer_right(const struct dh *dh, struct span peer)
{
	const struct dh_row *g = dh->group;

	return peer.n == g->public_size && (g->curve || modp_value_ok(g, peer));
}

bool
dh_compute(struct dh *dh, struct span peer, struct secret *ret)
{
	const struct dh_row *g = dh->group;
	EVP_PKEY *other;
	EVP_PKEY_CTX *ctx = NULL;
	struct secret out = {0};
	size_t n = g->curve ? g->public_size / 2 : g->public_size;
	bool ok = false;

	if (!dh->key || !dh_peer_right(dh, peer))
		return false;
	other = g->curve ? ecp_key(g, peer) : modp_key(g, peer);
	if (!other)
		return false;
	secret_init(&out, n);
	ctx = EVP_PKEY_CTX_new_from_pkey(NULL, dh->key, NULL);
	if (!ctx || EVP_PKEY_derive_init(ctx) <= 0)
		goto out;
	/* g^xy keeps its leading zeros: it goes into a hash. */
	if (!g->curve && EVP_PKEY_CTX_set_dh_pad(ctx, 1) <= 0)
		goto out;
	/* The peer's value was checked above (MODP) or by the import (a point on the curve). */
	if (EVP_PKEY_derive_set_peer_ex(ctx, other, 0) <= 0)
		goto out;
	ok = EVP_PKEY_derive(ctx, out.p, &n) == 1 && n == out.n;
out:
	if (ok)
		secret_move(ret, &out);
	secret_fini(&out);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(other);
	return ok;
}
