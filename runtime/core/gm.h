/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A group member: one group that a crypto map applies on this node's interfaces. It registers with
 * the group's key servers in order, keeps what it downloads, and tells the dataplane.
 *
 *           applied                   SA up          PULL done            dataplane did it
 *   GM_IDLE ------> GM_WAITING -> GM_CONNECTING -> GM_PULLING -> GM_INSTALLING -> GM_REGISTERED
 *      ^              ^  ^ timer        |              |               |               |
 *      |              |  |              v              v               v               |
 *      |              |  +--- failed: the next server, or a while later                |
 *      |              +----------------- the keys will soon expire, or are gone -------+
 *      +--- any state: not applied any more
 *
 * A policy that is downloaded or comes by rekey is on trial until the dataplane has taken it. When
 * the dataplane refuses it, the policy before it is in force again, in the member as in the
 * dataplane.
 *
 * Keys outlive a new registration: the state says what the member does now, the keys say what it
 * can encrypt.
 *
 * When: a member registers again MAX(60 s, 5 %) before its newest key (of any TEK policy, or the
 * KEK) expires, and up to 2 % earlier so that not all come at once. A failed attempt goes to the
 * next server after a second; after the last server it waits 5 s, 10 s, ... 60 s, each +-20 %.
 *
 * Which key sends: members that have not registered again lack the new key, so everyone goes on
 * with the key that expires first as long as it has 30 s to live; by then all must have come back
 * (they have from 60 s before the end on). Every key receives until its end. Where the server gives
 * delays (RFC 6407 5.4.1) they decide instead: the old key sends until the new one may. A rekey of
 * another kind of server names new keys only, and those send at once.
 *
 * A member that hears somebody send under an SPI that it does not know may have missed a rekey, and
 * so may one whose link or key server was away: it asks the server (gm_recover.c), at most once in
 * `client recovery-check interval`. Where a server does not know the SPI either, as one that is cut
 * off from the store of its group, the next one of the list is asked; and so it is when keys are to
 * end, and the server has no others.
 *
 * The core owns members; a member owns its policy. It borrows its configuration from the core's.
 */
#ifndef TESTUDO_GM_H
#define TESTUDO_GM_H

#include "compiler/base/arena.h"
#include "runtime/core/core.h"
#include "runtime/core/lkh.h"
#include "runtime/core/timer.h"
#include "runtime/crypto/secret.h"

#define GM_REREGISTER_MIN SECONDS(60)
#define GM_ACTIVATE       SECONDS(30) /* a key with less than this to live sends no more */
#define GM_SOON           SECONDS(10) /* never register again sooner than this */
#define GM_BACKOFF_MIN    SECONDS(5)
#define GM_BACKOFF_MAX    SECONDS(60)
#define GM_NEXT_SERVER    SECONDS(1)
#define GM_INSTALL_RETRY  SECONDS(10)
#define GM_RECOVER_JITTER SECONDS(30)
/* Seconds: asking in vain makes the interval no longer than this. */
#define GM_RECOVER_MAX 3600
/* Seconds, where a registration uses up a sender identifier: the shortest, and the longest. */
#define GM_RECOVER_SIDS     3600
#define GM_RECOVER_SIDS_MAX (8 * GM_RECOVER_SIDS)
#define GM_SPIS_SEEN        (2 * DP_SAS_MAX)
#define GM_OVERTAKEN_MAX    4 /* KEKs: more do not pass while one registration is under way */
#define GM_DOUBTS_MAX       3 /* then the network is slow, and the pseudotime stays */

struct ike_sa;
struct isakmp_header;
struct pull;

enum gm_state { GM_IDLE, GM_WAITING, GM_CONNECTING, GM_PULLING, GM_INSTALLING, GM_REGISTERED };

