/* SPDX-License-Identifier: Apache-2.0 */
/* Sizes and spellings of the algorithms: see suite.h. */
#include "compiler/policy/suite.h"

#include <stdio.h>

static const struct {
	size_t key, block, salt;
	const char *show, *config;
} ciphers[CIPHER_COUNT] = {
    [CIPHER_NULL] = {0, 1, 0, "esp-null", "esp-null"},
    [CIPHER_DES] = {8, 8, 0, "esp-des", "esp-des"},
    [CIPHER_3DES] = {24, 8, 0, "esp-3des", "esp-3des"},
    [CIPHER_AES_128] = {16, 16, 0, "esp-aes", "esp-aes"},
    [CIPHER_AES_192] = {24, 16, 0, "esp-192-aes", "esp-aes 192"},
    [CIPHER_AES_256] = {32, 16, 0, "esp-256-aes", "esp-aes 256"},
    [CIPHER_GCM_128] = {16, 1, 4, "esp-gcm", "esp-gcm"},
    [CIPHER_GCM_192] = {24, 1, 4, "esp-gcm 192", "esp-gcm 192"},
    [CIPHER_GCM_256] = {32, 1, 4, "esp-gcm 256", "esp-gcm 256"},
    [CIPHER_GMAC_128] = {16, 1, 4, "esp-gmac", "esp-gmac"},
    [CIPHER_GMAC_192] = {24, 1, 4, "esp-gmac 192", "esp-gmac 192"},
    [CIPHER_GMAC_256] = {32, 1, 4, "esp-gmac 256", "esp-gmac 256"},
};

static const struct {
	size_t size, icv;
	const char *text;
} hashes[HASH_COUNT] = {
    [HASH_NONE] = {0, 0, ""},
    [HASH_MD5] = {16, 12, "esp-md5-hmac"},       /* RFC 2403 */
    [HASH_SHA1] = {20, 12, "esp-sha-hmac"},      /* RFC 2404 */
    [HASH_SHA256] = {32, 16, "esp-sha256-hmac"}, /* RFC 4868 */
    [HASH_SHA384] = {48, 24, "esp-sha384-hmac"},
    [HASH_SHA512] = {64, 32, "esp-sha512-hmac"},
};

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

bool
cipher_is_counter(enum cipher_id id)
{
	return ciphers[id].salt > 0;
}

bool
cipher_is_gmac(enum cipher_id id)
{
	return id >= CIPHER_GMAC_128 && id <= CIPHER_GMAC_256;
}

size_t
cipher_keymat_size(enum cipher_id id)
{
	return ciphers[id].key + ciphers[id].salt;
}

size_t
cipher_iv_size(enum cipher_id id)
{
	if (cipher_is_counter(id))
		return 8; /* RFC 4106 3.1 */
	return id == CIPHER_NULL ? 0 : ciphers[id].block;
}

bool
esp_suite_protects(const struct esp_suite *s)
{
	return s->auth != HASH_NONE || cipher_is_counter(s->cipher);
}

size_t
esp_suite_icv_size(const struct esp_suite *s)
{
	return cipher_is_counter(s->cipher) ? 16 : hashes[s->auth].icv;
}

size_t
hash_size(enum hash_id id)
{
	return hashes[id].size;
}

size_t
esp_icv_size(enum hash_id id)
{
	return hashes[id].icv;
}

void
esp_suite_show_text(const struct esp_suite *s, char *buf, size_t n)
{
	snprintf(buf, n, "%s%s%s", ciphers[s->cipher].show, s->auth ? " " : "",
	         hashes[s->auth].text);
}

void
esp_suite_config_text(const struct esp_suite *s, char *buf, size_t n)
{
	snprintf(buf, n, "%s%s%s", ciphers[s->cipher].config, s->auth ? " " : "",
	         hashes[s->auth].text);
}
