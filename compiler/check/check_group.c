/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What does not fit between devices: members and the key servers they name. A server is found by
 * its address in an index, so that the work grows with the devices and not with their pairs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/check/check_parts.h"
#include "compiler/policy/vrf.h"
#include "compiler/policy/protocol.h"

/* Among so many senders one counter for all no longer keeps replays out. */
#define COUNTER_MEMBERS_MAX 2

/* A member's line `server address ipv4`, and what it leads to. */
struct link {
	struct device *member, *server;
	const struct raw_group *raw; /* the member's */
	const struct policy_group *group;
	const struct word *at;
	uint32_t server_addr, local; /* the member's source; 0: it does not register */
	const char *interface;       /* it registers on */
	const struct policy_group *served;
};

static bool
same_id(const struct group_id *a, const struct group_id *b)
{
	return a->type == b->type && a->value == b->value;
}

static const char *
id_text(const struct group_id *id, char buf[static ADDR_TEXT_MAX])
{
	if (id->type == GROUP_ID_ADDRESS)
		return addr_text(id->value, buf);
	snprintf(buf, ADDR_TEXT_MAX, "%u", id->value);
	return buf;
}

/* --- the server ------------------------------------------------------------------------------- */

const struct policy_group *
device_serves(const struct device *server, const struct group_id *id)
{
	const struct policy *p = server->compiler.policy;

	for (size_t i = 0; i < p->n_groups; i++)
		if (p->groups[i].local && same_id(&p->groups[i].id, id))
			return &p->groups[i];
	return NULL;
}

/* A device that serves the identity; NULL when none does. */
static const struct policy_group *
any_server(const struct checkup *c, const struct group_id *id)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct policy_group *g = device_serves(&c->devices[i], id);

		if (g && g->server.addr)
			return g;
	}
	return NULL;
}

static const struct policy_group *
any_server_named(const struct device *server, const char *name)
{
	const struct policy_group *g = policy_group_find(server->compiler.policy, name);

	return g && g->local ? g : NULL;
}

static void
server_unknown(const struct checkup *c, const struct link *l)
{
	const struct policy_group *g = any_server(c, &l->group->id);
	char addr[ADDR_TEXT_MAX];

	if (g)
		complain(&l->member->compiler, DIAG_WARNING, "server-unknown", l->at,
		         addr_text(g->server.addr, addr),
		         "no device checked here has the address %s; the key server of this group "
		         "is %s",
		         l->at->text, addr);
}

/* False: the device at that address does not serve the group. */
static bool
find_group(struct link *l)
{
	const struct policy *p = l->server->compiler.policy;
	const struct policy_group *named = any_server_named(l->server, l->group->name);
	char mine[ADDR_TEXT_MAX], theirs[ADDR_TEXT_MAX];

	l->served = device_serves(l->server, &l->group->id);
	if (l->served)
		return true;
	if (named && named->id.type != GROUP_ID_NONE)
		complain(&l->member->compiler, DIAG_ERROR, "identity-differs", &l->raw->identity,
		         id_text(&named->id, theirs),
		         "group %s has the identity %s here and %s at its key server %s",
		         l->group->name, id_text(&l->group->id, mine), theirs, p->hostname);
	else
		complain(&l->member->compiler, DIAG_ERROR, "server-serves-not", l->at, NULL,
		         "%s, which has this address, serves no group with the identity %s",
		         p->hostname, id_text(&l->group->id, mine));
	return false;
}

/* A router has many addresses; the key server answers from one of them. */
static void
check_server_address(const struct link *l)
{
	char addr[ADDR_TEXT_MAX];

	if (l->served->server.addr && l->served->server.addr != l->server_addr)
		complain(&l->member->compiler, DIAG_WARNING, "server-address-differs", l->at,
		         addr_text(l->served->server.addr, addr),
		         "%s serves group %s as %s: it does not answer at %s",
		         l->server->compiler.policy->hostname, l->served->name, addr, l->at->text);
}

/* --- phase 1 ---------------------------------------------------------------------------------- */

static const struct policy_psk *
psk_for(const struct policy *p, const char *vrf, uint32_t peer)
{
	const struct policy_psk *best = NULL;

	for (size_t i = 0; i < p->n_psks; i++) {
		const struct policy_psk *k = &p->psks[i];

		if (vrf_same(k->vrf, vrf) && ((k->addr ^ peer) & k->mask) == 0 &&
		    (!best || k->mask > best->mask))
			best = k;
	}
	return best;
}

