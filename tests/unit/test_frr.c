/* SPDX-License-Identifier: Apache-2.0 */
/* Routing of a configuration in the words of FRR: text in, FRR's text and lacks out. */
#define _DEFAULT_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/compile/compile.h"
#include "compiler/frr/frr.h"
#include "compiler/session/script.h"

static void
fail_refused(void *arg, const struct script_refusal *r)
{
	(void)arg;
	fail_msg("line %u \"%s\": %s", r->line, r->text, r->message);
}

static const char *
device_of(void *arg, const char *interface)
{
	static char device[16];
	const char *slash = strrchr(interface, '/');

	(void)arg;
	if (policy_names_loopback(interface))
		return "lo";
	if (strncmp(interface, "Serial", 6) == 0)
		return NULL; /* there is none here */
	snprintf(device, sizeof(device), "eth%s", slash + 1);
	return device;
}

static void
note_lack(void *arg, const struct frr_lack *lack)
{
	text_printf(arg, "%d %u %s: %s\n", (int)lack->place, lack->number,
	            lack->name ? lack->name : "-", lack->what);
}

/* The text, without its first lines; and all that is lacking. */
static void
render_all(const char *config, struct text *ret_frr, struct text *ret_lacks, unsigned *ret_daemons)
{
	static const char head[] = "frr defaults traditional\nno zebra nexthop kernel enable\n"
				   "ip nht resolve-via-default\n";
	const struct compile_facts facts = {.kind = &compile_router, .default_hostname = "R"};
	struct session_setup setup = {.tree = tree_new(), .name = "Router"};
	const struct frr_options o = {.device = device_of, .lacks = note_lack, .arg = ret_lacks};
	struct text all = TEXT_INIT;
	struct diag_list diags;
	struct policy *p;

	diag_list_init(&diags);
	script_read(&setup, config, SCRIPT_TYPED, fail_refused, NULL);
	p = compile(setup.tree, &facts, &diags);
	frr_render(p, &o, &all);
	*ret_daemons = frr_daemons(p);
	assert_memory_equal(text_string(&all), head, strlen(head));
	text_puts(ret_frr, text_string(&all) + strlen(head));
	text_fini(&all);
	policy_free(p);
	diag_list_fini(&diags);
	tree_free(setup.tree);
}

static void
expect_frr(const char *config, const char *frr, const char *lacks)
{
	struct text text = TEXT_INIT, said = TEXT_INIT;
	unsigned daemons;

	render_all(config, &text, &said, &daemons);
	assert_string_equal(text_string(&text), frr);
	assert_string_equal(text_string(&said), lacks);
	text_fini(&text);
	text_fini(&said);
}

#define INTERFACES                                                                                 \
	"interface Loopback0\n"                                                                    \
	" ip address 1.1.1.1 255.255.255.255\n"                                                    \
	"interface FastEthernet0/0\n"                                                              \
	" ip address 10.1.12.1 255.255.255.0\n"

#define OSPF_HEAD                                                                                  \
	"router ospf\n ospf router-id 1.1.1.1\n log-adjacency-changes\n"                           \
	" compatible rfc1583\n maximum-paths 4\n"                                                  \
	" distance ospf intra-area 110 inter-area 110 external 110\n"

#define OSPF_LINK                                                                                  \
	" ip ospf network broadcast\n ip ospf hello-interval 10\n ip ospf dead-interval 40\n"

/* --- OSPF ------------------------------------------------------------------------------------- */

static void
test_ospf(void **state)
{
	(void)state;
	expect_frr(INTERFACES "router ospf 1\n"
	                      " network 1.1.1.1 0.0.0.0 area 0\n"
	                      " network 10.0.0.0 0.255.255.255 area 3\n"
	                      " area 3 stub no-summary\n"
	                      " default-information originate\n",
	           "interface lo\n"
	           " ip ospf area 0 1.1.1.1\n"
	           " ip ospf cost 1 1.1.1.1\n"
	           "exit\n"
	           "interface eth0\n"
	           " ip ospf area 3\n"
	           " ip ospf cost 1\n" OSPF_LINK " ip ospf authentication null\n"
	           "exit\n" OSPF_HEAD " area 3 stub no-summary\n"
	           " default-information originate metric 1 metric-type 2\n"
	           "exit\n",
	           "");
}

