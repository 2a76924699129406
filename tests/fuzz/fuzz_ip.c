/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packets at a member's interface: a member with a group bound, an ESP SA without integrity (so
 * that what was decrypted is taken apart too) in both modes, filters, and a way on. The input is
 * cut into packets; headers are made right as often as not, since random ones never are.
 */
#include <stdlib.h>
#include <string.h>

#include "runtime/crypto/random.h"
#include "runtime/host/sim/sim_priv.h"

#define IP(a, b, c, d) ((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const struct policy_interface nics[] = {
    {.name = "F0", .has_address = true, .addr = IP(10, 0, 0, 1), .len = 24},
    {.name = "F1", .has_address = true, .addr = IP(10, 0, 1, 1), .len = 24},
    {.name = "Loopback0", .has_address = true, .addr = IP(192, 168, 3, 3), .len = 32},
};
static const struct policy_route routes[] = {{.via = IP(10, 0, 1, 2), .distance = 1}};
static const struct policy policy = {
    .ip_routing = true, .n_interfaces = 3, .interfaces = nics, .n_routes = 1, .routes = routes};
static const struct policy_interface far_nics[] = {
    {.name = "F0", .has_address = true, .addr = IP(10, 0, 1, 2), .len = 24}};
static const struct policy far_policy = {
    .ip_routing = true, .n_interfaces = 1, .interfaces = far_nics};

static void
join_group(struct host *h)
{
	static const uint8_t key[16];
	static const struct dp_binding bindings[] = {{.interface = "F0", .seq = 10},
	                                             {.interface = "F1", .seq = 10}};
	static const struct dp_entry entries[] = {
	    {.selector = {.proto = 17, .sport = 848, .dport = 848}},
	    {.selector = {true, 0, IP(192, 168, 0, 0), IP(255, 255, 0, 0), 0, 0, 0, 0}, .sa = 1},
	};
	const struct dp_sa sas[] = {
	    {.sa = 1,
	     .spi = 0x01010101,
	     .suite = {CIPHER_AES_128, HASH_NONE},
	     .enc_key = SPAN(key, 16),
	     .receive = true,
	     .send = true},
	    {.sa = 1,
	     .spi = 0x02020202,
	     .suite = {CIPHER_AES_128, HASH_NONE},
	     .enc_key = SPAN(key, 16),
	     .receive = true,
	     .transport = true},
	};
	const struct dp_group g = {"G", 2, bindings, SA_BOTH, 2, entries, 2, sas, 0};
	struct dataplane *dp = h->ops->dataplane(h);

	if (dp->ops->set(dp, &g))
		abort();
}

/* Lengths and checksum as they should be; ESP with an SPI that is known. */
static void
repair_packet(uint8_t *p, size_t n, uint8_t how)
{
	size_t header = how & 8 ? 24 : 20;

	if (n < header)
		return;
	p[0] = (uint8_t)(0x40 | header / 4);
	packet_put16(p + 2, (uint16_t)n);
	if (how & 16)
		memcpy(p + 6, "\0\0", 2);
	if (how & 32)
		p[9] = how & 64 ? PROTO_ESP : PROTO_ICMP;
	memcpy(p + 12, "\300\250\4", 3);
	memcpy(p + 16, "\300\250\3\3", 4);
	if (p[9] == PROTO_ESP && n >= header + 4)
		memset(p + header, how & 128 ? 1 : 2, 4);
	ip4_refresh(p);
	if (p[9] == PROTO_ICMP && n >= header + 8) {
		packet_put16(p + header + 2, 0);
		packet_put16(p + header + 2, ip4_checksum(0, SPAN(p + header, n - header)));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const struct host_events silent = {.arg = NULL};
	struct sim *sim = sim_new(1, 0);
	struct host *h = sim_node_add(sim, "R", &silent), *far = sim_node_add(sim, "S", &silent);

	sim_link_add(sim, "a", 1);
	sim_link_add(sim, "b", 1);
	sim_link_attach(sim, "a", "R", "F0");
	sim_link_attach(sim, "a", "S", "F9");
	sim_link_attach(sim, "b", "R", "F1");
	sim_link_attach(sim, "b", "S", "F0");
	h->ops->apply(h, &policy);
	far->ops->apply(far, &far_policy);
	join_group(h);
	while (n >= 3) {
		size_t size = packet_get16(data) % 2000;
		struct sim_node *node = (struct sim_node *)h;
		struct frame *f;
		uint8_t how = data[2];

		data += 3;
		n -= 3;
		size = size > n ? n : size;
		f = sim_frame_new(SPAN(data, size));
		if (how & 3)
			repair_packet(packet_data(&f->pkt), size, how);
		sim_ip_input(node->tables, how & 4 ? NULL : node->nics, &f->pkt);
		free(f);
		sim_run_until(sim, sim_now(sim) + 200);
		data += size;
		n -= size;
	}
	sim_run_until(sim, sim_now(sim) + 2000);
	sim_free(sim);
	return 0;
}
