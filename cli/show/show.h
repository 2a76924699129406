/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `show` prints, from snapshots to text and nothing else: every function here is pure, so
 * its layout is tested with hand-made snapshots. The commands themselves (show_commands.h) fetch
 * the snapshots and call these.
 */
#ifndef TESTUDO_SHOW_H
#define TESTUDO_SHOW_H

#include "compiler/base/clock.h"
#include "compiler/base/text.h"
#include "runtime/core/snapshot.h"
#include "runtime/dataplane/dataplane.h"
#include "runtime/host/host.h"
#include "runtime/node/keystore.h"

/*
 * Two dialects of the same shows: what IOS 12.4 and 15 print, and what IOS-XE prints, which is what
 * engineers' parsers read.
 */
enum layout { LAYOUT_CLASSIC, LAYOUT_XE };

/* --- show_gdoi.c, show_gdoi_ks.c, show_gdoi_gm.c: p is the group's policy --------------------- */

void show_gdoi_group(struct text *t, const struct snap_group *g, const struct policy_group *p,
                     enum layout layout);
void show_gdoi_server(struct text *t, const struct snap_group *g, const struct policy_group *p,
                      enum layout layout);
void show_gdoi_member(struct text *t, const struct snap_group *g, const struct policy_group *p,
                      enum layout layout);
/* detail: with its part among several servers, also where it is alone. */
void show_gdoi_ks(struct text *t, const struct snap_group *g, const struct policy_group *p,
                  bool detail, enum layout layout);
/* addr: this member alone; 0: all. */
void show_gdoi_ks_members(struct text *t, const struct snap_group *g, uint32_t addr,
                          enum layout layout);
void show_gdoi_ks_members_summary(struct text *t, const struct snap_group *g);
/* nth: which of the server's groups, from 0. */
void show_gdoi_ks_policy(struct text *t, const struct snap_group *g, const struct policy_group *p,
                         size_t nth, enum layout layout);
void show_gdoi_ks_acl(struct text *t, const struct snap_group *g);
const char *show_store_state(const struct snap_group *g);
void show_gdoi_ks_coop(struct text *t, const struct snap_group *g, const struct policy_group *p,
                       size_t nth, bool detail);
void show_gdoi_ks_coop_identifier(struct text *t, const struct snap_group *g,
                                  const struct policy_group *p, bool detail);
void show_gdoi_ks_coop_version(struct text *t);
void show_gdoi_store(struct text *t, const struct snap_group *g, const struct policy_group *p);
void show_gdoi_redundancy(struct text *t, const struct snap_group *g, const struct policy_group *p,
                          enum layout layout);
void show_gdoi_ks_rekey(struct text *t, const struct snap_group *g, const struct policy_group *p);
void show_gdoi_gm(struct text *t, const struct snap_group *g, enum layout layout);
void show_gdoi_gm_acl(struct text *t, const struct snap_group *g, const struct policy_group *p,
                      bool local_only, enum layout layout);
void show_gdoi_gm_rekey(struct text *t, const struct snap_group *g, bool detail);
/* stat: what the dataplane counts; NULL: nothing yet. */
void show_gdoi_gm_replay(struct text *t, const struct snap_group *g, const struct dp_stat *stat);
void show_gdoi_gm_dataplane(struct text *t, const struct snap_group *g, const struct dp_stat *stat);
void show_gdoi_gm_identifier(struct text *t, const struct snap_group *g, bool detail);
void show_gdoi_ks_identifier(struct text *t, const struct snap_group *g, bool detail);
/* feature: NULL: who tells at all, and all that there are here. */
void show_gdoi_feature(struct text *t, const struct snap_group *g, const char *feature);
void show_gdoi_gm_pubkey(struct text *t, const struct snap_group *g);
void show_gdoi_ks_replay(struct text *t, const struct snap_group *g);
void show_gdoi_ipsec_sa(struct text *t, const struct snap_group *g, const struct policy_group *p,
                        enum layout layout);
/* One line for each group of a member that has a KEK; `detail` describes them. */
void show_gdoi_rekey_sa(struct text *t, const struct snap_group *groups, size_t n);
void show_gdoi_rekey_sa_detail(struct text *t, const struct snap_group *groups, size_t n,
                               const struct policy *policy);
/* "deny udp any port = 848 any port = 848", as the GDOI shows write an entry. */
void show_selector(struct text *t, const struct selector *s);

