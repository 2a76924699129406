/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared by the compiler's files only. A configuration is first read from the tree into plain
 * lists (compile_read.c): what was typed, with where it stands, defaults filled in, nothing
 * resolved. The other files resolve these lists into the policy. All of it lives in the policy's
 * arena.
 */
#ifndef TESTUDO_COMPILE_PARTS_H
#define TESTUDO_COMPILE_PARTS_H

#include "compiler/compile/compile.h"

/* A word of the configuration and where it stands, so that a diagnostic can point at it. */
struct word {
	const char *text;              /* NULL: not configured */
	unsigned line, column, length; /* as in struct diag */
	const char *source;            /* the line it is part of */
};

struct raw_interface {
	struct word name;
	struct word address;
	uint32_t addr, mask;
	bool dhcp;       /* they are what was learned, if anything was; */
	uint32_t router; /* and so is this; 0: not told */
	bool shutdown;
	struct word acl_in, acl_out;
	struct word nameif; /* of a firewall */
	uint8_t level;
	struct word crypto_map;
	const char *crypto_map_name; /* of a map between two peers, too; NULL: none */
	struct word vrf, unnumbered;
	struct word secondary; /* the first */
	size_t n_secondaries;
	const struct policy_address *secondaries;
	struct word encapsulation; /* its VLAN */
	uint16_t vlan;             /* 0: none */
	bool native;
	uint16_t mtu, ip_mtu, mss; /* 0: not set */
	enum df_bit df;            /* its own, or the device's */
};

struct raw_route {
	struct word to;
	uint32_t addr, mask;
	struct word via;
	uint32_t next_hop;
	struct word interface;
	struct word vrf;
	bool global;
	uint8_t distance;
	uint32_t tag;
};

struct raw_ace {
	struct policy_ace ace;
	struct word at;
	bool log;
	const char *unbuilt; /* the match that we cannot do; NULL: none */
	bool lost;           /* its object groups are not there, as has been said */
};

struct raw_acl {
	struct word name;
	bool standard;
	size_t n;
	const struct raw_ace *aces;
	bool used;
};

struct raw_isakmp {
	struct policy_isakmp policy;
	struct word at;
	const char *unfit; /* what this program does not have; NULL: nothing */
};

/* `local-address`: an address of ours, or an interface that has it. */
struct raw_local {
	struct word at; /* text NULL: not configured */
	bool by_interface;
	uint32_t addr;
};

struct raw_psk {
	struct policy_psk psk;
	struct word address; /* or the host that it is for */
	struct raw_local local;
};

struct raw_trustpoint {
	struct word name;
	struct word rsa_label, ec_label;
	struct word ocsp; /* a check that we cannot do */
	bool asks;        /* `revocation-check` was typed */
	size_t n_maps;
	const struct word *maps; /* `match certificate` */
	struct policy_trustpoint policy;
};

struct raw_cert_map { /* all entries of one label */
	struct word name;
	size_t most; /* entries there is room for */
	struct policy_cert_map_entry *entries;
	struct policy_cert_map policy;
};

struct raw_identity {
	struct word name;
	struct policy_identity policy;
};

struct raw_transform {
	struct word name;
	struct esp_suite suite;
	bool transport;
	const char *unfit; /* a transform this program does not have; NULL: none */
};

struct raw_profile {
	struct word name;
	struct word transform; /* the first of `set transform-set` */
	uint32_t lifetime;     /* seconds; 0: not set */
};

struct raw_sa {
	uint32_t number;
	struct word at;
	struct word profile;
	struct word acl;
	struct word replay; /* the line that asks for time-based protection */
	uint32_t window, time_window;
};

struct raw_kssids {
	struct word at;
	uint16_t low, high;
};

struct raw_server {
	struct word at;
	struct word address;
	uint32_t addr;
	struct policy_rekey rekey; /* rsa_label and configured come later */
	struct word rsa_label;
	struct word rekey_address; /* an access list */
	struct word authorization;
	struct word authorization_identity;
	struct word members_crl; /* `registration periodic crl trustpoint` */
	uint8_t sid_bits;
	struct policy_coop coop;
	size_t n_kssids;
	struct raw_kssids *kssids; /* as typed */
	struct word receive_only;  /* the line */
	size_t n_sas;
	const struct raw_sa *sas;
};

struct raw_group {
	struct word name;
	struct group_id id;
	struct word identity;
	bool local;
	struct raw_server server;
	struct word client_interface;
	bool passive;
	uint32_t recovery_check; /* 0: off */
	uint32_t rekey_ciphers, rekey_hashes;
	size_t n_transforms;
	struct word *transforms; /* `client transform-sets` */
	size_t n_servers;
	struct word server_words[POLICY_SERVERS_MAX];
	uint32_t servers[POLICY_SERVERS_MAX];
};

