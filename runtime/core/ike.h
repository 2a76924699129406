/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IKEv1 phase 1 (RFC 2409, main mode with pre-shared keys, or with signatures by RSA or ECDSA, RFC
 * 4754) as GDOI uses it (RFC 6407 2): the table of SAs, and the cheap answer to a stranger's first
 * message.
 *
 *   member                                server
 *   1 HDR, SA                      -->    no state made: the cookie is a keyed hash (ike_offer.c)
 *                                  <--  2 HDR, SA
 *   3 HDR, KE, Ni                  -->    our cookie came back: an SA, a job for DH
 *                                  <--  4 HDR, KE, Nr
 *   5 HDR*, IDii, HASH_I, VID      -->    authenticated
 *                                  <--  6 HDR*, IDir, HASH_R, VID
 *
 * With signatures CERT and SIG stand in the place of HASH_I and HASH_R, and 3 and 4 ask for the
 * certificate.
 *
 *            +------- no answer, or IKE_SETUP_TIME over
 *            v                    |
 *   (new) -> IKE_SETUP ----- last message taken ---> IKE_UP --- lifetime, delete, clear --> (freed)
 *
 * The core owns every SA. An SA owns its exchanges (xch.h); a member waiting for it is told by
 * gm_sa_up and gm_sa_gone.
 */
#ifndef TESTUDO_IKE_H
#define TESTUDO_IKE_H

#include "runtime/core/core.h"
#include "runtime/core/flood.h"
#include "runtime/core/table.h"
#include "runtime/core/timer.h"
#include "runtime/crypto/cipher.h"
#include "runtime/crypto/prf.h"
#include "runtime/wire/isakmp.h"

#define NONCE_SIZE 20 /* ours; for a peer's see nonce_take */
/* For a responder, from message 3 to message 5; an initiator gives up before: xch.h. */
#define IKE_SETUP_TIME  SECONDS(40)
#define IKE_SAS_MAX     131072 /* all SAs of one core */
#define IKE_SETUPS_MAX  4096   /* of them: as responder, not yet authenticated */
#define IKE_PEER_SETUPS 4      /* the same, of one peer */
#define IKE_REFUSED_MAX 32     /* messages that authenticate nobody, of one half-open exchange */
#define IKE_AWAITED_MAX 16     /* messages of one that wait for a revocation list */
#define IKE_SECRET_TIME SECONDS(60) /* a cookie is good for one to two of these */
#define IKE_REUSE_MIN   SECONDS(60) /* an SA with less to live is not used again */
#define IKE_CONN_ID     1001        /* the first */

struct core;
struct gm;
struct main_mode;
struct proofs;
struct pull;
struct xch;

enum ike_state { IKE_SETUP, IKE_UP };

/* Dead peer detection (RFC 3706) of one SA: ike_dpd.c. */
struct ike_dpd {
	bool able; /* the peer has said that it answers */
	/* The peer's questions: the number of the last one, once it has asked. */
	bool asked;
	uint32_t theirs;
	struct allowance answers,
	    again; /* to new questions; to the last one, which anybody can repeat */
	/* Ours: numbers of those that wait for an answer; how many, 0: none does. */
	bool numbered; /* the next number has been drawn */
	uint32_t first, next;
	unsigned waiting;
	msec heard; /* the last sign of life that nobody can have recorded */
	struct timer timer;
};

struct ike_suite { /* what both agreed on */
	enum cipher_id cipher;
	enum hash_id hash;
	enum isakmp_auth auth;
	enum phase1_auth method; /* of auth: with ECDSA it says the curve, too */
	uint16_t group;
	uint32_t lifetime; /* seconds */
};

/* Whom phase 1 has authenticated, for those who authorize by it (RFC 6407 3.1). */
struct ike_who {
	bool address;    /* its identity is the address of its path, and that is proven */
	char *subject;   /* of its certificate, canonical (certmap.h); NULL: it has none */
	struct span ids; /* crl_check's, of its certificate; ours to free; empty: it has none */
	char *names; /* domain names of it, each ended by a NUL, then an empty one; NULL: none */
};

