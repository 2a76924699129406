/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Labels in the virtual network: packets of two customers with one address plan cross a core, and
 * never meet, whatever labels somebody puts on a link.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mpls_net.h"
#include "runtime/base/path.h"
#include "runtime/host/sim/sim.h"
#include "runtime/packet/label.h"
#include "runtime/packet/packet.h"

struct world {
	struct sim *sim;
	struct host *hosts[CORE_NODES];
	struct policy *policies[CORE_NODES], *retired[CORE_NODES];
	struct text seen;         /* "PE1 17/254 18/254\n" for each packet with labels */
	size_t taken[CORE_NODES]; /* packets that a node has taken for itself */
	uint64_t random;
	char log[4096];
};

static void
on_timer(void *arg, msec now)
{
	(void)arg;
	(void)now;
}

static void
on_log(void *arg, const struct log_record *r)
{
	struct world *w = arg;
	size_t n = strlen(w->log);

	if (strstr(r->text, "%LDP"))
		snprintf(w->log + n, sizeof(w->log) - n, "%s\n", r->text);
}

static void
on_seen(void *arg, const struct sim_seen *seen)
{
	struct world *w = arg;
	struct label l;

	for (size_t k = 0; seen->what == SIM_TAKEN && k < CORE_NODES; k++)
		w->taken[k] += strcmp(seen->node, core_names[k]) == 0;
	if (!seen->labels.n)
		return;
	text_puts(&w->seen, seen->node);
	for (size_t at = 0; at < seen->labels.n; at += LABEL_SIZE) {
		assert_true(label_get(SPAN(seen->labels.p + at, LABEL_SIZE), &l));
		assert_int_equal(l.bottom, at + LABEL_SIZE == seen->labels.n);
		text_printf(&w->seen, " %u/%u", l.value, l.ttl);
	}
	text_puts(&w->seen, "\n");
}

static void
world_type(struct world *w, int node, const char *more)
{
	policy_free(w->retired[node]);
	w->retired[node] = w->policies[node];
	w->policies[node] = core_compile(core_names[node], core_configs[node], more);
	assert_int_equal(w->hosts[node]->ops->apply(w->hosts[node], w->policies[node]), 0);
}

static struct world *
world_new(const char *const more[CORE_NODES])
{
	struct world *w = x_alloc(sizeof(*w));

	w->sim = sim_new(1, 0);
	for (size_t k = 0; k < CORE_NODES; k++)
		w->hosts[k] = sim_node_add(
		    w->sim, core_names[k],
		    &(struct host_events){.timer = on_timer, .log = {on_log, w, NULL}, .arg = w});
	for (size_t k = 0; k < ARRAY_SIZE(core_links); k++) {
		const struct core_link *l = &core_links[k];
		char name[8];

		snprintf(name, sizeof(name), "link%zu", k);
		assert_int_equal(sim_link_add(w->sim, name, 1), 0);
		sim_link_attach(w->sim, name, core_names[l->a], l->nic_a);
		sim_link_attach(w->sim, name, core_names[l->b], l->nic_b);
	}
	for (int k = 0; k < CORE_NODES; k++)
		world_type(w, k, more ? more[k] : NULL);
	sim_run_until(w->sim, SECONDS(120));
	sim_watch(w->sim, on_seen, w);
	return w;
}

static void
world_free(struct world *w)
{
	sim_free(w->sim);
	for (size_t k = 0; k < CORE_NODES; k++) {
		policy_free(w->policies[k]);
		policy_free(w->retired[k]);
	}
	text_fini(&w->seen);
	free(w);
}

static void
on_answer(void *arg, const struct echo_answer *answer)
{
	*(struct echo_answer *)arg = *answer;
}

struct ping {
	int node;
	uint32_t src, dst;
	uint16_t size;
	uint8_t ttl;
	bool df;
	const char *vrf;
};

