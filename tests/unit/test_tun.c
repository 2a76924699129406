/* SPDX-License-Identifier: Apache-2.0 */
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

#include <linux/capability.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/dataplane/kernel/tun.h"
#include "tests/unit/kernel_udp.h"

static void
give_keys_by(struct dataplane *dp, uint32_t spi, uint32_t old_spi, enum df_bit df)
{
	struct dp_sa sas[2] = {
	    {.sa = 1,
	     .spi = old_spi,
	     .suite = {CIPHER_AES_128, HASH_SHA1},
	     .enc_key = SPAN(key1, 16),
	     .auth_key = SPAN(auth, 20),
	     .window = 64,
	     .receive = true},
	    {.sa = 1,
	     .spi = spi,
	     .suite = {CIPHER_AES_128, HASH_SHA1},
	     .enc_key = SPAN(key1 + 4, 16),
	     .auth_key = SPAN(auth, 20),
	     .window = 64,
	     .send = true,
	     .receive = true},
	};
	const struct dp_binding on = {.interface = binding.interface, .seq = binding.seq, .df = df};
	struct dp_group g = {.name = "G",
	                     .n_bindings = 1,
	                     .bindings = &on,
	                     .n_entries = ARRAY_SIZE(entries),
	                     .entries = entries,
	                     .n_sas = old_spi ? 2 : 1,
	                     .sas = old_spi ? sas : sas + 1};

	assert_int_equal(dp->ops->set(dp, &g), 0);
}

static void
give_keys(struct dataplane *dp, uint32_t spi, uint32_t old_spi)
{
	give_keys_by(dp, spi, old_spi, DF_COPY);
}

