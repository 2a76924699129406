/* SPDX-License-Identifier: Apache-2.0 */
/* What the rules of our nftables table are made of: see nft.h. */
#include "runtime/dataplane/kernel/nft_priv.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/xt_NFQUEUE.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libnftnl/expr.h>
#include <libnftnl/rule.h>

#include "runtime/packet/packet.h"
#include "runtime/dataplane/kernel/xfrm.h"

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
address(struct nft *n, uint32_t offset, uint32_t op, uint32_t addr, uint32_t mask)
{
	uint32_t wire = htonl(addr & mask);

	if (!mask)
		return;
	load_payload(n, NFT_PAYLOAD_NETWORK_HEADER, offset, 4);
	if (mask != UINT32_MAX)
		mask_register(n, htonl(mask));
	compare(n, op, &wire, 4);
}

void
nft_saddr(struct nft *n, uint32_t addr, uint32_t mask)
{
	address(n, 12, NFT_CMP_EQ, addr, mask);
}

void
nft_daddr(struct nft *n, uint32_t addr, uint32_t mask)
{
	address(n, 16, NFT_CMP_EQ, addr, mask);
}

void
nft_daddr_not(struct nft *n, uint32_t addr, uint32_t mask)
{
	address(n, 16, NFT_CMP_NEQ, addr, mask);
}

void
nft_daddr_local(struct nft *n)
{
	struct nftnl_expr *e = expr(n, "fib");
	uint32_t type = RTN_LOCAL;

	nftnl_expr_set_u32(e, NFTNL_EXPR_FIB_DREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_FIB_RESULT, NFT_FIB_RESULT_ADDRTYPE);
	nftnl_expr_set_u32(e, NFTNL_EXPR_FIB_FLAGS, NFTA_FIB_F_DADDR);
	compare(n, NFT_CMP_EQ, &type, sizeof(type));
}

void
nft_socket_mark(struct nft *n, uint32_t value, uint32_t mask)
{
	struct nftnl_expr *e = expr(n, "socket");

	nftnl_expr_set_u32(e, NFTNL_EXPR_SOCKET_KEY, NFT_SOCKET_MARK);
	nftnl_expr_set_u32(e, NFTNL_EXPR_SOCKET_DREG, NFT_REG_1);
	mask_register(n, mask);
	compare(n, NFT_CMP_EQ, &value, sizeof(value));
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
nft_icmp_type(struct nft *n, uint8_t type)
{
	nft_proto(n, IP4_PROTO_ICMP);
	load_payload(n, NFT_PAYLOAD_TRANSPORT_HEADER, 0, 1);
	compare(n, NFT_CMP_EQ, &type, sizeof(type));
}

/* Four octets, so many behind the ICMP header. */
static void
quoted(struct nft *n, uint32_t offset, uint32_t value, uint32_t mask)
{
	uint32_t wire = htonl(value & mask);

	if (!mask)
		return;
	load_payload(n, NFT_PAYLOAD_TRANSPORT_HEADER, 8 + offset, 4);
	if (mask != UINT32_MAX)
		mask_register(n, htonl(mask));
	compare(n, NFT_CMP_EQ, &wire, sizeof(wire));
}

void
nft_selector_quoted(struct nft *n, const struct selector *s)
{
	quoted(n, 12, s->src, s->src_mask);
	quoted(n, 16, s->dst, s->dst_mask);
	if (s->proto)
		quoted(n, 8, (uint32_t)s->proto << 16, 0x00ff0000);
	if (s->permit || (!s->sport && !s->dport))
		return;
	quoted(n, 0, 0x45000000, 0xff000000);
	quoted(n, 4, 0, 0x1fff);
	quoted(n, 20, (uint32_t)s->sport << 16 | s->dport,
	       (s->sport ? 0xffff0000 : 0) | (s->dport ? 0x0000ffff : 0));
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

void
nft_own_gdoi(struct nft *n, const char *chain)
{
	nft_rule(n, chain, 0);
	nft_proto(n, IP4_PROTO_UDP);
	nft_daddr_local(n);
	nft_socket_mark(n, MARK_OWN, 0xffff);
	nft_accept(n);
	nft_rule(n, chain, 0);
	nft_proto(n, IP4_PROTO_UDP);
	nft_daddr(n, MULTICAST, MULTICAST_MASK);
	nft_socket_mark(n, MARK_OWN, 0xffff);
	nft_accept(n);
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

/* An extension of iptables: the expression takes the memory over. */
static void
xt_queue(struct nft *n, uint16_t queue)
{
	struct nftnl_expr *e = expr(n, "target");
	union {
		struct xt_NFQ_info info;
		uint64_t aligned;
	} *room = x_alloc(sizeof(*room));

	room->info.queuenum = queue;
	nftnl_expr_set_str(e, NFTNL_EXPR_TG_NAME, "NFQUEUE");
	nftnl_expr_set_u32(e, NFTNL_EXPR_TG_REV, 0);
	nftnl_expr_set(e, NFTNL_EXPR_TG_INFO, room, sizeof(*room));
}

void
nft_queue(struct nft *n, uint16_t queue)
{
	struct nftnl_expr *e;

	if (n->xt_queue) {
		xt_queue(n, queue);
		return;
	}
	e = expr(n, "queue");
	nftnl_expr_set_u16(e, NFTNL_EXPR_QUEUE_NUM, queue);
	nftnl_expr_set_u16(e, NFTNL_EXPR_QUEUE_TOTAL, 1);
}
