/* SPDX-License-Identifier: Apache-2.0 */
/* GROUPKEY-PULL: see pull.h. The make and the take of one message stand together. */
#include "runtime/core/pull.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/core_priv.h"
#include "runtime/core/gm.h"
#include "runtime/core/ks.h"
#include "runtime/core/xch.h"
#include "runtime/wire/gdoi.h"

struct pull {
	struct xch *x;
	/* member: */
	struct gm *gm;           /* NULL: nobody waits any more */
	struct gm_policy *fresh; /* what message 2 brought */
	msec asked;              /* when message 1 first went out */
	/* server: */
	struct group_id id;
	struct ks_offer offer; /* what message 2 said and message 4 must bring */
};

static void
pull_free(void *of)
{
	struct pull *p = of;

	gm_policy_free(p->fresh);
	free(p);
}

static bool
group_id_get(struct span body, struct group_id *ret)
{
	uint8_t type;

	if (!gdoi_group_id_get(body, &type, &ret->value))
		return false;
	ret->type = type == ID_IPV4_ADDR ? GROUP_ID_ADDRESS : GROUP_ID_NUMBER;
	return true;
}

static void
group_id_put(struct wr *w, const struct group_id *id)
{
	gdoi_group_id_put(w, id->type == GROUP_ID_ADDRESS ? ID_IPV4_ADDR : ID_KEY_ID, id->value);
}

static void
id_text(const struct group_id *id, char *buf, size_t n)
{
	char addr[ADDR_TEXT_MAX];

	if (id->type == GROUP_ID_ADDRESS)
		snprintf(buf, n, "%s", addr_text(id->value, addr));
	else
		snprintf(buf, n, "%u", id->value);
}

/* --- message 1: HASH(1), Ni, ID --------------------------------------------------------------- */

static enum drop
pull1_make(struct xch *x, struct message *m)
{
	struct pull *p = x->of;
	char text[ADDR_TEXT_MAX];

	p->asked = x->sa->core->now;
	id_text(&p->id, text, sizeof(text));
	DEBUG(&x->sa->core->env.log, DEBUG_GM_REGISTRATION,
	      "GDOI:GM REGISTRATION:(%s): ask for group %s", gm_name(p->gm), text);
	nonce_make(x, m, &x->ni);
	isakmp_payload_begin(m->w, m->chain, PAYLOAD_ID);
	group_id_put(m->w, &p->id);
	isakmp_payload_end(m->w, m->chain);
	return DROP_NONE;
}

/* May this peer register with this group? When not, the peer is notified and the log says why. */
static enum drop
admit_peer(struct ike_sa *sa, uint32_t message_id, const struct group_id *id)
{
	struct core *c = sa->core;
	char peer[ADDR_TEXT_MAX], text[ADDR_TEXT_MAX];
	struct ks *ks = ks_find(c, id, sa->path.vrf);

	addr_text(sa->path.remote, peer);
	id_text(id, text, sizeof(text));
	DEBUG(&c->env.log, DEBUG_KS_REGISTRATION, "GDOI:KS REGISTRATION: %s asks for group %s: %s",
	      peer, text,
	      !ks                     ? "no such group, or not serving"
	      : ks_authorized(ks, sa) ? "admitted"
	                              : "not authorized");
	if (!ks && ks_is_loading(c, id))
		return DROP_NOT_READY; /* the member asks again in a moment */
	if (!ks) {
		PEER_LOG(sa, KS_UNKNOWN_GROUP, peer, text);
		info_notify(sa, NOTIFY_INVALID_ID_INFORMATION, message_id);
		return DROP_UNKNOWN_GROUP;
	}
	if (!ks_authorized(ks, sa)) {
		if (sa->who.address && !ks->cfg->server.authorized_identity)
			PEER_LOG(sa, UNAUTHORIZED_IPADDR, ks_name(ks), peer);
		else
			PEER_LOG(sa, UNAUTHORIZED_IDENTITY, ks_name(ks),
			         sa->who.subject ? sa->who.subject : "no certificate", peer);
		info_notify(sa, NOTIFY_AUTHENTICATION_FAILED, message_id);
		return DROP_UNAUTHORIZED;
	}
	if (ks_refuses_cert(ks, sa)) {
		info_notify(sa, NOTIFY_AUTHENTICATION_FAILED, message_id);
		return DROP_UNAUTHORIZED;
	}
	return DROP_NONE;
}

