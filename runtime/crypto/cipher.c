/* SPDX-License-Identifier: Apache-2.0 */
/* Ciphers and HMACs with long-lived contexts: see cipher.h. */
#include "runtime/crypto/cipher.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "runtime/crypto/digest.h"
#include "runtime/crypto/must.h"
#include "runtime/crypto/random.h"
#include "runtime/crypto/secret.h"

struct cipher {
	EVP_CIPHER_CTX *encrypt, *decrypt;
	size_t block;
};

struct mac {
	EVP_MAC_CTX *ctx;
};

/* Fetched once and kept; NULL when no provider has it. */
static const EVP_CIPHER *
cipher_get(enum cipher_id id)
{
	static EVP_CIPHER *fetched[CIPHER_COUNT];
	EVP_CIPHER *c = __atomic_load_n(&fetched[id], __ATOMIC_ACQUIRE), *expected = NULL;

	if (c || !cipher_row(id)->openssl)
		return c;
	crypto_init();
	c = EVP_CIPHER_fetch(NULL, cipher_row(id)->openssl, NULL);
	if (!c || __atomic_compare_exchange_n(&fetched[id], &expected, c, false, __ATOMIC_ACQ_REL,
	                                      __ATOMIC_ACQUIRE))
		return c;
	EVP_CIPHER_free(c);
	return expected;
}

static EVP_CIPHER_CTX *
context_new(const EVP_CIPHER *cipher, const uint8_t *key, int encrypt)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();

	if (!ctx || !EVP_CipherInit_ex2(ctx, cipher, key, NULL, encrypt, NULL)) {
		EVP_CIPHER_CTX_free(ctx);
		return NULL;
	}
	EVP_CIPHER_CTX_set_padding(ctx, 0);
	return ctx;
}

struct cipher *
cipher_new(enum cipher_id id, struct span key)
{
	const EVP_CIPHER *evp = cipher_get(id);
	struct cipher *c;

	if (!evp || cipher_is_counter(id) || key.n != cipher_key_size(id))
		return NULL;
	c = x_alloc(sizeof(*c));
	c->block = cipher_block_size(id);
	c->encrypt = context_new(evp, key.p, 1);
	c->decrypt = context_new(evp, key.p, 0);
	if (!c->encrypt || !c->decrypt) {
		cipher_free(c);
		return NULL;
	}
	return c;
}

void
cipher_free(struct cipher *c)
{
	if (!c)
		return;
	EVP_CIPHER_CTX_free(c->encrypt);
	EVP_CIPHER_CTX_free(c->decrypt);
	free(c);
}

static bool
run_cipher(const struct cipher *c, EVP_CIPHER_CTX *ctx, const uint8_t *iv, uint8_t *data, size_t n)
{
	int out;

	if (n % c->block || n > INT_MAX)
		return false;
	return EVP_CipherInit_ex2(ctx, NULL, NULL, iv, -1, NULL) == 1 &&
	       EVP_CipherUpdate(ctx, data, &out, data, (int)n) == 1 && (size_t)out == n;
}

bool
cipher_encrypt(struct cipher *c, const uint8_t *iv, uint8_t *data, size_t n)
{
	return run_cipher(c, c->encrypt, iv, data, n);
}

bool
cipher_decrypt(struct cipher *c, const uint8_t *iv, uint8_t *data, size_t n)
{
	return run_cipher(c, c->decrypt, iv, data, n);
}

/* --- Galois/counter mode ---------------------------------------------------------------------- */

#define SALT 4

struct aead {
	EVP_CIPHER_CTX *seal, *open;
	uint8_t salt[SALT];
};

struct aead *
aead_new(enum cipher_id id, struct span keymat)
{
	const EVP_CIPHER *evp = cipher_get(id);
	struct aead *a;

	if (!evp || !cipher_is_counter(id) || keymat.n != cipher_keymat_size(id))
		return NULL;
	a = x_alloc(sizeof(*a));
	a->seal = context_new(evp, keymat.p, 1);
	a->open = context_new(evp, keymat.p, 0);
	memcpy(a->salt, keymat.p + cipher_key_size(id), SALT);
	if (!a->seal || !a->open) {
		aead_free(a);
		return NULL;
	}
	return a;
}

