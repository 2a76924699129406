/*
 * The algorithms by the names the whole project uses for them. Numbers on the wire differ by
 * protocol (IKE, IPsec DOI, GDOI) and live in runtime/wire; these are ours.
 */
#ifndef TESTUDO_SUITE_H
#define TESTUDO_SUITE_H

#include "compiler/policy/base.h"

enum cipher_id {
	CIPHER_NULL,
	CIPHER_DES,
	CIPHER_3DES,
	CIPHER_AES_128,
	CIPHER_AES_192,
	CIPHER_AES_256,
	CIPHER_COUNT
};

enum hash_id { HASH_NONE, HASH_MD5, HASH_SHA1, HASH_SHA256, HASH_SHA384, HASH_SHA512, HASH_COUNT };

/* ESP: encryption and integrity (HMAC of the hash, truncated as RFC 2403, 2404, 4868 say). */
struct esp_suite {
	enum cipher_id cipher;
	enum hash_id auth; /* HASH_NONE: no integrity */
};

size_t cipher_key_size(enum cipher_id id);   /* octets; 0 for CIPHER_NULL */
size_t cipher_block_size(enum cipher_id id); /* octets; 1 for CIPHER_NULL */
size_t hash_size(enum hash_id id);           /* octets of the digest; 0 for HASH_NONE */
size_t esp_icv_size(enum hash_id id);        /* octets of the truncated ICV */

/*
 * IOS's spellings. suite_ipsec_text: as `show` prints a transform ("esp-3des esp-sha-hmac",
 * "esp-256-aes esp-sha256-hmac"); suite_config_text: as it is configured ("esp-aes 256 ...").
 */
void esp_suite_show_text(const struct esp_suite *s, char *buf, size_t n);
void esp_suite_config_text(const struct esp_suite *s, char *buf, size_t n);

#endif
