/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VRFs of the virtual network: nothing crosses. Every VRF of every node has the same addresses, and
 * every packet says in its octets of which VRF it is: a watcher on all links and at all nodes holds
 * that against the tag it travels under and the table it ends in. Routes are random, and many of
 * them try to lead from one VRF into another; interfaces change their VRF while packets are on the
 * way; fragments of different VRFs have the same addresses and number.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/base/path.h"
#include "runtime/host/sim/sim.h"
#include "runtime/packet/packet.h"

#define IP(a, b, c, d) ((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))
#define VRFS           4 /* the global table is the first */
#define NODES          3
#define VLAN(vrf)      ((uint16_t)(10 + (vrf)))
#define PORT(vrf)      ((uint16_t)(5000 + (vrf)))
#define ROUTES_MAX     8
#define SIDES          2
#define NICS           (2 + VRFS * (SIDES + 1)) /* cables; in each VRF its sides, a loopback */

static const char *const vrf_names[VRFS] = {NULL, "Red", "Blue", "Green"};
static const char *const node_names[NODES] = {"A", "B", "C"};
static const struct policy_vrf vrfs[] = {
    {.name = "Red", .ipv4 = true}, {.name = "Blue", .ipv4 = true}, {.name = "Green", .ipv4 = true}};
/* What may be the end of a packet, the next hop of a route, or anything else: the same in all. */
static const uint32_t pool[] = {IP(10, 0, 1, 1),  IP(10, 0, 1, 2),    IP(10, 0, 2, 2),
                                IP(10, 0, 2, 3),  IP(192, 168, 1, 1), IP(192, 168, 2, 1),
                                IP(10, 9, 9, 9),  IP(192, 168, 3, 1), IP(10, 0, 1, 129),
                                IP(224, 1, 1, 1), IP(172, 16, 0, 1)};

struct box {
	struct policy policy;
	struct policy_interface nics[NICS];
	struct policy_address secondary;
	char names[NICS][32];
	struct policy_route routes[VRFS * ROUTES_MAX];
};

struct bench {
	struct sim *sim;
	struct host *hosts[NODES];
	struct box *boxes[NODES];   /* that run */
	struct box *retired[NODES]; /* the ones before, which the hosts may still look at */
	uint64_t random;
	size_t seen, taken, came, errors;
};

static uint32_t
any_of(struct bench *b, uint32_t n)
{
	b->random = b->random * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(b->random >> 33) % n;
}

/* --- who watches ------------------------------------------------------------------------------ */

/* The VRF that a packet says it is of; -1: it says nothing. Fragments say it in every octet. */
static int
said_vrf(struct span p)
{
	struct ip4 h;
	size_t at;

	if (!ip4_parse(p, &h))
		return -1;
	at = h.header;
	if (h.proto == PROTO_ICMP) { /* an error, which quotes the ports of what it is about */
		if (p.n < at + 8 + IP4_HEADER + 8 || p.p[at + 8 + 9] != PROTO_UDP)
			return -1;
		return packet_get16(p.p + at + 8 + IP4_HEADER) - PORT(0);
	}
	return h.proto == PROTO_UDP && h.total > at ? p.p[h.total - 1] : -1;
}

/* Has the node this address in this VRF? Another VRF's is none of it. */
static bool
has_there(const struct bench *b, const char *node, uint32_t vrf, uint32_t addr)
{
	for (int i = 0; i < NODES; i++) {
		const struct policy *p = &b->boxes[i]->policy;

		for (size_t k = 0; !strcmp(node_names[i], node) && k < p->n_interfaces; k++) {
			const struct policy_interface *f = &p->interfaces[k];

			if (f->has_address && vrf_number(f->vrf) == vrf &&
			    (f->addr == addr || (f->n_secondaries && f->secondaries->addr == addr)))
				return true;
		}
	}
	return false;
}

