/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A node on Linux: the kernel's interfaces, routes and sockets in one network namespace. Interfaces
 * go by IOS names; a table maps them to the kernel's. What the configuration asks for is put into
 * the kernel by rtnetlink and removed when the host is closed; what was there before is shown and
 * left alone. The host runs in one libuv loop with any number of others, each in its own namespace:
 * sockets are opened inside the namespace and stay there.
 */
#ifndef TESTUDO_LINUX_H
#define TESTUDO_LINUX_H

#include <uv.h>

#include "compiler/frr/frr.h"
#include "runtime/host/host.h"

enum linux_dataplane {
	LINUX_AUTO, /* xfrm where the kernel has ESP, else esp */
	LINUX_XFRM,
	LINUX_ESP /* userspace ESP on a TUN device */
};

struct linux_interface {
	const char *name;   /* full IOS name, "FastEthernet0/0" */
	const char *device; /* the kernel's, "eth0" */
};

struct linux_options {
	uv_loop_t *loop;
	const char *name; /* of the node, for messages and for what it leaves in the kernel */
	int netns;        /* descriptor of a network namespace, taken over; -1: the process's own */
	struct host_events events;
	enum linux_dataplane dataplane;
	size_t n_interfaces;
	const struct linux_interface *interfaces; /* copied */
	/* A file for the counters of keys (runtime/dataplane/counters.h); NULL: in memory alone. */
	const char *counters;
	bool newborn; /* this node has never run before this process: labs */
	/*
	 * It listens at the ports of telnet and SSH, where it says who it is, and host_ops' knock
	 * asks that of others: labs, whose routers' terminals are within this process.
	 */
	bool terminals;
	bool keep; /* leave addresses and routes in place when closed */
	/*
	 * Has FRR speak what this node is configured to: a rendered configuration and the daemons
	 * that it needs (compiler/frr/frr.h), 0: nothing. Static routes are FRR's then, too. 0, or
	 * -errno: nobody speaks. NULL: there is no FRR here.
	 */
	int (*speak)(void *arg, unsigned daemons, const char *text);
	/* Asks that FRR, and waits a moment for the answer; appended. False: there is none. */
	bool (*ask)(void *arg, enum frr_question question, struct text *ret);
	void *speak_arg;
};

/*
 * 0 and a host (host->ops->close frees it), or -errno with *ret_error a static text that says what
 * failed. What an earlier run left in the kernel stays as it is.
 */
int linux_new(const struct linux_options *options, struct host **ret, const char **ret_error);
/*
 * Called once, when nothing can fail any more and before any other operation of the host: removes
 * what an earlier run left.
 */
void linux_take(struct host *h);
/* Called in place of host->ops->close, before linux_take: what an earlier run left stays. */
void linux_abandon(struct host *h);
/* Has an earlier run left rules, states or policies of groups in the kernel of this namespace? */
bool linux_left(int netns);

/*
 * For labs. Off: as if this process had died: the socket and the devices go; addresses, routes and
 * what the dataplane put into the kernel stay, so that nothing leaves in clear. On: all of it is
 * made anew. 0 or -errno.
 */
int linux_power(struct host *h, bool on);

/* For labs: the line of an interface (IOS) that has a device, as by `ip link set`. 0 or -errno. */
int linux_link_set(struct host *h, const char *interface, bool up);

/* Which dataplane was chosen, and why: one line for the log. */
const char *linux_dataplane_text(const struct host *h);

#endif