/* --- show_isakmp.c ---------------------------------------------------------------------------- */

void show_isakmp_sa(struct text *t, const struct snap_isakmp *sas, size_t n, enum layout layout);
void show_isakmp_sa_count(struct text *t, const struct snap_isakmp *sas, size_t n);
void show_isakmp_sa_detail(struct text *t, const struct snap_isakmp *sas, size_t n);
/* `show crypto isakmp peers`: each peer once, with the address that identifies it. */
void show_isakmp_peers(struct text *t, const struct snap_isakmp *sas, size_t n);
void show_isakmp_policy(struct text *t, const struct policy *p);
/* IOS's, below every configured policy; it is not in struct policy. */
extern const struct policy_isakmp show_isakmp_default;
void show_isakmp_default_policy(struct text *t);
void show_isakmp_key(struct text *t, const struct policy *p);
void show_isakmp_profile(struct text *t, const struct policy *policy,
                         const struct policy_isakmp_profile *p);

/* --- show_ipsec.c ----------------------------------------------------------------------------- */

/* One group on one interface. */
/* A VRF as most shows call it: "None" is the global table. */
static inline const char *
show_vrf_name(const char *vrf)
{
	return vrf ? vrf : "None";
}

struct show_ipsec {
	const struct snap_group *group;
	const struct policy_group_interface *on;
	const struct dp_stat *stat; /* NULL: nothing counted yet */
	uint16_t mtu;
	enum layout layout;
	bool detail; /* each kind of error on its own */
};
void show_ipsec_sa(struct text *t, const struct show_ipsec *what);
/* What is counted for the group's e-th entry; zeros before anything is. */
const struct dp_entry_stat *show_entry_stat(const struct show_ipsec *what, size_t e);
/*
 * `show crypto ipsec spi-lookup`: a line for every SPI of the group on the interface. handle: of
 * the group; number: of the interface, from 1. An SPI is there at once or not at all: none waits.
 */
void show_spi_heading(struct text *t);
void show_spis(struct text *t, const struct show_ipsec *what, uint32_t handle, size_t number);
void show_spi_end(struct text *t);
/* `show crypto engine connections active` */
void show_engine_heading(struct text *t);
void show_engine_group(struct text *t, const struct show_ipsec *what, size_t *number);
void show_engine_isakmp(struct text *t, const struct snap_isakmp *sa);
void show_engine_kek(struct text *t, const struct snap_group *g, enum layout layout);
/* `show crypto map gdoi fail-close`; stat NULL: the mode is not active. */
void show_fail_close(struct text *t, const struct policy_crypto_map *map,
                     const struct dp_door_stat *stat, bool open);
void show_crypto_map(struct text *t, const struct policy_crypto_map *map, const struct policy *p);

/* --- show_session.c: ike: with the group's server, NULL: none now ----------------------------- */

void show_session(struct text *t, const struct show_ipsec *what, const struct snap_isakmp *ike);
/* One peer: the phase 1 SAs that it began with one address of ours. */
struct show_peer {
	const struct snap_isakmp *sas;
	size_t n; /* one at least */
	bool detail;
};
const char *show_peer_status(const struct show_peer *p);
/* interface: that has the address; NULL: none. */
void show_session_peer(struct text *t, const struct show_peer *p, const char *interface);
void show_session_peer_brief(struct text *t, const struct show_peer *p, const char *interface);
void show_session_detail_heading(struct text *t);
void show_session_brief_heading(struct text *t);
void show_session_brief_vrf(struct text *t, const char *ivrf); /* NULL: the global table */
void show_session_brief(struct text *t, const struct show_ipsec *what,
                        const struct snap_isakmp *ike);

/* --- show_key.c ------------------------------------------------------------------------------- */

struct cert;
/* One certificate of a trustpoint, ours or a CA's. */
struct crl;
/* A check of a certificate is a session, which is over when there is an answer. */
void show_pki_counters(struct text *t, const struct snap_pki *pki);
/* url NULL: it was imported. */
void show_crl(struct text *t, const struct crl *l, const char *url, const struct clock_zone *zone);
void show_certificate(struct text *t, const char *trustpoint, const struct cert *c, bool ca,
                      bool verbose, const struct clock_zone *zone);
void show_fingerprints(struct text *t, const struct cert *c); /* of a dialogue */
void show_trustpoint(struct text *t, const char *name, const struct cert *const *cas, size_t n,
                     bool own);
