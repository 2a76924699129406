/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The compiler's entry, its diagnostics, and what has nothing to do with cryptography: names,
 * interfaces, routes. See compile.h, and compile_parts.h for how the work is divided.
 */
#include "compiler/compile/compile.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/compile/compile_parts.h"
#include "compiler/policy/vrf.h"

/* --- diagnostics ------------------------------------------------------------------------------ */

/*
 * Was the same diagnostic given for the same place before? A second one would tell the user nothing
 * new.
 */
static bool
said_before(const struct compiler *c, const struct diag *d)
{
	size_t i;

	for (i = c->first_diag; i < c->diags->n; i++) {
		const struct diag *old = &c->diags->items[i];

		if (old->line == d->line && old->column == d->column && diag_equal(old, d))
			return true;
	}
	return false;
}

void
complain(struct compiler *c, enum severity severity, const char *id, const struct word *at,
         const char *suggest, const char *format, ...)
{
	struct diag d = {.severity = severity,
	                 .id = id,
	                 .line = at->line,
	                 .column = at->column,
	                 .length = at->length,
	                 .text = at->source ? at->source : "",
	                 .suggest = suggest ? suggest : ""};
	char message[512];
	va_list ap;

	va_start(ap, format);
	vsnprintf(message, sizeof(message), format, ap);
	va_end(ap);
	d.message = message;
	if (!said_before(c, &d))
		diag_add(c->diags, &d);
}

const char *
nearest_name(struct compiler *c, const char *word, const void *first, size_t n, size_t stride)
{
	const char **names = arena_alloc(c->arena, (n + 1) * sizeof(*names));
	size_t i;

	for (i = 0; i < n; i++)
		names[i] = ((const struct word *)((const char *)first + i * stride))->text;
	return diag_nearest(word, names, n);
}

/* --- interfaces ------------------------------------------------------------------------------- */

struct raw_acl *
raw_acl_find(struct compiler *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->raw.n_acls; i++)
		if (strcmp(c->raw.acls[i].name.text, name) == 0)
			return &c->raw.acls[i];
	return NULL;
}

static const struct policy_acl *
access_group(struct compiler *c, const struct word *name)
{
	struct raw_acl *raw = name->text ? raw_acl_find(c, name->text) : NULL;

	if (!name->text)
		return NULL;
	if (!raw) {
		complain(c, DIAG_WARNING, "access-group-undefined", name,
		         NEAREST(c, name->text, c->raw.acls, c->raw.n_acls),
		         "access list %s does not exist: every packet passes", name->text);
		return NULL;
	}
	raw->used = true;
	return policy_acl_find(c->policy, name->text);
}

/* Nobody passes a list that does not exist when the router is quiet; a line's lets all in. */
static void
check_quiet_class(struct compiler *c)
{
	const struct word *name = &c->raw.quiet_class;
	struct raw_acl *raw = name->text ? raw_acl_find(c, name->text) : NULL;

	if (raw)
		raw->used = true;
	else if (name->text)
		complain(c, DIAG_WARNING, "quiet-class-undefined", name,
		         NEAREST(c, name->text, c->raw.acls, c->raw.n_acls),
		         "access list %s does not exist: nobody can log in from elsewhere while "
		         "the router is quiet",
		         name->text);
}

static void
check_overlap(struct compiler *c, size_t i)
{
	const struct raw_interface *a = &c->raw.interfaces[i], *b;
	size_t j;

	for (j = 0; j < i; j++) {
		b = &c->raw.interfaces[j];
		if (a->address.text && b->address.text && vrf_same(a->vrf.text, b->vrf.text) &&
		    ((a->addr ^ b->addr) & a->mask & b->mask) == 0) {
			complain(c, DIAG_WARNING, "interface-overlap", &a->address, NULL,
			         "the network of %s overlaps with that of %s", a->name.text,
			         b->name.text);
			return;
		}
	}
}

