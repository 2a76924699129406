/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The dataplane carries a group's traffic: it encrypts what leaves by a crypto-map interface and
 * the group's policy permits, decrypts what arrives there, and drops what arrives in clear though
 * it should have been encrypted. It is told about groups, never about SA pairs.
 *
 * Four operations: dataplane_set makes one group so (idempotent, all or nothing: SAs already
 * there keep their sequence numbers, replay windows and counters), dataplane_clear forgets a group,
 * dataplane_stat reads counters, dataplane_close ends it. Beside them the doors of fail-close mode.
 */
#ifndef TESTUDO_DATAPLANE_H
#define TESTUDO_DATAPLANE_H

#include "compiler/policy/prefix.h"
#include "compiler/policy/suite.h"

#define DP_SAS_MAX       256 /* TEKs of one group at one time, old and new */
#define DP_SELECTORS_MAX 512 /* a member's denies and all downloaded entries */

struct dp_sa {
	uint32_t sa; /* which of the group's TEK policies this key belongs to (see dp_entry.sa) */
	uint32_t spi;
	struct esp_suite suite;
	/* Borrowed for the call; the dataplane keeps its own copy. Counter modes: key and salt. */
	struct span enc_key, auth_key;
	/*
	 * Counter modes only (RFC 6054): the sender identifier that the key server gave this member
	 * and no other, and its size; it opens every IV, and the sequence number ends it. 0 bits:
	 * there is none, so the SA can receive but not send.
	 */
	uint32_t sid;
	uint8_t sid_bits; /* 0 .. 32 */
	/*
	 * Sending counts on from here only where nobody remembers whether this member has sent
	 * under the key before (counters.h, README.md): no number may be used a second time.
	 */
	uint32_t start;
	/*
	 * Seconds until it is over. Whoever calls takes it away then; this is for a kernel that
	 * goes on alone. 0: not known.
	 */
	uint32_t life;
	uint32_t window; /* replay window in packets; 0: no check */
	/*
	 * Time-based replay protection: every packet carries the group's pseudotime (README.md) and
	 * is taken when that is no farther than so many seconds from our own, which is `now` and
	 * the offset. 0: packets carry no time.
	 */
	uint32_t time_window;
	msec pseudo_offset;
	bool send;      /* may encrypt; the last such SA of a policy is used */
	bool receive;   /* may decrypt */
	bool transport; /* mode transport instead of tunnel */
};

/*
 * NULL, or why only the userspace dataplane can carry this SA: the kernel cannot put a time into
 * packets; and its counter modes choose the IV by themselves and know nothing of sender
 * identifiers, so that two members could meet in one nonce.
 */
static inline const char *
dp_sa_needs_userspace(const struct dp_sa *sa)
{
	if (sa->time_window)
		return "time-based anti-replay";
	return sa->send && cipher_is_counter(sa->suite.cipher)
	           ? "sender identifiers for AES-GCM and GMAC"
	           : NULL;
}

struct dp_entry {
	struct selector selector;
	uint32_t sa; /* for a permit: the TEK policy that encrypts it */
	/*
	 * A deny of this node's own (`match address`). It says what leaves this node, so what
	 * enters is held against it with source and destination exchanged; a group's entry says
	 * what leaves its sender, whoever that is.
	 */
	bool local;
	/*
	 * local: the binding, by its place in dp_group.bindings, whose crypto map names it. On the
	 * group's other interfaces it is not there. Unused else: a group's entry holds on all.
	 */
	size_t binding;
};

struct dp_binding { /* the group is applied here, in the order of seq */
	const char *interface;
	uint32_t seq;
	enum df_bit df; /* the interface's: the same in all groups */
};

struct dp_group {
	const char *name;
	size_t n_bindings;
	const struct dp_binding *bindings;
	enum sa_direction direction;
	/* First match decides. No entries at all: not registered, everything passes in clear. */
	size_t n_entries;
	const struct dp_entry *entries;
	size_t n_sas;
	const struct dp_sa *sas; /* oldest first */
	/*
	 * UDP port that the group's rekeys come to, when it is not 848 (0 then): to this node's own
	 * addresses and the multicast address it has joined. They pass as those to port 848 do.
	 */
	uint16_t rekey_port;
};

