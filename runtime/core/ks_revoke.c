/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `registration periodic crl trustpoint`: a member whose certificate has been taken back, or that
 * of a CA above it, loses its registration when the list comes, not only at its next phase 1. See
 * ks.h.
 *
 * A key hierarchy cuts it off. Where there is none, all members are told to register again, as they
 * are by `clear crypto gdoi ks members`: they get keys that the one which may not does not.
 */
#include <stdlib.h>
#include <string.h>

#include "runtime/core/core_priv.h"
#include "runtime/core/ks.h"

#define CRL_PERIOD SECONDS(900) /* between two looks at where the list is */
#define CRL_FIRST  SECONDS(1)

static const struct policy_trustpoint *
find_trustpoint(const struct ks *ks)
{
	const struct policy *p = ks->core->policy;
	const char *name = ks->cfg->server.members_crl;

	for (size_t i = 0; name && i < p->n_trustpoints; i++)
		if (!strcmp(p->trustpoints[i].name, name))
			return &p->trustpoints[i];
	return NULL;
}

void
ks_member_certified(struct ks *ks, uint32_t member, struct span ids)
{
	struct ks_member *m = ks_member_find(ks, member);

	if (!m || !ids.n)
		return;
	free((void *)(uintptr_t)m->certs.p);
	m->certs = SPAN(x_memdup(ids.p, ids.n), ids.n);
}

bool
ks_refuses_cert(const struct ks *ks, struct ike_sa *sa)
{
	const struct policy_trustpoint *t = find_trustpoint(ks);
	char serial[IKE_SERIAL_MAX];
	bool revoked = t && ike_cert_revoked(ks->core, t, sa->who.ids, serial);

	if (revoked)
		PEER_LOG(sa, CERTIFICATE_REVOKED, serial);
	return revoked;
}

void
ks_revoke(struct ks *ks)
{
	const struct policy_trustpoint *t = find_trustpoint(ks);
	struct ks_member *next;
	bool all = false;

	if (!t || !ks_serving(ks))
		return;
	for (struct ks_member *m = ks->oldest; m; m = next) {
		char addr[ADDR_TEXT_MAX], serial[IKE_SERIAL_MAX];

		next = m->next;
		if (!ike_cert_revoked(ks->core, t, m->certs, serial))
			continue;
		SERVER_LOG(ks->core, KS_GM_REVOKED, addr_text(m->addr, addr), ks_name(ks));
		all |= ks_lkh_expel(ks, m->addr) != EXPELLED_DONE;
	}
	if (all)
		ks_remove_members(ks, false);
}

void
ks_revoke_fire(struct core *c, struct timer *t, msec now)
{
	struct ks *ks = CONTAINER(t, struct ks, revoke_timer);
	const struct policy_trustpoint *of = find_trustpoint(ks);
	size_t named;

	if (of) /* ks_revoke follows when one came */
		(void)ike_cert_fetch(c, of, &named);
	ks_revoke(ks);
	/* Who is still loading what it kept must look at it before it sends anybody keys. */
	timer_set(&c->timers, t, now + (ks_serving(ks) ? CRL_PERIOD : CRL_FIRST));
}

void
ks_revoke_rearm(struct ks *ks)
{
	struct core *c = ks->core;

	if (!ks->cfg->server.members_crl)
		timer_cancel(&c->timers, &ks->revoke_timer);
	else if (!ks->revoke_timer.place)
		timer_set(&c->timers, &ks->revoke_timer, c->now + CRL_FIRST);
}
