/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How real routers lay their shows out, line by line: labels, indentation and order, with `*` where
 * a value stands. Derived from outputs of IOS-XE (those that parsers are tested with) and IOS 12.4
 * and 15. The first character of each line:
 *
 *   ' '  we print it too, here
 *   '-'  we leave it out: there is no such thing in Testudo, and no value is made up
 *   '+'  ours alone
 */
#ifndef TESTUDO_SHOW_LABELS_H
#define TESTUDO_SHOW_LABELS_H

static const char *const xe_ks[] = {
    " Key Server Information For Group *:",
    "     Group Name               : *",
    "     Re-auth on new CRL       : Disabled",
    "     Group Identity           : *",
    "     Group Type               : GDOI (ISAKMP)",
    "     Group Members            : *",
    "     Rekey Acknowledgement Cfg: *",
    "     IPSec SA Direction       : Both",
    "     IP D3P Window            : Disabled",
    "     Split Resiliency Factor  : 0",
    "     CKM status               : Disabled",
    "     ACL Configured:",
    "         access-list *",
};

static const char *const xe_ks_redundancy[] = {
    "     Redundancy               : *",       "         Local Address        : *",
    "         Local Priority       : *",       "         Local KS Status      : Alive",
    "         Local KS Role        : Primary", "         Local KS Version     : *",
    "         Local COOP Version   : *",
};

static const char *const xe_ks_policy[] = {
    " For group * (handle: 0x*) server * (handle: 0x*):",
    "   # of teks : *  Seq num : *",
    "   KEK POLICY (transport type : Unicast)",
    "     spi : 0x*",
    "     management alg     : disabled      encrypt alg           : *",
    "     crypto iv length   : *            key size              : *",
    "     orig life(sec)     : *         remaining life(sec)   : *",
    "     time to rekey (sec): *",
    "     sig hash algorithm : enabled       sig key length        : *",
    "     sig size           : *",
    "     sig key name       : *",
    "     acknowledgement    : *",
    "   TEK POLICY (encaps : ENCAPS_TUNNEL)",
    "     spi                : 0x*",
    "     access-list        : *",
    "     transform          : esp-* esp-*-hmac",
    "     alg key size       : *            sig key size          : *",
    "     orig life(sec)     : *           remaining life(sec)   : *",
    "     tek life(sec)      : *           elapsed time(sec)     : *",
    "     override life(sec) : *             antireplay window size: *",
    "     time to rekey (sec): *",
    "   TEK POLICY (encaps : ENCAPS_TUNNEL)",
    "     spi                : 0x*",
    "     access-list        : *",
    "     transform          : esp-* esp-*-hmac",
    "     alg key size       : *            sig key size          : *",
    "     orig life(sec)     : *           remaining life(sec)   : 0",
    "     tek life(sec)      : *           elapsed time(sec)     : *",
    "     override life(sec) : *             antireplay window size: *",
    "     time to rekey (sec): n/a",
};

static const char *const xe_ks_members[] = {
    " Number of rekeys sent for group * : *",
    " Number of retransmits during the last rekey for group * : *",
    " Duration of the last rekey for group * : * msec",
    " Group Member ID    : *  GM Version: *",
    "  Group ID          : *",
    "  Group Name        : *",
    "  Group Type        : GDOI (ISAKMP)",
    "  GM State          : Registered",
    "  Key Server ID     : *",
    "  Rekeys sent       : *",
    "  Rekeys retries    : *",
    "  Rekey Acks Rcvd   : *",
    "  Rekey Acks missed : *",
    "  Sent seq num : *     *     *     *     ",
    "  Rcvd seq num : *     *     *     *     ",
};

static const char *const xe_ks_members_summary[] = {
    " Group Name: *, ID: *, Group Members: *",
    " Key Server ID: *, GMDB state: LOCAL, Group Members: *",
    "   Member ID     Version      Rekey sent     Rekey Ack missed",
    "   *   *         *               *",
    " Key Server ID: *, GMDB state: REDUNDANT, Group Members: *",
    "   Member ID     Version      Rekey sent     Rekey Ack missed",
    "   *   *         *               *",
};

