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

/* Of a list of the policy, in the rules. Lists that no interface applies have nothing there. */
struct ruleset_list {
	bool in, out;   /* in which directions it is applied; in, too, when it is the global one */
	uint32_t place; /* among the lists that are applied, from 1; 0: not applied */
	uint32_t first; /* its first entry's number; the entries behind it go on from there */
};

/* One for each list of the policy, on the heap. *ret_n_numbers: entries have 1 to so many. */
struct ruleset_list *ruleset_lists(const struct policy *p, size_t *ret_n_numbers);

bool ruleset_wanted(const struct policy *p); /* false: the policy filters nothing */
/* Ready for nft_commit. False: the policy filters nothing, and nothing was built. */
bool ruleset_build(struct nft *n, const struct policy *p, const struct ruleset_options *o);

#endif