/* A key that FRR cannot have: the interface says nothing, rather than without it. */
static void
test_ospf_keys(void **state)
{
	(void)state;
	expect_frr("interface FastEthernet0/0\n"
	           " ip address 10.1.12.1 255.255.255.0\n"
	           " ip ospf authentication message-digest\n"
	           " ip ospf message-digest-key 7 md5 Hush\n"
	           "interface FastEthernet0/1\n"
	           " ip address 10.1.13.1 255.255.255.0\n"
	           " ip ospf authentication\n"
	           " ip ospf authentication-key MuchTooLong\n"
	           "router ospf 1\n"
	           " router-id 1.1.1.1\n"
	           " network 10.0.0.0 0.255.255.255 area 0\n",
	           "interface eth0\n ip ospf area 0\n ip ospf cost 1\n" OSPF_LINK
	           " ip ospf authentication message-digest\n"
	           " ip ospf message-digest-key 7 md5 Hush\n"
	           "exit\n"
	           "interface eth1\n ip ospf area 0\n ip ospf cost 1\n" OSPF_LINK
	           " ip ospf authentication\n"
	           " ip ospf passive\n"
	           "exit\n" OSPF_HEAD "exit\n",
	           "5 0 FastEthernet0/1: this key of OSPF: the interface is passive\n");
}

/* Without `subnets` networks by class alone; what comes from RIP is RIP's interfaces, too. */
static void
test_redistribute(void **state)
{
	(void)state;
	expect_frr(
	    INTERFACES "interface FastEthernet0/1\n"
		       " ip address 172.16.1.1 255.255.255.0\n"
		       "ip route 10.9.0.0 255.255.0.0 10.1.12.2\n"
		       "router ospf 1\n"
		       " network 10.0.0.0 0.255.255.255 area 0\n"
		       " redistribute static\n"
		       " redistribute rip metric 7 subnets tag 5\n"
		       "router rip\n"
		       " version 2\n"
		       " no auto-summary\n"
		       " network 172.16.0.0\n",
	    "ip prefix-list testudo:classful seq 5 permit 0.0.0.0/1 ge 8 le 8\n"
	    "ip prefix-list testudo:classful seq 10 permit 128.0.0.0/2 ge 16 le 16\n"
	    "ip prefix-list testudo:classful seq 15 permit 192.0.0.0/3 ge 24 le 24\n"
	    "route-map testudo:ospf-1-from-static permit 1\n"
	    " match ip address prefix-list testudo:classful\n"
	    " on-match goto 3\n"
	    "exit\n"
	    "route-map testudo:ospf-1-from-static permit 2\n"
	    " on-match goto 4\n"
	    "exit\n"
	    "route-map testudo:ospf-1-from-static permit 3\n"
	    "exit\n"
	    "route-map testudo:ospf-1-from-static deny 4\n"
	    "exit\n"
	    "route-map testudo:ospf-1-from-rip permit 1\n"
	    " set tag 5\n"
	    "exit\n"
	    "route-map testudo:ospf-1-from-rip deny 2\n"
	    "exit\n"
	    "ip prefix-list testudo:rip-0 seq 1 permit 172.16.1.0/24\n"
	    "route-map testudo:ospf-1-from-connected permit 1\n"
	    " match ip address prefix-list testudo:rip-0\n"
	    " on-match goto 3\n"
	    "exit\n"
	    "route-map testudo:ospf-1-from-connected permit 2\n"
	    " on-match goto 4\n"
	    "exit\n"
	    "route-map testudo:ospf-1-from-connected permit 3\n"
	    " set metric 7\n"
	    " set metric-type type-2\n"
	    " set tag 5\n"
	    "exit\n"
	    "route-map testudo:ospf-1-from-connected deny 4\n"
	    "exit\n"
	    "ip route 10.9.0.0/16 10.1.12.2 1\n"
	    "interface lo\n"
	    "exit\n"
	    "interface eth0\n ip ospf area 0\n ip ospf cost 1\n" OSPF_LINK
	    " ip ospf authentication null\n"
	    "exit\n"
	    "interface eth1\n"
	    "exit\n" OSPF_HEAD
	    " redistribute static metric 20 metric-type 2 route-map testudo:ospf-1-from-static\n"
	    " redistribute rip metric 7 metric-type 2 route-map testudo:ospf-1-from-rip\n"
	    " redistribute connected route-map testudo:ospf-1-from-connected\n"
	    "exit\n"
	    "router rip\n version 2\n timers basic 30 180 60\n distance 120\n allow-ecmp\n"
	    " network 172.16.1.0/24\n"
	    "exit\n",
	    "");
}

