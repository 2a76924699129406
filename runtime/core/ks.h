/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A key server: one group with `server local`. It makes the group's keys, hands them to members
 * that ask by GROUPKEY-PULL and may have them, and remembers who did.
 *
 * Keys roll by themselves. A TEK of lifetime L gets a successor when MIN(MAX(90 s, 7 %) + 35 s,
 * MAX(75 s, L/2)) of it are left: always before a member registers again (gm.h), so that whoever
 * comes gets the fresh one. The old one is handed out too, oldest first, until it expires; which of
 * them a member sends with is the member's rule (gm.h). Keys are never used twice.
 *
 * A change of policy (another transform, lifetime or list) makes a new TEK at once; members get it
 * by rekey, and the keys before it live on for the vendor's shortened lifetime. It replaces one
 * that no member has been promised yet, so that typing a configuration line by line leaves one key.
 *
 * Without an address it is out of service: nobody is served, while keys and members stay.
 *
 * The core owns servers. RFC 6407 3.4.
 */
#ifndef TESTUDO_KS_H
#define TESTUDO_KS_H

#include "compiler/base/arena.h"
#include "runtime/core/coop.h"
#include "runtime/core/core.h"
#include "runtime/core/table.h"
#include "runtime/core/timer.h"
#include "runtime/crypto/secret.h"

struct ike_sa;
struct isakmp_header;

#define KS_TEKS_MAX    6      /* of one `sa ipsec` at one time */
#define KS_MEMBERS_MAX 131072 /* of one group */
#define KS_OFFER_MAX   256    /* keys in one download: what a member can hold, DP_SAS_MAX */
#define KS_SPI_MIN     256    /* RFC 4303 2.1: 1 to 255 are reserved */
#define KS_KEK_ROLL    SECONDS(200)
#define KS_LOAD_RETRY  SECONDS(10)

/*
 * Sender identifiers (RFC 6407 3.5, RFC 6054): every GROUPKEY-PULL that hands out a key for a
 * counter mode gets numbers that nobody got before under any key of this server that still lives.
 * They count up for as long as the server runs and are never given back. When an exchange that is
 * complete (7.2.5: nothing before its third message) asks for more than are left, that exchange is
 * refused, members are told to delete all keys of the group, rekeys included, and counting starts
 * over under keys that no old identifier will ever meet. The count is kept with the keys
 * (ks_save.c): a server that is started again goes on with both, or makes new keys and counts from
 * the start.
 */
#define KS_NAME_MAX  64      /* octets of a record's name in the store */
#define KS_NAMES     "gdoi/" /* with which the names of all groups begin */
#define KS_SIDS_EACH 8       /* the most that one member gets at once */

/*
 * One key of an `sa ipsec`, as it rolls. The SATs of its permits share an SPI and keys, but not
 * under a counter mode: there each is a Data-Security SA of its own (RFC 6407 3.5), since a member
 * counts from the start in each of them, with the same sender identifier.
 */
struct ks_key {
	struct selector entry; /* counter modes: of this permit alone */
	uint32_t spi;
	struct secret enc, auth;
};

struct ks_tek {
	size_t n_keys;
	struct ks_key *keys; /* owned; at least one */
	struct esp_suite suite;
	bool transport;
	uint32_t window, lifetime; /* packets; seconds */
	uint32_t time_window;      /* seconds; 0: no time-based replay protection */
	msec made, expires;
	bool promised; /* to a member: somebody may be sending with it */
	bool told;     /* to all members, by rekey, or there were none as it was made */
	msec
	    activate; /* the members send with it from then on: RFC 6407 5.4.1; 0: when they like */
};

struct ks_sa { /* the keys of one `sa ipsec` */
	uint32_t number;
	const struct policy_sa *cfg;
	bool suspended; /* it was complete, and is no more */
	size_t n_teks;
	struct ks_tek teks[KS_TEKS_MAX]; /* oldest first */
};

/*
 * Members of our kind and others hear rekeys of different content: ours are told the whole policy,
 * with its denies, in private payloads that others must refuse (RFC 6407 5.4). So each kind has a
 * Rekey SA of its own: to the others the rekey of ours is one of an SA they do not know, and
 * neither can be led to take what was meant for the other. Both SAs are made, and end, together.
 */
enum ks_kind { KS_OTHERS, KS_OURS, KS_KINDS };

struct ks_rekey_sa {
	uint8_t spi[16];
	uint32_t seq;      /* of the last push under it */
	struct secret key; /* IV, then key: RFC 6407 5.6.2.1 */
};

struct ks_kek {
	bool present;
	uint32_t serial; /* in the order of birth, from 1 */
	bool told;       /* a rekey under it told of the next one: whoever holds it may have that */
	struct ks_rekey_sa sas[KS_KINDS];
	bool lkh; /* the keys are the roots of key hierarchies */
	enum cipher_id cipher;
	enum hash_id sig_hash;
	uint32_t lifetime;
	/* How members were told that rekeys under it come; another way needs another KEK. */
	bool unicast;
	uint16_t group_port;
	uint32_t group_addr;
	msec made, expires;
	struct rsa_key *signer; /* signs what is pushed under it, to its end; owned */
	struct span public;     /* of that key: DER, owned */
	unsigned sig_bits;
};

#define KS_NO_TARGET SIZE_MAX

