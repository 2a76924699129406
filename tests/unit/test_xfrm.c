/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's ESP as a group's dataplane: three members and a transit router in namespaces joined
 * by veth, two members with a host behind each. Three dataplanes in this process are given a group
 * by hand. Needs root, namespaces, nftables and a kernel with ESP (tests/vm has one); says so when
 * it skips.
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

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/dataplane/counters.h"
#include "runtime/dataplane/kernel/kernel.h"
#include "tests/unit/kernel_udp.h"

static bool
is_possible(void)
{
	const char *why;

	if (xfrm_available(-1, &why))
		return net_up();
	fprintf(stderr, "skipped: %s\n", why);
	return false;
}

/* One key, or an old and a new one of which `speak` is used for sending. */
static void
give_two(struct dataplane *dp, uint32_t old_spi, uint32_t spi, uint32_t speak)
{
	struct dp_sa sas[2], *sa = sas;

	for (int i = 0; i < 2; i++) {
		uint32_t this = i ? spi : old_spi;

		if (!this)
			continue;
		*sa++ = (struct dp_sa){.sa = 1,
		                       .spi = this,
		                       .suite = {CIPHER_AES_128, HASH_SHA1},
		                       .enc_key = SPAN(key1 + this % 8, 16),
		                       .auth_key = SPAN(auth, 20),
		                       .window = 64,
		                       .send = this == speak,
		                       .receive = true};
	}
	struct dp_group g = {.name = "G",
	                     .n_bindings = 1,
	                     .bindings = &binding,
	                     .n_entries = ARRAY_SIZE(entries),
	                     .entries = entries,
	                     .n_sas = (size_t)(sa - sas),
	                     .sas = sas};

	assert_int_equal(dp->ops->set(dp, &g), 0);
}

static void
give_key(struct dataplane *dp, uint32_t spi)
{
	give_two(dp, 0, spi, spi);
}

/* Did the capture in R see it? */
static int
was_seen(const char *filter)
{
	return run_command("tcpdump -nr " SCRATCH "/xfrm.pcap '%s' 2>/dev/null | grep -q .",
	                   filter) == 0;
}

/* All that a dataplane might leave behind. */
#define STATE                                                                                      \
	"ip netns exec $n sh -c 'nft list ruleset; ip rule; ip -4 route show table all; ip -4 "    \
	"addr; "                                                                                   \
	"ip xfrm state; ip xfrm policy'"

#define PING "ip netns exec %s ping -q -c %d -i 0.01 -W 2 %s %s >" SCRATCH "/xfrm.ping"

/* Every one of n pings comes back. */
static void
no_loss(uv_loop_t *loop, const char *from, int n, const char *options, const char *to)
{
	int status = in_loop(loop, PING, from, n, options, to);

	if (status || run_command("grep -q ' 0%% packet loss' " SCRATCH "/xfrm.ping")) {
		run_command("cat " SCRATCH
		            "/xfrm.ping; for n in tsta tstb tstc; do echo $n; ip netns "
		            "exec $n sh "
		            "-c 'cat /proc/net/xfrm_stat | grep -v 0$; ip -s xfrm state; nft list "
		            "ruleset'; "
		            "done");
		fail_msg("%s to %s: packets were lost", from, to);
	}
}

static void
capture_begin(void)
{
	run_command("ip netns exec tstr tcpdump --immediate-mode -i any -U -w " SCRATCH
	            "/xfrm.pcap 2>/dev/null & echo $! "
	            ">" SCRATCH "/xfrm.pid; sleep 1");
}

static void
capture_end(void)
{
	run_command("sleep 0.5; kill $(cat " SCRATCH "/xfrm.pid); sleep 0.3");
}

struct members {
	uv_loop_t loop;
	struct dataplane *a, *b, *c;
};

