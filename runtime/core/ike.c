/* SPDX-License-Identifier: Apache-2.0 */
/* The table of SAs and where each datagram belongs: see ike.h. */
#include "runtime/core/ike.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/policy/profile.h"
#include "compiler/policy/protocol.h"
#include "runtime/core/core_priv.h"
#include "runtime/core/gm.h"
#include "runtime/core/ks.h"
#include "runtime/core/pull.h"
#include "runtime/core/xch.h"

static const uint8_t no_cookie[COOKIE_SIZE];

static uint64_t
cookie_key(const uint8_t cookie[COOKIE_SIZE])
{
	uint64_t key;

	memcpy(&key, cookie, sizeof(key));
	return key;
}

static const uint8_t *
our_cookie(const struct ike_sa *sa)
{
	return sa->initiator ? sa->cookie_i : sa->cookie_r;
}

/* --- the first contact (RFC 2407 4.6.3.3) ----------------------------------------------------- */

static void
remember_peer(const struct ike_sa *sa)
{
	struct ike *ike = &sa->core->ike;
	struct ike_met *m;

	if (table_find(&ike->met, path_peer(&sa->path)) || ike->met.n >= IKE_SAS_MAX)
		return;
	m = x_alloc(sizeof(*m));
	table_put(&ike->met, &m->link, path_peer(&sa->path));
}

static void
met_fini(struct ike *ike)
{
	for (size_t i = 0; i < ike->met.size; i++)
		while (ike->met.buckets[i]) {
			struct ike_met *m = CONTAINER(ike->met.buckets[i], struct ike_met, link);

			table_remove(&ike->met, &m->link);
			free(m);
		}
	table_fini(&ike->met);
}

/* --- all of them ------------------------------------------------------------------------------ */

void
ike_init(struct core *c)
{
	c->ike.next_conn_id = IKE_CONN_ID;
	c->ike.secret_made = -2 * IKE_SECRET_TIME;
}

void
ike_fini(struct core *c)
{
	while (c->ike.all)
		ike_sa_end(c->ike.all, "stopped", false);
	met_fini(&c->ike);
	table_fini(&c->ike.by_cookie);
	table_fini(&c->ike.by_peer);
	ike_offers_fini(&c->ike);
	ike_psks_fini(&c->ike);
	ike_setups_fini(&c->ike);
	wipe(c->ike.secrets, sizeof(c->ike.secrets));
	wipe(c->ike.offer_key, sizeof(c->ike.offer_key));
}

void
ike_clear(struct core *c)
{
	while (c->ike.all)
		ike_sa_end(c->ike.all, "cleared", true);
}

static bool
is_legacy(const struct ike_sa *sa)
{
	return cipher_is_legacy(sa->suite.cipher) || hash_is_legacy(sa->suite.hash) ||
	       dh_is_legacy(sa->suite.group);
}

void
ike_refuse_legacy(struct core *c, bool is_new)
{
	struct ike_sa *sa, *next;

	for (sa = c->ike.all; sa; sa = next) {
		next = sa->next;
		if (is_legacy(sa) || (is_new && sa->state == IKE_SETUP))
			ike_sa_end(sa, "crypto engine legacy disable", true);
	}
}

/* --- one SA ----------------------------------------------------------------------------------- */

static void
sa_fire(struct core *c, struct timer *t, msec now)
{
	struct ike_sa *sa = CONTAINER(t, struct ike_sa, timer);

	(void)c;
	(void)now;
	ike_sa_end(sa, "the ISAKMP SA's lifetime is over", true);
}

struct ike_sa *
ike_sa_new(struct core *c, const struct path *path, bool initiator,
           const uint8_t cookie_i[COOKIE_SIZE], const uint8_t cookie_r[COOKIE_SIZE])
{
	struct ike_sa *sa = x_alloc(sizeof(*sa));
	char peer[ADDR_TEXT_MAX];

	sa->core = c;
	sa->serial = ++c->ike.next_serial;
	sa->initiator = initiator;
	sa->path = *path;
	memcpy(sa->cookie_i, cookie_i, COOKIE_SIZE);
	memcpy(sa->cookie_r, cookie_r, COOKIE_SIZE);
	sa->conn_id = c->ike.next_conn_id++;
	sa->expires = MSEC_NEVER;
	sa->timer.fire = sa_fire;
	sa->next = c->ike.all;
	sa->prev = &c->ike.all;
	if (sa->next)
		sa->next->prev = &sa->next;
	c->ike.all = sa;
	table_put(&c->ike.by_cookie, &sa->by_cookie, cookie_key(our_cookie(sa)));
	table_put(&c->ike.by_peer, &sa->by_peer, path_peer(path));
	c->ike.n_sas++;
	if (!initiator)
		ike_setup_add(sa);
	DEBUG(&c->env.log, DEBUG_ISAKMP, "ISAKMP:(%u): new SA with %s, we are the %s", sa->conn_id,
	      addr_text(path->remote, peer), initiator ? "initiator" : "responder");
	if (!initiator) /* an initiator gives up by itself: xch.h */
		timer_set(&c->timers, &sa->timer, c->now + IKE_SETUP_TIME);
	return sa;
}

