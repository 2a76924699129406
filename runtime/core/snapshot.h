/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What may be seen of a running node: plain values, copied out at one moment into the caller's
 * arena. `show` reads these and nothing else of the runtime. Times are seconds unless said so.
 */
#ifndef TESTUDO_SNAPSHOT_H
#define TESTUDO_SNAPSHOT_H

#include "compiler/policy/policy.h"

#define GDOI_SID_BITS POLICY_SID_BITS /* of sender identifiers, where nothing else is configured */

enum snap_isakmp_state {
	SNAP_MM_NO_STATE,
	SNAP_MM_SA_SETUP,
	SNAP_MM_KEY_EXCH,
	SNAP_GDOI_IDLE,
	SNAP_GDOI_REKEY
};

struct snap_isakmp {
	uint32_t dst, src; /* responder (or rekeyed member), initiator (or rekeying server) */
	enum snap_isakmp_state state;
	uint32_t conn_id; /* 1001, 1002 ... */
	bool active;      /* ACTIVE, else ACTIVE (deleted) */
	bool initiator;
	bool dpd;                /* it is found out when the peer is dead */
	const char *profile;     /* its ISAKMP profile; NULL: none */
	const char *vrf, *inner; /* of its packets, and of what is protected; NULL: global */
	enum cipher_id cipher;
	enum hash_id hash;
	enum isakmp_auth auth;
	uint16_t group;
	uint32_t lifetime, remaining;
	uint64_t my_cookie, his_cookie;
};

struct snap_tek {
	uint32_t sa; /* number of `sa ipsec` (server), or order of arrival from 1 (member) */
	uint32_t spi;
	struct esp_suite suite;
	bool transport;
	uint32_t lifetime, remaining, elapsed;
	uint32_t window;
	uint32_t time_window; /* seconds; 0: no time-based replay protection */
	bool sends;           /* member: under this one of its keys */
	const char *profile;  /* server; "" on a member */
	const char *acl_name; /* server; "" on a member */
	uint32_t time_to_rekey;
};

struct snap_kek {
	bool present;
	uint8_t spi[16];
	enum cipher_id cipher;
	enum hash_id sig_hash;
	uint32_t sig_bits; /* RSA modulus */
	uint32_t lifetime, remaining;
	uint32_t seq;      /* of the last rekey */
	uint32_t prev_seq; /* member: of the rekey before that; 0: none under this KEK */
	bool ack;          /* member: an acknowledgement is asked for (RFC 8263) */
	uint32_t time_to_rekey;
	uint32_t retransmit_remaining; /* server: of the rekey being repeated, else 0 */
	bool unicast;
	uint32_t conn_id; /* member: of the rekey SA, numbered with the phase 1 SAs; 0: none */
	struct snap_lkh { /* key hierarchy */
		unsigned depth;  /* of the tree, or of the member's leaf in it; 0: there is none */
		uint32_t arrays; /* server: of the last update; encryptions in them */
		uint32_t wraps;
	} lkh;
	struct span public_key; /* of the key that signs rekeys: DER SubjectPublicKeyInfo */
};

struct snap_member { /* of a server's table */
	uint32_t addr;
	uint32_t server;
	uint32_t registrations;
	uint32_t rekeys_sent, acks_received, retries, failures;
	uint32_t sent_seq[4], acked_seq[4]; /* of its last four rekeys, taking turns */
	bool testudo;                       /* runs Testudo too: it said so in phase 1 */
	uint32_t registered_for;            /* seconds since its last registration */
};

enum snap_registration { SNAP_NOT_REGISTERED, SNAP_REGISTERING, SNAP_REGISTERED };

struct snap_entry { /* a downloaded or configured selector */
	struct selector selector;
	uint32_t sa;
};

/* What a key server keeps beyond its process. */
enum snap_store {
	SNAP_STORE_NONE, /* nothing */
	SNAP_STORE_KEPT,
	SNAP_STORE_READING,    /* nobody is served before it is read */
	SNAP_STORE_UNREADABLE, /* nobody is served */
	SNAP_STORE_FAILING     /* it cannot be written: nothing new leaves */
};

/* Where a key server keeps it: its own store, or one that it shares with others. */
struct snap_kept {
	const char *engine; /* "SQLite", "etcd", "memory"; NULL: there is no store */
	bool shared;
	const char *place;        /* its file, or the endpoint in use; NULL: neither */
	const char *prefix;       /* under which its records are; NULL: it has none */
	const char *error;        /* of the last call; NULL: it worked */
	uint64_t revision;        /* 0: not known yet */
	uint32_t lag;             /* milliseconds that the last call took */
	uint64_t octets, records; /* 0: not known */
	uint64_t lease;           /* under which this one lives in a shared store; 0: none */
	uint32_t lease_left;      /* milliseconds until it ends, unless it is renewed */
};