static struct echo_answer
world_ping(struct world *w, struct ping p)
{
	struct echo_answer answer = {.result = ECHO_TIMEOUT};
	const struct echo_request r = {.dst = p.dst,
	                               .src = p.src,
	                               .size = p.size ? p.size : 100,
	                               .ttl = p.ttl,
	                               .df = p.df,
	                               .timeout = 500,
	                               .vrf = vrf_number(p.vrf),
	                               .done = on_answer,
	                               .arg = &answer};

	text_clear(&w->seen);
	w->hosts[p.node]->ops->echo(w->hosts[p.node], &r);
	sim_run_until(w->sim, sim_now(w->sim) + 1000);
	return answer;
}

#define LEFT  IP(192, 168, 1, 1)
#define RIGHT IP(192, 168, 3, 1)

/* RFC 4364 5: two labels, the outer one gone before the last router; each customer for itself. */
static void
rfc4364_5_forwarding(void **state)
{
	struct world *w = world_new(NULL);

	(void)state;
	assert_int_equal(world_ping(w, (struct ping){.node = A1, .src = LEFT, .dst = RIGHT}).result,
	                 ECHO_REPLY);
	assert_string_equal(text_string(&w->seen), "PE1 17/254 18/254\nP 18/253\n"
	                                           "PE2 16/254 18/254\nP 18/253\n");
	assert_int_equal(w->taken[A2], 1);
	assert_int_equal(w->taken[B2], 0);
	assert_int_equal(world_ping(w, (struct ping){.node = B1, .src = LEFT, .dst = RIGHT}).result,
	                 ECHO_REPLY);
	assert_string_equal(text_string(&w->seen), "PE1 17/254 19/254\nP 19/253\n"
	                                           "PE2 16/254 19/254\nP 19/253\n");
	assert_int_equal(w->taken[A2], 1);
	assert_int_equal(w->taken[B2], 1);
	/* The edges' own, and what is the core's alone. */
	assert_int_equal(world_ping(w, (struct ping){.node = PE1, .dst = RIGHT, .vrf = "B"}).result,
	                 ECHO_REPLY);
	assert_int_equal(w->taken[B2], 2);
	assert_int_equal(world_ping(w, (struct ping){.node = PE1, .dst = RIGHT}).result,
	                 ECHO_SEND_FAILED);
	assert_int_not_equal(
	    world_ping(w, (struct ping){.node = A1, .src = LEFT, .dst = IP(10, 255, 0, 3)}).result,
	    ECHO_REPLY);
	assert_int_equal(
	    world_ping(
		w, (struct ping){.node = PE1, .src = IP(10, 255, 0, 1), .dst = IP(10, 255, 0, 3)})
		.result,
	    ECHO_REPLY);
	assert_string_equal(text_string(&w->seen), "PE1 17/255\nPE2 16/255\n");
	assert_non_null(strstr(w->log, "%LDP-5-NBRCHG: LDP Neighbor 10.255.0.2:0 (1) is UP"));
	world_free(w);
}

/* RFC 3443 3.1: hops count through the core; a router there answers along the labels. */
static void
rfc3443_3_1_time_to_live(void **state)
{
	static const uint32_t hops[] = {IP(172, 16, 1, 1), IP(10, 0, 1, 2), IP(172, 16, 3, 1),
	                                RIGHT};
	static const char *const hidden[CORE_NODES] = {
	    [PE1] = "no mpls ip propagate-ttl\n", [PE2] = "no mpls ip propagate-ttl\n"};
	struct world *w = world_new(NULL);

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(hops); k++) {
		struct echo_answer a = world_ping(
		    w,
		    (struct ping){.node = A1, .src = LEFT, .dst = RIGHT, .ttl = (uint8_t)(k + 1)});

		assert_int_equal(a.result, k + 1 < ARRAY_SIZE(hops) ? ECHO_TTL : ECHO_REPLY);
		assert_int_equal(a.from, hops[k]);
	}
	world_free(w);
	w = world_new(hidden);
	assert_int_equal(
	    world_ping(w, (struct ping){.node = A1, .src = LEFT, .dst = RIGHT, .ttl = 2}).from,
	    IP(172, 16, 3, 1));
	world_free(w);
}