struct raw_map_entry {
	uint32_t seq;
	struct word at;
	struct word group;
	struct word acl;
	struct word identity; /* `set identity` */
	struct word profile;  /* `set isakmp-profile` */
};

struct raw_map {
	struct word name;
	struct word fail_close; /* the line that opens the mode; text NULL: none */
	struct word fail_close_acl;
	bool fail_close_active;
	struct word local_address; /* an interface */
	struct word profile;       /* `crypto map NAME isakmp-profile` */
	size_t n;
	struct raw_map_entry *entries; /* by sequence number */
};

struct raw_config {
	const char *hostname; /* NULL: not configured */
	const char *domain_name;
	bool ip_routing;
	bool isakmp_enabled;
	enum isakmp_identity isakmp_identity;
	struct policy_keepalive keepalive;
	struct word keepalive_line;
	struct policy_store store;
	struct word quiet_class;    /* of `login quiet-mode`; text NULL: none */
	struct word store_required; /* the line */
	struct word store_trustpoint;
	bool no_legacy;       /* `crypto engine legacy disable` */
	uint32_t sa_lifetime; /* `crypto ipsec security-association lifetime`, seconds */
	size_t n_interfaces, n_routes, n_acls, n_isakmp, n_psks, n_trustpoints, n_cert_maps,
	    n_identities, n_transforms, n_profiles, n_groups, n_maps;
	struct raw_interface *interfaces;
	struct raw_route *routes;
	struct raw_acl *acls;
	struct raw_isakmp *isakmp;
	struct raw_psk *psks;
	struct raw_trustpoint *trustpoints;
	struct raw_cert_map *cert_maps;
	struct raw_identity *identities;
	struct raw_transform *transforms;
	struct raw_profile *profiles;
	struct raw_group *groups;
	struct raw_map *maps;
	size_t n_profile_names; /* of ISAKMP profiles, as in the policy */
	struct raw_profile_name {
		struct word name;
	} * profile_names;
};

struct compiler {
	const struct compile_facts *facts;
	struct diag_list *diags;
	size_t first_diag; /* diagnostics before this one are the caller's */
	struct arena *arena;
	struct policy *policy;
	struct policy_interface *interfaces; /* the policy's, still open */
	struct raw_config raw;
};

/* compile_read.c */
const char *read_text(struct compiler *c, const struct tnode *n); /* the line as rendered */
struct word read_line(struct compiler *c, const struct tnode *n); /* all of it as one word */
/* Room for as many elements as the parent has children of that key. */
void *read_array(struct compiler *c, const struct tnode *parent, enum gram_key key, size_t size);

struct word read_word(struct compiler *c, const struct tnode *n, enum gram_arg arg);
/* One of several. */
struct word read_word_at(struct compiler *c, const struct tnode *n, enum gram_arg arg, size_t nth);

/* compile_vrf.c */
void read_vrfs(struct compiler *c, const struct tnode *top); /* into the policy */
/* What an interface has beside its address, its lists and its map. */
void read_interface_edge(struct compiler *c, const struct tnode *n, struct raw_interface *ret);
void compile_interface_edge(struct compiler *c, size_t at); /* before that of the next one */
/* Is there a VRF of that name? Complains when not. */
bool compile_vrf_known(struct compiler *c, const struct word *name, const char *consequence);
/* The VRF of an interface; NULL: the global table, or there is no such interface. */
const char *compile_vrf_of(const struct compiler *c, const char *interface);

/* compile_dhcp.c */
/* The address of an interface with `ip address dhcp`, if one has been learned. */
void read_learned(struct compiler *c, const struct tnode *address, struct raw_interface *ret);
void read_pools(struct compiler *c, const struct tnode *top); /* into the policy */
/* Default routes that were learned, into the list; how many. */
size_t compile_learned_routes(const struct compiler *c, struct policy_route *ret);

/* compile_keyring.c */
void read_psks(struct compiler *c, const struct tnode *top);
/* Into the policy's list, which has room for all; how many hold anywhere. */
size_t compile_psks(struct compiler *c, struct policy_psk *ret);
/* The key in clear; NULL, after complaining, when it cannot be opened. */
const char *read_key(struct compiler *c, const struct tnode *n, const struct word *place);

/* compile_profile.c */
struct policy_keepalive read_keepalive(const struct tnode *n); /* NULL: none is configured */
struct raw_local read_local(struct compiler *c, const struct tnode *n); /* NULL is fine */
/* The address; 0 after having complained of an interface that has none. */
uint32_t compile_local(struct compiler *c, const struct raw_local *l, const char *consequence);
void compile_profiles(struct compiler *c, const struct tnode *top); /* after keys and PKI */
void compile_keepalive(struct compiler *c);                         /* after the groups */
/*
 * The profile that a map's entry registers by; one that does not exist matches nobody. NULL: none.
 * inner: the VRF of the traffic there.
 */
const struct policy_isakmp_profile *compile_map_profile(struct compiler *c,
                                                        const struct raw_map *map,
                                                        const struct raw_map_entry *e,
                                                        const char *inner);

