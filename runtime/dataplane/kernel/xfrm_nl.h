/* SPDX-License-Identifier: Apache-2.0 */
/*
 * XFRM states and policies of ours by netlink, and the two anchor routes. All of one network
 * namespace. What is ours is told by its number: XFRM_OURS in the upper half of a state's reqid and
 * of a policy's priority.
 */
#ifndef TESTUDO_XFRM_NL_H
#define TESTUDO_XFRM_NL_H

#include "runtime/base/netns.h"
#include "runtime/dataplane/dataplane.h"

#define XFRM_OURS     0x7e570000u
#define XFRM_OUR_MASK 0xffff0000u

/* The addresses that stand for "the group" (of 192.0.0.0/24, RFC 6890). */
#define ANCHOR_IN  0xc0000008u /* 192.0.0.8 */
#define ANCHOR_OUT 0xc0000009u /* 192.0.0.9 */

struct xfrm_nl;

/* netns: borrowed, -1: the process's own. 0 or -errno. */
int xfrm_nl_new(int netns, struct xfrm_nl **ret);
void xfrm_nl_free(struct xfrm_nl *x);

enum xfrm_role {
	XFRM_SEND,  /* outbound; counts on from seq */
	XFRM_LEARN, /* inbound, packets marked `mark` (0: all); leaves those marked `leave` */
	XFRM_HEAR   /* inbound from one sender, which is also the mark; has a replay window */
};

struct xfrm_state {
	enum xfrm_role role;
	uint32_t spi, reqid;
	uint32_t sender; /* XFRM_HEAR: host byte order */
	uint32_t leave;  /* XFRM_LEARN: the mark of what came out of it */
	uint32_t seq, window;
	uint32_t limit; /* XFRM_SEND: the last number that it may use; 0: unlimited */
	uint32_t life;  /* seconds, then the kernel drops it; 0: unlimited */
	struct esp_suite suite;
	struct span enc_key, auth_key;
};

/* Adds a state; -EEXIST when there is one already. */
int xfrm_state_add(struct xfrm_nl *x, const struct xfrm_state *s);
/* Only role, spi and sender count. */
int xfrm_state_delete(struct xfrm_nl *x, const struct xfrm_state *s);
/* The last sequence number sent under an SPI; false, *ret untouched: there is no such state. */
bool xfrm_state_sequence(struct xfrm_nl *x, uint32_t spi, uint32_t *ret);
/* Lets an existing outbound state send up to this number and no further. 0 or -errno. */
int xfrm_state_limit(struct xfrm_nl *x, const struct xfrm_state *s);

struct xfrm_counters {
	uint32_t spi, reqid;
	bool out;
	uint32_t seq; /* out: the last number used */
	uint64_t packets, bytes, replay, integrity;
};
/* Every state of ours. */
int xfrm_state_each(struct xfrm_nl *x, void (*fn)(void *arg, const struct xfrm_counters *c),
                    void *arg);

enum xfrm_action { XFRM_BYPASS, XFRM_PROTECT, XFRM_CLOSED };

struct xfrm_policy {
	uint8_t dir; /* XFRM_POLICY_IN, _OUT, _FWD */
	enum xfrm_action action;
	uint8_t src_len, dst_len; /* prefixes */
	struct selector selector;
	int device;          /* index, out only; 0: any */
	uint32_t mark, mask; /* of the packet */
	uint32_t reqid;      /* XFRM_PROTECT; 0: any */
	uint32_t priority;   /* XFRM_OURS and the place in the order */
};

int xfrm_policy_put(struct xfrm_nl *x,
                    const struct xfrm_policy *p); /* new, or in the old's place */
int xfrm_policy_delete(struct xfrm_nl *x, const struct xfrm_policy *p);
/* Same place in the kernel: direction, selector, device and mark. */
bool xfrm_policy_same(const struct xfrm_policy *a, const struct xfrm_policy *b);

/* Adds the routes to the anchors; mtu 0: the device's. Routes that exist already are no error. */
int xfrm_anchor_add(struct xfrm_nl *x, int device, uint32_t mtu);
void xfrm_anchor_remove(struct xfrm_nl *x);

/* Removes every state and policy of ours, and the anchors. */
bool xfrm_holds_any(struct xfrm_nl *x); /* what xfrm_flush would take out */
void xfrm_flush(struct xfrm_nl *x);

#endif