struct ike_sa *
ike_sa_by_serial(const struct core *c, uint64_t serial, const uint8_t cookie[COOKIE_SIZE])
{
	struct link *l;

	for (l = table_find(&c->ike.by_cookie, cookie_key(cookie)); l; l = table_next(l)) {
		struct ike_sa *sa = CONTAINER(l, struct ike_sa, by_cookie);

		if (sa->serial == serial)
			return sa;
	}
	return NULL;
}

/* A peer that has authenticated anew has forgotten the SAs it began before. */
static void
end_older(struct ike_sa *fresh)
{
	struct core *c = fresh->core;
	struct link *l = table_find(&c->ike.by_peer, path_peer(&fresh->path)), *next;

	for (; l; l = next) {
		struct ike_sa *sa = CONTAINER(l, struct ike_sa, by_peer);

		next = table_next(l);
		if (sa != fresh && !sa->initiator && sa->state == IKE_UP &&
		    sa->path.remote_port == fresh->path.remote_port)
			ike_sa_end(sa, "replaced", false);
	}
}

void
ike_sa_up(struct ike_sa *sa)
{
	struct core *c = sa->core;
	char peer[ADDR_TEXT_MAX];

	DEBUG(&c->env.log, DEBUG_ISAKMP,
	      "ISAKMP:(%u): SA has been authenticated with %s; phase 1 complete, %u seconds",
	      sa->conn_id, addr_text(sa->path.remote, peer), sa->suite.lifetime);
	sa->state = IKE_UP;
	sa->expires = c->now + SECONDS(sa->suite.lifetime);
	timer_set(&c->timers, &sa->timer, sa->expires);
	ike_main_free(sa->main);
	sa->main = NULL;
	ike_proofs_forget(sa);
	xch_linger(sa->phase1);
	remember_peer(sa);
	if (!sa->initiator) {
		ike_setup_remove(sa);
		end_older(sa);
	}
	ike_dpd_begin(sa);
	if (sa->initiator)
		gm_sa_up(c, sa);
}

void
ike_sa_end(struct ike_sa *sa, const char *why, bool tell_peer)
{
	struct core *c = sa->core;
	char peer[ADDR_TEXT_MAX];

	DEBUG(&c->env.log, DEBUG_ISAKMP, "ISAKMP:(%u): deleting SA with %s: %s", sa->conn_id,
	      addr_text(sa->path.remote, peer), why);
	if (tell_peer && sa->state == IKE_UP)
		info_delete_sa(sa);
	ike_setup_remove(sa);
	c->ike.n_sas--;
	table_remove(&c->ike.by_cookie, &sa->by_cookie);
	table_remove(&c->ike.by_peer, &sa->by_peer);
	*sa->prev = sa->next;
	if (sa->next)
		sa->next->prev = sa->prev;
	gm_sa_gone(c, sa, why);
	timer_cancel(&c->timers, &sa->timer);
	ike_dpd_end(sa);
	xch_free(sa->phase1);
	while (sa->exchanges)
		xch_drop(sa->exchanges);
	ike_main_free(sa->main);
	cipher_free(sa->cipher);
	ike_keys_fini(&sa->keys);
	ike_who_fini(&sa->who);
	free(sa->profile);
	ike_proofs_forget(sa);
	free(sa);
}

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

bool
ike_first_contact(const struct ike_sa *sa)
{
	const struct ike *ike = &sa->core->ike;

	return !ike_met_find(sa->core, path_peer(&sa->path)) && ike->met.n < IKE_SAS_MAX;
}

