/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The policy: what a configuration means, with every reference resolved. It is the waist between
 * the compiler, which builds it, and the runtime, which makes it true. It is immutable once built;
 * all of it lives in one arena and dies with policy_free.
 *
 * Strings are never NULL unless said so; counts are beside their arrays.
 */
#ifndef TESTUDO_POLICY_H
#define TESTUDO_POLICY_H

#include "compiler/base/arena.h"
#include "compiler/base/base.h"
#include "compiler/policy/certmap.h"
#include "compiler/policy/multicast.h"
#include "compiler/policy/prefix.h"
#include "compiler/policy/routing.h"
#include "compiler/policy/suite.h"

#define POLICY_SERVERS_MAX     8   /* `server address ipv4` lines in one group, as IOS */
#define POLICY_SELECTORS_MAX   100 /* permits and denies of one `sa ipsec` */
#define POLICY_PORT_RANGES_MAX 10  /* `eq` takes up to ten ports */

/* --- access lists ----------------------------------------------------------------------------- */

struct port_range {
	uint16_t lo, hi;
};

struct policy_ace {
	uint32_t seq;
	bool permit;
	bool established;
	bool fragments;    /* later fragments only */
	int16_t icmp_type; /* -1: any */
	int16_t icmp_code; /* -1: any; counts with a type only */
	uint8_t proto;     /* 0: ip, any */
	uint32_t src, src_mask;
	uint32_t dst, dst_mask;
	uint8_t n_sport, n_dport; /* 0: any port */
	struct port_range sport[POLICY_PORT_RANGES_MAX];
	struct port_range dport[POLICY_PORT_RANGES_MAX];
	const char *text; /* as `show access-lists` prints it, without the sequence number */
	bool log;         /* a log line for what it matches, too */
	bool inactive;    /* of a firewall: kept, and matches nothing */
	uint32_t line;    /* of a firewall: `line N`; entries of one object-group share it */
	uint32_t hash;    /* of a firewall: what `show access-list` and its log call it; 0: none */
};

struct policy_acl {
	const char *name;
	bool standard; /* matches the source only */
	size_t n_aces;
	const struct policy_ace *aces;
};

/* --- addresses and routes --------------------------------------------------------------------- */

struct policy_address {
	uint32_t addr;
	uint8_t len;
};

#define POLICY_VLAN_NONE 0

struct policy_interface {
	const char *name; /* full IOS name, "FastEthernet0/0" */
	bool has_address;
	bool dhcp; /* `ip address dhcp`: the address is what was learned, none before that */
	uint32_t addr;
	uint8_t len;
	size_t n_secondaries;
	const struct policy_address *secondaries; /* `secondary`; none without a primary address */
	/* `ip unnumbered`: addr is this interface's, and on no network here; NULL: it is its own */
	const char *unnumbered;
	uint16_t vlan;     /* `encapsulation dot1Q` of a subinterface; POLICY_VLAN_NONE: none */
	bool native;       /* its frames carry no tag */
	uint16_t mtu;      /* octets of a packet (`ip mtu`, else `mtu`); 0: 1500 */
	uint16_t l2mtu;    /* `mtu`; 0: 1500 */
	bool mpls;         /* `mpls ip` */
	uint16_t mpls_mtu; /* octets of a packet with its labels; 0: the packet's own */
	uint16_t mss;      /* `ip tcp adjust-mss`; 0: segments are left alone */
	bool shutdown;
	const struct policy_acl *acl_in,
	    *acl_out; /* `ip access-group`; NULL: none (or undefined) */
	const struct policy_crypto_map *crypto_map; /* NULL: none */
	const char *crypto_map_name; /* as configured, whether there is one or not; NULL: none */
	/* Its map, or the group of one of its entries, does not exist: nothing passes in clear. */
	bool shut;
	const char *nameif;     /* of a firewall; NULL: not named, and passes nothing */
	uint8_t security_level; /* of a firewall: 0 (outside) .. 100 (inside) */
	const char *vrf;        /* NULL: the global table */
	uint32_t bandwidth;     /* kbit/s; what routing protocols reckon with */
	uint32_t delay;         /* tens of microseconds; likewise */
	const struct policy_ospf_interface *ospf; /* NULL: nothing configured */
	size_t n_eigrp;
	const struct policy_eigrp_interface *eigrp;
	const struct policy_multicast_interface *multicast; /* NULL: nothing configured */
};