static const char *const xe_ks_acl[] = {
    " Group Name: *",
    "  Configured ACL:",
    "    access-list *  deny udp any port = * any port = *",
    "    access-list *  permit ip * * * *",
};

static const char *const xe_gm_group[] = {
    "     Group Name               : *",
    "     Group Identity           : *",
    "     Group Type               : GDOI (ISAKMP)",
    "     Crypto Path              : ipv4",
    "     Key Management Path      : ipv4",
    "     Rekeys received          : *",
    "     IPSec SA Direction       : Both",
    "      Group Server list       : *",
    " Group Member Information For Group *:",
    "     IPSec SA Direction       : Both",
    "     ACL Received From KS     : gdoi_group_*_temp_acl",
    "     Group member             : *         vrf: None",
    "        Local addr/port       : */848",
    "        Remote addr/port      : */848",
    "        fvrf/ivrf             : None/None",
    "        Version               : *",
    "        Registration status   : Registered",
    "        Registered with       : *",
    "        Re-registers in       : * sec",
    "        Succeeded registration: *",
    "        Attempted registration: *",
    "        Last rekey from       : *",
    "        Last rekey seq num    : *",
    "        Unicast rekey received: *",
    "        Rekey ACKs sent       : *",
    "        Rekey Rcvd(hh:mm:ss)  : *:*:*",
    "        PFS Rekey received    : 0",
    "        DP Error Monitoring   : OFF",
    "        IPSEC init reg executed    : 0",
    "        IPSEC init reg postponed   : 0",
    "        Active TEK Number     : *",
    "        SA Track (OID/status) : disabled",
    "        Fail-Close Revert : Disabled",
    "        allowable rekey cipher: any",
    "        allowable rekey hash  : any",
    "        allowable transformtag: any ESP",
    "     Rekeys cumulative",
    "        Total received        : *",
    "        After latest register : *",
    "        Rekey Acks sents      : *",
    "  ACL Downloaded From KS *:",
    "    access-list   deny udp any port = * any port = *",
    "    access-list   permit ip * * * *",
    " KEK POLICY:",
    "     Rekey Transport Type     : Unicast",
    "     Lifetime (secs)          : *",
    "     Encrypt Algorithm        : *",
    "     Key Size                 : *",
    "     Sig Hash Algorithm       : HMAC_AUTH_SHA",
    "     Sig Key Length (bits)    : *",
    " TEK POLICY for the current KS-Policy ACEs Downloaded:",
    "   *:",
    "     IPsec SA:",
    "         spi: 0x*(*)",
    "         transform: esp-* esp-*-hmac",
    "         sa timing:remaining key lifetime (sec): (*)",
    "         Anti-Replay(Counter Based) : *",
    "         tag method : disabled",
    "         alg key size: * (bytes)",
    "         sig key size: * (bytes)",
    "         encaps: ENCAPS_TUNNEL",
    "     IPsec SA:",
    "         spi: 0x*(*)",
    "         transform: esp-* esp-*-hmac",
    "         sa timing:remaining key lifetime (sec): (*)",
    "         Anti-Replay(Counter Based) : *",
    "         tag method : disabled",
    "         alg key size: * (bytes)",
    "         sig key size: * (bytes)",
    "         encaps: ENCAPS_TUNNEL",
    " KGS POLICY:",
    "   REG_GM: local_addr *",
    " P2P POLICY:",
    "   REG_GM: local_addr *",
};

static const char *const xe_gm_rekey_detail[] = {
    " Group * (Unicast)",
    "     Number of Rekeys received (cumulative)       : *",
    "     Number of Rekeys received after registration : *",
    "     Number of Rekey Acks sent                    : *",
    " Rekey (KEK) SA information :",
    "           dst             src             conn-id  my-cookie  his-cookie",
    " New     : *       *       *   *   *",
    " Current : ---             ---               ---    ---        ---",
    " Previous: ---             ---               ---    ---        ---",
};