struct gm_tek {
	uint32_t sa; /* which TEK policy, from 1 in order of arrival */
	uint32_t spi;
	struct esp_suite suite;
	bool transport, send, receive; /* as the SA Direction allows */
	bool offered;                  /* in the last download: may send */
	bool keyed;                    /* its KD packet has come */
	uint32_t window, lifetime;     /* packets; seconds left when downloaded */
	uint32_t time_window;          /* seconds; 0: no time-based replay protection */
	msec pseudo_offset;            /* our clock plus this is the group's pseudotime */
	msec made, expires;
	msec activate; /* sends from then on: RFC 6407 5.4.1; 0: by the rule above */
	/*
	 * Of a key that the last registration did not bring: the identifier that this member had
	 * for it, since that of the policy may be another member's under it. 0 bits: the policy's.
	 */
	uint32_t sid;
	uint8_t sid_bits;
	struct secret enc, auth;
};

struct gm_kek {
	bool present, keyed;
	bool unicast;  /* rekeys come to this member alone */
	uint16_t port; /* UDP port that they come to */
	uint8_t spi[16];
	enum cipher_id cipher;
	enum hash_id sig_hash;
	uint32_t sig_bits, lifetime, seq;
	uint32_t prev_seq; /* of the rekey before the last; 0: none under this KEK */
	uint32_t group;    /* multicast address; 0: unicast */
	uint16_t ack;      /* KEK_ACK_REQUESTED, RFC 8263; 0: no acknowledgement is asked for */
	msec expires;
	struct secret key;    /* IV, then key */
	struct lkh_path *lkh; /* its key is the last of them; NULL: no key hierarchy; owned */
	uint32_t conn_id;     /* of the rekey SA, from the phase 1 SAs' numbers; 0: none yet */
	uint8_t *public_key;  /* DER SubjectPublicKeyInfo, owned */
	size_t public_key_size;
	struct rsa_key *verifier; /* the same, ready for use once a rekey has come; owned */
};

/* What one registration downloads; owned whole. */
struct gm_policy {
	size_t n_entries;
	struct dp_entry entries[DP_SELECTORS_MAX];
	size_t n_teks;
	struct gm_tek teks[DP_SAS_MAX];
	struct gm_kek kek;
	/*
	 * The sender identifier for counter modes (RFC 6407 3.5): of the last registration, for all
	 * keys that come by rekey until the next. 0 bits: none.
	 */
	uint32_t sid;
	uint8_t sid_bits;
	/* Delays of the message that brought it, seconds (RFC 6407 5.4.1); 0: none. */
	uint16_t atd, dtd;
	bool whole;        /* a rekey that is all there is (gdoi_gap.whole) */
	msec pseudo_doubt; /* the pseudotime may have been as old as that when it came */
	msec pseudo_synced;
};

struct gm_policy *gm_policy_new(void);
void gm_policy_free(struct gm_policy *p); /* NULL is fine; wipes */
void gm_tek_fini(struct gm_tek *t);
void gm_kek_fini(struct gm_kek *k); /* it is not present any more */