/* An address that a host was given by DHCP, or that its system has. */
struct policy_learned {
	const char *interface; /* full IOS name */
	uint32_t addr;
	uint8_t len;
	uint32_t router; /* where everything else is; 0: not told, or the system's affair */
};

/* `ip dhcp pool`: who asks on a link of this network is given one of its addresses. */
struct policy_pool {
	const char *name;
	struct prefix network;
	uint32_t router; /* `default-router`, the first; 0: none */
};

/* `ip dhcp excluded-address`: nobody is given one of these, first and last. */
struct policy_excluded {
	uint32_t low, high;
};

struct policy_route {
	struct prefix to;
	uint32_t via;          /* next hop; 0: straight out of `interface` */
	const char *interface; /* NULL: found through `via` */
	uint8_t distance;
	const char *vrf; /* NULL: the global table */
	bool global;     /* of a VRF's: the next hop is in the global table */
	uint32_t tag;
};

/* --- IKE phase 1 ------------------------------------------------------------------------------ */

enum isakmp_auth { ISAKMP_AUTH_PSK, ISAKMP_AUTH_RSA_SIG, ISAKMP_AUTH_ECDSA_SIG };
const char *isakmp_auth_word(enum isakmp_auth auth); /* as it is configured: "pre-share" */

struct policy_isakmp {
	uint32_t number; /* priority: 1 is tried first */
	enum cipher_id cipher;
	enum hash_id hash;
	enum isakmp_auth auth;
	uint16_t group;    /* 1, 2, 5, 14, 15, 16, 19, 20, 21 */
	uint32_t lifetime; /* seconds */
};

struct policy_psk {
	uint32_t addr, mask; /* of the peers that share it; the longest mask wins */
	struct span key;     /* secret: in the policy's arena, which wipes itself */
	bool sealed;         /* configured encrypted: not to be shown */
	const char *vrf;     /* that packets with the peer travel in; NULL: the global table */
	const char *ring;    /* `crypto keyring`; NULL: `crypto isakmp key` */
	const char *host;    /* the name it is configured for, whose address this is; NULL: none */
	uint32_t local;      /* our address that it is for (`local-address`); 0: any */
};

/*
 * `crypto pki trustpoint`: a certificate of ours, the key pair it belongs to, and the CAs that are
 * trusted for it. Certificates are DER as configured; nobody has looked into them yet.
 */
enum policy_revocation {
	REVOCATION_IGNORED,
	REVOCATION_CRL,         /* no valid list of the issuer: the certificate does not count */
	REVOCATION_CRL_OR_NONE, /* it counts then */
	REVOCATION_NEVER        /* what is configured cannot be asked: no certificate counts */
};
struct policy_trustpoint {
	const char *name;
	enum policy_revocation revocation;
	const char *subject;   /* for a request; "" when not set */
	const char *ec_label;  /* of the EC key pair (`eckeypair`); NULL: the pair is an RSA one, */
	const char *rsa_label; /* configured, else hostname.domain, else the hostname */
	size_t n_cas;
	const struct span *cas;
	struct span cert; /* ours; empty: none yet */
	/*
	 * `match certificate`: a peer's certificate counts when one of these matches; NULL: a map
	 * that does not exist, and matches nothing. None: any certificate of the CAs counts.
	 */
	size_t n_maps;
	const struct policy_cert_map *const *maps;
};

/* `crypto isakmp identity`: what we call ourselves in phase 1. */
enum isakmp_identity { ISAKMP_ID_ADDRESS, ISAKMP_ID_HOSTNAME, ISAKMP_ID_DN, ISAKMP_ID_USER };

/* `crypto isakmp keepalive`: dead peer detection (RFC 3706). */
struct policy_keepalive {
	uint16_t seconds; /* of silence before a peer is asked; 0: none is asked */
	uint16_t retry;   /* seconds between questions that nobody answers */
	bool periodic;    /* whether or not we have to tell the peer something */
};

