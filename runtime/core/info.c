/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Informational exchanges (RFC 2408 4.8, RFC 2409 5.7): one message each. Under an SA they are
 * authenticated and say why a registration was refused, or that the SA is gone. In clear they are
 * a hint for the log and change nothing.
 *
 * Not every error that comes under the SA ends a registration: a message that somebody slipped in,
 * and that the server could not verify, makes the server complain to a member that did no wrong.
 */
#include <string.h>

#include "runtime/core/core_priv.h"
#include "runtime/core/gm.h"
#include "runtime/core/pull.h"
#include "runtime/core/xch.h"

struct info {
	uint16_t notify;     /* 0: a Delete; read: the first error, else the last status */
	uint32_t message_id; /* of the exchange it speaks of; the number of an R-U-THERE */
	bool has_message_id;
	bool delete_sa;       /* read: the peer deletes this SA */
	bool initial_contact; /* read: the peer has no other SA with us */
};

/*
 * What each error means to the node that receives it, and whether it ends the registration under
 * way.
 */
static const struct meaning {
	uint16_t type;
	bool final;
	const char *text;
} meanings[] = {
    {NOTIFY_INVALID_PAYLOAD_TYPE, false, "the peer does not know a payload (INVALID-PAYLOAD-TYPE)"},
    {NOTIFY_DOI_NOT_SUPPORTED, false, "the key server does not know GDOI (DOI-NOT-SUPPORTED)"},
    {NOTIFY_INVALID_COOKIE, false, "the key server has lost the SA (INVALID-COOKIE)"},
    {NOTIFY_INVALID_MAJOR_VERSION, false, "the peer has another IKE (INVALID-MAJOR-VERSION)"},
    {NOTIFY_INVALID_MINOR_VERSION, false, "the peer has another IKE (INVALID-MINOR-VERSION)"},
    {NOTIFY_INVALID_EXCHANGE_TYPE, false,
     "the peer knows no such exchange (INVALID-EXCHANGE-TYPE)"},
    {NOTIFY_INVALID_FLAGS, false, "the peer refuses a message's flags (INVALID-FLAGS)"},
    {NOTIFY_INVALID_MESSAGE_ID, false, "the peer refuses a message's number (INVALID-MESSAGE-ID)"},
    {NOTIFY_NO_PROPOSAL_CHOSEN, true,
     "the key server refuses all our ISAKMP policies (NO-PROPOSAL-CHOSEN)"},
    {NOTIFY_PAYLOAD_MALFORMED, false,
     "the key server cannot read us, the pre-shared keys probably differ (PAYLOAD-MALFORMED)"},
    {NOTIFY_INVALID_KEY_INFORMATION, false,
     "the key server refuses our public value (INVALID-KEY-INFORMATION)"},
    {NOTIFY_INVALID_ID_INFORMATION, true,
     "the key server has no group of this identity (INVALID-ID-INFORMATION)"},
    {NOTIFY_INVALID_CERTIFICATE, false,
     "the key server refuses our certificate (INVALID-CERTIFICATE)"},
    {NOTIFY_INVALID_HASH_INFORMATION, false,
     "the peer cannot verify a message (INVALID-HASH-INFORMATION)"},
    {NOTIFY_AUTHENTICATION_FAILED, true,
     "the key server does not authorize this member (AUTHENTICATION-FAILED)"},
    {NOTIFY_UNSUPPORTED_EXCHANGE_TYPE, false,
     "the peer does not do this exchange (UNSUPPORTED-EXCHANGE-TYPE)"},
    {NOTIFY_UNEQUAL_PAYLOAD_LENGTHS, false,
     "a message came longer than its header says (UNEQUAL-PAYLOAD-LENGTHS)"},
};

static const struct meaning *
meaning_of(uint16_t type)
{
	static const struct meaning other = {0, true, "the key server refuses (notification)"};

	for (size_t i = 0; i < ARRAY_SIZE(meanings); i++)
		if (meanings[i].type == type)
			return &meanings[i];
	return &other;
}

/* The same once phase 1 is up, to a registration. */
static const char *
refusal_text(uint16_t type)
{
	return type == NOTIFY_NO_PROPOSAL_CHOSEN
	           ? "the key server cannot give us the group's keys now (NO-PROPOSAL-CHOSEN)"
	           : meaning_of(type)->text;
}

