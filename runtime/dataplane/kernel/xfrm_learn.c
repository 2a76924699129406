/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Replay windows for any number of senders. All members send under one SA and count each for
 * itself, so every outer source has a state, and a window, of its own, told apart by mark:
 *
 *   known source    mark = source  -> XFRM_HEAR: window; the inner source must be the same
 *   unknown source  mark = 0       -> XFRM_LEARN: no window; what comes out is marked, and a copy
 *                                     of its first octets goes to us (nfnetlink_log)
 *
 * Only an authentic packet makes a sender known, so nobody outside the group makes us remember
 * him, and no packet of a new sender is lost. What comes out of XFRM_LEARN from a source that has
 * been known for a second or more is an old packet under a false outer address: the rules drop it.
 * Before that it may be one that chose its state before the sender was known.
 */
#define _GNU_SOURCE
#include "runtime/dataplane/kernel/xfrm_priv.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>

#include "runtime/packet/packet.h"

#define COPY  64 /* octets of each packet */
#define BATCH 64

int
xfrm_hear(struct xfrm *x, const struct xfrm_group *g, const struct xfrm_sa *s, uint32_t sender)
{
	const struct xfrm_state state = {.role = XFRM_HEAR,
	                                 .spi = s->sa.spi,
	                                 .reqid = xfrm_reqid(g, s->sa.sa),
	                                 .sender = sender,
	                                 .window = s->sa.window,
	                                 .life = xfrm_life(x, s),
	                                 .suite = s->sa.suite,
	                                 .enc_key = s->sa.enc_key,
	                                 .auth_key = s->sa.auth_key};
	int error = xfrm_state_add(x->nl, &state);

	return error == -EEXIST ? 0 : error;
}

int
xfrm_learn_sender(struct xfrm *x, struct xfrm_group *g, uint32_t sender)
{
	int error = 0;

	for (size_t i = 0; i < g->n_senders; i++)
		if (g->senders[i] == sender)
			return 0;
	if (g->n_senders == XFRM_SENDERS_MAX || !sender)
		return -ENOSPC;
	/* The states come before the set, which sends packets to them. */
	for (size_t i = 0; i < g->n_sas && !error; i++)
		if (g->sas[i].sa.receive && g->sas[i].sa.window)
			error = xfrm_hear(x, g, &g->sas[i], sender);
	if (error)
		return error;
	x_grow(&g->senders, &g->senders_capacity, g->n_senders + 1, sizeof(*g->senders));
	g->senders[g->n_senders++] = sender;
	if (g->n_senders == XFRM_SENDERS_MAX)
		return xfrm_rules_render(x); /* nobody else is learnt */
	return nft_set_add(x->nft, xfrm_set_known(g), sender);
}

void
xfrm_learn_tick(struct xfrm *x)
{
	for (struct xfrm_group *g = x->groups; g; g = g->next) {
		while (g->n_grown < g->n_ripe &&
		       !nft_set_add(x->nft, xfrm_set_grown(g), g->senders[g->n_grown]))
			g->n_grown++;
		g->n_ripe = g->n_senders;
	}
}

/* ESP under an SPI that the group of this id does not have. */
static void
tell_unknown(const struct xfrm *x, unsigned long id, const struct nlattr *payload)
{
	const uint8_t *p = mnl_attr_get_payload(payload);
	size_t n = mnl_attr_get_payload_len(payload), header = n ? (size_t)(p[0] & 15) * 4 : 0;

	if (header < IP4_HEADER || n < header + 4 || !x->o.events.unknown_spi)
		return;
	for (const struct xfrm_group *g = x->groups; g; g = g->next)
		if (g->id == id)
			x->o.events.unknown_spi(x->o.events.arg, g->name, packet_get32(p + header));
}

/* The id of the group whose rule for unknown SPIs has this word; XFRM_GROUPS_MAX: none's. */
static unsigned long
unknown_group(const struct nlattr *word)
{
	static const char before[] = XFRM_LOG_UNKNOWN;
	size_t n = sizeof(before) - 1;
	const char *text = mnl_attr_get_payload(word);
	char *end = NULL;
	unsigned long id;

	if (mnl_attr_validate(word, MNL_TYPE_NUL_STRING) < 0 || strncmp(text, before, n) != 0)
		return XFRM_GROUPS_MAX;
	id = strtoul(text + n, &end, 10);
	return end == text + n || *end ? XFRM_GROUPS_MAX : id;
}

