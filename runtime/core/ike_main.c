/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Main mode with pre-shared keys (RFC 2409 5.4) or signatures (5.1, RFC 4754), both sides.
 * Diffie-Hellman is a job: the exchange waits for it, the loop does not.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "compiler/policy/protocol.h"
#include "runtime/core/core_priv.h"
#include "runtime/core/xch.h"
#include "runtime/crypto/dh.h"

/* How our nodes know each other; 16 octets as is the custom. */
static const uint8_t vendor_id[16] = "Testudo GDOI/001";

struct main_mode {
	struct secret psk;
	char *ring, *host; /* keyring and host of the key; owned; NULL: none */
	uint8_t *sa_body;  /* the initiator's SA payload, as sent */
	size_t sa_size;
	struct dh *dh; /* the initiator's, between its two jobs */
	uint8_t public_i[DH_PUBLIC_MAX], public_r[DH_PUBLIC_MAX];
	char *trustpoint;     /* whose certificate the peer asks for; NULL: any */
	bool initial_contact; /* the peer says that it has no other SA with us */
};

void
ike_main_free(struct main_mode *mm)
{
	if (!mm)
		return;
	secret_fini(&mm->psk);
	free(mm->ring);
	free(mm->host);
	free(mm->sa_body);
	free(mm->trustpoint);
	dh_free(mm->dh);
	free(mm);
}

static struct main_mode *
main_new(struct ike_sa *sa, const struct policy_psk *psk)
{
	struct main_mode *mm = x_alloc(sizeof(*mm));

	secret_copy(&mm->psk, psk ? psk->key : (struct span){0});
	mm->ring = psk && psk->ring ? x_strdup(psk->ring) : NULL;
	mm->host = psk && psk->host ? x_strdup(psk->host) : NULL;
	sa->main = mm;
	return mm;
}

/* --- keys ------------------------------------------------------------------------------------- */

static struct ike_keymat
keymat_of(const struct xch *x)
{
	const struct main_mode *mm = x->sa->main;
	size_t n = dh_public_size(x->sa->suite.group);
	bool psk = x->sa->suite.auth == ISAKMP_AUTH_PSK;
	struct ike_keymat m = {.psk = psk ? secret_span(&mm->psk) : (struct span){0},
	                       .ni = SPAN(x->ni.bytes, x->ni.n),
	                       .nr = SPAN(x->nr.bytes, x->nr.n),
	                       .gxi = SPAN(mm->public_i, n),
	                       .gxr = SPAN(mm->public_r, n)};

	memcpy(m.cookie_i, x->sa->cookie_i, COOKIE_SIZE);
	memcpy(m.cookie_r, x->sa->cookie_r, COOKIE_SIZE);
	return m;
}

static bool
derive_keys(struct xch *x, const struct secret *shared)
{
	struct ike_sa *sa = x->sa;
	struct ike_keymat m = keymat_of(x);

	m.gxy = secret_span(shared);
	ike_keys_derive(&sa->keys, sa->suite.hash, sa->suite.cipher, &m);
	memcpy(x->iv, sa->keys.iv, sizeof(x->iv));
	sa->cipher = cipher_new(sa->suite.cipher, secret_span(&sa->keys.key));
	return sa->cipher != NULL;
}

/* --- the jobs --------------------------------------------------------------------------------- */

/* generate: make a key pair; peer_size > 0: then the shared secret with the peer's value. */
struct dh_job {
	struct core_job core_job;
	uint64_t serial; /* of the SA */
	uint8_t cookie[COOKIE_SIZE];
	struct dh *dh;
	bool generate, ok;
	uint8_t peer[DH_PUBLIC_MAX];
	size_t peer_size;
	struct secret shared;
};

static void
dh_run(struct job *job)
{
	struct dh_job *j = (struct dh_job *)(void *)job;

	j->ok = (!j->peer_size || dh_peer_right(j->dh, SPAN(j->peer, j->peer_size))) &&
	        (!j->generate || dh_generate(j->dh)) &&
	        (!j->peer_size || dh_compute(j->dh, SPAN(j->peer, j->peer_size), &j->shared));
}

static void
dh_discard(struct core_job *cj)
{
	struct dh_job *j = (struct dh_job *)(void *)cj;

	dh_free(j->dh);
	secret_fini(&j->shared);
	wipe(j, sizeof(*j));
	free(j);
}

