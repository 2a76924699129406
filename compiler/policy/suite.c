/* Sizes and spellings of the algorithms: see suite.h. */
#include "compiler/policy/suite.h"

#include <stdio.h>

static const struct {
	size_t key, block;
	const char *show, *config;
} ciphers[CIPHER_COUNT] = {
    [CIPHER_NULL] = {0,  1,  "esp-null",    "esp-null"   },
    [CIPHER_DES] = {8,  8,  "esp-des",     "esp-des"    },
    [CIPHER_3DES] = {24, 8,  "esp-3des",    "esp-3des"   },
    [CIPHER_AES_128] = {16, 16, "esp-aes",     "esp-aes"    },
    [CIPHER_AES_192] = {24, 16, "esp-192-aes", "esp-aes 192"},
    [CIPHER_AES_256] = {32, 16, "esp-256-aes", "esp-aes 256"},
};

static const struct {
	size_t size, icv;
	const char *text;
} hashes[HASH_COUNT] = {
    [HASH_NONE] = {0,  0,  ""               },
    [HASH_MD5] = {16, 12, "esp-md5-hmac"   }, /* RFC 2403 */
    [HASH_SHA1] = {20, 12, "esp-sha-hmac"   }, /* RFC 2404 */
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
