/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A group over the virtual network: two members with loopbacks, a transit router between them, keys
 * put in by hand. What crosses the links is ESP under the loopbacks' addresses.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "runtime/crypto/random.h"
#include "runtime/packet/packet.h"
#include "runtime/host/sim/sim.h"
#include "tests/unit/capture.h"

#define IP(a, b, c, d) ((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))
#define F0             "FastEthernet0/0"
#define F1             "FastEthernet0/1"
#define LO3            IP(192, 168, 3, 3)
#define LO4            IP(192, 168, 4, 4)
#define NET            IP(192, 168, 0, 0), IP(255, 255, 0, 0)

static const struct policy_interface r3_nics[] = {
    {.name = F0, .has_address = true, .addr = IP(10, 1, 23, 3), .len = 24},
    {.name = "Loopback0", .has_address = true, .addr = LO3, .len = 32},
};
static const struct policy_interface r4_nics[] = {
    {.name = F0, .has_address = true, .addr = IP(10, 1, 24, 4), .len = 24},
    {.name = "Loopback0", .has_address = true, .addr = LO4, .len = 32},
};
static const struct policy_interface r2_nics[] = {
    {.name = F0, .has_address = true, .addr = IP(10, 1, 23, 2), .len = 24},
    {.name = F1, .has_address = true, .addr = IP(10, 1, 24, 2), .len = 24},
};
static const struct policy_route r3_routes[] = {{.via = IP(10, 1, 23, 2), .distance = 1}};
static const struct policy_route r4_routes[] = {{.via = IP(10, 1, 24, 2), .distance = 1}};
static const struct policy_route r2_routes[] = {
    {.to = {IP(192, 168, 3, 0), 24}, .via = IP(10, 1, 23, 3), .distance = 1},
    {.to = {IP(192, 168, 4, 0), 24}, .via = IP(10, 1, 24, 4), .distance = 1},
};

#define POLICY(nics, rts)                                                                          \
	{                                                                                          \
		.ip_routing = true, .n_interfaces = ARRAY_SIZE(nics), .interfaces = nics,          \
		.n_routes = ARRAY_SIZE(rts), .routes = rts                                         \
	}

static const struct policy policies[3] = {POLICY(r2_nics, r2_routes), POLICY(r3_nics, r3_routes),
                                          POLICY(r4_nics, r4_routes)};

struct lab {
	struct sim *sim;
	struct host *r2, *r3, *r4;
	char dir[32];
};

static void
lab_init(struct lab *l)
{
	const struct host_events silent = {.arg = NULL};

	l->sim = sim_new(1, 0);
	l->r2 = sim_node_add(l->sim, "R2", &silent);
	l->r3 = sim_node_add(l->sim, "R3", &silent);
	l->r4 = sim_node_add(l->sim, "R4", &silent);
	sim_link_add(l->sim, "left", 1);
	sim_link_add(l->sim, "right", 1);
	sim_link_attach(l->sim, "left", "R2", F0);
	sim_link_attach(l->sim, "left", "R3", F0);
	sim_link_attach(l->sim, "right", "R2", F1);
	sim_link_attach(l->sim, "right", "R4", F0);
	l->r2->ops->apply(l->r2, &policies[0]);
	l->r3->ops->apply(l->r3, &policies[1]);
	l->r4->ops->apply(l->r4, &policies[2]);
	strcpy(l->dir, "/tmp/testudo-esp-XXXXXX");
	assert_non_null(mkdtemp(l->dir));
	assert_int_equal(sim_pcap(l->sim, l->dir), 0);
}

