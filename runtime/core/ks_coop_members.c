/* SPDX-License-Identifier: Apache-2.0 */
/* What one of several key servers takes over of the group's members, as a look has found them. */
#include <stdlib.h>
#include <string.h>

#include "runtime/core/core_priv.h"
#include "runtime/core/ks.h"
#include "runtime/core/ks_record.h"

/* Registered elsewhere with keys from before the last rekey: it was not told. */
static void
catch_up(struct ks *ks, uint32_t member, uint32_t keys)
{
	char addr[ADDR_TEXT_MAX];

	if (!ks->coop.leads || keys >= ks->coop.pushed)
		return;
	if (!ks->wants)
		LOG(&ks->core->env.log, COOP_CATCH_UP, ks_name(ks), addr_text(member, addr));
	ks_push_want(ks, KS_WANT_TEK, KS_CHANGE_WAIT);
}

/* A member that is there, or was removed here, as a look has found it. */
static bool
is_old_news(struct ks *ks, const struct ks_member *known, const struct ks_member *found,
            const struct ks_writer *writer, uint64_t revision)
{
	if (!known)
		return ks_pending_hides(ks, found, revision);
	/* It has registered here since, which is still to be written. */
	return writer->addr == ks->cfg->server.addr ||
	       (known->unsaved && known->registered > found->registered);
}

static void
take_member(struct ks *ks, uint32_t addr, const struct store_record *r, uint32_t saves)
{
	struct ks_member *known = ks_member_find(ks, addr), m = {0};
	struct ks_writer writer;
	int error;

	/* It wrote that itself, or has taken it over before. */
	if (known && (r->value.p || r->torn) && r->revision == known->revision)
		return;
	if (known && ks_pending_outlives(ks, known, r->revision, saves))
		return;
	if (r->torn) { /* who is known stays; who is not registers anew */
		if (known)
			known->revision = r->revision;
		return;
	}
	if (!r->value.p) {
		if (known && !known->unsaved)
			ks_member_remove(ks, known);
		return;
	}
	error = ks_record_get_member(ks, r->value, &m, &writer);
	if (known)
		known->revision = error ? 0 : r->revision;
	if (error) {
		SERVER_LOG(ks->core, STORE_UNREADABLE, ks_name(ks), store_error_text(error),
		           "a group member is not taken over");
		return;
	}
	if (m.addr != addr || is_old_news(ks, known, &m, &writer, r->revision)) {
		free((void *)(uintptr_t)m.certs.p);
		return;
	}
	if (known) {
		m.rekeys_sent = known->rekeys_sent;
		m.retries = known->retries;
		m.failures = known->failures;
		m.asked = known->asked; /* what it answers to the rekey under way is taken */
		memcpy(m.sent_seq, known->sent_seq, sizeof(m.sent_seq));
		memcpy(m.acked_seq, known->acked_seq, sizeof(m.acked_seq));
		ks_member_remove(ks, known);
	}
	m.revision = r->revision;
	ks_member_restore(ks, &m);
	if (writer.known && r->revision > ks->coop.since) /* else it was asked for already */
		catch_up(ks, addr, m.keys);
}

/* `there`: of all members, in order. */
static void
forget_absent(struct ks *ks, const uint32_t *there, size_t n, const struct ks_look *look)
{
	const uint64_t revision = keep_load_revision(look->found);
	struct ks_member *m = ks->oldest, *next;

	for (; m; m = next) {
		next = m->next;
		if (!m->unsaved &&
		    (!n || !bsearch(&m->addr, there, n, sizeof(*there), ks_compare_numbers)) &&
		    !ks_pending_outlives(ks, m, revision, look->saves))
			ks_member_remove(ks, m);
	}
}

void
ks_coop_take_members(struct ks *ks, const struct ks_look *look)
{
	size_t n = keep_load_count(look->found), n_there = 0;
	uint32_t *there = x_alloc((n + 1) * sizeof(*there)), addr;

	for (size_t i = 0; i < n; i++) {
		struct store_record r = keep_load_at(look->found, i);

		if (!ks_save_is_member(ks, r.name, &addr))
			continue;
		there[n_there++] = addr;
		take_member(ks, addr, &r, look->saves);
	}
	if (n_there)
		qsort(there, n_there, sizeof(*there), ks_compare_numbers);
	if (look->whole)
		forget_absent(ks, there, n_there, look);
	free(there);
	ks_pending_taken(ks, look->saves);
}
