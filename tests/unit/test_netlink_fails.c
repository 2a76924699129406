/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel refuses a message by netlink, or its answer is lost, while a group in force gets other
 * keys or a door other exceptions: whichever message it is, nothing protected leaves in clear, and
 * the next try that meets no error brings what is wanted. Needs root, namespaces, TUN and nftables.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <libmnl/libmnl.h>

#include "runtime/dataplane/kernel/kernel.h"
#include "tests/unit/kernel_net.h"

#define NTH_MAX 64 /* messages of one call: there are fewer */

enum { FAILS_NOT, FAILS_SEND, FAILS_ANSWER };

static struct {
	int how;
	unsigned left; /* it is the next one when this is 0 */
	bool failed;
	int error;
} fault;

__typeof__(mnl_socket_sendto) __real_mnl_socket_sendto, __wrap_mnl_socket_sendto;
__typeof__(mnl_socket_recvfrom) __real_mnl_socket_recvfrom, __wrap_mnl_socket_recvfrom;

static bool
must_fail(int how)
{
	if (fault.how != how || fault.left--)
		return false;
	fault.how = FAILS_NOT;
	fault.failed = true;
	errno = fault.error;
	return true;
}

ssize_t
__wrap_mnl_socket_sendto(const struct mnl_socket *nl, const void *request, size_t n)
{
	return must_fail(FAILS_SEND) ? -1 : __real_mnl_socket_sendto(nl, request, n);
}

ssize_t
__wrap_mnl_socket_recvfrom(const struct mnl_socket *nl, void *buf, size_t size)
{
	ssize_t n = __real_mnl_socket_recvfrom(nl, buf, size);

	return must_fail(FAILS_ANSWER) ? -1 : n;
}

static void
arm_fault(int how, unsigned nth)
{
	static const int errors[] = {ENOBUFS, ENOMEM, EPERM, EBUSY};

	fault.how = how;
	fault.left = nth;
	fault.failed = false;
	fault.error = errors[nth % ARRAY_SIZE(errors)];
}

static void
hear_nothing(void *arg, const struct log_record *record)
{
	(void)arg;
	(void)record;
}

/* With doors, as a router has it; the packets go through a TUN device. */
static int
member_new(const struct kernel_dataplane_options *o, struct dataplane **ret)
{
	static const struct log_sink deaf = {.write = hear_nothing};
	struct kernel_dataplane_options mine = *o;
	const char *why;
	int error;

	mine.log = &deaf;
	error = kernel_dataplane_new(&mine, KERNEL_ESP, ret, &why);
	if (!error)
		kernel_dataplane_take(*ret);
	return error;
}

/* --- what is asked of the dataplane ----------------------------------------------------------- */

static int
give_key(struct dataplane *dp, uint32_t spi)
{
	struct dp_sa sa = {.sa = 1,
	                   .spi = spi,
	                   .suite = {CIPHER_AES_128, HASH_SHA1},
	                   .enc_key = SPAN(key1 + spi % 8, 16),
	                   .auth_key = SPAN(auth, 20),
	                   .window = 64,
	                   .send = true,
	                   .receive = true};
	struct dp_group g = {.name = "G",
	                     .n_bindings = 1,
	                     .bindings = &binding,
	                     .n_entries = ARRAY_SIZE(entries) - spi % 2, /* the rules change, too */
	                     .entries = entries + spi % 2,
	                     .n_sas = 1,
	                     .sas = &sa};

	return dp->ops->set(dp, &g);
}

static int
shut_door(struct dataplane *dp, uint32_t which)
{
	static const char *const interfaces[] = {"FastEthernet0/0"};
	struct selector excepted[] = {{.proto = 6, .dport = 22}, {.proto = 17, .dport = 848}};
	struct dp_door door = {.map = "CMAP",
	                       .n_interfaces = 1,
	                       .interfaces = interfaces,
	                       .n_entries = which % 3,
	                       .entries = excepted};

	return dp->ops->doors(dp, &door, 1);
}

/* --- what must hold --------------------------------------------------------------------------- */

static bool
ping_passes(uv_loop_t *loop)
{
	return in_loop(loop, "ip netns exec " A " ping -q -c 1 -W 0.2 -I 192.168.3.3 192.168.4.4 "
	                     ">/dev/null") == 0;
}

static void
must_not_leak(uv_loop_t *loop, int how, unsigned nth)
{
	ping_passes(loop);
	if (in_loop(loop, "ip netns exec " R " nft list table ip watch | grep -q 'packets 0 '"))
		fail_msg("message %u of kind %d fails: packets leave in clear", nth, how);
}

static void
watch_core(void)
{
	assert_int_equal(
	    run_command("ip netns exec " R " nft 'table ip watch { chain c { type filter "
	                "hook prerouting priority -400; ip saddr 192.168.3.3 ip protocol "
	                "icmp counter; }; }'"),
	    0);
}

typedef int ask_fn(struct dataplane *dp, uint32_t which);

/* Each message of the call fails once. How many there were. */
static unsigned
fail_each(uv_loop_t *loop, struct dataplane *dp, ask_fn *ask, int how)
{
	unsigned nth = 0;

	do {
		arm_fault(how, nth);
		ask(dp, 0x1000 + nth);
		fault.how = FAILS_NOT;
		must_not_leak(loop, how, nth);
		assert_int_equal(ask(dp, 0x1000 + nth), 0);
		must_not_leak(loop, how, nth);
		assert_true(++nth < NTH_MAX);
	} while (fault.failed);
	print_message("%u messages, each failed once\n", nth - 1);
	return nth - 1;
}

static void
nothing_leaves_in_clear(void **state)
{
	uv_loop_t loop;
	struct dataplane *a, *b;

	(void)state;
	if (!net_up())
		skip();
	uv_loop_init(&loop);
	a = net_member(&loop, A, member_new);
	b = net_member(&loop, B, member_new);
	assert_true(ping_passes(&loop)); /* without a group everything is in clear */
	assert_int_equal(shut_door(a, 0), 0);
	watch_core();
	assert_true(fail_each(&loop, a, shut_door, FAILS_SEND) > 0);
	assert_true(fail_each(&loop, a, shut_door, FAILS_ANSWER) > 0);
	assert_int_equal(give_key(a, 0x1000), 0);
	assert_int_equal(a->ops->doors(a, NULL, 0), 0);
	assert_true(fail_each(&loop, a, give_key, FAILS_SEND) > 0);
	assert_true(fail_each(&loop, a, give_key, FAILS_ANSWER) > 0);
	assert_int_equal(give_key(a, 0x2000), 0);
	assert_int_equal(give_key(b, 0x2000), 0);
	assert_true(ping_passes(&loop)); /* as ESP: nothing is seen in clear */
	must_not_leak(&loop, FAILS_NOT, 0);
	a->ops->close(a);
	b->ops->close(b);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	net_down();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_leaves_in_clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
