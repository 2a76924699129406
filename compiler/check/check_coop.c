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

/* A line as one server has it. */
struct alike {
	const char *line;
	struct text value;
};

struct alikes {
	struct alike *all;
	size_t n, capacity;
};

static void
keep_line(void *arg, const char *line, struct span value)
{
	struct alikes *a = arg;
	struct alike *last;

	x_grow(&a->all, &a->capacity, a->n + 1, sizeof(*a->all));
	last = &a->all[a->n++];
	*last = (struct alike){.line = line, .value = TEXT_INIT};
	text_add(&last->value, (const char *)value.p, value.n);
}

static void
forget_lines(struct alikes *a)
{
	for (size_t i = 0; i < a->n; i++)
		text_fini(&a->all[i].value);
	free(a->all);
}

static bool
lines_differ(const struct alike *a, const struct alike *b)
{
	return a->value.n != b->value.n ||
	       (a->value.n && memcmp(a->value.p, b->value.p, a->value.n) != 0);
}

/* Each line once, also of several `sa ipsec`; none of theirs where they are not as many. */
static void
add_differing(struct text *t, const struct alikes *a, const struct alikes *b)
{
	for (size_t i = 0; i < a->n && i < b->n; i++) {
		const char *line = a->all[i].line;
		bool known = !lines_differ(&a->all[i], &b->all[i]);

		for (size_t k = 0; k < i && !known; k++)
			known = strcmp(a->all[k].line, line) == 0 &&
			        lines_differ(&a->all[k], &b->all[k]);
		if (!known)
			text_printf(t, "%s%s", t->n ? ", " : "", line);
		if (a->n != b->n && strcmp(line, ALIKE_SAS) == 0)
			break;
	}
}

/* What ks_record_digest holds the servers to, by the names of its lines. */
static void
compare_servers(struct text *t, const struct policy_server *mine,
                const struct policy_server *theirs)
{
	struct alikes a = {0}, b = {0};

	policy_alike(mine, keep_line, &a);
	policy_alike(theirs, keep_line, &b);
	add_differing(t, &a, &b);
	forget_lines(&a);
	forget_lines(&b);
}

static void
check_peer(struct device *d, size_t group, const struct device *peer,
           const struct policy_group *theirs)
{
	struct compiler *c = &d->compiler;
	const struct policy_server *mine = &c->policy->groups[group].server;
	struct text differing = TEXT_INIT;

	compare_servers(&differing, mine, &theirs->server);
	if (differing.n)
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
