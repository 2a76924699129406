/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/crypto/type6.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "runtime/crypto/must.h"
#include "runtime/crypto/prf.h"
#include "runtime/crypto/random.h"
#include "runtime/crypto/secret.h"

#define SALT    8
#define MAC     4
#define BLOCK   16
#define BASE    41
#define RAW_MAX (SALT + TYPE6_CLEAR_MAX + MAC)

/* --- base 41 ---------------------------------------------------------------------------------- */

static char *
put_pair(char *to, unsigned high, unsigned low)
{
	unsigned n = high << 8 | low;

	to[0] = (char)('A' + n / BASE / BASE);
	to[1] = (char)('A' + n / BASE % BASE);
	to[2] = (char)('A' + n % BASE);
	return to + 3;
}

/* The last pair says whether its first octet counts: an octet and 0, or 0 and 1. */
static void
encode_text(const uint8_t *raw, size_t n, char *text)
{
	for (; n > 1; n -= 2, raw += 2)
		text = put_pair(text, raw[0], raw[1]);
	text = n ? put_pair(text, raw[0], 0) : put_pair(text, 0, 1);
	*text = '\0';
}

static bool
get_pair(const char *from, uint8_t *to)
{
	unsigned n = 0;

	for (int i = 0; i < 3; i++) {
		if (from[i] < 'A' || from[i] >= 'A' + BASE)
			return false;
		n = n * BASE + (unsigned)(from[i] - 'A');
	}
	to[0] = (uint8_t)(n >> 8);
	to[1] = (uint8_t)n;
	return n <= UINT16_MAX;
}

/* How many octets; 0: not such a text. */
static size_t
decode_text(const char *text, uint8_t raw[static RAW_MAX + 2])
{
	size_t n = strlen(text), at = 0;

	if (n % 3 || n >= TYPE6_TEXT_MAX)
		return 0;
	for (; n; n -= 3, text += 3, at += 2)
		if (!get_pair(text, raw + at))
			return 0;
	if (at < SALT + MAC || raw[at - 1] > 1)
		return 0;
	at -= raw[at - 1] ? 2 : 1;
	return at < SALT + MAC || at > RAW_MAX ? 0 : at;
}

/* --- the cipher ------------------------------------------------------------------------------- */

static void
aes_block(const uint8_t key[static BLOCK], const uint8_t in[static BLOCK],
          uint8_t out[static BLOCK])
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	int n = 0;

	must_hold(c && EVP_EncryptInit_ex(c, EVP_aes_128_ecb(), NULL, key, NULL) == 1 &&
	          EVP_EncryptUpdate(c, out, &n, in, BLOCK) == 1 && n == BLOCK);
	EVP_CIPHER_CTX_free(c);
}

/* The key that this salt makes for encryption (1) or authentication (0). */
static void
derive_key(struct span master, const uint8_t salt[static SALT], uint8_t use,
           uint8_t key[static BLOCK])
{
	uint8_t block[BLOCK] = {0}, digest[BLOCK];

	memcpy(block, salt, SALT);
	block[BLOCK - 1] = use;
	HASH(HASH_MD5, digest, master);
	aes_block(digest, block, key);
	wipe(digest, sizeof(digest));
}

/* The same both ways. */
static void
crypt_text(struct span master, const uint8_t salt[static SALT], uint8_t *text, size_t n)
{
	uint8_t key[BLOCK], counter[BLOCK] = {0}, stream[BLOCK];

	derive_key(master, salt, 1, key);
	for (size_t i = 0; i < n; i++) {
		if (i % BLOCK == 0) {
			counter[3] = (uint8_t)(i / BLOCK);
			aes_block(key, counter, stream);
		}
		text[i] ^= stream[i % BLOCK];
	}
	wipe(key, sizeof(key));
	wipe(stream, sizeof(stream));
}

static void
make_mac(struct span master, const uint8_t salt[static SALT], struct span text,
         uint8_t mac[static MAC])
{
	uint8_t key[BLOCK], full[HASH_SIZE_MAX];

	derive_key(master, salt, 0, key);
	PRF(HASH_SHA1, SPAN(key, sizeof(key)), full, text);
	memcpy(mac, full, MAC);
	wipe(key, sizeof(key));
}

/* --- together --------------------------------------------------------------------------------- */

bool
type6_encrypt(struct span master, struct span clear, char text[static TYPE6_TEXT_MAX])
{
	uint8_t raw[RAW_MAX], *body = raw + SALT;

	text[0] = '\0';
	if (!clear.n || clear.n > TYPE6_CLEAR_MAX)
		return false;
	crypto_random(raw, SALT);
	memcpy(body, clear.p, clear.n);
	crypt_text(master, raw, body, clear.n);
	make_mac(master, raw, SPAN(body, clear.n), body + clear.n);
	encode_text(raw, SALT + clear.n + MAC, text);
	return true;
}

bool
type6_decrypt(struct span master, const char *text, char clear[static TYPE6_CLEAR_MAX + 1])
{
	uint8_t raw[RAW_MAX + 2], mac[MAC];
	size_t n = decode_text(text, raw);
	bool same;

	clear[0] = '\0';
	if (!n)
		return false;
	n -= SALT + MAC;
	make_mac(master, raw, SPAN(raw + SALT, n), mac);
	same = span_equal_ct(SPAN(mac, MAC), SPAN(raw + SALT + n, MAC));
	if (same) {
		crypt_text(master, raw, raw + SALT, n);
		memcpy(clear, raw + SALT, n);
		clear[n] = '\0';
	}
	wipe(raw, sizeof(raw));
	return same;
}

bool
type6_valid(const char *text)
{
	uint8_t raw[RAW_MAX + 2];

	return decode_text(text, raw) > 0;
}