/* Codes below 16384 are errors, the rest is status (RFC 2408 3.14.1). */
static bool
is_error(uint16_t type)
{
	return type && type < 16384;
}

/* R-U-THERE, and its answer (RFC 3706). */
static bool
is_dpd(uint16_t type)
{
	return type == NOTIFY_R_U_THERE || type == NOTIFY_R_U_THERE_ACK;
}

/* --- sending ---------------------------------------------------------------------------------- */

static enum drop
info_make(struct xch *x, struct message *m)
{
	const struct info *info = x->of;
	uint8_t cookies[2 * COOKIE_SIZE], mid[4];
	struct wr w = wr_buf(mid, sizeof(mid));

	memcpy(cookies, x->sa->cookie_i, COOKIE_SIZE);
	memcpy(cookies + COOKIE_SIZE, x->sa->cookie_r, COOKIE_SIZE);
	isakmp_payload_begin(m->w, m->chain, info->notify ? PAYLOAD_NOTIFY : PAYLOAD_DELETE);
	wr_u32(&w, info->message_id);
	if (info->notify)
		isakmp_notify_put(m->w, &(struct isakmp_notify){
					    .doi = is_dpd(info->notify) ? DOI_IPSEC : DOI_GDOI,
					    .proto = 1,
					    .type = info->notify,
					    .spi = SPAN(cookies, 16),
					    .data = SPAN(mid, 4)});
	else
		isakmp_delete_put(m->w, &(struct isakmp_delete){.doi = DOI_GDOI,
		                                                .proto = 1,
		                                                .spi_size = 16,
		                                                .n = 1,
		                                                .spis = SPAN(cookies, 16)});
	isakmp_payload_end(m->w, m->chain);
	return DROP_NONE;
}

static const struct step send_steps[] = {
    {SEND, P_HASH, P_NOTIFY | P_DELETE, info_make},
};

static const struct xch_kind send_kind = {
    .exchange = EXCHANGE_INFORMATIONAL,
    .steps = send_steps,
    .n = ARRAY_SIZE(send_steps),
    .done = xch_drop,
};

static void
info_send(struct ike_sa *sa, struct info *info)
{
	xch_run(xch_new(sa, &send_kind, info, true, xch_message_id(sa)));
}

void
info_notify(struct ike_sa *sa, uint16_t type, uint32_t message_id)
{
	info_send(sa, &(struct info){.notify = type, .message_id = message_id});
}

void
info_delete_sa(struct ike_sa *sa)
{
	info_send(sa, &(struct info){0});
}

static void
notify_clear(struct core *c, const struct path *path, const struct isakmp_header *h, uint16_t type)
{
	struct isakmp_header reply = *h;
	struct wr w = wr_buf(c->scratch, ISAKMP_MESSAGE_MAX);
	struct isakmp_chain chain = ISAKMP_CHAIN;

	reply.version = ISAKMP_VERSION;
	reply.exchange = EXCHANGE_INFORMATIONAL;
	reply.flags = reply.next = 0;
	core_random(c, &reply.message_id, sizeof(reply.message_id));
	isakmp_header_put(&w, &reply);
	isakmp_payload_begin(&w, &chain, PAYLOAD_NOTIFY);
	isakmp_notify_put(&w, &(struct isakmp_notify){.doi = DOI_GDOI, .proto = 1, .type = type});
	isakmp_payload_end(&w, &chain);
	isakmp_finish(&w);
	core_send_stranger(c, path, wr_done(&w));
}

/* RFC 2407 4.6.3.3; the code is the IPsec domain's, the SPI the SA's two cookies. */
void
info_initial_contact_put(struct wr *w, const struct ike_sa *sa)
{
	uint8_t cookies[2 * COOKIE_SIZE];

	memcpy(cookies, sa->cookie_i, COOKIE_SIZE);
	memcpy(cookies + COOKIE_SIZE, sa->cookie_r, COOKIE_SIZE);
	isakmp_notify_put(w, &(struct isakmp_notify){.doi = DOI_IPSEC,
	                                             .proto = 1,
	                                             .type = NOTIFY_INITIAL_CONTACT,
	                                             .spi = SPAN(cookies, sizeof(cookies))});
}

/* --- what was dropped, told to its sender ----------------------------------------------------- */

static bool
may_tell(struct core *c, struct ike_sa *sa, uint32_t peer)
{
	if (sa && sa->state == IKE_UP)
		return flood_peer_may_notify(sa);
	return flood_may_notify(c, sa && !sa->initiator ? BY_REACHED : BY_STRANGER, peer);
}