static void
see_packet(void *arg, const struct sim_seen *seen)
{
	struct bench *b = arg;
	int vrf = said_vrf(seen->packet);

	if (vrf < 0)
		return;
	assert_in_range(vrf, 0, VRFS - 1);
	if (seen->what == SIM_ON_LINK) {
		if (vrf || seen->vlan) /* a cable itself is in the global table */
			assert_int_equal(seen->vlan, VLAN(vrf));
		b->seen++;
	} else {
		assert_int_equal(seen->vrf, vrf_number(vrf_names[vrf]));
		assert_true(has_there(b, seen->node, seen->vrf, packet_get32(seen->packet.p + 16)));
		b->taken++;
		b->errors += seen->packet.p[9] == PROTO_ICMP;
	}
}

static void
take_datagram(void *arg, const struct path *path, struct span dgram, msec now)
{
	struct bench *b = arg;

	(void)now;
	assert_true(dgram.n > 0);
	for (size_t i = 0; i < dgram.n; i++) /* put together of one VRF's fragments alone */
		assert_int_equal(dgram.p[i], dgram.p[0]);
	assert_int_equal(path->vrf, vrf_number(vrf_names[dgram.p[0]]));
	b->came++;
}

/* --- what runs -------------------------------------------------------------------------------- */

static struct policy_interface *
add_nic(struct box *x, const char *format, int number)
{
	size_t n = x->policy.n_interfaces++;

	assert_true(n < NICS);
	snprintf(x->names[n], sizeof(x->names[n]), format, number);
	x->nics[n] = (struct policy_interface){.name = x->names[n]};
	return &x->nics[n];
}

/* The same addresses in every VRF: 10.0.1.0/24 towards the left, 10.0.2.0/24 towards the right. */
static void
add_vrf(struct bench *b, struct box *x, int node, int vrf)
{
	static const uint32_t addrs[NODES][SIDES] = {
	    {0, IP(10, 0, 1, 1)}, {IP(10, 0, 1, 2), IP(10, 0, 2, 2)}, {IP(10, 0, 2, 3), 0}};
	struct policy_interface *f;

	for (int side = 0; side < SIDES; side++) {
		if (!addrs[node][side])
			continue;
		f = add_nic(x, side ? "FastEthernet0/1.%d" : "FastEthernet0/0.%d", VLAN(vrf));
		f->vlan = VLAN(vrf);
		f->vrf = vrf_names[vrf];
		f->has_address = any_of(b, 8) > 0;
		f->addr = addrs[node][side];
		f->len = 24;
		f->mtu = any_of(b, 3) ? 0 : 600;
		if (!any_of(b, 4)) {
			f->n_secondaries = 1;
			f->secondaries = &x->secondary;
		}
	}
	f = add_nic(x, "Loopback%d", vrf);
	f->vrf = vrf_names[vrf];
	f->has_address = any_of(b, 4) > 0;
	f->addr = IP(192, 168, node + 1, 1);
	f->len = any_of(b, 2) ? 32 : 24;
}

/*
 * A route of a table: by a next hop, which all VRFs have, or straight out of any interface, which
 * may well be another VRF's. What leads from the global table into a VRF is taken, as IOS does, so
 * it is not tried here; nor is `global`.
 */
static void
add_route(struct bench *b, struct box *x, int vrf)
{
	struct policy_route *r = &x->routes[x->policy.n_routes];
	const struct policy_interface *f = &x->nics[any_of(b, (uint32_t)x->policy.n_interfaces)];

	*r = (struct policy_route){
	    .to = {pool[any_of(b, ARRAY_SIZE(pool))], any_of(b, 3) ? 24 : (uint8_t)any_of(b, 33)},
	    .via = pool[any_of(b, 7)],
	    .vrf = vrf_names[vrf],
	    .distance = 1 + (uint8_t)any_of(b, 2)};
	r->to.addr &= prefix_mask(r->to.len);
	if (!any_of(b, 3) && (vrf || !f->vrf)) {
		r->interface = f->name;
		r->via = any_of(b, 2) ? r->via : 0;
	}
	x->policy.n_routes++;
}

