/* SPDX-License-Identifier: Apache-2.0 */
/* What a rule of our nftables table does with a packet: see nft.h. */
#include "runtime/dataplane/kernel/nft_priv.h"

#include <arpa/inet.h>
#include <linux/icmp.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/xt_NFQUEUE.h>
#include <stdlib.h>

#include <libnftnl/expr.h>

void
nft_set_mark(struct nft *n, uint32_t value)
{
	nft_immediate(n, value);
	nft_store_meta(n, NFT_META_MARK);
}

void
nft_set_priority(struct nft *n, uint32_t value)
{
	nft_immediate(n, value);
	nft_store_meta(n, NFT_META_PRIORITY);
}

void
nft_mark_from_daddr(struct nft *n)
{
	nft_load_payload(n, NFT_PAYLOAD_NETWORK_HEADER, 16, 4);
	nft_store_meta(n, NFT_META_MARK);
}

void
nft_mark_from_saddr(struct nft *n)
{
	nft_load_payload(n, NFT_PAYLOAD_NETWORK_HEADER, 12, 4);
	nft_store_meta(n, NFT_META_MARK);
}

void
nft_priority_from_saddr(struct nft *n)
{
	nft_load_payload(n, NFT_PAYLOAD_NETWORK_HEADER, 12, 4);
	nft_store_meta(n, NFT_META_PRIORITY);
}

void
nft_daddr_from_mark(struct nft *n)
{
	nft_load_meta(n, NFT_META_MARK);
	nft_store_header(n, 16);
}

void
nft_saddr_from_priority(struct nft *n)
{
	nft_load_meta(n, NFT_META_PRIORITY);
	nft_store_header(n, 12);
}

void
nft_set_daddr(struct nft *n, uint32_t addr)
{
	nft_immediate(n, htonl(addr));
	nft_store_header(n, 16);
}

void
nft_log(struct nft *n, uint16_t group)
{
	nft_log_as(n, group, NULL);
}

void
nft_log_as(struct nft *n, uint16_t group, const char *word)
{
	struct nftnl_expr *e = nft_expr(n, "log");

	if (word)
		nftnl_expr_set_str(e, NFTNL_EXPR_LOG_PREFIX, word);
	nftnl_expr_set_u16(e, NFTNL_EXPR_LOG_GROUP, group);
	nftnl_expr_set_u32(e, NFTNL_EXPR_LOG_SNAPLEN, 64);
	nftnl_expr_set_u16(e, NFTNL_EXPR_LOG_QTHRESHOLD, 1);
}

void
nft_rarely(struct nft *n)
{
	const uint32_t rate = 50;
	struct nftnl_expr *e = nft_expr(n, "limit");

	nftnl_expr_set_u64(e, NFTNL_EXPR_LIMIT_RATE, rate);
	nftnl_expr_set_u64(e, NFTNL_EXPR_LIMIT_UNIT, 1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_LIMIT_BURST, rate);
	nftnl_expr_set_u32(e, NFTNL_EXPR_LIMIT_TYPE, NFT_LIMIT_PKTS);
}

void
nft_counter(struct nft *n)
{
	nft_expr(n, "counter");
}

void
nft_counter_from(struct nft *n, uint64_t packets)
{
	struct nftnl_expr *e = nft_expr(n, "counter");

	nftnl_expr_set_u64(e, NFTNL_EXPR_CTR_PACKETS, packets);
	nftnl_expr_set_u64(e, NFTNL_EXPR_CTR_BYTES, 0);
}

void
nft_accept(struct nft *n)
{
	nft_verdict(n, NF_ACCEPT);
}

void
nft_return(struct nft *n)
{
	nft_verdict(n, (uint32_t)NFT_RETURN);
}

static void
verdict_to_chain(struct nft *n, uint32_t code, const char *chain)
{
	struct nftnl_expr *e = nft_expr(n, "immediate");

	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_VERDICT, code);
	nftnl_expr_set_str(e, NFTNL_EXPR_IMM_CHAIN, chain);
}

void
nft_jump(struct nft *n, const char *chain)
{
	verdict_to_chain(n, (uint32_t)NFT_JUMP, chain);
}

void
nft_goto(struct nft *n, const char *chain)
{
	verdict_to_chain(n, (uint32_t)NFT_GOTO, chain);
}

void
nft_reject(struct nft *n)
{
	struct nftnl_expr *e = nft_expr(n, "reject");

	nftnl_expr_set_u32(e, NFTNL_EXPR_REJECT_TYPE, NFT_REJECT_ICMP_UNREACH);
	nftnl_expr_set_u8(e, NFTNL_EXPR_REJECT_CODE, ICMP_PKT_FILTERED);
}

void
nft_use_times(struct nft *n, const char *times)
{
	struct nftnl_expr *e = nft_expr(n, "objref");

	nftnl_expr_set_u32(e, NFTNL_EXPR_OBJREF_IMM_TYPE, NFT_OBJECT_CT_TIMEOUT);
	nftnl_expr_set_str(e, NFTNL_EXPR_OBJREF_IMM_NAME, times);
}

void
nft_drop(struct nft *n)
{
	nft_verdict(n, NF_DROP);
}

/* NFQUEUE, an extension of iptables: the expression takes over the memory. */
static void
older_queue(struct nft *n, uint16_t queue)
{
	struct nftnl_expr *e = nft_expr(n, "target");
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
		older_queue(n, queue);
		return;
	}
	e = nft_expr(n, "queue");
	nftnl_expr_set_u16(e, NFTNL_EXPR_QUEUE_NUM, queue);
	nftnl_expr_set_u16(e, NFTNL_EXPR_QUEUE_TOTAL, 1);
}
