/* SPDX-License-Identifier: Apache-2.0 */
/* The layouts of `show`, from hand-made snapshots to the text on the screen, byte for byte. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

#include "cli/shell/pipe.h"
#include "cli/show/show.h"
#include "compiler/base/clock.h"

#define A(a, b, c, d) ((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))

#define EXPECT(t, golden)                                                                          \
	do {                                                                                       \
		assert_string_equal(text_string(&(t)), golden);                                    \
		text_fini(&(t));                                                                   \
	} while (0)

static const struct snap_entry entries[] = {
    {{.proto = 17, .sport = 848, .dport = 848}, 1},
    {{.permit = true,
      .src = A(192, 168, 0, 0),
      .src_mask = 0xffff0000,
      .dst = A(192, 168, 0, 0),
      .dst_mask = 0xffff0000},
     1},
};

static const struct snap_tek teks[] = {{.sa = 1,
                                        .sends = true,
                                        .spi = 0xB8841F0F,
                                        .suite = {CIPHER_3DES, HASH_SHA1},
                                        .lifetime = 3600,
                                        .remaining = 2375,
                                        .elapsed = 1225,
                                        .window = 64,
                                        .profile = "GET_PRO",
                                        .acl_name = "LAN_LIST"}};

static const struct snap_member members[] = {
    {.addr = A(10, 1, 23, 3), .server = A(10, 1, 12, 1), .registrations = 1},
    {.addr = A(10, 1, 24, 4), .server = A(10, 1, 12, 1), .registrations = 1},
};

static const struct snap_group server = {.name = "GET_VPN",
                                         .id = {GROUP_ID_NUMBER, 134},
                                         .local = true,
                                         .kek = {.present = true,
                                                 .cipher = CIPHER_3DES,
                                                 .sig_hash = HASH_SHA1,
                                                 .sig_bits = 1024,
                                                 .lifetime = 86400,
                                                 .remaining = 82712,
                                                 .unicast = true},
                                         .n_teks = 1,
                                         .teks = teks,
                                         .n_entries = 2,
                                         .entries = entries,
                                         .n_members = 2,
                                         .members = members};

static const struct policy_sa server_sa = {.number = 1,
                                           .profile = "GET_PRO",
                                           .acl_name = "LAN_LIST",
                                           .suite = {CIPHER_3DES, HASH_SHA1},
                                           .lifetime = 3600,
                                           .window = 64};

static const struct policy_group server_policy = {.name = "GET_VPN",
                                                  .id = {GROUP_ID_NUMBER, 134},
                                                  .local = true,
                                                  .server = {.addr = A(10, 1, 12, 1),
                                                             .rekey = {.configured = true,
                                                                       .rsa_label = "GET_KEY",
                                                                       .unicast = true,
                                                                       .lifetime = 86400,
                                                                       .retransmit_period = 10,
                                                                       .retransmit_number = 2},
                                                             .n_sas = 1,
                                                             .sas = &server_sa}};

static const uint8_t rekey_key[162] = {0x30, 0x81, 0x9f, 0x30};

static const struct snap_group member = {.name = "GET_VPN",
                                         .id = {GROUP_ID_NUMBER, 134},
                                         .applied = true,
                                         .kek = {.present = true,
                                                 .cipher = CIPHER_3DES,
                                                 .sig_hash = HASH_SHA1,
                                                 .sig_bits = 1024,
                                                 .lifetime = 86400,
                                                 .remaining = 86258,
                                                 .unicast = true,
                                                 .conn_id = 1002,
                                                 .public_key = SPAN(rekey_key, sizeof(rekey_key))},
                                         .n_teks = 1,
                                         .teks = teks,
                                         .n_entries = 2,
                                         .entries = entries,
                                         .registration = SNAP_REGISTERED,
                                         .server = A(10, 1, 12, 1),
                                         .local_addr = A(10, 1, 23, 3),
                                         .reregister = 3137,
                                         .attempts = 1,
                                         .successes = 1};

static const struct policy_group_interface on = {
    .name = "FastEthernet0/0", .map = "CMAP", .seq = 10, .local_addr = A(10, 1, 23, 3)};

static const struct policy_group member_policy = {.name = "GET_VPN",
                                                  .id = {GROUP_ID_NUMBER, 134},
                                                  .n_servers = 1,
                                                  .servers = {A(10, 1, 12, 1)},
                                                  .n_interfaces = 1,
                                                  .interfaces = &on};

static void
test_gdoi_server(void **state)
{
	struct text t = TEXT_INIT;

	(void)state;
	show_gdoi_group(&t, &server, &server_policy, LAYOUT_CLASSIC);
	EXPECT(t, "    Group Name               : GET_VPN (Unicast)\n"
	          "    Group Identity           : 134\n"
	          "    Group Members            : 2\n"
	          "    IPSec SA Direction       : Both\n"
	          "    Active Group Server      : Local\n"
	          "    Group Rekey Lifetime     : 86400 secs\n"
	          "    Group Rekey\n"
	          "        Remaining Lifetime   : 82712 secs\n"
	          "    Rekey Retransmit Period  : 10 secs\n"
	          "    Rekey Retransmit Attempts: 2\n"
	          "    Group Retransmit\n"
	          "        Remaining Lifetime   : 0 secs\n"
	          "\n"
	          "      IPSec SA Number        : 1\n"
	          "      IPSec SA Rekey Lifetime: 3600 secs\n"
	          "      Profile Name           : GET_PRO\n"
	          "      Replay method          : Count Based\n"
	          "      Replay Window Size     : 64\n"
	          "      SA Rekey\n"
	          "         Remaining Lifetime  : 2375 secs\n"
	          "      ACL Configured         : access-list LAN_LIST\n"
	          "\n"
	          "     Group Server list       : Local\n");
	show_gdoi_ks_acl(&t, &server);
	EXPECT(t, "Group Name: GET_VPN\n"
	          " Configured ACL:\n"
	          "   access-list LAN_LIST  deny udp any port = 848 any port = 848\n"
	          "   access-list LAN_LIST  permit ip 192.168.0.0 0.0.255.255 192.168.0.0 "
	          "0.0.255.255\n"
	          "\n");
}

static void
test_gdoi_member(void **state)
{
	struct text t = TEXT_INIT;

	(void)state;
	show_gdoi_group(&t, &member, &member_policy, LAYOUT_XE);
	EXPECT(t, "    Group Name               : GET_VPN\n"
	          "    Group Identity           : 134\n"
	          "    Group Type               : GDOI (ISAKMP)\n"
	          "    Crypto Path              : ipv4\n"
	          "    Key Management Path      : ipv4\n"
	          "    Rekeys received          : 0\n"
	          "    IPSec SA Direction       : Both\n"
	          "\n"
	          "     Group Server list       : 10.1.12.1\n"
	          "\n"
	          "Group Member Information For Group GET_VPN:\n"
	          "    IPSec SA Direction       : Both\n"
	          "    ACL Received From KS     : gdoi_group_GET_VPN_temp_acl\n"
	          "\n"
	          "    Group member             : 10.1.23.3       vrf: None\n"
	          "       Local addr/port       : 10.1.23.3/848\n"
	          "       Remote addr/port      : 10.1.12.1/848\n"
	          "       fvrf/ivrf             : None/None\n"
	          "       Version               : 1.0.0\n"
	          "       Registration status   : Registered\n"
	          "       Registered with       : 10.1.12.1\n"
	          "       Re-registers in       : 3137 sec\n"
	          "       Succeeded registration: 1\n"
	          "       Attempted registration: 1\n"
	          "       Last rekey from       : 0.0.0.0\n"
	          "       Last rekey seq num    : 0\n"
	          "       Unicast rekey received: 0\n"
	          "       Rekey ACKs sent       : 0\n"
	          "       Rekey Received        : never\n"
	          "       PFS Rekey received    : 0\n"
	          "       DP Error Monitoring   : OFF\n"
	          "       IPSEC init reg executed    : 0\n"
	          "       IPSEC init reg postponed   : 0\n"
	          "       Active TEK Number     : 1\n"
	          "       SA Track (OID/status) : disabled\n"
	          "       Fail-Close Revert : Disabled\n"
	          "\n"
	          "       allowable rekey cipher: any\n"
	          "       allowable rekey hash  : any\n"
	          "       allowable transformtag: any ESP\n"
	          "\n"
	          "    Rekeys cumulative\n"
	          "       Total received        : 0\n"
	          "       After latest register : 0\n"
	          "       Rekey Acks sents      : 0\n"
	          "\n"
	          " ACL Downloaded From KS 10.1.12.1:\n"
	          "   access-list   deny udp any port = 848 any port = 848\n"
	          "   access-list   permit ip 192.168.0.0 0.0.255.255 192.168.0.0 0.0.255.255\n"
	          "\n"
	          "KEK POLICY:\n"
	          "    Rekey Transport Type     : Unicast\n"
	          "    Lifetime (secs)          : 86258\n"
	          "    Encrypt Algorithm        : 3DES\n"
	          "    Key Size                 : 192\n"
	          "    Sig Hash Algorithm       : HMAC_AUTH_SHA\n"
	          "    Sig Key Length (bits)    : 1296\n"
	          "\n"
	          "TEK POLICY for the current KS-Policy ACEs Downloaded:\n"
	          "  FastEthernet0/0:\n"
	          "    IPsec SA:\n"
	          "        spi: 0xB8841F0F(3095666447)\n"
	          "        transform: esp-3des esp-sha-hmac\n"
	          "        sa timing:remaining key lifetime (sec): (2375)\n"
	          "        Anti-Replay(Counter Based) : 64\n"
	          "        tag method : disabled\n"
	          "        alg key size: 24 (bytes)\n"
	          "        sig key size: 20 (bytes)\n"
	          "        encaps: ENCAPS_TUNNEL\n"
	          "\n"
	          "\n"
	          "KGS POLICY:\n"
	          "  REG_GM: local_addr 10.1.23.3\n"
	          "\n"
	          "P2P POLICY:\n"
	          "  REG_GM: local_addr 10.1.23.3\n");
}

static void
test_isakmp(void **state)
{
	const struct snap_isakmp sas[] = {{.dst = A(10, 1, 12, 1),
	                                   .src = A(10, 1, 23, 3),
	                                   .state = SNAP_GDOI_IDLE,
	                                   .conn_id = 1006,
	                                   .active = true},
	                                  {.dst = A(10, 1, 12, 1),
	                                   .src = A(10, 1, 24, 4),
	                                   .state = SNAP_MM_NO_STATE,
	                                   .conn_id = 1007}};
	const struct policy_isakmp policy = {10, CIPHER_DES, HASH_SHA1, ISAKMP_AUTH_PSK, 1, 86400};
	const struct policy p = {.n_isakmp = 1, .isakmp = &policy};
	struct text t = TEXT_INIT;

	(void)state;
	show_isakmp_sa(&t, sas, 2, LAYOUT_CLASSIC);
	EXPECT(t, "IPv4 Crypto ISAKMP SA\n"
	          "dst             src             state          conn-id slot status\n"
	          "10.1.12.1       10.1.23.3       GDOI_IDLE         1006    0 ACTIVE\n"
	          "10.1.12.1       10.1.24.4       MM_NO_STATE       1007    0 ACTIVE (deleted)\n"
	          "\n"
	          "IPv6 Crypto ISAKMP SA\n"
	          "\n");
	show_isakmp_policy(&t, &p);
	EXPECT(t, "\n"
	          "Global IKE policy\n"
	          "Protection suite of priority 10\n"
	          "\tencryption algorithm:\tDES - Data Encryption Standard (56 bit keys).\n"
	          "\thash algorithm:\t\tSecure Hash Standard\n"
	          "\tauthentication method:\tPre-Shared Key\n"
	          "\tDiffie-Hellman group:\t#1 (768 bit)\n"
	          "\tlifetime:\t\t86400 seconds, no volume limit\n"
	          "Default protection suite\n"
	          "\tencryption algorithm:\tDES - Data Encryption Standard (56 bit keys).\n"
	          "\thash algorithm:\t\tSecure Hash Standard\n"
	          "\tauthentication method:\tRivest-Shamir-Adleman Signature\n"
	          "\tDiffie-Hellman group:\t#1 (768 bit)\n"
	          "\tlifetime:\t\t86400 seconds, no volume limit\n");
}

/* What no policy has is shown as nothing, and not looked for. */
static void
test_isakmp_unknown(void **state)
{
	const struct policy_isakmp odd = {.number = 7, .group = 7, .lifetime = 60};
	const struct policy p = {.n_isakmp = 1, .isakmp = &odd};
	struct text t = TEXT_INIT;

	(void)state;
	show_isakmp_policy(&t, &p);
	assert_non_null(strstr(text_string(&t), "\thash algorithm:\t\t\n"));
	assert_non_null(strstr(text_string(&t), "\tDiffie-Hellman group:\t#7 (0 bit)\n"));
	text_fini(&t);
}

