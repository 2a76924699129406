/* SPDX-License-Identifier: Apache-2.0 */
/* The line to a store, which a lab or a test can cut. */
#ifndef TESTUDO_STORE_LINE_H
#define TESTUDO_STORE_LINE_H

#include "runtime/store/store.h"

enum store_line_state {
	STORE_LINE_UP,
	STORE_LINE_DOWN, /* nothing reaches the store: -EHOSTUNREACH */
	STORE_LINE_DEAF  /* what is asked reaches it, and no answer comes back: -EIO */
};

/* Takes the store behind it, which is closed with it. */
struct store *store_line_new(struct store *take_inner);
/* From any thread; what is under way ends as it would have. */
void store_line_set(struct store *line, enum store_line_state state);

#endif
