/* Our nftables table through libnftnl: see nft.h. */
#define _GNU_SOURCE
#include "runtime/dataplane/nft.h"

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

#include "runtime/dataplane/netns.h"

#define BATCH_SIZE (4u << 20) /* of one transaction */
#define BATCH_ROOM 65536      /* the most one message takes */

struct nft {
	const char *table;
	struct mnl_socket *nl;
	uint32_t seq;
	char *batch;
	size_t used;
	struct nftnl_rule *rule; /* being built; NULL: none */
	int error;
};

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

/* --- expressions ------------------------------------------------------------------------------ */

static struct nftnl_expr *
expr(struct nft *n, const char *name)
{
	struct nftnl_expr *e = nftnl_expr_alloc(name);

	if (!e)
		abort();
	nftnl_rule_add_expr(n->rule, e);
	return e;
}

static void
load_meta(struct nft *n, uint32_t key)
{
	struct nftnl_expr *e = expr(n, "meta");

	nftnl_expr_set_u32(e, NFTNL_EXPR_META_KEY, key);
	nftnl_expr_set_u32(e, NFTNL_EXPR_META_DREG, NFT_REG_1);
}

static void
store_meta(struct nft *n, uint32_t key)
{
	struct nftnl_expr *e = expr(n, "meta");

	nftnl_expr_set_u32(e, NFTNL_EXPR_META_KEY, key);
	nftnl_expr_set_u32(e, NFTNL_EXPR_META_SREG, NFT_REG_1);
}

static void
load_payload(struct nft *n, uint32_t base, uint32_t offset, uint32_t len)
{
	struct nftnl_expr *e = expr(n, "payload");

	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_BASE, base);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_OFFSET, offset);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_LEN, len);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_DREG, NFT_REG_1);
}

/* Into the IPv4 header, whose checksum is kept right. */
static void
store_header(struct nft *n, uint32_t offset)
{
	struct nftnl_expr *e = expr(n, "payload");

	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_BASE, NFT_PAYLOAD_NETWORK_HEADER);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_OFFSET, offset);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_LEN, 4);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_SREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_CSUM_TYPE, NFT_PAYLOAD_CSUM_INET);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_CSUM_OFFSET, 10);
}

static void
mask_register(struct nft *n, uint32_t mask)
{
	struct nftnl_expr *e = expr(n, "bitwise");
	uint32_t zero = 0;

	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_SREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_DREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_LEN, sizeof(mask));
	nftnl_expr_set(e, NFTNL_EXPR_BITWISE_MASK, &mask, sizeof(mask));
	nftnl_expr_set(e, NFTNL_EXPR_BITWISE_XOR, &zero, sizeof(zero));
}

static void
compare(struct nft *n, uint32_t op, const void *data, uint32_t len)
{
	struct nftnl_expr *e = expr(n, "cmp");

	nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_SREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_OP, op);
	nftnl_expr_set(e, NFTNL_EXPR_CMP_DATA, data, len);
}

static void
immediate(struct nft *n, uint32_t value)
{
	struct nftnl_expr *e = expr(n, "immediate");

	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_DREG, NFT_REG_1);
	nftnl_expr_set(e, NFTNL_EXPR_IMM_DATA, &value, sizeof(value));
}

static void
verdict(struct nft *n, uint32_t code)
{
	struct nftnl_expr *e = expr(n, "immediate");

	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_VERDICT, code);
}

/* --- matches ---------------------------------------------------------------------------------- */

static void
interface(struct nft *n, uint32_t key, uint32_t op, const char *device)
{
	char name[IFNAMSIZ] = "";

	strncpy(name, device, sizeof(name) - 1);
	load_meta(n, key);
	compare(n, op, name, sizeof(name));
}

void
nft_iif(struct nft *n, const char *device)
{
	interface(n, NFT_META_IIFNAME, NFT_CMP_EQ, device);
}

void
nft_iif_begins(struct nft *n, const char *prefix)
{
	load_meta(n, NFT_META_IIFNAME);
	compare(n, NFT_CMP_EQ, prefix, (uint32_t)strlen(prefix));
}

