/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Acknowledgements of rekeys (RFC 8263 5, 6): who has answered the rekey under way, or late the one
 * before it, and what becomes of those that have not.
 *
 * A member that has never acknowledged may not be able to: the log says so, and it stays a member
 * until the keys that it registered with expire. A member that has acknowledged before and misses
 * three rekeys in a row is removed; it keeps its keys until they expire, and registers again.
 */
#include <string.h>

#include "runtime/core/core_priv.h"
#include "runtime/core/ks.h"
#include "runtime/core/push.h"

void
ks_acks_account(struct ks *ks)
{
	struct ks_push *p = &ks->push;
	char addr[ADDR_TEXT_MAX];

	for (size_t i = 0; i < p->n_targets; i++) {
		const struct ks_target *t = &p->targets[i];
		struct ks_member *m = t->member;

		if (!m || t->done || !t->asked)
			continue;
		m->failures++;
		ks_member_changed(ks, m->addr);
		SERVER_LOG(ks->core, KS_REKEY_NO_ACK, addr_text(m->addr, addr),
		           p->messages[t->message].seq, ks_name(ks));
		if (++m->missed >= KS_MISSED_MAX && m->acks_received)
			ks_member_gone(ks, m);
	}
}

void
ks_acks_late(struct ks *ks)
{
	for (int i = 0; i < KS_MESSAGES; i++) {
		struct ks_message *m = &ks->push.messages[i];

		if (!m->bytes)
			continue;
		secret_fini(&ks->late[i].ack_key);
		ks->late[i] = *m;
		ks->late[i].bytes = NULL;
		m->ack_key = (struct secret){0}; /* moved */
	}
}

/* --- which rekey it is for -------------------------------------------------------------------- */

static bool
is_of(const struct isakmp_header *h, const uint8_t spi[static PUSH_SPI])
{
	return memcmp(spi, h->cookie_i, COOKIE_SIZE) == 0 &&
	       memcmp(spi + COOKIE_SIZE, h->cookie_r, COOKIE_SIZE) == 0;
}

/* What was sent under these cookies and may be answered; NULL: nothing. */
static const struct ks_message *
sent_under(const struct ks *ks, const struct isakmp_header *h)
{
	for (int i = 0; i < KS_MESSAGES; i++)
		if (ks->push.messages[i].bytes && is_of(h, ks->push.messages[i].spi))
			return &ks->push.messages[i];
	for (int i = 0; i < KS_MESSAGES; i++)
		if (secret_span(&ks->late[i].ack_key).n && is_of(h, ks->late[i].spi))
			return &ks->late[i];
	return NULL;
}

/* The server that a Rekey SA is of; *ret_sent: see sent_under. NULL: none of ours. */
static struct ks *
server_of(struct core *c, const struct isakmp_header *h, const struct ks_message **ret_sent)
{
	for (size_t i = 0; i < c->n_kss; i++) {
		struct ks *ks = c->kss[i];

		*ret_sent = sent_under(ks, h);
		if (*ret_sent)
			return ks;
		for (int k = 0; k < KS_KINDS; k++)
			if (ks->kek.present && is_of(h, ks->kek.sas[k].spi))
				return ks;
	}
	return NULL;
}

/* --- taking it -------------------------------------------------------------------------------- */

static enum drop
refuse_ack(struct core *c, const struct path *path, const struct ks *ks, enum drop d,
           const char *why)
{
	char addr[ADDR_TEXT_MAX];

	STRANGER_LOG(c, path->remote, KS_ACK_REFUSED, addr_text(path->remote, addr),
	             ks ? ks_name(ks) : "(unknown)", why);
	return d;
}

/* Is it a message of the push under way? */
static bool
is_of_push(const struct ks *ks, const struct ks_message *sent)
{
	return sent >= ks->push.messages && sent < ks->push.messages + KS_MESSAGES;
}

/* The kind of members that it was sent to. */
static enum ks_kind
kind_of_sent(const struct ks *ks, const struct ks_message *sent)
{
	const struct ks_message *first = is_of_push(ks, sent) ? ks->push.messages : ks->late;

	return (enum ks_kind)((sent - first) % KS_KINDS);
}

static void
take_ack(struct ks *ks, struct ks_member *m, const struct ks_message *sent, uint32_t seq)
{
	char addr[ADDR_TEXT_MAX];

	if (m->target != KS_NO_TARGET && sent->push == ks->push.number)
		ks_target_done(ks, m->target);
	if (sent->brings > m->kek_serial)
		m->kek_serial = sent->brings;
	/* Somebody may have kept another answer to a push before those that it has missed. */
	if (sent->push > m->acked_push) {
		m->acked_push = sent->push;
		m->missed = 0;
	}
	ks_member_touch(ks, m);
	m->acks_received++;
	memcpy(m->acked_spi, sent->spi, sizeof(m->acked_spi));
	m->acked = seq;
	ks_member_acked(ks, m);
	for (size_t i = 0; i < ARRAY_SIZE(m->sent_seq); i++)
		if (m->sent_seq[i] == seq)
			m->acked_seq[i] = seq;
	DEBUG(&ks->core->env.log, DEBUG_KS_REKEY, "GDOI:KS REKEY:(%s): %s acknowledges seq # %u",
	      ks_name(ks), addr_text(m->addr, addr), seq);
}

