/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's links, IPv4 addresses, neighbours and routes of the main table, read and changed by
 * rtnetlink over h->nl. Lists are the caller's: free .at. Changes return 0 or -errno.
 */
#ifndef TESTUDO_LINUX_RTNL_H
#define TESTUDO_LINUX_RTNL_H

#include <linux/if_link.h>
#include <net/if.h>

#include "runtime/host/linux/linux_priv.h"

struct rtnl_link {
	unsigned index, flags, mtu;
	char device[IFNAMSIZ];
	bool has_mac;
	uint8_t mac[6];
	struct rtnl_link_stats64 stats;
};

struct rtnl_links {
	struct rtnl_link *at;
	size_t n, capacity;
};

struct rtnl_address {
	struct linux_addr a;
	bool ours;
};

struct rtnl_addresses {
	struct rtnl_address *at;
	size_t n, capacity;
};

struct rtnl_route {
	struct linux_gateway r;
	uint8_t protocol, scope, type;
};

struct rtnl_routes {
	struct rtnl_route *at;
	size_t n, capacity;
};

struct rtnl_neighbor {
	unsigned index; /* of the device */
	uint16_t state; /* NUD_... */
	uint32_t addr;
	uint8_t mac[6];
	msec age; /* since it was last learnt */
};

struct rtnl_neighbors {
	struct rtnl_neighbor *at;
	size_t n, capacity;
};

struct rtnl_links rtnl_links(struct linux_host *h);
const struct rtnl_link *rtnl_link_by_device(const struct rtnl_links *links, const char *device);
const struct rtnl_link *rtnl_link_by_index(const struct rtnl_links *links, unsigned index);
int rtnl_link_set_up(struct linux_host *h, unsigned index, bool up);

struct rtnl_addresses rtnl_addresses(struct linux_host *h);
bool rtnl_addr_equal(const struct linux_addr *a, const struct linux_addr *b);
/* What is added is marked as ours. */
int rtnl_address_change(struct linux_host *h, const struct linux_addr *a, bool add);

struct rtnl_neighbors rtnl_neighbors(struct linux_host *h);

struct rtnl_routes rtnl_routes(struct linux_host *h);
int rtnl_route_change(struct linux_host *h, const struct linux_gateway *r, bool add);

#endif