/* --- filters ---------------------------------------------------------------------------------- */

#define PORTS_LIST                                                                                 \
	"ip access-list extended PORTS\n"                                                          \
	" permit tcp any any eq 80\n"

/*
 * An access list no entry of which concerns routes lets none pass, as IOS has it: FRR would take it
 * for none. A list that does not exist lets all pass; a route map, which FRR has not for RIP, none.
 */
static void
test_filters_of_rip(void **state)
{
	(void)state;
	expect_frr("interface FastEthernet0/0\n"
	           " ip address 10.1.12.1 255.255.255.0\n" PORTS_LIST "router rip\n"
	           " version 2\n"
	           " no auto-summary\n"
	           " network 10.0.0.0\n"
	           " distribute-list PORTS in\n"
	           " distribute-list NOWHERE in FastEthernet0/0\n"
	           " distribute-list route-map NONE out\n",
	           "access-list PORTS seq 1 deny ip any any\n"
	           "access-list testudo:none seq 1 deny any\n"
	           "interface eth0\nexit\n"
	           "router rip\n version 2\n timers basic 30 180 60\n distance 120\n allow-ecmp\n"
	           " network 10.1.12.0/24\n"
	           " distribute-list PORTS in\n"
	           " distribute-list testudo:none out\n"
	           "exit\n",
	           "2 0 -: a distribute-list of a route map: no route passes\n");
}

static void
expect_line(const char *config, const char *line, const char *lacks)
{
	struct text frr = TEXT_INIT, said = TEXT_INIT;
	unsigned daemons;

	render_all(config, &frr, &said, &daemons);
	if (!strstr(text_string(&frr), line))
		fail_msg("no \"%s\" in:\n%s", line, text_string(&frr));
	assert_string_equal(text_string(&said), lacks);
	text_fini(&frr);
	text_fini(&said);
}

/* Likewise of the others; what EIGRP cannot filter it does not redistribute. */
static void
test_filters_of_others(void **state)
{
	static const char denied[] = "access-list PORTS seq 1 deny ip any any\n";

	(void)state;
	expect_line(INTERFACES PORTS_LIST "router ospf 1\n distribute-list PORTS in\n", denied, "");
	expect_line(INTERFACES PORTS_LIST "router ospf 1\n redistribute static subnets\n"
	                                  " distribute-list PORTS out\n",
	            denied, "");
	expect_line(INTERFACES PORTS_LIST "router bgp 65001\n neighbor 10.1.12.2 remote-as 65002\n"
	                                  " neighbor 10.1.12.2 distribute-list PORTS out\n",
	            denied, "");
	expect_line(INTERFACES PORTS_LIST "router eigrp 7\n no auto-summary\n"
	                                  " distribute-list PORTS in\n",
	            "ip protocol eigrp route-map testudo:eigrp-in\n",
	            "1 7 -: distribute-lists of EIGRP: they keep routes out of the table here, and "
	            "neighbors are told all\n");
	expect_line(
	    INTERFACES "router eigrp 7\n no auto-summary\n"
		       " redistribute static route-map NONE\n",
	    " maximum-paths 4\nexit\n",
	    "1 7 -: a route map, or a filter, of what EIGRP redistributes from static: nothing "
	    "is told of it\n");
	expect_line(
	    INTERFACES "access-list 7 permit 10.0.0.0\n"
		       "route-map M permit 10\n match ip address 7\n"
		       "router eigrp 7\n no auto-summary\n"
		       " redistribute static route-map M\n",
	    " maximum-paths 4\nexit\n",
	    "1 7 -: a route map, or a filter, of what EIGRP redistributes from static: nothing "
	    "is told of it\n");
}

/* However many there are, all must hold; of more than FRR can number, none passes. */
static void
test_many_filters(void **state)
{
	struct text config = TEXT_INIT;

	(void)state;
	text_puts(&config, "access-list 7 permit 10.0.0.0\n");
	for (unsigned k = 0; k < 300; k++)
		text_printf(&config,
		            "interface FastEthernet0/%u\n ip address 10.%u.%u.1 255.255.255.0\n", k,
		            k / 200, k % 200);
	text_puts(&config, "router ospf 1\n");
	for (unsigned k = 0; k < 300; k++)
		text_printf(&config, " distribute-list 7 in FastEthernet0/%u\n", k);
	expect_line(text_string(&config),
	            "route-map testudo:ospf-in permit 599\n"
	            " match interface eth299\n"
	            " match ip address 7\n"
	            " on-match goto 601\n",
	            "");
	text_fini(&config);
}

