/* SPDX-License-Identifier: Apache-2.0 */
/* A node on Linux: life, time, and the way into its namespace. See linux.h. */
#define _GNU_SOURCE
#include "runtime/host/linux/linux_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/netns.h"
#include "runtime/dataplane/counters.h"
#include "runtime/dataplane/kernel/kernel.h"

static struct linux_host *
linux_of(struct host *host)
{
	return (struct linux_host *)host;
}

/* --- namespaces ------------------------------------------------------------------------------- */

struct errand {
	int (*fn)(struct linux_host *h);
	struct linux_host *arg;
};

static int
run_errand(void *arg)
{
	struct errand *e = arg;

	return e->fn(e->arg);
}

int
linux_inside(const struct linux_host *h, int (*fn)(struct linux_host *h), struct linux_host *arg)
{
	struct errand e = {fn, arg};

	return netns_inside(h->netns, run_errand, &e);
}

/* --- time ------------------------------------------------------------------------------------- */

static int64_t
clock_ms(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

msec
linux_now(void)
{
	return clock_ms(CLOCK_MONOTONIC);
}

static msec
op_now(struct host *host)
{
	(void)host;
	return linux_now();
}

static int64_t
op_wall(struct host *host)
{
	(void)host;
	return clock_ms(CLOCK_REALTIME);
}

static void
on_timer(uv_timer_t *timer)
{
	struct linux_host *h = timer->data;

	h->events.timer(h->events.arg, linux_now());
}

static void
op_wake(struct host *host, msec when)
{
	struct linux_host *h = linux_of(host);
	msec now = linux_now();

	uv_timer_stop(&h->timer);
	if (when == MSEC_NEVER)
		return;
	uv_update_time(h->loop);
	uv_timer_start(&h->timer, on_timer, when > now ? (uint64_t)(when - now) : 0, 0);
}

/* --- the other operations --------------------------------------------------------------------- */

/*
 * Applies the filter first, so that nothing passes for a moment that must not. When a firewall's
 * filter fails, the rest is not applied either.
 */
static int
op_apply(struct host *host, const struct policy *p)
{
	int error = linux_filter_apply(linux_of(host), p);

	return error && p->firewall ? error : linux_net_apply(linux_of(host), p);
}

static int
op_send(struct host *host, const struct path *path, struct span dgram)
{
	return path->vrf == VRF_GLOBAL ? linux_udp_send(linux_of(host), path, dgram) : -EOPNOTSUPP;
}

static int
op_join(struct host *host, const char *interface, uint32_t group, uint16_t port, bool on)
{
	const char *device = linux_device_of(linux_of(host), interface);

	return device ? linux_udp_join(linux_of(host), device, group, port, on) : -ENODEV;
}

static struct dataplane *
op_dataplane(struct host *host)
{
	return linux_of(host)->dataplane;
}

static int
op_echo(struct host *host, const struct echo_request *r)
{
	return r->vrf == VRF_GLOBAL ? linux_echo_send(linux_of(host), r) : -EOPNOTSUPP;
}

static void
op_echo_cancel(struct host *host, void *arg)
{
	linux_echo_cancel(linux_of(host), arg);
}

static int
op_fetch(struct host *host, const struct fetch_request *r)
{
	return linux_fetch_start(linux_of(host), r);
}

static const struct policy_learned *
op_learned(struct host *host, struct arena *a, size_t *ret_n)
{
	return linux_net_learned(linux_of(host), a, ret_n);
}

static const struct host_interface *
op_interfaces(struct host *host, struct arena *a, size_t *ret_n)
{
	return linux_net_interfaces(linux_of(host), a, ret_n);
}

static const struct host_route *
op_routes(struct host *host, struct arena *a, size_t *ret_n)
{
	return linux_net_routes(linux_of(host), a, ret_n);
}

const char *
linux_dataplane_text(const struct host *host)
{
	return ((const struct linux_host *)host)->dataplane_text;
}

/* --- birth and death -------------------------------------------------------------------------- */

void
linux_handle_closed(struct linux_host *h)
{
	if (--h->open_handles)
		return;
	if (h->netns >= 0)
		close(h->netns);
	free(h->devices);
	free(h->name);
	free(h);
}

static void
on_closed(uv_handle_t *handle)
{
	linux_handle_closed(handle->data);
}

void
linux_handle(struct linux_host *h, uv_handle_t *handle)
{
	handle->data = h;
	h->open_handles++;
}

static void
handle_close(uv_handle_t *handle)
{
	if (handle->data && !uv_is_closing(handle))
		uv_close(handle, on_closed);
}

/* Removes what is in the kernel at once; frees the memory when the loop has closed the handles. */
static void
end_host(struct linux_host *h, bool abandon)
{
	const struct dataplane_ops *ops = h->dataplane ? h->dataplane->ops : NULL;

	if (ops)
		(abandon && ops->abandon ? ops->abandon : ops->close)(h->dataplane);
	h->dataplane = NULL;
	counters_free(h->counters);
	h->counters = NULL;
	linux_echo_close(h);
	linux_knock_close(h);
	linux_fetch_close(h);
	linux_udp_close(h);
	linux_frr_end(h);
	linux_net_close(h);
	linux_filter_close(h);
	handle_close((uv_handle_t *)&h->monitor_poll);
	handle_close((uv_handle_t *)&h->udp_poll);
	handle_close((uv_handle_t *)&h->openings_poll);
	handle_close((uv_handle_t *)&h->udp_flush);
	handle_close((uv_handle_t *)&h->icmp_poll);
	for (size_t i = 0; i < LINUX_DOORS; i++)
		handle_close((uv_handle_t *)&h->door_polls[i]);
	handle_close((uv_handle_t *)&h->door_rest);
	handle_close((uv_handle_t *)&h->curl_timer);
	handle_close((uv_handle_t *)&h->sampling);
	handle_close((uv_handle_t *)&h->timer);
}

static void
op_close(struct host *host)
{
	end_host(linux_of(host), false);
}

void
linux_abandon(struct host *host)
{
	end_host(linux_of(host), true);
}

static const struct host_ops linux_ops = {
    .now = op_now,
    .wall = op_wall,
    .apply = op_apply,
    .plain = true,
    .send = op_send,
    .join = op_join,
    .wake = op_wake,
    .dataplane = op_dataplane,
    .echo = op_echo,
    .echo_cancel = op_echo_cancel,
    .knock = linux_knock_start,
    .knock_cancel = linux_knock_cancel,
    .fetch = op_fetch,
    .learned = op_learned,
    .interfaces = op_interfaces,
    .routes = op_routes,
    .ospf_neighbors = linux_frr_neighbors,
    .neighbors = linux_neighbors,
    .clear_counters = linux_traffic_clear,
    .acl_matches = linux_filter_acl_matches,
    .filter_counters = linux_filter_counters,
    .filter_conns = linux_filter_conns,
    .filter_trace = linux_filter_trace,
    .filter_clear = linux_filter_clear,
    .close = op_close,
};

static const char *
kernel_device(void *arg, const char *interface)
{
	return linux_device_of(arg, interface);
}

static int
open_dataplane(struct linux_host *h)
{
	const struct kernel_dataplane_options o = {.loop = h->loop,
	                                           .name = h->name,
	                                           .netns = h->netns,
	                                           .log = &h->events.log,
	                                           .counters = h->counters,
	                                           .events = {h->events.unknown_spi, h->events.arg},
	                                           .device = kernel_device,
	                                           .arg = h};

	static const enum kernel_choice choices[] = {
	    [LINUX_AUTO] = KERNEL_AUTO, [LINUX_XFRM] = KERNEL_XFRM, [LINUX_ESP] = KERNEL_ESP};
	int error = kernel_dataplane_new(&o, choices[h->kind], &h->dataplane, &h->why);

	if (h->why)
		snprintf(h->dataplane_text, sizeof(h->dataplane_text), "userspace ESP (%s)",
		         h->why);
	else
		snprintf(h->dataplane_text, sizeof(h->dataplane_text), "the kernel's ESP (XFRM)");
	return error;
}

static void
copy_devices(struct linux_host *h, const struct linux_options *o)
{
	h->devices = x_alloc((o->n_interfaces + 1) * sizeof(*h->devices));
	h->devices_capacity = o->n_interfaces + 1;
	for (size_t i = 0; i < o->n_interfaces; i++) {
		struct linux_device *d = &h->devices[h->n_devices++];

		strncpy(d->name, o->interfaces[i].name, sizeof(d->name) - 1);
		strncpy(d->device, o->interfaces[i].device, sizeof(d->device) - 1);
	}
}

static const struct {
	int (*fn)(struct linux_host *h);
	bool inside;
	const char *what;
} stages[] = {
    {linux_net_open, true, "cannot open netlink"},
    {linux_udp_open, true, "cannot open UDP port 848"},
    {linux_echo_open, true, "cannot open an ICMP socket (CAP_NET_RAW)"},
    {linux_knock_open, true, "cannot listen at the ports of telnet and SSH"},
    {linux_net_start, false, "cannot watch the kernel's interfaces"},
    {linux_traffic_start, false, "cannot watch the kernel's counters"},
    {linux_udp_start, false, "cannot watch UDP port 848"},
    {linux_echo_start, false, "cannot watch ICMP"},
    {linux_knock_listen, false, "cannot watch the ports of telnet and SSH"},
};

int
linux_new(const struct linux_options *o, struct host **ret, const char **ret_error)
{
	struct linux_host *h = x_alloc(sizeof(*h));
	int result = 0;
	size_t i;

	h->ops = linux_ops;
	h->ops.speaks = o->speak != NULL;
	h->host.ops = &h->ops;
	h->loop = o->loop;
	h->name = x_strdup(o->name);
	h->netns = o->netns;
	h->events = o->events;
	h->keep = o->keep;
	h->terminals = o->terminals;
	h->speak = o->speak;
	h->ask = o->ask;
	h->speak_arg = o->speak_arg;
	h->kind = o->dataplane;
	h->udp = h->openings = h->icmp = -1;
	for (size_t k = 0; k < LINUX_DOORS; k++)
		h->doors[k] = -1;
	copy_devices(h, o);
	linux_filter_open(h);
	uv_timer_init(h->loop, &h->timer);
	linux_handle(h, (uv_handle_t *)&h->timer);
	for (i = 0; i < ARRAY_SIZE(stages) && !result; i++) {
		*ret_error = stages[i].what;
		result = stages[i].inside ? linux_inside(h, stages[i].fn, h) : stages[i].fn(h);
	}
	if (!result) {
		/*
		 * The counters are opened once port 848 is bound: an earlier run that is about to
		 * end still writes them.
		 */
		h->counters = counters_new(o->counters, o->newborn, &h->events.log);
		result = open_dataplane(h);
		*ret_error = h->why;
	}
	if (result) {
		linux_abandon(&h->host);
		return result;
	}
	*ret = &h->host;
	return 0;
}

void
linux_take(struct host *host)
{
	struct linux_host *h = linux_of(host);

	linux_net_take(h);
	kernel_dataplane_take(h->dataplane);
}

bool
linux_left(int netns)
{
	return kernel_dataplane_left(netns);
}

int
linux_power(struct host *host, bool on)
{
	struct linux_host *h = linux_of(host);
	const struct dataplane_ops *ops;

	if (on == (h->dataplane != NULL))
		return 0;
	if (on) {
		int error = open_dataplane(h);

		if (!error)
			kernel_dataplane_take(h->dataplane);
		return error;
	}
	ops = h->dataplane->ops;
	(ops->abandon ? ops->abandon : ops->close)(h->dataplane);
	h->dataplane = NULL;
	linux_filter_forget(h);
	uv_timer_stop(&h->timer);
	linux_echo_cancel_all(h);
	linux_knock_cancel_all(h);
	linux_frr_end(h);
	return 0;
}