struct ike_sa {
	struct link by_cookie, by_peer;
	struct ike_sa *next, **prev; /* all of the core's, newest first */
	struct setup_net *setup_net; /* half open: ike_setup.c; else NULL */
	struct ike_sa *setup_next, **setup_prev;
	struct core *core;
	uint64_t serial; /* never used twice: a late job finds out that its SA is gone */
	enum ike_state state;
	bool initiator;
	bool testudo;       /* the peer has said that it is one of ours */
	struct ike_who who; /* once it is up */
	char *profile;      /* name of its ISAKMP profile, once it is known; owned; NULL: none */
	struct path path;
	uint8_t cookie_i[COOKIE_SIZE], cookie_r[COOKIE_SIZE];
	uint32_t conn_id;
	struct ike_suite suite;
	struct ike_keys keys;     /* keys.iv: the last block of phase 1 once it is up */
	struct cipher *cipher;    /* keyed with keys.key; NULL before there are keys */
	struct main_mode *main;   /* what only phase 1 needs; NULL once up */
	struct xch *phase1;       /* kept while up, to answer repeats */
	struct xch *exchanges;    /* of phase 2 */
	struct timer timer;       /* setup time, then lifetime */
	msec expires;             /* MSEC_NEVER while in setup */
	uint8_t refused, awaited; /* different messages, while it is half open */
	struct proofs *proofs;    /* what they showed: ike_proof.c; NULL: nothing in vain */
	bool complained;          /* one line about an unreadable message is enough */
	bool lost;                /* the peer seems to know it no more */
	struct ike_dpd dpd;
	const char *hint; /* what an unauthenticated notify said; NULL: nothing */
};

/* An address that has authenticated since this core began. */
struct ike_met {
	struct link link;      /* by the address */
	struct ike_sa *spared; /* half open, gives way to nobody: ike_setup.c; NULL: none */
	struct allowance dh;   /* Diffie-Hellman beyond what anybody may have */
	struct allowance lines, notices; /* what its SAs may cause: flood.h */
};

/* With whom phase 1 is about to begin. */
struct ike_peer {
	struct path path;
	const struct policy_isakmp_profile *profile; /* NULL: none, or not known yet */
};

struct offers;
struct psks;
struct setup_net;
struct setups;

/* SA payloads remembered for message 3, by what their senders have proved. */
enum offer_ring { OFFER_FRESH, OFFER_REACHED, OFFER_TRUSTED, OFFER_RINGS };

struct ike {
	struct table by_cookie; /* by our own cookie */
	struct table by_peer;   /* by peer_key */
	struct ike_sa *all;
	size_t n_sas;
	struct setups *setups; /* ike_setup.c; NULL before the first */
	uint64_t next_serial;
	uint32_t next_conn_id;
	struct table met;  /* struct ike_met, by address */
	struct psks *psks; /* of the policy; NULL before the first */
	uint32_t trust;    /* changes when a certificate may count that did not, or the reverse */
	uint16_t signs;    /* 1 << method: there is a certificate to show, with its key */
	/* anti-clogging: see ike_offer.c */
	struct offers *offers[OFFER_RINGS]; /* NULL before the first message 1 */
	uint8_t offer_key[16];
	uint8_t secrets[2][16]; /* the present one and the one before */
	msec secret_made;
};

void ike_init(struct core *c);
void ike_fini(struct core *c);
enum drop ike_input(struct core *c, const struct path *path, struct span dgram);
void ike_clear(struct core *c);
/* Ends what `crypto engine legacy disable` refuses; and what may become so, when that is new. */
void ike_refuse_legacy(struct core *c, bool is_new);
const struct snap_isakmp *ike_snap(const struct core *c, msec now, struct arena *a, size_t *ret_n);

/*
 * The initiator's SA with a key server: the one there is, or a new one on its way. NULL and
 * *ret_why set when it cannot even be tried. Watch sa->state; gm_sa_up and gm_sa_gone follow.
 */
