/* SPDX-License-Identifier: Apache-2.0 */
/* Whether one of several key servers can lead; what the log is told of that, and of its peers. */
#include <string.h>

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

bool
ks_coop_sees(const struct ks *ks, uint32_t addr)
{
	const struct ks_coop *k = &ks->coop;
	bool there = addr == ks->cfg->server.addr;

	for (size_t i = 0; i < k->n_servers; i++)
		there |= k->servers[i].addr == addr;
	return there;
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

enum coop_unable
ks_coop_unable(const struct ks *ks)
{
	if (!ks->cfg->server.addr)
		return COOP_NO_ADDRESS;
	if (!ks->coop.since || ks->coop.unreadable)
		return COOP_NOT_READ;
	if (ks_coop_awaits_peers(ks))
		return COOP_MOVED;
	if (!has_time(ks))
		return COOP_NO_TIME;
	if (ks_coop_lacks_signer(ks))
		return COOP_NO_KEY;
	if (ks->kek.present && !ks->kek.signer)
		return ks_rsa_key(ks) ? COOP_OTHER_KEY : COOP_NO_KEY;
	if (!covers_sas(ks))
		return COOP_NO_POLICY;
	if (ks->coop.serial == UINT32_MAX || ks->coop.seen.serial == UINT32_MAX ||
	    ks->coop.sids_epoch == UINT32_MAX)
		return COOP_NO_NUMBERS;
	if (ks->core->now < ks->core->coop.back_until)
		return COOP_NO_STORE;
	return ks->keep->failing || ks->core->keeps[KEEP_OWN].failing ? COOP_NO_STORE : COOP_ABLE;
}

const char *
ks_coop_unable_text(enum coop_unable why)
{
	static const char *const texts[] = {
	    [COOP_NO_ADDRESS] = "it has no address",
	    [COOP_NOT_READ] = "it has not read what is in the store",
	    [COOP_MOVED] =
		("the store is another one than that of its keys, and its peers are not all "
	         "there (clear crypto gdoi ks coop role: lead all the same)"),
	    [COOP_NO_TIME] = "it does not know the group's time yet",
	    [COOP_NO_POLICY] = "it is not configured for all that the group protects",
	    [COOP_NO_KEY] = "the key pair that signs rekeys is not there",
	    [COOP_OTHER_KEY] = "its key pair is not the one that signs the group's rekeys",
	    [COOP_NO_NUMBERS] = "the numbers of the records in the store are used up",
	    [COOP_NO_STORE] = "what it writes is not kept",
	};

	return texts[why];
}

bool
ks_coop_able(const struct ks *ks)
{
	return ks_coop_unable(ks) == COOP_ABLE;
}

/* Are all there who are configured, and have read the store, and nobody knows any keys? */
static bool
nobody_has_keys(const struct ks *ks)
{
	const struct policy_coop *p = &ks->cfg->server.coop;
	const struct ks_coop *k = &ks->coop;
	bool nobody = p->n_peers > 0;

	for (size_t i = 0; i < p->n_peers; i++)
		nobody &= ks_coop_sees(ks, p->peers[i]);
	for (size_t i = 0; i < k->n_servers; i++)
		nobody &= !k->servers[i].serial &&
		          (k->servers[i].able || k->servers[i].addr == ks->cfg->server.addr);
	return nobody;
}

/*
 * A store without keys may just have been wiped: those who live and have some write them again as
 * soon as they have looked. Who made others meanwhile would part the group.
 */
msec
ks_coop_bare_until(const struct ks *ks)
{
	return ks->loading && !nobody_has_keys(ks) ? ks->coop.bare_from + COOP_BARE : 0;
}

/* Since when does it find no keys? */
static void
note_bare(struct ks *ks)
{
	struct ks_coop *k = &ks->coop;
	const msec now = ks->core->now ? ks->core->now : 1; /* 0 is never */

	if (!ks->loading || k->unreadable)
		k->bare_from = 0;
	else if (!k->bare_from)
		k->bare_from = now;
	k->told_bare &= k->bare_from != 0;
}

/* Where all come up at once, none has to wait for long enough to be told of. */
static void
tell_bare(struct ks *ks)
{
	struct ks_coop *k = &ks->coop;
	const msec now = ks->core->now;

	if (!k->bare_from || k->told_bare || now - k->bare_from < COOP_PATIENCE ||
	    now >= ks_coop_bare_until(ks))
		return;
	k->told_bare = true;
	LOG(&ks->core->env.log, COOP_KS_WAITS, ks_name(ks), (int)(COOP_BARE / 1000));
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

void
ks_coop_note_back(struct ks *ks, uint32_t addr)
{
	struct ks_coop *k = &ks->coop;
	size_t n = 0;

	for (size_t i = 0; i < k->n_gone; i++)
		if (k->gone[i].addr != addr)
			k->gone[n++] = k->gone[i];
	k->n_gone = n;
}

void
ks_coop_note_gone(struct ks *ks, const struct coop_server *s)
{
	struct ks_coop *k = &ks->coop;

	if (s->addr == ks->cfg->server.addr)
		return;
	ks_coop_note_back(ks, s->addr);
	if (k->n_gone == COOP_SERVERS_MAX)
		ks_coop_note_back(ks, k->gone[0].addr);
	k->gone[k->n_gone++] = (struct coop_gone){.addr = s->addr, .priority = s->priority};
}

static const struct coop_awaited *
find_awaited(const struct ks_coop *k, uint32_t addr)
{
	for (size_t i = 0; i < k->n_awaited; i++)
		if (k->awaited[i].addr == addr)
			return &k->awaited[i];
	return NULL;
}

/* Each that is configured counts from when its line was typed. */
static void
note_awaited(struct ks *ks)
{
	const struct policy_coop *p = &ks->cfg->server.coop;
	struct ks_coop *k = &ks->coop;
	struct coop_awaited now[POLICY_SERVERS_MAX] = {0};

	for (size_t i = 0; i < p->n_peers; i++) {
		const struct coop_awaited *was = find_awaited(k, p->peers[i]);

		now[i] =
		    was ? *was : (struct coop_awaited){.addr = p->peers[i], .since = ks->core->now};
		now[i].told |= ks_coop_sees(ks, p->peers[i]); /* its end is told of elsewhere */
	}
	k->n_awaited = p->n_peers;
	memcpy(k->awaited, now, p->n_peers * sizeof(now[0]));
}

/* Those that are configured, and that were not there in the time that servers take to start. */
static void
tell_absent(struct ks *ks)
{
	struct ks_coop *k = &ks->coop;
	char addr[ADDR_TEXT_MAX];

	note_awaited(ks);
	for (size_t i = 0; i < k->n_awaited; i++) {
		struct coop_awaited *a = &k->awaited[i];

		if (a->told || ks->core->now - a->since < COOP_ABSENT)
			continue;
		a->told = true;
		LOG(&ks->core->env.log, COOP_KS_UNREACH, addr_text(a->addr, addr), ks_name(ks));
	}
}

/* Nobody can lead, or nobody may: the keys end, and members are told of no others. */
static void
tell_leaderless(struct ks *ks)
{
	struct ks_coop *k = &ks->coop;
	const char *why = ks_coop_unable_text(ks_coop_unable(ks));
	const bool leaderless = !k->leader && !ks_coop_awaits_peers(ks);

	k->told_leaderless &= leaderless;
	if (!leaderless || k->told_leaderless || ks->core->now - k->leaderless < COOP_UNLED)
		return;
	k->told_leaderless = true;
	LOG(&ks->core->env.log, COOP_KS_LEADERLESS, ks_name(ks), (int)(COOP_UNLED / 1000),
	    why ? why : "it can lead, and waits for one that comes before it");
}

void
ks_coop_tell(struct ks *ks)
{
	note_bare(ks);
	tell_bare(ks);
	tell_keyless(ks);
	tell_absent(ks);
	tell_leaderless(ks);
}
