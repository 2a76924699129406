/* SPDX-License-Identifier: Apache-2.0 */
/* What a rule of our nftables table asks of a packet: see nft.h. */
#include "runtime/dataplane/kernel/nft_priv.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libnftnl/expr.h>

#include "runtime/dataplane/kernel/xfrm.h"
#include "runtime/packet/packet.h"

static void
compare_device(struct nft *n, uint32_t key, uint32_t op, const char *device)
{
	char name[IFNAMSIZ] = "";

	strncpy(name, device, sizeof(name) - 1);
	nft_load_meta(n, key);
	nft_compare(n, op, name, sizeof(name));
}

void
nft_iif(struct nft *n, const char *device)
{
	compare_device(n, NFT_META_IIFNAME, NFT_CMP_EQ, device);
}

void
nft_iif_begins(struct nft *n, const char *prefix)
{
	nft_load_meta(n, NFT_META_IIFNAME);
	nft_compare(n, NFT_CMP_EQ, prefix, (uint32_t)strlen(prefix));
}

void
nft_iif_not(struct nft *n, const char *device)
{
	compare_device(n, NFT_META_IIFNAME, NFT_CMP_NEQ, device);
}

void
nft_oif(struct nft *n, const char *device)
{
	compare_device(n, NFT_META_OIFNAME, NFT_CMP_EQ, device);
}

void
nft_route_oif(struct nft *n, const char *device)
{
	char name[IFNAMSIZ] = "";
	struct nftnl_expr *e = nft_expr(n, "fib");

	nftnl_expr_set_u32(e, NFTNL_EXPR_FIB_DREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_FIB_RESULT, NFT_FIB_RESULT_OIFNAME);
	nftnl_expr_set_u32(e, NFTNL_EXPR_FIB_FLAGS, NFTA_FIB_F_DADDR);
	strncpy(name, device, sizeof(name) - 1);
	nft_compare(n, NFT_CMP_EQ, name, sizeof(name));
}

void
nft_proto(struct nft *n, uint8_t proto)
{
	nft_load_payload(n, NFT_PAYLOAD_NETWORK_HEADER, 9, 1);
	nft_compare(n, NFT_CMP_EQ, &proto, 1);
}

static void
compare_address(struct nft *n, uint32_t offset, uint32_t op, uint32_t addr, uint32_t mask)
{
	uint32_t wire = htonl(addr & mask);

	if (!mask)
		return;
	nft_load_payload(n, NFT_PAYLOAD_NETWORK_HEADER, offset, 4);
	if (mask != UINT32_MAX)
		nft_mask_word(n, htonl(mask));
	nft_compare(n, op, &wire, 4);
}

void
nft_saddr(struct nft *n, uint32_t addr, uint32_t mask)
{
	compare_address(n, 12, NFT_CMP_EQ, addr, mask);
}

void
nft_daddr(struct nft *n, uint32_t addr, uint32_t mask)
{
	compare_address(n, 16, NFT_CMP_EQ, addr, mask);
}

void
nft_daddr_not(struct nft *n, uint32_t addr, uint32_t mask)
{
	compare_address(n, 16, NFT_CMP_NEQ, addr, mask);
}

void
nft_daddr_local(struct nft *n)
{
	struct nftnl_expr *e = nft_expr(n, "fib");
	uint32_t type = RTN_LOCAL;

	nftnl_expr_set_u32(e, NFTNL_EXPR_FIB_DREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_FIB_RESULT, NFT_FIB_RESULT_ADDRTYPE);
	nftnl_expr_set_u32(e, NFTNL_EXPR_FIB_FLAGS, NFTA_FIB_F_DADDR);
	nft_compare(n, NFT_CMP_EQ, &type, sizeof(type));
}

void
nft_socket_mark(struct nft *n, uint32_t value, uint32_t mask)
{
	struct nftnl_expr *e = nft_expr(n, "socket");

	nftnl_expr_set_u32(e, NFTNL_EXPR_SOCKET_KEY, NFT_SOCKET_MARK);
	nftnl_expr_set_u32(e, NFTNL_EXPR_SOCKET_DREG, NFT_REG_1);
	nft_mask_word(n, mask);
	nft_compare(n, NFT_CMP_EQ, &value, sizeof(value));
}

static void
compare_port(struct nft *n, uint32_t offset, uint16_t value)
{
	uint16_t wire = htons(value);

	nft_load_payload(n, NFT_PAYLOAD_TRANSPORT_HEADER, offset, 2);
	nft_compare(n, NFT_CMP_EQ, &wire, 2);
}