static const struct word *
psk_word(const struct compiler *c, const struct policy_psk *k)
{
	return &c->raw.psks[k - c->policy->psks].address;
}

static void
check_psk(const struct link *l)
{
	struct compiler *here = &l->member->compiler, *there = &l->server->compiler;
	const struct policy_psk *mine =
	    psk_for(here->policy, l->group->n_interfaces ? l->group->interfaces[0].vrf : NULL,
	            l->server_addr);
	const struct policy_psk *theirs = psk_for(there->policy, l->served->server.vrf, l->local);
	char local[ADDR_TEXT_MAX];

	if (!mine)
		return; /* server-no-key has said so, or certificates are used */
	addr_text(l->local, local);
	if (!theirs)
		complain(here, DIAG_ERROR, "psk-not-at-server", psk_word(here, mine), NULL,
		         "key server %s has no pre-shared key for %s, this member's address: "
		         "crypto isakmp key ... address %s is missing there",
		         there->policy->hostname, local, local);
	else if (mine->key.n != theirs->key.n ||
	         memcmp(mine->key.p, theirs->key.p, mine->key.n) != 0)
		complain(here, DIAG_ERROR, "psk-differs", psk_word(here, mine), NULL,
		         "this pre-shared key is not the one that key server %s has for %s",
		         there->policy->hostname, local);
}

static bool
isakmp_equal(const struct policy_isakmp *a, const struct policy_isakmp *b)
{
	return a->cipher == b->cipher && a->hash == b->hash && a->auth == b->auth &&
	       a->group == b->group;
}

/* With no policy configured both have the default one. */
static void
check_isakmp_policies(const struct link *l)
{
	const struct policy *a = l->member->compiler.policy, *b = l->server->compiler.policy;

	if (!a->n_isakmp || !b->n_isakmp)
		return;
	for (size_t i = 0; i < a->n_isakmp; i++)
		for (size_t j = 0; j < b->n_isakmp; j++)
			if (isakmp_equal(&a->isakmp[i], &b->isakmp[j]))
				return;
	complain(&l->member->compiler, DIAG_ERROR, "isakmp-no-match",
	         &l->member->compiler.raw.isakmp[0].at, NULL,
	         "no ISAKMP policy here is one of key server %s: encryption, hash, authentication "
	         "and group must all agree",
	         b->hostname);
}

/* --- the group -------------------------------------------------------------------------------- */

static void
check_authorized(const struct link *l)
{
	const struct policy_server *s = &l->served->server;
	const struct flow f = {.src = l->local};
	char local[ADDR_TEXT_MAX];

	if (s->authorization && s->authorized && !policy_acl_permits(s->authorized, &f))
		complain(&l->member->compiler, DIAG_ERROR, "member-not-authorized", l->at, NULL,
		         "access list %s of key server %s does not permit %s: this member may not "
		         "join group %s",
		         s->authorization_name, l->server->compiler.policy->hostname,
		         addr_text(l->local, local), l->group->name);
}

static void
check_rekey_limits(const struct link *l)
{
	const struct policy_rekey *r = &l->served->server.rekey;
	bool cipher = !l->group->rekey_ciphers || l->group->rekey_ciphers >> r->cipher & 1;
	bool hash = !l->group->rekey_hashes || l->group->rekey_hashes >> r->sig_hash & 1;

	if (r->rsa_label && (!cipher || !hash))
		complain(&l->member->compiler, DIAG_ERROR, "rekey-refused", &l->raw->name, NULL,
		         "client rekey %s leaves out what key server %s protects its rekeys with: "
		         "the member refuses to join",
		         cipher ? "hash" : "encryption", l->server->compiler.policy->hostname);
}

static void
check_suites(const struct link *l)
{
	const struct policy_server *s = &l->served->server;

	for (size_t i = 0; i < s->n_sas; i++)
		if (s->sas[i].n_selectors && !policy_suite_allowed(l->group, &s->sas[i].suite)) {
			complain(&l->member->compiler, DIAG_ERROR, "transforms-refused",
			         &l->raw->name, NULL,
			         "client transform-sets leaves out what key server %s uses: the "
			         "member refuses to join",
			         l->server->compiler.policy->hostname);
			return;
		}
}