/* Keeps what the job found; false when the exchange cannot go on. */
static bool
dh_take(struct xch *x, struct dh_job *j)
{
	struct ike_sa *sa = x->sa;
	struct main_mode *mm = sa->main;
	struct span public;

	if (!j->ok)
		return false;
	public = dh_public(j->dh);
	memcpy(sa->initiator ? mm->public_i : mm->public_r, public.p, public.n);
	if (j->peer_size)
		return derive_keys(x, &j->shared);
	mm->dh = j->dh;
	j->dh = NULL;
	return true;
}

static void
dh_done(struct core *c, struct core_job *cj)
{
	struct dh_job *j = (struct dh_job *)(void *)cj;
	struct ike_sa *sa = ike_sa_by_serial(c, j->serial, j->cookie);
	char peer[ADDR_TEXT_MAX];

	if (sa && sa->phase1 && sa->phase1->busy) {
		sa->phase1->busy = false;
		if (dh_take(sa->phase1, j)) {
			xch_run(sa->phase1);
		} else {
			c->drops[DROP_BAD_KE]++;
			REACHED_LOG(c, sa->path.remote, IKMP_MODE_FAILURE,
			            addr_text(sa->path.remote, peer), drop_text(DROP_BAD_KE));
			ike_sa_end(sa, drop_text(DROP_BAD_KE), false);
		}
	}
	dh_discard(cj);
}

static void
dh_submit(struct xch *x, struct dh *take_dh, bool generate, struct span peer)
{
	struct ike_sa *sa = x->sa;
	struct dh_job *j = x_alloc(sizeof(*j));

	j->core_job.job = (struct job){.run = dh_run, .computes = true};
	j->core_job.done = dh_done;
	j->core_job.discard = dh_discard;
	j->serial = sa->serial;
	memcpy(j->cookie, sa->initiator ? sa->cookie_i : sa->cookie_r, COOKIE_SIZE);
	j->dh = take_dh;
	j->generate = generate;
	j->peer_size = peer.n;
	if (peer.n)
		memcpy(j->peer, peer.p, peer.n);
	x->busy = true;
	core_submit(sa->core, &j->core_job);
}

/* --- messages 1 and 2: HDR, SA ---------------------------------------------------------------- */

static void
offer_one(const struct policy_isakmp *p, uint16_t method, struct phase1_sa *ret)
{
	if (ret->n == PHASE1_TRANSFORMS_MAX)
		return;
	ret->transforms[ret->n] = (struct phase1_transform){.number = (uint8_t)(ret->n + 1),
	                                                    .cipher = p->cipher,
	                                                    .hash = p->hash,
	                                                    .group = p->group,
	                                                    .auth = method,
	                                                    .lifetime = p->lifetime};
	ret->n++;
}

static void
offer_all(const struct core *c, const struct ike_peer *peer, struct phase1_sa *ret)
{
	*ret = (struct phase1_sa){.doi = DOI_GDOI, .proposal = 1};
	for (size_t i = 0; i < c->policy->n_isakmp; i++) {
		const struct policy_isakmp *p = &c->policy->isakmp[i];
		uint16_t method = 0;

		while ((method = ike_method_next(c, peer, p->auth, method)))
			offer_one(p, method, ret);
	}
}

static struct ike_peer
peer_of(const struct ike_sa *sa)
{
	return (struct ike_peer){.path = sa->path, .profile = ike_profile_of(sa)};
}

static enum drop
mm1_make(struct xch *x, struct message *m)
{
	struct main_mode *mm = x->sa->main;
	const struct ike_peer peer = peer_of(x->sa);
	struct phase1_sa offer;
	size_t body;

	offer_all(x->sa->core, &peer, &offer);
	isakmp_payload_begin(m->w, m->chain, PAYLOAD_SA);
	body = m->w->n;
	phase1_sa_put(m->w, &offer);
	isakmp_payload_end(m->w, m->chain);
	if (m->w->bad)
		return DROP_LIMIT;
	mm->sa_size = m->w->n - body;
	mm->sa_body = x_memdup(m->w->buf + body, mm->sa_size);
	return DROP_NONE;
}

