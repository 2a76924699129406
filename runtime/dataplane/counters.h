/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How far this member has counted under each key, for longer than a dataplane lives (RFC 4303
 * 3.3.2: a sender's counter begins at 1 and never repeats under one key). A key is known by its SPI
 * and a fingerprint of what it is made of, so that a member that was started again and gets the
 * same key goes on where it stopped.
 *
 * Numbers are reserved in blocks, ahead of their use. With a file a block is on the disk before the
 * first of it is used: whatever dies, the next start goes on behind the block. At an orderly end
 * the number that was reached is written instead.
 *
 *   file unreadable at the start    nothing is known, and the next file says so too: each key that
 *                                   is not in it begins at dp_sa.start, which moves on with the
 *                                   key's age; a line says so
 *   more keys than are remembered   the same: one that was forgotten may come again
 *   a block that cannot be written  nothing more is sent than was reserved before: closed; tried
 *                                   again ten times a second while packets come, a line a minute
 */
#ifndef TESTUDO_COUNTERS_H
#define TESTUDO_COUNTERS_H

#include "runtime/base/log.h"
#include "runtime/dataplane/dataplane.h"

/* Keys remembered, or as many as were in use at once; then the one longest unused gives way. */
#define COUNTERS_MAX 512

struct counters;
struct counter; /* of one key */

/*
 * path: a file, made when first needed (0600); NULL: memory alone. complete: a key that is not
 * known here has never been used by this member (false: it begins at dp_sa.start). With a file that
 * can be read it is so anyway. The log is borrowed.
 */
struct counters *counters_new(const char *path, bool complete, const struct log_sink *log);
void counters_free(struct counters *c); /* NULL is fine */

/* Give it back by counter_settle. */
struct counter *counters_find(struct counters *c, const struct dp_sa *sa);
/* The last number that may have been used under the key; 0: none. */
uint32_t counter_last(const struct counter *k);
/*
 * Reserves up to n numbers: those behind *used (or behind what somebody else has reserved
 * meanwhile: *used is moved there) up to *limit, both included in the count that is kept. False: it
 * could not be written, and *used and *limit are as before.
 */
bool counter_reserve(struct counters *c, struct counter *k, uint32_t n, uint32_t *used,
                     uint32_t *limit, msec now);
/* Gives one back that was found: no number behind `used` was taken of those up to limit. */
void counter_settle(struct counters *c, struct counter *k, uint32_t used, uint32_t limit);

#endif