struct gm {
	struct core *core;
	const struct policy_group *cfg;
	enum gm_state state;
	struct ike_sa *sa; /* the one in use or awaited; NULL: none */
	struct pull *pull; /* under way; NULL: none */
	/* Rekeys that came meanwhile, the last under each KEK: an answer from before is stale. */
	struct gm_overtaken {
		uint8_t kek[16];
		uint32_t seq;
	} overtaken[GM_OVERTAKEN_MAX];
	size_t n_overtaken;
	bool directed; /* direction was said by command */
	enum sa_direction direction;
	size_t server;  /* index of the one tried now */
	unsigned round; /* how often the whole list has failed */
	struct timer register_timer, key_timer;
	struct gm_policy *policy; /* what is in force; NULL before the first registration */
	/*
	 * On trial: the dataplane has not yet taken `policy`. If it refuses, `before` (NULL: none)
	 * is in force again, as it is in the dataplane.
	 */
	bool trial;
	struct gm_policy *before;
	uint32_t ticket;
	bool installed; /* the dataplane has taken a policy */
	bool unguarded; /* a policy has come, and the dataplane took none */
	uint32_t registered_server, registered_addr;
	uint32_t stale; /* the server whose last answer brought no key that was new; 0: none */
	uint32_t attempts, successes;
	/* gm_rekey.c */
	/*
	 * Digests by which a rekey that comes again is recognised: of the last one taken, and of
	 * the last one refused.
	 */
	struct gm_digest {
		bool set;
		uint8_t of[16];
	} taken, refused;
	struct timer ack_timer;
	uint8_t *ack; /* the acknowledgement that waits, or was sent last; owned. NULL: none */
	size_t ack_size;
	struct path ack_path;
	enum { ACK_WAITS, ACK_DUE, ACK_SENT } ack_state; /* for the dataplane; for its time */
	unsigned acks_again;                             /* for repeats of this rekey */
	msec ack_again;                                  /* the last of them */
	/* Where it listens for rekeys beside its own port 848; joined_on NULL: nowhere. */
	uint32_t joined;      /* multicast address; 0: its own */
	uint16_t joined_port; /* UDP */
	char *joined_on;      /* interface; owned */
	uint32_t rekeys_received, rekeys_since_register, acks_sent;
	uint32_t rekey_sas; /* there have been: one for each KEK */
	uint32_t last_rekey_from;
	msec last_rekey;
	unsigned doubts;            /* registrations in a row that left the pseudotime in doubt */
	struct gm_recovery {        /* gm_recover.c */
		struct timer timer; /* it asks then */
		uint32_t spi;       /* because of this one; 0: of something else */
		bool asking;        /* the registration under way came of it */
		uint32_t dead;      /* this server is asked last; 0: none */
		unsigned tried;     /* servers in a row whose answer did not contain the SPI, */
		uint32_t ignorant;  /* and the last of them, behind which to go on; 0: none */
		msec asked;         /* the last time, once it has */
		unsigned vain;      /* times in a row that the answer did not contain the SPI */
		uint32_t executed, postponed;
		uint32_t seen[GM_SPIS_SEEN]; /* SPIs that are no reason, in turn; 0: free */
		size_t next_seen;
	} recovery;
};

struct gm *gm_new(struct core *c, const struct policy_group *g);
void gm_free(struct gm *gm); /* the dataplane is told */
void gm_start(struct gm *gm);
void gm_reconfigure(struct gm *gm, const struct policy_group *g);
void gm_retry(struct gm *gm); /* do not wait any longer */
void gm_clear(struct gm *gm);
const char *gm_name(const struct gm *gm);
bool gm_applied(const struct gm *gm);
bool gm_applied_on(const struct gm *gm, const char *interface);
/*
 * Which way its SAs work: as was said by command (`crypto gdoi gm group G ipsec direction`), else
 * optional inbound when passive, else what the server says, inbound only when no SA may send.
 */
enum sa_direction gm_direction(const struct gm *gm);
void gm_direction_set(struct gm *gm, enum sa_direction direction);
bool gm_keyed(const struct gm *gm); /* has keys, and the dataplane has them */
/* has a policy that the dataplane has, for this interface, whether its keys are alive or not */
bool gm_guards(const struct gm *gm, const char *interface);
/* the same, or a policy has come that the dataplane refused */
bool gm_should_guard(const struct gm *gm, const char *interface);
void gm_ticket_set(struct gm *gm, uint32_t ticket);
uint32_t gm_ticket(const struct gm *gm);
void gm_installed(struct gm *gm, int error);
void gm_snap(const struct gm *gm, msec now, struct arena *a, struct snap_group *ret);

/* From phase 1: the SA is up; it is gone, and why. */
void gm_sa_up(struct core *c, struct ike_sa *sa);
void gm_sa_gone(struct core *c, struct ike_sa *sa, const char *why);
/* And: the server deletes it, by an authentic message. */
void gm_server_left(struct core *c, const struct ike_sa *sa);
/* It has not answered R-U-THERE; gm_sa_gone follows. */
void gm_server_dead(struct core *c, const struct ike_sa *sa);