static void
test_ipsec_sa(void **state)
{
	struct dp_stat stat = {.n_sas = 1, .n_entries = 3};
	struct text t = TEXT_INIT;

	(void)state;
	/* One entry in front is the member's own deny. */
	stat.sas[0] = (struct dp_sa_stat){.spi = 0xB8841F0F, .replay_drops = 2};
	stat.entries[2] = (struct dp_entry_stat){.out_packets = 5, .in_packets = 4};
	show_ipsec_sa(&t, &(struct show_ipsec){&member, &on, &stat, 1500, LAYOUT_CLASSIC, false});
	EXPECT(t, "\n"
	          "interface: FastEthernet0/0\n"
	          "    Crypto map tag: CMAP, local addr 10.1.23.3\n"
	          "\n"
	          "   protected vrf: (none)\n"
	          "   local  ident (addr/mask/prot/port): (192.168.0.0/255.255.0.0/0/0)\n"
	          "   remote ident (addr/mask/prot/port): (192.168.0.0/255.255.0.0/0/0)\n"
	          "   current_peer 0.0.0.0 port 848\n"
	          "     PERMIT, flags={origin_is_acl,}\n"
	          "    #pkts encaps: 5, #pkts encrypt: 5, #pkts digest: 5\n"
	          "    #pkts decaps: 4, #pkts decrypt: 4, #pkts verify: 4\n"
	          "    #pkts compressed: 0, #pkts decompressed: 0\n"
	          "    #pkts not compressed: 0, #pkts compr. failed: 0\n"
	          "    #pkts not decompressed: 0, #pkts decompress failed: 0\n"
	          "    #send errors 0, #recv errors 2\n"
	          "\n"
	          "     local crypto endpt.: 10.1.23.3, remote crypto endpt.: 0.0.0.0\n"
	          "     path mtu 1500, ip mtu 1500, ip mtu idb FastEthernet0/0\n"
	          "     current outbound spi: 0xB8841F0F(3095666447)\n"
	          "     PFS (Y/N): N, DH group: none\n"
	          "\n"
	          "     inbound esp sas:\n"
	          "      spi: 0xB8841F0F(3095666447)\n"
	          "        transform: esp-3des esp-sha-hmac ,\n"
	          "        in use settings ={Tunnel, }\n"
	          "        conn id: 1, flow_id: SW:1, crypto map: CMAP\n"
	          "        sa timing: remaining key lifetime (sec): (2375)\n"
	          "        IV size: 8 bytes\n"
	          "        replay detection support: Y  replay window size: 64\n"
	          "        Status: ACTIVE\n"
	          "\n"
	          "     inbound ah sas:\n"
	          "\n"
	          "     inbound pcp sas:\n"
	          "\n"
	          "     outbound esp sas:\n"
	          "      spi: 0xB8841F0F(3095666447)\n"
	          "        transform: esp-3des esp-sha-hmac ,\n"
	          "        in use settings ={Tunnel, }\n"
	          "        conn id: 2, flow_id: SW:2, crypto map: CMAP\n"
	          "        sa timing: remaining key lifetime (sec): (2375)\n"
	          "        IV size: 8 bytes\n"
	          "        replay detection support: Y  replay window size: 64\n"
	          "        Status: ACTIVE\n"
	          "\n"
	          "     outbound ah sas:\n"
	          "\n"
	          "     outbound pcp sas:\n");
}

