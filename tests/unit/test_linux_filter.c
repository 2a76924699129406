/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A firewall on Linux: three namespaces, a host of it in the middle one, real packets. Levels,
 * replies, lists, ESP by rule in each direction, counts over a change, connections, and that
 * nothing is left behind. Skipped, loudly, where there are no namespaces.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "runtime/host/linux/linux.h"
#include "tests/unit/kernel.h"

#define IP(a, b, c, d) ((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))
#define HOST           UINT32_MAX
#define ANY_ICMP       .icmp_type = -1, .icmp_code = -1

static const char *const build[] = {
    "for n in tfwa tfw tfwb; do ip netns add $n && ip -n $n link set lo up; done",
    "ip -n tfw link add e0 type veth peer name eth0 netns tfwa",
    "ip -n tfw link add e1 type veth peer name eth0 netns tfwb",
    "ip -n tfwa addr add 10.71.1.1/24 dev eth0; ip -n tfwb addr add 10.72.1.2/24 dev eth0",
    "ip -n tfwa link set eth0 up; ip -n tfwb link set eth0 up",
    "ip -n tfwa route add default via 10.71.1.254; ip -n tfwb route add default via 10.72.1.254",
};

static void
remove_netns(void)
{
	run_command("for n in tfwa tfw tfwb; do ip netns del $n; done 2>/dev/null");
}

static const struct policy_ace aces[] = {
    {.seq = 1,
     .line = 1,
     .hash = 0x11,
     .permit = true,
     .proto = 1,
     .icmp_type = 8,
     .icmp_code = -1},
    {.seq = 2,
     .line = 2,
     .hash = 0x12,
     .permit = true,
     .proto = 50,
     .src = IP(10, 72, 1, 2),
     .src_mask = HOST,
     ANY_ICMP},
};
static const struct policy_ace fewer[] = {
    {.seq = 1,
     .line = 1,
     .hash = 0x12,
     .permit = true,
     .proto = 50,
     .src = IP(10, 72, 1, 2),
     .src_mask = HOST,
     ANY_ICMP},
};
static const struct policy_acl acls[] = {{.name = "OUT_IN", .n_aces = 2, .aces = aces}};
static const struct policy_acl less[] = {{.name = "OUT_IN", .n_aces = 1, .aces = fewer}};

#define NICS(list)                                                                                 \
	{                                                                                          \
		{.name = "G0",                                                                     \
		 .has_address = true,                                                              \
		 .addr = IP(10, 71, 1, 254),                                                       \
		 .len = 24,                                                                        \
		 .nameif = "INSIDE",                                                               \
		 .security_level = 100},                                                           \
		    {.name = "G1",                                                                 \
		     .has_address = true,                                                          \
		     .addr = IP(10, 72, 1, 254),                                                   \
		     .len = 24,                                                                    \
		     .nameif = "OUTSIDE",                                                          \
		     .acl_in = list},                                                              \
	}
#define POLICY(nics, lists)                                                                        \
	{                                                                                          \
		.firewall = true, .ip_routing = true, .n_interfaces = 2, .interfaces = nics,       \
		.n_acls = 1, .acls = lists                                                         \
	}

static const struct policy_interface by_level[] = NICS(NULL), by_list[] = NICS(acls),
				     by_less[] = NICS(less);
static const struct policy levels = POLICY(by_level, acls), lists = POLICY(by_list, acls),
			   fewer_rules = POLICY(by_less, less);

static void
on_datagram(void *arg, const struct path *path, struct span dgram, msec now)
{
	(void)arg;
	(void)path;
	(void)dgram;
	(void)now;
}

static void
on_timer(void *arg, msec now)
{
	(void)arg;
	(void)now;
}

static void
on_log(void *arg, const struct log_record *r)
{
	(void)arg;
	print_message("%s\n", r->text);
}

static struct host *
new_firewall(uv_loop_t *loop)
{
	static const struct linux_interface nics[] = {{"G0", "e0"}, {"G1", "e1"}};
	const struct linux_options o = {
	    .loop = loop,
	    .name = "FW-1",
	    .netns = open("/run/netns/tfw", O_RDONLY | O_CLOEXEC),
	    .events = {.datagram = on_datagram, .timer = on_timer, .log = {.write = on_log}},
	    .dataplane = LINUX_ESP,
	    .n_interfaces = 2,
	    .interfaces = nics};
	struct host *h = NULL;
	const char *why = "";

	assert_true(o.netns >= 0);
	if (linux_new(&o, &h, &why))
		fail_msg("no host: %s", why);
	linux_take(h);
	return h;
}

static bool
ping_passes(const char *from, const char *to)
{
	return run_command("ip netns exec %s ping -n -q -c 1 -W 1 %s >/dev/null 2>&1", from, to) ==
	       0;
}

/* Sends one ESP packet; true when it arrives. A firewall does not look at what it carries. */
static bool
esp_passes(const char *from, const char *src, const char *to, const char *dst)
{
	return run_command(
		   "ip netns exec %s python3 -c \""
		   "import socket, subprocess\n"
		   "r = socket.socket(socket.AF_INET, socket.SOCK_RAW, 50)\n"
		   "r.settimeout(1)\n"
		   "subprocess.run(['ip', 'netns', 'exec', '%s', 'python3', '-c',"
		   "'import socket; s = socket.socket(socket.AF_INET, socket.SOCK_RAW, 50); "
		   "s.sendto(bytes(40), (\\\"%s\\\", 0))'], check=True)\n"
		   "while r.recvfrom(100)[1][0] != '%s': pass\n\" 2>/dev/null",
		   to, from, dst, src) == 0;
}