/* RFC 2409 5: the responder's choice is one of ours, unmodified. */
static bool
was_offered(const struct main_mode *mm, const struct phase1_sa *answer)
{
	const struct phase1_transform *t = &answer->transforms[0];
	struct phase1_sa offer;
	size_t i;

	if (answer->n != 1 || !phase1_sa_get(SPAN(mm->sa_body, mm->sa_size), &offer) ||
	    answer->doi != offer.doi || answer->situation != offer.situation)
		return false;
	for (i = 0; i < offer.n; i++) {
		const struct phase1_transform *o = &offer.transforms[i];

		if (t->cipher == o->cipher && t->hash == o->hash && t->group == o->group &&
		    t->auth == o->auth && t->lifetime == o->lifetime)
			return true;
	}
	return false;
}

static enum drop
mm2_take(struct xch *x, struct message *m)
{
	static const uint8_t none[COOKIE_SIZE];
	struct phase1_transform chosen;
	const struct ike_peer peer = peer_of(x->sa);
	struct phase1_sa answer;
	struct ike_suite suite;

	/* RFC 2409 5: the SA payload MUST precede all others. */
	if (memcmp(m->header->cookie_r, none, COOKIE_SIZE) == 0 ||
	    m->payloads->at[0].type != PAYLOAD_SA ||
	    !phase1_sa_get(message_body(m, PAYLOAD_SA), &answer))
		return DROP_MALFORMED;
	if (!was_offered(x->sa->main, &answer) ||
	    !ike_choose(x->sa->core, &peer, &answer, &suite, &chosen))
		return DROP_NO_PROPOSAL;
	x->sa->suite = suite;
	memcpy(x->sa->cookie_r, m->header->cookie_r, COOKIE_SIZE);
	x->sa->dpd.able |= ike_dpd_vendor_came(m);
	dh_submit(x, dh_new(suite.group), true, (struct span){0});
	return DROP_NONE;
}

/* --- messages 3 and 4: HDR, KE, Nonce --------------------------------------------------------- */

static enum drop
ke_make(struct xch *x, struct message *m)
{
	struct main_mode *mm = x->sa->main;
	bool i = x->sa->initiator;

	isakmp_payload_put(
	    m->w, m->chain, PAYLOAD_KE,
	    SPAN(i ? mm->public_i : mm->public_r, dh_public_size(x->sa->suite.group)));
	/* The responder's nonce went into its keys: it is there before its message. */
	if (i)
		nonce_make(x, m, &x->ni);
	else
		isakmp_payload_put(m->w, m->chain, PAYLOAD_NONCE, SPAN(x->nr.bytes, x->nr.n));
	if (x->sa->suite.auth != ISAKMP_AUTH_PSK)
		ike_cert_request(x->sa->core, m);
	ike_dpd_vendor_put(m);
	return DROP_NONE;
}

/* Kept by name: the policy may have been replaced by the time it is needed. */
static void
keep_request(struct ike_sa *sa, const struct message *m)
{
	bool signs = sa->suite.auth != ISAKMP_AUTH_PSK;
	const char *name = signs ? ike_cert_requested(sa->core, m, sa->suite.method) : NULL;

	free(sa->main->trustpoint);
	sa->main->trustpoint = name ? x_strdup(name) : NULL;
}

static enum drop
ke_take(struct xch *x, struct message *m)
{
	struct main_mode *mm = x->sa->main;
	struct span ke = message_body(m, PAYLOAD_KE);
	struct nonce nonce;

	if (ke.n != dh_public_size(x->sa->suite.group))
		return DROP_BAD_KE;
	if (!nonce_take(x, m, &nonce))
		return DROP_MALFORMED;
	keep_request(x->sa, m);
	x->sa->dpd.able |= ike_dpd_vendor_came(m);
	if (x->sa->initiator) {
		x->nr = nonce;
		memcpy(mm->public_r, ke.p, ke.n);
		dh_submit(x, mm->dh, false, ke);
		mm->dh = NULL;
	} else {
		x->ni = nonce;
		x->nr.n = NONCE_SIZE;
		core_random(x->sa->core, x->nr.bytes, x->nr.n);
		memcpy(mm->public_i, ke.p, ke.n);
		dh_submit(x, dh_new(x->sa->suite.group), true, ke);
	}
	return DROP_NONE;
}

/* --- messages 5 and 6: HDR*, ID, HASH --------------------------------------------------------- */