void
nft_sport(struct nft *n, uint16_t port)
{
	compare_port(n, 0, port);
}

void
nft_dport(struct nft *n, uint16_t port)
{
	compare_port(n, 2, port);
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
	nft_load_payload(n, NFT_PAYLOAD_TRANSPORT_HEADER, 0, 1);
	nft_compare(n, NFT_CMP_EQ, &type, sizeof(type));
}

/* Compares four octets that lie `offset` octets behind the ICMP header. */
static void
compare_quoted(struct nft *n, uint32_t offset, uint32_t value, uint32_t mask)
{
	uint32_t wire = htonl(value & mask);

	if (!mask)
		return;
	nft_load_payload(n, NFT_PAYLOAD_TRANSPORT_HEADER, 8 + offset, 4);
	if (mask != UINT32_MAX)
		nft_mask_word(n, htonl(mask));
	nft_compare(n, NFT_CMP_EQ, &wire, sizeof(wire));
}

void
nft_selector_quoted(struct nft *n, const struct selector *s)
{
	compare_quoted(n, 12, s->src, s->src_mask);
	compare_quoted(n, 16, s->dst, s->dst_mask);
	if (s->proto)
		compare_quoted(n, 8, (uint32_t)s->proto << 16, 0x00ff0000);
	if (s->permit || (!s->sport && !s->dport))
		return;
	compare_quoted(n, 0, 0x45000000, 0xff000000);
	compare_quoted(n, 4, 0, IP4_OFFSET);
	compare_quoted(n, 20, (uint32_t)s->sport << 16 | s->dport,
	               (s->sport ? 0xffff0000 : 0) | (s->dport ? 0x0000ffff : 0));
}

void
nft_spi(struct nft *n, uint32_t spi)
{
	uint32_t wire = htonl(spi);

	nft_load_payload(n, NFT_PAYLOAD_TRANSPORT_HEADER, 0, 4);
	nft_compare(n, NFT_CMP_EQ, &wire, 4);
}

static void
compare_mark(struct nft *n, uint32_t op, uint32_t value, uint32_t mask)
{
	nft_load_meta(n, NFT_META_MARK);
	nft_mask_word(n, mask);
	nft_compare(n, op, &value, sizeof(value));
}

void
nft_mark(struct nft *n, uint32_t value, uint32_t mask)
{
	compare_mark(n, NFT_CMP_EQ, value, mask);
}

void
nft_mark_not(struct nft *n, uint32_t value, uint32_t mask)
{
	compare_mark(n, NFT_CMP_NEQ, value, mask);
}

void
nft_secpath(struct nft *n, bool exists)
{
	uint8_t want = exists;

	nft_load_meta(n, NFT_META_SECPATH);
	nft_compare(n, NFT_CMP_EQ, &want, sizeof(want));
}

void
nft_bundle(struct nft *n, bool exists)
{
	struct nftnl_expr *e = nft_expr(n, "rt");
	uint8_t want = exists;

	nftnl_expr_set_u32(e, NFTNL_EXPR_RT_KEY, NFT_RT_XFRM);
	nftnl_expr_set_u32(e, NFTNL_EXPR_RT_DREG, NFT_REG_1);
	nft_compare(n, NFT_CMP_EQ, &want, sizeof(want));
}

void
nft_saddr_in(struct nft *n, uint32_t set)
{
	struct nftnl_expr *e;
	char name[32];

	snprintf(name, sizeof(name), "set-%u", set);
	nft_load_payload(n, NFT_PAYLOAD_NETWORK_HEADER, 12, 4);
	e = nft_expr(n, "lookup");
	nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_SREG, NFT_REG_1);
	nftnl_expr_set_str(e, NFTNL_EXPR_LOOKUP_SET, name);
	nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_SET_ID, set + 1);
}

/* --- what a packet filter asks ---------------------------------------------------------------- */

/* The port is that of the header at `offset`; `set` is the number of a set of port ranges. */
static void
look_up_port(struct nft *n, uint32_t offset, uint32_t set)
{
	struct nftnl_expr *e;

	nft_load_payload(n, NFT_PAYLOAD_TRANSPORT_HEADER, offset, 2);
	e = nft_expr(n, "lookup");
	nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_SREG, NFT_REG_1);
	nftnl_expr_set_str(e, NFTNL_EXPR_LOOKUP_SET, NFT_SET_UNNAMED);
	nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_SET_ID, set);
}

