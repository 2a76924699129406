/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `registration periodic crl trustpoint`: a member whose certificate its CA has taken back loses
 * its registration when the list comes, not only at its next phase 1. See ks.h.
 *
 * A key hierarchy cuts it off. Where there is none, all members are told to register again, as they
 * are by `clear crypto gdoi ks members`: they get keys that the one which may not does not.
 */
#include <stdlib.h>
#include <string.h>

#include "runtime/core/core_priv.h"
#include "runtime/core/ks.h"
#include "runtime/crypto/cert.h"

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
ks_member_certified(struct ks *ks, uint32_t member, struct span der)
{
	struct ks_member *m = ks_member_find(ks, member);
	struct cert *cert = m && !m->cert.n ? cert_from_der(der) : NULL;

	if (cert)
		m->cert = cert_id(cert);
	cert_free(cert);
}

bool
ks_refuses_cert(const struct ks *ks, struct ike_sa *sa)
{
	const struct policy_trustpoint *t = find_trustpoint(ks);
	char serial[IKE_SERIAL_MAX];
	bool revoked = t && ike_who_revoked(ks->core, t, &sa->who, serial);

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
		char addr[ADDR_TEXT_MAX];

		next = m->next;
		if (!m->cert.n || !ike_cert_revoked(ks->core, t, m->cert))
			continue;
		SERVER_LOG(ks->core, KS_GM_REVOKED, addr_text(m->addr, addr), ks_name(ks));
		all |= ks_lkh_expel(ks, m->addr) != EXPELLED_DONE;
	}
	if (all)
		ks_remove_members(ks, false);
}

static bool
is_issuer(struct span der, const struct cert *of)
{
	struct cert *ca = cert_from_der(der);
	bool is = ca && cert_issued_by(of, ca);

	cert_free(ca);
	return is;
}

/* The list is where our own certificate says: the CA is the members' one. */
static void
fetch_list(struct core *c, const struct policy_trustpoint *t)
{
	struct cert *own = cert_from_der(t->cert);
	char url[CRL_URL_MAX];
	size_t k = 0;

	if (own && c->env.crl_fetch && cert_crl_url(own, url)) {
		while (k < t->n_cas && !is_issuer(t->cas[k], own))
			k++;
		if (k < t->n_cas) /* ks_revoke follows when it came */
			(void)c->env.crl_fetch(c->env.arg, url, t->cas[k]);
	}
	cert_free(own);
}

void
ks_revoke_fire(struct core *c, struct timer *t, msec now)
{
	struct ks *ks = CONTAINER(t, struct ks, revoke_timer);
	const struct policy_trustpoint *of = find_trustpoint(ks);

	if (of)
		fetch_list(c, of);
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
