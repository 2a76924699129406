/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes the kernel's interfaces, addresses and routes as a policy says, and keeps them so when
 * devices come and go. One rtnetlink socket asks and answers (linux_rtnl.c); another tells of
 * changes. What is ours is kept in lists here and marked in the kernel (protocol RTPROT_TESTUDO),
 * so that it can be told from the administrator's and taken out again.
 */
#define _GNU_SOURCE
#include "runtime/host/linux/linux_rtnl.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libmnl/libmnl.h>

#define FORWARDING "/proc/sys/net/ipv4/ip_forward"

/* --- names ------------------------------------------------------------------------------------ */

/* Loopback interfaces are addresses of the kernel's one loopback device. */
const char *
linux_device_of(const struct linux_host *h, const char *interface)
{
	for (size_t i = 0; i < h->n_devices; i++)
		if (!strcmp(h->devices[i].name, interface))
			return h->devices[i].device;
	return policy_names_loopback(interface) ? "lo" : NULL;
}

static struct linux_device *
device_find(struct linux_host *h, const char *device)
{
	for (size_t i = 0; i < h->n_devices; i++)
		if (!strcmp(h->devices[i].device, device))
			return &h->devices[i];
	return NULL;
}

const char *
linux_name_of(struct linux_host *h, const char *device)
{
	struct linux_device *d = device_find(h, device);

	return d ? d->name : NULL;
}

/* --- routes ----------------------------------------------------------------------------------- */

/*
 * Looks which of our routes are still there: the kernel drops the routes of a device that goes
 * down, and they must be installed again.
 */
static void
routes_look(struct linux_host *h)
{
	struct rtnl_routes list = rtnl_routes(h);

	for (size_t i = 0; i < h->n_gateways; i++) {
		struct linux_gateway *g = &h->gateways[i];

		g->installed = false;
		for (size_t k = 0; k < list.n && !g->installed; k++)
			g->installed = list.at[k].protocol == RTPROT_TESTUDO &&
			               list.at[k].r.to.addr == g->to.addr &&
			               list.at[k].r.to.len == g->to.len &&
			               list.at[k].r.via == g->via &&
			               list.at[k].r.metric == g->metric;
	}
	free(list.at);
}

/*
 * Installs routes. One whose gateway is not reachable yet, because its interface has no address or
 * is down, is tried again later.
 */
static void
routes_install(struct linux_host *h)
{
	for (size_t i = 0; i < h->n_gateways; i++)
		if (!h->gateways[i].installed)
			h->gateways[i].installed = !rtnl_route_change(h, &h->gateways[i], true);
}

/* --- making a policy so ----------------------------------------------------------------------- */

static void
log_failure(struct linux_host *h, const char *what, int error)
{
	LOG(&h->events.log, HOST_ERROR, what, strerror(-error));
}

/* Of a VRF, which there is not here: no part of it may be in the machine's one table. */
static bool
is_off(const struct policy_interface *f)
{
	return f->shutdown || f->vrf;
}

static void
want_addr(struct linux_addr *ret, int index, const struct policy_interface *f, uint32_t addr,
          uint8_t len)
{
	*ret = (struct linux_addr){.index = index, .addr = addr, .len = len};
	strncpy(ret->name, f->name, sizeof(ret->name) - 1);
}

static size_t
wanted_addrs(struct linux_host *h, const struct policy *p, const struct rtnl_links *links,
             struct linux_addr *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n_interfaces; i++) {
		const struct policy_interface *f = &p->interfaces[i];
		const char *device = linux_device_of(h, f->name);
		const struct rtnl_link *l = device ? rtnl_link_by_device(links, device) : NULL;

		if (!f->has_address || f->dhcp || f->vrf || f->unnumbered ||
		    (policy_names_loopback(f->name) && f->shutdown))
			continue;
		if (l) {
			want_addr(&ret[n++], l->index, f, f->addr, f->len);
			for (size_t k = 0; k < f->n_secondaries; k++)
				want_addr(&ret[n++], l->index, f, f->secondaries[k].addr,
				          f->secondaries[k].len);
		} else
			LOG(&h->events.log, HOST_ERROR, f->name,
			    "no device of this machine goes by this name");
	}
	return n;
}

