/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of ciphers, hashes and Diffie-Hellman groups: see suite.h. */
#include "compiler/policy/suite.h"

#include <stdio.h>
#include <string.h>

#define TEXT(x) #x

/* --- ciphers ---------------------------------------------------------------------------------- */

enum { IKE_DES_CBC = 1, IKE_3DES_CBC = 5, IKE_AES_CBC = 7 }; /* RFC 2409 Appendix A, RFC 3602 5.1 */
enum { KEK_DES = 1, KEK_3DES = 2, KEK_AES = 3 };             /* RFC 6407 5.3.3 */

/* What AES in CBC mode has in common, whatever its key size. */
#define AES_CBC(bits)                                                                              \
	.name = "aes-" TEXT(bits), .key = (bits) / 8, .block = 16, .iv = 16, .sized = true,        \
	.use = {[USE_IKE] = {"aes", IKE_AES_CBC},                                                  \
	        [USE_REKEY] = {"aes", KEK_AES},                                                    \
	        [USE_ESP] = {"esp-aes", ESP_AES_CBC}},                                             \
	.openssl = "AES-" TEXT(bits) "-CBC", .kernel = "cbc(aes)", .family = "AES",                \
	.ike_title = "AES - Advanced Encryption Standard (" TEXT(bits) " bit keys).",              \
	.rekey_title = "AES" TEXT(bits) "-CBC"

/*
 * Counter modes with four octets of salt. The kernel has them too, but chooses the IV itself and
 * knows no sender identifiers: it carries none of them.
 */
#define AES_GCM(bits)                                                                              \
	.name = "gcm-" TEXT(bits), .key = (bits) / 8, .block = 1, .iv = 8, .salt = 4, .icv = 16,   \
	.sized = true, .use = {[USE_ESP] = {"esp-gcm", ESP_AES_GCM_16}},                           \
	.openssl = "AES-" TEXT(bits) "-GCM", .family = "GCM", .engine = "GCM"

#define AES_GMAC(bits)                                                                             \
	.name = "gmac-" TEXT(bits), .key = (bits) / 8, .block = 1, .iv = 8, .salt = 4, .icv = 16,  \
	.gmac = true, .sized = true, .use = {[USE_ESP] = {"esp-gmac", ESP_NULL_AUTH_AES_GMAC}},    \
	.openssl = "AES-" TEXT(bits) "-GCM", .family = "GMAC", .engine = "GMAC"

static const struct cipher_row ciphers[CIPHER_COUNT] = {
    [CIPHER_NULL] = {.name = "null",
                     .block = 1,
                     .use = {[USE_ESP] = {"esp-null", ESP_NULL}},
                     .kernel = "ecb(cipher_null)",
                     .family = "NULL",
                     .engine = "NULL"},
    [CIPHER_DES] = {.name = "des",
                    .key = 8,
                    .block = 8,
                    .iv = 8,
                    .weak = true,
                    .use = {[USE_IKE] = {"des", IKE_DES_CBC},
                            [USE_REKEY] = {"des-cbc", KEK_DES},
                            [USE_ESP] = {"esp-des", ESP_DES}},
                    .openssl = "DES-CBC",
                    .kernel = "cbc(des)",
                    .family = "DES",
                    .engine = "DES",
                    .ike_title = "DES - Data Encryption Standard (56 bit keys).",
                    .rekey_title = "DES-CBC"},
    [CIPHER_3DES] = {.name = "3des",
                     .key = 24,
                     .block = 8,
                     .iv = 8,
                     .weak = true,
                     .use = {[USE_IKE] = {"3des", IKE_3DES_CBC},
                             [USE_REKEY] = {"3des-cbc", KEK_3DES},
                             [USE_ESP] = {"esp-3des", ESP_3DES}},
                     .openssl = "DES-EDE3-CBC",
                     .kernel = "cbc(des3_ede)",
                     .family = "3DES",
                     .engine = "3DES",
                     .ike_title = "Three key triple DES",
                     .rekey_title = "3DES-CBC"},
    [CIPHER_AES_128] = {AES_CBC(128), .engine = "AES"},
    [CIPHER_AES_192] = {AES_CBC(192), .engine = "AES192", .esp_show = "esp-192-aes"},
    [CIPHER_AES_256] = {AES_CBC(256), .engine = "AES256", .esp_show = "esp-256-aes"},
    [CIPHER_GCM_128] = {AES_GCM(128)},
    [CIPHER_GCM_192] = {AES_GCM(192)},
    [CIPHER_GCM_256] = {AES_GCM(256)},
    [CIPHER_GMAC_128] = {AES_GMAC(128)},
    [CIPHER_GMAC_192] = {AES_GMAC(192)},
    [CIPHER_GMAC_256] = {AES_GMAC(256)},
};