static uint64_t
hits_of(struct host *h, size_t i)
{
	struct arena *a = arena_new();
	size_t n;
	const uint64_t *list;
	uint64_t count;

	usleep(150000); /* counts are read again after a tenth of a second */
	list = h->ops->filter_counters(h, "OUT_IN", a, &n);
	assert_true(list && i < n);
	count = list[i];
	arena_free(a);
	return count;
}

static void
check_conns(struct host *h)
{
	struct arena *a = arena_new();
	size_t n, pings = 0;
	const struct filter_conn *c = h->ops->filter_conns(h, a, &n);

	for (size_t i = 0; i < n; i++)
		pings += c[i].proto == 1 && c[i].src == IP(10, 71, 1, 1) &&
		         !strcmp(c[i].in, "INSIDE") && !strcmp(c[i].out, "OUTSIDE");
	if (access("/proc/net/nf_conntrack", R_OK) == 0)
		assert_int_not_equal(pings, 0);
	else
		print_message("[  SKIP    ] no /proc/net/nf_conntrack: connections not seen\n");
	arena_free(a);
}

static void
check_levels(struct host *h)
{
	struct filter_packet p = {
	    .flow = {.src = IP(10, 72, 1, 2), .dst = IP(10, 71, 1, 1), .proto = 50}};
	struct filter_trace t;

	assert_int_equal(h->ops->apply(h, &levels), 0);
	assert_true(ping_passes("tfwa", "10.72.1.2"));
	check_conns(h);
	assert_false(ping_passes("tfwb", "10.71.1.1"));
	assert_true(ping_passes("tfwb", "10.72.1.254"));
	assert_true(esp_passes("tfwa", "10.71.1.1", "tfwb", "10.72.1.2"));
	assert_false(esp_passes("tfwb", "10.72.1.2", "tfwa", "10.71.1.1")); /* no reply of it */
	assert_int_equal(h->ops->filter_trace(h, "G1", &p, &t), 0);
	assert_int_equal(t.reason, FILTER_LEVEL);
	assert_string_equal(t.out->nameif, "INSIDE");
}

static void
check_lists(struct host *h)
{
	uint64_t esp;

	assert_int_equal(h->ops->apply(h, &lists), 0);
	assert_true(ping_passes("tfwb", "10.71.1.1"));
	assert_true(esp_passes("tfwb", "10.72.1.2", "tfwa", "10.71.1.1"));
	assert_int_equal(hits_of(h, 0), 1);
	esp = hits_of(h, 1);
	assert_int_equal(esp, 1);
	assert_int_equal(h->ops->apply(h, &fewer_rules), 0);
	assert_int_equal(hits_of(h, 0), esp); /* the same entry, in another place */
	assert_true(esp_passes("tfwb", "10.72.1.2", "tfwa", "10.71.1.1"));
	assert_int_equal(hits_of(h, 0), esp + 1);
	h->ops->filter_clear(h, FILTER_CLEAR_CONNS, NULL);
	assert_false(ping_passes("tfwb", "10.71.1.1"));
	assert_int_equal(h->ops->filter_clear(h, FILTER_CLEAR_COUNTERS, NULL), 1);
	assert_int_equal(hits_of(h, 0), 0);
}

/*
 * Counts outlive a table that somebody empties. A node that loses its power keeps its rules, though
 * it has no policy; it gets power and policy again, and its counts begin anew.
 */
static void
check_losses(struct host *h)
{
	struct arena *a = arena_new();
	uint64_t esp;
	size_t n;

	assert_true(esp_passes("tfwb", "10.72.1.2", "tfwa", "10.71.1.1"));
	esp = hits_of(h, 0);
	assert_int_equal(esp, 1);
	assert_int_equal(run_command("ip netns exec tfw nft flush ruleset"), 0);
	assert_int_equal(hits_of(h, 0), esp);
	assert_int_equal(h->ops->apply(h, &lists), 0);
	assert_int_equal(hits_of(h, 1), esp);
	assert_int_equal(linux_power(h, false), 0);
	usleep(150000);
	assert_null(h->ops->filter_counters(h, "OUT_IN", a, &n));
	assert_int_equal(h->ops->acl_matches(h, "OUT_IN", 2), 0);
	assert_int_equal(h->ops->filter_clear(h, FILTER_CLEAR_COUNTERS, NULL), 0);
	assert_int_equal(linux_power(h, true), 0);
	assert_int_equal(h->ops->apply(h, &lists), 0);
	assert_int_equal(hits_of(h, 1), 0);
	assert_true(esp_passes("tfwb", "10.72.1.2", "tfwa", "10.71.1.1"));
	assert_int_equal(hits_of(h, 1), 1);
	arena_free(a);
}

static void
test_firewall(void **state)
{
	uv_loop_t loop;
	struct host *h;

	(void)state;
	if (geteuid() != 0 ||
	    run_command("ip -V >/dev/null 2>&1 && command -v ping >/dev/null && "
	                "command -v nft >/dev/null && command -v python3 >/dev/null"))
		skip();
	take_turn();
	remove_netns();
	for (size_t i = 0; i < ARRAY_SIZE(build); i++)
		if (run_command("%s", build[i])) {
			remove_netns();
			skip();
		}
	uv_loop_init(&loop);
	h = new_firewall(&loop);
	check_levels(h);
	check_lists(h);
	check_losses(h);
	h->ops->close(h);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	assert_int_equal(run_command("ip netns exec tfw nft list tables | grep -q testudo_FW_1"),
	                 256);
	remove_netns();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_firewall)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