static void
members_begin(struct members *m)
{
	run_command("for n in tsta tstb tstc; do " STATE " >" SCRATCH "/xfrm-$n.before; done");
	uv_loop_init(&m->loop);
	m->a = net_member(&m->loop, A, xfrm_new);
	m->b = net_member(&m->loop, B, xfrm_new);
	m->c = net_member(&m->loop, C, xfrm_new);
	/* without a group everything passes in clear */
	no_loss(&m->loop, H, 2, "", "192.168.2.10");
	give_key(m->a, 0x1000);
	give_key(m->b, 0x1000);
	give_key(m->c, 0x1000);
}

static void
members_end(struct members *m)
{
	m->a->ops->close(m->a);
	m->b->ops->close(m->b);
	m->c->ops->close(m->c);
	uv_run(&m->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&m->loop), 0);
	/* nothing is left */
	assert_int_equal(run_command("for n in tsta tstb tstc; do " STATE " | diff " SCRATCH
	                             "/xfrm-$n.before - || exit 1; done"),
	                 0);
	assert_int_equal(
	    run_command("ip netns exec tsth ping -q -c 1 -W 1 192.168.2.10 >/dev/null"), 0);
	net_down();
}

static void
traffic_crosses_as_esp(void **state)
{
	struct members m;
	struct dp_stat stat;

	(void)state;
	if (!is_possible())
		skip();
	members_begin(&m);
	capture_begin();
	no_loss(&m.loop, H, 50, "", "192.168.2.10");
	no_loss(&m.loop, A, 50, "-I 192.168.3.3", "192.168.4.4");
	no_loss(&m.loop, K, 20, "-s 1300 -M do", "192.168.3.3");
	/* larger than fits: told with DF, cut without */
	assert_int_not_equal(in_loop(&m.loop, PING, H, 2, "-s 1460 -M do", "192.168.2.10"), 0);
	no_loss(&m.loop, H, 5, "-s 3000 -M dont", "192.168.2.10");
	/* clear from the core into the LAN: dropped and counted */
	run_command("ip -n tstr addr add 192.168.77.1/32 dev lo");
	assert_int_not_equal(in_loop(&m.loop, PING, R, 3, "-I 192.168.77.1", "192.168.2.10"), 0);
	capture_end();
	assert_true(was_seen("esp and src 192.168.1.10 and dst 192.168.2.10"));
	assert_true(was_seen("esp and src 192.168.3.3 and dst 192.168.4.4"));
	assert_false(was_seen("icmp and src 192.168.1.10"));
	assert_false(was_seen("icmp and src 192.168.3.3"));
	assert_false(was_seen("host 192.0.0.8 or host 192.0.0.9"));
	assert_true(m.b->ops->stat(m.b, "G", &stat));
	assert_true(stat.entries[1].in_packets >= 120);
	assert_true(stat.entries[1].out_packets >= 120);
	assert_true(stat.entries[1].clear_drops >= 3);
	assert_true(stat.sas[0].in_packets >= 120 && stat.sas[0].out_packets >= 120);
	assert_int_equal(stat.sas[0].replay_drops, 0);
	assert_int_equal(stat.sas[0].auth_errors, 0);
	members_end(&m);
}

/* Each member counts for itself; the third hears both of the others at once. */
static void
three_senders_have_windows_of_their_own(void **state)
{
	struct members m;
	struct dp_stat stat;

	(void)state;
	if (!is_possible())
		skip();
	members_begin(&m);
	no_loss(&m.loop, A, 200, "-I 192.168.3.3", "192.168.5.5");
	no_loss(&m.loop, B, 100, "-I 192.168.4.4", "192.168.5.5");
	no_loss(&m.loop, A, 50, "-I 192.168.3.3", "192.168.5.5");
	no_loss(&m.loop, H, 50, "", "192.168.5.5");
	assert_true(m.c->ops->stat(m.c, "G", &stat));
	assert_int_equal(stat.sas[0].replay_drops, 0);
	assert_true(stat.sas[0].in_packets >= 400);
	/* the three are known, each by a state of its own beside the one that learns */
	assert_int_equal(run_command("test $(ip -n tstc xfrm state | grep -c 'dst 192.0.0.8') = 4"),
	                 0);
	members_end(&m);
}

