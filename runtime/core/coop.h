/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key servers that cooperate: the servers of one group, each on a node of its own, with one store
 * that they share (keep.h, KEEP_SHARED). What they know of the group is in it:
 *
 *   gdoi/n134/keys              keys, numbers, and the rekey under way: the leader's alone to write
 *   gdoi/n134/members/0a010203  one member, written by the server that it registered with
 *   gdoi/n134/leader            who leads, under the leader's lease
 *   gdoi/n134/servers/0a000001  a server that lives, under its lease
 *   gdoi/n134/sids              which sender identifiers servers have taken for themselves
 *                               (coop_sids.h), and under which keys (their epoch) these count
 *   gdoi/n134/signer            the RSA key that signs rekeys, where it is configured as shared
 *
 * Every server looks at the store a few times a second (a tick, a job): it renews its lease, says
 * that it lives, takes over what others have written, and so holds all that the leader holds. A
 * store that can tell at once that the leader's record has gone is listened to meanwhile. While a
 * look takes long, as with many groups or a slow store, the lease is renewed beside it. Who does
 * not hear the store lets its lease end: what it asks for may arrive all the same, and would keep
 * others from leading.
 *
 *              no leader, or none that lives, and the best of those that do
 *   follows ------------------------------------------------> leads
 *           <------------------------------------------------
 *              its lease has ended, or `clear crypto gdoi ks coop role`
 *
 * One leader makes keys. Each of its transactions checks that the record "leader" is still the one
 * that it wrote, and that nobody has written the keys since: a leader that was cut off or stood
 * still writes nothing, and so tells nobody of a key that the others do not know. Any server
 * registers members, with keys that are committed: its transaction checks that they are the newest.
 *
 * Sender identifiers are taken in pieces: a transaction that checks that nobody else has taken one,
 * and that the keys are still those for which they count. Only the leader begins to count anew, in
 * the transaction that brings other keys. A record that has gone, or goes back, counts on beyond
 * all that any server can have taken.
 *
 * The record of the keys has a number that rises with every change. One that goes back was put
 * there by who has an older copy of the store: the leader writes its own again, and who comes up
 * and remembers newer ones (ks_seen.h), but has none, begins the group anew.
 *
 * While the store cannot be reached, servers register members with the last keys they know, until
 * these end; nobody makes new ones.
 *
 * The group's time is what the wall clock of the first leader said when it began, and goes on by
 * clocks that nobody sets: records are written and read by it. A server that comes learns it from
 * what others say, and cannot lead before. Only where nobody lives who knows it, the wall clock of
 * the next leader counts, and then it is no earlier than the record of the keys was written.
 */
#ifndef TESTUDO_COOP_H
#define TESTUDO_COOP_H

#include "runtime/core/coop_words.h"
#include "runtime/core/keep.h"
#include "runtime/core/ks_order.h"
#include "runtime/core/ks_seen.h"
#include "runtime/core/timer.h"
#include "runtime/crypto/secret.h"

#define COOP_TICK     250         /* milliseconds between two looks at the store */
#define COOP_LEASE    2000        /* milliseconds a server's word is good for */
#define COOP_WATCH    4000        /* from the beginning of a look to the end of the next */
#define COOP_BACK     SECONDS(3)  /* who was refused stands back, so that another one can lead */
#define COOP_RENEW    500         /* milliseconds between renewals while a look takes long */
#define COOP_PATIENCE SECONDS(1)  /* for the server before it in the order of election */
#define COOP_BARE     SECONDS(4)  /* who finds no keys makes none before others can have looked */
#define COOP_SAYS     SECONDS(5)  /* a server says again how it is */
#define COOP_GHOST    SECONDS(30) /* under a living lease, a leader that does not say it lives */
#define COOP_ABSENT   SECONDS(60) /* who is configured and was not there by then is told of */
#define COOP_UNLED    SECONDS(10) /* that nobody has led for so long is told of */

struct tick;
struct renewal;
struct listening;

/* Of a core. */
struct coop {
	struct timer timer, renew_timer;
	struct renewal *renewing;    /* NULL: that is not under way */
	struct tick *under_way;      /* NULL: none */
	struct listening *listening; /* NULL: that is not under way */
	bool again;                  /* it is to look again as soon as that is back */
	uint64_t lease;              /* 0: none */
	msec renewed;                /* when a look that renewed the lease last began */
	msec heard;                  /* when the store last said that it lives */
	msec refused_from;           /* since when it does no more than that; 0: it does */
	msec back_until;             /* nobody leads here before */
	int error;                   /* of the last tick, -errno */
};

/* The store is another one than the server's keys are from: ks_coop_moved.c. */
struct coop_moved {
	bool on;
	bool waited; /* its peers were not all there, and the log was told */
	bool let;    /* an administrator has told it to lead all the same */
	msec opened; /* when it ceased to wait for them; 0: not yet */
	size_t n;    /* other servers that lived in the store that it has left */
	uint32_t left[COOP_SERVERS_MAX];
};

