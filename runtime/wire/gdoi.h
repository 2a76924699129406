/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GDOI's payloads on the wire (RFC 6407 5; RFC 3547): the SA payload with its SAK, GAP and SATs,
 * the key download, SEQ, and the group's identity. Bytes to structs and back; no state, no keys of
 * our own. Spans borrow from the message that was read.
 */
#ifndef TESTUDO_GDOI_H
#define TESTUDO_GDOI_H

#include "compiler/policy/prefix.h"
#include "runtime/wire/gdoi_lkh.h"
#include "runtime/wire/isakmp.h"

#define GDOI_SATS_MAX 512
#define GDOI_KEYS_MAX 320
#define GDOI_SIDS_MAX 8
#define KEK_SPI_SIZE  16

/* --- identities ------------------------------------------------------------------------------- */

/* Traffic side of a SAK or SAT: an address and mask, a port (0: any). */
struct gdoi_end {
	uint8_t type; /* ID_IPV4_ADDR, ID_IPV4_ADDR_SUBNET; 0: unspecified, zeros or no data */
	uint16_t port;
	uint32_t addr, mask;
};

/* --- SAK (RFC 6407 5.3) ----------------------------------------------------------------------- */

enum { DIRECTION_SEND = 1, DIRECTION_RECEIVE, DIRECTION_SYMMETRIC }; /* RFC 6407 5.5.1.1.2 */

enum kek_attribute {
	KEK_MANAGEMENT_ALGORITHM = 1,
	KEK_ALGORITHM = 2,
	KEK_KEY_LENGTH = 3,
	KEK_KEY_LIFETIME = 4,
	SIG_HASH_ALGORITHM = 5,
	SIG_ALGORITHM = 6,
	SIG_KEY_LENGTH = 7,
	KE_OAKLEY_GROUP = 8,  /* RFC 3547 */
	KEK_ACK_REQUESTED = 9 /* RFC 8263 */
};

enum kek_ack { /* RFC 8263 2 */
	       KEK_ACK_KEK_SHA256 = 1,
	       KEK_ACK_LKH_SHA256 = 2,
	       KEK_ACK_KEK_SHA512 = 3,
	       KEK_ACK_LKH_SHA512 = 4
};

enum kek_management { KEK_MANAGEMENT_LKH = 1 }; /* RFC 6407 5.3.1 */

enum sig_algorithm { SIG_ALG_RSA = 1 };

struct gdoi_sak {
	uint8_t proto; /* of the rekey: 17 */
	struct gdoi_end src, dst;
	uint8_t spi[KEK_SPI_SIZE]; /* initiator and responder cookie of the pushes */
	enum cipher_id cipher;     /* CIPHER_NULL: one we do not know */
	enum hash_id sig_hash;     /* HASH_NONE: not said, or one we do not know */
	uint16_t sig_algorithm;    /* 0: not said */
	uint16_t sig_bits;         /* 0: not said */
	uint32_t lifetime;         /* seconds; 0: not said */
	uint16_t ack;              /* KEK_ACK_REQUESTED; 0: none asked for */
	bool lifetime_basic;       /* how the lifetime is written: Basic, else four octets */
	/* KEK_MANAGEMENT_ALGORITHM; 0: not said. Only a push may say it; a pull's is ignored. */
	uint16_t management;
};

/* --- GAP (RFC 6407 5.4) ----------------------------------------------------------------------- */

struct gdoi_gap {
	bool has_atd, has_dtd, has_sid;
	uint16_t atd, dtd; /* activation, deactivation delay, seconds */
	uint16_t sid;      /* sender identifiers asked for */
	/*
	 * A rekey's SATs are all there is: they replace the policy instead of adding to it. Private
	 * use (GAP_TESTUDO_WHOLE); sent only in messages that nobody but members of our kind get.
	 */
	bool whole;
};

/*
 * The body of a GAP payload that stands by itself, as in GROUPKEY-PULL's third message. An unknown
 * attribute is an error (RFC 6407 5.4).
 */
bool gdoi_gap_get(struct span body, struct gdoi_gap *ret);