static const char *const xe_gm_dataplane[] = {
    " Data-plane statistics for group *:",
    "     #pkts encrypt            : *    #pkts decrypt            : *",
    "     #pkts tagged (send)      : 0        #pkts untagged (rcv)     : 0",
    "     #pkts no sa (send)       : *        #pkts invalid sa (rcv)   : *",
    "     #pkts encaps fail (send) : *        #pkts decap fail (rcv)   : *",
    "     #pkts invalid prot (rcv) : *        #pkts verify fail (rcv)  : *",
    "     #pkts not tagged (send)  : 0        #pkts not untagged (rcv) : 0",
    "     #pkts internal err (send): *        #pkts internal err (rcv) : *",
};

static const char *const xe_gm_identifier[] = {
    " GM Sender ID (SID) Information for Group *:",
    "   Group Member: *       vrf: None",
    "     Transform Mode                  : Non-Counter (Non-Suite-B)",
    "     # of SIDs Last Requested        : 0",
    "     CURRENT SIDs: None",
};

static const char *const xe_gm_identifier_detail[] = {
    " GM Sender ID (SID) Information for Group *:",
    "   Group Member: *       vrf: None",
    "     Transform Mode                  : Non-Counter (Non-Suite-B)",
    "     # of SIDs Last Requested        : 0",
    "     CURRENT SIDs: None",
    "     NEXT SID REQUEST:",
    "       TEK Lifetime                  : * sec",
    "       SID Length (Group Size)       : 24 bits (MEDIUM)",
};

static const char *const xe_ks_identifier_detail[] = {
    " KS Sender ID (KSSID) Information for Group *:",
    "     Transform Mode           : Non-Counter (Non-Suite-B)",
    "     Re-initializing          : No",
    "     SID Length (Group Size)  : 24 bits (MEDIUM)",
    "     Current KSSID In-Use     : none",
    "     Last GMSID Used          : none",
    "     KSSID(s) Assigned        : none",
    "     KSSID(s) Used            : none",
    "     KSSID(s) Used (Old)      : none",
    "     Available KSSID(s)       : none",
    "     REMAINING SIDs: none",
};

static const char *const xe_ks_coop_version[] = {
    " Cooperative key server infra Version : *",
    " Client : KS_POLICY_CLIENT Version : *",
    " Client : GROUP_MEMBER_CLIENT Version : *",
    " Client : SID_CLIENT Version : *",
};

static const char *const xe_ks_coop_identifier_detail[] = {
    " COOP-KS Sender ID (SID) Information for Group *:",
    "     Local KS Role: Primary   , Local KS Status: Alive",
    "         Local Address                : *",
    "         Next SID Client Operation    : *",
    "         Re-initializing              : No",
    "         KSSID Overlap                : No",
    "         SID Length (Group Size) Cfg  : 24 bits (MEDIUM)",
    "         SID Length (Group Size) Used : 24 bits (MEDIUM)",
    "         Current KSSID In-Use         : none",
    "         KSSID(s) Assigned            : none",
    "         KSSID(s) Used                : none",
    "         Old KSSID(s) Used            : none",
    "+        SIDs to Give Away            : *",
    "+        SIDs to Give Away after That : none",
    "+        SIDs Taken by All Servers    : 512",
    "     Peer KS Role: Secondary , Peer KS Status: Alive",
    "         Peer Address                 : *",
    "         Next SID Client Operation    : *",
    "         Re-initializing              : No",
    "         KSSID Overlap                : No",
    "         SID Length (Group Size) Cfg  : 24 bits (MEDIUM)",
    "         SID Length (Group Size) Used : 24 bits (MEDIUM)",
    "         Current KSSID In-Use         : none",
    "         KSSID(s) Assigned            : none",
    "         KSSID(s) Used                : none",
    "         Old KSSID(s) Used            : none",
};

