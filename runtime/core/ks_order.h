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
struct ks_target;

enum ks_order { /* the later ones bring what the earlier ones do, and more */
	        KS_ORDER_NONE,
	        KS_ORDER_REKEY,
	        KS_ORDER_REPLACE,
	        KS_ORDER_REMOVE,
	        KS_ORDER_REMOVE_NOW
};

struct ks_ordered {
	enum ks_order what;
	uint64_t at;                 /* the first transaction (keep.h) that may have it */
	struct ks_target *farewells; /* whom it told that they are removed; owned */
	size_t n_farewells;
};

/* Does it, and remembers it. */
enum reach ks_order(struct ks *ks, enum ks_order what);
/* Its keys are in the store. */
void ks_order_kept(struct ks *ks);
/* It begins to lead. */
void ks_order_again(struct ks *ks);
/* Another one leads. */
void ks_order_lost(struct ks *ks);
void ks_order_fini(struct ks *ks);
/*
 * Adds those to the targets of a dismissal that was taken up again who were told of it before. Its
 * record does not name them. There is room for so many.
 */
size_t ks_order_farewells(const struct ks *ks);
void ks_order_put_farewells(struct ks *ks);

#endif
