/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the files of the checkup: see check.h. */
#ifndef TESTUDO_CHECK_PARTS_H
#define TESTUDO_CHECK_PARTS_H

#include "compiler/check/check.h"
#include "compiler/compile/compile_parts.h"

struct routing;

/* A device: the compiler that has run, with what was typed and what it means. */
struct device {
	struct compiler compiler;
};

struct checkup {
	size_t n, capacity;
	struct device *devices;
	struct routing *routing; /* when all are there; NULL: none has a routing protocol */
	bool open;               /* routes of others than these devices may be learned */
};

/* check_device.c: one by itself. */
void check_device(struct device *d);
/* check_acl.c: its access lists as a group's policy. */
void check_acls(struct device *d);
/* check_group.c: all of them; no device is looked for but by hash. */
void check_group(struct checkup *c);

/* The group of that identity for which it is a key server; NULL: none. */
const struct policy_group *device_serves(const struct device *server, const struct group_id *id);

/* check_path.c: do packets find their way? An index of who has an address. */
struct address_index;
struct address_index *address_index_new(const struct checkup *c);
void address_index_free(struct address_index *x);
/* The device that has the address on an interface that is up, NULL: none (of these). */
struct device *address_owner(const struct address_index *x, uint32_t addr);
/* Addresses that two devices have. */
void check_duplicates(struct checkup *c);
/*
 * Follows the routes, static ones and those of routing protocols, from a table of a device (vrf
 * NULL: the global one) to an address: NULL when they lead there, or out of what is known, as where
 * a device may learn routes of others than these; else the device that has none, or that sends it
 * round (*ret_loop).
 */
const struct device *path_breaks(const struct address_index *x, const struct device *from,
                                 const char *vrf, uint32_t to, bool *ret_loop);

/*
 * The next step of the way there: by which interface, and whom the packet is handed to (the address
 * itself when it is on the link). False: none is known.
 */
bool path_next(const struct address_index *x, size_t device, const char *vrf, uint32_t to,
               const char **ret_interface, uint32_t *ret_next);

/*
 * check_routing.c: which interfaces share a link (segment 0: a loopback, alone), as far as
 * addresses tell.
 */
void check_each_link(const struct checkup *c,
                     void (*fn)(void *arg, size_t device, const char *interface, uint32_t segment),
                     void *arg);
bool check_link_shared(const struct checkup *c, size_t device, const char *interface);
/*
 * check_routing.c: what their routing protocols settle on; NULL: none has one. Nodes are devices.
 */
struct routing *check_routing_new(const struct checkup *c);
/* Neighbours of OSPF on one network that never become it as they are configured. */
void check_adjacencies(struct checkup *c, struct routing *r);

/* check_multicast.c: trees of multicast. */
struct cast_check;
struct cast_check *check_multicast_new(struct checkup *c, const struct address_index *x);
void check_multicast_free(struct cast_check *c);
/* Rekeys of that server's group to a member, who hears them by `on`; complains at `at`. */
void check_multicast_rekeys(const struct cast_check *c, struct device *member,
                            const struct word *at, const struct policy_group_interface *on,
                            const struct policy_server *server, const char *group);

/* check_coop.c: a key server of the device, beside those that cooperate with it. */
void check_coop(struct device *d, size_t group, const struct address_index *x);

#endif