static void
rollover_loses_nothing(void **state)
{
	struct members m;

	(void)state;
	if (!is_possible())
		skip();
	members_begin(&m);
	no_loss(&m.loop, H, 2, "", "192.168.2.10");
	run_command("ip netns exec tsth ping -q -c 400 -i 0.02 -W 2 192.168.2.10 "
	            ">" SCRATCH "/xfrm.long & echo $! >" SCRATCH "/xfrm.pid");
	for (uint32_t spi = 0x1000; spi < 0x1004; spi++) {
		assert_int_equal(in_loop(&m.loop, "sleep 1"), 0);
		/* all hear the new key before the first speaks with it */
		give_two(m.a, spi, spi + 1, spi);
		give_two(m.b, spi, spi + 1, spi);
		assert_int_equal(in_loop(&m.loop, "sleep 0.3"), 0);
		give_two(m.b, spi, spi + 1, spi + 1);
		assert_int_equal(in_loop(&m.loop, "sleep 0.3"), 0);
		give_two(m.a, spi, spi + 1, spi + 1);
	}
	assert_int_equal(in_loop(&m.loop, "while kill -0 $(cat " SCRATCH "/xfrm.pid) 2>/dev/null; "
	                                  "do sleep 0.2; done"),
	                 0);
	run_command("tail -n 3 " SCRATCH "/xfrm.long");
	assert_int_equal(run_command("grep -q ' 0%% packet loss' " SCRATCH "/xfrm.long"), 0);
	/* the old keys' sending states go */
	assert_int_equal(in_loop(&m.loop, "for i in $(seq 100); do test $(ip -n tsta xfrm state | "
	                                  "grep -c 'dst 192.0.0.9') = 1 && exit; sleep 0.1; done"),
	                 0);
	assert_int_equal(run_command("test $(ip -n tsta xfrm state | grep -c 'dst 192.0.0.9') = 1"),
	                 0);
	members_end(&m);
}

/* A daemon that is killed leaves a closed door; the next one takes over. */
static void
a_dead_daemon_is_a_closed_door(void **state)
{
	struct members m;
	uv_loop_t loop;
	int status;
	pid_t pid;

	(void)state;
	if (!is_possible())
		skip();
	run_command("for n in tsta tstb tstc; do " STATE " >" SCRATCH "/xfrm-$n.before; done");
	pid = fork();
	if (pid == 0) {
		uv_loop_init(&loop);
		give_key(net_member(&loop, A, xfrm_new), 0x1000);
		kill(getpid(), SIGKILL);
	}
	waitpid(pid, &status, 0);
	assert_true(WIFSIGNALED(status));
	capture_begin();
	run_command("ip netns exec tsth ping -q -c 3 -i 0.1 -W 1 192.168.2.10 >/dev/null");
	run_command(
	    "ip netns exec tsta ping -q -c 3 -i 0.1 -W 1 -I 192.168.3.3 192.168.4.4 >/dev/null "
	    "2>&1");
	/* nor when somebody takes the rules away */
	run_command("ip netns exec tsta nft flush ruleset");
	run_command("ip netns exec tsth ping -q -c 3 -i 0.1 -W 1 192.168.2.10 >/dev/null");
	capture_end();
	assert_false(was_seen("not esp and (src 192.168.1.10 or src 192.168.3.3)"));
	uv_loop_init(&m.loop);
	m.a = net_member(&m.loop, A, xfrm_new);
	xfrm_take(m.a);
	assert_int_equal(run_command("n=tsta; " STATE " | diff " SCRATCH "/xfrm-tsta.before -"), 0);
	m.b = net_member(&m.loop, B, xfrm_new);
	m.c = net_member(&m.loop, C, xfrm_new);
	give_key(m.a, 0x1000);
	give_key(m.b, 0x1000);
	no_loss(&m.loop, H, 5, "", "192.168.2.10");
	members_end(&m);
}

