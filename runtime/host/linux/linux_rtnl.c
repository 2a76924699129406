/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's links, addresses and routes by rtnetlink: see linux_rtnl.h. */
#define _GNU_SOURCE
#include "runtime/host/linux/linux_rtnl.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if_arp.h>
#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include <libmnl/libmnl.h>

#ifndef IFA_PROTO
#define IFA_PROTO 11 /* newer than Debian 12's headers */
#endif

#define REQUEST_MAX 1024

/* --- requests --------------------------------------------------------------------------------- */

static struct nlmsghdr *
new_request(struct linux_host *h, char buf[static REQUEST_MAX], uint16_t type, uint16_t flags,
            size_t extra)
{
	struct nlmsghdr *n = mnl_nlmsg_put_header(buf);

	n->nlmsg_type = type;
	n->nlmsg_flags = NLM_F_REQUEST | flags;
	n->nlmsg_seq = ++h->nl_seq;
	mnl_nlmsg_put_extra_header(n, extra);
	return n;
}

/*
 * Sends and hands every answer to fn. 0 or -errno of the kernel's answer. It never waits: the
 * kernel has done what is asked, and put the next answer into the socket, when the call before
 * returns.
 */
static int
send_request(struct linux_host *h, const struct nlmsghdr *n, mnl_cb_t fn, void *arg)
{
	unsigned port = mnl_socket_get_portid(h->nl);
	char buf[32768];
	ssize_t got;
	int r = 1;

	if (mnl_socket_sendto(h->nl, n, n->nlmsg_len) < 0)
		return -errno;
	while (r > 0) {
		got = mnl_socket_recvfrom(h->nl, buf, sizeof(buf));
		if (got < 0)
			return -errno;
		r = mnl_cb_run(buf, (size_t)got, n->nlmsg_seq, port, fn, arg);
	}
	return r < 0 ? -errno : 0;
}

static int
dump_table(struct linux_host *h, uint16_t type, size_t extra, mnl_cb_t fn, void *arg)
{
	char buf[REQUEST_MAX];
	struct nlmsghdr *n = new_request(h, buf, type, NLM_F_DUMP, extra);

	/* The family is the first octet of every one of these headers. */
	*(uint8_t *)mnl_nlmsg_get_payload(n) = type == RTM_GETLINK ? AF_UNSPEC : AF_INET;
	return send_request(h, n, fn, arg);
}

struct attributes {
	const struct nlattr *at[64];
};

static int
collect_attribute(const struct nlattr *attr, void *arg)
{
	struct attributes *a = arg;
	uint16_t type = mnl_attr_get_type(attr);

	if (type < ARRAY_SIZE(a->at))
		a->at[type] = attr;
	return MNL_CB_OK;
}

/* Four octets of an address attribute, host order; false when it is absent or of another size. */
static bool
attr_addr(const struct nlattr *attr, uint32_t *ret)
{
	if (!attr || mnl_attr_get_payload_len(attr) != 4)
		return false;
	*ret = ntohl(mnl_attr_get_u32(attr));
	return true;
}

/*
 * The header of a kind of message and its attributes by their types; false: the message ends within
 * its header.
 */
static bool
read_message(const struct nlmsghdr *n, size_t header, struct attributes *ret)
{
	*ret = (struct attributes){{0}};
	return mnl_nlmsg_get_payload_len(n) >= header &&
	       mnl_attr_parse(n, (unsigned)header, collect_attribute, ret) >= 0;
}

static uint32_t
attr_u32(const struct nlattr *attr)
{
	return attr && mnl_attr_get_payload_len(attr) == 4 ? mnl_attr_get_u32(attr) : 0;
}

/* False: it is no hardware address of Ethernet. */
static bool
attr_mac(const struct nlattr *attr, uint8_t ret[static 6])
{
	if (!attr || mnl_attr_get_payload_len(attr) != 6)
		return false;
	memcpy(ret, mnl_attr_get_payload(attr), 6);
	return true;
}

/* --- links ------------------------------------------------------------------------------------ */

static int
on_link(const struct nlmsghdr *n, void *arg)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(n);
	struct attributes a;
	struct rtnl_links *links = arg;
	struct rtnl_link *l;

	if (!read_message(n, sizeof(*info), &a) || !a.at[IFLA_IFNAME] ||
	    mnl_attr_validate(a.at[IFLA_IFNAME], MNL_TYPE_NUL_STRING) < 0)
		return MNL_CB_OK;
	x_grow(&links->at, &links->capacity, links->n + 1, sizeof(*links->at));
	l = &links->at[links->n++];
	*l = (struct rtnl_link){.index = (unsigned)info->ifi_index, .flags = info->ifi_flags};
	l->mtu = attr_u32(a.at[IFLA_MTU]);
	strncpy(l->device, mnl_attr_get_str(a.at[IFLA_IFNAME]), sizeof(l->device) - 1);
	l->has_mac = attr_mac(a.at[IFLA_ADDRESS], l->mac) && info->ifi_type == ARPHRD_ETHER;
	if (a.at[IFLA_STATS64] && mnl_attr_get_payload_len(a.at[IFLA_STATS64]) >= sizeof(l->stats))
		memcpy(&l->stats, mnl_attr_get_payload(a.at[IFLA_STATS64]), sizeof(l->stats));
	return MNL_CB_OK;
}

