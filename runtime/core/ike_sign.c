/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signatures over HASH_I and HASH_R (RFC 2409 5.1). RSA: the bare hash, without DigestInfo; either
 * form is accepted. ECDSA (RFC 4754): each curve is a method of its own and comes with a hash. As
 * with DSS, HASH_I and HASH_R are then made with the HMAC of that hash, while all else goes on with
 * what was negotiated, and what is signed is that value itself: nothing is hashed again.
 */
#include "runtime/core/core_priv.h"
#include "runtime/crypto/cert.h"

static const struct {
	enum phase1_auth method;
	unsigned bits; /* of the EC key; 0: RSA */
	const char *missing;
} rows[] = {
    {PHASE1_AUTH_RSA_SIG, 0, "there is none, or not one with an RSA key"},
    {PHASE1_AUTH_ECDSA_256, 256, "there is none, or not one with an EC key of 256 bits"},
    {PHASE1_AUTH_ECDSA_384, 384, "there is none, or not one with an EC key of 384 bits"},
    {PHASE1_AUTH_ECDSA_521, 521, "there is none, or not one with an EC key of 521 bits"},
};

/* Its place among the rows; a pre-shared key signs nothing, and has none. */
static size_t
find_row(enum phase1_auth method)
{
	size_t i = 0;

	while (i < ARRAY_SIZE(rows) && rows[i].method != method)
		i++;
	return i;
}

/* 0: the method is no ECDSA. */
static unsigned
curve_bits(const struct ike_suite *suite)
{
	size_t i = find_row(suite->method);

	return i < ARRAY_SIZE(rows) ? rows[i].bits : 0;
}

const char *
ike_sign_missing(const struct ike_suite *suite)
{
	size_t i = find_row(suite->method);

	return i < ARRAY_SIZE(rows) ? rows[i].missing : "there is no use for one";
}

enum hash_id
ike_sign_hash(const struct ike_suite *suite)
{
	enum hash_id own = ec_hash(curve_bits(suite));

	return own == HASH_NONE ? suite->hash : own;
}

enum phase1_auth
ike_sign_method(const struct cert *cert)
{
	unsigned bits = cert_ec_bits(cert);
	size_t i = 0;

	if (!bits && !cert_is_rsa(cert))
		return 0;
	while (rows[i].bits != bits)
		i++;
	return rows[i].method;
}

size_t
ike_sign_put(const struct ike_suite *suite, struct key_pair key, struct span hash, uint8_t *ret)
{
	_Static_assert(IKE_SIG_MAX >= RSA_SIG_MAX && IKE_SIG_MAX >= EC_SIG_MAX, "");

	if (key.ec && ec_key_bits(key.ec) == curve_bits(suite))
		return ecdsa_sign(key.ec, hash.p, ret);
	if (key.rsa && suite->method == PHASE1_AUTH_RSA_SIG)
		return rsa_sign(key.rsa, SIG_BARE_HASH, suite->hash, hash.p, ret);
	return 0;
}

static bool
check_rsa(enum hash_id h, const struct cert *cert, struct span hash, struct span sig)
{
	struct rsa_key *key = cert_rsa_key(cert);
	bool good = key && (rsa_verify(key, SIG_BARE_HASH, h, hash.p, sig) ||
	                    rsa_verify(key, SIG_DIGEST_INFO, h, hash.p, sig));

	rsa_key_free(key);
	return good;
}

static bool
check_ecdsa(const struct cert *cert, struct span hash, struct span sig)
{
	struct ec_key *key = cert_ec_key(cert);
	bool good = key && ecdsa_verify(key, hash.p, sig);

	ec_key_free(key);
	return good;
}

bool
ike_sign_check(const struct ike_suite *suite, const struct cert *cert, struct span hash,
               struct span sig)
{
	if (ike_sign_method(cert) != suite->method)
		return false;
	return curve_bits(suite) ? check_ecdsa(cert, hash, sig)
	                         : check_rsa(suite->hash, cert, hash, sig);
}