struct ks_member {
	struct link by_addr;
	struct ks_member *next, **prev; /* the one not seen for longest is first */
	uint32_t addr, server;
	uint32_t keys; /* it registered with those of this number (ks_coop.serial); 0: not known */
	bool unsaved;  /* what has changed is still to be written */
	/*
	 * Of several servers: only that it has acknowledged is. Who has removed it meanwhile, or
	 * written it, has the last word.
	 */
	bool ack_unsaved;
	bool untold;       /* that it has registered here, which the log is told when it is kept */
	bool telling;      /* so, in the transaction under way */
	bool saving;       /* its record is in the transaction under way (ks_pending.c) */
	uint32_t saved;    /* the count of transactions with the last that wrote it; 0: none */
	uint64_t revision; /* of its record in the shared store; 0: not known */
	uint32_t registrations;
	msec registered;
	/*
	 * When the keys expire that the member is known to have: those it got by registering or
	 * acknowledged, and, when it is not asked to acknowledge, those it was sent.
	 */
	msec until;
	enum ks_kind kind;
	uint32_t kek_line;     /* of the KEK that it registered with; 0: it got none */
	uint32_t kek_serial;   /* the last KEK that it is known to hold */
	bool acks;             /* has been asked to acknowledge rekeys (RFC 8263) */
	bool asked;            /* to acknowledge the last rekey it was sent */
	unsigned missed;       /* rekeys in a row that it did not acknowledge */
	uint8_t acked_spi[16]; /* the last it did: under which Rekey SA, its number */
	uint32_t acked;
	uint32_t acked_push; /* the number of the last push that it acknowledged; 0: not known */
	size_t target;       /* its place in the rekey under way, or KS_NO_TARGET */
	uint32_t rekeys_sent, acks_received, retries, failures;
	/* Of its last four rekeys, for show: in turn, beginning with the first place. */
	uint32_t sent_seq[4], acked_seq[4];
	struct span certs; /* the ids (struct ike_who) of its certificate; ours. Empty: not known */
};

/* What a rekey under way is to bring; several at once are one message. */
enum ks_want { KS_WANT_TEK = 1, KS_WANT_KEK = 2 };

struct ks_target { /* of a rekey under way */
	uint32_t addr;
	enum ks_kind kind;
	unsigned message;         /* which of ks_push.messages it gets */
	bool asked, done;         /* to acknowledge; it has */
	struct ks_member *member; /* NULL: it has gone, or registered again */
};

/*
 * KEKs before the present one that are kept, since somebody may hold no newer one: he is told under
 * the one he holds.
 */
#define KS_OLDER    4
#define KS_MESSAGES (KS_KINDS * (1 + KS_OLDER))

/*
 * A GROUPKEY-PUSH under way (ks_rekey.c): made once for all members of a kind, sent in batches, and
 * again to those that have not acknowledged. One at a time.
 */
struct ks_message {
	uint8_t *bytes; /* owned; NULL: there are no members of this kind */
	size_t n;
	uint8_t spi[16]; /* of the Rekey SA it is sent under */
	uint32_t seq;
	uint32_t push; /* the number of the push that it is of */
	/* Serial numbers of KEKs: that it is told under (0: not known), that who has it holds. */
	uint32_t under, brings;
	struct secret ack_key;
	bool own_keys; /* each member acknowledges with a key of its own (RFC 8263 2.2) */
	/*
	 * The rekey goes to members that the server has removed; they acknowledge it all the same.
	 * Targets are sorted by address.
	 */
	bool dismissal;
};

struct push_plan {
	const struct ks_kek *under;
	unsigned parts; /* enum ks_want: what its SA and KD tell of; 0: it has none */
	bool delete_kek, delete_teks;
	size_t n_old; /* of these TEKs alone */
	uint32_t old[KS_OFFER_MAX];
};

struct ks_push {
	bool active;
	uint32_t number; /* from 1, since the server started */
	bool lasting; /* it brings a KEK, or takes something away: another cannot take its place */
	/* One for each kind of members; behind them for those of each kind that hold older KEKs. */
	struct ks_message messages[KS_MESSAGES];
	size_t n_targets, at, open; /* open: not yet done */
	struct ks_target *targets;
	unsigned round; /* 0: the first time */
	bool unicast;
	uint16_t port;
	uint32_t group_addr; /* where a multicast one goes */
	/* Afterwards, for those that have not acknowledged (ks_remind.c): */
	bool reminding;                    /* the rounds are over */
	struct ks_origin origin[KS_KINDS]; /* of each kind of members */
	unsigned reminders;
	msec due;               /* the next reminder */
	uint32_t line;          /* of KEKs: another one means that nobody can read this any more */
	struct push_plan *plan; /* what it tells; owned. NULL: not known since the server started */
};

/* What is kept of it, and what of that has changed (ks_save.c). */
struct ks_save {
	bool touched;       /* something may have changed since it was last kept */
	struct secret keys; /* the record of its keys as it was last written */
	uint64_t revision;  /* of that record; 0: there is none */
	uint32_t
	    keys_saved;    /* the count of transactions with the one that wrote it; 0: another's */
	bool unchecked;    /* what is there could not be read, and is to be overwritten */
	bool writing;      /* it is in the transaction under way */
	int error;         /* why the store could not be read, as the log was told */
	uint32_t *changed; /* addresses of members that came, changed or went; owned */
	size_t n_changed, capacity;
	/* The same of those that have acknowledged, which may be told later; owned. */
	uint32_t *acked;
	size_t n_acked, acked_capacity;
	/* Of one of several servers, what the store does not tell of yet (ks_pending.c): */
	struct table gone; /* members that were removed here */
	uint32_t *flying;  /* members in the transaction under way; owned */
	size_t n_flying, flying_capacity;
	uint32_t saves;  /* transactions that are done */
	uint64_t passed; /* the latest revision of theirs that a look has told meanwhile; 0: none */
	bool *
	    parts; /* of each kind's key hierarchy, LKH_PARTS: it has changed; owned, may be NULL */
	struct keep_load *load; /* under way; NULL: none */
};