static int
on_packet(const struct nlmsghdr *h, void *arg)
{
	struct xfrm *x = arg;
	const struct nlattr *a, *payload = NULL;
	uint32_t mark = 0, sender = 0;
	unsigned long unknown = XFRM_GROUPS_MAX;

	if (h->nlmsg_type != ((NFNL_SUBSYS_ULOG << 8) | NFULNL_MSG_PACKET))
		return MNL_CB_OK;
	mnl_attr_for_each(a, h, sizeof(struct nfgenmsg))
	{
		switch (mnl_attr_get_type(a)) {
		case NFULA_MARK:
			if (mnl_attr_get_payload_len(a) >= 4)
				mark = ntohl(mnl_attr_get_u32(a));
			break;
		case NFULA_PREFIX:
			unknown = unknown_group(a);
			break;
		case NFULA_PAYLOAD:
			payload = a;
			if (mnl_attr_get_payload_len(a) >= IP4_HEADER)
				sender =
				    packet_get32((const uint8_t *)mnl_attr_get_payload(a) + 12);
			break;
		default:
			break;
		}
	}
	if (payload && unknown < XFRM_GROUPS_MAX) {
		tell_unknown(x, unknown, payload);
		return MNL_CB_OK;
	}
	for (struct xfrm_group *g = x->groups; g; g = g->next)
		if (mark && mark == xfrm_learn_mark(g))
			xfrm_learn_sender(x, g, sender);
	return MNL_CB_OK;
}

static void
on_readable(uv_poll_t *poll, int status, int events)
{
	struct xfrm *x = poll->data;
	char buf[16384];

	(void)status;
	(void)events;
	for (int i = 0; i < BATCH; i++) {
		ssize_t n = recv(mnl_socket_get_fd(x->log), buf, sizeof(buf), MSG_DONTWAIT);

		if (n <= 0)
			return;
		mnl_cb_run(buf, (size_t)n, 0, 0, on_packet, x);
	}
}

static int
configure_log(struct xfrm *x, uint16_t attr, const void *data, size_t n)
{
	char buf[256];
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	struct nfgenmsg *g = mnl_nlmsg_put_extra_header(h, sizeof(*g));
	ssize_t got;

	h->nlmsg_type = (NFNL_SUBSYS_ULOG << 8) | NFULNL_MSG_CONFIG;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	g->nfgen_family = AF_UNSPEC;
	g->version = NFNETLINK_V0;
	g->res_id = htons(XFRM_LOG_GROUP);
	mnl_attr_put(h, attr, n, data);
	if (mnl_socket_sendto(x->log, h, h->nlmsg_len) < 0)
		return -errno;
	got = mnl_socket_recvfrom(x->log, buf, sizeof(buf));
	if (got < 0 || mnl_cb_run(buf, (size_t)got, 0, 0, NULL, NULL) < 0)
		return -errno;
	return 0;
}

static int
open_inside(void *arg)
{
	struct xfrm *x = arg;
	const struct nfulnl_msg_config_cmd bind = {.command = NFULNL_CFG_CMD_BIND};
	const struct nfulnl_msg_config_mode mode = {.copy_range = htonl(COPY),
	                                            .copy_mode = NFULNL_COPY_PACKET};
	int error;

	x->log = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	if (!x->log || mnl_socket_bind(x->log, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	error = configure_log(x, NFULA_CFG_CMD, &bind, sizeof(bind));
	return error ? error : configure_log(x, NFULA_CFG_MODE, &mode, sizeof(mode));
}

int
xfrm_learn_open(struct xfrm *x)
{
	int error = netns_inside(x->o.netns, open_inside, x);

	if (error)
		return error;
	uv_poll_init(x->o.loop, &x->poll, mnl_socket_get_fd(x->log));
	x->poll.data = x;
	x->open_handles++;
	uv_poll_start(&x->poll, UV_READABLE, on_readable);
	return 0;
}
