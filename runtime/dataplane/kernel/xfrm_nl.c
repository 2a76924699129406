/* SPDX-License-Identifier: Apache-2.0 */
/* XFRM and the anchor routes by libmnl: see xfrm_nl.h. */
#define _GNU_SOURCE
#include "runtime/dataplane/kernel/xfrm_nl.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <linux/xfrm.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include <libmnl/libmnl.h>

#include "runtime/packet/packet.h"

#define PROTOCOL_OURS 84 /* as the host marks its routes */
#define MESSAGE_SIZE  4096

struct xfrm_nl {
	struct mnl_socket *nl, *route;
	uint32_t seq;
	/* The kernel's structures want 8, which a header of 16 octets keeps. */
	_Alignas(8) char buf[MESSAGE_SIZE];
	char answer[65536];
};

/* --- life ------------------------------------------------------------------------------------- */

static int
open_sockets(void *arg)
{
	struct xfrm_nl *x = arg;

	x->nl = mnl_socket_open2(NETLINK_XFRM, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (!x->nl || mnl_socket_bind(x->nl, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	x->route = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (!x->route || mnl_socket_bind(x->route, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	return 0;
}

int
xfrm_nl_new(int netns, struct xfrm_nl **ret)
{
	struct xfrm_nl *x = x_alloc(sizeof(*x));
	int error = netns_inside(netns, open_sockets, x);

	if (error) {
		xfrm_nl_free(x);
		return error;
	}
	*ret = x;
	return 0;
}

void
xfrm_nl_free(struct xfrm_nl *x)
{
	if (!x)
		return;
	if (x->nl)
		mnl_socket_close(x->nl);
	if (x->route)
		mnl_socket_close(x->route);
	free(x);
}

static struct nlmsghdr *
new_request(struct xfrm_nl *x, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *h = mnl_nlmsg_put_header(x->buf);

	h->nlmsg_type = type;
	h->nlmsg_flags = NLM_F_REQUEST | flags;
	h->nlmsg_seq = ++x->seq;
	return h;
}

/*
 * Sends what was begun and hands every answer to fn, which may be NULL. It never waits: the kernel
 * has put the next answer into the socket when the call before returns.
 */
static int
send_request(struct xfrm_nl *x, struct mnl_socket *nl, struct nlmsghdr *h, mnl_cb_t fn, void *arg)
{
	int more = 1;

	/* A state that was asked for is answered by itself, not by an acknowledgement. */
	if (mnl_socket_sendto(nl, h, h->nlmsg_len) < 0)
		return -errno;
	while (more > 0) {
		ssize_t n = mnl_socket_recvfrom(nl, x->answer, sizeof(x->answer));

		if (n < 0)
			return -errno;
		more = mnl_cb_run(x->answer, (size_t)n, x->seq, mnl_socket_get_portid(nl), fn, arg);
		if (more < 0)
			return -errno;
	}
	return 0;
}

static int
send_to_xfrm(struct xfrm_nl *x, struct nlmsghdr *h)
{
	int error;

	h->nlmsg_flags |= NLM_F_ACK;
	error = send_request(x, x->nl, h, NULL, NULL);
	/* The message may have held keys */
	explicit_bzero(x->buf, sizeof(x->buf));
	return error;
}

/* --- states ----------------------------------------------------------------------------------- */

static void
put_cipher(struct nlmsghdr *h, const struct xfrm_state *s)
{
	union {
		struct xfrm_algo a;
		char room[sizeof(struct xfrm_algo) + 64];
	} u = {.room = ""};

	if (s->enc_key.n > 64)
		return; /* the kernel then refuses the state for want of an algorithm */
	snprintf(u.a.alg_name, sizeof(u.a.alg_name), "%s", cipher_row(s->suite.cipher)->kernel);
	u.a.alg_key_len = (unsigned)s->enc_key.n * 8;
	if (s->enc_key.n)
		memcpy(u.room + sizeof(u.a), s->enc_key.p, s->enc_key.n);
	mnl_attr_put(h, XFRMA_ALG_CRYPT, sizeof(u.a) + s->enc_key.n, &u);
	explicit_bzero(&u, sizeof(u));
}

static void
put_auth(struct nlmsghdr *h, const struct xfrm_state *s)
{
	union {
		struct xfrm_algo_auth a;
		char room[sizeof(struct xfrm_algo_auth) + 64];
	} u = {.room = ""};

	if (s->auth_key.n > 64)
		return;
	snprintf(u.a.alg_name, sizeof(u.a.alg_name), "%s", hash_row(s->suite.auth)->kernel);
	u.a.alg_key_len = (unsigned)s->auth_key.n * 8;
	u.a.alg_trunc_len = (unsigned)hash_row(s->suite.auth)->icv * 8;
	if (s->auth_key.n)
		memcpy(u.room + sizeof(u.a), s->auth_key.p, s->auth_key.n);
	mnl_attr_put(h, XFRMA_ALG_AUTH_TRUNC, sizeof(u.a) + s->auth_key.n, &u);
	explicit_bzero(&u, sizeof(u));
}

static void
put_mark(struct nlmsghdr *h, const struct xfrm_state *s)
{
	/* The mark is the sender's address in network byte order; zero while no sender is known. */
	struct xfrm_mark mark = {.v = htonl(s->sender), .m = UINT32_MAX};

	if (s->role != XFRM_SEND)
		mnl_attr_put(h, XFRMA_MARK, sizeof(mark), &mark);
}

static void
put_window(struct nlmsghdr *h, struct xfrm_usersa_info *info, const struct xfrm_state *s)
{
	union {
		struct xfrm_replay_state_esn r;
		char room[sizeof(struct xfrm_replay_state_esn) + XFRMA_REPLAY_ESN_MAX / 8];
	} u = {.room = ""};
	struct xfrm_replay_state sent = {.oseq = s->seq};
	size_t words = (s->window + 31) / 32;

	(void)info;
	if (s->role == XFRM_SEND) {
		mnl_attr_put(h, XFRMA_REPLAY_VAL, sizeof(sent), &sent);
		return;
	}
	if (s->role != XFRM_HEAR || !s->window)
		return;
	u.r.bmp_len = (unsigned)words;
	u.r.replay_window = s->window;
	mnl_attr_put(h, XFRMA_REPLAY_ESN_VAL, sizeof(u.r) + words * 4, &u);
}

static void
set_unlimited(struct xfrm_lifetime_cfg *l)
{
	l->soft_byte_limit = l->hard_byte_limit = XFRM_INF;
	l->soft_packet_limit = l->hard_packet_limit = XFRM_INF;
}

static int
state_put(struct xfrm_nl *x, const struct xfrm_state *s, struct nlmsghdr *h)
{
	struct xfrm_usersa_info *info = mnl_nlmsg_put_extra_header(h, sizeof(*info));
	bool out = s->role == XFRM_SEND;

	if (s->window > XFRMA_REPLAY_ESN_MAX)
		return -EINVAL;
	info->family = AF_INET;
	info->saddr.a4 = htonl(out ? ANCHOR_IN : ANCHOR_OUT);
	info->id.daddr.a4 = htonl(out ? ANCHOR_OUT : ANCHOR_IN);
	info->id.spi = htonl(s->spi);
	info->id.proto = PROTO_ESP;
	info->mode = XFRM_MODE_TUNNEL;
	info->reqid = s->reqid;
	set_unlimited(&info->lft);
	info->lft.hard_add_expires_seconds = s->life;
	/* The kernel counts the packets that this state sends, and drops the state at the limit. */
	if (s->limit)
		info->lft.hard_packet_limit = s->limit - s->seq;
	/*
	 * The inner source must be the sender that the outer header names. The outer header is not
	 * authenticated: under a false name, a packet would be counted in another sender's window.
	 */
	info->sel.family = AF_INET;
	if (s->role == XFRM_HEAR) {
		info->sel.saddr.a4 = htonl(s->sender);
		info->sel.prefixlen_s = 32;
	}
	put_cipher(h, s);
	put_auth(h, s);
	put_mark(h, s);
	put_window(h, info, s);
	if (!out)
		mnl_attr_put_u32(h, XFRMA_SET_MARK, s->role == XFRM_LEARN ? s->leave : 0);
	return send_to_xfrm(x, h);
}

int
xfrm_state_add(struct xfrm_nl *x, const struct xfrm_state *s)
{
	return state_put(x, s, new_request(x, XFRM_MSG_NEWSA, NLM_F_CREATE | NLM_F_EXCL));
}

/* In an existing state an update changes the limits alone. */
int
xfrm_state_limit(struct xfrm_nl *x, const struct xfrm_state *s)
{
	return state_put(x, s, new_request(x, XFRM_MSG_UPDSA, 0));
}

int
xfrm_state_delete(struct xfrm_nl *x, const struct xfrm_state *s)
{
	struct nlmsghdr *h = new_request(x, XFRM_MSG_DELSA, 0);
	struct xfrm_usersa_id *id = mnl_nlmsg_put_extra_header(h, sizeof(*id));

	id->daddr.a4 = htonl(s->role == XFRM_SEND ? ANCHOR_OUT : ANCHOR_IN);
	id->spi = htonl(s->spi);
	id->family = AF_INET;
	id->proto = PROTO_ESP;
	put_mark(h, s);
	return send_to_xfrm(x, h);
}

/* --- reading states --------------------------------------------------------------------------- */

struct walk {
	void (*fn)(void *arg, const struct xfrm_counters *c);
	void *arg;
	struct xfrm_state *gone; /* states to take out, gathered */
	size_t n_gone, capacity;
	struct xfrm_policy *policies;
	size_t n_policies, policies_capacity;
};

/*
 * The structure may need a greater alignment than the multiple of 4 that answers have, so it is
 * copied.
 */
static struct xfrm_usersa_info
state_of(const struct nlmsghdr *h)
{
	struct xfrm_usersa_info info = {.family = AF_UNSPEC};

	if (mnl_nlmsg_get_payload_len(h) >= sizeof(info))
		memcpy(&info, mnl_nlmsg_get_payload(h), sizeof(info));
	return info;
}

static bool
is_ours(const struct xfrm_usersa_info *info)
{
	uint32_t to = ntohl(info->id.daddr.a4);

	return info->family == AF_INET && (info->reqid & XFRM_OUR_MASK) == XFRM_OURS &&
	       (to == ANCHOR_IN || to == ANCHOR_OUT);
}

static uint32_t
sequence_of(const struct nlmsghdr *h)
{
	const struct nlattr *a;
	struct xfrm_replay_state r = {.oseq = 0};

	mnl_attr_for_each(a, h, sizeof(struct xfrm_usersa_info))
	{
		if (mnl_attr_get_type(a) == XFRMA_REPLAY_VAL &&
		    mnl_attr_get_payload_len(a) >= sizeof(r))
			memcpy(&r, mnl_attr_get_payload(a), sizeof(r));
	}
	return r.oseq;
}

static int
on_state(const struct nlmsghdr *h, void *arg)
{
	const struct xfrm_usersa_info info = state_of(h);
	struct walk *w = arg;
	struct xfrm_counters c;

	if (!is_ours(&info))
		return MNL_CB_OK;
	c = (struct xfrm_counters){.spi = ntohl(info.id.spi),
	                           .reqid = info.reqid,
	                           .out = ntohl(info.id.daddr.a4) == ANCHOR_OUT,
	                           .seq = sequence_of(h),
	                           .packets = info.curlft.packets,
	                           .bytes = info.curlft.bytes,
	                           .replay = info.stats.replay + info.stats.replay_window,
	                           .integrity = info.stats.integrity_failed};
	w->fn(w->arg, &c);
	return MNL_CB_OK;
}

static int
walk_dump(struct xfrm_nl *x, uint16_t type, mnl_cb_t fn, struct walk *w)
{
	/* No extra header: the kernel reads a dump's attributes right behind the first one. */
	int error = send_request(x, x->nl, new_request(x, type, NLM_F_DUMP), fn, w);

	/* The kernel tells the keys too. */
	explicit_bzero(x->answer, sizeof(x->answer));
	return error;
}

int
xfrm_state_each(struct xfrm_nl *x, void (*fn)(void *arg, const struct xfrm_counters *c), void *arg)
{
	struct walk w = {.fn = fn, .arg = arg};

	return walk_dump(x, XFRM_MSG_GETSA, on_state, &w);
}

struct sequence {
	uint32_t last;
	bool found;
};

/* One state is answered by itself, and that is all of the answer. */
static int
on_sequence(const struct nlmsghdr *h, void *arg)
{
	struct sequence *s = arg;

	s->last = sequence_of(h);
	s->found = true;
	return MNL_CB_STOP;
}

bool
xfrm_state_sequence(struct xfrm_nl *x, uint32_t spi, uint32_t *ret)
{
	struct nlmsghdr *h = new_request(x, XFRM_MSG_GETSA, 0);
	struct xfrm_usersa_id *id = mnl_nlmsg_put_extra_header(h, sizeof(*id));
	struct sequence s = {.found = false};

	id->daddr.a4 = htonl(ANCHOR_OUT);
	id->spi = htonl(spi);
	id->family = AF_INET;
	id->proto = PROTO_ESP;
	send_request(x, x->nl, h, on_sequence, &s);
	explicit_bzero(x->answer, sizeof(x->answer)); /* the kernel tells the keys too */
	if (s.found)
		*ret = s.last;
	return s.found;
}

/* --- policies --------------------------------------------------------------------------------- */

static void
fill_selector(struct xfrm_selector *k, const struct xfrm_policy *p)
{
	const struct selector *s = &p->selector;

	k->family = AF_INET;
	k->saddr.a4 = htonl(s->src);
	k->prefixlen_s = p->src_len;
	k->daddr.a4 = htonl(s->dst);
	k->prefixlen_d = p->dst_len;
	k->proto = s->proto;
	k->sport = htons(s->sport);
	k->sport_mask = s->sport ? UINT16_MAX : 0;
	k->dport = htons(s->dport);
	k->dport_mask = s->dport ? UINT16_MAX : 0;
	k->ifindex = p->device;
}

static void
policy_mark(struct nlmsghdr *h, const struct xfrm_policy *p)
{
	struct xfrm_mark mark = {.v = p->mark, .m = p->mask};

	if (p->mask)
		mnl_attr_put(h, XFRMA_MARK, sizeof(mark), &mark);
}

static void
policy_template(struct nlmsghdr *h, const struct xfrm_policy *p)
{
	bool out = p->dir == XFRM_POLICY_OUT;
	struct xfrm_user_tmpl t = {
	    .family = AF_INET,
	    .id.proto = PROTO_ESP,
	    .mode = XFRM_MODE_TUNNEL,
	    .reqid = p->reqid,
	    .optional = !out, /* optional: clear packets on their way out pass here, too */
	    .aalgos = UINT32_MAX,
	    .ealgos = UINT32_MAX,
	    .calgos = UINT32_MAX,
	};

	t.saddr.a4 = htonl(out ? ANCHOR_IN : ANCHOR_OUT);
	t.id.daddr.a4 = htonl(out ? ANCHOR_OUT : ANCHOR_IN);
	mnl_attr_put(h, XFRMA_TMPL, sizeof(t), &t);
}

int
xfrm_policy_put(struct xfrm_nl *x, const struct xfrm_policy *p)
{
	struct nlmsghdr *h = new_request(x, XFRM_MSG_UPDPOLICY, 0);
	struct xfrm_userpolicy_info *info = mnl_nlmsg_put_extra_header(h, sizeof(*info));

	fill_selector(&info->sel, p);
	info->dir = p->dir;
	info->action = p->action == XFRM_CLOSED ? XFRM_POLICY_BLOCK : XFRM_POLICY_ALLOW;
	info->priority = p->priority;
	set_unlimited(&info->lft);
	if (p->action == XFRM_PROTECT)
		policy_template(h, p);
	policy_mark(h, p);
	return send_to_xfrm(x, h);
}

int
xfrm_policy_delete(struct xfrm_nl *x, const struct xfrm_policy *p)
{
	struct nlmsghdr *h = new_request(x, XFRM_MSG_DELPOLICY, 0);
	struct xfrm_userpolicy_id *id = mnl_nlmsg_put_extra_header(h, sizeof(*id));

	fill_selector(&id->sel, p);
	id->dir = p->dir;
	policy_mark(h, p);
	return send_to_xfrm(x, h);
}

bool
xfrm_policy_same(const struct xfrm_policy *a, const struct xfrm_policy *b)
{
	struct selector s = a->selector;

	s.permit = b->selector.permit;
	return a->dir == b->dir && a->src_len == b->src_len && a->dst_len == b->dst_len &&
	       a->device == b->device && a->mark == b->mark && a->mask == b->mask &&
	       selector_equal(&s, &b->selector);
}

/* --- the anchors ------------------------------------------------------------------------------ */

static int
anchor_change(struct xfrm_nl *x, uint32_t addr, bool local, int device, uint32_t mtu, bool add)
{
	struct nlmsghdr *h =
	    new_request(x, add ? RTM_NEWROUTE : RTM_DELROUTE,
	                (uint16_t)(NLM_F_ACK | (add ? NLM_F_CREATE | NLM_F_EXCL : 0)));
	struct rtmsg *r = mnl_nlmsg_put_extra_header(h, sizeof(*r));
	struct nlattr *metrics;

	r->rtm_family = AF_INET;
	r->rtm_dst_len = 32;
	r->rtm_protocol = PROTOCOL_OURS;
	r->rtm_table = local ? RT_TABLE_LOCAL : RT_TABLE_MAIN;
	r->rtm_type = local ? RTN_LOCAL : RTN_UNICAST;
	r->rtm_scope = local ? RT_SCOPE_HOST : RT_SCOPE_LINK;
	mnl_attr_put_u32(h, RTA_DST, htonl(addr));
	if (device)
		mnl_attr_put_u32(h, RTA_OIF, (uint32_t)device);
	if (mtu) {
		metrics = mnl_attr_nest_start(h, RTA_METRICS);
		mnl_attr_put_u32(h, RTAX_MTU, mtu);
		mnl_attr_nest_end(h, metrics);
	}
	return send_request(x, x->route, h, NULL, NULL);
}

int
xfrm_anchor_add(struct xfrm_nl *x, int device, uint32_t mtu)
{
	/* A local address that no interface has, so that no other node sees it. */
	int error = anchor_change(x, ANCHOR_IN, true, 1, 0, true);

	if (!error || error == -EEXIST)
		error = anchor_change(x, ANCHOR_OUT, false, device, mtu, true);
	return error == -EEXIST ? 0 : error;
}

void
xfrm_anchor_remove(struct xfrm_nl *x)
{
	anchor_change(x, ANCHOR_IN, true, 1, 0, false);
	anchor_change(x, ANCHOR_OUT, false, 0, 0, false);
}

/* --- taking all out --------------------------------------------------------------------------- */

static int
gather_state(const struct nlmsghdr *h, void *arg)
{
	const struct xfrm_usersa_info info = state_of(h);
	struct walk *w = arg;
	const struct nlattr *a;
	struct xfrm_state *s;

	if (!is_ours(&info))
		return MNL_CB_OK;
	x_grow(&w->gone, &w->capacity, w->n_gone + 1, sizeof(*w->gone));
	s = &w->gone[w->n_gone++];
	*s = (struct xfrm_state){.role =
	                             ntohl(info.id.daddr.a4) == ANCHOR_OUT ? XFRM_SEND : XFRM_HEAR,
	                         .spi = ntohl(info.id.spi)};
	mnl_attr_for_each(a, h, sizeof(info))
	{
		if (mnl_attr_get_type(a) == XFRMA_MARK &&
		    mnl_attr_get_payload_len(a) >= sizeof(struct xfrm_mark))
			s->sender = ntohl(((const struct xfrm_mark *)mnl_attr_get_payload(a))->v);
	}
	return MNL_CB_OK;
}

static int
gather_policy(const struct nlmsghdr *h, void *arg)
{
	struct xfrm_userpolicy_info info = {.priority = 0};
	const struct xfrm_selector *k = &info.sel;
	struct walk *w = arg;
	const struct nlattr *a;
	struct xfrm_policy *p;

	if (mnl_nlmsg_get_payload_len(h) >= sizeof(info))
		memcpy(&info, mnl_nlmsg_get_payload(h), sizeof(info));
	if ((info.priority & XFRM_OUR_MASK) != XFRM_OURS || k->family != AF_INET)
		return MNL_CB_OK;
	x_grow(&w->policies, &w->policies_capacity, w->n_policies + 1, sizeof(*w->policies));
	p = &w->policies[w->n_policies++];
	*p = (struct xfrm_policy){.dir = info.dir,
	                          .src_len = k->prefixlen_s,
	                          .dst_len = k->prefixlen_d,
	                          .device = k->ifindex,
	                          .selector = {.src = ntohl(k->saddr.a4),
	                                       .dst = ntohl(k->daddr.a4),
	                                       .proto = k->proto,
	                                       .sport = ntohs(k->sport),
	                                       .dport = ntohs(k->dport)}};
	mnl_attr_for_each(a, h, sizeof(info))
	{
		if (mnl_attr_get_type(a) == XFRMA_MARK &&
		    mnl_attr_get_payload_len(a) >= sizeof(struct xfrm_mark)) {
			p->mark = ((const struct xfrm_mark *)mnl_attr_get_payload(a))->v;
			p->mask = ((const struct xfrm_mark *)mnl_attr_get_payload(a))->m;
		}
	}
	return MNL_CB_OK;
}

bool
xfrm_holds_any(struct xfrm_nl *x)
{
	struct walk w = {.fn = NULL};
	bool any;

	walk_dump(x, XFRM_MSG_GETSA, gather_state, &w);
	walk_dump(x, XFRM_MSG_GETPOLICY, gather_policy, &w);
	any = w.n_gone || w.n_policies;
	free(w.gone);
	free(w.policies);
	return any;
}

void
xfrm_flush(struct xfrm_nl *x)
{
	struct walk w = {.fn = NULL};

	/* Policies go last: without them permitted traffic would leave in clear. */
	if (walk_dump(x, XFRM_MSG_GETSA, gather_state, &w) == 0)
		for (size_t i = 0; i < w.n_gone; i++)
			xfrm_state_delete(x, &w.gone[i]);
	if (walk_dump(x, XFRM_MSG_GETPOLICY, gather_policy, &w) == 0)
		for (size_t i = 0; i < w.n_policies; i++)
			xfrm_policy_delete(x, &w.policies[i]);
	xfrm_anchor_remove(x);
	free(w.gone);
	free(w.policies);
}