static bool
addr_listed(const struct linux_addr *list, size_t n, const struct linux_addr *a)
{
	for (size_t i = 0; i < n; i++)
		if (rtnl_addr_equal(&list[i], a))
			return true;
	return false;
}

static size_t
count_addrs(const struct policy *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n_interfaces; i++)
		n += 1 + p->interfaces[i].n_secondaries;
	return n;
}

static void
apply_addresses(struct linux_host *h, const struct policy *p, const struct rtnl_links *links)
{
	struct linux_addr *want = x_alloc((count_addrs(p) + 1) * sizeof(*want));
	size_t n = wanted_addrs(h, p, links, want), i, kept = 0;
	int error;

	for (i = 0; i < h->n_addrs; i++)
		if (addr_listed(want, n, &h->addrs[i]))
			h->addrs[kept++] = h->addrs[i];
		else
			rtnl_address_change(h, &h->addrs[i], false);
	h->n_addrs = kept;
	for (i = 0; i < n; i++) {
		if (addr_listed(h->addrs, h->n_addrs, &want[i]))
			continue;
		error = rtnl_address_change(h, &want[i], true);
		if (error == -EEXIST)
			continue; /* the administrator's own: it is not ours to take out */
		if (error) {
			log_failure(h, "ip address", error);
			continue;
		}
		x_grow(&h->addrs, &h->addrs_capacity, h->n_addrs + 1, sizeof(*h->addrs));
		h->addrs[h->n_addrs++] = want[i];
	}
	free(want);
}

/* Loopbacks share one device, which is down in a namespace that is new; nobody takes it down. */
static void
wake_loopback(struct linux_host *h, const struct rtnl_links *links)
{
	const struct rtnl_link *l = rtnl_link_by_device(links, "lo");
	int error = l && !(l->flags & IFF_UP) ? rtnl_link_set_up(h, l->index, true) : 0;

	if (error)
		log_failure(h, "no shutdown", error);
}

static void
apply_shutdown(struct linux_host *h, const struct policy *p, const struct rtnl_links *links)
{
	for (size_t i = 0; i < p->n_interfaces; i++) {
		const char *name = linux_device_of(h, p->interfaces[i].name);

		if (name && !strcmp(name, "lo") && !is_off(&p->interfaces[i])) {
			wake_loopback(h, links);
			break;
		}
	}
	for (size_t i = 0; i < p->n_interfaces; i++) {
		const struct policy_interface *f = &p->interfaces[i];
		const char *device = linux_device_of(h, f->name);
		struct linux_device *d = device ? device_find(h, device) : NULL;
		const struct rtnl_link *l = d ? rtnl_link_by_device(links, device) : NULL;
		bool up = l && l->flags & IFF_UP;
		int error;

		if (!l || up == !is_off(f))
			continue;
		if (!d->switched)
			d->was_up = up;
		error = rtnl_link_set_up(h, l->index, !is_off(f));
		d->switched = d->switched || !error;
		if (error)
			log_failure(h, is_off(f) ? "shutdown" : "no shutdown", error);
	}
}

static bool
gateway_equal(const struct linux_gateway *a, const struct linux_gateway *b)
{
	return a->to.addr == b->to.addr && a->to.len == b->to.len && a->via == b->via &&
	       a->index == b->index && a->metric == b->metric;
}

static size_t
wanted_routes(struct linux_host *h, const struct policy *p, const struct rtnl_links *links,
              struct linux_gateway *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n_routes; i++) {
		const struct policy_route *r = &p->routes[i];
		const char *device = r->interface ? linux_device_of(h, r->interface) : NULL;
		const struct rtnl_link *l = device ? rtnl_link_by_device(links, device) : NULL;

		if ((r->interface && !l) || r->vrf || h->spoken)
			continue;
		ret[n++] =
		    (struct linux_gateway){.to = {r->to.addr & prefix_mask(r->to.len), r->to.len},
		                           .via = r->via,
		                           .index = l ? l->index : 0,
		                           .metric = r->distance};
	}
	return n;
}