void
nft_iif_not(struct nft *n, const char *device)
{
	interface(n, NFT_META_IIFNAME, NFT_CMP_NEQ, device);
}

void
nft_oif(struct nft *n, const char *device)
{
	interface(n, NFT_META_OIFNAME, NFT_CMP_EQ, device);
}

void
nft_route_oif(struct nft *n, const char *device)
{
	char name[IFNAMSIZ] = "";
	struct nftnl_expr *e = expr(n, "fib");

	nftnl_expr_set_u32(e, NFTNL_EXPR_FIB_DREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_FIB_RESULT, NFT_FIB_RESULT_OIFNAME);
	nftnl_expr_set_u32(e, NFTNL_EXPR_FIB_FLAGS, NFTA_FIB_F_DADDR);
	strncpy(name, device, sizeof(name) - 1);
	compare(n, NFT_CMP_EQ, name, sizeof(name));
}

void
nft_proto(struct nft *n, uint8_t proto)
{
	load_payload(n, NFT_PAYLOAD_NETWORK_HEADER, 9, 1);
	compare(n, NFT_CMP_EQ, &proto, 1);
}

static void
address(struct nft *n, uint32_t offset, uint32_t addr, uint32_t mask)
{
	uint32_t wire = htonl(addr & mask);

	if (!mask)
		return;
	load_payload(n, NFT_PAYLOAD_NETWORK_HEADER, offset, 4);
	if (mask != UINT32_MAX)
		mask_register(n, htonl(mask));
	compare(n, NFT_CMP_EQ, &wire, 4);
}

void
nft_saddr(struct nft *n, uint32_t addr, uint32_t mask)
{
	address(n, 12, addr, mask);
}

void
nft_daddr(struct nft *n, uint32_t addr, uint32_t mask)
{
	address(n, 16, addr, mask);
}

static void
port(struct nft *n, uint32_t offset, uint16_t value)
{
	uint16_t wire = htons(value);

	load_payload(n, NFT_PAYLOAD_TRANSPORT_HEADER, offset, 2);
	compare(n, NFT_CMP_EQ, &wire, 2);
}

void
nft_sport(struct nft *n, uint16_t value)
{
	port(n, 0, value);
}

void
nft_dport(struct nft *n, uint16_t value)
{
	port(n, 2, value);
}

void
nft_selector(struct nft *n, const struct selector *s)
{
	nft_saddr(n, s->src, s->src_mask);
	nft_daddr(n, s->dst, s->dst_mask);
	if (s->proto)
		nft_proto(n, s->proto);
	if (s->sport)
		nft_sport(n, s->sport);
	if (s->dport)
		nft_dport(n, s->dport);
}

void
nft_spi(struct nft *n, uint32_t spi)
{
	uint32_t wire = htonl(spi);

	load_payload(n, NFT_PAYLOAD_TRANSPORT_HEADER, 0, 4);
	compare(n, NFT_CMP_EQ, &wire, 4);
}

static void
mark_compare(struct nft *n, uint32_t op, uint32_t value, uint32_t mask)
{
	load_meta(n, NFT_META_MARK);
	mask_register(n, mask);
	compare(n, op, &value, sizeof(value));
}

void
nft_mark(struct nft *n, uint32_t value, uint32_t mask)
{
	mark_compare(n, NFT_CMP_EQ, value, mask);
}

void
nft_mark_not(struct nft *n, uint32_t value, uint32_t mask)
{
	mark_compare(n, NFT_CMP_NEQ, value, mask);
}

void
nft_secpath(struct nft *n, bool exists)
{
	uint8_t want = exists;

	load_meta(n, NFT_META_SECPATH);
	compare(n, NFT_CMP_EQ, &want, sizeof(want));
}

void
nft_bundle(struct nft *n, bool exists)
{
	struct nftnl_expr *e = expr(n, "rt");
	uint8_t want = exists;

	nftnl_expr_set_u32(e, NFTNL_EXPR_RT_KEY, NFT_RT_XFRM);
	nftnl_expr_set_u32(e, NFTNL_EXPR_RT_DREG, NFT_REG_1);
	compare(n, NFT_CMP_EQ, &want, sizeof(want));
}