/* compile_pki.c */
void read_trustpoints(struct compiler *c, const struct tnode *top);
void compile_pki(struct compiler *c); /* after the names and ISAKMP */
bool compile_has_label(const char *const *labels, size_t n, const char *label);
bool compile_signs(const struct compiler *c); /* does an ISAKMP policy take signatures? */

/* compile_certmap.c */
void read_cert_maps(struct compiler *c, const struct tnode *top);
void read_identities(struct compiler *c, const struct tnode *top);
/* The maps that a trustpoint matches by; NULL in it, and an error, for one that does not exist. */
void compile_cert_matches(struct compiler *c, struct raw_trustpoint *t);
/* NULL after having complained of one that does not exist, or holds nothing. */
const struct policy_identity *compile_identity(struct compiler *c, const struct word *name,
                                               const char *id, const char *consequence);

/* compile_sid.c */
void read_sids(struct compiler *c, const struct tnode *server, struct raw_server *s);
void read_coop(struct compiler *c, const struct tnode *server, struct policy_coop *ret);
void read_shared_store(struct compiler *c, const struct tnode *top, struct policy_store *ret);
void compile_sids(struct compiler *c, const struct raw_group *g, struct policy_server *s);

/* compile_read_acl.c */
void read_acls(struct compiler *c, const struct tnode *top);
/* Protocol, ports, ICMP type: what an entry asks for beside addresses. */
void read_match(const struct tnode *n, struct policy_ace *ace);

/* compile.c */
/* All of it: facts and diags are set, the rest is made; the policy is the caller's. */
void compiler_run(struct compiler *c, const struct tree *config);
void compiler_sort(struct compiler *c); /* what it said, by line */
void complain(struct compiler *c, enum severity severity, const char *id, const struct word *at,
              const char *suggest, const char *format, ...) __attribute__((format(printf, 6, 7)));
/* The nearest among n names that stand stride bytes apart; each a struct word. */
const char *nearest_name(struct compiler *c, const char *word, const void *first, size_t n,
                         size_t stride);
#define NEAREST(c, word, list, n) nearest_name(c, word, &(list)[0].name, n, sizeof((list)[0]))
struct raw_acl *raw_acl_find(struct compiler *c, const char *name);
/*
 * Is there a connected network or a route of the table that leads to addr, or may one be learned?
 * vrf NULL: the global table.
 */
bool compile_reaches(const struct compiler *c, const char *vrf, uint32_t addr);
bool compile_connected(const struct compiler *c, const char *vrf, uint32_t addr);

/* compile_acl.c */
void compile_acls(struct compiler *c);
/*
 * The access list as selectors, or NULL after having complained; what: whose it is, for the
 * message; consequence: what follows from an error.
 */
const struct selector *compile_selectors(struct compiler *c, const struct word *name,
                                         const char *what, size_t *ret_n);
/* The denies of a member's own list; its permits have no effect, and a diagnostic says so. */
const struct selector *compile_denies(struct compiler *c, const struct word *name, size_t *ret_n);
/*
 * Writes the access list of fail-close mode into ret, at most room selectors; returns how many. An
 * entry that cannot be a selector lets nothing through.
 */
size_t compile_exceptions(struct compiler *c, const struct word *name, struct selector *ret,
                          size_t room);
/*
 * Called when all references are known: warns about lists that nobody uses and whose name is like
 * one that does not exist.
 */
void compile_acl_leftovers(struct compiler *c);

/* compile_crypto.c */
const struct raw_transform *transform_find(const struct compiler *c, const char *name);
void compile_isakmp(struct compiler *c);
void compile_maps(struct compiler *c); /* after the groups */
/* The suite and lifetime of a profile; false after having complained. */
bool compile_profile(struct compiler *c, const struct word *name, const char *what,
                     struct policy_sa *sa);

/* compile_routing.c */
void compile_routing(struct compiler *c, const struct tnode *top); /* after interfaces and lists */

/* compile_multicast.c */
void compile_multicast(struct compiler *c, const struct tnode *top); /* after them, too */

/* compile_unbuilt.c */
void compile_unbuilt(struct compiler *c, const struct tnode *top); /* what is only kept */

/* compile_before.c */
/* Gives an SA that cannot be served the policy that it had when it last could. */
void compile_sa_before(struct compiler *c, const struct raw_group *g, const struct raw_sa *raw,
                       struct policy_sa *sa);
/* The list of that name in the policy that runs now; NULL: it has none. */
/* Of what the store that servers share is configured with. */
void check_store(struct compiler *c);
/* Of a store whose lines are being typed. */
void compile_store_before(struct compiler *c);
const struct policy_acl *compile_authorized_before(struct compiler *c, const struct raw_group *g,
                                                   const struct word *name);

/* compile_gdoi.c */
void compile_groups(struct compiler *c);

#endif