#define ID_SIZE_MAX 1024 /* octets of the one we send */

static void
write_own_name(const struct policy *p, struct wr *w)
{
	wr_bytes(w, p->hostname, strlen(p->hostname));
	if (p->domain_name[0]) {
		wr_u8(w, '.');
		wr_bytes(w, p->domain_name, strlen(p->domain_name));
	}
}

/*
 * What we call ourselves (`self-identity` of the profile, `crypto isakmp identity`): our address,
 * unless the name is asked for, or the subject of the certificate that we show. RFC 2407 4.6.2:
 * protocol and port are zero.
 */
static size_t
own_id(const struct ike_sa *sa, uint8_t ret[ID_SIZE_MAX])
{
	const struct policy *p = sa->core->policy;
	struct isakmp_id id = {.type = ID_IPV4_ADDR};
	uint8_t data[ID_SIZE_MAX - 4];
	struct wr w = wr_buf(data, sizeof(data)), out = wr_buf(ret, ID_SIZE_MAX);
	const struct policy_isakmp_profile *f = ike_profile_of(sa);
	enum isakmp_identity self = f && f->has_self ? f->self : p->isakmp_identity;
	const char *name = f && f->has_self ? f->self_name : NULL;
	size_t dn = 0;

	if (self == ISAKMP_ID_DN && sa->suite.auth != ISAKMP_AUTH_PSK)
		dn = ike_cert_subject(sa, sa->main->trustpoint, data, sizeof(data));
	if (dn)
		id.type = ID_DER_ASN1_DN;
	else if (self == ISAKMP_ID_HOSTNAME)
		id.type = ID_FQDN;
	else if (self == ISAKMP_ID_USER)
		id.type = ID_USER_FQDN;
	if (id.type == ID_IPV4_ADDR)
		wr_u32(&w, sa->path.local);
	else if (name)
		wr_bytes(&w, name, strlen(name));
	else if (!dn)
		write_own_name(p, &w);
	id.data = SPAN(data, dn ? dn : w.n);
	isakmp_id_put(&out, &id);
	return out.n;
}

static enum drop
auth_make(struct xch *x, struct message *m)
{
	struct ike_sa *sa = x->sa;
	struct ike_keymat k = keymat_of(x);
	uint8_t id[ID_SIZE_MAX], hash[HASH_SIZE_MAX];
	size_t id_size = own_id(sa, id), n;

	n = ike_auth_hash(&sa->keys, ike_sign_hash(&sa->suite), &k, sa->initiator,
	                  SPAN(sa->main->sa_body, sa->main->sa_size), SPAN(id, id_size), hash);
	isakmp_payload_put(m->w, m->chain, PAYLOAD_ID, SPAN(id, id_size));
	if (sa->suite.auth == ISAKMP_AUTH_PSK)
		isakmp_payload_put(m->w, m->chain, PAYLOAD_HASH, SPAN(hash, n));
	else if (!ike_cert_put(sa, sa->main->trustpoint, m, SPAN(hash, n)))
		return DROP_CERTIFICATE;
	if (ike_first_contact(sa)) {
		DEBUG(&sa->core->env.log, DEBUG_ISAKMP, "ISAKMP:(%u): sending initial contact",
		      sa->conn_id);
		isakmp_payload_begin(m->w, m->chain, PAYLOAD_NOTIFY);
		info_initial_contact_put(m->w, sa);
		isakmp_payload_end(m->w, m->chain);
	}
	isakmp_payload_put(m->w, m->chain, PAYLOAD_VID, SPAN(vendor_id, sizeof(vendor_id)));
	return DROP_NONE;
}

static bool
has_initial_contact(const struct ike_sa *sa, const struct message *m)
{
	const struct isakmp_payloads *p = m->payloads;
	size_t i;

	for (i = 0; i < p->n; i++)
		if (p->at[i].type == PAYLOAD_NOTIFY && info_is_initial_contact(sa, p->at[i].body))
			return true;
	return false;
}

static bool
from_testudo(const struct message *m)
{
	const struct isakmp_payloads *p = m->payloads;
	size_t i;

	for (i = 0; i < p->n; i++)
		if (p->at[i].type == PAYLOAD_VID && p->at[i].body.n == sizeof(vendor_id) &&
		    memcmp(p->at[i].body.p, vendor_id, sizeof(vendor_id)) == 0)
			return true;
	return false;
}

