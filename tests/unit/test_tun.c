/*
 * Userspace ESP on the kernel's own network: two members and a transit router in namespaces joined
 * by veth, the members with a host behind each. Two dataplanes in this process are given a group by
 * hand. Needs root, namespaces, TUN and nftables; says so when it skips.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/dataplane/tun.h"
#include "tests/unit/kernel.h"

#define A "tsta" /* member, core 10.9.1.2, LAN 192.168.1.0/24, loopback 192.168.3.3 */
#define B "tstb" /* member, core 10.9.2.2, LAN 192.168.2.0/24, loopback 192.168.4.4 */
#define R "tstr" /* the core */
#define H "tsth" /* a host behind A, 192.168.1.10 */
#define K "tstk" /* a host behind B, 192.168.2.10 */

static const char *const build[] = {
    "for n in tsta tstb tstr tsth tstk; do ip netns add $n && ip -n $n link set lo up; done",
    "ip link add c0 netns tsta type veth peer name a0 netns tstr",
    "ip link add c0 netns tstb type veth peer name b0 netns tstr",
    "ip link add l0 netns tsta type veth peer name e0 netns tsth",
    "ip link add l0 netns tstb type veth peer name e0 netns tstk",
    "ip -n tsta addr add 10.9.1.2/24 dev c0; ip -n tstr addr add 10.9.1.1/24 dev a0",
    "ip -n tstb addr add 10.9.2.2/24 dev c0; ip -n tstr addr add 10.9.2.1/24 dev b0",
    "ip -n tsta addr add 192.168.1.1/24 dev l0; ip -n tsth addr add 192.168.1.10/24 dev e0",
    "ip -n tstb addr add 192.168.2.1/24 dev l0; ip -n tstk addr add 192.168.2.10/24 dev e0",
    "ip -n tsta addr add 192.168.3.3/32 dev lo; ip -n tstb addr add 192.168.4.4/32 dev lo",
    "for x in tsta:c0 tsta:l0 tstb:c0 tstb:l0 tstr:a0 tstr:b0 tsth:e0 tstk:e0; do "
    "ip -n ${x%:*} link set ${x#*:} up; done",
    "ip -n tsta route add default via 10.9.1.1; ip -n tstb route add default via 10.9.2.1",
    "ip -n tsth route add default via 192.168.1.1; ip -n tstk route add default via 192.168.2.1",
    "ip -n tstr route add 192.168.1.0/24 via 10.9.1.2; ip -n tstr route add 192.168.3.3 via "
    "10.9.1.2",
    "ip -n tstr route add 192.168.2.0/24 via 10.9.2.2; ip -n tstr route add 192.168.4.4 via "
    "10.9.2.2",
    "for n in tsta tstb tstr; do ip netns exec $n sysctl -qw net.ipv4.ip_forward=1; done",
};

static void
tear_down(void)
{
	run("for n in tsta tstb tstr tsth tstk; do ip netns del $n; done 2>/dev/null");
}

static bool
possible(void)
{
	if (geteuid() != 0) {
		fprintf(stderr, "skipped: needs root\n");
		return false;
	}
	if (run("ip -V >/dev/null 2>&1 && command -v ping >/dev/null && command -v nft "
		">/dev/null")) {
		fprintf(stderr, "skipped: needs ip, ping and nft\n");
		return false;
	}
	take_turn();
	tear_down();
	for (size_t i = 0; i < ARRAY_SIZE(build); i++)
		if (run("%s", build[i])) {
			fprintf(stderr, "skipped: no network namespaces here: %s\n", build[i]);
			tear_down();
			return false;
		}
	return true;
}

/* --- members ------------------------------------------------------------------------------------ */

static struct dataplane *
member(uv_loop_t *loop, const char *name)
{
	struct kernel_dataplane_options o = {.loop = loop, .name = name, .device = device};
	struct dataplane *dp;
	char path[64];

	snprintf(path, sizeof(path), "/run/netns/%s", name);
	o.netns = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(o.netns >= 0);
	assert_int_equal(tun_new(&o, &dp), 0);
	return dp;
}

static uint8_t key1[24] = "0123456789abcdefghijklmn", auth[20] = "abcdefghijklmnopqrst";

static const struct dp_binding binding = {"FastEthernet0/0", 10};
static const struct dp_entry entries[] = {
    {{.permit = false, .proto = 6, .dport = 22}, 0},
    {{.permit = true,
      .src = 0xc0a80000,
      .src_mask = 0xffff0000,
      .dst = 0xc0a80000,
      .dst_mask = 0xffff0000},
     1					    },
};

static void
give(struct dataplane *dp, uint32_t spi, uint32_t old_spi)
{
	struct dp_sa sas[2] = {
	    {.sa = 1,
	     .spi = old_spi,
	     .suite = {CIPHER_AES_128, HASH_SHA1},
	     .enc_key = SPAN(key1,          16),
	     .auth_key = SPAN(auth,      20),
	     .window = 64,
	     .receive = true},
	    { .sa = 1,
	     .spi = spi,
	     .suite = {CIPHER_AES_128, HASH_SHA1},
	     .enc_key = SPAN(key1 + 4, 16),
	     .auth_key = SPAN(auth, 20),
	     .window = 64,
	     .send = true,
	     .receive = true},
	};
	struct dp_group g = {.name = "G",
			     .n_bindings = 1,
			     .bindings = &binding,
			     .n_entries = ARRAY_SIZE(entries),
			     .entries = entries,
			     .n_sas = old_spi ? 2 : 1,
			     .sas = old_spi ? sas : sas + 1};

	assert_int_equal(dp->ops->set(dp, &g), 0);
}

