/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The members of a key server's group: who may be one, who is, in the order of when they were last
 * seen. See ks.h.
 */
#include <stdlib.h>
#include <string.h>

#include "runtime/core/core_priv.h"
#include "runtime/core/ks.h"

bool
ks_id_equal(const struct group_id *a, const struct group_id *b)
{
	return a->type != GROUP_ID_NONE && a->type == b->type && a->value == b->value;
}

/*
 * How long, after a member was last seen, the keys that it is known to have can live. It may have
 * got others since by a rekey that it did not acknowledge; then it registers again before those
 * expire.
 */
static msec
member_bound(const struct ks *ks)
{
	uint32_t tek = 0;
	size_t i;

	for (i = 0; i < ks->n_sas; i++)
		if (ks->sas[i].cfg->lifetime > tek)
			tek = ks->sas[i].cfg->lifetime;
	return SECONDS((msec)tek + (ks->kek.present ? ks->kek.lifetime : 0));
}

static void
member_unlink(struct ks *ks, struct ks_member *m)
{
	*m->prev = m->next;
	if (m->next)
		m->next->prev = m->prev;
	else
		ks->newest = m->prev;
}

static void
member_append(struct ks *ks, struct ks_member *m)
{
	m->until = ks->core->now + member_bound(ks);
	m->next = NULL;
	m->prev = ks->newest;
	*ks->newest = m;
	ks->newest = &m->next;
}

void
ks_member_touch(struct ks *ks, struct ks_member *m)
{
	member_unlink(ks, m);
	member_append(ks, m);
}

void
ks_member_remove(struct ks *ks, struct ks_member *m)
{
	if (m->target != KS_NO_TARGET) {
		ks->push.targets[m->target].member = NULL;
		ks_target_done(ks, m->target);
	}
	ks_member_changed(ks, m->addr);
	ks_pending_gone(ks, m);
	member_unlink(ks, m);
	ks->n_members[m->kind]--;
	ks->n_holders[m->kind] -= ks_holds_kek(ks, m);
	table_remove(&ks->members, &m->by_addr);
	free((void *)(uintptr_t)m->certs.p);
	free(m);
}

bool
ks_holds_kek(const struct ks *ks, const struct ks_member *m)
{
	return m->kek_line && m->kek_line == ks->kek_line;
}

size_t
ks_holders(const struct ks *ks)
{
	size_t n = 0;

	for (int i = 0; i < KS_KINDS; i++)
		n += ks->n_holders[i];
	return n;
}

void
ks_holders_none(struct ks *ks)
{
	ks->kek_line += ks->kek_line == UINT32_MAX ? 2 : 1; /* 0 is none */
	ks_older_forget(ks);
	for (int i = 0; i < KS_KINDS; i++)
		ks->n_holders[i] = 0;
}

void
ks_member_gone(struct ks *ks, struct ks_member *m)
{
	char addr[ADDR_TEXT_MAX];

	SERVER_LOG(ks->core, GM_DELETE, addr_text(m->addr, addr), ks_name(ks));
	ks_lkh_leave(ks, m->addr);
	ks_member_remove(ks, m);
}

uint32_t
ks_vrf(const struct ks *ks)
{
	return vrf_number(ks->cfg->server.vrf);
}

struct ks *
ks_find(struct core *c, const struct group_id *id, uint32_t vrf)
{
	size_t i;

	for (i = 0; i < c->n_kss; i++)
		if (ks_serving(c->kss[i]) && ks_vrf(c->kss[i]) == vrf &&
		    ks_id_equal(&c->kss[i]->cfg->id, id))
			return c->kss[i];
	return NULL;
}

bool
ks_is_loading(const struct core *c, const struct group_id *id)
{
	for (size_t i = 0; i < c->n_kss; i++)
		if (c->kss[i]->loading && ks_id_equal(&c->kss[i]->cfg->id, id))
			return true;
	return false;
}