/* `match identity` of a profile: what a peer may call itself in phase 1. */
enum isakmp_match {
	ISAKMP_MATCH_ADDRESS,
	ISAKMP_MATCH_HOST,
	ISAKMP_MATCH_HOST_DOMAIN, /* any host of it */
	ISAKMP_MATCH_USER,
	ISAKMP_MATCH_USER_DOMAIN,
	ISAKMP_MATCH_GROUP
};

struct policy_isakmp_match {
	enum isakmp_match kind;
	uint32_t addr, mask; /* ISAKMP_MATCH_ADDRESS, */
	const char *vrf;     /* and that its packets travel in; NULL: the global table */
	const char *name;    /* of the other kinds */
};

/* `crypto isakmp profile`. Who matches none of its lines is no peer of it. */
struct policy_isakmp_profile {
	const char *name;
	const char *description; /* NULL: none */
	size_t n_matches;
	const struct policy_isakmp_match *matches;
	const char *vrf; /* of the traffic, for show; NULL: none */
	size_t n_rings;  /* its keys; none: `crypto isakmp key`, and keyrings of no profile */
	const char *const *rings;
	size_t n_trustpoints; /* that certificates may be of; none: all */
	const char *const *trustpoints;
	bool has_self; /* `self-identity`; else as of `crypto isakmp identity` */
	enum isakmp_identity self;
	const char *self_name; /* of a host or a user; NULL: our own */
	bool is_local;         /* `local-address`: for exchanges with this address of ours alone */
	uint32_t local;        /* 0: there is no such address, and nobody matches */
	const char *local_vrf;
	struct policy_keepalive keepalive;
};

/* --- GDOI ------------------------------------------------------------------------------------- */

enum group_id_type { GROUP_ID_NONE, GROUP_ID_NUMBER, GROUP_ID_ADDRESS };

struct group_id {
	enum group_id_type type;
	uint32_t value; /* the number, or the IPv4 address */
};

/* `sa ipsec N` of a key server: one TEK policy. */
struct policy_sa {
	uint32_t number;
	const char *profile;  /* its name */
	const char *acl_name; /* as configured, even when no such list exists */
	struct esp_suite suite;
	bool transport;       /* mode transport; tunnel otherwise */
	bool receive_only;    /* `sa receive-only`: members send in clear */
	uint32_t lifetime;    /* seconds */
	uint32_t window;      /* counter-based replay window in packets; 0: none */
	uint32_t time_window; /* time-based replay window in seconds; 0: none. Not both */
	size_t n_selectors;
	const struct selector *selectors; /* the ACL, in order; none: the SA is not served */
};

/* Whose acknowledgements a rekey asks for; but for CISCO, whose form is its own, by RFC 8263. */
enum rekey_ack { REKEY_ACK_CISCO, REKEY_ACK_INTEROPERABLE, REKEY_ACK_ANY };

struct policy_rekey {
	bool configured;       /* `rekey authentication` names a key that exists */
	bool shared;           /* the key below goes to cooperating servers, through the store */
	const char *rsa_label; /* NULL: none configured */
	bool unicast;
	enum cipher_id cipher;
	enum hash_id sig_hash;
	uint32_t lifetime;          /* of the KEK, seconds */
	uint32_t retransmit_period; /* seconds */
	uint32_t retransmit_number;
	bool periodic; /* who has not acknowledged is told again after every period */
	/*
	 * `rekey address`: where multicast rekeys go; 0: not configured, or no such address in it
	 */
	uint32_t group_addr;
	uint16_t group_port;
	/* `rekey delay`: what rekeys tell members (RFC 6407 5.4), seconds; 0: nothing */
	uint16_t activation, deactivation;
	bool lkh; /* `rekey management-algorithm lkh`: by a key hierarchy (RFC 6407 5.3.1.1) */
	bool bare_hash; /* rekeys are signed without DigestInfo, as gdoid has it */
	enum rekey_ack acks;
};

/*
 * Sender identifiers of counter modes (RFC 6054): the server's part (KSSID) in front, the member's
 * (GMSID) behind it, as the vendor divides them.
 */
#define POLICY_KSSID_MAX 511
#define POLICY_SID_BITS  24 /* `group size medium` */

struct policy_kssids { /* KSSIDs that are this server's, first and last; low > high: none at all */
	uint16_t low, high;
};

/*
 * How many of an identifier's bits are the server's part: 9 of 32 and 7 of 24, as the vendor has
 * it.
 */
