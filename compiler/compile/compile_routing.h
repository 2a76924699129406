/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared by the files that compile routing protocols. They read the tree straight into the policy,
 * for nothing else refers to what they hold: interfaces, access lists, prefix lists and route maps
 * are there before them.
 */
#ifndef TESTUDO_COMPILE_ROUTING_H
#define TESTUDO_COMPILE_ROUTING_H

#include "compiler/compile/compile_parts.h"

#define EACH(n, parent, key)                                                                       \
	(n) = tnode_first(parent, key);                                                            \
	(n);                                                                                       \
	(n) = tnode_next(n)

/* --- what several protocols say alike (compile_routing.c) ------------------------------------- */

/* An argument of the parent's one command of that key; the default where it says none. */
uint32_t read_routing_number(const struct tnode *parent, enum gram_key key, enum gram_arg arg,
                             uint32_t dflt);
/* A name in the arena; NULL: the node is NULL or does not say it. */
const char *read_routing_name(struct compiler *c, const struct tnode *n, enum gram_arg arg);
/* A prefix of ARG_ADDRESS and ARG_MASK. */
struct prefix read_routing_prefix(const struct tnode *n);
/* ARG_INTERFACE, or what a firewall calls ARG_NAMEIF, by its full name; NULL: neither is said. */
const char *read_routing_interface(struct compiler *c, const struct tnode *n);
/* Those of EIGRP's five metrics that the node says; the others stay. n may be NULL. */
void read_routing_metrics(const struct tnode *n, uint32_t ret[ROUTING_EIGRP_METRICS]);
/* ARG_PASSWORD in clear, in the policy's arena; empty after having complained. */
struct span read_routing_password(struct compiler *c, const struct tnode *n);

/* `network`: with a mask, a wildcard, or neither (classful). */
const struct policy_network *read_routing_networks(struct compiler *c, const struct tnode *parent,
                                                   enum gram_key key, size_t *ret_n);
/* Has an interface of that VRF (NULL: the global table) an address? */
bool routing_has_address(const struct compiler *c, const char *vrf);
/* Warns about each network that no interface of that VRF (NULL: the global table) is in. */
void check_routing_networks(struct compiler *c, const struct tnode *parent, enum gram_key key,
                            const char *vrf);
/* all: `passive-interface default`; each: `passive-interface IF` and `no passive-interface IF`. */
struct policy_passive read_routing_passive(struct compiler *c, const struct tnode *parent,
                                           enum gram_key all, enum gram_key each);
const struct policy_redistribute *read_routing_redistributes(struct compiler *c,
                                                             const struct tnode *parent,
                                                             enum gram_key key, size_t *ret_n);
const struct policy_route_filter *read_routing_filters(struct compiler *c,
                                                       const struct tnode *parent,
                                                       enum gram_key key, size_t *ret_n);
const uint32_t *read_routing_neighbors(struct compiler *c, const struct tnode *parent,
                                       enum gram_key key, size_t *ret_n);

/* What a name of the configuration stands for; NULL, after having complained: there is none. */
const struct policy_acl *read_routing_acl(struct compiler *c, const struct tnode *n,
                                          enum gram_arg arg);
const struct policy_prefix_list *read_routing_prefix_list(struct compiler *c, const struct tnode *n,
                                                          enum gram_arg arg);
const struct policy_acl *read_routing_acl_named(struct compiler *c, const struct word *name);
const struct policy_prefix_list *read_routing_prefix_list_named(struct compiler *c,
                                                                const struct word *name);
/* NULL: the node names none; a map without entries: the one it names does not exist. */
const struct policy_route_map *read_routing_map(struct compiler *c, const struct tnode *n,
                                                enum gram_arg arg);

/* --- protocols -------------------------------------------------------------------------------- */

void compile_ospf_interface(struct compiler *c, const struct tnode *n, struct policy_interface *e);
void compile_eigrp_interface(struct compiler *c, const struct tnode *n, struct policy_interface *e);
void compile_route_maps(struct compiler *c, const struct tnode *top); /* before the protocols */
void compile_ospf(struct compiler *c, const struct tnode *top);
void compile_eigrp(struct compiler *c, const struct tnode *top);
void compile_rip(struct compiler *c, const struct tnode *top);
void compile_bgp(struct compiler *c, const struct tnode *top);
void compile_mpls(struct compiler *c, const struct tnode *top);

#endif