static const char *const xe_feature[] = {
    " Group Name: *",
    "     Key Server ID       Version   Feature Supported",
    "         *          *         Yes",
    "     Group Member ID     Version   Feature Supported",
    "         *          *         *",
};

static const char *const xe_gm_pubkey[] = {
    "   GDOI Group: *",
    "     KS IP Address: *",
    "     conn-id: *    my-cookie:*    his-cookie:*",
    "     Key Data:",
    "       * * * * * * * * ",
    "       * * * * * * * * ",
    "       * * * * * * * * ",
    "       * * * * * * * * ",
    "       * * * * * * * * ",
    "       *",
};

static const char *const xe_gm_replay_off[] = {
    " Anti-replay Information For Group *:",
    " Timebased Replay:",
    "          is not enabled",
    "+Counter Replay:",
    "+         Window Size : 64",
};

static const char *const xe_gm_replay[] = {
    " Anti-replay Information For Group *:",
    " Timebased Replay:",
    " Replay Value : *.* secs",
    " Input Packets : * Output Packets : *",
    " Input Error Packets : * Output Error Packets : *",
    "-Time Sync Error : * Max time delta : * secs",
    " TBAR Error History (sampled at 10pak/min):",
    "     No TBAR errors detected",
};

static const char *const xe_rekey_sa[] = {
    " GETVPN REKEY SA",
    " dst             src             conn-id         status",
    " *         *         *            ACTIVE",
};

static const char *const xe_rekey_sa_detail[] = {
    " KEK SA DB STATS:",
    "     num_active = *",
    "     num_malloc = *",
    "     num_free = *",
    "   KEK POLICY (transport type : Unicast)",
    "    Local addr/port : */848",
    "    Remote addr/port : */848",
    "     spi : 0x*",
    "     management alg     : disabled    encrypt alg       : *",
    "     crypto iv length   : *          key size          : *",
    "     orig life(sec)     : *",
    "     sig hash algorithm : enabled     sig key length    : *",
    "     sig size           : *",
    "     acknowledgement    : *",
    "     conn_id (IKEv1)    : *",
    "     seq num            : *           prev seq num      : *",
    "     handle             : *",
    "     Interface          : *",
    "     Group Name         : *",
};

static const char *const xe_gdoi_ipsec_sa[] = {
    " SA created for group *:",
    "   *:",
    "     protocol = ip",
    "       local ident  = */*, port = 0",
    "       remote ident = */*, port = 0",
    "       direction: Both, replay(method/window): Counter/64",
    "     protocol = ip",
    "       local ident  = */*, port = 0",
    "       remote ident = */*, port = 0",
    "       direction: Both, replay(method/window): Counter/64",
};

static const char *const xe_isakmp_sa[] = {
    " IPv4 Crypto ISAKMP SA",
    " dst             src             state          conn-id status",
    " *      *    GDOI_IDLE          * ACTIVE",
    " *      *     MM_NO_STATE      * ACTIVE (deleted)",
    " *      *     GDOI_REKEY       * ACTIVE",
    " IPv6 Crypto ISAKMP SA",
};

static const char *const xe_isakmp_sa_detail[] = {
    "+Codes: C - IKE configuration mode, D - Dead Peer Detection",
    "+       K - Keepalives, N - NAT-traversal",
    "+       T - cTCP encapsulation, X - IKE Extended Authentication",
    "+       psk - Preshared key, rsig - RSA signature",
    "+       renc - RSA encryption",
    " IPv4 Crypto ISAKMP SA",
    " C-id  Local           Remote          I-VRF  Status Encr Hash   Auth DH Lifetime Cap.",
    " * *      *           ACTIVE *  *    psk  * *:*:*",
    "        Engine-id:Conn-id =  SW:*",
    " IPv6 Crypto ISAKMP SA",
};

static const char *const xe_isakmp_sa_count[] = {
    " Active ISAKMP SA's: *",
    " Standby ISAKMP SA's: *",
    " Currently being negotiated ISAKMP SA's: *",
    " Dead ISAKMP SA's: *",
};