void
ike_initial_contact(struct ike_sa *sa)
{
	struct core *c = sa->core;
	struct link *l = table_find(&c->ike.by_peer, path_peer(&sa->path)), *next;
	char peer[ADDR_TEXT_MAX];

	DEBUG(&c->env.log, DEBUG_ISAKMP,
	      "ISAKMP:(%u): processing NOTIFY INITIAL_CONTACT of %s: it has no other SA with us",
	      sa->conn_id, addr_text(sa->path.remote, peer));
	for (; l; l = next) {
		struct ike_sa *old = CONTAINER(l, struct ike_sa, by_peer);

		next = table_next(l);
		if (old != sa && old->state == IKE_UP && old->serial < sa->serial &&
		    old->who.address == sa->who.address &&
		    same_text(old->who.subject, sa->who.subject))
			ike_sa_end(old, "the peer has started anew (INITIAL-CONTACT)", false);
	}
}

struct ike_met *
ike_met_find(const struct core *c, uint64_t peer)
{
	struct link *l = table_find(&c->ike.met, peer);

	return l ? CONTAINER(l, struct ike_met, link) : NULL;
}

/* --- as initiator ----------------------------------------------------------------------------- */

/* The SA we have with this server, in setup or with enough life left. */
static struct ike_sa *
find_connection(const struct core *c, const struct ike_peer *peer)
{
	struct link *l;

	for (l = table_find(&c->ike.by_peer, path_peer(&peer->path)); l; l = table_next(l)) {
		struct ike_sa *sa = CONTAINER(l, struct ike_sa, by_peer);

		if (sa->initiator && sa->path.local == peer->path.local &&
		    (!peer->profile || ike_profile_is(sa, peer->profile)) &&
		    (sa->state == IKE_SETUP || sa->expires - c->now > IKE_REUSE_MIN))
			return sa;
	}
	return NULL;
}

/* Could it match anybody at all? One that does not exist has no lines. */
static bool
profile_is_for(const struct policy_isakmp_profile *profile, const struct ike_peer *peer)
{
	const struct isakmp_peer here = {.local = peer->path.local,
	                                 .vrf = vrf_name(peer->path.vrf)};

	return profile->n_matches && policy_profile_is_here(profile, &here);
}

struct ike_sa *
ike_connect(struct core *c, uint32_t vrf, uint32_t local, uint32_t peer,
            const struct policy_isakmp_profile *profile, const char **ret_why)
{
	const struct ike_peer who = {.path = {.local = local,
	                                      .remote = peer,
	                                      .local_port = GDOI_PORT,
	                                      .remote_port = GDOI_PORT,
	                                      .vrf = vrf},
	                             .profile = profile};
	const struct policy_psk *psk = ike_psk_find(c, &who);
	struct ike_sa *sa = find_connection(c, &who);
	char text[ADDR_TEXT_MAX];
	uint8_t cookie[COOKIE_SIZE];
	size_t i;
	bool any = false, psk_wanted = false;

	addr_text(peer, text);
	DEBUG(&c->env.log, DEBUG_ISAKMP, "ISAKMP: %s an SA with %s; pre-shared key: %s",
	      sa ? "found" : "no", text, psk ? "found" : "none");
	if (sa)
		return sa;
	if (!c->policy->isakmp_enabled) {
		*ret_why = "ISAKMP is disabled";
		return NULL;
	}
	for (i = 0; i < c->policy->n_isakmp; i++) {
		enum isakmp_auth auth = c->policy->isakmp[i].auth;

		psk_wanted |= auth == ISAKMP_AUTH_PSK;
		any |= ike_can(c, &who, auth);
	}
	if (profile && !profile_is_for(profile, &who)) {
		*ret_why = "its ISAKMP profile matches no peer from this address of ours";
		return NULL;
	}
	if (!any && !psk_wanted) { /* the default policy is DES, SHA, RSA signatures */
		*ret_why = "no ISAKMP policy with pre-shared keys, and no certificate for another";
		return NULL;
	}
	if (!any) {
		LOG(&c->env.log, IKMP_NO_KEY, addr_text(peer, text));
		*ret_why = "no pre-shared key for the key server";
		return NULL;
	}
	if (c->ike.n_sas >= IKE_SAS_MAX) {
		*ret_why = "too many ISAKMP SAs";
		return NULL;
	}
	core_random(c, cookie, sizeof(cookie));
	cookie[0] |= 1; /* never all zero */
	sa = ike_sa_new(c, &who.path, true, cookie, no_cookie);
	ike_profile_set(sa, profile);
	ike_main_initiate(sa, psk);
	return sa;
}

/* --- where a datagram belongs ----------------------------------------------------------------- */