static void
apply_routes(struct linux_host *h, const struct policy *p, const struct rtnl_links *links)
{
	struct linux_gateway *want = x_alloc((p->n_routes + 1) * sizeof(*want));
	size_t n = wanted_routes(h, p, links, want), i, j;

	for (i = 0; i < h->n_gateways; i++) {
		for (j = 0; j < n && !gateway_equal(&want[j], &h->gateways[i]); j++)
			;
		if (j < n)
			want[j].installed = h->gateways[i].installed;
		else if (h->gateways[i].installed)
			rtnl_route_change(h, &h->gateways[i], false);
	}
	free(h->gateways);
	h->gateways = want;
	h->n_gateways = n;
	routes_install(h);
}

/* --- forwarding ------------------------------------------------------------------------------- */

static int
forwarding_write(char value)
{
	int fd = open(FORWARDING, O_WRONLY | O_CLOEXEC);
	int result = fd < 0 ? -errno : 0;

	if (fd >= 0 && write(fd, &value, 1) != 1)
		result = -errno;
	if (fd >= 0)
		close(fd);
	return result;
}

static int
forwarding_on(struct linux_host *h)
{
	int fd = open(FORWARDING, O_RDONLY | O_CLOEXEC);
	char was = '1';

	if (fd < 0)
		return -errno;
	if (read(fd, &was, 1) != 1)
		was = '1';
	close(fd);
	if (!h->forwarding_set)
		h->forwarding_was = was;
	h->forwarding_set = true;
	return was == '1' ? 0 : forwarding_write('1');
}

static int
forwarding_back(struct linux_host *h)
{
	h->forwarding_set = false;
	return h->forwarding_was == '1' ? 0 : forwarding_write(h->forwarding_was);
}

int
linux_net_apply(struct linux_host *h, const struct policy *p)
{
	struct rtnl_links links = rtnl_links(h);
	int error = 0;

	/* Shutdown comes before addresses: a device that is down keeps no routes. */
	apply_shutdown(h, p, &links);
	apply_addresses(h, p, &links);
	h->spoken = linux_frr_apply(h, p);
	apply_routes(h, p, &links);
	free(links.at);
	if (p->ip_routing && !h->forwarding_set)
		error = linux_inside(h, forwarding_on, h);
	else if (!p->ip_routing && h->forwarding_set)
		error = linux_inside(h, forwarding_back, h);
	if (error)
		log_failure(h, "ip routing", error);
	return 0;
}

/* --- watching --------------------------------------------------------------------------------- */

/* The rules of its doors go by its name: what leaves by another one is not kept back. */
static void
tell_renamed(struct linux_host *h, struct linux_device *d, const struct rtnl_links *links)
{
	const struct rtnl_link *now = rtnl_link_by_device(links, d->device);
	const struct rtnl_link *was = d->index ? rtnl_link_by_index(links, d->index) : NULL;

	if (was && strcmp(was->device, d->device) != 0)
		LOG(&h->events.log, DEVICE_RENAMED, d->device, d->name, was->device, d->device);
	d->index = now ? now->index : 0;
}

static void
tell_lines(struct linux_host *h)
{
	struct rtnl_links links = rtnl_links(h);

	for (size_t i = 0; i < h->n_devices; i++) {
		struct linux_device *d = &h->devices[i];
		const struct rtnl_link *l = rtnl_link_by_device(&links, d->device);
		bool up = l && (l->flags & (IFF_UP | IFF_RUNNING)) == (IFF_UP | IFF_RUNNING);

		tell_renamed(h, d, &links);
		if (d->known && up != d->line_up)
			LOG(&h->events.log, LINEPROTO_UPDOWN, d->name, up ? "up" : "down");
		if (d->known && up && !d->line_up && h->events.line_up)
			h->events.line_up(h->events.arg, d->name);
		d->known = true;
		d->line_up = up;
	}
	free(links.at);
}

/* The first address of the device that is the system's. */
static const struct linux_addr *
find_foreign(const struct linux_host *h, const struct rtnl_addresses *addrs, unsigned index)
{
	for (size_t i = 0; i < addrs->n; i++)
		if (addrs->at[i].a.index == index &&
		    !addr_listed(h->addrs, h->n_addrs, &addrs->at[i].a))
			return &addrs->at[i].a;
	return NULL;
}