static enum drop
pull1_take(struct xch *x, struct message *m)
{
	struct pull *p = x->of;
	struct group_id id;
	struct nonce ni;
	enum drop d;

	if (!nonce_take(x, m, &ni) || !group_id_get(message_body(m, PAYLOAD_ID), &id))
		return DROP_MALFORMED;
	d = admit_peer(x->sa, x->message_id, &id);
	if (d)
		return d;
	x->ni = ni;
	p->id = id;
	return DROP_NONE;
}

/* --- message 2: HASH(2), Nr, SA --------------------------------------------------------------- */

static enum drop
pull2_make(struct xch *x, struct message *m)
{
	struct pull *p = x->of;
	struct core *c = x->sa->core;
	struct ks *ks = ks_find(c, &p->id, x->sa->path.vrf);
	char peer[ADDR_TEXT_MAX];
	bool whole;

	if (!ks)
		return DROP_UNKNOWN_GROUP;
	if (!ks_complete(ks)) {
		addr_text(x->sa->path.remote, peer);
		if (ks_leads(ks) && !(ks->coop.on && c->coop.error))
			PEER_LOG(x->sa, KS_NOT_COMPLETE, peer, ks_name(ks));
		else
			PEER_LOG(x->sa, KS_KEYS_ENDED, peer, ks_name(ks));
		info_notify(x->sa, NOTIFY_NO_PROPOSAL_CHOSEN, x->message_id);
		return DROP_POLICY;
	}
	if (!x->sa->testudo && ks_for_testudo_only(ks)) {
		PEER_LOG(x->sa, KS_TBAR_FOREIGN, addr_text(x->sa->path.remote, peer), ks_name(ks));
		info_notify(x->sa, NOTIFY_NO_PROPOSAL_CHOSEN, x->message_id);
		return DROP_POLICY;
	}
	nonce_make(x, m, &x->nr);
	isakmp_payload_begin(m->w, m->chain, PAYLOAD_SA);
	whole = ks_sa_put(ks, m->w, x->sa->path.remote, x->sa->testudo ? KS_OURS : KS_OTHERS,
	                  &p->offer);
	isakmp_payload_end(m->w, m->chain);
	DEBUG(&c->env.log, DEBUG_KS_REGISTRATION, "GDOI:KS REGISTRATION:(%s): SA payload %s %s%s",
	      ks_name(ks), whole ? "sent to" : "is too long for",
	      addr_text(x->sa->path.remote, peer),
	      p->offer.has_kek ? ", with KEK" : ", without KEK");
	if (whole)
		return DROP_NONE;
	PEER_LOG(x->sa, CONFIG_WARNING,
	         "the access lists of a group are too long for GROUPKEY-PULL");
	return DROP_POLICY;
}

static enum drop
pull2_take(struct xch *x, struct message *m)
{
	struct pull *p = x->of;
	struct gdoi_sa *sa;
	const char *why = "its SA payload is malformed";
	struct nonce nr;

	if (!nonce_take(x, m, &nr) || !p->gm)
		return DROP_MALFORMED;
	sa = x_alloc(sizeof(*sa));
	if (gdoi_sa_get(message_body(m, PAYLOAD_SA), sa))
		p->fresh = gm_policy_from_sa(p->gm, sa, false, &why);
	free(sa);
	if (p->fresh)
		p->fresh->pseudo_doubt = x->sa->core->now - p->asked;
	x->nr = nr;
	x->refused = p->fresh ? NULL : why;
	DEBUG(&x->sa->core->env.log, DEBUG_GM_REGISTRATION,
	      "GDOI:GM REGISTRATION:(%s): policy received: %s", gm_name(p->gm),
	      p->fresh ? "accepted" : why);
	return DROP_NONE;
}

/* --- message 3: HASH(3) [, GAP] --------------------------------------------------------------- */

static enum drop
pull3_make(struct xch *x, struct message *m)
{
	/*
	 * RFC 6407 3.3: a policy we cannot run ends it; the failure tears phase 1 down. No GAP: one
	 * encryption module needs one sender identifier, and that one comes unasked (3.5).
	 */
	(void)m;
	return x->refused ? DROP_POLICY : DROP_NONE;
}