/* What the member merges: its own denies first, then what it downloads. */
static bool
merged_encrypts(const struct policy_group_interface *on, const struct policy_server *s,
                const struct flow *f)
{
	for (size_t i = 0; i < on->n_deny; i++)
		if (selector_match(&on->deny[i], f))
			return false;
	for (size_t k = 0; k < s->n_sas; k++)
		for (size_t i = 0; i < s->sas[k].n_selectors; i++)
			if (selector_match(&s->sas[k].selectors[i], f))
				return s->sas[k].selectors[i].permit;
	return false;
}

static void
check_merge(const struct link *l)
{
	const struct flow f = {.src = l->server_addr,
	                       .dst = l->local,
	                       .proto = PROTO_UDP,
	                       .sport = GDOI_PORT,
	                       .dport = GDOI_PORT};

	for (size_t i = 0; i < l->group->n_interfaces; i++) {
		const struct policy_group_interface *on = &l->group->interfaces[i];

		if (merged_encrypts(on, &l->served->server, &f)) {
			complain(&l->member->compiler, DIAG_WARNING, "merge-blocks-rekeys", l->at,
			         "deny udp any eq 848 any eq 848",
			         "once registered, this member expects what key server %s sends "
			         "(UDP 848) encrypted: rekeys, which come in clear, are dropped",
			         l->server->compiler.policy->hostname);
			return;
		}
	}
}

/* The same name for another thing: it works, and misleads who reads both. */
static void
check_transforms(const struct link *l)
{
	const struct raw_config *a = &l->member->compiler.raw, *b = &l->server->compiler.raw;

	for (size_t i = 0; i < a->n_transforms; i++) {
		const struct raw_transform *mine = &a->transforms[i];

		for (size_t j = 0; j < b->n_transforms; j++) {
			const struct raw_transform *theirs = &b->transforms[j];

			if (strcmp(mine->name.text, theirs->name.text) == 0 && !mine->unfit &&
			    !theirs->unfit &&
			    (mine->suite.cipher != theirs->suite.cipher ||
			     mine->suite.auth != theirs->suite.auth))
				complain(&l->member->compiler, DIAG_NOTE, "transform-set-differs",
				         &mine->name, NULL,
				         "transform set %s is another one at key server %s, whose "
				         "counts for the group",
				         mine->name.text, l->server->compiler.policy->hostname);
		}
	}
}

/* --- the way there and back ------------------------------------------------------------------- */

static void
check_path(const struct address_index *x, const struct link *l, const struct device *from,
           const char *vrf, uint32_t to, const char *what)
{
	bool loop;
	const struct device *at = path_breaks(x, from, vrf, to, &loop);
	char addr[ADDR_TEXT_MAX];

	/* The member's own missing route is server-no-route, but where routes are learned. */
	if (!at || (at == l->member && !loop && !compile_reaches(&at->compiler, vrf, to)))
		return;
	complain(&l->member->compiler, DIAG_WARNING, loop ? "path-loop" : "path-no-route", l->at,
	         NULL,
	         loop ? "%s: packets for %s go round in a loop that %s is part of"
	              : "%s: packets for %s end at %s, which has no route for them",
	         what, addr_text(to, addr), at->compiler.policy->hostname);
}

/* --- servers of one group --------------------------------------------------------------------- */

static bool
sas_equal(const struct policy_server *a, const struct policy_server *b)
{
	if (a->n_sas != b->n_sas)
		return false;
	for (size_t i = 0; i < a->n_sas; i++) {
		const struct policy_sa *x = &a->sas[i], *y = &b->sas[i];

		if (x->suite.cipher != y->suite.cipher || x->suite.auth != y->suite.auth ||
		    x->n_selectors != y->n_selectors || x->window != y->window ||
		    x->time_window != y->time_window)
			return false;
		for (size_t k = 0; k < x->n_selectors; k++)
			if (!selector_equal(&x->selectors[k], &y->selectors[k]))
				return false;
	}
	return true;
}

/* --- all of it -------------------------------------------------------------------------------- */

struct round {
	struct checkup *checkup;
	struct address_index *index;
	struct cast_check *cast;
};