#define XE_IPSEC_TOP                                                                               \
	" interface: *", "     Crypto map tag: *, local addr *", "    protected vrf: (none)"
#define XE_IPSEC_HEAD                                                                              \
	"    local  ident (addr/mask/prot/port): (*/*/0/0)",                                       \
	    "    remote ident (addr/mask/prot/port): (*/*/0/0)", "    current_peer * port *",      \
	    "      PERMIT, flags={origin_is_acl,}",                                                \
	    "     #pkts encaps: *, #pkts encrypt: *, #pkts digest: *",                             \
	    "     #pkts decaps: *, #pkts decrypt: *, #pkts verify: *",                             \
	    "     #pkts compressed: 0, #pkts decompressed: 0",                                     \
	    "     #pkts not compressed: 0, #pkts compr. failed: 0",                                \
	    "     #pkts not decompressed: 0, #pkts decompress failed: 0"
#define XE_IPSEC_SA                                                                                \
	"       spi: 0x*(*)", "         transform: esp-* esp-*-hmac ,",                            \
	    "         in use settings ={Tunnel, }",                                                \
	    "         conn id: *, flow_id: *, sibling_flags *, crypto map: *"
#define XE_IPSEC_LIFE                                                                              \
	"         sa timing: remaining key lifetime (sec): *",                                     \
	    "         Kilobyte Volume Rekey has been disabled", "         IV size: * bytes",       \
	    "         replay detection support: Y", "         Status: ACTIVE(ACTIVE)"
#define XE_IPSEC_LIFE_DETAIL                                                                       \
	"         sa timing: remaining key lifetime (k/sec): (*/*)", "         IV size: * bytes",  \
	    "         replay detection support: Y  replay window size: *",                         \
	    "         Status: ACTIVE(ACTIVE)"
#define XE_IPSEC_TAIL(LIFE)                                                                        \
	"      local crypto endpt.: *, remote crypto endpt.: *",                                   \
	    "      plaintext mtu *, path mtu *, ip mtu *, ip mtu idb *",                           \
	    "      current outbound spi: 0x*(*)", "      PFS (Y/N): N, DH group: none",            \
	    "      inbound esp sas:", XE_IPSEC_SA, LIFE, "      inbound ah sas:",                  \
	    "      inbound pcp sas:", "      outbound esp sas:", XE_IPSEC_SA, LIFE,                \
	    "      outbound ah sas:", "      outbound pcp sas:"

static const char *const xe_ipsec_sa[] = {
    XE_IPSEC_TOP,
    "    Group: *",
    XE_IPSEC_HEAD,
    "     #send errors *, #recv errors *",
    XE_IPSEC_TAIL(XE_IPSEC_LIFE),
};

static const char *const xe_ipsec_sa_detail[] = {
    XE_IPSEC_TOP,
    XE_IPSEC_HEAD,
    "     #pkts no sa (send) *, #pkts invalid sa (rcv) *",
    "     #pkts encaps failed (send) *, #pkts decaps failed (rcv) *",
    "     #pkts invalid prot (recv) *, #pkts verify failed: *",
    "-    #pkts invalid identity (recv) *, #pkts invalid len (rcv) *",
    "     #pkts replay rollover (send): *, #pkts replay rollover (rcv) *",
    "     ##pkts replay failed (rcv): *",
    "     #pkts tagged (send): 0, #pkts untagged (rcv): 0",
    "     #pkts not tagged (send): 0, #pkts not untagged (rcv): 0",
    "     #pkts internal err (send): *, #pkts internal err (recv) *",
    XE_IPSEC_TAIL(XE_IPSEC_LIFE_DETAIL),
};

static const char *const xe_session[] = {
    " Interface: *",
    " Session status: UP-ACTIVE*",
    " Peer: * port *",
    "   Session ID: 0",
    "   IKEv1 SA: local */* remote */* Active*",
    "   IPSEC FLOW: permit * * *",
    "         Active SAs: *, origin: crypto map",
};