static enum drop
pull3_take(struct xch *x, struct message *m)
{
	struct pull *p = x->of;
	struct ks *ks = ks_find(x->sa->core, &p->id, x->sa->path.vrf);
	struct span body = message_body(m, PAYLOAD_GAP);
	struct gdoi_gap gap = {0};

	if (body.p && !gdoi_gap_get(body, &gap))
		return DROP_MALFORMED;
	p->offer.sids = gap.has_sid ? gap.sid : 0;
	if (ks && ks->keep->failing && ks->keep->place == KEEP_OWN)
		return DROP_NOT_READY; /* what message 4 tells of cannot be kept */
	if (ks && ks_sids_awaited(ks, &p->offer)) {
		if (!ks_coop_sids_coming(ks)) /* so that the member asks the next server */
			info_notify(x->sa, NOTIFY_NO_PROPOSAL_CHOSEN, x->message_id);
		return DROP_NO_SID;
	}
	/* What message 2 promised may be gone by now: the member is told so, and asks again. */
	if (!ks || !ks_authorized(ks, x->sa) || ks_refuses_cert(ks, x->sa) ||
	    !ks_offer_stands(ks, &p->offer) || !ks_sids_reserve(ks, &p->offer) ||
	    !ks_lkh_join(ks, x->sa->path.remote, p->offer.kind)) {
		info_notify(x->sa, NOTIFY_NO_PROPOSAL_CHOSEN, x->message_id);
		return DROP_POLICY;
	}
	return DROP_NONE;
}

/* --- message 4: HASH(4), [SEQ,] KD ------------------------------------------------------------ */

static enum drop
pull4_make(struct xch *x, struct message *m)
{
	struct pull *p = x->of;
	struct core *c = x->sa->core;
	struct ks *ks = ks_find(c, &p->id, x->sa->path.vrf);
	char addr[ADDR_TEXT_MAX], local[ADDR_TEXT_MAX];

	if (!ks)
		return DROP_UNKNOWN_GROUP;
	if (p->offer.has_kek) {
		isakmp_payload_begin(m->w, m->chain, PAYLOAD_SEQ);
		gdoi_seq_put(m->w, ks->kek.sas[p->offer.kind].seq);
		isakmp_payload_end(m->w, m->chain);
	}
	isakmp_payload_begin(m->w, m->chain, PAYLOAD_KD);
	ks_kd_put(ks, m->w, &p->offer);
	isakmp_payload_end(m->w, m->chain);
	ks_member_seen(ks, x->sa->path.remote, p->offer.kind, p->offer.has_kek);
	ks_member_certified(ks, x->sa->path.remote, x->sa->who.ids);
	if (!ks_pending_tells(ks, x->sa))
		PEER_LOG(x->sa, KS_REGS_COMPL, addr_text(x->sa->path.remote, addr), ks_name(ks),
		         addr_text(ks->cfg->server.addr, local));
	return DROP_NONE;
}

static enum drop
pull4_take(struct xch *x, struct message *m)
{
	struct pull *p = x->of;
	struct span seq = message_body(m, PAYLOAD_SEQ);
	const char *why = "its key download is malformed";
	struct gdoi_kd *kd = x_alloc(sizeof(*kd));
	uint32_t number = 0;
	bool ok;

	ok = gdoi_kd_get(message_body(m, PAYLOAD_KD), kd) &&
	     (!seq.p || gdoi_seq_get(seq, &number)) &&
	     gm_policy_add_keys(p->fresh, kd, false, &why);
	free(kd);
	/* RFC 6407 5.7: without it, rekeys from before this registration could be played again. */
	if (ok && p->fresh->kek.present && !seq.p) {
		why = "no sequence number came with the KEK";
		ok = false;
	}
	if (ok)
		p->fresh->kek.seq = number;
	x->refused = ok ? NULL : why;
	if (p->gm)
		DEBUG(&x->sa->core->env.log, DEBUG_GM_REGISTRATION,
		      "GDOI:GM REGISTRATION:(%s): keys received, rekey sequence number %u: %s",
		      gm_name(p->gm), number, ok ? "accepted" : why);
	return DROP_NONE;
}

/* --- the exchange ----------------------------------------------------------------------------- */

static const struct step pull_member[] = {
    /* RFC 6407 3.2 */
    {SEND, P_HASH | P_NONCE | P_ID, 0, pull1_make},
    {RECV, P_HASH | P_NONCE | P_SA, 0, pull2_take},
    {SEND, P_HASH, P_GAP, pull3_make},
    {RECV, P_HASH | P_KD, P_SEQ, pull4_take},
};