/* Did the capture in R see it? */
static int
seen(const char *filter)
{
	return run("tcpdump -nr /tmp/testudo-test.pcap '%s' 2>/dev/null | grep -q .", filter) == 0;
}

/* All that a dataplane might leave behind. */
#define STATE                                                                                      \
	"ip netns exec $n sh -c 'nft list ruleset; ip rule; ip -4 route show table all; ip xfrm "  \
	"state'"

#define PING "ip netns exec %s ping -q -c %d -i 0.01 -W 1 %s %s >/dev/null"

static void
traffic_crosses_as_esp(void **state)
{
	uv_loop_t loop;
	struct dataplane *a, *b;
	struct dp_stat stat;

	(void)state;
	if (!possible())
		skip();
	run("for n in tsta tstb; do " STATE " >/tmp/testudo-$n.before; done");
	uv_loop_init(&loop);
	a = member(&loop, A);
	b = member(&loop, B);
	/* without a group everything passes in clear */
	assert_int_equal(in_loop(&loop, PING, H, 2, "", "192.168.2.10"), 0);
	give(a, 0x1000, 0);
	give(b, 0x1000, 0);
	run("ip netns exec tstr tcpdump -i any -U -w /tmp/testudo-test.pcap 2>/dev/null & sleep "
	    "0.5");
	assert_int_equal(in_loop(&loop, PING, H, 50, "", "192.168.2.10"), 0);
	assert_int_equal(in_loop(&loop, PING, A, 50, "-I 192.168.3.3", "192.168.4.4"), 0);
	assert_int_equal(in_loop(&loop, PING, K, 20, "-s 1300 -M do", "192.168.3.3"), 0);
	/* larger than fits: told with DF, cut without */
	assert_int_not_equal(in_loop(&loop, PING, H, 2, "-s 1460 -M do", "192.168.2.10"), 0);
	assert_int_equal(in_loop(&loop, PING, H, 5, "-s 3000 -M dont", "192.168.2.10"), 0);
	/* rollover: the old key is still heard */
	give(b, 0x2000, 0x1000);
	give(a, 0x2000, 0x1000);
	assert_int_equal(in_loop(&loop, PING, H, 50, "", "192.168.2.10"), 0);
	/* clear from the core into the LAN: dropped and counted */
	run("ip -n tstr addr add 192.168.77.1/32 dev lo");
	assert_int_not_equal(in_loop(&loop, PING, R, 3, "-I 192.168.77.1", "192.168.2.10"), 0);
	run("pkill -f testudo-test.pcap; sleep 0.3");
	assert_true(seen("esp and src 192.168.1.10 and dst 192.168.2.10"));
	assert_true(seen("esp and src 192.168.3.3 and dst 192.168.4.4"));
	assert_false(seen("icmp and src 192.168.1.10"));
	assert_false(seen("icmp and src 192.168.3.3"));
	assert_true(b->ops->stat(b, "G", &stat));
	assert_true(stat.entries[1].in_packets >= 170);
	assert_true(stat.entries[1].clear_drops >= 3);
	a->ops->close(a);
	b->ops->close(b);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	/* nothing is left */
	assert_int_equal(
	    run("for n in tsta tstb; do " STATE " | diff /tmp/testudo-$n.before - || exit 1; done"),
	    0);
	assert_int_equal(run("ip netns exec tsth ping -q -c 1 -W 1 192.168.2.10 >/dev/null"), 0);
	tear_down();
}

/* A daemon that is killed leaves a closed door; the next one opens it again. */
static void
a_dead_daemon_is_a_closed_door(void **state)
{
	uv_loop_t loop;
	struct dataplane *a;
	int status;
	pid_t pid;

	(void)state;
	if (!possible())
		skip();
	pid = fork();
	if (pid == 0) {
		uv_loop_init(&loop);
		give(member(&loop, A), 0x1000, 0);
		kill(getpid(), SIGKILL);
	}
	waitpid(pid, &status, 0);
	assert_true(WIFSIGNALED(status));
	run("ip netns exec tstr tcpdump -i any -U -w /tmp/testudo-test.pcap 2>/dev/null & sleep "
	    "0.5");
	assert_int_not_equal(
	    run("ip netns exec tsth ping -q -c 3 -i 0.1 -W 1 192.168.2.10 >/dev/null"), 0);
	assert_int_not_equal(run("ip netns exec tsta ping -q -c 3 -i 0.1 -W 1 -I 192.168.3.3 "
				 "192.168.4.4 >/dev/null 2>&1"),
			     0);
	run("pkill -f testudo-test.pcap; sleep 0.3");
	assert_false(seen("src 192.168.1.10 or src 192.168.3.3"));
	uv_loop_init(&loop);
	a = member(&loop, A);
	assert_int_equal(in_loop(&loop, PING, H, 2, "", "192.168.2.10"), 0);
	a->ops->close(a);
	uv_run(&loop, UV_RUN_DEFAULT);
	uv_loop_close(&loop);
	tear_down();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(traffic_crosses_as_esp),
	    cmocka_unit_test(a_dead_daemon_is_a_closed_door),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
