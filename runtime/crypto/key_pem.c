/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key pairs as PEM under a passphrase: see key_pem.h. A private key that comes in is read in two
 * steps, armour and ASN.1, so that what is decrypted stays in memory that is wiped, and that the
 * work which a text asks for is known before it is done.
 */
#include "runtime/crypto/key_pem.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include "runtime/crypto/cert_priv.h"
#include "runtime/crypto/must.h"
#include "runtime/crypto/random.h"
#include "runtime/crypto/sig_priv.h"

/* --- out -------------------------------------------------------------------------------------- */

static EVP_PKEY *
evp_of(struct key_pair key)
{
	return key.rsa ? rsa_key_evp(key.rsa) : ec_key_evp(key.ec);
}

static char *
take_text(BIO *bio)
{
	char *text, *copy;
	long n = BIO_get_mem_data(bio, &text);

	copy = x_alloc((size_t)n + 1);
	memcpy(copy, text, (size_t)n);
	BIO_free(bio);
	return copy;
}

char *
key_pem_public(struct key_pair key)
{
	BIO *bio = BIO_new(BIO_s_mem());

	must_hold(bio && PEM_write_bio_PUBKEY(bio, evp_of(key)));
	return take_text(bio);
}

char *
key_pem_private(struct key_pair key, enum key_pem_cipher cipher, struct span passphrase)
{
	const EVP_CIPHER *c = cipher == KEY_PEM_3DES ? EVP_des_ede3_cbc() : EVP_aes_256_cbc();
	BIO *bio = BIO_new(BIO_s_mem());

	crypto_init();
	must_hold(bio);
	if (PEM_write_bio_PrivateKey_traditional(bio, evp_of(key), c, passphrase.p,
	                                         (int)passphrase.n, NULL, NULL))
		return take_text(bio);
	BIO_free(bio);
	return NULL;
}

/* --- the public key --------------------------------------------------------------------------- */

static EVP_PKEY *
read_certificate(struct span pem)
{
	struct cert *c = cert_from_pem(pem);
	EVP_PKEY *key = c ? X509_get_pubkey(c->x509) : NULL;

	cert_free(c);
	return key;
}

static EVP_PKEY *
read_public(struct span pem)
{
	BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
	EVP_PKEY *key = bio ? PEM_read_bio_PUBKEY(bio, NULL, sig_no_passphrase, NULL) : NULL;

	BIO_free(bio);
	return key ? key : read_certificate(pem);
}

/* --- the private key -------------------------------------------------------------------------- */

struct asked {
	struct span passphrase;
	bool was; /* the text is encrypted by its headers */
};

static int
give_passphrase(char *buf, int size, int writing, void *arg)
{
	struct asked *a = arg;

	(void)writing;
	a->was = true;
	if (size < 0 || a->passphrase.n > (size_t)size)
		return -1;
	memcpy(buf, a->passphrase.p, a->passphrase.n);
	return (int)a->passphrase.n;
}

/* How often PBKDF2 is to hash the passphrase (RFC 8018 A.2); -1: that is another function. */
static long
iterations_of(const X509_SIG *sealed)
{
	const X509_ALGOR *how;
	PBE2PARAM *scheme = NULL;
	PBKDF2PARAM *stretch = NULL;
	long n = -1;

	X509_SIG_get0(sealed, &how, NULL);
	if (OBJ_obj2nid(how->algorithm) == NID_pbes2)
		scheme = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBE2PARAM), how->parameter);
	if (scheme && OBJ_obj2nid(scheme->keyfunc->algorithm) == NID_id_pbkdf2)
		stretch = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBKDF2PARAM),
		                                    scheme->keyfunc->parameter);
	if (stretch)
		n = ASN1_INTEGER_get(stretch->iter);
	PBKDF2PARAM_free(stretch);
	PBE2PARAM_free(scheme);
	return n;
}

/* EncryptedPrivateKeyInfo, RFC 5958 3. */
static enum key_pem_error
open_sealed(struct span der, struct span passphrase, EVP_PKEY **ret)
{
	const unsigned char *p = der.p;
	X509_SIG *sealed = d2i_X509_SIG(NULL, &p, (long)der.n);
	long iterations = sealed ? iterations_of(sealed) : 0;
	PKCS8_PRIV_KEY_INFO *info = NULL;

	if (sealed && (iterations < 1 || iterations > KEY_PEM_ITERATIONS_MAX)) {
		X509_SIG_free(sealed);
		return KEY_PEM_COSTLY;
	}
	if (sealed)
		info = PKCS8_decrypt(sealed, (const char *)passphrase.p, (int)passphrase.n);
	*ret = info ? EVP_PKCS82PKEY(info) : NULL;
	PKCS8_PRIV_KEY_INFO_free(info);
	X509_SIG_free(sealed);
	return *ret ? KEY_PEM_FINE : KEY_PEM_NO_PRIVATE;
}

