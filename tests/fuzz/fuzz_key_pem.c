/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key pairs that come in: both PEM texts, or what is under the passphrase, as the first octet says.
 * What is read goes out, and is the same when it comes in again.
 *
 *     octet 1: bit 0: an EC pair is wanted; bit 1: ASN.1 follows, of a private key
 *     texts:   the public key, a NUL, the private key
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "runtime/crypto/key_pem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SEALED_MAX 8192

static const char pass[] = "cisco123";
static const char rsa_public[] =
    "-----BEGIN PUBLIC KEY-----\n"
    "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBALJFPQits3jQQhlIXR+7+kG2v2rqxLfF\n"
    "/6k1jGhywhaGov7SHBX0Ip0CGoZAYKXkwUjZMqIPCOOho/ifXXCUYhsCAwEAAQ==\n"
    "-----END PUBLIC KEY-----\n";
static const char ec_public[] = "-----BEGIN PUBLIC KEY-----\n"
				"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEIJbd89EHl0EHCG+Klt/1vaYr3zN5\n"
				"Q4j31XL+kVnobXO7xJtTROYYDTD+MR0WBNYG+cKj00Ln+IPmkeojxaVr2w==\n"
				"-----END PUBLIC KEY-----\n";

static struct span
text_span(const char *s)
{
	return SPAN(s, strlen(s));
}

/* The octets as PEM under the passphrase. */
static BIO *
seal_octets(bool ec, const uint8_t *data, size_t size)
{
	static const char headers[] = "Proc-Type: 4,ENCRYPTED\n"
				      "DEK-Info: AES-128-CBC,00000000000000000000000000000000\n";
	unsigned char iv[16] = {0}, key[16], sealed[SEALED_MAX + 16];
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	BIO *bio = BIO_new(BIO_s_mem());
	int n = 0, more = 0;

	size = size > SEALED_MAX ? SEALED_MAX : size;
	EVP_BytesToKey(EVP_aes_128_cbc(), EVP_md5(), iv, (const unsigned char *)pass,
	               sizeof(pass) - 1, 1, key, NULL);
	EVP_EncryptInit_ex(ctx, EVP_aes_128_cbc(), NULL, key, iv);
	EVP_EncryptUpdate(ctx, sealed, &n, data, (int)size);
	EVP_EncryptFinal_ex(ctx, sealed + n, &more);
	EVP_CIPHER_CTX_free(ctx);
	PEM_write_bio(bio, ec ? PEM_STRING_ECPRIVATEKEY : PEM_STRING_RSA, headers, sealed,
	              n + more);
	return bio;
}

static void
read_texts(bool ec, struct span public, struct span private)
{
	struct key_pem_pair pair = {0}, again = {0};
	struct key_pair key;
	char *out[2];

	if (key_pem_read(ec, public, private, text_span(pass), &pair))
		return;
	key = (struct key_pair){.rsa = pair.rsa, .ec = pair.ec};
	out[0] = key_pem_public(key);
	out[1] = key_pem_private(key, KEY_PEM_AES, text_span(pass));
	if (!out[0] || !out[1] ||
	    key_pem_read(ec, text_span(out[0]), text_span(out[1]), text_span(pass), &again))
		abort();
	free(out[0]);
	free(out[1]);
	rsa_key_free(pair.rsa);
	ec_key_free(pair.ec);
	rsa_key_free(again.rsa);
	ec_key_free(again.ec);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool ec = size && data[0] & 1;

	if (size && data[0] & 2) {
		BIO *bio = seal_octets(ec, data + 1, size - 1);
		char *text;
		long n = BIO_get_mem_data(bio, &text);

		read_texts(ec, text_span(ec ? ec_public : rsa_public), SPAN(text, (size_t)n));
		BIO_free(bio);
	} else if (size) {
		const uint8_t *nul = memchr(data + 1, 0, size - 1);
		size_t n = nul ? (size_t)(nul - data) - 1 : size - 1;
		uint8_t *copy = malloc(n + 1), *rest = malloc(size); /* of exactly their lengths */

		memcpy(copy, data + 1, n);
		memcpy(rest, data + 1 + n, size - 1 - n);
		read_texts(ec, SPAN(copy, n),
		           SPAN(rest + (nul != NULL), size - 1 - n - (nul != NULL)));
		free(copy);
		free(rest);
	}
	return 0;
}