/* A permit of multicast: XFRM is asked by routes, and those of multicast do not ask it. */
static inline bool
dp_entry_is_multicast(const struct dp_entry *e)
{
	return e->selector.permit && (e->selector.dst_mask & MULTICAST_MASK) == MULTICAST_MASK &&
	       addr_is_multicast(e->selector.dst);
}

/* The same of a whole group: the first of its SAs and entries that says why. */
static inline const char *
dp_group_needs_userspace(const struct dp_group *g)
{
	const char *why = g->direction == SA_BOTH ? NULL : "clear traffic beside encrypted";

	for (size_t i = 0; !why && i < g->n_bindings; i++)
		why = g->bindings[i].df == DF_COPY ? NULL : "crypto ipsec df-bit";
	for (size_t i = 0; !why && i < g->n_sas; i++)
		why = dp_sa_needs_userspace(&g->sas[i]);
	for (size_t i = 0; !why && i < g->n_entries; i++)
		why = dp_entry_is_multicast(&g->entries[i]) ? "multicast" : NULL;
	return why;
}

/* Counters of one SA and of one entry, for `show crypto ipsec sa`. */
struct dp_sa_stat {
	uint32_t spi;
	uint64_t out_packets, out_bytes, in_packets, in_bytes;
	uint64_t replay_drops, auth_errors, other_errors;
};

struct dp_entry_stat {
	uint64_t out_packets, in_packets; /* encrypted / decrypted under this entry */
	uint64_t clear_drops;             /* arrived in clear though it must be encrypted */
	uint64_t send_errors;             /* permitted but no key: dropped */
};

struct dp_stat {
	size_t n_sas;
	struct dp_sa_stat sas[DP_SAS_MAX];
	size_t n_entries;
	struct dp_entry_stat entries[DP_SELECTORS_MAX]; /* in the order of dp_group.entries */
	uint64_t invalid_spi;
};

/*
 * A door: the fail-close mode of one crypto map. While it is shut, everything that leaves or enters
 * by the map's interfaces in clear is dropped, but what the first entry to match denies. Entries
 * are written for what leaves; what enters is asked with source and destination exchanged, as a
 * crypto map's access list is. GDOI of the node's own and a group's ESP always pass.
 */
struct dp_door {
	const char *map;
	bool open; /* all groups of the map have keys: their policies decide alone */
	size_t n_interfaces;
	const char *const *interfaces;
	size_t n_entries; /* then an implicit permit ip any any: drop */
	const struct selector *entries;
};

struct dp_door_stat {
	uint64_t out_drops, in_drops;
};

/*
 * What a dataplane tells whoever made it. Called in the middle of its work: whoever listens must
 * not call it back.
 */
struct dp_events {
	/*
	 * ESP came under an SPI that no SA has, between addresses that this group's policy
	 * protects: somebody may have newer keys. In a second at most fifty times for each entry
	 * of the group's policy; the ESP engine tells of twenty SPIs, once each. NULL: nobody
	 * listens.
	 */
	void (*unknown_spi)(void *arg, const char *group, uint32_t spi);
	void *arg;
};

struct dataplane; /* each kind begins with `const struct dataplane_ops *ops` */

struct dataplane_ops {
	int (*set)(struct dataplane *dp, const struct dp_group *group); /* 0 or -errno */
	void (*clear)(struct dataplane *dp, const char *group);
	bool (*stat)(struct dataplane *dp, const char *group, struct dp_stat *ret);
	/*
	 * These are all the doors there are; 0 or -errno. In a kernel they outlive this process,
	 * and close shuts those that are open: only a call without them takes them out.
	 */
	int (*doors)(struct dataplane *dp, const struct dp_door *doors, size_t n_doors);
	bool (*door_stat)(struct dataplane *dp, const char *map, struct dp_door_stat *ret);
	void (*close)(struct dataplane *dp);
	/*
	 * As if the process had died: the memory goes, what is in a kernel stays. NULL: as close.
	 */
	void (*abandon)(struct dataplane *dp);
};

struct dataplane {
	const struct dataplane_ops *ops;
};

#endif
