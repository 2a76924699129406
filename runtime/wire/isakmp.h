/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ISAKMP on the wire (RFC 2408): header, payload chain, and the payloads of IKEv1 phase 1 (RFC
 * 2409) in the IPsec and GDOI domains of interpretation. Bytes to structs and back; no state, no
 * keys. Spans borrow from the message that was read.
 */
#ifndef TESTUDO_ISAKMP_H
#define TESTUDO_ISAKMP_H

#include "compiler/policy/suite.h"
#include "runtime/wire/rd.h"
#include "runtime/wire/wr.h"

#define ISAKMP_HEADER       28
#define ISAKMP_VERSION      0x10
#define ISAKMP_PAYLOADS_MAX 32
#define ISAKMP_MESSAGE_MAX  65507 /* of a UDP datagram over IPv4 */
#define ISAKMP_NONCE_MIN    8     /* RFC 2409 5 */
#define ISAKMP_NONCE_MAX    256
#define GDOI_NONCE_MAX      128 /* RFC 6407 5.8 */
#define COOKIE_SIZE         8

enum isakmp_doi { DOI_IPSEC = 1, DOI_GDOI = 2 };

enum isakmp_exchange { /* RFC 2408 3.1, RFC 2409 A, RFC 6407 7.1, RFC 8263 8 */
	               EXCHANGE_BASE = 1,
	               EXCHANGE_MAIN = 2,
	               EXCHANGE_AGGRESSIVE = 4,
	               EXCHANGE_INFORMATIONAL = 5,
	               EXCHANGE_GROUPKEY_PULL = 32,
	               EXCHANGE_GROUPKEY_PUSH = 33,
	               EXCHANGE_GROUPKEY_PUSH_ACK = 35
};

enum isakmp_flags { FLAG_ENCRYPTION = 1, FLAG_COMMIT = 2, FLAG_AUTH_ONLY = 4 };

enum payload_type { /* RFC 2408 3.1, RFC 6407 7.1 */
	            PAYLOAD_NONE = 0,
	            PAYLOAD_SA = 1,
	            PAYLOAD_PROPOSAL = 2,
	            PAYLOAD_TRANSFORM = 3,
	            PAYLOAD_KE = 4,
	            PAYLOAD_ID = 5,
	            PAYLOAD_CERT = 6,
	            PAYLOAD_CERTREQ = 7,
	            PAYLOAD_HASH = 8,
	            PAYLOAD_SIG = 9,
	            PAYLOAD_NONCE = 10,
	            PAYLOAD_NOTIFY = 11,
	            PAYLOAD_DELETE = 12,
	            PAYLOAD_VID = 13,
	            PAYLOAD_SAK = 15,
	            PAYLOAD_SAT = 16,
	            PAYLOAD_KD = 17,
	            PAYLOAD_SEQ = 18,
	            PAYLOAD_POP = 19,
	            PAYLOAD_GAP = 22
};

struct isakmp_header {
	uint8_t cookie_i[COOKIE_SIZE], cookie_r[COOKIE_SIZE];
	uint8_t next, version, exchange, flags;
	uint32_t message_id, length;
};

struct isakmp_payload {
	uint8_t type;
	struct span body;  /* without the generic header */
	struct span whole; /* with it: what HASH(n) covers */
};

struct isakmp_payloads {
	size_t n;
	struct isakmp_payload at[ISAKMP_PAYLOADS_MAX];
	size_t used; /* octets of the chain; what follows is padding */
};

/* The header of a datagram; false when it is not whole or its length lies. */
bool isakmp_header_get(struct span dgram, struct isakmp_header *ret);
/* Writes 28 octets; the length is patched by isakmp_finish. */
void isakmp_header_put(struct wr *w, const struct isakmp_header *h);
void isakmp_finish(struct wr *w); /* length = what has been written */

/*
 * The chain of payloads that starts with `first`. Reserved octets must be zero (RFC 2408 5.3); no
 * padding is allowed unless `padded`, as it is after decryption.
 */
bool isakmp_payloads_get(uint8_t first, struct span chain, bool padded,
                         struct isakmp_payloads *ret);
/* The first payload of a type, NULL when there is none. */
const struct isakmp_payload *isakmp_payload_find(const struct isakmp_payloads *p, uint8_t type);
size_t isakmp_payload_count(const struct isakmp_payloads *p, uint8_t type);

/*
 * Writing a chain: isakmp_chain_begin notes where the previous "next payload" octet is (offset 16
 * in the header); each isakmp_payload_begin patches it, and isakmp_payload_end sets the length.
 */
struct isakmp_chain {
	size_t next_at;
	size_t start;
};

void isakmp_payload_begin(struct wr *w, struct isakmp_chain *c, uint8_t type);
void isakmp_payload_end(struct wr *w, struct isakmp_chain *c);
void isakmp_payload_put(struct wr *w, struct isakmp_chain *c, uint8_t type, struct span body);

#define ISAKMP_CHAIN ((struct isakmp_chain){.next_at = 16})

/* --- attributes (RFC 2408 3.3) ---------------------------------------------------------------- */