static void
lab_fini(struct lab *l)
{
	char path[64];

	sim_free(l->sim);
	snprintf(path, sizeof(path), "%s/left.pcap", l->dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/right.pcap", l->dir);
	unlink(path);
	rmdir(l->dir);
}

static void
join_group_by(struct host *h, enum df_bit df)
{
	static const uint8_t key[] = "0123456789abcdefABCDEFGH";
	static const struct dp_entry entries[] = {
	    {.selector = {.proto = 17, .sport = 848, .dport = 848}},
	    {.selector = {true, 0, NET, NET, 0, 0}, .sa = 1},
	};
	const struct dp_binding wan[] = {{.interface = F0, .seq = 10, .df = df}};
	const struct dp_sa sa = {.sa = 1,
	                         .spi = 0xabcdef,
	                         .suite = {CIPHER_3DES, HASH_SHA1},
	                         .enc_key = SPAN(key, 24),
	                         .auth_key = SPAN(key, 20),
	                         .window = 64,
	                         .send = true,
	                         .receive = true};
	const struct dp_group g = {"G", 1, wan, SA_BOTH, ARRAY_SIZE(entries), entries, 1, &sa, 0};
	struct dataplane *dp = h->ops->dataplane(h);

	assert_int_equal(dp->ops->set(dp, &g), 0);
}

static void
join_group(struct host *h)
{
	join_group_by(h, DF_COPY);
}

static void
on_echo(void *arg, const struct echo_answer *answer)
{
	*(int *)arg = (int)answer->result;
}

static int
send_ping(struct lab *l, struct host *from, uint32_t src, uint32_t dst, uint16_t size, bool df)
{
	int result = -1;
	struct echo_request r = {.dst = dst,
	                         .src = src,
	                         .size = size,
	                         .df = df,
	                         .timeout = SECONDS(2),
	                         .done = on_echo,
	                         .arg = &result};

	assert_int_equal(from->ops->echo(from, &r), 0);
	sim_run_until(l->sim, sim_now(l->sim) + SECONDS(3));
	return result;
}

static bool
is_between_loopbacks(const struct ip4 *h)
{
	return h->src >> 16 == 0xc0a8 && h->dst >> 16 == 0xc0a8;
}

static void
count_captured(struct lab *l, const char *link, int *ret_esp, int *ret_clear)
{
	capture_count(l->dir, link, is_between_loopbacks, ret_esp, ret_clear);
}

static void
test_group(void **state)
{
	struct dp_stat stat;
	struct lab l;
	int esp, clear;

	(void)state;
	lab_init(&l);
	/* before registration everything is in clear */
	assert_int_equal(send_ping(&l, l.r3, LO3, LO4, 100, false), ECHO_REPLY);
	count_captured(&l, "left", &esp, &clear);
	assert_true(esp == 0 && clear == 2);
	/* one member alone: the other does not understand it, and its clear text is refused */
	join_group(l.r3);
	assert_int_equal(send_ping(&l, l.r3, LO3, LO4, 100, false), ECHO_TIMEOUT);
	assert_int_equal(send_ping(&l, l.r4, LO4, LO3, 100, false), ECHO_TIMEOUT);
	assert_true(l.r3->ops->dataplane(l.r3)->ops->stat(l.r3->ops->dataplane(l.r3), "G", &stat));
	assert_int_equal(stat.entries[1].clear_drops, 1);
	count_captured(&l, "left", &esp, &clear);
	assert_true(esp == 1 && clear == 3);
	join_group(l.r4);
	assert_int_equal(send_ping(&l, l.r3, LO3, LO4, 100, false), ECHO_REPLY);
	assert_int_equal(send_ping(&l, l.r4, LO4, LO3, 100, false), ECHO_REPLY);
	count_captured(&l, "left", &esp, &clear);
	assert_true(esp == 5 && clear == 3);
	count_captured(&l, "right", &esp, &clear);
	assert_true(esp == 5 && clear == 3);
	/* what is not the group's goes on in clear */
	assert_int_equal(send_ping(&l, l.r3, 0, IP(10, 1, 24, 4), 100, false), ECHO_REPLY);
	lab_fini(&l);
}

/* Encrypted packets larger than the link are cut after encryption, joined before decryption. */
static void
test_large(void **state)
{
	struct lab l;
	int esp, clear;

	(void)state;
	lab_init(&l);
	join_group(l.r3);
	join_group(l.r4);
	assert_int_equal(send_ping(&l, l.r3, LO3, LO4, 1500, false), ECHO_REPLY);
	count_captured(&l, "right", &esp, &clear);
	assert_true(esp == 4 && clear == 0);
	assert_int_equal(send_ping(&l, l.r3, LO3, LO4, 5000, false), ECHO_REPLY);
	assert_int_equal(send_ping(&l, l.r3, LO3, LO4, 1500, true), ECHO_TOO_BIG);
	assert_int_equal(send_ping(&l, l.r3, LO3, LO4, 1446, true),
	                 ECHO_REPLY); /* 20+8+8+1448+12 */
	assert_int_equal(send_ping(&l, l.r3, LO3, LO4, 1447, true), ECHO_TOO_BIG);
	lab_fini(&l);
}

static bool
is_uncut_esp(const struct ip4 *h)
{
	return is_between_loopbacks(h) && h->proto == 50 && h->df;
}

/* `crypto ipsec df-bit`: of the ESP packet; the ping inside keeps its own. */
static void
test_df_bit(void **state)
{
	struct lab l;
	int esp, clear;

	(void)state;
	lab_init(&l);
	join_group_by(l.r3, DF_SET);
	join_group_by(l.r4, DF_CLEAR);
	assert_int_equal(send_ping(&l, l.r3, LO3, LO4, 100, false), ECHO_REPLY);
	capture_count(l.dir, "left", is_uncut_esp, &esp, &clear);
	assert_int_equal(esp, 1); /* R3's, not R4's answer */
	assert_int_equal(send_ping(&l, l.r4, LO4, LO3, 100, true), ECHO_REPLY);
	capture_count(l.dir, "left", is_uncut_esp, &esp, &clear);
	assert_int_equal(esp, 2); /* R3's answer, not what R4 asks */
	/* cut after encryption, whatever the ping says: the answer has its DF bit */
	assert_int_equal(send_ping(&l, l.r4, LO4, LO3, 1500, true), ECHO_TIMEOUT);
	join_group_by(l.r3, DF_CLEAR);
	assert_int_equal(send_ping(&l, l.r4, LO4, LO3, 1500, true), ECHO_REPLY);
	join_group_by(l.r3, DF_SET);
	assert_int_equal(send_ping(&l, l.r3, LO3, LO4, 1500, false), ECHO_TOO_BIG);
	assert_int_equal(send_ping(&l, l.r3, LO3, LO4, 1446, false), ECHO_REPLY);
	join_group_by(l.r3, DF_COPY);
	assert_int_equal(send_ping(&l, l.r3, LO3, LO4, 1500, true), ECHO_TOO_BIG);
	lab_fini(&l);
}

/* Copies are refused and the packets held back are taken: the window does its work. */
static void
test_bad_network(void **state)
{
	struct dp_stat stat;
	struct dataplane *dp;
	struct lab l;
	int i;

	(void)state;
	lab_init(&l);
	join_group(l.r3);
	join_group(l.r4);
	sim_faults(l.sim, 0, 0.5, 0.5);
	for (i = 0; i < 50; i++)
		assert_int_equal(send_ping(&l, l.r3, LO3, LO4, 100, false), ECHO_REPLY);
	dp = l.r4->ops->dataplane(l.r4);
	assert_true(dp->ops->stat(dp, "G", &stat));
	assert_int_equal(stat.sas[0].in_packets, 50);
	assert_true(stat.sas[0].replay_drops > 20);
	lab_fini(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_group),
	    cmocka_unit_test(test_large),
	    cmocka_unit_test(test_df_bit),
	    cmocka_unit_test(test_bad_network),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
