/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a member's policy says at this moment: which key sends, when that changes, and what the
 * dataplane is told. The rules of time are in gm.h.
 */
#include "runtime/core/gm.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/policy/protocol.h"
#include "runtime/core/core_priv.h"

/* --- time ------------------------------------------------------------------------------------- */

/*
 * The key with which a TEK policy sends (gm.h has the rules); NULL: none. A key whose activation
 * time has not come sends only when there is no other, so that the delay drops no packet.
 */
static const struct gm_tek *
sending_tek(const struct gm_policy *p, uint32_t sa, msec now)
{
	const struct gm_tek *first = NULL, *last = NULL, *timed = NULL, *early = NULL;
	size_t i;

	for (i = 0; i < p->n_teks; i++) {
		const struct gm_tek *t = &p->teks[i];

		if (t->sa != sa || !t->offered || !t->send || t->expires <= now)
			continue;
		if (t->activate > now) {
			if (!early || t->activate < early->activate)
				early = t;
			continue;
		}
		if (t->activate && (!timed || t->activate > timed->activate))
			timed = t;
		if (!last || t->expires > last->expires)
			last = t;
		if (t->expires - now > GM_ACTIVATE && (!first || t->expires < first->expires))
			first = t;
	}
	return timed ? timed : first ? first : last ? last : early;
}

bool
gm_tek_sends(const struct gm_policy *p, const struct gm_tek *t, msec now)
{
	return sending_tek(p, t->sa, now) == t;
}

msec
gm_policy_next(const struct gm_policy *p, msec now)
{
	msec next = MSEC_NEVER;
	size_t i;

	for (i = 0; i < p->n_teks; i++) {
		msec expires = p->teks[i].expires;

		next = earlier_of(next, expires);
		if (expires - GM_ACTIVATE > now)
			next = earlier_of(next, expires - GM_ACTIVATE);
		if (p->teks[i].activate > now)
			next = earlier_of(next, p->teks[i].activate);
	}
	return p->kek.present ? earlier_of(next, p->kek.expires) : next;
}

/* MAX(60 s, 5 %) before the end, and up to 2 % more. */
static msec
reregister_lead(struct core *c, uint32_t lifetime)
{
	msec life = SECONDS(lifetime);
	msec least = life / 20 > GM_REREGISTER_MIN ? life / 20 : GM_REREGISTER_MIN;

	return least + core_random_below(c, (uint32_t)earlier_of(life / 50, INT32_MAX) + 1);
}

msec
gm_policy_reregister(struct core *c, const struct gm_policy *p, msec now)
{
	msec at = MSEC_NEVER, expires = MSEC_NEVER, soon;
	size_t i, j;

	if (gm_policy_lacks_sid(p))
		return now + GM_SOON;
	for (i = 0; i < p->n_teks; i++) { /* the newest of each TEK policy that is handed out */
		const struct gm_tek *t = &p->teks[i];

		if (!t->offered)
			continue;
		for (j = 0; j < p->n_teks; j++)
			if (p->teks[j].offered && p->teks[j].sa == t->sa &&
			    p->teks[j].expires > t->expires)
				break;
		if (j < p->n_teks)
			continue;
		expires = earlier_of(expires, t->expires);
		at = earlier_of(at, t->expires - reregister_lead(c, t->lifetime));
	}
	if (p->kek.present) {
		expires = earlier_of(expires, p->kek.expires);
		at = earlier_of(at, p->kek.expires - reregister_lead(c, p->kek.lifetime));
	}
	/* The server has no fresher key yet: halfway to the end, but never in a hurry. */
	soon = expires == MSEC_NEVER ? now + GM_BACKOFF_MAX : now + (expires - now) / 2;
	if (soon < now + GM_SOON)
		soon = now + GM_SOON;
	return at < now + GM_SOON || at == MSEC_NEVER ? soon : at;
}

/* --- to the dataplane ------------------------------------------------------------------------- */

/*
 * Is this selector in the list already? The first match decides, so a second one would never match.
 */
static bool
has_entry(const struct dp_group *g, const struct dp_entry *e)
{
	for (size_t i = 0; i < g->n_entries; i++)
		if (selector_equal(&g->entries[i].selector, &e->selector) &&
		    g->entries[i].local == e->local && g->entries[i].binding == e->binding)
			return true;
	return false;
}