static void
run_policy(struct bench *b, int node)
{
	struct box *x = x_alloc(sizeof(*x));

	x->policy = (struct policy){.ip_routing = true,
	                            .interfaces = x->nics,
	                            .routes = x->routes,
	                            .n_vrfs = ARRAY_SIZE(vrfs) - (any_of(b, 8) == 0),
	                            .vrfs = vrfs};
	x->secondary = (struct policy_address){IP(10, 0, 1, 129), 25};
	add_nic(x, "FastEthernet0/%d", 0);
	add_nic(x, "FastEthernet0/%d", 1);
	for (int vrf = 0; vrf < VRFS; vrf++)
		if (any_of(b, 10)) /* else its interfaces are gone */
			add_vrf(b, x, node, vrf);
	for (int vrf = 0; vrf < VRFS; vrf++)
		for (uint32_t i = any_of(b, ROUTES_MAX + 1); i; i--)
			add_route(b, x, vrf);
	assert_int_equal(b->hosts[node]->ops->apply(b->hosts[node], &x->policy), 0);
	free(b->retired[node]);
	b->retired[node] = b->boxes[node];
	b->boxes[node] = x;
}

static void
begin_bench(struct bench *b, uint64_t seed)
{
	*b = (struct bench){.random = seed};
	b->sim = sim_new(seed, 1700000000000);
	for (int i = 0; i < NODES; i++)
		b->hosts[i] =
		    sim_node_add(b->sim, node_names[i],
		                 &(struct host_events){.datagram = take_datagram, .arg = b});
	assert_int_equal(sim_link_add(b->sim, "left", 3), 0);
	assert_int_equal(sim_link_add(b->sim, "right", 5), 0);
	assert_int_equal(sim_link_attach(b->sim, "left", "A", "FastEthernet0/1"), 0);
	assert_int_equal(sim_link_attach(b->sim, "left", "B", "FastEthernet0/0"), 0);
	assert_int_equal(sim_link_attach(b->sim, "right", "B", "FastEthernet0/1"), 0);
	assert_int_equal(sim_link_attach(b->sim, "right", "C", "FastEthernet0/0"), 0);
	sim_watch(b->sim, see_packet, b);
	for (int i = 0; i < NODES; i++)
		run_policy(b, i);
}

static void
end_bench(struct bench *b)
{
	sim_free(b->sim);
	for (int i = 0; i < NODES; i++) {
		free(b->boxes[i]);
		free(b->retired[i]);
	}
}

/* --- packets ---------------------------------------------------------------------------------- */

static void
send_datagram(struct bench *b)
{
	static const size_t sizes[] = {1, 40, 700, 2400};
	uint32_t vrf = any_of(b, VRFS);
	uint8_t dgram[2400];
	size_t n = sizes[any_of(b, ARRAY_SIZE(sizes))];
	struct host *h = b->hosts[any_of(b, NODES)];
	struct path path = {.remote = pool[any_of(b, ARRAY_SIZE(pool))],
	                    .local_port = PORT(vrf),
	                    .remote_port = any_of(b, 3) ? GDOI_PORT : 9,
	                    .vrf = vrf_number(vrf_names[vrf])};

	memset(dgram, (int)vrf, n);
	h->ops->send(h, &path, SPAN(dgram, n));
}

/* A fragment that nobody sent, with the same addresses and number in every VRF. */
static void
inject_fragment(struct bench *b)
{
	uint32_t vrf = any_of(b, VRFS), part = any_of(b, 3), at = part * 64;
	uint8_t p[IP4_HEADER + 64];
	struct ip4 h = {.header = IP4_HEADER,
	                .ttl = 9,
	                .proto = PROTO_UDP,
	                .total = sizeof(p),
	                .id = 7,
	                .offset = (uint16_t)at,
	                .mf = part < 2,
	                .src = IP(10, 0, 1, 77),
	                .dst = pool[any_of(b, 9)]};

	memset(p, (int)vrf, sizeof(p));
	if (!part) {
		packet_put16(p + IP4_HEADER, PORT(vrf));
		packet_put16(p + IP4_HEADER + 2, GDOI_PORT);
		packet_put16(p + IP4_HEADER + 4, 3 * 64);
		packet_put16(p + IP4_HEADER + 6, 0);
	}
	ip4_write(p, &h);
	sim_frame_inject(b->sim, any_of(b, 2) ? "left" : "right", NULL, VLAN(vrf),
	                 SPAN(p, sizeof(p)));
}

