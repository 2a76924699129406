/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's dataplane in four parts: xfrm.c keeps groups and speaks to the node, xfrm_sa.c makes
 * the states of their SAs, xfrm_rules.c the nftables rules and policies of all groups, xfrm_learn.c
 * hears of new senders, and of ESP that nobody here understands.
 */
#ifndef TESTUDO_XFRM_PRIV_H
#define TESTUDO_XFRM_PRIV_H

#include "runtime/dataplane/counters.h"
#include "runtime/dataplane/kernel/nft.h"
#include "runtime/dataplane/kernel/xfrm.h"
#include "runtime/dataplane/kernel/xfrm_nl.h"

#define XFRM_SENDERS_MAX  4096 /* per group; a packet from one more sender is refused */
#define XFRM_POLICIES_MAX 8192
#define XFRM_GROUPS_MAX   256       /* in one namespace */
#define XFRM_TABLE        "testudo" /* of nftables */
#define XFRM_LOG_GROUP    847       /* of nfnetlink_log */
#define XFRM_LOG_UNKNOWN  "spi " /* then the group's id: ESP under an SPI that it does not have */

struct xfrm_sa {
	struct dp_sa sa; /* its keys lie in `keys` */
	uint8_t enc[64], auth[64];
	bool sending;            /* there is an outbound state */
	bool sent;               /* there was one: count on from sent_seq */
	uint32_t sent_seq;       /* the last number used */
	uint32_t first;          /* the last number before the outbound state's first */
	uint32_t life;           /* of the outbound state, seconds from its birth; 0: unlimited */
	uint32_t limit;          /* the last number reserved */
	struct counter *counter; /* NULL: none yet */
	msec expires;            /* when the SA ends even if nobody removes it; 0: never */
	msec retire;             /* when the outbound state goes; 0: it stays */
};

struct xfrm_binding {
	char device[16];
	int index;
	uint32_t seq;
};

struct xfrm_group {
	struct xfrm_group *next;
	char *name;
	unsigned id; /* in marks and reqids; 0 .. XFRM_GROUPS_MAX - 1 */
	size_t n_bindings;
	struct xfrm_binding *bindings;
	size_t n_entries;
	struct dp_entry *entries;
	struct dp_entry_stat *counts; /* by entry: what the rules said before they were replaced */
	size_t n_sas;
	struct xfrm_sa *sas;
	uint32_t *senders; /* known; each has a state under every SA that has a window */
	size_t n_senders, senders_capacity;
	size_t n_ripe;  /* how many of the senders were known at the last tick */
	size_t n_grown; /* of those: how many must no longer come out of the learning state */
};

/* An outbound state that was found at the start. */
struct xfrm_survivor {
	uint32_t spi, seq;
};

struct xfrm {
	struct dataplane base;
	struct kernel_dataplane_options o;
	struct xfrm_nl *nl;
	struct nft *nft;
	struct xfrm_group *groups;
	struct xfrm_policy *policies; /* those in the kernel */
	size_t n_policies, policies_capacity;
	uint64_t invalid_spi;
	struct xfrm_survivor *survivors; /* the outbound states of a killed run */
	size_t n_survivors, survivors_capacity;
	int anchored;           /* index of the device that leads to ANCHOR_OUT; 0: none */
	bool unlimited;         /* the kernel has no limits for rules */
	struct mnl_socket *log; /* new senders, unknown SPIs */
	uv_poll_t poll;
	uv_timer_t timer; /* retires outbound states, sees to the anchors */
	int open_handles;
};

/* Seconds that the kernel may keep a state of this SA; 0: for ever. */
uint32_t xfrm_life(const struct xfrm *x, const struct xfrm_sa *s);
/* A TEK policy's number in a group and the group make its reqid. */
uint32_t xfrm_reqid(const struct xfrm_group *g, uint32_t sa);
/* The mark of what came out of a group's learning states. */
uint32_t xfrm_learn_mark(const struct xfrm_group *g);
/*
 * Sets of senders: all that have a state, and those whose packets must no longer come out of the
 * learning state ("grown").
 */
uint32_t xfrm_set_known(const struct xfrm_group *g);
uint32_t xfrm_set_grown(const struct xfrm_group *g);
/* Is there a key to encrypt this entry's packets with? */
bool xfrm_has_key(const struct xfrm_group *g, uint32_t sa);
bool xfrm_has_window(const struct xfrm_group *g);

/* Removes the outbound state and remembers the last number that it used. */
void xfrm_sa_silence(struct xfrm *x, struct xfrm_sa *s);
/* Reserves more numbers when half of them are used. */
void xfrm_sa_reserve(struct xfrm *x, const struct xfrm_group *g, struct xfrm_sa *s);
/* Adds the outbound state, unless it exists or no number can be reserved for it. 0 or -errno. */
int xfrm_sa_speak(struct xfrm *x, const struct xfrm_group *g, struct xfrm_sa *s);
/* Is the i-th SA the last to send for its policy? */
bool xfrm_sa_is_newest(const struct xfrm_group *g, size_t i);
/* Makes the newest SAs send and retires those before them. 0 or -errno. */
int xfrm_group_speak(struct xfrm *x, struct xfrm_group *g);
/* Adds inbound states for the SAs of g that old (NULL: none) does not have. 0 or -errno. */
int xfrm_group_listen(struct xfrm *x, struct xfrm_group *g, struct xfrm_group *old);
/* Removes the states of old that now (NULL: none) does not have. */
void xfrm_group_forget(struct xfrm *x, struct xfrm_group *old, const struct xfrm_group *now);
/*
 * For xfrm_state_each at the start: what an earlier run's outbound state has sent. arg: the xfrm.
 */
void xfrm_note_survivor(void *arg, const struct xfrm_counters *c);

/* Reads the counters, then builds the whole table anew. 0 or -errno. */
int xfrm_rules_render(struct xfrm *x);
void xfrm_rules_count(struct xfrm *x, struct xfrm_group *only, struct dp_stat *ret);
/* Puts the policies of all groups in place of those that the kernel has. */
int xfrm_policies_render(struct xfrm *x);

int xfrm_learn_open(struct xfrm *x);
/* Adds the states of one sender under every SA of the group; states that exist are no error. */
int xfrm_learn_sender(struct xfrm *x, struct xfrm_group *g, uint32_t sender);

/* Called once a tick: senders that were learnt before the last tick become grown. */
void xfrm_learn_tick(struct xfrm *x);

int xfrm_hear(struct xfrm *x, const struct xfrm_group *g, const struct xfrm_sa *s, uint32_t sender);

#endif
