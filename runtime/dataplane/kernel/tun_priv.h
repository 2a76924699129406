/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Userspace ESP on Linux in its parts: tun.c has the devices, the groups and the way of a unicast
 * packet; tun_cast.c has that of multicast; tun_rules.c makes the nftables rules of all groups.
 */
#ifndef TESTUDO_TUN_PRIV_H
#define TESTUDO_TUN_PRIV_H

#include <net/if.h>

#include "runtime/dataplane/esp/esp.h"
#include "runtime/dataplane/kernel/nft.h"
#include "runtime/dataplane/kernel/tun.h"

#define TUN_DEVICES_MAX   16
#define TUN_PACKET_BUFFER 65536
#define TUN_QUEUE         847   /* of nfnetlink_queue: held multicast */
#define TUN_HELD_MAX      65500 /* the largest packet that can be given back there */

struct tun_device {
	struct tun *tun;
	char interface[64];  /* IOS name of the core interface */
	char core[IFNAMSIZ]; /* its device */
	char name[IFNAMSIZ]; /* of the TUN device */
	int fd;              /* of the TUN device */
	int raw;             /* ESP to this machine's own addresses */
	unsigned mtu;        /* of the core device */
	enum df_bit df;      /* as its route has been made */
	unsigned core_index; /* its index, as last looked up */
	struct esp_port *port;
	uv_poll_t poll, raw_poll;
};

struct tun_group {
	struct tun_group *next;
	char *name;
	size_t n_bindings;
	struct {
		uint32_t seq;
		struct tun_device *device;
	} * bindings;
	enum sa_direction direction;
	size_t n_entries;
	struct dp_entry *entries;
	/* By entry, what the counters said before they were replaced: clear packets that came... */
	uint64_t *dropped;
	uint64_t *open; /* and clear packets that were about to leave */
	size_t n_spis;
	uint32_t spis[DP_SAS_MAX];
};

struct tun {
	struct dataplane base;
	struct kernel_dataplane_options o;
	char *name;
	struct dataplane *esp;
	struct nft *nft;
	struct mnl_socket *nl;
	uint32_t seq;
	struct tun_group *groups;
	struct tun_device *devices[TUN_DEVICES_MAX];
	size_t n_devices;
	bool unlimited;           /* the kernel has no limits for rules */
	struct mnl_socket *queue; /* held multicast; NULL: this kernel cannot hold packets */
	uv_poll_t queue_poll;
	int open_handles;
	/* A message of the queue: a packet and the kernel's notes about it. */
	_Alignas(8) char held[TUN_PACKET_BUFFER + 4096];
	_Alignas(8) char answer[TUN_PACKET_BUFFER + 4096];
	uint8_t buffer[PACKET_HEADROOM + TUN_PACKET_BUFFER + PACKET_TAILROOM];
};

/* A device's number, in marks, tables and names. */
unsigned tun_index(const struct tun *t, const struct tun_device *d);
/* The mark of what is steered: clear packets of a device, or their ESP. */
uint32_t tun_mark(unsigned device, bool esp);

/* The device whose core device has this index; NULL: none. */
struct tun_device *tun_device_by_index(struct tun *t, unsigned index);

/* 0 or -errno; a kernel that cannot hold packets is no error. */
int tun_cast_open(struct tun *t);
void tun_cast_close(struct tun *t, uv_close_cb on_closed);

/* Reads the counters, then builds the whole table anew. 0 or -errno. */
int tun_rules_render(struct tun *t);
/* Adds what the rules have counted to the groups' own counts. */
void tun_rules_count(struct tun *t);

#endif