/* FRR reads lines of 4095 octets: a name that IOS takes does not make two of one. */
static void
test_long_names(void **state)
{
	char name[201] = "", config[1200];

	(void)state;
	memset(name, '|', 200);
	snprintf(config, sizeof(config),
	         "interface FastEthernet0/0\n ip address 10.1.12.1 255.255.255.0\n"
	         "ip prefix-list X%s seq 5 permit 10.0.0.0/8\n"
	         "ip prefix-list Y%s seq 5 permit 11.0.0.0/8\n"
	         "router rip\n version 2\n no auto-summary\n"
	         " distribute-list prefix X%s in\n distribute-list prefix Y%s out\n",
	         name, name, name, name);
	expect_line(config, " distribute-list prefix testudo:long-1 out\n", "");
	expect_line(config, "ip prefix-list testudo:long-1 seq 5 permit 11.0.0.0/8\n", "");
}

static void
test_long_lines(void **state)
{
	struct text t = TEXT_INIT;

	(void)state;
	assert_int_equal(frr_line_too_long(""), 0);
	text_puts(&t, "a\n");
	for (int k = 0; k < 4094; k++)
		text_puts(&t, "x");
	text_puts(&t, "\nb\n");
	assert_int_equal(frr_line_too_long(text_string(&t)), 0);
	for (int k = 0; k < 4095; k++)
		text_puts(&t, "x");
	assert_int_equal(frr_line_too_long(text_string(&t)), 4);
	text_fini(&t);
}

/* --- route maps ------------------------------------------------------------------------------- */

/* Any of several lists, which FRR has one of: an entry for each. A name is one word. */
static void
test_route_map(void **state)
{
	(void)state;
	expect_frr(INTERFACES "ip prefix-list A seq 5 permit 10.0.0.0/8 ge 16 le 24\n"
	                      "ip prefix-list B|x seq 7 deny 10.1.0.0/16\n"
	                      "route-map M permit 10\n"
	                      " match ip address prefix-list A B|x\n"
	                      " match tag 3 4\n"
	                      " set metric 9\n"
	                      "route-map M deny 20\n"
	                      "router ospf 1\n"
	                      " redistribute connected subnets route-map M\n",
	           "ip prefix-list A seq 5 permit 10.0.0.0/8 ge 16 le 24\n"
	           "ip prefix-list B~7cx seq 7 deny 10.1.0.0/16\n"
	           "route-map M permit 1\n"
	           " match ip address prefix-list A\n"
	           " match tag 3\n"
	           " set metric 9\n"
	           "exit\n"
	           "route-map M permit 2\n"
	           " match ip address prefix-list B~7cx\n"
	           " match tag 3\n"
	           " set metric 9\n"
	           "exit\n"
	           "route-map M permit 3\n"
	           " match ip address prefix-list A\n"
	           " match tag 4\n"
	           " set metric 9\n"
	           "exit\n"
	           "route-map M permit 4\n"
	           " match ip address prefix-list B~7cx\n"
	           " match tag 4\n"
	           " set metric 9\n"
	           "exit\n"
	           "route-map M deny 5\n"
	           "exit\n"
	           "interface lo\nexit\ninterface eth0\nexit\n" OSPF_HEAD
	           " redistribute connected metric 20 metric-type 2 route-map M\n"
	           "exit\n",
	           "");
}

/* --- BGP -------------------------------------------------------------------------------------- */

static void
test_bgp(void **state)
{
	(void)state;
	expect_frr(INTERFACES "router bgp 65001\n"
	                      " neighbor 2.2.2.2 remote-as 65001\n"
	                      " neighbor 2.2.2.2 update-source Loopback0\n"
	                      " neighbor 2.2.2.2 next-hop-self\n"
	                      " neighbor 10.1.12.2 remote-as 65002\n"
	                      " neighbor 10.1.12.2 password Hush\n"
	                      " network 1.1.1.1 mask 255.255.255.255\n",
	           "interface lo\nexit\ninterface eth0\nexit\n"
	           "router bgp 65001\n"
	           " bgp router-id 1.1.1.1\n"
	           " no bgp ebgp-requires-policy\n"
	           " no bgp default ipv4-unicast\n"
	           " bgp network import-check\n"
	           " no bgp log-neighbor-changes\n"
	           " no bgp deterministic-med\n"
	           " timers bgp 60 180\n"
	           " neighbor 2.2.2.2 remote-as 65001\n"
	           " neighbor 2.2.2.2 update-source 1.1.1.1\n"
	           " neighbor 10.1.12.2 remote-as 65002\n"
	           " neighbor 10.1.12.2 password Hush\n"
	           " address-family ipv4 unicast\n"
	           "  maximum-paths 1\n"
	           "  maximum-paths ibgp 1\n"
	           "  distance bgp 20 200 200\n"
	           "  network 1.1.1.1/32\n"
	           "  neighbor 2.2.2.2 activate\n"
	           "  no neighbor 2.2.2.2 send-community all\n"
	           "  neighbor 2.2.2.2 next-hop-self\n"
	           "  neighbor 10.1.12.2 activate\n"
	           "  no neighbor 10.1.12.2 send-community all\n"
	           " exit-address-family\n"
	           "exit\n",
	           "");
}

