/* SPDX-License-Identifier: Apache-2.0 */
/* The policy's packet filter as nftables rules: see linux_filter_rules.c for their form. */
#ifndef TESTUDO_LINUX_FILTER_H
#define TESTUDO_LINUX_FILTER_H

#include "compiler/policy/policy.h"

struct nft;

struct ruleset_options {
	/* The kernel's name for an interface; NULL: it has none. */
	const char *(*device)(void *arg, const char *interface);
	/* What an entry has counted so far; its rules go on from there. */
	uint64_t (*count)(void *arg, size_t acl, size_t entry);
	void *arg;
	bool xfrm;  /* the kernel decrypts: what it decrypted was filtered as ESP already */
	bool alone; /* the namespace is the node's: packets for itself are filtered too */
};

bool ruleset_wanted(const struct policy *p); /* false: the policy filters nothing */
/* Ready for nft_commit. False: the policy filters nothing, and nothing was built. */
bool ruleset_build(struct nft *n, const struct policy *p, const struct ruleset_options *o);
/* The entry whose rule nft_counters gives by this number; false: no entry's. */
bool ruleset_entry(const struct policy *p, uint32_t number, size_t *ret_acl, size_t *ret_entry);

#endif
