/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Multicast over routers of the virtual network: trees carry packets, lists, firewalls, VRFs and
 * the time to live count. S sends, L listens, A and B (or a firewall F) route between them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/compile/compile.h"
#include "compiler/device/device_kind.h"
#include "compiler/policy/protocol.h"
#include "compiler/session/script.h"
#include "runtime/crypto/random.h"
#include "runtime/host/sim/sim.h"
#include "runtime/packet/packet.h"

#define IP(a, b, c, d) ((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))
#define GROUP          IP(239, 1, 1, 1)
#define LISTENER       IP(10, 2, 0, 9)

enum { S, A, B, L, NODES };
static const char *const names[NODES] = {"S", "A", "B", "L"};

struct world {
	struct sim *sim;
	struct host *hosts[NODES];
	struct policy *policies[NODES];
	unsigned on_last; /* packets to the group on the listener's link */
	uint8_t ttl;      /* of the last of them */
};

static void
on_timer(void *arg, msec now)
{
	(void)arg;
	(void)now;
}

static void
on_seen(void *arg, const struct sim_seen *seen)
{
	struct world *w = arg;

	if (seen->what != SIM_ON_LINK || strcmp(seen->link, "last") != 0 ||
	    packet_get32(seen->packet.p + 16) != GROUP)
		return;
	w->on_last++;
	w->ttl = seen->packet.p[8];
}

static void
fail_refused(void *arg, const struct script_refusal *r)
{
	(void)arg;
	fail_msg("line %u \"%s\": %s", r->line, r->text, r->message);
}

/* What is wrong with it is not looked at. */
static void
configure_node(struct world *w, size_t node, const struct device_kind *kind, const char *text)
{
	struct session_setup setup = {.tree = tree_new_in(kind->config), .name = names[node]};
	const struct compile_facts facts = {.kind = kind->compile, .default_hostname = names[node]};
	struct policy *before = w->policies[node];
	struct diag_list diags;

	script_read(&setup, text, SCRIPT_TYPED, fail_refused, NULL);
	diag_list_init(&diags);
	w->policies[node] = compile(setup.tree, &facts, &diags);
	diag_list_fini(&diags);
	tree_free(setup.tree);
	assert_int_equal(w->hosts[node]->ops->apply(w->hosts[node], w->policies[node]), 0);
	policy_free(before);
	sim_run_until(w->sim, sim_now(w->sim) + SECONDS(1));
}

static void
link_nodes(struct world *w, const char *link, int from, const char *out, int to, const char *in)
{
	assert_int_equal(sim_link_add(w->sim, link, 1), 0);
	assert_int_equal(sim_link_attach(w->sim, link, names[from], out), 0);
	assert_int_equal(sim_link_attach(w->sim, link, names[to], in), 0);
}

static void
end_world(struct world *w)
{
	sim_free(w->sim);
	for (size_t k = 0; k < NODES; k++)
		policy_free(w->policies[k]);
	free(w);
}

#define ROUTER_A                                                                                   \
	"ip multicast-routing\n"                                                                   \
	"interface FastEthernet0/0\n"                                                              \
	" ip address 10.1.0.1 255.255.255.0\n"                                                     \
	" ip pim dense-mode\n"                                                                     \
	" no shutdown\n"                                                                           \
	"interface FastEthernet0/1\n"                                                              \
	" ip address 10.0.12.1 255.255.255.0\n"                                                    \
	" ip pim dense-mode\n"                                                                     \
	" no shutdown\n"                                                                           \
	"ip route 10.2.0.0 255.255.255.0 10.0.12.2\n"
#define ROUTER_B(more)                                                                             \
	"ip access-list extended NO_CAST\n"                                                        \
	" deny ip any host 239.1.1.1\n"                                                            \
	" permit ip any any\n"                                                                     \
	"ip multicast-routing\n"                                                                   \
	"interface FastEthernet0/0\n"                                                              \
	" ip address 10.0.12.2 255.255.255.0\n"                                                    \
	" ip pim dense-mode\n"                                                                     \
	" no shutdown\n"                                                                           \
	"interface FastEthernet0/1\n"                                                              \
	" ip address 10.2.0.2 255.255.255.0\n"                                                     \
	" ip pim dense-mode\n"                                                                     \
	" no shutdown\n" more "ip route 10.1.0.0 255.255.255.0 10.0.12.1\n"

/*
 * S --first-- A --core-- B --last-- L. Routers A and B route multicast; L joins as a router that is
 * configured to.
 */