/* --- SAT (RFC 6407 5.5) ----------------------------------------------------------------------- */

enum sat_protocol {
	GDOI_PROTO_ESP = 1,
	GDOI_PROTO_AH = 2,
	/*
	 * Private use (128..255): traffic the group does not encrypt, so that an ACL's deny entries
	 * keep their place among the permits. Laid out as an ESP SAT up to the destination and
	 * nothing after. Sent only to a member whose vendor ID is ours.
	 */
	GDOI_PROTO_BYPASS = 231
};

struct gdoi_sat {
	uint8_t protocol;
	uint8_t proto; /* IP protocol; 0: any */
	struct gdoi_end src, dst;
	/* ESP: */
	uint8_t transform; /* as on the wire */
	uint32_t spi;
	struct esp_suite suite; /* valid when `known` */
	bool known;             /* transform and attributes are ones we can run */
	bool transport;
	uint32_t lifetime;             /* seconds; 0: not said */
	uint16_t address_preservation; /* 0: not said = both (4) */
	uint16_t direction;            /* 0: not said = symmetric (3) */
	/* Private attributes, to and from members and servers whose vendor ID is ours: */
	uint16_t replay_window; /* packets; 0: not said */
	uint16_t time_window;   /* seconds; 0: no time-based replay protection */
	uint64_t pseudotime;    /* milliseconds, when this was written; with time_window */
	bool lifetime_variable; /* how it is written */
};

struct gdoi_sa {
	uint32_t doi, situation;
	bool has_sak, has_gap;
	struct gdoi_sak sak;
	struct gdoi_gap gap;
	size_t n_sats;
	struct gdoi_sat sats[GDOI_SATS_MAX];
};

/* Bodies of the SA payload. An unknown KEK attribute is an error (RFC 6407 5.3.2). */
bool gdoi_sa_get(struct span body, struct gdoi_sa *ret);
void gdoi_sa_put(struct wr *w, const struct gdoi_sa *sa);

/* Selector of a SAT; false when its identities are not IPv4 addresses. */
bool gdoi_sat_selector(const struct gdoi_sat *sat, struct selector *ret);
struct gdoi_end gdoi_end_of(uint32_t addr, uint32_t mask, uint16_t port);

/* --- KD (RFC 6407 5.6) ------------------------------------------------------------------------ */

enum kd_type { KD_TEK = 1, KD_KEK = 2, KD_LKH = 3, KD_SID = 4 };

struct gdoi_key {
	uint8_t type;
	struct span spi;  /* 4 octets for a TEK, 16 for a KEK */
	struct span key;  /* TEK_ALGORITHM_KEY; KEK_ALGORITHM_KEY: IV and key */
	struct span auth; /* TEK_INTEGRITY_KEY; SIG_ALGORITHM_KEY: the public key */
	struct span lkh;  /* KD_LKH: its attributes, well formed, for gdoi_lkh_next */
	/* KD_SID, for counter modes (RFC 6407 5.6.4, RFC 6054): */
	uint16_t sid_bits;
	size_t n_sids;
	uint32_t sids[GDOI_SIDS_MAX];
};

struct gdoi_kd {
	size_t n;
	struct gdoi_key keys[GDOI_KEYS_MAX];
};

bool gdoi_kd_get(struct span body, struct gdoi_kd *ret);
void gdoi_kd_put(struct wr *w, const struct gdoi_kd *kd);

/* --- SEQ, and identities ---------------------------------------------------------------------- */

bool gdoi_seq_get(struct span body, uint32_t *ret);
void gdoi_seq_put(struct wr *w, uint32_t seq);

/* ID_KEY_ID with four octets (RFC 3547 5.1.1.1), or ID_IPV4_ADDR (`identity address`). */
bool gdoi_group_id_get(struct span body, uint8_t *ret_type, uint32_t *ret_value);
void gdoi_group_id_put(struct wr *w, uint8_t type, uint32_t value);

/* The member that acknowledges a rekey: ID_IPV4_ADDR. */
bool gdoi_member_id_get(struct span body, uint32_t *ret_addr);
void gdoi_member_id_put(struct wr *w, uint32_t addr);

#endif
