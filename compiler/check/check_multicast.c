/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Do rekeys by multicast reach the members? The trees that the devices would make are asked, with
 * all links up; what lies behind devices that are not checked here is not known, and not said.
 */
#include "compiler/check/check_parts.h"
#include "compiler/multicast/multicast.h"

#include <stdlib.h>

#define SETTLED SECONDS(1200)

struct cast_check {
	struct checkup *checkup;
	const struct address_index *index;
	struct multicast *engine; /* NULL: no device routes multicast */
};

static bool
device_leads(void *arg, size_t node, const char *vrf, uint32_t addr, struct multicast_route *ret)
{
	const struct cast_check *c = arg;

	*ret = (struct multicast_route){.interface = NULL};
	return path_next(c->index, node, vrf, addr, &ret->interface, &ret->next);
}

static void
join_link(void *arg, size_t device, const char *interface, uint32_t segment)
{
	multicast_interface(((struct cast_check *)arg)->engine, device, interface, segment, true);
}

struct cast_check *
check_multicast_new(struct checkup *c, const struct address_index *x)
{
	struct cast_check *cast = x_alloc(sizeof(*cast));
	const struct multicast_env env = {.leads = device_leads, .arg = cast};
	msec next, now = 0;
	bool any = false;

	*cast = (struct cast_check){.checkup = c, .index = x};
	for (size_t i = 0; i < c->n; i++)
		any = any || multicast_configured(c->devices[i].compiler.policy);
	if (!any)
		return cast;
	cast->engine = multicast_new(&env);
	for (size_t i = 0; i < c->n; i++) {
		multicast_node_add(cast->engine);
		multicast_node_policy(cast->engine, i, c->devices[i].compiler.policy);
	}
	check_each_link(c, join_link, cast);
	while ((next = multicast_update(cast->engine, now)) <= SETTLED)
		now = next;
	return cast;
}

void
check_multicast_free(struct cast_check *c)
{
	multicast_free(c->engine);
	free(c);
}

/* Does it end where something is not known? */
static bool
is_outside(const struct cast_check *c, const struct multicast_verdict *v)
{
	switch (v->lack) {
	case MULTICAST_NO_FIRST:
		return true;
	case MULTICAST_NO_ROUTER:
		return !check_link_shared(c->checkup, v->node, v->interface);
	case MULTICAST_NO_NEIGHBOR:
	case MULTICAST_RP_NOBODY:
		return !address_owner(c->index, v->next);
	default:
		return false;
	}
}

/* What is wrong, as the end of a sentence. */
static char *
lack_text(const struct cast_check *c, const struct multicast_verdict *v)
{
	const char *name = c->checkup->devices[v->node].compiler.policy->hostname;
	const char *interface = v->interface ? v->interface : "";
	char a[ADDR_TEXT_MAX], b[ADDR_TEXT_MAX];

	addr_text(v->addr, a);
	addr_text(v->next, b);
	switch (v->lack) {
	case MULTICAST_NO_ROUTER:
		return x_asprintf("no router on the link of %s %s has PIM", name, interface);
	case MULTICAST_NO_RP:
		return x_asprintf("%s knows no RP for the group", name);
	case MULTICAST_RP_OTHER:
		return x_asprintf("%s has another RP for the group than the routers before it",
		                  name);
	case MULTICAST_RP_NOBODY:
		return x_asprintf("%s expects the RP %s on %s, and nobody there with PIM has that "
		                  "address",
		                  name, a, interface);
	case MULTICAST_NOT_TOLD:
		return x_asprintf(
		    "the first router behind the key server does not reach the RP %s by PIM", a);
	case MULTICAST_NO_NEIGHBOR:
		return x_asprintf("%s reaches %s by %s on %s, which has no PIM there", name, a, b,
		                  interface);
	case MULTICAST_LOOP:
		return x_asprintf("the way from %s to %s is a loop", name, a);
	default:
		return x_asprintf("%s has no way to %s by an interface with PIM", name, a);
	}
}

/*
 * Nobody here routes multicast. It ends at the first router on the way to the server; NULL: there
 * is none, or it is not known.
 */
static const struct device *
first_router(const struct cast_check *c, const struct device *member, const char *vrf,
             uint32_t server)
{
	const struct device *owner;
	const char *interface = NULL;
	uint32_t next;

	if (!path_next(c->index, (size_t)(member - c->checkup->devices), vrf, server, &interface,
	               &next) ||
	    next == server)
		return NULL;
	owner = address_owner(c->index, next);
	return owner && owner != address_owner(c->index, server) ? owner : NULL;
}

/* Why they do not come; the caller frees it. NULL: they do, or nobody knows. */
static char *
find_lack(const struct cast_check *c, const struct device *member,
          const struct policy_group_interface *on, const struct policy_server *server)
{
	const struct device *router;
	struct multicast_verdict v;

	if (!c->engine) {
		router = first_router(c, member, on->vrf, server->addr);
		return router ? x_asprintf("%s, on the way, does not route multicast",
		                           router->compiler.policy->hostname)
		              : NULL;
	}
	v = multicast_explain(c->engine, (size_t)(member - c->checkup->devices),
	                      on->hears ? on->hears : on->name, server->addr,
	                      server->rekey.group_addr);
	return v.lack == MULTICAST_FINE || is_outside(c, &v) ? NULL : lack_text(c, &v);
}

void
check_multicast_rekeys(const struct cast_check *c, struct device *member, const struct word *at,
                       const struct policy_group_interface *on, const struct policy_server *server,
                       const char *group)
{
	char addr[ADDR_TEXT_MAX], *why;

	if (!server->addr || server->rekey.unicast || !server->rekey.group_addr)
		return;
	why = find_lack(c, member, on, server);
	if (!why)
		return;
	complain(&member->compiler, DIAG_WARNING, "multicast-no-way", at, NULL,
	         "rekeys of group %s to %s do not reach this member: %s", group,
	         addr_text(server->rekey.group_addr, addr), why);
	free(why);
}
