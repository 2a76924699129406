/* SPDX-License-Identifier: Apache-2.0 */
/* The line to a store, which a lab or a test can cut, or make long. */
#ifndef TESTUDO_STORE_LINE_H
#define TESTUDO_STORE_LINE_H

#include "runtime/store/store.h"

enum store_line_state {
	STORE_LINE_UP,
	STORE_LINE_DOWN, /* nothing reaches the store: -EHOSTUNREACH */
	STORE_LINE_DEAF, /* what is asked reaches it, and no answer comes back: -EIO */
	/* Leases are renewed; */
	STORE_LINE_NO_WRITES, /* what is written is refused: -EACCES */
	STORE_LINE_NO_READS   /* what is read does not come: -EHOSTUNREACH */
};

/* Takes the store behind it, which is closed with it. */
struct store *store_line_new(struct store *take_inner);
/* From any thread; what is under way meets it on its way. */
void store_line_set(struct store *line, enum store_line_state state);

/*
 * Each call takes `time` milliseconds, half of them until it arrives; 0: none. Nobody waits longer
 * than STORE_LINE_PATIENCE for an answer, as with etcd: -EIO of a commit that may be done,
 * -EHOSTUNREACH of everything else.
 */
#define STORE_LINE_PATIENCE SECONDS(2)
void store_line_set_slow(struct store *line, msec time);
bool store_line_is_slow(const struct store *line);
/*
 * How the caller of a call passes that time, there or back, also where it is 0; without it, its
 * thread sleeps. False: whoever asks is no more; nothing that it would still ask for arrives.
 */
typedef bool store_line_pause(void *arg, msec time, bool back);
void store_line_set_pause(struct store *line, store_line_pause *pause, void *arg);

#endif
