/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The algorithms by the names the whole project uses for them. Numbers on the wire differ by
 * protocol (IKE, IPsec DOI, GDOI) and live in runtime/wire; these are ours.
 */
#ifndef TESTUDO_SUITE_H
#define TESTUDO_SUITE_H

#include "compiler/base/base.h"

enum cipher_id {
	CIPHER_NULL,
	CIPHER_DES,
	CIPHER_3DES,
	CIPHER_AES_128,
	CIPHER_AES_192,
	CIPHER_AES_256,
	CIPHER_CBC_COUNT, /* those before encrypt IKE and rekeys too; those from here on ESP only */
	/* RFC 4106: encryption and integrity in one, a 16-octet ICV. */
	CIPHER_GCM_128 = CIPHER_CBC_COUNT,
	CIPHER_GCM_192,
	CIPHER_GCM_256,
	/* RFC 4543: integrity only, the payload stays readable. */
	CIPHER_GMAC_128,
	CIPHER_GMAC_192,
	CIPHER_GMAC_256,
	CIPHER_COUNT
};

enum hash_id { HASH_NONE, HASH_MD5, HASH_SHA1, HASH_SHA256, HASH_SHA384, HASH_SHA512, HASH_COUNT };

/* ESP: encryption and integrity (HMAC of the hash, truncated as RFC 2403, 2404, 4868 say). */
/* Which way a member's SAs work; in clear is accepted in all but the first, sent in the last. */
enum sa_direction { SA_BOTH, SA_INBOUND_OPTIONAL, SA_INBOUND_ONLY };

struct esp_suite {
	enum cipher_id cipher;
	enum hash_id auth; /* HASH_NONE: no integrity but the cipher's own */
};

size_t cipher_key_size(enum cipher_id id);   /* octets; 0 for CIPHER_NULL */
size_t cipher_block_size(enum cipher_id id); /* octets; 1 for CIPHER_NULL and counter modes */
size_t cipher_iv_size(enum cipher_id id);    /* octets of the IV in each ESP packet */
/* What a key download carries: the key and, for a counter mode, its salt behind it. */
size_t cipher_keymat_size(enum cipher_id id);
/* Modes that no nonce may meet twice under one key (RFC 6054): they need a sender identifier. */
bool cipher_is_counter(enum cipher_id id);
bool cipher_is_gmac(enum cipher_id id);
/* Is there any integrity? Without it anyone could move a replay window. */
bool esp_suite_protects(const struct esp_suite *s);
size_t esp_suite_icv_size(const struct esp_suite *s); /* octets at the end of each packet */
size_t hash_size(enum hash_id id);                    /* octets of the digest; 0 for HASH_NONE */
size_t esp_icv_size(enum hash_id id);                 /* octets of the truncated ICV */

/*
 * IOS's spellings. suite_ipsec_text: as `show` prints a transform ("esp-3des esp-sha-hmac",
 * "esp-256-aes esp-sha256-hmac"); suite_config_text: as it is configured ("esp-aes 256 ...").
 */
void esp_suite_show_text(const struct esp_suite *s, char *buf, size_t n);
void esp_suite_config_text(const struct esp_suite *s, char *buf, size_t n);

#endif