void
nft_saddr_in(struct nft *n, uint32_t set)
{
	struct nftnl_expr *e;
	char name[32];

	snprintf(name, sizeof(name), "set-%u", set);
	load_payload(n, NFT_PAYLOAD_NETWORK_HEADER, 12, 4);
	e = expr(n, "lookup");
	nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_SREG, NFT_REG_1);
	nftnl_expr_set_str(e, NFTNL_EXPR_LOOKUP_SET, name);
	nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_SET_ID, set + 1);
}

/*
 * The kernel puts fragments together for a namespace once a rule in it could divert packets to a
 * local socket. This one never does: nothing is of protocol 255 and 254 at once.
 */
void
nft_defrag(struct nft *n, const char *chain)
{
	struct nftnl_expr *e;

	nft_rule(n, chain, 0);
	nft_proto(n, 255);
	nft_proto(n, 254);
	/* the diverting expression is taken for these protocols alone */
	load_meta(n, NFT_META_L4PROTO);
	compare(n, NFT_CMP_EQ, &(uint8_t){17}, 1);
	immediate(n, htons(1));
	e = expr(n, "tproxy");
	nftnl_expr_set_u32(e, NFTNL_EXPR_TPROXY_FAMILY, NFPROTO_IPV4);
	nftnl_expr_set_u32(e, NFTNL_EXPR_TPROXY_REG_PORT, NFT_REG_1);
}

/* --- actions ---------------------------------------------------------------------------------- */

void
nft_set_mark(struct nft *n, uint32_t value)
{
	immediate(n, value);
	store_meta(n, NFT_META_MARK);
}

void
nft_set_priority(struct nft *n, uint32_t value)
{
	immediate(n, value);
	store_meta(n, NFT_META_PRIORITY);
}

void
nft_mark_from_daddr(struct nft *n)
{
	load_payload(n, NFT_PAYLOAD_NETWORK_HEADER, 16, 4);
	store_meta(n, NFT_META_MARK);
}

void
nft_mark_from_saddr(struct nft *n)
{
	load_payload(n, NFT_PAYLOAD_NETWORK_HEADER, 12, 4);
	store_meta(n, NFT_META_MARK);
}

void
nft_priority_from_saddr(struct nft *n)
{
	load_payload(n, NFT_PAYLOAD_NETWORK_HEADER, 12, 4);
	store_meta(n, NFT_META_PRIORITY);
}

void
nft_daddr_from_mark(struct nft *n)
{
	load_meta(n, NFT_META_MARK);
	store_header(n, 16);
}

void
nft_saddr_from_priority(struct nft *n)
{
	load_meta(n, NFT_META_PRIORITY);
	store_header(n, 12);
}

void
nft_set_daddr(struct nft *n, uint32_t addr)
{
	immediate(n, htonl(addr));
	store_header(n, 16);
}

void
nft_log(struct nft *n, uint16_t group)
{
	struct nftnl_expr *e = expr(n, "log");

	nftnl_expr_set_u16(e, NFTNL_EXPR_LOG_GROUP, group);
	nftnl_expr_set_u32(e, NFTNL_EXPR_LOG_SNAPLEN, 64);
	nftnl_expr_set_u16(e, NFTNL_EXPR_LOG_QTHRESHOLD, 1);
}

void
nft_counter(struct nft *n)
{
	expr(n, "counter");
}

void
nft_accept(struct nft *n)
{
	verdict(n, NF_ACCEPT);
}

void
nft_return(struct nft *n)
{
	verdict(n, (uint32_t)NFT_RETURN);
}

void
nft_jump(struct nft *n, const char *to)
{
	struct nftnl_expr *e = expr(n, "immediate");

	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_VERDICT, (uint32_t)NFT_JUMP);
	nftnl_expr_set_str(e, NFTNL_EXPR_IMM_CHAIN, to);
}

void
nft_drop(struct nft *n)
{
	verdict(n, NF_DROP);
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