/* What labels make too long for the core is cut, or refused; `mpls mtu` makes room. */
static void
test_sizes(void **state)
{
	static const char *const wide[CORE_NODES] = {
	    [PE1] = "interface f0/0\n mpls mtu 1508\n",
	    [P] = "interface f0/0\n mpls mtu 1508\ninterface f0/1\n mpls mtu 1508\n",
	    [PE2] = "interface f0/0\n mpls mtu 1508\n"};
	struct world *w = world_new(NULL);
	struct ping p = {.node = A1, .src = LEFT, .dst = RIGHT, .size = 1500, .df = true};
	struct echo_answer a = world_ping(w, p);

	(void)state;
	assert_int_equal(a.result, ECHO_TOO_BIG);
	assert_int_equal(a.from, IP(172, 16, 1, 1));
	p.size = 1492;
	assert_int_equal(world_ping(w, p).result, ECHO_REPLY);
	p.size = 1500;
	p.df = false;
	assert_int_equal(world_ping(w, p).result, ECHO_REPLY);
	world_free(w);
	w = world_new(wide);
	p.df = true;
	assert_int_equal(world_ping(w, p).result, ECHO_REPLY);
	world_free(w);
}

/* Without a label at each hop there is no way for a VPN, and no other one is taken. */
static void
test_no_path(void **state)
{
	struct world *w = world_new(NULL);

	(void)state;
	world_type(w, P, "interface f0/1\n no mpls ip\n");
	sim_run_until(w->sim, sim_now(w->sim) + SECONDS(60));
	assert_int_equal(world_ping(w, (struct ping){.node = A1, .src = LEFT, .dst = RIGHT}).result,
	                 ECHO_SEND_FAILED);
	assert_string_equal(text_string(&w->seen), "");
	world_type(w, P, NULL);
	sim_run_until(w->sim, sim_now(w->sim) + SECONDS(60));
	assert_int_equal(world_ping(w, (struct ping){.node = A1, .src = LEFT, .dst = RIGHT}).result,
	                 ECHO_REPLY);
	world_free(w);
}

/* A VRF that all may use: A and B meet its address at the edge, and not each other. */
static void
test_shared_vrf(void **state)
{
#define TAKES(vrf, process)                                                                        \
	"vrf definition " vrf "\n address-family ipv4\n  route-target import 65000:9\n"            \
	"  route-target export 65000:" process "\n"
	static const char *const more[CORE_NODES] = {
	    [PE1] = TAKES("A", "91") "vrf definition S\n rd 65000:9\n address-family ipv4\n"
				     "  route-target export 65000:9\n"
				     "  route-target import 65000:91\n"
				     "interface Loopback9\n vrf forwarding S\n"
				     " ip address 9.9.9.9 255.255.255.255\n"
				     "router bgp 65000\n address-family ipv4 vrf S\n"
				     "  redistribute connected\n"};
	struct world *w = world_new(more);

	(void)state;
	assert_int_equal(
	    world_ping(w, (struct ping){.node = A1, .src = LEFT, .dst = IP(9, 9, 9, 9)}).result,
	    ECHO_REPLY);
	assert_int_not_equal(
	    world_ping(w, (struct ping){.node = B1, .src = LEFT, .dst = IP(9, 9, 9, 9)}).result,
	    ECHO_REPLY);
	world_free(w);
}

/* --- what nobody should have sent ------------------------------------------------------------- */

static uint32_t
any_of(struct world *w, uint32_t n)
{
	w->random = w->random * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(w->random >> 33) % n;
}

/* Labels before an echo request from one customer's address to another's. */
static struct span
frame_make(uint8_t *to, const struct label *labels, size_t n, uint32_t dst)
{
	struct ip4 h = {.header = IP4_HEADER,
	                .ttl = 64,
	                .proto = PROTO_ICMP,
	                .total = IP4_HEADER + 8,
	                .src = LEFT,
	                .dst = dst};
	uint8_t *p = to + n * LABEL_SIZE, icmp[8] = {8};

	for (size_t k = 0; k < n; k++)
		label_put(to + k * LABEL_SIZE, &labels[k]);
	ip4_write(p, &h);
	packet_put16(icmp + 2, ip4_checksum(0, SPAN(icmp, sizeof(icmp))));
	memcpy(p + IP4_HEADER, icmp, sizeof(icmp));
	return SPAN(to, n * LABEL_SIZE + h.total);
}