/* Of a peer of a key server: no flow. */
static const char *const xe_session_peer[] = {
    " Interface: *",
    " Session status: UP-IDLE",
    " Peer: * port *",
    "   Session ID: 0",
    "   IKEv1 SA: local */* remote */* Active*",
};

/* IKE's rows and, in IOS 12.4 and 15, none for the address of a rekey SA. */
static const char *const engine[] = {
    " Crypto Engine Connections",
    "    ID  Type    Algorithm           Encrypt  Decrypt LastSeqN IP-Address",
    "     1  IPsec   *+*                        *        *        0 *.*.*.*",
    "     2  IPsec   *+*                        *        *        0 *.*.*.*",
    "  1001  IKE     *+*                        0        0        0 *.*.*.*",
    "  1712  IKE     *+*                        0        0        0",
};

static const char *const classic_gm_group[] = {
    "     Group Name               : *",
    "     Group Identity           : *",
    "     Rekeys received          : *",
    "     IPSec SA Direction       : Both",
    "      Group Server list       : *",
    "     Group member             : *      vrf: None",
    "        Registration status   : Registered",
    "        Registered with       : *",
    "        Re-registers in       : * sec",
    "        Succeeded registration: *",
    "        Attempted registration: *",
    "        Last rekey from       : *",
    "        Last rekey seq num    : *",
    "        Unicast rekey received: *",
    "        Rekey ACKs sent       : *",
    "        Rekey Rcvd(hh:mm:ss)  : *:*:*",
    "        allowable rekey cipher: any",
    "        allowable rekey hash  : any",
    "        allowable transformtag: any ESP",
    "     Rekeys cumulative",
    "        Total received        : *",
    "        After latest register : *",
    "        Rekey Acks sents      : *",
    "  ACL Downloaded From KS *:",
    "    access-list  deny udp any port = * any port = *",
    "    access-list  permit ip * * * *",
    " KEK POLICY:",
    "     Rekey Transport Type     : Unicast",
    "     Lifetime (secs)          : *",
    "     Encrypt Algorithm        : *",
    "     Key Size                 : *",
    "     Sig Hash Algorithm       : HMAC_AUTH_SHA",
    "     Sig Key Length (bits)    : *",
    " TEK POLICY for the current KS-Policy ACEs Downloaded:",
    "   *:",
    "     IPsec SA:",
    "         spi: 0x*(*)",
    "         transform: esp-* esp-*-hmac",
    "         sa timing:remaining key lifetime (sec): (*)",
    "         Anti-Replay(Counter Based) : *",
    "     IPsec SA:",
    "         spi: 0x*(*)",
    "         transform: esp-* esp-*-hmac",
    "         sa timing:remaining key lifetime (sec): (*)",
    "         Anti-Replay(Counter Based) : *",
};

static const char *const classic_ks_members[] = {
    " Number of rekeys sent for group * : *",
    " Group Member ID    : *",
    "  Group ID          : *",
    "  Group Name        : *",
    "  Key Server ID     : *",
    "  Rekeys sent       : *",
    "  Rekeys retries    : *",
    "  Rekey Acks Rcvd   : *",
    "  Rekey Acks missed : *",
    "  Sent seq num : *       *       *       *",
    " Rcvd seq num :  *       *       *       *",
};

static const char *const classic_gm_acl[] = {
    " Group Name: *",
    "  ACL Downloaded From KS *:",
    "    access-list  deny udp any port = * any port = *",
    "    access-list  permit ip * * * *",
    "  ACL Configured Locally:",
    "   Map Name: *",
    "    access-list * deny ip * * * *",
};

static const char *const classic_isakmp_sa[] = {
    " IPv4 Crypto ISAKMP SA",
    " dst             src             state          conn-id slot status",
    " *       *       GDOI_IDLE         *    0 ACTIVE",
    " *       *       MM_NO_STATE       *    0 ACTIVE (deleted)",
    " *       *       GDOI_REKEY        *    0 ACTIVE",
    " IPv6 Crypto ISAKMP SA",
};

#endif