const struct cipher_row *
cipher_row(enum cipher_id id)
{
	return &ciphers[id];
}

static bool
key_fits(const struct cipher_row *c, uint32_t bits)
{
	return !c->sized || c->key * 8u == bits;
}

enum cipher_id
cipher_by_word(enum suite_use use, const char *word, uint32_t bits)
{
	for (enum cipher_id id = CIPHER_NULL; word && id < CIPHER_COUNT; id++) {
		const struct suite_name *own = &ciphers[id].use[use];

		if (own->word && strcmp(own->word, word) == 0 && key_fits(&ciphers[id], bits))
			return id;
	}
	return CIPHER_COUNT;
}

enum cipher_id
cipher_by_number(enum suite_use use, uint32_t number, uint32_t bits)
{
	for (enum cipher_id id = CIPHER_NULL; id < CIPHER_COUNT; id++) {
		const struct suite_name *own = &ciphers[id].use[use];

		if (own->word && own->number == number && key_fits(&ciphers[id], bits))
			return id;
	}
	return CIPHER_COUNT;
}

size_t
cipher_key_size(enum cipher_id id)
{
	return ciphers[id].key;
}

size_t
cipher_block_size(enum cipher_id id)
{
	return ciphers[id].block;
}

size_t
cipher_iv_size(enum cipher_id id)
{
	return ciphers[id].iv;
}

size_t
cipher_keymat_size(enum cipher_id id)
{
	return ciphers[id].key + ciphers[id].salt;
}

bool
cipher_is_counter(enum cipher_id id)
{
	return ciphers[id].salt > 0;
}

bool
cipher_is_gmac(enum cipher_id id)
{
	return ciphers[id].gmac;
}

/* --- hashes ----------------------------------------------------------------------------------- */

static const struct hash_row hashes[HASH_COUNT] = {
    [HASH_NONE] = {.name = "none", .kernel = "digest_null", .title = ""},
    [HASH_MD5] =
	{.name = "md5",
         .size = 16,
         .icv = 12, /* RFC 2403 */
         .weak = true,
         .use = {[USE_IKE] = {"md5", 1}, [USE_REKEY] = {"md5", 1}, [USE_ESP] = {"esp-md5-hmac", 1}},
         .openssl = "MD5",
         .kernel = "hmac(md5)",
         .title = "MD5",
         .ike_title = "Message Digest 5"},
    [HASH_SHA1] =
	{.name = "sha1",
         .size = 20,
         .icv = 12, /* RFC 2404 */
         .use = {[USE_IKE] = {"sha", 2}, [USE_REKEY] = {"sha", 2}, [USE_ESP] = {"esp-sha-hmac", 2}},
         .openssl = "SHA1",
         .kernel = "hmac(sha1)",
         .title = "SHA",
         .ike_title = "Secure Hash Standard"},
    [HASH_SHA256] = {.name = "sha256",
                     .size = 32,
                     .icv = 16, /* RFC 4868, as the two that follow */
                     .use = {[USE_IKE] = {"sha256", 4},
                             [USE_REKEY] = {"sha256", 3},
                             [USE_ESP] = {"esp-sha256-hmac", 5}},
                     .openssl = "SHA2-256",
                     .kernel = "hmac(sha256)",
                     .title = "SHA256",
                     .ike_title = "Secure Hash Standard 2 (256 bit)"},
    [HASH_SHA384] = {.name = "sha384",
                     .size = 48,
                     .icv = 24,
                     .use = {[USE_IKE] = {"sha384", 5},
                             [USE_REKEY] = {"sha384", 4},
                             [USE_ESP] = {"esp-sha384-hmac", 6}},
                     .openssl = "SHA2-384",
                     .kernel = "hmac(sha384)",
                     .title = "SHA384",
                     .ike_title = "Secure Hash Standard 2 (384 bit)"},
    [HASH_SHA512] = {.name = "sha512",
                     .size = 64,
                     .icv = 32,
                     .use = {[USE_IKE] = {"sha512", 6},
                             [USE_REKEY] = {"sha512", 5},
                             [USE_ESP] = {"esp-sha512-hmac", 7}},
                     .openssl = "SHA2-512",
                     .kernel = "hmac(sha512)",
                     .title = "SHA512",
                     .ike_title = "Secure Hash Standard 2 (512 bit)"},
};