unsigned policy_kssid_bits(unsigned sid_bits);

/* `redundancy`: the group has several key servers, which share a store. */
struct policy_coop {
	bool configured;
	uint8_t priority; /* `local priority`; the highest leads */
	size_t n_peers;
	uint32_t peers[POLICY_SERVERS_MAX]; /* `peer address ipv4` */
	/* `protocol`, as the vendor has it: kept and shown; the store's lease decides here */
	uint16_t refresh, periodic; /* seconds */
	uint8_t retransmit;
	bool optimize;
};

struct policy_server {   /* `server local` */
	uint32_t addr;   /* `address ipv4`, the source of all it sends; 0: not set, not serving */
	const char *vrf; /* of the interface that has it; NULL: the global table */
	struct policy_rekey rekey;
	bool authorization;                  /* configured at all */
	const char *authorization_name;      /* as configured; NULL: none */
	const struct policy_acl *authorized; /* NULL: list undefined, everyone with a key */
	/* `authorization identity`: instead of the list; holds nothing when it is undefined */
	const struct policy_identity *authorized_identity;
	/*
	 * `registration periodic crl trustpoint`: whose list is fetched again and again, so that a
	 * member that is on it goes; NULL: none.
	 */
	const char *members_crl;
	uint8_t sid_bits;                   /* `group size`: 8, 12, 16, 24 or 32 */
	size_t n_kssids;                    /* `identifier`; 0: not configured, all are its own */
	const struct policy_kssids *kssids; /* ascending, apart from each other */
	size_t n_sas;
	const struct policy_sa *sas;
	struct policy_coop coop;
};

struct policy_group {
	const char *name;
	struct group_id id;
	bool local;                  /* a key server */
	struct policy_server server; /* when local */
	/* as a member: */
	size_t n_servers;
	uint32_t servers[POLICY_SERVERS_MAX]; /* in order of preference */
	bool passive;                         /* takes what comes in clear, too */
	/* `client recovery-check`: between two questions to the server, seconds; 0: off */
	uint32_t recovery_check;
	/* `client rekey`: sets of 1 << cipher_id and of 1 << hash_id; 0: all */
	uint32_t rekey_ciphers, rekey_hashes;
	/* `client transform-sets`: what its TEKs may use; only_suites: nothing else */
	bool only_suites;
	bool no_legacy; /* and none that `crypto engine legacy disable` refuses */
	size_t n_suites;
	const struct esp_suite *suites;
	/* where a crypto map applies the group; a member registers only when it is applied */
	size_t n_interfaces;
	const struct policy_group_interface {
		const char *name;    /* interface */
		const char *map;     /* crypto map */
		const char *vrf;     /* that it registers in; NULL: the global table */
		const char *hears;   /* interface that rekeys to many come in by; NULL: name */
		const char *inner;   /* VRF of the traffic: that of the interface; NULL: global */
		uint32_t seq;        /* its sequence number: lower is asked first */
		uint32_t local_addr; /* source of the registration */
		enum df_bit df;      /* `crypto ipsec df-bit`, the interface's or the device's */
		size_t n_deny;       /* `match address`: the member's own denies */
		const struct selector *deny;
		const char *acl_name; /* of that list; NULL: none. For show alone */
		/* `set identity`: what the key server's certificate must be; NULL: not said */
		const struct policy_identity *server_identity;
		/* by which it registers; one that does not exist matches nobody; NULL: none */
		const struct policy_isakmp_profile *profile;
	} * interfaces;
};

struct policy_crypto_map {
	const char *name;
	size_t n_entries;
	const struct policy_crypto_map_entry {
		uint32_t seq;
		const struct policy_group *group; /* NULL: not (yet) a valid group */
		const char *group_name;           /* NULL: `set group` missing */
		const char *acl_name;             /* `match address`; NULL: none */
	} * entries;
	/*
	 * Fail-close mode: while a group of the map has no keys here, what the first of these
	 * entries denies passes in clear and all else is dropped. The members' own denies come
	 * first, then the mode's access list; an implicit permit ip any any follows.
	 */
	struct policy_fail_close {
		bool configured, active;
		const char *acl_name;        /* as configured; NULL: none */
		size_t n_selectors, n_local; /* the first n_local are members' own */
		const struct selector *selectors;
	} fail_close;
};

