/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a key server goes on with when it can no longer serve its configuration: somebody took away
 * or misspelt an access list, a profile or a transform set that a group uses. If the server dropped
 * the SA, its members would send in clear what was protected; if it dropped the list of who may
 * join, everybody could. So it keeps the last policy that it could serve, until the configuration
 * describes another one that it can serve, or says plainly that there is no such SA.
 */
#include <string.h>

#include "compiler/compile/compile_parts.h"

static const struct policy_server *
server_before(const struct compiler *c, const char *group)
{
	const struct policy_group *g =
	    c->facts->before ? policy_group_find(c->facts->before, group) : NULL;

	return g && g->local ? &g->server : NULL;
}

void
compile_sa_before(struct compiler *c, const struct raw_group *g, const struct raw_sa *raw,
                  struct policy_sa *sa)
{
	const struct policy_server *s = server_before(c, g->name.text);
	const struct policy_sa *old = NULL;
	size_t i;

	for (i = 0; s && i < s->n_sas; i++)
		if (s->sas[i].number == sa->number && s->sas[i].n_selectors)
			old = &s->sas[i];
	if (!old || sa->n_selectors)
		return;
	sa->suite = old->suite;
	sa->transport = old->transport;
	sa->lifetime = old->lifetime;
	sa->window = old->window;
	sa->time_window = old->time_window;
	sa->n_selectors = old->n_selectors;
	sa->selectors =
	    arena_memdup(c->arena, old->selectors, old->n_selectors * sizeof(*old->selectors));
	complain(c, DIAG_WARNING, "sa-kept", &raw->at, NULL,
	         "sa ipsec %u of group %s goes on with what it said when it could be served",
	         sa->number, g->name.text);
}

static const struct policy_acl *
copy_acl(struct arena *a, const struct policy_acl *old)
{
	struct policy_acl *acl = arena_memdup(a, old, sizeof(*old));
	struct policy_ace *aces = arena_memdup(a, old->aces, old->n_aces * sizeof(*aces));
	size_t i;

	for (i = 0; i < old->n_aces; i++)
		aces[i].text = arena_strdup(a, old->aces[i].text);
	acl->name = arena_strdup(a, old->name);
	acl->aces = aces;
	return acl;
}

const struct policy_acl *
compile_authorized_before(struct compiler *c, const struct raw_group *g, const struct word *name)
{
	const struct policy_server *s = server_before(c, g->name.text);

	if (!s || !s->authorized || strcmp(s->authorized->name, name->text) != 0)
		return NULL;
	complain(c, DIAG_WARNING, "authorization-kept", name, NULL,
	         "access list %s was taken away: group %s goes on with who it let join", name->text,
	         g->name.text);
	return copy_acl(c->arena, s->authorized);
}

static const char *
copy_text(struct compiler *c, const char *text)
{
	return text ? arena_strdup(c->arena, text) : NULL;
}

/* Half of its lines would name another store than the one that is meant. */
void
compile_store_before(struct compiler *c)
{
	const struct policy_store *was = c->facts->before ? &c->facts->before->store : NULL;
	struct policy_store *now = &c->policy->store;
	const char **endpoints;

	if (!c->facts->store_typed || !was)
		return;
	now->file = copy_text(c, was->file);
	now->etcd = (struct policy_etcd){.n_endpoints = was->etcd.n_endpoints,
	                                 .prefix = copy_text(c, was->etcd.prefix),
	                                 .trustpoint = copy_text(c, was->etcd.trustpoint),
	                                 .username = copy_text(c, was->etcd.username)};
	if (was->etcd.password.n)
		now->etcd.password =
		    SPAN(arena_memdup(c->arena, was->etcd.password.p, was->etcd.password.n),
		         was->etcd.password.n);
	if (!was->etcd.endpoints)
		return;
	endpoints = arena_alloc(c->arena, (was->etcd.n_endpoints + 1) * sizeof(*endpoints));
	for (size_t i = 0; i < was->etcd.n_endpoints; i++)
		endpoints[i] = arena_strdup(c->arena, was->etcd.endpoints[i]);
	now->etcd.endpoints = endpoints;
}
