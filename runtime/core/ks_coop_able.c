/* SPDX-License-Identifier: Apache-2.0 */
/* Whether one of several key servers can lead; what the log is told of that, and of its peers. */
#include "runtime/core/core_priv.h"
#include "runtime/core/ks.h"

/*
 * Is it configured for all that the group protects? Who is configured by half, line by line, would
 * take away what members encrypt.
 */
static bool
covers_sas(const struct ks *ks)
{
	const struct policy_server *server = &ks->cfg->server;

	for (size_t i = 0; i < ks->n_sas; i++) {
		bool covered = !ks->sas[i].cfg->n_selectors;

		for (size_t j = 0; j < server->n_sas && !covered; j++)
			covered = server->sas[j].number == ks->sas[i].number &&
			          server->sas[j].n_selectors;
		if (!covered && !ks->coop.leads)
			return false;
	}
	return true;
}

/* Does it know the group's time, or nobody else who lives? */
static bool
has_time(const struct ks *ks)
{
	const struct ks_coop *k = &ks->coop;
	bool known = false;

	for (size_t i = 0; i < k->n_servers; i++)
		known |= k->servers[i].timed && k->servers[i].addr != ks->cfg->server.addr;
	return k->timed || !known;
}

/*
 * Who would begin to lead without it would take the KEK away from the members. Who leads and has
 * its key removed does so as it is told, until it gets another one.
 */
static bool
has_rekey_key(const struct ks *ks)
{
	const struct policy_rekey *r = &ks->cfg->server.rekey;

	return ks_rsa_key(ks) || (ks->coop.leads ? !r->configured : !r->rsa_label);
}

enum coop_unable
ks_coop_unable(const struct ks *ks)
{
	if (!ks->cfg->server.addr)
		return COOP_NO_ADDRESS;
	if (!ks->coop.since || ks->coop.unreadable)
		return COOP_NOT_READ;
	if (!has_time(ks))
		return COOP_NO_TIME;
	if (!has_rekey_key(ks))
		return COOP_NO_KEY;
	if (ks->kek.present && !ks->kek.signer)
		return ks_rsa_key(ks) ? COOP_OTHER_KEY : COOP_NO_KEY;
	if (!covers_sas(ks))
		return COOP_NO_POLICY;
	return ks->keep->failing || ks->core->keeps[KEEP_OWN].failing ? COOP_NO_STORE : COOP_ABLE;
}

const char *
ks_coop_unable_text(enum coop_unable why)
{
	static const char *const texts[] = {
	    [COOP_NO_ADDRESS] = "it has no address",
	    [COOP_NOT_READ] = "it has not read what is in the store",
	    [COOP_NO_TIME] = "it does not know the group's time yet",
	    [COOP_NO_POLICY] = "it is not configured for all that the group protects",
	    [COOP_NO_KEY] = "the key pair that signs rekeys is not there",
	    [COOP_OTHER_KEY] = "its key pair is not the one that signs the group's rekeys",
	    [COOP_NO_STORE] = "what it writes is not kept",
	};

	return texts[why];
}

bool
ks_coop_able(const struct ks *ks)
{
	return ks_coop_unable(ks) == COOP_ABLE;
}

/* What lasts until somebody mends it, and is noticed too late when the others are dead. */
static void
tell_keyless(struct ks *ks)
{
	const enum coop_unable why = ks_coop_unable(ks);
	const bool keyless = why == COOP_NO_KEY || why == COOP_OTHER_KEY;
	char own[ADDR_TEXT_MAX];

	if (keyless && !ks->coop.keyless)
		LOG(&ks->core->env.log, COOP_KS_UNABLE, addr_text(ks->cfg->server.addr, own),
		    ks_name(ks), ks_coop_unable_text(why));
	ks->coop.keyless = keyless;
}

/* Those that are configured, and that were not there in the time that servers take to start. */
static void
tell_absent(struct ks *ks)
{
	const struct policy_coop *p = &ks->cfg->server.coop;
	struct ks_coop *k = &ks->coop;
	char addr[ADDR_TEXT_MAX];

	if (k->told_absent || ks->core->now - k->began < COOP_ABSENT)
		return;
	k->told_absent = true;
	for (size_t i = 0; i < p->n_peers; i++) {
		bool there = p->peers[i] == ks->cfg->server.addr;

		for (size_t j = 0; j < k->n_servers; j++)
			there |= k->servers[j].addr == p->peers[i];
		if (!there)
			LOG(&ks->core->env.log, COOP_KS_UNREACH, addr_text(p->peers[i], addr),
			    ks_name(ks));
	}
}

void
ks_coop_tell(struct ks *ks)
{
	tell_keyless(ks);
	tell_absent(ks);
}
