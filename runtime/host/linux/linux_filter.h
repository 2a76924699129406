/* SPDX-License-Identifier: Apache-2.0 */
/* The policy's packet filter as an nftables ruleset: see linux_filter_text.c for its form. */
#ifndef TESTUDO_LINUX_FILTER_H
#define TESTUDO_LINUX_FILTER_H

#include "compiler/policy/policy.h"

struct ruleset_options {
	const char *table;
	/* The kernel's name for an interface; NULL: it has none. */
	const char *(*device)(void *arg, const char *interface);
	/* What an entry has counted so far; the rules go on from there. */
	uint64_t (*count)(void *arg, size_t acl, size_t entry);
	void *arg;
	bool xfrm;  /* the kernel decrypts: what it decrypted was filtered as ESP already */
	bool alone; /* the namespace is the node's: packets for itself are filtered too */
};

/* For `nft -f -`; free with free(3). NULL: the policy filters nothing. */
char *ruleset_text(const struct policy *p, const struct ruleset_options *o);

#endif