/* RFC 8263 2.1, 2.2: with a key of the group, or with the member's own in its key hierarchy. */
static bool
hash_fits(const struct ks *ks, const struct isakmp_header *h, struct span dgram,
          const struct ks_message *sent, uint32_t from, uint32_t *ret_seq, uint32_t *ret_member)
{
	struct secret own = {0};
	bool ok;

	if (!sent->own_keys)
		return push_ack_get(dgram, h, HASH_SHA256, &sent->ack_key, ret_seq, ret_member);
	ok = ks_lkh_ack_key(ks, from, sent->spi, &own) &&
	     push_ack_get(dgram, h, HASH_SHA256, &own, ret_seq, ret_member);
	secret_fini(&own);
	return ok;
}

/* Takes the acknowledgement of a removed member, which need not be told again. */
static enum drop
consider_farewell(struct ks *ks, const struct path *path, const struct isakmp_header *h,
                  struct span dgram, const struct ks_message *sent)
{
	struct ks_target *t = ks_target_find(ks, path->remote);
	uint32_t seq, member;

	/* Nobody waits for it any more, or its key went with the hierarchy. */
	if (sent->own_keys || !ks->push.active || !is_of_push(ks, sent))
		return DROP_REPEAT;
	if (!t || !t->asked || kind_of_sent(ks, sent) != t->kind)
		return refuse_ack(ks->core, path, ks, DROP_UNEXPECTED, "it was not asked for");
	if (t->done)
		return DROP_REPEAT;
	if (!push_ack_get(dgram, h, HASH_SHA256, &sent->ack_key, &seq, &member))
		return refuse_ack(ks->core, path, ks, DROP_HASH,
		                  "it is malformed, or its HASH is wrong");
	if (member != t->addr || seq != sent->seq)
		return refuse_ack(ks->core, path, ks, DROP_ID, "it is of another member or rekey");
	ks_target_done(ks, (size_t)(t - ks->push.targets));
	return DROP_NONE;
}

/*
 * Judges an acknowledgement whose rekey is known. RFC 8263 5: a repetition is refused before any
 * hash is computed.
 */
static enum drop
judge_ack(struct ks *ks, const struct path *path, const struct isakmp_header *h, struct span dgram,
          const struct ks_message *sent)
{
	struct ks_member *m = ks_member_find(ks, path->remote);
	uint32_t seq, member;

	if (sent->dismissal)
		return consider_farewell(ks, path, h, dgram, sent);
	if (!m)
		return refuse_ack(ks->core, path, ks, DROP_UNEXPECTED, "it is no group member");
	if (!m->asked || kind_of_sent(ks, sent) != m->kind)
		return refuse_ack(ks->core, path, ks, DROP_UNEXPECTED, "it was not asked for");
	if (m->acked == sent->seq && !memcmp(m->acked_spi, sent->spi, sizeof(m->acked_spi)))
		return DROP_REPEAT;
	if (!hash_fits(ks, h, dgram, sent, m->addr, &seq, &member))
		return refuse_ack(ks->core, path, ks, DROP_HASH,
		                  "it is malformed, or its HASH is wrong");
	if (member != m->addr)
		return refuse_ack(ks->core, path, ks, DROP_ID, "it names another group member");
	if (seq != sent->seq)
		return refuse_ack(ks->core, path, ks, DROP_SEQUENCE,
		                  "its sequence number is not that of the rekey");
	take_ack(ks, m, sent, seq);
	return DROP_NONE;
}

enum drop
ks_ack_input(struct core *c, const struct path *path, const struct isakmp_header *h,
             struct span dgram)
{
	const struct ks_message *sent;
	uint8_t spi[PUSH_SPI];
	struct ks *ks;

	if (!c->n_kss && !c->farewells)
		return DROP_COOKIE;
	ks = server_of(c, h, &sent);
	if (ks && path->vrf != ks_vrf(ks))
		return DROP_COOKIE;
	if (ks && sent)
		return judge_ack(ks, path, h, dgram, sent);
	if (ks)
		return refuse_ack(c, path, ks, DROP_UNEXPECTED, "no rekey waits for it");
	memcpy(spi, h->cookie_i, COOKIE_SIZE);
	memcpy(spi + COOKIE_SIZE, h->cookie_r, COOKIE_SIZE);
	if (ks_farewell_spi(c, spi))
		return DROP_COOKIE; /* no server waits for an answer under these cookies */
	return refuse_ack(c, path, NULL, DROP_COOKIE, "its cookies are of no rekey");
}