/* What follows the legend. */
static const char *
after_codes(const struct text *t)
{
	const char *p = strstr(text_string(t), "\n\n");

	assert_non_null(p);
	return p + 2;
}

static void
test_routes(void **state)
{
	const struct host_route routes[] = {
	    {.source = ROUTE_STATIC,
	     .to = {A(192, 168, 4, 0), 24},
	     .via = A(10, 1, 23, 2),
	     .interface = "",
	     .distance = 1},
	    {.source = ROUTE_CONNECTED,
	     .to = {A(10, 1, 23, 0), 24},
	     .via = 0,
	     .interface = "FastEthernet0/0",
	     .distance = 0},
	    {.source = ROUTE_LOCAL,
	     .to = {A(10, 1, 23, 3), 32},
	     .via = 0,
	     .interface = "FastEthernet0/0",
	     .distance = 0},
	    {.source = ROUTE_STATIC,
	     .to = {A(10, 1, 12, 0), 24},
	     .via = A(10, 1, 23, 2),
	     .interface = "",
	     .distance = 1},
	    {.source = ROUTE_CONNECTED,
	     .to = {A(192, 168, 3, 3), 32},
	     .via = 0,
	     .interface = "Loopback0",
	     .distance = 0},
	    {.source = ROUTE_LOCAL,
	     .to = {A(192, 168, 3, 3), 32},
	     .via = 0,
	     .interface = "Loopback0",
	     .distance = 0},
	    {.source = ROUTE_STATIC,
	     .to = {0, 0},
	     .via = A(10, 1, 23, 2),
	     .interface = "",
	     .distance = 1},
	};
	struct text t = TEXT_INIT;

	(void)state;
	show_ip_route(&t, routes, ARRAY_SIZE(routes), &(struct show_routes){0});
	assert_string_equal(after_codes(&t),
	                    "Gateway of last resort is 10.1.23.2 to network 0.0.0.0\n"
	                    "\n"
	                    "S*    0.0.0.0/0 [1/0] via 10.1.23.2\n"
	                    "      10.0.0.0/8 is variably subnetted, 3 subnets, 2 masks\n"
	                    "S        10.1.12.0/24 [1/0] via 10.1.23.2\n"
	                    "C        10.1.23.0/24 is directly connected, FastEthernet0/0\n"
	                    "L        10.1.23.3/32 is directly connected, FastEthernet0/0\n"
	                    "      192.168.3.0/32 is subnetted, 1 subnets\n"
	                    "C        192.168.3.3 is directly connected, Loopback0\n"
	                    "S     192.168.4.0/24 [1/0] via 10.1.23.2\n");
	text_clear(&t);
	show_ip_route(&t, NULL, 0, &(struct show_routes){0});
	assert_string_equal(after_codes(&t), "Gateway of last resort is not set\n\n");
	text_fini(&t);
}