struct rtnl_links
rtnl_links(struct linux_host *h)
{
	struct rtnl_links links = {0};

	dump_table(h, RTM_GETLINK, sizeof(struct ifinfomsg), on_link, &links);
	return links;
}

const struct rtnl_link *
rtnl_link_by_device(const struct rtnl_links *links, const char *device)
{
	for (size_t i = 0; i < links->n; i++)
		if (!strcmp(links->at[i].device, device))
			return &links->at[i];
	return NULL;
}

const struct rtnl_link *
rtnl_link_by_index(const struct rtnl_links *links, unsigned index)
{
	for (size_t i = 0; i < links->n; i++)
		if (links->at[i].index == index)
			return &links->at[i];
	return NULL;
}

int
rtnl_link_set_up(struct linux_host *h, unsigned index, bool up)
{
	char buf[REQUEST_MAX];
	struct nlmsghdr *n = new_request(h, buf, RTM_NEWLINK, NLM_F_ACK, sizeof(struct ifinfomsg));
	struct ifinfomsg *info = mnl_nlmsg_get_payload(n);

	info->ifi_index = (int)index;
	info->ifi_change = IFF_UP;
	info->ifi_flags = up ? IFF_UP : 0;
	return send_request(h, n, NULL, NULL);
}

/* --- addresses -------------------------------------------------------------------------------- */

static int
on_address(const struct nlmsghdr *n, void *arg)
{
	const struct ifaddrmsg *m = mnl_nlmsg_get_payload(n);
	struct attributes a;
	struct rtnl_addresses *list = arg;
	struct rtnl_address *x;
	uint32_t addr;

	if (!read_message(n, sizeof(*m), &a) || m->ifa_prefixlen > 32 ||
	    !attr_addr(a.at[IFA_LOCAL] ? a.at[IFA_LOCAL] : a.at[IFA_ADDRESS], &addr))
		return MNL_CB_OK;
	x_grow(&list->at, &list->capacity, list->n + 1, sizeof(*list->at));
	x = &list->at[list->n++];
	*x = (struct rtnl_address){
	    .a = {.index = m->ifa_index, .addr = addr, .len = m->ifa_prefixlen}};
	x->ours = a.at[IFA_PROTO] && mnl_attr_get_payload_len(a.at[IFA_PROTO]) > 0 &&
	          mnl_attr_get_u8(a.at[IFA_PROTO]) == RTPROT_TESTUDO;
	return MNL_CB_OK;
}

struct rtnl_addresses
rtnl_addresses(struct linux_host *h)
{
	struct rtnl_addresses list = {0};

	dump_table(h, RTM_GETADDR, sizeof(struct ifaddrmsg), on_address, &list);
	return list;
}

bool
rtnl_addr_equal(const struct linux_addr *a, const struct linux_addr *b)
{
	return a->index == b->index && a->addr == b->addr && a->len == b->len;
}

int
rtnl_address_change(struct linux_host *h, const struct linux_addr *a, bool add)
{
	char buf[REQUEST_MAX];
	struct nlmsghdr *n = new_request(h, buf, add ? RTM_NEWADDR : RTM_DELADDR,
	                                 NLM_F_ACK | (add ? NLM_F_CREATE | NLM_F_EXCL : 0),
	                                 sizeof(struct ifaddrmsg));
	struct ifaddrmsg *m = mnl_nlmsg_get_payload(n);

	m->ifa_family = AF_INET;
	m->ifa_prefixlen = a->len;
	m->ifa_index = a->index;
	mnl_attr_put_u32(n, IFA_LOCAL, htonl(a->addr));
	mnl_attr_put_u32(n, IFA_ADDRESS, htonl(a->addr));
	if (a->len < 31)
		mnl_attr_put_u32(n, IFA_BROADCAST, htonl(a->addr | ~prefix_mask(a->len)));
	if (add)
		mnl_attr_put_u8(n, IFA_PROTO, RTPROT_TESTUDO);
	return send_request(h, n, NULL, NULL);
}

/* --- neighbours ------------------------------------------------------------------------------- */

