/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random policies for one member and random flows that meet them: what the dataplanes are compared
 * over. The addresses are those of tests/unit/kernel_net.h, seen from member A.
 */
#ifndef TESTUDO_HUNTER_RANDOM_POLICY_H
#define TESTUDO_HUNTER_RANDOM_POLICY_H

#include "compiler/policy/protocol.h"
#include "runtime/dataplane/dataplane.h"
#include "tests/hunter/chance.h"

#define RP_GROUPS  2
#define RP_ENTRIES 8
#define RP_SAS     3
#define RP_PORT    "FastEthernet0/0" /* of the core */

#define RP_OWN     0x0a090102 /* 10.9.1.2, on the core */
#define RP_LO      0xc0a80303 /* 192.168.3.3, its loopback */
#define RP_HOST    0xc0a8010a /* 192.168.1.10, a host behind it */
#define RP_CORE    0x0a090101 /* 10.9.1.1, the core router */
#define RP_FAR_LO  0xc0a80404 /* 192.168.4.4, another member's loopback */
#define RP_FAR     0xc0a8020a /* 192.168.2.10, a host behind that */
#define RP_MANY    0xefc00101 /* 239.192.1.1 */
#define RP_OTHERS  0xefc00202 /* 239.192.2.2 */

struct random_policy {
	size_t n_groups;
	struct dp_group groups[RP_GROUPS];
	struct dp_entry entries[RP_GROUPS][RP_ENTRIES];
	struct dp_sa sas[RP_GROUPS][RP_SAS];
	struct dp_binding bindings[RP_GROUPS];
	bool has_door;
	struct dp_door door;
	struct selector door_entries[3];
	uint8_t keys[RP_GROUPS][RP_SAS][64];
};

static const uint32_t rp_near[] = {RP_OWN, RP_LO, RP_HOST};
static const uint32_t rp_far[] = {RP_CORE, RP_FAR_LO, RP_FAR};
static const uint32_t rp_many[] = {RP_MANY, RP_OTHERS};
static const uint16_t rp_ports[] = {53, 80, 848, 500, 4000};
static const uint8_t rp_protos[] = {1, 6, 17, 47};

static inline void
rp_address(struct chance *c, bool may_be_many, uint32_t *ret_addr, uint32_t *ret_mask)
{
	static const struct {
		uint32_t addr, mask;
	} nets[] = {
	    {0, 0},
	    {0xc0a80000, 0xffff0000}, /* 192.168/16 */
	    {0xc0a80100, 0xffffff00}, /* 192.168.1/24 */
	    {0xc0a80200, 0xffffff00},
	    {0x0a090000, 0xffff0000}, /* 10.9/16 */
	    {0xc0a8000a, 0xffff00ff}, /* 192.168.x.10: a wildcard with a hole */
	};
	size_t i = chance_of(c, ARRAY_SIZE(nets));

	if (may_be_many && chance_one_in(c, 4)) {
		*ret_addr = rp_many[chance_of(c, 2)];
		*ret_mask = chance_one_in(c, 3) ? 0xffff0000 : UINT32_MAX;
		*ret_addr &= *ret_mask;
	} else if (chance_one_in(c, 3)) {
		*ret_addr =
		    chance_one_in(c, 2) ? rp_near[chance_of(c, 3)] : rp_far[chance_of(c, 3)];
		*ret_mask = UINT32_MAX;
	} else {
		*ret_addr = nets[i].addr;
		*ret_mask = nets[i].mask;
	}
}

static inline struct selector
rp_selector(struct chance *c, bool permit)
{
	struct selector s = {.permit = permit};

	rp_address(c, false, &s.src, &s.src_mask);
	rp_address(c, true, &s.dst, &s.dst_mask);
	if (!chance_one_in(c, 3))
		return s;
	s.proto = rp_protos[chance_of(c, ARRAY_SIZE(rp_protos))];
	if (s.proto != PROTO_TCP && s.proto != PROTO_UDP)
		return s;
	if (chance_one_in(c, 2))
		s.dport = rp_ports[chance_of(c, ARRAY_SIZE(rp_ports))];
	if (chance_one_in(c, 4))
		s.sport = rp_ports[chance_of(c, ARRAY_SIZE(rp_ports))];
	return s;
}