static const struct host_route *
learned_routes(size_t *ret_n)
{
	static const struct host_route routes[] = {
	    {.source = ROUTE_LEARNED,
	     .kind = ROUTING_KIND_OSPF_E2,
	     .process = 1,
	     .to = {0, 0},
	     .via = A(10, 1, 23, 2),
	     .interface = "FastEthernet0/0",
	     .distance = 110,
	     .metric = 1,
	     .tag = 7,
	     .from = A(1, 1, 1, 1),
	     .age = SECONDS(12)},
	    {.source = ROUTE_LEARNED,
	     .kind = ROUTING_KIND_OSPF_INTER,
	     .process = 1,
	     .to = {A(10, 1, 12, 0), 24},
	     .via = A(10, 1, 23, 2),
	     .interface = "FastEthernet0/0",
	     .distance = 110,
	     .metric = 3,
	     .from = A(2, 2, 2, 2),
	     .age = SECONDS(93784)},
	    {.source = ROUTE_LEARNED,
	     .kind = ROUTING_KIND_OSPF_INTER,
	     .process = 1,
	     .to = {A(10, 1, 12, 0), 24},
	     .via = A(10, 1, 23, 9),
	     .interface = "FastEthernet0/0",
	     .distance = 110,
	     .metric = 3,
	     .from = A(2, 2, 2, 2),
	     .age = SECONDS(1000000)},
	    {.source = ROUTE_CONNECTED,
	     .to = {A(10, 1, 23, 0), 24},
	     .interface = "FastEthernet0/0"},
	    {.source = ROUTE_LEARNED,
	     .kind = ROUTING_KIND_OSPF_INTRA,
	     .process = 1,
	     .to = {A(192, 168, 0, 0), 16},
	     .interface = "Null0",
	     .distance = 110,
	     .metric = 2},
	};

	*ret_n = ARRAY_SIZE(routes);
	return routes;
}

