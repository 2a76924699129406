/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the rendering: what has been written, lists and route maps on demand. */
#ifndef TESTUDO_FRR_PRIV_H
#define TESTUDO_FRR_PRIV_H

#include "compiler/base/arena.h"
#include "compiler/frr/frr.h"
#include "compiler/policy/speaking.h"

struct frr_out {
	const struct policy *policy;
	const struct frr_options *o;
	struct arena *arena; /* of names */
	struct text lists;   /* what others refer to; it goes first */
	struct text body;
	const void **known; /* lists and maps that are written */
	size_t n_known, known_capacity;
	unsigned n_made;         /* generated route maps */
	const char **long_names; /* as the configuration has them */
	size_t n_long_names, long_names_capacity;
};

__attribute__((format(printf, 5, 6))) void frr_say_lack(struct frr_out *out, enum frr_place place,
                                                        uint32_t number, const char *name,
                                                        const char *format, ...);
/* NULL: it has none. */
const char *frr_device(struct frr_out *out, const char *interface);
const char *frr_prefix_text(struct frr_out *out, struct prefix p); /* "10.0.0.0/8", in the arena */
/* May it be a word of FRR's? */
bool frr_is_word(struct span text);

/* --- frr_list.c ------------------------------------------------------------------------------- */

/* The name in FRR's configuration; written there on the first call. */
const char *frr_acl(struct frr_out *out, const struct policy_acl *acl);
const char *frr_prefix_list(struct frr_out *out, const struct policy_prefix_list *l);
const char *frr_community_list(struct frr_out *out, const struct policy_community_list *l);
const char *frr_none(struct frr_out *out);        /* an access list that lets nothing pass */
const char *frr_classful(struct frr_out *out);    /* what is a network by its class */
const char *frr_not_default(struct frr_out *out); /* all but 0.0.0.0/0 */
const char *frr_communities(struct frr_out *out, const uint32_t *list, size_t n);
const char *frr_name(struct frr_out *out, const char *name);
bool frr_first_use(struct frr_out *out, const void *what);

/* --- frr_map.c -------------------------------------------------------------------------------- */

const char *frr_route_map(struct frr_out *out, const struct policy_route_map *map);

/* One of many things that must hold; of the first three one is set. */
struct frr_condition {
	const char *acl, *prefix_list, *call; /* FRR's names */
	const char *device; /* asked of this device's routes alone; NULL: of all */
};

/* A part of a generated map: what meets all conditions is taken, as it says. */
struct frr_part {
	size_t n, capacity;
	struct frr_condition *conditions; /* in the arena */
	bool sets_metric, sets_type;
	uint32_t metric, tag; /* tag 0: left alone */
	uint8_t type;
	const char *map; /* FRR's name of what then decides; NULL: it is taken */
};

void frr_condition_add(struct frr_out *out, struct frr_part *part, struct frr_condition c);
/* All that a filter wants to hold. */
void frr_filter_add(struct frr_out *out, struct frr_part *part,
                    const struct policy_route_filter *f);
/*
 * The route map of what parts take, the first that does; NULL: it would take all as it is. `what`
 * is part of its name.
 */
const char *frr_parts_map(struct frr_out *out, const char *what, const struct frr_part *parts,
                          size_t n);

/*
 * What filters of what comes in keep out of the table; what the protocol tells others of it is no
 * matter of theirs.
 */
void frr_table_filters(struct frr_out *out, const char *protocol,
                       const struct policy_route_filter *filters, size_t n);

/* --- frr_redistribute.c ----------------------------------------------------------------------- */

/* A process that takes from others. */
struct frr_target {
	enum frr_place place;
	uint32_t number;
	enum routing_source source; /* what it is itself */
	size_t n_lines, n_filters;
	const struct policy_redistribute *lines;
	const struct policy_route_filter *filters;
	uint32_t default_metric; /* 0: none */
	bool refuses_default;    /* 0.0.0.0/0 is not taken */
};

/* Its `redistribute` lines. */
void frr_redistribute(struct frr_out *out, const struct frr_target *t);

/* --- one file for each ------------------------------------------------------------------------ */

void frr_ospf(struct frr_out *out);
void frr_ospf_interface(struct frr_out *out, const struct policy_interface *i, const char *device);
void frr_rip(struct frr_out *out);
void frr_eigrp(struct frr_out *out);
void frr_bgp(struct frr_out *out);

/* Does this process speak at the interface, by its networks? */
bool frr_rip_runs_at(const struct policy *p, const struct policy_interface *i);
bool frr_eigrp_runs_at(const struct policy_eigrp *e, const struct policy_interface *i);
/* The process that FRR runs; it has one of each protocol. NULL: none. */
const struct policy_ospf *frr_ospf_process(const struct policy *p);

#endif