struct attribute {
	uint16_t type;
	bool basic;
	uint16_t value;    /* when basic */
	struct span bytes; /* when variable */
};

/* False at the end or when malformed (r->bad then). */
bool attribute_get(struct rd *r, struct attribute *ret);
/* The number of a basic or a variable attribute of up to four octets; false: does not fit. */
bool attribute_number(const struct attribute *a, uint32_t *ret);
void attribute_put_basic(struct wr *w, uint16_t type, uint16_t value);
void attribute_put_bytes(struct wr *w, uint16_t type, struct span bytes);
/* Basic when it fits 16 bits, else four octets (RFC 2409 App. A leaves both open). */
void attribute_put_number(struct wr *w, uint16_t type, uint32_t value);

/* --- the phase 1 SA payload (RFC 2409 Appendix A) --------------------------------------------- */

#define PHASE1_TRANSFORMS_MAX 24

struct phase1_transform {
	uint8_t number;
	enum cipher_id cipher; /* CIPHER_NULL: one we do not know */
	enum hash_id hash;     /* HASH_NONE: one we do not know */
	uint16_t group;
	uint16_t auth;     /* enum phase1_auth */
	uint32_t lifetime; /* seconds; 0: not said */
	/*
	 * The attributes as they came. When there are any they are written as they are: the answer
	 * gives the chosen transform back unmodified (RFC 2409 5), unknown attributes included.
	 */
	struct span attributes;
};

enum phase1_auth { /* RFC 2409 Appendix A, RFC 4754 6 */
	           PHASE1_AUTH_PSK = 1,
	           PHASE1_AUTH_RSA_SIG = 3,
	           PHASE1_AUTH_ECDSA_256 = 9,
	           PHASE1_AUTH_ECDSA_384 = 10,
	           PHASE1_AUTH_ECDSA_521 = 11
};

struct phase1_sa {
	uint32_t doi;
	uint32_t situation;
	uint8_t proposal;
	size_t n; /* transforms; those beyond the maximum are passed over */
	struct phase1_transform transforms[PHASE1_TRANSFORMS_MAX];
};

bool phase1_sa_get(struct span body, struct phase1_sa *ret);
void phase1_sa_put(struct wr *w, const struct phase1_sa *sa); /* the body */

/* --- ID, NOTIFY, DELETE ----------------------------------------------------------------------- */

enum id_type { /* RFC 2407 4.6.2.1 */
	       ID_IPV4_ADDR = 1,
	       ID_FQDN = 2,
	       ID_USER_FQDN = 3,
	       ID_IPV4_ADDR_SUBNET = 4,
	       ID_DER_ASN1_DN = 9,
	       ID_KEY_ID = 11
};

struct isakmp_id {
	uint8_t type, proto;
	uint16_t port;
	struct span data;
};

bool isakmp_id_get(struct span body, struct isakmp_id *ret);
void isakmp_id_put(struct wr *w, const struct isakmp_id *id);

enum notify_type { /* RFC 2408 3.14.1, RFC 2407 4.6.3 */
	           NOTIFY_INVALID_PAYLOAD_TYPE = 1,
	           NOTIFY_DOI_NOT_SUPPORTED = 2,
	           NOTIFY_INVALID_COOKIE = 4,
	           NOTIFY_INVALID_MAJOR_VERSION = 5,
	           NOTIFY_INVALID_MINOR_VERSION = 6,
	           NOTIFY_INVALID_EXCHANGE_TYPE = 7,
	           NOTIFY_INVALID_FLAGS = 8,
	           NOTIFY_INVALID_MESSAGE_ID = 9,
	           NOTIFY_NO_PROPOSAL_CHOSEN = 14,
	           NOTIFY_PAYLOAD_MALFORMED = 16,
	           NOTIFY_INVALID_KEY_INFORMATION = 17,
	           NOTIFY_INVALID_ID_INFORMATION = 18,
	           NOTIFY_INVALID_CERTIFICATE = 20,
	           NOTIFY_INVALID_HASH_INFORMATION = 23,
	           NOTIFY_AUTHENTICATION_FAILED = 24,
	           NOTIFY_UNSUPPORTED_EXCHANGE_TYPE = 29,
	           NOTIFY_UNEQUAL_PAYLOAD_LENGTHS = 30,
	           NOTIFY_INITIAL_CONTACT = 0x6002,
	           NOTIFY_R_U_THERE = 36136, /* RFC 3706 5.3 */
	           NOTIFY_R_U_THERE_ACK = 36137
};

struct isakmp_notify {
	uint32_t doi;
	uint8_t proto;
	uint16_t type;
	struct span spi, data;
};

bool isakmp_notify_get(struct span body, struct isakmp_notify *ret);
void isakmp_notify_put(struct wr *w, const struct isakmp_notify *n);

struct isakmp_delete {
	uint32_t doi;
	uint8_t proto, spi_size;
	uint16_t n;
	struct span spis; /* n times spi_size octets */
};

bool isakmp_delete_get(struct span body, struct isakmp_delete *ret);
void isakmp_delete_put(struct wr *w, const struct isakmp_delete *d);

#endif