/* suites: those that every dataplane of the comparison can carry. */
static inline void
rp_group(struct chance *c, struct random_policy *p, size_t i)
{
	static const struct esp_suite suites[] = {
	    {CIPHER_AES_128, HASH_SHA1},
	    {CIPHER_AES_256, HASH_SHA256},
	    {CIPHER_3DES, HASH_SHA1},
	};
	static const char *const names[RP_GROUPS] = {"G", "H"};
	struct dp_group *g = &p->groups[i];

	p->bindings[i] =
	    (struct dp_binding){.interface = RP_PORT, .seq = chance_one_in(c, 2) ? 10 + i : 20 - i};
	*g = (struct dp_group){.name = names[i],
	                       .n_bindings = 1,
	                       .bindings = &p->bindings[i],
	                       .n_entries = chance_one_in(c, 12) ? 0 : 1 + chance_of(c, RP_ENTRIES),
	                       .entries = p->entries[i],
	                       .n_sas = 1 + chance_of(c, RP_SAS),
	                       .sas = p->sas[i]};
	if (chance_one_in(c, 6))
		g->direction = chance_one_in(c, 2) ? SA_INBOUND_OPTIONAL : SA_INBOUND_ONLY;
	for (size_t k = 0; k < g->n_sas; k++) {
		struct dp_sa *sa = &p->sas[i][k];

		for (size_t b = 0; b < sizeof(p->keys[i][k]); b++)
			p->keys[i][k][b] = (uint8_t)chance_next(c);
		*sa = (struct dp_sa){.sa = (uint32_t)k + 1,
		                     .spi = 0x1000 + chance_of(c, 0xfffffff),
		                     .suite = suites[chance_of(c, ARRAY_SIZE(suites))],
		                     .window = 64,
		                     .send = !chance_one_in(c, 8),
		                     .receive = true};
		sa->enc_key = SPAN(p->keys[i][k], cipher_keymat_size(sa->suite.cipher));
		sa->auth_key = SPAN(p->keys[i][k] + 32, hash_size(sa->suite.auth));
	}
	for (size_t k = 0; k < g->n_entries; k++) {
		struct dp_entry *e = &p->entries[i][k];

		e->local = k < 2 && chance_one_in(c, 3) && (!k || e[-1].local);
		e->binding = 0;
		e->selector = rp_selector(c, !e->local && !chance_one_in(c, 3));
		e->sa = e->selector.permit ? 1 + chance_of(c, (uint32_t)g->n_sas) : 0;
	}
}

static inline void
rp_make(struct chance *c, struct random_policy *p)
{
	static const char *const interfaces[] = {RP_PORT};

	*p = (struct random_policy){.n_groups = 1 + chance_one_in(c, 3)};
	for (size_t i = 0; i < p->n_groups; i++)
		rp_group(c, p, i);
	p->has_door = chance_one_in(c, 4);
	for (size_t i = 0; i < ARRAY_SIZE(p->door_entries); i++)
		p->door_entries[i] = rp_selector(c, chance_one_in(c, 4));
	p->door = (struct dp_door){.map = "CMAP",
	                           .open = chance_one_in(c, 3),
	                           .n_interfaces = 1,
	                           .interfaces = interfaces,
	                           .n_entries = chance_of(c, 4),
	                           .entries = p->door_entries};
}

/* A packet that A makes or forwards to the core, or one that comes from there. */
static inline struct flow
rp_flow(struct chance *c, bool in)
{
	uint32_t near = rp_near[chance_of(c, 3)], far = rp_far[chance_of(c, 3)];
	struct flow f = {.proto = rp_protos[chance_of(c, ARRAY_SIZE(rp_protos))]};

	if (chance_one_in(c, 4))
		*(in ? &near : &far) = rp_many[chance_of(c, 2)];
	f.src = in ? far : near;
	f.dst = in ? near : far;
	if (f.proto == PROTO_TCP || f.proto == PROTO_UDP) {
		f.sport = rp_ports[chance_of(c, ARRAY_SIZE(rp_ports))];
		f.dport = rp_ports[chance_of(c, ARRAY_SIZE(rp_ports))];
	}
	return f;
}

/* Is that end of the flow this node? */
static inline bool
rp_own(uint32_t addr)
{
	return addr == RP_OWN || addr == RP_LO;
}

#endif