/* The kernel signs with 80 octets: with a longer password there is no session, not one without. */
static void
test_bgp_long_password(void **state)
{
	char config[400], password[82] = "";

	(void)state;
	memset(password, 'p', 81);
	snprintf(config, sizeof(config),
	         INTERFACES "router bgp 65001\n neighbor 10.1.12.2 remote-as 65002\n"
	                    " neighbor 10.1.12.2 password %s\n",
	         password);
	expect_line(config, " neighbor 10.1.12.2 shutdown\n",
	            "3 65001 -: this password of neighbor 10.1.12.2: there is no session\n");
}

/* --- what is lacking -------------------------------------------------------------------------- */

static void
test_lacks(void **state)
{
	static const char config[] = "ip vrf RED\n"
				     "interface FastEthernet0/0\n"
				     " ip address 10.1.12.1 255.255.255.0\n"
				     "router ospf 1\n"
				     " network 10.0.0.0 0.255.255.255 area 0\n"
				     " area 5 nssa default-information-originate\n"
				     "router ospf 2\n"
				     "router ospf 3 vrf RED\n"
				     "router eigrp 7\n"
				     " no auto-summary\n"
				     " eigrp stub\n"
				     "router rip\n"
				     " version 2\n"
				     "router bgp 65001\n"
				     " redistribute ospf 1\n";
	struct text frr = TEXT_INIT, lacks = TEXT_INIT;
	unsigned daemons;

	(void)state;
	render_all(config, &frr, &lacks, &daemons);
	assert_string_equal(
	    text_string(&lacks),
	    "0 3 -: a process of a VRF\n"
	    "0 2 -: a second process of OSPF\n"
	    "0 1 -: metrics of what area 5 nssa tells: other areas are told 20\n"
	    "0 1 -: area 5 nssa: FRR tells it a default route of type 3 in any case\n"
	    "2 0 -: auto-summary of RIP: subnets are told as they are\n"
	    "1 7 -: eigrp stub: all routes are told\n"
	    "3 65001 -: telling internal routes of OSPF from external ones: all are taken\n");
	assert_int_equal(daemons, (1u << FRR_DAEMONS) - 1);
	text_fini(&frr);
	text_fini(&lacks);
}

/* --- from one configuration to another -------------------------------------------------------- */

static void
expect_change(const char *before, const char *after, const char *expected)
{
	struct text t = TEXT_INIT;

	frr_change(before, after, &t);
	assert_string_equal(text_string(&t), expected);
	text_fini(&t);
}

static void
test_change(void **state)
{
	static const char one[] = "ip route 10.0.0.0/8 10.1.1.2 1\n"
				  "interface eth0\n ip ospf area 0\n ip ospf cost 1\nexit\n"
				  "router ospf\n ospf router-id 1.1.1.1\n no log\nexit\n";
	static const char two[] = "interface eth0\n ip ospf area 0\n ip ospf cost 7\nexit\n"
				  "router ospf\n ospf router-id 1.1.1.1\n"
				  " redistribute static metric 20\nexit\n"
				  "router rip\n version 2\nexit\n";

	(void)state;
	expect_change(one, one, "");
	expect_change("", two, two);
	expect_change(one, two,
	              "no ip route 10.0.0.0/8 10.1.1.2 1\n"
	              "interface eth0\nno ip ospf cost 1\nexit\n"
	              "router ospf\nlog\nexit\n"
	              "interface eth0\n ip ospf cost 7\nexit\n"
	              "router ospf\n redistribute static metric 20\nexit\n"
	              "router rip\n version 2\nexit\n");
	expect_change(two, "",
	              "interface eth0\nno ip ospf area 0\nno ip ospf cost 7\nexit\n"
	              "no router ospf\nno router rip\n");
}