static const struct step pull_server[] = {
    {RECV, P_HASH | P_NONCE | P_ID, 0, pull1_take},
    {SEND, P_HASH | P_NONCE | P_SA, 0, pull2_make},
    {RECV, P_HASH, P_GAP, pull3_take},
    {SEND, P_HASH | P_KD, P_SEQ, pull4_make},
};

/* Ends the exchange and the pull, and tells the member how it went. */
static void
end_pull(struct xch *x, const char *why)
{
	struct pull *p = x->of;
	struct gm *gm = p->gm;
	struct gm_policy *fresh = p->fresh;

	if (!why)
		p->fresh = NULL; /* the member's */
	xch_drop(x);
	if (!gm)
		gm_policy_free(why ? NULL : fresh);
	else if (why)
		gm_pull_failed(gm, why);
	else
		gm_pull_done(gm, fresh);
}

/* The server's policy cannot be run here: RFC 6407 3.3 wants phase 1 torn down. */
static void
refuse_policy(struct xch *x)
{
	struct ike_sa *sa = x->sa;
	const char *why = x->refused;

	sa->core->drops[DROP_POLICY]++;
	end_pull(x, why);
	ike_sa_end(sa, why, true);
}

static void
member_done(struct xch *x)
{
	if (x->refused)
		refuse_policy(x);
	else
		end_pull(x, NULL);
}

static void
member_failed(struct xch *x)
{
	struct ike_sa *sa = x->sa;

	if (x->refused)
		refuse_policy(x);
	else if (x->timed_out) {
		/* The server has perhaps lost the SA: the next try makes a new one. */
		sa->lost = x->old;
		ike_sa_end(sa, "no answer to GROUPKEY-PULL", false);
	} else
		end_pull(x, "GROUPKEY-PULL cannot be sent");
}

static const struct xch_kind member_kind = {
    .exchange = EXCHANGE_GROUPKEY_PULL,
    .steps = pull_member,
    .n = ARRAY_SIZE(pull_member),
    .done = member_done,
    .failed = member_failed,
    .free = pull_free,
};

static const struct xch_kind server_kind = {
    .exchange = EXCHANGE_GROUPKEY_PULL,
    .steps = pull_server,
    .n = ARRAY_SIZE(pull_server),
    .free = pull_free,
};

void
pull_start(struct ike_sa *sa, struct gm *gm, bool old)
{
	struct pull *p = x_alloc(sizeof(*p));

	p->gm = gm;
	p->id = gm->cfg->id;
	p->x = xch_new(sa, &member_kind, p, true, xch_message_id(sa));
	/* Where it is found out whether the server is dead, that decides. */
	p->x->old = old && !ike_dpd_watches(sa);
	ike_dpd_demand(sa);
	gm->pull = p;
	xch_add(p->x);
	xch_run(p->x);
}

void
pull_cancel(struct pull *p)
{
	p->gm = NULL;
	xch_drop(p->x);
}

enum drop
pull_accept(struct ike_sa *sa, const struct isakmp_header *h, struct span dgram)
{
	struct pull *p;
	struct xch *x;
	enum drop d;
	size_t n = 0;

	if (!sa->core->n_kss)
		return DROP_UNEXPECTED;
	for (x = sa->exchanges; x; x = x->next)
		n++;
	if (n >= XCH_SA_MAX)
		return DROP_LIMIT;
	p = x_alloc(sizeof(*p));
	x = p->x = xch_new(sa, &server_kind, p, false, h->message_id);
	xch_add(x);
	d = xch_input(x, h, dgram);
	if (d)
		xch_drop(x);
	return d;
}

void
pull_refused(struct ike_sa *sa, uint32_t message_id, const char *why)
{
	struct xch *x, *next;

	for (x = sa->exchanges; x; x = next) {
		next = x->next;
		if (x->kind == &member_kind && x->at < x->kind->n &&
		    (!message_id || x->message_id == message_id))
			end_pull(x, why);
	}
}

void
pull_forget_served(struct core *c, const struct group_id *id, bool told)
{
	for (struct ike_sa *sa = c->ike.all; sa; sa = sa->next) {
		struct xch *x, *next;

		for (x = sa->exchanges; x; x = next) {
			const struct pull *p = x->of;

			next = x->next;
			if (x->kind != &server_kind || !ks_id_equal(&p->id, id))
				continue;
			if (told)
				info_notify(sa, NOTIFY_NO_PROPOSAL_CHOSEN, x->message_id);
			xch_drop(x);
		}
	}
}
