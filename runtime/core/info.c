/*
 * Informational exchanges (RFC 2408 4.8, RFC 2409 5.7): one message each. Under an SA they are
 * authenticated and say why a registration was refused, or that the SA is gone. In clear they are
 * a hint and no more.
 */
#include <string.h>

#include "runtime/core/core_priv.h"
#include "runtime/core/pull.h"
#include "runtime/core/xch.h"

struct info {
	uint16_t notify;     /* 0: a Delete */
	uint32_t message_id; /* of the exchange it speaks of */
	bool has_message_id;
	bool delete_sa; /* read: the peer deletes this SA */
};

static const char *
notify_text(uint16_t type)
{
	switch (type) {
	case NOTIFY_NO_PROPOSAL_CHOSEN:
		return "the key server refuses all our ISAKMP policies (NO-PROPOSAL-CHOSEN)";
	case NOTIFY_INVALID_ID_INFORMATION:
		return "the key server has no group of this identity (INVALID-ID-INFORMATION)";
	case NOTIFY_AUTHENTICATION_FAILED:
		return "the key server does not authorize this address "
		       "(AUTHENTICATION-FAILED)";
	default:
		return "the key server refuses (notification)";
	}
}

/* Codes below 16384 are errors, the rest is status (RFC 2408 3.14.1). */
static bool
is_error(uint16_t type)
{
	return type && type < 16384;
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
		isakmp_notify_put(m->w, &(struct isakmp_notify){.doi = DOI_GDOI,
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

void
info_notify_clear(struct core *c, const struct path *path, const struct isakmp_header *h,
		  uint16_t type)
{
	struct isakmp_header reply = *h;
	struct wr w = wr_buf(c->scratch, ISAKMP_MESSAGE_MAX);
	struct isakmp_chain chain = ISAKMP_CHAIN;

	reply.exchange = EXCHANGE_INFORMATIONAL;
	reply.flags = reply.next = 0;
	core_random(c, &reply.message_id, sizeof(reply.message_id));
	isakmp_header_put(&w, &reply);
	isakmp_payload_begin(&w, &chain, PAYLOAD_NOTIFY);
	isakmp_notify_put(&w, &(struct isakmp_notify){.doi = DOI_GDOI, .proto = 1, .type = type});
	isakmp_payload_end(&w, &chain);
	isakmp_finish(&w);
	core_send(c, path, wr_done(&w));
}

/* --- receiving -------------------------------------------------------------------------------- */

static bool
names_sa(const struct ike_sa *sa, struct span spi)
{
	return spi.n == 2 * COOKIE_SIZE && memcmp(spi.p, sa->cookie_i, COOKIE_SIZE) == 0 &&
	       memcmp(spi.p + COOKIE_SIZE, sa->cookie_r, COOKIE_SIZE) == 0;
}

static bool
notify_take(struct span body, struct info *info)
{
	struct isakmp_notify n;
	struct rd r;

	if (!isakmp_notify_get(body, &n))
		return false;
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

	if (!isakmp_delete_get(body, &d))
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

		if ((p->type == PAYLOAD_NOTIFY && !notify_take(p->body, &info)) ||
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

/* Nobody has signed this: remembered for the log, in case no better answer comes. */
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
	if (p && !notify_take(p->body, &info))
		return DROP_MALFORMED;
	if (sa->initiator && sa->state == IKE_SETUP && is_error(info.notify))
		sa->hint = notify_text(info.notify);
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
		DEBUG(&c->env.log, DEBUG_ISAKMP, "ISAKMP:(%u): NOTIFY from the peer: %s",
		      sa->conn_id, notify_text(info.notify));
	if (is_error(info.notify))
		pull_refused(sa, info.has_message_id ? info.message_id : 0,
			     notify_text(info.notify));
	if (info.delete_sa)
		ike_sa_end(sa, "the peer deleted the ISAKMP SA", false);
	return DROP_NONE;
}