const struct hash_row *
hash_row(enum hash_id id)
{
	return &hashes[id];
}

enum hash_id
hash_by_word(enum suite_use use, const char *word)
{
	for (enum hash_id id = HASH_NONE + 1; word && id < HASH_COUNT; id++) {
		const char *own = hashes[id].use[use].word;

		if (own && strcmp(own, word) == 0)
			return id;
	}
	return HASH_NONE;
}

enum hash_id
hash_by_number(enum suite_use use, uint32_t number)
{
	for (enum hash_id id = HASH_NONE + 1; id < HASH_COUNT; id++)
		if (hashes[id].use[use].word && hashes[id].use[use].number == number)
			return id;
	return HASH_NONE;
}

size_t
hash_size(enum hash_id id)
{
	return hashes[id].size;
}

/* --- Diffie-Hellman groups -------------------------------------------------------------------- */

/* MODP: RFC 2409 6, RFC 3526; exponents are twice the group's strength. ECP: RFC 5903. */
static const struct dh_row dh_groups[] = {
    /* clang-format off */
    /* number, bits, public value, exponent, weak, curve */
    {1,  768,  96,  192, true,  NULL},
    {2,  1024, 128, 192, true,  NULL},
    {5,  1536, 192, 256, true,  NULL},
    {14, 2048, 256, 256, false, NULL},
    {15, 3072, 384, 288, false, NULL},
    {16, 4096, 512, 320, false, NULL},
    {19, 256,  64,  0,   false, "P-256"},
    {20, 384,  96,  0,   false, "P-384"},
    {21, 521,  132, 0,   false, "P-521"},
    {24, 2048, 0,   0,   false, NULL},
    /* clang-format on */
};

const struct dh_row *
dh_row(uint16_t number)
{
	for (size_t i = 0; i < ARRAY_SIZE(dh_groups); i++)
		if (dh_groups[i].number == number)
			return &dh_groups[i];
	return NULL;
}

size_t
dh_public_size(uint16_t number)
{
	const struct dh_row *g = dh_row(number);

	return g ? g->public_size : 0;
}

bool
dh_group_known(uint16_t number)
{
	return dh_public_size(number) > 0;
}

/* --- what a device may refuse ----------------------------------------------------------------- */

bool
cipher_is_legacy(enum cipher_id id)
{
	return ciphers[id].weak;
}

/* SHA-1 is not called weak by itself, as its HMAC holds. */
bool
hash_is_legacy(enum hash_id id)
{
	return id == HASH_MD5 || id == HASH_SHA1;
}

bool
dh_is_legacy(uint16_t number)
{
	const struct dh_row *g = dh_row(number);

	return g && g->weak;
}

bool
esp_suite_is_legacy(const struct esp_suite *s)
{
	return cipher_is_legacy(s->cipher) || hash_is_legacy(s->auth);
}

/* --- ESP -------------------------------------------------------------------------------------- */

bool
esp_suite_protects(const struct esp_suite *s)
{
	return esp_suite_icv_size(s) > 0;
}

size_t
esp_suite_icv_size(const struct esp_suite *s)
{
	return ciphers[s->cipher].icv ? ciphers[s->cipher].icv : hashes[s->auth].icv;
}

/* As it is configured: AES's first key size is the one that goes without saying. */
static void
cipher_esp_text(const struct cipher_row *c, char *buf, size_t n)
{
	if (c->esp_show)
		snprintf(buf, n, "%s", c->esp_show);
	else if (c->sized && c->key * 8 != 128)
		snprintf(buf, n, "%s %d", c->use[USE_ESP].word, c->key * 8);
	else
		snprintf(buf, n, "%s", c->use[USE_ESP].word);
}

void
esp_suite_show_text(const struct esp_suite *s, char *buf, size_t n)
{
	char cipher[32];

	cipher_esp_text(&ciphers[s->cipher], cipher, sizeof(cipher));
	snprintf(buf, n, "%s%s%s", cipher, s->auth ? " " : "",
	         s->auth ? hashes[s->auth].use[USE_ESP].word : "");
}
