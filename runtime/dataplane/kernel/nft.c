/* SPDX-License-Identifier: Apache-2.0 */
/* Our nftables table through libnftnl: see nft.h. */
#define _GNU_SOURCE
#include "runtime/dataplane/kernel/nft_priv.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <libnftnl/set.h>
#include <libnftnl/table.h>

#include "runtime/base/netns.h"

#define BATCH_SIZE  (4u << 20) /* of one transaction */
#define PROBE_TABLE "testudo-probe"
#define BATCH_ROOM  65536 /* the most one message takes */

/* --- life ------------------------------------------------------------------------------------- */

static int
open_socket(void *arg)
{
	struct nft *n = arg;
	int size = BATCH_SIZE;

	n->nl = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	if (!n->nl || mnl_socket_bind(n->nl, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	/* The whole batch is one datagram. */
	if (setsockopt(mnl_socket_get_fd(n->nl), SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)))
		setsockopt(mnl_socket_get_fd(n->nl), SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
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
	n->batch = x_alloc(BATCH_SIZE);
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

/* --- the batch -------------------------------------------------------------------------------- */

static char *
next_message(struct nft *n)
{
	if (n->used + BATCH_ROOM > BATCH_SIZE)
		n->error = -E2BIG;
	if (n->error)
		return NULL;
	return n->batch + n->used;
}

static void
took(struct nft *n)
{
	n->used += MNL_ALIGN(((struct nlmsghdr *)(void *)(n->batch + n->used))->nlmsg_len);
}

static void
control(struct nft *n, struct nlmsghdr *(*make)(char *, uint32_t))
{
	char *at = next_message(n);

	if (!at)
		return;
	make(at, n->seq++);
	took(n);
}

static void
table_message(struct nft *n, uint16_t type, uint16_t flags)
{
	struct nftnl_table *t = nftnl_table_alloc();
	char *at = next_message(n);

	if (t && at) {
		nftnl_table_set_str(t, NFTNL_TABLE_NAME, n->table);
		nftnl_table_nlmsg_build_payload(
		    nftnl_nlmsg_build_hdr(at, type, NFPROTO_IPV4, flags, n->seq++), t);
		took(n);
	}
	nftnl_table_free(t);
}

static void
begin(struct nft *n)
{
	n->used = 0;
	n->error = 0;
	control(n, nftnl_batch_begin);
	/* Made so that it is there to be deleted: what is not there cannot be. */
	table_message(n, NFT_MSG_NEWTABLE, NLM_F_CREATE);
	table_message(n, NFT_MSG_DELTABLE, 0);
}

void
nft_begin(struct nft *n)
{
	begin(n);
	table_message(n, NFT_MSG_NEWTABLE, NLM_F_CREATE);
}

static void rule_end(struct nft *n);

/* type NULL: a chain without a hook. */
static void
chain(struct nft *n, const char *name, const char *type, uint32_t hook, int32_t priority)
{
	struct nftnl_chain *c = nftnl_chain_alloc();
	char *at;

	rule_end(n);
	at = next_message(n);
	if (c && at) {
		nftnl_chain_set_str(c, NFTNL_CHAIN_TABLE, n->table);
		nftnl_chain_set_str(c, NFTNL_CHAIN_NAME, name);
		if (type) {
			nftnl_chain_set_str(c, NFTNL_CHAIN_TYPE, type);
			nftnl_chain_set_u32(c, NFTNL_CHAIN_HOOKNUM, hook);
			nftnl_chain_set_s32(c, NFTNL_CHAIN_PRIO, priority);
			nftnl_chain_set_u32(c, NFTNL_CHAIN_POLICY, NF_ACCEPT);
		}
		nftnl_chain_nlmsg_build_payload(nftnl_nlmsg_build_hdr(at, NFT_MSG_NEWCHAIN,
		                                                      NFPROTO_IPV4, NLM_F_CREATE,
		                                                      n->seq++),
		                                c);
		took(n);
	}
	nftnl_chain_free(c);
}

void
nft_chain(struct nft *n, const char *name, const char *type, uint32_t hook, int32_t priority)
{
	chain(n, name, type, hook, priority);
}

void
nft_chain_plain(struct nft *n, const char *name)
{
	chain(n, name, NULL, 0, 0);
}

/* The rule that was being built goes into the batch. */
static void
rule_end(struct nft *n)
{
	char *at;

	if (!n->rule)
		return;
	at = next_message(n);
	if (at) {
		nftnl_rule_nlmsg_build_payload(
		    nftnl_nlmsg_build_hdr(at, NFT_MSG_NEWRULE, NFPROTO_IPV4,
		                          NLM_F_CREATE | NLM_F_APPEND, n->seq++),
		    n->rule);
		took(n);
	}
	nftnl_rule_free(n->rule);
	n->rule = NULL;
}

void
nft_rule(struct nft *n, const char *chain, uint32_t id)
{
	rule_end(n);
	n->rule = nftnl_rule_alloc();
	if (!n->rule)
		abort();
	nftnl_rule_set_str(n->rule, NFTNL_RULE_TABLE, n->table);
	nftnl_rule_set_str(n->rule, NFTNL_RULE_CHAIN, chain);
	nftnl_rule_set_data(n->rule, NFTNL_RULE_USERDATA, &id, sizeof(id));
}

/* --- sets ------------------------------------------------------------------------------------- */

#define SET_CHUNK    1000 /* addresses in one message */
#define TYPE_ADDRESS 7    /* nft's number for ipv4_addr */

static struct nftnl_set *
set_alloc(const struct nft *n, uint32_t id)
{
	struct nftnl_set *s = nftnl_set_alloc();
	char name[32];

	if (!s)
		abort();
	snprintf(name, sizeof(name), "set-%u", id);
	nftnl_set_set_str(s, NFTNL_SET_TABLE, n->table);
	nftnl_set_set_str(s, NFTNL_SET_NAME, name);
	nftnl_set_set_u32(s, NFTNL_SET_ID, id + 1);
	nftnl_set_set_u32(s, NFTNL_SET_FAMILY, NFPROTO_IPV4);
	nftnl_set_set_u32(s, NFTNL_SET_KEY_TYPE, TYPE_ADDRESS);
	nftnl_set_set_u32(s, NFTNL_SET_KEY_LEN, 4);
	return s;
}

static void
set_elements(struct nft *n, uint32_t id, const uint32_t *addrs, size_t n_addrs)
{
	struct nftnl_set *s = set_alloc(n, id);
	char *at = next_message(n);

	for (size_t i = 0; i < n_addrs; i++) {
		struct nftnl_set_elem *e = nftnl_set_elem_alloc();
		uint32_t wire = htonl(addrs[i]);

		if (!e)
			abort();
		nftnl_set_elem_set(e, NFTNL_SET_ELEM_KEY, &wire, sizeof(wire));
		nftnl_set_elem_add(s, e);
	}
	if (at) {
		nftnl_set_elems_nlmsg_build_payload(nftnl_nlmsg_build_hdr(at, NFT_MSG_NEWSETELEM,
		                                                          NFPROTO_IPV4,
		                                                          NLM_F_CREATE, n->seq++),
		                                    s);
		took(n);
	}
	nftnl_set_free(s);
}

void
nft_set(struct nft *n, uint32_t id, const uint32_t *addrs, size_t n_addrs)
{
	struct nftnl_set *s = set_alloc(n, id);
	char *at;

	rule_end(n);
	at = next_message(n);
	if (at) {
		nftnl_set_nlmsg_build_payload(
		    nftnl_nlmsg_build_hdr(at, NFT_MSG_NEWSET, NFPROTO_IPV4, NLM_F_CREATE, n->seq++),
		    s);
		took(n);
	}
	nftnl_set_free(s);
	for (size_t i = 0; i < n_addrs; i += SET_CHUNK)
		set_elements(n, id, addrs + i, n_addrs - i < SET_CHUNK ? n_addrs - i : SET_CHUNK);
}

/* --- sending ---------------------------------------------------------------------------------- */

static int
on_answer(const struct nlmsghdr *h, void *arg)
{
	(void)h;
	(void)arg;
	return MNL_CB_OK;
}

/* The last message asks for an acknowledgement; an error of any message comes before it. */
static int
receive(struct nft *n, uint32_t last)
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

static void
drain(struct nft *n)
{
	char buf[32768];

	while (recv(mnl_socket_get_fd(n->nl), buf, sizeof(buf), MSG_DONTWAIT) > 0)
		;
}

/* Ends the batch, of which message `last` asks for an acknowledgement. */
static int
batch_send(struct nft *n, uint32_t last)
{
	int result;

	control(n, nftnl_batch_end);
	if (n->error)
		return n->error;
	drain(n);
	if (mnl_socket_sendto(n->nl, n->batch, n->used) < 0)
		return -errno;
	result = receive(n, last);
	drain(n);
	return result;
}

static int
transact(struct nft *n)
{
	uint32_t last = n->seq;

	/* A closing acknowledgement: asking for the table's creation once more costs nothing. */
	table_message(n, NFT_MSG_NEWTABLE, NLM_F_CREATE | NLM_F_ACK);
	return batch_send(n, last);
}

int
nft_commit(struct nft *n)
{
	rule_end(n);
	return transact(n);
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
	drain(n);
	return mnl_socket_sendto(n->nl, h, h->nlmsg_len) < 0 ? -errno : receive(n, seq);
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

/* In a table of its own: what a run that was killed left in ours stays. */
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
	n->used = 0;
	n->error = 0;
	control(n, nftnl_batch_begin);
	set_elements(n, set, &addr, 1);
	return transact(n);
}

int
nft_flush(struct nft *n, const char *chain)
{
	struct nftnl_rule *r = nftnl_rule_alloc();
	uint32_t last;
	char *at;

	if (!r)
		abort();
	n->used = 0;
	n->error = 0;
	nftnl_rule_set_str(r, NFTNL_RULE_TABLE, n->table);
	nftnl_rule_set_str(r, NFTNL_RULE_CHAIN, chain);
	control(n, nftnl_batch_begin);
	last = n->seq;
	at = next_message(n);
	if (at) { /* without a handle: all of the chain */
		nftnl_rule_nlmsg_build_payload(
		    nftnl_nlmsg_build_hdr(at, NFT_MSG_DELRULE, NFPROTO_IPV4, NLM_F_ACK, n->seq++),
		    r);
		took(n);
	}
	nftnl_rule_free(r);
	return batch_send(n, last);
}

int
nft_remove(struct nft *n)
{
	uint32_t last;

	begin(n);
	/* One message more that is answered, and leaves nothing. */
	table_message(n, NFT_MSG_NEWTABLE, NLM_F_CREATE);
	last = n->seq;
	table_message(n, NFT_MSG_DELTABLE, NLM_F_ACK);
	return batch_send(n, last);
}

/* --- counters --------------------------------------------------------------------------------- */

struct reading {
	const char *table;
	nft_counter_fn *fn;
	void *arg;
	uint32_t id;
};

static int
on_expr(struct nftnl_expr *e, void *arg)
{
	struct reading *r = arg;

	if (!strcmp(nftnl_expr_get_str(e, NFTNL_EXPR_NAME), "counter"))
		r->fn(r->arg, r->id, nftnl_expr_get_u64(e, NFTNL_EXPR_CTR_PACKETS),
		      nftnl_expr_get_u64(e, NFTNL_EXPR_CTR_BYTES));
	return MNL_CB_OK;
}

static int
on_rule(const struct nlmsghdr *h, void *arg)
{
	struct nftnl_rule *rule = nftnl_rule_alloc();
	struct reading *r = arg;
	const void *id;
	uint32_t n = 0;

	if (rule && nftnl_rule_nlmsg_parse(h, rule) == 0 &&
	    !strcmp(nftnl_rule_get_str(rule, NFTNL_RULE_TABLE), r->table)) {
		id = nftnl_rule_get_data(rule, NFTNL_RULE_USERDATA, &n);
		if (id && n == sizeof(r->id)) {
			memcpy(&r->id, id, sizeof(r->id));
			nftnl_expr_foreach(rule, on_expr, r);
		}
	}
	if (rule)
		nftnl_rule_free(rule);
	return MNL_CB_OK;
}

int
nft_counters(struct nft *n, nft_counter_fn *fn, void *arg)
{
	struct reading r = {.table = n->table, .fn = fn, .arg = arg};
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
	drain(n);
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