struct ike_sa *ike_connect(struct core *c, uint32_t vrf, uint32_t local, uint32_t peer,
                           const struct policy_isakmp_profile *profile /* NULL: none */,
                           const char **ret_why);

/* Makes an SA in setup and files it. */
struct ike_sa *ike_sa_new(struct core *c, const struct path *path, bool initiator,
                          const uint8_t cookie_i[COOKIE_SIZE], const uint8_t cookie_r[COOKIE_SIZE]);
/* The SA that was made under this serial, NULL when it is gone. */
struct ike_sa *ike_sa_by_serial(const struct core *c, uint64_t serial,
                                const uint8_t our_cookie[COOKIE_SIZE]);
/* Phase 1 is done and the keys are there. */
void ike_sa_up(struct ike_sa *sa);
/* Ends it: tells waiting members why, and the peer if it is up and tell_peer. Frees it. */
void ike_sa_end(struct ike_sa *sa, const char *why, bool tell_peer);
/* Is this the first SA with its peer since the start? */
bool ike_first_contact(const struct ike_sa *sa);
/*
 * The authenticated peer has sent INITIAL-CONTACT under this SA: older SAs with its identity end.
 */
void ike_initial_contact(struct ike_sa *sa);
/* Has this address authenticated since the start? Borrowed; NULL: no. */
struct ike_met *ike_met_find(const struct core *c, uint64_t peer);

/* --- ike_offer.c ------------------------------------------------------------------------------ */

void ike_offers_fini(struct ike *ike);
/* Message 1: answered without making state. */
enum drop ike_offer_answer(struct core *c, const struct path *path, const struct isakmp_header *h,
                           struct span dgram);
/*
 * The SA payload that was answered with this cookie; an empty span when the cookie is none of ours
 * or too old. Borrowed, until the next message 1.
 */
struct span ike_offer_find(struct core *c, const struct path *path, const struct isakmp_header *h);
/* Its sender has brought back our cookie; has authenticated. */
void ike_offer_reached(struct core *c, uint32_t source, struct span sa_body);
void ike_offer_trusted(struct core *c, uint32_t source, struct span sa_body);
/*
 * The first of our policies, in order of number, that the peer offers and that we can run with it.
 */
bool ike_choose(const struct core *c, const struct ike_peer *peer, const struct phase1_sa *offer,
                struct ike_suite *ret, struct phase1_transform *ret_transform);
/*
 * The next method of auth after that one (0: the first) that we have with this peer what it needs
 * for: a pre-shared key, or a certificate. 0: there is none.
 */
uint16_t ike_method_next(const struct core *c, const struct ike_peer *peer, enum isakmp_auth auth,
                         uint16_t after);
/* Any of its methods. */
bool ike_can(const struct core *c, const struct ike_peer *peer, enum isakmp_auth auth);

/* --- ike_profile.c ---------------------------------------------------------------------------- */

/* The SA's profile in the policy that runs now; NULL: it has none. */
const struct policy_isakmp_profile *ike_profile_of(const struct ike_sa *sa);
/* Of these profiles the SA has this one, or none of NULL. */
bool ike_profile_is(const struct ike_sa *sa, const struct policy_isakmp_profile *profile);
void ike_profile_set(struct ike_sa *sa, const struct policy_isakmp_profile *profile);
/*
 * The profile that an address leads to before its peer has said who it is, so that it gets the
 * right one of several keys; NULL: none does.
 */
const struct policy_isakmp_profile *ike_profile_by_address(const struct core *c,
                                                           const struct path *path);
/*
 * The profile of a peer that calls itself so, and has shown a key of that keyring (ring NULL: of
 * none; psk NULL: has signed). DROP_PROFILE: not that of the SA, or it has a key that only the
 * peers of a profile may have. *ret NULL: it has no profile, and needs none.
 */
enum drop ike_profile_choose(const struct ike_sa *sa, const struct isakmp_id *id, bool psk,
                             const char *ring, const struct policy_isakmp_profile **ret);