/*
 * A state may disappear by itself: spent, at the end of its life, or removed by an administrator.
 */
static void
rfc4303_3_3_2_a_state_that_went_repeats_no_number(void **state)
{
	static const char oseq[] =
	    "ip -s -n tsta xfrm state | grep -A 20 'dst 192.0.0.9' | grep -q "
	    "'oseq 0x1000000'";
	struct kernel_dataplane_options o = {.name = A, .device = device_of};
	struct dataplane *dp;
	uv_loop_t loop;

	(void)state;
	if (!is_possible())
		skip();
	uv_loop_init(&loop);
	o.loop = &loop;
	o.netns = open("/run/netns/" A, O_RDONLY | O_CLOEXEC);
	o.counters = counters_new(NULL, true, NULL);
	assert_int_equal(xfrm_new(&o, &dp), 0);
	give_key(dp, 0x1000);
	assert_int_not_equal(run_command("%s", oseq), 0);
	in_loop(&loop, PING, A, 3, "-I 192.168.3.3", "192.168.4.4");
	run_command("ip -n tsta xfrm state flush");
	/* there is another soon, behind all that was reserved */
	assert_int_equal(in_loop(&loop, "sleep 3"), 0);
	assert_int_equal(run_command("%s", oseq), 0);
	run_command("ip -n tsta xfrm state flush");
	dp->ops->clear(dp, "G");
	give_key(dp, 0x1000);
	assert_int_equal(run_command("ip -s -n tsta xfrm state | grep -q 'oseq 0x2000000'"), 0);
	dp->ops->close(dp);
	counters_free(o.counters);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	net_down();
}

static void
rfc4301_5_2_others_port_848_is_protected(void **state)
{
	(void)state;
	if (!is_possible())
		skip();
	others_port_848_is_protected(xfrm_new);
}

static void
rfc4301_5_2_local_deny_is_asked_mirrored(void **state)
{
	(void)state;
	if (!is_possible())
		skip();
	local_deny_is_asked_mirrored(xfrm_new);
}

/* The two together, as a host has them. */
static int
kernel_new(const struct kernel_dataplane_options *o, struct dataplane **ret)
{
	const char *why;

	return kernel_dataplane_new(o, KERNEL_XFRM, ret, &why);
}

static void
rfc5374_3_1_multicast_never_leaves_in_clear(void **state)
{
	(void)state;
	if (!is_possible())
		skip();
	multicast_leaves_closed(kernel_new);
}

static void
rfc4301_5_1_what_turns_back_is_encrypted(void **state)
{
	(void)state;
	if (!is_possible())
		skip();
	what_turns_back_is_encrypted(xfrm_new);
}

static void
rfc5374_3_1_multicast_is_carried(void **state)
{
	(void)state;
	if (!is_possible())
		skip();
	multicast_is_carried(kernel_new);
}

static int
raw_esp_inside(void *arg)
{
	const struct sockaddr_in a = udp_address("192.168.1.10", 0);
	const int ttl = 8;
	int *fd = arg;

	*fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ESP);
	return *fd < 0 || bind(*fd, (const struct sockaddr *)&a, sizeof(a)) ||
	               setsockopt(*fd, IPPROTO_IP, IP_MULTICAST_TTL, &ttl, sizeof(ttl))
	           ? -errno
	           : 0;
}

static void
raw_esp_send(int fd, uint32_t spi, const char *to)
{
	struct sockaddr_in a = udp_address(to, 0);
	uint32_t octets[16] = {htonl(spi), htonl(1)};

	assert_int_equal(sendto(fd, octets, sizeof(octets), 0, (struct sockaddr *)&a, sizeof(a)),
	                 sizeof(octets));
}