/*
 * RFC 2407 4.6.2: protocol and port are zero, or UDP and the port; anything else aborts. GDOI has a
 * port of its own.
 */
static bool
id_ports_right(const struct isakmp_id *id)
{
	return (!id->proto && !id->port) ||
	       (id->proto == PROTO_UDP && (id->port == ISAKMP_PORT || id->port == GDOI_PORT));
}

/*
 * We find a pre-shared key by the peer's address (RFC 2409 5.4), so an address is all that it can
 * prove; or the name of the host that has the address, when the key is that host's. A peer that
 * calls itself otherwise is authenticated, but we cannot authorize it. A key server must be the one
 * that is configured (RFC 6407 3.1), by its address, or as its ISAKMP profile says.
 */
static enum drop
psk_identity(struct ike_sa *sa, const struct isakmp_id *id, bool profiled)
{
	const char *host = sa->main->host;

	sa->who.address = id->type == ID_IPV4_ADDR ||
	                  (id->type == ID_FQDN && host && id->data.n == strlen(host) &&
	                   strncasecmp((const char *)id->data.p, host, id->data.n) == 0);
	return sa->initiator && !sa->who.address && !profiled ? DROP_ID : DROP_NONE;
}

static enum drop
auth_take(struct xch *x, struct message *m)
{
	struct ike_sa *sa = x->sa;
	struct ike_keymat k = keymat_of(x);
	struct span body = message_body(m, PAYLOAD_ID), hash = message_body(m, PAYLOAD_HASH);
	const struct policy_isakmp_profile *profile = NULL;
	bool psk = sa->suite.auth == ISAKMP_AUTH_PSK;
	uint8_t want[HASH_SIZE_MAX];
	struct isakmp_id id;
	struct rd addr;
	enum drop d;
	size_t n;

	if (!isakmp_id_get(body, &id))
		return DROP_DECRYPT;
	n = ike_auth_hash(&sa->keys, ike_sign_hash(&sa->suite), &k, !sa->initiator,
	                  SPAN(sa->main->sa_body, sa->main->sa_size), body, want);
	if (psk && !span_equal_ct(SPAN(want, n), hash))
		return DROP_HASH;
	addr = rd_span(id.data);
	if (!id_ports_right(&id) ||
	    (id.type == ID_IPV4_ADDR && (rd_u32(&addr) != sa->path.remote || !rd_done(&addr))))
		return DROP_ID;
	d = ike_profile_choose(sa, &id, psk, sa->main->ring, &profile);
	if (!d)
		d = psk ? psk_identity(sa, &id, profile)
		        : ike_cert_check(sa, m, SPAN(want, n), &id, profile);
	if (d)
		return d;
	ike_profile_set(sa, profile);
	if (!sa->main->trustpoint)
		keep_request(sa, m);
	sa->testudo = from_testudo(m);
	sa->dpd.able |= ike_dpd_vendor_came(m);
	sa->main->initial_contact = has_initial_contact(sa, m);
	return DROP_NONE;
}

/* --- the exchange ----------------------------------------------------------------------------- */

/* HASH, or CERT and SIG, as the method says. A message without its proof fails the check of it. */
#define P_PROOF (P_HASH | P_CERT | P_SIG)

static const struct step initiator_steps[] = {
    {SEND, P_SA, 0, mm1_make},
    {RECV, P_SA, P_VID, mm2_take},
    {SEND, P_KE | P_NONCE, P_CERTREQ | P_VID, ke_make},
    {RECV, P_KE | P_NONCE, P_VID | P_NOTIFY | P_CERTREQ, ke_take},
    {SEND, P_ID, P_PROOF | P_VID | P_NOTIFY, auth_make},
    {RECV, P_ID, P_PROOF | P_VID | P_NOTIFY | P_CERTREQ, auth_take},
};

static const struct step responder_steps[] = {
    {RECV, P_SA, P_VID, NULL}, /* ike_offer.c: no state is made */
    {SEND, P_SA, 0, NULL},
    {RECV, P_KE | P_NONCE, P_VID | P_NOTIFY | P_CERTREQ, ke_take},
    {SEND, P_KE | P_NONCE, P_CERTREQ | P_VID, ke_make},
    {RECV, P_ID, P_PROOF | P_VID | P_NOTIFY | P_CERTREQ, auth_take},
    {SEND, P_ID, P_PROOF | P_VID | P_NOTIFY, auth_make},
};