/* Of a group's server. */
struct ks_coop {
	bool on;
	unsigned generation; /* of the store in which it is one of several: keep.h */
	bool leads;
	uint32_t leader;       /* its address; 0: there is none */
	uint64_t term;         /* revision of the record that says so; 0: there is none */
	bool leased;           /* that is under a lease, which lives */
	uint32_t was_leader;   /* the one before */
	msec leaderless;       /* since when there is none */
	bool resign;           /* it is to stop leading */
	uint64_t since;        /* the store's revision up to which it knows all; 0: nothing yet */
	unsigned doubts, read; /* times that all was to be read, and as many of them were heeded */
	msec unheard;          /* since when the leader is not among those that live; 0: it is */
	bool torn;             /* what is there makes no sense, and the log was told */
	uint64_t torn_told;    /* as of records alone, of revisions up to that */
	bool behind;           /* others have written what is not read yet: it writes nothing */
	struct secret committed;     /* the record of the keys as it is in the store */
	uint32_t serial;             /* its number */
	bool unreadable;             /* it is there, and makes no sense */
	bool lost;                   /* it has gone, or went back: who leads writes what it has */
	msec lost_at;                /* when that was noticed */
	uint32_t pushed;             /* number of the record that brought the last rekey */
	uint32_t pushes;             /* the server's count of pushes, then */
	bool taking;                 /* what changes has come from the store */
	struct arena *arena;         /* what the SAs of a follower are configured with */
	struct rsa_key *signer;      /* signs rekeys, where the store has it, or had it; owned */
	bool signer_there;           /* the store has it now, or one that nobody here can read */
	struct rsa_key *next_signer; /* signs from the next KEK on, while this one leads; owned */
	bool signer_wrong;           /* the store has another one, and the log was told */
	bool signer_writing;         /* it is in the transaction under way */
	/* When this server last wrote it: the count of transactions (ks_save), and its revision. */
	uint32_t signer_saved;
	uint64_t signer_revision;
	size_t n_servers;
	struct coop_server servers[COOP_SERVERS_MAX]; /* that live, this one too */
	msec said;                                    /* when it last said how it is */
	struct coop_server saying;
	struct coop_settings settings; /* that are configured here */
	/* The group's time at moment 0 of the core's clock, milliseconds since 1970. */
	int64_t zero;
	bool timed;   /* that is known; else it is what the wall clock says here */
	bool shifted; /* it has changed since the keys were read */
	struct ks_seen seen;
	/*
	 * Identifiers of its own, counted within its pool: [next_sid, sids_end) of the server, then
	 * the spare piece.
	 */
	struct coop_kssids kssids;
	uint64_t sids_end, spare, spare_end;
	uint32_t sids_epoch;    /* for which keys they count */
	struct coop_sids known; /* so many were taken, by all, as far as it knows */
	msec looked_at;         /* when the last look at the store began; 0: never */
	msec watched_from;      /* since when no two looks were further apart than COOP_WATCH */
	msec asked_from;        /* since then it has asked for */
	unsigned asked;         /* so many pieces; 0: never */
	msec right_at;      /* when the record was last seen to be as far as `known`; 0: never */
	msec right_from;    /* since when it could be seen; 0: the identifiers are all new */
	msec wrong_from;    /* since when it is not; 0: it is */
	bool recalled_less; /* what was remembered does not fit into what is there */
	uint8_t sid_bits;   /* of those under these keys */
	bool sids_clash;    /* `identifier` here has some of another server's, and not just those */
	bool used_up, dry;  /* all are taken; it asked for more in vain */
	bool sids_short;    /* a member has asked for more than it has left */
	/* What the record says, as it was last read. */
	bool record_there;
	struct coop_sids record;
	/* When this server last wrote it: the count of transactions (ks_save), and its revision. */
	uint32_t record_saved;
	uint64_t record_revision;
	bool sids_wanted; /* it asks for more at the next look */
	bool sids_write;  /* the leader writes what is known as the record, with the keys, */
	bool sids_beyond; /* and goes on beyond what anybody can have taken meanwhile */
	struct coop_sids written;
	bool sids_writing; /* it is in the transaction under way */
	unsigned changes;  /* of role, for show */
	msec began;        /* when it became one of several */
	msec bare_from;    /* since when it finds no keys in the store; 0: it knows some */
	bool told_bare;    /* the log was told that it waits */
	size_t n_gone;     /* servers that were there, for show */
	struct coop_gone {
		uint32_t addr;
		uint8_t priority;
	} gone[COOP_SERVERS_MAX];
	size_t n_awaited; /* peers that are configured */
	struct coop_awaited {
		uint32_t addr;
		msec since; /* when the line was typed */
		bool told;  /* it was there, or the log was told that it never was */
	} awaited[POLICY_SERVERS_MAX];
	bool told_leaderless; /* the log was told that nobody leads */
	bool keyless;         /* it cannot sign as members expect, and the log was told */
	struct coop_moved moved;
	struct ks_ordered ordered;
};

/* A moment of the core's clock, not MSEC_NEVER, by the group's time. */
int64_t coop_time(const struct ks_coop *k, msec at);

void coop_init(struct core *c);
/* The timer of renewals: set when a look begins, gone when it is over. */
void coop_renew_fire(struct core *c, struct timer *t, msec now);
/* Listens until then, when the next look is due; it is made at once when a leader has gone. */
void coop_listen(struct core *c, msec until);
/* False: it does not listen. Else a look follows as soon as it has stopped. */
bool coop_listen_stop(struct core *c);
/*
 * A server leaves its group: its words and, if it still has it, its lead (term) go from the store.
 */
void coop_release(struct core *c, const struct group_id *id, uint32_t addr, uint64_t term);
/* Ends the node's lease, and with it its words and leads: others need not wait until it is over. */
void coop_end_lease(struct core *c);
void coop_fini(struct core *c);
/* Looks at the store now, or as soon as the look that is under way is over. */
void coop_look(struct core *c);

#endif
