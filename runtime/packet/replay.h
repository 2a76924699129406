/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The counter-based replay window of one sender (RFC 4303 3.4.3), as a ring of words (RFC 6479): a
 * step of the window clears words instead of shifting bits. It accepts a number that is not
 * older than the window and was not seen; exactly `window` numbers back count.
 */
#ifndef TESTUDO_REPLAY_H
#define TESTUDO_REPLAY_H

#include "compiler/base/base.h"

#define REPLAY_WINDOW_MAX 1024

struct replay {
	uint32_t window; /* packets */
	uint32_t mask;   /* words in the ring, less one; a power of two */
	uint32_t top;    /* highest number taken; 0: none yet */
	uint64_t bits[];
};

/* window 1..REPLAY_WINDOW_MAX, else held to that. Free with free(3). */
struct replay *replay_new(uint32_t window);
/* The same numbers seen, another window; what the old one did not remember counts as seen. */
struct replay *replay_resized(const struct replay *old, uint32_t window);
/* Would it be taken? Changes nothing: call it before the packet is authentic. */
bool replay_check(const struct replay *r, uint32_t seq);
/* Takes the number of an authentic packet; false when it is old or was seen. */
bool replay_update(struct replay *r, uint32_t seq);

#endif
