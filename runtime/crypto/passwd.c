/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stored passwords: see passwd.h. MD5-crypt is Poul-Henning Kamp's of FreeBSD; PBKDF2 is RFC 8018
 * 5.2, scrypt is RFC 7914.
 */
#include "runtime/crypto/passwd.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "compiler/base/hidden.h"
#include "runtime/crypto/prf.h"
#include "runtime/crypto/random.h"
#include "runtime/crypto/secret.h"

#define DIGEST      32 /* octets of types 8 and 9 */
#define DIGEST_TEXT 43
#define MD5_TEXT    22
#define SALT_MAX    32
#define ROUNDS      20000
#define SCRYPT_N    16384
#define SCRYPT_MEM  (8u << 20) /* it needs 2 MB */

/* The alphabet of crypt(3): the digits of all three. */
static const char digits[] = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/* The length of the salts that we make; 0: no such type. */
static size_t
salt_size(enum passwd_type type)
{
	switch (type) {
	case PASSWD_MD5:
		return 4;
	case PASSWD_PBKDF2:
	case PASSWD_SCRYPT:
		return 14;
	default:
		return 0;
	}
}

/* --- PBKDF2 and scrypt ------------------------------------------------------------------------ */

/* Six bits a character, the first octet's highest first; no padding. */
static void
digest_text(const uint8_t digest[static DIGEST], char text[static DIGEST_TEXT + 1])
{
	for (size_t i = 0; i < DIGEST_TEXT; i++) {
		size_t bit = 6 * i, at = bit / 8, shift = bit % 8;
		unsigned two = (unsigned)digest[at] << 8 | (at + 1 < DIGEST ? digest[at + 1] : 0);

		text[i] = digits[two >> (10 - shift) & 63];
	}
	text[DIGEST_TEXT] = '\0';
}

/* Type 4: nothing but the digest. */
static bool
plain_digest(const char *clear, char text[static DIGEST_TEXT + 1])
{
	uint8_t digest[HASH_SIZE_MAX];

	HASH(HASH_SHA256, digest, SPAN(clear, strlen(clear)));
	digest_text(digest, text);
	wipe(digest, sizeof(digest));
	return true;
}

static bool
stretch_password(enum passwd_type type, const char *clear, const char *salt, size_t n_salt,
                 char text[static DIGEST_TEXT + 1])
{
	const unsigned char *s = (const unsigned char *)salt;
	uint8_t digest[DIGEST];
	bool ok;

	if (type == PASSWD_PBKDF2)
		ok = PKCS5_PBKDF2_HMAC(clear, (int)strlen(clear), s, (int)n_salt, ROUNDS,
		                       EVP_sha256(), DIGEST, digest) == 1;
	else
		ok = EVP_PBE_scrypt(clear, strlen(clear), s, n_salt, SCRYPT_N, 1, 1, SCRYPT_MEM,
		                    digest, DIGEST) == 1;
	if (ok)
		digest_text(digest, text);
	wipe(digest, sizeof(digest));
	return ok;
}

/* --- MD5-crypt -------------------------------------------------------------------------------- */

struct md5 {
	EVP_MD_CTX *ctx;
	bool ok;
};

static void
md5_begin(struct md5 *m)
{
	m->ok = m->ok && EVP_DigestInit_ex(m->ctx, EVP_md5(), NULL) == 1;
}

static void
md5_add(struct md5 *m, const void *p, size_t n)
{
	m->ok = m->ok && EVP_DigestUpdate(m->ctx, p, n) == 1;
}

static void
md5_end(struct md5 *m, uint8_t out[static 16])
{
	m->ok = m->ok && EVP_DigestFinal_ex(m->ctx, out, NULL) == 1;
}

/* Three octets at a time, the last group of one; the lowest six bits first. */
static void
md5_text(const uint8_t d[static 16], char text[static MD5_TEXT + 1])
{
	static const uint8_t order[] = {0, 6, 12, 1, 7, 13, 2, 8, 14, 3, 9, 15, 4, 10, 5};
	size_t n = 0;

	for (size_t i = 0; i < sizeof(order); i += 3) {
		unsigned v =
		    (unsigned)d[order[i]] << 16 | (unsigned)d[order[i + 1]] << 8 | d[order[i + 2]];

		for (int j = 0; j < 4; j++, v >>= 6)
			text[n++] = digits[v & 63];
	}
	text[n++] = digits[d[11] & 63];
	text[n++] = digits[d[11] >> 6];
	text[n] = '\0';
}

static void
md5_first(struct md5 *m, const char *clear, const char *salt, size_t n_salt, uint8_t d[static 16])
{
	size_t n = strlen(clear);

	md5_begin(m);
	md5_add(m, clear, n);
	md5_add(m, salt, n_salt);
	md5_add(m, clear, n);
	md5_end(m, d);
	md5_begin(m);
	md5_add(m, clear, n);
	md5_add(m, "$1$", 3);
	md5_add(m, salt, n_salt);
	for (size_t left = n; left; left -= left > 16 ? 16 : left)
		md5_add(m, d, left > 16 ? 16 : left);
	for (size_t bits = n; bits; bits >>= 1) /* a quirk of the first implementation */
		md5_add(m, bits & 1 ? "" : clear, 1);
	md5_end(m, d);
}

