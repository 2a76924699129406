/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cryptography that hides nothing and refuses nothing, so that inputs of a fuzz target get
 * behind it: what is encrypted stays as it is, any HASH and signature of the right size is right,
 * any certificate is trusted. The linker puts these functions in the place of the real ones
 * (--wrap, tests/fuzz/CMakeLists.txt), in fuzz_inside alone: the product never has this file.
 */
#include <string.h>

#include "runtime/crypto/cert.h"
#include "runtime/crypto/cipher.h"
#include "runtime/crypto/dh.h"
#include "runtime/crypto/sig.h"
#include "runtime/wire/isakmp.h"

/* Of the types that the headers give the real ones. */
__typeof__(cipher_encrypt) __wrap_cipher_encrypt;
__typeof__(cipher_decrypt) __wrap_cipher_decrypt;
__typeof__(span_equal_ct) __real_span_equal_ct, __wrap_span_equal_ct;
__typeof__(rsa_sign) __wrap_rsa_sign;
__typeof__(rsa_verify) __wrap_rsa_verify;
__typeof__(ecdsa_sign) __wrap_ecdsa_sign;
__typeof__(ecdsa_verify) __wrap_ecdsa_verify;
__typeof__(cert_verify) __wrap_cert_verify;
__typeof__(dh_generate) __wrap_dh_generate;
__typeof__(dh_compute) __wrap_dh_compute;

bool
__wrap_cipher_encrypt(struct cipher *c, const uint8_t *iv, uint8_t *data, size_t n)
{
	(void)c, (void)iv, (void)data;
	return n % 8 == 0;
}

bool
__wrap_cipher_decrypt(struct cipher *c, const uint8_t *iv, uint8_t *data, size_t n)
{
	return __wrap_cipher_encrypt(c, iv, data, n);
}

/* Cookies must still be the right ones: they say whose message it is. */
bool
__wrap_span_equal_ct(struct span a, struct span b)
{
	return a.n == COOKIE_SIZE ? __real_span_equal_ct(a, b) : a.n == b.n;
}

size_t
__wrap_rsa_sign(const struct rsa_key *key, enum sig_form form, enum hash_id h,
                const uint8_t *digest, uint8_t *out)
{
	size_t n = key ? rsa_key_bits(key) / 8 : 0;

	(void)form, (void)h, (void)digest;
	memset(out, 0x51, n);
	return n;
}

bool
__wrap_rsa_verify(const struct rsa_key *key, enum sig_form form, enum hash_id h,
                  const uint8_t *digest, struct span sig)
{
	(void)key, (void)form, (void)h, (void)digest;
	return sig.n > 0;
}

size_t
__wrap_ecdsa_sign(const struct ec_key *key, const uint8_t *digest, uint8_t *out)
{
	size_t n = 2 * ((ec_key_bits(key) + 7) / 8);

	(void)digest;
	memset(out, 0x51, n);
	return n;
}

bool
__wrap_ecdsa_verify(const struct ec_key *key, const uint8_t *digest, struct span sig)
{
	(void)key, (void)digest;
	return sig.n > 0;
}

const char *
__wrap_cert_verify(const struct cert *c, struct cert_list cas, struct cert_list chain,
                   struct crl_check *crls, int64_t now)
{
	(void)c, (void)cas, (void)chain, (void)crls, (void)now;
	return NULL;
}

bool
__wrap_dh_generate(struct dh *dh)
{
	return dh != NULL;
}

bool
__wrap_dh_compute(struct dh *dh, struct span peer, struct secret *ret)
{
	if (peer.n != dh_public(dh).n)
		return false;
	secret_init(ret, 32);
	return true;
}