static void
compare_ports(struct nft *n, uint32_t offset, const struct port_range *ranges, size_t n_ranges)
{
	uint16_t lo, hi;

	if (!n_ranges)
		return;
	if (n_ranges > 1) {
		look_up_port(n, offset, nft_port_set(n, ranges, n_ranges));
		return;
	}
	lo = htons(ranges->lo);
	hi = htons(ranges->hi);
	nft_load_payload(n, NFT_PAYLOAD_TRANSPORT_HEADER, offset, 2);
	nft_compare(n, lo == hi ? NFT_CMP_EQ : NFT_CMP_GTE, &lo, sizeof(lo));
	if (lo != hi)
		nft_compare(n, NFT_CMP_LTE, &hi, sizeof(hi));
}

void
nft_sport_in(struct nft *n, const struct port_range *ranges, size_t n_ranges)
{
	compare_ports(n, 0, ranges, n_ranges);
}

void
nft_dport_in(struct nft *n, const struct port_range *ranges, size_t n_ranges)
{
	compare_ports(n, 2, ranges, n_ranges);
}

void
nft_later_fragment(struct nft *n)
{
	const uint16_t offset = htons(IP4_OFFSET), zero = 0;

	nft_load_payload(n, NFT_PAYLOAD_NETWORK_HEADER, 6, 2);
	nft_mask(n, &offset, sizeof(offset));
	nft_compare(n, NFT_CMP_NEQ, &zero, sizeof(zero));
}

static void
compare_tcp_flags(struct nft *n, uint8_t mask, uint32_t op, uint8_t flags)
{
	nft_load_payload(n, NFT_PAYLOAD_TRANSPORT_HEADER, 13, 1);
	nft_mask(n, &mask, sizeof(mask));
	nft_compare(n, op, &flags, sizeof(flags));
}

void
nft_tcp_flags_any(struct nft *n, uint8_t flags)
{
	compare_tcp_flags(n, flags, NFT_CMP_NEQ, 0);
}

void
nft_tcp_flags_not(struct nft *n, uint8_t mask, uint8_t flags)
{
	compare_tcp_flags(n, mask, NFT_CMP_NEQ, flags);
}

void
nft_icmp_code(struct nft *n, uint8_t code)
{
	nft_load_payload(n, NFT_PAYLOAD_TRANSPORT_HEADER, 1, 1);
	nft_compare(n, NFT_CMP_EQ, &code, sizeof(code));
}

void
nft_known_connection(struct nft *n)
{
	const uint32_t known = NF_CT_STATE_BIT(IP_CT_ESTABLISHED) | NF_CT_STATE_BIT(IP_CT_RELATED),
		       zero = 0;
	struct nftnl_expr *e = nft_expr(n, "ct");

	nftnl_expr_set_u32(e, NFTNL_EXPR_CT_KEY, NFT_CT_STATE);
	nftnl_expr_set_u32(e, NFTNL_EXPR_CT_DREG, NFT_REG_1);
	nft_mask(n, &known, sizeof(known));
	nft_compare(n, NFT_CMP_NEQ, &zero, sizeof(zero));
}

/* --- whole rules ------------------------------------------------------------------------------ */

void
nft_own_gdoi(struct nft *n, const char *chain)
{
	nft_rule(n, chain, 0);
	nft_proto(n, PROTO_UDP);
	nft_daddr_local(n);
	nft_socket_mark(n, MARK_OWN, 0xffff);
	nft_accept(n);
	nft_rule(n, chain, 0);
	nft_proto(n, PROTO_UDP);
	nft_daddr(n, MULTICAST, MULTICAST_MASK);
	nft_socket_mark(n, MARK_OWN, 0xffff);
	nft_accept(n);
}

/*
 * The kernel puts fragments together for a namespace once a rule in it could divert packets to a
 * local socket. This rule never diverts one: no packet is of protocol 255 and 254 at once.
 */
void
nft_defrag(struct nft *n, const char *chain)
{
	struct nftnl_expr *e;

	nft_rule(n, chain, 0);
	nft_proto(n, 255);
	nft_proto(n, 254);
	/* The kernel accepts the diverting expression for TCP and UDP alone. */
	nft_load_meta(n, NFT_META_L4PROTO);
	nft_compare(n, NFT_CMP_EQ, &(uint8_t){PROTO_UDP}, 1);
	nft_immediate(n, htons(1));
	e = nft_expr(n, "tproxy");
	nftnl_expr_set_u32(e, NFTNL_EXPR_TPROXY_FAMILY, NFPROTO_IPV4);
	nftnl_expr_set_u32(e, NFTNL_EXPR_TPROXY_REG_PORT, NFT_REG_1);
}