static void
compile_interfaces(struct compiler *c)
{
	size_t n = c->raw.n_interfaces, i;

	c->interfaces = arena_alloc(c->arena, n * sizeof(*c->interfaces));
	for (i = 0; i < n; i++) {
		const struct raw_interface *raw = &c->raw.interfaces[i];

		c->interfaces[i] = (struct policy_interface){
		    .name = raw->name.text,
		    .has_address = raw->address.text,
		    .dhcp = raw->dhcp,
		    .addr = raw->addr,
		    .len = mask_len(raw->mask),
		    .shutdown = raw->shutdown,
		    .acl_in = access_group(c, &raw->acl_in),
		    .acl_out = access_group(c, &raw->acl_out),
		    .crypto_map_name = raw->crypto_map_name,
		    .nameif = raw->nameif.text,
		    .security_level = raw->level,
		};
		compile_interface_edge(c, i);
		check_overlap(c, i);
	}
	check_quiet_class(c);
	c->policy->n_interfaces = n;
	c->policy->interfaces = c->interfaces;
}

/* --- routes ----------------------------------------------------------------------------------- */

static bool
is_on_network(const struct policy_interface *f, uint32_t addr)
{
	if (f->unnumbered)
		return false;
	for (size_t i = 0; i < f->n_secondaries; i++)
		if (((f->secondaries[i].addr ^ addr) & prefix_mask(f->secondaries[i].len)) == 0)
			return true;
	return f->has_address && ((f->addr ^ addr) & prefix_mask(f->len)) == 0;
}

bool
compile_connected(const struct compiler *c, const char *vrf, uint32_t addr)
{
	for (size_t i = 0; i < c->policy->n_interfaces; i++) {
		const struct policy_interface *f = &c->policy->interfaces[i];

		if (vrf_same(f->vrf, vrf) && is_on_network(f, addr))
			return true;
	}
	return false;
}

/* Does a routing protocol fill this table? Nobody knows from one configuration with what. */
static bool
is_learned(const struct compiler *c, const char *vrf)
{
	const struct policy_routing *r = &c->policy->routing;

	for (size_t i = 0; i < r->n_ospf; i++)
		if (vrf_same(r->ospf[i].vrf, vrf))
			return true;
	for (size_t i = 0; i < r->n_eigrp; i++)
		if (vrf_same(r->eigrp[i].vrf, vrf))
			return true;
	for (size_t i = 0; i < r->n_rip_vrfs; i++)
		if (vrf_same(r->rip_vrfs[i].vrf, vrf))
			return true;
	for (size_t i = 0; i < r->bgp.n_vrfs; i++)
		if (vrf_same(r->bgp.vrfs[i].vrf, vrf))
			return true;
	return !vrf && r->rip.configured;
}

bool
compile_reaches(const struct compiler *c, const char *vrf, uint32_t addr)
{
	size_t i;

	if (compile_connected(c, vrf, addr) || is_learned(c, vrf))
		return true;
	for (i = 0; i < c->policy->n_routes; i++)
		if (vrf_same(c->policy->routes[i].vrf, vrf) &&
		    prefix_contains(c->policy->routes[i].to, addr))
			return true;
	return false;
}

/*
 * The interface of a route. One of a VRF's table must be in that VRF, unless the line says that the
 * next hop is global: nothing else leads from one table into another. The global table may lead
 * into a VRF, when somebody types it, as in IOS.
 */
static void
check_way_out(struct compiler *c, const struct raw_route *raw)
{
	const char *name = raw->interface.text;
	const char *vrf = raw->global ? NULL : raw->vrf.text;

	if (strncmp(name, "Null", 4) == 0)
		return;
	if (!policy_interface_find(c->policy, name))
		complain(c, DIAG_WARNING, "route-interface-undefined", &raw->interface,
		         NEAREST(c, name, c->raw.interfaces, c->raw.n_interfaces),
		         "interface %s does not exist: the route is not used", name);
	else if (raw->vrf.text && !vrf_same(compile_vrf_of(c, name), vrf))
		complain(c, DIAG_WARNING, "route-other-vrf", &raw->interface, NULL,
		         "interface %s is not in %s%s: the route is not used", name,
		         vrf ? "VRF " : "the global table", vrf ? vrf : "");
}