static uint16_t
exchange_error(const struct isakmp_header *h)
{
	return h->exchange >= EXCHANGE_BASE && h->exchange <= EXCHANGE_AGGRESSIVE
	           ? NOTIFY_UNSUPPORTED_EXCHANGE_TYPE
	           : NOTIFY_INVALID_EXCHANGE_TYPE;
}

/*
 * The notification for each reason (RFC 2408 5.2 to 5.14); 0: its sender could not use one, or has
 * been told already.
 */
static uint16_t
error_of(const struct isakmp_header *h, bool up, enum drop d)
{
	switch (d) {
	case DROP_MALFORMED:
		return NOTIFY_PAYLOAD_MALFORMED;
	case DROP_VERSION:
		return h->version >> 4 != ISAKMP_VERSION >> 4 ? NOTIFY_INVALID_MAJOR_VERSION
		                                              : NOTIFY_INVALID_MINOR_VERSION;
	case DROP_LENGTH:
		return NOTIFY_UNEQUAL_PAYLOAD_LENGTHS;
	case DROP_FLAGS:
		return NOTIFY_INVALID_FLAGS;
	case DROP_MESSAGE_ID:
		return NOTIFY_INVALID_MESSAGE_ID;
	case DROP_EXCHANGE:
		return exchange_error(h);
	case DROP_COOKIE:
		return NOTIFY_INVALID_COOKIE;
	case DROP_PAYLOAD:
		return NOTIFY_INVALID_PAYLOAD_TYPE;
	case DROP_DOI:
		return NOTIFY_DOI_NOT_SUPPORTED;
	case DROP_NO_PROPOSAL:
		return NOTIFY_NO_PROPOSAL_CHOSEN;
	case DROP_BAD_KE:
		return NOTIFY_INVALID_KEY_INFORMATION;
	case DROP_ID:
	case DROP_PROFILE:
		return NOTIFY_INVALID_ID_INFORMATION;
	case DROP_CERTIFICATE:
		return NOTIFY_INVALID_CERTIFICATE;
	case DROP_DECRYPT: /* under an SA no HASH payload came out */
		return up ? NOTIFY_INVALID_HASH_INFORMATION : NOTIFY_PAYLOAD_MALFORMED;
	case DROP_HASH:
		return up ? NOTIFY_INVALID_HASH_INFORMATION : NOTIFY_AUTHENTICATION_FAILED;
	default:
		return 0;
	}
}

void
info_error(struct core *c, const struct path *path, const struct isakmp_header *h,
           struct ike_sa *sa, enum drop d)
{
	bool up = sa && sa->state == IKE_UP;
	uint16_t type = error_of(h, up, d);

	if (!type || addr_is_multicast(path->local) || h->exchange == EXCHANGE_INFORMATIONAL ||
	    h->exchange == EXCHANGE_GROUPKEY_PUSH || h->exchange == EXCHANGE_GROUPKEY_PUSH_ACK ||
	    !may_tell(c, sa, path->remote))
		return;
	if (up)
		info_notify(sa, type, h->message_id);
	else
		notify_clear(c, path, h, type);
}

/* --- receiving -------------------------------------------------------------------------------- */

static bool
names_sa(const struct ike_sa *sa, struct span spi)
{
	return spi.n == 2 * COOKIE_SIZE && memcmp(spi.p, sa->cookie_i, COOKIE_SIZE) == 0 &&
	       memcmp(spi.p + COOKIE_SIZE, sa->cookie_r, COOKIE_SIZE) == 0;
}

/* A domain that we speak; 0 is ISAKMP's own. */
static bool
is_our_doi(uint32_t doi)
{
	return doi == 0 || doi == DOI_IPSEC || doi == DOI_GDOI;
}

bool
info_is_initial_contact(const struct ike_sa *sa, struct span body)
{
	struct isakmp_notify n;

	return isakmp_notify_get(body, &n) && n.type == NOTIFY_INITIAL_CONTACT &&
	       is_our_doi(n.doi) && n.proto == 1 && (!n.spi.n || names_sa(sa, n.spi));
}

