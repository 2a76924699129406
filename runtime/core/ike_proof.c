/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What peers have shown in vain. A certificate and a signature cost much to check, and anybody on
 * the way can send a message again, as it was or with another end: what has been refused in an
 * exchange is not looked at twice, and counts once. Who waits for a revocation list is looked at
 * again after PROOF_AGAIN, since the list may never come; and everybody is when a list, the policy
 * or the keys have changed.
 */
#include <stdlib.h>
#include <string.h>

#include "runtime/core/core_priv.h"
#include "runtime/core/xch.h"
#include "runtime/crypto/prf.h"

#define PROOF_AGAIN 500                                 /* msec: a peer repeats after a second */
#define PROOFS_MAX  (IKE_REFUSED_MAX + IKE_AWAITED_MAX) /* then the exchange has ended */

struct proof {
	uint8_t digest[IKE_PROOF_SIZE];
	enum drop drop;
	msec checked;
};

struct proofs {
	uint32_t trust; /* the core's, when they were checked */
	size_t n, next; /* who initiates never gives up: the oldest then makes room */
	struct proof at[PROOFS_MAX];
};

void
ike_proof_digest(const struct message *m, struct span hash, uint8_t ret[IKE_PROOF_SIZE])
{
	struct span pieces[ISAKMP_PAYLOADS_MAX + 1];
	uint8_t out[HASH_SIZE_MAX];
	size_t n = 0;

	pieces[n++] = hash; /* of the exchange and the ID */
	for (size_t i = 0; i < m->payloads->n; i++) {
		const struct isakmp_payload *p = &m->payloads->at[i];

		if (p->type == PAYLOAD_CERT || p->type == PAYLOAD_SIG)
			/* with its length, without what comes next */
			pieces[n++] = SPAN(p->whole.p + 1, p->whole.n - 1);
	}
	hash_spans(HASH_SHA256, pieces, n, out);
	memcpy(ret, out, IKE_PROOF_SIZE);
}

static struct proof *
find_proof(const struct ike_sa *sa, const uint8_t digest[IKE_PROOF_SIZE])
{
	struct proofs *p = sa->proofs;

	if (!p || p->trust != sa->core->ike.trust)
		return NULL;
	for (size_t i = 0; i < p->n; i++)
		if (memcmp(p->at[i].digest, digest, IKE_PROOF_SIZE) == 0)
			return &p->at[i];
	return NULL;
}

bool
ike_proof_refused(const struct ike_sa *sa, const uint8_t digest[IKE_PROOF_SIZE])
{
	const struct proof *p = find_proof(sa, digest);

	return p && (p->drop != DROP_REVOCATION || sa->core->now - p->checked < PROOF_AGAIN);
}

enum drop
ike_proof_refuse(struct ike_sa *sa, const uint8_t digest[IKE_PROOF_SIZE], enum drop d)
{
	struct proof *p = find_proof(sa, digest);
	bool is_new = !p || p->drop != d;

	if (!sa->proofs)
		sa->proofs = x_alloc(sizeof(*sa->proofs));
	if (sa->proofs->trust != sa->core->ike.trust)
		*sa->proofs = (struct proofs){.trust = sa->core->ike.trust};
	if (!p) {
		p = &sa->proofs->at[sa->proofs->next];
		sa->proofs->next = (sa->proofs->next + 1) % PROOFS_MAX;
		sa->proofs->n += sa->proofs->n < PROOFS_MAX;
		memcpy(p->digest, digest, IKE_PROOF_SIZE);
	}
	p->drop = d;
	p->checked = sa->core->now;
	return is_new ? d : DROP_REPEAT;
}

void
ike_proofs_forget(struct ike_sa *sa)
{
	free(sa->proofs);
	sa->proofs = NULL;
}
