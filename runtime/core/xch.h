/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exchanges: a table of steps, one row per message, and the driver that alone checks order,
 * payloads, encryption, HASH(n), repeats and retransmission. A row's function makes the payloads of
 * a message or takes them; a taker changes nothing unless it answers DROP_NONE.
 *
 * Who began an exchange sends again until it is answered: after 1, 2, 4, 8, 8, 8 seconds (and up
 * to an eighth more); then the exchange has failed. Who answers sends its last message again when
 * the same question comes again.
 *
 * Phase 2 (RFC 2409 5.5, RFC 6407 3.2): HASH(n) = prf(SKEYID_a, M-ID | nonces known before this
 * message | what follows the HASH payload); CBC blocks chain through an exchange from an IV of its
 * own. Phase 1 is in clear up to message 4, and its hashes are in its takers.
 */
#ifndef TESTUDO_XCH_H
#define TESTUDO_XCH_H

#include "runtime/core/core.h"
#include "runtime/core/timer.h"
#include "runtime/crypto/cipher.h"
#include "runtime/wire/isakmp.h"

#define XCH_TRIES     6
#define XCH_TRIES_OLD 3 /* of a first message under an SA that the peer may have lost */
#define XCH_WAIT_MIN  SECONDS(1)
#define XCH_LINGER    SECONDS(60) /* an answerer remembers, to answer repeats */
#define XCH_RESENDS   32          /* repeats answered in one exchange */
#define XCH_SEEN      3
#define XCH_SA_MAX    16 /* exchanges of phase 2 at one time under one SA */

#define P_SA          (1u << PAYLOAD_SA)
#define P_KE          (1u << PAYLOAD_KE)
#define P_ID          (1u << PAYLOAD_ID)
#define P_CERT        (1u << PAYLOAD_CERT)
#define P_CERTREQ     (1u << PAYLOAD_CERTREQ)
#define P_HASH        (1u << PAYLOAD_HASH)
#define P_SIG         (1u << PAYLOAD_SIG)
#define P_NONCE       (1u << PAYLOAD_NONCE)
#define P_NOTIFY      (1u << PAYLOAD_NOTIFY)
#define P_DELETE      (1u << PAYLOAD_DELETE)
#define P_VID         (1u << PAYLOAD_VID)
#define P_KD          (1u << PAYLOAD_KD)
#define P_SEQ         (1u << PAYLOAD_SEQ)
#define P_GAP         (1u << PAYLOAD_GAP)

struct ike_sa;
struct xch;

/* One message: read (payloads) or written (w, chain). */
struct message {
	const struct isakmp_header *header;
	const struct isakmp_payloads *payloads;
	struct wr *w;
	struct isakmp_chain *chain;
};

struct step {
	enum { SEND, RECV } direction;
	uint32_t must, may; /* P_...: there once; allowed */
	enum drop (*fn)(struct xch *x, struct message *m);
};

struct xch_kind {
	uint8_t exchange;
	bool phase1;
	const struct step *steps;
	size_t n;
	size_t encrypted_from; /* the first encrypted step */
	void (*done)(
	    struct xch *x); /* called after the last step; may free x. NULL: nothing to do */
	void (*failed)(struct xch *x); /* no answer, or a maker refused; may free x. NULL: freed */
	void (*free)(void *of);        /* NULL: nothing to free */
};

struct nonce {
	size_t n; /* 0: not known yet */
	uint8_t bytes[ISAKMP_NONCE_MAX];
};

struct xch {
	struct xch *next; /* of its SA */
	struct ike_sa *sa;
	const struct xch_kind *kind;
	void *of;   /* what it is about */
	size_t at;  /* the step that is due */
	bool began; /* by us: we retransmit */
	bool busy;  /* waits for a job */
	bool timed_out;
	bool old; /* begun under an SA that has been up for a while, and nothing has come since */
	const char *refused; /* a member: why it cannot use what came; NULL: it can */
	uint32_t message_id;
	uint8_t iv[CIPHER_BLOCK_MAX];
	struct nonce ni, nr;
	uint8_t *sent; /* the last message, as sent; owned */
	size_t sent_size;
	unsigned tries, resends;
	uint8_t seen[XCH_SEEN][16]; /* digests of what was taken, the latest first */
	size_t n_seen;
	struct timer timer;
};

/* The exchange owns `of` from here on: kind->free frees it. */
struct xch *xch_new(struct ike_sa *sa, const struct xch_kind *kind, void *take_of, bool began,
                    uint32_t message_id);
void xch_free(struct xch *x);
/* Goes on: sends what is due. May free x. */
void xch_run(struct xch *x);
/* A datagram of this exchange; may free x unless it is refused. */
enum drop xch_input(struct xch *x, const struct isakmp_header *h, struct span dgram);

/* Phase 1 is over: it answers repeats for XCH_LINGER, then its SA forgets it. */
void xch_linger(struct xch *x);

/* Phase 2 exchanges of an SA. */
struct xch *xch_find(const struct ike_sa *sa, uint32_t message_id);
void xch_add(struct xch *x);                /* the SA owns it from here on */
void xch_drop(struct xch *x);               /* takes it out of its SA and frees it */
uint32_t xch_message_id(struct ike_sa *sa); /* a fresh one */

/* The body of the only payload of this type; empty when there is none. */
struct span message_body(const struct message *m, uint8_t type);
/* Of 8 to 256 octets in phase 1 (RFC 2409 5), to 128 in GDOI's exchanges (RFC 6407 5.8). */
bool nonce_take(const struct xch *x, const struct message *m, struct nonce *ret);
void nonce_make(struct xch *x, struct message *m, struct nonce *n);

#endif