static struct ike_sa *
find_role(const struct core *c, const struct path *path, const struct isakmp_header *h,
          bool initiator)
{
	const uint8_t *ours = initiator ? h->cookie_i : h->cookie_r;
	struct link *l;

	for (l = table_find(&c->ike.by_cookie, cookie_key(ours)); l; l = table_next(l)) {
		struct ike_sa *sa = CONTAINER(l, struct ike_sa, by_cookie);
		/* Only message 2 tells an initiator the other's cookie. */
		bool learning = initiator && memcmp(sa->cookie_r, no_cookie, COOKIE_SIZE) == 0;

		if (sa->initiator == initiator && path_peer(&sa->path) == path_peer(path) &&
		    memcmp(sa->cookie_i, h->cookie_i, COOKIE_SIZE) == 0 &&
		    (learning || memcmp(sa->cookie_r, h->cookie_r, COOKIE_SIZE) == 0))
			return sa;
	}
	return NULL;
}

static struct ike_sa *
find_sa(const struct core *c, const struct path *path, const struct isakmp_header *h)
{
	struct ike_sa *sa = find_role(c, path, h, false);

	return sa ? sa : find_role(c, path, h, true);
}

/* Logs, once for an SA, what a dropped message of main mode probably means. */
static void
log_bad_message(struct core *c, struct ike_sa *sa, enum drop d)
{
	char peer[ADDR_TEXT_MAX];

	if (d == DROP_REPEAT || sa->complained)
		return;
	if (d == DROP_DECRYPT || d == DROP_HASH) {
		sa->complained = true;
		REACHED_LOG(c, sa->path.remote, IKMP_BAD_MESSAGE, addr_text(sa->path.remote, peer),
		            d == DROP_HASH || sa->state == IKE_UP
		                ? drop_text(d)
		                : "cannot be decrypted, the pre-shared keys probably differ");
	} else if (d == DROP_ID || d == DROP_PROFILE || d == DROP_NO_PROPOSAL || d == DROP_BAD_KE) {
		sa->complained = true;
		REACHED_LOG(c, sa->path.remote, IKMP_MODE_FAILURE, addr_text(sa->path.remote, peer),
		            drop_text(d));
	}
}

/*
 * With certificates each variant of message 5 costs checks of signatures. So some end the exchange;
 * not a few, as somebody on the way can spoil copies of the peer's own. What cannot be decrypted
 * costs little and does not count, nor does a wrong HASH under a pre-shared key. Who waits for a
 * revocation list has signed, and sends the same again. What shows the same again does not count
 * (ike_proof.c). Who began the exchange waits on, and knows at its end what came.
 */
static void
count_refused(struct ike_sa *sa, enum drop d)
{
	bool counts = d == DROP_HASH || d == DROP_ID || d == DROP_PROFILE || d == DROP_CERTIFICATE;

	if (sa->state != IKE_SETUP || sa->suite.auth == ISAKMP_AUTH_PSK)
		return;
	sa->refused += counts && sa->refused < IKE_REFUSED_MAX;
	sa->awaited += d == DROP_REVOCATION && sa->awaited < IKE_AWAITED_MAX;
	if (!sa->initiator && (sa->refused >= IKE_REFUSED_MAX || sa->awaited >= IKE_AWAITED_MAX))
		ike_sa_end(sa, "too many of its messages were refused", false);
}

static enum drop
main_input(struct core *c, const struct path *path, const struct isakmp_header *h,
           struct span dgram)
{
	struct ike_sa *sa;
	enum drop d;

	if (h->message_id)
		return DROP_MESSAGE_ID;
	if (memcmp(h->cookie_i, no_cookie, COOKIE_SIZE) == 0)
		return DROP_MALFORMED;
	if (memcmp(h->cookie_r, no_cookie, COOKIE_SIZE) == 0)
		return ike_offer_answer(c, path, h, dgram);
	sa = find_sa(c, path, h);
	if (!sa)
		return ike_main_accept(c, path, h, dgram);
	if (!sa->phase1) /* phase 1 has been over for so long that nobody repeats its messages */
		return DROP_UNEXPECTED;
	d = xch_input(sa->phase1, h, dgram);
	if (d) { /* refused: the SA is still there */
		log_bad_message(c, sa, d);
		count_refused(sa, d);
	}
	return d;
}

static enum drop
phase2_input(struct core *c, const struct path *path, const struct isakmp_header *h,
             struct span dgram)
{
	struct ike_sa *sa = find_sa(c, path, h);
	char peer[ADDR_TEXT_MAX];
	struct xch *x;

	if (!sa || sa->state != IKE_UP) {
		STRANGER_LOG(c, path->remote, IKMP_NO_SA, addr_text(path->remote, peer));
		return DROP_COOKIE;
	}
	if (!h->message_id)
		return DROP_MESSAGE_ID;
	x = xch_find(sa, h->message_id);
	return x ? xch_input(x, h, dgram) : pull_accept(sa, h, dgram);
}