struct ks {
	struct core *core;
	const struct policy_group *cfg;
	struct group_id id; /* whose keys these are, also while none is configured */
	size_t n_sas;
	struct ks_sa *sas; /* in the order of the configuration */
	struct ks_kek kek;
	/*
	 * In a line of KEKs, a rekey under each KEK brought the next one, so that a member that got
	 * one of them holds the present one. A KEK that no rekey could bring begins a new line,
	 * which has no members yet.
	 */
	uint32_t kek_line;
	size_t n_holders[KS_KINDS];    /* members of the present line */
	struct ks_kek older[KS_OLDER]; /* of this line, the latest first; those that are present */
	uint32_t kek_serial;           /* of the last that was made */
	struct timer timer;            /* the next roll or expiry */
	struct ks_push push;
	uint32_t n_pushes; /* since the server started */
	/* The push before, or what reminders have replaced: how answers to it are known. */
	struct ks_message late[KS_MESSAGES];
	unsigned wants;                       /* enum ks_want: what the next push is for */
	msec wanted_at;                       /* when it is due */
	struct {                              /* what has been sent, for show */
		uint32_t rekeys, retransmits; /* retransmits: of the last one */
		msec began, took; /* the last one; began 0: elsewhere; took 0: it goes on */
	} pushed;
	struct timer push_timer; /* the next batch or round, or the push that is wanted */
	uint32_t version; /* of what members are told: it grows with every key that comes or goes */
	size_t n_gone;    /* keys of SAs that were removed: the next push deletes them */
	uint32_t gone[KS_OFFER_MAX];
	struct table members;
	size_t n_members[KS_KINDS];
	struct ks_member *oldest, **newest;
	struct ks_lkh *lkh; /* NULL: no key hierarchy */
	uint64_t next_sid;  /* of its identifiers, the first that nobody has */
	/*
	 * The group's pseudotime is what has passed since this moment of the monotonic clock: the
	 * first registration. It never goes back: it is kept with the keys, or starts again with
	 * them. MSEC_NEVER: it does not tick yet.
	 */
	msec pseudo_zero;
	bool loading; /* it has a store, and does not know yet what is in it: it serves nobody */
	struct keep *keep; /* where it is kept; of the core */
	struct ks_save save;
	struct ks_coop coop;       /* as one of several servers */
	struct timer revoke_timer; /* runs while `registration periodic crl` is configured */
};

struct ks *ks_new(struct core *c, const struct policy_group *g);
void ks_free(struct ks *ks);
void ks_reconfigure(struct ks *ks, const struct policy_group *g);
/* Called when the group is not served here any more: tells the members. ks_free follows. */
void ks_retire(struct ks *ks);
const char *ks_name(const struct ks *ks);
void ks_snap(const struct ks *ks, msec now, struct arena *a, struct snap_group *ret);

/*
 * Is there traffic to protect, and is all of it configured completely? When not, nobody is told of
 * a policy: one that lacks entries would make members send in clear.
 */
bool ks_complete(const struct ks *ks);
/* Is there a key to be handed out, where it has traffic to protect? */
bool ks_sa_is_keyed(const struct ks *ks, const struct ks_sa *s);

/* --- ks_member.c ------------------------------------------------------------------------------ */

bool ks_id_equal(const struct group_id *a, const struct group_id *b); /* none equals none */
/* The VRF of its address: there it serves, and to no other does it send. */
uint32_t ks_vrf(const struct ks *ks);
/* The server of this group that is in service in that VRF, NULL when there is none. */
struct ks *ks_find(struct core *c, const struct group_id *id, uint32_t vrf);
/* Is there one that will be, when it has read its store? */
bool ks_is_loading(const struct core *c, const struct group_id *id);
bool ks_authorized(const struct ks *ks, const struct ike_sa *sa);
/* Does the list of `authorization address` still name this member? */
bool ks_listed(const struct ks *ks, uint32_t member);
/* A member has shown that it is alive and gets its keys; has_kek: the KEK is one of them. */
void ks_member_seen(struct ks *ks, uint32_t member, enum ks_kind kind, bool has_kek);
/* Can it read what is pushed under the present KEK? */
bool ks_holds_kek(const struct ks *ks, const struct ks_member *m);
size_t ks_holders(const struct ks *ks); /* how many can */
void ks_holders_none(struct ks *ks);    /* from here on nobody can */
/* What it signs rekeys with; NULL: none configured, or no such key. Borrowed. */
const struct rsa_key *ks_rsa_key(const struct ks *ks);

/* --- ks_revoke.c ------------------------------------------------------------------------------ */

/* The certificate of a member that has just registered: ids as in struct ike_who. */
void ks_member_certified(struct ks *ks, uint32_t member, struct span ids);
/*
 * Is the peer's certificate, by which it would register, on a list? Its phase 1 may be older than
 * the list, and may live on when the trustpoint asks for none.
 */