/* The policy has replaced `old`: SAs whose profile is another one now end. */
void ike_profile_rebind(struct core *c, const struct policy *old);

/* --- ike_psk.c -------------------------------------------------------------------------------- */

/* A policy has come: its keys replace those of the one before. */
void ike_psks_apply(struct core *c);
void ike_psks_fini(struct ike *ike);
/*
 * The key for this peer: of those that its profile may have, that of the longest prefix; NULL:
 * none. Of the policy.
 */
const struct policy_psk *ike_psk_find(const struct core *c, const struct ike_peer *peer);

/* --- ike_setup.c ------------------------------------------------------------------------------ */

void ike_setups_fini(struct ike *ike);
size_t ike_setups(const struct core *c); /* half-open exchanges */
/* A place for one more, of a peer that has brought back our cookie; may displace another. */
enum drop ike_setup_admit(struct core *c, uint64_t peer);
void ike_setup_add(struct ike_sa *sa);
void ike_setup_remove(struct ike_sa *sa); /* it may be none */

/* --- ike_main.c ------------------------------------------------------------------------------- */

/* Sends message 1. */
void ike_main_initiate(struct ike_sa *sa, const struct policy_psk *psk /* NULL: none */);
/* Message 3 with a cookie of ours: makes the SA. */
enum drop ike_main_accept(struct core *c, const struct path *path, const struct isakmp_header *h,
                          struct span dgram);
void ike_main_free(struct main_mode *mm);

/* --- ike_cert.c ------------------------------------------------------------------------------- */

struct message;

/* A policy or keys have come: is there a trustpoint with a certificate, a CA and the key pair? */
void ike_cert_apply(struct core *c);
/* There is another revocation list: ends the SAs of those who are on it. */
void ike_cert_recheck(struct core *c);
/*
 * Has a CA of the trustpoint taken back the certificate, or any CA one of those above it, as their
 * lists say? ids: as in struct ike_who. ret_serial: the number of what is taken back, set then.
 */
#define IKE_SERIAL_MAX 64
bool ike_cert_revoked(const struct core *c, const struct policy_trustpoint *t, struct span ids,
                      char *ret_serial);
/*
 * Asks by HTTP for the lists on which the trustpoint's own certificate and its CAs' would be, as
 * far as these say where they are. How many; ret_named: how many there are to ask for.
 */
size_t ike_cert_fetch(const struct core *c, const struct policy_trustpoint *t, size_t *ret_named);
/*
 * The policy has replaced `old`. When the rules that say which certificates are the key servers'
 * have changed, SAs with key servers end: they were proven under the old rules.
 */
void ike_cert_rebind(struct core *c, const struct policy *old);
/*
 * Writes CERT and SIG over the hash, as the suite has it, with the certificate of this trustpoint
 * if we can, else (or for NULL) of the first that we can use; with none that the SA's profile does
 * not name. False when there is nothing to sign with any more.
 */
bool ike_cert_put(const struct ike_sa *sa, const char *trustpoint, struct message *m,
                  struct span hash);
/* Asks for a certificate of a CA we trust, each by its name (RFC 2408 3.10). */
void ike_cert_request(const struct core *c, struct message *m);
/*
 * The trustpoint whose CA the peer asks for (RFC 2408 3.10) and that we can show a certificate of;
 * NULL: it takes any, or asks for what we have not. Borrowed from the policy.
 */
const char *ike_cert_requested(const struct core *c, const struct message *m,
                               enum phase1_auth method);
/*
 * The peer's SIG over the hash, by a certificate of a CA we trust, whose holder may call himself by
 * this ID, and is the key server if we have asked for it. Fills in sa->who; says in the log what is
 * wrong.
 */
enum drop ike_cert_check(struct ike_sa *sa, const struct message *m, struct span hash,
                         const struct isakmp_id *id,
                         const struct policy_isakmp_profile *profile /* NULL: none */);
void ike_who_fini(struct ike_who *who);
/* The subject of the certificate we show, as DER; into ret of n octets, 0: none, or too long. */
size_t ike_cert_subject(const struct ike_sa *sa, const char *trustpoint, uint8_t *ret, size_t n);