/* From GROUPKEY-PULL. */
void gm_pull_done(struct gm *gm, struct gm_policy *take_policy);
void gm_pull_failed(struct gm *gm, const char *why);
/* An authentic rekey has come under this KEK; a registration may be under way. */
void gm_pull_overtaken(struct gm *gm, const uint8_t kek[static 16], uint32_t seq);

/* --- gm_rekey.c ------------------------------------------------------------------------------- */

#define GM_ACK_JITTER    SECONDS(4) /* RFC 8263 6: at most 5 s */
#define GM_ACK_PACE      SECONDS(8) /* between acknowledgements of one rekey; servers wait 10 s */
#define GM_ACK_AGAIN_MAX 10         /* the most retransmissions that a server makes */
#define GM_REMOVED_WAIT  SECONDS(5) /* told to delete its keys, it registers again within this */

/* A GROUPKEY-PUSH: RFC 6407 4.4. */
/* The VRF that it registers, and hears rekeys, in. */
uint32_t gm_vrf(const struct gm *gm);
enum drop gm_push_input(struct core *c, const struct path *path, const struct isakmp_header *h,
                        struct span dgram);
/* Listens where the KEK in force says that rekeys come. */
void gm_listen(struct gm *gm);
void gm_ack_fire(struct core *c, struct timer *t, msec now);
/*
 * The dataplane has taken the policy of a rekey, so that the acknowledgement may be sent, or
 * refused it.
 */
void gm_ack_release(struct gm *gm, bool taken);
void gm_ack_forget(struct gm *gm);

/* --- gm_recover.c ----------------------------------------------------------------------------- */

/* ESP came under this SPI, which the dataplane does not know, for traffic of the group. */
void gm_recover_spi(struct gm *gm, uint32_t spi);
/* Something has happened after which the server may be there again; why: a clause for the log. */
void gm_recover_ask(struct gm *gm, const char *why);
void gm_recover_fire(struct core *c, struct timer *t, msec now);
/* The place of the server behind that one; of the first, where it is not there or the last. */
size_t gm_server_after(const struct gm *gm, uint32_t server);
void gm_recover_note(struct gm *gm);    /* its keys are known from now on */
void gm_recover_done(struct gm *gm);    /* it has registered */
void gm_recover_rekeyed(struct gm *gm); /* a rekey has come */
void gm_recover_forget(struct gm *gm);  /* it is no member any more, or begins anew */

/* --- gm_lkh.c --------------------------------------------------------------------------------- */

struct gdoi_kd;
struct gdoi_key;

/* Why this member must refuse what a push says of the key hierarchy; NULL: it need not. */
const char *gm_lkh_refused(const struct gm *gm, const struct gdoi_kd *kd);
/*
 * Called before the keys of a push are added: copies the member's path, since updates begin at a
 * key of it.
 */
void gm_lkh_carry(struct gm_kek *fresh, const struct gm_kek *old);
/* An LKH packet. False: the member cannot follow it, or it is not of this cipher's keys. */
bool gm_lkh_add(struct gm_kek *kek, const struct gdoi_key *k);

/* --- of gm.c, for gm_rekey.c ------------------------------------------------------------------ */

/*
 * Another policy takes the place of the one in force, which comes back if the dataplane refuses it:
 * it goes to the dataplane, the timers follow.
 */
void gm_policy_replace(struct gm *gm, struct gm_policy *take_policy);
/* Registers again at `when`, with what keys there are until then. */
void gm_reregister_at(struct gm *gm, msec when);

/* --- gm_policy.c ------------------------------------------------------------------------------ */

struct gdoi_kd;
struct gdoi_sa;

