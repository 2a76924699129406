/*
 * Acknowledgements of rekeys (RFC 8263 5): who has answered the rekey under way.
 */
#include <string.h>

#include "runtime/core/core_priv.h"
#include "runtime/core/ks.h"
#include "runtime/core/push.h"

static bool
is_of(const struct isakmp_header *h, const uint8_t spi[static PUSH_SPI])
{
	return memcmp(spi, h->cookie_i, COOKIE_SIZE) == 0 &&
	       memcmp(spi + COOKIE_SIZE, h->cookie_r, COOKIE_SIZE) == 0;
}

static struct ks *
pushing(struct core *c, const struct isakmp_header *h, struct ks_message **ret)
{
	for (size_t i = 0; i < c->n_kss; i++)
		for (int k = 0; k < KS_KINDS; k++) {
			*ret = &c->kss[i]->push.messages[k];
			if ((*ret)->bytes && is_of(h, (*ret)->spi))
				return c->kss[i];
		}
	return NULL;
}

enum drop
ks_ack_input(struct core *c, const struct path *path, const struct isakmp_header *h,
	     struct span dgram)
{
	struct ks_message *sent;
	struct ks *ks = pushing(c, h, &sent);
	struct ks_member *m = ks ? ks_member_find(ks, path->remote) : NULL;
	struct ks_target *t;
	uint32_t seq, member;
	char addr[ADDR_TEXT_MAX];

	if (!ks)
		return DROP_COOKIE;
	/* Whom we did not ask is not worth a hash. */
	if (!m || m->target == KS_NO_TARGET)
		return DROP_UNEXPECTED;
	t = &ks->push.targets[m->target];
	if (!t->asked || &ks->push.messages[t->kind] != sent)
		return DROP_UNEXPECTED;
	if (t->done)
		return DROP_REPEAT;
	if (!push_ack_get(dgram, h, HASH_SHA256, &sent->ack_key, &seq, &member) ||
	    seq != sent->seq || member != m->addr)
		return DROP_HASH;
	t->done = true;
	m->missed = 0;
	ks_member_touch(ks, m);
	m->acks_received++;
	if (m->rekeys_sent)
		m->acked_seq[(m->rekeys_sent - 1) % ARRAY_SIZE(m->acked_seq)] = seq;
	DEBUG(&c->env.log, DEBUG_KS_REKEY, "GDOI:KS REKEY:(%s): %s acknowledges seq # %u",
	      ks_name(ks), addr_text(m->addr, addr), seq);
	return DROP_NONE;
}
