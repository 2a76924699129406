/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key servers that cooperate have to be configured alike: members are served by any of them, and
 * the policy of the one that leads counts.
 */
#include <string.h>

#include "compiler/base/text.h"
#include "compiler/check/check_parts.h"

static void
add_setting(struct text *t, bool differs, const char *name)
{
	if (differs)
		text_printf(t, "%s%s", t->n ? ", " : "", name);
}

static bool
lists_differ(const struct policy_sa *a, const struct policy_sa *b)
{
	if (a->n_selectors != b->n_selectors)
		return true;
	for (size_t i = 0; i < a->n_selectors; i++)
		if (!selector_equal(&a->selectors[i], &b->selectors[i]))
			return true;
	return false;
}

/* What ks_record_digest holds the servers to, by the names of its lines. */
static void
add_sas(struct text *t, const struct policy_server *a, const struct policy_server *b)
{
	bool suite = false, lifetime = false, replay = false, list = false, direction = false;

	add_setting(t, a->n_sas != b->n_sas, "the number of sa ipsec");
	for (size_t i = 0; i < a->n_sas && a->n_sas == b->n_sas; i++) {
		const struct policy_sa *x = &a->sas[i], *y = &b->sas[i];

		suite |= x->suite.cipher != y->suite.cipher || x->suite.auth != y->suite.auth ||
		         x->transport != y->transport;
		lifetime |= x->lifetime != y->lifetime;
		replay |= x->window != y->window || x->time_window != y->time_window;
		direction |= x->receive_only != y->receive_only;
		list |= lists_differ(x, y);
	}
	add_setting(t, suite, "transform-set");
	add_setting(t, lifetime, "security-association lifetime");
	add_setting(t, replay, "replay");
	add_setting(t, direction, "sa receive-only");
	add_setting(t, list, "match address");
}

static void
add_rekey(struct text *t, const struct policy_rekey *a, const struct policy_rekey *b)
{
	add_setting(t, !a->rsa_label != !b->rsa_label, "rekey authentication");
	add_setting(t, a->lkh != b->lkh, "rekey management-algorithm");
	add_setting(t, a->unicast != b->unicast, "rekey transport");
	add_setting(t, a->cipher != b->cipher, "rekey algorithm");
	add_setting(t, a->sig_hash != b->sig_hash, "rekey sig-hash algorithm");
	add_setting(t, a->lifetime != b->lifetime, "rekey lifetime");
	add_setting(t, a->group_addr != b->group_addr || a->group_port != b->group_port,
	            "rekey address");
	add_setting(t, a->activation != b->activation || a->deactivation != b->deactivation,
	            "rekey delay");
	add_setting(t, a->acks != b->acks, "rekey acknowledgement");
}

static void
check_peer(struct device *d, size_t group, const struct device *peer,
           const struct policy_group *theirs)
{
	struct compiler *c = &d->compiler;
	const struct policy_server *mine = &c->policy->groups[group].server;
	struct text differing = TEXT_INIT;

	add_rekey(&differing, &mine->rekey, &theirs->server.rekey);
	add_setting(&differing, mine->sid_bits != theirs->server.sid_bits, "group size");
	add_sas(&differing, mine, &theirs->server);
	if (differing.n)
		complain(c, DIAG_WARNING, "coop-differs", &c->raw.groups[group].server.at, NULL,
		         "key server %s, which cooperates in group %s, is configured otherwise: %s",
		         peer->compiler.policy->hostname, c->policy->groups[group].name,
		         text_string(&differing));
	text_fini(&differing);
}

void
check_coop(struct device *d, size_t group, const struct address_index *x)
{
	const struct policy_group *g = &d->compiler.policy->groups[group];

	for (size_t i = 0; i < g->server.coop.n_peers; i++) {
		const struct device *peer = address_owner(x, g->server.coop.peers[i]);
		const struct policy_group *theirs = peer ? device_serves(peer, &g->id) : NULL;

		if (theirs && peer != d)
			check_peer(d, group, peer, theirs);
	}
}