bool ks_refuses_cert(const struct ks *ks, struct ike_sa *sa);
/* A list may have come: members whose certificate is on it go. */
void ks_revoke(struct ks *ks);
void ks_revoke_fire(struct core *c, struct timer *t, msec now);
void ks_revoke_rearm(struct ks *ks); /* after a change of the configuration */

/* --- ks_rekey.c ------------------------------------------------------------------------------- */

#define KS_PUSH_BATCH  100        /* datagrams sent at once, or more where a round would last */
#define KS_PUSH_PACE   10         /* milliseconds between batches */
#define KS_PUSH_ROUND  SECONDS(4) /* in which all have been sent it, however many */
#define KS_CHANGE_WAIT SECONDS(2) /* a configuration is typed line by line */
#define KS_MISSED_MAX  3

/*
 * Plans a rekey, `after` milliseconds from now, that tells members of new keys. Does nothing where
 * rekeys cannot be sent.
 */
void ks_push_want(struct ks *ks, unsigned wants, msec after);
/*
 * `crypto gdoi ks rekey`: new keys for all; the old ones live on for the shortened lifetime, or not
 * at all (replace_now).
 */
enum reach ks_rekey(struct ks *ks, bool replace_now);
/*
 * `clear crypto gdoi ks members [now]`: every member is told to forget its keys, soon or at once,
 * and must register again; the keys it knows are not used for others.
 */
enum reach ks_remove_members(struct ks *ks, bool now);
void ks_push_fire(struct core *c, struct timer *t, msec now);
void ks_target_done(struct ks *ks, size_t i); /* it has acknowledged, or is no member any more */
/* The target with this address in a dismissal under way; NULL: none. */
struct ks_target *ks_target_find(const struct ks *ks, uint32_t addr);
void ks_push_again(struct ks *ks); /* what was sent of the one under way did not leave */
/* Makes the message for one kind of members; false when it cannot be made. */
bool ks_push_make(struct ks *ks, const struct push_plan *p, enum ks_kind kind,
                  struct ks_message *ret);
/* Is some `sa ipsec` incomplete? Then rekeys wait. */
bool ks_is_suspended(const struct ks *ks);
void ks_push_end(struct ks *ks);    /* forgets the one under way */
void ks_push_resume(struct ks *ks); /* the server is in service again */
void ks_messages_fini(struct ks_message *messages, size_t n);

/* --- ks_remind.c ------------------------------------------------------------------------------ */

#define KS_REMIND_MIN SECONDS(60)
#define KS_REMIND_MAX SECONDS(960) /* unicast; a multicast reminder disturbs all members */

/* After a restart: finds out under which KEKs the messages are told. */
void ks_push_recognise(struct ks *ks);
/* The messages for those that hold older KEKs; who has none is not told. */
void ks_push_catch_up(struct ks *ks, const struct push_plan *plan);
/*
 * Makes the messages of the one under way anew, with what keys there are now and how long they
 * live; false: now is no time to send it.
 */
bool ks_push_remake(struct ks *ks);
/* The rounds are over; false: nobody is owed anything, or the push is not acknowledged. */
bool ks_remind_begin(struct ks *ks);
/* A reminder may be due; false: there will be none any more. */
bool ks_remind(struct ks *ks, msec now);

/* Takes over a KEK that has a successor; told: by a rekey under it. */
void ks_older_keep(struct ks *ks, struct ks_kek *take_kek, bool told);
void ks_older_forget(struct ks *ks);
/* The KEK of this number that is alive; NULL: none. */
struct ks_kek *ks_kek_by_serial(struct ks *ks, uint32_t serial);
/*
 * The message for a member in a push under a KEK: its kind's, or that of those who hold an older
 * one.
 */
unsigned ks_message_for(const struct ks *ks, const struct ks_kek *under, const struct ks_member *m);

/* --- ks_farewell.c ---------------------------------------------------------------------------- */

/*
 * Before keys and members are forgotten: the log says why, and members are told to delete what they
 * have, so that they register again. The sending goes on when the server is gone.
 */
void ks_farewell(struct ks *ks, const char *why);
void ks_farewells_fini(struct core *c);
/* Is this the SPI of a Rekey SA that members were told to delete? */
bool ks_farewell_spi(const struct core *c, const uint8_t *spi);

/* --- ks_ack.c --------------------------------------------------------------------------------- */

void ks_acks_account(struct ks *ks); /* the last round is over */
void ks_acks_late(struct ks *ks);    /* the push under way ends; answers may still come */

/* The acknowledgement of a member: RFC 8263 3. */
enum drop ks_ack_input(struct core *c, const struct path *path, const struct isakmp_header *h,
                       struct span dgram);

/* --- of ks.c, for ks_rekey.c ------------------------------------------------------------------ */