#define SNAP_SERVERS_MAX 8

/* A key server of several (runtime/core/coop.h). */
struct snap_server {
	uint32_t addr;
	uint8_t priority;
	bool leads, here;
	bool alive;  /* this one too, as far as the store says; false: so it was when last heard */
	bool gone;   /* it was there, and its word is good no more; alive false, able false */
	bool unread; /* it says what this version does not read: nothing else is known of it */
	bool able;   /* to lead */
	bool clash;  /* its KSSIDs are partly another server's */
	uint32_t kssids[(POLICY_KSSID_MAX + 32) / 32]; /* a bit for each that it has */
	uint32_t differs; /* the settings in which it is not configured as this one: enum alike */
};

/* Sender identifiers, the first and the last. */
struct snap_sids {
	bool any;
	uint32_t first, last;
};

struct snap_coop {
	bool on;         /* the group's servers share a store */
	bool leads;      /* this one makes the keys; never when stale */
	uint32_t leader; /* 0: nobody */
	size_t n_servers;
	struct snap_server servers[SNAP_SERVERS_MAX]; /* that live, this one too, or have gone */
	uint32_t serial;                              /* of the keys that it knows */
	uint32_t changes;                             /* of role, since it started */
	const char *store_error; /* why the store is not reached, a static text; NULL: it is */
	/* The store was not heard for longer than a lease: all this is of before. */
	bool stale;
	bool pair_shared;   /* rekeys are signed with the key pair of the store */
	bool moved;         /* it awaits its peers in a store that is another one than before */
	const char *unable; /* why this one cannot lead, a static text; NULL: it can */
	bool keyless;       /* because it cannot sign rekeys as the group's members expect */
	struct snap_sids piece, spare; /* that this server gives away */
	uint64_t sids_taken;           /* of its pool, by servers, as far as this one knows */
	bool used_up;                  /* all of a pool under these keys are taken */
	bool clash;                    /* its KSSIDs are partly another server's */
};

struct snap_group {
	const char *name;
	struct group_id id;
	bool local;   /* a key server */
	bool applied; /* member: a crypto map applies it */
	struct snap_kek kek;
	size_t n_teks;
	const struct snap_tek *teks; /* newest first */
	size_t n_entries;
	const struct snap_entry *entries; /* the ACL as served or downloaded */
	uint64_t pseudotime;              /* milliseconds; 0: none */
	/* server */
	enum snap_store store;
	const char *store_error; /* SNAP_STORE_UNREADABLE: why, a static text */
	struct snap_kept kept;
	uint32_t rekeys_sent;
	uint32_t retransmits; /* of the last one: datagrams sent again */
	/* Milliseconds until all was answered or given up; 0: none, or still going on. */
	uint32_t rekey_took;
	size_t n_members;
	const struct snap_member *members;
	uint64_t sids_given,
	    sids_all;    /* sender identifiers of counter modes: handed out; there are */
	size_t n_kssids; /* its own parts of them; 0: not configured, all are */
	const struct policy_kssids *kssids;
	uint8_t sid_bits; /* their length; on a member 0: it has none */
	struct snap_coop coop;
	/* member */
	uint32_t sid;
	enum snap_registration registration;
	const char *vrf, *inner; /* that it registers in, and of its traffic; NULL: global */
	uint32_t server;         /* registered with; 0: none */
	uint32_t local_addr;     /* registration source */
	enum sa_direction direction;
	uint32_t reregister; /* seconds until it registers again, or tries to */
	uint32_t attempts, successes;
	uint32_t rekey_sas; /* there have been: one for each KEK */
	uint32_t rekeys_received, acks_sent, last_rekey_seq;
	uint32_t last_rekey_from;
	uint32_t rekeys_since_register;
	uint32_t recovery_check; /* seconds; 0: off */
	uint32_t recoveries, recoveries_postponed;
	uint32_t last_rekey_ago; /* meaningful when rekeys_received */
};

/* What came of certificates that peers sent, and of revocation lists that were wanted for them. */
struct snap_pki {
	/* A peer that waits for a list sends its certificate again. */
	uint64_t taken, refused, waiting;
	uint64_t lists_asked; /* certificates that were looked for in revocation lists */
	uint64_t fetches, fetches_failed;
	uint64_t fetches_busy; /* wanted while they were under way */
};

#endif
