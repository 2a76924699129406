/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The algorithms: a cipher, a hash and a Diffie-Hellman group is one row of one table (suite.c).
 * A row holds all that the project knows of it: sizes, numbers on the wire, IOS's words, and its
 * names in OpenSSL and in the kernel. Whoever needs one of these facts reads the row.
 */
#ifndef TESTUDO_SUITE_H
#define TESTUDO_SUITE_H

#include "compiler/base/base.h"

/* Where an algorithm is used: in phase 1; under a KEK, or signing a rekey; in ESP. */
enum suite_use { USE_IKE, USE_REKEY, USE_ESP, USE_COUNT };

struct suite_name {
	const char *word; /* in a configuration; NULL: the algorithm is not used so */
	uint8_t number;   /* on the wire: RFC 2409 Appendix A; RFC 6407 5.3; RFC 2407 4.4.4, 4.5 */
};

/* --- ciphers ---------------------------------------------------------------------------------- */

enum cipher_id {
	CIPHER_NULL,
	CIPHER_DES,
	CIPHER_3DES,
	CIPHER_AES_128,
	CIPHER_AES_192,
	CIPHER_AES_256,
	/* RFC 4106: encryption and integrity in one. */
	CIPHER_GCM_128,
	CIPHER_GCM_192,
	CIPHER_GCM_256,
	/* RFC 4543: integrity only, the payload stays readable. */
	CIPHER_GMAC_128,
	CIPHER_GMAC_192,
	CIPHER_GMAC_256,
	CIPHER_COUNT
};

/* IPsec transform identifiers, RFC 2407 4.4.4. */
enum esp_transform {
	ESP_DES = 2,
	ESP_3DES = 3,
	ESP_NULL = 11,
	ESP_AES_CBC = 12,           /* RFC 3602 5.1 */
	ESP_AES_GCM_16 = 20,        /* RFC 4106 8.2 */
	ESP_NULL_AUTH_AES_GMAC = 23 /* RFC 4543 9 */
};

struct cipher_row {
	const char *name; /* in JSON, YAML and the policy that `check` prints: "aes-256" */
	/*
	 * Octets of the key, a block, the IV in an ESP packet, the salt, the ICV it brings itself.
	 */
	uint8_t key, block, iv, salt, icv;
	bool gmac;  /* covers the payload and does not encrypt it */
	bool sized; /* several key sizes share a word and a number: bits are said beside them */
	bool weak;
	struct suite_name use[USE_COUNT];
	const char *openssl, *kernel; /* NULL: OpenSSL needs none; the kernel carries none */
	/* As IOS shows it: */
	const char *family;      /* "AES" */
	const char *engine;      /* "AES256" */
	const char *ike_title;   /* "AES - Advanced Encryption Standard (256 bit keys)." */
	const char *rekey_title; /* "AES256-CBC" */
	const char *esp_show;    /* "esp-256-aes"; NULL: as it is configured */
};

const struct cipher_row *cipher_row(enum cipher_id id);
/*
 * The cipher of a use that has the word or the number, and a key of so many bits where several
 * share it. CIPHER_COUNT: there is none.
 */
enum cipher_id cipher_by_word(enum suite_use use, const char *word, uint32_t bits);
enum cipher_id cipher_by_number(enum suite_use use, uint32_t number, uint32_t bits);

size_t cipher_key_size(enum cipher_id id);   /* octets; 0 for CIPHER_NULL */
size_t cipher_block_size(enum cipher_id id); /* octets; 1 for CIPHER_NULL and counter modes */
size_t cipher_iv_size(enum cipher_id id);    /* octets of the IV in each ESP packet */
/* What a key download carries: the key and, for a counter mode, its salt behind it. */
size_t cipher_keymat_size(enum cipher_id id);
/* Modes that no nonce may meet twice under one key (RFC 6054): they need a sender identifier. */
bool cipher_is_counter(enum cipher_id id);
bool cipher_is_gmac(enum cipher_id id);

/* --- hashes ----------------------------------------------------------------------------------- */

enum hash_id { HASH_NONE, HASH_MD5, HASH_SHA1, HASH_SHA256, HASH_SHA384, HASH_SHA512, HASH_COUNT };

struct hash_row {
	const char *name;  /* in JSON, YAML and the policy that `check` prints: "sha1" */
	uint8_t size, icv; /* octets of the digest, and of what ESP keeps of its HMAC */
	bool weak;
	struct suite_name use[USE_COUNT]; /* of the HMAC in ESP */
	const char *openssl, *kernel;
	/* As IOS shows it: */
	const char *title;     /* "SHA" */
	const char *ike_title; /* "Secure Hash Standard" */
};

const struct hash_row *hash_row(enum hash_id id);
/* The hash of a use that has the word (NULL: none has) or the number; HASH_NONE: there is none. */
enum hash_id hash_by_word(enum suite_use use, const char *word);
enum hash_id hash_by_number(enum suite_use use, uint32_t number);
size_t hash_size(enum hash_id id); /* octets of the digest; 0 for HASH_NONE */

/* --- Diffie-Hellman groups -------------------------------------------------------------------- */

#define DH_NUMBER_MAX 24

struct dh_row {
	uint16_t number; /* in a configuration and on the wire */
	uint16_t bits;   /* of the prime or the curve */
	/* Octets of a public value; 0: known by name alone, no exchange can use it. */
	uint16_t public_size;
	uint16_t exponent; /* bits of a MODP group's private exponent */
	bool weak;
	const char *curve; /* its name in OpenSSL; NULL: a MODP group */
};

const struct dh_row *dh_row(uint16_t number); /* NULL: nobody has heard of it */
bool dh_group_known(uint16_t number);         /* can an exchange use it? */
size_t dh_public_size(uint16_t number);       /* octets of a KE payload's body; 0: none can */

/* --- ESP -------------------------------------------------------------------------------------- */

/* The DF bit of a packet that is encrypted in tunnel mode: that of the packet inside, 0, or 1. */
enum df_bit { DF_COPY, DF_CLEAR, DF_SET };

/* Which way a member's SAs work; in clear is accepted in all but the first, sent in the last. */
enum sa_direction { SA_BOTH, SA_INBOUND_OPTIONAL, SA_INBOUND_ONLY };

/* Encryption, and integrity by the HMAC of a hash, truncated (RFC 2403, 2404, 4868). */
struct esp_suite {
	enum cipher_id cipher;
	enum hash_id auth; /* HASH_NONE: no integrity but the cipher's own */
};

/* Is there any integrity? Without it anyone could move a replay window. */
bool esp_suite_protects(const struct esp_suite *s);
size_t esp_suite_icv_size(const struct esp_suite *s); /* octets at the end of each packet */

/* What `crypto engine legacy disable` refuses: DES, 3DES; MD5, SHA-1; groups below 14. */
bool cipher_is_legacy(enum cipher_id id);
bool hash_is_legacy(enum hash_id id);
bool dh_is_legacy(uint16_t number);
bool esp_suite_is_legacy(const struct esp_suite *s);

/* As IOS's `show` prints a transform ("esp-256-aes esp-sha256-hmac"). */
void esp_suite_show_text(const struct esp_suite *s, char *buf, size_t n);

#endif
