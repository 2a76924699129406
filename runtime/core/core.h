/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The protocol core of one node: IKEv1 phase 1 and GDOI, as key server and as member. It does no
 * I/O and reads no clock: datagrams, times and results go in, datagrams, jobs, installations and
 * log lines come out. What it needs from its surroundings is in struct core_env, given at birth.
 *
 * Use: after core_apply, core_input, core_expire or core_done, call core_poll until it answers
 * false, and ask core_next when to call core_expire.
 */
#ifndef TESTUDO_CORE_H
#define TESTUDO_CORE_H

#include "compiler/policy/policy.h"
#include "runtime/base/log.h"
#include "runtime/base/path.h"
#include "runtime/core/snapshot.h"
#include "runtime/dataplane/dataplane.h"

struct core;
struct crl;     /* runtime/crypto/crl.h */
struct ec_key;  /* runtime/crypto/ecdsa.h */
struct rsa_key; /* runtime/crypto/sig.h */
struct store;   /* runtime/store/store.h */

struct core_env {
	/* The node's own RSA key pair by its label; NULL when there is none. Borrowed. */
	const struct rsa_key *(*rsa_key)(void *arg, const char *label);
	/* The same of EC key pairs, which have labels of their own; NULL: it has none. */
	const struct ec_key *(*ec_key)(void *arg, const char *label);
	/* The nth revocation list for a trustpoint, borrowed; NULL: there are no more. */
	struct crl *(*crl)(void *arg, const char *trustpoint, size_t nth);
	/*
	 * Fetches a list by HTTP; core_crl_changed is called when it has come. False:
	 * it was tried a moment ago, or nothing can be fetched here. NULL: nothing can. issuer:
	 * the certificate, DER, of a CA that is trusted; what another has signed is not taken.
	 */
	bool (*crl_fetch)(void *arg, const char *url, struct span issuer);
	void (*random)(void *buf, size_t n);
	/*
	 * Milliseconds since 1970 UTC: for certificates (NULL: their times are not looked at), and
	 * for what is kept in the store, which cannot be without it.
	 */
	int64_t (*wall)(void *arg);
	/* Where a key server keeps what must outlive the process; borrowed. NULL: nowhere. */
	struct store *store;
	/* The store that cooperating key servers share; borrowed. NULL: there is none. */
	struct store *shared;
	struct log_sink log;
	void *arg;
};

/* Work too slow for the loop (Diffie-Hellman, RSA): run may be called in any thread, once. */
struct job {
	void (*run)(struct job *job);
	bool computes; /* else it waits for a disk or a network */
};

/* Why a datagram was dropped; 0 is fine. Each has a text and a counter. */
enum drop {
	DROP_NONE,
	DROP_MALFORMED,     /* lengths, reserved fields, payloads */
	DROP_VERSION,       /* not IKEv1 */
	DROP_EXCHANGE,      /* an exchange type or mode we do not take (aggressive mode) */
	DROP_COOKIE,        /* no such SA */
	DROP_REPEAT,        /* a repeat, answered by retransmission */
	DROP_UNEXPECTED,    /* not the message that is due */
	DROP_NO_PSK,        /* no key for this peer */
	DROP_NO_PROPOSAL,   /* nothing acceptable offered */
	DROP_BAD_KE,        /* the peer's Diffie-Hellman value is not valid */
	DROP_DECRYPT,       /* padding or payloads make no sense: most likely a wrong key */
	DROP_HASH,          /* authentication failed */
	DROP_ID,            /* identity not the peer's */
	DROP_UNKNOWN_GROUP, /* no such group here */
	DROP_UNAUTHORIZED,  /* not in the authorization list */
	DROP_POLICY,        /* the group's policy is not one we can run */
	DROP_LIMIT,         /* too many half-open exchanges */
	DROP_SEQUENCE,      /* GROUPKEY-PUSH: sequence number not new */
	DROP_SIGNATURE,     /* GROUPKEY-PUSH: signature wrong */
	DROP_CERTIFICATE,   /* phase 1: none, or not one we trust */
	DROP_FLAGS,         /* header: flags that we do not know */
	DROP_MESSAGE_ID,    /* header: present where it must be 0, or 0 where it must not be */
	DROP_PAYLOAD,       /* a payload that does not belong there, or one that is missing */
	DROP_DOI,           /* neither IPsec's nor GDOI's */
	DROP_LENGTH,        /* header: shorter than the datagram */
	DROP_NOT_READY,     /* the key server does not know yet what it has kept */
	DROP_NO_SID,        /* it waits for sender identifiers, of a counter mode */
	DROP_REVOCATION,    /* phase 1: its revocation list is being fetched; the peer repeats */
	DROP_DPD,           /* R-U-THERE under an old number, or an answer to none of ours */
	DROP_PROFILE,       /* phase 1: the ISAKMP profile does not take this peer */
	DROP_COUNT
};

const char *drop_text(enum drop d);

struct core_out {
	enum { CORE_DATAGRAM, CORE_INSTALL, CORE_CLEAR, CORE_JOB, CORE_JOIN } kind;
	union {
		struct {
			struct path path;
			struct span bytes;
		} datagram;
		struct {
			const struct dp_group *group; /* make the dataplane so */
			uint32_t ticket;              /* hand back with core_done */
		} install;
		const char *clear; /* the dataplane forgets this group */
		struct job *job;   /* run it, then hand it back with core_done */
		struct {
			const char *interface;
			uint32_t group; /* multicast address, where rekeys come; 0: its own */
			uint16_t port;  /* UDP; 848 of its own addresses needs no joining */
			bool on;        /* join, else leave */
		} join;
	};
};