/* der: what the armour of that name held, decrypted where its headers said so. */
static enum key_pem_error
read_named(const char *name, struct span der, const struct asked *a, EVP_PKEY **ret)
{
	int kind = !strcmp(name, PEM_STRING_RSA)            ? EVP_PKEY_RSA
	           : !strcmp(name, PEM_STRING_ECPRIVATEKEY) ? EVP_PKEY_EC
	                                                    : EVP_PKEY_NONE;
	const unsigned char *p = der.p;

	if (!strcmp(name, PEM_STRING_PKCS8))
		return open_sealed(der, a->passphrase, ret);
	if (!strcmp(name, PEM_STRING_PKCS8INF) || !a->was)
		return KEY_PEM_IN_CLEAR;
	*ret = kind == EVP_PKEY_NONE ? NULL : d2i_PrivateKey(kind, NULL, &p, (long)der.n);
	return *ret ? KEY_PEM_FINE : KEY_PEM_NO_PRIVATE;
}

static enum key_pem_error
read_private(struct span pem, struct span passphrase, EVP_PKEY **ret)
{
	struct asked a = {.passphrase = passphrase};
	BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
	unsigned char *der = NULL;
	char *name = NULL;
	long n = 0;
	enum key_pem_error error = KEY_PEM_NO_PRIVATE;

	if (bio && PEM_bytes_read_bio_secmem(&der, &n, &name, PEM_STRING_EVP_PKEY, bio,
	                                     give_passphrase, &a))
		error = read_named(name, SPAN(der, (size_t)n), &a, ret);
	OPENSSL_secure_clear_free(der, (size_t)n);
	OPENSSL_secure_free(name);
	BIO_free(bio);
	return error;
}

/* --- the pair --------------------------------------------------------------------------------- */

/*
 * An RSA key's numbers are its modulus, a private exponent as long, and five half as long (RFC 8017
 * A.1.2). With longer ones each signature, and the look at the key itself, would cost what the text
 * likes.
 */
static bool
is_slender(const EVP_PKEY *key)
{
	int modulus = EVP_PKEY_get_size(key), all = i2d_PrivateKey(key, NULL);

	return all > 0 && all <= modulus * 9 / 2 + 128;
}

static bool
is_sound(EVP_PKEY *key)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	bool sound = ctx && EVP_PKEY_pairwise_check(ctx) == 1;

	EVP_PKEY_CTX_free(ctx);
	return sound;
}

/* Takes the key. */
static enum key_pem_error
wrap_pair(bool ec, EVP_PKEY *take_key, const EVP_PKEY *public_key, struct key_pem_pair *ret)
{
	struct key_pem_pair pair = {0};
	EVP_PKEY *key = NULL;
	enum key_pem_error error = KEY_PEM_UNFIT;

	if (ec && (pair.ec = ec_key_wrap(take_key)))
		key = ec_key_evp(pair.ec);
	else if (!ec && (pair.rsa = rsa_key_wrap(take_key)))
		key = rsa_key_evp(pair.rsa);
	if (key && EVP_PKEY_eq(key, public_key) != 1)
		error = KEY_PEM_MISMATCH;
	else if (key && (ec || is_slender(key)) && is_sound(key))
		error = KEY_PEM_FINE;
	if (error) {
		rsa_key_free(pair.rsa);
		ec_key_free(pair.ec);
	} else {
		*ret = pair;
	}
	return error;
}

enum key_pem_error
key_pem_read(bool ec, struct span public_pem, struct span private_pem, struct span passphrase,
             struct key_pem_pair *ret)
{
	EVP_PKEY *public_key = NULL, *key = NULL;
	enum key_pem_error error;

	crypto_init();
	if (public_pem.n <= KEY_PEM_MAX)
		public_key = read_public(public_pem);
	if (!public_key)
		error = KEY_PEM_NO_PUBLIC;
	else if (private_pem.n > KEY_PEM_MAX)
		error = KEY_PEM_NO_PRIVATE;
	else
		error = read_private(private_pem, passphrase, &key);
	if (!error)
		error = wrap_pair(ec, key, public_key, ret);
	EVP_PKEY_free(public_key);
	ERR_clear_error();
	return error;
}
