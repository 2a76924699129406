/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key servers that cooperate have to be configured alike: members are served by any of them, and
 * the policy of the one that leads counts.
 */
#include <stdlib.h>
#include <string.h>

#include "compiler/base/text.h"
#include "compiler/check/check_parts.h"
#include "compiler/policy/alike.h"

/* A setting as one server has it. */
struct said {
	enum alike which;
	struct text octets;
};

struct sayings {
	struct said *all;
	size_t n, capacity;
};

static void
keep_value(void *arg, enum alike which, struct span value)
{
	struct sayings *v = arg;
	struct said *last;

	x_grow(&v->all, &v->capacity, v->n + 1, sizeof(*v->all));
	last = &v->all[v->n++];
	*last = (struct said){.which = which, .octets = TEXT_INIT};
	text_add(&last->octets, (const char *)value.p, value.n);
}

static void
forget_values(struct sayings *v)
{
	for (size_t i = 0; i < v->n; i++)
		text_fini(&v->all[i].octets);
	free(v->all);
}

static bool
values_differ(const struct said *a, const struct said *b)
{
	return a->octets.n != b->octets.n ||
	       (a->octets.n && memcmp(a->octets.p, b->octets.p, a->octets.n) != 0);
}

/* In what they differ, a set of enum alike: what coop_words.c tells of servers that run. */
static uint32_t
differing_settings(const struct policy_server *mine, const struct policy_server *theirs)
{
	struct sayings a = {0}, b = {0};
	uint32_t set = 0;

	policy_alike(mine, keep_value, &a);
	policy_alike(theirs, keep_value, &b);
	for (size_t i = 0; i < a.n && i < b.n; i++)
		if (values_differ(&a.all[i], &b.all[i]))
			set |= 1u << a.all[i].which;
	forget_values(&a);
	forget_values(&b);
	return set;
}

static void
check_peer(struct device *d, size_t group, const struct device *peer,
           const struct policy_group *theirs)
{
	struct compiler *c = &d->compiler;
	const struct policy_server *mine = &c->policy->groups[group].server;
	const uint32_t set = differing_settings(mine, &theirs->server);
	struct text differing = TEXT_INIT;

	alike_put(&differing, set);
	if (set)
		complain(c, DIAG_WARNING, "coop-differs", &c->raw.groups[group].server.at, NULL,
		         "key server %s, which cooperates in group %s, is configured otherwise: %s",
		         peer->compiler.policy->hostname, c->policy->groups[group].name,
		         text_string(&differing));
	text_fini(&differing);
}

/* --- ranks, stores, peers --------------------------------------------------------------------- */

static bool
has_endpoint(const struct policy_etcd *e, const char *url)
{
	for (size_t i = 0; i < e->n_endpoints; i++)
		if (strcmp(e->endpoints[i], url) == 0)
			return true;
	return false;
}

/* May it be one store? An etcd has many endpoints: one that both know is enough. */
static bool
shares_store(const struct policy_store *a, const struct policy_store *b)
{
	if (!a->etcd.endpoints || !b->etcd.endpoints)
		return a->etcd.endpoints == b->etcd.endpoints && a->file && b->file &&
		       strcmp(a->file, b->file) == 0;
	for (size_t i = 0; i < a->etcd.n_endpoints; i++)
		if (has_endpoint(&b->etcd, a->etcd.endpoints[i]))
			return strcmp(a->etcd.prefix, b->etcd.prefix) == 0;
	return false;
}

static bool
names_store(const struct policy_store *s)
{
	return s->etcd.endpoints || s->file;
}

/* Both have redundancy: do they find each other, and is it said who leads? */
static void
check_pair(struct device *d, size_t group, const struct device *peer,
           const struct policy_group *theirs)
{
	struct compiler *c = &d->compiler;
	const struct policy_group *mine = &c->policy->groups[group];
	const struct policy *other = peer->compiler.policy;
	const struct word *at = &c->raw.groups[group].server.at;

	if ((names_store(&c->policy->store) || names_store(&other->store)) &&
	    !shares_store(&c->policy->store, &other->store))
		complain(c, DIAG_WARNING, "coop-store-differs", at, NULL,
		         "key server %s, which cooperates in group %s, names another store: each "
		         "makes keys of its own",
		         other->hostname, mine->name);
	if (mine->server.coop.priority == theirs->server.coop.priority)
		complain(c, DIAG_NOTE, "coop-priority", at, "local priority",
		         "key server %s has the same priority, %u, in group %s: the one of the "
		         "higher address leads first",
		         other->hostname, mine->server.coop.priority, mine->name);
}

/* Somebody is there, and is no other server of the group. */
static void
complain_peer(struct device *d, size_t group, uint32_t addr, const struct device *owner)
{
	struct compiler *c = &d->compiler;
	const char *name = c->policy->groups[group].name;
	const struct word *at = &c->raw.groups[group].server.at;
	char text[ADDR_TEXT_MAX];

	addr_text(addr, text);
	if (owner == d)
		complain(c, DIAG_WARNING, "coop-peer", at, NULL,
		         "peer %s of group %s is this key server itself", text, name);
	else
		complain(c, DIAG_WARNING, "coop-peer", at, NULL,
		         "peer %s of group %s is %s, which does not serve the group", text, name,
		         owner->compiler.policy->hostname);
}

void
check_coop(struct device *d, size_t group, const struct address_index *x)
{
	const struct policy_group *g = &d->compiler.policy->groups[group];

	for (size_t i = 0; i < g->server.coop.n_peers; i++) {
		const uint32_t addr = g->server.coop.peers[i];
		const struct device *peer = address_owner(x, addr);
		const struct policy_group *theirs = peer ? device_serves(peer, &g->id) : NULL;

		if (peer && (peer == d || !theirs))
			complain_peer(d, group, addr, peer);
		if (!theirs || peer == d)
			continue;
		check_peer(d, group, peer, theirs);
		if (theirs->server.coop.configured)
			check_pair(d, group, peer, theirs);
	}
}
