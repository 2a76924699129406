/* SPDX-License-Identifier: Apache-2.0 */
/* One question to the kernel's routes: see linux_way.h. */
#define _GNU_SOURCE
#include "runtime/host/linux/linux_way.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include <libmnl/libmnl.h>

#define ANSWER_MAX 8192

static int
find_device(const struct nlattr *attr, void *arg)
{
	if (mnl_attr_get_type(attr) == RTA_OIF && mnl_attr_validate(attr, MNL_TYPE_U32) >= 0)
		*(uint32_t *)arg = mnl_attr_get_u32(attr);
	return MNL_CB_OK;
}

/* A route by the loopback leads nowhere else, whatever its type. */
static int
read_route(const struct nlmsghdr *n, void *arg)
{
	const struct rtmsg *m = mnl_nlmsg_get_payload(n);
	enum linux_way *ret = arg;
	uint32_t device = 0;

	if (n->nlmsg_type != RTM_NEWROUTE || n->nlmsg_len < MNL_NLMSG_HDRLEN + sizeof(*m))
		return MNL_CB_OK;
	mnl_attr_parse(n, sizeof(*m), find_device, &device);
	if (m->rtm_type == RTN_LOCAL || (device && device == if_nametoindex("lo")))
		*ret = LINUX_WAY_OWN;
	else if (m->rtm_type == RTN_UNICAST)
		*ret = LINUX_WAY_OUT;
	return MNL_CB_OK;
}

static int
ask_kernel(struct mnl_socket *nl, uint32_t addr, enum linux_way *ret)
{
	char buf[ANSWER_MAX];
	struct nlmsghdr *n = mnl_nlmsg_put_header(buf);
	struct rtmsg *m;
	ssize_t got;

	n->nlmsg_type = RTM_GETROUTE;
	n->nlmsg_flags = NLM_F_REQUEST;
	n->nlmsg_seq = 1;
	m = mnl_nlmsg_put_extra_header(n, sizeof(*m));
	m->rtm_family = AF_INET;
	m->rtm_dst_len = 32;
	mnl_attr_put_u32(n, RTA_DST, htonl(addr));
	if (mnl_socket_sendto(nl, n, n->nlmsg_len) < 0)
		return -errno;
	got = mnl_socket_recvfrom(nl, buf, sizeof(buf));
	if (got < 0)
		return -errno;
	if (mnl_cb_run(buf, (size_t)got, 1, mnl_socket_get_portid(nl), read_route, ret) >= 0)
		return 0;
	/* What the kernel says of an address to which it has no way. */
	return errno == ENETUNREACH || errno == EHOSTUNREACH || errno == EACCES || errno == EINVAL
	           ? 0
	           : -errno;
}

int
linux_way_to(uint32_t addr, enum linux_way *ret)
{
	struct mnl_socket *nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	enum linux_way way = LINUX_WAY_NONE;
	int error;

	if (!nl)
		return -errno;
	error =
	    mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0 ? -errno : ask_kernel(nl, addr, &way);
	mnl_socket_close(nl);
	if (!error)
		*ret = way;
	return error;
}
