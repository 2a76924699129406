/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Randomness: OpenSSL's, or, for a lab with a seed, an AES-256-CTR key stream put in OpenSSL's
 * place by the old RAND_METHOD interface, the only one that also reaches key generation.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "runtime/crypto/random.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <openssl/rand.h>

#include "runtime/crypto/must.h"

/* --- no memory -------------------------------------------------------------------------------- */

/*
 * OpenSSL's allocations do not fail either (compiler/base/base.h). It handles a failure, but does
 * not get over it: what it had half built stays so, and no later key can be read or made. A size
 * that nothing here can want is refused all the same.
 */
#define ALLOC_MAX ((size_t)64 << 20) /* octets */

static void *
take_memory(size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return n && n <= ALLOC_MAX ? x_realloc(NULL, n) : NULL;
}

static void *
resize_memory(void *p, size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	if (n)
		return n <= ALLOC_MAX ? x_realloc(p, n) : NULL;
	free(p);
	return NULL;
}

static void
give_memory(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	free(p);
}

static void
set_memory(void)
{
	must_hold(CRYPTO_set_mem_functions(take_memory, resize_memory, give_memory));
}

/* OpenSSL takes them before its first allocation alone, and libraries allocate when they load. */
static void (*const before_libraries)(void)
    __attribute__((section(".preinit_array"), used)) = set_memory;

/* --- start-up and randomness ------------------------------------------------------------------ */

static OSSL_PROVIDER *legacy, *standard;
static CRYPTO_ONCE once = CRYPTO_ONCE_STATIC_INIT;
static EVP_CIPHER_CTX *stream; /* NULL: not seeded */

static void
load_providers(void)
{
	standard = OSSL_PROVIDER_load(NULL, "default");
	legacy = OSSL_PROVIDER_try_load(NULL, "legacy", 1);
	must_hold(standard);
}

void
crypto_init(void)
{
	must_hold(CRYPTO_THREAD_run_once(&once, load_providers));
}

bool
crypto_has_des(void)
{
	crypto_init();
	return legacy != NULL;
}

void
crypto_random(void *buf, size_t n)
{
	must_hold(RAND_bytes(buf, (int)n) == 1);
}

static int
stream_bytes(unsigned char *buf, int n)
{
	int out;

	memset(buf, 0, (size_t)n);
	return EVP_EncryptUpdate(stream, buf, &out, buf, n);
}

static int
stream_add(const void *buf, int n, double entropy)
{
	(void)buf, (void)n, (void)entropy;
	return 1;
}

static int
stream_seed(const void *buf, int n)
{
	(void)buf, (void)n;
	return 1;
}

static int
stream_status(void)
{
	return 1;
}

void
crypto_random_seed(uint64_t seed)
{
	static const RAND_METHOD method = {
	    .seed = stream_seed,
	    .bytes = stream_bytes,
	    .add = stream_add,
	    .pseudorand = stream_bytes,
	    .status = stream_status,
	};
	uint8_t key[32] = "testudo lab seed";
	uint8_t iv[16] = {0};
	int i;

	crypto_init();
	for (i = 0; i < 8; i++)
		key[24 + i] = (uint8_t)(seed >> (8 * i));
	if (!stream)
		stream = EVP_CIPHER_CTX_new();
	must_hold(stream && EVP_EncryptInit_ex2(stream, EVP_aes_256_ctr(), key, iv, NULL) &&
	          RAND_set_rand_method(&method));
}