/*
 * What an SA payload says, as far as this member can run it. pushed: it came by rekey. NULL and
 * *ret_why (a sentence for the log) set when it cannot.
 */
struct gm_policy *gm_policy_from_sa(const struct gm *gm, const struct gdoi_sa *sa, bool pushed,
                                    const char **ret_why);
/* The key of this SPI, the entry of this selector; NULL: there is none. */
struct gm_tek *gm_policy_tek(struct gm_policy *p, uint32_t spi);
struct dp_entry *gm_policy_entry(struct gm_policy *p, const struct selector *s);
/* How many downloaded entries this member can hold beside its own denies. */
size_t gm_policy_room(const struct gm *gm);
/* A counter mode to send under and no identifier: only registering again helps (RFC 6407 4.4). */
bool gm_policy_lacks_sid(const struct gm_policy *p);
/* Adds the keys. False and *ret_why set when a key is missing or has the wrong size. */
bool gm_policy_add_keys(struct gm_policy *p, const struct gdoi_kd *kd, bool pushed,
                        const char **ret_why);

/* --- gm_merge.c ------------------------------------------------------------------------------- */

/*
 * All of it, keys too; NULL: an empty one. The KEK's verifier, only there for speed, moves along.
 */
struct gm_policy *gm_policy_copy(struct gm_policy *p);
/*
 * The policy that follows `old` when `fresh` has come; takes over both. pushed: by a rekey, which
 * adds to the policy unless it is the whole of it. Otherwise entries are replaced, and keys of
 * before only receive. When `fresh` brings no sender identifier the old one stays, and when a rekey
 * brings no KEK the old KEK stays. room: for entries. NULL and *ret_why (a sentence for the log)
 * set when it is more than fits.
 */
struct gm_policy *gm_policy_merge(struct gm_policy *take_old, struct gm_policy *take_fresh,
                                  bool pushed, size_t room, msec now, const char **ret_why);
/* Forgets one key, or all (spi 0); how many. The entries stay. */
size_t gm_policy_drop_tek(struct gm_policy *p, uint32_t spi);
void gm_policy_drop_kek(struct gm_policy *p);
/* All keys end soon: the vendor's shortened lifetime (ks.h). */
void gm_policy_shorten(struct gm_policy *p, msec now);
/* Drops what has expired; true when something has. */
bool gm_policy_expire(struct gm_policy *p, msec now);

/* --- gm_time.c -------------------------------------------------------------------------------- */

/*
 * Pseudotime, to be called for what has just come and before it is merged. It was right when the
 * server wrote it down, and is too old by the time it took to come. pushed: by a rekey, which may
 * be a repetition and tell a time of half a minute ago; so a rekey may set the member's pseudotime
 * forward at once, but back only as fast as clocks drift apart (GM_DRIFT), unless it is wrong by
 * more than any repetition explains. A registration is believed, and repeated soon when its answer
 * was so long under way that the window could suffer.
 */
#define GM_DRIFT      5000         /* one part in that many */
#define GM_PUSH_DELAY SECONDS(120) /* the longest after which a rekey is still repeated */
void gm_pseudotime_sync(struct gm *gm, struct gm_policy *fresh, bool pushed);
/* The member's own pseudotime under its newest key that has one, milliseconds; 0: none. */
uint64_t gm_pseudotime(const struct gm_policy *p, msec now);

/* --- gm_dp.c ---------------------------------------------------------------------------------- */

/* Does the member send under it now, of the keys that it has? */
bool gm_tek_sends(const struct gm_policy *p, const struct gm_tek *t, msec now);
/* When a key next expires or another takes over sending; MSEC_NEVER: no keys. */
msec gm_policy_next(const struct gm_policy *p, msec now);
/* When to register again. */
msec gm_policy_reregister(struct core *c, const struct gm_policy *p, msec now);
/* What the dataplane shall do, in the arena; keys are borrowed from the member. */
const struct dp_group *gm_dp_group(const struct gm *gm, struct arena *a);

#endif