static void
test_learned_routes(void **state)
{
	size_t n;
	const struct host_route *routes = learned_routes(&n);
	struct text t = TEXT_INIT;

	(void)state;
	show_ip_route(&t, routes, n,
	              &(struct show_routes){.source = SHOW_ROUTES_LEARNED, .protocol = "ospf"});
	assert_string_equal(after_codes(&t),
	                    "Gateway of last resort is 10.1.23.2 to network 0.0.0.0\n"
	                    "\n"
	                    "O*E2  0.0.0.0/0 [110/1] via 10.1.23.2, 00:00:12, FastEthernet0/0\n"
	                    "      10.0.0.0/24 is subnetted, 1 subnets\n"
	                    "O IA     10.1.12.0 [110/3] via 10.1.23.2, 1d02h, FastEthernet0/0\n"
	                    "                   [110/3] via 10.1.23.9, 1w4d, FastEthernet0/0\n"
	                    "O     192.168.0.0/16 is a summary, 00:00:00, Null0\n");
	text_clear(&t);
	show_ip_route_entry(&t, routes, n, &routes[1]);
	assert_string_equal(text_string(&t),
	                    "Routing entry for 10.1.12.0/24\n"
	                    "  Known via \"ospf 1\", distance 110, metric 3, type inter area\n"
	                    "  Last update from 10.1.23.2 on FastEthernet0/0, 1d02h ago\n"
	                    "  Routing Descriptor Blocks:\n"
	                    "  * 10.1.23.2, from 2.2.2.2, 1d02h ago, via FastEthernet0/0\n"
	                    "      Route metric is 3, traffic share count is 1\n"
	                    "    10.1.23.9, from 2.2.2.2, 1w4d ago, via FastEthernet0/0\n"
	                    "      Route metric is 3, traffic share count is 1\n");
	text_fini(&t);
}

