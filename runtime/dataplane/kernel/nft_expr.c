/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The nftables expressions that matches (nft_match.c) and actions (nft_action.c) are made of. Each
 * is added to the rule that is being built; values pass between them in register 1.
 */
#include "runtime/dataplane/kernel/nft_priv.h"

#include <linux/netfilter/nf_tables.h>
#include <stdlib.h>

#include <libnftnl/expr.h>
#include <libnftnl/rule.h>

struct nftnl_expr *
nft_expr(struct nft *n, const char *name)
{
	struct nftnl_expr *e = nftnl_expr_alloc(name);

	if (!e)
		abort();
	nftnl_rule_add_expr(n->rule, e);
	return e;
}

void
nft_load_meta(struct nft *n, uint32_t key)
{
	struct nftnl_expr *e = nft_expr(n, "meta");

	nftnl_expr_set_u32(e, NFTNL_EXPR_META_KEY, key);
	nftnl_expr_set_u32(e, NFTNL_EXPR_META_DREG, NFT_REG_1);
}

void
nft_store_meta(struct nft *n, uint32_t key)
{
	struct nftnl_expr *e = nft_expr(n, "meta");

	nftnl_expr_set_u32(e, NFTNL_EXPR_META_KEY, key);
	nftnl_expr_set_u32(e, NFTNL_EXPR_META_SREG, NFT_REG_1);
}

void
nft_load_payload(struct nft *n, uint32_t base, uint32_t offset, uint32_t len)
{
	struct nftnl_expr *e = nft_expr(n, "payload");

	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_BASE, base);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_OFFSET, offset);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_LEN, len);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_DREG, NFT_REG_1);
}

/* Into the IPv4 header, whose checksum is kept right. */
void
nft_store_header(struct nft *n, uint32_t offset)
{
	struct nftnl_expr *e = nft_expr(n, "payload");

	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_BASE, NFT_PAYLOAD_NETWORK_HEADER);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_OFFSET, offset);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_LEN, 4);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_SREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_CSUM_TYPE, NFT_PAYLOAD_CSUM_INET);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_CSUM_OFFSET, 10);
}

void
nft_mask(struct nft *n, const void *mask, uint32_t len)
{
	struct nftnl_expr *e = nft_expr(n, "bitwise");
	const uint32_t zero = 0;

	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_SREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_DREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_LEN, len);
	nftnl_expr_set(e, NFTNL_EXPR_BITWISE_MASK, mask, len);
	nftnl_expr_set(e, NFTNL_EXPR_BITWISE_XOR, &zero, len);
}

void
nft_mask_word(struct nft *n, uint32_t mask)
{
	nft_mask(n, &mask, sizeof(mask));
}

void
nft_compare(struct nft *n, uint32_t op, const void *data, uint32_t len)
{
	struct nftnl_expr *e = nft_expr(n, "cmp");

	nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_SREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_OP, op);
	nftnl_expr_set(e, NFTNL_EXPR_CMP_DATA, data, len);
}

void
nft_immediate(struct nft *n, uint32_t value)
{
	struct nftnl_expr *e = nft_expr(n, "immediate");

	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_DREG, NFT_REG_1);
	nftnl_expr_set(e, NFTNL_EXPR_IMM_DATA, &value, sizeof(value));
}

void
nft_verdict(struct nft *n, uint32_t code)
{
	struct nftnl_expr *e = nft_expr(n, "immediate");

	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_VERDICT, code);
}