static void
tell_addresses(struct linux_host *h)
{
	struct rtnl_links links = rtnl_links(h);
	struct rtnl_addresses addrs = rtnl_addresses(h);
	bool changed = false;

	for (size_t i = 0; i < h->n_devices; i++) {
		struct linux_device *d = &h->devices[i];
		const struct rtnl_link *l = rtnl_link_by_device(&links, d->device);
		const struct linux_addr *a = l ? find_foreign(h, &addrs, (unsigned)l->index) : NULL;
		uint32_t addr = a ? a->addr : 0;
		uint8_t len = a ? a->len : 0;

		changed |= addr != d->learned || len != d->learned_len;
		d->learned = addr;
		d->learned_len = len;
	}
	free(links.at);
	free(addrs.at);
	if (changed && h->events.addresses)
		h->events.addresses(h->events.arg);
}

const struct policy_learned *
linux_net_learned(struct linux_host *h, struct arena *a, size_t *ret_n)
{
	struct rtnl_links links = rtnl_links(h);
	struct rtnl_addresses addrs = rtnl_addresses(h);
	struct policy_learned *list = arena_alloc(a, (h->n_devices + 1) * sizeof(*list));
	size_t n = 0;

	for (size_t i = 0; i < h->n_devices; i++) {
		const struct rtnl_link *l = rtnl_link_by_device(&links, h->devices[i].device);
		const struct linux_addr *f = l ? find_foreign(h, &addrs, (unsigned)l->index) : NULL;

		if (f)
			list[n++] = (struct policy_learned){.interface =
			                                        arena_strdup(a, h->devices[i].name),
			                                    .addr = f->addr,
			                                    .len = f->len};
	}
	free(links.at);
	free(addrs.at);
	*ret_n = n;
	return list;
}

static void
on_kernel_change(uv_poll_t *poll, int status, int events)
{
	struct linux_host *h = poll->data;
	char buf[32768];

	(void)status;
	(void)events;
	/* It does not matter what changed: everything is compared again. */
	while (recv(mnl_socket_get_fd(h->monitor), buf, sizeof(buf), MSG_DONTWAIT) > 0)
		;
	tell_lines(h);
	tell_addresses(h);
	routes_look(h);
	routes_install(h);
}

/* --- snapshots -------------------------------------------------------------------------------- */

static void
fill_interface(struct host_interface *f, const struct rtnl_link *l)
{
	f->admin_up = l->flags & IFF_UP;
	f->line_up = (l->flags & (IFF_UP | IFF_RUNNING)) == (IFF_UP | IFF_RUNNING);
	f->mtu = (uint16_t)(l->mtu > UINT16_MAX ? UINT16_MAX : l->mtu);
	f->has_mac = l->has_mac;
	memcpy(f->mac, l->mac, sizeof(f->mac));
	f->in.idle = f->out.idle = f->cleared = -1;
}

static bool
is_learned(const struct linux_host *h, const char *interface)
{
	const struct policy_interface *f =
	    h->filter_policy ? policy_interface_find(h->filter_policy, interface) : NULL;

	return f && f->dhcp;
}

/* The devices that have a name here, and an interface for each of our loopback addresses. */
const struct host_interface *
linux_net_interfaces(struct linux_host *h, struct arena *a, size_t *ret_n)
{
	struct rtnl_links links = rtnl_links(h);
	struct rtnl_addresses addrs = rtnl_addresses(h);
	struct host_interface *list = arena_alloc(a, (h->n_devices + addrs.n + 1) * sizeof(*list));
	const struct rtnl_link *lo = rtnl_link_by_device(&links, "lo");
	size_t n = 0, i;

	for (i = 0; i < h->n_devices; i++) {
		const struct rtnl_link *l = rtnl_link_by_device(&links, h->devices[i].device);
		struct host_interface *f = &list[n++];

		*f = (struct host_interface){.name = arena_strdup(a, h->devices[i].name),
		                             .device = arena_strdup(a, h->devices[i].device)};
		if (!l)
			continue;
		fill_interface(f, l);
		linux_traffic_show(&h->devices[i], l, f);
		f->dhcp = is_learned(h, f->name);
		for (size_t k = 0; k < addrs.n && !f->has_address; k++)
			if (addrs.at[k].a.index == l->index) {
				f->has_address = true;
				f->addr = addrs.at[k].a.addr;
				f->len = addrs.at[k].a.len;
				f->configured = addr_listed(h->addrs, h->n_addrs, &addrs.at[k].a);
			}
	}
	for (i = 0; lo && i < h->n_addrs; i++)
		if (h->addrs[i].index == lo->index) {
			struct host_interface *f = &list[n++];

			*f = (struct host_interface){.name = arena_strdup(a, h->addrs[i].name),
			                             .device = "lo",
			                             .has_address = true,
			                             .addr = h->addrs[i].addr,
			                             .len = h->addrs[i].len,
			                             .configured = true};
			fill_interface(f, lo);
			f->has_mac = false;
			f->line_up = f->admin_up;
		}
	free(links.at);
	free(addrs.at);
	*ret_n = n;
	return list;
}