/* An entry of a route map is one thing; so is what is said of a neighbour with another system. */
static void
test_change_of_wholes(void **state)
{
	(void)state;
	expect_change("route-map M permit 1\n match tag 1\n set tag 2\nexit\n"
	              "route-map M deny 2\nexit\n",
	              "route-map M permit 1\n match tag 1\n set tag 3\nexit\n"
	              "route-map M deny 2\nexit\n",
	              "no route-map M permit 1\n"
	              "route-map M permit 1\n match tag 1\n set tag 3\nexit\n");
	expect_change("router bgp 1\n neighbor 10.0.0.2 remote-as 2\n"
	              " address-family ipv4 unicast\n  neighbor 10.0.0.2 activate\n"
	              " exit-address-family\nexit\n",
	              "router bgp 1\n neighbor 10.0.0.2 remote-as 3\n"
	              " address-family ipv4 unicast\n  neighbor 10.0.0.2 activate\n"
	              " exit-address-family\nexit\n",
	              "no router bgp 1\n"
	              "router bgp 1\n neighbor 10.0.0.2 remote-as 3\n"
	              " address-family ipv4 unicast\n  neighbor 10.0.0.2 activate\n"
	              " exit-address-family\nexit\n");
	expect_change("router bgp 1\n address-family ipv4 unicast\n  maximum-paths 1\n"
	              "  network 10.0.0.0/8\n exit-address-family\nexit\n",
	              "router bgp 1\n address-family ipv4 unicast\n  maximum-paths 2\n"
	              "  network 10.0.0.0/8\n exit-address-family\nexit\n",
	              "router bgp 1\n address-family ipv4 unicast\nno maximum-paths 1\n"
	              " exit-address-family\nexit\n"
	              "router bgp 1\n address-family ipv4 unicast\n  maximum-paths 2\n"
	              " exit-address-family\nexit\n");
}

/* What a machine's own FRR has already, outside of all parts, is not told, nor then taken back. */
static void
test_beside(void **state)
{
	struct text t = TEXT_INIT;

	(void)state;
	frr_beside(
	    "frr defaults traditional\nip nht resolve-via-default\nip route 10.0.0.0/8 Null0\n"
	    "interface eth0\n ip ospf cost 7\nexit\nrouter ospf\n network x\nexit\nlast\n",
	    "frr defaults datacenter\n!\nip nht resolve-via-default\ninterface eth0\n"
	    " ip ospf cost 7\nexit\n!\nrouter rip\n last\nexit\n!\nend\n",
	    &t);
	assert_string_equal(text_string(&t),
	                    "ip route 10.0.0.0/8 Null0\ninterface eth0\n ip ospf cost 7\nexit\n"
	                    "router ospf\n network x\nexit\nlast\n");
	text_fini(&t);
}

/* What both have is a machine's own. */
static void
test_clash(void **state)
{
	static const char own[] = "interface eth0\nexit\n!\nrouter rip\n version 2\nexit\n!\n"
				  "ip prefix-list A seq 5 permit any\n";
	static const struct {
		const char *text;
		size_t n;
	} rows[] = {{"interface eth0\n ip ospf cost 7\nexit\nrouter ospf\nexit\n", 0},
	            {"router ospf\nexit\nrouter rip\nexit\n", 10},
	            {"ip prefix-list AB seq 5 permit any\n", 0},
	            {"ip prefix-list A seq 7 permit any\n", 16}};

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(rows); k++)
		assert_int_equal(frr_clash(rows[k].text, own).n, rows[k].n);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_ospf),
	    cmocka_unit_test(test_ospf_keys),
	    cmocka_unit_test(test_redistribute),
	    cmocka_unit_test(test_route_map),
	    cmocka_unit_test(test_bgp),
	    cmocka_unit_test(test_lacks),
	    cmocka_unit_test(test_many_filters),
	    cmocka_unit_test(test_long_names),
	    cmocka_unit_test(test_beside),
	    cmocka_unit_test(test_clash),
	    cmocka_unit_test(test_long_lines),
	    cmocka_unit_test(test_bgp_long_password),
	    cmocka_unit_test(test_filters_of_rip),
	    cmocka_unit_test(test_filters_of_others),
	    cmocka_unit_test(test_change),
	    cmocka_unit_test(test_change_of_wholes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