static bool
md5_crypt(const char *clear, const char *salt, size_t n_salt, char text[static MD5_TEXT + 1])
{
	struct md5 m = {EVP_MD_CTX_new(), true};
	size_t n = strlen(clear);
	uint8_t d[16] = {0};

	m.ok = m.ctx != NULL;
	md5_first(&m, clear, salt, n_salt, d);
	for (unsigned i = 0; i < 1000 && m.ok; i++) {
		md5_begin(&m);
		md5_add(&m, i & 1 ? (const void *)clear : d, i & 1 ? n : sizeof(d));
		if (i % 3)
			md5_add(&m, salt, n_salt);
		if (i % 7)
			md5_add(&m, clear, n);
		md5_add(&m, i & 1 ? d : (const void *)clear, i & 1 ? sizeof(d) : n);
		md5_end(&m, d);
	}
	md5_text(d, text);
	wipe(d, sizeof(d));
	EVP_MD_CTX_free(m.ctx);
	return m.ok;
}

/* --- type 7 ----------------------------------------------------------------------------------- */

#define START_MAX 15 /* where routers begin in it */

bool
passwd_hide(const char *clear, char ret[static PASSWD_TEXT_MAX])
{
	size_t n = strnlen(clear, PASSWD_MAX + 1);
	uint8_t start;

	if (n > PASSWD_MAX)
		return false;
	crypto_random(&start, 1);
	start %= START_MAX + 1;
	snprintf(ret, PASSWD_TEXT_MAX, "%02u", start);
	for (size_t i = 0; i < n; i++)
		snprintf(ret + 2 + 2 * i, 3, "%02X",
		         (unsigned)((uint8_t)clear[i] ^ hidden_octet(start, i)));
	return true;
}

bool
passwd_show(const char *hidden, char ret[static PASSWD_MAX + 1])
{
	return hidden_show(hidden, ret, PASSWD_MAX + 1);
}

/* --- stored forms ----------------------------------------------------------------------------- */

/* $type$salt$hash, taken apart. */
struct form {
	const char *salt, *hash;
	size_t n_salt;
};

static bool
form_read(enum passwd_type type, const char *stored, struct form *ret)
{
	char mark = type == PASSWD_MD5 ? '1' : (char)('0' + type);
	size_t want = type == PASSWD_MD5 ? MD5_TEXT : DIGEST_TEXT;

	if (!salt_size(type) || strnlen(stored, PASSWD_TEXT_MAX) == PASSWD_TEXT_MAX)
		return false;
	if (stored[0] != '$' || stored[1] != mark || stored[2] != '$')
		return false;
	ret->salt = stored + 3;
	ret->n_salt = strcspn(ret->salt, "$");
	if (!ret->n_salt || ret->n_salt > (type == PASSWD_MD5 ? 8 : SALT_MAX) ||
	    ret->salt[ret->n_salt] != '$')
		return false;
	ret->hash = ret->salt + ret->n_salt + 1;
	return strlen(ret->hash) == want && strspn(ret->hash, digits) == want;
}

static bool
is_digest(const char *text)
{
	return strnlen(text, DIGEST_TEXT + 1) == DIGEST_TEXT && strspn(text, digits) == DIGEST_TEXT;
}

static bool
form_hash(enum passwd_type type, const char *clear, const char *salt, size_t n_salt,
          char text[static DIGEST_TEXT + 1])
{
	return type == PASSWD_MD5 ? md5_crypt(clear, salt, n_salt, text)
	                          : stretch_password(type, clear, salt, n_salt, text);
}

bool
passwd_hash(enum passwd_type type, const char *clear, char ret[static PASSWD_TEXT_MAX])
{
	size_t n_salt = salt_size(type);
	char text[DIGEST_TEXT + 1], salt[SALT_MAX];

	if (!n_salt || strnlen(clear, PASSWD_MAX + 1) > PASSWD_MAX)
		return false;
	crypto_random(salt, n_salt);
	for (size_t i = 0; i < n_salt; i++)
		salt[i] = digits[salt[i] & 63];
	if (!form_hash(type, clear, salt, n_salt, text))
		return false;
	snprintf(ret, PASSWD_TEXT_MAX, "$%d$%.*s$%s", type == PASSWD_MD5 ? 1 : (int)type,
	         (int)n_salt, salt, text);
	return true;
}

bool
passwd_valid(enum passwd_type type, const char *stored)
{
	char clear[PASSWD_MAX + 1];
	struct form form;
	bool ok;

	switch (type) {
	case PASSWD_CLEAR:
		return strnlen(stored, PASSWD_MAX + 1) <= PASSWD_MAX;
	case PASSWD_HIDDEN:
		ok = passwd_show(stored, clear);
		wipe(clear, sizeof(clear));
		return ok;
	case PASSWD_SHA256:
		return is_digest(stored);
	default:
		return form_read(type, stored, &form);
	}
}

/* By their digests, so that neither length nor content decides how long it takes. */
static bool
texts_equal(const char *a, const char *b)
{
	uint8_t da[HASH_SIZE_MAX], db[HASH_SIZE_MAX];
	size_t n = HASH(HASH_SHA256, da, SPAN(a, strlen(a)));

	HASH(HASH_SHA256, db, SPAN(b, strlen(b)));
	return span_equal_ct(SPAN(da, n), SPAN(db, n));
}

bool
passwd_verify(enum passwd_type type, const char *stored, const char *clear)
{
	char text[DIGEST_TEXT + 1], shown[PASSWD_MAX + 1];
	struct form form;
	bool ok;

	if (strnlen(clear, PASSWD_MAX + 1) > PASSWD_MAX)
		return false;
	if (type == PASSWD_CLEAR)
		return texts_equal(stored, clear);
	if (type == PASSWD_HIDDEN) {
		ok = passwd_show(stored, shown) && texts_equal(shown, clear);
		wipe(shown, sizeof(shown));
		return ok;
	}
	if (type == PASSWD_SHA256)
		return is_digest(stored) && plain_digest(clear, text) && texts_equal(text, stored);
	return form_read(type, stored, &form) &&
	       form_hash(type, clear, form.salt, form.n_salt, text) && texts_equal(text, form.hash);
}
