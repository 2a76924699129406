/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One test over three dataplanes: random policies are set at a member, packets of every class are
 * put before it, and what becomes of each is compared with the policy's reference function.
 *
 *   planes.c         the test: policies, packets, what may and must be seen
 *   plane_packet.c   packets, and ESP of another member
 *   plane_virtual.c  the member as a node of the virtual network
 *   plane_kernel.c   the member as a network namespace: userspace ESP, or what the kernel has
 */
#ifndef TESTUDO_HUNTER_PLANE_H
#define TESTUDO_HUNTER_PLANE_H

#include "tests/hunter/random_policy.h"

#define PLANE_PACKET_MAX 512 /* octets */

struct plane_packet {
	struct flow flow;
	bool in;     /* comes from the core; else the member makes or forwards it */
	bool daemon; /* the member's own GDOI, from its daemon's socket */
	bool cut;    /* in two fragments */
	bool esp;    /* in: under this key of this group */
	size_t group, key;
};

/* Where a packet can be seen. The key of ESP: by its SPI. */
enum plane_sight { PLANE_CORE_CLEAR, PLANE_CORE_ESP, PLANE_TAKEN, PLANE_LAN };

struct plane;

struct plane_ops {
	int (*set)(struct plane *p, const struct random_policy *policy); /* 0 or -errno */
	void (*put)(struct plane *p, const struct plane_packet *packet, uint32_t id);
	/* Time passes: what was seen meanwhile is told. False: no more is to come. */
	bool (*turn)(struct plane *p);
	void (*close)(struct plane *p);
};

struct plane {
	const struct plane_ops *ops;
	const char *name;
	/* Own GDOI is what its daemon's socket has; else the port of an own packet. */
	bool by_socket;
	/*
	 * This dataplane is judged loosely for multicast. XFRM is asked about a packet that
	 * multicast routes carry as if this machine had sent it, and not at all about one that came
	 * in: packets to many may be dropped that should be encrypted, or forwarded in clear, and a
	 * packet that came encrypted goes on whatever the entries say of it.
	 */
	bool loose_multicast;
	void (*seen)(void *arg, uint32_t id, enum plane_sight what, uint32_t spi);
	void *arg;
};

/* NULL, with the reason said, where there can be none. */
struct plane *plane_virtual_new(void);
struct plane *plane_kernel_new(bool userspace);

/* --- plane_packet.c --- */

/*
 * The packet, and its fragments in order when it is cut; how many octets, 0: there is no such part.
 */
size_t plane_packet_part(const struct plane_packet *p, uint32_t id, unsigned part,
                         uint8_t out[static PLANE_PACKET_MAX]);
/* The mark of a packet in clear; false: it has none. */
bool plane_mark(struct span packet, uint32_t *ret_id);

/* Members that seal and open what the member under test opens and seals. */
struct plane_peer;
struct plane_peer *plane_peer_new(const struct random_policy *policy);
void plane_peer_free(struct plane_peer *peer); /* NULL is fine */
size_t plane_peer_seal(struct plane_peer *peer, const struct plane_packet *p, uint32_t id,
                       uint8_t out[static PLANE_PACKET_MAX]);
bool plane_peer_open(struct plane_peer *peer, struct span esp, uint32_t *ret_id, uint32_t *ret_spi);

#endif