static void
main_done(struct xch *x)
{
	struct ike_sa *sa = x->sa;

	memcpy(sa->keys.iv, x->iv, sizeof(sa->keys.iv));
	if (!sa->initiator)
		ike_offer_trusted(sa->core, sa->path.remote,
		                  SPAN(sa->main->sa_body, sa->main->sa_size));
	if (sa->main->initial_contact)
		ike_initial_contact(sa);
	ike_sa_up(sa);
}

/* Message 5 showed our certificate; what came, message 6, the peer's. */
static const char *
why_no_message_6(const struct ike_sa *sa)
{
	if (sa->suite.auth == ISAKMP_AUTH_PSK)
		return "no answer to message 5, the pre-shared keys probably differ";
	if (sa->refused)
		return "the peer's certificate or signature was refused";
	if (sa->awaited)
		return "the revocation list of the peer's certificate did not come in time";
	return "no answer to message 5, our certificate was probably refused";
}

static void
main_failed(struct xch *x)
{
	struct ike_sa *sa = x->sa;
	static const char *const unanswered[] = {
	    [1] = "no answer from the key server",
	    [3] = "no answer to the key exchange",
	};
	const char *why = "phase 1 failed";

	if (x->timed_out && x->at < ARRAY_SIZE(unanswered) && unanswered[x->at])
		why = unanswered[x->at];
	if (x->timed_out && x->at == 5)
		why = why_no_message_6(sa);
	ike_sa_end(sa, sa->hint && x->at < 5 ? sa->hint : why, false);
}

static const struct xch_kind initiator_kind = {
    .exchange = EXCHANGE_MAIN,
    .phase1 = true,
    .steps = initiator_steps,
    .n = ARRAY_SIZE(initiator_steps),
    .encrypted_from = 4,
    .done = main_done,
    .failed = main_failed,
};

static const struct xch_kind responder_kind = {
    .exchange = EXCHANGE_MAIN,
    .phase1 = true,
    .steps = responder_steps,
    .n = ARRAY_SIZE(responder_steps),
    .encrypted_from = 4,
    .done = main_done,
    .failed = main_failed,
};

void
ike_main_initiate(struct ike_sa *sa, const struct policy_psk *psk)
{
	main_new(sa, psk);
	sa->phase1 = xch_new(sa, &initiator_kind, NULL, true, 0);
	xch_run(sa->phase1);
}

enum drop
ike_main_accept(struct core *c, const struct path *path, const struct isakmp_header *h,
                struct span dgram)
{
	struct ike_peer who = {.path = *path, .profile = ike_profile_by_address(c, path)};
	const struct policy_psk *psk = ike_psk_find(c, &who);
	struct span body = ike_offer_find(c, path, h);
	struct phase1_transform chosen;
	char peer[ADDR_TEXT_MAX];
	struct phase1_sa offer;
	struct ike_suite suite;
	struct ike_sa *sa;
	enum drop d;

	if (!body.n) {
		STRANGER_LOG(c, path->remote, IKMP_NO_SA, addr_text(path->remote, peer));
		return DROP_COOKIE;
	}
	if (!psk) { /* the profile is perhaps another one: its peer has not said yet who it is */
		who.profile = NULL;
		psk = ike_psk_find(c, &who);
	}
	if (!psk && !c->ike.signs)
		return DROP_NO_PSK;
	ike_offer_reached(c, path->remote, body);
	if (!phase1_sa_get(body, &offer) || !ike_choose(c, &who, &offer, &suite, &chosen))
		return DROP_NO_PROPOSAL;
	d = ike_setup_admit(c, path_peer(path));
	if (d)
		return d;
	sa = ike_sa_new(c, path, false, h->cookie_i, h->cookie_r);
	sa->suite = suite;
	main_new(sa, psk);
	sa->main->sa_body = x_memdup(body.p, body.n);
	sa->main->sa_size = body.n;
	sa->phase1 = xch_new(sa, &responder_kind, NULL, false, 0);
	sa->phase1->at = 2;
	d = xch_input(sa->phase1, h, dgram);
	if (d)
		ike_sa_end(sa, drop_text(d), false);
	return d;
}