void
aead_free(struct aead *a)
{
	if (!a)
		return;
	EVP_CIPHER_CTX_free(a->seal);
	EVP_CIPHER_CTX_free(a->open);
	wipe(a, sizeof(*a));
	free(a);
}

/* The nonce, what is covered only, then the data in place. */
static bool
aead_run(EVP_CIPHER_CTX *ctx, const uint8_t *nonce, struct span aad, uint8_t *data, size_t n)
{
	int out;

	if (n > INT_MAX || aad.n > INT_MAX)
		return false;
	return EVP_CipherInit_ex2(ctx, NULL, NULL, nonce, -1, NULL) == 1 &&
	       EVP_CipherUpdate(ctx, NULL, &out, aad.p, (int)aad.n) == 1 &&
	       (!n || EVP_CipherUpdate(ctx, data, &out, data, (int)n) == 1);
}

bool
aead_seal_nonce(struct aead *a, const uint8_t nonce[static AEAD_NONCE], struct span aad,
                uint8_t *data, size_t n, uint8_t icv[static AEAD_ICV])
{
	uint8_t none[16];
	int out;

	return aead_run(a->seal, nonce, aad, data, n) &&
	       EVP_CipherFinal_ex(a->seal, none, &out) == 1 &&
	       EVP_CIPHER_CTX_ctrl(a->seal, EVP_CTRL_AEAD_GET_TAG, AEAD_ICV, icv) == 1;
}

bool
aead_open_nonce(struct aead *a, const uint8_t nonce[static AEAD_NONCE], struct span aad,
                uint8_t *data, size_t n, const uint8_t icv[static AEAD_ICV])
{
	uint8_t none[16], want[AEAD_ICV];
	int out;

	memcpy(want, icv, AEAD_ICV); /* OpenSSL takes it as not const */
	return aead_run(a->open, nonce, aad, data, n) &&
	       EVP_CIPHER_CTX_ctrl(a->open, EVP_CTRL_AEAD_SET_TAG, AEAD_ICV, want) == 1 &&
	       EVP_CipherFinal_ex(a->open, none, &out) == 1;
}

static void
make_nonce(const struct aead *a, const uint8_t *iv, uint8_t nonce[static AEAD_NONCE])
{
	memcpy(nonce, a->salt, SALT);
	memcpy(nonce + SALT, iv, AEAD_IV);
}

bool
aead_seal(struct aead *a, const uint8_t iv[static AEAD_IV], struct span aad, uint8_t *data,
          size_t n, uint8_t icv[static AEAD_ICV])
{
	uint8_t nonce[AEAD_NONCE];

	make_nonce(a, iv, nonce);
	return aead_seal_nonce(a, nonce, aad, data, n, icv);
}

bool
aead_open(struct aead *a, const uint8_t iv[static AEAD_IV], struct span aad, uint8_t *data,
          size_t n, const uint8_t icv[static AEAD_ICV])
{
	uint8_t nonce[AEAD_NONCE];

	make_nonce(a, iv, nonce);
	return aead_open_nonce(a, nonce, aad, data, n, icv);
}

/* --- HMAC ------------------------------------------------------------------------------------- */

struct mac *
mac_new(enum hash_id id, struct span key)
{
	struct mac *m = x_alloc(sizeof(*m));

	m->ctx = digest_hmac_new(id, key);
	return m;
}

void
mac_free(struct mac *m)
{
	if (!m)
		return;
	EVP_MAC_CTX_free(m->ctx);
	free(m);
}

void
mac_compute(struct mac *m, const struct span *pieces, size_t n, uint8_t *out)
{
	size_t i, got;

	/* Without a key the context starts over with the one it has. */
	must_hold(EVP_MAC_init(m->ctx, NULL, 0, NULL));
	for (i = 0; i < n; i++)
		must_hold(EVP_MAC_update(m->ctx, pieces[i].p, pieces[i].n));
	must_hold(EVP_MAC_final(m->ctx, out, &got, MAC_SIZE_MAX));
}
