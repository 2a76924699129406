/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one of several servers has changed of its members while the store that they share does not
 * tell of it yet: it is still to be written, is in the transaction under way, or was written after
 * the last look began. What others wrote before that does not undo it. See ks.h.
 *
 *               removed, registered       into a transaction        done
 *   (as the store) ----------> pending -------------> under way ----------> written
 *         ^                       ^                       |                    |
 *         |                       +-----------------------+                    |
 *         |                            refused, failed                         |
 *         +--------------------------------------------------------------------+
 *                          a look that began after that was taken
 *
 * Of a member that is there its own struct says so, of one that was removed a struct ks_gone.
 */
#include <stdlib.h>

#include "runtime/core/core_priv.h"
#include "runtime/core/ks.h"

/* A member that was removed here. */
struct ks_gone {
	struct link by_addr;
	uint32_t registrations;
	msec registered; /* the last time */
	bool listed;     /* it is among those that are to be written */
	bool saving;
	uint32_t saved;    /* the count of transactions with the one that removed it; 0: none yet */
	uint64_t revision; /* of that */
};

static struct ks_gone *
find_gone(const struct ks *ks, uint32_t addr)
{
	struct link *l = table_find(&ks->save.gone, addr);

	return l ? CONTAINER(l, struct ks_gone, by_addr) : NULL;
}

static void
forget_gone(struct ks *ks, struct ks_gone *g)
{
	table_remove(&ks->save.gone, &g->by_addr);
	free(g);
}

/* Those that were removed by one of the first `saves` transactions; NULL: all. */
static void
forget_older(struct ks *ks, const uint32_t *saves)
{
	struct table *t = &ks->save.gone;

	for (size_t i = 0; i < t->size && t->n; i++) {
		struct link *l = t->buckets[i], *next;

		for (; l; l = next) {
			struct ks_gone *g = CONTAINER(l, struct ks_gone, by_addr);

			next = l->next;
			if (!saves || (g->saved && g->saved <= *saves))
				forget_gone(ks, g);
		}
	}
	if (!t->n)
		table_fini(t);
}

void
ks_pending_gone(struct ks *ks, const struct ks_member *m)
{
	struct ks_gone *g;

	if (!ks->coop.on || !ks->keep->store || ks->coop.taking)
		return;
	ks_pending_back(ks, m->addr);
	g = x_alloc(sizeof(*g));
	g->listed = true;
	g->registrations = m->registrations;
	g->registered = m->registered;
	table_put(&ks->save.gone, &g->by_addr, m->addr);
}

void
ks_pending_back(struct ks *ks, uint32_t addr)
{
	struct ks_gone *g = find_gone(ks, addr);

	if (g)
		forget_gone(ks, g);
}

bool
ks_pending(struct ks *ks, uint32_t addr)
{
	const struct ks_member *m = ks_member_find(ks, addr);
	const struct ks_gone *g = m ? NULL : find_gone(ks, addr);

	return !ks->coop.on || (m ? m->unsaved : g && !g->saved);
}

/* A member that is there again may be listed as one that has gone. */
bool
ks_pending_list(struct ks *ks, struct ks_member *m, uint32_t addr)
{
	struct ks_gone *g = find_gone(ks, addr);
	bool listed = (m && m->unsaved) || (g && g->listed);

	if (m)
		m->unsaved = true;
	if (g)
		g->listed = true;
	return !listed;
}

/* --- its transaction -------------------------------------------------------------------------- */

void
ks_pending_begin(struct ks *ks, uint32_t addr)
{
	struct ks_member *m = ks_member_find(ks, addr);
	struct ks_gone *g = m ? NULL : find_gone(ks, addr);
	struct ks_save *s = &ks->save;

	if (!ks->coop.on)
		return;
	if (m) {
		m->saving = true;
		m->telling = m->untold;
		m->untold = false;
	}
	if (g) {
		g->saving = true;
		g->listed = false;
	}
	x_grow(&s->flying, &s->flying_capacity, s->n_flying + 1, sizeof(*s->flying));
	s->flying[s->n_flying++] = addr;
}

/* What it was told is on its way now. */
static void
tell_registered(struct ks *ks, struct ks_member *m)
{
	char addr[ADDR_TEXT_MAX], own[ADDR_TEXT_MAX];

	if (m->telling)
		LOG(&ks->core->env.log, KS_REGS_COMPL, addr_text(m->addr, addr), ks_name(ks),
		    addr_text(ks->cfg->server.addr, own));
	m->telling = false;
}

bool
ks_pending_tells(struct ks *ks, struct ike_sa *sa)
{
	struct ks_member *m = ks_member_find(ks, sa->path.remote);

	if (!ks->coop.on || !ks->keep->store || ks->keep->failing || !m)
		return false;
	m->untold = flood_peer_may_log(sa);
	return true;
}

void
ks_pending_done(struct ks *ks, uint64_t revision)
{
	struct ks_save *s = &ks->save;

	s->saves++;
	for (size_t i = 0; i < s->n_flying; i++) {
		struct ks_member *m = ks_member_find(ks, s->flying[i]);
		struct ks_gone *g = find_gone(ks, s->flying[i]);

		if (m && m->saving) {
			m->saving = false;
			m->saved = s->saves;
			m->revision = revision;
			tell_registered(ks, m);
		}
		if (g && g->saving) {
			g->saving = false;
			g->saved = s->saves;
			g->revision = revision;
		}
	}
	s->n_flying = 0;
	if (s->passed > revision)
		ks->coop.doubts++;
	s->passed = 0;
}

void
ks_pending_refused(struct ks *ks, uint32_t addr)
{
	struct ks_member *m = ks_member_find(ks, addr);
	struct ks_gone *g = find_gone(ks, addr);
	struct ks_save *s = &ks->save;

	if (m)
		m->saving = m->telling = false;
	if (g)
		g->saving = false;
	for (size_t i = 0; i < s->n_flying; i++)
		if (s->flying[i] == addr)
			s->flying[i--] = s->flying[--s->n_flying];
	if (s->passed)
		ks->coop.doubts++;
	s->passed = 0;
}

/* --- looks ------------------------------------------------------------------------------------ */

bool
ks_pending_outlives(struct ks *ks, const struct ks_member *m, uint64_t revision, uint32_t saves)
{
	if (!m->saving)
		return m->saved > saves && revision < m->revision;
	/* Which of the two came first is known when the transaction is back. */
	if (revision > ks->save.passed)
		ks->save.passed = revision;
	return true;
}

bool
ks_pending_hides(const struct ks *ks, const struct ks_member *found, uint64_t revision)
{
	const struct ks_gone *g = find_gone(ks, found->addr);

	if (!g)
		return false;
	if (g->saved)
		return revision < g->revision;
	return found->registered <= g->registered && found->registrations <= g->registrations;
}

void
ks_pending_taken(struct ks *ks, uint32_t saves)
{
	forget_older(ks, &saves);
}

void
ks_pending_forget(struct ks *ks)
{
	forget_older(ks, NULL);
}