static void
test_interfaces(void **state)
{
	const struct host_interface ifs[] = {{.name = "FastEthernet0/0",
	                                      .has_address = true,
	                                      .addr = A(10, 1, 12, 1),
	                                      .len = 24,
	                                      .admin_up = true,
	                                      .line_up = true,
	                                      .configured = true},
	                                     {.name = "FastEthernet0/1"}};
	struct text t = TEXT_INIT;

	(void)state;
	show_ip_interface_brief(&t, ifs, 2);
	EXPECT(t,
	       "Interface              IP-Address      OK? Method Status                Protocol\n"
	       "FastEthernet0/0        10.1.12.1       YES manual up                    up      \n"
	       "FastEthernet0/1        unassigned      YES unset  administratively down down    "
	       "\n");
}

static uint64_t
three_matches(void *arg, const char *acl, uint32_t seq)
{
	(void)arg;
	(void)acl;
	return seq == 20 ? 3 : seq == 30;
}

static void
test_access_list(void **state)
{
	const struct policy_ace aces[] = {{.seq = 10, .text = "permit 10.1.23.3"},
	                                  {.seq = 20, .text = "permit 10.1.24.4"},
	                                  {.seq = 30, .text = "deny   any"}};
	const struct policy_acl acl = {.name = "GM_LIST", .standard = true, .n_aces = 3, aces};
	struct text t = TEXT_INIT;

	(void)state;
	show_access_list(&t, &acl, three_matches, NULL);
	EXPECT(t, "Standard IP access list GM_LIST\n"
	          "    10 permit 10.1.23.3\n"
	          "    20 permit 10.1.24.4 (3 matches)\n"
	          "    30 deny   any (1 match)\n");
}

static void
test_key(void **state)
{
	/* As the vendor prints it: a remainder of less than a group ends the line before. */
	const struct keystore_entry e = {
	    .label = "GET_KEY", .bits = 1024, .created = INT64_C(1667620575000)};
	uint8_t der[34] = {0x30, 0x81, 0x9f};
	struct text t = TEXT_INIT;

	(void)state;
	der[33] = 1;
	show_key_pair(&t, &e, SPAN(der, sizeof(der)), &clock_utc);
	EXPECT(t, "% Key pair was generated at: 03:56:15 UTC Nov 5 2022\n"
	          "Key name: GET_KEY\n"
	          "Key type: RSA KEYS\n"
	          " Storage Device: not specified\n"
	          " Usage: General Purpose Key\n"
	          " Key is not exportable.\n"
	          " Key Data:\n"
	          "  30819F00 00000000 00000000 00000000 00000000 00000000 00000000 00000000 "
	          "0001\n");
}