static enum drop
message_input(struct core *c, const struct path *path, const struct isakmp_header *h,
              struct span dgram)
{
	if (h->version != ISAKMP_VERSION) /* RFC 2408 3.1: nor a later minor version */
		return DROP_VERSION;
	if (h->length != dgram.n) /* RFC 2408 5.1: MUST be rejected */
		return DROP_LENGTH;
	if (h->flags & ~(FLAG_ENCRYPTION | FLAG_COMMIT | FLAG_AUTH_ONLY))
		return DROP_FLAGS;
	switch (h->exchange) {
	case EXCHANGE_MAIN:
		return main_input(c, path, h, dgram);
	case EXCHANGE_INFORMATIONAL:
		return info_input(c, path, h, dgram, find_sa(c, path, h));
	case EXCHANGE_GROUPKEY_PULL:
		return phase2_input(c, path, h, dgram);
	case EXCHANGE_GROUPKEY_PUSH:
		return gm_push_input(c, path, h, dgram);
	case EXCHANGE_GROUPKEY_PUSH_ACK:
		return ks_ack_input(c, path, h, dgram);
	default:
		return DROP_EXCHANGE;
	}
}

enum drop
ike_input(struct core *c, const struct path *path, struct span dgram)
{
	struct isakmp_header h;
	enum drop d;

	if (!isakmp_header_get(dgram, &h))
		return DROP_MALFORMED;
	if (!c->policy || !c->policy->isakmp_enabled)
		return DROP_POLICY;
	d = message_input(c, path, &h, dgram);
	if (d)
		info_error(c, path, &h, find_sa(c, path, &h), d);
	return d;
}

/* --- what can be seen ------------------------------------------------------------------------- */

static enum snap_isakmp_state
snap_state(const struct ike_sa *sa)
{
	if (sa->state == IKE_UP)
		return SNAP_GDOI_IDLE;
	if (!sa->phase1 || sa->phase1->at < 2)
		return SNAP_MM_NO_STATE;
	return sa->phase1->at < 4 ? SNAP_MM_SA_SETUP : SNAP_MM_KEY_EXCH;
}

static uint64_t
cookie_number(const uint8_t cookie[COOKIE_SIZE])
{
	struct rd r = rd_span(SPAN(cookie, COOKIE_SIZE));

	return rd_u64(&r);
}

/* `vrf` of its profile; else that of a member's traffic, else that of its packets. */
static const char *
inner_vrf(const struct ike_sa *sa)
{
	const struct policy_isakmp_profile *profile = ike_profile_of(sa);

	if (profile && profile->vrf)
		return profile->vrf;
	for (size_t i = 0; sa->initiator && i < sa->core->n_gms; i++) {
		const struct gm *gm = sa->core->gms[i];

		if (gm->sa == sa && gm_applied(gm))
			return gm->cfg->interfaces[0].inner;
	}
	return vrf_name(sa->path.vrf);
}

const struct snap_isakmp *
ike_snap(const struct core *c, msec now, struct arena *a, size_t *ret_n)
{
	struct snap_isakmp *s = arena_alloc(a, (c->ike.n_sas + 1) * sizeof(*s));
	const struct ike_sa *sa;
	size_t n = c->ike.n_sas;

	*ret_n = n;
	for (sa = c->ike.all; sa; sa = sa->next) { /* newest first in the list, last in the table */
		const struct ike_suite *u = &sa->suite;
		msec left = sa->expires == MSEC_NEVER ? 0 : sa->expires - now;

		s[--n] = (struct snap_isakmp){
		    .dst = sa->initiator ? sa->path.remote : sa->path.local,
		    .src = sa->initiator ? sa->path.local : sa->path.remote,
		    .state = snap_state(sa),
		    .conn_id = sa->conn_id,
		    .active = true,
		    .dpd = ike_dpd_watches(sa),
		    .profile = sa->profile ? arena_strdup(a, sa->profile) : NULL,
		    .vrf = vrf_name(sa->path.vrf),
		    .inner = inner_vrf(sa),
		    .initiator = sa->initiator,
		    .cipher = u->cipher,
		    .hash = u->hash,
		    .auth = u->auth,
		    .group = u->group,
		    .lifetime = u->lifetime,
		    .remaining = left > 0 ? (uint32_t)(left / 1000) : 0,
		    .my_cookie = cookie_number(our_cookie(sa)),
		    .his_cookie = cookie_number(sa->initiator ? sa->cookie_r : sa->cookie_i),
		};
	}
	return s;
}