void ks_kek_make(struct ks *ks); /* a new one, which nobody holds; the old one is wiped */
/* The same, to be told under the one before (was). */
void ks_kek_next(struct ks *ks, const struct ks_kek *was);
void ks_tek_make(struct ks *ks, struct ks_sa *s);
/* The key that this permit is protected by; NULL: it has none of its own in this TEK. */
const struct ks_key *ks_tek_key(const struct ks_tek *t, const struct selector *entry);
/* NULL: no such key. ret: the TEK that it is of; may be NULL. */
const struct ks_key *ks_key_by_spi(const struct ks *ks, uint32_t spi, struct ks_tek **ret);
void ks_tek_remove(struct ks_sa *s, size_t i);
void ks_member_remove(struct ks *ks, struct ks_member *m);
void ks_member_gone(struct ks *ks, struct ks_member *m); /* the same, with a word to the log */
/* How long before its end a key gets a successor. */
msec ks_roll_lead(msec least, uint32_t lifetime);
/* Are there members that would hear of a rekey? */
bool ks_has_audience(const struct ks *ks);
/*
 * Deletes of all there is, under the present KEK, for each kind of members: RFC 6407 5.9. False
 * when there can be none.
 */
bool ks_delete_all_make(struct ks *ks, struct ks_message ret[static KS_KINDS]);
/* Are members of this kind asked to acknowledge rekeys? */
bool ks_asks(const struct ks *ks, enum ks_kind kind);
void ks_member_touch(struct ks *ks, struct ks_member *m); /* it is seen now */
struct ks_member *ks_member_find(struct ks *ks, uint32_t addr);
void ks_kek_fini(struct ks_kek *k);
void ks_rearm(struct ks *ks);
bool ks_serving(const struct ks *ks);

/* --- ks_sa.c ---------------------------------------------------------------------------------- */

struct wr;

struct ks_offer {         /* which keys a member has been promised */
	uint32_t version; /* of the server's policy */
	enum ks_kind kind;
	uint32_t member; /* its address; a push has none */
	bool pushed;     /* by rekey */
	bool has_kek, kek_alone;
	uint8_t kek[16]; /* SPI */
	size_t n;
	uint32_t teks[KS_OFFER_MAX]; /* SPIs */
	bool counter;                /* one of them is for a counter mode: identifiers go along */
	uint32_t sids;               /* as many the member asks for; 0: did not say, gets one */
};

/*
 * The body of the SA payload for this member. False when the lists are too long to be said whole:
 * half a policy would leave traffic in clear.
 */
bool ks_sa_put(struct ks *ks, struct wr *w, uint32_t member, enum ks_kind kind,
               struct ks_offer *ret);
/* The same for a push, of which parts: enum ks_want. Identifiers are never pushed. */
bool ks_sa_push(struct ks *ks, struct wr *w, unsigned parts, enum ks_kind kind,
                struct ks_offer *ret);
/* The group's pseudotime, milliseconds; 0 before the first registration. */
uint64_t ks_pseudotime(const struct ks *ks, msec now);
/*
 * Does a key that would be handed out now carry a time in every packet, in an encoding that only
 * our own members read? Then nobody else can be served.
 */
bool ks_for_testudo_only(const struct ks *ks);
/* True while all the keys of an offer are still there, and there is nothing newer to be told. */
bool ks_offer_stands(const struct ks *ks, const struct ks_offer *offer);
/* The body of the KD payload; the offer stands, and there are identifiers for it. */
void ks_kd_put(struct ks *ks, struct wr *w, const struct ks_offer *offer);

/* --- ks_lkh.c --------------------------------------------------------------------------------- */

/* A new KEK has been made: where a key hierarchy is configured, its keys are the new roots. */
void ks_lkh_kek(struct ks *ks);
void ks_lkh_forget(struct ks *ks); /* its keys; members register again */
/*
 * Are members of the present KEK unable to follow to a new one, because the key hierarchy's
 * configuration has changed?
 */
bool ks_lkh_breaks(const struct ks *ks);
/* A place for a member that registers; false: there is none left. */
bool ks_lkh_join(struct ks *ks, uint32_t member, enum ks_kind kind);
void ks_lkh_leave(struct ks *ks, uint32_t member); /* cut off with the next KEK */
/*
 * Has somebody left who still knows the present KEK? Then the next rekey brings another and no
 * more.
 */
bool ks_lkh_pending(const struct ks *ks);
bool ks_lkh_due(const struct ks *ks); /* does something wait for the rekey under way? */
void ks_lkh_told(struct ks *ks);      /* that rekey is over */
/* The attributes of the LKH packet that goes with this offer. */
void ks_lkh_packet(const struct ks *ks, const struct ks_offer *offer, struct secret *ret);
/* What a member acknowledges with, under this Rekey SA; false: it has no place. */
bool ks_lkh_ack_key(const struct ks *ks, uint32_t member, const uint8_t *spi, struct secret *ret);
/* Activation and deactivation delay of the rekey that is made now, seconds; 0: none. */
uint16_t ks_lkh_activation(const struct ks *ks);
uint16_t ks_lkh_deactivation(const struct ks *ks);
/*
 * One member less: the KEK and the TEKs are made anew, and the others go on without registering
 * again.
 */
enum expelled ks_lkh_expel(struct ks *ks, uint32_t member);
void ks_lkh_snap(const struct ks *ks, enum ks_kind kind, struct snap_lkh *ret);
void ks_lkh_review(struct ks *ks); /* expels whom the authorization list names no more */

struct rd;
struct wr;

/* All of it is to be kept anew. */
void ks_lkh_touch(struct ks *ks);
/* Tells ks_part_changed of what has changed. */
void ks_lkh_changed(struct ks *ks);
enum cipher_id ks_lkh_cipher(const struct ks *ks); /* of a hierarchy that there is */
/* The head of a hierarchy that there is; a part, nothing when it holds no key. */
void ks_lkh_put_head(const struct ks *ks, struct wr *w);
void ks_lkh_put_part(const struct ks *ks, enum ks_kind kind, uint32_t part, struct wr *w);
/*
 * And back, in that order; at last, with keys and members there, ks_lkh_restored. False, or bad:
 * it makes no sense.
 */