static bool
notify_take(const struct ike_sa *sa, struct span body, struct info *info)
{
	struct isakmp_notify n;
	struct rd r;

	if (!isakmp_notify_get(body, &n) || !is_our_doi(n.doi))
		return false;
	/* RFC 3706 5.3: the SPI is the SA's cookies, the data a number. */
	if (is_dpd(n.type) && (n.proto != 1 || !names_sa(sa, n.spi) || n.data.n != 4))
		return false;
	info->initial_contact |= info_is_initial_contact(sa, body);
	if (is_error(info->notify))
		return true;
	r = rd_span(n.data);
	info->notify = n.type;
	info->message_id = rd_u32(&r);
	info->has_message_id = rd_done(&r);
	return true;
}

static bool
delete_take(const struct ike_sa *sa, struct span body, struct info *info)
{
	struct isakmp_delete d;
	size_t i;

	if (!isakmp_delete_get(body, &d) || !is_our_doi(d.doi))
		return false;
	for (i = 0; i < d.n && d.proto == 1; i++)
		info->delete_sa |= names_sa(sa, SPAN(d.spis.p + i * d.spi_size, d.spi_size));
	return true;
}

static enum drop
info_take(struct xch *x, struct message *m)
{
	struct info info = {0};
	size_t i;

	for (i = 0; i < m->payloads->n; i++) {
		const struct isakmp_payload *p = &m->payloads->at[i];

		if ((p->type == PAYLOAD_NOTIFY && !notify_take(x->sa, p->body, &info)) ||
		    (p->type == PAYLOAD_DELETE && !delete_take(x->sa, p->body, &info)))
			return DROP_MALFORMED;
	}
	*(struct info *)x->of = info;
	return DROP_NONE;
}

static const struct step recv_steps[] = {
    {RECV, P_HASH, P_NOTIFY | P_DELETE | P_VID, info_take},
};

static const struct xch_kind recv_kind = {
    .exchange = EXCHANGE_INFORMATIONAL,
    .steps = recv_steps,
    .n = ARRAY_SIZE(recv_steps),
    .done = xch_drop,
};

/*
 * This notification is not authenticated: it is kept for the log only, in case no better answer
 * comes.
 */
static enum drop
clear_input(const struct isakmp_header *h, struct span dgram, struct ike_sa *sa)
{
	struct isakmp_payloads payloads;
	const struct isakmp_payload *p;
	struct info info = {0};

	if (!isakmp_payloads_get(h->next, SPAN(dgram.p + ISAKMP_HEADER, dgram.n - ISAKMP_HEADER),
	                         false, &payloads))
		return DROP_MALFORMED;
	p = isakmp_payload_find(&payloads, PAYLOAD_NOTIFY);
	if (p && !notify_take(sa, p->body, &info))
		return DROP_MALFORMED;
	if (sa->initiator && sa->state == IKE_SETUP && is_error(info.notify))
		sa->hint = meaning_of(info.notify)->text;
	return DROP_NONE;
}

enum drop
info_input(struct core *c, const struct path *path, const struct isakmp_header *h,
           struct span dgram, struct ike_sa *sa)
{
	struct info info = {0};
	struct xch *x;
	enum drop d;

	(void)path;
	if (!sa)
		return DROP_COOKIE;
	if (!(h->flags & FLAG_ENCRYPTION))
		return sa->state == IKE_SETUP ? clear_input(h, dgram, sa) : DROP_UNEXPECTED;
	if (sa->state != IKE_UP)
		return DROP_UNEXPECTED;
	if (!h->message_id)
		return DROP_MALFORMED;
	x = xch_new(sa, &recv_kind, &info, false, h->message_id);
	d = xch_input(x, h, dgram);
	if (d) {
		xch_free(x);
		return d;
	}
	if (info.notify)
		DEBUG(&c->env.log, DEBUG_ISAKMP, "ISAKMP:(%u): NOTIFY %u from the peer: %s",
		      sa->conn_id, info.notify,
		      is_error(info.notify) ? refusal_text(info.notify) : "status");
	if (info.initial_contact)
		ike_initial_contact(sa);
	if (is_dpd(info.notify) && !info.delete_sa)
		return ike_dpd_take(sa, info.notify, info.message_id);
	if (is_error(info.notify) && meaning_of(info.notify)->final)
		pull_refused(sa, info.has_message_id ? info.message_id : 0,
		             refusal_text(info.notify));
	if (info.delete_sa)
		gm_server_left(c, sa);
	if (info.delete_sa)
		ike_sa_end(sa, "the peer deleted the ISAKMP SA", false);
	return DROP_NONE;
}