static struct world *
begin_world(const struct device_kind *kind, const char *b)
{
	struct world *w = x_alloc(sizeof(*w));

	w->sim = sim_new(1, 0);
	for (size_t k = 0; k < NODES; k++)
		w->hosts[k] = sim_node_add(w->sim, names[k],
		                           &(struct host_events){.timer = on_timer, .arg = w});
	sim_watch(w->sim, on_seen, w);
	link_nodes(w, "first", S, "FastEthernet0/0", A, "FastEthernet0/0");
	if (kind == &device_router) {
		link_nodes(w, "core", A, "FastEthernet0/1", B, "FastEthernet0/0");
		link_nodes(w, "last", B, "FastEthernet0/1", L, "FastEthernet0/0");
	} else {
		link_nodes(w, "core", A, "FastEthernet0/1", B, "GigabitEthernet0/0");
		link_nodes(w, "last", B, "GigabitEthernet0/1", L, "FastEthernet0/0");
	}
	configure_node(w, S, &device_router,
	               "interface FastEthernet0/0\n"
	               " ip address 10.1.0.9 255.255.255.0\n"
	               " no shutdown\n"
	               "ip route 0.0.0.0 0.0.0.0 10.1.0.1\n");
	configure_node(w, A, &device_router, ROUTER_A);
	configure_node(w, B, kind, b);
	configure_node(w, L, &device_router,
	               "interface FastEthernet0/0\n"
	               " ip address 10.2.0.9 255.255.255.0\n"
	               " ip igmp join-group 239.1.1.1\n"
	               " no shutdown\n"
	               "ip route 0.0.0.0 0.0.0.0 10.2.0.2\n");
	sim_run_until(w->sim, sim_now(w->sim) + SECONDS(10));
	return w;
}

/* A packet of S to the group: how many of it come to the listener's link. */
static unsigned
send_packet(struct world *w, uint8_t ttl)
{
	uint8_t bytes[IP4_HEADER + 8] = {0};
	struct ip4 h = {.header = IP4_HEADER,
	                .total = sizeof(bytes),
	                .ttl = ttl,
	                .proto = PROTO_UDP,
	                .src = IP(10, 1, 0, 9),
	                .dst = GROUP};

	ip4_write(bytes, &h);
	packet_put16(bytes + IP4_HEADER + 2, 5000);
	packet_put16(bytes + IP4_HEADER + 4, 8);
	w->on_last = 0;
	assert_int_equal(sim_packet_send(w->sim, "S", SPAN(bytes, sizeof(bytes))), 0);
	sim_run_until(w->sim, sim_now(w->sim) + SECONDS(1));
	return w->on_last;
}

static void
on_echo(void *arg, const struct echo_answer *answer)
{
	*(struct echo_answer *)arg = *answer;
}

static void
a_packet_goes_along_the_tree(void **state)
{
	struct world *w = begin_world(&device_router, ROUTER_B(""));
	struct echo_answer answer = {.result = ECHO_SEND_FAILED};
	struct echo_request r = {
	    .dst = GROUP, .size = 100, .timeout = SECONDS(2), .done = on_echo, .arg = &answer};

	(void)state;
	assert_int_equal(send_packet(w, 64), 1);
	assert_int_equal(w->ttl, 62);
	assert_int_equal(send_packet(w, 3), 1);
	assert_int_equal(send_packet(w, 2), 0);
	/* who has joined by configuration answers */
	assert_int_equal(w->hosts[S]->ops->echo(w->hosts[S], &r), 0);
	sim_run_until(w->sim, sim_now(w->sim) + SECONDS(3));
	assert_int_equal(answer.result, ECHO_REPLY);
	assert_int_equal(answer.from, LISTENER);
	/* nobody listens any more */
	configure_node(w, L, &device_router,
	               "interface FastEthernet0/0\n"
	               " ip address 10.2.0.9 255.255.255.0\n"
	               " no shutdown\n");
	assert_int_equal(send_packet(w, 64), 0);
	end_world(w);
}

static void
a_list_on_the_way_out(void **state)
{
	struct world *w = begin_world(&device_router, ROUTER_B(" ip access-group NO_CAST out\n"));

	(void)state;
	assert_int_equal(send_packet(w, 64), 0);
	configure_node(w, B, &device_router, ROUTER_B(""));
	sim_run_until(w->sim, sim_now(w->sim) + SECONDS(10));
	assert_int_equal(send_packet(w, 64), 1);
	end_world(w);
}

/* What comes in elsewhere than RPF has it goes nowhere. */
static void
a_packet_from_the_wrong_side(void **state)
{
	struct world *w = begin_world(&device_router, ROUTER_B(""));
	uint8_t bytes[IP4_HEADER + 8] = {0};
	struct ip4 h = {.header = IP4_HEADER,
	                .total = sizeof(bytes),
	                .ttl = 64,
	                .proto = PROTO_UDP,
	                .src = IP(10, 2, 0, 77),
	                .dst = GROUP};

	(void)state;
	ip4_write(bytes, &h);
	w->on_last = 0;
	assert_int_equal(sim_packet_inject(w->sim, "core", "B", SPAN(bytes, sizeof(bytes))), 0);
	sim_run_until(w->sim, sim_now(w->sim) + SECONDS(1));
	assert_int_equal(w->on_last, 0);
	end_world(w);
}

/* A router that is not told to route multicast ends it. */
static void
a_router_without_multicast(void **state)
{
	struct world *w = begin_world(&device_router, ROUTER_B("no ip multicast-routing\n"));

	(void)state;
	assert_int_equal(send_packet(w, 64), 0);
	end_world(w);
}