void ks_lkh_get_head(struct ks *ks, enum cipher_id cipher, struct rd *r);
bool ks_lkh_get_part(struct ks *ks, enum ks_kind kind, uint32_t part, struct rd *r);
bool ks_lkh_restored(struct ks *ks);
/* What waited for a rekey that was over before the server was started again goes on. */
void ks_lkh_resume(struct ks *ks);

/* --- ks_save.c -------------------------------------------------------------------------------- */

struct keep_batch;
struct keep_load;

/* Something that is kept may have changed; of a member: it came, changed or went. */
void ks_touch(struct ks *ks);
void ks_member_changed(struct ks *ks, uint32_t addr);
/* It has acknowledged a rekey: a store of several servers is told soon, and nobody waits for it. */
void ks_member_acked(struct ks *ks, struct ks_member *m);
/* A part of a kind's key hierarchy: lkh.h. */
void ks_part_changed(struct ks *ks, enum ks_kind kind, uint32_t part);
bool ks_touched(const struct ks *ks); /* and may be written now */
/* Not before it has read what is kept, or what others have written since. */
bool ks_may_save(const struct ks *ks);
/* Of two uint32_t, for qsort and bsearch. */
int ks_compare_numbers(const void *a, const void *b);
/* A record's name: the group's prefix, and behind it what the format says. */
void ks_save_name(const struct group_id *id, char buf[static KS_NAME_MAX], const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The part of a record's name behind the group's prefix; NULL: it is not the group's. */
const char *ks_save_behind(const struct group_id *id, const char *record);
/* Adds what has changed to the transaction; or what of it nobody waits for. */
void ks_save(struct ks *ks, struct keep_batch *b);
void ks_save_acked(struct ks *ks, struct keep_batch *b);
/* The transaction under way is done, and has this revision. */
void ks_saved(struct ks *ks, uint64_t revision);
/* Somebody else has written the record of this name: forgets all, and reads it again. */
void ks_overtaken(struct ks *ks, const char *record);
/* Is it the name of this server's keys, or of one of its members? */
bool ks_save_is_keys(const struct ks *ks, const char *record);
bool ks_save_is_of(const struct ks *ks, const char *record); /* any record of its group */
bool ks_save_is_sids(const struct ks *ks, const char *record);
bool ks_save_is_signer(const struct ks *ks, const char *record);
bool ks_save_is_member(const struct ks *ks, const char *record, uint32_t *ret_addr);
/* The record of this name was not written after all; false: it is none of this server's. */
bool ks_save_again(struct ks *ks, const char *record);
/* The same of one that ks_save_acked has added; is it to be written again? */
bool ks_save_ack_refused(struct ks *ks, const char *record, bool again);
/* All that is in memory is to be written, whatever is there now. */
void ks_save_whole(struct ks *ks);
/* All its records are to be removed. */
void ks_save_forget(struct ks *ks);
void ks_save_fini(struct ks *ks);
/* Begins to read what is kept of its group; then calls loaded. */
void ks_save_load(struct ks *ks, void (*loaded)(void *ks, const struct keep_load *l));
/*
 * Makes the server what the records say. Its SAs are as they were then, configured by what lives in
 * the arena. NO_SIGNER: the RSA key is another, so that nothing can be said under the KEK. BAD: the
 * records make no sense here, *ret_error says why (STORE_TORN and its like), and the server is in
 * no state to be used.
 */
enum restored { RESTORED_NOTHING, RESTORED_BAD, RESTORED_NO_SIGNER, RESTORED_ALL };
enum restored ks_restore(struct ks *ks, const struct keep_load *l, struct arena *a,
                         bool *ret_same_sids, int *ret_error);
/* What has changed is not to be written: it is in no state to be kept. */
void ks_save_drop(struct ks *ks);
void ks_save_drop_removals(struct ks *ks); /* of members that were removed here */
bool ks_kek_is_signed_with(const struct ks *ks, const struct rsa_key *key);
/* The RSA key whose public part the KEK was told with; false: it is not there any more. */
bool ks_restore_signer(struct ks *ks);
void ks_restore_targets(struct ks *ks); /* of the rekey under way: all that have not answered */
/* A member as it was kept. */
void ks_member_restore(struct ks *ks, const struct ks_member *kept);

/* --- ks_pending.c ----------------------------------------------------------------------------- */

/* The member is being removed here; it is there again. */
void ks_pending_gone(struct ks *ks, const struct ks_member *m);
void ks_pending_back(struct ks *ks, uint32_t addr);
/*
 * Is the member, or that it has gone, still to be written? Of a server that is alone always: it
 * knows what has changed by the list (ks_save.changed).
 */
bool ks_pending(struct ks *ks, uint32_t addr);
/*
 * The member has registered. True: the log is told when that is kept, since until then its keys
 * may not be sent.
 */
bool ks_pending_tells(struct ks *ks, struct ike_sa *sa);
/*
 * Its address is among those that are to be written from now on (ks_save.changed); m NULL: it has
 * gone. False: it is already.
 */
bool ks_pending_list(struct ks *ks, struct ks_member *m, uint32_t addr);
/* Its record goes into the transaction that is made; that was not carried out; it was. */
void ks_pending_begin(struct ks *ks, uint32_t addr);
void ks_pending_refused(struct ks *ks, uint32_t addr);
void ks_pending_done(struct ks *ks, uint64_t revision);
/*
 * Does what was done here to the member outlive what a look says of it, as of this revision? And is
 * a member that a look has found, and that is not there, one that was removed here since? The look
 * began after `saves` transactions.
 */
bool ks_pending_outlives(struct ks *ks, const struct ks_member *m, uint64_t revision,
                         uint32_t saves);
bool ks_pending_hides(const struct ks *ks, const struct ks_member *found, uint64_t revision);
void ks_pending_taken(struct ks *ks, uint32_t saves); /* all of the look was taken over */
void ks_pending_forget(struct ks *ks);                /* members that were removed were not */

/* --- ks_coop.c -------------------------------------------------------------------------------- */

struct ks_look {
	const struct keep_load *found;
	bool whole;     /* that is all there is, not what has changed */
	uint32_t saves; /* it began after so many transactions (ks_save) */
	msec began;
};

/*
 * Does the look tell of a record from before this server wrote it: in the transaction of that
 * count, as that revision?
 */
bool ks_look_is_older(const struct ks_look *look, const struct store_record *r, uint32_t saves,
                      uint64_t revision);

/* Does it make the group's keys? A server that is alone always does. */
bool ks_leads(const struct ks *ks);
/* It is one of several now, of the shared store; and is it no more. */
void ks_coop_begin(struct ks *ks);
void ks_coop_end(struct ks *ks);
void ks_coop_leave(struct ks *ks); /* its words, and its lead, are to go from the store */
/*
 * Takes over what others have written. False: some of it is older than what was written here since,
 * and was passed over: the same is to be looked at again.
 */
bool ks_coop_take(struct ks *ks, const struct ks_look *look);
/* The same of members alone; of ks_coop_members.c. */
void ks_coop_take_members(struct ks *ks, const struct ks_look *look);
/* The record "leader" names this server; and another one, or none. */
void ks_coop_lead(struct ks *ks);
void ks_coop_follow(struct ks *ks);
void ks_coop_number(struct ks *ks);    /* the record of the keys is another one: its number */
void ks_coop_committed(struct ks *ks); /* the keys are in the store as they are here */
/* Somebody else has written the keys, or leads: it writes nothing before that was taken over. */
void ks_coop_behind(struct ks *ks);
bool ks_coop_resign(struct ks *ks); /* false: it does not lead, and waits for nobody */
/* Until then it makes no keys, since somebody may have some; 0: it has some, or nobody has. */
msec ks_coop_bare_until(const struct ks *ks);
/* A server has gone, of which shows tell until it is back. */
void ks_coop_note_gone(struct ks *ks, const struct coop_server *s);
void ks_coop_note_back(struct ks *ks, uint32_t addr);
bool ks_coop_sees(const struct ks *ks, uint32_t addr); /* it lives, or is this server itself */
/* Why it cannot lead. */
enum coop_unable {
	COOP_ABLE,
	COOP_NO_ADDRESS,
	COOP_NOT_READ,  /* it does not know yet what is in the store, or cannot read it */
	COOP_MOVED,     /* the store is another one, and its peers are not there */
	COOP_NO_TIME,   /* another knows the group's time, and this one not yet */
	COOP_NO_POLICY, /* it is not configured for all that the group protects */
	COOP_NO_KEY,    /* the key pair that it is configured with is not there */
	COOP_OTHER_KEY, /* its key pair is not the one that members know */
	COOP_NO_STORE,  /* what it writes is not taken */
	COOP_NO_NUMBERS /* that of the keys, or of the epoch of identifiers, is the last one */
};
/* The log, of what keeps it from leading, and of peers that never came; once. */
void ks_coop_tell(struct ks *ks);
enum coop_unable ks_coop_unable(const struct ks *ks);
const char *ks_coop_unable_text(enum coop_unable why); /* NULL: it is able */
bool ks_coop_able(const struct ks *ks);

/* --- ks_coop_signer.c: the key pair that signs rekeys, where it is `shared` ------------------- */

/* NULL: the store has none, as far as is known. */
const struct rsa_key *ks_coop_signer(const struct ks *ks);
/* One of several, it is configured with a pair that is not there. */
bool ks_coop_lacks_signer(const struct ks *ks);
void ks_coop_take_signer(struct ks *ks, const struct ks_look *look);
/* Has the leader to write it, since the store is to have it and does not? */
bool ks_coop_wants_signer(const struct ks *ks);
/* Adds it to the transaction, then; the transaction is done. */
void ks_coop_put_signer(struct ks *ks, struct keep_batch *b);
void ks_coop_signer_saved(struct ks *ks, uint64_t revision);
/* The configuration has changed: the label may be another one. */
void ks_coop_signer_typed(struct ks *ks, const struct policy_rekey *old);
void ks_coop_signer_made(struct ks *ks); /* there is another KEK */
void ks_coop_signer_came(struct ks *ks); /* or its pair may be another one, or there now */
void ks_coop_signer_fini(struct ks_coop *k);

/* --- ks_coop_moved.c: a store that is another one than before --------------------------------- */

/* The store is another one from now on; keys and members stay. */
void ks_coop_move(struct ks *ks);
/* Its keys are not in this store, and some of its peers are not: it makes none. */
bool ks_coop_awaits_peers(const struct ks *ks);
/* Another one leads in the store that it has moved to. */
bool ks_coop_led_here(const struct ks *ks);
/* A look is over. */
void ks_coop_moved_look(struct ks *ks);
/* Until then it leaves the lead to who came last; 0: at once. */
msec ks_coop_moved_until(const struct ks *ks);
/* It is to wait no longer. False: it does not. */
bool ks_coop_let(struct ks *ks);

/* --- ks_coop_sids.c: sender identifiers as one of several ------------------------------------- */

struct store_record;

/* None that it has are of these keys, or of this epoch. */
void ks_coop_sids_forget(struct ks *ks);
/* It counts anew, with other keys, and as many bits as are configured. */
void ks_coop_sids_anew(struct ks *ks);
/*
 * What the record says is taken, by all; value.p NULL: it is not there. False: it was passed over,
 * as ks_coop_take says. And a look is over.
 */
bool ks_coop_sids_take(struct ks *ks, const struct store_record *r, const struct ks_look *look);
void ks_coop_sids_looked(struct ks *ks, const struct ks_look *look);
/* Adds the record to the transaction, where the leader counts anew or on; and that is done. */
void ks_coop_put_sids(struct ks *ks, struct keep_batch *b);
void ks_coop_sids_committed(struct ks *ks);
void ks_coop_sids_follow(struct ks *ks); /* it leads no longer: it writes none */
/* The record of identifiers has gone, or went back: nobody gets one that somebody may have. */
void ks_coop_count_on(struct ks *ks);
bool ks_coop_wants_sids(const struct ks *ks); /* more than it has */
/* So many it asks for with the look that is made now; 0: none, or it has asked too often. */
uint64_t ks_coop_ask_sids(struct ks *ks);
uint64_t ks_coop_sids_left(const struct ks *ks);
/* Can it hope for some soon? Not without the store, nor while its numbers are partly another's. */
bool ks_coop_sids_coming(const struct ks *ks);
void ks_coop_next_piece(struct ks *ks);           /* when the one in use is used up */
uint64_t ks_coop_sids_piece(const struct ks *ks); /* so many a server takes for itself at once */
void ks_coop_sids_moved(struct ks *ks);           /* `identifier` may have changed */
uint64_t
ks_coop_sids_taken(const struct ks *ks); /* of its pool, by all its servers, as far as known */
void ks_coop_note_taken(struct ks *ks, uint64_t n);
bool ks_coop_sids_missing(const struct ks *ks); /* are more taken than the record says? */
bool ks_coop_sids_right(const struct ks *ks);   /* is the record there, and as far as is known? */
/* The leader begins to count anew, with other keys; false: it cannot now. */
bool ks_coop_sids_gone(struct ks *ks);

/* --- of ks.c, for ks_restore.c and ks_coop.c -------------------------------------------------- */

void ks_begin_anew(struct ks *ks); /* with new keys, and without members */
void ks_take_sas(struct ks *ks);   /* the configuration's, with the keys of those before */
void ks_sas_suspend(struct ks *ks);
void ks_sas_fini(struct ks *ks);   /* none are left */
void ks_kek_follow(struct ks *ks); /* tells members of another KEK, where there is to be one */
void ks_kek_anew(struct ks *ks);   /* one that no rekey can bring to members */
void ks_roll(struct ks *ks, msec now);
void ks_forget_state(struct ks *ks); /* members and keys */

/* --- ks_restore.c ----------------------------------------------------------------------------- */

void ks_begin_loading(struct ks *ks);
/* Is the group one of several servers', and is there a store that they share? */
bool ks_is_shared(const struct ks *ks, const struct policy_group *g);
/* Where its records are, it begins with what is there. */
void ks_settle_place(struct ks *ks);
/* Its keys are kept elsewhere from now on, or are another group's. */
void ks_change_place(struct ks *ks, const struct policy_group *g);
/* It begins to lead: with the keys it holds, or with new ones when it has none. */
void ks_take_lead(struct ks *ks);

/* --- ks_sid.c --------------------------------------------------------------------------------- */

struct gdoi_key;

uint8_t ks_sid_bits(const struct ks *ks);  /* of one identifier */
uint64_t ks_sids_all(const struct ks *ks); /* how many are this server's to hand out */
/* The nth, from 0, of those; nth is below ks_sids_all. */
uint32_t ks_sid_at(const struct ks *ks, uint64_t nth);
/* Of which first parts they are. */
void ks_sid_pool(const struct ks *ks, struct coop_kssids *ret);
/* Other keys for all, and all identifiers are there again. Nothing while none was handed out. */
void ks_sids_restart(struct ks *ks);
/*
 * Has one of several servers to take identifiers for itself first? While they are coming it says
 * nothing: the member repeats its message.
 */
bool ks_sids_awaited(struct ks *ks, const struct ks_offer *offer);
/*
 * Are there sender identifiers for this offer? The third message has proven that the member is
 * there. False: there were not; the group's keys are others now, and the offer does not stand.
 */
bool ks_sids_reserve(struct ks *ks, const struct ks_offer *offer);
/* Hands them out; they have been reserved. */
void ks_sids_take(struct ks *ks, const struct ks_offer *offer, struct gdoi_key *ret);

#endif
