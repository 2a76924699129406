/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What somebody has asked one of several key servers for, until the store has it: a leader whose
 * transaction fails gives up what it has made, and with it what it was asked for. It does so again
 * when it leads again; when another one leads, the log says that it was lost.
 */
#ifndef TESTUDO_KS_ORDER_H
#define TESTUDO_KS_ORDER_H

#include "runtime/core/core.h"

struct ks;

enum ks_order { /* the later ones bring what the earlier ones do, and more */
	        KS_ORDER_NONE,
	        KS_ORDER_REKEY,
	        KS_ORDER_REPLACE,
	        KS_ORDER_REMOVE,
	        KS_ORDER_REMOVE_NOW
};

/* A rekey's message as it was first: its KEK, and its number under that. */
struct ks_origin {
	uint8_t spi[16];
	uint32_t seq;
};

struct ks_ordered {
	enum ks_order what;
	uint64_t at;  /* the first transaction (keep.h) that may have it */
	bool removes; /* it has removed members, and this tells them, by kinds of members: */
	struct ks_origin dismissal[2];
};

/* Does it, and remembers it. */
enum reach ks_order(struct ks *ks, enum ks_order what);
/* Its keys are in the store. */
void ks_order_kept(struct ks *ks);
/* It begins to lead. */
void ks_order_again(struct ks *ks);
/* Another one leads. */
void ks_order_lost(struct ks *ks);
void ks_order_forget(struct ks *ks);

#endif