/* Did the capture in R see it? */
static int
was_seen(const char *filter)
{
	return run_command("tcpdump -nr " SCRATCH "/test.pcap '%s' 2>/dev/null | grep -q .",
	                   filter) == 0;
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
	if (!net_up())
		skip();
	run_command("for n in tsta tstb; do " STATE " >" SCRATCH "/$n.before; done");
	uv_loop_init(&loop);
	a = net_member(&loop, A, tun_new);
	b = net_member(&loop, B, tun_new);
	/* without a group everything passes in clear */
	assert_int_equal(in_loop(&loop, PING, H, 2, "", "192.168.2.10"), 0);
	give_keys(a, 0x1000, 0);
	give_keys(b, 0x1000, 0);
	run_command("ip netns exec tstr tcpdump --immediate-mode -i any -U -w " SCRATCH
	            "/test.pcap 2>/dev/null & sleep "
	            "0.5");
	assert_int_equal(in_loop(&loop, PING, H, 50, "", "192.168.2.10"), 0);
	assert_int_equal(in_loop(&loop, PING, A, 50, "-I 192.168.3.3", "192.168.4.4"), 0);
	assert_int_equal(in_loop(&loop, PING, K, 20, "-s 1300 -M do", "192.168.3.3"), 0);
	/* larger than fits: told with DF, cut without */
	assert_int_not_equal(in_loop(&loop, PING, H, 2, "-s 1460 -M do", "192.168.2.10"), 0);
	assert_int_equal(in_loop(&loop, PING, H, 5, "-s 3000 -M dont", "192.168.2.10"), 0);
	/* `crypto ipsec df-bit clear`: cut once it is encrypted; and back again */
	give_keys_by(a, 0x1000, 0, DF_CLEAR);
	give_keys_by(b, 0x1000, 0, DF_CLEAR);
	run_command("ip -n tsth route flush cache"); /* what it was told before */
	assert_int_equal(in_loop(&loop, PING, H, 5, "-s 1460 -M do", "192.168.2.10"), 0);
	give_keys_by(a, 0x1000, 0, DF_SET);
	assert_int_equal(in_loop(&loop, PING, H, 5, "-s 200 -M dont", "192.168.2.10"), 0);
	give_keys(a, 0x1000, 0);
	give_keys(b, 0x1000, 0);
	assert_int_not_equal(in_loop(&loop, PING, H, 2, "-s 1460 -M do", "192.168.2.10"), 0);
	/* rollover: the old key is still heard */
	give_keys(b, 0x2000, 0x1000);
	give_keys(a, 0x2000, 0x1000);
	assert_int_equal(in_loop(&loop, PING, H, 50, "", "192.168.2.10"), 0);
	/* clear from the core into the LAN: dropped and counted */
	run_command("ip -n tstr addr add 192.168.77.1/32 dev lo");
	assert_int_not_equal(in_loop(&loop, PING, R, 3, "-I 192.168.77.1", "192.168.2.10"), 0);
	run_command("pkill -f " SCRATCH "/test.pcap; sleep 0.3");
	assert_true(was_seen("esp and src 192.168.1.10 and dst 192.168.2.10"));
	assert_true(was_seen("esp and src 192.168.3.3 and dst 192.168.4.4"));
	/* that of 200 octets, encrypted under DF_SET */
	assert_true(was_seen("esp and src 192.168.1.10 and ip[2:2] == 296 and ip[6] & 0x40 != 0"));
	assert_false(was_seen("icmp and src 192.168.1.10"));
	assert_false(was_seen("icmp and src 192.168.3.3"));
	assert_true(b->ops->stat(b, "G", &stat));
	assert_true(stat.entries[1].in_packets >= 170);
	assert_true(stat.entries[1].clear_drops >= 3);
	a->ops->close(a);
	b->ops->close(b);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	/* nothing is left */
	assert_int_equal(run_command("for n in tsta tstb; do " STATE " | diff " SCRATCH
	                             "/$n.before - || exit 1; done"),
	                 0);
	assert_int_equal(
	    run_command("ip netns exec tsth ping -q -c 1 -W 1 192.168.2.10 >/dev/null"), 0);
	net_down();
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
	if (!net_up())
		skip();
	pid = fork();
	if (pid == 0) {
		uv_loop_init(&loop);
		give_keys(net_member(&loop, A, tun_new), 0x1000, 0);
		kill(getpid(), SIGKILL);
	}
	waitpid(pid, &status, 0);
	assert_true(WIFSIGNALED(status));
	run_command("ip netns exec tstr tcpdump --immediate-mode -i any -U -w " SCRATCH
	            "/test.pcap 2>/dev/null & sleep "
	            "0.5");
	assert_int_not_equal(
	    run_command("ip netns exec tsth ping -q -c 3 -i 0.1 -W 1 192.168.2.10 >/dev/null"), 0);
	assert_int_not_equal(
	    run_command("ip netns exec tsta ping -q -c 3 -i 0.1 -W 1 -I 192.168.3.3 "
	                "192.168.4.4 >/dev/null 2>&1"),
	    0);
	run_command("pkill -f " SCRATCH "/test.pcap; sleep 0.3");
	assert_false(was_seen("src 192.168.1.10 or src 192.168.3.3"));
	uv_loop_init(&loop);
	a = net_member(&loop, A, tun_new);
	tun_take(a);
	assert_int_equal(in_loop(&loop, PING, H, 2, "", "192.168.2.10"), 0);
	a->ops->close(a);
	uv_run(&loop, UV_RUN_DEFAULT);
	uv_loop_close(&loop);
	net_down();
}

/* Takes the right to change the network away from this process, and gives it back. */
static void
may_change_the_network(bool may)
{
	struct __user_cap_header_struct h = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct caps[2];

	assert_int_equal(syscall(SYS_capget, &h, caps), 0);
	if (may)
		caps[0].effective |= 1u << CAP_NET_ADMIN;
	else
		caps[0].effective &= ~(1u << CAP_NET_ADMIN);
	assert_int_equal(syscall(SYS_capset, &h, caps), 0);
}

/* What nft says of rules that it does not know differs from time to time. */
#define RULES "ip netns exec tsta nft list table ip testudo-esp 2>/dev/null | grep -a 'spi\\|addr'"

/*
 * A group that cannot be installed as a whole changes nothing: neither rules, nor keys, nor
 * statistics.
 */
