/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packets at a firewall with lists on the way in, everywhere and out, and a small connection table.
 * The input is a row of packets: which way, how much later, how long. What is explained and what is
 * then done must agree; now and then the policy changes under it.
 */
#include <stdlib.h>
#include <string.h>

#include "runtime/filter/filter.h"
#include "runtime/packet/packet.h"

#define IP(a, b, c, d) ((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))
#define ANY_ICMP       .icmp_type = -1, .icmp_code = -1
#define STEP           4 /* octets before each packet */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const struct policy_ace aces[] = {
    {.seq = 1,
     .hash = 1,
     .permit = true,
     .proto = 17,
     .n_dport = 1,
     .dport = {{848, 848}},
     ANY_ICMP},
    {.seq = 2, .hash = 2, .permit = true, .proto = 50, .log = true, ANY_ICMP},
    {.seq = 3, .hash = 3, .proto = 1, .icmp_type = 13, .icmp_code = -1},
    {.seq = 4, .hash = 4, .permit = true, .proto = 6, .established = true, ANY_ICMP},
    {.seq = 5, .hash = 5, .src = IP(10, 0, 0, 0), .src_mask = 0xff0000ff, .log = true, ANY_ICMP},
    {.seq = 6, .hash = 6, .permit = true, .fragments = true, ANY_ICMP},
    {.seq = 7, .hash = 7, .permit = true, .proto = 6, .n_sport = 1, .sport = {{1, 1023}}, ANY_ICMP},
    {.seq = 8, .hash = 8, .permit = true, .proto = 17, ANY_ICMP},
    {.seq = 9, .hash = 9, .permit = true, .proto = 1, ANY_ICMP},
    {.seq = 10, .hash = 10, .permit = true, .inactive = true, ANY_ICMP},
};
static const struct policy_acl acls[] = {
    {.name = "IN", .n_aces = ARRAY_SIZE(aces), .aces = aces},
    {.name = "GLOBAL", .n_aces = 3, .aces = aces + 4},
};
static const struct policy_interface nics[] = {
    {.name = "a", .nameif = "inside", .security_level = 100},
    {.name = "b", .nameif = "out1", .acl_in = &acls[0]},
    {.name = "c", .nameif = "out2", .acl_out = &acls[0]},
    {.name = "d"},
};
static const struct policy policies[] = {
    {.firewall = true, .n_interfaces = 4, .interfaces = nics, .n_acls = 2, .acls = acls},
    {.firewall = true,
     .same_security_inter = true,
     .same_security_intra = true,
     .acl_global = &acls[1],
     .n_interfaces = 3,
     .interfaces = nics,
     .n_acls = 2,
     .acls = acls},
};

static void
count_log(void *arg, const struct log_record *r)
{
	*(size_t *)arg += strlen(r->text);
}

static void
try_packet(struct filter *f, const struct policy *p, uint8_t way, struct span packet, msec now)
{
	const struct policy_interface *in = &p->interfaces[way % p->n_interfaces],
				      *out = &p->interfaces[way / 4 % p->n_interfaces];
	struct filter_trace t = {.n_steps = 0};
	struct filter_packet q;
	struct flow flow;

	if (!flow_of_packet(packet, &flow))
		return;
	filter_read(packet, &flow, &q);
	filter_expire(f, now);
	filter_explain(f, &q, in, out, now, &t);
	if (filter_forward(f, &q, in, out, now) != t.reason || t.n_steps > FILTER_STEPS_MAX)
		abort();
	filter_list(f, &p->acls[0], &q, now);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	size_t written = 0, n_conns;
	const struct log_sink log = {.write = count_log, .arg = &written};
	struct filter *f = filter_new(&log, 1);
	const struct policy *p = &policies[0];
	struct arena *a = arena_new();
	msec now = 1;

	filter_limit(f, 8);
	filter_apply(f, p, now);
	while (n > STEP) {
		size_t size = data[2] % 96;
		uint8_t *packet;

		size = size < n - STEP ? size : n - STEP;
		now += (msec)data[1] * data[1];
		if (data[3] % 16 == 0)
			filter_apply(f, p = &policies[data[3] / 16 % 2], now);
		packet = x_memdup(data + STEP, size);
		if (size >= 20 && data[3] & 1)
			packet[0] = 0x45; /* made right as often as not */
		try_packet(f, p, data[0], SPAN(packet, size), now);
		free(packet);
		data += STEP + size;
		n -= STEP + size;
	}
	filter_conns(f, a, now, &n_conns);
	if (filter_conn_count(f) > 8 || n_conns > 8)
		abort();
	filter_clear(f, FILTER_CLEAR_CONNS, NULL, now);
	filter_free(f);
	arena_free(a);
	return 0;
}
