/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way to the kernel's nftables and back: sends batches, reads answers and counters (see nft.h).
 * The socket never blocks. The kernel works on what is sent within the call that sends it, so the
 * result is known at once: a commit that fails has changed nothing, and its caller is told before
 * anything else is done.
 */
#define _GNU_SOURCE
#include "runtime/dataplane/kernel/nft_priv.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <libnftnl/common.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <libnftnl/table.h>

#include "runtime/base/netns.h"

#define PROBE_TABLE "testudo-probe"

/* --- life ------------------------------------------------------------------------------------- */

static int
open_socket(void *arg)
{
	struct nft *n = arg;

	n->nl = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (!n->nl || mnl_socket_bind(n->nl, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	return 0;
}

int
nft_new(int netns, const char *table, struct nft **ret)
{
	struct nft *n = x_alloc(sizeof(*n));
	int error = netns_inside(netns, open_socket, n);

	n->table = table;
	if (error) {
		nft_free(n);
		return error;
	}
	*ret = n;
	return 0;
}

void
nft_free(struct nft *n)
{
	if (!n)
		return;
	nft_watch_end(n);
	if (n->rule)
		nftnl_rule_free(n->rule);
	if (n->nl)
		mnl_socket_close(n->nl);
	free(n->batch);
	free(n);
}

/* --- sending ---------------------------------------------------------------------------------- */

static int
on_answer(const struct nlmsghdr *h, void *arg)
{
	(void)h;
	(void)arg;
	return MNL_CB_OK;
}

/*
 * The last message asks for an acknowledgement; an error of any message comes before it. The kernel
 * has put all answers into the socket when the call that sends returns, so nothing is waited for:
 * without an answer this is -EAGAIN, an error like any other.
 */
static int
read_answers(struct nft *n, uint32_t last)
{
	unsigned port = mnl_socket_get_portid(n->nl);
	char buf[32768];
	int result = 0;

	for (;;) {
		ssize_t got = mnl_socket_recvfrom(n->nl, buf, sizeof(buf));
		const struct nlmsghdr *h = (const void *)buf;

		if (got < 0)
			return -errno;
		if (mnl_cb_run(buf, (size_t)got, 0, port, on_answer, NULL) < 0 && !result)
			result = -errno;
		/* Errors and the acknowledgement come in the order of the messages. */
		for (int left = (int)got; mnl_nlmsg_ok(h, left); h = mnl_nlmsg_next(h, &left))
			if (h->nlmsg_seq == last || result)
				return result;
	}
}

/* Reads and drops what is left of an earlier answer. */
static void
drop_answers(struct nft *n)
{
	char buf[32768];

	while (recv(mnl_socket_get_fd(n->nl), buf, sizeof(buf), MSG_DONTWAIT) > 0)
		;
}

/* The whole batch is one datagram. */
static void
make_room(struct nft *n)
{
	const int fd = mnl_socket_get_fd(n->nl), size = (int)n->used;

	if (n->used <= n->room)
		return;
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	n->room = n->used;
}

/* Ends the batch, of which message `last` asks for an acknowledgement. */
static int
send_batch(struct nft *n, uint32_t last)
{
	int result;

	nft_batch_end(n);
	if (n->error)
		return n->error;
	make_room(n);
	drop_answers(n);
	if (mnl_socket_sendto(n->nl, n->batch, n->used) < 0)
		return -errno;
	result = read_answers(n, last);
	drop_answers(n);
	return result;
}

static int
commit_batch(struct nft *n)
{
	uint32_t last = n->seq;

	/* Creating the table once more costs nothing, and its acknowledgement is the last answer */
	nft_table_message(n, NFT_MSG_NEWTABLE, NLM_F_CREATE | NLM_F_ACK);
	return send_batch(n, last);
}

int
nft_commit(struct nft *n)
{
	nft_rule_end(n);
	return commit_batch(n);
}

unsigned
nft_port(const struct nft *n)
{
	return mnl_socket_get_portid(n->nl);
}

/* -ENOENT: it is not in the kernel. */
static int
ask_table(struct nft *n)
{
	char buf[256];
	struct nftnl_table *t = nftnl_table_alloc();
	uint32_t seq = n->seq++;
	struct nlmsghdr *h =
	    nftnl_nlmsg_build_hdr(buf, NFT_MSG_GETTABLE, NFPROTO_IPV4, NLM_F_ACK, seq);

	if (!t)
		abort();
	nftnl_table_set_str(t, NFTNL_TABLE_NAME, n->table);
	nftnl_table_nlmsg_build_payload(h, t);
	nftnl_table_free(t);
	drop_answers(n);
	return mnl_socket_sendto(n->nl, h, h->nlmsg_len) < 0 ? -errno : read_answers(n, seq);
}

bool
nft_there(struct nft *n)
{
	return ask_table(n) != -ENOENT;
}

bool
nft_holds(int netns, const char *table)
{
	struct nft *n;
	bool there;

	if (nft_new(netns, table, &n))
		return false;
	there = ask_table(n) == 0;
	nft_free(n);
	return there;
}

/* It tries this in a table of its own, because our table may still hold what a killed run left. */
int
nft_find_queue(struct nft *n)
{
	const char *table = n->table;
	int error = -ENOENT;

	n->table = PROBE_TABLE;
	for (int xt = 0; xt < 2 && error == -ENOENT; xt++) {
		n->xt_queue = xt;
		nft_begin(n);
		nft_chain_plain(n, "probe");
		nft_rule(n, "probe", 0);
		nft_queue(n, 0);
		error = nft_commit(n);
	}
	if (!error)
		error = nft_remove(n);
	n->table = table;
	return error;
}

int
nft_set_add(struct nft *n, uint32_t set, uint32_t addr)
{
	nft_batch_begin(n);
	nft_set_elements(n, set, &addr, 1);
	return commit_batch(n);
}

int
nft_flush(struct nft *n, const char *chain)
{
	struct nftnl_rule *r = nftnl_rule_alloc();
	uint32_t last;
	char *at;

	if (!r)
		abort();
	nft_batch_begin(n);
	nftnl_rule_set_str(r, NFTNL_RULE_TABLE, n->table);
	nftnl_rule_set_str(r, NFTNL_RULE_CHAIN, chain);
	last = n->seq;
	at = nft_message(n);
	if (at) { /* without a handle: all of the chain */
		nftnl_rule_nlmsg_build_payload(
		    nftnl_nlmsg_build_hdr(at, NFT_MSG_DELRULE, NFPROTO_IPV4, NLM_F_ACK, n->seq++),
		    r);
		nft_message_end(n);
	}
	nftnl_rule_free(r);
	return send_batch(n, last);
}

int
nft_remove(struct nft *n)
{
	uint32_t last;

	nft_begin_empty(n);
	/*
	 * The table is created and deleted once more, so that the last message is one that the
	 * kernel answers.
	 */
	nft_table_message(n, NFT_MSG_NEWTABLE, NLM_F_CREATE);
	last = n->seq;
	nft_table_message(n, NFT_MSG_DELTABLE, NLM_F_ACK);
	return send_batch(n, last);
}

/* --- counters --------------------------------------------------------------------------------- */

struct counter_reading {
	const char *table;
	nft_counter_fn *fn;
	void *arg;
	uint32_t id;
};

static int
on_expression(struct nftnl_expr *e, void *arg)
{
	struct counter_reading *r = arg;
	const char *name = nftnl_expr_get_str(e, NFTNL_EXPR_NAME);

	if (name && !strcmp(name, "counter"))
		r->fn(r->arg, r->id, nftnl_expr_get_u64(e, NFTNL_EXPR_CTR_PACKETS),
		      nftnl_expr_get_u64(e, NFTNL_EXPR_CTR_BYTES));
	return MNL_CB_OK;
}

static int
on_rule(const struct nlmsghdr *h, void *arg)
{
	struct nftnl_rule *rule = nftnl_rule_alloc();
	struct counter_reading *r = arg;
	const struct nft_note *note;
	const char *table = NULL;
	uint32_t n = 0;

	if (rule && mnl_nlmsg_get_payload_len(h) >= sizeof(struct nfgenmsg) &&
	    nftnl_rule_nlmsg_parse(h, rule) == 0)
		table = nftnl_rule_get_str(rule, NFTNL_RULE_TABLE);
	if (table && !strcmp(table, r->table)) {
		note = nftnl_rule_get_data(rule, NFTNL_RULE_USERDATA, &n);
		if (note && n == sizeof(*note) && note->type == NFT_NOTE_TYPE) {
			memcpy(&r->id, note->id, sizeof(r->id));
			nftnl_expr_foreach(rule, on_expression, r);
		}
	}
	if (rule)
		nftnl_rule_free(rule);
	return MNL_CB_OK;
}

int
nft_counters(struct nft *n, nft_counter_fn *fn, void *arg)
{
	struct counter_reading r = {.table = n->table, .fn = fn, .arg = arg};
	unsigned port = mnl_socket_get_portid(n->nl);
	char buf[65536];
	struct nlmsghdr *h =
	    nftnl_nlmsg_build_hdr(buf, NFT_MSG_GETRULE, NFPROTO_IPV4, NLM_F_DUMP, n->seq);
	struct nftnl_rule *filter = nftnl_rule_alloc();
	int more = 1;

	if (!filter)
		abort();
	nftnl_rule_set_str(filter, NFTNL_RULE_TABLE, n->table);
	nftnl_rule_nlmsg_build_payload(h, filter);
	nftnl_rule_free(filter);
	drop_answers(n);
	if (mnl_socket_sendto(n->nl, h, h->nlmsg_len) < 0)
		return -errno;
	while (more > 0) {
		ssize_t got = mnl_socket_recvfrom(n->nl, buf, sizeof(buf));

		if (got < 0)
			return -errno;
		more = mnl_cb_run(buf, (size_t)got, n->seq, port, on_rule, &r);
	}
	n->seq++;
	return more < 0 ? -errno : 0;
}