#define IN_RED(nic, addr)                                                                          \
	"interface " nic "\n"                                                                      \
	" ip vrf forwarding RED\n"                                                                 \
	" ip address " addr " 255.255.255.0\n"                                                     \
	" ip pim sparse-mode\n"                                                                    \
	" no shutdown\n"

/* A table of its own has its own trees; the global one does not route multicast. */
static void
in_a_vrf(void **state)
{
	struct world *w = begin_world(&device_router, ROUTER_B(""));

	(void)state;
	configure_node(w, A, &device_router,
	               "ip vrf RED\n"
	               "ip multicast-routing vrf RED\n"
	               "ip pim vrf RED rp-address 10.0.12.1\n" IN_RED("FastEthernet0/0", "10.1.0.1")
	                   IN_RED("FastEthernet0/1", "10.0.12.1"));
	configure_node(w, B, &device_router,
	               "ip vrf RED\n"
	               "ip multicast-routing vrf RED\n"
	               "ip pim vrf RED rp-address 10.0.12.1\n" IN_RED(
			   "FastEthernet0/0", "10.0.12.2") IN_RED("FastEthernet0/1", "10.2.0.2"));
	sim_run_until(w->sim, sim_now(w->sim) + SECONDS(10));
	/* B has no way back to the source: packets come by the RP's tree */
	assert_int_equal(send_packet(w, 64), 1);
	configure_node(w, B, &device_router,
	               "ip vrf RED\n"
	               "ip multicast-routing\n"
	               "ip pim vrf RED rp-address 10.0.12.1\n" IN_RED(
			   "FastEthernet0/0", "10.0.12.2") IN_RED("FastEthernet0/1", "10.2.0.2"));
	sim_run_until(w->sim, sim_now(w->sim) + SECONDS(10));
	assert_int_equal(send_packet(w, 64), 0);
	end_world(w);
}

#define FIREWALL(in, out, more)                                                                    \
	"multicast-routing\n"                                                                      \
	"access-list CAST extended permit udp any host 239.1.1.1\n"                                \
	"interface GigabitEthernet0/0\n"                                                           \
	" nameif core\n"                                                                           \
	" security-level " in "\n"                                                                 \
	" ip address 10.0.12.2 255.255.255.0\n"                                                    \
	" no shutdown\n"                                                                           \
	"interface GigabitEthernet0/1\n"                                                           \
	" nameif last\n"                                                                           \
	" security-level " out "\n"                                                                \
	" ip address 10.2.0.2 255.255.255.0\n"                                                     \
	" no shutdown\n"                                                                           \
	"pim rp-address 10.0.12.1\n"                                                               \
	"route core 10.1.0.0 255.255.255.0 10.0.12.1\n" more

/* Its levels and lists decide about each branch; it leaves the time to live alone. */
static void
a_firewall_on_the_way(void **state)
{
	struct world *w = begin_world(&device_firewall, FIREWALL("100", "0", ""));

	(void)state;
	configure_node(w, A, &device_router,
	               "ip pim rp-address 10.0.12.1\n" ROUTER_A "interface FastEthernet0/0\n"
	               " ip pim sparse-mode\n"
	               "interface FastEthernet0/1\n"
	               " ip pim sparse-mode\n");
	sim_run_until(w->sim, sim_now(w->sim) + SECONDS(10));
	assert_int_equal(send_packet(w, 64), 1);
	assert_int_equal(w->ttl, 63);
	configure_node(w, B, &device_firewall, FIREWALL("0", "100", ""));
	sim_run_until(w->sim, sim_now(w->sim) + SECONDS(10));
	assert_int_equal(send_packet(w, 64), 0);
	configure_node(w, B, &device_firewall,
	               FIREWALL("0", "100", "access-group CAST in interface core\n"));
	sim_run_until(w->sim, sim_now(w->sim) + SECONDS(10));
	assert_int_equal(send_packet(w, 64), 1);
	end_world(w);
}

/* What a firewall lets out by one branch is no leave to go out by another. */
static void
multicast_makes_no_connection(void **state)
{
	struct world *w = begin_world(&device_firewall, FIREWALL("100", "0", ""));
	struct arena *a = arena_new();
	size_t n;

	(void)state;
	configure_node(w, A, &device_router,
	               "ip pim rp-address 10.0.12.1\n" ROUTER_A "interface FastEthernet0/0\n"
	               " ip pim sparse-mode\n"
	               "interface FastEthernet0/1\n"
	               " ip pim sparse-mode\n");
	sim_run_until(w->sim, sim_now(w->sim) + SECONDS(10));
	assert_int_equal(send_packet(w, 64), 1);
	w->hosts[B]->ops->filter_conns(w->hosts[B], a, &n);
	assert_int_equal(n, 0);
	arena_free(a);
	end_world(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_packet_goes_along_the_tree),
	    cmocka_unit_test(a_list_on_the_way_out),
	    cmocka_unit_test(a_packet_from_the_wrong_side),
	    cmocka_unit_test(a_router_without_multicast),
	    cmocka_unit_test(in_a_vrf),
	    cmocka_unit_test(a_firewall_on_the_way),
	    cmocka_unit_test(multicast_makes_no_connection),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