static void
check_link(const struct round *r, struct link *l)
{
	l->server = address_owner(r->index, l->server_addr);
	if (!l->server) {
		server_unknown(r->checkup, l);
		return;
	}
	if (!find_group(l))
		return;
	check_server_address(l);
	check_isakmp_policies(l);
	check_rekey_limits(l);
	check_suites(l);
	check_merge(l);
	check_transforms(l);
	check_path(r->index, l, l->member,
	           l->group->n_interfaces ? l->group->interfaces[0].vrf : NULL, l->server_addr,
	           "on the way to the key server");
	if (!l->local)
		return;
	check_psk(l);
	check_authorized(l);
	check_multicast_rekeys(r->cast, l->member, l->at, &l->group->interfaces[0],
	                       &l->served->server, l->group->name);
	check_path(r->index, l, l->server, l->served->server.vrf, l->local,
	           "on the way back from the key server");
}

static void
check_member(const struct round *r, struct device *member, size_t group)
{
	struct compiler *c = &member->compiler;
	const struct policy_group *g = &c->policy->groups[group];
	const struct raw_group *raw = &c->raw.groups[group];
	const struct policy_group *first = NULL;

	for (size_t i = 0; i < g->n_servers; i++) {
		struct link l = {.member = member,
		                 .raw = raw,
		                 .group = g,
		                 .at = &raw->server_words[i],
		                 .server_addr = g->servers[i],
		                 .local = g->n_interfaces ? g->interfaces[0].local_addr : 0};

		check_link(r, &l);
		if (first && l.served && !sas_equal(&first->server, &l.served->server))
			complain(c, DIAG_WARNING, "servers-differ", l.at, NULL,
			         "key server %s serves another policy for group %s than the first "
			         "one that is named",
			         l.server->compiler.policy->hostname, g->name);
		first = first ? first : l.served;
	}
}

/* One number for each group of each device: those of device i begin at at[i]. */
struct tally {
	size_t *at, *members;
};

static struct tally
tally_new(const struct checkup *c)
{
	struct tally t = {.at = x_alloc((c->n + 1) * sizeof(*t.at))};

	for (size_t i = 0; i < c->n; i++)
		t.at[i + 1] = t.at[i] + c->devices[i].compiler.policy->n_groups;
	t.members = x_alloc((t.at[c->n] + 1) * sizeof(*t.members));
	return t;
}

/* A member counts where it registers first. */
static void
tally_member(struct tally *t, const struct round *r, const struct policy_group *g)
{
	const struct device *server = g->n_servers ? address_owner(r->index, g->servers[0]) : NULL;
	const struct policy_group *served =
	    server && !g->local && g->n_interfaces ? device_serves(server, &g->id) : NULL;

	if (served)
		t->members[t->at[server - r->checkup->devices] +
		           (size_t)(served - server->compiler.policy->groups)]++;
}

static void
check_counter(struct compiler *c, size_t group, size_t members)
{
	const struct policy_server *s = &c->policy->groups[group].server;

	for (size_t j = 0; j < s->n_sas && members > COUNTER_MEMBERS_MAX; j++)
		if (s->sas[j].window && s->sas[j].n_selectors)
			complain(c, DIAG_WARNING, "replay-counter-many",
			         &c->raw.groups[group].server.sas[j].at,
			         "replay time window-size 5",
			         "%zu members share one sequence of counters: a router that keeps "
			         "one window for all of them drops what is no replay",
			         members);
}

static void
check_counters(struct checkup *c, const struct round *r)
{
	struct tally t = tally_new(c);

	for (size_t i = 0; i < c->n; i++) {
		const struct policy *p = c->devices[i].compiler.policy;

		for (size_t k = 0; k < p->n_groups; k++)
			tally_member(&t, r, &p->groups[k]);
	}
	for (size_t i = 0; i < c->n; i++)
		for (size_t k = 0; t.at[i] + k < t.at[i + 1]; k++)
			check_counter(&c->devices[i].compiler, k, t.members[t.at[i] + k]);
	free(t.at);
	free(t.members);
}

void
check_group(struct checkup *c)
{
	struct round r = {.checkup = c, .index = address_index_new(c)};

	r.cast = check_multicast_new(c, r.index);
	check_duplicates(c);
	for (size_t i = 0; i < c->n; i++)
		for (size_t k = 0; k < c->devices[i].compiler.policy->n_groups; k++)
			if (c->devices[i].compiler.policy->groups[k].local)
				check_coop(&c->devices[i], k, r.index);
			else
				check_member(&r, &c->devices[i], k);
	check_counters(c, &r);
	check_multicast_free(r.cast);
	address_index_free(r.index);
}