void show_key_pair(struct text *t, const struct keystore_entry *e, struct span der,
                   const struct clock_zone *zone);

/* --- show_ip.c -------------------------------------------------------------------------------- */

/* matches(arg, acl, seq) tells how often an entry was met. */
void show_access_list(struct text *t, const struct policy_acl *acl,
                      uint64_t (*matches)(void *arg, const char *acl, uint32_t seq), void *arg);
#define SHOW_AGE_MAX 24
/* "00:00:12", "1d02h", "2w3d" */
const char *show_age_text(msec age, char buf[static SHOW_AGE_MAX]);
struct show_routes { /* which of them */
	enum {
		SHOW_ROUTES_ALL,
		SHOW_ROUTES_STATIC,
		SHOW_ROUTES_CONNECTED,
		SHOW_ROUTES_LEARNED
	} source;
	const char *protocol; /* of learned ones: "ospf" */
	bool longer;          /* only those within a prefix */
	struct prefix within;
};
void show_ip_route(struct text *t, const struct host_route *routes, size_t n,
                   const struct show_routes *want);
/*
 * The route that `show ip route A.B.C.D` speaks of: of exactly that prefix, or without one the
 * longest that leads there, the default route aside. NULL: none.
 */
const struct host_route *show_route_find(const struct host_route *routes, size_t n, uint32_t addr,
                                         const uint8_t *len);
/* Is it a whole network by its class? */
bool show_is_classful(uint32_t addr, uint32_t mask);
bool show_route_is_within(const struct host_route *r, uint32_t addr, uint8_t len);
/* Is there a route within the network of the address by its class? */
bool show_network_is_known(const struct host_route *routes, size_t n, uint32_t addr);
void show_ip_route_entry(struct text *t, const struct host_route *routes, size_t n,
                         const struct host_route *r);
void show_ip_cef(struct text *t, const struct host_route *routes, size_t n);
void show_ip_route_summary(struct text *t, const struct host_route *routes, size_t n);
void show_ip_interface_brief(struct text *t, const struct host_interface *ifs, size_t n);
void show_arp(struct text *t, const struct host_neighbor *list, size_t n,
              const struct host_interface *ifs, size_t n_ifs);

/* --- show_interface.c ------------------------------------------------------------------------- */

/* An interface as the host has it, and what the configuration says of it. */
struct show_port {
	const struct host_interface *host;
	const struct policy_interface *policy; /* NULL: the configuration does not name it */
	const char *description;               /* NULL: none */
	uint32_t bandwidth;                    /* kbit/s */
	uint32_t delay;                        /* microseconds */
};
#define SHOW_MAC_MAX 15 /* "0200.0000.0001" */
const char *show_mac_text(const uint8_t mac[static 6], char buf[static SHOW_MAC_MAX]);
/* Bandwidth and delay as its type has them. */
struct show_port show_port_of(const struct host_interface *i);
/* "administratively down", "up" or "down" */
const char *show_port_status(const struct host_interface *i);
const char *show_port_protocol(const struct host_interface *i); /* "up" or "down" */
/* "Fa0/0": the name as tables write it. */
#define SHOW_PORT_SHORT 32
const char *show_port_short(const char *name, char buf[static SHOW_PORT_SHORT]);
void show_interface(struct text *t, const struct show_port *p);
void show_interfaces_description(struct text *t, const struct show_port *ports, size_t n);
void show_interfaces_status(struct text *t, const struct show_port *ports, size_t n);
void show_interfaces_summary(struct text *t, const struct show_port *ports, size_t n);
void show_interfaces_counters(struct text *t, const struct show_port *ports, size_t n);
void show_ip_interface(struct text *t, const struct show_port *p);
void show_protocols(struct text *t, const struct show_port *ports, size_t n, bool routing);

/* --- show_system.c ---------------------------------------------------------------------------- */

/* "1 day, 2 hours, 3 minutes" */
void show_uptime(struct text *t, msec up);
/* How long ago: "00:00:05", "1d02h", "3w4d"; below 0: "never". */
void show_ago(struct text *t, msec ago);
/* The machine that the program runs on. */
struct show_machine {
	char processor[65];    /* "x86_64" */
	uint64_t memory, free; /* octets; 0: it does not tell */
};
struct show_machine show_machine(void);

#endif