/* Foreign ESP is traffic like any other, also where multicast routes lead. */
static void
rfc4301_5_1_others_esp_does_not_pass_for_ours(void **state)
{
	static const struct dp_entry all[] = {
	    {.selector = {.permit = true, .src = 0xc0a80000, .src_mask = 0xffff0000}, .sa = 1}};
	struct udp own, host, heard;
	struct mroute route;
	struct pair p;
	int esp;

	(void)state;
	if (!is_possible())
		skip();
	pair_begin(&p, xfrm_new);
	run_command("ip -n tsth route add 224.0.0.0/4 dev e0");
	give_policy(p.a, all, ARRAY_SIZE(all));
	give_policy(p.b, all, ARRAY_SIZE(all));
	own = udp_new(A, "192.168.3.3", 7000, 0);
	host = udp_new(H, "192.168.1.10", 7000, 0);
	heard = udp_new(K, "192.168.2.10", 5000, 0);
	assert_int_equal(inside_netns(H, raw_esp_inside, &esp), 0);
	route = mroute_new(A, "l0", "c0", NULL);
	mroute_from(&route, "192.168.1.10");
	watch_core("esp or udp");
	/* a stranger's, one with our SPI, and a host's to another */
	for (int i = 0; i < 3; i++) {
		raw_esp_send(esp, 0x7777, GROUP);
		raw_esp_send(esp, 0x1000, GROUP);
		raw_esp_send(esp, 0x7777, "192.168.2.10");
		turn_loop(&p.loop, 20);
	}
	/* ours leaves: of what is sent here, and of what is forwarded */
	udp_send(&host, "192.168.2.10", 5000);
	assert_true(udp_heard(&p.loop, &heard));
	udp_send(&own, "192.168.2.10", 5000);
	assert_true(udp_heard(&p.loop, &heard));
	udp_leave_by(&own, A, "c0", false);
	udp_send(&own, GROUP, 5000);
	turn_loop(&p.loop, 100);
	watch_end();
	assert_false(was_watched("udp"));
	assert_true(
	    was_watched("esp and src 192.168.1.10 and dst 192.168.2.10 and ip[20:4] = 0x1000"));
	assert_true(
	    was_watched("esp and src 192.168.3.3 and dst 192.168.2.10 and ip[20:4] = 0x1000"));
	assert_false(was_watched("esp and ip[20:4] = 0x7777"));
	assert_false(was_watched("esp and src 192.168.1.10 and dst " GROUP));
	close(esp);
	close(own.fd);
	close(host.fd);
	close(heard.fd);
	close(route.fd);
	pair_end(&p);
}

static void
rfc4301_7_pieces_are_judged_whole(void **state)
{
	(void)state;
	if (!is_possible())
		skip();
	pieces_are_judged_whole(xfrm_new);
}

static void
rfc4301_6_nothing_secret_is_quoted(void **state)
{
	(void)state;
	if (!is_possible())
		skip();
	nothing_secret_is_quoted(xfrm_new);
}

/* An argument: only the tests whose names fit it, as a pattern. */
int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(traffic_crosses_as_esp),
	    cmocka_unit_test(three_senders_have_windows_of_their_own),
	    cmocka_unit_test(rollover_loses_nothing),
	    cmocka_unit_test(a_dead_daemon_is_a_closed_door),
	    cmocka_unit_test(rfc4303_3_3_2_a_state_that_went_repeats_no_number),
	    cmocka_unit_test(rfc4301_5_2_others_port_848_is_protected),
	    cmocka_unit_test(rfc4301_5_2_local_deny_is_asked_mirrored),
	    cmocka_unit_test(rfc5374_3_1_multicast_never_leaves_in_clear),
	    cmocka_unit_test(rfc4301_5_1_what_turns_back_is_encrypted),
	    cmocka_unit_test(rfc4301_5_1_others_esp_does_not_pass_for_ours),
	    cmocka_unit_test(rfc4301_7_pieces_are_judged_whole),
	    cmocka_unit_test(rfc4301_6_nothing_secret_is_quoted),
	    cmocka_unit_test(rfc5374_3_1_multicast_is_carried),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