static void
play_round(struct bench *b)
{
	for (int i = 0; i < 40; i++) {
		if (any_of(b, 3))
			send_datagram(b);
		else
			inject_fragment(b);
		if (!any_of(b, 6)) /* while packets are on their way */
			run_policy(b, (int)any_of(b, NODES));
		if (!any_of(b, 3))
			sim_run_until(b->sim, sim_now(b->sim) + any_of(b, 9));
	}
	sim_run_until(b->sim, sim_now(b->sim) + SECONDS(1));
}

static void
nothing_crosses(void **state)
{
	size_t seen = 0, came = 0, errors = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 300; seed++) {
		struct bench b;

		begin_bench(&b, seed);
		for (int round = 0; round < 4; round++)
			play_round(&b);
		seen += b.seen;
		came += b.came;
		errors += b.errors;
		end_bench(&b);
	}
	/* It was no silence that was watched. */
	assert_true(seen > 10000 && came > 1000 && errors > 100);
}

/* --- on purpose ------------------------------------------------------------------------------- */

/*
 * `global`: a route of a VRF to a next hop of the global table, and one back into the VRF, which
 * somebody has typed. Without the word it leads nowhere.
 */
static void
global_leads_out(void **state)
{
	static const struct policy_interface left[] = {
	    {.name = "FastEthernet0/1", .has_address = true, .addr = IP(10, 0, 1, 1), .len = 24},
	    {.name = "Loopback1",
	     .has_address = true,
	     .addr = IP(192, 168, 1, 1),
	     .len = 32,
	     .vrf = "Red"}};
	static const struct policy_interface right[] = {
	    {.name = "FastEthernet0/0", .has_address = true, .addr = IP(10, 0, 1, 2), .len = 24},
	    {.name = "Loopback0", .has_address = true, .addr = IP(172, 16, 0, 1), .len = 32}};
	struct policy_route out[] = {
	    {.to = {IP(172, 16, 0, 1), 32}, .via = IP(10, 0, 1, 2), .vrf = "Red", .global = true},
	    {.to = {IP(192, 168, 1, 1), 32}, .interface = "Loopback1"}};
	static const struct policy_route back[] = {
	    {.to = {IP(192, 168, 1, 1), 32}, .via = IP(10, 0, 1, 1)}};
	struct policy a = {.ip_routing = true,
	                   .n_interfaces = 2,
	                   .interfaces = left,
	                   .n_routes = 2,
	                   .routes = out,
	                   .n_vrfs = 1,
	                   .vrfs = vrfs};
	struct policy c = {.ip_routing = true,
	                   .n_interfaces = 2,
	                   .interfaces = right,
	                   .n_routes = 1,
	                   .routes = back};
	uint32_t red = vrf_number("Red");
	struct bench b = {.random = 1};
	struct path path = {.local = IP(192, 168, 1, 1),
	                    .remote = IP(172, 16, 0, 1),
	                    .local_port = PORT(0),
	                    .remote_port = GDOI_PORT,
	                    .vrf = red};

	(void)state;
	b.sim = sim_new(1, 0);
	b.hosts[0] = sim_node_add(b.sim, "A", &(struct host_events){.arg = &b});
	b.hosts[1] =
	    sim_node_add(b.sim, "B", &(struct host_events){.datagram = take_datagram, .arg = &b});
	sim_link_add(b.sim, "left", 3);
	sim_link_attach(b.sim, "left", "A", "FastEthernet0/1");
	sim_link_attach(b.sim, "left", "B", "FastEthernet0/0");
	b.hosts[0]->ops->apply(b.hosts[0], &a);
	b.hosts[1]->ops->apply(b.hosts[1], &c);
	b.hosts[0]->ops->send(b.hosts[0], &path, SPAN("\0", 1));
	sim_run_until(b.sim, 100);
	assert_int_equal(b.came, 1);
	out[0].global = false;
	b.hosts[0]->ops->apply(b.hosts[0], &a);
	assert_int_not_equal(b.hosts[0]->ops->send(b.hosts[0], &path, SPAN("\0", 1)), 0);
	sim_run_until(b.sim, 200);
	assert_int_equal(b.came, 1);
	sim_free(b.sim);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_crosses),
	    cmocka_unit_test(global_leads_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