static void
test_time(void **state)
{
	char buf[CLOCK_TEXT_MAX];
	struct text t = TEXT_INIT;

	(void)state;
	assert_string_equal(clock_text(&clock_utc, INT64_C(1795464001123), buf),
	                    "20:00:01.123 UTC Mon Nov 23 2026");
	show_uptime(&t, SECONDS(86400 + 2 * 3600 + 61));
	EXPECT(t, "1 day, 2 hours, 1 minute");
	show_uptime(&t, SECONDS(5));
	EXPECT(t, "0 minutes");
	show_ago(&t, -1);
	EXPECT(t, "never");
	show_ago(&t, SECONDS(86399));
	EXPECT(t, "23:59:59");
	show_ago(&t, SECONDS(6 * 86400 + 3 * 3600));
	EXPECT(t, "6d03h");
	show_ago(&t, SECONDS(22 * 86400));
	EXPECT(t, "3w1d");
}

/* --- where a key server keeps what it knows --------------------------------------------------- */

static void
test_stores(void **state)
{
	struct text t = TEXT_INIT;
	struct policy_group p = {.server.coop.configured = true};
	struct snap_group g = {.name = "G",
	                       .local = true,
	                       .store = SNAP_STORE_KEPT,
	                       .n_teks = 1,
	                       .coop = {.on = true, .leads = true, .leader = 0x0a000001}};

	(void)state;
	g.kept = (struct snap_kept){.engine = "etcd",
	                            .shared = true,
	                            .place = "https://10.0.0.11:2379",
	                            .prefix = "/testudo",
	                            .revision = 4711,
	                            .lag = 3,
	                            .lease = 0x7a,
	                            .lease_left = 1849};
	show_gdoi_store(&t, &g, &p);
	EXPECT(t, "Group Name               : G\n"
	          "    Store                : shared with other key servers\n"
	          "    State                : kept\n"
	          "    Engine               : etcd\n"
	          "    Endpoint             : https://10.0.0.11:2379\n"
	          "    Prefix               : /testudo\n"
	          "    Leader               : 10.0.0.1 (this key server)\n"
	          "    Lease                : 0x7A, ends in 1.8 s unless it is renewed\n"
	          "    Revision             : 4711\n"
	          "    Last Call            : 3 ms, no error\n");
	g.kept.error = "Could not connect to server";
	g.kept.lease = 0;
	show_gdoi_store(&t, &g, &p);
	assert_non_null(strstr(text_string(&t), "cannot be reached: members get the last keys"));
	assert_non_null(strstr(text_string(&t), ": 10.0.0.1, as it was last known\n"));
	assert_non_null(strstr(text_string(&t), "Lease                : none\n"));
	assert_non_null(strstr(text_string(&t), ": Could not connect to server\n"));
	text_clear(&t);
	g.n_teks = 0; /* nobody gets keys that it never had */
	show_gdoi_store(&t, &g, &p);
	assert_non_null(strstr(text_string(&t), "cannot be reached: there are no keys"));
	text_clear(&t);
	g.coop.on = false;
	g.kept =
	    (struct snap_kept){.engine = "SQLite", .place = "/var/lib/r.store", .octets = 4096};
	show_gdoi_store(&t, &g, &p);
	EXPECT(t, "Group Name               : G\n"
	          "    Store                : of this key server alone\n"
	          "    Redundancy           : without a store to share, so it is alone\n"
	          "    State                : kept\n"
	          "    Engine               : SQLite\n"
	          "    File                 : /var/lib/r.store\n"
	          "    Size                 : 4096 octets\n"
	          "    Last Call            : 0 ms, no error\n");
	g.kept = (struct snap_kept){0};
	g.store = SNAP_STORE_NONE;
	p.server.coop.configured = false;
	show_gdoi_store(&t, &g, &p);
	EXPECT(t, "Group Name               : G\n"
	          "    Store                : none\n"
	          "    State                : nothing is kept: a restart makes new keys\n");
	text_fini(&t);
}

/* --- filters ---------------------------------------------------------------------------------- */

static void
collect_text(void *arg, const char *text, size_t n)
{
	text_add(arg, text, n);
}