static void
what_is_refused_changes_nothing(void **state)
{
	static const struct dp_entry all[] = {{.selector = {.permit = true}, .sa = 1}};
	struct dp_sa sa = {.sa = 1,
	                   .spi = 0x2000,
	                   .suite = {CIPHER_AES_128, HASH_SHA1},
	                   .enc_key = SPAN(key1 + 4, 16),
	                   .auth_key = SPAN(auth, 20),
	                   .window = 64,
	                   .send = true,
	                   .receive = true};
	struct dp_group g = {.name = "G",
	                     .n_bindings = 1,
	                     .bindings = &binding,
	                     .n_entries = ARRAY_SIZE(all),
	                     .entries = all,
	                     .n_sas = 1,
	                     .sas = &sa};
	struct dp_stat stat;
	struct pair p;

	(void)state;
	if (!net_up())
		skip();
	pair_begin(&p, tun_new);
	give_keys(p.a, 0x1000, 0);
	give_keys(p.b, 0x1000, 0);
	run_command(RULES " >" SCRATCH "/tun.before");
	/* the kernel takes no rules */
	may_change_the_network(false);
	assert_int_equal(p.a->ops->set(p.a, &g), -EPERM);
	may_change_the_network(true);
	assert_true(p.a->ops->stat(p.a, "G", &stat));
	assert_int_equal(stat.n_entries, ARRAY_SIZE(entries));
	assert_int_equal(stat.n_sas, 1);
	assert_int_equal(stat.sas[0].spi, 0x1000);
	/* ESP takes no key of this size */
	sa.enc_key.n = 15;
	assert_int_equal(p.a->ops->set(p.a, &g), -EINVAL);
	assert_true(p.a->ops->stat(p.a, "G", &stat));
	assert_int_equal(stat.sas[0].spi, 0x1000);
	assert_int_equal(run_command(RULES " | diff " SCRATCH "/tun.before -"), 0);
	assert_int_equal(in_loop(&p.loop, PING, H, 5, "", "192.168.2.10"), 0);
	pair_end(&p);
}

static void
rfc4301_5_2_others_port_848_is_protected(void **state)
{
	(void)state;
	if (!net_up())
		skip();
	others_port_848_is_protected(tun_new);
}

static void
rfc4301_5_2_local_deny_is_asked_mirrored(void **state)
{
	(void)state;
	if (!net_up())
		skip();
	local_deny_is_asked_mirrored(tun_new);
}

static void
rfc5374_3_1_multicast_never_leaves_in_clear(void **state)
{
	(void)state;
	if (!net_up())
		skip();
	multicast_leaves_closed(tun_new);
}

static void
rfc5374_3_1_multicast_is_carried(void **state)
{
	(void)state;
	if (!net_up())
		skip();
	multicast_is_carried(tun_new);
}

static void
rfc4301_5_1_what_turns_back_is_encrypted(void **state)
{
	(void)state;
	if (!net_up())
		skip();
	what_turns_back_is_encrypted(tun_new);
}

static void
rfc4301_7_pieces_are_judged_whole(void **state)
{
	(void)state;
	if (!net_up())
		skip();
	pieces_are_judged_whole(tun_new);
}

static void
rfc4301_6_nothing_secret_is_quoted(void **state)
{
	(void)state;
	if (!net_up())
		skip();
	nothing_secret_is_quoted(tun_new);
}

/* An argument: only the tests whose names fit it, as a pattern. */
int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(traffic_crosses_as_esp),
	    cmocka_unit_test(a_dead_daemon_is_a_closed_door),
	    cmocka_unit_test(what_is_refused_changes_nothing),
	    cmocka_unit_test(rfc4301_5_2_others_port_848_is_protected),
	    cmocka_unit_test(rfc4301_5_2_local_deny_is_asked_mirrored),
	    cmocka_unit_test(rfc5374_3_1_multicast_never_leaves_in_clear),
	    cmocka_unit_test(rfc4301_5_1_what_turns_back_is_encrypted),
	    cmocka_unit_test(rfc4301_7_pieces_are_judged_whole),
	    cmocka_unit_test(rfc4301_6_nothing_secret_is_quoted),
	    cmocka_unit_test(rfc5374_3_1_multicast_is_carried),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