static size_t
taken_after(struct world *w, const char *link, int to, struct span frame, int node)
{
	size_t before = w->taken[node];

	assert_int_equal(sim_labels_inject(w->sim, link, core_names[to], frame), 0);
	sim_run_until(w->sim, sim_now(w->sim) + 100);
	return w->taken[node] - before;
}

static void
test_untrusted(void **state)
{
	struct world *w = world_new(NULL);
	const struct label a = {.value = 18, .bottom = true, .ttl = 9};
	const struct label above[] = {{.value = 18, .ttl = 9}, a};
	uint8_t bytes[64];
	struct span frame = frame_make(bytes, &a, 1, RIGHT);

	(void)state;
	/* PE2's label of A's network, from the core: A's, and nobody else's. */
	assert_int_equal(taken_after(w, "link1", PE2, frame, A2), 1);
	assert_int_equal(w->taken[B2], 0);
	/* The same from the customers: LDP does not run there. */
	assert_int_equal(taken_after(w, "link4", PE2, frame, A2), 0);
	assert_int_equal(taken_after(w, "link5", PE2, frame, A2), 0);
	assert_int_equal(taken_after(w, "link0", P, frame, A2), 0);
	/* A VRF's label has nothing but a packet below it. */
	frame = frame_make(bytes, above, 2, RIGHT);
	assert_int_equal(taken_after(w, "link1", PE2, frame, A2), 0);
	/* No bottom, half an entry, no packet. */
	frame = frame_make(bytes, above, 1, RIGHT);
	assert_int_equal(taken_after(w, "link1", PE2, frame, A2), 0);
	frame = frame_make(bytes, &a, 1, RIGHT);
	for (size_t n = 0; n < frame.n; n++) {
		uint8_t *exact = x_memdup(frame.p, n + 1);

		assert_int_equal(taken_after(w, "link1", PE2, SPAN(exact, n), A2), 0);
		free(exact);
	}
	/* What is below never gets into another VRF, nor into the core's own table. */
	frame = frame_make(bytes, &a, 1, IP(10, 255, 0, 3));
	assert_int_equal(taken_after(w, "link1", PE2, frame, PE2), 0);
	world_free(w);
}

/* Any labels, anywhere: B's network never sees what carries a label of A's alone. */
static void
test_leaks(void **state)
{
	struct world *w = world_new(NULL);
	uint8_t bytes[64];

	(void)state;
	for (int round = 0; round < 3000; round++) {
		size_t n = 1 + any_of(w, 3), link = any_of(w, ARRAY_SIZE(core_links));
		struct label labels[3];
		char name[8];
		size_t b = w->taken[B1] + w->taken[B2];
		bool says_b = false;

		for (size_t k = 0; k < n; k++) {
			labels[k] =
			    (struct label){.value = any_of(w, 24),
			                   .bottom = k + 1 == n ? any_of(w, 9) : !any_of(w, 9),
			                   .ttl = (uint8_t)any_of(w, 5)};
			/* 17 and 19 are labels of B's at both edges */
			says_b |= labels[k].value == 17 || labels[k].value == 19;
		}
		snprintf(name, sizeof(name), "link%u", (unsigned)link % 10);
		sim_labels_inject(w->sim, name, NULL,
		                  frame_make(bytes, labels, n, any_of(w, 2) ? RIGHT : LEFT));
		sim_run_until(w->sim, sim_now(w->sim) + 30);
		if (!says_b)
			assert_int_equal(w->taken[B1] + w->taken[B2], b);
	}
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rfc4364_5_forwarding), cmocka_unit_test(rfc3443_3_1_time_to_live),
	    cmocka_unit_test(test_sizes),           cmocka_unit_test(test_no_path),
	    cmocka_unit_test(test_shared_vrf),      cmocka_unit_test(test_untrusted),
	    cmocka_unit_test(test_leaks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
