/* SPDX-License-Identifier: Apache-2.0 */
/* See object_groups.h. */
#include "compiler/compile/object_groups.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/policy/protocol.h"

bool
objects_visit(struct objects *l)
{
	return l->visits++ < OBJECTS_EXPANDED_MAX;
}

bool
objects_add(struct objects *l, const struct object *o)
{
	if (l->n == OBJECTS_EXPANDED_MAX)
		return false;
	x_grow(&l->at, &l->capacity, l->n + 1, sizeof(*l->at));
	l->at[l->n++] = *o;
	return true;
}

void
objects_add_service(struct objects *l, const struct object *o, const char *of)
{
	struct object s = *o;

	if (of && strcmp(of, "udp") != 0) {
		s.proto = PROTO_TCP;
		s.has_proto = true;
		objects_add(l, &s);
	}
	if (of && strcmp(of, "tcp") != 0) {
		s.proto = PROTO_UDP;
		s.has_proto = true;
		objects_add(l, &s);
	}
	if (!of)
		objects_add(l, &s);
}

void
objects_add_range(struct objects *l, uint32_t low, uint32_t high)
{
	uint64_t at = low;

	while (at <= high) {
		uint64_t size = at ? at & -at : UINT64_C(1) << 32;
		struct object o = {.addr = (uint32_t)at, .icmp_type = -1, .icmp_code = -1};

		while (at + size - 1 > high)
			size /= 2;
		o.mask = (uint32_t)-size;
		objects_add(l, &o);
		at += size;
	}
}

void
objects_add_any(struct objects *l)
{
	objects_add(l, &(struct object){.icmp_type = -1, .icmp_code = -1});
}

void
objects_complain(struct compiler *c, const struct word *name, bool exists)
{
	complain(c, DIAG_ERROR, "object-group-undefined", name, NULL,
	         "object group %s %s: the entry matches nothing", name->text,
	         exists ? "is empty" : "does not exist");
}

static void
set_ports(struct policy_ace *e, const struct object *o)
{
	e->n_dport = o->n_ports;
	memcpy(e->dport, o->ports, sizeof(e->dport));
}

static void
set_service(struct policy_ace *e, const struct object *o)
{
	e->proto = o->proto;
	set_ports(e, o);
	e->n_sport = o->n_sports;
	memcpy(e->sport, o->sports, sizeof(e->sport));
	e->icmp_type = o->icmp_type;
	e->icmp_code = o->icmp_code;
}

/*
 * Writes one object of each part into the entry; false: the parts contradict each other (TCP ports
 * in a UDP entry).
 */
static bool
combine_parts(struct policy_ace *e, const struct object *const part[OBJECT_PARTS])
{
	if (part[OBJECT_SERVICE]->has_proto)
		set_service(e, part[OBJECT_SERVICE]);
	if (part[OBJECT_SRC]->mask) {
		e->src = part[OBJECT_SRC]->addr;
		e->src_mask = part[OBJECT_SRC]->mask;
	}
	if (part[OBJECT_DST]->mask) {
		e->dst = part[OBJECT_DST]->addr;
		e->dst_mask = part[OBJECT_DST]->mask;
	}
	if (part[OBJECT_PORTS]->n_ports) {
		if (part[OBJECT_PORTS]->has_proto && part[OBJECT_PORTS]->proto != e->proto)
			return false;
		set_ports(e, part[OBJECT_PORTS]);
	}
	if (part[OBJECT_ICMP]->icmp_type >= 0)
		e->icmp_type = part[OBJECT_ICMP]->icmp_type;
	return true;
}

/* How many; 0, after complaining: too many. */
static size_t
count_combinations(struct compiler *c, const struct tnode *ace,
                   const struct objects parts[OBJECT_PARTS])
{
	size_t total = 1;

	for (size_t i = 0; i < OBJECT_PARTS; i++) {
		total *= parts[i].n;
		if (total > OBJECTS_EXPANDED_MAX) {
			struct word at = read_line(c, ace);

			complain(c, DIAG_ERROR, "object-group-large", &at, NULL,
			         "the groups of this entry make more than %d: it matches nothing",
			         OBJECTS_EXPANDED_MAX);
			return 0;
		}
	}
	return total;
}

size_t
objects_expand(struct compiler *c, const struct tnode *ace, const struct policy_ace *plain,
               struct objects parts[static OBJECT_PARTS],
               const char *(*text)(struct arena *a, const struct policy_ace *e),
               const struct policy_ace **ret)
{
	size_t n = 0, total = count_combinations(c, ace, parts);
	struct policy_ace *all = arena_alloc(c->arena, total * sizeof(*all));

	for (size_t k = 0; k < total; k++) {
		const struct object *part[OBJECT_PARTS];
		size_t rest = k;

		for (size_t i = OBJECT_PARTS; i-- > 0; rest /= parts[i].n)
			part[i] = &parts[i].at[rest % parts[i].n];
		all[n] = *plain;
		if (!combine_parts(&all[n], part))
			continue;
		if (text)
			all[n].text = text(c->arena, &all[n]);
		n++;
	}
	for (size_t i = 0; i < OBJECT_PARTS; i++)
		free(parts[i].at);
	*ret = all;
	return n;
}
