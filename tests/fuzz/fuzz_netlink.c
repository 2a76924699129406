/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's answers by netlink: links, addresses and routes (linux_rtnl.c), XFRM states and
 * policies (xfrm_nl.c). Not nftables': libnftnl ends the process on what it cannot read. The linker
 * puts a socket of this file into libmnl's place (--wrap, tests/fuzz/CMakeLists.txt); what it gives
 * is made of the input: any number of messages of any type, length and content, with the number
 * that was asked under. Only their lengths are right: libmnl takes one of more than 2 GiB for a
 * negative number.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <linux/xfrm.h>

#include "runtime/dataplane/kernel/xfrm_nl.h"
#include "runtime/host/linux/linux_rtnl.h"
#include "tests/fuzz/edit.h"

#ifdef __clang__ /* which has it under another name */
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
/* Of the sanitizer's runtime. */
void __asan_poison_memory_region(void const volatile *p, size_t n);
void __asan_unpoison_memory_region(void const volatile *p, size_t n);
#else
#define __asan_poison_memory_region(p, n)   ((void)(p), (void)(n))
#define __asan_unpoison_memory_region(p, n) ((void)(p), (void)(n))
#endif

#define CALLS 8 /* of one input */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

__typeof__(mnl_socket_open2) __wrap_mnl_socket_open2;
__typeof__(mnl_socket_bind) __wrap_mnl_socket_bind;
__typeof__(mnl_socket_close) __wrap_mnl_socket_close;
__typeof__(mnl_socket_get_fd) __wrap_mnl_socket_get_fd;
__typeof__(mnl_socket_get_portid) __wrap_mnl_socket_get_portid;
__typeof__(mnl_socket_sendto) __wrap_mnl_socket_sendto;
__typeof__(mnl_socket_recvfrom) __wrap_mnl_socket_recvfrom;

static char a_socket;
static uint32_t asked_under; /* the number of the last request */
/* Behind what was received, where nobody may read; it is somebody's buffer on the stack. */
static void *forbidden;
static size_t forbidden_size;

struct mnl_socket *
__wrap_mnl_socket_open2(int bus, int flags)
{
	(void)bus, (void)flags;
	return (struct mnl_socket *)(void *)&a_socket;
}

int
__wrap_mnl_socket_bind(struct mnl_socket *nl, unsigned int groups, pid_t pid)
{
	(void)nl, (void)groups, (void)pid;
	return 0;
}

int
__wrap_mnl_socket_close(struct mnl_socket *nl)
{
	(void)nl;
	return 0;
}

int
__wrap_mnl_socket_get_fd(const struct mnl_socket *nl)
{
	(void)nl;
	return -1;
}

unsigned int
__wrap_mnl_socket_get_portid(const struct mnl_socket *nl)
{
	(void)nl;
	return 0;
}

ssize_t
__wrap_mnl_socket_sendto(const struct mnl_socket *nl, const void *req, size_t n)
{
	struct nlmsghdr h;

	(void)nl;
	memcpy(&h, req, sizeof(h));
	asked_under = h.nlmsg_seq;
	return (ssize_t)n;
}

static void
allow_all(void)
{
	__asan_unpoison_memory_region(forbidden, forbidden_size);
	forbidden_size = 0;
}

static uint16_t
next_type(uint8_t how)
{
	static const uint16_t types[] = {RTM_NEWLINK,    RTM_NEWADDR,        RTM_NEWROUTE,
	                                 XFRM_MSG_NEWSA, XFRM_MSG_NEWPOLICY, NLMSG_DONE,
	                                 NLMSG_ERROR,    10 << 8 | 6 /* rule */};

	return how % 9 == 8 ? next_number() : types[how % 9];
}

/* The kernel knows 4095 errors; libmnl makes errno of what it is told. */
static void
limit_error(uint8_t *p)
{
	int32_t error;

	memcpy(&error, p, sizeof(error));
	error = -(error & 4095);
	memcpy(p, &error, sizeof(error));
}

/* One message; 0: there is no room. */
static size_t
put_message(uint8_t *p, size_t room)
{
	uint8_t how = next_octet();
	struct nlmsghdr h = {.nlmsg_type = next_type(how),
	                     .nlmsg_flags = how & 128 ? 0 : NLM_F_MULTI,
	                     .nlmsg_seq = asked_under};
	size_t n = next_number() % 1024;

	h.nlmsg_len = (uint32_t)(sizeof(h) + n);
	if (sizeof(h) + n + 4 > room)
		return 0;
	memcpy(p, &h, sizeof(h));
	next_octets(p + sizeof(h), n);
	if (h.nlmsg_type == NLMSG_ERROR && n >= sizeof(int32_t))
		limit_error(p + sizeof(h));
	while (n % 4)
		p[sizeof(h) + n++] = 0;
	return sizeof(h) + n;
}

ssize_t
__wrap_mnl_socket_recvfrom(const struct mnl_socket *nl, void *buf, size_t size)
{
	size_t n = 0, more = 1;

	(void)nl;
	allow_all();
	if (!fuzz_input.n) {
		errno = EAGAIN;
		return -1;
	}
	for (unsigned count = 1 + next_octet() % 4; count && more; count--)
		n += more = put_message((uint8_t *)buf + n, size - n);
	forbidden = (uint8_t *)buf + n;
	forbidden_size = size - n;
	__asan_poison_memory_region(forbidden, forbidden_size);
	return (ssize_t)n;
}

static void
see_counters(void *arg, const struct xfrm_counters *c)
{
	*(uint64_t *)arg += c->packets + c->spi;
}

static void
ask_host(struct linux_host *h, uint8_t what)
{
	struct rtnl_links links = {0};
	struct rtnl_addresses addresses = {0};
	struct rtnl_routes routes = {0};

	if (what == 0)
		links = rtnl_links(h);
	else if (what == 1)
		addresses = rtnl_addresses(h);
	else
		routes = rtnl_routes(h);
	allow_all();
	for (size_t i = 0; i < routes.n; i++)
		if (routes.at[i].r.to.len > 32)
			abort(); /* no such prefix */
	for (size_t i = 0; i < addresses.n; i++)
		if (addresses.at[i].a.len > 32)
			abort();
	(void)rtnl_link_by_device(&links, "eth0");
	free(links.at);
	free(addresses.at);
	free(routes.at);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct linux_host host = {.nl = (struct mnl_socket *)(void *)&a_socket};
	struct xfrm_nl *x = NULL;
	uint64_t sum = 0;
	uint32_t seq;

	fuzz_input = SPAN(data, n);
	if (xfrm_nl_new(-1, &x))
		abort();
	for (unsigned i = 0; fuzz_input.n && i < CALLS; i++) {
		uint8_t what = next_octet() % 7;

		if (what < 3)
			ask_host(&host, what);
		else if (what == 3)
			xfrm_state_each(x, see_counters, &sum);
		else if (what == 4)
			xfrm_state_sequence(x, 0x1234, &seq);
		else if (what == 5)
			xfrm_holds_any(x);
		else
			xfrm_flush(x);
		allow_all();
	}
	xfrm_nl_free(x);
	return 0;
}