/*
 * The denies of each crypto map, then what was downloaded. When there is no room for all, denies
 * are left out: without them more is encrypted, not less.
 */
static void
put_entries(const struct gm *gm, struct arena *a, struct dp_group *g)
{
	const struct gm_policy *p = gm->policy;
	struct dp_entry *entries = arena_alloc(a, DP_SELECTORS_MAX * sizeof(*entries));
	size_t room = DP_SELECTORS_MAX - p->n_entries, i, j;

	g->entries = entries;
	for (i = 0; i < gm->cfg->n_interfaces; i++)
		for (j = 0; j < gm->cfg->interfaces[i].n_deny && g->n_entries < room; j++) {
			struct dp_entry e = {.selector = gm->cfg->interfaces[i].deny[j],
			                     .local = true,
			                     .binding = i};

			if (!has_entry(g, &e))
				entries[g->n_entries++] = e;
		}
	for (i = 0; i < p->n_entries; i++)
		if (!has_entry(g, &p->entries[i]))
			entries[g->n_entries++] = p->entries[i];
}

/*
 * Where sending under a key begins when nothing remembers how far this member has counted under it
 * (dp_sa.start: `testudo run` without a configuration file, or counters that cannot be read). RFC
 * 4303 3.3.2 begins at 1, but that member may come to a key for the second time: counting from 1
 * again, it would be refused by all who remember it. So the start moves on with the key's age,
 * SEQ_RATE numbers a second: a member that sent no faster than that on average goes on above its
 * old numbers. The upper half of the numbers is left for sending.
 */
#define SEQ_SPAN SECONDS(86400)
#define SEQ_RATE (((uint32_t)1 << 31) / 86400)

static uint32_t
sequence_start(msec remaining)
{
	return remaining < SEQ_SPAN ? (uint32_t)((SEQ_SPAN - remaining) * SEQ_RATE / 1000) : 0;
}

static void
put_sas(const struct gm_policy *p, msec now, struct arena *a, struct dp_group *g)
{
	struct dp_sa *sas = arena_alloc(a, DP_SAS_MAX * sizeof(*sas));
	size_t i;

	g->sas = sas;
	for (i = 0; i < p->n_teks; i++) {
		const struct gm_tek *t = &p->teks[i];

		if (t->expires <= now)
			continue;
		sas[g->n_sas++] =
		    (struct dp_sa){.sa = t->sa,
		                   .spi = t->spi,
		                   .suite = t->suite,
		                   .enc_key = secret_span(&t->enc),
		                   .auth_key = secret_span(&t->auth),
		                   .sid = t->sid_bits ? t->sid : p->sid,
		                   .sid_bits = t->sid_bits ? t->sid_bits : p->sid_bits,
		                   .start = sequence_start(t->expires - now),
		                   .life = (uint32_t)((t->expires - now) / 1000),
		                   .window = t->window,
		                   .time_window = t->time_window,
		                   .pseudo_offset = t->pseudo_offset,
		                   .send = gm_tek_sends(p, t, now),
		                   .receive = t->receive,
		                   .transport = t->transport};
	}
}

const struct dp_group *
gm_dp_group(const struct gm *gm, struct arena *a)
{
	struct dp_group *g = arena_alloc(a, sizeof(*g));
	struct dp_binding *b = arena_alloc(a, (gm->cfg->n_interfaces + 1) * sizeof(*b));
	size_t i;

	for (i = 0; i < gm->cfg->n_interfaces; i++)
		b[i] = (struct dp_binding){.interface = gm->cfg->interfaces[i].name,
		                           .seq = gm->cfg->interfaces[i].seq,
		                           .df = gm->cfg->interfaces[i].df};
	g->name = gm_name(gm);
	g->direction = gm_direction(gm);
	g->bindings = b;
	g->n_bindings = gm->cfg->n_interfaces;
	if (!gm->policy)
		return g;
	if (gm->policy->kek.present && gm->policy->kek.port != GDOI_PORT)
		g->rekey_port = gm->policy->kek.port;
	put_entries(gm, a, g);
	put_sas(gm->policy, gm->core->now, a, g);
	return g;
}