/* A next hop may itself be reached through a route, but not through the one that names it. */
static void
check_next_hop(struct compiler *c, size_t route)
{
	const struct raw_route *raw = &c->raw.routes[route];
	const char *vrf = raw->global ? NULL : raw->vrf.text;
	size_t i;

	if (raw->vrf.text && !compile_vrf_known(c, &raw->vrf, "the route is in no table"))
		return;
	if (raw->interface.text) {
		check_way_out(c, raw);
		return;
	}
	if (compile_connected(c, vrf, raw->next_hop))
		return;
	for (i = 0; i < c->raw.n_routes; i++) {
		const struct raw_route *other = &c->raw.routes[i];

		if (i != route && vrf_same(other->vrf.text, vrf) &&
		    ((other->addr ^ raw->next_hop) & other->mask) == 0 &&
		    (other->interface.text || other->next_hop != raw->next_hop))
			return;
	}
	complain(c, DIAG_WARNING, "route-next-hop", &raw->via, NULL,
	         "next hop %s is on no connected network: the route is not used", raw->via.text);
}

static void
compile_routes(struct compiler *c)
{
	struct policy_route *routes =
	    arena_alloc(c->arena, (c->raw.n_routes + c->raw.n_interfaces) * sizeof(*routes));
	size_t n = 0, i;

	for (i = 0; i < c->raw.n_routes; i++) {
		const struct raw_route *raw = &c->raw.routes[i];

		routes[n++] = (struct policy_route){
		    .to = {.addr = raw->addr & raw->mask, .len = mask_len(raw->mask)},
		    .via = raw->next_hop,
		    .interface = raw->interface.text,
		    .distance = raw->distance,
		    .vrf = raw->vrf.text,
		    .global = raw->global,
		    .tag = raw->tag,
		};
		check_next_hop(c, i);
	}
	n += compile_learned_routes(c, routes + n);
	c->policy->n_routes = n;
	c->policy->routes = routes;
}

/* --- all of it -------------------------------------------------------------------------------- */

static int
by_line(const void *a, const void *b)
{
	const struct diag *x = a, *y = b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	if (x->column != y->column)
		return x->column < y->column ? -1 : 1;
	return strcmp(x->id, y->id);
}

void
compiler_run(struct compiler *c, const struct tree *config)
{
	const struct compile_kind *kind = c->facts->kind;
	const struct tnode *top = tree_top(config);
	struct arena *arena = arena_new();

	c->first_diag = c->diags->n;
	c->arena = arena;
	c->policy = arena_alloc(arena, sizeof(*c->policy));
	c->policy->arena = arena;
	kind->read(c, top);
	c->policy->hostname =
	    arena_strdup(arena, c->raw.hostname ? c->raw.hostname : c->facts->default_hostname);
	c->policy->domain_name = c->raw.domain_name ? c->raw.domain_name : "";
	c->policy->ip_routing = c->raw.ip_routing;
	compile_acls(c);
	compile_interfaces(c);
	compile_routes(c);
	compile_routing(c, top);
	if (kind->finish)
		kind->finish(c, top);
	compile_multicast(c, top);
	compile_isakmp(c);
	compile_pki(c);
	compile_profiles(c, top);
	compile_groups(c);
	compile_keepalive(c);
	compile_maps(c);
	compile_acl_leftovers(c);
	compile_unbuilt(c, top);
}

void
compiler_sort(struct compiler *c)
{
	if (c->diags->n > c->first_diag)
		qsort(c->diags->items + c->first_diag, c->diags->n - c->first_diag,
		      sizeof(struct diag), by_line);
}

struct policy *
compile(const struct tree *config, const struct compile_facts *facts, struct diag_list *diags)
{
	struct compiler c = {.facts = facts, .diags = diags};

	compiler_run(&c, config);
	compiler_sort(&c);
	return c.policy;
}
