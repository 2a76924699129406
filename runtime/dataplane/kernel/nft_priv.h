/* SPDX-License-Identifier: Apache-2.0 */
/* Our nftables table in two parts: nft.c speaks to the kernel, nft_expr.c says what rules are made of. */
#ifndef TESTUDO_NFT_PRIV_H
#define TESTUDO_NFT_PRIV_H

#include "runtime/dataplane/kernel/nft.h"

struct mnl_socket;
struct nftnl_rule;
struct nft_watch;

struct nft {
	const char *table;
	struct mnl_socket *nl;
	uint32_t seq;
	char *batch;
	size_t used;
	struct nftnl_rule *rule; /* being built; NULL: none */
	int error;
	bool xt_queue; /* packets are held by the older NFQUEUE: this kernel lacks nft's own */
	struct nft_watch *watch; /* NULL: none */
};

unsigned nft_port(const struct nft *n); /* by which the kernel knows who makes changes */
bool nft_there(struct nft *n);          /* is the table in the kernel? */
void nft_watch_end(struct nft *n);

#endif
