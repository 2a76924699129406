/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tells when somebody else changes our table: see nft.h. The kernel reports every change of its
 * rules (the multicast group NFNLGRP_NFTABLES) and who made it.
 */
#define _GNU_SOURCE
#include "runtime/dataplane/kernel/nft_priv.h"

#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>
#include <string.h>

#include <libmnl/libmnl.h>

#include "runtime/base/netns.h"

#define ROOM       1048576 /* octets of messages that may wait */
#define ATTR_TABLE 1 /* NFTA_TABLE_NAME, NFTA_CHAIN_TABLE, NFTA_RULE_TABLE, NFTA_SET_TABLE ... */

struct nft_watch {
	uv_poll_t poll;
	struct mnl_socket *nl;
	struct nft *of;
	void (*changed)(void *arg);
	void *arg;
	bool foreign; /* in what is being read */
};

static int
open_inside(void *arg)
{
	struct nft_watch *w = arg;
	const int group = NFNLGRP_NFTABLES, room = ROOM;

	w->nl = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (!w->nl || mnl_socket_bind(w->nl, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_setsockopt(w->nl, NETLINK_ADD_MEMBERSHIP, (void *)(uintptr_t)&group,
	                          sizeof(group)) < 0)
		return -errno;
	setsockopt(mnl_socket_get_fd(w->nl), SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	return 0;
}

static void
on_message(struct nft_watch *w, const struct nlmsghdr *h)
{
	const struct nlattr *a;

	if (h->nlmsg_type >> 8 != NFNL_SUBSYS_NFTABLES ||
	    (h->nlmsg_type & 0xff) == NFT_MSG_NEWGEN || h->nlmsg_pid == nft_port(w->of))
		return;
	mnl_attr_for_each(a, h, sizeof(struct nfgenmsg))
	{
		if (mnl_attr_get_type(a) != ATTR_TABLE ||
		    mnl_attr_validate(a, MNL_TYPE_NUL_STRING) < 0)
			continue;
		w->foreign |= !strcmp(mnl_attr_get_str(a), w->of->table);
	}
}

static void
on_readable(uv_poll_t *poll, int status, int events)
{
	struct nft_watch *w = poll->data;
	char buf[32768];
	bool lost = false;
	ssize_t n;

	(void)status;
	(void)events;
	w->foreign = false;
	while ((n = recv(mnl_socket_get_fd(w->nl), buf, sizeof(buf), 0)) > 0 ||
	       (n < 0 && errno == ENOBUFS)) {
		const struct nlmsghdr *h = (const void *)buf;
		int left = (int)n;

		/*
		 * Our own changes fill the socket's buffer, too. When messages are lost, it is
		 * enough to see that our table is still there.
		 */
		lost |= n < 0;
		for (; n > 0 && mnl_nlmsg_ok(h, left); h = mnl_nlmsg_next(h, &left))
			on_message(w, h);
	}
	if (w->foreign || (lost && !nft_there(w->of)))
		w->changed(w->arg);
}

static void
on_closed(uv_handle_t *handle)
{
	struct nft_watch *w = handle->data;

	mnl_socket_close(w->nl);
	free(w);
}

int
nft_watch(struct nft *n, int netns, uv_loop_t *loop, void (*changed)(void *arg), void *arg)
{
	struct nft_watch *w = x_alloc(sizeof(*w));
	int error = netns_inside(netns, open_inside, w);

	w->of = n;
	w->changed = changed;
	w->arg = arg;
	if (error) {
		if (w->nl)
			mnl_socket_close(w->nl);
		free(w);
		return error;
	}
	uv_poll_init(loop, &w->poll, mnl_socket_get_fd(w->nl));
	w->poll.data = w;
	uv_poll_start(&w->poll, UV_READABLE, on_readable);
	uv_unref((uv_handle_t *)&w->poll);
	n->watch = w;
	return 0;
}

void
nft_watch_end(struct nft *n)
{
	struct nft_watch *w = n->watch;

	if (!w)
		return;
	n->watch = NULL;
	uv_poll_stop(&w->poll);
	uv_close((uv_handle_t *)&w->poll, on_closed);
}
