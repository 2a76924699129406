/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Object groups: an entry of an access list that names some is several entries, one for each
 * combination of what they hold. A router's groups are read in router_groups.c, a firewall's in
 * asa_groups.c.
 */
#ifndef TESTUDO_OBJECT_GROUPS_H
#define TESTUDO_OBJECT_GROUPS_H

#include "compiler/compile/compile_parts.h"

#define OBJECTS_EXPANDED_MAX 10000 /* entries that one may become */
#define OBJECTS_NESTED_MAX   10    /* groups in groups */

/* What one group says of one part of an entry. */
struct object {
	uint32_t addr, mask; /* of a network */
	uint8_t proto;       /* of a protocol or service */
	bool has_proto;
	uint8_t n_sports, n_ports; /* of a service: source and destination */
	struct port_range sports[POLICY_PORT_RANGES_MAX], ports[POLICY_PORT_RANGES_MAX];
	int16_t icmp_type, icmp_code; /* of an ICMP type; -1: any */
};

struct objects {
	size_t n, capacity;
	struct object *at;
	unsigned visits; /* to groups: groups of groups may name each other without end */
};

/* False: there are too many groups within groups, however few objects they hold. */
bool objects_visit(struct objects *l);

/* The parts of an entry that groups may give: a service, source, destination, ports, ICMP type. */
enum object_part {
	OBJECT_SERVICE,
	OBJECT_SRC,
	OBJECT_DST,
	OBJECT_PORTS,
	OBJECT_ICMP,
	OBJECT_PARTS
};

/* False: there are too many. */
bool objects_add(struct objects *l, const struct object *o);
/* The same object for TCP, for UDP, for both ("tcp-udp"), or as it is (of: NULL). */
void objects_add_service(struct objects *l, const struct object *o, const char *of);
/* The networks that make up a range: each as large as its place and what is left allow. */
void objects_add_range(struct objects *l, uint32_t low, uint32_t high);
/* One that matches everything: of a part that names no group. */
void objects_add_any(struct objects *l);
/* Says that the group of this name does not exist, or is empty. */
void objects_complain(struct compiler *c, const struct word *name, bool exists);

/*
 * All combinations, as entries of the compiler's arena; frees the lists. text: that of an entry;
 * NULL: all have that of the line. Returns 0, after complaining, when there are too many.
 */
size_t objects_expand(struct compiler *c, const struct tnode *ace, const struct policy_ace *plain,
                      struct objects parts[static OBJECT_PARTS],
                      const char *(*text)(struct arena *a, const struct policy_ace *e),
                      const struct policy_ace **ret);

/* --- router_groups.c -------------------------------------------------------------------------- */

/* Does a router's entry name a group? */
bool router_has_groups(const struct tnode *ace);
/*
 * The entries that it stands for, all with its number and text. Returns 0, after complaining, when
 * a group does not exist, is empty or holds what cannot be matched, or there would be too many.
 */
size_t router_expand(struct compiler *c, const struct tnode *top, const struct tnode *ace,
                     const struct policy_ace *plain, const struct policy_ace **ret);

#endif