static int
on_neighbor(const struct nlmsghdr *n, void *arg)
{
	const struct ndmsg *m = mnl_nlmsg_get_payload(n);
	struct rtnl_neighbors *list = arg;
	struct rtnl_neighbor x = {0};
	struct attributes a;
	struct nda_cacheinfo cache;

	if (!read_message(n, sizeof(*m), &a) || m->ndm_family != AF_INET ||
	    !attr_addr(a.at[NDA_DST], &x.addr))
		return MNL_CB_OK;
	x.index = (unsigned)m->ndm_ifindex;
	x.state = m->ndm_state;
	if (!attr_mac(a.at[NDA_LLADDR], x.mac))
		x.state = NUD_INCOMPLETE;
	if (a.at[NDA_CACHEINFO] && mnl_attr_get_payload_len(a.at[NDA_CACHEINFO]) >= sizeof(cache)) {
		memcpy(&cache, mnl_attr_get_payload(a.at[NDA_CACHEINFO]), sizeof(cache));
		x.age = SECONDS(cache.ndm_updated / 100); /* the kernel counts in hundredths */
	}
	x_grow(&list->at, &list->capacity, list->n + 1, sizeof(*list->at));
	list->at[list->n++] = x;
	return MNL_CB_OK;
}

struct rtnl_neighbors
rtnl_neighbors(struct linux_host *h)
{
	struct rtnl_neighbors list = {0};

	dump_table(h, RTM_GETNEIGH, sizeof(struct ndmsg), on_neighbor, &list);
	return list;
}

/* --- routes ----------------------------------------------------------------------------------- */

/* Each way of a route that has several is a route here. */
static void
split_ways(struct rtnl_routes *list, const struct rtnl_route *route, const struct nlattr *ways)
{
	const char *at = mnl_attr_get_payload(ways);
	size_t left = mnl_attr_get_payload_len(ways), n;

	for (; left >= sizeof(struct rtnexthop); at += n, left -= n) {
		struct attributes a = {0};
		struct rtnl_route *x;
		struct rtnexthop way;

		memcpy(&way, at, sizeof(way));
		n = MNL_ALIGN(way.rtnh_len);
		if (way.rtnh_len < sizeof(way) || n > left ||
		    mnl_attr_parse_payload(at + sizeof(way), way.rtnh_len - sizeof(way),
		                           collect_attribute, &a) < 0)
			return;
		x_grow(&list->at, &list->capacity, list->n + 1, sizeof(*list->at));
		x = &list->at[list->n++];
		*x = *route;
		x->r.index = (unsigned)way.rtnh_ifindex;
		attr_addr(a.at[RTA_GATEWAY], &x->r.via);
	}
}

static int
on_route(const struct nlmsghdr *n, void *arg)
{
	const struct rtmsg *m = mnl_nlmsg_get_payload(n);
	struct attributes a;
	struct rtnl_routes *list = arg;
	struct rtnl_route x;

	if (!read_message(n, sizeof(*m), &a) || m->rtm_dst_len > 32 || m->rtm_family != AF_INET ||
	    m->rtm_table != RT_TABLE_MAIN)
		return MNL_CB_OK;
	x = (struct rtnl_route){
	    .protocol = m->rtm_protocol, .scope = m->rtm_scope, .type = m->rtm_type};
	x.r.to.len = m->rtm_dst_len;
	attr_addr(a.at[RTA_DST], &x.r.to.addr);
	x.r.metric = (uint8_t)attr_u32(a.at[RTA_PRIORITY]);
	if (a.at[RTA_MULTIPATH]) {
		split_ways(list, &x, a.at[RTA_MULTIPATH]);
		return MNL_CB_OK;
	}
	attr_addr(a.at[RTA_GATEWAY], &x.r.via);
	x.r.index = attr_u32(a.at[RTA_OIF]);
	x_grow(&list->at, &list->capacity, list->n + 1, sizeof(*list->at));
	list->at[list->n++] = x;
	return MNL_CB_OK;
}

struct rtnl_routes
rtnl_routes(struct linux_host *h)
{
	struct rtnl_routes list = {0};

	dump_table(h, RTM_GETROUTE, sizeof(struct rtmsg), on_route, &list);
	return list;
}

int
rtnl_route_change(struct linux_host *h, const struct linux_gateway *r, bool add)
{
	char buf[REQUEST_MAX];
	struct nlmsghdr *n =
	    new_request(h, buf, add ? RTM_NEWROUTE : RTM_DELROUTE,
	                NLM_F_ACK | (add ? NLM_F_CREATE | NLM_F_EXCL : 0), sizeof(struct rtmsg));
	struct rtmsg *m = mnl_nlmsg_get_payload(n);

	m->rtm_family = AF_INET;
	m->rtm_dst_len = r->to.len;
	m->rtm_table = RT_TABLE_MAIN;
	m->rtm_protocol = RTPROT_TESTUDO;
	m->rtm_scope = r->via ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK;
	m->rtm_type = RTN_UNICAST;
	mnl_attr_put_u32(n, RTA_DST, htonl(r->to.addr));
	if (r->via)
		mnl_attr_put_u32(n, RTA_GATEWAY, htonl(r->via));
	if (r->index)
		mnl_attr_put_u32(n, RTA_OIF, r->index);
	mnl_attr_put_u32(n, RTA_PRIORITY, r->metric);
	return send_request(h, n, NULL, NULL);
}
