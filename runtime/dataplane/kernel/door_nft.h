/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The doors of fail-close mode in the kernel: an nftables table of their own, whichever dataplane
 * carries the groups. The table stays when this process ends or dies. After a start door_nft_shut
 * shuts all doors that it finds, until door_nft_set says which doors there are.
 */
#ifndef TESTUDO_DOOR_NFT_H
#define TESTUDO_DOOR_NFT_H

#include "runtime/dataplane/dataplane.h"
#include "runtime/dataplane/kernel/xfrm.h"

#define DOOR_TABLE "testudo-fail-close"

struct door_nft;

int door_nft_new(const struct kernel_dataplane_options *o, struct door_nft **ret); /* or -errno */
void door_nft_shut(struct door_nft *d);
/* Ends it with every door shut, or as they are. NULL is fine. */
void door_nft_free(struct door_nft *d, bool shut);
int door_nft_set(struct door_nft *d, const struct dp_door *doors, size_t n); /* 0 or -errno */
bool door_nft_stat(struct door_nft *d, const char *map, struct dp_door_stat *ret);

#endif
