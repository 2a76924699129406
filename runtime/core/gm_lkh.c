/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A member's place in the group's key hierarchy (RFC 6407 3.3, 4.4): the keys from its leaf to the
 * KEK, which registering brings and rekeys renew.
 */
#include <stdlib.h>
#include <string.h>

#include "runtime/core/gm.h"
#include "runtime/crypto/sig.h"
#include "runtime/wire/gdoi.h"

static bool
has_download(struct span attributes)
{
	struct rd r = rd_span(attributes);
	struct gdoi_lkh lkh;

	while (gdoi_lkh_next(&r, &lkh))
		if (lkh.type == LKH_DOWNLOAD_ARRAY)
			return true;
	return false;
}

const char *
gm_lkh_refused(const struct gm *gm, const struct gdoi_kd *kd)
{
	/* RFC 6407 5.6.3.1: one member's keys MUST NOT be sent to several. */
	for (size_t i = 0; i < kd->n; i++)
		if (kd->keys[i].type == KD_LKH && !gm->policy->kek.unicast &&
		    has_download(kd->keys[i].lkh))
			return "the LKH keys of one member, sent to all";
	return NULL;
}

void
gm_lkh_carry(struct gm_kek *fresh, const struct gm_kek *old)
{
	if (!fresh->present || !old->lkh)
		return;
	fresh->lkh = lkh_path_clone(old->lkh);
	/* RFC 6407 5.6.3.3: the public key need not be sent again. */
	if (old->public_key_size)
		fresh->public_key = x_memdup(old->public_key, old->public_key_size);
	fresh->public_key_size = old->public_key_size;
}

/* Read now, as that of a KEK packet is (gm_policy.c). */
static bool
take_sig_key(struct gm_kek *kek, struct span attributes)
{
	struct rd r = rd_span(attributes);
	struct gdoi_lkh lkh;

	while (gdoi_lkh_next(&r, &lkh)) {
		if (lkh.type != LKH_SIG_ALGORITHM_KEY || !lkh.sig_key.n)
			continue;
		free(kek->public_key);
		kek->public_key = x_memdup(lkh.sig_key.p, lkh.sig_key.n);
		kek->public_key_size = lkh.sig_key.n;
	}
	rsa_key_free(kek->verifier);
	kek->verifier = rsa_key_from_public_der(SPAN(kek->public_key, kek->public_key_size));
	return kek->verifier;
}

/* The path that the packet leads to: downloaded, or the one that is held, renewed. */
static bool
take_path(struct gm_kek *kek, struct span attributes)
{
	struct lkh_path *p = lkh_path_download(kek->cipher, attributes);

	if (!p)
		return !has_download(attributes) && kek->lkh && kek->lkh->cipher == kek->cipher &&
		       lkh_path_update(kek->lkh, attributes);
	lkh_path_free(kek->lkh);
	kek->lkh = p;
	return true;
}

bool
gm_lkh_add(struct gm_kek *kek, const struct gdoi_key *k)
{
	if (!kek->present || k->spi.n != sizeof(kek->spi) ||
	    memcmp(k->spi.p, kek->spi, sizeof(kek->spi)) != 0)
		return true; /* not one of ours: passed over */
	if (!take_path(kek, k->lkh) || !take_sig_key(kek, k->lkh))
		return false;
	/* A KEK packet beside it must say the same. */
	if (kek->keyed && !secret_equal(&kek->key, lkh_path_root(kek->lkh)))
		return false;
	secret_copy(&kek->key, secret_span(lkh_path_root(kek->lkh)));
	kek->keyed = true;
	return true;
}
