/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A provider's core for tests: two customers with one address plan.
 *
 *   A1 --- PE1 --- P --- PE2 --- A2        OSPF 1 in the core; loopbacks 10.255.0.N
 *   B1 ---/                 \--- B2        at the customers 192.168.N.0/24, in both the same
 */
#ifndef TESTUDO_MPLS_NET_H
#define TESTUDO_MPLS_NET_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/base/text.h"
#include "compiler/compile/compile.h"
#include "compiler/session/script.h"

#define IP(a, b, c, d) ((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))

enum { PE1, P, PE2, A1, A2, B1, B2, CORE_NODES };

static const char *const core_names[CORE_NODES] = {"PE1", "P", "PE2", "A1", "A2", "B1", "B2"};

#define CORE_VRF(name, rd)                                                                         \
	"vrf definition " name "\n rd 65000:" rd "\n address-family ipv4\n"                        \
	"  route-target export 65000:" rd "\n  route-target import 65000:" rd "\n"

#define CORE_EDGE(own, other, sites)                                                               \
	CORE_VRF("A", "1")                                                                         \
	CORE_VRF("B", "2")                                                                         \
	"interface Loopback0\n ip address 10.255.0." own " 255.255.255.255\n"                      \
	"interface FastEthernet0/0\n ip address 10.0." own "." own " 255.255.255.0\n mpls ip\n"    \
	"interface FastEthernet1/0\n vrf forwarding A\n"                                           \
	" ip address 172.16." own ".1 255.255.255.0\n"                                             \
	"interface FastEthernet1/1\n vrf forwarding B\n"                                           \
	" ip address 172.16." own ".1 255.255.255.0\n"                                             \
	"router ospf 1\n network 10.0.0.0 0.255.255.255 area 0\n"                                  \
	"router bgp 65000\n"                                                                       \
	" neighbor 10.255.0." other " remote-as 65000\n"                                           \
	" neighbor 10.255.0." other " update-source Loopback0\n"                                   \
	" address-family vpnv4\n"                                                                  \
	"  neighbor 10.255.0." other " activate\n"                                                 \
	"  neighbor 10.255.0." other " send-community extended\n" sites

/* Both processes of an edge would take the same address as their identifier. */
#define CORE_OSPF(own)                                                                             \
	" address-family ipv4 vrf A\n  redistribute ospf 11\n"                                     \
	" address-family ipv4 vrf B\n  redistribute ospf 12\n"                                     \
	"router ospf 11 vrf A\n router-id 11.0.0." own "\n redistribute bgp 65000 subnets\n"       \
	" network 172.16.0.0 0.0.255.255 area 0\n"                                                 \
	"router ospf 12 vrf B\n router-id 12.0.0." own "\n redistribute bgp 65000 subnets\n"       \
	" network 172.16.0.0 0.0.255.255 area 0\n"

#define CORE_P                                                                                     \
	"interface Loopback0\n ip address 10.255.0.2 255.255.255.255\n"                            \
	"interface FastEthernet0/0\n ip address 10.0.1.2 255.255.255.0\n mpls ip\n"                \
	"interface FastEthernet0/1\n ip address 10.0.3.2 255.255.255.0\n mpls ip\n"                \
	"router ospf 1\n network 10.0.0.0 0.255.255.255 area 0\n"

#define CORE_SITE(edge)                                                                            \
	"interface FastEthernet0/0\n ip address 172.16." edge ".2 255.255.255.0\n"                 \
	"interface Loopback0\n ip address 192.168." edge ".1 255.255.255.0\n"                      \
	" ip ospf network point-to-point\n"                                                        \
	"router ospf 1\n network 0.0.0.0 255.255.255.255 area 0\n"

static const char *const core_configs[CORE_NODES] = {[PE1] = CORE_EDGE("1", "3", CORE_OSPF("1")),
                                                     [P] = CORE_P,
                                                     [PE2] = CORE_EDGE("3", "1", CORE_OSPF("3")),
                                                     [A1] = CORE_SITE("1"),
                                                     [A2] = CORE_SITE("3"),
                                                     [B1] = CORE_SITE("1"),
                                                     [B2] = CORE_SITE("3")};

/* Cables: nodes and interfaces of both ends. */
static const struct core_link {
	int a;
	const char *nic_a;
	int b;
	const char *nic_b;
} core_links[] = {{PE1, "FastEthernet0/0", P, "FastEthernet0/0"},
                  {P, "FastEthernet0/1", PE2, "FastEthernet0/0"},
                  {PE1, "FastEthernet1/0", A1, "FastEthernet0/0"},
                  {PE1, "FastEthernet1/1", B1, "FastEthernet0/0"},
                  {PE2, "FastEthernet1/0", A2, "FastEthernet0/0"},
                  {PE2, "FastEthernet1/1", B2, "FastEthernet0/0"}};

static inline void
core_refused(void *arg, const struct script_refusal *r)
{
	(void)arg;
	fail_msg("line %u \"%s\": %s", r->line, r->text, r->message);
}

/* `more` is typed behind the text; NULL: nothing. */
static inline struct policy *
core_compile(const char *name, const char *text, const char *more)
{
	struct session_setup setup = {.tree = tree_new(), .name = name};
	const struct compile_facts facts = {.kind = &compile_router, .default_hostname = name};
	struct diag_list diags;
	struct policy *p;

	script_read(&setup, text, SCRIPT_TYPED, core_refused, NULL);
	if (more)
		script_read(&setup, more, SCRIPT_TYPED, core_refused, NULL);
	diag_list_init(&diags);
	p = compile(setup.tree, &facts, &diags);
	diag_list_fini(&diags);
	tree_free(setup.tree);
	return p;
}

#endif