/* --- all of it -------------------------------------------------------------------------------- */

/* Where a key server keeps what must outlive it: `crypto gdoi store ...`. */
struct policy_store {
	bool none;     /* nowhere */
	bool required; /* serves nobody while the store cannot be read */
	/* What cooperating servers share: `crypto gdoi store sqlite flash:FILE`; NULL: no file */
	const char *file; /* a name in flash that store_file_named gave */
	/* `crypto gdoi store etcd`, before the file; endpoints NULL: no; none: unusable */
	struct policy_etcd {
		size_t n_endpoints;
		const char *const *endpoints;
		const char *prefix;
		const char *trustpoint; /* NULL: none */
		const char *username;   /* NULL: none */
		struct span password;   /* secret: in the policy's arena, which wipes itself */
	} etcd;
};

struct policy {
	struct arena *arena;
	const char *hostname;
	const char *domain_name; /* "" when not set */
	bool ip_routing;
	/* A stateful firewall: interfaces have names and levels, nothing passes that may not. */
	bool firewall;
	bool same_security_inter, same_security_intra; /* `same-security-traffic permit ...` */
	const struct policy_acl *acl_global;           /* `access-group NAME global`; NULL: none */
	size_t n_interfaces;
	const struct policy_interface *interfaces;
	size_t n_routes;
	const struct policy_route *routes;
	size_t n_pools;
	const struct policy_pool *pools;
	size_t n_excluded;
	const struct policy_excluded *excluded;
	size_t n_vrfs;
	const struct policy_vrf *vrfs;
	struct policy_routing routing;
	size_t n_multicast;
	const struct policy_multicast *multicast; /* tables that say something about it */
	size_t n_acls;
	const struct policy_acl *acls;
	bool isakmp_enabled;
	bool no_legacy; /* `crypto engine legacy disable`: of isakmp nothing is, nor may be */
	enum isakmp_identity isakmp_identity;
	struct policy_keepalive keepalive;
	size_t n_profiles;
	const struct policy_isakmp_profile *profiles;
	size_t n_isakmp;
	const struct policy_isakmp *isakmp; /* by number; the default policy is not in it */
	size_t n_psks;
	const struct policy_psk *psks;
	size_t n_trustpoints;
	const struct policy_trustpoint *trustpoints;
	struct policy_store store;
	size_t n_groups;
	const struct policy_group *groups;
	size_t n_maps;
	const struct policy_crypto_map *maps;
};

void policy_free(struct policy *p); /* NULL is fine */

/* Look-ups by name; NULL when there is none. */
const struct policy_group *policy_group_find(const struct policy *p, const char *name);
/* Is this, by its full IOS name, an interface that only has addresses? */
bool policy_names_loopback(const char *interface);
const struct policy_interface *policy_interface_find(const struct policy *p, const char *name);
const struct policy_acl *policy_acl_find(const struct policy *p, const char *name);
/*
 * The pre-shared key for a peer in a VRF (NULL: the global table), the most specific entry; an
 * empty span when there is none.
 */
struct span policy_psk_find(const struct policy *p, const char *vrf, uint32_t peer);
/* May a member of the group take a TEK of this suite? */
bool policy_suite_allowed(const struct policy_group *g, const struct esp_suite *s);
/* First match; false when no entry matches (the implicit deny) or the entry denies. */
bool policy_acl_permits(const struct policy_acl *acl, const struct flow *f);
/* Does this entry of the list match? An inactive one never does. */
bool policy_ace_match(const struct policy_acl *acl, const struct policy_ace *e,
                      const struct flow *f);
/* Index of the matching entry, -1 for none. */
int policy_acl_match(const struct policy_acl *acl, const struct flow *f);

/*
 * True when both mean the same to whoever runs them (names, keys and order included): the runtime
 * leaves what is equal alone.
 */
bool policy_group_equal(const struct policy_group *a, const struct policy_group *b);
/* The same sender identifiers to hand out? */
bool policy_sids_equal(const struct policy_server *a, const struct policy_server *b);
bool policy_equal(const struct policy *a, const struct policy *b);
bool policy_trustpoints_equal(const struct policy *a, const struct policy *b);

#endif