struct core_result {
	struct job *job; /* done; or NULL for an installation: */
	uint32_t ticket;
	int error; /* 0 or -errno of dataplane_set */
};

struct core *core_new(const struct core_env *env);
void core_free(struct core *c); /* no job may be under way */
/*
 * The node is to end in order: what it leads is free at once. Waits for the shared store, for as
 * long as a call to it takes, unless that has not answered just before.
 */
void core_leave(struct core *c);

/*
 * The store that cooperating key servers share from now on (borrowed; NULL: none). The one before
 * stays until the core is freed. other: it is reached otherwise than before, and may hold something
 * else. core_apply follows.
 */
void core_share(struct core *c, struct store *shared, bool other);
/*
 * Takes up a policy (borrowed until the next core_apply returns). What did not change is not
 * disturbed; new groups start, gone ones stop, changed ones take over what they can.
 */
void core_apply(struct core *c, const struct policy *p, msec now);
/* `path` and `dgram` are borrowed for the call. */
enum drop core_input(struct core *c, const struct path *path, struct span dgram, msec now);
void core_expire(struct core *c, msec now);
/*
 * The dataplane has refused ESP between addresses of the group's policy, under an SPI that it does
 * not know; and: the interface's line is up again. Both only set timers, and may be called while
 * something that core_poll gave is carried out.
 */
void core_unknown_spi(struct core *c, const char *group, uint32_t spi, msec now);
void core_line_up(struct core *c, const char *interface, msec now);
msec core_next(const struct core *c);
/* False: nothing left. What out points to is valid until the next call into this core. */
bool core_poll(struct core *c, struct core_out *out);
void core_done(struct core *c, const struct core_result *r, msec now);
/* Would core_poll answer false? Cheap: for who has just handed in a datagram that was dropped. */
bool core_settled(const struct core *c);

/*
 * Whom a command of a key server reaches, of several groups the worst: there is no such key server;
 * all members; not all, since who does not hold the KEK cannot be told; nobody as long as the store
 * fails; nobody, and nothing was done, since the server is not in service; since another one of the
 * group makes its keys; or since the store that they share takes nothing.
 */
enum reach {
	REACH_NO_SERVER,
	REACH_ALL,
	REACH_PART,
	REACH_LATER,
	REACH_NOTHING,
	REACH_NOT_PRIMARY,
	REACH_NO_STORE
};

/* Commands: forget keys and registrations, `clear crypto gdoi [group G]`, `clear crypto isakmp`. */
enum reach core_clear_group(struct core *c, const char *group /* NULL: all */, msec now);
/* `crypto gdoi ks rekey [group G] [replace-now]`. */
enum reach core_ks_rekey(struct core *c, const char *group /* NULL: all */, bool replace_now,
                         msec now);
/* `clear crypto gdoi [group G] ks members [now]`. */
enum reach core_ks_clear_members(struct core *c, const char *group, bool at_once, msec now);
/* `clear crypto gdoi [group G] ks coop role`: the primary makes room for an election. */
enum reach core_ks_elect(struct core *c, const char *group, msec now);
/*
 * `clear crypto gdoi [group G] ks members A`: the key hierarchy cuts this member off. Unknown: no
 * such key server, key hierarchy or member. Untold: no other member holds the KEK that the new keys
 * would be told under, so all stays as it is.
 */
enum expelled { EXPELLED_UNKNOWN, EXPELLED_UNTOLD, EXPELLED_DONE };
enum expelled core_ks_expel(struct core *c, const char *group /* NULL: all */, uint32_t member,
                            msec now);
/* `clear crypto gdoi [group G] ks policy`: other keys, and the members are told. */
enum reach core_ks_clear_policy(struct core *c, const char *group, msec now);
void core_clear_isakmp(struct core *c, msec now);
/* A revocation list came: phase 1 with those who are on it ends, and so may their membership. */
void core_crl_changed(struct core *c, msec now);
/* `crypto pki crl request`: ike_cert_fetch of a trustpoint; no such one: there are none. */
size_t core_crl_request(struct core *c, const char *trustpoint, size_t *ret_named, msec now);
/* `crypto gdoi gm group G ipsec direction`; false: this node is no member of it. */
bool core_gm_direction(struct core *c, const char *group, enum sa_direction direction, msec now);
/*
 * Rises whenever the three questions below may have other answers than before; never 0. So nobody
 * has to ask them after every datagram.
 */
uint64_t core_generation(const struct core *c);
/* Is this node a member of the group with keys that the dataplane has? */
bool core_group_keyed(const struct core *c, const char *group);
/* Has the dataplane the group's policy for this interface, whether its keys are alive or not? */
bool core_group_guards(const struct core *c, const char *group, const char *interface);
/* The same, or the member has a policy that the dataplane refused. */
bool core_group_should_guard(const struct core *c, const char *group, const char *interface);

/* Snapshots for `show`, in the caller's arena (snapshot.h). */
const struct snap_group *core_snap_groups(const struct core *c, msec now, struct arena *a,
                                          size_t *ret_n);
const struct snap_isakmp *core_snap_isakmp(const struct core *c, msec now, struct arena *a,
                                           size_t *ret_n);
const uint64_t *core_drops(const struct core *c); /* DROP_COUNT counters */
struct snap_pki core_pki(const struct core *c);   /* without the fetches, which are the node's */

#endif