/* Expressions on which the library would work for hours are quick, or refused. */
static void
hostile_filters(void)
{
	static const char *const refused[] = {"(a)\\1", "((((((((((a+)+)+)+)+)+)+)+)+)+)"};
	char many[400] = "a", why[PIPE_WHY];
	struct pipe *p;

	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		*why = '\0';
		assert_null(pipe_new("include", false, refused[i], why));
		assert_true(*why);
	}
	memset(many + 1, '+', 200);
	p = pipe_new("include", false, many, why);
	assert_non_null(p);
	pipe_free(p);
	for (size_t i = 0; i < 120; i++)
		memcpy(many + 2 * i, "a+", 3);
	p = pipe_new("include", false, many, why);
	assert_non_null(p);
	pipe_free(p);
	memset(many, '(', 399);
	assert_null(pipe_new("include", false, many, why));
	memset(many, '_', 254); /* each may be empty */
	many[254] = '\0';
	p = pipe_new("include", false, many, why);
	assert_non_null(p);
	pipe_free(p);
	for (size_t i = 0; i < 40; i++)
		memcpy(many + 6 * i, "(.*_)*", 7);
	p = pipe_new("include", false, many, why);
	assert_non_null(p);
	pipe_free(p);
	p = pipe_new("include", false, "((((((((a+)+)+)+)+)+)+)+)", why);
	assert_non_null(p);
	pipe_free(p);
}

static void
test_filters(void **state)
{
	static const char input[] = "hostname R1\n"
				    "interface Loopback0\n"
				    " ip address 1.1.1.1 255.255.255.255\n"
				    "!\n"
				    "crypto gdoi group G\n"
				    " server local\n"
				    "  sa ipsec 1\n"
				    " passive\n"
				    "end";
	static const struct {
		const char *filter;
		bool inverted;
		const char *regex, *out;
	} cases[] = {
	    {"include", false, "^hostname|end", "hostname R1\nend\n"},
	    {"exclude", false, "^ |^!|int", "hostname R1\ncrypto gdoi group G\nend\n"},
	    {"begin", false, "sa ipsec", "  sa ipsec 1\n passive\nend\n"},
	    {"section", false, "gdoi",
	     "crypto gdoi group G\n server local\n  sa ipsec 1\n passive\n"},
	    {"section", false, "server", " server local\n  sa ipsec 1\n"},
	    {"section", true, "gdoi|interface", "hostname R1\n!\nend\n"},
	    {"count", false, "i", "Number of lines which match regexp = 5\n"},
	    {"include", false, "_R1_|_end_", "hostname R1\nend\n"}, /* between words, at ends */
	    {"include", false, "_name", ""},
	    {"include", false, "gdoi_group\\_G", ""},
	    {"include", false, "[_g]doi", "crypto gdoi group G\n"},
	    {"include", false, "\\how|host\\n|1{1}", "hostname R1\n"}, /* no \n, no repetition */
	    {"include", false, "1\\.1\\.1", " ip address 1.1.1.1 255.255.255.255\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct pipe *p = pipe_new(cases[i].filter, cases[i].inverted, cases[i].regex, NULL);
		struct text t = TEXT_INIT;

		assert_non_null(p);
		/* In two pieces, cut anywhere. */
		pipe_write(p, input, 20 + i, collect_text, &t);
		pipe_write(p, input + 20 + i, strlen(input) - 20 - i, collect_text, &t);
		pipe_end(p, collect_text, &t);
		EXPECT(t, cases[i].out);
		pipe_free(p);
	}
	assert_null(pipe_new("include", false, "([", NULL));
	hostile_filters();
	assert_null(pipe_new("tee", false, "x", NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_gdoi_server),    cmocka_unit_test(test_gdoi_member),
	    cmocka_unit_test(test_isakmp),         cmocka_unit_test(test_isakmp_unknown),
	    cmocka_unit_test(test_ipsec_sa),       cmocka_unit_test(test_routes),
	    cmocka_unit_test(test_learned_routes), cmocka_unit_test(test_interfaces),
	    cmocka_unit_test(test_access_list),    cmocka_unit_test(test_key),
	    cmocka_unit_test(test_time),           cmocka_unit_test(test_stores),
	    cmocka_unit_test(test_filters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