bool
ks_authorized(const struct ks *ks, const struct ike_sa *sa)
{
	const struct policy_server *s = &ks->cfg->server;
	struct flow from = {.src = sa->path.remote};

	if (s->authorized_identity)
		return policy_identity_match(s->authorized_identity, sa->who.subject,
		                             sa->who.names);
	/* A list that is named but not defined lets everyone in who holds a key. */
	if (!s->authorization || !s->authorized)
		return true;
	return sa->who.address && policy_acl_permits(s->authorized, &from);
}

bool
ks_listed(const struct ks *ks, uint32_t member)
{
	const struct policy_server *s = &ks->cfg->server;

	return s->authorized_identity || !s->authorization || !s->authorized ||
	       policy_acl_permits(s->authorized, &(struct flow){.src = member});
}

struct ks_member *
ks_member_find(struct ks *ks, uint32_t addr)
{
	struct link *l = table_find(&ks->members, addr);

	return l ? CONTAINER(l, struct ks_member, by_addr) : NULL;
}

bool
ks_asks(const struct ks *ks, enum ks_kind kind)
{
	return ks->kek.unicast &&
	       (kind == KS_OURS || ks->cfg->server.rekey.acks != REKEY_ACK_CISCO);
}

/* It was told to go, and has come back: it need not be told again. */
static void
forget_dismissal(struct ks *ks, uint32_t member)
{
	const struct ks_push *p = &ks->push;
	struct ks_target *t = NULL;

	if (p->active && (p->messages[KS_OURS].dismissal || p->messages[KS_OTHERS].dismissal))
		t = ks_target_find(ks, member);
	if (t)
		ks_target_done(ks, (size_t)(t - p->targets));
}

void
ks_member_seen(struct ks *ks, uint32_t member, enum ks_kind kind, bool has_kek)
{
	struct ks_member *m = ks_member_find(ks, member), fresh = {0};

	if (m) {
		fresh = *m;
		ks_member_remove(ks, m);
	} else if (ks->members.n >= KS_MEMBERS_MAX) {
		ks_member_gone(ks, ks->oldest);
	}
	m = x_alloc(sizeof(*m));
	m->addr = member;
	m->server = ks->cfg->server.addr;
	m->keys = ks->coop.serial;
	m->registrations = fresh.registrations + 1;
	m->rekeys_sent = fresh.rekeys_sent;
	m->acks_received = fresh.acks_received;
	m->asked = fresh.asked;
	m->acked = fresh.acked;
	m->acked_push = fresh.acked_push;
	memcpy(m->acked_spi, fresh.acked_spi, sizeof(m->acked_spi));
	m->retries = fresh.retries;
	m->failures = fresh.failures;
	memcpy(m->sent_seq, fresh.sent_seq, sizeof(m->sent_seq));
	memcpy(m->acked_seq, fresh.acked_seq, sizeof(m->acked_seq));
	m->kind = kind;
	m->acks = ks_asks(ks, kind);
	m->kek_line = has_kek ? ks->kek_line : 0;
	m->kek_serial = ks->kek.serial;
	ks->n_members[kind]++;
	ks->n_holders[kind] += ks_holds_kek(ks, m);
	m->target = KS_NO_TARGET;
	m->registered = ks->core->now;
	member_append(ks, m);
	table_put(&ks->members, &m->by_addr, member);
	ks_member_changed(ks, member);
	ks_pending_back(ks, member);
	forget_dismissal(ks, member);
	ks_rearm(ks);
}

void
ks_member_restore(struct ks *ks, const struct ks_member *kept)
{
	struct ks_member *m = x_memdup(kept, sizeof(*kept));

	ks_pending_back(ks, m->addr);
	ks->n_members[m->kind]++;
	ks->n_holders[m->kind] += ks_holds_kek(ks, m);
	m->target = KS_NO_TARGET;
	member_append(ks, m);
	table_put(&ks->members, &m->by_addr, m->addr);
}