/* --- ike_dpd.c -------------------------------------------------------------------------------- */

struct policy_keepalive;

/* Says that we do dead peer detection; does the peer? */
void ike_dpd_vendor_put(struct message *m);
bool ike_dpd_vendor_came(const struct message *m);
/* The SA is up; it goes. */
void ike_dpd_begin(struct ike_sa *sa);
void ike_dpd_end(struct ike_sa *sa);
/* The settings may have changed, of all SAs. */
void ike_dpd_apply(struct core *c);
/* An answer has come under the SA that only the living can have made. */
void ike_dpd_heard(struct ike_sa *sa);
/* We are about to rely on the SA: asks, where it has been silent for long. */
void ike_dpd_demand(struct ike_sa *sa);
/* Will it be found out that the peer is dead? */
bool ike_dpd_watches(const struct ike_sa *sa);
/* An authentic R-U-THERE, or the answer to one (type), has come. May end nothing. */
enum drop ike_dpd_take(struct ike_sa *sa, uint16_t type, uint32_t number);

/* --- ike_sign.c ------------------------------------------------------------------------------- */

struct cert;
struct key_pair;

/* Of HASH_I and HASH_R: the negotiated hash, unless the signature has one of its own (RFC 4754). */
enum hash_id ike_sign_hash(const struct ike_suite *suite);
/* The method that a certificate's key signs by; 0: none. */
enum phase1_auth ike_sign_method(const struct cert *cert);
#define IKE_SIG_MAX 512 /* octets: RSA of 4096 bits */
/* The signature over the hash; its octets, at most IKE_SIG_MAX; 0: it cannot be made. */
size_t ike_sign_put(const struct ike_suite *suite, struct key_pair key, struct span hash,
                    uint8_t *ret);
/* Has the key of the certificate, which is of the suite's method, made this signature? */
const char *ike_sign_missing(const struct ike_suite *suite); /* why no certificate will do */
bool ike_sign_check(const struct ike_suite *suite, const struct cert *cert, struct span hash,
                    struct span sig);

/* --- ike_proof.c ------------------------------------------------------------------------------ */

#define IKE_PROOF_SIZE 16 /* octets */
/* What tells one message's certificates and signature, over this hash, from all others. */
void ike_proof_digest(const struct message *m, struct span hash, uint8_t ret[IKE_PROOF_SIZE]);
/* Has it been refused under this SA, so that it would be again? */
bool ike_proof_refused(const struct ike_sa *sa, const uint8_t digest[IKE_PROOF_SIZE]);
/* It has been, for that reason: answers DROP_REPEAT when that is known, else the reason. */
enum drop ike_proof_refuse(struct ike_sa *sa, const uint8_t digest[IKE_PROOF_SIZE], enum drop d);
void ike_proofs_forget(struct ike_sa *sa);

/* --- info.c ----------------------------------------------------------------------------------- */

enum drop info_input(struct core *c, const struct path *path, const struct isakmp_header *h,
                     struct span dgram, struct ike_sa *sa /* NULL: none */);
/* Under the SA; message_id: of the exchange it speaks of. */
void info_notify(struct ike_sa *sa, uint16_t type, uint32_t message_id);
void info_delete_sa(struct ike_sa *sa);
/* The body of an INITIAL-CONTACT (RFC 2407 4.6.3.3), and whether one is that of this SA. */
void info_initial_contact_put(struct wr *w, const struct ike_sa *sa);
bool info_is_initial_contact(const struct ike_sa *sa, struct span body);
/*
 * Tells the sender of a message why it was dropped, as RFC 2408 5 has it for each error: under the
 * SA once that is up, in clear before. Rate limited, and never in answer to a message that expects
 * no answer (informational exchanges, rekeys, acknowledgements).
 */
void info_error(struct core *c, const struct path *path, const struct isakmp_header *h,
                struct ike_sa *sa /* NULL: none */, enum drop d);

#endif