int
linux_link_set(struct host *host, const char *interface, bool up)
{
	struct linux_host *h = (struct linux_host *)host;
	const char *device =
	    policy_names_loopback(interface) ? NULL : linux_device_of(h, interface);
	struct rtnl_links links = rtnl_links(h);
	const struct rtnl_link *l = device ? rtnl_link_by_device(&links, device) : NULL;
	int error = l ? rtnl_link_set_up(h, l->index, up) : -ENODEV;

	free(links.at);
	return error;
}

/* --- life ------------------------------------------------------------------------------------- */

int
linux_net_open(struct linux_host *h)
{
	h->nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (!h->nl || mnl_socket_bind(h->nl, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	h->monitor = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (!h->monitor ||
	    mnl_socket_bind(h->monitor, RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV4_ROUTE,
	                    MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	return 0;
}

/* Removes the addresses and routes that a killed run left. */
void
linux_net_take(struct linux_host *h)
{
	struct rtnl_addresses addrs = rtnl_addresses(h);
	struct rtnl_routes routes = rtnl_routes(h);
	size_t i;

	for (i = 0; i < routes.n; i++)
		if (routes.at[i].protocol == RTPROT_TESTUDO)
			rtnl_route_change(h, &routes.at[i].r, false);
	for (i = 0; i < addrs.n; i++)
		if (addrs.at[i].ours)
			rtnl_address_change(h, &addrs.at[i].a, false);
	free(addrs.at);
	free(routes.at);
}

int
linux_net_start(struct linux_host *h)
{
	int r = uv_poll_init(h->loop, &h->monitor_poll, mnl_socket_get_fd(h->monitor));

	if (r)
		return r;
	linux_handle(h, (uv_handle_t *)&h->monitor_poll);
	tell_lines(h);
	return uv_poll_start(&h->monitor_poll, UV_READABLE, on_kernel_change);
}

static void
give_back_all(struct linux_host *h)
{
	struct rtnl_links links = rtnl_links(h);
	size_t i;

	for (i = 0; i < h->n_gateways; i++)
		if (h->gateways[i].installed)
			rtnl_route_change(h, &h->gateways[i], false);
	for (i = 0; i < h->n_addrs; i++)
		rtnl_address_change(h, &h->addrs[i], false);
	for (i = 0; i < h->n_devices; i++) {
		const struct rtnl_link *l = rtnl_link_by_device(&links, h->devices[i].device);

		if (l && h->devices[i].switched)
			rtnl_link_set_up(h, l->index, h->devices[i].was_up);
	}
	free(links.at);
	if (h->forwarding_set)
		linux_inside(h, forwarding_back, h);
}

void
linux_net_close(struct linux_host *h)
{
	if (h->nl && !h->keep)
		give_back_all(h);
	if (h->monitor_poll.data)
		uv_poll_stop(&h->monitor_poll);
	if (h->nl)
		mnl_socket_close(h->nl);
	if (h->monitor)
		mnl_socket_close(h->monitor);
	h->nl = h->monitor = NULL;
	free(h->addrs);
	free(h->gateways);
	h->addrs = NULL;
	h->gateways = NULL;
	h->n_addrs = h->n_gateways = 0;
}
